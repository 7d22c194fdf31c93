// SPDX-License-Identifier: BSD-2-Clause-Patent
// Chooses one of N that ask, in turns: the next above the one taken last, else the lowest. Combinational choice.
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
  logic [N-1:0] above_q;  // those above the one taken last
  logic [N-1:0] ask;
  logic [N-1:0] chosen;   // one-hot

  assign valid_o = |ask_i;
  always_comb begin
    ask     = '0;
    chosen  = '0;
    index_o = '0;
    if (valid_o) begin
      ask    = |(ask_i & above_q) ? ask_i & above_q : ask_i;
      chosen = ask & (~ask + N'(1));
      // bit b of the index: any chosen place whose number has bit b
      for (int b = 0; b < INDEX_BITS; b++) index_o[b] = |(chosen & PLACES[N*b +: N]);
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni)                above_q <= '0;
    else if (take_i && valid_o) above_q <= ~(chosen | (chosen - N'(1)));
endmodule
