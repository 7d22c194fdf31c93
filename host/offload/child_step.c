// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * A child's goals and its state lead to one command at a time:
 *
 *   inbound    (rule,) AH in, ESP in                 outbound   AH out, ESP out, bind the rule
 *   away       bind the rule elsewhere, ESP out, AH out                  then ESP in, AH in (, rule)
 *
 * A stage that fails loses its goal, and so what of it was there goes the same way.
 */
#include <errno.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "offload/child_room.h"

/* Mostly where it was found last. */
struct offload_rule *child_rule(struct child *child)
{
	struct offload_rule *rules = child->offload->rules, *rule;
	size_t n_rules = child->offload->n_rules;

	if (child->rule_at < n_rules && strcmp(rules[child->rule_at].plan.name, child->policy) == 0)
		return &rules[child->rule_at];
	rule = table_rule(rules, n_rules, child->policy);
	child->rule_at = rule ? (size_t)(rule - rules) : 0;
	return rule;
}

void child_fail(struct child *child, enum child_stage stage, int status, const char *why)
{
	struct child_stage_state *state = &child->stages[stage];

	state->is_wanted = false;
	if (!state->is_settled && !state->status)
		state->status = status;
	if (why != child->why && !child->why[0])
		(void)snprintf(child->why, sizeof(child->why), "%s", why);
	if (stage == CHILD_INBOUND && !child->stages[CHILD_OUTBOUND].is_settled) {
		child->stages[CHILD_OUTBOUND].is_wanted = false;
		if (!child->stages[CHILD_OUTBOUND].status)
			child->stages[CHILD_OUTBOUND].status = status;
	}
}

static enum child_stage stage_of(unsigned side)
{
	return sa_side_is_out(side) ? CHILD_OUTBOUND : CHILD_INBOUND;
}

static bool seals_with(const struct offload_rule *rule, const struct child *child)
{
	return rule && rule->has_child && rule->plan.pair == PLAN_NO_PAIR && rule->child_slot == child->pair.slots[SA_OUT];
}

struct child *child_newest(const struct children *children, const char *policy, const struct child *but)
{
	struct child *newest = NULL;

	FOR_EACH_CHILD(child, children) {
		if (child == but || !child->is_bound || !child->is_here[SA_OUT] || !child->stages[CHILD_OUTBOUND].is_wanted ||
		    strcmp(child->policy, policy) != 0)
			continue;
		if (!newest || child->bound_order > newest->bound_order)
			newest = child;
	}
	return newest;
}

/* ---- what comes next */

static enum child_op with_side(struct child *child, enum child_op op, enum sa_side side)
{
	child->command.side = side;
	return op;
}

static enum child_op next_away(struct child *child)
{
	static const enum sa_side order[SA_SIDES] = { SA_OUT, SA_AH_OUT, SA_IN, SA_AH_IN };
	const struct offload_rule *rule = child_rule(child);

	for (unsigned i = 0; i < SA_SIDES; i++) {
		enum sa_side side = order[i];

		if (!child->is_here[side] || child->stages[stage_of(side)].is_wanted)
			continue;
		if (side == SA_OUT && rule && rule->binder)
			return OP_WAIT;
		if (side == SA_OUT && seals_with(rule, child))
			return OP_REBIND;
		return with_side(child, OP_SA_DELETE, side);
	}
	if (!child->has_rule || child->stages[CHILD_INBOUND].is_wanted)
		return OP_NONE;
	if (!rule || !rule->is_generated)	/* a reload gave its name to another */
		return OP_RULE_LEAVE;
	return rule->n_children > 1 ? OP_RULE_LEAVE : rule->is_coming || rule->binder ? OP_WAIT : OP_RULE_DELETE;
}

static enum child_op next_rule(struct child *child)
{
	const struct offload_rule *rule = child_rule(child);
	const struct child_command *last = &child->command;

	if (!child->is_generated || child->has_rule)
		return OP_NONE;
	if (rule && (rule->is_coming || rule->is_going))
		return OP_WAIT;
	if (rule)
		return OP_RULE_JOIN;
	return last->op == OP_RULE_BASE && last->status == 0 ? OP_RULE_ADD : OP_RULE_BASE;
}

static enum child_op next_coming(struct child *child)
{
	static const enum sa_side order[SA_SIDES] = { SA_AH_IN, SA_IN, SA_AH_OUT, SA_OUT };
	const struct offload_rule *rule;
	enum child_op op = child->stages[CHILD_INBOUND].is_wanted ? next_rule(child) : OP_NONE;

	if (op != OP_NONE)
		return op;
	for (unsigned i = 0; i < SA_SIDES; i++) {
		enum sa_side side = order[i];

		if (side < child->pair.plan.sas.n && !child->is_here[side] && child->stages[stage_of(side)].is_wanted)
			return with_side(child, OP_SA_ADD, side);
	}
	for (unsigned side = 0; side < SA_SIDES; side++)
		if (child->needs_update[side] && child->is_here[side])
			return with_side(child, OP_SA_UPDATE, (enum sa_side)side);
	if (!child->stages[CHILD_OUTBOUND].is_wanted || child->is_bound)
		return OP_NONE;
	rule = child_rule(child);
	return rule && rule->binder ? OP_WAIT : OP_BIND;
}

static enum child_op next_op(struct child *child)
{
	enum child_op op = next_away(child);

	return op == OP_NONE ? next_coming(child) : op;
}

/* ---- commands */

static void command_done(void *arg, int status, const union adit_answer *answer)
{
	struct child *child = arg;

	if (!child->command.is_waiting)
		return;
	child->command.is_waiting = false;
	child->command.is_answered = true;
	child->command.status = status;
	if (answer)
		child->command.answer = *answer;
	if (status < 0 && !child->why[0])
		(void)snprintf(child->why, sizeof(child->why), "%s", adit_card_strerror(child->offload->card));
	child_make_ready(child);
}

static void drop(const struct offload *offload, uint16_t slot)
{
	if (offload->watch.drop)
		offload->watch.drop(offload->watch.arg, slot);
}

static void put(const struct child *child, enum sa_side side, const struct adit_sa *sa)
{
	const struct offload_watch *watch = &child->offload->watch;
	bool is_inner = child->pair.plan.sas.n > 2 && side < SA_AH_IN;

	if (watch->put)
		watch->put(watch->arg, child->pair.slots[side], sa, is_inner ? &child->pair.plan.sas.sa[side + SA_AH_IN] : NULL);
}

static int refuse_rule(struct child *child, const struct offload_rule *rule)
{
	const char *what = !rule ? "there is no policy" : rule->plan.pair != PLAN_NO_PAIR ? "manual keys belong to policy" :
			   rule->plan.sp.action != ADIT_ACTION_ENCRYPT ? "nothing is encrypted by policy" : NULL;

	if (!what)
		return 0;
	if (!child->why[0])
		(void)snprintf(child->why, sizeof(child->why), "%s \"%s\"", what, child->policy);
	return rule ? -EINVAL : -ENOENT;
}

static int add_sa(struct child *child, enum sa_side side)
{
	struct offload *offload = child->offload;
	const struct offload_rule *rule = child_rule(child);
	struct adit_sa sa;
	int rc = refuse_rule(child, rule);

	if (rc < 0)
		return rc;
	if (!child->pair.reqid)
		child->pair.reqid = rule->plan.sp.reqid;
	child->pair.plan.sas.sa[side].reqid = child->pair.reqid;
	rc = child_take_slots(child, sa_side_is_out(side));
	if (rc < 0) {
		(void)snprintf(child->why, sizeof(child->why), "the card has no slot left for another SA");
		return rc;
	}
	pair_prepare(&child->pair, side, 0, &sa);
	rc = adit_sa_add(offload->card, child->pair.slots[side], &sa, command_done, child);
	if (rc == 0)
		put(child, side, &sa);
	OPENSSL_cleanse(&sa, sizeof(sa));
	return rc;
}

static int update_sa(struct child *child, enum sa_side side)
{
	struct adit_sa sa;
	int rc;

	pair_describe(&child->pair, side, &sa);
	rc = adit_sa_update(child->offload->card, child->pair.slots[side], &sa, command_done, child);
	if (rc == 0) {
		child->needs_update[side] = false;
		put(child, side, &sa);
	}
	OPENSSL_cleanse(&sa, sizeof(sa));
	return rc;
}

static int delete_sa(struct child *child, enum sa_side side)
{
	uint16_t slot = child->pair.slots[side];
	int rc = adit_sa_delete(child->offload->card, slot, command_done, child);

	if (rc == 0)
		drop(child->offload, slot);
	return rc;
}

/* The rule stands in the table from the moment its command is on the way: a reload then keeps it. */
static int add_rule(struct child *child)
{
	struct offload *offload = child->offload;
	struct offload_rule *rule;
	int rc = table_add_generated(offload, &child->rule);

	if (rc < 0) {
		(void)snprintf(child->why, sizeof(child->why), "the card holds no further policy");
		return rc;
	}
	rule = &offload->rules[offload->n_rules - 1];
	rule->base = child->command.answer.sp;
	rc = adit_sp_add(offload->card, &rule->plan.sp, command_done, child);
	if (rc < 0) {
		table_drop_generated(offload, child->policy);
		return rc;
	}
	rule->is_coming = true;
	rule->n_children = 1;
	return 0;
}

static int ask_base(struct child *child)
{
	struct offload *offload = child->offload;
	uint16_t id = table_free_id(offload);

	child->command.answer = (union adit_answer){ 0 };
	if (id == ADIT_NO_SLOT || !offload->id_was_used[id]) {
		child->command.is_answered = true;	/* nothing has been counted, or there is no id and the next step says so */
		child->command.status = 0;
		return 0;
	}
	return adit_sp_query(offload->card, id, command_done, child);
}

static int bind_rule(struct child *child, bool is_away)
{
	struct offload *offload = child->offload;
	struct offload_rule *rule = child_rule(child);
	const struct child *newest = is_away ? child_newest(offload->children, child->policy, child) : child;
	int rc = is_away ? 0 : refuse_rule(child, rule);

	if (rc < 0)
		return rc;
	child->command.slot = newest ? newest->pair.slots[SA_OUT] : ADIT_NO_SLOT;
	rc = adit_sp_bind(offload->card, rule->plan.sp.id, child->command.slot, command_done, child);
	if (rc == 0)
		rule->binder = child->id;
	return rc;
}

static int join_rule(struct child *child, struct offload_rule *rule)
{
	struct adit_sp sp = child->rule.sp;

	sp.reqid = rule->plan.sp.reqid;
	if (!rule->is_generated || !table_same_rule(&rule->plan.sp, &sp)) {
		(void)snprintf(child->why, sizeof(child->why), "another policy is called \"%s\"", child->policy);
		return -EEXIST;
	}
	rule->n_children++;
	child->has_rule = true;
	return 0;
}

static int issue(struct child *child, enum child_op op)
{
	struct offload_rule *rule = child_rule(child);
	int rc;

	switch (op) {
	case OP_RULE_BASE: return ask_base(child);
	case OP_RULE_ADD: return add_rule(child);
	case OP_RULE_DELETE:
		rc = adit_sp_delete(child->offload->card, rule->plan.sp.id, command_done, child);
		rule->is_going = rc == 0;
		return rc;
	case OP_SA_ADD: return add_sa(child, child->command.side);
	case OP_SA_DELETE: return delete_sa(child, child->command.side);
	case OP_SA_UPDATE: return update_sa(child, child->command.side);
	case OP_BIND: return bind_rule(child, false);
	case OP_REBIND: return bind_rule(child, true);
	case OP_RULE_JOIN: return join_rule(child, rule);
	case OP_RULE_LEAVE:
		if (rule && rule->is_generated)
			rule->n_children--;
		child->has_rule = false;
		return 0;
	case OP_NONE:
	case OP_WAIT: break;
	}
	return 0;
}

/* ---- answers */

static void rule_ended(struct child *child, bool is_there)
{
	struct offload_rule *rule = child_rule(child);

	child->has_rule = is_there;
	if (!is_there)
		table_drop_generated(child->offload, child->policy);
	else if (rule)
		rule->is_coming = false;
}

static void bind_ended(struct child *child, enum child_op op, int status)
{
	struct offload_rule *rule = child_rule(child);

	if (rule && rule->binder == child->id)
		rule->binder = 0;
	if (status == 0 && rule) {
		rule->has_child = child->command.slot != ADIT_NO_SLOT;
		rule->child_slot = child->command.slot;
	}
	if (op == OP_REBIND) {
		child->is_bound = false;
		if (status < 0 && rule)
			rule->has_child = false;
	} else if (status == 0) {
		child->is_bound = true;
		child->bound_order = ++child->offload->children->n_bound;
	}
}

static void added(struct child *child, enum sa_side side, int status)
{
	if (status < 0) {
		if (child->pair.slots[side] != ADIT_NO_SLOT)
			drop(child->offload, child->pair.slots[side]);
		child_free_slot(child, side);
		return;
	}
	child->is_here[side] = true;
	if (!child->pair.installed_ms)
		child->pair.installed_ms = offload_now_ms();
	if (!child->pair.born_ms)
		child->pair.born_ms = child->pair.installed_ms;
}

/* What must not fail has failed: the card is in doubt. Commands that were cancelled went with a card that is reset. */
static bool note_doubt(struct child *child, int status)
{
	bool is_in_doubt = status < 0 && status != -ENOENT && status != -ECANCELED && status != -ENODEV;

	child->offload->children->wants_recovery |= is_in_doubt;
	return is_in_doubt;
}

static void answer(struct child *child, enum child_op op, enum sa_side side, int status)
{
	switch (op) {
	case OP_RULE_BASE:
	case OP_RULE_JOIN:
		if (status < 0)
			child_fail(child, CHILD_INBOUND, status, child->why);
		return;
	case OP_RULE_ADD:
		if (status == 0 || child_rule(child))
			rule_ended(child, status == 0);
		if (status < 0)
			child_fail(child, CHILD_INBOUND, status, child->why);
		return;
	case OP_RULE_DELETE:
		(void)note_doubt(child, status);
		rule_ended(child, false);
		return;
	case OP_SA_ADD:
		added(child, side, status);
		if (status < 0)
			child_fail(child, stage_of(side), status, child->why);
		return;
	case OP_SA_DELETE:
		child->is_here[side] = false;
		if (note_doubt(child, status))
			child_doubt_slot(child, side);
		else
			child_free_slot(child, side);
		return;
	case OP_SA_UPDATE:
		if (status < 0)
			child->needs_update[side] = false;
		if (status < 0 && status != -ECANCELED && status != -ENODEV) {	/* else it comes back as it is to be */
			child->has_event = true;
			child->event = CHILD_HARD;
		}
		return;
	case OP_BIND:
		bind_ended(child, op, status);
		if (status < 0)
			child_fail(child, CHILD_OUTBOUND, status, child->why);
		return;
	case OP_REBIND:
		(void)note_doubt(child, status);
		bind_ended(child, op, status);
		return;
	case OP_RULE_LEAVE:
	case OP_NONE:
	case OP_WAIT: return;
	}
}

void child_absorb(struct child *child)
{
	struct child_command *command = &child->command;

	if (!command->is_answered)
		return;
	command->is_answered = false;
	answer(child, command->op, command->side, command->status);
}

/* Without a card what is to come cannot, and what is to go is gone. */
static bool needs_card(enum child_op op)
{
	return op != OP_RULE_JOIN && op != OP_RULE_LEAVE;
}

/* The peer may send from now on, whatever becomes of the other direction. */
static void settle_inbound(struct child *child)
{
	struct child_stage_state *in = &child->stages[CHILD_INBOUND];
	bool is_there = child->is_here[SA_IN] && (child->pair.plan.sas.n == 2 || child->is_here[SA_AH_IN]);

	if (in->is_wanted && !in->is_settled && is_there) {
		in->is_settled = true;
		in->status = 0;
	}
}

static void settle(struct child *child)
{
	for (unsigned stage = 0; stage < CHILD_STAGES; stage++) {
		struct child_stage_state *state = &child->stages[stage];

		if (state->is_begun && !state->is_settled) {
			state->is_settled = true;
			if (state->is_wanted)
				state->status = 0;
			else if (state->status == 0)
				state->status = -ECANCELED;
		}
	}
	for (unsigned side = 0; side < SA_SIDES; side++)
		if (!child->is_here[side])
			child_free_slot(child, (enum sa_side)side);
}

void child_step(struct child *child)
{
	struct children *children = child->offload->children;

	child_absorb(child);
	while (!child->command.is_waiting) {
		enum child_op op = next_op(child);
		int rc;

		settle_inbound(child);
		if (op == OP_NONE) {
			settle(child);
			return;
		}
		rc = op == OP_WAIT ? -EAGAIN : children->is_away && needs_card(op) ? -ENODEV : 0;
		if (rc == 0) {
			child->command.op = op;
			rc = issue(child, op);
		}
		if (rc == -EAGAIN) {
			child->is_ready = true;	/* with the next turn, in the order of coming */
			child->next_ready = NULL;
			*children->later_end = child;
			children->later_end = &child->next_ready;
			return;
		}
		child->command.op = op;
		if (rc < 0) {
			if (!child->why[0])
				(void)snprintf(child->why, sizeof(child->why), "%s", children->is_away ? "the card is away" :
					       adit_card_strerror(child->offload->card));
			answer(child, op, child->command.side, rc);
		} else if (child->command.is_answered) {
			child_absorb(child);
		} else if (needs_card(op)) {
			child->command.is_waiting = true;
		}
	}
}

bool child_is_over(const struct child *child)
{
	bool is_here = child->has_rule;

	for (unsigned side = 0; side < SA_SIDES; side++)
		is_here |= child->is_here[side];
	return child->is_removed && !is_here && !child->command.is_waiting && !child->command.is_answered && !child->stages[0].n_owed &&
	       !child->stages[1].n_owed;
}
