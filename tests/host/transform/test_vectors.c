// SPDX-License-Identifier: BSD-2-Clause-Patent
/* golden's algorithms against the standards' own numbers: what ESP carries is opened, and each ICV is the one printed. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "transform/ipv4.h"
#include "transform/suite.h"

enum { ROOM = 256 };
#define N(table) (sizeof(table) / sizeof((table)[0]))

static size_t unhex(const char *text, uint8_t *out)
{
	size_t n = 0;
	unsigned byte;

	for (; *text != '\0'; text += *text == ' ' ? 1 : 2)
		if (*text != ' ') {
			assert_int_equal(sscanf(text, "%2x", &byte), 1);
			out[n++] = (uint8_t)byte;
		}
	return n;
}

/* IV and ciphertext as the standard prints them, opened as an ESP packet without ICV. */
static const struct block_vector {
	const char *what;
	enum adit_enc enc;
	const char *key, *salt, *iv, *plain, *sealed;
} blocks[] = {
	{ "RFC 3602 §4 case 1", ADIT_ENC_AES_CBC_128, "06a9214036b8a15b512e03d534120006", "", "3dafba429d9eb430b422da802c9fac41",
	  "53696e676c6520626c6f636b206d7367", "e353779c1079aeb82708942dbe77181a" },
	{ "RFC 3602 §4 case 2", ADIT_ENC_AES_CBC_128, "c286696d887c9aa0611bbb3e2025a45a", "", "562e17996d093d28ddb3ba695a2e6f58",
	  "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
	  "d296cd94c2cccf8a3a863028b5e1dc0a7586602d253cfff91b8266bea6d61ab1" },
	{ "SP 800-38A F.2.3", ADIT_ENC_AES_CBC_192, "8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b", "",
	  "000102030405060708090a0b0c0d0e0f", "6bc1bee22e409f96e93d7e117393172a", "4f021db243bc633d7178183a9fa071e8" },
	{ "SP 800-38A F.2.5", ADIT_ENC_AES_CBC_256, "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4", "",
	  "000102030405060708090a0b0c0d0e0f", "6bc1bee22e409f96e93d7e117393172a", "f58c4c04d6e5f1ba779eabfb5f7bfbd6" },
	{ "RFC 3686 §6 vector 1", ADIT_ENC_AES_CTR_128, "ae6852f8121067cc4bf7a5765577f39e", "00000030", "0000000000000000",
	  "53696e676c6520626c6f636b206d7367", "e4095d4fb7a7b3792d6175a3261311b8" },
	{ "RFC 3686 §6 vector 2", ADIT_ENC_AES_CTR_128, "7e24067817fae0d743d6ce1f32539163", "006cb6db", "c0543b59da48d90b",
	  "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
	  "5104a106168a72d9790d41ee8edad388eb2e1efc46da57c8fce630df9141be28" },
	{ "RFC 3686 §6 vector 3", ADIT_ENC_AES_CTR_128, "7691be035e5020a8ac6e618529f9a0dc", "00e0017b", "27777f3f4a1786f0",
	  "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20212223",
	  "c1cf48a89f2ffdd9cf4652e9efdb72d74540a42bde6d7836d59a5ceaaef3105325b2072f" },
	{ "RFC 3686 §6 vector 4", ADIT_ENC_AES_CTR_192, "16af5b145fc9f579c175f93e3bfb0eed863d06ccfdb78515", "00000048",
	  "36733c147d6d93cb", "53696e676c6520626c6f636b206d7367", "4b55384fe259c9c84e7935a003cbe928" },
	{ "RFC 3686 §6 vector 7", ADIT_ENC_AES_CTR_256, "776beff2851db06f4c8a0542c8696f6c6a81af1eec96b4d37fc1d689e6c1c104", "00000060",
	  "db5672c97aa8f0b2", "53696e676c6520626c6f636b206d7367", "145ad01dbf824ec7560863dc71e3e0c0" },
	{ "FIPS 81 table C1", ADIT_ENC_DES_CBC, "0123456789abcdef", "", "1234567890abcdef",
	  "4e6f77206973207468652074696d6520666f7220616c6c20", "e5c7cdde872bf27c43e934008c389c0f683788499a7c05f6" },
	{ "SP 800-67 example, CBC", ADIT_ENC_DES3_CBC, "0123456789abcdef23456789abcdef01456789abcdef0123", "", "f69f2445df4f9b17",
	  "6bc1bee22e409f96e93d7e117393172a", "2079c3d53aa763e193b79e2569ab5262" },
	{ "Blowfish CBC (Young)", ADIT_ENC_BLOWFISH_CBC, "0123456789abcdeff0e1d2c3b4a59687", "", "fedcba9876543210",
	  "37363534333231204e6f77206973207468652074696d6520666f722000000000",
	  "6b77b4d63006dee605b156e27403979358deb9e7154616d959f1652bd5ff92cc" },
	{ "Twofish, known answer 1", ADIT_ENC_TWOFISH_CBC, "00000000000000000000000000000000", "", "00000000000000000000000000000000",
	  "00000000000000000000000000000000", "9f589f5cf6122c32b6bfec2f2ae8c35a" },
	{ "Twofish, known answer 2", ADIT_ENC_TWOFISH_CBC, "00000000000000000000000000000000", "", "00000000000000000000000000000000",
	  "9f589f5cf6122c32b6bfec2f2ae8c35a", "d491db16e7b1c39e86cb086b789f5419" },
	{ "RFC 3713 appendix A, 128", ADIT_ENC_CAMELLIA_CBC_128, "0123456789abcdeffedcba9876543210", "", "00000000000000000000000000000000",
	  "0123456789abcdeffedcba9876543210", "67673138549669730857065648eabe43" },
	{ "RFC 3713 appendix A, 192", ADIT_ENC_CAMELLIA_CBC_192, "0123456789abcdeffedcba98765432100011223344556677", "",
	  "00000000000000000000000000000000", "0123456789abcdeffedcba9876543210", "b4993401b3e996f84ee5cee7d79b09b9" },
	{ "RFC 3713 appendix A, 256", ADIT_ENC_CAMELLIA_CBC_256, "0123456789abcdeffedcba987654321000112233445566778899aabbccddeeff", "",
	  "00000000000000000000000000000000", "0123456789abcdeffedcba9876543210", "9acc237dff16d76c20ef7c919e3a7509" },
};

static void each_cipher_opens_what_its_standard_prints(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(blocks); i++) {
		const struct block_vector *v = &blocks[i];
		struct adit_sa sa = { .dir = ADIT_DIR_IN, .proto = ADIT_PROTO_ESP, .enc = v->enc };
		uint8_t esp[ROOM] = { 0 }, want[ROOM], text[ROOM];
		size_t n = 8, want_bytes = unhex(v->plain, want);
		struct suite *s;

		unhex(v->key, sa.enc_key);
		unhex(v->salt, sa.salt);
		n += unhex(v->iv, esp + n);
		n += unhex(v->sealed, esp + n);
		if (suite_open(&sa, &s) != 0)
			fail_msg("%s: refused", v->what);
		assert_int_equal(n - 8 - suite_iv_bytes(s), want_bytes);
		if (suite_open_esp(s, esp, n, 0, false, text) != ADIT_REASON_NONE || memcmp(text, want, want_bytes) != 0)
			fail_msg("%s: differs", v->what);
		suite_close(s);
	}
	printf("%zu cipher vectors\n", N(blocks));
}

/* draft-mcgrew-gcm-test-01, nine of its cases: whole ESP packets of RFC 4106, every key length, with and without ESN. */
static const struct gcm_vector {
	enum adit_enc enc;
	bool esn;
	uint64_t seq;
	const char *key, *salt, *packet, *plain;
} gcms[] = {
	{ ADIT_ENC_AES_GCM_128, true, 0x8765432100000000, "4c80cdefbb5d10da906ac73c3613a634", "2e443b68",
	  "0000432100000000 4956ed7e3b244cfe fecf537e729d5b07dc30df528dd22b768d1b98736696a6fd348509fa13ceac34cfa2436f14a3f3cf65925bf1f4a13c5d"
	  "15b21e1884f5ff6247aeabb786b93bce61bc17d768fd9732459018148f6cbe722fd04796562dfdb4",
	  "45000048699a000080114db7c0a80102c0a801010a9bf15638d301000001000000000000045f736970045f756470037369700963796265726369747902646b00"
	  "0021000101020201" },
	{ ADIT_ENC_AES_GCM_128, false, 0xa, "feffe9928665731c6d6a8f9467308308", "cafebabe",
	  "0000a5f80000000a facedbaddecaf888 deb22cd9b07c72c16e3a65beeb8df304a5a5897d33ae530f1ba76d5d114d2a5c3de81827c10e9a4f51330d0eec416642"
	  "cfbb85a5b47e48a4ec3b9ba95d918bd183b70d3aa8bc6ee4c309e9d85a41ad4a",
	  "4500003e698f000080114dccc0a80102c0a801010a980035002a2343b2d001000001000000000000037369700963796265726369747902646b00000100010001" },
	{ ADIT_ENC_AES_GCM_256, false, 2, "abbccddef00112233445566778899aababbccddef00112233445566778899aab", "11223344",
	  "4a2cbfe300000002 0102030405060708 ff425c9b724599df7a3bcd510194e00d6a78107f1b0b1cbf06efae9d65a5d763748a637985771d347f0545659f14e99d"
	  "ef842d8eb335f4eecfdbf831824b4c4915956c96",
	  "4500003069a6400080062690c0a801029389155e0a9e008b2dc57ee0000000007002400020bf0000020405b40101040201020201" },
	{ ADIT_ENC_AES_GCM_128, false, 1, "00000000000000000000000000000000", "00000000",
	  "0000000000000001 0000000000000000 4688daf2f973a392732909c331d56d60f694abaa414b5e7ff5fdcdfff5e9a284456476492719ffb64de7d9dca1e1d894"
	  "bc3bd57873ed4d181d19d4d5c8c18af3f821d496eeb096e98ad2b69e4799c71d",
	  "4500003c99c500008001cb7a40679318010101010800075c020044006162636465666768696a6b6c6d6e6f7071727374757677616263646566676869"
	  "01020201" },
	{ ADIT_ENC_AES_GCM_128, true, 0x1010101010101010, "3de09874b388e6491988d0c3607eae1f", "57690e43",
	  "42f67e3f10101010 4e280000a2fca1a3 fba2ca845e5df9f0f22c3e6e86dd831e1fc65792cd1af9130e1379ed369f071f35e034be95f112e4e7d05d35",
	  "4500001c42a200008001441f406793b6e00000020a00f5ff01020201" },
	{ ADIT_ENC_AES_GCM_192, false, 0xa, "feffe9928665731c6d6a8f9467308308feffe9928665731c", "cafebabe",
	  "0000a5f80000000a facedbaddecaf888 a5b1f8066029aea40e598b8122de02420938b3ab33f828e687b8858b5bfbdbd0315b27452144cc77"
	  "95457b9652037f5318027b5b4cd7a636",
	  "45000028a4ad4000400678800a01038f0a010612802306b8cb712602dd6bb03e501016d075680001" },
	{ ADIT_ENC_AES_GCM_256, true, 0x156f3126dd0db99b, "abbccddef00112233445566778899aababbccddef00112233445566778899aab", "73616c74",
	  "17405e67dd0db99b 616e640169766563 f2d69ecdbd5a0d5b8d5ef38bad4da58d1f278fde98ef67549d524a3018d9a57ff4d3a31ce673119e"
	  "451626c2415771e3b7eebca614c89b35",
	  "45080028732c00004006e9f90a0106120a01038f06b88023dd6bafbecb71260250101f646d540001" },
	{ ADIT_ENC_AES_GCM_128, false, 0xffffffff, "7d773d00c144c525ac619d18c84a3f47", "d9664267",
	  "335467aeffffffff 43457e9182443bc6 437f866bcb3f699fe9b0822bac961c4504bef270", "01020201" },
	{ ADIT_ENC_AES_GCM_256, true, 0xffffffffffffffff, "6c6567616c697a656d6172696a75616e61616e64646f69746265666f72656961", "7475726e",
	  "796b6963ffffffff 333021696765746d f97ab2aa356d8edce17644ac8c78e25dd24dedbb29ebf1b64a274b39b49c3a864cd3d78ca4ae68a32b42458fb57dbe82"
	  "1dcc63b9d0937ba2945f669368661a329fb4c053",
	  "45000030da3a00008001df3bc0a80005c0a800010800c6cd020007006162636465666768696a6b6c6d6e6f707172737401020201" },
};

static void the_gcm_esp_packets_open_and_none_with_a_bit_changed(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(gcms); i++)
		for (unsigned icv_bytes = 8; icv_bytes <= 16; icv_bytes += 4) {	/* RFC 4106 §6: a shorter ICV is the beginning */
			const struct gcm_vector *v = &gcms[i];
			struct adit_sa sa = { .dir = ADIT_DIR_IN, .proto = ADIT_PROTO_ESP, .enc = v->enc, .esn = v->esn,
					      .icv_bytes = (uint8_t)icv_bytes };
			uint8_t packet[ROOM], want[ROOM], text[ROOM];
			size_t n = unhex(v->packet, packet) - 16, want_bytes = unhex(v->plain, want);
			struct suite *s;

			unhex(v->key, sa.enc_key);
			unhex(v->salt, sa.salt);
			assert_int_equal(suite_open(&sa, &s), 0);
			assert_int_equal(n - 16, want_bytes);
			assert_int_equal(suite_open_esp(s, packet, n, v->seq, v->esn, text), ADIT_REASON_NONE);
			assert_memory_equal(text, want, want_bytes);
			for (size_t bit = 0; bit < 8 * (n + icv_bytes); bit++) {
				packet[bit / 8] ^= (uint8_t)(1u << bit % 8);
				assert_int_equal(suite_open_esp(s, packet, n, v->seq, v->esn, text), ADIT_REASON_XfrmInStateProtoError);
				packet[bit / 8] ^= (uint8_t)(1u << bit % 8);
			}
			if (v->esn)
				assert_int_equal(suite_open_esp(s, packet, n, v->seq ^ UINT64_C(1) << 32, true, text), ADIT_REASON_XfrmInStateProtoError);
			suite_close(s);
		}
	printf("%zu GCM packets, each with three lengths of ICV\n", N(gcms));
}

/* The same draft's packet for ENCR_NULL_AUTH_AES_GMAC: the IV is authenticated too (RFC 4543 erratum 1821). */
static void the_gmac_esp_packet_opens(void **state)
{
	struct adit_sa sa = { .dir = ADIT_DIR_IN, .proto = ADIT_PROTO_ESP, .auth = ADIT_AUTH_AES_GMAC_128, .auth_key_bytes = 16 };
	uint8_t packet[ROOM], text[ROOM];
	size_t n = unhex("0000432100000007 0000000000000000 45000030da3a00008001df3bc0a80005c0a800010800c6cd02000700616263646566676869"
			 "6a6b6c6d6e6f707172737401020201 f2a9a836e155106aa8dcd618e4099aaa", packet) - 16;
	struct suite *s;

	(void)state;
	unhex("4c80cdefbb5d10da906ac73c3613a634", sa.auth_key);
	unhex("22433c64", sa.salt);
	assert_int_equal(suite_open(&sa, &s), 0);
	assert_int_equal(suite_open_esp(s, packet, n, 7, false, text), ADIT_REASON_NONE);
	assert_memory_equal(text, packet + 16, n - 16);
	for (size_t bit = 0; bit < 8 * (n + 16); bit++) {
		packet[bit / 8] ^= (uint8_t)(1u << bit % 8);
		assert_int_equal(suite_open_esp(s, packet, n, 7, false, text), ADIT_REASON_XfrmInStateProtoError);
		packet[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	suite_close(s);
}

/* RFC 2202 §2, §3 (keys of RFC 2403, 2404) and RFC 4868 §2.7.2: the ICV is the digest's beginning. */
static const struct mac_vector {
	enum adit_auth auth;
	uint8_t key_byte, key_bytes;
	const char *text, *digest;
} macs[] = {
	{ ADIT_AUTH_HMAC_MD5_96, 0x0b, 16, "Hi There", "9294727a3638bb1c13f48ef8158bfc9d" },
	{ ADIT_AUTH_HMAC_MD5_96, 0x0c, 16, "Test With Truncation", "56461ef2342edc00f9bab995690efd4c" },
	{ ADIT_AUTH_HMAC_SHA1_96, 0x0b, 20, "Hi There", "b617318655057264e28bc0b6fb378c8ef146be00" },
	{ ADIT_AUTH_HMAC_SHA1_96, 0x0c, 20, "Test With Truncation", "4c1a03424b55e07fe7f27be1d58bb9324a9a5a04" },
	{ ADIT_AUTH_HMAC_SHA256_128, 0x0b, 32, "Hi There", "198a607eb44bfbc69903a0f1cf2bbdc5ba0aa3f3d9ae3c1c7a3b1696a0b68cf7" },
	{ ADIT_AUTH_HMAC_SHA384_192, 0x0b, 48, "Hi There", "b6a8d5636f5c6a7224f9977dcf7ee6c7fb6d0c48cbdee973" },
	{ ADIT_AUTH_HMAC_SHA512_256, 0x0b, 64, "Hi There", "637edc6e01dce7e6742a99451aae82df23da3e92439e590e43e761b33e910fb8" },
};

static void each_icv_is_the_beginning_of_its_hmac(void **state)
{
	static const size_t icv_bytes[] = { [ADIT_AUTH_HMAC_MD5_96] = 12, [ADIT_AUTH_HMAC_SHA1_96] = 12, [ADIT_AUTH_HMAC_SHA256_128] = 16,
					    [ADIT_AUTH_HMAC_SHA384_192] = 24, [ADIT_AUTH_HMAC_SHA512_256] = 32 };

	(void)state;
	for (size_t i = 0; i < N(macs); i++) {
		const struct mac_vector *v = &macs[i];
		struct adit_sa sa = { .dir = ADIT_DIR_IN, .proto = ADIT_PROTO_AH, .auth = v->auth, .auth_key_bytes = v->key_bytes };
		uint8_t want[ROOM], icv[SUITE_MAX_ICV_BYTES];
		size_t text_bytes = strlen(v->text);
		struct suite *s;

		unhex(v->digest, want);
		memset(sa.auth_key, v->key_byte, v->key_bytes);
		assert_int_equal(suite_open(&sa, &s), 0);
		assert_int_equal(suite_icv_bytes(s), icv_bytes[v->auth]);
		for (size_t cut = 0; cut <= text_bytes; cut++) {	/* however the text comes in pieces */
			struct suite_piece pieces[2] = { { (const uint8_t *)v->text, cut }, { (const uint8_t *)v->text + cut, text_bytes - cut } };

			assert_true(suite_mac(s, pieces, 2, icv));
			assert_memory_equal(icv, want, icv_bytes[v->auth]);
		}
		suite_close(s);
	}
	printf("%zu HMAC vectors\n", N(macs));
}

static void what_makes_no_sense_is_refused(void **state)
{
	static const struct { int err; struct adit_sa sa; } cases[] = {
		{ -EOPNOTSUPP, { .proto = ADIT_PROTO_ESP, .enc = (enum adit_enc)17 } },
		{ -EOPNOTSUPP, { .proto = ADIT_PROTO_ESP, .auth = (enum adit_auth)9 } },
		{ -EINVAL, { .proto = ADIT_PROTO_ESP, .auth = ADIT_AUTH_HMAC_SHA1_96, .auth_key_bytes = 19 } },
		{ -EINVAL, { .proto = ADIT_PROTO_ESP, .auth_key_bytes = 1 } },
		{ -EINVAL, { .proto = ADIT_PROTO_ESP, .enc = ADIT_ENC_AES_GCM_128, .auth = ADIT_AUTH_HMAC_SHA1_96, .auth_key_bytes = 20 } },
		{ -EINVAL, { .proto = ADIT_PROTO_ESP, .enc = ADIT_ENC_AES_CBC_128, .auth = ADIT_AUTH_AES_GMAC_128, .auth_key_bytes = 16 } },
		{ -EINVAL, { .proto = ADIT_PROTO_ESP, .enc = ADIT_ENC_AES_GCM_128, .icv_bytes = 10 } },
		{ -EINVAL, { .proto = ADIT_PROTO_ESP, .auth = ADIT_AUTH_HMAC_SHA256_128, .auth_key_bytes = 32, .icv_bytes = 12 } },
		{ -EINVAL, { .proto = ADIT_PROTO_AH } },
		{ -EINVAL, { .proto = ADIT_PROTO_AH, .enc = ADIT_ENC_AES_CBC_128, .auth = ADIT_AUTH_HMAC_SHA1_96, .auth_key_bytes = 20 } },
		{ -EOPNOTSUPP, { .proto = ADIT_PROTO_AH, .auth = ADIT_AUTH_AES_GMAC_128, .auth_key_bytes = 16 } },
	};

	(void)state;
	for (size_t i = 0; i < N(cases); i++) {
		struct suite *s = NULL;

		assert_int_equal(suite_open(&cases[i].sa, &s), cases[i].err);
		assert_null(s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_cipher_opens_what_its_standard_prints),
		cmocka_unit_test(the_gcm_esp_packets_open_and_none_with_a_bit_changed),
		cmocka_unit_test(the_gmac_esp_packet_opens),
		cmocka_unit_test(each_icv_is_the_beginning_of_its_hmac),
		cmocka_unit_test(what_makes_no_sense_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
