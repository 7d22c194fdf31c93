// SPDX-License-Identifier: BSD-2-Clause-Patent
// A 64-bit counter per reason code. Four sources, one increment a cycle; a group of eight is read in eight cycles.
module host_stats (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         clear_i,        // all counters to 0, 64 cycles
  input  logic [3:0]   count_valid_i,
  output logic [3:0]   count_ready_o,
  input  logic [31:0]  count_reason_i, // four codes
  input  logic         read_i,         // held until done
  input  logic [2:0]   group_i,
  output logic         done_o,         // one cycle
  output logic [511:0] counts_o        // counters 8 group .. 8 group + 7, valid from done_o to the next read
);
  logic [63:0] count_mem [64];
  logic [6:0]  sweep_q;   // counters already zeroed
  logic [1:0]  last_q;

  logic [1:0] pick;
  logic       count, sweep;
  logic [7:0] reason;
  always_comb begin
    pick = last_q;
    if (count_valid_i[last_q + 2'd3]) pick = last_q + 2'd3;
    if (count_valid_i[last_q + 2'd2]) pick = last_q + 2'd2;
    if (count_valid_i[last_q + 2'd1]) pick = last_q + 2'd1;
  end
  assign sweep         = !sweep_q[6];
  assign count         = !sweep && count_valid_i != 4'd0;
  assign count_ready_o = count ? 4'd1 << pick : 4'd0;
  assign reason        = count_reason_i[8*pick +: 8];

  logic        write;
  logic [5:0]  at;
  logic [63:0] value;
  assign write = sweep || (count && reason < 8'd64);
  assign at    = sweep ? sweep_q[5:0] : reason[5:0];
  always_comb begin
    value = '0;
    if (count) value = count_mem[reason[5:0]] + 64'd1;
  end
  always_ff @(posedge clk_i) if (write) count_mem[at] <= value;

  logic [2:0] step_q;
  logic       busy_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      sweep_q <= '0; last_q <= '0; step_q <= '0; busy_q <= 1'b0; done_o <= 1'b0;
    end else begin
      if (clear_i)    sweep_q <= '0;
      else if (sweep) sweep_q <= sweep_q + 7'd1;
      if (count) last_q <= pick;
      busy_q <= read_i && !done_o && !(busy_q && step_q == 3'd7);
      step_q <= busy_q ? step_q + 3'd1 : 3'd0;
      done_o <= busy_q && step_q == 3'd7;
    end
  end
  always_ff @(posedge clk_i) if (busy_q) counts_o <= {count_mem[{group_i, step_q}], counts_o[511:64]};
endmodule
