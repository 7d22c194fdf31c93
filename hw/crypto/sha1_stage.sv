// SPDX-License-Identifier: BSD-2-Clause-Patent
// One SHA-1 step and its register (FIPS 180-4 section 6.1.2, t = trip * STAGES + INDEX). e + K[t] + W[t] is added one
// step ahead, so a step is  rol5(a) + f(b, c, d) + sum. Works under valid_i alone; wipe_i, never together with it,
// zeroes what it holds of a state.
module sha1_stage #(
  parameter int unsigned STAGES    = 80,
  parameter int unsigned INDEX     = 0,
  parameter int unsigned PASS_BITS = 1
) (
  input  logic                 clk_i,
  input  logic                 valid_i,
  input  logic                 wipe_i,
  input  logic [PASS_BITS-1:0] pass_i,
  input  logic [127:0]         regs_i,    // a b c d
  input  logic [31:0]          sum_i,     // e + K[t] + W[t]
  input  logic [511:0]         words_i,   // W[t] on top .. W[t+15]
  output logic [127:0]         regs_o,
  output logic [31:0]          sum_o,
  output logic [511:0]         words_o
);
  localparam int unsigned PASSES = 80 / STAGES;

  // which of the four functions this step and the next one use, of every trip; that of trip 0 lowest
  function automatic logic [PASSES*4-1:0] plans();
    plans = '0;
    for (int unsigned p = 0; p < PASSES; p++)
      plans[4*p +: 4] = {2'((p*STAGES + INDEX) / 20), 2'((p*STAGES + INDEX + 1) / 20)};
  endfunction
  localparam logic [PASSES*4-1:0] PLANS = plans();
  logic [1:0] part;
  logic [1:0] next_part;
  always_comb begin
    {part, next_part} = '0;
    if (valid_i) {part, next_part} = PLANS[pass_i*4 +: 4];
  end

  // FIPS 180-4 section 4.1.1
  function automatic logic [31:0] f(input logic [1:0] q, input logic [31:0] x, input logic [31:0] y,
                                    input logic [31:0] z);
    if (q == 2'd0)      f = (x & y) | (~x & z);
    else if (q == 2'd2) f = (x & y) | (x & z) | (y & z);
    else                f = x ^ y ^ z;
  endfunction

  // section 4.2.1
  function automatic logic [31:0] k(input logic [1:0] q);
    case (q)
      2'd0:    k = 32'h5a827999;
      2'd1:    k = 32'h6ed9eba1;
      2'd2:    k = 32'h8f1bbcdc;
      default: k = 32'hca62c1d6;
    endcase
  endfunction

  function automatic logic [31:0] rol1(input logic [31:0] x);
    rol1 = {x[30:0], x[31]};
  endfunction

  always_ff @(posedge clk_i)
    if (wipe_i) begin
      regs_o <= '0;
      sum_o  <= '0;
    end else if (valid_i) begin
      regs_o <= {{regs_i[122:96], regs_i[127:123]} + f(part, regs_i[95:64], regs_i[63:32], regs_i[31:0]) + sum_i,
                 regs_i[127:96], regs_i[65:64], regs_i[95:66], regs_i[63:32]};
      sum_o   <= regs_i[31:0] + k(next_part) + words_i[479:448];
      words_o <= {words_i[479:0], rol1(words_i[511:480] ^ words_i[447:416] ^ words_i[255:224] ^ words_i[95:64])};
    end
endmodule
