// SPDX-License-Identifier: BSD-2-Clause-Patent
/* The log in memory, the word log, and those who follow it. */
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "control/words.h"
#include "fake_adit.h"
#include "support_config.h"

static const char text[] =
	"peers = ( { name = \"office2\"; address = \"198.51.100.1\"; secret = \"a-good-long-secret\"; }, "
	"{ name = \"office3\"; address = \"198.51.100.2\"; secret = \"a-good-long-secret\"; } );";

struct rig {
	struct words_view view;
	struct config *config;
	struct journal *journal;
	sd_event *event;
	struct control *control;
	char folder[32], path[64];
};

static int setup(void **state)
{
	struct rig *rig = calloc(1, sizeof(*rig));
	char why[256];

	rig->config = config_of(text);
	rig->journal = journal_open();
	assert_non_null(rig->journal);
	log_set_level(LOG_LEVEL_ERROR);	/* stderr stays quiet; the journal keeps its own counsel */
	rig->view = (struct words_view){ .config = rig->config, .journal = rig->journal };
	(void)snprintf(rig->folder, sizeof(rig->folder), "/tmp/adit-journal-XXXXXX");
	assert_non_null(mkdtemp(rig->folder));
	(void)snprintf(rig->path, sizeof(rig->path), "%s/ctl", rig->folder);
	assert_true(sd_event_new(&rig->event) >= 0);
	assert_int_equal(control_open(&rig->control, rig->event, rig->path, words_answer, &rig->view, why, sizeof(why)), 0);
	control_use_journal(rig->control, rig->journal);
	*state = rig;
	return 0;
}

static int teardown(void **state)
{
	struct rig *rig = *state;

	control_close(rig->control);
	journal_close(rig->journal);
	(void)sd_event_unref(rig->event);
	(void)rmdir(rig->folder);
	config_free(rig->config);
	free(rig);
	return 0;
}

static json_object *answer_of(struct rig *rig, const char *line)
{
	return control_answer_line(line, strlen(line), words_answer, &rig->view);
}

/* The lines of an answer; the answer is the caller's. */
static json_object *lines_of(json_object *answer)
{
	json_object *result = NULL;

	assert_true(json_object_object_get_ex(answer, "result", &result));
	return result;
}

static const char *part(json_object *line, const char *key)
{
	json_object *value = NULL;

	assert_true(json_object_object_get_ex(line, key, &value));
	return json_object_get_string(value);
}

static void expect_error(struct rig *rig, const char *line, const char *error)
{
	json_object *answer = answer_of(rig, line);

	assert_non_null(strstr(part(answer, "error"), error));
	json_object_put(answer);
}

static void count_line(void *arg, const struct journal_line *line)
{
	(void)line;
	++*(unsigned *)arg;
}

/* ---- the journal */

static void the_last_thousand_lines_are_kept_in_their_order(void **state)
{
	struct rig *rig = *state;
	char line[32];
	json_object *answer, *lines;

	for (unsigned i = 1; i <= 2500; i++) {
		(void)snprintf(line, sizeof(line), "line %u", i);
		journal_put(rig->journal, LOG_LEVEL_INFO, "", line);
	}
	answer = answer_of(rig, "{\"word\":\"log\"}");
	lines = lines_of(answer);
	assert_int_equal(json_object_array_length(lines), JOURNAL_LINES);
	for (unsigned i = 0; i < JOURNAL_LINES; i++) {
		(void)snprintf(line, sizeof(line), "line %u", 1501 + i);
		assert_string_equal(part(json_object_array_get_idx(lines, i), "text"), line);
	}
	assert_string_equal(part(json_object_array_get_idx(lines, 0), "sequence"), "1501");
	json_object_put(answer);
	answer = answer_of(rig, "{\"word\":\"log\",\"lines\":2}");
	lines = lines_of(answer);
	assert_int_equal(json_object_array_length(lines), 2);
	assert_string_equal(part(json_object_array_get_idx(lines, 1), "text"), "line 2500");
	json_object_put(answer);
}

static void a_line_has_its_times_its_level_and_its_peer(void **state)
{
	struct rig *rig = *state;
	json_object *answer, *line;

	journal_put(rig->journal, LOG_LEVEL_WARNING, "office2", "phase 1: NO-PROPOSAL-CHOSEN");
	answer = answer_of(rig, "{\"word\":\"log\"}");
	line = json_object_array_get_idx(lines_of(answer), 0);
	assert_string_equal(part(line, "level"), "warning");
	assert_string_equal(part(line, "peer"), "office2");
	assert_string_equal(part(line, "text"), "phase 1: NO-PROPOSAL-CHOSEN");
	assert_int_equal(strlen(part(line, "time")), strlen("2026-01-31T23:59:59.000Z"));
	assert_true(atoll(part(line, "monotonic_ms")) <= offload_now_ms() && atoll(part(line, "monotonic_ms")) > offload_now_ms() - 10000);
	json_object_put(answer);
}

static void lines_are_filtered_by_peer_and_level(void **state)
{
	struct rig *rig = *state;
	struct journal_filter filter = { .peer = "office2", .level = LOG_LEVEL_WARNING };
	unsigned n = 0;

	journal_put(rig->journal, LOG_LEVEL_INFO, "office2", "a");
	journal_put(rig->journal, LOG_LEVEL_WARNING, "office2", "b");
	journal_put(rig->journal, LOG_LEVEL_ERROR, "office3", "c");
	journal_put(rig->journal, LOG_LEVEL_DEBUG, "office2", "d");	/* not kept */
	log_error("e");	/* nobody's line: base/log's */
	journal_each(rig->journal, &filter, JOURNAL_LINES, count_line, &n);
	assert_int_equal(n, 1);
	filter = (struct journal_filter){ .level = LOG_LEVEL_DEBUG };
	n = 0;
	journal_each(rig->journal, &filter, JOURNAL_LINES, count_line, &n);
	assert_int_equal(n, 4);
	expect_error(rig, "{\"word\":\"log\",\"peer\":\"ofice2\"}", "there is no peer \"ofice2\"; did you mean \"office2\"?");
	expect_error(rig, "{\"word\":\"log\",\"peer\":\"zzzzz\"}", "there is no peer \"zzzzz\"");
	expect_error(rig, "{\"word\":\"log\",\"level\":\"loud\"}", "level is error, warning, notice, info or debug");
	expect_error(rig, "{\"word\":\"log\",\"lines\":1001}", "lines is 0 to 1000");
	expect_error(rig, "{\"word\":\"log\",\"lines\":-1}", "lines is 0 to 1000");
	expect_error(rig, "{\"word\":\"log\",\"follow\":true}", "followers");	/* nobody there who could */
}

static void a_peer_s_bytes_stay_one_line_of_utf8_and_long_ones_are_cut(void **state)
{
	static const struct { const char *from, *to; } rows[] = {
		{ "a\nb\tc\x7f", "a?b?c?" }, { "\xc3\xa9", "\xc3\xa9" }, { "\xc3", "?" }, { "\xc0\x80", "??" }, { "\xed\xa0\x80", "???" },
		{ "\xf4\x90\x80\x80", "????" }, { "\xf0\x9f\x94\x91", "\xf0\x9f\x94\x91" }, { "", "" },
	};
	char out[64], small[8], is_long[2000];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		journal_clean(rows[i].from, out, sizeof(out));
		assert_string_equal(out, rows[i].to);
	}
	journal_clean("1234567", small, sizeof(small));
	assert_string_equal(small, "1234567");
	journal_clean("12345678", small, sizeof(small));
	assert_string_equal(small, "1234...");
	journal_clean("123\xc3\xa9\xc3\xa9z", small, sizeof(small));	/* 8 bytes: cut between characters */
	assert_string_equal(small, "123...");
	memset(is_long, 'x', sizeof(is_long) - 1);
	is_long[sizeof(is_long) - 1] = 0;
	for (size_t n = 4; n < 64; n++) {
		journal_clean(is_long, out, n);
		assert_int_equal(strlen(out), n - 1);
	}
}

/* ---- followers */

static int dial(struct rig *rig, const char *request)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	(void)snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", rig->path);
	assert_int_equal(connect(fd, (const struct sockaddr *)&addr, sizeof(addr)), 0);
	assert_int_equal(write(fd, request, strlen(request)), (ssize_t)strlen(request));
	return fd;
}

static void turn(struct rig *rig, unsigned n)
{
	while (n--)
		assert_true(sd_event_run(rig->event, 1000) >= 0);
}

static size_t take(int fd, char *out, size_t room)
{
	ssize_t n = read(fd, out, room - 1);

	out[n < 0 ? 0 : n] = 0;
	return n < 0 ? 0 : (size_t)n;
}

static void a_follower_gets_what_passes_as_it_happens(void **state)
{
	struct rig *rig = *state;
	char got[4096];
	int fd;

	journal_put(rig->journal, LOG_LEVEL_INFO, "office2", "before");
	fd = dial(rig, "{\"word\":\"log\",\"peer\":\"office2\",\"level\":\"debug\",\"follow\":true}\n");
	turn(rig, 5);
	assert_true(take(fd, got, sizeof(got)) > 0);
	assert_non_null(strstr(got, "{\"ok\":true,\"result\":[{"));
	assert_non_null(strstr(got, "\"text\":\"before\"}]}\n"));
	journal_put(rig->journal, LOG_LEVEL_INFO, "office3", "another's");
	journal_put(rig->journal, LOG_LEVEL_DEBUG, "office2", "now");
	journal_put(rig->journal, LOG_LEVEL_NOTICE, "office2", "and now");
	turn(rig, 3);
	assert_true(take(fd, got, sizeof(got)) > 0);
	assert_ptr_equal(strstr(got, "{\"line\":{\"sequence\":3,"), got);
	assert_non_null(strstr(got, "\"text\":\"now\"}}\n{\"line\":{\"sequence\":4,"));
	assert_non_null(strstr(got, "\"text\":\"and now\"}}\n"));
	assert_null(strstr(got, "another's"));
	close(fd);
	turn(rig, 3);
	journal_put(rig->journal, LOG_LEVEL_INFO, "office2", "after it went");
}

static void a_follower_that_does_not_read_is_cut_off_and_delays_nobody(void **state)
{
	static const char version[] = "{\"word\":\"version\"}\n";
	struct rig *rig = *state;
	int slow = dial(rig, "{\"word\":\"log\",\"follow\":true}\n"), small = 4096, other;
	char line[JOURNAL_TEXT_BYTES], got[65536];
	size_t n = 0, more;

	assert_int_equal(setsockopt(slow, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small)), 0);
	turn(rig, 4);
	memset(line, 'x', sizeof(line) - 1);
	line[sizeof(line) - 1] = 0;
	for (unsigned i = 0; i < 4000; i++) {
		journal_put(rig->journal, LOG_LEVEL_INFO, "", line);
		if (i % 10 == 0)
			assert_true(sd_event_run(rig->event, 0) >= 0);
	}
	other = dial(rig, version);
	for (unsigned i = 0; i < 10; i++)
		assert_true(sd_event_run(rig->event, 0) >= 0);
	assert_true(take(other, got, sizeof(got)) > 0);
	assert_non_null(strstr(got, "\"ok\":true"));
	while ((more = take(slow, got, sizeof(got))) > 0)
		n += more;
	assert_true(n < 4000 * sizeof(line));	/* not all of it was kept for it */
	assert_int_equal(read(slow, got, 1), 0);	/* and it is cut off */
	close(slow);
	close(other);
}

static void followers_leave_room_for_those_who_ask(void **state)
{
	struct rig *rig = *state;
	int fds[CONTROL_FOLLOWERS + 1];
	char got[4096];

	for (unsigned i = 0; i <= CONTROL_FOLLOWERS; i++) {
		fds[i] = dial(rig, "{\"word\":\"log\",\"follow\":true}\n");
		turn(rig, 3);
		assert_true(take(fds[i], got, sizeof(got)) > 0);
		assert_non_null(strstr(got, i < CONTROL_FOLLOWERS ? "\"ok\":true" : "there are too many followers already"));
	}
	close(fds[0]);
	turn(rig, 2);
	fds[0] = dial(rig, "{\"word\":\"log\",\"follow\":true}\n");
	turn(rig, 3);
	assert_true(take(fds[0], got, sizeof(got)) > 0);
	assert_non_null(strstr(got, "\"ok\":true"));
	for (unsigned i = 0; i <= CONTROL_FOLLOWERS; i++)
		close(fds[i]);
}

static void what_a_follower_says_is_not_heard(void **state)
{
	struct rig *rig = *state;
	int fd = dial(rig, "{\"word\":\"log\",\"follow\":true}\n{\"word\":\"version\"}\n");
	char got[4096];

	turn(rig, 4);
	assert_true(take(fd, got, sizeof(got)) > 0);
	assert_null(strstr(got, "contract_version"));
	assert_int_equal(write(fd, "{\"word\":\"version\"}\n", 19), 19);
	turn(rig, 2);
	journal_put(rig->journal, LOG_LEVEL_INFO, "", "still here");
	turn(rig, 2);
	assert_true(take(fd, got, sizeof(got)) > 0);
	assert_ptr_equal(strstr(got, "{\"line\":"), got);
	close(fd);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(the_last_thousand_lines_are_kept_in_their_order),
		TEST(a_line_has_its_times_its_level_and_its_peer),
		TEST(lines_are_filtered_by_peer_and_level),
		TEST(a_peer_s_bytes_stay_one_line_of_utf8_and_long_ones_are_cut),
		TEST(a_follower_gets_what_passes_as_it_happens),
		TEST(a_follower_that_does_not_read_is_cut_off_and_delays_nobody),
		TEST(followers_leave_room_for_those_who_ask),
		TEST(what_a_follower_says_is_not_heard),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
