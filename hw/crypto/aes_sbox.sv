// SPDX-License-Identifier: BSD-2-Clause-Patent
// One S-box, forward or inverse (FIPS-197 sections 5.1.1 and 5.3.2). Kept a module of its own: mapped alone it is
// 32 LUT6; inlined into a round, synthesis makes more of it.
module aes_sbox #(
  parameter bit INVERSE = 1'b0
) (
  input  logic [7:0] x_i,
  output logic [7:0] y_o
);
  if (INVERSE) begin : g_inverse
    assign y_o = aes_pkg::INV_SBOX[{x_i, 3'd0} +: 8];
  end else begin : g_forward
    assign y_o = aes_pkg::SBOX[{x_i, 3'd0} +: 8];
  end
endmodule
