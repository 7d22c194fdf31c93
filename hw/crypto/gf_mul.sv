// SPDX-License-Identifier: BSD-2-Clause-Patent
// Product of two polynomials over GF(2) of W terms, x^0 in bit 0. Combinational, used under valid_i alone.
// LEAF 1: Karatsuba down to 16 terms, for synthesis. LEAF 0: 32 terms by integer multiplication of operands with holes, in
// which carries get lost, for fast simulation. Same function.
module gf_mul #(
  parameter int unsigned W    = 32,
`ifdef SYNTHESIS
  parameter bit          LEAF = 1'b1
`else
  parameter bit          LEAF = 1'b0
`endif
) (
  input  logic           valid_i,
  input  logic [W-1:0]   a_i,
  input  logic [W-1:0]   b_i,
  output logic [2*W-2:0] p_o
);
  if (W == 32 && !LEAF) begin : g_holes
    // every fourth bit: a sum of at most eight ones stays inside four bits
    localparam logic [63:0] M0 = 64'h11111111, M1 = 64'h22222222, M2 = 64'h44444444, M3 = 64'h88888888;
    logic [63:0] a, b;
    assign a = {32'd0, a_i};
    assign b = {32'd0, b_i};
    always_comb begin
      p_o = '0;
      if (valid_i)
        p_o = 63'(
                ((((a & M0) * (b & M0)) ^ ((a & M1) * (b & M3))
                 ^ ((a & M2) * (b & M2)) ^ ((a & M3) * (b & M1))) & (M0 | M0 << 32))
              | ((((a & M0) * (b & M1)) ^ ((a & M1) * (b & M0))
                 ^ ((a & M2) * (b & M3)) ^ ((a & M3) * (b & M2))) & (M1 | M1 << 32))
              | ((((a & M0) * (b & M2)) ^ ((a & M1) * (b & M1))
                 ^ ((a & M2) * (b & M0)) ^ ((a & M3) * (b & M3))) & (M2 | M2 << 32))
              | ((((a & M0) * (b & M3)) ^ ((a & M1) * (b & M2))
                 ^ ((a & M2) * (b & M1)) ^ ((a & M3) * (b & M0))) & (M3 | M3 << 32)));
    end
  end else if (W <= 16) begin : g_school
    always_comb begin
      p_o = '0;
      if (valid_i)
        for (int i = 0; i < W; i++) p_o = p_o ^ (({{(W-1){1'b0}}, a_i} << i) & {(2*W-1){b_i[i]}});
    end
  end else begin : g_half
    localparam int unsigned H = W / 2;
    logic [2*H-2:0] low, high, both, middle;
    gf_mul #(.W(H), .LEAF(LEAF)) u_low (.valid_i, .a_i(a_i[H-1:0]), .b_i(b_i[H-1:0]), .p_o(low));
    gf_mul #(.W(H), .LEAF(LEAF)) u_high (.valid_i, .a_i(a_i[W-1:H]), .b_i(b_i[W-1:H]), .p_o(high));
    gf_mul #(.W(H), .LEAF(LEAF)) u_both (
      .valid_i, .a_i(a_i[W-1:H] ^ a_i[H-1:0]), .b_i(b_i[W-1:H] ^ b_i[H-1:0]), .p_o(both));
    assign middle = both ^ low ^ high;
    assign p_o    = {high, {(2*H){1'b0}}} ^ {{W{1'b0}}, low} ^ {{(W-H){1'b0}}, middle, {H{1'b0}}};
  end
endmodule
