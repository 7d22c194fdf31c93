// SPDX-License-Identifier: BSD-2-Clause-Patent
// Answers of N lanes into one registered stream, in turns.
module crypto_done_arb #(
  parameter int unsigned N = 2, 
  parameter int unsigned W = 8
) (
  input  logic           clk_i,
  input  logic           rst_ni,
  input  logic [N-1:0]   lane_valid_i,
  output logic [N-1:0]   lane_ready_o,
  input  logic [W*N-1:0] lane_i,        // lane n at [W*n +: W]
  output logic           done_valid_o,
  input  logic           done_ready_i,
  output logic [W-1:0]   done_o
);
  localparam int unsigned LANE_BITS = (N > 1) ? $clog2(N) : 1;
  logic                 load, pick_valid;
  logic [LANE_BITS-1:0] pick_lane;
  assign load = !done_valid_o || done_ready_i;
  crypto_pick #(.N(N)) u_pick (
    .clk_i, .rst_ni, .ask_i(lane_valid_i), .take_i(load), .valid_o(pick_valid), .index_o(pick_lane));
  always_comb
    for (int n = 0; n < N; n++) lane_ready_o[n] = load && (pick_lane == LANE_BITS'(n));
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni)   done_valid_o <= 1'b0;
    else if (load) done_valid_o <= pick_valid;
  always_ff @(posedge clk_i)
    for (int n = 0; n < N; n++)
      if (load && pick_valid && pick_lane == LANE_BITS'(n)) done_o <= lane_i[W*n +: W];
endmodule
