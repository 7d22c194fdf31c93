// SPDX-License-Identifier: BSD-2-Clause-Patent
#include "policy/proposal.h"
#include "policy/support_sa.h"
#include "support_config.h"

static struct config *peer_of(const char *keys)
{
	char text[2048];

	(void)snprintf(text, sizeof(text), "peers = ( { name = \"p\"; secret = \"long enough\"; %s } );", keys);
	return config_of(text);
}

/* Offers of a peer, through the wire, as one proposal. */
static void send_transforms(struct sa_message *message, const struct v1_transform *transforms, size_t n)
{
	struct v1_sa_writer sa;

	sa_begin(message);
	v1_open_sa(&sa, &message->to, &message->next_at);
	sa_put_proposal(&sa, 1, V1_PROTO_ISAKMP, NULL, 0, transforms, n);
	v1_close_sa(&sa);
	sa_read(message);
}

static void send_offer(struct sa_message *message, const struct cfg_peer *peer, enum dh_group group)
{
	struct v1_transform transforms[V1_MAX_TRANSFORMS];
	unsigned n;

	phase1_offer(peer, group, transforms, &n);
	send_transforms(message, transforms, n);
}

/* What comes back: the chosen transform as it stood. */
static void send_answer(struct sa_message *message, const struct phase1_choice *choice)
{
	struct v1_sa_writer sa;

	sa_begin(message);
	v1_open_sa(&sa, &message->to, &message->next_at);
	v1_open_proposal(&sa, choice->proposal_number, V1_PROTO_ISAKMP, (struct bytes){ NULL, 0 });
	v1_put_chosen(&sa, &choice->transform);
	v1_close_proposal(&sa);
	v1_close_sa(&sa);
	sa_read(message);
}

static const struct { const char *word; uint16_t code, bits; } enc_rows[] = {
	{ "des", 1, 0 }, { "blowfish", 3, 128 }, { "3des", 5, 0 }, { "aes-128", 7, 128 }, { "aes-192", 7, 192 }, { "aes-256", 7, 256 },
	{ "aes-128-cbc", 7, 128 }, { "aes-192-cbc", 7, 192 }, { "aes-256-cbc", 7, 256 }, { "camellia-128", 8, 128 },
	{ "camellia-192", 8, 192 }, { "camellia-256", 8, 256 }
};
static const struct { const char *word; uint16_t code; } hash_rows[] = {
	{ "md5", 1 }, { "sha1", 2 }, { "sha256", 4 }, { "sha384", 5 }, { "sha512", 6 }
};
static const struct { const char *word; uint16_t code; } group_rows[] = {
	{ "modp768", 1 }, { "modp1024", 2 }, { "ec2n155", 3 }, { "ec2n185", 4 }, { "modp1536", 5 }, { "modp2048", 14 }, { "modp3072", 15 },
	{ "modp4096", 16 }, { "modp6144", 17 }, { "modp8192", 18 }, { "ecp256", 19 }, { "ecp384", 20 }, { "ecp521", 21 }
};

/* RFC 2409 App. A, both directions: offered, chosen, answered and accepted for each cipher, hash and group. */
static void every_word_of_phase1_goes_over_the_wire_and_back(void **state)
{
	static struct sa_message message;
	unsigned n = 0;

	(void)state;
	for (size_t e = 0; e < COUNT(enc_rows); e++) {
		for (size_t h = 0; h < COUNT(hash_rows); h++) {
			for (size_t g = 0; g < COUNT(group_rows); g++, n++) {
				struct phase1_choice choice, accepted;
				char keys[256], why[PROPOSAL_WHY_BYTES];
				struct config *config;

				(void)snprintf(keys, sizeof(keys), "enc_algorithm = \"%s\"; hash_algorithm = \"%s\"; dh_group = \"%s\";%s",
					       enc_rows[e].word, hash_rows[h].word, group_rows[g].word, n % 2 ? " lifebytes = 1025;" : "");
				config = peer_of(keys);
				send_offer(&message, config->peers, DH_NONE);
				assert_int_equal(message.sa.n_transforms, 1);
				assert_int_equal(message.sa.transforms[0].enc, enc_rows[e].code);
				assert_int_equal(message.sa.transforms[0].key_bits, enc_rows[e].bits);
				assert_int_equal(message.sa.transforms[0].hash, hash_rows[h].code);
				assert_int_equal(message.sa.transforms[0].group, group_rows[g].code);
				assert_int_equal(message.sa.transforms[0].auth_method, V1_AUTH_PSK);
				assert_int_equal(message.sa.transforms[0].seconds, 86400);
				assert_int_equal(message.sa.transforms[0].has_kilobytes, n % 2);
				assert_int_equal(message.sa.transforms[0].kilobytes, n % 2 ? 2 : 0);
				assert_true(phase1_choose(config->peers, &message.sa, &choice, why));
				assert_string_equal(why, "");
				assert_int_equal(choice.enc, config->peers[0].encs[0]);
				assert_int_equal(choice.hash, config->peers[0].hashes[0]);
				assert_int_equal(choice.group, group_rows[g].code);
				assert_int_equal(choice.seconds, 86400);
				free(message.copy);
				message.copy = NULL;
				send_offer(&message, config->peers, DH_NONE);
				assert_true(phase1_choose(config->peers, &message.sa, &choice, why));
				{
					static struct sa_message answer;

					send_answer(&answer, &choice);
					assert_true(phase1_accept(config->peers, &answer.sa, &accepted, why));
					free(answer.copy);
				}
				assert_int_equal(accepted.enc, choice.enc);
				assert_int_equal(accepted.hash, choice.hash);
				assert_int_equal(accepted.group, choice.group);
				free(message.copy);
				config_free(config);
			}
		}
	}
	print_message("%u combinations\n", n);
}

static void an_offer_has_all_combinations_in_the_files_order(void **state)
{
	struct config *config = peer_of("enc_algorithm = [ \"aes-256\", \"3des\" ]; hash_algorithm = [ \"sha256\", \"sha1\" ];"
					"dh_group = [ \"modp2048\", \"modp1024\" ]; auth_method = \"pre-shared-key\"; lifetime = \"8h\";");
	struct v1_transform out[V1_MAX_TRANSFORMS];
	unsigned n;

	(void)state;
	phase1_offer(config->peers, DH_NONE, out, &n);
	assert_int_equal(n, 8);
	for (unsigned i = 0; i < n; i++) {
		assert_int_equal(out[i].number, i + 1);
		assert_int_equal(out[i].id, 1);
		assert_int_equal(out[i].enc, i < 4 ? V1_ENC_AES : V1_ENC_3DES);
		assert_int_equal(out[i].key_bits, i < 4 ? 256 : 0);
		assert_int_equal(out[i].hash, i % 4 < 2 ? V1_HASH_SHA256 : V1_HASH_SHA1);
		assert_int_equal(out[i].group, i % 2 ? DH_MODP1024 : DH_MODP2048);
		assert_int_equal(out[i].seconds, 28800);
	}
	phase1_offer(config->peers, DH_MODP1024, out, &n);	/* aggressive mode: one group */
	assert_int_equal(n, 4);
	for (unsigned i = 0; i < n; i++)
		assert_int_equal(out[i].group, DH_MODP1024);
	phase1_offer(config->peers, DH_MODP768, out, &n);
	assert_int_equal(n, 0);
	config_free(config);
}

static void as_many_transforms_are_offered_as_one_payload_may_hold(void **state)
{
	static struct sa_message message;
	struct config *config = peer_of("enc_algorithm = [ \"aes-256\", \"aes-192\", \"aes-128\", \"3des\", \"des\", \"camellia-256\", \"camellia-192\","
		" \"camellia-128\" ]; hash_algorithm = [ \"sha256\", \"sha1\", \"md5\", \"sha512\" ];"
		"dh_group = [ \"modp2048\", \"modp1024\", \"ecp256\", \"ecp384\" ];");
	struct phase1_choice choice;
	char why[PROPOSAL_WHY_BYTES];

	(void)state;
	send_offer(&message, config->peers, DH_NONE);
	assert_int_equal(message.sa.n_transforms, V1_MAX_TRANSFORMS);
	assert_int_equal(message.sa.transforms[127].number, 128);
	assert_true(phase1_choose(config->peers, &message.sa, &choice, why));
	assert_int_equal(choice.transform.number, 1);
	/* one more list entry would not fit, and is cut, not written past the end */
	config->peers[0].dhs[4] = DH_ECP521;
	config->peers[0].n_dhs = 5;
	free(message.copy);
	send_offer(&message, config->peers, DH_NONE);
	assert_int_equal(message.sa.n_transforms, V1_MAX_TRANSFORMS);
	free(message.copy);
	config_free(config);
}

/* Good against the seed's defaults; the table spoils one field at a time. */
static const struct v1_transform seed = {
	.number = 7, .id = 1, .enc = V1_ENC_3DES, .hash = V1_HASH_MD5, .auth_method = V1_AUTH_PSK, .group = DH_MODP1024,
	.has_seconds = true, .seconds = 86400
};
#define SEED(...) ({ struct v1_transform t = seed; __VA_ARGS__; t; })

static bool choose(const char *keys, const struct v1_transform *transform, struct phase1_choice *out, char why[PROPOSAL_WHY_BYTES])
{
	static struct sa_message message;
	struct config *config = peer_of(keys);
	bool is_good;

	send_transforms(&message, transform, 1);
	is_good = phase1_choose(config->peers, &message.sa, out, why);
	free(message.copy);
	config_free(config);
	return is_good;
}

static void each_refusal_names_the_field_theirs_and_ours(void **state)
{
	const struct { const char *keys; struct v1_transform transform; const char *why; } rows[] = {
		{ "", SEED(t.hash = V1_HASH_SHA1), "hash sha1, ours md5" },
		{ "hash_algorithm = [ \"sha1\", \"sha256\" ];", SEED(), "hash md5, ours sha1, sha256" },
		{ "", SEED(t.hash = V1_HASH_TIGER), "hash 3, ours md5" },
		{ "", SEED(t.hash = 0), "hash 0, ours md5" },
		{ "", SEED(t.enc = V1_ENC_AES; t.key_bits = 128), "enc aes-128-cbc, ours 3des" },
		{ "enc_algorithm = \"aes-128\";", SEED(t.enc = V1_ENC_AES), "enc cipher 7 without a key length, ours aes-128-cbc" },
		{ "enc_algorithm = \"aes-128\";", SEED(t.enc = V1_ENC_AES; t.key_bits = 127), "enc cipher 7 with 127 bits, ours aes-128-cbc" },
		{ "enc_algorithm = \"blowfish\";", SEED(t.enc = V1_ENC_BLOWFISH), "enc cipher 3 without a key length, ours blowfish" },
		{ "", SEED(t.enc = V1_ENC_IDEA), "enc cipher 2 without a key length, ours 3des" },
		{ "", SEED(t.enc = V1_ENC_RC5; t.key_bits = 128), "enc cipher 4 with 128 bits, ours 3des" },
		{ "", SEED(t.enc = V1_ENC_CAST; t.key_bits = 128), "enc cipher 6 with 128 bits, ours 3des" },
		{ "", SEED(t.enc = 0), "enc cipher 0 without a key length, ours 3des" },
		{ "", SEED(t.key_bits = 128), "enc cipher 5 with 128 bits, ours 3des" },
		{ "", SEED(t.group = DH_MODP768), "dh_group modp768, ours modp1024" },
		{ "dh_group = [ \"ecp256\", \"modp2048\" ];", SEED(), "dh_group modp1024, ours ecp256, modp2048" },
		{ "", SEED(t.group = 26), "dh_group group 26, ours modp1024" },
		{ "", SEED(t.group = 0), "dh_group none, ours modp1024" },
		{ "", SEED(t.group = 0x102), "dh_group group 258, ours modp1024" },	/* no internal number leaks out */
		{ "", SEED(t.group_type = 2), "group type 2, that of modp1024 is 1" },
		{ "", SEED(t.auth_method = V1_AUTH_RSA), "auth_method rsa-signature, ours pre-shared-key" },
		{ "", SEED(t.auth_method = V1_AUTH_DSS), "auth_method 2, ours pre-shared-key" },
		{ "", SEED(t.auth_method = V1_AUTH_RSA_ENC), "auth_method 4, ours pre-shared-key" },
		{ "", SEED(t.auth_method = V1_AUTH_RSA_REV), "auth_method 5, ours pre-shared-key" },
		{ "", SEED(t.auth_method = 65001), "auth_method 65001, ours pre-shared-key" },
		{ "", SEED(t.prf = 1), "prf 1, ours is the HMAC of hash" },
		{ "", SEED(t.id = 2), "transform id 2, ours 1 (KEY_IKE)" },
		{ "", SEED(t.seconds = 0), "lifetime 0s, which is none" },
		{ "proposal_check = \"strict\";", SEED(t.seconds = 86401), "lifetime 86401s, ours 86400s, and proposal_check is strict" },
		{ "proposal_check = \"claim\";", SEED(t.seconds = 86401), "lifetime 86401s, ours 86400s, and proposal_check is claim" },
		{ "proposal_check = \"exact\";", SEED(t.seconds = 86399), "lifetime 86399s, ours 86400s, and proposal_check is exact" },
		{ "proposal_check = \"exact\";", SEED(t.has_kilobytes = true; t.kilobytes = 5),
		  "lifetime 5kB, ours 0kB, and proposal_check is exact" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct phase1_choice choice;
		char why[PROPOSAL_WHY_BYTES], want[PROPOSAL_WHY_BYTES];

		(void)snprintf(want, sizeof(want), "proposal 1, transform 7: %s", rows[i].why);
		assert_false(choose(rows[i].keys, &rows[i].transform, &choice, why));
		assert_string_equal(why, want);
	}
}

/* SEMANTICS of proposal_check, phase 1: every mode, lifetimes below, at and above ours, keys shorter, equal and longer. */
static void proposal_check_judges_lifetimes_and_key_lengths(void **state)
{
	static const char *const modes[] = { "obey", "strict", "claim", "exact" };
	static const uint64_t seconds[] = { 3600, 28799, 28800, 28801, 1000000000, 5000000000 };
	static const uint16_t bits[] = { 128, 192, 256 };
	unsigned n = 0;

	(void)state;
	for (size_t m = 0; m < 4; m++) {
		for (size_t s = 0; s < COUNT(seconds); s++) {
			for (size_t b = 0; b < 3; b++, n++) {
				bool life_fits = m == 0 || (m == 3 ? seconds[s] == 28800 : seconds[s] <= 28800);
				bool key_fits = m == 0 || (m == 3 ? bits[b] == 192 : bits[b] >= 192);
				const struct v1_transform transform = SEED(t.enc = V1_ENC_CAMELLIA; t.key_bits = bits[b]; t.seconds = seconds[s]);
				struct phase1_choice choice;
				char keys[128], why[PROPOSAL_WHY_BYTES];

				(void)snprintf(keys, sizeof(keys), "enc_algorithm = \"camellia-192\"; lifetime = \"8h\"; proposal_check = \"%s\";",
					       modes[m]);
				assert_int_equal(choose(keys, &transform, &choice, why), life_fits && key_fits);
				if (!life_fits || !key_fits)
					continue;
				assert_int_equal(choice.seconds, seconds[s] > UINT32_MAX ? UINT32_MAX : seconds[s]);
				assert_int_equal(enc_facts(choice.enc).key_bytes, bits[b] / 8);
			}
		}
	}
	assert_int_equal(n, 72);
}

static void a_lifetime_that_is_not_said_is_eight_hours(void **state)
{
	const struct v1_transform transform = SEED(t.has_seconds = false);
	struct phase1_choice choice;
	char why[PROPOSAL_WHY_BYTES];

	(void)state;
	assert_true(choose("", &transform, &choice, why));
	assert_int_equal(choice.seconds, 28800);
	assert_true(choose("proposal_check = \"exact\"; lifetime = \"8h\";", &transform, &choice, why));
	assert_false(choose("proposal_check = \"strict\"; lifetime = \"7h\";", &transform, &choice, why));
}

/* lifebytes: the manual's administrative value. obey takes theirs; the others live by the lesser. */
static void kilobytes_are_the_lesser_unless_obey_takes_theirs(void **state)
{
	static const struct { const char *check; bool has; uint64_t theirs, got; } rows[] = {
		{ "obey", false, 0, 0 }, { "obey", true, 1000, 1000 }, { "obey", true, 5, 5 }, { "strict", false, 0, 100 },
		{ "strict", true, 1000, 100 }, { "strict", true, 5, 5 }, { "claim", false, 0, 100 }, { "claim", true, 1000, 100 },
		{ "claim", true, 5, 5 }, { "exact", true, 100, 100 }
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct v1_transform transform = SEED(t.has_kilobytes = rows[i].has; t.kilobytes = rows[i].theirs);
		struct phase1_choice choice;
		char keys[128], why[PROPOSAL_WHY_BYTES];

		(void)snprintf(keys, sizeof(keys), "lifebytes = 102400; proposal_check = \"%s\";", rows[i].check);
		assert_true(choose(keys, &transform, &choice, why));
		assert_int_equal(choice.kilobytes, rows[i].got);
	}
}

/* First match over the peer's order, not over ours. */
static void the_first_of_the_peers_order_is_taken(void **state)
{
	static struct sa_message message;
	struct config *config = peer_of("enc_algorithm = [ \"aes-256\", \"3des\", \"aes-128\" ];");
	const struct v1_transform transforms[] = {
		SEED(t.number = 1; t.enc = V1_ENC_DES), SEED(t.number = 2; t.prf = 9), SEED(t.number = 3),
		SEED(t.number = 4; t.enc = V1_ENC_AES; t.key_bits = 256)
	};
	struct phase1_choice choice;
	char why[PROPOSAL_WHY_BYTES];

	(void)state;
	send_transforms(&message, transforms, COUNT(transforms));
	assert_true(phase1_choose(config->peers, &message.sa, &choice, why));
	assert_int_equal(choice.enc, ADIT_ENC_DES3_CBC);
	assert_int_equal(choice.transform.number, 3);
	assert_true(bytes_same(choice.transform.whole, message.sa.transforms[2].whole));
	free(message.copy);
	config_free(config);
}

static void proposals_are_walked_in_order_and_other_protocols_passed_over(void **state)
{
	static const uint8_t spi[4] = { 1, 2, 3, 4 };
	static struct sa_message message;
	struct config *config = peer_of("");
	const struct v1_transform odd = SEED(t.hash = V1_HASH_SHA1), esp = { .number = 1, .id = V1_ESP_3DES, .encap = V1_TUNNEL };
	const struct v1_transform good = SEED();
	struct phase1_choice choice;
	struct v1_sa_writer sa;
	char why[PROPOSAL_WHY_BYTES];

	(void)state;
	for (unsigned is_good = 0; is_good < 2; is_good++) {
		sa_begin(&message);
		v1_open_sa(&sa, &message.to, &message.next_at);
		sa_put_proposal(&sa, 1, V1_PROTO_ISAKMP, NULL, 0, &odd, 1);
		sa_put_proposal(&sa, 2, V1_PROTO_ESP, spi, 4, &esp, 1);
		if (is_good)
			sa_put_proposal(&sa, 3, V1_PROTO_ISAKMP, spi, 4, &good, 1);
		v1_close_sa(&sa);
		sa_read(&message);
		assert_int_equal(phase1_choose(config->peers, &message.sa, &choice, why), is_good);
		if (is_good)
			assert_int_equal(choice.proposal_number, 3);
		else
			assert_string_equal(why, "proposal 1, transform 7: hash sha1, ours md5");
		free(message.copy);
	}
	config_free(config);
}

static void a_proposal_of_another_protocol_is_told(void **state)
{
	struct v1_sa sa = { .n_proposals = 1, .n_transforms = 1, .proposals = { { .number = 2, .protocol = V1_PROTO_ESP, .n = 1 } },
			    .transforms = { SEED() } };
	struct config *config = peer_of("");
	struct phase1_choice choice;
	char why[PROPOSAL_WHY_BYTES];

	(void)state;
	assert_false(phase1_choose(config->peers, &sa, &choice, why));
	assert_string_equal(why, "proposal 2, transform 7: protocol 3, ours 1 (ISAKMP)");
	config_free(config);
}

static void a_transform_with_something_unknown_is_passed_over(void **state)
{
	struct v1_sa sa = { .n_proposals = 1, .n_transforms = 2, .proposals = { { .number = 1, .protocol = V1_PROTO_ISAKMP, .n = 2 } },
			    .transforms = { SEED(t.has_unknown = true; t.unknown_type = 99), SEED(t.number = 8) } };
	struct config *config = peer_of("");
	struct phase1_choice choice;
	char why[PROPOSAL_WHY_BYTES];

	(void)state;
	assert_true(phase1_choose(config->peers, &sa, &choice, why));
	assert_int_equal(choice.transform.number, 8);
	sa.n_transforms = sa.proposals[0].n = 1;
	assert_false(phase1_choose(config->peers, &sa, &choice, why));
	assert_string_equal(why, "proposal 1, transform 7: attribute 99, ours are those of RFC 2409");
	sa.n_proposals = 0;
	assert_false(phase1_choose(config->peers, &sa, &choice, why));
	assert_string_equal(why, "there is no transform");
	config_free(config);
}

/* Of many refusals the one is told that nearly was none. */
static void of_many_refusals_the_nearest_is_told(void **state)
{
	static struct sa_message message;
	struct config *config = peer_of("proposal_check = \"strict\";");
	const struct v1_transform transforms[] = {
		SEED(t.number = 1; t.enc = V1_ENC_DES), SEED(t.number = 2; t.seconds = 90000), SEED(t.number = 3; t.group = DH_MODP768),
		SEED(t.number = 4; t.seconds = 90001), SEED(t.number = 5; t.hash = V1_HASH_SHA1), SEED(t.number = 6; t.prf = 1)
	};
	struct phase1_choice choice;
	char why[PROPOSAL_WHY_BYTES];

	(void)state;
	send_transforms(&message, transforms, COUNT(transforms));
	assert_false(phase1_choose(config->peers, &message.sa, &choice, why));
	assert_string_equal(why, "proposal 1, transform 4: lifetime 90001s, ours 86400s, and proposal_check is strict");
	free(message.copy);
	config_free(config);
}

/* RFC 2408 §4.2: the responder must not change what it chooses. */
static void an_answer_that_was_not_offered_is_refused(void **state)
{
	const struct { struct v1_transform transform; const char *why; } rows[] = {
		{ SEED(), NULL },
		{ SEED(t.number = 1), NULL },	/* a number may change */
		{ SEED(t.has_kilobytes = true; t.kilobytes = 0), "lifetime 0kB, ours 100kB" },
		{ SEED(t.has_kilobytes = true; t.kilobytes = 100), NULL },
		{ SEED(t.has_kilobytes = true; t.kilobytes = 99), "lifetime 99kB, ours 100kB" },
		{ SEED(t.seconds = 86399), "lifetime 86399s, ours 86400s" },
		{ SEED(t.has_seconds = false; t.seconds = 0), "lifetime 0s, ours 86400s" },
		{ SEED(t.group = DH_MODP768), "dh_group modp768, ours modp1024" },
		{ SEED(t.hash = V1_HASH_SHA1), "hash sha1, ours md5" },
		{ SEED(t.enc = V1_ENC_DES), "enc des, ours 3des, aes-192-cbc" },
		{ SEED(t.enc = V1_ENC_AES; t.key_bits = 192), NULL },
		{ SEED(t.enc = V1_ENC_AES; t.key_bits = 256), "enc aes-256-cbc, ours 3des, aes-192-cbc" },	/* even if ours is obey */
		{ SEED(t.auth_method = V1_AUTH_RSA), "auth_method rsa-signature, ours pre-shared-key" },
		{ SEED(t.prf = 1), "prf 1, ours is the HMAC of hash" },
	};
	struct config *config = peer_of("enc_algorithm = [ \"3des\", \"aes-192\" ]; lifebytes = 102400;");
	static struct sa_message message;
	struct v1_transform two[2] = { seed, seed };
	struct phase1_choice choice;
	char why[PROPOSAL_WHY_BYTES], want[PROPOSAL_WHY_BYTES];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		send_transforms(&message, &rows[i].transform, 1);
		assert_int_equal(phase1_accept(config->peers, &message.sa, &choice, why), rows[i].why == NULL);
		(void)snprintf(want, sizeof(want), "proposal 1, transform 7: %s", rows[i].why);
		assert_string_equal(why, rows[i].why ? want : "");
		if (!rows[i].why) {
			assert_int_equal(choice.seconds, 86400);
			assert_int_equal(choice.kilobytes, 100);
		}
		free(message.copy);
	}
	send_transforms(&message, two, 2);
	assert_false(phase1_accept(config->peers, &message.sa, &choice, why));
	assert_string_equal(why, "the answer has 1 proposals and 2 transforms, and should have one of each");
	free(message.copy);
	config_free(config);
}

static void a_choice_reads_as_its_words(void **state)
{
	const struct phase1_choice choice = { .enc = ADIT_ENC_AES_CBC_256, .hash = ADIT_AUTH_HMAC_SHA256_128, .group = DH_MODP2048,
					      .method = V1_AUTH_PSK };
	char text[96], small[8];

	(void)state;
	phase1_choice_text(&choice, text, sizeof(text));
	assert_string_equal(text, "aes-256-cbc/sha256/modp2048/pre-shared-key");
	phase1_choice_text(&choice, small, sizeof(small));
	assert_string_equal(small, "aes-256");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_word_of_phase1_goes_over_the_wire_and_back),
		cmocka_unit_test(an_offer_has_all_combinations_in_the_files_order),
		cmocka_unit_test(as_many_transforms_are_offered_as_one_payload_may_hold),
		cmocka_unit_test(each_refusal_names_the_field_theirs_and_ours),
		cmocka_unit_test(proposal_check_judges_lifetimes_and_key_lengths),
		cmocka_unit_test(a_lifetime_that_is_not_said_is_eight_hours),
		cmocka_unit_test(kilobytes_are_the_lesser_unless_obey_takes_theirs),
		cmocka_unit_test(the_first_of_the_peers_order_is_taken),
		cmocka_unit_test(proposals_are_walked_in_order_and_other_protocols_passed_over),
		cmocka_unit_test(a_proposal_of_another_protocol_is_told),
		cmocka_unit_test(a_transform_with_something_unknown_is_passed_over),
		cmocka_unit_test(of_many_refusals_the_nearest_is_told),
		cmocka_unit_test(an_answer_that_was_not_offered_is_refused),
		cmocka_unit_test(a_choice_reads_as_its_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
