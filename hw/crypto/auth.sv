// SPDX-License-Identifier: BSD-2-Clause-Patent
// The integrity room of one direction: lanes of HMAC-MD5, -SHA1, -SHA-256, -SHA-512 with -SHA-384, and GHASH, over bodies
// in a packet memory. A job goes to the next lane of its kind that has a free context; it waits at the door if there is
// none, and those behind it with it. Answers come as packets end, in any order.
// Owns TBL_SA_INNER and TBL_SA_OUTER of its direction. No op gives anything of a state back.
module auth #(
  parameter bit          DIR        = 1'b0,
  parameter int unsigned LANES      = 1,   // of SHA-1
  parameter int unsigned STAGES     = 5,   // of a SHA-1 lane, two steps each: divides 40; 40 take a block a cycle
  parameter int unsigned CONTEXTS   = 8,   // packets a lane works on at once; a power of two, at least 2
  parameter int unsigned SLOTS_LOG2 = 10,
  parameter int unsigned MEM_LOG2   = 10,  // words of the memory
  // The other kinds, unless told otherwise: at full size SHA-256 and GHASH keep pace with SHA-1, MD5 takes half a block a cycle,
  // SHA-512 an eighth
  parameter int unsigned MD5_LANES       = 1,
  parameter int unsigned MD5_STAGES      = (STAGES < 5) ? 1 : 4 * (STAGES / 5),       // divides 64
  parameter int unsigned SHA256_LANES    = 1,
  parameter int unsigned SHA256_STAGES   = (STAGES == 40) ? 64 : MD5_STAGES,          // divides 64
  parameter int unsigned SHA256_CONTEXTS = (SHA256_STAGES >= CONTEXTS) ? 2 * CONTEXTS : CONTEXTS,
  parameter int unsigned SHA512_LANES    = 1,
  parameter int unsigned SHA512_STAGES   = (STAGES > 10) ? 10 : STAGES,               // divides 80
  parameter int unsigned SHA512_CONTEXTS = (CONTEXTS > 32) ? 32 : CONTEXTS,
  parameter int unsigned GHASH_LANES     = (STAGES == 40) ? 3 : 1,
  parameter int unsigned GHASH_CONTEXTS  = (CONTEXTS > 16) ? 16 : CONTEXTS
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,
  input  logic                 job_valid_i,
  output logic                 job_ready_o,
  input  adit_pkg::auth_job_t  job_i,
  // memory: data exactly one cycle after an accepted request
  output logic                 rd_valid_o,
  input  logic                 rd_ready_i,
  output logic [15:0]          rd_addr_o,
  input  logic                 rd_data_valid_i,
  input  logic [511:0]         rd_data_i,
  output logic                 done_valid_o,
  input  logic                 done_ready_i,
  output adit_pkg::auth_done_t done_o,
  output logic                 busy_o,
  input  adit_pkg::tbl_req_t   tbl_i,
  output adit_pkg::tbl_rsp_t   tbl_o
);
  localparam int unsigned TAG_BITS  = $clog2(SHA256_CONTEXTS);   // they are the most
  localparam int unsigned DONE_BITS = 266;             // of auth_done_t
  localparam int unsigned DONE_WORD = 288;             // lanes' answers side by side, each at a multiple of 32 bits
  // lanes stand in this order: MD5, SHA-1, SHA-256, SHA-512, GHASH
  localparam int unsigned SHA1_AT   = MD5_LANES;
  localparam int unsigned SHA256_AT = SHA1_AT + LANES;
  localparam int unsigned SHA512_AT = SHA256_AT + SHA256_LANES;
  localparam int unsigned GHASH_AT  = SHA512_AT + SHA512_LANES;
  localparam int unsigned N         = GHASH_AT + GHASH_LANES;
  localparam int unsigned LANE_BITS = $clog2(N);

  // Which lanes a HASH_* means: bit 0 MD5 .. bit 4 GHASH
  function automatic logic [4:0] family(input logic [2:0] kind);
    case (kind)
      adit_pkg::HASH_MD5:    family = 5'b00001;
      adit_pkg::HASH_SHA1:   family = 5'b00010;
      adit_pkg::HASH_SHA256: family = 5'b00100;
      adit_pkg::HASH_SHA512, adit_pkg::HASH_SHA384: family = 5'b01000;
      adit_pkg::HASH_GCM, adit_pkg::HASH_GMAC:      family = 5'b10000;
      default:               family = 5'b00000;
    endcase
  endfunction

  // ---- hash states, one line a slot each, first byte on top, zero past the state: stored in the cycle before the answer. An
  // inner state zeroes the outer one: it comes first. After reset one slot a cycle is zeroed; who asks waits.
  logic         pad_ask, pad_store, pad_zero, ack_q, is_sweep, is_inner;
  logic [6:0]   pad_bytes;
  logic [SLOTS_LOG2:0]   sweep_q;
  logic [SLOTS_LOG2-1:0] pad_slot;
  logic [511:0]          pad_state;
  assign is_sweep   = !sweep_q[SLOTS_LOG2];
  assign pad_slot   = is_sweep ? sweep_q[SLOTS_LOG2-1:0] : tbl_i.idx[SLOTS_LOG2-1:0];
  assign is_inner   = tbl_i.op == adit_pkg::TBL_SA_INNER;
  assign pad_ask    = tbl_i.valid && tbl_i.ext[0] == DIR && (is_inner || tbl_i.op == adit_pkg::TBL_SA_OUTER);
  assign pad_store  = is_sweep || (pad_ask && !ack_q);
  assign pad_zero   = is_sweep || tbl_i.ext[3];
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni)       sweep_q <= '0;
    else if (is_sweep) sweep_q <= sweep_q + 1'b1;
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) ack_q <= 1'b0;
    else         ack_q <= pad_ask && !ack_q && !is_sweep;
  always_comb begin
    tbl_o     = '0;
    tbl_o.ack = ack_q;
    pad_bytes = '0;
    pad_state = '0;
    if (pad_ask && !pad_zero) begin
      case (tbl_i.code[2:0])
        adit_pkg::HASH_MD5:                           pad_bytes = 7'd16;
        adit_pkg::HASH_SHA1:                          pad_bytes = 7'd20;
        adit_pkg::HASH_SHA256:                        pad_bytes = 7'd32;
        adit_pkg::HASH_SHA512, adit_pkg::HASH_SHA384: pad_bytes = 7'd64;
        adit_pkg::HASH_GCM, adit_pkg::HASH_GMAC:      pad_bytes = is_inner ? 7'd16 : 7'd0;   // H
        default:                                      pad_bytes = 7'd0;
      endcase
      for (int i = 0; i < 64; i++)
        if (7'(i) < pad_bytes) pad_state[8*(63-i) +: 8] = tbl_i.data[8*i +: 8];
    end
  end
  logic [511:0] held_inner, held_outer;   // of the job at the door, and gone with it
  logic         held_load, held_clear;
  state_ram #(.W(512), .AW(SLOTS_LOG2)) u_inner (
    .clk_i, .we_i(pad_store && (is_inner || pad_zero)), .waddr_i(pad_slot), .wdata_i(pad_state),
    .re_i(held_load), .clear_i(held_clear), .raddr_i(job_i.slot[SLOTS_LOG2-1:0]), .rdata_o(held_inner));
  state_ram #(.W(512), .AW(SLOTS_LOG2)) u_outer (
    .clk_i, .we_i(pad_store), .waddr_i(pad_slot), .wdata_i(is_inner ? '0 : pad_state),
    .re_i(held_load), .clear_i(held_clear), .raddr_i(job_i.slot[SLOTS_LOG2-1:0]), .rdata_o(held_outer));

  // ---- jobs: one waits here, with its key's states, for a lane of its kind. A job of no known kind is answered by none and never sent.
  logic                 held_valid_q, held_take, pick_valid;
  adit_pkg::auth_job_t  held_q;
  logic [4:0]           held_family;
  logic [N-1:0]         lane_fits, lane_job_valid, lane_job_ready;
  logic [LANE_BITS-1:0] pick_lane;
  assign held_family = family(held_q.kind);
  assign held_take   = held_valid_q && pick_valid;
  assign job_ready_o = !held_valid_q || pick_valid;
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni)          held_valid_q <= 1'b0;
    else if (job_ready_o) held_valid_q <= job_valid_i;
  always_ff @(posedge clk_i) if (held_load) held_q <= job_i;
  assign held_load  = job_ready_o && job_valid_i;
  assign held_clear = is_sweep || (held_take && !job_valid_i);
  crypto_pick #(.N(N)) u_job_pick (
    .clk_i, .rst_ni, .ask_i(lane_fits & lane_job_ready), .take_i(held_valid_q), .valid_o(pick_valid), .index_o(pick_lane));

  // ---- lanes
  logic [N-1:0]           ask_valid, ask_ready, fill_valid, done_valid, done_ready, lane_busy;
  logic [16*N-1:0]        ask_addr;
  logic [TAG_BITS*N-1:0]  ask_tag;
  logic [TAG_BITS-1:0]    fill_tag;
  logic [DONE_WORD*N-1:0] done;
  logic [DONE_WORD-1:0]   done_word;
  for (genvar n = 0; n < N; n++) begin : g_lane
    localparam int unsigned FAMILY = (n < SHA1_AT) ? 0 : (n < SHA256_AT) ? 1 : (n < SHA512_AT) ? 2 : (n < GHASH_AT) ? 3 : 4;
    localparam logic [2:0]  KIND   = (FAMILY == 0) ? adit_pkg::HASH_MD5 : (FAMILY == 1) ? adit_pkg::HASH_SHA1
                                     : (FAMILY == 2) ? adit_pkg::HASH_SHA256 : (FAMILY == 3) ? adit_pkg::HASH_SHA512
                                     : adit_pkg::HASH_GCM;
    localparam int unsigned LANE_STAGES = (FAMILY == 0) ? MD5_STAGES : (FAMILY == 1) ? STAGES
                                          : (FAMILY == 2) ? SHA256_STAGES : (FAMILY == 3) ? SHA512_STAGES : 4;
    localparam int unsigned LANE_CONTEXTS = (FAMILY == 2) ? SHA256_CONTEXTS : (FAMILY == 3) ? SHA512_CONTEXTS
                                            : (FAMILY == 4) ? GHASH_CONTEXTS : CONTEXTS;
    localparam int unsigned CTX_BITS      = $clog2(LANE_CONTEXTS);
    logic [CTX_BITS-1:0]  tag;
    logic [DONE_BITS-1:0] answer;
    assign done[DONE_WORD*n +: DONE_WORD] = DONE_WORD'(answer);
    assign lane_fits[n]      = held_family[FAMILY];
    assign lane_job_valid[n] = held_take && pick_lane == LANE_BITS'(n);
    assign ask_tag[TAG_BITS*n +: TAG_BITS] = TAG_BITS'(tag);
    auth_lane #(.KIND(KIND), .STAGES(LANE_STAGES), .CONTEXTS(LANE_CONTEXTS)) u_lane (
      .clk_i, .rst_ni,
      .job_valid_i(lane_job_valid[n]), .job_ready_o(lane_job_ready[n]), .job_i(held_q), .inner_i(held_inner), .outer_i(held_outer),
      .ask_valid_o(ask_valid[n]), .ask_ready_i(ask_ready[n]), .ask_addr_o(ask_addr[16*n +: 16]), .ask_tag_o(tag),
      .fill_valid_i(fill_valid[n]), .fill_tag_i(fill_tag[CTX_BITS-1:0]), .fill_data_i(rd_data_i),
      .done_valid_o(done_valid[n]), .done_ready_i(done_ready[n]), .done_o(answer),
      .busy_o(lane_busy[n]));
  end

  crypto_read_arb #(.N(N), .TAG_BITS(TAG_BITS), .MEM_LOG2(MEM_LOG2)) u_read (
    .clk_i, .rst_ni, .ask_valid_i(ask_valid), .ask_ready_o(ask_ready), .ask_addr_i(ask_addr), .ask_tag_i(ask_tag),
    .fill_valid_o(fill_valid), .fill_tag_o(fill_tag), .rd_valid_o, .rd_ready_i, .rd_addr_o, .rd_data_valid_i);
  crypto_done_arb #(.N(N), .W(DONE_WORD)) u_done (
    .clk_i, .rst_ni, .lane_valid_i(done_valid), .lane_ready_o(done_ready), .lane_i(done),
    .done_valid_o, .done_ready_i, .done_o(done_word));
  assign done_o = done_word[DONE_BITS-1:0];
  assign busy_o = |lane_busy || held_valid_q || done_valid_o || pad_ask;
endmodule
