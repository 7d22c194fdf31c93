// SPDX-License-Identifier: BSD-2-Clause-Patent
// Takes a slot's cipher key and salt and writes what the lanes need of them, one line a cycle at most. First all lines of the
// slot are zeroed in every lane, so nothing of an older key stays behind. Then
//   AES        one word w[i] of the schedule a cycle (FIPS-197 section 5.2); a round key leaves when its four words are there.
//              For AES-CBC in a room that opens: InvMixColumns on the inner round keys (section 5.3.5), in reverse order
//   CTR, GCM   the salt, as line 15 (RFC 3686 section 4, RFC 4106 section 4)
//   DES, 3DES  one key a cycle in the order of use, without its parity bits (FIPS 46-3: permuted choice 1), as lines 0..2
// The key is wiped from the registers before the answer. Nothing here can be read back.
// After reset every line of every key memory is zeroed first, all memories at once; who asks meanwhile waits.
//
//   window, oldest word on top:  w[i-8] w[i-7] … w[i-1]   (a key of Nk words fills the lower Nk)
module cipher_keys #(
  parameter bit          DECRYPT    = 1'b0,
  parameter int unsigned SLOTS_LOG2 = 10,
  parameter int unsigned LINES      = 14    // most lines a slot has in one memory: 14 / ROUNDS of the rings, 3 of DES
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,
  // asked: held until the answer
  input  logic                  ask_valid_i,
  output logic                  ask_ready_o,    // one cycle, once everything is written
  input  logic [SLOTS_LOG2-1:0] ask_slot_i,
  input  logic                  ask_is_cbc_i,   // AES-CBC
  input  logic                  ask_is_ctr_i,   // AES-CTR, AES-GCM, AES-GMAC
  input  logic                  ask_is_des_i,   // DES, 3DES; none of the three: only zero the slot
  input  logic [1:0]            ask_key_size_i, // AES: 0: 128, 1: 192, 2: 256. DES: 0: one key, 1: three
  input  logic [255:0]          ask_key_i,      // first key byte in bits 7:0
  input  logic [31:0]           ask_salt_i,     // first byte in bits 7:0
  // to the lanes
  output logic                  key_to_cbc_o,   // this line is for the AES-CBC lanes
  output logic                  key_to_ctr_o,
  output logic                  key_to_des_o,
  output logic [SLOTS_LOG2-1:0] key_slot_o,
  output logic [3:0]            key_round_o,    // AES: 0..14, the last always 14; 15: the salt; DES: 0..2
  output logic                  key_is_first_o,
  output logic                  key_is_sweep_o, // every memory: zero the slot's line key_round_o
  output logic [127:0]          key_o
);
  typedef enum logic [2:0] {StSweep, StIdle, StZero, StExpand, StSalt, StDes, StDone} state_e;
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
  logic [3:0]   line_d;
  logic [3:0]   line_q;
  logic [SLOTS_LOG2-1:0] sweep_q;

  // ---- sizes
  logic       inverse;       // the decipher's round keys
  assign inverse   = DECRYPT && ask_is_cbc_i;
  logic [3:0] key_words;     // Nk
  logic [3:0] rounds;        // Nr
  assign key_words = (ask_key_size_i == 2'd0) ? 4'd4 : (ask_key_size_i == 2'd1) ? 4'd6 : 4'd8;
  assign rounds    = key_words + 4'd6;

  // ---- DES: what is left of a key without parity
  function automatic logic [55:0] choice_1(input logic [63:0] a);
    choice_1 = {
             a[7], a[15], a[23], a[31], a[39], a[47], a[55], a[63],
             a[6], a[14], a[22], a[30], a[38], a[46], a[54], a[62],
             a[5], a[13], a[21], a[29], a[37], a[45], a[53], a[61],
             a[4], a[12], a[20], a[28], a[1], a[9], a[17], a[25],
             a[33], a[41], a[49], a[57], a[2], a[10], a[18], a[26],
             a[34], a[42], a[50], a[58], a[3], a[11], a[19], a[27],
             a[35], a[43], a[51], a[59], a[36], a[44], a[52], a[60]};
  endfunction
  logic [1:0] des_key;       // which of the three is used as number line_q
  assign des_key = (DECRYPT && ask_key_size_i[0]) ? 2'd2 - line_q[1:0] : line_q[1:0];
  logic [55:0] des_line;

  // ---- the key as words, first byte on top
  logic [255:0] key_be;
  always_comb begin
    key_be = '0;
    if (ask_valid_i)
      for (int i = 0; i < 32; i++) key_be[8*(31-i) +: 8] = ask_key_i[8*i +: 8];
  end

  assign des_line = choice_1(state_q == StDes ? key_be[{2'd3 - des_key, 6'd0} +: 64] : '0);

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
    if (inverse && !is_edge && state_q == StExpand)
      for (int i = 0; i < 4; i++) whole_key[32*i +: 32] = aes_pkg::inv_mix(window_q[32*i +: 32]);
  end

  always_comb begin
    state_d     = state_q;
    window_d    = window_q;
    word_d      = word_q;
    turn_d      = turn_q;
    rcon_d      = rcon_q;
    line_d      = line_q;
    ask_ready_o    = 1'b0;
    key_to_cbc_o   = 1'b0;
    key_to_ctr_o   = 1'b0;
    key_to_des_o   = 1'b0;
    key_slot_o     = ask_slot_i;
    key_round_o    = line_q;
    key_is_first_o = 1'b0;
    key_is_sweep_o = 1'b0;
    key_o          = '0;
    case (state_q)
      StSweep: begin  // 2**SLOTS_LOG2 x LINES writes
        {key_to_cbc_o, key_to_ctr_o, key_to_des_o} = '1;
        key_is_sweep_o = 1'b1;
        key_slot_o     = sweep_q;
        if (&sweep_q) begin
          line_d = line_q + 4'd1;
          if (line_q == 4'(LINES - 1)) state_d = StIdle;
        end
      end
      StIdle: begin  // waits for a key
        line_d = '0;
        if (ask_valid_i) state_d = StZero;
      end
      StZero: begin  // 16 writes
        {key_to_cbc_o, key_to_ctr_o, key_to_des_o} = '1;
        key_is_first_o = (line_q == 4'd0);
        line_d         = line_q + 4'd1;   // and back to 0
        word_d         = 6'd4;
        turn_d         = (key_words == 4'd4) ? 4'd0 : 4'd4;
        rcon_d         = 8'h01;
        if (line_q == 4'd15) begin
          if (ask_is_cbc_i || ask_is_ctr_i) begin
            state_d  = StExpand;
            window_d = {128'd0, key_be[255:128]};   // the key enters the window four words at a time: the first four now
          end else begin
            state_d = ask_is_des_i ? StDes : StDone;
          end
        end
      end
      StExpand: begin  // one word a cycle, until the last round key is out
        key_to_cbc_o   = is_whole && ask_is_cbc_i;
        key_to_ctr_o   = is_whole && ask_is_ctr_i;
        key_round_o    = inverse ? 4'd14 - whole_round : 4'd14 - rounds + whole_round;
        key_is_first_o = (whole_round == (inverse ? rounds : 4'd0));
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
          state_d  = ask_is_ctr_i ? StSalt : StDone;
          window_d = '0;
        end
      end
      StSalt: begin  // one write
        key_to_ctr_o = 1'b1;
        key_round_o  = 4'd15;
        key_o        = 128'(ask_salt_i);
        state_d      = StDone;
      end
      StDes: begin  // one write, or three
        key_to_des_o = 1'b1;
        key_o        = 128'(des_line);
        line_d       = line_q + 4'd1;
        if (!ask_key_size_i[0] || line_q == 4'd2) state_d = StDone;
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
      line_q  <= '0;
    end else begin
      if (state_q == StSweep) sweep_q <= sweep_q + 1'b1;
      line_q <= line_d;
    end
  always_ff @(posedge clk_i) begin
    word_q <= word_d;
    turn_q <= turn_d;
    rcon_q <= rcon_d;
  end
endmodule
