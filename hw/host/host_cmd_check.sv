// SPDX-License-Identifier: BSD-2-Clause-Patent
// What a command descriptor asks for, and what is wrong with it. Combinational. The first thing wrong counts, in the
// order op, flags, index, data_bytes, data_iova, value.
module host_cmd_check #(
  parameter int unsigned SA_LOG2 = 10,
  parameter int unsigned SP_LOG2 = 6
) (
  input  adit_reg_pkg::cmd_desc_t desc_i,
  output logic [7:0]              status_o,
  output logic [7:0]              field_o,
  output logic [3:0]              read_words_o,   // record, 64-byte words
  output logic [3:0]              write_words_o   // answer
);
  logic       known;
  logic [7:0] flags_allowed;
  logic       index_bad, value_bad;
  logic       slot_bad, rank_bad;
  assign slot_bad = 17'(desc_i.index) >= 17'(1 << SA_LOG2) || desc_i.index == 16'hffff;  // 0xffff says none everywhere
  assign rank_bad = 17'(desc_i.index) >= 17'(1 << SP_LOG2);

  always_comb begin
    known         = 1'b1;
    flags_allowed = 8'd0;
    index_bad     = 1'b0;
    value_bad     = 1'b0;
    read_words_o  = 4'd0;
    write_words_o = 4'd0;
    case (desc_i.op)
      adit_reg_pkg::OP_NOP: ;
      adit_reg_pkg::OP_SA_ADD: begin
        index_bad    = slot_bad;
        read_words_o = 4'(adit_reg_pkg::SA_BYTES / 64);
      end
      adit_reg_pkg::OP_SA_UPDATE: begin
        index_bad    = slot_bad;
        read_words_o = 4'd3;
      end
      adit_reg_pkg::OP_SA_DELETE: index_bad = slot_bad;
      adit_reg_pkg::OP_SA_QUERY: begin
        index_bad     = slot_bad;
        write_words_o = 4'(adit_reg_pkg::SA_STATE_BYTES / 64);
      end
      adit_reg_pkg::OP_SA_FLUSH: flags_allowed = 8'h03;
      adit_reg_pkg::OP_SP_ADD: begin
        flags_allowed = 8'h01;
        index_bad     = rank_bad;
        read_words_o  = 4'(adit_reg_pkg::SP_BYTES / 64);
      end
      adit_reg_pkg::OP_SP_DELETE: begin
        flags_allowed = 8'h01;
        index_bad     = rank_bad;
      end
      adit_reg_pkg::OP_SP_COMMIT: value_bad = desc_i.value > 32'd1;
      adit_reg_pkg::OP_SP_UPDATE: begin
        flags_allowed = 8'h01;
        index_bad     = rank_bad;
        value_bad     = desc_i.flags[0] && (desc_i.value >= 32'(1 << SA_LOG2) || desc_i.value == 32'hffff);
      end
      adit_reg_pkg::OP_SP_QUERY: begin
        index_bad     = rank_bad;
        write_words_o = 4'(adit_reg_pkg::SP_STATE_BYTES / 64);
      end
      adit_reg_pkg::OP_SP_FLUSH: ;
      adit_reg_pkg::OP_STATS: begin
        index_bad     = desc_i.index >= 16'(adit_reg_pkg::REASON_COUNT) || desc_i.index[2:0] != 3'd0;
        write_words_o = 4'(adit_reg_pkg::STATS_BYTES / 64);
      end
      adit_reg_pkg::OP_CAPS: write_words_o = 4'(adit_reg_pkg::CAPS_BYTES / 64);
      default: known = 1'b0;
    endcase
  end

  logic [3:0] words;
  assign words = read_words_o | write_words_o;
  always_comb begin
    status_o = adit_reg_pkg::STATUS_BAD_FIELD;
    field_o  = adit_reg_pkg::FIELD_NONE;
    if (!known) begin
      status_o = adit_reg_pkg::STATUS_BAD_OP;
      field_o  = adit_reg_pkg::FIELD_OP;
    end else if ((desc_i.flags & ~flags_allowed) != 8'd0) field_o = adit_reg_pkg::FIELD_FLAGS;
    else if (index_bad) field_o = adit_reg_pkg::FIELD_INDEX;
    else if (desc_i.data_bytes != {22'd0, words, 6'd0}) begin
      status_o = adit_reg_pkg::STATUS_BAD_LENGTH;
      field_o  = adit_reg_pkg::FIELD_DATA_BYTES;
    end else if (words != 4'd0 && desc_i.data_iova[5:0] != 6'd0) field_o = adit_reg_pkg::FIELD_DATA_IOVA;
    else if (value_bad) field_o = adit_reg_pkg::FIELD_VALUE;
    else status_o = adit_reg_pkg::STATUS_OK;
  end

  logic unused_bits;
  assign unused_bits = ^{1'b0, desc_i.rsvd192, desc_i.tag, desc_i.data_iova};
endmodule
