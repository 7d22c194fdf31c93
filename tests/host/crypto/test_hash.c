// SPDX-License-Identifier: BSD-2-Clause-Patent
/* Hashes (RFC 1321, FIPS 180-4), HMAC (RFC 2104), CBC ciphers and weak keys (RFC 2409 App. A). */
#include "crypto_test.h"

#define N(table) (sizeof(table) / sizeof((table)[0]))

static const enum adit_auth hashes[] = { ADIT_AUTH_HMAC_MD5_96, ADIT_AUTH_HMAC_SHA1_96, ADIT_AUTH_HMAC_SHA256_128, ADIT_AUTH_HMAC_SHA384_192,
					 ADIT_AUTH_HMAC_SHA512_256 };

static void assert_hex(const uint8_t *bytes, const char *hex, size_t n)
{
	uint8_t expected[256];

	assert_int_equal(from_hex(hex, expected), n);
	assert_memory_equal(bytes, expected, n);
}

static void the_hash_of_abc_is_the_standard_s_however_it_is_cut(void **state)
{
	static const char *const abc[] = {
		"900150983cd24fb0d6963f7d28e17f72",	/* RFC 1321 App. A.5; the others FIPS 180 */
		"a9993e364706816aba3e25717850c26c9cd0d89d",
		"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
		"cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7",
		"ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
	};
	const struct bytes whole = text_bytes("abc"), parts[] = { text_bytes("a"), { NULL, 0 }, text_bytes("bc") };

	(void)state;
	for (size_t i = 0; i < N(hashes); i++) {
		uint8_t out[HASH_MAX_BYTES];
		unsigned n = hash_bytes(hashes[i]);

		assert_true(hash_of(hashes[i], &whole, 1, out));
		assert_hex(out, abc[i], n);
		memset(out, 0, sizeof(out));
		assert_true(hash_of(hashes[i], parts, 3, out));
		assert_hex(out, abc[i], n);
	}
}

/* RFC 2202 §2, §3 and RFC 4231 §4.3, case 2: "Jefe". */
static void the_prf_is_hmac(void **state)
{
	static const char *const jefe[] = {
		"750c783e6ab0b503eaa86e310a5db738",
		"effcdf6ae5eb2fa2d27416d5f184df9c259a7c79",
		"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
		"af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649",
		"164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737",
	};
	const struct bytes parts[] = { text_bytes("what do ya "), { NULL, 0 }, text_bytes("want for nothing?") };

	(void)state;
	for (size_t i = 0; i < N(hashes); i++) {
		uint8_t out[HASH_MAX_BYTES];

		assert_true(prf_of(hashes[i], text_bytes("Jefe"), parts, 3, out));
		assert_hex(out, jefe[i], hash_bytes(hashes[i]));
	}
}

/* RFC 2202 §3 case 6, RFC 4231 §4.7 case 6: a key longer than the hash's block. And no key at all: aggressive mode tries it. */
static void a_key_may_be_long_or_empty(void **state)
{
	static uint8_t key[131];
	const struct bytes data = text_bytes("Test Using Larger Than Block-Size Key - Hash Key First"), nothing = { NULL, 0 };
	uint8_t out[HASH_MAX_BYTES];

	(void)state;
	memset(key, 0xaa, sizeof(key));
	assert_true(prf_of(ADIT_AUTH_HMAC_SHA1_96, (struct bytes){ key, 80 }, &data, 1, out));
	assert_hex(out, "aa4ae5e15272d00e95705637ce8a3b55ed402112", 20);
	assert_true(prf_of(ADIT_AUTH_HMAC_SHA256_128, (struct bytes){ key, 131 }, &data, 1, out));
	assert_hex(out, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54", 32);
	assert_true(prf_of(ADIT_AUTH_HMAC_MD5_96, nothing, NULL, 0, out));
	assert_hex(out, "74e6f7298a9c2d168935f58c001bad88", 16);
	assert_true(prf_of(ADIT_AUTH_HMAC_SHA256_128, nothing, &nothing, 1, out));
	assert_hex(out, "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad", 32);
}

static void a_code_that_is_no_hash_of_ike_gives_nothing(void **state)
{
	const struct bytes part = text_bytes("abc");
	uint8_t out[HASH_MAX_BYTES];
	unsigned n = 0;

	(void)state;
	for (unsigned code = 0; code < 70000; code++) {
		n += hash_bytes((enum adit_auth)code) != 0;
		if (hash_bytes((enum adit_auth)code) != 0 || code > 300)
			continue;
		assert_false(hash_of((enum adit_auth)code, &part, 1, out));
		assert_false(prf_of((enum adit_auth)code, part, &part, 1, out));
	}
	assert_int_equal(n, 5);
}

static void equality_asks_for_the_same_length(void **state)
{
	(void)state;
	assert_true(bytes_equal(text_bytes("abc"), text_bytes("abc")));
	assert_false(bytes_equal(text_bytes("abc"), text_bytes("abd")));
	assert_false(bytes_equal(text_bytes("abc"), text_bytes("ab")));
	assert_false(bytes_equal(text_bytes("abc"), text_bytes("")));
	assert_true(bytes_equal((struct bytes){ NULL, 0 }, text_bytes("")));
}

static void random_bytes_do_not_repeat(void **state)
{
	uint8_t drawn[64][16];

	(void)state;
	for (size_t i = 0; i < 64; i++) {
		assert_true(random_bytes(drawn[i], 16));
		for (size_t j = 0; j < i; j++)
			assert_memory_not_equal(drawn[i], drawn[j], 16);
	}
	assert_true(random_bytes(NULL, 0));
}

/* ---- ciphers */

static const struct {
	enum adit_enc enc;
	const char *key, *iv, *plain, *sealed;
} cbc[] = {
	/* FIPS 81 App. C */
	{ ADIT_ENC_DES_CBC, "0123456789abcdef", "1234567890abcdef", "4e6f77206973207468652074696d6520666f7220616c6c20",
	  "e5c7cdde872bf27c43e934008c389c0f683788499a7c05f6" },
	/* SP 800-67 App. B: ECB, hence one block each */
	{ ADIT_ENC_DES3_CBC, "0123456789abcdef23456789abcdef01456789abcdef0123", "0000000000000000", "5468652071756663", "a826fd8ce53b855f" },
	{ ADIT_ENC_DES3_CBC, "0123456789abcdef23456789abcdef01456789abcdef0123", "0000000000000000", "6b2062726f776e20", "cce21c8112256fe6" },
	{ ADIT_ENC_DES3_CBC, "0123456789abcdef23456789abcdef01456789abcdef0123", "0000000000000000", "666f78206a756d70", "68d5c05dd9b6b900" },
	/* SP 800-38A F.2.1, F.2.3, F.2.5 */
	{ ADIT_ENC_AES_CBC_128, "2b7e151628aed2a6abf7158809cf4f3c", "000102030405060708090a0b0c0d0e0f",
	  "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710",
	  "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b273bed6b8e3c1743b7116e69e222295163ff1caa1681fac09120eca307586e1a7" },
	{ ADIT_ENC_AES_CBC_192, "8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b", "000102030405060708090a0b0c0d0e0f",
	  "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710",
	  "4f021db243bc633d7178183a9fa071e8b4d9ada9ad7dedf4e5e738763f69145a571b242012fb7ae07fa9baac3df102e008b0e27988598881d920a9e64f5615cd" },
	{ ADIT_ENC_AES_CBC_256, "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4", "000102030405060708090a0b0c0d0e0f",
	  "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710",
	  "f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d39f23369a9d9bacfa530e26304231461b2eb05e2c39be9fcda6c19078c6a9d1b" },
	/* RFC 3602 §4, case 1 */
	{ ADIT_ENC_AES_CBC_128, "06a9214036b8a15b512e03d534120006", "3dafba429d9eb430b422da802c9fac41", "53696e676c6520626c6f636b206d7367",
	  "e353779c1079aeb82708942dbe77181a" },
	/* RFC 3713 App. A: ECB, hence one block each */
	{ ADIT_ENC_CAMELLIA_CBC_128, "0123456789abcdeffedcba9876543210", "00000000000000000000000000000000", "0123456789abcdeffedcba9876543210",
	  "67673138549669730857065648eabe43" },
	{ ADIT_ENC_CAMELLIA_CBC_192, "0123456789abcdeffedcba98765432100011223344556677", "00000000000000000000000000000000",
	  "0123456789abcdeffedcba9876543210", "b4993401b3e996f84ee5cee7d79b09b9" },
	{ ADIT_ENC_CAMELLIA_CBC_256, "0123456789abcdeffedcba987654321000112233445566778899aabbccddeeff", "00000000000000000000000000000000",
	  "0123456789abcdeffedcba9876543210", "9acc237dff16d76c20ef7c919e3a7509" },
	/* Blowfish's own vectors */
	{ ADIT_ENC_BLOWFISH_CBC, "0123456789abcdeff0e1d2c3b4a59687", "fedcba9876543210",
	  "37363534333231204e6f77206973207468652074696d6520666f722000000000",
	  "6b77b4d63006dee605b156e27403979358deb9e7154616d959f1652bd5ff92cc" },
	{ ADIT_ENC_BLOWFISH_CBC, "0000000000000000", "0000000000000000", "0000000000000000", "4ef997456198dd78" },
};

static void the_standards_cbc_vectors_come_out_both_ways_and_the_next_iv_is_the_last_block(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(cbc); i++) {
		uint8_t key[56], iv[16], first_iv[16], text[64], plain[64], sealed[64];
		size_t n_key = from_hex(cbc[i].key, key), block = from_hex(cbc[i].iv, iv), n = from_hex(cbc[i].plain, plain);

		memcpy(first_iv, iv, sizeof(iv));
		memcpy(text, plain, n);
		assert_int_equal(from_hex(cbc[i].sealed, sealed), n);
		assert_int_equal(cipher_block_bytes(cbc[i].enc), block);
		assert_true(cipher_cbc(cbc[i].enc, (struct bytes){ key, n_key }, true, iv, text, n));
		assert_memory_equal(text, sealed, n);
		assert_memory_equal(iv, sealed + n - block, block);
		memcpy(iv, first_iv, sizeof(iv));
		assert_true(cipher_cbc(cbc[i].enc, (struct bytes){ key, n_key }, false, iv, text, n));
		assert_memory_equal(text, plain, n);
		assert_memory_equal(iv, sealed + n - block, block);
	}
}

/* A message in one go and in two must be the same: that is what phase 1 does with its messages' IVs. */
static void a_message_continues_where_the_one_before_ended(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(cbc); i++) {
		uint8_t key[56], iv[2][16], text[2][128];
		struct bytes k = { key, from_hex(cbc[i].key, key) };
		size_t block = from_hex(cbc[i].iv, iv[0]);

		for (unsigned way = 0; way < 2; way++) {
			from_hex(cbc[i].iv, iv[0]);
			from_hex(cbc[i].iv, iv[1]);
			assert_true(random_bytes(text[0], 128));
			memcpy(text[1], text[0], 128);
			assert_true(cipher_cbc(cbc[i].enc, k, way == 0, iv[0], text[0], 128));
			for (size_t at = 0; at < 128; at += block)
				assert_true(cipher_cbc(cbc[i].enc, k, way == 0, iv[1], text[1] + at, block));
			assert_memory_equal(text[0], text[1], 128);
			assert_memory_equal(iv[0], iv[1], block);
		}
	}
}

static void text_that_is_no_whole_blocks_or_a_key_of_a_wrong_length_changes_nothing(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(cbc); i++) {
		uint8_t key[64] = { 1 }, iv[16] = { 2 }, text[64] = { 3 }, was[64] = { 3 }, was_iv[16] = { 2 };
		size_t n_key = from_hex(cbc[i].key, key), block = cipher_block_bytes(cbc[i].enc);

		for (size_t n = 0; n <= 64; n++) {
			bool is_whole = n % block == 0;

			if (is_whole && n > 0)
				continue;
			assert_int_equal(cipher_cbc(cbc[i].enc, (struct bytes){ key, n_key }, true, iv, text, n), n == 0);
			assert_int_equal(cipher_cbc(cbc[i].enc, (struct bytes){ key, n_key }, false, iv, text, n), n == 0);
		}
		for (size_t n = 0; n <= 64; n++) {
			bool fits = cbc[i].enc == ADIT_ENC_BLOWFISH_CBC ? n >= 5 && n <= 56 : n == n_key;

			if (!fits)
				assert_false(cipher_cbc(cbc[i].enc, (struct bytes){ key, n }, true, iv, text, block));
		}
		assert_memory_equal(text, was, sizeof(text));
		assert_memory_equal(iv, was_iv, sizeof(iv));
	}
}

static void nine_ciphers_are_of_ikev1_and_no_others(void **state)
{
	uint8_t key[32] = { 0 }, iv[16] = { 0 }, text[16] = { 0 };
	unsigned n = 0;

	(void)state;
	for (unsigned code = 0; code < 70000; code++) {
		if (cipher_block_bytes((enum adit_enc)code) != 0)
			n++;
		else if (code < 300)
			assert_false(cipher_cbc((enum adit_enc)code, (struct bytes){ key, 16 }, true, iv, text, 16));
	}
	assert_int_equal(n, 9);
	assert_int_equal(cipher_block_bytes(ADIT_ENC_AES_GCM_128), 0);
	assert_int_equal(cipher_block_bytes(ADIT_ENC_TWOFISH_CBC), 0);
	assert_int_equal(cipher_block_bytes(ADIT_ENC_NULL), 0);
}

/* ---- weak keys: RFC 2409 App. A, as printed, and the two that it misprints */

static const char *const weak[] = {
	"0101010101010101", "1f1f1f1fe0e0e0e0", "e0e0e0e01f1f1f1f", "fefefefefefefefe", "01fe01fe01fe01fe", "1fe01fe00ef10ef1",
	"01e001e001f101f1", "1ffe1ffe0efe0efe", "011f011f010e010e", "e0fee0fef1fef1fe", "fe01fe01fe01fe01", "e01fe01ff10ef10e",
	"e001e001f101f101", "fe1ffe1ffe0efe0e", "1f011f010e010e01", "fee0fee0fef1fef1", "1f1f1f1f0e0e0e0e", "e0e0e0e0f1f1f1f1",
};

static void every_weak_and_semi_weak_des_key_is_found_whatever_its_parity(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(weak); i++) {
		uint8_t key[8];

		assert_int_equal(from_hex(weak[i], key), 8);
		for (unsigned parity = 0; parity < 256; parity++) {
			uint8_t bent[8];

			for (unsigned b = 0; b < 8; b++)
				bent[b] = (uint8_t)(key[b] ^ (parity >> b & 1));
			if (!cipher_key_is_weak(ADIT_ENC_DES_CBC, (struct bytes){ bent, 8 }))
				fail_msg("%s is not found", weak[i]);
		}
		for (unsigned bit = 0; bit < 64; bit++) {
			key[bit / 8] ^= (uint8_t)(1 << bit % 8);
			assert_int_equal(cipher_key_is_weak(ADIT_ENC_DES_CBC, (struct bytes){ key, 8 }), bit % 8 == 0);
			key[bit / 8] ^= (uint8_t)(1 << bit % 8);
		}
	}
}

/* What makes a key weak: a second key, from this list, undoes what the first did. */
static void the_true_weak_keys_undo_themselves_or_each_other(void **state)
{
	unsigned n_undone = 0;

	(void)state;
	for (size_t i = 0; i < N(weak); i++) {
		uint8_t key[8], second[8], iv[8], text[8];

		from_hex(weak[i], key);
		for (size_t j = 0; j < N(weak); j++) {
			memset(iv, 0, 8);
			memset(text, 0x42, 8);
			from_hex(weak[j], second);
			assert_true(cipher_cbc(ADIT_ENC_DES_CBC, (struct bytes){ key, 8 }, true, iv, text, 8));
			memset(iv, 0, 8);
			assert_true(cipher_cbc(ADIT_ENC_DES_CBC, (struct bytes){ second, 8 }, true, iv, text, 8));
			n_undone += memcmp(text, "BBBBBBBB", 8) == 0;
		}
	}
	assert_int_equal(n_undone, 16);		/* 4 weak keys, 6 pairs both ways round */
}

static void a_3des_key_is_weak_in_any_third_and_other_ciphers_never(void **state)
{
	uint8_t key[32];

	(void)state;
	for (size_t third = 0; third < 4; third++) {
		memset(key, 0x57, sizeof(key));
		if (third < 3)
			from_hex(weak[5], key + 8 * third);
		assert_int_equal(cipher_key_is_weak(ADIT_ENC_DES3_CBC, (struct bytes){ key, 24 }), third < 3);
	}
	memset(key, 0x01, sizeof(key));
	assert_false(cipher_key_is_weak(ADIT_ENC_AES_CBC_128, (struct bytes){ key, 16 }));
	assert_false(cipher_key_is_weak(ADIT_ENC_BLOWFISH_CBC, (struct bytes){ key, 16 }));
	assert_false(cipher_key_is_weak(ADIT_ENC_DES_CBC, (struct bytes){ key, 7 }));
}

/* ---- opening */

static void what_is_closed_refuses_and_opens_again(void **state)
{
	const struct bytes part = text_bytes("abc");
	uint8_t out[HASH_MAX_BYTES], iv[16] = { 0 }, key[16] = { 0 };

	(void)state;
	assert_true(crypto_open());
	crypto_close();
	assert_false(hash_of(ADIT_AUTH_HMAC_SHA1_96, &part, 1, out));
	assert_false(prf_of(ADIT_AUTH_HMAC_SHA1_96, part, &part, 1, out));
	assert_false(cipher_cbc(ADIT_ENC_AES_CBC_128, (struct bytes){ key, 16 }, true, iv, out, 16));
	assert_false(random_bytes(out, 16));
	crypto_close();
	assert_true(crypto_open());
	assert_true(hash_of(ADIT_AUTH_HMAC_SHA1_96, &part, 1, out));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_hash_of_abc_is_the_standard_s_however_it_is_cut),
		cmocka_unit_test(the_prf_is_hmac),
		cmocka_unit_test(a_key_may_be_long_or_empty),
		cmocka_unit_test(a_code_that_is_no_hash_of_ike_gives_nothing),
		cmocka_unit_test(equality_asks_for_the_same_length),
		cmocka_unit_test(random_bytes_do_not_repeat),
		cmocka_unit_test(the_standards_cbc_vectors_come_out_both_ways_and_the_next_iv_is_the_last_block),
		cmocka_unit_test(a_message_continues_where_the_one_before_ended),
		cmocka_unit_test(text_that_is_no_whole_blocks_or_a_key_of_a_wrong_length_changes_nothing),
		cmocka_unit_test(nine_ciphers_are_of_ikev1_and_no_others),
		cmocka_unit_test(every_weak_and_semi_weak_des_key_is_found_whatever_its_parity),
		cmocka_unit_test(the_true_weak_keys_undo_themselves_or_each_other),
		cmocka_unit_test(a_3des_key_is_weak_in_any_third_and_other_ciphers_never),
		cmocka_unit_test(what_is_closed_refuses_and_opens_again),
	};

	return cmocka_run_group_tests(tests, crypto_setup, crypto_teardown);
}
