// SPDX-License-Identifier: BSD-2-Clause-Patent
// Words 0 and 2 of an SA record: can an SA be so, and may this card protect packets with it? Combinational; the first thing
// wrong counts. UNSUPPORTED: the contract knows it, this card does not do it (see CAP_*). BAD_FIELD: nobody does.
module host_sa_check #(
  parameter int unsigned SA_LOG2 = 10,
  parameter int unsigned WINDOW_LOG2 = 12   // largest replay window, packets
) (
  input  adit_reg_pkg::sa_w0_t w0_i,
  input  adit_reg_pkg::sa_w2_t w2_i,
  input  logic                 is_add_i,   // SA_UPDATE does not look at seq_first
  output logic [7:0]           status_o,
  output logic [7:0]           field_o
);
  logic        is_esp, is_ah, is_out, is_gcm, is_gmac, is_hmac, for_host, esn, icv_fits, bundles;
  logic [63:0] seq_max;
  assign is_esp   = w0_i.proto == adit_reg_pkg::PROTO_ESP;
  assign is_ah    = w0_i.proto == adit_reg_pkg::PROTO_AH;
  assign is_out   = w0_i.dir == adit_reg_pkg::DIR_OUT;
  assign is_gcm   = w0_i.enc >= adit_reg_pkg::ENC_AES_GCM_128 && w0_i.enc <= adit_reg_pkg::ENC_AES_GCM_256;
  assign is_gmac  = w0_i.auth >= adit_reg_pkg::AUTH_AES_GMAC_128 && w0_i.auth <= adit_reg_pkg::AUTH_AES_GMAC_256;
  assign is_hmac  = w0_i.auth >= adit_reg_pkg::AUTH_HMAC_MD5_96 && w0_i.auth <= adit_reg_pkg::AUTH_HMAC_SHA512_256;
  assign esn      = w0_i.flags[0];
  assign for_host = w0_i.flags[7];
  assign bundles  = w0_i.next_slot != 16'hffff;
  assign seq_max  = esn ? 64'hffff_ffff_ffff_ffff : 64'h0000_0000_ffff_ffff;

  // RFC 2403, 2404, 4868, 4106, 4543
  always_comb begin
    case (w0_i.auth)
      adit_reg_pkg::AUTH_HMAC_MD5_96, adit_reg_pkg::AUTH_HMAC_SHA1_96: icv_fits = w0_i.icv_bytes == 8'd12;
      adit_reg_pkg::AUTH_HMAC_SHA256_128: icv_fits = w0_i.icv_bytes == 8'd16;
      adit_reg_pkg::AUTH_HMAC_SHA384_192: icv_fits = w0_i.icv_bytes == 8'd24;
      adit_reg_pkg::AUTH_HMAC_SHA512_256: icv_fits = w0_i.icv_bytes == 8'd32;
      adit_reg_pkg::AUTH_NULL:
        icv_fits = is_gcm ? w0_i.icv_bytes == 8'd8 || w0_i.icv_bytes == 8'd12 || w0_i.icv_bytes == 8'd16
                          : w0_i.icv_bytes == 8'd0;
      default: icv_fits = w0_i.icv_bytes == 8'd16;
    endcase
  end

  always_comb begin
    status_o = adit_reg_pkg::STATUS_BAD_FIELD;
    field_o  = adit_reg_pkg::FIELD_NONE;
    if (w0_i.spi < 32'd256) field_o = adit_reg_pkg::FIELD_SA_SPI;  // RFC 4303 §2.1
    else if (w0_i.dir > adit_reg_pkg::DIR_IN) field_o = adit_reg_pkg::FIELD_SA_DIR;
    else if (!is_esp && !is_ah) field_o = adit_reg_pkg::FIELD_SA_PROTO;
    else if (w0_i.mode > adit_reg_pkg::MODE_TUNNEL) field_o = adit_reg_pkg::FIELD_SA_MODE;
    else if (w0_i.enc > adit_reg_pkg::ENC_CAMELLIA_CBC_256 || (is_ah && w0_i.enc != adit_reg_pkg::ENC_NULL))
      field_o = adit_reg_pkg::FIELD_SA_ENC;
    else if (w0_i.enc > adit_reg_pkg::ENC_DES3_CBC && !for_host) begin
      status_o = adit_reg_pkg::STATUS_UNSUPPORTED;
      field_o  = adit_reg_pkg::FIELD_SA_ENC;
    end else if (!(is_hmac || is_gmac || w0_i.auth == adit_reg_pkg::AUTH_NULL) || (is_gcm && w0_i.auth != adit_reg_pkg::AUTH_NULL) ||
                 (is_gmac && w0_i.enc != adit_reg_pkg::ENC_NULL) || (is_ah && w0_i.auth == adit_reg_pkg::AUTH_NULL))
      field_o = adit_reg_pkg::FIELD_SA_AUTH;
    else if ((is_ah && is_gmac) ||  // RFC 4543 §4: not here
             (w0_i.enc == adit_reg_pkg::ENC_NULL && w0_i.auth == adit_reg_pkg::AUTH_NULL)) begin  // RFC 4303 §3.2: not both NULL
      status_o = adit_reg_pkg::STATUS_UNSUPPORTED;
      field_o  = adit_reg_pkg::FIELD_SA_AUTH;
    end else if (!icv_fits) field_o = adit_reg_pkg::FIELD_SA_ICV_BYTES;
    else if (w0_i.flags[5:4] == 2'b11 || (w0_i.flags[3] && w0_i.dscp > 8'd63) || (w0_i.flags[2] && (is_ah || bundles)))
      field_o = adit_reg_pkg::FIELD_SA_FLAGS;
    else if (w0_i.ttl == 8'd0) field_o = adit_reg_pkg::FIELD_SA_TTL;
    else if (w0_i.replay_packets > 16'(1 << WINDOW_LOG2)) begin
      status_o = adit_reg_pkg::STATUS_UNSUPPORTED;
      field_o  = adit_reg_pkg::FIELD_SA_REPLAY_PACKETS;
    end else if ((w0_i.replay_packets != 16'd0 && w0_i.replay_packets < 16'd32) ||
                 (!is_out && esn && w0_i.replay_packets == 16'd0))  // RFC 4303 §3.4.3: ESN needs the window
      field_o = adit_reg_pkg::FIELD_SA_REPLAY_PACKETS;
    else if (bundles && ((is_ah && is_out) || for_host || 17'(w0_i.next_slot) >= 17'(1 << SA_LOG2)))
      field_o = adit_reg_pkg::FIELD_SA_NEXT_SLOT;
    else if (w0_i.tfc_bytes != 16'd0 && (!is_out || !is_esp || w0_i.mode != adit_reg_pkg::MODE_TUNNEL))
      field_o = adit_reg_pkg::FIELD_SA_TFC_BYTES;
    else if (w0_i.inner_mtu != 16'd0 && !is_out) field_o = adit_reg_pkg::FIELD_SA_INNER_MTU;
    else if (is_add_i && (w2_i.seq_first > seq_max || (is_out && w2_i.seq_first == 64'd0)))
      field_o = adit_reg_pkg::FIELD_SA_SEQ_FIRST;
    else if (is_out && (w2_i.seq_lease > seq_max || (is_add_i && w2_i.seq_lease < w2_i.seq_first)))
      field_o = adit_reg_pkg::FIELD_SA_SEQ_LEASE;
    else status_o = adit_reg_pkg::STATUS_OK;
  end

  logic unused_bits;
  assign unused_bits = ^{1'b0, w0_i, w2_i};
endmodule
