// SPDX-License-Identifier: BSD-2-Clause-Patent
#include <time.h>

#include "policy/proposal.h"
#include "policy/support_sa.h"
#include "support_config.h"

static const uint8_t their_esp_spi[4] = { 0xc0, 0xff, 0xee, 0x01 }, their_ah_spi[4] = { 0xab, 0xcd, 0xef, 0x02 };
static const uint32_t our_spis[2] = { 0x11223344, 0x55667788 };

/* A proposal of the configuration, and a wish for ESP in tunnel mode with it. */
struct bench {
	struct config *config;
	struct phase2_wish wish;
};

static struct bench bench_of(const char *keys)
{
	struct bench bench;
	char text[2048];

	(void)snprintf(text, sizeof(text), "proposals = ( { name = \"q\"; %s } );", keys);
	bench.config = config_of(text);
	bench.wish = (struct phase2_wish){ .proposal = config_proposal(bench.config, "q"), .check = CHECK_OBEY, .esp = true, .is_tunnel = true };
	bench.wish.pfs = bench.wish.proposal->pfs;
	bench.wish.allow_null_auth = bench.wish.proposal->allow_null_auth;
	return bench;
}

static bool send_offer(struct sa_message *message, const struct phase2_wish *wish, char why[PROPOSAL_WHY_BYTES])
{
	sa_begin(message);
	if (!phase2_offer(wish, our_spis, &message->to, &message->next_at, why))
		return false;
	sa_read(message);
	return true;
}

static void send_choice(struct sa_message *message, const struct phase2_choice *choice)
{
	sa_begin(message);
	phase2_put_choice(choice, our_spis, &message->to, &message->next_at);
	sa_read(message);
}

static void send_transforms(struct sa_message *message, uint8_t protocol, const struct v1_transform *transforms, size_t n)
{
	struct v1_sa_writer sa;

	sa_begin(message);
	v1_open_sa(&sa, &message->to, &message->next_at);
	sa_put_proposal(&sa, 1, protocol, protocol == V1_PROTO_AH ? their_ah_spi : their_esp_spi, 4, transforms, n);
	v1_close_sa(&sa);
	sa_read(message);
}

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

/* ---- choices */

static const struct v1_transform seed = {
	.number = 4, .id = V1_ESP_3DES, .encap = V1_TUNNEL, .auth = V1_HMAC_SHA1, .group = DH_MODP1024, .has_seconds = true, .seconds = 1800
};
#define SEED(...) ({ struct v1_transform t = seed; __VA_ARGS__; t; })

static bool choose(struct bench *bench, uint8_t protocol, const struct v1_transform *transform, struct phase2_choice *out,
		   char why[PROPOSAL_WHY_BYTES])
{
	static struct sa_message message;
	bool is_good;

	send_transforms(&message, protocol, transform, 1);
	is_good = phase2_choose(&bench->wish, &message.sa, out, why);
	free(message.copy);
	return is_good;
}

static void each_refusal_names_the_field_theirs_and_ours(void **state)
{
	const struct { const char *keys; struct v1_transform transform; const char *why; } rows[] = {
		{ "", SEED(t.id = V1_ESP_DES), "enc des, ours 3des" },
		{ "", SEED(t.id = V1_ESP_AES_CBC; t.key_bits = 256), "enc aes-256-cbc, ours 3des" },
		{ "enc_algorithms = [ \"aes-128\", \"aes-256-gcm-8\" ];", SEED(), "enc 3des, ours aes-128-cbc, aes-256-gcm-8" },
		{ "enc_algorithms = \"aes-128\";", SEED(t.id = V1_ESP_AES_CBC), "enc 12 without a key length, ours aes-128-cbc" },
		{ "enc_algorithms = \"camellia-128\";", SEED(t.id = V1_ESP_CAMELLIA), "enc 22 without a key length, ours camellia-128" },
		{ "enc_algorithms = \"aes-128\";", SEED(t.id = V1_ESP_AES_CBC; t.key_bits = 512), "enc 12 with 512 bits, ours aes-128-cbc" },
		{ "enc_algorithms = \"blowfish\";", SEED(t.id = V1_ESP_BLOWFISH; t.key_bits = 448), "enc 7 with 448 bits, ours blowfish" },
		{ "enc_algorithms = \"aes-128-gcm\";", SEED(t.id = V1_ESP_GCM_8; t.key_bits = 128; t.auth = 0), "enc aes-128-gcm-8, ours aes-128-gcm" },
		{ "enc_algorithms = \"aes-128-gcm\";", SEED(t.id = V1_ESP_GCM_16; t.key_bits = 128),
		  "auth attribute 2 beside aes-128-gcm, which brings its own" },
		{ "", SEED(t.id = 1), "enc 1 without a key length, ours 3des" },
		{ "", SEED(t.id = 200), "enc 200 without a key length, ours 3des" },
		{ "", SEED(t.key_bits = 64), "enc 3 with 64 bits, ours 3des" },
		{ "", SEED(t.auth = V1_HMAC_MD5), "auth md5, ours sha1" },
		{ "", SEED(t.auth = 3), "auth 3, ours sha1" },	/* DES-MAC */
		{ "", SEED(t.auth = 0), "auth null, ours sha1" },
		{ "auth_algorithms = [ \"sha256\", \"sha512\" ];", SEED(), "auth sha1, ours sha256, sha512" },
		{ "enc_algorithms = [ \"null\" ];", SEED(t.id = V1_ESP_NULL; t.auth = 0), "enc null and auth null, which protects nothing" },
		{ "", SEED(t.id = V1_ESP_NULL_GMAC; t.key_bits = 128; t.auth = 0), "auth aes-128-gmac, ours sha1" },
		{ "", SEED(t.id = V1_ESP_NULL_GMAC; t.auth = 0), "aes-gmac with a key of 0 bits" },
		{ "enc_algorithms = \"null\"; auth_algorithms = \"aes-128-gmac\";", SEED(t.id = V1_ESP_NULL_GMAC; t.key_bits = 128),
		  "auth attribute 2 beside aes-gmac, which is the authentication" },
		{ "", SEED(t.encap = V1_TRANSPORT), "mode transport, ours tunnel" },
		{ "", SEED(t.encap = V1_UDP_TUNNEL), "mode udp-tunnel, ours tunnel" },
		{ "", SEED(t.encap = V1_UDP_TUNNEL_DRAFT), "mode udp-tunnel, ours tunnel" },
		{ "", SEED(t.encap = 9), "mode 9, ours tunnel" },
		{ "", SEED(t.group = 22), "pfs_group group 22, ours modp1024" },	/* obey too takes only groups that exist here */
		{ "", SEED(t.group = DH_X25519), "pfs_group x25519, ours modp1024" },
		{ "", SEED(t.esn = true), "esn true, ours false" },
		{ "esn = true;", SEED(), "esn false, ours true" },
		{ "", SEED(t.key_rounds = 12), "key rounds 12, ours none" },
		{ "", SEED(t.seconds = 0), "lifetime 0s, which is none" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct bench bench = bench_of(rows[i].keys);
		struct phase2_choice choice;
		char why[PROPOSAL_WHY_BYTES], want[PROPOSAL_WHY_BYTES];

		(void)snprintf(want, sizeof(want), "proposal 1, transform 4: %s", rows[i].why);
		assert_false(choose(&bench, V1_PROTO_ESP, &rows[i].transform, &choice, why));
		assert_string_equal(why, want);
		config_free(bench.config);
	}
}

static void ah_must_say_one_algorithm_twice(void **state)
{
	const struct { struct v1_transform transform; const char *why; } rows[] = {
		{ SEED(t.id = V1_AH_SHA1), NULL },
		{ SEED(t.id = V1_AH_MD5), "transform id 2 with auth sha1, whose id is 3" },
		{ SEED(t.id = V1_AH_MD5; t.auth = V1_HMAC_MD5), "auth md5, ours sha1" },
		{ SEED(t.id = V1_AH_SHA1; t.auth = 0), "auth null, ours sha1" },
		{ SEED(t.id = 4; t.auth = 3), "auth 3, ours sha1" },
		{ SEED(t.id = V1_AH_SHA1; t.key_bits = 160), "a key length of 160 bits, and AH's keys have one length" },
	};
	struct bench bench = bench_of("");

	(void)state;
	bench.wish.esp = false;
	bench.wish.ah = true;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct phase2_choice choice;
		char why[PROPOSAL_WHY_BYTES], want[PROPOSAL_WHY_BYTES];

		(void)snprintf(want, sizeof(want), "proposal 1, transform 4: %s", rows[i].why);
		assert_int_equal(choose(&bench, V1_PROTO_AH, &rows[i].transform, &choice, why), rows[i].why == NULL);
		assert_string_equal(why, rows[i].why ? want : "");
	}
	config_free(bench.config);
}

/* RFC 2451 §2.2: 128 bits unless told otherwise. A key of one length may say so. */
static void ciphers_with_a_default_may_leave_out_their_key_length(void **state)
{
	static const struct { const char *word; uint8_t id; uint16_t bits; } rows[] = {
		{ "blowfish", V1_ESP_BLOWFISH, 0 }, { "blowfish", V1_ESP_BLOWFISH, 128 }, { "twofish", V1_ESP_TWOFISH, 0 },
		{ "twofish", V1_ESP_TWOFISH, 128 }, { "3des", V1_ESP_3DES, 192 }, { "des", V1_ESP_DES, 64 }, { "null", V1_ESP_NULL, 0 }
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct v1_transform transform = SEED(t.id = rows[i].id; t.key_bits = rows[i].bits);
		struct phase2_choice choice;
		char keys[64], why[PROPOSAL_WHY_BYTES];
		struct bench bench;

		(void)snprintf(keys, sizeof(keys), "enc_algorithms = \"%s\";", rows[i].word);
		bench = bench_of(keys);
		assert_true(choose(&bench, V1_PROTO_ESP, &transform, &choice, why));
		assert_int_equal(choice.layers[0].enc, bench.wish.proposal->encs[0]);
		config_free(bench.config);
	}
}

/* SEMANTICS §1.2, the table, lifetimes: each mode; P below, at and above M; P and M without limit. */
static void proposal_check_judges_seconds_and_kilobytes(void **state)
{
	static const enum proposal_check checks[] = { CHECK_OBEY, CHECK_STRICT, CHECK_CLAIM, CHECK_EXACT };
	static const uint64_t kbs[] = { 0, 999, 1000, 1001, 5000000000 };	/* 0: not said, no limit */
	static const uint64_t secs[] = { 900, 1800, 1801, 0, 5000000000 };	/* 0: not said, 28800 */
	unsigned n = 0;

	(void)state;
	for (size_t c = 0; c < 4; c++) {
		for (unsigned has_limit = 0; has_limit < 2; has_limit++) {
			struct bench bench = bench_of(has_limit ? "lifebytes = 1024000;" : "");

			bench.wish.check = checks[c];
			for (size_t s = 0; s < COUNT(secs); s++) {
				for (size_t k = 0; k < COUNT(kbs); k++, n++) {
					const struct v1_transform transform = SEED(t.has_seconds = secs[s] != 0; t.seconds = secs[s];
										   t.has_kilobytes = kbs[k] != 0; t.kilobytes = kbs[k]);
					uint64_t p_sec = secs[s] ? secs[s] : 28800, p_kb = kbs[k] ? kbs[k] : UINT64_MAX;
					uint64_t m_sec = 1800, m_kb = has_limit ? 1000 : UINT64_MAX;
					bool is_longer_sec = p_sec > m_sec, is_longer_kb = p_kb > m_kb, is_good = true;
					uint64_t want_sec = p_sec, want_kb = p_kb;
					struct phase2_choice choice;
					char why[PROPOSAL_WHY_BYTES];

					if (checks[c] == CHECK_STRICT)
						is_good = !is_longer_sec && !is_longer_kb;
					if (checks[c] == CHECK_EXACT)
						is_good = p_sec == m_sec && p_kb == m_kb;
					if (checks[c] == CHECK_CLAIM) {
						want_sec = is_longer_sec ? m_sec : p_sec;
						want_kb = is_longer_kb ? m_kb : p_kb;
					}
					assert_int_equal(choose(&bench, V1_PROTO_ESP, &transform, &choice, why), is_good);
					if (!is_good)
						continue;
					assert_int_equal(choice.seconds, want_sec > UINT32_MAX ? UINT32_MAX : want_sec);
					assert_int_equal(choice.kilobytes, want_kb == UINT64_MAX ? 0 : want_kb);
					/* racoon notified kilobytes as seconds, and always took the peer's: not here */
					assert_int_equal(choice.must_notify_seconds, checks[c] == CHECK_CLAIM && is_longer_sec);
					assert_int_equal(choice.must_notify_kilobytes, checks[c] == CHECK_CLAIM && is_longer_kb);
				}
			}
			config_free(bench.config);
		}
	}
	assert_int_equal(n, 200);
}

/* The table, PFS: obey takes theirs, even none; strict and claim ours if there is one, else theirs; exact ours. */
static void proposal_check_judges_the_pfs_group(void **state)
{
	static const enum proposal_check checks[] = { CHECK_OBEY, CHECK_STRICT, CHECK_CLAIM, CHECK_EXACT };
	static const uint16_t groups[] = { DH_NONE, DH_MODP768, DH_MODP1024, DH_MODP2048, DH_EC2N155, DH_ECP256 };
	struct bench bench = bench_of("");

	(void)state;
	for (size_t c = 0; c < 4; c++) {
		for (size_t p = 0; p < COUNT(groups); p++) {
			for (size_t m = 0; m < COUNT(groups); m++) {
				const struct v1_transform transform = SEED(t.group = groups[p]);
				bool is_good = checks[c] == CHECK_OBEY || groups[p] == groups[m] ||
					       (checks[c] != CHECK_EXACT && groups[m] == DH_NONE);
				struct phase2_choice choice;
				char why[PROPOSAL_WHY_BYTES], want[128];

				bench.wish.check = checks[c];
				bench.wish.pfs = (enum dh_group)groups[m];
				assert_int_equal(choose(&bench, V1_PROTO_ESP, &transform, &choice, why), is_good);
				if (is_good) {
					assert_int_equal(choice.pfs, groups[p]);
					continue;
				}
				(void)snprintf(want, sizeof(want), "proposal 1, transform 4: pfs_group %s, ours %s", word_put(words_dh, groups[p]),
					       word_put(words_dh, groups[m]));
				assert_string_equal(why, want);
			}
		}
	}
	config_free(bench.config);
}

/* The table, key lengths: obey any, strict and claim none shorter than ours, exact ours. */
static void proposal_check_judges_key_lengths(void **state)
{
	static const enum proposal_check checks[] = { CHECK_OBEY, CHECK_STRICT, CHECK_CLAIM, CHECK_EXACT };
	static const struct { const char *word; uint8_t id; uint16_t auth; } families[] = {
		{ "aes-192", V1_ESP_AES_CBC, 2 }, { "aes-192-ctr", V1_ESP_AES_CTR, 2 }, { "aes-192-gcm", V1_ESP_GCM_16, 0 },
		{ "camellia-192", V1_ESP_CAMELLIA, 2 }, { "aes-192-gmac", V1_ESP_NULL_GMAC, 0 }
	};

	(void)state;
	for (size_t f = 0; f < COUNT(families); f++) {
		char keys[128];
		struct bench bench;

		if (families[f].id == V1_ESP_NULL_GMAC)
			(void)snprintf(keys, sizeof(keys), "enc_algorithms = \"null\"; auth_algorithms = \"%s\";", families[f].word);
		else
			(void)snprintf(keys, sizeof(keys), "enc_algorithms = \"%s\";", families[f].word);
		bench = bench_of(keys);
		for (size_t c = 0; c < 4; c++) {
			for (unsigned bits = 128; bits <= 256; bits += 64) {
				const struct v1_transform transform = SEED(t.id = families[f].id; t.auth = families[f].auth; t.key_bits = (uint16_t)bits);
				bool is_good = checks[c] == CHECK_OBEY || bits == 192 || (checks[c] != CHECK_EXACT && bits > 192);
				struct phase2_choice choice;
				char why[PROPOSAL_WHY_BYTES];

				bench.wish.check = checks[c];
				assert_int_equal(choose(&bench, V1_PROTO_ESP, &transform, &choice, why), is_good);
				if (is_good && families[f].id == V1_ESP_NULL_GMAC)
					assert_int_equal(auth_key_bytes(choice.layers[0].auth), bits / 8);
				else if (is_good)
					assert_int_equal(enc_facts(choice.layers[0].enc).key_bytes, bits / 8);
			}
		}
		config_free(bench.config);
	}
}

static void behind_a_nat_either_number_of_udp_encapsulation_is_taken(void **state)
{
	static const struct { uint16_t encap; bool is_tunnel, is_good; } rows[] = {
		{ V1_UDP_TUNNEL, true, true }, { V1_UDP_TUNNEL_DRAFT, true, true }, { V1_UDP_TRANSPORT, false, true },
		{ V1_UDP_TRANSPORT_DRAFT, false, true }, { V1_UDP_TRANSPORT, true, false }, { V1_UDP_TUNNEL, false, false },
		{ V1_TUNNEL, true, false }, { V1_TRANSPORT, false, false }, { 0, true, false }
	};
	struct bench bench = bench_of("");

	(void)state;
	bench.wish.is_udp = true;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct v1_transform transform = SEED(t.encap = rows[i].encap);
		struct phase2_choice choice;
		char why[PROPOSAL_WHY_BYTES];

		bench.wish.is_tunnel = rows[i].is_tunnel;
		assert_int_equal(choose(&bench, V1_PROTO_ESP, &transform, &choice, why), rows[i].is_good);
		if (rows[i].is_good)
			assert_int_equal(choice.encap, rows[i].encap);
	}
	bench.wish.is_udp = false;	/* RFC 2407 §4.5: a mode that is not said is the host's to choose */
	for (unsigned is_tunnel = 0; is_tunnel < 2; is_tunnel++) {
		const struct v1_transform transform = SEED(t.encap = 0);
		struct phase2_choice choice;
		char why[PROPOSAL_WHY_BYTES];

		bench.wish.is_tunnel = is_tunnel;
		assert_true(choose(&bench, V1_PROTO_ESP, &transform, &choice, why));
		assert_int_equal(choice.encap, is_tunnel ? V1_TUNNEL : V1_TRANSPORT);
	}
	config_free(bench.config);
}

static void the_first_of_the_peers_order_is_taken(void **state)
{
	static struct sa_message message;
	struct bench bench = bench_of("enc_algorithms = [ \"aes-256\", \"3des\" ];");
	const struct v1_transform transforms[] = {
		SEED(t.number = 1; t.id = V1_ESP_DES), SEED(t.number = 2; t.key_rounds = 1), SEED(t.number = 3; t.seconds = 77),
		SEED(t.number = 4; t.id = V1_ESP_AES_CBC; t.key_bits = 256)
	};
	struct phase2_choice choice;
	char why[PROPOSAL_WHY_BYTES];

	(void)state;
	send_transforms(&message, V1_PROTO_ESP, transforms, COUNT(transforms));
	assert_true(phase2_choose(&bench.wish, &message.sa, &choice, why));
	assert_int_equal(choice.layers[0].enc, ADIT_ENC_DES3_CBC);
	assert_int_equal(choice.seconds, 77);
	assert_int_equal(choice.layers[0].transform.number, 3);
	free(message.copy);
	config_free(bench.config);
}

/* Groups of proposals: what is one too many, one too few or not spoken is passed over as a whole. */
static void proposals_of_one_number_are_taken_together_or_not_at_all(void **state)
{
	static const struct { uint8_t protocols[3]; unsigned n; const char *why; } rows[] = {
		{ { V1_PROTO_AH }, 1, "proposal 1: protocols ah, ours esp" },
		{ { V1_PROTO_AH, V1_PROTO_ESP }, 2, "proposal 1: protocols esp and ah, ours esp" },
		{ { V1_PROTO_ESP, V1_PROTO_IPCOMP }, 2, "proposal 1: protocols esp and more, ours esp" },
		{ { V1_PROTO_ESP, V1_PROTO_ESP }, 2, "proposal 1: protocols esp and more, ours esp" },
		{ { V1_PROTO_ISAKMP }, 1, "proposal 1: protocols neither esp nor ah and more, ours esp" },
		{ { 77 }, 1, "proposal 1: protocols neither esp nor ah and more, ours esp" },
		{ { V1_PROTO_AH, V1_PROTO_AH, V1_PROTO_ESP }, 3, "proposal 1: protocols esp and ah and more, ours esp" },
	};
	struct bench bench = bench_of("");
	const struct v1_transform good = SEED();

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		for (unsigned is_good = 0; is_good < 2; is_good++) {
			static struct sa_message message;
			struct phase2_choice choice;
			struct v1_sa_writer sa;
			char why[PROPOSAL_WHY_BYTES];

			sa_begin(&message);
			v1_open_sa(&sa, &message.to, &message.next_at);
			for (unsigned k = 0; k < rows[i].n; k++)
				sa_put_proposal(&sa, 1, rows[i].protocols[k], their_esp_spi, 4, &good, 1);
			if (is_good)
				sa_put_proposal(&sa, 2, V1_PROTO_ESP, their_esp_spi, 4, &good, 1);
			v1_close_sa(&sa);
			sa_read(&message);
			assert_int_equal(phase2_choose(&bench.wish, &message.sa, &choice, why), is_good);
			assert_string_equal(why, is_good ? "" : rows[i].why);
			if (is_good)
				assert_int_equal(choice.proposal_number, 2);
			free(message.copy);
		}
	}
	config_free(bench.config);
}

/* A bundle's transforms are combined: one KE payload, so one group (RFC 2407 §4.5). */
static void the_layers_of_a_bundle_agree_on_the_pfs_group(void **state)
{
	const struct v1_transform esp[] = { SEED(t.number = 1; t.group = DH_MODP1024), SEED(t.number = 2; t.group = DH_MODP2048) };
	const struct v1_transform ah = SEED(t.id = V1_AH_SHA1; t.group = DH_MODP2048);
	struct bench bench = bench_of("");
	static struct sa_message message;
	struct phase2_choice choice;
	struct v1_sa_writer sa;
	char why[PROPOSAL_WHY_BYTES];

	(void)state;
	bench.wish.ah = true;
	for (size_t n = 1; n <= 2; n++) {
		sa_begin(&message);
		v1_open_sa(&sa, &message.to, &message.next_at);
		sa_put_proposal(&sa, 1, V1_PROTO_ESP, their_esp_spi, 4, esp, n);
		sa_put_proposal(&sa, 1, V1_PROTO_AH, their_ah_spi, 4, &ah, 1);
		v1_close_sa(&sa);
		sa_read(&message);
		assert_int_equal(phase2_choose(&bench.wish, &message.sa, &choice, why), n == 2);
		if (n == 2) {
			assert_int_equal(choice.pfs, DH_MODP2048);
			assert_int_equal(choice.layers[0].transform.number, 2);
		} else {
			assert_string_equal(why, "proposal 1, transform 4: pfs_group modp2048, and modp1024 beside it");
		}
		free(message.copy);
	}
	config_free(bench.config);
}

static void a_reserved_spi_is_refused(void **state)
{
	static const struct { uint8_t spi[4]; bool is_good; } rows[] = {
		{ { 0, 0, 0, 0 }, false }, { { 0, 0, 0, 255 }, false }, { { 0, 0, 1, 0 }, true }, { { 255, 255, 255, 255 }, true }
	};
	struct bench bench = bench_of("");
	const struct v1_transform good = SEED();

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		static struct sa_message message;
		struct phase2_choice choice;
		struct v1_sa_writer sa;
		char why[PROPOSAL_WHY_BYTES];

		sa_begin(&message);
		v1_open_sa(&sa, &message.to, &message.next_at);
		sa_put_proposal(&sa, 1, V1_PROTO_ESP, rows[i].spi, 4, &good, 1);
		v1_close_sa(&sa);
		sa_read(&message);
		assert_int_equal(phase2_choose(&bench.wish, &message.sa, &choice, why), rows[i].is_good);
		free(message.copy);
	}
	config_free(bench.config);
}

static void of_many_refusals_the_nearest_is_told(void **state)
{
	static struct sa_message message;
	const struct v1_transform transforms[] = {
		SEED(t.number = 1; t.esn = true), SEED(t.number = 2; t.id = V1_ESP_DES), SEED(t.number = 3; t.encap = V1_TRANSPORT)
	};
	struct bench bench = bench_of("");
	struct phase2_choice choice;
	struct v1_sa_writer sa;
	char why[PROPOSAL_WHY_BYTES];

	(void)state;
	sa_begin(&message);
	v1_open_sa(&sa, &message.to, &message.next_at);
	sa_put_proposal(&sa, 1, V1_PROTO_ESP, their_esp_spi, 4, transforms, COUNT(transforms));
	sa_put_proposal(&sa, 2, V1_PROTO_AH, their_ah_spi, 4, transforms, 1);
	v1_close_sa(&sa);
	sa_read(&message);
	assert_false(phase2_choose(&bench.wish, &message.sa, &choice, why));
	assert_string_equal(why, "proposal 1, transform 1: esn true, ours false");
	free(message.copy);
	config_free(bench.config);
}

/* Offers with bytes changed at random: whatever is taken of them is sound, and its answer can be read. */
static void mutated_offers_give_a_sound_choice_or_none(void **state)
{
	struct bench bench = bench_of("enc_algorithms = [ \"aes-128\", \"3des\", \"aes-256-gcm-8\", \"blowfish\", \"null\" ];"
				      "auth_algorithms = [ \"sha1\", \"sha256\", \"aes-128-gmac\" ]; lifebytes = 100000;");
	static struct sa_message offer, answer;
	static struct v1_sa sa;
	const unsigned seed_number = (unsigned)time(NULL);
	unsigned n_read = 0, n_taken = 0, n_accepted = 0;
	char why[PROPOSAL_WHY_BYTES];

	(void)state;
	print_message("seed %u\n", seed_number);
	srandom(seed_number);
	for (unsigned round = 0; round < 40000; round++) {
		struct phase2_choice choice;
		size_t n_bytes;
		char *copy;

		bench.wish.ah = round & 1;
		bench.wish.check = (enum proposal_check)(random() % 4);
		sa_begin(&offer);
		assert_true(phase2_offer(&bench.wish, our_spis, &offer.to, &offer.next_at, why));
		n_bytes = offer.to.len - 5;
		copy = exact_copy((const char *)offer.room + 5, n_bytes);
		for (long n = 1 + random() % 3; n; n--)
			copy[(size_t)random() % n_bytes] = (char)(random() % 3 ? random() : random() % 26);
		if (v1_get_sa((struct bytes){ (const uint8_t *)copy, n_bytes }, &sa) == WIRE_OK) {
			n_read++;
			if (phase2_choose(&bench.wish, &sa, &choice, why)) {
				n_taken++;
				assert_int_equal(choice.n, 1 + bench.wish.ah);
				for (unsigned i = 0; i < choice.n; i++) {
					assert_true(choice.layers[i].peer_spi >= 256);
					assert_true(choice.layers[i].enc != ADIT_ENC_NULL || choice.layers[i].auth != ADIT_AUTH_NULL);
				}
				assert_true(choice.seconds > 0);
				send_choice(&answer, &choice);
				n_accepted += phase2_accept(&bench.wish, &answer.sa, &choice, why);
				free(answer.copy);
			} else {
				assert_true(why[0] != 0);
			}
		}
		free(copy);
	}
	print_message("%u read, %u taken, %u of them answers as well\n", n_read, n_taken, n_accepted);
	assert_true(n_taken > 1000 && n_taken < n_read && n_accepted > 0 && n_accepted < n_taken);
	config_free(bench.config);
}

static void an_answer_that_was_not_offered_is_refused(void **state)
{
	const struct { struct v1_transform transform; const char *why; } rows[] = {
		{ SEED(t.has_kilobytes = true; t.kilobytes = 100), NULL },
		{ SEED(), NULL },	/* some answer seconds alone */
		{ SEED(t.number = 1), NULL },
		{ SEED(t.has_kilobytes = true; t.kilobytes = 101), "lifetime 101kB, ours 100kB (0: no limit), and an answer must be exact" },
		{ SEED(t.seconds = 1799), "lifetime 1799s, ours 1800s, and an answer must be exact" },
		{ SEED(t.has_seconds = false), "lifetime 28800s, ours 1800s, and an answer must be exact" },
		{ SEED(t.group = DH_NONE), "pfs_group none, ours modp1024" },
		{ SEED(t.group = DH_MODP768), "pfs_group modp768, ours modp1024" },
		{ SEED(t.encap = 0), "mode 0, ours tunnel" },
		{ SEED(t.encap = V1_TRANSPORT), "mode transport, ours tunnel" },
		{ SEED(t.auth = V1_HMAC_MD5), "auth md5, ours sha1" },
		{ SEED(t.auth = 0), "auth null, ours sha1" },
		{ SEED(t.id = V1_ESP_AES_CBC; t.key_bits = 192), NULL },
		{ SEED(t.id = V1_ESP_AES_CBC; t.key_bits = 256), "enc aes-256-cbc, ours 3des, aes-192-cbc" },
		{ SEED(t.esn = true), "esn true, ours false" },
	};
	struct bench bench = bench_of("enc_algorithms = [ \"3des\", \"aes-192\" ]; lifebytes = 102400;");
	static struct sa_message message;
	const struct v1_transform two[2] = { seed, seed };
	struct phase2_choice choice;
	char why[PROPOSAL_WHY_BYTES], want[PROPOSAL_WHY_BYTES];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		send_transforms(&message, V1_PROTO_ESP, &rows[i].transform, 1);
		assert_int_equal(phase2_accept(&bench.wish, &message.sa, &choice, why), rows[i].why == NULL);
		(void)snprintf(want, sizeof(want), "proposal 1, transform 4: %s", rows[i].why);
		assert_string_equal(why, rows[i].why ? want : "");
		if (!rows[i].why) {
			assert_int_equal(choice.seconds, 1800);
			assert_int_equal(choice.kilobytes, 100);
			assert_false(choice.must_notify_seconds || choice.must_notify_kilobytes);
			assert_int_equal(choice.layers[0].peer_spi, 0xc0ffee01);
		}
		free(message.copy);
	}
	send_transforms(&message, V1_PROTO_ESP, two, 2);
	assert_false(phase2_accept(&bench.wish, &message.sa, &choice, why));
	assert_string_equal(why, "the answer has 1 proposals and 2 transforms, and should have one of each protocol");
	free(message.copy);
	send_transforms(&message, V1_PROTO_AH, two, 1);
	assert_false(phase2_accept(&bench.wish, &message.sa, &choice, why));
	assert_string_equal(why, "proposal 1: protocols ah, ours esp");
	free(message.copy);
	config_free(bench.config);
}

/* SEMANTICS §1.2, RESPONDER-LIFETIME at the initiator: each mode against shorter, equal and longer ones, and ours without limit. */
static void responder_lifetimes_are_taken_as_proposal_check_says(void **state)
{
	static const struct { enum proposal_check check; uint64_t ours, theirs, got; bool is_good; } rows[] = {
		{ CHECK_OBEY, 1800, 900, 900, true }, { CHECK_OBEY, 1800, 1800, 1800, true }, { CHECK_OBEY, 1800, 3600, 3600, true },
		{ CHECK_OBEY, 1800, 0, 1800, true }, { CHECK_STRICT, 1800, 900, 900, true }, { CHECK_STRICT, 1800, 1800, 1800, true },
		{ CHECK_STRICT, 1800, 3600, 1800, true }, { CHECK_CLAIM, 1800, 900, 900, true }, { CHECK_CLAIM, 1800, 3600, 1800, true },
		{ CHECK_CLAIM, 1800, 1800, 1800, true }, { CHECK_EXACT, 1800, 1800, 1800, true }, { CHECK_EXACT, 1800, 900, 1800, false },
		{ CHECK_EXACT, 1800, 3600, 1800, false }, { CHECK_CLAIM, 0, 3600, 3600, true }, { CHECK_STRICT, 0, 3600, 3600, true },
		{ CHECK_EXACT, 0, 3600, 0, false }, { CHECK_OBEY, 0, 3600, 3600, true }
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		for (unsigned which = 1; which < 4; which++) {
			const struct v1_transform notified = { .has_seconds = which & 1, .seconds = rows[i].theirs, .has_kilobytes = which & 2,
							       .kilobytes = rows[i].theirs };
			struct phase2_choice choice = { .seconds = (uint32_t)rows[i].ours, .kilobytes = rows[i].ours };
			char why[PROPOSAL_WHY_BYTES];

			assert_int_equal(phase2_take_lifetimes(rows[i].check, &notified, &choice, why), rows[i].is_good);
			assert_int_equal(choice.seconds, which & 1 ? rows[i].got : rows[i].ours);
			assert_int_equal(choice.kilobytes, which & 2 ? rows[i].got : rows[i].ours);
			assert_true((why[0] == 0) == rows[i].is_good);
		}
	}
}

static void a_choice_reads_as_its_words(void **state)
{
	struct phase2_choice choice = { .n = 1, .is_tunnel = true, .is_udp = true, .pfs = DH_NONE, .layers = { {
		.proto = ADIT_PROTO_ESP, .enc = ADIT_ENC_AES_GCM_256, .icv_bytes = 8, .esn = true } } };
	char text[128];

	(void)state;
	phase2_choice_text(&choice, text, sizeof(text));
	assert_string_equal(text, "esp:aes-256-gcm-8/esn/udp-tunnel/no pfs");
	choice = (struct phase2_choice){ .n = 1, .pfs = DH_ECP256, .layers = { { .proto = ADIT_PROTO_ESP, .auth = ADIT_AUTH_AES_GMAC_128 } } };
	phase2_choice_text(&choice, text, sizeof(text));
	assert_string_equal(text, "esp:null/aes-128-gmac/transport/ecp256");
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
		cmocka_unit_test(each_refusal_names_the_field_theirs_and_ours),
		cmocka_unit_test(ah_must_say_one_algorithm_twice),
		cmocka_unit_test(ciphers_with_a_default_may_leave_out_their_key_length),
		cmocka_unit_test(proposal_check_judges_seconds_and_kilobytes),
		cmocka_unit_test(proposal_check_judges_the_pfs_group),
		cmocka_unit_test(proposal_check_judges_key_lengths),
		cmocka_unit_test(behind_a_nat_either_number_of_udp_encapsulation_is_taken),
		cmocka_unit_test(the_first_of_the_peers_order_is_taken),
		cmocka_unit_test(proposals_of_one_number_are_taken_together_or_not_at_all),
		cmocka_unit_test(the_layers_of_a_bundle_agree_on_the_pfs_group),
		cmocka_unit_test(a_reserved_spi_is_refused),
		cmocka_unit_test(of_many_refusals_the_nearest_is_told),
		cmocka_unit_test(mutated_offers_give_a_sound_choice_or_none),
		cmocka_unit_test(an_answer_that_was_not_offered_is_refused),
		cmocka_unit_test(responder_lifetimes_are_taken_as_proposal_check_says),
		cmocka_unit_test(a_choice_reads_as_its_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
