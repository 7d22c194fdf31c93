// SPDX-License-Identifier: BSD-2-Clause-Patent
// Security association database (RFC 4301 §4.4.2): what the seal and open pipelines ask of it, one answer a cycle on each port,
// and the table side that writes it. This file holds the instances, the counters and the table side.
//
//   per slot   word 0 and 1 of the record, valid     sad_store, one copy for each reader
//              next number, lease                    sad_seal
//              replay window                         sad_replay, copied to sad_open
//              counters                              count_ram, one for each direction
//   by key     two tables of buckets of four ways    sad_open, and a copy for the table side; room for twice the slots
module sad #(
  parameter int unsigned SLOTS_LOG2 = 10
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,
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
  input  logic                   replay_req_valid_i,
  output logic                   replay_req_ready_o,
  input  adit_pkg::replay_req_t  replay_req_i,
  output logic                   replay_rsp_valid_o,
  input  logic                   replay_rsp_ready_i,
  output logic                   replay_rsp_ok_o,
  input  logic                   seal_count_valid_i,
  input  adit_pkg::sa_count_t    seal_count_i,
  input  logic                   open_count_valid_i,
  input  adit_pkg::sa_count_t    open_count_i,
  output logic                   notice_valid_o,
  input  logic                   notice_ready_i,
  output adit_pkg::notice_t      notice_o,
  input  adit_pkg::tbl_req_t     tbl_i,
  output adit_pkg::tbl_rsp_t     tbl_o
);
  localparam int unsigned BUCKETS_LOG2 = SLOTS_LOG2 - 2;  // of each table: two tables of four ways hold twice the slots

  typedef enum logic [3:0] {
    StSweep, StIdle, StCountOut, StCountIn, StHash, StBucketRead, StBucketWrite, StAck
  } state_e;
  state_e                state_q, state_d;
  logic [SLOTS_LOG2-1:0] step_q, step_d;
  logic [7:0]            err_q, err_d;

  // ---------------------------------------------------------------- the request
  logic                   is_slot_ok, is_sweep, is_restart;
  logic [SLOTS_LOG2-1:0]  slot;
  adit_reg_pkg::sa_w2_t   limits;
  assign limits     = tbl_i.data;
  assign is_slot_ok = (tbl_i.idx >> SLOTS_LOG2) == 16'b0;
  assign is_sweep   = state_q == StSweep;
  assign slot       = is_sweep ? step_q : tbl_i.idx[SLOTS_LOG2-1:0];
  assign is_restart = tbl_i.op == adit_pkg::TBL_SA_LIMITS;

  // ---------------------------------------------------------------- what the table side writes, to all copies
  logic         id_we, addr_we, valid_we, valid, lease_we, table_re;
  logic [511:0] wdata;
  assign wdata = is_sweep ? 512'b0 : tbl_i.data;
  assign valid = !is_sweep && tbl_i.ext[0];

  adit_pkg::sa_t sa;
  logic [255:0]  id;
  sad_store #(.SLOTS_LOG2(SLOTS_LOG2)) u_store (
    .clk_i, .re_i(table_re), .slot_i(slot), .sa_o(sa), .id_o(id),
    .id_we_i(id_we), .addr_we_i(addr_we), .valid_we_i(valid_we), .waddr_i(slot), .wdata_i(wdata), .valid_i(valid)
  );

  // ---------------------------------------------------------------- the three ports
  logic         op_valid, op_set, op_rearm, seal_op_done, replay_op_done, replay_we, near_valid, near_ready;
  logic [15:0]  near_slot;
  logic [63:0]  op_seq, seal_op_seq, next_q;
  logic [127:0] replay_op_state, replay_q, replay_wdata;
  logic [SLOTS_LOG2-1:0] replay_waddr;
  assign op_seq = is_sweep ? 64'b0 : limits.seq_first;

  sad_seal #(.SLOTS_LOG2(SLOTS_LOG2)) u_seal (
    .clk_i, .rst_ni, .ready_i(!is_sweep),
    .req_valid_i(seal_req_valid_i), .req_ready_o(seal_req_ready_o), .req_i(seal_req_i),
    .rsp_valid_o(seal_rsp_valid_o), .rsp_ready_i(seal_rsp_ready_i), .rsp_o(seal_rsp_o),
    .near_valid_o(near_valid), .near_ready_i(near_ready), .near_slot_o(near_slot),
    .op_valid_i(op_valid), .op_set_i(op_set), .op_rearm_i(op_rearm), .op_slot_i(slot), .op_seq_i(op_seq),
    .op_done_o(seal_op_done), .op_seq_o(seal_op_seq),
    .lease_we_i(lease_we), .lease_i(is_sweep ? 64'b0 : limits.seq_lease),
    .id_we_i(id_we), .addr_we_i(addr_we), .valid_we_i(valid_we), .waddr_i(slot), .wdata_i(wdata), .valid_i(valid)
  );

  logic [1:0]              bucket_we;
  logic [BUCKETS_LOG2-1:0] bucket_waddr;
  logic [743:0]            bucket_wdata;
  sad_open #(.SLOTS_LOG2(SLOTS_LOG2), .BUCKETS_LOG2(BUCKETS_LOG2)) u_open (
    .clk_i, .rst_ni, .ready_i(!is_sweep),
    .req_valid_i(open_req_valid_i), .req_ready_o(open_req_ready_o), .req_i(open_req_i),
    .rsp_valid_o(open_rsp_valid_o), .rsp_ready_i(open_rsp_ready_i), .rsp_o(open_rsp_o),
    .bucket_we_i(bucket_we), .bucket_waddr_i(bucket_waddr), .bucket_wdata_i(bucket_wdata),
    .id_we_i(id_we), .addr_we_i(addr_we), .valid_we_i(valid_we), .waddr_i(slot), .wdata_i(wdata), .valid_i(valid),
    .replay_we_i(replay_we), .replay_waddr_i(replay_waddr), .replay_wdata_i(replay_wdata)
  );

  sad_replay #(.SLOTS_LOG2(SLOTS_LOG2)) u_replay (
    .clk_i, .rst_ni, .ready_i(!is_sweep),
    .req_valid_i(replay_req_valid_i), .req_ready_o(replay_req_ready_o), .req_i(replay_req_i),
    .rsp_valid_o(replay_rsp_valid_o), .rsp_ready_i(replay_rsp_ready_i), .rsp_ok_o(replay_rsp_ok_o),
    .we_o(replay_we), .waddr_o(replay_waddr), .wdata_o(replay_wdata),
    .op_valid_i(op_valid && !op_rearm), .op_set_i(op_set), .op_slot_i(slot), .op_seq_i(op_seq),
    .op_done_o(replay_op_done), .op_state_o(replay_op_state),
    .id_we_i(id_we), .waddr_i(slot), .wdata_i(wdata)
  );
  always_ff @(posedge clk_i) begin
    if (seal_op_done)   next_q   <= seal_op_seq;
    if (replay_op_done) replay_q <= replay_op_state;
  end

  // ---------------------------------------------------------------- SEQ_NEAR: a notice that finds no room is told again later
  logic [15:0] notice_slot;
  stream_fifo #(.W(16), .DEPTH_LOG2(2)) u_notices (
    .clk_i, .rst_ni,
    .in_valid_i (near_valid), .in_ready_o(near_ready), .in_data_i(near_slot),
    .out_valid_o(notice_valid_o), .out_ready_i(notice_ready_i), .out_data_o(notice_slot), .usage_o()
  );
  always_comb begin
    notice_o         = '0;
    notice_o.kind    = adit_reg_pkg::EVENT_SEQ_NEAR;
    notice_o.sp_id   = 16'hffff;
    notice_o.sa_slot = notice_slot;
  end

  // ---------------------------------------------------------------- counters: {bytes, packets}, {replays, icv_errors, bytes, packets}
  logic           count_op_out, count_op_in, count_out_ready, count_in_ready, count_out_got, count_in_got, is_zeroing;
  logic [2*64-1:0] count_out, count_out_q;
  logic [4*64-1:0] count_in, count_in_q;
  logic            seal_is_known, open_is_known;
  assign seal_is_known = (seal_count_i.slot >> SLOTS_LOG2) == 16'b0;
  assign open_is_known = (open_count_i.slot >> SLOTS_LOG2) == 16'b0;
  assign is_zeroing    = is_sweep || is_restart;

  count_ram #(.AW(SLOTS_LOG2), .FIELDS(2), .ADD_W(16)) u_count_out (
    .clk_i, .rst_ni,
    .add_valid_i(seal_count_valid_i && seal_is_known), .add_idx_i(seal_count_i.slot[SLOTS_LOG2-1:0]),
    .add_i({seal_count_i.done ? seal_count_i.n_bytes : 16'b0, 15'b0, seal_count_i.done}),
    .op_valid_i(count_op_out), .op_ready_o(count_out_ready), .op_is_zero_i(is_zeroing), .op_idx_i(slot),
    .get_valid_o(count_out_got), .get_o(count_out)
  );
  count_ram #(.AW(SLOTS_LOG2), .FIELDS(4), .ADD_W(16)) u_count_in (
    .clk_i, .rst_ni,
    .add_valid_i(open_count_valid_i && open_is_known), .add_idx_i(open_count_i.slot[SLOTS_LOG2-1:0]),
    .add_i({15'b0, open_count_i.replayed, 15'b0, open_count_i.bad_icv,
            open_count_i.done ? open_count_i.n_bytes : 16'b0, 15'b0, open_count_i.done}),
    .op_valid_i(count_op_in), .op_ready_o(count_in_ready), .op_is_zero_i(is_zeroing), .op_idx_i(slot),
    .get_valid_o(count_in_got), .get_o(count_in)
  );
  always_ff @(posedge clk_i) begin
    if (count_out_got) count_out_q <= count_out;
    if (count_in_got)  count_in_q  <= count_in;
  end

  // ---------------------------------------------------------------- buckets: the table side's copy
  logic [BUCKETS_LOG2-1:0] bucket0, bucket1, bucket0_q, bucket1_q;
  logic [168:0]            key_q;
  logic [743:0]            ways0, ways1, ways_d;
  logic                    hit0, hit1, is_table1, is_del;
  logic [1:0]              way0, way1, free0, free1, way;
  logic [2:0]              used0, used1;
  logic [15:0]             slot0, slot1;

  sad_hash #(.BUCKETS_LOG2(BUCKETS_LOG2)) u_hash (
    .is_v6_i(sa.flags[1]), .proto_i(sa.proto), .dst_i(sa.dst), .spi_i(sa.spi), .bucket0_o(bucket0), .bucket1_o(bucket1)
  );
  always_ff @(posedge clk_i)
    if (state_q == StHash) begin
      bucket0_q <= bucket0;
      bucket1_q <= bucket1;
      key_q     <= {sa.flags[1], sa.proto, sa.spi, sa.dst};
    end

  ram_1r1w #(.W(744), .AW(BUCKETS_LOG2)) u_table0 (
    .clk_i, .we_i(bucket_we[0]), .waddr_i(bucket_waddr), .wdata_i(bucket_wdata),
    .re_i(state_q == StBucketRead), .raddr_i(bucket0_q), .rdata_o(ways0)
  );
  ram_1r1w #(.W(744), .AW(BUCKETS_LOG2)) u_table1 (
    .clk_i, .we_i(bucket_we[1]), .waddr_i(bucket_waddr), .wdata_i(bucket_wdata),
    .re_i(state_q == StBucketRead), .raddr_i(bucket1_q), .rdata_o(ways1)
  );
  sad_bucket u_bucket0 (
    .bucket_i(ways0), .key_i(key_q), .hit_o(hit0), .way_o(way0), .slot_o(slot0), .used_o(used0), .free_way_o(free0)
  );
  sad_bucket u_bucket1 (
    .bucket_i(ways1), .key_i(key_q), .hit_o(hit1), .way_o(way1), .slot_o(slot1), .used_o(used1), .free_way_o(free1)
  );

  // Adding takes the emptier bucket; removing the one that holds the key.
  assign is_del    = tbl_i.op == adit_pkg::TBL_HASH_DEL;
  assign is_table1 = is_del ? !hit0 : used1 < used0;
  assign way       = is_del ? (is_table1 ? way1 : way0) : (is_table1 ? free1 : free0);
  always_comb begin
    ways_d = is_table1 ? ways1 : ways0;
    for (int w = 0; w < 4; w++)
      if (way == 2'(w)) ways_d[186*w +: 186] = is_del ? 186'b0 : {1'b1, tbl_i.idx, key_q};
  end
  assign bucket_waddr = is_sweep ? step_q[BUCKETS_LOG2-1:0] : is_table1 ? bucket1_q : bucket0_q;
  assign bucket_wdata = is_sweep ? 744'b0 : ways_d;

  // ---------------------------------------------------------------- the table side
  logic is_counts_ready;
  assign is_counts_ready = count_out_ready && count_in_ready;

  always_comb begin
    state_d      = state_q;
    step_d       = step_q;
    err_d        = err_q;
    id_we        = 1'b0;
    addr_we      = 1'b0;
    valid_we     = 1'b0;
    lease_we     = 1'b0;
    table_re     = 1'b0;
    op_valid     = 1'b0;
    op_set       = 1'b0;
    op_rearm     = 1'b0;
    count_op_out = 1'b0;
    count_op_in  = 1'b0;
    bucket_we    = 2'b00;

    case (state_q)
      StSweep: begin  // after reset: waits until every table is zero
        id_we        = 1'b1;
        addr_we      = 1'b1;
        valid_we     = 1'b1;
        lease_we     = 1'b1;
        op_valid     = 1'b1;
        op_set       = 1'b1;
        bucket_we    = 2'b11;
        count_op_out = is_counts_ready;
        count_op_in  = is_counts_ready;
        if (is_counts_ready) begin
          step_d = step_q + 1'b1;
          if (step_q == '1) state_d = StIdle;
        end
      end

      StIdle: begin  // waits for an op of ours
        err_d = adit_reg_pkg::STATUS_OK;
        if (tbl_i.valid)
          case (tbl_i.op)
            adit_pkg::TBL_SA_ID: begin
              state_d  = StAck;
              id_we    = is_slot_ok;
              valid_we = is_slot_ok;
            end
            adit_pkg::TBL_SA_ADDR: begin
              state_d = StAck;
              addr_we = is_slot_ok;
            end
            adit_pkg::TBL_SA_LIMITS: begin
              state_d  = tbl_i.ext[0] && is_slot_ok ? StCountOut : StAck;
              lease_we = is_slot_ok;
              op_valid = is_slot_ok;
              op_set   = tbl_i.ext[0];
              op_rearm = !tbl_i.ext[0];
            end
            adit_pkg::TBL_SA_VALID: begin
              state_d  = StAck;
              valid_we = is_slot_ok;
            end
            adit_pkg::TBL_SA_GET_ID: begin
              state_d  = StAck;
              table_re = is_slot_ok;
            end
            adit_pkg::TBL_SA_GET_LIVE: begin
              state_d  = is_slot_ok ? StCountOut : StAck;
              table_re = is_slot_ok;
              op_valid = is_slot_ok;
            end
            adit_pkg::TBL_HASH_ADD, adit_pkg::TBL_HASH_DEL: begin
              state_d  = is_slot_ok ? StHash : StAck;
              table_re = is_slot_ok;
            end
            default: ;
          endcase
        if (!is_slot_ok) err_d = adit_reg_pkg::STATUS_BAD_FIELD;
      end

      StCountOut: begin  // waits for a cycle in which the seal pipeline counts nothing
        count_op_out = 1'b1;
        if (count_out_ready) state_d = StCountIn;
      end

      StCountIn: begin  // waits for a cycle in which the open pipeline counts nothing
        count_op_in = 1'b1;
        if (count_in_ready) state_d = StHash;
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
      state_q <= StSweep;
      step_q  <= '0;
      err_q   <= '0;
    end else begin
      state_q <= state_d;
      step_q  <= step_d;
      err_q   <= err_d;
    end

  adit_reg_pkg::sa_state_w1_t live;
  always_comb begin
    live = '0;
    if (sa.dir == adit_reg_pkg::DIR_OUT[0]) begin
      live.seq        = next_q;
      live.packets    = count_out_q[63:0];
      live.bytes_done = count_out_q[127:64];
    end else begin
      live.seq        = replay_q[127:64];
      live.replay_map = replay_q[63:0];
      live.packets    = count_in_q[63:0];
      live.bytes_done = count_in_q[127:64];
      live.icv_errors = count_in_q[191:128];
      live.replays    = count_in_q[255:192];
    end
  end

  always_comb begin
    tbl_o = '0;
    if (state_q == StAck) begin
      tbl_o.ack = 1'b1;
      tbl_o.err = err_q;
      if (err_q == adit_reg_pkg::STATUS_OK) begin
        if (tbl_i.op == adit_pkg::TBL_SA_GET_ID)   tbl_o.data = {sa.valid, 255'b0, id};
        if (tbl_i.op == adit_pkg::TBL_SA_GET_LIVE) tbl_o.data = live;
      end
    end
  end
endmodule
