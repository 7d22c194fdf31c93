// SPDX-License-Identifier: BSD-2-Clause-Patent
/* RFC 2409 §5, §5.5, App. B, against NIST's sets and against the formulas written out with prf_of() and hash_of(). */
#include "crypto_test.h"

#include <unistd.h>

#include "crypto/ike1_keys.h"

#define N(table) (sizeof(table) / sizeof((table)[0]))

/* ---- NIST CAVP, IKE v1 */

struct kat {
	enum adit_auth hash;
	char hash_name[16];
	uint8_t cookies[16], ni[512], nr[512], psk[2048], shared[1024], skeyid[64], d[64], a[64], e[64];
	size_t ni_bytes, nr_bytes, psk_bytes, shared_bytes, skeyid_bytes;
};

static void check_case(const struct kat *kat, bool is_psk)
{
	struct ike1_keys keys = { .hash = kat->hash, .enc = ADIT_ENC_AES_CBC_128, .n = (uint8_t)hash_bytes(kat->hash) };
	struct bytes ni = { kat->ni, kat->ni_bytes }, nr = { kat->nr, kat->nr_bytes }, shared = { kat->shared, kat->shared_bytes };

	assert_int_equal(kat->skeyid_bytes, keys.n);
	if (is_psk)
		assert_true(ike1_skeyid_psk(kat->hash, (struct bytes){ kat->psk, kat->psk_bytes }, ni, nr, keys.skeyid));
	else
		assert_true(ike1_skeyid_sig(kat->hash, ni, nr, shared, keys.skeyid));
	assert_memory_equal(keys.skeyid, kat->skeyid, keys.n);
	assert_true(ike1_derive(&keys, shared, kat->cookies));
	assert_memory_equal(keys.d, kat->d, keys.n);
	assert_memory_equal(keys.a, kat->a, keys.n);
	assert_memory_equal(keys.e, kat->e, keys.n);
	assert_int_equal(keys.cipher_bytes, 16);
	assert_memory_equal(keys.cipher, kat->e, 16);
}

static enum adit_auth hash_named(const char *line)
{
	return strncmp(line, "[SHA-1]", 7) == 0	  ? ADIT_AUTH_HMAC_SHA1_96 :
	       strncmp(line, "[SHA-256]", 9) == 0 ? ADIT_AUTH_HMAC_SHA256_128 :
	       strncmp(line, "[SHA-384]", 9) == 0 ? ADIT_AUTH_HMAC_SHA384_192 :
	       strncmp(line, "[SHA-512]", 9) == 0 ? ADIT_AUTH_HMAC_SHA512_256 :
						    ADIT_AUTH_NULL;
}

/* One "name = hex" of a case; SKEYID_e ends it. @return true then */
static bool take_line(struct kat *kat, const char *name, const char *hex)
{
	const struct { const char *name; uint8_t *at; size_t room; size_t *n; } fields[] = {
		{ "CKY_I", kat->cookies, 8, NULL },	      { "CKY_R", kat->cookies + 8, 8, NULL },
		{ "Ni", kat->ni, sizeof(kat->ni), &kat->ni_bytes },	{ "Nr", kat->nr, sizeof(kat->nr), &kat->nr_bytes },
		{ "g^xy", kat->shared, sizeof(kat->shared), &kat->shared_bytes },
		{ "pre-shared-key", kat->psk, sizeof(kat->psk), &kat->psk_bytes },
		{ "SKEYID", kat->skeyid, 64, &kat->skeyid_bytes },
		{ "SKEYID_d", kat->d, 64, NULL }, { "SKEYID_a", kat->a, 64, NULL }, { "SKEYID_e", kat->e, 64, NULL },
	};

	for (size_t i = 0; i < N(fields); i++) {
		if (strcmp(name, fields[i].name) != 0)
			continue;
		assert_in_range(strlen(hex), 2, 2 * fields[i].room);
		if (fields[i].n != NULL)
			*fields[i].n = from_hex(hex, fields[i].at);
		else
			from_hex(hex, fields[i].at);
	}
	return strcmp(name, "SKEYID_e") == 0;
}

static unsigned check_file(const char *path, bool is_psk)
{
	FILE *file = fopen(path, "r");
	static struct kat kat;
	char line[8192], name[32], hex[4096];
	unsigned n = 0;

	if (file == NULL)
		return 0;
	while (fgets(line, sizeof(line), file) != NULL) {
		if (hash_named(line) != ADIT_AUTH_NULL)
			kat.hash = hash_named(line);
		if (line[0] != '#' && line[0] != '[' && sscanf(line, "%31[^ =] = %4095[0-9a-fA-F]", name, hex) == 2 &&
		    take_line(&kat, name, hex)) {
			check_case(&kat, is_psk);
			n++;
		}
	}
	fclose(file);
	return n;
}

static void nist_s_selected_cases_of_pre_shared_keys_come_out(void **state)
{
	(void)state;
	assert_int_equal(check_file("tests/vectors/ikev1_psk.txt", true), 48);
}

static void nist_s_selected_cases_of_signatures_come_out(void **state)
{
	(void)state;
	assert_int_equal(check_file("tests/vectors/ikev1_dsa.txt", false), 48);
}

static void nist_s_whole_sets_come_out(void **state)
{
	const char *data = getenv("ADIT_TEST_DATA");
	char psk[512], dsa[512];

	(void)state;
	snprintf(psk, sizeof(psk), "%s/cavp-nss/ikev1_psk.fax", data != NULL ? data : "../shared/data");
	snprintf(dsa, sizeof(dsa), "%s/cavp-nss/ikev1_dsa.fax", data != NULL ? data : "../shared/data");
	if (access(psk, R_OK) != 0 || access(dsa, R_OK) != 0) {
		printf("skipped: %s is not here\n", psk);
		skip();
	}
	assert_int_equal(check_file(psk, true), 1700);
	assert_int_equal(check_file(dsa, false), 1700);
	printf("3400 cases of NIST's\n");
}

/* ---- the cipher's key, App. B */

static const uint8_t cookies[16] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 };
static const uint8_t secret[96] = { 0x5a, 0x17, 0x33 };

static struct ike1_keys derived(enum adit_auth hash, enum adit_enc enc)
{
	struct ike1_keys keys = { .hash = hash, .enc = enc, .n = (uint8_t)hash_bytes(hash) };

	memset(keys.skeyid, 0x42, keys.n);
	assert_true(ike1_derive(&keys, (struct bytes){ secret, sizeof(secret) }, cookies));
	return keys;
}

static void a_skeyid_e_that_is_long_enough_is_the_key_s_first_bytes(void **state)
{
	static const struct { enum adit_auth hash; enum adit_enc enc; uint8_t bytes; } cases[] = {
		{ ADIT_AUTH_HMAC_MD5_96, ADIT_ENC_DES_CBC, 8 },		  { ADIT_AUTH_HMAC_MD5_96, ADIT_ENC_AES_CBC_128, 16 },
		{ ADIT_AUTH_HMAC_SHA1_96, ADIT_ENC_BLOWFISH_CBC, 16 },	  { ADIT_AUTH_HMAC_SHA256_128, ADIT_ENC_DES3_CBC, 24 },
		{ ADIT_AUTH_HMAC_SHA256_128, ADIT_ENC_AES_CBC_256, 32 },  { ADIT_AUTH_HMAC_SHA384_192, ADIT_ENC_AES_CBC_192, 24 },
		{ ADIT_AUTH_HMAC_SHA512_256, ADIT_ENC_CAMELLIA_CBC_256, 32 },
		{ ADIT_AUTH_HMAC_SHA1_96, ADIT_ENC_CAMELLIA_CBC_128, 16 },
	};

	(void)state;
	for (size_t i = 0; i < N(cases); i++) {
		struct ike1_keys keys = derived(cases[i].hash, cases[i].enc);

		assert_int_equal(keys.cipher_bytes, cases[i].bytes);
		assert_memory_equal(keys.cipher, keys.e, cases[i].bytes);
	}
}

/* Ka = K1 | K2 | ..., K1 = prf(SKEYID_e, 0), K2 = prf(SKEYID_e, K1); the key is its first bytes. */
static void a_skeyid_e_that_is_too_short_is_expanded_by_feeding_back(void **state)
{
	static const struct { enum adit_auth hash; enum adit_enc enc; uint8_t bytes; } cases[] = {
		{ ADIT_AUTH_HMAC_MD5_96, ADIT_ENC_DES3_CBC, 24 },	  { ADIT_AUTH_HMAC_SHA1_96, ADIT_ENC_DES3_CBC, 24 },
		{ ADIT_AUTH_HMAC_SHA1_96, ADIT_ENC_AES_CBC_256, 32 },	  { ADIT_AUTH_HMAC_MD5_96, ADIT_ENC_AES_CBC_256, 32 },
		{ ADIT_AUTH_HMAC_MD5_96, ADIT_ENC_CAMELLIA_CBC_192, 24 }, { ADIT_AUTH_HMAC_SHA1_96, ADIT_ENC_AES_CBC_192, 24 },
	};

	(void)state;
	for (size_t i = 0; i < N(cases); i++) {
		struct ike1_keys keys = derived(cases[i].hash, cases[i].enc);
		struct bytes e = { keys.e, keys.n }, part = { (const uint8_t *)"", 1 };
		uint8_t ka[3 * 64];

		for (unsigned k = 0; k < 3; k++) {
			assert_true(prf_of(keys.hash, e, &part, 1, ka + k * keys.n));
			part = (struct bytes){ ka + k * keys.n, keys.n };
		}
		assert_int_equal(keys.cipher_bytes, cases[i].bytes);
		assert_memory_equal(keys.cipher, ka, cases[i].bytes);
		assert_memory_not_equal(keys.cipher, keys.e, keys.n);
	}
}

/* RFC 2409 App. B: 56 bytes if no length was negotiated; a peer that names one gets it. */
static void a_blowfish_key_has_the_length_that_was_negotiated(void **state)
{
	struct ike1_keys keys = { .hash = ADIT_AUTH_HMAC_SHA1_96, .enc = ADIT_ENC_BLOWFISH_CBC, .n = 20, .cipher_bytes = 56 };

	(void)state;
	assert_true(ike1_derive(&keys, (struct bytes){ secret, sizeof(secret) }, cookies));
	assert_int_equal(keys.cipher_bytes, 56);
	keys.cipher_bytes = 57;
	assert_false(ike1_derive(&keys, (struct bytes){ secret, sizeof(secret) }, cookies));
	keys.cipher_bytes = 4;
	assert_false(ike1_derive(&keys, (struct bytes){ secret, sizeof(secret) }, cookies));
}

static void no_keys_come_of_what_does_not_fit(void **state)
{
	struct ike1_keys keys = { .hash = ADIT_AUTH_HMAC_SHA1_96, .enc = ADIT_ENC_AES_CBC_128, .n = 16 };
	const struct bytes shared = { secret, sizeof(secret) };

	(void)state;
	assert_false(ike1_derive(&keys, shared, cookies));		/* n is not the hash's */
	keys = (struct ike1_keys){ .hash = ADIT_AUTH_NULL, .enc = ADIT_ENC_AES_CBC_128 };
	assert_false(ike1_derive(&keys, shared, cookies));
	keys = (struct ike1_keys){ .hash = ADIT_AUTH_HMAC_SHA1_96, .enc = ADIT_ENC_AES_GCM_128, .n = 20 };
	assert_false(ike1_derive(&keys, shared, cookies));
	keys = (struct ike1_keys){ .hash = (enum adit_auth)999, .enc = (enum adit_enc)999, .n = 20 };
	assert_false(ike1_derive(&keys, shared, cookies));
}

/* ---- IVs */

static void the_first_iv_is_the_hash_of_both_values_and_the_next_of_the_last_block_and_the_id(void **state)
{
	static const enum adit_enc encs[] = { ADIT_ENC_DES3_CBC, ADIT_ENC_AES_CBC_256 };
	const struct bytes gxi = text_bytes("initiator"), gxr = text_bytes("responder");

	(void)state;
	for (size_t i = 0; i < N(encs); i++) {
		struct ike1_keys keys = derived(ADIT_AUTH_HMAC_SHA1_96, encs[i]);
		unsigned block = cipher_block_bytes(encs[i]);
		uint8_t hash[64], iv[17] = { 0 }, next[17] = { 0 };
		struct bytes first[] = { gxi, gxr }, later[] = { { iv, block }, { (const uint8_t *)"\x01\x02\x03\x04", 4 } };

		iv[block] = next[block] = 0x77;
		assert_true(hash_of(keys.hash, first, 2, hash));
		assert_true(ike1_first_iv(&keys, gxi, gxr, iv));
		assert_memory_equal(iv, hash, block);
		assert_true(hash_of(keys.hash, later, 2, hash));
		assert_true(ike1_exchange_iv(&keys, iv, 0x01020304, next));
		assert_memory_equal(next, hash, block);
		assert_int_equal(iv[block], 0x77);
		assert_int_equal(next[block], 0x77);
	}
}

/* ---- KEYMAT, §5.5 */

static void keymat_is_prf_plus_over_protocol_spi_and_nonces_with_the_new_secret_first(void **state)
{
	const struct bytes ni = text_bytes("nonce of i"), nr = text_bytes("nonce of r"), qm = { secret, 64 }, no_pfs = { NULL, 0 };
	struct ike1_keys keys = derived(ADIT_AUTH_HMAC_SHA1_96, ADIT_ENC_AES_CBC_128);
	const struct bytes d = { keys.d, keys.n };

	(void)state;
	for (unsigned has_pfs = 0; has_pfs < 2; has_pfs++) {
		struct bytes parts[] = { { NULL, 0 }, has_pfs ? qm : no_pfs, { (const uint8_t *)"\x03", 1 },
					 { (const uint8_t *)"\xc0\xff\xee\x01", 4 }, ni, nr };
		uint8_t expected[100];

		for (unsigned k = 0; k < 5; k++) {
			assert_true(prf_of(keys.hash, d, parts, 6, expected + 20 * k));
			parts[0] = (struct bytes){ expected + 20 * k, 20 };
		}
		for (size_t n = 0; n <= 100; n++) {
			uint8_t *out = malloc(n + !n);

			assert_true(ike1_keymat(&keys, has_pfs ? qm : no_pfs, 3, 0xc0ffee01, ni, nr, out, n));
			assert_memory_equal(out, expected, n);
			free(out);
		}
	}
}

static void the_two_directions_and_the_two_protocols_have_different_keys(void **state)
{
	const struct bytes ni = text_bytes("i"), nr = text_bytes("r"), none = { NULL, 0 };
	struct ike1_keys keys = derived(ADIT_AUTH_HMAC_SHA256_128, ADIT_ENC_AES_CBC_128);
	uint8_t out[3][32];

	(void)state;
	assert_true(ike1_keymat(&keys, none, 3, 1, ni, nr, out[0], 32));
	assert_true(ike1_keymat(&keys, none, 3, 2, ni, nr, out[1], 32));
	assert_true(ike1_keymat(&keys, none, 2, 1, ni, nr, out[2], 32));
	assert_memory_not_equal(out[0], out[1], 32);
	assert_memory_not_equal(out[0], out[2], 32);
}

static void nonces_longer_than_the_standard_s_256_bytes_are_no_key(void **state)
{
	static const uint8_t nonce[257];
	uint8_t skeyid[64];
	const struct bytes shared = { secret, 96 };

	(void)state;
	assert_true(ike1_skeyid_sig(ADIT_AUTH_HMAC_MD5_96, (struct bytes){ nonce, 256 }, (struct bytes){ nonce, 256 }, shared, skeyid));
	assert_false(ike1_skeyid_sig(ADIT_AUTH_HMAC_MD5_96, (struct bytes){ nonce, 257 }, (struct bytes){ nonce, 8 }, shared, skeyid));
	assert_false(ike1_skeyid_sig(ADIT_AUTH_HMAC_MD5_96, (struct bytes){ nonce, 8 }, (struct bytes){ nonce, 257 }, shared, skeyid));
}

static void wiping_leaves_zeros(void **state)
{
	static const struct ike1_keys zero;
	struct ike1_keys keys = derived(ADIT_AUTH_HMAC_SHA1_96, ADIT_ENC_DES3_CBC);

	(void)state;
	ike1_wipe(&keys);
	assert_memory_equal(&keys, &zero, sizeof(keys));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nist_s_selected_cases_of_pre_shared_keys_come_out),
		cmocka_unit_test(nist_s_selected_cases_of_signatures_come_out),
		cmocka_unit_test(nist_s_whole_sets_come_out),
		cmocka_unit_test(a_skeyid_e_that_is_long_enough_is_the_key_s_first_bytes),
		cmocka_unit_test(a_skeyid_e_that_is_too_short_is_expanded_by_feeding_back),
		cmocka_unit_test(a_blowfish_key_has_the_length_that_was_negotiated),
		cmocka_unit_test(no_keys_come_of_what_does_not_fit),
		cmocka_unit_test(the_first_iv_is_the_hash_of_both_values_and_the_next_of_the_last_block_and_the_id),
		cmocka_unit_test(keymat_is_prf_plus_over_protocol_spi_and_nonces_with_the_new_secret_first),
		cmocka_unit_test(the_two_directions_and_the_two_protocols_have_different_keys),
		cmocka_unit_test(nonces_longer_than_the_standard_s_256_bytes_are_no_key),
		cmocka_unit_test(wiping_leaves_zeros),
	};

	return cmocka_run_group_tests(tests, crypto_setup, crypto_teardown);
}
