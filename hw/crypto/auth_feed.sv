// SPDX-License-Identifier: BSD-2-Clause-Patent
// Makes the blocks that one kind of hash takes, for CONTEXTS packets at once. What is hashed is
//
//   HMAC         prefix ++ body ++ suffix ++ 0x80, 0 …, length in bits       blocks of 64 bytes, SHA-512: 128
//   AES-GCM      prefix, 0 … ++ body, 0 … ++ bits of prefix, bits of body    1 to 4 blocks of 16 bytes at once
//   AES-GMAC     prefix ++ body, 0 … ++ bits of both, 0                      likewise
//
// where the body begins `off` bytes into a word of packet memory. In a chunk (64 bytes of that string) stand the head of
// one word, turned by rot = (prefix - off) mod 64 bytes, and the tail of the word before it, kept from the last step:
//
//   chunk k   | tail of word w-1 | head of word w |     prefix laid over the first two, suffix over the last two
//             0                 rot              63
//
// A packet makes one step a chunk. prefix < off: one step ahead takes word 0 alone (`prime`). prefix - off >= 64: the first
// step takes no word (`skip`). SHA-512: every first half is put aside. After the last chunk HMAC has one step more, the
// outer hash, whose block its lane makes. While a block is hashed, the next word is fetched.
module auth_feed #(
  parameter logic [2:0]   KIND       = adit_pkg::HASH_SHA1,  // GHASH: HASH_GCM, takes HASH_GMAC too
  parameter int unsigned  CONTEXTS   = 8,     // a power of two, at least 2
  localparam int unsigned CTX_BITS   = $clog2(CONTEXTS),
  localparam int unsigned CHUNKS     = (KIND == adit_pkg::HASH_SHA512) ? 2 : 1,
  localparam int unsigned BLOCK_BITS = 512 * CHUNKS
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,
  input  logic                  job_valid_i,
  output logic                  job_ready_o,
  input  adit_pkg::auth_job_t   job_i,
  output logic [CTX_BITS-1:0]   job_ctx_o,
  // words in
  output logic                  ask_valid_o,
  input  logic                  ask_ready_i,
  output logic [15:0]           ask_addr_o,
  output logic [CTX_BITS-1:0]   ask_tag_o,     // context
  input  logic                  fill_valid_i,
  input  logic [CTX_BITS-1:0]   fill_tag_i,
  input  logic [511:0]          fill_data_i,
  // the cycle before a step may show as a block: what its lane looks up meanwhile
  output logic                  soon_o,
  output logic [CTX_BITS-1:0]   soon_ctx_o,
  output logic                  soon_first_o,
  output logic                  soon_outer_o,
  // blocks out
  output logic                  block_valid_o,
  input  logic                  block_ready_i,
  output logic [BLOCK_BITS-1:0] block_o,       // first byte on top
  output logic [1:0]            block_more_o,  // GHASH: blocks of 16 bytes after the first
  output logic [CTX_BITS-1:0]   block_ctx_o,
  output logic                  block_first_o, // the packet's first
  output logic                  block_last_o,  // the packet's last of this string
  output logic                  block_outer_o, // HMAC: after it, the outer block
  output logic                  block_short_o, // SHA-384
  // the lane says: the block of this context has left the ring, it may send the next; the context is free
  input  logic                  next_valid_i,
  input  logic [CTX_BITS-1:0]   next_ctx_i,
  input  logic                  free_valid_i,
  input  logic [CTX_BITS-1:0]   free_ctx_i,
  output logic                  idle_o
);
  localparam bit          IS_GHASH   = KIND == adit_pkg::HASH_GCM;
  localparam int unsigned STEP_BITS  = 11;   // up to 64 KiB, prefix, suffix, padding
  localparam int unsigned PLAN_BITS  = 76;

  // ---- what is known of each context, one bit each
  logic [CONTEXTS-1:0] free_d, free_q;    // holds no packet
  logic [CONTEXTS-1:0] idle_d, idle_q;    // has steps left, none under way
  logic [CONTEXTS-1:0] first_d, first_q;  // none of its steps has been taken
  logic [CONTEXTS-1:0] need_d, need_q;    // its next step takes a word
  logic [CONTEXTS-1:0] full_d, full_q;    // in_mem holds that word
  logic [CONTEXTS-1:0] fetch_d, fetch_q;  // that word is still to be asked for

  // ---- job: takes a free context; all that is constant for a packet is worked out here
  logic                 job_take, job_needs_word;
  logic [PLAN_BITS-1:0] job_plan;
  logic [295:0]         job_suffix;
  crypto_pick #(.N(CONTEXTS)) u_job_pick (
    .clk_i, .rst_ni, .ask_i(free_q & {CONTEXTS{job_valid_i}}), .take_i(1'b1), .valid_o(job_take), .index_o(job_ctx_o));
  assign job_ready_o = |free_q;
  assign idle_o   = &free_q;

  logic [6:0]           p_bytes;               // prefix as laid out
  logic [5:0]           shift;                 // prefix - off, in words of 32 bits
  logic [19:0]          aad_bits, text_bits;
  logic                 prime, skip;
  logic [16:0]          body_end, suffix_at, text_end, total;
  logic [STEP_BITS-1:0] words, last;
  always_comb begin
    {p_bytes, shift, prime, skip, body_end, suffix_at, text_end, total, words, last, aad_bits, text_bits} = '0;
    job_suffix     = '0;
    job_needs_word = 1'b0;
    if (job_valid_i) begin
      p_bytes   = (IS_GHASH && job_i.kind == adit_pkg::HASH_GCM) ? 7'd16 : job_i.prefix_bytes;
      shift     = {1'b0, p_bytes[6:2]} - {3'd0, job_i.off[4:2]};
      prime     = shift[5];
      skip      = shift[5:4] == 2'b01;
      body_end  = 17'(p_bytes) + 17'(job_i.n_bytes);
      suffix_at = IS_GHASH ? (body_end + 17'd15) & ~17'd15 : body_end;
      text_end  = suffix_at + (IS_GHASH ? 17'd16 : 17'(job_i.suffix_bytes));
      total     = text_end + 17'(64 * CHUNKS);                                    // RFC 2104: the key's block counts
      words     = (job_i.n_bytes == '0) ? '0 : STEP_BITS'((17'(job_i.off) + 17'(job_i.n_bytes) + 17'd63) >> 6);
      if (IS_GHASH)         last = STEP_BITS'((text_end - 17'd1) >> 6);
      else if (CHUNKS == 2) last = STEP_BITS'(((text_end + 17'd16) >> 7) << 1) | STEP_BITS'(1);
      else                  last = STEP_BITS'((text_end + 17'd8) >> 6);
      last           = last + STEP_BITS'(prime);
      job_needs_word = words != '0 && !skip;
      if (IS_GHASH) begin
        // SP 800-38D section 7.1 step 5: [len(A)]64 || [len(C)]64; RFC 4543 section 3.1: all is A
        aad_bits  = (job_i.kind == adit_pkg::HASH_GCM) ? {10'd0, job_i.prefix_bytes, 3'd0} : {body_end, 3'd0};
        text_bits = (job_i.kind == adit_pkg::HASH_GCM) ? {1'b0, job_i.n_bytes, 3'd0} : '0;
        job_suffix[63:40]  = {aad_bits[7:0], aad_bits[15:8], 4'd0, aad_bits[19:16]};
        job_suffix[127:104] = {text_bits[7:0], text_bits[15:8], 4'd0, text_bits[19:16]};
      end else begin
        // FIPS 180-4 section 5.1, RFC 1321 section 3.1: one bit 1 follows
        job_suffix = {8'd0, job_i.suffix};
        for (int i = 0; i <= 9; i++)
          if (job_i.suffix_bytes == 6'(4*i)) job_suffix[32*i +: 8] = 8'h80;
      end
    end
  end
  // constants of a packet for its steps
  assign job_plan = {job_i.kind == adit_pkg::HASH_SHA384, p_bytes, body_end, suffix_at, total, shift[3:0], prime, skip, last};

  // ---- fetch: f0 chooses a context, f1 asks for its word
  logic                 i2_take, i2_more_q;
  logic [CTX_BITS-1:0]  i2_ctx_q;
  logic [STEP_BITS-1:0] i2_step_q;
  logic                 f0_valid, f0_take, f1_valid_q, f1_first_q, f1_ready, f1_skip;
  logic [CTX_BITS-1:0]  f0_ctx, f1_ctx_q;
  logic [15:0]          f1_base;
  logic [STEP_BITS-1:0] f1_step;
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
  ram_1r1w #(.W(17), .AW(CTX_BITS)) u_fetch_job (
    .clk_i, .we_i(job_take), .waddr_i(job_ctx_o), .wdata_i({skip, job_i.base}),
    .re_i(f0_take), .raddr_i(f0_ctx), .rdata_o({f1_skip, f1_base}));
  ram_1r1w #(.W(STEP_BITS), .AW(CTX_BITS)) u_fetch_step (
    .clk_i, .we_i(i2_take), .waddr_i(i2_ctx_q), .wdata_i(i2_step_q + 1'b1),
    .re_i(f0_take), .raddr_i(f0_ctx), .rdata_o(f1_step));
  assign ask_valid_o = f1_valid_q;
  assign ask_addr_o  = f1_first_q ? f1_base : f1_base + 16'(f1_step) - 16'(f1_skip);
  assign ask_tag_o   = f1_ctx_q;

  // ---- steps: i0 chooses a context, i1 knows its plan and how far it is, i2 has all parts, i3 has them in place
  logic                  i0_valid, i0_take;
  logic [CTX_BITS-1:0]   i0_ctx;
  logic                  i1_valid_q, i1_first_q, i1_ready, i1_take;
  logic [CTX_BITS-1:0]   i1_ctx_q;
  logic [PLAN_BITS-1:0]  i1_plan;
  logic [STEP_BITS-1:0]  i1_ram_step, i1_step, i1_chunk, i1_last, i1_words;
  logic                  i2_valid_q, i2_ready;
  logic                  i3_valid_q, i3_ready, i3_silent_q;
  crypto_pick #(.N(CONTEXTS)) u_step_pick (
    .clk_i, .rst_ni, .ask_i(idle_q & (full_q | ~need_q)), .take_i(i1_ready), .valid_o(i0_valid), .index_o(i0_ctx));
  assign i3_ready = !i3_valid_q || i3_silent_q || block_ready_i;
  assign i2_ready = !i2_valid_q || i3_ready;
  assign i1_ready = !i1_valid_q || i2_ready;
  assign i0_take  = i0_valid && i1_ready;
  assign i1_take  = i1_valid_q && i2_ready;
  assign i2_take  = i2_valid_q && i3_ready;
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) begin
      i1_valid_q <= 1'b0;
      i2_valid_q <= 1'b0;
      i3_valid_q <= 1'b0;
    end else begin
      if (i1_ready) i1_valid_q <= i0_valid;
      if (i2_ready) i2_valid_q <= i1_valid_q;
      if (i3_ready) i3_valid_q <= i2_valid_q;
    end
  ram_1r1w #(.W(PLAN_BITS + STEP_BITS), .AW(CTX_BITS)) u_plan (
    .clk_i, .we_i(job_take), .waddr_i(job_ctx_o), .wdata_i({words, job_plan}),
    .re_i(i0_take), .raddr_i(i0_ctx), .rdata_o({i1_words, i1_plan}));
  ram_1r1w #(.W(STEP_BITS), .AW(CTX_BITS)) u_step (
    .clk_i, .we_i(i2_take), .waddr_i(i2_ctx_q), .wdata_i(i2_step_q + 1'b1),
    .re_i(i0_take), .raddr_i(i0_ctx), .rdata_o(i1_ram_step));

  // i1
  logic                  i1_short, i1_prime, i1_skip;
  logic [6:0]            i1_p;
  logic [16:0]           i1_body_end, i1_suffix_at, i1_total;
  logic [3:0]            i1_rot;
  assign {i1_short, i1_p, i1_body_end, i1_suffix_at, i1_total, i1_rot, i1_prime, i1_skip, i1_last} = i1_plan;
  assign i1_step  = i1_first_q ? '0 : i1_ram_step;
  assign i1_chunk = i1_step - STEP_BITS'(i1_prime);   // all ones in the step ahead
  always_ff @(posedge clk_i)
    if (i0_take) begin
      i1_ctx_q   <= i0_ctx;
      i1_first_q <= first_q[i0_ctx];
    end

  // i2
  logic                  i2_short_q, i2_first_q, i2_last_q, i2_outer_q, i2_silent_q, i2_has_word_q;
  logic [1:0]            i2_prefix_q, i2_suffix_q;    // chunk 0, chunk 1; the suffix begins here, in the chunk before
  logic [6:0]            i2_low_q, i2_high_q;         // the body's bytes in this chunk
  logic [5:0]            i2_suffix_at_q;
  logic [16:0]           i2_total_q;
  logic [3:0]            i2_rot_q;
  always_ff @(posedge clk_i)
    if (i1_take) begin
      i2_ctx_q       <= i1_ctx_q;
      i2_step_q      <= i1_step;
      i2_short_q     <= i1_short;
      i2_first_q     <= i1_chunk == STEP_BITS'(CHUNKS - 1);
      i2_last_q      <= i1_step == i1_last;
      i2_outer_q     <= i1_step > i1_last;
      i2_silent_q    <= (i1_step < STEP_BITS'(i1_prime)) || (CHUNKS == 2 && !i1_chunk[0] && i1_step <= i1_last);
      i2_has_word_q  <= i1_step >= STEP_BITS'(i1_skip) && i1_step < i1_words + STEP_BITS'(i1_skip);
      i2_more_q      <= i1_step + 1'b1 < i1_words + STEP_BITS'(i1_skip);
      i2_prefix_q    <= {i1_chunk == STEP_BITS'(1), i1_chunk == '0};
      i2_suffix_q    <= {i1_chunk == i1_suffix_at[16:6] + 1'b1, i1_chunk == i1_suffix_at[16:6]};
      i2_suffix_at_q <= i1_suffix_at[5:0];
      i2_total_q     <= i1_total;
      i2_rot_q       <= i1_rot;
      if (i1_chunk == '0)                i2_low_q <= i1_p[6] ? 7'd64 : i1_p;
      else if (i1_chunk == STEP_BITS'(1)) i2_low_q <= i1_p[6] ? {1'b0, i1_p[5:0]} : 7'd0;
      else                               i2_low_q <= 7'd0;
      if (i1_chunk < i1_body_end[16:6])       i2_high_q <= 7'd64;
      else if (i1_chunk == i1_body_end[16:6]) i2_high_q <= {1'b0, i1_body_end[5:0]};
      else                                    i2_high_q <= 7'd0;
    end
  logic [511:0] i2_word, i2_tail, i2_prefix_low;
  logic [255:0] i2_prefix_high;
  logic [295:0] i2_suffix;
  ram_1r1w #(.W(512), .AW(CTX_BITS)) u_in_mem (
    .clk_i, .we_i(fill_valid_i), .waddr_i(fill_tag_i), .wdata_i(fill_data_i),
    .re_i(i1_take), .raddr_i(i1_ctx_q), .rdata_o(i2_word));
  ram_1r1w #(.W(512), .AW(CTX_BITS)) u_prefix_low (
    .clk_i, .we_i(job_take), .waddr_i(job_ctx_o), .wdata_i(job_i.prefix[511:0]),
    .re_i(i1_take && i1_chunk == '0), .raddr_i(i1_ctx_q), .rdata_o(i2_prefix_low));
  ram_1r1w #(.W(256), .AW(CTX_BITS)) u_prefix_high (
    .clk_i, .we_i(job_take), .waddr_i(job_ctx_o), .wdata_i(job_i.prefix[767:512]),
    .re_i(i1_take && i1_chunk == STEP_BITS'(1)), .raddr_i(i1_ctx_q), .rdata_o(i2_prefix_high));
  ram_1r1w #(.W(296), .AW(CTX_BITS)) u_suffix (
    .clk_i, .we_i(job_take), .waddr_i(job_ctx_o), .wdata_i(job_suffix),
    .re_i(i1_take), .raddr_i(i1_ctx_q), .rdata_o(i2_suffix));
  logic [511:0] turned;                               // the word, turned by rot words of 32 bits
  ram_1r1w #(.W(512), .AW(CTX_BITS)) u_tail (
    .clk_i, .we_i(i2_take && i2_has_word_q), .waddr_i(i2_ctx_q), .wdata_i(turned),
    .re_i(i1_take), .raddr_i(i1_ctx_q), .rdata_o(i2_tail));
  assign soon_o       = i2_take;
  assign soon_ctx_o   = i2_ctx_q;
  assign soon_first_o = i2_first_q;
  assign soon_outer_o = i2_outer_q;

  logic [511:0] placed;
  always_comb begin
    turned = '0;
    placed = '0;
    if (i2_take) begin
      turned = i2_word;
      if (i2_rot_q[0]) turned = {turned[479:0], turned[511:480]};
      if (i2_rot_q[1]) turned = {turned[447:0], turned[511:448]};
      if (i2_rot_q[2]) turned = {turned[383:0], turned[511:384]};
      if (i2_rot_q[3]) turned = {turned[255:0], turned[511:256]};
      if (i2_suffix_q != '0) begin
        placed = {216'd0, i2_suffix};
        if (i2_suffix_at_q[0]) placed = {placed[503:0], placed[511:504]};
        if (i2_suffix_at_q[1]) placed = {placed[495:0], placed[511:496]};
        if (i2_suffix_at_q[2]) placed = {placed[479:0], placed[511:480]};
        if (i2_suffix_at_q[3]) placed = {placed[447:0], placed[511:448]};
        if (i2_suffix_at_q[4]) placed = {placed[383:0], placed[511:384]};
        if (i2_suffix_at_q[5]) placed = {placed[255:0], placed[511:256]};
      end
    end
  end

  // i3
  logic [511:0]        i3_body_q, i3_prefix_q, i3_suffix_q;
  logic [63:0]         i3_body_mask_q, i3_suffix_mask_q;
  logic [CTX_BITS-1:0] i3_ctx_q;
  logic                i3_first_q, i3_last_q, i3_outer_q, i3_short_q;
  logic [16:0]         i3_total_q;
  logic [1:0]          i3_more_q;
  function automatic logic [63:0] below(input logic [6:0] n);   // ones below place n
    below = ~(64'hffff_ffff_ffff_ffff << n);
  endfunction
  always_ff @(posedge clk_i)
    if (i2_take) begin
      for (int j = 0; j < 16; j++)
        i3_body_q[32*j +: 32] <= (5'(j) < {1'b0, i2_rot_q}) ? i2_tail[32*j +: 32] : turned[32*j +: 32];
      i3_prefix_q      <= i2_prefix_q[0] ? i2_prefix_low : i2_prefix_q[1] ? {256'd0, i2_prefix_high} : '0;
      i3_suffix_q      <= placed;
      i3_body_mask_q   <= below(i2_high_q) & ~below(i2_low_q);
      i3_suffix_mask_q <= i2_suffix_q[0] ? ~below({1'b0, i2_suffix_at_q}) : below({1'b0, i2_suffix_at_q});
      i3_ctx_q         <= i2_ctx_q;
      i3_silent_q      <= i2_silent_q;
      i3_first_q       <= i2_first_q;
      i3_last_q        <= i2_last_q;
      i3_outer_q       <= i2_outer_q;
      i3_short_q       <= i2_short_q;
      i3_total_q       <= i2_total_q;
      i3_more_q        <= i2_last_q ? i2_total_q[5:4] - 2'd1 : 2'd3;   // GHASH: the string ends on a block of 16
    end

  // ---- the chunk, first byte on top
  logic [511:0] chunk;
  logic [19:0]  n_bits;
  always_comb begin
    chunk  = '0;
    n_bits = {i3_total_q, 3'd0};
    if (i3_valid_q) begin
      for (int i = 0; i < 64; i++)
        chunk[8*(63-i) +: 8] = (i3_body_q[8*i +: 8] & {8{i3_body_mask_q[i]}}) | i3_prefix_q[8*i +: 8]
                               | (i3_suffix_q[8*i +: 8] & {8{i3_suffix_mask_q[i]}});
      if (!IS_GHASH && i3_last_q)
        if (KIND == adit_pkg::HASH_MD5) chunk[63:40] = {n_bits[7:0], n_bits[15:8], 4'd0, n_bits[19:16]};
        else                            chunk[19:0]  = n_bits;
    end
  end
  if (CHUNKS == 2) begin : g_halves
    logic [511:0] i3_half;
    ram_1r1w #(.W(512), .AW(CTX_BITS)) u_half (
      .clk_i, .we_i(i3_valid_q && i3_silent_q), .waddr_i(i3_ctx_q), .wdata_i(chunk),
      .re_i(i2_take), .raddr_i(i2_ctx_q), .rdata_o(i3_half));
    assign block_o = {i3_half, chunk};
  end else begin : g_whole
    assign block_o = chunk;
  end
  assign block_valid_o = i3_valid_q && !i3_silent_q;
  assign block_more_o  = i3_more_q;
  assign block_ctx_o   = i3_ctx_q;
  assign block_first_o = i3_first_q;
  assign block_last_o  = i3_last_q;
  assign block_outer_o = i3_outer_q;
  assign block_short_o = i3_short_q;

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
      if (i2_silent_q) idle_d[i2_ctx_q] = 1'b1;
    end
    if (next_valid_i) idle_d[next_ctx_i] = 1'b1;
    if (free_valid_i) free_d[free_ctx_i] = 1'b1;
    if (job_take) begin
      free_d[job_ctx_o]  = 1'b0;
      idle_d[job_ctx_o]  = 1'b1;
      first_d[job_ctx_o] = 1'b1;
      need_d[job_ctx_o]  = job_needs_word;
      full_d[job_ctx_o]  = 1'b0;
      fetch_d[job_ctx_o] = job_needs_word;
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
