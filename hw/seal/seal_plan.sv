// SPDX-License-Identifier: BSD-2-Clause-Patent
// Works out how an outbound packet is cut, ciphered and sent: lengths, layers, and whether the card can (RFC 4303 §3.3, RFC 4302 §3.3,
// RFC 4301 §5.1.2). One packet a cycle, two late: first layers and the parts of lengths, then their sums and what hangs on those.
// seal_head then makes the headers.
//
//   tunnel      L2 | outer IP  | AH | UDP | SPI seq | IV | inner packet           | TFC | padding, its length, 4 or 41 | ICV
//   transport   L2 | IP header | AH | UDP | SPI seq | IV | the rest of the packet |     | padding, its length, proto   | ICV
//               header                              | body                                                             |
//
// With AH alone the body is the inner packet or the rest, as it is.
module seal_plan (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                in_valid_i,
  output logic                in_ready_o,
  input  adit_pkg::facts_t    in_facts_i,
  input  logic [7:0]          in_reason_i,
  input  logic [1:0]          in_face_i,
  input  logic                in_sp_counts_i,
  input  logic [15:0]         in_sp_id_i,
  input  logic                in_has_sa_i,
  input  adit_pkg::seal_rsp_t in_rsp_i,
  input  logic                in_has_next_i,  // the AH SA around it
  input  adit_pkg::seal_rsp_t in_next_i,
  output logic                out_valid_o,
  input  logic                out_ready_i,
  output path_pkg::cut_t      out_cut_o,
  output path_pkg::crypt_t    out_crypt_o,    // all but ah_prefix
  output path_pkg::leave_t    out_leave_o,    // all but ins
  output path_pkg::outer_t    out_outer_o
);
  localparam logic [1:0] FACE_HOST = adit_reg_pkg::FACE_HOST[1:0];
  localparam logic [1:0] FACE_NONE = adit_reg_pkg::FACE_NONE[1:0];
  localparam logic [7:0] PROTO_UDP = 8'd17;

  path_pkg::cut_t   cut;
  path_pkg::crypt_t crypt;
  path_pkg::leave_t leave;
  path_pkg::outer_t outer;

  // ---- first: layers
  adit_pkg::sa_t in_sa, in_ah_sa;
  logic is_tunnel_d, is_v6_d, has_esp_d, has_ah_d, has_udp_d, is_gcm_d, is_gmac_d, has_auth_d, has_first_d;
  assign in_sa       = in_rsp_i.sa;
  assign in_ah_sa    = in_has_next_i ? in_next_i.sa : in_rsp_i.sa;
  assign is_tunnel_d = in_sa.mode == adit_reg_pkg::MODE_TUNNEL;
  assign is_v6_d     = is_tunnel_d ? in_sa.flags[1] : in_facts_i.is_v6;
  assign has_esp_d   = in_sa.proto == adit_reg_pkg::PROTO_ESP;
  assign has_ah_d    = in_has_next_i || in_sa.proto == adit_reg_pkg::PROTO_AH;
  assign has_udp_d   = has_esp_d && in_sa.flags[2] && !in_has_next_i;
  assign is_gcm_d    = in_sa.enc >= adit_reg_pkg::ENC_AES_GCM_128 && in_sa.enc <= adit_reg_pkg::ENC_AES_GCM_256;
  assign is_gmac_d   = in_sa.auth >= adit_reg_pkg::AUTH_AES_GMAC_128 && in_sa.auth <= adit_reg_pkg::AUTH_AES_GMAC_256;
  assign has_auth_d  = is_gcm_d || in_sa.auth != adit_reg_pkg::AUTH_NULL;
  assign has_first_d = has_esp_d && (in_sa.enc != adit_reg_pkg::ENC_NULL || is_gmac_d);

  // ---- what the cipher wants: its block, and where the IV begins in the first 16 bytes
  logic [3:0] block_mask;  // block - 1
  logic [4:0] wire_off_d;
  always_comb begin
    block_mask = 4'd15;
    wire_off_d = 5'd0;
    case (in_sa.enc)
      adit_reg_pkg::ENC_AES_CTR_128, adit_reg_pkg::ENC_AES_CTR_192, adit_reg_pkg::ENC_AES_CTR_256,
      adit_reg_pkg::ENC_AES_GCM_128, adit_reg_pkg::ENC_AES_GCM_192, adit_reg_pkg::ENC_AES_GCM_256: begin
        block_mask = 4'd3;
        wire_off_d = 5'd8;
      end
      adit_reg_pkg::ENC_DES_CBC, adit_reg_pkg::ENC_DES3_CBC, adit_reg_pkg::ENC_BLOWFISH_CBC: begin
        block_mask = 4'd7;
        wire_off_d = 5'd8;
      end
      adit_reg_pkg::ENC_NULL: begin
        block_mask = 4'd3;
        wire_off_d = is_gmac_d ? 5'd8 : 5'd0;
      end
      default: ;
    endcase
  end

  // ---- lengths, 18 bits: a TFC length may be anything. First text, and what stands around it; then their sums.
  logic [6:0]  off_d, in_l3_head_bytes;
  logic [5:0]  icv_bytes_d, ah_icv_bytes_d, ah_bytes_d;
  logic [15:0] payload_bytes_d, fill_bytes_d;
  logic [17:0] plain_bytes, text_bytes, base_bytes_d;   // base: text, or with AH alone the payload
  logic [3:0]  pad_bytes_d;
  logic [4:0]  block_more;
  logic [7:0]  head_bytes;
  logic [6:0]  outer_bytes_d, ins_bytes_d;
  logic [8:0]  ip_more_d, udp_more_d;                   // what the IP packet, and UDP, have besides the text

  always_comb begin
    in_l3_head_bytes = in_facts_i.l4_off - in_facts_i.l3_off;
    off_d           = is_tunnel_d ? in_facts_i.l3_off : in_facts_i.l4_off;
    payload_bytes_d = is_tunnel_d ? in_facts_i.l3_bytes : in_facts_i.l3_bytes - 16'(in_l3_head_bytes);
    // RFC 4303 §2.7: the inner packet's own length tells where it ends, so zeros may follow it
    fill_bytes_d    = has_esp_d && is_tunnel_d && in_facts_i.l3_bytes < in_sa.tfc_bytes ? in_sa.tfc_bytes - in_facts_i.l3_bytes : '0;
    icv_bytes_d     = has_esp_d && has_auth_d ? in_sa.icv_bytes[5:0] : '0;
    // RFC 4303 §2.4: payload, padding and two bytes of trailer fill whole blocks, or whole words of 4.
    block_more      = {1'b0, block_mask} + 5'd2;
    plain_bytes     = 18'(payload_bytes_d) + 18'(fill_bytes_d);
    text_bytes      = (plain_bytes + 18'(block_more)) & {14'h3fff, ~block_mask};
    pad_bytes_d     = text_bytes[3:0] - plain_bytes[3:0] - 4'd2;
    base_bytes_d    = has_esp_d ? text_bytes : 18'(payload_bytes_d);
    // RFC 4302 §2.2, §3.3.3.2.1: whole words of 4, with IPv6 of 8
    ah_icv_bytes_d  = in_ah_sa.icv_bytes[5:0];
    ah_bytes_d      = is_v6_d ? (ah_icv_bytes_d + 6'd19) & 6'h38 : (ah_icv_bytes_d + 6'd15) & 6'h3c;
    outer_bytes_d   = !is_tunnel_d ? 7'd0 : is_v6_d ? 7'd40 : 7'd20;
    ins_bytes_d     = outer_bytes_d + (has_ah_d ? 7'(ah_bytes_d) : 7'd0) + (has_udp_d ? 7'd8 : 7'd0) + (has_esp_d ? 7'd8 : 7'd0);
    head_bytes      = 8'(off_d) + 8'(ins_bytes_d);
    ip_more_d       = (is_tunnel_d ? 9'd0 : 9'(in_l3_head_bytes)) + 9'(ins_bytes_d) + 9'(icv_bytes_d) +
                      (!has_esp_d ? 9'd0 : (has_first_d ? 9'd16 : 9'd0) - 9'(wire_off_d));
    udp_more_d      = 9'd16 + 9'(icv_bytes_d) + (has_first_d ? 9'd16 : 9'd0) - 9'(wire_off_d);
  end

  // ---- can it be done, and here?
  logic is_known, is_known_next, fits_mode_d, is_slow_d;
  always_comb begin
    is_known = in_sa.mode <= adit_reg_pkg::MODE_TUNNEL && (has_esp_d || in_sa.proto == adit_reg_pkg::PROTO_AH) &&
               (has_esp_d || !in_has_next_i);
    if (!in_sa.flags[7]) begin
      if (has_esp_d && (in_sa.enc > adit_reg_pkg::ENC_DES3_CBC || in_sa.auth > adit_reg_pkg::AUTH_AES_GMAC_256 ||
                        (is_gcm_d && in_sa.auth != adit_reg_pkg::AUTH_NULL) || (is_gmac_d && in_sa.enc != adit_reg_pkg::ENC_NULL)))
        is_known = 1'b0;
      if (!has_esp_d && (in_sa.auth == adit_reg_pkg::AUTH_NULL || in_sa.auth > adit_reg_pkg::AUTH_HMAC_SHA512_256))
        is_known = 1'b0;
    end
    is_known_next = !in_has_next_i || in_next_i.sa.flags[7] ||
                    (in_next_i.sa.auth != adit_reg_pkg::AUTH_NULL && in_next_i.sa.auth <= adit_reg_pkg::AUTH_HMAC_SHA512_256);
    fits_mode_d = is_tunnel_d || (in_facts_i.src == in_sa.src && in_facts_i.dst == in_sa.dst && in_facts_i.is_v6 == in_sa.flags[1] &&
                                  !in_facts_i.is_frag);
    is_slow_d = in_sa.flags[7] || (in_has_next_i && in_next_i.sa.flags[7]) || (has_udp_d && in_sa.flags[1]) ||
                (!is_tunnel_d && in_facts_i.has_ext && (in_facts_i.is_v6 || has_ah_d)) || head_bytes > 8'(path_pkg::HEAD_BYTES);
  end

  // ---- between the two
  logic                mid_valid_q, mid_ready;
  adit_pkg::facts_t    facts;
  adit_pkg::seal_rsp_t rsp, next;
  adit_pkg::sa_t       sa, ah_sa;
  logic [7:0]          in_reason;
  logic [1:0]          face;
  logic [15:0]         sp_id, payload_bytes, fill_bytes;
  logic [17:0]         base_bytes;
  logic [8:0]          ip_more, udp_more;
  logic [6:0]          off, outer_bytes, ins_bytes;
  logic [5:0]          icv_bytes, ah_icv_bytes, ah_bytes;
  logic [4:0]          wire_off;
  logic [3:0]          pad_bytes;
  logic                sp_counts, has_sa, has_next, is_tunnel, is_v6, has_esp, has_ah, has_udp, is_gcm, is_gmac, has_auth, has_first;
  logic                can, fits_mode, is_slow;
  assign in_ready_o = !mid_valid_q || mid_ready;
  assign sa         = rsp.sa;
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni)         mid_valid_q <= 1'b0;
    else if (in_ready_o) mid_valid_q <= in_valid_i;
  always_ff @(posedge clk_i)
    if (in_valid_i && in_ready_o) begin
      facts     <= in_facts_i;
      in_reason <= in_reason_i;
      face      <= in_face_i;
      sp_counts <= in_sp_counts_i;
      sp_id     <= in_sp_id_i;
      has_sa    <= in_has_sa_i;
      has_next  <= in_has_next_i;
      if (in_has_sa_i) begin
        rsp   <= in_rsp_i;
        ah_sa <= in_ah_sa;
        if (in_has_next_i) next <= in_next_i;
        {is_tunnel, is_v6, has_esp, has_ah, has_udp, is_gcm, is_gmac, has_auth, has_first} <=
          {is_tunnel_d, is_v6_d, has_esp_d, has_ah_d, has_udp_d, is_gcm_d, is_gmac_d, has_auth_d, has_first_d};
        {base_bytes, payload_bytes, fill_bytes, pad_bytes} <= {base_bytes_d, payload_bytes_d, fill_bytes_d, pad_bytes_d};
        {ip_more, udp_more, off, outer_bytes, ins_bytes}   <= {ip_more_d, udp_more_d, off_d, outer_bytes_d, ins_bytes_d};
        {icv_bytes, ah_icv_bytes, ah_bytes, wire_off}      <= {icv_bytes_d, ah_icv_bytes_d, ah_bytes_d, wire_off_d};
        {can, fits_mode, is_slow} <= {is_known && is_known_next, fits_mode_d, is_slow_d};
      end
    end

  // ---- then: sums
  logic [6:0]  l3_head_bytes;
  logic [17:0] body_bytes, ip_bytes, frame_bytes;
  logic [63:0] ah_seq;
  logic        seals, host_seals, df;
  logic [7:0]  reason, tos;
  always_comb begin
    l3_head_bytes = facts.l4_off - facts.l3_off;
    body_bytes    = base_bytes + (has_first ? 18'd16 : 18'd0);
    ip_bytes      = base_bytes + 18'(ip_more);
    frame_bytes   = base_bytes + 18'(9'(ip_more + 9'(facts.l3_off)));
    ah_seq        = has_next ? next.seq : rsp.seq;

    reason = in_reason;
    if (has_sa && in_reason == adit_reg_pkg::REASON_NONE) begin
      if (!can)
        reason = adit_reg_pkg::REASON_XfrmOutStateProtoError;
      else if (!fits_mode)
        reason = adit_reg_pkg::REASON_XfrmOutStateModeError;
      else if (frame_bytes > 18'(adit_pkg::MAX_FRAME_BYTES))
        reason = adit_reg_pkg::REASON_OutTooBig;
      else if (is_slow || (sa.path_mtu != '0 && ip_bytes > 18'(sa.path_mtu)))
        reason = has_next ? adit_reg_pkg::REASON_XfrmOutStateModeError : adit_reg_pkg::REASON_HostSlowSeal;
    end
    seals      = has_sa && reason == adit_reg_pkg::REASON_NONE;
    host_seals = has_sa && reason == adit_reg_pkg::REASON_HostSlowSeal;

    // RFC 4301 §5.1.2.1, §5.1.2.2: flags 3 set DSCP, 4 clear DF, 5 set DF, 6 do not copy ECN
    tos = facts.tos;
    if (sa.flags[3]) tos[7:2] = sa.dscp[5:0];
    if (sa.flags[6]) tos[1:0] = 2'b00;
    df = ((facts.df || facts.is_v6) && !sa.flags[4]) || sa.flags[5];
  end

  // ---- hash kinds
  logic [2:0] hmac_kind, ah_kind;
  always_comb begin
    case (sa.auth)
      adit_reg_pkg::AUTH_HMAC_MD5_96:     hmac_kind = adit_pkg::HASH_MD5;
      adit_reg_pkg::AUTH_HMAC_SHA1_96:    hmac_kind = adit_pkg::HASH_SHA1;
      adit_reg_pkg::AUTH_HMAC_SHA256_128: hmac_kind = adit_pkg::HASH_SHA256;
      adit_reg_pkg::AUTH_HMAC_SHA384_192: hmac_kind = adit_pkg::HASH_SHA384;
      default:                            hmac_kind = adit_pkg::HASH_SHA512;
    endcase
    case (ah_sa.auth)
      adit_reg_pkg::AUTH_HMAC_MD5_96:     ah_kind = adit_pkg::HASH_MD5;
      adit_reg_pkg::AUTH_HMAC_SHA1_96:    ah_kind = adit_pkg::HASH_SHA1;
      adit_reg_pkg::AUTH_HMAC_SHA256_128: ah_kind = adit_pkg::HASH_SHA256;
      adit_reg_pkg::AUTH_HMAC_SHA384_192: ah_kind = adit_pkg::HASH_SHA384;
      default:                            ah_kind = adit_pkg::HASH_SHA512;
    endcase
  end

  always_comb begin
    cut   = '0;
    crypt = '0;
    leave = '0;
    outer = '0;

    leave.reason      = reason;
    leave.face_in     = facts.face;
    leave.face_out    = face;
    leave.frame_no    = facts.frame_no;
    leave.frame_bytes = facts.frame_bytes;
    leave.sa_slot     = has_sa ? rsp.slot : 16'hffff;
    leave.sp_id       = sp_id;
    leave.sp_counts   = sp_counts;
    leave.l3_off      = facts.l3_off;
    leave.l3_head_bytes = l3_head_bytes[5:0];

    if (seals) begin
      cut.has_body    = 1'b1;
      cut.has_nonce   = has_first;
      cut.nonce       = rsp.seq;
      cut.off         = off;
      cut.n_bytes     = payload_bytes;
      cut.has_trailer = has_esp;
      cut.fill_bytes  = fill_bytes;
      cut.pad_bytes   = pad_bytes;
      cut.next_header = !is_tunnel ? facts.proto : facts.is_v6 ? 8'd41 : 8'd4;
      cut.total_bytes = body_bytes[15:0];

      crypt.is_copy   = !has_first;
      crypt.enc       = is_gmac ? (adit_reg_pkg::ENC_AES_GCM_128 + sa.auth - adit_reg_pkg::AUTH_AES_GMAC_128) | adit_pkg::ENC_GMAC_FLAG
                                : sa.enc;
      crypt.n_bytes   = body_bytes[15:0];
      crypt.has_esp   = has_esp;
      crypt.esp_slot  = rsp.slot;
      crypt.has_auth  = has_esp && has_auth;
      crypt.auth_kind = is_gcm ? adit_pkg::HASH_GCM : is_gmac ? adit_pkg::HASH_GMAC : hmac_kind;
      crypt.spi       = sa.spi;
      crypt.seq       = rsp.seq;
      crypt.esn       = sa.flags[0];
      crypt.hash_off  = is_gcm ? 5'd16 : has_esp ? wire_off : 5'd0;
      crypt.wire_off  = has_esp ? wire_off : 5'd0;
      crypt.icv_bytes = icv_bytes;
      crypt.has_ah    = has_ah;
      crypt.ah_slot   = has_next ? next.slot : rsp.slot;
      crypt.ah_kind   = ah_kind;
      crypt.ah_esn    = ah_sa.flags[0];
      crypt.ah_seq_hi = ah_seq[63:32];
      crypt.ah_icv_bytes    = ah_icv_bytes;
      crypt.ah_prefix_bytes = (is_v6 ? 7'd40 : 7'd20) + 7'(ah_bytes) + (has_esp ? 7'd8 : 7'd0);

      leave.sp_kind      = 2'd2;
      leave.keep         = off;
      leave.edit         = !is_tunnel;
      leave.edit_v6      = facts.is_v6;
      leave.edit_bytes   = facts.is_v6 ? ip_bytes[15:0] - 16'd40 : ip_bytes[15:0];
      leave.edit_proto   = has_ah ? adit_reg_pkg::PROTO_AH : has_udp ? PROTO_UDP : adit_reg_pkg::PROTO_ESP;
      leave.nh_off       = facts.nh_off;
      leave.set_type     = is_tunnel;
      leave.type_v6      = is_v6;
      leave.ins_bytes    = ins_bytes;
      leave.ah_at        = outer_bytes + 7'd12;
      leave.ah_icv_bytes = has_ah ? ah_icv_bytes : '0;
      leave.body_off     = 7'(crypt.wire_off);
      leave.body_bytes   = body_bytes[15:0] - 16'(crypt.wire_off);
      leave.icv_bytes    = icv_bytes;

      outer.is_tunnel  = is_tunnel;
      outer.v6         = is_v6;
      outer.proto      = leave.edit_proto;
      outer.ip_bytes   = ip_bytes[15:0];
      outer.tos        = tos;
      outer.df         = df;
      outer.ttl        = sa.ttl;
      outer.ip_id      = is_tunnel ? rsp.seq[15:0] : facts.ip_id;
      outer.flow_label = sa.flow_label[19:0];
      outer.src        = sa.src;
      outer.dst        = sa.dst;
      outer.has_udp    = has_udp;
      outer.sport      = sa.natt_sport;
      outer.dport      = sa.natt_dport;
      outer.udp_bytes  = base_bytes[15:0] + 16'(udp_more);
      outer.has_ah     = has_ah;
      outer.ah_next    = has_esp ? adit_reg_pkg::PROTO_ESP : cut.next_header;
      outer.ah_bytes   = ah_bytes;
      outer.ah_spi     = ah_sa.spi;
      outer.ah_seq     = ah_seq[31:0];
      outer.has_esp    = has_esp;
      outer.spi        = sa.spi;
      outer.seq        = rsp.seq[31:0];
    end else if (face == FACE_NONE || (has_sa && !host_seals && face != FACE_HOST)) begin
      leave.face_out = FACE_NONE;    // asked for protection and did not get it: dropped
      leave.sp_kind  = 2'd1;
    end else begin                   // goes by unchanged: in clear, or to the host
      if (host_seals) begin
        leave.face_out = FACE_HOST;
        leave.seq      = rsp.seq;
      end
      cut.has_body     = 1'b1;
      cut.n_bytes      = facts.frame_bytes;
      cut.total_bytes  = facts.frame_bytes;
      crypt.is_copy    = 1'b1;
      crypt.n_bytes    = facts.frame_bytes;
      leave.sp_kind    = host_seals ? 2'd2 : has_sa ? 2'd1 : 2'd0;
      leave.body_bytes = facts.frame_bytes;
    end
  end

  assign mid_ready = !out_valid_o || out_ready_i;
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni)        out_valid_o <= 1'b0;
    else if (mid_ready) out_valid_o <= mid_valid_q;
  always_ff @(posedge clk_i)
    if (mid_valid_q && mid_ready) begin
      out_cut_o   <= cut;
      out_crypt_o <= crypt;
      out_leave_o <= leave;
      out_outer_o <= outer;
    end
endmodule
