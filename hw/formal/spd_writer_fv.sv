// SPDX-License-Identifier: BSD-2-Clause-Patent
// spd's writer with four rules a bank, in groups and chunks of two; its properties are in spd_writer_props.svh, which say of each RAM
// what it gives; here RAMs and makers of bits show anything at any time. Counters and bindings are ready at any time.
module spd_writer_fv (
  input logic clk_i, rst_ni,
  input adit_pkg::tbl_req_t tbl_i,
  input logic bind_ready_i, count_in_ready_i, count_in_got_i, count_out_ready_i, count_out_got_i
);
  spd_writer #(.RULES_LOG2(2), .CHUNK_LOG2(1), .GROUP_LOG2(1), .ADDR_BYTES(4)) u_dut (
    .clk_i, .rst_ni, .tbl_i, .tbl_o(), .live_o(), .used_o(), .group_o(), .line_we_o(), .line_addr_o(), .line_bits_o(),
    .kind_we_o(), .kind_addr_o(), .kind_bits_o(), .attr_we_o(), .attr_addr_o(), .attr_o(),
    .bind_valid_o(), .bind_ready_i, .bind_sp_id_o(), .bind_o(), .count_zero_o(), .count_idx_o(),
    .count_in_valid_o(), .count_in_ready_i, .count_in_got_i, .count_in_i('0),
    .count_out_valid_o(), .count_out_ready_i, .count_out_got_i, .count_out_i('0)
  );
endmodule

module ram_1r1w #(
  parameter int unsigned W  = 8,
  parameter int unsigned AW = 4
) (
  input  logic          clk_i, we_i, re_i,
  input  logic [AW-1:0] waddr_i, raddr_i,
  input  logic [W-1:0]  wdata_i,
  output logic [W-1:0]  rdata_o
);
  (* anyseq *) logic [W-1:0] any_data;
  assign rdata_o = any_data;
endmodule

module spd_rule #(
  parameter int unsigned ADDR_BYTES = 4
) (
  input  logic                    clk_i, load_i, make_i,
  input  logic [351:0]            rule_i,
  input  logic [7:0]              entry_i,
  output logic [2*ADDR_BYTES+8:0] bits_o
);
  (* anyseq *) logic [2*ADDR_BYTES+8:0] any_bits;
  assign bits_o = any_bits;
endmodule
