// SPDX-License-Identifier: BSD-2-Clause-Patent
/* Keys: what the card is given of them, and that nothing of them stays. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "rig.h"

#include <endian.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/md5.h>
#include <openssl/sha.h>

/* Go on from a stored state: hash(state, tail), as the card will. */
static void sha1_from(const uint8_t *stored, const uint8_t *tail, size_t n, uint8_t *digest)
{
	SHA_CTX sha;
	uint32_t h[5];

	memcpy(h, stored, sizeof(h));
	SHA1_Init(&sha);
	sha.h0 = be32toh(h[0]);
	sha.h1 = be32toh(h[1]);
	sha.h2 = be32toh(h[2]);
	sha.h3 = be32toh(h[3]);
	sha.h4 = be32toh(h[4]);
	sha.Nl = 512;	/* bits hashed so far: one block */
	SHA1_Update(&sha, tail, n);
	SHA1_Final(digest, &sha);
}

static void the_stored_hash_states_make_an_hmac(void **state)	/* RFC 2104 §4; vector: RFC 2202 case 1 */
{
	static const uint8_t expected[20] = { 0xb6, 0x17, 0x31, 0x86, 0x55, 0x05, 0x72, 0x64, 0xe2, 0x8b, 0xc0, 0xb6, 0xfb,
					      0x37, 0x8c, 0x8e, 0xf1, 0x46, 0xbe, 0x00 };
	struct rig rig;
	struct adit_sa sa = rig_sa(ADIT_DIR_OUT, 0x1000);
	uint8_t inner[20], digest[20];

	(void)state;
	NEEDS_FAKE();
	rig = rig_open(NULL);
	memset(sa.auth_key, 0x0b, 20);
	assert_int_equal(adit_sa_add_wait(rig.card, 0, &sa), 0);
	fake_lock(rig.fake);
	sha1_from(rig.fake->sa[0].auth_inner, (const uint8_t *)"Hi There", 8, inner);
	sha1_from(rig.fake->sa[0].auth_outer, inner, sizeof(inner), digest);
	for (unsigned i = 20; i < 64; i++)
		assert_int_equal(rig.fake->sa[0].auth_inner[i] | rig.fake->sa[0].auth_outer[i], 0);
	fake_unlock(rig.fake);
	assert_memory_equal(digest, expected, sizeof(expected));
	rig_close(&rig);
}

/* The same for the others: init sets counters and lengths, the stored words replace the state. */
static void md5_from(const uint8_t *stored, const uint8_t *tail, size_t n, uint8_t *digest)
{
	MD5_CTX md5;
	uint32_t h[4];

	memcpy(h, stored, sizeof(h));
	MD5_Init(&md5);
	md5.A = le32toh(h[0]);
	md5.B = le32toh(h[1]);
	md5.C = le32toh(h[2]);
	md5.D = le32toh(h[3]);
	md5.Nl = 512;
	MD5_Update(&md5, tail, n);
	MD5_Final(digest, &md5);
}

static void sha256_from(const uint8_t *stored, const uint8_t *tail, size_t n, uint8_t *digest)
{
	SHA256_CTX sha;
	uint32_t h[8];

	memcpy(h, stored, sizeof(h));
	SHA256_Init(&sha);
	for (unsigned i = 0; i < 8; i++)
		sha.h[i] = be32toh(h[i]);
	sha.Nl = 512;
	SHA256_Update(&sha, tail, n);
	SHA256_Final(digest, &sha);
}

static void sha512_go(SHA512_CTX *sha, const uint8_t *stored, const uint8_t *tail, size_t n, uint8_t *digest)
{
	uint64_t h[8];

	memcpy(h, stored, sizeof(h));
	for (unsigned i = 0; i < 8; i++)
		sha->h[i] = be64toh(h[i]);
	sha->Nl = 1024;
	SHA512_Update(sha, tail, n);
	SHA512_Final(digest, sha);
}

static void sha384_from(const uint8_t *stored, const uint8_t *tail, size_t n, uint8_t *digest)
{
	SHA512_CTX sha;

	SHA384_Init(&sha);
	sha512_go(&sha, stored, tail, n, digest);
}

static void sha512_from(const uint8_t *stored, const uint8_t *tail, size_t n, uint8_t *digest)
{
	SHA512_CTX sha;

	SHA512_Init(&sha);
	sha512_go(&sha, stored, tail, n, digest);
}

static void every_hash_has_states_that_make_its_hmac(void **state)
{
	static const struct {
		enum adit_auth auth;
		uint8_t key_bytes, digest_bytes;
		const EVP_MD *(*md)(void);
		void (*go_on)(const uint8_t *stored, const uint8_t *tail, size_t n, uint8_t *digest);
	} cases[] = {
		{ ADIT_AUTH_HMAC_MD5_96, 16, 16, EVP_md5, md5_from },
		{ ADIT_AUTH_HMAC_SHA1_96, 20, 20, EVP_sha1, sha1_from },
		{ ADIT_AUTH_HMAC_SHA256_128, 32, 32, EVP_sha256, sha256_from },
		{ ADIT_AUTH_HMAC_SHA384_192, 48, 48, EVP_sha384, sha384_from },
		{ ADIT_AUTH_HMAC_SHA512_256, 64, 64, EVP_sha512, sha512_from },
	};

	(void)state;
	NEEDS_FAKE();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct rig rig = rig_open(NULL);
		struct adit_sa sa = rig_sa(ADIT_DIR_OUT, 0x1000);
		uint8_t inner[64], digest[64], expected[64];

		sa.auth = cases[i].auth;
		sa.auth_key_bytes = cases[i].key_bytes;
		for (unsigned k = 0; k < sa.auth_key_bytes; k++)
			sa.auth_key[k] = (uint8_t)(3 * k + 1);
		assert_int_equal(adit_sa_add_wait(rig.card, 0, &sa), 0);
		fake_lock(rig.fake);
		cases[i].go_on(rig.fake->sa[0].auth_inner, (const uint8_t *)"what do ya want", 15, inner);
		cases[i].go_on(rig.fake->sa[0].auth_outer, inner, cases[i].digest_bytes, digest);
		fake_unlock(rig.fake);
		HMAC(cases[i].md(), sa.auth_key, sa.auth_key_bytes, (const uint8_t *)"what do ya want", 15, expected, NULL);
		assert_memory_equal(digest, expected, cases[i].digest_bytes);
		rig_close(&rig);
	}
}

static void no_key_stays_in_shared_memory(void **state)
{
	struct rig rig;
	struct adit_sa sa = rig_sa(ADIT_DIR_OUT, 0x1000);
	struct adit_desc_sa record;
	struct tally tally = { 0 };

	(void)state;
	NEEDS_FAKE();
	rig = rig_open(NULL);
	assert_int_equal(adit_sa_add(rig.card, 0, &sa, tally_done, &tally), 0);
	assert_true(fake_memory_has(rig.fake, sa.enc_key, 16));		/* else the test would prove nothing */
	assert_false(fake_memory_has(rig.fake, sa.auth_key, 20));	/* never there: only the states are */
	assert_int_equal(rig_poll_until(rig.card, &tally.n, 1), 0);
	fake_lock(rig.fake);
	record = rig.fake->sa[0];
	fake_unlock(rig.fake);
	assert_false(fake_memory_has(rig.fake, sa.enc_key, 16));
	assert_false(fake_memory_has(rig.fake, record.auth_inner, 20));
	assert_false(fake_memory_has(rig.fake, record.auth_outer, 20));
	/* Refused, or cancelled: gone as well. */
	assert_int_equal(adit_sa_add_wait(rig.card, 0, &sa), -EEXIST);
	assert_false(fake_memory_has(rig.fake, sa.enc_key, 16));
	fake_set_sin(rig.fake, CARD_SILENT);
	assert_int_equal(adit_sa_add(rig.card, 1, &sa, tally_done, &tally), 0);
	assert_true(fake_memory_has(rig.fake, sa.enc_key, 16));
	assert_int_equal(adit_card_recover(rig.card), 0);
	assert_false(fake_memory_has(rig.fake, sa.enc_key, 16));
	rig_close(&rig);
}

/* SP 800-38D §7.1: H = E_K(0). Keys and values of the GCM specification's test cases 1, 3, 7, 13. */
static void gcm_and_gmac_bring_the_hash_key(void **state)
{
	static const struct {
		enum adit_enc enc;
		enum adit_auth gmac;
		uint8_t key_bytes;
		uint8_t key[32], h[16];
	} cases[] = {
		{ ADIT_ENC_AES_GCM_128, ADIT_AUTH_AES_GMAC_128, 16, { 0 },
		  { 0x66, 0xe9, 0x4b, 0xd4, 0xef, 0x8a, 0x2c, 0x3b, 0x88, 0x4c, 0xfa, 0x59, 0xca, 0x34, 0x2b, 0x2e } },
		{ ADIT_ENC_AES_GCM_128, ADIT_AUTH_AES_GMAC_128, 16,
		  { 0xfe, 0xff, 0xe9, 0x92, 0x86, 0x65, 0x73, 0x1c, 0x6d, 0x6a, 0x8f, 0x94, 0x67, 0x30, 0x83, 0x08 },
		  { 0xb8, 0x3b, 0x53, 0x37, 0x08, 0xbf, 0x53, 0x5d, 0x0a, 0xa6, 0xe5, 0x29, 0x80, 0xd5, 0x3b, 0x78 } },
		{ ADIT_ENC_AES_GCM_192, ADIT_AUTH_AES_GMAC_192, 24, { 0 },
		  { 0xaa, 0xe0, 0x69, 0x92, 0xac, 0xbf, 0x52, 0xa3, 0xe8, 0xf4, 0xa9, 0x6e, 0xc9, 0x30, 0x0b, 0xd7 } },
		{ ADIT_ENC_AES_GCM_256, ADIT_AUTH_AES_GMAC_256, 32, { 0 },
		  { 0xdc, 0x95, 0xc0, 0x78, 0xa2, 0x40, 0x89, 0x89, 0xad, 0x48, 0xa2, 0x14, 0x92, 0x84, 0x20, 0x87 } },
	};
	static const uint8_t zero[64];
	struct rig rig;

	(void)state;
	NEEDS_FAKE();
	rig = rig_open(NULL);
	for (uint16_t i = 0; i < 2 * sizeof(cases) / sizeof(cases[0]); i++) {
		const bool is_gmac = i % 2;
		struct adit_sa sa = rig_sa(ADIT_DIR_OUT, 0x1000u + i);

		memset(sa.enc_key, 0xee, sizeof(sa.enc_key));
		memset(sa.auth_key, 0xdd, sizeof(sa.auth_key));
		memcpy(sa.salt, "salt", 4);
		sa.enc = is_gmac ? ADIT_ENC_NULL : cases[i / 2].enc;
		sa.auth = is_gmac ? cases[i / 2].gmac : ADIT_AUTH_NULL;
		sa.auth_key_bytes = is_gmac ? cases[i / 2].key_bytes : 0;
		memcpy(is_gmac ? sa.auth_key : sa.enc_key, cases[i / 2].key, cases[i / 2].key_bytes);
		assert_int_equal(adit_sa_add_wait(rig.card, i, &sa), 0);
		fake_lock(rig.fake);
		assert_memory_equal(rig.fake->sa[i].enc_key, cases[i / 2].key, cases[i / 2].key_bytes);
		assert_memory_equal(rig.fake->sa[i].enc_key + cases[i / 2].key_bytes, zero, 32u - cases[i / 2].key_bytes);
		assert_memory_equal(&rig.fake->sa[i].salt, "salt", 4);
		assert_memory_equal(rig.fake->sa[i].auth_inner, cases[i / 2].h, 16);
		assert_memory_equal(rig.fake->sa[i].auth_inner + 16, zero, 48);
		assert_memory_equal(rig.fake->sa[i].auth_outer, zero, 64);
		fake_unlock(rig.fake);
	}
	rig_close(&rig);
}

static void every_cipher_brings_its_key_and_no_more(void **state)
{
	struct rig rig;

	(void)state;
	NEEDS_FAKE();
	rig = rig_open(NULL);
	for (unsigned enc = 0; adit_enc_name(enc); enc++) {
		const size_t n = (size_t)adit_enc_key_bytes((enum adit_enc)enc);
		struct adit_sa sa = rig_sa(ADIT_DIR_OUT, 0x1000u + enc);
		const uint8_t *record;

		sa.enc = (enum adit_enc)enc;
		for (unsigned i = 0; i < sizeof(sa.enc_key); i++)
			sa.enc_key[i] = (uint8_t)(i + 1);
		memcpy(sa.salt, "\x0a\x0b\x0c\x0d", 4);
		if (enc >= ADIT_ENC_AES_GCM_128 && enc <= ADIT_ENC_AES_GCM_256)
			sa.auth = ADIT_AUTH_NULL, sa.auth_key_bytes = 0;
		assert_int_equal(adit_sa_add_wait(rig.card, (uint16_t)enc, &sa), 0);
		fake_lock(rig.fake);
		record = (const uint8_t *)&rig.fake->sa[enc];
		assert_int_equal(record[11], enc);
		assert_memory_equal(record + 192, sa.enc_key, n);
		for (size_t i = n; i < 32; i++)
			assert_int_equal(record[192 + i], 0);
		assert_memory_equal(record + 224, "\x0a\x0b\x0c\x0d", 4);
		fake_unlock(rig.fake);
	}
	rig_close(&rig);
}

static void no_hash_key_stays_in_shared_memory(void **state)
{
	struct rig rig;
	struct adit_sa sa = rig_sa(ADIT_DIR_OUT, 0x1000);
	struct adit_desc_sa record;
	struct tally tally = { 0 };

	(void)state;
	NEEDS_FAKE();
	rig = rig_open(NULL);
	sa.enc = ADIT_ENC_NULL;
	sa.auth = ADIT_AUTH_AES_GMAC_256;
	sa.auth_key_bytes = 32;
	for (unsigned i = 0; i < 32; i++)
		sa.auth_key[i] = (uint8_t)(0x90 + i);
	memcpy(sa.salt, "\xfe\x01\x9c\x77", 4);
	assert_int_equal(adit_sa_add(rig.card, 0, &sa, tally_done, &tally), 0);
	assert_true(fake_memory_has(rig.fake, sa.auth_key, 32));
	assert_int_equal(rig_poll_until(rig.card, &tally.n, 1), 0);
	fake_lock(rig.fake);
	record = rig.fake->sa[0];
	fake_unlock(rig.fake);
	assert_false(fake_memory_has(rig.fake, sa.auth_key, 32));
	assert_false(fake_memory_has(rig.fake, record.auth_inner, 16));
	assert_false(fake_memory_has(rig.fake, sa.salt, 4));
	rig_close(&rig);
}

static void a_full_ring_takes_no_key(void **state)
{
	const struct adit_open_options options = { .cmd_entries = 2 };
	struct rig rig;
	struct adit_sa sa = rig_sa(ADIT_DIR_OUT, 0x1000);

	(void)state;
	NEEDS_FAKE();
	rig = rig_open(&options);
	fake_set_sin(rig.fake, CARD_SILENT);
	assert_int_equal(adit_nop(rig.card, NULL, NULL), 0);
	assert_int_equal(adit_nop(rig.card, NULL, NULL), 0);
	assert_int_equal(adit_sa_add(rig.card, 0, &sa, NULL, NULL), -EAGAIN);
	assert_false(fake_memory_has(rig.fake, sa.enc_key, 16));
	rig_close(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_stored_hash_states_make_an_hmac),
		TEST(every_hash_has_states_that_make_its_hmac),
		TEST(gcm_and_gmac_bring_the_hash_key),
		TEST(every_cipher_brings_its_key_and_no_more),
		TEST(no_key_stays_in_shared_memory),
		TEST(no_hash_key_stays_in_shared_memory),
		TEST(a_full_ring_takes_no_key),
	};

	return cmocka_run_group_tests_name("driver/keys", tests, NULL, NULL);
}
