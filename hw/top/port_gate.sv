// SPDX-License-Identifier: BSD-2-Clause-Patent
// Lets frames into the card while enable_i is 1; the one that has begun is let in to its end. A soft reset forgets the frame
// under way: what is left of it is thrown away, so that its middle is never taken for a beginning.
module port_gate (
  input  logic clk_i,
  input  logic rst_ni,        // not reset by the soft reset
  input  logic soft_reset_i,
  input  logic enable_i,
  input  logic in_valid_i,
  output logic in_ready_o,
  input  logic in_last_i,
  output logic out_valid_o,
  input  logic out_ready_i
);
  typedef enum logic [1:0] {StClosed, StFrame, StDiscard} state_e;
  state_e state_q, state_d;

  always_comb begin
    state_d     = state_q;
    out_valid_o = 1'b0;
    in_ready_o  = 1'b0;
    case (state_q)
      StClosed: begin  // between frames
        out_valid_o = in_valid_i && enable_i && !soft_reset_i;
        in_ready_o  = out_ready_i && enable_i && !soft_reset_i;
        if (in_valid_i && in_ready_o && !in_last_i) state_d = StFrame;
      end
      StFrame: begin   // waits for the frame's end
        out_valid_o = in_valid_i && !soft_reset_i;
        in_ready_o  = out_ready_i && !soft_reset_i;
        if (soft_reset_i)                               state_d = StDiscard;
        else if (in_valid_i && in_ready_o && in_last_i) state_d = StClosed;
      end
      default: begin   // waits for the end of a frame whose beginning is gone
        in_ready_o = 1'b1;
        if (in_valid_i && in_last_i) state_d = StClosed;
      end
    endcase
  end

  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) state_q <= StClosed;
    else         state_q <= state_d;
endmodule
