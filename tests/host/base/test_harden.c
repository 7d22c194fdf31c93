// SPDX-License-Identifier: BSD-2-Clause-Patent
#include "base/harden.h"

#include <fcntl.h>
#include <json-c/json.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

#include "room_test.h"

static const char key[] = "0x6b1f0c9ae2d54783a05cfe3917b824d0";

/* As somebody with a debugger would read it: what was freed is not ours to touch. */
static void read_memory(uintptr_t at, char *out, size_t n_bytes)
{
	int fd = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(pread(fd, out, n_bytes, (off_t)at), n_bytes);
	(void)close(fd);
}

static bool is_in_memory(uintptr_t at, size_t n_bytes)
{
	char now[512];

	assert_true(n_bytes <= sizeof(now));
	read_memory(at, now, n_bytes);
	return memmem(now, n_bytes, key + 20, 12) != NULL;	/* the heap's own words may cover the beginning */
}

static void what_is_freed_is_wiped_whatever_its_size(void **state)
{
	static const size_t sizes[] = { sizeof(key), 200, 1000, 5000, 100000 };

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		char *text = malloc(sizes[i]), *after = malloc(64);	/* after: the heap does not shrink */
		uintptr_t at = (uintptr_t)text;

		memcpy(text, key, sizeof(key));
		assert_true(is_in_memory(at, sizeof(key)));
		free(text);
		assert_false(is_in_memory(at, sizeof(key)));
		free(after);
	}
}

static void what_grows_leaves_nothing_behind(void **state)
{
	char *text = malloc(64), *after = malloc(64);
	uintptr_t at = (uintptr_t)text;

	(void)state;
	memcpy(text, key, sizeof(key));
	text = realloc(text, 4000);
	assert_string_equal(text, key);
	assert_false(is_in_memory(at, sizeof(key)));
	text = realloc(text, 100);
	assert_string_equal(text, key);
	free(text);
	free(after);
}

static void a_librarys_memory_is_wiped_too(void **state)
{
	json_object *object = json_object_new_string(key);
	uintptr_t at = (uintptr_t)json_object_get_string(object);

	(void)state;
	assert_true(is_in_memory(at, sizeof(key)));
	json_object_put(object);
	assert_false(is_in_memory(at, sizeof(key)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_freed_is_wiped_whatever_its_size),
		cmocka_unit_test(what_grows_leaves_nothing_behind), cmocka_unit_test(a_librarys_memory_is_wiped_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
