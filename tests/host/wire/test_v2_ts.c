// SPDX-License-Identifier: BSD-2-Clause-Patent
/* Traffic selectors: RFC 7296 §3.13, RFC 4301 §4.4.1.1. */
#include "make.h"
#include "wire/ikev2.h"

#define V4(proto, lo, hi) 7, proto, 0, 16, (lo) >> 8 & 255, (lo) & 255, (hi) >> 8 & 255, (hi) & 255
#define NET 10, 1, 202, 0, 10, 1, 202, 255

static struct v2_ts ts;

static enum wire_err ts_err(struct bytes body)
{
	struct bytes exact = cut(body, body.len);
	enum wire_err err = v2_get_ts(exact, &ts);

	cut_free(exact);
	return err;
}

static void selectors_are_read_field_by_field(void **state)
{
	const struct bytes body = BYTES(2, 0xff, 0xff, 0xff, V4(6, 80, 443), NET,
					8, 0, 0, 40, 0, 0, 255, 255, 0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
					0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9);

	(void)state;
	assert_int_equal(v2_get_ts(body, &ts), WIRE_OK);	/* reserved bits are set */
	assert_int_equal(ts.n, 2);
	assert_true(ts.selectors[0].is_known && ts.selectors[0].type == V2_TS_IPV4 && ts.selectors[0].proto == 6);
	assert_true(ts.selectors[0].port_lo == 80 && ts.selectors[0].port_hi == 443);
	assert_same(ts.selectors[0].range, BYTES(NET));
	assert_true(ts.selectors[1].type == V2_TS_IPV6 && ts.selectors[1].port_lo == 0 && ts.selectors[1].port_hi == 65535);
	assert_int_equal(ts.selectors[1].range.len, 32);
	for (size_t n = 0; n < body.len; n++)
		assert_int_equal(ts_err((struct bytes){ body.at, n }), WIRE_SHORT);
}

static void a_ts_has_as_many_selectors_as_it_says(void **state)
{
	uint8_t body[4 + 255 * 16] = { 0 };
	const uint8_t one[] = { V4(0, 0, 65535), NET };

	(void)state;
	assert_int_equal(ts_err(BYTES(0, 0, 0, 0)), WIRE_MISSING);
	for (unsigned n = 1; n <= 255; n++) {
		memcpy(body + 4 + 16 * (n - 1), one, sizeof(one));
		body[0] = (uint8_t)n;
		assert_int_equal(ts_err((struct bytes){ body, 4 + n * 16 }), WIRE_OK);
		assert_int_equal(ts.n, n);
		body[0] = (uint8_t)(n - 1);
		assert_int_equal(ts_err((struct bytes){ body, 4 + n * 16 }), n == 1 ? WIRE_MISSING : WIRE_LENGTH);
	}
}

static void a_selector_has_the_length_of_its_type(void **state)
{
	(void)state;
	for (unsigned type = 0; type < 256; type++)
		for (unsigned length = 0; length <= 44; length++) {
			uint8_t body[4 + 44] = { 1, 0, 0, 0, (uint8_t)type, 0, 0, (uint8_t)length };
			const bool is_known = type == 7 || type == 8;
			const enum wire_err want = length < 4 ? WIRE_LENGTH : !is_known ? WIRE_OK : length == (type == 7 ? 16 : 40) ? WIRE_OK : WIRE_LENGTH;

			assert_int_equal(ts_err((struct bytes){ body, 4 + (length < 4 ? 4 : length) }), want);
			if (want == WIRE_OK)
				assert_int_equal(ts.selectors[0].is_known, is_known);
		}
}

static void ranges_do_not_fall_but_opaque_is_one(void **state)
{
	(void)state;
	assert_int_equal(ts_err(BYTES(1, 0, 0, 0, V4(17, 65535, 0), NET)), WIRE_OK);	/* opaque */
	assert_int_equal(ts_err(BYTES(1, 0, 0, 0, V4(17, 65535, 1), NET)), WIRE_VALUE);
	assert_int_equal(ts_err(BYTES(1, 0, 0, 0, V4(17, 65534, 0), NET)), WIRE_VALUE);
	assert_int_equal(ts_err(BYTES(1, 0, 0, 0, V4(17, 501, 500), NET)), WIRE_VALUE);
	assert_int_equal(ts_err(BYTES(1, 0, 0, 0, V4(17, 500, 500), 10, 0, 0, 1, 10, 0, 0, 0)), WIRE_VALUE);
	assert_int_equal(ts_err(BYTES(1, 0, 0, 0, V4(17, 500, 500), 10, 0, 0, 1, 10, 0, 0, 1)), WIRE_OK);
}

static void a_ts_that_was_written_is_read_back(void **state)
{
	const struct bytes body = BYTES(2, 0, 0, 0, V4(6, 80, 443), NET, V4(0, 0, 65535), 10, 0, 0, 1, 10, 0, 0, 7);
	struct page page;

	(void)state;
	assert_int_equal(v2_get_ts(body, &ts), WIRE_OK);
	page_open(&page);
	v2_put_ts(&page.to, &page.next_at, P2_TSR, ts.selectors, ts.n);
	assert_same(page_body(&page, P2_TSR), body);
	page_open(&page);	/* one that is not known has nothing to write */
	v2_put_ts(&page.to, &page.next_at, P2_TSI, &(struct v2_selector){ .type = 10 }, 1);
	assert_true(page.to.has_failed);
}

static void every_prefix_becomes_a_range_and_comes_back(void **state)
{
	struct adit_addr addr = { .bytes = { 0xa5, 0x5a, 0x0f, 0xf0, 0xa5, 0x5a, 0x0f, 0xf0, 0xa5, 0x5a, 0x0f, 0xf0, 0xa5, 0x5a, 0x0f, 0xf1 } };
	struct adit_addr back;
	uint8_t room[V2_RANGE_BYTES], plen;

	(void)state;
	for (unsigned is_v6 = 0; is_v6 < 2; is_v6++) {
		addr.is_v6 = is_v6;
		for (unsigned n = 0; n <= (is_v6 ? 128u : 32u); n++) {
			const struct v2_selector selector = v2_selector_of(&addr, (uint8_t)n, room);
			struct page page;

			assert_true(selector.proto == 0 && selector.port_lo == 0 && selector.port_hi == 65535);
			assert_true(v2_selector_prefix(&selector, &back, &plen));
			assert_int_equal(plen, n);
			assert_int_equal(back.is_v6, is_v6);
			for (unsigned bit = 0; bit < n; bit++)
				assert_int_equal(back.bytes[bit / 8] >> (7 - bit % 8) & 1, addr.bytes[bit / 8] >> (7 - bit % 8) & 1);
			for (unsigned bit = n; bit < 128; bit++)
				assert_int_equal(back.bytes[bit / 8] >> (7 - bit % 8) & 1, 0);
			page_open(&page);
			v2_put_ts(&page.to, &page.next_at, P2_TSI, &selector, 1);
			assert_int_equal(v2_get_ts(page_body(&page, P2_TSI), &ts), WIRE_OK);
		}
	}
}

static void a_range_that_is_no_prefix_says_so(void **state)
{
	struct adit_addr addr;
	uint8_t plen;

	(void)state;
	assert_int_equal(v2_get_ts(BYTES(2, 0, 0, 0, V4(0, 0, 65535), 10, 0, 0, 1, 10, 0, 0, 2, 9, 0, 0, 4), &ts), WIRE_OK);
	assert_false(v2_selector_prefix(&ts.selectors[0], &addr, &plen));
	assert_false(v2_selector_prefix(&ts.selectors[1], &addr, &plen));	/* of a type that is not known */
}

static void ports_of_icmp_are_types_and_codes(void **state)	/* §3.13.1 */
{
	struct v2_icmp icmp;
	uint16_t lo, hi;

	(void)state;
	assert_true(v2_is_icmp(1) && v2_is_icmp(58) && v2_is_icmp(135) && !v2_is_icmp(6) && !v2_is_icmp(0));
	assert_true(v2_get_icmp(0x0800, 0x08ff, &icmp));
	assert_true(icmp.type_lo == 8 && icmp.type_hi == 8 && icmp.code_lo == 0 && icmp.code_hi == 255);
	v2_put_icmp(&icmp, &lo, &hi);
	assert_true(lo == 0x0800 && hi == 0x08ff);
	assert_true(v2_get_icmp(0x0301, 0x0304, &icmp));
	assert_true(icmp.type_lo == 3 && icmp.type_hi == 3 && icmp.code_lo == 1 && icmp.code_hi == 4);
	assert_true(v2_get_icmp(0, 65535, &icmp));
	assert_true(icmp.type_lo == 0 && icmp.type_hi == 255 && icmp.code_lo == 0 && icmp.code_hi == 255);
	assert_true(v2_get_icmp(0x0500, 0x07ff, &icmp));
	assert_false(v2_get_icmp(0x0501, 0x07ff, &icmp));	/* 5.1 .. 7.255 is no product */
	assert_false(v2_get_icmp(0x0500, 0x07fe, &icmp));
	assert_false(v2_get_icmp(65535, 0, &icmp));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(selectors_are_read_field_by_field),
		cmocka_unit_test(a_ts_has_as_many_selectors_as_it_says),
		cmocka_unit_test(a_selector_has_the_length_of_its_type),
		cmocka_unit_test(ranges_do_not_fall_but_opaque_is_one),
		cmocka_unit_test(a_ts_that_was_written_is_read_back),
		cmocka_unit_test(every_prefix_becomes_a_range_and_comes_back),
		cmocka_unit_test(a_range_that_is_no_prefix_says_so),
		cmocka_unit_test(ports_of_icmp_are_types_and_codes)
	};

	return cmocka_run_group_tests_name("wire/v2_ts", tests, NULL, NULL);
}
