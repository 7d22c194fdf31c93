// SPDX-License-Identifier: BSD-2-Clause-Patent
/* golden against RFC 3602's ESP packets, against itself, and against packets that lie. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "transform/golden.h"
#include "transform/golden_card.h"
#include "transform/ipv4.h"

enum { L2 = 14, ROOM = GOLDEN_MAX_FRAME_BYTES };

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

static struct adit_addr v4(const char *hex)
{
	struct adit_addr a = { 0 };

	unhex(hex, a.bytes);
	return a;
}

static size_t frame_of(const char *ip_hex, uint8_t *frame)
{
	static const uint8_t l2[L2] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x08, 0x00 };

	memcpy(frame, l2, L2);
	return L2 + unhex(ip_hex, frame + L2);
}

/* RFC 3602 §4, cases 5 to 8: whole ESP packets without ICV. */
static const struct rfc3602 {
	enum adit_mode mode;
	const char *key, *spi_src_dst[2];
	uint32_t spi;
	const char *sealed, *opened;
} rfc3602[] = {
	{ ADIT_MODE_TRANSPORT, "90d382b4 10eeba7a d938c46c ec1a82bf", { "c0a87b03", "c0a87b64" }, 0x4321,
	  "4500007c 08f20000 4032f9a5 c0a87b03 c0a87b64 00004321 00000001 e96e8c08 ab465763 fd098d45 dd3ff893"
	  "f663c25d 325c18c6 a9453e19 4e120849 a4870b66 cc6b9965 330013b4 898dc856 a4699e52 3a55db08 0b59ec3a 8e4b7e52"
	  "775b07d1 db34ed9c 538ab50c 551b874a a269add0 47ad2d59 13ac19b7 cfbad4a6",
	  "45000054 08f20000 4001f9fe c0a87b03 c0a87b64 08000ebd a70a0000 8e9c083d b95b0700 08090a0b 0c0d0e0f 10111213"
	  "14151617 18191a1b 1c1d1e1f 20212223 24252627 28292a2b 2c2d2e2f 30313233 34353637" },
	{ ADIT_MODE_TRANSPORT, "90d382b4 10eeba7a d938c46c ec1a82bf", { "c0a87b03", "c0a87b64" }, 0x4321,
	  "4500004c 08fe0000 4032f9c9 c0a87b03 c0a87b64 00004321 00000008 69d08df7 d203329d b093fc49 24e5bd80"
	  "f5199588 1ec4e0c4 488987ce 742e8109 689bb379 d2d750c0 d915dca3 46a89f75",
	  "45000030 08fe0000 4001fa16 c0a87b03 c0a87b64 0800b5e8 a80a0500 a69c083d 0b660e00 77777777 77777777 77777777" },
	{ ADIT_MODE_TUNNEL, "01234567 89abcdef 01234567 89abcdef", { "c0a87b03", "c0a87bc8" }, 0x8765,
	  "4500008c 09050000 4032f91e c0a87b03 c0a87bc8 00008765 00000002 f4e76524 4f6407ad f13dc138 0f673f37"
	  "773b5241 a4c44922 5e4f3ce5 ed611b0c 237ca96c f74a9301 3c1b0ea1 a0cf70f8 e4ecaec7 8ac53aad 7a0f022b 859243c6"
	  "47752e94 a859352b 8a4d4d2d ecd136e5 c177f132 ad3fbfb2 201ac990 4c74ee0a 109e0ca1 e4dfe9d5 a100b842 f1c22f0d",
	  "45000054 09040000 4001f988 c0a87b03 c0a87bc8 08009f76 a90a0100 b49c083d 02a20400 08090a0b 0c0d0e0f 10111213"
	  "14151617 18191a1b 1c1d1e1f 20212223 24252627 28292a2b 2c2d2e2f 30313233 34353637" },
	{ ADIT_MODE_TUNNEL, "01234567 89abcdef 01234567 89abcdef", { "c0a87b03", "c0a87bc8" }, 0x8765,
	  "4500007c 090d0000 4032f926 c0a87b03 c0a87bc8 00008765 00000005 85d47224 b5f3dd5d 2101d4ea 8dffab22"
	  "15b92683 819596a8 047232cc 00f7048f e45318e1 1f8a0f62 ede3c3fc 61203bb5 0f980a08 c9843fd3 a1b06d5c 07ff9639"
	  "b7eb7dfb 3512e5de 435e7207 ed971ef3 d2726d9b 5ef6affc 6d17a0de cbb13892",
	  "45000044 090c0000 4001f990 c0a87b03 c0a87bc8 0800d63c aa0a0200 c69c083d a3de0300 ffffffff ffffffff ffffffff"
	  "ffffffff ffffffff ffffffff ffffffff ffffffff" },
};

static void the_esp_packets_of_rfc_3602_open(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rfc3602) / sizeof(rfc3602[0]); i++) {
		const struct rfc3602 *c = &rfc3602[i];
		struct adit_sa sa = { .spi = c->spi, .dir = ADIT_DIR_IN, .proto = ADIT_PROTO_ESP, .mode = c->mode,
				      .enc = ADIT_ENC_AES_CBC_128, .auth = ADIT_AUTH_NULL,
				      .src = v4(c->spi_src_dst[0]), .dst = v4(c->spi_src_dst[1]) };
		uint8_t sealed[ROOM], opened[ROOM], out[ROOM];
		size_t sealed_bytes = frame_of(c->sealed, sealed), opened_bytes = frame_of(c->opened, opened), out_bytes = 0;
		struct golden_sa *g;

		unhex(c->key, sa.enc_key);
		assert_int_equal(golden_sa_open(&sa, &g), 0);
		assert_int_equal(golden_open(g, sealed, sealed_bytes, L2, 0, out, ROOM, &out_bytes), ADIT_REASON_NONE);
		assert_int_equal(out_bytes, opened_bytes);
		assert_memory_equal(out, opened, opened_bytes);
		golden_sa_close(g);
	}
}

/* RFC 2202 case 5, "Test With Truncation", read as ESP: SPI "Test", number " Wit", text "h Truncation" without cipher. */
static void an_icv_of_rfc_2202_holds_and_no_other_does(void **state)
{
	struct adit_sa sa = { .spi = 0x54657374, .dir = ADIT_DIR_IN, .proto = ADIT_PROTO_ESP, .mode = ADIT_MODE_TUNNEL,
			      .enc = ADIT_ENC_NULL, .auth = ADIT_AUTH_HMAC_SHA1_96, .auth_key_bytes = 20 };
	static const char text[20] = "Test With Truncation";	/* without its end */
	uint8_t frame[ROOM], out[ROOM];
	size_t n = frame_of("45000034 00000000 40320000 c6336401 c0000201", frame), out_bytes = 0;
	struct golden_sa *g;

	(void)state;
	memset(sa.auth_key, 0x0c, 20);
	memcpy(frame + n, text, sizeof(text));
	n += sizeof(text) + unhex("4c1a0342 4b55e07f e7f27be1", frame + n + sizeof(text));
	assert_int_equal(golden_sa_open(&sa, &g), 0);
	/* the ICV holds: what is refused is the padding, 'o' bytes of it */
	assert_int_equal(golden_open(g, frame, n, L2, 0, out, ROOM, &out_bytes), ADIT_REASON_InPadding);
	for (size_t i = n - 12; i < n; i++) {
		frame[i] ^= 0x10;
		assert_int_equal(golden_open(g, frame, n, L2, 0, out, ROOM, &out_bytes), ADIT_REASON_XfrmInStateProtoError);
		frame[i] ^= 0x10;
	}
	golden_sa_close(g);
}

static struct adit_sa pair_sa(enum adit_dir dir, enum adit_mode mode, enum adit_enc enc, enum adit_auth auth)
{
	struct adit_sa sa = { .spi = 0x1001, .dir = dir, .proto = ADIT_PROTO_ESP, .mode = mode, .enc = enc, .auth = auth,
			      .src = v4("c0000201"), .dst = v4("c6336401"), .reqid = 1, .replay_packets = 64 };

	for (unsigned i = 0; i < sizeof(sa.enc_key); i++)
		sa.enc_key[i] = (uint8_t)(i * 7 + 1);
	for (unsigned i = 0; i < 20; i++)
		sa.auth_key[i] = (uint8_t)(i * 3 + 5);
	sa.auth_key_bytes = auth == ADIT_AUTH_NULL ? 0 : 20;
	return sa;
}

/* A UDP packet of payload_bytes between the pair's ends (transport) or between two hosts behind them. */
static size_t udp_frame(bool between_ends, size_t payload_bytes, uint8_t *frame)
{
	size_t ip_bytes = 28 + payload_bytes, n = frame_of("45000000 00000000 40110000 0a01ca02 0a016502 30390035", frame);
	uint8_t *ip = frame + L2;

	if (between_ends)
		unhex("c0000201 c6336401", ip + 12);
	ipv4_put16(ip + 2, (uint16_t)ip_bytes);
	ipv4_set_checksum(ip);
	for (size_t i = n; i < L2 + ip_bytes; i++)
		frame[i] = (uint8_t)(i * 31);
	return L2 + ip_bytes;
}

static const struct suite { enum adit_enc enc; enum adit_auth auth; } suites[] = {
	{ ADIT_ENC_AES_CBC_128, ADIT_AUTH_HMAC_SHA1_96 }, { ADIT_ENC_AES_CBC_192, ADIT_AUTH_HMAC_SHA1_96 },
	{ ADIT_ENC_AES_CBC_256, ADIT_AUTH_HMAC_SHA1_96 }, { ADIT_ENC_NULL, ADIT_AUTH_HMAC_SHA1_96 },
	{ ADIT_ENC_AES_CBC_128, ADIT_AUTH_NULL },
};

static void what_is_sealed_opens_to_the_same_bytes(void **state)
{
	(void)state;
	for (size_t s = 0; s < sizeof(suites) / sizeof(suites[0]); s++)
		for (int mode = ADIT_MODE_TRANSPORT; mode <= ADIT_MODE_TUNNEL; mode++)
			for (size_t n = 1; n < 9000; n = n < 80 ? n + 1 : n * 2 + 1) {
				struct adit_sa out_sa = pair_sa(ADIT_DIR_OUT, (enum adit_mode)mode, suites[s].enc, suites[s].auth);
				struct adit_sa in_sa = pair_sa(ADIT_DIR_IN, (enum adit_mode)mode, suites[s].enc, suites[s].auth);
				uint8_t plain[ROOM], sealed[ROOM], opened[ROOM];
				size_t plain_bytes = udp_frame(mode == ADIT_MODE_TRANSPORT, n, plain), sealed_bytes = 0, opened_bytes = 0;
				struct golden_sa *a, *b;

				assert_int_equal(golden_sa_open(&out_sa, &a), 0);
				assert_int_equal(golden_sa_open(&in_sa, &b), 0);
				assert_int_equal(golden_seal(a, plain, plain_bytes, L2, 77, sealed, ROOM, &sealed_bytes), ADIT_REASON_NONE);
				assert_true(sealed_bytes > plain_bytes);
				assert_int_equal(golden_open(b, sealed, sealed_bytes, L2, 77, opened, ROOM, &opened_bytes), ADIT_REASON_NONE);
				assert_int_equal(opened_bytes, plain_bytes);
				assert_memory_equal(opened, plain, plain_bytes);
				golden_sa_close(a);
				golden_sa_close(b);
			}
}

static void each_flipped_bit_behind_the_ip_header_is_refused_with_a_reason(void **state)
{
	struct adit_sa out_sa = pair_sa(ADIT_DIR_OUT, ADIT_MODE_TUNNEL, ADIT_ENC_AES_CBC_128, ADIT_AUTH_HMAC_SHA1_96);
	struct adit_sa in_sa = pair_sa(ADIT_DIR_IN, ADIT_MODE_TUNNEL, ADIT_ENC_AES_CBC_128, ADIT_AUTH_HMAC_SHA1_96);
	uint8_t plain[ROOM], sealed[ROOM], out[ROOM];
	size_t plain_bytes = udp_frame(false, 30, plain), sealed_bytes = 0, out_bytes;
	struct golden_sa *a, *b;

	(void)state;
	assert_int_equal(golden_sa_open(&out_sa, &a), 0);
	assert_int_equal(golden_sa_open(&in_sa, &b), 0);
	assert_int_equal(golden_seal(a, plain, plain_bytes, L2, 5, sealed, ROOM, &sealed_bytes), ADIT_REASON_NONE);
	for (size_t i = L2 + 20; i < sealed_bytes; i++)
		for (unsigned bit = 0; bit < 8; bit++) {
			sealed[i] ^= (uint8_t)(1u << bit);
			out_bytes = 0;
			assert_int_equal(golden_open(b, sealed, sealed_bytes, L2, 5, out, ROOM, &out_bytes), ADIT_REASON_XfrmInStateProtoError);
			assert_int_equal(out_bytes, 0);
			sealed[i] ^= (uint8_t)(1u << bit);
		}
	golden_sa_close(a);
	golden_sa_close(b);
}

static void a_sealed_frame_cut_anywhere_is_refused(void **state)
{
	struct adit_sa out_sa = pair_sa(ADIT_DIR_OUT, ADIT_MODE_TUNNEL, ADIT_ENC_AES_CBC_256, ADIT_AUTH_HMAC_SHA1_96);
	struct adit_sa in_sa = pair_sa(ADIT_DIR_IN, ADIT_MODE_TUNNEL, ADIT_ENC_AES_CBC_256, ADIT_AUTH_HMAC_SHA1_96);
	uint8_t plain[ROOM], sealed[ROOM], out[ROOM];
	size_t plain_bytes = udp_frame(false, 100, plain), sealed_bytes = 0, out_bytes = 0;
	struct golden_sa *a, *b;

	(void)state;
	assert_int_equal(golden_sa_open(&out_sa, &a), 0);
	assert_int_equal(golden_sa_open(&in_sa, &b), 0);
	assert_int_equal(golden_seal(a, plain, plain_bytes, L2, 5, sealed, ROOM, &sealed_bytes), ADIT_REASON_NONE);
	for (size_t cut = L2; cut < sealed_bytes; cut++) {
		uint8_t *exact = test_malloc(cut + 1);	/* a read past it is caught by the sanitizer */
		uint8_t header[20];

		memcpy(exact, sealed, cut);
		assert_int_equal(golden_open(b, exact, cut, L2, 5, out, ROOM, &out_bytes), ADIT_REASON_RxIpHeader);
		if (cut >= L2 + 20) {	/* the same cut with an honest length */
			memcpy(header, exact + L2, 20);
			ipv4_put16(exact + L2 + 2, (uint16_t)(cut - L2));
			ipv4_set_checksum(exact + L2);
			assert_int_not_equal(golden_open(b, exact, cut, L2, 5, out, ROOM, &out_bytes), ADIT_REASON_NONE);
		}
		assert_int_equal(out_bytes, 0);
		test_free(exact);
	}
	golden_sa_close(a);
	golden_sa_close(b);
}

/* ---- every kind of SA: cut at each byte, and each bit flipped */

struct kind {
	enum adit_proto proto;
	enum adit_mode mode;
	enum adit_enc enc;
	enum adit_auth auth;
	bool is_v6, esn, natt;	/* is_v6: outside and, in transport mode, inside */
};

static struct adit_sa kind_sa(const struct kind *k, enum adit_dir dir)
{
	static const uint8_t key_bytes[] = { 0, 16, 20, 32, 48, 64, 16, 24, 32 };
	struct adit_sa sa = pair_sa(dir, k->mode, k->enc, k->auth);

	sa.proto = k->proto;
	sa.esn = k->esn;
	sa.udp_encap = k->natt;
	sa.natt_sport = sa.natt_dport = 4500;
	sa.auth_key_bytes = key_bytes[k->auth];
	if (k->is_v6) {
		sa.src = v4("20010db8 00000000 00000000 00000001");
		sa.dst = v4("20010db8 00000000 00000000 00000002");
		sa.src.is_v6 = sa.dst.is_v6 = true;
	}
	return sa;
}

/* Behind two VLAN tags, an IPv4 packet, or in transport mode over IPv6 one with extension headers. */
static size_t kind_frame(const struct kind *k, uint8_t *frame)
{
	uint8_t plain[ROOM];
	size_t n;

	if (k->is_v6 && k->mode == ADIT_MODE_TRANSPORT)
		n = frame_of("60000000 00240040 20010db8 00000000 00000000 00000001 20010db8 00000000 00000000 00000002"
			     "3c000502 00000100 1100 1e01aa 3e01bb 30390035 00140000 01020304 05060708 090a0b0c", plain);
	else
		n = udp_frame(k->mode == ADIT_MODE_TRANSPORT, 25, plain);
	memcpy(frame, plain, 12);
	unhex("88a80005 81000007", frame + 12);
	frame[20] = k->is_v6 && k->mode == ADIT_MODE_TRANSPORT ? 0x86 : 0x08;
	frame[21] = k->is_v6 && k->mode == ADIT_MODE_TRANSPORT ? 0xdd : 0x00;
	memcpy(frame + 22, plain + L2, n - L2);
	return n + 8;
}

static const struct kind kinds[] = {
	{ ADIT_PROTO_ESP, ADIT_MODE_TUNNEL, ADIT_ENC_AES_GCM_256, ADIT_AUTH_NULL, true, true, false },
	{ ADIT_PROTO_ESP, ADIT_MODE_TRANSPORT, ADIT_ENC_AES_GCM_128, ADIT_AUTH_NULL, true, false, false },
	{ ADIT_PROTO_ESP, ADIT_MODE_TUNNEL, ADIT_ENC_NULL, ADIT_AUTH_AES_GMAC_256, false, true, true },
	{ ADIT_PROTO_ESP, ADIT_MODE_TRANSPORT, ADIT_ENC_DES3_CBC, ADIT_AUTH_HMAC_MD5_96, false, false, true },
	{ ADIT_PROTO_ESP, ADIT_MODE_TUNNEL, ADIT_ENC_TWOFISH_CBC, ADIT_AUTH_HMAC_SHA512_256, true, true, true },
	{ ADIT_PROTO_ESP, ADIT_MODE_TRANSPORT, ADIT_ENC_AES_CTR_192, ADIT_AUTH_HMAC_SHA384_192, true, false, false },
	{ ADIT_PROTO_AH, ADIT_MODE_TUNNEL, ADIT_ENC_NULL, ADIT_AUTH_HMAC_SHA1_96, false, true, false },
	{ ADIT_PROTO_AH, ADIT_MODE_TRANSPORT, ADIT_ENC_NULL, ADIT_AUTH_HMAC_SHA256_128, true, false, false },
	{ ADIT_PROTO_AH, ADIT_MODE_TUNNEL, ADIT_ENC_NULL, ADIT_AUTH_HMAC_SHA384_192, true, true, false },
	{ ADIT_PROTO_AH, ADIT_MODE_TRANSPORT, ADIT_ENC_NULL, ADIT_AUTH_HMAC_MD5_96, false, false, false },
};

static void set_honest_length(uint8_t *ip, bool is_v6, size_t n_bytes)
{
	if (is_v6)
		ipv4_put16(ip + 4, (uint16_t)(n_bytes - 40));
	else
		ipv4_put16(ip + 2, (uint16_t)n_bytes);
}

static void every_kind_cut_anywhere_is_refused(void **state)
{
	enum { TAGGED = 22 };

	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		const struct kind *k = &kinds[i];
		struct adit_sa out_sa = kind_sa(k, ADIT_DIR_OUT), in_sa = kind_sa(k, ADIT_DIR_IN);
		uint8_t plain[ROOM], sealed[ROOM], out[ROOM];
		size_t plain_bytes = kind_frame(k, plain), sealed_bytes = 0, out_bytes = 0, ip_bytes = k->is_v6 ? 40 : 20;
		uint64_t seq = k->esn ? UINT64_C(0x123456789) : 9;
		struct golden_sa *a, *b;

		assert_int_equal(golden_sa_open(&out_sa, &a), 0);
		assert_int_equal(golden_sa_open(&in_sa, &b), 0);
		assert_int_equal(golden_seal(a, plain, plain_bytes, TAGGED, seq, sealed, ROOM, &sealed_bytes), ADIT_REASON_NONE);
		assert_int_equal(golden_open(b, sealed, sealed_bytes, TAGGED, seq, out, ROOM, &out_bytes), ADIT_REASON_NONE);
		assert_int_equal(out_bytes, plain_bytes);
		assert_memory_equal(out, plain, plain_bytes);
		for (size_t cut = 0; cut < sealed_bytes; cut++) {
			uint8_t *exact = test_malloc(cut + 1);	/* a read past it is caught by the sanitizer */

			memcpy(exact, sealed, cut);
			out_bytes = 0;
			assert_int_not_equal(golden_open(b, exact, cut, TAGGED, seq, out, ROOM, &out_bytes), ADIT_REASON_NONE);
			if (cut >= TAGGED + ip_bytes) {
				set_honest_length(exact + TAGGED, k->is_v6, cut - TAGGED);
				assert_int_not_equal(golden_open(b, exact, cut, TAGGED, seq, out, ROOM, &out_bytes), ADIT_REASON_NONE);
			}
			assert_int_equal(out_bytes, 0);
			test_free(exact);
		}
		for (size_t cut = 0; cut < plain_bytes; cut++) {
			uint8_t *exact = test_malloc(cut + 1);

			memcpy(exact, plain, cut);
			assert_int_not_equal(golden_seal(a, exact, cut, TAGGED, seq, out, ROOM, &out_bytes), ADIT_REASON_NONE);
			test_free(exact);
		}
		golden_sa_close(a);
		golden_sa_close(b);
	}
}

/* Behind the IP header every bit is authenticated, but for the UDP header around ESP. */
static void every_kind_refuses_each_flipped_bit(void **state)
{
	enum { TAGGED = 22 };

	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		const struct kind *k = &kinds[i];
		struct adit_sa out_sa = kind_sa(k, ADIT_DIR_OUT), in_sa = kind_sa(k, ADIT_DIR_IN);
		uint8_t plain[ROOM], sealed[ROOM], out[ROOM];
		size_t plain_bytes = kind_frame(k, plain), sealed_bytes = 0, out_bytes = 0;
		size_t from = TAGGED + (k->is_v6 ? 40u : 20u) + (k->natt ? 8u : 0u) + (k->is_v6 && k->mode == ADIT_MODE_TRANSPORT ? 16u : 0u);
		struct golden_sa *a, *b;

		assert_int_equal(golden_sa_open(&out_sa, &a), 0);
		assert_int_equal(golden_sa_open(&in_sa, &b), 0);
		assert_int_equal(golden_seal(a, plain, plain_bytes, TAGGED, 9, sealed, ROOM, &sealed_bytes), ADIT_REASON_NONE);
		for (size_t bit = 8 * from; bit < 8 * sealed_bytes; bit++) {
			enum adit_reason reason;

			sealed[bit / 8] ^= (uint8_t)(1u << bit % 8);
			reason = golden_open(b, sealed, sealed_bytes, TAGGED, 9, out, ROOM, &out_bytes);
			/* AH's length byte is found wrong before its ICV is */
			assert_true(reason == ADIT_REASON_XfrmInStateProtoError || (k->proto == ADIT_PROTO_AH && bit / 8 == from + 1 && reason == ADIT_REASON_XfrmInHdrError));
			sealed[bit / 8] ^= (uint8_t)(1u << bit % 8);
		}
		assert_int_equal(out_bytes, 0);
		golden_sa_close(a);
		golden_sa_close(b);
	}
}

static void transport_mode_refuses_strangers_and_fragments(void **state)
{
	struct adit_sa sa = pair_sa(ADIT_DIR_OUT, ADIT_MODE_TRANSPORT, ADIT_ENC_AES_CBC_128, ADIT_AUTH_HMAC_SHA1_96);
	uint8_t plain[ROOM], out[ROOM];
	size_t plain_bytes, out_bytes = 0;
	struct golden_sa *g;

	(void)state;
	assert_int_equal(golden_sa_open(&sa, &g), 0);
	plain_bytes = udp_frame(false, 10, plain);
	assert_int_equal(golden_seal(g, plain, plain_bytes, L2, 1, out, ROOM, &out_bytes), ADIT_REASON_XfrmOutStateModeError);
	plain_bytes = udp_frame(true, 10, plain);
	plain[L2 + 6] = 0x20;	/* more fragments */
	assert_int_equal(golden_seal(g, plain, plain_bytes, L2, 1, out, ROOM, &out_bytes), ADIT_REASON_XfrmOutStateModeError);
	golden_sa_close(g);
}

static void a_window_takes_each_number_once_and_none_below_it(void **state)
{
	struct adit_mode_options options = { .n_local = 1, .local = { v4("c6336401") } };
	struct adit_sa out_sa = pair_sa(ADIT_DIR_OUT, ADIT_MODE_TUNNEL, ADIT_ENC_AES_CBC_128, ADIT_AUTH_HMAC_SHA1_96);
	struct adit_sa in_sa = pair_sa(ADIT_DIR_IN, ADIT_MODE_TUNNEL, ADIT_ENC_AES_CBC_128, ADIT_AUTH_HMAC_SHA1_96);
	struct adit_sp rule = { .src = v4("0a016500"), .dst = v4("0a01ca00"), .src_plen = 24, .dst_plen = 24, .any_proto = true,
				.any_ports = true, .action = ADIT_ACTION_ENCRYPT, .level = ADIT_LEVEL_REQUIRE, .reqid = 1 };
	struct golden_card *card = golden_card_open(&options);
	uint8_t plain[ROOM], sealed[ROOM], out[ROOM];
	size_t plain_bytes = udp_frame(false, 10, plain), sealed_bytes = 0, out_bytes = 0;
	bool seen[400] = { false };
	struct golden_sa *g;
	unsigned top = 0;

	(void)state;
	assert_non_null(card);
	assert_int_equal(golden_sa_open(&out_sa, &g), 0);
	assert_int_equal(golden_card_sa_add(card, 3, &in_sa), 0);
	assert_int_equal(golden_card_sp_replace(card, &rule, 1), 0);
	srand(7);
	for (unsigned i = 0; i < 2000; i++) {
		unsigned seq = i / 8 + (unsigned)rand() % 100;
		bool fits = seq != 0 && (seq > top || (top - seq < 64 && !seen[seq]));
		struct golden_verdict v;

		assert_int_equal(golden_seal(g, plain, plain_bytes, L2, seq, sealed, ROOM, &sealed_bytes), ADIT_REASON_NONE);
		v = golden_card_packet(card, ADIT_FACE_WAN, ADIT_DEST_FROM_WAN, sealed, sealed_bytes, out, &out_bytes);
		assert_int_equal(v.reason, fits ? ADIT_REASON_NONE : ADIT_REASON_XfrmInStateSeqError);
		if (fits) {
			seen[seq] = true;
			top = seq > top ? seq : top;
			assert_memory_equal(out, plain, plain_bytes);
		}
	}
	golden_sa_close(g);
	golden_card_close(card);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_esp_packets_of_rfc_3602_open),
		cmocka_unit_test(an_icv_of_rfc_2202_holds_and_no_other_does),
		cmocka_unit_test(what_is_sealed_opens_to_the_same_bytes),
		cmocka_unit_test(each_flipped_bit_behind_the_ip_header_is_refused_with_a_reason),
		cmocka_unit_test(a_sealed_frame_cut_anywhere_is_refused),
		cmocka_unit_test(every_kind_cut_anywhere_is_refused),
		cmocka_unit_test(every_kind_refuses_each_flipped_bit),
		cmocka_unit_test(transport_mode_refuses_strangers_and_fragments),
		cmocka_unit_test(a_window_takes_each_number_once_and_none_below_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
