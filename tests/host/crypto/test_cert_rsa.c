// SPDX-License-Identifier: BSD-2-Clause-Patent
/* Attack class 4: a signature that only looks like one. RFC 2409 §5.1: block type 1 around the bare hash, and nothing else. */
#include "cert_maker.h"

static struct made box;			/* 3072 bits, e = 3 */
static struct cert *cert;		/* with the private key */

static int key_setup(void **state)
{
	char why[256];
	int rc = dir_setup(state);

	box = make(&(struct spec){ .name = "box", .key = make_rsa(3072, 3) }, NULL);
	EVP_PKEY_free(box.key);		/* make() has its own hold */
	write_certs("c.pem", (const struct made *const[]){ &box }, 1);
	write_key("k.pem", box.key, NULL);
	cert = cert_load(in_dir("c.pem"), in_dir("k.pem"), true, why, sizeof(why));
	return cert != NULL ? rc : -1;
}

static int key_teardown(void **state)
{
	cert_close(cert);
	unmake(&box);
	return dir_teardown(state);
}

enum { K = 3072 / 8 };

/* block^d mod n: what the key's owner alone can make. */
static void raw_sign(const uint8_t block[K], uint8_t out[K])
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(box.key, NULL);
	size_t n = K;

	assert_int_equal(EVP_PKEY_sign_init(ctx), 1);
	assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_NO_PADDING), 1);
	assert_int_equal(EVP_PKEY_sign(ctx, out, &n, block, K), 1);
	EVP_PKEY_CTX_free(ctx);
}

/* 00 type FF..FF 00 hash, with n_after bytes after it that take their room from the padding. */
static void build_block(uint8_t block[K], uint8_t type, uint8_t pad, struct bytes hash, size_t n_after)
{
	memset(block, pad, K);
	block[0] = 0;
	block[1] = type;
	block[K - n_after - hash.len - 1] = 0;
	memcpy(block + K - n_after - hash.len, hash.at, hash.len);
	memset(block + K - n_after, 0x5c, n_after);
}

static const uint8_t hash_bytes_64[64] = { 0x6d, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 0x33 };
static const struct bytes sha1 = { hash_bytes_64, 20 };

static void a_signature_over_each_hash_of_ike_holds_and_over_no_other_length(void **state)
{
	(void)state;
	for (size_t n = 0; n <= 64; n++) {
		bool is_hash = n == 16 || n == 20 || n == 32 || n == 48 || n == 64;
		uint8_t signature[CERT_MAX_SIGNATURE_BYTES], block[K];
		struct bytes hash = { hash_bytes_64, n };

		assert_int_equal(cert_sign_v1(cert, hash, signature), is_hash ? K : 0);
		if (!is_hash) {
			build_block(block, 1, 0xff, hash, 0);
			raw_sign(block, signature);
		}
		assert_int_equal(cert_verify_v1(cert, hash, (struct bytes){ signature, K }), is_hash);
	}
}

static void a_signature_is_the_block_that_the_standard_describes(void **state)
{
	uint8_t signature[CERT_MAX_SIGNATURE_BYTES], block[K], raw[K];

	(void)state;
	build_block(block, 1, 0xff, sha1, 0);
	raw_sign(block, raw);
	assert_int_equal(cert_sign_v1(cert, sha1, signature), K);
	assert_memory_equal(signature, raw, K);
	assert_true(cert_verify_v1(cert, sha1, (struct bytes){ raw, K }));
}

static void any_bit_of_hash_or_signature_breaks_it(void **state)
{
	uint8_t signature[CERT_MAX_SIGNATURE_BYTES], hash[20];

	(void)state;
	memcpy(hash, sha1.at, 20);
	assert_int_equal(cert_sign_v1(cert, sha1, signature), K);
	for (size_t bit = 0; bit < 8 * 20; bit++) {
		hash[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_false(cert_verify_v1(cert, (struct bytes){ hash, 20 }, (struct bytes){ signature, K }));
		hash[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	for (size_t bit = 0; bit < 8 * K; bit++) {
		signature[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_false(cert_verify_v1(cert, sha1, (struct bytes){ signature, K }));
		signature[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	assert_true(cert_verify_v1(cert, sha1, (struct bytes){ signature, K }));
}

static void a_signature_of_any_other_length_is_refused(void **state)
{
	static uint8_t longer[65535];
	uint8_t signature[CERT_MAX_SIGNATURE_BYTES];

	(void)state;
	assert_int_equal(cert_sign_v1(cert, sha1, signature), K);
	for (size_t n = 0; n < K; n++) {
		uint8_t *exact = malloc(n + !n);

		memcpy(exact, signature, n);
		assert_false(cert_verify_v1(cert, sha1, (struct bytes){ exact, n }));
		free(exact);
	}
	memcpy(longer + 1, signature, K);
	assert_false(cert_verify_v1(cert, sha1, (struct bytes){ longer, K + 1 }));		/* a zero before it */
	assert_false(cert_verify_v1(cert, sha1, (struct bytes){ longer + 1, K + 1 }));		/* and behind */
	assert_false(cert_verify_v1(cert, sha1, (struct bytes){ longer + 1, 2048 }));
	assert_false(cert_verify_v1(cert, sha1, (struct bytes){ longer + 1, 65534 }));
}

static void numbers_that_are_their_own_power_or_not_below_the_modulus_are_refused(void **state)
{
	uint8_t value[K] = { 0 };
	BIGNUM *n = NULL;

	(void)state;
	assert_false(cert_verify_v1(cert, sha1, (struct bytes){ value, K }));			/* 0 */
	value[K - 1] = 1;
	assert_false(cert_verify_v1(cert, sha1, (struct bytes){ value, K }));
	EVP_PKEY_get_bn_param(box.key, OSSL_PKEY_PARAM_RSA_N, &n);
	for (int below = 0; below <= 1; below++) {						/* n, n - 1 */
		BN_bn2binpad(n, value, K);
		assert_false(cert_verify_v1(cert, sha1, (struct bytes){ value, K }));
		BN_sub_word(n, 1);
	}
	memset(value, 0xff, K);
	assert_false(cert_verify_v1(cert, sha1, (struct bytes){ value, K }));
	BN_free(n);
}

/* Made with the private key: not forgeries, but what a lax verifier would take, and what forgeries aim at. */
static void a_block_that_differs_in_any_part_from_the_standard_s_is_refused(void **state)
{
	static const struct { const char *what; uint8_t type, pad; size_t n_after; } blocks[] = {
		{ "block type 2", 2, 0x5a, 0 }, { "block type 0", 0, 0x00, 0 }, { "padding not FF", 1, 0xfe, 0 },
		{ "zero padding", 1, 0, 0 },	{ "one byte behind", 1, 0xff, 1 }, { "all room behind", 1, 0xff, K - 2 - 8 - 1 - 20 },
		{ "no padding", 1, 0xff, K - 2 - 1 - 20 },
	};
	uint8_t block[K], signature[K];

	(void)state;
	for (size_t i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++) {
		build_block(block, blocks[i].type, blocks[i].pad, sha1, blocks[i].n_after);
		raw_sign(block, signature);
		if (cert_verify_v1(cert, sha1, (struct bytes){ signature, K }))
			fail_msg("taken: %s", blocks[i].what);
	}
	for (size_t at = 0; at < K; at++) {		/* and any one byte */
		build_block(block, 1, 0xff, sha1, 0);
		block[at] = (uint8_t)(at == 0 ? 1 : block[at] ^ 0x10);
		raw_sign(block, signature);
		assert_false(cert_verify_v1(cert, sha1, (struct bytes){ signature, K }));
	}
}

static void a_digest_info_around_the_hash_is_refused_in_ikev1(void **state)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(box.key, NULL);
	uint8_t signature[K];
	size_t n = K;

	(void)state;
	assert_int_equal(EVP_PKEY_sign_init(ctx), 1);
	assert_int_equal(EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha1()), 1);
	assert_int_equal(EVP_PKEY_sign(ctx, signature, &n, sha1.at, sha1.len), 1);
	assert_false(cert_verify_v1(cert, sha1, (struct bytes){ signature, K }));
	EVP_PKEY_CTX_free(ctx);
}

static void a_signature_over_a_shorter_or_longer_hash_with_the_same_start_or_end_is_refused(void **state)
{
	static const size_t lengths[] = { 16, 20, 32, 48, 64 };
	uint8_t signature[CERT_MAX_SIGNATURE_BYTES];

	(void)state;
	for (size_t i = 0; i < 5; i++) {
		for (size_t j = 0; j < 5; j++) {
			struct bytes start = { hash_bytes_64, lengths[j] }, end = { hash_bytes_64 + 64 - lengths[j], lengths[j] };

			assert_int_equal(cert_sign_v1(cert, (struct bytes){ hash_bytes_64, lengths[i] }, signature), K);
			assert_int_equal(cert_verify_v1(cert, start, (struct bytes){ signature, K }), i == j);
			assert_int_equal(cert_sign_v1(cert, (struct bytes){ hash_bytes_64 + 64 - lengths[i], lengths[i] }, signature), K);
			assert_int_equal(cert_verify_v1(cert, end, (struct bytes){ signature, K }), i == j);
		}
	}
}

/* ---- forgeries against e = 3, made without the private key */

/* The largest r with r^3 <= n. */
static BIGNUM *cube_root(const BIGNUM *n)
{
	BIGNUM *root = BN_new(), *cube = BN_new();
	BN_CTX *ctx = BN_CTX_new();

	BN_zero(root);
	for (int bit = BN_num_bits(n) / 3 + 1; bit >= 0; bit--) {
		BN_set_bit(root, bit);
		BN_sqr(cube, root, ctx);
		BN_mul(cube, cube, root, ctx);
		if (BN_cmp(cube, n) > 0)
			BN_clear_bit(root, bit);
	}
	BN_free(cube);
	BN_CTX_free(ctx);
	return root;
}

static void cube(const BIGNUM *s, uint8_t out[K])
{
	BIGNUM *power = BN_new();
	BN_CTX *ctx = BN_CTX_new();

	BN_sqr(power, s, ctx);
	BN_mul(power, power, s, ctx);
	assert_int_equal(BN_bn2binpad(power, out, K), K);
	BN_free(power);
	BN_CTX_free(ctx);
}

/* Bleichenbacher's of 2006: 00 01 FF*8 00 hash and rubbish to the end, the cube of a number that is easily found. */
static void the_cube_root_of_a_block_with_rubbish_behind_is_refused(void **state)
{
	uint8_t block[K], got[K], signature[K];
	BIGNUM *target, *root;

	(void)state;
	build_block(block, 1, 0xff, sha1, K - 2 - 8 - 1 - 20);
	memset(block + 31, 0xff, K - 31);
	target = BN_bin2bn(block, K, NULL);
	root = cube_root(target);
	cube(root, got);
	assert_memory_equal(got, block, 31);		/* the forgery is a good one */
	BN_bn2binpad(root, signature, K);
	assert_false(cert_verify_v1(cert, sha1, (struct bytes){ signature, K }));
	BN_free(target);
	BN_free(root);
}

/* The same from behind: 00 01, rubbish where the padding should be, 00 hash. An odd number's cube root modulo 2^n is found bit by bit. */
static void the_cube_root_of_a_block_with_rubbish_for_padding_is_refused(void **state)
{
	uint8_t block[K], got[K], signature[K];
	BIGNUM *target, *root, *low = BN_new(), *cubed = BN_new(), *wanted;
	BN_CTX *ctx = BN_CTX_new();
	const int n_bits = 8 * (1 + 20);

	(void)state;
	build_block(block, 1, 0xff, sha1, 0);
	wanted = BN_bin2bn(block + K - 21, 21, NULL);
	assert_true(BN_is_odd(wanted));
	BN_one(low);
	for (int bit = 1; bit < n_bits; bit++) {	/* low^3 = wanted mod 2^(bit + 1) */
		BN_sqr(cubed, low, ctx);
		BN_mul(cubed, cubed, low, ctx);
		if (BN_is_bit_set(cubed, bit) != BN_is_bit_set(wanted, bit))
			BN_set_bit(low, bit);
	}
	target = BN_bin2bn(block, K, NULL);
	root = cube_root(target);
	for (int bit = 0; bit < n_bits; bit++) {
		if (BN_is_bit_set(low, bit))
			BN_set_bit(root, bit);
		else
			BN_clear_bit(root, bit);
	}
	cube(root, got);
	assert_memory_equal(got, block, 2);
	assert_memory_equal(got + K - 21, block + K - 21, 21);
	BN_bn2binpad(root, signature, K);
	assert_false(cert_verify_v1(cert, sha1, (struct bytes){ signature, K }));
	BN_free(target);
	BN_free(root);
	BN_free(low);
	BN_free(cubed);
	BN_free(wanted);
	BN_CTX_free(ctx);
}

/* With e = 1 every block is its own signature; with an even e signatures are not unique. */
static void keys_whose_exponent_makes_forging_trivial_verify_nothing(void **state)
{
	static const char *const exponents[] = { "0", "1", "2", "10000", "10000000000000001" };
	uint8_t block[K];

	(void)state;
	build_block(block, 1, 0xff, sha1, 0);
	for (size_t i = 0; i < sizeof(exponents) / sizeof(exponents[0]); i++) {
		BIGNUM *n = NULL, *e = NULL;
		struct made bad;
		struct cert *theirs;

		EVP_PKEY_get_bn_param(box.key, OSSL_PKEY_PARAM_RSA_N, &n);
		BN_hex2bn(&e, exponents[i]);
		bad = make(&(struct spec){ .name = "bad", .key = make_public(n, e) }, &box);
		EVP_PKEY_free(bad.key);
		theirs = cert_from(&bad);
		assert_non_null(theirs);
		assert_false(cert_verify_v1(theirs, sha1, (struct bytes){ block, K }));
		cert_close(theirs);
		BN_free(n);
		BN_free(e);
		unmake(&bad);
	}
}

static void a_key_of_another_kind_verifies_nothing(void **state)
{
	EVP_PKEY *curve = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
	struct made ec = make(&(struct spec){ .name = "ec", .key = curve }, &box);
	struct cert *theirs = cert_from(&ec);
	uint8_t value[64] = { 0 };

	(void)state;
	assert_non_null(theirs);
	assert_false(cert_verify_v1(theirs, sha1, (struct bytes){ value, 64 }));
	cert_close(theirs);
	EVP_PKEY_free(curve);
	unmake(&ec);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_signature_over_each_hash_of_ike_holds_and_over_no_other_length),
		cmocka_unit_test(a_signature_is_the_block_that_the_standard_describes),
		cmocka_unit_test(any_bit_of_hash_or_signature_breaks_it),
		cmocka_unit_test(a_signature_of_any_other_length_is_refused),
		cmocka_unit_test(numbers_that_are_their_own_power_or_not_below_the_modulus_are_refused),
		cmocka_unit_test(a_block_that_differs_in_any_part_from_the_standard_s_is_refused),
		cmocka_unit_test(a_digest_info_around_the_hash_is_refused_in_ikev1),
		cmocka_unit_test(a_signature_over_a_shorter_or_longer_hash_with_the_same_start_or_end_is_refused),
		cmocka_unit_test(the_cube_root_of_a_block_with_rubbish_behind_is_refused),
		cmocka_unit_test(the_cube_root_of_a_block_with_rubbish_for_padding_is_refused),
		cmocka_unit_test(keys_whose_exponent_makes_forging_trivial_verify_nothing),
		cmocka_unit_test(a_key_of_another_kind_verifies_nothing),
	};

	return cmocka_run_group_tests(tests, key_setup, key_teardown);
}
