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
    // every fourth bit: a sum of at most eight ones stays inside the three bits' hole above it
    logic [63:0] x0, x1, x2, x3, y0, y1, y2, y3, z0, z1, z2, z3;
    always_comb begin
      {x0, x1, x2, x3, y0, y1, y2, y3, z0, z1, z2, z3} = '0;
      p_o = '0;
      if (valid_i) begin
        x0  = {32'd0, a_i & 32'h11111111};
        x1  = {32'd0, a_i & 32'h22222222};
        x2  = {32'd0, a_i & 32'h44444444};
        x3  = {32'd0, a_i & 32'h88888888};
        y0  = {32'd0, b_i & 32'h11111111};
        y1  = {32'd0, b_i & 32'h22222222};
        y2  = {32'd0, b_i & 32'h44444444};
        y3  = {32'd0, b_i & 32'h88888888};
        z0  = (x0 * y0) ^ (x1 * y3) ^ (x2 * y2) ^ (x3 * y1);
        z1  = (x0 * y1) ^ (x1 * y0) ^ (x2 * y3) ^ (x3 * y2);
        z2  = (x0 * y2) ^ (x1 * y1) ^ (x2 * y0) ^ (x3 * y3);
        z3  = (x0 * y3) ^ (x1 * y2) ^ (x2 * y1) ^ (x3 * y0);
        p_o = 63'((z0 & 64'h1111111111111111) | (z1 & 64'h2222222222222222) |
                  (z2 & 64'h4444444444444444) | (z3 & 64'h8888888888888888));
      end
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
