// SPDX-License-Identifier: BSD-2-Clause-Patent
// Turns a cipher key into round keys (FIPS-197 section 5.2) and writes them to the rings of all lanes, one a cycle
// at most. First all 15 round keys of the slot are zeroed, so nothing of a longer, older key stays behind; then one
// key word w[i] a cycle is made. DECRYPT: InvMixColumns on the inner round keys (section 5.3.5), in reverse order.
// The key itself is wiped from the registers before the answer. Nothing here can be read back.
// After reset every line of every round key memory is zeroed first, all units at once; who asks meanwhile waits.
//
//   window, oldest word on top:  w[i-8] w[i-7] … w[i-1]   (a key of Nk words fills the lower Nk)
module aes_key_expand #(
  parameter bit          DECRYPT    = 1'b0,
  parameter int unsigned SLOTS_LOG2 = 10,
  parameter int unsigned PASSES     = 14    // lines a slot has in each memory: 14 / ROUNDS of the rings
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,
  // asked: held until the answer
  input  logic                  ask_valid_i,
  output logic                  ask_ready_o,    // one cycle, once everything is written
  input  logic [SLOTS_LOG2-1:0] ask_slot_i,
  input  logic [1:0]            ask_key_size_i, // 0: AES-128, 1: 192, 2: 256
  input  logic                  ask_is_zero_i,  // only zero the slot
  input  logic [255:0]          ask_key_i,      // first key byte in bits 7:0
  // to the rings
  output logic                  key_valid_o,
  output logic [SLOTS_LOG2-1:0] key_slot_o,
  output logic [3:0]            key_round_o,
  output logic                  key_is_first_o,
  output logic                  key_is_sweep_o, // every unit: zero the slot's line key_round_o
  output logic [127:0]          key_o
);
  typedef enum logic [2:0] {StSweep, StIdle, StZero, StExpand, StDone} state_e;
  state_e       state_d;
  state_e       state_q;
  logic [255:0] window_d;
  logic [255:0] window_q;
  logic [5:0]   word_d;      // how many words of the schedule are in or past the window
  logic [5:0]   word_q;
  logic [3:0]   turn_d;      // i mod Nk of the next word
  logic [3:0]   turn_q;
  logic [7:0]   rcon_d;
  logic [7:0]   rcon_q;
  logic [3:0]   zero_d;
  logic [3:0]   zero_q;
  logic [SLOTS_LOG2-1:0] sweep_q;

  // ---- sizes
  logic [3:0] key_words;     // Nk
  logic [3:0] rounds;        // Nr
  assign key_words = (ask_key_size_i == 2'd0) ? 4'd4 : (ask_key_size_i == 2'd1) ? 4'd6 : 4'd8;
  assign rounds    = key_words + 4'd6;

  // ---- the key as words, first byte on top
  logic [255:0] key_be;
  always_comb for (int i = 0; i < 32; i++) key_be[8*(31-i) +: 8] = ask_key_i[8*i +: 8];

  // ---- w[i] = w[i-Nk] ^ f(w[i-1])
  logic [31:0] last_word;
  logic [31:0] sub_in;
  logic [31:0] sub_out;
  logic [31:0] f_word;
  logic [31:0] old_word;
  logic [31:0] new_word;
  assign last_word = window_q[31:0];
  assign sub_in    = (turn_q == 4'd0) ? {last_word[23:0], last_word[31:24]} : last_word;
  for (genvar i = 0; i < 4; i++) begin : g_sub
    aes_sbox #(.INVERSE(1'b0)) u_sbox (.x_i(sub_in[8*i +: 8]), .y_o(sub_out[8*i +: 8]));
  end
  always_comb begin
    if (turn_q == 4'd0)                           f_word = sub_out ^ {rcon_q, 24'd0};
    else if (key_words == 4'd8 && turn_q == 4'd4) f_word = sub_out;
    else                                          f_word = last_word;
    case (ask_key_size_i)
      2'd0:    old_word = window_q[127:96];
      2'd1:    old_word = window_q[191:160];
      default: old_word = window_q[255:224];
    endcase
    new_word = old_word ^ f_word;
  end

  // ---- a round key is whole when its four words stand in the window: words 4j .. 4j+3. The key's own first words
  // are written while the schedule starts: round key 0 (and 1) are the key.
  logic [3:0]   whole_round;  // j
  logic [127:0] whole_key;
  logic         is_whole;
  logic         is_edge;      // first or last of the cipher: no InvMixColumns
  always_comb begin
    is_whole    = (word_q[1:0] == 2'd0);
    whole_round = 4'(word_q[5:2] - 4'd1);
    whole_key   = window_q[127:0];
    is_edge     = (whole_round == 4'd0) || (whole_round == rounds);
    if (DECRYPT && !is_edge && state_q == StExpand)
      for (int i = 0; i < 4; i++) whole_key[32*i +: 32] = aes_pkg::inv_mix(window_q[32*i +: 32]);
  end

  always_comb begin
    state_d     = state_q;
    window_d    = window_q;
    word_d      = word_q;
    turn_d      = turn_q;
    rcon_d      = rcon_q;
    zero_d      = zero_q;
    ask_ready_o = 1'b0;
    key_valid_o = 1'b0;
    key_slot_o  = ask_slot_i;
    key_round_o = zero_q;
    key_is_first_o = 1'b0;
    key_is_sweep_o = 1'b0;
    key_o       = '0;
    case (state_q)
      StSweep: begin  // 2**SLOTS_LOG2 x PASSES writes
        key_valid_o    = 1'b1;
        key_is_sweep_o = 1'b1;
        key_slot_o     = sweep_q;
        if (&sweep_q) begin
          zero_d = zero_q + 4'd1;
          if (zero_q == 4'(PASSES - 1)) state_d = StIdle;
        end
      end
      StIdle: begin  // waits for a key
        zero_d = '0;
        if (ask_valid_i) state_d = StZero;
      end
      StZero: begin  // 15 writes
        key_valid_o    = 1'b1;
        key_is_first_o = (zero_q == 4'd0);
        zero_d         = zero_q + 4'd1;
        // the key enters the window four words at a time: the first four now
        window_d       = {128'd0, key_be[255:128]};
        word_d         = 6'd4;
        turn_d         = (key_words == 4'd4) ? 4'd0 : 4'd4;
        rcon_d         = 8'h01;
        if (zero_q == 4'd14) state_d = ask_is_zero_i ? StDone : StExpand;
      end
      StExpand: begin  // one word a cycle, until the last round key is out
        key_valid_o    = is_whole;
        key_round_o    = DECRYPT ? 4'd14 - whole_round : 4'd14 - rounds + whole_round;
        key_is_first_o = (whole_round == (DECRYPT ? rounds : 4'd0));
        key_o          = whole_key;
        word_d         = word_q + 6'd1;
        turn_d         = (turn_q + 4'd1 == key_words) ? 4'd0 : turn_q + 4'd1;
        if (word_q < {2'b00, key_words}) begin
          // still words of the key itself
          window_d = {window_q[223:0], key_be[{3'd7 - word_q[2:0], 5'd0} +: 32]};
        end else begin
          window_d = {window_q[223:0], new_word};
          if (turn_q == 4'd0) rcon_d = {rcon_q[6:0], 1'b0} ^ (rcon_q[7] ? 8'h1b : 8'h00);
        end
        if (is_whole && whole_round == rounds) begin
          state_d  = StDone;
          window_d = '0;
        end
      end
      default: begin  // StDone: the answer
        ask_ready_o = 1'b1;
        window_d    = '0;
        state_d     = StIdle;
      end
    endcase
  end

  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) state_q <= StSweep;
    else         state_q <= state_d;
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) window_q <= '0;
    else         window_q <= window_d;
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) begin
      sweep_q <= '0;
      zero_q  <= '0;
    end else begin
      if (state_q == StSweep) sweep_q <= sweep_q + 1'b1;
      zero_q <= zero_d;
    end
  always_ff @(posedge clk_i) begin
    word_q <= word_d;
    turn_q <= turn_d;
    rcon_q <= rcon_d;
  end
endmodule
