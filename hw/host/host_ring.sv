// SPDX-License-Identifier: BSD-2-Clause-Patent
// The law of one ring: both indices, the doorbell's limits, the size's limits, the fault that stopped it.
// A start counts at once for the host (indices 0, fault gone); the engine sees run_o only after idle_i said
// that nothing of an earlier run is left in it.
module host_ring #(
  parameter bit IS_EVENT = 1'b0  // 0: the host posts. 1: the card writes, and the doorbell says what the host consumed
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        clear_i,        // card reset: off
  input  logic        start_i,
  input  logic        stop_i,
  input  logic [4:0]  size_log2_i,    // taken at start_i
  input  logic        bell_valid_i,
  input  logic [15:0] bell_i,
  input  logic        idle_i,
  input  logic        advance_i,      // the card took or wrote one entry
  input  logic        fault_valid_i,
  input  logic [7:0]  fault_i,
  output logic        on_o,           // run_o, or about to
  output logic        run_o,
  output logic [15:0] bell_o,
  output logic [16:0] index_o,        // one bit more than the register: the turn of a ring of 65536
  output logic [15:0] mask_o,         // entries - 1
  output logic [4:0]  size_log2_o,
  output logic [7:0]  fault_o,
  output logic        fault_event_o   // one cycle: the ring has stopped
);
  logic        on_q, wait_q;
  logic [15:0] bell_q;
  logic [16:0] index_q;
  logic [4:0]  size_q;
  logic [7:0]  fault_q;

  // The host may post no further than one ring ahead, and takes nothing back. An index has 16 bits, so a
  // ring of 65536 holds 65535.
  logic [15:0] limit, used, asked;
  logic        size_bad, bell_bad;
  assign limit    = size_q[4] ? 16'hffff : 16'd1 << size_q[3:0];
  assign used     = IS_EVENT ? index_q[15:0] - bell_q : bell_q - index_q[15:0];
  assign asked    = IS_EVENT ? index_q[15:0] - bell_i : bell_i - index_q[15:0];
  assign bell_bad = IS_EVENT ? asked > used : asked > limit || asked < used;
  assign size_bad = size_log2_i == 5'd0 || size_log2_i > 5'd16;

  logic       fault_now;
  logic [7:0] fault_code;
  always_comb begin
    fault_now  = 1'b0;
    fault_code = adit_reg_pkg::FAULT_NONE;
    if (start_i) begin
      fault_now  = size_bad;
      fault_code = adit_reg_pkg::FAULT_BAD_SIZE;
    end else if (on_q) begin
      if (run_o && fault_valid_i) begin
        fault_now  = 1'b1;
        fault_code = fault_i;
      end else if (bell_valid_i && bell_bad) begin
        fault_now  = 1'b1;
        fault_code = adit_reg_pkg::FAULT_BAD_DOORBELL;
      end
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      on_q <= 1'b0; wait_q <= 1'b0; bell_q <= '0; index_q <= '0; size_q <= '0; fault_q <= '0;
      fault_event_o <= 1'b0;
    end else begin
      fault_event_o <= fault_now && !clear_i;
      if (clear_i) begin
        on_q <= 1'b0; wait_q <= 1'b0; bell_q <= '0; index_q <= '0; fault_q <= '0;
      end else if (start_i) begin
        on_q    <= !size_bad;
        wait_q  <= 1'b1;
        size_q  <= size_log2_i;
        bell_q  <= '0;
        index_q <= '0;
        fault_q <= size_bad ? adit_reg_pkg::FAULT_BAD_SIZE : adit_reg_pkg::FAULT_NONE;
      end else begin
        if (wait_q && idle_i) wait_q <= 1'b0;
        if (stop_i || fault_now) on_q <= 1'b0;
        if (fault_now) fault_q <= fault_code;
        if (on_q && bell_valid_i && !bell_bad) bell_q <= bell_i;
        if (run_o && advance_i) index_q <= index_q + 17'd1;
      end
    end
  end

  assign on_o        = on_q;
  assign run_o       = on_q && !wait_q;
  assign bell_o      = bell_q;
  assign index_o     = index_q;
  assign mask_o      = 16'((17'd1 << size_q) - 17'd1);
  assign size_log2_o = size_q;
  assign fault_o     = fault_q;
endmodule
