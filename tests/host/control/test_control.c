// SPDX-License-Identifier: BSD-2-Clause-Patent
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "control/words.h"
#include "fake_adit.h"
#include "support_config.h"

#define SECRET "a-secret-not-to-be-shown"
static const char text[] =
	"local_addresses = ( \"192.0.2.1\" ); peers = ( { name = \"peer1\"; secret = \"" SECRET "\"; } );"
	"proposals = ( { name = \"prop1\"; enc_algorithms = [ \"aes-128-cbc\", \"aes-256-gcm\" ]; } );"
	"policies = ( " POLICY("a", "10.1.0.0/16", "manual_sa = \"m\"; protocol = \"tcp\"; dst_port = 443;") " ); manual_sas = ( "
	MANUAL("m", "0x1001", "0x1002") " );";

struct rig {
	struct config *config;
	struct words_view view;
	struct host_counters counters;
	struct slowpath_counts slowpath;
	bool may_reload;
	unsigned n_failed;
	sd_event *event;
	struct control *control;
	char folder[32], path[64];
};

static bool reload(void *arg, bool is_dry, json_object *result, json_object *errors)
{
	struct rig *rig = arg;

	if (!rig->may_reload)
		json_object_array_add(errors, json_object_new_string("x.conf:1: bad"));
	json_object_object_add(result, "dry_run", json_object_new_boolean(is_dry));
	return rig->may_reload;
}

static void card_failed(void *arg)
{
	((struct rig *)arg)->n_failed++;
}

static int setup(void **state)
{
	static char why[OFFLOAD_WHY_BYTES];
	struct rig *rig = calloc(1, sizeof(*rig));
	struct offload_changes changes;
	struct plan *plan = plan_of(text);

	fake_reset();
	rig->config = config_of(text);
	rig->may_reload = true;
	rig->view = (struct words_view){ .config = rig->config, .offload = offload_open(fake_card()), .card = fake_card(),
		.card_name = "sim:/fake", .counters = &rig->counters, .slowpath = &rig->slowpath, .reload = reload, .card_failed = card_failed, .arg = rig };
	assert_int_equal(offload_apply(rig->view.offload, plan, false, &changes, why), 0);
	plan_free(plan);
	(void)snprintf(rig->folder, sizeof(rig->folder), "/tmp/adit-control-XXXXXX");
	assert_non_null(mkdtemp(rig->folder));
	(void)snprintf(rig->path, sizeof(rig->path), "%s/ctl", rig->folder);
	assert_true(sd_event_new(&rig->event) >= 0);
	assert_int_equal(control_open(&rig->control, rig->event, rig->path, words_answer, &rig->view, why, sizeof(why)), 0);
	*state = rig;
	return 0;
}

static int teardown(void **state)
{
	struct rig *rig = *state;

	control_close(rig->control);
	assert_int_equal(access(rig->path, F_OK), -1);	/* the socket goes with the daemon */
	(void)sd_event_unref(rig->event);
	(void)rmdir(rig->folder);
	offload_close(rig->view.offload);
	config_free(rig->config);
	free(rig);
	return 0;
}

/* The answer to a line; the caller frees. */
static char *ask(struct rig *rig, const char *line)
{
	json_object *answer = control_answer_line(line, strlen(line), words_answer, &rig->view);
	char *copy = strdup(json_object_to_json_string_ext(answer, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));

	json_object_put(answer);
	return copy;
}

static void expect(struct rig *rig, const char *line, const char *part)
{
	char *answer = ask(rig, line);

	if (!strstr(answer, part))
		fail_msg("%s\n  answered %s\n  without %s", line, answer, part);
	free(answer);
}

static void every_word_answers(void **state)
{
	expect(*state, "{\"word\":\"policy\"}", "\"name\":\"a\",\"src_address\":\"10.1.0.0/16\",\"dst_address\":\"10.9.0.0/16\","
	       "\"protocol\":\"tcp\",\"src_port\":\"any\",\"dst_port\":\"443\"");
	expect(*state, "{\"word\":\"policy\"}", "\"ph2_state\":\"established\"");
	expect(*state, "{\"word\":\"peer\"}", "\"name\":\"peer1\"");
	expect(*state, "{\"word\":\"proposal\"}", "\"enc_algorithms\":[\"aes-128-cbc\",\"aes-256-gcm\"]");
	expect(*state, "{\"word\":\"manual-sa\"}", "\"esp_spi_in\":\"0x00001001\"");
	expect(*state, "{\"word\":\"installed-sa\"}", "\"direction\":\"in\",\"spi\":\"0x00001001\"");
	expect(*state, "{\"word\":\"statistics\"}", "{\"reason\":\"XfrmInNoStates\",\"code\":4,\"packets\":4,");
	expect(*state, "{\"word\":\"card\"}", "\"cycles\":12345");
	expect(*state, "{\"word\":\"version\"}", "\"ok\":true");
	expect(*state, "{\"word\":\"reload\",\"dry_run\":true}", "\"dry_run\":true");
	expect(*state, "{\"word\":\"installed-sa flush\",\"sa_type\":\"esp\"}", "\"flushed_sas\":2");
	expect(*state, "{\"word\":\"installed-sa\"}", "\"result\":[]");
	expect(*state, "{\"word\":\"policy\"}", "\"ph2_state\":\"no-phase2\"");
}

#define BUNDLE_SA MANUAL_WITH("b", "0x3001", "0x3002", AH("0x4001", "0x4002") " esn = true; replay_window = 64; path_mtu = 1400; " \
	"lifetime = \"1h\"; lifebytes = 1000; dscp = 46; df = \"clear\"; ttl = 9; ")

/* Apply another configuration to the rig's card. */
static void become(struct rig *rig, const char *other)
{
	struct offload_changes changes;
	struct plan *plan = plan_of(other);
	char why[OFFLOAD_WHY_BYTES];

	config_free(rig->config);
	rig->config = config_of(other);
	rig->view.config = rig->config;
	fake.caps.feature_mask |= 1u << ADIT_FEATURE_AH | 1u << ADIT_FEATURE_BUNDLE;
	assert_int_equal(offload_apply(rig->view.offload, plan, false, &changes, why), 0);
	plan_free(plan);
}

static void a_bundle_is_told_layer_by_layer(void **state)
{
	struct rig *rig = *state;

	become(rig, "policies = ( " POLICY("a", "10.1.0.0/16", "manual_sa = \"b\"; ipsec_protocols = [ \"ah\", \"esp\" ]; protocol = \"udp\";"
					  "src_port = \"opaque\"; dst_port = \"opaque\";") " ); manual_sas = ( " BUNDLE_SA " );");
	fake.states[2].packets = 5;
	fake.states[2].soft_expired = true;
	expect(rig, "{\"word\":\"policy\"}", "\"src_port\":\"opaque\",\"dst_port\":\"opaque\"");
	expect(rig, "{\"word\":\"policy\"}", "\"ipsec_protocols\":[\"esp\",\"ah\"]");
	expect(rig, "{\"word\":\"installed-sa\"}", "\"state\":\"expiring\",\"direction\":\"in\",\"spi\":\"0x00003001\",\"protocol\":\"esp\","
	       "\"ah\":false,\"esp\":true,\"pfs\":false,\"mode\":\"tunnel\"");
	expect(rig, "{\"word\":\"installed-sa\"}", "\"layer\":\"inner\",\"transform\":\"card\",\"esn\":true");
	expect(rig, "{\"word\":\"installed-sa\"}", "\"layer\":\"outer\"");
	expect(rig, "{\"word\":\"installed-sa\"}", "\"spi\":\"0x00004002\",\"protocol\":\"ah\",\"ah\":true,\"esp\":false");
	expect(rig, "{\"word\":\"installed-sa\"}", "\"lifetime_soft_seconds\":2880,\"lifetime_hard_seconds\":3600,\"expires_in_seconds\":3600,"
	       "\"lifetime_soft_bytes\":800,\"lifetime_hard_bytes\":1000,");
	/* 1400 - 24 (AH) - 20 (IP) - 8 (ESP) - 16 (IV) - 12 (ICV) = 1320: 82 blocks of 16, less the trailer's 2 bytes */
	expect(rig, "{\"word\":\"installed-sa\"}", "\"path_mtu_bytes\":1400,\"inner_mtu_bytes\":1310,");
	expect(rig, "{\"word\":\"manual-sa\"}", "\"ah_spi_out\":\"0x00004002\",\"ah_algorithm\":\"sha1\",\"allow_null_authentication\":false,"
	       "\"lifetime_seconds\":3600,\"lifetime_bytes\":1000,\"lifetime_packets\":0,\"esn\":true,\"replay_window_packets\":64,"
	       "\"nat_traversal\":false,\"nat_traversal_local_port\":4500,\"nat_traversal_remote_port\":4500,\"dscp\":46,\"df\":\"clear\","
	       "\"ecn\":true,\"ttl\":9,\"flow_label\":0,\"path_mtu_bytes\":1400,\"tfc_padding_bytes\":0}");
	expect(rig, "{\"word\":\"manual-sa\",\"keys\":true}", "\"ah_key_in\":\"" KEY20B "\"");
	expect(rig, "{\"word\":\"card\"}", "\"sa_slots_used\":4");
	expect(rig, "{\"word\":\"card\"}", "\"host_limits_packets_per_second\":{\"HostArp\":200,\"HostNd\":200,\"HostFragment\":2000,"
	       "\"HostTooBig\":100,\"HostSplit\":2000}");
	fake.states[3].hard_expired = true;
	expect(rig, "{\"word\":\"installed-sa\"}", "\"state\":\"expired\",\"direction\":\"out\"");
	expect(rig, "{\"word\":\"policy\"}", "\"ph2_state\":\"expired\"");
	expect(rig, "{\"word\":\"installed-sa flush\",\"sa_type\":\"ah\"}", "\"flushed_sas\":4");
}

static void what_the_host_did_for_the_card_is_told(void **state)
{
	struct rig *rig = *state;

	rig->slowpath = (struct slowpath_counts){ .sealed = 1, .opened = 2, .open_refused = 3, .reassembled = 4, .split = 5,
						  .too_big_answers = 6, .expired = 7, .mended = 8, .dropped = 9,
						  .fragments = { [REASSEMBLY_KEPT] = 11 } };
	rig->counters.ike_packets = 12;
	expect(rig, "{\"word\":\"statistics\"}", "\"ike_packets\":12");
	expect(rig, "{\"word\":\"statistics\"}", "\"slowpath\":{\"sealed_packets\":1,\"opened_packets\":2,\"open_refused_packets\":3,"
	       "\"split_packets\":5,\"too_big_answers\":6,\"reassembled_packets\":4,\"expired_datagrams\":7,"
	       "\"mended_checksum_packets\":8,\"dropped_packets\":9,\"fragments_packets\":{");
	expect(rig, "{\"word\":\"statistics\"}", "\":11,");
}

static void keys_are_told_only_when_asked_for(void **state)
{
	static const char *const words[] = { "policy", "peer", "proposal", "manual-sa", "installed-sa", "statistics", "card" };
	char line[128], *answer;

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		(void)snprintf(line, sizeof(line), "{\"word\":\"%s\"}", words[i]);
		answer = ask(*state, line);
		assert_null(strstr(answer, &KEY16[2]));
		assert_null(strstr(answer, &KEY20[2]));
		assert_null(strstr(answer, SECRET));
		free(answer);
	}
	expect(*state, "{\"word\":\"installed-sa\",\"keys\":true}", "\"enc_key\":\"" KEY16 "\",\"auth_key\":\"" KEY20 "\"");
	expect(*state, "{\"word\":\"installed-sa\",\"keys\":true}", "\"enc_key\":\"" KEY16B "\",\"auth_key\":\"" KEY20B "\"");
}

static void requests_that_make_no_sense_are_refused(void **state)
{
	expect(*state, "", "a request is one JSON object on one line");
	expect(*state, "{", "a request is one JSON object on one line");
	expect(*state, "{} {}", "a request is one JSON object on one line");
	expect(*state, "[]", "a request is an object with a string");
	expect(*state, "{}", "a request is an object with a string");
	expect(*state, "{\"word\":5}", "a request is an object with a string");
	expect(*state, "{\"word\":\"polcy\"}", "did you mean \\\"policy\\\"?");
	expect(*state, "{\"word\":\"qqqqqqqq\"}", "no such word\"");
	expect(*state, "{\"word\":\"installed-sa flush\",\"sa_type\":\"x\"}", "sa_type is ah, esp or all");
	expect(*state, "{\"word\":\"installed-sa flush\",\"sa_type\":null}", "\\\"sa_type\\\" wants a string");
	expect(*state, "{\"word\":\"installed-sa\",\"keys\":\"no\"}", "\\\"keys\\\" wants a boolean");
	expect(*state, "{\"word\":\"reload\",\"dry_run\":0}", "\\\"dry_run\\\" wants a boolean");
	expect(*state, "{\"word\":\"reload\",\"dryrun\":true}", "\\\"reload\\\" cannot be told \\\"dryrun\\\"");
	expect(*state, "{\"word\":\"version\",\"keys\":true}", "cannot be told");
	expect(*state, "{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":1}}}}}}}}}}", "a request is one JSON object");
}

static void a_failing_card_is_told_and_reported(void **state)
{
	struct rig *rig = *state;

	fake.fail_in = 1;
	expect(rig, "{\"word\":\"policy\"}", "\"ok\":false,\"error\":\"card: ");
	assert_int_equal(rig->n_failed, 1);
	rig->view.card = NULL;
	expect(rig, "{\"word\":\"policy\"}", "the card is away");
	expect(rig, "{\"word\":\"version\"}", "\"ok\":true");
	rig->view.card = fake_card();
	rig->may_reload = false;
	expect(rig, "{\"word\":\"reload\"}", "\"errors\":[\"x.conf:1: bad\"]");
}

static void every_truncation_and_changed_byte_of_a_request_is_survived(void **state)
{
	static const char request[] = "{ \"word\" : \"installed-sa\", \"keys\" : true }";
	struct rig *rig = *state;
	char *copy;

	for (size_t n = 0; n < sizeof(request) - 1; n++) {
		copy = malloc(n + !n);	/* exact size: a read past it is caught */
		memcpy(copy, request, n);
		json_object_put(control_answer_line(copy, n, words_answer, &rig->view));
		free(copy);
		for (unsigned byte = 0; byte < 256; byte++) {
			copy = malloc(sizeof(request) - 1);
			memcpy(copy, request, sizeof(request) - 1);
			copy[n] = (char)byte;
			json_object_put(control_answer_line(copy, sizeof(request) - 1, words_answer, &rig->view));
			free(copy);
		}
	}
	expect(rig, request, "\"ok\":true");
}

/* ---- over the socket */

static int dial(struct rig *rig)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	(void)snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", rig->path);
	assert_int_equal(connect(fd, (const struct sockaddr *)&addr, sizeof(addr)), 0);
	return fd;
}

static void turn(struct rig *rig, unsigned n)
{
	for (; n--; assert_true(adit_card_poll(fake_card(), 256) >= 0))
		assert_true(sd_event_run(rig->event, 1000) >= 0);
}

static void the_socket_is_for_its_owner_alone(void **state)
{
	struct rig *rig = *state;
	struct control *second;
	struct stat info;
	char why[128];

	assert_int_equal(stat(rig->path, &info), 0);
	assert_int_equal(info.st_mode & 0777, 0600);
	assert_int_equal(control_open(&second, rig->event, rig->path, words_answer, &rig->view, why, sizeof(why)), -EADDRINUSE);
	assert_non_null(strstr(why, "another aditd answers there"));
}

static void a_path_too_long_for_a_socket_is_not_cut_short(void **state)
{
	struct rig *rig = *state;
	struct control *second = NULL;
	char path[160] = "/tmp/", why[256];

	memset(path + 5, 'x', 120);
	assert_int_equal(control_open(&second, rig->event, path, words_answer, &rig->view, why, sizeof(why)), -ENAMETOOLONG);
	assert_non_null(strstr(why, "at most 107 characters"));
	path[107] = 0;
	assert_int_equal(access(path, F_OK), -1);
}

static void two_requests_in_one_write_get_two_answers_in_order(void **state)
{
	static const char both[] = "{\"word\":\"version\"}\n{\"word\":\"peer\"}\n{\"wo";
	struct rig *rig = *state;
	char answers[4096];
	int fd = dial(rig);
	ssize_t n;

	assert_int_equal(write(fd, both, sizeof(both) - 1), sizeof(both) - 1);
	turn(rig, 5);
	n = read(fd, answers, sizeof(answers) - 1);
	assert_true(n > 0);
	answers[n] = 0;
	assert_non_null(strstr(answers, "\"version\""));
	assert_true(strstr(answers, "peer1") > strstr(answers, "\"version\""));
	assert_int_equal(write(fd, "rd\":\"card\"}\n", 12), 12);
	turn(rig, 5);
	n = read(fd, answers, sizeof(answers) - 1);
	assert_true(n > 0);
	close(fd);
	turn(rig, 3);
}

static void a_line_without_end_is_cut_off(void **state)
{
	struct rig *rig = *state;
	char junk[2 * CONTROL_LINE_BYTES], answers[4096];
	int fd = dial(rig);
	ssize_t n;

	memset(junk, 'x', sizeof(junk));
	assert_int_equal(write(fd, junk, sizeof(junk)), sizeof(junk));
	turn(rig, 5);
	n = read(fd, answers, sizeof(answers) - 1);
	assert_true(n > 0);
	answers[n] = 0;
	assert_non_null(strstr(answers, "a request is at most 4096 bytes"));
	n = read(fd, answers, sizeof(answers));
	assert_true(n == 0 || (n < 0 && errno == ECONNRESET));
	close(fd);
}

static void one_client_too_many_is_told_and_the_others_stay(void **state)
{
	struct rig *rig = *state;
	int fds[CONTROL_CLIENTS + 1];
	char answers[4096];
	ssize_t n;

	for (unsigned i = 0; i <= CONTROL_CLIENTS; i++) {
		fds[i] = dial(rig);
		turn(rig, 2);
	}
	n = read(fds[CONTROL_CLIENTS], answers, sizeof(answers) - 1);
	assert_true(n > 0);
	answers[n] = 0;
	assert_non_null(strstr(answers, "too many clients"));
	assert_int_equal(write(fds[0], "{\"word\":\"version\"}\n", 19), 19);
	turn(rig, 3);
	assert_true(read(fds[0], answers, sizeof(answers)) > 0);
	for (unsigned i = 0; i <= CONTROL_CLIENTS; i++)
		close(fds[i]);
	turn(rig, 20);
}

static void a_client_that_goes_in_mid_answer_harms_nobody(void **state)
{
	struct rig *rig = *state;
	char answers[4096];
	int fd;

	for (unsigned i = 0; i < 50; i++) {
		fd = dial(rig);
		assert_int_equal(write(fd, "{\"word\":\"statistics\"}\n", 22), 22);
		if (i % 2)
			turn(rig, 1);
		close(fd);
		turn(rig, 3);
	}
	fd = dial(rig);
	assert_int_equal(write(fd, "{\"word\":\"version\"}\n", 19), 19);
	turn(rig, 3);
	assert_true(read(fd, answers, sizeof(answers)) > 0);
	close(fd);
}

static void a_slow_reader_gets_all_of_a_long_answer(void **state)
{
	struct rig *rig = *state;
	char line[8192];
	size_t n_lines = 0, n_asked = 0;
	int fd = dial(rig), small = 2048;

	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small)), 0);
	for (unsigned i = 0; i < 4000 && n_lines < 200; i++) {
		ssize_t n;

		if (n_asked < 200 && write(fd, "{\"word\":\"statistics\"}\n", 22) == 22)
			n_asked++;
		turn(rig, 1);
		n = i % 4 ? 0 : read(fd, line, sizeof(line));
		for (ssize_t k = 0; k < n; k++)
			n_lines += line[k] == '\n';
	}
	assert_int_equal(n_lines, 200);
	close(fd);
}

static void a_card_that_does_not_answer_holds_up_only_who_asks_it(void **state)
{
	struct rig *rig = *state;
	char answers[4096];
	int asks = dial(rig), other = dial(rig), goes = dial(rig);
	ssize_t n = -1;

	fake.is_deaf = true;
	assert_int_equal(write(asks, "{\"word\":\"policy\"}\n{\"word\":\"version\"}\n", 37), 37);
	assert_int_equal(write(goes, "{\"word\":\"card\"}\n", 16), 16);
	turn(rig, 6);
	close(goes);
	assert_int_equal(write(other, "{\"word\":\"version\"}\n", 19), 19);
	turn(rig, 6);
	assert_true(read(other, answers, sizeof(answers)) > 0);	/* at once */
	assert_int_equal(read(asks, answers, sizeof(answers)), -1);
	for (int64_t until_ms = offload_now_ms() + 10000; offload_now_ms() < until_ms;) {
		assert_true(sd_event_run(rig->event, 100000) >= 0);
		n = read(asks, answers, sizeof(answers) - 1);
		if (n > 0)
			break;
	}
	assert_true(n > 0);
	turn(rig, 3);
	answers[n] = 0;
	assert_non_null(strstr(answers, "\"error\":\"card: does not answer\""));
	if (!strstr(answers, "contract_version")) {	/* the second question, answered once the first is */
		n = read(asks, answers, sizeof(answers) - 1);
		answers[n > 0 ? n : 0] = 0;
	}
	assert_non_null(strstr(answers, "contract_version"));
	fake.is_deaf = false;	/* what it owed comes now, to nobody */
	turn(rig, 3);
	assert_int_equal(write(asks, "{\"word\":\"card\"}\n", 16), 16);
	turn(rig, 6);
	assert_true(read(asks, answers, sizeof(answers)) > 0);
	close(asks);
	close(other);
	turn(rig, 3);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(every_word_answers),
		TEST(a_bundle_is_told_layer_by_layer),
		TEST(what_the_host_did_for_the_card_is_told),
		TEST(keys_are_told_only_when_asked_for),
		TEST(requests_that_make_no_sense_are_refused),
		TEST(a_failing_card_is_told_and_reported),
		TEST(every_truncation_and_changed_byte_of_a_request_is_survived),
		TEST(the_socket_is_for_its_owner_alone),
		TEST(a_path_too_long_for_a_socket_is_not_cut_short),
		TEST(two_requests_in_one_write_get_two_answers_in_order),
		TEST(a_line_without_end_is_cut_off),
		TEST(one_client_too_many_is_told_and_the_others_stay),
		TEST(a_client_that_goes_in_mid_answer_harms_nobody),
		TEST(a_slow_reader_gets_all_of_a_long_answer),
		TEST(a_card_that_does_not_answer_holds_up_only_who_asks_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
