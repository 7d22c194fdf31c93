// SPDX-License-Identifier: BSD-2-Clause-Patent
/* SAs: the record, byte for byte; keys wiped; what the card lacks is refused by name. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "rig.h"

#include <endian.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/md5.h>
#include <openssl/sha.h>

static void the_record_is_as_the_contract_says(void **state)
{
	struct rig rig;
	struct adit_sa sa = rig_sa(ADIT_DIR_OUT, 0x12345678);
	const uint8_t *record;

	(void)state;
	NEEDS_FAKE();
	rig = rig_open(NULL);
	sa.set_dscp = true;
	sa.dscp = 46;
	sa.clear_df = true;
	sa.seq_first = 0x01020304;
	sa.seq_lease = 0x0a0b0c0d;
	sa.path_mtu = 1400;
	assert_int_equal(adit_sa_add_wait(rig.card, 513, &sa), 0);
	fake_lock(rig.fake);
	record = (const uint8_t *)&rig.fake->sa[513];
	assert_true(rig.fake->has_sa[513]);
	assert_memory_equal(record + 0, "\x78\x56\x34\x12\x07\x00\x00\x00", 8);		/* SPI, reqid */
	assert_memory_equal(record + 8, "\x00\x32\x01\x01\x02\x18\x40\x2e", 8);		/* dir .. dscp; TTL 64 */
	assert_memory_equal(record + 16, "\x00\x00\x00\x00\x00\x00\xff\xff", 8);	/* no window, ports, bundle */
	assert_memory_equal(record + 24, "\x00\x00\x00\x00\x78\x05\x00\x00", 8);
	assert_memory_equal(record + 64, "\xc0\x00\x02\x01\0\0\0\0\0\0\0\0\0\0\0\0", 16);
	assert_memory_equal(record + 80, "\xc6\x33\x64\x01\0\0\0\0\0\0\0\0\0\0\0\0", 16);
	assert_memory_equal(record + 168, "\x04\x03\x02\x01\0\0\0\0\x0d\x0c\x0b\x0a\0\0\0\0", 16);
	assert_memory_equal(record + 192, sa.enc_key, 16);
	for (unsigned i = 208; i < 256; i++)
		assert_int_equal(record[i], 0);
	fake_unlock(rig.fake);
	rig_close(&rig);
}

static void sequence_numbers_have_their_defaults(void **state)
{
	struct rig rig;
	struct adit_sa out = rig_sa(ADIT_DIR_OUT, 0x1000), in = rig_sa(ADIT_DIR_IN, 0x1001);

	(void)state;
	NEEDS_FAKE();
	rig = rig_open(NULL);
	assert_int_equal(adit_sa_add_wait(rig.card, 0, &out), 0);
	assert_int_equal(adit_sa_add_wait(rig.card, 1, &in), 0);
	fake_lock(rig.fake);
	assert_int_equal(le64toh(rig.fake->sa[0].seq_first), 1);	/* RFC 4303 §2.2 */
	assert_int_equal(le64toh(rig.fake->sa[0].seq_lease), 0xffffffff);
	assert_int_equal(le64toh(rig.fake->sa[1].seq_first), 0);
	assert_int_equal(le16toh(rig.fake->sa[1].replay_packets), 64);
	fake_unlock(rig.fake);
	rig_close(&rig);
}

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
		struct rig rig = { .fake = fake_open() };
		struct adit_sa sa = rig_sa(ADIT_DIR_OUT, 0x1000);
		uint8_t inner[64], digest[64], expected[64];
		char why[400];

		rig.fake->auth_mask = 0x7f;
		assert_int_equal(rig_try(rig.fake, &rig.card, why, sizeof(why)), 0);
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

static void an_update_carries_no_key(void **state)
{
	struct rig rig;
	struct adit_sa sa = rig_sa(ADIT_DIR_OUT, 0x1000);

	(void)state;
	NEEDS_FAKE();
	rig = rig_open(NULL);
	assert_int_equal(adit_sa_add_wait(rig.card, 9, &sa), 0);
	sa.ttl = 17;
	fake_set_sin(rig.fake, CARD_SILENT);
	assert_int_equal(adit_sa_update(rig.card, 9, &sa, NULL, NULL), 0);
	assert_false(fake_memory_has(rig.fake, sa.enc_key, 16));
	fake_set_sin(rig.fake, CARD_GOOD);
	assert_int_equal(adit_sa_update_wait(rig.card, 9, &sa), 0);
	fake_lock(rig.fake);
	assert_int_equal(rig.fake->sa[9].ttl, 17);
	assert_memory_equal(rig.fake->sa[9].enc_key, sa.enc_key, 16);
	fake_unlock(rig.fake);
	rig_close(&rig);
}

static void an_sa_lives_from_add_to_delete(void **state)
{
	struct rig rig = rig_open(NULL);
	struct adit_sa sa = rig_sa(ADIT_DIR_IN, 0xabcd);
	struct adit_sa_state got;

	(void)state;
	assert_int_equal(adit_sa_query_wait(rig.card, 77, &got), -ENOENT);
	assert_int_equal(adit_sa_add_wait(rig.card, 77, &sa), 0);
	assert_int_equal(adit_sa_query_wait(rig.card, 77, &got), 0);
	assert_int_equal(got.spi, 0xabcd);
	assert_int_equal(got.reqid, 7);
	assert_int_equal(got.dir, ADIT_DIR_IN);
	assert_int_equal(got.proto, ADIT_PROTO_ESP);
	assert_int_equal(got.mode, ADIT_MODE_TUNNEL);
	assert_int_equal(got.enc, ADIT_ENC_AES_CBC_128);
	assert_int_equal(got.auth, ADIT_AUTH_HMAC_SHA1_96);
	assert_int_equal(got.packets, 0);
	assert_int_equal(adit_sa_add_wait(rig.card, 77, &sa), -EEXIST);
	assert_int_equal(adit_sa_delete_wait(rig.card, 77), 0);
	assert_int_equal(adit_sa_delete_wait(rig.card, 77), -ENOENT);
	assert_int_equal(adit_sa_query_wait(rig.card, 77, &got), -ENOENT);
	rig_close(&rig);
}

static void a_flush_removes_what_it_names(void **state)
{
	struct rig rig = rig_open(NULL);
	struct adit_sa_state got;

	(void)state;
	for (uint16_t i = 0; i < 20; i++) {
		struct adit_sa sa = rig_sa(i % 2 ? ADIT_DIR_IN : ADIT_DIR_OUT, 0x2000u + i);

		assert_int_equal(adit_sa_add_wait(rig.card, i, &sa), 0);
	}
	assert_int_equal(adit_sa_flush_wait(rig.card, false, false), -EINVAL);
	assert_int_equal(adit_sa_flush_wait(rig.card, false, true), 0);
	assert_int_equal(adit_sa_query_wait(rig.card, 19, &got), 0);
	assert_int_equal(adit_sa_flush_wait(rig.card, true, false), 0);
	for (uint16_t i = 0; i < 20; i++)
		assert_int_equal(adit_sa_query_wait(rig.card, i, &got), -ENOENT);
	rig_close(&rig);
}

static void every_slot_can_be_filled(void **state)
{
	struct rig rig = rig_open(NULL);
	const uint32_t n_slots = adit_card_caps(rig.card)->sa_slots;
	struct tally tally = { 0 };
	struct adit_sa sa = rig_sa(ADIT_DIR_IN, 0x1000);

	(void)state;
	for (uint32_t slot = 0; slot < n_slots;) {
		sa.spi = 0x10000 + slot;
		int error = adit_sa_add(rig.card, (uint16_t)slot, &sa, tally_done, &tally);

		if (error == 0) {
			slot++;
			continue;
		}
		assert_int_equal(error, -EAGAIN);
		assert_true(rig_poll(rig.card, 1) >= 0);
	}
	assert_int_equal(rig_poll_until(rig.card, &tally.n, n_slots), 0);
	assert_int_equal(tally.n_failed, 0);
	assert_int_equal(adit_sa_add(rig.card, (uint16_t)n_slots, &sa, tally_done, &tally), -EINVAL);
	assert_int_equal(adit_sa_flush_wait(rig.card, true, true), 0);
	rig_close(&rig);
}

static void what_the_card_lacks_is_refused_by_name(void **state)
{
	struct rig rig;
	struct adit_sa sa;

	(void)state;
	NEEDS_FAKE();
	rig = rig_open(NULL);
#define REFUSED(change, word) do {								\
		sa = rig_sa(ADIT_DIR_IN, 0x1000);						\
		change;										\
		assert_int_equal(adit_sa_check(rig.card, &sa), -EOPNOTSUPP);			\
		assert_int_equal(adit_sa_add(rig.card, 0, &sa, NULL, NULL), -EOPNOTSUPP);	\
		assert_non_null(strstr(adit_card_strerror(rig.card), word));			\
	} while (0)
	REFUSED(sa.enc = ADIT_ENC_DES3_CBC, "3des");
	REFUSED(sa.enc = ADIT_ENC_CAMELLIA_CBC_256, "camellia-256");
	REFUSED((sa.auth = ADIT_AUTH_HMAC_SHA256_128, sa.auth_key_bytes = 32), "sha256");
	REFUSED((sa.proto = ADIT_PROTO_AH, sa.enc = ADIT_ENC_NULL), "AH");
	REFUSED(sa.esn = true, "ESN");
	REFUSED((sa.udp_encap = true, sa.natt_sport = sa.natt_dport = 4500), "NAT_T");
	REFUSED((sa.src.is_v6 = true, sa.dst.is_v6 = true), "IPV6");
	REFUSED(sa.soft_bytes = 1, "LIFETIME_BYTES");
	REFUSED(sa.hard_bytes = 1, "LIFETIME_BYTES");
	REFUSED(sa.hard_packets = 1, "LIFETIME_PACKETS");
	REFUSED(sa.soft_seconds = 1, "LIFETIME_SECONDS");
	REFUSED(sa.replay_packets = 65, "64 packets");
#undef REFUSED
	fake_lock(rig.fake);
	assert_int_equal(rig.fake->n_commands, 0);
	fake_unlock(rig.fake);
	rig_close(&rig);
}

static void what_makes_no_sense_is_refused(void **state)
{
	struct rig rig = rig_open(NULL);
	struct adit_sa sa;

	(void)state;
#define REFUSED(change, word) do {								\
		sa = rig_sa(ADIT_DIR_OUT, 0x1000);						\
		change;										\
		assert_int_equal(adit_sa_check(rig.card, &sa), -EINVAL);			\
		assert_non_null(strstr(adit_card_strerror(rig.card), word));			\
	} while (0)
	REFUSED(sa.spi = 255, "SPI 255");
	REFUSED(sa.spi = 0, "SPI 0");
	REFUSED(sa.dir = (enum adit_dir)2, "direction 2");
	REFUSED(sa.proto = (enum adit_proto)49, "protocol 49");
	REFUSED(sa.mode = (enum adit_mode)2, "mode 2");
	REFUSED(sa.enc = (enum adit_enc)200, "cipher 200");
	REFUSED(sa.auth = (enum adit_auth)200, "algorithm 200");
	REFUSED(sa.auth_key_bytes = 19, "20 bytes, not 19");
	REFUSED((sa.enc = ADIT_ENC_NULL, sa.auth = ADIT_AUTH_NULL, sa.auth_key_bytes = 0), "RFC 4303");
	REFUSED(sa.dst.is_v6 = true, "IP versions");
	REFUSED((sa.set_df = true, sa.clear_df = true), "DF");
	REFUSED(sa.dscp = 64, "DSCP 64");
	REFUSED((sa.seq_first = 10, sa.seq_lease = 9), "beyond the last");
	REFUSED(sa.seq_lease = 0x100000000, "ESN");
	REFUSED((sa.dir = ADIT_DIR_IN, sa.replay_packets = 31), "not 31");
	REFUSED(sa.proto = ADIT_PROTO_AH, "AH");
#undef REFUSED
	sa = rig_sa(ADIT_DIR_OUT, 256);
	assert_int_equal(adit_sa_check(rig.card, &sa), 0);
	rig_close(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_record_is_as_the_contract_says),
		TEST(sequence_numbers_have_their_defaults),
		TEST(the_stored_hash_states_make_an_hmac),
		TEST(every_hash_has_states_that_make_its_hmac),
		TEST(no_key_stays_in_shared_memory),
		TEST(an_update_carries_no_key),
		TEST(an_sa_lives_from_add_to_delete),
		TEST(a_flush_removes_what_it_names),
		TEST(every_slot_can_be_filled),
		TEST(what_the_card_lacks_is_refused_by_name),
		TEST(what_makes_no_sense_is_refused),
	};

	return cmocka_run_group_tests_name("driver/sa", tests, NULL, NULL);
}
