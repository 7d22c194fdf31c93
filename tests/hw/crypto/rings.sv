// SPDX-License-Identifier: BSD-2-Clause-Patent
// All sizes of both rings, both directions and both ways of writing an AES round, beside each other on common inputs.
// AES ring n: ROUNDS 1, 2, 7, 14 by n[1:0]; n[2] decrypts; n[3] is made of leaf S-boxes.
// SHA-1 ring n: STAGES 1, 5, 10, 20, 40, 80.
module rings (
  input  logic           clk_i,
  input  logic           rst_ni,
  input  logic [15:0]    aes_valid_i,
  output logic [15:0]    aes_ready_o,
  input  logic [127:0]   aes_block_i,
  input  logic [2:0]     aes_slot_i,
  input  logic [1:0]     aes_key_size_i,
  input  logic [7:0]     aes_tag_i,
  output logic [15:0]    aes_soon_valid_o,
  output logic [127:0]   aes_soon_tag_o,
  output logic [15:0]    aes_out_valid_o,
  output logic [2047:0]  aes_out_block_o,
  input  logic           expand_valid_i,
  output logic [1:0]     expand_done_o,
  input  logic [2:0]     expand_slot_i,
  input  logic [1:0]     expand_key_size_i,
  input  logic [255:0]   expand_key_i,
  input  logic [5:0]     sha_valid_i,
  output logic [5:0]     sha_ready_o,
  input  logic [511:0]   sha_block_i,
  input  logic [159:0]   sha_state_i,
  input  logic [7:0]     sha_tag_i,
  output logic [5:0]     sha_out_valid_o,
  output logic [959:0]   sha_out_state_o,
  output logic [47:0]    sha_out_tag_o
);
  for (genvar d = 0; d < 2; d++) begin : g_dir
    logic         key_valid, key_is_first, key_is_sweep;
    logic [2:0]   key_slot;
    logic [3:0]   key_round;
    logic [127:0] key;
    aes_key_expand #(.DECRYPT(d != 0), .SLOTS_LOG2(3)) u_expand (
      .clk_i, .rst_ni, .ask_valid_i(expand_valid_i), .ask_ready_o(expand_done_o[d]), .ask_slot_i(expand_slot_i),
      .ask_key_size_i(expand_key_size_i), .ask_is_zero_i(1'b0), .ask_key_i(expand_key_i), .key_valid_o(key_valid),
      .key_slot_o(key_slot), .key_round_o(key_round), .key_is_first_o(key_is_first), .key_is_sweep_o(key_is_sweep), .key_o(key));
    for (genvar m = 0; m < 8; m++) begin : g_aes
      localparam int unsigned N = (m / 4) * 8 + d * 4 + m % 4;
      localparam int unsigned ROUNDS = (m % 4 == 0) ? 1 : (m % 4 == 1) ? 2 : (m % 4 == 2) ? 7 : 14;
      aes_ring #(.ROUNDS(ROUNDS), .DECRYPT(d != 0), .SLOTS_LOG2(3), .TAG_BITS(8), .LEAF(m >= 4)) u_ring (
        .clk_i, .rst_ni, .in_valid_i(aes_valid_i[N]), .in_ready_o(aes_ready_o[N]), .in_block_i(aes_block_i),
        .in_slot_i(aes_slot_i), .in_key_size_i(aes_key_size_i), .in_tag_i(aes_tag_i),
        .soon_valid_o(aes_soon_valid_o[N]), .soon_tag_o(aes_soon_tag_o[8*N +: 8]),
        .out_valid_o(aes_out_valid_o[N]), .out_block_o(aes_out_block_o[128*N +: 128]),
        .key_valid_i(key_valid), .key_slot_i(key_slot), .key_round_i(key_round), .key_is_first_i(key_is_first), .key_is_sweep_i(key_is_sweep),
        .key_i(key));
    end
  end
  for (genvar n = 0; n < 6; n++) begin : g_sha
    localparam int unsigned STAGES = (n == 0) ? 1 : (n == 1) ? 5 : 10 << (n - 2);
    sha1_ring #(.STAGES(STAGES), .TAG_BITS(8)) u_ring (
      .clk_i, .rst_ni, .in_valid_i(sha_valid_i[n]), .in_ready_o(sha_ready_o[n]), .in_block_i(sha_block_i),
      .in_state_i(sha_state_i), .in_tag_i(sha_tag_i),
      .out_valid_o(sha_out_valid_o[n]), .out_state_o(sha_out_state_o[160*n +: 160]), .out_tag_o(sha_out_tag_o[8*n +: 8]));
  end
endmodule
