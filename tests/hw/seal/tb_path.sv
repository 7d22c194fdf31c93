// SPDX-License-Identifier: BSD-2-Clause-Patent
// Both directions with their tables, without ports and host: beats and table ops in, beats and verdicts out.
module tb_path #(
  parameter int unsigned LANES = 1, ROUNDS = 2, CIPHER_CONTEXTS = 8, STAGES = 5, AUTH_LANES = 1, AUTH_CONTEXTS = 8,
  parameter int unsigned MEM_LOG2 = 8, TICKETS_LOG2 = 4, FRAME_FIFO_LOG2 = 8
) (
  input  logic          clk_i,
  input  logic          rst_ni,
  input  logic          nic_i,
  input  logic          no_match_i,
  input  logic [1023:0] local_addr_i,
  input  logic [7:0]    local_v4_i,
  // [0] seal: lan or host in, wan out; [1] open: wan or host in, lan out
  input  logic          in0_valid_i, in1_valid_i,
  output logic          in0_ready_o, in1_ready_o,
  input  logic          in0_last_i, in1_last_i,
  input  logic [6:0]    in0_bytes_i, in1_bytes_i,
  input  logic [511:0]  in0_data_i, in1_data_i,
  input  logic [1:0]    in0_face_i, in1_face_i,
  output logic          port0_valid_o, port1_valid_o,
  input  logic          port0_ready_i, port1_ready_i,
  output logic          port0_last_o, port1_last_o,
  output logic [6:0]    port0_bytes_o, port1_bytes_o,
  output logic [511:0]  port0_data_o, port1_data_o,
  output logic          host0_valid_o, host1_valid_o,
  input  logic          host0_ready_i, host1_ready_i,
  output logic          host0_last_o, host1_last_o,
  output logic [6:0]    host0_bytes_o, host1_bytes_o,
  output logic [511:0]  host0_data_o, host1_data_o,
  output logic [121:0]  host0_meta_o, host1_meta_o,
  output logic          verdict0_valid_o, verdict1_valid_o,
  input  logic          verdict0_ready_i, verdict1_ready_i,
  output logic [91:0]   verdict0_o, verdict1_o,
  output logic          notice_valid_o,
  output logic [7:0]    notice_kind_o,
  output logic [15:0]   notice_sp_id_o,
  output logic [15:0]   notice_slot_o,
  output logic          busy_o,
  // a packet passes: facts, formed, cipher job, cipher done, hash job, hash done, called, checked (open) or head made (seal)
  output logic [7:0]    steps0_o, steps1_o,
  input  logic          tbl_valid_i,
  input  logic [4:0]    tbl_op_i,
  input  logic [15:0]   tbl_idx_i,
  input  logic [3:0]    tbl_ext_i,
  input  logic [7:0]    tbl_code_i,
  input  logic [511:0]  tbl_data_i,
  output logic          tbl_ack_o,
  output logic [7:0]    tbl_err_o,
  output logic [511:0]  tbl_data_o
);
  adit_pkg::tbl_req_t tbl;
  adit_pkg::tbl_rsp_t spd_rsp, sad_rsp, seal_rsp, open_rsp, rsp;
  assign tbl = {tbl_valid_i, tbl_op_i, tbl_idx_i, tbl_ext_i, tbl_code_i, tbl_data_i};
  assign rsp = spd_rsp | sad_rsp | seal_rsp | open_rsp;
  assign {tbl_ack_o, tbl_err_o, tbl_data_o} = rsp;

  adit_pkg::beat_t in0, in1, beat0, beat1, port0, port1, host0, host1;
  adit_pkg::facts_t facts0, facts1;
  logic facts0_valid, facts0_ready, facts1_valid, facts1_ready, beat0_valid, beat0_ready, beat1_valid, beat1_ready;
  assign in0 = {in0_last_i, in0_bytes_i, in0_data_i};
  assign in1 = {in1_last_i, in1_bytes_i, in1_data_i};
  assign {port0_last_o, port0_bytes_o, port0_data_o} = port0;
  assign {port1_last_o, port1_bytes_o, port1_data_o} = port1;
  assign {host0_last_o, host0_bytes_o, host0_data_o} = host0;
  assign {host1_last_o, host1_bytes_o, host1_data_o} = host1;

  parse #(.WORDS_LOG2(FRAME_FIFO_LOG2), .FACTS_LOG2(FRAME_FIFO_LOG2 > 9 ? FRAME_FIFO_LOG2 - 5 : 4)) u_parse0 (
    .clk_i, .rst_ni, .local_addr_i, .local_v4_i, .local_v6_i(8'd0),
    .in_valid_i(in0_valid_i), .in_ready_o(in0_ready_o), .in_beat_i(in0), .in_face_i(in0_face_i),
    .in_told_i(1'b0), .in_meta_i('0),
    .facts_valid_o(facts0_valid), .facts_ready_i(facts0_ready), .facts_o(facts0),
    .beat_valid_o(beat0_valid), .beat_ready_i(beat0_ready), .beat_o(beat0)
  );
  parse #(.WORDS_LOG2(FRAME_FIFO_LOG2), .FACTS_LOG2(FRAME_FIFO_LOG2 > 9 ? FRAME_FIFO_LOG2 - 5 : 4)) u_parse1 (
    .clk_i, .rst_ni, .local_addr_i, .local_v4_i, .local_v6_i(8'd0),
    .in_valid_i(in1_valid_i), .in_ready_o(in1_ready_o), .in_beat_i(in1), .in_face_i(in1_face_i),
    .in_told_i(1'b0), .in_meta_i('0),
    .facts_valid_o(facts1_valid), .facts_ready_i(facts1_ready), .facts_o(facts1),
    .beat_valid_o(beat1_valid), .beat_ready_i(beat1_ready), .beat_o(beat1)
  );

  logic key0_valid, key0_ready, hit0_valid, hit0_ready, key1_valid, key1_ready, hit1_valid, hit1_ready;
  adit_pkg::sp_key_t key0, key1;
  adit_pkg::sp_hit_t hit0, hit1;
  logic spc0_valid, spc1_valid, sac1_valid;
  adit_pkg::sp_count_t spc0, spc1;
  adit_pkg::sa_count_t sac1;
  logic sreq_valid, sreq_ready, srsp_valid, srsp_ready, oreq_valid, oreq_ready, orsp_valid, orsp_ready;
  logic rreq_valid, rreq_ready, rrsp_valid, rrsp_ready;
  adit_pkg::commit_rsp_t rrsp;
  adit_pkg::seal_req_t sreq;
  adit_pkg::seal_rsp_t srsp;
  adit_pkg::open_req_t oreq;
  adit_pkg::open_rsp_t orsp;
  adit_pkg::commit_req_t rreq;
  logic snotice_valid, busy0, busy1;
  adit_pkg::notice_t snotice, notice;

  spd #(.RULES_LOG2(6)) u_spd (
    .clk_i, .rst_ni,
    .seal_key_valid_i(key0_valid), .seal_key_ready_o(key0_ready), .seal_key_i(key0),
    .seal_hit_valid_o(hit0_valid), .seal_hit_ready_i(hit0_ready), .seal_hit_o(hit0),
    .open_key_valid_i(key1_valid), .open_key_ready_o(key1_ready), .open_key_i(key1),
    .open_hit_valid_o(hit1_valid), .open_hit_ready_i(hit1_ready), .open_hit_o(hit1),
    .seal_count_valid_i(spc0_valid), .seal_count_i(spc0), .open_count_valid_i(spc1_valid), .open_count_i(spc1),
    .tbl_i(tbl), .tbl_o(spd_rsp)
  );
  sad #(.SLOTS_LOG2(6)) u_sad (
    .clk_i, .rst_ni, .now_i(32'd0),
    .seal_req_valid_i(sreq_valid), .seal_req_ready_o(sreq_ready), .seal_req_i(sreq),
    .seal_rsp_valid_o(srsp_valid), .seal_rsp_ready_i(srsp_ready), .seal_rsp_o(srsp),
    .open_req_valid_i(oreq_valid), .open_req_ready_o(oreq_ready), .open_req_i(oreq),
    .open_rsp_valid_o(orsp_valid), .open_rsp_ready_i(orsp_ready), .open_rsp_o(orsp),
    .commit_req_valid_i(rreq_valid), .commit_req_ready_o(rreq_ready), .commit_req_i(rreq),
    .commit_rsp_valid_o(rrsp_valid), .commit_rsp_ready_i(rrsp_ready), .commit_rsp_o(rrsp),
    .open_count_valid_i(sac1_valid), .open_count_i(sac1),
    .notice_valid_o(snotice_valid), .notice_ready_i(1'b1), .notice_o(snotice),
    .tbl_i(tbl), .tbl_o(sad_rsp), .busy_o()
  );
  seal #(.LANES(LANES), .ROUNDS(ROUNDS), .CIPHER_CONTEXTS(CIPHER_CONTEXTS), .STAGES(STAGES), .AUTH_LANES(AUTH_LANES), .AUTH_CONTEXTS(AUTH_CONTEXTS),
         .SLOTS_LOG2(6), .MEM_LOG2(MEM_LOG2), .TICKETS_LOG2(TICKETS_LOG2)) u_seal (
    .clk_i, .rst_ni, .no_match_i, .enter_i(in0_valid_i && in0_ready_o && in0_last_i),
    .facts_valid_i(facts0_valid), .facts_ready_o(facts0_ready), .facts_i(facts0),
    .beat_valid_i(beat0_valid), .beat_ready_o(beat0_ready), .beat_i(beat0),
    .sp_key_valid_o(key0_valid), .sp_key_ready_i(key0_ready), .sp_key_o(key0),
    .sp_hit_valid_i(hit0_valid), .sp_hit_ready_o(hit0_ready), .sp_hit_i(hit0),
    .seal_req_valid_o(sreq_valid), .seal_req_ready_i(sreq_ready), .seal_req_o(sreq),
    .seal_rsp_valid_i(srsp_valid), .seal_rsp_ready_o(srsp_ready), .seal_rsp_i(srsp),
    .sp_count_valid_o(spc0_valid), .sp_count_o(spc0),
    .notice_valid_o, .notice_ready_i(1'b1), .notice_o(notice),
    .wan_valid_o(port0_valid_o), .wan_ready_i(port0_ready_i), .wan_beat_o(port0),
    .host_valid_o(host0_valid_o), .host_ready_i(host0_ready_i), .host_beat_o(host0), .host_meta_o(host0_meta_o),
    .verdict_valid_o(verdict0_valid_o), .verdict_ready_i(verdict0_ready_i), .verdict_o(verdict0_o),
    .busy_o(busy0), .tbl_i(tbl), .tbl_o(seal_rsp)
  );
  open #(.LANES(LANES), .ROUNDS(ROUNDS), .CIPHER_CONTEXTS(CIPHER_CONTEXTS), .STAGES(STAGES), .AUTH_LANES(AUTH_LANES), .AUTH_CONTEXTS(AUTH_CONTEXTS),
         .SLOTS_LOG2(6), .MEM_LOG2(MEM_LOG2), .TICKETS_LOG2(TICKETS_LOG2)) u_open (
    .clk_i, .rst_ni, .no_match_i, .nic_i, .local_addr_i, .local_v4_i, .local_v6_i(8'd0),
    .enter_i(in1_valid_i && in1_ready_o && in1_last_i),
    .facts_valid_i(facts1_valid), .facts_ready_o(facts1_ready), .facts_i(facts1),
    .beat_valid_i(beat1_valid), .beat_ready_o(beat1_ready), .beat_i(beat1),
    .sp_key_valid_o(key1_valid), .sp_key_ready_i(key1_ready), .sp_key_o(key1),
    .sp_hit_valid_i(hit1_valid), .sp_hit_ready_o(hit1_ready), .sp_hit_i(hit1),
    .open_req_valid_o(oreq_valid), .open_req_ready_i(oreq_ready), .open_req_o(oreq),
    .open_rsp_valid_i(orsp_valid), .open_rsp_ready_o(orsp_ready), .open_rsp_i(orsp),
    .commit_req_valid_o(rreq_valid), .commit_req_ready_i(rreq_ready), .commit_req_o(rreq),
    .commit_rsp_valid_i(rrsp_valid), .commit_rsp_ready_o(rrsp_ready), .commit_rsp_i(rrsp),
    .sp_count_valid_o(spc1_valid), .sp_count_o(spc1), .sa_count_valid_o(sac1_valid), .sa_count_o(sac1),
    .lan_valid_o(port1_valid_o), .lan_ready_i(port1_ready_i), .lan_beat_o(port1),
    .host_valid_o(host1_valid_o), .host_ready_i(host1_ready_i), .host_beat_o(host1), .host_meta_o(host1_meta_o),
    .verdict_valid_o(verdict1_valid_o), .verdict_ready_i(verdict1_ready_i), .verdict_o(verdict1_o),
    .busy_o(busy1), .tbl_i(tbl), .tbl_o(open_rsp)
  );
  assign busy_o         = busy0 || busy1;
  assign steps0_o = {facts0_valid && facts0_ready, u_seal.formed_valid && u_seal.formed_ready, u_seal.cipher_valid && u_seal.cipher_ready,
                     u_seal.ciphered_valid && u_seal.ciphered_ready, u_seal.auth_valid && u_seal.auth_ready,
                     u_seal.authed_valid && u_seal.authed_ready, u_seal.leave_valid && u_seal.leave_ready, port0_valid_o};
  assign steps1_o = {facts1_valid && facts1_ready, u_open.formed_valid && u_open.formed_ready, u_open.cipher_valid && u_open.cipher_ready,
                     u_open.ciphered_valid && u_open.ciphered_ready, u_open.auth_valid && u_open.auth_ready,
                     u_open.authed_valid && u_open.authed_ready, u_open.call_valid && u_open.call_ready, u_open.leave_valid && u_open.leave_ready};
  assign notice_kind_o  = notice.kind;
  assign notice_sp_id_o = notice.sp_id;
  assign notice_slot_o  = notice.sa_slot;

  logic unused;
  assign unused = &{1'b0, snotice_valid, snotice, notice};
endmodule
