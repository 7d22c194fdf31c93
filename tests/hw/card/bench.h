// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * The whole card without driver or sockets: the simulated card of sim/, two ports made of arrays, a flat host memory, and rings filled
 * by hand. Whatever fails is a failed cmocka assertion.
 */
#ifndef ADIT_TESTS_BENCH_H
#define ADIT_TESTS_BENCH_H

#include <stddef.h>
#include <stdint.h>

#include "adit_regs.h"
#include "card.h"
#include "transform/golden.h"

enum {	/* of the host's memory */
	BENCH_MEM_BYTES = 1 << 20, BENCH_TX_AT = 0x8000, BENCH_RX_AT = 0xc000, BENCH_DATA_AT = 0x10000, BENCH_TX_BUF_AT = 0x20000,
	BENCH_FRAMES_MAX = 400,
};

struct bench_frame {
	size_t n_bytes;
	uint8_t bytes[GOLDEN_MAX_FRAME_BYTES];
};

/* A port made of arrays. */
struct face {
	struct bench_frame *in, *out;
	unsigned n_in, n_taken, n_out;
};

struct bench {
	struct card *card;
	struct port lan, wan;
	struct face lan_face, wan_face;
	uint8_t *mem;
	unsigned n_cmd, n_evt, n_tx, n_rx_posted, n_rx;
	unsigned n_msix[CARD_VECTORS];
};


extern uint64_t bench_seed, bench_cycles;	/* bench_cycles: of all benches closed */

struct bench *bench_open(void);	/* tables are empty, ports closed; 198.51.100.1 is local */
void bench_close(struct bench *b);

uint32_t bench_roll(uint32_t n);
/** The frame enters by that face at the next bench_run(). */
void bench_face_put(struct bench *b, struct face *f, const uint8_t *bytes, size_t n_bytes);
/** Runs until the card is idle. */
void bench_run(struct bench *b);
void bench_put(struct bench *b, uint32_t offset, uint32_t value);
uint32_t bench_get(struct bench *b, uint32_t offset);
void bench_rings_start(struct bench *b);
void bench_rx_post(struct bench *b);
/** One command with its record, if any, until it completes. @return enum status */
uint8_t bench_command(struct bench *b, uint8_t op, uint8_t flags, uint16_t index, const void *record, uint32_t data_bytes, uint32_t value);
void bench_add_rule(struct bench *b, uint16_t rank, uint16_t id, uint8_t src_net, uint8_t dst_net, uint32_t reqid);
/** An Ethernet frame with an IPv4 packet of ip_bytes from 10.1.0.5 to 10.2.0.6. @return its length */
size_t bench_make_frame(uint8_t *f, size_t ip_bytes);
uint64_t bench_stat(struct bench *b, uint16_t reason);
struct adit_desc_sa_state bench_sa_state(struct bench *b, uint16_t slot);

#endif
