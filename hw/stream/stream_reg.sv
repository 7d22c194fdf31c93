// SPDX-License-Identifier: BSD-2-Clause-Patent
// Skid register: cuts every path between its two sides.
//
// in_ready_o, out_valid_o and out_data_o all come straight from flops. Holds up to two words, passes one a cycle, each one
// cycle late. Order is kept; out_data_o stands still while out_valid_o && !out_ready_i.
module stream_reg #(
  parameter int unsigned W = 8
) (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         in_valid_i,
  output logic         in_ready_o,
  input  logic [W-1:0] in_data_i,
  output logic         out_valid_o,
  input  logic         out_ready_i,
  output logic [W-1:0] out_data_o
);
  logic         skid_valid_q;  // a word came while the output stood still; it goes out next
  logic [W-1:0] skid_q;
  logic         out_free, in_take;

  assign in_ready_o = !skid_valid_q;
  assign in_take    = in_valid_i && in_ready_o;
  assign out_free   = !out_valid_o || out_ready_i;

  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) begin
      out_valid_o  <= 1'b0;
      skid_valid_q <= 1'b0;
    end else if (out_free) begin
      out_valid_o  <= skid_valid_q || in_take;
      skid_valid_q <= 1'b0;
    end else if (in_take) begin
      skid_valid_q <= 1'b1;
    end

  always_ff @(posedge clk_i) begin
    if (out_free && skid_valid_q) out_data_o <= skid_q;
    else if (out_free && in_take) out_data_o <= in_data_i;
    if (!out_free && in_take) skid_q <= in_data_i;
  end

`ifdef FORMAL
`include "stream_reg_props.svh"
`endif
endmodule
