// SPDX-License-Identifier: BSD-2-Clause-Patent
// crypto_choose for many, with its choice in registers: valid_o and index_o stand until taken, and the next choice is made as one
// is taken. Who was chosen goes on asking until then and must have stopped in the cycle after.
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
  function automatic logic [N*INDEX_BITS-1:0] places();   // at N*b: the places whose number has bit b
    places = '0;
    for (int b = 0; b < INDEX_BITS; b++)
      for (int i = 0; i < N; i++) places[N*b + i] = ((i >> b) & 1) != 0;
  endfunction
  localparam logic [N*INDEX_BITS-1:0] PLACES = places();
  logic         load, next_valid;
  logic [N-1:0] next, chosen_q;    // one-hot; 0: none
  assign load    = !valid_o || take_i;
  crypto_choose #(.N(N)) u_choose (
    .clk_i, .rst_ni, .ask_i(ask_i & ~chosen_q), .take_i(load), .valid_o(next_valid), .chosen_o(next));
  always_comb
    for (int b = 0; b < INDEX_BITS; b++) index_o[b] = |(chosen_q & PLACES[N*b +: N]);
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) begin
      valid_o  <= 1'b0;
      chosen_q <= '0;
    end else if (load) begin
      valid_o  <= next_valid;
      chosen_q <= next;
    end
endmodule
