// SPDX-License-Identifier: BSD-2-Clause-Patent
// Inbound, after the ICV held: checks the number against the window once more and commits it (RFC 4303 §3.4.3). One a cycle;
// two commits of one SA in consecutive cycles see each other. The table side's ops go the same way, before requests.
//
//   0 request, window read   1 checked, written back, forwarded   2 answer
module sad_replay #(
  parameter int unsigned SLOTS_LOG2 = 10
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,
  input  logic                   ready_i,       // the tables are swept
  input  logic                   req_valid_i,
  output logic                   req_ready_o,
  input  adit_pkg::replay_req_t  req_i,
  output logic                   rsp_valid_o,
  input  logic                   rsp_ready_i,
  output logic                   rsp_ok_o,
  // what is written, for the copy that the pre-check reads
  output logic                   we_o,
  output logic [SLOTS_LOG2-1:0]  waddr_o,
  output logic [127:0]           wdata_o,       // {top, map}
  // table side
  input  logic                   op_valid_i,    // taken at once
  input  logic                   op_set_i,      // top := op_seq_i, which counts as seen unless 0
  input  logic [SLOTS_LOG2-1:0]  op_slot_i,
  input  logic [63:0]            op_seq_i,
  output logic                   op_done_o,     // one cycle later
  output logic [127:0]           op_state_o,    // {top, map}, before the op
  input  logic                   id_we_i,
  input  logic [SLOTS_LOG2-1:0]  waddr_i,
  input  logic [511:0]           wdata_i
);
  localparam int unsigned RSPS_LOG2 = 3;

  // ---- 0
  logic [RSPS_LOG2:0]    room_q;
  logic                  take, write;
  logic [SLOTS_LOG2-1:0] slot;
  assign req_ready_o = ready_i && room_q != '0 && !op_valid_i;
  assign take        = req_valid_i && req_ready_o;
  assign slot        = op_valid_i ? op_slot_i : req_i.slot[SLOTS_LOG2-1:0];
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) room_q <= (RSPS_LOG2 + 1)'(1 << RSPS_LOG2);
    else         room_q <= room_q - (RSPS_LOG2 + 1)'(take) + (RSPS_LOG2 + 1)'(rsp_valid_o && rsp_ready_i);

  logic                  valid_q1, op_q1, set_q1, is_known_q1, is_forward_q1;
  logic [SLOTS_LOG2-1:0] slot_q1;
  logic [63:0]           seq_q1;
  logic [127:0]          state_ram, state_old, state_new, forward_q1;
  logic [15:0]           window_packets;
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) begin
      valid_q1      <= 1'b0;
      op_q1         <= 1'b0;
      is_forward_q1 <= 1'b0;
    end else begin
      valid_q1      <= take;
      op_q1         <= op_valid_i;
      is_forward_q1 <= write && slot == slot_q1;
    end
  always_ff @(posedge clk_i)
    if (take || op_valid_i) begin
      slot_q1     <= slot;
      set_q1      <= op_valid_i && op_set_i;
      seq_q1      <= op_valid_i ? op_seq_i : req_i.seq;
      is_known_q1 <= (req_i.slot >> SLOTS_LOG2) == 16'b0;
      forward_q1  <= state_new;
    end

  ram_1r1w #(.W(128), .AW(SLOTS_LOG2)) u_state (
    .clk_i, .we_i(write), .waddr_i(slot_q1), .wdata_i(state_new),
    .re_i(take || op_valid_i), .raddr_i(slot), .rdata_o(state_ram)
  );
  ram_1r1w #(.W(16), .AW(SLOTS_LOG2)) u_window (
    .clk_i, .we_i(id_we_i), .waddr_i, .wdata_i(wdata_i[143:128]), .re_i(take), .raddr_i(slot), .rdata_o(window_packets)
  );

  // ---- 1
  logic        window_ok, commit;
  logic [63:0] top_new, map_new;
  assign state_old = is_forward_q1 ? forward_q1 : state_ram;
  replay_window #(.W(64)) u_replay_window (
    .window_packets(window_packets), .top_i(state_old[127:64]), .map_i(state_old[63:0]), .seq_i(seq_q1),
    .ok_o(window_ok), .top_o(top_new), .map_o(map_new)
  );
  assign commit = valid_q1 && is_known_q1 && window_ok && seq_q1 != 64'b0;
  assign write  = commit || op_q1 && set_q1;
  assign state_new = op_q1 ? {seq_q1, {64{seq_q1 != 64'b0}}} : {top_new, map_new};

  assign we_o       = write;
  assign waddr_o    = slot_q1;
  assign wdata_o    = state_new;
  assign op_done_o  = op_q1;
  assign op_state_o = state_old;

  // ---- 2
  logic valid_q2, ok_q2, fifo_ready;
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) valid_q2 <= 1'b0;
    else begin
      valid_q2 <= valid_q1;
      if (valid_q2) assert (fifo_ready);
    end
  always_ff @(posedge clk_i) if (valid_q1) ok_q2 <= commit;

  stream_fifo #(.W(1), .DEPTH_LOG2(RSPS_LOG2)) u_rsps (
    .clk_i, .rst_ni,
    .in_valid_i (valid_q2), .in_ready_o(fifo_ready), .in_data_i(ok_q2),
    .out_valid_o(rsp_valid_o), .out_ready_i(rsp_ready_i), .out_data_o(rsp_ok_o), .usage_o()
  );
endmodule
