// SPDX-License-Identifier: BSD-2-Clause-Patent
// The command processor: one command after the other asks the tables, writes its answer, posts its completion. Descriptors are
// prefetched, and the next command's record is read and judged meanwhile (host_ahead).
// A record stands in the registers here while its command runs, and is wiped before the completion.
module host_cmd #(
  parameter int unsigned SA_LOG2 = 10,
  parameter int unsigned SP_LOG2 = 6,
  parameter int unsigned WINDOW_LOG2 = 12   // largest replay window, packets
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                clear_i,       // card reset: forget everything
  input  logic                sweep_i,       // card reset: zero the tables, held until swept_o
  output logic                swept_o,
  input  logic                ready_i,       // commands wait while 0
  input  logic [511:0]        caps_i,

  input  logic                run_i,
  input  logic [63:0]         base_i,
  input  logic [15:0]         mask_i,
  input  logic [15:0]         bell_i,
  output logic                advance_o,
  output logic                fault_valid_o,
  output logic [7:0]          fault_o,
  output logic                idle_o,        // nothing of a stopped ring is left
  output logic                busy_o,

  output logic                desc_req_valid_o,
  input  logic                desc_req_ready_i,
  output logic [63:0]         desc_req_addr_o,
  output logic [7:0]          desc_req_words_o,
  input  logic                desc_r_valid_i,
  output logic                record_req_valid_o,
  input  logic                record_req_ready_i,
  output logic [63:0]         record_req_addr_o,
  output logic [7:0]          record_req_words_o,
  input  logic                record_r_valid_i,
  input  logic                r_err_i,
  input  logic [511:0]        r_data_i,
  output logic                answer_req_valid_o,
  input  logic                answer_req_ready_i,
  output logic [63:0]         answer_req_addr_o,
  output logic [511:0]        answer_data_o,
  input  logic                answer_b_valid_i,
  input  logic                b_err_i,

  output logic                stats_read_o,
  output logic [2:0]          stats_group_o,
  input  logic                stats_done_i,
  input  logic [511:0]        stats_i,

  output logic                cpl_valid_o,
  input  logic                cpl_ready_i,
  output logic [7:0]          cpl_status_o,
  output logic [7:0]          cpl_field_o,
  output logic [31:0]         cpl_tag_o,
  output logic [15:0]         cpl_index_o,

  output adit_pkg::tbl_req_t  tbl_o,
  input  adit_pkg::tbl_rsp_t  tbl_i
);
  // ---- descriptors
  logic         desc_valid, desc_ready, desc_error, desc_idle, desc_empty;
  logic [15:0]  desc_index;
  logic [511:0] desc_bits;
  host_fetch #(.DESC_LOG2(6)) u_fetch (
    .clk_i, .rst_ni, .run_i, .base_i, .mask_i, .bell_i,
    .req_valid_o(desc_req_valid_o), .req_ready_i(desc_req_ready_i), .req_addr_o(desc_req_addr_o),
    .req_words_o(desc_req_words_o), .r_valid_i(desc_r_valid_i), .r_err_i, .r_data_i,
    .desc_valid_o(desc_valid), .desc_ready_i(desc_ready), .desc_o(desc_bits), .desc_index_o(desc_index),
    .empty_o(desc_empty), .error_o(desc_error), .idle_o(desc_idle)
  );

  // ---- the next command: fetched and judged while this one runs
  logic          next_valid, next_ready, ahead_idle;
  logic [511:0]  next_cmd;
  logic [3071:0] next_record;
  logic [3:0]    next_write_words;
  logic [7:0]    next_status, next_field;
  host_ahead #(.SA_LOG2(SA_LOG2), .SP_LOG2(SP_LOG2), .WINDOW_LOG2(WINDOW_LOG2)) u_ahead (
    .clk_i, .rst_ni, .clear_i, .ready_i, .run_i, .desc_valid_i(desc_valid), .desc_ready_o(desc_ready), .desc_i(desc_bits),
    .req_valid_o(record_req_valid_o), .req_ready_i(record_req_ready_i), .req_addr_o(record_req_addr_o),
    .req_words_o(record_req_words_o), .r_valid_i(record_r_valid_i), .r_err_i, .r_data_i,
    .cmd_valid_o(next_valid), .cmd_ready_i(next_ready), .cmd_o(next_cmd), .record_o(next_record),
    .write_words_o(next_write_words), .status_o(next_status), .field_o(next_field), .idle_o(ahead_idle)
  );

  // ---- the command in hand
  adit_reg_pkg::cmd_desc_t cmd_q;
  logic [3071:0]           record_q;      // six words of 64 bytes, word 0 lowest
  logic [3:0]              write_words_q;
  logic [2:0]              count_q;       // words written

  logic          tbl_start, tbl_done, tbl_idle;
  logic [7:0]    tbl_status, tbl_field;
  logic [1023:0] tbl_answer;
  host_tbl #(.SA_LOG2(SA_LOG2), .SP_LOG2(SP_LOG2)) u_tbl (
    .clk_i, .rst_ni, .start_i(tbl_start), .is_sweep_i(sweep_i), .clear_i, .op_i(cmd_q.op), .flags_i(cmd_q.flags),
    .index_i(cmd_q.index), .value_i(cmd_q.value[15:0]), .record_i(record_q), .done_o(tbl_done), .status_o(tbl_status),
    .field_o(tbl_field), .answer_o(tbl_answer), .idle_o(tbl_idle), .tbl_o, .tbl_i
  );

  typedef enum logic [3:0] {StIdle, StSweep, StStart, StTable, StStats, StAnswer, StAnswered, StPost, StPanic} state_e;
  state_e     state_q, state_d;
  logic [7:0] status_q, status_d, field_q, field_d;
  logic       is_tbl;
  assign is_tbl = cmd_q.op != adit_reg_pkg::OP_NOP && cmd_q.op != adit_reg_pkg::OP_STATS && cmd_q.op != adit_reg_pkg::OP_CAPS;

  logic last_word;
  assign last_word = {1'b0, count_q} + 4'd1 == write_words_q;

  always_comb begin
    state_d       = state_q;
    status_d      = status_q;
    field_d       = field_q;
    next_ready    = 1'b0;
    tbl_start     = 1'b0;
    swept_o       = 1'b0;
    fault_valid_o = desc_error;
    fault_o       = adit_reg_pkg::FAULT_DMA_READ;
    case (state_q)
      StIdle: if (sweep_i && tbl_idle) begin
        tbl_start = 1'b1;
        state_d   = StSweep;
      end else if (next_valid) begin
        next_ready = 1'b1;
        status_d   = next_status;
        field_d    = next_field;
        state_d    = next_status == adit_reg_pkg::STATUS_OK ? StStart : StPost;
      end
      StSweep: if (tbl_done) begin               // the tables
        swept_o = 1'b1;
        state_d = StIdle;
      end
      StStart: begin
        tbl_start = is_tbl;
        state_d   = cmd_q.op == adit_reg_pkg::OP_STATS ? StStats : is_tbl ? StTable : write_words_q != 4'd0 ? StAnswer : StPost;
      end
      StTable: if (tbl_done) begin                                         // the tables
        status_d = tbl_status;
        field_d  = tbl_field;
        state_d  = tbl_status == adit_reg_pkg::STATUS_OK && write_words_q != 4'd0 ? StAnswer : StPost;
      end
      StStats: if (stats_done_i) state_d = StAnswer;                       // the counters
      StAnswer: if (answer_req_ready_i) state_d = StAnswered;              // the DMA engine
      StAnswered: if (answer_b_valid_i) begin                              // host memory
        state_d = last_word ? StPost : StAnswer;
        if (b_err_i) begin
          status_d = adit_reg_pkg::STATUS_DMA_ERROR;
          state_d  = StPost;
        end
      end
      StPost: if (cpl_ready_i) state_d = status_q == adit_reg_pkg::STATUS_DMA_ERROR ? StPanic : StIdle;  // the event FIFO
      default: begin                                                       // StPanic: told; now the ring stops
        fault_valid_o = 1'b1;
        fault_o       = write_words_q != 4'd0 ? adit_reg_pkg::FAULT_DMA_WRITE : adit_reg_pkg::FAULT_DMA_READ;
        state_d       = StIdle;
      end
    endcase
  // A card reset waits for DMA and for the tables, for nothing else.
    if (clear_i) begin
      if (state_q != StAnswered) begin
        tbl_start = 1'b0;
        state_d   = StIdle;
      end
    end
  end

  logic wipe;
  assign wipe = state_q == StPost || clear_i;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q <= StIdle; status_q <= '0; field_q <= '0; count_q <= '0; record_q <= '0;
    end else begin
      state_q  <= state_d;
      status_q <= status_d;
      field_q  <= field_d;
      if (state_q == StIdle) count_q <= '0;
      else if (state_q == StAnswered && answer_b_valid_i) count_q <= count_q + 3'd1;
      if (wipe) record_q <= '0;
      else if (next_ready) record_q <= next_record;
    end
  end
  always_ff @(posedge clk_i) if (next_ready) begin
    cmd_q         <= next_cmd;
    write_words_q <= next_write_words;
  end

  assign advance_o          = next_ready;
  assign answer_req_valid_o = state_q == StAnswer && !clear_i;
  assign answer_req_addr_o  = cmd_q.data_iova + {55'd0, count_q, 6'd0};
  always_comb begin
    case (cmd_q.op)
      adit_reg_pkg::OP_STATS: answer_data_o = stats_i;
      adit_reg_pkg::OP_CAPS:  answer_data_o = caps_i;
      default:                answer_data_o = count_q[0] ? tbl_answer[1023:512] : tbl_answer[511:0];
    endcase
  end
  assign stats_read_o  = state_q == StStats;
  assign stats_group_o = cmd_q.index[5:3];
  assign cpl_valid_o   = state_q == StPost && !clear_i;
  assign cpl_status_o  = status_q;
  assign cpl_field_o   = field_q;
  assign cpl_tag_o     = cmd_q.tag;
  assign cpl_index_o   = cmd_q.index;
  assign idle_o        = state_q == StIdle && ahead_idle && desc_idle && tbl_idle;
  assign busy_o        = state_q != StIdle || !ahead_idle || !desc_idle || (run_i && !desc_empty);

  logic unused_bits;
  assign unused_bits = ^{1'b0, desc_index, cmd_q.rsvd192, cmd_q.data_bytes, cmd_q.value[31:16]};
endmodule
