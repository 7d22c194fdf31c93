// SPDX-License-Identifier: BSD-2-Clause-Patent
// Carries bodies over unchanged (bypass, NULL cipher), a word a cycle when it has the ports to itself, packets in order.
// A body of no bytes touches no memory and is answered in its turn.
//
//   job ─► ask: one request a word, while the FIFOs have room ─► words + their facts ─► out
module copy_lane (
  input  logic                  clk_i,
  input  logic                  rst_ni,
  input  logic                  job_valid_i,
  output logic                  job_ready_o,
  input  adit_pkg::cipher_job_t job_i,        // of it: ticket, base, n_bytes
  // words in
  output logic                  ask_valid_o,
  input  logic                  ask_ready_i,
  output logic [15:0]           ask_addr_o,
  input  logic                  fill_valid_i,
  input  logic [511:0]          fill_data_i,
  // words out
  output logic                  wr_valid_o,
  input  logic                  wr_ready_i,
  output logic [49:0]           wr_place_o,   // {empty, last of its packet, last byte, ticket, index, address}
  output logic [511:0]          wr_data_o,
  output logic                  busy_o
);
  localparam int unsigned DEPTH_LOG2 = 3;      // covers the way from asking a word to its leaving

  // ---- ask: facts of every word wait in order beside the words themselves
  logic [15:0] ask_index_q;
  logic        ask_is_last, ask_is_empty, ask_take;
  logic        facts_room, facts_take;
  logic        facts_valid, facts_ready;
  logic [9:0]  ticket;
  logic [15:0] index, addr;
  logic        is_last, is_empty;
  logic [5:0]  ask_last_byte, last_byte;       // of the body's last word
  assign ask_last_byte = job_i.n_bytes[5:0] - 6'd1;
  assign ask_is_empty  = (job_i.n_bytes == '0);
  assign ask_is_last   = ask_is_empty || (ask_index_q == (job_i.n_bytes - 16'd1) >> 6);
  assign ask_addr_o    = job_i.base + ask_index_q;
  assign ask_valid_o   = job_valid_i && !ask_is_empty && facts_room;
  assign ask_take      = ask_valid_o && ask_ready_i;
  assign facts_take    = ask_take || (job_valid_i && ask_is_empty);
  assign job_ready_o   = ask_is_last && facts_room && (ask_is_empty || ask_ready_i);
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni)       ask_index_q <= '0;
    else if (ask_take) ask_index_q <= ask_is_last ? '0 : ask_index_q + 1'b1;

  logic [DEPTH_LOG2:0] facts_usage, words_usage;
  stream_fifo #(.W(50), .DEPTH_LOG2(DEPTH_LOG2)) u_facts (
    .clk_i, .rst_ni, .in_valid_i(facts_take), .in_ready_o(facts_room),
    .in_data_i({job_i.ticket, ask_index_q, ask_addr_o, ask_is_last, ask_is_empty, ask_last_byte}),
    .out_valid_o(facts_valid), .out_ready_i(facts_ready),
    .out_data_o({ticket, index, addr, is_last, is_empty, last_byte}), .usage_o(facts_usage));

  // ---- words: as many as facts at most, so there is always room
  logic         words_room, words_valid, words_ready;
  logic [511:0] word;
  stream_fifo #(.W(512), .DEPTH_LOG2(DEPTH_LOG2)) u_words (
    .clk_i, .rst_ni, .in_valid_i(fill_valid_i), .in_ready_o(words_room), .in_data_i(fill_data_i),
    .out_valid_o(words_valid), .out_ready_i(words_ready), .out_data_o(word), .usage_o(words_usage));

  // ---- write
  logic wr_room;
  assign wr_room     = !wr_valid_o || wr_ready_i;
  assign facts_ready = wr_room && (is_empty || words_valid);
  assign words_ready = wr_room && facts_valid && !is_empty;
  assign busy_o      = job_valid_i || facts_usage != '0 || wr_valid_o;
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni)      wr_valid_o <= 1'b0;
    else if (wr_room) wr_valid_o <= facts_valid && facts_ready;
  always_ff @(posedge clk_i)
    if (facts_valid && facts_ready) begin
      wr_place_o <= {is_empty, is_last, last_byte, ticket, index, addr};
      for (int i = 0; i < 64; i++)
        wr_data_o[8*i +: 8] <= (!is_empty && (!is_last || i <= 32'(last_byte))) ? word[8*i +: 8] : 8'd0;
    end
endmodule
