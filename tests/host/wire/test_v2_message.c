// SPDX-License-Identifier: BSD-2-Clause-Patent
/* Version 2's header, chain of payloads and sealed messages: RFC 7296 §2.2, §2.5, §3.1, §3.2, §3.14; RFC 7383 §2.5. */
#include "make.h"
#include "wire/ikev2.h"

#define I_SPI 1, 2, 3, 4, 5, 6, 7, 8
#define R_SPI 9, 10, 11, 12, 13, 14, 15, 16

static enum wire_err chain_err(uint8_t first, struct bytes rest, bool is_inner, struct v2_message *message, uint8_t *bad_type)
{
	const struct isakmp_header header = { .next = first, .version = 0x20 };
	struct bytes exact = cut(rest, rest.len);
	enum wire_err err = is_inner ? v2_get_inner(&header, first, exact, message, bad_type) : v2_get_payloads(&header, exact, message, bad_type);

	cut_free(exact);
	return err;
}

static struct isakmp_header header_of(uint8_t exchange, uint8_t flags)
{
	return (struct isakmp_header){ .icookie = { I_SPI }, .rcookie = { R_SPI }, .version = 0x20, .exchange = exchange, .flags = flags };
}

static void only_major_version_two_is_spoken_and_minors_are_ignored(void **state)	/* §2.5 */
{
	(void)state;
	for (unsigned version = 0; version < 256; version++) {
		struct isakmp_header header = header_of(X_IKE_AUTH, V2_INITIATOR);

		header.version = (uint8_t)version;
		assert_int_equal(v2_check_header(&header), version >> 4 == 2 ? WIRE_OK : WIRE_VERSION);
	}
}

static void reserved_flags_are_ignored_and_an_ike_sa_init_is_request_or_response(void **state)	/* §3.1 */
{
	(void)state;
	for (unsigned flags = 0; flags < 256; flags++) {
		struct isakmp_header header = header_of(X_IKE_AUTH, (uint8_t)flags);

		assert_int_equal(v2_check_header(&header), WIRE_OK);
		header.exchange = X_IKE_SA_INIT;
		memset(header.rcookie, 0, 8);
		assert_int_equal(v2_check_header(&header), !(flags & 8) != !(flags & 32) ? WIRE_OK : WIRE_FLAGS);
	}
}

static void spis_are_not_zero_where_there_is_an_sa(void **state)
{
	static const struct { uint8_t exchange, flags; bool has_i, has_r; enum wire_err want; } rows[] = {
		{ X_IKE_SA_INIT, V2_INITIATOR, true, false, WIRE_OK },
		{ X_IKE_SA_INIT, V2_INITIATOR, true, true, WIRE_VALUE },	/* §3.1: MUST be zero in the first message */
		{ X_IKE_SA_INIT, V2_INITIATOR, false, false, WIRE_VALUE },
		{ X_IKE_SA_INIT, V2_RESPONSE, true, true, WIRE_OK },
		{ X_IKE_SA_INIT, V2_RESPONSE, true, false, WIRE_OK },		/* COOKIE, §2.6 */
		{ X_IKE_SA_INIT, V2_RESPONSE, false, true, WIRE_VALUE },
		{ X_IKE_AUTH, V2_INITIATOR, true, true, WIRE_OK },
		{ X_IKE_AUTH, V2_INITIATOR, true, false, WIRE_VALUE },
		{ X_CREATE_CHILD_SA, V2_INITIATOR, false, true, WIRE_VALUE },
		{ X_IKE_INTERMEDIATE, V2_INITIATOR, true, false, WIRE_VALUE },
		{ X_INFORMATIONAL_V2, V2_INITIATOR, false, false, WIRE_OK },	/* INVALID_SPI outside of an SA, §1.5 */
		{ 77, V2_INITIATOR, true, true, WIRE_OK }
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct isakmp_header header = header_of(rows[i].exchange, rows[i].flags);

		if (!rows[i].has_i)
			memset(header.icookie, 0, 8);
		if (!rows[i].has_r)
			memset(header.rcookie, 0, 8);
		assert_int_equal(v2_check_header(&header), rows[i].want);
	}
}

static void an_ike_sa_init_has_message_id_zero(void **state)	/* §2.2 */
{
	struct isakmp_header header = header_of(X_IKE_SA_INIT, V2_RESPONSE);

	(void)state;
	header.message_id = 1;
	assert_int_equal(v2_check_header(&header), WIRE_VALUE);
	header.exchange = X_IKE_AUTH;
	assert_int_equal(v2_check_header(&header), WIRE_OK);
}

static void a_chain_is_read_payload_by_payload_in_any_order(void **state)
{
	static struct v2_message message;
	const struct isakmp_header header = { .next = P2_NONCE, .version = 0x20 };
	const struct bytes rest = BYTES(P2_KE, 0, 0, 6, 0xaa, 0xbb, P2_NONCE, 0, 0, 4, 0, 0, 0, 5, 0xcc);
	uint8_t bad_type;

	(void)state;
	assert_int_equal(v2_get_payloads(&header, rest, &message, &bad_type), WIRE_OK);
	assert_int_equal(message.n, 3);
	assert_int_equal(message.payloads[0].type, P2_NONCE);
	assert_int_equal(message.payloads[1].type, P2_KE);
	assert_same(message.payloads[0].body, BYTES(0xaa, 0xbb));
	assert_same(message.payloads[0].whole, BYTES(P2_KE, 0, 0, 6, 0xaa, 0xbb));
	assert_same(message.payloads[1].body, NONE);
	assert_true(message.payloads[1].is_known);
	assert_ptr_equal(v2_find(&message, P2_NONCE, 1), &message.payloads[2]);
	assert_null(v2_find(&message, P2_NONCE, 2));
	assert_null(v2_find(&message, P2_SA, 0));
	assert_int_equal(v2_count(&message, P2_NONCE), 2);
	assert_int_equal(v2_count(&message, P2_SK), 0);
	assert_int_equal(message.inner, P_NONE);
}

static void a_chain_cut_anywhere_is_short(void **state)
{
	static struct v2_message message;
	const struct bytes rest = BYTES(P2_KE, 0, 0, 6, 0xaa, 0xbb, P2_SK, 0, 0, 4, 0, 0, 0, 5, 0xcc);
	uint8_t bad_type;

	(void)state;
	for (size_t n = 0; n < rest.len; n++)
		assert_int_equal(chain_err(P2_NONCE, (struct bytes){ rest.at, n }, false, &message, &bad_type), WIRE_SHORT);
	for (size_t n = 0; n < 6; n++)
		assert_int_equal(chain_err(P2_NONCE, (struct bytes){ rest.at, n }, true, &message, &bad_type), WIRE_SHORT);
}

/* §2.5: skipped, or refused by its number. Types 1 to 32 are version 1's and nothing here. */
static void what_is_not_known_is_listed_unless_it_is_critical(void **state)
{
	static struct v2_message message;
	uint8_t bad_type = 0;

	(void)state;
	for (unsigned type = 1; type < 256; type++) {
		const bool is_known = (type >= 33 && type <= 48) || type == 53, is_sealed = type == P2_SK || type == P2_SKF;

		assert_int_equal(chain_err(P2_VID, BYTES((uint8_t)type, 0, 0, 4, 0, 0, 0, 4), false, &message, &bad_type), WIRE_OK);
		assert_int_equal(message.n, 2);
		assert_int_equal(message.payloads[1].is_known, is_known);
		assert_int_equal(chain_err(P2_VID, BYTES((uint8_t)type, 0, 0, 4, 0, 0x80, 0, 4), false, &message, &bad_type),
				 is_known ? WIRE_OK : WIRE_CRITICAL);
		if (!is_known)
			assert_int_equal(bad_type, type);
		assert_int_equal(chain_err(P2_VID, BYTES((uint8_t)type, 0, 0, 4, 0, 0x80, 0, 4), true, &message, &bad_type),
				 is_sealed ? WIRE_NEXT : is_known ? WIRE_OK : WIRE_CRITICAL);
	}
}

static void reserved_bits_of_generic_headers_are_ignored(void **state)	/* §2.5 */
{
	static struct v2_message message;
	uint8_t bad_type;

	(void)state;
	for (unsigned flags = 0; flags < 256; flags++) {
		assert_int_equal(chain_err(P2_VID, BYTES(0, (uint8_t)flags, 0, 5, 1), false, &message, &bad_type), WIRE_OK);
		assert_int_equal(chain_err(200, BYTES(0, (uint8_t)flags, 0, 5, 1), false, &message, &bad_type), flags & 0x80 ? WIRE_CRITICAL : WIRE_OK);
	}
}

static void the_error_says_which_payload_it_is_about(void **state)
{
	static struct v2_message message;
	uint8_t bad_type = 0;

	(void)state;
	for (uint8_t length = 0; length < 4; length++) {	/* no endless chain */
		assert_int_equal(chain_err(P2_VID, BYTES(P2_AUTH, 0, 0, 4, 0, 0, 0, length), false, &message, &bad_type), WIRE_LENGTH);
		assert_int_equal(bad_type, P2_AUTH);
	}
	assert_int_equal(chain_err(P2_KE, BYTES(0, 0, 0, 9, 1), false, &message, &bad_type), WIRE_SHORT);
	assert_int_equal(bad_type, P2_KE);
}

static void a_chain_ends_with_its_message(void **state)
{
	static struct v2_message message;
	uint8_t bad_type;

	(void)state;
	assert_int_equal(chain_err(P2_VID, BYTES(0, 0, 0, 4, 0), false, &message, &bad_type), WIRE_LENGTH);
	assert_int_equal(chain_err(P2_VID, BYTES(0, 0, 0, 4, 0), true, &message, &bad_type), WIRE_LENGTH);
	assert_int_equal(chain_err(P_NONE, NONE, false, &message, &bad_type), WIRE_MISSING);
	assert_int_equal(chain_err(P_NONE, NONE, true, &message, &bad_type), WIRE_OK);	/* an INFORMATIONAL that asks for life, §1.4 */
	assert_int_equal(message.n, 0);
	assert_int_equal(chain_err(P_NONE, BYTES(0), true, &message, &bad_type), WIRE_LENGTH);
}

static void an_sk_is_the_last_and_names_the_first_inside_it(void **state)	/* §3.14 */
{
	static struct v2_message message;
	uint8_t bad_type;

	(void)state;
	assert_int_equal(chain_err(P2_NOTIFY, BYTES(P2_SK, 0, 0, 4, P2_IDI, 0, 0, 6, 1, 2), false, &message, &bad_type), WIRE_OK);
	assert_int_equal(message.n, 2);
	assert_int_equal(message.inner, P2_IDI);
	assert_int_equal(message.payloads[1].body.len, 2);
	assert_int_equal(chain_err(P2_SKF, BYTES(0, 0, 0, 6, 1, 2), false, &message, &bad_type), WIRE_OK);
	assert_int_equal(message.inner, P_NONE);
	assert_int_equal(chain_err(P2_SK, BYTES(P2_IDI, 0, 0, 4, 0, 0, 0, 4), false, &message, &bad_type), WIRE_LENGTH);
	assert_int_equal(bad_type, P2_SK);
}

static void sixty_four_payloads_are_read_and_no_more(void **state)
{
	static struct v2_message message;
	static const uint8_t link[] = { P2_VID, 0, 0, 4 };
	uint8_t rest[65 * 4], bad_type;

	(void)state;
	for (unsigned n = 1; n <= 65; n++) {
		for (unsigned i = 0; i < n; i++)
			memcpy(rest + 4 * i, link, sizeof(link));
		rest[4 * (n - 1)] = P_NONE;
		assert_int_equal(chain_err(P2_VID, (struct bytes){ rest, n * 4 }, false, &message, &bad_type), n <= 64 ? WIRE_OK : WIRE_MANY);
	}
}

static void a_fragment_is_one_of_its_total(void **state)	/* RFC 7383 §2.5 */
{
	const struct bytes body = BYTES(0, 2, 0, 3, 0xaa, 0xbb);
	struct v2_fragment fragment;

	(void)state;
	for (size_t n = 0; n <= body.len; n++) {
		struct bytes part = cut(body, n);

		assert_int_equal(v2_get_fragment(part, &fragment), n < 4 ? WIRE_SHORT : WIRE_OK);
		cut_free(part);
	}
	assert_int_equal(v2_get_fragment(body, &fragment), WIRE_OK);
	assert_true(fragment.number == 2 && fragment.total == 3);
	assert_same(fragment.sealed, BYTES(0xaa, 0xbb));
	assert_int_equal(v2_get_fragment(BYTES(0, 0, 0, 3), &fragment), WIRE_VALUE);
	assert_int_equal(v2_get_fragment(BYTES(0, 1, 0, 0), &fragment), WIRE_VALUE);
	assert_int_equal(v2_get_fragment(BYTES(0, 4, 0, 3), &fragment), WIRE_VALUE);
	assert_int_equal(v2_get_fragment(BYTES(0xff, 0xff, 0xff, 0xff), &fragment), WIRE_OK);
}

static void a_sealed_message_is_read_back(void **state)
{
	static struct v2_message message;
	struct isakmp_header header = header_of(X_IKE_AUTH, V2_INITIATOR);
	struct v2_sealed sealed = { P2_IDI, 0, 0, 8, 17, BYTES(0, 0, 0, 5, 0xdd) };

	(void)state;
	header.message_id = 1;
	for (unsigned is_fragment = 0; is_fragment < 2; is_fragment++) {
		uint8_t room[128], bad_type;
		struct writer to = { room, sizeof(room), 0, false };
		struct v2_fragment fragment;
		struct bytes rest;
		size_t iv_at;

		sealed.number = (uint16_t)(2 * is_fragment);
		sealed.total = (uint16_t)(5 * is_fragment);
		v2_put_sealed(&to, &header, &sealed, &iv_at);
		assert_false(to.has_failed);
		assert_int_equal(isakmp_get_header((struct bytes){ room, to.len }, &header, &rest), WIRE_OK);
		assert_int_equal(v2_get_payloads(&header, rest, &message, &bad_type), WIRE_OK);
		assert_int_equal(message.n, 1);
		assert_int_equal(message.payloads[0].type, is_fragment ? P2_SKF : P2_SK);
		assert_int_equal(message.inner, P2_IDI);
		assert_int_equal(message.payloads[0].body.len, 4 * is_fragment + 8 + 5 + 17);
		assert_int_equal(iv_at, 28 + 4 + 4 * is_fragment);
		assert_memory_equal(room + iv_at + 8, sealed.plain.at, 5);
		if (is_fragment) {
			assert_int_equal(v2_get_fragment(message.payloads[0].body, &fragment), WIRE_OK);
			assert_true(fragment.number == 2 && fragment.total == 5 && fragment.sealed.at == room + iv_at);
		}
		for (size_t n = 0; n < to.len; n++) {	/* no room for it */
			struct writer small = { malloc(n + !n), n, 0, false };

			v2_put_sealed(&small, &header, &sealed, &iv_at);
			assert_true(small.has_failed);
			free(small.at);
		}
	}
}

static void names_are_those_of_iana(void **state)
{
	(void)state;
	assert_string_equal(v2_payload_name(P2_TSR), "TSr");
	assert_string_equal(v2_payload_name(53), "SKF");
	assert_null(v2_payload_name(0));
	assert_null(v2_payload_name(54));
	assert_string_equal(v2_exchange_name(36), "CREATE_CHILD_SA");
	assert_string_equal(v2_exchange_name(43), "IKE_INTERMEDIATE");
	assert_string_equal(v2_exchange_name(44), "IKE_FOLLOWUP_KE");
	assert_null(v2_exchange_name(2));
	assert_string_equal(wire_err_text(WIRE_CRITICAL), "a critical payload that is not known");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_major_version_two_is_spoken_and_minors_are_ignored),
		cmocka_unit_test(reserved_flags_are_ignored_and_an_ike_sa_init_is_request_or_response),
		cmocka_unit_test(spis_are_not_zero_where_there_is_an_sa),
		cmocka_unit_test(an_ike_sa_init_has_message_id_zero),
		cmocka_unit_test(a_chain_is_read_payload_by_payload_in_any_order),
		cmocka_unit_test(a_chain_cut_anywhere_is_short),
		cmocka_unit_test(what_is_not_known_is_listed_unless_it_is_critical),
		cmocka_unit_test(reserved_bits_of_generic_headers_are_ignored),
		cmocka_unit_test(the_error_says_which_payload_it_is_about),
		cmocka_unit_test(a_chain_ends_with_its_message),
		cmocka_unit_test(an_sk_is_the_last_and_names_the_first_inside_it),
		cmocka_unit_test(sixty_four_payloads_are_read_and_no_more),
		cmocka_unit_test(a_fragment_is_one_of_its_total),
		cmocka_unit_test(a_sealed_message_is_read_back),
		cmocka_unit_test(names_are_those_of_iana)
	};

	return cmocka_run_group_tests_name("wire/v2_message", tests, NULL, NULL);
}
