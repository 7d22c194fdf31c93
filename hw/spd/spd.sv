// SPDX-License-Identifier: BSD-2-Clause-Patent
// Security policy database (RFC 4301 §4.4.1): two banks of ordered rules, one of them live; one look-up a cycle, however many rules
// there are, shared by both directions. This file holds the chunks of the columns, the look-up, the writer and the counters.
module spd #(
  parameter int unsigned RULES_LOG2 = 6,
  parameter int unsigned ADDR_BYTES = 16  // address bytes that have a column: 16, or 4 for IPv4 alone
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,
  input  logic                 seal_key_valid_i,
  output logic                 seal_key_ready_o,
  input  adit_pkg::sp_key_t    seal_key_i,
  output logic                 seal_hit_valid_o,
  input  logic                 seal_hit_ready_i,
  output adit_pkg::sp_hit_t    seal_hit_o,
  input  logic                 open_key_valid_i,
  output logic                 open_key_ready_o,
  input  adit_pkg::sp_key_t    open_key_i,
  output logic                 open_hit_valid_o,
  input  logic                 open_hit_ready_i,
  output adit_pkg::sp_hit_t    open_hit_o,
  input  logic                 seal_count_valid_i,
  input  adit_pkg::sp_count_t  seal_count_i,
  input  logic                 open_count_valid_i,
  input  adit_pkg::sp_count_t  open_count_i,
  input  adit_pkg::tbl_req_t   tbl_i,
  output adit_pkg::tbl_rsp_t   tbl_o
);
  localparam int unsigned COLUMNS    = 2 * ADDR_BYTES + 9;
  localparam int unsigned GROUP_LOG2 = 3;                                 // ranks that are written together
  localparam int unsigned GROUP      = 2 ** GROUP_LOG2;
  localparam int unsigned GROUP_W    = RULES_LOG2 - GROUP_LOG2;
  localparam int unsigned CHUNK_LOG2 = RULES_LOG2 < 6 ? RULES_LOG2 : 6;   // ranks that are read together: a block RAM a column
  localparam int unsigned CHUNKS     = 2 ** (RULES_LOG2 - CHUNK_LOG2);

  initial if (ADDR_BYTES != 4 && ADDR_BYTES != 16) $fatal(1, "spd: ADDR_BYTES is 4 or 16");

  logic                         live, bank, has_ports, line_we, kind_we;
  logic [2*CHUNKS-1:0]          used;
  logic [CHUNKS-1:0]            read, and_lines, first, any;
  logic [CHUNKS*CHUNK_LOG2-1:0] ranks;
  logic [1:0]                   kind;
  logic [COLUMNS*8-1:0]         key_bytes;
  logic [GROUP_W-1:0]           group;
  logic [8:0]                   line_addr;
  logic [COLUMNS*GROUP-1:0]     line_bits;
  logic [2:0]                   kind_addr;
  logic [GROUP-1:0]             kind_bits;
  logic                         attr_we, bind_valid, bind_ready;
  logic [RULES_LOG2:0]          attr_addr;
  logic [52:0]                  attr;
  logic [RULES_LOG2-1:0]        bind_sp_id, count_idx;
  logic [16:0]                  bind_data;
  logic                         count_zero, in_valid, in_ready, in_got, out_valid, out_ready, out_got;
  logic [191:0]                 count_in, count_out;

  spd_writer #(.RULES_LOG2(RULES_LOG2), .CHUNK_LOG2(CHUNK_LOG2), .GROUP_LOG2(GROUP_LOG2), .ADDR_BYTES(ADDR_BYTES)) u_writer (
    .clk_i, .rst_ni, .tbl_i, .tbl_o, .live_o(live), .used_o(used),
    .group_o(group), .line_we_o(line_we), .line_addr_o(line_addr), .line_bits_o(line_bits),
    .kind_we_o(kind_we), .kind_addr_o(kind_addr), .kind_bits_o(kind_bits),
    .attr_we_o(attr_we), .attr_addr_o(attr_addr), .attr_o(attr),
    .bind_valid_o(bind_valid), .bind_ready_i(bind_ready), .bind_sp_id_o(bind_sp_id), .bind_o(bind_data),
    .count_zero_o(count_zero), .count_idx_o(count_idx),
    .count_in_valid_o(in_valid), .count_in_ready_i(in_ready), .count_in_got_i(in_got), .count_in_i(count_in),
    .count_out_valid_o(out_valid), .count_out_ready_i(out_ready), .count_out_got_i(out_got), .count_out_i(count_out)
  );

  for (genvar c = 0; c < CHUNKS; c++) begin : g_chunk
    spd_chunk #(.RANKS_LOG2(CHUNK_LOG2), .GROUP_LOG2(GROUP_LOG2), .ADDR_BYTES(ADDR_BYTES), .GROUP_W(GROUP_W)) u_chunk (
      .clk_i, .chunk_i(GROUP_W'(c)),
      .read_i(read[c]), .bank_i(bank), .kind_i(kind), .byte_i(key_bytes), .and_i(and_lines[c]), .has_ports_i(has_ports),
      .first_i(first[c]), .any_o(any[c]), .first_o(ranks[CHUNK_LOG2*c +: CHUNK_LOG2]),
      .group_i(group), .line_we_i(line_we), .line_addr_i(line_addr), .line_bits_i(line_bits),
      .kind_we_i(kind_we), .kind_addr_i(kind_addr), .kind_bits_i(kind_bits)
    );
  end

  spd_lookup #(.RULES_LOG2(RULES_LOG2), .CHUNK_LOG2(CHUNK_LOG2), .ADDR_BYTES(ADDR_BYTES)) u_lookup (
    .clk_i, .rst_ni,
    .seal_key_valid_i, .seal_key_ready_o, .seal_key_i, .seal_hit_valid_o, .seal_hit_ready_i, .seal_hit_o,
    .open_key_valid_i, .open_key_ready_o, .open_key_i, .open_hit_valid_o, .open_hit_ready_i, .open_hit_o,
    .read_o(read), .bank_o(bank), .kind_o(kind), .byte_o(key_bytes), .and_o(and_lines), .has_ports_o(has_ports),
    .first_o(first), .any_i(any), .rank_i(ranks), .live_i(live), .used_i(used),
    .attr_we_i(attr_we), .attr_addr_i(attr_addr), .attr_i(attr),
    .bind_valid_i(bind_valid), .bind_ready_o(bind_ready), .bind_sp_id_i(bind_sp_id), .bind_i(bind_data)
  );

  // ---------------------------------------------------------------- counters: {transformed, dropped, accepted}
  logic seal_is_known, open_is_known;
  assign seal_is_known = (seal_count_i.sp_id >> RULES_LOG2) == 16'b0;
  assign open_is_known = (open_count_i.sp_id >> RULES_LOG2) == 16'b0;
  count_ram #(.AW(RULES_LOG2), .FIELDS(3), .ADD_W(1)) u_count_out (
    .clk_i, .rst_ni,
    .add_valid_i(seal_count_valid_i && seal_is_known), .add_idx_i(seal_count_i.sp_id[RULES_LOG2-1:0]),
    .add_i({seal_count_i.kind == 2'd2, seal_count_i.kind == 2'd1, seal_count_i.kind == 2'd0}),
    .op_valid_i(out_valid), .op_ready_o(out_ready), .op_is_zero_i(count_zero), .op_idx_i(count_idx),
    .get_valid_o(out_got), .get_o(count_out)
  );
  count_ram #(.AW(RULES_LOG2), .FIELDS(3), .ADD_W(1)) u_count_in (
    .clk_i, .rst_ni,
    .add_valid_i(open_count_valid_i && open_is_known), .add_idx_i(open_count_i.sp_id[RULES_LOG2-1:0]),
    .add_i({open_count_i.kind == 2'd2, open_count_i.kind == 2'd1, open_count_i.kind == 2'd0}),
    .op_valid_i(in_valid), .op_ready_o(in_ready), .op_is_zero_i(count_zero), .op_idx_i(count_idx),
    .get_valid_o(in_got), .get_o(count_in)
  );
endmodule
