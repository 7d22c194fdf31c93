// SPDX-License-Identifier: BSD-2-Clause-Patent
// Takes one number into the anti-replay window of its SA (RFC 4303 §3.4.3), whose map is a ring of 2**WINDOW_LOG2 bits in words:
//
//   bit n mod 2**WINDOW_LOG2: number n was accepted, for every n in top - 2**WINDOW_LOG2 + 1 .. top
//
// so a window of any size up to the ring's is exact. When the top moves up, the numbers it passes are unseen and their bits are
// cleared: the rest of the top's word, the words between, and the lower part of the new one. In order that is one write.
//
//   look     top, window and the map's word of seq are there       judge   ok_o; commit_i: go on, else all is over
//   first    rest of the old top's word     clear   a word between     last    seq's word: done_o, top_o
//
// Judge and last are one cycle if nothing lies between. top_i, seq_i and window_packets_i stand still until the end. The caller writes
// top_o when done_o; the word of seq is written in that very cycle, so a reader of both sees neither ahead of the other.
module replay_window #(
  parameter int unsigned WINDOW_LOG2 = 12,
  parameter int unsigned WORD_LOG2   = 6,   // less than WINDOW_LOG2
  parameter int unsigned SW          = 64,  // bits of a sequence number, more than WINDOW_LOG2
  localparam int unsigned W          = 1 << WORD_LOG2,
  localparam int unsigned WORDS_LOG2 = WINDOW_LOG2 - WORD_LOG2
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,
  input  logic                  look_i,
  input  logic [15:0]           window_packets_i,
  input  logic [SW-1:0]         top_i,
  input  logic [SW-1:0]         seq_i,
  output logic                  judge_o,     // the cycle after look_i
  output logic                  ok_o,        // beside judge_o
  input  logic                  commit_i,    // beside judge_o
  output logic                  done_o,      // ok and committed
  output logic [SW-1:0]         top_o,
  output logic                  map_re_o,
  output logic                  map_we_o,
  output logic [WORDS_LOG2-1:0] map_word_o,
  output logic [W-1:0]          map_wdata_o,
  input  logic [W-1:0]          map_rdata_i  // one cycle after map_re_o; with look_i: the word of seq_i
);
  localparam int unsigned   WORDS = 1 << WORDS_LOG2;
  localparam int unsigned   JW    = SW - WORD_LOG2;
  localparam logic [JW-1:0] RING  = JW'(WORDS);

  typedef enum logic [2:0] { StIdle, StJudge, StFirst, StClear, StLast } state_e;
  state_e state_q, state_d;

  // ---- look
  logic                  ok, is_newer, fits, ok_q, is_newer_q, fits_q;
  logic                  is_same_q, is_near_q, is_round_q;  // jump 0, less than the ring, exactly once round
  logic [JW-1:0]         jump;                              // in words
  logic [WORDS_LOG2-1:0] zeros_q;                           // words to clear between
  logic [W-1:0]          word_q;
  assign jump = seq_i[SW-1:WORD_LOG2] - top_i[SW-1:WORD_LOG2];
  replay_check #(.WINDOW_LOG2(WINDOW_LOG2), .SW(SW)) u_check (
    .window_packets_i, .top_i, .seq_i, .was_seen_i(map_rdata_i[seq_i[WORD_LOG2-1:0]]),
    .ok_o(ok), .is_newer_o(is_newer), .fits_o(fits)
  );
  always_ff @(posedge clk_i)
    if (look_i) begin
      ok_q       <= ok;
      is_newer_q <= is_newer;
      fits_q     <= fits;
      is_same_q  <= jump == '0;
      is_near_q  <= jump < RING;
      is_round_q <= jump == RING;
      zeros_q    <= !is_newer || jump == '0 ? '0 : (jump < RING ? jump[WORDS_LOG2-1:0] : '0) - 1'b1;
      word_q     <= map_rdata_i;
    end

  // ---- which bits of the old top's word and of seq's word stay
  logic [W-1:0]          up_to_top, above_seq, keep, bit_of_seq;
  logic [WORDS_LOG2-1:0] top_word, seq_word, from, step_q, step_d;
  logic                  needs_first, last;
  assign up_to_top  = ~(({W{1'b1}} << 1) << top_i[WORD_LOG2-1:0]);
  assign above_seq  = ({W{1'b1}} << 1) << seq_i[WORD_LOG2-1:0];
  assign bit_of_seq = {{(W-1){1'b0}}, 1'b1} << seq_i[WORD_LOG2-1:0];
  always_comb begin
    if (!is_newer_q)     keep = '1;
    else if (is_same_q)  keep = up_to_top | above_seq;
    else if (is_near_q)  keep = above_seq;
    else if (is_round_q) keep = up_to_top & above_seq;
    else                 keep = '0;
  end
  assign top_word    = top_i[WINDOW_LOG2-1:WORD_LOG2];
  assign seq_word    = seq_i[WINDOW_LOG2-1:WORD_LOG2];
  assign needs_first = is_newer_q && is_near_q && !is_same_q && top_i[WORD_LOG2-1:0] != '1;
  assign from        = is_near_q ? top_word : seq_word;  // once round or more: every word but seq's

  always_comb begin
    state_d     = state_q;
    step_d      = step_q;
    map_re_o    = 1'b0;
    map_we_o    = 1'b0;
    map_word_o  = seq_word;
    map_wdata_o = (word_q & keep) | bit_of_seq;
    last        = 1'b0;
    case (state_q)
      StIdle: if (look_i) state_d = StJudge;

      StJudge: begin  // the caller says in this cycle whether to go on
        step_d  = '0;
        state_d = StIdle;
        if (ok_q && commit_i) begin
          if (needs_first) begin
            map_re_o   = 1'b1;
            map_word_o = top_word;
            state_d    = StFirst;
          end else if (zeros_q != '0) state_d = StClear;
          else last = 1'b1;
        end
      end

      StFirst: begin
        map_we_o    = 1'b1;
        map_word_o  = top_word;
        map_wdata_o = map_rdata_i & up_to_top;
        state_d     = zeros_q != '0 ? StClear : StLast;
      end

      StClear: begin
        map_we_o    = 1'b1;
        map_word_o  = from + 1'b1 + step_q;
        map_wdata_o = '0;
        step_d      = step_q + 1'b1;
        if (step_d == zeros_q) state_d = StLast;
      end

      default: begin  // StLast
        last    = 1'b1;
        state_d = StIdle;
      end
    endcase
    if (last) map_we_o = is_newer_q || fits_q;
  end

  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) begin
      state_q <= StIdle;
      step_q  <= '0;
    end else begin
      state_q <= state_d;
      step_q  <= step_d;
    end

  assign judge_o = state_q == StJudge;
  assign ok_o    = ok_q;
  assign done_o  = last;
  assign top_o   = is_newer_q ? seq_i : top_i;

`ifdef FORMAL
`include "replay_window_props.svh"
`endif
endmodule
