// SPDX-License-Identifier: BSD-2-Clause-Patent
// Writes the TX ring's index to host memory: one write under way, so a busy ring reports in batches. The interrupt
// comes when the write was answered; without a write-back address, when the index moves.
module host_tx_wb (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         run_i,
  input  logic [63:0]  wb_i,
  input  logic [15:0]  index_i,
  output logic         req_valid_o,
  input  logic         req_ready_i,
  output logic [63:0]  req_addr_o,
  output logic [511:0] w_data_o,
  input  logic         b_valid_i,
  input  logic         b_err_i,
  output logic         error_o,
  output logic         irq_o,
  output logic         idle_o,
  output logic         busy_o
);
  typedef enum logic [1:0] {StIdle, StAsk, StWait} state_e;
  state_e      state_q, state_d;
  logic [15:0] told_q, told_d;   // what the host was told last
  logic        has_wb, news;
  assign has_wb = wb_i[63:6] != 58'd0;
  assign news   = run_i && index_i != told_q;

  always_comb begin
    state_d = state_q;
    told_d  = told_q;
    error_o = 1'b0;
    irq_o   = 1'b0;
    case (state_q)
      StIdle: if (news) begin
        told_d = index_i;
        if (has_wb) state_d = StAsk;
        else        irq_o   = 1'b1;
      end else if (!run_i) told_d = '0;
      StAsk: if (!run_i) state_d = StIdle;
      else if (req_ready_i) state_d = StWait;    // the DMA engine
      default: if (b_valid_i) begin              // host memory
        error_o = b_err_i;
        irq_o   = !b_err_i;
        state_d = StIdle;
      end
    endcase
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q <= StIdle; told_q <= '0;
    end else begin
      state_q <= state_d; told_q <= told_d;
    end
  end
  assign req_valid_o = state_q == StAsk && run_i;
  assign req_addr_o  = {wb_i[63:6], 6'd0};
  assign w_data_o    = {496'd0, told_q};
  assign idle_o      = state_q == StIdle;
  assign busy_o      = state_q != StIdle || news;

  logic unused_bits;
  assign unused_bits = ^{1'b0, wb_i[5:0]};
endmodule
