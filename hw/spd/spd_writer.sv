// SPDX-License-Identifier: BSD-2-Clause-Patent
// Owns the table bus ops TBL_SP_* and everything that look-ups read.
//
// Columns are written a group of neighbouring ranks at a time. The store keeps every rule as it came; to change one, the writer loads
// its group's rules, takes the rank's bits out of the kinds (from then on no look-up sees the rank), walks the 256 lines, writes the
// attributes, and puts the bits into the kinds. The group's other ranks are written what they hold. A look-up reads lines and kind
// in one cycle and the attributes five cycles later, long before a walk's end, so it sees the old rule, none, or the new one.
//
//   kinds   for {is_v6, no_ports} of a packet, a bit a rank: a rule is there, of that family; opaque only with no_ports
module spd_writer #(
  parameter int unsigned RULES_LOG2 = 6,
  parameter int unsigned CHUNK_LOG2 = 6,
  parameter int unsigned GROUP_LOG2 = 3,
  parameter int unsigned ADDR_BYTES = 16
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,
  input  adit_pkg::tbl_req_t   tbl_i,
  output adit_pkg::tbl_rsp_t   tbl_o,
  output logic                 live_o,        // the live bank
  output logic [2*2**(RULES_LOG2-CHUNK_LOG2)-1:0] used_o,   // {bank, chunk} holds a rule
  // the chunks
  output logic [RULES_LOG2-GROUP_LOG2-1:0]          group_o,
  output logic                                      line_we_o,
  output logic [8:0]                                line_addr_o,
  output logic [((2*ADDR_BYTES+9)<<GROUP_LOG2)-1:0] line_bits_o,
  output logic                                      kind_we_o,
  output logic [2:0]                                kind_addr_o,
  output logic [2**GROUP_LOG2-1:0]                  kind_bits_o,
  // the look-up
  output logic                  attr_we_o,
  output logic [RULES_LOG2:0]   attr_addr_o,
  output logic [52:0]           attr_o,
  output logic                  bind_valid_o,
  input  logic                  bind_ready_i,
  output logic [RULES_LOG2-1:0] bind_sp_id_o,
  output logic [16:0]           bind_o,       // {bound, sa_slot}
  // the counters: a zero or a read of policy count_idx_o, taken once ready
  output logic                  count_zero_o,
  output logic [RULES_LOG2-1:0] count_idx_o,
  output logic                  count_in_valid_o,
  input  logic                  count_in_ready_i,
  input  logic                  count_in_got_i,
  input  logic [191:0]          count_in_i,    // {transformed, dropped, accepted}
  output logic                  count_out_valid_o,
  input  logic                  count_out_ready_i,
  input  logic                  count_out_got_i,
  input  logic [191:0]          count_out_i
);
  localparam int unsigned COLUMNS     = 2 * ADDR_BYTES + 9;
  localparam int unsigned GROUP       = 2 ** GROUP_LOG2;
  localparam int unsigned GROUPS_LOG2 = RULES_LOG2 - GROUP_LOG2;
  localparam int unsigned CHUNKS      = 2 ** (RULES_LOG2 - CHUNK_LOG2);
  localparam int unsigned CHUNK_W     = RULES_LOG2 - CHUNK_LOG2 + 1;   // of {bank, chunk}
  localparam int unsigned INDEX_LOG2  = CHUNK_LOG2 - GROUP_LOG2;
  localparam int unsigned CHUNK_GROUPS = 2 ** INDEX_LOG2;
  localparam int unsigned SWEEP_LOG2  = GROUP_LOG2 < 3 ? GROUPS_LOG2 + 3 : RULES_LOG2;  // every kind's line of every group; every policy
  localparam int unsigned STEP_W      = SWEEP_LOG2 > 8 ? SWEEP_LOG2 : 8;
  localparam int unsigned LOAD_LAST   = GROUP > 3 ? GROUP : 3;

  typedef enum logic [3:0] {
    StSweep, StIdle, StStore, StLoad, StWalk, StWalkEnd, StAttr, StUsed, StKind, StCountIn, StCountOut, StBindRead, StBind, StAck
  } state_e;
  state_e            state_q, state_d;
  logic [STEP_W-1:0] step_q, step_d;
  logic [7:0]        err_q, err_d;
  logic              live_q, live_d;

  // ---------------------------------------------------------------- the request
  adit_reg_pkg::sp_desc_t rule;
  logic                   bank, is_rank_ok, is_put;
  logic [RULES_LOG2-1:0]  rank;
  logic [GROUPS_LOG2-1:0] group;
  logic [CHUNK_W-1:0]     chunk;  // {bank, chunk}
  assign rule       = tbl_i.data;
  assign bank       = tbl_i.ext[0];
  assign rank       = tbl_i.idx[RULES_LOG2-1:0];  // or policy id
  assign group      = rank[RULES_LOG2-1:GROUP_LOG2];
  assign chunk      = CHUNK_W'({bank, rank} >> CHUNK_LOG2);
  assign is_rank_ok = (tbl_i.idx >> RULES_LOG2) == 16'b0;
  assign is_put     = tbl_i.op == adit_pkg::TBL_SP_PUT;

  // ---------------------------------------------------------------- the group's rules
  logic         rule_re, lane_load_q;
  logic [351:0] stored;
  logic [GROUP_LOG2-1:0] lane_q;
  assign rule_re = state_q == StLoad && is_put && step_q < STEP_W'(GROUP);
  ram_1r1w #(.W(352), .AW(RULES_LOG2+1)) u_rules (
    .clk_i, .we_i(state_q == StStore && is_put), .waddr_i({bank, rank}), .wdata_i(tbl_i.data[351:0]),
    .re_i(rule_re), .raddr_i({bank, group, step_q[GROUP_LOG2-1:0]}), .rdata_o(stored)
  );
  always_ff @(posedge clk_i) begin
    lane_load_q <= rule_re;
    lane_q      <= step_q[GROUP_LOG2-1:0];
  end
  logic walks;
  assign walks = state_q == StWalk;
  for (genvar l = 0; l < GROUP; l++) begin : g_lane
    logic [COLUMNS-1:0] bits;
    spd_rule #(.ADDR_BYTES(ADDR_BYTES)) u_rule (
      .clk_i, .load_i(lane_load_q && lane_q == GROUP_LOG2'(l)), .rule_i(stored), .make_i(walks), .entry_i(step_q[7:0]), .bits_o(bits)
    );
    for (genvar c = 0; c < COLUMNS; c++) begin : g_bit
      assign line_bits_o[GROUP*c + l] = bits[c];
    end
  end

  // ---------------------------------------------------------------- which ranks hold a rule, and of what kind
  logic               kinds_we, kind_we;
  logic [3*GROUP-1:0] kinds_ram, kinds_q, kinds;  // of the group: {opaque, is_v6, valid}, a bit a rank each
  logic [GROUP-1:0]   valid, is_v6, is_opaque, one, kind_bits;
  ram_1r1w #(.W(3*GROUP), .AW(GROUPS_LOG2+1)) u_kinds (
    .clk_i, .we_i(kinds_we), .waddr_i(state_q == StSweep ? step_q[GROUPS_LOG2:0] : {bank, group}),
    .wdata_i(state_q == StSweep ? '0 : kinds_q), .re_i(state_q == StStore), .raddr_i({bank, group}), .rdata_o(kinds_ram)
  );
  assign one   = GROUP'(1) << rank[GROUP_LOG2-1:0];
  assign kinds = state_q == StLoad ? kinds_ram & ~{{2*GROUP{1'b0}}, one} : kinds_q;
  assign {is_opaque, is_v6, valid} = kinds;
  always_comb begin
    kind_bits = '0;
    if (kind_we && state_q != StSweep)
      kind_bits = valid & (step_q[1] ? is_v6 : ~is_v6) & (step_q[0] ? '1 : ~is_opaque);
  end
  always_ff @(posedge clk_i) begin
    if (state_q == StLoad) kinds_q <= kinds;
    if (state_q == StAttr)
      kinds_q <= {is_opaque & ~one | (rule.flags[3] ? one : '0), is_v6 & ~one | (rule.flags[0] ? one : '0), valid | one};
  end

  // Which groups hold a rule, a line a chunk.
  logic [CHUNK_GROUPS-1:0] chunk_groups [0:2*CHUNKS-1];
  logic [CHUNK_GROUPS-1:0] groups_used;
  logic [2*CHUNKS-1:0]     used_q;
  always_comb begin
    groups_used = '0;
    if (state_q == StUsed) begin
      groups_used = chunk_groups[chunk];
      for (int g = 0; g < CHUNK_GROUPS; g++)
        if (32'(group) % CHUNK_GROUPS == g) groups_used[g] = valid != '0;
    end
  end
  always_ff @(posedge clk_i)
    if (state_q == StSweep || state_q == StUsed) chunk_groups[state_q == StSweep ? step_q[CHUNK_W-1:0] : chunk] <= groups_used;
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni)                used_q <= '0;
    else if (state_q == StUsed) used_q[chunk] <= groups_used != '0;

  // Lines and kinds, a cycle late.
  logic [GROUPS_LOG2-1:0] group_q;
  logic                   line_we_q, kind_we_q;
  logic [8:0]             line_addr_q;
  logic [2:0]             kind_addr_q;
  logic [GROUP-1:0]       kind_bits_q;
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) begin
      line_we_q <= 1'b0;
      kind_we_q <= 1'b0;
    end else begin
      line_we_q <= walks;
      kind_we_q <= kind_we;
    end
  always_ff @(posedge clk_i) begin
    if (walks) line_addr_q <= {bank, step_q[7:0]};
    if (kind_we) begin
      kind_addr_q <= state_q == StSweep ? step_q[GROUPS_LOG2 +: 3] : {bank, step_q[1:0]};
      kind_bits_q <= kind_bits;
    end
    if (walks || kind_we) group_q <= state_q == StSweep ? step_q[GROUPS_LOG2-1:0] : group;
  end

  // The writer's own copy of the bindings, for TBL_SP_GET.
  logic        get_bound;
  logic [15:0] get_slot;
  ram_1r1w #(.W(17), .AW(RULES_LOG2)) u_bind (
    .clk_i, .we_i(bind_valid_o && bind_ready_i), .waddr_i(bind_sp_id_o), .wdata_i(bind_o),
    .re_i(state_q == StBindRead), .raddr_i(rank), .rdata_o({get_bound, get_slot})
  );

  logic [191:0] count_in_q, count_out_q;
  always_ff @(posedge clk_i) begin
    if (count_in_got_i)  count_in_q  <= count_in_i;
    if (count_out_got_i) count_out_q <= count_out_i;
  end

  // ---------------------------------------------------------------- what to do
  assign count_zero_o = state_q == StSweep || tbl_i.op == adit_pkg::TBL_SP_ZERO;
  assign count_idx_o  = state_q == StSweep ? step_q[RULES_LOG2-1:0] : rank;

  always_comb begin
    state_d           = state_q;
    step_d            = step_q;
    err_d             = err_q;
    live_d            = live_q;
    kind_we           = 1'b0;
    kinds_we          = 1'b0;
    attr_we_o         = 1'b0;
    bind_valid_o      = 1'b0;
    bind_sp_id_o      = rank;
    bind_o            = {tbl_i.ext[0], tbl_i.data[15:0]};
    count_in_valid_o  = 1'b0;
    count_out_valid_o = 1'b0;

    case (state_q)
      StSweep: begin  // after reset: waits until no rank holds a rule, no policy a binding or a count
        kind_we           = 1'b1;
        kinds_we          = 1'b1;
        bind_valid_o      = 1'b1;
        bind_sp_id_o      = step_q[RULES_LOG2-1:0];
        bind_o            = '0;
        count_in_valid_o  = count_in_ready_i && count_out_ready_i;
        count_out_valid_o = count_in_ready_i && count_out_ready_i;
        if (count_in_ready_i && count_out_ready_i) begin
          step_d = step_q + 1'b1;
          if (step_q == STEP_W'(2 ** SWEEP_LOG2 - 1)) state_d = StIdle;
        end
      end

      StIdle: begin  // waits for an op of ours
        step_d = '0;
        err_d  = adit_reg_pkg::STATUS_OK;
        if (tbl_i.valid) begin
          case (tbl_i.op)
            adit_pkg::TBL_SP_PUT: begin
              state_d = StStore;
              if ((rule.sp_id >> RULES_LOG2) != 16'b0)     err_d = adit_reg_pkg::STATUS_BAD_FIELD;
              else if (rule.flags[0] && ADDR_BYTES < 16) err_d = adit_reg_pkg::STATUS_UNSUPPORTED;  // it could never match: say so
            end
            adit_pkg::TBL_SP_CLEAR: state_d = StStore;
            adit_pkg::TBL_SP_LIVE: begin
              state_d = StAck;
              live_d  = bank;
            end
            adit_pkg::TBL_SP_BIND:                        state_d = StBind;
            adit_pkg::TBL_SP_GET, adit_pkg::TBL_SP_ZERO: state_d = StCountIn;
            default: ;
          endcase
          if (state_d != StIdle && tbl_i.op != adit_pkg::TBL_SP_LIVE && !is_rank_ok) err_d = adit_reg_pkg::STATUS_BAD_FIELD;
          if (err_d != adit_reg_pkg::STATUS_OK) state_d = StAck;
        end
      end

      StStore: state_d = StLoad;  // the store takes the new rule

      StLoad: begin  // reads the group's rules, and takes the rank out of the four kinds
        kind_we = step_q < STEP_W'(4);
        step_d  = step_q + 1'b1;
        if (is_put && step_q == STEP_W'(LOAD_LAST)) begin
          step_d  = '0;
          state_d = StWalk;
        end
        if (!is_put && step_q == STEP_W'(3))          state_d = StUsed;
        if (!is_put && (kinds_ram[GROUP-1:0] & one) == '0) state_d = StAck;  // it is empty
      end

      StWalk: begin  // makes a line a cycle; it is written in the next
        step_d = step_q + 1'b1;
        if (step_q[7:0] == 8'hff) state_d = StWalkEnd;
      end

      StWalkEnd: state_d = StAttr;  // the last line is being written

      StAttr: begin
        attr_we_o = 1'b1;
        state_d   = StUsed;
      end

      StUsed: begin
        kinds_we = 1'b1;
        step_d   = '0;
        state_d  = is_put ? StKind : StAck;
      end

      StKind: begin  // puts the rank into the kinds
        kind_we = 1'b1;
        step_d  = step_q + 1'b1;
        if (step_q[1:0] == 2'd3) state_d = StAck;
      end

      StCountIn: begin  // waits for a cycle in which the open pipeline counts nothing
        count_in_valid_o = 1'b1;
        if (count_in_ready_i) state_d = StCountOut;
      end

      StCountOut: begin  // waits for a cycle in which the seal pipeline counts nothing
        count_out_valid_o = 1'b1;
        if (count_out_ready_i) state_d = count_zero_o ? StBind : StBindRead;
      end

      StBindRead: state_d = StAck;

      StBind: begin  // waits for a cycle without an acquire
        bind_valid_o = 1'b1;
        if (tbl_i.op == adit_pkg::TBL_SP_ZERO) bind_o = '0;
        if (bind_ready_i) state_d = StAck;
      end

      StAck: state_d = StIdle;

      default: state_d = StIdle;
    endcase
  end

  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) begin
      state_q <= StSweep;
      step_q  <= '0;
      err_q   <= '0;
      live_q  <= 1'b0;
    end else begin
      state_q <= state_d;
      step_q  <= step_d;
      err_q   <= err_d;
      live_q  <= live_d;
    end

  assign live_o      = live_q;
  assign used_o      = used_q;
  assign group_o     = group_q;
  assign line_we_o   = line_we_q;
  assign line_addr_o = line_addr_q;
  assign kind_we_o   = kind_we_q;
  assign kind_addr_o = kind_addr_q;
  assign kind_bits_o = kind_bits_q;
  assign attr_addr_o = {bank, rank};
  assign attr_o      = {rule.flags[2] && !rule.flags[3], rule.action[1:0], rule.level[1:0], rule.sp_id, rule.reqid};

  adit_reg_pkg::sp_state_desc_t sp_state;
  always_comb begin
    tbl_o    = '0;
    sp_state = '0;
    if (state_q == StAck) begin
      tbl_o.ack = 1'b1;
      tbl_o.err = err_q;
      sp_state.in_accepted     = count_in_q[63:0];
      sp_state.in_dropped      = count_in_q[127:64];
      sp_state.in_transformed  = count_in_q[191:128];
      sp_state.out_accepted    = count_out_q[63:0];
      sp_state.out_dropped     = count_out_q[127:64];
      sp_state.out_transformed = count_out_q[191:128];
      sp_state.sa_slot         = get_slot;
      sp_state.bound           = {7'b0, get_bound};
      if (tbl_i.op == adit_pkg::TBL_SP_GET && err_q == adit_reg_pkg::STATUS_OK) tbl_o.data = sp_state;
    end
  end

`ifdef FORMAL
`include "spd_writer_props.svh"
`endif
endmodule
