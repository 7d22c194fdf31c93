// SPDX-License-Identifier: BSD-2-Clause-Patent
// Reads bodies from packet memory M2 ahead of their use, one word a cycle, and frees their memory in the order it was given.
module emit_reader #(
  parameter int unsigned MEM_LOG2 = 10
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                todo_valid_i,
  output logic                todo_ready_o,
  input  logic [15:0]         todo_base_i,
  input  logic [15:0]         todo_needed_i,  // words to read, 0: only free
  input  logic [15:0]         todo_words_i,   // words to free
  output logic                free_valid_o,
  output logic [15:0]         free_words_o,
  output logic                rd_valid_o,
  output logic [MEM_LOG2-1:0] rd_addr_o,
  input  logic [511:0]        rd_data_i,
  output logic                word_valid_o,
  input  logic                word_ready_i,
  output logic                word_last_o,
  output logic [511:0]        word_o
);
  localparam int unsigned DEPTH_LOG2 = 3;

  logic [15:0]         word_q;           // of the body at hand
  logic                is_last, may_read, arrives_q, arrives_last_q, unused_ready;
  logic [DEPTH_LOG2:0] usage;

  // The word under way counts as inside.
  assign may_read     = usage + (DEPTH_LOG2+1)'(arrives_q) < (DEPTH_LOG2+1)'(2**DEPTH_LOG2);
  assign is_last      = word_q + 16'd1 >= todo_needed_i;
  assign rd_valid_o   = todo_valid_i && todo_needed_i != '0 && may_read;
  assign rd_addr_o    = todo_base_i[MEM_LOG2-1:0] + word_q[MEM_LOG2-1:0];
  assign todo_ready_o = todo_needed_i == '0 || (may_read && is_last);
  assign free_valid_o = todo_valid_i && todo_ready_o;
  assign free_words_o = todo_words_i;

  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) begin
      word_q         <= '0;
      arrives_q      <= 1'b0;
      arrives_last_q <= 1'b0;
    end else begin
      arrives_q      <= rd_valid_o;
      arrives_last_q <= is_last;
      if (rd_valid_o) word_q <= is_last ? '0 : word_q + 16'd1;
    end

  stream_fifo #(.W(513), .DEPTH_LOG2(DEPTH_LOG2)) u_words (
    .clk_i, .rst_ni,
    .in_valid_i(arrives_q), .in_ready_o(unused_ready), .in_data_i({arrives_last_q, rd_data_i}),
    .out_valid_o(word_valid_o), .out_ready_i(word_ready_i), .out_data_o({word_last_o, word_o}),
    .usage_o(usage)
  );
endmodule
