// SPDX-License-Identifier: BSD-2-Clause-Patent
// Makes the headers that a sealed packet gets, and what AH hashes of them. One packet a cycle, one late.
//
//   ins       [outer IP] [AH, ICV zero] [UDP] [SPI seq]
//   AH prefix  IP header, what changes on the way zero (RFC 4302 §3.3.3.1) | AH, ICV zero | [SPI seq]
//
// RFC 791 §3.1, RFC 8200 §3, RFC 4302 §2, RFC 3948 §2.1, RFC 4303 §2. The first byte is in the lowest bits.
module seal_head (
  input  logic             clk_i,
  input  logic             rst_ni,
  input  logic             in_valid_i,
  output logic             in_ready_o,
  input  path_pkg::cut_t   in_cut_i,
  input  path_pkg::crypt_t in_crypt_i,
  input  path_pkg::leave_t in_leave_i,
  input  path_pkg::outer_t in_outer_i,
  output logic             out_valid_o,
  input  logic             out_ready_i,
  output path_pkg::cut_t   out_cut_o,
  output path_pkg::crypt_t out_crypt_o,
  output path_pkg::leave_t out_leave_o
);
  function automatic logic [15:0] be16(input logic [15:0] x);
    be16 = {x[7:0], x[15:8]};
  endfunction
  function automatic logic [31:0] be32(input logic [31:0] x);
    be32 = {x[7:0], x[15:8], x[23:16], x[31:24]};
  endfunction
  function automatic logic [127:0] be128(input logic [127:0] x);
    for (int i = 0; i < 16; i++) be128[8*i +: 8] = x[120 - 8*i +: 8];
  endfunction

  path_pkg::outer_t o;
  assign o = in_outer_i;

  // ---- IP headers
  logic [15:0]  payload_bytes, checksum;
  logic [19:0]  sum;
  logic [16:0]  folded;
  logic [159:0] v4, v4_muted;
  logic [319:0] v6, v6_muted;
  always_comb begin
    payload_bytes = o.ip_bytes - 16'd40;
    sum = 20'({8'h45, o.tos}) + 20'(o.ip_bytes) + 20'(o.ip_id) + {5'b0, o.df, 14'b0} + 20'({o.ttl, o.proto}) +
          20'(o.src[31:16]) + 20'(o.src[15:0]) + 20'(o.dst[31:16]) + 20'(o.dst[15:0]);
    folded   = {1'b0, sum[15:0]} + 17'(sum[19:16]);
    checksum = ~(folded[15:0] + 16'(folded[16]));
    v4       = {be32(o.dst[31:0]), be32(o.src[31:0]), be16(checksum), o.proto, o.ttl, 9'b0, o.df, 6'b0, be16(o.ip_id), be16(o.ip_bytes),
                o.tos, 8'h45};
    v4_muted = {be32(o.dst[31:0]), be32(o.src[31:0]), 16'b0, o.proto, 8'b0, 16'b0, be16(o.ip_id), be16(o.ip_bytes), 8'b0, 8'h45};
    v6       = {be128(o.dst), be128(o.src), o.ttl, o.proto, be16(payload_bytes), be32({4'd6, o.tos, o.flow_label})};
    v6_muted = {be128(o.dst), be128(o.src), 8'b0, o.proto, be16(payload_bytes), 32'h00000060};
  end

  // ---- what follows them
  logic [63:0]  esp, udp;
  logic [383:0] ah;
  logic [447:0] layers;   // AH 48, ESP 8 (or UDP and ESP)
  logic [path_pkg::INS_BITS-1:0] ins, prefix;
  always_comb begin
    esp = o.has_esp ? {be32(o.seq), be32(o.spi)} : '0;
    udp = {16'b0, be16(o.udp_bytes), be16(o.dport), be16(o.sport)};
    ah  = '0;
    ah[95:0] = {be32(o.ah_seq), be32(o.ah_spi), 16'b0, 4'b0, o.ah_bytes[5:2] - 4'd2, o.ah_next};
    layers = '0;
    ins    = '0;
    prefix = '0;
    if (in_valid_i) begin
      if (o.has_ah)       layers = 448'(ah) | (448'(esp) << {o.ah_bytes, 3'b0});
      else if (o.has_udp) layers = 448'({esp, udp});
      else                layers = 448'(esp);
      ins = !o.is_tunnel ? path_pkg::INS_BITS'(layers) :
            o.v6         ? path_pkg::INS_BITS'({layers, v6}) : path_pkg::INS_BITS'({layers, v4});
      if (o.has_ah)
        prefix = o.v6 ? path_pkg::INS_BITS'({layers, v6_muted}) : path_pkg::INS_BITS'({layers, v4_muted});
    end
  end

  path_pkg::crypt_t crypt;
  path_pkg::leave_t leave;
  always_comb begin
    crypt           = in_crypt_i;
    crypt.ah_prefix = prefix;
    leave           = in_leave_i;
    leave.ins       = ins;
  end

  assign in_ready_o = !out_valid_o || out_ready_i;
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni)         out_valid_o <= 1'b0;
    else if (in_ready_o) out_valid_o <= in_valid_i;
  always_ff @(posedge clk_i)
    if (in_valid_i && in_ready_o) begin
      out_cut_o   <= in_cut_i;
      out_crypt_o <= crypt;
      out_leave_o <= leave;
    end
endmodule
