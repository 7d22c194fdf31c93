// SPDX-License-Identifier: BSD-2-Clause-Patent
// 2**AW groups of 64-bit counters. Adds to one group a cycle and never stalls; reading and zeroing slip into cycles without
// an addition, in order with the additions.
//
//   cycle 0: request, RAM read   cycle 1: add or zero, RAM write (forwarded to a request for the same group behind it)
module count_ram #(
  parameter int unsigned AW      = 6,
  parameter int unsigned FIELDS  = 3,
  parameter int unsigned ADD_W   = 16  // width of what is added
) (
  input  logic                    clk_i,
  input  logic                    rst_ni,
  input  logic                    add_valid_i,
  input  logic [AW-1:0]           add_idx_i,
  input  logic [FIELDS*ADD_W-1:0] add_i,       // field f in [ADD_W*f +: ADD_W]
  input  logic                    op_valid_i,
  output logic                    op_ready_o,  // low while add_valid_i
  input  logic                    op_is_zero_i,
  input  logic [AW-1:0]           op_idx_i,
  output logic                    get_valid_o, // one cycle after the op was taken: what the counters held before it
  output logic [FIELDS*64-1:0]    get_o
);
  logic                    valid_q, is_op_q, is_zero_q, is_forward_q;
  logic [AW-1:0]           idx_q, idx;
  logic [FIELDS*ADD_W-1:0] add_q;
  logic [FIELDS*64-1:0]    ram, old, sum, forward_q;
  logic                    take, write;

  assign op_ready_o = !add_valid_i;
  assign take       = add_valid_i || op_valid_i;
  assign idx        = add_valid_i ? add_idx_i : op_idx_i;
  assign old        = is_forward_q ? forward_q : ram;
  assign write      = valid_q && (!is_op_q || is_zero_q);

  always_comb begin
    sum = '0;
    if (valid_q && !is_zero_q)
      for (int f = 0; f < FIELDS; f++) sum[64*f +: 64] = old[64*f +: 64] + 64'(add_q[ADD_W*f +: ADD_W]);
  end

  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) begin
      valid_q      <= 1'b0;
      is_forward_q <= 1'b0;
    end else begin
      valid_q      <= take;
      is_forward_q <= take && write && idx == idx_q;
    end

  always_ff @(posedge clk_i)
    if (take) begin
      is_op_q   <= !add_valid_i;
      is_zero_q <= !add_valid_i && op_is_zero_i;
      idx_q     <= idx;
      add_q     <= add_i;
      forward_q <= sum;
    end

  ram_1r1w #(.W(FIELDS*64), .AW(AW)) u_ram (
    .clk_i, .we_i(write), .waddr_i(idx_q), .wdata_i(sum), .re_i(take), .raddr_i(idx), .rdata_o(ram)
  );

  assign get_valid_o = valid_q && is_op_q;
  assign get_o       = old;
endmodule
