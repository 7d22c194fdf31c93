// SPDX-License-Identifier: BSD-2-Clause-Patent
/* Words and codes. */
#include "rig.h"

static void ciphers_have_the_words_of_configurations(void **state)
{
	static const struct {
		const char *word;
		enum adit_enc enc;
		int key_bytes;
	} cases[] = {
		{ "null", ADIT_ENC_NULL, 0 }, { "des", ADIT_ENC_DES_CBC, 8 }, { "3des", ADIT_ENC_DES3_CBC, 24 },
		{ "aes-128-cbc", ADIT_ENC_AES_CBC_128, 16 }, { "aes-192-cbc", ADIT_ENC_AES_CBC_192, 24 },
		{ "aes-256-cbc", ADIT_ENC_AES_CBC_256, 32 }, { "aes-128-ctr", ADIT_ENC_AES_CTR_128, 16 },
		{ "aes-256-gcm", ADIT_ENC_AES_GCM_256, 32 }, { "blowfish", ADIT_ENC_BLOWFISH_CBC, 16 },
		{ "twofish", ADIT_ENC_TWOFISH_CBC, 16 }, { "camellia-128", ADIT_ENC_CAMELLIA_CBC_128, 16 },
		{ "camellia-256", ADIT_ENC_CAMELLIA_CBC_256, 32 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(adit_enc_by_name(cases[i].word), cases[i].enc);
		assert_string_equal(adit_enc_name((unsigned)cases[i].enc), cases[i].word);
		assert_int_equal(adit_enc_key_bytes(cases[i].enc), cases[i].key_bytes);
	}
	assert_int_equal(adit_enc_by_name("aes-128"), ADIT_ENC_AES_CBC_128);
	assert_int_equal(adit_enc_by_name("aes-192"), ADIT_ENC_AES_CBC_192);
	assert_int_equal(adit_enc_by_name("aes-256"), ADIT_ENC_AES_CBC_256);
	assert_int_equal(adit_enc_by_name("aes"), -EINVAL);
	assert_int_equal(adit_enc_by_name(""), -EINVAL);
	assert_int_equal(adit_enc_by_name("AES-128-CBC"), -EINVAL);
}

static void integrity_algorithms_have_the_words_of_configurations(void **state)
{
	static const struct {
		const char *word;
		enum adit_auth auth;
		int key_bytes;
	} cases[] = {
		{ "null", ADIT_AUTH_NULL, 0 }, { "md5", ADIT_AUTH_HMAC_MD5_96, 16 },
		{ "sha1", ADIT_AUTH_HMAC_SHA1_96, 20 }, { "sha256", ADIT_AUTH_HMAC_SHA256_128, 32 },
		{ "sha384", ADIT_AUTH_HMAC_SHA384_192, 48 }, { "sha512", ADIT_AUTH_HMAC_SHA512_256, 64 },
		{ "aes-128-gmac", ADIT_AUTH_AES_GMAC_128, 16 }, { "aes-192-gmac", ADIT_AUTH_AES_GMAC_192, 24 },
		{ "aes-256-gmac", ADIT_AUTH_AES_GMAC_256, 32 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(adit_auth_by_name(cases[i].word), cases[i].auth);
		assert_string_equal(adit_auth_name((unsigned)cases[i].auth), cases[i].word);
		assert_int_equal(adit_auth_key_bytes(cases[i].auth), cases[i].key_bytes);
	}
}

static void gcm_names_may_say_the_icv(void **state)	/* RFC 4106 §6 */
{
	static const struct {
		const char *word;
		int enc;
		uint8_t icv_bytes;
	} cases[] = {
		{ "aes-128-gcm", ADIT_ENC_AES_GCM_128, 16 }, { "aes-128-gcm-8", ADIT_ENC_AES_GCM_128, 8 },
		{ "aes-192-gcm-12", ADIT_ENC_AES_GCM_192, 12 }, { "aes-256-gcm-16", ADIT_ENC_AES_GCM_256, 16 },
		{ "aes-128", ADIT_ENC_AES_CBC_128, 0 }, { "aes-128-cbc", ADIT_ENC_AES_CBC_128, 0 }, { "null", 0, 0 },
		{ "aes-128-gcm-", -EINVAL, 0 }, { "aes-128-gcm-10", -EINVAL, 0 }, { "aes-128-gcm-128", -EINVAL, 0 },
		{ "aes-128-cbc-8", -EINVAL, 0 }, { "aes-128-gcm-8 ", -EINVAL, 0 }, { "aes-128-gc", -EINVAL, 0 },
		{ "", -EINVAL, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint8_t icv_bytes = 99;

		assert_int_equal(adit_enc_by_name_icv(cases[i].word, &icv_bytes), cases[i].enc);
		assert_int_equal(icv_bytes, cases[i].icv_bytes);
	}
	assert_int_equal(adit_enc_by_name("aes-128-gcm-8"), -EINVAL);	/* it could not say the ICV */
}

static void every_code_goes_to_a_word_and_back(void **state)
{
	unsigned n = 0;

	(void)state;
	while (adit_enc_name(n)) {
		assert_int_equal(adit_enc_by_name(adit_enc_name(n)), n);
		assert_in_range(adit_enc_key_bytes((enum adit_enc)n), 0, 32);
		n++;
	}
	assert_int_equal(n, ADIT_ENC_CAMELLIA_CBC_256 + 1);
	assert_int_equal(adit_enc_key_bytes((enum adit_enc)n), -EINVAL);
	for (n = 0; adit_auth_name(n); n++) {
		assert_int_equal(adit_auth_by_name(adit_auth_name(n)), n);
		assert_in_range(adit_auth_key_bytes((enum adit_auth)n), 0, 64);
	}
	assert_int_equal(n, ADIT_AUTH_AES_GMAC_256 + 1);
	assert_int_equal(adit_auth_key_bytes((enum adit_auth)n), -EINVAL);
	assert_int_equal(adit_auth_by_name("sha1"), ADIT_AUTH_HMAC_SHA1_96);
	assert_int_equal(adit_auth_key_bytes(ADIT_AUTH_HMAC_SHA1_96), 20);
	assert_int_equal(adit_auth_by_name("sha-1"), -EINVAL);
	assert_null(adit_enc_name(1000000));
	assert_null(adit_auth_name(1000000));
}

static void reasons_features_and_faces_are_named(void **state)
{
	(void)state;
	assert_string_equal(adit_reason_name(ADIT_REASON_XfrmInNoStates), "XfrmInNoStates");
	assert_string_equal(adit_reason_name(0), "NONE");
	assert_non_null(strstr(adit_reason_doc(ADIT_REASON_InPadding), "RFC 4303"));
	assert_null(adit_reason_name(16));	/* a hole */
	assert_null(adit_reason_doc(16));
	assert_null(adit_reason_name(ADIT_REASON_COUNT));
	assert_string_equal(adit_feature_name(ADIT_FEATURE_NAT_T), "NAT_T");
	assert_string_equal(adit_feature_name(ADIT_FEATURE_HOST_TRANSFORM), "HOST_TRANSFORM");
	assert_null(adit_feature_name(31));
	assert_string_equal(adit_reason_name(ADIT_REASON_HostSplit), "HostSplit");
	assert_string_equal(adit_reason_name(ADIT_REASON_RxExtHeaders), "RxExtHeaders");
	assert_string_equal(adit_face_name(ADIT_FACE_WAN), "wan");
	assert_null(adit_face_name(4));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(ciphers_have_the_words_of_configurations),
		TEST(integrity_algorithms_have_the_words_of_configurations),
		TEST(gcm_names_may_say_the_icv),
		TEST(every_code_goes_to_a_word_and_back),
		TEST(reasons_features_and_faces_are_named),
	};

	return cmocka_run_group_tests_name("driver/names", tests, NULL, NULL);
}
