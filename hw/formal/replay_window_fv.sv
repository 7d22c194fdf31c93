// SPDX-License-Identifier: BSD-2-Clause-Patent
// One SA's window over all time: any numbers in any order, one anyconst number s followed from install on.
module replay_window_fv #(
  parameter int unsigned W  = 64,
  parameter int unsigned SW = 64
) (
  input logic          clk_i,
  input logic          install,   // the SA is set up: highest number seen so far is first
  input logic          valid,     // an authenticated packet with number seq
  input logic [SW-1:0] seq
);
  (* anyconst *) logic [15:0]   window;
  (* anyconst *) logic [SW-1:0] first;
  (* anyconst *) logic [SW-1:0] s;

  logic [SW-1:0] top_q, top;
  logic [W-1:0]  map_q, map;
  logic          ok;
  logic          seen_q;           // s was accepted
  logic          is_start = 1'b1;

  replay_window #(.W(W), .SW(SW)) u_dut (
    .window_packets(window), .top_i(top_q), .map_i(map_q), .seq_i(seq), .ok_o(ok), .top_o(top), .map_o(map)
  );

  always_comb begin
    assume (window == 16'd0 || (window >= 16'd32 && window <= 16'(W)));
    if (is_start) assume (install);
  end

  always_ff @(posedge clk_i) begin
    is_start <= 1'b0;
    if (install) begin
      top_q  <= first;
      map_q  <= W'(first != '0);
      seen_q <= first != '0 && s == first;
    end else if (valid && ok) begin
      top_q  <= top;
      map_q  <= map;
      seen_q <= seen_q || seq == s;
    end
  end

  logic [SW-1:0] s_back, seq_back;
  assign s_back   = top_q - s;
  assign seq_back = top_q - seq;

  always_comb
    if (!is_start) begin
      // what holds of the state
      if (seen_q) assert (s <= top_q && s != '0);
      if (s != '0 && s <= top_q && s_back < SW'(W)) assert (map_q[s_back[$clog2(W)-1:0]] == seen_q);
      // what is promised
      if (seq == '0) assert (!ok);
      if (window != '0 && seq == s && seen_q) assert (!ok);                              // never twice
      if (window != '0 && seq <= top_q && seq_back >= SW'(window)) assert (!ok);         // below the window
      if (seq > top_q) assert (ok);                                                      // newer
      if (seq == s && s != '0 && !seen_q && s <= top_q && s_back < SW'(window)) assert (ok);  // unseen inside the window
      if (window == '0 && seq != '0) assert (ok);                                        // off
      assert (top >= top_q);
      assert (top == ((ok && seq > top_q) ? seq : top_q));
      if (!ok) assert (map == map_q);
      cover (window == 16'd32 && seen_q && valid && seq == s && top_q == s + SW'(40) && map_q[5]);
      cover (window == 16'd64 && valid && ok && seq == s && top_q == s + SW'(63));
    end
endmodule
