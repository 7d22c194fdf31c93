// SPDX-License-Identifier: BSD-2-Clause-Patent
// Two askers share open's look-up port of spd: the entry (a) and the check (b). Answers come back in the order of the questions;
// an asker must have room for every answer it is owed.
module open_ask (
  input  logic              clk_i,
  input  logic              rst_ni,
  input  logic              a_key_valid_i,
  output logic              a_key_ready_o,
  input  adit_pkg::sp_key_t a_key_i,
  output logic              a_hit_valid_o,
  input  logic              a_hit_ready_i,
  input  logic              b_key_valid_i,
  output logic              b_key_ready_o,
  input  adit_pkg::sp_key_t b_key_i,
  output logic              b_hit_valid_o,
  input  logic              b_hit_ready_i,
  output logic              key_valid_o,
  input  logic              key_ready_i,
  output adit_pkg::sp_key_t key_o,
  input  logic              hit_valid_i,
  output logic              hit_ready_o
);
  logic       asks, is_b, order_ready, order_valid, answers_b, unused_last;
  logic [5:0] unused_usage;

  stream_arb2 #(.W($bits(key_o))) u_arb (
    .clk_i, .rst_ni,
    .a_valid_i(a_key_valid_i), .a_ready_o(a_key_ready_o), .a_last_i(1'b1), .a_data_i(a_key_i),
    .b_valid_i(b_key_valid_i), .b_ready_o(b_key_ready_o), .b_last_i(1'b1), .b_data_i(b_key_i),
    .out_valid_o(asks), .out_ready_i(key_ready_i && order_ready), .out_last_o(unused_last), .out_data_o(key_o), .out_sel_o(is_b)
  );
  assign key_valid_o = asks && order_ready;

  stream_fifo #(.W(1), .DEPTH_LOG2(5)) u_order (
    .clk_i, .rst_ni,
    .in_valid_i(key_valid_o && key_ready_i), .in_ready_o(order_ready), .in_data_i(is_b),
    .out_valid_o(order_valid), .out_ready_i(hit_valid_i && hit_ready_o), .out_data_o(answers_b), .usage_o(unused_usage)
  );
  assign a_hit_valid_o = hit_valid_i && order_valid && !answers_b;
  assign b_hit_valid_o = hit_valid_i && order_valid && answers_b;
  assign hit_ready_o   = order_valid && (answers_b ? b_hit_ready_i : a_hit_ready_i);
endmodule
