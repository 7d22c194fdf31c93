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

#include "bench.h"

enum { OUT_SLOT = 3, IN_SLOT = 7, OUT_ID = 1, IN_ID = 2 };

/* What load_tables() put into the card. */
static struct adit_sa out_sa, in_sa;
static struct golden_sa *golden;

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
		.icv_bytes = 12, .next_slot = 0xffff, .seq_first = sa->dir == ADIT_DIR_OUT, .seq_lease = sa->dir == ADIT_DIR_OUT ? 0xffffffff : 0,
	};

	memcpy(r.src, sa->src.bytes, 4);
	memcpy(r.dst, sa->dst.bytes, 4);
	memcpy(r.enc_key, sa->enc_key, sizeof(r.enc_key));
	sha1_state(sa, 0x36, r.auth_inner);
	sha1_state(sa, 0x5c, r.auth_outer);
	assert_int_equal(bench_command(b, ADIT_OP_SA_ADD, 0, slot, &r, sizeof(r), 0), ADIT_STATUS_OK);
}

/* One policy from 10.1/16 to 10.2/16 with an SA, and one for the way back with its twin. */
static void load_tables(struct bench *b)
{
	out_sa = (struct adit_sa){ .spi = 0x1001, .reqid = 11, .dir = ADIT_DIR_OUT, .proto = ADIT_PROTO_ESP, .mode = ADIT_MODE_TUNNEL,
		.enc = ADIT_ENC_AES_CBC_256, .auth = ADIT_AUTH_HMAC_SHA1_96, .auth_key_bytes = 20, .ttl = 64,
		.src = { { 192, 0, 2, 1 }, false }, .dst = { { 198, 51, 100, 1 }, false }, .replay_packets = 64 };
	for (unsigned i = 0; i < 32; i++)
		out_sa.enc_key[i] = (uint8_t)bench_roll(256);
	for (unsigned i = 0; i < 20; i++)
		out_sa.auth_key[i] = (uint8_t)bench_roll(256);
	in_sa = out_sa;
	in_sa.dir = ADIT_DIR_IN;
	in_sa.reqid = 22;
	assert_int_equal(golden_sa_open(&out_sa, &golden), 0);
	out_sa.replay_packets = 0;
	add_sa(b, OUT_SLOT, &out_sa);
	add_sa(b, IN_SLOT, &in_sa);
	bench_add_rule(b, 0, OUT_ID, 1, 2, 11);
	bench_add_rule(b, 1, IN_ID, 2, 1, 22);
	assert_int_equal(bench_command(b, ADIT_OP_SP_COMMIT, 0, 0, NULL, 0, 0), ADIT_STATUS_OK);
	assert_int_equal(bench_command(b, ADIT_OP_SP_UPDATE, 1, OUT_ID, NULL, 0, OUT_SLOT), ADIT_STATUS_OK);
}

static int set_up(void **state)
{
	*state = bench_open();
	load_tables(*state);
	return 0;
}

static int tear_down(void **state)
{
	bench_close(*state);
	golden_sa_close(golden);
	return 0;
}

static void expect_sealed(const struct bench_frame *clear, const struct bench_frame *sealed, uint64_t seq)
{
	static uint8_t want[GOLDEN_MAX_FRAME_BYTES];
	size_t want_bytes = 0;

	assert_int_equal(golden_seal(golden, clear->bytes, clear->n_bytes, 14, seq, want, sizeof(want), &want_bytes),
			 ADIT_REASON_NONE);
	assert_int_equal(sealed->n_bytes, want_bytes);
	assert_memory_equal(sealed->bytes, want, want_bytes);
}

static void frames_sealed_at_lan_open_to_themselves_at_wan(void **state)
{
	struct bench *b = *state;
	uint64_t ip_bytes = 0;
	unsigned n = 150;

	bench_put(b, ADIT_REG_CTRL, 1);
	for (unsigned i = 0; i < n; i++) {
		static uint8_t f[GOLDEN_MAX_FRAME_BYTES];
		size_t bytes = 21 + (bench_roll(10) == 0 ? bench_roll(9000) : bench_roll(400));

		ip_bytes += bytes;
		bench_face_put(b, &b->lan_face, f, bench_make_frame(f, bytes));
	}
	bench_run(b);
	assert_int_equal(b->wan_face.n_out, n);
	for (unsigned i = 0; i < n; i++)
		expect_sealed(&b->lan_face.in[i], &b->wan_face.out[i], i + 1);
	for (unsigned i = 0; i < n; i++)
		bench_face_put(b, &b->wan_face, b->wan_face.out[i].bytes, b->wan_face.out[i].n_bytes);
	bench_run(b);
	assert_int_equal(b->lan_face.n_out, n);
	for (unsigned i = 0; i < n; i++) {
		assert_int_equal(b->lan_face.out[i].n_bytes, b->lan_face.in[i].n_bytes);
		assert_memory_equal(b->lan_face.out[i].bytes, b->lan_face.in[i].bytes, b->lan_face.in[i].n_bytes);
	}
	assert_int_equal(bench_stat(b, ADIT_REASON_NONE), 2 * n);
	assert_int_equal(bench_sa_state(b, OUT_SLOT).packets, n);
	assert_int_equal(bench_sa_state(b, OUT_SLOT).bytes_done, ip_bytes);
	assert_int_equal(bench_sa_state(b, OUT_SLOT).seq, n + 1);
	assert_int_equal(bench_sa_state(b, IN_SLOT).packets, n);
	assert_int_equal(bench_sa_state(b, IN_SLOT).seq, n);
}

static void a_frame_sent_twice_is_opened_once(void **state)
{
	struct bench *b = *state;
	uint8_t f[200];

	bench_put(b, ADIT_REG_CTRL, 1);
	bench_face_put(b, &b->lan_face, f, bench_make_frame(f, 100));
	bench_run(b);
	bench_face_put(b, &b->wan_face, b->wan_face.out[0].bytes, b->wan_face.out[0].n_bytes);
	bench_face_put(b, &b->wan_face, b->wan_face.out[0].bytes, b->wan_face.out[0].n_bytes);
	bench_run(b);
	assert_int_equal(b->lan_face.n_out, 1);
	assert_int_equal(bench_stat(b, ADIT_REASON_XfrmInStateSeqError), 1);
	assert_int_equal(bench_sa_state(b, IN_SLOT).replays, 1);
}

static void a_wrong_byte_anywhere_in_the_icv_is_refused_and_the_next_frame_passes(void **state)
{
	struct bench *b = *state;
	uint8_t f[200];

	bench_put(b, ADIT_REG_CTRL, 1);
	bench_face_put(b, &b->lan_face, f, bench_make_frame(f, 100));
	bench_run(b);
	for (unsigned i = 1; i <= 12; i++) {
		struct bench_frame bad = b->wan_face.out[0];

		bad.bytes[bad.n_bytes - i] ^= (uint8_t)(1u << bench_roll(8));
		bench_face_put(b, &b->wan_face, bad.bytes, bad.n_bytes);
	}
	bench_face_put(b, &b->wan_face, b->wan_face.out[0].bytes, b->wan_face.out[0].n_bytes);
	bench_run(b);
	assert_int_equal(b->lan_face.n_out, 1);
	assert_memory_equal(b->lan_face.out[0].bytes, b->lan_face.in[0].bytes, b->lan_face.in[0].n_bytes);
	assert_int_equal(bench_stat(b, ADIT_REASON_XfrmInStateProtoError), 12);
	assert_int_equal(bench_sa_state(b, IN_SLOT).icv_errors, 12);
}

static void nothing_enters_while_the_ports_are_closed(void **state)
{
	struct bench *b = *state;
	uint8_t f[200];

	bench_face_put(b, &b->lan_face, f, bench_make_frame(f, 100));
	for (unsigned i = 0; i < 3; i++)
		(void)card_run(b->card, 2000);
	assert_int_equal(b->wan_face.n_out, 0);
	bench_put(b, ADIT_REG_CTRL, 1);
	card_wake(b->card);
	bench_run(b);
	assert_int_equal(b->wan_face.n_out, 1);
	expect_sealed(&b->lan_face.in[0], &b->wan_face.out[0], 1);
}

static void in_mode_nic_the_host_is_the_plaintext_side(void **state)
{
	struct bench *b = *state;
	struct adit_desc_tx tx = { .iova = BENCH_TX_BUF_AT + 3, .dest = ADIT_DEST_FROM_LAN };
	struct adit_desc_rx rx;
	static struct bench_frame clear;

	bench_put(b, ADIT_REG_CTRL, 1 | 1 << 1);
	bench_rx_post(b);
	clear.n_bytes = bench_make_frame(clear.bytes, 1000);
	memcpy(b->mem + tx.iova, clear.bytes, clear.n_bytes);
	tx.length = (uint16_t)clear.n_bytes;
	memcpy(b->mem + BENCH_TX_AT, &tx, sizeof(tx));
	bench_put(b, ADIT_REG_RING_DOORBELL(ADIT_RING_TX), 1);
	bench_run(b);
	assert_int_equal(b->wan_face.n_out, 1);
	expect_sealed(&clear, &b->wan_face.out[0], 1);
	bench_face_put(b, &b->wan_face, b->wan_face.out[0].bytes, b->wan_face.out[0].n_bytes);
	bench_run(b);
	memcpy(&rx, b->mem + BENCH_RX_AT, sizeof(rx));
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
	static struct bench_frame clear;

	bench_put(b, ADIT_REG_CTRL, 1);
	clear.n_bytes = bench_make_frame(clear.bytes, 333);
	memcpy(b->mem + BENCH_TX_BUF_AT, clear.bytes, clear.n_bytes);
	for (unsigned i = 0; i < 2; i++) {
		struct adit_desc_tx tx = { .iova = BENCH_TX_BUF_AT, .length = (uint16_t)clear.n_bytes,
			.dest = i ? ADIT_DEST_OUT_WAN : ADIT_DEST_OUT_LAN };

		memcpy(b->mem + BENCH_TX_AT + i * sizeof(tx), &tx, sizeof(tx));
	}
	bench_put(b, ADIT_REG_RING_DOORBELL(ADIT_RING_TX), 2);
	bench_run(b);
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

	bench_put(b, ADIT_REG_CTRL, 1);
	bench_face_put(b, &b->lan_face, f, bench_make_frame(f, 100));
	bench_run(b);
	assert_int_equal(bench_command(b, ADIT_OP_SA_DELETE, 0, OUT_SLOT, NULL, 0, 0), ADIT_STATUS_OK);
	assert_int_equal(bench_command(b, ADIT_OP_SA_DELETE, 0, IN_SLOT, NULL, 0, 0), ADIT_STATUS_OK);
	bench_face_put(b, &b->wan_face, b->wan_face.out[0].bytes, b->wan_face.out[0].n_bytes);
	bench_face_put(b, &b->lan_face, f, bench_make_frame(f, 100));
	bench_run(b);
	assert_int_equal(b->wan_face.n_out, 1);
	assert_int_equal(b->lan_face.n_out, 0);
	assert_int_equal(bench_stat(b, ADIT_REASON_XfrmOutStateInvalid), 1);
	assert_int_equal(bench_stat(b, ADIT_REASON_XfrmInNoStates), 1);
}

/* The reset falls into the middle of long frames, in at lan and out at wan. What comes later must begin cleanly, and in clear
 * nothing may come: the tables are empty. */
static void a_soft_reset_in_mid_frame_leaves_empty_tables_and_whole_frames(void **state)
{
	struct bench *b = *state;
	static uint8_t f[GOLDEN_MAX_FRAME_BYTES];
	unsigned n_cut, last;

	bench_put(b, ADIT_REG_CTRL, 1);
	for (unsigned i = 0; i < 60; i++)
		bench_face_put(b, &b->lan_face, f, bench_make_frame(f, 5000));
	while (b->wan_face.n_out < 3)
		(void)card_run(b->card, 1000);
	(void)card_run(b->card, bench_roll(500));
	bench_put(b, ADIT_REG_CTRL, 1 << 8);
	while ((bench_get(b, ADIT_REG_STATUS) & 1) == 0)
		(void)card_run(b->card, 1000);
	n_cut = b->wan_face.n_out;
	bench_rings_start(b);
	bench_put(b, ADIT_REG_CTRL, 1);
	card_wake(b->card);
	bench_run(b);
	assert_int_equal(b->lan_face.n_taken, 60);
	assert_true(b->wan_face.n_out <= n_cut + 1);	/* no more than the end of a frame that was under way */
	assert_int_equal(b->lan_face.n_out, 0);
	assert_true(bench_stat(b, ADIT_REASON_OutNoPols) >= 10);
	assert_int_equal(bench_stat(b, ADIT_REASON_NONE), 0);

	last = b->wan_face.n_out;
	golden_sa_close(golden);
	load_tables(b);
	bench_face_put(b, &b->lan_face, f, bench_make_frame(f, 777));
	bench_run(b);
	assert_int_equal(b->wan_face.n_out, last + 1);
	expect_sealed(&b->lan_face.in[60], &b->wan_face.out[last], 1);
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

	bench_seed = seed != NULL ? strtoull(seed, NULL, 0) : (uint64_t)time(NULL);
	printf("seed %llu (SEED=… repeats it)\n", (unsigned long long)bench_seed);
	n_failed = cmocka_run_group_tests(tests, NULL, NULL);
	printf("%llu cycles\n", (unsigned long long)bench_cycles);
	printf("%d passed, %d failed\n", (int)(sizeof(tests) / sizeof(tests[0])) - n_failed, n_failed);
	return n_failed;
}
