// SPDX-License-Identifier: BSD-2-Clause-Patent
// The queue of one direction's notices: {slot, which of SA_HARD, SA_SOFT, SEQ_NEAR}, told one after the other, in that order.
module sad_tell (
  input  logic              clk_i,
  input  logic              rst_ni,
  input  logic              in_valid_i,
  output logic              in_ready_o,
  input  logic [15:0]       in_slot_i,
  input  logic [2:0]        in_kinds_i,   // not 0
  output logic              notice_valid_o,
  input  logic              notice_ready_i,
  output adit_pkg::notice_t notice_o
);
  logic [15:0] slot;
  logic [2:0]  kinds, told_q, left, first;
  logic        valid;
  stream_fifo #(.W(19), .DEPTH_LOG2(2)) u_queue (
    .clk_i, .rst_ni, .in_valid_i, .in_ready_o, .in_data_i({in_slot_i, in_kinds_i}),
    .out_valid_o(valid), .out_ready_i(notice_ready_i && left == first), .out_data_o({slot, kinds}), .usage_o()
  );
  assign left  = kinds & ~told_q;
  assign first = left[2] ? 3'b100 : left[1] ? 3'b010 : 3'b001;
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) told_q <= '0;
    else if (valid && notice_ready_i) told_q <= left == first ? 3'b000 : told_q | first;

  assign notice_valid_o = valid;
  always_comb begin
    notice_o         = '0;
    notice_o.kind    = first[2] ? adit_reg_pkg::EVENT_SA_HARD : first[1] ? adit_reg_pkg::EVENT_SA_SOFT : adit_reg_pkg::EVENT_SEQ_NEAR;
    notice_o.sp_id   = 16'hffff;
    notice_o.sa_slot = slot;
  end
endmodule
