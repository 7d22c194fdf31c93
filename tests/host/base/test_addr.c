// SPDX-License-Identifier: BSD-2-Clause-Patent
#include "base/addr.h"
#include "room_test.h"

static void a_prefix_with_host_bits_is_told_what_it_should_be(void **state)
{
	struct prefix prefix;
	char text[ADDR_TEXT_BYTES];

	(void)state;
	assert_int_equal(prefix_get("10.1.202.5/24", &prefix), PREFIX_HOST_BITS);
	assert_string_equal(prefix_put(&prefix, text), "10.1.202.0/24");
	assert_int_equal(prefix_get("2001:db8::1/32", &prefix), PREFIX_HOST_BITS);
	assert_string_equal(prefix_put(&prefix, text), "2001:db8::/32");
}

static void prefixes_are_read_and_written(void **state)
{
	static const char *const good[] = { "0.0.0.0/0", "10.1.202.0/24", "192.0.2.1/32", "::/0", "2001:db8::/32" };
	static const char *const bad[] = { "", "10.1.202.0/33", "10.1.202.0/", "10.1.202/24", "10.1.202.0/-1", "10.1.202.0/ 1",
					   "::/129", "x", "1.2.3.4/0x1", "/24",
					   "1111:1111:1111:1111:1111:1111:1111:1111:1111:1111:1111:1111/1" };
	struct prefix prefix;
	char text[ADDR_TEXT_BYTES];

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(prefix_get(good[i], &prefix), PREFIX_OK);
		assert_string_equal(prefix_put(&prefix, text), good[i]);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(prefix_get(bad[i], &prefix), PREFIX_BAD);
	assert_int_equal(prefix_get("192.0.2.1", &prefix), PREFIX_OK);
	assert_int_equal(prefix.plen, 32);
}

static void addresses_of_two_families_are_not_the_same(void **state)
{
	struct adit_addr v4, v6;

	(void)state;
	assert_true(addr_get("0.0.0.0", &v4));
	assert_true(addr_get("::", &v6));
	assert_false(addr_same(&v4, &v6));
	assert_true(addr_same(&v4, &v4));
	assert_int_equal(addr_bits(&v4), 32);
	assert_int_equal(addr_bits(&v6), 128);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_prefix_with_host_bits_is_told_what_it_should_be),
		cmocka_unit_test(prefixes_are_read_and_written),
		cmocka_unit_test(addresses_of_two_families_are_not_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
