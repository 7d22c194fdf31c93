// SPDX-License-Identifier: BSD-2-Clause-Patent
// Answers a fence on the table bus once every packet that was inside at the time of asking has left. Packets leave in order,
// so counting them is enough.
module fence #(
  parameter logic [4:0] OP = adit_pkg::TBL_FENCE_OUT
) (
  input  logic               clk_i,
  input  logic               rst_ni,
  input  logic               enter_i,  // a whole frame came in
  input  logic               gone_i,   // a whole packet went out or was dropped
  output logic               busy_o,
  input  adit_pkg::tbl_req_t tbl_i,
  output adit_pkg::tbl_rsp_t tbl_o
);
  typedef enum logic [1:0] {StIdle, StWait, StAck} state_e;
  state_e      state_q, state_d;
  logic [15:0] entered_q, gone_q, goal_q, goal_d, short_by;

  assign busy_o   = entered_q != gone_q;
  assign short_by = goal_q - gone_q;  // far fewer than 2**15 packets fit inside

  always_comb begin
    state_d   = state_q;
    goal_d    = goal_q;
    tbl_o     = '0;
    tbl_o.ack = state_q == StAck;
    case (state_q)
      StIdle:  // waits for a fence
        if (tbl_i.valid && tbl_i.op == OP) begin
          goal_d  = entered_q;
          state_d = StWait;
        end
      StWait:  // waits for the last packet that was inside
        if (short_by == '0 || short_by[15]) state_d = StAck;
      default: state_d = StIdle;
    endcase
  end

  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) begin
      state_q   <= StIdle;
      entered_q <= '0;
      gone_q    <= '0;
      goal_q    <= '0;
    end else begin
      state_q   <= state_d;
      goal_q    <= goal_d;
      entered_q <= entered_q + 16'(enter_i);
      gone_q    <= gone_q + 16'(gone_i);
    end
endmodule
