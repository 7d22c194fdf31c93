// SPDX-License-Identifier: BSD-2-Clause-Patent
// Included by spd_lookup under FORMAL: whatever columns, valid ranks, live bank and attributes do meanwhile, an answer is that of
// the one table sampled in step 1. Assumed: attributes change only under a rank that no look-up on its way has seen valid in that
// bank (proved of spd).
  logic is_start = 1'b1;
  always_comb if (is_start) assume (!rst_ni);
  always_ff @(posedge clk_i) is_start <= 1'b0;

  // Step n of a look-up in [RULES*n +: RULES]: ranks valid when sampled, ranks that match, ranks whose attributes were written since.
  logic [7*RULES-1:0] saw_q, match_of_q, dirty_q;
  logic [8:0]         bank_of_q, ports_of_q;
  logic [7*RULES-1:0] saw, written;
  logic [8:0]         bank_of;
  logic [RULES-1:0]   opaque_of_q, want;
  logic               no_ports_of_q;

  always_comb begin
    saw     = saw_q;
    bank_of = bank_of_q;
    saw[RULES*1 +: RULES] = key_q.is_v6 ? valid_v6_i : valid_v4_i;
    bank_of[1]            = bank_i;
    written = '0;
    for (int n = 1; n < 7; n++)
      if (attr_we_i && attr_addr_i[RULES_LOG2] == bank_of[n]) written[RULES*n + 32'(attr_addr_i[RULES_LOG2-1:0])] = 1'b1;
    for (int n = 1; n < 6; n++)
      if (valid_q[n]) assume ((written[RULES*n +: RULES] & saw[RULES*n +: RULES]) == '0);

    // step 2, rank by rank: all columns of addresses and protocol; the ports if there are any
    for (int r = 0; r < RULES; r++) begin
      want[r] = saw_q[RULES*2 + r] && (!opaque_of_q[r] || no_ports_of_q);
      for (int c = 0; c < PORT_COL; c++) want[r] = want[r] && col_i[RULES*c + r];
      if (ports_of_q[2])
        for (int p = 0; p < 2; p++)
          want[r] = want[r] && (col_i[RULES*(PORT_COL+6*p+0) + r] || (col_i[RULES*(PORT_COL+6*p+1) + r] && col_i[RULES*(PORT_COL+6*p+4) + r]))
                            && (col_i[RULES*(PORT_COL+6*p+2) + r] || (col_i[RULES*(PORT_COL+6*p+3) + r] && col_i[RULES*(PORT_COL+6*p+5) + r]));
    end
  end

  always_ff @(posedge clk_i) begin
    saw_q[RULES*2-1:0]      <= '0;
    dirty_q[RULES*2-1:0]    <= '0;
    match_of_q[RULES*3-1:0] <= '0;
    for (int n = 2; n < 7; n++) begin
      saw_q[RULES*n +: RULES]   <= saw[RULES*(n-1) +: RULES];
      dirty_q[RULES*n +: RULES] <= (n == 2 ? '0 : dirty_q[RULES*(n-1) +: RULES]) | written[RULES*(n-1) +: RULES];
      if (n > 2) match_of_q[RULES*n +: RULES] <= n == 3 ? want : match_of_q[RULES*(n-1) +: RULES];
    end
    bank_of_q     <= {bank_of[7:1], 2'b0};
    ports_of_q    <= {ports_of_q[7:2], key_q.has_ports, 2'b0};
    opaque_of_q   <= opaque_i;
    no_ports_of_q <= key_q.no_ports;
  end

  logic [52:0]      attr_of_q;    // what step 7 read
  logic             hit_of_q7, hit_of_q8;
  logic [RULES-1:0] below_q6, match_of_q6;
  assign match_of_q6 = match_of_q[RULES*6 +: RULES];
  assign below_q6    = (RULES'(1) << rank_q6) - RULES'(1);
  always_ff @(posedge clk_i) begin
    attr_of_q <= attr;
    hit_of_q7 <= match_of_q6 != '0;
    hit_of_q8 <= hit_of_q7;
  end

  always_ff @(posedge clk_i)
    if (rst_ni && !is_start) begin
      assert (col_re_o == valid_q[1]);   // lines, valid ranks and bank are sampled in one cycle
      // what holds of each step
      for (int n = 2; n < 7; n++) begin
        if (valid_q[n]) assert ((dirty_q[RULES*n +: RULES] & saw_q[RULES*n +: RULES]) == '0);
        if (valid_q[n] && n > 2) assert ((match_of_q[RULES*n +: RULES] & ~saw_q[RULES*n +: RULES]) == '0);
      end
      if (valid_q[2]) assert (bank_q2 == bank_of_q[2] && has_ports_q2 == ports_of_q[2]
                              && valid_rank_q2 == (saw_q[RULES*2 +: RULES] & (~opaque_of_q | {RULES{no_ports_of_q}})));
      if (valid_q[3]) assert (bank_q3 == bank_of_q[3] && has_ports_q3 == ports_of_q[3] && match_q3 == match_of_q[RULES*3 +: RULES]);
      if (valid_q[4]) begin
        assert (bank_q4 == bank_of_q[4] && has_ports_q4 == ports_of_q[4] && match_q4 == match_of_q[RULES*4 +: RULES]);
        for (int c = 0; c < CHUNKS; c++) assert (any_q4[c] == (match_q4[CHUNK*c +: CHUNK] != '0));
      end
      if (valid_q[5]) begin
        assert (bank_q5 == bank_of_q[5] && has_ports_q5 == ports_of_q[5] && hit_q5 == (match_of_q[RULES*5 +: RULES] != '0));
        for (int c = 0; c < CHUNKS; c++) begin
          if (hit_q5 && 32'(high_q5) == c) assert (chunk_q5 != '0 && chunk_q5 == match_of_q[RULES*5 + CHUNK*c +: CHUNK]);
          if (hit_q5 && 32'(high_q5) > c)  assert (match_of_q[RULES*5 + CHUNK*c +: CHUNK] == '0);
        end
      end
      // what is promised: step 6 reads, in the sampled bank, the attributes of the first rank that matched, as they were then
      if (valid_q[6]) begin
        assert (hit_q6 == (match_of_q6 != '0) && bank_q6 == bank_of_q[6] && has_ports_q6 == ports_of_q[6]);
        if (hit_q6) begin
          assert (match_of_q6[rank_q6] && (match_of_q6 & below_q6) == '0);
          assert (!dirty_q[RULES*6 + 32'(rank_q6)] && attr_raddr == {bank_of_q[6], rank_q6});
        end
      end
      if (valid_q[7]) assert (hit_q7 == hit_of_q7 && has_ports_q7 == ports_of_q[7]);
      if (valid_q[8]) begin
        assert (hit_q8 == hit_of_q8 && hit.hit == hit_of_q8);
        if (hit.hit) begin
          assert ({hit.action, hit.level, hit.sp_id, hit.reqid} == attr_of_q[51:0]);
          assert (hit.ports_unknown == (attr_of_q[52] && !ports_of_q[8]));
        end else
          assert (hit.sp_id == 16'hffff && !hit.bound && !hit.acquire);
      end
      cover (valid_q[6] && hit_q6 && dirty_q[RULES*6 +: RULES] != '0 && bank_q6 != bank_i);
      cover (valid_q[8] && hit.hit && valid_q[7] && !hit_of_q7);
    end
