// SPDX-License-Identifier: BSD-2-Clause-Patent
/* Phase 1 with secrets between two engines: every mode, role and algorithm, and what the peer's proof is worth (RFC 2408, RFC 2409). */
#include "sa/rig.h"

#include <stdio.h>

#define MAIN "exchange_mode = \"main\"; "
#define AGGRESSIVE "exchange_mode = \"aggressive\"; "
#define BASE "exchange_mode = \"base\"; "

static const char *const modes[] = { MAIN, AGGRESSIVE, BASE };
enum { N_MODES = 3 };

static int setup(void **state)
{
	(void)state;
	return crypto_open() ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	crypto_close();
	return 0;
}

static struct rig *pair(const char *left, const char *right)
{
	struct rig *rig = rig_open(1);

	rig_add(rig, left);
	rig_add(rig, right);
	return rig;
}

/* Both ends with the same lines beside name, address and secret, or each with its own. */
static struct rig *pair_of(const char *left, const char *right)
{
	char text[2][2048];

	snprintf(text[0], sizeof(text[0]), RIG_CONFIG("1", "2", "%s"), left);
	snprintf(text[1], sizeof(text[1]), RIG_CONFIG("2", "1", "%s"), right);
	return pair(text[0], text[1]);
}

static struct rig *begun(const char *left, const char *right, int64_t ms)
{
	struct rig *rig = pair_of(left, right);

	rig->keep = true;
	assert_non_null(rig_begin(&rig->ends[0], NULL, NULL));
	rig_run(rig, ms);
	return rig;
}

static void assert_never_established(struct rig *rig)
{
	if (rig_established(&rig->ends[0]) || rig_established(&rig->ends[1]))
		rig_show(rig);
	assert_null(rig_established(&rig->ends[0]));
	assert_null(rig_established(&rig->ends[1]));
}

/* ---- shapes */

static void main_mode_with_a_secret_is_established_by_six_messages(void **state)
{
	struct rig *rig = begun(MAIN, MAIN, 1000);

	(void)state;
	rig_assert_agreed(rig);
	for (unsigned i = 0; i < 6; i++) {
		assert_int_equal(rig->kept[i].from, i % 2);
		assert_int_equal(rig->kept[i].bytes[18], X_MAIN);
		assert_int_equal(rig->kept[i].bytes[19] & ISAKMP_ENCRYPTED, i >= 4);
	}
	assert_true(rig_said(&rig->ends[0], "established with 192.0.2.2, aes-128-cbc/sha1/modp768/pre-shared-key"));
	rig_close(rig);
}

static void aggressive_mode_takes_three_messages_and_encrypts_the_last(void **state)
{
	struct rig *rig = begun(AGGRESSIVE, AGGRESSIVE, 1000);

	(void)state;
	rig_assert_agreed(rig);
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(rig->kept[i].from, i % 2);
		assert_int_equal(rig->kept[i].bytes[18], X_AGGRESSIVE);
		assert_int_equal(rig->kept[i].bytes[19] & ISAKMP_ENCRYPTED, i == 2);
	}
	rig_close(rig);
}

/* As racoon: SA, ID, NONCE; then KE, HASH; nothing of phase 1 is encrypted. */
static void base_mode_takes_four_messages_with_identities_first(void **state)
{
	static const uint8_t first[] = { P_SA, P_SA, P_KE, P_KE };
	struct rig *rig = begun(BASE, BASE, 1000);
	struct isakmp_message message;
	struct isakmp_header header;
	struct bytes rest;
	uint8_t bad_type;

	(void)state;
	rig_assert_agreed(rig);
	for (unsigned i = 0; i < 4; i++) {
		assert_int_equal(isakmp_get_header((struct bytes){ rig->kept[i].bytes, rig->kept[i].n }, &header, &rest), WIRE_OK);
		assert_int_equal(header.exchange, X_BASE);
		assert_int_equal(header.flags, 0);
		assert_int_equal(isakmp_get_payloads(&header, rest, false, &message, &bad_type), WIRE_OK);
		assert_int_equal(message.payloads[0].type, first[i]);
		assert_int_equal(message.payloads[1].type, i < 2 ? P_ID : P_HASH);
	}
	rig_close(rig);
}

static void what_runs_in_the_clear_names_no_secret_and_repeats_no_cookie(void **state)
{
	(void)state;
	for (unsigned m = 0; m < N_MODES; m++) {
		struct rig *rig = begun(modes[m], modes[m], 1000), *other = begun(modes[m], modes[m], 1000);

		for (unsigned i = 0; i < rig->n_kept; i++)
			assert_null(memmem(rig->kept[i].bytes, rig->kept[i].n, "a secret", 8));
		assert_memory_not_equal(rig->kept[0].bytes, other->kept[0].bytes, 8);
		assert_memory_not_equal(rig->kept[1].bytes + 8, other->kept[1].bytes + 8, 8);
		rig_close(rig);
		rig_close(other);
	}
}

/* ---- algorithms */

static void every_hash_and_cipher_agree_in_every_mode(void **state)
{
	static const char *const hashes[] = { "md5", "sha1", "sha256", "sha384", "sha512" };
	static const char *const ciphers[] = { "des", "3des", "aes-128-cbc", "aes-192-cbc", "aes-256-cbc", "blowfish", "camellia-128",
					       "camellia-192", "camellia-256" };
	char lines[512];

	(void)state;
	for (unsigned m = 0; m < N_MODES; m++)
		for (unsigned h = 0; h < 5; h++)
			for (unsigned c = 0; c < 9; c++) {
				struct rig *rig = rig_open(m * 100 + h * 10 + c + 1);
				char text[2][1024];

				snprintf(lines, sizeof(lines), "secret = \"a secret of some length\"; hash_algorithm = \"%s\"; "
					 "enc_algorithm = \"%s\"; dh_group = \"ecp256\"; %s", hashes[h], ciphers[c], modes[m]);
				for (unsigned e = 0; e < 2; e++) {
					snprintf(text[e], sizeof(text[e]), "local_addresses = ( \"192.0.2.%u\" ); peers = ( { name = \"other\"; "
						 "address = \"192.0.2.%u\"; %s } );", e + 1, 2 - e, lines);
					rig_add(rig, text[e]);
				}
				assert_non_null(rig_begin(&rig->ends[0], NULL, NULL));
				rig_run(rig, 500);
				rig_assert_agreed(rig);
				rig_close(rig);
			}
}

static void every_group_agrees(void **state)
{
	static const char *const groups[] = { "modp768", "modp1024", "ec2n155", "ec2n185", "modp1536", "modp2048", "modp3072", "ecp256", "ecp384",
					      "ecp521" };
	char text[2][1024];

	(void)state;
	for (unsigned g = 0; g < sizeof(groups) / sizeof(groups[0]); g++) {
		struct rig *rig = rig_open(g + 1);

		for (unsigned e = 0; e < 2; e++) {
			snprintf(text[e], sizeof(text[e]), "local_addresses = ( \"192.0.2.%u\" ); peers = ( { name = \"other\"; "
				 "address = \"192.0.2.%u\"; secret = \"a secret of some length\"; dh_group = \"%s\"; %s } );", e + 1, 2 - e, groups[g],
				 modes[g % N_MODES]);
			rig_add(rig, text[e]);
		}
		assert_non_null(rig_begin(&rig->ends[0], NULL, NULL));
		rig_run(rig, 500);
		rig_assert_agreed(rig);
		rig_close(rig);
	}
}

static void ipv6_does_as_well(void **state)
{
	struct rig *rig = pair("local_addresses = ( \"2001:db8::1\" ); peers = ( { name = \"b\"; address = \"2001:db8::2\"; secret = \"x9\"; } );",
			       "local_addresses = ( \"2001:db8::2\" ); peers = ( { name = \"a\"; address = \"2001:db8::1\"; secret = \"x9\"; } );");

	(void)state;
	assert_non_null(rig_begin(&rig->ends[0], NULL, NULL));
	rig_run(rig, 500);
	rig_assert_agreed(rig);
	rig_close(rig);
}

static void of_lists_the_initiators_order_decides(void **state)
{
	struct rig *rig = pair("local_addresses = ( \"192.0.2.1\" ); peers = ( { name = \"b\"; address = \"192.0.2.2\"; secret = \"x9\"; "
			       "hash_algorithm = [ \"sha256\", \"sha1\" ]; enc_algorithm = [ \"aes-256-cbc\", \"3des\" ]; dh_group = [ \"ecp256\", \"modp768\" ]; } );",
			       "local_addresses = ( \"192.0.2.2\" ); peers = ( { name = \"a\"; address = \"192.0.2.1\"; secret = \"x9\"; "
			       "hash_algorithm = [ \"sha1\", \"sha256\" ]; enc_algorithm = [ \"3des\" ]; dh_group = [ \"modp768\", \"ecp256\" ]; } );");

	(void)state;
	assert_non_null(rig_begin(&rig->ends[0], NULL, NULL));
	rig_run(rig, 500);
	rig_assert_agreed(rig);
	assert_true(rig_said(&rig->ends[1], "3des/sha256/ecp256"));
	rig_close(rig);
}

/* ---- proof */

static void a_wrong_secret_establishes_nothing_and_says_what_it_may_be(void **state)
{
	static const char *const said[] = { "perhaps the secrets differ", "the secrets differ", "the secrets differ" };

	(void)state;
	for (unsigned m = 0; m < N_MODES; m++) {
		char text[2][1024];
		struct rig *rig;

		for (unsigned e = 0; e < 2; e++)
			snprintf(text[e], sizeof(text[e]), "local_addresses = ( \"192.0.2.%u\" ); peers = ( { name = \"other\"; "
				 "address = \"192.0.2.%u\"; secret = \"secret %u\"; dh_group = \"modp768\"; %s } );", e + 1, 2 - e, e, modes[m]);
		rig = pair(text[0], text[1]);
		assert_non_null(rig_begin(&rig->ends[0], NULL, NULL));
		rig_run(rig, 20000);
		assert_never_established(rig);
		assert_true(rig_said(&rig->ends[0], said[m]) || rig_said(&rig->ends[1], said[m]));
		rig_run(rig, 100000);
		assert_int_equal(rig_count(&rig->ends[0], IKE_LARVAL), 0);	/* and both give up */
		assert_int_equal(rig_count(&rig->ends[1], IKE_LARVAL), 0);
		assert_int_equal(ike_counters(rig->ends[0].ike)->phase1_established, 0);
		rig_close(rig);
	}
}

static void no_common_proposal_is_told_with_field_theirs_and_ours(void **state)
{
	(void)state;
	for (unsigned m = 0; m < N_MODES; m++) {
		char text[2][1024];
		struct rig *rig;

		for (unsigned e = 0; e < 2; e++)
			snprintf(text[e], sizeof(text[e]), "local_addresses = ( \"192.0.2.%u\" ); peers = ( { name = \"other\"; "
				 "address = \"192.0.2.%u\"; secret = \"x9\"; hash_algorithm = \"%s\"; dh_group = \"modp768\"; %s } );", e + 1, 2 - e,
				 e == 0 ? "sha1" : "md5", modes[m]);
		rig = pair(text[0], text[1]);
		assert_non_null(rig_begin(&rig->ends[0], NULL, NULL));
		rig_run(rig, 1000);
		assert_never_established(rig);
		assert_true(rig_said(&rig->ends[1], "no proposal chosen: proposal 1, transform 1: hash sha1, ours md5"));
		assert_int_equal(ike_counters(rig->ends[1].ike)->no_proposal, 1);
		assert_int_equal(rig_count(&rig->ends[1], IKE_LARVAL), 0);
		assert_true(rig_said(&rig->ends[0], "NO-PROPOSAL-CHOSEN"));
		assert_int_equal(rig_count(&rig->ends[0], IKE_LARVAL), 1);	/* nobody vouches for that notify */
		rig_close(rig);
	}
}

static void another_exchange_mode_than_the_configured_one_is_refused_and_told(void **state)
{
	static const char *const words[] = { "main", "aggressive", "base" };
	char told[64];

	(void)state;
	for (unsigned theirs_mode = 0; theirs_mode < N_MODES; theirs_mode++)
		for (unsigned ours_mode = 0; ours_mode < N_MODES; ours_mode++) {
			struct rig *rig;

			if (theirs_mode == ours_mode)
				continue;
			rig = begun(modes[theirs_mode], modes[ours_mode], 1000);
			assert_never_established(rig);
			snprintf(told, sizeof(told), "exchange mode %s, ours %s", words[theirs_mode], words[ours_mode]);
			assert_true(rig_said(&rig->ends[1], told));
			assert_int_equal(rig_count(&rig->ends[1], IKE_LARVAL), 0);
			assert_int_equal(rig->ends[1].bytes_out, 0);
			rig_close(rig);
		}
}

static void who_is_not_configured_gets_no_answer(void **state)
{
	struct rig *rig = pair(RIG_CONFIG("1", "2", ""), RIG_CONFIG("2", "77", ""));

	(void)state;
	assert_non_null(rig_begin(&rig->ends[0], NULL, NULL));
	rig_run(rig, 1000);
	assert_int_equal(rig->ends[1].bytes_out, 0);
	assert_true(rig_said(&rig->ends[1], "phase 1 from 192.0.2.1[500] refused"));
	assert_null(rig->ends[1].ike->sas);
	rig_close(rig);
}

/* ---- identities */

static void identities_of_every_kind_are_sent_and_expected(void **state)
{
	static const char *const kinds[] = { "address:203.0.113.7", "fqdn:office.example", "user-fqdn:me@office.example", "key-id:0x00112233" };
	char left[256], right[256];

	(void)state;
	for (unsigned m = 0; m < N_MODES; m++)
		for (unsigned k = 0; k < 4; k++) {
			struct rig *rig;

			snprintf(left, sizeof(left), "%s my_id = \"%s\";", modes[m], kinds[k]);
			snprintf(right, sizeof(right), "%s remote_id = \"%s\";", modes[m], kinds[k]);
			rig = begun(left, right, 1000);
			rig_assert_agreed(rig);
			rig_close(rig);
			snprintf(right, sizeof(right), "%s remote_id = \"%s\";", modes[m], kinds[(k + 1) % 4]);
			rig = begun(left, right, 1000);
			assert_null(rig_established(&rig->ends[1]));
			assert_true(rig_said(&rig->ends[1], "ours expects"));
			assert_true(ike_counters(rig->ends[1].ike)->id_mismatch > 0);
			rig_close(rig);
			snprintf(right, sizeof(right), "%s remote_id = \"ignore\";", modes[m]);
			rig = begun(left, right, 1000);
			rig_assert_agreed(rig);
			rig_close(rig);
		}
}

static void names_are_told_apart_without_case(void **state)
{
	struct rig *rig = begun("my_id = \"fqdn:Office.EXAMPLE\";", "remote_id = \"fqdn:office.example\";", 1000);

	(void)state;
	rig_assert_agreed(rig);
	rig_close(rig);
}

static void without_a_remote_id_the_peer_is_its_address(void **state)
{
	(void)state;
	for (unsigned m = 0; m < N_MODES; m++) {
		char left[128];
		struct rig *rig;

		snprintf(left, sizeof(left), "%s my_id = \"address:192.0.2.9\";", modes[m]);
		rig = begun(left, modes[m], 1000);
		assert_null(rig_established(&rig->ends[1]));
		assert_true(rig_said(&rig->ends[1], "identity 192.0.2.9, ours expects 192.0.2.1"));
		rig_close(rig);
	}
}

static void the_most_specific_peers_secret_is_used(void **state)
{
	struct rig *rig = pair("local_addresses = ( \"192.0.2.1\" ); peers = ( { name = \"b\"; address = \"192.0.2.2\"; secret = \"right\"; dh_group = \"modp768\"; } );",
			       "local_addresses = ( \"192.0.2.2\" ); peers = ( { name = \"all\"; address = \"0.0.0.0/0\"; secret = \"wrong\"; dh_group = \"modp768\"; }, "
			       "{ name = \"a\"; address = \"192.0.2.0/24\"; secret = \"right\"; dh_group = \"modp768\"; }, "
			       "{ name = \"c\"; address = \"192.0.0.0/16\"; secret = \"wrong\"; dh_group = \"modp768\"; } );");

	(void)state;
	assert_non_null(rig_begin(&rig->ends[0], NULL, NULL));
	rig_run(rig, 500);
	rig_assert_agreed(rig);
	assert_string_equal(rig_established(&rig->ends[1])->peer, "a");
	assert_true(rig_said(&rig->ends[1], "peer a: 192.0.2.0/24 is the most specific of 3"));
	rig_close(rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(main_mode_with_a_secret_is_established_by_six_messages),
		cmocka_unit_test(aggressive_mode_takes_three_messages_and_encrypts_the_last),
		cmocka_unit_test(base_mode_takes_four_messages_with_identities_first),
		cmocka_unit_test(what_runs_in_the_clear_names_no_secret_and_repeats_no_cookie),
		cmocka_unit_test(every_hash_and_cipher_agree_in_every_mode),
		cmocka_unit_test(every_group_agrees),
		cmocka_unit_test(ipv6_does_as_well),
		cmocka_unit_test(of_lists_the_initiators_order_decides),
		cmocka_unit_test(a_wrong_secret_establishes_nothing_and_says_what_it_may_be),
		cmocka_unit_test(no_common_proposal_is_told_with_field_theirs_and_ours),
		cmocka_unit_test(another_exchange_mode_than_the_configured_one_is_refused_and_told),
		cmocka_unit_test(who_is_not_configured_gets_no_answer),
		cmocka_unit_test(identities_of_every_kind_are_sent_and_expected),
		cmocka_unit_test(names_are_told_apart_without_case),
		cmocka_unit_test(without_a_remote_id_the_peer_is_its_address),
		cmocka_unit_test(the_most_specific_peers_secret_is_used),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
