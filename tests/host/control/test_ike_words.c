// SPDX-License-Identifier: BSD-2-Clause-Patent
/* RouterOS's menus as far as IKE fills them, with an engine that says what the test wants: remote-peers, policy's ph2-state and flags,
 * installed-sa with IKE's SAs, its flush, statistics, peer, proposal; initiate, terminate, rekey. */
#include <stdlib.h>

#include "control/words.h"
#include "fake_adit.h"
#include "support_config.h"

#define SECRET "a-secret-not-to-be-shown"
static const char text[] =
	"local_addresses = ( \"192.0.2.1\" ); peers = ( { name = \"office2\"; address = \"198.51.100.1\"; secret = \"" SECRET "\"; "
	"exchange_mode = \"aggressive\"; hash_algorithm = \"sha256\"; enc_algorithm = \"aes-256\"; dh_group = \"modp2048\"; lifetime = \"8h\"; "
	"lifebytes = 4096; dpd_interval = \"2m\"; dpd_maximum_failures = 3; proposal_check = \"strict\"; generate_policy = true; "
	"send_initial_contact = false; nat_traversal = true; my_id = \"key-id:0x00ff10\"; remote_id = \"key-id:sales\"; } );"
	"proposals = ( { name = \"prop1\"; enc_algorithms = [ \"aes-256-cbc\" ]; auth_algorithms = [ \"sha256\" ]; lifetime = \"20m\"; "
	"pfs_group = \"ecp256\"; } );"
	"policies = ( " POLICY("ike-policy", "10.1.0.0/16", "proposal = \"prop1\";") ", "
	POLICY("off", "10.2.0.0/16", "proposal = \"prop1\"; disabled = true;") " );";

#define ENGINE ((struct ike *)8)	/* never looked into */

static struct {
	struct ike_sa_view sas[2];
	unsigned n_sas;
	struct ike_child_view children[3];
	unsigned n_children;
	struct child_view installed[3];
	unsigned n_installed;
	struct ike_counters counters;
	const char *ph2_state;
	char asked[256];	/* what was asked of the engine */
	unsigned answer;
	unsigned n_looks;
} engine;

static void each_sa(const struct ike *ike, void (*each)(void *arg, const struct ike_sa_view *view), void *arg)
{
	assert_ptr_equal(ike, ENGINE);
	for (unsigned i = 0; i < engine.n_sas; i++)
		each(arg, &engine.sas[i]);
}

static void each_child(const struct ike *ike, void (*each)(void *arg, const struct ike_child_view *view), void *arg)
{
	assert_ptr_equal(ike, ENGINE);
	for (unsigned i = 0; i < engine.n_children; i++)
		each(arg, &engine.children[i]);
}

static const char *ph2_state(const struct ike *ike, const char *policy)
{
	(void)ike;
	(void)policy;
	return engine.ph2_state;
}

static const struct ike_counters *counters(const struct ike *ike)
{
	(void)ike;
	return &engine.counters;
}

static void note(const char *what, const char *name)
{
	size_t used = strlen(engine.asked);

	(void)snprintf(engine.asked + used, sizeof(engine.asked) - used, "%s %s;", what, name);
}

static unsigned initiate(struct ike *ike, const char *name, int64_t now_ms, char why[MATCH_WHY_BYTES])
{
	(void)ike;
	assert_true(now_ms > 0);
	note("initiate", name);
	if (!engine.answer)
		(void)snprintf(why, MATCH_WHY_BYTES, "no peer reaches 198.51.100.1");
	return engine.answer;
}

static unsigned terminate(struct ike *ike, const char *name, int64_t now_ms)
{
	(void)ike;
	(void)now_ms;
	note("terminate", name);
	return engine.answer;
}

static unsigned rekey(struct ike *ike, const char *name, bool phase1_too, int64_t now_ms)
{
	(void)ike;
	(void)now_ms;
	note(phase1_too ? "rekey both of" : "rekey", name);
	return engine.answer;
}

static void each_installed(const struct offload *offload, void (*each)(void *arg, const struct child_view *view), void *arg)
{
	(void)offload;
	for (unsigned i = 0; i < engine.n_installed; i++)
		each(arg, &engine.installed[i]);
}

static const struct words_engine table = { each_sa, each_child, ph2_state, counters, initiate, terminate, rekey, each_installed };

static void look_children(void *arg)
{
	(void)arg;
	engine.n_looks++;
}

struct rig {
	struct words_view view;
	struct config *config;
	struct host_counters host;
	struct slowpath_counts slowpath;
	unsigned n_failed;
};

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
	memset(&engine, 0, sizeof(engine));
	engine.ph2_state = "no-phase2";
	rig->config = config_of(text);
	rig->view = (struct words_view){ .config = rig->config, .offload = offload_open(fake_card()), .card = fake_card(), .card_name = "sim:/fake",
		.counters = &rig->host, .slowpath = &rig->slowpath, .ike = ENGINE, .engine = &table, .card_failed = card_failed,
		.look_children = look_children, .arg = rig };
	assert_int_equal(offload_apply(rig->view.offload, plan, false, &changes, why), 0);
	plan_free(plan);
	*state = rig;
	return 0;
}

static int teardown(void **state)
{
	struct rig *rig = *state;

	offload_close(rig->view.offload);
	config_free(rig->config);
	free(rig);
	return 0;
}

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

static void refuse(struct rig *rig, const char *line, const char *part)
{
	char *answer = ask(rig, line);

	if (strstr(answer, part))
		fail_msg("%s\n  answered %s\n  with %s", line, answer, part);
	free(answer);
}

static struct adit_addr v4(uint8_t a, uint8_t b, uint8_t c, uint8_t d)
{
	return (struct adit_addr){ .bytes = { a, b, c, d } };
}

/* A phase 1 with office2, established a minute ago. */
static void have_sa(void)
{
	struct ike_sa_view *sa = &engine.sas[engine.n_sas++];
	int64_t now_ms = offload_now_ms();

	*sa = (struct ike_sa_view){ .id = 7, .peer = "office2", .is_initiator = true, .is_established = true, .is_nat_remote = true,
				    .state = "established", .icookie = { 1, 2, 3, 4, 5, 6, 7, 8 }, .rcookie = { 9 }, .identity = "198.51.100.1",
				    .algorithms = "aes-256-cbc/sha256/modp2048/pre-shared-key", .since_ms = now_ms - 60500, .rekey_ms = now_ms + 100900,
				    .expires_ms = now_ms + 200900, .n_children = 2, .dpd_failures = 1 };
	sa->path.local = (struct ike_end){ v4(192, 0, 2, 1), 4500 };
	sa->path.remote = (struct ike_end){ v4(198, 51, 100, 1), 61234 };
	sa->path.is_natt = true;
}

static struct sa_set esp_set, ah_set;
static const uint16_t slots[SA_SIDES] = { 10, 11, 12, 13 };
static struct adit_sa_state states[SA_SIDES];

static void fill_set(struct sa_set *set, enum adit_proto proto, uint32_t spi)
{
	memset(set, 0, sizeof(*set));
	set->n = 2;
	for (unsigned side = 0; side < 2; side++) {
		struct adit_sa *sa = &set->sa[side];

		sa->dir = side ? ADIT_DIR_OUT : ADIT_DIR_IN;
		sa->spi = spi + side;
		sa->proto = proto;
		sa->mode = ADIT_MODE_TUNNEL;
		sa->enc = proto == ADIT_PROTO_ESP ? ADIT_ENC_AES_CBC_256 : ADIT_ENC_NULL;
		sa->auth = ADIT_AUTH_HMAC_SHA256_128;
		sa->auth_key_bytes = 32;
		memset(sa->enc_key, 0xe0, sizeof(sa->enc_key));
		memset(sa->auth_key, 0xa0, 32);
		sa->src = side ? v4(192, 0, 2, 1) : v4(198, 51, 100, 1);
		sa->dst = side ? v4(198, 51, 100, 1) : v4(192, 0, 2, 1);
		sa->hard_seconds = 1200;
		sa->soft_seconds = 960;
		sa->replay_packets = 128;
		sa->reqid = 5;
	}
}

static void have_child(uint32_t id, const char *policy, const struct sa_set *set, const char *state, bool is_generated)
{
	struct ike_child_view *child = &engine.children[engine.n_children++];
	struct child_view *installed = &engine.installed[engine.n_installed++];
	struct prefix src = { .addr = v4(10, 1, 0, 0), .plen = 16 }, dst = { .addr = v4(10, 9, 0, 0), .plen = 16 };

	*child = (struct ike_child_view){ .id = id, .ike_id = 7, .peer = "office2", .state = state, .is_generated = is_generated,
					  .is_initiator = true, .pfs = DH_ECP256, .selectors = { src, dst, 17, 0, 1701 },
					  .spi_in = set->sa[SA_IN].spi, .spi_out = set->sa[SA_OUT].spi, .soft_ms = offload_now_ms() + 900900 };
	(void)snprintf(child->policy, sizeof(child->policy), "%s", policy);
	*installed = (struct child_view){ .id = id, .policy = child->policy, .sas = set, .slots = slots, .states = states, .has_inbound = true,
					  .has_outbound = strcmp(state, "larval") != 0, .is_generated = is_generated, .installed_ms = offload_now_ms() };
}

/* ---- */

static void remote_peers_tells_local_address_remote_address_side_and_state(void **state)
{
	expect(*state, "{\"word\":\"remote-peers\"}", "\"result\":[]");
	have_sa();
	expect(*state, "{\"word\":\"remote-peers\"}", "\"peer\":\"office2\",\"local_address\":\"192.0.2.1\",\"local_port\":4500,"
	       "\"remote_address\":\"198.51.100.1\",\"port\":61234,\"side\":\"initiator\",\"state\":\"established\",\"established\":true");
	expect(*state, "{\"word\":\"remote-peers\"}", "\"identity\":\"198.51.100.1\",\"algorithms\":\"aes-256-cbc/sha256/modp2048/pre-shared-key\","
	       "\"initiator_cookie\":\"0x0102030405060708\",\"responder_cookie\":\"0x0900000000000000\",\"established_seconds\":60,"
	       "\"rekey_in_seconds\":100,\"expires_in_seconds\":200,\"nat_traversal\":true,\"nat_local\":false,\"nat_remote\":true,"
	       "\"dpd_failures\":1,\"children\":2}");
	engine.sas[0].is_initiator = false;
	engine.sas[0].state = "message-3-sent";
	engine.sas[0].is_established = false;
	expect(*state, "{\"word\":\"remote-peers\"}", "\"side\":\"responder\",\"state\":\"message-3-sent\"");
	refuse(*state, "{\"word\":\"remote-peers\"}", "established_seconds");
}

static void an_identity_that_is_no_utf8_does_not_break_the_json(void **state)
{
	have_sa();
	(void)snprintf(engine.sas[0].identity, sizeof(engine.sas[0].identity), "caf\xc3\xa9\xff\"\n\xc3");
	expect(*state, "{\"word\":\"remote-peers\"}", "\"identity\":\"caf\xc3\xa9?\\\"??\"");
}

static void policy_tells_ph2_state_and_the_flags_of_disabled_and_dynamic_ones(void **state)
{
	static const char *const words[] = { "no-phase2", "expired", "established" };
	char part[64];

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		engine.ph2_state = words[i];
		(void)snprintf(part, sizeof(part), "\"ph2_state\":\"%s\",\"in_accepted_packets\":", words[i]);
		expect(*state, "{\"word\":\"policy\",\"stats\":true}", part);
	}
	expect(*state, "{\"word\":\"policy\"}", "\"name\":\"off\"");
	expect(*state, "{\"word\":\"policy\"}", "\"disabled\":true,\"dynamic\":false,\"template\":false}");
	refuse(*state, "{\"word\":\"policy\"}", "\"dynamic\":true");
	fill_set(&esp_set, ADIT_PROTO_ESP, 0x9000);
	have_child(21, "office2-1", &esp_set, "mature", true);
	have_child(22, "office2-1", &esp_set, "dying", true);	/* being rekeyed: still one policy */
	expect(*state, "{\"word\":\"policy\"}", "{\"name\":\"office2-1\",\"src_address\":\"10.1.0.0/16\",\"dst_address\":\"10.9.0.0/16\","
	       "\"protocol\":\"udp\",\"src_port\":\"any\",\"dst_port\":\"1701\",\"action\":\"encrypt\",\"peer\":\"office2\","
	       "\"sa_src_address\":\"192.0.2.1\",\"sa_dst_address\":\"198.51.100.1\",\"tunnel\":true,\"ipsec_protocols\":[\"esp\"],"
	       "\"manual_sa\":\"none\",\"disabled\":false,\"dynamic\":true,\"template\":false,\"ph2_state\":\"established\"}]");
}

static void policy_stats_tells_routeros_six_counters(void **state)
{
	fake.counts[0] = (struct adit_sp_state){ .in_accepted = 1, .in_dropped = 2, .in_transformed = 3, .out_accepted = 4, .out_dropped = 5,
						 .out_transformed = 6 };
	expect(*state, "{\"word\":\"policy\",\"stats\":true}", "\"in_accepted_packets\":1,\"in_dropped_packets\":2,\"in_transformed_packets\":3,"
	       "\"out_accepted_packets\":4,\"out_dropped_packets\":5,\"out_transformed_packets\":6");
}

static void installed_sa_tells_the_sas_of_ike_as_larval_mature_and_dying(void **state)
{
	fill_set(&esp_set, ADIT_PROTO_ESP, 0x9000);
	states[SA_IN] = (struct adit_sa_state){ .packets = 3, .bytes = 300, .seq = 3, .replays = 1, .icv_errors = 2 };
	have_child(21, "ike-policy", &esp_set, "mature", false);
	expect(*state, "{\"word\":\"installed-sa\"}", "{\"origin\":\"ike\",\"manual_sa\":\"none\",\"child_id\":21,\"ike_id\":7,\"peer\":\"office2\","
	       "\"side\":\"initiator\",\"dynamic\":false,\"rekey_in_seconds\":900,\"state\":\"mature\",\"direction\":\"in\",\"spi\":\"0x00009000\","
	       "\"protocol\":\"esp\",\"ah\":false,\"esp\":true,\"pfs\":true,\"mode\":\"tunnel\",\"src_address\":\"198.51.100.1\","
	       "\"dst_address\":\"192.0.2.1\",\"enc_algorithm\":\"aes-256-cbc\",\"enc_key_bits\":256,\"auth_algorithm\":\"sha256\","
	       "\"auth_key_bits\":256,\"pfs_group\":\"ecp256\",");
	expect(*state, "{\"word\":\"installed-sa\"}", "\"policies\":[\"ike-policy\"],\"reqid\":5,\"slot\":10,");
	expect(*state, "{\"word\":\"installed-sa\"}", "\"lifetime_soft_seconds\":960,\"lifetime_hard_seconds\":1200,\"expires_in_seconds\":1200,");
	expect(*state, "{\"word\":\"installed-sa\"}", "\"sequence_highest\":3,\"packets\":3,\"bytes\":300,\"replay_window_packets\":128,"
	       "\"replayed_packets\":1,\"bad_icv_packets\":2}");
	expect(*state, "{\"word\":\"installed-sa\"}", "\"direction\":\"out\",\"spi\":\"0x00009001\"");
	assert_true(engine.n_looks > 0);	/* the counters are not those of long ago */
	refuse(*state, "{\"word\":\"installed-sa\"}", "enc_key\":");
	expect(*state, "{\"word\":\"installed-sa\",\"keys\":true}", "\"enc_key\":\"0xe0e0");
	expect(*state, "{\"word\":\"installed-sa\",\"keys\":true}", "\"auth_key\":\"0xa0a0");
	engine.children[0].state = "larval";
	engine.installed[0].has_outbound = false;
	expect(*state, "{\"word\":\"installed-sa\"}", "\"state\":\"larval\",\"direction\":\"in\"");
	refuse(*state, "{\"word\":\"installed-sa\"}", "\"direction\":\"out\"");
	engine.children[0].state = "dying";
	expect(*state, "{\"word\":\"installed-sa\"}", "\"state\":\"dying\"");
	engine.n_children = 0;	/* the engine has let go of it, the card not yet */
	expect(*state, "{\"word\":\"installed-sa\"}", "\"origin\":\"ike\",\"manual_sa\":\"none\",\"state\":\"larval\"");
}

/* The card's half of it is tested in offload/test_child.c: a_flush_takes_children_and_the_engine_hears_of_it. */
static void flush_tells_of_each_sa_type_how_many_were_ike_s(void **state)
{
	fill_set(&esp_set, ADIT_PROTO_ESP, 0x9000);
	fill_set(&ah_set, ADIT_PROTO_AH, 0xa000);
	have_child(21, "ike-policy", &esp_set, "mature", false);
	have_child(22, "ike-policy", &ah_set, "larval", false);
	expect(*state, "{\"word\":\"installed-sa flush\",\"sa_type\":\"ah\"}", "\"sa_type\":\"ah\",\"flushed_sas\":0,\"flushed_ike_sas\":1}");
	assert_non_null(strstr(fake.log, "flush "));
	expect(*state, "{\"word\":\"installed-sa flush\",\"sa_type\":\"esp\"}", "\"flushed_ike_sas\":2}");
	expect(*state, "{\"word\":\"installed-sa flush\",\"sa_type\":\"all\"}", "\"flushed_ike_sas\":3}");
	expect(*state, "{\"word\":\"installed-sa flush\"}", "{\"sa_type\":\"all\",");
}

static void statistics_tells_every_counter_of_ike(void **state)
{
	char line[] = "{\"word\":\"statistics\"}", part[64];
	uint64_t n = 1000;

#define X(name) engine.counters.name = n++;
	IKE_COUNTERS(X)
#undef X
	n = 1000;
#define X(name) \
	(void)snprintf(part, sizeof(part), "\"" #name "\":%u", (unsigned)n++); \
	expect(*state, line, part);
	IKE_COUNTERS(X)
#undef X
	expect(*state, line, "\"ike\":{\"in_messages\":1000,");
	expect(*state, line, "\"reasons\":[{");
}

static void peer_tells_every_property_but_the_secret(void **state)
{
	expect(*state, "{\"word\":\"peer\"}", "{\"name\":\"office2\",\"address\":\"198.51.100.1/32\",\"port\":500,\"exchange_mode\":\"aggressive\","
	       "\"auth_method\":\"pre-shared-key\",\"has_secret\":true,\"certificate\":\"\",\"key\":\"\",\"ca\":\"\",\"crl\":\"\","
	       "\"remote_certificate\":\"\",\"my_id\":\"key-id:0x00ff10\",\"remote_id\":\"key-id:sales\",\"hash_algorithm\":[\"sha256\"],"
	       "\"enc_algorithm\":[\"aes-256-cbc\"],\"dh_group\":[\"modp2048\"],\"lifetime_seconds\":28800,\"lifetime_bytes\":4096,"
	       "\"nat_traversal\":true,");
	expect(*state, "{\"word\":\"peer\"}", "\"generate_policy\":true,\"policy_template\":\"\",\"send_initial_contact\":false,"
	       "\"dpd_interval_seconds\":120,\"dpd_maximum_failures\":3,\"proposal_check\":\"strict\"}");
	refuse(*state, "{\"word\":\"peer\"}", SECRET);
}

static void proposal_tells_auth_algorithms_enc_algorithms_lifetime_and_pfs_group(void **state)
{
	expect(*state, "{\"word\":\"proposal\"}", "\"name\":\"prop1\",\"auth_algorithms\":[\"sha256\"],\"enc_algorithms\":[\"aes-256-cbc\"],"
	       "\"lifetime_seconds\":1200,\"lifetime_bytes\":0,\"pfs_group\":\"ecp256\",\"esn\":");
}

static void initiate_terminate_and_rekey_reach_the_engine(void **state)
{
	engine.answer = 2;
	expect(*state, "{\"word\":\"initiate\",\"name\":\"ike-policy\"}", "{\"name\":\"ike-policy\",\"initiated\":2}");
	expect(*state, "{\"word\":\"terminate\",\"name\":\"office2\"}", "{\"name\":\"office2\",\"terminated\":2}");
	expect(*state, "{\"word\":\"rekey\",\"name\":\"office2\"}", "{\"name\":\"office2\",\"rekeying\":2}");
	expect(*state, "{\"word\":\"rekey\",\"name\":\"office2\",\"phase1\":true}", "\"rekeying\":2}");
	assert_string_equal(engine.asked, "initiate ike-policy;terminate office2;rekey office2;rekey both of office2;");
}

static void a_name_that_is_none_is_refused_with_the_nearest(void **state)
{
	expect(*state, "{\"word\":\"initiate\",\"name\":\"ike-polcy\"}", "there is no policy or peer \\\"ike-polcy\\\"; did you mean \\\"ike-policy\\\"?");
	expect(*state, "{\"word\":\"terminate\",\"name\":\"ofice2\"}", "did you mean \\\"office2\\\"?");
	expect(*state, "{\"word\":\"rekey\",\"name\":\"zzzzzzzz\"}", "there is no policy or peer \\\"zzzzzzzz\\\"\"");
	expect(*state, "{\"word\":\"rekey\",\"name\":\"office2\"}", "\"error\":\"office2: it has no SAs\"");
	expect(*state, "{\"word\":\"initiate\",\"name\":\"ike-policy\"}", "\"error\":\"ike-policy: no peer reaches 198.51.100.1\"");
	expect(*state, "{\"word\":\"initiate\"}", "the name of a policy or a peer is missing");
	expect(*state, "{\"word\":\"initiate\",\"name\":7}", "\\\"name\\\" wants a string");
	expect(*state, "{\"word\":\"initate\",\"name\":\"x\"}", "did you mean \\\"initiate\\\"?");
	expect(*state, "{\"word\":\"rekey\",\"name\":\"office2\",\"phase1\":1}", "\\\"phase1\\\" wants a boolean");
	fill_set(&esp_set, ADIT_PROTO_ESP, 0x9000);
	have_child(21, "generated-17", &esp_set, "mature", true);
	expect(*state, "{\"word\":\"terminate\",\"name\":\"generated17\"}", "did you mean \\\"generated-17\\\"?");
}

static void without_an_engine_the_words_say_so(void **state)
{
	struct rig *rig = *state;

	rig->view.ike = NULL;
	rig->view.engine = NULL;
	expect(rig, "{\"word\":\"remote-peers\"}", "\"result\":[]");
	expect(rig, "{\"word\":\"initiate\",\"name\":\"office2\"}", "runs without IKE");
	expect(rig, "{\"word\":\"policy\"}", "\"ph2_state\":\"no-phase2\"");
	expect(rig, "{\"word\":\"installed-sa\"}", "\"result\":[]");
	expect(rig, "{\"word\":\"installed-sa flush\"}", "\"flushed_ike_sas\":0");
	expect(rig, "{\"word\":\"statistics\"}", "\"ike\":{\"in_messages\":0,");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(remote_peers_tells_local_address_remote_address_side_and_state),
		TEST(an_identity_that_is_no_utf8_does_not_break_the_json),
		TEST(policy_tells_ph2_state_and_the_flags_of_disabled_and_dynamic_ones),
		TEST(policy_stats_tells_routeros_six_counters),
		TEST(installed_sa_tells_the_sas_of_ike_as_larval_mature_and_dying),
		TEST(flush_tells_of_each_sa_type_how_many_were_ike_s),
		TEST(statistics_tells_every_counter_of_ike),
		TEST(peer_tells_every_property_but_the_secret),
		TEST(proposal_tells_auth_algorithms_enc_algorithms_lifetime_and_pfs_group),
		TEST(initiate_terminate_and_rekey_reach_the_engine),
		TEST(a_name_that_is_none_is_refused_with_the_nearest),
		TEST(without_an_engine_the_words_say_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
