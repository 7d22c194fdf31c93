// SPDX-License-Identifier: BSD-2-Clause-Patent
// A policy rule: is each field possible, and does this card have it? Combinational; the first thing wrong counts.
module host_sp_check #(
  parameter int unsigned SP_LOG2 = 6
) (
  input  adit_reg_pkg::sp_desc_t sp_i,
  output logic [7:0]             status_o,
  output logic [7:0]             field_o
);
  logic [7:0] plen_max;
  assign plen_max = sp_i.flags[0] ? 8'd128 : 8'd32;

  always_comb begin
    status_o = adit_reg_pkg::STATUS_BAD_FIELD;
    field_o  = adit_reg_pkg::FIELD_NONE;
    if (sp_i.flags[7:4] != 4'd0 || (sp_i.flags[3] && sp_i.flags[2])) field_o = adit_reg_pkg::FIELD_SP_FLAGS;
    else if (sp_i.src_plen > plen_max) field_o = adit_reg_pkg::FIELD_SP_SRC_PLEN;
    else if (sp_i.dst_plen > plen_max) field_o = adit_reg_pkg::FIELD_SP_DST_PLEN;
    else if (sp_i.flags[2] && sp_i.sport_lo > sp_i.sport_hi) field_o = adit_reg_pkg::FIELD_SP_SPORT;
    else if (sp_i.flags[2] && sp_i.dport_lo > sp_i.dport_hi) field_o = adit_reg_pkg::FIELD_SP_DPORT;
    else if (sp_i.action > adit_reg_pkg::ACTION_ENCRYPT) field_o = adit_reg_pkg::FIELD_SP_ACTION;
    else if (sp_i.level > adit_reg_pkg::LEVEL_UNIQUE) field_o = adit_reg_pkg::FIELD_SP_LEVEL;
    else if (17'(sp_i.sp_id) >= 17'(1 << SP_LOG2)) field_o = adit_reg_pkg::FIELD_SP_ID;
    else status_o = adit_reg_pkg::STATUS_OK;
  end

  logic unused_bits;
  assign unused_bits = ^{1'b0, sp_i};
endmodule
