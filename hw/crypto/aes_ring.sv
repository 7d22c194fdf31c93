// SPDX-License-Identifier: BSD-2-Clause-Patent
// AES block cipher as a ring of ROUNDS round units (1, 2, 7 or 14), one clock each. A token makes up to 14 / ROUNDS
// trips and then leaves; ROUNDS tokens are inside at once, each with its own key and key size. Unrolled (14) it takes
// one block every cycle whatever the key size. Nothing inside ever waits.
//
//   control:  in ─► c0 ─► c1 … ─► c[ROUNDS-1] ─► back or out     runs one cycle ahead of the data, so that
//   data:        in ^ k ─► d0 ─► d1 … ─► d[ROUNDS-1] ─►          round key memories are read synchronously
//
// Round key r (1..14) lies in the memory of unit (r-1) % ROUNDS at {slot, (r-1) / ROUNDS}. Keys are aligned to the
// end: one with Nr rounds uses r = 14-Nr .. 14, the first of them (whitening) in a memory of its own. What was read of them is used
// one cycle later and is wiped in the next cycle without a token in which keys are written: nothing stays of a slot that was zeroed.
module aes_ring #(
  parameter int unsigned ROUNDS     = 2,
  parameter bit          DECRYPT    = 1'b0,
  parameter int unsigned SLOTS_LOG2 = 10,
  parameter int unsigned TAG_BITS   = 8,
`ifdef SYNTHESIS
  parameter bit          LEAF       = 1'b1
`else
  parameter bit          LEAF       = 1'b0
`endif
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,
  // blocks in; first byte of the block on top
  input  logic                  in_valid_i,
  output logic                  in_ready_o,
  input  logic [127:0]          in_block_i,
  input  logic [SLOTS_LOG2-1:0] in_slot_i,
  input  logic [1:0]            in_key_size_i,  // 0: AES-128, 1: 192, 2: 256
  input  logic [TAG_BITS-1:0]   in_tag_i,
  // blocks out: never waits; the tag comes one cycle before its block
  output logic                  soon_valid_o,
  output logic [TAG_BITS-1:0]   soon_tag_o,
  output logic                  out_valid_o,
  output logic [127:0]          out_block_o,
  // round keys in
  input  logic                  key_valid_i,
  input  logic [SLOTS_LOG2-1:0] key_slot_i,
  input  logic [3:0]            key_round_i,    // 0..14
  input  logic                  key_is_first_i, // it is the whitening key, and no other
  input  logic                  key_is_sweep_i, // every memory: line key_round_i of the slot
  input  logic [127:0]          key_i
);
  localparam int unsigned PASSES    = aes_pkg::KEY_ROUNDS / ROUNDS;
  localparam int unsigned PASS_BITS = (PASSES == 1) ? 1 : $clog2(PASSES);
  localparam int unsigned SLOTS     = 1 << SLOTS_LOG2;
  localparam int unsigned KEY_AW    = (PASSES == 1) ? SLOTS_LOG2 : SLOTS_LOG2 + PASS_BITS;

  // ---- control, one cycle ahead: {key size, slot, tag}
  localparam int unsigned CTL_BITS = 2 + SLOTS_LOG2 + TAG_BITS;
  logic [ROUNDS-1:0]           valid_q;
  logic [ROUNDS*PASS_BITS-1:0] pass_q;
  logic [ROUNDS*CTL_BITS-1:0]  ctl_q;

  logic                 turn;      // the token at the end goes round again
  logic                 c0_valid;
  logic [PASS_BITS-1:0] c0_pass;
  logic [CTL_BITS-1:0]  c0_ctl;
  logic                 end_valid;
  logic [PASS_BITS-1:0] end_pass;
  logic [CTL_BITS-1:0]  end_ctl;

  // whole trips that a short key does not need are never begun
  function automatic logic [PASS_BITS-1:0] first_pass(input logic [1:0] key_size);
    first_pass = (key_size == 2'd0) ? PASS_BITS'(4 / ROUNDS) : (key_size == 2'd1) ? PASS_BITS'(2 / ROUNDS) : '0;
  endfunction

  assign end_valid  = valid_q[ROUNDS-1];
  assign end_pass   = pass_q[(ROUNDS-1)*PASS_BITS +: PASS_BITS];
  assign end_ctl    = ctl_q[(ROUNDS-1)*CTL_BITS +: CTL_BITS];
  assign turn       = end_valid && (end_pass != PASS_BITS'(PASSES - 1));
  assign in_ready_o = !turn;
  assign c0_valid   = turn || in_valid_i;
  assign c0_pass    = turn ? end_pass + 1'b1 : first_pass(in_key_size_i);
  assign c0_ctl     = turn ? end_ctl : {in_key_size_i, in_slot_i, in_tag_i};

  assign soon_valid_o = end_valid && !turn;
  assign soon_tag_o   = end_ctl[TAG_BITS-1:0];

  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) out_valid_o <= 1'b0;
    else         out_valid_o <= soon_valid_o;

  // ---- entry: the whitening key
  logic [127:0] white_mem [0:SLOTS-1];
  logic [127:0] white_q;
  logic [127:0] enter_q;
  logic         turn_q;
  always_ff @(posedge clk_i) if (key_valid_i && (key_is_first_i || key_is_sweep_i)) white_mem[key_slot_i] <= key_i;
  always_ff @(posedge clk_i)
    if (in_valid_i && in_ready_o) begin
      white_q <= white_mem[in_slot_i];
      enter_q <= in_block_i;
    end else if (key_valid_i) begin
      white_q <= '0;
    end
  always_ff @(posedge clk_i) turn_q <= turn;

  // ---- the rounds
  for (genvar i = 0; i < ROUNDS; i++) begin : g_round
    logic                 c_valid;   // control enters this unit; its block follows a cycle later
    logic [PASS_BITS-1:0] c_pass;
    logic [CTL_BITS-1:0]  c_ctl;
    logic [127:0]         d_block;
    logic [127:0]         d_out;
    if (i == 0) begin : g_from
      assign c_valid = c0_valid;
      assign c_pass  = c0_pass;
      assign c_ctl   = c0_ctl;
    end else begin : g_from
      assign c_valid = valid_q[i-1];
      assign c_pass  = pass_q[(i-1)*PASS_BITS +: PASS_BITS];
      assign c_ctl   = ctl_q[(i-1)*CTL_BITS +: CTL_BITS];
      assign d_block = g_round[i-1].d_out;
    end
    if (i == 0) begin : g_block
      assign d_block = turn_q ? out_block_o : enter_q ^ white_q;
    end

    logic [SLOTS_LOG2-1:0] c_slot;
    logic [1:0]            c_key_size;
    assign c_slot     = c_ctl[TAG_BITS +: SLOTS_LOG2];
    assign c_key_size = c_ctl[TAG_BITS+SLOTS_LOG2 +: 2];

    // round keys of this unit
    logic                 key_hit;
    logic [PASS_BITS-1:0] key_pass;
    always_comb begin
      key_hit  = 1'b0;
      key_pass = '0;
      for (int p = 0; p < PASSES; p++)
        if (key_round_i == 4'(p * ROUNDS + i + 1)) begin
          key_hit  = key_valid_i && !key_is_first_i;
          key_pass = PASS_BITS'(p);
        end
      if (key_is_sweep_i) begin
        key_hit  = key_valid_i;
        key_pass = key_round_i[PASS_BITS-1:0];
      end
    end
    logic [127:0] key_mem [0:PASSES*SLOTS-1];
    logic [127:0] key_q;
    always_ff @(posedge clk_i) if (key_hit) key_mem[KEY_AW'({key_pass, key_slot_i})] <= key_i;
    always_ff @(posedge clk_i)
      if (c_valid)          key_q <= key_mem[KEY_AW'({c_pass, c_slot})];
      else if (key_valid_i) key_q <= '0;

    // units below 14 - Nr are skipped on a token's first trip
    logic c_skip;
    logic skip_q;
    logic final_q;
    assign c_skip = (c_pass == '0) && (4'(i) < ((c_key_size == 2'd0) ? 4'd4 : (c_key_size == 2'd1) ? 4'd2 : 4'd0));
    always_ff @(posedge clk_i or negedge rst_ni)
      if (!rst_ni) valid_q[i] <= 1'b0;
      else         valid_q[i] <= c_valid;
    always_ff @(posedge clk_i)
      if (c_valid) begin
        pass_q[i*PASS_BITS +: PASS_BITS] <= c_pass;
        ctl_q[i*CTL_BITS +: CTL_BITS]    <= c_ctl;
        skip_q                           <= c_skip;
        final_q                          <= (i == ROUNDS - 1) && (c_pass == PASS_BITS'(PASSES - 1));
      end

    aes_round #(.DECRYPT(DECRYPT), .LEAF(LEAF), .MAY_SKIP(ROUNDS > 2 && i < 4)) u_round (
      .clk_i, .valid_i(valid_q[i]), .skip_i(skip_q), .final_i(final_q), .key_i(key_q),
      .block_i(d_block), .block_o(d_out));
  end
  assign out_block_o = g_round[ROUNDS-1].d_out;
endmodule
