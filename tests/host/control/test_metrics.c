// SPDX-License-Identifier: BSD-2-Clause-Patent
/* What Prometheus reads, and how little whoever asks otherwise can do. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "control/metrics.h"
#include "exposition.h"
#include "fake_adit.h"
#include "support_config.h"

static const char text[] =
	"policies = ( " POLICY("a", "10.1.0.0/16", "manual_sa = \"m\";") ", " POLICY("b\\\"q\\\"\\\\", "10.2.0.0/16", "") " );"
	"manual_sas = ( " MANUAL("m", "0x1001", "0x1002") " );";

#define ENGINE ((struct ike *)8)
static struct ike_counters ike_counts;
static bool is_established;

static void each_sa(const struct ike *ike, void (*each)(void *arg, const struct ike_sa_view *view), void *arg)
{
	static const char *const states[] = { "established", "message-1-sent", "established" };

	(void)ike;
	for (unsigned i = 0; i < 3; i++)
		each(arg, &(struct ike_sa_view){ .state = states[i] });
}

static void each_child(const struct ike *ike, void (*each)(void *arg, const struct ike_child_view *view), void *arg)
{
	(void)ike;
	each(arg, &(struct ike_child_view){ .state = "dying" });
}

static const char *ph2_state(const struct ike *ike, const char *policy)
{
	(void)ike;
	(void)policy;
	return is_established ? "established" : "no-phase2";
}

static const struct ike_counters *counters(const struct ike *ike)
{
	(void)ike;
	return &ike_counts;
}

static void each_installed(const struct offload *offload, void (*each)(void *arg, const struct child_view *view), void *arg)
{
	static const struct sa_set set = { .n = 4 };

	(void)offload;
	each(arg, &(struct child_view){ .sas = &set, .has_inbound = true });
}

static const struct words_engine table = { .each_sa = each_sa, .each_child = each_child, .ph2_state = ph2_state, .counters = counters,
					   .each_installed = each_installed };

struct rig {
	struct config *config;
	struct words_view view;
	struct host_counters host;
	struct slowpath_counts slowpath;
	sd_event *event;
	struct metrics *metrics;
};

static void poll_card(void)
{
	assert_true(adit_card_poll(fake_card(), 256) >= 0);
}

static int setup(void **state)
{
	static char why[OFFLOAD_WHY_BYTES];
	struct rig *rig = calloc(1, sizeof(*rig));
	struct adit_addr loopback = { .bytes = { 127, 0, 0, 1 } };
	struct offload_changes changes;
	struct plan *plan = plan_of(text);

	fake_reset();
	rig->config = config_of(text);
	rig->view = (struct words_view){ .config = rig->config, .offload = offload_open(fake_card()), .card = fake_card(), .counters = &rig->host,
					 .slowpath = &rig->slowpath, .ike = ENGINE, .engine = &table };
	assert_int_equal(offload_apply(rig->view.offload, plan, false, &changes, why), 0);
	plan_free(plan);
	assert_true(sd_event_new(&rig->event) >= 0);
	assert_int_equal(metrics_open(&rig->metrics, rig->event, &loopback, 0, &rig->view, why, sizeof(why)), 0);
	*state = rig;
	return 0;
}

static int teardown(void **state)
{
	struct rig *rig = *state;

	metrics_close(rig->metrics);
	poll_card();	/* what the card still owed */
	(void)sd_event_unref(rig->event);
	offload_close(rig->view.offload);
	config_free(rig->config);
	free(rig);
	return 0;
}

static int dial(struct rig *rig)
{
	struct sockaddr_in addr = { .sin_family = AF_INET, .sin_port = htons(metrics_port(rig->metrics)), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(connect(fd, (const struct sockaddr *)&addr, sizeof(addr)), 0);
	return fd;
}

/* Until the other side has closed; the daemon's loop and the card run meanwhile. */
static size_t take_all(struct rig *rig, int fd, char *out, size_t room)
{
	size_t used = 0;

	for (unsigned turns = 0; turns < 400; turns++) {
		ssize_t n;

		assert_true(sd_event_run(rig->event, 5000) >= 0);
		poll_card();
		n = recv(fd, out + used, room - used - 1, MSG_DONTWAIT);
		if (n == 0 || (n < 0 && errno == ECONNRESET))
			break;
		if (n > 0)
			used += (size_t)n;
	}
	out[used] = 0;
	return used;
}

static char *ask(struct rig *rig, const char *request)
{
	char *answer = malloc(1 << 18);
	int fd = dial(rig);

	assert_int_equal(send(fd, request, strlen(request), MSG_NOSIGNAL), (ssize_t)strlen(request));
	(void)take_all(rig, fd, answer, 1 << 18);
	(void)close(fd);
	return answer;
}

static void expect(struct rig *rig, const char *request, const char *status)
{
	char *answer = ask(rig, request);

	if (strncmp(answer, status, strlen(status)) != 0)
		fail_msg("%s\nanswered %.60s", request, answer);
	free(answer);
}

/* Head and page of a good answer agree. */
static struct exposition *read_page(struct rig *rig)
{
	char *answer = ask(rig, "GET /metrics HTTP/1.1\r\nHost: x\r\nAccept: */*\r\n\r\n"), *page = strstr(answer, "\r\n\r\n"), *length;
	struct exposition *read;

	assert_non_null(page);
	page += 4;
	assert_ptr_equal(strstr(answer, "HTTP/1.0 200 OK\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"), answer);
	length = strstr(answer, "Content-Length: ");
	assert_int_equal(strtoul(length + 16, NULL, 10), strlen(page));
	read = exposition_read(page);
	free(answer);
	return read;
}

static void the_page_is_what_the_format_says_and_has_every_counter_once(void **state)
{
	struct rig *rig = *state;
	struct exposition *page;
	uint64_t n = 5000;

#define X(name) ike_counts.name = n++;
	IKE_COUNTERS(X)
#undef X
	rig->host.acquires = 77;
	rig->slowpath.sealed = 78;
	fake.counts[0].out_transformed = 79;
	is_established = true;
	page = read_page(rig);
	n = 5000;
#define X(name) assert_true(exposition_value(page, "adit_ike_" #name "_total") == (double)n++);
	IKE_COUNTERS(X)
#undef X
	assert_true(exposition_value(page, "adit_host_acquires_total") == 77);
	assert_true(exposition_value(page, "adit_slowpath_sealed_packets_total") == 78);
	assert_true(exposition_value(page, "adit_policy_packets_total{policy=\"a\",direction=\"out\",verdict=\"transformed\"}") == 79);
	assert_true(exposition_value(page, "adit_policy_packets_total{policy=\"b\\\"q\\\"\\\\\",direction=\"in\",verdict=\"dropped\"}") == 0);
	assert_true(exposition_value(page, "adit_policy_established{policy=\"b\\\"q\\\"\\\\\"}") == 1);
	assert_true(exposition_value(page, "adit_reason_packets_total{reason=\"XfrmInNoStates\"}") == 4);
	assert_true(exposition_value(page, "adit_ike_sas{state=\"established\"}") == 2);
	assert_true(exposition_value(page, "adit_ike_sas{state=\"message-1-sent\"}") == 1);
	assert_true(exposition_value(page, "adit_ike_children{state=\"mature\"}") == 0);
	assert_true(exposition_value(page, "adit_ike_children{state=\"dying\"}") == 1);
	assert_true(exposition_value(page, "adit_sas{origin=\"manual\",direction=\"out\"}") == 1);
	assert_true(exposition_value(page, "adit_sas{origin=\"ike\",direction=\"in\"}") == 2);	/* a bundle */
	assert_true(exposition_value(page, "adit_sas{origin=\"ike\",direction=\"out\"}") == 0);
	assert_true(exposition_value(page, "adit_card_up") == 1);
	assert_true(exposition_value(page, "adit_build_info{version=\"0.1.0\"}") == 1);
	free(page);
}

static void a_card_that_does_not_answer_delays_the_page_but_little(void **state)
{
	struct rig *rig = *state;
	struct exposition *page;
	int64_t before_ms = offload_now_ms();

	fake.is_deaf = true;
	page = read_page(rig);
	assert_true(offload_now_ms() - before_ms < 5000);
	assert_true(exposition_value(page, "adit_card_up") == 1);
	free(page);
	page = read_page(rig);	/* and once more, while the first questions are still out */
	free(page);
	fake.is_deaf = false;
	page = read_page(rig);
	free(page);
	page = read_page(rig);
	assert_true(exposition_value(page, "adit_reason_packets_total{reason=\"XfrmInNoStates\"}") == 4);
	free(page);
	rig->view.card = NULL;
	page = read_page(rig);
	assert_true(exposition_value(page, "adit_card_up") == 0);
	free(page);
}

static void nothing_else_can_be_asked(void **state)
{
	static char is_long[METRICS_REQUEST_BYTES + 100];

	expect(*state, "GET / HTTP/1.0\r\n\r\n", "HTTP/1.0 404 ");
	expect(*state, "GET /metrics/ HTTP/1.0\r\n\r\n", "HTTP/1.0 404 ");
	expect(*state, "GET /metrics?x=1 HTTP/1.0\r\n\r\n", "HTTP/1.0 404 ");
	expect(*state, "POST /metrics HTTP/1.0\r\n\r\n", "HTTP/1.0 405 Method Not Allowed\r\n");
	expect(*state, "HEAD /metrics HTTP/1.0\r\n\r\n", "HTTP/1.0 405 ");
	expect(*state, "GET /metrics\r\n\r\n", "HTTP/1.0 400 ");
	expect(*state, "GET /metrics SPDY/3\r\n\r\n", "HTTP/1.0 400 ");
	expect(*state, "\r\n\r\n", "HTTP/1.0 400 ");
	expect(*state, "GET /metrics HTTP/1.0\n\n", "HTTP/1.0 200 ");
	(void)snprintf(is_long, sizeof(is_long), "GET /metrics HTTP/1.0\r\nX: %0*d", METRICS_REQUEST_BYTES + 10, 0);
	expect(*state, is_long, "HTTP/1.0 431 ");
}

static void every_truncation_of_a_request_is_survived(void **state)
{
	static const char request[] = "GET /metrics HTTP/1.0\r\n\r\n";
	struct rig *rig = *state;

	for (size_t n = 0; n < sizeof(request) - 1; n++) {
		char answer[256];
		int fd = dial(rig);

		assert_int_equal(send(fd, request, n, MSG_NOSIGNAL), (ssize_t)n);
		assert_int_equal(shutdown(fd, SHUT_WR), 0);
		assert_int_equal(take_all(rig, fd, answer, sizeof(answer)), 0);
		(void)close(fd);
	}
	expect(rig, request, "HTTP/1.0 200 ");
}

static void eight_clients_that_say_nothing_keep_only_themselves_waiting(void **state)
{
	struct rig *rig = *state;
	char answer[64];
	int fds[METRICS_CLIENTS], ninth;

	for (unsigned i = 0; i < METRICS_CLIENTS; i++)
		fds[i] = dial(rig);
	for (unsigned i = 0; i < METRICS_CLIENTS; i++)
		assert_true(sd_event_run(rig->event, 1000000) >= 0);
	ninth = dial(rig);
	assert_int_equal(take_all(rig, ninth, answer, sizeof(answer)), 0);	/* turned away */
	(void)close(ninth);
	(void)close(fds[0]);
	assert_true(sd_event_run(rig->event, 1000000) >= 0);
	expect(rig, "GET /metrics HTTP/1.0\r\n\r\n", "HTTP/1.0 200 ");
	for (unsigned i = 1; i < METRICS_CLIENTS; i++)
		(void)close(fds[i]);
}

static void a_client_that_goes_before_its_page_harms_nobody(void **state)
{
	struct rig *rig = *state;

	for (unsigned i = 0; i < 20; i++) {
		int fd = dial(rig);

		assert_int_equal(send(fd, "GET /metrics HTTP/1.0\r\n\r\n", 25, MSG_NOSIGNAL), 25);
		for (unsigned k = 0; k <= i % 4; k++)
			assert_true(sd_event_run(rig->event, 2000) >= 0);
		(void)close(fd);
		poll_card();
	}
	expect(rig, "GET /metrics HTTP/1.0\r\n\r\n", "HTTP/1.0 200 ");
}

static void closing_while_the_card_owes_an_answer_leaves_nothing_behind(void **state)
{
	struct rig *rig = *state;
	struct adit_addr loopback = { .bytes = { 127, 0, 0, 1 } };
	char why[128];
	int fd = dial(rig);

	fake.is_deaf = true;
	assert_int_equal(send(fd, "GET /metrics HTTP/1.0\r\n\r\n", 25, MSG_NOSIGNAL), 25);
	for (unsigned i = 0; i < 3; i++)
		assert_true(sd_event_run(rig->event, 10000) >= 0);
	metrics_close(rig->metrics);
	fake.is_deaf = false;
	assert_true(adit_card_poll(fake_card(), 256) > 0);	/* the sanitizers look on */
	assert_int_equal(metrics_open(&rig->metrics, rig->event, &loopback, 0, &rig->view, why, sizeof(why)), 0);
	expect(rig, "GET /metrics HTTP/1.0\r\n\r\n", "HTTP/1.0 200 ");
	(void)close(fd);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(the_page_is_what_the_format_says_and_has_every_counter_once),
		TEST(a_card_that_does_not_answer_delays_the_page_but_little),
		TEST(nothing_else_can_be_asked),
		TEST(every_truncation_of_a_request_is_survived),
		TEST(eight_clients_that_say_nothing_keep_only_themselves_waiting),
		TEST(a_client_that_goes_before_its_page_harms_nobody),
		TEST(closing_while_the_card_owes_an_answer_leaves_nothing_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
