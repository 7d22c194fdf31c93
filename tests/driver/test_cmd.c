// SPDX-License-Identifier: BSD-2-Clause-Patent
/* Commands: many in flight, each answered once, and every way in which a card can answer wrongly. */
#include "rig.h"

static void a_command_is_answered_once(void **state)
{
	struct rig rig = rig_open(NULL);
	struct tally tally = { 0 };

	(void)state;
	assert_int_equal(adit_nop(rig.card, tally_done, &tally), 0);
	assert_int_equal(tally.n, 0);
	assert_int_equal(rig_poll_until(rig.card, &tally.n, 1), 0);
	assert_int_equal(tally.status, 0);
	assert_int_equal(adit_card_poll(rig.card, 64), 0);
	assert_int_equal(tally.n, 1);
	rig_close(&rig);
}

static void thousands_are_in_flight_and_each_is_answered(void **state)
{
	const struct adit_open_options options = { .cmd_entries = 4096, .evt_entries = 8192 };
	struct rig rig = rig_open(&options);
	struct tally tally = { 0 };

	(void)state;
	for (unsigned i = 0; i < 4096; i++)
		assert_int_equal(adit_nop(rig.card, tally_done, &tally), 0);
	assert_int_equal(tally.n, 0);
	assert_int_equal(rig_poll_until(rig.card, &tally.n, 4096), 0);
	assert_int_equal(tally.n_failed, 0);
	rig_close(&rig);
}

static void a_full_ring_says_so_and_goes_on_after_a_poll(void **state)
{
	const struct adit_open_options options = { .cmd_entries = 8, .evt_entries = 4 };
	struct rig rig = rig_open(&options);
	struct tally tally = { 0 };
	unsigned queued = 0;

	(void)state;
	while (queued < 3000) {
		int error = adit_nop(rig.card, tally_done, &tally);

		if (error == 0) {
			queued++;
			continue;
		}
		assert_int_equal(error, -EAGAIN);
		assert_int_equal(queued - tally.n, 8);	/* the table is as large as the ring, no larger */
		assert_non_null(strstr(adit_card_strerror(rig.card), "full"));
		assert_true(rig_poll(rig.card, 1) >= 0);
	}
	assert_int_equal(rig_poll_until(rig.card, &tally.n, 3000), 0);
	assert_int_equal(tally.n_failed, 0);
	rig_close(&rig);
}

static void indices_wrap_at_65536(void **state)
{
	struct rig rig;
	struct tally tally = { 0 };
	unsigned queued = 0;

	(void)state;
	NEEDS_FAKE();	/* only for the time it takes */
	rig = rig_open(NULL);
	while (queued < 70000) {
		if (adit_nop(rig.card, tally_done, &tally) == 0)
			queued++;
		else
			assert_true(rig_poll(rig.card, 1) >= 0);
	}
	assert_int_equal(rig_poll_until(rig.card, &tally.n, queued), 0);
	assert_int_equal(tally.n_failed, 0);
	rig_close(&rig);
}

static void the_doorbell_rings_once_for_a_batch(void **state)
{
	struct rig rig = rig_open(NULL);
	struct tally tally = { 0 };

	(void)state;
	for (unsigned i = 0; i < 50; i++)
		assert_int_equal(adit_nop(rig.card, tally_done, &tally), 0);
	assert_true(rig_is_readable(rig.card));	/* or nobody would poll, and nothing would ring */
	assert_int_equal(adit_card_kick(rig.card), 0);
	assert_int_equal(rig_poll_until(rig.card, &tally.n, 50), 0);
	assert_int_equal(rig_poll(rig.card, 0), 0);
	rig_close(&rig);
}

struct chain {
	struct adit_card *card;
	unsigned left, n;
};

static void chain_next(void *arg, int status, const union adit_answer *answer)
{
	struct chain *chain = arg;

	(void)answer;
	assert_int_equal(status, 0);
	chain->n++;
	if (chain->left--)
		assert_int_equal(adit_nop(chain->card, chain_next, chain), 0);
}

static void a_callback_may_queue_the_next_command(void **state)
{
	struct rig rig = rig_open(NULL);
	struct chain chain = { rig.card, 99, 0 };

	(void)state;
	assert_int_equal(adit_nop(rig.card, chain_next, &chain), 0);
	assert_int_equal(rig_poll_until(rig.card, &chain.n, 100), 0);
	rig_close(&rig);
}

static void waiter(void *arg, int status, const union adit_answer *answer)
{
	struct chain *chain = arg;
	struct adit_sa_state sa;

	(void)answer;
	assert_int_equal(status, 0);
	assert_int_equal(adit_sa_query_wait(chain->card, 3, &sa), -ENOENT);
	chain->n++;
}

static void a_callback_may_wait(void **state)
{
	struct rig rig = rig_open(NULL);
	struct chain chain = { rig.card, 0, 0 };

	(void)state;
	for (unsigned i = 0; i < 10; i++)
		assert_int_equal(adit_nop(rig.card, waiter, &chain), 0);
	assert_int_equal(rig_poll_until(rig.card, &chain.n, 10), 0);
	rig_close(&rig);
}

static void each_status_has_its_errno_and_names_the_field(void **state)
{
	static const struct {
		enum adit_status status;
		enum adit_field field;
		int error;
		const char *word;
	} cases[] = {
		{ ADIT_STATUS_BAD_OP, ADIT_FIELD_OP, -EOPNOTSUPP, "BAD_OP" },
		{ ADIT_STATUS_BAD_FIELD, ADIT_FIELD_SA_TTL, -EINVAL, "SA_TTL" },
		{ ADIT_STATUS_BAD_LENGTH, ADIT_FIELD_DATA_BYTES, -EINVAL, "DATA_BYTES" },
		{ ADIT_STATUS_NOT_FOUND, 0, -ENOENT, "NOT_FOUND" },
		{ ADIT_STATUS_EXISTS, 0, -EEXIST, "EXISTS" },
		{ ADIT_STATUS_TABLE_FULL, 0, -ENOSPC, "TABLE_FULL" },
		{ ADIT_STATUS_UNSUPPORTED, ADIT_FIELD_SA_ENC, -EOPNOTSUPP, "SA_ENC" },
		{ ADIT_STATUS_DMA_ERROR, 0, -EIO, "DMA_ERROR" },
		{ ADIT_STATUS_BAD_FIELD, 200, -EINVAL, "unknown" },
	};
	struct rig rig;

	(void)state;
	NEEDS_FAKE();
	rig = rig_open(NULL);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct tally tally = { 0 };

		fake_lock(rig.fake);
		rig.fake->refuse_op = ADIT_OP_NOP;
		rig.fake->refuse_after = 0;
		rig.fake->refuse_status = (uint8_t)cases[i].status;
		rig.fake->refuse_field = (uint8_t)cases[i].field;
		fake_unlock(rig.fake);
		assert_int_equal(adit_nop(rig.card, tally_done, &tally), 0);
		assert_int_equal(rig_poll_until(rig.card, &tally.n, 1), 0);
		assert_int_equal(tally.status, cases[i].error);
		assert_non_null(strstr(adit_card_strerror(rig.card), cases[i].word));
		assert_non_null(strstr(adit_card_strerror(rig.card), "NOP"));
	}
	rig_close(&rig);
}

static void a_card_that_lies_is_found_out(void **state)
{
	static const struct {
		enum card_sin sin;
		int error;
		const char *word;
	} cases[] = {
		{ CARD_BAD_TAG, -EIO, "tag 0xdeadbeef" }, { CARD_OLD_TAG, -EIO, "tag" }, { CARD_BAD_GEN, -EIO, "generation 7" },
		{ CARD_BAD_STATUS, -EIO, "status 99" }, { CARD_BAD_INDEX, -EIO, "completed as one of" },
		{ CARD_SKIP, -EIO, "was not" }, { CARD_BAD_TYPE, -EIO, "type 200" }, { CARD_TWICE, -EIO, "tag" },
		{ CARD_BAD_ANSWER, -EIO, "answer" }, { CARD_SILENT, -ETIMEDOUT, "" }, { CARD_DIES, -ENODEV, "all ones" },
	};

	(void)state;
	NEEDS_FAKE();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct rig rig = rig_open(NULL);
		struct adit_sa sa = rig_sa(ADIT_DIR_OUT, 0x1000);
		struct adit_sa_state sa_state;
		struct tally late = { 0 };
		int error = 0;

		assert_int_equal(adit_sa_add_wait(rig.card, 5, &sa), 0);
		fake_set_sin(rig.fake, cases[i].sin);
		/* A single skipped entry is seen once there is a later one. */
		assert_int_equal(adit_nop(rig.card, tally_done, &late), 0);
		assert_bounded(error = adit_sa_query_wait(rig.card, 5, &sa_state));
		if (error == 0)
			error = rig_poll(rig.card, 1000);
		if (error != cases[i].error || !strstr(adit_card_strerror(rig.card), cases[i].word))
			fail_msg("sin %d: error %d, %s", (int)cases[i].sin, error, adit_card_strerror(rig.card));
		/* From now on everything fails, at once or soon. */
		assert_bounded(error = rig_poll(rig.card, 1000));
		assert_true(error < 0);
		assert_int_equal(adit_nop(rig.card, NULL, NULL), error);
		rig_close(&rig);
	}
}

static void a_silent_card_breaks_without_a_wait(void **state)
{
	struct rig rig;
	struct tally tally = { 0 };
	int error = 0;

	(void)state;
	NEEDS_FAKE();
	rig = rig_open(NULL);
	fake_set_sin(rig.fake, CARD_SILENT);
	assert_int_equal(adit_nop(rig.card, tally_done, &tally), 0);
	assert_bounded(error = rig_poll(rig.card, 1));
	assert_int_equal(error, -ETIMEDOUT);
	assert_int_equal(tally.n, 0);
	rig_close(&rig);
	assert_int_equal(tally.n, 1);
	assert_int_equal(tally.status, -ECANCELED);
}

static void a_card_that_dies_in_mid_command_is_gone(void **state)
{
	struct rig rig;
	struct tally tally = { 0 };
	int error = 0;

	(void)state;
	NEEDS_FAKE();
	rig = rig_open(NULL);
	fake_set_sin(rig.fake, CARD_DIES);
	assert_int_equal(adit_nop(rig.card, tally_done, &tally), 0);
	assert_bounded(error = rig_poll(rig.card, 1));
	assert_int_equal(error, -ENODEV);
	assert_non_null(strstr(adit_card_strerror(rig.card), "all ones"));
	rig_close(&rig);
}

static void an_idle_card_never_times_out(void **state)
{
	struct rig rig;
	struct tally tally = { 0 };
	uint64_t until_ms;

	(void)state;
	NEEDS_FAKE();
	rig = rig_open(NULL);
	until_ms = rig_now_ms() + 2 * RIG_TIMEOUT_MS;
	while (rig_now_ms() < until_ms)
		assert_int_equal(rig_poll(rig.card, 0), 0);
	assert_int_equal(adit_card_poll(rig.card, 8), 0);
	assert_int_equal(adit_nop(rig.card, tally_done, &tally), 0);	/* its clock begins now, not at the open */
	assert_int_equal(rig_poll_until(rig.card, &tally.n, 1), 0);
	rig_close(&rig);
}

static void lost_interrupts_cost_time_only(void **state)
{
	struct rig rig;
	struct adit_sa_state sa;

	(void)state;
	NEEDS_FAKE();
	rig = rig_open(NULL);
	fake_set_sin(rig.fake, CARD_NO_IRQ);
	for (unsigned i = 0; i < 5; i++)
		assert_int_equal(adit_sa_query_wait(rig.card, 5, &sa), -ENOENT);
	rig_close(&rig);
}

static void a_wait_that_ends_early_leaves_nothing_behind(void **state)
{
	struct rig rig;
	struct adit_sa_state sa;
	int error = 0;

	(void)state;
	NEEDS_FAKE();
	rig = rig_open(NULL);
	fake_set_sin(rig.fake, CARD_SILENT);
	assert_bounded(error = adit_sa_query_wait(rig.card, 5, &sa));
	assert_int_equal(error, -ETIMEDOUT);
	fake_set_sin(rig.fake, CARD_GOOD);
	assert_int_equal(adit_card_recover(rig.card), 0);	/* cancels what waited: its stack is long gone */
	assert_int_equal(adit_sa_query_wait(rig.card, 5, &sa), -ENOENT);
	rig_close(&rig);
}

static void statistics_come_in_groups_of_eight(void **state)
{
	struct rig rig = rig_open(NULL);
	uint64_t counters[ADIT_REASON_COUNT];

	(void)state;
	assert_int_equal(adit_stats_query(rig.card, 3, NULL, NULL), -EINVAL);
	assert_int_equal(adit_stats_query(rig.card, ADIT_REASON_COUNT, NULL, NULL), -EINVAL);
	if (rig.fake) {
		fake_lock(rig.fake);
		for (unsigned i = 0; i < 64; i++)
			rig.fake->counters[i] = 1000000000000u + i;
		fake_unlock(rig.fake);
	}
	assert_int_equal(adit_stats_wait(rig.card, counters), 0);
	for (unsigned i = 0; i < ADIT_REASON_COUNT; i++)
		assert_int_equal(counters[i], rig.fake ? 1000000000000u + i : 0);
	rig_close(&rig);
}

static void an_older_card_tells_of_fewer_reasons(void **state)
{
	struct rig rig = { .fake = NULL };
	uint64_t counters[ADIT_REASON_COUNT];
	char why[400];

	(void)state;
	NEEDS_FAKE();
	rig.fake = fake_open();
	rig.fake->contract = 1u << 16 | 1u;
	for (unsigned i = 0; i < 64; i++)
		rig.fake->counters[i] = 7;
	assert_int_equal(rig_try(rig.fake, &rig.card, why, sizeof(why)), 0);
	memset(counters, 0xff, sizeof(counters));
	assert_int_equal(adit_stats_wait(rig.card, counters), 0);
	for (unsigned i = 0; i < ADIT_REASON_COUNT; i++)
		assert_int_equal(counters[i], i < 56 ? 7 : 0);
	rig_close(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_command_is_answered_once),
		TEST(thousands_are_in_flight_and_each_is_answered),
		TEST(a_full_ring_says_so_and_goes_on_after_a_poll),
		TEST(indices_wrap_at_65536),
		TEST(the_doorbell_rings_once_for_a_batch),
		TEST(a_callback_may_queue_the_next_command),
		TEST(a_callback_may_wait),
		TEST(each_status_has_its_errno_and_names_the_field),
		TEST(a_card_that_lies_is_found_out),
		TEST(a_silent_card_breaks_without_a_wait),
		TEST(a_card_that_dies_in_mid_command_is_gone),
		TEST(an_idle_card_never_times_out),
		TEST(lost_interrupts_cost_time_only),
		TEST(a_wait_that_ends_early_leaves_nothing_behind),
		TEST(statistics_come_in_groups_of_eight),
		TEST(an_older_card_tells_of_fewer_reasons),
	};

	return cmocka_run_group_tests_name("driver/cmd", tests, NULL, NULL);
}
