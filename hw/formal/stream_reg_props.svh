// SPDX-License-Identifier: BSD-2-Clause-Patent
// Included by stream_reg under FORMAL. Words are numbered as they come in and go out (modulo 16); one is followed.
  (* anyconst *) logic [3:0] mark;
  logic [3:0]   n_in, n_out;
  logic [W-1:0] mark_data;
  logic         inside;
  logic         is_start = 1'b1;

  always_comb if (is_start) assume (!rst_ni);
  always_ff @(posedge clk_i) is_start <= 1'b0;

  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) begin
      n_in   <= '0;
      n_out  <= '0;
      inside <= 1'b0;
    end else begin
      n_in  <= n_in + 4'(in_take);
      n_out <= n_out + 4'(out_valid_o && out_ready_i);
      if (in_take && n_in == mark) inside <= 1'b1;
      else if (out_valid_o && out_ready_i && n_out == mark) inside <= 1'b0;
    end
  always_ff @(posedge clk_i) if (in_take && n_in == mark) mark_data <= in_data_i;

  always_ff @(posedge clk_i)
    if (rst_ni && !is_start) begin
      // what holds of the state
      assert (4'(n_in - n_out) == 4'(out_valid_o) + 4'(skid_valid_q));
      if (skid_valid_q) assert (out_valid_o);
      assert (inside == (4'(mark - n_out) < 4'(n_in - n_out)));
      if (inside && mark == n_out + 4'd1) assert (skid_valid_q && skid_q == mark_data);
      // what is promised
      if (out_valid_o && n_out == mark) assert (inside && out_data_o == mark_data);
      if ($past(rst_ni) && $past(out_valid_o) && !$past(out_ready_i))
        assert (out_valid_o && out_data_o == $past(out_data_o));
      if ($past(rst_ni) && $past(out_ready_i)) assert (in_ready_o);  // full speed
      cover (skid_valid_q && inside && n_out == mark);
    end
