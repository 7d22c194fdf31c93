// SPDX-License-Identifier: BSD-2-Clause-Patent
// AXI4-Stream (512 bit) to beats. What comes out keeps beat_t's promise whatever tkeep says.
//
// A word's bytes are those whose tkeep bits stand without gap from bit 0 up; the rest is zeroed.
// A beat without bytes adds nothing; if it is the last one, the word before it becomes the last. A packet without any byte
// vanishes. A short beat ends its packet: what follows up to tlast is dropped, for beats in the middle must be full.
//
//   tdata/tkeep/tlast --mask--> [ held word ] --> beat      a word is held until it is known whether another follows
module axis_in (
  input  logic            clk_i,
  input  logic            rst_ni,
  input  logic            tvalid_i,
  output logic            tready_o,
  input  logic [511:0]    tdata_i,
  input  logic [63:0]     tkeep_i,
  input  logic            tlast_i,
  output logic            out_valid_o,
  input  logic            out_ready_i,
  output adit_pkg::beat_t out_beat_o
);
  logic         skip_q;             // the packet was cut short: drop up to tlast
  logic         held_q;             // a word waits in held_data_q
  logic         held_end_q;         // and is known to be its packet's last
  logic [6:0]   held_bytes_q;
  logic [511:0] held_data_q;

  logic         has_bytes, is_end, is_full, end_without_bytes, take;
  logic [63:0]  keep;               // tkeep up to its first gap
  logic [6:0]   n_bytes;
  logic [511:0] data;

  assign has_bytes         = tvalid_i && !skip_q && tkeep_i[0];
  assign is_full           = &tkeep_i;
  assign is_end            = tlast_i || !is_full;
  assign end_without_bytes = tvalid_i && !skip_q && !tkeep_i[0] && tlast_i;

  // The thermometer below the first gap: adding one carries exactly through it.
  always_comb begin
    keep    = tkeep_i & ~(tkeep_i + 64'd1);
    n_bytes = '0;
    data    = '0;
    if (has_bytes)
      for (int i = 0; i < 64; i++) begin
        n_bytes = n_bytes + 7'(keep[i]);
        data[8*i +: 8] = keep[i] ? tdata_i[8*i +: 8] : 8'h00;
      end
  end

  assign out_valid_o = held_q && (held_end_q || has_bytes || end_without_bytes);
  assign tready_o    = !(has_bytes || end_without_bytes) || !held_q || out_ready_i;
  assign take        = tvalid_i && tready_o;

  always_comb begin
    out_beat_o.last    = held_end_q || end_without_bytes;
    out_beat_o.n_bytes = held_bytes_q;
    out_beat_o.data    = held_data_q;
  end

  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) begin
      skip_q     <= 1'b0;
      held_q     <= 1'b0;
      held_end_q <= 1'b0;
    end else begin
      if (take) skip_q <= !tlast_i && (skip_q || (has_bytes && !is_full));
      if (take && has_bytes) begin
        held_q     <= 1'b1;
        held_end_q <= is_end;
      end else if (out_valid_o && out_ready_i) begin
        held_q     <= 1'b0;
        held_end_q <= 1'b0;
      end
    end

  always_ff @(posedge clk_i)
    if (take && has_bytes) begin
      held_bytes_q <= n_bytes;
      held_data_q  <= data;
    end
endmodule
