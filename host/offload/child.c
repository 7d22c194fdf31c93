// SPDX-License-Identifier: BSD-2-Clause-Patent
#include "offload/child.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "offload/child_room.h"

/* ---- all children */

struct children *children_open(struct offload *offload)
{
	struct children *children = calloc(1, sizeof(*children));
	uint32_t n_slots = adit_card_caps(offload->card)->sa_slots;

	if (!children)
		return NULL;
	children->ready_end = &children->ready;
	children->later_end = &children->later;
	children->n_slots = n_slots;
	children->most_replay_packets = adit_card_caps(offload->card)->replay_packets;
	children->look_at = SIZE_MAX;
	children->slot_child = calloc(n_slots + 1, sizeof(*children->slot_child));
	children->slot_freed_ms = calloc(n_slots + 1, sizeof(*children->slot_freed_ms));
	for (unsigned i = 0; i < LOOKS_AT_ONCE; i++)
		children->looks[i].offload = offload;
	if (!children->slot_child || !children->slot_freed_ms) {
		children_close(children);
		return NULL;
	}
	return children;
}

static void free_child(struct child *child)
{
	OPENSSL_cleanse(child, sizeof(*child));
	free(child);
}

void children_close(struct children *children)
{
	if (!children)
		return;
	FOR_EACH_CHILD(child, children)
		free_child(child);
	while (children->refusals) {
		struct child_refusal *refusal = children->refusals;

		children->refusals = refusal->next;
		free(refusal);
	}
	free(children->slot_child);
	free(children->slot_freed_ms);
	free(children);
}

struct child *child_by_id(const struct children *children, uint32_t id)
{
	struct child *child = id ? children->buckets[id % CHILD_BUCKETS] : NULL;

	while (child && child->id != id)
		child = child->next_in_bucket;
	return child;
}

void child_make_ready(struct child *child)
{
	struct children *children = child->offload->children;

	if (child->is_ready)
		return;
	child->is_ready = true;
	child->next_ready = NULL;
	*children->ready_end = child;
	children->ready_end = &child->next_ready;
}

static struct child *take_ready(struct children *children)
{
	struct child *child = children->ready;

	if (!child)
		return NULL;
	children->ready = child->next_ready;
	if (!children->ready)
		children->ready_end = &children->ready;
	child->is_ready = false;
	return child;
}

static void remember_gone(struct children *children, uint32_t id)
{
	children->gone[children->n_gone++ % GONE_IDS] = id;
}

static bool is_gone(const struct children *children, uint32_t id)
{
	for (unsigned i = 0; i < GONE_IDS && i < children->n_gone; i++)
		if (children->gone[i] == id)
			return true;
	return false;
}

void children_on_done(struct offload *offload, child_done_fn *done, void *arg)
{
	offload->children->done = done;
	offload->children->arg = arg;
}

void children_on_event(struct offload *offload, child_event_fn *on_event)
{
	offload->children->on_event = on_event;
}

bool children_want_recovery(struct offload *offload)
{
	bool wants = offload->children->wants_recovery;

	offload->children->wants_recovery = false;
	return wants;
}

/* ---- goals */

static void refuse(struct children *children, uint32_t id, enum child_stage stage, int status, const char *why)
{
	struct child_refusal *refusal = calloc(1, sizeof(*refusal));

	if (!refusal)
		return;		/* without memory for twenty bytes the engine's own clock ends the exchange */
	*refusal = (struct child_refusal){ children->refusals, id, stage, status, why };
	children->refusals = refusal;
}

/* The engine knows nothing of the card's limits. */
static void take_sas(struct child *child, const struct sa_set *sas)
{
	uint16_t most = child->offload->children->most_replay_packets;

	child->pair.plan.sas = *sas;
	for (unsigned side = 0; side < sas->n; side++)
		if (child->pair.plan.sas.sa[side].replay_packets > most)
			child->pair.plan.sas.sa[side].replay_packets = most;
}

static struct child *new_child(struct offload *offload, const struct child_spec *spec)
{
	struct children *children = offload->children;
	struct child *child = calloc(1, sizeof(*child)), **bucket = &children->buckets[spec->id % CHILD_BUCKETS];

	if (!child)
		return NULL;
	child->offload = offload;
	child->id = spec->id;
	memcpy(child->policy, spec->policy, sizeof(child->policy));
	child->policy[sizeof(child->policy) - 1] = 0;
	child->is_generated = spec->is_generated;
	if (spec->is_generated) {
		plan_rule_make(&spec->rule, &child->rule);
		memcpy(child->rule.name, child->policy, sizeof(child->rule.name));
	}
	take_sas(child, &spec->sas);
	for (unsigned side = 0; side < SA_SIDES; side++)
		child->pair.slots[side] = ADIT_NO_SLOT;
	(void)snprintf(child->pair.plan.key, sizeof(child->pair.plan.key), "policy %s child %u", child->policy, child->id);
	memcpy(child->pair.plan.manual_sa, child->policy, sizeof(child->pair.plan.manual_sa));
	child->next_in_bucket = *bucket;
	*bucket = child;
	return child;
}

static bool is_sound(const struct child_spec *spec)
{
	return spec->id != 0 && (spec->sas.n == 2 || spec->sas.n == SA_SIDES);
}

static void install_outbound(struct child *child, const struct child_spec *spec)
{
	struct child_stage_state *out = &child->stages[CHILD_OUTBOUND];

	out->n_owed++;
	if (out->is_begun)
		return;
	out->is_begun = true;
	if (!child->stages[CHILD_INBOUND].is_wanted) {
		child_fail(child, CHILD_OUTBOUND, -ECANCELED, "its inbound SAs are not there");
		return;
	}
	if (spec->sas.n == child->pair.plan.sas.n)
		for (unsigned side = SA_OUT; side < spec->sas.n; side += 2)
			child->pair.plan.sas.sa[side] = spec->sas.sa[side];
	out->is_wanted = true;
}

void children_install(struct offload *offload, const struct child_spec *spec, enum child_stage stage)
{
	struct children *children = offload->children;
	struct child *child = child_by_id(children, spec->id);

	if (child ? child->is_removed : is_gone(children, spec->id)) {
		refuse(children, spec->id, stage, -ECANCELED, "it has been removed");
		return;
	}
	if (!is_sound(spec) || (!child && stage == CHILD_OUTBOUND)) {
		refuse(children, spec->id, stage, child ? -EINVAL : -ENOENT, "its inbound SAs are not there");
		return;
	}
	if (!child)
		child = new_child(offload, spec);
	if (!child) {
		refuse(children, spec->id, stage, -ENOMEM, "out of memory");
		return;
	}
	if (stage == CHILD_OUTBOUND) {
		install_outbound(child, spec);
	} else {
		child->stages[stage].n_owed++;
		if (!child->stages[stage].is_begun)
			child->stages[stage].is_begun = child->stages[stage].is_wanted = true;
	}
	child_make_ready(child);
}

/* Ends, ports and header handling move; keys and numbers stay. */
void children_update(struct offload *offload, const struct child_spec *spec)
{
	struct child *child = child_by_id(offload->children, spec->id);

	if (!child || child->is_removed || spec->sas.n != child->pair.plan.sas.n)
		return;
	for (unsigned side = 0; side < spec->sas.n; side++) {
		struct adit_sa *sa = &child->pair.plan.sas.sa[side];
		const struct adit_sa *new = &spec->sas.sa[side];

		sa->src = new->src;
		sa->dst = new->dst;
		sa->udp_encap = new->udp_encap;
		sa->natt_sport = new->natt_sport;
		sa->natt_dport = new->natt_dport;
		sa->path_mtu = new->path_mtu;
		child->needs_update[side] = true;
	}
	child_make_ready(child);
}

static void remove_child(struct child *child)
{
	if (child->is_removed)
		return;
	child->is_removed = true;
	for (unsigned stage = 0; stage < CHILD_STAGES; stage++)
		if (!child->stages[stage].is_settled)
			child_fail(child, (enum child_stage)stage, -ECANCELED, "it was removed meanwhile");
		else
			child->stages[stage].is_wanted = false;
	child->has_event = false;
	remember_gone(child->offload->children, child->id);
	child_make_ready(child);
}

void children_remove(struct offload *offload, uint32_t id)
{
	struct child *child = child_by_id(offload->children, id);

	if (child)
		remove_child(child);
}

void children_remove_all(struct offload *offload)
{
	FOR_EACH_CHILD(child, offload->children)
		remove_child(child);
}

/* ---- one turn */

static void release(struct child *child)
{
	struct child **at = &child->offload->children->buckets[child->id % CHILD_BUCKETS];

	while (*at != child)
		at = &(*at)->next_in_bucket;
	*at = child->next_in_bucket;
	free_child(child);
}

static void tell_used(struct child *child)
{
	struct children *children = child->offload->children;
	const struct adit_sa_state *states = child->pair.states;
	const struct offload_spent *spent = child->pair.spent;
	const struct child_use use = {
		.in_bytes = spent[SA_IN].bytes + states[SA_IN].bytes, .in_packets = spent[SA_IN].packets + states[SA_IN].packets,
		.out_bytes = spent[SA_OUT].bytes + states[SA_OUT].bytes, .out_packets = spent[SA_OUT].packets + states[SA_OUT].packets
	};

	child->is_used = false;
	if (use.in_packets == child->told_packets || child->is_removed)
		return;
	child->told_packets = use.in_packets;
	if (children->used)
		children->used(children->used_arg, child->id, &use);
}

/* The engine may call back into this room from each of these; it changes goals only. */
static void tell(struct child *child)
{
	struct children *children = child->offload->children;

	for (unsigned stage = 0; stage < CHILD_STAGES; stage++) {
		struct child_stage_state *state = &child->stages[stage];

		while (state->n_owed && state->is_settled) {
			state->n_owed--;
			if (children->done)
				children->done(children->arg, child->id, (enum child_stage)stage, state->status, state->status ? child->why : "");
		}
	}
	if (child->has_event && !child->is_removed) {
		child->has_event = false;
		if (children->on_event)
			children->on_event(children->arg, child->id, child->event);
	}
	if (child->is_used)
		tell_used(child);
}

static void tell_refusals(struct children *children)
{
	while (children->refusals) {
		struct child_refusal refusal = *children->refusals;

		free(children->refusals);
		children->refusals = refusal.next;
		if (children->done)
			children->done(children->arg, refusal.id, refusal.stage, refusal.status, refusal.why);
	}
}

static void run_later(struct children *children)
{
	struct child *later = children->later;

	children->later = NULL;
	children->later_end = &children->later;
	while (later) {
		struct child *child = later;

		later = child->next_ready;
		child->is_ready = false;
		child_make_ready(child);
	}
}

static void acquire_done(void *arg, int status, const union adit_answer *answer)
{
	(void)arg;
	(void)status;
	(void)answer;
}

/* To bind a rule to what it is bound to lets it ask again. */
static void run_unacquires(struct offload *offload)
{
	offload->children->has_unacquires = false;
	for (size_t i = 0; i < offload->n_rules; i++) {
		struct offload_rule *rule = &offload->rules[i];
		uint16_t slot = rule->has_child ? rule->child_slot : ADIT_NO_SLOT;

		if (!rule->wants_acquire)
			continue;
		if (rule->binder || rule->is_coming ||	/* a bind that is on the way may be for another slot: wait for it */
		    (rule->plan.pair == PLAN_NO_PAIR && adit_sp_bind(offload->card, rule->plan.sp.id, slot, acquire_done, NULL) == -EAGAIN))
			offload->children->has_unacquires = true;
		else
			rule->wants_acquire = false;
	}
}

void children_unacquire(struct offload *offload, const char *policy)
{
	struct offload_rule *rule = table_rule(offload->rules, offload->n_rules, policy);

	if (rule)
		rule->wants_acquire = offload->children->has_unacquires = true;
}

void children_poll(struct offload *offload)
{
	struct children *children = offload->children;
	struct child *child;

	if (children->is_polling)
		return;
	children->is_polling = true;
	run_later(children);
	tell_refusals(children);
	while ((child = take_ready(children))) {
		child_step(child);
		tell(child);
		if (child_is_over(child) && !child->is_ready)
			release(child);
		tell_refusals(children);
	}
	if (!children->is_away) {
		if (children->has_unacquires)
			run_unacquires(offload);
		look_go_on(offload);
		if (adit_card_kick(offload->card) < 0)
			children->wants_recovery = true;
	}
	children->is_polling = false;
}

/* ---- what others see */

unsigned children_n_sas(const struct offload *offload)
{
	unsigned n = 0;

	FOR_EACH_CHILD(child, offload->children)
		for (unsigned side = 0; side < SA_SIDES; side++)
			n += child->is_here[side];
	return n;
}

void children_each(const struct offload *offload, void (*each)(void *arg, const struct child_view *view), void *arg)
{
	FOR_EACH_CHILD(child, offload->children) {
		const struct child_view view = {
			.id = child->id, .policy = child->policy, .sas = &child->pair.plan.sas, .slots = child->pair.slots,
			.states = child->pair.states, .has_inbound = child->is_here[SA_IN], .has_outbound = child->is_here[SA_OUT],
			.is_bound = child->is_bound, .is_generated = child->is_generated, .installed_ms = child->pair.installed_ms
		};

		if (view.has_inbound || view.has_outbound)
			each(arg, &view);
	}
}
