// SPDX-License-Identifier: BSD-2-Clause-Patent
// Makes an output frame's header from the received one: frame[0 +: keep], its type and its IP header rewritten if asked, then ins.
// The checksum of a rewritten IPv4 header is computed over all of it (RFC 791 §3.1). In three steps, which the owner times:
//
//   take1: fields rewritten | take2: ins laid behind, the IP header's words summed | head_o: the checksum put in
module emit_head (
  input  logic                              clk_i,
  input  logic                              take1_i,   // the inputs are taken
  input  logic                              take2_i,   // and go on to the second step
  input  logic [path_pkg::RAW_BITS-1:0]     raw_i,
  input  logic [6:0]                        keep_i,
  input  logic                              edit_i,
  input  logic                              edit_v6_i,
  input  logic [15:0]                       edit_bytes_i,
  input  logic [7:0]                        edit_proto_i,
  input  logic [6:0]                        nh_off_i,
  input  logic                              set_type_i,
  input  logic                              type_v6_i,
  input  logic [6:0]                        l3_off_i,  // 14, 18 or 22, if any of the above
  input  logic [5:0]                        l3_head_bytes_i,
  input  logic [path_pkg::INS_BITS-1:0]     ins_i,
  input  logic [path_pkg::ICV_BITS-1:0]     ah_icv_i,  // goes into ins at ah_at
  input  logic [6:0]                        ah_at_i,
  output logic [8*path_pkg::HEAD_BYTES-1:0] head_o
);
  localparam int unsigned BITS = 8 * path_pkg::HEAD_BYTES;
  localparam int unsigned WORDS = 30;           // of 16 bits: the longest IPv4 header
  localparam logic [15:0] TYPE_V4 = 16'h0008;   // first byte in bits 7:0
  localparam logic [15:0] TYPE_V6 = 16'hdd86;

  // ---- rewrite
  logic [2:0]      at;           // where layer 3 begins: 14, 18, 22
  logic [15:0]     ethertype, length;
  logic [BITS-1:0] kept, kept_q;
  logic [path_pkg::INS_BITS-1:0] ins, ins_q;
  assign ethertype = type_v6_i ? TYPE_V6 : TYPE_V4;
  assign length    = {edit_bytes_i[7:0], edit_bytes_i[15:8]};
  assign at        = {l3_off_i == 7'd22, l3_off_i == 7'd18, l3_off_i == 7'd14};

  always_comb begin
    kept = '0;
    ins  = '0;
    if (take1_i) begin
      kept = BITS'(raw_i);
      ins  = ins_i | (path_pkg::INS_BITS'(ah_icv_i) << {ah_at_i, 3'b0});
      if (edit_i)
        for (int i = 0; i < path_pkg::HEAD_BYTES; i++)
          if (nh_off_i == 7'(i)) kept[8*i +: 8] = edit_proto_i;
      for (int k = 0; k < 3; k++)
        if (at[k]) begin
          if (set_type_i) kept[8*(12 + 4*k) +: 16] = ethertype;
          if (edit_i && edit_v6_i) kept[8*(18 + 4*k) +: 16] = length;
          if (edit_i && !edit_v6_i) begin
            kept[8*(16 + 4*k) +: 16] = length;
            kept[8*(24 + 4*k) +: 16] = '0;
          end
        end
    end
  end

  logic [6:0] keep_q;
  logic [2:0] at_q;
  logic [5:0] l3_head_bytes_q;
  logic       sums_q, sums2_q;
  always_ff @(posedge clk_i)
    if (take1_i) begin
      kept_q          <= kept;
      ins_q           <= ins;
      keep_q          <= keep_i;
      at_q            <= at;
      l3_head_bytes_q <= l3_head_bytes_i;
      sums_q          <= edit_i && !edit_v6_i;
    end

  // ---- lay behind; sum in four parts
  logic [BITS-1:0]     head, head_q;
  logic [16*WORDS-1:0] l3;
  logic [18:0]         part0, part1, part2, part3, part0_q, part1_q, part2_q, part3_q;
  logic [2:0]          at2_q;
  always_comb begin
    head = '0;
    l3   = '0;
    {part0, part1, part2, part3} = '0;
    if (take2_i) begin
      head = (kept_q & ~({BITS{1'b1}} << {keep_q, 3'b0})) | (BITS'(ins_q) << {keep_q, 3'b0});
      if (sums_q) begin
        for (int k = 0; k < 3; k++)
          if (at_q[k]) l3 = kept_q[8*(14 + 4*k) +: 16*WORDS];
        for (int i = 0; i < WORDS; i++)
          if (2 * i >= 32'(l3_head_bytes_q)) l3[16*i +: 16] = '0;
        for (int i = 0; i < 8; i++) begin
          part0 = part0 + {3'b0, l3[16*i +: 8], l3[16*i + 8 +: 8]};
          part1 = part1 + {3'b0, l3[16*i + 128 +: 8], l3[16*i + 136 +: 8]};
          part2 = part2 + {3'b0, l3[16*i + 256 +: 8], l3[16*i + 264 +: 8]};
          if (i < 6) part3 = part3 + {3'b0, l3[16*i + 384 +: 8], l3[16*i + 392 +: 8]};
        end
      end
    end
  end
  always_ff @(posedge clk_i)
    if (take2_i) begin
      head_q  <= head;
      at2_q   <= at_q;
      sums2_q <= sums_q;
      if (sums_q) {part0_q, part1_q, part2_q, part3_q} <= {part0, part1, part2, part3};
    end

  // ---- the checksum
  logic [20:0] sum;
  logic [16:0] folded;
  logic [15:0] checksum;
  always_comb begin
    sum      = {2'b0, part0_q} + {2'b0, part1_q} + {2'b0, part2_q} + {2'b0, part3_q};
    folded   = {1'b0, sum[15:0]} + 17'(sum[20:16]);
    checksum = ~(folded[15:0] + 16'(folded[16]));
    head_o   = head_q;
    for (int k = 0; k < 3; k++)
      if (sums2_q && at2_q[k]) head_o[8*(24 + 4*k) +: 16] = {checksum[7:0], checksum[15:8]};
  end
endmodule
