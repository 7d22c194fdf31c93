// SPDX-License-Identifier: BSD-2-Clause-Patent
// Words 0 and 2 of an SA record: may this card protect packets with it? Combinational; the first thing wrong counts.
// UNSUPPORTED: the contract knows it, this card does not (see CAP_*). BAD_FIELD: nobody knows it.
module host_sa_check (
  input  adit_reg_pkg::sa_w0_t w0_i,
  input  adit_reg_pkg::sa_w2_t w2_i,
  input  logic                 is_add_i,   // SA_UPDATE does not look at seq_first
  output logic [7:0]           status_o,
  output logic [7:0]           field_o
);
  localparam logic [63:0] SEQ_MAX = 64'h0000_0000_ffff_ffff;  // no ESN

  logic enc_here, auth_here, limits;
  assign enc_here  = w0_i.enc <= adit_reg_pkg::ENC_AES_CBC_256;
  assign auth_here = w0_i.auth == adit_reg_pkg::AUTH_NULL || w0_i.auth == adit_reg_pkg::AUTH_HMAC_SHA1_96;
  assign limits    = (w2_i.soft_bytes | w2_i.hard_bytes | w2_i.soft_packets | w2_i.hard_packets) != 64'd0 ||
                     (w2_i.soft_seconds | w2_i.hard_seconds) != 32'd0;

  always_comb begin
    status_o = adit_reg_pkg::STATUS_BAD_FIELD;
    field_o  = adit_reg_pkg::FIELD_NONE;
    if (w0_i.spi < 32'd256) field_o = adit_reg_pkg::FIELD_SA_SPI;  // RFC 4303 §2.1
    else if (w0_i.dir > adit_reg_pkg::DIR_IN) field_o = adit_reg_pkg::FIELD_SA_DIR;
    else if (w0_i.proto != adit_reg_pkg::PROTO_ESP) begin
      if (w0_i.proto == adit_reg_pkg::PROTO_AH) status_o = adit_reg_pkg::STATUS_UNSUPPORTED;
      field_o = adit_reg_pkg::FIELD_SA_PROTO;
    end else if (w0_i.mode > adit_reg_pkg::MODE_TUNNEL) field_o = adit_reg_pkg::FIELD_SA_MODE;
    else if (!enc_here) begin
      if (w0_i.enc <= adit_reg_pkg::ENC_CAMELLIA_CBC_256) status_o = adit_reg_pkg::STATUS_UNSUPPORTED;
      field_o = adit_reg_pkg::FIELD_SA_ENC;
    end else if (!auth_here) begin
      if (w0_i.auth <= adit_reg_pkg::AUTH_AES_GMAC) status_o = adit_reg_pkg::STATUS_UNSUPPORTED;
      field_o = adit_reg_pkg::FIELD_SA_AUTH;
    end else if (w0_i.enc == adit_reg_pkg::ENC_NULL && w0_i.auth == adit_reg_pkg::AUTH_NULL) begin
      status_o = adit_reg_pkg::STATUS_UNSUPPORTED;  // RFC 4303 §3.2: not both NULL
      field_o  = adit_reg_pkg::FIELD_SA_AUTH;
    end else if (w0_i.flags[7] || w0_i.flags[5:4] == 2'b11 || (w0_i.flags[3] && w0_i.dscp > 8'd63))
      field_o = adit_reg_pkg::FIELD_SA_FLAGS;
    else if (w0_i.flags[2:0] != 3'd0) begin
      status_o = adit_reg_pkg::STATUS_UNSUPPORTED;
      field_o  = adit_reg_pkg::FIELD_SA_FLAGS;
    end else if (w0_i.ttl == 8'd0) field_o = adit_reg_pkg::FIELD_SA_TTL;
    else if (w0_i.replay_packets > 16'd64) begin
      status_o = adit_reg_pkg::STATUS_UNSUPPORTED;
      field_o  = adit_reg_pkg::FIELD_SA_REPLAY_PACKETS;
    end else if (w0_i.replay_packets != 16'd0 && w0_i.replay_packets < 16'd32)
      field_o = adit_reg_pkg::FIELD_SA_REPLAY_PACKETS;
    else if (w0_i.next_slot != 16'hffff) begin
      status_o = adit_reg_pkg::STATUS_UNSUPPORTED;
      field_o  = adit_reg_pkg::FIELD_SA_NEXT_SLOT;
    end else if (limits) begin
      status_o = adit_reg_pkg::STATUS_UNSUPPORTED;
      field_o  = adit_reg_pkg::FIELD_SA_LIMITS;
    end else if (is_add_i && (w2_i.seq_first > SEQ_MAX ||
                              (w0_i.dir == adit_reg_pkg::DIR_OUT && w2_i.seq_first == 64'd0)))
      field_o = adit_reg_pkg::FIELD_SA_SEQ_FIRST;
    else if (w0_i.dir == adit_reg_pkg::DIR_OUT &&
             (w2_i.seq_lease > SEQ_MAX || (is_add_i && w2_i.seq_lease < w2_i.seq_first)))
      field_o = adit_reg_pkg::FIELD_SA_SEQ_LEASE;
    else status_o = adit_reg_pkg::STATUS_OK;
  end

  logic unused_bits;
  assign unused_bits = ^{1'b0, w0_i, w2_i.rsvd448};
endmodule
