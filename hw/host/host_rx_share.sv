// SPDX-License-Identifier: BSD-2-Clause-Patent
// How many packets of each reason 48 .. 63 went to the host in this period, and whether one more is too many.
module host_rx_share (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic [31:0]  period_i,    // cycles; 0: no limit holds
  input  logic [255:0] limits_i,    // packets a period, 16 bits for each reason; 0: no limit
  input  logic [7:0]   reason_i,
  input  logic         take_i,      // the packet with reason_i goes to the host
  output logic         is_over_o
);
  logic [15:0] count_mem [16];
  logic [15:0] fresh_q;             // counted in this period; else the count is of an earlier one
  logic [31:0] left_q;
  logic [3:0]  n;
  logic        is_known, is_new_period;
  logic [15:0] limit, count;
  assign n             = reason_i[3:0];
  assign is_known      = reason_i[7:4] == 4'd3;
  assign limit         = limits_i[{n, 4'd0} +: 16];
  assign count         = fresh_q[n] ? count_mem[n] : 16'd0;
  assign is_over_o     = period_i != 32'd0 && is_known && limit != 16'd0 && count >= limit;
  assign is_new_period = left_q == 32'd0;

  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) begin
      left_q  <= '0;
      fresh_q <= '0;
    end else begin
      left_q <= is_new_period ? period_i : left_q - 32'd1;
      if (is_new_period) fresh_q <= '0;
      if (take_i && is_known) fresh_q[n] <= 1'b1;
    end
  always_ff @(posedge clk_i)
    if (take_i && is_known) count_mem[n] <= is_new_period ? 16'd1 : count + 16'(count != 16'hffff);
endmodule
