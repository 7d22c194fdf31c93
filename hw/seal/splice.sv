// SPDX-License-Identifier: BSD-2-Clause-Patent
// Builds   head[0 +: head_bytes] ++ source[off +: src_bytes] ++ fill_bytes zeros ++ tail[0 +: tail_bytes]   from a packet of 64-byte
// words, one word a cycle. Both forming a body from a frame and a frame from a body are this one operation.
//
//   source   | F0             | F1             | F2             |         lead = number of words before the first that matters
//                 ^off                                                    shift = (off - head_bytes) mod 64
//   output   | head,  F0.off..| ..F1           | ..F2, tail     |         word w = (F[w+lead] : F[w+lead-1]) >> shift, overlaid
//
// The source is read to its end whatever of it is used; past its end it is zeros. A command with total_bytes 0 gives one beat of
// n_bytes 0. Commands stand still until cmd_ready_o. Two cycles from source to output: shift, then overlay.
module splice #(
  parameter int unsigned HeadBytes = 127,
  parameter int unsigned TagBits   = 1
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,
  input  logic                   cmd_valid_i,
  output logic                   cmd_ready_o,
  input  logic                   cmd_has_src_i,
  input  logic [8*HeadBytes-1:0] cmd_head_i,        // bytes past head_bytes are zero
  input  logic [6:0]             cmd_head_bytes_i,  // at most HeadBytes
  input  logic [6:0]             cmd_off_i,
  input  logic [15:0]            cmd_src_bytes_i,
  input  logic [15:0]            cmd_fill_bytes_i,
  input  logic [path_pkg::TAIL_BITS-1:0] cmd_tail_i, // bytes past the tail's end are zero
  input  logic [15:0]            cmd_total_bytes_i, // head + source + fill + tail
  input  logic [TagBits-1:0]     cmd_tag_i,
  input  logic                   src_valid_i,
  output logic                   src_ready_o,
  input  logic                   src_last_i,
  input  logic [511:0]           src_data_i,
  output logic                   step_last_o,       // the step that fills the last output word happens now
  output logic                   out_valid_o,
  input  logic                   out_ready_i,
  output adit_pkg::beat_t        out_beat_o,
  output logic [TagBits-1:0]     out_tag_o
);
  // ---- stage 1: walk along the source, shift
  logic         started_q;   // inside a command, past its first step
  logic [1:0]   lead_q;      // steps still to make before the first output word
  logic         src_end_q;   // the source's last word has been taken
  logic         out_end_q;   // the last output word has been filled
  logic [9:0]   word_q;      // next output word
  logic [511:0] prev_q;      // source word before the present one

  logic signed [8:0] distance;
  logic [1:0]   lead;
  logic [5:0]   shift;
  logic [9:0]   word;
  logic         is_blank, needs_src, fills, is_last, ends, step, room;
  logic [15:0]  left_bytes;
  logic [511:0] cur, shifted;
  logic [1023:0] window;

  assign distance = $signed({2'b0, cmd_off_i}) - $signed({2'b0, cmd_head_bytes_i});
  assign shift    = distance[5:0];
  assign word     = started_q ? word_q : '0;
  // distance / 64 rounded down is -2, -1, 0 or 1. At -2 the first output word is all head: a step that reads nothing.
  assign is_blank = !started_q && distance[8:6] == 3'b110;
  assign lead     = started_q ? lead_q : (is_blank || cmd_total_bytes_i == '0) ? 2'd0 : distance[7:6] + 2'd1;

  assign needs_src  = cmd_has_src_i && !is_blank && !(started_q && src_end_q);
  assign left_bytes = cmd_total_bytes_i - {word, 6'd0};
  assign fills      = lead == '0 && !(started_q && out_end_q);
  assign is_last    = fills && (cmd_total_bytes_i == '0 || left_bytes <= 16'd64);
  assign ends       = (!cmd_has_src_i || (started_q && src_end_q) || (needs_src && src_last_i)) &&
                      (is_last || (started_q && out_end_q));
  assign step       = cmd_valid_i && (!needs_src || src_valid_i) && (!fills || room);

  assign src_ready_o = cmd_valid_i && needs_src && (!fills || room);
  assign cmd_ready_o = step && ends;
  assign step_last_o = step && is_last;

  assign cur = needs_src ? src_data_i : '0;
  always_comb begin
    window  = '0;
    shifted = '0;
    if (step) begin
      window  = {cur, started_q ? prev_q : 512'd0} >> {shift, 3'b0};
      shifted = window[511:0];
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) begin
      started_q <= 1'b0;
      lead_q    <= '0;
      src_end_q <= 1'b0;
      out_end_q <= 1'b0;
      word_q    <= '0;
    end else if (step) begin
      started_q <= !ends;
      lead_q    <= lead == '0 ? '0 : lead - 2'd1;
      src_end_q <= (started_q && src_end_q) || (needs_src && src_last_i);
      out_end_q <= (started_q && out_end_q) || is_last;
      word_q    <= word + 10'(fills);
    end
  always_ff @(posedge clk_i) if (step) prev_q <= cur;

  // ---- stage 2: lay head and tail over it
  logic               full_q, last_q;
  logic [511:0]       shifted_q, head_q;
  logic [6:0]         head_end_q;          // head bytes in this word, 0..64
  logic signed [17:0] src_end_at_q;        // where in this word the source's bytes end: may be negative, or past it
  logic signed [17:0] tail_at_q;           // where the tail begins: likewise
  logic [path_pkg::TAIL_BITS-1:0] tail_q;
  logic [6:0]         n_bytes_q;
  logic [511:0]       data;

  logic signed [17:0] src_end_at, head_end_at, tail_at;
  logic [1023:0]      head;
  assign head        = 1024'(cmd_head_i);
  assign head_end_at = $signed({11'b0, cmd_head_bytes_i}) - $signed({2'b0, word, 6'd0});
  assign src_end_at  = head_end_at + $signed({2'b0, cmd_src_bytes_i});
  assign tail_at     = src_end_at + $signed({2'b0, cmd_fill_bytes_i});
  assign room        = !full_q || out_ready_i;

  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni)   full_q <= 1'b0;
    else if (room) full_q <= step && fills;

  always_ff @(posedge clk_i)
    if (step && fills) begin
      shifted_q    <= shifted;
      src_end_at_q <= src_end_at;
      tail_at_q    <= tail_at;
      last_q       <= is_last;
      n_bytes_q    <= is_last ? left_bytes[6:0] : 7'd64;
      out_tag_o    <= cmd_tag_i;
      if (head_end_at > 0) begin
        head_end_q <= head_end_at > 64 ? 7'd64 : head_end_at[6:0];
        head_q     <= word == '0 ? head[511:0] : head[1023:512];
      end else begin
        head_end_q <= '0;
      end
      if (tail_at < 64) tail_q <= cmd_tail_i;
    end

  always_comb begin
    data = '0;
    if (full_q) begin
      data = shifted_q;
      if (src_end_at_q <= 0)      data = '0;
      else if (src_end_at_q < 64) data = data & ~({512{1'b1}} << {src_end_at_q[5:0], 3'b0});
      if (tail_at_q <= 0) begin
        if (tail_at_q > -18'sd32) data = data | (512'(tail_q) >> {-tail_at_q[4:0], 3'b0});
      end else if (tail_at_q < 64) begin
        data = data | (512'(tail_q) << {tail_at_q[5:0], 3'b0});
      end
      if (head_end_q == 7'd64) data = head_q;
      else if (head_end_q != '0) data = (data & ({512{1'b1}} << {head_end_q[5:0], 3'b0})) | head_q;
    end
  end

  assign out_valid_o        = full_q;
  assign out_beat_o.last    = last_q;
  assign out_beat_o.n_bytes = n_bytes_q;
  assign out_beat_o.data    = data;
endmodule
