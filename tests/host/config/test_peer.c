// SPDX-License-Identifier: BSD-2-Clause-Patent
/* Peers: every key with good, bad and boundary values. */
#include <unistd.h>

#include "config/support_parse.h"

/* In the place of the certificate, key, ca and crl: a file there is. */
static char readable[] = "/tmp/adit-test-peer-XXXXXX";

/* ---- peers, property by property */

static void address_is_a_prefix_with_or_without_a_port(void **state)
{
	static const struct { const char *text, *prefix; unsigned port; } good[] = {
		{ "198.51.100.1", "198.51.100.1/32", 500 }, { "198.51.100.1/32:500", "198.51.100.1/32", 500 },
		{ "198.51.100.1:4500", "198.51.100.1/32", 4500 }, { "198.51.100.0/24:1", "198.51.100.0/24", 1 },
		{ "0.0.0.0/0", "0.0.0.0/0", 500 }, { "0.0.0.0/0:65535", "0.0.0.0/0", 65535 }, { "2001:db8::1", "2001:db8::1/128", 500 },
		{ "2001:db8::/32", "2001:db8::/32", 500 }, { "[2001:db8::1]:500", "2001:db8::1/128", 500 },
		{ "[2001:db8::/32]:501", "2001:db8::/32", 501 }, { "::/0", "::/0", 500 },
	};
	static const char *const bad[] = {
		"", ":", ":500", "198.51.100.1:", "198.51.100.1:0", "198.51.100.1:65536", "198.51.100.1:x", "198.51.100.1:-1", "198.51.100.1:+5",
		"198.51.100.1: 5", "198.51.100.1:0x5", "198.51.100.1/33", "198.51.100.1/32:500:500", "[2001:db8::1]", "[2001:db8::1]500",
		"[2001:db8::1]:", "[2001:db8::1", "2001:db8::1]:500", "[]:500", "[198.51.100.1]:500:", "peer.example", "198.51.100.1/-1",
		"[2001:db8::1]:500]", "[2001:db8::1/129]:500", "1.2.3.4.5.6.7.8.9.10.11.12.13.14.15.16.17.18.19.20.21.22.23.24:5"
	};

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		char keys[128], text[ADDR_TEXT_BYTES];
		struct config *config;

		(void)snprintf(keys, sizeof(keys), "address = \"%s\";", good[i].text);
		config = good_peer(keys);
		assert_string_equal(prefix_put(&config->peers[0].address, text), good[i].prefix);
		assert_int_equal(config->peers[0].port, good[i].port);
		config_free(config);
	}
	for (size_t i = 0; i < COUNT(bad); i++) {
		char keys[192], complaint[512];

		(void)snprintf(keys, sizeof(keys), "address = \"%s\";", bad[i]);
		(void)snprintf(complaint, sizeof(complaint), "t:3: address: \"%s\" is not a prefix such as \"198.51.100.1/32\", \"198.51.100.1:500\" "
			       "or \"[2001:db8::1]:500\"", bad[i]);
		expect_peer(keys, complaint);
	}
	expect_peer("address = \"198.51.100.1/24:500\";",
		    "t:3: address: \"198.51.100.1/24:500\" has host bits set; the prefix is \"198.51.100.0/24\"");
	expect_peer("port = 500; address = \"198.51.100.1:500\";", "t:3: address: \"198.51.100.1:500\" has a port, and port is given too");
	expect_peer("address = 5;", "t:3: address: wants a string in quotes");
	expect_peer("port = 65536;", "t:3: port: 65536 is not within 1 .. 65535");
}

static void auth_method_is_pre_shared_key_or_rsa_signature(void **state)
{
	struct config *config = good_peer("auth_method = \"pre-shared-key\";");

	(void)state;
	assert_int_equal(config->peers[0].auth_method, AUTH_METHOD_PSK);
	config_free(config);
	expect_peer("auth_method = \"rsa\";", "t:3: auth_method: unknown word \"rsa\"; the words are: pre-shared-key, rsa-signature");
	expect_peer("auth_method = 1;", "t:3: auth_method: wants a string in quotes");
}

/* SEMANTICS: "0x" begins hexadecimal, and then it must be hexadecimal to its end; case counts. */
static void secret_is_text_or_hexadecimal_after_0x(void **state)
{
	static const struct { const char *text, *bytes; size_t n; } good[] = {
		{ "0x00112233445566778899", "\x00\x11\x22\x33\x44\x55\x66\x77\x88\x99", 10 }, { "0xAbCdEf0123456789", "\xab\xcd\xef\x01\x23\x45\x67\x89", 8 },
		{ "0Xabcdef01", "0Xabcdef01", 10 }, { " 0x12345678", " 0x12345678", 11 }, { "correct horse", "correct horse", 13 }
	};
	static const char *const bad[] = { "0x", "0x1", "0xc0ffeeg0", "0x12 34", "0xzz", "0x0x12" };
	char text[1100], big[600];

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		struct config *config;

		(void)snprintf(text, sizeof(text), "peers = ( { name = \"p\"; secret = \"%s\"; } );", good[i].text);
		config = parse_good(text);
		assert_int_equal(config->peers[0].secret_bytes, good[i].n);
		assert_memory_equal(config->peers[0].secret, good[i].bytes, good[i].n);
		config_free(config);
	}
	for (size_t i = 0; i < COUNT(bad); i++) {
		(void)snprintf(text, sizeof(text), "peers = ( { name = \"p\";\nsecret = \"%s\"; } );", bad[i]);
		expect(text, "t:2: secret: after 0x an even number of hex digits, at most 512");
	}
	for (unsigned n = 256; n <= 257; n++) {
		memset(big, 'a', n);
		big[n] = 0;
		(void)snprintf(text, sizeof(text), "peers = ( { name = \"p\"; secret = \"%s\"; } );", big);
		if (n == 256)
			config_free(parse_good(text));
		else
			expect(text, "t:1: secret: longer than 256 characters");
	}
	memcpy(big, "0x", 2);
	memset(big + 2, '1', 512);
	memcpy(big + 514, "", 1);
	(void)snprintf(text, sizeof(text), "peers = ( { name = \"p\"; secret = \"%s\"; } );", big);
	config_free(parse_good(text));
	memcpy(big + 514, "11", 3);
	(void)snprintf(text, sizeof(text), "peers = ( { name = \"p\"; secret = \"%s\"; } );", big);
	expect(text, "t:1: secret: after 0x an even number of hex digits, at most 512");
	expect("peers = ( { name = \"p\"; secret = \"1234567\"; } );",
	       "t:1: warning: peer \"p\": a secret of fewer than 8 bytes is soon guessed");
	expect("peers = ( { name = \"p\"; } );", "t:1: warning: peer \"p\": a secret of fewer than 8 bytes is soon guessed");
	expect("peers = ( { name = \"p\"; secret = 12345678; } );", "t:1: secret: wants a string in quotes");
}

static void an_eight_byte_secret_is_not_warned_of(void **state)
{
	struct diag diag;
	struct config *config = parse("peers = ( { name = \"p\"; secret = \"12345678\"; } );", &diag);

	(void)state;
	assert_non_null(config);
	assert_false(is_told(&diag, "t:1: warning: peer \"p\": a secret of fewer than 8 bytes is soon guessed"));
	config_free(config);
	diag_close(&diag);
}

static void exchange_mode_is_main_aggressive_base_or_ike2(void **state)
{
	static const struct { const char *word; enum exchange_mode mode; } rows[] = {
		{ "main", EXCHANGE_MAIN }, { "aggressive", EXCHANGE_AGGRESSIVE }, { "base", EXCHANGE_BASE }, { "ike2", EXCHANGE_IKE2 }
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char keys[64];
		struct config *config;

		(void)snprintf(keys, sizeof(keys), "exchange_mode = \"%s\";", rows[i].word);
		config = good_peer(keys);
		assert_int_equal(config->peers[0].exchange_mode, rows[i].mode);
		config_free(config);
	}
	expect_peer("exchange_mode = \"quick\";", "t:3: exchange_mode: unknown word \"quick\"; the words are: main, aggressive, base, ike2");
	expect_peer("exchange_mode = \"aggressive\";",
		    "t:2: warning: peer \"p\": exchange_mode \"aggressive\" lets anyone who listens guess the secret offline");
	expect_peer("exchange_mode = \"base\";",
		    "t:2: warning: peer \"p\": exchange_mode \"base\" lets anyone who listens guess the secret offline");
	expect_peer("exchange_mode = \"ike2\";",
		    "t:2: warning: peer \"p\": exchange_mode \"ike2\": this version speaks IKEv1 alone; the peer is not used");
	expect_peer("exchange_mode = \"aggressive\"; dh_group = [ \"modp2048\", \"modp3072\" ];",
		    "t:2: warning: peer \"p\": exchange_mode \"aggressive\" proposes the first dh_group alone");
}

static void enc_algorithm_is_one_word_or_a_list(void **state)
{
	struct config *config = good_peer("enc_algorithm = \"aes-128\";");

	(void)state;
	assert_int_equal(config->peers[0].n_encs, 1);
	assert_int_equal(config->peers[0].encs[0], ADIT_ENC_AES_CBC_128);
	config_free(config);
	config = good_peer("enc_algorithm = [ \"3des\", \"aes-128\", \"aes-192\", \"aes-256\", \"des\", \"blowfish\", \"camellia-128\", \"camellia-256\" ];");
	assert_int_equal(config->peers[0].n_encs, CONFIG_MAX_PHASE1);
	assert_int_equal(config->peers[0].encs[0], ADIT_ENC_DES3_CBC);
	assert_int_equal(config->peers[0].encs[7], ADIT_ENC_CAMELLIA_CBC_256);
	config_free(config);
	config = good_peer("enc_algorithm = ( \"aes-256-cbc\" );");
	assert_int_equal(config->peers[0].encs[0], ADIT_ENC_AES_CBC_256);
	config_free(config);
	expect_peer("enc_algorithm = [ \"3des\", \"aes-128\", \"aes-192\", \"aes-256\", \"des\", \"blowfish\", \"camellia-128\", \"camellia-256\","
		    "\"camellia-192\" ];", "t:3: enc_algorithm: wants 1 .. 8 words");
	expect_peer("enc_algorithm = [ ];", "t:3: enc_algorithm: wants 1 .. 8 words");
	expect_peer("enc_algorithm = [ \"aes-128\", \"aes-128-cbc\" ];", "t:3: enc_algorithm: \"aes-128-cbc\" stands twice");
	expect_peer("enc_algorithm = [ \"aes-129\" ];", "t:3: enc_algorithm: unknown word \"aes-129\"; did you mean \"aes-128\"?");
	expect_peer("enc_algorithm = 3;", "t:3: enc_algorithm: wants a string in quotes");
	expect_peer("enc_algorithm = { a = 1; };", "t:3: enc_algorithm: wants a string in quotes");
	expect_peer("enc_algorithm = \"null\";", "t:2: peer \"p\": enc_algorithm \"null\" is no cipher for IKE");
	expect_peer("enc_algorithm = [ \"3des\", \"twofish\" ];", "t:2: peer \"p\": enc_algorithm \"twofish\" is no cipher for IKE");
	expect_peer("enc_algorithm = [ \"3des\", \"aes-256-gcm\" ];", "t:2: peer \"p\": enc_algorithm \"aes-256-gcm\" needs exchange_mode \"ike2\"");
	expect_peer("enc_algorithm = \"aes-128-ctr\";", "t:2: peer \"p\": enc_algorithm \"aes-128-ctr\" needs exchange_mode \"ike2\"");
	expect_peer("enc_algorithm = [ \"aes-256\", \"des\" ];", "t:2: warning: peer \"p\": enc_algorithm des is weak");
	expect_peer("enc_algorithm = \"blowfish\";", "t:2: warning: peer \"p\": enc_algorithm blowfish is weak");
	config_free(good_peer("exchange_mode = \"ike2\"; enc_algorithm = \"aes-256-gcm\"; dh_group = \"x25519\";"));
}

static void hash_algorithm_is_one_word_or_a_list(void **state)
{
	struct config *config = good_peer("hash_algorithm = [ \"sha512\", \"sha384\", \"sha256\", \"sha1\", \"md5\" ];");

	(void)state;
	assert_int_equal(config->peers[0].n_hashes, 5);
	assert_int_equal(config->peers[0].hashes[0], ADIT_AUTH_HMAC_SHA512_256);
	assert_int_equal(config->peers[0].hashes[4], ADIT_AUTH_HMAC_MD5_96);
	config_free(config);
	expect_peer("hash_algorithm = [ \"sha1\", \"sha1\" ];", "t:3: hash_algorithm: \"sha1\" stands twice");
	expect_peer("hash_algorithm = \"sha2\";", "t:3: hash_algorithm: unknown word \"sha2\"; did you mean \"sha1\"?");
	expect_peer("hash_algorithm = \"null\";", "t:2: peer \"p\": hash_algorithm must not be null");
	expect_peer("hash_algorithm = [ \"sha256\", \"md5\" ];", "t:2: warning: peer \"p\": hash_algorithm md5 is weak");
}

static void dh_group_is_one_word_or_a_list(void **state)
{
	static const struct { const char *word; enum dh_group group; bool is_weak; } rows[] = {
		{ "modp768", DH_MODP768, true }, { "modp1024", DH_MODP1024, true }, { "ec2n155", DH_EC2N155, true }, { "ec2n185", DH_EC2N185, true },
		{ "modp1536", DH_MODP1536, false }, { "modp2048", DH_MODP2048, false }, { "modp3072", DH_MODP3072, false },
		{ "modp4096", DH_MODP4096, false }, { "modp6144", DH_MODP6144, false }, { "modp8192", DH_MODP8192, false },
		{ "ecp256", DH_ECP256, false }, { "ecp384", DH_ECP384, false }, { "ecp521", DH_ECP521, false }
	};
	char keys[256], weak[128];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct diag diag;
		struct config *config;

		(void)snprintf(keys, sizeof(keys), "peers = ( { name = \"p\"; dh_group = \"%s\"; } );", rows[i].word);
		(void)snprintf(weak, sizeof(weak), "t:1: warning: peer \"p\": dh_group %s is weak", rows[i].word);
		config = parse(keys, &diag);
		assert_non_null(config);
		assert_int_equal(config->peers[0].dhs[0], rows[i].group);
		assert_int_equal(is_told(&diag, weak), rows[i].is_weak);
		config_free(config);
		diag_close(&diag);
	}
	expect_peer("dh_group = [ \"modp2048\", \"none\" ];", "t:2: peer \"p\": dh_group must not be none");
	expect_peer("dh_group = \"x25519\";", "t:2: peer \"p\": dh_group \"x25519\" needs exchange_mode \"ike2\"");
	expect_peer("dh_group = \"modp2047\";", "t:3: dh_group: unknown word \"modp2047\"; did you mean \"modp2048\"?");
	expect_peer("dh_group = 14;", "t:3: dh_group: wants a string in quotes");
}

static void no_more_combinations_than_can_be_proposed(void **state)
{
	(void)state;
	config_free(good_peer("enc_algorithm = [ \"aes-256\", \"aes-192\", \"aes-128\", \"3des\", \"des\", \"camellia-256\", \"camellia-192\","
			      "\"camellia-128\" ]; hash_algorithm = [ \"sha256\", \"sha1\", \"md5\", \"sha512\" ];"
			      "dh_group = [ \"modp2048\", \"modp1024\", \"ecp256\", \"ecp384\" ];"));
	expect_peer("enc_algorithm = [ \"aes-256\", \"aes-192\", \"aes-128\", \"3des\", \"des\", \"camellia-256\", \"camellia-192\","
		    "\"camellia-128\" ]; hash_algorithm = [ \"sha256\", \"sha1\", \"md5\", \"sha512\" ];"
		    "dh_group = [ \"modp2048\", \"modp1024\", \"ecp256\", \"ecp384\", \"ecp521\" ];",
		    "t:2: peer \"p\": enc_algorithm, hash_algorithm and dh_group make 160 combinations; at most 128 can be proposed");
}

static void lifetime_and_lifebytes_have_bounds(void **state)
{
	static const struct { const char *text; uint64_t bytes; } rows[] = {
		{ "0", 0 }, { "1", 1 }, { "2147483647", 2147483647 }, { "\"4294967295\"", 4294967295 }, { "4294967295L", 4294967295 },
		{ "\"4294967296\"", 4294967296 }, { "\"9223372036854775807\"", INT64_MAX }, { "9223372036854775807L", INT64_MAX }
	};
	struct config *config = good_peer("lifetime = 1;");

	(void)state;
	assert_int_equal(config->peers[0].lifetime_seconds, 1);
	config_free(config);
	config = good_peer("lifetime = \"4294967295\";");
	assert_int_equal(config->peers[0].lifetime_seconds, UINT32_MAX);
	config_free(config);
	for (size_t i = 0; i < COUNT(rows); i++) {
		char keys[64];

		(void)snprintf(keys, sizeof(keys), "lifebytes = %s;", rows[i].text);
		config = good_peer(keys);
		assert_int_equal(config->peers[0].lifetime_bytes, rows[i].bytes);
		config_free(config);
	}
	expect_peer("lifetime = 0;", "t:3: lifetime: 0 is not within 1 .. 4294967295");
	expect_peer("lifetime = 4294967296L;", "t:3: lifetime: 4294967296 is not within 1 .. 4294967295");
	expect_peer("lifetime = \"1 day\";", "t:3: lifetime: \"1 day\" is no time: write \"30m\", \"1d\" or \"1d 02:03:04\"");
	expect_peer("lifebytes = -1;", "t:3: lifebytes: -1 is not within 0 .. 9223372036854775807");
	expect_peer("lifebytes = \"9223372036854775808\";", "t:3: lifebytes: wants a whole number");
	expect_peer("lifebytes = 4294967296;", "t:3: 4294967296 does not fit 31 bits: write it as a string (\"4294967296\") or with an L at its end");
	expect_peer("lifebytes = \"1G\";", "t:3: lifebytes: wants a whole number");
}

static void dpd_interval_and_dpd_maximum_failures_have_bounds(void **state)
{
	static const struct { const char *text; uint32_t seconds; } rows[] = {
		{ "\"disable-dpd\"", 0 }, { "0", 0 }, { "\"2m\"", 120 }, { "\"1d\"", 86400 }, { "1", 1 }
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char keys[64];
		struct config *config;

		(void)snprintf(keys, sizeof(keys), "dpd_interval = %s;", rows[i].text);
		config = good_peer(keys);
		assert_int_equal(config->peers[0].dpd_seconds, rows[i].seconds);
		config_free(config);
	}
	for (unsigned n = 1; n <= 100; n += 99) {
		char keys[64];
		struct config *config;

		(void)snprintf(keys, sizeof(keys), "dpd_maximum_failures = %u;", n);
		config = good_peer(keys);
		assert_int_equal(config->peers[0].dpd_failures, n);
		config_free(config);
	}
	expect_peer("dpd_interval = 86401;", "t:3: dpd_interval: 86401 is not within 0 .. 86400");
	expect_peer("dpd_interval = \"off\";", "t:3: dpd_interval: \"off\" is no time: write \"30m\", \"1d\" or \"1d 02:03:04\"");
	expect_peer("dpd_maximum_failures = 0;", "t:3: dpd_maximum_failures: 0 is not within 1 .. 100");
	expect_peer("dpd_maximum_failures = 101;", "t:3: dpd_maximum_failures: 101 is not within 1 .. 100");
}

static void yes_and_no_are_true_and_false(void **state)
{
	static const struct { const char *key; size_t at; bool is_default; } rows[] = {
		{ "nat_traversal", offsetof(struct cfg_peer, nat_traversal), false },
		{ "generate_policy", offsetof(struct cfg_peer, generate_policy), false },
		{ "send_initial_contact", offsetof(struct cfg_peer, send_initial_contact), true },
		{ "fragmentation", offsetof(struct cfg_peer, fragmentation), false }
	};
	static const struct { const char *word; bool value; } words[] = { { "true", true }, { "false", false }, { "\"yes\"", true }, { "\"no\"", false } };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char keys[64], complaint[128];
		struct config *config = good_peer("");

		assert_int_equal(*(bool *)((char *)config->peers + rows[i].at), rows[i].is_default);
		config_free(config);
		for (size_t w = 0; w < COUNT(words); w++) {
			(void)snprintf(keys, sizeof(keys), "%s = %s;", rows[i].key, words[w].word);
			config = good_peer(keys);
			assert_int_equal(*(bool *)((char *)config->peers + rows[i].at), words[w].value);
			config_free(config);
		}
		(void)snprintf(keys, sizeof(keys), "%s = 1;", rows[i].key);
		(void)snprintf(complaint, sizeof(complaint), "t:3: %s: wants true or false", rows[i].key);
		expect_peer(keys, complaint);
	}
}

static void proposal_check_is_one_of_four(void **state)
{
	static const struct { const char *word; enum proposal_check check; } rows[] = {
		{ "obey", CHECK_OBEY }, { "strict", CHECK_STRICT }, { "claim", CHECK_CLAIM }, { "exact", CHECK_EXACT }
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char keys[64];
		struct config *config;

		(void)snprintf(keys, sizeof(keys), "proposal_check = \"%s\";", rows[i].word);
		config = good_peer(keys);
		assert_int_equal(config->peers[0].check, rows[i].check);
		config_free(config);
	}
	expect_peer("proposal_check = \"lax\";", "t:3: proposal_check: unknown word \"lax\"; the words are: obey, strict, claim, exact");
}

static void identities_are_a_kind_and_a_value(void **state)
{
	static const struct { const char *text; enum cfg_id_kind kind; const char *bytes; size_t n; } rows[] = {
		{ "auto", CFG_ID_AUTO, "", 0 }, { "address:192.0.2.1", CFG_ID_ADDRESS, "", 0 }, { "address:2001:db8::1", CFG_ID_ADDRESS, "", 0 },
		{ "fqdn:office1.example", CFG_ID_FQDN, "office1.example", 15 }, { "user-fqdn:ann@office1.example", CFG_ID_USER_FQDN, "ann@office1.example", 19 },
		{ "key-id:0x00ff10", CFG_ID_KEY_ID, "\x00\xff\x10", 3 }, { "key-id:sales", CFG_ID_KEY_ID, "sales", 5 },
		{ "dn:CN=office1", CFG_ID_DN, "\x30\x12\x31\x10\x30\x0e\x06\x03\x55\x04\x03\x0c\x07office1", 20 },
		/* RFC 2253: what stands first in the text is last in the name */
		{ "dn:CN=a, O=b", CFG_ID_DN, "\x30\x18\x31\x0a\x30\x08\x06\x03\x55\x04\x0a\x0c\x01" "b\x31\x0a\x30\x08\x06\x03\x55\x04\x03\x0c\x01" "a", 26 },
		{ "dn:CN=a+O=b", CFG_ID_DN, "\x30\x16\x31\x14\x30\x08\x06\x03\x55\x04\x03\x0c\x01" "a\x30\x08\x06\x03\x55\x04\x0a\x0c\x01" "b", 24 },
		{ "dn:CN=a\\\\,b", CFG_ID_DN, "\x30\x0e\x31\x0c\x30\x0a\x06\x03\x55\x04\x03\x0c\x03" "a,b", 16 },
		{ "dn:CN=a\\\\2Cb", CFG_ID_DN, "\x30\x0e\x31\x0c\x30\x0a\x06\x03\x55\x04\x03\x0c\x03" "a,b", 16 },
		{ "dn:C=CZ", CFG_ID_DN, "\x30\x0d\x31\x0b\x30\x09\x06\x03\x55\x04\x06\x13\x02" "CZ", 15 },
	};
	struct config *config;
	char keys[256];

	(void)state;
	for (size_t which = 0; which < 2; which++) {
		for (size_t i = 0; i < COUNT(rows); i++) {
			const struct cfg_id *id;

			(void)snprintf(keys, sizeof(keys), "%s = \"%s\";", which ? "remote_id" : "my_id", rows[i].text);
			config = good_peer(keys);
			id = which ? &config->peers[0].remote_id : &config->peers[0].my_id;
			assert_int_equal(id->kind, rows[i].kind);
			assert_int_equal(id->n_bytes, rows[i].n);
			assert_memory_equal(id->bytes, rows[i].bytes, rows[i].n);
			config_free(config);
		}
	}
	config = good_peer("my_id = \"address:2001:db8::1\"; remote_id = \"ignore\";");
	assert_true(config->peers[0].my_id.address.is_v6);
	assert_int_equal(config->peers[0].remote_id.kind, CFG_ID_IGNORE);
	config_free(config);
	config = good_peer("");
	assert_int_equal(config->peers[0].my_id.kind, CFG_ID_AUTO);
	assert_int_equal(config->peers[0].remote_id.kind, CFG_ID_AUTO);
	config_free(config);
}

static void a_wrong_identity_is_told(void **state)
{
	static const struct { const char *text, *kind; } values[] = {
		{ "address:192.0.2", "address" }, { "address:", "address" }, { "address", "address" }, { "fqdn", "fqdn" }, { "fqdn:", "fqdn" },
		{ "fqdn:a b", "fqdn" }, { "fqdn:a@b", "fqdn" }, { "user-fqdn:office", "user-fqdn" }, { "user-fqdn:@b", "user-fqdn" },
		{ "user-fqdn:a@", "user-fqdn" }, { "key-id:", "key-id" }, { "key-id:0x", "key-id" }, { "key-id:0x1", "key-id" },
		{ "key-id:0xgg", "key-id" }, { "dn:", "dn" }, { "dn:office", "dn" }, { "dn:CN", "dn" }, { "dn:CN=", "dn" }, { "dn:=a", "dn" },
		{ "dn:XX=a", "dn" }, { "dn:CN=a,", "dn" }, { "dn:CN=a,,O=b", "dn" }, { "dn:CN=#0401aa", "dn" }, { "dn:C=CZE", "dn" }, { "auto:", "auto" },
		{ "auto:x", "auto" }
	};
	char keys[700], complaint[1024], big[400];

	(void)state;
	for (size_t i = 0; i < COUNT(values); i++) {
		(void)snprintf(keys, sizeof(keys), "my_id = \"%s\";", values[i].text);
		(void)snprintf(complaint, sizeof(complaint), "t:3: my_id: \"%s\" has no value that suits %s", values[i].text, values[i].kind);
		expect_peer(keys, complaint);
	}
	expect_peer("my_id = \"office1.example\";", "t:3: my_id: \"office1.example\" is no identity: write auto, address:IP, fqdn:NAME, "
		    "user-fqdn:NAME@DOMAIN, key-id:0x..., dn or dn:CN=...");
	expect_peer("my_id = \"ignore\";", "t:3: my_id: \"ignore\" is no identity: write auto, address:IP, fqdn:NAME, user-fqdn:NAME@DOMAIN, "
		    "key-id:0x..., dn or dn:CN=...");
	expect_peer("remote_id = \"\";", "t:3: remote_id: \"\" is no identity: write auto, ignore, address:IP, fqdn:NAME, user-fqdn:NAME@DOMAIN, "
		    "key-id:0x..., dn or dn:CN=...");
	expect_peer("remote_id = 5;", "t:3: remote_id: wants a string in quotes");
	expect_peer("my_id = \"dn\";", "t:2: peer \"p\": my_id \"dn\" is the certificate's, and pre-shared-key has none");
	expect_peer("remote_id = \"dn\";", "t:2: peer \"p\": remote_id \"dn\" is the certificate's, and pre-shared-key has none");
	for (unsigned n = 256; n <= 257; n++) {
		struct config *config;

		memset(big, 'a', n);
		big[n] = 0;
		(void)snprintf(keys, sizeof(keys), "my_id = \"fqdn:%s\";", big);
		(void)snprintf(complaint, sizeof(complaint), "t:3: my_id: \"fqdn:%s\" has no value that suits fqdn", big);
		if (n == 257) {
			expect_peer(keys, complaint);
			continue;
		}
		config = good_peer(keys);
		assert_int_equal(config->peers[0].my_id.n_bytes, 256);
		config_free(config);
	}
}

/* Every prefix of a name, and every byte of it replaced: read within its bounds, whatever becomes of it. */
static void a_distinguished_name_is_survived_cut_and_changed(void **state)
{
	static const char name[] = "CN=a\\\\,b\\\\2c+O=x y , OU=\\\\20z";
	static const char bytes[] = { '=', ',', '+', '\\', ' ', '#', 'g', (char)0xc3 };

	(void)state;
	for (size_t n = 0; n < sizeof(name); n++) {
		for (size_t k = 0; k <= COUNT(bytes); k++) {
			char text[256], changed[sizeof(name)];
			struct config *config;
			struct diag diag;

			memcpy(changed, name, sizeof(name));
			changed[n] = k == COUNT(bytes) ? 0 : bytes[k];
			changed[sizeof(name) - 1] = 0;
			(void)snprintf(text, sizeof(text), "peers = ( { name = \"p\"; my_id = \"dn:%s\"; } );", changed);
			config = parse(text, &diag);
			assert_true((config == NULL) == (diag.n_errors > 0));
			config_free(config);
			diag_close(&diag);
		}
	}
}

#define RSA "auth_method = \"rsa-signature\"; "
static void certificates_must_be_there_and_readable(void **state)
{
	static const char *const keys[] = { "certificate", "remote_certificate", "key", "ca", "crl" };
	char text[1024], complaint[512];
	struct config *config;

	(void)state;
	(void)snprintf(text, sizeof(text), RSA "certificate = \"%s\"; key = \"%s\"; ca = \"%s\"; crl = \"%s\"; remote_certificate = \"%s\";"
		       "my_id = \"dn\"; remote_id = \"dn\";", readable, readable, readable, readable, readable);
	config = good_peer(text);
	assert_string_equal(config->peers[0].certificate, readable);
	assert_string_equal(config->peers[0].key, readable);
	assert_string_equal(config->peers[0].ca, readable);
	assert_string_equal(config->peers[0].crl, readable);
	assert_string_equal(config->peers[0].remote_certificate, readable);
	assert_int_equal(config->peers[0].my_id.kind, CFG_ID_DN);
	assert_int_equal(config->peers[0].my_id.n_bytes, 0);
	config_free(config);
	for (size_t i = 0; i < COUNT(keys); i++) {
		(void)snprintf(text, sizeof(text), RSA "%s = \"/nonexistent/x.pem\";", keys[i]);
		(void)snprintf(complaint, sizeof(complaint), "t:2: peer \"p\": %s \"/nonexistent/x.pem\" cannot be read: No such file or directory", keys[i]);
		expect_peer(text, complaint);
		(void)snprintf(text, sizeof(text), RSA "%s = \"/\";", keys[i]);
		(void)snprintf(complaint, sizeof(complaint), "t:2: peer \"p\": %s \"/\" is no file", keys[i]);
		expect_peer(text, complaint);
		(void)snprintf(text, sizeof(text), "%s = \"%0256d\";", keys[i], 1);
		(void)snprintf(complaint, sizeof(complaint), "t:3: %s: longer than 255 characters", keys[i]);
		expect_peer(text, complaint);
	}
	expect_peer(RSA, "t:2: peer \"p\": rsa-signature wants a certificate");
	expect_peer(RSA, "t:2: peer \"p\": rsa-signature wants a ca or a remote_certificate to know the peer by");
	(void)snprintf(text, sizeof(text), RSA "certificate = \"%s\"; remote_certificate = \"%s\"; crl = \"%s\";", readable, readable, readable);
	expect_peer(text, "t:2: peer \"p\": crl wants the ca that signed it");
	(void)snprintf(text, sizeof(text), RSA "certificate = \"%s\"; ca = \"%s\"; remote_id = \"ignore\";", readable, readable);
	expect_peer(text, "t:2: warning: peer \"p\": remote_id \"ignore\" takes whomever the ca has given a certificate");
	(void)snprintf(text, sizeof(text), RSA "certificate = \"%s\"; ca = \"%s\"; remote_id = \"key-id:sales\";", readable, readable);
	expect_peer(text, "t:2: warning: peer \"p\": remote_id \"key-id\" stands in no certificate: whomever the ca has given one may say it");
	(void)snprintf(text, sizeof(text), RSA "certificate = \"%s\"; ca = \"%s\"; exchange_mode = \"aggressive\";", readable, readable);
	expect_peer(text, "t:2: warning: peer \"p\": exchange_mode \"aggressive\" shows both identities to anyone who listens");
	expect_peer("ca = \"/nonexistent\";", "t:2: warning: peer \"p\": auth_method pre-shared-key uses no certificate, key, ca or crl");
}

static void generate_policy_goes_with_a_template(void **state)
{
#define TEMPLATE "policies = ( { name = \"t\"; template = true; src_address = \"10.1.0.0/16\"; dst_address = \"0.0.0.0/0\"; tunnel = true; },\n"\
	"{ name = \"n\"; action = \"none\"; } );\n"
	struct config *config = parse_good(TEMPLATE "peers = ( { name = \"p\"; generate_policy = true; policy_template = \"t\"; } );");

	(void)state;
	assert_string_equal(config->peers[0].policy_template, "t");
	assert_true(config->policies[0].is_template && !config->policies[1].is_template);
	assert_int_equal(config->n_local, 0);
	config_free(config);
	expect_peer("generate_policy = true;",
		    "t:2: warning: peer \"p\": generate_policy without policy_template lets it have whatever traffic it asks for");
	expect_peer("generate_policy = true; policy_template = \"t\";", "t:2: peer \"p\": there is no policy \"t\"");
	expect_peer("policy_template = \"a b\";", "t:3: policy_template: names hold no spaces or control characters");
	expect(TEMPLATE "peers = ( { name = \"p\"; generate_policy = true; policy_template = \"n\"; } );",
	       "t:3: peer \"p\": policy_template \"n\" is no template: it wants template = true");
	expect(TEMPLATE "peers = ( { name = \"p\"; policy_template = \"t\"; } );",
	       "t:3: warning: peer \"p\": policy_template is used only with generate_policy");
	expect("policies = ( { name = \"t\"; template = true; action = \"discard\"; } );", "t:1: policy \"t\": a template wants action encrypt");
	expect("policies = ( { name = \"t\"; template = true; manual_sa = \"m\"; } );", "t:1: policy \"t\": a template has no manual_sa");
	expect("policies = ( { name = \"t\"; template = true; proposal = \"x\"; } );", "t:1: policy \"t\": there is no proposal \"x\"");
	expect("policies = ( { name = \"t\"; template = 1; } );", "t:1: template: wants true or false");
}

static void of_two_peers_with_one_address_the_first_is_used_and_the_other_told(void **state)
{
	(void)state;
	expect("peers = ( { name = \"a\"; address = \"192.0.2.0/24\"; },\n{ name = \"b\"; address = \"192.0.2.0/24:501\"; } );",
	       "t:2: warning: peer \"b\": peer \"a\" in line 1 has the same address; only that one is used");
	expect("peers = ( { name = \"a\"; },\n{ name = \"a\"; address = \"192.0.2.0/24\"; } );", "t:2: peer \"a\" is already defined in line 1");
}

static int make_file(void **state)
{
	int file = mkstemp(readable);

	(void)state;
	return file < 0 ? -1 : close(file);
}

static int remove_file(void **state)
{
	(void)state;
	return unlink(readable);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(address_is_a_prefix_with_or_without_a_port),
		cmocka_unit_test(auth_method_is_pre_shared_key_or_rsa_signature),
		cmocka_unit_test(secret_is_text_or_hexadecimal_after_0x),
		cmocka_unit_test(an_eight_byte_secret_is_not_warned_of),
		cmocka_unit_test(exchange_mode_is_main_aggressive_base_or_ike2),
		cmocka_unit_test(enc_algorithm_is_one_word_or_a_list),
		cmocka_unit_test(hash_algorithm_is_one_word_or_a_list),
		cmocka_unit_test(dh_group_is_one_word_or_a_list),
		cmocka_unit_test(no_more_combinations_than_can_be_proposed),
		cmocka_unit_test(lifetime_and_lifebytes_have_bounds),
		cmocka_unit_test(dpd_interval_and_dpd_maximum_failures_have_bounds),
		cmocka_unit_test(yes_and_no_are_true_and_false),
		cmocka_unit_test(proposal_check_is_one_of_four),
		cmocka_unit_test(identities_are_a_kind_and_a_value),
		cmocka_unit_test(a_wrong_identity_is_told),
		cmocka_unit_test(a_distinguished_name_is_survived_cut_and_changed),
		cmocka_unit_test(certificates_must_be_there_and_readable),
		cmocka_unit_test(generate_policy_goes_with_a_template),
		cmocka_unit_test(of_two_peers_with_one_address_the_first_is_used_and_the_other_told),
	};

	return cmocka_run_group_tests(tests, make_file, remove_file);
}
