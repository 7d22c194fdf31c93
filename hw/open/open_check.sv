// SPDX-License-Identifier: BSD-2-Clause-Patent
// Judges opened packets, in arrival order (RFC 4303 §3.4.3 last paragraph, RFC 4301 §5.2 step 4), and only then gives them a way out:
//
//   called --> 0 ICV held? inside read --commit--> sad --> 1 not lost to a duplicate? --key--> spd --> 2 same policy? --> emit
//
// The window moves as soon as the ICV held, whatever is inside. Packets in clear and drops pass through.
// Every question has a place reserved for its answer.
module open_check (
  input  logic                          clk_i,
  input  logic                          rst_ni,
  input  logic                          nic_i,
  input  logic [1023:0]                 local_addr_i,
  input  logic [7:0]                    local_v4_i,
  input  logic                          in_valid_i,
  output logic                          in_ready_o,
  input  path_pkg::leave_t              in_leave_i,
  input  path_pkg::check_t              in_check_i,
  input  logic [15:0]                   in_base_i,
  input  logic [15:0]                   in_words_i,
  input  logic [path_pkg::RAW_BITS-1:0] in_raw_i,
  input  logic                          in_bad_icv_i,
  input  logic [16:0]                   in_trailer_i,
  input  logic [639:0]                  in_body_i,
  output logic                          replay_valid_o,
  input  logic                          replay_ready_i,
  output adit_pkg::replay_req_t         replay_o,
  input  logic                          replayed_valid_i,
  output logic                          replayed_ready_o,
  input  logic                          replayed_ok_i,
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
  localparam int unsigned BODY_BITS = 32 + path_pkg::RAW_BITS;
  logic [WAYS_LOG2:0] unused_usage0, unused_usage1, unused_usage2, unused_usage3;

  // ---- 0: ICV, inside, commit
  logic              commits0, one_ready, is_local0;
  logic [7:0]        inner_reason0;
  logic [15:0]       take_bytes, ip_bytes;
  adit_pkg::sp_key_t key0;
  path_pkg::leave_t  leave0;

  open_inner u_inner (
    .valid_i(in_valid_i && commits0), .check_i(in_check_i), .trailer_i(in_trailer_i), .body_i(in_body_i),
    .l3_head_bytes_i(in_leave_i.l3_head_bytes), .local_addr_i, .local_v4_i,
    .reason_o(inner_reason0), .key_o(key0), .is_local_o(is_local0), .take_bytes_o(take_bytes), .ip_bytes_o(ip_bytes)
  );
  assign commits0 = in_check_i.is_esp && !in_bad_icv_i;

  always_comb begin
    leave0 = in_leave_i;
    if (in_check_i.is_esp) begin
      leave0.face_out  = FACE_NONE;
      leave0.sa_counts = 1'b1;
      if (in_bad_icv_i) begin
        leave0.reason     = adit_reg_pkg::REASON_XfrmInStateProtoError;
        leave0.sa_bad_icv = 1'b1;
      end else begin
        leave0.reason     = inner_reason0;
        leave0.edit_bytes = ip_bytes;
        leave0.edit_proto = key0.proto;
        leave0.body_bytes = take_bytes;
        leave0.sa_bytes   = ip_bytes;
      end
    end
  end

  assign replay_valid_o = in_valid_i && commits0 && one_ready;
  assign replay_o.slot  = in_leave_i.sa_slot;
  assign replay_o.seq   = in_check_i.seq;
  assign in_ready_o     = one_ready && (!commits0 || replay_ready_i);

  // ---- 1: duplicates
  path_pkg::leave_t     leave1_in, leave1;
  adit_pkg::sp_key_t    key1;
  logic [BODY_BITS-1:0] body1;
  logic [31:0]          reqid1;
  logic                 one_valid, one_take, commits1, is_local1, ok1_valid, ok1, two_ready, known1, asks1;

  stream_fifo #(.W(path_pkg::LEAVE_BITS + $bits(key0) + 32 + 2 + BODY_BITS), .DEPTH_LOG2(WAYS_LOG2)) u_one (
    .clk_i, .rst_ni,
    .in_valid_i(in_valid_i && in_ready_o), .in_ready_o(one_ready),
    .in_data_i({leave0, key0, in_check_i.reqid, is_local0, commits0, in_base_i, in_words_i, in_raw_i}),
    .out_valid_o(one_valid), .out_ready_i(one_take),
    .out_data_o({leave1_in, key1, reqid1, is_local1, commits1, body1}), .usage_o(unused_usage0)
  );
  stream_fifo #(.W(1), .DEPTH_LOG2(WAYS_LOG2)) u_committed (
    .clk_i, .rst_ni,
    .in_valid_i(replayed_valid_i), .in_ready_o(replayed_ready_o), .in_data_i(replayed_ok_i),
    .out_valid_o(ok1_valid), .out_ready_i(one_take && commits1), .out_data_o(ok1), .usage_o(unused_usage1)
  );
  always_comb begin
    leave1 = leave1_in;
    if (commits1 && !ok1) begin
      leave1.reason      = adit_reg_pkg::REASON_XfrmInStateSeqError;
      leave1.sa_replayed = 1'b1;
    end
  end
  assign known1      = one_valid && (!commits1 || ok1_valid);
  assign asks1       = commits1 && leave1.reason == adit_reg_pkg::REASON_NONE;
  assign key_valid_o = known1 && asks1 && two_ready;
  assign key_o       = key1;
  assign one_take    = known1 && two_ready && (!asks1 || key_ready_i);

  // ---- 2: the policy that the packet matches must be the one its SA serves
  path_pkg::leave_t     leave2_in, leave2;
  adit_pkg::sp_hit_t    hit2;
  logic [BODY_BITS-1:0] body2;
  logic [31:0]          reqid2;
  logic                 two_valid, two_take, asks2, is_local2, hit2_valid;

  stream_fifo #(.W(path_pkg::LEAVE_BITS + 32 + 2 + BODY_BITS), .DEPTH_LOG2(WAYS_LOG2)) u_two (
    .clk_i, .rst_ni,
    .in_valid_i(one_take), .in_ready_o(two_ready), .in_data_i({leave1, reqid1, is_local1, asks1, body1}),
    .out_valid_o(two_valid), .out_ready_i(two_take), .out_data_o({leave2_in, reqid2, is_local2, asks2, body2}),
    .usage_o(unused_usage2)
  );
  stream_fifo #(.W($bits(hit_i)), .DEPTH_LOG2(WAYS_LOG2)) u_hits (
    .clk_i, .rst_ni,
    .in_valid_i(hit_valid_i), .in_ready_o(hit_ready_o), .in_data_i(hit_i),
    .out_valid_o(hit2_valid), .out_ready_i(two_take && asks2), .out_data_o(hit2), .usage_o(unused_usage3)
  );

  always_comb begin
    leave2 = leave2_in;
    if (asks2) begin
      leave2.sp_counts = hit2.hit;
      leave2.sp_kind   = 2'd1;
      if (hit2.hit) leave2.sp_id = hit2.sp_id;
      if (!hit2.hit) begin
        leave2.reason = adit_reg_pkg::REASON_XfrmInNoPols;
      end else if (hit2.ports_unknown || hit2.action != adit_reg_pkg::ACTION_ENCRYPT[1:0] || hit2.reqid != reqid2) begin
        leave2.reason = adit_reg_pkg::REASON_XfrmInTmplMismatch;
      end else begin
        leave2.sp_kind  = 2'd2;
        leave2.sa_done  = 1'b1;
        leave2.face_out = is_local2 || nic_i ? FACE_HOST : FACE_LAN;
        leave2.reason   = is_local2 ? adit_reg_pkg::REASON_HostLocal :
                          nic_i ? adit_reg_pkg::REASON_HostNic : adit_reg_pkg::REASON_NONE;
      end
    end
  end

  assign two_take = two_valid && (!asks2 || hit2_valid) && (!leave_valid_o || leave_ready_i);
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni)                               leave_valid_o <= 1'b0;
    else if (!leave_valid_o || leave_ready_i) leave_valid_o <= two_take;
  always_ff @(posedge clk_i)
    if (two_take) begin
      leave_o <= leave2;
      {leave_base_o, leave_words_o, leave_raw_o} <= body2;
    end
endmodule
