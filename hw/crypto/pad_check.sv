// SPDX-License-Identifier: BSD-2-Clause-Patent
// Judges the padding of opened packets (1, 2, 3, …: RFC 4303 section 2.4) as their words go by, and answers at the last.
// Words of a lane come in order, those of many lanes mixed; one a cycle, nothing waits.
//
// A ramp that ends in the value v at byte e is right if each of its bytes but the first is one more than the byte before it, for
// then its first is 1. So a word tells byte by byte whether it climbs (p1), how far down it must (p2), and, when the ramp began
// in an earlier word, whether one ended there in the value before its own first.
module pad_check #(
  parameter int unsigned LANE_BITS = 3
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,
  input  logic                 word_valid_i,
  input  logic [511:0]         word_i,       // first byte lowest; zero past the last
  input  logic [LANE_BITS-1:0] lane_i,
  input  logic                 empty_i,      // no word: an answer alone
  input  logic                 first_i,
  input  logic                 last_i,
  input  logic [5:0]           last_byte_i,  // of a last word: next header; before it the number of padding bytes
  input  logic [9:0]           ticket_i,
  input  logic [127:0]         mask_i,
  output logic                 done_valid_o, // three cycles after a last word
  output logic [154:0]         done_o,       // cipher_done_t
  output logic                 busy_o
);
  // ---- p1: what climbs; where the ramp would end, and in what
  logic [5:0]           end_byte;
  logic                 p1_valid_q, p1_last_q, p1_first_q, p1_empty_q;
  logic [63:0]          p1_climbs_q;     // byte i is byte i-1 and one
  logic [5:0]           p1_end_q;
  logic [7:0]           p1_value_q, p1_pad_bytes_q, p1_next_header_q;
  logic [LANE_BITS-1:0] p1_lane_q;
  logic [9:0]           p1_ticket_q;
  logic [127:0]         p1_mask_q;
  assign end_byte = !last_i ? 6'd63 : (last_byte_i < 6'd2) ? 6'd0 : last_byte_i - 6'd2;
  always_ff @(posedge clk_i)
    if (word_valid_i) begin
      for (int i = 1; i < 64; i++) p1_climbs_q[i] <= word_i[8*i +: 8] == word_i[8*i-8 +: 8] + 8'd1;
      p1_climbs_q[0]   <= 1'b0;
      p1_end_q         <= end_byte;
      p1_value_q       <= word_i[{end_byte, 3'd0} +: 8];
      p1_pad_bytes_q   <= (empty_i || last_byte_i == '0) ? 8'd0 : word_i[{last_byte_i - 6'd1, 3'd0} +: 8];
      p1_next_header_q <= empty_i ? 8'd0 : word_i[{last_byte_i, 3'd0} +: 8];
      {p1_last_q, p1_first_q, p1_empty_q, p1_lane_q, p1_ticket_q, p1_mask_q} <=
        {last_i, first_i, empty_i, lane_i, ticket_i, mask_i};
    end

  // ---- p2: how far the ramp goes down
  logic                 p2_valid_q, p2_last_q, p2_first_q, p2_empty_q, p2_before_q;
  logic [63:0]          p2_climbs_q;
  logic [5:0]           p2_end_q;
  logic [6:0]           p2_from_q;             // bytes from .. end must climb
  logic [7:0]           p2_value_q, p2_outside_q, p2_pad_bytes_q, p2_next_header_q;
  logic [8:0]           outside;               // bytes of the ramp in the word before, if not negative
  logic [LANE_BITS-1:0] p2_lane_q;
  logic [9:0]           p2_ticket_q;
  logic [127:0]         p2_mask_q;
  always_comb begin
    outside = '0;
    if (p1_valid_q) outside = {1'b0, p1_value_q} - 9'(p1_end_q) - 9'd1;
  end
  always_ff @(posedge clk_i)
    if (p1_valid_q) begin
      p2_before_q  <= !outside[8] && outside != '0;
      p2_outside_q <= outside[7:0];
      p2_from_q    <= outside[8] ? 7'd1 - outside[6:0] : 7'd1;
      p2_climbs_q  <= p1_climbs_q;
      {p2_last_q, p2_first_q, p2_empty_q, p2_lane_q, p2_ticket_q, p2_mask_q, p2_end_q, p2_value_q, p2_pad_bytes_q, p2_next_header_q} <=
        {p1_last_q, p1_first_q, p1_empty_q, p1_lane_q, p1_ticket_q, p1_mask_q, p1_end_q, p1_value_q, p1_pad_bytes_q, p1_next_header_q};
    end

  // ---- p3: does it
  logic                 p3_last_q;
  logic [7:0]           p3_run_q, p3_pad_bytes_q, p3_next_header_q;
  logic                 p3_empty_q;
  logic [9:0]           p3_ticket_q;
  logic [127:0]         p3_mask_q;
  logic [7:0]           run_q [0:2**LANE_BITS-1];  // how long a ramp ended with the lane's word before; 0: none did
  logic [7:0]           run_before, run;
  logic                 holds;
  always_comb begin
    run_before = '0;
    holds      = 1'b0;
    run        = '0;
    if (p2_valid_q) begin
      run_before = p2_first_q ? 8'd0 : run_q[p2_lane_q];
      holds      = !p2_before_q || run_before == p2_outside_q;
      for (int i = 1; i < 64; i++)
        if (7'(i) >= p2_from_q && 6'(i) <= p2_end_q && !p2_climbs_q[i]) holds = 1'b0;
      run        = holds ? p2_value_q : 8'd0;
    end
  end
  always_ff @(posedge clk_i)
    if (p2_valid_q) begin
      run_q[p2_lane_q] <= run;
      {p3_run_q, p3_empty_q, p3_pad_bytes_q, p3_next_header_q, p3_ticket_q, p3_mask_q} <=
        {run, p2_empty_q, p2_pad_bytes_q, p2_next_header_q, p2_ticket_q, p2_mask_q};
    end
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) begin
      p1_valid_q <= 1'b0;
      p2_valid_q <= 1'b0;
      p3_last_q  <= 1'b0;
    end else begin
      p1_valid_q <= word_valid_i;
      p2_valid_q <= p1_valid_q;
      p3_last_q  <= p2_valid_q && p2_last_q;
    end
  assign done_valid_o = p3_last_q;
  assign done_o       = {p3_ticket_q, p3_pad_bytes_q, p3_next_header_q,
                         p3_empty_q || p3_pad_bytes_q == 8'd0 || p3_run_q == p3_pad_bytes_q, p3_mask_q};
  assign busy_o       = p1_valid_q || p2_valid_q || p3_last_q;
endmodule
