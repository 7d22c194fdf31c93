// SPDX-License-Identifier: BSD-2-Clause-Patent
// Which columns a rule sets in the line of one byte value: bit c is what column c must hold at address entry_i.
//
//   columns 0 .. A-1       the last A bytes of the source address, most significant first: prefix bits equal
//           A .. 2A-1      of the destination address
//           2A             protocol equal, or not asked
//           2A+1 .. 2A+6   source port, high byte: > lo, == lo, < hi, == hi; low byte: >= lo, <= hi
//           2A+7 .. 2A+12  destination port likewise
// Addresses are numbers of 16 bytes; an IPv4 address is the last four of them.
module spd_rule #(
  parameter int unsigned ADDR_BYTES = 16
) (
  input  adit_reg_pkg::sp_desc_t     rule_i,
  input  logic [7:0]                 entry_i,
  output logic [2*ADDR_BYTES+12:0]   bits_o
);
  localparam int unsigned FIRST = 16 - ADDR_BYTES;  // number of the first address byte that has a column

  logic         is_v6, wants_proto, wants_ports;
  logic [8:0]   src_plen, dst_plen;  // of the 128-bit number
  assign is_v6       = rule_i.flags[0];
  assign wants_proto = rule_i.flags[1];
  assign wants_ports = rule_i.flags[2];
  assign src_plen    = {1'b0, rule_i.src_plen} + (is_v6 ? 9'd0 : 9'd96);
  assign dst_plen    = {1'b0, rule_i.dst_plen} + (is_v6 ? 9'd0 : 9'd96);

  for (genvar b = FIRST; b < 16; b++) begin : g_byte
    // The bits of byte b that the prefix covers.
    localparam logic [8:0] BEGIN = 9'(8 * b);
    localparam logic [8:0] END   = 9'(8 * b + 8);
    logic [7:0] src, dst, src_mask, dst_mask;
    if (b >= 12) begin : g_v4
      assign src = is_v6 ? rule_i.src[8*b +: 8] : rule_i.src[8*(b-12) +: 8];
      assign dst = is_v6 ? rule_i.dst[8*b +: 8] : rule_i.dst[8*(b-12) +: 8];
    end else begin : g_v6
      assign src = is_v6 ? rule_i.src[8*b +: 8] : 8'b0;
      assign dst = is_v6 ? rule_i.dst[8*b +: 8] : 8'b0;
    end
    assign src_mask = src_plen <= BEGIN ? 8'h00 : src_plen >= END ? 8'hff : ~(8'hff >> src_plen[2:0]);
    assign dst_mask = dst_plen <= BEGIN ? 8'h00 : dst_plen >= END ? 8'hff : ~(8'hff >> dst_plen[2:0]);
    assign bits_o[b - FIRST]                   = ((entry_i ^ src) & src_mask) == 8'b0;
    assign bits_o[ADDR_BYTES + b - FIRST] = ((entry_i ^ dst) & dst_mask) == 8'b0;
  end

  assign bits_o[2*ADDR_BYTES] = !wants_proto || entry_i == rule_i.proto;

  for (genvar p = 0; p < 2; p++) begin : g_port
    localparam int unsigned AT = 2 * ADDR_BYTES + 1 + 6 * p;
    logic [15:0] lo, hi;
    assign lo = !wants_ports ? 16'h0000 : p == 0 ? rule_i.sport_lo : rule_i.dport_lo;
    assign hi = !wants_ports ? 16'hffff : p == 0 ? rule_i.sport_hi : rule_i.dport_hi;
    assign bits_o[AT+0] = entry_i >  lo[15:8];
    assign bits_o[AT+1] = entry_i == lo[15:8];
    assign bits_o[AT+2] = entry_i <  hi[15:8];
    assign bits_o[AT+3] = entry_i == hi[15:8];
    assign bits_o[AT+4] = entry_i >= lo[7:0];
    assign bits_o[AT+5] = entry_i <= hi[7:0];
  end
endmodule
