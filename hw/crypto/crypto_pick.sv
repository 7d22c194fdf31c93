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
  logic [N-1:0] above_q;  // those above the one taken last
  logic [N-1:0] ask;
  logic [N-1:0] chosen;   // one-hot

  assign valid_o = |ask_i;
  assign ask     = |(ask_i & above_q) ? ask_i & above_q : ask_i;
  assign chosen  = ask & (~ask + N'(1));

  // bit b of the index: any chosen place whose number has bit b
  for (genvar b = 0; b < INDEX_BITS; b++) begin : g_bit
    logic [N-1:0] has_bit;
    for (genvar i = 0; i < N; i++) begin : g_place
      assign has_bit[i] = ((i >> b) & 1) != 0;
    end
    assign index_o[b] = |(chosen & has_bit);
  end

  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni)                above_q <= '0;
    else if (take_i && valid_o) above_q <= ~(chosen | (chosen - N'(1)));
endmodule
