// SPDX-License-Identifier: BSD-2-Clause-Patent
// Show-ahead FIFO of 2**DEPTH_LOG2 words in a one-read one-write RAM (block RAM if deep).
//
// out_data_o is the oldest word whenever out_valid_o; it comes from the RAM's output register and stands still until taken.
// One word in and one out each cycle. A word shows two cycles after it was taken. in_ready_o depends on flops alone.
// usage_o counts the words inside: taken and not yet handed on, shown or not.
module stream_fifo #(
  parameter int unsigned W          = 8,
  parameter int unsigned DEPTH_LOG2 = 3   // at least 1
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                in_valid_i,
  output logic                in_ready_o,
  input  logic [W-1:0]        in_data_i,
  output logic                out_valid_o,
  input  logic                out_ready_i,
  output logic [W-1:0]        out_data_o,
  output logic [DEPTH_LOG2:0] usage_o
);
  logic [W-1:0]        mem [0:2**DEPTH_LOG2-1];
  logic [DEPTH_LOG2:0] wr_q;       // next to write; the top bit tells full from empty
  logic [DEPTH_LOG2:0] rd_q, rd_d; // oldest word
  logic [DEPTH_LOG2:0] seen_q;     // wr_q a cycle ago: words before it are in the RAM and can be read
  logic                in_take, out_take;

  assign usage_o     = wr_q - rd_q;
  assign in_ready_o  = !usage_o[DEPTH_LOG2];
  assign out_valid_o = seen_q != rd_q;
  assign in_take     = in_valid_i && in_ready_o;
  assign out_take    = out_valid_o && out_ready_i;
  assign rd_d        = rd_q + (DEPTH_LOG2+1)'(out_take);

  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) begin
      wr_q   <= '0;
      rd_q   <= '0;
      seen_q <= '0;
    end else begin
      wr_q   <= wr_q + (DEPTH_LOG2+1)'(in_take);
      rd_q   <= rd_d;
      seen_q <= wr_q;
    end

  // Reading the word that is being written may give either content: it is not shown before the next read.
  always_ff @(posedge clk_i) begin
    if (in_take) mem[wr_q[DEPTH_LOG2-1:0]] <= in_data_i;
    if (wr_q != rd_d) out_data_o <= mem[rd_d[DEPTH_LOG2-1:0]];
  end

`ifdef FORMAL
`include "stream_fifo_props.svh"
`endif
endmodule
