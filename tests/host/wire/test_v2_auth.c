// SPDX-License-Identifier: BSD-2-Clause-Patent
/* KE, nonce, ID, CERT, CERTREQ, AUTH, EAP: RFC 7296 §3.4 - §3.9, §3.16; RFC 7427 §3; RFC 7619 §2. */
#include "make.h"
#include "wire/ikev2.h"

/* RFC 7427 App. A.1.2: sha256WithRSAEncryption */
#define SHA256_RSA 0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b, 0x05, 0x00

static void a_ke_body_cut_before_its_value_is_short(void **state)
{
	const struct bytes body = BYTES(0, 19, 0xff, 0xff, 1, 2, 3);
	struct v2_ke ke;

	(void)state;
	for (size_t n = 0; n <= body.len; n++) {
		struct bytes part = cut(body, n);

		assert_int_equal(v2_get_ke(part, &ke), n <= 4 ? WIRE_SHORT : WIRE_OK);
		cut_free(part);
	}
	assert_int_equal(v2_get_ke(body, &ke), WIRE_OK);	/* reserved bits are set: §2.5 */
	assert_int_equal(ke.group, 19);
	assert_same(ke.value, BYTES(1, 2, 3));
}

static void all_65536_groups_are_read_back(void **state)
{
	(void)state;
	for (unsigned group = 0; group < 65536; group++) {
		struct page page;
		struct v2_ke back;

		page_open(&page);
		v2_put_ke(&page.to, &page.next_at, &(struct v2_ke){ (uint16_t)group, BYTES(7, 8) });
		assert_int_equal(v2_get_ke(page_body(&page, P2_KE), &back), WIRE_OK);
		assert_int_equal(back.group, group);
		assert_same(back.value, BYTES(7, 8));
	}
}

static void a_nonce_has_16_to_256_bytes(void **state)	/* §3.9 */
{
	static const uint8_t nonce[300];

	(void)state;
	for (size_t n = 0; n <= 300; n++)
		assert_int_equal(v2_check_nonce((struct bytes){ nonce, n }), n < 16 ? WIRE_SHORT : n <= 256 ? WIRE_OK : WIRE_LENGTH);
}

static void ids_have_the_types_and_forms_of_the_standard(void **state)	/* §3.5 */
{
	static const struct { struct bytes body; enum wire_err want; const char *text; } rows[] = {
		{ { (const uint8_t *)"\1\0\0\0\300\0\2\1", 8 }, WIRE_OK, "192.0.2.1" },
		{ { (const uint8_t *)"\1\377\377\377\300\0\2\1", 8 }, WIRE_OK, "192.0.2.1" },
		{ { (const uint8_t *)"\1\0\0\0\300\0\2", 7 }, WIRE_LENGTH, NULL },
		{ { (const uint8_t *)"\2\0\0\0a.example", 13 }, WIRE_OK, "fqdn a.example" },
		{ { (const uint8_t *)"\2\0\0\0a.exa\0ple", 13 }, WIRE_VALUE, NULL },
		{ { (const uint8_t *)"\2\0\0\0", 4 }, WIRE_MISSING, NULL },
		{ { (const uint8_t *)"\3\0\0\0a@b", 7 }, WIRE_OK, "user-fqdn a@b" },
		{ { (const uint8_t *)"\4\0\0\0\12\0\0\0\377\0\0\0", 12 }, WIRE_VALUE, NULL },	/* a subnet is version 1's */
		{ { (const uint8_t *)"\5\0\0\0\40\1\15\270\0\0\0\0\0\0\0\0\0\0\0\7", 20 }, WIRE_OK, "2001:db8::7" },
		{ { (const uint8_t *)"\11\0\0\0\60\0", 6 }, WIRE_OK, "dn 0x3000" },
		{ { (const uint8_t *)"\12\0\0\0\202\1a", 7 }, WIRE_OK, "gn 0x820161" },
		{ { (const uint8_t *)"\13\0\0\0\0\377", 6 }, WIRE_OK, "key-id 0x00ff" },
		{ { (const uint8_t *)"\15\0\0\0", 4 }, WIRE_OK, "nobody" },
		{ { (const uint8_t *)"\15\0\0\0xx", 6 }, WIRE_OK, "nobody" },			/* RFC 7619 §2.2: ignored */
		{ { (const uint8_t *)"\14\0\0\0xx", 6 }, WIRE_VALUE, NULL },
		{ { (const uint8_t *)"\0\0\0\0xx", 6 }, WIRE_VALUE, NULL }
	};
	struct v2_id id;
	char text[64];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct bytes exact = cut(rows[i].body, rows[i].body.len);

		assert_int_equal(v2_get_id(exact, &id), rows[i].want);
		if (rows[i].want == WIRE_OK) {
			struct page page;

			v2_id_text(&id, text, sizeof(text));
			assert_string_equal(text, rows[i].text);
			page_open(&page);
			v2_put_id(&page.to, &page.next_at, P2_IDR, &id);
			assert_same((struct bytes){ page_body(&page, P2_IDR).at + 4, rows[i].body.len - 4 }, id.data);
		}
		for (size_t n = 0; n < 4; n++) {
			struct bytes part = cut(rows[i].body, n);

			assert_int_equal(v2_get_id(part, &id), WIRE_SHORT);
			cut_free(part);
		}
		cut_free(exact);
	}
}

static void a_cert_has_an_encoding_and_data(void **state)
{
	struct v2_cert cert;
	struct page page;

	(void)state;
	assert_int_equal(v2_get_cert(NONE, &cert), WIRE_SHORT);
	assert_int_equal(v2_get_cert(BYTES(4), &cert), WIRE_SHORT);
	assert_int_equal(v2_get_cert(BYTES(4, 0x30), &cert), WIRE_OK);
	page_open(&page);
	v2_put_cert(&page.to, &page.next_at, P2_CERT, &(struct v2_cert){ V2_CERT_X509, BYTES(0x30, 0) });
	assert_int_equal(v2_get_cert(page_body(&page, P2_CERT), &cert), WIRE_OK);
	assert_int_equal(cert.encoding, V2_CERT_X509);
	assert_same(cert.data, BYTES(0x30, 0));
}

static void a_request_for_x509_holds_whole_hashes_or_none(void **state)	/* §3.7 */
{
	static const uint8_t body[1 + 61] = { 0 };
	uint8_t own[sizeof(body)];
	struct v2_cert cert;

	(void)state;
	assert_int_equal(v2_get_certreq(NONE, &cert), WIRE_SHORT);
	for (unsigned encoding = 0; encoding < 256; encoding++)
		for (size_t n = 0; n <= 61; n++) {
			const bool has_hashes = encoding == 4 || encoding == 12 || encoding == 13;

			memcpy(own, body, sizeof(own));
			own[0] = (uint8_t)encoding;
			assert_int_equal(v2_get_certreq((struct bytes){ own, 1 + n }, &cert), has_hashes && n % 20 ? WIRE_LENGTH : WIRE_OK);
		}
}

static void an_auth_of_the_old_methods_is_its_value(void **state)	/* §3.8 */
{
	const struct bytes body = BYTES(2, 0xff, 0xff, 0xff, 1, 2, 3);
	struct v2_auth auth;

	(void)state;
	for (size_t n = 0; n <= body.len; n++) {
		struct bytes part = cut(body, n);

		assert_int_equal(v2_get_auth(part, &auth), n <= 4 ? WIRE_SHORT : WIRE_OK);
		cut_free(part);
	}
	assert_int_equal(v2_get_auth(body, &auth), WIRE_OK);
	assert_int_equal(auth.method, V2_AUTH_PSK);
	assert_same(auth.value, BYTES(1, 2, 3));
	assert_int_equal(auth.algorithm.len, 0);
}

static void a_digital_signature_names_its_algorithm(void **state)	/* RFC 7427 §3 */
{
	const struct bytes body = BYTES(14, 0, 0, 0, 15, SHA256_RSA, 0xaa, 0xbb);
	struct v2_auth auth;
	struct page page;

	(void)state;
	assert_int_equal(v2_get_auth(body, &auth), WIRE_OK);
	assert_same(auth.algorithm, BYTES(SHA256_RSA));
	assert_same(auth.value, BYTES(0xaa, 0xbb));
	page_open(&page);
	v2_put_auth(&page.to, &page.next_at, &auth);
	assert_same(page_body(&page, P2_AUTH), body);
	for (size_t n = 0; n < body.len; n++) {
		struct bytes part = cut(body, n);

		assert_int_equal(v2_get_auth(part, &auth), n < 21 ? WIRE_SHORT : WIRE_OK);
		cut_free(part);
	}
}

static void an_algorithm_that_is_no_sequence_of_its_length_is_refused(void **state)
{
	static uint8_t body[4 + 1 + 255 + 1] = { 14, 0, 0, 0, 255, 0x30, 0x81, 252 };
	uint8_t short_one[] = { 14, 0, 0, 0, 15, SHA256_RSA, 0xaa };
	struct v2_auth auth;

	(void)state;
	assert_int_equal(v2_get_auth((struct bytes){ body, sizeof(body) }, &auth), WIRE_OK);
	assert_int_equal(auth.algorithm.len, 255);
	for (unsigned length = 0; length < 256; length++) {	/* in its long form, and in its short one, and of its field */
		body[7] = (uint8_t)length;
		assert_int_equal(v2_get_auth((struct bytes){ body, sizeof(body) }, &auth), length == 252 ? WIRE_OK : WIRE_VALUE);
		short_one[6] = (uint8_t)length;
		assert_int_equal(v2_get_auth((struct bytes){ short_one, sizeof(short_one) }, &auth), length == 13 ? WIRE_OK : WIRE_VALUE);
	}
	short_one[6] = 13;
	for (unsigned length = 0; length < 16; length++) {
		short_one[4] = (uint8_t)length;
		assert_int_equal(v2_get_auth((struct bytes){ short_one, sizeof(short_one) }, &auth), length == 15 ? WIRE_OK : WIRE_VALUE);
	}
	short_one[4] = 15;
	short_one[5] = 0x31;
	assert_int_equal(v2_get_auth((struct bytes){ short_one, sizeof(short_one) }, &auth), WIRE_VALUE);
	assert_int_equal(v2_get_auth(BYTES(14, 0, 0, 0, 4, 0x30, 0x81, 1, 0, 9), &auth), WIRE_VALUE);	/* DER takes the short form */
}

static void a_signature_without_its_algorithm_cannot_be_written(void **state)
{
	struct page page;

	(void)state;
	page_open(&page);
	v2_put_auth(&page.to, &page.next_at, &(struct v2_auth){ V2_AUTH_DIGITAL_SIGNATURE, NONE, BYTES(1) });
	assert_true(page.to.has_failed);
}

static void an_eap_message_fills_its_payload(void **state)	/* RFC 3748 §4 */
{
	static const struct { struct bytes body; enum wire_err want; uint8_t type; } rows[] = {
		{ { (const uint8_t *)"\1\7\0\6\32x", 6 }, WIRE_OK, 26 },
		{ { (const uint8_t *)"\2\7\0\5\1", 5 }, WIRE_OK, 1 },
		{ { (const uint8_t *)"\1\7\0\4", 4 }, WIRE_SHORT, 0 },		/* a request has a type */
		{ { (const uint8_t *)"\3\7\0\4", 4 }, WIRE_OK, 0 },
		{ { (const uint8_t *)"\4\7\0\4", 4 }, WIRE_OK, 0 },
		{ { (const uint8_t *)"\3\7\0\5x", 5 }, WIRE_LENGTH, 0 },
		{ { (const uint8_t *)"\1\7\0\7\32x", 6 }, WIRE_SHORT, 0 },
		{ { (const uint8_t *)"\1\7\0\5\32x", 6 }, WIRE_LENGTH, 0 },
		{ { (const uint8_t *)"\0\7\0\5\1", 5 }, WIRE_VALUE, 0 },
		{ { (const uint8_t *)"\5\7\0\5\1", 5 }, WIRE_VALUE, 0 }
	};
	struct v2_eap eap;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (size_t n = 0; rows[i].want == WIRE_OK && n < rows[i].body.len; n++) {
			struct bytes part = cut(rows[i].body, n);

			assert_int_not_equal(v2_get_eap(part, &eap), WIRE_OK);
			cut_free(part);
		}
		assert_int_equal(v2_get_eap(rows[i].body, &eap), rows[i].want);
		assert_int_equal(eap.type, rows[i].type);
		if (rows[i].want == WIRE_OK) {
			assert_int_equal(eap.identifier, 7);
			assert_same(eap.whole, rows[i].body);
			assert_int_equal(eap.data.len, rows[i].body.len - 4 - (rows[i].type != 0));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_ke_body_cut_before_its_value_is_short),
		cmocka_unit_test(all_65536_groups_are_read_back),
		cmocka_unit_test(a_nonce_has_16_to_256_bytes),
		cmocka_unit_test(ids_have_the_types_and_forms_of_the_standard),
		cmocka_unit_test(a_cert_has_an_encoding_and_data),
		cmocka_unit_test(a_request_for_x509_holds_whole_hashes_or_none),
		cmocka_unit_test(an_auth_of_the_old_methods_is_its_value),
		cmocka_unit_test(a_digital_signature_names_its_algorithm),
		cmocka_unit_test(an_algorithm_that_is_no_sequence_of_its_length_is_refused),
		cmocka_unit_test(a_signature_without_its_algorithm_cannot_be_written),
		cmocka_unit_test(an_eap_message_fills_its_payload)
	};

	return cmocka_run_group_tests_name("wire/v2_auth", tests, NULL, NULL);
}
