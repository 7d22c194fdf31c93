// SPDX-License-Identifier: BSD-2-Clause-Patent
// spd_lookup with sixteen chunks of two ranks; its properties are in spd_lookup_props.svh. Chunks find anything at any time
// (spd_chunk_fv proves what they find). The FIFOs of answers are proved by themselves: here they show anything at any time.
module spd_lookup_fv (
  input logic clk_i, rst_ni,
  input logic seal_key_valid_i, seal_hit_ready_i, open_key_valid_i, open_hit_ready_i,
  input adit_pkg::sp_key_t seal_key_i, open_key_i,
  input logic [15:0] any_i, rank_i,
  input logic live_i, attr_we_i, bind_valid_i,
  input logic [31:0] used_i,
  input logic [5:0] attr_addr_i,
  input logic [52:0] attr_i,
  input logic [4:0] bind_sp_id_i,
  input logic [16:0] bind_i
);
  spd_lookup #(.RULES_LOG2(5), .CHUNK_LOG2(1), .ADDR_BYTES(4)) u_dut (
    .clk_i, .rst_ni,
    .seal_key_valid_i, .seal_key_ready_o(), .seal_key_i, .seal_hit_valid_o(), .seal_hit_ready_i, .seal_hit_o(),
    .open_key_valid_i, .open_key_ready_o(), .open_key_i, .open_hit_valid_o(), .open_hit_ready_i, .open_hit_o(),
    .read_o(), .bank_o(), .kind_o(), .byte_o(), .and_o(), .has_ports_o(), .first_o(), .any_i, .rank_i, .live_i, .used_i,
    .attr_we_i, .attr_addr_i, .attr_i, .bind_valid_i, .bind_ready_o(), .bind_sp_id_i, .bind_i
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
