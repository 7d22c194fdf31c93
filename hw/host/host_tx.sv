// SPDX-License-Identifier: BSD-2-Clause-Patent
// The TX ring: takes descriptors, reads frames from host memory at any alignment, hands whole frames to the card.
// Frames are asked for ahead, as far as the data FIFO has room. RING_INDEX moves when a frame has been read wholly,
// in order. A frame is sent only once all of it is here, so a DMA error never shows half a packet.
module host_tx (
  input  logic              clk_i,
  input  logic              rst_ni,
  input  logic              clear_i,        // card reset: forget everything

  input  logic              run_i,
  input  logic [63:0]       base_i,
  input  logic [15:0]       mask_i,
  input  logic [15:0]       bell_i,
  input  logic [15:0]       index_i,
  input  logic [63:0]       wb_i,           // 0: no write-back
  output logic              advance_o,
  output logic              fault_valid_o,
  output logic [7:0]        fault_o,
  output logic              irq_o,
  output logic              idle_o,         // nothing of a stopped ring is left
  output logic              busy_o,

  output logic              drop_valid_o,   // a frame that cannot be sent, to be counted
  input  logic              drop_ready_i,
  output logic [7:0]        drop_reason_o,

  output logic              desc_req_valid_o,
  input  logic              desc_req_ready_i,
  output logic [63:0]       desc_req_addr_o,
  output logic [7:0]        desc_req_words_o,
  input  logic              desc_r_valid_i,
  output logic              data_req_valid_o,
  input  logic              data_req_ready_i,
  output logic [63:0]       data_req_addr_o,
  output logic [7:0]        data_req_words_o,
  input  logic              data_r_valid_i,
  input  logic              r_err_i,
  input  logic [511:0]      r_data_i,
  output logic              wb_req_valid_o,
  input  logic              wb_req_ready_i,
  output logic [63:0]       wb_req_addr_o,
  output logic [511:0]      wb_data_o,
  input  logic              wb_b_valid_i,
  input  logic              b_err_i,

  output logic              tx_valid_o,
  input  logic              tx_ready_i,
  output adit_pkg::beat_t   tx_beat_o,
  output adit_pkg::tx_meta_t tx_meta_o
);
  localparam int unsigned FIFO_LOG2  = 8;   // words; a frame of 9600 bytes spans up to 151
  localparam int unsigned META_LOG2  = 3;   // frames asked for and not yet sent
  localparam int unsigned META_BITS  = 30 + 107;

  // ---- descriptors
  logic                       next_valid, next_ready, desc_error, desc_idle, desc_empty;
  logic [15:0]                desc_index;
  adit_reg_pkg::tx_desc_t     next, desc;
  logic [255:0]               desc_bits;
  assign next = desc_bits;
  host_fetch #(.DESC_LOG2(5)) u_fetch (
    .clk_i, .rst_ni, .run_i, .base_i, .mask_i, .bell_i,
    .req_valid_o(desc_req_valid_o), .req_ready_i(desc_req_ready_i), .req_addr_o(desc_req_addr_o),
    .req_words_o(desc_req_words_o), .r_valid_i(desc_r_valid_i), .r_err_i, .r_data_i,
    .desc_valid_o(next_valid), .desc_ready_i(next_ready), .desc_o(desc_bits), .desc_index_o(desc_index),
    .empty_o(desc_empty), .error_o(desc_error), .idle_o(desc_idle)
  );

  // ---- frames asked for: {what the pipelines are told, offset, bytes, words}
  logic [META_BITS-1:0]   meta_mem [1 << META_LOG2];
  logic [(1 << META_LOG2)-1:0] good_q;
  logic [META_LOG2:0]     ask_q, got_q, out_q;   // next to ask, to receive, to send
  logic [FIFO_LOG2:0]     held_q;                // words asked for and not yet sent
  logic [META_BITS-1:0]   meta_new, meta_got, meta_out;
  assign meta_got = meta_mem[got_q[META_LOG2-1:0]];
  assign meta_out = meta_mem[out_q[META_LOG2-1:0]];

  // The descriptor in hand, and what it asks for: a frame in two cycles at most, as its words need at least.
  logic        desc_valid, desc_done, is_runt, is_giant, is_bad;
  logic [15:0] span;
  logic [7:0]  words;
  logic        ask, refuse, room;
  assign next_ready = !desc_valid;
  assign span       = next.length + {10'd0, next.iova[5:0]};
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) desc_valid <= 1'b0;
    else         desc_valid <= run_i && (desc_valid ? !desc_done : next_valid);
  always_ff @(posedge clk_i)
    if (next_valid && next_ready) begin
      desc     <= desc_bits;
      words    <= 8'((span + 16'd63) >> 6);
      is_runt  <= next.length < 16'd14;
      is_giant <= next.length > 16'(adit_pkg::MAX_FRAME_BYTES);
      is_bad   <= next.length < 16'd14 || next.length > 16'(adit_pkg::MAX_FRAME_BYTES) || next.dest > adit_reg_pkg::DEST_SEAL;
    end
  adit_pkg::tx_meta_t told;
  assign told.dest    = desc.dest[2:0];
  assign told.reason  = desc.reason;
  assign told.sa_slot = desc.sa_slot;
  assign told.sp_id   = desc.sp_id;
  assign told.seq     = desc.seq;
  assign meta_new = {told, desc.iova[5:0], desc.length, words};
  assign room     = (ask_q - out_q) != (META_LOG2 + 1)'(1 << META_LOG2) &&
                    {1'b0, held_q} + (FIFO_LOG2 + 2)'(words) <= (FIFO_LOG2 + 2)'(1 << FIFO_LOG2);

  // RING_INDEX moves in order: a refused frame waits until those before it have been read.
  assign drop_valid_o     = desc_valid && run_i && is_bad && ask_q == got_q;
  assign drop_reason_o    = is_runt  ? adit_reg_pkg::REASON_RxRunt :
                            is_giant ? adit_reg_pkg::REASON_RxGiant : adit_reg_pkg::REASON_XfrmOutError;
  assign refuse           = drop_valid_o && drop_ready_i;
  assign data_req_valid_o = desc_valid && run_i && !is_bad && room;
  assign data_req_addr_o  = {desc.iova[63:6], 6'd0};
  assign data_req_words_o = words;
  assign ask              = data_req_valid_o && data_req_ready_i;
  assign desc_done        = ask || refuse;

  // ---- frames that come
  logic [7:0] come_q;     // words of the oldest one that are here
  logic       bad_q;      // one of them was an error
  logic       come_last, come_good;
  assign come_last = data_r_valid_i && come_q + 8'd1 == meta_got[7:0];
  assign come_good = run_i && !bad_q && !r_err_i;
  assign advance_o = refuse || (come_last && come_good);

  logic         word_valid, word_ready;
  logic [511:0] word;
  logic         fifo_ready;
  logic [FIFO_LOG2:0] fifo_usage;
  stream_fifo #(.W(512), .DEPTH_LOG2(FIFO_LOG2)) u_words (
    .clk_i, .rst_ni, .in_valid_i(data_r_valid_i), .in_ready_o(fifo_ready), .in_data_i(r_data_i),
    .out_valid_o(word_valid), .out_ready_i(word_ready), .out_data_o(word), .usage_o(fifo_usage)
  );

  // ---- frames that go
  logic frame_done;
  host_tx_out u_out (
    .clk_i, .rst_ni, .clear_i,
    .frame_valid_i(out_q != got_q), .frame_good_i(good_q[out_q[META_LOG2-1:0]]),
    .words_i(meta_out[7:0]), .bytes_i(meta_out[23:8]), .offset_i(meta_out[29:24]), .meta_i(meta_out[META_BITS-1:30]),
    .frame_done_o(frame_done),
    .word_valid_i(word_valid), .word_ready_o(word_ready), .word_i(word),
    .tx_valid_o, .tx_ready_i, .tx_beat_o, .tx_meta_o
  );

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      ask_q <= '0; got_q <= '0; out_q <= '0; held_q <= '0; come_q <= '0; bad_q <= 1'b0; good_q <= '0;
    end else begin
      if (ask) ask_q <= ask_q + 1'b1;
      if (data_r_valid_i) begin
        come_q <= come_last ? 8'd0 : come_q + 8'd1;
        bad_q  <= !come_last && (bad_q || r_err_i || !run_i);
        if (come_last) begin
          good_q[got_q[META_LOG2-1:0]] <= come_good;
          got_q <= got_q + 1'b1;
        end
      end
      if (frame_done) out_q <= out_q + 1'b1;
      held_q <= held_q + (ask ? (FIFO_LOG2 + 1)'(words) : '0) - (FIFO_LOG2 + 1)'(word_valid && word_ready);
    end
  end
  always_ff @(posedge clk_i) if (ask) meta_mem[ask_q[META_LOG2-1:0]] <= meta_new;

  // ---- the host learns
  logic wb_error, wb_idle, wb_busy;
  host_tx_wb u_wb (
    .clk_i, .rst_ni, .run_i, .wb_i, .index_i,
    .req_valid_o(wb_req_valid_o), .req_ready_i(wb_req_ready_i), .req_addr_o(wb_req_addr_o), .w_data_o(wb_data_o),
    .b_valid_i(wb_b_valid_i), .b_err_i, .error_o(wb_error), .irq_o, .idle_o(wb_idle), .busy_o(wb_busy)
  );

  assign fault_valid_o = desc_error || (data_r_valid_i && r_err_i) || wb_error;
  assign fault_o       = wb_error ? adit_reg_pkg::FAULT_DMA_WRITE : adit_reg_pkg::FAULT_DMA_READ;
  assign idle_o        = desc_idle && !desc_valid && ask_q == out_q && wb_idle;
  assign busy_o        = (run_i && !desc_empty) || desc_valid || ask_q != out_q || !desc_idle || wb_busy || tx_valid_o;

  logic unused_bits;
  assign unused_bits = ^{1'b0, fifo_ready, fifo_usage, desc_index, next, desc.rsvd192, meta_got[META_BITS-1:8]};
endmodule
