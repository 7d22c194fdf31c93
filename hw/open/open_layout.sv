// SPDX-License-Identifier: BSD-2-Clause-Patent
// How an ESP body of an SA's cipher and integrity algorithm is laid out (see adit_pkg: crypto). Combinational.
//
//   on the wire   SPI seq | IV  iv_bytes     | text, a multiple of block_bytes | ICV
//   in M1                 | gap | IV: text_off | text                            |
module open_layout (
  input  logic [7:0] enc_i,
  input  logic [7:0] auth_i,
  output logic [4:0] iv_bytes_o,     // 0, 8 or 16
  output logic [4:0] block_bytes_o,  // 4, 8 or 16
  output logic       has_gap_o,      // 8 bytes not used stand before an IV of 8
  output logic       is_copy_o,
  output logic [7:0] job_enc_o,
  output logic       has_auth_o,
  output logic [2:0] kind_o,         // HASH_*
  output logic [4:0] hash_off_o      // what the hash skips of the body: the gap; AES-GCM: the IV too (RFC 4106 §5)
);
  logic is_gmac, is_gcm;

  always_comb begin
    is_gmac = auth_i >= adit_reg_pkg::AUTH_AES_GMAC_128;
    is_gcm  = enc_i >= adit_reg_pkg::ENC_AES_GCM_128 && enc_i <= adit_reg_pkg::ENC_AES_GCM_256;

    if (enc_i == adit_reg_pkg::ENC_NULL) begin
      iv_bytes_o    = is_gmac ? 5'd8 : 5'd0;
      block_bytes_o = 5'd4;
    end else if (enc_i >= adit_reg_pkg::ENC_AES_CTR_128 && enc_i <= adit_reg_pkg::ENC_AES_GCM_256) begin
      iv_bytes_o    = 5'd8;
      block_bytes_o = 5'd4;
    end else if (enc_i >= adit_reg_pkg::ENC_DES_CBC && enc_i <= adit_reg_pkg::ENC_BLOWFISH_CBC) begin
      iv_bytes_o    = 5'd8;
      block_bytes_o = 5'd8;
    end else begin
      iv_bytes_o    = 5'd16;
      block_bytes_o = 5'd16;
    end
    has_gap_o = iv_bytes_o == 5'd8;
    is_copy_o = iv_bytes_o == '0;
    job_enc_o = enc_i;
    if (enc_i == adit_reg_pkg::ENC_NULL && is_gmac)
      job_enc_o = (auth_i - adit_reg_pkg::AUTH_AES_GMAC_128 + adit_reg_pkg::ENC_AES_GCM_128) | adit_pkg::ENC_GMAC_FLAG;

    has_auth_o = is_gcm || auth_i != adit_reg_pkg::AUTH_NULL;
    case (auth_i)
      adit_reg_pkg::AUTH_HMAC_MD5_96:     kind_o = adit_pkg::HASH_MD5;
      adit_reg_pkg::AUTH_HMAC_SHA1_96:    kind_o = adit_pkg::HASH_SHA1;
      adit_reg_pkg::AUTH_HMAC_SHA256_128: kind_o = adit_pkg::HASH_SHA256;
      adit_reg_pkg::AUTH_HMAC_SHA384_192: kind_o = adit_pkg::HASH_SHA384;
      adit_reg_pkg::AUTH_HMAC_SHA512_256: kind_o = adit_pkg::HASH_SHA512;
      default:                            kind_o = adit_pkg::HASH_GMAC;
    endcase
    if (is_gcm) kind_o = adit_pkg::HASH_GCM;
    hash_off_o = is_gcm ? 5'd16 : has_gap_o ? 5'd8 : 5'd0;
  end
endmodule
