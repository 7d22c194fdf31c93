// SPDX-License-Identifier: BSD-2-Clause-Patent
// May this layer of a packet be opened with the SA that was found for it? Combinational; what is wrong first, is the reason
// (RFC 4303 §3.4.2, §3.4.3; RFC 4302 §3.4.2, §3.4.3).
module open_layer (
  input  adit_pkg::open_rsp_t rsp_i,
  input  logic                is_ah_i,
  input  logic                is_natt_i,   // ESP in UDP (RFC 3948)
  input  logic [5:0]          ah_bytes_i,  // length of the AH header as received
  input  logic [15:0]         bytes_i,     // from the layer's header to the end of the IP packet
  output logic [7:0]          reason_o
);
  logic [4:0]  iv_bytes, block_bytes, unused_hash_off;
  logic        has_auth, fits, unused_gap, unused_copy;
  logic [7:0]  unused_enc;
  logic [2:0]  unused_kind;
  logic [15:0] text_bytes, least_bytes;
  logic [5:0]  icv_bytes, ah_whole;

  open_layout u_layout (
    .enc_i(rsp_i.sa.enc), .auth_i(rsp_i.sa.auth), .iv_bytes_o(iv_bytes), .block_bytes_o(block_bytes), .has_gap_o(unused_gap),
    .is_copy_o(unused_copy), .job_enc_o(unused_enc), .has_auth_o(has_auth), .kind_o(unused_kind), .hash_off_o(unused_hash_off)
  );

  always_comb begin
    icv_bytes   = has_auth ? rsp_i.sa.icv_bytes[5:0] : '0;
    text_bytes  = bytes_i - 16'd8 - 16'(iv_bytes) - 16'(icv_bytes);
    least_bytes = 16'd8 + 16'(iv_bytes) + 16'(block_bytes) + 16'(icv_bytes);
    ah_whole    = 6'd12 + icv_bytes;   // a multiple of 4; the header may be padded to a multiple of 8 (RFC 4302 §2.6)
    if (is_ah_i) fits = ah_bytes_i == ah_whole || (ah_whole[2] && ah_bytes_i == ah_whole + 6'd4);
    else         fits = bytes_i >= least_bytes && (text_bytes & (16'(block_bytes) - 16'd1)) == '0;

    reason_o = adit_reg_pkg::REASON_NONE;
    if (!rsp_i.sa.valid || rsp_i.sa.dir != adit_reg_pkg::DIR_IN[0] ||
        rsp_i.sa.proto != (is_ah_i ? adit_reg_pkg::PROTO_AH : adit_reg_pkg::PROTO_ESP))
      reason_o = adit_reg_pkg::REASON_XfrmInStateInvalid;
    else if (rsp_i.sa.flags[2] != is_natt_i)
      reason_o = adit_reg_pkg::REASON_XfrmInStateMismatch;
    else if (rsp_i.expired)
      reason_o = adit_reg_pkg::REASON_XfrmInStateExpired;
    else if (!rsp_i.replay_ok)
      reason_o = adit_reg_pkg::REASON_XfrmInStateSeqError;
    else if (!fits)
      reason_o = adit_reg_pkg::REASON_XfrmInHdrError;
  end
endmodule
