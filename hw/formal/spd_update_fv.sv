// SPDX-License-Identifier: BSD-2-Clause-Patent
// spd's writer with four rules a bank; its properties are in spd_props.svh. What the writer does not listen to is left open: look-up
// ports ask at any time (spd_lookup_fv proves what they do), counters are ready at any time. Their stand-ins show what they are given.
module spd_update_fv (
  input logic clk_i, rst_ni,
  input adit_pkg::tbl_req_t tbl_i
);
  spd #(.RULES_LOG2(2), .ADDR_BYTES(4)) u_dut (
    .clk_i, .rst_ni,
    .seal_key_valid_i(1'b0), .seal_key_ready_o(), .seal_key_i('0), .seal_hit_valid_o(), .seal_hit_ready_i(1'b0), .seal_hit_o(),
    .open_key_valid_i(1'b0), .open_key_ready_o(), .open_key_i('0), .open_hit_valid_o(), .open_hit_ready_i(1'b0), .open_hit_o(),
    .seal_count_valid_i(1'b0), .seal_count_i('0), .open_count_valid_i(1'b0), .open_count_i('0), .tbl_i, .tbl_o()
  );
endmodule

module spd_lookup #(
  parameter int unsigned RULES_LOG2 = 2,
  parameter int unsigned ADDR_BYTES = 4,
  parameter bit          SEAL       = 1
) (
  input  logic                 clk_i, rst_ni, key_valid_i, hit_ready_i,
  output logic                 key_ready_o, hit_valid_o, col_re_o,
  input  adit_pkg::sp_key_t    key_i,
  output adit_pkg::sp_hit_t    hit_o,
  output logic [(2*ADDR_BYTES+13)*8-1:0]               col_byte_o,
  input  logic [(2*ADDR_BYTES+13)*(2**RULES_LOG2)-1:0] col_i,
  input  logic                      bank_i, attr_we_i, bind_we_i,
  input  logic [2**RULES_LOG2-1:0]  valid_v4_i, valid_v6_i, opaque_i,
  input  logic [RULES_LOG2:0]       attr_addr_i,
  input  logic [52:0]               attr_i,
  input  logic [RULES_LOG2-1:0]     bind_sp_id_i,
  input  logic [16:0]               bind_i
);
  (* anyseq *) logic any;
  (* anyseq *) logic [(2*ADDR_BYTES+13)*8-1:0] any_byte;
  assign {key_ready_o, hit_valid_o, col_re_o} = {3{any}};
  assign col_byte_o = any_byte;
  always_comb begin  // shows what it is given to sample
    hit_o       = '0;
    hit_o.hit   = bank_i;
    hit_o.sp_id = {4'b0, opaque_i, valid_v6_i, valid_v4_i};
  end
endmodule

module spd_column #(
  parameter int unsigned RULES_LOG2 = 2
) (
  input  logic                      clk_i, seal_re_i, open_re_i, old_re_i, we_i, clear_i, bit_i,
  input  logic [8:0]                seal_addr_i, open_addr_i, old_addr_i, waddr_i,
  input  logic [RULES_LOG2-1:0]     rank_i,
  output logic [2**RULES_LOG2-1:0]  seal_o, open_o
);
  assign seal_o = {2**RULES_LOG2{seal_addr_i[8]}};  // shows whose lines are read
  assign open_o = {2**RULES_LOG2{open_addr_i[8]}};
endmodule

module count_ram #(
  parameter int unsigned AW      = 2,
  parameter int unsigned FIELDS  = 3,
  parameter int unsigned ADD_W   = 1
) (
  input  logic                    clk_i, rst_ni, add_valid_i, op_valid_i, op_is_zero_i,
  input  logic [AW-1:0]           add_idx_i, op_idx_i,
  input  logic [FIELDS*ADD_W-1:0] add_i,
  output logic                    op_ready_o, get_valid_o,
  output logic [FIELDS*64-1:0]    get_o
);
  (* anyseq *) logic any_ready, any_valid;
  assign op_ready_o  = any_ready;
  assign get_valid_o = any_valid;
  assign get_o       = '0;
endmodule
