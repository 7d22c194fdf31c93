// SPDX-License-Identifier: BSD-2-Clause-Patent
// One AES round and its register (FIPS-197 section 5.1; DECRYPT: the equivalent inverse cipher, section 5.3.5).
// Works under valid_i alone: an idle round costs no time in simulation and toggles nothing.
// LEAF 1: S-boxes as leaf modules, for synthesis. LEAF 0: table look-ups, for fast simulation. Same function.
module aes_round #(
  parameter bit DECRYPT  = 1'b0,
  parameter bit LEAF     = 1'b0,
  parameter bit MAY_SKIP = 1'b0   // short keys pass this round untouched
) (
  input  logic         clk_i,
  input  logic         valid_i,
  input  logic         skip_i,    // hand the block on as it is
  input  logic         final_i,   // the last round has no MixColumns
  input  logic [127:0] key_i,
  input  logic [127:0] block_i,
  output logic [127:0] block_o
);
  if (LEAF) begin : g_leaf
    logic [127:0] shifted;
    logic [127:0] subbed;
    logic [127:0] mixed;
    assign shifted = DECRYPT ? aes_pkg::inv_shift_rows(block_i) : aes_pkg::shift_rows(block_i);
    for (genvar i = 0; i < 16; i++) begin : g_byte
      aes_sbox #(.INVERSE(DECRYPT)) u_sbox (.x_i(shifted[8*i +: 8]), .y_o(subbed[8*i +: 8]));
    end
    for (genvar i = 0; i < 4; i++) begin : g_column
      assign mixed[32*i +: 32] = DECRYPT ? aes_pkg::inv_mix(subbed[32*i +: 32]) : aes_pkg::mix(subbed[32*i +: 32]);
    end
    always_ff @(posedge clk_i)
      if (valid_i) block_o <= (MAY_SKIP && skip_i) ? block_i : (final_i ? subbed : mixed) ^ key_i;

  end else begin : g_table
    // rows 0..3 of one column after ShiftRows, through SubBytes and MixColumns
    function automatic logic [31:0] column(input logic [31:0] x, input logic is_final);
      logic [31:0] t0;
      logic [31:0] t1;
      logic [31:0] t2;
      logic [31:0] t3;
      if (DECRYPT && is_final)
        column = {aes_pkg::INV_SBOX[{x[31:24], 3'd0} +: 8], aes_pkg::INV_SBOX[{x[23:16], 3'd0} +: 8],
                  aes_pkg::INV_SBOX[{x[15:8], 3'd0} +: 8], aes_pkg::INV_SBOX[{x[7:0], 3'd0} +: 8]};
      else begin
        if (DECRYPT) begin
          t0 = aes_pkg::T_DEC[{x[31:24], 5'd0} +: 32];
          t1 = aes_pkg::T_DEC[{x[23:16], 5'd0} +: 32];
          t2 = aes_pkg::T_DEC[{x[15:8], 5'd0} +: 32];
          t3 = aes_pkg::T_DEC[{x[7:0], 5'd0} +: 32];
        end else begin
          t0 = aes_pkg::T_ENC[{x[31:24], 5'd0} +: 32];
          t1 = aes_pkg::T_ENC[{x[23:16], 5'd0} +: 32];
          t2 = aes_pkg::T_ENC[{x[15:8], 5'd0} +: 32];
          t3 = aes_pkg::T_ENC[{x[7:0], 5'd0} +: 32];
        end
        if (is_final) column = {t0[23:16], t1[23:16], t2[23:16], t3[23:16]};  // the coefficient 1: the S-box alone
        else          column = t0 ^ {t1[7:0], t1[31:8]} ^ {t2[15:0], t2[31:16]} ^ {t3[23:0], t3[31:24]};
      end
    endfunction

    always_ff @(posedge clk_i)
      if (valid_i) begin
        if (MAY_SKIP && skip_i) block_o <= block_i;
        else begin
          logic [127:0] s;
          s = DECRYPT ? aes_pkg::inv_shift_rows(block_i) : aes_pkg::shift_rows(block_i);
          block_o <= key_i ^ {column(s[127:96], final_i), column(s[95:64], final_i),
                              column(s[63:32], final_i), column(s[31:0], final_i)};
        end
      end
  end
endmodule
