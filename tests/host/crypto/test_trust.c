// SPDX-License-Identifier: BSD-2-Clause-Patent
/* Whom we believe (RFC 4945, RFC 5280): every kind of path that must hold, and those that must not. */
#include "cert_maker.h"

#include <pthread.h>

static char why[512];

/* Does leaf, with up to two certificates beside it, hold against these files? */
static bool holds(const char *ca_path, const char *crl_path, const struct made *leaf, const struct made *other, const struct made *another)
{
	struct trust *trust = trust_load(ca_path, crl_path, why, sizeof(why));
	struct cert *cert = cert_from(leaf), *others[2] = { NULL, NULL };
	unsigned n = 0;
	bool ok;

	if (trust == NULL)
		fail_msg("%s", why);
	assert_non_null(cert);
	if (other != NULL)
		others[n++] = cert_from(other);
	if (another != NULL)
		others[n++] = cert_from(another);
	ok = trust_verify(trust, cert, others, n, why, sizeof(why));
	assert_int_equal(ok, why[0] == '\0');	/* a refusal has its reason */
	for (unsigned i = 0; i < n; i++)
		cert_close(others[i]);
	cert_close(cert);
	trust_close(trust);
	return ok;
}

static void assert_why(const char *part)
{
	if (strstr(why, part) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", why, part);
}

static struct made root, leaf;

static int root_setup(void **state)
{
	int rc = dir_setup(state);

	root = make_ca("root");
	leaf = make(&(struct spec){ .name = "leaf" }, &root);
	write_certs("root.pem", (const struct made *const[]){ &root }, 1);
	return rc;
}

static int root_teardown(void **state)
{
	unmake(&root);
	unmake(&leaf);
	return dir_teardown(state);
}

static void a_leaf_of_our_ca_holds_and_one_of_another_does_not(void **state)
{
	struct made stranger = make_ca("stranger"), same_name = make_ca("root");
	struct made theirs = make(&(struct spec){ .name = "leaf" }, &stranger);
	struct made forged = make(&(struct spec){ .name = "leaf" }, &same_name);
	struct made selfish = make(&(struct spec){ .name = "leaf" }, NULL);

	(void)state;
	assert_true(holds(in_dir("root.pem"), "", &leaf, NULL, NULL));
	assert_true(holds(in_dir("root.pem"), NULL, &leaf, &root, NULL));	/* a peer may send the root too */
	assert_false(holds(in_dir("root.pem"), "", &theirs, NULL, NULL));
	assert_false(holds(in_dir("root.pem"), "", &theirs, &stranger, NULL));
	assert_false(holds(in_dir("root.pem"), "", &forged, NULL, NULL));
	assert_false(holds(in_dir("root.pem"), "", &forged, &same_name, NULL));
	assert_false(holds(in_dir("root.pem"), "", &selfish, NULL, NULL));
	assert_false(holds("", "", &leaf, &root, NULL));			/* no CA: nobody is believed */
	unmake(&stranger);
	unmake(&same_name);
	unmake(&theirs);
	unmake(&forged);
	unmake(&selfish);
}

static void an_intermediate_that_the_peer_sends_joins_the_path(void **state)
{
	struct made middle = make(&(struct spec){ .name = "middle", .constraints = "critical,CA:TRUE", .usage = "keyCertSign" }, &root);
	struct made lower = make(&(struct spec){ .name = "lower", .constraints = "critical,CA:TRUE" }, &middle);
	struct made far = make(&(struct spec){ .name = "far" }, &lower);

	(void)state;
	assert_true(holds(in_dir("root.pem"), "", &far, &lower, &middle));
	assert_true(holds(in_dir("root.pem"), "", &far, &middle, &lower));
	assert_false(holds(in_dir("root.pem"), "", &far, &lower, NULL));
	assert_false(holds(in_dir("root.pem"), "", &far, NULL, NULL));
	/* an intermediate in our own file is an anchor by itself */
	assert_true(holds(write_certs("lower.pem", (const struct made *const[]){ &lower }, 1), "", &far, NULL, NULL));
	unmake(&middle);
	unmake(&lower);
	unmake(&far);
}

static void an_issuer_that_is_no_ca_makes_no_path(void **state)
{
	static const struct spec issuers[] = {
		{ .name = "i", .constraints = "critical,CA:FALSE" },
		{ .name = "i" },							/* no basic constraints */
		{ .name = "i", .usage = "keyCertSign" },				/* nor here */
		{ .name = "i", .constraints = "critical,CA:TRUE", .usage = "digitalSignature" },
		{ .name = "i", .is_v1 = true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(issuers) / sizeof(issuers[0]); i++) {
		struct made issuer = make(&issuers[i], &root);
		struct made child = make(&(struct spec){ .name = "child" }, &issuer);

		assert_false(holds(in_dir("root.pem"), "", &child, &issuer, NULL));
		unmake(&issuer);
		unmake(&child);
	}
}

static void a_path_longer_than_its_issuer_allows_is_refused(void **state)
{
	struct made top = make(&(struct spec){ .name = "top", .constraints = "critical,CA:TRUE,pathlen:0" }, NULL);
	struct made middle = make(&(struct spec){ .name = "middle", .constraints = "critical,CA:TRUE" }, &top);
	struct made child = make(&(struct spec){ .name = "child" }, &middle);

	(void)state;
	assert_false(holds(write_certs("top.pem", (const struct made *const[]){ &top }, 1), "", &child, &middle, NULL));
	unmake(&top);
	unmake(&middle);
	unmake(&child);
}

static void who_has_expired_or_is_not_yet_valid_is_refused(void **state)
{
	struct made old = make(&(struct spec){ .name = "old", .from_seconds = -2 * DAY, .to_seconds = -1 }, &root);
	struct made early = make(&(struct spec){ .name = "early", .from_seconds = 3600, .to_seconds = DAY }, &root);
	struct made old_ca = make(&(struct spec){ .name = "oc", .constraints = "CA:TRUE", .from_seconds = -9, .to_seconds = -1 }, NULL);
	struct made child = make(&(struct spec){ .name = "child" }, &old_ca);

	(void)state;
	assert_false(holds(in_dir("root.pem"), "", &old, NULL, NULL));
	assert_why("expired");
	assert_why("CN=old");
	assert_false(holds(in_dir("root.pem"), "", &early, NULL, NULL));
	assert_why("not yet valid");
	assert_false(holds(write_certs("oc.pem", (const struct made *const[]){ &old_ca }, 1), "", &child, NULL, NULL));
	assert_why("expired");
	unmake(&old);
	unmake(&early);
	unmake(&old_ca);
	unmake(&child);
}

static void a_crl_revokes_and_one_that_has_expired_or_is_forged_binds_all_the_same(void **state)
{
	struct made good = make(&(struct spec){ .name = "good" }, &root), other = make_ca("other");
	const char *ca = write_certs("two.pem", (const struct made *const[]){ &root, &other }, 2);

	(void)state;
	write_crl("crl.pem", make_crl(&root, NULL, &leaf, DAY));
	assert_true(holds(ca, in_dir("crl.pem"), &good, NULL, NULL));
	assert_false(holds(ca, in_dir("crl.pem"), &leaf, NULL, NULL));
	assert_why("revoked");
	write_crl("old.pem", make_crl(&root, NULL, &leaf, -3600));
	assert_false(holds(ca, in_dir("old.pem"), &good, NULL, NULL));
	assert_why("CRL has expired");
	write_crl("forged.pem", make_crl(&root, other.key, NULL, DAY));
	assert_false(holds(ca, in_dir("forged.pem"), &good, NULL, NULL));
	write_crl("others.pem", make_crl(&other, NULL, NULL, DAY));
	assert_true(holds(ca, in_dir("others.pem"), &leaf, NULL, NULL));	/* root has none: not asked for */
	unmake(&good);
	unmake(&other);
}

static void a_revoked_intermediate_takes_its_leaves_with_it(void **state)
{
	struct made middle = make(&(struct spec){ .name = "middle", .constraints = "critical,CA:TRUE" }, &root);
	struct made child = make(&(struct spec){ .name = "child" }, &middle);

	(void)state;
	write_crl("crl.pem", make_crl(&root, NULL, &middle, DAY));
	assert_false(holds(in_dir("root.pem"), in_dir("crl.pem"), &child, &middle, NULL));
	assert_why("revoked");
	write_crl("crl.pem", make_crl(&root, NULL, NULL, DAY));			/* middle has no CRL of its own */
	assert_true(holds(in_dir("root.pem"), in_dir("crl.pem"), &child, &middle, NULL));
	unmake(&middle);
	unmake(&child);
}

/* One that tells of some reasons only does not say that a certificate is good: refused, not taken for no CRL at all. */
static void a_crl_that_cannot_answer_binds_all_the_same(void **state)
{
	X509_CRL *crl = make_crl(&root, NULL, NULL, DAY);
	X509_EXTENSION *part = X509V3_EXT_conf_nid(NULL, NULL, NID_issuing_distribution_point, "critical,onlysomereasons:keyCompromise");

	(void)state;
	assert_non_null(part);
	assert_int_equal(X509_CRL_add_ext(crl, part, -1), 1);
	assert_true(X509_CRL_sign(crl, root.key, EVP_sha256()) > 0);
	X509_EXTENSION_free(part);
	write_crl("part.pem", crl);
	assert_false(holds(in_dir("root.pem"), in_dir("part.pem"), &leaf, NULL, NULL));
	assert_why("unable to get certificate CRL");
}

/* The CRL is from our file, the CA that signed it from the peer. */
static void the_crl_of_an_intermediate_binds_too(void **state)
{
	struct made middle = make(&(struct spec){ .name = "middle", .constraints = "critical,CA:TRUE", .usage = "keyCertSign,cRLSign" }, &root);
	struct made no_signer = make(&(struct spec){ .name = "mute", .constraints = "critical,CA:TRUE", .usage = "keyCertSign" }, &root);
	struct made child = make(&(struct spec){ .name = "child" }, &middle), other = make(&(struct spec){ .name = "o" }, &middle);
	struct made mute_child = make(&(struct spec){ .name = "child" }, &no_signer);

	(void)state;
	write_crl("crl.pem", make_crl(&middle, NULL, &child, DAY));
	assert_false(holds(in_dir("root.pem"), in_dir("crl.pem"), &child, &middle, NULL));
	assert_why("revoked");
	assert_true(holds(in_dir("root.pem"), in_dir("crl.pem"), &other, &middle, NULL));
	write_crl("crl.pem", make_crl(&no_signer, NULL, NULL, DAY));	/* a CA that may not sign CRLs */
	assert_false(holds(in_dir("root.pem"), in_dir("crl.pem"), &mute_child, &no_signer, NULL));
	unmake(&middle);
	unmake(&no_signer);
	unmake(&child);
	unmake(&other);
	unmake(&mute_child);
}

/* The class of strongSwan's CVE-2026-35331. */
static void name_constraints_of_an_issuer_hold(void **state)
{
	struct made top = make(&(struct spec){ .name = "top", .constraints = "critical,CA:TRUE",
				.name_constraints = "critical,permitted;DNS:example.com,excluded;DNS:bad.example.com" }, NULL);
	struct made inside = make(&(struct spec){ .name = "a", .alternative = "DNS:vpn.example.com" }, &top);
	struct made excluded = make(&(struct spec){ .name = "b", .alternative = "DNS:vpn.bad.example.com" }, &top);
	struct made outside = make(&(struct spec){ .name = "c", .alternative = "DNS:vpn.example.org" }, &top);
	struct made both = make(&(struct spec){ .name = "d", .alternative = "DNS:vpn.example.com,DNS:bad.example.com" }, &top);
	const char *ca = write_certs("top.pem", (const struct made *const[]){ &top }, 1);

	(void)state;
	assert_true(holds(ca, "", &inside, NULL, NULL));
	assert_false(holds(ca, "", &excluded, NULL, NULL));
	assert_why("excluded subtree");
	assert_false(holds(ca, "", &outside, NULL, NULL));
	assert_why("permitted subtree");
	assert_false(holds(ca, "", &both, NULL, NULL));
	unmake(&top);
	unmake(&inside);
	unmake(&excluded);
	unmake(&outside);
	unmake(&both);
}

/* RFC 4945 §5.1.3.2 */
static void key_usage_if_there_must_allow_signatures(void **state)
{
	static const struct { const char *usage; bool is_good; } cases[] = {
		{ NULL, true }, { "digitalSignature", true }, { "critical,nonRepudiation", true },
		{ "keyEncipherment,digitalSignature", true }, { "keyEncipherment", false }, { "keyAgreement", false },
		{ "critical,keyCertSign", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct made made = make(&(struct spec){ .name = "u", .usage = cases[i].usage }, &root);

		assert_int_equal(holds(in_dir("root.pem"), "", &made, NULL, NULL), cases[i].is_good);
		if (!cases[i].is_good)
			assert_why("key usage");
		unmake(&made);
	}
}

static void an_unknown_critical_extension_and_md5_are_refused(void **state)
{
	struct made unknown = make(&(struct spec){ .name = "u", .unknown = "1.2.3.4.5" }, &root);
	struct made md5 = make(&(struct spec){ .name = "m", .digest = EVP_md5() }, &root);
	struct made sha1 = make(&(struct spec){ .name = "s", .digest = EVP_sha1() }, &root);

	(void)state;
	assert_false(holds(in_dir("root.pem"), "", &unknown, NULL, NULL));
	assert_why("critical");
	assert_false(holds(in_dir("root.pem"), "", &md5, NULL, NULL));
	assert_why("MD5");
	assert_true(holds(in_dir("root.pem"), "", &sha1, NULL, NULL));
	unmake(&unknown);
	unmake(&md5);
	unmake(&sha1);
}

/* The class of libreswan's CVE-2026-14957 (exponent 0); as a leaf's key and as an issuer's that the peer sends. */
static void keys_with_senseless_numbers_are_refused(void **state)
{
	static const struct { unsigned bits; const char *e, *why; } cases[] = {
		{ 1024, "10001", NULL }, { 1024, "3", NULL }, { 1024, "FFFFFFFFFFFFFFFF", NULL },
		{ 1023, "10001", "less than 1024" }, { 512, "10001", "less than 1024" }, { 16385, "10001", "more than 16384" },
		{ 1024, "0", "exponent" }, { 1024, "1", "exponent" }, { 1024, "2", "exponent" }, { 1024, "10000", "exponent" },
		{ 1024, "10000000000000001", "exponent" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		BIGNUM *n = BN_new(), *e = NULL;
		struct made made, issuer, child;

		BN_rand(n, (int)cases[i].bits, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ODD);
		BN_hex2bn(&e, cases[i].e);
		made = make(&(struct spec){ .name = "k", .key = make_public(n, e) }, &root);
		EVP_PKEY_free(made.key);	/* make() has its own hold */
		issuer = make(&(struct spec){ .name = "i", .constraints = "critical,CA:TRUE", .key = made.key }, &root);
		child = make(&(struct spec){ .name = "c" }, &(struct made){ issuer.x509, root.key });
		assert_int_equal(holds(in_dir("root.pem"), "", &made, NULL, NULL), cases[i].why == NULL);
		if (cases[i].why != NULL)
			assert_why(cases[i].why);
		assert_false(holds(in_dir("root.pem"), "", &child, &issuer, NULL));
		BN_free(n);
		BN_free(e);
		unmake(&made);
		unmake(&issuer);
		unmake(&child);
	}
}

static void more_certificates_than_a_chain_may_have_are_not_even_looked_at(void **state)
{
	struct trust *trust = trust_load(in_dir("root.pem"), "", why, sizeof(why));
	struct cert *cert = cert_from(&leaf), *others[CERT_MAX_CHAIN + 1];

	(void)state;
	for (unsigned i = 0; i <= CERT_MAX_CHAIN; i++)
		others[i] = cert;
	assert_true(trust_verify(trust, cert, others, CERT_MAX_CHAIN, why, sizeof(why)));
	assert_false(trust_verify(trust, cert, others, CERT_MAX_CHAIN + 1, why, sizeof(why)));
	cert_close(cert);
	trust_close(trust);
}

/* A ring of issuers must end. */
static void two_issuers_that_vouch_for_each_other_lead_nowhere(void **state)
{
	struct made a = make_ca("a"), b = make_ca("b");
	struct made a_by_b = make(&(struct spec){ .name = "a", .constraints = "CA:TRUE", .key = a.key }, &b);
	struct made b_by_a = make(&(struct spec){ .name = "b", .constraints = "CA:TRUE", .key = b.key }, &a);
	struct made child = make(&(struct spec){ .name = "c" }, &a);

	(void)state;
	assert_false(holds(in_dir("root.pem"), "", &child, &a_by_b, &b_by_a));
	unmake(&a);
	unmake(&b);
	unmake(&a_by_b);
	unmake(&b_by_a);
	unmake(&child);
}

struct asking {
	const struct trust *trust;
	struct cert *cert;
	unsigned n_held;
};

static void *ask_often(void *arg)
{
	struct asking *asking = arg;
	char reason[256];

	for (unsigned i = 0; i < 100; i++)
		asking->n_held += trust_verify(asking->trust, asking->cert, &asking->cert, 1, reason, sizeof(reason));
	return NULL;
}

static void several_threads_may_ask_at_once(void **state)
{
	struct trust *trust = trust_load(in_dir("root.pem"), "", why, sizeof(why));
	struct cert *cert = cert_from(&leaf);
	struct asking asking[4];
	pthread_t threads[4];

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		asking[i] = (struct asking){ trust, cert, 0 };
		assert_int_equal(pthread_create(&threads[i], NULL, ask_often, &asking[i]), 0);
	}
	for (unsigned i = 0; i < 4; i++) {
		pthread_join(threads[i], NULL);
		assert_int_equal(asking[i].n_held, 100);
	}
	cert_close(cert);
	trust_close(trust);
}

/* ---- files */

static void the_subjects_of_all_cas_are_told_for_requests(void **state)
{
	struct made other = make_ca("other");
	struct trust *trust = trust_load(write_certs("two.pem", (const struct made *const[]){ &root, &other }, 2), "", why, sizeof(why));
	struct cert *a = cert_from(&root), *b = cert_from(&other);

	(void)state;
	assert_true(bytes_equal(trust_ca_subject(trust, 0), cert_subject(a)));
	assert_true(bytes_equal(trust_ca_subject(trust, 1), cert_subject(b)));
	assert_int_equal(trust_ca_subject(trust, 2).len, 0);
	assert_int_equal(trust_ca_subject(trust, 0xffffffff).len, 0);
	cert_close(a);
	cert_close(b);
	trust_close(trust);
	unmake(&other);
}

static void a_file_that_is_not_what_it_should_be_is_named_with_the_reason(void **state)
{
	struct made weak = make(&(struct spec){ .name = "w", .constraints = "CA:TRUE", .key = make_rsa(512, 65537) }, NULL);

	(void)state;
	EVP_PKEY_free(weak.key);
	assert_null(trust_load(in_dir("nowhere.pem"), "", why, sizeof(why)));
	assert_why("nowhere.pem: No such file");
	assert_null(trust_load(write_certs("leaf.pem", (const struct made *const[]){ &root, &leaf }, 2), "", why, sizeof(why)));
	assert_why("leaf.pem: certificate 2 of the file: not a CA's");
	assert_null(trust_load(write_certs("weak.pem", (const struct made *const[]){ &weak }, 1), "", why, sizeof(why)));
	assert_why("less than 1024");
	assert_null(trust_load(write_file("junk.pem", "junk", 4), "", why, sizeof(why)));
	assert_why("junk.pem");
	assert_null(trust_load(write_file("empty.pem", "", 0), "", why, sizeof(why)));
	assert_why("empty.pem");
	assert_null(trust_load(write_file("cut.pem", "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n", 58), "", why, sizeof(why)));
	assert_why("certificate 1 cannot be read");
	assert_null(trust_load(in_dir("root.pem"), in_dir("root.pem"), why, sizeof(why)));
	assert_why("CRL 1 cannot be read");
	assert_null(trust_load(in_dir("root.pem"), "/", why, sizeof(why)));
	assert_null(trust_load("", in_dir("nowhere.pem"), why, sizeof(why)));
	unmake(&weak);
}

static void der_files_do_as_well(void **state)
{
	X509_CRL *crl = make_crl(&root, NULL, &leaf, DAY);
	uint8_t *ca_der = NULL, *crl_der = NULL;
	int ca_bytes = i2d_X509(root.x509, &ca_der), crl_bytes = i2d_X509_CRL(crl, &crl_der);

	(void)state;
	write_file("ca.der", ca_der, (size_t)ca_bytes);
	assert_true(holds(in_dir("ca.der"), "", &leaf, NULL, NULL));
	assert_false(holds(in_dir("ca.der"), write_file("crl.der", crl_der, (size_t)crl_bytes), &leaf, NULL, NULL));
	assert_why("revoked");
	OPENSSL_free(ca_der);
	OPENSSL_free(crl_der);
	X509_CRL_free(crl);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_leaf_of_our_ca_holds_and_one_of_another_does_not),
		cmocka_unit_test(an_intermediate_that_the_peer_sends_joins_the_path),
		cmocka_unit_test(an_issuer_that_is_no_ca_makes_no_path),
		cmocka_unit_test(a_path_longer_than_its_issuer_allows_is_refused),
		cmocka_unit_test(who_has_expired_or_is_not_yet_valid_is_refused),
		cmocka_unit_test(a_crl_revokes_and_one_that_has_expired_or_is_forged_binds_all_the_same),
		cmocka_unit_test(a_revoked_intermediate_takes_its_leaves_with_it),
		cmocka_unit_test(a_crl_that_cannot_answer_binds_all_the_same),
		cmocka_unit_test(the_crl_of_an_intermediate_binds_too),
		cmocka_unit_test(name_constraints_of_an_issuer_hold),
		cmocka_unit_test(key_usage_if_there_must_allow_signatures),
		cmocka_unit_test(an_unknown_critical_extension_and_md5_are_refused),
		cmocka_unit_test(keys_with_senseless_numbers_are_refused),
		cmocka_unit_test(more_certificates_than_a_chain_may_have_are_not_even_looked_at),
		cmocka_unit_test(two_issuers_that_vouch_for_each_other_lead_nowhere),
		cmocka_unit_test(several_threads_may_ask_at_once),
		cmocka_unit_test(the_subjects_of_all_cas_are_told_for_requests),
		cmocka_unit_test(a_file_that_is_not_what_it_should_be_is_named_with_the_reason),
		cmocka_unit_test(der_files_do_as_well),
	};

	return cmocka_run_group_tests(tests, root_setup, root_teardown);
}
