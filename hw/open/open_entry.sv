// SPDX-License-Identifier: BSD-2-Clause-Patent
// Decides what becomes of an inbound packet before it is opened (RFC 4301 §5.2, RFC 4303 §3.4.2), in arrival order:
//
//   facts --> 0 IPsec? --request--> sad --> 1 AH around ESP? --second request--> sad --> 2 may be opened? in clear? --key--> spd
//         --> 3 policy of clear packets --> open_plan
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
  output logic                 plan_opens_o,      // go on: with plan_rsp_o, and plan_outer_o if is_bundle
  output logic                 plan_has_sa_o,     // plan_rsp_o is the innermost SA that was found
  output logic                 plan_is_bundle_o,  // plan_outer_o is the AH SA around it
  output adit_pkg::open_rsp_t  plan_rsp_o,
  output adit_pkg::open_rsp_t  plan_outer_o
);
  localparam logic [1:0] FACE_LAN  = adit_reg_pkg::FACE_LAN[1:0];
  localparam logic [1:0] FACE_HOST = adit_reg_pkg::FACE_HOST[1:0];
  localparam logic [1:0] FACE_NONE = adit_reg_pkg::FACE_NONE[1:0];
  localparam int unsigned WAYS_LOG2  = 4;  // packets between two steps
  localparam int unsigned FACTS_BITS = $bits(facts_i);
  logic [WAYS_LOG2:0] unused_usage0, unused_usage1, unused_usage2, unused_usage3, unused_usage4, unused_usage5;

  // ---- 0: what needs no table, what may have an SA, what goes in clear
  logic       is_ipsec, is_ike, wants_sa0, is_clear0, one_ready, first_valid, first_ready;
  logic [7:0] reason0;
  logic [1:0] face0;
  adit_pkg::open_req_t first;

  assign is_ipsec = facts_i.proto == adit_reg_pkg::PROTO_ESP || facts_i.proto == adit_reg_pkg::PROTO_AH || facts_i.is_natt;
  assign is_ike   = facts_i.proto == 8'd17 && facts_i.has_ports && !facts_i.is_frag && facts_i.local_dst &&
                    (facts_i.dport == 16'd500 || facts_i.dport == 16'd4500);

  always_comb begin
    wants_sa0 = 1'b0;
    is_clear0 = 1'b0;
    reason0   = nic_i ? adit_reg_pkg::REASON_HostNic : adit_reg_pkg::REASON_NONE;
    face0     = nic_i ? FACE_HOST : FACE_LAN;
    if (facts_i.reason != adit_reg_pkg::REASON_NONE) begin
      reason0 = facts_i.reason;
      face0   = FACE_NONE;
    end else if (facts_i.told) begin
      wants_sa0 = 1'b1;
    end else if (facts_i.is_arp) begin
      if (facts_i.local_dst) begin
        reason0 = adit_reg_pkg::REASON_HostArp;
        face0   = FACE_HOST;
      end
    end else if (!facts_i.is_v4 && !facts_i.is_v6) begin
      reason0 = adit_reg_pkg::REASON_RxNotIp;
      face0   = FACE_NONE;
    end else if (facts_i.is_nd) begin  // link-local business, no policy can want it sealed
      if (facts_i.local_dst) begin
        reason0 = adit_reg_pkg::REASON_HostNd;
        face0   = FACE_HOST;
      end
    end else if (facts_i.is_keepalive) begin
      reason0 = adit_reg_pkg::REASON_InKeepalive;
      face0   = FACE_NONE;
    end else if (facts_i.is_frag && facts_i.local_dst && (is_ipsec || facts_i.proto == 8'd17)) begin
      if (facts_i.face == FACE_HOST) begin  // a fragment even after reassembly
        reason0 = adit_reg_pkg::REASON_InFragment;
        face0   = FACE_NONE;
      end else begin
        reason0 = adit_reg_pkg::REASON_HostFragment;
        face0   = FACE_HOST;
      end
    end else if (is_ipsec && facts_i.local_dst && !facts_i.sec_whole) begin
      reason0 = adit_reg_pkg::REASON_XfrmInHdrError;
      face0   = FACE_NONE;
    end else if (is_ipsec && !facts_i.is_frag && facts_i.sec_whole) begin
      wants_sa0 = 1'b1;
    end else if (is_ike) begin  // cannot be locked out by a policy
      reason0 = adit_reg_pkg::REASON_HostIke;
      face0   = FACE_HOST;
    end else begin
      is_clear0 = 1'b1;
    end
  end

  assign first.by_slot = facts_i.told;
  assign first.slot    = facts_i.told_slot;
  assign first.is_v6   = facts_i.is_v6;
  assign first.proto   = facts_i.is_natt ? adit_reg_pkg::PROTO_ESP : facts_i.proto;
  assign first.dst     = facts_i.dst;
  assign first.spi     = facts_i.spi;
  assign first.seq     = facts_i.seq;
  assign first_valid   = facts_valid_i && wants_sa0 && one_ready;
  assign facts_ready_o = one_ready && (!wants_sa0 || first_ready);

  // ---- 1: the outermost layer's SA; AH in transport mode around ESP asks for a second
  adit_pkg::facts_t    facts1;
  adit_pkg::open_rsp_t rsp1;
  adit_pkg::open_req_t second;
  logic                one_valid, one_take, wants_sa1, is_clear1_in, is_clear1, rsp1_in_valid, rsp1_in_ready, rsp1_valid, two_ready;
  logic                known1, opens1, has_sa1, is_bundle1, second_valid, second_ready;
  logic [7:0]          reason1_in, reason1, layer1_reason;
  logic [1:0]          face1_in, face1;
  logic [15:0]         sec_bytes1;

  stream_fifo #(.W(FACTS_BITS + 12), .DEPTH_LOG2(WAYS_LOG2)) u_one (
    .clk_i, .rst_ni,
    .in_valid_i(facts_valid_i && facts_ready_o), .in_ready_o(one_ready),
    .in_data_i({facts_i, wants_sa0, is_clear0, reason0, face0}),
    .out_valid_o(one_valid), .out_ready_i(one_take), .out_data_o({facts1, wants_sa1, is_clear1_in, reason1_in, face1_in}),
    .usage_o(unused_usage0)
  );
  stream_fifo #(.W($bits(rsp_i)), .DEPTH_LOG2(WAYS_LOG2)) u_firsts (
    .clk_i, .rst_ni,
    .in_valid_i(rsp1_in_valid), .in_ready_o(rsp1_in_ready), .in_data_i(rsp_i),
    .out_valid_o(rsp1_valid), .out_ready_i(one_take && wants_sa1), .out_data_o(rsp1), .usage_o(unused_usage1)
  );

  assign sec_bytes1 = facts1.l3_bytes - (16'(facts1.sec_off) - 16'(facts1.l3_off));
  open_layer u_layer1 (
    .rsp_i(rsp1), .is_ah_i(facts1.proto == adit_reg_pkg::PROTO_AH), .is_natt_i(facts1.is_natt), .ah_bytes_i(facts1.ah_bytes),
    .bytes_i(sec_bytes1), .reason_o(layer1_reason)
  );

  always_comb begin
    reason1    = reason1_in;
    face1      = face1_in;
    is_clear1  = is_clear1_in;
    opens1     = 1'b0;
    has_sa1    = 1'b0;
    is_bundle1 = 1'b0;
    if (wants_sa1) begin
      has_sa1 = rsp1.hit;
      face1   = FACE_NONE;
      reason1 = adit_reg_pkg::REASON_NONE;
      if (!rsp1.hit) begin
        is_clear1 = !facts1.told && !facts1.local_dst;  // transit
        if (!is_clear1) reason1 = adit_reg_pkg::REASON_XfrmInNoStates;
      end else if (facts1.told) begin
        reason1 = facts1.told_reason != adit_reg_pkg::REASON_NONE ? facts1.told_reason :
                  rsp1.expired ? adit_reg_pkg::REASON_XfrmInStateExpired : adit_reg_pkg::REASON_NONE;
        opens1  = reason1 == adit_reg_pkg::REASON_NONE;
      end else begin
        reason1    = layer1_reason;
        opens1     = layer1_reason == adit_reg_pkg::REASON_NONE;
        is_bundle1 = opens1 && facts1.proto == adit_reg_pkg::PROTO_AH && rsp1.sa.mode == adit_reg_pkg::MODE_TRANSPORT &&
                     facts1.ah_next == adit_reg_pkg::PROTO_ESP && facts1.local_dst;
      end
    end
    if (is_clear1) begin
      face1   = facts1.local_dst || nic_i ? FACE_HOST : FACE_LAN;
      reason1 = facts1.local_dst ? adit_reg_pkg::REASON_HostLocal :
                nic_i ? adit_reg_pkg::REASON_HostNic : adit_reg_pkg::REASON_NONE;
    end
  end

  assign second.by_slot = 1'b0;
  assign second.slot    = '0;
  assign second.is_v6   = facts1.is_v6;
  assign second.proto   = adit_reg_pkg::PROTO_ESP;
  assign second.dst     = facts1.dst;
  assign second.spi     = facts1.spi2;
  assign second.seq     = facts1.seq2;
  assign known1         = one_valid && (!wants_sa1 || rsp1_valid);
  assign second_valid   = known1 && is_bundle1 && two_ready;
  assign one_take       = known1 && two_ready && (!is_bundle1 || second_ready);

  // ---- 2: the innermost layer's SA: may the packet be opened?
  adit_pkg::facts_t    facts2;
  adit_pkg::open_rsp_t outer2, inner2, rsp2;
  logic                two_valid, two_take, is_clear2, opens2_in, opens2, has_sa2, is_bundle2, three_ready, known2;
  logic                rsp2_in_valid, rsp2_in_ready, rsp2_valid, is_slow;
  logic [7:0]          reason2_in, reason2, layer2_reason;
  logic [1:0]          face2_in, face2;
  logic [15:0]         sec_bytes2, around2;

  stream_fifo #(.W(FACTS_BITS + $bits(rsp_i) + 14), .DEPTH_LOG2(WAYS_LOG2)) u_two (
    .clk_i, .rst_ni,
    .in_valid_i(one_take), .in_ready_o(two_ready),
    .in_data_i({facts1, rsp1, is_clear1, opens1, has_sa1, is_bundle1, reason1, face1}),
    .out_valid_o(two_valid), .out_ready_i(two_take),
    .out_data_o({facts2, outer2, is_clear2, opens2_in, has_sa2, is_bundle2, reason2_in, face2_in}), .usage_o(unused_usage2)
  );
  stream_fifo #(.W($bits(rsp_i)), .DEPTH_LOG2(WAYS_LOG2)) u_seconds (
    .clk_i, .rst_ni,
    .in_valid_i(rsp2_in_valid), .in_ready_o(rsp2_in_ready), .in_data_i(rsp_i),
    .out_valid_o(rsp2_valid), .out_ready_i(two_take && is_bundle2), .out_data_o(inner2), .usage_o(unused_usage3)
  );
  open_ask #(.W($bits(req_o))) u_ask (
    .clk_i, .rst_ni,
    .a_valid_i(first_valid), .a_ready_o(first_ready), .a_i(first),
    .a_answer_valid_o(rsp1_in_valid), .a_answer_ready_i(rsp1_in_ready),
    .b_valid_i(second_valid), .b_ready_o(second_ready), .b_i(second),
    .b_answer_valid_o(rsp2_in_valid), .b_answer_ready_i(rsp2_in_ready),
    .ask_valid_o(req_valid_o), .ask_ready_i(req_ready_i), .ask_o(req_o),
    .answer_valid_i(rsp_valid_i), .answer_ready_o(rsp_ready_o)
  );

  assign sec_bytes2 = facts2.l3_bytes - (16'(facts2.sec_off) - 16'(facts2.l3_off)) - 16'(facts2.ah_bytes);
  open_layer u_layer2 (
    .rsp_i(inner2), .is_ah_i(1'b0), .is_natt_i(1'b0), .ah_bytes_i('0), .bytes_i(sec_bytes2), .reason_o(layer2_reason)
  );

  always_comb begin
    reason2    = reason2_in;
    face2      = face2_in;
    opens2     = opens2_in;
    rsp2       = outer2;
    is_slow    = outer2.sa.flags[7] || (facts2.proto == adit_reg_pkg::PROTO_AH && facts2.has_ext);
    around2    = 16'hffff;   // the AH SA that the policy wants around this ESP SA (RFC 4301 §4.5)
    if (is_bundle2) begin
      if (!inner2.hit) begin
        reason2 = adit_reg_pkg::REASON_XfrmInNoStates;
        opens2  = 1'b0;
      end else begin
        rsp2       = inner2;
        around2    = outer2.slot;
        reason2    = layer2_reason;
        opens2     = layer2_reason == adit_reg_pkg::REASON_NONE;
        is_slow    = is_slow || inner2.sa.flags[7];
      end
    end
    if (opens2 && !facts2.told) begin
      if (rsp2.sa.next_slot != around2) begin   // AH alone: a bundle's AH names its ESP SA and never opens without it
        reason2 = adit_reg_pkg::REASON_XfrmInTmplMismatch;
        opens2  = 1'b0;
      end else if (is_slow && is_bundle2) begin
        reason2 = adit_reg_pkg::REASON_XfrmInStateModeError;
        opens2  = 1'b0;
      end else if (is_slow) begin
        reason2 = adit_reg_pkg::REASON_HostSlowOpen;
        face2   = FACE_HOST;
        opens2  = 1'b0;
      end
    end
  end

  // Rules stand in the outbound sense: source and destination change places; ICMP's type and code do not.
  logic is_icmp;
  assign is_icmp       = facts2.is_v6 ? facts2.proto == 8'd58 : facts2.proto == 8'd1;
  assign key_o.is_v6     = facts2.is_v6;
  assign key_o.has_ports = facts2.has_ports;
  assign key_o.no_ports  = facts2.no_ports;
  assign key_o.proto     = facts2.proto;
  assign key_o.src       = facts2.dst;
  assign key_o.dst       = facts2.src;
  assign key_o.sport     = is_icmp ? facts2.sport : facts2.dport;
  assign key_o.dport     = is_icmp ? facts2.dport : facts2.sport;
  assign known2          = two_valid && (!is_bundle2 || rsp2_valid);
  assign key_valid_o     = known2 && is_clear2 && three_ready;
  assign two_take        = known2 && three_ready && (!is_clear2 || key_ready_i);

  // ---- 3: policy of packets in clear (RFC 4301 §5.2 step 3b)
  adit_pkg::facts_t    facts3;
  adit_pkg::open_rsp_t rsp3, outer3;
  adit_pkg::sp_hit_t   hit3;
  logic                three_valid, three_take, is_clear3, opens3, has_sa3, is_bundle3, hit3_valid, sp_counts3;
  logic [7:0]          reason3_in, reason3;
  logic [1:0]          face3_in, face3;
  logic [15:0]         sp_id3;

  stream_fifo #(.W(FACTS_BITS + 2 * $bits(rsp_i) + 14), .DEPTH_LOG2(WAYS_LOG2)) u_three (
    .clk_i, .rst_ni,
    .in_valid_i(two_take), .in_ready_o(three_ready),
    .in_data_i({facts2, rsp2, outer2, is_clear2, opens2, has_sa2, is_bundle2, reason2, face2}),
    .out_valid_o(three_valid), .out_ready_i(three_take),
    .out_data_o({facts3, rsp3, outer3, is_clear3, opens3, has_sa3, is_bundle3, reason3_in, face3_in}),
    .usage_o(unused_usage4)
  );
  stream_fifo #(.W($bits(hit_i)), .DEPTH_LOG2(WAYS_LOG2)) u_hits (
    .clk_i, .rst_ni,
    .in_valid_i(hit_valid_i), .in_ready_o(hit_ready_o), .in_data_i(hit_i),
    .out_valid_o(hit3_valid), .out_ready_i(three_take && is_clear3), .out_data_o(hit3), .usage_o(unused_usage5)
  );

  always_comb begin
    reason3    = reason3_in;
    face3      = face3_in;
    sp_counts3 = 1'b0;
    sp_id3     = 16'hffff;
    if (is_clear3) begin
      sp_counts3 = hit3.hit;
      if (hit3.hit) sp_id3 = hit3.sp_id;
      if (!hit3.hit) begin
        if (!no_match_i) begin
          reason3 = adit_reg_pkg::REASON_XfrmInNoPols;
          face3   = FACE_NONE;
        end
      end else if (hit3.action == adit_reg_pkg::ACTION_DISCARD[1:0] && !hit3.ports_unknown) begin
        reason3 = adit_reg_pkg::REASON_XfrmInPolBlock;
        face3   = FACE_NONE;
      end else if (hit3.ports_unknown || hit3.action > adit_reg_pkg::ACTION_ENCRYPT[1:0] ||
                   (hit3.action == adit_reg_pkg::ACTION_ENCRYPT[1:0] && hit3.level != adit_reg_pkg::LEVEL_USE[1:0])) begin
        reason3 = adit_reg_pkg::REASON_XfrmInTmplMismatch;
        face3   = FACE_NONE;
      end
    end
  end

  assign three_take = three_valid && (!is_clear3 || hit3_valid) && (!plan_valid_o || plan_ready_i);

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
      plan_opens_o     <= opens3;
      plan_has_sa_o    <= has_sa3;
      plan_is_bundle_o <= is_bundle3;
      plan_rsp_o       <= rsp3;
      plan_outer_o     <= outer3;
    end
endmodule
