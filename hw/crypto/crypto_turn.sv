// SPDX-License-Identifier: BSD-2-Clause-Patent
// crypto_pick for many, with its choice in registers: valid_o and index_o stand until taken, and the next choice is made as one is
// taken. Who was chosen goes on asking until then and must have stopped in the cycle after.
module crypto_turn #(
  parameter int unsigned N = 8,
  localparam int unsigned INDEX_BITS = (N > 1) ? $clog2(N) : 1
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,
  input  logic [N-1:0]          ask_i,
  input  logic                  take_i,
  output logic                  valid_o,
  output logic [INDEX_BITS-1:0] index_o
);
  logic                  load, next_valid;
  logic [INDEX_BITS-1:0] next;
  logic [N-1:0]          others;
  assign load = !valid_o || take_i;
  always_comb begin
    others = ask_i;
    if (valid_o) others[index_o] = 1'b0;
  end
  crypto_pick #(.N(N)) u_pick (
    .clk_i, .rst_ni, .ask_i(others), .take_i(load), .valid_o(next_valid), .index_o(next));
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni)   valid_o <= 1'b0;
    else if (load) valid_o <= next_valid;
  always_ff @(posedge clk_i) if (load && next_valid) index_o <= next;
endmodule
