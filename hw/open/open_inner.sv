// SPDX-License-Identifier: BSD-2-Clause-Patent
// Reads what an opened body says: padding, next header, and the selectors of the packet inside (RFC 4303 §3.4.4.1, RFC 4301
// §4.4.1.1). Combinational. What is wrong first, is the reason.
module open_inner (
  input  logic                valid_i,     // only spends simulation time on it if 1
  input  path_pkg::check_t    check_i,
  input  logic [16:0]         trailer_i,   // {padding is right, its length, next header}
  input  logic [639:0]        body_i,      // first 80 bytes
  input  logic [5:0]          l3_head_bytes_i,
  input  logic [1023:0]       local_addr_i,
  input  logic [7:0]          local_v4_i,
  output logic [7:0]          reason_o,
  output adit_pkg::sp_key_t   key_o,       // in the outbound sense
  output logic                is_local_o,  // for one of LOCAL_ADDR
  output logic [15:0]         take_bytes_o, // of the text that leave
  output logic [15:0]         ip_bytes_o   // total length of the packet that leaves
);
  logic [511:0] text;        // after the IV
  logic         pad_ok, is_later, has_ports;
  logic [7:0]   pad_bytes, next_header, proto;
  logic [15:0]  payload_bytes, total, head_bytes, l4_bytes;
  logic [3:0]   ihl;
  logic [31:0]  ports;
  logic [127:0] src, dst;

  always_comb begin
    text = check_i.iv_bytes == '0 ? body_i[511:0] : body_i[639:128];
    {pad_ok, pad_bytes, next_header} = trailer_i;
    payload_bytes = check_i.n_bytes - 16'd2 - 16'(pad_bytes);

    reason_o     = adit_reg_pkg::REASON_NONE;
    ihl          = text[3:0];
    head_bytes   = {10'b0, ihl, 2'b0};
    total        = {text[23:16], text[31:24]};
    ports        = text[31:0];
    proto        = next_header;
    src          = check_i.src;
    dst          = check_i.dst;
    is_later     = 1'b0;
    l4_bytes     = payload_bytes;
    take_bytes_o = payload_bytes;
    ip_bytes_o   = 16'(l3_head_bytes_i) + payload_bytes;
    if (check_i.is_tunnel) begin
      proto        = text[79:72];
      src          = {96'b0, text[103:96], text[111:104], text[119:112], text[127:120]};
      dst          = {96'b0, text[135:128], text[143:136], text[151:144], text[159:152]};
      is_later     = {text[52:48], text[63:56]} != '0;
      l4_bytes     = total - head_bytes;
      take_bytes_o = total;
      ip_bytes_o   = total;
      for (int i = 5; i < 16; i++) if (ihl == 4'(i)) ports = text[32*i +: 32];
    end
    has_ports = (proto == 8'd6 || proto == 8'd17 || proto == 8'd33 || proto == 8'd132 || proto == 8'd136) && !is_later &&
                l4_bytes >= 16'd4;

    if (valid_i) begin
      if (!pad_ok || 16'(pad_bytes) + 16'd2 > check_i.n_bytes)
        reason_o = adit_reg_pkg::REASON_InPadding;
      else if (next_header == 8'd59)               // RFC 4303 §2.6
        reason_o = adit_reg_pkg::REASON_InDummy;
      else if (check_i.is_tunnel && next_header != 8'd4)
        reason_o = adit_reg_pkg::REASON_InNextHeader;
      else if (check_i.is_tunnel && (payload_bytes < 16'd20 || text[7:4] != 4'd4 || ihl < 4'd5 || total < head_bytes ||
                                     total > payload_bytes))
        reason_o = adit_reg_pkg::REASON_RxIpHeader;
    end

    is_local_o = 1'b0;
    for (int n = 0; n < 8; n++)
      if (local_v4_i[n] && dst == local_addr_i[128*n +: 128]) is_local_o = 1'b1;

    // Rules stand in the outbound sense: source and destination change places.
    key_o.is_v6     = 1'b0;
    key_o.has_ports = has_ports;
    key_o.proto     = proto;
    key_o.src       = dst;
    key_o.dst       = src;
    key_o.sport     = has_ports ? {ports[23:16], ports[31:24]} : '0;
    key_o.dport     = has_ports ? {ports[7:0], ports[15:8]} : '0;
  end
endmodule
