// SPDX-License-Identifier: BSD-2-Clause-Patent
// Turns a frame's memory words into packet beats: its first byte moves from byte `offset` to byte 0.
//   offset 0:   beat k = word k
//   else:       beat k = word k from byte offset on, then word k+1 up to there
// A frame that is not good, and every frame while clear_i is 1, is swallowed.
module host_tx_out (
  input  logic              clk_i,
  input  logic              rst_ni,
  input  logic              clear_i,
  input  logic              frame_valid_i,  // all its words are in the FIFO; held until frame_done_o
  input  logic              frame_good_i,
  input  logic [7:0]        words_i,
  input  logic [15:0]       bytes_i,
  input  logic [5:0]        offset_i,
  input  adit_pkg::tx_meta_t meta_i,
  output logic              frame_done_o,
  input  logic              word_valid_i,
  output logic              word_ready_o,
  input  logic [511:0]      word_i,
  output logic              tx_valid_o,
  input  logic              tx_ready_i,
  output adit_pkg::beat_t   tx_beat_o,
  output adit_pkg::tx_meta_t tx_meta_o
);
  logic [511:0] hold_q;      // the word before, if offset is not 0
  logic         held_q;
  logic         drop_q;      // the rest of this frame is swallowed
  logic [7:0]   taken_q;     // words of the frame already taken
  logic [15:0]  left_q;      // bytes still to send, 0 at a frame's begin

  logic [15:0] left;
  logic        drop, last, fill, need, emit, space;
  assign left  = taken_q == 8'd0 ? bytes_i : left_q;
  assign drop  = drop_q || clear_i || !frame_good_i;
  assign last  = left <= 16'd64;
  assign fill  = offset_i != 6'd0 && !held_q;                    // the first word only fills the hold
  assign need  = taken_q != words_i;                             // the last beat may lie in the hold alone
  assign space = !tx_valid_o || tx_ready_i;
  assign emit  = frame_valid_i && !drop && !fill && space && (!need || word_valid_i);

  assign word_ready_o = frame_valid_i && need && (drop || fill || space);
  assign frame_done_o = frame_valid_i && (drop ? !need || (word_valid_i && taken_q + 8'd1 == words_i) : emit && last);

  // Bytes of the beat, zero past its end.
  logic [1023:0] pair;
  logic [511:0]  data;
  logic [6:0]    n_bytes;
  always_comb begin
    pair    = '0;
    data    = '0;
    n_bytes = last ? left[6:0] : 7'd64;
    if (emit) begin
      pair = offset_i == 6'd0 ? {512'd0, word_i} : {need ? word_i : 512'd0, hold_q};
      data = pair[{1'b0, offset_i, 3'd0} +: 512];
      if (last) data = data & ({512{1'b1}} >> {7'd64 - n_bytes, 3'd0});
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      held_q <= 1'b0; drop_q <= 1'b0; taken_q <= '0; left_q <= '0; tx_valid_o <= 1'b0;
    end else begin
      if (clear_i)    tx_valid_o <= 1'b0;
      else if (space) tx_valid_o <= emit;
      if (frame_done_o) begin
        held_q <= 1'b0; drop_q <= 1'b0; taken_q <= '0;
      end else begin
        if (frame_valid_i && clear_i) drop_q <= 1'b1;
        if (word_valid_i && word_ready_o) begin
          taken_q <= taken_q + 8'd1;
          held_q  <= 1'b1;
        end
      end
      if (emit)                                          left_q <= left - 16'd64;
      else if (word_valid_i && word_ready_o && taken_q == 8'd0) left_q <= bytes_i;
    end
  end
  always_ff @(posedge clk_i) begin
    if (word_valid_i && word_ready_o) hold_q <= word_i;
    if (emit) begin
      tx_meta_o         <= meta_i;
      tx_beat_o.last    <= last;
      tx_beat_o.n_bytes <= n_bytes;
      tx_beat_o.data    <= data;
    end
  end
endmodule
