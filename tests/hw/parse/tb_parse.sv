// SPDX-License-Identifier: BSD-2-Clause-Patent
// parse with its structs spread out, for the test program.
module tb_parse (
  input  logic          clk_i, rst_ni,
  input  logic [1023:0] local_addr_i,
  input  logic [7:0]    local_v4_i, local_v6_i,
  input  logic          in_valid_i, in_last_i,
  input  logic [6:0]    in_bytes_i,
  input  logic [511:0]  in_data_i,
  input  logic [1:0]    in_face_i,
  input  logic          in_told_i,
  input  logic [15:0]   in_slot_i, in_sp_id_i,
  input  logic [63:0]   in_seq_i,
  input  logic [7:0]    in_reason_i,
  output logic          in_ready_o,
  output logic          facts_valid_o,
  input  logic          facts_ready_i,
  output logic [7:0]    reason_o, proto_o, tos_o, ttl_o, ah_next_o, told_reason_o,
  output logic [31:0]   frame_no_o, spi_o, seq_o, spi2_o, seq2_o,
  output logic [15:0]   frame_bytes_o, l3_bytes_o, ip_id_o, sport_o, dport_o, told_slot_o, told_sp_id_o,
  output logic [63:0]   told_seq_o,
  output logic [1:0]    face_o,
  output logic [6:0]    l3_off_o, l4_off_o, nh_off_o, sec_off_o,
  output logic [5:0]    ah_bytes_o,
  output logic          has_ext_o, is_v4_o, is_v6_o, is_arp_o, is_nd_o, is_frag_o, has_ports_o, no_ports_o,
  output logic          local_src_o, local_dst_o, df_o, is_natt_o, is_keepalive_o, sec_whole_o, told_o,
  output logic [127:0]  src_o, dst_o,
  output logic          beat_valid_o, beat_last_o,
  input  logic          beat_ready_i,
  output logic [6:0]    beat_bytes_o,
  output logic [511:0]  beat_data_o
);
  adit_pkg::beat_t    in_beat, beat;
  adit_pkg::facts_t   facts;
  adit_pkg::tx_meta_t in_meta;
  assign in_beat = {in_last_i, in_bytes_i, in_data_i};
  assign {beat_last_o, beat_bytes_o, beat_data_o} = beat;
  always_comb begin
    in_meta         = '0;
    in_meta.dest    = adit_reg_pkg::DEST_OPENED[2:0];
    in_meta.reason  = in_reason_i;
    in_meta.sa_slot = in_slot_i;
    in_meta.sp_id   = in_sp_id_i;
    in_meta.seq     = in_seq_i;
  end
  assign reason_o = facts.reason;
  assign proto_o = facts.proto;
  assign tos_o = facts.tos;
  assign ttl_o = facts.ttl;
  assign ah_next_o = facts.ah_next;
  assign told_reason_o = facts.told_reason;
  assign frame_no_o = facts.frame_no;
  assign spi_o = facts.spi;
  assign seq_o = facts.seq;
  assign spi2_o = facts.spi2;
  assign seq2_o = facts.seq2;
  assign frame_bytes_o = facts.frame_bytes;
  assign l3_bytes_o = facts.l3_bytes;
  assign ip_id_o = facts.ip_id;
  assign sport_o = facts.sport;
  assign dport_o = facts.dport;
  assign told_slot_o = facts.told_slot;
  assign told_sp_id_o = facts.told_sp_id;
  assign told_seq_o = facts.told_seq;
  assign face_o = facts.face;
  assign l3_off_o = facts.l3_off;
  assign l4_off_o = facts.l4_off;
  assign nh_off_o = facts.nh_off;
  assign sec_off_o = facts.sec_off;
  assign ah_bytes_o = facts.ah_bytes;
  assign has_ext_o = facts.has_ext;
  assign is_v4_o = facts.is_v4;
  assign is_v6_o = facts.is_v6;
  assign is_arp_o = facts.is_arp;
  assign is_nd_o = facts.is_nd;
  assign is_frag_o = facts.is_frag;
  assign has_ports_o = facts.has_ports;
  assign no_ports_o = facts.no_ports;
  assign local_src_o = facts.local_src;
  assign local_dst_o = facts.local_dst;
  assign df_o = facts.df;
  assign is_natt_o = facts.is_natt;
  assign is_keepalive_o = facts.is_keepalive;
  assign sec_whole_o = facts.sec_whole;
  assign told_o = facts.told;
  assign src_o = facts.src;
  assign dst_o = facts.dst;

  parse u_parse (
    .clk_i, .rst_ni, .local_addr_i, .local_v4_i, .local_v6_i,
    .in_valid_i, .in_ready_o, .in_beat_i(in_beat), .in_face_i, .in_told_i, .in_meta_i(in_meta),
    .facts_valid_o, .facts_ready_i, .facts_o(facts), .beat_valid_o, .beat_ready_i, .beat_o(beat)
  );
endmodule
