// SPDX-License-Identifier: BSD-2-Clause-Patent
// Power-on and CTRL.reset, in one order: everything stops and forgets while the pipelines and tables are held in reset; then
// every room zeroes its tables and the command engine waits for each (host_tbl's sweep); then the card is ready.
module host_reset #(
  parameter int unsigned HOLD_CYCLES = 16
) (
  input  logic clk_i,
  input  logic rst_ni,
  input  logic reset_i,        // CTRL.reset
  input  logic rings_idle_i,   // no DMA of the packet and event rings is under way
  input  logic cmd_idle_i,     // no command is under way
  input  logic swept_i,        // one cycle: the sweep has ended
  output logic clear_o,        // engines: stop, forget
  output logic soft_reset_o,   // pipelines
  output logic sweep_o,        // command engine: wait for the rooms to zero their tables, held until swept_i
  output logic ready_o,
  output logic [63:0] cycle_o  // since reset
);
  typedef enum logic [1:0] {StHold, StDrain, StSweep, StReady} state_e;
  state_e     state_q, state_d;
  logic [7:0] hold_q;
  logic       again_q;   // a reset during the sweep: sweep anew after it
  always_comb begin
    state_d = state_q;
    case (state_q)
      StHold:  if (hold_q == 8'(HOLD_CYCLES) && rings_idle_i) state_d = StDrain;  // DMA under way
      StDrain: if (cmd_idle_i) state_d = StSweep;                                 // a table's answer
      StSweep: if (swept_i) state_d = reset_i || again_q ? StHold : StReady;
      default: if (reset_i) state_d = StHold;
    endcase
  end
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q <= StHold; hold_q <= '0; again_q <= 1'b0; soft_reset_o <= 1'b1; cycle_o <= '0;
    end else begin
      state_q      <= state_d;
      hold_q       <= state_q != StHold ? 8'd0 : hold_q == 8'(HOLD_CYCLES) ? hold_q : hold_q + 8'd1;
      again_q      <= state_q == StSweep ? again_q || reset_i : 1'b0;
      soft_reset_o <= state_d == StHold;
      cycle_o      <= state_d == StHold ? 64'd0 : cycle_o + 64'd1;
    end
  end
  assign clear_o = state_q == StHold || state_q == StDrain;
  assign sweep_o = state_q == StSweep;
  assign ready_o = state_q == StReady;
endmodule
