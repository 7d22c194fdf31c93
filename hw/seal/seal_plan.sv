// SPDX-License-Identifier: BSD-2-Clause-Patent
// Works out how an outbound packet is cut, ciphered and sent: lengths, layers, and whether the card can (RFC 4303 §3.3, RFC 4302 §3.3,
// RFC 4301 §5.1.2). One packet a cycle, one late. seal_head then makes the headers.
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
  adit_pkg::sa_t    sa, ah_sa;
  logic [63:0]      ah_seq;

  // ---- layers
  logic is_tunnel, is_v6, has_esp, has_ah, has_udp, is_gcm, is_gmac, has_auth, has_first;
  assign sa        = in_rsp_i.sa;
  assign ah_sa     = in_has_next_i ? in_next_i.sa : in_rsp_i.sa;
  assign ah_seq    = in_has_next_i ? in_next_i.seq : in_rsp_i.seq;
  assign is_tunnel = sa.mode == adit_reg_pkg::MODE_TUNNEL;
  assign is_v6     = is_tunnel ? sa.flags[1] : in_facts_i.is_v6;
  assign has_esp   = sa.proto == adit_reg_pkg::PROTO_ESP;
  assign has_ah    = in_has_next_i || sa.proto == adit_reg_pkg::PROTO_AH;
  assign has_udp   = has_esp && sa.flags[2] && !in_has_next_i;
  assign is_gcm    = sa.enc >= adit_reg_pkg::ENC_AES_GCM_128 && sa.enc <= adit_reg_pkg::ENC_AES_GCM_256;
  assign is_gmac   = sa.auth >= adit_reg_pkg::AUTH_AES_GMAC_128 && sa.auth <= adit_reg_pkg::AUTH_AES_GMAC_256;
  assign has_auth  = is_gcm || sa.auth != adit_reg_pkg::AUTH_NULL;
  assign has_first = has_esp && (sa.enc != adit_reg_pkg::ENC_NULL || is_gmac);

  // ---- what the cipher wants: its block, and where the IV begins in the first 16 bytes
  logic [3:0] block_mask;  // block - 1
  logic [4:0] wire_off;
  always_comb begin
    block_mask = 4'd15;
    wire_off   = 5'd0;
    case (sa.enc)
      adit_reg_pkg::ENC_AES_CTR_128, adit_reg_pkg::ENC_AES_CTR_192, adit_reg_pkg::ENC_AES_CTR_256,
      adit_reg_pkg::ENC_AES_GCM_128, adit_reg_pkg::ENC_AES_GCM_192, adit_reg_pkg::ENC_AES_GCM_256: begin
        block_mask = 4'd3;
        wire_off   = 5'd8;
      end
      adit_reg_pkg::ENC_DES_CBC, adit_reg_pkg::ENC_DES3_CBC, adit_reg_pkg::ENC_BLOWFISH_CBC: begin
        block_mask = 4'd7;
        wire_off   = 5'd8;
      end
      adit_reg_pkg::ENC_NULL: begin
        block_mask = 4'd3;
        wire_off   = is_gmac ? 5'd8 : 5'd0;
      end
      default: ;
    endcase
  end

  // ---- lengths. 18 bits: a TFC length may be anything.
  logic [6:0]  off, l3_head_bytes;
  logic [5:0]  icv_bytes, ah_icv_bytes, ah_bytes;
  logic [15:0] payload_bytes, fill_bytes;
  logic [17:0] plain_bytes, text_bytes, body_bytes, esp_bytes, ip_bytes, frame_bytes;
  logic [7:0]  head_bytes;
  logic [6:0]  outer_bytes, ins_bytes;
  logic [3:0]  pad_bytes;

  always_comb begin
    l3_head_bytes = in_facts_i.l4_off - in_facts_i.l3_off;
    off           = is_tunnel ? in_facts_i.l3_off : in_facts_i.l4_off;
    payload_bytes = is_tunnel ? in_facts_i.l3_bytes : in_facts_i.l3_bytes - 16'(l3_head_bytes);
    // RFC 4303 §2.7: the inner packet's own length tells where it ends, so zeros may follow it
    fill_bytes    = has_esp && is_tunnel && in_facts_i.l3_bytes < sa.tfc_bytes ? sa.tfc_bytes - in_facts_i.l3_bytes : '0;
    icv_bytes     = has_esp && has_auth ? sa.icv_bytes[5:0] : '0;
    // RFC 4303 §2.4: payload, padding and two bytes of trailer fill whole blocks, or whole words of 4.
    plain_bytes   = 18'(payload_bytes) + 18'(fill_bytes);
    text_bytes    = (plain_bytes + 18'd2 + 18'(block_mask)) & ~(18'(block_mask));
    pad_bytes     = text_bytes[3:0] - plain_bytes[3:0] - 4'd2;
    body_bytes    = has_esp ? text_bytes + (has_first ? 18'd16 : 18'd0) : 18'(payload_bytes);
    esp_bytes     = 18'd8 + body_bytes - 18'(wire_off) + 18'(icv_bytes);
    // RFC 4302 §2.2, §3.3.3.2.1: whole words of 4, with IPv6 of 8
    ah_icv_bytes  = ah_sa.icv_bytes[5:0];
    ah_bytes      = is_v6 ? (ah_icv_bytes + 6'd19) & 6'h38 : (ah_icv_bytes + 6'd15) & 6'h3c;
    outer_bytes   = !is_tunnel ? 7'd0 : is_v6 ? 7'd40 : 7'd20;
    ins_bytes     = outer_bytes + (has_ah ? 7'(ah_bytes) : 7'd0) + (has_udp ? 7'd8 : 7'd0) + (has_esp ? 7'd8 : 7'd0);
    head_bytes    = 8'(off) + 8'(ins_bytes);
    ip_bytes      = (has_esp ? esp_bytes - 18'd8 : body_bytes) + 18'(head_bytes) - 18'(in_facts_i.l3_off);
    frame_bytes   = ip_bytes + 18'(in_facts_i.l3_off);
  end

  // ---- can it be done, and here?
  logic       is_known, is_known_next, fits_mode, is_slow, seals, host_seals, df;
  logic [7:0] reason, tos;

  always_comb begin
    is_known = sa.mode <= adit_reg_pkg::MODE_TUNNEL && (has_esp || sa.proto == adit_reg_pkg::PROTO_AH) && (has_esp || !in_has_next_i);
    if (!sa.flags[7]) begin
      if (has_esp && (sa.enc > adit_reg_pkg::ENC_DES3_CBC || sa.auth > adit_reg_pkg::AUTH_AES_GMAC_256 ||
                      (is_gcm && sa.auth != adit_reg_pkg::AUTH_NULL) || (is_gmac && sa.enc != adit_reg_pkg::ENC_NULL)))
        is_known = 1'b0;
      if (!has_esp && (sa.auth == adit_reg_pkg::AUTH_NULL || sa.auth > adit_reg_pkg::AUTH_HMAC_SHA512_256))
        is_known = 1'b0;
    end
    is_known_next = !in_has_next_i || in_next_i.sa.flags[7] ||
                    (in_next_i.sa.auth != adit_reg_pkg::AUTH_NULL && in_next_i.sa.auth <= adit_reg_pkg::AUTH_HMAC_SHA512_256);
    fits_mode = is_tunnel || (in_facts_i.src == sa.src && in_facts_i.dst == sa.dst && in_facts_i.is_v6 == sa.flags[1] &&
                              !in_facts_i.is_frag);
    is_slow = sa.flags[7] || (in_has_next_i && in_next_i.sa.flags[7]) || (has_udp && sa.flags[1]) ||
              (!is_tunnel && in_facts_i.has_ext && (in_facts_i.is_v6 || has_ah)) ||
              (sa.path_mtu != '0 && ip_bytes > 18'(sa.path_mtu)) || head_bytes > 8'(path_pkg::HEAD_BYTES);

    reason = in_reason_i;
    if (in_has_sa_i && in_reason_i == adit_reg_pkg::REASON_NONE) begin
      if (!is_known || !is_known_next)
        reason = adit_reg_pkg::REASON_XfrmOutStateProtoError;
      else if (!fits_mode)
        reason = adit_reg_pkg::REASON_XfrmOutStateModeError;
      else if (frame_bytes > 18'(adit_pkg::MAX_FRAME_BYTES))
        reason = adit_reg_pkg::REASON_OutTooBig;
      else if (is_slow)
        reason = in_has_next_i ? adit_reg_pkg::REASON_XfrmOutStateModeError : adit_reg_pkg::REASON_HostSlowSeal;
    end
    seals      = in_has_sa_i && reason == adit_reg_pkg::REASON_NONE;
    host_seals = in_has_sa_i && reason == adit_reg_pkg::REASON_HostSlowSeal;

    // RFC 4301 §5.1.2.1, §5.1.2.2: flags 3 set DSCP, 4 clear DF, 5 set DF, 6 do not copy ECN
    tos = in_facts_i.tos;
    if (sa.flags[3]) tos[7:2] = sa.dscp[5:0];
    if (sa.flags[6]) tos[1:0] = 2'b00;
    df = ((in_facts_i.df || in_facts_i.is_v6) && !sa.flags[4]) || sa.flags[5];
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
    leave.face_in     = in_facts_i.face;
    leave.face_out    = in_face_i;
    leave.frame_no    = in_facts_i.frame_no;
    leave.frame_bytes = in_facts_i.frame_bytes;
    leave.sa_slot     = in_has_sa_i ? in_rsp_i.slot : 16'hffff;
    leave.sp_id       = in_sp_id_i;
    leave.sp_counts   = in_sp_counts_i;
    leave.l3_off      = in_facts_i.l3_off;
    leave.l3_head_bytes = l3_head_bytes[5:0];

    if (seals) begin
      cut.has_body    = 1'b1;
      cut.has_nonce   = has_first;
      cut.nonce       = in_rsp_i.seq;
      cut.off         = off;
      cut.n_bytes     = payload_bytes;
      cut.has_trailer = has_esp;
      cut.fill_bytes  = fill_bytes;
      cut.pad_bytes   = pad_bytes;
      cut.next_header = !is_tunnel ? in_facts_i.proto : in_facts_i.is_v6 ? 8'd41 : 8'd4;
      cut.total_bytes = body_bytes[15:0];

      crypt.is_copy   = !has_first;
      crypt.enc       = is_gmac ? (adit_reg_pkg::ENC_AES_GCM_128 + sa.auth - adit_reg_pkg::AUTH_AES_GMAC_128) | adit_pkg::ENC_GMAC_FLAG
                                : sa.enc;
      crypt.n_bytes   = body_bytes[15:0];
      crypt.has_esp   = has_esp;
      crypt.esp_slot  = in_rsp_i.slot;
      crypt.has_auth  = has_esp && has_auth;
      crypt.auth_kind = is_gcm ? adit_pkg::HASH_GCM : is_gmac ? adit_pkg::HASH_GMAC : hmac_kind;
      crypt.spi       = sa.spi;
      crypt.seq       = in_rsp_i.seq;
      crypt.esn       = sa.flags[0];
      crypt.hash_off  = is_gcm ? 5'd16 : has_esp ? wire_off : 5'd0;
      crypt.wire_off  = has_esp ? wire_off : 5'd0;
      crypt.icv_bytes = icv_bytes;
      crypt.has_ah    = has_ah;
      crypt.ah_slot   = in_has_next_i ? in_next_i.slot : in_rsp_i.slot;
      crypt.ah_kind   = ah_kind;
      crypt.ah_esn    = ah_sa.flags[0];
      crypt.ah_seq_hi = ah_seq[63:32];
      crypt.ah_icv_bytes    = ah_icv_bytes;
      crypt.ah_prefix_bytes = (is_v6 ? 7'd40 : 7'd20) + 7'(ah_bytes) + (has_esp ? 7'd8 : 7'd0);

      leave.sp_kind      = 2'd2;
      leave.keep         = off;
      leave.edit         = !is_tunnel;
      leave.edit_v6      = in_facts_i.is_v6;
      leave.edit_bytes   = in_facts_i.is_v6 ? ip_bytes[15:0] - 16'd40 : ip_bytes[15:0];
      leave.edit_proto   = has_ah ? adit_reg_pkg::PROTO_AH : has_udp ? PROTO_UDP : adit_reg_pkg::PROTO_ESP;
      leave.nh_off       = in_facts_i.nh_off;
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
      outer.ip_id      = is_tunnel ? in_rsp_i.seq[15:0] : in_facts_i.ip_id;
      outer.flow_label = sa.flow_label[19:0];
      outer.src        = sa.src;
      outer.dst        = sa.dst;
      outer.has_udp    = has_udp;
      outer.sport      = sa.natt_sport;
      outer.dport      = sa.natt_dport;
      outer.udp_bytes  = esp_bytes[15:0] + 16'd8;
      outer.has_ah     = has_ah;
      outer.ah_next    = has_esp ? adit_reg_pkg::PROTO_ESP : cut.next_header;
      outer.ah_bytes   = ah_bytes;
      outer.ah_spi     = ah_sa.spi;
      outer.ah_seq     = ah_seq[31:0];
      outer.has_esp    = has_esp;
      outer.spi        = sa.spi;
      outer.seq        = in_rsp_i.seq[31:0];
    end else if (in_face_i == FACE_NONE || (in_has_sa_i && !host_seals && in_face_i != FACE_HOST)) begin
      leave.face_out = FACE_NONE;    // asked for protection and did not get it: dropped
      leave.sp_kind  = 2'd1;
    end else begin                   // goes by unchanged: in clear, or to the host
      if (host_seals) begin
        leave.face_out = FACE_HOST;
        leave.seq      = in_rsp_i.seq;
      end
      cut.has_body     = 1'b1;
      cut.n_bytes      = in_facts_i.frame_bytes;
      cut.total_bytes  = in_facts_i.frame_bytes;
      crypt.is_copy    = 1'b1;
      crypt.n_bytes    = in_facts_i.frame_bytes;
      leave.sp_kind    = host_seals ? 2'd2 : in_has_sa_i ? 2'd1 : 2'd0;
      leave.body_bytes = in_facts_i.frame_bytes;
    end
  end

  assign in_ready_o = !out_valid_o || out_ready_i;
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni)         out_valid_o <= 1'b0;
    else if (in_ready_o) out_valid_o <= in_valid_i;
  always_ff @(posedge clk_i)
    if (in_valid_i && in_ready_o) begin
      out_cut_o   <= cut;
      out_crypt_o <= crypt;
      out_leave_o <= leave;
      out_outer_o <= outer;
    end
endmodule
