// SPDX-License-Identifier: BSD-2-Clause-Patent
/* One certificate: read from files and CERT payloads, and for whom it vouches (RFC 4945 §3.1). */
#include "cert_maker.h"

#include "wire/isakmp.h"

static char why[512];

static void assert_why(const char *part)
{
	if (strstr(why, part) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", why, part);
}

/* ---- files */

static void certificate_and_key_come_from_one_file_or_two_in_pem_or_der(void **state)
{
	struct made made = make(&(struct spec){ .name = "box" }, NULL);
	uint8_t *der = NULL, *key_der = NULL;
	int der_bytes = i2d_X509(made.x509, &der), key_bytes = i2d_PrivateKey(made.key, &key_der);
	const char *cert_pem = write_certs("c.pem", (const struct made *const[]){ &made }, 1);
	const char *key_pem = write_key("k.pem", made.key, NULL), *cert_der_path = write_file("c.der", der, (size_t)der_bytes);
	const char *key_der_path = write_file("k.der", key_der, (size_t)key_bytes), *both = in_dir("both.pem");
	FILE *file = fopen(both, "w");
	const char *const pairs[][2] = { { cert_pem, key_pem }, { cert_der_path, key_pem }, { cert_pem, key_der_path }, { both, "" }, { both, NULL },
					 { both, both } };

	(void)state;
	assert_int_equal(PEM_write_PrivateKey(file, made.key, NULL, NULL, 0, NULL, NULL), 1);	/* the key first */
	assert_int_equal(PEM_write_X509(file, made.x509), 1);
	fclose(file);
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		struct cert *cert = cert_load(pairs[i][0], pairs[i][1], true, why, sizeof(why));
		uint8_t signature[CERT_MAX_SIGNATURE_BYTES];

		if (cert == NULL)
			fail_msg("%s", why);
		assert_true(bytes_equal(cert_der(cert), (struct bytes){ der, (size_t)der_bytes }));
		assert_int_equal(cert_sign_v1(cert, text_bytes("0123456789abcdef"), signature), 128);
		cert_close(cert);
	}
	OPENSSL_free(der);
	OPENSSL_free(key_der);
	unmake(&made);
}

static void a_certificate_without_key_loads_where_none_is_wanted_and_signs_nothing(void **state)
{
	struct made made = make(&(struct spec){ .name = "box" }, NULL);
	const char *path = write_certs("c.pem", (const struct made *const[]){ &made }, 1);
	struct cert *cert = cert_load(path, "", false, why, sizeof(why));
	uint8_t signature[CERT_MAX_SIGNATURE_BYTES];

	(void)state;
	assert_non_null(cert);
	assert_int_equal(cert_sign_v1(cert, text_bytes("0123456789abcdef"), signature), 0);
	assert_null(cert_load(path, "", true, why, sizeof(why)));
	assert_why("c.pem: no private key");
	cert_close(cert);
	cert_close(NULL);
	unmake(&made);
}

static void a_key_that_is_encrypted_or_another_s_or_not_rsa_is_refused_by_name(void **state)
{
	struct made made = make(&(struct spec){ .name = "box" }, NULL), other = make(&(struct spec){ .name = "other" }, NULL);
	struct made weak = make(&(struct spec){ .name = "weak", .key = make_rsa(512, 65537) }, NULL);
	EVP_PKEY *curve = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
	struct made ec = make(&(struct spec){ .name = "ec", .key = curve }, NULL);
	const char *path = write_certs("c.pem", (const struct made *const[]){ &made }, 1);

	(void)state;
	EVP_PKEY_free(weak.key);
	assert_null(cert_load(path, write_key("locked.pem", made.key, "secret"), true, why, sizeof(why)));
	assert_why("locked.pem: the private key is encrypted");
	assert_null(cert_load(path, write_key("other.pem", other.key, NULL), true, why, sizeof(why)));
	assert_why("other.pem: the private key is not the certificate's");
	assert_null(cert_load(path, write_key("ec.pem", curve, NULL), true, why, sizeof(why)));
	assert_why("ec.pem: not an RSA key");
	assert_null(cert_load(path, in_dir("nowhere.pem"), true, why, sizeof(why)));
	assert_why("nowhere.pem: No such file");
	assert_null(cert_load(path, write_file("junk", "junk", 4), true, why, sizeof(why)));
	assert_why("junk: no private key");
	assert_null(cert_load(in_dir("junk"), "", false, why, sizeof(why)));
	assert_why("junk: no certificate");
	assert_null(cert_load(write_certs("weak.pem", (const struct made *const[]){ &weak }, 1), "", false, why, sizeof(why)));
	assert_why("weak.pem: RSA key of less than 1024 bits");
	assert_null(cert_load(write_certs("ecc.pem", (const struct made *const[]){ &ec }, 1), "", false, why, sizeof(why)));
	assert_why("not an RSA key");
	assert_null(strstr(why, "secret"));
	EVP_PKEY_free(curve);
	unmake(&made);
	unmake(&other);
	unmake(&weak);
	unmake(&ec);
}

/* ---- CERT payloads */

static struct cert *parse_exactly(const uint8_t *at, size_t n)
{
	uint8_t *exact = malloc(n + !n);
	struct cert *cert;

	if (n > 0)
		memcpy(exact, at, n);
	cert = cert_parse((struct bytes){ exact, n });
	free(exact);
	return cert;
}

static void a_certificate_cut_anywhere_or_followed_by_a_byte_is_none(void **state)
{
	struct made made = make(&(struct spec){ .name = "box", .alternative = "DNS:box.example" }, NULL);
	struct cert *cert = cert_from(&made);
	struct bytes der = cert_der(cert);
	uint8_t longer[4096] = { 0 };

	(void)state;
	for (size_t n = 0; n < der.len; n++)
		assert_null(parse_exactly(der.at, n));
	memcpy(longer, der.at, der.len);
	assert_null(parse_exactly(longer, der.len + 1));
	cert_close(cert);
	unmake(&made);
}

static void no_byte_of_a_certificate_can_be_changed_so_that_it_breaks_us_or_passes(void **state)
{
	struct made root = make_ca("root"), made = make(&(struct spec){ .name = "box", .alternative = "DNS:box.example" }, &root);
	const char *path = write_certs("root.pem", (const struct made *const[]){ &root }, 1);
	struct trust *trust = trust_load(path, "", why, sizeof(why));
	struct cert *cert = cert_from(&made);
	unsigned n_parsed = 0;

	(void)state;
	assert_true(trust_verify(trust, cert, NULL, 0, why, sizeof(why)));
	for (size_t i = 0; i < cert_der(cert).len; i++) {
		static const uint8_t flips[] = { 0x01, 0x80, 0xff };

		for (size_t f = 0; f < sizeof(flips); f++) {
			uint8_t bent[4096];
			struct cert *other;

			memcpy(bent, cert_der(cert).at, cert_der(cert).len);
			bent[i] ^= flips[f];
			other = parse_exactly(bent, cert_der(cert).len);
			if (other == NULL)
				continue;
			n_parsed++;
			(void)!cert_vouches(other, ID_FQDN, text_bytes("box.example"));
			cert_subject_text(other, why, sizeof(why));
			assert_false(trust_verify(trust, other, NULL, 0, why, sizeof(why)));
			cert_close(other);
		}
	}
	assert_true(n_parsed > 100);
	cert_close(cert);
	trust_close(trust);
	unmake(&made);
	unmake(&root);
}

static void huge_and_senseless_payloads_are_no_certificates(void **state)
{
	static uint8_t junk[1 << 16];

	(void)state;
	memset(junk, 0x30, sizeof(junk));			/* sequences within sequences */
	assert_null(cert_parse((struct bytes){ junk, sizeof(junk) }));
	for (size_t n = 0; n < 16384; n += 127)
		assert_null(parse_exactly(junk, n));
	memset(junk, 0x80, sizeof(junk));			/* indefinite lengths */
	junk[0] = 0x30;
	assert_null(parse_exactly(junk, 16384));
	for (unsigned run = 0; run < 2000; run++) {
		size_t n = run % 300;

		assert_true(random_bytes(junk, n));
		assert_null(parse_exactly(junk, n));
	}
	assert_null(cert_parse((struct bytes){ NULL, 0 }));
}

/* A thousand names and one of last_bytes. */
static struct made make_big(EVP_PKEY *key, int last_bytes)
{
	static char names[20000];
	size_t n = 0;

	for (unsigned i = 0; i < 1000; i++)
		n += (size_t)sprintf(names + n, "DNS:h%04u.example,", i);
	sprintf(names + n, "DNS:%0*d", last_bytes, 0);
	return make(&(struct spec){ .name = "box", .alternative = names, .key = key }, NULL);
}

static void a_payload_of_16_kib_is_read_and_one_byte_more_is_not(void **state)
{
	EVP_PKEY *key = make_rsa(1024, 65537);

	(void)state;
	for (int target = 16384; target <= 16385; target++) {
		struct made made = make_big(key, 600);
		int last_bytes = 600 + target - i2d_X509(made.x509, NULL);
		struct cert *cert;

		unmake(&made);
		made = make_big(key, last_bytes);
		cert = cert_from(&made);
		assert_in_range(i2d_X509(made.x509, NULL), target - 1, target + 1);	/* a serial number may grow */
		assert_int_equal(cert != NULL, i2d_X509(made.x509, NULL) <= 16384);
		cert_close(cert);
		unmake(&made);
	}
	EVP_PKEY_free(key);
}

/* ---- for whom it vouches */

#define NAMES "DNS:Box.Example.com,DNS:*.wild.example,email:Ann@Example.com,IP:192.0.2.1,IP:2001:db8::1,URI:http://x/"

static const uint8_t ip4[] = { 192, 0, 2, 1 }, ip6[16] = { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 };

static void names_addresses_and_mail_of_the_certificate_are_vouched_for(void **state)
{
	struct made made = make(&(struct spec){ .name = "box", .alternative = NAMES }, NULL);
	struct cert *cert = cert_from(&made);

	(void)state;
	assert_true(cert_vouches(cert, ID_IPV4, (struct bytes){ ip4, 4 }));
	assert_true(cert_vouches(cert, ID_IPV6, (struct bytes){ ip6, 16 }));
	assert_true(cert_vouches(cert, ID_FQDN, text_bytes("box.example.com")));
	assert_true(cert_vouches(cert, ID_FQDN, text_bytes("Box.Example.com")));
	assert_true(cert_vouches(cert, ID_USER_FQDN, text_bytes("Ann@example.COM")));
	assert_true(cert_vouches(cert, ID_DN, cert_subject(cert)));
	cert_close(cert);
	unmake(&made);
}

static void what_is_only_like_a_name_of_the_certificate_is_not(void **state)
{
	struct made made = make(&(struct spec){ .name = "box", .alternative = NAMES }, NULL);
	struct cert *cert = cert_from(&made);
	static const char *const names[] = { "box", "box.example.co", "box.example.com.", ".example.com", "x.box.example.com", "a.wild.example",
					     ".wild.example", "ann@example.com", "example.com", "http://x/" };
	static const uint8_t with_nul[] = "box.example.com\0.evil.example";

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_false(cert_vouches(cert, ID_FQDN, text_bytes(names[i])));
	assert_false(cert_vouches(cert, ID_FQDN, (struct bytes){ with_nul, sizeof(with_nul) - 1 }));
	assert_false(cert_vouches(cert, ID_FQDN, (struct bytes){ with_nul, 16 }));
	assert_false(cert_vouches(cert, ID_USER_FQDN, text_bytes("ann@Example.com")));	/* before the @ case counts */
	assert_false(cert_vouches(cert, ID_USER_FQDN, text_bytes("@Example.com")));
	assert_false(cert_vouches(cert, ID_USER_FQDN, text_bytes("Box.Example.com")));
	assert_false(cert_vouches(cert, ID_IPV4, (struct bytes){ (const uint8_t *)"\xc0\x00\x02\x02", 4 }));
	assert_false(cert_vouches(cert, ID_IPV4, (struct bytes){ ip6, 16 }));
	assert_false(cert_vouches(cert, ID_IPV6, (struct bytes){ ip4, 4 }));
	cert_close(cert);
	unmake(&made);
}

static void no_certificate_vouches_for_subnets_ranges_key_ids_or_nothing(void **state)
{
	struct made made = make(&(struct spec){ .name = "box", .alternative = NAMES }, NULL);
	struct cert *cert = cert_from(&made);

	(void)state;
	for (unsigned type = 0; type < 256; type++) {
		assert_false(cert_vouches(cert, (uint8_t)type, (struct bytes){ NULL, 0 }));
		if (type == ID_IPV4 || type == ID_IPV6 || type == ID_FQDN || type == ID_USER_FQDN || type == ID_DN)
			continue;
		assert_false(cert_vouches(cert, (uint8_t)type, (struct bytes){ ip4, 4 }));
		assert_false(cert_vouches(cert, (uint8_t)type, text_bytes("box.example.com")));
		assert_false(cert_vouches(cert, (uint8_t)type, cert_subject(cert)));
	}
	cert_close(cert);
	unmake(&made);
}

static void a_certificate_without_alternative_names_vouches_for_its_subject_alone(void **state)
{
	struct made made = make(&(struct spec){ .name = "box.example.com" }, NULL);
	struct cert *cert = cert_from(&made);

	(void)state;
	assert_false(cert_vouches(cert, ID_FQDN, text_bytes("box.example.com")));	/* a common name is no DNS name */
	assert_true(cert_vouches(cert, ID_DN, cert_subject(cert)));
	cert_close(cert);
	unmake(&made);
}

static struct bytes name_der(const char *o, int o_type, const char *cn, uint8_t out[512])
{
	X509_NAME *name = X509_NAME_new();
	uint8_t *p = out;
	int n;

	if (o != NULL)
		X509_NAME_add_entry_by_txt(name, "O", o_type, (const uint8_t *)o, -1, -1, 0);
	if (cn != NULL)
		X509_NAME_add_entry_by_txt(name, "CN", V_ASN1_PRINTABLESTRING, (const uint8_t *)cn, -1, -1, 0);
	n = i2d_X509_NAME(name, &p);
	X509_NAME_free(name);
	return (struct bytes){ out, (size_t)n };
}

/* RFC 5280 §7.1; strongSwan's CVE-2013-6075 was a comparison of DNs that read past one of them. */
static void subjects_compare_by_what_they_say_and_to_the_end(void **state)
{
	struct made made = make(&(struct spec){ .name = "box" }, NULL), nameless = make(&(struct spec){ .name = NULL }, NULL);
	struct cert *cert = cert_from(&made), *empty = cert_from(&nameless);
	uint8_t der[512], longer[512] = { 0 };
	struct bytes id;

	(void)state;
	assert_true(cert_vouches(cert, ID_DN, name_der("adit", V_ASN1_UTF8STRING, "box", der)));
	assert_true(cert_vouches(cert, ID_DN, name_der("ADIT", V_ASN1_PRINTABLESTRING, "box", der)));
	assert_false(cert_vouches(cert, ID_DN, name_der("adit", V_ASN1_UTF8STRING, NULL, der)));
	assert_false(cert_vouches(cert, ID_DN, name_der(NULL, 0, "box", der)));
	assert_false(cert_vouches(cert, ID_DN, name_der("adit", V_ASN1_UTF8STRING, "box2", der)));
	assert_false(cert_vouches(empty, ID_DN, name_der(NULL, 0, NULL, der)));
	id = name_der("adit", V_ASN1_UTF8STRING, "box", der);
	for (size_t n = 0; n < id.len; n++) {
		uint8_t *exact = malloc(n + !n);

		memcpy(exact, id.at, n);
		assert_false(cert_vouches(cert, ID_DN, (struct bytes){ exact, n }));
		free(exact);
	}
	memcpy(longer, id.at, id.len);
	assert_false(cert_vouches(cert, ID_DN, (struct bytes){ longer, id.len + 1 }));
	cert_close(cert);
	cert_close(empty);
	unmake(&made);
	unmake(&nameless);
}

static void a_subject_reads_as_rfc_2253_has_it_with_control_characters_escaped_and_never_too_long(void **state)
{
	struct made made = make(&(struct spec){ .name = "b\nx,y" }, NULL);
	struct cert *cert = cert_from(&made);
	char text[64];

	(void)state;
	cert_subject_text(cert, text, sizeof(text));
	assert_string_equal(text, "CN=b\\0Ax\\,y,O=adit");
	for (size_t n = 1; n < 20; n++) {
		char *small = malloc(n);

		cert_subject_text(cert, small, n);
		assert_true(strlen(small) == n - 1 || strcmp(small, text) == 0);
		free(small);
	}
	cert_close(cert);
	unmake(&made);
}

static void two_certificates_are_the_same_if_every_byte_is(void **state)
{
	struct made made = make(&(struct spec){ .name = "box" }, NULL), again = make(&(struct spec){ .name = "box", .key = made.key }, NULL);
	struct cert *a = cert_from(&made), *b = cert_from(&made), *c = cert_from(&again);

	(void)state;
	assert_true(cert_same(a, b));
	assert_false(cert_same(a, c));		/* another serial number */
	cert_close(a);
	cert_close(b);
	cert_close(c);
	unmake(&made);
	unmake(&again);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(certificate_and_key_come_from_one_file_or_two_in_pem_or_der),
		cmocka_unit_test(a_certificate_without_key_loads_where_none_is_wanted_and_signs_nothing),
		cmocka_unit_test(a_key_that_is_encrypted_or_another_s_or_not_rsa_is_refused_by_name),
		cmocka_unit_test(a_certificate_cut_anywhere_or_followed_by_a_byte_is_none),
		cmocka_unit_test(no_byte_of_a_certificate_can_be_changed_so_that_it_breaks_us_or_passes),
		cmocka_unit_test(huge_and_senseless_payloads_are_no_certificates),
		cmocka_unit_test(a_payload_of_16_kib_is_read_and_one_byte_more_is_not),
		cmocka_unit_test(names_addresses_and_mail_of_the_certificate_are_vouched_for),
		cmocka_unit_test(what_is_only_like_a_name_of_the_certificate_is_not),
		cmocka_unit_test(no_certificate_vouches_for_subnets_ranges_key_ids_or_nothing),
		cmocka_unit_test(a_certificate_without_alternative_names_vouches_for_its_subject_alone),
		cmocka_unit_test(subjects_compare_by_what_they_say_and_to_the_end),
		cmocka_unit_test(a_subject_reads_as_rfc_2253_has_it_with_control_characters_escaped_and_never_too_long),
		cmocka_unit_test(two_certificates_are_the_same_if_every_byte_is),
	};

	return cmocka_run_group_tests(tests, dir_setup, dir_teardown);
}
