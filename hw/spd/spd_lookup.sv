// SPDX-License-Identifier: BSD-2-Clause-Patent
// One look-up port: key in, best rule out, one a cycle. Nothing inside stalls: a key is let in only if the FIFO at the end
// has a place for its answer, so every step has a fixed age.
//
//   0 key taken     1 columns read, valid ranks sampled    2 lines ANDed     3 which chunks match
//   4 first chunk   5 first rank in it    6 the rule's attributes read    7 the policy's binding read    8 answer
//
// A packet without ports (a later fragment, ports cut short, a protocol that has none) matches as if no rule asked for ports; if
// the winner does ask, ports_unknown says so. It never falls through to a lower rule. An opaque rule (RFC 4301 §4.4.1.1) is there
// only for packets whose ports cannot be known, whatever ports it asks for.
module spd_lookup #(
  parameter int unsigned RULES_LOG2 = 6,
  parameter int unsigned ADDR_BYTES = 16,
  parameter bit          SEAL       = 1   // this port posts acquires
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,
  input  logic                 key_valid_i,
  output logic                 key_ready_o,
  input  adit_pkg::sp_key_t    key_i,
  output logic                 hit_valid_o,
  input  logic                 hit_ready_i,
  output adit_pkg::sp_hit_t    hit_o,
  // the columns: address in one cycle, lines in the next
  output logic                                            col_re_o,
  output logic [(2*ADDR_BYTES+13)*8-1:0]                  col_byte_o,   // column c in [8c +: 8]
  input  logic [(2*ADDR_BYTES+13)*(2**RULES_LOG2)-1:0]    col_i,
  input  logic                      bank_i,        // the live bank, in the cycle of col_re_o
  input  logic [2**RULES_LOG2-1:0]  valid_v4_i,    // its valid ranks
  input  logic [2**RULES_LOG2-1:0]  valid_v6_i,
  input  logic [2**RULES_LOG2-1:0]  opaque_i,      // its opaque ranks
  // the writer
  input  logic                      attr_we_i,
  input  logic [RULES_LOG2:0]       attr_addr_i,   // {bank, rank}
  input  logic [52:0]               attr_i,        // {asks for ports, action, level, sp_id, reqid}
  input  logic                      bind_we_i,     // also: an acquire may be posted again
  input  logic [RULES_LOG2-1:0]     bind_sp_id_i,
  input  logic [16:0]               bind_i         // {bound, sa_slot}
);
  localparam int unsigned RULES     = 2 ** RULES_LOG2;
  localparam int unsigned COLUMNS   = 2 * ADDR_BYTES + 13;
  localparam int unsigned PORT_COL  = 2 * ADDR_BYTES + 1;
  localparam int unsigned LOW_LOG2  = (RULES_LOG2 + 1) / 2;
  localparam int unsigned CHUNK     = 2 ** LOW_LOG2;
  localparam int unsigned HIGH_LOG2 = RULES_LOG2 - LOW_LOG2;
  localparam int unsigned CHUNKS    = 2 ** HIGH_LOG2;
  localparam int unsigned HITS_LOG2 = 4;  // more than the steps below and the FIFO's own two cycles

  // ---- 0: a place in the answer FIFO for each key inside
  logic [HITS_LOG2:0] room_q;
  logic               take;
  assign key_ready_o = room_q != '0;
  assign take        = key_valid_i && key_ready_o;
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) room_q <= (HITS_LOG2 + 1)'(1 << HITS_LOG2);
    else         room_q <= room_q - (HITS_LOG2 + 1)'(take) + (HITS_LOG2 + 1)'(hit_valid_o && hit_ready_i);

  logic [8:1] valid_q;  // one bit a step
  logic       fifo_ready;
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) valid_q <= '0;
    else begin
      valid_q <= {valid_q[7:1], take};
      if (valid_q[8]) assert (fifo_ready);
    end

  // ---- 1: read the columns and, in the same cycle, the live bank and its valid ranks: one look-up, one table
  adit_pkg::sp_key_t key_q;
  always_ff @(posedge clk_i) if (take) key_q <= key_i;

  assign col_re_o = valid_q[1];
  for (genvar b = 0; b < ADDR_BYTES; b++) begin : g_addr
    assign col_byte_o[8*b +: 8]                = key_q.src[8*(ADDR_BYTES-1-b) +: 8];
    assign col_byte_o[8*(ADDR_BYTES+b) +: 8] = key_q.dst[8*(ADDR_BYTES-1-b) +: 8];
  end
  assign col_byte_o[8*2*ADDR_BYTES +: 8]    = key_q.proto;
  assign col_byte_o[8*PORT_COL +: 12*8]     = {{2{key_q.dport[7:0]}}, {4{key_q.dport[15:8]}},
                                               {2{key_q.sport[7:0]}}, {4{key_q.sport[15:8]}}};

  logic             bank_q2, has_ports_q2;
  logic [RULES-1:0] valid_rank_q2;
  always_ff @(posedge clk_i)
    if (valid_q[1]) begin
      bank_q2       <= bank_i;
      has_ports_q2  <= key_q.has_ports;
      valid_rank_q2 <= (key_q.is_v6 ? valid_v6_i : valid_v4_i) & ({RULES{key_q.no_ports}} | ~opaque_i);
    end

  // ---- 2: AND
  logic [RULES-1:0] match, match_q3, match_q4;
  logic             bank_q3, bank_q4, bank_q5, bank_q6, has_ports_q3, has_ports_q4, has_ports_q5, has_ports_q6, has_ports_q7;
  always_comb begin
    match = '0;
    if (valid_q[2]) begin
      match = valid_rank_q2;
      for (int c = 0; c < PORT_COL; c++) match &= col_i[RULES*c +: RULES];
      if (has_ports_q2)
        for (int c = PORT_COL; c < COLUMNS; c += 6)
          match &= (col_i[RULES*(c+0) +: RULES] | col_i[RULES*(c+1) +: RULES] & col_i[RULES*(c+4) +: RULES])
                 & (col_i[RULES*(c+2) +: RULES] | col_i[RULES*(c+3) +: RULES] & col_i[RULES*(c+5) +: RULES]);
    end
  end
  always_ff @(posedge clk_i)
    if (valid_q[2]) begin
      match_q3     <= match;
      bank_q3      <= bank_q2;
      has_ports_q3 <= has_ports_q2;
    end

  // ---- 3: chunks with a match
  logic [CHUNKS-1:0] any, any_q4;
  always_comb begin
    any = '0;
    if (valid_q[3])
      for (int c = 0; c < CHUNKS; c++) any[c] = match_q3[CHUNK*c +: CHUNK] != '0;
  end
  always_ff @(posedge clk_i)
    if (valid_q[3]) begin
      any_q4       <= any;
      match_q4     <= match_q3;
      bank_q4      <= bank_q3;
      has_ports_q4 <= has_ports_q3;
    end

  // ---- 4: the first such chunk
  logic                 hit_q5, hit_q6, hit_q7;
  logic [HIGH_LOG2-1:0] high, high_q5;
  logic [CHUNK-1:0]     chunk, chunk_q5;
  always_comb begin
    high  = '0;
    chunk = '0;
    if (valid_q[4])
      for (int c = CHUNKS - 1; c >= 0; c--)
        if (any_q4[c]) begin
          high  = HIGH_LOG2'(c);
          chunk = match_q4[CHUNK*c +: CHUNK];
        end
  end
  always_ff @(posedge clk_i)
    if (valid_q[4]) begin
      hit_q5       <= any_q4 != '0;
      high_q5      <= high;
      chunk_q5     <= chunk;
      bank_q5      <= bank_q4;
      has_ports_q5 <= has_ports_q4;
    end

  // ---- 5: the first rank in it
  logic [LOW_LOG2-1:0]   low;
  logic [RULES_LOG2-1:0] rank_q6;
  always_comb begin
    low = '0;
    if (valid_q[5])
      for (int r = CHUNK - 1; r >= 0; r--)
        if (chunk_q5[r]) low = LOW_LOG2'(r);
  end
  always_ff @(posedge clk_i)
    if (valid_q[5]) begin
      hit_q6       <= hit_q5;
      rank_q6      <= {high_q5, low};
      bank_q6      <= bank_q5;
      has_ports_q6 <= has_ports_q5;
    end

  // ---- 6: attributes
  logic [52:0]         attr;
  logic [RULES_LOG2:0] attr_raddr;
  assign attr_raddr = {bank_q6, rank_q6};
  ram_1r1w #(.W(53), .AW(RULES_LOG2+1)) u_attr (
    .clk_i, .we_i(attr_we_i), .waddr_i(attr_addr_i), .wdata_i(attr_i),
    .re_i(valid_q[6]), .raddr_i(attr_raddr), .rdata_o(attr)
  );
  always_ff @(posedge clk_i)
    if (valid_q[6]) begin
      hit_q7       <= hit_q6;
      has_ports_q7 <= has_ports_q6;
    end

  // ---- 7: binding
  logic        bound;
  logic [15:0] sa_slot;
  ram_1r1w #(.W(17), .AW(RULES_LOG2)) u_bind (
    .clk_i, .we_i(bind_we_i), .waddr_i(bind_sp_id_i), .wdata_i(bind_i),
    .re_i(valid_q[7]), .raddr_i(attr[32 +: RULES_LOG2]), .rdata_o({bound, sa_slot})
  );

  logic        hit_q8, ports_unknown_q8;
  logic [51:0] attr_q8;
  always_ff @(posedge clk_i)
    if (valid_q[7]) begin
      hit_q8           <= hit_q7;
      ports_unknown_q8 <= hit_q7 && attr[52] && !has_ports_q7;
      attr_q8          <= attr[51:0];
    end

  // ---- 8: answer; the first packet that wants an SA its policy has not got asks for one
  logic              may_acquire;
  adit_pkg::sp_hit_t hit;
  if (SEAL) begin : g_acquire
    logic [RULES-1:0] asked_q;  // an acquire was posted since the last binding
    always_ff @(posedge clk_i or negedge rst_ni)
      if (!rst_ni) asked_q <= '0;
      else begin
        if (valid_q[8] && hit.acquire) asked_q[hit.sp_id[RULES_LOG2-1:0]] <= 1'b1;
        if (bind_we_i) asked_q[bind_sp_id_i] <= 1'b0;
      end
    assign may_acquire = !asked_q[attr_q8[32 +: RULES_LOG2]];
  end else begin : g_no_acquire
    assign may_acquire = 1'b0;
  end

  always_comb begin
    hit         = '0;
    hit.sp_id   = 16'hffff;
    hit.sa_slot = 16'hffff;
    if (hit_q8) begin
      hit.hit           = 1'b1;
      hit.ports_unknown = ports_unknown_q8;
      hit.action        = attr_q8[51:50];
      hit.level         = attr_q8[49:48];
      hit.sp_id         = attr_q8[47:32];
      hit.reqid         = attr_q8[31:0];
      hit.bound         = bound;
      if (bound) hit.sa_slot = sa_slot;
      hit.acquire       = may_acquire && !bound && !ports_unknown_q8
                          && attr_q8[51:50] == adit_reg_pkg::ACTION_ENCRYPT[1:0]
                          && attr_q8[49:48] != adit_reg_pkg::LEVEL_USE[1:0];
    end
  end

  stream_fifo #(.W($bits(hit)), .DEPTH_LOG2(HITS_LOG2)) u_hits (
    .clk_i, .rst_ni,
    .in_valid_i (valid_q[8]), .in_ready_o(fifo_ready), .in_data_i(hit),
    .out_valid_o(hit_valid_o), .out_ready_i(hit_ready_i), .out_data_o(hit_o), .usage_o()
  );

`ifdef FORMAL
`include "spd_lookup_props.svh"
`endif
endmodule
