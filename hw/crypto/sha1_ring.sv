// SPDX-License-Identifier: BSD-2-Clause-Patent
// SHA-1 compression (FIPS 180-4 section 6.1.2) as a ring of STAGES steps (1, 5, 10, 20, 40 or 80), one clock each.
// A token makes 80 / STAGES trips; STAGES tokens are inside at once. Unrolled (80) it takes one block every cycle.
// Nothing inside ever waits. The state a token came with, and its tag, wait in a memory that turns with the ring.
module sha1_ring #(
  parameter int unsigned STAGES   = 5,
  parameter int unsigned TAG_BITS = 8
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                in_valid_i,
  output logic                in_ready_o,
  input  logic [511:0]        in_block_i,   // first byte on top
  input  logic [159:0]        in_state_i,   // h0 on top
  input  logic [TAG_BITS-1:0] in_tag_i,
  output logic                out_valid_o,  // never waits
  output logic [159:0]        out_state_o,
  output logic [TAG_BITS-1:0] out_tag_o
);
  localparam int unsigned PASSES    = 80 / STAGES;
  localparam int unsigned PASS_BITS = (PASSES == 1) ? 1 : $clog2(PASSES);
  localparam int unsigned TURN_BITS = (STAGES == 1) ? 1 : $clog2(STAGES);

  // ---- entry
  logic                enter_valid_q;
  logic [511:0]        enter_block_q;
  logic [159:0]        enter_state_q;
  logic [TAG_BITS-1:0] enter_tag_q;
  logic [31:0]         enter_sum_q;
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
    if (in_ready_o && in_valid_i) begin
      enter_block_q <= in_block_i;
      enter_state_q <= in_state_i;
      enter_tag_q   <= in_tag_i;
      enter_sum_q   <= in_state_i[31:0] + 32'h5a827999 + in_block_i[511:480];
    end

  // ---- what waits: one place a stage, read as its token comes round
  logic [159+TAG_BITS:0] wait_mem [0:STAGES-1];
  logic [TURN_BITS-1:0]  wait_at_q;
  logic [159+TAG_BITS:0] waited;
  assign waited = wait_mem[wait_at_q];
  always_ff @(posedge clk_i) if (enter_valid_q && !turn) wait_mem[wait_at_q] <= {enter_tag_q, enter_state_q};
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) wait_at_q <= '0;
    else         wait_at_q <= (wait_at_q == TURN_BITS'(STAGES - 1)) ? '0 : wait_at_q + 1'b1;

  // ---- the steps
  for (genvar i = 0; i < STAGES; i++) begin : g_stage
    logic                 s_valid;
    logic [PASS_BITS-1:0] s_pass;
    logic [127:0]         s_abcd, abcd;
    logic [31:0]          s_sum, sum;
    logic [511:0]         s_words, words;
    if (i == 0) begin : g_from
      assign s_valid = turn || enter_valid_q;
      assign s_pass  = turn ? end_pass + 1'b1 : '0;
      assign s_abcd  = turn ? g_stage[STAGES-1].abcd : enter_state_q[159:32];
      assign s_sum   = turn ? g_stage[STAGES-1].sum : enter_sum_q;
      assign s_words = turn ? g_stage[STAGES-1].words : enter_block_q;
    end else begin : g_from
      assign s_valid = valid_q[i-1];
      assign s_pass  = pass_q[(i-1)*PASS_BITS +: PASS_BITS];
      assign s_abcd  = g_stage[i-1].abcd;
      assign s_sum   = g_stage[i-1].sum;
      assign s_words = g_stage[i-1].words;
    end
    always_ff @(posedge clk_i or negedge rst_ni)
      if (!rst_ni) valid_q[i] <= 1'b0;
      else         valid_q[i] <= s_valid;
    always_ff @(posedge clk_i) if (s_valid) pass_q[i*PASS_BITS +: PASS_BITS] <= s_pass;
    sha1_stage #(.STAGES(STAGES), .INDEX(i), .PASS_BITS(PASS_BITS)) u_stage (
      .clk_i, .valid_i(s_valid), .pass_i(s_pass), .abcd_i(s_abcd), .sum_i(s_sum), .words_i(s_words),
      .abcd_o(abcd), .sum_o(sum), .words_o(words));
  end

  // ---- leaving: the last step's e is the d before it; the state it came with is added
  logic [31:0]  e_q;
  logic [127:0] end_abcd;
  assign end_abcd = g_stage[STAGES-1].abcd;
  always_ff @(posedge clk_i) if (g_stage[STAGES-1].s_valid) e_q <= g_stage[STAGES-1].s_abcd[31:0];
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) out_valid_o <= 1'b0;
    else         out_valid_o <= leave;
  always_ff @(posedge clk_i)
    if (leave) begin
      out_tag_o            <= waited[160 +: TAG_BITS];
      out_state_o[159:128] <= waited[159:128] + end_abcd[127:96];
      out_state_o[127:96]  <= waited[127:96] + end_abcd[95:64];
      out_state_o[95:64]   <= waited[95:64] + end_abcd[63:32];
      out_state_o[63:32]   <= waited[63:32] + end_abcd[31:0];
      out_state_o[31:0]    <= waited[31:0] + e_q;
    end
endmodule
