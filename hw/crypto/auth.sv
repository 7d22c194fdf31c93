// SPDX-License-Identifier: BSD-2-Clause-Patent
// The integrity room of one direction: LANES of HMAC-SHA1 over bodies in a packet memory. A job goes to the next lane
// that has a free context; answers come as packets end, in any order.
// Owns TBL_SA_INNER and TBL_SA_OUTER of its direction; storing zeros wipes. No op gives anything of a state back.
module auth #(
  parameter bit          DIR        = 1'b0,
  parameter int unsigned LANES      = 1,
  parameter int unsigned STAGES     = 5,   // SHA-1 steps a lane: 1, 5, 10, 20, 40, 80
  parameter int unsigned CONTEXTS   = 8,   // packets a lane works on at once; a power of two, at least 2
  parameter int unsigned SLOTS_LOG2 = 10,
  parameter int unsigned MEM_LOG2   = 10   // words of the memory
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
  localparam int unsigned TAG_BITS  = $clog2(CONTEXTS);
  localparam int unsigned LANE_BITS = (LANES > 1) ? $clog2(LANES) : 1;
  localparam int unsigned DONE_BITS = 266;             // of auth_done_t

  // ---- hash states: stored in the cycle before the answer. After reset every slot's are zeroed first; who asks waits.
  logic         pad_ask, ack_q, inner_valid, outer_valid, is_sweep;
  logic [SLOTS_LOG2:0]   sweep_q;
  logic [SLOTS_LOG2-1:0] pad_slot;
  assign is_sweep = !sweep_q[SLOTS_LOG2];
  assign pad_slot = is_sweep ? sweep_q[SLOTS_LOG2-1:0] : tbl_i.idx[SLOTS_LOG2-1:0];
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni)       sweep_q <= '0;
    else if (is_sweep) sweep_q <= sweep_q + 1'b1;
  logic [159:0] pad_state;
  assign pad_ask = tbl_i.valid && tbl_i.ext[0] == DIR
                   && (tbl_i.op == adit_pkg::TBL_SA_INNER || tbl_i.op == adit_pkg::TBL_SA_OUTER);
  assign inner_valid = is_sweep || (pad_ask && !ack_q && tbl_i.op == adit_pkg::TBL_SA_INNER);
  assign outer_valid = is_sweep || (pad_ask && !ack_q && tbl_i.op == adit_pkg::TBL_SA_OUTER);
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) ack_q <= 1'b0;
    else         ack_q <= pad_ask && !ack_q && !is_sweep;
  always_comb begin
    tbl_o     = '0;
    tbl_o.ack = ack_q;
    for (int i = 0; i < 20; i++) pad_state[8*(19-i) +: 8] = is_sweep ? 8'd0 : tbl_i.data[8*i +: 8];
  end

  // ---- jobs
  logic [LANES-1:0]     lane_job_valid, lane_job_ready;
  logic [LANE_BITS-1:0] pick_lane;
  crypto_pick #(.N(LANES)) u_job_pick (
    .clk_i, .rst_ni, .ask_i(lane_job_ready), .take_i(job_valid_i), .valid_o(job_ready_o), .index_o(pick_lane));
  always_comb
    for (int n = 0; n < LANES; n++)
      lane_job_valid[n] = job_valid_i && job_ready_o && pick_lane == LANE_BITS'(n);

  // ---- lanes
  logic [LANES-1:0]           ask_valid, ask_ready, fill_valid, done_valid, done_ready, lane_busy;
  logic [16*LANES-1:0]        ask_addr;
  logic [TAG_BITS*LANES-1:0]  ask_tag;
  logic [TAG_BITS-1:0]        fill_tag;
  logic [DONE_BITS*LANES-1:0] done;
  for (genvar n = 0; n < LANES; n++) begin : g_lane
    hmac_lane #(.STAGES(STAGES), .CONTEXTS(CONTEXTS), .SLOTS_LOG2(SLOTS_LOG2)) u_lane (
      .clk_i, .rst_ni,
      .job_valid_i(lane_job_valid[n]), .job_ready_o(lane_job_ready[n]), .job_i,
      .ask_valid_o(ask_valid[n]), .ask_ready_i(ask_ready[n]), .ask_addr_o(ask_addr[16*n +: 16]),
      .ask_tag_o(ask_tag[TAG_BITS*n +: TAG_BITS]),
      .fill_valid_i(fill_valid[n]), .fill_tag_i(fill_tag), .fill_data_i(rd_data_i),
      .done_valid_o(done_valid[n]), .done_ready_i(done_ready[n]), .done_o(done[DONE_BITS*n +: DONE_BITS]),
      .busy_o(lane_busy[n]),
      .inner_valid_i(inner_valid), .outer_valid_i(outer_valid), .pad_slot_i(pad_slot),
      .pad_state_i(pad_state));
  end

  crypto_read_arb #(.N(LANES), .TAG_BITS(TAG_BITS), .MEM_LOG2(MEM_LOG2)) u_read (
    .clk_i, .rst_ni, .ask_valid_i(ask_valid), .ask_ready_o(ask_ready), .ask_addr_i(ask_addr), .ask_tag_i(ask_tag),
    .fill_valid_o(fill_valid), .fill_tag_o(fill_tag), .rd_valid_o, .rd_ready_i, .rd_addr_o, .rd_data_valid_i);
  crypto_done_arb #(.N(LANES), .W(DONE_BITS)) u_done (
    .clk_i, .rst_ni, .lane_valid_i(done_valid), .lane_ready_o(done_ready), .lane_i(done),
    .done_valid_o, .done_ready_i, .done_o);
  assign busy_o = |lane_busy || done_valid_o || pad_ask;
endmodule
