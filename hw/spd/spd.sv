// SPDX-License-Identifier: BSD-2-Clause-Patent
// Security policy database (RFC 4301 §4.4.1): two banks of ordered rules, one of them live; one look-up a cycle on each of two
// ports, however many rules there are. This file holds the columns, the two look-up ports, the counters, and the writer.
//
// A rule's bits are spread over all columns, a byte value a line. The writer changes one rank: it clears the rank's valid bit,
// walks the 256 lines, writes the attributes, and sets the valid bit again last. A look-up samples valid bits and lines in one
// cycle and reads the attributes five cycles later, long before a walk's end, so it sees the old rule, none, or the new one.
module spd #(
  parameter int unsigned RULES_LOG2 = 6,
  parameter int unsigned ADDR_BYTES = 16  // address bytes that have a column: 16, or 4 for IPv4 alone
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
  input  logic                 seal_count_valid_i,
  input  adit_pkg::sp_count_t  seal_count_i,
  input  logic                 open_count_valid_i,
  input  adit_pkg::sp_count_t  open_count_i,
  input  adit_pkg::tbl_req_t   tbl_i,
  output adit_pkg::tbl_rsp_t   tbl_o
);
  localparam int unsigned RULES   = 2 ** RULES_LOG2;
  localparam int unsigned COLUMNS = 2 * ADDR_BYTES + 13;
  localparam int unsigned SWEEP_W = RULES_LOG2 + 1 > 9 ? RULES_LOG2 + 1 : 9;

  initial if (ADDR_BYTES != 4 && ADDR_BYTES != 16) $fatal(1, "spd: ADDR_BYTES is 4 or 16");

  typedef enum logic [3:0] {
    StSweep, StIdle, StInvalidate, StWalk, StWalkEnd, StAttr, StValidate, StCountIn, StCountOut, StBindRead, StBind, StAck
  } state_e;
  state_e               state_q, state_d;
  logic [SWEEP_W-1:0]   step_q, step_d;     // line of a sweep or walk
  logic [7:0]           err_q, err_d;
  logic                 live_q, live_d;

  // ---------------------------------------------------------------- the request
  adit_reg_pkg::sp_desc_t rule;
  logic                   bank, is_rank_ok;
  logic [RULES_LOG2-1:0]  rank;
  assign rule       = tbl_i.data;
  assign bank       = tbl_i.ext[0];
  assign rank       = tbl_i.idx[RULES_LOG2-1:0];  // or policy id
  assign is_rank_ok = (tbl_i.idx >> RULES_LOG2) == 16'b0;

  // ---------------------------------------------------------------- valid ranks, and which of them are opaque
  logic [2*RULES-1:0] valid_v4_q, valid_v6_q, opaque_q;  // {bank, rank}
  logic [RULES-1:0]   live_v4, live_v6, live_opaque;
  logic               invalidate, validate;
  assign live_v4 = live_q ? valid_v4_q[2*RULES-1:RULES] : valid_v4_q[RULES-1:0];
  assign live_v6 = live_q ? valid_v6_q[2*RULES-1:RULES] : valid_v6_q[RULES-1:0];
  assign live_opaque = live_q ? opaque_q[2*RULES-1:RULES] : opaque_q[RULES-1:0];
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) begin
      valid_v4_q <= '0;
      valid_v6_q <= '0;
    end else begin
      if (invalidate) begin
        valid_v4_q[{bank, rank}] <= 1'b0;
        valid_v6_q[{bank, rank}] <= 1'b0;
      end
      if (validate && !rule.flags[0]) valid_v4_q[{bank, rank}] <= 1'b1;
      if (validate && rule.flags[0])  valid_v6_q[{bank, rank}] <= 1'b1;
    end
  always_ff @(posedge clk_i) if (validate) opaque_q[{bank, rank}] <= rule.flags[3];

  // ---------------------------------------------------------------- columns
  logic                      seal_re, open_re, old_re, line_we_q, line_clear;
  logic [COLUMNS*8-1:0]      seal_byte, open_byte;
  logic [COLUMNS*RULES-1:0]  seal_lines, open_lines;
  logic [8:0]                old_addr, line_addr_q, line_addr;
  logic [COLUMNS-1:0]        rule_bits;
  logic                      line_we;

  assign old_addr  = {bank, step_q[7:0]};
  assign line_we   = line_we_q || line_clear;
  assign line_addr = line_clear ? step_q[8:0] : line_addr_q;
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) line_we_q <= 1'b0;
    else         line_we_q <= old_re;
  always_ff @(posedge clk_i) if (old_re) line_addr_q <= old_addr;

  spd_rule #(.ADDR_BYTES(ADDR_BYTES)) u_rule (.rule_i(rule), .entry_i(line_addr_q[7:0]), .bits_o(rule_bits));

  for (genvar c = 0; c < COLUMNS; c++) begin : g_column
    spd_column #(.RULES_LOG2(RULES_LOG2)) u_column (
      .clk_i,
      .seal_re_i(seal_re), .seal_addr_i({live_q, seal_byte[8*c +: 8]}), .seal_o(seal_lines[RULES*c +: RULES]),
      .open_re_i(open_re), .open_addr_i({live_q, open_byte[8*c +: 8]}), .open_o(open_lines[RULES*c +: RULES]),
      .old_re_i(old_re), .old_addr_i(old_addr),
      .we_i(line_we), .clear_i(line_clear), .waddr_i(line_addr), .rank_i(rank), .bit_i(rule_bits[c])
    );
  end

  // ---------------------------------------------------------------- look-up ports
  logic                  attr_we, bind_we;
  logic [RULES_LOG2:0]   attr_addr;
  logic [52:0]           attr;
  logic [RULES_LOG2-1:0] bind_sp_id;
  logic [16:0]           bind_data;

  spd_lookup #(.RULES_LOG2(RULES_LOG2), .ADDR_BYTES(ADDR_BYTES), .SEAL(1'b1)) u_seal (
    .clk_i, .rst_ni,
    .key_valid_i(seal_key_valid_i), .key_ready_o(seal_key_ready_o), .key_i(seal_key_i),
    .hit_valid_o(seal_hit_valid_o), .hit_ready_i(seal_hit_ready_i), .hit_o(seal_hit_o),
    .col_re_o(seal_re), .col_byte_o(seal_byte), .col_i(seal_lines),
    .bank_i(live_q), .valid_v4_i(live_v4), .valid_v6_i(live_v6), .opaque_i(live_opaque),
    .attr_we_i(attr_we), .attr_addr_i(attr_addr), .attr_i(attr),
    .bind_we_i(bind_we), .bind_sp_id_i(bind_sp_id), .bind_i(bind_data)
  );
  spd_lookup #(.RULES_LOG2(RULES_LOG2), .ADDR_BYTES(ADDR_BYTES), .SEAL(1'b0)) u_open (
    .clk_i, .rst_ni,
    .key_valid_i(open_key_valid_i), .key_ready_o(open_key_ready_o), .key_i(open_key_i),
    .hit_valid_o(open_hit_valid_o), .hit_ready_i(open_hit_ready_i), .hit_o(open_hit_o),
    .col_re_o(open_re), .col_byte_o(open_byte), .col_i(open_lines),
    .bank_i(live_q), .valid_v4_i(live_v4), .valid_v6_i(live_v6), .opaque_i(live_opaque),
    .attr_we_i(attr_we), .attr_addr_i(attr_addr), .attr_i(attr),
    .bind_we_i(bind_we), .bind_sp_id_i(bind_sp_id), .bind_i(bind_data)
  );

  // The writer's own copy of the bindings, for TBL_SP_GET.
  logic        get_bound;
  logic [15:0] get_slot;
  ram_1r1w #(.W(17), .AW(RULES_LOG2)) u_bind (
    .clk_i, .we_i(bind_we), .waddr_i(bind_sp_id), .wdata_i(bind_data),
    .re_i(state_q == StBindRead), .raddr_i(rank), .rdata_o({get_bound, get_slot})
  );

  // ---------------------------------------------------------------- counters: {transformed, dropped, accepted}
  logic                  count_op_in, count_op_out, count_in_ready, count_out_ready, count_in_got, count_out_got, is_zeroing;
  logic [RULES_LOG2-1:0] count_idx;
  logic [3*64-1:0]       count_in, count_out, count_in_q, count_out_q;
  logic                  seal_is_known, open_is_known;
  assign seal_is_known = (seal_count_i.sp_id >> RULES_LOG2) == 16'b0;
  assign open_is_known = (open_count_i.sp_id >> RULES_LOG2) == 16'b0;
  assign is_zeroing    = state_q == StSweep || tbl_i.op == adit_pkg::TBL_SP_ZERO;
  assign count_idx     = state_q == StSweep ? step_q[RULES_LOG2-1:0] : rank;

  count_ram #(.AW(RULES_LOG2), .FIELDS(3), .ADD_W(1)) u_count_out (
    .clk_i, .rst_ni,
    .add_valid_i(seal_count_valid_i && seal_is_known), .add_idx_i(seal_count_i.sp_id[RULES_LOG2-1:0]),
    .add_i({seal_count_i.kind == 2'd2, seal_count_i.kind == 2'd1, seal_count_i.kind == 2'd0}),
    .op_valid_i(count_op_out), .op_ready_o(count_out_ready), .op_is_zero_i(is_zeroing), .op_idx_i(count_idx),
    .get_valid_o(count_out_got), .get_o(count_out)
  );
  count_ram #(.AW(RULES_LOG2), .FIELDS(3), .ADD_W(1)) u_count_in (
    .clk_i, .rst_ni,
    .add_valid_i(open_count_valid_i && open_is_known), .add_idx_i(open_count_i.sp_id[RULES_LOG2-1:0]),
    .add_i({open_count_i.kind == 2'd2, open_count_i.kind == 2'd1, open_count_i.kind == 2'd0}),
    .op_valid_i(count_op_in), .op_ready_o(count_in_ready), .op_is_zero_i(is_zeroing), .op_idx_i(count_idx),
    .get_valid_o(count_in_got), .get_o(count_in)
  );
  always_ff @(posedge clk_i) begin
    if (count_in_got)  count_in_q  <= count_in;
    if (count_out_got) count_out_q <= count_out;
  end

  // ---------------------------------------------------------------- the writer
  logic is_swept;  // both counters take the zero of this step, or need none
  assign is_swept = (count_in_ready && count_out_ready);

  always_comb begin
    state_d      = state_q;
    step_d       = step_q;
    err_d        = err_q;
    live_d       = live_q;
    invalidate   = 1'b0;
    validate     = 1'b0;
    old_re       = 1'b0;
    line_clear   = 1'b0;
    attr_we      = 1'b0;
    attr_addr    = {bank, rank};
    attr         = {rule.flags[2] && !rule.flags[3], rule.action[1:0], rule.level[1:0], rule.sp_id, rule.reqid};
    bind_we      = 1'b0;
    bind_sp_id   = rank;
    bind_data    = {tbl_i.ext[0], tbl_i.data[15:0]};
    count_op_in  = 1'b0;
    count_op_out = 1'b0;

    case (state_q)
      StSweep: begin  // after reset: waits until every table is zero
        line_clear   = 1'b1;
        attr_we      = 1'b1;
        attr_addr    = step_q[RULES_LOG2:0];
        attr         = '0;
        bind_we      = 1'b1;
        bind_sp_id   = step_q[RULES_LOG2-1:0];
        bind_data    = '0;
        count_op_in  = is_swept;
        count_op_out = is_swept;
        if (is_swept) begin
          step_d = step_q + 1'b1;
          if (step_q == '1) state_d = StIdle;
        end
      end

      StIdle: begin  // waits for an op of ours
        step_d = '0;
        err_d  = adit_reg_pkg::STATUS_OK;
        if (tbl_i.valid)
          case (tbl_i.op)
            adit_pkg::TBL_SP_PUT: begin
              state_d = StInvalidate;
              if (!is_rank_ok || (rule.sp_id >> RULES_LOG2) != 16'b0) begin
                state_d = StAck;
                err_d   = adit_reg_pkg::STATUS_BAD_FIELD;
              end else if (rule.flags[0] && ADDR_BYTES < 16) begin  // it could never match: say so
                state_d = StAck;
                err_d   = adit_reg_pkg::STATUS_UNSUPPORTED;
              end
            end
            adit_pkg::TBL_SP_CLEAR: begin
              state_d    = StAck;
              invalidate = is_rank_ok;
              if (!is_rank_ok) err_d = adit_reg_pkg::STATUS_BAD_FIELD;
            end
            adit_pkg::TBL_SP_LIVE: begin
              state_d = StAck;
              live_d  = bank;
            end
            adit_pkg::TBL_SP_BIND: begin
              state_d = StBind;
              if (!is_rank_ok) begin
                state_d = StAck;
                err_d   = adit_reg_pkg::STATUS_BAD_FIELD;
              end
            end
            adit_pkg::TBL_SP_GET, adit_pkg::TBL_SP_ZERO: begin
              state_d = StCountIn;
              if (!is_rank_ok) begin
                state_d = StAck;
                err_d   = adit_reg_pkg::STATUS_BAD_FIELD;
              end
            end
            default: ;
          endcase
      end

      StInvalidate: begin
        invalidate = 1'b1;
        state_d    = StWalk;
      end

      StWalk: begin  // reads a line a cycle; line_we_q writes it one cycle later
        old_re = 1'b1;
        step_d = step_q + 1'b1;
        if (step_q[7:0] == 8'hff) state_d = StWalkEnd;
      end

      StWalkEnd: state_d = StAttr;  // the last line is being written

      StAttr: begin
        attr_we = 1'b1;
        state_d = StValidate;
      end

      StValidate: begin
        validate = 1'b1;
        state_d  = StAck;
      end

      StCountIn: begin  // waits for a cycle in which the open pipeline counts nothing
        count_op_in = 1'b1;
        if (count_in_ready) state_d = StCountOut;
      end

      StCountOut: begin  // waits for a cycle in which the seal pipeline counts nothing
        count_op_out = 1'b1;
        if (count_out_ready) state_d = is_zeroing ? StBind : StBindRead;
      end

      StBindRead: state_d = StAck;

      StBind: begin
        bind_we = 1'b1;
        if (tbl_i.op == adit_pkg::TBL_SP_ZERO) bind_data = '0;
        state_d = StAck;
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

  adit_reg_pkg::sp_state_desc_t sp_state;
  always_comb begin
    sp_state                 = '0;
    sp_state.in_accepted     = count_in_q[63:0];
    sp_state.in_dropped      = count_in_q[127:64];
    sp_state.in_transformed  = count_in_q[191:128];
    sp_state.out_accepted    = count_out_q[63:0];
    sp_state.out_dropped     = count_out_q[127:64];
    sp_state.out_transformed = count_out_q[191:128];
    sp_state.sa_slot         = get_slot;
    sp_state.bound           = {7'b0, get_bound};
  end

  always_comb begin
    tbl_o = '0;
    if (state_q == StAck) begin
      tbl_o.ack = 1'b1;
      tbl_o.err = err_q;
      if (tbl_i.op == adit_pkg::TBL_SP_GET && err_q == adit_reg_pkg::STATUS_OK) tbl_o.data = sp_state;
    end
  end

`ifdef FORMAL
`include "spd_props.svh"
`endif
endmodule
