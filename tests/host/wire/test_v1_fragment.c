// SPDX-License-Identifier: BSD-2-Clause-Patent
/* The vendors' fragments. */
#include "make.h"

static void a_fragment_is_read_field_by_field(void **state)
{
	struct v1_fragment fragment;

	(void)state;
	assert_int_equal(v1_get_fragment(BYTES(0x12, 0x34, 2, 1, 7, 8, 9), &fragment), WIRE_OK);
	assert_int_equal(fragment.id, 0x1234);
	assert_int_equal(fragment.number, 2);
	assert_true(fragment.is_last);
	assert_same(fragment.data, BYTES(7, 8, 9));
	assert_int_equal(v1_get_fragment(BYTES(0, 1, 1, 0, 7), &fragment), WIRE_OK);
	assert_false(fragment.is_last);
}

static void a_fragment_without_data_number_or_with_other_flags_is_refused(void **state)
{
	const struct bytes body = BYTES(0, 1, 1, 0, 7);
	struct v1_fragment fragment;

	(void)state;
	for (size_t n = 0; n < body.len; n++) {
		struct bytes part = cut(body, n);

		assert_int_equal(v1_get_fragment(part, &fragment), n < 4 ? WIRE_SHORT : WIRE_MISSING);
		cut_free(part);
	}
	assert_int_equal(v1_get_fragment(BYTES(0, 1, 0, 1, 7), &fragment), WIRE_VALUE);
	for (unsigned flags = 0; flags < 256; flags++)
		assert_int_equal(v1_get_fragment(BYTES(0, 1, 1, (uint8_t)flags, 7), &fragment), flags < 2 ? WIRE_OK : WIRE_FLAGS);
}

static void a_fragment_that_was_written_is_read_back(void **state)
{
	(void)state;
	for (unsigned is_last = 0; is_last < 2; is_last++) {
		const struct v1_fragment fragment = { 0xfeed, 255, is_last, TEXT("piece of a message") };
		struct v1_fragment back;
		struct page page;

		page_open(&page);
		v1_put_fragment(&page.to, &page.next_at, &fragment);
		assert_int_equal(v1_get_fragment(page_body(&page, P_FRAGMENT), &back), WIRE_OK);
		assert_true(back.id == 0xfeed && back.number == 255 && back.is_last == fragment.is_last);
		assert_same(back.data, fragment.data);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_fragment_is_read_field_by_field),
		cmocka_unit_test(a_fragment_without_data_number_or_with_other_flags_is_refused),
		cmocka_unit_test(a_fragment_that_was_written_is_read_back)
	};

	return cmocka_run_group_tests_name("wire/v1_fragment", tests, NULL, NULL);
}
