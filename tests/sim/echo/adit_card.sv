// SPDX-License-Identifier: BSD-2-Clause-Patent
// A card's pins with no card behind them, to try the simulation's surroundings alone: what enters lan leaves wan and the
// other way round, MAGIC, VERSION, CTRL and STATUS are the contract's, and registers from 0x800 on make it use every pin:
//   0x800 0x804  address low, high       0x808  beats - 1          0x80c  write: bit 0 read burst, bit 1 write burst
//   0x810  bit 8 burst done, bits 1:0 worst answer                 0x814  write: raise this vector
//   0x818  bit 0 pretend to be busy, bit 1 take every second beat only     0x81c  reading it is never answered
//   0x820 0x824  write strobes low, high 0x828  cycles in which busy_o was 1
// A read burst fills a buffer of 64 words, a write burst writes it.
module adit_card (
  input  logic         clk_i,
  input  logic         rst_ni,
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
  output logic         irq_valid_o,
  input  logic         irq_ready_i,
  output logic [1:0]   irq_vector_o,
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
  output logic         busy_o
);
  // ---- registers
  logic        enable_q, pretend_q, every_second_q, second_q, mute_q;
  logic [31:0] addr_lo_q, addr_hi_q, strb_lo_q, strb_hi_q, busy_cycles_q, rdata_d;
  logic [5:0]  beats_q;
  logic        write, read;
  logic [4:0]  ready_q;   // counts to STATUS.ready

  assign write            = s_axil_awvalid_i && s_axil_wvalid_i && !s_axil_bvalid_o;
  assign s_axil_awready_o = write;
  assign s_axil_wready_o  = write;
  assign s_axil_bresp_o   = '0;
  assign read             = s_axil_arvalid_i && !s_axil_rvalid_o;
  assign s_axil_arready_o = read;
  assign s_axil_rresp_o   = '0;

  // ---- bursts
  typedef enum logic [2:0] { StIdle, StRead, StReadData, StWrite, StWriteData, StAnswer } state_e;
  state_e      state_q;
  logic [5:0]  beat_q;
  logic [1:0]  worst_q;
  logic        done_q;
  logic [511:0] buffer[64];

  always_comb
    case (s_axil_araddr_i)
      adit_reg_pkg::MAGIC_OFFSET:   rdata_d = 32'h5449_4441;
      adit_reg_pkg::VERSION_OFFSET: rdata_d = 32'h0001_0001;
      adit_reg_pkg::CTRL_OFFSET:    rdata_d = {31'd0, enable_q};
      adit_reg_pkg::STATUS_OFFSET:  rdata_d = {30'd0, busy_o, &ready_q};
      12'h800: rdata_d = addr_lo_q;
      12'h804: rdata_d = addr_hi_q;
      12'h808: rdata_d = {26'd0, beats_q};
      12'h810: rdata_d = {23'd0, done_q, 6'd0, worst_q};
      12'h828: rdata_d = busy_cycles_q;
      default: rdata_d = '0;
    endcase

  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) begin
      s_axil_bvalid_o <= 1'b0;
      s_axil_rvalid_o <= 1'b0;
      mute_q          <= 1'b0;
      enable_q        <= 1'b0;
      pretend_q       <= 1'b0;
      every_second_q  <= 1'b0;
      irq_valid_o     <= 1'b0;
      ready_q         <= '0;
      busy_cycles_q   <= '0;
      {addr_lo_q, addr_hi_q, strb_lo_q, strb_hi_q, beats_q} <= '0;
    end else begin
      if (!(&ready_q)) ready_q <= ready_q + 5'd1;
      busy_cycles_q <= busy_cycles_q + 32'(busy_o);
      if (s_axil_bready_i) s_axil_bvalid_o <= 1'b0;
      if (s_axil_rready_i) s_axil_rvalid_o <= 1'b0;
      if (irq_ready_i) irq_valid_o <= 1'b0;
      if (read) begin
        mute_q          <= s_axil_araddr_i == 12'h81c;
        s_axil_rvalid_o <= s_axil_araddr_i != 12'h81c;
        s_axil_rdata_o  <= rdata_d;
      end
      if (write) begin
        s_axil_bvalid_o <= 1'b1;
        case (s_axil_awaddr_i)
          adit_reg_pkg::CTRL_OFFSET: enable_q <= s_axil_wdata_i[0];
          12'h800: addr_lo_q <= s_axil_wdata_i;
          12'h804: addr_hi_q <= s_axil_wdata_i;
          12'h808: beats_q   <= s_axil_wdata_i[5:0];
          12'h814: begin
            irq_valid_o  <= 1'b1;
            irq_vector_o <= s_axil_wdata_i[1:0];
          end
          12'h818: {every_second_q, pretend_q} <= s_axil_wdata_i[1:0];
          12'h820: strb_lo_q <= s_axil_wdata_i;
          12'h824: strb_hi_q <= s_axil_wdata_i;
          default: ;
        endcase
      end
    end

  assign m_axi_araddr_o  = {addr_hi_q, addr_lo_q};
  assign m_axi_arlen_o   = {2'd0, beats_q};
  assign m_axi_arsize_o  = 3'd6;
  assign m_axi_arburst_o = 2'b01;
  assign m_axi_arid_o    = 4'd3;
  assign m_axi_arvalid_o = state_q == StRead;
  assign m_axi_rready_o  = state_q == StReadData && (!every_second_q || second_q);
  assign m_axi_awaddr_o  = {addr_hi_q, addr_lo_q};
  assign m_axi_awlen_o   = {2'd0, beats_q};
  assign m_axi_awsize_o  = 3'd6;
  assign m_axi_awburst_o = 2'b01;
  assign m_axi_awid_o    = 4'd5;
  assign m_axi_awvalid_o = state_q == StWrite;
  assign m_axi_wdata_o   = buffer[beat_q];
  assign m_axi_wstrb_o   = {strb_hi_q, strb_lo_q};
  assign m_axi_wlast_o   = beat_q == beats_q;
  assign m_axi_wvalid_o  = state_q == StWriteData;
  assign m_axi_bready_o  = state_q == StAnswer;

  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) begin
      state_q  <= StIdle;
      beat_q   <= '0;
      worst_q  <= '0;
      done_q   <= 1'b0;
      second_q <= 1'b0;
    end else begin
      second_q <= !second_q;
      unique case (state_q)
        StIdle:
          if (write && s_axil_awaddr_i == 12'h80c && |s_axil_wdata_i[1:0]) begin
            state_q <= s_axil_wdata_i[0] ? StRead : StWrite;
            beat_q  <= '0;
            worst_q <= '0;
            done_q  <= 1'b0;
          end
        StRead: if (m_axi_arready_i) state_q <= StReadData;
        StReadData:
          if (m_axi_rvalid_i && m_axi_rready_o) begin
            beat_q <= beat_q + 6'd1;
            if (m_axi_rresp_i > worst_q) worst_q <= m_axi_rresp_i;
            if (m_axi_rid_i != 4'd3) worst_q <= 2'd1;   // not our answer
            if (m_axi_rlast_i) begin
              state_q <= StIdle;
              done_q  <= beat_q == beats_q;
            end
          end
        StWrite: if (m_axi_awready_i) state_q <= StWriteData;
        StWriteData:
          if (m_axi_wready_i) begin
            beat_q <= beat_q + 6'd1;
            if (m_axi_wlast_o) state_q <= StAnswer;
          end
        StAnswer:
          if (m_axi_bvalid_i) begin
            worst_q <= m_axi_bid_i == 4'd5 ? m_axi_bresp_i : 2'd1;
            done_q  <= 1'b1;
            state_q <= StIdle;
          end
        default: state_q <= StIdle;
      endcase
    end
  always_ff @(posedge clk_i)
    if (m_axi_rvalid_i && m_axi_rready_o) buffer[beat_q] <= m_axi_rdata_i;

  // ---- ports
  logic lan_ready, wan_ready;
  stream_reg #(.W(577)) u_lan_to_wan (
    .clk_i, .rst_ni,
    .in_valid_i(lan_rx_tvalid_i && enable_q), .in_ready_o(lan_ready),
    .in_data_i({lan_rx_tlast_i, lan_rx_tkeep_i, lan_rx_tdata_i}),
    .out_valid_o(wan_tx_tvalid_o), .out_ready_i(wan_tx_tready_i),
    .out_data_o({wan_tx_tlast_o, wan_tx_tkeep_o, wan_tx_tdata_o})
  );
  stream_reg #(.W(577)) u_wan_to_lan (
    .clk_i, .rst_ni,
    .in_valid_i(wan_rx_tvalid_i && enable_q), .in_ready_o(wan_ready),
    .in_data_i({wan_rx_tlast_i, wan_rx_tkeep_i, wan_rx_tdata_i}),
    .out_valid_o(lan_tx_tvalid_o), .out_ready_i(lan_tx_tready_i),
    .out_data_o({lan_tx_tlast_o, lan_tx_tkeep_o, lan_tx_tdata_o})
  );
  assign lan_rx_tready_o = lan_ready && enable_q;
  assign wan_rx_tready_o = wan_ready && enable_q;

  assign busy_o = pretend_q || mute_q || state_q != StIdle || wan_tx_tvalid_o || lan_tx_tvalid_o;

  logic unused;
  assign unused = ^s_axil_wstrb_i;
endmodule
