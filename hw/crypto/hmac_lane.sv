// SPDX-License-Identifier: BSD-2-Clause-Patent
// HMAC-SHA1 (RFC 2104) for CONTEXTS packets at once on one ring, from the hash states after the key's pads. A packet has
// one block in the ring at a time. What is hashed is SPI || sequence number || body (RFC 4303 section 2.8), so
//
//   block k = bytes 56..63 of word k-1 (k = 0: SPI, sequence number) || bytes 0..55 of word k, then 0x80, 0 …, length
//
// and after the last block the outer hash: digest, 0x80, 0 …, length. While block k is in the ring, word k+1 is fetched.
// Words as in memory have their first byte lowest; blocks, states and tails here have it on top.
module hmac_lane #(
  parameter int unsigned STAGES     = 5,
  parameter int unsigned CONTEXTS   = 8,     // a power of two, at least 2
  parameter int unsigned SLOTS_LOG2 = 10,
  localparam int unsigned CTX_BITS  = $clog2(CONTEXTS)
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,
  input  logic                  job_valid_i,
  output logic                  job_ready_o,
  input  adit_pkg::auth_job_t   job_i,         // n_bytes: a multiple of 4
  // words in
  output logic                  ask_valid_o,
  input  logic                  ask_ready_i,
  output logic [15:0]           ask_addr_o,
  output logic [CTX_BITS-1:0]   ask_tag_o,     // context
  input  logic                  fill_valid_i,
  input  logic [CTX_BITS-1:0]   fill_tag_i,
  input  logic [511:0]          fill_data_i,
  output logic                  done_valid_o,
  input  logic                  done_ready_i,
  output adit_pkg::auth_done_t  done_o,
  output logic                  busy_o,
  // hash states after the key's pads, digest byte order, first byte on top
  input  logic                  inner_valid_i,
  input  logic                  outer_valid_i,
  input  logic [SLOTS_LOG2-1:0] pad_slot_i,
  input  logic [159:0]          pad_state_i
);
  localparam int unsigned COUNT_BITS = 11;   // block number in a message of up to 64 KiB + 8

  // ---- what is known of each context, one bit each
  logic [CONTEXTS-1:0] free_d, free_q;    // holds no packet
  logic [CONTEXTS-1:0] idle_d, idle_q;    // has blocks left, none in the ring
  logic [CONTEXTS-1:0] first_d, first_q;  // none of its blocks has been issued
  logic [CONTEXTS-1:0] need_d, need_q;    // its next block takes a word
  logic [CONTEXTS-1:0] full_d, full_q;    // in_mem holds that word
  logic [CONTEXTS-1:0] fetch_d, fetch_q;  // that word is still to be asked for

  // ---- job: takes a free context
  logic                job_take, job_has_words;
  logic [CTX_BITS-1:0] job_ctx;
  crypto_pick #(.N(CONTEXTS)) u_job_pick (
    .clk_i, .rst_ni, .ask_i(free_q), .take_i(job_valid_i), .valid_o(job_ready_o), .index_o(job_ctx));
  assign job_take      = job_valid_i && job_ready_o;
  assign job_has_words = job_i.n_bytes != '0;
  assign busy_o        = free_q != '1 || done_valid_o;

  // ---- issue, later stages declared first: the block that enters the ring
  logic                  i2_take;
  logic [CTX_BITS-1:0]   i2_ctx_q;
  logic [COUNT_BITS-1:0] i2_count_q;

  // ---- fetch: f0 chooses a context, f1 asks for its word
  logic                  f0_valid, f0_take, f1_valid_q, f1_first_q, f1_ready;
  logic [CTX_BITS-1:0]   f0_ctx, f1_ctx_q;
  logic [15:0]           f1_base;
  logic [COUNT_BITS-1:0] f1_count;
  crypto_pick #(.N(CONTEXTS)) u_fetch_pick (
    .clk_i, .rst_ni, .ask_i(fetch_q), .take_i(f1_ready), .valid_o(f0_valid), .index_o(f0_ctx));
  assign f1_ready = !f1_valid_q || ask_ready_i;
  assign f0_take  = f0_valid && f1_ready;
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni)       f1_valid_q <= 1'b0;
    else if (f1_ready) f1_valid_q <= f0_valid;
  always_ff @(posedge clk_i)
    if (f0_take) begin
      f1_ctx_q   <= f0_ctx;
      f1_first_q <= first_q[f0_ctx];
    end
  ram_1r1w #(.W(16), .AW(CTX_BITS)) u_fetch_job (
    .clk_i, .we_i(job_take), .waddr_i(job_ctx), .wdata_i(job_i.base),
    .re_i(f0_take), .raddr_i(f0_ctx), .rdata_o(f1_base));
  ram_1r1w #(.W(COUNT_BITS), .AW(CTX_BITS)) u_fetch_count (
    .clk_i, .we_i(i2_take), .waddr_i(i2_ctx_q), .wdata_i(i2_count_q + 1'b1),
    .re_i(f0_take), .raddr_i(f0_ctx), .rdata_o(f1_count));
  assign ask_valid_o = f1_valid_q;
  assign ask_addr_o  = f1_first_q ? f1_base : f1_base + 16'(f1_count);
  assign ask_tag_o   = f1_ctx_q;

  // ---- issue: i0 chooses a context, i1 knows its block number and job, i2 holds all that the block is made of
  logic                  i0_valid, i0_take;
  logic [CTX_BITS-1:0]   i0_ctx;
  logic                  i1_valid_q, i1_first_q, i1_ready, i1_take;
  logic [CTX_BITS-1:0]   i1_ctx_q;
  logic [15:0]           i1_bytes;
  logic [31:0]           i1_spi, i1_seq;
  logic [SLOTS_LOG2-1:0] i1_slot;
  logic [COUNT_BITS-1:0] i1_ram_count, i1_count, i1_last, i1_words;
  logic                  i2_valid_q, i2_ready, i2_first_q, i2_is_last_q, i2_is_outer_q, i2_more_q;
  logic [15:0]           i2_bytes_q;
  logic [63:0]           i2_head_q, i2_tail;
  logic [511:0]          i2_word;
  logic [159:0]          i2_state, i2_inner, i2_outer;
  logic                  ring_ready;
  crypto_pick #(.N(CONTEXTS)) u_issue_pick (
    .clk_i, .rst_ni, .ask_i(idle_q & (full_q | ~need_q)), .take_i(i1_ready), .valid_o(i0_valid), .index_o(i0_ctx));
  assign i2_ready = !i2_valid_q || ring_ready;
  assign i1_ready = !i1_valid_q || i2_ready;
  assign i0_take  = i0_valid && i1_ready;
  assign i1_take  = i1_valid_q && i2_ready;
  assign i2_take  = i2_valid_q && ring_ready;
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) begin
      i1_valid_q <= 1'b0;
      i2_valid_q <= 1'b0;
    end else begin
      if (i1_ready) i1_valid_q <= i0_valid;
      if (i2_ready) i2_valid_q <= i1_valid_q;
    end
  ram_1r1w #(.W(80 + SLOTS_LOG2), .AW(CTX_BITS)) u_issue_job (
    .clk_i, .we_i(job_take), .waddr_i(job_ctx),
    .wdata_i({job_i.n_bytes, job_i.spi, job_i.seq, job_i.slot[SLOTS_LOG2-1:0]}),
    .re_i(i0_take), .raddr_i(i0_ctx), .rdata_o({i1_bytes, i1_spi, i1_seq, i1_slot}));
  ram_1r1w #(.W(COUNT_BITS), .AW(CTX_BITS)) u_issue_count (
    .clk_i, .we_i(i2_take), .waddr_i(i2_ctx_q), .wdata_i(i2_count_q + 1'b1),
    .re_i(i0_take), .raddr_i(i0_ctx), .rdata_o(i1_ram_count));
  assign i1_count = i1_first_q ? '0 : i1_ram_count;
  assign i1_last  = COUNT_BITS'((17'(i1_bytes) + 17'd16) >> 6);  // 8 bytes before the body, 0x80 and the length after it
  assign i1_words = COUNT_BITS'((17'(i1_bytes) + 17'd63) >> 6);
  always_ff @(posedge clk_i) begin
    if (i0_take) begin
      i1_ctx_q   <= i0_ctx;
      i1_first_q <= first_q[i0_ctx];
    end
    if (i1_take) begin
      i2_ctx_q      <= i1_ctx_q;
      i2_first_q    <= i1_first_q;
      i2_count_q    <= i1_count;
      i2_bytes_q    <= i1_bytes;
      i2_head_q     <= {i1_spi, i1_seq};
      i2_is_last_q  <= (i1_count == i1_last);
      i2_is_outer_q <= (i1_count > i1_last);
      i2_more_q     <= (i1_count + 1'b1 < i1_words);
    end
  end

  ram_1r1w #(.W(512), .AW(CTX_BITS)) u_in_mem (
    .clk_i, .we_i(fill_valid_i), .waddr_i(fill_tag_i), .wdata_i(fill_data_i),
    .re_i(i1_take), .raddr_i(i1_ctx_q), .rdata_o(i2_word));
  ram_1r1w #(.W(160), .AW(SLOTS_LOG2)) u_inner_mem (
    .clk_i, .we_i(inner_valid_i), .waddr_i(pad_slot_i), .wdata_i(pad_state_i),
    .re_i(i1_take && i1_first_q), .raddr_i(i1_slot), .rdata_o(i2_inner));
  ram_1r1w #(.W(160), .AW(SLOTS_LOG2)) u_outer_mem (
    .clk_i, .we_i(outer_valid_i), .waddr_i(pad_slot_i), .wdata_i(pad_state_i),
    .re_i(i1_take && i1_count > i1_last), .raddr_i(i1_slot), .rdata_o(i2_outer));

  // ---- the block
  logic [511:0] word_be, source, message, block;
  logic [159:0] state;
  always_comb begin
    word_be = '0;
    if (i2_valid_q)
      for (int i = 0; i < 64; i++) word_be[8*(63-i) +: 8] = i2_word[8*i +: 8];
    source = {i2_first_q ? i2_head_q : i2_tail, word_be[511:64]};
  end
  logic signed [31:0] left;  // 32-bit words of the message from this block on; may be below 0 in a block of padding
  assign left = signed'(32'd2 + 32'(i2_bytes_q[15:2]) - 32'({i2_count_q, 4'd0}));
  always_comb begin
    message = '0;
    if (i2_valid_q) begin
      for (int j = 0; j < 16; j++) begin
        if (j < left)       message[32*(15-j) +: 32] = source[32*(15-j) +: 32];
        else if (j == left) message[32*(15-j) +: 32] = 32'h80000000;
      end
      // FIPS 180-4 section 5.1.1: bits of inner pad, header and body
      if (i2_is_last_q) message[31:0] = (32'(i2_bytes_q) + 32'd72) << 3;
    end
    block = i2_is_outer_q ? {i2_state, 32'h80000000, 288'd0, 32'd672} : message;
    state = i2_is_outer_q ? i2_outer : i2_first_q ? i2_inner : i2_state;
  end
  ram_1r1w #(.W(64), .AW(CTX_BITS)) u_tail (
    .clk_i, .we_i(i2_take), .waddr_i(i2_ctx_q), .wdata_i(word_be[63:0]),
    .re_i(i1_take), .raddr_i(i1_ctx_q), .rdata_o(i2_tail));

  // ---- ring
  logic                ring_valid, land_is_outer;
  logic [159:0]        land_state;
  logic [CTX_BITS-1:0] land_ctx;
  sha1_ring #(.STAGES(STAGES), .TAG_BITS(CTX_BITS + 1)) u_ring (
    .clk_i, .rst_ni, .in_valid_i(i2_valid_q), .in_ready_o(ring_ready), .in_block_i(block), .in_state_i(state),
    .in_tag_i({i2_ctx_q, i2_is_outer_q}),
    .out_valid_o(ring_valid), .out_state_o(land_state), .out_tag_o({land_ctx, land_is_outer}));
  ram_1r1w #(.W(160), .AW(CTX_BITS)) u_state (
    .clk_i, .we_i(ring_valid && !land_is_outer), .waddr_i(land_ctx), .wdata_i(land_state),
    .re_i(i1_take), .raddr_i(i1_ctx_q), .rdata_o(i2_state));

  // ---- answers
  logic                d0_valid, d0_take, queue_room;
  logic [CTX_BITS-1:0] d0_ctx;
  logic [CTX_BITS:0]   queue_usage;
  logic [9:0]          d1_ticket;
  logic [159:0]        d1_digest;
  stream_fifo #(.W(CTX_BITS), .DEPTH_LOG2(CTX_BITS)) u_queue (   // one a context: never full
    .clk_i, .rst_ni, .in_valid_i(ring_valid && land_is_outer), .in_ready_o(queue_room), .in_data_i(land_ctx),
    .out_valid_o(d0_valid), .out_ready_i(d0_take), .out_data_o(d0_ctx), .usage_o(queue_usage));
  assign d0_take = d0_valid && (!done_valid_o || done_ready_i);
  ram_1r1w #(.W(10), .AW(CTX_BITS)) u_ticket (
    .clk_i, .we_i(job_take), .waddr_i(job_ctx), .wdata_i(job_i.ticket),
    .re_i(d0_take), .raddr_i(d0_ctx), .rdata_o(d1_ticket));
  ram_1r1w #(.W(160), .AW(CTX_BITS)) u_digest (
    .clk_i, .we_i(ring_valid && land_is_outer), .waddr_i(land_ctx), .wdata_i(land_state),
    .re_i(d0_take), .raddr_i(d0_ctx), .rdata_o(d1_digest));
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni)                            done_valid_o <= 1'b0;
    else if (!done_valid_o || done_ready_i) done_valid_o <= d0_valid;
  always_comb begin
    done_o        = '0;
    done_o.ticket = d1_ticket;
    for (int i = 0; i < 20; i++) done_o.icv[8*i +: 8] = d1_digest[8*(19-i) +: 8];
  end

  // ---- the contexts' bits
  always_comb begin
    free_d  = free_q;
    idle_d  = idle_q;
    first_d = first_q;
    need_d  = need_q;
    full_d  = full_q;
    fetch_d = fetch_q;
    if (f0_take) fetch_d[f0_ctx] = 1'b0;
    if (fill_valid_i) full_d[fill_tag_i] = 1'b1;
    if (i0_take) idle_d[i0_ctx] = 1'b0;
    if (i2_take) begin
      first_d[i2_ctx_q] = 1'b0;
      full_d[i2_ctx_q]  = 1'b0;
      need_d[i2_ctx_q]  = i2_more_q;
      fetch_d[i2_ctx_q] = i2_more_q;
    end
    if (ring_valid && !land_is_outer) idle_d[land_ctx] = 1'b1;
    if (d0_take) free_d[d0_ctx] = 1'b1;
    if (job_take) begin
      free_d[job_ctx]  = 1'b0;
      idle_d[job_ctx]  = 1'b1;
      first_d[job_ctx] = 1'b1;
      need_d[job_ctx]  = job_has_words;
      full_d[job_ctx]  = 1'b0;
      fetch_d[job_ctx] = job_has_words;
    end
  end
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) begin
      free_q  <= '1;
      idle_q  <= '0;
      first_q <= '0;
      need_q  <= '0;
      full_q  <= '0;
      fetch_q <= '0;
    end else begin
      free_q  <= free_d;
      idle_q  <= idle_d;
      first_q <= first_d;
      need_q  <= need_d;
      full_q  <= full_d;
      fetch_q <= fetch_d;
    end
endmodule
