// SPDX-License-Identifier: BSD-2-Clause-Patent
// Outbound: fetches an SA and gives the packet its next sequence number (RFC 4303 §2.2, §3.3.3). One a cycle. Nothing inside
// stalls; a request is let in if the answer FIFO has a place for it. The table side's ops go the same way, before requests.
//
//   0 request, SA read   1 SA checked, number and lease read   2 number taken, written back, forwarded   3 answer
module sad_seal #(
  parameter int unsigned SLOTS_LOG2 = 10
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,
  input  logic                   ready_i,       // the tables are swept
  input  logic                   req_valid_i,
  output logic                   req_ready_o,
  input  adit_pkg::seal_req_t    req_i,
  output logic                   rsp_valid_o,
  input  logic                   rsp_ready_i,
  output adit_pkg::seal_rsp_t    rsp_o,
  output logic                   near_valid_o,  // the SA in near_slot_o has used 7/8 of its lease; told again while near_ready_i is low
  input  logic                   near_ready_i,
  output logic [15:0]            near_slot_o,
  // table side
  input  logic                   op_valid_i,    // taken at once
  input  logic                   op_set_i,      // next number := seq_first; tell of 7/8 anew
  input  logic                   op_rearm_i,    // tell of 7/8 anew
  input  logic [SLOTS_LOG2-1:0]  op_slot_i,
  input  logic [63:0]            op_seq_i,
  output logic                   op_done_o,     // two cycles later; op_seq_o is the next number, before the op
  output logic [63:0]            op_seq_o,
  input  logic                   lease_we_i,
  input  logic [63:0]            lease_i,
  input  logic                   id_we_i,
  input  logic                   addr_we_i,
  input  logic                   valid_we_i,
  input  logic [SLOTS_LOG2-1:0]  waddr_i,
  input  logic [511:0]           wdata_i,
  input  logic                   valid_i
);
  localparam int unsigned RSPS_LOG2 = 3;

  // ---- 0
  logic [RSPS_LOG2:0]     room_q;
  logic                   take;
  logic [SLOTS_LOG2-1:0]  slot;
  assign req_ready_o = ready_i && room_q != '0 && !op_valid_i;
  assign take        = req_valid_i && req_ready_o;
  assign slot        = op_valid_i ? op_slot_i : req_i.slot[SLOTS_LOG2-1:0];
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) room_q <= (RSPS_LOG2 + 1)'(1 << RSPS_LOG2);
    else         room_q <= room_q - (RSPS_LOG2 + 1)'(take) + (RSPS_LOG2 + 1)'(rsp_valid_o && rsp_ready_i);

  logic                 fifo_ready;
  logic [3:1]           valid_q;  // requests
  logic [2:1]           op_q;
  logic                 set_q1, set_q2, rearm_q1, rearm_q2;
  adit_pkg::seal_req_t  req_q1;
  logic [63:0]          seq_first_q1, seq_first_q2;
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) begin
      valid_q <= '0;
      op_q    <= '0;
    end else begin
      valid_q <= {valid_q[2:1], take};
      op_q    <= {op_q[1], op_valid_i};
      if (valid_q[3]) assert (fifo_ready);
    end
  always_ff @(posedge clk_i)
    if (take || op_valid_i) begin
      req_q1       <= req_i;
      set_q1       <= op_set_i;
      rearm_q1     <= op_rearm_i;
      seq_first_q1 <= op_seq_i;
    end

  adit_pkg::sa_t sa;
  logic [255:0]  id_unused;
  sad_store #(.SLOTS_LOG2(SLOTS_LOG2)) u_store (
    .clk_i, .re_i(take), .slot_i(slot), .sa_o(sa), .id_o(id_unused),
    .id_we_i, .addr_we_i, .valid_we_i, .waddr_i, .wdata_i, .valid_i
  );

  // ---- 1
  logic [SLOTS_LOG2-1:0] slot_q1, slot_q2;
  logic                  is_ours, is_ours_q2, is_forward_q2;
  adit_pkg::sa_t         sa_q2;
  logic [15:0]           req_slot_q2;
  logic [64:0]           state_ram, state_old, state_new, forward_q2;  // {told of 7/8, next number}
  logic [63:0]           lease;
  logic                  write;
  always_ff @(posedge clk_i) if (take || op_valid_i) slot_q1 <= slot;
  assign is_ours = valid_q[1] && sa.valid && sa.dir == adit_reg_pkg::DIR_OUT[0] && sa.reqid == req_q1.reqid
                   && (req_q1.slot >> SLOTS_LOG2) == 16'b0;

  ram_1r1w #(.W(65), .AW(SLOTS_LOG2)) u_state (
    .clk_i, .we_i(write), .waddr_i(slot_q2), .wdata_i(state_new),
    .re_i(valid_q[1] || op_q[1]), .raddr_i(slot_q1), .rdata_o(state_ram)
  );
  ram_1r1w #(.W(64), .AW(SLOTS_LOG2)) u_lease (
    .clk_i, .we_i(lease_we_i), .waddr_i, .wdata_i(lease_i), .re_i(valid_q[1]), .raddr_i(slot_q1), .rdata_o(lease)
  );
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) is_forward_q2 <= 1'b0;
    else         is_forward_q2 <= write && slot_q1 == slot_q2;
  always_ff @(posedge clk_i)
    if (valid_q[1] || op_q[1]) begin
      is_ours_q2   <= is_ours;
      sa_q2        <= sa;
      req_slot_q2  <= req_q1.slot;
      slot_q2      <= slot_q1;
      set_q2       <= set_q1;
      rearm_q2     <= rearm_q1;
      seq_first_q2 <= seq_first_q1;
      forward_q2   <= state_new;
    end

  // ---- 2: a number is taken only if it is inside the lease and, without ESN, inside 32 bits; it never wraps
  logic        told, seq_ok, is_near;
  logic [63:0] seq;
  assign state_old = is_forward_q2 ? forward_q2 : state_ram;
  assign {told, seq} = state_old;
  assign seq_ok  = valid_q[2] && is_ours_q2 && seq != 64'b0 && seq <= lease && (sa_q2.flags[0] || seq[63:32] == 32'b0);
  assign is_near = seq_ok && !told && seq >= lease - (lease >> 3);
  assign write   = seq_ok || op_q[2] && (set_q2 || rearm_q2);

  always_comb begin
    state_new = state_old;
    if (valid_q[2]) state_new = {told || is_near && near_ready_i, seq + 64'd1};
    if (op_q[2] && rearm_q2) state_new[64] = 1'b0;
    if (op_q[2] && set_q2) state_new = {1'b0, seq_first_q2};
  end
  assign near_valid_o = is_near;
  assign near_slot_o  = req_slot_q2;
  assign op_done_o    = op_q[2];
  assign op_seq_o     = seq;

  // ---- 3
  adit_pkg::seal_rsp_t rsp_q3;
  always_ff @(posedge clk_i)
    if (valid_q[2]) begin
      rsp_q3.sa       <= sa_q2;
      rsp_q3.sa.valid <= is_ours_q2;
      rsp_q3.slot     <= req_slot_q2;
      rsp_q3.seq      <= seq;
      rsp_q3.seq_ok   <= seq_ok;
    end

  stream_fifo #(.W($bits(rsp_q3)), .DEPTH_LOG2(RSPS_LOG2)) u_rsps (
    .clk_i, .rst_ni,
    .in_valid_i (valid_q[3]), .in_ready_o(fifo_ready), .in_data_i(rsp_q3),
    .out_valid_o(rsp_valid_o), .out_ready_i(rsp_ready_i), .out_data_o(rsp_o), .usage_o()
  );
endmodule
