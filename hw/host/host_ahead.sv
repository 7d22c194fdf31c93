// SPDX-License-Identifier: BSD-2-Clause-Patent
// The command behind the one that runs: its descriptor is checked, its record fetched and judged, while the tables are busy with
// the one before. Nothing has happened to it yet: if the ring stops it is forgotten, as a descriptor that was only prefetched.
// A record's words stand here until the command is handed over, and are zero from that cycle on.
module host_ahead #(
  parameter int unsigned SA_LOG2 = 10,
  parameter int unsigned SP_LOG2 = 6,
  parameter int unsigned WINDOW_LOG2 = 12   // largest replay window, packets
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                clear_i,       // card reset: forget everything
  input  logic                ready_i,       // commands wait while 0
  input  logic                run_i,
  input  logic                desc_valid_i,
  output logic                desc_ready_o,
  input  logic [511:0]        desc_i,
  output logic                req_valid_o,
  input  logic                req_ready_i,
  output logic [63:0]         req_addr_o,
  output logic [7:0]          req_words_o,
  input  logic                r_valid_i,
  input  logic                r_err_i,
  input  logic [511:0]        r_data_i,
  output logic                cmd_valid_o,
  input  logic                cmd_ready_i,
  output logic [511:0]        cmd_o,
  output logic [3071:0]       record_o,      // six words of 64 bytes, word 0 lowest
  output logic [3:0]          write_words_o, // answer, 64-byte words
  output logic [7:0]          status_o,      // not OK: why the command is refused
  output logic [7:0]          field_o,
  output logic                idle_o
);
  typedef enum logic [2:0] {StIdle, StCheck, StAsk, StRecord, StJudge, StReady} state_e;
  state_e                  state_q, state_d;
  adit_reg_pkg::cmd_desc_t cmd_q;
  logic [3071:0]           record_q;
  logic [2:0]              count_q;       // words read
  logic                    read_error_q;
  logic [3:0]              read_words_q, write_words_q;
  logic [7:0]              status_q, field_q;

  logic [7:0] check_status, check_field, sa_status, sa_field, sp_status, sp_field;
  logic [3:0] read_words, write_words;
  host_cmd_check #(.SA_LOG2(SA_LOG2), .SP_LOG2(SP_LOG2)) u_check (
    .desc_i(cmd_q), .status_o(check_status), .field_o(check_field), .read_words_o(read_words), .write_words_o(write_words)
  );
  adit_reg_pkg::sa_w0_t   w0;
  adit_reg_pkg::sa_w2_t   w2;
  adit_reg_pkg::sp_desc_t sp;
  assign w0 = record_q[511:0];
  assign w2 = record_q[1535:1024];
  assign sp = record_q[511:0];
  host_sa_check #(.SA_LOG2(SA_LOG2), .WINDOW_LOG2(WINDOW_LOG2)) u_sa_check (
    .w0_i(w0), .w2_i(w2), .is_add_i(cmd_q.op == adit_reg_pkg::OP_SA_ADD), .status_o(sa_status), .field_o(sa_field)
  );
  host_sp_check #(.SP_LOG2(SP_LOG2)) u_sp_check (.sp_i(sp), .status_o(sp_status), .field_o(sp_field));

  logic last_word, is_off, hand_over;
  assign last_word = {1'b0, count_q} + 4'd1 == read_words_q;
  assign is_off    = !run_i || clear_i;
  assign hand_over = cmd_valid_o && cmd_ready_i;

  always_comb begin
    state_d      = state_q;
    desc_ready_o = 1'b0;
    case (state_q)
      StIdle: if (ready_i && desc_valid_i) begin
        desc_ready_o = 1'b1;
        state_d      = StCheck;
      end
      StCheck:  state_d = check_status == adit_reg_pkg::STATUS_OK && read_words != 4'd0 ? StAsk : StReady;
      StAsk:    if (req_ready_i) state_d = StRecord;                       // the DMA engine
      StRecord: if (r_valid_i && last_word) state_d = StJudge;             // host memory
      StJudge:  state_d = StReady;
      default:  if (cmd_ready_i) state_d = StIdle;                         // StReady: the command before
    endcase
    if (is_off && state_q != StRecord) begin
      desc_ready_o = 1'b0;
      state_d      = StIdle;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q <= StIdle; count_q <= '0; read_error_q <= 1'b0; record_q <= '0;
    end else begin
      state_q <= state_d;
      if (state_q == StIdle) begin
        count_q      <= '0;
        read_error_q <= 1'b0;
      end else if (state_q == StRecord && r_valid_i) begin
        count_q      <= count_q + 3'd1;
        read_error_q <= read_error_q || r_err_i;
      end
      if (is_off || hand_over) record_q <= '0;
      else if (state_q == StRecord && r_valid_i) record_q[{count_q, 9'd0} +: 512] <= r_data_i;
    end
  end
  always_ff @(posedge clk_i) begin
    if (desc_ready_o) cmd_q <= desc_i;
    if (state_q == StCheck) begin
      read_words_q  <= read_words;
      write_words_q <= write_words;
      status_q      <= check_status;
      field_q       <= check_field;
    end
    if (state_q == StJudge) begin
      status_q <= read_error_q ? adit_reg_pkg::STATUS_DMA_ERROR : cmd_q.op == adit_reg_pkg::OP_SP_ADD ? sp_status : sa_status;
      field_q  <= read_error_q ? adit_reg_pkg::FIELD_NONE : cmd_q.op == adit_reg_pkg::OP_SP_ADD ? sp_field : sa_field;
    end
  end

  assign req_valid_o   = state_q == StAsk && !is_off;
  assign req_addr_o    = cmd_q.data_iova;
  assign req_words_o   = {4'd0, read_words_q};
  assign cmd_valid_o   = state_q == StReady && !is_off;
  assign cmd_o         = cmd_q;
  assign record_o      = record_q;
  assign write_words_o = write_words_q;
  assign status_o      = status_q;
  assign field_o       = field_q;
  assign idle_o        = state_q == StIdle;
endmodule
