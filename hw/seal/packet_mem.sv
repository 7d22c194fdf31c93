// SPDX-License-Identifier: BSD-2-Clause-Patent
// Packet memory: one write port, two read ports (a copy of the words for each), data a cycle after the address.
module packet_mem #(
  parameter int unsigned MEM_LOG2 = 10
) (
  input  logic                clk_i,
  input  logic                we_i,
  input  logic [MEM_LOG2-1:0] waddr_i,
  input  logic [511:0]        wdata_i,
  input  logic                re_a_i,
  input  logic [MEM_LOG2-1:0] raddr_a_i,
  output logic [511:0]        rdata_a_o,
  input  logic                re_b_i,
  input  logic [MEM_LOG2-1:0] raddr_b_i,
  output logic [511:0]        rdata_b_o
);
  ram_1r1w #(.W(512), .AW(MEM_LOG2)) u_a (
    .clk_i, .we_i, .waddr_i, .wdata_i, .re_i(re_a_i), .raddr_i(raddr_a_i), .rdata_o(rdata_a_o)
  );
  ram_1r1w #(.W(512), .AW(MEM_LOG2)) u_b (
    .clk_i, .we_i, .waddr_i, .wdata_i, .re_i(re_b_i), .raddr_i(raddr_b_i), .rdata_o(rdata_b_o)
  );
endmodule
