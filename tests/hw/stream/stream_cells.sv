// SPDX-License-Identifier: BSD-2-Clause-Patent
// Every stream cell side by side, for test_stream.cpp.
module stream_cells (
  input  logic         clk_i,
  input  logic         rst_ni,

  input  logic         reg_in_valid_i,
  output logic         reg_in_ready_o,
  input  logic [31:0]  reg_in_data_i,
  output logic         reg_out_valid_o,
  input  logic         reg_out_ready_i,
  output logic [31:0]  reg_out_data_o,

  input  logic         fifo_in_valid_i,
  output logic         fifo_in_ready_o,
  input  logic [31:0]  fifo_in_data_i,
  output logic         fifo_out_valid_o,
  input  logic         fifo_out_ready_i,
  output logic [31:0]  fifo_out_data_o,
  output logic [3:0]   fifo_usage_o,

  input  logic         pair_in_valid_i,
  output logic         pair_in_ready_o,
  input  logic [31:0]  pair_in_data_i,
  output logic         pair_out_valid_o,
  input  logic         pair_out_ready_i,
  output logic [31:0]  pair_out_data_o,
  output logic [1:0]   pair_usage_o,

  input  logic         fork_in_valid_i,
  output logic         fork_in_ready_o,
  output logic [2:0]   fork_out_valid_o,
  input  logic [2:0]   fork_out_ready_i,

  input  logic         arb_a_valid_i,
  output logic         arb_a_ready_o,
  input  logic         arb_a_last_i,
  input  logic [31:0]  arb_a_data_i,
  input  logic         arb_b_valid_i,
  output logic         arb_b_ready_o,
  input  logic         arb_b_last_i,
  input  logic [31:0]  arb_b_data_i,
  output logic         arb_out_valid_o,
  input  logic         arb_out_ready_i,
  output logic         arb_out_last_o,
  output logic [31:0]  arb_out_data_o,
  output logic         arb_out_sel_o,

  input  logic         ram_we_i,
  input  logic [3:0]   ram_waddr_i,
  input  logic [31:0]  ram_wdata_i,
  input  logic         ram_re_i,
  input  logic [3:0]   ram_raddr_i,
  output logic [31:0]  ram_rdata_o,

  input  logic         axi_tvalid_i,
  output logic         axi_tready_o,
  input  logic [511:0] axi_tdata_i,
  input  logic [63:0]  axi_tkeep_i,
  input  logic         axi_tlast_i,
  output logic         axi_out_valid_o,
  input  logic         axi_out_ready_i,
  output logic         axi_out_last_o,
  output logic [6:0]   axi_out_n_bytes_o,
  output logic [511:0] axi_out_data_o,

  input  logic         axo_in_valid_i,
  output logic         axo_in_ready_o,
  input  logic         axo_in_last_i,
  input  logic [6:0]   axo_in_n_bytes_i,
  input  logic [511:0] axo_in_data_i,
  output logic         axo_tvalid_o,
  input  logic         axo_tready_i,
  output logic [511:0] axo_tdata_o,
  output logic [63:0]  axo_tkeep_o,
  output logic         axo_tlast_o
);
  adit_pkg::beat_t axi_beat, axo_beat;

  assign axi_out_last_o    = axi_beat.last;
  assign axi_out_n_bytes_o = axi_beat.n_bytes;
  assign axi_out_data_o    = axi_beat.data;
  assign axo_beat.last     = axo_in_last_i;
  assign axo_beat.n_bytes  = axo_in_n_bytes_i;
  assign axo_beat.data     = axo_in_data_i;

  stream_reg #(.W(32)) u_reg (
    .clk_i, .rst_ni, .in_valid_i(reg_in_valid_i), .in_ready_o(reg_in_ready_o), .in_data_i(reg_in_data_i),
    .out_valid_o(reg_out_valid_o), .out_ready_i(reg_out_ready_i), .out_data_o(reg_out_data_o)
  );
  stream_fifo #(.W(32), .DEPTH_LOG2(3)) u_fifo (
    .clk_i, .rst_ni, .in_valid_i(fifo_in_valid_i), .in_ready_o(fifo_in_ready_o), .in_data_i(fifo_in_data_i),
    .out_valid_o(fifo_out_valid_o), .out_ready_i(fifo_out_ready_i), .out_data_o(fifo_out_data_o), .usage_o(fifo_usage_o)
  );
  stream_fifo #(.W(32), .DEPTH_LOG2(1)) u_pair (
    .clk_i, .rst_ni, .in_valid_i(pair_in_valid_i), .in_ready_o(pair_in_ready_o), .in_data_i(pair_in_data_i),
    .out_valid_o(pair_out_valid_o), .out_ready_i(pair_out_ready_i), .out_data_o(pair_out_data_o), .usage_o(pair_usage_o)
  );
  stream_fork #(.N(3)) u_fork (
    .clk_i, .rst_ni, .in_valid_i(fork_in_valid_i), .in_ready_o(fork_in_ready_o),
    .out_valid_o(fork_out_valid_o), .out_ready_i(fork_out_ready_i)
  );
  stream_arb2 #(.W(32)) u_arb (
    .clk_i, .rst_ni,
    .a_valid_i(arb_a_valid_i), .a_ready_o(arb_a_ready_o), .a_last_i(arb_a_last_i), .a_data_i(arb_a_data_i),
    .b_valid_i(arb_b_valid_i), .b_ready_o(arb_b_ready_o), .b_last_i(arb_b_last_i), .b_data_i(arb_b_data_i),
    .out_valid_o(arb_out_valid_o), .out_ready_i(arb_out_ready_i), .out_last_o(arb_out_last_o),
    .out_data_o(arb_out_data_o), .out_sel_o(arb_out_sel_o)
  );
  ram_1r1w #(.W(32), .AW(4)) u_ram (
    .clk_i, .we_i(ram_we_i), .waddr_i(ram_waddr_i), .wdata_i(ram_wdata_i),
    .re_i(ram_re_i), .raddr_i(ram_raddr_i), .rdata_o(ram_rdata_o)
  );
  axis_in u_axis_in (
    .clk_i, .rst_ni, .tvalid_i(axi_tvalid_i), .tready_o(axi_tready_o), .tdata_i(axi_tdata_i), .tkeep_i(axi_tkeep_i),
    .tlast_i(axi_tlast_i), .out_valid_o(axi_out_valid_o), .out_ready_i(axi_out_ready_i), .out_beat_o(axi_beat)
  );
  axis_out u_axis_out (
    .clk_i, .rst_ni, .in_valid_i(axo_in_valid_i), .in_ready_o(axo_in_ready_o), .in_beat_i(axo_beat),
    .tvalid_o(axo_tvalid_o), .tready_i(axo_tready_i), .tdata_o(axo_tdata_o), .tkeep_o(axo_tkeep_o), .tlast_o(axo_tlast_o)
  );
endmodule
