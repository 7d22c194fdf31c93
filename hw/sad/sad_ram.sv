// SPDX-License-Identifier: BSD-2-Clause-Patent
// Memory of 2**AW words with two sides: side a reads, side b reads or writes. One true dual-port memory, so that two who ask need no
// copy each. rdata follows re by one cycle and keeps its value. What a reads while b writes it is the old word. Not reset.
module sad_ram #(
  parameter int unsigned W  = 64,
  parameter int unsigned AW = 16
) (
  input  logic          clk_i,
  input  logic          a_re_i,
  input  logic [AW-1:0] a_addr_i,
  output logic [W-1:0]  a_rdata_o,
  input  logic          b_re_i,
  input  logic          b_we_i,      // not with b_re_i
  input  logic [AW-1:0] b_addr_i,
  input  logic [W-1:0]  b_wdata_i,
  output logic [W-1:0]  b_rdata_o
);
  logic [W-1:0] mem [0:2**AW-1];

  always_ff @(posedge clk_i) begin
    if (a_re_i) a_rdata_o <= mem[a_addr_i];
    if (b_re_i) b_rdata_o <= mem[b_addr_i];
    if (b_we_i) mem[b_addr_i] <= b_wdata_i;
  end
endmodule
