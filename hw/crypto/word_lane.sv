// SPDX-License-Identifier: BSD-2-Clause-Patent
// Ciphers in which no block waits for another's: packets follow each other word by word, and one alone keeps the ring full.
//
//   CTR      AES-CTR (RFC 3686), AES-GCM (SP 800-38D, RFC 4106) and, its text only copied, AES-GMAC (RFC 4543), the same in both
//            directions: text XOR the forward cipher of counter blocks. Counter block of body block k:
//              salt 4 | IV 8 | number 4, big-endian     number: AES-CTR k, AES-GCM k + 1
//            Body block 0, 8 bytes not used | IV 8, is copied. For AES-GCM and -GMAC its counter block is J0, and the cipher
//            of that is the mask of the tag
//   AES_CBC  opening (SP 800-38A section 6.2): the block before XOR the inverse cipher of the block. Body block 0 is the IV
//   DES_CBC  the same of DES and 3DES, blocks of 8: block 0 not used, block 1 the IV. What is not text becomes zeros
//
// 2**DEPTH_LOG2 words are inside, each at a place of its own in all memories. Places are given in the order of the words:
//
//   job ─► ask: takes the next place ─► in_mem, source_mem
//          w0 facts ─► w1 ─► w2 one block a cycle ─► ring ─► stream_mem {place, block}; last block: landed
//          o0 the oldest word, landed ─► o1 XOR ─► o2 ─► out
//
// A packet's key goes into the ring with its job; it is there before its first word, but AES_CBC waits for it at w1.
module word_lane #(
  parameter logic [1:0]  KIND       = 2'd0,   // 0: CTR, 1: AES_CBC, 2: DES_CBC
  parameter int unsigned ROUNDS     = 2,      // units of the ring: aes_ring's ROUNDS, des_ring's STAGES
  parameter int unsigned DEPTH_LOG2 = 4
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,
  // jobs with at least one block to cipher (CTR: at least one byte)
  input  logic                  job_valid_i,
  output logic                  job_ready_o,
  input  adit_pkg::cipher_job_t job_i,
  input  logic [1:0]            job_key_size_i, // AES: 0: 128, 1: 192, 2: 256. DES: 0: one key, 1: three
  input  logic [255:0]          job_key_i,      // as cipher_keys has it
  input  logic [31:0]           job_salt_i,     // first byte lowest
  input  logic                  job_is_gcm_i,   // AES-GCM or -GMAC, not -CTR
  input  logic                  job_is_gmac_i,
  // words in
  output logic                  ask_valid_o,
  input  logic                  ask_ready_i,
  output logic [15:0]           ask_addr_o,
  input  logic                  fill_valid_i,   // in the order of asking
  input  logic [511:0]          fill_data_i,
  // words out, packets in order
  output logic                  wr_valid_o,
  input  logic                  wr_ready_i,
  output logic [48:0]           wr_place_o,     // {last of its packet, last byte, ticket, index, address}
  output logic [511:0]          wr_data_o,
  output logic [127:0]          wr_mask_o,      // with the last word
  output logic                  busy_o          // packets are inside, or what was made of keys is not yet zero
);
  localparam bit IS_CTR = KIND == 2'd0;
  localparam bit IS_AES_CBC = KIND == 2'd1;
  localparam bit IS_DES = KIND == 2'd2;
  localparam int unsigned PART_BITS  = IS_DES ? 3 : 2;
  localparam int unsigned PARTS      = 1 << PART_BITS;   // blocks of a word
  localparam int unsigned BYTES      = 64 / PARTS;
  localparam int unsigned B          = 8 * BYTES;
  localparam int unsigned DEPTH      = 1 << DEPTH_LOG2;
  localparam int unsigned COUNT_BITS = DEPTH_LOG2 + 1;   // words since reset; the low bits are the place
  // keys since reset: every packet inside has a word inside, but the last, whose words are to be asked for
  localparam int unsigned KEYS_LOG2  = DEPTH_LOG2 + 1;
  localparam int unsigned KEYS       = 1 << KEYS_LOG2;
  localparam int unsigned FACT_BITS  = 6 + PART_BITS + KEYS_LOG2 + 14;

  function automatic logic [B-1:0] swap_bytes(input logic [B-1:0] x);
    for (int i = 0; i < BYTES; i++) swap_bytes[8*(BYTES-1-i) +: 8] = x[8*i +: 8];
  endfunction

  // ---- how far words have come
  logic [COUNT_BITS-1:0] asked_q, filled_q, begun_q, shown_q;
  logic [DEPTH-1:0]      landed_d, landed_q;     // the place's blocks are there, or it needs none
  logic                  ask_take, w0_take, w2_take, o0_take, o1_valid_q;

  // ---- job: one is held while its words are asked for
  logic        job_take, key_ready, quiet, ring_busy;
  logic        job_valid_q, gcm_q, gmac_q;
  logic [9:0]  ticket_q;
  logic [15:0] addr_q, last_word_q, index_q;
  logic [5:0]  last_byte_q;
  logic [1:0]  key_size_q;
  logic [KEYS_LOG2-1:0] key_q, job_key;
  logic        ask_is_last, ask_is_first;
  assign ask_is_first = (index_q == '0);
  assign ask_is_last  = (index_q == last_word_q);
  assign ask_valid_o  = job_valid_q && (COUNT_BITS'(asked_q - shown_q) != COUNT_BITS'(DEPTH));
  assign ask_addr_o   = addr_q;
  assign ask_take     = ask_valid_o && ask_ready_i;
  assign job_ready_o  = !job_valid_q && key_ready;
  assign job_take     = job_valid_i && job_ready_o;
  assign job_key      = key_q + 1'b1;
  assign quiet        = !job_valid_q && asked_q == shown_q;
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) begin
      job_valid_q <= 1'b0;
      key_q       <= '0;
    end else begin
      job_valid_q <= job_take || (job_valid_q && !(ask_take && ask_is_last));
      if (job_take) key_q <= job_key;
    end
  always_ff @(posedge clk_i) begin
    if (ask_take) begin
      index_q <= index_q + 1'b1;
      addr_q  <= addr_q + 1'b1;
    end
    if (job_take) begin
      {last_word_q, last_byte_q} <= 22'(job_i.n_bytes) - 22'd1;
      ticket_q   <= job_i.ticket;
      addr_q     <= job_i.base;
      key_size_q <= job_key_size_i;
      gcm_q      <= job_is_gcm_i;
      gmac_q     <= job_is_gmac_i;
      index_q    <= '0;
    end
  end

  // ---- w0, w1: a word's facts
  logic        w0_valid, w1_valid_q, w1_ready, w1_take, w1_keyed, w2_valid_q, w2_ready;
  logic [DEPTH_LOG2-1:0] w1_place_q, w2_place_q;
  logic        w1_first, w1_last, w1_gcm, w1_gmac;
  logic [PART_BITS-1:0] w1_last_part;
  logic [1:0]  w1_key_size;
  logic [KEYS_LOG2-1:0] w1_key;
  logic [13:0] w1_index;
  assign w0_valid = filled_q != begun_q;
  assign w1_ready = !w1_valid_q || w1_take;
  assign w0_take  = w0_valid && w1_ready;
  assign w1_take  = w1_valid_q && w1_keyed && w2_ready;
  ram_1r1w #(.W(FACT_BITS), .AW(DEPTH_LOG2)) u_issue_facts (
    .clk_i, .we_i(ask_take), .waddr_i(asked_q[DEPTH_LOG2-1:0]),
    .wdata_i({ask_is_first, ask_is_last, gcm_q, gmac_q, last_byte_q[5 -: PART_BITS], key_size_q, key_q, index_q[13:0]}),
    .re_i(w0_take), .raddr_i(begun_q[DEPTH_LOG2-1:0]),
    .rdata_o({w1_first, w1_last, w1_gcm, w1_gmac, w1_last_part, w1_key_size, w1_key, w1_index}));

  // ---- w2: the word's blocks, one after the other
  logic [PART_BITS-1:0] w2_part_q, w2_last_part_q;
  logic [1:0]           w2_key_size_q;
  logic                 w2_none_q, w2_is_last_part, ring_ready;
  logic [KEYS_LOG2-1:0] w2_key_q;
  logic [B-1:0]         w2_block;
  logic                 keyed_valid;     // AES_CBC: this key's round keys are all there
  logic [KEYS_LOG2-1:0] keyed_index;
  assign w2_is_last_part = w2_none_q || (w2_part_q == w2_last_part_q);
  assign w2_take  = w2_valid_q && (w2_none_q || ring_ready);
  assign w2_ready = !w2_valid_q || (w2_take && w2_is_last_part);
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) begin
      w1_valid_q <= 1'b0;
      w2_valid_q <= 1'b0;
    end else begin
      if (w1_ready) w1_valid_q <= w0_valid;
      if (w2_ready) w2_valid_q <= w1_valid_q && w1_keyed;
    end
  always_ff @(posedge clk_i) begin
    if (w0_take) w1_place_q <= begun_q[DEPTH_LOG2-1:0];
    if (w2_take) w2_part_q <= w2_part_q + 1'b1;
    if (w1_take) begin
      w2_place_q     <= w1_place_q;
      w2_key_size_q  <= w1_key_size;
      w2_key_q       <= w1_key;
      // the first block with work: AES-CTR has no use for block 0, AES-GMAC for any other
      w2_part_q      <= !w1_first ? '0 : IS_DES ? PART_BITS'(2) : PART_BITS'(!(IS_CTR && w1_gcm));
      w2_last_part_q <= w1_gmac ? '0 : w1_last ? w1_last_part : '1;
      w2_none_q      <= w1_first ? IS_CTR && !w1_gcm && w1_last && w1_last_part == '0 : w1_gmac;
    end
  end

  if (IS_CTR) begin : g_source
    logic                 wipe;
    logic [KEYS_LOG2:0]   salts_left_q;
    logic [31:0]          salt;
    logic [63:0]          iv, iv_q;
    logic                 gcm_w2_q;
    logic [13:0]          index_w2_q;
    logic [127:0]         block;
    assign w1_keyed = 1'b1;
    ram_1r1w #(.W(64), .AW(DEPTH_LOG2)) u_source_mem (
      .clk_i, .we_i(fill_valid_i), .waddr_i(filled_q[DEPTH_LOG2-1:0]), .wdata_i(fill_data_i[127:64]),
      .re_i(w0_take), .raddr_i(begun_q[DEPTH_LOG2-1:0]), .rdata_o(iv));
    state_ram #(.W(32), .AW(KEYS_LOG2)) u_salt_mem (
      .clk_i, .we_i(job_take || wipe), .waddr_i(job_take ? job_key : salts_left_q[KEYS_LOG2-1:0]),
      .wdata_i(job_take ? job_salt_i : '0), .re_i(w1_take), .clear_i(wipe), .raddr_i(w1_key), .rdata_o(salt));
    assign wipe   = quiet && salts_left_q != '0;
    assign busy_o = !quiet || o1_valid_q || wr_valid_o || salts_left_q != '0 || ring_busy;
    always_ff @(posedge clk_i or negedge rst_ni)
      if (!rst_ni)                 salts_left_q <= (KEYS_LOG2+1)'(KEYS);
      else if (job_take || !quiet) salts_left_q <= (KEYS_LOG2+1)'(KEYS);
      else if (wipe)               salts_left_q <= salts_left_q - 1'b1;
    always_ff @(posedge clk_i)
      if (w1_take) begin
        index_w2_q <= w1_index;
        gcm_w2_q   <= w1_gcm;
        if (w1_first) iv_q <= iv;
      end
    always_comb begin
      block = '0;
      if (w2_valid_q) begin
        for (int i = 0; i < 4; i++) block[96 + 8*(3-i) +: 8] = salt[8*i +: 8];
        for (int i = 0; i < 8; i++) block[32 + 8*(7-i) +: 8] = iv_q[8*i +: 8];
        block[31:0] = 32'({index_w2_q, w2_part_q}) + 32'(gcm_w2_q);
      end
    end
    assign w2_block = block;
  end else begin : g_source
    logic [511:0] word;
    assign busy_o = !quiet || o1_valid_q || wr_valid_o || ring_busy;
    ram_1r1w #(.W(512), .AW(DEPTH_LOG2)) u_source_mem (
      .clk_i, .we_i(fill_valid_i), .waddr_i(filled_q[DEPTH_LOG2-1:0]), .wdata_i(fill_data_i),
      .re_i(w1_take), .raddr_i(w1_place_q), .rdata_o(word));
    always_comb begin
      w2_block = '0;
      if (w2_valid_q) w2_block = swap_bytes(word[{w2_part_q, {(9-PART_BITS){1'b0}}} +: B]);
    end
    if (IS_AES_CBC) begin : g_keyed
      logic [KEYS-1:0] keyed_d, keyed_q;
      always_comb begin
        keyed_d = keyed_q;
        if (job_take)    keyed_d[job_key] = 1'b0;
        if (keyed_valid) keyed_d[keyed_index] = 1'b1;
      end
      always_ff @(posedge clk_i or negedge rst_ni)
        if (!rst_ni)                      keyed_q <= '0;
        else if (job_take || keyed_valid) keyed_q <= keyed_d;
      assign w1_keyed = keyed_q[w1_key];
    end else begin : g_keyed
      assign w1_keyed = 1'b1;
    end
  end

  // ---- ring: blocks of one word leave it in order, words need not
  localparam int unsigned TAG_BITS = DEPTH_LOG2 + PART_BITS + 1;
  logic                  ring_soon, ring_valid;
  logic [TAG_BITS-1:0]   ring_soon_tag;
  logic [B-1:0]          ring_out, land_bytes;
  logic [DEPTH_LOG2-1:0] land_place_q;
  logic [PART_BITS-1:0]  land_part_q;
  logic                  land_is_last_q;
  if (IS_DES) begin : g_ring
    des_ring #(.STAGES(ROUNDS), .DECRYPT(1'b1), .KEYS_LOG2(KEYS_LOG2), .TAG_BITS(TAG_BITS)) u_ring (
      .clk_i, .rst_ni, .in_valid_i(w2_valid_q), .in_ready_o(ring_ready), .in_block_i(w2_block), .in_index_i(w2_key_q),
      .in_triple_i(w2_key_size_q[0]), .in_tag_i({w2_place_q, w2_part_q, w2_is_last_part}),
      .soon_valid_o(ring_soon), .soon_tag_o(ring_soon_tag), .out_valid_o(ring_valid), .out_block_o(ring_out),
      .key_valid_i(job_take), .key_ready_o(key_ready), .key_index_i(job_key), .key_i(job_key_i[167:0]),
      .quiet_i(quiet), .busy_o(ring_busy));
    assign keyed_valid = 1'b0;
    assign keyed_index = '0;
  end else begin : g_ring
    aes_ring #(.ROUNDS(ROUNDS), .DECRYPT(IS_AES_CBC), .KEYS_LOG2(KEYS_LOG2), .TAG_BITS(TAG_BITS)) u_ring (
      .clk_i, .rst_ni, .in_valid_i(w2_valid_q && !w2_none_q), .in_ready_o(ring_ready), .in_block_i(w2_block),
      .in_index_i(w2_key_q), .in_key_size_i(w2_key_size_q), .in_tag_i({w2_place_q, w2_part_q, w2_is_last_part}),
      .soon_valid_o(ring_soon), .soon_tag_o(ring_soon_tag), .out_valid_o(ring_valid), .out_block_o(ring_out),
      .key_valid_i(job_take), .key_ready_o(key_ready), .key_index_i(job_key), .key_size_i(job_key_size_i), .key_i(job_key_i),
      .keyed_valid_o(keyed_valid), .keyed_index_o(keyed_index), .quiet_i(quiet), .busy_o(ring_busy));
  end
  always_ff @(posedge clk_i) if (ring_soon) {land_place_q, land_part_q, land_is_last_q} <= ring_soon_tag;
  always_comb begin
    land_bytes = '0;
    if (ring_valid) land_bytes = swap_bytes(ring_out);
  end

  // ---- o0: the oldest word, o1: its text and what the ring made
  logic         o0_valid, o1_ready, o1_take;
  logic         o1_first, o1_last, o1_gcm, o1_gmac;
  logic [5:0]   o1_last_byte;
  logic [9:0]   o1_ticket;
  logic [15:0]  o1_index, o1_addr;
  logic [511:0] o1_text, o1_stream, o1_out;
  assign o0_valid = (filled_q != shown_q) && landed_q[shown_q[DEPTH_LOG2-1:0]];
  assign o1_ready = !o1_valid_q || o1_take;
  assign o0_take  = o0_valid && o1_ready;
  assign o1_take  = o1_valid_q && (!wr_valid_o || wr_ready_i);
  ram_1r1w #(.W(52), .AW(DEPTH_LOG2)) u_write_facts (
    .clk_i, .we_i(ask_take), .waddr_i(asked_q[DEPTH_LOG2-1:0]),
    .wdata_i({ask_is_first, ask_is_last, gcm_q, gmac_q, last_byte_q, ticket_q, index_q, ask_addr_o}),
    .re_i(o0_take), .raddr_i(shown_q[DEPTH_LOG2-1:0]),
    .rdata_o({o1_first, o1_last, o1_gcm, o1_gmac, o1_last_byte, o1_ticket, o1_index, o1_addr}));
  ram_1r1w #(.W(512), .AW(DEPTH_LOG2)) u_in_mem (
    .clk_i, .we_i(fill_valid_i), .waddr_i(filled_q[DEPTH_LOG2-1:0]), .wdata_i(fill_data_i),
    .re_i(o0_take), .raddr_i(shown_q[DEPTH_LOG2-1:0]), .rdata_o(o1_text));
  for (genvar b = 0; b < PARTS; b++) begin : g_stream
    ram_1r1w #(.W(B), .AW(DEPTH_LOG2)) u_stream_mem (
      .clk_i, .we_i(ring_valid && land_part_q == PART_BITS'(b)), .waddr_i(land_place_q), .wdata_i(land_bytes),
      .re_i(o0_take), .raddr_i(shown_q[DEPTH_LOG2-1:0]), .rdata_o(o1_stream[B*b +: B]));
  end
  if (IS_CTR) begin : g_out
    logic [127:0] mask_q;         // of the whole packet
    always_comb begin
      o1_out = '0;
      if (o1_valid_q) begin
        o1_out = o1_text;
        for (int b = 0; b < PARTS; b++)
          if (!o1_gmac && (!o1_first || b != 0)) o1_out[B*b +: B] = o1_text[B*b +: B] ^ o1_stream[B*b +: B];
        for (int i = 0; i < 64; i++) if (o1_last && 6'(i) > o1_last_byte) o1_out[8*i +: 8] = '0;
      end
    end
    always_ff @(posedge clk_i)
      if (o1_take && o1_first) mask_q <= o1_gcm ? o1_stream[127:0] : '0;
    assign wr_mask_o = mask_q;
  end else begin : g_out
    logic [B-1:0] prior_q;        // the last block of the word before
    always_comb begin
      o1_out = '0;
      if (o1_valid_q)
        for (int b = 0; b < PARTS; b++)
          if ((!o1_first || b >= (IS_DES ? 2 : 1)) && (!o1_last || PART_BITS'(b) <= o1_last_byte[5 -: PART_BITS]))
            o1_out[B*b +: B] = o1_stream[B*b +: B] ^ (b == 0 ? prior_q : o1_text[B*(b == 0 ? 0 : b - 1) +: B]);
    end
    always_ff @(posedge clk_i) if (o1_take) prior_q <= o1_text[511 -: B];
    assign wr_mask_o = '0;
  end

  // ---- o2: what leaves
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) begin
      o1_valid_q <= 1'b0;
      wr_valid_o <= 1'b0;
    end else begin
      if (o1_ready)                  o1_valid_q <= o0_valid;
      if (!wr_valid_o || wr_ready_i) wr_valid_o <= o1_valid_q;
    end
  always_ff @(posedge clk_i)
    if (o1_take) begin
      wr_data_o  <= o1_out;
      wr_place_o <= {o1_last, o1_last_byte, o1_ticket, o1_index, o1_addr};
    end

  // ---- counts
  always_comb begin
    landed_d = landed_q;
    if (ask_take)                     landed_d[asked_q[DEPTH_LOG2-1:0]] = 1'b0;
    if (ring_valid && land_is_last_q) landed_d[land_place_q] = 1'b1;
    if (w2_take && w2_none_q)         landed_d[w2_place_q]   = 1'b1;
  end
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) begin
      asked_q   <= '0;
      filled_q  <= '0;
      begun_q   <= '0;
      shown_q   <= '0;
      landed_q  <= '0;
    end else begin
      asked_q   <= asked_q + COUNT_BITS'(ask_take);
      filled_q  <= filled_q + COUNT_BITS'(fill_valid_i);
      begun_q   <= begun_q + COUNT_BITS'(w0_take);
      shown_q   <= shown_q + COUNT_BITS'(o0_take);
      landed_q  <= landed_d;
    end
endmodule
