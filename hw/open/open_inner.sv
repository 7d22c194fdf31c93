// SPDX-License-Identifier: BSD-2-Clause-Patent
// Reads what an opened body says: padding, next header, the selectors of the packet inside, and what ECN makes of its header
// (RFC 4303 §3.4.4.1, RFC 4301 §4.4.1.1, RFC 6040 §4.2). What is wrong first, is the reason.
//
//   tunnel      body | IV | IP header, extension headers | ports ...          selectors: all of it
//   transport   body | IV | (extension headers) | ports ...                   selectors: addresses of the outer header
//
// One cycle a packet and one more for each extension header. The record stands still from valid_i until done_o && take_i.
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
  input  logic                take_i,
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

  // ---- what every packet has
  logic [895:0] text;        // after the IV
  logic         pad_ok, is_v6, is_sound;
  logic [7:0]   pad_bytes, next_header, reason, proto;
  logic [15:0]  payload_bytes, total, v6_bytes;
  logic [6:0]   l4_at;       // where what stands behind the IP header begins
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
    is_sound = 1'b1;
    if (check_i.is_tunnel) begin
      is_v6 = next_header == 8'd41;
      if (is_v6) begin
        proto    = text[55:48];
        l4_at    = 7'd40;
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

  // ---- IPv6 extension headers, one a cycle (RFC 8200 §4)
  logic         walks_q, later_q, later, later_at, is_ext, goes_on, is_lost;
  logic [2:0]   n_q, n;
  logic [6:0]   at_q, at;
  logic [7:0]   nh_q, nh;
  logic [15:0]  left_bytes;
  logic [11:0]  ext_bytes;
  logic [31:0]  here;        // the four bytes at `at`

  always_comb begin
    at         = walks_q ? at_q : l4_at;
    nh         = walks_q ? nh_q : proto;
    n          = walks_q ? n_q : '0;
    later      = walks_q ? later_q : check_i.is_tunnel && !is_v6 && {text[52:48], text[63:56]} != '0;
    left_bytes = total - 16'(at);
    here       = '0;
    if (valid_i) here = 32'(text >> {at, 3'b0});
    is_ext     = is_v6 && !later && (nh == 8'd0 || nh == 8'd43 || nh == 8'd44 || nh == 8'd60);
    ext_bytes  = nh == 8'd44 ? 12'd8 : {1'b0, here[15:8], 3'b0} + 12'd8;
    later_at   = nh == 8'd44 && {here[23:16], here[31:27]} != '0;
    // Seen are only headers that end within reach; later ones show no more than that they are there.
    is_lost    = is_ext && (n == 3'(MOST_EXT) || 16'(ext_bytes) > left_bytes || 12'(at) + ext_bytes > 12'(REACH));
    goes_on    = valid_i && reason == adit_reg_pkg::REASON_NONE && is_ext && !is_lost;
  end
  assign done_o = valid_i && !goes_on;

  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni)                walks_q <= 1'b0;
    else if (goes_on)           walks_q <= 1'b1;
    else if (done_o && take_i)  walks_q <= 1'b0;
  always_ff @(posedge clk_i)
    if (goes_on) begin
      at_q    <= at + ext_bytes[6:0];
      nh_q    <= here[7:0];
      n_q     <= n + 3'd1;
      later_q <= later_at;
    end

  // ---- behind them: ports, or type and code; as deep as parse looks into a frame
  logic       is_icmp, is_port_proto, has_ports;
  logic [6:0] look, look_ah;

  always_comb begin
    is_icmp       = nh == (is_v6 ? 8'd58 : 8'd1);
    is_port_proto = nh == 8'd6 || nh == 8'd17 || nh == 8'd33 || nh == 8'd132 || nh == 8'd136;
    has_ports     = !later && ((is_port_proto && left_bytes >= 16'd4) || (is_icmp && left_bytes >= 16'd2));
    look_ah       = here[15:8] >= 8'd10 ? 7'd48 : {1'b0, here[11:8], 2'b0} + 7'd8;
    look          = '0;
    if (later)                                                       look = '0;
    else if (nh == 8'd17 && has_ports && here[31:16] == 16'h9411)    look = 7'd16;  // port 4500: UDP and ESP headers
    else if (is_port_proto)                                          look = 7'd4;
    else if (is_icmp)                                                look = 7'd2;
    else if (nh == adit_reg_pkg::PROTO_ESP)                          look = 7'd8;
    else if (nh == adit_reg_pkg::PROTO_AH && left_bytes >= 16'd2)
      look = look_ah + (here[7:0] == adit_reg_pkg::PROTO_ESP ? 7'd8 : 7'd0);
    if (16'(look) > left_bytes) look = left_bytes[6:0];
  end

  // ---- ECN (RFC 6040 §4.2). Of IPv4 the first 12 bytes change, the checksum by what changed (RFC 1624); of IPv6 the first 2
  localparam logic [1:0] NOT_ECT = 2'b00, ECT_1 = 2'b01, ECT_0 = 2'b10, CE = 2'b11;
  logic [1:0]  ecn, new_ecn;
  logic [17:0] sum;
  logic [16:0] folded;
  logic [15:0] checksum;
  always_comb begin
    ecn     = is_v6 ? text[13:12] : text[9:8];
    new_ecn = ecn;
    if (ecn != NOT_ECT && check_i.ecn == CE)         new_ecn = CE;
    else if (ecn == ECT_0 && check_i.ecn == ECT_1)   new_ecn = ECT_1;
    sum      = {2'b0, ~{text[87:80], text[95:88]}} + {2'b0, ~{text[7:0], text[15:8]}} + {2'b0, text[7:0], text[15:10], new_ecn};
    folded   = {1'b0, sum[15:0]} + 17'(sum[17:16]);
    checksum = ~(folded[15:0] + 16'(folded[16]));
    new_bytes_o = '0;
    new_o       = '0;
    if (check_i.is_tunnel && new_ecn != ecn) begin
      if (is_v6) begin
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
    reason_o = reason;
    if (reason == adit_reg_pkg::REASON_NONE) begin
      if (is_lost || 8'(at) + 8'(look) > 8'(REACH))
        reason_o = adit_reg_pkg::REASON_RxExtHeaders;
      else if (check_i.is_tunnel && ecn == NOT_ECT && check_i.ecn == CE)
        reason_o = adit_reg_pkg::REASON_InEcn;
    end
    next_header_o = next_header;
    is_v6_o       = is_v6;
    take_bytes_o  = total;
    ip_bytes_o    = check_i.is_tunnel ? total : l3_head_bytes_i + payload_bytes;

    is_local_o = 1'b0;
    for (int i = 0; i < 8; i++)
      if ((is_v6 ? local_v6_i[i] : local_v4_i[i]) && dst == local_addr_i[128*i +: 128]) is_local_o = 1'b1;

    // Rules stand in the outbound sense: source and destination change places; ICMP's type and code do not.
    key_o.is_v6     = is_v6;
    key_o.has_ports = has_ports;
    key_o.no_ports  = later || ((is_port_proto || is_icmp) && !has_ports);
    key_o.proto     = nh;
    key_o.src       = dst;
    key_o.dst       = src;
    key_o.sport     = '0;
    key_o.dport     = '0;
    if (has_ports && is_icmp) begin
      key_o.sport = {8'b0, here[7:0]};
      key_o.dport = {8'b0, here[15:8]};
    end else if (has_ports) begin
      key_o.sport = {here[23:16], here[31:24]};
      key_o.dport = {here[7:0], here[15:8]};
    end
  end
endmodule
