// SPDX-License-Identifier: BSD-2-Clause-Patent
// Ends a frame that a soft reset cut short on its way out, so that the next one does not run into it: the receiver sees one
// truncated frame. Combinational while all is well.
module port_end (
  input  logic            clk_i,
  input  logic            rst_ni,        // not reset by the soft reset
  input  logic            soft_reset_i,
  input  logic            in_valid_i,
  output logic            in_ready_o,
  input  adit_pkg::beat_t in_beat_i,
  output logic            out_valid_o,
  input  logic            out_ready_i,
  output adit_pkg::beat_t out_beat_o
);
  typedef enum logic [1:0] {StBetween, StFrame, StCut} state_e;
  state_e state_q, state_d;

  always_comb begin
    state_d     = state_q;
    out_valid_o = in_valid_i && !soft_reset_i;
    in_ready_o  = out_ready_i && !soft_reset_i;
    out_beat_o  = in_beat_i;
    case (state_q)
      StBetween: if (out_valid_o && out_ready_i && !in_beat_i.last) state_d = StFrame;
      StFrame: begin  // waits for the frame's last beat
        if (soft_reset_i)                                      state_d = StCut;
        else if (out_valid_o && out_ready_i && in_beat_i.last) state_d = StBetween;
      end
      default: begin  // waits for a place for the last beat that nobody will send
        out_valid_o        = 1'b1;
        in_ready_o         = 1'b0;
        out_beat_o         = '0;
        out_beat_o.last    = 1'b1;
        out_beat_o.n_bytes = 7'd1;
        if (out_ready_i) state_d = StBetween;
      end
    endcase
  end

  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) state_q <= StBetween;
    else         state_q <= state_d;
endmodule
