// SPDX-License-Identifier: BSD-2-Clause-Patent
/* Phase 1 between two engines: every mode, role and algorithm, and what the peer's proof is worth (RFC 2408, RFC 2409). */
#include "sa/rig.h"

#include <stdio.h>

static int setup(void **state)
{
	(void)state;
	return crypto_open() ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	crypto_close();
	return 0;
}

static struct rig *pair(const char *left, const char *right)
{
	struct rig *rig = rig_open(1);

	rig_add(rig, left);
	rig_add(rig, right);
	return rig;
}

static void main_mode_with_a_secret_is_established_by_six_messages(void **state)
{
	struct rig *rig = pair(RIG_CONFIG("1", "2", ""), RIG_CONFIG("2", "1", ""));

	(void)state;
	rig->keep = true;
	assert_non_null(rig_begin(&rig->ends[0], NULL, NULL));
	rig_run(rig, 1000);
	rig_assert_agreed(rig);
	for (unsigned i = 0; i < 6; i++) {
		assert_int_equal(rig->kept[i].from, i % 2);
		assert_int_equal(rig->kept[i].bytes[18], X_MAIN);
		assert_int_equal(rig->kept[i].bytes[19] & ISAKMP_ENCRYPTED, i >= 4);
	}
	rig_close(rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(main_mode_with_a_secret_is_established_by_six_messages),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
