// SPDX-License-Identifier: BSD-2-Clause-Patent
// All sizes of the cipher rings, both directions and both ways of writing a round, beside each other on common inputs.
// AES ring n: ROUNDS 1, 2, 7, 14 by n[1:0]; n[2] decrypts; n[3] is made of leaf S-boxes.
// DES ring n: STAGES 1, 2, 4, 8, 16, 48 by n % 6; DECRYPT by n / 6 % 2; from n = 12 on made of leaf S-boxes.
module cipher_rings (
  input  logic           clk_i,
  input  logic           rst_ni,
  input  logic [15:0]    aes_valid_i,
  output logic [15:0]    aes_ready_o,
  input  logic [127:0]   aes_block_i,
  output logic [15:0]    aes_soon_valid_o,
  output logic [127:0]   aes_soon_tag_o,
  output logic [15:0]    aes_out_valid_o,
  output logic [2047:0]  aes_out_block_o,
  input  logic [23:0]    des_valid_i,
  output logic [23:0]    des_ready_o,
  input  logic [63:0]    des_block_i,
  output logic [23:0]    des_soon_valid_o,
  output logic [191:0]   des_soon_tag_o,
  output logic [23:0]    des_out_valid_o,
  output logic [1535:0]  des_out_block_o,
  // of both kinds
  input  logic [3:0]     slot_i,
  input  logic [1:0]     key_size_i,
  input  logic [7:0]     tag_i,
  // a key is stored, read and put into all rings of its kind
  input  logic           key_valid_i,
  output logic [1:0]     key_done_o,
  input  logic           key_read_i,
  input  logic           key_put_i,
  output logic           key_ready_o,
  output logic [63:0]    salt_o,
  output logic [15:0]    aes_keyed_o,
  output logic [63:0]    aes_keyed_index_o,
  output logic           busy_o,
  input  logic           quiet_i,
  input  logic [3:0]     key_slot_i,
  input  logic           key_is_des_i,
  input  logic [1:0]     key_key_size_i,
  input  logic [255:0]   key_i
);
  logic [39:0] ready, busy;
  assign key_ready_o = &ready;
  assign busy_o      = |busy;
  for (genvar d = 0; d < 2; d++) begin : g_dir
    logic [287:0] line;
    cipher_keys #(.DECRYPT(d != 0), .SLOTS_LOG2(4)) u_keys (
      .clk_i, .rst_ni, .ask_valid_i(key_valid_i), .ask_ready_o(key_done_o[d]), .ask_slot_i(key_slot_i),
      .ask_is_aes_i(!key_is_des_i), .ask_is_ctr_i(1'b0), .ask_is_des_i(key_is_des_i), .ask_key_size_i(key_key_size_i),
      .ask_key_i(key_i), .ask_salt_i('0), .re_i(key_read_i), .wipe_i(1'b0), .slot_i(key_slot_i), .line_o(line));
    assign salt_o[32*d +: 32] = line[287:256];
    for (genvar m = 0; m < 8; m++) begin : g_aes
      localparam int unsigned N = (m / 4) * 8 + d * 4 + m % 4;
      localparam int unsigned ROUNDS = (m % 4 == 0) ? 1 : (m % 4 == 1) ? 2 : (m % 4 == 2) ? 7 : 14;
      aes_ring #(.ROUNDS(ROUNDS), .DECRYPT(d != 0), .KEYS_LOG2(4), .TAG_BITS(8), .LEAF(m >= 4)) u_ring (
        .clk_i, .rst_ni, .in_valid_i(aes_valid_i[N]), .in_ready_o(aes_ready_o[N]), .in_block_i(aes_block_i),
        .in_index_i(slot_i), .in_key_size_i(key_size_i), .in_tag_i(tag_i),
        .soon_valid_o(aes_soon_valid_o[N]), .soon_tag_o(aes_soon_tag_o[8*N +: 8]),
        .out_valid_o(aes_out_valid_o[N]), .out_block_o(aes_out_block_o[128*N +: 128]),
        .key_valid_i(key_put_i && !key_is_des_i), .key_ready_o(ready[N]), .key_index_i(key_slot_i), .key_size_i(key_key_size_i),
        .key_i(line[255:0]), .keyed_valid_o(aes_keyed_o[N]), .keyed_index_o(aes_keyed_index_o[4*N +: 4]), .quiet_i, .busy_o(busy[N]));
    end
    for (genvar m = 0; m < 12; m++) begin : g_des
      localparam int unsigned N = (m / 6) * 12 + d * 6 + m % 6;
      des_ring #(.STAGES(m % 6 == 5 ? 48 : 1 << (m % 6)), .DECRYPT(d != 0), .KEYS_LOG2(4), .TAG_BITS(8), .LEAF(m >= 6)) u_ring (
        .clk_i, .rst_ni, .in_valid_i(des_valid_i[N]), .in_ready_o(des_ready_o[N]), .in_block_i(des_block_i),
        .in_index_i(slot_i), .in_triple_i(key_size_i[0]), .in_tag_i(tag_i),
        .soon_valid_o(des_soon_valid_o[N]), .soon_tag_o(des_soon_tag_o[8*N +: 8]),
        .out_valid_o(des_out_valid_o[N]), .out_block_o(des_out_block_o[64*N +: 64]),
        .key_valid_i(key_put_i && key_is_des_i), .key_ready_o(ready[16 + N]), .key_index_i(key_slot_i), .key_i(line[167:0]),
        .quiet_i, .busy_o(busy[16 + N]));
    end
  end
endmodule
