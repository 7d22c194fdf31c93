// SPDX-License-Identifier: BSD-2-Clause-Patent
// Inbound: finds the SA of a received packet by SPI, destination and protocol (RFC 4301 §4.1) in a table of two choices of
// four ways, or takes the slot it is told; fetches it, and looks at its limits and its replay window (RFC 4303 §3.4.3). One a cycle.
// Nothing inside stalls; a request is let in if the answer FIFO has a place for it. The look at the window only spares work:
// sad_commit decides.
//
//   0 request   1 hashes   2 buckets read   3 ways compared   4 SA, top and map read   5 full number   6 checked   7 answer
//
// While an SA moves, the table holds it under two destinations: the record says which of them is its own.
module sad_open #(
  parameter int unsigned  SLOTS_LOG2   = 10,
  parameter int unsigned  BUCKETS_LOG2 = 8,    // of each of the two tables
  parameter int unsigned  WINDOW_LOG2  = 12,
  localparam int unsigned MAP_LOG2     = SLOTS_LOG2 + WINDOW_LOG2 - 6
) (
  input  logic                     clk_i,
  input  logic                     rst_ni,
  input  logic                     ready_i,      // the tables are swept
  input  logic [31:0]              now_i,
  input  logic                     req_valid_i,
  output logic                     req_ready_o,
  input  adit_pkg::open_req_t      req_i,
  output logic                     rsp_valid_o,
  input  logic                     rsp_ready_i,
  output adit_pkg::open_rsp_t      rsp_o,
  // table side
  input  logic                     id_we_i,
  input  logic                     added_we_i,
  input  logic [SLOTS_LOG2-1:0]    waddr_i,
  input  logic [31:0]              hard_seconds_i,
  input  logic [31:0]              added_i,
  // from sad_commit
  input  logic                     replay_we_i,
  input  logic [SLOTS_LOG2-1:0]    replay_waddr_i,
  input  logic [64:0]              replay_wdata_i,  // {hard, top}
  // the tables, one cycle after they are asked: buckets of both key tables, the record, a word of the map
  output logic                     bucket_re_o,
  output logic [BUCKETS_LOG2-1:0]  bucket0_o,
  output logic [BUCKETS_LOG2-1:0]  bucket1_o,
  input  logic [331:0]             ways0_i,
  input  logic [331:0]             ways1_i,
  output logic                     sa_re_o,
  output logic [SLOTS_LOG2-1:0]    sa_slot_o,
  input  adit_pkg::sa_t            sa_i,
  output logic                     map_re_o,
  output logic [MAP_LOG2-1:0]      map_addr_o,
  input  logic [63:0]              map_rdata_i
);
  localparam int unsigned RSPS_LOG2 = 4;

  // ---- 0
  logic [RSPS_LOG2:0]  room_q;
  logic                take, fifo_ready;
  logic [7:1]          valid_q;
  adit_pkg::open_req_t req_q1;
  assign req_ready_o = ready_i && room_q != '0;
  assign take        = req_valid_i && req_ready_o;
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) begin
      room_q  <= (RSPS_LOG2 + 1)'(1 << RSPS_LOG2);
      valid_q <= '0;
    end else begin
      room_q  <= room_q - (RSPS_LOG2 + 1)'(take) + (RSPS_LOG2 + 1)'(rsp_valid_o && rsp_ready_i);
      valid_q <= {valid_q[6:1], take};
      if (valid_q[7]) assert (fifo_ready);
    end
  always_ff @(posedge clk_i) if (take) req_q1 <= req_i;

  // ---- 1
  logic [BUCKETS_LOG2-1:0] bucket0, bucket1, bucket0_q2, bucket1_q2;
  logic [65:0]             tag, tag_q2, tag_q3;
  logic [168:0]            key_q2, key_q3, key_q4, key_q5;
  logic [31:0]             seq_q2, seq_q3, seq_q4, seq_q5;
  logic                    by_slot_q2, by_slot_q3, by_slot_q5;
  logic [15:0]             told_slot_q2, told_slot_q3;
  sad_hash #(.BUCKETS_LOG2(BUCKETS_LOG2)) u_hash (
    .valid_i(valid_q[1]), .is_v6_i(req_q1.is_v6), .proto_i(req_q1.proto), .dst_i(req_q1.dst), .spi_i(req_q1.spi),
    .bucket0_o(bucket0), .bucket1_o(bucket1), .tag_o(tag)
  );
  always_ff @(posedge clk_i)
    if (valid_q[1]) begin
      bucket0_q2   <= bucket0;
      tag_q2       <= tag;
      bucket1_q2   <= bucket1;
      key_q2       <= {req_q1.is_v6, req_q1.proto, req_q1.spi, req_q1.dst};
      seq_q2       <= req_q1.seq;
      by_slot_q2   <= req_q1.by_slot;
      told_slot_q2 <= req_q1.slot;
    end

  // ---- 2
  assign bucket_re_o = valid_q[2];
  assign bucket0_o   = bucket0_q2;
  assign bucket1_o   = bucket1_q2;
  always_ff @(posedge clk_i)
    if (valid_q[2]) begin
      tag_q3       <= tag_q2;
      key_q3       <= key_q2;
      seq_q3       <= seq_q2;
      by_slot_q3   <= by_slot_q2;
      told_slot_q3 <= told_slot_q2;
    end

  // ---- 3
  logic        hit0, hit1, hit_q4, hit_q5, hit_q6, by_slot_q4;
  logic [15:0] slot0, slot1, slot_q4, slot_q5, slot_q6;
  logic [1:0]  way0_unused, way1_unused, free0_unused, free1_unused;
  logic [2:0]  used0_unused, used1_unused;
  sad_bucket u_bucket0 (
    .valid_i(valid_q[3]), .bucket_i(ways0_i), .tag_i(tag_q3), .hit_o(hit0), .way_o(way0_unused), .slot_o(slot0),
    .used_o(used0_unused), .free_way_o(free0_unused)
  );
  sad_bucket u_bucket1 (
    .valid_i(valid_q[3]), .bucket_i(ways1_i), .tag_i(tag_q3), .hit_o(hit1), .way_o(way1_unused), .slot_o(slot1),
    .used_o(used1_unused), .free_way_o(free1_unused)
  );
  always_ff @(posedge clk_i)
    if (valid_q[3]) begin
      hit_q4     <= by_slot_q3 ? (told_slot_q3 >> SLOTS_LOG2) == 16'b0 : hit0 || hit1;
      slot_q4    <= by_slot_q3 ? told_slot_q3 : hit0 ? slot0 : slot1;
      key_q4     <= key_q3;
      seq_q4     <= seq_q3;
      by_slot_q4 <= by_slot_q3;
    end

  // ---- 4: all of it in one cycle, so that it is the record and the state of one moment
  adit_pkg::sa_t sa, sa_q6;
  logic [64:0]   replay;
  logic [31:0]   hard_seconds, added;
  assign sa        = sa_i;
  assign sa_re_o   = valid_q[4];
  assign sa_slot_o = slot_q4[SLOTS_LOG2-1:0];
  ram_1r1w #(.W(32), .AW(SLOTS_LOG2)) u_hard_seconds (
    .clk_i, .we_i(id_we_i), .waddr_i, .wdata_i(hard_seconds_i),
    .re_i(valid_q[4]), .raddr_i(slot_q4[SLOTS_LOG2-1:0]), .rdata_o(hard_seconds)
  );
  ram_1r1w #(.W(32), .AW(SLOTS_LOG2)) u_added (
    .clk_i, .we_i(added_we_i), .waddr_i, .wdata_i(added_i),
    .re_i(valid_q[4]), .raddr_i(slot_q4[SLOTS_LOG2-1:0]), .rdata_o(added)
  );
  ram_1r1w #(.W(65), .AW(SLOTS_LOG2)) u_replay (
    .clk_i, .we_i(replay_we_i), .waddr_i(replay_waddr_i), .wdata_i(replay_wdata_i),
    .re_i(valid_q[4]), .raddr_i(slot_q4[SLOTS_LOG2-1:0]), .rdata_o(replay)
  );
  assign map_re_o   = valid_q[4];
  assign map_addr_o = {slot_q4[SLOTS_LOG2-1:0], seq_q4[WINDOW_LOG2-1:6]};
  always_ff @(posedge clk_i)
    if (valid_q[4]) begin
      hit_q5     <= hit_q4;
      slot_q5    <= slot_q4;
      key_q5     <= key_q4;
      seq_q5     <= seq_q4;
      by_slot_q5 <= by_slot_q4;
    end

  // ---- 5
  logic [63:0] seq, seq_q6, top_q6;
  logic        is_before_all, is_before_all_q6, is_seen_q6, is_expired_q6;
  logic [31:0] seconds;
  assign seconds = now_i - added;
  sad_esn u_esn (
    .is_esn_i(sa.flags[0]), .window_packets_i(sa.replay_packets), .top_i(replay[63:0]), .seq_i(seq_q5),
    .seq_o(seq), .is_before_all_o(is_before_all)
  );
  always_ff @(posedge clk_i)
    if (valid_q[5]) begin
      hit_q6           <= hit_q5 && sa.valid && sa.dir == adit_reg_pkg::DIR_IN[0]
                          && (by_slot_q5 || {sa.flags[1], sa.proto, sa.spi, sa.dst} == key_q5);
      slot_q6          <= slot_q5;
      sa_q6            <= sa;
      top_q6           <= replay[63:0];
      seq_q6           <= seq;
      is_before_all_q6 <= is_before_all;
      is_seen_q6       <= map_rdata_i[seq_q5[5:0]];
      is_expired_q6    <= replay[64] || hard_seconds != 32'd0 && seconds >= hard_seconds;
    end

  // ---- 6
  logic window_ok, newer_unused, fits_unused;
  replay_check #(.WINDOW_LOG2(WINDOW_LOG2)) u_check (
    .window_packets_i(sa_q6.replay_packets), .top_i(top_q6), .seq_i(seq_q6), .was_seen_i(is_seen_q6),
    .ok_o(window_ok), .is_newer_o(newer_unused), .fits_o(fits_unused)
  );
  adit_pkg::open_rsp_t rsp_q7;
  always_ff @(posedge clk_i)
    if (valid_q[6]) begin
      rsp_q7.hit       <= hit_q6;
      rsp_q7.slot      <= hit_q6 ? slot_q6 : 16'hffff;
      rsp_q7.sa        <= sa_q6;
      rsp_q7.sa.valid  <= hit_q6;
      rsp_q7.seq       <= seq_q6;
      rsp_q7.expired   <= hit_q6 && is_expired_q6;
      rsp_q7.replay_ok <= hit_q6 && window_ok && !is_before_all_q6;
    end

  // ---- 7
  stream_fifo #(.W($bits(rsp_q7)), .DEPTH_LOG2(RSPS_LOG2)) u_rsps (
    .clk_i, .rst_ni,
    .in_valid_i (valid_q[7]), .in_ready_o(fifo_ready), .in_data_i(rsp_q7),
    .out_valid_o(rsp_valid_o), .out_ready_i(rsp_ready_i), .out_data_o(rsp_o), .usage_o()
  );
endmodule
