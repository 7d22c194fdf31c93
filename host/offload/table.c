// SPDX-License-Identifier: BSD-2-Clause-Patent
#include "offload/room.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "offload/child_room.h"

#define REQID_WITHOUT_SA 0x10000u	/* + policy id; pairs have reqids below */

void table_free(struct table *table)
{
	if (table->pairs)
		OPENSSL_cleanse(table->pairs, table->n_pairs * sizeof(*table->pairs));
	free(table->pairs);
	free(table->rules);
	*table = (struct table){ 0 };
}

struct offload_pair *table_pair(struct offload_pair *pairs, size_t n, const char *key)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(pairs[i].plan.key, key) == 0)
			return &pairs[i];
	return NULL;
}

struct offload_rule *table_rule(struct offload_rule *rules, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(rules[i].plan.name, name) == 0)
			return &rules[i];
	return NULL;
}

bool table_same_rule(const struct adit_sp *a, const struct adit_sp *b)
{
	return a->priority == b->priority && addr_same(&a->src, &b->src) && addr_same(&a->dst, &b->dst) &&
	       a->src_plen == b->src_plen && a->dst_plen == b->dst_plen && a->any_proto == b->any_proto &&
	       a->any_ports == b->any_ports && a->opaque == b->opaque && a->proto == b->proto && a->sport_lo == b->sport_lo &&
	       a->sport_hi == b->sport_hi && a->dport_lo == b->dport_lo && a->dport_hi == b->dport_hi &&
	       a->action == b->action && a->level == b->level && a->reqid == b->reqid;
}

static bool slot_is_used(const struct offload_pair *pairs, size_t n, uint16_t slot)
{
	for (size_t i = 0; i < n; i++)
		for (unsigned side = 0; side < pairs[i].plan.sas.n; side++)
			if (pairs[i].slots[side] == slot)
				return true;
	return false;
}

/*
 * Preferably not that of an SA that goes, nor one that a child had a moment ago: packets that the card punted for it may still be on
 * their way, and the host must not seal them with the keys of another. Never a child's. offload_check_plan() saw that there are enough.
 */
static uint16_t free_slot(const struct offload *offload, const struct table *next)
{
	uint32_t n_slots = adit_card_caps(offload->card)->sa_slots;
	int64_t now_ms = offload_now_ms();

	for (uint32_t slot = 0; slot < n_slots; slot++)
		if (slot_may_be_used(offload, (uint16_t)slot, now_ms) && !slot_is_used(next->pairs, next->n_pairs, (uint16_t)slot) &&
		    !slot_is_used(offload->pairs, offload->n_pairs, (uint16_t)slot))
			return (uint16_t)slot;
	for (uint32_t slot = 0; slot < n_slots; slot++)
		if (!offload->children->slot_child[slot] && !slot_is_used(next->pairs, next->n_pairs, (uint16_t)slot))
			return (uint16_t)slot;
	return ADIT_NO_SLOT;
}

static bool reqid_is_used(const struct offload_pair *pairs, size_t n, uint32_t reqid)
{
	for (size_t i = 0; i < n; i++)
		if (pairs[i].reqid == reqid)
			return true;
	return false;
}

/* Not that of a pair that goes either: rules that still have it must not meet the new SA before the table is replaced. */
static uint32_t free_reqid(const struct offload *offload, const struct table *next)
{
	uint32_t reqid = 1;

	while (reqid_is_used(next->pairs, next->n_pairs, reqid) || reqid_is_used(offload->pairs, offload->n_pairs, reqid))
		reqid++;
	return reqid;
}

static bool has_same_ends(const struct plan_pair *a, const struct plan_pair *b)
{
	return addr_same(&a->sas.sa[SA_OUT].src, &b->sas.sa[SA_OUT].src) &&
	       addr_same(&a->sas.sa[SA_OUT].dst, &b->sas.sa[SA_OUT].dst);
}

/* An outbound SA with the same keys, whatever its pair is called: its number counts too. */
static uint64_t used_by_others(const struct offload *offload, const struct offload_pair *but, const struct adit_sa *sa, bool *was_seen)
{
	uint64_t seq = 0;

	for (size_t i = 0; i < offload->n_pairs; i++) {
		const struct offload_pair *old = &offload->pairs[i];

		for (unsigned side = SA_OUT; old != but && side < old->plan.sas.n; side += 2) {
			if (!sa_same_keys(&old->plan.sas.sa[side], sa))
				continue;
			*was_seen = true;
			seq = old->states[side].seq > seq ? old->states[side].seq : seq;
		}
	}
	return seq;
}

/* A changed SA whose key stays must not begin again at number 1: its counter is the cipher's IV (RFC 4106 §3.1, RFC 3686 §2.1). */
static void keep_numbers(const struct offload *offload, const struct offload_pair *old, const struct sa_set *sas, struct offload_pair *pair)
{
	bool is_elsewhere = false;

	for (unsigned side = 0; old && side < sas->n && side < old->plan.sas.n; side++) {
		if (!sa_same_keys(&old->plan.sas.sa[side], &sas->sa[side]))
			continue;
		pair->states[side] = old->states[side];
		pair->states[side].soft_expired = pair->states[side].hard_expired = false;	/* the new limits decide */
		pair->steps[side] = old->steps[side];
		pair->spent[side] = old->spent[side];
		pair->born_ms = old->born_ms;
		pair->was_seen = old->was_seen;
		pair->is_rekeyless = true;
	}
	for (unsigned side = SA_OUT; side < sas->n; side += 2) {
		uint64_t seq = used_by_others(offload, old, &sas->sa[side], &is_elsewhere);

		if (seq > pair->states[side].seq)
			pair->states[side].seq = seq;
	}
	pair->is_rekeyless |= is_elsewhere;
	pair->was_seen |= is_elsewhere;
}

/* A change that failed half-way: what its SAs may have sent with keys that stay was sent. */
void table_give_back(struct offload *offload, const struct table *next)
{
	for (size_t i = 0; i < offload->n_pairs; i++) {
		struct offload_pair *old = &offload->pairs[i];

		for (unsigned side = SA_OUT; side < old->plan.sas.n; side += 2)
			for (size_t k = 0; k < next->n_pairs; k++)
				for (unsigned at = SA_OUT; at < next->pairs[k].plan.sas.n; at += 2)
					if (next->pairs[k].states[at].seq > old->states[side].seq &&
					    sa_same_keys(&next->pairs[k].plan.sas.sa[at], &old->plan.sas.sa[side])) {
						old->states[side].seq = next->pairs[k].states[at].seq;
						old->was_seen = true;
					}
	}
}

/* First those that stay, so that new ones find what is free. */
static void next_pairs(const struct offload *offload, const struct plan *plan, struct table *next,
		       struct offload_changes *changes)
{
	for (size_t i = 0; i < plan->n_pairs; i++) {
		const struct offload_pair *old = table_pair(offload->pairs, offload->n_pairs, plan->pairs[i].key);
		struct offload_pair *pair = &next->pairs[i];
		unsigned n_sas = plan->pairs[i].sas.n;

		*pair = (struct offload_pair){ .reqid = 0 };
		for (unsigned side = 0; side < SA_SIDES; side++)
			pair->slots[side] = ADIT_NO_SLOT;
		if (old && sa_set_same(&old->plan.sas, &plan->pairs[i].sas)) {
			*pair = *old;
			changes->pairs_kept += old->is_installed;
			changes->pairs_added += !old->is_installed;
			*(old->is_installed ? &changes->sas_kept : &changes->sas_added) += n_sas;
		} else if (old) {
			pair->reqid = has_same_ends(&old->plan, &plan->pairs[i]) ? old->reqid : 0;
			keep_numbers(offload, old, &plan->pairs[i].sas, pair);
			changes->pairs_changed++;
			changes->sas_changed += n_sas;
		} else {
			keep_numbers(offload, NULL, &plan->pairs[i].sas, pair);
			changes->pairs_added++;
			changes->sas_added += n_sas;
		}
		pair->plan = plan->pairs[i];
		pair->is_flushed = false;
	}
	next->n_pairs = plan->n_pairs;
	for (size_t i = 0; i < next->n_pairs; i++) {
		struct offload_pair *pair = &next->pairs[i];

		if (!pair->reqid)
			pair->reqid = free_reqid(offload, next);
		for (unsigned side = 0; side < pair->plan.sas.n; side++)
			if (pair->slots[side] == ADIT_NO_SLOT)
				pair->slots[side] = free_slot(offload, next);
	}
	for (size_t i = 0; i < offload->n_pairs; i++) {
		if (table_pair(next->pairs, next->n_pairs, offload->pairs[i].plan.key))
			continue;
		changes->pairs_removed++;
		changes->sas_removed += offload->pairs[i].plan.sas.n;
	}
}

/* SAs of a policy that went, with the reqid that goes with its id. */
static bool reqid_is_childs(const struct offload *offload, uint32_t reqid)
{
	FOR_EACH_CHILD(child, offload->children)
		if (child->pair.reqid == reqid)
			return true;
	return false;
}

/*
 * An id that no policy has had since the reset counts from zero: such ones first. Then those of which no SA is left. Of two rules of one
 * priority the lower id goes first: what peers bring takes its ids from the end, so that no policy of the file stands behind it.
 */
static uint16_t free_id(const struct offload *offload, const struct offload_rule *rules, size_t n_rules, bool is_generated)
{
	const uint32_t n_ids = adit_card_caps(offload->card)->sp_rules;
	uint8_t used[(UINT16_MAX + 1) / 8] = { 0 };	/* a bit an id: a search per id would take minutes for thousands of rules */

	for (size_t i = 0; i < n_rules; i++)
		used[rules[i].plan.sp.id / 8] |= (uint8_t)(1u << rules[i].plan.sp.id % 8);
	for (unsigned pass = 0; pass < 3; pass++) {
		for (uint32_t i = 0; i < n_ids; i++) {
			uint16_t id = (uint16_t)(is_generated ? n_ids - 1 - i : i);

			if ((used[id / 8] >> id % 8 & 1) || (pass == 0 && offload->id_was_used[id]) ||
			    (pass == 1 && reqid_is_childs(offload, REQID_WITHOUT_SA + id)))
				continue;
			return id;
		}
	}
	return ADIT_NO_SLOT;
}

/* ---- rules that children bring */

uint16_t table_free_id(const struct offload *offload)
{
	return free_id(offload, offload->rules, offload->n_rules, true);
}

int table_add_generated(struct offload *offload, const struct plan_rule *plan)
{
	struct offload_rule *rules, rule = { .plan = *plan, .is_generated = true };

	rule.plan.sp.id = table_free_id(offload);
	if (rule.plan.sp.id == ADIT_NO_SLOT)
		return -ENOSPC;
	rules = realloc(offload->rules, (offload->n_rules + 1) * sizeof(*rules));
	if (!rules)
		return -ENOMEM;
	rule.plan.pair = PLAN_NO_PAIR;
	rule.plan.sp.reqid = REQID_WITHOUT_SA + rule.plan.sp.id;
	offload->rules = rules;
	offload->rules[offload->n_rules++] = rule;
	offload->id_was_used[rule.plan.sp.id] = true;
	return 0;
}

void table_drop_generated(struct offload *offload, const char *name)
{
	struct offload_rule *rule = table_rule(offload->rules, offload->n_rules, name);

	if (!rule || !rule->is_generated)
		return;
	offload->n_rules--;
	memmove(rule, rule + 1, (size_t)(offload->rules + offload->n_rules - rule) * sizeof(*rule));
}

/* Those that stay, stay as they are, unless a policy of the file has taken their name. */
static void keep_generated(const struct offload *offload, struct table *next)
{
	size_t n_plan = next->n_rules;

	for (size_t i = 0; i < offload->n_rules; i++)
		if (offload->rules[i].is_generated && !table_rule(next->rules, n_plan, offload->rules[i].plan.name))
			next->rules[next->n_rules++] = offload->rules[i];
}

/* A rule of the file by its name. */
static const struct offload_rule *old_rule(const struct offload *offload, const char *name)
{
	const struct offload_rule *rule = table_rule(offload->rules, offload->n_rules, name);

	return rule && !rule->is_generated ? rule : NULL;
}

static void next_rules(const struct offload *offload, const struct plan *plan, struct table *next,
		       struct offload_changes *changes)
{
	for (size_t i = 0; i < plan->n_rules; i++) {
		const struct offload_rule *old = old_rule(offload, plan->rules[i].name);

		if (old)
			next->rules[i] = *old;
		next->rules[i].plan = plan->rules[i];
		next->rules[i].plan.sp.id = old ? old->plan.sp.id : ADIT_NO_SLOT;
		if (!old || old->plan.pair != PLAN_NO_PAIR || plan->rules[i].pair != PLAN_NO_PAIR)
			next->rules[i].has_child = false;
	}
	next->n_rules = plan->n_rules;
	keep_generated(offload, next);
	for (size_t i = 0; i < plan->n_rules; i++) {
		struct offload_rule *rule = &next->rules[i];
		const struct offload_rule *old = old_rule(offload, rule->plan.name);

		if (!old)
			rule->plan.sp.id = free_id(offload, next->rules, next->n_rules, false);
		rule->plan.sp.reqid = rule->plan.pair == PLAN_NO_PAIR ? REQID_WITHOUT_SA + rule->plan.sp.id
								     : next->pairs[rule->plan.pair].reqid;
		if (!old)
			changes->rules_added++;
		else if (table_same_rule(&old->plan.sp, &rule->plan.sp))
			changes->rules_kept++;
		else
			changes->rules_changed++;
	}
	for (size_t i = 0; i < offload->n_rules; i++)
		changes->rules_removed += !table_rule(next->rules, next->n_rules, offload->rules[i].plan.name);
}

int table_next(const struct offload *offload, const struct plan *plan, struct table *next,
	       struct offload_changes *changes)
{
	*next = (struct table){ 0 };
	next->pairs = calloc(plan->n_pairs + 1, sizeof(*next->pairs));
	next->rules = calloc(plan->n_rules + offload->n_rules + 1, sizeof(*next->rules));
	if (!next->pairs || !next->rules) {
		table_free(next);
		return -ENOMEM;
	}
	next_pairs(offload, plan, next, changes);
	next_rules(offload, plan, next, changes);
	return 0;
}

