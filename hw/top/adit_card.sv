// SPDX-License-Identifier: BSD-2-Clause-Patent
// The card: instances and wires only, in packet order. hw/top/README.md shows the picture.
module adit_card #(
  parameter int unsigned SA_LOG2         = 10,  // SA slots
  parameter int unsigned SP_LOG2         = 6,   // rules per bank, and policy ids
  parameter int unsigned LANES           = 1,   // cipher lanes per direction
  parameter int unsigned ROUNDS          = 14,  // AES rounds unrolled per lane
  parameter int unsigned CIPHER_CONTEXTS = 16,  // packets in flight per cipher lane
  parameter int unsigned STAGES          = 20,  // hash steps unrolled
  parameter int unsigned AUTH_LANES      = 1,   // hash lanes per direction
  parameter int unsigned AUTH_CONTEXTS   = 32,  // packets in flight per hash lane
  parameter int unsigned MEM_LOG2        = 10,  // packet memory per direction and side, 64-byte words
  parameter int unsigned TICKETS_LOG2    = 5,   // packets in flight per direction
  parameter int unsigned WINDOW_LOG2     = 12,  // replay window, packets
  parameter int unsigned FRAME_FIFO_LOG2 = 9,   // words waiting between parse and seal or open
  parameter int unsigned CLOCK_HZ        = 0,   // cycles a second, for lifetimes; 0: the host keeps time
  parameter int unsigned FULL_SIZE       = 0    // what CAP_SIZES says: 1 or 0
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

  // ---- host side: registers, rings, commands
  logic               enable, nic, no_match, soft_reset, core_rst_n, host_busy, seal_busy, open_busy, sad_busy, pipelines_busy;
  logic [1023:0]      local_addr;
  logic [7:0]         local_v4, local_v6;
  logic               tx_valid, tx_ready, rx_valid, rx_ready, notice_valid, notice_ready;
  adit_pkg::beat_t    tx_beat, rx_beat;
  adit_pkg::tx_meta_t tx_meta;
  logic [31:0]        now;
  adit_pkg::host_meta_t rx_meta;
  adit_pkg::notice_t  notice;
  logic               seal_verdict_valid, seal_verdict_ready, open_verdict_valid, open_verdict_ready;
  adit_pkg::verdict_t seal_verdict, open_verdict;
  adit_pkg::tbl_req_t tbl;
  adit_pkg::tbl_rsp_t tbl_rsp, spd_rsp, sad_rsp, seal_rsp, open_rsp;

  assign core_rst_n = rst_ni && !soft_reset;
  assign tbl_rsp    = spd_rsp | sad_rsp | seal_rsp | open_rsp;

  host #(.SA_LOG2(SA_LOG2), .SP_LOG2(SP_LOG2), .WINDOW_LOG2(WINDOW_LOG2), .CLOCK_HZ(CLOCK_HZ), .FULL(FULL_SIZE)) u_host (
    .clk_i, .rst_ni,
    .s_axil_awaddr_i, .s_axil_awvalid_i, .s_axil_awready_o, .s_axil_wdata_i, .s_axil_wstrb_i, .s_axil_wvalid_i,
    .s_axil_wready_o, .s_axil_bresp_o, .s_axil_bvalid_o, .s_axil_bready_i, .s_axil_araddr_i, .s_axil_arvalid_i,
    .s_axil_arready_o, .s_axil_rdata_o, .s_axil_rresp_o, .s_axil_rvalid_o, .s_axil_rready_i,
    .m_axi_awaddr_o, .m_axi_awlen_o, .m_axi_awsize_o, .m_axi_awburst_o, .m_axi_awid_o, .m_axi_awvalid_o, .m_axi_awready_i,
    .m_axi_wdata_o, .m_axi_wstrb_o, .m_axi_wlast_o, .m_axi_wvalid_o, .m_axi_wready_i,
    .m_axi_bresp_i, .m_axi_bid_i, .m_axi_bvalid_i, .m_axi_bready_o,
    .m_axi_araddr_o, .m_axi_arlen_o, .m_axi_arsize_o, .m_axi_arburst_o, .m_axi_arid_o, .m_axi_arvalid_o, .m_axi_arready_i,
    .m_axi_rdata_i, .m_axi_rresp_i, .m_axi_rid_i, .m_axi_rlast_i, .m_axi_rvalid_i, .m_axi_rready_o,
    .irq_valid_o, .irq_ready_i, .irq_vector_o,
    .enable_o(enable), .nic_o(nic), .no_match_o(no_match), .verdicts_o(unused_verdicts), .local_addr_o(local_addr),
    .local_v4_o(local_v4), .local_v6_o(local_v6), .now_o(now), .soft_reset_o(soft_reset),
    .tx_valid_o(tx_valid), .tx_ready_i(tx_ready), .tx_beat_o(tx_beat), .tx_meta_o(tx_meta),
    .rx_valid_i(rx_valid), .rx_ready_o(rx_ready), .rx_beat_i(rx_beat), .rx_meta_i(rx_meta),
    .notice_valid_i(notice_valid), .notice_ready_o(notice_ready), .notice_i(notice),
    .seal_verdict_valid_i(seal_verdict_valid), .seal_verdict_ready_o(seal_verdict_ready), .seal_verdict_i(seal_verdict),
    .open_verdict_valid_i(open_verdict_valid), .open_verdict_ready_o(open_verdict_ready), .open_verdict_i(open_verdict),
    .pipelines_busy_i(pipelines_busy), .tbl_o(tbl), .tbl_i(tbl_rsp), .busy_o(host_busy)
  );
  logic unused_verdicts;

  // ---- from the TX ring: through a pipeline, or straight out
  logic tx_seal_valid, tx_seal_ready, tx_open_valid, tx_open_ready, tx_lan_valid, tx_lan_ready, tx_wan_valid, tx_wan_ready;
  assign tx_seal_valid = tx_valid && (tx_meta.dest == adit_reg_pkg::DEST_FROM_LAN[2:0] || tx_meta.dest == adit_reg_pkg::DEST_SEAL[2:0]);
  assign tx_open_valid = tx_valid && (tx_meta.dest == adit_reg_pkg::DEST_FROM_WAN[2:0] || tx_meta.dest == adit_reg_pkg::DEST_OPENED[2:0]);
  assign tx_lan_valid  = tx_valid && tx_meta.dest == adit_reg_pkg::DEST_OUT_LAN[2:0];
  assign tx_wan_valid  = tx_valid && tx_meta.dest == adit_reg_pkg::DEST_OUT_WAN[2:0];
  assign tx_ready      = (tx_seal_valid && tx_seal_ready) || (tx_open_valid && tx_open_ready) ||
                         (tx_lan_valid && tx_lan_ready) || (tx_wan_valid && tx_wan_ready);

  // ---- in at lan, and from the host as if from lan; in mode nic the host alone
  logic            lan_gate_valid, lan_gate_ready, lan_in_valid, lan_in_ready, seal_in_valid, seal_in_ready, seal_in_last;
  logic            seal_in_is_host;
  adit_pkg::beat_t lan_in_beat, seal_in_beat;
  adit_pkg::tx_meta_t seal_in_meta;
  port_gate u_lan_gate (
    .clk_i, .rst_ni, .soft_reset_i(soft_reset), .enable_i(enable && !nic),
    .in_valid_i(lan_rx_tvalid_i), .in_ready_o(lan_rx_tready_o), .in_last_i(lan_rx_tlast_i),
    .out_valid_o(lan_gate_valid), .out_ready_i(lan_gate_ready)
  );
  axis_in u_lan_in (
    .clk_i, .rst_ni(core_rst_n),
    .tvalid_i(lan_gate_valid), .tready_o(lan_gate_ready), .tdata_i(lan_rx_tdata_i), .tkeep_i(lan_rx_tkeep_i),
    .tlast_i(lan_rx_tlast_i),
    .out_valid_o(lan_in_valid), .out_ready_i(lan_in_ready), .out_beat_o(lan_in_beat)
  );
  stream_arb2 #(.W($bits(lan_in_beat) + $bits(tx_meta))) u_seal_in (
    .clk_i, .rst_ni(core_rst_n),
    .a_valid_i(lan_in_valid), .a_ready_o(lan_in_ready), .a_last_i(lan_in_beat.last),
    .a_data_i({lan_in_beat, {$bits(tx_meta){1'b0}}}),
    .b_valid_i(tx_seal_valid), .b_ready_o(tx_seal_ready), .b_last_i(tx_beat.last), .b_data_i({tx_beat, tx_meta}),
    .out_valid_o(seal_in_valid), .out_ready_i(seal_in_ready), .out_last_o(seal_in_last),
    .out_data_o({seal_in_beat, seal_in_meta}),
    .out_sel_o(seal_in_is_host)
  );

  // ---- in at wan, and from the host as if from wan
  logic            wan_gate_valid, wan_gate_ready, wan_in_valid, wan_in_ready, open_in_valid, open_in_ready, open_in_last;
  logic            open_in_is_host;
  adit_pkg::beat_t wan_in_beat, open_in_beat;
  adit_pkg::tx_meta_t open_in_meta;
  port_gate u_wan_gate (
    .clk_i, .rst_ni, .soft_reset_i(soft_reset), .enable_i(enable),
    .in_valid_i(wan_rx_tvalid_i), .in_ready_o(wan_rx_tready_o), .in_last_i(wan_rx_tlast_i),
    .out_valid_o(wan_gate_valid), .out_ready_i(wan_gate_ready)
  );
  axis_in u_wan_in (
    .clk_i, .rst_ni(core_rst_n),
    .tvalid_i(wan_gate_valid), .tready_o(wan_gate_ready), .tdata_i(wan_rx_tdata_i), .tkeep_i(wan_rx_tkeep_i),
    .tlast_i(wan_rx_tlast_i),
    .out_valid_o(wan_in_valid), .out_ready_i(wan_in_ready), .out_beat_o(wan_in_beat)
  );
  stream_arb2 #(.W($bits(wan_in_beat) + $bits(tx_meta))) u_open_in (
    .clk_i, .rst_ni(core_rst_n),
    .a_valid_i(wan_in_valid), .a_ready_o(wan_in_ready), .a_last_i(wan_in_beat.last),
    .a_data_i({wan_in_beat, {$bits(tx_meta){1'b0}}}),
    .b_valid_i(tx_open_valid), .b_ready_o(tx_open_ready), .b_last_i(tx_beat.last), .b_data_i({tx_beat, tx_meta}),
    .out_valid_o(open_in_valid), .out_ready_i(open_in_ready), .out_last_o(open_in_last),
    .out_data_o({open_in_beat, open_in_meta}),
    .out_sel_o(open_in_is_host)
  );

  // ---- parse, once a direction
  logic             seal_facts_valid, seal_facts_ready, seal_beat_valid, seal_beat_ready;
  logic             open_facts_valid, open_facts_ready, open_beat_valid, open_beat_ready;
  adit_pkg::facts_t seal_facts, open_facts;
  adit_pkg::beat_t  seal_beat, open_beat;
  parse #(.WORDS_LOG2(FRAME_FIFO_LOG2), .FACTS_LOG2(FRAME_FIFO_LOG2 - 5)) u_seal_parse (
    .clk_i, .rst_ni(core_rst_n), .local_addr_i(local_addr), .local_v4_i(local_v4), .local_v6_i(local_v6),
    .in_valid_i(seal_in_valid), .in_ready_o(seal_in_ready), .in_beat_i(seal_in_beat),
    .in_face_i(seal_in_is_host ? adit_reg_pkg::FACE_HOST[1:0] : adit_reg_pkg::FACE_LAN[1:0]),
    .in_told_i(seal_in_is_host && seal_in_meta.dest == adit_reg_pkg::DEST_SEAL[2:0]), .in_meta_i(seal_in_meta),
    .facts_valid_o(seal_facts_valid), .facts_ready_i(seal_facts_ready), .facts_o(seal_facts),
    .beat_valid_o(seal_beat_valid), .beat_ready_i(seal_beat_ready), .beat_o(seal_beat)
  );
  parse #(.WORDS_LOG2(FRAME_FIFO_LOG2), .FACTS_LOG2(FRAME_FIFO_LOG2 - 5)) u_open_parse (
    .clk_i, .rst_ni(core_rst_n), .local_addr_i(local_addr), .local_v4_i(local_v4), .local_v6_i(local_v6),
    .in_valid_i(open_in_valid), .in_ready_o(open_in_ready), .in_beat_i(open_in_beat),
    .in_face_i(open_in_is_host ? adit_reg_pkg::FACE_HOST[1:0] : adit_reg_pkg::FACE_WAN[1:0]),
    .in_told_i(open_in_is_host && open_in_meta.dest == adit_reg_pkg::DEST_OPENED[2:0]), .in_meta_i(open_in_meta),
    .facts_valid_o(open_facts_valid), .facts_ready_i(open_facts_ready), .facts_o(open_facts),
    .beat_valid_o(open_beat_valid), .beat_ready_i(open_beat_ready), .beat_o(open_beat)
  );

  // ---- policies and SAs
  logic                 seal_key_valid, seal_key_ready, seal_hit_valid, seal_hit_ready, seal_sp_count_valid;
  logic                 open_key_valid, open_key_ready, open_hit_valid, open_hit_ready, open_sp_count_valid;
  adit_pkg::sp_key_t    seal_key, open_key;
  adit_pkg::sp_hit_t    seal_hit, open_hit;
  adit_pkg::sp_count_t  seal_sp_count, open_sp_count;
  logic                 seal_req_valid, seal_req_ready, seal_ans_valid, seal_ans_ready;
  logic                 open_req_valid, open_req_ready, open_ans_valid, open_ans_ready, open_sa_count_valid;
  logic                 commit_req_valid, commit_req_ready, commit_rsp_valid, commit_rsp_ready;
  adit_pkg::seal_req_t  seal_req;
  adit_pkg::seal_rsp_t  seal_ans;
  adit_pkg::open_req_t  open_req;
  adit_pkg::open_rsp_t  open_ans;
  adit_pkg::commit_req_t commit_req;
  adit_pkg::commit_rsp_t commit_rsp;
  adit_pkg::sa_count_t  open_sa_count;
  logic                 seal_notice_valid, seal_notice_ready, sad_notice_valid, sad_notice_ready, unused_last, unused_sel;
  adit_pkg::notice_t    seal_notice, sad_notice;

  spd #(.RULES_LOG2(SP_LOG2)) u_spd (
    .clk_i, .rst_ni(core_rst_n),
    .seal_key_valid_i(seal_key_valid), .seal_key_ready_o(seal_key_ready), .seal_key_i(seal_key),
    .seal_hit_valid_o(seal_hit_valid), .seal_hit_ready_i(seal_hit_ready), .seal_hit_o(seal_hit),
    .open_key_valid_i(open_key_valid), .open_key_ready_o(open_key_ready), .open_key_i(open_key),
    .open_hit_valid_o(open_hit_valid), .open_hit_ready_i(open_hit_ready), .open_hit_o(open_hit),
    .seal_count_valid_i(seal_sp_count_valid), .seal_count_i(seal_sp_count),
    .open_count_valid_i(open_sp_count_valid), .open_count_i(open_sp_count),
    .tbl_i(tbl), .tbl_o(spd_rsp)
  );
  sad #(.SLOTS_LOG2(SA_LOG2), .WINDOW_LOG2(WINDOW_LOG2)) u_sad (
    .clk_i, .rst_ni(core_rst_n), .now_i(now),
    .seal_req_valid_i(seal_req_valid), .seal_req_ready_o(seal_req_ready), .seal_req_i(seal_req),
    .seal_rsp_valid_o(seal_ans_valid), .seal_rsp_ready_i(seal_ans_ready), .seal_rsp_o(seal_ans),
    .open_req_valid_i(open_req_valid), .open_req_ready_o(open_req_ready), .open_req_i(open_req),
    .open_rsp_valid_o(open_ans_valid), .open_rsp_ready_i(open_ans_ready), .open_rsp_o(open_ans),
    .commit_req_valid_i(commit_req_valid), .commit_req_ready_o(commit_req_ready), .commit_req_i(commit_req),
    .commit_rsp_valid_o(commit_rsp_valid), .commit_rsp_ready_i(commit_rsp_ready), .commit_rsp_o(commit_rsp),
    .open_count_valid_i(open_sa_count_valid), .open_count_i(open_sa_count),
    .notice_valid_o(sad_notice_valid), .notice_ready_i(sad_notice_ready), .notice_o(sad_notice),
    .tbl_i(tbl), .tbl_o(sad_rsp), .busy_o(sad_busy)
  );
  stream_arb2 #(.W($bits(notice))) u_notices (
    .clk_i, .rst_ni(core_rst_n),
    .a_valid_i(seal_notice_valid), .a_ready_o(seal_notice_ready), .a_last_i(1'b1), .a_data_i(seal_notice),
    .b_valid_i(sad_notice_valid), .b_ready_o(sad_notice_ready), .b_last_i(1'b1), .b_data_i(sad_notice),
    .out_valid_o(notice_valid), .out_ready_i(notice_ready), .out_last_o(unused_last), .out_data_o(notice),
    .out_sel_o(unused_sel)
  );

  // ---- the two directions
  logic                 seal_wan_valid, seal_wan_ready, seal_host_valid, seal_host_ready;
  logic                 open_lan_valid, open_lan_ready, open_host_valid, open_host_ready;
  adit_pkg::beat_t      seal_wan_beat, seal_host_beat, open_lan_beat, open_host_beat;
  adit_pkg::host_meta_t seal_host_meta, open_host_meta;

  seal #(
    .LANES(LANES), .ROUNDS(ROUNDS), .CIPHER_CONTEXTS(CIPHER_CONTEXTS), .STAGES(STAGES), .AUTH_LANES(AUTH_LANES),
    .AUTH_CONTEXTS(AUTH_CONTEXTS), .SLOTS_LOG2(SA_LOG2), .MEM_LOG2(MEM_LOG2), .TICKETS_LOG2(TICKETS_LOG2)
  ) u_seal (
    .clk_i, .rst_ni(core_rst_n), .no_match_i(no_match), .enter_i(seal_in_valid && seal_in_ready && seal_in_last),
    .facts_valid_i(seal_facts_valid), .facts_ready_o(seal_facts_ready), .facts_i(seal_facts),
    .beat_valid_i(seal_beat_valid), .beat_ready_o(seal_beat_ready), .beat_i(seal_beat),
    .sp_key_valid_o(seal_key_valid), .sp_key_ready_i(seal_key_ready), .sp_key_o(seal_key),
    .sp_hit_valid_i(seal_hit_valid), .sp_hit_ready_o(seal_hit_ready), .sp_hit_i(seal_hit),
    .seal_req_valid_o(seal_req_valid), .seal_req_ready_i(seal_req_ready), .seal_req_o(seal_req),
    .seal_rsp_valid_i(seal_ans_valid), .seal_rsp_ready_o(seal_ans_ready), .seal_rsp_i(seal_ans),
    .sp_count_valid_o(seal_sp_count_valid), .sp_count_o(seal_sp_count),
    .notice_valid_o(seal_notice_valid), .notice_ready_i(seal_notice_ready), .notice_o(seal_notice),
    .wan_valid_o(seal_wan_valid), .wan_ready_i(seal_wan_ready), .wan_beat_o(seal_wan_beat),
    .host_valid_o(seal_host_valid), .host_ready_i(seal_host_ready), .host_beat_o(seal_host_beat),
    .host_meta_o(seal_host_meta),
    .verdict_valid_o(seal_verdict_valid), .verdict_ready_i(seal_verdict_ready), .verdict_o(seal_verdict),
    .busy_o(seal_busy), .tbl_i(tbl), .tbl_o(seal_rsp)
  );
  open #(
    .LANES(LANES), .ROUNDS(ROUNDS), .CIPHER_CONTEXTS(CIPHER_CONTEXTS), .STAGES(STAGES), .AUTH_LANES(AUTH_LANES),
    .AUTH_CONTEXTS(AUTH_CONTEXTS), .SLOTS_LOG2(SA_LOG2), .MEM_LOG2(MEM_LOG2), .TICKETS_LOG2(TICKETS_LOG2)
  ) u_open (
    .clk_i, .rst_ni(core_rst_n), .no_match_i(no_match), .nic_i(nic), .local_addr_i(local_addr), .local_v4_i(local_v4),
    .local_v6_i(local_v6), .enter_i(open_in_valid && open_in_ready && open_in_last),
    .facts_valid_i(open_facts_valid), .facts_ready_o(open_facts_ready), .facts_i(open_facts),
    .beat_valid_i(open_beat_valid), .beat_ready_o(open_beat_ready), .beat_i(open_beat),
    .sp_key_valid_o(open_key_valid), .sp_key_ready_i(open_key_ready), .sp_key_o(open_key),
    .sp_hit_valid_i(open_hit_valid), .sp_hit_ready_o(open_hit_ready), .sp_hit_i(open_hit),
    .open_req_valid_o(open_req_valid), .open_req_ready_i(open_req_ready), .open_req_o(open_req),
    .open_rsp_valid_i(open_ans_valid), .open_rsp_ready_o(open_ans_ready), .open_rsp_i(open_ans),
    .commit_req_valid_o(commit_req_valid), .commit_req_ready_i(commit_req_ready), .commit_req_o(commit_req),
    .commit_rsp_valid_i(commit_rsp_valid), .commit_rsp_ready_o(commit_rsp_ready), .commit_rsp_i(commit_rsp),
    .sp_count_valid_o(open_sp_count_valid), .sp_count_o(open_sp_count),
    .sa_count_valid_o(open_sa_count_valid), .sa_count_o(open_sa_count),
    .lan_valid_o(open_lan_valid), .lan_ready_i(open_lan_ready), .lan_beat_o(open_lan_beat),
    .host_valid_o(open_host_valid), .host_ready_i(open_host_ready), .host_beat_o(open_host_beat),
    .host_meta_o(open_host_meta),
    .verdict_valid_o(open_verdict_valid), .verdict_ready_i(open_verdict_ready), .verdict_o(open_verdict),
    .busy_o(open_busy), .tbl_i(tbl), .tbl_o(open_rsp)
  );

  // ---- out at lan and wan
  logic            lan_out_valid, lan_out_ready, lan_end_valid, lan_end_ready, unused_lan_last, unused_lan_sel;
  logic            wan_out_valid, wan_out_ready, wan_end_valid, wan_end_ready, unused_wan_last, unused_wan_sel;
  adit_pkg::beat_t lan_out_beat, lan_end_beat, wan_out_beat, wan_end_beat;
  stream_arb2 #(.W($bits(lan_out_beat))) u_lan_out (
    .clk_i, .rst_ni(core_rst_n),
    .a_valid_i(open_lan_valid), .a_ready_o(open_lan_ready), .a_last_i(open_lan_beat.last), .a_data_i(open_lan_beat),
    .b_valid_i(tx_lan_valid), .b_ready_o(tx_lan_ready), .b_last_i(tx_beat.last), .b_data_i(tx_beat),
    .out_valid_o(lan_out_valid), .out_ready_i(lan_out_ready), .out_last_o(unused_lan_last), .out_data_o(lan_out_beat),
    .out_sel_o(unused_lan_sel)
  );
  port_end u_lan_end (
    .clk_i, .rst_ni, .soft_reset_i(soft_reset),
    .in_valid_i(lan_out_valid), .in_ready_o(lan_out_ready), .in_beat_i(lan_out_beat),
    .out_valid_o(lan_end_valid), .out_ready_i(lan_end_ready), .out_beat_o(lan_end_beat)
  );
  axis_out u_lan_axis (
    .clk_i, .rst_ni, .in_valid_i(lan_end_valid), .in_ready_o(lan_end_ready), .in_beat_i(lan_end_beat),
    .tvalid_o(lan_tx_tvalid_o), .tready_i(lan_tx_tready_i), .tdata_o(lan_tx_tdata_o), .tkeep_o(lan_tx_tkeep_o),
    .tlast_o(lan_tx_tlast_o)
  );
  stream_arb2 #(.W($bits(wan_out_beat))) u_wan_out (
    .clk_i, .rst_ni(core_rst_n),
    .a_valid_i(seal_wan_valid), .a_ready_o(seal_wan_ready), .a_last_i(seal_wan_beat.last), .a_data_i(seal_wan_beat),
    .b_valid_i(tx_wan_valid), .b_ready_o(tx_wan_ready), .b_last_i(tx_beat.last), .b_data_i(tx_beat),
    .out_valid_o(wan_out_valid), .out_ready_i(wan_out_ready), .out_last_o(unused_wan_last), .out_data_o(wan_out_beat),
    .out_sel_o(unused_wan_sel)
  );
  port_end u_wan_end (
    .clk_i, .rst_ni, .soft_reset_i(soft_reset),
    .in_valid_i(wan_out_valid), .in_ready_o(wan_out_ready), .in_beat_i(wan_out_beat),
    .out_valid_o(wan_end_valid), .out_ready_i(wan_end_ready), .out_beat_o(wan_end_beat)
  );
  axis_out u_wan_axis (
    .clk_i, .rst_ni, .in_valid_i(wan_end_valid), .in_ready_o(wan_end_ready), .in_beat_i(wan_end_beat),
    .tvalid_o(wan_tx_tvalid_o), .tready_i(wan_tx_tready_i), .tdata_o(wan_tx_tdata_o), .tkeep_o(wan_tx_tkeep_o),
    .tlast_o(wan_tx_tlast_o)
  );

  // ---- out to the host's RX ring
  logic unused_rx_last, unused_rx_sel;
  stream_arb2 #(.W($bits(rx_beat) + $bits(rx_meta))) u_rx (
    .clk_i, .rst_ni(core_rst_n),
    .a_valid_i(seal_host_valid), .a_ready_o(seal_host_ready), .a_last_i(seal_host_beat.last),
    .a_data_i({seal_host_beat, seal_host_meta}),
    .b_valid_i(open_host_valid), .b_ready_o(open_host_ready), .b_last_i(open_host_beat.last),
    .b_data_i({open_host_beat, open_host_meta}),
    .out_valid_o(rx_valid), .out_ready_i(rx_ready), .out_last_o(unused_rx_last), .out_data_o({rx_beat, rx_meta}),
    .out_sel_o(unused_rx_sel)
  );

  assign pipelines_busy = seal_busy || open_busy || seal_in_valid || open_in_valid;
  assign busy_o         = host_busy || pipelines_busy || soft_reset || lan_end_valid || wan_end_valid || lan_tx_tvalid_o ||
                          wan_tx_tvalid_o || sad_busy;

endmodule
