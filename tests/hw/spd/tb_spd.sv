// SPDX-License-Identifier: BSD-2-Clause-Patent
// spd with its structs spread out, for the test program. Port 0 is seal, port 1 open.
module tb_spd #(
  parameter int unsigned RULES_LOG2 = 6,
  parameter int unsigned ADDR_BYTES = 16
) (
  input  logic         clk_i, rst_ni,
  input  logic [1:0]   key_valid_i,
  output logic [1:0]   key_ready_o,
  input  logic [1:0]   key_is_v6_i, key_has_ports_i, key_no_ports_i,
  input  logic [7:0]   key0_proto_i, key1_proto_i,
  input  logic [127:0] key0_src_i, key0_dst_i, key1_src_i, key1_dst_i,
  input  logic [15:0]  key0_sport_i, key0_dport_i, key1_sport_i, key1_dport_i,
  output logic [1:0]   hit_valid_o,
  input  logic [1:0]   hit_ready_i,
  output logic [1:0]   hit_o, ports_unknown_o, bound_o, acquire_o,
  output logic [15:0]  hit0_sp_id_o, hit1_sp_id_o, hit0_slot_o, hit1_slot_o,
  output logic [1:0]   hit0_action_o, hit1_action_o, hit0_level_o, hit1_level_o,
  output logic [31:0]  hit0_reqid_o, hit1_reqid_o,
  input  logic [1:0]   count_valid_i,
  input  logic [15:0]  count0_sp_id_i, count1_sp_id_i,
  input  logic [1:0]   count0_kind_i, count1_kind_i,
  input  logic         tbl_valid_i,
  input  logic [4:0]   tbl_op_i,
  input  logic [15:0]  tbl_idx_i,
  input  logic [3:0]   tbl_ext_i,
  input  logic [511:0] tbl_data_i,
  output logic         tbl_ack_o,
  output logic [7:0]   tbl_err_o,
  output logic [511:0] tbl_data_o
);
  adit_pkg::sp_key_t   key0, key1;
  adit_pkg::sp_hit_t   hit0, hit1;
  adit_pkg::sp_count_t count0, count1;
  adit_pkg::tbl_req_t  req;
  adit_pkg::tbl_rsp_t  rsp;
  assign key0 = {key_is_v6_i[0], key_has_ports_i[0], key_no_ports_i[0], key0_proto_i, key0_src_i, key0_dst_i, key0_sport_i, key0_dport_i};
  assign key1 = {key_is_v6_i[1], key_has_ports_i[1], key_no_ports_i[1], key1_proto_i, key1_src_i, key1_dst_i, key1_sport_i, key1_dport_i};
  assign {hit_o[0], ports_unknown_o[0], hit0_sp_id_o, hit0_action_o, hit0_level_o, hit0_reqid_o, bound_o[0], hit0_slot_o,
          acquire_o[0]} = hit0;
  assign {hit_o[1], ports_unknown_o[1], hit1_sp_id_o, hit1_action_o, hit1_level_o, hit1_reqid_o, bound_o[1], hit1_slot_o,
          acquire_o[1]} = hit1;
  assign count0 = {count0_sp_id_i, count0_kind_i};
  assign count1 = {count1_sp_id_i, count1_kind_i};
  assign req    = {tbl_valid_i, tbl_op_i, tbl_idx_i, tbl_ext_i, 8'h00, tbl_data_i};
  assign {tbl_ack_o, tbl_err_o, tbl_data_o} = rsp;

  spd #(.RULES_LOG2(RULES_LOG2), .ADDR_BYTES(ADDR_BYTES)) u_spd (
    .clk_i, .rst_ni,
    .seal_key_valid_i(key_valid_i[0]), .seal_key_ready_o(key_ready_o[0]), .seal_key_i(key0),
    .seal_hit_valid_o(hit_valid_o[0]), .seal_hit_ready_i(hit_ready_i[0]), .seal_hit_o(hit0),
    .open_key_valid_i(key_valid_i[1]), .open_key_ready_o(key_ready_o[1]), .open_key_i(key1),
    .open_hit_valid_o(hit_valid_o[1]), .open_hit_ready_i(hit_ready_i[1]), .open_hit_o(hit1),
    .seal_count_valid_i(count_valid_i[0]), .seal_count_i(count0),
    .open_count_valid_i(count_valid_i[1]), .open_count_i(count1),
    .tbl_i(req), .tbl_o(rsp)
  );
endmodule
