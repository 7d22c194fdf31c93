// SPDX-License-Identifier: BSD-2-Clause-Patent
// The card: instances and wires only, in packet order. hw/top/README.md shows the picture.
module adit_card #(
  parameter int unsigned SA_LOG2         = 10,  // SA slots
  parameter int unsigned SP_LOG2         = 6,   // rules per bank, and policy ids
  parameter int unsigned LANES           = 1,   // cipher lanes per direction
  parameter int unsigned ROUNDS          = 2,   // AES rounds unrolled per lane
  parameter int unsigned CIPHER_CONTEXTS = 8,   // packets in flight per cipher lane
  parameter int unsigned STAGES          = 5,   // hash steps unrolled
  parameter int unsigned AUTH_CONTEXTS   = 8,   // packets in flight in the hash
  parameter int unsigned MEM_LOG2        = 10,  // packet memory per direction and side, 64-byte words
  parameter int unsigned TICKETS_LOG2    = 5,   // packets in flight per direction
  parameter int unsigned FRAME_FIFO_LOG2 = 9,   // words waiting between parse and seal or open
  parameter bit          FULL_SIZE       = 1'b0 // what CAP_SIZES says
) (
  input  logic         clk_i,
  input  logic         rst_ni,

  // BAR0, AXI4-Lite slave
  input  logic [11:0]  s_axil_awaddr_i,
  input  logic         s_axil_awvalid_i,
  output logic         s_axil_awready_o,
  input  logic [31:0]  s_axil_wdata_i,
  input  logic [3:0]   s_axil_wstrb_i,
  input  logic         s_axil_wvalid_i,
  output logic         s_axil_wready_o,
  output logic [1:0]   s_axil_bresp_o,
  output logic         s_axil_bvalid_o,
  input  logic         s_axil_bready_i,
  input  logic [11:0]  s_axil_araddr_i,
  input  logic         s_axil_arvalid_i,
  output logic         s_axil_arready_o,
  output logic [31:0]  s_axil_rdata_o,
  output logic [1:0]   s_axil_rresp_o,
  output logic         s_axil_rvalid_o,
  input  logic         s_axil_rready_i,

  // host memory, AXI4 master
  output logic [63:0]  m_axi_awaddr_o,
  output logic [7:0]   m_axi_awlen_o,
  output logic [2:0]   m_axi_awsize_o,
  output logic [1:0]   m_axi_awburst_o,
  output logic [3:0]   m_axi_awid_o,
  output logic         m_axi_awvalid_o,
  input  logic         m_axi_awready_i,
  output logic [511:0] m_axi_wdata_o,
  output logic [63:0]  m_axi_wstrb_o,
  output logic         m_axi_wlast_o,
  output logic         m_axi_wvalid_o,
  input  logic         m_axi_wready_i,
  input  logic [1:0]   m_axi_bresp_i,
  input  logic [3:0]   m_axi_bid_i,
  input  logic         m_axi_bvalid_i,
  output logic         m_axi_bready_o,
  output logic [63:0]  m_axi_araddr_o,
  output logic [7:0]   m_axi_arlen_o,
  output logic [2:0]   m_axi_arsize_o,
  output logic [1:0]   m_axi_arburst_o,
  output logic [3:0]   m_axi_arid_o,
  output logic         m_axi_arvalid_o,
  input  logic         m_axi_arready_i,
  input  logic [511:0] m_axi_rdata_i,
  input  logic [1:0]   m_axi_rresp_i,
  input  logic [3:0]   m_axi_rid_i,
  input  logic         m_axi_rlast_i,
  input  logic         m_axi_rvalid_i,
  output logic         m_axi_rready_o,

  // MSI-X: one message per handshake
  output logic         irq_valid_o,
  input  logic         irq_ready_i,
  output logic [1:0]   irq_vector_o,

  // lan: plaintext side, AXI4-Stream, byte i of the word in bits [8i+7:8i]; tkeep is all ones but on the last word
  input  logic         lan_rx_tvalid_i,
  output logic         lan_rx_tready_o,
  input  logic [511:0] lan_rx_tdata_i,
  input  logic [63:0]  lan_rx_tkeep_i,
  input  logic         lan_rx_tlast_i,
  output logic         lan_tx_tvalid_o,
  input  logic         lan_tx_tready_i,
  output logic [511:0] lan_tx_tdata_o,
  output logic [63:0]  lan_tx_tkeep_o,
  output logic         lan_tx_tlast_o,

  // wan: protected side
  input  logic         wan_rx_tvalid_i,
  output logic         wan_rx_tready_o,
  input  logic [511:0] wan_rx_tdata_i,
  input  logic [63:0]  wan_rx_tkeep_i,
  input  logic         wan_rx_tlast_i,
  output logic         wan_tx_tvalid_o,
  input  logic         wan_tx_tready_i,
  output logic [511:0] wan_tx_tdata_o,
  output logic [63:0]  wan_tx_tkeep_o,
  output logic         wan_tx_tlast_o,

  output logic         busy_o  // a packet or a command is inside; while 0 and nothing is offered the clock may stop
);

  // Wires and instances follow.

endmodule
