// SPDX-License-Identifier: BSD-2-Clause-Patent
// GHASH (SP 800-38D section 6.4) of one to four blocks: Y' = (Y xor X) * H in GF(2^128), section 6.3, for each in turn.
// A ring of four stages, a trip a block:  split Y xor X and H for Karatsuba │ nine products of 32 terms │ add │ reduce.
// Four tokens are inside at once: one block every cycle. Nothing inside ever waits. What a token came with waits in a
// memory that turns with the ring. While wipe_i is high, never but with the ring empty, all that was made of H or Y is zeroed.
module ghash_ring #(
  parameter int unsigned TAG_BITS = 8,
`ifdef SYNTHESIS
  parameter bit          LEAF     = 1'b1   // see gf_mul
`else
  parameter bit          LEAF     = 1'b0
`endif
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                wipe_i,
  input  logic                in_valid_i,
  output logic                in_ready_o,
  input  logic [511:0]        in_blocks_i,  // first byte on top
  input  logic [1:0]          in_more_i,    // blocks after the first
  input  logic [127:0]        in_state_i,   // Y, first byte on top
  input  logic [127:0]        in_key_i,     // H
  input  logic [TAG_BITS-1:0] in_tag_i,
  output logic                out_valid_o,  // never waits
  output logic [127:0]        out_state_o,
  output logic [TAG_BITS-1:0] out_tag_o
);
  localparam int unsigned STAGES = 4;

  // bit 0 of a byte string is the coefficient of x^0 (section 6.3); in the products it stands lowest
  function automatic logic [127:0] mirror(input logic [127:0] x);
    mirror = '0;
    for (int bit_no = 0; bit_no < 128; bit_no++) mirror[bit_no] = x[127-bit_no];
  endfunction
  // the nine factors of two Karatsuba levels, the first lowest
  function automatic logic [287:0] split(input logic [127:0] x);
    split = {x[31:0] ^ x[63:32] ^ x[95:64] ^ x[127:96], x[63:32] ^ x[127:96], x[31:0] ^ x[95:64],
             x[95:64] ^ x[127:96], x[127:96], x[95:64], x[31:0] ^ x[63:32], x[63:32], x[31:0]};
  endfunction
  function automatic logic [126:0] add3(input logic [62:0] low, input logic [62:0] high, input logic [62:0] both);
    add3 = {high, 64'd0} ^ {64'd0, low} ^ {32'd0, both ^ high ^ low, 32'd0};
  endfunction
  // x^128 = x^7 + x^2 + x + 1
  function automatic logic [127:0] reduce(input logic [254:0] z);
    logic [127:0] t;
    t = {1'b0, z[254:128]};
    t[6:0] = t[6:0] ^ t[127:121] ^ {5'd0, t[127:126]} ^ {6'd0, t[127]};
    reduce = z[127:0] ^ t ^ (t << 1) ^ (t << 2) ^ (t << 7);
  endfunction

  // ---- entry
  logic                enter_valid_q;
  logic [511:0]        enter_blocks_q;
  logic [1:0]          enter_more_q;
  logic [127:0]        enter_state_q, enter_key_q;
  logic [TAG_BITS-1:0] enter_tag_q;
  logic [STAGES-1:0]   valid_q;
  logic [2*STAGES-1:0] left_q;          // blocks left after this trip
  logic                turn, leave, enter;
  assign turn       = valid_q[3] && left_q[7:6] != 2'd0;
  assign leave      = valid_q[3] && left_q[7:6] == 2'd0;
  assign enter      = enter_valid_q && !turn;
  assign in_ready_o = !enter_valid_q || !turn;
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni)         enter_valid_q <= 1'b0;
    else if (in_ready_o) enter_valid_q <= in_valid_i;
  always_ff @(posedge clk_i)
    if (wipe_i) begin
      enter_state_q <= '0;
      enter_key_q   <= '0;
    end else if (in_ready_o && in_valid_i) begin
      enter_blocks_q <= in_blocks_i;
      enter_more_q   <= in_more_i;
      enter_state_q  <= in_state_i;
      enter_key_q    <= in_key_i;
      enter_tag_q    <= in_tag_i;
    end

  // ---- what waits: tag, H mirrored, the blocks after the first
  logic [TAG_BITS+511:0] wait_mem [0:STAGES-1];
  logic [TAG_BITS+511:0] waited;
  logic [1:0]            wait_at_q;
  always_comb begin
    waited = '0;
    if (valid_q[3]) waited = wait_mem[wait_at_q];
  end
  always_ff @(posedge clk_i)
    if (enter || wipe_i) wait_mem[wait_at_q] <= enter ? {enter_tag_q, enter_key_q, enter_blocks_q[383:0]} : '0;
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) wait_at_q <= '0;
    else         wait_at_q <= wait_at_q + 1'b1;

  // Which of the waiting blocks is next: the token knows how many are left, and how many it came with
  logic [2*STAGES-1:0] trip_q;          // trips made
  logic [127:0] y_q, start_y, start_x, start_h;
  always_comb begin
    start_y = '0;
    start_x = '0;
    start_h = '0;
    if (turn) begin
      start_y = y_q;
      case (trip_q[7:6])
        2'd0:    start_x = waited[383:256];
        2'd1:    start_x = waited[255:128];
        default: start_x = waited[127:0];
      endcase
      start_h = waited[511:384];
    end else if (enter_valid_q) begin
      start_y = enter_state_q;
      start_x = enter_blocks_q[511:384];
      start_h = enter_key_q;
    end
  end

  // ---- the stages
  logic [287:0] a_q, b_q;
  logic [575:0] products, products_q;   // of 63 bits each, at multiples of 64
  logic [254:0] sum_q;
  logic [126:0] low, high, both;
  for (genvar i = 0; i < 9; i++) begin : g_mul
    gf_mul #(.W(32), .LEAF(LEAF)) u_mul (.valid_i(valid_q[0]), .a_i(a_q[32*i +: 32]), .b_i(b_q[32*i +: 32]), .p_o(products[64*i +: 63]));
    assign products[64*i+63] = 1'b0;
  end
  always_comb begin
    low  = '0;
    high = '0;
    both = '0;
    if (valid_q[1]) begin
      low  = add3(products_q[62:0], products_q[64 +: 63], products_q[128 +: 63]);
      high = add3(products_q[192 +: 63], products_q[256 +: 63], products_q[320 +: 63]);
      both = add3(products_q[384 +: 63], products_q[448 +: 63], products_q[512 +: 63]);
    end
  end
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) valid_q <= '0;
    else         valid_q <= {valid_q[2:0], turn || enter_valid_q};
  always_ff @(posedge clk_i)
    if (|valid_q || enter_valid_q) begin
      left_q <= {left_q[5:0], turn ? left_q[7:6] - 1'b1 : enter_more_q};
      trip_q <= {trip_q[5:0], turn ? trip_q[7:6] + 1'b1 : 2'd0};
    end
  always_ff @(posedge clk_i) begin
    if (wipe_i) begin
      a_q        <= '0;
      b_q        <= '0;
      products_q <= '0;
      sum_q      <= '0;
      y_q        <= '0;
    end else begin
      if (turn || enter_valid_q) begin
        a_q <= split(mirror(start_y ^ start_x));
        b_q <= split(mirror(start_h));
      end
      if (valid_q[0]) products_q <= products;
      if (valid_q[1]) sum_q <= {high, 128'd0} ^ {64'd0, both ^ high ^ low, 64'd0} ^ {128'd0, low};
      if (valid_q[2]) y_q <= mirror(reduce(sum_q));
    end
  end

  // ---- leaving
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) out_valid_o <= 1'b0;
    else         out_valid_o <= leave;
  always_ff @(posedge clk_i)
    if (wipe_i) begin
      out_state_o <= '0;
    end else if (leave) begin
      out_state_o <= y_q;
      out_tag_o   <= waited[512 +: TAG_BITS];
    end
endmodule
