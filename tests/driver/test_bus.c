// SPDX-License-Identifier: BSD-2-Clause-Patent
/* The vfio-user client against servers that keep the protocol, and against every way of not keeping it. */
#include "rig.h"

enum { VERSION = 1, DMA_MAP = 2, DMA_UNMAP = 3, GET_INFO = 4, GET_REGION = 5, GET_IRQ = 7, SET_IRQS = 8, REGION_READ = 9,
       REGION_WRITE = 10, RESET = 13 };

static const char *names[] = { "none", "VERSION", "DMA_MAP", "DMA_UNMAP", "GET_INFO", "GET_REGION_INFO", "", "GET_IRQ_INFO",
			       "SET_IRQS", "REGION_READ", "REGION_WRITE", "", "", "RESET" };

static void every_broken_reply_ends_the_open_in_time(void **state)
{
	static const unsigned commands[] = { VERSION, DMA_MAP, GET_INFO, GET_REGION, GET_IRQ, SET_IRQS, REGION_READ,
					     REGION_WRITE };
	static const struct {
		enum wire_sin sin;
		int error;
		const char *word;
	} sins[] = {
		{ WIRE_CLOSE, -ENODEV, "closed" }, { WIRE_SILENT, -ETIMEDOUT, "answer" },
		{ WIRE_HALF_HEADER, -ETIMEDOUT, "middle" }, { WIRE_LONG, -EIO, "payload" },
		{ WIRE_HUGE, -EIO, "2147483648 bytes" }, { WIRE_TINY, -EIO, "4 bytes" }, { WIRE_WRONG_ID, -EIO, "answered" },
		{ WIRE_WRONG_COMMAND, -EIO, "answered" }, { WIRE_NOT_A_REPLY, -EIO, "answered" },
		{ WIRE_ERROR, -EIO, "Operation not permitted" }, { WIRE_ERROR_HUGE, -EIO, "Unknown error" },
	};

	(void)state;
	NEEDS_FAKE();
	for (size_t c = 0; c < sizeof(commands) / sizeof(commands[0]); c++) {
		for (size_t s = 0; s < sizeof(sins) / sizeof(sins[0]); s++) {
			struct fake *fake = fake_open();
			struct adit_card *card = NULL;
			char why[400];
			int error = 0;

			fake_set_wire_sin(fake, commands[c], sins[s].sin, 0);
			assert_bounded(error = rig_try(fake, &card, why, sizeof(why)));
			/* VERSION's reply has any length; what it then does not end with is another matter. */
			if (commands[c] == VERSION && sins[s].sin == WIRE_LONG)
				assert_int_equal(error, 0);
			else if (error != sins[s].error || !strstr(why, sins[s].word))
				fail_msg("%s, sin %d: error %d, \"%s\"", names[commands[c]], (int)sins[s].sin, error, why);
			adit_card_close(card, false);
			fake_close(fake);
		}
	}
}

static void replies_cut_short_or_about_something_else_are_noticed(void **state)
{
	static const struct {
		unsigned command;
		enum wire_sin sin;
	} cases[] = {
		{ VERSION, WIRE_SHORT }, { GET_INFO, WIRE_SHORT }, { GET_REGION, WIRE_SHORT }, { GET_IRQ, WIRE_SHORT },
		{ REGION_READ, WIRE_SHORT }, { REGION_WRITE, WIRE_SHORT }, { GET_REGION, WIRE_WRONG_ECHO },
		{ GET_IRQ, WIRE_WRONG_ECHO }, { REGION_READ, WIRE_WRONG_ECHO }, { REGION_WRITE, WIRE_WRONG_ECHO },
	};

	(void)state;
	NEEDS_FAKE();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fake *fake = fake_open();
		struct adit_card *card = NULL;
		char why[400];
		int error = 0;

		fake_set_wire_sin(fake, cases[i].command, cases[i].sin, 0);
		assert_bounded(error = rig_try(fake, &card, why, sizeof(why)));
		if (error != -EIO)
			fail_msg("%s, sin %d: error %d, \"%s\"", names[cases[i].command], (int)cases[i].sin, error, why);
		fake_close(fake);
	}
}

static void each_of_many_messages_may_be_the_one_that_fails(void **state)
{
	(void)state;
	NEEDS_FAKE();
	for (unsigned after = 0; after < 12; after++) {
		for (unsigned c = 0; c < 2; c++) {
			struct fake *fake = fake_open();
			struct adit_card *card = NULL;
			char why[400];
			int error = 0;

			fake_set_wire_sin(fake, c ? REGION_READ : DMA_MAP, WIRE_CLOSE, after);
			assert_bounded(error = rig_try(fake, &card, why, sizeof(why)));
			assert_true(error == -ENODEV || (error == 0 && after >= 8));
			adit_card_close(card, true);
			fake_close(fake);
		}
	}
}

#define ASSERT_REFUSED(change, want, word) do {						\
	struct fake *fake = fake_open();							\
	struct adit_card *card = NULL;								\
	char why[400];										\
	int error = 0;										\
												\
	change;											\
	assert_bounded(error = rig_try(fake, &card, why, sizeof(why)));				\
	if (error != (want) || !strstr(why, word) || !strstr(why, fake->where))			\
		fail_msg("line %d: error %d, \"%s\"", __LINE__, error, why);			\
	assert_null(card);									\
	fake_close(fake);									\
} while (0)

static void a_card_that_does_not_fit_is_refused_by_name(void **state)
{
	(void)state;
	NEEDS_FAKE();
	ASSERT_REFUSED(fake->version_major = 1, -EOPNOTSUPP, "vfio-user 1.1");
	ASSERT_REFUSED(fake->version_minor = 9, -EOPNOTSUPP, "vfio-user 0.9");
	ASSERT_REFUSED(fake->capabilities = "{\"capabilities\":{\"max_msg_fds\":0}}", -EOPNOTSUPP, "file descriptors");
	ASSERT_REFUSED(fake->bar_bytes = 2048, -ENODEV, "BAR0 has 2048 bytes");
	ASSERT_REFUSED(fake->magic = 0x12345678, -ENODEV, "0x12345678");
	ASSERT_REFUSED(fake->sin = CARD_ALL_ONES, -ENODEV, "all ones");
	ASSERT_REFUSED(fake->contract = 2u << 16 | 7u, -EOPNOTSUPP, "contract 2.7");
	ASSERT_REFUSED(fake->contract = 7u, -EOPNOTSUPP, "contract 0.7");
	ASSERT_REFUSED(fake->sin = CARD_STUCK_RESET, -ETIMEDOUT, "not ready");
	ASSERT_REFUSED(fake->sizes = 17 | 6u << 8 | 1u << 16 | 4u << 20, -EIO, "2^17");
	ASSERT_REFUSED(fake->sizes = 10 | 255u << 8 | 1u << 16 | 4u << 20, -EIO, "2^255");
	ASSERT_REFUSED(fake->sizes = 10 | 6u << 8 | 4u << 20, -EIO, "0 packet rings");
	ASSERT_REFUSED(fake->limits = 64u << 16 | 63, -EIO, "63 bytes");
	ASSERT_REFUSED(fake->limits = 64u << 16 | 65535, -EIO, "65535 bytes");
}

static void a_newer_minor_and_modest_servers_are_accepted(void **state)
{
	static const char *capabilities[] = { "", "{}", "{\"capabilities\":{\"max_msg_fds\":1}}", "{\"max_msg_fds\" : 99999999999999999999}",
					      "{\"capabilities\":{\"max_msg_fds\":\"x\"}}" };

	(void)state;
	NEEDS_FAKE();
	for (size_t i = 0; i < sizeof(capabilities) / sizeof(capabilities[0]); i++) {
		struct rig rig = { .fake = fake_open() };
		struct tally tally = { 0 };
		char why[400];

		rig.fake->capabilities = capabilities[i];
		rig.fake->contract = 1u << 16 | 999u;
		rig.fake->version_minor = 0;
		assert_int_equal(rig_try(rig.fake, &rig.card, why, sizeof(why)), 0);
		assert_int_equal(adit_card_caps(rig.card)->minor, 999);
		assert_int_equal(adit_nop(rig.card, tally_done, &tally), 0);
		assert_int_equal(rig_poll_until(rig.card, &tally.n, 1), 0);
		rig_close(&rig);
	}
}

static void a_card_without_interrupts_works_by_polling(void **state)
{
	struct rig rig = { 0 };
	struct adit_sa_state sa;
	char why[400];

	(void)state;
	NEEDS_FAKE();
	for (uint32_t n = 0; n < 4; n++) {
		rig.fake = fake_open();
		rig.fake->n_vectors = n;
		assert_int_equal(rig_try(rig.fake, &rig.card, why, sizeof(why)), 0);
		assert_int_equal(adit_sa_query_wait(rig.card, 1, &sa), -ENOENT);
		rig_close(&rig);
	}
}

static void a_place_that_is_none_is_refused_by_name(void **state)
{
	static const struct {
		const char *where;
		int error;
		const char *word;
	} cases[] = {
		{ "sim:/nonexistent/card", -ENOENT, "No such file" },
		{ "sim:", -EINVAL, "socket path" },
		{ "sim:/dev/null", -ECONNREFUSED, "listens" },
		{ "eth0", -EINVAL, "sim:/path/to/socket" },
		{ "", -EINVAL, "pci:0000:03:00.0" },
		{ "pci:", -EINVAL, "looks like" },
		{ "pci:0000:03:00.9", -EINVAL, "looks like" },
		{ "pci:0000:03:00.0/../../..", -EINVAL, "looks like" },
		{ "pci:00g0:03:00.0", -EINVAL, "looks like" },
		{ "pci:fffe:ff:1f.7", -ENODEV, "no PCI device" },
	};
	char why[400], path[300];
	struct adit_card *card = NULL;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int error = adit_card_open(cases[i].where, NULL, &card, why, sizeof(why));

		if (error != cases[i].error || !strstr(why, cases[i].word) || !strstr(why, cases[i].where))
			fail_msg("%s: error %d, \"%s\"", cases[i].where, error, why);
		assert_null(card);
	}
	memset(path, 'x', sizeof(path));
	memcpy(path, "sim:/", 5);
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(adit_card_open(path, NULL, &card, why, sizeof(why)), -EINVAL);
	assert_int_equal(adit_card_open("sim:/nonexistent/card", NULL, &card, NULL, 0), -ENOENT);
	assert_int_equal(adit_card_open("sim:/nonexistent/card", NULL, &card, why, 4), -ENOENT);
	assert_int_equal(strlen(why), 3);
}

static void ring_sizes_are_powers_of_two_in_range(void **state)
{
	static const struct adit_open_options cases[] = {
		{ .cmd_entries = 3 }, { .cmd_entries = 1 }, { .evt_entries = 65536 }, { .tx_entries = 100 },
		{ .rx_entries = 0x80000000u },
	};
	struct adit_card *card = NULL;
	char why[400];

	(void)state;
	NEEDS_FAKE();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fake *fake = fake_open();

		assert_int_equal(adit_card_open(fake->where, &cases[i], &card, why, sizeof(why)), -EINVAL);
		assert_non_null(strstr(why, "power of two"));
		fake_close(fake);
	}
}

static void a_killed_card_wakes_its_owner_and_fails_fast(void **state)
{
	struct rig rig;
	struct tally tally = { 0 };
	int error = 0;
	uint64_t cycles;

	(void)state;
	NEEDS_FAKE();
	rig = rig_open(NULL);
	assert_int_equal(adit_card_poll(rig.card, 8), 0);
	assert_false(rig_is_readable(rig.card));
	fake_hang_up(rig.fake);
	assert_true(rig_is_readable(rig.card));
	assert_int_equal(adit_card_poll(rig.card, 8), -ENODEV);
	assert_non_null(strstr(adit_card_strerror(rig.card), "closed the connection"));
	assert_int_equal(adit_nop(rig.card, tally_done, &tally), -ENODEV);
	assert_int_equal(adit_card_cycles(rig.card, &cycles), -ENODEV);
	assert_int_equal(adit_card_enable(rig.card, true), -ENODEV);
	assert_bounded(error = adit_card_recover(rig.card));
	assert_int_equal(error, -ENODEV);
	assert_bounded(adit_card_close(rig.card, true));
	rig.card = NULL;
	rig_close(&rig);
}

static void a_card_killed_in_mid_command_ends_the_wait(void **state)
{
	struct rig rig;
	struct adit_sa_state sa;
	struct tally tally = { 0 };
	int error = 0;

	(void)state;
	NEEDS_FAKE();
	rig = rig_open(NULL);
	assert_int_equal(adit_nop(rig.card, tally_done, &tally), 0);
	fake_set_wire_sin(rig.fake, REGION_WRITE, WIRE_CLOSE, 0);	/* at the doorbell */
	assert_bounded(error = adit_sa_query_wait(rig.card, 0, &sa));
	assert_int_equal(error, -ENODEV);
	assert_int_equal(tally.n, 0);
	rig_close(&rig);
	assert_int_equal(tally.n, 1);
	assert_int_equal(tally.status, -ECANCELED);
}

static void a_late_reply_is_skipped_and_the_next_counts(void **state)
{
	struct rig rig;
	uint64_t cycles = 0;
	int error = 0;

	(void)state;
	NEEDS_FAKE();
	rig = rig_open(NULL);
	fake_set_wire_sin(rig.fake, REGION_READ, WIRE_LATE, 0);
	assert_bounded(error = adit_card_cycles(rig.card, &cycles));
	assert_int_equal(error, -ETIMEDOUT);
	assert_int_equal(adit_card_recover(rig.card), 0);
	assert_int_equal(adit_card_cycles(rig.card, &cycles), 0);
	assert_int_equal(cycles, 0x5ffffffff);
	rig_close(&rig);
}

static void late_replies_without_end_end_in_an_error(void **state)
{
	struct rig rig;
	uint64_t cycles = 0;
	int error = 0;

	(void)state;
	NEEDS_FAKE();
	rig = rig_open(NULL);
	fake_set_wire_sin(rig.fake, REGION_READ, WIRE_FLOOD, 0);
	assert_bounded(error = adit_card_cycles(rig.card, &cycles));
	assert_int_equal(error, -ETIMEDOUT);
	assert_bounded(error = adit_card_recover(rig.card));
	assert_int_equal(error, -EIO);
	rig_close(&rig);
}

static void close_waits_for_a_silent_server_once_and_not_for_each_mapping(void **state)
{
	struct rig rig;
	uint64_t began_ms;

	(void)state;
	NEEDS_FAKE();
	rig = rig_open(NULL);
	fake_set_wire_sin(rig.fake, DMA_UNMAP, WIRE_SILENT, 0);
	began_ms = rig_now_ms();
	adit_card_close(rig.card, true);
	rig.card = NULL;
	assert_in_range(rig_now_ms() - began_ms, RIG_TIMEOUT_MS / 2, 3 * RIG_TIMEOUT_MS);
	rig_close(&rig);
}

static void the_capabilities_are_those_of_the_card(void **state)
{
	struct rig rig = rig_open(NULL);
	const struct adit_caps *caps = adit_card_caps(rig.card);

	(void)state;
	assert_int_equal(caps->major, 1);
	assert_true(caps->sa_slots >= 1024);
	assert_true(caps->sp_rules >= 64);
	assert_true(caps->pkt_rings >= 1);
	assert_true(caps->frame_bytes >= 1514);
	assert_true(caps->enc_mask & 1u << ADIT_ENC_AES_CBC_128);
	assert_true(caps->auth_mask & 1u << ADIT_AUTH_HMAC_SHA1_96);
	assert_true(caps->feature_mask & 1u << ADIT_FEATURE_ESP);
	if (rig.fake) {
		assert_int_equal(caps->sa_slots, 1024);
		assert_int_equal(caps->replay_packets, FAKE_REPLAY_PACKETS);
		assert_int_equal(caps->frame_bytes, 9600);
	}
	rig_close(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_broken_reply_ends_the_open_in_time),
		TEST(replies_cut_short_or_about_something_else_are_noticed),
		TEST(each_of_many_messages_may_be_the_one_that_fails),
		TEST(a_card_that_does_not_fit_is_refused_by_name),
		TEST(a_newer_minor_and_modest_servers_are_accepted),
		TEST(a_card_without_interrupts_works_by_polling),
		TEST(a_place_that_is_none_is_refused_by_name),
		TEST(ring_sizes_are_powers_of_two_in_range),
		TEST(a_killed_card_wakes_its_owner_and_fails_fast),
		TEST(a_card_killed_in_mid_command_ends_the_wait),
		TEST(a_late_reply_is_skipped_and_the_next_counts),
		TEST(late_replies_without_end_end_in_an_error),
		TEST(close_waits_for_a_silent_server_once_and_not_for_each_mapping),
		TEST(the_capabilities_are_those_of_the_card),
	};

	return cmocka_run_group_tests_name("driver/bus", tests, NULL, NULL);
}
