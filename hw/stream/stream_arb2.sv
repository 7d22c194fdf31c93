// SPDX-License-Identifier: BSD-2-Clause-Patent
// Merges two packet streams, whole packets at a time, taking turns when both wait.
//
// Once a packet's first beat is offered at the output, that side stays chosen until its last beat is taken: packets never mix
// and an offered beat never changes. Combinational from input to output; out_sel_o tells the side (0 a, 1 b).
module stream_arb2 #(
  parameter int unsigned W = 8
) (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         a_valid_i,
  output logic         a_ready_o,
  input  logic         a_last_i,
  input  logic [W-1:0] a_data_i,
  input  logic         b_valid_i,
  output logic         b_ready_o,
  input  logic         b_last_i,
  input  logic [W-1:0] b_data_i,
  output logic         out_valid_o,
  input  logic         out_ready_i,
  output logic         out_last_o,
  output logic [W-1:0] out_data_o,
  output logic         out_sel_o
);
  logic locked_q;  // inside a packet, or its first beat is offered
  logic sel_q;     // side chosen now (locked) or last (free)

  always_comb begin
    if (locked_q)                    out_sel_o = sel_q;
    else if (a_valid_i && b_valid_i) out_sel_o = !sel_q;
    else                             out_sel_o = b_valid_i;
  end

  assign out_valid_o = out_sel_o ? b_valid_i : a_valid_i;
  assign out_last_o  = out_sel_o ? b_last_i : a_last_i;
  assign out_data_o  = out_sel_o ? b_data_i : a_data_i;
  assign a_ready_o   = out_ready_i && !out_sel_o;
  assign b_ready_o   = out_ready_i && out_sel_o;

  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) begin
      locked_q <= 1'b0;
      sel_q    <= 1'b1;  // a goes first
    end else if (out_valid_o) begin
      locked_q <= !(out_ready_i && out_last_o);
      sel_q    <= out_sel_o;
    end

`ifdef FORMAL
`include "stream_arb2_props.svh"
`endif
endmodule
