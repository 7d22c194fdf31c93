// SPDX-License-Identifier: BSD-2-Clause-Patent
// What passes between the rooms inside seal and open. Both directions carry the same three records of a packet:
//
//   cut_t    entry -> form    how the frame is cut:   body = nonce ++ frame[off +: bytes] ++ padding trailer
//   crypt_t  form -> engines  what the engines are asked to do with the body
//   leave_t  form -> emit     how it leaves, and what is counted when it does
//
// Output frame = header ++ body[body_off +: body_bytes] ++ ICV,
// header       = frame[0 +: keep] (its IP header rewritten if edit) ++ ins[0 +: ins_bytes].
package path_pkg;

  localparam int unsigned RAW_BYTES = 82;               // longest header kept: 22 (two VLAN tags) + 60 (IPv4 with options)
  localparam int unsigned RAW_BITS  = 8 * RAW_BYTES;
  localparam int unsigned INS_BYTES = 28;               // longest insert: outer IPv4 header and ESP header
  localparam int unsigned HEAD_BYTES = RAW_BYTES + 8;   // transport mode: kept header and ESP header
  localparam int unsigned TAIL_BYTES = 17;              // 15 bytes of padding, pad length, next header
  localparam int unsigned TAIL_BITS = 8 * TAIL_BYTES;
  localparam int unsigned ICV_BITS  = 96;

  typedef struct packed {
    logic        has_body;      // 0: the frame is read and forgotten
    logic        has_nonce;     // 16 bytes stand before the frame's: 8 zero bytes and the sequence number
    logic [63:0] nonce;
    logic [6:0]  off;
    logic [15:0] n_bytes;       // of the frame
    logic        has_trailer;
    logic [3:0]  pad_bytes;
    logic [7:0]  next_header;
    logic [3:0]  icv_bytes;     // the last of n_bytes are the ICV: captured, not part of the body
    logic [15:0] total_bytes;   // nonce + n_bytes + trailer
  } cut_t;

  typedef struct packed {
    logic        is_copy;
    logic        has_auth;
    logic [1:0]  key_size;
    logic [15:0] slot;
    logic [31:0] spi;
    logic [31:0] seq;
    logic [15:0] n_bytes;       // body
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
    // counters
    logic        sp_counts;
    logic [1:0]  sp_kind;
    logic        sa_counts;
    logic        sa_done;
    logic        sa_bad_icv;
    logic        sa_replayed;
    logic [15:0] sa_bytes;      // inner IP total length
    // header
    logic [6:0]  keep;
    logic        edit;          // the kept IP header gets this total length and protocol, and a checksum for them
    logic [15:0] edit_bytes;
    logic [7:0]  edit_proto;
    logic [6:0]  l3_off;
    logic [5:0]  l3_head_bytes;
    logic [4:0]  ins_bytes;
    logic [223:0] ins;          // bytes past ins_bytes are zero
    // body
    logic [4:0]  body_off;
    logic [15:0] body_bytes;
    logic [3:0]  icv_bytes;
  } leave_t;

  localparam int unsigned LEAVE_BITS = 8 + 2 + 2 + 32 + 16 + 16 + 16 + 1 + 2 + 4 + 16 + 7 + 1 + 16 + 8 + 7 + 6 + 5 + 224 + 5 + 16 + 4;
  localparam int unsigned CRYPT_BITS = 1 + 1 + 2 + 16 + 32 + 32 + 16;

  // open: what the check after decryption compares with
  typedef struct packed {
    logic         is_esp;       // 0: nothing to check
    logic         is_tunnel;
    logic [4:0]   iv_bytes;
    logic [15:0]  n_bytes;      // body without IV: payload, padding, trailer
    logic [31:0]  reqid;
    logic [63:0]  seq;
    logic [127:0] src;          // outer addresses, as received
    logic [127:0] dst;
  } check_t;

  localparam int unsigned CHECK_BITS = 1 + 1 + 5 + 16 + 32 + 64 + 128 + 128;

endpackage
