// SPDX-License-Identifier: BSD-2-Clause-Patent
// Decides what becomes of an outbound packet (RFC 4301 §5.1), in arrival order, several packets under way:
//
//   facts --> 0 needs no policy? --> 1 policy --> 2 SA and sequence number --> seal_plan
//                    \--key--> spd --hit--/  \--request--> sad --answer--/
//
// Every question has a place reserved for its answer (as many as packets between two steps), so spd and sad never wait for us.
module seal_entry (
  input  logic                 clk_i,
  input  logic                 rst_ni,
  input  logic                 no_match_i,
  input  logic                 facts_valid_i,
  output logic                 facts_ready_o,
  input  adit_pkg::facts_t     facts_i,
  output logic                 key_valid_o,
  input  logic                 key_ready_i,
  output adit_pkg::sp_key_t    key_o,
  input  logic                 hit_valid_i,
  output logic                 hit_ready_o,
  input  adit_pkg::sp_hit_t    hit_i,
  output logic                 req_valid_o,
  input  logic                 req_ready_i,
  output adit_pkg::seal_req_t  req_o,
  input  logic                 rsp_valid_i,
  output logic                 rsp_ready_o,
  input  adit_pkg::seal_rsp_t  rsp_i,
  output logic                 notice_valid_o,
  input  logic                 notice_ready_i,
  output adit_pkg::notice_t    notice_o,
  output logic                 plan_valid_o,
  input  logic                 plan_ready_i,
  output adit_pkg::facts_t     plan_facts_o,
  output logic [7:0]           plan_reason_o,
  output logic [1:0]           plan_face_o,
  output logic                 plan_sp_counts_o,
  output logic [15:0]          plan_sp_id_o,
  output logic                 plan_has_sa_o,   // plan_rsp_o holds a live SA and a number: seal with it
  output adit_pkg::seal_rsp_t  plan_rsp_o
);
  localparam logic [1:0] FACE_LAN  = adit_reg_pkg::FACE_LAN[1:0];
  localparam logic [1:0] FACE_WAN  = adit_reg_pkg::FACE_WAN[1:0];
  localparam logic [1:0] FACE_HOST = adit_reg_pkg::FACE_HOST[1:0];
  localparam logic [1:0] FACE_NONE = adit_reg_pkg::FACE_NONE[1:0];
  localparam int unsigned WAYS_LOG2 = 4;  // packets between two steps

  // ---- 0: what needs no policy
  logic       asks, is_ike_sport, is_ike_dport, one_ready;
  logic [7:0] reason0;
  logic [1:0] face0;

  assign is_ike_sport = facts_i.proto == 8'd17 && facts_i.has_ports && (facts_i.sport == 16'd500 || facts_i.sport == 16'd4500);
  assign is_ike_dport = facts_i.proto == 8'd17 && facts_i.has_ports && (facts_i.dport == 16'd500 || facts_i.dport == 16'd4500);

  always_comb begin
    asks    = 1'b0;
    reason0 = adit_reg_pkg::REASON_NONE;
    face0   = FACE_WAN;
    if (facts_i.reason != adit_reg_pkg::REASON_NONE) begin
      reason0 = facts_i.reason;
      face0   = FACE_NONE;
    end else if (facts_i.is_arp) begin
      if (facts_i.face == FACE_LAN && facts_i.local_dst) begin
        reason0 = adit_reg_pkg::REASON_HostArp;
        face0   = FACE_HOST;
      end
    end else if (!facts_i.is_v4) begin
      reason0 = facts_i.is_v6 ? adit_reg_pkg::REASON_RxIpv6 : adit_reg_pkg::REASON_RxNotIp;
      face0   = FACE_NONE;
    end else if (facts_i.face == FACE_LAN && facts_i.local_dst) begin
      reason0 = is_ike_dport ? adit_reg_pkg::REASON_HostIke : adit_reg_pkg::REASON_HostLocal;
      face0   = FACE_HOST;
    end else if (!(facts_i.local_src && is_ike_sport)) begin  // IKE of this router goes out in clear (RFC 4301 §4.4.1)
      asks = 1'b1;
    end
  end

  assign key_o.is_v6     = facts_i.is_v6;
  assign key_o.has_ports = facts_i.has_ports;
  assign key_o.proto     = facts_i.proto;
  assign key_o.src       = facts_i.src;
  assign key_o.dst       = facts_i.dst;
  assign key_o.sport     = facts_i.sport;
  assign key_o.dport     = facts_i.dport;
  assign key_valid_o     = facts_valid_i && asks && one_ready;
  assign facts_ready_o   = one_ready && (!asks || key_ready_i);

  // ---- 1: policy
  localparam int unsigned FACTS_BITS = $bits(facts_i);
  adit_pkg::facts_t facts1;
  adit_pkg::sp_hit_t hit1;
  logic             one_valid, one_take, asks1, hit1_valid, two_ready, known1, sp_counts1, wants_sa1, unused_ready1;
  logic             acquire1, notice1_ready;
  logic [7:0]       reason1_in, reason1;
  logic [1:0]       face1_in, face1;
  logic [15:0]      sp_id1;
  logic [WAYS_LOG2:0] unused_usage0, unused_usage1, unused_usage2, unused_usage3;

  stream_fifo #(.W(FACTS_BITS + 11), .DEPTH_LOG2(WAYS_LOG2)) u_one (
    .clk_i, .rst_ni,
    .in_valid_i(facts_valid_i && facts_ready_o), .in_ready_o(one_ready), .in_data_i({facts_i, asks, reason0, face0}),
    .out_valid_o(one_valid), .out_ready_i(one_take), .out_data_o({facts1, asks1, reason1_in, face1_in}),
    .usage_o(unused_usage0)
  );
  stream_fifo #(.W($bits(hit_i)), .DEPTH_LOG2(WAYS_LOG2)) u_hits (
    .clk_i, .rst_ni,
    .in_valid_i(hit_valid_i), .in_ready_o(hit_ready_o), .in_data_i(hit_i),
    .out_valid_o(hit1_valid), .out_ready_i(one_take && asks1), .out_data_o(hit1), .usage_o(unused_usage1)
  );

  always_comb begin
    reason1    = reason1_in;
    face1      = face1_in;
    sp_counts1 = 1'b0;
    sp_id1     = 16'hffff;
    wants_sa1  = 1'b0;
    acquire1   = 1'b0;
    if (asks1) begin
      sp_counts1 = hit1.hit;
      if (hit1.hit) sp_id1 = hit1.sp_id;
      if (!hit1.hit) begin
        if (!no_match_i) reason1 = adit_reg_pkg::REASON_OutNoPols;
      end else if (hit1.ports_unknown) begin
        reason1 = adit_reg_pkg::REASON_OutFragment;
      end else if (hit1.action == adit_reg_pkg::ACTION_DISCARD[1:0]) begin
        reason1 = adit_reg_pkg::REASON_XfrmOutPolBlock;
      end else if (hit1.action == adit_reg_pkg::ACTION_ENCRYPT[1:0]) begin
        if (hit1.bound) begin
          wants_sa1 = 1'b1;
        end else if (hit1.level != adit_reg_pkg::LEVEL_USE[1:0]) begin
          reason1  = adit_reg_pkg::REASON_XfrmOutNoStates;
          acquire1 = hit1.acquire;
        end
      end else if (hit1.action != adit_reg_pkg::ACTION_NONE[1:0]) begin
        reason1 = adit_reg_pkg::REASON_XfrmOutPolError;
      end
      if (reason1 != adit_reg_pkg::REASON_NONE) face1 = FACE_NONE;
    end
  end

  assign known1   = one_valid && (!asks1 || hit1_valid);
  assign one_take = known1 && two_ready && (!wants_sa1 || req_ready_i) && (!acquire1 || notice1_ready);
  assign req_valid_o = known1 && two_ready && wants_sa1;
  assign req_o.slot  = hit1.sa_slot;
  assign req_o.reqid = hit1.reqid;

  // ---- 2: SA
  adit_pkg::facts_t    facts2;
  adit_pkg::seal_rsp_t rsp2;
  logic                two_valid, two_take, wants_sa2, rsp2_valid, sp_counts2, known2, seq_end2, notice2_ready;
  logic [7:0]          reason2_in, reason2;
  logic [1:0]          face2_in, face2;
  logic [15:0]         sp_id2;

  stream_fifo #(.W(FACTS_BITS + 28), .DEPTH_LOG2(WAYS_LOG2)) u_two (
    .clk_i, .rst_ni,
    .in_valid_i(one_take), .in_ready_o(two_ready), .in_data_i({facts1, wants_sa1, reason1, face1, sp_counts1, sp_id1}),
    .out_valid_o(two_valid), .out_ready_i(two_take),
    .out_data_o({facts2, wants_sa2, reason2_in, face2_in, sp_counts2, sp_id2}), .usage_o(unused_usage2)
  );
  stream_fifo #(.W($bits(rsp_i)), .DEPTH_LOG2(WAYS_LOG2)) u_answers (
    .clk_i, .rst_ni,
    .in_valid_i(rsp_valid_i), .in_ready_o(rsp_ready_o), .in_data_i(rsp_i),
    .out_valid_o(rsp2_valid), .out_ready_i(two_take && wants_sa2), .out_data_o(rsp2), .usage_o(unused_usage3)
  );

  // SEQ_END is posted once for a run of packets that find the same SA used up.
  logic        ended_q;
  logic [15:0] ended_slot_q;
  logic        is_usable;
  assign is_usable = rsp2.sa.valid && rsp2.sa.dir == adit_reg_pkg::DIR_OUT[0] && rsp2.sa.proto == adit_reg_pkg::PROTO_ESP &&
                     rsp2.sa.flags[2:0] == 3'b000;

  always_comb begin
    reason2  = reason2_in;
    face2    = face2_in;
    seq_end2 = 1'b0;
    if (wants_sa2) begin
      if (!is_usable) begin
        reason2 = adit_reg_pkg::REASON_XfrmOutStateInvalid;
      end else if (!rsp2.seq_ok) begin
        reason2  = adit_reg_pkg::REASON_XfrmOutStateSeqError;
        seq_end2 = !(ended_q && ended_slot_q == rsp2.slot);
      end
      if (reason2 != adit_reg_pkg::REASON_NONE) face2 = FACE_NONE;
    end
  end

  assign known2   = two_valid && (!wants_sa2 || rsp2_valid);
  assign two_take = known2 && (!plan_valid_o || plan_ready_i) && (!seq_end2 || notice2_ready);

  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) begin
      ended_q      <= 1'b0;
      ended_slot_q <= '0;
    end else if (two_take && wants_sa2) begin
      if (reason2 == adit_reg_pkg::REASON_XfrmOutStateSeqError) begin
        ended_q      <= 1'b1;
        ended_slot_q <= rsp2.slot;
      end else if (rsp2.slot == ended_slot_q) begin
        ended_q <= 1'b0;
      end
    end

  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni)                             plan_valid_o <= 1'b0;
    else if (!plan_valid_o || plan_ready_i) plan_valid_o <= two_take;
  always_ff @(posedge clk_i)
    if (two_take) begin
      plan_facts_o     <= facts2;
      plan_reason_o    <= reason2;
      plan_face_o      <= face2;
      plan_sp_counts_o <= sp_counts2;
      plan_sp_id_o     <= sp_id2;
      plan_has_sa_o    <= wants_sa2 && is_usable;
      if (wants_sa2) plan_rsp_o <= rsp2;
    end

  // ---- notices: one register, step 2 first
  adit_pkg::notice_t notice;
  logic              post1, post2, notice_free;
  assign notice_free   = !notice_valid_o || notice_ready_i;
  assign notice2_ready = notice_free;
  assign post2         = two_take && seq_end2;
  assign notice1_ready = notice_free && !(known2 && seq_end2);
  assign post1         = one_take && acquire1;

  always_comb begin
    notice         = '0;
    notice.sp_id   = sp_id1;
    notice.sa_slot = 16'hffff;
    notice.kind    = adit_reg_pkg::EVENT_ACQUIRE;
    notice.proto   = facts1.proto;
    notice.is_v6   = facts1.is_v6;
    notice.src     = facts1.src;
    notice.dst     = facts1.dst;
    notice.sport   = facts1.sport;
    notice.dport   = facts1.dport;
    if (post2) begin
      notice         = '0;
      notice.kind    = adit_reg_pkg::EVENT_SEQ_END;
      notice.sp_id   = sp_id2;
      notice.sa_slot = rsp2.slot;
    end
  end
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni)          notice_valid_o <= 1'b0;
    else if (notice_free) notice_valid_o <= post1 || post2;
  always_ff @(posedge clk_i) if (post1 || post2) notice_o <= notice;
endmodule
