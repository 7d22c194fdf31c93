// SPDX-License-Identifier: BSD-2-Clause-Patent
// The pointers of a ring, of both kinds: whatever the host rings and whenever it starts or stops, the card never goes past what was
// posted (or past the room the host has made), a doorbell that cannot be changes nothing and stops the ring, and a ring runs again
// only after the engine was idle. An engine advances only where there is an entry: that is all that is assumed of it.
module host_ring_fv (
  input logic        clk_i,
  input logic        rst_ni,
  input logic        clear_i,
  input logic        start_i,
  input logic        stop_i,
  input logic [4:0]  size_log2_i,
  input logic        bell_valid_i,
  input logic [15:0] bell_i,
  input logic        idle_i,
  input logic        wants_advance_i,
  input logic        fault_valid_i,
  input logic [7:0]  fault_i
);
  logic is_start = 1'b1;
  always_comb if (is_start) assume (!rst_ni);
  always_ff @(posedge clk_i) is_start <= 1'b0;

  for (genvar n = 0; n < 2; n++) begin : g_kind
    logic        advance, run, on, fault_event;
    logic [15:0] bell, mask, used, limit, asked;
    logic [16:0] index;
    logic [4:0]  size;
    logic [7:0]  fault;
    host_ring #(.IS_EVENT(n == 1)) u_dut (
      .clk_i, .rst_ni, .clear_i, .start_i, .stop_i, .size_log2_i, .bell_valid_i, .bell_i, .idle_i, .advance_i(advance),
      .fault_valid_i, .fault_i, .on_o(on), .run_o(run), .bell_o(bell), .index_o(index), .mask_o(mask), .size_log2_o(size),
      .fault_o(fault), .fault_event_o(fault_event)
    );
    assign limit   = size[4] ? 16'hffff : 16'd1 << size[3:0];
    assign used    = n == 1 ? index[15:0] - bell : bell - index[15:0];
    assign asked   = n == 1 ? index[15:0] - bell_i : bell_i - index[15:0];
    assign advance = wants_advance_i && run && (n == 1 ? used < limit : used != 16'd0);

    logic        had_q, run_q, idle_q, was_wild_q, began_q;   // what was so a cycle before
    logic [15:0] bell_q;
    always_ff @(posedge clk_i or negedge rst_ni)
      if (!rst_ni) begin
        had_q <= 1'b0; run_q <= 1'b0; idle_q <= 1'b0; was_wild_q <= 1'b0; began_q <= 1'b0; bell_q <= '0;
      end else begin
        had_q      <= 1'b1;
        run_q      <= run;
        idle_q     <= idle_i;
        began_q    <= start_i || clear_i;
        was_wild_q <= on && !start_i && !clear_i && bell_valid_i &&
                      (n == 1 ? asked > used : asked > limit || asked < used);
        bell_q     <= bell;
      end

    always_comb begin
      assume (fault_i != 8'd0);
    end
    always_ff @(posedge clk_i) if (rst_ni && !is_start) begin
      if (on) begin
        assert (size >= 5'd1 && size <= 5'd16);
        assert (used <= limit);                     // never past the doorbell, never a turn ahead
        assert ({1'b0, mask} + 17'd1 == 17'd1 << size);
        assert (fault == 8'd0);
      end
      if (run) assert (on);
      if (had_q && run && !run_q) assert (idle_q);  // nothing of an earlier run is left
      if (had_q && began_q) assert (!run);
      if (had_q && was_wild_q) assert (!on && bell == bell_q && fault_event);
    end
    always_ff @(posedge clk_i) if (rst_ni && !is_start) begin
      cover (run && used == limit && size == 5'd1);
      cover (had_q && was_wild_q);
      cover (run && index == 17'd3);
    end
  end
endmodule
