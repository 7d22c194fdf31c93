// SPDX-License-Identifier: BSD-2-Clause-Patent
// Included by spd under FORMAL: what the writer does to the tables while look-ups sample them. Ops come in any order, for either
// bank, at any time; an op stands still until its ack.
  logic is_start = 1'b1;
  logic was_running = 1'b0;   // the cycle before was not in reset
  logic [$bits(tbl_i)-1:0] fv_tbl;
  assign fv_tbl = tbl_i;
  always_comb if (is_start) assume (!rst_ni);
  always_ff @(posedge clk_i) begin
    is_start    <= 1'b0;
    was_running <= rst_ni;
    if (was_running && rst_ni && $past(tbl_i.valid) && !$past(tbl_o.ack)) assume (fv_tbl == $past(fv_tbl));
  end

  // What look-ups have sampled in the last cycles, oldest in the highest bits: {live bank, its valid ranks}. A look-up reads its
  // rule's attributes five cycles after it sampled.
  localparam int unsigned AGES = 5;
  logic [AGES*(RULES+1)-1:0] past_q;
  logic [(AGES+1)*(RULES+1)-1:0] samples;
  logic [AGES:0] saw;         // sample of that age has rank {bank, rank}
  assign samples = {past_q, live_q, live_v4 | live_v6};
  for (genvar k = 0; k <= AGES; k++) begin : g_saw
    assign saw[k] = samples[(RULES+1)*k + RULES] == bank && samples[(RULES+1)*k + 32'(rank)];
  end
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) past_q <= '0;
    else         past_q <= samples[AGES*(RULES+1)-1:0];

  (* anyconst *) logic [7:0] mark;   // one line of the 256
  logic is_marked;                   // it was written in this walk
  logic [RULES-1:0] other_v4, other_v6, other_opaque;  // the bank that the op does not name
  logic is_put, is_walk, is_changing;
  assign is_put      = tbl_i.valid && tbl_i.op == adit_pkg::TBL_SP_PUT && is_rank_ok;
  assign is_changing = state_q == StInvalidate || state_q == StWalk || state_q == StWalkEnd || state_q == StAttr || state_q == StValidate;
  assign is_walk     = state_q == StWalk || state_q == StWalkEnd || state_q == StAttr || state_q == StValidate;
  assign other_v4    = bank ? valid_v4_q[RULES-1:0] : valid_v4_q[2*RULES-1:RULES];
  assign other_v6    = bank ? valid_v6_q[RULES-1:0] : valid_v6_q[2*RULES-1:RULES];
  assign other_opaque = bank ? opaque_q[RULES-1:0] : opaque_q[2*RULES-1:RULES];
  always_ff @(posedge clk_i)
    if (state_q == StInvalidate)                                        is_marked <= 1'b0;
    else if (line_we && !line_clear && line_addr == {bank, mark}) is_marked <= 1'b1;

  always_ff @(posedge clk_i)
    if (rst_ni && !is_start) begin
      // what holds of the state
      assert (state_q <= StAck);
      if (state_q == StSweep) assert (valid_v4_q == '0 && valid_v6_q == '0 && past_q == '0 && !line_we_q && !live_q);
      if (is_changing) assert (is_put);
      if (state_q == StCountIn || state_q == StCountOut || state_q == StBindRead || state_q == StBind)
        assert (tbl_i.valid && (tbl_i.op == adit_pkg::TBL_SP_BIND || tbl_i.op == adit_pkg::TBL_SP_GET || tbl_i.op == adit_pkg::TBL_SP_ZERO));
      if (state_q == StInvalidate) assert (step_q == '0 && !line_we_q);
      if (state_q == StWalk) begin
        assert (step_q <= SWEEP_W'(255) && line_we_q == (step_q != '0));
        if (line_we_q) assert (line_addr_q == {bank, step_q[7:0] - 8'd1});
        assert (is_marked == ({1'b0, mark} + 9'd1 < step_q[8:0]));
        for (int k = 0; k <= AGES; k++)
          if (SWEEP_W'(k) <= step_q) assert (!saw[k]);
      end
      if (state_q == StWalkEnd) assert (line_we_q && line_addr_q == {bank, 8'hff} && is_marked == (mark != 8'hff));
      if (state_q == StWalkEnd || state_q == StAttr || state_q == StValidate) assert (saw == '0);
      if (state_q == StAttr || state_q == StValidate) assert (is_marked);
      if (is_walk) assert (!valid_v4_q[{bank, rank}] && !valid_v6_q[{bank, rank}]);
      if (line_we_q) assert (state_q == StWalk || state_q == StWalkEnd);

      // what is promised: lines and attributes change only in the bank that the op names, under a rank that is not valid there,
      // and that no look-up on its way has seen valid
      if (line_we && state_q != StSweep) assert (is_put && line_addr[8] == bank && !valid_v4_q[{bank, rank}] && !valid_v6_q[{bank, rank}]);
      if (attr_we && state_q != StSweep) assert (is_put && attr_addr == {bank, rank} && saw == '0);
      if (attr_we && state_q == StSweep) assert ((live_v4 | live_v6) == '0 && past_q == '0);
      assert (seal_lines == {COLUMNS*RULES{live_q}} && open_lines == {COLUMNS*RULES{live_q}});   // one bank is sampled, and it is live
      assert (seal_hit_o.hit == live_q && seal_hit_o.sp_id == {4'b0, live_opaque, live_v6, live_v4});
      assert (open_hit_o.hit == live_q && open_hit_o.sp_id == {4'b0, live_opaque, live_v6, live_v4});
      if (validate) assert (is_marked);                    // by then every line is the new rule's
      if (was_running) begin
        if ($past(tbl_i.valid) && $past(bank) == bank)       // nothing touches the other bank
          assert (other_v4 == $past(other_v4) && other_v6 == $past(other_v6) && other_opaque == $past(other_opaque));
        if (!$past(tbl_i.valid)) assert (valid_v4_q == $past(valid_v4_q) && valid_v6_q == $past(valid_v6_q) && opaque_q == $past(opaque_q));
        if (live_q != $past(live_q))                         // the whole table at once, and only if asked to
          assert ($past(tbl_i.valid) && $past(tbl_i.op) == adit_pkg::TBL_SP_LIVE && live_q == $past(bank));
      end
      if (state_q == StAck && err_q == adit_reg_pkg::STATUS_OK && tbl_i.op == adit_pkg::TBL_SP_LIVE) assert (live_q == bank);
      if (state_q == StAck && err_q == adit_reg_pkg::STATUS_OK && is_put)
        assert (valid_v4_q[{bank, rank}] == !rule.flags[0] && valid_v6_q[{bank, rank}] == rule.flags[0] && opaque_q[{bank, rank}] == rule.flags[3]);
      if (state_q == StAck && err_q == adit_reg_pkg::STATUS_OK && tbl_i.op == adit_pkg::TBL_SP_CLEAR)
        assert (!valid_v4_q[{bank, rank}] && !valid_v6_q[{bank, rank}]);
      cover (state_q == StSweep && is_put && step_q == SWEEP_W'(9));   // the sweep after reset is longer than a cover run
    end
