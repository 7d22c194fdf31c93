// SPDX-License-Identifier: BSD-2-Clause-Patent
#include "make.h"

static void numbers_are_in_network_order_and_the_cursor_moves(void **state)
{
	struct bytes from = BYTES(1, 2, 3, 4, 5, 6, 7, 8, 9), three;
	uint8_t one;
	uint16_t two;
	uint32_t four;

	(void)state;
	assert_int_equal(get_u8(&from, &one), WIRE_OK);
	assert_int_equal(get_u16(&from, &two), WIRE_OK);
	assert_int_equal(get_u32(&from, &four), WIRE_OK);
	assert_int_equal(get_bytes(&from, 2, &three), WIRE_OK);
	assert_int_equal(one, 1);
	assert_int_equal(two, 0x0203);
	assert_int_equal(four, 0x04050607);
	assert_same(three, BYTES(8, 9));
	assert_int_equal(from.len, 0);
}

static void what_is_not_there_is_short_and_moves_nothing(void **state)
{
	uint8_t one = 7;
	uint16_t two = 7;
	uint32_t four = 7;

	(void)state;
	for (size_t n = 0; n < 4; n++) {
		struct bytes all = cut(BYTES(1, 2, 3, 4), n), from = all, out = NONE;

		assert_int_equal(get_u32(&from, &four), WIRE_SHORT);
		if (n < 2)
			assert_int_equal(get_u16(&from, &two), WIRE_SHORT);
		if (n < 1)
			assert_int_equal(get_u8(&from, &one), WIRE_SHORT);
		assert_int_equal(get_bytes(&from, n + 1, &out), WIRE_SHORT);
		assert_int_equal(get_bytes(&from, SIZE_MAX, &out), WIRE_SHORT);
		assert_true(from.at == all.at && from.len == n && out.at == NULL);
		cut_free(all);
	}
	assert_true(one == 7 && two == 7 && four == 7);
}

static void nothing_can_be_read_from_nowhere(void **state)
{
	struct bytes from = NONE, out = BYTES(1);

	(void)state;
	assert_int_equal(get_bytes(&from, 0, &out), WIRE_OK);
	assert_int_equal(out.len, 0);
	assert_true(bytes_same(NONE, out));
	assert_false(bytes_same(NONE, BYTES(0)));
	assert_true(bytes_same(BYTES(1, 2), BYTES(1, 2)));
	assert_false(bytes_same(BYTES(1, 2), BYTES(1, 3)));
}

static void what_is_written_stands_in_network_order(void **state)
{
	uint8_t room[16];
	struct writer to = { room, sizeof(room), 0, false };

	(void)state;
	put_u8(&to, 1);
	put_u16(&to, 0x0203);
	put_u32(&to, 0x04050607);
	put_bytes(&to, "\x08\x09", 2);
	put_zeros(&to, 3);
	put_bytes(&to, NULL, 0);
	put_zeros(&to, 0);
	assert_same((struct bytes){ room, to.len }, BYTES(1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 0, 0));
	patch_u8(&to, 0, 0xff);
	patch_u16(&to, 1, 0xfefd);
	patch_u32(&to, 8, 0xa1a2a3a4);
	assert_same((struct bytes){ room, to.len }, BYTES(0xff, 0xfe, 0xfd, 4, 5, 6, 7, 8, 0xa1, 0xa2, 0xa3, 0xa4));
	assert_false(to.has_failed);
}

static void a_writer_that_was_too_full_once_stays_failed(void **state)
{
	(void)state;
	for (size_t room_bytes = 0; room_bytes < 4; room_bytes++) {
		char *room = exact_copy("\x55\x55\x55\x55", room_bytes);
		struct writer to = { (uint8_t *)room, room_bytes, 0, false };

		put_u32(&to, 1);
		assert_true(to.has_failed);
		put_u8(&to, 1);
		put_zeros(&to, 1);
		patch_u32(&to, 0, 1);
		assert_true(to.has_failed);
		assert_true(to.len <= room_bytes);
		free(room);
	}
}

static void a_patch_where_nothing_was_written_fails(void **state)
{
	uint8_t room[8] = { 0 };
	struct writer to = { room, sizeof(room), 0, false };

	(void)state;
	put_u8(&to, 1);
	patch_u16(&to, 0, 0xffff);
	assert_true(to.has_failed);
	assert_int_equal(room[1], 0);
}

static void every_error_has_its_own_text(void **state)
{
	(void)state;
	for (int a = WIRE_OK; a <= WIRE_MISSING; a++)
		for (int b = WIRE_OK; b < a; b++)
			assert_string_not_equal(wire_err_text((enum wire_err)a), wire_err_text((enum wire_err)b));
	assert_string_equal(wire_err_text(WIRE_SHORT), "ends too early");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_in_network_order_and_the_cursor_moves),
		cmocka_unit_test(what_is_not_there_is_short_and_moves_nothing),
		cmocka_unit_test(nothing_can_be_read_from_nowhere),
		cmocka_unit_test(what_is_written_stands_in_network_order),
		cmocka_unit_test(a_writer_that_was_too_full_once_stays_failed),
		cmocka_unit_test(a_patch_where_nothing_was_written_fails),
		cmocka_unit_test(every_error_has_its_own_text)
	};

	return cmocka_run_group_tests_name("wire/bytes", tests, NULL, NULL);
}
