// SPDX-License-Identifier: BSD-2-Clause-Patent
/* What is taken of a peer's proposals and answers in phase 2, and why not. */
#include <time.h>

#include "policy/support_phase2.h"

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
		for (long n = 1 + random() % 3; n && n_bytes; n--)
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
