// SPDX-License-Identifier: BSD-2-Clause-Patent
// crypto_choose, the chosen one by its number.
module crypto_pick #(
  parameter int unsigned N = 8,
  localparam int unsigned INDEX_BITS = (N > 1) ? $clog2(N) : 1
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,
  input  logic [N-1:0]          ask_i,
  input  logic                  take_i,   // the choice is taken: the turn passes on
  output logic                  valid_o,
  output logic [INDEX_BITS-1:0] index_o
);
  function automatic logic [N*INDEX_BITS-1:0] places();   // at N*b: the places whose number has bit b
    places = '0;
    for (int b = 0; b < INDEX_BITS; b++)
      for (int i = 0; i < N; i++) places[N*b + i] = ((i >> b) & 1) != 0;
  endfunction
  localparam logic [N*INDEX_BITS-1:0] PLACES = places();
  logic [N-1:0] chosen;
  crypto_choose #(.N(N)) u_choose (.clk_i, .rst_ni, .ask_i, .take_i, .valid_o, .chosen_o(chosen));
  always_comb begin
    index_o = '0;
    if (valid_o)   // bit b of the index: any chosen place whose number has bit b
      for (int b = 0; b < INDEX_BITS; b++) index_o[b] = |(chosen & PLACES[N*b +: N]);
  end
endmodule
