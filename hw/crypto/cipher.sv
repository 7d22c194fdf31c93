// SPDX-License-Identifier: BSD-2-Clause-Patent
// The cipher room of one direction: LANES of AES-CBC and one lane that copies, between packet memories M1 and M2.
// A job goes to the next lane that has a free context; answers come as packets end, in any order.
// Owns TBL_SA_KEY of its direction (DECRYPT is the direction): no op gives anything of a key back.
module cipher #(
  parameter bit          DECRYPT    = 1'b0,
  parameter int unsigned LANES      = 1,
  parameter int unsigned ROUNDS     = 2,   // round units a lane: 1, 2, 7, 14
  parameter int unsigned CONTEXTS   = 8,   // packets a lane works on at once; a power of two, at least 2
  parameter int unsigned SLOTS_LOG2 = 10,
  parameter int unsigned MEM_LOG2   = 10   // words of M1 and M2
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,
  input  logic                   job_valid_i,
  output logic                   job_ready_o,
  input  adit_pkg::cipher_job_t  job_i,
  // M1: data exactly one cycle after an accepted request
  output logic                   rd_valid_o,
  input  logic                   rd_ready_i,
  output logic [15:0]            rd_addr_o,
  input  logic                   rd_data_valid_i,
  input  logic [511:0]           rd_data_i,
  // M2: always accepted; a packet's words are written before its answer
  output logic                   wr_valid_o,
  output logic [15:0]            wr_addr_o,
  output logic [511:0]           wr_data_o,
  output logic [9:0]             wr_ticket_o,
  output logic [15:0]            wr_index_o,    // word number in the body
  output logic                   done_valid_o,
  input  logic                   done_ready_i,
  output adit_pkg::cipher_done_t done_o,
  output logic                   busy_o,
  input  adit_pkg::tbl_req_t     tbl_i,
  output adit_pkg::tbl_rsp_t     tbl_o
);
  localparam int unsigned N         = LANES + 1;       // the last one copies
  localparam int unsigned TAG_BITS  = $clog2(CONTEXTS) + 1;
  localparam int unsigned LANE_BITS = $clog2(N);
  localparam int unsigned DONE_BITS = 27;              // of cipher_done_t

  // ---- keys
  logic                  key_ask, key_done, key_valid, key_is_first, key_is_sweep;
  logic [SLOTS_LOG2-1:0] key_slot;
  logic [3:0]            key_round;
  logic [127:0]          round_key;
  assign key_ask = tbl_i.valid && tbl_i.op == adit_pkg::TBL_SA_KEY && tbl_i.ext[0] == DECRYPT;
  aes_key_expand #(.DECRYPT(DECRYPT), .SLOTS_LOG2(SLOTS_LOG2), .PASSES(aes_pkg::KEY_ROUNDS / ROUNDS)) u_expand (
    .clk_i, .rst_ni, .ask_valid_i(key_ask), .ask_ready_o(key_done), .ask_slot_i(tbl_i.idx[SLOTS_LOG2-1:0]),
    .ask_key_size_i(tbl_i.ext[2:1]), .ask_is_zero_i(tbl_i.ext[3]), .ask_key_i(tbl_i.data[255:0]),
    .key_valid_o(key_valid), .key_slot_o(key_slot), .key_round_o(key_round), .key_is_first_o(key_is_first),
    .key_is_sweep_o(key_is_sweep),     .key_o(round_key));
  always_comb begin
    tbl_o     = '0;
    tbl_o.ack = key_done;
  end

  // ---- jobs: a body without a block to cipher goes to the copying lane as empty
  logic                  job_copies, job_has_none;
  logic [N-1:0]          lane_job_valid, lane_job_ready;
  logic                  pick_valid;
  logic [LANE_BITS-1:0]  pick_lane;
  adit_pkg::cipher_job_t copy_job;
  assign job_has_none = !job_i.is_copy && job_i.n_bytes <= (DECRYPT ? 16'd16 : 16'd0);
  assign job_copies   = job_i.is_copy || job_has_none;
  always_comb begin
    copy_job = job_i;
    if (job_has_none) copy_job.n_bytes = '0;
  end
  crypto_pick #(.N(N)) u_job_pick (
    .clk_i, .rst_ni, .ask_i({1'b0, lane_job_ready[LANES-1:0]}), .take_i(job_valid_i && !job_copies),
    .valid_o(pick_valid), .index_o(pick_lane));
  assign job_ready_o = job_copies ? lane_job_ready[LANES] : pick_valid;
  always_comb
    for (int n = 0; n < N; n++)
      lane_job_valid[n] = job_valid_i && (n == LANES ? job_copies : !job_copies && pick_valid && pick_lane == LANE_BITS'(n));

  // ---- lanes
  logic [N-1:0]           ask_valid, ask_ready, fill_valid, wr_valid, wr_ready, done_valid, done_ready, lane_busy;
  logic [16*N-1:0]        ask_addr;
  logic [TAG_BITS*N-1:0]  ask_tag;
  logic [TAG_BITS-1:0]    fill_tag;
  logic [42*N-1:0]        wr_place;
  logic [512*N-1:0]       wr_data;
  logic [DONE_BITS*N-1:0] done;
  for (genvar n = 0; n < LANES; n++) begin : g_lane
    cbc_lane #(.DECRYPT(DECRYPT), .ROUNDS(ROUNDS), .CONTEXTS(CONTEXTS), .SLOTS_LOG2(SLOTS_LOG2)) u_lane (
      .clk_i, .rst_ni,
      .job_valid_i(lane_job_valid[n]), .job_ready_o(lane_job_ready[n]), .job_i,
      .ask_valid_o(ask_valid[n]), .ask_ready_i(ask_ready[n]), .ask_addr_o(ask_addr[16*n +: 16]),
      .ask_tag_o(ask_tag[TAG_BITS*n +: TAG_BITS]),
      .fill_valid_i(fill_valid[n]), .fill_tag_i(fill_tag), .fill_data_i(rd_data_i),
      .wr_valid_o(wr_valid[n]), .wr_ready_i(wr_ready[n]), .wr_place_o(wr_place[42*n +: 42]),
      .wr_data_o(wr_data[512*n +: 512]),
      .done_valid_o(done_valid[n]), .done_ready_i(done_ready[n]), .done_o(done[DONE_BITS*n +: DONE_BITS]),
      .busy_o(lane_busy[n]),
      .key_valid_i(key_valid), .key_slot_i(key_slot), .key_round_i(key_round), .key_is_first_i(key_is_first),
      .key_is_sweep_i(key_is_sweep),       .key_i(round_key));
  end
  copy_lane u_copy (
    .clk_i, .rst_ni,
    .job_valid_i(lane_job_valid[LANES]), .job_ready_o(lane_job_ready[LANES]), .job_i(copy_job),
    .ask_valid_o(ask_valid[LANES]), .ask_ready_i(ask_ready[LANES]), .ask_addr_o(ask_addr[16*LANES +: 16]),
    .fill_valid_i(fill_valid[LANES]), .fill_data_i(rd_data_i),
    .wr_valid_o(wr_valid[LANES]), .wr_ready_i(wr_ready[LANES]), .wr_place_o(wr_place[42*LANES +: 42]),
    .wr_data_o(wr_data[512*LANES +: 512]),
    .done_valid_o(done_valid[LANES]), .done_ready_i(done_ready[LANES]),
    .done_o(done[DONE_BITS*LANES +: DONE_BITS]), .busy_o(lane_busy[LANES]));
  assign ask_tag[TAG_BITS*LANES +: TAG_BITS] = '0;

  // ---- the two memory ports
  crypto_read_arb #(.N(N), .TAG_BITS(TAG_BITS), .MEM_LOG2(MEM_LOG2)) u_read (
    .clk_i, .rst_ni, .ask_valid_i(ask_valid), .ask_ready_o(ask_ready), .ask_addr_i(ask_addr), .ask_tag_i(ask_tag),
    .fill_valid_o(fill_valid), .fill_tag_o(fill_tag), .rd_valid_o, .rd_ready_i, .rd_addr_o, .rd_data_valid_i);
  crypto_write_arb #(.N(N), .MEM_LOG2(MEM_LOG2)) u_write (
    .clk_i, .rst_ni, .lane_valid_i(wr_valid), .lane_ready_o(wr_ready), .lane_place_i(wr_place), .lane_data_i(wr_data),
    .wr_valid_o, .wr_addr_o, .wr_data_o, .wr_ticket_o, .wr_index_o);

  // ---- answers: a register, so that they stand still while they wait
  crypto_done_arb #(.N(N), .W(DONE_BITS)) u_done (
    .clk_i, .rst_ni, .lane_valid_i(done_valid), .lane_ready_o(done_ready), .lane_i(done),
    .done_valid_o, .done_ready_i, .done_o);
  assign busy_o = |lane_busy || done_valid_o || wr_valid_o || key_ask;
endmodule
