// SPDX-License-Identifier: BSD-2-Clause-Patent
// CBC sealing (SP 800-38A section 6.2) for CONTEXTS packets at once on one ring, of AES or (IS_DES) of DES and 3DES. A packet has
// one block in the ring at a time; as it leaves, the next block of the same packet may enter. Each packet owns two words of
// input and two of output.
//
//   job ─► context, its key into the ring ─► fetch: word n+1 is read while word n is worked on ─► in_mem {context, n odd}
//                     issue: a block of an idle context with its word there ─► ring
//                     land:  block ─► out_mem {context, n odd}; whole words ─► write queue ─► out; room for word n+2
//
// The IV is the block that ends at byte 15 of the body: it is ciphered (a nonce) with a zero chain. DES leaves bytes 0..7: they
// are written as zeros.
// The blocks of word n: block b of B bits in bits [B*b+B-1:B*b], first byte lowest. Inside the ring the first byte is on top.
module cbc_lane #(
  parameter bit          IS_DES     = 1'b0,
  parameter int unsigned ROUNDS     = 2,     // units of the ring: aes_ring's ROUNDS, des_ring's STAGES
  parameter int unsigned CONTEXTS   = 8,     // a power of two, at least 2
  localparam int unsigned CTX_BITS  = $clog2(CONTEXTS)
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,
  // jobs with at least one block to cipher; never copies
  input  logic                  job_valid_i,
  output logic                  job_ready_o,
  input  adit_pkg::cipher_job_t job_i,
  input  logic [1:0]            job_key_size_i, // AES: 0: 128, 1: 192, 2: 256. DES: 0: one key, 1: three
  input  logic [255:0]          job_key_i,      // as cipher_keys has it
  // words in
  output logic                  ask_valid_o,
  input  logic                  ask_ready_i,
  output logic [15:0]           ask_addr_o,
  output logic [CTX_BITS:0]     ask_tag_o,     // {context, n odd}
  input  logic                  fill_valid_i,
  input  logic [CTX_BITS:0]     fill_tag_i,
  input  logic [511:0]          fill_data_i,
  // words out
  output logic                  wr_valid_o,
  input  logic                  wr_ready_i,
  output logic [48:0]           wr_place_o,    // {last of its packet, last byte, ticket, index, address}
  output logic [511:0]          wr_data_o,
  output logic                  busy_o          // packets are inside, or what was made of keys is not yet zero
);
  localparam int unsigned WORD_BITS  = 10;                       // word number in a body of up to 64 KiB
  localparam int unsigned PART_BITS  = IS_DES ? 3 : 2;           // block number in a word
  localparam int unsigned BLOCK_BITS = WORD_BITS + PART_BITS;
  localparam int unsigned PARTS      = 1 << PART_BITS;
  localparam int unsigned BYTES      = 64 / PARTS;               // of a block
  localparam int unsigned B          = 8 * BYTES;
  localparam int FIRST = IS_DES ? 1 : 0;   // the first block to cipher
  localparam logic [BLOCK_BITS-1:0] FIRST_BLOCK = BLOCK_BITS'(FIRST);

  function automatic logic [B-1:0] swap_bytes(input logic [B-1:0] x);
    for (int i = 0; i < BYTES; i++) swap_bytes[8*(BYTES-1-i) +: 8] = x[8*i +: 8];
  endfunction

  // ---- what is known of each context, one bit each
  logic [CONTEXTS-1:0] free_d, free_q;    // holds no packet
  logic [CONTEXTS-1:0] idle_d, idle_q;    // has blocks left, none in the ring
  logic [CONTEXTS-1:0] first_d, first_q;  // none of its blocks has been issued
  logic [CONTEXTS-1:0] odd_d, odd_q;      // its next block is in an odd word
  logic [CONTEXTS-1:0] full0_d, full0_q;  // in_mem holds its even word
  logic [CONTEXTS-1:0] full1_d, full1_q;
  logic [CONTEXTS-1:0] fetch_d, fetch_q;  // has words left to ask for, is not asking
  logic [CONTEXTS-1:0] ffirst_d, ffirst_q;  // none of its words was asked for
  logic [CONTEXTS-1:0] fodd_d, fodd_q;    // the next word to ask for is odd
  logic [CONTEXTS-1:0] room0_d, room0_q;  // in_mem and out_mem have room for its next even word
  logic [CONTEXTS-1:0] room1_d, room1_q;

  // ---- job: takes a free context; its key goes into the ring at once, and is there before its first word
  logic                job_take, ctx_valid, key_ready, quiet, ring_busy;
  logic [CTX_BITS-1:0] job_ctx;
  logic [BLOCK_BITS-1:0] job_last;
  crypto_turn #(.N(CONTEXTS)) u_job_turn (
    .clk_i, .rst_ni, .ask_i(free_q), .take_i(job_take), .valid_o(ctx_valid), .index_o(job_ctx));
  assign job_ready_o = ctx_valid && key_ready;
  assign job_take = job_valid_i && job_ready_o;
  assign job_last = BLOCK_BITS'((job_i.n_bytes - 16'd1) >> (6 - PART_BITS));
  assign quiet    = free_q == '1;
  assign busy_o   = !quiet || ring_busy;

  // ---- fetch: f0 chooses a context, f1 asks for its word
  logic                 f0_valid, f0_take;
  logic [CTX_BITS-1:0]  f0_ctx;
  logic                 f1_valid_q, f1_first_q, f1_ready, f1_take, f1_is_last;
  logic [CTX_BITS-1:0]  f1_ctx_q;
  logic [15:0]          f1_base;
  logic [WORD_BITS-1:0] f1_last, f1_count, f1_word;
  crypto_turn #(.N(CONTEXTS)) u_fetch_turn (
    .clk_i, .rst_ni, .ask_i(fetch_q & ((room0_q & ~fodd_q) | (room1_q & fodd_q))),
    .take_i(f0_take), .valid_o(f0_valid), .index_o(f0_ctx));
  assign f1_ready = !f1_valid_q || ask_ready_i;
  assign f0_take  = f0_valid && f1_ready;
  assign f1_take  = f1_valid_q && ask_ready_i;
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni)       f1_valid_q <= 1'b0;
    else if (f1_ready) f1_valid_q <= f0_valid;
  always_ff @(posedge clk_i)
    if (f0_take) begin
      f1_ctx_q   <= f0_ctx;
      f1_first_q <= ffirst_q[f0_ctx];
    end
  ram_1r1w #(.W(16 + WORD_BITS), .AW(CTX_BITS)) u_fetch_job (
    .clk_i, .we_i(job_take), .waddr_i(job_ctx), .wdata_i({job_i.base, job_last[BLOCK_BITS-1:PART_BITS]}),
    .re_i(f0_take), .raddr_i(f0_ctx), .rdata_o({f1_base, f1_last}));
  ram_1r1w #(.W(WORD_BITS), .AW(CTX_BITS)) u_fetch_count (
    .clk_i, .we_i(f1_take), .waddr_i(f1_ctx_q), .wdata_i(f1_word + 1'b1),
    .re_i(f0_take), .raddr_i(f0_ctx), .rdata_o(f1_count));
  assign f1_word     = f1_first_q ? '0 : f1_count;
  assign f1_is_last  = (f1_word == f1_last);
  assign ask_valid_o = f1_valid_q;
  assign ask_addr_o  = f1_base + 16'(f1_word);
  assign ask_tag_o   = {f1_ctx_q, f1_word[0]};

  // ---- issue: i0 chooses a context, i1 knows its block number and job, i2 holds word and chain
  logic                  i0_valid, i0_take;
  logic [CTX_BITS-1:0]   i0_ctx;
  logic                  i1_valid_q, i1_first_q, i1_ready, i1_take;
  logic [CTX_BITS-1:0]   i1_ctx_q;
  logic [1:0]            i1_key_size;
  logic [BLOCK_BITS-1:0] i1_last, i1_count, i1_block;
  logic                  i2_valid_q, i2_is_last_q, i2_ready, i2_take;
  logic [CTX_BITS-1:0]   i2_ctx_q;
  logic [1:0]            i2_key_size_q;
  logic [BLOCK_BITS-1:0] i2_block_q;
  logic [511:0]          i2_word;
  logic [B-1:0]          i2_data, i2_chain;
  logic                  i2_word_end;       // the word has no block after this one
  logic                  ring_ready;
  crypto_turn #(.N(CONTEXTS)) u_issue_turn (
    .clk_i, .rst_ni, .ask_i(idle_q & ((full0_q & ~odd_q) | (full1_q & odd_q))),
    .take_i(i0_take), .valid_o(i0_valid), .index_o(i0_ctx));
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
  always_ff @(posedge clk_i) begin
    if (i0_take) begin
      i1_ctx_q   <= i0_ctx;
      i1_first_q <= first_q[i0_ctx];
    end
    if (i1_take) begin
      i2_ctx_q      <= i1_ctx_q;
      i2_key_size_q <= i1_key_size;
      i2_block_q    <= i1_block;
      i2_is_last_q  <= (i1_block == i1_last);
    end
  end
  ram_1r1w #(.W(2 + BLOCK_BITS), .AW(CTX_BITS)) u_issue_job (
    .clk_i, .we_i(job_take), .waddr_i(job_ctx), .wdata_i({job_key_size_i, job_last}),
    .re_i(i0_take), .raddr_i(i0_ctx), .rdata_o({i1_key_size, i1_last}));
  ram_1r1w #(.W(BLOCK_BITS), .AW(CTX_BITS)) u_issue_count (
    .clk_i, .we_i(i2_take), .waddr_i(i2_ctx_q), .wdata_i(i2_block_q + 1'b1),
    .re_i(i0_take), .raddr_i(i0_ctx), .rdata_o(i1_count));
  assign i1_block    = i1_first_q ? FIRST_BLOCK : i1_count;
  assign i2_word_end = i2_is_last_q || (&i2_block_q[PART_BITS-1:0]);
  always_comb begin
    i2_data = '0;
    if (i2_valid_q) i2_data = swap_bytes(i2_word[{i2_block_q[PART_BITS-1:0], {(9-PART_BITS){1'b0}}} +: B]);
  end

  ram_1r1w #(.W(512), .AW(CTX_BITS + 1)) u_in_mem (
    .clk_i, .we_i(fill_valid_i), .waddr_i(fill_tag_i), .wdata_i(fill_data_i),
    .re_i(i1_take), .raddr_i({i1_ctx_q, i1_block[PART_BITS]}), .rdata_o(i2_word));

  // ---- ring
  localparam int unsigned TAG_BITS = CTX_BITS + BLOCK_BITS + 1;
  logic                  ring_soon, ring_valid;
  logic [TAG_BITS-1:0]   ring_soon_tag;
  logic [B-1:0]          ring_in, ring_out, land_bytes;
  logic [CTX_BITS-1:0]   land_ctx_q;
  logic [BLOCK_BITS-1:0] land_block_q;
  logic                  land_is_last_q, land_word_end;
  logic                  keyed_valid;       // not needed: enciphering
  logic [CTX_BITS-1:0]   keyed_ctx;
  if (IS_DES) begin : g_des
    des_ring #(.STAGES(ROUNDS), .DECRYPT(1'b0), .KEYS_LOG2(CTX_BITS), .TAG_BITS(TAG_BITS)) u_ring (
      .clk_i, .rst_ni, .in_valid_i(i2_valid_q), .in_ready_o(ring_ready), .in_block_i(ring_in), .in_index_i(i2_ctx_q),
      .in_triple_i(i2_key_size_q[0]), .in_tag_i({i2_ctx_q, i2_block_q, i2_is_last_q}),
      .soon_valid_o(ring_soon), .soon_tag_o(ring_soon_tag), .out_valid_o(ring_valid), .out_block_o(ring_out),
      .key_valid_i(job_take), .key_ready_o(key_ready), .key_index_i(job_ctx), .key_i(job_key_i[167:0]),
      .quiet_i(quiet), .busy_o(ring_busy));
    assign keyed_valid = 1'b0;
    assign keyed_ctx   = '0;
  end else begin : g_aes
    aes_ring #(.ROUNDS(ROUNDS), .DECRYPT(1'b0), .KEYS_LOG2(CTX_BITS), .TAG_BITS(TAG_BITS)) u_ring (
      .clk_i, .rst_ni, .in_valid_i(i2_valid_q), .in_ready_o(ring_ready), .in_block_i(ring_in), .in_index_i(i2_ctx_q),
      .in_key_size_i(i2_key_size_q), .in_tag_i({i2_ctx_q, i2_block_q, i2_is_last_q}),
      .soon_valid_o(ring_soon), .soon_tag_o(ring_soon_tag), .out_valid_o(ring_valid), .out_block_o(ring_out),
      .key_valid_i(job_take), .key_ready_o(key_ready), .key_index_i(job_ctx), .key_size_i(job_key_size_i), .key_i(job_key_i),
      .keyed_valid_o(keyed_valid), .keyed_index_o(keyed_ctx), .quiet_i(quiet), .busy_o(ring_busy));
  end
  always_ff @(posedge clk_i) if (ring_soon) {land_ctx_q, land_block_q, land_is_last_q} <= ring_soon_tag;

  // ---- chain
  assign ring_in = (i2_block_q == FIRST_BLOCK) ? i2_data : i2_data ^ i2_chain;
  ram_1r1w #(.W(B), .AW(CTX_BITS)) u_chain (
    .clk_i, .we_i(ring_valid), .waddr_i(land_ctx_q), .wdata_i(ring_out),
    .re_i(i1_take), .raddr_i(i1_ctx_q), .rdata_o(i2_chain));
  always_comb begin
    land_bytes = '0;
    if (ring_valid) land_bytes = swap_bytes(ring_out);
  end
  assign land_word_end = land_is_last_q || (&land_block_q[PART_BITS-1:0]);

  // ---- write: w0 takes a whole word from the queue, w1 offers it
  localparam int unsigned QUEUE_BITS = CTX_BITS + BLOCK_BITS + 1;
  logic                  w0_valid, w1_ready, w1_valid_q, w1_take;
  logic [QUEUE_BITS-1:0] w0_item, w1_item_q;
  logic [CTX_BITS-1:0]   w1_ctx;
  logic [BLOCK_BITS-1:0] w1_block;
  logic                  w1_is_last;
  logic [15:0]           w1_base;
  logic [9:0]            w1_ticket;
  logic [511:0]          w1_word;
  logic                  queue_room;
  logic [CTX_BITS+1:0]   queue_usage;
  stream_fifo #(.W(QUEUE_BITS), .DEPTH_LOG2(CTX_BITS + 1)) u_queue (  // two words a context: never full
    .clk_i, .rst_ni, .in_valid_i(ring_valid && land_word_end), .in_ready_o(queue_room),
    .in_data_i({land_ctx_q, land_block_q, land_is_last_q}),
    .out_valid_o(w0_valid), .out_ready_i(w1_ready), .out_data_o(w0_item), .usage_o(queue_usage));
  assign w1_ready = !w1_valid_q || w1_take;
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni)       w1_valid_q <= 1'b0;
    else if (w1_ready) w1_valid_q <= w0_valid;
  always_ff @(posedge clk_i) if (w0_valid && w1_ready) w1_item_q <= w0_item;
  assign {w1_ctx, w1_block, w1_is_last} = w1_item_q;

  logic [CTX_BITS:0] w0_word;
  logic [PARTS-1:0]  w1_has_block;   // a last word may have fewer, and DES has none before the IV
  always_comb
    for (int b = 0; b < PARTS; b++)
      w1_has_block[b] = PART_BITS'(b) <= w1_block[PART_BITS-1:0]
                        && (w1_block[BLOCK_BITS-1:PART_BITS] != '0 || b >= FIRST);
  assign w0_word = {w0_item[QUEUE_BITS-1 -: CTX_BITS], w0_item[1+PART_BITS]};
  for (genvar b = 0; b < PARTS; b++) begin : g_out
    ram_1r1w #(.W(B), .AW(CTX_BITS + 1)) u_out_mem (
      .clk_i, .we_i(ring_valid && land_block_q[PART_BITS-1:0] == PART_BITS'(b)),
      .waddr_i({land_ctx_q, land_block_q[PART_BITS]}), .wdata_i(land_bytes),
      .re_i(w0_valid && w1_ready), .raddr_i(w0_word), .rdata_o(w1_word[B*b +: B]));
  end
  always_comb begin
    wr_data_o = '0;
    if (w1_valid_q)
      for (int b = 0; b < PARTS; b++) if (w1_has_block[b]) wr_data_o[B*b +: B] = w1_word[B*b +: B];
  end
  ram_1r1w #(.W(26), .AW(CTX_BITS)) u_write_job (
    .clk_i, .we_i(job_take), .waddr_i(job_ctx), .wdata_i({job_i.base, job_i.ticket}),
    .re_i(w0_valid && w1_ready), .raddr_i(w0_item[QUEUE_BITS-1 -: CTX_BITS]), .rdata_o({w1_base, w1_ticket}));
  logic [15:0] w1_index;
  assign w1_index   = 16'(w1_block[BLOCK_BITS-1:PART_BITS]);
  assign wr_valid_o = w1_valid_q;
  assign wr_place_o = {w1_is_last, w1_block[PART_BITS-1:0], {(6-PART_BITS){1'b1}}, w1_ticket, w1_index, w1_base + w1_index};
  assign w1_take    = wr_valid_o && wr_ready_i;

  // ---- the contexts' bits
  always_comb begin
    free_d   = free_q;
    idle_d   = idle_q;
    first_d  = first_q;
    odd_d    = odd_q;
    full0_d  = full0_q;
    full1_d  = full1_q;
    fetch_d  = fetch_q;
    ffirst_d = ffirst_q;
    fodd_d   = fodd_q;
    room0_d  = room0_q;
    room1_d  = room1_q;
    if (!quiet) begin
      if (f0_take) begin
        fetch_d[f0_ctx] = 1'b0;
        if (fodd_q[f0_ctx]) room1_d[f0_ctx] = 1'b0;
        else                room0_d[f0_ctx] = 1'b0;
      end
      if (f1_take) begin
        fetch_d[f1_ctx_q]  = !f1_is_last;
        ffirst_d[f1_ctx_q] = 1'b0;
        fodd_d[f1_ctx_q]   = !f1_word[0];
      end
      if (fill_valid_i) begin
        if (fill_tag_i[0]) full1_d[fill_tag_i[CTX_BITS:1]] = 1'b1;
        else               full0_d[fill_tag_i[CTX_BITS:1]] = 1'b1;
      end
      if (i0_take) idle_d[i0_ctx] = 1'b0;
      if (i2_take) begin
        first_d[i2_ctx_q] = 1'b0;
        if (i2_word_end) begin
          odd_d[i2_ctx_q] = !i2_block_q[PART_BITS];
          if (i2_block_q[PART_BITS]) full1_d[i2_ctx_q] = 1'b0;
          else               full0_d[i2_ctx_q] = 1'b0;
        end
      end
      if (ring_soon && !ring_soon_tag[0]) idle_d[ring_soon_tag[TAG_BITS-1 -: CTX_BITS]] = 1'b1;
      if (w1_take) begin
        if (w1_block[PART_BITS]) room1_d[w1_ctx] = 1'b1;
        else             room0_d[w1_ctx] = 1'b1;
        if (w1_is_last) free_d[w1_ctx] = 1'b1;
      end
    end
    if (job_take) begin
      free_d[job_ctx]   = 1'b0;
      idle_d[job_ctx]   = 1'b1;
      first_d[job_ctx]  = 1'b1;
      odd_d[job_ctx]    = 1'b0;
      full0_d[job_ctx]  = 1'b0;
      full1_d[job_ctx]  = 1'b0;
      fetch_d[job_ctx]  = 1'b1;
      ffirst_d[job_ctx] = 1'b1;
      fodd_d[job_ctx]   = 1'b0;
      room0_d[job_ctx]  = 1'b1;
      room1_d[job_ctx]  = 1'b1;
    end
  end
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) begin
      free_q   <= '1;
      idle_q   <= '0;
      first_q  <= '0;
      odd_q    <= '0;
      full0_q  <= '0;
      full1_q  <= '0;
      fetch_q  <= '0;
      ffirst_q <= '0;
      fodd_q   <= '0;
      room0_q  <= '0;
      room1_q  <= '0;
    end else if (!quiet || job_take) begin
      free_q   <= free_d;
      idle_q   <= idle_d;
      first_q  <= first_d;
      odd_q    <= odd_d;
      full0_q  <= full0_d;
      full1_q  <= full1_d;
      fetch_q  <= fetch_d;
      ffirst_q <= ffirst_d;
      fodd_q   <= fodd_d;
      room0_q  <= room0_d;
      room1_q  <= room1_d;
    end
endmodule
