// SPDX-License-Identifier: BSD-2-Clause-Patent
// Interrupt messages: a wish per vector is kept until sent; between two messages of one vector lie at least
// IRQ_MODERATION cycles. Nothing is lost, much is joined.
module host_irq (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        clear_i,
  input  logic [3:0]  set_i,        // one cycle: vector n has something to say
  input  logic [15:0] moderation_i,
  output logic        irq_valid_o,
  input  logic        irq_ready_i,
  output logic [1:0]  irq_vector_o,
  output logic        busy_o        // a message is still to be sent
);
  logic [3:0]  pend_q;
  logic [15:0] wait0_q, wait1_q, wait2_q, wait3_q;
  logic        valid_q;
  logic [1:0]  vector_q, last_q;

  logic [3:0] may;
  assign may = pend_q & {wait3_q == 16'd0, wait2_q == 16'd0, wait1_q == 16'd0, wait0_q == 16'd0};

  // Round robin: the first vector after the last one sent.
  logic [1:0] next;
  always_comb begin
    next = last_q;
    if (may[last_q + 2'd3]) next = last_q + 2'd3;
    if (may[last_q + 2'd2]) next = last_q + 2'd2;
    if (may[last_q + 2'd1]) next = last_q + 2'd1;
  end

  logic       take;
  logic [3:0] taken;
  assign take  = (!valid_q || irq_ready_i) && may != 4'd0;
  assign taken = take ? 4'd1 << next : 4'd0;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      pend_q <= '0; wait0_q <= '0; wait1_q <= '0; wait2_q <= '0; wait3_q <= '0;
      valid_q <= 1'b0; vector_q <= '0; last_q <= '0;
    end else begin
      pend_q <= clear_i ? 4'd0 : (pend_q & ~taken) | set_i;
      if (take) begin
        vector_q <= next;
        last_q   <= next;
      end
      if (!valid_q || irq_ready_i) valid_q <= take;
      wait0_q <= taken[0] ? moderation_i : clear_i || wait0_q == 16'd0 ? 16'd0 : wait0_q - 16'd1;
      wait1_q <= taken[1] ? moderation_i : clear_i || wait1_q == 16'd0 ? 16'd0 : wait1_q - 16'd1;
      wait2_q <= taken[2] ? moderation_i : clear_i || wait2_q == 16'd0 ? 16'd0 : wait2_q - 16'd1;
      wait3_q <= taken[3] ? moderation_i : clear_i || wait3_q == 16'd0 ? 16'd0 : wait3_q - 16'd1;
    end
  end

  assign irq_valid_o  = valid_q;
  assign irq_vector_o = vector_q;
  assign busy_o       = valid_q || pend_q != 4'd0;
endmodule
