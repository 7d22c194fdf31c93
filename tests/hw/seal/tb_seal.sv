// SPDX-License-Identifier: BSD-2-Clause-Patent
// seal alone: the test plays parse, spd, sad and the faces. Wide records are taken apart into ports.
module tb_seal #(
  parameter int unsigned MEM_LOG2 = 8, TICKETS_LOG2 = 4
) (
  input  logic          clk_i, rst_ni, no_match_i, enter_i,
  // facts: flags are {has_ext, is_v4, is_v6, is_arp, is_nd, is_frag, has_ports, no_ports, local_src, local_dst, df, told}
  input  logic          f_valid_i,
  output logic          f_ready_o,
  input  logic [7:0]    f_reason_i, f_proto_i, f_tos_i, f_ttl_i,
  input  logic [31:0]   f_frame_no_i,
  input  logic [15:0]   f_frame_bytes_i, f_l3_bytes_i, f_ip_id_i, f_sport_i, f_dport_i, f_told_slot_i, f_told_sp_id_i,
  input  logic [1:0]    f_face_i,
  input  logic [6:0]    f_l3_off_i, f_l4_off_i, f_nh_off_i,
  input  logic [11:0]   f_flags_i,
  input  logic [127:0]  f_src_i, f_dst_i,
  input  logic          b_valid_i, b_last_i,
  output logic          b_ready_o,
  input  logic [6:0]    b_bytes_i,
  input  logic [511:0]  b_data_i,
  // spd: key flags are {is_v6, has_ports, no_ports}
  output logic          key_valid_o,
  input  logic          key_ready_i,
  output logic [2:0]    key_flags_o,
  output logic [7:0]    key_proto_o,
  output logic [127:0]  key_src_o, key_dst_o,
  output logic [15:0]   key_sport_o, key_dport_o,
  input  logic          hit_valid_i,
  output logic          hit_ready_o,
  input  logic          h_hit_i, h_unknown_i, h_bound_i, h_acquire_i,
  input  logic [15:0]   h_sp_id_i, h_sa_slot_i,
  input  logic [1:0]    h_action_i, h_level_i,
  input  logic [31:0]   h_reqid_i,
  // sad: request flags are {any_reqid, may_split, is_next}
  output logic          req_valid_o,
  input  logic          req_ready_i,
  output logic [15:0]   req_slot_o, req_bytes_o,
  output logic [31:0]   req_reqid_o,
  output logic [2:0]    req_flags_o,
  input  logic          rsp_valid_i,
  output logic          rsp_ready_o,
  input  logic          r_valid_i, r_dir_i, r_expired_i, r_too_big_i, r_seq_ok_i,
  input  logic [31:0]   r_spi_i, r_reqid_i, r_flow_label_i,
  input  logic [7:0]    r_proto_i, r_mode_i, r_enc_i, r_auth_i, r_flags_i, r_ttl_i, r_dscp_i, r_icv_bytes_i,
  input  logic [15:0]   r_natt_sport_i, r_natt_dport_i, r_next_slot_i, r_path_mtu_i, r_tfc_bytes_i, r_slot_i,
  input  logic [63:0]   r_seq_i,
  input  logic [127:0]  r_src_i, r_dst_i,
  // out
  output logic          spc_valid_o,
  output logic [15:0]   spc_id_o,
  output logic [1:0]    spc_kind_o,
  output logic          notice_valid_o,
  input  logic          notice_ready_i,
  output logic [7:0]    notice_kind_o,
  output logic [15:0]   notice_sp_id_o, notice_slot_o, notice_sport_o, notice_dport_o,
  output logic [127:0]  notice_src_o, notice_dst_o,
  output logic          wan_valid_o, wan_last_o,
  input  logic          wan_ready_i,
  output logic [6:0]    wan_bytes_o,
  output logic [511:0]  wan_data_o,
  output logic          host_valid_o, host_last_o,
  input  logic          host_ready_i,
  output logic [6:0]    host_bytes_o,
  output logic [511:0]  host_data_o,
  output logic [7:0]    host_reason_o,
  output logic [1:0]    host_face_o,
  output logic [15:0]   host_n_bytes_o, host_slot_o, host_sp_id_o,
  output logic [63:0]   host_seq_o,
  output logic          v_valid_o,
  input  logic          v_ready_i,
  output logic [7:0]    v_reason_o,
  output logic [1:0]    v_face_in_o, v_face_out_o,
  output logic [31:0]   v_frame_no_o,
  output logic [15:0]   v_frame_bytes_o, v_slot_o, v_sp_id_o,
  output logic          busy_o,
  input  logic          tbl_valid_i,
  input  logic [4:0]    tbl_op_i,
  input  logic [15:0]   tbl_idx_i,
  input  logic [3:0]    tbl_ext_i,
  input  logic [7:0]    tbl_code_i,
  input  logic [511:0]  tbl_data_i,
  output logic          tbl_ack_o
);
  adit_pkg::facts_t     facts;
  adit_pkg::beat_t      beat, wan, host;
  adit_pkg::sp_key_t    key;
  adit_pkg::sp_hit_t    hit;
  adit_pkg::seal_req_t  req;
  adit_pkg::seal_rsp_t  rsp;
  adit_pkg::sp_count_t  spc;
  adit_pkg::notice_t    notice;
  adit_pkg::host_meta_t meta;
  adit_pkg::verdict_t   verdict;
  adit_pkg::tbl_req_t   tbl;
  adit_pkg::tbl_rsp_t   tbl_rsp;

  always_comb begin
    facts             = '0;
    facts.reason      = f_reason_i;
    facts.frame_no    = f_frame_no_i;
    facts.frame_bytes = f_frame_bytes_i;
    facts.face        = f_face_i;
    facts.l3_off      = f_l3_off_i;
    facts.l4_off      = f_l4_off_i;
    facts.nh_off      = f_nh_off_i;
    facts.l3_bytes    = f_l3_bytes_i;
    facts.ip_id       = f_ip_id_i;
    {facts.has_ext, facts.is_v4, facts.is_v6, facts.is_arp, facts.is_nd, facts.is_frag, facts.has_ports, facts.no_ports, facts.local_src,
     facts.local_dst, facts.df, facts.told} = f_flags_i;
    facts.proto       = f_proto_i;
    facts.tos         = f_tos_i;
    facts.ttl         = f_ttl_i;
    facts.src         = f_src_i;
    facts.dst         = f_dst_i;
    facts.sport       = f_sport_i;
    facts.dport       = f_dport_i;
    facts.told_slot   = f_told_slot_i;
    facts.told_sp_id  = f_told_sp_id_i;

    rsp               = '0;
    rsp.sa.valid      = r_valid_i;
    rsp.sa.spi        = r_spi_i;
    rsp.sa.reqid      = r_reqid_i;
    rsp.sa.dir        = r_dir_i;
    rsp.sa.proto      = r_proto_i;
    rsp.sa.mode       = r_mode_i;
    rsp.sa.enc        = r_enc_i;
    rsp.sa.auth       = r_auth_i;
    rsp.sa.flags      = r_flags_i;
    rsp.sa.ttl        = r_ttl_i;
    rsp.sa.dscp       = r_dscp_i;
    rsp.sa.natt_sport = r_natt_sport_i;
    rsp.sa.natt_dport = r_natt_dport_i;
    rsp.sa.next_slot  = r_next_slot_i;
    rsp.sa.flow_label = r_flow_label_i;
    rsp.sa.path_mtu   = r_path_mtu_i;
    rsp.sa.icv_bytes  = r_icv_bytes_i;
    rsp.sa.tfc_bytes  = r_tfc_bytes_i;
    rsp.sa.src        = r_src_i;
    rsp.sa.dst        = r_dst_i;
    rsp.slot          = r_slot_i;
    rsp.expired       = r_expired_i;
    rsp.too_big       = r_too_big_i;
    rsp.seq_ok        = r_seq_ok_i;
    rsp.seq           = r_seq_i;

    tbl               = '0;
    tbl.valid         = tbl_valid_i;
    tbl.op            = tbl_op_i;
    tbl.idx           = tbl_idx_i;
    tbl.ext           = tbl_ext_i;
    tbl.code          = tbl_code_i;
    tbl.data          = tbl_data_i;
  end
  assign beat = {b_last_i, b_bytes_i, b_data_i};
  assign hit  = {h_hit_i, h_unknown_i, h_sp_id_i, h_action_i, h_level_i, h_reqid_i, h_bound_i, h_sa_slot_i, h_acquire_i};

  seal #(.SLOTS_LOG2(7), .MEM_LOG2(MEM_LOG2), .TICKETS_LOG2(TICKETS_LOG2)) u_seal (
    .clk_i, .rst_ni, .no_match_i, .enter_i,
    .facts_valid_i(f_valid_i), .facts_ready_o(f_ready_o), .facts_i(facts),
    .beat_valid_i(b_valid_i), .beat_ready_o(b_ready_o), .beat_i(beat),
    .sp_key_valid_o(key_valid_o), .sp_key_ready_i(key_ready_i), .sp_key_o(key),
    .sp_hit_valid_i(hit_valid_i), .sp_hit_ready_o(hit_ready_o), .sp_hit_i(hit),
    .seal_req_valid_o(req_valid_o), .seal_req_ready_i(req_ready_i), .seal_req_o(req),
    .seal_rsp_valid_i(rsp_valid_i), .seal_rsp_ready_o(rsp_ready_o), .seal_rsp_i(rsp),
    .sp_count_valid_o(spc_valid_o), .sp_count_o(spc), .notice_valid_o, .notice_ready_i, .notice_o(notice),
    .wan_valid_o, .wan_ready_i, .wan_beat_o(wan), .host_valid_o, .host_ready_i, .host_beat_o(host), .host_meta_o(meta),
    .verdict_valid_o(v_valid_o), .verdict_ready_i(v_ready_i), .verdict_o(verdict), .busy_o, .tbl_i(tbl), .tbl_o(tbl_rsp)
  );

  assign key_flags_o = {key.is_v6, key.has_ports, key.no_ports};
  assign key_proto_o = key.proto;
  assign key_src_o   = key.src;
  assign key_dst_o   = key.dst;
  assign key_sport_o = key.sport;
  assign key_dport_o = key.dport;
  assign req_slot_o  = req.slot;
  assign req_bytes_o = req.n_bytes;
  assign req_reqid_o = req.reqid;
  assign req_flags_o = {req.any_reqid, req.may_split, req.is_next};
  assign {spc_id_o, spc_kind_o} = spc;
  assign notice_kind_o  = notice.kind;
  assign notice_sp_id_o = notice.sp_id;
  assign notice_slot_o  = notice.sa_slot;
  assign notice_sport_o = notice.sport;
  assign notice_dport_o = notice.dport;
  assign notice_src_o   = notice.src;
  assign notice_dst_o   = notice.dst;
  assign {wan_last_o, wan_bytes_o, wan_data_o}    = wan;
  assign {host_last_o, host_bytes_o, host_data_o} = host;
  assign host_reason_o  = meta.reason;
  assign host_face_o    = meta.face;
  assign host_n_bytes_o = meta.n_bytes;
  assign host_slot_o    = meta.sa_slot;
  assign host_sp_id_o   = meta.sp_id;
  assign host_seq_o     = meta.seq;
  assign v_reason_o     = verdict.reason;
  assign v_face_in_o    = verdict.face_in;
  assign v_face_out_o   = verdict.face_out;
  assign v_frame_no_o   = verdict.frame_no;
  assign v_frame_bytes_o = verdict.frame_bytes;
  assign v_slot_o       = verdict.sa_slot;
  assign v_sp_id_o      = verdict.sp_id;
  assign tbl_ack_o      = tbl_rsp.ack;

  logic unused;
  assign unused = &{1'b0, notice, tbl_rsp};
endmodule
