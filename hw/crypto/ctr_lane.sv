// SPDX-License-Identifier: BSD-2-Clause-Patent
// AES in counter mode: AES-CTR (RFC 3686), AES-GCM (SP 800-38D, RFC 4106) and, its text only copied, AES-GMAC (RFC 4543).
// The same in both directions: text XOR the forward cipher of counter blocks. Nothing chains, so packets follow each other
// word by word and one packet alone keeps the ring full.
//
//   counter block of body block k   salt 4 | IV 8 | number 4, big-endian     number: AES-CTR k, AES-GCM k + 1
//   body block 0                    8 bytes not used | IV 8: copied. For AES-GCM and -GMAC its counter block is J0, and the
//                                   cipher of that is the mask of the tag
//
// 2**DEPTH_LOG2 words are inside, each at a place of its own in all memories. Places are given in the order of the words:
//
//   job ─► ask: takes the next place ─► in_mem, iv_mem
//          w0 facts, IV ─► w1 salt ─► w2 one block a cycle ─► ring ─► key_mem {place, block}; last block: landed
//          o0 the oldest word, landed ─► o1 XOR ─► o2 pad check ─► M2; done
module ctr_lane #(
  parameter int unsigned ROUNDS     = 2,
  parameter int unsigned DEPTH_LOG2 = 4
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,
  // jobs of at least one byte
  input  logic                  job_valid_i,
  output logic                  job_ready_o,
  input  adit_pkg::cipher_job_t job_i,
  input  logic [1:0]            job_key_size_i, // 0: AES-128, 1: 192, 2: 256
  input  logic [255:0]          job_key_i,      // first byte on top
  input  logic [31:0]           job_salt_i,     // first byte lowest
  input  logic                  job_is_gcm_i,   // AES-GCM or -GMAC, not -CTR
  input  logic                  job_is_gmac_i,
  // words in
  output logic                  ask_valid_o,
  input  logic                  ask_ready_i,
  output logic [15:0]           ask_addr_o,
  input  logic                  fill_valid_i,   // in the order of asking
  input  logic [511:0]          fill_data_i,
  // words out
  output logic                  wr_valid_o,
  input  logic                  wr_ready_i,
  output logic [41:0]           wr_place_o,     // {ticket, index, address}
  output logic [511:0]          wr_data_o,
  // after a job's last word was taken
  output logic                  done_valid_o,
  input  logic                  done_ready_i,
  output adit_pkg::cipher_done_t done_o,
  output logic                  busy_o          // packets are inside, or what was made of keys is not yet zero
);
  localparam int unsigned DEPTH = 1 << DEPTH_LOG2;
  localparam int unsigned COUNT_BITS = DEPTH_LOG2 + 1;   // words since reset; the low bits are the place
  // keys since reset: every packet inside has a word inside, but the last, whose words are to be asked for
  localparam int unsigned KEYS_LOG2  = DEPTH_LOG2 + 1;

  function automatic logic [127:0] swap_bytes(input logic [127:0] x);
    for (int i = 0; i < 16; i++) swap_bytes[8*(15-i) +: 8] = x[8*i +: 8];
  endfunction

  // ---- how far words have come
  logic [COUNT_BITS-1:0] asked_q, filled_q, begun_q, shown_q;
  logic [DEPTH-1:0]      landed_d, landed_q;     // the place's key stream is there, or it needs none
  logic                  ask_take, w0_take, w2_take, o0_take, o2_take;

  // ---- job: one is held while its words are asked for
  logic        job_take;
  logic        job_valid_q, gcm_q, gmac_q;
  logic [9:0]  ticket_q;
  logic [15:0] base_q, last_word_q, index_q;
  logic [5:0]  last_byte_q;
  logic [1:0]  key_size_q;
  logic [KEYS_LOG2-1:0]  key_q;
  logic        key_ready, quiet, ring_busy;
  logic        ask_is_last, ask_is_first;
  assign ask_is_first = (index_q == '0);
  assign ask_is_last  = (index_q == last_word_q);
  assign ask_valid_o  = job_valid_q && (COUNT_BITS'(asked_q - shown_q) != COUNT_BITS'(DEPTH));
  assign ask_addr_o   = base_q + index_q;
  assign ask_take     = ask_valid_o && ask_ready_i;
  assign job_ready_o  = !job_valid_q && key_ready;
  assign job_take     = job_valid_i && job_ready_o;
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni)       key_q <= '0;
    else if (job_take) key_q <= key_q + 1'b1;
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) job_valid_q <= 1'b0;
    else         job_valid_q <= job_take || (job_valid_q && !(ask_take && ask_is_last));
  always_ff @(posedge clk_i) begin
    if (ask_take) index_q <= index_q + 1'b1;
    if (job_take) begin
      {last_word_q, last_byte_q} <= 22'(job_i.n_bytes) - 22'd1;
      ticket_q   <= job_i.ticket;
      base_q     <= job_i.base;
      key_size_q <= job_key_size_i;
      gcm_q      <= job_is_gcm_i;
      gmac_q     <= job_is_gmac_i;
      index_q    <= '0;
    end
  end

  // ---- w0, w1: a word's facts, its packet's IV and salt
  logic        w0_valid, w1_valid_q, w1_ready, w1_take, w2_valid_q, w2_ready;
  logic [DEPTH_LOG2-1:0] w1_place_q, w2_place_q;
  logic        w1_first, w1_last, w1_gcm, w1_gmac;
  logic [1:0]  w1_last_part;
  logic [1:0]  w1_key_size;
  logic [KEYS_LOG2-1:0]  w1_key;
  logic [63:0] w1_iv;
  logic [13:0] w1_index;
  assign w0_valid = filled_q != begun_q;
  assign w1_ready = !w1_valid_q || w1_take;
  assign w0_take  = w0_valid && w1_ready;
  assign w1_take  = w1_valid_q && w2_ready;
  ram_1r1w #(.W(22 + KEYS_LOG2), .AW(DEPTH_LOG2)) u_issue_facts (
    .clk_i, .we_i(ask_take), .waddr_i(asked_q[DEPTH_LOG2-1:0]),
    .wdata_i({ask_is_first, ask_is_last, gcm_q, gmac_q, last_byte_q[5:4], key_size_q, key_q, index_q[13:0]}),
    .re_i(w0_take), .raddr_i(begun_q[DEPTH_LOG2-1:0]),
    .rdata_o({w1_first, w1_last, w1_gcm, w1_gmac, w1_last_part, w1_key_size, w1_key, w1_index}));
  ram_1r1w #(.W(64), .AW(DEPTH_LOG2)) u_iv_mem (
    .clk_i, .we_i(fill_valid_i), .waddr_i(filled_q[DEPTH_LOG2-1:0]), .wdata_i(fill_data_i[127:64]),
    .re_i(w0_take), .raddr_i(begun_q[DEPTH_LOG2-1:0]), .rdata_o(w1_iv));

  // ---- w2: the word's blocks, one after the other
  logic                 wipe;
  logic [KEYS_LOG2:0]   salts_left_q;
  logic [KEYS_LOG2-1:0] job_key, wipe_key;
  logic [31:0] w2_salt;
  logic [63:0] w2_iv_q;
  logic [1:0]  w2_part_q, w2_last_part_q, w2_key_size_q;
  logic        w2_none_q, w2_gcm_q;
  logic [KEYS_LOG2-1:0] w2_key_q;
  logic [13:0] w2_index_q;
  logic        ring_ready, w2_is_last_part;
  logic [15:0] w2_block;
  logic [127:0] w2_counter_block;
  assign w2_is_last_part = w2_none_q || (w2_part_q == w2_last_part_q);
  assign w2_take  = w2_valid_q && (w2_none_q || ring_ready);
  assign w2_ready = !w2_valid_q || (w2_take && w2_is_last_part);
  assign w2_block = {w2_index_q, w2_part_q};
  always_comb begin
    w2_counter_block = '0;
    if (w2_valid_q) begin
      for (int i = 0; i < 4; i++) w2_counter_block[96 + 8*(3-i) +: 8] = w2_salt[8*i +: 8];
      for (int i = 0; i < 8; i++) w2_counter_block[32 + 8*(7-i) +: 8] = w2_iv_q[8*i +: 8];
      w2_counter_block[31:0] = 32'(w2_block) + 32'(w2_gcm_q);
    end
  end
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) begin
      w1_valid_q <= 1'b0;
      w2_valid_q <= 1'b0;
    end else begin
      if (w1_ready) w1_valid_q <= w0_valid;
      if (w2_ready) w2_valid_q <= w1_valid_q;
    end
  always_ff @(posedge clk_i) begin
    if (w0_take) w1_place_q <= begun_q[DEPTH_LOG2-1:0];
    if (w2_take) w2_part_q <= w2_part_q + 1'b1;
    if (w1_take) begin
      w2_place_q     <= w1_place_q;
      w2_key_size_q  <= w1_key_size;
      w2_key_q       <= w1_key;
      w2_index_q     <= w1_index;
      w2_gcm_q       <= w1_gcm;
      if (w1_first) w2_iv_q <= w1_iv;
      // AES-CTR has no use for block 0, AES-GMAC for any other
      w2_part_q      <= {1'b0, w1_first && !w1_gcm};
      w2_last_part_q <= w1_gmac ? 2'd0 : w1_last ? w1_last_part : 2'd3;
      w2_none_q      <= w1_first ? !w1_gcm && w1_last && w1_last_part == 2'd0 : w1_gmac;
    end
  end
  state_ram #(.W(32), .AW(KEYS_LOG2)) u_salt_mem (    // index key_q + 1, as in the ring
    .clk_i, .we_i(job_take || wipe), .waddr_i(job_take ? job_key : wipe_key), .wdata_i(job_take ? job_salt_i : '0),
    .re_i(w1_take), .clear_i(wipe), .raddr_i(w1_key), .rdata_o(w2_salt));
  assign job_key = key_q + 1'b1;
  assign quiet   = !job_valid_q && asked_q == shown_q;
  assign wipe    = quiet && salts_left_q != '0;
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni)                salts_left_q <= (KEYS_LOG2+1)'(1 << KEYS_LOG2);
    else if (job_take || !quiet) salts_left_q <= (KEYS_LOG2+1)'(1 << KEYS_LOG2);
    else if (wipe)              salts_left_q <= salts_left_q - 1'b1;
  assign wipe_key = salts_left_q[KEYS_LOG2-1:0];

  // ---- ring: blocks of one word leave it in order, words need not
  localparam int unsigned TAG_BITS = DEPTH_LOG2 + 3;
  logic                  ring_soon, ring_valid;
  logic [TAG_BITS-1:0]   ring_soon_tag;
  logic [127:0]          ring_out, land_bytes;
  logic [DEPTH_LOG2-1:0] land_place_q;
  logic [1:0]            land_part_q;
  logic                  land_is_last_q;
  logic                  keyed_valid;       // not needed: enciphering
  logic [KEYS_LOG2-1:0]  keyed_index;
  aes_ring #(.ROUNDS(ROUNDS), .DECRYPT(1'b0), .KEYS_LOG2(KEYS_LOG2), .TAG_BITS(TAG_BITS)) u_ring (
    .clk_i, .rst_ni, .in_valid_i(w2_valid_q && !w2_none_q), .in_ready_o(ring_ready), .in_block_i(w2_counter_block),
    .in_index_i(w2_key_q), .in_key_size_i(w2_key_size_q), .in_tag_i({w2_place_q, w2_part_q, w2_is_last_part}),
    .soon_valid_o(ring_soon), .soon_tag_o(ring_soon_tag), .out_valid_o(ring_valid), .out_block_o(ring_out),
    .key_valid_i(job_take), .key_ready_o(key_ready), .key_index_i(job_key), .key_size_i(job_key_size_i), .key_i(job_key_i),
    .keyed_valid_o(keyed_valid), .keyed_index_o(keyed_index), .quiet_i(quiet), .busy_o(ring_busy));
  always_ff @(posedge clk_i) if (ring_soon) {land_place_q, land_part_q, land_is_last_q} <= ring_soon_tag;
  always_comb begin
    land_bytes = '0;
    if (ring_valid) land_bytes = swap_bytes(ring_out);
  end

  // ---- o0: the oldest word, o1: its text and key stream
  logic         o0_valid, o1_valid_q, o1_ready, o1_take, o2_ready;
  logic         o1_first, o1_last, o1_gcm, o1_gmac;
  logic [5:0]   o1_last_byte;
  logic [9:0]   o1_ticket;
  logic [15:0]  o1_index, o1_addr;
  logic [511:0] o1_text, o1_stream, o1_out;
  assign o0_valid = (filled_q != shown_q) && landed_q[shown_q[DEPTH_LOG2-1:0]];
  assign o1_ready = !o1_valid_q || o1_take;
  assign o0_take  = o0_valid && o1_ready;
  assign o1_take  = o1_valid_q && o2_ready;
  ram_1r1w #(.W(52), .AW(DEPTH_LOG2)) u_write_facts (
    .clk_i, .we_i(ask_take), .waddr_i(asked_q[DEPTH_LOG2-1:0]),
    .wdata_i({ask_is_first, ask_is_last, gcm_q, gmac_q, last_byte_q, ticket_q, index_q, ask_addr_o}),
    .re_i(o0_take), .raddr_i(shown_q[DEPTH_LOG2-1:0]),
    .rdata_o({o1_first, o1_last, o1_gcm, o1_gmac, o1_last_byte, o1_ticket, o1_index, o1_addr}));
  ram_1r1w #(.W(512), .AW(DEPTH_LOG2)) u_in_mem (
    .clk_i, .we_i(fill_valid_i), .waddr_i(filled_q[DEPTH_LOG2-1:0]), .wdata_i(fill_data_i),
    .re_i(o0_take), .raddr_i(shown_q[DEPTH_LOG2-1:0]), .rdata_o(o1_text));
  for (genvar b = 0; b < 4; b++) begin : g_stream
    ram_1r1w #(.W(128), .AW(DEPTH_LOG2)) u_stream_mem (
      .clk_i, .we_i(ring_valid && land_part_q == 2'(b)), .waddr_i(land_place_q), .wdata_i(land_bytes),
      .re_i(o0_take), .raddr_i(shown_q[DEPTH_LOG2-1:0]), .rdata_o(o1_stream[128*b +: 128]));
  end
  always_comb begin
    o1_out = '0;
    if (o1_valid_q) begin
      o1_out = o1_text;
      for (int b = 0; b < 4; b++)
        if (!o1_gmac && (!o1_first || b != 0)) o1_out[128*b +: 128] = o1_text[128*b +: 128] ^ o1_stream[128*b +: 128];
      for (int i = 0; i < 64; i++) if (o1_last && 6'(i) > o1_last_byte) o1_out[8*i +: 8] = '0;
    end
  end

  // ---- o2: what goes to M2
  logic         o2_valid_q, o2_first_q, o2_last_q, done_room;
  logic [5:0]   o2_last_byte_q;
  logic [127:0] o2_mask_q;         // of the whole packet
  logic [9:0]   o2_ticket_q;
  assign done_room  = !done_valid_o || done_ready_i;
  assign wr_valid_o = o2_valid_q && (!o2_last_q || done_room);
  assign o2_take    = wr_valid_o && wr_ready_i;
  assign o2_ready   = !o2_valid_q || o2_take;
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) begin
      o1_valid_q <= 1'b0;
      o2_valid_q <= 1'b0;
    end else begin
      if (o1_ready) o1_valid_q <= o0_valid;
      if (o2_ready) o2_valid_q <= o1_valid_q;
    end
  always_ff @(posedge clk_i)
    if (o1_take) begin
      wr_data_o      <= o1_out;
      wr_place_o     <= {o1_ticket, o1_index, o1_addr};
      o2_ticket_q    <= o1_ticket;
      o2_first_q     <= o1_first;
      o2_last_q      <= o1_last;
      o2_last_byte_q <= o1_last_byte;
      if (o1_first) o2_mask_q <= o1_gcm ? o1_stream[127:0] : '0;
    end

  // ---- padding
  logic [7:0] run_q, run, pad_bytes, next_header;
  pad_ramp #(.BYTES(64)) u_pad (
    .valid_i(o2_valid_q), .bytes_i(wr_data_o),
    .last_i(!o2_last_q ? 6'd63 : (o2_last_byte_q < 6'd2) ? 6'd0 : o2_last_byte_q - 6'd2),
    .run_i(o2_first_q ? 8'd0 : run_q), .run_o(run));
  assign pad_bytes   = (o2_last_byte_q == '0) ? 8'd0 : wr_data_o[{o2_last_byte_q - 6'd1, 3'd0} +: 8];
  assign next_header = wr_data_o[{o2_last_byte_q, 3'd0} +: 8];
  always_ff @(posedge clk_i)
    if (o2_take) begin
      run_q <= run;
      if (o2_last_q)
        done_o <= {o2_ticket_q, pad_bytes, next_header, pad_bytes == 8'd0 || run == pad_bytes, o2_mask_q};
    end
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni)        done_valid_o <= 1'b0;
    else if (done_room) done_valid_o <= o2_take && o2_last_q;

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
  assign busy_o = !quiet || o1_valid_q || o2_valid_q || done_valid_o || salts_left_q != '0 || ring_busy;
endmodule
