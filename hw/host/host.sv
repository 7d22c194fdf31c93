// SPDX-License-Identifier: BSD-2-Clause-Patent
// The card's host side: registers, four rings, DMA, commands, events, interrupts, statistics.
// Instances only. AXI4-Lite is the BAR, the AXI4 master is the way to host memory.
module host #(
  parameter int unsigned SA_LOG2 = 10,  // SA slots
  parameter int unsigned SP_LOG2 = 6,   // rules per bank, and policy ids
  parameter int unsigned FULL    = 0    // only reported: CAP_SIZES.full_size
) (
  input  logic          clk_i,
  input  logic          rst_ni,

  // BAR0
  input  logic [11:0]   s_axil_awaddr_i,
  input  logic          s_axil_awvalid_i,
  output logic          s_axil_awready_o,
  input  logic [31:0]   s_axil_wdata_i,
  input  logic [3:0]    s_axil_wstrb_i,
  input  logic          s_axil_wvalid_i,
  output logic          s_axil_wready_o,
  output logic [1:0]    s_axil_bresp_o,
  output logic          s_axil_bvalid_o,
  input  logic          s_axil_bready_i,
  input  logic [11:0]   s_axil_araddr_i,
  input  logic          s_axil_arvalid_i,
  output logic          s_axil_arready_o,
  output logic [31:0]   s_axil_rdata_o,
  output logic [1:0]    s_axil_rresp_o,
  output logic          s_axil_rvalid_o,
  input  logic          s_axil_rready_i,

  // host memory
  output logic [63:0]   m_axi_awaddr_o,
  output logic [7:0]    m_axi_awlen_o,
  output logic [2:0]    m_axi_awsize_o,
  output logic [1:0]    m_axi_awburst_o,
  output logic [3:0]    m_axi_awid_o,
  output logic          m_axi_awvalid_o,
  input  logic          m_axi_awready_i,
  output logic [511:0]  m_axi_wdata_o,
  output logic [63:0]   m_axi_wstrb_o,
  output logic          m_axi_wlast_o,
  output logic          m_axi_wvalid_o,
  input  logic          m_axi_wready_i,
  input  logic [1:0]    m_axi_bresp_i,
  input  logic [3:0]    m_axi_bid_i,
  input  logic          m_axi_bvalid_i,
  output logic          m_axi_bready_o,
  output logic [63:0]   m_axi_araddr_o,
  output logic [7:0]    m_axi_arlen_o,
  output logic [2:0]    m_axi_arsize_o,
  output logic [1:0]    m_axi_arburst_o,
  output logic [3:0]    m_axi_arid_o,
  output logic          m_axi_arvalid_o,
  input  logic          m_axi_arready_i,
  input  logic [511:0]  m_axi_rdata_i,
  input  logic [1:0]    m_axi_rresp_i,
  input  logic [3:0]    m_axi_rid_i,
  input  logic          m_axi_rlast_i,
  input  logic          m_axi_rvalid_i,
  output logic          m_axi_rready_o,

  // interrupts: one message each handshake
  output logic          irq_valid_o,
  input  logic          irq_ready_i,
  output logic [1:0]    irq_vector_o,

  // settings
  output logic          enable_o,       // CTRL.enable, 0 while the card is not ready
  output logic          nic_o,
  output logic          no_match_o,
  output logic          verdicts_o,
  output logic [1023:0] local_addr_o,   // address n at [128n +: 128], as a number in the sense of facts_t
  output logic [7:0]    local_v4_o,
  output logic [7:0]    local_v6_o,
  output logic          soft_reset_o,   // registered, at least 8 cycles long: resets the pipelines and their tables' owners

  // packets from the TX ring; dest is enum dest and stable over the packet
  output logic              tx_valid_o,
  input  logic              tx_ready_i,
  output adit_pkg::beat_t   tx_beat_o,
  output logic [1:0]        tx_dest_o,

  // packets for the RX ring; meta counts beside the first beat
  input  logic                rx_valid_i,
  output logic                rx_ready_o,
  input  adit_pkg::beat_t     rx_beat_i,
  input  adit_pkg::host_meta_t rx_meta_i,

  input  logic                notice_valid_i,
  output logic                notice_ready_o,
  input  adit_pkg::notice_t   notice_i,

  input  logic                seal_verdict_valid_i,
  output logic                seal_verdict_ready_o,
  input  adit_pkg::verdict_t  seal_verdict_i,
  input  logic                open_verdict_valid_i,
  output logic                open_verdict_ready_o,
  input  adit_pkg::verdict_t  open_verdict_i,

  input  logic                pipelines_busy_i,
  output adit_pkg::tbl_req_t  tbl_o,
  input  adit_pkg::tbl_rsp_t  tbl_i,
  output logic                busy_o
);
endmodule
