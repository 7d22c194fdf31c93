// SPDX-License-Identifier: BSD-2-Clause-Patent
// sad with its structs spread out, for the test program.
module tb_sad #(
  parameter int unsigned SLOTS_LOG2 = 6
) (
  input  logic         clk_i, rst_ni,
  input  logic         seal_valid_i,
  output logic         seal_ready_o,
  input  logic [15:0]  seal_slot_i,
  input  logic [31:0]  seal_reqid_i,
  output logic         seal_rsp_valid_o,
  input  logic         seal_rsp_ready_i,
  output logic         seal_sa_valid_o, seal_seq_ok_o,
  output logic [15:0]  seal_slot_o,
  output logic [63:0]  seal_seq_o,
  output logic [511:0] seal_sa_o,

  input  logic         open_valid_i,
  output logic         open_ready_o,
  input  logic         open_is_v6_i,
  input  logic [7:0]   open_proto_i,
  input  logic [127:0] open_dst_i,
  input  logic [31:0]  open_spi_i, open_seq_i,
  output logic         open_rsp_valid_o,
  input  logic         open_rsp_ready_i,
  output logic         open_hit_o, open_replay_ok_o, open_sa_valid_o,
  output logic [15:0]  open_slot_o,
  output logic [63:0]  open_seq_o,
  output logic [511:0] open_sa_o,

  input  logic         replay_valid_i,
  output logic         replay_ready_o,
  input  logic [15:0]  replay_slot_i,
  input  logic [63:0]  replay_seq_i,
  output logic         replay_rsp_valid_o,
  input  logic         replay_rsp_ready_i,
  output logic         replay_ok_o,

  input  logic [1:0]   count_valid_i, count_done_i, count_bad_icv_i, count_replayed_i,  // 0 seal, 1 open
  input  logic [15:0]  count0_slot_i, count1_slot_i, count0_bytes_i, count1_bytes_i,

  output logic         notice_valid_o,
  input  logic         notice_ready_i,
  output logic [7:0]   notice_kind_o,
  output logic [15:0]  notice_slot_o, notice_sp_id_o,
  output logic         notice_rest_o,  // any bit of the other fields

  input  logic         tbl_valid_i,
  input  logic [4:0]   tbl_op_i,
  input  logic [15:0]  tbl_idx_i,
  input  logic [3:0]   tbl_ext_i,
  input  logic [511:0] tbl_data_i,
  output logic         tbl_ack_o,
  output logic [7:0]   tbl_err_o,
  output logic [511:0] tbl_data_o
);
  adit_pkg::seal_req_t   seal_req;
  adit_pkg::seal_rsp_t   seal_rsp;
  adit_pkg::open_req_t   open_req;
  adit_pkg::open_rsp_t   open_rsp;
  adit_pkg::replay_req_t replay_req;
  adit_pkg::sa_count_t   count0, count1;
  adit_pkg::notice_t     notice;
  adit_pkg::tbl_req_t    req;
  adit_pkg::tbl_rsp_t    rsp;
  adit_pkg::sa_t         seal_sa, open_sa;
  assign seal_req   = {seal_slot_i, seal_reqid_i};
  assign open_req   = {open_is_v6_i, open_proto_i, open_dst_i, open_spi_i, open_seq_i};
  assign replay_req = {replay_slot_i, replay_seq_i};
  assign count0 = {count0_slot_i, count_done_i[0], count_bad_icv_i[0], count_replayed_i[0], count0_bytes_i};
  assign count1 = {count1_slot_i, count_done_i[1], count_bad_icv_i[1], count_replayed_i[1], count1_bytes_i};
  assign req    = {tbl_valid_i, tbl_op_i, tbl_idx_i, tbl_ext_i, tbl_data_i};
  assign {tbl_ack_o, tbl_err_o, tbl_data_o} = rsp;
  assign seal_sa         = seal_rsp.sa;
  assign seal_sa_valid_o = seal_sa.valid;
  assign seal_slot_o     = seal_rsp.slot;
  assign seal_seq_o      = seal_rsp.seq;
  assign seal_seq_ok_o   = seal_rsp.seq_ok;
  assign open_hit_o       = open_rsp.hit;
  assign open_slot_o      = open_rsp.slot;
  assign open_sa          = open_rsp.sa;
  assign open_sa_valid_o  = open_sa.valid;
  assign open_seq_o       = open_rsp.seq;
  assign open_replay_ok_o = open_rsp.replay_ok;
  assign notice_kind_o  = notice.kind;
  assign notice_slot_o  = notice.sa_slot;
  assign notice_sp_id_o = notice.sp_id;
  assign notice_rest_o  = |{notice.proto, notice.is_v6, notice.src, notice.dst, notice.sport, notice.dport};

  // An SA as 64 bytes: 0 spi, 4 reqid, 8 dir, proto, mode, enc, auth, flags, ttl, dscp, 16 replay, 18 sport, 20 dport, 22 next,
  // 24 flow label, 28 mtu, 32 src and 48 dst as numbers.
  assign seal_sa_o = {seal_sa.dst, seal_sa.src, 16'b0, seal_sa.path_mtu, seal_sa.flow_label, seal_sa.next_slot, seal_sa.natt_dport,
                      seal_sa.natt_sport, seal_sa.replay_packets, seal_sa.dscp, seal_sa.ttl, seal_sa.flags, seal_sa.auth,
                      seal_sa.enc, seal_sa.mode, seal_sa.proto, 7'b0, seal_sa.dir, seal_sa.reqid, seal_sa.spi};
  assign open_sa_o = {open_sa.dst, open_sa.src, 16'b0, open_sa.path_mtu, open_sa.flow_label, open_sa.next_slot, open_sa.natt_dport,
                      open_sa.natt_sport, open_sa.replay_packets, open_sa.dscp, open_sa.ttl, open_sa.flags, open_sa.auth,
                      open_sa.enc, open_sa.mode, open_sa.proto, 7'b0, open_sa.dir, open_sa.reqid, open_sa.spi};

  sad #(.SLOTS_LOG2(SLOTS_LOG2)) u_sad (
    .clk_i, .rst_ni,
    .seal_req_valid_i(seal_valid_i), .seal_req_ready_o(seal_ready_o), .seal_req_i(seal_req),
    .seal_rsp_valid_o, .seal_rsp_ready_i, .seal_rsp_o(seal_rsp),
    .open_req_valid_i(open_valid_i), .open_req_ready_o(open_ready_o), .open_req_i(open_req),
    .open_rsp_valid_o, .open_rsp_ready_i, .open_rsp_o(open_rsp),
    .replay_req_valid_i(replay_valid_i), .replay_req_ready_o(replay_ready_o), .replay_req_i(replay_req),
    .replay_rsp_valid_o, .replay_rsp_ready_i, .replay_rsp_ok_o(replay_ok_o),
    .seal_count_valid_i(count_valid_i[0]), .seal_count_i(count0),
    .open_count_valid_i(count_valid_i[1]), .open_count_i(count1),
    .notice_valid_o, .notice_ready_i, .notice_o(notice),
    .tbl_i(req), .tbl_o(rsp)
  );
endmodule
