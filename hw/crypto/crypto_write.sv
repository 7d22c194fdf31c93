// SPDX-License-Identifier: BSD-2-Clause-Patent
// N lanes write packet memory through one port, one word a cycle, in turns. The port always takes. After a packet's last word its
// answer: opening with the judgement of its padding, sealing without. Answers wait in a FIFO; when it fills, lanes wait.
module crypto_write #(
  parameter bit          DECRYPT   = 1'b0,
  parameter int unsigned N         = 2,
  parameter int unsigned MASKS_AT  = 0,    // the first of MASKS lanes whose answers have a mask
  parameter int unsigned MASKS     = 1,
  parameter int unsigned MEM_LOG2  = 10
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,
  // lanes: lane n's word at [512n +: 512], {empty, last of its packet, last byte, ticket, index, address} at [50n +: 50]. An empty
  // one is an answer without a word
  input  logic [N-1:0]           lane_valid_i,
  output logic [N-1:0]           lane_ready_o,
  input  logic [50*N-1:0]        lane_place_i,  // address not yet wrapped
  input  logic [512*N-1:0]       lane_data_i,
  input  logic [128*MASKS-1:0]   lane_mask_i,   // with a last word
  // memory
  output logic                   wr_valid_o,
  output logic [15:0]            wr_addr_o,
  output logic [511:0]           wr_data_o,
  output logic [9:0]             wr_ticket_o,
  output logic [15:0]            wr_index_o,
  output logic                   done_valid_o,
  input  logic                   done_ready_i,
  output logic [154:0]           done_o,        // cipher_done_t
  output logic                   busy_o
);
  localparam int unsigned INDEX_BITS = (N > 1) ? $clog2(N) : 1;
  localparam int unsigned DONE_LOG2  = 4;

  // ---- choose
  logic                  pick_valid, room_q, word_q, empty_q, last_q;
  logic [INDEX_BITS-1:0] pick_lane, lane_q;
  logic [N-1:0]          chosen;
  logic [5:0]            last_byte_q;
  logic [127:0]          mask_q;
  logic [DONE_LOG2:0]    done_usage;
  crypto_choose #(.N(N)) u_choose (
    .clk_i, .rst_ni, .ask_i(lane_valid_i), .take_i(room_q), .valid_o(pick_valid), .chosen_o(chosen));
  assign lane_ready_o = room_q ? chosen : '0;
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) begin
      room_q <= 1'b0;
      word_q <= 1'b0;
    end else begin
      room_q <= !done_usage[DONE_LOG2] && !done_usage[DONE_LOG2-1];   // half of it is for what is on its way
      word_q <= room_q && pick_valid;
    end
  logic [49:0]  place;
  logic [511:0] data;
  logic [127:0] mask;
  always_comb begin
    place     = '0;
    data      = '0;
    mask      = '0;
    pick_lane = '0;
    if (pick_valid) begin
      for (int n = 0; n < N; n++)
        if (chosen[n]) begin
          place     = place | lane_place_i[50*n +: 50];
          data      = data | lane_data_i[512*n +: 512];
          pick_lane = pick_lane | INDEX_BITS'(n);
        end
      for (int n = 0; n < MASKS; n++) if (chosen[MASKS_AT + n]) mask = mask | lane_mask_i[128*n +: 128];
    end
  end
  always_ff @(posedge clk_i)
    if (room_q && pick_valid) begin
      {empty_q, last_q, last_byte_q, wr_ticket_o, wr_index_o} <= place[49:16];
      wr_addr_o <= place[15:0] & 16'((1 << MEM_LOG2) - 1);
      wr_data_o <= data;
      mask_q    <= mask;
      lane_q    <= pick_lane;
    end
  assign wr_valid_o = word_q && !empty_q;

  // ---- answer
  logic         end_valid, end_room, check_busy;
  logic [154:0] end_done;
  if (DECRYPT) begin : g_check
    pad_check #(.LANE_BITS(INDEX_BITS)) u_check (
      .clk_i, .rst_ni, .word_valid_i(word_q), .word_i(wr_data_o), .lane_i(lane_q), .empty_i(empty_q),
      .first_i(wr_index_o == '0), .last_i(last_q), .last_byte_i(last_byte_q), .ticket_i(wr_ticket_o), .mask_i(mask_q),
      .done_valid_o(end_valid), .done_o(end_done), .busy_o(check_busy));
  end else begin : g_check
    assign end_valid  = word_q && last_q;
    assign end_done   = {wr_ticket_o, 17'd0, mask_q};
    assign check_busy = 1'b0;
  end
  stream_fifo #(.W(155), .DEPTH_LOG2(DONE_LOG2)) u_done (
    .clk_i, .rst_ni, .in_valid_i(end_valid), .in_ready_o(end_room), .in_data_i(end_done),
    .out_valid_o(done_valid_o), .out_ready_i(done_ready_i), .out_data_o(done_o), .usage_o(done_usage));
  assign busy_o = word_q || check_busy || done_usage != '0;
endmodule
