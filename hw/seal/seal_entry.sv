// SPDX-License-Identifier: BSD-2-Clause-Patent
// Decides what becomes of an outbound packet (RFC 4301 §5.1), in arrival order, several packets under way:
//
//   facts --> 0 needs no policy? --> 1 policy --> 2 SA and its number --> 3 the SA around it --> seal_plan
//                    \--key--> spd --hit--/  \--request--> sad --answer--/ \--request--> sad --answer--/
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
  output logic                 plan_has_sa_o,   // plan_rsp_o holds a live SA: without a reason seal with it, with one it does not pass
  output adit_pkg::seal_rsp_t  plan_rsp_o,
  output logic                 plan_has_next_o, // plan_next_o holds the AH SA around it
  output adit_pkg::seal_rsp_t  plan_next_o
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
    end else if (facts_i.is_arp && !facts_i.told) begin
      if (facts_i.face == FACE_LAN && facts_i.local_dst) begin
        reason0 = adit_reg_pkg::REASON_HostArp;
        face0   = FACE_HOST;
      end
    end else if (!facts_i.is_v4 && !facts_i.is_v6) begin
      reason0 = adit_reg_pkg::REASON_RxNotIp;
      face0   = FACE_NONE;
    end else if (facts_i.told) begin                          // the host asked spd for it: the SA is known
      asks = 1'b0;
    end else if (facts_i.is_nd) begin                         // RFC 4861: stays on its link, in clear
      if (facts_i.face == FACE_LAN && facts_i.local_dst) begin
        reason0 = adit_reg_pkg::REASON_HostNd;
        face0   = FACE_HOST;
      end
    end else if (facts_i.face == FACE_LAN && facts_i.local_dst) begin
      reason0 = is_ike_dport && !facts_i.is_frag ? adit_reg_pkg::REASON_HostIke : adit_reg_pkg::REASON_HostLocal;
      face0   = FACE_HOST;
    end else if (!(facts_i.local_src && is_ike_sport)) begin  // IKE of this router goes out in clear (RFC 4301 §4.4.1)
      asks = 1'b1;
    end
  end

  assign key_o.is_v6     = facts_i.is_v6;
  assign key_o.has_ports = facts_i.has_ports;
  assign key_o.no_ports  = facts_i.no_ports;
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
  logic             one_valid, one_take, asks1, hit1_valid, two_ready, known1, sp_counts1, wants_sa1, req1_ready;
  logic             acquire1, notice1_ready;
  logic [7:0]       reason1_in, reason1;
  logic [1:0]       face1_in, face1;
  logic [15:0]      sp_id1;
  logic [WAYS_LOG2:0] unused_usage0, unused_usage1, unused_usage2, unused_usage3, unused_usage4, unused_usage5;

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
    end else if (facts1.told && reason1_in == adit_reg_pkg::REASON_NONE) begin
      sp_counts1 = 1'b1;
      sp_id1     = facts1.told_sp_id;
      wants_sa1  = 1'b1;
    end
  end

  adit_pkg::seal_req_t req1;
  assign known1   = one_valid && (!asks1 || hit1_valid);
  assign one_take = known1 && two_ready && (!wants_sa1 || req1_ready) && (!acquire1 || notice1_ready);
  assign req1.slot      = asks1 ? hit1.sa_slot : facts1.told_slot;
  assign req1.reqid     = hit1.reqid;
  assign req1.any_reqid = !asks1;
  assign req1.n_bytes   = facts1.l3_bytes;
  assign req1.may_split = facts1.is_v4 && !facts1.df;
  assign req1.is_next   = 1'b0;

  // ---- 2: SA
  adit_pkg::facts_t    facts2;
  adit_pkg::seal_rsp_t rsp2, rsp3;
  adit_pkg::seal_req_t req2;
  logic                two_valid, two_take, wants_sa2, rsp2_valid, rsp3_valid, sp_counts2_in, sp_counts2, known2, req2_ready;
  logic                is_usable2, wants_next2, three_ready;
  logic [7:0]          reason2_in, reason2;
  logic [1:0]          face2_in, face2;
  logic [15:0]         sp_id2;
  logic [31:0]         reqid2;

  stream_fifo #(.W(FACTS_BITS + 60), .DEPTH_LOG2(WAYS_LOG2)) u_two (
    .clk_i, .rst_ni,
    .in_valid_i(one_take), .in_ready_o(two_ready),
    .in_data_i({facts1, wants_sa1, reason1, face1, sp_counts1, sp_id1, req1.reqid}),
    .out_valid_o(two_valid), .out_ready_i(two_take),
    .out_data_o({facts2, wants_sa2, reason2_in, face2_in, sp_counts2_in, sp_id2, reqid2}), .usage_o(unused_usage2)
  );
  assign is_usable2  = rsp2.sa.valid && rsp2.sa.dir == adit_reg_pkg::DIR_OUT[0];

  always_comb begin
    reason2     = reason2_in;
    face2       = face2_in;
    sp_counts2  = sp_counts2_in;
    wants_next2 = 1'b0;
    if (wants_sa2) begin
      if (!is_usable2) begin
        reason2 = adit_reg_pkg::REASON_XfrmOutStateInvalid;
      end else if (rsp2.expired) begin
        reason2 = adit_reg_pkg::REASON_XfrmOutStateExpired;
      end else if (rsp2.too_big && req2.may_split) begin  // its fragments count when they come back
        reason2    = adit_reg_pkg::REASON_HostSplit;
        sp_counts2 = 1'b0;
      end else if (rsp2.too_big) begin
        reason2 = adit_reg_pkg::REASON_HostTooBig;
      end else if (!rsp2.seq_ok) begin
        reason2 = adit_reg_pkg::REASON_XfrmOutStateSeqError;
      end else begin
        wants_next2 = rsp2.sa.next_slot != 16'hffff;
      end
      if (reason2 != adit_reg_pkg::REASON_NONE)
        face2 = reason2 == adit_reg_pkg::REASON_HostSplit || reason2 == adit_reg_pkg::REASON_HostTooBig ? FACE_HOST : FACE_NONE;
    end
  end

  assign known2   = two_valid && (!wants_sa2 || rsp2_valid);
  assign two_take = known2 && three_ready && (!wants_next2 || req2_ready);
  assign req2.slot      = rsp2.sa.next_slot;
  assign req2.reqid     = reqid2;
  assign req2.any_reqid = facts2.told;
  assign req2.n_bytes   = facts2.l3_bytes;
  assign req2.may_split = facts2.is_v4 && !facts2.df;
  assign req2.is_next   = 1'b1;

  // ---- sad hears both steps; its answers come in the order asked
  localparam int unsigned REQ_BITS = $bits(req1);
  localparam int unsigned RSP_BITS = $bits(rsp_i);
  logic req_sel, ask_valid, asked_ready, asked_valid, asked_next, unused_last;
  assign req_valid_o = ask_valid && asked_ready;
  stream_arb2 #(.W(REQ_BITS)) u_requests (
    .clk_i, .rst_ni,
    .a_valid_i(known1 && two_ready && wants_sa1), .a_ready_o(req1_ready), .a_last_i(1'b1), .a_data_i(req1),
    .b_valid_i(known2 && three_ready && wants_next2), .b_ready_o(req2_ready), .b_last_i(1'b1), .b_data_i(req2),
    .out_valid_o(ask_valid), .out_ready_i(req_ready_i && asked_ready), .out_last_o(unused_last), .out_data_o(req_o),
    .out_sel_o(req_sel)
  );
  stream_fifo #(.W(1), .DEPTH_LOG2(WAYS_LOG2 + 1)) u_asked (
    .clk_i, .rst_ni,
    .in_valid_i(req_valid_o && req_ready_i), .in_ready_o(asked_ready), .in_data_i(req_sel),
    .out_valid_o(asked_valid), .out_ready_i(rsp_valid_i && rsp_ready_o), .out_data_o(asked_next), .usage_o(unused_usage6)
  );
  logic [WAYS_LOG2+1:0] unused_usage6;
  logic                 answer2_ready, answer3_ready;
  assign rsp_ready_o = asked_valid && (asked_next ? answer3_ready : answer2_ready);
  stream_fifo #(.W(RSP_BITS), .DEPTH_LOG2(WAYS_LOG2)) u_answers (
    .clk_i, .rst_ni,
    .in_valid_i(rsp_valid_i && asked_valid && !asked_next), .in_ready_o(answer2_ready), .in_data_i(rsp_i),
    .out_valid_o(rsp2_valid), .out_ready_i(two_take && wants_sa2), .out_data_o(rsp2), .usage_o(unused_usage3)
  );
  stream_fifo #(.W(RSP_BITS), .DEPTH_LOG2(WAYS_LOG2)) u_next_answers (
    .clk_i, .rst_ni,
    .in_valid_i(rsp_valid_i && asked_valid && asked_next), .in_ready_o(answer3_ready), .in_data_i(rsp_i),
    .out_valid_o(rsp3_valid), .out_ready_i(three_take && wants_next3), .out_data_o(rsp3), .usage_o(unused_usage5)
  );

  // ---- 3: the SA around it
  adit_pkg::facts_t    facts3;
  adit_pkg::seal_rsp_t inner3;
  logic                three_valid, three_take, wants_next3, has_sa3, sp_counts3, known3, seq_end3, notice3_ready;
  logic [7:0]          reason3_in, reason3;
  logic [1:0]          face3_in, face3;
  logic [15:0]         sp_id3, seq_end_slot3;

  stream_fifo #(.W(FACTS_BITS + 29 + RSP_BITS), .DEPTH_LOG2(WAYS_LOG2)) u_three (
    .clk_i, .rst_ni,
    .in_valid_i(two_take), .in_ready_o(three_ready),
    .in_data_i({facts2, wants_next2, wants_sa2 && is_usable2, reason2, face2, sp_counts2, sp_id2, rsp2}),
    .out_valid_o(three_valid), .out_ready_i(three_take),
    .out_data_o({facts3, wants_next3, has_sa3, reason3_in, face3_in, sp_counts3, sp_id3, inner3}), .usage_o(unused_usage4)
  );

  always_comb begin
    reason3 = reason3_in;
    face3   = face3_in;
    if (wants_next3) begin
      if (!rsp3.sa.valid)
        reason3 = adit_reg_pkg::REASON_XfrmOutStateInvalid;
      else if (rsp3.expired)
        reason3 = adit_reg_pkg::REASON_XfrmOutStateExpired;
      else if (!rsp3.seq_ok)
        reason3 = adit_reg_pkg::REASON_XfrmOutStateSeqError;
      else if (rsp3.sa.proto != adit_reg_pkg::PROTO_AH || rsp3.sa.mode != adit_reg_pkg::MODE_TRANSPORT ||
               rsp3.sa.dir != adit_reg_pkg::DIR_OUT[0])
        reason3 = adit_reg_pkg::REASON_XfrmOutStateProtoError;
      if (reason3 != adit_reg_pkg::REASON_NONE) face3 = FACE_NONE;
    end
  end

  // SEQ_END is posted once for a run of packets that find the same SA used up.
  logic        ended_q, is_end3;
  logic [15:0] ended_slot_q;
  assign is_end3       = has_sa3 && reason3 == adit_reg_pkg::REASON_XfrmOutStateSeqError;
  assign seq_end_slot3 = wants_next3 ? rsp3.slot : inner3.slot;
  assign seq_end3      = is_end3 && !(ended_q && ended_slot_q == seq_end_slot3);

  assign known3     = three_valid && (!wants_next3 || rsp3_valid);
  assign three_take = known3 && (!plan_valid_o || plan_ready_i) && (!seq_end3 || notice3_ready);

  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) begin
      ended_q      <= 1'b0;
      ended_slot_q <= '0;
    end else if (three_take && has_sa3) begin
      if (is_end3) begin
        ended_q      <= 1'b1;
        ended_slot_q <= seq_end_slot3;
      end else if (inner3.slot == ended_slot_q || (wants_next3 && rsp3.slot == ended_slot_q)) begin
        ended_q <= 1'b0;
      end
    end

  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni)                             plan_valid_o <= 1'b0;
    else if (!plan_valid_o || plan_ready_i) plan_valid_o <= three_take;
  always_ff @(posedge clk_i)
    if (three_take) begin
      plan_facts_o     <= facts3;
      plan_reason_o    <= reason3;
      plan_face_o      <= face3;
      plan_sp_counts_o <= sp_counts3;
      plan_sp_id_o     <= sp_id3;
      plan_has_sa_o    <= has_sa3;
      plan_has_next_o  <= wants_next3;
      if (has_sa3) plan_rsp_o <= inner3;
      if (wants_next3) plan_next_o <= rsp3;
    end

  // ---- notices: one register, step 3 first
  adit_pkg::notice_t notice;
  logic              post1, post3, notice_free;
  assign notice_free   = !notice_valid_o || notice_ready_i;
  assign notice3_ready = notice_free;
  assign post3         = three_take && seq_end3;
  assign notice1_ready = notice_free && !(known3 && seq_end3);
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
    if (post3) begin
      notice         = '0;
      notice.kind    = adit_reg_pkg::EVENT_SEQ_END;
      notice.sp_id   = sp_id3;
      notice.sa_slot = seq_end_slot3;
    end
  end
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni)          notice_valid_o <= 1'b0;
    else if (notice_free) notice_valid_o <= post1 || post3;
  always_ff @(posedge clk_i) if (post1 || post3) notice_o <= notice;
endmodule
