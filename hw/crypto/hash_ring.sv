// SPDX-License-Identifier: BSD-2-Clause-Patent
// The compression function of one hash as a ring of STAGES stages, one clock each: MD5 (RFC 1321 section 3.4), SHA-1,
// SHA-256, SHA-512 (FIPS 180-4 sections 6.1.2, 6.2.2, 6.4.2). A stage makes one step, of SHA-1 two; STAGES divides the 64, 40,
// 64, 80 that it takes: a token makes so many trips, and STAGES tokens are inside at once. Fully unrolled: one block every cycle.
// Nothing inside ever waits. The state a token came with, and its tag, wait in a memory that turns with the ring.
// While wipe_i is high, never but with the ring empty, what it remembers of states is zeroed within STAGES cycles.
module hash_ring #(
  parameter logic [2:0]   KIND     = adit_pkg::HASH_SHA1,
  parameter int unsigned  STAGES   = 5,
  parameter int unsigned  TAG_BITS = 8,
  localparam int unsigned WIDTH      = (KIND == adit_pkg::HASH_SHA512) ? 64 : 32,
  localparam int unsigned STATE_BITS = (KIND == adit_pkg::HASH_MD5) ? 128 : (KIND == adit_pkg::HASH_SHA1) ? 160 : 8 * WIDTH,
  localparam int unsigned BLOCK_BITS = 16 * WIDTH
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,
  input  logic                  wipe_i,
  input  logic                  in_valid_i,
  output logic                  in_ready_o,
  input  logic [BLOCK_BITS-1:0] in_block_i,   // first byte on top
  input  logic [STATE_BITS-1:0] in_state_i,   // digest byte order, first byte on top
  input  logic [TAG_BITS-1:0]   in_tag_i,
  output logic                  out_valid_o,  // never waits
  output logic [STATE_BITS-1:0] out_state_o,
  output logic [TAG_BITS-1:0]   out_tag_o
);
  localparam int unsigned STEPS     = (KIND == adit_pkg::HASH_SHA512) ? 80 : (KIND == adit_pkg::HASH_SHA1) ? 40 : 64;  // clocks
  localparam int unsigned PASSES    = STEPS / STAGES;
  localparam int unsigned PASS_BITS = (PASSES == 1) ? 1 : $clog2(PASSES);
  localparam int unsigned TURN_BITS = (STAGES == 1) ? 1 : $clog2(STAGES);
  // what is added ahead; the rest of a state between stages; what only the last stage's input has of a state
  localparam int unsigned SUM_BITS  = WIDTH * ((KIND == adit_pkg::HASH_MD5) ? 1 : (KIND == adit_pkg::HASH_SHA1) ? 3 : 2);
  localparam int unsigned REG_BITS  = (STATE_BITS == 8 * WIDTH) ? 7 * WIDTH : 3 * WIDTH;
  localparam int unsigned TAIL_BITS = (KIND == adit_pkg::HASH_SHA1) ? 2 * WIDTH : WIDTH;

  // MD5 counts bytes of a word from its low end (RFC 1321 section 2)
  logic [BLOCK_BITS-1:0] in_block;
  logic [STATE_BITS-1:0] in_state;
  if (KIND == adit_pkg::HASH_MD5) begin : g_order
    always_comb begin
      in_block = '0;
      in_state = '0;
      if (in_valid_i) begin
        for (int i = 0; i < BLOCK_BITS / 8; i++) in_block[8*i +: 8] = in_block_i[8*(i^3) +: 8];
        for (int i = 0; i < STATE_BITS / 8; i++) in_state[8*i +: 8] = in_state_i[8*(i^3) +: 8];
      end
    end
  end else begin : g_order
    assign in_block = in_block_i;
    assign in_state = in_state_i;
  end

  // ---- entry: regs and sums of step 0. Those of the stages say what they are
  logic                  enter_valid_q;
  logic [BLOCK_BITS-1:0] enter_block_q;
  logic [STATE_BITS-1:0] enter_state_q;
  logic [TAG_BITS-1:0]   enter_tag_q;
  logic [SUM_BITS-1:0]   enter_sum_q, enter_sum;
  logic [REG_BITS-1:0]   enter_regs;
  logic [BLOCK_BITS-1:0] enter_words;
  logic [WIDTH-1:0]      word0;
  assign word0 = in_block[BLOCK_BITS-1 -: WIDTH];
  if (KIND == adit_pkg::HASH_MD5) begin : g_enter
    assign enter_sum  = in_state[127:96] + 32'hd76aa478 + word0;
    assign enter_regs = enter_state_q[95:0];
    assign enter_words = in_block;
  end else if (KIND == adit_pkg::HASH_SHA1) begin : g_enter
    logic [31:0] f;
    assign f           = (in_state[127:96] & in_state[95:64]) | (~in_state[127:96] & in_state[63:32]);
    assign enter_sum   = {f + in_state[31:0] + 32'h5a827999 + word0, in_state[63:32] + 32'h5a827999 + in_block[479:448],
                          in_state[95:64] + 32'h5a827999 + in_block[447:416]};
    assign enter_regs  = enter_state_q[159:64];
    assign enter_words = in_block;
  end else begin : g_enter
    logic [WIDTH-1:0] x, s0, word1;   // FIPS 180-4 sections 4.1.2 and 4.1.3
    assign word1 = in_block[14*WIDTH +: WIDTH];
    if (WIDTH == 32) begin : g_s0
      assign s0 = {word1[6:0], word1[31:7]} ^ {word1[17:0], word1[31:18]} ^ (word1 >> 3);
    end else begin : g_s0
      assign s0 = {word1[0], word1[63:1]} ^ {word1[7:0], word1[63:8]} ^ (word1 >> 7);
    end
    assign x           = in_state[WIDTH-1:0] + WIDTH'(64'h428a2f98d728ae22 >> (64 - WIDTH)) + word0;
    assign enter_sum   = {x, in_state[4*WIDTH +: WIDTH] + x};
    assign enter_regs  = enter_state_q[8*WIDTH-1:WIDTH];
    assign enter_words = {word0 + s0, in_block[15*WIDTH-1:0]};
  end

  logic [STAGES-1:0]           valid_q;
  logic [STAGES*PASS_BITS-1:0] pass_q;
  logic                 end_valid;
  logic [PASS_BITS-1:0] end_pass;
  logic                 turn;            // the token at the end goes round again
  logic                 leave;
  assign end_valid  = valid_q[STAGES-1];
  assign end_pass   = pass_q[(STAGES-1)*PASS_BITS +: PASS_BITS];
  assign turn       = end_valid && end_pass != PASS_BITS'(PASSES - 1);
  assign leave      = end_valid && !turn;
  assign in_ready_o = !enter_valid_q || !turn;
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni)         enter_valid_q <= 1'b0;
    else if (in_ready_o) enter_valid_q <= in_valid_i;
  always_ff @(posedge clk_i)
    if (wipe_i) begin
      enter_state_q <= '0;
      enter_sum_q   <= '0;
    end else if (in_ready_o && in_valid_i) begin
      enter_block_q <= enter_words;
      enter_state_q <= in_state;
      enter_tag_q   <= in_tag_i;
      enter_sum_q   <= enter_sum;
    end

  // ---- what waits: one place a stage, read as its token comes round
  logic [STATE_BITS+TAG_BITS-1:0] wait_mem [0:STAGES-1];
  logic [TURN_BITS-1:0]           wait_at_q, wait_next;
  logic                           enter, leave_soon;
  logic [STATE_BITS+TAG_BITS-1:0] waited_q;     // of the token that leaves
  assign enter      = enter_valid_q && !turn;
  assign wait_next  = (wait_at_q == TURN_BITS'(STAGES - 1)) ? '0 : wait_at_q + 1'b1;
  assign leave_soon = g_stage[STAGES-1].s_valid && g_stage[STAGES-1].s_pass == PASS_BITS'(PASSES - 1);
  always_ff @(posedge clk_i) begin
    if (enter || wipe_i) wait_mem[wait_at_q] <= enter ? {enter_tag_q, enter_state_q} : '0;
    if (wipe_i)          waited_q <= '0;
    else if (leave_soon) waited_q <= wait_mem[wait_next];
  end
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) wait_at_q <= '0;
    else         wait_at_q <= wait_next;

  // ---- the steps
  for (genvar i = 0; i < STAGES; i++) begin : g_stage
    logic                  s_valid;
    logic [PASS_BITS-1:0]  s_pass;
    logic [REG_BITS-1:0]   s_regs, regs;
    logic [SUM_BITS-1:0]   s_sum, sum;
    logic [BLOCK_BITS-1:0] s_words, words;
    if (i == 0) begin : g_from
      assign s_valid = turn || enter_valid_q;
      assign s_pass  = turn ? end_pass + 1'b1 : '0;
      always_comb begin
        s_regs  = '0;
        s_sum   = '0;
        s_words = '0;
        if (turn) begin
          s_regs  = g_stage[STAGES-1].regs;
          s_sum   = g_stage[STAGES-1].sum;
          s_words = g_stage[STAGES-1].words;
        end else if (enter_valid_q) begin
          s_regs  = enter_regs;
          s_sum   = enter_sum_q;
          s_words = enter_block_q;
        end
      end
    end else begin : g_from
      assign s_valid = valid_q[i-1];
      assign s_pass  = pass_q[(i-1)*PASS_BITS +: PASS_BITS];
      assign s_regs  = g_stage[i-1].regs;
      assign s_sum   = g_stage[i-1].sum;
      assign s_words = g_stage[i-1].words;
    end
    if (KIND == adit_pkg::HASH_MD5) begin : g_step
      md5_stage #(.STAGES(STAGES), .INDEX(i), .PASS_BITS(PASS_BITS)) u_stage (
        .clk_i, .valid_i(s_valid), .wipe_i, .pass_i(s_pass), .regs_i(s_regs), .sum_i(s_sum), .words_i(s_words),
        .regs_o(regs), .sum_o(sum), .words_o(words));
    end else if (KIND == adit_pkg::HASH_SHA1) begin : g_step
      sha1_stage #(.STAGES(STAGES), .INDEX(i), .PASS_BITS(PASS_BITS)) u_stage (
        .clk_i, .valid_i(s_valid), .wipe_i, .pass_i(s_pass), .regs_i(s_regs), .sum_i(s_sum), .words_i(s_words),
        .regs_o(regs), .sum_o(sum), .words_o(words));
    end else begin : g_step
      sha2_stage #(.WIDTH(WIDTH), .STAGES(STAGES), .INDEX(i), .PASS_BITS(PASS_BITS)) u_stage (
        .clk_i, .valid_i(s_valid), .wipe_i, .pass_i(s_pass), .regs_i(s_regs), .sum_i(s_sum), .words_i(s_words),
        .regs_o(regs), .sum_o(sum), .words_o(words));
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) valid_q <= '0;
    else         valid_q <= (valid_q << 1) | STAGES'(g_stage[0].s_valid);
  always_ff @(posedge clk_i)
    if (|valid_q || enter_valid_q) pass_q <= (pass_q << PASS_BITS) | (STAGES*PASS_BITS)'(g_stage[0].s_pass);

  // ---- leaving. What the last stage dropped is its input; the state the token came with is added
  logic [REG_BITS-1:0]   end_regs;
  logic [TAIL_BITS-1:0]  end_tail_q;   // MD5: a; SHA-1: b before it is turned, e; SHA-2: h
  logic [STATE_BITS-1:0] end_state, out_state;
  assign end_regs = g_stage[STAGES-1].regs;
  always_ff @(posedge clk_i)
    if (wipe_i)                         end_tail_q <= '0;
    else if (g_stage[STAGES-1].s_valid) end_tail_q <= g_stage[STAGES-1].s_regs[TAIL_BITS-1:0];
  if (KIND == adit_pkg::HASH_MD5) begin : g_leave
    assign end_state = {end_tail_q, end_regs};
    for (genvar i = 0; i < STATE_BITS / 8; i++) begin : g_order
      assign out_state_o[8*i +: 8] = out_state[8*(i^3) +: 8];
    end
  end else if (KIND == adit_pkg::HASH_SHA1) begin : g_leave
    assign end_state   = {end_regs, end_tail_q[33:32], end_tail_q[63:34], end_tail_q[31:0]};
    assign out_state_o = out_state;
  end else begin : g_leave
    logic [WIDTH-1:0] late;    // a makes its last step
    sha2_late #(.WIDTH(WIDTH)) u_late (
      .valid_i(leave), .a_i(end_regs[5*WIDTH +: WIDTH]), .b_i(end_regs[4*WIDTH +: WIDTH]), .c_i(end_regs[3*WIDTH +: WIDTH]),
      .sum_o(late));
    assign end_state   = {end_regs[6*WIDTH +: WIDTH] + late, end_regs[6*WIDTH-1:0], end_tail_q};
    assign out_state_o = out_state;
  end
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) out_valid_o <= 1'b0;
    else         out_valid_o <= leave;
  always_ff @(posedge clk_i)
    if (wipe_i) begin
      out_state <= '0;
    end else if (leave) begin
      out_tag_o <= waited_q[STATE_BITS +: TAG_BITS];
      for (int i = 0; i < STATE_BITS / WIDTH; i++)
        out_state[WIDTH*i +: WIDTH] <= waited_q[WIDTH*i +: WIDTH] + end_state[WIDTH*i +: WIDTH];
    end
endmodule
