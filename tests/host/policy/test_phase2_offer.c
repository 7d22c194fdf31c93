// SPDX-License-Identifier: BSD-2-Clause-Patent
/* What we offer in phase 2, and every word and code of it through the wire and back. */
#include "policy/support_phase2.h"

/* ---- words and codes */

static const struct { const char *word; uint8_t id; uint16_t bits, auth; } enc_rows[] = {
	{ "des", 2, 0, 2 }, { "3des", 3, 0, 2 }, { "blowfish", 7, 128, 2 }, { "null", 11, 0, 2 }, { "aes-128", 12, 128, 2 },
	{ "aes-192", 12, 192, 2 }, { "aes-256", 12, 256, 2 }, { "aes-128-ctr", 13, 128, 2 }, { "aes-192-ctr", 13, 192, 2 },
	{ "aes-256-ctr", 13, 256, 2 }, { "aes-128-gcm-8", 18, 128, 0 }, { "aes-192-gcm-8", 18, 192, 0 }, { "aes-256-gcm-8", 18, 256, 0 },
	{ "aes-128-gcm-12", 19, 128, 0 }, { "aes-192-gcm-12", 19, 192, 0 }, { "aes-256-gcm-12", 19, 256, 0 }, { "aes-128-gcm", 20, 128, 0 },
	{ "aes-192-gcm", 20, 192, 0 }, { "aes-256-gcm", 20, 256, 0 }, { "aes-256-gcm-16", 20, 256, 0 }, { "camellia-128", 22, 128, 2 },
	{ "camellia-192", 22, 192, 2 }, { "camellia-256", 22, 256, 2 }, { "twofish", 253, 128, 2 }
};
static const struct { const char *word; uint16_t attribute; uint8_t ah; unsigned key_bytes; } auth_rows[] = {
	{ "md5", 1, 2, 16 }, { "sha1", 2, 3, 20 }, { "sha256", 5, 5, 32 }, { "sha384", 6, 6, 48 }, { "sha512", 7, 7, 64 }
};

/* Offered, chosen, answered, accepted; @return the single transform that was offered. */
static struct v1_transform there_and_back(struct bench *bench, struct phase2_choice *accepted)
{
	static struct sa_message offer, answer;
	struct phase2_choice choice;
	struct v1_transform transform;
	char why[PROPOSAL_WHY_BYTES];

	assert_true(send_offer(&offer, &bench->wish, why));
	assert_int_equal(offer.sa.n_transforms, 1);
	transform = offer.sa.transforms[0];
	transform.whole = (struct bytes){ NULL, 0 };
	if (!phase2_choose(&bench->wish, &offer.sa, &choice, why))
		fail_msg("%s", why);
	assert_string_equal(why, "");
	assert_int_equal(choice.layers[0].peer_spi, our_spis[choice.layers[0].proto == ADIT_PROTO_AH]);
	send_choice(&answer, &choice);
	if (!phase2_accept(&bench->wish, &answer.sa, accepted, why))
		fail_msg("%s", why);
	assert_int_equal(accepted->n, choice.n);
	assert_int_equal(accepted->layers[0].enc, choice.layers[0].enc);
	assert_int_equal(accepted->layers[0].auth, choice.layers[0].auth);
	assert_int_equal(accepted->layers[0].icv_bytes, choice.layers[0].icv_bytes);
	assert_int_equal(accepted->pfs, choice.pfs);
	assert_int_equal(accepted->encap, choice.encap);
	free(offer.copy);
	free(answer.copy);
	return transform;
}

/* RFC 2407 §4.4.4, RFC 3602, 3686, 4106, 4312. */
static void every_cipher_of_esp_goes_over_the_wire_and_back(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(enc_rows); i++) {
		struct v1_transform transform;
		struct phase2_choice choice;
		struct bench bench;
		char keys[256];

		(void)snprintf(keys, sizeof(keys), "enc_algorithms = [ \"%s\" ];", enc_rows[i].word);
		bench = bench_of(keys);
		transform = there_and_back(&bench, &choice);
		assert_int_equal(transform.id, enc_rows[i].id);
		assert_int_equal(transform.key_bits, enc_rows[i].bits);
		assert_int_equal(transform.auth, enc_rows[i].auth);
		assert_int_equal(transform.encap, V1_TUNNEL);
		assert_int_equal(transform.group, DH_MODP1024);
		assert_int_equal(transform.seconds, 1800);
		assert_false(transform.has_kilobytes || transform.esn);
		assert_int_equal(choice.layers[0].enc, bench.wish.proposal->encs[0]);
		assert_int_equal(choice.layers[0].icv_bytes, bench.wish.proposal->icvs[0]);
		assert_int_equal(choice.layers[0].auth, enc_rows[i].auth ? ADIT_AUTH_HMAC_SHA1_96 : ADIT_AUTH_NULL);
		config_free(bench.config);
	}
}

/* RFC 2407 §4.4.3, §4.5, RFC 4868: for AH the transform and its attribute. */
static void every_integrity_of_esp_and_ah_goes_over_the_wire_and_back(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(auth_rows); i++) {
		struct v1_transform transform;
		struct phase2_choice choice;
		struct bench bench;
		char keys[256];

		(void)snprintf(keys, sizeof(keys), "enc_algorithms = \"null\"; auth_algorithms = [ \"%s\" ];", auth_rows[i].word);
		bench = bench_of(keys);
		transform = there_and_back(&bench, &choice);
		assert_int_equal(transform.auth, auth_rows[i].attribute);
		assert_int_equal(transform.id, V1_ESP_NULL);
		assert_int_equal(choice.layers[0].auth, bench.wish.proposal->auths[0]);
		assert_int_equal(phase2_auth_key_bytes(choice.layers[0].auth), auth_rows[i].key_bytes);
		bench.wish.esp = false;
		bench.wish.ah = true;
		transform = there_and_back(&bench, &choice);
		assert_int_equal(transform.id, auth_rows[i].ah);
		assert_int_equal(transform.auth, auth_rows[i].attribute);
		assert_int_equal(choice.layers[0].proto, ADIT_PROTO_AH);
		assert_int_equal(choice.layers[0].auth, bench.wish.proposal->auths[0]);
		config_free(bench.config);
	}
}

/* RFC 4543 §8: ESP_NULL_AUTH_AES-GMAC with a key length. */
static void gmac_goes_over_the_wire_as_a_transform_of_its_own(void **state)
{
	static const char *const words[] = { "aes-128-gmac", "aes-192-gmac", "aes-256-gmac" };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct v1_transform transform;
		struct phase2_choice choice;
		struct bench bench;
		char keys[256];

		(void)snprintf(keys, sizeof(keys), "enc_algorithms = \"null\"; auth_algorithms = \"%s\";", words[i]);
		bench = bench_of(keys);
		transform = there_and_back(&bench, &choice);
		assert_int_equal(transform.id, 23);
		assert_int_equal(transform.key_bits, 128 + 64 * i);
		assert_int_equal(transform.auth, 0);
		assert_int_equal(choice.layers[0].enc, ADIT_ENC_NULL);
		assert_int_equal(choice.layers[0].auth, ADIT_AUTH_AES_GMAC_128 + i);
		assert_int_equal(phase2_auth_key_bytes(choice.layers[0].auth), 16 + 8 * i + 4);
		config_free(bench.config);
	}
}

static void key_material_counts_salt_and_nonce(void **state)
{
	static const struct { enum adit_enc enc; unsigned n; } rows[] = {
		{ ADIT_ENC_NULL, 0 }, { ADIT_ENC_DES_CBC, 8 }, { ADIT_ENC_DES3_CBC, 24 }, { ADIT_ENC_BLOWFISH_CBC, 16 }, { ADIT_ENC_TWOFISH_CBC, 16 },
		{ ADIT_ENC_AES_CBC_128, 16 }, { ADIT_ENC_AES_CBC_192, 24 }, { ADIT_ENC_AES_CBC_256, 32 }, { ADIT_ENC_AES_CTR_128, 20 },
		{ ADIT_ENC_AES_CTR_192, 28 }, { ADIT_ENC_AES_CTR_256, 36 }, { ADIT_ENC_AES_GCM_128, 20 }, { ADIT_ENC_AES_GCM_192, 28 },
		{ ADIT_ENC_AES_GCM_256, 36 }, { ADIT_ENC_CAMELLIA_CBC_128, 16 }, { ADIT_ENC_CAMELLIA_CBC_192, 24 }, { ADIT_ENC_CAMELLIA_CBC_256, 32 }
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_int_equal(phase2_enc_key_bytes(rows[i].enc), rows[i].n);
	assert_int_equal(phase2_auth_key_bytes(ADIT_AUTH_NULL), 0);
}

static void every_pfs_group_mode_and_lifetime_goes_over_the_wire_and_back(void **state)
{
	static const char *const groups[] = { "none", "modp768", "modp1024", "ec2n155", "ec2n185", "modp1536", "modp2048", "modp3072", "modp4096",
		"modp6144", "modp8192", "ecp256", "ecp384", "ecp521" };

	(void)state;
	for (size_t i = 0; i < COUNT(groups); i++) {
		struct v1_transform transform;
		struct phase2_choice choice;
		struct bench bench;
		char keys[256];

		(void)snprintf(keys, sizeof(keys), "pfs_group = \"%s\"; lifetime = \"%zud\"; lifebytes = \"%s\"; esn = %s;", groups[i], i + 1,
			       i % 2 ? "4000000000000" : "1", i % 3 ? "true" : "false");
		bench = bench_of(keys);
		bench.wish.is_tunnel = i & 1;
		bench.wish.is_udp = i & 2;
		bench.wish.is_udp_draft = i & 4;
		transform = there_and_back(&bench, &choice);
		assert_int_equal(transform.group, bench.wish.pfs);
		assert_int_equal(choice.pfs, bench.wish.pfs);
		assert_int_equal(choice.seconds, (i + 1) * 86400);
		assert_int_equal(choice.kilobytes, i % 2 ? 3906250000 : 1);
		assert_int_equal(transform.kilobytes, choice.kilobytes);
		assert_int_equal(transform.esn, i % 3 != 0);
		assert_int_equal(choice.layers[0].esn, i % 3 != 0);
		assert_int_equal(choice.is_tunnel, i & 1);
		assert_int_equal(choice.is_udp, (i & 2) != 0);
		assert_int_equal(choice.encap, !(i & 2) ? 2 - (i & 1) : i & 4 ? 61444 - (i & 1) : 4 - (i & 1));
		assert_int_equal(transform.encap, choice.encap);
		config_free(bench.config);
	}
}

/* ---- offers */

static void an_offer_has_each_cipher_with_each_integrity_that_suits_it(void **state)
{
	static const struct { uint8_t id; uint16_t bits, auth; } want[] = {
		{ 12, 256, 2 }, { 12, 256, 5 }, { 20, 128, 0 }, { 11, 0, 2 }, { 11, 0, 5 }, { 23, 128, 0 }
	};
	struct bench bench = bench_of("enc_algorithms = [ \"aes-256\", \"aes-128-gcm\", \"null\" ];"
				      "auth_algorithms = [ \"sha1\", \"aes-128-gmac\", \"sha256\" ];");
	static struct sa_message message;
	char why[PROPOSAL_WHY_BYTES];
	unsigned order[] = { 0, 1, 2, 3, 5, 4 };	/* the file's: gmac stands between */

	(void)state;
	assert_true(send_offer(&message, &bench.wish, why));
	assert_int_equal(message.sa.n_proposals, 1);
	assert_int_equal(message.sa.n_transforms, COUNT(want));
	for (unsigned i = 0; i < COUNT(want); i++) {
		const struct v1_transform *transform = &message.sa.transforms[i];

		assert_int_equal(transform->number, i + 1);
		assert_int_equal(transform->id, want[order[i]].id);
		assert_int_equal(transform->key_bits, want[order[i]].bits);
		assert_int_equal(transform->auth, want[order[i]].auth);
	}
	free(message.copy);
	config_free(bench.config);
}

static void null_authentication_is_offered_and_taken_only_with_its_second_word(void **state)
{
	struct bench bench = bench_of("enc_algorithms = \"aes-128\"; auth_algorithms = [ \"sha1\", \"null\" ]; allow_null_authentication = true;");
	static struct sa_message message;
	struct phase2_choice choice;
	char why[PROPOSAL_WHY_BYTES];

	(void)state;
	assert_true(send_offer(&message, &bench.wish, why));
	assert_int_equal(message.sa.n_transforms, 2);
	message.sa.proposals[0].first = 1;	/* the second alone: without an auth attribute */
	message.sa.proposals[0].n = 1;
	assert_int_equal(message.sa.transforms[1].auth, 0);
	assert_true(phase2_choose(&bench.wish, &message.sa, &choice, why));
	assert_int_equal(choice.layers[0].auth, ADIT_AUTH_NULL);
	bench.wish.allow_null_auth = false;
	assert_false(phase2_choose(&bench.wish, &message.sa, &choice, why));
	assert_string_equal(why, "proposal 1, transform 2: auth null, ours sha1, null");
	free(message.copy);
	assert_true(send_offer(&message, &bench.wish, why));
	assert_int_equal(message.sa.n_transforms, 1);
	free(message.copy);
	config_free(bench.config);
}

/* RFC 4301 §4.5: AH after ESP, the tunnel is ESP's. RFC 2408 §4.2: one number, taken together. */
static void ah_and_esp_are_one_proposal_of_two_protocols(void **state)
{
	struct bench bench = bench_of("enc_algorithms = [ \"aes-128\", \"3des\" ]; auth_algorithms = [ \"sha256\", \"sha1\" ];");
	static struct sa_message offer, answer;
	struct phase2_choice choice, accepted;
	char why[PROPOSAL_WHY_BYTES], text[128];

	(void)state;
	bench.wish.ah = true;
	assert_true(send_offer(&offer, &bench.wish, why));
	assert_int_equal(offer.sa.n_proposals, 2);
	assert_int_equal(offer.sa.proposals[0].number, offer.sa.proposals[1].number);
	assert_int_equal(offer.sa.proposals[0].protocol, V1_PROTO_ESP);
	assert_int_equal(offer.sa.proposals[1].protocol, V1_PROTO_AH);
	assert_int_equal(offer.sa.proposals[0].n, 4);
	assert_int_equal(offer.sa.proposals[1].n, 2);
	assert_int_equal(offer.sa.transforms[0].encap, V1_TUNNEL);
	assert_int_equal(offer.sa.transforms[4].encap, V1_TRANSPORT);
	assert_true(phase2_choose(&bench.wish, &offer.sa, &choice, why));
	assert_int_equal(choice.n, 2);
	assert_int_equal(choice.layers[0].proto, ADIT_PROTO_ESP);
	assert_int_equal(choice.layers[0].enc, ADIT_ENC_AES_CBC_128);
	assert_int_equal(choice.layers[0].peer_spi, our_spis[0]);
	assert_int_equal(choice.layers[1].proto, ADIT_PROTO_AH);
	assert_int_equal(choice.layers[1].auth, ADIT_AUTH_HMAC_SHA256_128);
	assert_int_equal(choice.layers[1].peer_spi, our_spis[1]);
	assert_int_equal(choice.encap, V1_TUNNEL);
	phase2_choice_text(&choice, text, sizeof(text));
	assert_string_equal(text, "esp:aes-128-cbc/sha256+ah:sha256/tunnel/modp1024");
	send_choice(&answer, &choice);
	assert_int_equal(answer.sa.n_proposals, 2);
	assert_true(phase2_accept(&bench.wish, &answer.sa, &accepted, why));
	assert_int_equal(accepted.n, 2);
	answer.sa.n_proposals = answer.sa.n_transforms = 1;	/* half an answer */
	assert_false(phase2_accept(&bench.wish, &answer.sa, &accepted, why));
	assert_string_equal(why, "proposal 1: protocols esp, ours esp and ah");
	free(offer.copy);
	free(answer.copy);
	config_free(bench.config);
}

/* The peer's order of protocols is kept in the answer, and its mode for the bundle may stand in both. */
static void a_bundle_that_begins_with_ah_is_answered_in_its_order(void **state)
{
	struct bench bench = bench_of("");
	const struct v1_transform esp = { .number = 1, .id = V1_ESP_3DES, .encap = V1_TUNNEL, .auth = V1_HMAC_SHA1, .group = DH_MODP1024,
					  .has_seconds = true, .seconds = 1800 };
	static struct sa_message message, answer;
	struct phase2_choice choice;
	struct v1_sa_writer sa;
	char why[PROPOSAL_WHY_BYTES];

	(void)state;
	bench.wish.ah = true;
	for (unsigned encap = V1_TUNNEL; encap <= V1_UDP_TUNNEL; encap++) {
		const struct v1_transform ah = { .number = 1, .id = V1_AH_SHA1, .encap = (uint16_t)encap, .auth = V1_HMAC_SHA1,
						 .group = DH_MODP1024, .has_seconds = true, .seconds = 900 };

		sa_begin(&message);
		v1_open_sa(&sa, &message.to, &message.next_at);
		sa_put_proposal(&sa, 9, V1_PROTO_AH, their_ah_spi, 4, &ah, 1);
		sa_put_proposal(&sa, 9, V1_PROTO_ESP, their_esp_spi, 4, &esp, 1);
		v1_close_sa(&sa);
		sa_read(&message);
		assert_int_equal(phase2_choose(&bench.wish, &message.sa, &choice, why), encap != V1_UDP_TUNNEL);
		if (encap == V1_UDP_TUNNEL) {
			assert_string_equal(why, "proposal 9, transform 1: mode udp-tunnel, ours transport");
			free(message.copy);
			continue;
		}
		assert_int_equal(choice.layers[0].peer_spi, 0xc0ffee01);
		assert_int_equal(choice.layers[1].peer_spi, 0xabcdef02);
		assert_int_equal(choice.seconds, 900);	/* of two lifetimes the shorter */
		assert_int_equal(choice.encap, V1_TUNNEL);
		send_choice(&answer, &choice);
		assert_int_equal(answer.sa.proposals[0].number, 9);
		assert_int_equal(answer.sa.proposals[0].protocol, V1_PROTO_AH);
		assert_int_equal(answer.sa.proposals[1].protocol, V1_PROTO_ESP);
		assert_memory_equal(answer.sa.proposals[0].spi.at, "\x55\x66\x77\x88", 4);
		assert_memory_equal(answer.sa.proposals[1].spi.at, "\x11\x22\x33\x44", 4);
		free(answer.copy);
		free(message.copy);
	}
	config_free(bench.config);
}

static void what_cannot_be_offered_is_told(void **state)
{
	struct bench bench = bench_of("enc_algorithms = \"aes-128-gcm\"; auth_algorithms = \"null\";");
	static struct sa_message message;
	struct phase2_choice choice;
	char why[PROPOSAL_WHY_BYTES];
	struct cfg_proposal many = *bench.wish.proposal;

	(void)state;
	bench.wish.ah = true;
	assert_false(send_offer(&message, &bench.wish, why));
	assert_string_equal(why, "proposal q: no enc_algorithm goes with an auth_algorithm");
	bench.wish.is_udp = true;
	assert_false(send_offer(&message, &bench.wish, why));
	assert_string_equal(why, "AH cannot pass a NAT");
	bench.wish.ah = false;
	bench.wish.is_udp = false;
	assert_true(send_offer(&message, &bench.wish, why));
	bench.wish.ah = true;
	bench.wish.is_udp = true;
	assert_false(phase2_choose(&bench.wish, &message.sa, &choice, why));
	assert_string_equal(why, "AH cannot pass a NAT");
	free(message.copy);
	bench.wish.ah = bench.wish.is_udp = false;
	bench.wish.proposal = &many;
	for (many.n_encs = 0; many.n_encs < 26; many.n_encs++)
		many.encs[many.n_encs] = ADIT_ENC_AES_CBC_128;
	for (many.n_auths = 0; many.n_auths < 5; many.n_auths++)
		many.auths[many.n_auths] = ADIT_AUTH_HMAC_SHA1_96;
	memset(many.icvs, 0, sizeof(many.icvs));
	assert_false(send_offer(&message, &bench.wish, why));	/* 130 */
	assert_string_equal(why, "proposal q: 130 combinations; at most 128 can be proposed");
	many.n_encs = 25;
	assert_true(send_offer(&message, &bench.wish, why));
	assert_int_equal(message.sa.n_transforms, 125);
	free(message.copy);
	many.n_encs = 32;
	many.n_auths = 4;
	for (unsigned i = 0; i < 32; i++)
		many.encs[i] = ADIT_ENC_DES3_CBC;
	assert_true(send_offer(&message, &bench.wish, why));
	assert_int_equal(message.sa.n_transforms, 128);
	free(message.copy);
	sa_begin(&message);
	message.to.room = 40;
	assert_false(phase2_offer(&bench.wish, our_spis, &message.to, &message.next_at, why));
	assert_string_equal(why, "proposal q: too long for a message");
	config_free(bench.config);
}

/* Every word that the configuration has fits into one payload, AH's transforms included; and its own offer is taken. */
static void the_longest_lists_that_a_file_can_have_are_offered_whole(void **state)
{
#define ALL_BUT_NULL "enc_algorithms = [ \"des\", \"3des\", \"aes-128\", \"aes-192\", \"aes-256\", \"blowfish\", \"twofish\", \"camellia-128\"," \
	"\"camellia-192\", \"camellia-256\", \"aes-128-ctr\", \"aes-192-ctr\", \"aes-256-ctr\", \"aes-128-gcm\", \"aes-192-gcm\"," \
	"\"aes-256-gcm\", \"aes-128-gcm-12\", \"aes-192-gcm-12\", \"aes-256-gcm-12\", \"aes-128-gcm-8\", \"aes-192-gcm-8\", \"aes-256-gcm-8\""
#define ALL_HMACS "auth_algorithms = [ \"md5\", \"sha1\", \"sha256\", \"sha384\", \"sha512\""
	static const struct { const char *keys; unsigned n; } rows[] = {
		{ ALL_BUT_NULL " ]; " ALL_HMACS ", \"null\" ]; allow_null_authentication = true;", 13 * 6 + 9 + 5 },
		{ ALL_BUT_NULL ", \"null\" ]; " ALL_HMACS ", \"aes-128-gmac\", \"aes-192-gmac\", \"aes-256-gmac\" ];", 14 * 5 + 3 + 9 + 5 },
	};
	char why[PROPOSAL_WHY_BYTES];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct bench bench = bench_of(rows[i].keys);
		static struct sa_message message;
		struct phase2_choice choice;

		bench.wish.ah = true;
		bench.wish.check = CHECK_EXACT;
		assert_true(send_offer(&message, &bench.wish, why));
		assert_int_equal(message.sa.n_transforms, rows[i].n);
		for (unsigned t = 0; t < message.sa.proposals[0].n; t++) {	/* each alone is one that we take */
			struct v1_sa one = message.sa;

			one.proposals[0].first = t;
			one.proposals[0].n = 1;
			assert_true(phase2_choose(&bench.wish, &one, &choice, why));
			assert_int_equal(choice.layers[0].transform.number, t + 1);
		}
		free(message.copy);
		config_free(bench.config);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_cipher_of_esp_goes_over_the_wire_and_back),
		cmocka_unit_test(every_integrity_of_esp_and_ah_goes_over_the_wire_and_back),
		cmocka_unit_test(gmac_goes_over_the_wire_as_a_transform_of_its_own),
		cmocka_unit_test(key_material_counts_salt_and_nonce),
		cmocka_unit_test(every_pfs_group_mode_and_lifetime_goes_over_the_wire_and_back),
		cmocka_unit_test(an_offer_has_each_cipher_with_each_integrity_that_suits_it),
		cmocka_unit_test(null_authentication_is_offered_and_taken_only_with_its_second_word),
		cmocka_unit_test(ah_and_esp_are_one_proposal_of_two_protocols),
		cmocka_unit_test(a_bundle_that_begins_with_ah_is_answered_in_its_order),
		cmocka_unit_test(what_cannot_be_offered_is_told),
		cmocka_unit_test(the_longest_lists_that_a_file_can_have_are_offered_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
