// SPDX-License-Identifier: BSD-2-Clause-Patent
// parse and open with their structs spread out: beats in; the test program plays sad and spd; frames, verdicts and counts out.
module tb_open #(
  parameter int unsigned MEM_LOG2 = 8, TICKETS_LOG2 = 4, FRAME_FIFO_LOG2 = 8,
  parameter int unsigned LANES = 1, ROUNDS = 2, CIPHER_CONTEXTS = 8, STAGES = 5, AUTH_LANES = 1, AUTH_CONTEXTS = 8
) (
  input  logic          clk_i, rst_ni,
  input  logic          nic_i, no_match_i,
  input  logic [1023:0] local_addr_i,
  input  logic [7:0]    local_v4_i, local_v6_i,
  input  logic          in_valid_i, in_last_i,
  output logic          in_ready_o,
  input  logic [6:0]    in_bytes_i,
  input  logic [511:0]  in_data_i,
  input  logic [1:0]    in_face_i,
  input  logic          in_told_i,
  input  logic [15:0]   in_slot_i,
  input  logic [63:0]   in_seq_i,
  input  logic [7:0]    in_reason_i,
  // sad: look-up
  output logic          req_valid_o,
  input  logic          req_ready_i,
  output logic          req_by_slot_o, req_v6_o,
  output logic [15:0]   req_slot_o,
  output logic [7:0]    req_proto_o,
  output logic [127:0]  req_dst_o,
  output logic [31:0]   req_spi_o, req_seq_o,
  input  logic          rsp_valid_i,
  output logic          rsp_ready_o,
  input  logic          rsp_hit_i, rsp_expired_i, rsp_replay_ok_i, rsp_sa_valid_i, rsp_sa_dir_i,
  input  logic [15:0]   rsp_slot_i, rsp_next_slot_i,
  input  logic [63:0]   rsp_seq_i,
  input  logic [31:0]   rsp_reqid_i,
  input  logic [7:0]    rsp_proto_i, rsp_mode_i, rsp_enc_i, rsp_auth_i, rsp_flags_i, rsp_icv_bytes_i,
  // sad: commit
  output logic          commit_valid_o,
  input  logic          commit_ready_i,
  output logic [15:0]   commit_slot_o, commit_bytes_o,
  output logic [63:0]   commit_seq_o,
  input  logic          committed_valid_i,
  output logic          committed_ready_o,
  input  logic          committed_replayed_i, committed_expired_i,
  // spd
  output logic          key_valid_o,
  input  logic          key_ready_i,
  output logic          key_v6_o, key_has_ports_o, key_no_ports_o,
  output logic [7:0]    key_proto_o,
  output logic [127:0]  key_src_o, key_dst_o,
  output logic [15:0]   key_sport_o, key_dport_o,
  input  logic          hit_valid_i,
  output logic          hit_ready_o,
  input  logic          hit_i, hit_ports_unknown_i,
  input  logic [15:0]   hit_sp_id_i,
  input  logic [1:0]    hit_action_i, hit_level_i,
  input  logic [31:0]   hit_reqid_i,
  // out
  output logic          lan_valid_o, lan_last_o,
  input  logic          lan_ready_i,
  output logic [6:0]    lan_bytes_o,
  output logic [511:0]  lan_data_o,
  output logic          host_valid_o, host_last_o,
  input  logic          host_ready_i,
  output logic [6:0]    host_bytes_o,
  output logic [511:0]  host_data_o,
  output logic [7:0]    host_reason_o,
  output logic [1:0]    host_face_o,
  output logic [15:0]   host_n_bytes_o, host_slot_o, host_sp_id_o,
  output logic [63:0]   host_seq_o,
  output logic          verdict_valid_o,
  input  logic          verdict_ready_i,
  output logic [7:0]    verdict_reason_o,
  output logic [1:0]    verdict_in_o, verdict_out_o,
  output logic [15:0]   verdict_bytes_o, verdict_slot_o, verdict_sp_id_o,
  output logic          sp_count_o, sa_count_o, sa_count_bad_o, sa_count_replayed_o,
  output logic [15:0]   sp_count_id_o, sa_count_slot_o,
  output logic [1:0]    sp_count_kind_o,
  // looked at inside: who asks, jobs that the engines take
  output logic          req_second_o, commit_second_o, key_second_o,   // which of a packet's two questions it is
  output logic          hashes_o, ciphers_o,
  output logic [15:0]   hash_slot_o, cipher_slot_o,
  output logic          cipher_copies_o,
  input  logic          tbl_valid_i,
  input  logic [4:0]    tbl_op_i,
  input  logic [15:0]   tbl_idx_i,
  input  logic [3:0]    tbl_ext_i,
  input  logic [7:0]    tbl_code_i,
  input  logic [511:0]  tbl_data_i,
  output logic          tbl_ack_o,
  output logic          busy_o
);
  adit_pkg::beat_t       in_beat, beat, lan_beat, host_beat;
  adit_pkg::tx_meta_t    in_meta;
  adit_pkg::facts_t      facts;
  adit_pkg::open_req_t   req;
  adit_pkg::open_rsp_t   rsp;
  adit_pkg::commit_req_t commit;
  adit_pkg::commit_rsp_t committed;
  adit_pkg::sp_key_t     key;
  adit_pkg::sp_hit_t     hit;
  adit_pkg::host_meta_t  host_meta;
  adit_pkg::verdict_t    verdict;
  adit_pkg::sp_count_t   sp_count;
  adit_pkg::sa_count_t   sa_count;
  adit_pkg::tbl_req_t    tbl;
  adit_pkg::tbl_rsp_t    tbl_rsp;
  logic facts_valid, facts_ready, beat_valid, beat_ready;

  assign in_beat = {in_last_i, in_bytes_i, in_data_i};
  assign tbl     = {tbl_valid_i, tbl_op_i, tbl_idx_i, tbl_ext_i, tbl_code_i, tbl_data_i};
  assign tbl_ack_o = tbl_rsp.ack;
  always_comb begin
    in_meta         = '0;
    in_meta.dest    = adit_reg_pkg::DEST_OPENED[2:0];
    in_meta.reason  = in_reason_i;
    in_meta.sa_slot = in_slot_i;
    in_meta.seq     = in_seq_i;
    rsp               = '0;
    rsp.hit           = rsp_hit_i;
    rsp.slot          = rsp_slot_i;
    rsp.seq           = rsp_seq_i;
    rsp.expired       = rsp_expired_i;
    rsp.replay_ok     = rsp_replay_ok_i;
    rsp.sa.valid      = rsp_sa_valid_i;
    rsp.sa.dir        = rsp_sa_dir_i;
    rsp.sa.reqid      = rsp_reqid_i;
    rsp.sa.proto      = rsp_proto_i;
    rsp.sa.mode       = rsp_mode_i;
    rsp.sa.enc        = rsp_enc_i;
    rsp.sa.auth       = rsp_auth_i;
    rsp.sa.flags      = rsp_flags_i;
    rsp.sa.next_slot  = rsp_next_slot_i;
    rsp.sa.icv_bytes  = rsp_icv_bytes_i;
    committed.replayed = committed_replayed_i;
    committed.expired  = committed_expired_i;
    hit               = '0;
    hit.hit           = hit_i;
    hit.ports_unknown = hit_ports_unknown_i;
    hit.sp_id         = hit_sp_id_i;
    hit.action        = hit_action_i;
    hit.level         = hit_level_i;
    hit.reqid         = hit_reqid_i;
  end
  assign {req_by_slot_o, req_slot_o, req_v6_o, req_proto_o, req_dst_o, req_spi_o, req_seq_o} = req;
  assign {commit_slot_o, commit_seq_o, commit_bytes_o} = commit;
  assign {key_v6_o, key_has_ports_o, key_no_ports_o, key_proto_o, key_src_o, key_dst_o, key_sport_o, key_dport_o} = key;
  assign {lan_last_o, lan_bytes_o, lan_data_o} = lan_beat;
  assign {host_last_o, host_bytes_o, host_data_o} = host_beat;
  assign {host_reason_o, host_face_o, host_n_bytes_o, host_slot_o, host_sp_id_o, host_seq_o} = host_meta;
  assign verdict_reason_o = verdict.reason;
  assign verdict_in_o     = verdict.face_in;
  assign verdict_out_o    = verdict.face_out;
  assign verdict_bytes_o  = verdict.frame_bytes;
  assign verdict_slot_o   = verdict.sa_slot;
  assign verdict_sp_id_o  = verdict.sp_id;
  assign sp_count_id_o    = sp_count.sp_id;
  assign sp_count_kind_o  = sp_count.kind;
  assign {sa_count_slot_o, sa_count_bad_o, sa_count_replayed_o} = sa_count;

  parse #(.WORDS_LOG2(FRAME_FIFO_LOG2)) u_parse (
    .clk_i, .rst_ni, .local_addr_i, .local_v4_i, .local_v6_i,
    .in_valid_i, .in_ready_o, .in_beat_i(in_beat), .in_face_i, .in_told_i, .in_meta_i(in_meta),
    .facts_valid_o(facts_valid), .facts_ready_i(facts_ready), .facts_o(facts),
    .beat_valid_o(beat_valid), .beat_ready_i(beat_ready), .beat_o(beat)
  );
  open #(.LANES(LANES), .ROUNDS(ROUNDS), .CIPHER_CONTEXTS(CIPHER_CONTEXTS), .STAGES(STAGES), .AUTH_LANES(AUTH_LANES), .AUTH_CONTEXTS(AUTH_CONTEXTS),
         .SLOTS_LOG2(6), .MEM_LOG2(MEM_LOG2), .TICKETS_LOG2(TICKETS_LOG2)) u_open (
    .clk_i, .rst_ni, .no_match_i, .nic_i, .local_addr_i, .local_v4_i, .local_v6_i, .enter_i(in_valid_i && in_ready_o && in_last_i),
    .facts_valid_i(facts_valid), .facts_ready_o(facts_ready), .facts_i(facts),
    .beat_valid_i(beat_valid), .beat_ready_o(beat_ready), .beat_i(beat),
    .sp_key_valid_o(key_valid_o), .sp_key_ready_i(key_ready_i), .sp_key_o(key),
    .sp_hit_valid_i(hit_valid_i), .sp_hit_ready_o(hit_ready_o), .sp_hit_i(hit),
    .open_req_valid_o(req_valid_o), .open_req_ready_i(req_ready_i), .open_req_o(req),
    .open_rsp_valid_i(rsp_valid_i), .open_rsp_ready_o(rsp_ready_o), .open_rsp_i(rsp),
    .commit_req_valid_o(commit_valid_o), .commit_req_ready_i(commit_ready_i), .commit_req_o(commit),
    .commit_rsp_valid_i(committed_valid_i), .commit_rsp_ready_o(committed_ready_o), .commit_rsp_i(committed),
    .sp_count_valid_o(sp_count_o), .sp_count_o(sp_count), .sa_count_valid_o(sa_count_o), .sa_count_o(sa_count),
    .lan_valid_o, .lan_ready_i, .lan_beat_o(lan_beat), .host_valid_o, .host_ready_i, .host_beat_o(host_beat), .host_meta_o(host_meta),
    .verdict_valid_o, .verdict_ready_i, .verdict_o(verdict),
    .busy_o, .tbl_i(tbl), .tbl_o(tbl_rsp)
  );
  assign req_second_o    = u_open.u_entry.u_ask.is_b;
  assign commit_second_o = u_open.u_check.u_ask.is_b;
  assign key_second_o    = u_open.u_ask.is_b;
  assign hashes_o        = u_open.auth_valid && u_open.auth_ready;
  assign hash_slot_o     = u_open.auth_job.slot;
  assign ciphers_o       = u_open.cipher_valid && u_open.cipher_ready;
  assign cipher_slot_o   = u_open.cipher_job.slot;
  assign cipher_copies_o = u_open.cipher_job.is_copy;

  logic unused;
  assign unused = &{1'b0, verdict, tbl_rsp};
endmodule
