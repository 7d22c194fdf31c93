// SPDX-License-Identifier: BSD-2-Clause-Patent
// Generated from card.toml by tools/regmap. Edit the map, then `make regs`.
package adit_reg_pkg;

  localparam int unsigned BAR_BYTES = 4096;

  // ---- registers: byte offset of the first, value after reset, bits that software writes
  // RW keeps what is written; W1 acts for one cycle and reads zero; W1C is cleared by writing one.

  // Constant. Anything else means that this BAR is not an adit card, or that the card is gone.
  localparam logic [11:0] MAGIC_OFFSET = 12'h000;
  localparam logic [31:0] MAGIC_RESET = 32'h54494441;
  localparam logic [31:0] MAGIC_RW_MASK = 32'h00000000;
  localparam logic [31:0] MAGIC_W1_MASK = 32'h00000000;
  localparam logic [31:0] MAGIC_W1C_MASK = 32'h00000000;

  // Which contract the card speaks.
  localparam logic [11:0] VERSION_OFFSET = 12'h004;
  localparam logic [31:0] VERSION_RESET = 32'h00010002;
  localparam logic [31:0] VERSION_RW_MASK = 32'h00000000;
  localparam logic [31:0] VERSION_W1_MASK = 32'h00000000;
  localparam logic [31:0] VERSION_W1C_MASK = 32'h00000000;

  // Table sizes, as powers of two.
  localparam logic [11:0] CAP_SIZES_OFFSET = 12'h008;
  localparam logic [31:0] CAP_SIZES_RESET = 32'h00000000;
  localparam logic [31:0] CAP_SIZES_RW_MASK = 32'h00000000;
  localparam logic [31:0] CAP_SIZES_W1_MASK = 32'h00000000;
  localparam logic [31:0] CAP_SIZES_W1C_MASK = 32'h00000000;

  // Bit n: the card has the cipher whose code is n (enum enc).
  localparam logic [11:0] CAP_ENC_OFFSET = 12'h00c;
  localparam logic [31:0] CAP_ENC_RESET = 32'h00000000;
  localparam logic [31:0] CAP_ENC_RW_MASK = 32'h00000000;
  localparam logic [31:0] CAP_ENC_W1_MASK = 32'h00000000;
  localparam logic [31:0] CAP_ENC_W1C_MASK = 32'h00000000;

  // Bit n: the card has the integrity algorithm whose code is n (enum auth).
  localparam logic [11:0] CAP_AUTH_OFFSET = 12'h010;
  localparam logic [31:0] CAP_AUTH_RESET = 32'h00000000;
  localparam logic [31:0] CAP_AUTH_RW_MASK = 32'h00000000;
  localparam logic [31:0] CAP_AUTH_W1_MASK = 32'h00000000;
  localparam logic [31:0] CAP_AUTH_W1C_MASK = 32'h00000000;

  // Bit n: the card has the feature whose code is n (enum feature).
  localparam logic [11:0] CAP_FEATURES_OFFSET = 12'h014;
  localparam logic [31:0] CAP_FEATURES_RESET = 32'h00000000;
  localparam logic [31:0] CAP_FEATURES_RW_MASK = 32'h00000000;
  localparam logic [31:0] CAP_FEATURES_W1_MASK = 32'h00000000;
  localparam logic [31:0] CAP_FEATURES_W1C_MASK = 32'h00000000;

  // Largest things the card takes.
  localparam logic [11:0] CAP_LIMITS_OFFSET = 12'h018;
  localparam logic [31:0] CAP_LIMITS_RESET = 32'h00000000;
  localparam logic [31:0] CAP_LIMITS_RW_MASK = 32'h00000000;
  localparam logic [31:0] CAP_LIMITS_W1_MASK = 32'h00000000;
  localparam logic [31:0] CAP_LIMITS_W1C_MASK = 32'h00000000;

  // The card's clock.
  localparam logic [11:0] CAP_CLOCK_OFFSET = 12'h01c;
  localparam logic [31:0] CAP_CLOCK_RESET = 32'h00000000;
  localparam logic [31:0] CAP_CLOCK_RW_MASK = 32'h00000000;
  localparam logic [31:0] CAP_CLOCK_W1_MASK = 32'h00000000;
  localparam logic [31:0] CAP_CLOCK_W1C_MASK = 32'h00000000;

  // Global control.
  localparam logic [11:0] CTRL_OFFSET = 12'h040;
  localparam logic [31:0] CTRL_RESET = 32'h00000000;
  localparam logic [31:0] CTRL_RW_MASK = 32'h0000000f;
  localparam logic [31:0] CTRL_W1_MASK = 32'h00000100;
  localparam logic [31:0] CTRL_W1C_MASK = 32'h00000000;

  // Live state.
  localparam logic [11:0] STATUS_OFFSET = 12'h044;
  localparam logic [31:0] STATUS_RESET = 32'h00000000;
  localparam logic [31:0] STATUS_RW_MASK = 32'h00000000;
  localparam logic [31:0] STATUS_W1_MASK = 32'h00000000;
  localparam logic [31:0] STATUS_W1C_MASK = 32'h00000000;

  // Why each ring stopped (enum fault), 0 while it runs. Cleared when the ring is enabled anew.
  localparam logic [11:0] RING_FAULT_OFFSET = 12'h048;
  localparam logic [31:0] RING_FAULT_RESET = 32'h00000000;
  localparam logic [31:0] RING_FAULT_RW_MASK = 32'h00000000;
  localparam logic [31:0] RING_FAULT_W1_MASK = 32'h00000000;
  localparam logic [31:0] RING_FAULT_W1C_MASK = 32'h00000000;

  // Clock cycles since reset, low half. Reading it latches CYCLES_HI.
  localparam logic [11:0] CYCLES_LO_OFFSET = 12'h050;
  localparam logic [31:0] CYCLES_LO_RESET = 32'h00000000;
  localparam logic [31:0] CYCLES_LO_RW_MASK = 32'h00000000;
  localparam logic [31:0] CYCLES_LO_W1_MASK = 32'h00000000;
  localparam logic [31:0] CYCLES_LO_W1C_MASK = 32'h00000000;

  // High half, as latched by the last read of CYCLES_LO.
  localparam logic [11:0] CYCLES_HI_OFFSET = 12'h054;
  localparam logic [31:0] CYCLES_HI_RESET = 32'h00000000;
  localparam logic [31:0] CYCLES_HI_RW_MASK = 32'h00000000;
  localparam logic [31:0] CYCLES_HI_W1_MASK = 32'h00000000;
  localparam logic [31:0] CYCLES_HI_W1C_MASK = 32'h00000000;

  // Least number of cycles between two interrupts of one vector.
  localparam logic [11:0] IRQ_MODERATION_OFFSET = 12'h058;
  localparam logic [31:0] IRQ_MODERATION_RESET = 32'h00000000;
  localparam logic [31:0] IRQ_MODERATION_RW_MASK = 32'h0000ffff;
  localparam logic [31:0] IRQ_MODERATION_W1_MASK = 32'h00000000;
  localparam logic [31:0] IRQ_MODERATION_W1C_MASK = 32'h00000000;

  // Acquire and notice events lost because the event ring was full. Completions and verdicts are never lost.
  localparam logic [11:0] EVT_DROPPED_OFFSET = 12'h05c;
  localparam logic [31:0] EVT_DROPPED_RESET = 32'h00000000;
  localparam logic [31:0] EVT_DROPPED_RW_MASK = 32'h00000000;
  localparam logic [31:0] EVT_DROPPED_W1_MASK = 32'h00000000;
  localparam logic [31:0] EVT_DROPPED_W1C_MASK = 32'h00000000;

  // Seconds, for lifetimes. Counts by itself if CAP_CLOCK.hz is not 0; else the host writes it. Must not go back.
  localparam logic [11:0] NOW_OFFSET = 12'h060;
  localparam logic [31:0] NOW_RESET = 32'h00000000;
  localparam logic [31:0] NOW_RW_MASK = 32'hffffffff;
  localparam logic [31:0] NOW_W1_MASK = 32'h00000000;
  localparam logic [31:0] NOW_W1C_MASK = 32'h00000000;

  // Length of the period that HOST_LIMIT counts in.
  localparam logic [11:0] HOST_PERIOD_OFFSET = 12'h064;
  localparam logic [31:0] HOST_PERIOD_RESET = 32'h00000000;
  localparam logic [31:0] HOST_PERIOD_RW_MASK = 32'hffffffff;
  localparam logic [31:0] HOST_PERIOD_W1_MASK = 32'h00000000;
  localparam logic [31:0] HOST_PERIOD_W1C_MASK = 32'h00000000;

  // RX buffers kept for IKE.
  localparam logic [11:0] HOST_RESERVE_OFFSET = 12'h068;
  localparam logic [31:0] HOST_RESERVE_RESET = 32'h00000000;
  localparam logic [31:0] HOST_RESERVE_RW_MASK = 32'h0000ffff;
  localparam logic [31:0] HOST_RESERVE_W1_MASK = 32'h00000000;
  localparam logic [31:0] HOST_RESERVE_W1C_MASK = 32'h00000000;

  // Ring base IOVA, low half, 64-byte aligned.
  localparam logic [11:0] RING_BASE_LO_OFFSET = 12'h100;
  localparam int unsigned RING_BASE_LO_COUNT = 4;
  localparam int unsigned RING_BASE_LO_STRIDE = 32;
  localparam logic [31:0] RING_BASE_LO_RESET = 32'h00000000;
  localparam logic [31:0] RING_BASE_LO_RW_MASK = 32'hffffffff;
  localparam logic [31:0] RING_BASE_LO_W1_MASK = 32'h00000000;
  localparam logic [31:0] RING_BASE_LO_W1C_MASK = 32'h00000000;

  // Ring base IOVA, high half.
  localparam logic [11:0] RING_BASE_HI_OFFSET = 12'h104;
  localparam int unsigned RING_BASE_HI_COUNT = 4;
  localparam int unsigned RING_BASE_HI_STRIDE = 32;
  localparam logic [31:0] RING_BASE_HI_RESET = 32'h00000000;
  localparam logic [31:0] RING_BASE_HI_RW_MASK = 32'hffffffff;
  localparam logic [31:0] RING_BASE_HI_W1_MASK = 32'h00000000;
  localparam logic [31:0] RING_BASE_HI_W1C_MASK = 32'h00000000;

  // Size and switch. Enabling a ring sets both its indices to 0 and clears its fault.
  localparam logic [11:0] RING_CTRL_OFFSET = 12'h108;
  localparam int unsigned RING_CTRL_COUNT = 4;
  localparam int unsigned RING_CTRL_STRIDE = 32;
  localparam logic [31:0] RING_CTRL_RESET = 32'h00000000;
  localparam logic [31:0] RING_CTRL_RW_MASK = 32'h8000001f;
  localparam logic [31:0] RING_CTRL_W1_MASK = 32'h00000000;
  localparam logic [31:0] RING_CTRL_W1C_MASK = 32'h00000000;

  // The host's free-running index: entries it has posted (command, TX, RX) or consumed (event) since the ring was enabled, modulo 65536.
  localparam logic [11:0] RING_DOORBELL_OFFSET = 12'h10c;
  localparam int unsigned RING_DOORBELL_COUNT = 4;
  localparam int unsigned RING_DOORBELL_STRIDE = 32;
  localparam logic [31:0] RING_DOORBELL_RESET = 32'h00000000;
  localparam logic [31:0] RING_DOORBELL_RW_MASK = 32'h0000ffff;
  localparam logic [31:0] RING_DOORBELL_W1_MASK = 32'h00000000;
  localparam logic [31:0] RING_DOORBELL_W1C_MASK = 32'h00000000;

  // The card's free-running index: entries it has taken (command, TX, RX) or written (event).
  localparam logic [11:0] RING_INDEX_OFFSET = 12'h110;
  localparam int unsigned RING_INDEX_COUNT = 4;
  localparam int unsigned RING_INDEX_STRIDE = 32;
  localparam logic [31:0] RING_INDEX_RESET = 32'h00000000;
  localparam logic [31:0] RING_INDEX_RW_MASK = 32'h00000000;
  localparam logic [31:0] RING_INDEX_W1_MASK = 32'h00000000;
  localparam logic [31:0] RING_INDEX_W1C_MASK = 32'h00000000;

  // Where the card writes the TX ring's RING_INDEX as a 64-byte line (first 4 bytes) after each batch; only ring 2 uses it. Low half, 64-byte aligned; 0 with RING_WB_HI 0: no write-back.
  localparam logic [11:0] RING_WB_LO_OFFSET = 12'h114;
  localparam int unsigned RING_WB_LO_COUNT = 4;
  localparam int unsigned RING_WB_LO_STRIDE = 32;
  localparam logic [31:0] RING_WB_LO_RESET = 32'h00000000;
  localparam logic [31:0] RING_WB_LO_RW_MASK = 32'hffffffff;
  localparam logic [31:0] RING_WB_LO_W1_MASK = 32'h00000000;
  localparam logic [31:0] RING_WB_LO_W1C_MASK = 32'h00000000;

  // High half of the write-back IOVA.
  localparam logic [11:0] RING_WB_HI_OFFSET = 12'h118;
  localparam int unsigned RING_WB_HI_COUNT = 4;
  localparam int unsigned RING_WB_HI_STRIDE = 32;
  localparam logic [31:0] RING_WB_HI_RESET = 32'h00000000;
  localparam logic [31:0] RING_WB_HI_RW_MASK = 32'hffffffff;
  localparam logic [31:0] RING_WB_HI_W1_MASK = 32'h00000000;
  localparam logic [31:0] RING_WB_HI_W1C_MASK = 32'h00000000;

  // Eight addresses of four words, network order: word 4n holds the first four bytes of address n (byte 0 in the lowest bits). IPv4 uses word 4n alone.
  localparam logic [11:0] LOCAL_ADDR_OFFSET = 12'h200;
  localparam int unsigned LOCAL_ADDR_COUNT = 32;
  localparam int unsigned LOCAL_ADDR_STRIDE = 4;
  localparam logic [31:0] LOCAL_ADDR_RESET = 32'h00000000;
  localparam logic [31:0] LOCAL_ADDR_RW_MASK = 32'hffffffff;
  localparam logic [31:0] LOCAL_ADDR_W1_MASK = 32'h00000000;
  localparam logic [31:0] LOCAL_ADDR_W1C_MASK = 32'h00000000;

  // Which of the eight local addresses count.
  localparam logic [11:0] LOCAL_VALID_OFFSET = 12'h280;
  localparam logic [31:0] LOCAL_VALID_RESET = 32'h00000000;
  localparam logic [31:0] LOCAL_VALID_RW_MASK = 32'h0000ffff;
  localparam logic [31:0] LOCAL_VALID_W1_MASK = 32'h00000000;
  localparam logic [31:0] LOCAL_VALID_W1C_MASK = 32'h00000000;

  // How many packets with reason 48 + n go to the host in one HOST_PERIOD; the rest are dropped (HostRateLimit).
  localparam logic [11:0] HOST_LIMIT_OFFSET = 12'h2c0;
  localparam int unsigned HOST_LIMIT_COUNT = 16;
  localparam int unsigned HOST_LIMIT_STRIDE = 4;
  localparam logic [31:0] HOST_LIMIT_RESET = 32'h00000000;
  localparam logic [31:0] HOST_LIMIT_RW_MASK = 32'h0000ffff;
  localparam logic [31:0] HOST_LIMIT_W1_MASK = 32'h00000000;
  localparam logic [31:0] HOST_LIMIT_W1C_MASK = 32'h00000000;

  typedef struct packed {
    logic [31:0]  value;  // ASCII ADIT, first letter in the lowest byte.
  } magic_t;

  typedef struct packed {
    logic [15:0]  major;  // Breaks. A driver refuses another major.
    logic [15:0]  minor;  // Additions. A driver accepts any minor.
  } version_t;

  typedef struct packed {
    logic [6:0]   rsvd25;
    logic         full_size;  // 1: engines fully unrolled. 0: development size.
    logic [3:0]   vectors;  // MSI-X vectors.
    logic [3:0]   pkt_rings;  // Packet ring pairs.
    logic [7:0]   sp_log2;  // Policy rules per bank, and policy ids.
    logic [7:0]   sa_log2;  // SA slots.
  } cap_sizes_t;

  typedef struct packed {
    logic [31:0]  mask;  // Cipher codes.
  } cap_enc_t;

  typedef struct packed {
    logic [31:0]  mask;  // Integrity codes.
  } cap_auth_t;

  typedef struct packed {
    logic [31:0]  mask;  // Feature codes.
  } cap_features_t;

  typedef struct packed {
    logic [15:0]  replay_packets;  // Largest replay window.
    logic [15:0]  frame_bytes;  // Longest Ethernet frame, without FCS.
  } cap_limits_t;

  typedef struct packed {
    logic [31:0]  hz;  // Cycles a second. 0: the card has no measure of time (simulation), the host writes NOW.
  } cap_clock_t;

  typedef struct packed {
    logic [22:0]  rsvd9;
    logic         reset;  // Writing 1 resets the card: rings off, tables empty, keys zeroed. STATUS.ready tells when.
    logic [3:0]   rsvd4;
    logic         verdicts;  // 1: every packet that ends its way through the card posts a verdict event. For tests and captures: the pipelines wait for room in the event ring.
    logic         no_match;  // A packet that no rule matches: 0 is dropped, 1 passes unchanged.
    logic         nic;  // 0: mode wire. 1: mode nic (the plaintext side is the host).
    logic         enable;  // 1 lets frames in at lan and wan. 0: the ports accept nothing and hold what waits.
  } ctrl_t;

  typedef struct packed {
    logic [23:0]  rsvd8;
    logic         rx_fault;  // Packet RX ring 0 stopped on a fault.
    logic         tx_fault;  // Packet TX ring 0 stopped on a fault.
    logic         evt_fault;  // The event ring stopped on a fault.
    logic         cmd_fault;  // The command ring stopped on a fault (RING_FAULT tells which).
    logic [1:0]   rsvd2;
    logic         busy;  // 1 while a packet or a command is inside the card.
    logic         ready;  // 1 once reset has zeroed every table.
  } status_t;

  typedef struct packed {
    logic [7:0]   rx;  // Packet RX ring 0.
    logic [7:0]   tx;  // Packet TX ring 0.
    logic [7:0]   evt;  // Event ring.
    logic [7:0]   cmd;  // Command ring.
  } ring_fault_t;

  typedef struct packed {
    logic [31:0]  value;  // Low half.
  } cycles_lo_t;

  typedef struct packed {
    logic [31:0]  value;  // High half.
  } cycles_hi_t;

  typedef struct packed {
    logic [15:0]  rsvd16;
    logic [15:0]  cycles;  // 0: none.
  } irq_moderation_t;

  typedef struct packed {
    logic [31:0]  count;  // Wraps.
  } evt_dropped_t;

  typedef struct packed {
    logic [31:0]  seconds;  // Seconds since any fixed point.
  } now_t;

  typedef struct packed {
    logic [31:0]  cycles;  // 0: no limit holds.
  } host_period_t;

  typedef struct packed {
    logic [15:0]  rsvd16;
    logic [15:0]  buffers;  // A packet with another reason than HostIke is dropped (HostRingFull) while no more than this many posted buffers are left.
  } host_reserve_t;

  typedef struct packed {
    logic [31:0]  addr;  // Bits 5:0 are ignored.
  } ring_base_lo_t;

  typedef struct packed {
    logic [31:0]  addr;  // IOVA bits 63:32.
  } ring_base_hi_t;

  typedef struct packed {
    logic         enable;  // 1: the ring runs.
    logic [25:0]  rsvd5;
    logic [4:0]   size_log2;  // Entries as a power of two: 1 .. 16.
  } ring_ctrl_t;

  typedef struct packed {
    logic [15:0]  rsvd16;
    logic [15:0]  index;  // Entry number, not masked by the ring's size.
  } ring_doorbell_t;

  typedef struct packed {
    logic [15:0]  rsvd16;
    logic [15:0]  index;  // Entry number, not masked by the ring's size.
  } ring_index_t;

  typedef struct packed {
    logic [31:0]  addr;  // Bits 5:0 are ignored.
  } ring_wb_lo_t;

  typedef struct packed {
    logic [31:0]  addr;  // IOVA bits 63:32.
  } ring_wb_hi_t;

  typedef struct packed {
    logic [31:0]  bytes;  // Four address bytes.
  } local_addr_t;

  typedef struct packed {
    logic [15:0]  rsvd16;
    logic [7:0]   v6;  // Bit n: address n is IPv6 and counts.
    logic [7:0]   v4;  // Bit n: address n is IPv4 and counts.
  } local_valid_t;

  typedef struct packed {
    logic [15:0]  rsvd16;
    logic [15:0]  packets;  // 0: no limit.
  } host_limit_t;

  // ---- codes

  // MSI-X vectors.
  localparam logic [7:0] VECTOR_EVT = 8'd0;
  localparam logic [7:0] VECTOR_TX = 8'd1;
  localparam logic [7:0] VECTOR_RX = 8'd2;
  localparam logic [7:0] VECTOR_FAULT = 8'd3;

  // Ring numbers.
  localparam logic [7:0] RING_CMD = 8'd0;
  localparam logic [7:0] RING_EVT = 8'd1;
  localparam logic [7:0] RING_TX = 8'd2;
  localparam logic [7:0] RING_RX = 8'd3;

  // Why a ring stopped.
  localparam logic [7:0] FAULT_NONE = 8'd0;
  localparam logic [7:0] FAULT_DMA_READ = 8'd1;
  localparam logic [7:0] FAULT_DMA_WRITE = 8'd2;
  localparam logic [7:0] FAULT_BAD_SIZE = 8'd3;
  localparam logic [7:0] FAULT_BAD_DOORBELL = 8'd4;

  // Command opcodes.
  localparam logic [7:0] OP_NOP = 8'd0;
  localparam logic [7:0] OP_SA_ADD = 8'd1;
  localparam logic [7:0] OP_SA_UPDATE = 8'd2;
  localparam logic [7:0] OP_SA_DELETE = 8'd3;
  localparam logic [7:0] OP_SA_QUERY = 8'd4;
  localparam logic [7:0] OP_SA_FLUSH = 8'd5;
  localparam logic [7:0] OP_SP_ADD = 8'd8;
  localparam logic [7:0] OP_SP_DELETE = 8'd9;
  localparam logic [7:0] OP_SP_COMMIT = 8'd10;
  localparam logic [7:0] OP_SP_UPDATE = 8'd11;
  localparam logic [7:0] OP_SP_QUERY = 8'd12;
  localparam logic [7:0] OP_SP_FLUSH = 8'd13;
  localparam logic [7:0] OP_STATS = 8'd16;
  localparam logic [7:0] OP_CAPS = 8'd17;

  // Completion status: what is wrong, then completion.field names where.
  localparam logic [7:0] STATUS_OK = 8'd0;
  localparam logic [7:0] STATUS_BAD_OP = 8'd1;
  localparam logic [7:0] STATUS_BAD_FIELD = 8'd2;
  localparam logic [7:0] STATUS_BAD_LENGTH = 8'd3;
  localparam logic [7:0] STATUS_NOT_FOUND = 8'd4;
  localparam logic [7:0] STATUS_EXISTS = 8'd5;
  localparam logic [7:0] STATUS_TABLE_FULL = 8'd6;
  localparam logic [7:0] STATUS_UNSUPPORTED = 8'd7;
  localparam logic [7:0] STATUS_DMA_ERROR = 8'd8;

  // Event types.
  localparam logic [7:0] EVENT_COMPLETION = 8'd1;
  localparam logic [7:0] EVENT_ACQUIRE = 8'd2;
  localparam logic [7:0] EVENT_SA_SOFT = 8'd3;
  localparam logic [7:0] EVENT_SA_HARD = 8'd4;
  localparam logic [7:0] EVENT_SEQ_NEAR = 8'd5;
  localparam logic [7:0] EVENT_SEQ_END = 8'd6;
  localparam logic [7:0] EVENT_RING_FAULT = 8'd7;
  localparam logic [7:0] EVENT_VERDICT = 8'd8;

  // Direction of an SA.
  localparam logic [7:0] DIR_OUT = 8'd0;
  localparam logic [7:0] DIR_IN = 8'd1;

  // IPsec protocol of an SA, by IP protocol number.
  localparam logic [7:0] PROTO_ESP = 8'd50;
  localparam logic [7:0] PROTO_AH = 8'd51;

  // Encapsulation mode of an SA.
  localparam logic [7:0] MODE_TRANSPORT = 8'd0;
  localparam logic [7:0] MODE_TUNNEL = 8'd1;

  // Ciphers (ESP).
  localparam logic [7:0] ENC_NULL = 8'd0;
  localparam logic [7:0] ENC_AES_CBC_128 = 8'd1;
  localparam logic [7:0] ENC_AES_CBC_192 = 8'd2;
  localparam logic [7:0] ENC_AES_CBC_256 = 8'd3;
  localparam logic [7:0] ENC_AES_CTR_128 = 8'd4;
  localparam logic [7:0] ENC_AES_CTR_192 = 8'd5;
  localparam logic [7:0] ENC_AES_CTR_256 = 8'd6;
  localparam logic [7:0] ENC_AES_GCM_128 = 8'd7;
  localparam logic [7:0] ENC_AES_GCM_192 = 8'd8;
  localparam logic [7:0] ENC_AES_GCM_256 = 8'd9;
  localparam logic [7:0] ENC_DES_CBC = 8'd10;
  localparam logic [7:0] ENC_DES3_CBC = 8'd11;
  localparam logic [7:0] ENC_BLOWFISH_CBC = 8'd12;
  localparam logic [7:0] ENC_TWOFISH_CBC = 8'd13;
  localparam logic [7:0] ENC_CAMELLIA_CBC_128 = 8'd14;
  localparam logic [7:0] ENC_CAMELLIA_CBC_192 = 8'd15;
  localparam logic [7:0] ENC_CAMELLIA_CBC_256 = 8'd16;

  // Integrity algorithms.
  localparam logic [7:0] AUTH_NULL = 8'd0;
  localparam logic [7:0] AUTH_HMAC_MD5_96 = 8'd1;
  localparam logic [7:0] AUTH_HMAC_SHA1_96 = 8'd2;
  localparam logic [7:0] AUTH_HMAC_SHA256_128 = 8'd3;
  localparam logic [7:0] AUTH_HMAC_SHA384_192 = 8'd4;
  localparam logic [7:0] AUTH_HMAC_SHA512_256 = 8'd5;
  localparam logic [7:0] AUTH_AES_GMAC_128 = 8'd6;
  localparam logic [7:0] AUTH_AES_GMAC_192 = 8'd7;
  localparam logic [7:0] AUTH_AES_GMAC_256 = 8'd8;

  // Bits of CAP_FEATURES.
  localparam logic [7:0] FEATURE_ESP = 8'd0;
  localparam logic [7:0] FEATURE_AH = 8'd1;
  localparam logic [7:0] FEATURE_TUNNEL = 8'd2;
  localparam logic [7:0] FEATURE_TRANSPORT = 8'd3;
  localparam logic [7:0] FEATURE_IPV4 = 8'd4;
  localparam logic [7:0] FEATURE_IPV6 = 8'd5;
  localparam logic [7:0] FEATURE_ESN = 8'd6;
  localparam logic [7:0] FEATURE_NAT_T = 8'd7;
  localparam logic [7:0] FEATURE_LIFETIME_BYTES = 8'd8;
  localparam logic [7:0] FEATURE_LIFETIME_PACKETS = 8'd9;
  localparam logic [7:0] FEATURE_LIFETIME_SECONDS = 8'd10;
  localparam logic [7:0] FEATURE_BUNDLE = 8'd11;
  localparam logic [7:0] FEATURE_VLAN = 8'd12;
  localparam logic [7:0] FEATURE_TFC = 8'd13;
  localparam logic [7:0] FEATURE_HOST_TRANSFORM = 8'd14;

  // What a rule does with a packet.
  localparam logic [7:0] ACTION_NONE = 8'd0;
  localparam logic [7:0] ACTION_DISCARD = 8'd1;
  localparam logic [7:0] ACTION_ENCRYPT = 8'd2;

  // What an encrypt rule does while it has no SA: use passes in clear, require and unique drop and post an acquire event.
  localparam logic [7:0] LEVEL_USE = 8'd0;
  localparam logic [7:0] LEVEL_REQUIRE = 8'd1;
  localparam logic [7:0] LEVEL_UNIQUE = 8'd2;

  // The three faces of the card.
  localparam logic [7:0] FACE_LAN = 8'd0;
  localparam logic [7:0] FACE_WAN = 8'd1;
  localparam logic [7:0] FACE_HOST = 8'd2;
  localparam logic [7:0] FACE_NONE = 8'd3;

  // Where a packet on the TX ring goes: through a pipeline as if received from lan or wan, or straight out. OPENED: the host has opened it (or failed) for the SA that the descriptor names; the card commits its number, checks its policy and counts it. SEAL: a fragment of a packet that came as HostSplit, to be sealed with the SA and counted for the policy that the descriptor names.
  localparam logic [7:0] DEST_FROM_LAN = 8'd0;
  localparam logic [7:0] DEST_FROM_WAN = 8'd1;
  localparam logic [7:0] DEST_OUT_LAN = 8'd2;
  localparam logic [7:0] DEST_OUT_WAN = 8'd3;
  localparam logic [7:0] DEST_OPENED = 8'd4;
  localparam logic [7:0] DEST_SEAL = 8'd5;

  // Why a packet was dropped or sent to the host. Names of Linux /proc/net/xfrm_stat where one fits.
  localparam logic [7:0] REASON_NONE = 8'd0;  // Went through.
  localparam logic [7:0] REASON_XfrmInError = 8'd1;  // Inbound, unclassified.
  localparam logic [7:0] REASON_XfrmInBufferError = 8'd2;  // Inbound, no room in the card.
  localparam logic [7:0] REASON_XfrmInHdrError = 8'd3;  // ESP or AH cut short, or its length does not fit the cipher's block and the ICV.
  localparam logic [7:0] REASON_XfrmInNoStates = 8'd4;  // No SA has this SPI, destination and protocol.
  localparam logic [7:0] REASON_XfrmInStateProtoError = 8'd5;  // The ICV is wrong.
  localparam logic [7:0] REASON_XfrmInStateModeError = 8'd6;  // The SA's mode does not fit the packet.
  localparam logic [7:0] REASON_XfrmInStateSeqError = 8'd7;  // Sequence number 0, replayed, or below the window.
  localparam logic [7:0] REASON_XfrmInStateExpired = 8'd8;  // The SA's hard limit has passed.
  localparam logic [7:0] REASON_XfrmInStateMismatch = 8'd9;  // The SA wants UDP encapsulation and the packet has none, or the other way round.
  localparam logic [7:0] REASON_XfrmInStateInvalid = 8'd10;  // The SA is being removed.
  localparam logic [7:0] REASON_XfrmInTmplMismatch = 8'd11;  // Policy wants another protection than the packet had: none at all, or another policy's SA.
  localparam logic [7:0] REASON_XfrmInNoPols = 8'd12;  // No rule matches, and CTRL.no_match drops.
  localparam logic [7:0] REASON_XfrmInPolBlock = 8'd13;  // The rule's action is discard.
  localparam logic [7:0] REASON_XfrmInPolError = 8'd14;  // Inbound policy error.
  localparam logic [7:0] REASON_XfrmOutError = 8'd15;  // Outbound, unclassified.
  localparam logic [7:0] REASON_XfrmOutNoStates = 8'd18;  // The rule wants protection and has no SA (level require or unique).
  localparam logic [7:0] REASON_XfrmOutStateProtoError = 8'd19;  // Outbound transform error.
  localparam logic [7:0] REASON_XfrmOutStateModeError = 8'd20;  // Transport mode, but the packet's addresses or family are not the SA's, or it is a fragment.
  localparam logic [7:0] REASON_XfrmOutStateSeqError = 8'd21;  // The SA's sequence numbers are used up, or its lease has ended.
  localparam logic [7:0] REASON_XfrmOutStateExpired = 8'd22;  // The SA's hard limit has passed.
  localparam logic [7:0] REASON_XfrmOutPolBlock = 8'd23;  // The rule's action is discard.
  localparam logic [7:0] REASON_XfrmOutPolError = 8'd25;  // Outbound policy error.
  localparam logic [7:0] REASON_XfrmOutStateInvalid = 8'd27;  // The rule's SA is gone, or belongs to another policy.
  localparam logic [7:0] REASON_RxRunt = 8'd32;  // Frame shorter than an Ethernet header and the headers it announces.
  localparam logic [7:0] REASON_RxGiant = 8'd33;  // Frame longer than CAP_LIMITS.frame_bytes.
  localparam logic [7:0] REASON_RxNotIp = 8'd34;  // Neither IPv4 nor ARP: a bump in the wire cannot judge it.
  localparam logic [7:0] REASON_RxIpv6 = 8'd35;  // IPv6, and the card has no feature IPV6.
  localparam logic [7:0] REASON_RxIpHeader = 8'd36;  // IP version, header length or total length is not possible.
  localparam logic [7:0] REASON_InEcn = 8'd31;  // Outer header says Congestion Experienced, the inner one is Not-ECT (RFC 6040 §4.2).
  localparam logic [7:0] REASON_OutTooBig = 8'd37;  // Sealed, it would be longer than CAP_LIMITS.frame_bytes.
  localparam logic [7:0] REASON_OutFragment = 8'd38;  // A fragment without ports, and the best rule asks for ports.
  localparam logic [7:0] REASON_InFragment = 8'd39;  // ESP, AH or UDP in an IP fragment that even the host did not put together (it came back from there).
  localparam logic [7:0] REASON_InPadding = 8'd40;  // Padding is not 1, 2, 3, … or is longer than the packet (RFC 4303 §2.4).
  localparam logic [7:0] REASON_InDummy = 8'd41;  // Dummy packet, next header 59 (RFC 4303 §2.6).
  localparam logic [7:0] REASON_InNextHeader = 8'd42;  // Next header does not fit the SA's mode.
  localparam logic [7:0] REASON_HostRingFull = 8'd43;  // Meant for the host, but the RX ring had no buffer or the buffer was too short.
  localparam logic [7:0] REASON_OutNoPols = 8'd44;  // No rule matches, and CTRL.no_match drops.
  localparam logic [7:0] REASON_InKeepalive = 8'd45;  // NAT-T keepalive (RFC 3948 §2.3).
  localparam logic [7:0] REASON_HostRateLimit = 8'd46;  // Meant for the host, but its reason has had its share of this HOST_PERIOD.
  localparam logic [7:0] REASON_RxExtHeaders = 8'd47;  // IPv6 extension headers or ports end beyond the first 128 bytes: a card that cannot judge must not pass.
  localparam logic [7:0] REASON_HostIke = 8'd48;  // To the host: IKE for a local address (UDP 500 or 4500).
  localparam logic [7:0] REASON_HostArp = 8'd49;  // To the host: ARP for a local address.
  localparam logic [7:0] REASON_HostLocal = 8'd50;  // To the host: another packet for a local address.
  localparam logic [7:0] REASON_HostNic = 8'd51;  // To the host: mode nic, ordinary traffic.
  localparam logic [7:0] REASON_HostNd = 8'd52;  // To the host: IPv6 neighbour or router discovery (RFC 4861) for a local address or for all.
  localparam logic [7:0] REASON_HostSlowSeal = 8'd53;  // To the host, to be sealed there: the descriptor carries SA and sequence number.
  localparam logic [7:0] REASON_HostSlowOpen = 8'd54;  // To the host, to be opened there: the descriptor carries SA and sequence number.
  localparam logic [7:0] REASON_HostFragment = 8'd55;  // To the host, to be put together: a fragment of ESP, AH or UDP for a local address.
  localparam logic [7:0] REASON_HostTooBig = 8'd56;  // To the host, to be answered with ICMP: sealed, it would exceed the SA's path MTU, and it may not be fragmented.
  localparam logic [7:0] REASON_HostSplit = 8'd57;  // To the host, to be fragmented before sealing: sealed, it would exceed the SA's path MTU.
  localparam int unsigned REASON_COUNT = 64;  // counters: largest code + 1, in groups of 8

  // Names a field in a completion that refuses a command.
  localparam logic [7:0] FIELD_NONE = 8'd0;
  localparam logic [7:0] FIELD_OP = 8'd1;
  localparam logic [7:0] FIELD_FLAGS = 8'd2;
  localparam logic [7:0] FIELD_INDEX = 8'd3;
  localparam logic [7:0] FIELD_DATA_IOVA = 8'd4;
  localparam logic [7:0] FIELD_DATA_BYTES = 8'd5;
  localparam logic [7:0] FIELD_VALUE = 8'd6;
  localparam logic [7:0] FIELD_SA_SPI = 8'd16;
  localparam logic [7:0] FIELD_SA_DIR = 8'd17;
  localparam logic [7:0] FIELD_SA_PROTO = 8'd18;
  localparam logic [7:0] FIELD_SA_MODE = 8'd19;
  localparam logic [7:0] FIELD_SA_ENC = 8'd20;
  localparam logic [7:0] FIELD_SA_AUTH = 8'd21;
  localparam logic [7:0] FIELD_SA_FLAGS = 8'd22;
  localparam logic [7:0] FIELD_SA_TTL = 8'd23;
  localparam logic [7:0] FIELD_SA_REPLAY_PACKETS = 8'd24;
  localparam logic [7:0] FIELD_SA_NEXT_SLOT = 8'd25;
  localparam logic [7:0] FIELD_SA_LIMITS = 8'd26;
  localparam logic [7:0] FIELD_SA_SEQ_FIRST = 8'd27;
  localparam logic [7:0] FIELD_SA_SEQ_LEASE = 8'd28;
  localparam logic [7:0] FIELD_SP_SRC_PLEN = 8'd32;
  localparam logic [7:0] FIELD_SP_DST_PLEN = 8'd33;
  localparam logic [7:0] FIELD_SP_FLAGS = 8'd34;
  localparam logic [7:0] FIELD_SP_SPORT = 8'd35;
  localparam logic [7:0] FIELD_SP_DPORT = 8'd36;
  localparam logic [7:0] FIELD_SP_ACTION = 8'd37;
  localparam logic [7:0] FIELD_SP_LEVEL = 8'd38;
  localparam logic [7:0] FIELD_SP_ID = 8'd39;
  localparam logic [7:0] FIELD_SA_ICV_BYTES = 8'd48;
  localparam logic [7:0] FIELD_SA_TFC_BYTES = 8'd49;
  localparam logic [7:0] FIELD_SA_INNER_MTU = 8'd50;

  // ---- descriptors and records: byte i of a word in bits [8i+7:8i]

  // Command descriptor (host to card).
  localparam int unsigned CMD_BYTES = 64;
  typedef struct packed {
    logic [319:0] rsvd192;
    logic [31:0]  value;  // SP_UPDATE: SA slot to bind. SP_COMMIT: bank to make live.
    logic [31:0]  data_bytes;  // Exactly the size of the record read or written.
    logic [63:0]  data_iova;  // SA_ADD, SA_UPDATE, SP_ADD: the record. SA_QUERY, SP_QUERY, STATS, CAPS: where the answer goes. 64-byte aligned.
    logic [31:0]  tag;  // Returned in the completion.
    logic [15:0]  index;  // SA_*: slot. SP_ADD, SP_DELETE: rank. SP_UPDATE, SP_QUERY: policy id. STATS: first reason code, a multiple of 8.
    logic [7:0]   flags;  // SP_ADD and SP_DELETE: bit 0 is the bank. SA_FLUSH: bit 0 spares AH, bit 1 spares ESP. SP_UPDATE: bit 0 is the bound flag. Else 0.
    logic [7:0]   op;  // enum op.
  } cmd_desc_t;

  // Event (card to host).
  localparam int unsigned EVT_BYTES = 64;
  typedef struct packed {
    logic [63:0]  cycle;  // Cycle at which the card wrote the event.
    logic [31:0]  rsvd416;
    logic [15:0]  dport;  // ACQUIRE: destination port, 0 if none.
    logic [15:0]  sport;  // ACQUIRE: source port, 0 if none.
    logic [127:0] dst;  // ACQUIRE: destination address.
    logic [127:0] src;  // ACQUIRE: source address of the packet that asks.
    logic [7:0]   is_v6;  // ACQUIRE: 1 if the addresses are IPv6.
    logic [7:0]   proto;  // ACQUIRE: IP protocol.
    logic [15:0]  length;  // VERDICT: frame bytes as received.
    logic [15:0]  sa_slot;  // SA_SOFT, SA_HARD, SEQ_*, VERDICT: slot, 0xffff if none.
    logic [15:0]  index;  // COMPLETION: the command's index. ACQUIRE, VERDICT: policy id, 0xffff if none. RING_FAULT: ring.
    logic [31:0]  tag;  // COMPLETION: the command's tag. VERDICT: number of the frame on its face since reset, from 0.
    logic [7:0]   field;  // COMPLETION with BAD_FIELD, BAD_LENGTH or UNSUPPORTED: code of the field (enum field). VERDICT: face it came by in bits 1:0, face it left by in bits 3:2 (enum face).
    logic [7:0]   status;  // COMPLETION: enum status. VERDICT: enum reason.
    logic [7:0]   gen;  // Generation: 1 on the first turn round the ring, 0 on the second, and so on. A host that zeroes the ring first sees each event exactly once.
    logic [7:0]   type_;  // enum event.
  } evt_desc_t;

  // Packet TX descriptor (host to card).
  localparam int unsigned TX_BYTES = 32;
  typedef struct packed {
    logic [63:0]  rsvd192;
    logic [63:0]  seq;  // OPENED: its sequence number, as the punt gave it.
    logic [15:0]  sp_id;  // SEAL: the policy.
    logic [15:0]  sa_slot;  // OPENED, SEAL: the SA.
    logic [7:0]   reason;  // OPENED: 0, or why the host could not open it (enum reason): it is dropped and counted for that. Else 0.
    logic [7:0]   dest;  // enum dest.
    logic [15:0]  length;  // Frame bytes, 14 .. CAP_LIMITS.frame_bytes. Another length: the packet is dropped and counted (RxRunt, RxGiant), the ring goes on.
    logic [63:0]  iova;  // First byte of the frame; any alignment.
  } tx_desc_t;

  // Packet RX descriptor: posted by the host with iova and room, overwritten by the card when it is used.
  localparam int unsigned RX_BYTES = 32;
  typedef struct packed {
    logic [63:0]  seq;  // Card: HostSlowSeal, HostSlowOpen: the packet's sequence number, with ESN all 64 bits.
    logic [31:0]  rsvd160;
    logic [15:0]  sp_id;  // Card: policy id, 0xffff if none.
    logic [15:0]  sa_slot;  // Card: SA it was opened with, 0xffff if none.
    logic [7:0]   rsvd120;
    logic [7:0]   done;  // Card: 1. The host posts 0.
    logic [7:0]   face;  // Card: enum face, where it entered.
    logic [7:0]   reason;  // Card: enum reason, why it came to the host.
    logic [15:0]  length;  // Card: frame bytes.
    logic [15:0]  room;  // Buffer bytes.
    logic [63:0]  iova;  // Buffer, 64-byte aligned.
  } rx_desc_t;

  // SA record, as SA_ADD reads it: six 64-byte words. Word 0 identity, 1 addresses, 2 limits and numbers, 3 cipher key, 4 inner and 5 outer hash state. SA_UPDATE reads words 0 to 2 (192 bytes) and may change addresses, ports, header handling and limits; a packet sees all of it or nothing.
  localparam int unsigned SA_BYTES = 384;
  typedef struct packed {
    logic [223:0] rsvd288;
    logic [15:0]  tfc_bytes;  // OUT, tunnel, ESP: inner packets shorter than this are padded up to it (RFC 4303 §2.7); 0: none.
    logic [7:0]   rsvd264;
    logic [7:0]   icv_bytes;  // ICV length: 12 (MD5-96, SHA1-96), 16, 24, 32 (SHA-2), 8, 12 or 16 (GCM), 16 (GMAC), 0 without authentication.
    logic [15:0]  inner_mtu;  // OUT: longest IP packet that still fits path_mtu when sealed; 0: no limit.
    logic [15:0]  path_mtu;  // Longest outer IP packet; 0: CAP_LIMITS.frame_bytes decides. For the host; the card asks inner_mtu.
    logic [31:0]  flow_label;  // Outer IPv6 flow label.
    logic [15:0]  next_slot;  // Bundle, in the ESP SA: slot of the AH transport SA around it (RFC 4301 §4.5); in an inbound AH SA: slot of the ESP SA without which it opens nothing; 0xffff none.
    logic [15:0]  natt_dport;  // UDP encapsulation destination port.
    logic [15:0]  natt_sport;  // UDP encapsulation source port.
    logic [15:0]  replay_packets;  // Replay window; 0 is off, else 32 .. CAP_LIMITS.replay_packets.
    logic [7:0]   dscp;  // Outer DSCP, if set.
    logic [7:0]   ttl;  // Outer TTL or hop limit, not 0.
    logic [7:0]   flags;  // Bit 0 ESN, 1 IPv6 endpoints, 2 UDP encapsulation, 3 set DSCP (else copy), 4 clear DF, 5 set DF (neither: copy), 6 do not copy ECN, 7 the host transforms (every packet is punted).
    logic [7:0]   auth;  // enum auth.
    logic [7:0]   enc;  // enum enc.
    logic [7:0]   mode;  // enum mode.
    logic [7:0]   proto;  // enum proto.
    logic [7:0]   dir;  // enum dir.
    logic [31:0]  reqid;  // Ties the SA to rules with the same reqid.
    logic [31:0]  spi;  // SPI, as a number. 1..255 are reserved (RFC 4303 §2.1).
  } sa_w0_t;

  typedef struct packed {
    logic [255:0] rsvd256;
    logic [127:0] dst;  // Tunnel destination (or the SA's destination in transport mode).
    logic [127:0] src;  // Tunnel source (or the SA's source in transport mode).
  } sa_w1_t;

  typedef struct packed {
    logic [63:0]  rsvd448;
    logic [63:0]  seq_lease;  // OUT: the last sequence number the card may use; at most 0xffffffff without ESN.
    logic [63:0]  seq_first;  // OUT: sequence number of the first packet, not 0 (RFC 4303 §2.2: 1). IN: highest number seen so far (0: none); it and all below it count as seen.
    logic [31:0]  hard_seconds;  // 0: none.
    logic [31:0]  soft_seconds;  // 0: none.
    logic [63:0]  hard_packets;  // 0: none.
    logic [63:0]  soft_packets;  // 0: none.
    logic [63:0]  hard_bytes;  // 0: none.
    logic [63:0]  soft_bytes;  // 0: none.
  } sa_w2_t;

  typedef struct packed {
    logic [223:0] rsvd288;
    logic [31:0]  salt;  // AES-GCM, AES-GMAC salt (RFC 4106 §4) and AES-CTR nonce (RFC 3686 §4).
    logic [255:0] enc_key;  // Cipher key, as many bytes as enc (with AES-GMAC: auth) says.
  } sa_w3_t;

  typedef struct packed {
    logic [511:0] auth_inner;  // Hash state after key XOR ipad (RFC 2104), in digest byte order (SHA-384: all 64 bytes). AES-GCM and AES-GMAC: 16 bytes, the hash key H.
  } sa_w4_t;

  typedef struct packed {
    logic [511:0] auth_outer;  // Hash state after key XOR opad.
  } sa_w5_t;

  // What SA_QUERY writes. No key material.
  localparam int unsigned SA_STATE_BYTES = 128;
  typedef struct packed {
    logic [407:0] rsvd104;
    logic [7:0]   auth;  // enum auth.
    logic [7:0]   enc;  // enum enc.
    logic [7:0]   mode;  // enum mode.
    logic [7:0]   proto;  // enum proto.
    logic [7:0]   dir;  // enum dir.
    logic [31:0]  reqid;  // reqid.
    logic [31:0]  spi;  // SPI.
  } sa_state_w0_t;

  typedef struct packed {
    logic [87:0]  rsvd424;
    logic [7:0]   expired;  // Bit 0: SA_SOFT was posted, 1: SA_HARD was posted.
    logic [31:0]  added;  // NOW when the SA was added.
    logic [63:0]  replays;  // IN: packets refused by the replay window.
    logic [63:0]  icv_errors;  // IN: packets whose ICV was wrong.
    logic [63:0]  bytes_done;  // Bytes of the inner packets (IP total lengths) sealed or opened.
    logic [63:0]  packets;  // Packets sealed or opened.
    logic [63:0]  replay_map;  // IN: the window's newest 64 bits, bit i: number seq - i was seen.
    logic [63:0]  seq;  // OUT: next sequence number to be sent. IN: highest number accepted.
  } sa_state_w1_t;

  // Policy rule, in the outbound sense; inbound packets are matched with source and destination swapped. A bank holds rules by rank: rank 0 is asked first. SP_COMMIT makes a bank live at once.
  localparam int unsigned SP_BYTES = 64;
  typedef struct packed {
    logic [95:0]  rsvd416;
    logic [31:0]  reqid;  // SAs of this policy carry the same.
    logic [15:0]  sp_id;  // Policy id: names the policy's counters and its SA binding, whatever its rank.
    logic [7:0]   level;  // enum level.
    logic [7:0]   action;  // enum action.
    logic [15:0]  dport_hi;
    logic [15:0]  dport_lo;  // Destination port range, both ends belong to it.
    logic [15:0]  sport_hi;
    logic [15:0]  sport_lo;  // Source port range, both ends belong to it.
    logic [7:0]   flags;  // Bit 0 IPv6, 1 proto counts, 2 ports count (ICMP and ICMPv6: source port is the type, destination port the code; they do not change places inbound), 3 opaque: matches only packets whose ports cannot be known (later fragments), RFC 4301 §4.4.1.1.
    logic [7:0]   proto;  // IP protocol, if flags bit 1 is set.
    logic [7:0]   dst_plen;  // Destination prefix length, bits.
    logic [7:0]   src_plen;  // Source prefix length, bits.
    logic [127:0] dst;  // Destination prefix.
    logic [127:0] src;  // Source prefix.
  } sp_desc_t;

  // What SP_QUERY writes: RouterOS's six counters and the binding.
  localparam int unsigned SP_STATE_BYTES = 64;
  typedef struct packed {
    logic [103:0] rsvd408;
    logic [7:0]   bound;  // 1 if sa_slot counts.
    logic [15:0]  sa_slot;  // SA bound for sealing.
    logic [63:0]  out_transformed;  // Outbound packets sealed.
    logic [63:0]  out_dropped;  // Outbound packets dropped without an attempt to seal them.
    logic [63:0]  out_accepted;  // Outbound packets passed without an attempt to seal them.
    logic [63:0]  in_transformed;  // Inbound packets opened.
    logic [63:0]  in_dropped;  // Inbound packets dropped without an attempt to open them.
    logic [63:0]  in_accepted;  // Inbound packets passed without an attempt to open them.
  } sp_state_desc_t;

  // What STATS writes: eight counters, of reasons index .. index + 7.
  localparam int unsigned STATS_BYTES = 64;
  typedef struct packed {
    logic [63:0]  count7;
    logic [63:0]  count6;
    logic [63:0]  count5;
    logic [63:0]  count4;
    logic [63:0]  count3;
    logic [63:0]  count2;
    logic [63:0]  count1;
    logic [63:0]  count0;  // Packets with reason index.
  } stats_desc_t;

  // What CAPS writes: the capability registers in one piece.
  localparam int unsigned CAPS_BYTES = 64;
  typedef struct packed {
    logic [287:0] rsvd224;
    logic [31:0]  limits;  // CAP_LIMITS.
    logic [31:0]  feature_mask;  // CAP_FEATURES.
    logic [31:0]  auth_mask;  // CAP_AUTH.
    logic [31:0]  enc_mask;  // CAP_ENC.
    logic [31:0]  sizes;  // CAP_SIZES.
    logic [31:0]  version;  // VERSION.
    logic [31:0]  magic;  // MAGIC.
  } caps_desc_t;

endpackage
