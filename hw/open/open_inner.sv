// SPDX-License-Identifier: BSD-2-Clause-Patent
// Reads what an opened body says: padding, next header, the selectors of the packet inside, and what ECN makes of its header
// (RFC 4303 §3.4.4.1, RFC 4301 §4.4.1.1, RFC 6040 §4.2). What is wrong first, is the reason.
//
//   tunnel      body | IV | IP header, extension headers | ports ...          selectors: all of it
//   transport   body | IV | (extension headers) | ports ...                   selectors: addresses of the outer header
//
// Two cycles a packet and two more for each extension header: read, then judge. The record stands still from valid_i until take_i.
module open_inner (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                valid_i,
  input  path_pkg::check_t    check_i,
  input  logic [16:0]         trailer_i,   // {padding is right, its length, next header}
  input  logic [1023:0]       body_i,      // first 128 bytes
  input  logic [15:0]         l3_head_bytes_i, // of the outer IP header, with options or extension headers
  input  logic [1023:0]       local_addr_i,
  input  logic [7:0]          local_v4_i,
  input  logic [7:0]          local_v6_i,
  output logic                done_o,      // what follows counts
  input  logic                take_i,      // done or not: the next record may come
  output logic [7:0]          reason_o,
  output adit_pkg::sp_key_t   key_o,       // in the outbound sense
  output logic [7:0]          next_header_o,
  output logic                is_v6_o,     // family of what leaves
  output logic                is_local_o,  // for one of LOCAL_ADDR
  output logic [15:0]         take_bytes_o, // of the text that leave
  output logic [15:0]         ip_bytes_o,  // length of the IP packet that leaves
  output logic [3:0]          new_bytes_o, // so many first bytes of the text leave changed, like this:
  output logic [95:0]         new_o
);
  localparam int unsigned REACH    = 112;  // bytes of the text that can be seen
  localparam int unsigned MOST_EXT = 4;

  // ---- read: what every packet has
  logic [895:0] text;        // after the IV
  logic         pad_ok, is_v6, is_sound;
  logic [7:0]   pad_bytes, next_header, reason, proto;
  logic [15:0]  payload_bytes, total, v6_bytes;
  logic [6:0]   l4_at;       // where what stands behind the IP header begins
  logic [31:0]  l4_here;     // the four bytes there
  logic [127:0] src, dst;

  always_comb begin
    text = '0;
    if (valid_i) text = check_i.text_off == '0 ? body_i[895:0] : body_i[1023:128];
    {pad_ok, pad_bytes, next_header} = trailer_i;
    payload_bytes = check_i.n_bytes - 16'd2 - 16'(pad_bytes);
    if (!check_i.has_esp) begin
      pad_ok        = 1'b1;
      pad_bytes     = '0;
      next_header   = check_i.ah_next;
      payload_bytes = check_i.n_bytes;
    end

    is_v6    = check_i.is_v6;
    proto    = next_header;
    src      = check_i.src;
    dst      = check_i.dst;
    total    = payload_bytes;
    v6_bytes = {text[39:32], text[47:40]};
    l4_at    = '0;
    l4_here  = text[31:0];
    is_sound = 1'b1;
    if (check_i.is_tunnel) begin
      is_v6 = next_header == 8'd41;
      if (is_v6) begin
        proto    = text[55:48];
        l4_at    = 7'd40;
        l4_here  = text[320 +: 32];
        total    = v6_bytes + 16'd40;
        is_sound = payload_bytes >= 16'd40 && text[7:4] == 4'd6 && v6_bytes <= payload_bytes - 16'd40 &&
                   (v6_bytes != '0 || proto == 8'd59);
        for (int i = 0; i < 16; i++) begin
          src[120 - 8*i +: 8] = text[64 + 8*i +: 8];
          dst[120 - 8*i +: 8] = text[192 + 8*i +: 8];
        end
      end else begin
        proto    = text[79:72];
        l4_at    = {1'b0, text[3:0], 2'b0};
        l4_here  = '0;
        for (int i = 5; i < 16; i++)
          if (text[3:0] == 4'(i)) l4_here = text[32*i +: 32];
        total    = {text[23:16], text[31:24]};
        is_sound = payload_bytes >= 16'd20 && text[7:4] == 4'd4 && text[3:0] >= 4'd5 && total >= 16'(l4_at) &&
                   total <= payload_bytes;
        src      = {96'b0, text[103:96], text[111:104], text[119:112], text[127:120]};
        dst      = {96'b0, text[135:128], text[143:136], text[151:144], text[159:152]};
      end
    end

    reason = adit_reg_pkg::REASON_NONE;
    if (check_i.has_esp && (!pad_ok || 16'(pad_bytes) + 16'd2 > check_i.n_bytes))
      reason = adit_reg_pkg::REASON_InPadding;
    else if (next_header == 8'd59)               // RFC 4303 §2.6
      reason = adit_reg_pkg::REASON_InDummy;
    else if (check_i.is_tunnel && next_header != 8'd4 && next_header != 8'd41)
      reason = adit_reg_pkg::REASON_InNextHeader;
    else if (!is_sound)
      reason = adit_reg_pkg::REASON_RxIpHeader;
  end

  // ---- judge: IPv6 extension headers (RFC 8200 §4), then what stands behind them
  logic         is_read_q, is_apart_q;   // the record is read; but of the next extension header the bytes not yet
  logic         is_v6_q, later_q, is_far_q, later_at, is_ext, goes_on, is_lost;
  logic [2:0]   n_q;
  logic [6:0]   at_q;        // where we are in the text
  logic [7:0]   reason_q, nh_q;
  logic [15:0]  total_q, left_q;
  logic [11:0]  ext_bytes;
  logic [31:0]  here_q;      // the four bytes at at_q
  logic [127:0] src_q, dst_q;

  always_comb begin
    is_ext     = is_v6_q && !later_q && (nh_q == 8'd0 || nh_q == 8'd43 || nh_q == 8'd44 || nh_q == 8'd60);
    ext_bytes  = nh_q == 8'd44 ? 12'd8 : {1'b0, here_q[15:8], 3'b0} + 12'd8;
    later_at   = nh_q == 8'd44 && {here_q[23:16], here_q[31:27]} != '0;
    // Seen are only headers that end within reach; later ones show no more than that they are there.
    is_lost    = is_ext && (n_q == 3'(MOST_EXT) || 16'(ext_bytes) > left_q || 12'(at_q) + ext_bytes > 12'(REACH));
    goes_on    = reason_q == adit_reg_pkg::REASON_NONE && is_ext && !is_lost;
  end
  assign done_o = valid_i && is_read_q && !is_apart_q && !goes_on;

  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni)      {is_read_q, is_apart_q} <= 2'b00;
    else if (take_i)  {is_read_q, is_apart_q} <= 2'b00;
    else if (valid_i) {is_read_q, is_apart_q} <= {1'b1, is_read_q && !is_apart_q && goes_on};
  always_ff @(posedge clk_i)
    if (valid_i && !is_read_q) begin
      is_v6_q  <= is_v6;
      reason_q <= reason;
      total_q  <= total;
      is_far_q <= total > 16'(REACH);
      left_q   <= total - 16'(l4_at);
      src_q    <= src;
      dst_q    <= dst;
      at_q     <= l4_at;
      here_q   <= l4_here;
      nh_q     <= proto;
      n_q      <= '0;
      later_q  <= check_i.is_tunnel && !is_v6 && {text[52:48], text[63:56]} != '0;
    end else if (valid_i && is_apart_q) begin
      here_q   <= 32'(text >> {at_q, 3'b0});
    end else if (valid_i && goes_on) begin
      at_q     <= at_q + ext_bytes[6:0];
      left_q   <= left_q - 16'(ext_bytes);
      nh_q     <= here_q[7:0];
      n_q      <= n_q + 3'd1;
      later_q  <= later_at;
    end

  // ---- behind them: ports, or type and code; as deep as parse looks into a frame. What the packet does not have need not be seen.
  logic       is_icmp, is_port_proto, has_ports, is_out_of_reach;
  logic [6:0] look_ah;

  always_comb begin
    is_icmp       = nh_q == (is_v6_q ? 8'd58 : 8'd1);
    is_port_proto = nh_q == 8'd6 || nh_q == 8'd17 || nh_q == 8'd33 || nh_q == 8'd132 || nh_q == 8'd136;
    has_ports     = !later_q && ((is_port_proto && left_q >= 16'd4) || (is_icmp && left_q >= 16'd2));
    look_ah       = (here_q[15:8] >= 8'd10 ? 7'd48 : {1'b0, here_q[11:8], 2'b0} + 7'd8) +
                    (here_q[7:0] == adit_reg_pkg::PROTO_ESP ? 7'd8 : 7'd0);
    is_out_of_reach = 1'b0;
    if (is_far_q && !later_q) begin
      if (nh_q == 8'd17 && here_q[31:16] == 16'h9411)                  // port 4500: UDP and ESP headers
        is_out_of_reach = at_q > 7'(REACH - 16);
      else if (is_port_proto)                                          is_out_of_reach = at_q > 7'(REACH - 4);
      else if (is_icmp)                                                is_out_of_reach = at_q > 7'(REACH - 2);
      else if (nh_q == adit_reg_pkg::PROTO_ESP)                        is_out_of_reach = at_q > 7'(REACH - 8);
      else if (nh_q == adit_reg_pkg::PROTO_AH && left_q >= 16'd2)      is_out_of_reach = 8'(at_q) + 8'(look_ah) > 8'(REACH);
    end
  end

  // ---- ECN (RFC 6040 §4.2). Of IPv4 the first 12 bytes change, the checksum by what changed (RFC 1624); of IPv6 the first 2
  localparam logic [1:0] NOT_ECT = 2'b00, ECT_1 = 2'b01, ECT_0 = 2'b10, CE = 2'b11;
  logic [1:0]  ecn, new_ecn;
  logic [17:0] sum;
  logic [16:0] folded;
  logic [15:0] checksum;
  always_comb begin
    ecn     = is_v6_q ? text[13:12] : text[9:8];
    new_ecn = ecn;
    if (ecn != NOT_ECT && check_i.ecn == CE)         new_ecn = CE;
    else if (ecn == ECT_0 && check_i.ecn == ECT_1)   new_ecn = ECT_1;
    sum      = {2'b0, ~{text[87:80], text[95:88]}} + {2'b0, ~{text[7:0], text[15:8]}} + {2'b0, text[7:0], text[15:10], new_ecn};
    folded   = {1'b0, sum[15:0]} + 17'(sum[17:16]);
    checksum = ~(folded[15:0] + 16'(folded[16]));
    new_bytes_o = '0;
    new_o       = '0;
    if (check_i.is_tunnel && new_ecn != ecn) begin
      if (is_v6_q) begin
        new_bytes_o = 4'd2;
        new_o       = {80'b0, text[15:14], new_ecn, text[11:0]};
      end else begin
        new_bytes_o = 4'd12;
        new_o       = {checksum[7:0], checksum[15:8], text[79:10], new_ecn, text[7:0]};
      end
    end
  end

  // ---- all of it
  always_comb begin
    reason_o = reason_q;
    if (reason_q == adit_reg_pkg::REASON_NONE) begin
      if (is_lost || is_out_of_reach)
        reason_o = adit_reg_pkg::REASON_RxExtHeaders;
      else if (check_i.is_tunnel && ecn == NOT_ECT && check_i.ecn == CE)
        reason_o = adit_reg_pkg::REASON_InEcn;
    end
    next_header_o = next_header;
    is_v6_o       = is_v6_q;
    take_bytes_o  = total_q;
    ip_bytes_o    = check_i.is_tunnel ? total_q : l3_head_bytes_i + total_q;

    is_local_o = 1'b0;
    for (int i = 0; i < 8; i++)
      if ((is_v6_q ? local_v6_i[i] : local_v4_i[i]) && dst_q == local_addr_i[128*i +: 128]) is_local_o = 1'b1;

    // Rules stand in the outbound sense: source and destination change places; ICMP's type and code do not.
    key_o.is_v6     = is_v6_q;
    key_o.has_ports = has_ports;
    key_o.no_ports  = later_q || ((is_port_proto || is_icmp) && !has_ports);
    key_o.proto     = nh_q;
    key_o.src       = dst_q;
    key_o.dst       = src_q;
    key_o.sport     = '0;
    key_o.dport     = '0;
    if (has_ports && is_icmp) begin
      key_o.sport = {8'b0, here_q[7:0]};
      key_o.dport = {8'b0, here_q[15:8]};
    end else if (has_ports) begin
      key_o.sport = {here_q[23:16], here_q[31:24]};
      key_o.dport = {here_q[7:0], here_q[15:8]};
    end
  end
endmodule
