// SPDX-License-Identifier: BSD-2-Clause-Patent
// Which columns a rule sets in the line of one byte value, a cycle after make_i: bit c is what column c must hold at entry_i.
//
//   columns 0 .. A-1       the last A bytes of the source address, most significant first: prefix bits equal
//           A .. 2A-1      of the destination address
//           2A             protocol equal, or not asked
//           2A+1 .. 2A+4   source port. High byte, two columns: 00 outside, 11 inside whatever the low byte is, 01 (bit 0 alone)
//                          and 10: the first, the second of the low byte's columns says
//           2A+5 .. 2A+8   destination port likewise
// Addresses are numbers of 16 bytes; an IPv4 address is the last four of them.
module spd_rule #(
  parameter int unsigned ADDR_BYTES = 16
) (
  input  logic                       clk_i,
  input  logic                       load_i,
  input  logic [351:0]               rule_i,   // beside load_i: what a sp_desc_t asks of a packet
  input  logic                       make_i,
  input  logic [7:0]                 entry_i,
  output logic [2*ADDR_BYTES+8:0]    bits_o
);
  localparam int unsigned PORT_COL = 2 * ADDR_BYTES + 1;
  localparam int unsigned BITS     = 8 * ADDR_BYTES;   // of an address, its last ones, that have columns

  adit_reg_pkg::sp_desc_t rule;
  assign rule = {160'b0, rule_i};

  // ---- the rule as the lines need it: addresses where they stand in the number, the bits that a prefix covers
  logic [BITS-1:0] src_q, dst_q, src_mask_q, dst_mask_q;   // byte b in [8b +: 8], the first on the wire lowest
  logic [15:0]     sport_lo_q, sport_hi_q, dport_lo_q, dport_hi_q;
  logic [7:0]      proto_q;
  logic            wants_proto_q;
  logic [127:0]    src, dst, src_mask, dst_mask;
  logic [8:0]      src_plen, dst_plen;  // of the 128-bit number
  always_comb begin
    src      = '0;
    dst      = '0;
    src_mask = '0;
    dst_mask = '0;
    src_plen = '0;
    dst_plen = '0;
    if (load_i) begin
      src      = rule.flags[0] ? rule.src : {rule.src[31:0], 96'b0};
      dst      = rule.flags[0] ? rule.dst : {rule.dst[31:0], 96'b0};
      src_plen = {1'b0, rule.src_plen} + (rule.flags[0] ? 9'd0 : 9'd96);
      dst_plen = {1'b0, rule.dst_plen} + (rule.flags[0] ? 9'd0 : 9'd96);
      for (int n = 0; n < 128; n++) begin  // bit n of the prefix, counted on the wire
        src_mask[8*(n/8) + 7 - n%8] = src_plen > 9'(n);
        dst_mask[8*(n/8) + 7 - n%8] = dst_plen > 9'(n);
      end
    end
  end
  always_ff @(posedge clk_i)
    if (load_i) begin
      src_q         <= src[127 -: BITS];
      dst_q         <= dst[127 -: BITS];
      src_mask_q    <= src_mask[127 -: BITS];
      dst_mask_q    <= dst_mask[127 -: BITS];
      wants_proto_q <= rule.flags[1];
      proto_q       <= rule.proto;
      sport_lo_q    <= rule.flags[2] ? rule.sport_lo : 16'h0000;
      sport_hi_q    <= rule.flags[2] ? rule.sport_hi : 16'hffff;
      dport_lo_q    <= rule.flags[2] ? rule.dport_lo : 16'h0000;
      dport_hi_q    <= rule.flags[2] ? rule.dport_hi : 16'hffff;
    end

  // ---- one line
  logic [2*ADDR_BYTES+8:0] bits;
  logic [15:0]             lo, hi;
  always_comb begin
    bits = '0;
    lo   = '0;
    hi   = '0;
    if (make_i) begin
      for (int b = 0; b < ADDR_BYTES; b++) begin
        bits[b]              = ((entry_i ^ src_q[8*b +: 8]) & src_mask_q[8*b +: 8]) == 8'b0;
        bits[ADDR_BYTES + b] = ((entry_i ^ dst_q[8*b +: 8]) & dst_mask_q[8*b +: 8]) == 8'b0;
      end
      bits[2*ADDR_BYTES] = !wants_proto_q || entry_i == proto_q;
      for (int p = 0; p < 2; p++) begin
        lo = p == 0 ? sport_lo_q : dport_lo_q;
        hi = p == 0 ? sport_hi_q : dport_hi_q;
        if (lo[15:8] < hi[15:8]) begin
          bits[PORT_COL+4*p]   = entry_i >= lo[15:8] && entry_i < hi[15:8];
          bits[PORT_COL+4*p+1] = entry_i > lo[15:8] && entry_i <= hi[15:8];
        end else
          bits[PORT_COL+4*p]   = entry_i == lo[15:8] && lo[15:8] == hi[15:8];
        bits[PORT_COL+4*p+2] = entry_i >= lo[7:0] && (entry_i <= hi[7:0] || lo[15:8] != hi[15:8]);
        bits[PORT_COL+4*p+3] = entry_i <= hi[7:0];
      end
    end
  end
  always_ff @(posedge clk_i) if (make_i) bits_o <= bits;
endmodule
