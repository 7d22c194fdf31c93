// SPDX-License-Identifier: BSD-2-Clause-Patent
// Included by spd_lookup under FORMAL: whatever chunks, live bank and tables do meanwhile, an answer is that of the one bank sampled
// in step 1, of the first chunk that found a rank in step 4, with the attributes that stood there in step 6; it goes to the direction that
// asked. What the attributes may do between steps 1 and 6 is proved of the writer.
  logic is_start = 1'b1;
  always_comb if (is_start) assume (!rst_ni);
  always_ff @(posedge clk_i) is_start <= 1'b0;

  logic [8:1]            bank_of_q, ports_of_q, open_of_q;  // bit n: of the look-up in step n
  logic [CHUNKS-1:0]     reads_of_q2, reads_of_q3, reads_of_q4;
  logic                  hit_of_q5, hit_of_q6, hit_of_q7, hit_of_q8, want_hit;
  logic [RULES_LOG2-1:0] rank_of_q5, rank_of_q6, want_rank;
  logic [52:0]           attr_of_q8;
  logic [8:1]            valid_of_q;
  always_comb begin
    want_hit  = 1'b0;
    want_rank = '0;
    for (int c = 0; c < CHUNKS; c++)
      if (!want_hit && reads_of_q4[c] && any_i[c]) begin
        want_hit  = 1'b1;
        want_rank = RULES_LOG2'({32'(c), rank_i[CHUNK_LOG2*c +: CHUNK_LOG2]});
      end
  end
  always_ff @(posedge clk_i) begin
    bank_of_q   <= {bank_of_q[7:2], live_i, 1'b0};
    ports_of_q  <= {ports_of_q[7:2], key_q.has_ports, 1'b0};
    open_of_q   <= {open_of_q[7:1], open_takes};
    reads_of_q2 <= live_i ? used_i[2*CHUNKS-1:CHUNKS] : used_i[CHUNKS-1:0];
    reads_of_q3 <= reads_of_q2;
    reads_of_q4 <= reads_of_q3;
    hit_of_q5   <= want_hit;
    rank_of_q5  <= want_rank;
    hit_of_q6   <= hit_of_q5;
    rank_of_q6  <= rank_of_q5;
    hit_of_q7   <= hit_of_q6;
    hit_of_q8   <= hit_of_q7;
    attr_of_q8  <= attr;
    valid_of_q  <= !rst_ni ? '0 : {valid_of_q[7:1], seal_takes || open_takes};
  end

  always_ff @(posedge clk_i)
    if (rst_ni && !is_start) begin
      assert (valid_q == valid_of_q);
      // taking turns: one key a cycle, and of two that ask the one that was not last
      assert (!(seal_takes && open_takes));
      if (seal_asks || open_asks) assert (seal_takes || open_takes);
      if (seal_asks && open_asks) assert (open_takes != last_is_open_q);
      // what holds of each step
      if (valid_q[1]) assert (read_o == (live_i ? used_i[2*CHUNKS-1:CHUNKS] : used_i[CHUNKS-1:0]) && bank_o == live_i);
      else            assert (read_o == '0);
      for (int n = 1; n < 9; n++) if (valid_q[n]) assert (is_open_q[n] == open_of_q[n]);
      if (valid_q[2]) assert (bank_q2 == bank_of_q[2] && has_ports_q2 == ports_of_q[2] && reads_q2 == reads_of_q2 && and_o == reads_of_q2
                              && has_ports_o == ports_of_q[2]);
      if (valid_q[3]) assert (bank_q3 == bank_of_q[3] && has_ports_q3 == ports_of_q[3] && reads_q3 == reads_of_q3 && first_o == reads_of_q3);
      if (valid_q[4]) assert (bank_q4 == bank_of_q[4] && has_ports_q4 == ports_of_q[4] && reads_q4 == reads_of_q4);
      if (valid_q[5]) assert (bank_q5 == bank_of_q[5] && has_ports_q5 == ports_of_q[5] && (eight_any_q5 != '0) == hit_of_q5
                              && rank == rank_of_q5);
      // what is promised: step 6 reads, in the sampled bank, the attributes of the first rank that was found
      if (valid_q[6]) assert (hit_q6 == hit_of_q6 && has_ports_q6 == ports_of_q[6] && attr_raddr == {bank_of_q[6], rank_of_q6});
      if (valid_q[7]) assert (hit_q7 == hit_of_q7 && has_ports_q7 == ports_of_q[7]);
      if (valid_q[8]) begin
        assert (hit_q8 == hit_of_q8 && hit.hit == hit_of_q8);
        if (hit.hit) begin
          assert ({hit.action, hit.level, hit.sp_id, hit.reqid} == attr_of_q8[51:0]);
          assert (hit.ports_unknown == (attr_of_q8[52] && !ports_of_q[8]));
          if (hit.acquire) assert (!open_of_q[8] && !hit.bound);
        end else
          assert (hit.sp_id == 16'hffff && !hit.bound && !hit.acquire);
      end else
        assert (!hit.hit && !hit.acquire);
      cover (valid_q[6] && hit_q6 && bank_q6 != live_i && rank_q6 == '1);
      cover (valid_q[8] && hit.acquire && valid_q[7] && !hit_of_q7);
    end
