// SPDX-License-Identifier: BSD-2-Clause-Patent
// Takes a frame in whole and says what it is: Ethernet with up to two VLAN tags, then IPv4 (RFC 791), ARP (RFC 826) or IPv6.
// One beat a cycle in and out, one facts a packet. A frame's facts come out only once all of it is in the frame FIFO, so
// what follows never waits for the wire. Bad frames come out too, with a reason: who takes the facts drops the beats.
//
//   in ──► intake ──► frame FIFO (words) ────────────────────► beat_o
//            └─ first 128 bytes ─► layer 2 ─► IPv4 ─► facts FIFO ─► facts_o
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
  input  logic [1:0]         in_face_i,     // stable over the frame
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
  adit_pkg::beat_t      store_beat;
  logic [16:0]          bytes_sum;

  assign in_ready_o = (!is_first_q || facts_room_q != '0) && (is_discard_q || fifo_ready);
  assign accept     = in_valid_i && in_ready_o;
  assign store      = in_valid_i && !is_discard_q && (!is_first_q || facts_room_q != '0);
  assign bytes_sum  = {1'b0, bytes_q} + {10'b0, in_beat_i.n_bytes};

  always_comb begin
    store_beat      = in_beat_i;
    store_beat.last = in_beat_i.last || word_q == LAST_WORD;
  end

  logic          l2_valid_q;   // head_q, l2_* hold a whole frame's
  logic [1023:0] head_q;       // bytes 0 .. 127, zero past the frame's end
  logic [15:0]   l2_bytes_q;
  logic [1:0]    l2_face_q;
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) begin
      is_first_q   <= 1'b1;
      is_discard_q <= 1'b0;
      word_q       <= '0;
      bytes_q      <= '0;
      l2_valid_q   <= 1'b0;
      facts_room_q <= (FACTS_LOG2 + 1)'(1 << FACTS_LOG2);
    end else begin
      l2_valid_q   <= accept && in_beat_i.last;
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

  localparam int unsigned L3_BITS = 68 * 8;  // the longest IPv4 header and 8 bytes of its payload
  logic                l3_valid_q, l3_is_giant_q, l3_is_cut_q, l3_is_v4_q, l3_is_arp_q, l3_is_v6_q;
  logic [L3_BITS-1:0]  l3_q;        // from layer 3's first byte on
  logic [6:0]          l3_off_q;
  logic [15:0]         l3_frame_bytes_q, l3_room_q;  // room: frame bytes from layer 3 on
  logic [1:0]          l3_face_q;
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) l3_valid_q <= 1'b0;
    else         l3_valid_q <= l2_valid_q;

  always_ff @(posedge clk_i)
    if (l2_valid_q) begin
      l3_q             <= is_tag1 ? head_q[22*8 +: L3_BITS] : is_tag0 ? head_q[18*8 +: L3_BITS] : head_q[14*8 +: L3_BITS];
      l3_off_q         <= l3_off;
      l3_is_giant_q    <= l2_bytes_q > 16'(adit_pkg::MAX_FRAME_BYTES);
      l3_is_cut_q      <= l2_bytes_q < {9'b0, l3_off};
      l3_is_v4_q       <= ethertype == 16'h0800;
      l3_is_arp_q      <= ethertype == 16'h0806;
      l3_is_v6_q       <= ethertype == 16'h86dd;
      l3_room_q        <= l2_bytes_q - {9'b0, l3_off};
      l3_frame_bytes_q <= l2_bytes_q;
      l3_face_q        <= l2_face_q;
    end

  // ---------------------------------------------------------------- IPv4 (RFC 791 §3.1) and ARP (RFC 826): reason and fields
  //  0 version ihl | 1 tos | 2 total length | 4 id | 6 flags, offset | 8 ttl | 9 proto | 10 checksum | 12 src | 16 dst
  logic [3:0]  ihl;
  logic [15:0] total, header_bytes, payload_bytes;
  logic [7:0]  reason;
  logic [63:0] l4;             // first 8 bytes of the payload
  logic        is_v4, is_later, is_port_proto;
  logic [7:0]  proto;
  assign ihl           = l3_q[3:0];
  assign total         = {l3_q[2*8 +: 8], l3_q[3*8 +: 8]};
  assign header_bytes  = {10'b0, ihl, 2'b0};
  assign payload_bytes = total - header_bytes;
  assign proto         = l3_q[9*8 +: 8];
  assign is_later      = {l3_q[6*8 +: 5], l3_q[7*8 +: 8]} != 13'b0;
  assign is_port_proto = proto == 8'd6 || proto == 8'd17 || proto == 8'd33 || proto == 8'd132 || proto == 8'd136;
  assign is_v4         = l3_is_v4_q && reason == adit_reg_pkg::REASON_NONE;

  always_comb begin
    reason = adit_reg_pkg::REASON_NONE;
    if (l3_is_giant_q)
      reason = adit_reg_pkg::REASON_RxGiant;
    else if (l3_is_cut_q)
      reason = adit_reg_pkg::REASON_RxRunt;
    else if (l3_is_v4_q) begin
      if (l3_room_q < 16'd20)
        reason = adit_reg_pkg::REASON_RxRunt;
      else if (l3_q[7:4] != 4'd4 || ihl < 4'd5 || total < header_bytes || total > l3_room_q)
        reason = adit_reg_pkg::REASON_RxIpHeader;
    end else if (l3_is_arp_q) begin
      if (l3_room_q < 16'd28) reason = adit_reg_pkg::REASON_RxRunt;
    end else if (l3_is_v6_q)
      reason = adit_reg_pkg::REASON_RxIpv6;
    else
      reason = adit_reg_pkg::REASON_RxNotIp;
  end

  always_comb begin
    l4 = l3_q[20*8 +: 64];
    for (int i = 6; i < 16; i++)
      if (ihl == 4'(i)) l4 = l3_q[i*32 +: 64];
  end

  adit_pkg::facts_t fields;
  always_comb begin
    fields             = '0;
    fields.reason      = reason;
    fields.frame_bytes = l3_frame_bytes_q;
    fields.face        = l3_face_q;
    fields.is_v6       = reason == adit_reg_pkg::REASON_RxIpv6;
    if (l3_is_arp_q && reason == adit_reg_pkg::REASON_NONE) begin
      fields.is_arp = 1'b1;
      fields.l3_off = l3_off_q;
      fields.dst    = {96'b0, l3_q[24*8 +: 8], l3_q[25*8 +: 8], l3_q[26*8 +: 8], l3_q[27*8 +: 8]};
    end
    if (is_v4) begin
      fields.is_v4     = 1'b1;
      fields.l3_off    = l3_off_q;
      fields.l4_off    = l3_off_q + header_bytes[6:0];
      fields.l3_bytes  = total;
      fields.is_frag   = is_later || l3_q[6*8 + 5];
      fields.proto     = proto;
      fields.tos       = l3_q[1*8 +: 8];
      fields.ttl       = l3_q[8*8 +: 8];
      fields.df        = l3_q[6*8 + 6];
      fields.src       = {96'b0, l3_q[12*8 +: 8], l3_q[13*8 +: 8], l3_q[14*8 +: 8], l3_q[15*8 +: 8]};
      fields.dst       = {96'b0, l3_q[16*8 +: 8], l3_q[17*8 +: 8], l3_q[18*8 +: 8], l3_q[19*8 +: 8]};
      if (is_port_proto && !is_later && payload_bytes >= 16'd4) begin
        fields.has_ports = 1'b1;
        fields.sport     = {l4[0*8 +: 8], l4[1*8 +: 8]};
        fields.dport     = {l4[2*8 +: 8], l4[3*8 +: 8]};
      end
      if (proto == adit_reg_pkg::PROTO_ESP && payload_bytes >= 16'd8) begin  // RFC 4303 §2
        fields.esp_whole = 1'b1;
        fields.spi       = {l4[0*8 +: 8], l4[1*8 +: 8], l4[2*8 +: 8], l4[3*8 +: 8]};
        fields.seq       = {l4[4*8 +: 8], l4[5*8 +: 8], l4[6*8 +: 8], l4[7*8 +: 8]};
      end
    end
  end

  // ---------------------------------------------------------------- whose addresses, which number
  logic             own_valid_q, is_local_src, is_local_dst;
  adit_pkg::facts_t own_q, facts_d;
  logic [31:0]      frames_lan_q, frames_wan_q, frames_host_q, frame_no;
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) own_valid_q <= 1'b0;
    else         own_valid_q <= l3_valid_q;
  always_ff @(posedge clk_i) if (l3_valid_q) own_q <= fields;

  always_comb begin
    is_local_src = 1'b0;
    is_local_dst = 1'b0;
    for (int n = 0; n < 8; n++) begin
      if ((local_v4_i[n] && own_q.is_v4 || local_v6_i[n] && own_q.is_v6) && own_q.src == local_addr_i[128*n +: 128])
        is_local_src = 1'b1;
      if ((local_v4_i[n] && (own_q.is_v4 || own_q.is_arp) || local_v6_i[n] && own_q.is_v6)
          && own_q.dst == local_addr_i[128*n +: 128])
        is_local_dst = 1'b1;
    end
    frame_no = own_q.face == adit_reg_pkg::FACE_LAN[1:0] ? frames_lan_q
             : own_q.face == adit_reg_pkg::FACE_WAN[1:0] ? frames_wan_q : frames_host_q;
    facts_d           = own_q;
    facts_d.frame_no  = frame_no;
    facts_d.local_src = is_local_src && own_q.reason == adit_reg_pkg::REASON_NONE;
    facts_d.local_dst = is_local_dst && own_q.reason == adit_reg_pkg::REASON_NONE;
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
