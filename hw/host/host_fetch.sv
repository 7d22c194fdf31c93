// SPDX-License-Identifier: BSD-2-Clause-Patent
// Prefetches one ring's descriptors: asks for up to a FIFO of 64-byte lines at once, hands out descriptors in order.
// A line that the host had filled only half is asked for again once the rest is posted. While run_i is 0 all is
// forgotten; idle_o says that no answer is under way any more.
module host_fetch #(
  parameter int unsigned DESC_LOG2  = 6,  // descriptor bytes: 5 or 6
  parameter int unsigned LINES_LOG2 = 3
) (
  input  logic                         clk_i,
  input  logic                         rst_ni,
  input  logic                         run_i,
  input  logic [63:0]                  base_i,
  input  logic [15:0]                  mask_i,
  input  logic [15:0]                  bell_i,   // entries posted, free-running
  output logic                         req_valid_o,
  input  logic                         req_ready_i,
  output logic [63:0]                  req_addr_o,
  output logic [7:0]                   req_words_o,
  input  logic                         r_valid_i,
  input  logic                         r_err_i,
  input  logic [511:0]                 r_data_i,
  output logic                         desc_valid_o,
  input  logic                         desc_ready_i,
  output logic [(8 << DESC_LOG2)-1:0]  desc_o,
  output logic [15:0]                  desc_index_o,
  output logic                         empty_o,  // every posted descriptor has been handed out
  output logic                         error_o,
  output logic                         idle_o
);
  localparam int unsigned LANE_BITS = 6 - DESC_LOG2;      // 0 or 1
  localparam int unsigned PER_LINE  = 1 << LANE_BITS;
  localparam int unsigned LINES     = 1 << LINES_LOG2;
  localparam logic [15:0] LANE_MASK = 16'(PER_LINE - 1);

  logic [511:0]          line_mem [LINES];
  logic [1:0]            count_mem [LINES];  // descriptors that count in the line, from the one asked for
  logic [LINES_LOG2:0]   wr_q, rd_q;
  logic [7:0]            open_q;             // lines asked for and not yet here
  logic [15:0]           fetch_q, got_q, take_q;
  logic [1:0]            used_q;             // descriptors of the oldest line already handed out

  // ---- ask
  logic [15:0] want, lane, lines_want, lines_end, place;
  logic [7:0]  lines, lines_free;
  logic [63:0] first;
  logic [15:0] ask;
  always_comb begin
    want       = bell_i - fetch_q;
    lane       = fetch_q & LANE_MASK;
    place      = fetch_q & mask_i;
    lines_want = 16'((17'(want) + 17'(lane) + 17'(LANE_MASK)) >> LANE_BITS);
    lines_end  = 16'((17'(mask_i) + 17'd1 - 17'(place) + 17'(lane)) >> LANE_BITS);
    lines_free = 8'(LINES) - 8'((LINES_LOG2 + 1)'(wr_q - rd_q));
    lines      = lines_free;
    if (lines_want < 16'(lines)) lines = lines_want[7:0];
    if (lines_end != 16'd0 && lines_end < 16'(lines)) lines = lines_end[7:0];
    ask        = (16'(lines) << LANE_BITS) - lane;
    if (want < ask) ask = want;
  end
  assign req_valid_o = run_i && open_q == 8'd0 && want != 16'd0 && lines_free != 8'd0;
  assign req_words_o = lines;
  assign first       = {base_i[63:6], 6'd0} + {42'd0, 22'(place) << DESC_LOG2};
  assign req_addr_o  = {first[63:6], 6'd0};

  // ---- receive
  logic [15:0] left;
  logic [1:0]  count;
  logic        push;
  assign left  = fetch_q - got_q;
  assign count = left < 16'(PER_LINE) - (got_q & LANE_MASK) ? left[1:0] : 2'(16'(PER_LINE) - (got_q & LANE_MASK));
  assign push  = r_valid_i && run_i && !r_err_i;
  assign error_o = r_valid_i && r_err_i;

  // ---- hand out
  logic pop;
  logic [511:0] line;
  assign line         = line_mem[rd_q[LINES_LOG2-1:0]];
  assign desc_valid_o = run_i && wr_q != rd_q;
  assign desc_index_o = take_q;
  assign pop          = desc_valid_o && desc_ready_i && used_q + 2'd1 == count_mem[rd_q[LINES_LOG2-1:0]];
  generate
    if (LANE_BITS == 0) begin : g_one
      assign desc_o = line;
    end else begin : g_two
      assign desc_o = take_q[0] ? line[511:256] : line[255:0];
    end
  endgenerate
  assign empty_o = take_q == bell_i;
  assign idle_o  = open_q == 8'd0 && wr_q == rd_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      wr_q <= '0; rd_q <= '0; open_q <= '0; fetch_q <= '0; got_q <= '0; take_q <= '0; used_q <= '0;
    end else begin
      if (req_valid_o && req_ready_i) open_q <= lines;
      else if (r_valid_i)             open_q <= open_q - 8'd1;
      if (!run_i) begin
        wr_q <= '0; rd_q <= '0; fetch_q <= '0; got_q <= '0; take_q <= '0; used_q <= '0;
      end else begin
        if (req_valid_o && req_ready_i) fetch_q <= fetch_q + ask;
        if (push) begin
          wr_q  <= wr_q + 1'b1;
          got_q <= got_q + 16'(count);
        end
        if (desc_valid_o && desc_ready_i) begin
          take_q <= take_q + 16'd1;
          used_q <= pop ? 2'd0 : used_q + 2'd1;
          if (pop) rd_q <= rd_q + 1'b1;
        end
      end
    end
  end
  always_ff @(posedge clk_i) if (push) begin
    line_mem[wr_q[LINES_LOG2-1:0]]  <= r_data_i;
    count_mem[wr_q[LINES_LOG2-1:0]] <= count;
  end

  logic unused_bits;
  assign unused_bits = ^{1'b0, base_i[5:0], first[5:0]};
endmodule
