// SPDX-License-Identifier: BSD-2-Clause-Patent
// Gives tickets in arrival order and calls them in arrival order, each once its work is done. Engines finish in any order.
module tickets #(
  parameter int unsigned TICKETS_LOG2 = 5
) (
  input  logic                    clk_i,
  input  logic                    rst_ni,
  output logic                    give_valid_o,
  input  logic                    give_ready_i,
  output logic [TICKETS_LOG2-1:0] give_ticket_o,
  input  logic [2:0]              done_valid_i,   // three places where a packet's work may end
  input  logic [TICKETS_LOG2-1:0] done0_i,
  input  logic [TICKETS_LOG2-1:0] done1_i,
  input  logic [TICKETS_LOG2-1:0] done2_i,
  output logic                    call_valid_o,
  input  logic                    call_ready_i,   // the ticket is free again
  output logic [TICKETS_LOG2-1:0] call_ticket_o
);
  logic [TICKETS_LOG2:0]      tail_q, head_q;
  logic [2**TICKETS_LOG2-1:0] done_q;

  assign give_ticket_o = tail_q[TICKETS_LOG2-1:0];
  assign call_ticket_o = head_q[TICKETS_LOG2-1:0];
  assign give_valid_o  = tail_q - head_q != {1'b1, {TICKETS_LOG2{1'b0}}};
  assign call_valid_o  = done_q[call_ticket_o];

  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) begin
      tail_q <= '0;
      head_q <= '0;
      done_q <= '0;
    end else begin
      if (give_valid_o && give_ready_i) tail_q <= tail_q + 1'b1;
      if (call_valid_o && call_ready_i) begin
        head_q                <= head_q + 1'b1;
        done_q[call_ticket_o] <= 1'b0;
      end
      if (done_valid_i[0]) done_q[done0_i] <= 1'b1;
      if (done_valid_i[1]) done_q[done1_i] <= 1'b1;
      if (done_valid_i[2]) done_q[done2_i] <= 1'b1;
    end
endmodule
