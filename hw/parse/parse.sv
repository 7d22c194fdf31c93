// SPDX-License-Identifier: BSD-2-Clause-Patent
// Takes a frame in whole and says what it is: Ethernet with up to two VLAN tags, then ARP (RFC 826), IPv4 (RFC 791) or IPv6
// (RFC 8200), then what of the layer above selects policies and SAs. One beat a cycle in and out, one facts a packet; each
// IPv6 extension header costs a cycle or two more. A frame's facts come out only once all of it is in the frame FIFO, so what
// follows never waits for the wire. Bad frames come out too, with a reason: who takes the facts drops the beats.
//
//   in ──► intake ──► frame FIFO (words) ──────────────────────────────────────────────────────────────► beat_o
//            └─ first 128 bytes ─► layer 2 ─► IP header ─► extension headers ─► layer 4 ─► whose ─► facts FIFO ─► facts_o
module parse #(
  parameter int unsigned WORDS_LOG2 = 8,  // frame FIFO words; must hold more than the longest frame
  parameter int unsigned FACTS_LOG2 = 4   // frames inside whose facts nobody took
) (
  input  logic               clk_i,
  input  logic               rst_ni,
  input  logic [1023:0]      local_addr_i,  // address n, as a number, in bits [128n +: 128]
  input  logic [7:0]         local_v4_i,    // address n counts, and is IPv4
  input  logic [7:0]         local_v6_i,
  input  logic               in_valid_i,
  output logic               in_ready_o,
  input  adit_pkg::beat_t    in_beat_i,
  input  logic [1:0]         in_face_i,     // stable over the frame, as the two below
  input  logic               in_told_i,     // the host sent it by DEST_SEAL or DEST_OPENED, and in_meta_i says for which SA
  input  adit_pkg::tx_meta_t in_meta_i,
  output logic               facts_valid_o,
  input  logic               facts_ready_i,
  output adit_pkg::facts_t   facts_o,
  output logic               beat_valid_o,
  input  logic               beat_ready_i,
  output adit_pkg::beat_t    beat_o
);
  localparam int unsigned MAX_WORDS = (adit_pkg::MAX_FRAME_BYTES + adit_pkg::WORD_BYTES - 1) / adit_pkg::WORD_BYTES;
  localparam logic [7:0] LAST_WORD = 8'(MAX_WORDS - 1);

  // One unfinished frame must never fill the FIFO: its facts would be waited for by nobody, for ever.
  initial if ((1 << WORDS_LOG2) <= MAX_WORDS) $fatal(1, "parse: WORDS_LOG2 holds no whole frame");

  // ---------------------------------------------------------------- intake: count, cut giants, keep the first two words
  logic                 is_first_q, is_discard_q;
  logic [7:0]           word_q;        // number of the word expected, stops at MAX_WORDS
  logic [15:0]          bytes_q;       // bytes of the words before it, stops at 65535
  logic [FACTS_LOG2:0]  facts_room_q;  // facts that may still be begun
  logic                 fifo_ready, store, accept, beat_last;
  logic                 is_walking;    // the IP stage goes through extension headers
  logic                 may_enter;     // the head is not needed any more, and there will be room for the facts
  adit_pkg::beat_t      store_beat;
  logic [16:0]          bytes_sum;

  logic                 l2_valid_q;    // head_q, l2_* hold a whole frame's
  logic [1023:0]        head_q;        // bytes 0 .. 127, zero past the frame's end
  logic [15:0]          l2_bytes_q;
  logic [1:0]           l2_face_q;
  logic                 l2_told_q;
  adit_pkg::tx_meta_t   l2_meta_q;

  assign may_enter  = !is_first_q || (facts_room_q != '0 && !(l2_valid_q && is_walking));
  assign in_ready_o = may_enter && (is_discard_q || fifo_ready);
  assign accept     = in_valid_i && in_ready_o;
  assign store      = in_valid_i && !is_discard_q && may_enter;
  assign bytes_sum  = {1'b0, bytes_q} + {10'b0, in_beat_i.n_bytes};

  always_comb begin
    store_beat      = in_beat_i;
    store_beat.last = in_beat_i.last || word_q == LAST_WORD;
  end

  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) begin
      is_first_q   <= 1'b1;
      is_discard_q <= 1'b0;
      word_q       <= '0;
      bytes_q      <= '0;
      l2_valid_q   <= 1'b0;
      facts_room_q <= (FACTS_LOG2 + 1)'(1 << FACTS_LOG2);
    end else begin
      l2_valid_q   <= (accept && in_beat_i.last) || (l2_valid_q && is_walking);
      facts_room_q <= facts_room_q - (FACTS_LOG2 + 1)'(accept && is_first_q)
                                   + (FACTS_LOG2 + 1)'(facts_valid_o && facts_ready_i);
      if (accept) begin
        is_first_q <= in_beat_i.last;
        if (in_beat_i.last) begin
          is_discard_q <= 1'b0;
          word_q       <= '0;
          bytes_q      <= '0;
        end else begin
          is_discard_q <= is_discard_q || word_q == LAST_WORD;
          word_q       <= is_discard_q ? word_q : word_q + 8'd1;
          bytes_q      <= bytes_sum[16] ? 16'hffff : bytes_sum[15:0];
        end
      end
    end

  always_ff @(posedge clk_i)
    if (accept) begin
      if (is_first_q) head_q <= {512'b0, in_beat_i.data};
      else if (word_q == 8'd1) head_q[1023:512] <= in_beat_i.data;
      l2_bytes_q <= bytes_sum[16] ? 16'hffff : bytes_sum[15:0];
      l2_face_q  <= in_face_i;
      l2_told_q  <= in_told_i;
      l2_meta_q  <= in_meta_i;
    end

  // ---------------------------------------------------------------- layer 2: tags, EtherType, where layer 3 begins
  // byte  0 dst, 6 src, 12 type or tag 1, 16 type or tag 2, 20 type
  logic [15:0] type0, type1, type2, ethertype;
  logic        is_tag0, is_tag1;
  logic [6:0]  l3_off;
  assign type0 = {head_q[12*8 +: 8], head_q[13*8 +: 8]};
  assign type1 = {head_q[16*8 +: 8], head_q[17*8 +: 8]};
  assign type2 = {head_q[20*8 +: 8], head_q[21*8 +: 8]};
  assign is_tag0 = type0 == 16'h8100 || type0 == 16'h88a8;  // IEEE 802.1Q C-tag and S-tag
  assign is_tag1 = is_tag0 && (type1 == 16'h8100 || type1 == 16'h88a8);
  assign ethertype = is_tag1 ? type2 : is_tag0 ? type1 : type0;
  assign l3_off    = is_tag1 ? 7'd22 : is_tag0 ? 7'd18 : 7'd14;

  localparam int unsigned HEAD_BYTES = 128;
  localparam int unsigned L3_BITS    = (HEAD_BYTES - 14) * 8;
  localparam logic [7:0]  HOP_BY_HOP = 8'd0, ROUTING = 8'd43, FRAGMENT = 8'd44, NO_NEXT = 8'd59, DESTINATION = 8'd60;

  logic                l3_valid_q, l3_is_giant_q, l3_is_cut_q, l3_is_v4_q, l3_is_arp_q, l3_is_v6_q, l3_told_q;
  logic [L3_BITS-1:0]  l3_q;        // from layer 3's first byte to the head's last; zero behind it
  logic [6:0]          l3_off_q;
  logic [15:0]         l3_frame_bytes_q, l3_room_q;  // room: frame bytes from layer 3 on
  logic [1:0]          l3_face_q;
  adit_pkg::tx_meta_t  l3_meta_q;
  logic [L3_BITS-1:0]  l3_d;
  assign l3_d = is_tag1 ? {64'b0, head_q[22*8 +: L3_BITS-64]} : is_tag0 ? {32'b0, head_q[18*8 +: L3_BITS-32]}
              : head_q[14*8 +: L3_BITS];
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) l3_valid_q <= 1'b0;
    else         l3_valid_q <= l2_valid_q || is_walking;

  always_ff @(posedge clk_i)
    if (l2_valid_q && !is_walking) begin
      l3_q             <= l3_d;
      l3_off_q         <= l3_off;
      l3_is_giant_q    <= l2_bytes_q > 16'(adit_pkg::MAX_FRAME_BYTES);
      l3_is_cut_q      <= l2_bytes_q < {9'b0, l3_off};
      l3_is_v4_q       <= ethertype == 16'h0800;
      l3_is_arp_q      <= ethertype == 16'h0806;
      l3_is_v6_q       <= ethertype == 16'h86dd;
      l3_room_q        <= l2_bytes_q - {9'b0, l3_off};
      l3_frame_bytes_q <= l2_bytes_q;
      l3_face_q        <= l2_face_q;
      l3_told_q        <= l2_told_q;
      l3_meta_q        <= l2_meta_q;
    end

  // ---------------------------------------------------------------- IPv6 extension headers (RFC 8200 §4): a cycle the first, two each other
  //  0 next header | 1 length in units of 8 bytes, without the first | fragment: 8 bytes, 2 offset (13 bits), 2 bits, M
  //
  // The first header is read as its frame comes; the next can only be read once the end of the one before it is known.
  logic [7:0]  next_q;        // what stands at at_q
  logic [3:0]  at_q;          // in units of 8 bytes from layer 3
  logic [6:0]  next_at_q;     // where next_q was read, from layer 3
  logic [2:0]  n_ext_q;       // headers behind us
  logic        is_bad_chain_q, is_frag_q, is_later_q;
  logic        is_ext, is_ext_bad, is_ext_frag;
  logic        is_read_q;     // ext_q holds the first bytes of the header at at_q
  logic [31:0] ext_q, ext_d;
  logic [9:0]  ext_end;       // in units of 8 bytes from layer 3
  logic [3:0]  limit_q, limit_d;  // where the chain must end: whole units inside both packet and head
  logic [3:0]  head_end;
  logic [16:0] v6_bytes;      // of the whole packet, as its header says
  assign v6_bytes    = {1'b0, l3_q[4*8 +: 8], l3_q[5*8 +: 8]} + 17'd40;
  assign is_ext      = next_q == HOP_BY_HOP || next_q == ROUTING || next_q == FRAGMENT || next_q == DESTINATION;
  assign is_walking  = l3_valid_q && l3_is_v6_q && is_ext && !is_bad_chain_q && !is_later_q;
  assign is_ext_frag = next_q == FRAGMENT;
  assign head_end    = is_tag0 ? 4'd13 : 4'd14;
  assign limit_d     = {l3_d[4*8 +: 8], l3_d[5*8+3 +: 5]} >= {9'b0, head_end} - 13'd5 ? head_end : l3_d[5*8+3 +: 4] + 4'd5;
  assign ext_end     = {6'b0, at_q} + (is_ext_frag ? 10'd1 : {2'b0, ext_q[15:8]} + 10'd1);
  assign is_ext_bad  = n_ext_q == 3'd4 || ext_end > {6'b0, limit_q};

  always_comb begin
    ext_d = '0;
    if (is_walking)
      for (int i = 5; i < 14; i++)
        if (at_q == 4'(i)) ext_d = l3_q[64*i +: 32];
  end

  // A later fragment of something that begins with an extension header hides its protocol: nobody could select a policy for it.
  logic is_later, hides_proto;
  assign is_later    = is_ext_frag && {ext_q[23:16], ext_q[31:27]} != 13'b0;
  assign hides_proto = is_later && (ext_q[7:0] == HOP_BY_HOP || ext_q[7:0] == ROUTING || ext_q[7:0] == FRAGMENT || ext_q[7:0] == DESTINATION);

  always_ff @(posedge clk_i)
    if (is_walking && !is_read_q) begin
      is_read_q      <= 1'b1;
      ext_q          <= ext_d;
    end else if (is_walking) begin
      is_read_q      <= 1'b0;
      is_bad_chain_q <= is_ext_bad || hides_proto;
      is_frag_q      <= is_frag_q || is_later || (is_ext_frag && ext_q[24]);
      is_later_q     <= is_later;
      next_q         <= ext_q[7:0];
      next_at_q      <= {at_q, 3'b0};
      at_q           <= ext_end[3:0];
      n_ext_q        <= n_ext_q + 3'd1;
    end else if (l2_valid_q) begin
      is_read_q      <= 1'b1;
      ext_q          <= l3_d[40*8 +: 32];
      limit_q        <= limit_d;
      is_bad_chain_q <= 1'b0;
      is_frag_q      <= 1'b0;
      is_later_q     <= 1'b0;
      next_q         <= l3_d[6*8 +: 8];
      next_at_q      <= 7'd6;
      at_q           <= 4'd5;
      n_ext_q        <= 3'd0;
    end

  // ---------------------------------------------------------------- IPv4 (RFC 791 §3.1), ARP (RFC 826), IPv6 (RFC 8200 §3)
  //  IPv4  0 version ihl | 1 tos | 2 total length | 4 id | 6 flags, offset | 8 ttl | 9 proto | 10 checksum | 12 src | 16 dst
  //  IPv6  0 version, class, flow label | 4 payload length | 6 next header | 7 hop limit | 8 src | 24 dst
  logic [3:0]       ihl;
  logic [15:0]      total;
  logic             is_later_v4;
  logic [4:0]       l4_at;      // where layer 4 begins, in units of 4 bytes from layer 3
  adit_pkg::facts_t ip;
  assign ihl         = l3_q[3:0];
  assign total       = {l3_q[2*8 +: 8], l3_q[3*8 +: 8]};
  assign is_later_v4 = {l3_q[6*8 +: 5], l3_q[7*8 +: 8]} != 13'b0;
  assign l4_at       = l3_is_v4_q ? {1'b0, ihl} : {at_q, 1'b0};

  always_comb begin
    ip = '0;
    if (l3_valid_q) begin
      ip.frame_bytes = l3_frame_bytes_q;
      ip.face        = l3_face_q;
      ip.l3_off      = l3_off_q;
      if (l3_told_q) begin
        ip.told        = 1'b1;
        ip.told_slot   = l3_meta_q.sa_slot;
        ip.told_sp_id  = l3_meta_q.sp_id;
        ip.told_seq    = l3_meta_q.seq;
        ip.told_reason = l3_meta_q.reason;
      end
      if (l3_is_giant_q)
        ip.reason = adit_reg_pkg::REASON_RxGiant;
      else if (l3_is_cut_q)
        ip.reason = adit_reg_pkg::REASON_RxRunt;
      else if (l3_is_v4_q) begin
        if (l3_room_q < 16'd20)
          ip.reason = adit_reg_pkg::REASON_RxRunt;
        else if (l3_q[7:4] != 4'd4 || ihl < 4'd5 || total < {10'b0, ihl, 2'b0} || total > l3_room_q)
          ip.reason = adit_reg_pkg::REASON_RxIpHeader;
        ip.is_v4    = 1'b1;
        ip.l4_off   = l3_off_q + {1'b0, ihl, 2'b0};
        ip.nh_off   = l3_off_q + 7'd9;
        ip.has_ext  = ihl != 4'd5;
        ip.l3_bytes = total;
        ip.ip_id    = {l3_q[4*8 +: 8], l3_q[5*8 +: 8]};
        ip.is_frag  = is_later_v4 || l3_q[6*8 + 5];
        ip.proto    = l3_q[9*8 +: 8];
        ip.tos      = l3_q[1*8 +: 8];
        ip.ttl      = l3_q[8*8 +: 8];
        ip.df       = l3_q[6*8 + 6];
        for (int i = 0; i < 4; i++) begin
          ip.src[8*(3-i) +: 8] = l3_q[8*(12+i) +: 8];
          ip.dst[8*(3-i) +: 8] = l3_q[8*(16+i) +: 8];
        end
      end else if (l3_is_v6_q) begin
        if (l3_room_q < 16'd40)
          ip.reason = adit_reg_pkg::REASON_RxRunt;
        else if (l3_q[7:4] != 4'd6 || v6_bytes > {1'b0, l3_room_q} || (v6_bytes == 17'd40 && l3_q[6*8 +: 8] != NO_NEXT))
          ip.reason = adit_reg_pkg::REASON_RxIpHeader;
        else if (is_bad_chain_q)
          ip.reason = adit_reg_pkg::REASON_RxExtHeaders;
        ip.is_v6    = 1'b1;
        ip.l4_off   = l3_off_q + {at_q, 3'b0};
        ip.nh_off   = l3_off_q + next_at_q;
        ip.has_ext  = n_ext_q != 3'd0;
        ip.l3_bytes = v6_bytes[15:0];
        ip.is_frag  = is_frag_q;
        ip.proto    = next_q;
        ip.tos      = {l3_q[3:0], l3_q[15:12]};
        ip.ttl      = l3_q[7*8 +: 8];
        for (int i = 0; i < 16; i++) begin
          ip.src[8*(15-i) +: 8] = l3_q[8*(8+i)  +: 8];
          ip.dst[8*(15-i) +: 8] = l3_q[8*(24+i) +: 8];
        end
      end else if (l3_is_arp_q) begin
        if (l3_room_q < 16'd28) ip.reason = adit_reg_pkg::REASON_RxRunt;
        ip.is_arp = 1'b1;
        for (int i = 0; i < 4; i++) ip.dst[8*(3-i) +: 8] = l3_q[8*(24+i) +: 8];
      end else
        ip.reason = adit_reg_pkg::REASON_RxNotIp;
    end
  end

  // ---------------------------------------------------------------- layer 4: ports, ICMP, ESP, AH, neighbour discovery
  //  UDP, TCP, …  0 sport | 2 dport | UDP: 8 payload             ICMP  0 type | 1 code | neighbour solicitation: 8 target
  //  ESP  0 SPI | 4 number        AH  0 next header | 1 length | 4 SPI | 8 number | 12 ICV | behind it perhaps ESP
  localparam int unsigned L4_BITS = 68 * 8;  // the longest AH header and 8 bytes of ESP
  logic                l4_valid_q, l4_is_later_q;
  logic [L4_BITS-1:0]  l4_q;         // from layer 4's first byte on
  logic [L4_BITS-1:0]  l4_d;
  logic [15:0]         l4_bytes_q;   // of the packet from layer 4 on
  logic [6:0]          l4_head_q;    // of the head from layer 4 on
  adit_pkg::facts_t    ip_q;
  always_comb begin
    l4_d = '0;
    if (l3_valid_q && !is_walking)
      for (int i = 5; i < 29; i++)
        if (l4_at == 5'(i)) l4_d = L4_BITS'(l3_q >> (32 * i));
  end
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) l4_valid_q <= 1'b0;
    else         l4_valid_q <= l3_valid_q && !is_walking;
  always_ff @(posedge clk_i)
    if (l3_valid_q && !is_walking) begin
      l4_q          <= l4_d;
      l4_is_later_q <= l3_is_v4_q ? is_later_v4 : is_later_q;
      l4_bytes_q    <= ip.l3_bytes - {9'b0, l4_at, 2'b0};
      l4_head_q     <= 7'(8'(HEAD_BYTES) - {1'b0, ip.l4_off});
      ip_q          <= ip;
    end

  logic [7:0]       proto, ah_units;
  logic             is_ported, is_icmp, is_esp, is_ah, is_ah_sane, is_ip;
  logic [6:0]       ah_bytes, needed;
  logic             is_solicit;      // neighbour solicitation (RFC 4861 §4.3)
  adit_pkg::facts_t l4;
  assign proto      = ip_q.proto;
  assign is_ip      = (ip_q.is_v4 || ip_q.is_v6) && ip_q.reason == adit_reg_pkg::REASON_NONE;
  assign is_ported  = proto == 8'd6 || proto == 8'd17 || proto == 8'd33 || proto == 8'd132 || proto == 8'd136;
  assign is_icmp    = proto == (ip_q.is_v6 ? 8'd58 : 8'd1);
  assign is_esp     = proto == adit_reg_pkg::PROTO_ESP;
  assign is_ah      = proto == adit_reg_pkg::PROTO_AH;
  assign ah_units   = l4_q[15:8];
  assign is_ah_sane = ah_units >= 8'd1 && ah_units <= 8'd13;
  assign ah_bytes   = {ah_units[4:0], 2'b0} + 7'd8;  // RFC 4302 §2.2: in units of 4 bytes, less 2

  always_comb begin
    l4         = ip_q;
    needed     = '0;
    is_solicit = 1'b0;
    if (l4_valid_q && is_ip) begin
      l4.no_ports = l4_is_later_q;
      if (!l4_is_later_q) begin
        if (is_ported) begin
          needed      = 7'd4;
          l4.no_ports = l4_bytes_q < 16'd4;
          if (!l4.no_ports) begin
            l4.has_ports = 1'b1;
            l4.sport     = {l4_q[0*8 +: 8], l4_q[1*8 +: 8]};
            l4.dport     = {l4_q[2*8 +: 8], l4_q[3*8 +: 8]};
          end
        end
        if (is_icmp) begin
          needed      = 7'd2;
          l4.no_ports = l4_bytes_q < 16'd2;
          if (!l4.no_ports) begin
            l4.has_ports = 1'b1;
            l4.sport     = {8'b0, l4_q[0*8 +: 8]};
            l4.dport     = {8'b0, l4_q[1*8 +: 8]};
            l4.is_nd     = ip_q.is_v6 && ip_q.ttl == 8'd255 && l4_q[7:0] >= 8'd133 && l4_q[7:0] <= 8'd137;
            is_solicit   = l4.is_nd && l4_q[7:0] == 8'd135;
            if (is_solicit) needed = 7'd24;
          end
        end
        if (is_esp || is_ah) l4.sec_off = ip_q.l4_off;
        if (is_esp) begin  // RFC 4303 §2
          needed = 7'd8;
          if (l4_bytes_q >= 16'd8) begin
            l4.sec_whole = 1'b1;
            l4.spi       = {l4_q[0*8 +: 8], l4_q[1*8 +: 8], l4_q[2*8 +: 8], l4_q[3*8 +: 8]};
            l4.seq       = {l4_q[4*8 +: 8], l4_q[5*8 +: 8], l4_q[6*8 +: 8], l4_q[7*8 +: 8]};
          end
        end
        if (is_ah) begin  // RFC 4302 §2
          needed = !is_ah_sane ? 7'd12 : ah_bytes + (l4_q[7:0] == adit_reg_pkg::PROTO_ESP ? 7'd8 : 7'd0);
          if (is_ah_sane && l4_bytes_q >= {9'b0, ah_bytes}) begin
            l4.sec_whole = 1'b1;
            l4.ah_bytes  = ah_bytes[5:0];
            l4.ah_next   = l4_q[7:0];
            l4.spi       = {l4_q[4*8 +: 8], l4_q[5*8 +: 8], l4_q[6*8 +: 8], l4_q[7*8 +: 8]};
            l4.seq       = {l4_q[8*8 +: 8], l4_q[9*8 +: 8], l4_q[10*8 +: 8], l4_q[11*8 +: 8]};
            if (l4_q[7:0] == adit_reg_pkg::PROTO_ESP && l4_bytes_q >= {9'b0, ah_bytes} + 16'd8)
              for (int i = 3; i < 16; i++)
                if (ah_bytes[5:2] == 4'(i)) begin
                  l4.spi2 = {l4_q[32*i+0*8 +: 8], l4_q[32*i+1*8 +: 8], l4_q[32*i+2*8 +: 8], l4_q[32*i+3*8 +: 8]};
                  l4.seq2 = {l4_q[32*i+4*8 +: 8], l4_q[32*i+5*8 +: 8], l4_q[32*i+6*8 +: 8], l4_q[32*i+7*8 +: 8]};
                end
          end
        end
      end
    end
  end

  // ---------------------------------------------------------------- whose addresses, UDP port 4500 of ours, which number
  logic             own_valid_q, is_local_src, is_local_dst;
  adit_pkg::facts_t own_q, facts_d;
  logic [127:0]     own_dst_q;       // whose address is asked: the solicitation's target, else the destination
  logic             own_has_dst_q;
  logic             own_is_4500_q, own_is_ff_q, own_is_longer_q;
  logic [6:0]       own_needed_q, own_head_q;
  logic [15:0]      own_bytes_q;     // of the packet from layer 4 on
  logic [63:0]      own_esp_q;       // first 8 bytes of the UDP payload
  logic [31:0]      frames_lan_q, frames_wan_q, frames_host_q, frame_no;
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) own_valid_q <= 1'b0;
    else         own_valid_q <= l4_valid_q;
  always_ff @(posedge clk_i)
    if (l4_valid_q) begin
      own_q           <= l4;
      own_has_dst_q   <= !is_solicit || l4_bytes_q >= 16'd24;
      own_dst_q       <= ip_q.dst;
      if (is_solicit)
        for (int i = 0; i < 16; i++) own_dst_q[8*(15-i) +: 8] <= l4_q[8*(8+i) +: 8];
      own_is_4500_q   <= l4.has_ports && proto == 8'd17 && l4.dport == 16'd4500 && !ip_q.is_frag;
      own_needed_q    <= needed;
      own_head_q      <= l4_head_q;
      own_is_longer_q <= l4_bytes_q > {9'b0, l4_head_q};
      own_is_ff_q     <= l4_bytes_q == 16'd9 && l4_q[8*8 +: 8] == 8'hff;
      own_bytes_q     <= l4_bytes_q;
      for (int i = 0; i < 8; i++) own_esp_q[8*(7-i) +: 8] <= l4_q[8*(8+i) +: 8];
    end

  // What was read must have been in the head, as far as the packet goes; from UDP port 4500 of ours ESP was read, too.
  always_comb begin
    is_local_src = 1'b0;
    is_local_dst = 1'b0;
    if (own_valid_q)
      for (int n = 0; n < 8; n++) begin
        if ((local_v4_i[n] && own_q.is_v4 || local_v6_i[n] && own_q.is_v6) && own_q.src == local_addr_i[128*n +: 128])
          is_local_src = 1'b1;
        if ((local_v4_i[n] && (own_q.is_v4 || own_q.is_arp) || local_v6_i[n] && own_q.is_v6)
            && own_has_dst_q && own_dst_q == local_addr_i[128*n +: 128])
          is_local_dst = 1'b1;
      end
    frame_no = own_q.face == adit_reg_pkg::FACE_LAN[1:0] ? frames_lan_q
             : own_q.face == adit_reg_pkg::FACE_WAN[1:0] ? frames_wan_q : frames_host_q;
    facts_d  = '0;
    if (own_valid_q) begin
      if (own_q.reason != adit_reg_pkg::REASON_NONE)
        facts_d.reason = own_q.reason;
      else if (own_is_longer_q && (own_needed_q > own_head_q || (own_is_4500_q && is_local_dst && own_head_q < 7'd16)))
        facts_d.reason = adit_reg_pkg::REASON_RxExtHeaders;
      else begin
        facts_d           = own_q;
        facts_d.local_src = is_local_src;
        facts_d.local_dst = is_local_dst;
        if (own_is_4500_q && is_local_dst) begin
          facts_d.is_keepalive = own_is_ff_q;
          if (own_bytes_q >= 16'd12 && own_esp_q[63:32] != 32'b0) begin  // not the non-ESP marker of RFC 3948 §2.2
            facts_d.is_natt = 1'b1;
            facts_d.sec_off = own_q.l4_off + 7'd8;
            if (own_bytes_q >= 16'd16) begin
              facts_d.sec_whole = 1'b1;
              facts_d.spi       = own_esp_q[63:32];
              facts_d.seq       = own_esp_q[31:0];
            end
          end
        end
      end
      facts_d.frame_no    = frame_no;
      facts_d.frame_bytes = own_q.frame_bytes;
      facts_d.face        = own_q.face;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) begin
      frames_lan_q  <= '0;
      frames_wan_q  <= '0;
      frames_host_q <= '0;
    end else if (own_valid_q) begin
      if (own_q.face == adit_reg_pkg::FACE_LAN[1:0])      frames_lan_q  <= frames_lan_q + 32'd1;
      else if (own_q.face == adit_reg_pkg::FACE_WAN[1:0]) frames_wan_q  <= frames_wan_q + 32'd1;
      else                                                frames_host_q <= frames_host_q + 32'd1;
    end

  // ---------------------------------------------------------------- the two FIFOs
  // facts_room_q keeps a place for every frame begun: the facts FIFO cannot be full when facts arrive.
  logic facts_fifo_ready;
  stream_fifo #(.W($bits(facts_d)), .DEPTH_LOG2(FACTS_LOG2)) u_facts (
    .clk_i, .rst_ni,
    .in_valid_i (own_valid_q), .in_ready_o (facts_fifo_ready), .in_data_i (facts_d),
    .out_valid_o(facts_valid_o), .out_ready_i(facts_ready_i), .out_data_o(facts_o), .usage_o()
  );

  logic                word_valid;
  logic [WORDS_LOG2:0] frames_whole_q;  // frames whose last word is inside and has not left
  stream_fifo #(.W($bits(beat_o)), .DEPTH_LOG2(WORDS_LOG2)) u_words (
    .clk_i, .rst_ni,
    .in_valid_i (store), .in_ready_o (fifo_ready), .in_data_i (store_beat),
    .out_valid_o(word_valid), .out_ready_i(beat_ready_i && frames_whole_q != '0), .out_data_o(beat_o), .usage_o()
  );
  assign beat_valid_o = word_valid && frames_whole_q != '0;
  assign beat_last    = beat_valid_o && beat_ready_i && beat_o.last;

  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) frames_whole_q <= '0;
    else begin
      frames_whole_q <= frames_whole_q + (WORDS_LOG2 + 1)'(own_valid_q) - (WORDS_LOG2 + 1)'(beat_last);
      if (own_valid_q) assert (facts_fifo_ready);
    end
endmodule
