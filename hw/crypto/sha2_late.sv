// SPDX-License-Identifier: BSD-2-Clause-Patent
// S0(a) + Maj(a, b, c) of SHA-256 (WIDTH 32) or SHA-512 (64), FIPS 180-4 sections 4.1.2 and 4.1.3. Combinational; 0 without valid_i.
module sha2_late #(
  parameter int unsigned WIDTH = 32
) (
  input  logic             valid_i,
  input  logic [WIDTH-1:0] a_i,
  input  logic [WIDTH-1:0] b_i,
  input  logic [WIDTH-1:0] c_i,
  output logic [WIDTH-1:0] sum_o
);
  function automatic logic [WIDTH-1:0] ror(input logic [WIDTH-1:0] x, input int unsigned n);
    ror = (x >> n) | (x << (WIDTH - n));
  endfunction
  always_comb begin
    sum_o = '0;
    if (valid_i)
      sum_o = ((a_i & b_i) ^ (a_i & c_i) ^ (b_i & c_i))
              + ((WIDTH == 32) ? ror(a_i, 2) ^ ror(a_i, 13) ^ ror(a_i, 22) : ror(a_i, 28) ^ ror(a_i, 34) ^ ror(a_i, 39));
  end
endmodule
