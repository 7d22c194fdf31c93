// SPDX-License-Identifier: BSD-2-Clause-Patent
#include <string.h>

#include "base/text.h"
#include "room_test.h"

static void numbers_are_decimal_or_hexadecimal_and_nothing_else(void **state)
{
	uint64_t value;

	(void)state;
	assert_true(text_get_u64("0", &value) && value == 0);
	assert_true(text_get_u64("0x1001", &value) && value == 0x1001);
	assert_true(text_get_u64("18446744073709551615", &value) && value == UINT64_MAX);
	assert_false(text_get_u64("18446744073709551616", &value));
	assert_false(text_get_u64("", &value));
	assert_false(text_get_u64("0x", &value));
	assert_false(text_get_u64("12a", &value));
	assert_false(text_get_u64(" 1", &value));
	assert_false(text_get_u64("-1", &value));
}

static void times_are_routeros_times(void **state)
{
	static const struct { const char *text; uint64_t seconds; } good[] = {
		{ "30m", 1800 }, { "1d", 86400 }, { "1w2d", 777600 }, { "1d 02:03:04", 86400 + 7384 }, { "1d02:03:04", 93784 },
		{ "02:03:04", 7384 }, { "90", 90 }, { "1h30m", 5400 }, { "0s", 0 }, { "8h", 28800 }
	};
	static const char *const bad[] = { "", "m", "1x", "1m1h", "1d1d", "1:2:3", "00:60:00", "00:00:60", "1d ", "99999999999d",
					   "0x10", "1d 02:03", "5000000000" };
	uint64_t seconds;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_true(text_get_seconds(good[i].text, &seconds));
		assert_int_equal(seconds, good[i].seconds);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(text_get_seconds(bad[i], &seconds));
}

static void a_time_written_is_read_back(void **state)
{
	char text[40];
	uint64_t back;

	(void)state;
	for (uint64_t seconds = 0; seconds < 400000; seconds += 997) {
		text_put_seconds(seconds, text, sizeof(text));
		assert_true(text_get_seconds(text, &back));
		assert_int_equal(back, seconds);
	}
	text_put_seconds(86400 + 7384, text, sizeof(text));
	assert_string_equal(text, "1d 02:03:04");
	text_put_seconds(1800, text, sizeof(text));
	assert_string_equal(text, "30m");
}

static void hex_is_whole_bytes_after_0x(void **state)
{
	uint8_t bytes[4];

	(void)state;
	assert_int_equal(text_get_hex("0x0aF1", bytes, 4), 2);
	assert_memory_equal(bytes, "\x0a\xf1", 2);
	assert_int_equal(text_get_hex("0x", bytes, 4), 0);
	assert_int_equal(text_get_hex("0x0", bytes, 4), -1);
	assert_int_equal(text_get_hex("0a", bytes, 4), -1);
	assert_int_equal(text_get_hex("0x0g", bytes, 4), -1);
	assert_int_equal(text_get_hex("0x0102030405", bytes, 4), -1);
}

static void a_slip_of_the_finger_finds_its_word(void **state)
{
	static const char *const words[] = { "tunnel", "priority", "src_address", "level" };
	char longest[300] = "";

	(void)state;
	assert_int_equal(text_distance("tunel", "tunnel"), 1);
	assert_int_equal(text_distance("levle", "level"), 1);
	assert_int_equal(text_distance("", "abc"), 3);
	assert_string_equal(text_nearest("tunel", words, 4), "tunnel");
	assert_string_equal(text_nearest("src_adress", words, 4), "src_address");
	assert_null(text_nearest("zzz", words, 4));
	memset(longest, 'z', sizeof(longest) - 1);
	assert_null(text_nearest(longest, words, 4));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_decimal_or_hexadecimal_and_nothing_else),
		cmocka_unit_test(times_are_routeros_times), cmocka_unit_test(a_time_written_is_read_back),
		cmocka_unit_test(hex_is_whole_bytes_after_0x), cmocka_unit_test(a_slip_of_the_finger_finds_its_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
