// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * A child's age: when it is replaced, by whom, and that no packet is lost over it, whatever crosses. Packets are sent both ways all the time,
 * sealed and opened with the keys that the engines gave to the cards.
 */
#include "phase2_rig.h"

#define LIFE(text) PROPOSAL("lifetime = " text ";")

static struct rig *open_pair(const char *a, const char *b, uint64_t seed)
{
	struct rig *rig = rig_open(a, b, seed);
	char why[MATCH_WHY_BYTES];

	rig_phase1(rig, (struct rig_phase1){ .initiator = 0 });
	rig_run(rig, 50);
	assert_int_equal(ike_initiate(rig->ends[0].ike, "p", rig->now_ms, why), 1);
	rig_run(rig, 450);
	assert_int_equal(rig_count(&rig->ends[0]).mature, 1);
	assert_int_equal(rig_count(&rig->ends[1]).mature, 1);
	return rig;
}

#define OPEN(life, seed) open_pair(PEER_A("") POLICY_A("") LIFE(life), PEER_B("") POLICY_B("") LIFE(life), seed)

/* Traffic ends, what is on its way arrives, and all is well. */
static void settle(struct rig *rig)
{
	rig_traffic(rig, NULL, NULL, 0);
	rig_run(rig, 100);
	rig_assert_nothing_lost(rig);
}

/* One child at each end, the same one. */
static void assert_one_pair_is_left(struct rig *rig)
{
	struct rig_count counts[2] = { rig_count(&rig->ends[0]), rig_count(&rig->ends[1]) };

	for (unsigned e = 0; e < 2; e++) {
		assert_int_equal(counts[e].n - counts[e].dead, 1);
		assert_int_equal(counts[e].mature, 1);
		assert_int_equal(rig->ends[e].n_children, 1);
	}
	assert_int_equal(rig->ends[0].children[0].spec.sas.sa[SA_IN].spi, rig->ends[1].children[0].spec.sas.sa[SA_OUT].spi);
	assert_int_equal(rig->ends[0].children[0].spec.sas.sa[SA_OUT].spi, rig->ends[1].children[0].spec.sas.sa[SA_IN].spi);
}

/* ---- when */

static void the_two_ends_of_a_child_want_its_successor_at_different_times(void **state)
{
	int64_t first = INT64_MAX;
	bool differs = false;

	(void)state;
	for (uint64_t seed = 1; seed <= 50; seed++) {
		struct rig *rig = OPEN("1000", seed);
		struct ike_child_view a = rig_count(&rig->ends[0]).last, b = rig_count(&rig->ends[1]).last;

		assert_true(a.is_initiator && !b.is_initiator);
		assert_in_range(a.soft_ms - a.since_ms, 800000, 860000);
		assert_in_range(b.soft_ms - b.since_ms, 880000, 930000);
		assert_int_equal(a.hard_ms - a.since_ms, 1000000);
		differs |= first != INT64_MAX && first != a.soft_ms - a.since_ms;	/* jitter */
		first = a.soft_ms - a.since_ms;
		rig_close(rig);
	}
	assert_true(differs);
}

static void the_card_counts_bytes_and_the_two_ends_differ_there_too(void **state)
{
	struct rig *rig = open_pair(PEER_A("") POLICY_A("") PROPOSAL("lifetime = 1000; lifebytes = 102400000;"),
				    PEER_B("") POLICY_B("") PROPOSAL("lifetime = 1000; lifebytes = 102400000;"), 1);
	const struct adit_sa *a = &rig->ends[0].children[0].spec.sas.sa[SA_OUT], *b = &rig->ends[1].children[0].spec.sas.sa[SA_OUT];

	(void)state;
	assert_int_equal(a->hard_bytes, 102400000);
	assert_int_equal(a->soft_bytes, 81920000);	/* 80 % */
	assert_int_equal(b->hard_bytes, 102400000);
	assert_int_equal(b->soft_bytes, 90112000);	/* 88 % */
	assert_int_equal(a->soft_seconds, 0);		/* the engine's own */
	assert_true(a->hard_seconds > 1000 && a->hard_seconds < 1100);	/* the card's backstop */
	rig_close(rig);
}

static void a_child_without_limits_lives_on(void **state)
{
	struct rig *rig = OPEN("\"4294967295\"", 1);

	(void)state;
	rig_run(rig, (int64_t)10 * 365 * 86400 * 1000);
	assert_int_equal(rig_count(&rig->ends[0]).mature, 1);
	rig_close(rig);
}

/* ---- make before break */

static void rekeys_by_time_lose_no_packet(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 5; seed++) {
		struct rig *rig = OPEN("100", seed);

		rig_traffic(rig, "p", "p", 40);
		rig_run(rig, 600000);	/* some seven lives */
		assert_true(rig->ends[0].ike->counters.phase2_rekeyed >= 6);
		assert_int_equal(rig->ends[0].ike->counters.phase2_initiated, rig->ends[0].ike->counters.phase2_rekeyed + 1);
		assert_int_equal(rig->ends[1].ike->counters.phase2_initiated, 0);	/* the initiator is always first */
		settle(rig);
		rig_close(rig);
	}
}

static void both_protocols_of_a_bundle_are_rekeyed_without_loss(void **state)
{
	struct rig *rig = open_pair(PEER_A("") POLICY_A("ipsec_protocols = [ \"ah\", \"esp\" ];") LIFE("100"),
				    PEER_B("") POLICY_B("ipsec_protocols = [ \"ah\", \"esp\" ];") LIFE("100"), 1);

	(void)state;
	rig_traffic(rig, "p", "p", 40);
	rig_run(rig, 300000);
	settle(rig);
	assert_true(rig->ends[0].ike->counters.phase2_rekeyed >= 3);
	rig_close(rig);
}

static void the_responder_rekeys_when_the_initiator_does_not(void **state)
{
	struct rig *rig = OPEN("100", 1);

	(void)state;
	rig_traffic(rig, "p", "p", 40);
	timer_stop(rig->ends[0].ike, &rig->ends[0].ike->children->soft);	/* it forgot */
	rig_run(rig, 95000);
	assert_int_equal(rig->ends[1].ike->counters.phase2_initiated, 1);
	assert_int_equal(rig_count(&rig->ends[0]).mature, 1);
	settle(rig);
	rig_close(rig);
}

static void the_cards_soft_event_and_its_numbers_near_their_end_make_a_successor(void **state)
{
	static const enum child_event events[] = { CHILD_SOFT, CHILD_SEQ_NEAR };

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		struct rig *rig = OPEN("1000", i + 1);
		unsigned who = i / 2;

		rig_traffic(rig, "p", "p", 15);
		rig_run(rig, 100);
		for (unsigned n = 0; n < 5; n++)	/* told five times, it begins once */
			ike_child_event(rig->ends[who].ike, rig->ends[who].children[0].spec.id, events[i % 2], rig->now_ms);
		rig_run(rig, 1000);
		assert_int_equal(rig_count(&rig->ends[0]).mature, 1);
		assert_int_equal(rig_count(&rig->ends[0]).dying, 1);
		rig_run(rig, 50000);
		settle(rig);
		assert_one_pair_is_left(rig);
		rig_close(rig);
	}
}

static void a_slow_card_at_either_end_loses_no_packet_at_a_rekey(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 8; i++) {
		struct rig *rig = OPEN("1000", i + 1);

		rig->ends[0].card_ms = i & 1 ? 1500 : 1;
		rig->ends[1].card_ms = i & 2 ? 1500 : 1;
		rig_traffic(rig, "p", "p", 15);
		rig_run(rig, 100);
		assert_int_equal(ike_rekey(rig->ends[i / 4].ike, "p", false, rig->now_ms), 1);
		rig_run(rig, 60000);
		settle(rig);
		assert_one_pair_is_left(rig);
		rig_close(rig);
	}
}

struct mischief {
	unsigned skip;			/* of quick mode's datagrams that many pass; the next is treated */
	enum rig_fate fate;
	unsigned seen;
};

static enum rig_fate do_mischief(struct rig *rig, unsigned from, const uint8_t *bytes, size_t n, unsigned nth)
{
	struct mischief *mischief = rig->fate_arg;

	(void)from;
	(void)n;
	(void)nth;
	return bytes[18] == X_QUICK && mischief->seen++ == mischief->skip ? mischief->fate : RIG_PASS;
}

static void a_rekeys_messages_may_be_lost_doubled_or_late_and_no_packet_is(void **state)
{
	static const enum rig_fate fates[] = { RIG_LOSE, RIG_TWICE, RIG_LATE };

	(void)state;
	for (unsigned i = 0; i < 18; i++) {
		struct mischief mischief = { .skip = i / 6, .fate = fates[i % 3] };
		struct rig *rig = OPEN("1000", i + 1);

		rig_traffic(rig, "p", "p", 15);
		rig_run(rig, 100);
		rig->fate = do_mischief;
		rig->fate_arg = &mischief;
		assert_int_equal(ike_rekey(rig->ends[i / 3 % 2].ike, "p", false, rig->now_ms), 1);
		rig_run(rig, 60000);
		settle(rig);
		assert_one_pair_is_left(rig);
		rig_close(rig);
	}
}

/* ---- the end */

static void hard_ends_a_child_tells_the_peer_and_wants_another_if_it_is_used(void **state)
{
	static const enum child_event events[] = { CHILD_HARD, CHILD_SEQ_END };

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		struct rig *rig = OPEN("1000", i + 1);
		struct rig_end *end = &rig->ends[0];
		bool is_used = i / 2;
		struct child_use use = { .out_packets = is_used ? 7 : 0 };

		ike_child_used(end->ike, end->children[0].spec.id, &use, rig->now_ms);
		ike_child_event(end->ike, end->children[0].spec.id, events[i % 2], rig->now_ms);
		assert_int_equal(end->n_children, 0);
		if (!is_used)
			assert_string_equal(ike_ph2_state(end->ike, "p"), "expired");
		rig_run(rig, 500);
		assert_int_equal(end->n_children, is_used);
		assert_int_equal(rig->ends[1].n_children, is_used);
		rig_run(rig, HUSK_MS);
		assert_string_equal(ike_ph2_state(end->ike, "p"), is_used ? "established" : "no-phase2");
		rig_close(rig);
	}
}

static void without_any_rekey_hard_seconds_end_it_at_both_ends(void **state)
{
	struct rig *rig = OPEN("100", 1);

	(void)state;
	for (unsigned e = 0; e < 2; e++)
		timer_stop(rig->ends[e].ike, &rig->ends[e].ike->children->soft);
	rig_run(rig, 101000);
	assert_int_equal(rig->ends[0].n_children + rig->ends[1].n_children, 0);
	assert_string_equal(ike_ph2_state(rig->ends[0].ike, "p"), "expired");
	rig_close(rig);
}

static void a_rekey_that_fails_is_tried_again_until_hard(void **state)
{
	struct rig *rig = OPEN("100", 1);

	(void)state;
	rig->ends[1].fault = (struct rig_fault){ .stage = CHILD_INBOUND, .nth = 2, .status = -ENOSPC };
	rig_traffic(rig, "p", "p", 40);
	rig_run(rig, 140000);
	settle(rig);
	assert_int_equal(rig_count(&rig->ends[0]).mature, 1);
	assert_int_equal(rig->ends[1].ike->counters.install_failures, 1);
	rig_close(rig);
}

/* ---- crossing rekeys: pluto's cases of two rekeys at once, by the distance of the two beginnings */

static void cross(int64_t apart_ms, uint64_t seed, unsigned first, int64_t card_0, int64_t card_1)
{
	struct rig *rig = OPEN("10000", seed);

	rig->ends[0].card_ms = card_0;
	rig->ends[1].card_ms = card_1;
	rig_traffic(rig, "p", "p", 3);
	rig_run(rig, 100);
	assert_int_equal(ike_rekey(rig->ends[first].ike, "p", false, rig->now_ms), 1);
	rig_run(rig, apart_ms);
	(void)ike_rekey(rig->ends[1 - first].ike, "p", false, rig->now_ms);
	rig_run(rig, card_0 > 10 || card_1 > 10 ? 1500 : 200);
	rig_traffic(rig, "p", "p", 97);
	rig_run(rig, 1500);
	for (unsigned e = 0; e < 2; e++)
		assert_true(rig_count(&rig->ends[e]).mature >= 1 && rig_count(&rig->ends[e]).larval == 0);
	rig_run(rig, 60000);
	for (unsigned e = 0; e < 2; e++) {
		assert_true(rig_count(&rig->ends[e]).mature >= 1 && rig_count(&rig->ends[e]).mature <= 2);
		assert_int_equal(rig_count(&rig->ends[e]).dying, 0);
	}
	assert_int_equal(rig->ends[0].n_children, rig->ends[1].n_children);
	(void)ike_rekey(rig->ends[first].ike, "p", false, rig->now_ms);
	rig_run(rig, 60000);	/* by the next rekey at the latest one pair is left */
	settle(rig);
	assert_one_pair_is_left(rig);
	rig_close(rig);
}

static void rekeys_that_cross_at_any_distance_lose_no_packet_and_leave_one_child(void **state)
{
	(void)state;
	for (int64_t apart = 0; apart <= 40; apart++)
		for (unsigned first = 0; first < 2; first++)
			cross(apart, (uint64_t)(apart * 2 + first + 1), first, RIG_CARD_MS, RIG_CARD_MS);
}

static void rekeys_that_cross_over_slow_cards_lose_no_packet(void **state)
{
	static const int64_t cards[][2] = { { 1, 300 }, { 300, 1 }, { 300, 300 }, { 50, 700 } };

	(void)state;
	for (unsigned i = 0; i < 4; i++)
		for (int64_t apart = 0; apart <= 700; apart += 100)
			cross(apart, (uint64_t)(i * 100 + apart + 1), i % 2, cards[i][0], cards[i][1]);
}

static enum rig_fate lose_some(struct rig *rig, unsigned from, const uint8_t *bytes, size_t n, unsigned nth)
{
	(void)from;
	(void)n;
	(void)nth;
	if (bytes[18] != X_QUICK)
		return RIG_PASS;
	switch (ike_random(rig->ends[0].ike, 6)) {
	case 0: return RIG_LOSE;
	case 1: return RIG_TWICE;
	case 2: return RIG_LATE;
	default: return RIG_PASS;
	}
}

static void rekeys_that_cross_on_a_bad_network_lose_no_packet(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 60; seed++) {
		struct rig *rig = OPEN("10000", seed);

		rig_traffic(rig, "p", "p", 61);
		rig->fate = lose_some;
		for (unsigned i = 0; i < 3; i++) {
			(void)ike_rekey(rig->ends[seed % 2].ike, "p", false, rig->now_ms);
			rig_run(rig, ike_random(rig->ends[0].ike, 30));
			(void)ike_rekey(rig->ends[1 - seed % 2].ike, "p", false, rig->now_ms);
			rig_run(rig, 20000);
		}
		rig->fate = NULL;
		rig_run(rig, 100000);
		rig_traffic(rig, NULL, NULL, 0);
		rig_run(rig, 100);
		if (rig->ends[0].tx != rig->ends[1].rx || rig->ends[1].tx != rig->ends[0].rx)
			print_message("seed %llu\n", (unsigned long long)seed);
		rig_assert_nothing_lost(rig);
		rig_close(rig);
	}
}

static void first_children_that_cross_both_work_and_no_packet_is_lost_after(void **state)
{
	(void)state;
	for (int64_t apart = 0; apart <= 30; apart++) {
		struct rig *rig = rig_open(CONFIG_A, CONFIG_B, (uint64_t)apart + 1);
		char why[MATCH_WHY_BYTES];

		rig_phase1(rig, (struct rig_phase1){ .initiator = 0 });
		rig_run(rig, 50);
		assert_int_equal(ike_initiate(rig->ends[0].ike, "p", rig->now_ms, why), 1);
		rig_run(rig, apart);
		assert_int_equal(ike_initiate(rig->ends[1].ike, "p", rig->now_ms, why), 1);
		rig_run(rig, 60);
		rig_traffic(rig, "p", "p", 37);
		rig_run(rig, 60000);
		settle(rig);
		for (unsigned e = 0; e < 2; e++)
			assert_true(rig_count(&rig->ends[e]).mature >= 1);
		assert_int_equal(rig->ends[0].n_children, rig->ends[1].n_children);
		rig_close(rig);
	}
}

/* ---- deletes in all orders */

enum act { ACT_REKEY_A, ACT_REKEY_B, ACT_DELETE_OLD_A, ACT_DELETE_OLD_B, ACTS };

/* As a peer that deletes the forerunner as soon as the successor stands. */
static void delete_old(struct rig *rig, unsigned e)
{
	struct ike_child *oldest = NULL;

	for (struct ike_child *child = rig->ends[e].ike->children; child; child = child->next)
		if (child_is_live(child) && child->state == CHILD_DYING && (!oldest || child->order < oldest->order))
			oldest = child;
	if (oldest)
		child_delete_softly(oldest);
}

static void do_act(struct rig *rig, enum act act)
{
	if (act == ACT_REKEY_A || act == ACT_REKEY_B)
		(void)ike_rekey(rig->ends[act == ACT_REKEY_B].ike, "p", false, rig->now_ms);
	else
		delete_old(rig, act == ACT_DELETE_OLD_B);
}

static void deletes_and_rekeys_in_all_orders_lose_no_packet(void **state)
{
	static const int64_t pauses[] = { 0, 4, 11, 23, 400 };

	(void)state;
	for (unsigned order = 0; order < 24 * 5; order++) {
		enum act acts[ACTS] = { ACT_REKEY_A, ACT_REKEY_B, ACT_DELETE_OLD_A, ACT_DELETE_OLD_B };
		struct rig *rig = OPEN("10000", order + 1);
		unsigned left = order % 24;

		for (unsigned i = 0; i < ACTS; i++) {	/* the order-th permutation */
			unsigned n = ACTS - i, k = i + left % n;
			enum act swap = acts[i];

			acts[i] = acts[k];
			acts[k] = swap;
			left /= n;
		}
		rig_traffic(rig, "p", "p", 3);
		(void)ike_rekey(rig->ends[order % 2].ike, "p", false, rig->now_ms);	/* so that there is an old one */
		rig_run(rig, 200);
		for (unsigned i = 0; i < ACTS; i++) {
			do_act(rig, acts[i]);
			rig_run(rig, pauses[order / 24]);
		}
		rig_run(rig, 100);
		rig_traffic(rig, "p", "p", 97);
		rig_run(rig, 60000);
		(void)ike_rekey(rig->ends[0].ike, "p", false, rig->now_ms);
		rig_run(rig, 60000);
		settle(rig);
		assert_one_pair_is_left(rig);
		rig_close(rig);
	}
}

static void a_delete_of_the_only_child_ends_it_at_both_ends_and_the_card_may_ask_again(void **state)
{
	struct rig *rig = OPEN("1000", 1);

	(void)state;
	assert_int_equal(ike_terminate(rig->ends[0].ike, "p", rig->now_ms), 1);
	assert_int_equal(rig->ends[0].n_children, 0);
	rig_run(rig, 100);
	assert_int_equal(rig->ends[1].n_children, 0);
	assert_int_equal(rig->ends[1].n_unacquired, 1);
	assert_int_equal(rig->ends[0].ike->counters.deletes_sent, 1);
	assert_int_equal(rig->ends[1].ike->counters.deletes_received, 1);
	rig_close(rig);
}

static void a_delete_of_the_successor_brings_the_forerunner_back(void **state)
{
	struct rig *rig = OPEN("1000", 1);
	struct ike_child *newest;

	(void)state;
	rig_traffic(rig, "p", "p", 15);
	assert_int_equal(ike_rekey(rig->ends[0].ike, "p", false, rig->now_ms), 1);
	rig_run(rig, 1000);
	newest = rig->ends[0].ike->children;
	assert_int_equal(newest->state, CHILD_MATURE);
	rig_traffic(rig, NULL, NULL, 0);
	rig_run(rig, 50);
	child_remove(newest, true, "a test");
	ike_reap(rig->ends[0].ike);
	rig_run(rig, 100);
	rig_traffic(rig, "p", "p", 15);
	rig_run(rig, 5000);
	for (unsigned e = 0; e < 2; e++)
		assert_int_equal(rig_count(&rig->ends[e]).mature, 1);
	rig_run(rig, 100000);	/* and is rekeyed */
	settle(rig);
	for (unsigned e = 0; e < 2; e++)
		assert_int_equal(rig_count(&rig->ends[e]).mature, 1);
	rig_close(rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_two_ends_of_a_child_want_its_successor_at_different_times),
		cmocka_unit_test(the_card_counts_bytes_and_the_two_ends_differ_there_too),
		cmocka_unit_test(a_child_without_limits_lives_on),
		cmocka_unit_test(rekeys_by_time_lose_no_packet),
		cmocka_unit_test(both_protocols_of_a_bundle_are_rekeyed_without_loss),
		cmocka_unit_test(the_responder_rekeys_when_the_initiator_does_not),
		cmocka_unit_test(the_cards_soft_event_and_its_numbers_near_their_end_make_a_successor),
		cmocka_unit_test(a_slow_card_at_either_end_loses_no_packet_at_a_rekey),
		cmocka_unit_test(a_rekeys_messages_may_be_lost_doubled_or_late_and_no_packet_is),
		cmocka_unit_test(hard_ends_a_child_tells_the_peer_and_wants_another_if_it_is_used),
		cmocka_unit_test(without_any_rekey_hard_seconds_end_it_at_both_ends),
		cmocka_unit_test(a_rekey_that_fails_is_tried_again_until_hard),
		cmocka_unit_test(rekeys_that_cross_at_any_distance_lose_no_packet_and_leave_one_child),
		cmocka_unit_test(rekeys_that_cross_over_slow_cards_lose_no_packet),
		cmocka_unit_test(rekeys_that_cross_on_a_bad_network_lose_no_packet),
		cmocka_unit_test(first_children_that_cross_both_work_and_no_packet_is_lost_after),
		cmocka_unit_test(deletes_and_rekeys_in_all_orders_lose_no_packet),
		cmocka_unit_test(a_delete_of_the_only_child_ends_it_at_both_ends_and_the_card_may_ask_again),
		cmocka_unit_test(a_delete_of_the_successor_brings_the_forerunner_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
