// SPDX-License-Identifier: BSD-2-Clause-Patent
/* A card's life: recovery, close; pending commands end exactly once, whatever happens. */
#include "rig.h"

static void pending_commands_are_cancelled_exactly_once(void **state)
{
	struct rig rig;
	struct tally tally = { 0 }, sp = { 0 };
	const struct adit_sp rules[] = { rig_sp(1, 0), rig_sp(2, 0) };
	struct adit_sa sa = rig_sa(ADIT_DIR_OUT, 0x1000);

	(void)state;
	NEEDS_FAKE();
	rig = rig_open(NULL);
	fake_set_sin(rig.fake, CARD_SILENT);
	for (unsigned i = 0; i < 100; i++)
		assert_int_equal(adit_sa_add(rig.card, (uint16_t)i, &sa, tally_done, &tally), 0);
	assert_int_equal(adit_sp_replace(rig.card, rules, 2, tally_done, &sp), 0);
	assert_int_equal(adit_sp_replace(rig.card, rules, 1, tally_done, &sp), 0);
	assert_int_equal(adit_card_poll(rig.card, 64), 0);
	assert_int_equal(adit_nop(rig.card, tally_done, &tally), 0);	/* not even kicked */
	fake_set_sin(rig.fake, CARD_GOOD);
	assert_int_equal(adit_card_recover(rig.card), 0);
	assert_int_equal(tally.n, 101);
	assert_int_equal(tally.n_failed, 101);
	assert_int_equal(tally.status, -ECANCELED);
	assert_int_equal(sp.n, 2);
	assert_int_equal(sp.status, -ECANCELED);
	assert_int_equal(rig_poll(rig.card, 0), 0);
	assert_int_equal(tally.n, 101);
	assert_int_equal(adit_sp_replace_wait(rig.card, rules, 2), 0);
	assert_int_equal(adit_sa_add_wait(rig.card, 0, &sa), 0);
	rig_close(&rig);
	assert_int_equal(tally.n, 101);
}

static void after_recovery_all_works_and_the_tables_are_empty(void **state)
{
	struct rig rig = rig_open(NULL);
	struct adit_sa sa = rig_sa(ADIT_DIR_IN, 0x1000);
	const struct adit_sp rules[] = { rig_sp(1, 0), rig_sp(2, 0) };
	struct adit_sa_state sa_state;

	(void)state;
	for (unsigned turn = 0; turn < 3; turn++) {
		assert_int_equal(adit_sa_add_wait(rig.card, 4, &sa), 0);
		assert_int_equal(adit_sp_replace_wait(rig.card, rules, 2), 0);
		if (turn == 1)
			assert_int_equal(adit_sp_replace_wait(rig.card, rules, 1), 0);	/* the other bank lives */
		assert_int_equal(adit_card_recover(rig.card), 0);
		assert_int_equal(adit_sa_query_wait(rig.card, 4, &sa_state), -ENOENT);
		if (rig.fake) {
			fake_lock(rig.fake);
			assert_false(rig.fake->has_sp[0][0] || rig.fake->has_sp[1][0]);
			fake_unlock(rig.fake);
		}
	}
	assert_int_equal(adit_sp_replace_wait(rig.card, rules, 2), 0);	/* written anew, not thought to be there */
	if (rig.fake) {
		fake_lock(rig.fake);
		assert_true(rig.fake->has_sp[rig.fake->live_bank][1]);
		fake_unlock(rig.fake);
	}
	rig_close(&rig);
}

struct again {
	struct adit_card *card;
	struct tally tally;
	unsigned n_cancelled;
};

static void cancelled_and_queued_anew(void *arg, int status, const union adit_answer *answer)
{
	struct again *again = arg;

	(void)answer;
	assert_int_equal(status, -ECANCELED);
	again->n_cancelled++;
	assert_int_equal(adit_nop(again->card, tally_done, &again->tally), 0);
}

static void a_cancelled_command_may_be_queued_anew_at_once(void **state)
{
	const struct adit_open_options options = { .cmd_entries = 8 };
	struct rig rig;
	struct again again = { 0 };

	(void)state;
	NEEDS_FAKE();
	rig = rig_open(&options);
	again.card = rig.card;
	fake_set_sin(rig.fake, CARD_SILENT);
	for (unsigned i = 0; i < 8; i++)
		assert_int_equal(adit_nop(rig.card, cancelled_and_queued_anew, &again), 0);
	assert_int_equal(adit_card_kick(rig.card), 0);
	fake_set_sin(rig.fake, CARD_GOOD);
	assert_int_equal(adit_card_recover(rig.card), 0);
	assert_int_equal(again.n_cancelled, 8);
	assert_int_equal(rig_poll_until(rig.card, &again.tally.n, 8), 0);
	assert_int_equal(again.tally.n_failed, 0);
	rig_close(&rig);
}

static void a_card_that_is_never_ready_is_reset_by_the_bus_and_then_given_up(void **state)
{
	struct rig rig;
	struct tally tally = { 0 };
	int error = 0;

	(void)state;
	NEEDS_FAKE();
	rig = rig_open(NULL);
	assert_int_equal(adit_nop(rig.card, tally_done, &tally), 0);
	fake_set_sin(rig.fake, CARD_STUCK_RESET);
	assert_bounded(error = adit_card_recover(rig.card));
	assert_int_equal(error, -ETIMEDOUT);
	assert_non_null(strstr(adit_card_strerror(rig.card), "not ready"));
	assert_int_equal(tally.n, 1);
	fake_lock(rig.fake);
	assert_int_equal(rig.fake->n_device_resets, 1);
	fake_unlock(rig.fake);
	assert_int_equal(adit_nop(rig.card, tally_done, &tally), -ETIMEDOUT);
	fake_set_sin(rig.fake, CARD_GOOD);
	assert_int_equal(adit_card_recover(rig.card), 0);
	assert_int_equal(adit_nop(rig.card, tally_done, &tally), 0);
	assert_int_equal(rig_poll_until(rig.card, &tally.n, 2), 0);
	rig_close(&rig);
}

static void a_card_whose_registers_are_all_ones_is_gone(void **state)
{
	struct rig rig;
	uint64_t cycles;
	int error = 0;

	(void)state;
	NEEDS_FAKE();
	rig = rig_open(NULL);
	assert_int_equal(adit_card_cycles(rig.card, &cycles), 0);
	assert_int_equal(cycles, 0x5ffffffff);	/* all ones in one register is a number like any other */
	fake_set_sin(rig.fake, CARD_ALL_ONES);
	assert_bounded(error = adit_card_cycles(rig.card, &cycles));
	assert_int_equal(error, -ENODEV);
	assert_int_equal(adit_card_poll(rig.card, 8), -ENODEV);
	assert_bounded(error = adit_card_recover(rig.card));
	assert_int_equal(error, -ENODEV);
	fake_set_sin(rig.fake, CARD_GOOD);
	assert_int_equal(adit_card_recover(rig.card), 0);
	assert_int_equal(adit_card_cycles(rig.card, &cycles), 0);
	rig_close(&rig);
}

static void a_card_that_changed_its_capabilities_is_another_card(void **state)
{
	struct rig rig;

	(void)state;
	NEEDS_FAKE();
	rig = rig_open(NULL);
	fake_lock(rig.fake);
	rig.fake->sizes = 16 | 6u << 8 | 1u << 16 | 4u << 20;
	fake_unlock(rig.fake);
	assert_int_equal(adit_card_recover(rig.card), -EIO);
	assert_non_null(strstr(adit_card_strerror(rig.card), "capabilities"));
	rig_close(&rig);
}

static void close_flushes_when_told_to(void **state)
{
	struct adit_sa sa = rig_sa(ADIT_DIR_OUT, 0x1000);

	(void)state;
	NEEDS_FAKE();
	for (unsigned flush = 0; flush < 2; flush++) {
		struct rig rig = rig_open(NULL);

		assert_int_equal(adit_sa_add_wait(rig.card, 7, &sa), 0);
		assert_int_equal(adit_card_enable(rig.card, true), 0);
		adit_card_close(rig.card, flush);
		rig.card = NULL;
		fake_lock(rig.fake);
		assert_int_equal(rig.fake->has_sa[7], !flush);
		assert_int_equal(rig.fake->ctrl_at_flush, 0);	/* nothing may pass in clear for want of an SA */
		assert_int_equal(rig.fake->ctrl, 0);
		for (unsigned i = 0; i < 4; i++)
			assert_false(rig.fake->ring[i].is_on);
		fake_unlock(rig.fake);
		rig_close(&rig);
	}
}

static void close_of_a_silent_card_ends_and_resets_it(void **state)
{
	struct rig rig;
	struct adit_sa sa = rig_sa(ADIT_DIR_OUT, 0x1000);

	(void)state;
	NEEDS_FAKE();
	rig = rig_open(NULL);
	assert_int_equal(adit_sa_add_wait(rig.card, 7, &sa), 0);
	fake_set_sin(rig.fake, CARD_SILENT);
	assert_bounded(adit_card_close(rig.card, true));
	rig.card = NULL;
	fake_lock(rig.fake);
	assert_false(rig.fake->has_sa[7]);	/* the flush was not answered: the reset took the keys */
	fake_unlock(rig.fake);
	rig_close(&rig);
	adit_card_close(NULL, true);
}

static void a_card_can_be_opened_again_and_again(void **state)
{
	struct rig rig = rig_open(NULL);
	char where[200], why[400];
	const char *real = getenv("ADIT_TEST_CARD");

	(void)state;
	snprintf(where, sizeof(where), "%s", rig.fake ? rig.fake->where : real);
	for (unsigned i = 0; i < 5; i++) {
		const struct adit_open_options options = { .timeout_ms = rig.fake ? RIG_TIMEOUT_MS : RIG_SIM_TIMEOUT_MS };
		struct tally tally = { 0 };

		adit_card_close(rig.card, i % 2);
		rig.card = NULL;
		assert_int_equal(adit_card_open(where, &options, &rig.card, why, sizeof(why)), 0);
		assert_int_equal(adit_nop(rig.card, tally_done, &tally), 0);
		assert_int_equal(rig_poll_until(rig.card, &tally.n, 1), 0);
	}
	rig_close(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(pending_commands_are_cancelled_exactly_once),
		TEST(after_recovery_all_works_and_the_tables_are_empty),
		TEST(a_cancelled_command_may_be_queued_anew_at_once),
		TEST(a_card_that_is_never_ready_is_reset_by_the_bus_and_then_given_up),
		TEST(a_card_whose_registers_are_all_ones_is_gone),
		TEST(a_card_that_changed_its_capabilities_is_another_card),
		TEST(close_flushes_when_told_to),
		TEST(close_of_a_silent_card_ends_and_resets_it),
		TEST(a_card_can_be_opened_again_and_again),
	};

	return cmocka_run_group_tests_name("driver/recover", tests, NULL, NULL);
}
