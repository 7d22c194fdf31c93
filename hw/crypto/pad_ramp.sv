// SPDX-License-Identifier: BSD-2-Clause-Patent
// Follows the ramp 1, 2, 3, … through a body, BYTES at a time (padding of ESP, RFC 4303 section 2.4).
// run_o: how long a ramp ends at byte last_i of these bytes, if one of run_i bytes ended just before byte 0; 0 if none
// does. A ramp that ends in the value v has v bytes: so each byte must lie as far below v as it lies before it.
module pad_ramp #(
  parameter int unsigned BYTES = 16,
  localparam int unsigned POS_BITS = $clog2(BYTES)
) (
  input  logic                valid_i,
  input  logic [8*BYTES-1:0]  bytes_i,  // first byte lowest
  input  logic [POS_BITS-1:0] last_i,
  input  logic [7:0]          run_i,
  output logic [7:0]          run_o
);
  logic       holds;
  logic [7:0] top;
  logic [8:0] first;     // the ramp begins at first - 256 (may lie before byte 0)
  logic [7:0] outside;   // how much of it lies there
  logic [7:0] value;     // what a byte of it must be
  always_comb begin
    holds   = 1'b0;
    top     = '0;
    first   = '0;
    outside = '0;
    value   = '0;
    if (valid_i) begin
      top     = bytes_i[{last_i, 3'd0} +: 8];
      first   = 9'd257 + 9'(last_i) - {1'b0, top};
      outside = 8'd0 - first[7:0];
      holds   = first[8] || run_i == outside;
      for (int i = 0; i < BYTES; i++) begin
        value = 8'(i) + 8'd1 - first[7:0];
        if (POS_BITS'(i) <= last_i && 9'(256 + i) >= first && bytes_i[8*i +: 8] != value) holds = 1'b0;
      end
    end
    run_o = holds ? top : 8'd0;
  end
endmodule
