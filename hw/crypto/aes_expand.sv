// SPDX-License-Identifier: BSD-2-Clause-Patent
// Key expansion (FIPS-197 section 5.2) for the round key memories of one ring: one round key a cycle for a key, and two keys at
// a time, each in every other of the two steps (IS_DOUBLE; else one key at a time):
//
//   key ─► [even] ─► step 0 ─► [odd] ─► step 1 ─► [even] …       [older four words | newer four: the round key]
//
// so that odd round keys leave on bus 0 and even ones on bus 1, a new key may begin every seven cycles on average, and the first
// round key is there in the cycle after in_valid_i. At first the older four words are the key's second half.
// DECRYPT: InvMixColumns on the inner round keys (section 5.3.5), one cycle later, numbered backwards.
// A round key's number counts towards the last round, 14, as in aes_ring. Nothing of a key stays once it is done.
module aes_expand #(
  parameter bit          DECRYPT   = 1'b0,
  parameter bit          IS_DOUBLE = 1'b1,
  parameter int unsigned KEYS_LOG2 = 3
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,
  input  logic                   wipe_i,        // no key is inside: zero what reset left
  input  logic                   in_valid_i,
  output logic                   in_ready_o,
  input  logic [KEYS_LOG2-1:0]   in_index_i,
  input  logic [1:0]             in_key_size_i, // 0: AES-128, 1: 192, 2: 256
  input  logic [255:0]           in_key_i,      // first byte on top
  // bus b at [b] of each
  output logic [1:0]             valid_o,
  output logic [1:0]             is_first_o,    // the whitening key
  output logic [2*KEYS_LOG2-1:0] index_o,
  output logic [7:0]             round_o,
  output logic [255:0]           key_o,
  output logic                   last_o,        // bus 1 has the last of its key
  output logic                   busy_o
);
  localparam int unsigned CTL_BITS = KEYS_LOG2 + 2 + 4 + 2 + 8;   // index, key size, number, number mod 3, rcon
  // after step 1 (or new), and after step 0
  logic                valid1_q, valid0_q, end1, load;
  logic [255:0]        window1_q, window0_q, next1, next0;
  logic [CTL_BITS-1:0] ctl1_q, ctl0_q, ctl1, ctl0;

  function automatic logic [3:0] rounds(input logic [1:0] key_size);
    rounds = (key_size == 2'd0) ? 4'd10 : (key_size == 2'd1) ? 4'd12 : 4'd14;
  endfunction

  for (genvar u = 0; u < 2; u++) begin : g_step
    logic                 valid;
    logic [255:0]         window, after;
    logic [CTL_BITS-1:0]  ctl, ctl_after;
    logic [KEYS_LOG2-1:0] index;
    logic [1:0]           key_size, third, third_after;
    logic [3:0]           number;
    logic [7:0]           rcon;
    if (u == 0) begin : g_from
      assign valid  = valid1_q && !end1;
      assign window = window1_q;
      assign ctl    = ctl1_q;
      assign next0  = after;
      assign ctl0   = ctl_after;
    end else begin : g_from
      assign valid  = valid0_q;
      assign window = window0_q;
      assign ctl    = ctl0_q;
      assign next1  = after;
      assign ctl1   = ctl_after;
    end
    assign {index, key_size, number, third, rcon} = ctl;

    // words i-8 .. i-1 and the four new ones; i = 4 * (number + 1)
    logic [31:0] a0, a1, a2, a3, b0, b1, b2, b3, w0, w1, w2, w3, mid, sub_in, sub_out, f;
    logic        is_raw;     // number 1 of a longer key: its second half
    logic        turns;      // RotWord and Rcon
    logic        is_late;    // 192: the word that is a multiple of six is the third of the four
    assign {a0, a1, a2, a3, b0, b1, b2, b3} = valid ? window : '0;
    assign is_raw  = u == 0 && number == 4'd0;
    assign third_after = (third == 2'd2) ? 2'd0 : third + 2'd1;    // i mod 12 / 4
    assign is_late = key_size == 2'd1 && third_after == 2'd1;
    assign turns   = (key_size == 2'd0) || (key_size == 2'd1 && third_after != 2'd2) || (key_size[1] && u == 1);
    assign mid     = is_raw ? a1 : a3 ^ a2 ^ b3;
    always_comb begin
      sub_in = is_late ? mid : b3;
      if (turns) sub_in = {sub_in[23:0], sub_in[31:24]};
    end
    for (genvar i = 0; i < 4; i++) begin : g_sub
      aes_sbox #(.INVERSE(1'b0)) u_sbox (.x_i(sub_in[8*i +: 8]), .y_o(sub_out[8*i +: 8]));
    end
    assign f = sub_out ^ {turns ? rcon : 8'd0, 24'd0};
    always_comb begin
      {w0, w1, w2, w3} = '0;
      if (valid)
        case (key_size)
          2'd0: begin
            w0 = b0 ^ f;
            w1 = b1 ^ b0 ^ f;
            w2 = b2 ^ b1 ^ b0 ^ f;
            w3 = b3 ^ b2 ^ b1 ^ b0 ^ f;
          end
          2'd1: begin
            w0 = is_raw ? a0 : a2 ^ (third_after == 2'd0 ? f : b3);
            w1 = is_raw ? a1 : a3 ^ a2 ^ (third_after == 2'd0 ? f : b3);
            w2 = b0 ^ (is_late ? f : a3 ^ a2 ^ (third_after == 2'd0 ? f : b3));
            w3 = b1 ^ b0 ^ (is_late ? f : a3 ^ a2 ^ (third_after == 2'd0 ? f : b3));
          end
          default: begin
            w0 = is_raw ? a0 : a0 ^ f;
            w1 = is_raw ? a1 : a1 ^ a0 ^ f;
            w2 = is_raw ? a2 : a2 ^ a1 ^ a0 ^ f;
            w3 = is_raw ? a3 : a3 ^ a2 ^ a1 ^ a0 ^ f;
          end
        endcase
    end
    assign after     = {b0, b1, b2, b3, w0, w1, w2, w3};
    assign ctl_after = {index, key_size, number + 4'd1, third_after,
                        turns ? {rcon[6:0], 1'b0} ^ (rcon[7] ? 8'h1b : 8'h00) : rcon};
  end

  assign end1       = ctl1_q[13:10] == rounds(ctl1_q[15:14]);
  assign in_ready_o = !valid0_q && (IS_DOUBLE || !valid1_q || end1);
  assign load       = in_valid_i && in_ready_o;
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) begin
      valid1_q <= 1'b0;
      valid0_q <= 1'b0;
    end else begin
      valid1_q <= load || valid0_q;
      valid0_q <= valid1_q && !end1;
    end
  always_ff @(posedge clk_i) begin
    if (load) begin
      window1_q <= {in_key_i[127:0], in_key_i[255:128]};
      ctl1_q    <= {in_index_i, in_key_size_i, 4'd0, 2'd0, 8'h01};
    end else if (valid0_q) begin
      window1_q <= next1;
      ctl1_q    <= ctl1;
    end else if (valid1_q || wipe_i) begin
      window1_q <= '0;
    end
    if (valid1_q && !end1) begin
      window0_q <= next0;
      ctl0_q    <= ctl0;
    end else if (valid0_q || wipe_i) begin
      window0_q <= '0;
    end
  end

  // ---- what leaves
  for (genvar b = 0; b < 2; b++) begin : g_bus
    logic                 valid, is_first;
    logic [KEYS_LOG2-1:0] index;
    logic [1:0]           key_size;
    logic [3:0]           number, round;
    assign valid = (b == 0) ? valid0_q : valid1_q;
    assign {index, key_size, number} = (b == 0) ? ctl0_q[CTL_BITS-1:10] : ctl1_q[CTL_BITS-1:10];
    assign is_first = number == (DECRYPT ? rounds(key_size) : 4'd0);
    assign round    = DECRYPT ? 4'd14 - number : 4'd14 - rounds(key_size) + number;
    if (DECRYPT) begin : g_inverse
      logic         is_edge, valid_q, is_first_q;
      assign is_edge = number == 4'd0 || number == rounds(key_size);
      logic [KEYS_LOG2-1:0] index_q;
      logic [3:0]   round_q;
      logic [127:0] key, key_q;
      assign key = (b == 0) ? window0_q[127:0] : window1_q[127:0];
      always_ff @(posedge clk_i or negedge rst_ni)
        if (!rst_ni) valid_q <= 1'b0;
        else         valid_q <= valid;
      always_ff @(posedge clk_i)
        if (valid) begin
          is_first_q <= is_first;
          index_q    <= index;
          round_q    <= round;
          for (int i = 0; i < 4; i++)
            key_q[32*i +: 32] <= is_edge ? key[32*i +: 32] : aes_pkg::inv_mix(key[32*i +: 32]);
        end else if (valid_q || wipe_i) begin
          key_q <= '0;
        end
      assign valid_o[b]    = valid_q;
      assign is_first_o[b] = is_first_q;
      assign index_o[KEYS_LOG2*b +: KEYS_LOG2] = index_q;
      assign round_o[4*b +: 4] = round_q;
      assign key_o[128*b +: 128] = key_q;
    end else begin : g_forward
      assign valid_o[b]    = valid;
      assign is_first_o[b] = is_first;
      assign index_o[KEYS_LOG2*b +: KEYS_LOG2] = index;
      assign round_o[4*b +: 4] = round;
      assign key_o[128*b +: 128] = (b == 0) ? window0_q[127:0] : window1_q[127:0];
    end
  end
  if (DECRYPT) begin : g_last
    logic last_q;
    always_ff @(posedge clk_i or negedge rst_ni)
      if (!rst_ni) last_q <= 1'b0;
      else         last_q <= valid1_q && end1;
    assign last_o = last_q;
    assign busy_o = valid0_q || valid1_q || |valid_o;
  end else begin : g_last
    assign last_o = valid1_q && end1;
    assign busy_o = valid0_q || valid1_q;
  end
endmodule
