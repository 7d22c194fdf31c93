// SPDX-License-Identifier: BSD-2-Clause-Patent
// N lanes read packet memory through one port, one word a cycle, in turns. A lane's answer comes back with the tag it
// asked with; the data bus itself is common. Answers come in the order of the requests.
module crypto_read_arb #(
  parameter int unsigned N        = 2, 
  parameter int unsigned TAG_BITS = 4,
  parameter int unsigned MEM_LOG2 = 10
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,
  // lanes: lane n's address at [16n +: 16], its tag at [TAG_BITS*n +: TAG_BITS]
  input  logic [N-1:0]          ask_valid_i,
  output logic [N-1:0]          ask_ready_o,
  input  logic [16*N-1:0]       ask_addr_i,   // not yet wrapped
  input  logic [TAG_BITS*N-1:0] ask_tag_i,
  output logic [N-1:0]          fill_valid_o, // the word on the data bus is lane n's
  output logic [TAG_BITS-1:0]   fill_tag_o,
  // memory
  output logic                  rd_valid_o,
  input  logic                  rd_ready_i,
  output logic [15:0]           rd_addr_o,
  input  logic                  rd_data_valid_i
);
  localparam int unsigned LANE_BITS = (N > 1) ? $clog2(N) : 1;
  logic                 pick_valid;
  logic [LANE_BITS-1:0] pick_lane;
  logic                 load;
  logic [LANE_BITS-1:0] rd_lane_q;     // who asks
  logic [TAG_BITS-1:0]  rd_tag_q;
  logic [LANE_BITS-1:0] fill_lane_q;   // whose word arrives
  logic [15:0]          pick_addr;
  logic [TAG_BITS-1:0]  pick_tag;

  assign load = !rd_valid_o || rd_ready_i;
  logic [N-1:0]         chosen;
  crypto_choose #(.N(N)) u_choose (
    .clk_i, .rst_ni, .ask_i(ask_valid_i), .take_i(load), .valid_o(pick_valid), .chosen_o(chosen));

  always_comb begin
    pick_addr = '0;
    pick_tag  = '0;
    pick_lane = '0;
    for (int n = 0; n < N; n++) begin
      ask_ready_o[n]  = load && chosen[n];
      fill_valid_o[n] = rd_data_valid_i && (fill_lane_q == LANE_BITS'(n));
      if (chosen[n]) begin
        pick_addr = pick_addr | ask_addr_i[16*n +: 16];
        pick_tag  = pick_tag | ask_tag_i[TAG_BITS*n +: TAG_BITS];
        pick_lane = pick_lane | LANE_BITS'(n);
      end
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni)   rd_valid_o <= 1'b0;
    else if (load) rd_valid_o <= pick_valid;
  always_ff @(posedge clk_i) begin
    if (load && pick_valid) begin
      rd_addr_o <= pick_addr & 16'((1 << MEM_LOG2) - 1);
      rd_lane_q <= pick_lane;
      rd_tag_q  <= pick_tag;
    end
    if (rd_valid_o && rd_ready_i) begin
      fill_lane_q <= rd_lane_q;
      fill_tag_o  <= rd_tag_q;
    end
  end
endmodule
