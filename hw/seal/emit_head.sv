// SPDX-License-Identifier: BSD-2-Clause-Patent
// Makes an output frame's header from the received one: frame[0 +: keep], its type and its IP header rewritten if asked, then ins.
// Combinational. The checksum of a rewritten IPv4 header is computed over all of it (RFC 791 §3.1).
module emit_head (
  input  logic                              valid_i,   // only spends simulation time on it if 1
  input  logic [path_pkg::RAW_BITS-1:0]     raw_i,
  input  logic [6:0]                        keep_i,
  input  logic                              edit_i,
  input  logic                              edit_v6_i,
  input  logic [15:0]                       edit_bytes_i,
  input  logic [7:0]                        edit_proto_i,
  input  logic [6:0]                        nh_off_i,
  input  logic                              set_type_i,
  input  logic                              type_v6_i,
  input  logic [6:0]                        l3_off_i,
  input  logic [5:0]                        l3_head_bytes_i,
  input  logic [path_pkg::INS_BITS-1:0]     ins_i,
  output logic [8*path_pkg::HEAD_BYTES-1:0] head_o
);
  localparam int unsigned BITS = 8 * path_pkg::HEAD_BYTES;
  localparam logic [15:0] TYPE_V4 = 16'h0008;   // first byte in bits 7:0
  localparam logic [15:0] TYPE_V6 = 16'hdd86;

  logic [479:0]    l3;     // the kept IP header, 60 bytes at most: of IPv6 only its first 8 are of interest
  logic [BITS-1:0] kept, mask;
  logic [9:0]      l3_bit, type_bit, nh_bit;
  logic [20:0]     sum;
  logic [16:0]     folded;
  logic [15:0]     checksum, ethertype;

  assign l3_bit    = {l3_off_i, 3'b0};
  assign type_bit  = l3_bit - 10'd16;
  assign nh_bit    = {nh_off_i, 3'b0};
  assign ethertype = type_v6_i ? TYPE_V6 : TYPE_V4;

  always_comb begin
    head_o   = '0;
    kept     = '0;
    mask     = '0;
    l3       = '0;
    sum      = '0;
    folded   = '0;
    checksum = '0;
    if (valid_i) begin
      kept = BITS'(raw_i);
      mask = ~({BITS{1'b1}} << {keep_i, 3'b0});
      if (set_type_i)
        kept = (kept & ~(BITS'(16'hffff) << type_bit)) | (BITS'(ethertype) << type_bit);
      if (edit_i) begin
        kept = (kept & ~(BITS'(8'hff) << nh_bit)) | (BITS'(edit_proto_i) << nh_bit);
        l3   = 480'(kept >> l3_bit);
        if (edit_v6_i) begin
          l3[47:32] = {edit_bytes_i[7:0], edit_bytes_i[15:8]};
        end else begin
          l3[31:16] = {edit_bytes_i[7:0], edit_bytes_i[15:8]};
          l3[95:80] = '0;
          for (int i = 0; i < 30; i++)
            if (2 * i < 32'(l3_head_bytes_i)) sum = sum + {5'b0, l3[16*i +: 8], l3[16*i + 8 +: 8]};
          folded    = {1'b0, sum[15:0]} + 17'(sum[20:16]);
          checksum  = ~(folded[15:0] + 16'(folded[16]));
          l3[95:80] = {checksum[7:0], checksum[15:8]};
        end
        kept = (kept & ~(BITS'({480{1'b1}}) << l3_bit)) | (BITS'(l3) << l3_bit);
      end
      head_o = (kept & mask) | (BITS'(ins_i) << {keep_i, 3'b0});
    end
  end
endmodule
