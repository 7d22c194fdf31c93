// SPDX-License-Identifier: BSD-2-Clause-Patent
// The card's host side: registers, four rings, DMA, commands, events, interrupts, statistics.
// Instances only. AXI4-Lite is the BAR, the AXI4 master is the way to host memory.
module host #(
  parameter int unsigned SA_LOG2 = 10,  // SA slots
  parameter int unsigned SP_LOG2 = 6,   // rules per bank, and policy ids
  parameter int unsigned CLOCK_HZ = 0,  // cycles a second; 0: the host keeps time (NOW)
  parameter int unsigned WINDOW_LOG2 = 12,  // largest replay window, packets
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
  output logic [31:0]   now_o,          // seconds
  output logic          soft_reset_o,   // registered, at least 8 cycles long: resets the pipelines and their tables' owners

  // packets from the TX ring; meta is stable over the packet
  output logic              tx_valid_o,
  input  logic              tx_ready_i,
  output adit_pkg::beat_t   tx_beat_o,
  output adit_pkg::tx_meta_t tx_meta_o,

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

  // ---- reset, registers
  logic         clear, reset, sweep, swept, ready, busy, busy_q;
  logic [63:0]  cycle;
  logic [3:0]   ctrl, idle;
  logic [15:0]  moderation;
  logic [511:0] caps;
  logic         cmd_busy, evt_busy, tx_busy, rx_busy, irq_busy, regs_busy, read_busy, write_busy;

  host_reset u_reset (
    .clk_i, .rst_ni, .reset_i(reset), .rings_idle_i(idle[3:1] == 3'b111), .cmd_idle_i(idle[0]), .swept_i(swept),
    .clear_o(clear), .soft_reset_o, .sweep_o(sweep), .ready_o(ready), .cycle_o(cycle)
  );

  // Four rings side by side: 0 command, 1 event, 2 TX, 3 RX.
  logic [255:0] base;
  logic [63:0]  tx_wb;
  logic [3:0]   start, stop, bell_valid, advance, fault_valid, on, run, fault_event;
  logic [4:0]   size_log2;
  logic [15:0]  bell_new;
  logic [63:0]  bell, index, mask;
  logic [31:0]  fault_new, fault;
  logic [31:0]  evt_dropped, host_period;
  logic [15:0]  host_reserve;
  logic [255:0] host_limits;
  host_regs #(.SA_LOG2(SA_LOG2), .SP_LOG2(SP_LOG2), .WINDOW_LOG2(WINDOW_LOG2), .FULL(FULL), .CLOCK_HZ(CLOCK_HZ)) u_regs (
    .clk_i, .rst_ni, .clear_i(clear),
    .s_axil_awaddr_i, .s_axil_awvalid_i, .s_axil_awready_o, .s_axil_wdata_i, .s_axil_wstrb_i, .s_axil_wvalid_i,
    .s_axil_wready_o, .s_axil_bresp_o, .s_axil_bvalid_o, .s_axil_bready_i, .s_axil_araddr_i, .s_axil_arvalid_i,
    .s_axil_arready_o, .s_axil_rdata_o, .s_axil_rresp_o, .s_axil_rvalid_o, .s_axil_rready_i,
    .ctrl_o(ctrl), .reset_o(reset), .moderation_o(moderation), .local_addr_o, .local_v4_o, .local_v6_o, .caps_o(caps),
    .now_o, .host_period_o(host_period), .host_reserve_o(host_reserve), .host_limits_o(host_limits),
    .base_o(base), .tx_wb_o(tx_wb), .start_o(start), .stop_o(stop), .size_log2_o(size_log2),
    .bell_valid_o(bell_valid), .bell_o(bell_new), .bell_i(bell), .index_i(index), .fault_i(fault),
    .ready_i(ready), .busy_i(busy_q), .cycle_i(cycle), .evt_dropped_i(evt_dropped), .busy_o(regs_busy)
  );
  assign enable_o   = ctrl[0] && ready;
  assign nic_o      = ctrl[1];
  assign no_match_o = ctrl[2];
  assign verdicts_o = ctrl[3];

  // ---- rings
  logic [16:0] evt_index;
  logic [4:0]  evt_size_log2;
  generate
    for (genvar n = 0; n < 4; n++) begin : g_ring
      logic [16:0] ring_index;
      logic [4:0]  ring_size;
      host_ring #(.IS_EVENT(n == 1)) u_ring (
        .clk_i, .rst_ni, .clear_i(clear), .start_i(start[n]), .stop_i(stop[n]), .size_log2_i(size_log2),
        .bell_valid_i(bell_valid[n]), .bell_i(bell_new), .idle_i(idle[n]), .advance_i(advance[n]),
        .fault_valid_i(fault_valid[n]), .fault_i(fault_new[8*n +: 8]), .on_o(on[n]), .run_o(run[n]), .bell_o(bell[16*n +: 16]),
        .index_o(ring_index), .mask_o(mask[16*n +: 16]), .size_log2_o(ring_size), .fault_o(fault[8*n +: 8]),
        .fault_event_o(fault_event[n])
      );
      assign index[16*n +: 16] = ring_index[15:0];
      if (n == 1) begin : g_event
        assign evt_index     = ring_index;
        assign evt_size_log2 = ring_size;
      end else begin : g_other
        logic unused_bits;
        assign unused_bits = ^{1'b0, ring_index[16], ring_size};
      end
    end
  endgenerate

  // ---- DMA. Readers: 0 commands, 1 records, 2 TX descriptors, 3 TX frames, 4 RX descriptors.
  // Writers: 0 events, 1 answers, 2 TX write-back, 3 RX frames, 4 RX descriptors.
  localparam int unsigned N = 5;
  logic [N-1:0]     rd_valid, rd_ready, r_valid;
  logic [N*64-1:0]  rd_addr;
  logic [N*8-1:0]   rd_words;
  logic             r_err;
  logic [511:0]     r_data;
  host_dma_read #(.N(N)) u_dma_read (
    .clk_i, .rst_ni, .req_valid_i(rd_valid), .req_ready_o(rd_ready), .req_addr_i(rd_addr), .req_words_i(rd_words),
    .r_valid_o(r_valid), .r_err_o(r_err), .r_data_o(r_data), .busy_o(read_busy),
    .m_axi_araddr_o, .m_axi_arlen_o, .m_axi_arsize_o, .m_axi_arburst_o, .m_axi_arid_o, .m_axi_arvalid_o,
    .m_axi_arready_i, .m_axi_rdata_i, .m_axi_rresp_i, .m_axi_rid_i, .m_axi_rlast_i, .m_axi_rvalid_i, .m_axi_rready_o
  );
  logic [N-1:0]     wr_valid, wr_ready, w_ready, b_valid;
  logic [N*64-1:0]  wr_addr;
  logic [N*16-1:0]  wr_bytes;
  logic [N*512-1:0] w_data;
  logic             b_err;
  host_dma_write #(.N(N)) u_dma_write (
    .clk_i, .rst_ni, .req_valid_i(wr_valid), .req_ready_o(wr_ready), .req_addr_i(wr_addr), .req_bytes_i(wr_bytes),
    .w_data_i(w_data), .w_ready_o(w_ready), .b_valid_o(b_valid), .b_err_o(b_err), .busy_o(write_busy),
    .m_axi_awaddr_o, .m_axi_awlen_o, .m_axi_awsize_o, .m_axi_awburst_o, .m_axi_awid_o, .m_axi_awvalid_o,
    .m_axi_awready_i, .m_axi_wdata_o, .m_axi_wstrb_o, .m_axi_wlast_o, .m_axi_wvalid_o, .m_axi_wready_i,
    .m_axi_bresp_i, .m_axi_bid_i, .m_axi_bvalid_i, .m_axi_bready_o
  );
  assign wr_bytes[15:0]  = 16'(adit_reg_pkg::EVT_BYTES);
  assign wr_bytes[31:16] = 16'd64;
  assign wr_bytes[47:32] = 16'd64;
  assign wr_bytes[79:64] = 16'(adit_reg_pkg::RX_BYTES);

  // ---- commands
  logic         stats_read, stats_done, cpl_valid, cpl_ready;
  logic [2:0]   stats_group;
  logic [511:0] stats;
  logic [7:0]   cpl_status, cpl_field;
  logic [31:0]  cpl_tag;
  logic [15:0]  cpl_index;
  host_cmd #(.SA_LOG2(SA_LOG2), .SP_LOG2(SP_LOG2), .WINDOW_LOG2(WINDOW_LOG2)) u_cmd (
    .clk_i, .rst_ni, .clear_i(clear), .sweep_i(sweep), .swept_o(swept), .ready_i(ready), .caps_i(caps),
    .run_i(run[0]), .base_i(base[63:0]), .mask_i(mask[15:0]), .bell_i(bell[15:0]), .advance_o(advance[0]),
    .fault_valid_o(fault_valid[0]), .fault_o(fault_new[7:0]), .idle_o(idle[0]), .busy_o(cmd_busy),
    .desc_req_valid_o(rd_valid[0]), .desc_req_ready_i(rd_ready[0]), .desc_req_addr_o(rd_addr[63:0]),
    .desc_req_words_o(rd_words[7:0]), .desc_r_valid_i(r_valid[0]),
    .record_req_valid_o(rd_valid[1]), .record_req_ready_i(rd_ready[1]), .record_req_addr_o(rd_addr[127:64]),
    .record_req_words_o(rd_words[15:8]), .record_r_valid_i(r_valid[1]), .r_err_i(r_err), .r_data_i(r_data),
    .answer_req_valid_o(wr_valid[1]), .answer_req_ready_i(wr_ready[1]), .answer_req_addr_o(wr_addr[127:64]),
    .answer_data_o(w_data[1023:512]), .answer_b_valid_i(b_valid[1]), .b_err_i(b_err),
    .stats_read_o(stats_read), .stats_group_o(stats_group), .stats_done_i(stats_done), .stats_i(stats),
    .cpl_valid_o(cpl_valid), .cpl_ready_i(cpl_ready), .cpl_status_o(cpl_status), .cpl_field_o(cpl_field),
    .cpl_tag_o(cpl_tag), .cpl_index_o(cpl_index), .tbl_o, .tbl_i
  );

  // ---- events. A verdict is counted and, if wanted, posted: both take it at once.
  logic       seal_event_valid, seal_event_ready, open_event_valid, open_event_ready, evt_written;
  logic [3:0] count_valid, count_ready;
  host_evt u_evt (
    .clk_i, .rst_ni, .clear_i(clear), .cycle_i(cycle), .verdicts_i(verdicts_o),
    .cpl_valid_i(cpl_valid), .cpl_ready_o(cpl_ready), .cpl_status_i(cpl_status), .cpl_field_i(cpl_field),
    .cpl_tag_i(cpl_tag), .cpl_index_i(cpl_index), .fault_i(fault_event),
    .seal_valid_i(seal_event_valid), .seal_ready_o(seal_event_ready), .seal_i(seal_verdict_i),
    .open_valid_i(open_event_valid), .open_ready_o(open_event_ready), .open_i(open_verdict_i),
    .notice_valid_i, .notice_ready_o, .notice_i, .dropped_o(evt_dropped),
    .run_i(run[1]), .base_i(base[127:64]), .mask_i(mask[31:16]), .size_log2_i(evt_size_log2),
    .consumed_i(bell[31:16]), .index_i(evt_index), .advance_o(advance[1]), .error_o(fault_valid[1]),
    .written_o(evt_written), .req_valid_o(wr_valid[0]), .req_ready_i(wr_ready[0]), .req_addr_o(wr_addr[63:0]),
    .w_data_o(w_data[511:0]), .w_ready_i(w_ready[0]), .b_valid_i(b_valid[0]), .b_err_i(b_err), .idle_o(idle[1]), .busy_o(evt_busy)
  );
  assign fault_new[15:8] = adit_reg_pkg::FAULT_DMA_WRITE;

  // ---- statistics: 0 seal, 1 open, 2 TX ring, 3 RX ring
  logic       tx_drop_valid, rx_drop_valid;
  logic [7:0] tx_drop_reason, rx_drop_reason;
  host_stats u_stats (
    .clk_i, .rst_ni, .clear_i(clear), .count_valid_i(count_valid), .count_ready_o(count_ready),
    .count_reason_i({rx_drop_reason, tx_drop_reason, open_verdict_i.reason, seal_verdict_i.reason}),
    .read_i(stats_read), .group_i(stats_group), .done_o(stats_done), .counts_o(stats)
  );
  stream_fork #(.N(2)) u_seal_fork (
    .clk_i, .rst_ni(rst_ni && !soft_reset_o), .in_valid_i(seal_verdict_valid_i), .in_ready_o(seal_verdict_ready_o),
    .out_valid_o({count_valid[0], seal_event_valid}), .out_ready_i({count_ready[0], seal_event_ready})
  );
  stream_fork #(.N(2)) u_open_fork (
    .clk_i, .rst_ni(rst_ni && !soft_reset_o), .in_valid_i(open_verdict_valid_i), .in_ready_o(open_verdict_ready_o),
    .out_valid_o({count_valid[1], open_event_valid}), .out_ready_i({count_ready[1], open_event_ready})
  );
  assign count_valid[2] = tx_drop_valid;
  assign count_valid[3] = rx_drop_valid;

  // ---- packets
  logic tx_irq, rx_irq;
  host_tx u_tx (
    .clk_i, .rst_ni, .clear_i(clear), .run_i(run[2]), .base_i(base[191:128]), .mask_i(mask[47:32]),
    .bell_i(bell[47:32]), .index_i(index[47:32]), .wb_i(tx_wb), .advance_o(advance[2]),
    .fault_valid_o(fault_valid[2]), .fault_o(fault_new[23:16]), .irq_o(tx_irq), .idle_o(idle[2]), .busy_o(tx_busy),
    .drop_valid_o(tx_drop_valid), .drop_ready_i(count_ready[2]), .drop_reason_o(tx_drop_reason),
    .desc_req_valid_o(rd_valid[2]), .desc_req_ready_i(rd_ready[2]), .desc_req_addr_o(rd_addr[191:128]),
    .desc_req_words_o(rd_words[23:16]), .desc_r_valid_i(r_valid[2]),
    .data_req_valid_o(rd_valid[3]), .data_req_ready_i(rd_ready[3]), .data_req_addr_o(rd_addr[255:192]),
    .data_req_words_o(rd_words[31:24]), .data_r_valid_i(r_valid[3]), .r_err_i(r_err), .r_data_i(r_data),
    .wb_req_valid_o(wr_valid[2]), .wb_req_ready_i(wr_ready[2]), .wb_req_addr_o(wr_addr[191:128]),
    .wb_data_o(w_data[1535:1024]), .wb_b_valid_i(b_valid[2]), .b_err_i(b_err),
    .tx_valid_o, .tx_ready_i, .tx_beat_o, .tx_meta_o
  );
  host_rx u_rx (
    .clk_i, .rst_ni, .clear_i(clear), .on_i(on[3]), .run_i(run[3]), .base_i(base[255:192]), .mask_i(mask[63:48]),
    .bell_i(bell[63:48]), .advance_o(advance[3]), .fault_valid_o(fault_valid[3]), .fault_o(fault_new[31:24]),
    .irq_o(rx_irq), .idle_o(idle[3]), .busy_o(rx_busy), .period_i(host_period), .reserve_i(host_reserve), .limits_i(host_limits),
    .drop_valid_o(rx_drop_valid), .drop_ready_i(count_ready[3]), .drop_reason_o(rx_drop_reason),
    .desc_req_valid_o(rd_valid[4]), .desc_req_ready_i(rd_ready[4]), .desc_req_addr_o(rd_addr[319:256]),
    .desc_req_words_o(rd_words[39:32]), .desc_r_valid_i(r_valid[4]), .r_err_i(r_err), .r_data_i(r_data),
    .data_req_valid_o(wr_valid[3]), .data_req_ready_i(wr_ready[3]), .data_req_addr_o(wr_addr[255:192]),
    .data_req_bytes_o(wr_bytes[63:48]), .data_o(w_data[2047:1536]), .data_w_ready_i(w_ready[3]),
    .data_b_valid_i(b_valid[3]), .done_req_valid_o(wr_valid[4]), .done_req_ready_i(wr_ready[4]),
    .done_req_addr_o(wr_addr[319:256]), .done_data_o(w_data[2559:2048]), .done_b_valid_i(b_valid[4]), .b_err_i(b_err),
    .rx_valid_i, .rx_ready_o, .rx_beat_i, .rx_meta_i
  );

  // ---- interrupts: enum vector
  host_irq u_irq (
    .clk_i, .rst_ni, .clear_i(clear), .set_i({fault_event != 4'd0, rx_irq, tx_irq, evt_written}),
    .moderation_i(moderation), .irq_valid_o, .irq_ready_i, .irq_vector_o, .busy_o(irq_busy)
  );

  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) busy_q <= 1'b1;
    else         busy_q <= busy;
  assign busy   = pipelines_busy_i || !ready || cmd_busy || evt_busy || tx_busy || rx_busy;
  assign busy_o = busy || irq_busy || regs_busy || read_busy || write_busy || notice_valid_i ||
                  seal_verdict_valid_i || open_verdict_valid_i;

  logic unused_bits;
  assign unused_bits = ^{1'b0, w_ready[4], w_ready[2:1], on[2:0]};
endmodule
