// SPDX-License-Identifier: BSD-2-Clause-Patent
// Two SHA-1 steps and their register (FIPS 180-4 section 6.1.2, t = 2 * (trip * STAGES + INDEX)). All that does not hang on
// the newest a is added ahead: x = f(b, c, d) + e + K[t] + W[t], y = d + K[t+1] + W[t+1], w = c + K[t+2] + W[t+2]. Then
//   a1 = rol5(a) + x,   a2 = rol5(a1) + (f(a, rol30(b), c) + y)
// are two carry chains one after the other. Works under valid_i alone; wipe_i, never together with it, zeroes what it holds
// of a state.
module sha1_stage #(
  parameter int unsigned STAGES    = 40,
  parameter int unsigned INDEX     = 0,
  parameter int unsigned PASS_BITS = 1
) (
  input  logic                 clk_i,
  input  logic                 valid_i,
  input  logic                 wipe_i,
  input  logic [PASS_BITS-1:0] pass_i,
  input  logic [95:0]          regs_i,    // a b c; d and e are in the sums
  input  logic [95:0]          sum_i,     // x y w
  input  logic [511:0]         words_i,   // W[t] on top .. W[t+15]
  output logic [95:0]          regs_o,
  output logic [95:0]          sum_o,
  output logic [511:0]         words_o
);
  localparam int unsigned PASSES = 40 / STAGES;

  // which of the four functions these steps, the next two and those after them use, of every trip; that of trip 0 lowest
  function automatic logic [PASSES*6-1:0] plans();
    plans = '0;
    for (int unsigned p = 0; p < PASSES; p++)
      plans[6*p +: 6] = {2'((p*STAGES + INDEX) / 10), 2'((p*STAGES + INDEX + 1) / 10), 2'((p*STAGES + INDEX + 2) / 10)};
  endfunction
  localparam logic [PASSES*6-1:0] PLANS = plans();

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

  function automatic logic [31:0] rol1(input logic [31:0] n);
    rol1 = {n[30:0], n[31]};
  endfunction
  function automatic logic [31:0] rol5(input logic [31:0] n);
    rol5 = {n[26:0], n[31:27]};
  endfunction
  function automatic logic [31:0] rol30(input logic [31:0] n);
    rol30 = {n[1:0], n[31:2]};
  endfunction

  logic [1:0]  part, next_part, later_part;
  function automatic logic [31:0] first(input logic [31:0] newest, input logic [31:0] sum);   // not gated: a chain's own input
    first = rol5(newest) + sum;
  endfunction

  logic [31:0] a, b, c, x, y, w, added;
  assign {a, b, c} = regs_i;
  assign {x, y, w} = sum_i;
  always_comb begin
    {part, next_part, later_part, added} = '0;
    if (valid_i) begin
      {part, next_part, later_part} = PLANS[pass_i*6 +: 6];
      added = y + f(part, a, rol30(b), c);
    end
  end
  always_ff @(posedge clk_i)
    if (wipe_i) begin
      regs_o <= '0;
      sum_o  <= '0;
    end else if (valid_i) begin
      regs_o  <= {rol5(first(a, x)) + added, first(a, x), rol30(a)};
      sum_o   <= {w + f(next_part, first(a, x), rol30(a), rol30(b)), rol30(b) + k(next_part) + words_i[415:384],
                  rol30(a) + k(later_part) + words_i[383:352]};
      words_o <= {words_i[447:0], rol1(words_i[511:480] ^ words_i[447:416] ^ words_i[255:224] ^ words_i[95:64]),
                  rol1(words_i[479:448] ^ words_i[415:384] ^ words_i[223:192] ^ words_i[63:32])};
    end
endmodule
