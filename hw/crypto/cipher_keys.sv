// SPDX-License-Identifier: BSD-2-Clause-Patent
// The keys of one direction: slot -> cipher key and salt, one line a slot, read by the room's door as a job comes.
// A line, as the lanes want it:
//
//   AES        287:256 salt (CTR, GCM: RFC 3686 section 4, RFC 4106 section 4), first byte lowest | 255:0 key, first byte on top
//   DES, 3DES  167:0 three keys in the order of use, the first lowest, each what permuted choice 1 leaves of it (FIPS 46-3),
//              without parity. DES has the same three times: E D E of one key is E of it (SP 800-67)
//
// What a cipher does not use of its key and salt is zero. Writing is one cycle and the answer the next; nothing of an older
// key stays. After reset every line is zeroed first, one a cycle; who asks meanwhile waits. Nothing here can be read back but
// by the door, and wipe_i zeroes what it read last.
module cipher_keys #(
  parameter bit          DECRYPT    = 1'b0,
  parameter int unsigned SLOTS_LOG2 = 10
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,
  // asked: held until the answer
  input  logic                  ask_valid_i,
  output logic                  ask_ready_o,    // one cycle, once it is written
  input  logic [SLOTS_LOG2-1:0] ask_slot_i,
  input  logic                  ask_is_aes_i,
  input  logic                  ask_is_ctr_i,   // AES in a mode that has a salt
  input  logic                  ask_is_des_i,   // neither AES nor DES: only zero the slot
  input  logic [1:0]            ask_key_size_i, // AES: 0: 128, 1: 192, 2: 256. DES: 0: one key, 1: three
  input  logic [255:0]          ask_key_i,      // first key byte in bits 7:0
  input  logic [31:0]           ask_salt_i,     // first byte in bits 7:0
  // the door: a cycle later, and until it reads again
  input  logic                  re_i,
  input  logic                  wipe_i,
  input  logic [SLOTS_LOG2-1:0] slot_i,
  output logic [287:0]          line_o
);
  typedef enum logic [1:0] {StSweep, StIdle, StDone} state_e;
  state_e                state_d, state_q;
  logic [SLOTS_LOG2-1:0] sweep_q;

  logic                  we;
  logic [SLOTS_LOG2-1:0] waddr;
  logic [255:0]          key_be;   // first byte on top
  logic                  puts_des;
  logic [167:0]          des_line;
  logic [287:0]          line;
  assign puts_des = state_q == StIdle && ask_valid_i && ask_is_des_i;
  always_comb begin
    key_be = '0;
    if (ask_valid_i)
      for (int i = 0; i < 32; i++) key_be[8*(31-i) +: 8] = ask_key_i[8*i +: 8];
  end
  for (genvar n = 0; n < 3; n++) begin : g_des    // which of the key's three
    localparam int unsigned PLACE = DECRYPT ? 2 - n : n;
    logic [63:0] a;
    always_comb begin
      a = '0;
      des_line[56*PLACE +: 56] = '0;
      if (puts_des) begin
        a = ask_key_size_i[0] ? key_be[64*(3-n) +: 64] : key_be[255:192];
        des_line[56*PLACE +: 56] = {
          a[7], a[15], a[23], a[31], a[39], a[47], a[55], a[63],
          a[6], a[14], a[22], a[30], a[38], a[46], a[54], a[62],
          a[5], a[13], a[21], a[29], a[37], a[45], a[53], a[61],
          a[4], a[12], a[20], a[28], a[1], a[9], a[17], a[25],
          a[33], a[41], a[49], a[57], a[2], a[10], a[18], a[26],
          a[34], a[42], a[50], a[58], a[3], a[11], a[19], a[27],
          a[35], a[43], a[51], a[59], a[36], a[44], a[52], a[60]};
      end
    end
  end
  always_comb begin
    state_d     = state_q;
    ask_ready_o = 1'b0;
    we          = 1'b0;
    waddr       = ask_slot_i;
    line        = '0;
    case (state_q)
      StSweep: begin  // 2**SLOTS_LOG2 writes
        we    = 1'b1;
        waddr = sweep_q;
        if (&sweep_q) state_d = StIdle;
      end
      StIdle: if (ask_valid_i) begin  // one write
        we      = 1'b1;
        state_d = StDone;
        if (ask_is_des_i) begin
          line[167:0] = des_line;
        end else if (ask_is_aes_i) begin
          line[255:0] = key_be;
          if (ask_key_size_i == 2'd0) line[127:64] = '0;
          if (!ask_key_size_i[1])     line[63:0]   = '0;
          if (ask_is_ctr_i)           line[287:256] = ask_salt_i;
        end
      end
      default: begin  // StDone: the answer
        ask_ready_o = 1'b1;
        state_d     = StIdle;
      end
    endcase
  end
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) begin
      state_q <= StSweep;
      sweep_q <= '0;
    end else begin
      state_q <= state_d;
      if (state_q == StSweep) sweep_q <= sweep_q + 1'b1;
    end

  state_ram #(.W(288), .AW(SLOTS_LOG2)) u_lines (
    .clk_i, .we_i(we), .waddr_i(waddr), .wdata_i(line), .re_i, .clear_i(wipe_i), .raddr_i(slot_i), .rdata_o(line_o));
endmodule
