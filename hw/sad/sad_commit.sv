// SPDX-License-Identifier: BSD-2-Clause-Patent
// Inbound, after the ICV held: asks the SA's limits, checks the number against the window once more and commits it (RFC 4303 §3.4.3),
// counts the packet: all of it or nothing. One at a time, three cycles each; a number that leaves others out may take longer, as
// replay_window says, at most 68. Aging and the table side's ops go the same way.
//
//   idle   state and the map's word read      look   differences, window      judge   decided, written, answered      walk   see there
//
// State of a slot: {told hard, told soft, hard, soft, bytes, packets, top}. A limit that has passed stays so; told is what the notice
// queue has taken, and what it has not taken is told again.
module sad_commit #(
  parameter int unsigned  SLOTS_LOG2  = 10,
  parameter int unsigned  WINDOW_LOG2 = 12,
  localparam int unsigned WORDS_LOG2  = WINDOW_LOG2 - 6,
  localparam int unsigned MAP_LOG2    = SLOTS_LOG2 + WORDS_LOG2
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,
  input  logic                   ready_i,       // the tables are swept
  input  logic [31:0]            now_i,
  input  logic                   req_valid_i,
  output logic                   req_ready_o,
  input  adit_pkg::commit_req_t  req_i,
  output logic                   rsp_valid_o,
  input  logic                   rsp_ready_i,
  output adit_pkg::commit_rsp_t  rsp_o,
  // what look-ups go by: a copy of {hard, top}, and their side of the map
  output logic                   we_o,
  output logic [SLOTS_LOG2-1:0]  waddr_o,
  output logic [64:0]            wdata_o,
  input  logic                   map_re_i,
  input  logic [MAP_LOG2-1:0]    map_addr_i,
  output logic [63:0]            map_rdata_o,
  // notices: {hard, soft}
  output logic                   tell_valid_o,
  input  logic                   tell_ready_i,
  output logic [15:0]            tell_slot_o,
  output logic [1:0]             tell_o,
  // aging: looks at one slot
  input  logic                   age_valid_i,
  output logic                   age_ready_o,
  input  logic [SLOTS_LOG2-1:0]  age_slot_i,
  // table side
  input  logic                   fill_valid_i,  // a word of the map := all fill_bit_i
  output logic                   fill_ready_o,
  input  logic [MAP_LOG2-1:0]    fill_addr_i,
  input  logic                   fill_bit_i,
  input  logic                   op_valid_i,
  output logic                   op_ready_o,
  input  logic                   op_set_i,      // start anew: top := op_seq_i
  input  logic                   op_refresh_i,  // the limits are new: forget what has not passed by them
  input  logic [SLOTS_LOG2-1:0]  op_slot_i,
  input  logic [63:0]            op_seq_i,
  output logic                   op_done_o,
  output logic [257:0]           op_state_o,    // {hard, soft, bytes, packets, newest 64 bits of the map, top}, before the op
  input  logic                   init_i,        // zero the state of waddr_i
  input  logic                   valid_we_i,
  input  logic [SLOTS_LOG2-1:0]  waddr_i,
  input  logic                   valid_i,
  // the record, one cycle after it is asked for
  output logic                   sa_re_o,
  output logic [SLOTS_LOG2-1:0]  sa_slot_o,
  input  logic                   dir_i,
  input  logic [15:0]            window_i,
  input  logic [319:0]           limits_i,      // {hard, soft seconds, hard, soft packets, hard, soft bytes}
  input  logic [31:0]            added_i
);
  localparam int unsigned RSPS_LOG2 = 3;

  typedef enum logic [2:0] { StIdle, StLook, StJudge, StWalk, StNewest, StOlder } state_e;
  state_e state_q, state_d;

  // ---------------------------------------------------------------- idle: who is next
  logic [RSPS_LOG2:0]    room_q;
  logic                  can_take, take, take_op, take_age, fill, fill_turn_q, age_turn;
  logic [3:0]            waited_q;   // by aging
  logic                  fifo_ready;
  logic [SLOTS_LOG2-1:0] slot, slot_q;
  logic                  req_q, set_q, refresh_q, get_q, age_q, is_slot_q;
  logic [15:0]           n_bytes_q;
  logic [63:0]           seq_q;
  assign can_take     = state_q == StIdle && ready_i && room_q != '0 && !op_valid_i && !age_turn;
  assign age_turn     = age_valid_i && waited_q == '1;
  assign fill         = state_q == StIdle && fill_valid_i && (!req_valid_i || room_q == '0 || fill_turn_q);
  assign fill_ready_o = fill;
  assign req_ready_o  = can_take && !fill;
  assign take         = req_valid_i && req_ready_o;
  assign op_ready_o   = state_q == StIdle && !fill;
  assign take_op      = op_valid_i && op_ready_o;
  assign age_ready_o  = state_q == StIdle && ready_i && !fill && !op_valid_i && !take;
  assign take_age     = age_valid_i && age_ready_o;
  assign slot         = take_op ? op_slot_i : take ? req_i.slot[SLOTS_LOG2-1:0] : age_slot_i;
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) begin
      room_q      <= (RSPS_LOG2 + 1)'(1 << RSPS_LOG2);
      fill_turn_q <= 1'b0;
      waited_q    <= '0;
    end else begin
      waited_q <= age_valid_i && !take_age ? waited_q + 4'(waited_q != '1) : '0;
      room_q <= room_q - (RSPS_LOG2 + 1)'(take) + (RSPS_LOG2 + 1)'(rsp_valid_o && rsp_ready_i);
      if (take)      fill_turn_q <= 1'b1;
      else if (fill) fill_turn_q <= 1'b0;
    end
  always_ff @(posedge clk_i)
    if (take || take_op || take_age) begin
      slot_q     <= slot;
      req_q      <= take;
      set_q      <= take_op && op_set_i;
      refresh_q  <= take_op && op_refresh_i;
      get_q      <= take_op && !op_set_i && !op_refresh_i;
      age_q      <= take_age;
      is_slot_q  <= (req_i.slot >> SLOTS_LOG2) == 16'b0;
      n_bytes_q  <= req_i.n_bytes;
      seq_q      <= take_op ? op_seq_i : req_i.seq;
    end

  logic          write, read;
  logic [195:0]  old, state_d_data;
  logic          valid;
  assign read       = take || take_op || take_age;
  assign sa_re_o    = read;
  assign sa_slot_o  = slot;
  ram_1r1w #(.W(196), .AW(SLOTS_LOG2)) u_state (
    .clk_i, .we_i(write || init_i), .waddr_i(init_i ? waddr_i : slot_q), .wdata_i(init_i ? 196'b0 : state_d_data),
    .re_i(read), .raddr_i(slot), .rdata_o(old)
  );
  ram_1r1w #(.W(1), .AW(SLOTS_LOG2)) u_valid (
    .clk_i, .we_i(valid_we_i), .waddr_i, .wdata_i(valid_i), .re_i(read), .raddr_i(slot), .rdata_o(valid)
  );

  logic        told_hard, told_soft, is_hard, is_soft;
  logic [63:0] bytes, packets, top, hard_bytes, soft_bytes, hard_packets, soft_packets;
  logic [31:0] hard_seconds, soft_seconds;
  assign {told_hard, told_soft, is_hard, is_soft, bytes, packets, top} = old;
  assign {hard_seconds, soft_seconds, hard_packets, soft_packets, hard_bytes, soft_bytes} = limits_i;

  logic        is_known;   // fences see to it that the SA of a packet is still there
  assign is_known = is_slot_q && dir_i == adit_reg_pkg::DIR_IN[0];

  // ---------------------------------------------------------------- look
  logic [63:0] packets_q, bytes_q;       // with the packet in hand
  logic        hard_age_q, soft_age_q;
  logic [31:0] seconds;
  assign seconds = now_i - added_i;
  always_ff @(posedge clk_i)
    if (state_q == StLook) begin
      packets_q  <= packets + 64'(req_q);
      bytes_q    <= bytes + (req_q ? 64'(n_bytes_q) : 64'd0);
      hard_age_q <= hard_seconds != 32'd0 && seconds >= hard_seconds;
      soft_age_q <= soft_seconds != 32'd0 && seconds >= soft_seconds;
    end

  // ---------------------------------------------------------------- the window and its map
  logic                  judge, ok, commit, done, walk_re, walk_we, map_re, map_we;
  logic [63:0]           top_new, walk_wdata, map_rdata;
  logic [WORDS_LOG2-1:0] walk_word, newest_word;
  logic [MAP_LOG2-1:0]   map_addr;
  replay_window #(.WINDOW_LOG2(WINDOW_LOG2)) u_window (
    .clk_i, .rst_ni,
    .look_i(state_q == StLook && req_q), .window_packets_i(window_i), .top_i(top), .seq_i(seq_q),
    .judge_o(judge), .ok_o(ok), .commit_i(commit), .done_o(done), .top_o(top_new),
    .map_re_o(walk_re), .map_we_o(walk_we), .map_word_o(walk_word), .map_wdata_o(walk_wdata), .map_rdata_i(map_rdata)
  );
  assign newest_word = top[WINDOW_LOG2-1:6];
  always_comb begin
    map_re   = take || walk_re || state_q == StJudge && get_q || state_q == StNewest;
    map_we   = fill || walk_we;
    map_addr = {slot_q, walk_word};
    if (fill) map_addr = fill_addr_i;
    else if (take) map_addr = {slot, req_i.seq[WINDOW_LOG2-1:6]};
    else if (state_q == StJudge && get_q) map_addr = {slot_q, newest_word};
    else if (state_q == StNewest) map_addr = {slot_q, newest_word - 1'b1};
  end
  sad_ram #(.W(64), .AW(MAP_LOG2)) u_map (
    .clk_i, .a_re_i(map_re_i), .a_addr_i(map_addr_i), .a_rdata_o(map_rdata_o),
    .b_re_i(map_re), .b_we_i(map_we), .b_addr_i(map_addr), .b_wdata_i(fill ? {64{fill_bit_i}} : walk_wdata), .b_rdata_o(map_rdata)
  );

  // ---------------------------------------------------------------- judge
  logic       is_expired, is_over, hard_passed, soft_passed, hard_new, soft_new, is_last;
  logic [1:0] tell;
  assign is_expired  = is_hard || hard_age_q;
  assign is_over     = hard_packets != 64'd0 && packets_q > hard_packets || hard_bytes != 64'd0 && bytes_q > hard_bytes;
  assign hard_passed = hard_packets != 64'd0 && packets_q >= hard_packets || hard_bytes != 64'd0 && bytes_q >= hard_bytes || hard_age_q;
  assign soft_passed = soft_packets != 64'd0 && packets_q >= soft_packets || soft_bytes != 64'd0 && bytes_q >= soft_bytes || soft_age_q;
  assign commit      = judge && is_known && ok && !is_expired && !is_over;

  // Written at the end of a commit, in judge for all others.
  assign is_last = done || state_q == StJudge && !commit;
  always_comb begin
    hard_new = is_hard;
    soft_new = is_soft;
    if (req_q)     hard_new = is_expired || ok && is_over;
    if (age_q)     hard_new = is_expired;
    if (refresh_q) hard_new = is_hard && hard_passed;
    if (req_q && done)      soft_new = is_soft || soft_passed;
    if (age_q)     soft_new = is_soft || soft_age_q;
    if (refresh_q) soft_new = is_soft && soft_passed;
  end
  logic is_live;  // may raise notices
  assign is_live      = is_last && (req_q && is_known || age_q && valid && dir_i == adit_reg_pkg::DIR_IN[0]);
  assign tell         = {hard_new && !told_hard, soft_new && !told_soft};
  assign tell_valid_o = is_live && tell != 2'b00;
  assign tell_slot_o  = 16'(slot_q);
  assign tell_o       = tell;
  assign write        = is_live || is_last && (set_q || refresh_q);
  always_comb begin
    state_d_data = {told_hard && hard_new, told_soft && soft_new, hard_new, soft_new,
                    done ? {bytes_q, packets_q, top_new} : {bytes, packets, top}};
    if (tell_valid_o && tell_ready_i) state_d_data[195:194] = state_d_data[195:194] | tell;
    if (set_q) state_d_data = {132'b0, seq_q};
  end
  assign we_o    = write || init_i;
  assign waddr_o = init_i ? waddr_i : slot_q;
  assign wdata_o = init_i ? 65'b0 : {state_d_data[193], state_d_data[63:0]};

  always_comb begin
    state_d = state_q;
    case (state_q)
      StIdle:   if (read) state_d = StLook;
      StLook:   state_d = StJudge;
      StJudge:  state_d = get_q ? StNewest : commit && !done ? StWalk : StIdle;
      StWalk:   if (done) state_d = StIdle;
      StNewest: state_d = StOlder;
      default:  state_d = StIdle;
    endcase
  end
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) state_q <= StIdle;
    else begin
      state_q <= state_d;
      if (is_last && req_q) assert (fifo_ready);
    end

  // ---------------------------------------------------------------- get: the word of the top and the one below, bit i: top - i
  logic [63:0] newest_q, both, seen;
  always_ff @(posedge clk_i) if (state_q == StNewest) newest_q <= map_rdata;
  always_comb begin
    both = '0;
    seen = '0;
    if (state_q == StOlder) begin
      both = 64'(({newest_q, map_rdata} >> 1) >> top[5:0]);
      for (int i = 0; i < 64; i++) seen[i] = both[63-i];
    end
  end
  assign op_done_o  = state_q == StOlder || state_q == StJudge && (set_q || refresh_q);
  assign op_state_o = {is_hard, is_soft, bytes, packets, seen, top};

  // ---------------------------------------------------------------- answer
  adit_pkg::commit_rsp_t rsp_d;
  assign rsp_d.expired  = is_known && (is_expired || ok && is_over);
  assign rsp_d.replayed = !is_known || !ok && !is_expired;
  stream_fifo #(.W($bits(rsp_d)), .DEPTH_LOG2(RSPS_LOG2)) u_rsps (
    .clk_i, .rst_ni,
    .in_valid_i (is_last && req_q), .in_ready_o(fifo_ready), .in_data_i(rsp_d),
    .out_valid_o(rsp_valid_o), .out_ready_i(rsp_ready_i), .out_data_o(rsp_o), .usage_o()
  );
endmodule
