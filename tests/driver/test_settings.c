// SPDX-License-Identifier: BSD-2-Clause-Patent
/* What the owner sets in registers: configuration, time, how much the host takes. */
#include "rig.h"

/* Posted writes are felt before a register is read. */
static void settle(struct adit_card *card)
{
	uint64_t cycles;

	assert_int_equal(adit_card_cycles(card, &cycles), 0);
}

static void a_configuration_is_written_as_the_contract_says(void **state)
{
	struct rig rig;
	struct adit_mode_options options = {
		.nic = true, .verdicts = true, .n_local = 2,
		.local = { { .bytes = { 192, 0, 2, 1, 99 } }, { .bytes = { 0x20, 1, 0xd, 0xb8, [15] = 9 }, .is_v6 = true } },
	};

	(void)state;
	NEEDS_FAKE();
	rig = rig_open(NULL);
	assert_int_equal(adit_card_enable(rig.card, true), 0);
	assert_int_equal(adit_card_configure(rig.card, &options), 0);
	assert_int_equal(adit_card_recover(rig.card), 0);	/* also makes the posted writes felt */
	fake_lock(rig.fake);
	assert_int_equal(rig.fake->ctrl, 0);			/* the ports are closed until told otherwise */
	assert_int_equal(rig.fake->local[0], 0x010200c0);
	assert_int_equal(rig.fake->local[1], 0);
	assert_int_equal(rig.fake->local[4], 0xb80d0120);
	assert_int_equal(rig.fake->local[7], 0x09000000);
	assert_int_equal(rig.fake->local_valid, 0x0201);
	fake_unlock(rig.fake);
	assert_int_equal(adit_card_configure(rig.card, &options), 0);
	assert_int_equal(adit_card_enable(rig.card, true), 0);
	uint64_t cycles;
	assert_int_equal(adit_card_cycles(rig.card, &cycles), 0);
	fake_lock(rig.fake);
	assert_int_equal(rig.fake->ctrl, 1 | 2 | 8);
	fake_unlock(rig.fake);
	options = (struct adit_mode_options){ .pass_unmatched = true };
	assert_int_equal(adit_card_configure(rig.card, &options), 0);
	assert_int_equal(adit_card_cycles(rig.card, &cycles), 0);
	fake_lock(rig.fake);
	assert_int_equal(rig.fake->ctrl, 1 | 4);		/* still enabled */
	assert_int_equal(rig.fake->local_valid, 0);
	fake_unlock(rig.fake);
	options.n_local = 9;
	assert_int_equal(adit_card_configure(rig.card, &options), -EINVAL);
	rig_close(&rig);
}

static void time_goes_forward_alone(void **state)
{
	struct rig rig;

	(void)state;
	NEEDS_FAKE();
	rig = rig_open(NULL);
	assert_int_equal(adit_card_set_now(rig.card, 1000), 0);
	assert_int_equal(adit_card_set_now(rig.card, 1000), 0);
	assert_int_equal(adit_card_set_now(rig.card, UINT32_MAX), 0);
	assert_int_equal(adit_card_set_now(rig.card, 1001), -EINVAL);
	assert_non_null(strstr(adit_card_strerror(rig.card), "1001 seconds after 4294967295"));
	settle(rig.card);
	fake_lock(rig.fake);
	assert_int_equal(rig.fake->now_seconds, UINT32_MAX);
	fake_unlock(rig.fake);
	assert_int_equal(adit_card_recover(rig.card), 0);	/* a reset begins time anew */
	assert_int_equal(adit_card_set_now(rig.card, 5), 0);
	settle(rig.card);
	fake_lock(rig.fake);
	assert_int_equal(rig.fake->now_seconds, 5);
	fake_unlock(rig.fake);
	rig_close(&rig);
}

static void the_clock_is_told(void **state)
{
	struct rig rig = { .fake = NULL };
	char why[400];

	(void)state;
	NEEDS_FAKE();
	rig = rig_open(NULL);
	assert_int_equal(adit_card_caps(rig.card)->clock_hz, 0);
	rig_close(&rig);
	rig.fake = fake_open();
	rig.fake->clock_hz = 250000000;
	assert_int_equal(rig_try(rig.fake, &rig.card, why, sizeof(why)), 0);
	assert_int_equal(adit_card_caps(rig.card)->clock_hz, 250000000);
	assert_int_equal(adit_card_set_now(rig.card, 100), 0);
	settle(rig.card);
	fake_lock(rig.fake);
	rig.fake->now_seconds += 50;	/* its clock runs */
	fake_unlock(rig.fake);
	assert_int_equal(adit_card_set_now(rig.card, 149), -EINVAL);
	assert_int_equal(adit_card_set_now(rig.card, 150), 0);
	fake_lock(rig.fake);
	rig.fake->clock_hz = 1;
	fake_unlock(rig.fake);
	assert_int_equal(adit_card_recover(rig.card), -EIO);	/* another card */
	rig_close(&rig);
}

static void host_limits_are_written_while_none_holds(void **state)
{
	struct adit_host_limits limits = { .period_cycles = 1000000, .reserve_buffers = 255 };
	struct rig rig;

	(void)state;
	NEEDS_FAKE();
	rig = rig_open(NULL);
	for (unsigned i = 0; i < 16; i++)
		limits.packets[i] = (uint16_t)(65535 - i);
	for (unsigned turn = 0; turn < 2; turn++)
		assert_int_equal(adit_card_set_host_limits(rig.card, &limits), 0);
	settle(rig.card);
	fake_lock(rig.fake);
	assert_int_equal(rig.fake->host_period, 1000000);
	assert_int_equal(rig.fake->host_reserve, 255);
	for (unsigned i = 0; i < 16; i++)
		assert_int_equal(rig.fake->host_limit[i], 65535 - i);
	assert_int_equal(rig.fake->n_limits_in_force, 0);
	fake_unlock(rig.fake);
	limits.reserve_buffers = 256;		/* the ring has no more: nothing but IKE would ever pass */
	assert_int_equal(adit_card_set_host_limits(rig.card, &limits), -EINVAL);
	assert_non_null(strstr(adit_card_strerror(rig.card), "256"));
	rig_close(&rig);
}

static void an_eighth_of_the_rx_buffers_is_kept_for_ike(void **state)
{
	static const struct { uint32_t entries, reserve; } cases[] = { { 0, 32 }, { 64, 8 }, { 2, 0 } };

	(void)state;
	NEEDS_FAKE();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct adit_open_options options = { .rx_entries = cases[i].entries };
		struct rig rig = rig_open(&options);

		for (unsigned turn = 0; turn < 2; turn++) {
			settle(rig.card);
			fake_lock(rig.fake);
			assert_int_equal(rig.fake->host_reserve, cases[i].reserve);
			fake_unlock(rig.fake);
			assert_int_equal(adit_card_recover(rig.card), 0);
		}
		rig_close(&rig);
	}
}

static void a_card_of_an_older_contract_is_asked_for_no_new_register(void **state)
{
	const struct adit_host_limits limits = { .period_cycles = 1 };
	struct rig rig = { .fake = NULL };
	char why[400];

	(void)state;
	NEEDS_FAKE();
	rig.fake = fake_open();
	rig.fake->contract = 1u << 16 | 1u;
	assert_int_equal(rig_try(rig.fake, &rig.card, why, sizeof(why)), 0);
	assert_int_equal(adit_card_set_now(rig.card, 1), -EOPNOTSUPP);
	assert_non_null(strstr(adit_card_strerror(rig.card), "contract 1.1"));
	assert_int_equal(adit_card_set_host_limits(rig.card, &limits), -EOPNOTSUPP);
	settle(rig.card);
	fake_lock(rig.fake);
	assert_int_equal(rig.fake->host_reserve, 0);
	fake_unlock(rig.fake);
	rig_close(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_configuration_is_written_as_the_contract_says),
		TEST(time_goes_forward_alone),
		TEST(the_clock_is_told),
		TEST(host_limits_are_written_while_none_holds),
		TEST(an_eighth_of_the_rx_buffers_is_kept_for_ike),
		TEST(a_card_of_an_older_contract_is_asked_for_no_new_register),
	};

	return cmocka_run_group_tests_name("driver/settings", tests, NULL, NULL);
}
