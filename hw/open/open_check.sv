// SPDX-License-Identifier: BSD-2-Clause-Patent
// Judges opened packets, in arrival order (RFC 4303 §3.4.3 last paragraph, RFC 4301 §5.2 step 4), and only then gives them a way out:
//
//   called --> 0 ICV held? inside read --commit--> sad --> 1 not lost to a duplicate? of a bundle the second --commit--> sad
//          --> 2 likewise --key--> spd --> 3 same policy? --> emit
//
// The window moves as soon as the ICV held, whatever is inside. Packets in clear and drops pass through. An SA's commits all stand at
// the same step, so they come in arrival order. Every question has a place reserved for its answer.
module open_check (
  input  logic                          clk_i,
  input  logic                          rst_ni,
  input  logic                          nic_i,
  input  logic [1023:0]                 local_addr_i,
  input  logic [7:0]                    local_v4_i,
  input  logic [7:0]                    local_v6_i,
  input  logic                          in_valid_i,
  output logic                          in_ready_o,
  input  path_pkg::leave_t              in_leave_i,
  input  path_pkg::check_t              in_check_i,
  input  logic [15:0]                   in_base_i,
  input  logic [15:0]                   in_words_i,
  input  logic [path_pkg::RAW_BITS-1:0] in_raw_i,
  input  logic                          in_bad_icv_i,
  input  logic                          in_bad_ah_i,
  input  logic [16:0]                   in_trailer_i,
  input  logic [1023:0]                 in_body_i,
  output logic                          commit_valid_o,
  input  logic                          commit_ready_i,
  output adit_pkg::commit_req_t         commit_o,
  input  logic                          committed_valid_i,
  output logic                          committed_ready_o,
  input  adit_pkg::commit_rsp_t         committed_i,
  output logic                          key_valid_o,
  input  logic                          key_ready_i,
  output adit_pkg::sp_key_t             key_o,
  input  logic                          hit_valid_i,
  output logic                          hit_ready_o,
  input  adit_pkg::sp_hit_t             hit_i,
  output logic                          leave_valid_o,
  input  logic                          leave_ready_i,
  output path_pkg::leave_t              leave_o,
  output logic [15:0]                   leave_base_o,
  output logic [15:0]                   leave_words_o,
  output logic [path_pkg::RAW_BITS-1:0] leave_raw_o
);
  localparam logic [1:0] FACE_LAN  = adit_reg_pkg::FACE_LAN[1:0];
  localparam logic [1:0] FACE_HOST = adit_reg_pkg::FACE_HOST[1:0];
  localparam logic [1:0] FACE_NONE = adit_reg_pkg::FACE_NONE[1:0];
  localparam int unsigned WAYS_LOG2 = 4;
  logic [WAYS_LOG2:0] unused_usage0, unused_usage1, unused_usage2, unused_usage3, unused_usage4, unused_usage5;

  // ---- 0: ICV, inside, commit of the outermost layer
  logic                  reads0, commits0, known0, one_ready, carry_ready, inner_done, inner_local, inner_v6, is_local0;
  logic                  first_valid, first_ready;
  logic [7:0]            inner_reason, inner_nh, reason0;
  logic [15:0]           take_bytes, inner_bytes, head_bytes;
  logic [3:0]            new_bytes;
  logic [95:0]           new_head;
  adit_pkg::sp_key_t     inner_key, key0;
  adit_pkg::commit_req_t first, inmost0;
  path_pkg::leave_t      leave0;

  assign head_bytes = 16'(in_leave_i.keep) - 16'(in_leave_i.l3_off);  // transport mode: all of the header stays
  open_inner u_inner (
    .clk_i, .rst_ni, .valid_i(in_valid_i && in_check_i.is_ipsec && !in_check_i.is_opened), .check_i(in_check_i), .trailer_i(in_trailer_i), .body_i(in_body_i),
    .l3_head_bytes_i(head_bytes), .local_addr_i, .local_v4_i, .local_v6_i, .done_o(inner_done), .take_i(in_ready_o),
    .reason_o(inner_reason), .key_o(inner_key), .next_header_o(inner_nh), .is_v6_o(inner_v6), .is_local_o(inner_local),
    .take_bytes_o(take_bytes), .ip_bytes_o(inner_bytes), .new_bytes_o(new_bytes), .new_o(new_head)
  );
  // A packet with an SA stands here for two cycles at least: what is known of its ICV counts from the second on.
  logic looked_q, bad_icv_q;
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) looked_q <= 1'b0;
    else         looked_q <= in_valid_i && in_check_i.is_ipsec && !in_ready_o;
  always_ff @(posedge clk_i) if (in_valid_i && !looked_q) bad_icv_q <= in_bad_icv_i;
  assign commits0 = in_check_i.is_ipsec && looked_q && !bad_icv_q;
  assign reads0   = commits0 && !in_check_i.is_opened;

  always_comb begin
    leave0    = in_leave_i;
    key0      = in_check_i.key;
    is_local0 = in_check_i.is_local;
    reason0   = adit_reg_pkg::REASON_NONE;
    inmost0.slot    = in_check_i.slot;
    inmost0.seq     = in_check_i.seq;
    inmost0.n_bytes = in_check_i.ip_bytes;
    if (in_check_i.is_ipsec) leave0.face_out = FACE_NONE;
    if (in_check_i.is_ipsec && bad_icv_q) begin
      leave0.reason     = adit_reg_pkg::REASON_XfrmInStateProtoError;
      leave0.sa_counts  = 1'b1;
      leave0.sa_bad_icv = 1'b1;
      leave0.count_slot = in_bad_ah_i && in_check_i.has_ah ? in_check_i.ah_slot : in_check_i.slot;
    end
    if (reads0) begin
      key0            = inner_key;
      is_local0       = inner_local;
      reason0         = inner_reason;
      inmost0.n_bytes = inner_reason == adit_reg_pkg::REASON_NONE ? inner_bytes : '0;
      leave0.edit_bytes = in_check_i.is_v6 ? inner_bytes - 16'd40 : inner_bytes;
      leave0.edit_proto = inner_nh;
      leave0.set_type   = in_check_i.is_tunnel && inner_v6 != in_check_i.is_v6;
      leave0.type_v6    = inner_v6;
      leave0.ins_bytes  = 7'(new_bytes);
      leave0.ins        = path_pkg::INS_BITS'(new_head);
      leave0.body_off   = in_leave_i.body_off + 7'(new_bytes);
      leave0.body_bytes = take_bytes - 16'(new_bytes);
    end
    first = inmost0;
    if (in_check_i.has_ah) begin
      first.slot = in_check_i.ah_slot;
      first.seq  = in_check_i.ah_seq;
    end
  end

  assign known0      = in_valid_i && (!in_check_i.is_ipsec || (looked_q && (!reads0 || inner_done)));
  assign first_valid = known0 && commits0 && one_ready && carry_ready;
  assign in_ready_o  = known0 && one_ready && carry_ready && (!commits0 || first_ready);

  // What nobody looks at on the way.
  localparam int unsigned CARRY_BITS = $bits(leave0) + 32 + path_pkg::RAW_BITS;
  localparam int unsigned CARRY_LOG2 = WAYS_LOG2 + 2;
  path_pkg::leave_t              leave3_in, leave3;
  logic [31+path_pkg::RAW_BITS:0] body3;
  logic                          carry_valid, three_take;
  logic [CARRY_LOG2:0]           unused_usage6;
  stream_fifo #(.W(CARRY_BITS), .DEPTH_LOG2(CARRY_LOG2)) u_carry (
    .clk_i, .rst_ni,
    .in_valid_i(in_valid_i && in_ready_o), .in_ready_o(carry_ready), .in_data_i({leave0, in_base_i, in_words_i, in_raw_i}),
    .out_valid_o(carry_valid), .out_ready_i(three_take), .out_data_o({leave3_in, body3}), .usage_o(unused_usage6)
  );

  // ---- 1: duplicates of the outermost layer; commit of the inner one
  adit_pkg::sp_key_t     key1;
  adit_pkg::commit_req_t inmost1;
  adit_pkg::commit_rsp_t done1;
  logic [31:0]           reqid1;
  logic [15:0]           slot1;
  logic [7:0]            reason1_in, reason1;
  logic                  one_valid, one_take, commits1, is_local1, has_second1, done1_in_valid, done1_in_ready, done1_valid, known1, two_ready;
  logic                  refused1, replayed1, asks1, second_valid, second_ready;

  stream_fifo #(.W($bits(key0) + $bits(inmost0) + 16 + 32 + 8 + 3), .DEPTH_LOG2(WAYS_LOG2)) u_one (
    .clk_i, .rst_ni,
    .in_valid_i(in_valid_i && in_ready_o), .in_ready_o(one_ready),
    .in_data_i({key0, inmost0, first.slot, in_check_i.reqid, reason0, is_local0, commits0, commits0 && in_check_i.has_ah}),
    .out_valid_o(one_valid), .out_ready_i(one_take),
    .out_data_o({key1, inmost1, slot1, reqid1, reason1_in, is_local1, commits1, has_second1}), .usage_o(unused_usage0)
  );
  stream_fifo #(.W(2), .DEPTH_LOG2(WAYS_LOG2)) u_committed (
    .clk_i, .rst_ni,
    .in_valid_i(done1_in_valid), .in_ready_o(done1_in_ready), .in_data_i(committed_i),
    .out_valid_o(done1_valid), .out_ready_i(one_take && commits1), .out_data_o(done1), .usage_o(unused_usage1)
  );
  always_comb begin
    reason1   = reason1_in;
    refused1  = commits1 && (done1.expired || done1.replayed);
    replayed1 = commits1 && !done1.expired && done1.replayed;
    if (refused1) reason1 = replayed1 ? adit_reg_pkg::REASON_XfrmInStateSeqError : adit_reg_pkg::REASON_XfrmInStateExpired;
  end
  assign known1       = one_valid && (!commits1 || done1_valid);
  assign asks1        = has_second1 && !refused1;
  assign second_valid = known1 && asks1 && two_ready;
  assign one_take     = known1 && two_ready && (!asks1 || second_ready);

  // ---- 2: duplicates of the inner layer
  adit_pkg::sp_key_t     key2;
  adit_pkg::commit_rsp_t done2;
  logic [31:0]           reqid2;
  logic [15:0]           slot2_in, slot2, inmost_slot2;
  logic [7:0]            reason2_in, reason2;
  logic                  two_valid, two_take, commits2, is_local2, has_done2, done2_in_valid, done2_in_ready, done2_valid, known2, three_ready;
  logic                  replayed2_in, replayed2, asks2;

  stream_fifo #(.W($bits(key0) + 16 + 16 + 32 + 8 + 4), .DEPTH_LOG2(WAYS_LOG2)) u_two (
    .clk_i, .rst_ni,
    .in_valid_i(one_take), .in_ready_o(two_ready),
    .in_data_i({key1, inmost1.slot, slot1, reqid1, reason1, is_local1, commits1, asks1, replayed1}),
    .out_valid_o(two_valid), .out_ready_i(two_take),
    .out_data_o({key2, inmost_slot2, slot2_in, reqid2, reason2_in, is_local2, commits2, has_done2, replayed2_in}),
    .usage_o(unused_usage2)
  );
  stream_fifo #(.W(2), .DEPTH_LOG2(WAYS_LOG2)) u_committed2 (
    .clk_i, .rst_ni,
    .in_valid_i(done2_in_valid), .in_ready_o(done2_in_ready), .in_data_i(committed_i),
    .out_valid_o(done2_valid), .out_ready_i(two_take && has_done2), .out_data_o(done2), .usage_o(unused_usage3)
  );
  open_ask #(.W($bits(commit_o))) u_ask (
    .clk_i, .rst_ni,
    .a_valid_i(first_valid), .a_ready_o(first_ready), .a_i(first),
    .a_answer_valid_o(done1_in_valid), .a_answer_ready_i(done1_in_ready),
    .b_valid_i(second_valid), .b_ready_o(second_ready), .b_i(inmost1),
    .b_answer_valid_o(done2_in_valid), .b_answer_ready_i(done2_in_ready),
    .ask_valid_o(commit_valid_o), .ask_ready_i(commit_ready_i), .ask_o(commit_o),
    .answer_valid_i(committed_valid_i), .answer_ready_o(committed_ready_o)
  );
  always_comb begin
    reason2   = reason2_in;
    replayed2 = replayed2_in;
    slot2     = slot2_in;
    if (has_done2) begin
      slot2     = inmost_slot2;
      replayed2 = !done2.expired && done2.replayed;
      if (done2.expired)       reason2 = adit_reg_pkg::REASON_XfrmInStateExpired;
      else if (done2.replayed) reason2 = adit_reg_pkg::REASON_XfrmInStateSeqError;
    end
  end
  assign known2      = two_valid && (!has_done2 || done2_valid);
  assign asks2       = commits2 && reason2 == adit_reg_pkg::REASON_NONE;
  assign key_valid_o = known2 && asks2 && three_ready;
  assign key_o       = key2;
  assign two_take    = known2 && three_ready && (!asks2 || key_ready_i);

  // ---- 3: the policy that the packet matches must be the one its SA serves
  adit_pkg::sp_hit_t hit3;
  logic [31:0]       reqid3;
  logic [15:0]       slot3;
  logic [7:0]        reason3;
  logic              three_valid, commits3, asks3, is_local3, replayed3, hit3_valid;

  stream_fifo #(.W(16 + 32 + 8 + 4), .DEPTH_LOG2(WAYS_LOG2)) u_three (
    .clk_i, .rst_ni,
    .in_valid_i(two_take), .in_ready_o(three_ready), .in_data_i({slot2, reqid2, reason2, is_local2, commits2, asks2, replayed2}),
    .out_valid_o(three_valid), .out_ready_i(three_take),
    .out_data_o({slot3, reqid3, reason3, is_local3, commits3, asks3, replayed3}), .usage_o(unused_usage4)
  );
  stream_fifo #(.W($bits(hit_i)), .DEPTH_LOG2(WAYS_LOG2)) u_hits (
    .clk_i, .rst_ni,
    .in_valid_i(hit_valid_i), .in_ready_o(hit_ready_o), .in_data_i(hit_i),
    .out_valid_o(hit3_valid), .out_ready_i(three_take && asks3), .out_data_o(hit3), .usage_o(unused_usage5)
  );

  always_comb begin
    leave3 = leave3_in;
    if (commits3) begin
      leave3.reason      = reason3;
      leave3.sa_counts   = replayed3;
      leave3.sa_replayed = replayed3;
      leave3.count_slot  = slot3;
      if (replayed3) leave3.sa_slot = slot3;  // a duplicate under way is named as one that open_entry refuses
    end
    if (asks3) begin
      leave3.sp_counts = hit3.hit;
      leave3.sp_kind   = 2'd1;
      if (hit3.hit) leave3.sp_id = hit3.sp_id;
      // A later fragment has no ports to be judged by, but it was sealed by a peer that knew them: its SA's policy is enough.
      if (!hit3.hit) begin
        leave3.reason = adit_reg_pkg::REASON_XfrmInNoPols;
      end else if (hit3.action != adit_reg_pkg::ACTION_ENCRYPT[1:0] || hit3.reqid != reqid3) begin
        leave3.reason = adit_reg_pkg::REASON_XfrmInTmplMismatch;
      end else begin
        leave3.sp_kind  = 2'd2;
        leave3.face_out = is_local3 || nic_i ? FACE_HOST : FACE_LAN;
        leave3.reason   = is_local3 ? adit_reg_pkg::REASON_HostLocal :
                          nic_i ? adit_reg_pkg::REASON_HostNic : adit_reg_pkg::REASON_NONE;
      end
    end
  end

  assign three_take = three_valid && carry_valid && (!asks3 || hit3_valid) && (!leave_valid_o || leave_ready_i);
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni)                               leave_valid_o <= 1'b0;
    else if (!leave_valid_o || leave_ready_i) leave_valid_o <= three_take;
  always_ff @(posedge clk_i)
    if (three_take) begin
      leave_o <= leave3;
      {leave_base_o, leave_words_o, leave_raw_o} <= body3;
    end
endmodule
