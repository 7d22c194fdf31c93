// SPDX-License-Identifier: BSD-2-Clause-Patent
// N lanes write packet memory through one port, one word a cycle, in turns. The port always takes.
module crypto_write_arb #(
  parameter int unsigned N        = 2, 
  parameter int unsigned MEM_LOG2 = 10
) (
  input  logic              clk_i,
  input  logic              rst_ni,
  // lanes: lane n's word at [512n +: 512], {ticket, index, address} at [42n +: 42]
  input  logic [N-1:0]      lane_valid_i,
  output logic [N-1:0]      lane_ready_o,
  input  logic [42*N-1:0]   lane_place_i,  // address not yet wrapped
  input  logic [512*N-1:0]  lane_data_i,
  // memory
  output logic              wr_valid_o,
  output logic [15:0]       wr_addr_o,
  output logic [511:0]      wr_data_o,
  output logic [9:0]        wr_ticket_o,
  output logic [15:0]       wr_index_o
);
  localparam int unsigned LANE_BITS = (N > 1) ? $clog2(N) : 1;
  logic                 pick_valid;
  logic [LANE_BITS-1:0] pick_lane;
  crypto_pick #(.N(N)) u_pick (
    .clk_i, .rst_ni, .ask_i(lane_valid_i), .take_i(1'b1), .valid_o(pick_valid), .index_o(pick_lane));

  always_comb
    for (int n = 0; n < N; n++) lane_ready_o[n] = (pick_lane == LANE_BITS'(n));

  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) wr_valid_o <= 1'b0;
    else         wr_valid_o <= pick_valid;
  always_ff @(posedge clk_i)
    for (int n = 0; n < N; n++)
      if (pick_valid && pick_lane == LANE_BITS'(n)) begin
        wr_addr_o   <= lane_place_i[42*n +: 16] & 16'((1 << MEM_LOG2) - 1);
        wr_index_o  <= lane_place_i[42*n+16 +: 16];
        wr_ticket_o <= lane_place_i[42*n+32 +: 10];
        wr_data_o   <= lane_data_i[512*n +: 512];
      end
endmodule
