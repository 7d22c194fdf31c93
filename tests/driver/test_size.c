// SPDX-License-Identifier: BSD-2-Clause-Patent
/* Sizes: known lengths, and for every kind of SA the limits that hold between sealed length and inner MTU. */
#include "rig.h"

enum { LEAST = 20, MOST = 9000 };

static struct adit_sa sa_of(enum adit_proto proto, enum adit_mode mode, enum adit_enc enc, enum adit_auth auth, bool is_v6)
{
	return (struct adit_sa){
		.proto = proto, .mode = mode, .enc = enc, .auth = auth, .src.is_v6 = is_v6, .dst.is_v6 = is_v6,
	};
}

static void known_lengths(void **state)
{
	static const struct {
		enum adit_proto proto;
		enum adit_mode mode;
		enum adit_enc enc;
		enum adit_auth auth;
		bool is_v6, udp_encap;
		uint8_t icv_bytes;
		uint16_t inner_mtu, sealed_of_100, overhead;	/* inner_mtu: of a path MTU of 1500 */
	} cases[] = {
		{ ADIT_PROTO_ESP, ADIT_MODE_TUNNEL, ADIT_ENC_AES_CBC_128, ADIT_AUTH_HMAC_SHA1_96, false, false, 0, 1438, 168, 73 },
		{ ADIT_PROTO_ESP, ADIT_MODE_TUNNEL, ADIT_ENC_AES_GCM_256, ADIT_AUTH_NULL, false, false, 0, 1446, 156, 57 },
		{ ADIT_PROTO_ESP, ADIT_MODE_TUNNEL, ADIT_ENC_AES_GCM_128, ADIT_AUTH_NULL, false, false, 8, 1454, 148, 49 },
		{ ADIT_PROTO_ESP, ADIT_MODE_TUNNEL, ADIT_ENC_NULL, ADIT_AUTH_AES_GMAC_128, false, false, 0, 1446, 156, 57 },
		{ ADIT_PROTO_ESP, ADIT_MODE_TUNNEL, ADIT_ENC_AES_CBC_256, ADIT_AUTH_HMAC_SHA512_256, true, false, 0, 1390, 208, 113 },
		{ ADIT_PROTO_ESP, ADIT_MODE_TUNNEL, ADIT_ENC_AES_CBC_128, ADIT_AUTH_HMAC_SHA256_128, false, true, 0, 1422, 180, 85 },
		{ ADIT_PROTO_ESP, ADIT_MODE_TRANSPORT, ADIT_ENC_DES3_CBC, ADIT_AUTH_HMAC_MD5_96, false, false, 0, 1466, 136, 37 },
		{ ADIT_PROTO_ESP, ADIT_MODE_TRANSPORT, ADIT_ENC_AES_CTR_128, ADIT_AUTH_HMAC_SHA384_192, true, false, 0, 1458, 144, 45 },
		{ ADIT_PROTO_ESP, ADIT_MODE_TRANSPORT, ADIT_ENC_TWOFISH_CBC, ADIT_AUTH_NULL, false, false, 0, 1474, 140, 41 },
		{ ADIT_PROTO_AH, ADIT_MODE_TUNNEL, ADIT_ENC_NULL, ADIT_AUTH_HMAC_SHA1_96, false, false, 0, 1456, 144, 44 },
		{ ADIT_PROTO_AH, ADIT_MODE_TUNNEL, ADIT_ENC_NULL, ADIT_AUTH_HMAC_SHA256_128, true, false, 0, 1428, 172, 72 },
		{ ADIT_PROTO_AH, ADIT_MODE_TRANSPORT, ADIT_ENC_NULL, ADIT_AUTH_HMAC_SHA512_256, true, false, 0, 1452, 148, 48 },
		{ ADIT_PROTO_AH, ADIT_MODE_TRANSPORT, ADIT_ENC_NULL, ADIT_AUTH_HMAC_SHA512_256, false, false, 0, 1456, 144, 44 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct adit_sa sa = sa_of(cases[i].proto, cases[i].mode, cases[i].enc, cases[i].auth, cases[i].is_v6);

		sa.udp_encap = cases[i].udp_encap;
		sa.icv_bytes = cases[i].icv_bytes;
		assert_int_equal(adit_sa_inner_mtu(&sa, 1500), cases[i].inner_mtu);
		assert_int_equal(adit_sa_sealed_bytes(&sa, 100), cases[i].sealed_of_100);
		assert_int_equal(adit_sa_overhead(&sa), cases[i].overhead);
	}
}

/* Built byte by byte, as a packet is: the other way to the same length (RFC 4303 §2, RFC 4302 §2). */
static unsigned sealed_by_hand(const struct adit_sa *sa, unsigned ip_bytes)
{
	const unsigned header = sa->dst.is_v6 ? 40 : 20;
	unsigned text = sa->mode == ADIT_MODE_TUNNEL ? ip_bytes : ip_bytes < header ? 0 : ip_bytes - header;
	unsigned iv = 0, block = 4, ah = 12;

	if (sa->proto == ADIT_PROTO_AH) {
		for (ah += adit_sa_icv_bytes(sa); ah % (sa->dst.is_v6 ? 8 : 4); ah++)
			;
		return header + ah + text;
	}
	if (sa->mode == ADIT_MODE_TUNNEL && text < sa->tfc_bytes)
		text = sa->tfc_bytes;
	switch (sa->enc) {
	case ADIT_ENC_NULL: iv = sa->auth >= ADIT_AUTH_AES_GMAC_128 ? 8 : 0; break;
	case ADIT_ENC_DES_CBC: case ADIT_ENC_DES3_CBC: case ADIT_ENC_BLOWFISH_CBC: iv = block = 8; break;
	case ADIT_ENC_AES_CBC_128: case ADIT_ENC_AES_CBC_192: case ADIT_ENC_AES_CBC_256: case ADIT_ENC_TWOFISH_CBC:
	case ADIT_ENC_CAMELLIA_CBC_128: case ADIT_ENC_CAMELLIA_CBC_192: case ADIT_ENC_CAMELLIA_CBC_256:
		iv = block = 16;
		break;
	default: iv = 8;	/* CTR, GCM */
	}
	for (text += 2; text % block; text++)
		;
	return header + (sa->udp_encap ? 8 : 0) + 8 + iv + text + adit_sa_icv_bytes(sa);
}

static unsigned long n_checked;

static void check(const struct adit_sa *sa)
{
	const unsigned least = sa->mode == ADIT_MODE_TUNNEL ? 20 : sa->dst.is_v6 ? 40 : 20;
	const unsigned fill = sa->tfc_bytes;

	for (unsigned m = LEAST; m <= MOST; m++) {
		const uint16_t inner = adit_sa_inner_mtu(sa, (uint16_t)m);
		const uint16_t sealed = adit_sa_sealed_bytes(sa, (uint16_t)m);

		n_checked++;
		if (sealed != sealed_by_hand(sa, m))
			fail_msg("%u bytes: %u, not %u", m, sealed, sealed_by_hand(sa, m));
		if (m >= least && (sealed < m + (fill > m ? fill - m : 0) || sealed > (fill > m ? fill : m) + adit_sa_overhead(sa)))
			fail_msg("%u bytes: sealed %u, overhead %u", m, sealed, adit_sa_overhead(sa));
		if (inner == 0) {	/* truly nothing fits */
			if (adit_sa_sealed_bytes(sa, (uint16_t)least) <= m)
				fail_msg("path MTU %u: nothing fits, but %u", m, least);
			continue;
		}
		if (adit_sa_sealed_bytes(sa, inner) > m || adit_sa_sealed_bytes(sa, (uint16_t)(inner + 1)) <= m)
			fail_msg("path MTU %u: inner %u", m, inner);
	}
}

static void check_modes(struct adit_sa sa)
{
	static const uint16_t fills[] = { 0, 100, 1400 };

	for (unsigned i = 0; i < 8; i++) {
		sa.src.is_v6 = sa.dst.is_v6 = i & 1u;
		sa.mode = i & 2u ? ADIT_MODE_TUNNEL : ADIT_MODE_TRANSPORT;
		sa.udp_encap = i & 4u;
		if (sa.udp_encap && sa.proto == ADIT_PROTO_AH)
			continue;
		for (unsigned f = 0; f < (sa.mode == ADIT_MODE_TUNNEL && sa.proto == ADIT_PROTO_ESP ? 3 : 1); f++) {
			sa.tfc_bytes = fills[f];
			check(&sa);
		}
	}
}

static void inner_mtu_is_the_longest_that_fits(void **state)
{
	(void)state;
	for (unsigned enc = 0; adit_enc_name(enc); enc++)
		for (unsigned auth = 0; adit_auth_name(auth); auth++) {
			const bool is_gcm = enc >= ADIT_ENC_AES_GCM_128 && enc <= ADIT_ENC_AES_GCM_256;
			const bool is_gmac = auth >= ADIT_AUTH_AES_GMAC_128;
			struct adit_sa sa = sa_of(ADIT_PROTO_ESP, ADIT_MODE_TUNNEL, (enum adit_enc)enc, (enum adit_auth)auth, false);

			if ((is_gcm && auth) || (is_gmac && enc))
				continue;
			for (sa.icv_bytes = is_gcm ? 8 : 0; sa.icv_bytes <= (is_gcm ? 16 : 0); sa.icv_bytes = (uint8_t)(sa.icv_bytes + 4))
				check_modes(sa);
			if (!enc && auth && !is_gmac) {
				sa.proto = ADIT_PROTO_AH;
				sa.icv_bytes = 0;
				check_modes(sa);
			}
		}
	print_message("%lu lengths\n", n_checked);
	assert_true(n_checked > 5000000);
}

static void a_bundle_is_asked_layer_by_layer(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		const bool is_v6 = i & 1u;
		const struct adit_sa esp = sa_of(ADIT_PROTO_ESP, i & 2u ? ADIT_MODE_TUNNEL : ADIT_MODE_TRANSPORT, ADIT_ENC_AES_CBC_128,
						 ADIT_AUTH_HMAC_SHA256_128, is_v6);
		const struct adit_sa ah = sa_of(ADIT_PROTO_AH, ADIT_MODE_TRANSPORT, ADIT_ENC_NULL, ADIT_AUTH_HMAC_SHA384_192, is_v6);

		for (unsigned m = 300; m <= MOST; m++) {
			const uint16_t inner = adit_sa_inner_mtu(&esp, adit_sa_inner_mtu(&ah, (uint16_t)m));

			assert_true(adit_sa_sealed_bytes(&ah, adit_sa_sealed_bytes(&esp, inner)) <= m);
			assert_true(adit_sa_sealed_bytes(&ah, adit_sa_sealed_bytes(&esp, (uint16_t)(inner + 1))) > m);
		}
	}
}

static void the_ends_of_the_range_are_safe(void **state)
{
	struct adit_sa sa = sa_of(ADIT_PROTO_ESP, ADIT_MODE_TUNNEL, ADIT_ENC_AES_CBC_128, ADIT_AUTH_HMAC_SHA1_96, true);

	(void)state;
	assert_int_equal(adit_sa_sealed_bytes(&sa, 65535), 65535);
	assert_int_equal(adit_sa_sealed_bytes(&sa, 65500), 65535);
	assert_int_equal(adit_sa_inner_mtu(&sa, 0), 0);
	assert_int_equal(adit_sa_inner_mtu(&sa, 1), 0);
	assert_true(adit_sa_inner_mtu(&sa, 65535) > 65400);
	assert_int_equal(adit_sa_sealed_bytes(&sa, 0), 40 + 8 + 16 + 16 + 12);
	sa.mode = ADIT_MODE_TRANSPORT;
	assert_int_equal(adit_sa_sealed_bytes(&sa, 39), 40 + 8 + 16 + 16 + 12);	/* no IPv6 packet: nothing wraps */
	sa.mode = ADIT_MODE_TUNNEL;
	sa.tfc_bytes = 65535;
	assert_int_equal(adit_sa_sealed_bytes(&sa, 20), 65535);
	assert_int_equal(adit_sa_inner_mtu(&sa, 9000), 0);
	sa.dir = ADIT_DIR_IN;					/* TFC is the sealing side's affair */
	assert_int_equal(adit_sa_sealed_bytes(&sa, 0), 40 + 8 + 16 + 16 + 12);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(known_lengths),
		TEST(inner_mtu_is_the_longest_that_fits),
		TEST(a_bundle_is_asked_layer_by_layer),
		TEST(the_ends_of_the_range_are_safe),
	};

	return cmocka_run_group_tests_name("driver/size", tests, NULL, NULL);
}
