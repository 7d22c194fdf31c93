// SPDX-License-Identifier: BSD-2-Clause-Patent
// Security association database (RFC 4301 §4.4.2): what the seal and open pipelines ask of it, one answer a cycle on each port,
// and the table side that writes it. This file holds the instances, the counters of what was refused and the table side.
//
//   per slot   word 0 and 1 of the record            here: sad_open asks one side; sad_seal and the table side the other
//              limits (word 2), when it was added    here: sad_commit one side, sad_seal the other; for sad_open its hard seconds
//              next number, counters, what passed    sad_seal
//              top, counters, what passed, map       sad_commit; top in sad_open too
//              bad ICVs, replays                     count_ram
//   by key     two tables of buckets of four ways    here: sad_open one side, the table side the other; room for twice the slots
//
// A record's three words are written in one cycle, and every reader reads all it needs of them in one cycle. While sad_seal's side
// is written, or read by the table side, sad_seal takes no request.
module sad #(
  parameter int unsigned SLOTS_LOG2  = 10,
  parameter int unsigned WINDOW_LOG2 = 12   // numbers the replay map reaches back, 7 or more; no SA has a larger window
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,
  input  logic [31:0]            now_i,      // seconds
  input  logic                   seal_req_valid_i,
  output logic                   seal_req_ready_o,
  input  adit_pkg::seal_req_t    seal_req_i,
  output logic                   seal_rsp_valid_o,
  input  logic                   seal_rsp_ready_i,
  output adit_pkg::seal_rsp_t    seal_rsp_o,
  input  logic                   open_req_valid_i,
  output logic                   open_req_ready_o,
  input  adit_pkg::open_req_t    open_req_i,
  output logic                   open_rsp_valid_o,
  input  logic                   open_rsp_ready_i,
  output adit_pkg::open_rsp_t    open_rsp_o,
  input  logic                   commit_req_valid_i,
  output logic                   commit_req_ready_o,
  input  adit_pkg::commit_req_t  commit_req_i,
  output logic                   commit_rsp_valid_o,
  input  logic                   commit_rsp_ready_i,
  output adit_pkg::commit_rsp_t  commit_rsp_o,
  input  logic                   open_count_valid_i,
  input  adit_pkg::sa_count_t    open_count_i,
  output logic                   notice_valid_o,
  input  logic                   notice_ready_i,
  output adit_pkg::notice_t      notice_o,
  input  adit_pkg::tbl_req_t     tbl_i,
  output adit_pkg::tbl_rsp_t     tbl_o,
  output logic                   busy_o           // seconds are being counted, or a notice waits
);
  localparam int unsigned BUCKETS_LOG2 = SLOTS_LOG2 - 2;  // of each table: two tables of four ways hold twice the slots
  localparam int unsigned WORDS_LOG2   = WINDOW_LOG2 - 6; // of a slot's replay map
  localparam int unsigned MAP_LOG2     = SLOTS_LOG2 + WORDS_LOG2;

  typedef enum logic [3:0] {
    StSweep, StIdle, StRead, StFill, StZero, StStart, StWrite, StRefresh, StAskOut, StAskIn, StCount, StHash, StBucketRead, StBucketWrite,
    StAck
  } state_e;
  state_e                state_q, state_d;
  logic [SLOTS_LOG2-1:0] step_q, step_d;
  logic [WORDS_LOG2-1:0] fill_q, fill_d;
  logic [7:0]            err_q, err_d;
  logic                  is_done_q, is_done_d;  // sad_seal has answered, sad_commit not yet

  // ---------------------------------------------------------------- the request, and words held for it
  logic                   is_slot_ok, is_sweep, is_empty, is_new, is_in;
  logic [SLOTS_LOG2-1:0]  slot;
  adit_reg_pkg::sa_w0_t   w0;
  adit_reg_pkg::sa_w2_t   w2;
  logic [255:0]           addr_q, addr;
  logic [447:0]           limits_q;
  assign w0         = is_sweep ? 512'b0 : tbl_i.data;
  assign is_slot_ok = (tbl_i.idx >> SLOTS_LOG2) == 16'b0;
  assign is_sweep   = state_q == StSweep;
  assign slot       = is_sweep ? step_q : tbl_i.idx[SLOTS_LOG2-1:0];
  assign is_empty   = w0.spi == 32'b0;                  // no SA has it (RFC 4303 §2.1): the slot is emptied
  assign is_new     = tbl_i.ext[1] || is_empty;
  assign is_in      = w0.dir[0] == adit_reg_pkg::DIR_IN[0];
  assign addr       = is_empty ? 256'b0 : addr_q;
  assign w2         = is_empty ? 512'b0 : {64'b0, limits_q};
  logic hold_addr, hold_limits, forget;
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) begin
      addr_q   <= '0;
      limits_q <= '0;
    end else begin
      if (hold_addr)   addr_q   <= tbl_i.data[255:0];
      if (hold_limits) limits_q <= tbl_i.data[447:0];
      if (forget) begin
        addr_q   <= '0;
        limits_q <= '0;
      end
    end

  // ---------------------------------------------------------------- what the table side writes, to all copies
  logic         id_we, valid_we, added_we, valid, is_short_fill;
  logic [31:0]  added;
  logic [63:0]  near_at, in_first, out_first;
  assign added     = is_empty ? 32'b0 : now_i;
  assign near_at   = w2.seq_lease - ((w2.seq_lease - w2.seq_first + 64'd1) >> 3);  // 7/8 of the numbers are used with this one
  assign in_first  = is_in ? w2.seq_first : 64'b0;
  assign out_first = is_in ? 64'b0 : w2.seq_first;
  // A map whose numbers begin with 1 needs no past: every bit is written as the top passes it. Only what SA_GET_LIVE shows of the
  // numbers below 1 is cleared, the last word and the first.
  assign is_short_fill = in_first == 64'b0 && !is_empty;

  // Side b of each memory: the table side and sad_seal.
  adit_pkg::sa_t         seal_sa, open_sa;
  logic [287:0]          id, open_id;
  logic [255:0]          out_addr, open_addr;
  logic [448:0]          limits, in_limits;     // {is inbound, lease (inbound: window), near at, word 2 up to its seconds}
  logic [31:0]           seal_added, commit_added;
  logic                  seal_re, open_re, commit_re, seal_valid, open_valid, sa_we;
  logic [SLOTS_LOG2-1:0] seal_slot, open_slot, commit_slot, side_slot;
  assign sa_we     = id_we || added_we;
  assign side_slot = sa_we ? slot : seal_slot;
  sad_ram #(.W(544), .AW(SLOTS_LOG2)) u_words (
    .clk_i, .a_re_i(open_re), .a_addr_i(open_slot), .a_rdata_o({open_addr, open_id}),
    .b_re_i(seal_re && !sa_we), .b_we_i(id_we), .b_addr_i(side_slot), .b_wdata_i({addr, w0[287:0]}), .b_rdata_o({out_addr, id})
  );
  sad_ram #(.W(449), .AW(SLOTS_LOG2)) u_limits (
    .clk_i, .a_re_i(commit_re), .a_addr_i(commit_slot), .a_rdata_o(in_limits),
    .b_re_i(seal_re && !sa_we), .b_we_i(id_we), .b_addr_i(side_slot),
    .b_wdata_i({w0.dir[0], is_in ? {48'b0, w0.replay_packets} : w2.seq_lease, is_empty ? 64'b0 : near_at, w2[319:0]}),
    .b_rdata_o(limits)
  );
  sad_ram #(.W(32), .AW(SLOTS_LOG2)) u_added (
    .clk_i, .a_re_i(commit_re), .a_addr_i(commit_slot), .a_rdata_o(commit_added),
    .b_re_i(seal_re && !sa_we), .b_we_i(added_we), .b_addr_i(side_slot), .b_wdata_i(added), .b_rdata_o(seal_added)
  );
  ram_1r1w #(.W(1), .AW(SLOTS_LOG2)) u_valid_out (
    .clk_i, .we_i(valid_we), .waddr_i(slot), .wdata_i(valid), .re_i(seal_re), .raddr_i(seal_slot), .rdata_o(seal_valid)
  );
  ram_1r1w #(.W(1), .AW(SLOTS_LOG2)) u_valid_in (
    .clk_i, .we_i(valid_we), .waddr_i(slot), .wdata_i(valid), .re_i(open_re), .raddr_i(open_slot), .rdata_o(open_valid)
  );
  sad_words u_seal_sa (.id_i(id), .addr_i(out_addr), .valid_i(seal_valid), .sa_o(seal_sa));
  sad_words u_open_sa (.id_i(open_id), .addr_i(open_addr), .valid_i(open_valid), .sa_o(open_sa));

  // ---------------------------------------------------------------- the three ports
  logic                seal_op, commit_op, commit_op_ready, op_set, op_refresh, seal_op_done, commit_op_done;
  logic                seal_tell_valid, seal_tell_ready, commit_tell_valid, commit_tell_ready;
  logic                seal_age_valid, seal_age_ready, commit_age_valid, commit_age_ready;
  logic [SLOTS_LOG2-1:0] seal_age_slot, commit_age_slot;
  logic [15:0]         seal_tell_slot, commit_tell_slot;
  logic [2:0]          seal_tell;
  logic [1:0]          commit_tell;
  logic [225:0]        seal_state, out_q;
  logic [257:0]        commit_state, in_q;
  logic                fill_valid, fill_ready, replay_we, map_re;
  logic [SLOTS_LOG2-1:0] replay_waddr;
  logic [64:0]         replay_wdata;
  logic [MAP_LOG2-1:0] map_addr;
  logic [63:0]         map_rdata;

  sad_seal #(.SLOTS_LOG2(SLOTS_LOG2)) u_seal (
    .clk_i, .rst_ni, .ready_i(!is_sweep), .now_i,
    .req_valid_i(seal_req_valid_i), .req_ready_o(seal_req_ready_o), .req_i(seal_req_i),
    .rsp_valid_o(seal_rsp_valid_o), .rsp_ready_i(seal_rsp_ready_i), .rsp_o(seal_rsp_o),
    .tell_valid_o(seal_tell_valid), .tell_ready_i(seal_tell_ready), .tell_slot_o(seal_tell_slot), .tell_o(seal_tell),
    .age_valid_i(seal_age_valid), .age_ready_o(seal_age_ready), .age_slot_i(seal_age_slot),
    .op_valid_i(seal_op), .op_set_i(op_set), .op_refresh_i(op_refresh), .op_slot_i(slot), .op_seq_i(out_first),
    .op_done_o(seal_op_done), .op_state_o(seal_state),
    .init_i(is_sweep), .waddr_i(slot),
    .sa_we_i(sa_we), .sa_re_o(seal_re), .sa_slot_o(seal_slot), .sa_i(seal_sa), .limits_i(limits[447:0]), .added_i(seal_added)
  );

  logic [1:0]              bucket_we;
  logic [BUCKETS_LOG2-1:0] bucket_waddr;
  logic [331:0]            bucket_wdata, open_ways0, open_ways1;
  logic                    open_bucket_re;
  logic [BUCKETS_LOG2-1:0] open_bucket0, open_bucket1;
  sad_open #(.SLOTS_LOG2(SLOTS_LOG2), .BUCKETS_LOG2(BUCKETS_LOG2), .WINDOW_LOG2(WINDOW_LOG2)) u_open (
    .clk_i, .rst_ni, .ready_i(!is_sweep), .now_i,
    .req_valid_i(open_req_valid_i), .req_ready_o(open_req_ready_o), .req_i(open_req_i),
    .rsp_valid_o(open_rsp_valid_o), .rsp_ready_i(open_rsp_ready_i), .rsp_o(open_rsp_o),
    .id_we_i(id_we), .added_we_i(added_we), .waddr_i(slot), .hard_seconds_i(w2.hard_seconds), .added_i(added),
    .replay_we_i(replay_we), .replay_waddr_i(replay_waddr), .replay_wdata_i(replay_wdata),
    .bucket_re_o(open_bucket_re), .bucket0_o(open_bucket0), .bucket1_o(open_bucket1),
    .ways0_i(open_ways0), .ways1_i(open_ways1), .sa_re_o(open_re), .sa_slot_o(open_slot), .sa_i(open_sa),
    .map_re_o(map_re), .map_addr_o(map_addr), .map_rdata_i(map_rdata)
  );

  sad_commit #(.SLOTS_LOG2(SLOTS_LOG2), .WINDOW_LOG2(WINDOW_LOG2)) u_commit (
    .clk_i, .rst_ni, .ready_i(!is_sweep), .now_i,
    .req_valid_i(commit_req_valid_i), .req_ready_o(commit_req_ready_o), .req_i(commit_req_i),
    .rsp_valid_o(commit_rsp_valid_o), .rsp_ready_i(commit_rsp_ready_i), .rsp_o(commit_rsp_o),
    .we_o(replay_we), .waddr_o(replay_waddr), .wdata_o(replay_wdata),
    .map_re_i(map_re), .map_addr_i(map_addr), .map_rdata_o(map_rdata),
    .tell_valid_o(commit_tell_valid), .tell_ready_i(commit_tell_ready), .tell_slot_o(commit_tell_slot), .tell_o(commit_tell),
    .age_valid_i(commit_age_valid), .age_ready_o(commit_age_ready), .age_slot_i(commit_age_slot),
    .fill_valid_i(fill_valid), .fill_ready_o(fill_ready), .fill_addr_i({slot, fill_q}), .fill_bit_i(in_first != 64'b0),
    .op_valid_i(commit_op), .op_ready_o(commit_op_ready), .op_set_i(op_set), .op_refresh_i(op_refresh), .op_slot_i(slot),
    .op_seq_i(in_first), .op_done_o(commit_op_done), .op_state_o(commit_state),
    .init_i(is_sweep), .valid_we_i(valid_we), .waddr_i(slot), .valid_i(valid), .sa_re_o(commit_re), .sa_slot_o(commit_slot),
    .dir_i(in_limits[448]), .window_i(in_limits[399:384]), .limits_i(in_limits[319:0]), .added_i(commit_added)
  );
  logic dir_q, asked_q;   // of the slot that StAskOut asked about: its record is there in the cycle after
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) asked_q <= 1'b0;
    else         asked_q <= state_q == StAskOut;
  always_ff @(posedge clk_i) begin
    if (asked_q)        dir_q <= limits[448];
    if (seal_op_done)   out_q <= seal_state;
    if (commit_op_done) in_q  <= commit_state;
  end

  // ---------------------------------------------------------------- notices and age
  logic              out_notice_valid, out_notice_ready, in_notice_valid, in_notice_ready, last_unused, sel_unused;
  adit_pkg::notice_t out_notice, in_notice;
  sad_tell u_tell_out (
    .clk_i, .rst_ni, .in_valid_i(seal_tell_valid), .in_ready_o(seal_tell_ready), .in_slot_i(seal_tell_slot),
    .in_kinds_i(seal_tell), .notice_valid_o(out_notice_valid), .notice_ready_i(out_notice_ready), .notice_o(out_notice)
  );
  sad_tell u_tell_in (
    .clk_i, .rst_ni, .in_valid_i(commit_tell_valid), .in_ready_o(commit_tell_ready), .in_slot_i(commit_tell_slot),
    .in_kinds_i({commit_tell, 1'b0}), .notice_valid_o(in_notice_valid), .notice_ready_i(in_notice_ready), .notice_o(in_notice)
  );
  stream_arb2 #(.W($bits(notice_o))) u_notices (
    .clk_i, .rst_ni,
    .a_valid_i(out_notice_valid), .a_ready_o(out_notice_ready), .a_last_i(1'b1), .a_data_i(out_notice),
    .b_valid_i(in_notice_valid), .b_ready_o(in_notice_ready), .b_last_i(1'b1), .b_data_i(in_notice),
    .out_valid_o(notice_valid_o), .out_ready_i(notice_ready_i), .out_last_o(last_unused), .out_data_o(notice_o),
    .out_sel_o(sel_unused)
  );
  logic seal_age_busy, commit_age_busy;
  sad_age #(.SLOTS_LOG2(SLOTS_LOG2)) u_age_out (
    .clk_i, .rst_ni, .ready_i(!is_sweep), .now_i, .missed_i(seal_tell_valid && !seal_tell_ready), .has_room_i(seal_tell_ready),
    .age_valid_o(seal_age_valid), .age_ready_i(seal_age_ready), .age_slot_o(seal_age_slot),
    .busy_o(seal_age_busy)
  );
  sad_age #(.SLOTS_LOG2(SLOTS_LOG2)) u_age_in (
    .clk_i, .rst_ni, .ready_i(!is_sweep), .now_i, .missed_i(commit_tell_valid && !commit_tell_ready), .has_room_i(commit_tell_ready),
    .age_valid_o(commit_age_valid), .age_ready_i(commit_age_ready), .age_slot_o(commit_age_slot),
    .busy_o(commit_age_busy)
  );
  assign busy_o = seal_age_busy || commit_age_busy || notice_valid_o;

  // ---------------------------------------------------------------- counters of what was refused: {replays, icv_errors}
  logic            count_op, count_ready, count_got, open_is_known;
  logic [2*64-1:0] count, count_q;
  assign open_is_known = (open_count_i.slot >> SLOTS_LOG2) == 16'b0;
  count_ram #(.AW(SLOTS_LOG2), .FIELDS(2), .ADD_W(1)) u_count (
    .clk_i, .rst_ni,
    .add_valid_i(open_count_valid_i && open_is_known), .add_idx_i(open_count_i.slot[SLOTS_LOG2-1:0]),
    .add_i({open_count_i.replayed, open_count_i.bad_icv}),
    .op_valid_i(count_op), .op_ready_o(count_ready), .op_is_zero_i(is_sweep || state_q == StZero), .op_idx_i(slot),
    .get_valid_o(count_got), .get_o(count)
  );
  always_ff @(posedge clk_i) if (count_got) count_q <= count;

  // ---------------------------------------------------------------- buckets: the table side
  logic [BUCKETS_LOG2-1:0] bucket0, bucket1, bucket0_q, bucket1_q;
  logic [65:0]             tag, tag_q;
  logic [331:0]            ways0, ways1;
  logic                    hit0, hit1, is_table1, is_del;
  logic [1:0]              way0, way1, free0, free1, way;
  logic [2:0]              used0, used1;
  logic [15:0]             slot0, slot1;

  // The destination comes with the op: word 1, in network order.
  logic         key_is_v6;
  logic [127:0] key_dst, op_dst;
  for (genvar b = 0; b < 16; b++) begin : g_byte
    assign op_dst[8*b +: 8] = tbl_i.data[128 + 8*(15-b) +: 8];
  end
  assign key_is_v6 = tbl_i.code[0];
  assign key_dst   = key_is_v6 ? op_dst : {96'b0, op_dst[127:96]};

  sad_hash #(.BUCKETS_LOG2(BUCKETS_LOG2)) u_hash (
    .valid_i(state_q == StHash), .is_v6_i(key_is_v6), .proto_i(seal_sa.proto), .dst_i(key_dst), .spi_i(seal_sa.spi),
    .bucket0_o(bucket0), .bucket1_o(bucket1), .tag_o(tag)
  );
  always_ff @(posedge clk_i)
    if (state_q == StHash) begin
      bucket0_q <= bucket0;
      bucket1_q <= bucket1;
      tag_q     <= tag;
    end

  logic bucket_re;
  assign bucket_re = state_q == StBucketRead;
  sad_ram #(.W(332), .AW(BUCKETS_LOG2)) u_table0 (
    .clk_i, .a_re_i(open_bucket_re), .a_addr_i(open_bucket0), .a_rdata_o(open_ways0),
    .b_re_i(bucket_re), .b_we_i(bucket_we[0]), .b_addr_i(bucket_re ? bucket0_q : bucket_waddr), .b_wdata_i(bucket_wdata),
    .b_rdata_o(ways0)
  );
  sad_ram #(.W(332), .AW(BUCKETS_LOG2)) u_table1 (
    .clk_i, .a_re_i(open_bucket_re), .a_addr_i(open_bucket1), .a_rdata_o(open_ways1),
    .b_re_i(bucket_re), .b_we_i(bucket_we[1]), .b_addr_i(bucket_re ? bucket1_q : bucket_waddr), .b_wdata_i(bucket_wdata),
    .b_rdata_o(ways1)
  );
  sad_bucket u_bucket0 (
    .valid_i(state_q == StBucketWrite), .bucket_i(ways0), .tag_i(tag_q), .hit_o(hit0), .way_o(way0), .slot_o(slot0),
    .used_o(used0), .free_way_o(free0)
  );
  sad_bucket u_bucket1 (
    .valid_i(state_q == StBucketWrite), .bucket_i(ways1), .tag_i(tag_q), .hit_o(hit1), .way_o(way1), .slot_o(slot1),
    .used_o(used1), .free_way_o(free1)
  );

  // Adding takes the emptier bucket; removing the one that holds the key.
  assign is_del    = tbl_i.op == adit_pkg::TBL_HASH_DEL;
  assign is_table1 = is_del ? !hit0 : used1 < used0;
  assign way       = is_del ? (is_table1 ? way1 : way0) : (is_table1 ? free1 : free0);
  always_comb begin
    bucket_wdata = '0;   // as a sweep writes it
    if (state_q == StBucketWrite) begin
      bucket_wdata = is_table1 ? ways1 : ways0;
      for (int w = 0; w < 4; w++)
        if (way == 2'(w)) bucket_wdata[83*w +: 83] = is_del ? 83'b0 : {1'b1, tbl_i.idx, tag_q};
    end
  end
  assign bucket_waddr = is_sweep ? step_q[BUCKETS_LOG2-1:0] : is_table1 ? bucket1_q : bucket0_q;

  // ---------------------------------------------------------------- the table side
  always_comb begin
    state_d     = state_q;
    step_d      = step_q;
    fill_d      = fill_q;
    err_d       = err_q;
    is_done_d   = is_done_q;
    hold_addr   = 1'b0;
    hold_limits = 1'b0;
    forget      = 1'b0;
    id_we       = 1'b0;
    valid_we    = 1'b0;
    added_we    = 1'b0;
    valid       = tbl_i.ext[0];
    seal_op     = 1'b0;
    commit_op   = 1'b0;
    op_set      = 1'b0;
    op_refresh  = 1'b0;
    fill_valid  = 1'b0;
    count_op    = 1'b0;
    bucket_we   = 2'b00;

    case (state_q)
      StSweep: begin  // after reset: waits until every table is zero, but for the replay maps
        id_we     = 1'b1;
        valid_we  = 1'b1;
        added_we  = 1'b1;
        valid     = 1'b0;
        bucket_we = 2'b11;
        count_op  = count_ready;
        if (count_ready) begin
          step_d = step_q + 1'b1;
          if (step_q == '1) state_d = StIdle;
        end
      end

      StIdle: begin  // waits for an op of ours
        err_d     = is_slot_ok ? adit_reg_pkg::STATUS_OK : adit_reg_pkg::STATUS_BAD_FIELD;
        fill_d    = is_short_fill ? '1 : '0;
        is_done_d = 1'b0;
        if (tbl_i.valid)
          case (tbl_i.op)
            adit_pkg::TBL_SA_ID: begin
              state_d  = !is_slot_ok ? StAck : is_new ? StFill : StWrite;
              valid_we = is_slot_ok && is_new;
              valid    = 1'b0;  // an SA that starts anew is gone until it is there as a whole
            end
            adit_pkg::TBL_SA_ADDR: begin
              state_d   = StAck;
              hold_addr = is_slot_ok;
            end
            adit_pkg::TBL_SA_LIMITS: begin
              state_d     = StAck;
              hold_limits = is_slot_ok;
            end
            adit_pkg::TBL_SA_VALID: begin
              state_d  = StAck;
              valid_we = is_slot_ok;
            end
            adit_pkg::TBL_SA_GET_ID, adit_pkg::TBL_HASH_ADD, adit_pkg::TBL_HASH_DEL: state_d = is_slot_ok ? StRead : StAck;
            adit_pkg::TBL_SA_GET_LIVE: state_d = is_slot_ok ? StAskOut : StAck;
            default: ;
          endcase
      end

      StRead: begin  // the record, on sad_seal's side
        seal_op = 1'b1;
        state_d = tbl_i.op == adit_pkg::TBL_SA_GET_ID ? StAck : StHash;
      end

      // ---- SA_ID, anew
      StFill: begin  // waits for a cycle without a commit, for each word of the map that it writes
        fill_valid = 1'b1;
        if (fill_ready) begin
          fill_d = fill_q + 1'b1;
          if (fill_q == (is_short_fill ? '0 : '1)) state_d = StZero;
        end
      end
      StZero: begin  // waits for a cycle without a count
        count_op = 1'b1;
        if (count_ready) state_d = StStart;
      end
      StStart: begin  // waits for the commit under way
        commit_op = 1'b1;
        op_set    = 1'b1;
        seal_op   = commit_op_ready;
        if (commit_op_ready) state_d = StWrite;
      end

      // ---- SA_ID, all three words at once
      StWrite: begin
        id_we    = 1'b1;
        valid_we = 1'b1;
        added_we = is_new;
        forget   = is_empty;
        if (is_empty) valid = 1'b0;
        state_d  = is_new ? StAck : StRefresh;
      end
      StRefresh: begin  // waits for the commit under way
        commit_op  = 1'b1;
        op_refresh = 1'b1;
        seal_op    = !is_done_q;
        is_done_d  = 1'b1;
        if (commit_op_ready) state_d = StAck;
      end

      // ---- SA_GET_LIVE
      StAskOut: begin  // waits for the commit under way
        commit_op = 1'b1;
        seal_op   = commit_op_ready;
        if (commit_op_ready) state_d = StAskIn;
      end
      StAskIn: if (commit_op_done) state_d = StCount;  // by then sad_seal has answered too
      StCount: begin  // waits for a cycle without a count
        count_op = 1'b1;
        if (count_ready) state_d = StHash;
      end

      StHash: state_d = tbl_i.op == adit_pkg::TBL_HASH_ADD || is_del ? StBucketRead : StAck;  // or: the counters answer

      StBucketRead: state_d = StBucketWrite;

      StBucketWrite: begin
        state_d = StAck;
        if (is_del) begin
          if ((hit0 ? slot0 : slot1) == tbl_i.idx && (hit0 || hit1)) bucket_we = {is_table1, !is_table1};
          else err_d = adit_reg_pkg::STATUS_NOT_FOUND;
        end else if (hit0 || hit1) err_d = adit_reg_pkg::STATUS_EXISTS;
        else if (used0 == 3'd4 && used1 == 3'd4) err_d = adit_reg_pkg::STATUS_TABLE_FULL;
        else bucket_we = {is_table1, !is_table1};
      end

      StAck: state_d = StIdle;

      default: state_d = StIdle;
    endcase
  end

  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) begin
      state_q   <= StSweep;
      step_q    <= '0;
      fill_q    <= '0;
      err_q     <= '0;
      is_done_q <= 1'b0;
    end else begin
      state_q   <= state_d;
      step_q    <= step_d;
      fill_q    <= fill_d;
      err_q     <= err_d;
      is_done_q <= is_done_d;
    end

  adit_reg_pkg::sa_state_w1_t live;
  always_comb begin
    live = '0;
    live.added = out_q[225:194];
    if (dir_q == adit_reg_pkg::DIR_OUT[0]) begin
      {live.expired[1:0], live.bytes_done, live.packets, live.seq} = out_q[193:0];
    end else begin
      {live.expired[1:0], live.bytes_done, live.packets, live.replay_map, live.seq} = in_q;
      {live.replays, live.icv_errors} = count_q;
    end
  end

  always_comb begin
    tbl_o = '0;
    if (state_q == StAck) begin
      tbl_o.ack = 1'b1;
      tbl_o.err = err_q;
      if (err_q == adit_reg_pkg::STATUS_OK) begin
        if (tbl_i.op == adit_pkg::TBL_SA_GET_ID)   tbl_o.data = {seal_valid, 95'b0, out_addr[255:128], id};
        if (tbl_i.op == adit_pkg::TBL_SA_GET_LIVE) tbl_o.data = live;
      end
    end
  end
endmodule
