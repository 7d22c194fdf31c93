// SPDX-License-Identifier: BSD-2-Clause-Patent
// May this number pass the anti-replay window of its SA (RFC 4303 §3.4.3)? No clock.
//
// A number is refused if it is 0 (the first packet has 1, §2.2), was accepted before, or lies window_packets or more below the top,
// the highest number accepted (0: none yet). window_packets 0 turns the check off: every number but 0 passes.
module replay_check #(
  parameter int unsigned WINDOW_LOG2 = 12,  // numbers the map reaches back; window_packets is not more
  parameter int unsigned SW          = 64   // bits of a sequence number, more than WINDOW_LOG2
) (
  input  logic [15:0]   window_packets_i,
  input  logic [SW-1:0] top_i,
  input  logic [SW-1:0] seq_i,
  input  logic          was_seen_i,   // the map's bit for seq_i; counts only if it reaches that far
  output logic          ok_o,
  output logic          is_newer_o,   // above the top
  output logic          fits_o        // not above the top, and the map reaches that far
);
  logic [SW-1:0] back;
  logic          in_window;
  assign is_newer_o = seq_i > top_i;
  assign back       = top_i - seq_i;
  assign fits_o     = !is_newer_o && back[SW-1:WINDOW_LOG2] == '0;
  assign in_window  = fits_o && 16'(back[WINDOW_LOG2-1:0]) < window_packets_i;
  assign ok_o       = seq_i != '0 && (is_newer_o || window_packets_i == 16'b0 || in_window && !was_seen_i);
endmodule
