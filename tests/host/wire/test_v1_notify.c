// SPDX-License-Identifier: BSD-2-Clause-Patent
/* Notify and Delete (RFC 2408 §3.14, §3.15), lifetimes in them (RFC 2407 §4.6.3.1), dead peer detection (RFC 3706 §5.3). */
#include "make.h"

#define COOKIES 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16

static void a_notify_is_read_field_by_field(void **state)	/* R-U-THERE, RFC 3706 §5.3 */
{
	struct v1_notify notify;

	(void)state;
	assert_int_equal(v1_get_notify(BYTES(0, 0, 0, 1, 1, 16, 0x8d, 0x28, COOKIES, 0, 0, 0x0f, 0xa0), &notify), WIRE_OK);
	assert_int_equal(notify.doi, DOI_IPSEC);
	assert_int_equal(notify.protocol, V1_PROTO_ISAKMP);
	assert_int_equal(notify.type, N_R_U_THERE);
	assert_same(notify.spi, BYTES(COOKIES));
	assert_same(notify.data, BYTES(0, 0, 0x0f, 0xa0));
}

static void a_notify_cut_before_its_data_is_short(void **state)
{
	const struct bytes body = BYTES(0, 0, 0, 1, 1, 16, 0x8d, 0x28, COOKIES, 0, 0, 0x0f, 0xa0);
	struct v1_notify notify;

	(void)state;
	for (size_t n = 0; n <= body.len; n++) {
		struct bytes part = cut(body, n);

		assert_int_equal(v1_get_notify(part, &notify), n < 24 ? WIRE_SHORT : WIRE_OK);
		if (n >= 24)	/* only the message says where data ends */
			assert_int_equal(notify.data.len, n - 24);
		cut_free(part);
	}
}

static void a_notifys_spi_has_up_to_16_bytes(void **state)
{
	struct v1_notify notify;

	(void)state;
	for (unsigned n = 0; n < 256; n++) {
		const uint8_t body[8 + 255] = { 0, 0, 0, 1, 3, (uint8_t)n, 0, 14 };

		assert_int_equal(v1_get_notify((struct bytes){ body, 8 + n }, &notify), n <= 16 ? WIRE_OK : WIRE_LENGTH);
	}
}

static void a_notify_that_was_written_is_read_back(void **state)
{
	const struct v1_notify notify = { DOI_IPSEC, V1_PROTO_ESP, N_RESPONDER_LIFETIME, TEXT("spi!"), TEXT("some data") };
	struct v1_notify back;
	struct page page;

	(void)state;
	page_open(&page);
	v1_put_notify(&page.to, &page.next_at, &notify);
	assert_int_equal(v1_get_notify(page_body(&page, P_NOTIFY), &back), WIRE_OK);
	assert_true(back.doi == DOI_IPSEC && back.protocol == V1_PROTO_ESP && back.type == N_RESPONDER_LIFETIME);
	assert_same(back.spi, notify.spi);
	assert_same(back.data, notify.data);
	page_open(&page);
	v1_put_notify(&page.to, &page.next_at, &(struct v1_notify){ .spi = TEXT("seventeen bytes!!") });
	assert_true(page.to.has_failed);
}

static void every_notify_type_has_its_rfcs_name(void **state)
{
	unsigned n = 0;

	(void)state;
	for (unsigned type = 0; type <= UINT16_MAX; type++)
		n += v1_notify_name((uint16_t)type) != NULL;
	assert_int_equal(n, 34);
	assert_string_equal(v1_notify_name(14), "NO-PROPOSAL-CHOSEN");
	assert_string_equal(v1_notify_name(24), "AUTHENTICATION-FAILED");
	assert_string_equal(v1_notify_name(30), "UNEQUAL-PAYLOAD-LENGTHS");
	assert_string_equal(v1_notify_name(24578), "INITIAL-CONTACT");
	assert_string_equal(v1_notify_name(36137), "R-U-THERE-ACK");
	assert_null(v1_notify_name(0));
	assert_null(v1_notify_name(29));
}

static void lifetimes_come_in_the_numbers_of_either_phase(void **state)
{
	struct v1_transform lifetimes;

	(void)state;
	assert_int_equal(v1_get_lifetimes(BYTES(0x80, 1, 0, 1, 0x80, 2, 0, 60, 0x80, 1, 0, 2, 0, 2, 0, 4, 0, 1, 0, 0), &lifetimes), WIRE_OK);
	assert_true(lifetimes.has_seconds && lifetimes.seconds == 60 && lifetimes.has_kilobytes && lifetimes.kilobytes == 65536);
	assert_int_equal(v1_get_lifetimes(BYTES(0x80, 11, 0, 1, 0x80, 12, 0x70, 0x80), &lifetimes), WIRE_OK);
	assert_true(lifetimes.has_seconds && lifetimes.seconds == 28800 && !lifetimes.has_kilobytes);
	assert_int_equal(v1_get_lifetimes(NONE, &lifetimes), WIRE_MISSING);
	assert_int_equal(v1_get_lifetimes(BYTES(0x80, 5, 0, 1), &lifetimes), WIRE_MISSING);
}

static void lifetimes_cut_anywhere_are_refused(void **state)
{
	const struct bytes data = BYTES(0x80, 1, 0, 1, 0, 2, 0, 4, 0, 1, 0x51, 0x80);
	struct v1_transform lifetimes;

	(void)state;
	for (size_t n = 0; n <= data.len; n++) {
		struct bytes part = cut(data, n);

		assert_int_equal(v1_get_lifetimes(part, &lifetimes), n == 0 || n == 4 ? WIRE_MISSING : n < data.len ? WIRE_SHORT : WIRE_OK);
		cut_free(part);
	}
}

static void lifetimes_that_were_written_are_read_back(void **state)
{
	static const uint64_t values[] = { 0, 1, 65535, 65536, UINT32_MAX, 1ull << 32, UINT64_MAX };

	(void)state;
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		const struct v1_transform lifetimes = { .has_seconds = true, .seconds = values[i], .has_kilobytes = true, .kilobytes = values[i] };
		struct v1_transform back;
		uint8_t room[64];
		struct writer to = { room, sizeof(room), 0, false };

		v1_put_lifetimes(&to, &lifetimes);
		assert_false(to.has_failed);
		assert_int_equal(to.len, values[i] <= UINT16_MAX ? 16 : values[i] <= UINT32_MAX ? 24 : 32);	/* the shortest form of 2, 4, 8 bytes */
		assert_int_equal(v1_get_lifetimes((struct bytes){ room, to.len }, &back), WIRE_OK);
		assert_true(back.has_seconds && back.seconds == values[i] && back.has_kilobytes && back.kilobytes == values[i]);
	}
}

static void a_delete_is_read_field_by_field(void **state)
{
	struct v1_delete del;

	(void)state;
	assert_int_equal(v1_get_delete(BYTES(0, 0, 0, 1, 3, 4, 0, 2, 1, 2, 3, 4, 5, 6, 7, 8), &del), WIRE_OK);
	assert_int_equal(del.doi, DOI_IPSEC);
	assert_int_equal(del.protocol, V1_PROTO_ESP);
	assert_int_equal(del.spi_bytes, 4);
	assert_int_equal(del.n, 2);
	assert_same(del.spis, BYTES(1, 2, 3, 4, 5, 6, 7, 8));
	assert_int_equal(v1_get_delete(BYTES(0, 0, 0, 1, 1, 16, 0, 1, COOKIES), &del), WIRE_OK);
	assert_int_equal(v1_get_delete(BYTES(0, 0, 0, 1, 4, 2, 0, 1, 1, 2), &del), WIRE_OK);
}

static void a_delete_cut_anywhere_is_short(void **state)
{
	const struct bytes body = BYTES(0, 0, 0, 1, 3, 4, 0, 2, 1, 2, 3, 4, 5, 6, 7, 8);
	struct v1_delete del;

	(void)state;
	for (size_t n = 0; n < body.len; n++) {
		struct bytes part = cut(body, n);

		assert_int_equal(v1_get_delete(part, &del), WIRE_SHORT);
		cut_free(part);
	}
}

static void a_delete_names_as_many_spis_as_it_says(void **state)
{
	struct v1_delete del;

	(void)state;
	assert_int_equal(v1_get_delete(BYTES(0, 0, 0, 1, 3, 4, 0, 0), &del), WIRE_MISSING);
	assert_int_equal(v1_get_delete(BYTES(0, 0, 0, 1, 3, 0, 0xff, 0xff), &del), WIRE_LENGTH);	/* 65535 times nothing */
	assert_int_equal(v1_get_delete(BYTES(0, 0, 0, 1, 3, 4, 0xff, 0xff, 1, 2, 3, 4), &del), WIRE_SHORT);
	assert_int_equal(v1_get_delete(BYTES(0, 0, 0, 1, 3, 4, 0, 1, 1, 2, 3, 4, 5), &del), WIRE_LENGTH);
}

static void a_deletes_spis_fit_its_protocol(void **state)
{
	struct v1_delete del;

	(void)state;
	for (unsigned protocol = 0; protocol < 256; protocol++)
		for (unsigned n = 0; n <= 20; n++) {
			const uint8_t body[8 + 20] = { 0, 0, 0, 1, (uint8_t)protocol, (uint8_t)n, 0, 1 };
			bool fits = protocol == V1_PROTO_ISAKMP ? n == 16 : protocol == V1_PROTO_IPCOMP ? n == 2 || n == 4 : n == 4;

			assert_int_equal(v1_get_delete((struct bytes){ body, 8 + n }, &del),
					 protocol < 1 || protocol > 4 ? WIRE_VALUE : fits ? WIRE_OK : WIRE_LENGTH);
		}
}

static void a_delete_that_was_written_is_read_back(void **state)
{
	const struct v1_delete del = { DOI_IPSEC, V1_PROTO_AH, 4, 2, TEXT("spi1spi2") };
	struct v1_delete back, wrong = del;
	struct page page;

	(void)state;
	page_open(&page);
	v1_put_delete(&page.to, &page.next_at, &del);
	assert_int_equal(v1_get_delete(page_body(&page, P_DELETE), &back), WIRE_OK);
	assert_true(back.doi == DOI_IPSEC && back.protocol == V1_PROTO_AH && back.spi_bytes == 4 && back.n == 2);
	assert_same(back.spis, del.spis);
	wrong.n = 3;
	page_open(&page);
	v1_put_delete(&page.to, &page.next_at, &wrong);
	assert_true(page.to.has_failed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_notify_is_read_field_by_field),
		cmocka_unit_test(a_notify_cut_before_its_data_is_short),
		cmocka_unit_test(a_notifys_spi_has_up_to_16_bytes),
		cmocka_unit_test(a_notify_that_was_written_is_read_back),
		cmocka_unit_test(every_notify_type_has_its_rfcs_name),
		cmocka_unit_test(lifetimes_come_in_the_numbers_of_either_phase),
		cmocka_unit_test(lifetimes_cut_anywhere_are_refused),
		cmocka_unit_test(lifetimes_that_were_written_are_read_back),
		cmocka_unit_test(a_delete_is_read_field_by_field),
		cmocka_unit_test(a_delete_cut_anywhere_is_short),
		cmocka_unit_test(a_delete_names_as_many_spis_as_it_says),
		cmocka_unit_test(a_deletes_spis_fit_its_protocol),
		cmocka_unit_test(a_delete_that_was_written_is_read_back)
	};

	return cmocka_run_group_tests_name("wire/v1_notify", tests, NULL, NULL);
}
