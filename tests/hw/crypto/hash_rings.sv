// SPDX-License-Identifier: BSD-2-Clause-Patent
// All sizes of the hash rings, and both ways of writing the product of GHASH, beside each other on common inputs.
// Ring n: MD5 with 1, 4, 32, 64 stages; SHA-1 with 1, 5, 10, 20, 40, 4; SHA-256 with 1, 4, 16, 64; SHA-512 with 1, 5, 10,
// 80; GHASH for simulation and for synthesis. Blocks and states stand on top.
module hash_rings #(
  localparam int unsigned N = 20
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  input  logic [N-1:0]     valid_i,
  output logic [N-1:0]     ready_o,
  input  logic [1023:0]    block_i,
  input  logic [511:0]     state_i,
  input  logic [127:0]     key_i,
  input  logic [1:0]       more_i,
  input  logic [7:0]       tag_i,
  output logic [N-1:0]     out_valid_o,
  output logic [512*N-1:0] out_state_o,
  output logic [8*N-1:0]   out_tag_o
);
  for (genvar n = 0; n < N; n++) begin : g_ring
    localparam logic [2:0] KIND = (n < 4) ? adit_pkg::HASH_MD5 : (n < 10) ? adit_pkg::HASH_SHA1
                                  : (n < 14) ? adit_pkg::HASH_SHA256 : adit_pkg::HASH_SHA512;
    localparam int unsigned STAGES = (n == 2) ? 32 : (n < 4) ? 1 << (2 * n) : (n == 4) ? 1 : (n < 9) ? 5 << (n - 5) : (n == 9) ? 4
                                     : (n < 14) ? 1 << (2 * (n - 10)) : (n == 14) ? 1 : (n == 15) ? 5 : (n == 16) ? 10 : 80;
    localparam int unsigned STATE_BITS = (n < 4 || n >= 18) ? 128 : (n < 10) ? 160 : (n < 14) ? 256 : 512;
    localparam int unsigned BLOCK_BITS = (n >= 14 && n < 18) ? 1024 : 512;
    logic [STATE_BITS-1:0] state;
    assign out_state_o[512*n +: 512] = 512'(state) << (512 - STATE_BITS);
    if (n < 18) begin : g_hash
      hash_ring #(.KIND(KIND), .STAGES(STAGES), .TAG_BITS(8)) u_ring (
        .clk_i, .rst_ni, .wipe_i(1'b0), .in_valid_i(valid_i[n]), .in_ready_o(ready_o[n]),
        .in_block_i(block_i[1023 -: BLOCK_BITS]), .in_state_i(state_i[511 -: STATE_BITS]), .in_tag_i(tag_i),
        .out_valid_o(out_valid_o[n]), .out_state_o(state), .out_tag_o(out_tag_o[8*n +: 8]));
    end else begin : g_hash
      ghash_ring #(.TAG_BITS(8), .LEAF(n == 19)) u_ring (
        .clk_i, .rst_ni, .wipe_i(1'b0), .in_valid_i(valid_i[n]), .in_ready_o(ready_o[n]),
        .in_blocks_i(block_i[1023:512]), .in_more_i(more_i), .in_state_i(state_i[511:384]), .in_key_i(key_i), .in_tag_i(tag_i),
        .out_valid_o(out_valid_o[n]), .out_state_o(state), .out_tag_o(out_tag_o[8*n +: 8]));
    end
  end
endmodule
