// SPDX-License-Identifier: BSD-2-Clause-Patent
// Works out how an outbound packet is cut, ciphered and sent (RFC 4303 §3.3, RFC 4301 §5.1.2.1). One packet a cycle, one late.
//
//   tunnel      L2 | outer IPv4 20 | SPI seq | IV | inner packet           | padding, its length, 4     | ICV
//   transport   L2 | IPv4 header   | SPI seq | IV | the rest of the packet | padding, its length, proto | ICV
//               header                       | body                                                    |
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
  output logic                out_valid_o,
  input  logic                out_ready_i,
  output path_pkg::cut_t      out_cut_o,
  output path_pkg::crypt_t    out_crypt_o,
  output path_pkg::leave_t    out_leave_o
);
  localparam logic [1:0] FACE_NONE = adit_reg_pkg::FACE_NONE[1:0];

  path_pkg::cut_t   cut;
  path_pkg::crypt_t crypt;
  path_pkg::leave_t leave;

  logic        is_tunnel, is_cbc, is_known_enc, is_known_auth, has_auth, seals, fits_mode, df;
  logic [7:0]  reason, tos;
  logic [4:0]  iv_bytes;
  logic [3:0]  pad_bytes, icv_bytes;
  logic [6:0]  off, l3_head_bytes;
  logic [15:0] payload_bytes, text_bytes, body_bytes, ip_bytes, checksum;
  logic [16:0] frame_bytes;
  logic [19:0] sum;
  logic [16:0] folded;
  logic [159:0] outer;   // byte 0 in the lowest bits
  logic [63:0] esp;

  always_comb begin
    is_tunnel     = in_rsp_i.sa.mode == adit_reg_pkg::MODE_TUNNEL;
    is_cbc        = in_rsp_i.sa.enc != adit_reg_pkg::ENC_NULL;
    is_known_enc  = in_rsp_i.sa.enc <= adit_reg_pkg::ENC_AES_CBC_256;
    has_auth      = in_rsp_i.sa.auth != adit_reg_pkg::AUTH_NULL;
    is_known_auth = !has_auth || in_rsp_i.sa.auth == adit_reg_pkg::AUTH_HMAC_SHA1_96;
    l3_head_bytes = in_facts_i.l4_off - in_facts_i.l3_off;
    off           = is_tunnel ? in_facts_i.l3_off : in_facts_i.l4_off;
    payload_bytes = is_tunnel ? in_facts_i.l3_bytes : in_facts_i.l3_bytes - 16'(l3_head_bytes);
    iv_bytes      = is_cbc ? 5'd16 : 5'd0;
    icv_bytes     = has_auth ? 4'd12 : 4'd0;
    // RFC 4303 §2.4: payload, padding and two bytes of trailer fill whole blocks, or whole words of 4 with NULL.
    text_bytes    = is_cbc ? (payload_bytes + 16'd17) & 16'hfff0 : (payload_bytes + 16'd5) & 16'hfffc;
    pad_bytes     = text_bytes[3:0] - payload_bytes[3:0] - 4'd2;
    body_bytes    = text_bytes + 16'(iv_bytes);
    ip_bytes      = body_bytes + 16'(icv_bytes) + 16'd8 + (is_tunnel ? 16'd20 : 16'(l3_head_bytes));
    frame_bytes   = 17'(ip_bytes) + 17'(in_facts_i.l3_off);
    fits_mode     = is_tunnel || (in_facts_i.src == in_rsp_i.sa.src && in_facts_i.dst == in_rsp_i.sa.dst &&
                                  !in_facts_i.is_frag);

    reason = in_reason_i;
    if (in_has_sa_i && in_reason_i == adit_reg_pkg::REASON_NONE) begin
      if (!is_known_enc || !is_known_auth || in_rsp_i.sa.mode > adit_reg_pkg::MODE_TUNNEL)
        reason = adit_reg_pkg::REASON_XfrmOutStateProtoError;
      else if (!fits_mode)
        reason = adit_reg_pkg::REASON_XfrmOutStateModeError;
      else if (frame_bytes > 17'(adit_pkg::MAX_FRAME_BYTES))
        reason = adit_reg_pkg::REASON_OutTooBig;
    end
    seals = in_has_sa_i && reason == adit_reg_pkg::REASON_NONE;

    // RFC 4301 §5.1.2.1: flags 3 set DSCP, 4 clear DF, 5 set DF, 6 do not copy ECN
    tos = in_facts_i.tos;
    if (in_rsp_i.sa.flags[3]) tos[7:2] = in_rsp_i.sa.dscp[5:0];
    if (in_rsp_i.sa.flags[6]) tos[1:0] = 2'b00;
    df = (in_facts_i.df && !in_rsp_i.sa.flags[4]) || in_rsp_i.sa.flags[5];

    sum = 20'({8'h45, tos}) + 20'(ip_bytes) + 20'(in_rsp_i.seq[15:0]) + {5'b0, df, 14'b0} +
          20'({in_rsp_i.sa.ttl, adit_reg_pkg::PROTO_ESP}) + 20'(in_rsp_i.sa.src[31:16]) + 20'(in_rsp_i.sa.src[15:0]) +
          20'(in_rsp_i.sa.dst[31:16]) + 20'(in_rsp_i.sa.dst[15:0]);
    folded   = {1'b0, sum[15:0]} + 17'(sum[19:16]);
    checksum = ~(folded[15:0] + 16'(folded[16]));

    outer[31:0]    = {ip_bytes[7:0], ip_bytes[15:8], tos, 8'h45};
    outer[63:32]   = {9'b0, df, 6'b0, in_rsp_i.seq[7:0], in_rsp_i.seq[15:8]};
    outer[95:64]   = {checksum[7:0], checksum[15:8], adit_reg_pkg::PROTO_ESP, in_rsp_i.sa.ttl};
    outer[127:96]  = {in_rsp_i.sa.src[7:0], in_rsp_i.sa.src[15:8], in_rsp_i.sa.src[23:16], in_rsp_i.sa.src[31:24]};
    outer[159:128] = {in_rsp_i.sa.dst[7:0], in_rsp_i.sa.dst[15:8], in_rsp_i.sa.dst[23:16], in_rsp_i.sa.dst[31:24]};
    esp = {in_rsp_i.seq[7:0], in_rsp_i.seq[15:8], in_rsp_i.seq[23:16], in_rsp_i.seq[31:24],
           in_rsp_i.sa.spi[7:0], in_rsp_i.sa.spi[15:8], in_rsp_i.sa.spi[23:16], in_rsp_i.sa.spi[31:24]};
  end

  always_comb begin
    cut   = '0;
    crypt = '0;
    leave = '0;

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
      cut.has_nonce   = is_cbc;
      cut.nonce       = in_rsp_i.seq;
      cut.off         = off;
      cut.n_bytes     = payload_bytes;
      cut.has_trailer = 1'b1;
      cut.pad_bytes   = pad_bytes;
      cut.next_header = is_tunnel ? 8'd4 : in_facts_i.proto;
      cut.total_bytes = body_bytes;

      crypt.is_copy   = !is_cbc;
      crypt.has_auth  = has_auth;
      crypt.key_size  = in_rsp_i.sa.enc[1:0] - 2'd1;
      crypt.slot      = in_rsp_i.slot;
      crypt.spi       = in_rsp_i.sa.spi;
      crypt.seq       = in_rsp_i.seq[31:0];
      crypt.n_bytes   = body_bytes;

      leave.sp_kind    = 2'd2;
      leave.sa_counts  = 1'b1;
      leave.sa_done    = 1'b1;
      leave.sa_bytes   = in_facts_i.l3_bytes;
      leave.keep       = off;
      leave.edit       = !is_tunnel;
      leave.edit_bytes = ip_bytes;
      leave.edit_proto = adit_reg_pkg::PROTO_ESP;
      leave.ins_bytes  = is_tunnel ? 5'd28 : 5'd8;
      leave.ins        = is_tunnel ? {esp, outer} : 224'(esp);
      leave.body_bytes = body_bytes;
      leave.icv_bytes  = icv_bytes;
    end else if (in_face_i == FACE_NONE || in_has_sa_i) begin  // asked for protection and did not get it: dropped
      leave.face_out = FACE_NONE;
      leave.sp_kind  = 2'd1;
    end else begin                                             // goes by unchanged
      cut.has_body     = 1'b1;
      cut.n_bytes      = in_facts_i.frame_bytes;
      cut.total_bytes  = in_facts_i.frame_bytes;
      crypt.is_copy    = 1'b1;
      crypt.n_bytes    = in_facts_i.frame_bytes;
      leave.sp_kind    = 2'd0;
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
    end
endmodule
