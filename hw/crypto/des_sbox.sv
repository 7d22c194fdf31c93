// SPDX-License-Identifier: BSD-2-Clause-Patent
// One DES S-box with its 64 entries of 4 bits in T, entry 0 lowest (FIPS 46-3 appendix 1; an input's outer bits choose the
// row). A module of its own, as aes_sbox is: four LUT6.
module des_sbox #(
  parameter logic [255:0] T = '0
) (
  input  logic [5:0] x_i,
  output logic [3:0] y_o
);
  assign y_o = T[{x_i, 2'd0} +: 4];
endmodule
