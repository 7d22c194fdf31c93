// SPDX-License-Identifier: BSD-2-Clause-Patent
// One kind of hash for CONTEXTS packets at once on one ring; a packet has one block in the ring at a time.
// HMAC (RFC 2104) goes from the hash states after the key's pads: inner, the blocks that auth_feed makes, and last the
// outer block from the outer state: inner digest, 0x80, 0 …, length. GHASH goes from zero, its key H is the inner state.
// Blocks, states and digests have their first byte on top.
//
// When the lane has nothing left to do it wipes: all it knows of states and H is zero a few cycles after its last packet. A packet that comes meanwhile waits for nothing.
module auth_lane #(
  parameter logic [2:0]   KIND       = adit_pkg::HASH_SHA1,  // HASH_SHA512 is SHA-384 too, HASH_GCM is HASH_GMAC too
  parameter int unsigned  STAGES     = 5,
  parameter int unsigned  CONTEXTS   = 8,     // a power of two, at least 2
  localparam int unsigned CTX_BITS   = $clog2(CONTEXTS)
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,
  input  logic                  job_valid_i,
  output logic                  job_ready_o,
  input  adit_pkg::auth_job_t   job_i,
  input  logic [511:0]          inner_i,       // the key's hash states, of that job: after its pads, in digest byte order, first
  input  logic [511:0]          outer_i,       // byte on top; GHASH: H as inner. Only the bits of the lane's kind are looked at
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
  output logic                  busy_o
);
  localparam bit          IS_GHASH    = KIND == adit_pkg::HASH_GCM;
  localparam int unsigned STATE_BITS  = (KIND == adit_pkg::HASH_SHA512) ? 512 : (KIND == adit_pkg::HASH_SHA256) ? 256
                                        : (KIND == adit_pkg::HASH_SHA1) ? 160 : 128;
  localparam int unsigned BLOCK_BITS  = (KIND == adit_pkg::HASH_SHA512) ? 1024 : 512;
  localparam int unsigned SHORT_AT    = (BLOCK_BITS == 1024) ? 639 : 511;          // SHA-384: where 48 bytes of digest end
  localparam int unsigned DIGEST_BITS = (STATE_BITS > 256) ? 256 : STATE_BITS;
  localparam int unsigned WIPE_CYCLES = (CONTEXTS > STAGES) ? CONTEXTS : STAGES;   // every context, every place of the ring
  localparam int unsigned WIPE_BITS   = $clog2(WIPE_CYCLES + 1);

  // ---- blocks
  logic                  soon, soon_first, soon_outer, block_valid, block_first, block_last, block_outer, block_short, feed_idle;
  logic [1:0]            block_more;
  logic [CTX_BITS-1:0]   job_ctx, soon_ctx, block_ctx;
  logic [BLOCK_BITS-1:0] feed_block, block;
  logic                  ring_ready, land_valid, land_is_last;
  logic [STATE_BITS-1:0] land_state;
  logic [CTX_BITS-1:0]   land_ctx;
  logic                  d0_valid, d0_take;
  logic [CTX_BITS-1:0]   d0_ctx;
  auth_feed #(.KIND(KIND), .CONTEXTS(CONTEXTS)) u_feed (
    .clk_i, .rst_ni, .job_valid_i, .job_ready_o, .job_i, .job_ctx_o(job_ctx),
    .ask_valid_o, .ask_ready_i, .ask_addr_o, .ask_tag_o, .fill_valid_i, .fill_tag_i, .fill_data_i,
    .soon_o(soon), .soon_ctx_o(soon_ctx), .soon_first_o(soon_first), .soon_outer_o(soon_outer),
    .block_valid_o(block_valid), .block_ready_i(ring_ready), .block_o(feed_block), .block_more_o(block_more),
    .block_ctx_o(block_ctx), .block_first_o(block_first), .block_last_o(block_last), .block_outer_o(block_outer),
    .block_short_o(block_short),
    .next_valid_i(land_valid && !land_is_last), .next_ctx_i(land_ctx), .free_valid_i(d0_take), .free_ctx_i(d0_ctx),
    .idle_o(feed_idle));

  // ---- wiping
  logic                 quiet, wipe;
  logic [WIPE_BITS-1:0] wipe_left_q;
  assign quiet  = feed_idle && !done_valid_o;
  assign wipe   = quiet && wipe_left_q != '0;
  assign busy_o = !quiet || wipe_left_q != '0;
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni)     wipe_left_q <= WIPE_BITS'(WIPE_CYCLES);
    else if (!quiet) wipe_left_q <= WIPE_BITS'(WIPE_CYCLES);
    else if (wipe)   wipe_left_q <= wipe_left_q - 1'b1;
  logic [CTX_BITS-1:0] wipe_ctx;
  assign wipe_ctx = CTX_BITS'(wipe_left_q);

  // ---- states: the packet's so far, and those that its job brought. A job comes while the lane wipes: it wins
  logic                  job_take;
  logic [CTX_BITS-1:0]   key_ctx;
  assign job_take = job_valid_i && job_ready_o;
  assign key_ctx  = job_take ? job_ctx : wipe_ctx;
  logic [STATE_BITS-1:0] state, state_stored, state_inner, state_outer;
  state_ram #(.W(STATE_BITS), .AW(CTX_BITS)) u_state (
    .clk_i, .we_i(wipe || (land_valid && !land_is_last)), .waddr_i(wipe ? wipe_ctx : land_ctx),
    .wdata_i(wipe ? '0 : land_state), .re_i(soon), .clear_i(wipe), .raddr_i(soon_ctx), .rdata_o(state_stored));
  state_ram #(.W(STATE_BITS), .AW(CTX_BITS)) u_inner (
    .clk_i, .we_i(wipe || job_take), .waddr_i(key_ctx), .wdata_i(job_take ? inner_i[511 -: STATE_BITS] : '0),
    .re_i(soon && (IS_GHASH || soon_first)), .clear_i(wipe), .raddr_i(soon_ctx), .rdata_o(state_inner));
  if (IS_GHASH) begin : g_outer
    assign state_outer = '0;
  end else begin : g_outer
    state_ram #(.W(STATE_BITS), .AW(CTX_BITS)) u_outer (
      .clk_i, .we_i(wipe || job_take), .waddr_i(key_ctx), .wdata_i(job_take ? outer_i[511 -: STATE_BITS] : '0),
      .re_i(soon && soon_outer), .clear_i(wipe), .raddr_i(soon_ctx), .rdata_o(state_outer));
  end

  // ---- the ring
  logic block_is_last;
  if (IS_GHASH) begin : g_ring
    assign block         = feed_block;
    assign block_is_last = block_last;
    assign state         = block_first ? '0 : state_stored;
    ghash_ring #(.TAG_BITS(CTX_BITS + 1)) u_ring (
      .clk_i, .rst_ni, .wipe_i(wipe), .in_valid_i(block_valid), .in_ready_o(ring_ready), .in_blocks_i(block),
      .in_more_i(block_more), .in_state_i(state), .in_key_i(state_inner), .in_tag_i({block_ctx, block_is_last}),
      .out_valid_o(land_valid), .out_state_o(land_state), .out_tag_o({land_ctx, land_is_last}));
  end else begin : g_ring
    // FIPS 180-4 section 5.1, RFC 1321 sections 3.1 and 3.2: bits of the outer pad and the inner digest
    always_comb begin
      block = '0;
      state = '0;
      if (block_valid) begin
        block = feed_block;
        state = block_first ? state_inner : state_stored;
        if (block_outer) begin
          state = state_outer;
          block = '0;
          block[BLOCK_BITS-1 -: STATE_BITS]  = state_stored;
          block[BLOCK_BITS-1-STATE_BITS -: 8] = 8'h80;
          if (KIND == adit_pkg::HASH_MD5) block[63:40] = {8'(BLOCK_BITS + STATE_BITS), 8'((BLOCK_BITS + STATE_BITS) >> 8), 8'd0};
          else                            block[31:0]  = 32'(BLOCK_BITS + STATE_BITS);
          if (KIND == adit_pkg::HASH_SHA512 && block_short) begin   // 48 bytes of the digest
            block[SHORT_AT -: 136] = {8'h80, 128'd0};
            block[31:0]            = 32'd1408;
          end
        end
      end
    end
    assign block_is_last = block_outer;
    hash_ring #(.KIND(KIND), .STAGES(STAGES), .TAG_BITS(CTX_BITS + 1)) u_ring (
      .clk_i, .rst_ni, .wipe_i(wipe), .in_valid_i(block_valid), .in_ready_o(ring_ready), .in_block_i(block),
      .in_state_i(state), .in_tag_i({block_ctx, block_is_last}),
      .out_valid_o(land_valid), .out_state_o(land_state), .out_tag_o({land_ctx, land_is_last}));
  end

  // ---- answers
  logic                   queue_room;
  logic [CTX_BITS:0]      queue_usage;
  logic [9:0]             d1_ticket;
  logic [DIGEST_BITS-1:0] d1_digest;
  stream_fifo #(.W(CTX_BITS), .DEPTH_LOG2(CTX_BITS)) u_queue (   // one a context: never full
    .clk_i, .rst_ni, .in_valid_i(land_valid && land_is_last), .in_ready_o(queue_room), .in_data_i(land_ctx),
    .out_valid_o(d0_valid), .out_ready_i(d0_take), .out_data_o(d0_ctx), .usage_o(queue_usage));
  assign d0_take = d0_valid && (!done_valid_o || done_ready_i);
  ram_1r1w #(.W(10), .AW(CTX_BITS)) u_ticket (
    .clk_i, .we_i(job_take), .waddr_i(job_ctx), .wdata_i(job_i.ticket),
    .re_i(d0_take), .raddr_i(d0_ctx), .rdata_o(d1_ticket));
  state_ram #(.W(DIGEST_BITS), .AW(CTX_BITS)) u_digest (
    .clk_i, .we_i(wipe || (land_valid && land_is_last)), .waddr_i(wipe ? wipe_ctx : land_ctx),
    .wdata_i(wipe ? '0 : land_state[STATE_BITS-1 -: DIGEST_BITS]),
    .re_i(d0_take), .clear_i(wipe), .raddr_i(d0_ctx), .rdata_o(d1_digest));
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni)                            done_valid_o <= 1'b0;
    else if (!done_valid_o || done_ready_i) done_valid_o <= d0_valid;
  always_comb begin
    done_o        = '0;
    if (done_valid_o) begin
      done_o.ticket = d1_ticket;
      for (int i = 0; i < DIGEST_BITS / 8; i++) done_o.icv[8*i +: 8] = d1_digest[8*(DIGEST_BITS/8-1-i) +: 8];
    end
  end
endmodule
