// SPDX-License-Identifier: BSD-2-Clause-Patent
// sad with its structs spread out, for the test program.
module tb_sad #(
  parameter int unsigned SLOTS_LOG2  = 6,
  parameter int unsigned WINDOW_LOG2 = 12
) (
  input  logic         clk_i, rst_ni,
  input  logic [31:0]  now_i,
  input  logic         seal_valid_i,
  output logic         seal_ready_o,
  input  logic [15:0]  seal_slot_i, seal_n_bytes_i,
  input  logic [31:0]  seal_reqid_i,
  input  logic         seal_any_reqid_i, seal_may_split_i, seal_is_next_i,
  output logic         seal_rsp_valid_o,
  input  logic         seal_rsp_ready_i,
  output logic         seal_sa_valid_o, seal_expired_o, seal_too_big_o, seal_seq_ok_o,
  output logic [15:0]  seal_slot_o,
  output logic [63:0]  seal_seq_o,
  output logic [535:0] seal_sa_o,

  input  logic         open_valid_i,
  output logic         open_ready_o,
  input  logic         open_by_slot_i,
  input  logic [15:0]  open_told_slot_i,
  input  logic         open_is_v6_i,
  input  logic [7:0]   open_proto_i,
  input  logic [127:0] open_dst_i,
  input  logic [31:0]  open_spi_i, open_seq_i,
  output logic         open_rsp_valid_o,
  input  logic         open_rsp_ready_i,
  output logic         open_hit_o, open_expired_o, open_replay_ok_o, open_sa_valid_o,
  output logic [15:0]  open_slot_o,
  output logic [63:0]  open_seq_o,
  output logic [535:0] open_sa_o,

  input  logic         commit_valid_i,
  output logic         commit_ready_o,
  input  logic [15:0]  commit_slot_i, commit_n_bytes_i,
  input  logic [63:0]  commit_seq_i,
  output logic         commit_rsp_valid_o,
  input  logic         commit_rsp_ready_i,
  output logic         commit_replayed_o, commit_expired_o,

  input  logic         count_valid_i, count_bad_icv_i, count_replayed_i,
  input  logic [15:0]  count_slot_i,

  output logic         notice_valid_o,
  input  logic         notice_ready_i,
  output logic [7:0]   notice_kind_o,
  output logic [15:0]  notice_slot_o, notice_sp_id_o,
  output logic         notice_rest_o,  // any bit of the other fields

  input  logic         tbl_valid_i,
  input  logic [4:0]   tbl_op_i,
  input  logic [15:0]  tbl_idx_i,
  input  logic [3:0]   tbl_ext_i,
  input  logic [7:0]   tbl_code_i,
  input  logic [511:0] tbl_data_i,
  output logic         tbl_ack_o,
  output logic [7:0]   tbl_err_o,
  output logic [511:0] tbl_data_o,

  input  logic         peek_i,        // look into the memories
  input  logic [15:0]  peek_slot_i,
  output logic         peek_zero_o    // of this slot there is nothing but zeros, nor in the held words
);
  adit_pkg::seal_req_t   seal_req;
  adit_pkg::seal_rsp_t   seal_rsp;
  adit_pkg::open_req_t   open_req;
  adit_pkg::open_rsp_t   open_rsp;
  adit_pkg::commit_req_t commit_req;
  adit_pkg::commit_rsp_t commit_rsp;
  adit_pkg::sa_count_t   count;
  adit_pkg::notice_t     notice;
  adit_pkg::tbl_req_t    req;
  adit_pkg::tbl_rsp_t    rsp;
  adit_pkg::sa_t         seal_sa, open_sa;
  assign seal_req   = {seal_slot_i, seal_reqid_i, seal_any_reqid_i, seal_n_bytes_i, seal_may_split_i, seal_is_next_i};
  assign open_req   = {open_by_slot_i, open_told_slot_i, open_is_v6_i, open_proto_i, open_dst_i, open_spi_i, open_seq_i};
  assign commit_req = {commit_slot_i, commit_seq_i, commit_n_bytes_i};
  assign count      = {count_slot_i, count_bad_icv_i, count_replayed_i};
  assign req        = {tbl_valid_i, tbl_op_i, tbl_idx_i, tbl_ext_i, tbl_code_i, tbl_data_i};
  assign {tbl_ack_o, tbl_err_o, tbl_data_o} = rsp;
  assign seal_sa         = seal_rsp.sa;
  assign seal_sa_valid_o = seal_sa.valid;
  assign seal_slot_o     = seal_rsp.slot;
  assign seal_expired_o  = seal_rsp.expired;
  assign seal_too_big_o  = seal_rsp.too_big;
  assign seal_seq_o      = seal_rsp.seq;
  assign seal_seq_ok_o   = seal_rsp.seq_ok;
  assign open_hit_o       = open_rsp.hit;
  assign open_slot_o      = open_rsp.slot;
  assign open_sa          = open_rsp.sa;
  assign open_sa_valid_o  = open_sa.valid;
  assign open_seq_o       = open_rsp.seq;
  assign open_expired_o   = open_rsp.expired;
  assign open_replay_ok_o = open_rsp.replay_ok;
  assign commit_replayed_o = commit_rsp.replayed;
  assign commit_expired_o  = commit_rsp.expired;
  assign notice_kind_o  = notice.kind;
  assign notice_slot_o  = notice.sa_slot;
  assign notice_sp_id_o = notice.sp_id;
  assign notice_rest_o  = |{notice.proto, notice.is_v6, notice.src, notice.dst, notice.sport, notice.dport};

  // An SA as bytes: the first 32 as in the record's word 0; 32 src, 48 dst as numbers; 64 icv_bytes, 65 tfc_bytes.
  assign seal_sa_o = {seal_sa.tfc_bytes, seal_sa.icv_bytes, seal_sa.dst, seal_sa.src, seal_sa.inner_mtu, seal_sa.path_mtu,
                      seal_sa.flow_label, seal_sa.next_slot, seal_sa.natt_dport,
                      seal_sa.natt_sport, seal_sa.replay_packets, seal_sa.dscp, seal_sa.ttl, seal_sa.flags, seal_sa.auth,
                      seal_sa.enc, seal_sa.mode, seal_sa.proto, 7'b0, seal_sa.dir, seal_sa.reqid, seal_sa.spi};
  assign open_sa_o = {open_sa.tfc_bytes, open_sa.icv_bytes, open_sa.dst, open_sa.src, open_sa.inner_mtu, open_sa.path_mtu,
                      open_sa.flow_label, open_sa.next_slot, open_sa.natt_dport,
                      open_sa.natt_sport, open_sa.replay_packets, open_sa.dscp, open_sa.ttl, open_sa.flags, open_sa.auth,
                      open_sa.enc, open_sa.mode, open_sa.proto, 7'b0, open_sa.dir, open_sa.reqid, open_sa.spi};

  logic unused_busy;
  sad #(.SLOTS_LOG2(SLOTS_LOG2), .WINDOW_LOG2(WINDOW_LOG2)) u_sad (
    .clk_i, .rst_ni, .now_i,
    .seal_req_valid_i(seal_valid_i), .seal_req_ready_o(seal_ready_o), .seal_req_i(seal_req),
    .seal_rsp_valid_o, .seal_rsp_ready_i, .seal_rsp_o(seal_rsp),
    .open_req_valid_i(open_valid_i), .open_req_ready_o(open_ready_o), .open_req_i(open_req),
    .open_rsp_valid_o, .open_rsp_ready_i, .open_rsp_o(open_rsp),
    .commit_req_valid_i(commit_valid_i), .commit_req_ready_o(commit_ready_o), .commit_req_i(commit_req),
    .commit_rsp_valid_o, .commit_rsp_ready_i, .commit_rsp_o(commit_rsp),
    .open_count_valid_i(count_valid_i), .open_count_i(count),
    .notice_valid_o, .notice_ready_i, .notice_o(notice),
    .tbl_i(req), .tbl_o(rsp), .busy_o(unused_busy)
  );

  // Every memory that has a line for each slot, and the keys of both tables.
  logic [SLOTS_LOG2-1:0] at;
  logic                  in_words, in_map, in_keys;
  assign at = peek_slot_i[SLOTS_LOG2-1:0];
  always_comb begin
    in_words = 1'b0;
    in_map   = 1'b0;
    in_keys  = 1'b0;
    if (peek_i) begin
      in_words = |{u_sad.u_words.mem[at], u_sad.u_limits.mem[at], u_sad.u_added.mem[at], u_sad.u_valid_out.mem[at],
                   u_sad.u_valid_in.mem[at], u_sad.addr_q, u_sad.limits_q, u_sad.u_seal.u_state.mem[at],
                   u_sad.u_open.u_hard_seconds.mem[at], u_sad.u_open.u_added.mem[at], u_sad.u_open.u_replay.mem[at],
                   u_sad.u_commit.u_state.mem[at], u_sad.u_commit.u_valid.mem[at], u_sad.u_count.u_ram.mem[at]};
      for (int w = 0; w < 1 << (WINDOW_LOG2 - 6); w++)
        in_map = in_map || u_sad.u_commit.u_map.mem[{at, (WINDOW_LOG2 - 6)'(w)}] != 64'b0;
      for (int b = 0; b < 1 << (SLOTS_LOG2 - 2); b++)
        for (int w = 0; w < 4; w++)
          in_keys = in_keys
            || u_sad.u_table0.mem[b][83*w + 82] && u_sad.u_table0.mem[b][83*w + 66 +: 16] == peek_slot_i
            || u_sad.u_table1.mem[b][83*w + 82] && u_sad.u_table1.mem[b][83*w + 66 +: 16] == peek_slot_i;
    end
  end
  assign peek_zero_o = !in_words && !in_map && !in_keys;
endmodule
