// SPDX-License-Identifier: BSD-2-Clause-Patent
// RFC 4303 appendix A2.2, all widths as in the card: whatever the top and the window, a number that lies in the window or less than
// 2**32 - window above the top is told from its low half alone.
module sad_esn_fv (
  input logic [63:0] top,
  input logic [63:0] seq,      // what was sent
  input logic [15:0] window
);
  logic [63:0] got;
  logic        is_before_all;
  sad_esn u_dut (
    .is_esn_i(1'b1), .window_packets_i(window), .top_i(top), .seq_i(seq[31:0]), .seq_o(got), .is_before_all_o(is_before_all)
  );
  logic in_window, is_ahead;
  assign in_window = seq <= top && top - seq < {48'b0, window};
  assign is_ahead  = seq > top && seq - top <= 64'h1_0000_0000 - {48'b0, window};
  always_comb begin
    assume (window >= 16'd32 && window <= 16'd4096);
    if (in_window || is_ahead) assert (got == seq && !is_before_all);
  end
  always_comb begin
    cover (in_window && top[31:0] == 32'd7 && seq[31:0] > 32'hfffff000 && window == 16'd4096);
    cover (is_ahead && top[31:0] == 32'hfffffff0 && seq[31:0] == 32'd5);
    cover (is_before_all);
  end
  // and a number that would lie before 0 is told as such: there is no number with this low half in reach
  always_comb if (is_before_all) assert (!in_window && !is_ahead);
endmodule
