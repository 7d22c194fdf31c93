// SPDX-License-Identifier: BSD-2-Clause-Patent
// One MD5 step and its register (RFC 1321 section 3.4; t = trip * STAGES + INDEX). a + T[t] + X[k] is added one step
// ahead, so a step is  b + rol(f(b, c, d) + sum, s). Works under valid_i alone; wipe_i, never together with it, zeroes what it holds of a state.
module md5_stage #(
  parameter int unsigned STAGES    = 64,
  parameter int unsigned INDEX     = 0,
  parameter int unsigned PASS_BITS = 1
) (
  input  logic                 clk_i,
  input  logic                 valid_i,
  input  logic                 wipe_i,
  input  logic [PASS_BITS-1:0] pass_i,
  input  logic [95:0]          regs_i,    // b c d
  input  logic [31:0]          sum_i,     // a + T[t] + X[k]
  input  logic [511:0]         words_i,   // X[0] on top
  output logic [95:0]          regs_o,
  output logic [31:0]          sum_o,
  output logic [511:0]         words_o
);
  localparam int unsigned PASSES = 64 / STAGES;

  // T[1] on top
  localparam logic [2047:0] K5 = {
    256'hd76aa478_e8c7b756_242070db_c1bdceee_f57c0faf_4787c62a_a8304613_fd469501,
    256'h698098d8_8b44f7af_ffff5bb1_895cd7be_6b901122_fd987193_a679438e_49b40821,
    256'hf61e2562_c040b340_265e5a51_e9b6c7aa_d62f105d_02441453_d8a1e681_e7d3fbc8,
    256'h21e1cde6_c33707d6_f4d50d87_455a14ed_a9e3e905_fcefa3f8_676f02d9_8d2a4c8a,
    256'hfffa3942_8771f681_6d9d6122_fde5380c_a4beea44_4bdecfa9_f6bb4b60_bebfbc70,
    256'h289b7ec6_eaa127fa_d4ef3085_04881d05_d9d4d039_e6db99e5_1fa27cf8_c4ac5665,
    256'hf4292244_432aff97_ab9423a7_fc93a039_655b59c3_8f0ccc92_ffeff47d_85845dd1,
    256'h6fa87e4f_fe2ce6e0_a3014314_4e0811a1_f7537e82_bd3af235_2ad7d2bb_eb86d391};

  // Of every trip, that of trip 0 lowest: this step's function and rotation, the next step's constant and word.
  function automatic logic [PASSES*43-1:0] plans();
    int unsigned t, u, x;
    logic [4:0]  rol;
    plans = '0;
    for (int unsigned p = 0; p < PASSES; p++) begin
      t = p*STAGES + INDEX;
      u = (t + 1) % 64;
      case (t / 16 * 4 + t % 4)
        0:  rol = 5'd7;
        1:  rol = 5'd12;
        2:  rol = 5'd17;
        3:  rol = 5'd22;
        4:  rol = 5'd5;
        5:  rol = 5'd9;
        6:  rol = 5'd14;
        7:  rol = 5'd20;
        8:  rol = 5'd4;
        9:  rol = 5'd11;
        10: rol = 5'd16;
        11: rol = 5'd23;
        12: rol = 5'd6;
        13: rol = 5'd10;
        14: rol = 5'd15;
        default: rol = 5'd21;
      endcase
      case (u / 16)
        0: x = u % 16;
        1: x = (5*u + 1) % 16;
        2: x = (3*u + 5) % 16;
        default: x = (7*u) % 16;
      endcase
      plans[43*p +: 43] = {2'(t / 16), rol, 4'(15 - x), K5[32*(63 - u) +: 32]};
    end
  endfunction
  localparam logic [PASSES*43-1:0] PLANS = plans();

  // of the four functions, the first's lowest
  localparam logic [19:0] ROLS = (INDEX % 4 == 0) ? {5'd6, 5'd4, 5'd5, 5'd7} : (INDEX % 4 == 1) ? {5'd10, 5'd11, 5'd9, 5'd12}
                                 : (INDEX % 4 == 2) ? {5'd15, 5'd16, 5'd14, 5'd17} : {5'd21, 5'd23, 5'd20, 5'd22};
  logic [42:0] plan;
  logic [31:0] b, c, d, f, added, turned, word;
  always_comb begin
    {plan, b, c, d, f, added, turned, word} = '0;
    if (valid_i) begin
      plan      = PLANS[pass_i*43 +: 43];
      {b, c, d} = regs_i;
      case (plan[42:41])
        2'd0:    f = (b & c) | (~b & d);
        2'd1:    f = (b & d) | (c & ~d);
        2'd2:    f = b ^ c ^ d;
        default: f = c ^ (b | ~d);
      endcase
      added  = sum_i + f;
      if (STAGES % 4 == 0)                      // the amounts follow the function
        case (plan[42:41])
          2'd0:    turned = (added << ROLS[4:0])   | (added >> (6'd32 - {1'b0, ROLS[4:0]}));
          2'd1:    turned = (added << ROLS[9:5])   | (added >> (6'd32 - {1'b0, ROLS[9:5]}));
          2'd2:    turned = (added << ROLS[14:10]) | (added >> (6'd32 - {1'b0, ROLS[14:10]}));
          default: turned = (added << ROLS[19:15]) | (added >> (6'd32 - {1'b0, ROLS[19:15]}));
        endcase
      else
        turned = (added << plan[40:36]) | (added >> (6'd32 - {1'b0, plan[40:36]}));
      word   = words_i[{plan[35:32], 5'd0} +: 32];
    end
  end
  always_ff @(posedge clk_i)
    if (wipe_i) begin
      regs_o <= '0;
      sum_o  <= '0;
    end else if (valid_i) begin
      regs_o  <= {regs_i[95:64] + turned, regs_i[95:32]};
      sum_o   <= regs_i[31:0] + plan[31:0] + word;
      words_o <= words_i;
    end
endmodule
