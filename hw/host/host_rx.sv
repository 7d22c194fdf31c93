// SPDX-License-Identifier: BSD-2-Clause-Patent
// The RX ring: gives each packet the next posted buffer, writes it there, then the descriptor that says so.
// Ring off, ring empty or buffer too short: the packet is swallowed and counted (HostRingFull); the buffer stays for
// the next packet. So it is when only the buffers kept for IKE are left, or when a reason has had its share of the
// period (HostRateLimit): a flood of one kind starves neither IKE nor the others. So the pipelines never wait for the host, only for a descriptor or a write already under way.
// A buffer that is not 64-byte aligned counts as too short.
module host_rx (
  input  logic                  clk_i,
  input  logic                  rst_ni,
  input  logic                  clear_i,        // card reset: forget everything

  input  logic                  on_i,           // the ring runs, or is about to
  input  logic                  run_i,
  input  logic [63:0]           base_i,
  input  logic [15:0]           mask_i,
  input  logic [15:0]           bell_i,
  output logic                  advance_o,
  output logic                  fault_valid_o,
  output logic [7:0]            fault_o,
  output logic                  irq_o,
  output logic                  idle_o,
  output logic                  busy_o,

  input  logic [31:0]           period_i,       // HOST_PERIOD
  input  logic [15:0]           reserve_i,      // HOST_RESERVE
  input  logic [255:0]          limits_i,       // HOST_LIMIT, 16 of them

  output logic                  drop_valid_o,
  input  logic                  drop_ready_i,
  output logic [7:0]            drop_reason_o,

  output logic                  desc_req_valid_o,
  input  logic                  desc_req_ready_i,
  output logic [63:0]           desc_req_addr_o,
  output logic [7:0]            desc_req_words_o,
  input  logic                  desc_r_valid_i,
  input  logic                  r_err_i,
  input  logic [511:0]          r_data_i,
  output logic                  data_req_valid_o,
  input  logic                  data_req_ready_i,
  output logic [63:0]           data_req_addr_o,
  output logic [15:0]           data_req_bytes_o,
  output logic [511:0]          data_o,
  input  logic                  data_w_ready_i,
  input  logic                  data_b_valid_i,
  output logic                  done_req_valid_o,
  input  logic                  done_req_ready_i,
  output logic [63:0]           done_req_addr_o,
  output logic [511:0]          done_data_o,
  input  logic                  done_b_valid_i,
  input  logic                  b_err_i,

  input  logic                  rx_valid_i,
  output logic                  rx_ready_o,
  input  adit_pkg::beat_t       rx_beat_i,
  input  adit_pkg::host_meta_t  rx_meta_i
);
  // ---- buffers
  logic                      desc_valid, desc_ready, desc_error, desc_idle, desc_empty;
  logic [15:0]               desc_index;
  logic [255:0]              desc_bits;
  adit_reg_pkg::rx_desc_t    desc;
  assign desc = desc_bits;
  host_fetch #(.DESC_LOG2(5)) u_fetch (
    .clk_i, .rst_ni, .run_i, .base_i, .mask_i, .bell_i,
    .req_valid_o(desc_req_valid_o), .req_ready_i(desc_req_ready_i), .req_addr_o(desc_req_addr_o),
    .req_words_o(desc_req_words_o), .r_valid_i(desc_r_valid_i), .r_err_i, .r_data_i,
    .desc_valid_o(desc_valid), .desc_ready_i(desc_ready), .desc_o(desc_bits), .desc_index_o(desc_index),
    .empty_o(desc_empty), .error_o(desc_error), .idle_o(desc_idle)
  );

  // ---- packets: take or swallow
  typedef enum logic [1:0] {StIdle, StTake, StDrop} state_e;
  state_e      state_q, state_d;
  logic        done_ready, chunk_ready, fits, word_ready, word_valid, take, count_drop, swallow;
  logic [511:0] word;
  logic [7:0]  usage;
  logic        is_over, is_kept;
  logic [15:0] left_buffers;
  assign fits = desc.room >= rx_meta_i.n_bytes && desc.iova[5:0] == 6'd0;
  assign left_buffers = bell_i - desc_index;            // this one among them
  assign is_kept = rx_meta_i.reason != adit_reg_pkg::REASON_HostIke && left_buffers <= reserve_i;
  host_rx_share u_share (
    .clk_i, .rst_ni, .period_i, .limits_i, .reason_i(rx_meta_i.reason), .take_i(take), .is_over_o(is_over)
  );

  always_comb begin
    state_d    = state_q;
    take       = 1'b0;
    swallow    = 1'b0;
    count_drop = 1'b0;
    rx_ready_o = 1'b0;
    case (state_q)
      StIdle: if (rx_valid_i) begin
        if (on_i && is_over) begin
          count_drop = 1'b1;
          if (drop_ready_i) state_d = StDrop;          // the counter
        end else if (run_i && desc_valid && fits && !is_kept) begin
          take = done_ready;                           // a completion of an earlier packet, from host memory
          if (take) state_d = StTake;
        end else if (!on_i || (run_i && (desc_valid || desc_empty))) begin
          count_drop = 1'b1;
          if (drop_ready_i) state_d = StDrop;          // the counter
        end                                            // else a descriptor under way, or the ring's start
      end
      StTake: begin
        rx_ready_o = word_ready && chunk_ready;
        if (rx_valid_i && rx_ready_o && rx_beat_i.last) state_d = StIdle;
      end
      default: begin
        rx_ready_o = 1'b1;
        swallow    = 1'b1;
        if (rx_valid_i && rx_beat_i.last) state_d = StIdle;
      end
    endcase
    if (clear_i) state_d = StIdle;
  end
  assign desc_ready = take;

  // ---- the packet's words, in chunks of up to 64 for the DMA engine
  logic         put, close;
  logic [63:0]  addr_q;            // of the chunk that is gathered
  logic [15:0]  left_q;            // bytes of the packet from this chunk on
  logic [6:0]   gather_q;          // its words so far
  logic [15:0]  chunk_bytes;
  logic [1:0]   chunk_bursts;
  logic [3:0]   bursts_q;          // of the packet's earlier chunks
  assign put          = state_q == StTake && rx_valid_i && rx_ready_o;
  assign close        = put && (rx_beat_i.last || gather_q == 7'd63);
  assign chunk_bytes  = left_q < {3'd0, gather_q + 7'd1, 6'd0} ? left_q : {3'd0, gather_q + 7'd1, 6'd0};
  assign chunk_bursts = {1'b0, addr_q[11:6]} + gather_q + 7'd1 > 7'd64 ? 2'd2 : 2'd1;

  logic fifo_in_ready, fifo_out_ready;
  stream_fifo #(.W(512), .DEPTH_LOG2(7)) u_words (
    .clk_i, .rst_ni, .in_valid_i(put), .in_ready_o(fifo_in_ready), .in_data_i(rx_beat_i.data),
    .out_valid_o(word_valid), .out_ready_i(fifo_out_ready), .out_data_o(word), .usage_o(usage)
  );
  assign word_ready = fifo_in_ready;

  // Chunks gathered: {bursts, words, bytes, addr}. Of a stopped ring they are swallowed here.
  localparam int unsigned CHUNK_BITS = 64 + 16 + 7 + 2;
  logic [CHUNK_BITS-1:0] chunk_mem [4];
  logic [CHUNK_BITS-1:0] chunk;
  logic [2:0]            chunk_wr_q, chunk_rd_q;
  logic                  chunk_valid, chunk_take, chunk_skip;
  logic [6:0]            dma_q, skip_q;    // words that the DMA engine, or nobody, will take
  assign chunk            = chunk_mem[chunk_rd_q[1:0]];
  assign chunk_valid      = chunk_wr_q != chunk_rd_q;
  assign chunk_ready      = chunk_wr_q - chunk_rd_q != 3'd4;
  assign data_req_valid_o = chunk_valid && run_i && !clear_i && dma_q == 7'd0 && skip_q == 7'd0 && word_valid;
  assign data_req_addr_o  = chunk[63:0];
  assign data_req_bytes_o = chunk[79:64];
  assign data_o           = word;
  assign chunk_take       = data_req_valid_o && data_req_ready_i;
  assign chunk_skip       = chunk_valid && !run_i && !clear_i && dma_q == 7'd0 && skip_q == 7'd0;
  assign fifo_out_ready   = data_w_ready_i || skip_q != 7'd0 || (clear_i && dma_q == 7'd0);

  // ---- what the host is told, once the packet's bursts were answered
  logic       done_put, done_error, done_pop, done_lost, done_idle;
  logic [3:0] put_bursts;
  assign done_put   = put && rx_beat_i.last && !clear_i;
  assign put_bursts = bursts_q + {2'd0, chunk_bursts};
  logic [63:0]  iova_q;
  logic [15:0]  room_q, index_q;
  adit_pkg::host_meta_t meta_q;
  host_rx_done u_done (
    .clk_i, .rst_ni, .clear_i, .run_i, .base_i, .mask_i,
    .put_valid_i(done_put), .put_ready_o(done_ready), .put_iova_i(iova_q), .put_room_i(room_q), .put_index_i(index_q),
    .put_meta_i(meta_q), .put_bursts_i(put_bursts),
    .open_bursts_i(chunk_take ? chunk[88:87] : 2'd0), .b_valid_i(data_b_valid_i),
    .req_valid_o(done_req_valid_o), .req_ready_i(done_req_ready_i), .req_addr_o(done_req_addr_o),
    .w_data_o(done_data_o), .done_b_valid_i(done_b_valid_i), .b_err_i,
    .advance_o, .error_o(done_error), .irq_o, .pop_o(done_pop), .lost_o(done_lost), .idle_o(done_idle)
  );

  // Packets that a stopped ring lost are counted as soon as the counter has time.
  logic [3:0] lost_q;
  assign drop_valid_o  = count_drop || lost_q != 4'd0;
  assign drop_reason_o = count_drop && on_i && is_over ? adit_reg_pkg::REASON_HostRateLimit
                                                       : adit_reg_pkg::REASON_HostRingFull;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q <= StIdle; left_q <= '0; gather_q <= '0; bursts_q <= '0; chunk_wr_q <= '0; chunk_rd_q <= '0;
      dma_q <= '0; skip_q <= '0; lost_q <= '0;
    end else begin
      state_q <= state_d;
      if (take) begin
        left_q   <= rx_meta_i.n_bytes;
        gather_q <= '0;
        bursts_q <= '0;
      end else if (close) begin
        left_q   <= left_q - chunk_bytes;
        gather_q <= '0;
        bursts_q <= put_bursts;
      end else if (put) gather_q <= gather_q + 7'd1;

      if (close) chunk_wr_q <= chunk_wr_q + 3'd1;
      if (chunk_take || chunk_skip) chunk_rd_q <= chunk_rd_q + 3'd1;
      if (chunk_take)          dma_q <= chunk[86:80];
      else if (data_w_ready_i) dma_q <= dma_q - 7'd1;
      if (chunk_skip)                         skip_q <= chunk[86:80];
      else if (skip_q != 7'd0 && word_valid)  skip_q <= skip_q - 7'd1;
      lost_q <= lost_q + 4'(done_lost) - 4'(lost_q != 4'd0 && drop_ready_i && !count_drop);
      if (clear_i) begin
        chunk_wr_q <= '0; chunk_rd_q <= '0; skip_q <= '0; lost_q <= '0;
      end
    end
  end
  always_ff @(posedge clk_i) begin
    if (take) begin
      addr_q  <= desc.iova;
      iova_q  <= desc.iova;
      room_q  <= desc.room;
      index_q <= desc_index;
      meta_q  <= rx_meta_i;
    end else if (close) addr_q <= addr_q + 64'd4096;
    if (close) chunk_mem[chunk_wr_q[1:0]] <= {chunk_bursts, gather_q + 7'd1, chunk_bytes, addr_q};
  end

  assign fault_valid_o = desc_error || (data_b_valid_i && b_err_i) || done_error;
  assign fault_o       = desc_error ? adit_reg_pkg::FAULT_DMA_READ : adit_reg_pkg::FAULT_DMA_WRITE;
  assign idle_o        = desc_idle && state_q != StTake && !chunk_valid && usage == 8'd0 && dma_q == 7'd0 &&
                         skip_q == 7'd0 && done_idle;
  assign busy_o        = rx_valid_i || state_q != StIdle || !done_idle || chunk_valid || lost_q != 4'd0 ||
                         desc_req_valid_o;

  logic unused_bits;
  assign unused_bits = ^{1'b0, swallow, done_pop, rx_beat_i.n_bytes, desc.seq, desc.rsvd160, desc.sp_id,
                         desc.sa_slot, desc.rsvd120, desc.done, desc.face, desc.reason, desc.length};
endmodule
