// SPDX-License-Identifier: BSD-2-Clause-Patent
// Memory of 2**AW words, one write port and one read port, one clock.
//
// rdata_o follows re_i by one cycle and keeps its value while re_i is low. Reading the address that is written in the same
// cycle gives the old word. Not reset: who needs zeros writes them.
module ram_1r1w #(
  parameter int unsigned W  = 8,
  parameter int unsigned AW = 4
) (
  input  logic          clk_i,
  input  logic          we_i,
  input  logic [AW-1:0] waddr_i,
  input  logic [W-1:0]  wdata_i,
  input  logic          re_i,
  input  logic [AW-1:0] raddr_i,
  output logic [W-1:0]  rdata_o
);
  logic [W-1:0] mem [0:2**AW-1];

  always_ff @(posedge clk_i) begin
    if (we_i) mem[waddr_i] <= wdata_i;
    if (re_i) rdata_o <= mem[raddr_i];
  end
endmodule
