// SPDX-License-Identifier: BSD-2-Clause-Patent
// Works out how an inbound packet is cut and opened (RFC 4303 §3.4.4, RFC 4302 §3.4.4). One packet a cycle, one late.
//
//   ESP     L2 | IP header | UDP | SPI seq | IV | text: payload, padding, its length, next header | ICV | Ethernet padding
//   AH      L2 | IP header | AH, ICV | text: payload
//   bundle  L2 | IP header | AH, ICV | SPI seq | IV | text | ICV
//              keep (transport)                | body              |
//
// A packet with an SA has no way out yet (FACE_NONE): only open_check gives it one.
module open_plan (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                in_valid_i,
  output logic                in_ready_o,
  input  adit_pkg::facts_t    in_facts_i,
  input  logic [7:0]          in_reason_i,
  input  logic [1:0]          in_face_i,
  input  logic                in_sp_counts_i,
  input  logic [15:0]         in_sp_id_i,
  input  logic                in_opens_i,
  input  logic                in_has_sa_i,
  input  logic                in_is_bundle_i,
  input  adit_pkg::open_rsp_t in_rsp_i,
  input  adit_pkg::open_rsp_t in_outer_i,
  output logic                out_valid_o,
  input  logic                out_ready_i,
  output path_pkg::cut_t      out_cut_o,
  output path_pkg::crypt_t    out_crypt_o,
  output path_pkg::check_t    out_check_o,
  output path_pkg::leave_t    out_leave_o
);
  localparam logic [1:0] FACE_NONE = adit_reg_pkg::FACE_NONE[1:0];

  path_pkg::cut_t   cut;
  path_pkg::crypt_t crypt;
  path_pkg::check_t check;
  path_pkg::leave_t leave;
  adit_pkg::sp_key_t key;   // of a packet that the host has opened, in the outbound sense

  // ---- layers
  logic        has_ah, has_esp, is_tunnel, is_icmp;
  logic [4:0]  iv_bytes, hash_off, unused_block, unused_ah_iv, unused_ah_block, unused_ah_off;
  logic        has_gap, is_copy, has_auth, unused_ah_gap, unused_ah_copy, unused_ah_auth;
  logic [7:0]  job_enc, unused_ah_enc;
  logic [2:0]  kind, ah_kind;
  logic [5:0]  icv_bytes;
  logic [6:0]  text_at;       // in the frame: where the body begins, IV included
  logic [15:0] body_bytes;    // from there to the end of the IP packet, without the ICV

  assign has_ah  = in_facts_i.proto == adit_reg_pkg::PROTO_AH && !in_facts_i.told;
  assign has_esp = !has_ah || in_is_bundle_i;

  open_layout u_layout (
    .enc_i(in_rsp_i.sa.enc), .auth_i(in_rsp_i.sa.auth), .iv_bytes_o(iv_bytes), .block_bytes_o(unused_block),
    .has_gap_o(has_gap), .is_copy_o(is_copy), .job_enc_o(job_enc), .has_auth_o(has_auth), .kind_o(kind), .hash_off_o(hash_off)
  );
  open_layout u_ah_layout (
    .enc_i(adit_reg_pkg::ENC_NULL), .auth_i(in_outer_i.sa.auth), .iv_bytes_o(unused_ah_iv), .block_bytes_o(unused_ah_block),
    .has_gap_o(unused_ah_gap), .is_copy_o(unused_ah_copy), .job_enc_o(unused_ah_enc), .has_auth_o(unused_ah_auth),
    .kind_o(ah_kind), .hash_off_o(unused_ah_off)
  );

  // ---- what an AH hash covers before the body: the IP header with its mutable fields zero, AH without ICV, a bundle's ESP header
  // (RFC 4302 §3.3.3.1.1.1, §3.3.3.1.2). First byte in the lowest bits; AH's reserved bytes come from the frame, in open_jobs.
  logic [319:0] ip;
  logic [95:0]  ah;
  logic [63:0]  esp;
  logic [15:0]  v6_bytes;
  logic [6:0]   ip_bytes, prefix_bytes;
  logic [767:0] prefix;
  always_comb begin
    ip           = '0;
    ah           = '0;
    esp          = '0;
    v6_bytes     = in_facts_i.l3_bytes - 16'd40;
    ip_bytes     = in_facts_i.is_v6 ? 7'd40 : 7'd20;
    prefix       = '0;
    prefix_bytes = '0;
    if (in_opens_i && has_ah) begin
      if (in_facts_i.is_v6) begin
        ip[7:0]   = 8'h60;
        ip[47:32] = {v6_bytes[7:0], v6_bytes[15:8]};
        ip[55:48] = adit_reg_pkg::PROTO_AH;
        for (int i = 0; i < 16; i++) begin
          ip[64 + 8*i +: 8]  = in_facts_i.src[120 - 8*i +: 8];
          ip[192 + 8*i +: 8] = in_facts_i.dst[120 - 8*i +: 8];
        end
      end else begin
        ip[7:0]   = 8'h45;
        ip[31:16] = {in_facts_i.l3_bytes[7:0], in_facts_i.l3_bytes[15:8]};
        ip[47:32] = {in_facts_i.ip_id[7:0], in_facts_i.ip_id[15:8]};
        ip[79:72] = adit_reg_pkg::PROTO_AH;
        for (int i = 0; i < 4; i++) begin
          ip[96 + 8*i +: 8]  = in_facts_i.src[24 - 8*i +: 8];
          ip[128 + 8*i +: 8] = in_facts_i.dst[24 - 8*i +: 8];
        end
      end
      ah[7:0]  = in_facts_i.ah_next;
      ah[15:8] = 8'(in_facts_i.ah_bytes[5:2]) - 8'd2;
      for (int i = 0; i < 4; i++) begin
        ah[32 + 8*i +: 8]  = in_facts_i.spi[24 - 8*i +: 8];
        ah[64 + 8*i +: 8]  = in_facts_i.seq[24 - 8*i +: 8];
        esp[8*i +: 8]      = in_facts_i.spi2[24 - 8*i +: 8];
        esp[32 + 8*i +: 8] = in_facts_i.seq2[24 - 8*i +: 8];
      end
      prefix       = 768'(ip) | (in_facts_i.is_v6 ? {352'b0, ah, 320'b0} : {512'b0, ah, 160'b0});
      prefix_bytes = ip_bytes + 7'(in_facts_i.ah_bytes);
      if (in_is_bundle_i) begin
        prefix       = prefix | (768'(esp) << {prefix_bytes, 3'b0});
        prefix_bytes = prefix_bytes + 7'd8;
      end
    end
  end

  assign is_icmp       = in_facts_i.is_v6 ? in_facts_i.proto == 8'd58 : in_facts_i.proto == 8'd1;
  assign key.is_v6     = in_facts_i.is_v6;
  assign key.has_ports = in_facts_i.has_ports;
  assign key.no_ports  = in_facts_i.no_ports;
  assign key.proto     = in_facts_i.proto;
  assign key.src       = in_facts_i.dst;
  assign key.dst       = in_facts_i.src;
  assign key.sport     = is_icmp ? in_facts_i.sport : in_facts_i.dport;
  assign key.dport     = is_icmp ? in_facts_i.dport : in_facts_i.sport;

  // ---- the four records
  always_comb begin
    is_tunnel  = in_rsp_i.sa.mode == adit_reg_pkg::MODE_TUNNEL;
    icv_bytes  = has_esp && has_auth ? in_rsp_i.sa.icv_bytes[5:0] : '0;
    text_at    = in_facts_i.sec_off + 7'(in_facts_i.ah_bytes) + (has_esp ? 7'd8 : 7'd0);
    body_bytes = in_facts_i.l3_bytes - (16'(text_at) - 16'(in_facts_i.l3_off)) - 16'(icv_bytes);

    cut   = '0;
    crypt = '0;
    check = '0;
    leave = '0;

    leave.reason      = in_reason_i;
    leave.face_in     = in_facts_i.face;
    leave.face_out    = in_face_i;
    leave.frame_no    = in_facts_i.frame_no;
    leave.frame_bytes = in_facts_i.frame_bytes;
    leave.sa_slot     = in_has_sa_i ? in_rsp_i.slot : 16'hffff;
    leave.count_slot  = in_rsp_i.slot;
    leave.sp_id       = in_sp_id_i;
    leave.sp_counts   = in_sp_counts_i;
    leave.sp_kind     = in_face_i == FACE_NONE ? 2'd1 : 2'd0;
    leave.l3_off      = in_facts_i.l3_off;

    if (in_opens_i && !in_facts_i.told) begin
      leave.face_out  = FACE_NONE;
      cut.has_body    = 1'b1;
      cut.has_gap     = has_esp && has_gap;
      cut.off         = text_at;
      cut.n_bytes     = body_bytes + 16'(icv_bytes);
      cut.icv_bytes   = icv_bytes;
      cut.total_bytes = body_bytes + 16'(icv_bytes) + (cut.has_gap ? 16'd8 : 16'd0);
      if (cut.total_bytes == '0) cut.total_bytes = 16'd4;  // AH around nothing: form still goes as far as where a body would begin

      crypt.is_copy   = !has_esp || is_copy;
      crypt.enc       = has_esp ? job_enc : adit_reg_pkg::ENC_NULL;
      crypt.n_bytes   = body_bytes + (cut.has_gap ? 16'd8 : 16'd0);
      crypt.has_esp   = has_esp;
      crypt.esp_slot  = in_rsp_i.slot;
      crypt.has_auth  = has_esp && has_auth;
      crypt.auth_kind = kind;
      crypt.spi       = in_is_bundle_i ? in_facts_i.spi2 : in_facts_i.spi;
      crypt.seq       = in_rsp_i.seq;
      crypt.esn       = in_rsp_i.sa.flags[0];
      crypt.hash_off  = hash_off;
      crypt.wire_off  = cut.has_gap ? 5'd8 : 5'd0;
      crypt.icv_bytes = icv_bytes;
      crypt.has_ah    = has_ah;
      crypt.ah_slot   = in_outer_i.slot;
      crypt.ah_kind   = ah_kind;
      crypt.ah_prefix = prefix;
      crypt.ah_prefix_bytes = prefix_bytes;
      crypt.ah_esn    = in_outer_i.sa.flags[0];
      crypt.ah_seq_hi = in_outer_i.seq[63:32];
      crypt.ah_icv_bytes = in_outer_i.sa.icv_bytes[5:0];

      check.is_ipsec  = 1'b1;
      check.is_tunnel = is_tunnel;
      check.has_esp   = has_esp;
      check.text_off  = !has_esp || is_copy ? 5'd0 : 5'd16;
      check.n_bytes   = has_esp ? body_bytes - 16'(iv_bytes) : body_bytes;
      check.ah_next   = in_facts_i.ah_next;
      check.seq       = in_rsp_i.seq;
      check.has_ah    = in_is_bundle_i;
      check.ah_slot   = in_outer_i.slot;
      check.ah_seq    = in_outer_i.seq;
      check.ecn       = in_facts_i.tos[1:0];
      check.is_v6     = in_facts_i.is_v6;
      check.src       = in_facts_i.src;
      check.dst       = in_facts_i.dst;

      leave.keep      = is_tunnel ? in_facts_i.l3_off : in_facts_i.l4_off;
      leave.edit      = !is_tunnel;
      leave.edit_v6   = in_facts_i.is_v6;
      leave.nh_off    = in_facts_i.nh_off;
      leave.l3_head_bytes = in_facts_i.is_v6 ? '0 : 6'(in_facts_i.l4_off - in_facts_i.l3_off);
      leave.body_off  = 7'(check.text_off);
    end else begin
      if (in_opens_i) begin  // the host has opened it
        leave.face_out  = FACE_NONE;
        check.is_ipsec  = 1'b1;
        check.is_opened = 1'b1;
        check.seq       = in_facts_i.told_seq;
        check.key       = key;
        check.is_local  = in_facts_i.local_dst;
        check.ip_bytes  = in_facts_i.l3_bytes;
      end else if (in_has_sa_i && in_face_i == FACE_NONE) begin
        leave.sa_replayed = !in_facts_i.told && in_reason_i == adit_reg_pkg::REASON_XfrmInStateSeqError;
        leave.sa_bad_icv  = in_facts_i.told && in_reason_i == adit_reg_pkg::REASON_XfrmInStateProtoError;
        leave.sa_counts   = leave.sa_replayed || leave.sa_bad_icv;
      end
      if (in_opens_i || in_face_i != FACE_NONE) begin  // copied whole
        cut.has_body     = 1'b1;
        cut.n_bytes      = in_facts_i.frame_bytes;
        cut.total_bytes  = in_facts_i.frame_bytes;
        crypt.is_copy    = 1'b1;
        crypt.n_bytes    = in_facts_i.frame_bytes;
        leave.body_bytes = in_facts_i.frame_bytes;
      end
      if (in_reason_i == adit_reg_pkg::REASON_HostSlowOpen) leave.seq = in_rsp_i.seq;
    end
    check.reqid = in_rsp_i.sa.reqid;
    check.slot  = in_rsp_i.slot;
  end

  assign in_ready_o = !out_valid_o || out_ready_i;
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni)         out_valid_o <= 1'b0;
    else if (in_ready_o) out_valid_o <= in_valid_i;
  always_ff @(posedge clk_i)
    if (in_valid_i && in_ready_o) begin
      out_cut_o   <= cut;
      out_crypt_o <= crypt;
      out_check_o <= check;
      out_leave_o <= leave;
    end
endmodule
