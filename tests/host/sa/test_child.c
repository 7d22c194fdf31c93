// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * What makes a negotiation begin, and what ends a child besides its age: the card's acquire, people, a reload, a peer's new address.
 * The seed's level, send_initial_contact and ph2-state; SEMANTICS §1.7.
 */
#include "phase2_rig.h"


static struct selectors packet;

static void acquire(struct rig *rig, unsigned e, const char *policy)
{
	ike_acquire(rig->ends[e].ike, policy, &packet, rig->now_ms);
}

static unsigned initiate(struct rig *rig, unsigned e, const char *name, char why[MATCH_WHY_BYTES])
{
	return ike_initiate(rig->ends[e].ike, name, rig->now_ms, why);
}

static const struct ike_counters *counters(const struct rig *rig, unsigned e)
{
	return ike_counters(rig->ends[e].ike);
}

static struct rig *open_up(const char *a, const char *b)
{
	struct rig *rig = rig_open(a, b, 1);
	char why[MATCH_WHY_BYTES];

	rig_phase1(rig, (struct rig_phase1){ .initiator = 0 });
	rig_run(rig, 50);
	assert_true(initiate(rig, 0, "b", why) > 0);
	rig_run(rig, 450);
	return rig;
}

/* ---- acquire */

static void an_acquire_negotiates_phase_1_and_phase_2_once(void **state)
{
	struct rig *rig = rig_open(CONFIG_A, CONFIG_B, 1);

	(void)state;
	for (unsigned i = 0; i < 10; i++)
		acquire(rig, 0, "p");
	rig_run(rig, 5);
	acquire(rig, 0, "p");
	rig_run(rig, 1000);
	acquire(rig, 0, "p");
	rig_run(rig, 1000);
	assert_int_equal(counters(rig, 0)->acquires, 12);
	assert_int_equal(counters(rig, 0)->phase1_initiated, 1);
	assert_int_equal(counters(rig, 0)->phase2_initiated, 1);
	assert_int_equal(rig_count(&rig->ends[0]).mature, 1);
	assert_int_equal(rig_count(&rig->ends[1]).mature, 1);
	rig_traffic(rig, "p", "p", 10);
	rig_run(rig, 200);
	rig_traffic(rig, NULL, NULL, 0);
	rig_run(rig, 50);
	rig_assert_nothing_lost(rig);
	rig_close(rig);
}

static void acquires_at_both_ends_at_once_end_in_working_children(void **state)
{
	(void)state;
	for (int64_t apart = 0; apart < 40; apart += 3) {
		struct rig *rig = rig_open(CONFIG_A, CONFIG_B, (uint64_t)apart + 1);

		acquire(rig, 0, "p");
		rig_run(rig, apart);
		acquire(rig, 1, "p");
		rig_run(rig, 3000);
		assert_true(rig_count(&rig->ends[0]).mature >= 1 && rig_count(&rig->ends[1]).mature >= 1);
		rig_traffic(rig, "p", "p", 10);
		rig_run(rig, 100000);
		rig_traffic(rig, NULL, NULL, 0);
		rig_run(rig, 50);
		rig_assert_nothing_lost(rig);
		rig_close(rig);
	}
}

static void acquires_for_two_policies_share_one_phase_1(void **state)
{
	struct rig *rig = rig_open(PEER_A("") "policies = ( " TUNNEL_A("p", "10.1.0.0/16", "10.2.0.0/16", "") ", "
				   TUNNEL_A("q", "10.3.0.0/16", "10.4.0.0/16", "level = \"unique\";") " );" PROPOSAL(""),
				   PEER_B("") "policies = ( " TUNNEL_B("p", "10.2.0.0/16", "10.1.0.0/16", "") ", "
				   TUNNEL_B("q", "10.4.0.0/16", "10.3.0.0/16", "") " );" PROPOSAL(""), 1);

	(void)state;
	acquire(rig, 0, "p");
	acquire(rig, 0, "q");
	rig_run(rig, 1000);
	assert_int_equal(counters(rig, 0)->phase1_initiated, 1);
	assert_int_equal(counters(rig, 0)->phase2_initiated, 2);	/* each policy has SAs of its own, level unique or not */
	assert_string_equal(ike_ph2_state(rig->ends[0].ike, "p"), "established");
	assert_string_equal(ike_ph2_state(rig->ends[0].ike, "q"), "established");
	rig_close(rig);
}

static void level_use_sends_in_clear_and_never_asks(void **state)	/* "and do not acquire": the seed's words for use */
{
	struct rig *rig = rig_open(PEER_A("") POLICY_A("level = \"use\";") PROPOSAL(""), CONFIG_B, 1);
	char why[MATCH_WHY_BYTES];

	(void)state;
	acquire(rig, 0, "p");
	rig_run(rig, 1000);
	assert_int_equal(counters(rig, 0)->phase1_initiated, 0);
	assert_int_equal(initiate(rig, 0, "p", why), 1);	/* by hand it may be had */
	rig_run(rig, 1000);
	assert_int_equal(rig_count(&rig->ends[0]).mature, 1);
	rig_close(rig);
}

static void acquires_for_what_has_no_keys_of_ike_are_ignored(void **state)
{
	struct rig *rig = rig_open(PEER_A("") "policies = ( { name = \"d\"; src_address = \"10.1.0.0/16\"; dst_address = \"10.2.0.0/16\"; action = \"discard\"; } );"
				   PROPOSAL(""), CONFIG_B, 1);

	(void)state;
	acquire(rig, 0, "d");
	acquire(rig, 0, "nobody");
	acquire(rig, 0, "");
	rig_run(rig, 1000);
	assert_int_equal(rig->ends[0].n_sent, 0);
	rig_close(rig);
}

static void send_initial_contact_off_waits_for_the_peer(void **state)
{
	struct rig *rig = rig_open(PEER_A("send_initial_contact = false;") POLICY_A("") PROPOSAL(""), CONFIG_B, 1);
	char why[MATCH_WHY_BYTES];

	(void)state;
	acquire(rig, 0, "p");
	rig_run(rig, 1000);
	assert_int_equal(rig->ends[0].n_sent, 0);
	rig_run(rig, 5000);
	assert_int_equal(rig->ends[0].n_unacquired, 1);
	assert_int_equal(initiate(rig, 0, "p", why), 1);	/* but by hand */
	rig_run(rig, 1000);
	assert_int_equal(rig_count(&rig->ends[0]).mature, 1);
	rig_close(rig);
	rig = rig_open(PEER_A("send_initial_contact = false;") POLICY_A("") PROPOSAL(""), CONFIG_B, 1);
	rig_phase1(rig, (struct rig_phase1){ .initiator = 1 });	/* the peer has begun: now this end may ask */
	acquire(rig, 0, "p");
	rig_run(rig, 1000);
	assert_int_equal(rig_count(&rig->ends[0]).mature, 1);
	rig_close(rig);
}

static enum rig_fate lose_all(struct rig *rig, unsigned from, const uint8_t *bytes, size_t n, unsigned nth)
{
	(void)rig;
	(void)from;
	(void)bytes;
	(void)n;
	(void)nth;
	return RIG_LOSE;
}

static void each_failure_makes_the_card_wait_longer_before_it_asks_again(void **state)
{
	static const int64_t waits_ms[] = { 5000, 10000, 20000, 40000, 60000, 60000 };
	struct rig *rig = rig_open(CONFIG_A, CONFIG_B, 1);

	(void)state;
	rig->fate = lose_all;
	for (size_t i = 0; i < sizeof(waits_ms) / sizeof(waits_ms[0]); i++) {
		uint64_t failed = counters(rig, 0)->phase1_failed;

		acquire(rig, 0, "p");
		for (unsigned s = 0; counters(rig, 0)->phase1_failed == failed; s++) {
			assert_true(s < 2000);
			rig_run(rig, 100);
		}
		assert_int_equal(rig->ends[0].n_unacquired, i);
		rig_run(rig, waits_ms[i] - 200);
		acquire(rig, 0, "p");	/* too early: joins what waits */
		assert_int_equal(counters(rig, 0)->phase1_initiated, i + 1);
		assert_int_equal(rig->ends[0].n_unacquired, i);
		rig_run(rig, 300);
		assert_int_equal(rig->ends[0].n_unacquired, i + 1);
		assert_string_equal(rig->ends[0].unacquired, "p");
	}
	rig->fate = NULL;
	acquire(rig, 0, "p");
	rig_run(rig, 1000);
	assert_int_equal(rig_count(&rig->ends[0]).mature, 1);
	rig_close(rig);
}

static void by_hand_it_begins_at_once_even_in_the_back_off(void **state)
{
	struct rig *rig = rig_open(CONFIG_A, CONFIG_B, 1);
	char why[MATCH_WHY_BYTES];

	(void)state;
	rig->fate = lose_all;
	acquire(rig, 0, "p");
	rig_run(rig, 100000);
	acquire(rig, 0, "p");
	rig_run(rig, 88000);
	rig->fate = NULL;
	(void)initiate(rig, 0, "p", why);
	rig_run(rig, 1000);
	if (rig_count(&rig->ends[0]).mature == 0) {	/* it was still retransmitting: soon */
		rig_run(rig, 40000);
	}
	assert_int_equal(rig_count(&rig->ends[0]).mature, 1);
	rig_close(rig);
}

static void what_waits_out_a_failure_goes_on_as_soon_as_there_is_a_phase_1(void **state)
{
	(void)state;
	for (unsigned by_hand = 0; by_hand < 2; by_hand++) {
		struct rig *rig = rig_open(PEER_A("send_initial_contact = false;") POLICY_A("") PROPOSAL(""), CONFIG_B, 1);
		char why[MATCH_WHY_BYTES];

		acquire(rig, 0, "p");	/* may not begin: backs off */
		rig_run(rig, 1000);
		assert_int_equal(rig->ends[0].n_sent, 0);
		if (by_hand)
			assert_int_equal(initiate(rig, 0, "p", why), 1);
		else
			rig_phase1(rig, (struct rig_phase1){ .initiator = 1 });
		rig_run(rig, 1000);
		assert_int_equal(rig_count(&rig->ends[0]).mature, 1);
		rig_run(rig, 100000);
		assert_int_equal(rig->ends[0].n_unacquired, 0);
		rig_close(rig);
	}
}

static void what_the_peer_negotiates_meanwhile_is_enough(void **state)
{
	struct rig *rig = rig_open(CONFIG_A, CONFIG_B, 1);

	(void)state;
	rig->fate = lose_all;
	acquire(rig, 0, "p");		/* waits for a phase 1 that cannot come */
	rig_run(rig, 100);
	rig->fate = NULL;
	acquire(rig, 1, "p");		/* the other end's can */
	rig_run(rig, 1000);
	assert_true(rig_count(&rig->ends[0]).mature >= 1);
	assert_string_equal(ike_ph2_state(rig->ends[0].ike, "p"), "established");
	rig_run(rig, 100000);
	assert_int_equal(rig->ends[0].n_unacquired, 0);
	rig_close(rig);
}

/* ---- by hand */

static void initiate_says_why_it_cannot_be(void **state)
{
	static const struct { const char *config, *name, *why; } rows[] = {
		{ CONFIG_A, "nobody", "neither a policy nor a peer" },
		{ PEER_A("") "policies = ( { name = \"d\"; src_address = \"10.1.0.0/16\"; dst_address = \"10.2.0.0/16\"; action = \"discard\"; } );" PROPOSAL(""),
		  "d", "no keys of IKE" },
		{ PEER_A("") POLICY_A("disabled = true;") PROPOSAL(""), "p", "no keys of IKE" },
		{ "peers = ( { name = \"b\"; address = \"198.51.100.0/24\"; " SECRET " } );" PROPOSAL(""), "b", "no single address" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct rig *rig = rig_open(rows[i].config, CONFIG_B, 1);
		char why[MATCH_WHY_BYTES] = "";

		assert_int_equal(initiate(rig, 0, rows[i].name, why), 0);
		assert_non_null(strstr(why, rows[i].why));
		assert_int_equal(rig->ends[0].n_sent, 0);
		rig_close(rig);
	}
}

static void initiate_of_what_stands_already_does_nothing_more(void **state)
{
	struct rig *rig = open_up(CONFIG_A, CONFIG_B);
	char why[MATCH_WHY_BYTES];

	(void)state;
	assert_int_equal(initiate(rig, 0, "p", why), 1);
	assert_int_equal(initiate(rig, 0, "b", why), 1);
	rig_run(rig, 1000);
	assert_int_equal(counters(rig, 0)->phase2_initiated, 1);
	rig_close(rig);
}

static void a_peer_without_policies_gets_a_phase_1(void **state)
{
	struct rig *rig = rig_open(PEER_A("") "local_addresses = ( \"192.0.2.1\" );" PROPOSAL(""), CONFIG_B, 1);
	char why[MATCH_WHY_BYTES];

	(void)state;
	assert_int_equal(initiate(rig, 0, "b", why), 1);
	rig_run(rig, 1000);
	assert_non_null(rig_sa(rig, 0));
	assert_int_equal(initiate(rig, 0, "b", why), 1);
	rig_run(rig, 1000);
	assert_int_equal(counters(rig, 0)->phase1_initiated, 1);
	rig_close(rig);
}

#define TWO_A PEER_A("") "policies = ( " TUNNEL_A("p", "10.1.0.0/16", "10.2.0.0/16", "") ", " TUNNEL_A("q", "10.3.0.0/16", "10.4.0.0/16", "") " );" PROPOSAL("")
#define TWO_B PEER_B("") "policies = ( " TUNNEL_B("p", "10.2.0.0/16", "10.1.0.0/16", "") ", " TUNNEL_B("q", "10.4.0.0/16", "10.3.0.0/16", "") " );" PROPOSAL("")

static void terminate_ends_a_policys_children_or_all_of_a_peer_and_tells_it(void **state)
{
	struct rig *rig = open_up(TWO_A, TWO_B);

	(void)state;
	assert_int_equal(rig_count(&rig->ends[1]).mature, 2);
	assert_int_equal(ike_terminate(rig->ends[0].ike, "nobody", rig->now_ms), 0);
	assert_int_equal(ike_terminate(rig->ends[0].ike, "p", rig->now_ms), 1);
	rig_run(rig, 100);
	assert_int_equal(rig_count(&rig->ends[1]).mature, 1);
	assert_non_null(rig_sa(rig, 1));
	assert_int_equal(ike_terminate(rig->ends[0].ike, "b", rig->now_ms), 2);	/* q's child and the ISAKMP SA */
	rig_run(rig, 100);
	assert_int_equal(rig->ends[0].n_children + rig->ends[1].n_children, 0);
	assert_null(rig_sa(rig, 0));
	assert_null(rig_sa(rig, 1));
	rig_close(rig);
}

static void rekey_by_hand_replaces_all_children_of_a_peer(void **state)
{
	struct rig *rig = open_up(TWO_A, TWO_B);

	(void)state;
	assert_int_equal(ike_rekey(rig->ends[0].ike, "nobody", true, rig->now_ms), 0);
	assert_int_equal(ike_rekey(rig->ends[0].ike, "b", false, rig->now_ms), 2);
	rig_run(rig, 1000);
	assert_int_equal(rig_count(&rig->ends[0]).mature, 2);
	assert_int_equal(rig_count(&rig->ends[0]).dying, 2);
	rig_run(rig, 60000);
	assert_int_equal(rig_count(&rig->ends[0]).n, 2);
	assert_int_equal(rig->ends[1].n_children, 2);
	rig_close(rig);
}

static void views_tell_what_people_want_to_know(void **state)
{
	struct rig *rig = open_up(PEER_A("") POLICY_A("") ALGS("\"sha1\"", "\"aes-128\"", "ecp256", "lifetime = 600;"),
				  PEER_B("") POLICY_B("") ALGS("\"sha1\"", "\"aes-128\"", "ecp256", "lifetime = 600;"));
	struct child_use use = { .in_packets = 3, .in_bytes = 300, .out_packets = 4, .out_bytes = 400 };
	struct ike_child_view view;

	(void)state;
	ike_child_used(rig->ends[0].ike, rig->ends[0].children[0].spec.id, &use, rig->now_ms);
	view = rig_count(&rig->ends[0]).last;
	assert_string_equal(view.policy, "p");
	assert_string_equal(view.peer, "b");
	assert_string_equal(view.state, "mature");
	assert_true(view.is_initiator && !view.is_generated);
	assert_int_equal(view.pfs, DH_ECP256);
	assert_int_equal(view.ike_id, rig_sa(rig, 0)->id);
	assert_int_equal(view.spi_in, rig->ends[0].children[0].spec.sas.sa[SA_IN].spi);
	assert_int_equal(view.spi_out, rig->ends[0].children[0].spec.sas.sa[SA_OUT].spi);
	assert_int_equal(view.hard_ms - view.since_ms, 600000);
	assert_true(view.soft_ms < view.hard_ms);
	assert_int_equal(view.use.out_bytes, 400);
	assert_int_equal(view.selectors.src.plen, 16);
	rig_close(rig);
}

/* ---- reload */

static void reload_to(struct rig *rig, unsigned e, const char *text)
{
	struct config *config = config_of(text);

	ike_reconfigure(rig->ends[e].ike, config, rig->now_ms);
	config_free(rig->ends[e].config);
	rig->ends[e].config = config;
}

static void a_reload_leaves_what_did_not_change_and_ends_what_did(void **state)
{
	static const struct { const char *config; unsigned left; } rows[] = {
		{ TWO_A, 2 },
		{ PEER_A("") "policies = ( " TUNNEL_A("q", "10.3.0.0/16", "10.4.0.0/16", "") ", " TUNNEL_A("p", "10.1.0.0/16", "10.2.0.0/16", "") " );" PROPOSAL(""), 2 },
		{ PEER_A("") "policies = ( " TUNNEL_A("p", "10.1.0.0/16", "10.2.0.0/16", "") " );" PROPOSAL(""), 1 },
		{ PEER_A("") "policies = ( " TUNNEL_A("p", "10.1.0.0/16", "10.2.0.0/16", "priority = 3;") ", " TUNNEL_A("q", "10.3.0.0/16", "10.4.0.0/16", "") " );" PROPOSAL(""), 1 },
		{ PEER_A("") "policies = ( " TUNNEL_A("p", "10.1.0.0/16", "10.2.0.0/16", "disabled = true;") ", " TUNNEL_A("q", "10.3.0.0/16", "10.4.0.0/16", "") " );" PROPOSAL(""), 1 },
		{ PEER_A("") "policies = ( " TUNNEL_A("p", "10.1.0.0/16", "10.2.0.0/16", "") ", " TUNNEL_A("q", "10.3.0.0/16", "10.4.0.0/16", "") " );" PROPOSAL("lifetime = 77;"), 0 },
		{ PROPOSAL(""), 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct rig *rig = open_up(TWO_A, TWO_B);

		assert_int_equal(rig->ends[0].n_children, 2);
		reload_to(rig, 0, rows[i].config);
		rig_run(rig, 500);
		assert_int_equal(rig->ends[0].n_children, rows[i].left);
		assert_int_equal(rig->ends[1].n_children, rows[i].left);	/* by Deletes */
		rig_close(rig);
	}
}

static void a_reload_in_the_middle_of_a_quick_mode_is_harmless(void **state)
{
	char why[MATCH_WHY_BYTES];

	(void)state;
	for (int64_t at = 0; at < 30; at++)
		for (unsigned e = 0; e < 2; e++) {
			struct rig *rig = rig_open(TWO_A, TWO_B, 1);

			rig_phase1(rig, (struct rig_phase1){ .initiator = 0 });
			rig_run(rig, 50);
			assert_int_equal(initiate(rig, 0, "b", why), 2);
			rig_run(rig, at);
			reload_to(rig, e, e ? CONFIG_B : CONFIG_A);	/* without q */
			rig_run(rig, 5000);
			assert_int_equal(rig->ends[0].n_children, rig->ends[1].n_children);
			assert_string_equal(ike_ph2_state(rig->ends[e].ike, "p"), "established");
			assert_string_equal(ike_ph2_state(rig->ends[e].ike, "q"), "no-phase2");
			rig_close(rig);
		}
}

static void a_generated_policy_goes_when_the_peer_may_generate_no_more(void **state)
{
	struct rig *rig = open_up(CONFIG_A, "peers = ( { name = \"a\"; address = \"192.0.2.1/32\"; " SECRET " generate_policy = true; } );" PROPOSAL(""));

	(void)state;
	assert_int_equal(rig->ends[1].n_children, 1);
	reload_to(rig, 1, "peers = ( { name = \"a\"; address = \"192.0.2.1/32\"; " SECRET " } );" PROPOSAL(""));
	rig_run(rig, 500);
	assert_int_equal(rig->ends[0].n_children + rig->ends[1].n_children, 0);
	rig_close(rig);
}

/* ---- addresses */

static void a_peers_new_address_reaches_the_card_for_children_in_udp(void **state)
{
	struct rig *rig = rig_open(CONFIG_A, CONFIG_B, 1);
	char why[MATCH_WHY_BYTES];
	struct ike_sa *sa;
	struct adit_sa before;

	(void)state;
	rig_phase1(rig, (struct rig_phase1){ .initiator = 0, .is_natt = true });
	rig_run(rig, 50);
	assert_int_equal(initiate(rig, 0, "p", why), 1);
	rig_run(rig, 500);
	before = rig->ends[1].children[0].spec.sas.sa[SA_OUT];
	assert_int_equal(before.natt_dport, 4500);
	sa = rig_sa(rig, 1);
	assert_true(addr_get("203.0.113.77", &sa->path.remote.addr));
	sa->path.remote.port = 61234;
	child_path_changed(sa);
	assert_int_equal(rig->ends[1].n_updates, 1);
	assert_int_equal(rig->ends[1].children[0].spec.sas.sa[SA_OUT].natt_dport, 61234);
	assert_int_equal(rig->ends[1].children[0].spec.sas.sa[SA_IN].natt_sport, 61234);
	assert_int_equal(rig->ends[1].children[0].spec.sas.sa[SA_OUT].dst.bytes[3], 77);
	assert_int_equal(rig->ends[1].children[0].spec.sas.sa[SA_IN].src.bytes[3], 77);
	assert_true(sa_same_keys(&before, &rig->ends[1].children[0].spec.sas.sa[SA_OUT]));
	assert_int_equal(before.spi, rig->ends[1].children[0].spec.sas.sa[SA_OUT].spi);
	rig_close(rig);
}

/* ---- bounds */

static void one_peer_cannot_have_children_without_end(void **state)
{
	struct rig *rig = open_up(CONFIG_A, CONFIG_B);

	(void)state;
	for (unsigned i = 0; i < 1100; i++) {
		(void)ike_rekey(rig->ends[0].ike, "p", true, rig->now_ms);
		rig_run(rig, 17);
	}
	assert_true(rig->ends[1].n_children <= CHILDREN_PER_PEER);
	assert_true(rig_said(&rig->ends[1], "too many children of one peer"));
	rig_run(rig, 100000);
	assert_int_equal(rig_count(&rig->ends[0]).mature, 1);
	assert_int_equal(rig->ends[1].n_children, 1);
	rig_close(rig);
}

static void ids_that_wrap_around_skip_0_and_the_newest_child_still_seals(void **state)
{
	struct rig *rig = rig_open(CONFIG_A, CONFIG_B, 1);
	char why[MATCH_WHY_BYTES];

	(void)state;
	rig->ends[0].ike->last_id = rig->ends[1].ike->last_id = UINT32_MAX - 4u;
	rig_phase1(rig, (struct rig_phase1){ .initiator = 0 });
	assert_int_equal(initiate(rig, 0, "p", why), 1);
	rig_run(rig, 500);
	for (unsigned i = 0; i < 4; i++) {
		assert_int_equal(ike_rekey(rig->ends[0].ike, "p", false, rig->now_ms), 1);
		rig_run(rig, 60000);
		for (unsigned e = 0; e < 2; e++) {
			assert_int_equal(rig_count(&rig->ends[e]).mature, 1);
			assert_int_not_equal(rig->ends[e].ike->children->spec.id, 0);
			assert_true(rig->ends[e].ike->last_id > UINT32_MAX);
		}
	}
	rig_close(rig);
}

static void spis_are_fresh_and_none_of_the_reserved(void **state)
{
	struct rig *rig = rig_open(CONFIG_A, CONFIG_B, 1);

	(void)state;
	for (unsigned i = 0; i < 10000; i++)
		assert_true(child_fresh_spi(rig->ends[0].ike) >= 0x1000);
	rig_close(rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_acquire_negotiates_phase_1_and_phase_2_once),
		cmocka_unit_test(acquires_at_both_ends_at_once_end_in_working_children),
		cmocka_unit_test(acquires_for_two_policies_share_one_phase_1),
		cmocka_unit_test(level_use_sends_in_clear_and_never_asks),
		cmocka_unit_test(acquires_for_what_has_no_keys_of_ike_are_ignored),
		cmocka_unit_test(send_initial_contact_off_waits_for_the_peer),
		cmocka_unit_test(each_failure_makes_the_card_wait_longer_before_it_asks_again),
		cmocka_unit_test(by_hand_it_begins_at_once_even_in_the_back_off),
		cmocka_unit_test(what_waits_out_a_failure_goes_on_as_soon_as_there_is_a_phase_1),
		cmocka_unit_test(what_the_peer_negotiates_meanwhile_is_enough),
		cmocka_unit_test(initiate_says_why_it_cannot_be),
		cmocka_unit_test(initiate_of_what_stands_already_does_nothing_more),
		cmocka_unit_test(a_peer_without_policies_gets_a_phase_1),
		cmocka_unit_test(terminate_ends_a_policys_children_or_all_of_a_peer_and_tells_it),
		cmocka_unit_test(rekey_by_hand_replaces_all_children_of_a_peer),
		cmocka_unit_test(views_tell_what_people_want_to_know),
		cmocka_unit_test(a_reload_leaves_what_did_not_change_and_ends_what_did),
		cmocka_unit_test(a_reload_in_the_middle_of_a_quick_mode_is_harmless),
		cmocka_unit_test(a_generated_policy_goes_when_the_peer_may_generate_no_more),
		cmocka_unit_test(a_peers_new_address_reaches_the_card_for_children_in_udp),
		cmocka_unit_test(one_peer_cannot_have_children_without_end),
		cmocka_unit_test(ids_that_wrap_around_skip_0_and_the_newest_child_still_seals),
		cmocka_unit_test(spis_are_fresh_and_none_of_the_reserved),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
