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
    logic [6:0]   l4_off;     // l3_off + header length
    logic [15:0]  l3_bytes;   // IP total length
    logic         is_v4;
    logic         is_v6;
    logic         is_arp;
    logic         is_frag;    // MF set or offset not 0
    logic         has_ports;  // TCP, UDP, SCTP, DCCP, UDP-Lite with both ports inside the packet, not a later fragment
    logic         local_src;  // IP source is one of LOCAL_ADDR
    logic         local_dst;  // IP destination (ARP: target address) is one of LOCAL_ADDR
    logic [7:0]   proto;
    logic [7:0]   tos;
    logic [7:0]   ttl;
    logic         df;
    logic [127:0] src;
    logic [127:0] dst;
    logic [15:0]  sport;
    logic [15:0]  dport;
    logic [31:0]  spi;        // first and second word of the payload when proto is ESP; 0 if cut short
    logic [31:0]  seq;
    logic         esp_whole;  // proto is ESP and at least 8 bytes of it are inside l3_bytes
  } facts_t;

  // Selectors in the outbound sense: for inbound packets whoever asks swaps source and destination.
  typedef struct packed {
    logic         is_v6;
    logic         has_ports;
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
    logic [127:0] src;   // same sense as facts_t.src
    logic [127:0] dst;
  } sa_t;

  // ---- sad: what the pipelines ask
  typedef struct packed {   // seal: fetch the SA and take its next sequence number
    logic [15:0] slot;
    logic [31:0] reqid;     // must equal the SA's, or the SA counts as gone
  } seal_req_t;

  typedef struct packed {
    sa_t         sa;        // sa.valid 0: no such SA for this policy; no number was taken
    logic [15:0] slot;
    logic [63:0] seq;
    logic        seq_ok;    // 0: numbers or lease used up (RFC 4303 §2.2: never wraps)
  } seal_rsp_t;

  typedef struct packed {   // open: find the SA (RFC 4301 §4.4.2) and look at the replay window (RFC 4303 §3.4.3)
    logic         is_v6;
    logic [7:0]   proto;
    logic [127:0] dst;
    logic [31:0]  spi;
    logic [31:0]  seq;
  } open_req_t;

  typedef struct packed {
    logic        hit;
    logic [15:0] slot;
    sa_t         sa;
    logic [63:0] seq;        // with ESN the full number; else the 32 bits received
    logic        replay_ok;  // not seen, not below the window, not 0: worth checking its ICV
  } open_rsp_t;

  typedef struct packed {   // open: after the ICV held: commit the number (may still lose to a duplicate in flight)
    logic [15:0] slot;
    logic [63:0] seq;
  } replay_req_t;

  typedef struct packed {   // seal and open: one per packet that touched an SA, once its fate is known
    logic [15:0] slot;
    logic        done;       // sealed or opened: counts a packet and n_bytes
    logic        bad_icv;
    logic        replayed;
    logic [15:0] n_bytes;    // inner IP total length
  } sa_count_t;

  typedef struct packed {   // one per packet that matched a policy
    logic [15:0] sp_id;
    logic [1:0]  kind;       // 0 accepted, 1 dropped, 2 transformed
  } sp_count_t;

  // ---- crypto: jobs. A body is a run of words in packet memory; it begins at byte 0 of word `base`
  // (the IV, if the cipher has one), addresses wrap at the memory's size.
  typedef struct packed {
    logic [9:0]  ticket;
    logic [15:0] base;
    logic [15:0] n_bytes;    // whole body: IV and ciphertext, or a frame to copy; 0: answer at once
    logic        is_copy;    // no cipher: copy the words (bypass, or enc NULL)
    logic [1:0]  key_size;   // 0: AES-128, 1: 192, 2: 256
    logic [15:0] slot;
  } cipher_job_t;

  typedef struct packed {
    logic [9:0]   ticket;
    logic [7:0]   pad_bytes;   // the body's second last byte, as written
    logic [7:0]   next_header; // the body's last byte, as written
    logic         pad_ok;      // the pad_bytes bytes before them are 1, 2, 3, … (RFC 4303 §2.4)
  } cipher_done_t;

  typedef struct packed {
    logic [9:0]  ticket;
    logic [15:0] base;
    logic [15:0] n_bytes;    // body: IV and ciphertext, without the ICV
    logic [15:0] slot;
    logic [31:0] spi;        // the 8 bytes hashed before the body (RFC 4303 §2.8)
    logic [31:0] seq;
  } auth_job_t;

  typedef struct packed {
    logic [9:0]   ticket;
    logic [255:0] icv;       // first byte in bits 7:0; the SA's ICV length of it counts
  } auth_done_t;

  // ---- towards the host
  typedef struct packed {   // beside the first beat of a packet for the RX ring
    logic [7:0]  reason;
    logic [1:0]  face;
    logic [15:0] n_bytes;
    logic [15:0] sa_slot;    // 16'hffff: none
    logic [15:0] sp_id;      // 16'hffff: none
  } host_meta_t;

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
  localparam logic [4:0] TBL_SA_ID      = 5'd1;   // sad: store word 0 of the record at idx; ext[0] is its valid bit
  localparam logic [4:0] TBL_SA_ADDR    = 5'd2;   // sad: store word 1
  localparam logic [4:0] TBL_SA_LIMITS  = 5'd3;   // sad: store word 2; ext[0]: also start sequence number, window and counters anew
  localparam logic [4:0] TBL_SA_KEY     = 5'd4;   // cipher of direction ext[0]: expand and store word 3's key; ext[2:1] key size; ext[3]: zero instead
  localparam logic [4:0] TBL_SA_INNER   = 5'd5;   // auth of direction ext[0]: store word 4
  localparam logic [4:0] TBL_SA_OUTER   = 5'd6;   // auth of direction ext[0]: store word 5
  localparam logic [4:0] TBL_SA_VALID   = 5'd7;   // sad: valid := ext[0]; the rest stays
  localparam logic [4:0] TBL_SA_GET_ID  = 5'd8;   // sad: rdata = word 0 as stored, rdata[511] = valid
  localparam logic [4:0] TBL_SA_GET_LIVE = 5'd9;  // sad: rdata = second word of desc sa_state
  localparam logic [4:0] TBL_HASH_ADD   = 5'd10;  // sad: enter slot idx under the key in words 0 and 1 stored at idx; err TABLE_FULL or EXISTS
  localparam logic [4:0] TBL_HASH_DEL   = 5'd11;  // sad: remove slot idx; err NOT_FOUND
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
    logic [511:0] data;
  } tbl_req_t;

  typedef struct packed {   // a room that does not own the op keeps all bits 0; host/ ORs them
    logic         ack;
    logic [7:0]   err;      // adit_reg_pkg::STATUS_*
    logic [511:0] data;
  } tbl_rsp_t;

endpackage
