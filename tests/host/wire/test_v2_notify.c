// SPDX-License-Identifier: BSD-2-Clause-Patent
/* Notify and Delete of version 2: RFC 7296 §3.10, §3.11, and the notifies of RFC 4555, 6023, 6311, 7383, 7427, 8784, 9242, 9370. */
#include "make.h"
#include "wire/ikev2.h"

static void a_notify_is_read_field_by_field(void **state)	/* REKEY_SA, §3.10.1 */
{
	const struct bytes body = BYTES(3, 4, 0x40, 0x09, 0xc0, 0xff, 0xee, 1);
	struct v2_notify notify;

	(void)state;
	assert_int_equal(v2_get_notify(body, &notify), WIRE_OK);
	assert_true(notify.protocol == V2_PROTO_ESP && notify.type == N2_REKEY_SA);
	assert_same(notify.spi, BYTES(0xc0, 0xff, 0xee, 1));
	assert_int_equal(notify.data.len, 0);
	for (size_t n = 0; n < body.len; n++) {
		struct bytes part = cut(body, n);

		assert_int_equal(v2_get_notify(part, &notify), WIRE_SHORT);
		cut_free(part);
	}
}

static void a_notifys_spi_has_0_4_or_8_bytes(void **state)
{
	struct v2_notify notify;

	(void)state;
	for (unsigned n = 0; n < 256; n++) {
		const uint8_t body[4 + 255] = { 3, (uint8_t)n, 0, 14 };

		assert_int_equal(v2_get_notify((struct bytes){ body, 4 + n }, &notify), n == 0 || n == 4 || n == 8 ? WIRE_OK : WIRE_LENGTH);
	}
}

static void data_has_the_length_that_its_type_asks_for(void **state)
{
	static const struct { uint16_t type, min, max, step; } rows[] = {
		{ N2_UNSUPPORTED_CRITICAL_PAYLOAD, 1, 1, 1 }, { N2_INVALID_KE_PAYLOAD, 2, 2, 1 }, { N2_INVALID_SPI, 4, 4, 1 },
		{ N2_COOKIE, 1, 64, 1 }, { N2_COOKIE2, 8, 64, 1 }, { N2_NAT_DETECTION_SOURCE_IP, 20, 20, 1 },
		{ N2_NAT_DETECTION_DESTINATION_IP, 20, 20, 1 }, { N2_SET_WINDOW_SIZE, 4, 4, 1 }, { N2_ADDITIONAL_IP4_ADDRESS, 4, 4, 1 },
		{ N2_ADDITIONAL_IP6_ADDRESS, 16, 16, 1 }, { N2_NO_NATS_ALLOWED, 12, 36, 24 }, { N2_SIGNATURE_HASH_ALGORITHMS, 2, 300, 2 },
		{ N2_MESSAGE_ID_SYNC, 12, 12, 1 }, { N2_REPLAY_COUNTER_SYNC, 4, 8, 4 }, { N2_PPK_IDENTITY, 2, 300, 1 },
		{ N2_NO_PPK_AUTH, 1, 300, 1 }, { N2_AUTH_LIFETIME, 4, 4, 1 }, { N2_MOBIKE_SUPPORTED, 0, 300, 1 }, { N2_USE_PPK, 0, 300, 1 },
		{ N2_FRAGMENTATION_SUPPORTED, 0, 300, 1 }, { N2_CHILDLESS_IKEV2_SUPPORTED, 0, 300, 1 },
		{ N2_INTERMEDIATE_EXCHANGE_SUPPORTED, 0, 300, 1 }, { N2_ADDITIONAL_KEY_EXCHANGE, 1, 300, 1 }, { 40960, 0, 300, 1 }
	};
	struct v2_notify notify;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (unsigned n = 0; n <= 300; n++) {
			const uint8_t body[4 + 300] = { 0, 0, (uint8_t)(rows[i].type >> 8), (uint8_t)rows[i].type };
			const bool is_good = n >= rows[i].min && n <= rows[i].max && (n - rows[i].min) % rows[i].step == 0;

			assert_int_equal(v2_get_notify((struct bytes){ body, 4 + n }, &notify), is_good ? WIRE_OK : WIRE_LENGTH);
		}
}

static void a_notify_that_was_written_is_read_back(void **state)
{
	const struct v2_notify notify = { V2_PROTO_AH, N2_CHILD_SA_NOT_FOUND, TEXT("spi!"), TEXT("some data") };
	struct v2_notify back;
	struct page page;

	(void)state;
	page_open(&page);
	v2_put_notify(&page.to, &page.next_at, &notify);
	assert_int_equal(v2_get_notify(page_body(&page, P2_NOTIFY), &back), WIRE_OK);
	assert_true(back.protocol == V2_PROTO_AH && back.type == N2_CHILD_SA_NOT_FOUND);
	assert_same(back.spi, notify.spi);
	assert_same(back.data, notify.data);
}

static void a_message_is_searched_for_a_notify(void **state)
{
	static struct v2_message message;
	const struct isakmp_header header = { .next = P2_NOTIFY, .version = 0x20 };
	struct v2_notify notify;
	uint8_t bad_type;

	(void)state;
	assert_int_equal(v2_get_payloads(&header, BYTES(P2_VID, 0, 0, 8, 0, 0, 0x40, 0x06,			/* COOKIE without one */
							P2_NOTIFY, 0, 0, 9, 0, 0, 0x40, 0x06, 0x11,
							P2_NOTIFY, 0, 0, 8, 0, 0, 0x40, 0x4,			/* an ill-formed NAT_DETECTION_SOURCE_IP */
							P2_NOTIFY, 0, 0, 8, 0, 0, 0x40, 0x0c,			/* MOBIKE_SUPPORTED */
							0, 0, 0, 9, 0, 0, 0x40, 0x06, 0x33), &message, &bad_type), WIRE_OK);
	assert_true(v2_find_notify(&message, N2_COOKIE, &notify));
	assert_same(notify.data, BYTES(0x33));
	assert_true(v2_find_notify(&message, N2_MOBIKE_SUPPORTED, &notify));
	assert_false(v2_find_notify(&message, N2_NAT_DETECTION_SOURCE_IP, &notify));
	assert_false(v2_find_notify(&message, N2_REKEY_SA, &notify));
}

static void a_list_of_numbers_is_searched(void **state)	/* RFC 7427 §4 */
{
	const struct bytes list = BYTES(0, V2_HASH_SHA256, 0, V2_HASH_IDENTITY, 1, 2);

	(void)state;
	assert_true(v2_list_holds(list, V2_HASH_SHA256));
	assert_true(v2_list_holds(list, V2_HASH_IDENTITY));
	assert_true(v2_list_holds(list, 258));
	assert_false(v2_list_holds(list, V2_HASH_SHA512));
	assert_false(v2_list_holds(list, 0x0500 | 1));
	assert_false(v2_list_holds(NONE, 0));
}

static void a_delete_of_ipsec_sas_has_their_spis(void **state)	/* §3.11 */
{
	const struct bytes body = BYTES(3, 4, 0, 2, 1, 2, 3, 4, 5, 6, 7, 8);
	struct v2_delete del;
	struct page page;

	(void)state;
	assert_int_equal(v2_get_delete(body, &del), WIRE_OK);
	assert_true(del.protocol == V2_PROTO_ESP && del.n == 2);
	assert_same(del.spis, BYTES(1, 2, 3, 4, 5, 6, 7, 8));
	page_open(&page);
	v2_put_delete(&page.to, &page.next_at, &del);
	assert_same(page_body(&page, P2_DELETE), body);
	for (size_t n = 0; n < body.len; n++) {
		struct bytes part = cut(body, n);

		assert_int_equal(v2_get_delete(part, &del), WIRE_SHORT);
		cut_free(part);
	}
	for (unsigned n = 0; n < 256; n++)
		assert_int_equal(v2_get_delete(BYTES(3, 4, (uint8_t)n, 0, 1, 2, 3, 4), &del), n ? WIRE_SHORT : WIRE_MISSING);
	assert_int_equal(v2_get_delete(BYTES(2, 4, 0, 1, 1, 2, 3, 4, 5), &del), WIRE_LENGTH);
	assert_int_equal(v2_get_delete(BYTES(2, 8, 0, 1, 1, 2, 3, 4, 5, 6, 7, 8), &del), WIRE_LENGTH);
}

static void a_delete_of_the_ike_sa_has_none(void **state)
{
	struct v2_delete del;
	struct page page;

	(void)state;
	assert_int_equal(v2_get_delete(BYTES(1, 0, 0, 0), &del), WIRE_OK);
	assert_true(del.protocol == V2_PROTO_IKE && del.n == 0);
	page_open(&page);
	v2_put_delete(&page.to, &page.next_at, &del);
	assert_same(page_body(&page, P2_DELETE), BYTES(1, 0, 0, 0));
	assert_int_equal(v2_get_delete(BYTES(1, 8, 0, 0), &del), WIRE_LENGTH);
	assert_int_equal(v2_get_delete(BYTES(1, 0, 0, 1), &del), WIRE_LENGTH);
	assert_int_equal(v2_get_delete(BYTES(1, 8, 0, 1, 1, 2, 3, 4, 5, 6, 7, 8), &del), WIRE_LENGTH);
	assert_int_equal(v2_get_delete(BYTES(1, 0, 0, 0, 0), &del), WIRE_LENGTH);
	for (unsigned protocol = 0; protocol < 256; protocol++)
		assert_int_equal(v2_get_delete(BYTES((uint8_t)protocol, 4, 0, 1, 1, 2, 3, 4), &del),
				 protocol == 1 ? WIRE_LENGTH : protocol == 2 || protocol == 3 ? WIRE_OK : WIRE_VALUE);
}

static void what_cannot_be_is_not_written(void **state)
{
	struct page page;

	(void)state;
	page_open(&page);
	v2_put_delete(&page.to, &page.next_at, &(struct v2_delete){ V2_PROTO_ESP, 2, BYTES(1, 2, 3, 4) });
	assert_true(page.to.has_failed);
}

static void notifies_have_ianas_names(void **state)
{
	unsigned n = 0;

	(void)state;
	assert_string_equal(v2_notify_name(N2_TS_UNACCEPTABLE), "TS_UNACCEPTABLE");
	assert_string_equal(v2_notify_name(16430), "IKEV2_FRAGMENTATION_SUPPORTED");
	assert_string_equal(v2_notify_name(16436), "PPK_IDENTITY");
	assert_string_equal(v2_notify_name(16441), "ADDITIONAL_KEY_EXCHANGE");
	assert_null(v2_notify_name(2));
	for (unsigned type = 0; type < 65536; type++)
		n += v2_notify_name((uint16_t)type) != NULL;
	assert_int_equal(n, 82);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_notify_is_read_field_by_field),
		cmocka_unit_test(a_notifys_spi_has_0_4_or_8_bytes),
		cmocka_unit_test(data_has_the_length_that_its_type_asks_for),
		cmocka_unit_test(a_notify_that_was_written_is_read_back),
		cmocka_unit_test(a_message_is_searched_for_a_notify),
		cmocka_unit_test(a_list_of_numbers_is_searched),
		cmocka_unit_test(a_delete_of_ipsec_sas_has_their_spis),
		cmocka_unit_test(a_delete_of_the_ike_sa_has_none),
		cmocka_unit_test(what_cannot_be_is_not_written),
		cmocka_unit_test(notifies_have_ianas_names)
	};

	return cmocka_run_group_tests_name("wire/v2_notify", tests, NULL, NULL);
}
