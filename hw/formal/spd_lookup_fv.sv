// SPDX-License-Identifier: BSD-2-Clause-Patent
// spd_lookup with four rules; its properties are in spd_lookup_props.svh. The FIFO of answers is proved by itself: here it shows
// anything at any time.
module spd_lookup_fv (
  input logic clk_i, rst_ni,
  input logic key_valid_i, hit_ready_i,
  input adit_pkg::sp_key_t key_i,
  input logic [21*4-1:0] col_i,
  input logic bank_i, attr_we_i, bind_we_i,
  input logic [3:0] valid_v4_i, valid_v6_i, opaque_i,
  input logic [2:0] attr_addr_i,
  input logic [52:0] attr_i,
  input logic [1:0] bind_sp_id_i,
  input logic [16:0] bind_i
);
  spd_lookup #(.RULES_LOG2(2), .ADDR_BYTES(4), .SEAL(1)) u_dut (
    .clk_i, .rst_ni, .key_valid_i, .key_ready_o(), .key_i, .hit_valid_o(), .hit_ready_i, .hit_o(), .col_re_o(), .col_byte_o(), .col_i,
    .bank_i, .valid_v4_i, .valid_v6_i, .opaque_i, .attr_we_i, .attr_addr_i, .attr_i, .bind_we_i, .bind_sp_id_i, .bind_i
  );
endmodule

module stream_fifo #(
  parameter int unsigned W          = 8,
  parameter int unsigned DEPTH_LOG2 = 3
) (
  input  logic                clk_i, rst_ni, in_valid_i,
  output logic                in_ready_o,
  input  logic [W-1:0]        in_data_i,
  output logic                out_valid_o,
  input  logic                out_ready_i,
  output logic [W-1:0]        out_data_o,
  output logic [DEPTH_LOG2:0] usage_o
);
  (* anyseq *) logic any_valid;
  (* anyseq *) logic [W-1:0] any_data;
  (* anyseq *) logic [DEPTH_LOG2:0] any_usage;
  assign in_ready_o  = 1'b1;
  assign out_valid_o = any_valid;
  assign out_data_o  = any_data;
  assign usage_o     = any_usage;
endmodule
