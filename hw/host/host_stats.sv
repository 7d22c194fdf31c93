// SPDX-License-Identifier: BSD-2-Clause-Patent
// A 64-bit counter per reason code and source. Each of the four sources counts up to one event a cycle and waits for no other;
// a group of eight is read in ten cycles, the sources' counters added up.
module host_stats (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         clear_i,        // all counters to 0, 64 cycles
  input  logic [3:0]   count_valid_i,
  output logic [3:0]   count_ready_o,  // 0 only while counters are zeroed
  input  logic [31:0]  count_reason_i, // four codes
  input  logic         read_i,         // held until done
  input  logic [2:0]   group_i,
  output logic         done_o,         // one cycle
  output logic [511:0] counts_o        // counters 8 group .. 8 group + 7, valid from done_o to the next read
);
  logic [6:0] sweep_q;   // counters already zeroed
  logic [2:0] step_q;
  logic       sweep, busy_q, last_q, sum_valid_q;
  assign sweep         = !sweep_q[6];
  assign count_ready_o = {4{!sweep}};

  logic [255:0] counts;  // counter {group, step} of each source
  generate
    for (genvar n = 0; n < 4; n++) begin : g_source
      logic [63:0] count_mem [64];
      logic        valid_q, write;
      logic [5:0]  at_q, at;
      logic [63:0] value;
      always_ff @(posedge clk_i or negedge rst_ni)
        if (!rst_ni) valid_q <= 1'b0;
        else         valid_q <= count_valid_i[n] && !sweep && count_reason_i[8*n+6 +: 2] == 2'd0;
      always_ff @(posedge clk_i) if (count_valid_i[n]) at_q <= count_reason_i[8*n +: 6];
      assign write = sweep || valid_q;
      assign at    = sweep ? sweep_q[5:0] : at_q;
      always_comb begin
        value = '0;
        if (valid_q && !sweep) value = count_mem[at_q] + 64'd1;
      end
      always_ff @(posedge clk_i) if (write) count_mem[at] <= value;
      assign counts[64*n +: 64] = busy_q ? count_mem[{group_i, step_q}] : 64'd0;
    end
  endgenerate

  logic [63:0] sum_verdicts_q, sum_drops_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      sweep_q <= '0; step_q <= '0; busy_q <= 1'b0; last_q <= 1'b0; sum_valid_q <= 1'b0; done_o <= 1'b0;
    end else begin
      if (clear_i)    sweep_q <= '0;
      else if (sweep) sweep_q <= sweep_q + 7'd1;
      busy_q      <= read_i && !done_o && !last_q && !(busy_q && step_q == 3'd7);
      step_q      <= busy_q ? step_q + 3'd1 : 3'd0;
      last_q      <= busy_q && step_q == 3'd7;
      sum_valid_q <= busy_q;
      done_o      <= last_q;
    end
  end
  always_ff @(posedge clk_i) begin
    if (busy_q) begin
      sum_verdicts_q <= counts[63:0] + counts[127:64];
      sum_drops_q    <= counts[191:128] + counts[255:192];
    end
    if (sum_valid_q) counts_o <= {sum_verdicts_q + sum_drops_q, counts_o[511:64]};
  end
endmodule
