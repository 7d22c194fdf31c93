// SPDX-License-Identifier: BSD-2-Clause-Patent
// One stream to N takers, each of which gets every word exactly once, in its own time.
//
// The payload is not here: wire it to all takers; it stands still until the last of them has taken it (in_ready_o).
// A taker's valid does not depend on any ready of the same cycle.
module stream_fork #(
  parameter int unsigned N = 2
) (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         in_valid_i,
  output logic         in_ready_o,
  output logic [N-1:0] out_valid_o,
  input  logic [N-1:0] out_ready_i
);
  logic [N-1:0] done_q;  // has taken the present word

  assign out_valid_o = {N{in_valid_i}} & ~done_q;
  assign in_ready_o  = &(done_q | out_ready_i);

  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni)         done_q <= '0;
    else if (in_valid_i) done_q <= in_ready_o ? '0 : (done_q | out_ready_i);
endmodule
