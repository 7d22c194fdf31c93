// SPDX-License-Identifier: BSD-2-Clause-Patent
// What passes between the rooms inside seal and open. Both directions carry the same three records of a packet:
//
//   cut_t    entry -> form    how the frame is cut:   body = first block ++ frame[off +: bytes] ++ fill ++ padding trailer
//   crypt_t  form -> engines  what the engines are asked to do with the body
//   leave_t  form -> emit     how it leaves, and what is counted when it does
//
// Output frame = header ++ body[body_off +: body_bytes] ++ ICV,
// header       = frame[0 +: keep] (its IP header rewritten if edit) ++ ins[0 +: ins_bytes], the AH ICV put into ins at ah_at.
package path_pkg;

  localparam int unsigned RAW_BYTES = 128;              // of a frame's start that are kept beside it: two words
  localparam int unsigned RAW_BITS  = 8 * RAW_BYTES;
  localparam int unsigned INS_BYTES = 96;               // longest insert: IPv6 40, AH 12 + 36, ESP 8
  localparam int unsigned INS_BITS  = 8 * INS_BYTES;
  localparam int unsigned HEAD_BYTES = 127;             // longest header that leaves; longer ones are punted to the host
  localparam int unsigned TAIL_BYTES = 32;              // 15 bytes of padding, pad length, next header; or an ICV
  localparam int unsigned TAIL_BITS = 8 * TAIL_BYTES;
  localparam int unsigned ICV_BITS  = 256;
  localparam int unsigned KEY_BITS  = 299;              // of adit_pkg::sp_key_t: yosys 0.23 takes no member of another package's type

  typedef struct packed {
    logic        has_body;      // 0: the frame is read and forgotten
    logic        has_nonce;     // seal: 16 bytes stand before the frame's: 8 zero bytes and the sequence number
    logic        has_gap;       // open, 8-byte IV: 8 zero bytes stand before the frame's
    logic [63:0] nonce;
    logic [6:0]  off;
    logic [15:0] n_bytes;       // of the frame
    logic        has_trailer;
    logic [15:0] fill_bytes;    // zero bytes between payload and padding (TFC, RFC 4303 §2.7)
    logic [3:0]  pad_bytes;
    logic [7:0]  next_header;
    logic [5:0]  icv_bytes;     // the last of n_bytes are the ICV: captured, not part of the body
    logic [15:0] total_bytes;   // all of these
  } cut_t;

  // Layers: ESP, AH, both (AH around ESP), or neither.
  typedef struct packed {
    logic        is_copy;       // nothing is ciphered
    logic [7:0]  enc;           // as in cipher_job_t
    logic [15:0] n_bytes;       // body, without the ICV behind it
    logic        has_esp;
    logic [15:0] esp_slot;
    logic        has_auth;      // the ESP layer has a hash
    logic [2:0]  auth_kind;     // HASH_*
    logic [31:0] spi;
    logic [63:0] seq;
    logic        esn;
    logic [4:0]  hash_off;      // what the ESP hash skips of the body: 0, 8 or 16
    logic [4:0]  wire_off;      // what is skipped of the body on the wire: 0 or 8
    logic [5:0]  icv_bytes;
    logic        has_ah;
    logic [15:0] ah_slot;
    logic [2:0]  ah_kind;
    logic [767:0] ah_prefix;    // see auth_job_t
    logic [6:0]  ah_prefix_bytes;
    logic        ah_esn;
    logic [31:0] ah_seq_hi;
    logic [5:0]  ah_icv_bytes;
  } crypt_t;

  typedef struct packed {
    // verdict
    logic [7:0]  reason;
    logic [1:0]  face_in;
    logic [1:0]  face_out;      // FACE_NONE: dropped
    logic [31:0] frame_no;
    logic [15:0] frame_bytes;
    logic [15:0] sa_slot;
    logic [15:0] sp_id;
    logic [63:0] seq;           // for the host, HostSlow*
    // counters
    logic        sp_counts;
    logic [1:0]  sp_kind;
    logic        sa_counts;
    logic [15:0] count_slot;    // of a bundle the layer that refused
    logic        sa_bad_icv;
    logic        sa_replayed;
    // header
    logic [6:0]  keep;
    logic        edit;          // the kept IP header gets this length and protocol (IPv4: and a checksum for them)
    logic        edit_v6;
    logic [15:0] edit_bytes;    // IPv4: total length; IPv6: payload length
    logic [7:0]  edit_proto;
    logic [6:0]  nh_off;        // where edit_proto goes
    logic        set_type;      // the two bytes before l3_off name the other family
    logic        type_v6;
    logic [6:0]  l3_off;
    logic [5:0]  l3_head_bytes; // IPv4: what its checksum covers
    logic [6:0]  ins_bytes;
    logic [INS_BITS-1:0] ins;   // bytes past ins_bytes are zero
    logic [6:0]  ah_at;         // where in ins the AH ICV goes
    logic [5:0]  ah_icv_bytes;  // 0: none
    // body
    logic [6:0]  body_off;
    logic [15:0] body_bytes;
    logic [5:0]  icv_bytes;
  } leave_t;

  // seal: what the headers of a sealed packet are made of
  typedef struct packed {
    logic         is_tunnel;    // an IP header is made; else the packet's own is kept
    logic         v6;           // family of the outermost IP header
    logic [7:0]   proto;        // what it names: ESP, AH, or UDP
    logic [15:0]  ip_bytes;     // whole IP packet
    logic [7:0]   tos;
    logic         df;
    logic [7:0]   ttl;
    logic [15:0]  ip_id;
    logic [19:0]  flow_label;
    logic [127:0] src;
    logic [127:0] dst;
    logic         has_udp;
    logic [15:0]  sport;
    logic [15:0]  dport;
    logic [15:0]  udp_bytes;
    logic         has_ah;
    logic [7:0]   ah_next;
    logic [5:0]   ah_bytes;     // AH header with ICV
    logic [31:0]  ah_spi;
    logic [31:0]  ah_seq;
    logic         has_esp;
    logic [31:0]  spi;
    logic [31:0]  seq;
  } outer_t;

  // open: what the check after decryption compares with
  typedef struct packed {
    logic         is_ipsec;     // 0: nothing to check
    logic         is_opened;    // DEST_OPENED: selectors are those of the frame, padding was the host's affair
    logic         is_tunnel;    // of the innermost layer
    logic         has_esp;      // a trailer of padding ends the text
    logic [4:0]   text_off;     // where the text begins in the body: 0 or 16
    logic [15:0]  n_bytes;      // text: payload, padding, trailer
    logic [7:0]   ah_next;      // AH alone: next header
    logic [31:0]  reqid;
    logic [15:0]  slot;         // innermost layer: ESP, or AH alone
    logic [63:0]  seq;
    logic         has_ah;       // a bundle: the second commit
    logic [15:0]  ah_slot;
    logic [63:0]  ah_seq;
    logic [1:0]   ecn;          // of the outer header
    logic         is_v6;        // family of the outer header
    logic [127:0] src;          // outer addresses, as received
    logic [127:0] dst;
    logic [KEY_BITS-1:0] key;   // is_opened: selectors in the outbound sense, an adit_pkg::sp_key_t
    logic         is_local;     // is_opened: its destination is one of LOCAL_ADDR
    logic [15:0]  ip_bytes;     // is_opened: of the IP packet
  } check_t;

endpackage
