// SPDX-License-Identifier: BSD-2-Clause-Patent
// The look-up: keys of both directions in, best rules out, one a cycle, taking turns while both ask. Nothing inside stalls: a key is
// let in only if its direction's FIFO has a place for the answer, so every step has a fixed age, and a direction that does not
// take its answers holds up itself alone.
//
//   0 key taken     1 lines read, live bank sampled    2 lines ANDed     3 first rank of each chunk     4 of each eight chunks
//   5 of all     6 the rule's attributes read    7 the policy's binding read    8 answer
//
// A packet without ports (a later fragment, ports cut short, a protocol that has none) matches as if no rule asked for ports; if
// the winner does ask, ports_unknown says so. It never falls through to a lower rule. An opaque rule (RFC 4301 §4.4.1.1) is there
// only for packets whose ports cannot be known, whatever ports it asks for.
module spd_lookup #(
  parameter int unsigned RULES_LOG2 = 6,
  parameter int unsigned CHUNK_LOG2 = 6,
  parameter int unsigned ADDR_BYTES = 16
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,
  input  logic                 seal_key_valid_i,
  output logic                 seal_key_ready_o,
  input  adit_pkg::sp_key_t    seal_key_i,
  output logic                 seal_hit_valid_o,
  input  logic                 seal_hit_ready_i,
  output adit_pkg::sp_hit_t    seal_hit_o,
  input  logic                 open_key_valid_i,
  output logic                 open_key_ready_o,
  input  adit_pkg::sp_key_t    open_key_i,
  output logic                 open_hit_valid_o,
  input  logic                 open_hit_ready_i,
  output adit_pkg::sp_hit_t    open_hit_o,
  // the chunks: which of them read, AND, and look for their first rank; what they found, a cycle after that
  output logic [2**(RULES_LOG2-CHUNK_LOG2)-1:0]              read_o,
  output logic                                               bank_o,     // beside read_o
  output logic [1:0]                                         kind_o,     // beside read_o: {is_v6, no_ports}
  output logic [(2*ADDR_BYTES+9)*8-1:0]                      byte_o,     // beside read_o: column c in [8c +: 8]
  output logic [2**(RULES_LOG2-CHUNK_LOG2)-1:0]              and_o,
  output logic                                               has_ports_o, // beside and_o
  output logic [2**(RULES_LOG2-CHUNK_LOG2)-1:0]              first_o,
  input  logic [2**(RULES_LOG2-CHUNK_LOG2)-1:0]              any_i,
  input  logic [(2**(RULES_LOG2-CHUNK_LOG2))*CHUNK_LOG2-1:0] rank_i,     // chunk c in [CHUNK_LOG2*c +: CHUNK_LOG2]
  // the writer
  input  logic                      live_i,        // the live bank, in the cycle of read_o
  input  logic [2*2**(RULES_LOG2-CHUNK_LOG2)-1:0] used_i,  // {bank, chunk} holds a rule; the others need not be asked
  input  logic                      attr_we_i,
  input  logic [RULES_LOG2:0]       attr_addr_i,   // {bank, rank}
  input  logic [52:0]               attr_i,        // {asks for ports, action, level, sp_id, reqid}
  input  logic                      bind_valid_i,  // also: an acquire may be posted again
  output logic                      bind_ready_o,  // low in the cycle of an acquire
  input  logic [RULES_LOG2-1:0]     bind_sp_id_i,
  input  logic [16:0]               bind_i         // {bound, sa_slot}
);
  localparam int unsigned PORT_COL  = 2 * ADDR_BYTES + 1;
  localparam int unsigned CHUNKS    = 2 ** (RULES_LOG2 - CHUNK_LOG2);
  localparam int unsigned EIGHTS    = (CHUNKS + 7) / 8;
  localparam int unsigned EIGHT_W   = CHUNK_LOG2 + 3;
  localparam int unsigned HITS_LOG2 = 4;  // more than the steps below and the FIFO's own two cycles

  // ---- 0: a place in the answer FIFO for each key inside; if both directions ask, the one that was not last
  logic [HITS_LOG2:0] seal_room_q, open_room_q;
  logic               seal_asks, open_asks, seal_takes, open_takes, last_is_open_q;
  assign seal_asks        = seal_key_valid_i && seal_room_q != '0;
  assign open_asks        = open_key_valid_i && open_room_q != '0;
  assign seal_key_ready_o = seal_room_q != '0 && (!open_asks || last_is_open_q);
  assign open_key_ready_o = open_room_q != '0 && (!seal_asks || !last_is_open_q);
  assign seal_takes       = seal_key_valid_i && seal_key_ready_o;
  assign open_takes       = open_key_valid_i && open_key_ready_o;

  logic [8:1]        valid_q;  // one bit a step
  logic [8:1]        is_open_q;
  logic              seal_fifo_ready, open_fifo_ready;
  adit_pkg::sp_key_t key_q;
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) begin
      seal_room_q    <= (HITS_LOG2 + 1)'(1 << HITS_LOG2);
      open_room_q    <= (HITS_LOG2 + 1)'(1 << HITS_LOG2);
      last_is_open_q <= 1'b0;
      valid_q        <= '0;
    end else begin
      seal_room_q <= seal_room_q - (HITS_LOG2 + 1)'(seal_takes) + (HITS_LOG2 + 1)'(seal_hit_valid_o && seal_hit_ready_i);
      open_room_q <= open_room_q - (HITS_LOG2 + 1)'(open_takes) + (HITS_LOG2 + 1)'(open_hit_valid_o && open_hit_ready_i);
      if (seal_takes || open_takes) last_is_open_q <= open_takes;
      valid_q <= {valid_q[7:1], seal_takes || open_takes};
      if (valid_q[8]) assert (is_open_q[8] ? open_fifo_ready : seal_fifo_ready);
    end
  always_ff @(posedge clk_i) begin
    is_open_q <= {is_open_q[7:1], open_takes};
    if (seal_takes) key_q <= seal_key_i;
    if (open_takes) key_q <= open_key_i;
  end

  // ---- 1: read the columns and the kind in the live bank, all in this cycle: one look-up, one table. Only chunks that hold a
  // rule are asked.
  assign bank_o = live_i;
  assign kind_o = {key_q.is_v6, key_q.no_ports};
  for (genvar b = 0; b < ADDR_BYTES; b++) begin : g_addr
    assign byte_o[8*b +: 8]              = key_q.src[8*(ADDR_BYTES-1-b) +: 8];
    assign byte_o[8*(ADDR_BYTES+b) +: 8] = key_q.dst[8*(ADDR_BYTES-1-b) +: 8];
  end
  assign byte_o[8*2*ADDR_BYTES +: 8] = key_q.proto;
  assign byte_o[8*PORT_COL +: 8*8]   = {{2{key_q.dport[7:0]}}, {2{key_q.dport[15:8]}}, {2{key_q.sport[7:0]}}, {2{key_q.sport[15:8]}}};

  logic [CHUNKS-1:0] reads_q2, reads_q3, reads_q4;
  logic              bank_q2, bank_q3, bank_q4, bank_q5, bank_q6;
  logic              has_ports_q2, has_ports_q3, has_ports_q4, has_ports_q5, has_ports_q6, has_ports_q7;
  assign read_o      = !valid_q[1] ? '0 : live_i ? used_i[2*CHUNKS-1:CHUNKS] : used_i[CHUNKS-1:0];
  assign and_o       = valid_q[2] ? reads_q2 : '0;
  assign has_ports_o = has_ports_q2;
  assign first_o     = valid_q[3] ? reads_q3 : '0;
  always_ff @(posedge clk_i) begin
    if (valid_q[1]) begin
      reads_q2     <= read_o;
      bank_q2      <= live_i;
      has_ports_q2 <= key_q.has_ports;
    end
    if (valid_q[2]) begin
      reads_q3     <= reads_q2;
      bank_q3      <= bank_q2;
      has_ports_q3 <= has_ports_q2;
    end
    if (valid_q[3]) begin
      reads_q4     <= reads_q3;
      bank_q4      <= bank_q3;
      has_ports_q4 <= has_ports_q3;
    end
  end

  // ---- 4: the first chunk with a match of each eight
  logic [EIGHTS-1:0]         eight_any, eight_any_q5;
  logic [EIGHTS*EIGHT_W-1:0] eight_rank, eight_rank_q5;
  always_comb begin
    eight_any  = '0;
    eight_rank = '0;
    if (valid_q[4])
      for (int c = CHUNKS - 1; c >= 0; c--)
        if (reads_q4[c] && any_i[c]) begin
          eight_any[c/8] = 1'b1;
          eight_rank[EIGHT_W*(c/8) +: EIGHT_W] = {3'(c), rank_i[CHUNK_LOG2*c +: CHUNK_LOG2]};
        end
  end
  always_ff @(posedge clk_i)
    if (valid_q[4]) begin
      eight_any_q5  <= eight_any;
      eight_rank_q5 <= eight_rank;
      bank_q5       <= bank_q4;
      has_ports_q5  <= has_ports_q4;
    end

  // ---- 5: the first of those
  logic                  hit_q6, hit_q7;
  logic [RULES_LOG2-1:0] rank, rank_q6;
  always_comb begin
    rank = '0;
    if (valid_q[5])
      for (int e = EIGHTS - 1; e >= 0; e--)
        if (eight_any_q5[e]) rank = RULES_LOG2'({32'(e), eight_rank_q5[EIGHT_W*e +: EIGHT_W]});
  end
  always_ff @(posedge clk_i)
    if (valid_q[5]) begin
      hit_q6       <= eight_any_q5 != '0;
      rank_q6      <= rank;
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

  // ---- 7: binding, and whether an acquire was posted since the last one
  logic                  bind_we, bound, asked, posts;
  logic [15:0]           sa_slot;
  logic [RULES_LOG2-1:0] sp_id;
  assign sp_id        = attr[32 +: RULES_LOG2];
  assign bind_ready_o = !posts;
  assign bind_we      = bind_valid_i && bind_ready_o;
  ram_1r1w #(.W(17), .AW(RULES_LOG2)) u_bind (
    .clk_i, .we_i(bind_we), .waddr_i(bind_sp_id_i), .wdata_i(bind_i),
    .re_i(valid_q[7]), .raddr_i(sp_id), .rdata_o({bound, sa_slot})
  );

  logic        hit_q8, ports_unknown_q8, just_posted_q8;
  logic [51:0] attr_q8;
  ram_1r1w #(.W(1), .AW(RULES_LOG2)) u_asked (
    .clk_i, .we_i(posts || bind_we), .waddr_i(posts ? attr_q8[32 +: RULES_LOG2] : bind_sp_id_i), .wdata_i(posts),
    .re_i(valid_q[7]), .raddr_i(sp_id), .rdata_o(asked)
  );
  always_ff @(posedge clk_i)
    if (valid_q[7]) begin
      hit_q8           <= hit_q7;
      ports_unknown_q8 <= hit_q7 && attr[52] && !has_ports_q7;
      attr_q8          <= attr[51:0];
      just_posted_q8   <= posts && attr_q8[32 +: RULES_LOG2] == sp_id;  // in this very cycle: the RAM did not know it yet
    end

  // ---- 8: answer; the first packet to be sealed that wants an SA its policy has not got asks for one
  adit_pkg::sp_hit_t hit;
  always_comb begin
    hit         = '0;
    hit.sp_id   = 16'hffff;
    hit.sa_slot = 16'hffff;
    if (valid_q[8] && hit_q8) begin
      hit.hit           = 1'b1;
      hit.ports_unknown = ports_unknown_q8;
      hit.action        = attr_q8[51:50];
      hit.level         = attr_q8[49:48];
      hit.sp_id         = attr_q8[47:32];
      hit.reqid         = attr_q8[31:0];
      hit.bound         = bound;
      if (bound) hit.sa_slot = sa_slot;
      hit.acquire       = !is_open_q[8] && !asked && !just_posted_q8 && !bound && !ports_unknown_q8
                          && attr_q8[51:50] == adit_reg_pkg::ACTION_ENCRYPT[1:0]
                          && attr_q8[49:48] != adit_reg_pkg::LEVEL_USE[1:0];
    end
  end
  assign posts = hit.acquire;

  stream_fifo #(.W($bits(hit)), .DEPTH_LOG2(HITS_LOG2)) u_seal_hits (
    .clk_i, .rst_ni,
    .in_valid_i (valid_q[8] && !is_open_q[8]), .in_ready_o(seal_fifo_ready), .in_data_i(hit),
    .out_valid_o(seal_hit_valid_o), .out_ready_i(seal_hit_ready_i), .out_data_o(seal_hit_o), .usage_o()
  );
  stream_fifo #(.W($bits(hit)), .DEPTH_LOG2(HITS_LOG2)) u_open_hits (
    .clk_i, .rst_ni,
    .in_valid_i (valid_q[8] && is_open_q[8]), .in_ready_o(open_fifo_ready), .in_data_i(hit),
    .out_valid_o(open_hit_valid_o), .out_ready_i(open_hit_ready_i), .out_data_o(open_hit_o), .usage_o()
  );

`ifdef FORMAL
`include "spd_lookup_props.svh"
`endif
endmodule
