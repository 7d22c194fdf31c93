// SPDX-License-Identifier: BSD-2-Clause-Patent
// The anti-replay window of one SA, RFC 4303 §3.4.3: may this number pass, and the state after it has. No clock.
//
//   map_i, bit i: number top_i - i was accepted      W-1 ... 2 1 0
//                                                    old      ^ top_i, the highest number accepted (0: none yet)
//
// A number is refused if it is 0 (the first packet has 1, §2.2), was accepted before, or lies window_packets or more below the top.
// window_packets 0 turns the check off: every number but 0 passes. 32 .. W otherwise.
// top_o and map_o are the state after accepting seq_i; if ok_o is 0 they equal top_i and map_i.
module replay_window #(
  parameter int unsigned W  = 64,  // bits of the map
  parameter int unsigned SW = 64   // bits of a sequence number, more than log2(W)
) (
  input  logic [15:0]   window_packets,
  input  logic [SW-1:0] top_i,
  input  logic [W-1:0]  map_i,
  input  logic [SW-1:0] seq_i,
  output logic          ok_o,
  output logic [SW-1:0] top_o,
  output logic [W-1:0]  map_o
);
  localparam int unsigned IW = $clog2(W);

  logic          is_newer, fits;    // fits: the distance is less than W
  logic          in_window, was_seen;
  logic [SW-1:0] distance;
  logic [W-1:0]  bit_of_seq;

  assign is_newer   = seq_i > top_i;
  assign distance   = is_newer ? seq_i - top_i : top_i - seq_i;
  assign fits       = distance < SW'(W);
  assign bit_of_seq = {{(W-1){1'b0}}, 1'b1} << distance[IW-1:0];
  assign in_window  = fits && 16'(distance[IW-1:0]) < window_packets;
  assign was_seen   = |(map_i & bit_of_seq);
  assign ok_o       = seq_i != '0 && (is_newer || window_packets == '0 || (in_window && !was_seen));

  always_comb begin
    top_o = top_i;
    map_o = map_i;
    if (ok_o && is_newer) begin
      top_o = seq_i;
      map_o = fits ? map_i << distance[IW-1:0] : '0;
      map_o[0] = 1'b1;
    end else if (ok_o && fits) begin
      map_o = map_i | bit_of_seq;
    end
  end
endmodule
