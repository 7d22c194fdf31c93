// SPDX-License-Identifier: BSD-2-Clause-Patent
/* The Configuration payload: RFC 7296 §3.15. */
#include "make.h"
#include "wire/ikev2.h"

static struct v2_cp cp;

static void attributes_are_read_in_order(void **state)
{
	const struct bytes body = BYTES(2, 0xff, 0xff, 0xff, 0, 1, 0, 4, 10, 9, 8, 7, 0x80, 3, 0, 0, 0x70, 1, 0, 3, 1, 2, 3);

	(void)state;
	assert_int_equal(v2_get_cp(body, &cp), WIRE_OK);	/* reserved bits are set */
	assert_int_equal(cp.type, V2_CP_REPLY);
	assert_int_equal(cp.n, 3);
	assert_true(cp.attributes[0].type == V2_CP_IP4_ADDRESS && cp.attributes[0].is_known);
	assert_same(cp.attributes[0].value, BYTES(10, 9, 8, 7));
	assert_true(cp.attributes[1].type == V2_CP_IP4_DNS && cp.attributes[1].is_known && cp.attributes[1].value.len == 0);
	assert_true(cp.attributes[2].type == 0x7001 && !cp.attributes[2].is_known);	/* ignored, §3.15.1 */
	assert_same(cp.attributes[2].value, BYTES(1, 2, 3));
	for (size_t n = 0; n < body.len; n++) {
		struct bytes part = cut(body, n);

		assert_int_equal(v2_get_cp(part, &cp), n == 4 || n == 12 || n == 16 ? WIRE_OK : WIRE_SHORT);
		cut_free(part);
	}
}

static void there_are_four_types(void **state)
{
	(void)state;
	for (unsigned type = 0; type < 256; type++)
		assert_int_equal(v2_get_cp(BYTES((uint8_t)type, 0, 0, 0), &cp), type >= 1 && type <= 4 ? WIRE_OK : WIRE_VALUE);
}

static void values_have_the_lengths_of_the_standard_or_none(void **state)	/* §3.15.1 */
{
	static const struct { uint16_t type; size_t n, step; } rows[] = {
		{ 1, 4, 0 }, { 2, 4, 0 }, { 3, 4, 0 }, { 4, 4, 0 }, { 6, 4, 0 }, { 7, 1, 1 }, { 8, 17, 0 }, { 10, 16, 0 }, { 12, 16, 0 },
		{ 13, 8, 0 }, { 14, 2, 2 }, { 15, 17, 0 }, { 25, 1, 1 }, { 5, 1, 1 }, { 99, 1, 1 }
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (size_t n = 0; n <= 40; n++) {
			uint8_t body[8 + 40] = { 1, 0, 0, 0, 0, (uint8_t)rows[i].type, 0, (uint8_t)n };
			const bool is_good = n == 0 || n == rows[i].n || (rows[i].step && n % rows[i].step == 0);

			assert_int_equal(v2_get_cp((struct bytes){ body, 8 + n }, &cp), is_good ? WIRE_OK : WIRE_LENGTH);
		}
}

static void sixty_four_attributes_are_read_and_no_more(void **state)
{
	uint8_t body[4 + 65 * 4] = { 1 };

	(void)state;
	for (size_t n = 0; n <= 65; n++)
		assert_int_equal(v2_get_cp((struct bytes){ body, 4 + 4 * n }, &cp), n <= 64 ? WIRE_OK : WIRE_MANY);
}

static void a_cp_that_was_written_is_read_back(void **state)
{
	const struct bytes body = BYTES(1, 0, 0, 0, 0, 1, 0, 0, 0, 15, 0, 17, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 64);
	struct page page;

	(void)state;
	assert_int_equal(v2_get_cp(body, &cp), WIRE_OK);
	page_open(&page);
	v2_put_cp(&page.to, &page.next_at, cp.type, cp.attributes, cp.n);
	assert_same(page_body(&page, P2_CP), body);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(attributes_are_read_in_order),
		cmocka_unit_test(there_are_four_types),
		cmocka_unit_test(values_have_the_lengths_of_the_standard_or_none),
		cmocka_unit_test(sixty_four_attributes_are_read_and_no_more),
		cmocka_unit_test(a_cp_that_was_written_is_read_back)
	};

	return cmocka_run_group_tests_name("wire/v2_cp", tests, NULL, NULL);
}
