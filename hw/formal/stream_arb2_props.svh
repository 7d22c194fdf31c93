// SPDX-License-Identifier: BSD-2-Clause-Patent
// Included by stream_arb2 under FORMAL. Assumes what every source promises: an offered beat stays until it is taken.
  logic inside;      // the first beat of the packet has been taken, its last has not
  logic owner;       // of that packet, or of the one before
  logic is_start = 1'b1;

  always_comb if (is_start) assume (!rst_ni);
  always_ff @(posedge clk_i) is_start <= 1'b0;

  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) begin
      inside <= 1'b0;
      owner  <= 1'b1;
    end else if (out_valid_o && out_ready_i) begin
      inside <= !out_last_o;
      owner  <= out_sel_o;
    end

  always_ff @(posedge clk_i)
    if (rst_ni && !is_start && $past(rst_ni)) begin
      if ($past(a_valid_i) && !$past(a_ready_o)) assume (a_valid_i && $stable(a_data_i) && $stable(a_last_i));
      if ($past(b_valid_i) && !$past(b_ready_o)) assume (b_valid_i && $stable(b_data_i) && $stable(b_last_i));
    end

  always_ff @(posedge clk_i)
    if (rst_ni && !is_start) begin
      // what holds of the state
      if (inside) assert (locked_q && sel_q == owner);
      if (!locked_q) assert (!inside && sel_q == owner);
      if (locked_q && !inside) assert (sel_q ? b_valid_i : a_valid_i);  // offered, not taken
      // what is promised
      assert (!(a_ready_o && b_ready_o));
      assert ((a_valid_i && a_ready_o) == (out_valid_o && out_ready_i && !out_sel_o));
      assert ((b_valid_i && b_ready_o) == (out_valid_o && out_ready_i && out_sel_o));
      if (out_valid_o) assert (out_data_o == (out_sel_o ? b_data_i : a_data_i) && out_last_o == (out_sel_o ? b_last_i : a_last_i));
      if (inside) assert (out_sel_o == owner);                        // packets do not mix
      if (!inside) assert (out_valid_o == (a_valid_i || b_valid_i));  // never idle while one waits
      if (!locked_q && a_valid_i && b_valid_i) assert (out_sel_o != owner);  // turns
      if ($past(rst_ni) && $past(out_valid_o) && !$past(out_ready_i)) // grant and beat stand still
        assert (out_valid_o && $stable(out_sel_o) && $stable(out_data_o) && $stable(out_last_o));
      cover (inside && owner && a_valid_i && out_ready_i && out_valid_o && out_last_o);
    end
