// SPDX-License-Identifier: BSD-2-Clause-Patent
// AES block cipher as a ring of ROUNDS round units (1, 2, 7 or 14), one clock each. A token makes up to 14 / ROUNDS
// trips and then leaves; ROUNDS tokens are inside at once, each with its own key and key size. Unrolled (14) it takes
// one block every cycle whatever the key size. Nothing inside ever waits.
//
//   control:  in ─► c0 ─► c1 … ─► c[ROUNDS-1] ─► back or out     runs one cycle ahead of the data, so that
//   data:        in ^ k ─► d0 ─► d1 … ─► d[ROUNDS-1] ─►          round key memories are read synchronously
//
// A token names one of 2**KEYS_LOG2 keys, which were put in before: its owner's. aes_expand makes the round keys. Round key r
// (1..14) lies in the memory of unit (r-1) % ROUNDS at {(r-1) / ROUNDS, key}. Keys are aligned to the end: one with Nr rounds
// uses r = 14-Nr .. 14, the first of them (whitening) in a memory of its own. A block may enter four cycles after its key when
// enciphering, for round key r is there before the block is; deciphering (the last round key is needed first) after keyed_valid_o.
// While the owner is quiet, all round keys and what was read of them is zeroed, a line a cycle; a key that comes meanwhile
// waits for nothing.
module aes_ring #(
  parameter int unsigned ROUNDS     = 2,
  parameter bit          DECRYPT    = 1'b0,
  parameter int unsigned KEYS_LOG2  = 3,
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
  input  logic [KEYS_LOG2-1:0]  in_index_i,     // of its key
  input  logic [1:0]            in_key_size_i,  // 0: AES-128, 1: 192, 2: 256
  input  logic [TAG_BITS-1:0]   in_tag_i,
  // blocks out: never waits; the tag comes one cycle before its block
  output logic                  soon_valid_o,
  output logic [TAG_BITS-1:0]   soon_tag_o,
  output logic                  out_valid_o,
  output logic [127:0]          out_block_o,
  // keys in
  input  logic                  key_valid_i,
  output logic                  key_ready_o,
  input  logic [KEYS_LOG2-1:0]  key_index_i,
  input  logic [1:0]            key_size_i,
  input  logic [255:0]          key_i,          // first byte on top
  output logic                  keyed_valid_o,  // all round keys of this one are there from the next cycle on
  output logic [KEYS_LOG2-1:0]  keyed_index_o,
  input  logic                  quiet_i,        // no key is in use
  output logic                  busy_o          // something is not yet zero
);
  localparam int unsigned PASSES    = aes_pkg::KEY_ROUNDS / ROUNDS;
  localparam int unsigned PASS_BITS = (PASSES == 1) ? 1 : $clog2(PASSES);
  localparam int unsigned KEYS      = 1 << KEYS_LOG2;
  localparam int unsigned KEY_AW    = (PASSES == 1) ? KEYS_LOG2 : KEYS_LOG2 + PASS_BITS;
  localparam int unsigned LINES     = 1 << KEY_AW;      // of a unit's memory
  localparam bit          BY_PARITY = ROUNDS % 2 == 0;  // a unit has only odd or only even round keys

  // ---- round keys: those of odd number come on bus 0
  logic                   expand_busy, wipe;
  logic [KEY_AW:0]        wipe_left_q;
  logic [KEY_AW-1:0]      wipe_line;
  logic [1:0]             key_valid, key_is_first;
  logic [2*KEYS_LOG2-1:0] key_index;
  logic [7:0]             key_round;
  logic [255:0]           key_line;
  aes_expand #(.DECRYPT(DECRYPT), .IS_DOUBLE(BY_PARITY), .KEYS_LOG2(KEYS_LOG2)) u_expand (
    .clk_i, .rst_ni, .wipe_i(wipe), .in_valid_i(key_valid_i), .in_ready_o(key_ready_o), .in_index_i(key_index_i),
    .in_key_size_i(key_size_i), .in_key_i(key_i), .valid_o(key_valid), .is_first_o(key_is_first), .index_o(key_index),
    .round_o(key_round), .key_o(key_line), .last_o(keyed_valid_o), .busy_o(expand_busy));
  assign keyed_index_o = key_index[KEYS_LOG2 +: KEYS_LOG2];
  assign wipe      = quiet_i && !expand_busy && wipe_left_q != '0;   // the buses are zero
  assign wipe_line = wipe_left_q[KEY_AW-1:0];
  assign busy_o    = expand_busy || wipe_left_q != '0;
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni)                                     wipe_left_q <= (KEY_AW+1)'(LINES);
    else if (!quiet_i || key_valid_i || expand_busy) wipe_left_q <= (KEY_AW+1)'(LINES);
    else if (wipe)                                   wipe_left_q <= wipe_left_q - 1'b1;

  // ---- control, one cycle ahead: {key size, key, tag}
  localparam int unsigned CTL_BITS = 2 + KEYS_LOG2 + TAG_BITS;
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
  assign c0_ctl     = turn ? end_ctl : {in_key_size_i, in_index_i, in_tag_i};

  assign soon_valid_o = end_valid && !turn;
  assign soon_tag_o   = end_ctl[TAG_BITS-1:0];

  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) out_valid_o <= 1'b0;
    else         out_valid_o <= soon_valid_o;

  // ---- entry: the whitening key
  logic [127:0] white_mem [0:KEYS-1];
  logic [127:0] white_q;
  logic [127:0] enter_q;
  logic         turn_q;
  // deciphering, and enciphering: the first round key has an even number
  always_ff @(posedge clk_i)
    if (wipe || (key_valid[1] && key_is_first[1]))
      white_mem[wipe ? wipe_line[KEYS_LOG2-1:0] : key_index[KEYS_LOG2 +: KEYS_LOG2]] <= key_line[255:128];
  always_ff @(posedge clk_i)
    if (in_valid_i && in_ready_o) begin
      white_q <= white_mem[in_index_i];
      enter_q <= in_block_i;
    end else if (wipe) begin
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

    logic [KEYS_LOG2-1:0] c_index;
    logic [1:0]           c_key_size;
    assign c_index    = c_ctl[TAG_BITS +: KEYS_LOG2];
    assign c_key_size = c_ctl[TAG_BITS+KEYS_LOG2 +: 2];

    // round keys of this unit
    localparam int unsigned BUS = BY_PARITY ? i % 2 : 0;   // round i + 1
    logic                 key_hit;
    logic [KEY_AW-1:0]    key_at;
    logic [127:0]         key_in;
    if (BY_PARITY) begin : g_bus
      assign key_in = key_line[128*BUS +: 128];
    end else begin : g_bus
      assign key_in = key_valid[1] ? key_line[255:128] : key_line[127:0];
    end
    always_comb begin
      key_hit = 1'b0;
      key_at  = wipe_line;
      for (int b = 0; b < 2; b++)
        if ((!BY_PARITY || b == BUS) && key_valid[b] && !key_is_first[b])
          for (int p = 0; p < PASSES; p++)
            if (key_round[4*b +: 4] == 4'(p * ROUNDS + i + 1)) begin
              key_hit = 1'b1;
              key_at  = KEY_AW'({PASS_BITS'(p), key_index[KEYS_LOG2*b +: KEYS_LOG2]});
            end
      if (wipe) key_hit = 1'b1;
    end
    logic [127:0] key_mem [0:LINES-1];
    logic [127:0] key_q;
    always_ff @(posedge clk_i) if (key_hit) key_mem[key_at] <= key_in;
    always_ff @(posedge clk_i)
      if (c_valid)   key_q <= key_mem[KEY_AW'({c_pass, c_index})];
      else if (wipe) key_q <= '0;

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
