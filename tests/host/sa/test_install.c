// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * The card says no, or nothing, or is away: at either stage, at either end. Nothing half-made stays, the peer learns of it where it can have
 * something, what stood before goes on standing, and nobody waits.
 */
#include "phase2_rig.h"

/* The four ways in which an installation fails; "policy": the rule that the SAs belong to cannot be had. */
static const struct {
	const char *name;
	int status;
	bool is_silent, is_generated;
} ways[] = {
	{ "SA", -ENOSPC, false, false },
	{ "policy", -EINVAL, false, true },
	{ "time-out", 0, true, false },
	{ "away", -ENODEV, false, false },
};

#define GENERATE_B "peers = ( { name = \"a\"; address = \"192.0.2.1/32\"; " SECRET " generate_policy = true; } );"

static struct rig *open_rig(bool is_generated)
{
	struct rig *rig = rig_open(CONFIG_A, is_generated ? GENERATE_B PROPOSAL("") : CONFIG_B, 1);

	rig_phase1(rig, (struct rig_phase1){ .initiator = 0 });
	rig_run(rig, 100);
	return rig;
}

static void initiate(struct rig *rig)
{
	char why[MATCH_WHY_BYTES];

	assert_int_equal(ike_initiate(rig->ends[0].ike, "p", rig->now_ms, why), 1);
}

/* After the failure both ends hold nothing; the other end's half is gone too, and the next attempt succeeds. */
static void fail_once(unsigned way, enum child_stage stage, unsigned failing)
{
	struct rig *rig = open_rig(ways[way].is_generated && failing == 1);
	struct rig_end *end = &rig->ends[failing];

	end->fault = (struct rig_fault){ .stage = stage, .nth = 1, .status = ways[way].status, .is_silent = ways[way].is_silent };
	initiate(rig);
	rig_run(rig, (ways[way].is_silent ? INSTALL_LIMIT_MS : 0) + LINGER_MS + 500);
	assert_int_equal(end->ike->counters.install_failures, 1);
	for (unsigned e = 0; e < 2; e++) {
		assert_int_equal(rig_count(&rig->ends[e]).n, 0);
		assert_int_equal(rig->ends[e].n_children, 0);
	}
	if (stage == CHILD_OUTBOUND)	/* the peer had installed, and a Delete told it */
		assert_true(end->ike->counters.deletes_sent >= 1);
	if (stage == CHILD_INBOUND && failing == 1)	/* the peer had nothing: it is only told to stop waiting */
		assert_true(rig_said(&rig->ends[0], "NO-PROPOSAL-CHOSEN"));
	assert_non_null(rig_sa(rig, 0));	/* phase 1 has nothing to do with it */
	assert_non_null(rig_sa(rig, 1));
	initiate(rig);
	rig_run(rig, 500);
	assert_int_equal(rig_count(&rig->ends[0]).mature, 1);
	assert_int_equal(rig_count(&rig->ends[1]).mature, 1);
	rig_traffic(rig, "p", rig->ends[1].children[0].spec.policy, 10);
	rig_run(rig, 200);
	rig_traffic(rig, NULL, NULL, 0);
	rig_run(rig, 50);
	rig_assert_nothing_lost(rig);
	rig_close(rig);
}

/* A rekey whose installation fails leaves the old child at work: not one packet is lost. */
static void fail_rekey(unsigned way, enum child_stage stage, unsigned failing, unsigned who)
{
	struct rig *rig = open_rig(ways[way].is_generated && failing == 1);
	struct rig_end *end = &rig->ends[failing];
	const char *policy_b;

	initiate(rig);
	rig_run(rig, 500);
	policy_b = rig->ends[1].children[0].spec.policy;
	rig_traffic(rig, "p", policy_b, 7);
	end->fault = (struct rig_fault){ .stage = stage, .nth = end->n_installs[stage] + 1, .status = ways[way].status, .is_silent = ways[way].is_silent };
	assert_int_equal(ike_rekey(rig->ends[who].ike, who ? policy_b : "p", false, rig->now_ms), 1);
	rig_run(rig, 9000);	/* before it is tried again */
	if (ways[way].is_silent)
		rig_run(rig, 3000);
	assert_int_equal(end->ike->counters.install_failures, 1);
	rig_run(rig, 80000);	/* tried again, replaced, the old one gone */
	rig_traffic(rig, NULL, NULL, 0);
	rig_run(rig, 100);
	rig_assert_nothing_lost(rig);
	for (unsigned e = 0; e < 2; e++) {
		assert_int_equal(rig_count(&rig->ends[e]).mature, 1);
		assert_int_equal(rig_count(&rig->ends[e]).n, 1);
		assert_int_equal(rig->ends[e].n_children, 1);
	}
	rig_close(rig);
}

#define WAYS (sizeof(ways) / sizeof(ways[0]))
#define CASES(name, stage, failing) \
	static void name(void **state) \
	{ \
		(void)state; \
		for (unsigned way = 0; way < WAYS; way++) \
			fail_once(way, stage, failing); \
	}
CASES(the_initiators_inbound_half_fails_in_four_ways, CHILD_INBOUND, 0)
CASES(the_initiators_outbound_half_fails_in_four_ways, CHILD_OUTBOUND, 0)
CASES(the_responders_inbound_half_fails_in_four_ways, CHILD_INBOUND, 1)
CASES(the_responders_outbound_half_fails_in_four_ways, CHILD_OUTBOUND, 1)

#define REKEY_CASES(name, stage, failing) \
	static void name(void **state) \
	{ \
		(void)state; \
		for (unsigned way = 0; way < WAYS; way++) \
			for (unsigned who = 0; who < 2; who++) \
				fail_rekey(way, stage, failing, who); \
	}
REKEY_CASES(a_rekey_whose_inbound_half_fails_at_a_leaves_the_old_child_at_work, CHILD_INBOUND, 0)
REKEY_CASES(a_rekey_whose_outbound_half_fails_at_a_leaves_the_old_child_at_work, CHILD_OUTBOUND, 0)
REKEY_CASES(a_rekey_whose_inbound_half_fails_at_b_leaves_the_old_child_at_work, CHILD_INBOUND, 1)
REKEY_CASES(a_rekey_whose_outbound_half_fails_at_b_leaves_the_old_child_at_work, CHILD_OUTBOUND, 1)

/* ---- order */

struct order {
	unsigned n_quick[2];
	unsigned installs_at_message_2, installs_at_message_3, outbound_at_message_3;
};

static enum rig_fate note_order(struct rig *rig, unsigned from, const uint8_t *bytes, size_t n, unsigned nth)
{
	struct order *order = rig->fate_arg;

	(void)n;
	(void)nth;
	if (bytes[18] != X_QUICK)
		return RIG_PASS;
	order->n_quick[from]++;
	if (from == 1)
		order->installs_at_message_2 = rig->ends[1].children[0].has_inbound;
	if (from == 0 && order->n_quick[0] == 2) {
		order->installs_at_message_3 = rig->ends[0].children[0].has_inbound;
		order->outbound_at_message_3 = rig->ends[0].n_installs[CHILD_OUTBOUND];
	}
	return RIG_PASS;
}

static void inbound_stands_before_the_message_that_lets_the_peer_send(void **state)
{
	struct order order = { .n_quick = { 0, 0 } };
	struct rig *rig = open_rig(false);

	(void)state;
	rig->fate = note_order;
	rig->fate_arg = &order;
	rig->ends[0].card_ms = rig->ends[1].card_ms = 400;	/* slow cards */
	initiate(rig);
	rig_run(rig, 404);
	assert_int_equal(order.n_quick[1], 0);	/* message 2 waits for the card */
	rig_run(rig, 3000);
	assert_int_equal(order.installs_at_message_2, 1);
	assert_int_equal(order.installs_at_message_3, 1);
	assert_int_equal(order.outbound_at_message_3, 0);
	assert_int_equal(rig_count(&rig->ends[0]).mature, 1);
	assert_int_equal(rig_count(&rig->ends[1]).mature, 1);
	rig_close(rig);
}

/* ---- nobody waits */

#define TWO_A PEER_A("") "policies = ( " TUNNEL_A("p", "10.1.0.0/16", "10.2.0.0/16", "") ", " TUNNEL_A("q", "10.3.0.0/16", "10.4.0.0/16", "") " );" PROPOSAL("")
#define TWO_B PEER_B("") "policies = ( " TUNNEL_B("p", "10.2.0.0/16", "10.1.0.0/16", "") ", " TUNNEL_B("q", "10.4.0.0/16", "10.3.0.0/16", "") " );" PROPOSAL("")

static void an_installation_without_an_answer_delays_nobody_else(void **state)
{
	struct rig *rig = rig_open(TWO_A, TWO_B, 1);
	char why[MATCH_WHY_BYTES];

	(void)state;
	rig_phase1(rig, (struct rig_phase1){ .initiator = 0 });
	rig->ends[1].fault = (struct rig_fault){ .stage = CHILD_INBOUND, .nth = 1, .is_silent = true };
	assert_int_equal(ike_initiate(rig->ends[0].ike, "p", rig->now_ms, why), 1);
	rig_run(rig, 20);
	assert_int_equal(ike_initiate(rig->ends[0].ike, "q", rig->now_ms, why), 1);
	rig_run(rig, 100);
	assert_string_equal(ike_ph2_state(rig->ends[0].ike, "q"), "established");
	assert_string_equal(ike_ph2_state(rig->ends[0].ike, "p"), "no-phase2");
	rig_run(rig, INSTALL_LIMIT_MS);
	assert_int_equal(rig->ends[1].n_children, 1);
	rig_close(rig);
}

static void an_answer_that_comes_after_the_limit_changes_nothing(void **state)
{
	struct rig *rig = open_rig(false);

	(void)state;
	rig->ends[0].card_ms = INSTALL_LIMIT_MS + 1000;
	initiate(rig);
	rig_run(rig, INSTALL_LIMIT_MS + 5000);
	assert_int_equal(rig->ends[0].ike->counters.install_failures, 1);
	assert_int_equal(rig->ends[0].n_children + rig->ends[1].n_children, 0);
	ike_child_done(rig->ends[0].ike, 4711, CHILD_INBOUND, 0, rig->now_ms);	/* an id that never was */
	ike_child_done(rig->ends[0].ike, 0, CHILD_OUTBOUND, -EIO, rig->now_ms);
	assert_int_equal(rig_count(&rig->ends[0]).n, 0);
	rig_close(rig);
}

static void an_answer_nobody_asked_for_changes_nothing(void **state)
{
	struct rig *rig = open_rig(false);
	uint32_t id;

	(void)state;
	initiate(rig);
	rig_run(rig, 500);
	id = rig->ends[0].children[0].spec.id;
	ike_child_done(rig->ends[0].ike, id, CHILD_INBOUND, -EIO, rig->now_ms);
	ike_child_done(rig->ends[0].ike, id, CHILD_OUTBOUND, -EIO, rig->now_ms);
	ike_child_done(rig->ends[0].ike, id, CHILD_OUTBOUND, 0, rig->now_ms);
	assert_int_equal(rig_count(&rig->ends[0]).mature, 1);
	assert_int_equal(rig->ends[0].n_children, 1);
	rig_close(rig);
}

static void an_engine_that_closes_leaves_the_card_as_it_is_told_to(void **state)
{
	(void)state;
	for (unsigned remove = 0; remove < 2; remove++) {
		struct rig *rig = open_rig(false);
		struct rig_end *end = &rig->ends[0];

		initiate(rig);
		rig_run(rig, 500);
		ike_close(end->ike, remove, remove);
		end->ike = NULL;
		assert_int_equal(end->n_children, !remove);
		for (unsigned i = 0; i < end->n_children; i++)
			rig_free_child(&end->children[i]);
		end->n_children = 0;
		rig_run(rig, 500);
		assert_int_equal(rig->ends[1].n_children, !remove);	/* a goodbye reaches the peer */
		rig_close(rig);
	}
}

static void closing_in_the_middle_of_an_installation_takes_it_back(void **state)
{
	(void)state;
	for (int64_t at = 0; at < 40; at++) {
		struct rig *rig = open_rig(false);

		initiate(rig);
		rig_run(rig, at);
		rig_close(rig);		/* asserts that nothing is left in either card */
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_initiators_inbound_half_fails_in_four_ways),
		cmocka_unit_test(the_initiators_outbound_half_fails_in_four_ways),
		cmocka_unit_test(the_responders_inbound_half_fails_in_four_ways),
		cmocka_unit_test(the_responders_outbound_half_fails_in_four_ways),
		cmocka_unit_test(a_rekey_whose_inbound_half_fails_at_a_leaves_the_old_child_at_work),
		cmocka_unit_test(a_rekey_whose_outbound_half_fails_at_a_leaves_the_old_child_at_work),
		cmocka_unit_test(a_rekey_whose_inbound_half_fails_at_b_leaves_the_old_child_at_work),
		cmocka_unit_test(a_rekey_whose_outbound_half_fails_at_b_leaves_the_old_child_at_work),
		cmocka_unit_test(inbound_stands_before_the_message_that_lets_the_peer_send),
		cmocka_unit_test(an_installation_without_an_answer_delays_nobody_else),
		cmocka_unit_test(an_answer_that_comes_after_the_limit_changes_nothing),
		cmocka_unit_test(an_answer_nobody_asked_for_changes_nothing),
		cmocka_unit_test(an_engine_that_closes_leaves_the_card_as_it_is_told_to),
		cmocka_unit_test(closing_in_the_middle_of_an_installation_takes_it_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
