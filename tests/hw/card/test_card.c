// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * The whole card, from register and ring to port and back, without driver or sockets: the simulated card of sim/, two ports
 * made of arrays, a flat host memory, and rings filled by hand. What leaves wan is held against golden and goes in again.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include <openssl/sha.h>

#include "adit_regs.h"
#include "card.h"
#include "transform/golden.h"

enum {
	MEM_BYTES = 1 << 20, CMD_AT = 0, EVT_AT = 0x4000, TX_AT = 0x8000, RX_AT = 0xc000, DATA_AT = 0x10000, TX_BUF_AT = 0x20000,
	RX_BUF_AT = 0x40000, RX_ROOM = 9600, RX_STRIDE = 9664, RING_LOG2 = 5, RX_BUFS = 32,
	FRAMES_MAX = 400, OUT_SLOT = 3, IN_SLOT = 7, OUT_ID = 1, IN_ID = 2,
};

struct frame {
	size_t n_bytes;
	uint8_t bytes[GOLDEN_MAX_FRAME_BYTES];
};

/* A port made of arrays. */
struct face {
	struct frame *in, *out;
	unsigned n_in, n_taken, n_out;
};

struct bench {
	struct card *card;
	struct port lan, wan;
	struct face lan_face, wan_face;
	uint8_t *mem;
	unsigned n_cmd, n_evt, n_tx, n_rx_posted, n_rx;
	unsigned n_msix[CARD_VECTORS];
	struct adit_sa out, in;
	struct golden_sa *golden;
};

static uint64_t rng_state, n_cycles;
static uint32_t roll(uint32_t n)
{
	rng_state = rng_state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)((rng_state >> 33) % n);
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
	assert_true(f->n_out < FRAMES_MAX);
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
	f->in = calloc(FRAMES_MAX, sizeof(*f->in));
	f->out = calloc(FRAMES_MAX, sizeof(*f->out));
	assert_non_null(f->in);
	assert_non_null(f->out);
	*port = (struct port){ .kind = &face_kind, .face = name, .state = f, .may_take = true };
}

static void face_put(struct bench *b, struct face *f, const uint8_t *bytes, size_t n_bytes)
{
	assert_true(f->n_in < FRAMES_MAX);
	memcpy(f->in[f->n_in].bytes, bytes, n_bytes);
	f->in[f->n_in++].n_bytes = n_bytes;
	b->lan.may_take = true;
	b->wan.may_take = true;
	card_wake(b->card);
}

static enum dma_answer mem_read(void *ctx, uint64_t iova, void *to, size_t n_bytes)
{
	struct bench *b = ctx;

	if (iova + n_bytes > MEM_BYTES)
		return DMA_UNMAPPED;
	memcpy(to, b->mem + iova, n_bytes);
	return DMA_OK;
}

static enum dma_answer mem_write(void *ctx, uint64_t iova, const void *from, size_t n_bytes)
{
	struct bench *b = ctx;

	if (iova + n_bytes > MEM_BYTES)
		return DMA_UNMAPPED;
	memcpy(b->mem + iova, from, n_bytes);
	return DMA_OK;
}

static void count_msix(void *ctx, unsigned vector)
{
	struct bench *b = ctx;

	b->n_msix[vector]++;
}

static void run(struct bench *b)
{
	enum card_state state;

	do
		state = card_run(b->card, 1000000);
	while (state == CARD_BUSY);
	assert_int_equal(state, CARD_IDLE);
	assert_null(card_fault(b->card));
}

static void put(struct bench *b, uint32_t offset, uint32_t value)
{
	assert_true(card_bar_write(b->card, offset, value));
}

static uint32_t get(struct bench *b, uint32_t offset)
{
	uint32_t value = 0;

	assert_true(card_bar_read(b->card, offset, &value));
	return value;
}

static void ring_start(struct bench *b, unsigned ring, uint32_t base)
{
	put(b, ADIT_REG_RING_BASE_LO(ring), base);
	put(b, ADIT_REG_RING_CTRL(ring), 1u << 31 | RING_LOG2);
}

static void rings_start(struct bench *b)
{
	memset(b->mem, 0, MEM_BYTES);
	b->n_cmd = b->n_evt = b->n_tx = b->n_rx = b->n_rx_posted = 0;
	ring_start(b, ADIT_RING_CMD, CMD_AT);
	ring_start(b, ADIT_RING_EVT, EVT_AT);
	ring_start(b, ADIT_RING_TX, TX_AT);
	ring_start(b, ADIT_RING_RX, RX_AT);
}

static void rx_post(struct bench *b)
{
	while (b->n_rx_posted - b->n_rx < RX_BUFS) {
		unsigned at = b->n_rx_posted++ % RX_BUFS;
		struct adit_desc_rx *d = (struct adit_desc_rx *)(void *)(b->mem + RX_AT + at * sizeof(*d));

		*d = (struct adit_desc_rx){ .iova = RX_BUF_AT + (uint64_t)at * RX_STRIDE / 64 * 64, .room = RX_ROOM };
	}
	put(b, ADIT_REG_RING_DOORBELL(ADIT_RING_RX), b->n_rx_posted & 0xffff);
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
		put(b, ADIT_REG_RING_DOORBELL(ADIT_RING_EVT), b->n_evt & 0xffff);
		if (e->type == ADIT_EVENT_COMPLETION)
			return e;
	}
}

static uint8_t command(struct bench *b, uint8_t op, uint8_t flags, uint16_t index, const void *record, uint32_t data_bytes,
	uint32_t value)
{
	struct adit_desc_cmd *c = (struct adit_desc_cmd *)(void *)(b->mem + CMD_AT + b->n_cmd % (1u << RING_LOG2) * sizeof(*c));
	const struct adit_desc_evt *e;
	uint32_t tag = b->n_cmd + 1000;

	if (record != NULL)
		memcpy(b->mem + DATA_AT, record, data_bytes);
	*c = (struct adit_desc_cmd){ .op = op, .flags = flags, .index = index, .tag = tag,
		.data_iova = data_bytes != 0 ? DATA_AT : 0, .data_bytes = data_bytes, .value = value };
	put(b, ADIT_REG_RING_DOORBELL(ADIT_RING_CMD), ++b->n_cmd & 0xffff);
	run(b);
	e = completion(b);
	assert_non_null(e);
	assert_int_equal(e->tag, tag);
	return e->status;
}

static void sha1_state(const struct adit_sa *sa, uint8_t pad, uint8_t out[64])
{
	uint8_t block[64];
	SHA_CTX c;

	memset(block, pad, sizeof(block));
	for (unsigned i = 0; i < sa->auth_key_bytes; i++)
		block[i] ^= sa->auth_key[i];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
	SHA1_Init(&c);
	SHA1_Update(&c, block, sizeof(block));
#pragma GCC diagnostic pop
	for (unsigned i = 0; i < 20; i++) {
		const uint32_t h[5] = { c.h0, c.h1, c.h2, c.h3, c.h4 };

		out[i] = (uint8_t)(h[i / 4] >> (24 - 8 * (i % 4)));
	}
}

static void add_sa(struct bench *b, uint16_t slot, const struct adit_sa *sa)
{
	struct adit_desc_sa r = {
		.spi = sa->spi, .reqid = sa->reqid, .dir = (uint8_t)sa->dir, .proto = (uint8_t)sa->proto, .mode = (uint8_t)sa->mode,
		.enc = (uint8_t)sa->enc, .auth = (uint8_t)sa->auth, .ttl = sa->ttl, .replay_packets = sa->replay_packets,
		.next_slot = 0xffff, .seq_first = sa->dir == ADIT_DIR_OUT, .seq_lease = sa->dir == ADIT_DIR_OUT ? 0xffffffff : 0,
	};

	memcpy(r.src, sa->src.bytes, 4);
	memcpy(r.dst, sa->dst.bytes, 4);
	memcpy(r.enc_key, sa->enc_key, sizeof(r.enc_key));
	sha1_state(sa, 0x36, r.auth_inner);
	sha1_state(sa, 0x5c, r.auth_outer);
	assert_int_equal(command(b, ADIT_OP_SA_ADD, 0, slot, &r, sizeof(r), 0), ADIT_STATUS_OK);
}

static void add_rule(struct bench *b, uint16_t rank, uint16_t id, uint8_t src_net, uint8_t dst_net, uint32_t reqid)
{
	struct adit_desc_sp r = { .src = { 10, src_net }, .dst = { 10, dst_net }, .src_plen = 16, .dst_plen = 16,
		.action = ADIT_ACTION_ENCRYPT, .level = ADIT_LEVEL_REQUIRE, .sp_id = id, .reqid = reqid,
		.sport_hi = 65535, .dport_hi = 65535 };

	assert_int_equal(command(b, ADIT_OP_SP_ADD, 0, rank, &r, sizeof(r), 0), ADIT_STATUS_OK);
}

/* One policy from 10.1/16 to 10.2/16 with an SA, and one for the way back with its twin. */
static void load_tables(struct bench *b)
{
	b->out = (struct adit_sa){ .spi = 0x1001, .reqid = 11, .dir = ADIT_DIR_OUT, .proto = ADIT_PROTO_ESP, .mode = ADIT_MODE_TUNNEL,
		.enc = ADIT_ENC_AES_CBC_256, .auth = ADIT_AUTH_HMAC_SHA1_96, .auth_key_bytes = 20, .ttl = 64,
		.src = { { 192, 0, 2, 1 }, false }, .dst = { { 198, 51, 100, 1 }, false }, .replay_packets = 64 };
	for (unsigned i = 0; i < 32; i++)
		b->out.enc_key[i] = (uint8_t)roll(256);
	for (unsigned i = 0; i < 20; i++)
		b->out.auth_key[i] = (uint8_t)roll(256);
	b->in = b->out;
	b->in.dir = ADIT_DIR_IN;
	b->in.reqid = 22;
	assert_int_equal(golden_sa_open(&b->out, &b->golden), 0);
	b->out.replay_packets = 0;
	add_sa(b, OUT_SLOT, &b->out);
	add_sa(b, IN_SLOT, &b->in);
	add_rule(b, 0, OUT_ID, 1, 2, 11);
	add_rule(b, 1, IN_ID, 2, 1, 22);
	assert_int_equal(command(b, ADIT_OP_SP_COMMIT, 0, 0, NULL, 0, 0), ADIT_STATUS_OK);
	assert_int_equal(command(b, ADIT_OP_SP_UPDATE, 1, OUT_ID, NULL, 0, OUT_SLOT), ADIT_STATUS_OK);
}

static int set_up(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));
	struct card_setup setup = { .seed = rng_state, .stall_percent = 15, .dma_latency_cycles = 20, .msix = count_msix };

	assert_non_null(b);
	b->mem = calloc(1, MEM_BYTES);
	assert_non_null(b->mem);
	face_open(&b->lan_face, &b->lan, "lan");
	face_open(&b->wan_face, &b->wan, "wan");
	setup.dma = (struct dma_calls){ .ctx = b, .read = mem_read, .write = mem_write };
	setup.lan = &b->lan;
	setup.wan = &b->wan;
	b->card = card_open(&setup);
	assert_non_null(b->card);
	rings_start(b);
	put(b, ADIT_REG_LOCAL_ADDR(0), 198u | 51u << 8 | 100u << 16 | 1u << 24);
	put(b, ADIT_REG_LOCAL_VALID, 1);
	load_tables(b);
	*state = b;
	return 0;
}

static int tear_down(void **state)
{
	struct bench *b = *state;

	n_cycles += card_cycles(b->card);
	card_close(b->card);
	golden_sa_close(b->golden);
	free(b->lan_face.in);
	free(b->lan_face.out);
	free(b->wan_face.in);
	free(b->wan_face.out);
	free(b->mem);
	free(b);
	return 0;
}

/* An Ethernet frame with an IPv4 packet of ip_bytes from 10.1.0.5 to 10.2.0.6. */
static size_t make_frame(uint8_t *f, size_t ip_bytes)
{
	static const uint8_t header[20] = { 0x45, [6] = 0x40, [8] = 0x40, 0x01, [12] = 10, 1, 0, 5, 10, 2, 0, 6 };
	uint8_t *ip = f + 14;
	uint32_t sum = 0;

	for (size_t i = 0; i < 14 + ip_bytes; i++)
		f[i] = (uint8_t)roll(256);
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

static void expect_sealed(struct bench *b, const struct frame *clear, const struct frame *sealed, uint64_t seq)
{
	static uint8_t want[GOLDEN_MAX_FRAME_BYTES];
	size_t want_bytes = 0;

	assert_int_equal(golden_seal(b->golden, clear->bytes, clear->n_bytes, 14, seq, want, sizeof(want), &want_bytes),
			 ADIT_REASON_NONE);
	assert_int_equal(sealed->n_bytes, want_bytes);
	assert_memory_equal(sealed->bytes, want, want_bytes);
}

static uint64_t stat(struct bench *b, uint16_t reason)
{
	uint64_t counts[8];

	assert_int_equal(command(b, ADIT_OP_STATS, 0, reason & 0xfff8, NULL, 64, 0), ADIT_STATUS_OK);
	memcpy(counts, b->mem + DATA_AT, sizeof(counts));
	return counts[reason & 7];
}

static struct adit_desc_sa_state sa_state(struct bench *b, uint16_t slot)
{
	struct adit_desc_sa_state s;

	assert_int_equal(command(b, ADIT_OP_SA_QUERY, 0, slot, NULL, sizeof(s), 0), ADIT_STATUS_OK);
	memcpy(&s, b->mem + DATA_AT, sizeof(s));
	return s;
}

static void frames_sealed_at_lan_open_to_themselves_at_wan(void **state)
{
	struct bench *b = *state;
	uint64_t ip_bytes = 0;
	unsigned n = 150;

	put(b, ADIT_REG_CTRL, 1);
	for (unsigned i = 0; i < n; i++) {
		static uint8_t f[GOLDEN_MAX_FRAME_BYTES];
		size_t bytes = 21 + (roll(10) == 0 ? roll(9000) : roll(400));

		ip_bytes += bytes;
		face_put(b, &b->lan_face, f, make_frame(f, bytes));
	}
	run(b);
	assert_int_equal(b->wan_face.n_out, n);
	for (unsigned i = 0; i < n; i++)
		expect_sealed(b, &b->lan_face.in[i], &b->wan_face.out[i], i + 1);
	for (unsigned i = 0; i < n; i++)
		face_put(b, &b->wan_face, b->wan_face.out[i].bytes, b->wan_face.out[i].n_bytes);
	run(b);
	assert_int_equal(b->lan_face.n_out, n);
	for (unsigned i = 0; i < n; i++) {
		assert_int_equal(b->lan_face.out[i].n_bytes, b->lan_face.in[i].n_bytes);
		assert_memory_equal(b->lan_face.out[i].bytes, b->lan_face.in[i].bytes, b->lan_face.in[i].n_bytes);
	}
	assert_int_equal(stat(b, ADIT_REASON_NONE), 2 * n);
	assert_int_equal(sa_state(b, OUT_SLOT).packets, n);
	assert_int_equal(sa_state(b, OUT_SLOT).bytes_done, ip_bytes);
	assert_int_equal(sa_state(b, OUT_SLOT).seq, n + 1);
	assert_int_equal(sa_state(b, IN_SLOT).packets, n);
	assert_int_equal(sa_state(b, IN_SLOT).seq, n);
}

static void a_frame_sent_twice_is_opened_once(void **state)
{
	struct bench *b = *state;
	uint8_t f[200];

	put(b, ADIT_REG_CTRL, 1);
	face_put(b, &b->lan_face, f, make_frame(f, 100));
	run(b);
	face_put(b, &b->wan_face, b->wan_face.out[0].bytes, b->wan_face.out[0].n_bytes);
	face_put(b, &b->wan_face, b->wan_face.out[0].bytes, b->wan_face.out[0].n_bytes);
	run(b);
	assert_int_equal(b->lan_face.n_out, 1);
	assert_int_equal(stat(b, ADIT_REASON_XfrmInStateSeqError), 1);
	assert_int_equal(sa_state(b, IN_SLOT).replays, 1);
}

static void a_wrong_byte_anywhere_in_the_icv_is_refused_and_the_next_frame_passes(void **state)
{
	struct bench *b = *state;
	uint8_t f[200];

	put(b, ADIT_REG_CTRL, 1);
	face_put(b, &b->lan_face, f, make_frame(f, 100));
	run(b);
	for (unsigned i = 1; i <= 12; i++) {
		struct frame bad = b->wan_face.out[0];

		bad.bytes[bad.n_bytes - i] ^= (uint8_t)(1u << roll(8));
		face_put(b, &b->wan_face, bad.bytes, bad.n_bytes);
	}
	face_put(b, &b->wan_face, b->wan_face.out[0].bytes, b->wan_face.out[0].n_bytes);
	run(b);
	assert_int_equal(b->lan_face.n_out, 1);
	assert_memory_equal(b->lan_face.out[0].bytes, b->lan_face.in[0].bytes, b->lan_face.in[0].n_bytes);
	assert_int_equal(stat(b, ADIT_REASON_XfrmInStateProtoError), 12);
	assert_int_equal(sa_state(b, IN_SLOT).icv_errors, 12);
}

static void nothing_enters_while_the_ports_are_closed(void **state)
{
	struct bench *b = *state;
	uint8_t f[200];

	face_put(b, &b->lan_face, f, make_frame(f, 100));
	for (unsigned i = 0; i < 3; i++)
		(void)card_run(b->card, 2000);
	assert_int_equal(b->wan_face.n_out, 0);
	put(b, ADIT_REG_CTRL, 1);
	card_wake(b->card);
	run(b);
	assert_int_equal(b->wan_face.n_out, 1);
	expect_sealed(b, &b->lan_face.in[0], &b->wan_face.out[0], 1);
}

static void in_mode_nic_the_host_is_the_plaintext_side(void **state)
{
	struct bench *b = *state;
	struct adit_desc_tx tx = { .iova = TX_BUF_AT + 3, .dest = ADIT_DEST_FROM_LAN };
	struct adit_desc_rx rx;
	static struct frame clear;

	put(b, ADIT_REG_CTRL, 1 | 1 << 1);
	rx_post(b);
	clear.n_bytes = make_frame(clear.bytes, 1000);
	memcpy(b->mem + tx.iova, clear.bytes, clear.n_bytes);
	tx.length = (uint16_t)clear.n_bytes;
	memcpy(b->mem + TX_AT, &tx, sizeof(tx));
	put(b, ADIT_REG_RING_DOORBELL(ADIT_RING_TX), 1);
	run(b);
	assert_int_equal(b->wan_face.n_out, 1);
	expect_sealed(b, &clear, &b->wan_face.out[0], 1);
	face_put(b, &b->wan_face, b->wan_face.out[0].bytes, b->wan_face.out[0].n_bytes);
	run(b);
	memcpy(&rx, b->mem + RX_AT, sizeof(rx));
	assert_int_equal(rx.done, 1);
	assert_int_equal(rx.reason, ADIT_REASON_HostNic);
	assert_int_equal(rx.face, ADIT_FACE_WAN);
	assert_int_equal(rx.sa_slot, IN_SLOT);
	assert_int_equal(rx.sp_id, IN_ID);
	assert_int_equal(rx.length, clear.n_bytes);
	assert_memory_equal(b->mem + rx.iova, clear.bytes, clear.n_bytes);
	assert_int_equal(b->lan_face.n_out, 0);
}

static void a_host_frame_goes_straight_out_of_the_port_it_names(void **state)
{
	struct bench *b = *state;
	static struct frame clear;

	put(b, ADIT_REG_CTRL, 1);
	clear.n_bytes = make_frame(clear.bytes, 333);
	memcpy(b->mem + TX_BUF_AT, clear.bytes, clear.n_bytes);
	for (unsigned i = 0; i < 2; i++) {
		struct adit_desc_tx tx = { .iova = TX_BUF_AT, .length = (uint16_t)clear.n_bytes,
			.dest = i ? ADIT_DEST_OUT_WAN : ADIT_DEST_OUT_LAN };

		memcpy(b->mem + TX_AT + i * sizeof(tx), &tx, sizeof(tx));
	}
	put(b, ADIT_REG_RING_DOORBELL(ADIT_RING_TX), 2);
	run(b);
	assert_int_equal(b->lan_face.n_out, 1);
	assert_int_equal(b->wan_face.n_out, 1);
	assert_int_equal(b->wan_face.out[0].n_bytes, clear.n_bytes);
	assert_memory_equal(b->wan_face.out[0].bytes, clear.bytes, clear.n_bytes);
	assert_memory_equal(b->lan_face.out[0].bytes, clear.bytes, clear.n_bytes);
}

static void a_deleted_sa_seals_and_opens_nothing_more(void **state)
{
	struct bench *b = *state;
	uint8_t f[200];

	put(b, ADIT_REG_CTRL, 1);
	face_put(b, &b->lan_face, f, make_frame(f, 100));
	run(b);
	assert_int_equal(command(b, ADIT_OP_SA_DELETE, 0, OUT_SLOT, NULL, 0, 0), ADIT_STATUS_OK);
	assert_int_equal(command(b, ADIT_OP_SA_DELETE, 0, IN_SLOT, NULL, 0, 0), ADIT_STATUS_OK);
	face_put(b, &b->wan_face, b->wan_face.out[0].bytes, b->wan_face.out[0].n_bytes);
	face_put(b, &b->lan_face, f, make_frame(f, 100));
	run(b);
	assert_int_equal(b->wan_face.n_out, 1);
	assert_int_equal(b->lan_face.n_out, 0);
	assert_int_equal(stat(b, ADIT_REASON_XfrmOutStateInvalid), 1);
	assert_int_equal(stat(b, ADIT_REASON_XfrmInNoStates), 1);
}

/* The reset falls into the middle of long frames, in at lan and out at wan. What comes later must begin cleanly, and in clear
 * nothing may come: the tables are empty. */
static void a_soft_reset_in_mid_frame_leaves_empty_tables_and_whole_frames(void **state)
{
	struct bench *b = *state;
	static uint8_t f[GOLDEN_MAX_FRAME_BYTES];
	unsigned n_cut, last;

	put(b, ADIT_REG_CTRL, 1);
	for (unsigned i = 0; i < 60; i++)
		face_put(b, &b->lan_face, f, make_frame(f, 5000));
	while (b->wan_face.n_out < 3)
		(void)card_run(b->card, 1000);
	(void)card_run(b->card, roll(500));
	put(b, ADIT_REG_CTRL, 1 << 8);
	while ((get(b, ADIT_REG_STATUS) & 1) == 0)
		(void)card_run(b->card, 1000);
	n_cut = b->wan_face.n_out;
	rings_start(b);
	put(b, ADIT_REG_CTRL, 1);
	card_wake(b->card);
	run(b);
	assert_int_equal(b->lan_face.n_taken, 60);
	assert_true(b->wan_face.n_out <= n_cut + 1);	/* no more than the end of a frame that was under way */
	assert_int_equal(b->lan_face.n_out, 0);
	assert_true(stat(b, ADIT_REASON_OutNoPols) >= 10);
	assert_int_equal(stat(b, ADIT_REASON_NONE), 0);

	last = b->wan_face.n_out;
	golden_sa_close(b->golden);
	load_tables(b);
	face_put(b, &b->lan_face, f, make_frame(f, 777));
	run(b);
	assert_int_equal(b->wan_face.n_out, last + 1);
	expect_sealed(b, &b->lan_face.in[60], &b->wan_face.out[last], 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(frames_sealed_at_lan_open_to_themselves_at_wan, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_frame_sent_twice_is_opened_once, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_wrong_byte_anywhere_in_the_icv_is_refused_and_the_next_frame_passes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(nothing_enters_while_the_ports_are_closed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(in_mode_nic_the_host_is_the_plaintext_side, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_host_frame_goes_straight_out_of_the_port_it_names, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_deleted_sa_seals_and_opens_nothing_more, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_soft_reset_in_mid_frame_leaves_empty_tables_and_whole_frames, set_up, tear_down),
	};
	const char *seed = getenv("SEED");
	int n_failed;

	rng_state = seed != NULL ? strtoull(seed, NULL, 0) : (uint64_t)time(NULL);
	printf("seed %llu (SEED=… repeats it)\n", (unsigned long long)rng_state);
	n_failed = cmocka_run_group_tests(tests, NULL, NULL);
	printf("%llu cycles\n", (unsigned long long)n_cycles);
	printf("%d passed, %d failed\n", (int)(sizeof(tests) / sizeof(tests[0])) - n_failed, n_failed);
	return n_failed;
}
