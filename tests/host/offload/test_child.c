// SPDX-License-Identifier: BSD-2-Clause-Patent
/* Children: what is asked of the card, in which order, and what becomes of it when something fails at any point. */
#include <errno.h>
#include <stdio.h>

#include "fake_adit.h"
#include "offload/child.h"
#include "support_config.h"

#define IKE_RULE(name, src) POLICY(name, src, "")
#define ONE "policies = ( " IKE_RULE("a", "10.1.0.0/16") " );"
#define TWO "policies = ( " IKE_RULE("a", "10.1.0.0/16") ", " IKE_RULE("b", "10.2.0.0/16") " );"
#define MIXED "policies = ( " IKE_RULE("a", "10.1.0.0/16") ", " POLICY("m", "10.3.0.0/16", "manual_sa = \"m\";") " ); manual_sas = ( " \
	MANUAL("m", "0x1001", "0x1002") " );"

struct told {
	unsigned n;
	int status;
	char why[200];
};

/* The engine's side of things. */
static struct {
	struct told stages[4000][2];
	unsigned n_events, n_used;
	uint32_t event_id, used_id;
	enum child_event event;
	struct child_use use;
} seen;
static struct offload_changes changes;
static char why[OFFLOAD_WHY_BYTES];

static void on_done(void *arg, uint32_t id, enum child_stage stage, int status, const char *text)
{
	struct told *told = &seen.stages[id][stage];

	(void)arg;
	told->n++;
	told->status = status;
	(void)snprintf(told->why, sizeof(told->why), "%s", text);
}

static void on_event(void *arg, uint32_t id, enum child_event event)
{
	(void)arg;
	seen.n_events++;
	seen.event_id = id;
	seen.event = event;
}

static void on_used(void *arg, uint32_t id, const struct child_use *use)
{
	(void)arg;
	seen.n_used++;
	seen.used_id = id;
	seen.use = *use;
}

static struct offload *open_with(const char *text)
{
	struct offload *offload = offload_open(fake_card());
	struct plan *plan = plan_of(text);

	memset(&seen, 0, sizeof(seen));
	children_on_done(offload, on_done, NULL);
	children_on_event(offload, on_event);
	assert_int_equal(offload_apply(offload, plan, false, &changes, why), 0);
	plan_free(plan);
	fake.log[0] = 0;
	return offload;
}

static int setup(void **state)
{
	fake_reset();
	*state = open_with(TWO);
	return 0;
}

static int teardown(void **state)
{
	offload_close(*state);
	return 0;
}

static void apply(struct offload *offload, const char *text)
{
	struct plan *plan = plan_of(text);

	assert_int_equal(offload_apply(offload, plan, false, &changes, why), 0);
	plan_free(plan);
}

static void key_of(struct adit_sa *sa, uint32_t id, unsigned side)
{
	memset(sa->enc_key, (int)(0x40 + id % 100), 16);
	memset(sa->auth_key, (int)(0x40 + side), 20);
	sa->auth_key_bytes = 20;
}

static struct child_spec spec_of(uint32_t id, const char *policy, unsigned n)
{
	struct child_spec spec = { .id = id, .sas.n = n };

	(void)snprintf(spec.policy, sizeof(spec.policy), "%s", policy);
	for (unsigned side = 0; side < n; side++) {
		struct adit_sa *sa = &spec.sas.sa[side];

		sa->spi = 0x1000 + 16 * id + side;
		sa->dir = sa_side_is_out(side) ? ADIT_DIR_OUT : ADIT_DIR_IN;
		sa->proto = side >= SA_AH_IN ? ADIT_PROTO_AH : ADIT_PROTO_ESP;
		sa->mode = side >= SA_AH_IN ? ADIT_MODE_TRANSPORT : ADIT_MODE_TUNNEL;
		sa->enc = side >= SA_AH_IN ? ADIT_ENC_NULL : ADIT_ENC_AES_CBC_128;
		sa->auth = ADIT_AUTH_HMAC_SHA1_96;
		sa->replay_packets = sa_side_is_out(side) ? 0 : 1000;
		key_of(sa, id, side);
	}
	return spec;
}

static struct child_spec generated(uint32_t id, const char *name, uint8_t net)
{
	struct child_spec spec = spec_of(id, name, 2);

	spec.is_generated = true;
	spec.rule = (struct cfg_policy){ .proto = -1, .sport.any = true, .dport.any = true, .tunnel = true, .action = ADIT_ACTION_ENCRYPT,
					 .level = ADIT_LEVEL_UNIQUE, .esp = true };
	spec.rule.src.addr.bytes[0] = 10;
	spec.rule.src.addr.bytes[1] = net;
	spec.rule.src.plen = 16;
	spec.rule.dst.plen = 32;
	return spec;
}

static void turn(struct offload *offload)
{
	children_poll(offload);
	(void)!adit_card_poll(fake_card(), 256);
	children_poll(offload);
}

static void turns(struct offload *offload)
{
	for (unsigned i = 0; i < 40; i++)
		turn(offload);
}

static void install(struct offload *offload, uint32_t id, const char *policy, unsigned n)
{
	struct child_spec spec = spec_of(id, policy, n);

	children_install(offload, &spec, CHILD_INBOUND);
	turns(offload);
	children_install(offload, &spec, CHILD_OUTBOUND);
	turns(offload);
}

static unsigned n_sas(void)
{
	unsigned n = 0;

	for (unsigned i = 0; i < FAKE_MOST_SLOTS; i++)
		n += fake.has_sa[i];
	return n;
}

static const struct adit_sa *sa_by_spi(uint32_t spi)
{
	for (unsigned i = 0; i < FAKE_MOST_SLOTS; i++)
		if (fake.has_sa[i] && fake.sas[i].spi == spi)
			return &fake.sas[i];
	return NULL;
}

static uint16_t slot_by_spi(uint32_t spi)
{
	const struct adit_sa *sa = sa_by_spi(spi);

	return sa ? (uint16_t)(sa - fake.sas) : ADIT_NO_SLOT;
}

/* ---- */

static void inbound_comes_first_and_the_rule_is_bound_last(void **state)
{
	struct offload *offload = *state;
	struct child_spec spec = spec_of(1, "b", 2);

	children_install(offload, &spec, CHILD_INBOUND);
	assert_string_equal(fake.log, "");
	turns(offload);
	assert_string_equal(fake.log, "+in0 ");
	assert_int_equal(seen.stages[1][CHILD_INBOUND].n, 1);
	assert_int_equal(seen.stages[1][CHILD_INBOUND].status, 0);
	assert_int_equal(seen.stages[1][CHILD_OUTBOUND].n, 0);
	children_install(offload, &spec, CHILD_OUTBOUND);
	turns(offload);
	assert_string_equal(fake.log, "+in0 +out1 bind1=1 ");
	assert_int_equal(seen.stages[1][CHILD_OUTBOUND].n, 1);
	assert_int_equal(seen.stages[1][CHILD_OUTBOUND].status, 0);
	assert_int_equal(fake.sas[0].reqid, fake.rules[1].reqid);
	assert_int_equal(fake.sas[1].reqid, fake.rules[1].reqid);
	assert_true(fake.rules[0].reqid != fake.rules[1].reqid);
	assert_int_equal(fake.sas[0].replay_packets, 64);	/* as many as the card can */
}

static void a_child_goes_backwards_after_the_rule_is_unbound(void **state)
{
	struct offload *offload = *state;

	install(offload, 1, "a", 2);
	fake.log[0] = 0;
	children_remove(offload, 1);
	turns(offload);
	assert_string_equal(fake.log, "unbind0 -1 -0 ");
	assert_int_equal(n_sas(), 0);
	children_remove(offload, 1);	/* and again: nothing */
	turns(offload);
	assert_string_equal(fake.log, "unbind0 -1 -0 ");
}

static void of_a_bundle_ah_comes_first_and_goes_last(void **state)
{
	struct offload *offload = *state;

	install(offload, 1, "a", 4);
	assert_string_equal(fake.log, "+in1 +in0 +out3 +out2 bind0=2 ");
	assert_true(fake.sas[0].has_next && fake.sas[0].next_slot == 1 && fake.sas[0].proto == ADIT_PROTO_ESP);
	assert_true(fake.sas[1].has_next && fake.sas[1].next_slot == 0 && fake.sas[1].proto == ADIT_PROTO_AH);
	assert_true(fake.sas[2].has_next && fake.sas[2].next_slot == 3);
	assert_false(fake.sas[3].has_next);
	fake.log[0] = 0;
	children_remove(offload, 1);
	turns(offload);
	assert_string_equal(fake.log, "unbind0 -2 -3 -0 -1 ");
}

/* ---- twice, late, in vain */

static void the_same_stage_twice_is_told_twice_and_done_once(void **state)
{
	struct offload *offload = *state;
	struct child_spec spec = spec_of(1, "a", 2);

	children_install(offload, &spec, CHILD_INBOUND);
	children_install(offload, &spec, CHILD_INBOUND);
	turns(offload);
	children_install(offload, &spec, CHILD_INBOUND);
	turns(offload);
	assert_int_equal(seen.stages[1][CHILD_INBOUND].n, 3);
	assert_int_equal(seen.stages[1][CHILD_INBOUND].status, 0);
	assert_string_equal(fake.log, "+in0 ");
	children_install(offload, &spec, CHILD_OUTBOUND);
	turns(offload);
	children_install(offload, &spec, CHILD_OUTBOUND);
	turns(offload);
	assert_int_equal(seen.stages[1][CHILD_OUTBOUND].n, 2);
	assert_string_equal(fake.log, "+in0 +out1 bind0=1 ");
}

static void both_stages_asked_at_once_keep_their_order(void **state)
{
	struct offload *offload = *state;
	struct child_spec spec = spec_of(1, "a", 2);

	children_install(offload, &spec, CHILD_INBOUND);
	children_install(offload, &spec, CHILD_OUTBOUND);
	turns(offload);
	assert_string_equal(fake.log, "+in0 +out1 bind0=1 ");
	assert_int_equal(seen.stages[1][CHILD_INBOUND].n, 1);
	assert_int_equal(seen.stages[1][CHILD_OUTBOUND].n, 1);
}

static void an_install_after_the_removal_is_refused(void **state)
{
	struct offload *offload = *state;
	struct child_spec spec = spec_of(1, "a", 2);

	install(offload, 1, "a", 2);
	children_remove(offload, 1);
	children_install(offload, &spec, CHILD_OUTBOUND);	/* while it goes */
	turns(offload);
	assert_int_equal(seen.stages[1][CHILD_OUTBOUND].n, 2);
	assert_int_equal(seen.stages[1][CHILD_OUTBOUND].status, -ECANCELED);
	children_install(offload, &spec, CHILD_INBOUND);	/* and after */
	turns(offload);
	assert_int_equal(seen.stages[1][CHILD_INBOUND].n, 2);
	assert_int_equal(seen.stages[1][CHILD_INBOUND].status, -ECANCELED);
	assert_int_equal(n_sas(), 0);
}

static void outbound_without_inbound_is_refused(void **state)
{
	struct offload *offload = *state;
	struct child_spec spec = spec_of(1, "a", 2);

	children_install(offload, &spec, CHILD_OUTBOUND);
	assert_int_equal(seen.stages[1][CHILD_OUTBOUND].n, 0);	/* no answer from inside */
	turns(offload);
	assert_int_equal(seen.stages[1][CHILD_OUTBOUND].n, 1);
	assert_int_equal(seen.stages[1][CHILD_OUTBOUND].status, -ENOENT);
	assert_string_equal(fake.log, "");
}

static void a_policy_that_cannot_have_the_child_is_named(void **state)
{
	struct offload *offload;
	struct child_spec nowhere = spec_of(1, "nowhere", 2), manual = spec_of(2, "m", 2);

	offload_close(*state);
	fake_reset();
	*state = offload = open_with(MIXED);
	children_install(offload, &nowhere, CHILD_INBOUND);
	children_install(offload, &manual, CHILD_INBOUND);
	turns(offload);
	assert_int_equal(seen.stages[1][CHILD_INBOUND].status, -ENOENT);
	assert_string_equal(seen.stages[1][CHILD_INBOUND].why, "there is no policy \"nowhere\"");
	assert_int_equal(seen.stages[2][CHILD_INBOUND].status, -EINVAL);
	assert_string_equal(seen.stages[2][CHILD_INBOUND].why, "manual keys belong to policy \"m\"");
	assert_int_equal(n_sas(), 2);
	children_install(offload, &nowhere, CHILD_INBOUND);	/* the same again: the same again */
	turns(offload);
	assert_int_equal(seen.stages[1][CHILD_INBOUND].n, 2);
	assert_int_equal(seen.stages[1][CHILD_INBOUND].status, -ENOENT);
}

static void a_card_without_room_says_so(void **state)
{
	struct offload *offload;

	offload_close(*state);
	fake_reset();
	fake.caps.sa_slots = 3;
	*state = offload = open_with(TWO);
	install(offload, 1, "a", 2);
	install(offload, 2, "a", 2);
	assert_int_equal(seen.stages[2][CHILD_INBOUND].status, 0);
	assert_int_equal(seen.stages[2][CHILD_OUTBOUND].status, -ENOSPC);
	assert_string_equal(seen.stages[2][CHILD_OUTBOUND].why, "the card has no slot left for another SA");
	assert_int_equal(fake.bound[0], slot_by_spi(0x1011));	/* the old one seals on */
	children_remove(offload, 1);
	children_remove(offload, 2);
	turns(offload);
	install(offload, 3, "a", 2);
	assert_int_equal(seen.stages[3][CHILD_OUTBOUND].status, 0);
}

/* ---- failures */

/* Nothing of a child that was removed may be left, nor of a stage that failed; each call is answered once. */
static void assert_rolled_back(const struct offload *offload, uint32_t id, unsigned n)
{
	const struct told *in = &seen.stages[id][CHILD_INBOUND], *out = &seen.stages[id][CHILD_OUTBOUND];
	unsigned expected = (in->status == 0 ? n / 2 : 0) + (out->status == 0 ? n / 2 : 0);

	(void)offload;
	assert_int_equal(in->n, 1);
	assert_int_equal(out->n, 1);
	assert_int_equal(n_sas(), expected);
	assert_true(in->status == 0 || out->status < 0);
	if (out->status < 0)
		for (unsigned id_at = 0; id_at < FAKE_RULES; id_at++)
			assert_true(fake.bound[id_at] == ADIT_NO_SLOT);
}

static void a_failure_at_any_command_takes_its_stage_back(void **state)
{
	unsigned n_failed = 0;

	for (unsigned kind = 0; kind < 3; kind++) {
		unsigned n = kind == 1 ? 4 : 2;

		for (int at = 1; at <= 8; at++) {
			struct offload *offload;
			struct child_spec spec = kind == 2 ? generated(1, "!one", 7) : spec_of(1, "a", n);

			offload_close(*state);
			fake_reset();
			*state = offload = open_with(TWO);
			fake.fail_in = at;
			fake.fail_status = -EINVAL;
			children_install(offload, &spec, CHILD_INBOUND);
			turns(offload);
			children_install(offload, &spec, CHILD_OUTBOUND);
			turns(offload);
			n_failed += fake.fail_in == 0;
			fake.fail_in = 0;
			assert_rolled_back(offload, 1, n);
			assert_int_equal(fake.n_rules, kind == 2 && seen.stages[1][CHILD_INBOUND].status == 0 ? 3 : 2);
			children_remove(offload, 1);
			turns(offload);
			assert_int_equal(n_sas(), 0);
			assert_int_equal(fake.n_rules, 2);
			assert_false(children_want_recovery(offload));
			install(offload, 2, "a", 2);	/* and nothing stands in the next one's way */
			assert_int_equal(seen.stages[2][CHILD_OUTBOUND].status, 0);
		}
	}
	assert_int_equal(n_failed, 3 + 5 + 4);
}

static void a_deletion_that_fails_calls_for_recovery(void **state)
{
	for (int at = 1; at <= 3; at++) {
		struct offload *offload;

		offload_close(*state);
		fake_reset();
		*state = offload = open_with(TWO);
		install(offload, 1, "a", 2);
		fake.fail_in = at;
		children_remove(offload, 1);
		turns(offload);
		assert_true(children_want_recovery(offload));
		assert_false(children_want_recovery(offload));
		assert_int_equal(adit_card_recover(fake_card()), 0);
		assert_int_equal(offload_restore(offload, why), 0);
		assert_int_equal(n_sas(), 0);
	}
}

/* One command is answered at a time; after `at` of them the child is removed. */
static void a_removal_at_any_point_leaves_nothing(void **state)
{
	for (unsigned kind = 0; kind < 3; kind++) {
		for (unsigned at = 0; at < 8; at++) {
			struct offload *offload;
			struct child_spec spec = kind == 2 ? generated(1, "!one", 7) : spec_of(1, "a", kind == 1 ? 4 : 2);

			offload_close(*state);
			fake_reset();
			*state = offload = open_with(TWO);
			fake.is_held = true;
			children_install(offload, &spec, CHILD_INBOUND);
			children_install(offload, &spec, CHILD_OUTBOUND);
			children_poll(offload);
			for (unsigned i = 0; i < at && fake.n_queued; i++) {
				fake_answer(0);
				children_poll(offload);
			}
			children_remove(offload, 1);
			children_poll(offload);
			fake.is_held = false;
			turns(offload);
			assert_int_equal(n_sas(), 0);
			assert_int_equal(fake.n_rules, 2);
			assert_int_equal(fake.bound[0], ADIT_NO_SLOT);
			assert_int_equal(seen.stages[1][CHILD_INBOUND].n, 1);
			assert_int_equal(seen.stages[1][CHILD_OUTBOUND].n, 1);
			assert_false(children_want_recovery(offload));
		}
	}
}

static void what_meets_a_full_ring_is_tried_again(void **state)
{
	struct offload *offload = *state;

	fake.ring = 1;
	for (uint32_t id = 1; id <= 20; id++) {
		struct child_spec spec = spec_of(id, id & 1 ? "a" : "b", 2);

		children_install(offload, &spec, CHILD_INBOUND);
		children_install(offload, &spec, CHILD_OUTBOUND);
	}
	children_poll(offload);
	assert_int_equal(fake.n_queued, 1);
	for (unsigned i = 0; i < 200; i++)
		turn(offload);
	for (uint32_t id = 1; id <= 20; id++)
		assert_int_equal(seen.stages[id][CHILD_OUTBOUND].status | !seen.stages[id][CHILD_OUTBOUND].n, 0);
	assert_int_equal(n_sas(), 40);
}

/* ---- generations */

static void the_newest_child_seals_and_an_old_one_goes_unnoticed(void **state)
{
	struct offload *offload = *state;
	uint16_t second;

	install(offload, 1, "a", 2);
	install(offload, 2, "a", 2);
	second = slot_by_spi(0x1021);
	assert_int_equal(fake.bound[0], second);
	assert_int_equal(sa_by_spi(0x1010)->reqid, sa_by_spi(0x1020)->reqid);
	fake.log[0] = 0;
	children_remove(offload, 1);
	turns(offload);
	assert_string_equal(fake.log, "-1 -0 ");	/* no binding is touched */
	assert_int_equal(fake.bound[0], second);
}

static void when_the_newest_goes_the_next_newest_seals(void **state)
{
	struct offload *offload = *state;
	struct child_spec half = spec_of(4, "a", 2);

	install(offload, 1, "a", 2);
	install(offload, 2, "a", 2);
	install(offload, 3, "b", 2);
	children_install(offload, &half, CHILD_INBOUND);	/* one that cannot seal yet */
	turns(offload);
	fake.log[0] = 0;
	children_remove(offload, 2);
	turns(offload);
	assert_string_equal(fake.log, "bind0=1 -3 -2 ");
	children_remove(offload, 1);
	turns(offload);
	assert_int_equal(fake.bound[0], ADIT_NO_SLOT);
	assert_int_equal(fake.bound[1], slot_by_spi(0x1031));
}

static void a_bind_on_its_way_holds_up_who_else_would_bind(void **state)
{
	struct offload *offload = *state;
	struct child_spec next = spec_of(2, "a", 2);

	install(offload, 1, "a", 2);
	children_install(offload, &next, CHILD_INBOUND);
	turns(offload);
	fake.is_held = true;
	children_install(offload, &next, CHILD_OUTBOUND);
	children_poll(offload);
	fake_answer(0);			/* the SA is there; the bind goes out */
	children_poll(offload);
	assert_int_equal(fake.n_queued, 1);
	fake.queue[0].status = -EINVAL;	/* and will be refused: the rule still seals with the first */
	fake.bound[0] = 1;
	children_remove(offload, 1);
	children_poll(offload);
	assert_int_equal(fake.n_queued, 1);	/* it waits to know whose the rule is */
	assert_true(fake.has_sa[1]);
	fake.is_held = false;
	turns(offload);
	assert_int_equal(seen.stages[2][CHILD_OUTBOUND].status, -EINVAL);
	assert_int_equal(fake.bound[0], ADIT_NO_SLOT);
	assert_int_equal(n_sas(), 1);	/* the second's inbound */
}

static void a_slot_rests_before_it_is_another_sas(void **state)
{
	struct offload *offload = *state;

	install(offload, 1, "a", 2);
	children_remove(offload, 1);
	turns(offload);
	install(offload, 2, "a", 2);
	assert_int_equal(slot_by_spi(0x1020), 2);
	apply(offload, MIXED);
	assert_int_equal(slot_by_spi(0x1001), 4);	/* nor does a manual one take it */
}

static void an_update_moves_the_ends_and_nothing_else(void **state)
{
	struct offload *offload = *state;
	struct child_spec spec = spec_of(1, "a", 2);

	install(offload, 1, "a", 2);
	fake.log[0] = 0;
	spec.sas.sa[SA_OUT].dst.bytes[3] = 9;
	spec.sas.sa[SA_IN].src.bytes[3] = 9;
	spec.sas.sa[SA_OUT].natt_dport = 4501;
	memset(spec.sas.sa[SA_OUT].enc_key, 0, 16);	/* not an update's to say */
	children_update(offload, &spec);
	turns(offload);
	assert_string_equal(fake.log, "~0 ~1 ");
	assert_int_equal(fake.sas[1].dst.bytes[3], 9);
	assert_int_equal(fake.sas[1].natt_dport, 4501);
	assert_int_equal(fake.sas[0].src.bytes[3], 9);
	assert_int_equal(adit_card_recover(fake_card()), 0);
	assert_int_equal(offload_restore(offload, why), 0);
	assert_int_equal(sa_by_spi(0x1011)->natt_dport, 4501);
	assert_int_equal(sa_by_spi(0x1011)->enc_key[0], 0x41);
	spec.id = 77;
	children_update(offload, &spec);	/* nobody's */
	turns(offload);
}

/* ---- generated policies */

static void a_generated_policy_comes_first_and_goes_last(void **state)
{
	struct offload *offload = *state;
	struct child_spec spec = generated(1, "!one", 7);

	children_install(offload, &spec, CHILD_INBOUND);
	children_install(offload, &spec, CHILD_OUTBOUND);
	turns(offload);
	assert_string_equal(fake.log, "+rule15 +in0 +out1 bind15=1 ");
	assert_int_equal(fake.rules[2].src.bytes[1], 7);
	assert_int_equal(fake.rules[2].id, FAKE_RULES - 1);	/* of one priority the policies of the file go first */
	assert_int_equal(fake.rules[2].reqid, fake.sas[0].reqid);
	assert_int_equal(offload->n_rules, 3);
	assert_string_equal(offload->rules[2].plan.name, "!one");
	assert_true(offload->rules[2].is_generated);
	fake.log[0] = 0;
	children_remove(offload, 1);
	turns(offload);
	assert_string_equal(fake.log, "unbind15 -1 -0 -rule15 ");
	assert_int_equal(offload->n_rules, 2);
}

static void a_generated_policy_stays_until_the_last_of_its_children_goes(void **state)
{
	struct offload *offload = *state;
	struct child_spec first = generated(1, "!one", 7), second = generated(2, "!one", 7), other = generated(3, "!one", 8);

	children_install(offload, &first, CHILD_INBOUND);
	children_install(offload, &second, CHILD_INBOUND);	/* while the rule is on its way */
	turns(offload);
	children_install(offload, &other, CHILD_INBOUND);
	turns(offload);
	assert_int_equal(seen.stages[2][CHILD_INBOUND].status, 0);
	assert_int_equal(seen.stages[3][CHILD_INBOUND].status, -EEXIST);
	assert_string_equal(seen.stages[3][CHILD_INBOUND].why, "another policy is called \"!one\"");
	assert_int_equal(fake.n_rules, 3);
	children_remove(offload, 1);
	children_remove(offload, 3);
	turns(offload);
	assert_int_equal(fake.n_rules, 3);
	children_remove(offload, 2);
	turns(offload);
	assert_int_equal(fake.n_rules, 2);
	assert_int_equal(n_sas(), 0);
}

static void a_generated_policy_does_not_inherit_the_counters_of_its_id(void **state)
{
	struct offload *offload = *state;
	struct child_spec spec;

	for (uint32_t id = 1; id <= FAKE_RULES; id++) {	/* until no id is fresh */
		char name[16];

		(void)snprintf(name, sizeof(name), "!%u", id);
		spec = generated(id, name, 7);
		children_install(offload, &spec, CHILD_INBOUND);
		turns(offload);
		assert_int_equal(seen.stages[id][CHILD_INBOUND].status, 0);
		fake.counts[offload->rules[2].plan.sp.id].in_accepted += 100;
		assert_int_equal(offload_look_rules(offload, why), 0);
		assert_int_equal(offload->rules[2].state.in_accepted, 100);
		children_remove(offload, id);
		turns(offload);
	}
}

static void more_generated_policies_than_the_card_holds_are_refused(void **state)
{
	struct offload *offload = *state;

	for (uint32_t id = 1; id <= FAKE_RULES - 1; id++) {
		struct child_spec spec = generated(id, "", (uint8_t)id);

		(void)snprintf(spec.policy, sizeof(spec.policy), "!%u", id);
		children_install(offload, &spec, CHILD_INBOUND);
		turns(offload);
	}
	assert_int_equal(seen.stages[FAKE_RULES - 2][CHILD_INBOUND].status, 0);
	assert_int_equal(seen.stages[FAKE_RULES - 1][CHILD_INBOUND].status, -ENOSPC);
	assert_int_equal(fake.n_rules, FAKE_RULES);
}

/* ---- reload */

static void a_reload_keeps_children_and_what_they_brought(void **state)
{
	struct offload *offload = *state;
	struct child_spec spec = generated(2, "!one", 7);

	install(offload, 1, "a", 2);
	children_install(offload, &spec, CHILD_INBOUND);
	turns(offload);
	fake.log[0] = 0;
	apply(offload, MIXED);
	assert_string_equal(fake.log, "+in3 +out4 bind2=4 table3 unbind1 ");
	assert_int_equal(fake.bound[0], 1);
	assert_int_equal(sa_by_spi(0x1010)->reqid, fake.rules[0].reqid);
	assert_int_equal(offload->n_rules, 3);
	assert_int_equal(changes.rules_kept, 1);
	assert_int_equal(changes.rules_removed, 1);
	children_remove(offload, 2);
	turns(offload);
	assert_int_equal(fake.n_rules, 2);
}

static void a_reload_in_the_midst_of_an_install_disturbs_neither(void **state)
{
	for (unsigned at = 0; at < 5; at++) {
		struct offload *offload;
		struct child_spec spec = generated(1, "!one", 7);

		offload_close(*state);
		fake_reset();
		*state = offload = open_with(TWO);
		fake.is_held = true;
		children_install(offload, &spec, CHILD_INBOUND);
		children_install(offload, &spec, CHILD_OUTBOUND);
		children_poll(offload);
		for (unsigned i = 0; i < at && fake.n_queued; i++) {
			fake_answer(0);
			children_poll(offload);
		}
		fake.is_held = false;
		apply(offload, MIXED);
		turns(offload);
		assert_int_equal(seen.stages[1][CHILD_OUTBOUND].status | (seen.stages[1][CHILD_OUTBOUND].n != 1), 0);
		assert_int_equal(n_sas(), 4);
		assert_int_equal(fake.n_rules, 3);
		children_remove(offload, 1);
		turns(offload);
		assert_int_equal(n_sas(), 2);
		assert_int_equal(fake.n_rules, 2);
	}
}

static void a_policy_may_go_from_ike_to_manual_keys_and_back(void **state)
{
	struct offload *offload = *state;

	install(offload, 1, "a", 2);
	apply(offload, "policies = ( " POLICY("a", "10.1.0.0/16", "manual_sa = \"m\";") " ); manual_sas = ( " MANUAL("m", "0x1001", "0x1002") " );");
	assert_int_equal(fake.bound[0], slot_by_spi(0x1002));
	fake.log[0] = 0;
	children_remove(offload, 1);
	turns(offload);
	assert_string_equal(fake.log, "-1 -0 ");
	assert_int_equal(fake.bound[0], slot_by_spi(0x1002));
	apply(offload, TWO);
	assert_int_equal(fake.bound[0], ADIT_NO_SLOT);
	install(offload, 2, "a", 2);
	assert_int_equal(fake.bound[0], slot_by_spi(0x1021));
}

static void a_child_whose_policy_went_leaves_without_it(void **state)
{
	struct offload *offload = *state;

	install(offload, 1, "b", 2);
	apply(offload, ONE);
	assert_int_equal(fake.bound[1], ADIT_NO_SLOT);
	children_remove(offload, 1);
	turns(offload);
	assert_int_equal(n_sas(), 0);
	assert_false(children_want_recovery(offload));
}

/* ---- a card that is lost */

static void a_restored_card_gets_its_children_back_beyond_their_numbers(void **state)
{
	struct offload *offload = *state;

	install(offload, 1, "a", 4);
	install(offload, 2, "b", 2);
	fake.states[2].seq = 5000;
	fake.states[0].seq = 300;
	children_look(offload, on_used, NULL);
	turns(offload);
	assert_int_equal(adit_card_recover(fake_card()), 0);
	fake.log[0] = 0;
	assert_int_equal(offload_restore(offload, why), 0);
	assert_string_equal(fake.log, "mode +in1 +in0 +in4 +out3 +out2 +out5 bind0=2 bind1=5 table2 ");
	assert_true(fake.sas[2].seq_first == 5000 + OFFLOAD_SEQ_MARGIN);
	assert_true(fake.sas[0].seq_first == 300);
	assert_true(fake.sas[5].seq_first >= OFFLOAD_SEQ_MARGIN);
	assert_true(fake.sas[2].has_next && fake.sas[2].next_slot == 3);
	assert_int_equal(seen.n_events, 0);
}

static void limits_count_over_the_lives_of_a_child(void **state)
{
	struct offload *offload = *state;
	struct child_spec spec = spec_of(1, "a", 2);

	spec.sas.sa[SA_OUT].hard_packets = 1000;
	spec.sas.sa[SA_OUT].soft_packets = 800;
	children_install(offload, &spec, CHILD_INBOUND);
	children_install(offload, &spec, CHILD_OUTBOUND);
	turns(offload);
	fake.states[1].packets = 300;
	fake.states[0].packets = 7;
	fake.states[0].bytes = 700;
	children_look(offload, on_used, NULL);
	turns(offload);
	assert_int_equal(adit_card_recover(fake_card()), 0);
	assert_int_equal(offload_restore(offload, why), 0);
	assert_int_equal(fake.sas[1].hard_packets, 700);
	assert_int_equal(fake.sas[1].soft_packets, 500);
	fake.states[0].packets = 1;
	children_look(offload, on_used, NULL);
	turns(offload);
	assert_int_equal(seen.use.in_packets, 8);
	assert_int_equal(seen.use.in_bytes, 700);
	assert_int_equal(seen.use.out_packets, 300);
}

static void a_child_without_numbers_left_stays_away_and_the_engine_hears_of_it(void **state)
{
	struct offload *offload = *state;

	install(offload, 1, "a", 2);
	install(offload, 2, "a", 2);
	fake.states[slot_by_spi(0x1021)].seq = UINT32_MAX - 10;
	children_look(offload, on_used, NULL);
	turns(offload);
	assert_int_equal(adit_card_recover(fake_card()), 0);
	assert_int_equal(offload_restore(offload, why), 0);
	turns(offload);
	assert_int_equal(seen.n_events, 1);
	assert_int_equal(seen.event_id, 2);
	assert_int_equal(seen.event, CHILD_SEQ_END);
	assert_int_equal(n_sas(), 2);
	assert_int_equal(fake.bound[0], slot_by_spi(0x1011));	/* the older one seals again */
	children_remove(offload, 2);
	turns(offload);
	assert_int_equal(n_sas(), 2);
}

/* The card is lost after `at` answers, stays away while the engine goes on, and comes back. */
static void a_card_lost_at_any_point_leaves_no_half_and_forgets_no_whole(void **state)
{
	for (unsigned at = 0; at < 10; at++) {
		struct offload *offload;
		struct child_spec spec = generated(2, "!one", 7), late = spec_of(3, "b", 2);

		offload_close(*state);
		fake_reset();
		*state = offload = open_with(TWO);
		install(offload, 1, "a", 2);
		fake.is_held = true;
		children_install(offload, &spec, CHILD_INBOUND);
		children_install(offload, &spec, CHILD_OUTBOUND);
		if (at & 1)
			children_remove(offload, 1);
		children_poll(offload);
		for (unsigned i = 0; i < at && fake.n_queued; i++) {
			fake_answer(0);
			children_poll(offload);
		}
		fake_lose();
		offload_lose_card(offload);
		children_install(offload, &late, CHILD_INBOUND);
		children_poll(offload);
		children_poll(offload);
		assert_int_equal(seen.stages[3][CHILD_INBOUND].status, -ENODEV);
		assert_int_equal(fake.n_queued, 0);
		assert_int_equal(seen.stages[2][CHILD_INBOUND].n, 1);
		assert_int_equal(seen.stages[2][CHILD_OUTBOUND].n, 1);
		fake.is_held = false;
		offload_use_card(offload, fake_card());
		assert_int_equal(offload_restore(offload, why), 0);
		turns(offload);
		assert_int_equal(n_sas(), (at & 1 ? 0 : 2) + (seen.stages[2][CHILD_INBOUND].status == 0) + (seen.stages[2][CHILD_OUTBOUND].status == 0));
		assert_int_equal(fake.n_rules, seen.stages[2][CHILD_INBOUND].status == 0 ? 3 : 2);
		children_remove_all(offload);
		turns(offload);
		assert_int_equal(n_sas(), 0);
		assert_int_equal(fake.n_rules, 2);
		install(offload, 4, "a", 2);
		assert_int_equal(seen.stages[4][CHILD_OUTBOUND].status, 0);
	}
}

/* ---- flush */

static void a_flush_takes_children_and_the_engine_hears_of_it(void **state)
{
	struct offload *offload = *state;
	unsigned n = 0;

	install(offload, 1, "a", 4);
	install(offload, 2, "b", 2);
	fake.log[0] = 0;
	assert_int_equal(offload_flush(offload, false, true, &n, why), 0);
	assert_int_equal(n, 4);
	assert_string_equal(fake.log, "unbind0 flush ");
	turns(offload);
	assert_string_equal(fake.log, "unbind0 flush -2 -0 ");
	assert_int_equal(seen.n_events, 1);
	assert_int_equal(seen.event_id, 1);
	assert_int_equal(seen.event, CHILD_HARD);
	assert_int_equal(n_sas(), 2);
	assert_int_equal(fake.bound[1], slot_by_spi(0x1021));
	children_remove(offload, 1);
	turns(offload);
	install(offload, 3, "a", 2);
	assert_int_equal(seen.stages[3][CHILD_OUTBOUND].status, 0);
}

static void a_flush_in_the_midst_of_an_install_fails_it(void **state)
{
	struct offload *offload = *state;
	struct child_spec spec = spec_of(1, "a", 2);
	unsigned n = 0;

	children_install(offload, &spec, CHILD_INBOUND);
	children_poll(offload);
	assert_int_equal(offload_flush(offload, true, true, &n, why), 0);
	turns(offload);
	assert_int_equal(seen.stages[1][CHILD_INBOUND].n, 1);
	assert_int_equal(seen.stages[1][CHILD_INBOUND].status, -ECANCELED);
	assert_int_equal(seen.n_events, 0);
	assert_int_equal(n_sas(), 0);
}

/* ---- looks, acquires, slots */

static void a_look_tells_whose_inbound_counters_moved(void **state)
{
	struct offload *offload = *state;

	install(offload, 1, "a", 2);
	install(offload, 2, "b", 2);
	children_look(offload, on_used, NULL);
	turns(offload);
	assert_int_equal(seen.n_used, 0);
	fake.states[slot_by_spi(0x1020)].packets = 3;
	fake.states[slot_by_spi(0x1011)].packets = 9;	/* outbound: says nothing about the peer */
	children_look(offload, on_used, NULL);
	turns(offload);
	assert_int_equal(seen.n_used, 1);
	assert_int_equal(seen.used_id, 2);
	assert_int_equal(seen.use.in_packets, 3);
	children_look(offload, on_used, NULL);
	turns(offload);
	assert_int_equal(seen.n_used, 1);
}

static void an_answer_for_another_sa_in_the_slot_counts_for_nobody(void **state)
{
	struct offload *offload = *state;

	install(offload, 1, "a", 2);
	fake.states[0].packets = 3;
	fake.states[0].spi = 0x9999;
	children_look(offload, on_used, NULL);
	turns(offload);
	assert_int_equal(seen.n_used, 0);
}

static void a_look_leaves_room_in_the_ring(void **state)
{
	struct offload *offload;

	offload_close(*state);
	fake_reset();
	fake.caps.sa_slots = 256;
	*state = offload = open_with(TWO);
	for (uint32_t id = 1; id <= 60; id++)
		install(offload, id, "a", 2);
	fake.is_held = true;
	children_look(offload, on_used, NULL);
	children_poll(offload);
	assert_true(fake.n_queued > 0 && fake.n_queued <= FAKE_RING / 2);
	fake.is_held = false;
	for (unsigned i = 0; i < FAKE_MOST_SLOTS; i++)
		fake.states[i].packets = 1;
	turns(offload);
	children_look(offload, on_used, NULL);
	turns(offload);
	assert_int_equal(seen.n_used, 60);
}

static void a_policy_without_hope_may_ask_again(void **state)
{
	struct offload *offload = *state;

	children_unacquire(offload, "b");
	children_unacquire(offload, "nowhere");
	turns(offload);
	assert_string_equal(fake.log, "unbind1 ");
	install(offload, 1, "b", 2);
	fake.log[0] = 0;
	children_unacquire(offload, "b");
	turns(offload);
	assert_string_equal(fake.log, "bind1=1 ");	/* as it was bound */
}

static void a_slot_names_its_child(void **state)
{
	struct offload *offload = *state;
	bool is_out = false;

	install(offload, 7, "a", 2);
	assert_int_equal(children_by_slot(offload, slot_by_spi(0x1071), &is_out), 7);
	assert_true(is_out);
	assert_int_equal(children_by_slot(offload, slot_by_spi(0x1070), &is_out), 7);
	assert_false(is_out);
	assert_int_equal(children_by_slot(offload, 40, &is_out), 0);
	assert_int_equal(children_by_slot(offload, 60000, &is_out), 0);
	children_remove(offload, 7);
	turns(offload);
	assert_int_equal(children_by_slot(offload, 0, &is_out), 0);
}

/* ---- many, and anything */

static void a_thousand_children_come_and_go(void **state)
{
	struct offload *offload;

	offload_close(*state);
	fake_reset();
	fake.caps.sa_slots = 4096;
	fake.caps.sp_rules = 2048;
	fake.is_quiet = true;
	*state = offload = open_with(TWO);
	for (uint32_t id = 1; id <= 1000; id++) {
		struct child_spec spec = id % 4 == 0 ? generated(id, "", (uint8_t)id) : spec_of(id, id & 1 ? "a" : "b", 2);

		if (spec.is_generated)
			(void)snprintf(spec.policy, sizeof(spec.policy), "!%u", id);
		children_install(offload, &spec, CHILD_INBOUND);
		children_install(offload, &spec, CHILD_OUTBOUND);
	}
	for (unsigned i = 0; i < 100; i++)
		turns(offload);
	for (uint32_t id = 1; id <= 1000; id++) {
		assert_int_equal(seen.stages[id][CHILD_INBOUND].n, 1);
		assert_int_equal(seen.stages[id][CHILD_OUTBOUND].n, 1);
		assert_int_equal(seen.stages[id][CHILD_OUTBOUND].status, 0);
	}
	assert_int_equal(n_sas(), 2000);
	assert_int_equal(fake.n_rules, 252);
	assert_int_equal(adit_card_recover(fake_card()), 0);
	assert_int_equal(offload_restore(offload, why), 0);
	assert_int_equal(n_sas(), 2000);
	children_remove_all(offload);
	for (unsigned i = 0; i < 4000 && n_sas(); i++)
		turn(offload);
	turns(offload);
	assert_int_equal(n_sas(), 0);
	assert_int_equal(fake.n_rules, 2);
	assert_false(children_want_recovery(offload));
}

static uint32_t dice(uint64_t *state, uint32_t below)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return (uint32_t)(*state >> 20) % below;
}

static void random_turn(struct offload *offload, uint64_t *random, uint32_t *n_ids, unsigned asked[][2])
{
	uint32_t id = dice(random, *n_ids) + 1, action = dice(random, 100);
	struct child_spec spec;
	unsigned n = 0;

	if (action >= 60 && action < 68)
		fake.fail_in = 0;	/* these wait for their answers, and test_offload has their failures */
	if (action < 30 && *n_ids < 3999) {
		id = (*n_ids)++;
		spec = id % 3 == 0 ? generated(id, id & 1 ? "!x" : "!y", id & 1 ? 1 : 2) : spec_of(id, id & 1 ? "a" : "b", id % 5 ? 2 : 4);
		children_install(offload, &spec, CHILD_INBOUND);
		asked[id][CHILD_INBOUND]++;
		children_install(offload, &spec, CHILD_OUTBOUND);
		asked[id][CHILD_OUTBOUND]++;
	} else if (action < 60) {
		children_remove(offload, id);
	} else if (action < 62) {
		assert_int_equal(offload_flush(offload, dice(random, 2), true, &n, why), 0);
	} else if (action < 64) {
		assert_int_equal(adit_card_recover(fake_card()), 0);
		assert_int_equal(offload_restore(offload, why), 0);
	} else if (action < 66) {
		fake_lose();
		offload_lose_card(offload);
		children_poll(offload);
		assert_int_equal(offload_restore(offload, why), 0);
	} else if (action < 68) {
		struct plan *plan = plan_of(dice(random, 2) ? TWO : MIXED);
		int rc = offload_apply(offload, plan, false, &changes, why);

		if (rc < 0 && rc != -ENOSPC)
			fail_msg("%d %s", rc, why);
		plan_free(plan);
	} else if (action < 80) {
		fake.fail_in = dice(random, 10) == 0 ? 2 : 0;
		fake.fail_status = -EINVAL;
	} else {
		turn(offload);
	}
	for (unsigned i = dice(random, 4); i > 0 && fake.n_queued; i--)
		fake_answer(0);
	children_poll(offload);
}

static void whatever_happens_each_call_is_answered_once_and_nothing_stays(void **state)
{
	const char *said = getenv("ADIT_TEST_SEED");
	uint64_t seed = said ? strtoull(said, NULL, 0) : (uint64_t)offload_now_ms();
	static unsigned asked[4000][2];

	print_message("seed %llu\n", (unsigned long long)seed);
	for (unsigned round = 0; round < 60; round++) {
		uint64_t random = (seed + round) * 0x9e3779b97f4a7c15u | 1;
		struct offload *offload;
		uint32_t n_ids = 1;

		memset(asked, 0, sizeof(asked));
		offload_close(*state);
		fake_reset();
		fake.is_quiet = true;
		fake.ring = 1 + dice(&random, FAKE_RING);
		*state = offload = open_with(TWO);
		for (unsigned i = 0; i < 300; i++)
			random_turn(offload, &random, &n_ids, asked);
		fake.fail_in = 0;
		children_remove_all(offload);
		for (unsigned i = 0; i < 10; i++)
			turns(offload);
		for (uint32_t id = 1; id < n_ids; id++)
			for (unsigned stage = 0; stage < 2; stage++)
				assert_int_equal(seen.stages[id][stage].n, asked[id][stage]);
		if (children_want_recovery(offload))	/* a deletion was made to fail */
			assert_int_equal(adit_card_recover(fake_card()) | offload_restore(offload, why), 0);
		apply(offload, TWO);
		assert_int_equal(n_sas(), 0);
		assert_int_equal(fake.n_rules, 2);
		assert_true(fake.bound[offload->rules[0].plan.sp.id] == ADIT_NO_SLOT && fake.bound[offload->rules[1].plan.sp.id] == ADIT_NO_SLOT);
		for (unsigned slot = 0; slot < FAKE_SLOTS; slot++) {
			bool is_out;

			assert_int_equal(children_by_slot(offload, (uint16_t)slot, &is_out), 0);
		}
	}
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(inbound_comes_first_and_the_rule_is_bound_last),
		TEST(a_child_goes_backwards_after_the_rule_is_unbound),
		TEST(of_a_bundle_ah_comes_first_and_goes_last),
		TEST(the_same_stage_twice_is_told_twice_and_done_once),
		TEST(both_stages_asked_at_once_keep_their_order),
		TEST(an_install_after_the_removal_is_refused),
		TEST(outbound_without_inbound_is_refused),
		TEST(a_policy_that_cannot_have_the_child_is_named),
		TEST(a_card_without_room_says_so),
		TEST(a_failure_at_any_command_takes_its_stage_back),
		TEST(a_deletion_that_fails_calls_for_recovery),
		TEST(a_removal_at_any_point_leaves_nothing),
		TEST(what_meets_a_full_ring_is_tried_again),
		TEST(the_newest_child_seals_and_an_old_one_goes_unnoticed),
		TEST(when_the_newest_goes_the_next_newest_seals),
		TEST(a_bind_on_its_way_holds_up_who_else_would_bind),
		TEST(a_slot_rests_before_it_is_another_sas),
		TEST(an_update_moves_the_ends_and_nothing_else),
		TEST(a_generated_policy_comes_first_and_goes_last),
		TEST(a_generated_policy_stays_until_the_last_of_its_children_goes),
		TEST(a_generated_policy_does_not_inherit_the_counters_of_its_id),
		TEST(more_generated_policies_than_the_card_holds_are_refused),
		TEST(a_reload_keeps_children_and_what_they_brought),
		TEST(a_reload_in_the_midst_of_an_install_disturbs_neither),
		TEST(a_policy_may_go_from_ike_to_manual_keys_and_back),
		TEST(a_child_whose_policy_went_leaves_without_it),
		TEST(a_restored_card_gets_its_children_back_beyond_their_numbers),
		TEST(limits_count_over_the_lives_of_a_child),
		TEST(a_child_without_numbers_left_stays_away_and_the_engine_hears_of_it),
		TEST(a_card_lost_at_any_point_leaves_no_half_and_forgets_no_whole),
		TEST(a_flush_takes_children_and_the_engine_hears_of_it),
		TEST(a_flush_in_the_midst_of_an_install_fails_it),
		TEST(a_look_tells_whose_inbound_counters_moved),
		TEST(an_answer_for_another_sa_in_the_slot_counts_for_nobody),
		TEST(a_look_leaves_room_in_the_ring),
		TEST(a_policy_without_hope_may_ask_again),
		TEST(a_slot_names_its_child),
		TEST(a_thousand_children_come_and_go),
		TEST(whatever_happens_each_call_is_answered_once_and_nothing_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
