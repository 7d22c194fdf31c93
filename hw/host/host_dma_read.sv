// SPDX-License-Identifier: BSD-2-Clause-Patent
// The read half of the AXI4 master. N clients ask for runs of 64-byte words; a run is cut into bursts of at most
// 64 words inside a 4 KiB page (AXI4 A3.4.1). A client's words come back in order, with its number as AXI id; it
// asks only for what it has room for, so R is always ready and no client can hold up another.
module host_dma_read #(
  parameter int unsigned N = 5
) (
  input  logic              clk_i,
  input  logic              rst_ni,
  input  logic [N-1:0]      req_valid_i,
  output logic [N-1:0]      req_ready_o,
  input  logic [N*64-1:0]   req_addr_i,   // bits 5:0 of each do not count
  input  logic [N*8-1:0]    req_words_i,  // 1..255
  output logic [N-1:0]      r_valid_o,
  output logic              r_err_o,
  output logic [511:0]      r_data_o,
  output logic              busy_o,       // a request is not yet wholly on the bus

  output logic [63:0]       m_axi_araddr_o,
  output logic [7:0]        m_axi_arlen_o,
  output logic [2:0]        m_axi_arsize_o,
  output logic [1:0]        m_axi_arburst_o,
  output logic [3:0]        m_axi_arid_o,
  output logic              m_axi_arvalid_o,
  input  logic              m_axi_arready_i,
  input  logic [511:0]      m_axi_rdata_i,
  input  logic [1:0]        m_axi_rresp_i,
  input  logic [3:0]        m_axi_rid_i,
  input  logic              m_axi_rlast_i,
  input  logic              m_axi_rvalid_i,
  output logic              m_axi_rready_o
);
  logic        act_q;
  logic [3:0]  client_q;
  logic [57:0] line_q;
  logic [7:0]  left_q;

  // Round robin: the first asking client after the last one served.
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

  // As far as the page's end.
  logic [7:0] room, burst;
  assign room  = 8'd64 - {2'd0, line_q[5:0]};
  assign burst = left_q < room ? left_q : room;

  logic done, take;
  assign done = act_q && m_axi_arready_i && burst == left_q;
  assign take = pick_valid && (!act_q || done);
  always_comb begin
    req_ready_o = '0;
    for (int i = 0; i < N; i++) req_ready_o[i] = take && pick == 4'(i);
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      act_q <= 1'b0; client_q <= '0; line_q <= '0; left_q <= '0;
    end else if (take) begin
      act_q    <= 1'b1;
      client_q <= pick;
      line_q   <= req_addr_i[64*pick+6 +: 58];
      left_q   <= req_words_i[8*pick +: 8];
    end else if (act_q && m_axi_arready_i) begin
      act_q  <= !done;
      line_q <= line_q + 58'(burst);
      left_q <= left_q - burst;
    end
  end

  assign m_axi_araddr_o  = {line_q, 6'd0};
  assign m_axi_arlen_o   = burst - 8'd1;
  assign m_axi_arsize_o  = 3'd6;
  assign m_axi_arburst_o = 2'd1;
  assign m_axi_arid_o    = client_q;
  assign m_axi_arvalid_o = act_q;
  assign m_axi_rready_o  = 1'b1;
  assign busy_o          = act_q;

  always_comb begin
    r_valid_o = '0;
    for (int i = 0; i < N; i++) r_valid_o[i] = m_axi_rvalid_i && m_axi_rid_i == 4'(i);
  end
  assign r_err_o  = m_axi_rresp_i[1];
  assign r_data_o = m_axi_rdata_i;

  logic unused_bits;
  assign unused_bits = ^{1'b0, m_axi_rlast_i, m_axi_rresp_i[0], req_addr_i};
endmodule
