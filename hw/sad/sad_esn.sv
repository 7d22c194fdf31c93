// SPDX-License-Identifier: BSD-2-Clause-Patent
// The full number of a received 32-bit one: in the window or the nearest above it (RFC 4303 appendix A2.2). Without ESN it is itself.
// An SA that does not check for replays is given a window of 64 for this purpose alone.
module sad_esn (
  input  logic         is_esn_i,
  input  logic [15:0]  window_packets_i,
  input  logic [63:0]  top_i,
  input  logic [31:0]  seq_i,
  output logic [63:0]  seq_o,
  output logic         is_before_all_o  // it would lie before number 0
);
  logic [31:0] top_low, top_high, bottom, window;
  logic        is_one_space;  // case A: the window lies within one run of the low 32 bits
  assign {top_high, top_low} = top_i;
  assign window       = window_packets_i == 16'b0 ? 32'd64 : {16'b0, window_packets_i};
  assign bottom       = top_low - window + 32'd1;
  assign is_one_space = top_low >= window - 32'd1;

  always_comb begin
    seq_o           = {32'b0, seq_i};
    is_before_all_o = 1'b0;
    if (is_esn_i) begin
      if (is_one_space)
        seq_o[63:32] = seq_i >= bottom ? top_high : top_high + 32'd1;
      else begin
        seq_o[63:32]    = seq_i >= bottom ? top_high - 32'd1 : top_high;
        is_before_all_o = seq_i >= bottom && top_high == 32'b0;
      end
    end
  end
endmodule
