// SPDX-License-Identifier: BSD-2-Clause-Patent
// Outbound: fetches an SA, asks its limits, gives the packet its next sequence number (RFC 4303 §2.2, §3.3.3) and counts it, all of
// it or nothing. One a cycle. Nothing inside stalls; a request is let in if the answer FIFO has a place for it. The table side's ops
// go the same way, before requests; aging behind them.
//
//   0 request; record read   1 SA checked, state read   2 number taken, written back, forwarded   3 answer
//
// State of a slot: {told hard, told soft, told near, hard, soft, near, bytes, packets, next number}. A limit that has passed stays
// so; told is what the notice queue has taken, and what it has not taken is told again.
module sad_seal #(
  parameter int unsigned SLOTS_LOG2 = 10
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,
  input  logic                   ready_i,       // the tables are swept
  input  logic [31:0]            now_i,
  input  logic                   req_valid_i,
  output logic                   req_ready_o,
  input  adit_pkg::seal_req_t    req_i,
  output logic                   rsp_valid_o,
  input  logic                   rsp_ready_i,
  output adit_pkg::seal_rsp_t    rsp_o,
  // notices: {hard, soft, near}
  output logic                   tell_valid_o,
  input  logic                   tell_ready_i,
  output logic [15:0]            tell_slot_o,
  output logic [2:0]             tell_o,
  // aging: looks at one slot
  input  logic                   age_valid_i,
  output logic                   age_ready_o,
  input  logic [SLOTS_LOG2-1:0]  age_slot_i,
  // table side
  input  logic                   op_valid_i,    // taken at once; not with sa_we_i
  input  logic                   op_set_i,      // start anew: next number := op_seq_i
  input  logic                   op_refresh_i,  // the limits are new: forget what has not passed by them
  input  logic [SLOTS_LOG2-1:0]  op_slot_i,
  input  logic [63:0]            op_seq_i,
  output logic                   op_done_o,     // two cycles later
  output logic [225:0]           op_state_o,    // {added, hard, soft, bytes, packets, next number}, before the op
  input  logic                   init_i,        // zero the state of waddr_i
  input  logic [SLOTS_LOG2-1:0]  waddr_i,
  // the record, one cycle after it is asked for; not asked for while it is written
  input  logic                   sa_we_i,
  output logic                   sa_re_o,
  output logic [SLOTS_LOG2-1:0]  sa_slot_o,
  input  adit_pkg::sa_t          sa_i,
  input  logic [447:0]           limits_i,      // {lease, number at which it is near, hard, soft seconds, … packets, … bytes}
  input  logic [31:0]            added_i
);
  localparam int unsigned RSPS_LOG2 = 3;

  // ---- 0
  logic [RSPS_LOG2:0]     room_q;
  logic                   take, take_age, take_any;
  logic [SLOTS_LOG2-1:0]  slot, slot_q1, slot_q2;
  logic [3:0]             waited_q;   // by aging
  assign age_ready_o = ready_i && !op_valid_i && !sa_we_i && (!req_valid_i || room_q == '0 || waited_q == '1);
  assign take_age    = age_valid_i && age_ready_o;
  assign req_ready_o = ready_i && room_q != '0 && !op_valid_i && !sa_we_i && !(age_valid_i && waited_q == '1);
  assign take        = req_valid_i && req_ready_o;
  assign take_any    = take || take_age || op_valid_i;
  assign slot        = op_valid_i ? op_slot_i : take ? req_i.slot[SLOTS_LOG2-1:0] : age_slot_i;
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) begin
      room_q   <= (RSPS_LOG2 + 1)'(1 << RSPS_LOG2);
      waited_q <= '0;
    end else begin
      room_q   <= room_q - (RSPS_LOG2 + 1)'(take) + (RSPS_LOG2 + 1)'(rsp_valid_o && rsp_ready_i);
      waited_q <= age_valid_i && !take_age ? waited_q + 4'(waited_q != '1) : '0;
    end

  logic                 fifo_ready;
  logic [3:1]           valid_q;  // requests
  logic [2:1]           op_q, age_q;
  logic                 set_q1, set_q2, refresh_q1, refresh_q2;
  adit_pkg::seal_req_t  req_q1;
  logic [63:0]          seq_first_q1, seq_first_q2;
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) begin
      valid_q <= '0;
      op_q    <= '0;
      age_q   <= '0;
    end else begin
      valid_q <= {valid_q[2:1], take};
      op_q    <= {op_q[1], op_valid_i};
      age_q   <= {age_q[1], take_age};
      if (valid_q[3]) assert (fifo_ready);
    end
  always_ff @(posedge clk_i)
    if (take_any) begin
      slot_q1      <= slot;
      req_q1       <= req_i;
      set_q1       <= op_set_i;
      refresh_q1   <= op_refresh_i;
      seq_first_q1 <= op_seq_i;
    end

  assign sa_re_o   = take_any;
  assign sa_slot_o = slot;

  // ---- 1
  adit_pkg::sa_t sa;
  assign sa = sa_i;
  logic            is_out, is_ours, is_ours_q2, is_forward_q2, is_busy_q1, is_too_big, is_too_big_q2, hard_age_q2, soft_age_q2, write;
  adit_pkg::sa_t   sa_q2;
  logic [15:0]     req_slot_q2, n_bytes_q2;
  logic [197:0]    state_ram, state_old, state_new, forward_q2;
  logic [63:0]     lease_q2, near_at_q2, hard_packets_q2, soft_packets_q2, hard_bytes_q2, soft_bytes_q2;
  logic [31:0]     hard_seconds, soft_seconds, seconds, added_q2;
  assign is_busy_q1   = valid_q[1] || op_q[1] || age_q[1];
  assign is_out       = sa.valid && sa.dir == adit_reg_pkg::DIR_OUT[0];
  assign is_ours      = is_out && (age_q[1] || valid_q[1] && (sa.reqid == req_q1.reqid || req_q1.any_reqid)
                                               && (req_q1.slot >> SLOTS_LOG2) == 16'b0);
  // Flags bit 4 clears DF: what comes out may be fragmented.
  assign is_too_big   = sa.inner_mtu != 16'd0 && req_q1.n_bytes > sa.inner_mtu && !req_q1.is_next && !sa.flags[4]
                        && !(sa.mode == adit_reg_pkg::MODE_TRANSPORT && req_q1.may_split);
  assign hard_seconds = limits_i[319:288];
  assign soft_seconds = limits_i[287:256];
  assign seconds      = now_i - added_i;

  ram_1r1w #(.W(198), .AW(SLOTS_LOG2)) u_state (
    .clk_i, .we_i(write || init_i), .waddr_i(init_i ? waddr_i : slot_q2), .wdata_i(init_i ? 198'b0 : state_new),
    .re_i(is_busy_q1), .raddr_i(slot_q1), .rdata_o(state_ram)
  );
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) is_forward_q2 <= 1'b0;
    else         is_forward_q2 <= is_busy_q1 && write && slot_q1 == slot_q2;
  always_ff @(posedge clk_i)
    if (is_busy_q1) begin
      is_ours_q2    <= is_ours;
      is_too_big_q2 <= is_too_big;
      sa_q2         <= sa;
      req_slot_q2   <= req_q1.slot;
      n_bytes_q2    <= req_q1.n_bytes;
      slot_q2       <= slot_q1;
      set_q2        <= set_q1 && op_q[1];
      refresh_q2    <= refresh_q1 && op_q[1];
      seq_first_q2  <= seq_first_q1;
      added_q2      <= added_i;
      hard_age_q2   <= hard_seconds != 32'd0 && seconds >= hard_seconds;
      soft_age_q2   <= soft_seconds != 32'd0 && seconds >= soft_seconds;
      {lease_q2, near_at_q2} <= limits_i[447:320];
      {hard_packets_q2, soft_packets_q2, hard_bytes_q2, soft_bytes_q2} <= limits_i[255:0];
      forward_q2    <= state_new;
    end

  // ---- 2: a number is taken only if it is inside the lease and, without ESN, inside 32 bits; it never wraps
  logic        is_request, is_aging, is_hard, is_soft, is_near, hard_passed, soft_passed, is_over, is_expired, is_number, gives;
  logic        hard_new, soft_new, near_new;
  logic [2:0]  told, tell, told_new;
  logic [63:0] seq, bytes, packets, bytes_new, packets_new;
  assign state_old = is_forward_q2 ? forward_q2 : state_ram;
  assign {told, is_hard, is_soft, is_near, bytes, packets, seq} = state_old;
  assign is_request  = valid_q[2] && is_ours_q2;
  assign is_aging    = age_q[2] && is_ours_q2;
  assign packets_new = packets + 64'(valid_q[2]);
  assign bytes_new   = bytes + (valid_q[2] ? 64'(n_bytes_q2) : 64'd0);
  assign is_over     = hard_packets_q2 != 64'd0 && packets_new > hard_packets_q2 || hard_bytes_q2 != 64'd0 && bytes_new > hard_bytes_q2;
  assign hard_passed = hard_packets_q2 != 64'd0 && packets_new >= hard_packets_q2
                       || hard_bytes_q2 != 64'd0 && bytes_new >= hard_bytes_q2 || hard_age_q2;
  assign soft_passed = soft_packets_q2 != 64'd0 && packets_new >= soft_packets_q2
                       || soft_bytes_q2 != 64'd0 && bytes_new >= soft_bytes_q2 || soft_age_q2;
  assign is_expired  = is_hard || hard_age_q2 || is_over;
  assign is_number   = seq != 64'b0 && seq <= lease_q2 && (sa_q2.flags[0] || seq[63:32] == 32'b0);
  assign gives       = is_request && !is_expired && !is_too_big_q2 && is_number;

  always_comb begin
    hard_new = is_hard;
    soft_new = is_soft;
    near_new = is_near;
    if (is_request) hard_new = is_expired;
    if (is_aging) begin
      hard_new = is_hard || hard_age_q2;
      soft_new = is_soft || soft_age_q2;
    end
    if (gives) begin
      soft_new = is_soft || soft_passed;
      near_new = is_near || seq >= near_at_q2;
    end
    if (op_q[2] && refresh_q2) begin
      hard_new = is_hard && hard_passed;
      soft_new = is_soft && soft_passed;
      near_new = is_near && seq > near_at_q2;
    end
  end
  assign tell     = {hard_new, soft_new, near_new} & ~told;
  assign told_new = {hard_new, soft_new, near_new} & (told | {3{tell_valid_o && tell_ready_i}});
  always_comb begin
    state_new = {told_new, hard_new, soft_new, near_new,
                 gives ? {bytes_new, packets_new, seq + 64'd1} : {bytes, packets, seq}};
    if (op_q[2] && set_q2) state_new = {134'b0, seq_first_q2};
  end
  assign tell_valid_o = (is_request || is_aging) && tell != 3'b000;
  assign tell_slot_o  = 16'(slot_q2);
  assign tell_o       = tell;
  assign write        = is_request || is_aging || op_q[2] && (set_q2 || refresh_q2);
  assign op_done_o    = op_q[2];
  assign op_state_o   = {added_q2, is_hard, is_soft, bytes, packets, seq};

  // ---- 3
  adit_pkg::seal_rsp_t rsp_q3;
  always_ff @(posedge clk_i)
    if (valid_q[2]) begin
      rsp_q3.sa       <= sa_q2;
      rsp_q3.sa.valid <= is_ours_q2;
      rsp_q3.slot     <= req_slot_q2;
      rsp_q3.expired  <= is_ours_q2 && is_expired;
      rsp_q3.too_big  <= is_ours_q2 && !is_expired && is_too_big_q2;
      rsp_q3.seq      <= seq;
      rsp_q3.seq_ok   <= gives;
    end

  stream_fifo #(.W($bits(rsp_q3)), .DEPTH_LOG2(RSPS_LOG2)) u_rsps (
    .clk_i, .rst_ni,
    .in_valid_i (valid_q[3]), .in_ready_o(fifo_ready), .in_data_i(rsp_q3),
    .out_valid_o(rsp_valid_o), .out_ready_i(rsp_ready_i), .out_data_o(rsp_o), .usage_o()
  );
endmodule
