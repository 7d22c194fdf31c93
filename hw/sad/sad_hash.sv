// SPDX-License-Identifier: BSD-2-Clause-Patent
// The two bucket numbers of an inbound SA (RFC 4301 §4.1: SPI, destination, protocol). Two folds of the key, each through its
// own CRC, so that keys which meet in one table seldom meet in the other. The host chooses the SPIs, no peer does.
// The tag is what the tables keep of a key: SPI, family, ESP or AH, and the destination, of an IPv6 address a checksum. The record
// at the slot decides in the end; two SAs with one SPI whose IPv6 destinations have one checksum cannot both be entered.
// Combinational, used under valid_i alone.
module sad_hash #(
  parameter int unsigned BUCKETS_LOG2 = 8
) (
  input  logic                     valid_i,
  input  logic                     is_v6_i,
  input  logic [7:0]               proto_i,
  input  logic [127:0]             dst_i,
  input  logic [31:0]              spi_i,
  output logic [BUCKETS_LOG2-1:0]  bucket0_o,
  output logic [BUCKETS_LOG2-1:0]  bucket1_o,
  output logic [65:0]              tag_o
);
  localparam logic [31:0] CRC32C = 32'h1edc6f41;
  localparam logic [31:0] CRC32K = 32'h741b8cd7;

  function automatic logic [31:0] crc(input logic [31:0] x, input logic [31:0] poly);
    crc = x;
    for (int i = 0; i < 32; i++) crc = {crc[30:0], 1'b0} ^ (crc[31] ? poly : 32'b0);
  endfunction

  logic [31:0] d0, d1, d2, d3, fold0, fold1, crc0, crc1, sum;
  assign {d3, d2, d1, d0} = dst_i;
  assign fold0 = spi_i ^ d0 ^ {d1[30:0], d1[31]} ^ {d2[28:0], d2[31:29]} ^ {d3[24:0], d3[31:25]} ^ {proto_i, 23'b0, is_v6_i};
  assign fold1 = spi_i ^ {d0[20:0], d0[31:21]} ^ {d1[14:0], d1[31:15]} ^ {d2[12:0], d2[31:13]} ^ {d3[8:0], d3[31:9]}
               ^ {is_v6_i, 15'b0, proto_i, 8'b0};
  always_comb begin
    crc0 = '0;
    crc1 = '0;
    sum  = '0;
    if (valid_i) begin
      crc0 = crc(fold0, CRC32C);
      crc1 = crc(fold1, CRC32K);
      sum  = d0 ^ crc(d1 ^ crc(d2 ^ crc(d3, CRC32C), CRC32C), CRC32C);
    end
  end
  assign bucket0_o = crc0[BUCKETS_LOG2-1:0];
  assign bucket1_o = crc1[BUCKETS_LOG2-1:0];
  assign tag_o     = {is_v6_i, proto_i[0], spi_i, sum};   // proto is 50 or 51
endmodule
