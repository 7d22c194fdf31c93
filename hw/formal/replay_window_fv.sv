// SPDX-License-Identifier: BSD-2-Clause-Patent
// replay_window at the size it is proved: a ring of 64 numbers in words of 8, sequence numbers of 9 bits. What is proved and what
// stands around it is in replay_window_props.svh; its other inputs are bound there.
module replay_window_fv #(
  parameter int unsigned WINDOW_LOG2 = 6,
  parameter int unsigned WORD_LOG2   = 3,
  parameter int unsigned SW          = 9
) (
  input logic                        clk_i,
  input logic                        rst_ni,
  input logic                        look,
  input logic                        commit,
  input logic [15:0]                 window_packets,
  input logic [SW-1:0]               top,
  input logic [SW-1:0]               seq,
  input logic [(1 << WORD_LOG2)-1:0] map_rdata
);
  logic                             judge, ok, done, re, we;
  logic [SW-1:0]                    top_new;
  logic [WINDOW_LOG2-WORD_LOG2-1:0] word;
  logic [(1 << WORD_LOG2)-1:0]      wdata;
  replay_window #(.WINDOW_LOG2(WINDOW_LOG2), .WORD_LOG2(WORD_LOG2), .SW(SW)) u_dut (
    .clk_i, .rst_ni, .look_i(look), .window_packets_i(window_packets), .top_i(top), .seq_i(seq),
    .judge_o(judge), .ok_o(ok), .commit_i(commit), .done_o(done), .top_o(top_new),
    .map_re_o(re), .map_we_o(we), .map_word_o(word), .map_wdata_o(wdata), .map_rdata_i(map_rdata)
  );
endmodule
