// SPDX-License-Identifier: BSD-2-Clause-Patent
// One chunk of eight ranks in groups of two, IPv4 columns; its properties are in spd_chunk_props.svh.
module spd_chunk_fv (
  input logic clk_i, rst_ni, read_i, bank_i, and_i, has_ports_i, first_i, line_we_i, kind_we_i,
  input logic [2:0] chunk_i, group_i, kind_addr_i,
  input logic [1:0] kind_i, kind_bits_i,
  input logic [17*8-1:0] byte_i,
  input logic [8:0] line_addr_i,
  input logic [17*2-1:0] line_bits_i
);
  spd_chunk #(.RANKS_LOG2(3), .GROUP_LOG2(1), .ADDR_BYTES(4), .GROUP_W(3)) u_dut (
    .clk_i, .chunk_i, .read_i, .bank_i, .kind_i, .byte_i, .and_i, .has_ports_i, .first_i, .any_o(), .first_o(), .group_i,
    .line_we_i, .line_addr_i, .line_bits_i, .kind_we_i, .kind_addr_i, .kind_bits_i
  );
endmodule
