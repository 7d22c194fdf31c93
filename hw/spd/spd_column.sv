// SPDX-License-Identifier: BSD-2-Clause-Patent
// One column of the classifier: for each bank and each value of one key byte, a bit for every rank. Three copies: one for
// each look-up port, and one that the writer reads, so that changing a rule's bit takes no look-up's turn.
//
// Writing: old_re_i reads a line; in the next cycle we_i writes it back with the rank's bit changed. clear_i writes zeros.
module spd_column #(
  parameter int unsigned RULES_LOG2 = 6
) (
  input  logic                      clk_i,
  input  logic                      seal_re_i,
  input  logic [8:0]                seal_addr_i,  // {bank, byte}
  output logic [2**RULES_LOG2-1:0]  seal_o,
  input  logic                      open_re_i,
  input  logic [8:0]                open_addr_i,
  output logic [2**RULES_LOG2-1:0]  open_o,
  input  logic                      old_re_i,
  input  logic [8:0]                old_addr_i,
  input  logic                      we_i,
  input  logic                      clear_i,
  input  logic [8:0]                waddr_i,
  input  logic [RULES_LOG2-1:0]     rank_i,
  input  logic                      bit_i
);
  localparam int unsigned RULES = 2 ** RULES_LOG2;
  logic [RULES-1:0] old, line;

  always_comb begin
    line = '0;
    if (we_i && !clear_i) begin
      line         = old;
      line[rank_i] = bit_i;
    end
  end

  ram_1r1w #(.W(RULES), .AW(9)) u_seal (
    .clk_i, .we_i, .waddr_i, .wdata_i(line), .re_i(seal_re_i), .raddr_i(seal_addr_i), .rdata_o(seal_o)
  );
  ram_1r1w #(.W(RULES), .AW(9)) u_open (
    .clk_i, .we_i, .waddr_i, .wdata_i(line), .re_i(open_re_i), .raddr_i(open_addr_i), .rdata_o(open_o)
  );
  ram_1r1w #(.W(RULES), .AW(9)) u_old (
    .clk_i, .we_i, .waddr_i, .wdata_i(line), .re_i(old_re_i), .raddr_i(old_addr_i), .rdata_o(old)
  );
endmodule
