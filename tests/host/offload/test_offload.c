// SPDX-License-Identifier: BSD-2-Clause-Patent
#include <errno.h>

#include "fake_adit.h"
#include "offload/batch.h"
#include "offload/offload.h"
#include "support_config.h"

#define ONE "policies = ( " POLICY("a", "10.1.0.0/16", "manual_sa = \"m\";") " ); manual_sas = ( " \
	MANUAL("m", "0x1001", "0x1002") " );"
#define TWO "policies = ( " POLICY("b", "10.2.0.0/16", "manual_sa = \"n\"; priority = 3;") ", " \
	POLICY("a", "10.1.0.0/16", "manual_sa = \"m\";") " ); manual_sas = ( " MANUAL("n", "0x2001", "0x2002") ", " \
	MANUAL("m", "0x1001", "0x1002") " );"

static struct offload_changes changes;
static char why[OFFLOAD_WHY_BYTES];

static int setup(void **state)
{
	fake_reset();
	*state = offload_open(fake_card());
	return *state ? 0 : -1;
}

static int teardown(void **state)
{
	offload_close(*state);
	return 0;
}

static int apply(struct offload *offload, const char *text, bool is_dry)
{
	struct plan *plan = plan_of(text);
	int rc = offload_apply(offload, plan, is_dry, &changes, why);

	plan_free(plan);
	return rc;
}

static void sas_come_before_bindings_and_bindings_before_the_table(void **state)
{
	assert_int_equal(apply(*state, ONE, false), 0);
	assert_string_equal(fake.log, "mode +in0 +out1 bind0=1 table1 ");
	assert_int_equal(fake.sas[0].spi, 0x1001);
	assert_int_equal(fake.sas[1].spi, 0x1002);
	assert_int_equal(fake.sas[0].reqid, fake.rules[0].reqid);
	assert_int_equal(fake.sas[1].reqid, fake.rules[0].reqid);
	assert_true(fake.rules[0].reqid != 0);
	assert_int_equal(changes.rules_added, 1);
	assert_int_equal(changes.pairs_added, 1);
}

static void what_stays_the_same_is_not_touched(void **state)
{
	assert_int_equal(apply(*state, ONE, false), 0);
	fake.log[0] = 0;
	assert_int_equal(apply(*state, TWO, false), 0);
	assert_string_equal(fake.log, "+in2 +out3 bind1=3 table2 ");
	assert_int_equal(changes.pairs_kept, 1);
	assert_int_equal(changes.pairs_added, 1);
	assert_int_equal(changes.rules_kept, 1);
	assert_int_equal(fake.rules[0].id, 1);	/* b came later, whatever its place in the file */
	assert_int_equal(fake.rules[1].id, 0);
	fake.log[0] = 0;
	assert_int_equal(apply(*state, TWO, false), 0);
	assert_string_equal(fake.log, "table2 ");
	assert_int_equal(changes.pairs_kept, 2);
	assert_int_equal(changes.rules_kept, 2);
}

static void what_goes_is_deleted_and_unbound(void **state)
{
	assert_int_equal(apply(*state, TWO, false), 0);
	fake.log[0] = 0;
	assert_int_equal(apply(*state, ONE, false), 0);
	assert_string_equal(fake.log, "-1 -0 table1 unbind0 ");
	assert_int_equal(changes.rules_removed, 1);
	assert_int_equal(changes.pairs_removed, 1);
	assert_int_equal(fake.bound[0], ADIT_NO_SLOT);
	assert_int_equal(fake.bound[1], 3);
}

/* What the card punted for the old SA names a slot that is empty now, not one with other keys. */
static void a_changed_key_replaces_the_pair_in_other_slots(void **state)
{
	assert_int_equal(apply(*state, ONE, false), 0);
	fake.log[0] = 0;
	assert_int_equal(apply(*state, "policies = ( " POLICY("a", "10.1.0.0/16", "manual_sa = \"m\";") " ); manual_sas = ( "
					MANUAL("m", "0x1001", "0x1003") " );", false), 0);
	assert_string_equal(fake.log, "-1 -0 +in2 +out3 bind0=3 table1 ");
	assert_int_equal(changes.pairs_changed, 1);
	assert_int_equal(fake.sas[3].spi, 0x1003);
	assert_false(fake.has_sa[0] || fake.has_sa[1]);
}

static void a_full_card_still_changes_its_sas(void **state)
{
	fake.caps.sa_slots = 2;
	assert_int_equal(apply(*state, ONE, false), 0);
	assert_int_equal(apply(*state, "policies = ( " POLICY("a", "10.1.0.0/16", "manual_sa = \"m\";") " ); manual_sas = ( "
					MANUAL("m", "0x1001", "0x1003") " );", false), 0);
	assert_int_equal(fake.sas[1].spi, 0x1003);
	assert_int_equal(fake.bound[0], 1);
}

static void a_dry_run_counts_and_changes_nothing(void **state)
{
	assert_int_equal(apply(*state, ONE, false), 0);
	fake.log[0] = 0;
	assert_int_equal(apply(*state, TWO, true), 0);
	assert_string_equal(fake.log, "");
	assert_int_equal(changes.rules_added, 1);
	assert_int_equal(changes.pairs_added, 1);
	assert_int_equal(fake.n_rules, 1);
}

static void what_the_card_lacks_is_refused_by_name_and_nothing_changes(void **state)
{
	static const struct { const char *text, *complaint; } cases[] = {
		{ "policies = ( { name = \"six\"; action = \"none\"; src_address = \"2001:db8::/32\"; dst_address = \"::/0\"; } );",
		  "policy \"six\" needs IPV6, which is not yet supported by this card" },
		{ "policies = ( " POLICY("p", "10.1.0.0/16", "manual_sa = \"m\"; ipsec_protocols = [ \"ah\", \"esp\" ];")
		  " ); manual_sas = ( { name = \"m\"; ah_spi = { in = 256; out = 257; }; ah_algorithm = \"sha1\"; ah_key = { in = \""
		  KEY20 "\"; out = \"" KEY20B "\"; }; esp_spi = { in = 258; out = 259; }; esp_enc_algorithm = \"null\"; "
		  "esp_auth_algorithm = \"sha1\"; esp_auth_key = { in = \"" KEY20 "\"; out = \"" KEY20B "\"; }; } );",
		  "manual_sa \"m\" needs BUNDLE, which is not yet supported by this card" },
		{ "policies = ( " POLICY("p", "10.1.0.0/16", "manual_sa = \"m\";") " ); manual_sas = ( { name = \"m\"; esp_spi = "
		  "{ in = 256; out = 257; }; esp_enc_algorithm = \"twofish\"; allow_null_authentication = true; esp_enc_key = { in = \"" KEY16 "\"; out = \"" KEY16B
		  "\"; }; } );", "manual_sa \"m\": the card lacks cipher twofish" },
		{ "local_addresses = ( \"2001:db8::1\" );",
		  "local address \"2001:db8::1\" needs IPV6, which is not yet supported by this card" },
	};

	assert_int_equal(apply(*state, ONE, false), 0);
	fake.log[0] = 0;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(apply(*state, cases[i].text, false), -EOPNOTSUPP);
		assert_string_equal(why, cases[i].complaint);
	}
	assert_string_equal(fake.log, "");
}

static void more_policies_than_the_card_holds_are_refused(void **state)
{
	char text[4096] = "policies = ( { name = \"p0\"; action = \"none\"; }";

	for (unsigned i = 1; i <= FAKE_RULES; i++)
		(void)snprintf(text + strlen(text), sizeof(text) - strlen(text), ", { name = \"p%u\"; action = \"none\"; }", i);
	(void)snprintf(text + strlen(text), sizeof(text) - strlen(text), " );");
	assert_int_equal(apply(*state, text, false), -ENOSPC);
	assert_string_equal(why, "17 policies, but the card holds 16");
}

static void a_failure_at_any_command_puts_the_old_state_back(void **state)
{
	unsigned n_failed = 0;

	for (int n = 1; n < 40; n++) {
		struct offload *offload;
		int rc;

		fake_reset();
		offload = offload_open(fake_card());
		assert_int_equal(apply(offload, ONE, false), 0);
		fake.fail_in = n;
		rc = apply(offload, TWO, false);
		fake.fail_in = 0;
		assert_int_equal(fake.n_rules, rc < 0 ? 1 : 2);
		assert_int_equal(offload->n_rules, rc < 0 ? 1 : 2);
		assert_int_equal(fake.has_sa[2], rc == 0);
		assert_true(fake.has_sa[0] && fake.has_sa[1]);
		assert_int_equal(fake.bound[0], 1);
		if (rc < 0)
			assert_true(why[0] != 0);
		n_failed += rc < 0;
		offload_close(offload);
	}
	assert_true(n_failed >= 6 && n_failed < 20);
	(void)state;
}

static void a_card_that_does_not_answer_ends_in_an_error_in_time(void **state)
{
	assert_int_equal(apply(*state, ONE, false), 0);
	fake.is_deaf = true;
	assert_int_equal(apply(*state, TWO, false), -ETIMEDOUT);
	assert_int_equal(fake.n_recovered, 1);	/* nobody knows what the commands did */
}

static void a_question_keeps_nobody_waiting_for_a_slow_card(void **state)
{
	struct offload *offload = *state;
	uint64_t counters[ADIT_REASON_COUNT];
	int64_t begin_ms;

	assert_int_equal(apply(offload, ONE, false), 0);
	fake.states[1].packets = 7;
	fake.counts[0].out_accepted = 5;
	assert_int_equal(offload_look_sas(offload, why), 0);
	assert_int_equal(offload_look_rules(offload, why), 0);
	assert_int_equal(offload_look_reasons(offload, counters, why), 0);
	assert_int_equal(counters[ADIT_REASON_COUNT - 1], ADIT_REASON_COUNT - 1);
	fake.is_held = true;
	fake.states[1].packets = 8;
	fake.counts[0].out_accepted = 6;
	begin_ms = offload_now_ms();
	assert_int_equal(offload_look_sas(offload, why), 0);
	assert_int_equal(offload_look_rules(offload, why), 0);
	memset(counters, 0, sizeof(counters));
	assert_int_equal(offload_look_reasons(offload, counters, why), 0);
	assert_true(offload_now_ms() - begin_ms < 3 * 400);
	assert_int_equal(offload->pairs[0].states[1].packets, 7);	/* as last seen */
	assert_int_equal(offload->rules[0].state.out_accepted, 5);
	assert_int_equal(counters[ADIT_REASON_COUNT - 1], ADIT_REASON_COUNT - 1);
	assert_int_equal(fake.n_recovered, 0);
	assert_true(fake.n_queued > 3);
	fake.is_held = false;
	assert_true(adit_card_poll(fake_card(), 256) > 3);		/* late answers, to nobody */
	assert_int_equal(offload_look_sas(offload, why), 0);
	assert_int_equal(offload->pairs[0].states[1].packets, 8);
}

static void after_a_reset_everything_comes_back_beyond_the_used_numbers(void **state)
{
	struct offload *offload = *state;

	assert_int_equal(apply(offload, ONE, false), 0);
	fake.states[0].seq = 500;
	fake.states[1].seq = 1000;
	assert_int_equal(offload_look_sas(offload, why), 0);
	fake.states[1].seq = 10001000;	/* ten million since: the margin follows the pace */
	assert_int_equal(offload_look_sas(offload, why), 0);
	assert_int_equal(adit_card_recover(fake_card()), 0);
	fake.log[0] = 0;
	assert_int_equal(offload_restore(offload, why), 0);
	assert_string_equal(fake.log, "mode +in0 +out1 bind0=1 table1 ");
	assert_int_equal(fake.sas[0].seq_first, 500);
	assert_int_equal(fake.sas[1].seq_first, 10001000 + 4 * 10000000);
	fake.states[1].seq = UINT32_MAX - 5;
	assert_int_equal(offload_look_sas(offload, why), 0);
	assert_int_equal(adit_card_recover(fake_card()), 0);
	fake.log[0] = 0;
	assert_int_equal(offload_restore(offload, why), 0);
	assert_string_equal(fake.log, "mode table1 ");	/* no number is surely unused: the SAs stay away */
	fake.log[0] = 0;
	assert_int_equal(apply(offload, ONE, false), 0);
	assert_null(strstr(fake.log, "+out"));
}

static void flushed_sas_stay_away_until_reload_and_go_on_with_their_numbers(void **state)
{
	struct offload *offload = *state;
	unsigned n = 0;

	assert_int_equal(apply(offload, ONE, false), 0);
	fake.states[1].seq = 42;
	fake.states[0].seq = 7;
	fake.log[0] = 0;
	assert_int_equal(offload_flush(offload, false, true, &n, why), 0);
	assert_int_equal(n, 0);
	assert_true(fake.has_sa[0]);
	assert_int_equal(offload_flush(offload, true, true, &n, why), 0);
	assert_int_equal(n, 2);
	assert_string_equal(fake.log, "flush unbind0 flush ");
	assert_int_equal(adit_card_recover(fake_card()), 0);
	assert_int_equal(offload_restore(offload, why), 0);
	assert_false(fake.has_sa[0]);
	assert_int_equal(fake.bound[0], ADIT_NO_SLOT);
	assert_int_equal(apply(offload, ONE, false), 0);
	assert_true(fake.has_sa[0] && fake.has_sa[1]);
	assert_true(fake.sas[1].seq_first == 42 + OFFLOAD_SEQ_MARGIN);
	assert_int_equal(fake.sas[0].seq_first, 7);
	assert_int_equal(fake.bound[0], 1);
	assert_int_equal(changes.pairs_added, 1);
}

/* ---- bundles, ESN, limits over several lives, and who watches */

#define BUNDLE "policies = ( " POLICY("a", "10.1.0.0/16", "manual_sa = \"m\"; ipsec_protocols = [ \"ah\", \"esp\" ];") \
	" ); manual_sas = ( " MANUAL_WITH("m", "0x1001", "0x1002", AH("0x2001", "0x2002")) " );"
#define WITH(extra) "policies = ( " POLICY("a", "10.1.0.0/16", "manual_sa = \"m\";") " ); manual_sas = ( " \
	MANUAL_WITH("m", "0x1001", "0x1002", extra) " );"

static struct {
	char log[512];
	bool has[FAKE_SLOTS];
} watched;

static void watch_put(void *arg, uint16_t slot, const struct adit_sa *sa, const struct adit_sa *around)
{
	size_t used = strlen(watched.log);

	(void)arg;
	(void)snprintf(watched.log + used, sizeof(watched.log) - used, "+%x%s%x ", sa->spi, around ? "in" : "", around ? around->spi : 0);
	watched.has[slot] = true;
}

static void watch_drop(void *arg, uint16_t slot)
{
	(void)arg;
	watched.has[slot] = false;
}

static unsigned n_watched(void)
{
	unsigned n = 0;

	for (unsigned slot = 0; slot < FAKE_SLOTS; slot++)
		n += watched.has[slot];
	return n;
}

static void watch(struct offload *offload)
{
	memset(&watched, 0, sizeof(watched));
	offload->watch = (struct offload_watch){ watch_put, watch_drop, NULL };
}

static void can_bundle(void)
{
	fake.caps.feature_mask |= 1u << ADIT_FEATURE_AH | 1u << ADIT_FEATURE_BUNDLE;
}

/* Who refers to a slot finds it full, whenever a packet comes. */
static void no_layer_is_missing(void)
{
	for (unsigned slot = 0; slot < FAKE_SLOTS; slot++)
		if (fake.has_sa[slot] && fake.sas[slot].has_next && fake.sas[slot].proto == ADIT_PROTO_ESP)
			assert_true(fake.has_sa[fake.sas[slot].next_slot] && fake.sas[fake.sas[slot].next_slot].proto == ADIT_PROTO_AH);
}

static void of_a_bundle_the_outer_layer_comes_first_and_goes_last(void **state)
{
	struct offload *offload = *state;

	can_bundle();
	watch(offload);
	fake.on_step = no_layer_is_missing;
	assert_int_equal(apply(offload, BUNDLE, false), 0);
	assert_string_equal(fake.log, "mode +in2 +in0 +out3 +out1 bind0=1 table1 ");
	assert_string_equal(watched.log, "+20010 +1001in2001 +20020 +1002in2002 ");
	assert_int_equal(fake.sas[1].next_slot, 3);
	assert_int_equal(fake.sas[0].next_slot, 2);
	assert_true(fake.sas[2].has_next && fake.sas[2].next_slot == 0);	/* inbound neither opens a packet alone */
	assert_int_equal(fake.sas[3].mode, ADIT_MODE_TRANSPORT);
	assert_false(fake.sas[3].has_next);
	assert_true(fake.sas[2].has_next && fake.sas[2].next_slot == 0);	/* inbound AH opens nothing without its ESP */
	for (unsigned slot = 0; slot < 4; slot++)
		assert_int_equal(fake.sas[slot].reqid, fake.rules[0].reqid);
	assert_int_equal(changes.sas_added, 4);
	fake.log[0] = 0;
	assert_int_equal(apply(offload, "default_action = \"none\";", false), 0);
	assert_string_equal(fake.log, "mode -1 -3 -0 -2 table0 unbind0 ");
	assert_int_equal(changes.sas_removed, 4);
	assert_int_equal(n_watched(), 0);
}

static void a_flush_of_one_layer_takes_the_whole_bundle(void **state)
{
	static const struct { bool esp, ah; const char *log; } kinds[] = {
		{ true, false, "unbind0 flush -3 -2 " }, { false, true, "unbind0 flush -1 -0 " }, { true, true, "unbind0 flush " },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct offload *offload;
		unsigned n = 0;

		fake_reset();
		can_bundle();
		offload = offload_open(fake_card());
		watch(offload);
		assert_int_equal(apply(offload, BUNDLE, false), 0);
		assert_int_equal(n_watched(), 4);
		for (unsigned slot = 0; slot < 4; slot++)
			fake.states[slot].seq = 10 + slot;
		fake.log[0] = 0;
		assert_int_equal(offload_flush(offload, kinds[i].esp, kinds[i].ah, &n, why), 0);
		assert_int_equal(n, 4);
		assert_string_equal(fake.log, kinds[i].log);
		assert_int_equal(n_watched(), 0);
		for (unsigned slot = 0; slot < 4; slot++)
			assert_false(fake.has_sa[slot]);
		assert_int_equal(apply(offload, BUNDLE, false), 0);
		for (unsigned slot = 0; slot < 4; slot++)
			assert_true(fake.sas[slot].seq_first == 10 + slot + (slot & 1 ? OFFLOAD_SEQ_MARGIN : 0));
		assert_int_equal(fake.bound[0], 1);
		offload_close(offload);
	}
}

static void die(struct offload *offload)
{
	assert_int_equal(offload_look_sas(offload, why), 0);
	assert_int_equal(adit_card_recover(fake_card()), 0);
	fake.log[0] = 0;
	assert_int_equal(offload_restore(offload, why), 0);
}

static void with_esn_numbers_go_on_beyond_32_bits_and_end_at_64(void **state)
{
	struct offload *offload = *state;

	assert_int_equal(apply(offload, WITH("esn = true;"), false), 0);
	assert_true(fake.sas[1].esn);
	fake.states[1].seq = 7ull << 32;
	fake.states[0].seq = (5ull << 32) + 9;
	die(offload);
	assert_string_equal(fake.log, "mode +in0 +out1 bind0=1 table1 ");
	assert_true(fake.sas[1].seq_first >= (7ull << 32) + OFFLOAD_SEQ_MARGIN);
	assert_true(fake.sas[0].seq_first == (5ull << 32) + 9);
	watch(offload);
	watched.has[0] = watched.has[1] = true;
	fake.states[1].seq = UINT64_MAX - 3;
	die(offload);
	assert_string_equal(fake.log, "mode table1 ");
	assert_int_equal(n_watched(), 0);	/* the copy of its keys is gone, too */
	assert_int_equal(apply(offload, WITH("esn = true;"), false), 0);
	assert_false(fake.has_sa[1]);
	/* Without ESN the same keys must not begin anew either. */
	assert_int_equal(apply(offload, WITH("esn = false;"), false), 0);
	assert_false(fake.has_sa[1]);
}

static void a_card_that_dies_again_before_anybody_looked_repeats_no_number(void **state)
{
	struct offload *offload = *state;
	uint64_t before[2] = { 0, 0 };

	can_bundle();
	assert_int_equal(apply(offload, BUNDLE, false), 0);
	for (unsigned life = 1; life < 5; life++) {
		assert_int_equal(adit_card_recover(fake_card()), 0);
		assert_int_equal(offload_restore(offload, why), 0);
		for (unsigned layer = 0; layer < 2; layer++) {
			assert_true(fake.sas[1 + 2 * layer].seq_first == before[layer] + OFFLOAD_SEQ_MARGIN + (life == 1));
			before[layer] = fake.sas[1 + 2 * layer].seq_first;
			assert_int_equal(fake.sas[2 * layer].seq_first, 0);
		}
	}
	assert_int_equal(offload_look_sas(offload, why), 0);
	assert_int_equal(offload->pairs[0].steps[SA_OUT], 0);	/* the margin is no traffic */
}

static void an_sa_that_changes_but_for_its_keys_goes_on_with_its_numbers(void **state)
{
	struct offload *offload = *state;

	assert_int_equal(apply(offload, ONE, false), 0);
	assert_int_equal(fake.sas[1].seq_first, 0);
	fake.states[1].seq = 1000;
	fake.states[0].seq = 500;
	assert_int_equal(apply(offload, WITH("path_mtu = 1400;"), false), 0);
	assert_int_equal(changes.pairs_changed, 1);
	assert_int_equal(fake.sas[3].path_mtu, 1400);
	assert_true(fake.sas[3].seq_first == 1000 + OFFLOAD_SEQ_MARGIN);	/* what left between the look and the change counts */
	assert_int_equal(fake.sas[2].seq_first, 500);
}

static void an_sa_by_another_name_goes_on_with_the_numbers_of_its_keys(void **state)
{
	struct offload *offload = *state;

	assert_int_equal(apply(offload, ONE, false), 0);
	fake.states[1].seq = 1000;
	assert_int_equal(apply(offload, "policies = ( " POLICY("a", "10.1.0.0/16", "manual_sa = \"other\";") " ); manual_sas = ( "
					MANUAL("other", "0x1001", "0x1002") " );", false), 0);
	assert_int_equal(changes.pairs_added, 1);
	assert_true(fake.sas[3].seq_first == 1000 + OFFLOAD_SEQ_MARGIN);
	assert_int_equal(fake.sas[2].seq_first, 0);
}

static void what_an_earlier_life_used_of_a_limit_is_used(void **state)
{
	struct offload *offload = *state;

	assert_int_equal(apply(offload, WITH("lifepackets = 1000; lifebytes = 50000; lifetime = \"1h\";"), false), 0);
	assert_true(fake.sas[1].hard_packets == 1000 && fake.sas[1].soft_packets == 800 && fake.sas[1].hard_bytes == 50000);
	assert_true(fake.sas[1].hard_seconds == 3600 && fake.sas[1].soft_seconds == 2880);
	for (unsigned life = 1; life <= 3; life++) {
		fake.states[1].packets = 300;
		fake.states[1].bytes = 10000;
		offload->pairs[0].born_ms -= 1000000;
		die(offload);
		assert_true(fake.sas[1].hard_packets == 1000 - 300 * life && fake.sas[1].hard_bytes == 50000 - 10000 * life);
		assert_int_equal(fake.sas[1].soft_packets, life < 3 ? 800 - 300 * life : 1);
		assert_in_range(fake.sas[1].hard_seconds, 3599 - 1000 * life, 3600 - 1000 * life);
		assert_int_equal(fake.sas[0].hard_packets, 1000);
	}
	fake.states[1].packets = 100;
	die(offload);
	assert_string_equal(fake.log, "mode table1 ");	/* none left: it stays away */
}

static void an_expired_sa_does_not_come_back(void **state)
{
	struct offload *offload = *state;

	assert_int_equal(apply(offload, WITH("lifetime = \"1h\";"), false), 0);
	offload->pairs[0].born_ms -= 3600000;
	die(offload);
	assert_string_equal(fake.log, "mode table1 ");
	assert_int_equal(apply(offload, WITH("lifetime = \"1h\";"), false), 0);
	assert_false(fake.has_sa[1]);
	assert_int_equal(apply(offload, WITH("lifetime = \"2h\";"), false), 0);	/* unless it is given more time */
	assert_true(fake.has_sa[3] && fake.sas[3].seq_first > OFFLOAD_SEQ_MARGIN);
}

static void the_card_gets_time_and_limits_before_any_sa(void **state)
{
	struct offload *offload = *state;
	uint32_t before;

	assert_int_equal(apply(offload, "host_limits = { arp = 7; split = 0; reserve_buffers = 9; }; " ONE, false), 0);
	before = fake.now_seconds;
	assert_true(before > 0);
	assert_int_equal(fake.limits.period_cycles, OFFLOAD_PERIOD_CYCLES);
	assert_int_equal(fake.limits.packets[ADIT_REASON_HostArp - ADIT_REASON_HostIke], 7);
	assert_int_equal(fake.limits.packets[ADIT_REASON_HostNd - ADIT_REASON_HostIke], 200);
	assert_int_equal(fake.limits.packets[ADIT_REASON_HostSplit - ADIT_REASON_HostIke], 0);
	assert_int_equal(fake.limits.packets[0], 0);
	assert_int_equal(fake.limits.reserve_buffers, 9);
	die(offload);
	assert_true(fake.now_seconds >= before);
	assert_int_equal(fake.limits.packets[ADIT_REASON_HostArp - ADIT_REASON_HostIke], 7);
	fake.now_seconds = 0;
	assert_int_equal(offload_tick(offload), 0);
	assert_true(fake.now_seconds >= before);
	fake.caps.clock_hz = 300000000;		/* a card with a clock: told once, then it counts on */
	fake.now_seconds = 0;
	assert_int_equal(offload_tick(offload), 0);
	assert_int_equal(fake.now_seconds, 0);
	die(offload);
	assert_true(fake.now_seconds >= before);
	assert_int_equal(fake.limits.period_cycles, 300000000);
	offload->fixed_now_seconds = 5;
	assert_int_equal(adit_card_recover(fake_card()), 0);
	assert_int_equal(offload_restore(offload, why), 0);
	assert_int_equal(fake.now_seconds, 5);
}

/* ---- traffic goes on while tables change */

static unsigned n_clear, n_strange;
static uint64_t last_seq;

/* A packet for each rule, and one for none: who seals it, who lets it through? In TO_PEER rules 10.N belongs to peer N. */
static void a_packet_passes(void)
{
	for (unsigned i = 0; i < fake.n_rules; i++) {
		const struct adit_sp *rule = &fake.rules[i];
		uint16_t slot = fake.bound[rule->id];

		if (slot == ADIT_NO_SLOT || !fake.has_sa[slot] || fake.sas[slot].reqid != rule->reqid)
			continue;	/* no SA of the rule's: dropped */
		last_seq = fake.states[slot].seq++;
		n_strange += fake.sas[slot].dst.bytes[3] != rule->src.bytes[1];
	}
	n_clear += fake.n_rules == 0 && fake.mode.pass_unmatched;
}

static void watch_traffic(void)
{
	n_clear = n_strange = 0;
	last_seq = 0;
	fake.on_step = a_packet_passes;	/* until fake_reset() */
}

#define TO_PEER(name, n, extra) "{ name = \"" name "\"; src_address = \"10." n ".0.0/16\"; dst_address = \"10.9.0.0/16\"; " \
	"sa_src_address = \"192.0.2.1\"; sa_dst_address = \"198.51.100." n "\"; tunnel = true; " extra " }"

static void a_policy_that_goes_never_meets_the_sa_of_one_that_comes(void **state)
{
	assert_int_equal(apply(*state, "policies = ( " TO_PEER("a", "1", "manual_sa = \"m\";") " ); manual_sas = ( "
					MANUAL("m", "0x1001", "0x1002") " );", false), 0);
	watch_traffic();
	assert_int_equal(apply(*state, "policies = ( " TO_PEER("b", "2", "manual_sa = \"n\";") " ); manual_sas = ( "
					MANUAL("n", "0x2001", "0x2002") " );", false), 0);
	assert_int_equal(fake.n_rules, 1);
	assert_true(last_seq != 0);
	assert_int_equal(n_strange, 0);
	/* The same policy, level unique, with other ends. */
	assert_int_equal(apply(*state, "policies = ( " TO_PEER("c", "1", "manual_sa = \"m\"; level = \"unique\";")
					" ); manual_sas = ( " MANUAL("m", "0x1001", "0x1002") " );", false), 0);
	assert_int_equal(apply(*state, "policies = ( " TO_PEER("c", "2", "manual_sa = \"m\"; level = \"unique\";")
					" ); manual_sas = ( " MANUAL("m", "0x1001", "0x1002") " );", false), 0);
	assert_int_equal(n_strange, 0);
}

static void nothing_passes_in_clear_before_the_rules_are_there(void **state)
{
	assert_int_equal(apply(*state, "default_action = \"discard\";", false), 0);
	watch_traffic();
	assert_int_equal(apply(*state, "default_action = \"none\"; " ONE, false), 0);
	assert_true(fake.mode.pass_unmatched);
	assert_int_equal(n_clear, 0);
	assert_true(last_seq != 0);
	assert_int_equal(apply(*state, "default_action = \"discard\";", false), 0);
	assert_false(fake.mode.pass_unmatched);
	assert_int_equal(n_clear, 0);
}

static void a_flush_under_traffic_forgets_no_number(void **state)
{
	struct offload *offload = *state;
	unsigned n = 0;

	assert_int_equal(apply(offload, ONE, false), 0);
	watch_traffic();
	assert_int_equal(offload_look_sas(offload, why), 0);
	assert_int_equal(offload_flush(offload, true, true, &n, why), 0);
	assert_int_equal(n, 2);
	fake.on_step = NULL;
	assert_true(last_seq != 0);
	assert_int_equal(apply(offload, ONE, false), 0);
	assert_true(fake.sas[1].seq_first > last_seq);
}

static void a_packet_passes_until_the_card_dies(void)
{
	if (fake.n_recovered == 0)
		a_packet_passes();
}

/* The card dies in the midst of a change; the SA that is put back must not use what its successor has used. */
static void a_change_that_fails_under_traffic_repeats_no_number(void **state)
{
	unsigned n_failed = 0;

	(void)state;
	for (int n = 1; n < 20; n++) {
		struct offload *offload;
		int rc;

		fake_reset();
		offload = offload_open(fake_card());
		assert_int_equal(apply(offload, ONE, false), 0);
		watch_traffic();
		fake.on_step = a_packet_passes_until_the_card_dies;
		fake.fail_in = n;
		rc = apply(offload, WITH("path_mtu = 1400;"), false);
		fake.fail_in = 0;
		fake.on_step = NULL;
		if (rc < 0 && fake.n_recovered) {	/* else nothing had changed yet */
			n_failed++;
			assert_true(fake.has_sa[1] && fake.sas[1].seq_first > last_seq);
		}
		offload_close(offload);
	}
	assert_true(n_failed >= 5);
}

static void a_policy_does_not_inherit_the_counters_of_its_id(void **state)
{
	struct offload *offload = *state;
	char text[256];

	for (unsigned i = 0; i <= FAKE_RULES; i++) {	/* one more than there are ids: the last takes a used one */
		(void)snprintf(text, sizeof(text), "policies = ( { name = \"p%u\"; action = \"none\"; } );", i);
		assert_int_equal(apply(offload, text, false), 0);
		fake.counts[fake.rules[0].id].out_accepted += 100;
	}
	assert_int_equal(fake.rules[0].id, 0);
	assert_int_equal(offload_look_rules(offload, why), 0);
	assert_int_equal(offload->rules[0].state.out_accepted, 100);
}

static void a_batch_larger_than_the_ring_goes_through(void **state)
{
	struct batch batch;

	(void)state;
	assert_int_equal(batch_open(&batch, fake_card(), 1000), 0);
	for (unsigned i = 0; i < 1000; i++) {
		struct batch_item *item = batch_item(&batch, "query %u", i);
		int rc;

		do
			rc = adit_sp_query(fake_card(), (uint16_t)(i % FAKE_RULES), batch_done, item);
		while (batch_retry(&batch, item, rc));
	}
	assert_int_equal(batch_wait(&batch), 0);
	for (unsigned i = 0; i < 1000; i++)
		assert_int_equal(batch.items[i].status, 0);
	batch_close(&batch);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(sas_come_before_bindings_and_bindings_before_the_table),
		TEST(what_stays_the_same_is_not_touched),
		TEST(what_goes_is_deleted_and_unbound),
		TEST(a_changed_key_replaces_the_pair_in_other_slots),
		TEST(a_full_card_still_changes_its_sas),
		TEST(an_sa_by_another_name_goes_on_with_the_numbers_of_its_keys),
		TEST(a_change_that_fails_under_traffic_repeats_no_number),
		TEST(a_dry_run_counts_and_changes_nothing),
		TEST(what_the_card_lacks_is_refused_by_name_and_nothing_changes),
		TEST(more_policies_than_the_card_holds_are_refused),
		TEST(a_failure_at_any_command_puts_the_old_state_back),
		TEST(a_card_that_does_not_answer_ends_in_an_error_in_time),
		TEST(a_question_keeps_nobody_waiting_for_a_slow_card),
		TEST(after_a_reset_everything_comes_back_beyond_the_used_numbers),
		TEST(flushed_sas_stay_away_until_reload_and_go_on_with_their_numbers),
		TEST(of_a_bundle_the_outer_layer_comes_first_and_goes_last),
		TEST(a_flush_of_one_layer_takes_the_whole_bundle),
		TEST(with_esn_numbers_go_on_beyond_32_bits_and_end_at_64),
		TEST(a_card_that_dies_again_before_anybody_looked_repeats_no_number),
		TEST(an_sa_that_changes_but_for_its_keys_goes_on_with_its_numbers),
		TEST(what_an_earlier_life_used_of_a_limit_is_used),
		TEST(an_expired_sa_does_not_come_back),
		TEST(the_card_gets_time_and_limits_before_any_sa),
		TEST(a_policy_that_goes_never_meets_the_sa_of_one_that_comes),
		TEST(nothing_passes_in_clear_before_the_rules_are_there),
		TEST(a_flush_under_traffic_forgets_no_number),
		TEST(a_policy_does_not_inherit_the_counters_of_its_id),
		TEST(a_batch_larger_than_the_ring_goes_through),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
