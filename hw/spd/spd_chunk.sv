// SPDX-License-Identifier: BSD-2-Clause-Patent
// A chunk of neighbouring ranks: their bits of every column, and the first of them that matches.
//
//   line_q  a column's line of the key's byte: read_i, one bit a rank; and the kind's line: is the rank there for such a packet
//   match_q their AND: and_i, one cycle later      any_o, first_o: first_i, one more
//
// A column is a block RAM of 512 lines (two banks of 256 byte values). The writer changes a group of neighbouring ranks at
// once, as wide as a byte write enable: so it need not read a line to change one bit of it.
// Reading a line that is written in the same cycle gives the old bits.
module spd_chunk #(
  parameter int unsigned RANKS_LOG2 = 6,
  parameter int unsigned GROUP_LOG2 = 3,
  parameter int unsigned ADDR_BYTES = 16,
  parameter int unsigned GROUP_W    = 3    // of the number of a group, of all chunks
) (
  input  logic                                   clk_i,
  input  logic [GROUP_W-1:0]                     chunk_i,      // which one this is
  input  logic                                   read_i,
  input  logic                                   bank_i,
  input  logic [1:0]                             kind_i,       // {is_v6, no_ports}
  input  logic [(2*ADDR_BYTES+9)*8-1:0]          byte_i,       // column c in [8c +: 8]
  input  logic                                   and_i,
  input  logic                                   has_ports_i,  // beside and_i
  input  logic                                   first_i,
  output logic                                   any_o,
  output logic [RANKS_LOG2-1:0]                  first_o,
  // the writer
  input  logic [GROUP_W-1:0]                     group_i,
  input  logic                                   line_we_i,
  input  logic [8:0]                             line_addr_i,  // {bank, byte}
  input  logic [((2*ADDR_BYTES+9)<<GROUP_LOG2)-1:0] line_bits_i, // column c in [c << GROUP_LOG2 +: 2**GROUP_LOG2]
  input  logic                                   kind_we_i,
  input  logic [2:0]                             kind_addr_i,  // {bank, kind}
  input  logic [2**GROUP_LOG2-1:0]               kind_bits_i
);
  localparam int unsigned RANKS    = 2 ** RANKS_LOG2;
  localparam int unsigned GROUP    = 2 ** GROUP_LOG2;
  localparam int unsigned GROUPS   = RANKS / GROUP;
  localparam int unsigned PORT_COL = 2 * ADDR_BYTES + 1;
  localparam int unsigned INDEX_LOG2 = RANKS_LOG2 - GROUP_LOG2;

  // ---- the tables. What is written is read in this block alone, and read before: blocking writes are safe, and in simulation
  // cost nothing while nobody writes. For synthesis the group's place is spelled out: only so it becomes a byte write enable.
  logic here;
  assign here = GROUP_W'(group_i >> INDEX_LOG2) == GROUP_W'(chunk_i);
  for (genvar c = 0; c < PORT_COL + 8; c++) begin : g_column
    logic [RANKS-1:0] mem [0:511];
    logic [RANKS-1:0] line_q;
    always_ff @(posedge clk_i) begin
      if (read_i) line_q <= mem[{bank_i, byte_i[8*c +: 8]}];
`ifdef SYNTHESIS
      for (int g = 0; g < GROUPS; g++)
        if (line_we_i && here && 32'(group_i) % GROUPS == g) mem[line_addr_i][GROUP*g +: GROUP] = line_bits_i[GROUP*c +: GROUP];
`else
      if (line_we_i && here) mem[line_addr_i][GROUP*(32'(group_i) % GROUPS) +: GROUP] = line_bits_i[GROUP*c +: GROUP];
`endif
    end
  end

  (* ram_style = "distributed" *)
  logic [RANKS-1:0] kinds [0:7];
  logic [RANKS-1:0] kind_q;
  always_ff @(posedge clk_i) begin
    if (read_i) kind_q <= kinds[{bank_i, kind_i}];
`ifdef SYNTHESIS
    for (int g = 0; g < GROUPS; g++)
      if (kind_we_i && here && 32'(group_i) % GROUPS == g) kinds[kind_addr_i][GROUP*g +: GROUP] = kind_bits_i;
`else
    if (kind_we_i && here) kinds[kind_addr_i][GROUP*(32'(group_i) % GROUPS) +: GROUP] = kind_bits_i;
`endif
  end

  // ---- AND. A port's high byte says in two bits: 00 outside, 11 inside; 01, 10: the first, the second of its low byte's bits says.
  for (genvar c = 0; c < PORT_COL; c++) begin : g_and
    logic [RANKS-1:0] all;
    if (c == 0) assign all = kind_q & g_column[0].line_q;
    else        assign all = g_and[c-1].all & g_column[c].line_q;
  end
  for (genvar p = 0; p < 2; p++) begin : g_port
    logic [RANKS-1:0] all;
    assign all = (g_column[PORT_COL+4*p].line_q | g_column[PORT_COL+4*p+1].line_q)
               & (g_column[PORT_COL+4*p].line_q | g_column[PORT_COL+4*p+3].line_q)
               & (g_column[PORT_COL+4*p+1].line_q | g_column[PORT_COL+4*p+2].line_q);
  end

  logic [RANKS-1:0] match_q;
  always_ff @(posedge clk_i)
    if (and_i) match_q <= g_and[PORT_COL-1].all & ({RANKS{!has_ports_i}} | g_port[0].all & g_port[1].all);

  // ---- the first: which group, and which in each group
  logic [GROUPS-1:0]             group_any;
  logic [GROUPS*GROUP_LOG2-1:0]  group_first;
  logic                          any;
  logic [RANKS_LOG2-1:0]         first;
  always_comb begin
    group_any   = '0;
    group_first = '0;
    any         = 1'b0;
    first       = '0;
    if (first_i && match_q != '0) begin
      any = 1'b1;
      for (int g = 0; g < GROUPS; g++) begin
        group_any[g] = match_q[GROUP*g +: GROUP] != '0;
        for (int r = GROUP - 1; r >= 0; r--)
          if (match_q[GROUP*g + r]) group_first[GROUP_LOG2*g +: GROUP_LOG2] = GROUP_LOG2'(r);
      end
      for (int g = GROUPS - 1; g >= 0; g--)
        if (group_any[g]) first = RANKS_LOG2'({32'(g), group_first[GROUP_LOG2*g +: GROUP_LOG2]});
    end
  end
  always_ff @(posedge clk_i)
    if (first_i) begin
      any_o   <= any;
      first_o <= first;
    end

`ifdef FORMAL
`include "spd_chunk_props.svh"
`endif
endmodule
