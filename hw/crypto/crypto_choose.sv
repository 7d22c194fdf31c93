// SPDX-License-Identifier: BSD-2-Clause-Patent
// Chooses one of N that ask, in turns: the next above the one taken last, else the lowest. Combinational choice, one-hot.
module crypto_choose #(
  parameter int unsigned N = 8
) (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic [N-1:0] ask_i,
  input  logic         take_i,   // the choice is taken: the turn passes on
  output logic         valid_o,
  output logic [N-1:0] chosen_o  // 0 if nobody asks
);
  logic [N-1:0] above_d, above_q;  // those above the one taken last
  logic [N-1:0] ask;               // of them

  assign valid_o = |ask_i;
  always_comb begin
    ask      = '0;
    chosen_o = '0;
    above_d  = above_q;
    if (valid_o) begin
      // both choices beside each other: the longer way decides between them last
      ask      = ask_i & above_q;
      chosen_o = |ask ? ask & (~ask + N'(1)) : ask_i & (~ask_i + N'(1));
      above_d  = |ask ? ~(ask ^ (ask - N'(1))) : ~(ask_i ^ (ask_i - N'(1)));
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni)                above_q <= '0;
    else if (take_i && valid_o) above_q <= above_d;
endmodule
