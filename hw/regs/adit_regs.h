// SPDX-License-Identifier: BSD-2-Clause-Patent
/* Generated from card.toml by tools/regmap. Edit the map, then `make regs`. */
#ifndef ADIT_REGS_H
#define ADIT_REGS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define ADIT_STATIC_ASSERT(claim, text) static_assert(claim, text)
#else
#define ADIT_STATIC_ASSERT(claim, text) _Static_assert(claim, text)
#endif

/* Registers: 32-bit words, offsets in bytes from BAR0. */
#define ADIT_BAR_BYTES 4096u

/* Constant. Anything else means that this BAR is not an adit card, or that the card is gone. */
#define ADIT_REG_MAGIC 0x000u
/* ASCII ADIT, first letter in the lowest byte. */
#define ADIT_REG_MAGIC_VALUE_SHIFT 0u
#define ADIT_REG_MAGIC_VALUE_MASK 0xffffffffu
#define ADIT_REG_MAGIC_VALUE_RESET 0x54494441u

/* Which contract the card speaks. */
#define ADIT_REG_VERSION 0x004u
/* Additions. A driver accepts any minor. */
#define ADIT_REG_VERSION_MINOR_SHIFT 0u
#define ADIT_REG_VERSION_MINOR_MASK 0x0000ffffu
#define ADIT_REG_VERSION_MINOR_RESET 0x2u
/* Breaks. A driver refuses another major. */
#define ADIT_REG_VERSION_MAJOR_SHIFT 16u
#define ADIT_REG_VERSION_MAJOR_MASK 0xffff0000u
#define ADIT_REG_VERSION_MAJOR_RESET 0x1u

/* Table sizes, as powers of two. */
#define ADIT_REG_CAP_SIZES 0x008u
/* SA slots. */
#define ADIT_REG_CAP_SIZES_SA_LOG2_SHIFT 0u
#define ADIT_REG_CAP_SIZES_SA_LOG2_MASK 0x000000ffu
/* Policy rules per bank, and policy ids. */
#define ADIT_REG_CAP_SIZES_SP_LOG2_SHIFT 8u
#define ADIT_REG_CAP_SIZES_SP_LOG2_MASK 0x0000ff00u
/* Packet ring pairs. */
#define ADIT_REG_CAP_SIZES_PKT_RINGS_SHIFT 16u
#define ADIT_REG_CAP_SIZES_PKT_RINGS_MASK 0x000f0000u
/* MSI-X vectors. */
#define ADIT_REG_CAP_SIZES_VECTORS_SHIFT 20u
#define ADIT_REG_CAP_SIZES_VECTORS_MASK 0x00f00000u
/* 1: engines fully unrolled. 0: development size. */
#define ADIT_REG_CAP_SIZES_FULL_SIZE_SHIFT 24u
#define ADIT_REG_CAP_SIZES_FULL_SIZE_MASK 0x01000000u

/* Bit n: the card has the cipher whose code is n (enum enc). */
#define ADIT_REG_CAP_ENC 0x00cu
/* Cipher codes. */
#define ADIT_REG_CAP_ENC_MASK_SHIFT 0u
#define ADIT_REG_CAP_ENC_MASK_MASK 0xffffffffu

/* Bit n: the card has the integrity algorithm whose code is n (enum auth). */
#define ADIT_REG_CAP_AUTH 0x010u
/* Integrity codes. */
#define ADIT_REG_CAP_AUTH_MASK_SHIFT 0u
#define ADIT_REG_CAP_AUTH_MASK_MASK 0xffffffffu

/* Bit n: the card has the feature whose code is n (enum feature). */
#define ADIT_REG_CAP_FEATURES 0x014u
/* Feature codes. */
#define ADIT_REG_CAP_FEATURES_MASK_SHIFT 0u
#define ADIT_REG_CAP_FEATURES_MASK_MASK 0xffffffffu

/* Largest things the card takes. */
#define ADIT_REG_CAP_LIMITS 0x018u
/* Longest Ethernet frame, without FCS. */
#define ADIT_REG_CAP_LIMITS_FRAME_BYTES_SHIFT 0u
#define ADIT_REG_CAP_LIMITS_FRAME_BYTES_MASK 0x0000ffffu
/* Largest replay window. */
#define ADIT_REG_CAP_LIMITS_REPLAY_PACKETS_SHIFT 16u
#define ADIT_REG_CAP_LIMITS_REPLAY_PACKETS_MASK 0xffff0000u

/* The card's clock. */
#define ADIT_REG_CAP_CLOCK 0x01cu
/* Cycles a second. 0: the card has no measure of time (simulation), the host writes NOW. */
#define ADIT_REG_CAP_CLOCK_HZ_SHIFT 0u
#define ADIT_REG_CAP_CLOCK_HZ_MASK 0xffffffffu

/* Global control. */
#define ADIT_REG_CTRL 0x040u
/* 1 lets frames in at lan and wan. 0: the ports accept nothing and hold what waits. */
#define ADIT_REG_CTRL_ENABLE_SHIFT 0u
#define ADIT_REG_CTRL_ENABLE_MASK 0x00000001u
/* 0: mode wire. 1: mode nic (the plaintext side is the host). */
#define ADIT_REG_CTRL_NIC_SHIFT 1u
#define ADIT_REG_CTRL_NIC_MASK 0x00000002u
/* A packet that no rule matches: 0 is dropped, 1 passes unchanged. */
#define ADIT_REG_CTRL_NO_MATCH_SHIFT 2u
#define ADIT_REG_CTRL_NO_MATCH_MASK 0x00000004u
/* 1: every packet that ends its way through the card posts a verdict event. For tests and captures: the pipelines wait for room in the event ring. */
#define ADIT_REG_CTRL_VERDICTS_SHIFT 3u
#define ADIT_REG_CTRL_VERDICTS_MASK 0x00000008u
/* Writing 1 resets the card: rings off, tables empty, keys zeroed. STATUS.ready tells when. */
#define ADIT_REG_CTRL_RESET_SHIFT 8u
#define ADIT_REG_CTRL_RESET_MASK 0x00000100u

/* Live state. */
#define ADIT_REG_STATUS 0x044u
/* 1 once reset has zeroed every table. */
#define ADIT_REG_STATUS_READY_SHIFT 0u
#define ADIT_REG_STATUS_READY_MASK 0x00000001u
/* 1 while a packet or a command is inside the card. */
#define ADIT_REG_STATUS_BUSY_SHIFT 1u
#define ADIT_REG_STATUS_BUSY_MASK 0x00000002u
/* The command ring stopped on a fault (RING_FAULT tells which). */
#define ADIT_REG_STATUS_CMD_FAULT_SHIFT 4u
#define ADIT_REG_STATUS_CMD_FAULT_MASK 0x00000010u
/* The event ring stopped on a fault. */
#define ADIT_REG_STATUS_EVT_FAULT_SHIFT 5u
#define ADIT_REG_STATUS_EVT_FAULT_MASK 0x00000020u
/* Packet TX ring 0 stopped on a fault. */
#define ADIT_REG_STATUS_TX_FAULT_SHIFT 6u
#define ADIT_REG_STATUS_TX_FAULT_MASK 0x00000040u
/* Packet RX ring 0 stopped on a fault. */
#define ADIT_REG_STATUS_RX_FAULT_SHIFT 7u
#define ADIT_REG_STATUS_RX_FAULT_MASK 0x00000080u

/* Why each ring stopped (enum fault), 0 while it runs. Cleared when the ring is enabled anew. */
#define ADIT_REG_RING_FAULT 0x048u
/* Command ring. */
#define ADIT_REG_RING_FAULT_CMD_SHIFT 0u
#define ADIT_REG_RING_FAULT_CMD_MASK 0x000000ffu
/* Event ring. */
#define ADIT_REG_RING_FAULT_EVT_SHIFT 8u
#define ADIT_REG_RING_FAULT_EVT_MASK 0x0000ff00u
/* Packet TX ring 0. */
#define ADIT_REG_RING_FAULT_TX_SHIFT 16u
#define ADIT_REG_RING_FAULT_TX_MASK 0x00ff0000u
/* Packet RX ring 0. */
#define ADIT_REG_RING_FAULT_RX_SHIFT 24u
#define ADIT_REG_RING_FAULT_RX_MASK 0xff000000u

/* Clock cycles since reset, low half. Reading it latches CYCLES_HI. */
#define ADIT_REG_CYCLES_LO 0x050u
/* Low half. */
#define ADIT_REG_CYCLES_LO_VALUE_SHIFT 0u
#define ADIT_REG_CYCLES_LO_VALUE_MASK 0xffffffffu

/* High half, as latched by the last read of CYCLES_LO. */
#define ADIT_REG_CYCLES_HI 0x054u
/* High half. */
#define ADIT_REG_CYCLES_HI_VALUE_SHIFT 0u
#define ADIT_REG_CYCLES_HI_VALUE_MASK 0xffffffffu

/* Least number of cycles between two interrupts of one vector. */
#define ADIT_REG_IRQ_MODERATION 0x058u
/* 0: none. */
#define ADIT_REG_IRQ_MODERATION_CYCLES_SHIFT 0u
#define ADIT_REG_IRQ_MODERATION_CYCLES_MASK 0x0000ffffu

/* Acquire and notice events lost because the event ring was full. Completions and verdicts are never lost. */
#define ADIT_REG_EVT_DROPPED 0x05cu
/* Wraps. */
#define ADIT_REG_EVT_DROPPED_COUNT_SHIFT 0u
#define ADIT_REG_EVT_DROPPED_COUNT_MASK 0xffffffffu

/* Seconds, for lifetimes. Counts by itself if CAP_CLOCK.hz is not 0; else the host writes it. Must not go back. */
#define ADIT_REG_NOW 0x060u
/* Seconds since any fixed point. */
#define ADIT_REG_NOW_SECONDS_SHIFT 0u
#define ADIT_REG_NOW_SECONDS_MASK 0xffffffffu

/* Length of the period that HOST_LIMIT counts in. */
#define ADIT_REG_HOST_PERIOD 0x064u
/* 0: no limit holds. */
#define ADIT_REG_HOST_PERIOD_CYCLES_SHIFT 0u
#define ADIT_REG_HOST_PERIOD_CYCLES_MASK 0xffffffffu

/* RX buffers kept for IKE. */
#define ADIT_REG_HOST_RESERVE 0x068u
/* A packet with another reason than HostIke is dropped (HostRingFull) while no more than this many posted buffers are left. */
#define ADIT_REG_HOST_RESERVE_BUFFERS_SHIFT 0u
#define ADIT_REG_HOST_RESERVE_BUFFERS_MASK 0x0000ffffu

/* Ring base IOVA, low half, 64-byte aligned. */
#define ADIT_REG_RING_BASE_LO(i) (0x100u + 0x20u * (uint32_t)(i))
#define ADIT_REG_RING_BASE_LO_COUNT 4u
/* Bits 5:0 are ignored. */
#define ADIT_REG_RING_BASE_LO_ADDR_SHIFT 0u
#define ADIT_REG_RING_BASE_LO_ADDR_MASK 0xffffffffu

/* Ring base IOVA, high half. */
#define ADIT_REG_RING_BASE_HI(i) (0x104u + 0x20u * (uint32_t)(i))
#define ADIT_REG_RING_BASE_HI_COUNT 4u
/* IOVA bits 63:32. */
#define ADIT_REG_RING_BASE_HI_ADDR_SHIFT 0u
#define ADIT_REG_RING_BASE_HI_ADDR_MASK 0xffffffffu

/* Size and switch. Enabling a ring sets both its indices to 0 and clears its fault. */
#define ADIT_REG_RING_CTRL(i) (0x108u + 0x20u * (uint32_t)(i))
#define ADIT_REG_RING_CTRL_COUNT 4u
/* Entries as a power of two: 1 .. 16. */
#define ADIT_REG_RING_CTRL_SIZE_LOG2_SHIFT 0u
#define ADIT_REG_RING_CTRL_SIZE_LOG2_MASK 0x0000001fu
/* 1: the ring runs. */
#define ADIT_REG_RING_CTRL_ENABLE_SHIFT 31u
#define ADIT_REG_RING_CTRL_ENABLE_MASK 0x80000000u

/* The host's free-running index: entries it has posted (command, TX, RX) or consumed (event) since the ring was enabled, modulo 65536. */
#define ADIT_REG_RING_DOORBELL(i) (0x10cu + 0x20u * (uint32_t)(i))
#define ADIT_REG_RING_DOORBELL_COUNT 4u
/* Entry number, not masked by the ring's size. */
#define ADIT_REG_RING_DOORBELL_INDEX_SHIFT 0u
#define ADIT_REG_RING_DOORBELL_INDEX_MASK 0x0000ffffu

/* The card's free-running index: entries it has taken (command, TX, RX) or written (event). */
#define ADIT_REG_RING_INDEX(i) (0x110u + 0x20u * (uint32_t)(i))
#define ADIT_REG_RING_INDEX_COUNT 4u
/* Entry number, not masked by the ring's size. */
#define ADIT_REG_RING_INDEX_INDEX_SHIFT 0u
#define ADIT_REG_RING_INDEX_INDEX_MASK 0x0000ffffu

/* Where the card writes the TX ring's RING_INDEX as a 64-byte line (first 4 bytes) after each batch; only ring 2 uses it. Low half, 64-byte aligned; 0 with RING_WB_HI 0: no write-back. */
#define ADIT_REG_RING_WB_LO(i) (0x114u + 0x20u * (uint32_t)(i))
#define ADIT_REG_RING_WB_LO_COUNT 4u
/* Bits 5:0 are ignored. */
#define ADIT_REG_RING_WB_LO_ADDR_SHIFT 0u
#define ADIT_REG_RING_WB_LO_ADDR_MASK 0xffffffffu

/* High half of the write-back IOVA. */
#define ADIT_REG_RING_WB_HI(i) (0x118u + 0x20u * (uint32_t)(i))
#define ADIT_REG_RING_WB_HI_COUNT 4u
/* IOVA bits 63:32. */
#define ADIT_REG_RING_WB_HI_ADDR_SHIFT 0u
#define ADIT_REG_RING_WB_HI_ADDR_MASK 0xffffffffu

/* Eight addresses of four words, network order: word 4n holds the first four bytes of address n (byte 0 in the lowest bits). IPv4 uses word 4n alone. */
#define ADIT_REG_LOCAL_ADDR(i) (0x200u + 0x4u * (uint32_t)(i))
#define ADIT_REG_LOCAL_ADDR_COUNT 32u
/* Four address bytes. */
#define ADIT_REG_LOCAL_ADDR_BYTES_SHIFT 0u
#define ADIT_REG_LOCAL_ADDR_BYTES_MASK 0xffffffffu

/* Which of the eight local addresses count. */
#define ADIT_REG_LOCAL_VALID 0x280u
/* Bit n: address n is IPv4 and counts. */
#define ADIT_REG_LOCAL_VALID_V4_SHIFT 0u
#define ADIT_REG_LOCAL_VALID_V4_MASK 0x000000ffu
/* Bit n: address n is IPv6 and counts. */
#define ADIT_REG_LOCAL_VALID_V6_SHIFT 8u
#define ADIT_REG_LOCAL_VALID_V6_MASK 0x0000ff00u

/* How many packets with reason 48 + n go to the host in one HOST_PERIOD; the rest are dropped (HostRateLimit). */
#define ADIT_REG_HOST_LIMIT(i) (0x2c0u + 0x4u * (uint32_t)(i))
#define ADIT_REG_HOST_LIMIT_COUNT 16u
/* 0: no limit. */
#define ADIT_REG_HOST_LIMIT_PACKETS_SHIFT 0u
#define ADIT_REG_HOST_LIMIT_PACKETS_MASK 0x0000ffffu

/*
 * Codes. <ENUM>_LIST(X) calls X(code, word) for each;
 * ADIT_REASON_LIST(X) calls X(code, word, "what it means").
 */

/* MSI-X vectors. */
enum adit_vector {
	ADIT_VECTOR_EVT = 0,
	ADIT_VECTOR_TX = 1,
	ADIT_VECTOR_RX = 2,
	ADIT_VECTOR_FAULT = 3,
};
#define ADIT_VECTOR_LIST(X) \
	X(0, EVT) \
	X(1, TX) \
	X(2, RX) \
	X(3, FAULT)

/* Ring numbers. */
enum adit_ring {
	ADIT_RING_CMD = 0,
	ADIT_RING_EVT = 1,
	ADIT_RING_TX = 2,
	ADIT_RING_RX = 3,
};
#define ADIT_RING_LIST(X) \
	X(0, CMD) \
	X(1, EVT) \
	X(2, TX) \
	X(3, RX)

/* Why a ring stopped. */
enum adit_fault {
	ADIT_FAULT_NONE = 0,
	ADIT_FAULT_DMA_READ = 1,
	ADIT_FAULT_DMA_WRITE = 2,
	ADIT_FAULT_BAD_SIZE = 3,
	ADIT_FAULT_BAD_DOORBELL = 4,
};
#define ADIT_FAULT_LIST(X) \
	X(0, NONE) \
	X(1, DMA_READ) \
	X(2, DMA_WRITE) \
	X(3, BAD_SIZE) \
	X(4, BAD_DOORBELL)

/* Command opcodes. */
enum adit_op {
	ADIT_OP_NOP = 0,
	ADIT_OP_SA_ADD = 1,
	ADIT_OP_SA_UPDATE = 2,
	ADIT_OP_SA_DELETE = 3,
	ADIT_OP_SA_QUERY = 4,
	ADIT_OP_SA_FLUSH = 5,
	ADIT_OP_SP_ADD = 8,
	ADIT_OP_SP_DELETE = 9,
	ADIT_OP_SP_COMMIT = 10,
	ADIT_OP_SP_UPDATE = 11,
	ADIT_OP_SP_QUERY = 12,
	ADIT_OP_SP_FLUSH = 13,
	ADIT_OP_STATS = 16,
	ADIT_OP_CAPS = 17,
};
#define ADIT_OP_LIST(X) \
	X(0, NOP) \
	X(1, SA_ADD) \
	X(2, SA_UPDATE) \
	X(3, SA_DELETE) \
	X(4, SA_QUERY) \
	X(5, SA_FLUSH) \
	X(8, SP_ADD) \
	X(9, SP_DELETE) \
	X(10, SP_COMMIT) \
	X(11, SP_UPDATE) \
	X(12, SP_QUERY) \
	X(13, SP_FLUSH) \
	X(16, STATS) \
	X(17, CAPS)

/* Completion status: what is wrong, then completion.field names where. */
enum adit_status {
	ADIT_STATUS_OK = 0,
	ADIT_STATUS_BAD_OP = 1,
	ADIT_STATUS_BAD_FIELD = 2,
	ADIT_STATUS_BAD_LENGTH = 3,
	ADIT_STATUS_NOT_FOUND = 4,
	ADIT_STATUS_EXISTS = 5,
	ADIT_STATUS_TABLE_FULL = 6,
	ADIT_STATUS_UNSUPPORTED = 7,
	ADIT_STATUS_DMA_ERROR = 8,
};
#define ADIT_STATUS_LIST(X) \
	X(0, OK) \
	X(1, BAD_OP) \
	X(2, BAD_FIELD) \
	X(3, BAD_LENGTH) \
	X(4, NOT_FOUND) \
	X(5, EXISTS) \
	X(6, TABLE_FULL) \
	X(7, UNSUPPORTED) \
	X(8, DMA_ERROR)

/* Event types. */
enum adit_event_type {
	ADIT_EVENT_COMPLETION = 1,
	ADIT_EVENT_ACQUIRE = 2,
	ADIT_EVENT_SA_SOFT = 3,
	ADIT_EVENT_SA_HARD = 4,
	ADIT_EVENT_SEQ_NEAR = 5,
	ADIT_EVENT_SEQ_END = 6,
	ADIT_EVENT_RING_FAULT = 7,
	ADIT_EVENT_VERDICT = 8,
};
#define ADIT_EVENT_LIST(X) \
	X(1, COMPLETION) \
	X(2, ACQUIRE) \
	X(3, SA_SOFT) \
	X(4, SA_HARD) \
	X(5, SEQ_NEAR) \
	X(6, SEQ_END) \
	X(7, RING_FAULT) \
	X(8, VERDICT)

/* Direction of an SA. */
enum adit_dir {
	ADIT_DIR_OUT = 0,
	ADIT_DIR_IN = 1,
};
#define ADIT_DIR_LIST(X) \
	X(0, OUT) \
	X(1, IN)

/* IPsec protocol of an SA, by IP protocol number. */
enum adit_proto {
	ADIT_PROTO_ESP = 50,
	ADIT_PROTO_AH = 51,
};
#define ADIT_PROTO_LIST(X) \
	X(50, ESP) \
	X(51, AH)

/* Encapsulation mode of an SA. */
enum adit_mode {
	ADIT_MODE_TRANSPORT = 0,
	ADIT_MODE_TUNNEL = 1,
};
#define ADIT_MODE_LIST(X) \
	X(0, TRANSPORT) \
	X(1, TUNNEL)

/* Ciphers (ESP). */
enum adit_enc {
	ADIT_ENC_NULL = 0,
	ADIT_ENC_AES_CBC_128 = 1,
	ADIT_ENC_AES_CBC_192 = 2,
	ADIT_ENC_AES_CBC_256 = 3,
	ADIT_ENC_AES_CTR_128 = 4,
	ADIT_ENC_AES_CTR_192 = 5,
	ADIT_ENC_AES_CTR_256 = 6,
	ADIT_ENC_AES_GCM_128 = 7,
	ADIT_ENC_AES_GCM_192 = 8,
	ADIT_ENC_AES_GCM_256 = 9,
	ADIT_ENC_DES_CBC = 10,
	ADIT_ENC_DES3_CBC = 11,
	ADIT_ENC_BLOWFISH_CBC = 12,
	ADIT_ENC_TWOFISH_CBC = 13,
	ADIT_ENC_CAMELLIA_CBC_128 = 14,
	ADIT_ENC_CAMELLIA_CBC_192 = 15,
	ADIT_ENC_CAMELLIA_CBC_256 = 16,
};
#define ADIT_ENC_LIST(X) \
	X(0, NULL) \
	X(1, AES_CBC_128) \
	X(2, AES_CBC_192) \
	X(3, AES_CBC_256) \
	X(4, AES_CTR_128) \
	X(5, AES_CTR_192) \
	X(6, AES_CTR_256) \
	X(7, AES_GCM_128) \
	X(8, AES_GCM_192) \
	X(9, AES_GCM_256) \
	X(10, DES_CBC) \
	X(11, DES3_CBC) \
	X(12, BLOWFISH_CBC) \
	X(13, TWOFISH_CBC) \
	X(14, CAMELLIA_CBC_128) \
	X(15, CAMELLIA_CBC_192) \
	X(16, CAMELLIA_CBC_256)

/* Integrity algorithms. */
enum adit_auth {
	ADIT_AUTH_NULL = 0,
	ADIT_AUTH_HMAC_MD5_96 = 1,
	ADIT_AUTH_HMAC_SHA1_96 = 2,
	ADIT_AUTH_HMAC_SHA256_128 = 3,
	ADIT_AUTH_HMAC_SHA384_192 = 4,
	ADIT_AUTH_HMAC_SHA512_256 = 5,
	ADIT_AUTH_AES_GMAC_128 = 6,
	ADIT_AUTH_AES_GMAC_192 = 7,
	ADIT_AUTH_AES_GMAC_256 = 8,
};
#define ADIT_AUTH_LIST(X) \
	X(0, NULL) \
	X(1, HMAC_MD5_96) \
	X(2, HMAC_SHA1_96) \
	X(3, HMAC_SHA256_128) \
	X(4, HMAC_SHA384_192) \
	X(5, HMAC_SHA512_256) \
	X(6, AES_GMAC_128) \
	X(7, AES_GMAC_192) \
	X(8, AES_GMAC_256)

/* Bits of CAP_FEATURES. */
enum adit_feature {
	ADIT_FEATURE_ESP = 0,
	ADIT_FEATURE_AH = 1,
	ADIT_FEATURE_TUNNEL = 2,
	ADIT_FEATURE_TRANSPORT = 3,
	ADIT_FEATURE_IPV4 = 4,
	ADIT_FEATURE_IPV6 = 5,
	ADIT_FEATURE_ESN = 6,
	ADIT_FEATURE_NAT_T = 7,
	ADIT_FEATURE_LIFETIME_BYTES = 8,
	ADIT_FEATURE_LIFETIME_PACKETS = 9,
	ADIT_FEATURE_LIFETIME_SECONDS = 10,
	ADIT_FEATURE_BUNDLE = 11,
	ADIT_FEATURE_VLAN = 12,
	ADIT_FEATURE_TFC = 13,
	ADIT_FEATURE_HOST_TRANSFORM = 14,
};
#define ADIT_FEATURE_LIST(X) \
	X(0, ESP) \
	X(1, AH) \
	X(2, TUNNEL) \
	X(3, TRANSPORT) \
	X(4, IPV4) \
	X(5, IPV6) \
	X(6, ESN) \
	X(7, NAT_T) \
	X(8, LIFETIME_BYTES) \
	X(9, LIFETIME_PACKETS) \
	X(10, LIFETIME_SECONDS) \
	X(11, BUNDLE) \
	X(12, VLAN) \
	X(13, TFC) \
	X(14, HOST_TRANSFORM)

/* What a rule does with a packet. */
enum adit_action {
	ADIT_ACTION_NONE = 0,
	ADIT_ACTION_DISCARD = 1,
	ADIT_ACTION_ENCRYPT = 2,
};
#define ADIT_ACTION_LIST(X) \
	X(0, NONE) \
	X(1, DISCARD) \
	X(2, ENCRYPT)

/* What an encrypt rule does while it has no SA: use passes in clear, require and unique drop and post an acquire event. */
enum adit_level {
	ADIT_LEVEL_USE = 0,
	ADIT_LEVEL_REQUIRE = 1,
	ADIT_LEVEL_UNIQUE = 2,
};
#define ADIT_LEVEL_LIST(X) \
	X(0, USE) \
	X(1, REQUIRE) \
	X(2, UNIQUE)

/* The three faces of the card. */
enum adit_face {
	ADIT_FACE_LAN = 0,
	ADIT_FACE_WAN = 1,
	ADIT_FACE_HOST = 2,
	ADIT_FACE_NONE = 3,
};
#define ADIT_FACE_LIST(X) \
	X(0, LAN) \
	X(1, WAN) \
	X(2, HOST) \
	X(3, NONE)

/* Where a packet on the TX ring goes: through a pipeline as if received from lan or wan, or straight out. OPENED: the host has opened it (or failed) for the SA that the descriptor names; the card commits its number, checks its policy and counts it. SEAL: a fragment of a packet that came as HostSplit, to be sealed with the SA and counted for the policy that the descriptor names. */
enum adit_dest {
	ADIT_DEST_FROM_LAN = 0,
	ADIT_DEST_FROM_WAN = 1,
	ADIT_DEST_OUT_LAN = 2,
	ADIT_DEST_OUT_WAN = 3,
	ADIT_DEST_OPENED = 4,
	ADIT_DEST_SEAL = 5,
};
#define ADIT_DEST_LIST(X) \
	X(0, FROM_LAN) \
	X(1, FROM_WAN) \
	X(2, OUT_LAN) \
	X(3, OUT_WAN) \
	X(4, OPENED) \
	X(5, SEAL)

/* Why a packet was dropped or sent to the host. Names of Linux /proc/net/xfrm_stat where one fits. */
enum adit_reason {
	ADIT_REASON_NONE = 0,
	ADIT_REASON_XfrmInError = 1,
	ADIT_REASON_XfrmInBufferError = 2,
	ADIT_REASON_XfrmInHdrError = 3,
	ADIT_REASON_XfrmInNoStates = 4,
	ADIT_REASON_XfrmInStateProtoError = 5,
	ADIT_REASON_XfrmInStateModeError = 6,
	ADIT_REASON_XfrmInStateSeqError = 7,
	ADIT_REASON_XfrmInStateExpired = 8,
	ADIT_REASON_XfrmInStateMismatch = 9,
	ADIT_REASON_XfrmInStateInvalid = 10,
	ADIT_REASON_XfrmInTmplMismatch = 11,
	ADIT_REASON_XfrmInNoPols = 12,
	ADIT_REASON_XfrmInPolBlock = 13,
	ADIT_REASON_XfrmInPolError = 14,
	ADIT_REASON_XfrmOutError = 15,
	ADIT_REASON_XfrmOutNoStates = 18,
	ADIT_REASON_XfrmOutStateProtoError = 19,
	ADIT_REASON_XfrmOutStateModeError = 20,
	ADIT_REASON_XfrmOutStateSeqError = 21,
	ADIT_REASON_XfrmOutStateExpired = 22,
	ADIT_REASON_XfrmOutPolBlock = 23,
	ADIT_REASON_XfrmOutPolError = 25,
	ADIT_REASON_XfrmOutStateInvalid = 27,
	ADIT_REASON_RxRunt = 32,
	ADIT_REASON_RxGiant = 33,
	ADIT_REASON_RxNotIp = 34,
	ADIT_REASON_RxIpv6 = 35,
	ADIT_REASON_RxIpHeader = 36,
	ADIT_REASON_InEcn = 31,
	ADIT_REASON_OutTooBig = 37,
	ADIT_REASON_OutFragment = 38,
	ADIT_REASON_InFragment = 39,
	ADIT_REASON_InPadding = 40,
	ADIT_REASON_InDummy = 41,
	ADIT_REASON_InNextHeader = 42,
	ADIT_REASON_HostRingFull = 43,
	ADIT_REASON_OutNoPols = 44,
	ADIT_REASON_InKeepalive = 45,
	ADIT_REASON_HostRateLimit = 46,
	ADIT_REASON_RxExtHeaders = 47,
	ADIT_REASON_HostIke = 48,
	ADIT_REASON_HostArp = 49,
	ADIT_REASON_HostLocal = 50,
	ADIT_REASON_HostNic = 51,
	ADIT_REASON_HostNd = 52,
	ADIT_REASON_HostSlowSeal = 53,
	ADIT_REASON_HostSlowOpen = 54,
	ADIT_REASON_HostFragment = 55,
	ADIT_REASON_HostTooBig = 56,
	ADIT_REASON_HostSplit = 57,
};
#define ADIT_REASON_LIST(X) \
	X(0, NONE, "Went through.") \
	X(1, XfrmInError, "Inbound, unclassified.") \
	X(2, XfrmInBufferError, "Inbound, no room in the card.") \
	X(3, XfrmInHdrError, "ESP or AH cut short, or its length does not fit the cipher's block and the ICV.") \
	X(4, XfrmInNoStates, "No SA has this SPI, destination and protocol.") \
	X(5, XfrmInStateProtoError, "The ICV is wrong.") \
	X(6, XfrmInStateModeError, "The SA's mode does not fit the packet.") \
	X(7, XfrmInStateSeqError, "Sequence number 0, replayed, or below the window.") \
	X(8, XfrmInStateExpired, "The SA's hard limit has passed.") \
	X(9, XfrmInStateMismatch, "The SA wants UDP encapsulation and the packet has none, or the other way round.") \
	X(10, XfrmInStateInvalid, "The SA is being removed.") \
	X(11, XfrmInTmplMismatch, "Policy wants another protection than the packet had: none at all, or another policy's SA.") \
	X(12, XfrmInNoPols, "No rule matches, and CTRL.no_match drops.") \
	X(13, XfrmInPolBlock, "The rule's action is discard.") \
	X(14, XfrmInPolError, "Inbound policy error.") \
	X(15, XfrmOutError, "Outbound, unclassified.") \
	X(18, XfrmOutNoStates, "The rule wants protection and has no SA (level require or unique).") \
	X(19, XfrmOutStateProtoError, "Outbound transform error.") \
	X(20, XfrmOutStateModeError, "Transport mode, but the packet's addresses or family are not the SA's, or it is a fragment.") \
	X(21, XfrmOutStateSeqError, "The SA's sequence numbers are used up, or its lease has ended.") \
	X(22, XfrmOutStateExpired, "The SA's hard limit has passed.") \
	X(23, XfrmOutPolBlock, "The rule's action is discard.") \
	X(25, XfrmOutPolError, "Outbound policy error.") \
	X(27, XfrmOutStateInvalid, "The rule's SA is gone, or belongs to another policy.") \
	X(32, RxRunt, "Frame shorter than an Ethernet header and the headers it announces.") \
	X(33, RxGiant, "Frame longer than CAP_LIMITS.frame_bytes.") \
	X(34, RxNotIp, "Neither IPv4 nor ARP: a bump in the wire cannot judge it.") \
	X(35, RxIpv6, "IPv6, and the card has no feature IPV6.") \
	X(36, RxIpHeader, "IP version, header length or total length is not possible.") \
	X(31, InEcn, "Outer header says Congestion Experienced, the inner one is Not-ECT (RFC 6040 §4.2).") \
	X(37, OutTooBig, "Sealed, it would be longer than CAP_LIMITS.frame_bytes.") \
	X(38, OutFragment, "A fragment without ports, and the best rule asks for ports.") \
	X(39, InFragment, "ESP, AH or UDP in an IP fragment that even the host did not put together (it came back from there).") \
	X(40, InPadding, "Padding is not 1, 2, 3, … or is longer than the packet (RFC 4303 §2.4).") \
	X(41, InDummy, "Dummy packet, next header 59 (RFC 4303 §2.6).") \
	X(42, InNextHeader, "Next header does not fit the SA's mode.") \
	X(43, HostRingFull, "Meant for the host, but the RX ring had no buffer or the buffer was too short.") \
	X(44, OutNoPols, "No rule matches, and CTRL.no_match drops.") \
	X(45, InKeepalive, "NAT-T keepalive (RFC 3948 §2.3).") \
	X(46, HostRateLimit, "Meant for the host, but its reason has had its share of this HOST_PERIOD.") \
	X(47, RxExtHeaders, "IPv6 extension headers or ports end beyond the first 128 bytes: a card that cannot judge must not pass.") \
	X(48, HostIke, "To the host: IKE for a local address (UDP 500 or 4500).") \
	X(49, HostArp, "To the host: ARP for a local address.") \
	X(50, HostLocal, "To the host: another packet for a local address.") \
	X(51, HostNic, "To the host: mode nic, ordinary traffic.") \
	X(52, HostNd, "To the host: IPv6 neighbour or router discovery (RFC 4861) for a local address or for all.") \
	X(53, HostSlowSeal, "To the host, to be sealed there: the descriptor carries SA and sequence number.") \
	X(54, HostSlowOpen, "To the host, to be opened there: the descriptor carries SA and sequence number.") \
	X(55, HostFragment, "To the host, to be put together: a fragment of ESP, AH or UDP for a local address.") \
	X(56, HostTooBig, "To the host, to be answered with ICMP: sealed, it would exceed the SA's path MTU, and it may not be fragmented.") \
	X(57, HostSplit, "To the host, to be fragmented before sealing: sealed, it would exceed the SA's path MTU.")
#define ADIT_REASON_COUNT 64u /* counters: largest code + 1, in groups of 8 */

/* Names a field in a completion that refuses a command. */
enum adit_field {
	ADIT_FIELD_NONE = 0,
	ADIT_FIELD_OP = 1,
	ADIT_FIELD_FLAGS = 2,
	ADIT_FIELD_INDEX = 3,
	ADIT_FIELD_DATA_IOVA = 4,
	ADIT_FIELD_DATA_BYTES = 5,
	ADIT_FIELD_VALUE = 6,
	ADIT_FIELD_SA_SPI = 16,
	ADIT_FIELD_SA_DIR = 17,
	ADIT_FIELD_SA_PROTO = 18,
	ADIT_FIELD_SA_MODE = 19,
	ADIT_FIELD_SA_ENC = 20,
	ADIT_FIELD_SA_AUTH = 21,
	ADIT_FIELD_SA_FLAGS = 22,
	ADIT_FIELD_SA_TTL = 23,
	ADIT_FIELD_SA_REPLAY_PACKETS = 24,
	ADIT_FIELD_SA_NEXT_SLOT = 25,
	ADIT_FIELD_SA_LIMITS = 26,
	ADIT_FIELD_SA_SEQ_FIRST = 27,
	ADIT_FIELD_SA_SEQ_LEASE = 28,
	ADIT_FIELD_SP_SRC_PLEN = 32,
	ADIT_FIELD_SP_DST_PLEN = 33,
	ADIT_FIELD_SP_FLAGS = 34,
	ADIT_FIELD_SP_SPORT = 35,
	ADIT_FIELD_SP_DPORT = 36,
	ADIT_FIELD_SP_ACTION = 37,
	ADIT_FIELD_SP_LEVEL = 38,
	ADIT_FIELD_SP_ID = 39,
	ADIT_FIELD_SA_ICV_BYTES = 48,
	ADIT_FIELD_SA_TFC_BYTES = 49,
	ADIT_FIELD_SA_INNER_MTU = 50,
};
#define ADIT_FIELD_LIST(X) \
	X(0, NONE) \
	X(1, OP) \
	X(2, FLAGS) \
	X(3, INDEX) \
	X(4, DATA_IOVA) \
	X(5, DATA_BYTES) \
	X(6, VALUE) \
	X(16, SA_SPI) \
	X(17, SA_DIR) \
	X(18, SA_PROTO) \
	X(19, SA_MODE) \
	X(20, SA_ENC) \
	X(21, SA_AUTH) \
	X(22, SA_FLAGS) \
	X(23, SA_TTL) \
	X(24, SA_REPLAY_PACKETS) \
	X(25, SA_NEXT_SLOT) \
	X(26, SA_LIMITS) \
	X(27, SA_SEQ_FIRST) \
	X(28, SA_SEQ_LEASE) \
	X(32, SP_SRC_PLEN) \
	X(33, SP_DST_PLEN) \
	X(34, SP_FLAGS) \
	X(35, SP_SPORT) \
	X(36, SP_DPORT) \
	X(37, SP_ACTION) \
	X(38, SP_LEVEL) \
	X(39, SP_ID) \
	X(48, SA_ICV_BYTES) \
	X(49, SA_TFC_BYTES) \
	X(50, SA_INNER_MTU)

/*
 * Descriptors and records, as they lie in memory that card and host share.
 * Integers are little endian whatever the host is: store with htole16/32/64(), load with le16/32/64toh().
 * uint8_t arrays are byte strings in network order. rsvd members are written 0 and ignored.
 */

/* Command descriptor (host to card). */
#define ADIT_DESC_CMD_BYTES 64u
struct adit_desc_cmd {
	uint8_t op; /* enum op. */
	uint8_t flags; /* SP_ADD and SP_DELETE: bit 0 is the bank. SA_FLUSH: bit 0 spares AH, bit 1 spares ESP. SP_UPDATE: bit 0 is the bound flag. Else 0. */
	uint16_t index; /* SA_*: slot. SP_ADD, SP_DELETE: rank. SP_UPDATE, SP_QUERY: policy id. STATS: first reason code, a multiple of 8. */
	uint32_t tag; /* Returned in the completion. */
	uint64_t data_iova; /* SA_ADD, SA_UPDATE, SP_ADD: the record. SA_QUERY, SP_QUERY, STATS, CAPS: where the answer goes. 64-byte aligned. */
	uint32_t data_bytes; /* Exactly the size of the record read or written. */
	uint32_t value; /* SP_UPDATE: SA slot to bind. SP_COMMIT: bank to make live. */
	uint8_t rsvd24[40];
};
ADIT_STATIC_ASSERT(sizeof(struct adit_desc_cmd) == 64, "desc cmd");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_cmd, op) == 0, "desc cmd.op");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_cmd, flags) == 1, "desc cmd.flags");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_cmd, index) == 2, "desc cmd.index");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_cmd, tag) == 4, "desc cmd.tag");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_cmd, data_iova) == 8, "desc cmd.data_iova");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_cmd, data_bytes) == 16, "desc cmd.data_bytes");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_cmd, value) == 20, "desc cmd.value");

/* Event (card to host). */
#define ADIT_DESC_EVT_BYTES 64u
struct adit_desc_evt {
	uint8_t type; /* enum event. */
	uint8_t gen; /* Generation: 1 on the first turn round the ring, 0 on the second, and so on. A host that zeroes the ring first sees each event exactly once. */
	uint8_t status; /* COMPLETION: enum status. VERDICT: enum reason. */
	uint8_t field; /* COMPLETION with BAD_FIELD, BAD_LENGTH or UNSUPPORTED: code of the field (enum field). VERDICT: face it came by in bits 1:0, face it left by in bits 3:2 (enum face). */
	uint32_t tag; /* COMPLETION: the command's tag. VERDICT: number of the frame on its face since reset, from 0. */
	uint16_t index; /* COMPLETION: the command's index. ACQUIRE, VERDICT: policy id, 0xffff if none. RING_FAULT: ring. */
	uint16_t sa_slot; /* SA_SOFT, SA_HARD, SEQ_*, VERDICT: slot, 0xffff if none. */
	uint16_t length; /* VERDICT: frame bytes as received. */
	uint8_t proto; /* ACQUIRE: IP protocol. */
	uint8_t is_v6; /* ACQUIRE: 1 if the addresses are IPv6. */
	uint8_t src[16]; /* ACQUIRE: source address of the packet that asks. */
	uint8_t dst[16]; /* ACQUIRE: destination address. */
	uint16_t sport; /* ACQUIRE: source port, 0 if none. */
	uint16_t dport; /* ACQUIRE: destination port, 0 if none. */
	uint8_t rsvd52[4];
	uint64_t cycle; /* Cycle at which the card wrote the event. */
};
ADIT_STATIC_ASSERT(sizeof(struct adit_desc_evt) == 64, "desc evt");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_evt, type) == 0, "desc evt.type");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_evt, gen) == 1, "desc evt.gen");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_evt, status) == 2, "desc evt.status");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_evt, field) == 3, "desc evt.field");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_evt, tag) == 4, "desc evt.tag");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_evt, index) == 8, "desc evt.index");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_evt, sa_slot) == 10, "desc evt.sa_slot");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_evt, length) == 12, "desc evt.length");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_evt, proto) == 14, "desc evt.proto");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_evt, is_v6) == 15, "desc evt.is_v6");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_evt, src) == 16, "desc evt.src");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_evt, dst) == 32, "desc evt.dst");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_evt, sport) == 48, "desc evt.sport");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_evt, dport) == 50, "desc evt.dport");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_evt, cycle) == 56, "desc evt.cycle");

/* Packet TX descriptor (host to card). */
#define ADIT_DESC_TX_BYTES 32u
struct adit_desc_tx {
	uint64_t iova; /* First byte of the frame; any alignment. */
	uint16_t length; /* Frame bytes, 14 .. CAP_LIMITS.frame_bytes. Another length: the packet is dropped and counted (RxRunt, RxGiant), the ring goes on. */
	uint8_t dest; /* enum dest. */
	uint8_t reason; /* OPENED: 0, or why the host could not open it (enum reason): it is dropped and counted for that. Else 0. */
	uint16_t sa_slot; /* OPENED, SEAL: the SA. */
	uint16_t sp_id; /* SEAL: the policy. */
	uint64_t seq; /* OPENED: its sequence number, as the punt gave it. */
	uint8_t rsvd24[8];
};
ADIT_STATIC_ASSERT(sizeof(struct adit_desc_tx) == 32, "desc tx");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_tx, iova) == 0, "desc tx.iova");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_tx, length) == 8, "desc tx.length");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_tx, dest) == 10, "desc tx.dest");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_tx, reason) == 11, "desc tx.reason");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_tx, sa_slot) == 12, "desc tx.sa_slot");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_tx, sp_id) == 14, "desc tx.sp_id");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_tx, seq) == 16, "desc tx.seq");

/* Packet RX descriptor: posted by the host with iova and room, overwritten by the card when it is used. */
#define ADIT_DESC_RX_BYTES 32u
struct adit_desc_rx {
	uint64_t iova; /* Buffer, 64-byte aligned. */
	uint16_t room; /* Buffer bytes. */
	uint16_t length; /* Card: frame bytes. */
	uint8_t reason; /* Card: enum reason, why it came to the host. */
	uint8_t face; /* Card: enum face, where it entered. */
	uint8_t done; /* Card: 1. The host posts 0. */
	uint8_t rsvd15[1];
	uint16_t sa_slot; /* Card: SA it was opened with, 0xffff if none. */
	uint16_t sp_id; /* Card: policy id, 0xffff if none. */
	uint8_t rsvd20[4];
	uint64_t seq; /* Card: HostSlowSeal, HostSlowOpen: the packet's sequence number, with ESN all 64 bits. */
};
ADIT_STATIC_ASSERT(sizeof(struct adit_desc_rx) == 32, "desc rx");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_rx, iova) == 0, "desc rx.iova");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_rx, room) == 8, "desc rx.room");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_rx, length) == 10, "desc rx.length");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_rx, reason) == 12, "desc rx.reason");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_rx, face) == 13, "desc rx.face");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_rx, done) == 14, "desc rx.done");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_rx, sa_slot) == 16, "desc rx.sa_slot");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_rx, sp_id) == 18, "desc rx.sp_id");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_rx, seq) == 24, "desc rx.seq");

/* SA record, as SA_ADD reads it: six 64-byte words. Word 0 identity, 1 addresses, 2 limits and numbers, 3 cipher key, 4 inner and 5 outer hash state. SA_UPDATE reads words 0 to 2 (192 bytes) and may change addresses, ports, header handling and limits; a packet sees all of it or nothing. */
#define ADIT_DESC_SA_BYTES 384u
struct adit_desc_sa {
	uint32_t spi; /* SPI, as a number. 1..255 are reserved (RFC 4303 §2.1). */
	uint32_t reqid; /* Ties the SA to rules with the same reqid. */
	uint8_t dir; /* enum dir. */
	uint8_t proto; /* enum proto. */
	uint8_t mode; /* enum mode. */
	uint8_t enc; /* enum enc. */
	uint8_t auth; /* enum auth. */
	uint8_t flags; /* Bit 0 ESN, 1 IPv6 endpoints, 2 UDP encapsulation, 3 set DSCP (else copy), 4 clear DF, 5 set DF (neither: copy), 6 do not copy ECN, 7 the host transforms (every packet is punted). */
	uint8_t ttl; /* Outer TTL or hop limit, not 0. */
	uint8_t dscp; /* Outer DSCP, if set. */
	uint16_t replay_packets; /* Replay window; 0 is off, else 32 .. CAP_LIMITS.replay_packets. */
	uint16_t natt_sport; /* UDP encapsulation source port. */
	uint16_t natt_dport; /* UDP encapsulation destination port. */
	uint16_t next_slot; /* Bundle, in the ESP SA: slot of the AH transport SA around it (RFC 4301 §4.5); in an inbound AH SA: slot of the ESP SA without which it opens nothing; 0xffff none. */
	uint32_t flow_label; /* Outer IPv6 flow label. */
	uint16_t path_mtu; /* Longest outer IP packet; 0: CAP_LIMITS.frame_bytes decides. For the host; the card asks inner_mtu. */
	uint16_t inner_mtu; /* OUT: longest IP packet that still fits path_mtu when sealed; 0: no limit. */
	uint8_t icv_bytes; /* ICV length: 12 (MD5-96, SHA1-96), 16, 24, 32 (SHA-2), 8, 12 or 16 (GCM), 16 (GMAC), 0 without authentication. */
	uint8_t rsvd33[1];
	uint16_t tfc_bytes; /* OUT, tunnel, ESP: inner packets shorter than this are padded up to it (RFC 4303 §2.7); 0: none. */
	uint8_t rsvd36[28];
	uint8_t src[16]; /* Tunnel source (or the SA's source in transport mode). */
	uint8_t dst[16]; /* Tunnel destination (or the SA's destination in transport mode). */
	uint8_t rsvd96[32];
	uint64_t soft_bytes; /* 0: none. */
	uint64_t hard_bytes; /* 0: none. */
	uint64_t soft_packets; /* 0: none. */
	uint64_t hard_packets; /* 0: none. */
	uint32_t soft_seconds; /* 0: none. */
	uint32_t hard_seconds; /* 0: none. */
	uint64_t seq_first; /* OUT: sequence number of the first packet, not 0 (RFC 4303 §2.2: 1). IN: highest number seen so far (0: none); it and all below it count as seen. */
	uint64_t seq_lease; /* OUT: the last sequence number the card may use; at most 0xffffffff without ESN. */
	uint8_t rsvd184[8];
	uint8_t enc_key[32]; /* Cipher key, as many bytes as enc (with AES-GMAC: auth) says. */
	uint32_t salt; /* AES-GCM, AES-GMAC salt (RFC 4106 §4) and AES-CTR nonce (RFC 3686 §4). */
	uint8_t rsvd228[28];
	uint8_t auth_inner[64]; /* Hash state after key XOR ipad (RFC 2104), in digest byte order (SHA-384: all 64 bytes). AES-GCM and AES-GMAC: 16 bytes, the hash key H. */
	uint8_t auth_outer[64]; /* Hash state after key XOR opad. */
};
ADIT_STATIC_ASSERT(sizeof(struct adit_desc_sa) == 384, "desc sa");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_sa, spi) == 0, "desc sa.spi");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_sa, reqid) == 4, "desc sa.reqid");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_sa, dir) == 8, "desc sa.dir");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_sa, proto) == 9, "desc sa.proto");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_sa, mode) == 10, "desc sa.mode");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_sa, enc) == 11, "desc sa.enc");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_sa, auth) == 12, "desc sa.auth");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_sa, flags) == 13, "desc sa.flags");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_sa, ttl) == 14, "desc sa.ttl");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_sa, dscp) == 15, "desc sa.dscp");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_sa, replay_packets) == 16, "desc sa.replay_packets");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_sa, natt_sport) == 18, "desc sa.natt_sport");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_sa, natt_dport) == 20, "desc sa.natt_dport");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_sa, next_slot) == 22, "desc sa.next_slot");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_sa, flow_label) == 24, "desc sa.flow_label");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_sa, path_mtu) == 28, "desc sa.path_mtu");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_sa, inner_mtu) == 30, "desc sa.inner_mtu");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_sa, icv_bytes) == 32, "desc sa.icv_bytes");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_sa, tfc_bytes) == 34, "desc sa.tfc_bytes");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_sa, src) == 64, "desc sa.src");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_sa, dst) == 80, "desc sa.dst");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_sa, soft_bytes) == 128, "desc sa.soft_bytes");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_sa, hard_bytes) == 136, "desc sa.hard_bytes");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_sa, soft_packets) == 144, "desc sa.soft_packets");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_sa, hard_packets) == 152, "desc sa.hard_packets");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_sa, soft_seconds) == 160, "desc sa.soft_seconds");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_sa, hard_seconds) == 164, "desc sa.hard_seconds");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_sa, seq_first) == 168, "desc sa.seq_first");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_sa, seq_lease) == 176, "desc sa.seq_lease");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_sa, enc_key) == 192, "desc sa.enc_key");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_sa, salt) == 224, "desc sa.salt");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_sa, auth_inner) == 256, "desc sa.auth_inner");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_sa, auth_outer) == 320, "desc sa.auth_outer");

/* What SA_QUERY writes. No key material. */
#define ADIT_DESC_SA_STATE_BYTES 128u
struct adit_desc_sa_state {
	uint32_t spi; /* SPI. */
	uint32_t reqid; /* reqid. */
	uint8_t dir; /* enum dir. */
	uint8_t proto; /* enum proto. */
	uint8_t mode; /* enum mode. */
	uint8_t enc; /* enum enc. */
	uint8_t auth; /* enum auth. */
	uint8_t rsvd13[51];
	uint64_t seq; /* OUT: next sequence number to be sent. IN: highest number accepted. */
	uint64_t replay_map; /* IN: the window's newest 64 bits, bit i: number seq - i was seen. */
	uint64_t packets; /* Packets sealed or opened. */
	uint64_t bytes_done; /* Bytes of the inner packets (IP total lengths) sealed or opened. */
	uint64_t icv_errors; /* IN: packets whose ICV was wrong. */
	uint64_t replays; /* IN: packets refused by the replay window. */
	uint32_t added; /* NOW when the SA was added. */
	uint8_t expired; /* Bit 0: SA_SOFT was posted, 1: SA_HARD was posted. */
	uint8_t rsvd117[11];
};
ADIT_STATIC_ASSERT(sizeof(struct adit_desc_sa_state) == 128, "desc sa_state");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_sa_state, spi) == 0, "desc sa_state.spi");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_sa_state, reqid) == 4, "desc sa_state.reqid");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_sa_state, dir) == 8, "desc sa_state.dir");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_sa_state, proto) == 9, "desc sa_state.proto");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_sa_state, mode) == 10, "desc sa_state.mode");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_sa_state, enc) == 11, "desc sa_state.enc");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_sa_state, auth) == 12, "desc sa_state.auth");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_sa_state, seq) == 64, "desc sa_state.seq");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_sa_state, replay_map) == 72, "desc sa_state.replay_map");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_sa_state, packets) == 80, "desc sa_state.packets");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_sa_state, bytes_done) == 88, "desc sa_state.bytes_done");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_sa_state, icv_errors) == 96, "desc sa_state.icv_errors");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_sa_state, replays) == 104, "desc sa_state.replays");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_sa_state, added) == 112, "desc sa_state.added");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_sa_state, expired) == 116, "desc sa_state.expired");

/* Policy rule, in the outbound sense; inbound packets are matched with source and destination swapped. A bank holds rules by rank: rank 0 is asked first. SP_COMMIT makes a bank live at once. */
#define ADIT_DESC_SP_BYTES 64u
struct adit_desc_sp {
	uint8_t src[16]; /* Source prefix. */
	uint8_t dst[16]; /* Destination prefix. */
	uint8_t src_plen; /* Source prefix length, bits. */
	uint8_t dst_plen; /* Destination prefix length, bits. */
	uint8_t proto; /* IP protocol, if flags bit 1 is set. */
	uint8_t flags; /* Bit 0 IPv6, 1 proto counts, 2 ports count (ICMP and ICMPv6: source port is the type, destination port the code; they do not change places inbound), 3 opaque: matches only packets whose ports cannot be known (later fragments), RFC 4301 §4.4.1.1. */
	uint16_t sport_lo; /* Source port range, both ends belong to it. */
	uint16_t sport_hi;
	uint16_t dport_lo; /* Destination port range, both ends belong to it. */
	uint16_t dport_hi;
	uint8_t action; /* enum action. */
	uint8_t level; /* enum level. */
	uint16_t sp_id; /* Policy id: names the policy's counters and its SA binding, whatever its rank. */
	uint32_t reqid; /* SAs of this policy carry the same. */
	uint8_t rsvd52[12];
};
ADIT_STATIC_ASSERT(sizeof(struct adit_desc_sp) == 64, "desc sp");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_sp, src) == 0, "desc sp.src");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_sp, dst) == 16, "desc sp.dst");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_sp, src_plen) == 32, "desc sp.src_plen");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_sp, dst_plen) == 33, "desc sp.dst_plen");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_sp, proto) == 34, "desc sp.proto");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_sp, flags) == 35, "desc sp.flags");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_sp, sport_lo) == 36, "desc sp.sport_lo");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_sp, sport_hi) == 38, "desc sp.sport_hi");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_sp, dport_lo) == 40, "desc sp.dport_lo");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_sp, dport_hi) == 42, "desc sp.dport_hi");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_sp, action) == 44, "desc sp.action");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_sp, level) == 45, "desc sp.level");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_sp, sp_id) == 46, "desc sp.sp_id");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_sp, reqid) == 48, "desc sp.reqid");

/* What SP_QUERY writes: RouterOS's six counters and the binding. */
#define ADIT_DESC_SP_STATE_BYTES 64u
struct adit_desc_sp_state {
	uint64_t in_accepted; /* Inbound packets passed without an attempt to open them. */
	uint64_t in_dropped; /* Inbound packets dropped without an attempt to open them. */
	uint64_t in_transformed; /* Inbound packets opened. */
	uint64_t out_accepted; /* Outbound packets passed without an attempt to seal them. */
	uint64_t out_dropped; /* Outbound packets dropped without an attempt to seal them. */
	uint64_t out_transformed; /* Outbound packets sealed. */
	uint16_t sa_slot; /* SA bound for sealing. */
	uint8_t bound; /* 1 if sa_slot counts. */
	uint8_t rsvd51[13];
};
ADIT_STATIC_ASSERT(sizeof(struct adit_desc_sp_state) == 64, "desc sp_state");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_sp_state, in_accepted) == 0, "desc sp_state.in_accepted");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_sp_state, in_dropped) == 8, "desc sp_state.in_dropped");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_sp_state, in_transformed) == 16, "desc sp_state.in_transformed");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_sp_state, out_accepted) == 24, "desc sp_state.out_accepted");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_sp_state, out_dropped) == 32, "desc sp_state.out_dropped");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_sp_state, out_transformed) == 40, "desc sp_state.out_transformed");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_sp_state, sa_slot) == 48, "desc sp_state.sa_slot");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_sp_state, bound) == 50, "desc sp_state.bound");

/* What STATS writes: eight counters, of reasons index .. index + 7. */
#define ADIT_DESC_STATS_BYTES 64u
struct adit_desc_stats {
	uint64_t count0; /* Packets with reason index. */
	uint64_t count1;
	uint64_t count2;
	uint64_t count3;
	uint64_t count4;
	uint64_t count5;
	uint64_t count6;
	uint64_t count7;
};
ADIT_STATIC_ASSERT(sizeof(struct adit_desc_stats) == 64, "desc stats");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_stats, count0) == 0, "desc stats.count0");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_stats, count1) == 8, "desc stats.count1");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_stats, count2) == 16, "desc stats.count2");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_stats, count3) == 24, "desc stats.count3");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_stats, count4) == 32, "desc stats.count4");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_stats, count5) == 40, "desc stats.count5");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_stats, count6) == 48, "desc stats.count6");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_stats, count7) == 56, "desc stats.count7");

/* What CAPS writes: the capability registers in one piece. */
#define ADIT_DESC_CAPS_BYTES 64u
struct adit_desc_caps {
	uint32_t magic; /* MAGIC. */
	uint32_t version; /* VERSION. */
	uint32_t sizes; /* CAP_SIZES. */
	uint32_t enc_mask; /* CAP_ENC. */
	uint32_t auth_mask; /* CAP_AUTH. */
	uint32_t feature_mask; /* CAP_FEATURES. */
	uint32_t limits; /* CAP_LIMITS. */
	uint8_t rsvd28[36];
};
ADIT_STATIC_ASSERT(sizeof(struct adit_desc_caps) == 64, "desc caps");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_caps, magic) == 0, "desc caps.magic");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_caps, version) == 4, "desc caps.version");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_caps, sizes) == 8, "desc caps.sizes");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_caps, enc_mask) == 12, "desc caps.enc_mask");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_caps, auth_mask) == 16, "desc caps.auth_mask");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_caps, feature_mask) == 20, "desc caps.feature_mask");
ADIT_STATIC_ASSERT(offsetof(struct adit_desc_caps, limits) == 24, "desc caps.limits");

#endif
