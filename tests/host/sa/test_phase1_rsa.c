// SPDX-License-Identifier: BSD-2-Clause-Patent
/* Phase 1 with RSA signatures: whose certificate is believed, and for which identity (RFC 2409 §5.1, RFC 4945). */
#include "crypto/cert_maker.h"
#include "sa/rig.h"

#define MAIN "exchange_mode = \"main\"; "
#define AGGRESSIVE "exchange_mode = \"aggressive\"; "
#define BASE "exchange_mode = \"base\"; "

static const char *const modes[] = { MAIN, AGGRESSIVE, BASE };
enum { N_MODES = 3 };

static struct made ca, other_ca, left, right, expired, stranger;

static const char *files_of(const struct made *made, const char *name)
{
	char text[64];

	snprintf(text, sizeof(text), "%s.key", name);
	write_key(text, made->key, NULL);
	snprintf(text, sizeof(text), "%s.pem", name);
	return write_certs(text, (const struct made *[]){ made }, 1);
}

static int setup(void **state)
{
	if (dir_setup(state) != 0)
		return -1;
	ca = make_ca("the CA");
	other_ca = make_ca("another CA");
	left = make(&(struct spec){ .name = "left", .alternative = "DNS:left.example,IP:192.0.2.1" }, &ca);
	right = make(&(struct spec){ .name = "right", .alternative = "DNS:right.example,IP:192.0.2.2" }, &ca);
	expired = make(&(struct spec){ .name = "left", .from_seconds = -2 * DAY, .to_seconds = -DAY }, &ca);
	stranger = make(&(struct spec){ .name = "left", .alternative = "DNS:left.example" }, &other_ca);
	files_of(&ca, "ca");
	files_of(&other_ca, "other_ca");
	files_of(&left, "left");
	files_of(&right, "right");
	files_of(&expired, "expired");
	files_of(&stranger, "stranger");
	write_crl("none.crl", make_crl(&ca, NULL, NULL, DAY));
	write_crl("left.crl", make_crl(&ca, NULL, &left, DAY));
	write_crl("old.crl", make_crl(&ca, NULL, NULL, -DAY / 2));
	return 0;
}

static int teardown(void **state)
{
	struct made *const all[] = { &ca, &other_ca, &left, &right, &expired, &stranger };

	for (unsigned i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		unmake(all[i]);
	return dir_teardown(state);
}

/* An end with its certificate, and more lines; %s in them is the directory. */
static void add(struct rig *rig, unsigned self, const char *own, const char *lines)
{
	char text[4096], expanded[2048];

	snprintf(expanded, sizeof(expanded), lines, test_dir, test_dir);
	snprintf(text, sizeof(text), "local_addresses = ( \"192.0.2.%u\" ); peers = ( { name = \"other\"; address = \"192.0.2.%u\"; "
		 "auth_method = \"rsa-signature\"; certificate = \"%s/%s.pem\"; key = \"%s/%s.key\"; hash_algorithm = \"sha256\"; "
		 "enc_algorithm = \"aes-128-cbc\"; dh_group = \"ecp256\"; %s } );", self, 3 - self, test_dir, own, test_dir, own, expanded);
	rig_add(rig, text);
}

static struct rig *begun(const char *own_left, const char *lines_left, const char *own_right, const char *lines_right)
{
	struct rig *rig = rig_open(1);

	add(rig, 1, own_left, lines_left);
	add(rig, 2, own_right, lines_right);
	rig->keep = true;
	assert_non_null(rig_begin(&rig->ends[0], NULL, NULL));
	rig_run(rig, 1000);
	return rig;
}

#define CA "ca = \"%s/ca.pem\"; "

static void certificates_of_one_ca_establish_every_mode(void **state)
{
	(void)state;
	for (unsigned m = 0; m < N_MODES; m++) {
		char lines[256];
		struct rig *rig;

		snprintf(lines, sizeof(lines), CA "%s", "%s", modes[m]);
		rig = begun("left", lines, "right", lines);
		rig_assert_agreed(rig);
		assert_int_equal(rig_established(&rig->ends[1])->peer_id.type, ID_DN);	/* our subject, unless my_id says else */
		assert_true(rig_said(&rig->ends[0], "CN=right"));
		rig_close(rig);
	}
}

static void identities_are_those_that_a_certificate_vouches_for(void **state)
{
	static const struct { const char *my_id; bool is_vouched; } cases[] = {
		{ "fqdn:left.example", true }, { "fqdn:right.example", false }, { "address:192.0.2.1", true }, { "address:192.0.2.2", false },
		{ "dn", true }, { "user-fqdn:a@left.example", false },
	};

	(void)state;
	for (unsigned m = 0; m < N_MODES; m++)
		for (unsigned c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
			char lines[256], mine[320];
			struct rig *rig;

			snprintf(lines, sizeof(lines), CA "%s", "%s", modes[m]);
			snprintf(mine, sizeof(mine), "%s my_id = \"%s\"; ", lines, cases[c].my_id);
			rig = begun("left", mine, "right", lines);
			assert_int_equal(rig_established(&rig->ends[1]) != NULL, cases[c].is_vouched);
			if (!cases[c].is_vouched)
				assert_true(rig_said(&rig->ends[1], "does not vouch for the identity"));
			rig_close(rig);
		}
}

/* Certificates have their names in one kind of string, configurations in another (RFC 5280 §7.1). */
static void a_dn_is_known_whatever_kind_of_string_it_is_written_in(void **state)
{
	static const struct { const char *dn; bool is_left; } cases[] = {
		{ "CN=left,O=adit", true }, { "CN=Left, O=ADIT", true }, { "CN=right,O=adit", false }, { "O=adit,CN=left", false }, { "CN=left", false },
	};

	(void)state;
	for (unsigned c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
		char lines[256];
		struct rig *rig;

		snprintf(lines, sizeof(lines), CA "remote_id = \"dn:%s\"; ", "%s", cases[c].dn);
		rig = begun("left", CA, "right", lines);
		if ((rig_established(&rig->ends[1]) != NULL) != cases[c].is_left)
			rig_show(rig);
		assert_int_equal(rig_established(&rig->ends[1]) != NULL, cases[c].is_left);
		rig_close(rig);
	}
}

static void a_pinned_certificate_needs_no_ca_and_admits_nobody_else(void **state)
{
	(void)state;
	for (unsigned m = 0; m < N_MODES; m++) {
		char lines[2][256];
		struct rig *rig;

		snprintf(lines[0], sizeof(lines[0]), "remote_certificate = \"%s/right.pem\"; %s", "%s", modes[m]);
		snprintf(lines[1], sizeof(lines[1]), "remote_certificate = \"%s/left.pem\"; %s", "%s", modes[m]);
		rig = begun("left", lines[0], "right", lines[1]);
		rig_assert_agreed(rig);
		rig_close(rig);
		rig = begun("stranger", lines[0], "right", lines[1]);
		assert_null(rig_established(&rig->ends[1]));
		assert_true(rig_said(&rig->ends[1], "wrong signature") || rig_said(&rig->ends[1], "vouch"));
		rig_close(rig);
	}
}

static void assert_refused(const char *own, const char *lines, const char *reason)
{
	for (unsigned m = 0; m < N_MODES; m++) {
		char text[256], mine[256];
		struct rig *rig;

		snprintf(text, sizeof(text), "%s%s", lines, modes[m]);
		snprintf(mine, sizeof(mine), CA "%s", "%s", modes[m]);
		rig = begun(own, mine, "right", text);
		if (rig_established(&rig->ends[1]) || !rig_said(&rig->ends[1], reason))
			rig_show(rig);
		assert_null(rig_established(&rig->ends[1]));
		assert_true(rig_said(&rig->ends[1], reason));
		assert_true(ike_counters(rig->ends[1].ike)->auth_failures > 0);
		rig_close(rig);
	}
}

static void an_expired_certificate_is_refused(void **state)
{
	(void)state;
	assert_refused("expired", CA, "expired");
}

static void a_revoked_certificate_is_refused(void **state)
{
	(void)state;
	assert_refused("left", CA "crl = \"%s/left.crl\"; ", "revoked");
}

static void an_expired_crl_is_as_good_as_a_revocation(void **state)
{
	(void)state;
	assert_refused("left", CA "crl = \"%s/old.crl\"; ", "CRL");
}

static void a_certificate_of_another_ca_is_refused(void **state)
{
	(void)state;
	assert_refused("stranger", CA, "certificate");
}

static void a_crl_that_revokes_nobody_lets_all_pass(void **state)
{
	struct rig *rig = begun("left", CA "crl = \"%s/none.crl\"; ", "right", CA "crl = \"%s/none.crl\"; ");

	(void)state;
	rig_assert_agreed(rig);
	rig_close(rig);
}

/* SEMANTICS class 3: who has not been checked is shown no proof of ours. */
static void the_responder_of_main_mode_proves_itself_only_to_whom_it_knows(void **state)
{
	struct rig *rig = begun("stranger", CA, "right", CA);

	(void)state;
	for (unsigned i = 0; i < rig->n_kept; i++)
		assert_false(rig->kept[i].from == 1 && (rig->kept[i].bytes[19] & ISAKMP_ENCRYPTED));
	rig_close(rig);
}

static void a_certificate_file_that_is_not_there_is_told(void **state)
{
	struct rig *rig = rig_open(1);

	(void)state;
	files_of(&left, "gone");
	add(rig, 1, "gone", CA);
	add(rig, 2, "right", CA);
	unlink(in_dir("gone.pem"));
	(void)rig_begin(&rig->ends[0], NULL, NULL);
	rig_run(rig, 1000);
	assert_null(rig_established(&rig->ends[0]));
	assert_true(rig_said(&rig->ends[0], "gone.pem"));
	rig_close(rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(certificates_of_one_ca_establish_every_mode),
		cmocka_unit_test(identities_are_those_that_a_certificate_vouches_for),
		cmocka_unit_test(a_dn_is_known_whatever_kind_of_string_it_is_written_in),
		cmocka_unit_test(a_pinned_certificate_needs_no_ca_and_admits_nobody_else),
		cmocka_unit_test(an_expired_certificate_is_refused),
		cmocka_unit_test(a_revoked_certificate_is_refused),
		cmocka_unit_test(an_expired_crl_is_as_good_as_a_revocation),
		cmocka_unit_test(a_certificate_of_another_ca_is_refused),
		cmocka_unit_test(a_crl_that_revokes_nobody_lets_all_pass),
		cmocka_unit_test(the_responder_of_main_mode_proves_itself_only_to_whom_it_knows),
		cmocka_unit_test(a_certificate_file_that_is_not_there_is_told),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
