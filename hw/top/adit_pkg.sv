// What passes between rooms, besides what the contract (adit_reg_pkg) already names.
// Written for verilator and yosys: packed structs as signals and ports only; no arrays of structs, no struct
// arguments or results of functions, no casts to struct types.
package adit_pkg;

  // ---- the packet lane: 64-byte words, byte i of the frame's word in bits [8i+7:8i]
  localparam int unsigned WORD_BYTES = 64;
  localparam int unsigned WORD_BITS  = 512;
  localparam int unsigned MAX_FRAME_BYTES = 9600;  // CAP_LIMITS.frame_bytes, in and out

  // One beat of a packet. Every word but the last holds 64 bytes; the last holds n_bytes = 1..64.
  // Bytes past n_bytes are zero.
  typedef struct packed {
    logic         last;
    logic [6:0]   n_bytes;
    logic [511:0] data;
  } beat_t;

  // ---- the metadata lane
  // What parse read from a frame. Numbers are in host sense: src of an IPv4 packet is its 32-bit value, zero-extended;
  // an IPv6 address is its 128-bit value (first byte on the wire most significant).
  typedef struct packed {
    logic [7:0]   reason;     // not NONE: the frame is bad (Rx...), nothing below but frame_bytes and face counts
    logic [31:0]  frame_no;   // number of the frame on its face since reset
    logic [15:0]  frame_bytes;
    logic [1:0]   face;       // adit_reg_pkg::FACE_*: where it entered
    logic [6:0]   l3_off;     // 14, 18 or 22
    logic [6:0]   l4_off;     // where the transport header begins: behind IPv4 options, behind IPv6 extension headers
    logic [6:0]   nh_off;     // where the byte stands that names it (IPv4: protocol; IPv6: the last next header before it)
    logic         has_ext;    // IPv4 options or IPv6 extension headers stand before the transport header
    logic [15:0]  l3_bytes;   // length of the whole IP packet (IPv6: 40 + payload length)
    logic [15:0]  ip_id;      // IPv4 identification
    logic         is_v4;
    logic         is_v6;
    logic         is_arp;
    logic         is_nd;      // ICMPv6 133..137 with hop limit 255 (RFC 4861)
    logic         is_frag;    // MF set or offset not 0 (an IPv6 atomic fragment, RFC 6946, is none)
    logic         has_ports;  // TCP, UDP, SCTP, DCCP, UDP-Lite with both ports inside the packet, ICMP and ICMPv6 with type
                              // (as sport) and code (as dport); not a later fragment
    logic         no_ports;   // ports exist but cannot be known: a later fragment, or ports (type, code) cut short
    logic         local_src;  // IP source is one of LOCAL_ADDR
    logic         local_dst;  // IP destination (ARP, neighbour solicitation: target address) is one of LOCAL_ADDR
    logic [7:0]   proto;
    logic [7:0]   tos;
    logic [7:0]   ttl;
    logic         df;
    logic [127:0] src;
    logic [127:0] dst;
    logic [15:0]  sport;
    logic [15:0]  dport;
    // IPsec. proto says what the IP header says: 50, 51, or 17 with is_natt.
    logic         is_natt;    // UDP to port 4500 of a local address whose first word is not 0: ESP inside (RFC 3948 §2.1)
    logic         is_keepalive; // UDP to port 4500 of a local address, one byte 0xff (RFC 3948 §2.3)
    logic [6:0]   sec_off;    // where the ESP or AH header begins (is_natt: l4_off + 8)
    logic [31:0]  spi;        // of ESP or AH; 0 if cut short
    logic [31:0]  seq;
    logic         sec_whole;  // ESP (is_natt too): at least 8 bytes of it, AH: all of its header, are inside l3_bytes
    logic [5:0]   ah_bytes;   // AH: length of its header with ICV, 12..63; else 0
    logic [7:0]   ah_next;    // AH: next header
    logic [31:0]  spi2;       // AH followed by at least 8 bytes of ESP: SPI and number of the latter; else 0
    logic [31:0]  seq2;
    // what the TX descriptor tells of a packet from the host: DEST_SEAL (in seal) or DEST_OPENED (in open)
    logic         told;
    logic [15:0]  told_slot;
    logic [15:0]  told_sp_id; // DEST_SEAL
    logic [63:0]  told_seq;   // DEST_OPENED
    logic [7:0]   told_reason; // DEST_OPENED
  } facts_t;

  // Selectors in the outbound sense: for inbound packets whoever asks swaps source and destination. With ICMP and ICMPv6
  // sport is the type, dport the code: those are never swapped.
  typedef struct packed {
    logic         is_v6;
    logic         has_ports;  // 0 for a protocol that has none, too; see no_ports
    logic         no_ports;   // ports exist but cannot be known: a later fragment, or cut short (opaque rules match only then)
    logic [7:0]   proto;
    logic [127:0] src;
    logic [127:0] dst;
    logic [15:0]  sport;
    logic [15:0]  dport;
  } sp_key_t;

  typedef struct packed {
    logic        hit;            // a rule matches addresses and protocol (and ports, if both have them)
    logic        ports_unknown;  // the best rule asks for ports, the packet has none: drop it
    logic [15:0] sp_id;          // 16'hffff if no hit
    logic [1:0]  action;
    logic [1:0]  level;
    logic [31:0] reqid;
    logic        bound;          // sealing: the policy has an SA
    logic [15:0] sa_slot;        // 16'hffff if not bound
    logic        acquire;        // action encrypt, level not use, not bound, and no acquire was posted since the last SP_UPDATE
  } sp_hit_t;

  // The static part of an SA as the pipelines need it. Keys are not here.
  typedef struct packed {
    logic         valid;
    logic [31:0]  spi;
    logic [31:0]  reqid;
    logic         dir;
    logic [7:0]   proto;
    logic [7:0]   mode;
    logic [7:0]   enc;
    logic [7:0]   auth;
    logic [7:0]   flags;
    logic [7:0]   ttl;
    logic [7:0]   dscp;
    logic [15:0]  replay_packets;
    logic [15:0]  natt_sport;
    logic [15:0]  natt_dport;
    logic [15:0]  next_slot;
    logic [31:0]  flow_label;
    logic [15:0]  path_mtu;
    logic [15:0]  inner_mtu;
    logic [7:0]   icv_bytes;
    logic [15:0]  tfc_bytes;
    logic [127:0] src;   // same sense as facts_t.src
    logic [127:0] dst;
  } sa_t;

  // ---- sad: what the pipelines ask
  typedef struct packed {   // seal: fetch the SA, take its next sequence number and count the packet
    logic [15:0] slot;
    logic [31:0] reqid;     // must equal the SA's, or the SA counts as gone
    logic        any_reqid; // DEST_SEAL: it need not
    logic [15:0] n_bytes;   // whole IP packet before sealing: ages the SA, compared with inner_mtu
    logic        may_split; // IPv4 with DF clear
    logic        is_next;   // second layer of a bundle: inner_mtu is not asked
  } seal_req_t;

  // What is wrong first counts, in this order; then no number was taken and nothing counted.
  typedef struct packed {
    sa_t         sa;        // sa.valid 0: no such SA for this policy
    logic [15:0] slot;
    logic        expired;   // a hard limit has passed or would be passed by this packet
    logic        too_big;   // n_bytes > inner_mtu, inner_mtu not 0; unless the SA clears DF, or is transport mode and may_split:
                            // then the host seals and fragments what comes out
    logic        seq_ok;    // 0: numbers or lease used up (RFC 4303 §2.2: never wraps)
    logic [63:0] seq;
  } seal_rsp_t;

  typedef struct packed {   // open: find the SA (RFC 4301 §4.4.2) and look at the replay window (RFC 4303 §3.4.3)
    logic         by_slot;  // DEST_OPENED: take slot as it is; hit says whether a valid inbound SA is there
    logic [15:0]  slot;
    logic         is_v6;
    logic [7:0]   proto;    // ESP (also UDP-encapsulated) or AH
    logic [127:0] dst;
    logic [31:0]  spi;
    logic [31:0]  seq;
  } open_req_t;

  typedef struct packed {
    logic        hit;
    logic [15:0] slot;
    sa_t         sa;
    logic [63:0] seq;        // with ESN the full number (RFC 4303 appendix A2); else the 32 bits received. Not with by_slot
    logic        expired;    // a hard limit has passed
    logic        replay_ok;  // not seen, not below the window, not 0: worth checking its ICV. 1 with the window off
  } open_rsp_t;

  typedef struct packed {   // open: after the ICV held: commit the number (may still lose to a duplicate in flight), count the packet
    logic [15:0] slot;
    logic [63:0] seq;
    logic [15:0] n_bytes;    // IP packet as it will leave: ages the SA
  } commit_req_t;

  typedef struct packed {   // both 0: committed and counted
    logic        replayed;
    logic        expired;    // a hard limit would be passed: not counted, number not committed. A replayed packet ages nothing: the
                             // limits of packets and bytes are asked only of a number that is not replayed
  } commit_rsp_t;

  typedef struct packed {   // open: one per packet that an SA refused
    logic [15:0] slot;
    logic        bad_icv;
    logic        replayed;
  } sa_count_t;

  typedef struct packed {   // one per packet that matched a policy
    logic [15:0] sp_id;
    logic [1:0]  kind;       // 0 accepted, 1 dropped, 2 transformed
  } sp_count_t;

  // ---- crypto: jobs. A body is a run of words in packet memory; it begins at byte 0 of word `base`, addresses wrap at the
  // memory's size. Its layout, by cipher (enc of the SA):
  //
  //   AES-CBC                          IV 16                       | text, whole blocks of 16
  //   DES, 3DES                        8 bytes not used | IV 8     | text, whole blocks of 8
  //   AES-CTR, AES-GCM, AES-GMAC       8 bytes not used | IV 8     | text, whole words of 4
  //   NULL, and everything copied                                    text from byte 0
  //
  // "text" is payload, padding, pad length, next header. Before sealing, the first block of every cipher is 8 zero bytes and the
  // 64-bit sequence number, big-endian: AES-CBC ciphers all 16 bytes, DES and 3DES the last 8 under a zero chain value and that is
  // the IV (SP 800-38A appendix C); AES-CTR, -GCM and -GMAC take the number itself (RFC 3686 §3.1, RFC 4106 §3.1: unique is enough).
  localparam logic [7:0] ENC_GMAC_FLAG = 8'h40;   // cipher_job_t.enc: ENC_AES_GCM_n | this: text is copied, only the mask is made

  typedef struct packed {
    logic [9:0]  ticket;
    logic [15:0] base;
    logic [15:0] n_bytes;    // whole body: first block and text, or a frame to copy; 0: answer at once
    logic        is_copy;    // no cipher: copy the words (bypass, AH, enc NULL)
    logic [7:0]  enc;        // adit_reg_pkg::ENC_*, or ENC_AES_GCM_n | ENC_GMAC_FLAG
    logic [15:0] slot;
  } cipher_job_t;

  typedef struct packed {
    logic [9:0]   ticket;
    logic [7:0]   pad_bytes;   // opening (sealing: 0, as the next two): the body's second last byte, as written
    logic [7:0]   next_header; // the body's last byte, as written
    logic         pad_ok;      // the pad_bytes bytes before them are 1, 2, 3, … (RFC 4303 §2.4)
    logic [127:0] mask;        // AES-GCM and -GMAC: E_K(J0), XOR with GHASH gives the tag; else 0. First byte in bits 7:0
  } cipher_done_t;

  // A hash covers prefix ++ body[off +: n_bytes] ++ suffix.
  //   ESP with HMAC     prefix SPI, seq          body IV and ciphertext                suffix with ESN the number's high half
  //   AH                prefix IP header with its mutable fields zero, AH with ICV zero, in a bundle the ESP header
  //                                              body what follows                     suffix in a bundle the ESP ICV, then with ESN the high half
  //   AES-GCM           prefix SPI, seq or 64-bit number: the AAD    body ciphertext   no suffix; then both lengths (SP 800-38D §7.1)
  //   AES-GMAC          prefix SPI, seq or 64-bit number; prefix and body together are the AAD (RFC 4543 §3.3)
  localparam logic [2:0] HASH_MD5    = 3'd0;
  localparam logic [2:0] HASH_SHA1   = 3'd1;
  localparam logic [2:0] HASH_SHA256 = 3'd2;
  localparam logic [2:0] HASH_SHA512 = 3'd3;
  localparam logic [2:0] HASH_GCM    = 3'd4;
  localparam logic [2:0] HASH_GMAC   = 3'd5;
  localparam logic [2:0] HASH_SHA384 = 3'd6;   // SHA-512 from another start; its inner digest is 48 bytes long (FIPS 180-4 section 6.5)
  localparam int unsigned PREFIX_BYTES = 96;
  localparam int unsigned SUFFIX_BYTES = 36;

  typedef struct packed {
    logic [9:0]   ticket;
    logic [2:0]   kind;        // HASH_*
    logic [15:0]  slot;
    logic [15:0]  base;
    logic [4:0]   off;         // 0, 8 or 16
    logic [15:0]  n_bytes;     // of the body, from off; may be 0
    logic [6:0]   prefix_bytes; // 8 .. 96, a multiple of 4
    logic [767:0] prefix;      // first byte in bits 7:0; zero past prefix_bytes
    logic [5:0]   suffix_bytes; // 0 .. 36, a multiple of 4
    logic [287:0] suffix;      // first byte in bits 7:0; zero past suffix_bytes
  } auth_job_t;

  typedef struct packed {
    logic [9:0]   ticket;
    logic [255:0] icv;       // first byte in bits 7:0; the SA's ICV length of it counts. AES-GCM and -GMAC: GHASH, not yet masked
  } auth_done_t;

  // ---- towards the host
  typedef struct packed {   // beside the first beat of a packet for the RX ring
    logic [7:0]  reason;
    logic [1:0]  face;
    logic [15:0] n_bytes;
    logic [15:0] sa_slot;    // 16'hffff: none
    logic [15:0] sp_id;      // 16'hffff: none
    logic [63:0] seq;        // HostSlowSeal, HostSlowOpen; else 0
  } host_meta_t;

  typedef struct packed {   // beside a packet from the TX ring
    logic [2:0]  dest;       // adit_reg_pkg::DEST_*
    logic [7:0]  reason;     // DEST_OPENED
    logic [15:0] sa_slot;    // DEST_OPENED, DEST_SEAL
    logic [15:0] sp_id;      // DEST_SEAL
    logic [63:0] seq;
  } tx_meta_t;

  typedef struct packed {   // acquire and notices; host/ turns it into an event descriptor
    logic [7:0]   kind;      // adit_reg_pkg::EVENT_*
    logic [15:0]  sp_id;
    logic [15:0]  sa_slot;
    logic [7:0]   proto;
    logic         is_v6;
    logic [127:0] src;
    logic [127:0] dst;
    logic [15:0]  sport;
    logic [15:0]  dport;
  } notice_t;

  typedef struct packed {   // one per packet, when it leaves or is dropped (DESIGN: one room per direction counts)
    logic [7:0]  reason;
    logic [1:0]  face_in;
    logic [1:0]  face_out;   // FACE_NONE: dropped
    logic [31:0] frame_no;
    logic [15:0] frame_bytes;
    logic [15:0] sa_slot;
    logic [15:0] sp_id;
  } verdict_t;

  // ---- the table bus: host/ asks, exactly one room owns each op and answers with one ack
  // Every op is held until its ack. A word is a 64-byte line of the records in card.toml, as in host memory.
  localparam logic [4:0] TBL_NOP        = 5'd0;
  localparam logic [4:0] TBL_SA_ID      = 5'd1;   // sad: store word 0 at idx, with the words 1 and 2 last held: all three at once, between
                                                  // two packets; ext[0] is its valid bit; ext[1]: also start sequence number, window,
                                                  // counters and age anew (else the limits alone change)
  localparam logic [4:0] TBL_SA_ADDR    = 5'd2;   // sad: hold word 1 for the next TBL_SA_ID
  localparam logic [4:0] TBL_SA_LIMITS  = 5'd3;   // sad: hold word 2 for the next TBL_SA_ID
  localparam logic [4:0] TBL_SA_KEY     = 5'd4;   // cipher of direction ext[0]: zero slot idx's keys, then expand and store word 3's key and
                                                  // salt for cipher `code` (ENC_*; for AES-GMAC ENC_AES_GCM_n); ext[3]: zero only
  localparam logic [4:0] TBL_SA_INNER   = 5'd5;   // auth of direction ext[0]: store word 4 for hash code[2:0] (HASH_*), zero the slot's outer state;
                                                  // ext[3]: zero both
  localparam logic [4:0] TBL_SA_OUTER   = 5'd6;   // auth of direction ext[0]: store word 5, after word 4; ext[3]: zero both
  localparam logic [4:0] TBL_SA_VALID   = 5'd7;   // sad: valid := ext[0]; the rest stays
  localparam logic [4:0] TBL_SA_GET_ID  = 5'd8;   // sad: rdata = word 0 as stored, rdata[415:288] = destination of word 1, rdata[511] = valid
  localparam logic [4:0] TBL_SA_GET_LIVE = 5'd9;  // sad: rdata = second word of desc sa_state
  localparam logic [4:0] TBL_HASH_ADD   = 5'd10;  // sad: enter slot idx under (SPI and protocol as stored at idx, destination of the word 1 in
                                                  // data, code[0]: it is IPv6), beside what it is entered under already; err TABLE_FULL or
                                                  // EXISTS. A look-up hits only if the record stored at the slot has that destination too
  localparam logic [4:0] TBL_HASH_DEL   = 5'd11;  // sad: remove slot idx under the same; err NOT_FOUND
  localparam logic [4:0] TBL_SP_PUT     = 5'd12;  // spd: store the rule at rank idx of bank ext[0]
  localparam logic [4:0] TBL_SP_CLEAR   = 5'd13;  // spd: empty rank idx of bank ext[0]
  localparam logic [4:0] TBL_SP_LIVE    = 5'd14;  // spd: bank ext[0] becomes live, between two look-ups
  localparam logic [4:0] TBL_SP_BIND    = 5'd15;  // spd: policy idx seals with slot data[15:0]; ext[0]: bound
  localparam logic [4:0] TBL_SP_GET     = 5'd16;  // spd: rdata = desc sp_state of policy idx
  localparam logic [4:0] TBL_SP_ZERO    = 5'd17;  // spd: counters and binding of policy idx to zero
  localparam logic [4:0] TBL_FENCE_OUT  = 5'd18;  // seal: ack once every packet inside at the time of asking has left
  localparam logic [4:0] TBL_FENCE_IN   = 5'd19;  // open: likewise

  typedef struct packed {
    logic         valid;
    logic [4:0]   op;
    logic [15:0]  idx;
    logic [3:0]   ext;
    logic [7:0]   code;    // TBL_SA_KEY: ENC_*; TBL_SA_INNER, TBL_SA_OUTER: HASH_*
    logic [511:0] data;
  } tbl_req_t;

  typedef struct packed {   // a room that does not own the op keeps all bits 0; host/ ORs them
    logic         ack;
    logic [7:0]   err;      // adit_reg_pkg::STATUS_*
    logic [511:0] data;
  } tbl_rsp_t;

endpackage
