// SPDX-License-Identifier: BSD-2-Clause-Patent
// Two askers share one port of a table: spd (entry and check), sad's look-up (both layers of a bundle), sad's commit (likewise).
// Answers come back in the order of the questions; an asker must have room for every answer it is owed.
module open_ask #(
  parameter int unsigned W = 8
) (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         a_valid_i,
  output logic         a_ready_o,
  input  logic [W-1:0] a_i,
  output logic         a_answer_valid_o,
  input  logic         a_answer_ready_i,
  input  logic         b_valid_i,
  output logic         b_ready_o,
  input  logic [W-1:0] b_i,
  output logic         b_answer_valid_o,
  input  logic         b_answer_ready_i,
  output logic         ask_valid_o,
  input  logic         ask_ready_i,
  output logic [W-1:0] ask_o,
  input  logic         answer_valid_i,   // the payload is not here: wire it to both
  output logic         answer_ready_o
);
  logic       asks, is_b, order_ready, order_valid, answers_b, unused_last;
  logic [5:0] unused_usage;

  stream_arb2 #(.W(W)) u_arb (
    .clk_i, .rst_ni,
    .a_valid_i, .a_ready_o, .a_last_i(1'b1), .a_data_i(a_i),
    .b_valid_i, .b_ready_o, .b_last_i(1'b1), .b_data_i(b_i),
    .out_valid_o(asks), .out_ready_i(ask_ready_i && order_ready), .out_last_o(unused_last), .out_data_o(ask_o), .out_sel_o(is_b)
  );
  assign ask_valid_o = asks && order_ready;

  stream_fifo #(.W(1), .DEPTH_LOG2(5)) u_order (
    .clk_i, .rst_ni,
    .in_valid_i(ask_valid_o && ask_ready_i), .in_ready_o(order_ready), .in_data_i(is_b),
    .out_valid_o(order_valid), .out_ready_i(answer_valid_i && answer_ready_o), .out_data_o(answers_b), .usage_o(unused_usage)
  );
  assign a_answer_valid_o = answer_valid_i && order_valid && !answers_b;
  assign b_answer_valid_o = answer_valid_i && order_valid && answers_b;
  assign answer_ready_o   = order_valid && (answers_b ? b_answer_ready_i : a_answer_ready_i);
endmodule
