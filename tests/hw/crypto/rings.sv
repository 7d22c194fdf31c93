// SPDX-License-Identifier: BSD-2-Clause-Patent
// All sizes of the hash rings beside each other on common inputs.
// SHA-1 ring n: STAGES 1, 5, 10, 20, 40, 80.
module rings (
  input  logic           clk_i,
  input  logic           rst_ni,
  input  logic [5:0]     sha_valid_i,
  output logic [5:0]     sha_ready_o,
  input  logic [511:0]   sha_block_i,
  input  logic [159:0]   sha_state_i,
  input  logic [7:0]     sha_tag_i,
  output logic [5:0]     sha_out_valid_o,
  output logic [959:0]   sha_out_state_o,
  output logic [47:0]    sha_out_tag_o
);
  for (genvar n = 0; n < 6; n++) begin : g_sha
    localparam int unsigned STAGES = (n == 0) ? 1 : (n == 1) ? 5 : 10 << (n - 2);
    hash_ring #(.KIND(adit_pkg::HASH_SHA1), .STAGES(STAGES), .TAG_BITS(8)) u_ring (
      .clk_i, .rst_ni, .wipe_i(1'b0), .in_valid_i(sha_valid_i[n]), .in_ready_o(sha_ready_o[n]), .in_block_i(sha_block_i),
      .in_state_i(sha_state_i), .in_tag_i(sha_tag_i),
      .out_valid_o(sha_out_valid_o[n]), .out_state_o(sha_out_state_o[160*n +: 160]), .out_tag_o(sha_out_tag_o[8*n +: 8]));
  end
endmodule
