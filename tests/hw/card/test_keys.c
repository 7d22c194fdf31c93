// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * Keys are gone when their SA is (RFC 4301 does not say it; a card that is stolen does). SAs of every algorithm carry traffic both
 * ways; then every register and memory of the simulated card, one block of bytes, is searched for what was made of their keys: the
 * keys, the round keys, DES's two halves in all their turns, hash states, hash keys and salts, in any byte order and at any bit.
 * While the SAs live they must be found, or the search would prove nothing: round keys while a packet is inside, and never with
 * the card at rest. WHERE=1 prints the places of what is left.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/aes.h>

#include "bench.h"

enum {
	WINDOW_BYTES = 7,	/* what counts as a find: 56 bits */
	NEEDLES_MAX = 1 << 16, TABLE = 1 << 18, SECRETS_MAX = 64, FILTER = 1 << 24,
};
#define WINDOW_MASK ((UINT64_C(1) << 56) - 1)

static const struct { const char *name; uint8_t enc, auth, icv_bytes, enc_key_bytes, hash_bytes; bool is_ah; } suites[] = {
	{ "aes-128-cbc sha1", ADIT_ENC_AES_CBC_128, ADIT_AUTH_HMAC_SHA1_96, 12, 16, 20, false },
	{ "aes-192-cbc md5", ADIT_ENC_AES_CBC_192, ADIT_AUTH_HMAC_MD5_96, 12, 24, 16, false },
	{ "aes-256-cbc sha256", ADIT_ENC_AES_CBC_256, ADIT_AUTH_HMAC_SHA256_128, 16, 32, 32, false },
	{ "aes-128-ctr sha384", ADIT_ENC_AES_CTR_128, ADIT_AUTH_HMAC_SHA384_192, 24, 16, 64, false },
	{ "aes-192-ctr sha512", ADIT_ENC_AES_CTR_192, ADIT_AUTH_HMAC_SHA512_256, 32, 24, 64, false },
	{ "aes-256-ctr sha1", ADIT_ENC_AES_CTR_256, ADIT_AUTH_HMAC_SHA1_96, 12, 32, 20, false },
	{ "aes-128-gcm", ADIT_ENC_AES_GCM_128, ADIT_AUTH_NULL, 16, 16, 16, false },
	{ "aes-192-gcm", ADIT_ENC_AES_GCM_192, ADIT_AUTH_NULL, 12, 24, 16, false },
	{ "aes-256-gcm", ADIT_ENC_AES_GCM_256, ADIT_AUTH_NULL, 8, 32, 16, false },
	{ "des sha1", ADIT_ENC_DES_CBC, ADIT_AUTH_HMAC_SHA1_96, 12, 8, 20, false },
	{ "3des md5", ADIT_ENC_DES3_CBC, ADIT_AUTH_HMAC_MD5_96, 12, 24, 16, false },
	{ "null sha256", ADIT_ENC_NULL, ADIT_AUTH_HMAC_SHA256_128, 16, 0, 32, false },
	{ "gmac-128", ADIT_ENC_NULL, ADIT_AUTH_AES_GMAC_128, 16, 16, 16, false },
	{ "gmac-192", ADIT_ENC_NULL, ADIT_AUTH_AES_GMAC_192, 16, 24, 16, false },
	{ "gmac-256", ADIT_ENC_NULL, ADIT_AUTH_AES_GMAC_256, 16, 32, 16, false },
	{ "ah sha1", ADIT_ENC_NULL, ADIT_AUTH_HMAC_SHA1_96, 12, 0, 20, true },
	{ "ah sha512", ADIT_ENC_NULL, ADIT_AUTH_HMAC_SHA512_256, 32, 0, 64, true },
};
enum { SUITES = sizeof(suites) / sizeof(suites[0]) };

/* ---- needles */

enum kind { RAW_KEY, ROUND_KEYS, DES_HALVES, HASH_INNER, HASH_OUTER, SALT, KINDS };
static const char *const kind_names[KINDS] = { "key", "round keys", "halves", "inner state", "outer state", "salt" };

struct needle { uint64_t bits; uint8_t suite, kind; };
static struct needle needles[NEEDLES_MAX];
static unsigned n_needles;
static uint32_t table[TABLE];			/* needle + 1 by hash of its bits */
static uint8_t filter[FILTER / 8];

static uint32_t hash_of(uint64_t bits)
{
	return (uint32_t)((bits * UINT64_C(0x9e3779b97f4a7c15)) >> 40);	/* 24 bits */
}

static bool is_needle(uint64_t bits, unsigned suite, enum kind kind)
{
	for (uint32_t h = hash_of(bits) % TABLE; table[h] != 0; h = (h + 1) % TABLE) {
		const struct needle *n = &needles[table[h] - 1];

		if (n->bits == bits && n->suite == suite && n->kind == kind)
			return true;
	}
	return false;
}

static void add_needle(uint64_t bits, unsigned suite, enum kind kind)
{
	uint32_t h = hash_of(bits);

	if (bits == 0 || (kind == ROUND_KEYS && is_needle(bits, suite, RAW_KEY)))	/* the first round keys are the key itself */
		return;
	assert_true(n_needles < NEEDLES_MAX);
	needles[n_needles++] = (struct needle){ bits, (uint8_t)suite, (uint8_t)kind };
	filter[h / 8] |= (uint8_t)(1u << h % 8);
	for (h %= TABLE; table[h] != 0; h = (h + 1) % TABLE)
		;
	table[h] = n_needles;
}

static void add_order(const uint8_t *bytes, size_t n, unsigned suite, enum kind kind)
{
	for (size_t i = 0; i + WINDOW_BYTES <= n; i++) {
		uint64_t bits = 0;

		for (unsigned k = 0; k < WINDOW_BYTES; k++)
			bits |= (uint64_t)bytes[i + k] << 8 * k;
		add_needle(bits, suite, kind);
	}
}

/* As it is, all turned round, each word of 32 turned round, and both. */
static void add_secret(const uint8_t *bytes, size_t n, unsigned suite, enum kind kind)
{
	uint8_t order[512];

	assert_true(n <= sizeof(order));
	add_order(bytes, n, suite, kind);
	for (size_t i = 0; i < n; i++)
		order[i] = bytes[n - 1 - i];
	add_order(order, n, suite, kind);
	for (size_t i = 0; i < n / 4 * 4; i++)
		order[i] = bytes[i ^ 3];
	add_order(order, n / 4 * 4, suite, kind);
	for (size_t i = 0; i < n / 4 * 4; i++)
		order[i] = bytes[(n / 4 * 4 - 1 - i) ^ 3];
	add_order(order, n / 4 * 4, suite, kind);
}

static void add_schedule(const AES_KEY *schedule, unsigned suite)
{
	for (int r = 1; r <= schedule->rounds; r++) {	/* round key 0 is the key */
		uint8_t bytes[16];

		for (unsigned i = 0; i < 16; i++)
			bytes[i] = (uint8_t)(((const uint8_t *)schedule->rd_key)[16 * r + (int)i]);
		add_secret(bytes, 16, suite, ROUND_KEYS);
	}
}

static void add_aes(const uint8_t *key, unsigned key_bytes, unsigned suite)
{
	AES_KEY schedule;

	assert_int_equal(AES_set_encrypt_key(key, (int)(8 * key_bytes), &schedule), 0);
	/* libcrypto keeps its words as numbers or as bytes, as its build likes: add_secret() looks for both */
	add_schedule(&schedule, suite);
	assert_int_equal(AES_set_decrypt_key(key, (int)(8 * key_bytes), &schedule), 0);
	add_schedule(&schedule, suite);
}

/* FIPS 46-3: the key without its parity, and its two halves as the rounds turn them. */
static void add_des(const uint8_t key[8], unsigned suite)
{
	static const uint8_t choice_1[56] = {
		57, 49, 41, 33, 25, 17, 9, 1, 58, 50, 42, 34, 26, 18, 10, 2, 59, 51, 43, 35, 27, 19, 11, 3, 60, 52, 44, 36,
		63, 55, 47, 39, 31, 23, 15, 7, 62, 54, 46, 38, 30, 22, 14, 6, 61, 53, 45, 37, 29, 21, 13, 5, 28, 20, 12, 4,
	};
	uint32_t c = 0, d = 0;

	for (unsigned i = 0; i < 28; i++) {
		c = c << 1 | (key[(choice_1[i] - 1) / 8] >> (7 - (choice_1[i] - 1) % 8) & 1);
		d = d << 1 | (key[(choice_1[28 + i] - 1) / 8] >> (7 - (choice_1[28 + i] - 1) % 8) & 1);
	}
	for (unsigned turn = 0; turn < 28; turn++) {
		add_needle((uint64_t)c << 28 | d, suite, DES_HALVES);
		c = (c << 1 | c >> 27) & 0xfffffff;
		d = (d << 1 | d >> 27) & 0xfffffff;
	}
}

/* ---- the search: every 56 bits of the card, at every bit */

static unsigned found[SUITES][KINDS];

static void search(const struct bench *b, bool tells)
{
	size_t n_bytes;
	const uint8_t *state = card_state_bytes(b->card, &n_bytes);

	memset(found, 0, sizeof(found));
	for (size_t i = 0; i + 8 <= n_bytes; i++) {
		uint64_t word;

		memcpy(&word, state + i, 8);
		if (word == 0)
			continue;
		for (unsigned shift = 0; shift < 8; shift++) {
			uint64_t bits = word >> shift & WINDOW_MASK;
			uint32_t h = hash_of(bits);

			if (!(filter[h / 8] >> h % 8 & 1))
				continue;
			for (h %= TABLE; table[h] != 0; h = (h + 1) % TABLE) {
				const struct needle *n = &needles[table[h] - 1];

				if (n->bits != bits)
					continue;
				found[n->suite][n->kind]++;
				if (tells && getenv("WHERE") != NULL)
					printf("%s, %s: byte %zu, bit %u\n", suites[n->suite].name, kind_names[n->kind], i, shift);
			}
		}
	}
}

/* ---- SAs whose states are any bytes: what one seals, its twin opens */

static uint16_t out_slot(unsigned suite)
{
	return (uint16_t)(10 + 2 * suite);
}

static void add_pair(struct bench *b, unsigned i)
{
	struct adit_desc_sa r = {
		.spi = 0x1000 + i, .reqid = i + 1, .proto = suites[i].is_ah ? ADIT_PROTO_AH : ADIT_PROTO_ESP, .mode = ADIT_MODE_TUNNEL,
		.enc = suites[i].enc, .auth = suites[i].auth, .ttl = 64, .icv_bytes = suites[i].icv_bytes, .next_slot = 0xffff,
		.src = { 192, 0, 2, 1 }, .dst = { 198, 51, 100, 1 }, .seq_first = 1, .seq_lease = 0xffffffff,
	};
	uint8_t salt[8] = { 0 };
	bool is_aes = suites[i].enc_key_bytes >= 16 && suites[i].enc != ADIT_ENC_DES3_CBC;
	bool has_salt = (suites[i].enc >= ADIT_ENC_AES_CTR_128 && suites[i].enc <= ADIT_ENC_AES_GCM_256) || suites[i].auth >= ADIT_AUTH_AES_GMAC_128;
	bool is_hash_key = suites[i].hash_bytes == 16 && suites[i].auth != ADIT_AUTH_HMAC_MD5_96;

	for (unsigned k = 0; k < suites[i].enc_key_bytes; k++)
		r.enc_key[k] = (uint8_t)(0xa5 ^ bench_roll(256));
	for (unsigned k = 0; k < suites[i].hash_bytes; k++) {
		r.auth_inner[k] = (uint8_t)bench_roll(256);
		r.auth_outer[k] = is_hash_key ? 0 : (uint8_t)bench_roll(256);
	}
	if (has_salt) {
		for (unsigned k = 0; k < 4; k++)
			salt[k] = (uint8_t)(1 + bench_roll(255));
		memcpy(&r.salt, salt, 4);
		add_order(salt, WINDOW_BYTES, i, SALT);
	}
	add_secret(r.enc_key, suites[i].enc_key_bytes, i, RAW_KEY);
	if (is_aes)
		add_aes(r.enc_key, suites[i].enc_key_bytes, i);
	for (unsigned k = 0; !is_aes && k < suites[i].enc_key_bytes; k += 8)
		add_des(r.enc_key + k, i);
	add_secret(r.auth_inner, suites[i].hash_bytes, i, HASH_INNER);
	if (!is_hash_key)
		add_secret(r.auth_outer, suites[i].hash_bytes, i, HASH_OUTER);
	assert_int_equal(bench_command(b, ADIT_OP_SA_ADD, 0, out_slot(i), &r, sizeof(r), 0), ADIT_STATUS_OK);
	r.dir = ADIT_DIR_IN;
	r.replay_packets = 64;
	r.seq_first = 0;
	r.seq_lease = 0;
	assert_int_equal(bench_command(b, ADIT_OP_SA_ADD, 0, (uint16_t)(out_slot(i) + 1), &r, sizeof(r), 0), ADIT_STATUS_OK);
}

static bool has_kind(unsigned suite, enum kind kind)
{
	for (unsigned i = 0; i < n_needles; i++)
		if (needles[i].suite == suite && needles[i].kind == kind)
			return true;
	return false;
}

/* Round keys are made as a packet comes: they are seen while it is inside. */
static void expect_round_keys(struct bench *b, unsigned suite)
{
	for (unsigned n = 0; n < 200; n++) {
		(void)card_run(b->card, 40);
		search(b, false);
		if (found[suite][ROUND_KEYS] != 0)
			return;
	}
	fail_msg("%s: its round keys are not found while its packets are inside", suites[suite].name);
}

/* Three packets each way through every suite's pair, one suite after another. */
static void send_traffic(struct bench *b)
{
	uint8_t frame[2000];

	bench_put(b, ADIT_REG_CTRL, 1);
	for (unsigned i = 0; i < SUITES; i++) {
		struct adit_desc_sp out = { .src = { 10, 1 }, .dst = { 10, 2 }, .src_plen = 16, .dst_plen = 16, .action = ADIT_ACTION_ENCRYPT,
			.level = ADIT_LEVEL_REQUIRE, .sp_id = 1, .reqid = i + 1, .sport_hi = 65535, .dport_hi = 65535 }, in = out;
		unsigned from = b->wan_face.n_out, came = b->lan_face.n_out;

		in.src[1] = 2;
		in.dst[1] = 1;
		in.sp_id = 2;
		assert_int_equal(bench_command(b, ADIT_OP_SP_ADD, (uint8_t)(i & 1), 0, &out, sizeof(out), 0), ADIT_STATUS_OK);
		assert_int_equal(bench_command(b, ADIT_OP_SP_ADD, (uint8_t)(i & 1), 1, &in, sizeof(in), 0), ADIT_STATUS_OK);
		assert_int_equal(bench_command(b, ADIT_OP_SP_COMMIT, 0, 0, NULL, 0, i & 1), ADIT_STATUS_OK);
		assert_int_equal(bench_command(b, ADIT_OP_SP_UPDATE, 1, 1, NULL, 0, out_slot(i)), ADIT_STATUS_OK);
		for (unsigned k = 0; k < 3; k++)
			bench_face_put(b, &b->lan_face, frame, bench_make_frame(frame, 40 + bench_roll(700)));
		if (has_kind(i, ROUND_KEYS))
			expect_round_keys(b, i);
		bench_run(b);
		assert_int_equal(b->wan_face.n_out, from + 3);
		for (unsigned k = 0; k < 3; k++)
			bench_face_put(b, &b->wan_face, b->wan_face.out[from + k].bytes, b->wan_face.out[from + k].n_bytes);
		bench_run(b);
		assert_int_equal(b->lan_face.n_out, came + 3);
		for (unsigned k = 0; k < 3; k++)
			assert_memory_equal(b->lan_face.out[came + k].bytes, b->lan_face.in[came + k].bytes, b->lan_face.out[came + k].n_bytes);
	}
}

/* Of every suite whatever is kept of its keys is found, so the search sees it; round keys are not kept. */
static void expect_all(void)
{
	for (unsigned i = 0; i < SUITES; i++) {
		bool is_des = suites[i].enc == ADIT_ENC_DES_CBC || suites[i].enc == ADIT_ENC_DES3_CBC;

		for (unsigned k = 0; k < KINDS; k++) {
			if (!has_kind(i, (enum kind)k) || (is_des && k == RAW_KEY))	/* kept without its parity alone */
				continue;
			if (k == ROUND_KEYS) {
				if (found[i][k] != 0)
					fail_msg("%s: its round keys are still there with the card at rest", suites[i].name);
				continue;
			}
			if (found[i][k] == 0)
				fail_msg("%s: its %s are not found while it lives", suites[i].name, kind_names[k]);
		}
	}
}

static unsigned expect_none(unsigned from, const char *when)
{
	unsigned n = 0;

	for (unsigned i = from; i < SUITES; i += 2)
		for (unsigned k = 0; k < KINDS; k++)
			if (found[i][k] != 0) {
				printf("%s, %s: %s is still there, %u times\n", when, suites[i].name, kind_names[k], found[i][k]);
				n++;
			}
	return n;
}

static void keys_are_gone_from_every_memory_when_their_sa_is(void **state)
{
	struct bench *b = bench_open();
	unsigned n_left;

	(void)state;
	for (unsigned i = 0; i < SUITES; i++)
		add_pair(b, i);
	send_traffic(b);
	search(b, false);
	expect_all();

	for (unsigned i = 0; i < SUITES; i += 2) {
		assert_int_equal(bench_command(b, ADIT_OP_SA_DELETE, 0, out_slot(i), NULL, 0, 0), ADIT_STATUS_OK);
		assert_int_equal(bench_command(b, ADIT_OP_SA_DELETE, 0, (uint16_t)(out_slot(i) + 1), NULL, 0, 0), ADIT_STATUS_OK);
	}
	search(b, true);
	n_left = expect_none(0, "deleted");
	for (unsigned i = 1; i < SUITES; i += 2)
		assert_int_not_equal(found[i][HASH_INNER], 0);	/* their neighbours live */

	assert_int_equal(bench_command(b, ADIT_OP_SA_FLUSH, 0, 0, NULL, 0, 0), ADIT_STATUS_OK);
	search(b, true);
	n_left += expect_none(0, "flushed") + expect_none(1, "flushed");
	assert_int_equal(n_left, 0);
	bench_close(b);
}

static void keys_are_gone_from_every_memory_after_a_soft_reset(void **state)
{
	struct bench *b = bench_open();

	(void)state;
	n_needles = 0;
	memset(table, 0, sizeof(table));
	memset(filter, 0, sizeof(filter));
	for (unsigned i = 0; i < SUITES; i++)
		add_pair(b, i);
	send_traffic(b);
	search(b, false);
	expect_all();
	bench_put(b, ADIT_REG_CTRL, 1 << 8);
	while ((bench_get(b, ADIT_REG_STATUS) & 1) == 0)
		(void)card_run(b->card, 1000);
	search(b, true);
	assert_int_equal(expect_none(0, "reset") + expect_none(1, "reset"), 0);
	bench_close(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_are_gone_from_every_memory_when_their_sa_is),
		cmocka_unit_test(keys_are_gone_from_every_memory_after_a_soft_reset),
	};
	const char *seed = getenv("SEED");
	int n_failed;

	bench_seed = seed != NULL ? strtoull(seed, NULL, 0) : (uint64_t)time(NULL);
	printf("seed %llu (SEED=… repeats it)\n", (unsigned long long)bench_seed);
	n_failed = cmocka_run_group_tests(tests, NULL, NULL);
	printf("%u needles\n", n_needles);
	printf("%d passed, %d failed\n", (int)(sizeof(tests) / sizeof(tests[0])) - n_failed, n_failed);
	return n_failed;
}
