// SPDX-License-Identifier: BSD-2-Clause-Patent
/* RFC 7296 §2.13 - §2.18 against NIST's set and against the formulas written out with ike2_prf(); RFC 3566, 4434, 8784, 9242, 9370. */
#include "crypto_test.h"

#include <unistd.h>

#include "crypto/ike2_keys.h"
#include "crypto/room.h"

#define N(table) (sizeof(table) / sizeof((table)[0]))

static const struct bytes none = { NULL, 0 };

/* ---- AES-XCBC */

static const uint8_t count[64] = { 0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
				   22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43 };

static void assert_hex(const uint8_t *got, const char *want)
{
	uint8_t bytes[1024];
	const size_t n = from_hex(want, bytes);

	assert_memory_equal(got, bytes, n);
}

static void the_vectors_of_rfc_3566_section_4_come_out(void **state)
{
	static const struct { size_t n; const char *mac; } rows[] = {
		{ 0, "75f0251d528ac01c4573dfd584d79f29" },  { 3, "5b376580ae2f19afe7219ceef172756f" },
		{ 16, "d2a246fa349b68a79998a4394ff7a263" }, { 20, "47f51b4564966215b8985c63055ed308" },
		{ 32, "f54f0ec8d2b9f3d36807734bd5283fd4" }, { 34, "becbb3bccdb518a30677d5481fb6b4d8" },
	};
	uint8_t out[16];

	(void)state;
	for (size_t i = 0; i < N(rows); i++)
		for (size_t at = 0; at <= rows[i].n; at++) {	/* in two parts, wherever they meet */
			const struct bytes parts[] = { { count, at }, { count + at, rows[i].n - at } };

			assert_true(xcbc_of(count, parts, 2, out));
			assert_hex(out, rows[i].mac);
		}
}

static void the_vectors_of_rfc_4434_section_2_1_come_out(void **state)
{
	static const uint8_t long_key[] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0xed, 0xcb };
	const struct bytes message = { count, 20 };
	uint8_t out[16];

	(void)state;
	assert_true(ike2_prf(V2_PRF_XCBC, (struct bytes){ long_key, 16 }, &message, 1, out));
	assert_hex(out, "47f51b4564966215b8985c63055ed308");
	assert_true(ike2_prf(V2_PRF_XCBC, (struct bytes){ long_key, 10 }, &message, 1, out));
	assert_hex(out, "0fa087af7d866e7653434e602fdde835");
	assert_true(ike2_prf(V2_PRF_XCBC, (struct bytes){ long_key, 18 }, &message, 1, out));
	assert_hex(out, "8cd3c93ae598a9803006ffb67c40e9e4");
}

/* ---- NIST CAVP, IKE v2 */

struct kat {
	uint16_t prf;
	uint8_t ni[256], nr[256], spi_i[8], spi_r[8], shared[1024], fresh[1024], skeyseed[64], dkm[512], child[512], child_dh[512], rekey[64];
	size_t ni_bytes, nr_bytes, shared_bytes, fresh_bytes, dkm_bytes, child_bytes, child_dh_bytes;
};

static void check_case(const struct kat *kat)
{
	struct ike2_exchange exchange = { .ni = { kat->ni, kat->ni_bytes }, .nr = { kat->nr, kat->nr_bytes } };
	const struct bytes shared = { kat->shared, kat->shared_bytes }, fresh = { kat->fresh, kat->fresh_bytes };
	struct ike2_keys keys = { .suite = { V2_ENCR_GCM_16, 256, V2_INTEG_NONE, kat->prf } };
	uint8_t seed[64], out[512];
	const unsigned n = ike2_prf_bytes(kat->prf);

	memcpy(exchange.spi_i, kat->spi_i, 8);
	memcpy(exchange.spi_r, kat->spi_r, 8);
	assert_true(ike2_skeyseed(kat->prf, &exchange, shared, seed));
	assert_memory_equal(seed, kat->skeyseed, n);
	assert_true(ike2_derive(&keys, seed, &exchange));
	assert_int_equal(keys.n, n);
	memcpy(out, keys.d, n);		/* no SK_a: the next are the ciphers' */
	memcpy(out + n, keys.i.e, 36);
	memcpy(out + n + 36, keys.r.e, 36);
	memcpy(out + n + 72, keys.pi, n);
	memcpy(out + 2 * n + 72, keys.pr, n);
	assert_memory_equal(out, kat->dkm, kat->dkm_bytes < 3 * n + 72 ? kat->dkm_bytes : 3 * n + 72);
	assert_true(ike2_keymat(&keys, none, exchange.ni, exchange.nr, NULL, 0, out, kat->child_bytes));
	assert_memory_equal(out, kat->child, kat->child_bytes);
	assert_true(ike2_keymat(&keys, fresh, exchange.ni, exchange.nr, NULL, 0, out, kat->child_dh_bytes));
	assert_memory_equal(out, kat->child_dh, kat->child_dh_bytes);
	assert_true(ike2_skeyseed_next(&keys, &exchange, fresh, NULL, 0, out));
	assert_memory_equal(out, kat->rekey, n);
}

static uint16_t prf_named(const char *line)
{
	return strncmp(line, "[SHA-1]", 7) == 0	  ? V2_PRF_SHA1 :
	       strncmp(line, "[SHA-256]", 9) == 0 ? V2_PRF_SHA256 :
	       strncmp(line, "[SHA-384]", 9) == 0 ? V2_PRF_SHA384 :
	       strncmp(line, "[SHA-512]", 9) == 0 ? V2_PRF_SHA512 :
						    0;
}

/* One "name = hex" of a case; SKEYSEED(Rekey) ends it. @return true then */
static bool take_line(struct kat *kat, const char *name, const char *hex)
{
	size_t ignored;
	const struct { const char *name; uint8_t *at; size_t room; size_t *n; } fields[] = {
		{ "Ni", kat->ni, sizeof(kat->ni), &kat->ni_bytes },	{ "Nr", kat->nr, sizeof(kat->nr), &kat->nr_bytes },
		{ "g^ir", kat->shared, sizeof(kat->shared), &kat->shared_bytes },
		{ "g^ir (new)", kat->fresh, sizeof(kat->fresh), &kat->fresh_bytes },
		{ "SPIi", kat->spi_i, 8, &ignored },			{ "SPIr", kat->spi_r, 8, &ignored },
		{ "SKEYSEED", kat->skeyseed, 64, &ignored },		{ "DKM", kat->dkm, sizeof(kat->dkm), &kat->dkm_bytes },
		{ "DKM(Child SA)", kat->child, sizeof(kat->child), &kat->child_bytes },
		{ "DKM(Child SA D-H)", kat->child_dh, sizeof(kat->child_dh), &kat->child_dh_bytes },
		{ "SKEYSEED(Rekey)", kat->rekey, 64, &ignored },
	};

	for (size_t i = 0; i < N(fields); i++)
		if (strcmp(name, fields[i].name) == 0) {
			assert_in_range(strlen(hex), 2, 2 * fields[i].room);
			*fields[i].n = from_hex(hex, fields[i].at);
		}
	return strcmp(name, "SKEYSEED(Rekey)") == 0;
}

static unsigned check_file(const char *path)
{
	FILE *file = fopen(path, "r");
	static struct kat kat;
	char line[8192], name[32], hex[4096];
	unsigned n = 0;

	if (file == NULL)
		return 0;
	while (fgets(line, sizeof(line), file) != NULL) {
		if (prf_named(line) != 0)
			kat.prf = prf_named(line);
		if (line[0] != '#' && line[0] != '[' && sscanf(line, "%31[^=]= %4095[0-9a-fA-F]", name, hex) == 2) {
			name[strlen(name) - 1] = 0;	/* the blank before the equals sign */
			if (take_line(&kat, name, hex)) {
				check_case(&kat);
				n++;
			}
		}
	}
	fclose(file);
	return n;
}

static void nist_s_selected_cases_come_out(void **state)
{
	(void)state;
	assert_int_equal(check_file("tests/vectors/ikev2.txt"), 48);
}

static void nist_s_whole_set_comes_out(void **state)
{
	const char *data = getenv("ADIT_TEST_DATA");
	char path[512];

	(void)state;
	snprintf(path, sizeof(path), "%s/cavp-nss/ikev2.fax", data != NULL ? data : "../shared/data");
	if (access(path, R_OK) != 0) {
		printf("skipped: %s is not here\n", path);
		skip();
	}
	assert_int_equal(check_file(path), 900);
	printf("900 cases of NIST's\n");
}

/* ---- the formulas */

static const uint8_t ni[32] = { 'i', 1 }, nr[48] = { 'r', 2 }, secret[66] = { 0x5a, 0x17 };
static const struct ike2_exchange exchange = { { ni, sizeof(ni) }, { nr, sizeof(nr) }, { 1, 2, 3, 4, 5, 6, 7, 8 }, { 9, 10, 11, 12, 13, 14, 15, 16 } };

static struct ike2_keys derived(struct ike2_suite suite)
{
	struct ike2_keys keys = { .suite = suite };
	uint8_t seed[64];

	assert_true(ike2_skeyseed(suite.prf, &exchange, (struct bytes){ secret, sizeof(secret) }, seed));
	assert_true(ike2_derive(&keys, seed, &exchange));
	return keys;
}

static void prf_plus_counts_from_one_and_feeds_back(void **state)	/* §2.13 */
{
	static const uint16_t prfs[] = { V2_PRF_MD5, V2_PRF_SHA1, V2_PRF_XCBC, V2_PRF_SHA256, V2_PRF_SHA384, V2_PRF_SHA512 };
	const struct bytes key = text_bytes("a key"), seed = text_bytes("a seed");

	(void)state;
	for (size_t p = 0; p < N(prfs); p++) {
		const unsigned n = ike2_prf_bytes(prfs[p]);
		uint8_t expected[5 * 64], number;
		struct bytes parts[] = { none, seed, { &number, 1 } };

		for (number = 1; number <= 5; number++) {
			assert_true(ike2_prf(prfs[p], key, parts, 3, expected + (number - 1) * n));
			parts[0] = (struct bytes){ expected + (number - 1) * n, n };
		}
		for (size_t len = 0; len <= 5 * n; len++) {
			uint8_t *out = malloc(len + !len);

			assert_true(ike2_prf_plus(prfs[p], key, &seed, 1, out, len));
			assert_memory_equal(out, expected, len);
			free(out);
		}
	}
}

static void prf_plus_ends_after_255_blocks(void **state)	/* §2.13: not defined beyond */
{
	static uint8_t out[255 * 16 + 1];
	const struct bytes key = text_bytes("a key"), seed = text_bytes("a seed");

	(void)state;
	assert_true(ike2_prf_plus(V2_PRF_MD5, key, &seed, 1, out, 255 * 16));
	assert_false(ike2_prf_plus(V2_PRF_MD5, key, &seed, 1, out, 255 * 16 + 1));
	assert_false(ike2_prf_plus(8, key, &seed, 1, out, 16));
}

static void the_seven_secrets_stand_in_their_order_and_have_their_lengths(void **state)	/* §2.14, RFC 5282 §7.1, RFC 5930 §3, RFC 7634 §2 */
{
	static const struct { struct ike2_suite suite; uint8_t n, a, e; } rows[] = {
		{ { V2_ENCR_AES_CBC, 128, V2_INTEG_SHA1_96, V2_PRF_SHA1 }, 20, 20, 16 },
		{ { V2_ENCR_AES_CBC, 256, V2_INTEG_SHA512_256, V2_PRF_SHA512 }, 64, 64, 32 },
		{ { V2_ENCR_AES_CTR, 192, V2_INTEG_SHA256_128, V2_PRF_SHA256 }, 32, 32, 28 },
		{ { V2_ENCR_3DES, 0, V2_INTEG_MD5_96, V2_PRF_MD5 }, 16, 16, 24 },
		{ { V2_ENCR_DES, 0, V2_INTEG_XCBC_96, V2_PRF_XCBC }, 16, 16, 8 },
		{ { V2_ENCR_NULL, 0, V2_INTEG_SHA384_192, V2_PRF_SHA384 }, 48, 48, 0 },
		{ { V2_ENCR_CAMELLIA_CBC, 192, V2_INTEG_SHA256_128, V2_PRF_SHA256 }, 32, 32, 24 },
		{ { V2_ENCR_GCM_16, 256, 0, V2_PRF_SHA384 }, 48, 0, 36 },
		{ { V2_ENCR_GCM_8, 128, 0, V2_PRF_SHA256 }, 32, 0, 20 },
		{ { V2_ENCR_CCM_12, 192, 0, V2_PRF_SHA256 }, 32, 0, 27 },
		{ { V2_ENCR_CHACHA20, 0, 0, V2_PRF_SHA256 }, 32, 0, 36 },
	};

	(void)state;
	for (size_t i = 0; i < N(rows); i++) {
		const struct ike2_keys keys = derived(rows[i].suite);
		const struct bytes seed[] = { exchange.ni, exchange.nr, { exchange.spi_i, 8 }, { exchange.spi_r, 8 } };
		uint8_t skeyseed[64], all[512], *at = all;

		assert_true(keys.n == rows[i].n && keys.a_bytes == rows[i].a && keys.e_bytes == rows[i].e);
		assert_true(ike2_skeyseed(rows[i].suite.prf, &exchange, (struct bytes){ secret, sizeof(secret) }, skeyseed));
		assert_true(ike2_prf_plus(rows[i].suite.prf, (struct bytes){ skeyseed, keys.n }, seed, 4, all, sizeof(all)));
		assert_memory_equal(keys.d, at, keys.n);
		assert_memory_equal(keys.i.a, at += keys.n, keys.a_bytes);
		assert_memory_equal(keys.r.a, at += keys.a_bytes, keys.a_bytes);
		assert_memory_equal(keys.i.e, at += keys.a_bytes, keys.e_bytes);
		assert_memory_equal(keys.r.e, at += keys.e_bytes, keys.e_bytes);
		assert_memory_equal(keys.pi, at += keys.e_bytes, keys.n);
		assert_memory_equal(keys.pr, at + keys.n, keys.n);
		assert_true(keys.i.next_iv == 0 && keys.r.next_iv == 0);
	}
}

static void of_xcbc_the_first_halves_of_both_nonces_are_the_key(void **state)	/* §2.14 */
{
	uint8_t key[16], seed[16], want[16];
	const struct bytes shared = { secret, sizeof(secret) };
	struct ike2_exchange own = exchange;

	(void)state;
	memcpy(key, ni, 8);
	memcpy(key + 8, nr, 8);
	assert_true(ike2_prf(V2_PRF_XCBC, (struct bytes){ key, 16 }, &shared, 1, want));
	assert_true(ike2_skeyseed(V2_PRF_XCBC, &exchange, shared, seed));
	assert_memory_equal(seed, want, 16);
	own.nr.len = 7;
	assert_false(ike2_skeyseed(V2_PRF_XCBC, &own, shared, seed));
}

static void suites_that_do_not_go_together_give_no_keys(void **state)
{
	static const struct ike2_suite bad[] = {
		{ V2_ENCR_AES_CBC, 128, V2_INTEG_NONE, V2_PRF_SHA256 },	      { V2_ENCR_GCM_16, 128, V2_INTEG_SHA1_96, V2_PRF_SHA256 },
		{ V2_ENCR_AES_CBC, 0, V2_INTEG_SHA1_96, V2_PRF_SHA256 },      { V2_ENCR_AES_CBC, 129, V2_INTEG_SHA1_96, V2_PRF_SHA256 },
		{ V2_ENCR_AES_CBC, 512, V2_INTEG_SHA1_96, V2_PRF_SHA256 },    { V2_ENCR_3DES, 192, V2_INTEG_SHA1_96, V2_PRF_SHA256 },
		{ V2_ENCR_CHACHA20, 256, V2_INTEG_NONE, V2_PRF_SHA256 },      { V2_ENCR_NULL, 0, V2_INTEG_NONE, V2_PRF_SHA256 },
		{ V2_ENCR_AES_CBC, 128, V2_INTEG_SHA1_96, 3 },		      { V2_ENCR_AES_CBC, 128, V2_INTEG_GMAC_128, V2_PRF_SHA1 },
		{ V2_ENCR_NULL_GMAC, 128, V2_INTEG_NONE, V2_PRF_SHA1 },	      { 0, 128, V2_INTEG_SHA1_96, V2_PRF_SHA1 },
		{ V2_ENCR_AES_CBC, 128, 4, V2_PRF_SHA1 },		      { 65535, 0, 65535, 65535 },
	};
	static const uint8_t seed[64];

	(void)state;
	for (size_t i = 0; i < N(bad); i++) {
		struct ike2_keys keys = { .suite = bad[i] };

		assert_false(ike2_suite_is_sound(&bad[i]));
		assert_false(ike2_derive(&keys, seed, &exchange));
	}
}

static void nonces_of_more_than_256_bytes_and_none_are_no_key(void **state)
{
	static const uint8_t nonce[257];
	struct ike2_exchange own = exchange;
	uint8_t seed[64];

	(void)state;
	own.ni = (struct bytes){ nonce, 256 };
	own.nr = own.ni;
	assert_true(ike2_skeyseed(V2_PRF_SHA256, &own, none, seed));
	own.nr.len = 257;
	assert_false(ike2_skeyseed(V2_PRF_SHA256, &own, none, seed));
	own.nr.len = 0;
	assert_false(ike2_skeyseed(V2_PRF_SHA256, &own, none, seed));
}

static void additional_key_exchanges_come_after_the_nonces(void **state)	/* RFC 9370 §2.2.4 */
{
	const struct ike2_keys keys = derived((struct ike2_suite){ V2_ENCR_GCM_16, 128, 0, V2_PRF_SHA256 });
	const struct bytes d = { keys.d, keys.n }, sk0 = text_bytes("first"), more[8] = { text_bytes("second"), text_bytes("third") };
	const struct bytes parts[] = { sk0, exchange.ni, exchange.nr, more[0], more[1] };
	uint8_t want[100], got[100];

	(void)state;
	assert_true(ike2_prf(V2_PRF_SHA256, d, parts, 5, want));
	assert_true(ike2_skeyseed_next(&keys, &exchange, sk0, more, 2, got));
	assert_memory_equal(got, want, 32);
	assert_true(ike2_prf_plus(V2_PRF_SHA256, d, parts, 5, want, 100));
	assert_true(ike2_keymat(&keys, sk0, exchange.ni, exchange.nr, more, 2, got, 100));
	assert_memory_equal(got, want, 100);
	assert_true(ike2_keymat(&keys, sk0, exchange.ni, exchange.nr, more, 7, got, 100));
	assert_false(ike2_keymat(&keys, sk0, exchange.ni, exchange.nr, more, 8, got, 100));
	assert_false(ike2_skeyseed_next(&keys, &exchange, sk0, more, 8, got));
}

static void a_rekeyed_sa_may_have_another_prf(void **state)	/* §2.18: SKEYSEED by the old one, secrets by the new one */
{
	const struct ike2_keys old = derived((struct ike2_suite){ V2_ENCR_GCM_16, 128, 0, V2_PRF_SHA512 });
	struct ike2_keys keys = { .suite = { V2_ENCR_AES_CBC, 128, V2_INTEG_SHA256_128, V2_PRF_SHA256 } };
	const struct bytes parts[] = { text_bytes("fresh"), exchange.ni, exchange.nr };
	uint8_t want[64], seed[64];

	(void)state;
	assert_true(ike2_prf(V2_PRF_SHA512, (struct bytes){ old.d, 64 }, parts, 3, want));
	assert_true(ike2_skeyseed_next(&old, &exchange, parts[0], NULL, 0, seed));
	assert_memory_equal(seed, want, 64);
	assert_true(ike2_derive(&keys, seed, &exchange));
	assert_int_equal(keys.n, 32);
}

static void a_ppk_mixes_three_secrets_and_leaves_the_others(void **state)	/* RFC 8784 §3 */
{
	static const uint16_t prfs[] = { V2_PRF_SHA1, V2_PRF_XCBC, V2_PRF_SHA512 };
	const struct bytes ppk = text_bytes("a secret of at least 256 bits of entropy, that is, longer than any hash here is, or so it seems");

	(void)state;
	for (size_t i = 0; i < N(prfs); i++) {
		const struct ike2_keys before = derived((struct ike2_suite){ V2_ENCR_AES_CBC, 128, V2_INTEG_SHA256_128, prfs[i] });
		struct ike2_keys keys = before;
		const struct { const uint8_t *was, *is; } rows[] = { { before.d, keys.d }, { before.pi, keys.pi }, { before.pr, keys.pr } };

		assert_true(ike2_mix_ppk(&keys, ppk));
		for (size_t j = 0; j < N(rows); j++) {
			const struct bytes parts[] = { { rows[j].was, keys.n }, { (const uint8_t *)"\1", 1 } };
			uint8_t want[64];

			assert_true(ike2_prf(prfs[i], ppk, parts, 2, want));	/* prf+ of one block */
			assert_memory_equal(rows[j].is, want, keys.n);
		}
		assert_memory_equal(&keys.i, &before.i, sizeof(keys.i));
		assert_memory_equal(&keys.r, &before.r, sizeof(keys.r));
	}
}

/* ---- AUTH */

static const struct bytes parts_of_mine[] = { { (const uint8_t *)"message", 7 }, { (const uint8_t *)"nonce", 5 }, { (const uint8_t *)"\2\0\0\0a", 5 } };

static void auth_with_a_shared_key_is_what_section_2_15_says(void **state)
{
	static const uint16_t prfs[] = { V2_PRF_SHA1, V2_PRF_XCBC, V2_PRF_SHA384 };
	const struct bytes psk = text_bytes("a shared key"), pad = text_bytes("Key Pad for IKEv2");

	(void)state;
	for (size_t i = 0; i < N(prfs); i++)
		for (unsigned by_initiator = 0; by_initiator < 2; by_initiator++) {
			const struct ike2_keys keys = derived((struct ike2_suite){ V2_ENCR_AES_CBC, 128, V2_INTEG_SHA256_128, prfs[i] });
			const struct ike2_signed what = { parts_of_mine[0], parts_of_mine[1], parts_of_mine[2], text_bytes("intermediate") };
			uint8_t mac[64], key[64], want[64], got[64];
			const struct bytes octets[] = { what.message, what.nonce, { mac, keys.n }, what.int_auth };

			assert_true(ike2_prf(prfs[i], (struct bytes){ by_initiator ? keys.pi : keys.pr, keys.n }, &what.id, 1, mac));
			assert_true(ike2_prf(prfs[i], psk, &pad, 1, key));
			assert_true(ike2_prf(prfs[i], (struct bytes){ key, keys.n }, octets, 4, want));
			assert_true(ike2_auth_psk(&keys, by_initiator, psk, &what, got));
			assert_memory_equal(got, want, keys.n);
			assert_true(ike2_auth_psk(&keys, !by_initiator, psk, &what, got));
			assert_memory_not_equal(got, want, keys.n);
		}
}

static void an_intermediate_exchange_goes_on_from_the_one_before(void **state)	/* RFC 9242 §3.3.2 */
{
	const struct ike2_keys keys = derived((struct ike2_suite){ V2_ENCR_GCM_16, 256, 0, V2_PRF_SHA256 });
	uint8_t first[32], second[32], want[32];
	const struct bytes one[] = { text_bytes("header"), text_bytes("plain") }, two[] = { { first, 32 }, one[0], one[1] };

	(void)state;
	assert_true(ike2_prf(V2_PRF_SHA256, (struct bytes){ keys.pr, 32 }, one, 2, want));
	assert_true(ike2_int_auth(&keys, false, none, one[0], one[1], first));
	assert_memory_equal(first, want, 32);
	assert_true(ike2_prf(V2_PRF_SHA256, (struct bytes){ keys.pr, 32 }, two, 3, want));
	assert_true(ike2_int_auth(&keys, false, two[0], one[0], one[1], second));
	assert_memory_equal(second, want, 32);
}

static void wiping_leaves_zeros(void **state)
{
	static const struct ike2_keys zero;
	struct ike2_keys keys = derived((struct ike2_suite){ V2_ENCR_AES_CBC, 256, V2_INTEG_SHA256_128, V2_PRF_SHA256 });

	(void)state;
	ike2_wipe(&keys);
	assert_memory_equal(&keys, &zero, sizeof(keys));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_vectors_of_rfc_3566_section_4_come_out),
		cmocka_unit_test(the_vectors_of_rfc_4434_section_2_1_come_out),
		cmocka_unit_test(nist_s_selected_cases_come_out),
		cmocka_unit_test(nist_s_whole_set_comes_out),
		cmocka_unit_test(prf_plus_counts_from_one_and_feeds_back),
		cmocka_unit_test(prf_plus_ends_after_255_blocks),
		cmocka_unit_test(the_seven_secrets_stand_in_their_order_and_have_their_lengths),
		cmocka_unit_test(of_xcbc_the_first_halves_of_both_nonces_are_the_key),
		cmocka_unit_test(suites_that_do_not_go_together_give_no_keys),
		cmocka_unit_test(nonces_of_more_than_256_bytes_and_none_are_no_key),
		cmocka_unit_test(additional_key_exchanges_come_after_the_nonces),
		cmocka_unit_test(a_rekeyed_sa_may_have_another_prf),
		cmocka_unit_test(a_ppk_mixes_three_secrets_and_leaves_the_others),
		cmocka_unit_test(auth_with_a_shared_key_is_what_section_2_15_says),
		cmocka_unit_test(an_intermediate_exchange_goes_on_from_the_one_before),
		cmocka_unit_test(wiping_leaves_zeros),
	};

	return cmocka_run_group_tests(tests, crypto_setup, crypto_teardown);
}
