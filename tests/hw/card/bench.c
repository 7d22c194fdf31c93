// SPDX-License-Identifier: BSD-2-Clause-Patent
#include "bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { CMD_AT = 0, EVT_AT = 0x4000, RX_AT = BENCH_RX_AT, RX_BUF_AT = 0x40000, RX_ROOM = 9600, RX_STRIDE = 9664, RING_LOG2 = 5, RX_BUFS = 32 };

uint64_t bench_seed, bench_cycles;
uint32_t bench_roll(uint32_t n)
{
	bench_seed = bench_seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)((bench_seed >> 33) % n);
}

static size_t face_take(struct port *port, uint8_t *frame)
{
	struct face *f = port->state;

	if (f->n_taken == f->n_in)
		return 0;
	memcpy(frame, f->in[f->n_taken].bytes, f->in[f->n_taken].n_bytes);
	return f->in[f->n_taken++].n_bytes;
}

static enum port_given face_give(struct port *port, const uint8_t *frame, size_t n_bytes, uint64_t cycle)
{
	struct face *f = port->state;

	(void)cycle;
	assert_true(n_bytes <= sizeof(f->out[0].bytes));
	assert_true(f->n_out < BENCH_FRAMES_MAX);
	f->out[f->n_out].n_bytes = n_bytes;
	memcpy(f->out[f->n_out++].bytes, frame, n_bytes);
	return PORT_SENT;
}

static unsigned face_poll_fds(struct port *port, struct pollfd *fds)
{
	(void)port;
	(void)fds;
	return 0;
}

static bool face_polled(struct port *port, const struct pollfd *fds, unsigned n_fds)
{
	(void)port;
	(void)fds;
	(void)n_fds;
	return true;
}

static void face_nothing(struct port *port)
{
	(void)port;
}

static const struct port_kind face_kind = {
	.take = face_take, .give = face_give, .poll_fds = face_poll_fds, .polled = face_polled, .flush = face_nothing,
	.close = face_nothing,
};

static void face_open(struct face *f, struct port *port, const char *name)
{
	f->in = calloc(BENCH_FRAMES_MAX, sizeof(*f->in));
	f->out = calloc(BENCH_FRAMES_MAX, sizeof(*f->out));
	assert_non_null(f->in);
	assert_non_null(f->out);
	*port = (struct port){ .kind = &face_kind, .face = name, .state = f, .may_take = true };
}

void bench_face_put(struct bench *b, struct face *f, const uint8_t *bytes, size_t n_bytes)
{
	assert_true(f->n_in < BENCH_FRAMES_MAX);
	memcpy(f->in[f->n_in].bytes, bytes, n_bytes);
	f->in[f->n_in++].n_bytes = n_bytes;
	b->lan.may_take = true;
	b->wan.may_take = true;
	card_wake(b->card);
}

static enum dma_answer mem_read(void *ctx, uint64_t iova, void *to, size_t n_bytes)
{
	struct bench *b = ctx;

	if (iova + n_bytes > BENCH_MEM_BYTES)
		return DMA_UNMAPPED;
	memcpy(to, b->mem + iova, n_bytes);
	return DMA_OK;
}

static enum dma_answer mem_write(void *ctx, uint64_t iova, const void *from, size_t n_bytes)
{
	struct bench *b = ctx;

	if (iova + n_bytes > BENCH_MEM_BYTES)
		return DMA_UNMAPPED;
	memcpy(b->mem + iova, from, n_bytes);
	return DMA_OK;
}

static void count_msix(void *ctx, unsigned vector)
{
	struct bench *b = ctx;

	b->n_msix[vector]++;
}

void bench_run(struct bench *b)
{
	enum card_state state;

	do
		state = card_run(b->card, 1000000);
	while (state == CARD_BUSY);
	assert_int_equal(state, CARD_IDLE);
	assert_null(card_fault(b->card));
}

void bench_put(struct bench *b, uint32_t offset, uint32_t value)
{
	assert_true(card_bar_write(b->card, offset, value));
}

uint32_t bench_get(struct bench *b, uint32_t offset)
{
	uint32_t value = 0;

	assert_true(card_bar_read(b->card, offset, &value));
	return value;
}

static void ring_start(struct bench *b, unsigned ring, uint32_t base)
{
	bench_put(b, ADIT_REG_RING_BASE_LO(ring), base);
	bench_put(b, ADIT_REG_RING_CTRL(ring), 1u << 31 | RING_LOG2);
}

void bench_rings_start(struct bench *b)
{
	memset(b->mem, 0, BENCH_MEM_BYTES);
	b->n_cmd = b->n_evt = b->n_tx = b->n_rx = b->n_rx_posted = 0;
	ring_start(b, ADIT_RING_CMD, CMD_AT);
	ring_start(b, ADIT_RING_EVT, EVT_AT);
	ring_start(b, ADIT_RING_TX, BENCH_TX_AT);
	ring_start(b, ADIT_RING_RX, RX_AT);
}

void bench_rx_post(struct bench *b)
{
	while (b->n_rx_posted - b->n_rx < RX_BUFS) {
		unsigned at = b->n_rx_posted++ % RX_BUFS;
		struct adit_desc_rx *d = (struct adit_desc_rx *)(void *)(b->mem + RX_AT + at * sizeof(*d));

		*d = (struct adit_desc_rx){ .iova = RX_BUF_AT + (uint64_t)at * RX_STRIDE / 64 * 64, .room = RX_ROOM };
	}
	bench_put(b, ADIT_REG_RING_DOORBELL(ADIT_RING_RX), b->n_rx_posted & 0xffff);
}

/* The next completion, passing other events by. */
static const struct adit_desc_evt *completion(struct bench *b)
{
	for (;;) {
		struct adit_desc_evt *e = (struct adit_desc_evt *)(void *)(b->mem + EVT_AT + b->n_evt % (1u << RING_LOG2) * sizeof(*e));
		uint8_t gen = (b->n_evt >> RING_LOG2 & 1) == 0;

		if (e->type == 0 || e->gen != gen)
			return NULL;
		b->n_evt++;
		bench_put(b, ADIT_REG_RING_DOORBELL(ADIT_RING_EVT), b->n_evt & 0xffff);
		if (e->type == ADIT_EVENT_COMPLETION)
			return e;
	}
}

uint8_t bench_command(struct bench *b, uint8_t op, uint8_t flags, uint16_t index, const void *record, uint32_t data_bytes,
	uint32_t value)
{
	struct adit_desc_cmd *c = (struct adit_desc_cmd *)(void *)(b->mem + CMD_AT + b->n_cmd % (1u << RING_LOG2) * sizeof(*c));
	const struct adit_desc_evt *e;
	uint32_t tag = b->n_cmd + 1000;

	if (record != NULL)
		memcpy(b->mem + BENCH_DATA_AT, record, data_bytes);
	*c = (struct adit_desc_cmd){ .op = op, .flags = flags, .index = index, .tag = tag,
		.data_iova = data_bytes != 0 ? BENCH_DATA_AT : 0, .data_bytes = data_bytes, .value = value };
	bench_put(b, ADIT_REG_RING_DOORBELL(ADIT_RING_CMD), ++b->n_cmd & 0xffff);
	bench_run(b);
	e = completion(b);
	assert_non_null(e);
	assert_int_equal(e->tag, tag);
	return e->status;
}

void bench_add_rule(struct bench *b, uint16_t rank, uint16_t id, uint8_t src_net, uint8_t dst_net, uint32_t reqid)
{
	struct adit_desc_sp r = { .src = { 10, src_net }, .dst = { 10, dst_net }, .src_plen = 16, .dst_plen = 16,
		.action = ADIT_ACTION_ENCRYPT, .level = ADIT_LEVEL_REQUIRE, .sp_id = id, .reqid = reqid,
		.sport_hi = 65535, .dport_hi = 65535 };

	assert_int_equal(bench_command(b, ADIT_OP_SP_ADD, 0, rank, &r, sizeof(r), 0), ADIT_STATUS_OK);
}

/* An Ethernet frame with an IPv4 packet of ip_bytes from 10.1.0.5 to 10.2.0.6. */
size_t bench_make_frame(uint8_t *f, size_t ip_bytes)
{
	static const uint8_t header[20] = { 0x45, [6] = 0x40, [8] = 0x40, 0x01, [12] = 10, 1, 0, 5, 10, 2, 0, 6 };
	uint8_t *ip = f + 14;
	uint32_t sum = 0;

	for (size_t i = 0; i < 14 + ip_bytes; i++)
		f[i] = (uint8_t)bench_roll(256);
	f[12] = 8;
	f[13] = 0;
	memcpy(ip, header, sizeof(header));
	ip[2] = (uint8_t)(ip_bytes >> 8);
	ip[3] = (uint8_t)ip_bytes;
	for (unsigned i = 0; i < 20; i += 2)
		sum += (uint32_t)(ip[i] << 8 | ip[i + 1]);
	sum = (sum & 0xffff) + (sum >> 16);
	sum += sum >> 16;
	ip[10] = (uint8_t)(~sum >> 8);
	ip[11] = (uint8_t)~sum;
	return 14 + ip_bytes;
}

uint64_t bench_stat(struct bench *b, uint16_t reason)
{
	uint64_t counts[8];

	assert_int_equal(bench_command(b, ADIT_OP_STATS, 0, reason & 0xfff8, NULL, 64, 0), ADIT_STATUS_OK);
	memcpy(counts, b->mem + BENCH_DATA_AT, sizeof(counts));
	return counts[reason & 7];
}

struct adit_desc_sa_state bench_sa_state(struct bench *b, uint16_t slot)
{
	struct adit_desc_sa_state s;

	assert_int_equal(bench_command(b, ADIT_OP_SA_QUERY, 0, slot, NULL, sizeof(s), 0), ADIT_STATUS_OK);
	memcpy(&s, b->mem + BENCH_DATA_AT, sizeof(s));
	return s;
}

struct bench *bench_open(void)
{
	struct bench *b = calloc(1, sizeof(*b));
	struct card_setup setup = { .seed = bench_seed, .stall_percent = 15, .dma_latency_cycles = 20, .msix = count_msix };

	assert_non_null(b);
	b->mem = calloc(1, BENCH_MEM_BYTES);
	assert_non_null(b->mem);
	face_open(&b->lan_face, &b->lan, "lan");
	face_open(&b->wan_face, &b->wan, "wan");
	setup.dma = (struct dma_calls){ .ctx = b, .read = mem_read, .write = mem_write };
	setup.lan = &b->lan;
	setup.wan = &b->wan;
	b->card = card_open(&setup);
	assert_non_null(b->card);
	bench_rings_start(b);
	bench_put(b, ADIT_REG_LOCAL_ADDR(0), 198u | 51u << 8 | 100u << 16 | 1u << 24);
	bench_put(b, ADIT_REG_LOCAL_VALID, 1);
	return b;
}

void bench_close(struct bench *b)
{
	bench_cycles += card_cycles(b->card);
	card_close(b->card);
	free(b->lan_face.in);
	free(b->lan_face.out);
	free(b->wan_face.in);
	free(b->wan_face.out);
	free(b->mem);
	free(b);
}
