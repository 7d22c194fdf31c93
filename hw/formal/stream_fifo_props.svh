// SPDX-License-Identifier: BSD-2-Clause-Patent
// Included by stream_fifo under FORMAL. One word is followed: the one written when wr_q equals the anyconst `mark`.
  (* anyconst *) logic [DEPTH_LOG2:0] mark;
  logic [W-1:0]        mark_data;
  logic                inside;      // the marked word is in the FIFO
  logic [DEPTH_LOG2:0] mark_off;
  logic                is_start = 1'b1;

  always_comb if (is_start) assume (!rst_ni);
  always_ff @(posedge clk_i) is_start <= 1'b0;

  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) inside <= 1'b0;
    else if (in_take && wr_q == mark) inside <= 1'b1;
    else if (out_take && rd_q == mark) inside <= 1'b0;
  always_ff @(posedge clk_i) if (in_take && wr_q == mark) mark_data <= in_data_i;

  assign mark_off = mark - rd_q;

  always_ff @(posedge clk_i)
    if (rst_ni && !is_start) begin
      // what holds of the state
      assert (usage_o <= (DEPTH_LOG2+1)'(2**DEPTH_LOG2));
      assert ((DEPTH_LOG2+1)'(seen_q - rd_q) <= usage_o);
      assert (inside == (mark_off < usage_o));
      if (inside) assert (mem[mark[DEPTH_LOG2-1:0]] == mark_data);
      if (out_valid_o) assert (out_data_o == mem[rd_q[DEPTH_LOG2-1:0]]);
      // what is promised: order, nothing lost, nothing invented, stable while stalled
      if (out_valid_o && rd_q == mark) assert (inside && out_data_o == mark_data);
      if (out_valid_o) assert (usage_o != '0);
      assert (in_ready_o == (usage_o != (DEPTH_LOG2+1)'(2**DEPTH_LOG2)));
      if ($past(rst_ni) && $past(out_valid_o) && !$past(out_ready_i))
        assert (out_valid_o && out_data_o == $past(out_data_o));
      if ($past(rst_ni) && $past(usage_o) != '0 && !$past(out_take)) assert (out_valid_o);  // shows a cycle after it is inside
      cover (usage_o == (DEPTH_LOG2+1)'(2**DEPTH_LOG2) && inside);
      cover (out_take && rd_q == mark && in_take);
    end
