// SPDX-License-Identifier: BSD-2-Clause-Patent
// Included by spd_writer under FORMAL: what the writer does to the tables while look-ups sample them. Ops come in any order, for either
// bank, at any time; an op stands still until its ack. One rank stands for all.
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

  (* anyconst *) logic [RULES_LOG2:0] mark;       // {bank, rank}
  (* anyconst *) logic [7:0]          mark_line;  // one line of the 256
  logic                   mark_bank;
  logic [GROUPS_LOG2-1:0] mark_group;
  logic [GROUP_LOG2-1:0]  mark_lane;
  logic [CHUNK_W-1:0]     mark_chunk;
  logic [INDEX_LOG2:0]    mark_index;             // of its group in its chunk
  assign {mark_bank, mark_group, mark_lane} = mark;
  assign mark_chunk = CHUNK_W'(mark >> CHUNK_LOG2);
  assign mark_index = (INDEX_LOG2 + 1)'(32'(mark_group) % CHUNK_GROUPS);

  logic is_running, is_mine, is_group, is_mine_put;   // the op under way: of that rank, of its group
  assign is_running  = state_q == StStore || state_q == StLoad || state_q == StWalk || state_q == StWalkEnd || state_q == StAttr
                       || state_q == StUsed || state_q == StKind;
  assign is_group    = is_running && bank == mark_bank && group == mark_group;
  assign is_mine     = is_running && {bank, rank} == mark;
  assign is_mine_put = is_mine && is_put;

  // ---- what the tables hold of it, followed from their write ports
  logic [351:0]       has_rule;                   // in the store
  logic [3*GROUP-1:0] has_kinds;                  // of its group
  logic [3:0]         has_bits, soon_bits;        // in the kinds that look-ups read; and with what is being written
  logic               is_fresh;                   // that line was written since the store took the rule
  logic               line_is_mine, kind_is_mine;
  assign line_is_mine = line_we_q && group_q == mark_group && line_addr_q[8] == mark_bank;
  assign kind_is_mine = kind_we_q && group_q == mark_group && kind_addr_q[2] == mark_bank;
  always_comb begin
    soon_bits = has_bits;
    if (kind_is_mine) soon_bits[kind_addr_q[1:0]] = kind_bits_q[mark_lane];
  end
  always_ff @(posedge clk_i) begin
    has_bits <= soon_bits;
    if (state_q == StStore && is_mine_put) has_rule <= tbl_i.data[351:0];
    if (state_q == StStore && is_mine_put)                        is_fresh <= 1'b0;
    else if (line_is_mine && line_addr_q[7:0] == mark_line) is_fresh <= 1'b1;
    if (kinds_we && (state_q == StSweep ? step_q[GROUPS_LOG2:0] : {bank, group}) == mark[RULES_LOG2:GROUP_LOG2])
      has_kinds <= state_q == StSweep ? '0 : kinds_q;
  end

  // ---- RAMs and makers of bits are taken as such: what was read is what was there, and a line is made of the rule last loaded
  logic         fv_read_rule = 1'b0;
  logic [351:0] lane_rule;
  always_ff @(posedge clk_i) begin
    if (rule_re) fv_read_rule <= {bank, group, step_q[GROUP_LOG2-1:0]} == mark;
    if (lane_load_q && lane_q == mark_lane) lane_rule <= stored;
  end
  always_comb begin
    if (lane_load_q && fv_read_rule && is_group) assume (stored == has_rule);
    if (state_q == StLoad && is_group) assume (kinds_ram == has_kinds);
  end

  // What the kinds must hold, of a group's record: here of that rank, with and without the rank of the op.
  logic [3:0] want_bits, want_without;
  logic [3*GROUP-1:0] without;
  assign without = has_kinds & ~{{2*GROUP{1'b0}}, one};
  for (genvar k = 0; k < 4; k++) begin : g_want
    assign want_bits[k]    = has_kinds[mark_lane] && has_kinds[32'(mark_lane) + GROUP] == 1'(k / 2)
                             && (k % 2 == 1 || !has_kinds[32'(mark_lane) + 2 * GROUP]);
    assign want_without[k] = want_bits[k] && !(is_group && one[mark_lane]);
  end

  // What look-ups have seen of that rank in the last cycles. They read the rule's attributes five cycles after they sampled.
  localparam int unsigned AGES = 5;
  logic [AGES-1:0] past_q;
  logic [AGES:0]   saw;
  assign saw = {past_q, live_q == mark_bank && used_q[mark_chunk] && has_bits != '0};
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) past_q <= '0;
    else         past_q <= saw[AGES-1:0];

  always_ff @(posedge clk_i)
    if (rst_ni && !is_start) begin
      // what holds of the state
      assert (state_q <= StAck);
      if (is_running) assert (tbl_i.valid && is_rank_ok && (is_put || tbl_i.op == adit_pkg::TBL_SP_CLEAR));
      if (state_q == StWalk || state_q == StWalkEnd || state_q == StAttr || state_q == StKind) assert (is_put);
      if (state_q == StCountIn || state_q == StCountOut || state_q == StBindRead || state_q == StBind || state_q == StAck) assert (tbl_i.valid);
      if (state_q == StCountIn || state_q == StCountOut) assert (tbl_i.op == adit_pkg::TBL_SP_GET || tbl_i.op == adit_pkg::TBL_SP_ZERO);
      if (state_q == StBindRead) assert (tbl_i.op == adit_pkg::TBL_SP_GET);
      if (state_q == StBind) assert (tbl_i.op == adit_pkg::TBL_SP_BIND || tbl_i.op == adit_pkg::TBL_SP_ZERO);
      if (state_q == StStore) assert (step_q == '0 && !kind_we_q);
      if (state_q == StLoad) assert (step_q <= STEP_W'(LOAD_LAST));
      if (state_q == StKind) assert (step_q < STEP_W'(4));
      if (state_q == StWalk) assert (step_q <= STEP_W'(255));
      assert (line_we_q == (state_q == StWalkEnd || (state_q == StWalk && step_q != '0)));
      if (line_we_q) assert (group_q == group && line_addr_q == {bank, state_q == StWalkEnd ? 8'hff : step_q[7:0] - 8'd1});
      if (kind_we_q) assert (state_q == StSweep || state_q == StIdle || state_q == StLoad || state_q == StWalk || state_q == StUsed
                             || state_q == StKind || state_q == StAck);
      if (state_q == StLoad) begin
        assert (kind_we_q == (step_q != '0 && step_q <= STEP_W'(4)));
        assert (lane_load_q == (is_put && step_q != '0 && step_q <= STEP_W'(GROUP)));
        if (lane_load_q) assert (lane_q == GROUP_LOG2'(step_q - 1'b1) && fv_read_rule == ({bank, group, lane_q} == mark));
        if (is_group && is_put && step_q > STEP_W'(32'(mark_lane) + 1)) assert (lane_rule == has_rule);
        if (step_q != '0 && is_group) assert (kinds_q == without);
      end else if (is_running)
        assert (!lane_load_q);
      if (kind_we_q && is_running && state_q != StStore) assert (group_q == group && kind_addr_q[2] == bank);
      if (is_group && (state_q == StWalk || state_q == StWalkEnd || state_q == StAttr)) assert (lane_rule == has_rule);
      if (is_group && (state_q == StWalk || state_q == StWalkEnd || state_q == StAttr)) assert (kinds_q == without);
      if (is_group && state_q == StKind) assert (kinds_q == has_kinds && one[rank[GROUP_LOG2-1:0]] && has_kinds[rank[GROUP_LOG2-1:0]]);
      if (is_group && state_q == StUsed) assert (valid == (is_put ? without[GROUP-1:0] | one : without[GROUP-1:0]));
      if (is_group && !is_mine && state_q == StUsed)
        assert (kinds_q[mark_lane] == has_kinds[mark_lane] && kinds_q[32'(mark_lane) + GROUP] == has_kinds[32'(mark_lane) + GROUP]
                && kinds_q[32'(mark_lane) + 2*GROUP] == has_kinds[32'(mark_lane) + 2*GROUP]);
      if (is_mine_put && state_q == StUsed)
        assert (kinds_q[mark_lane] && kinds_q[32'(mark_lane) + GROUP] == rule.flags[0] && kinds_q[32'(mark_lane) + 2*GROUP] == rule.flags[3]);
      if (is_mine_put && state_q == StKind)
        assert (has_kinds[mark_lane] && has_kinds[32'(mark_lane) + GROUP] == rule.flags[0] && has_kinds[32'(mark_lane) + 2*GROUP] == rule.flags[3]);

      // the kinds hold what the records say; of the rank in hand, nothing while it is in hand
      if (state_q == StSweep) begin
        assert (used_q == '0 && past_q == '0 && !live_q && !line_we_q);
        for (int k = 0; k < 4; k++)
          if ((32'({mark_bank, 2'(k)}) << GROUPS_LOG2) + 32'(mark_group) < 32'(step_q)) assert (!soon_bits[k]);
        if (32'({mark_bank, mark_group}) < 32'(step_q)) assert (has_kinds == '0);
        if (32'(mark_chunk) < 32'(step_q)) assert (chunk_groups[mark_chunk] == '0);
        assert (step_q < STEP_W'(2 ** SWEEP_LOG2));
        if (kind_we_q && step_q != '0) assert (!kind_bits_q[mark_lane]);
      end else begin
        for (int k = 0; k < 4; k++)
          if (state_q == StLoad)      assert (soon_bits[k] == (32'(step_q) > k ? want_without[k] : want_bits[k]));
          else if (state_q == StKind) assert (soon_bits[k] == (32'(step_q) > k ? want_bits[k] : want_without[k]));
          else if (state_q == StWalk || state_q == StWalkEnd || state_q == StAttr || state_q == StUsed) assert (soon_bits[k] == want_without[k]);
          else                        assert (soon_bits[k] == want_bits[k]);
        assert (used_q[mark_chunk] == (chunk_groups[mark_chunk] != '0));
        assert (chunk_groups[mark_chunk][mark_index] == (has_kinds[GROUP-1:0] != '0));
        // a rank that is there has all its lines, but for one whose op has begun
        if (has_kinds[mark_lane] && !(is_mine_put && state_q != StStore && state_q != StKind)) assert (is_fresh);
      end
      if (is_mine_put && state_q == StLoad) assert (!is_fresh);
      if (is_mine_put && state_q == StWalk) begin
        assert (is_fresh == ({1'b0, mark_line} + 9'd1 < 9'(step_q)));
        for (int k = 0; k <= AGES; k++)
          if (STEP_W'(k) < step_q) assert (!saw[k]);
      end
      if (is_mine_put && state_q == StWalkEnd) assert (is_fresh == (mark_line != 8'hff) && saw == '0);
      if (is_mine_put && state_q == StAttr) assert (is_fresh && saw == '0);
      if (is_mine_put && state_q == StUsed) assert (is_fresh);

      // what is promised: a line of that rank is written as the rule in the store wants it, and if that rule is new, no look-up sees the rank
      if (line_is_mine) assert (lane_rule == has_rule);
      if (line_is_mine && is_mine) assert (has_bits == '0);
      // the rank is let in once all 256 lines are its rule's
      if (kind_is_mine && state_q != StSweep && kind_bits_q[mark_lane]) assert (is_fresh);
      // a rank that is there, and stays, is never in a chunk that is not asked
      if (has_bits != '0 && state_q != StSweep) assert (used_q[mark_chunk] || (kind_is_mine && soon_bits == '0));
      // attributes change only where the op says, under a rank that no look-up on its way has seen
      if (attr_we_o) assert (is_put && attr_addr_o == {bank, rank});
      if (attr_we_o && attr_addr_o == mark) assert (saw == '0);
      // nothing touches a rank that is not the op's
      if (was_running && state_q != StSweep && !$past(state_q == StSweep) && !is_mine && !$past(is_mine) && !kind_we_q && !$past(kind_we_q))
        assert (has_bits == $past(has_bits));
      if (kind_is_mine && is_running && !is_mine && state_q != StSweep) assert (soon_bits == has_bits);
      if (was_running && live_q != $past(live_q))   // the whole table at once, and only if asked to
        assert ($past(tbl_i.valid) && $past(tbl_i.op) == adit_pkg::TBL_SP_LIVE && live_q == $past(bank));
      if (state_q == StAck && err_q == adit_reg_pkg::STATUS_OK && tbl_i.op == adit_pkg::TBL_SP_LIVE) assert (live_q == bank);
      if (state_q == StAck && err_q == adit_reg_pkg::STATUS_OK && {bank, rank} == mark && is_put)
        assert (has_kinds[mark_lane] && has_kinds[32'(mark_lane) + GROUP] == rule.flags[0] && has_kinds[32'(mark_lane) + 2*GROUP] == rule.flags[3]
                && is_fresh);
      if (state_q == StAck && err_q == adit_reg_pkg::STATUS_OK && {bank, rank} == mark && tbl_i.op == adit_pkg::TBL_SP_CLEAR)
        assert (!has_kinds[mark_lane] && soon_bits == '0);
      cover (state_q == StSweep && tbl_i.valid && is_put && step_q == STEP_W'(9));   // the sweep after reset is longer than a cover run
    end
