// SPDX-License-Identifier: BSD-2-Clause-Patent
// Decides what becomes of an inbound packet before it is opened (RFC 4301 §5.2, RFC 4303 §3.4.2), in arrival order:
//
//   facts --> 0 ESP? --request--> sad --> 1 SA, replay, length --key--> spd --> 2 policy of clear packets --> open_plan
//
// Every question has a place reserved for its answer (as many as packets between two steps), so spd and sad never wait for us:
// the check after decryption, which shares spd, can then never wait for a packet that stands here.
module open_entry (
  input  logic                 clk_i,
  input  logic                 rst_ni,
  input  logic                 no_match_i,
  input  logic                 nic_i,
  input  logic                 facts_valid_i,
  output logic                 facts_ready_o,
  input  adit_pkg::facts_t     facts_i,
  output logic                 req_valid_o,
  input  logic                 req_ready_i,
  output adit_pkg::open_req_t  req_o,
  input  logic                 rsp_valid_i,
  output logic                 rsp_ready_o,
  input  adit_pkg::open_rsp_t  rsp_i,
  output logic                 key_valid_o,
  input  logic                 key_ready_i,
  output adit_pkg::sp_key_t    key_o,
  input  logic                 hit_valid_i,
  output logic                 hit_ready_o,
  input  adit_pkg::sp_hit_t    hit_i,
  output logic                 plan_valid_o,
  input  logic                 plan_ready_i,
  output adit_pkg::facts_t     plan_facts_o,
  output logic [7:0]           plan_reason_o,
  output logic [1:0]           plan_face_o,
  output logic                 plan_sp_counts_o,
  output logic [15:0]          plan_sp_id_o,
  output logic                 plan_has_sa_o,    // plan_rsp_o holds its SA
  output adit_pkg::open_rsp_t  plan_rsp_o
);
  localparam logic [1:0] FACE_LAN  = adit_reg_pkg::FACE_LAN[1:0];
  localparam logic [1:0] FACE_HOST = adit_reg_pkg::FACE_HOST[1:0];
  localparam logic [1:0] FACE_NONE = adit_reg_pkg::FACE_NONE[1:0];
  localparam int unsigned WAYS_LOG2  = 4;  // packets between two steps
  localparam int unsigned FACTS_BITS = $bits(facts_i);
  logic [WAYS_LOG2:0] unused_usage0, unused_usage1, unused_usage2, unused_usage3;

  // ---- 0: what needs no table, what may have an SA, what goes in clear
  logic       is_esp, wants_sa0, is_clear0, one_ready, is_ike;
  logic [7:0] reason0;
  logic [1:0] face0;

  assign is_esp = facts_i.proto == adit_reg_pkg::PROTO_ESP;
  assign is_ike = facts_i.proto == 8'd17 && facts_i.has_ports && !facts_i.is_frag && facts_i.local_dst &&
                  (facts_i.dport == 16'd500 || facts_i.dport == 16'd4500);

  always_comb begin
    wants_sa0 = 1'b0;
    is_clear0 = 1'b0;
    reason0   = nic_i ? adit_reg_pkg::REASON_HostNic : adit_reg_pkg::REASON_NONE;
    face0     = nic_i ? FACE_HOST : FACE_LAN;
    if (facts_i.reason != adit_reg_pkg::REASON_NONE) begin
      reason0 = facts_i.reason;
      face0   = FACE_NONE;
    end else if (facts_i.is_arp) begin
      if (facts_i.local_dst) begin
        reason0 = adit_reg_pkg::REASON_HostArp;
        face0   = FACE_HOST;
      end
    end else if (!facts_i.is_v4) begin
      reason0 = facts_i.is_v6 ? adit_reg_pkg::REASON_RxIpv6 : adit_reg_pkg::REASON_RxNotIp;
      face0   = FACE_NONE;
    end else if (is_esp && facts_i.local_dst && facts_i.is_frag) begin
      reason0 = adit_reg_pkg::REASON_InFragment;
      face0   = FACE_NONE;
    end else if (is_esp && facts_i.local_dst && !facts_i.esp_whole) begin
      reason0 = adit_reg_pkg::REASON_XfrmInHdrError;
      face0   = FACE_NONE;
    end else if (is_esp && !facts_i.is_frag && facts_i.esp_whole) begin
      wants_sa0 = 1'b1;
    end else if (is_ike) begin  // cannot be locked out by a policy
      reason0 = adit_reg_pkg::REASON_HostIke;
      face0   = FACE_HOST;
    end else begin
      is_clear0 = 1'b1;
    end
  end

  assign req_o.is_v6   = facts_i.is_v6;
  assign req_o.proto   = facts_i.proto;
  assign req_o.dst     = facts_i.dst;
  assign req_o.spi     = facts_i.spi;
  assign req_o.seq     = facts_i.seq;
  assign req_valid_o   = facts_valid_i && wants_sa0 && one_ready;
  assign facts_ready_o = one_ready && (!wants_sa0 || req_ready_i);

  // ---- 1: SA (RFC 4303 §3.4.2), replay window (§3.4.3), length
  adit_pkg::facts_t    facts1;
  adit_pkg::open_rsp_t rsp1;
  logic                one_valid, one_take, wants_sa1, is_clear1_in, is_clear1, rsp1_valid, two_ready, known1, has_sa1;
  logic                is_cbc, has_auth, is_usable, fits;
  logic [7:0]          reason1_in, reason1;
  logic [1:0]          face1_in, face1;
  logic [15:0]         esp_bytes, least_bytes, text_bytes;

  stream_fifo #(.W(FACTS_BITS + 12), .DEPTH_LOG2(WAYS_LOG2)) u_one (
    .clk_i, .rst_ni,
    .in_valid_i(facts_valid_i && facts_ready_o), .in_ready_o(one_ready),
    .in_data_i({facts_i, wants_sa0, is_clear0, reason0, face0}),
    .out_valid_o(one_valid), .out_ready_i(one_take), .out_data_o({facts1, wants_sa1, is_clear1_in, reason1_in, face1_in}),
    .usage_o(unused_usage0)
  );
  stream_fifo #(.W($bits(rsp_i)), .DEPTH_LOG2(WAYS_LOG2)) u_answers (
    .clk_i, .rst_ni,
    .in_valid_i(rsp_valid_i), .in_ready_o(rsp_ready_o), .in_data_i(rsp_i),
    .out_valid_o(rsp1_valid), .out_ready_i(one_take && wants_sa1), .out_data_o(rsp1), .usage_o(unused_usage1)
  );

  always_comb begin
    is_cbc      = rsp1.sa.enc != adit_reg_pkg::ENC_NULL;
    has_auth    = rsp1.sa.auth != adit_reg_pkg::AUTH_NULL;
    is_usable   = rsp1.sa.valid && rsp1.sa.dir == adit_reg_pkg::DIR_IN[0] && rsp1.sa.proto == adit_reg_pkg::PROTO_ESP &&
                  rsp1.sa.flags[2:0] == 3'b000 && rsp1.sa.mode <= adit_reg_pkg::MODE_TUNNEL &&
                  rsp1.sa.enc <= adit_reg_pkg::ENC_AES_CBC_256 &&
                  (!has_auth || rsp1.sa.auth == adit_reg_pkg::AUTH_HMAC_SHA1_96);
    esp_bytes   = facts1.l3_bytes - (16'(facts1.l4_off) - 16'(facts1.l3_off));
    least_bytes = 16'd8 + (is_cbc ? 16'd32 : 16'd4) + (has_auth ? 16'd12 : 16'd0);
    text_bytes  = esp_bytes - 16'd8 - (has_auth ? 16'd12 : 16'd0);  // with IV, which is a block
    fits        = esp_bytes >= least_bytes && (is_cbc ? text_bytes[3:0] == '0 : text_bytes[1:0] == '0);

    reason1   = reason1_in;
    face1     = face1_in;
    is_clear1 = is_clear1_in;
    has_sa1   = 1'b0;
    if (wants_sa1) begin
      has_sa1 = rsp1.hit;
      face1   = FACE_NONE;
      reason1 = adit_reg_pkg::REASON_NONE;
      if (!rsp1.hit) begin
        is_clear1 = !facts1.local_dst;  // transit
        if (facts1.local_dst) reason1 = adit_reg_pkg::REASON_XfrmInNoStates;
      end else if (!is_usable) begin
        reason1 = adit_reg_pkg::REASON_XfrmInStateInvalid;
      end else if (!rsp1.replay_ok) begin
        reason1 = adit_reg_pkg::REASON_XfrmInStateSeqError;
      end else if (!fits) begin
        reason1 = adit_reg_pkg::REASON_XfrmInHdrError;
      end
    end
    if (is_clear1) begin
      face1   = facts1.local_dst || nic_i ? FACE_HOST : FACE_LAN;
      reason1 = facts1.local_dst ? adit_reg_pkg::REASON_HostLocal :
                nic_i ? adit_reg_pkg::REASON_HostNic : adit_reg_pkg::REASON_NONE;
    end
  end

  // Rules stand in the outbound sense: source and destination change places.
  assign key_o.is_v6     = facts1.is_v6;
  assign key_o.has_ports = facts1.has_ports;
  assign key_o.proto     = facts1.proto;
  assign key_o.src       = facts1.dst;
  assign key_o.dst       = facts1.src;
  assign key_o.sport     = facts1.dport;
  assign key_o.dport     = facts1.sport;
  assign known1          = one_valid && (!wants_sa1 || rsp1_valid);
  assign key_valid_o     = known1 && is_clear1 && two_ready;
  assign one_take        = known1 && two_ready && (!is_clear1 || key_ready_i);

  // ---- 2: policy of packets in clear (RFC 4301 §5.2 step 3b)
  adit_pkg::facts_t    facts2;
  adit_pkg::open_rsp_t rsp2;
  adit_pkg::sp_hit_t   hit2;
  logic                two_valid, two_take, is_clear2, has_sa2, hit2_valid, sp_counts2;
  logic [7:0]          reason2_in, reason2;
  logic [1:0]          face2_in, face2;
  logic [15:0]         sp_id2;

  stream_fifo #(.W(FACTS_BITS + $bits(rsp_i) + 12), .DEPTH_LOG2(WAYS_LOG2)) u_two (
    .clk_i, .rst_ni,
    .in_valid_i(one_take), .in_ready_o(two_ready), .in_data_i({facts1, rsp1, is_clear1, has_sa1, reason1, face1}),
    .out_valid_o(two_valid), .out_ready_i(two_take), .out_data_o({facts2, rsp2, is_clear2, has_sa2, reason2_in, face2_in}),
    .usage_o(unused_usage2)
  );
  stream_fifo #(.W($bits(hit_i)), .DEPTH_LOG2(WAYS_LOG2)) u_hits (
    .clk_i, .rst_ni,
    .in_valid_i(hit_valid_i), .in_ready_o(hit_ready_o), .in_data_i(hit_i),
    .out_valid_o(hit2_valid), .out_ready_i(two_take && is_clear2), .out_data_o(hit2), .usage_o(unused_usage3)
  );

  always_comb begin
    reason2    = reason2_in;
    face2      = face2_in;
    sp_counts2 = 1'b0;
    sp_id2     = 16'hffff;
    if (is_clear2) begin
      sp_counts2 = hit2.hit;
      if (hit2.hit) sp_id2 = hit2.sp_id;
      if (!hit2.hit) begin
        if (!no_match_i) begin
          reason2 = adit_reg_pkg::REASON_XfrmInNoPols;
          face2   = FACE_NONE;
        end
      end else if (hit2.action == adit_reg_pkg::ACTION_DISCARD[1:0] && !hit2.ports_unknown) begin
        reason2 = adit_reg_pkg::REASON_XfrmInPolBlock;
        face2   = FACE_NONE;
      end else if (hit2.ports_unknown || hit2.action > adit_reg_pkg::ACTION_ENCRYPT[1:0] ||
                   (hit2.action == adit_reg_pkg::ACTION_ENCRYPT[1:0] && hit2.level != adit_reg_pkg::LEVEL_USE[1:0])) begin
        reason2 = adit_reg_pkg::REASON_XfrmInTmplMismatch;
        face2   = FACE_NONE;
      end
    end
  end

  assign two_take = two_valid && (!is_clear2 || hit2_valid) && (!plan_valid_o || plan_ready_i);

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
      plan_has_sa_o    <= has_sa2;
      plan_rsp_o       <= rsp2;
    end
endmodule
