// SPDX-License-Identifier: BSD-2-Clause-Patent
// One SHA-2 step and its register: WIDTH 32 is SHA-256 (FIPS 180-4 section 6.2.2), 64 is SHA-512 (section 6.4.2);
// t = trip * STAGES + INDEX. x = h + K[t] + W[t] and y = d + x are added one step ahead, and a, b, c run one step late: what
// makes their next one, m = T1 of the step before, comes along. With T = S1(e) + Ch(e, f, g) a step is
//   e' = y + T,   m' = x + T,   a' = m + S0(a) + Maj(a, b, c)
// so that no sum waits for more than one other. The word that is used next carries the first half of W[t+16] already:
// W[t] + s0(W[t+1]). A packet's first step takes a as m. A sum under valid_i is not merged with the one that it goes into: two
// short chains take fewer LUTs than one of many operands. Works under valid_i alone; wipe_i, never together with it, zeroes
// what it holds of a state.
module sha2_stage #(
  parameter int unsigned WIDTH     = 32,
  parameter int unsigned STAGES    = 64,
  parameter int unsigned INDEX     = 0,
  parameter int unsigned PASS_BITS = 1
) (
  input  logic                 clk_i,
  input  logic                 valid_i,
  input  logic                 wipe_i,
  input  logic [PASS_BITS-1:0] pass_i,
  input  logic [7*WIDTH-1:0]   regs_i,    // m, late a b c, e f g
  input  logic [2*WIDTH-1:0]   sum_i,     // x y
  input  logic [16*WIDTH-1:0]  words_i,   // W[t] + s0(W[t+1]) on top, W[t+1] .. W[t+15]
  output logic [7*WIDTH-1:0]   regs_o,
  output logic [2*WIDTH-1:0]   sum_o,
  output logic [16*WIDTH-1:0]  words_o
);
  localparam int unsigned STEPS  = (WIDTH == 32) ? 64 : 80;
  localparam int unsigned PASSES = STEPS / STAGES;

  // FIPS 180-4 sections 4.2.2 and 4.2.3, K[0] on top
  localparam logic [2047:0] K256 = {
    256'h428a2f98_71374491_b5c0fbcf_e9b5dba5_3956c25b_59f111f1_923f82a4_ab1c5ed5,
    256'hd807aa98_12835b01_243185be_550c7dc3_72be5d74_80deb1fe_9bdc06a7_c19bf174,
    256'he49b69c1_efbe4786_0fc19dc6_240ca1cc_2de92c6f_4a7484aa_5cb0a9dc_76f988da,
    256'h983e5152_a831c66d_b00327c8_bf597fc7_c6e00bf3_d5a79147_06ca6351_14292967,
    256'h27b70a85_2e1b2138_4d2c6dfc_53380d13_650a7354_766a0abb_81c2c92e_92722c85,
    256'ha2bfe8a1_a81a664b_c24b8b70_c76c51a3_d192e819_d6990624_f40e3585_106aa070,
    256'h19a4c116_1e376c08_2748774c_34b0bcb5_391c0cb3_4ed8aa4a_5b9cca4f_682e6ff3,
    256'h748f82ee_78a5636f_84c87814_8cc70208_90befffa_a4506ceb_bef9a3f7_c67178f2};
  localparam logic [5119:0] K512 = {
    256'h428a2f98d728ae22_7137449123ef65cd_b5c0fbcfec4d3b2f_e9b5dba58189dbbc,
    256'h3956c25bf348b538_59f111f1b605d019_923f82a4af194f9b_ab1c5ed5da6d8118,
    256'hd807aa98a3030242_12835b0145706fbe_243185be4ee4b28c_550c7dc3d5ffb4e2,
    256'h72be5d74f27b896f_80deb1fe3b1696b1_9bdc06a725c71235_c19bf174cf692694,
    256'he49b69c19ef14ad2_efbe4786384f25e3_0fc19dc68b8cd5b5_240ca1cc77ac9c65,
    256'h2de92c6f592b0275_4a7484aa6ea6e483_5cb0a9dcbd41fbd4_76f988da831153b5,
    256'h983e5152ee66dfab_a831c66d2db43210_b00327c898fb213f_bf597fc7beef0ee4,
    256'hc6e00bf33da88fc2_d5a79147930aa725_06ca6351e003826f_142929670a0e6e70,
    256'h27b70a8546d22ffc_2e1b21385c26c926_4d2c6dfc5ac42aed_53380d139d95b3df,
    256'h650a73548baf63de_766a0abb3c77b2a8_81c2c92e47edaee6_92722c851482353b,
    256'ha2bfe8a14cf10364_a81a664bbc423001_c24b8b70d0f89791_c76c51a30654be30,
    256'hd192e819d6ef5218_d69906245565a910_f40e35855771202a_106aa07032bbd1b8,
    256'h19a4c116b8d2d0c8_1e376c085141ab53_2748774cdf8eeb99_34b0bcb5e19b48a8,
    256'h391c0cb3c5c95a63_4ed8aa4ae3418acb_5b9cca4f7763e373_682e6ff3d6b2b8a3,
    256'h748f82ee5defb2fc_78a5636f43172f60_84c87814a1f0ab72_8cc702081a6439ec,
    256'h90befffa23631e28_a4506cebde82bde9_bef9a3f7b2c67915_c67178f2e372532b,
    256'hca273eceea26619c_d186b8c721c0c207_eada7dd6cde0eb1e_f57d4f7fee6ed178,
    256'h06f067aa72176fba_0a637dc5a2c898a6_113f9804bef90dae_1b710b35131c471b,
    256'h28db77f523047d84_32caab7b40c72493_3c9ebe0a15c9bebc_431d67c49c100d4c,
    256'h4cc5d4becb3e42b6_597f299cfc657e2a_5fcb6fab3ad6faec_6c44198c4a475817};

  // K[t + 1] of every trip, that of trip 0 lowest
  function automatic logic [PASSES*WIDTH-1:0] next_keys();
    next_keys = '0;
    for (int unsigned p = 0; p < PASSES; p++)
      if (WIDTH == 32) next_keys[p*WIDTH +: WIDTH] = WIDTH'(K256[32*(63 - (p*STAGES + INDEX + 1) % 64) +: 32]);
      else             next_keys[p*WIDTH +: WIDTH] = WIDTH'(K512[64*(79 - (p*STAGES + INDEX + 1) % 80) +: 64]);
  endfunction
  localparam logic [PASSES*WIDTH-1:0] NEXT_KEYS = next_keys();

  function automatic logic [WIDTH-1:0] ror(input logic [WIDTH-1:0] x, input int unsigned n);
    ror = (x >> n) | (x << (WIDTH - n));
  endfunction
  // sections 4.1.2 and 4.1.3
  function automatic logic [WIDTH-1:0] big1(input logic [WIDTH-1:0] x);
    big1 = (WIDTH == 32) ? ror(x, 6) ^ ror(x, 11) ^ ror(x, 25) : ror(x, 14) ^ ror(x, 18) ^ ror(x, 41);
  endfunction
  function automatic logic [WIDTH-1:0] small0(input logic [WIDTH-1:0] x);
    small0 = (WIDTH == 32) ? ror(x, 7) ^ ror(x, 18) ^ (x >> 3) : ror(x, 1) ^ ror(x, 8) ^ (x >> 7);
  endfunction
  function automatic logic [WIDTH-1:0] small1(input logic [WIDTH-1:0] x);
    small1 = (WIDTH == 32) ? ror(x, 17) ^ ror(x, 19) ^ (x >> 10) : ror(x, 19) ^ ror(x, 61) ^ (x >> 6);
  endfunction
  function automatic logic [WIDTH-1:0] add3(input logic [WIDTH-1:0] p, input logic [WIDTH-1:0] q, input logic [WIDTH-1:0] r);
    add3 = p + q + r;
  endfunction

  logic [WIDTH-1:0] m, a, b, c, e, f, g, x, y, word1, word2, next_key, next_word, step1, step2;
  assign {m, a, b, c, e, f, g} = regs_i;
  assign {x, y} = sum_i;
  assign word1  = words_i[14*WIDTH +: WIDTH];
  assign word2  = words_i[13*WIDTH +: WIDTH];
  sha2_late #(.WIDTH(WIDTH)) u_late (.valid_i(valid_i && (INDEX != 0 || pass_i != '0)), .a_i(a), .b_i(b), .c_i(c), .sum_o(step2));
  always_comb begin
    step1     = '0;
    next_key  = '0;
    next_word = '0;
    if (valid_i) begin
      step1     = ((e & f) ^ (~e & g)) + big1(e);
      next_key  = NEXT_KEYS[pass_i*WIDTH +: WIDTH];
      next_word = words_i[6*WIDTH +: WIDTH] + small1(words_i[WIDTH +: WIDTH]);
    end
  end
  always_ff @(posedge clk_i)
    if (wipe_i) begin
      regs_o <= '0;
      sum_o  <= '0;
    end else if (valid_i) begin
      regs_o  <= {x + step1, m + step2, a, b, y + step1, e, f};
      sum_o   <= {add3(g, next_key, word1), b + add3(g, next_key, word1)};
      words_o <= {word1 + small0(word2), words_i[14*WIDTH-1:0], words_i[15*WIDTH +: WIDTH] + next_word};
    end
endmodule
