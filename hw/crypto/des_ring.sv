// SPDX-License-Identifier: BSD-2-Clause-Patent
// DES and Triple-DES (FIPS 46-3, SP 800-67: E D E) as a ring of STAGES round units (1, 2, 4, 8, 16 or 48), one clock
// each. A token makes 48 / STAGES trips and leaves; DES makes a third of them, but for 48 units, where it is E D E of one key.
// STAGES tokens are inside at once, each with its own key. Nothing inside ever waits.
//
//   control:  in ─► c0 ─► c1 … ─► c[STAGES-1] ─► back or out     runs one cycle ahead of the data, so that
//   data:        in ─► d0 ─► d1 … ─► d[STAGES-1] ─►              the key memory is read synchronously
//
// A token names one of 2**KEYS_LOG2 keys, which were put in before: three of 56 bits, C || D as permuted choice 1 leaves them, in
// the order of use (of DES thrice the same). One is read as a DES begins and travels with the token: a round turns it, permuted
// choice 2 of it is the round's key. Turned left it enciphers; right it deciphers, as the middle one of E D E does when sealing and
// both others when opening. A block may enter four cycles after its key. While the owner is quiet all keys are zeroed, a line a
// cycle, and what is left of them in the rounds' registers; a key that comes meanwhile waits for nothing.
module des_ring #(
  parameter int unsigned STAGES     = 2,
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
  input  logic [63:0]           in_block_i,
  input  logic [KEYS_LOG2-1:0]  in_index_i,     // of its key
  input  logic                  in_triple_i,    // 3DES, not DES
  input  logic [TAG_BITS-1:0]   in_tag_i,
  // blocks out: never waits; the tag comes one cycle before its block
  output logic                  soon_valid_o,
  output logic [TAG_BITS-1:0]   soon_tag_o,
  output logic                  out_valid_o,
  output logic [63:0]           out_block_o,
  // keys in, one every three cycles
  input  logic                  key_valid_i,
  output logic                  key_ready_o,
  input  logic [KEYS_LOG2-1:0]  key_index_i,
  input  logic [167:0]          key_i,          // the first to be used lowest
  input  logic                  quiet_i,        // no key is in use
  output logic                  busy_o          // something is not yet zero
);
  localparam int unsigned PASSES     = 48 / STAGES;
  localparam int unsigned PASS_BITS  = (PASSES == 1) ? 1 : $clog2(PASSES);
  localparam int unsigned STAGE_BITS = $clog2(STAGES);
  localparam int unsigned CTL_BITS   = 1 + KEYS_LOG2 + TAG_BITS;   // triple, key, tag
  localparam int unsigned READERS    = (STAGES == 48) ? 3 : 1;     // units where a DES may begin
  localparam int unsigned LINES      = 1 << (KEYS_LOG2 + 2);

  // ---- keys, written one after the other to {which, key}
  logic [1:0]             put_which_q;     // 3: none
  logic [KEYS_LOG2-1:0]   put_index_q;
  logic [167:0]           put_q;
  logic                   wipe, key_we;
  logic [KEYS_LOG2+2:0]   wipe_left_q;
  logic [KEYS_LOG2+1:0]   key_at;
  assign key_ready_o = put_which_q >= 2'd2;
  assign wipe        = quiet_i && put_which_q == 2'd3 && wipe_left_q != '0;
  assign busy_o      = put_which_q != 2'd3 || wipe_left_q != '0;
  assign key_we      = wipe || put_which_q != 2'd3;
  assign key_at      = wipe ? wipe_left_q[KEYS_LOG2+1:0] : {put_which_q, put_index_q};
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) begin
      put_which_q <= 2'd3;
      wipe_left_q <= (KEYS_LOG2+3)'(LINES);
    end else begin
      if (key_valid_i && key_ready_o) put_which_q <= 2'd0;
      else if (put_which_q != 2'd3)   put_which_q <= put_which_q + 2'd1;
      if (!quiet_i || key_valid_i || put_which_q != 2'd3) wipe_left_q <= (KEYS_LOG2+3)'(LINES);
      else if (wipe)                                      wipe_left_q <= wipe_left_q - 1'b1;
    end
  always_ff @(posedge clk_i)
    if (key_valid_i && key_ready_o) begin
      put_index_q <= key_index_i;
      put_q       <= key_i;
    end else if (put_which_q != 2'd3 || wipe) begin
      put_q       <= put_q >> 56;          // zero behind the last
    end

  function automatic logic [63:0] initial_permutation(input logic [63:0] a);
    initial_permutation = {
            a[6], a[14], a[22], a[30], a[38], a[46], a[54], a[62],
            a[4], a[12], a[20], a[28], a[36], a[44], a[52], a[60],
            a[2], a[10], a[18], a[26], a[34], a[42], a[50], a[58],
            a[0], a[8], a[16], a[24], a[32], a[40], a[48], a[56],
            a[7], a[15], a[23], a[31], a[39], a[47], a[55], a[63],
            a[5], a[13], a[21], a[29], a[37], a[45], a[53], a[61],
            a[3], a[11], a[19], a[27], a[35], a[43], a[51], a[59],
            a[1], a[9], a[17], a[25], a[33], a[41], a[49], a[57]};
  endfunction
  function automatic logic [63:0] final_permutation(input logic [63:0] a);
    final_permutation = {
            a[24], a[56], a[16], a[48], a[8], a[40], a[0], a[32],
            a[25], a[57], a[17], a[49], a[9], a[41], a[1], a[33],
            a[26], a[58], a[18], a[50], a[10], a[42], a[2], a[34],
            a[27], a[59], a[19], a[51], a[11], a[43], a[3], a[35],
            a[28], a[60], a[20], a[52], a[12], a[44], a[4], a[36],
            a[29], a[61], a[21], a[53], a[13], a[45], a[5], a[37],
            a[30], a[62], a[22], a[54], a[14], a[46], a[6], a[38],
            a[31], a[63], a[23], a[55], a[15], a[47], a[7], a[39]};
  endfunction
  function automatic logic [47:0] choice_2(input logic [55:0] a);
    choice_2 = {
             a[42], a[39], a[45], a[32], a[55], a[51], a[53], a[28],
             a[41], a[50], a[35], a[46], a[33], a[37], a[44], a[52],
             a[30], a[48], a[40], a[49], a[29], a[36], a[43], a[54],
             a[15], a[4], a[25], a[19], a[9], a[1], a[26], a[16],
             a[5], a[11], a[23], a[8], a[12], a[7], a[17], a[0],
             a[22], a[3], a[10], a[14], a[6], a[20], a[27], a[24]};
  endfunction
  // how far round r turns each half of the key
  function automatic logic turns_twice(input logic [3:0] r);
    turns_twice = (r != 4'd0) && (r != 4'd1) && (r != 4'd8) && (r != 4'd15);
  endfunction
  function automatic logic [55:0] turn(input logic [55:0] k, input logic [3:0] r, input logic right);
    if (right)
      turn = (r == 4'd0)       ? k
           : turns_twice(r) ? {k[29:28], k[55:30], k[1:0], k[27:2]} : {k[28], k[55:29], k[0], k[27:1]};
    else
      turn = turns_twice(r) ? {k[53:28], k[55:54], k[25:0], k[27:26]} : {k[54:28], k[55], k[26:0], k[27]};
  endfunction

  // ---- control
  logic [STAGES-1:0]           valid_q;
  logic [STAGES*PASS_BITS-1:0] pass_q;
  logic [STAGES*CTL_BITS-1:0]  ctl_q;
  logic                        again;      // the token at the end goes round again
  logic                        c0_valid;
  logic [PASS_BITS-1:0]        c0_pass;
  logic [CTL_BITS-1:0]         c0_ctl;
  logic                        end_valid;
  logic [PASS_BITS-1:0]        end_pass;
  logic [CTL_BITS-1:0]         end_ctl;
  assign end_valid  = valid_q[STAGES-1];
  assign end_pass   = pass_q[(STAGES-1)*PASS_BITS +: PASS_BITS];
  assign end_ctl    = ctl_q[(STAGES-1)*CTL_BITS +: CTL_BITS];
  assign again      = end_valid && (end_pass != (end_ctl[CTL_BITS-1] || PASSES < 3 ? PASS_BITS'(PASSES - 1) : PASS_BITS'(PASSES / 3 - 1)));
  assign in_ready_o = !again;
  assign c0_valid   = again || in_valid_i;
  assign c0_pass    = again ? end_pass + 1'b1 : '0;
  assign c0_ctl     = again ? end_ctl : {in_triple_i, in_index_i, in_tag_i};

  assign soon_valid_o = end_valid && !again;
  assign soon_tag_o   = end_ctl[TAG_BITS-1:0];
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) out_valid_o <= 1'b0;
    else         out_valid_o <= soon_valid_o;

  // ---- entry
  logic        again_q;
  logic [63:0] enter_q;
  always_ff @(posedge clk_i)
    if (c0_valid) begin
      if (!again) enter_q <= in_block_i;
      again_q <= again;
    end

  // ---- the rounds
  for (genvar i = 0; i < STAGES; i++) begin : g_round
    logic                 c_valid;   // control enters this unit; its block follows a cycle later
    logic [PASS_BITS-1:0] c_pass;
    logic [CTL_BITS-1:0]  c_ctl;
    logic [63:0]          d_in, d_out;
    logic [55:0]          k_in, k_out;
    if (i == 0) begin : g_from
      assign c_valid = c0_valid;
      assign c_pass  = c0_pass;
      assign c_ctl   = c0_ctl;
    end else begin : g_from
      assign c_valid = valid_q[i-1];
      assign c_pass  = pass_q[(i-1)*PASS_BITS +: PASS_BITS];
      assign c_ctl   = ctl_q[(i-1)*CTL_BITS +: CTL_BITS];
      assign d_in    = g_round[i-1].d_out;
    end
    if (i % 16 == 0 && i / 16 < READERS) begin : g_key
      logic        begins, begins_q;     // this is the first round of a DES
      logic [1:0]  which;
      logic [5:0]  c_round;
      logic [55:0] key_q;
      assign c_round = (STAGES == 48) ? 6'(i) : 6'(c_pass) << STAGE_BITS;
      assign which   = c_round[5:4];
      assign begins  = c_round[3:0] == 4'd0;
      logic [55:0] key_mem [0:LINES-1];
      always_ff @(posedge clk_i) if (key_we) key_mem[key_at] <= put_q[55:0];
      always_ff @(posedge clk_i) begin
        if (c_valid && begins) key_q <= key_mem[{which, c_ctl[TAG_BITS +: KEYS_LOG2]}];
        else if (wipe)         key_q <= '0;
        if (c_valid) begins_q <= begins;
      end
      assign k_in = begins_q ? key_q : g_round[(i + STAGES - 1) % STAGES].k_out;
    end else begin : g_key
      assign k_in = g_round[(i + STAGES - 1) % STAGES].k_out;
    end
    if (i == 0) begin : g_block
      always_comb begin
        d_in = '0;
        if (valid_q[0]) d_in = again_q ? g_round[STAGES-1].d_out : initial_permutation(enter_q);
      end
    end
    always_ff @(posedge clk_i or negedge rst_ni)
      if (!rst_ni) valid_q[i] <= 1'b0;
      else         valid_q[i] <= c_valid;
    always_ff @(posedge clk_i)
      if (c_valid) begin
        pass_q[i*PASS_BITS +: PASS_BITS] <= c_pass;
        ctl_q[i*CTL_BITS +: CTL_BITS]    <= c_ctl;
      end
    logic [5:0]  d_round;
    logic [55:0] turned;
    logic [47:0] round_key;
    always_comb begin
      d_round   = '0;
      if (valid_q[i]) d_round = (STAGES == 48) ? 6'(i) : (6'(pass_q[i*PASS_BITS +: PASS_BITS]) << STAGE_BITS) + 6'(i);
      turned    = turn(valid_q[i] ? k_in : '0, d_round[3:0], DECRYPT ^ d_round[4]);
      round_key = choice_2(turned);
    end
    always_ff @(posedge clk_i)
      if (valid_q[i])       k_out <= turned;
      else if (wipe)        k_out <= '0;
    des_round #(.LEAF(LEAF)) u_round (
      .clk_i, .valid_i(valid_q[i]), .keep_i(d_round[3:0] == 4'd15), .key_i(round_key), .block_i(d_in), .block_o(d_out));
  end
  always_comb begin
    out_block_o = '0;
    if (out_valid_o) out_block_o = final_permutation(g_round[STAGES-1].d_out);
  end
endmodule
