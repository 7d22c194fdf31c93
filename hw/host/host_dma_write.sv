// SPDX-License-Identifier: BSD-2-Clause-Patent
// The write half of the AXI4 master. N clients ask to write a run of bytes and must hold all its words ready: word k of
// a run is the 64-byte line at addr + 64k, bytes in their lanes; strobes cut the first and the last. Bursts stay inside
// a 4 KiB page. A client gets one b_valid_o per burst, in order: 1 + (pages crossed) for a run.
module host_dma_write #(
  parameter int unsigned N = 5
) (
  input  logic              clk_i,
  input  logic              rst_ni,
  input  logic [N-1:0]      req_valid_i,
  output logic [N-1:0]      req_ready_o,
  input  logic [N*64-1:0]   req_addr_i,
  input  logic [N*16-1:0]   req_bytes_i,  // 1 .. 4096
  input  logic [N*512-1:0]  w_data_i,
  output logic [N-1:0]      w_ready_o,    // the word is taken
  output logic [N-1:0]      b_valid_o,
  output logic              b_err_o,
  output logic              busy_o,

  output logic [63:0]       m_axi_awaddr_o,
  output logic [7:0]        m_axi_awlen_o,
  output logic [2:0]        m_axi_awsize_o,
  output logic [1:0]        m_axi_awburst_o,
  output logic [3:0]        m_axi_awid_o,
  output logic              m_axi_awvalid_o,
  input  logic              m_axi_awready_i,
  output logic [511:0]      m_axi_wdata_o,
  output logic [63:0]       m_axi_wstrb_o,
  output logic              m_axi_wlast_o,
  output logic              m_axi_wvalid_o,
  input  logic              m_axi_wready_i,
  input  logic [1:0]        m_axi_bresp_i,
  input  logic [3:0]        m_axi_bid_i,
  input  logic              m_axi_bvalid_i,
  output logic              m_axi_bready_o
);
  logic        act_q, aw_q, first_q;  // a run is served; its burst's AW is still to go; its first word is still to go
  logic [3:0]  client_q;
  logic [57:0] line_q;                // of the burst
  logic [7:0]  left_q, beats_q;       // words of the run from this burst on; words of the burst still to go
  logic [5:0]  start_q, tail_q;       // first byte in the first word; bytes cut from the last

  logic        pick_valid;
  logic [3:0]  pick;
  always_comb begin
    pick_valid = 1'b0;
    pick       = '0;
    for (int i = 2*N-1; i >= 0; i--)
      if (req_valid_i[i % N] && i > 32'(client_q) && i <= 32'(client_q) + N) begin
        pick_valid = 1'b1;
        pick       = 4'(i % N);
      end
  end

  // The picked run, and its first burst.
  logic [63:0] new_addr;
  logic [15:0] new_end;   // bytes from the first line's begin
  logic [7:0]  new_words, new_burst;
  assign new_addr  = req_addr_i[64*pick +: 64];
  assign new_end   = req_bytes_i[16*pick +: 16] + {10'd0, new_addr[5:0]};
  assign new_words = 8'((new_end + 16'd63) >> 6);
  assign new_burst = new_words < 8'd64 - {2'd0, new_addr[11:6]} ? new_words : 8'd64 - {2'd0, new_addr[11:6]};

  // The next burst of the same run begins at a page.
  logic [7:0] room, burst, rest, next_burst;
  assign room       = 8'd64 - {2'd0, line_q[5:0]};
  assign burst      = left_q < room ? left_q : room;
  assign rest       = left_q - burst;
  assign next_burst = rest < 8'd64 ? rest : 8'd64;

  logic burst_done, run_done, take;
  assign burst_done = act_q && (!aw_q || m_axi_awready_i) &&
                      (beats_q == 8'd0 || (beats_q == 8'd1 && m_axi_wready_i));
  assign run_done   = burst_done && rest == 8'd0;
  assign take       = pick_valid && (!act_q || run_done);
  always_comb begin
    req_ready_o = '0;
    w_ready_o   = '0;
    b_valid_o   = '0;
    for (int i = 0; i < N; i++) begin
      req_ready_o[i] = take && pick == 4'(i);
      w_ready_o[i]   = m_axi_wvalid_o && m_axi_wready_i && client_q == 4'(i);
      b_valid_o[i]   = m_axi_bvalid_i && m_axi_bid_i == 4'(i);
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      act_q <= 1'b0; aw_q <= 1'b0; first_q <= 1'b0; client_q <= '0; line_q <= '0; left_q <= '0; beats_q <= '0;
      start_q <= '0; tail_q <= '0;
    end else if (take) begin
      act_q    <= 1'b1;
      aw_q     <= 1'b1;
      first_q  <= 1'b1;
      client_q <= pick;
      line_q   <= new_addr[63:6];
      left_q   <= new_words;
      beats_q  <= new_burst;
      start_q  <= new_addr[5:0];
      tail_q   <= 6'd0 - new_end[5:0];
    end else if (burst_done) begin
      act_q    <= !run_done;
      aw_q     <= !run_done;
      first_q  <= 1'b0;
      line_q   <= line_q + 58'(burst);
      left_q   <= rest;
      beats_q  <= next_burst;
    end else begin
      if (m_axi_awready_i) aw_q <= 1'b0;
      if (m_axi_wvalid_o && m_axi_wready_i) begin
        beats_q <= beats_q - 8'd1;
        first_q <= 1'b0;
      end
    end
  end

  assign m_axi_awaddr_o  = {line_q, 6'd0};
  assign m_axi_awlen_o   = burst - 8'd1;
  assign m_axi_awsize_o  = 3'd6;
  assign m_axi_awburst_o = 2'd1;
  assign m_axi_awid_o    = client_q;
  assign m_axi_awvalid_o = act_q && aw_q;
  assign m_axi_wvalid_o  = act_q && beats_q != 8'd0;
  assign m_axi_wlast_o   = beats_q == 8'd1;
  assign m_axi_bready_o  = 1'b1;
  assign b_err_o         = m_axi_bresp_i[1];
  assign busy_o          = act_q;

  always_comb begin
    m_axi_wdata_o = '0;
    m_axi_wstrb_o = '0;
    if (m_axi_wvalid_o) begin
      for (int i = 0; i < N; i++) if (client_q == 4'(i)) m_axi_wdata_o = w_data_i[512*i +: 512];
      m_axi_wstrb_o = {64{1'b1}};
      if (first_q) m_axi_wstrb_o = m_axi_wstrb_o << start_q;
      if (m_axi_wlast_o && rest == 8'd0) m_axi_wstrb_o = m_axi_wstrb_o & ({64{1'b1}} >> tail_q);
    end
  end

  logic unused_bits;
  assign unused_bits = ^{1'b0, m_axi_bresp_i[0]};
endmodule
