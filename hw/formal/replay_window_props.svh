// SPDX-License-Identifier: BSD-2-Clause-Patent
// One SA's window and its map over all time: any numbers in any order, one anyconst number s followed from install on. The map and
// the top stand here as they stand in sad_commit. A number may be given up after the look: a limit has passed.
localparam int unsigned F_RING = 1 << WINDOW_LOG2;
(* anyconst *) logic [15:0]   f_window;
(* anyconst *) logic [SW-1:0] f_first;
(* anyconst *) logic [SW-1:0] f_s;
(* anyseq *)   logic [SW-1:0] f_any_seq;
(* anyseq *)   logic          f_install, f_valid;
(* anyconst *) logic [F_RING-1:0] f_any_map;

logic [SW-1:0]         f_top, f_seq, f_s_back, f_seq_back;
logic [F_RING-1:0]     f_map;
logic [W-1:0]          f_rdata, f_word_of_seq;
logic                  f_look, f_busy, f_take;
logic                  f_seen;           // s was accepted, or is not above first
logic                  f_s_cleared;      // the word of s was written on this walk
logic                  f_is_start = 1'b1;
logic [WORDS_LOG2-1:0] f_s_word, f_s_step;
assign f_take     = f_valid && !f_busy && !f_install;
assign f_s_back   = f_top - f_s;
assign f_seq_back = f_top - f_seq;
assign f_s_word   = f_s[WINDOW_LOG2-1:WORD_LOG2];
assign f_s_step   = f_s_word - from - 1'b1;
assign f_word_of_seq = f_map[{seq_word, {WORD_LOG2{1'b0}}} +: W];

always_comb begin
  assume (f_window <= 16'(F_RING));
  assume (rst_ni == !f_is_start);
  if (f_is_start) assume (f_install);
  if (f_busy && !f_is_start) assume (!f_install);
  assume (window_packets_i == f_window && top_i == f_top && seq_i == f_seq && map_rdata_i == f_rdata);
  assume (look_i == (f_look && !f_is_start));
end

always_ff @(posedge clk_i) begin
  f_is_start <= 1'b0;
  f_look     <= f_take;
  if (f_install) begin
    f_top       <= f_first;
    f_map       <= f_first != '0 ? '1 : f_any_map;   // from number 1 on: a map with anything in it
    f_seen      <= f_s != '0 && f_s <= f_first;
    f_busy      <= 1'b0;
    f_s_cleared <= 1'b0;
  end else begin
    if (f_take) begin
      f_seq   <= f_any_seq;
      f_busy  <= 1'b1;
      f_rdata <= f_map[{f_any_seq[WINDOW_LOG2-1:WORD_LOG2], {WORD_LOG2{1'b0}}} +: W];
    end
    if (map_re_o) f_rdata <= f_map[{map_word_o, {WORD_LOG2{1'b0}}} +: W];
    if (map_we_o) f_map[{map_word_o, {WORD_LOG2{1'b0}}} +: W] <= map_wdata_o;
    if (map_we_o && map_word_o == f_s_word) f_s_cleared <= 1'b1;
    if (done_o) begin
      f_top  <= top_o;
      f_seen <= f_seen || f_seq == f_s;
    end
    if (done_o || judge_o && !(ok_o && commit_i)) begin
      f_busy      <= 1'b0;
      f_s_cleared <= 1'b0;
    end
  end
end

logic f_is_walk;
assign f_is_walk = state_q == StFirst || state_q == StClear || state_q == StLast;
always_comb
  if (!f_is_start) begin
    // ---- what is promised
    if (judge_o) begin
      if (f_seq == '0) assert (!ok_o);
      if (f_window != '0 && f_seq == f_s && f_seen) assert (!ok_o);                               // never twice
      if (f_window != '0 && f_seq <= f_top && f_seq_back >= SW'(f_window)) assert (!ok_o);        // below the window
      if (f_seq > f_top) assert (ok_o);                                                           // newer
      if (f_seq == f_s && f_s != '0 && !f_seen && f_s <= f_top && 16'(f_s_back) < f_window) assert (ok_o);  // unseen inside
      if (f_window == '0 && f_seq != '0) assert (ok_o);                                           // off
    end
    if (done_o) assert (f_busy && top_o == (f_seq > f_top ? f_seq : f_top));
    // between numbers the bit of s says whether it was seen, as far as the ring reaches: a window of any size is exact
    if (f_seen) assert (f_s <= f_top && f_s != '0);
    if (!f_s_cleared && f_s != '0 && f_s <= f_top && f_s_back < SW'(F_RING)) assert (f_map[f_s[WINDOW_LOG2-1:0]] == f_seen);

    // ---- what keeps itself alive while a number is on its way
    assert (f_busy == (f_look || state_q != StIdle));
    assert (!f_look || state_q == StIdle);
    assert (state_q <= StLast);
    if (!f_busy || f_look || state_q == StJudge) assert (!f_s_cleared);
    if (f_look) assert (f_rdata == f_word_of_seq);
    if (state_q != StIdle) begin
      assert (is_newer_q == (f_seq > f_top));
      assert (fits_q == (f_seq <= f_top && f_seq_back < SW'(F_RING)));
      assert (is_same_q == (jump == '0) && is_near_q == (jump < RING) && is_round_q == (jump == RING));
      assert (zeros_q == (!is_newer_q || is_same_q ? '0 : (is_near_q ? jump[WORDS_LOG2-1:0] : '0) - 1'b1));
      assert (word_q == f_word_of_seq);
      assert (ok_q == ok || f_is_walk);
      assert (ok_q || !f_is_walk);
    end
    if (state_q == StJudge) assert (f_rdata == f_word_of_seq);
    if (f_is_walk) assert (is_newer_q);
    if (state_q == StFirst) assert (needs_first && f_rdata == f_map[{top_word, {WORD_LOG2{1'b0}}} +: W]);
    if (state_q == StFirst) assert (step_q == '0 && !f_s_cleared);
    if (state_q == StClear) assert (step_q < zeros_q);
    if (state_q == StLast)  assert (step_q == zeros_q);
    if (f_is_walk && f_s_word == seq_word) assert (!f_s_cleared);
    // numbers that the top leaves behind keep their bit, those it passes lose it once their word was written
    if (f_is_walk && f_s != '0 && f_s <= f_top && f_seq - f_s < SW'(F_RING)) assert (f_map[f_s[WINDOW_LOG2-1:0]] == f_seen);
    if (f_s_cleared && f_s > f_top && f_s < f_seq && f_seq - f_s < SW'(F_RING)) assert (!f_map[f_s[WINDOW_LOG2-1:0]]);
    if ((state_q == StClear || state_q == StLast) && f_s_step < step_q) assert (f_s_cleared);
    if ((state_q == StClear || state_q == StLast) && needs_first && f_s_word == top_word) assert (f_s_cleared);

    cover (judge_o && ok_o && commit_i && f_window == 16'd32 && f_seq == f_s && f_s > f_first && f_s_back == SW'(9));
    cover (judge_o && !ok_o && f_window == 16'(F_RING) && f_seq == f_s && f_s > f_first && f_seen && f_s_back == SW'(3));
    cover (done_o && f_seq > f_top && f_seq - f_top > SW'(F_RING));
    cover (done_o && state_q == StLast && needs_first && zeros_q == '0);
  end
