// SPDX-License-Identifier: BSD-2-Clause-Patent
// Works out how an inbound packet is cut and opened (RFC 4303 §3.4.4). One packet a cycle, one late.
//
//   L2 | IPv4 header | SPI seq | IV | text: payload, padding, its length, next header | ICV | Ethernet padding
//      keep (transport)        | body                                                 |
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
  input  logic                in_has_sa_i,
  input  adit_pkg::open_rsp_t in_rsp_i,
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

  logic        is_tunnel, is_cbc, has_auth;
  logic [3:0]  icv_bytes;
  logic [4:0]  iv_bytes;
  logic [6:0]  l3_head_bytes;
  logic [15:0] body_bytes;

  always_comb begin
    is_tunnel     = in_rsp_i.sa.mode == adit_reg_pkg::MODE_TUNNEL;
    is_cbc        = in_rsp_i.sa.enc != adit_reg_pkg::ENC_NULL;
    has_auth      = in_rsp_i.sa.auth != adit_reg_pkg::AUTH_NULL;
    icv_bytes     = has_auth ? 4'd12 : 4'd0;
    iv_bytes      = is_cbc ? 5'd16 : 5'd0;
    l3_head_bytes = in_facts_i.l4_off - in_facts_i.l3_off;
    body_bytes    = in_facts_i.l3_bytes - 16'(l3_head_bytes) - 16'd8 - 16'(icv_bytes);

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
    leave.sp_id       = in_sp_id_i;
    leave.sp_counts   = in_sp_counts_i;
    leave.l3_off      = in_facts_i.l3_off;
    leave.l3_head_bytes = l3_head_bytes[5:0];

    if (in_has_sa_i) begin
      leave.face_out = FACE_NONE;
      if (in_reason_i == adit_reg_pkg::REASON_NONE) begin
        cut.has_body    = 1'b1;
        cut.off         = in_facts_i.l4_off + 7'd8;
        cut.n_bytes     = body_bytes + 16'(icv_bytes);
        cut.icv_bytes   = icv_bytes;
        cut.total_bytes = body_bytes + 16'(icv_bytes);

        crypt.is_copy   = !is_cbc;
        crypt.has_auth  = has_auth;
        crypt.key_size  = in_rsp_i.sa.enc[1:0] - 2'd1;
        crypt.slot      = in_rsp_i.slot;
        crypt.spi       = in_facts_i.spi;
        crypt.seq       = in_facts_i.seq;
        crypt.n_bytes   = body_bytes;

        check.is_esp    = 1'b1;
        check.is_tunnel = is_tunnel;
        check.iv_bytes  = iv_bytes;
        check.n_bytes   = body_bytes - 16'(iv_bytes);
        check.reqid     = in_rsp_i.sa.reqid;
        check.seq       = in_rsp_i.seq;
        check.src       = in_facts_i.src;
        check.dst       = in_facts_i.dst;

        leave.keep      = is_tunnel ? in_facts_i.l3_off : in_facts_i.l4_off;
        leave.edit      = !is_tunnel;
        leave.body_off  = iv_bytes;
      end else begin
        leave.sa_counts   = in_reason_i == adit_reg_pkg::REASON_XfrmInStateSeqError;
        leave.sa_replayed = leave.sa_counts;
      end
    end else if (in_face_i == FACE_NONE) begin
      leave.sp_kind  = 2'd1;
    end else begin
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
      out_check_o <= check;
      out_leave_o <= leave;
    end
endmodule
