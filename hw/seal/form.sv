// SPDX-License-Identifier: BSD-2-Clause-Patent
// Cuts each frame into the bytes of its header and a body that begins at byte 0 of a word in packet memory M1.
//
// A packet gets its ticket and all its memory before its first byte is written, so that it never waits for a later one.
// Memory is a ring of words, given in arrival order and freed in the same order by emit. M1 and M2 use the same addresses.
// What leaves: the ticket, where the body is, the frame's first bytes, the ICV that stood behind the body (open), and the record
// that came with the command, untouched. It leaves once all of the body is in M1.
module form #(
  parameter int unsigned MEM_LOG2     = 10,
  parameter int unsigned TICKETS_LOG2 = 5,
  parameter int unsigned RecBits      = 8
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                cmd_valid_i,
  output logic                cmd_ready_o,
  input  path_pkg::cut_t      cmd_i,
  input  logic [RecBits-1:0]  cmd_rec_i,
  input  logic                beat_valid_i,
  output logic                beat_ready_o,
  input  adit_pkg::beat_t     beat_i,
  input  logic                ticket_valid_i,
  output logic                ticket_ready_o,
  input  logic [TICKETS_LOG2-1:0] ticket_i,
  input  logic                free_valid_i,   // from emit: so many words, in the order they were given
  input  logic [15:0]         free_words_i,
  output logic                wr_valid_o,
  output logic [MEM_LOG2-1:0] wr_addr_o,
  output logic [511:0]        wr_data_o,
  output logic                out_valid_o,
  input  logic                out_ready_i,
  output logic [TICKETS_LOG2-1:0] out_ticket_o,
  output logic                out_has_body_o,
  output logic [15:0]         out_base_o,
  output logic [15:0]         out_words_o,
  output logic [path_pkg::RAW_BITS-1:0] out_raw_o,
  output logic [path_pkg::ICV_BITS-1:0] out_icv_o,
  output logic [RecBits-1:0]  out_rec_o
);
  // ---- admission: depends on flops and the command alone, so that what comes before is not tied to what the splice does
  logic [MEM_LOG2:0]   free_q;       // words not given
  logic [MEM_LOG2-1:0] next_base_q;
  logic [15:0]         words;
  logic                fits, admit, side_ready, rec_ready, cuts_ready, cut_valid, cut_ready;
  logic [2:0]          unused_usage;
  path_pkg::cut_t      cut;

  assign words = cmd_i.has_body ? 16'((17'(cmd_i.total_bytes) + 17'd63) >> 6) : '0;
  assign fits  = 16'(free_q) >= words;
  assign admit = cmd_valid_i && ticket_valid_i && fits && side_ready && rec_ready && cuts_ready;
  assign cmd_ready_o    = admit;
  assign ticket_ready_o = admit;

  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) begin
      free_q      <= (MEM_LOG2+1)'(2**MEM_LOG2);
      next_base_q <= '0;
    end else begin
      free_q <= free_q - (admit ? words[MEM_LOG2:0] : '0) + (free_valid_i ? free_words_i[MEM_LOG2:0] : '0);
      if (admit) next_base_q <= next_base_q + words[MEM_LOG2-1:0];
    end
  stream_fifo #(.W($bits(cut)), .DEPTH_LOG2(2)) u_cuts (
    .clk_i, .rst_ni, .in_valid_i(admit), .in_ready_o(cuts_ready), .in_data_i(cmd_i),
    .out_valid_o(cut_valid), .out_ready_i(cut_ready), .out_data_o(cut), .usage_o(unused_usage)
  );

  // ---- the cut
  logic [127:0] nonce;
  logic [path_pkg::TAIL_BITS-1:0] trailer;
  logic [15:0]  total;
  logic         step_last, cut_out_valid, cut_out_ready;
  adit_pkg::beat_t cut_beat;

  // What stands before the frame's bytes. Nonce block, first byte in the lowest bits: 8 zero bytes, the sequence number big-endian.
  always_comb begin
    nonce = '0;
    if (cut.has_nonce) for (int i = 0; i < 8; i++) nonce[64 + 8*i +: 8] = cut.nonce[56 - 8*i +: 8];
  end
  // RFC 4303 §2.4: padding bytes 1, 2, 3, …, then their number, then the next header.
  always_comb begin
    trailer = '0;
    if (cut.has_trailer)
      for (int i = 0; i < path_pkg::TAIL_BYTES; i++) begin
        if (i < 32'(cut.pad_bytes))           trailer[8*i +: 8] = 8'(i + 1);
        else if (i == 32'(cut.pad_bytes))     trailer[8*i +: 8] = 8'(cut.pad_bytes);
        else if (i == 32'(cut.pad_bytes) + 1) trailer[8*i +: 8] = cut.next_header;
      end
  end
  assign total = cut.has_body ? cut.total_bytes : '0;

  splice #(.HeadBytes(16), .TagBits(1)) u_splice (
    .clk_i, .rst_ni,
    .cmd_valid_i(cut_valid), .cmd_ready_o(cut_ready), .cmd_has_src_i(1'b1),
    .cmd_head_i(nonce), .cmd_head_bytes_i(cut.has_nonce ? 7'd16 : cut.has_gap ? 7'd8 : 7'd0), .cmd_off_i(cut.off),
    .cmd_src_bytes_i(cut.n_bytes), .cmd_fill_bytes_i(cut.fill_bytes), .cmd_tail_i(trailer), .cmd_total_bytes_i(total), .cmd_tag_i(1'b0),
    .src_valid_i(beat_valid_i), .src_ready_o(beat_ready_o), .src_last_i(beat_i.last), .src_data_i(beat_i.data),
    .step_last_o(step_last),
    .out_valid_o(cut_out_valid), .out_ready_i(cut_out_ready), .out_beat_o(cut_beat), .out_tag_o(unused_tag)
  );
  logic unused_tag;

  // ---- the frame's first bytes, beside the cut
  logic [1:0] beat_no_q;  // 0, 1, then 2: later
  logic [path_pkg::RAW_BITS-1:0] raw, raw_q, raw_out_q;
  always_comb begin
    raw = raw_q;
    if (beat_valid_i && beat_ready_o) begin
      if (beat_no_q == 2'd0)      raw = path_pkg::RAW_BITS'(beat_i.data);
      else if (beat_no_q == 2'd1) raw[path_pkg::RAW_BITS-1:512] = beat_i.data;
    end
  end
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) beat_no_q <= '0;
    else if (beat_valid_i && beat_ready_o)
      beat_no_q <= beat_i.last ? 2'd0 : beat_no_q == 2'd2 ? 2'd2 : beat_no_q + 2'd1;
  always_ff @(posedge clk_i) begin
    if (beat_valid_i && beat_ready_o) raw_q <= raw;
    if (step_last) raw_out_q <= raw;
  end

  // ---- what the packet at the end of the cut is; its record waits beside until its body is whole
  logic [15:0] side_base, side_body_end;
  logic [5:0]  side_icv_bytes;
  logic        side_valid, side_pop, rec_valid;
  logic [3:0]  unused_usage0, unused_usage1;

  stream_fifo #(.W(16 + 16 + 6), .DEPTH_LOG2(3)) u_side (
    .clk_i, .rst_ni,
    .in_valid_i(admit), .in_ready_o(side_ready),
    .in_data_i({16'(next_base_q), cmd_i.total_bytes - 16'(cmd_i.icv_bytes), cmd_i.icv_bytes}),
    .out_valid_o(side_valid), .out_ready_i(side_pop), .out_data_o({side_base, side_body_end, side_icv_bytes}),
    .usage_o(unused_usage0)
  );
  stream_fifo #(.W(RecBits + TICKETS_LOG2 + 1 + 16 + 16), .DEPTH_LOG2(3)) u_record (
    .clk_i, .rst_ni,
    .in_valid_i(admit), .in_ready_o(rec_ready), .in_data_i({cmd_rec_i, ticket_i, cmd_i.has_body, 16'(next_base_q), words}),
    .out_valid_o(rec_valid), .out_ready_i(out_valid_o && out_ready_i),
    .out_data_o({out_rec_o, out_ticket_o, out_has_body_o, out_base_o, out_words_o}), .usage_o(unused_usage1)
  );

  // ---- into M1; the ICV is taken out on the way
  logic [MEM_LOG2-1:0] word_q;
  logic                take;
  logic signed [17:0]  icv_at;   // where in this word the body ends and the ICV begins
  logic [path_pkg::ICV_BITS-1:0] icv, icv_q;

  logic                whole_q, whole_free;   // a whole body's raw and icv stand at the output
  assign whole_free    = !whole_q || (out_valid_o && out_ready_i);
  assign cut_out_ready = side_valid && (!cut_beat.last || whole_free);
  assign take          = cut_out_valid && cut_out_ready;
  assign side_pop      = take && cut_beat.last;
  assign icv_at        = $signed({2'b0, side_body_end}) - $signed({2'b0, 16'(word_q) << 6});

  always_comb begin
    icv       = word_q == '0 ? '0 : icv_q;
    wr_data_o = '0;
    if (take) begin
      wr_data_o = cut_beat.data;
      if (side_icv_bytes != '0) begin
        if (icv_at <= 0) begin
          if (icv_at > -18'sd32) icv = icv | (cut_beat.data[path_pkg::ICV_BITS-1:0] << {-icv_at[4:0], 3'b0});
          wr_data_o = '0;
        end else if (icv_at < 64) begin
          icv = path_pkg::ICV_BITS'(cut_beat.data >> {icv_at[5:0], 3'b0});
          wr_data_o = cut_beat.data & ~({512{1'b1}} << {icv_at[5:0], 3'b0});
        end
      end
    end
  end

  assign wr_valid_o = take && cut_beat.n_bytes != '0;
  assign wr_addr_o  = side_base[MEM_LOG2-1:0] + word_q;

  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni)   word_q <= '0;
    else if (take) word_q <= cut_beat.last ? '0 : word_q + MEM_LOG2'(1);
  always_ff @(posedge clk_i) if (take) icv_q <= icv;

  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni)         whole_q <= 1'b0;
    else if (whole_free) whole_q <= side_pop;
  always_ff @(posedge clk_i) if (side_pop) {out_raw_o, out_icv_o} <= {raw_out_q, icv};
  assign out_valid_o = whole_q && rec_valid;
endmodule
