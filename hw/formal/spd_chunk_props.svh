// SPDX-License-Identifier: BSD-2-Clause-Patent
// Included by spd_chunk under FORMAL: of lines, whatever they are, what matches and which rank is the first. One rank stands for all.
  (* anyconst *) logic [RANKS_LOG2-1:0] fv_rank;
  logic                fv_has_and = 1'b0, fv_want_q;
  logic [PORT_COL+7:0] fv_now;        // what the lines read say of that rank
  for (genvar c = 0; c < PORT_COL + 8; c++) begin : g_fv
    assign fv_now[c] = g_column[c].line_q[fv_rank];
  end
  logic [1:0] fv_port;
  for (genvar p = 0; p < 2; p++) begin : g_fv_port   // the columns' contract, case by case
    logic [3:0] at;
    assign at = fv_now[PORT_COL+4*p +: 4];
    assign fv_port[p] = at[1:0] == 2'b11 || (at[1:0] == 2'b01 && at[2]) || (at[1:0] == 2'b10 && at[3]);
  end
  always_ff @(posedge clk_i) begin
    if (and_i) begin
      fv_has_and <= 1'b1;
      fv_want_q  <= kind_q[fv_rank] && fv_now[PORT_COL-1:0] == '1 && (!has_ports_i || fv_port == 2'b11);
    end
    if (fv_has_and) assert (match_q[fv_rank] == fv_want_q);
    if (first_i) begin
      assert (any == (match_q != '0));
      if (any) assert (match_q[first] && (match_q & ((RANKS'(1) << first) - RANKS'(1))) == '0);
    end
    cover (first_i && fv_has_and && any && first == RANKS_LOG2'(5) && fv_rank == RANKS_LOG2'(5));
  end
