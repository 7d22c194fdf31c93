// SPDX-License-Identifier: BSD-2-Clause-Patent
#include "offload/offload.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "offload/batch.h"

#define REQID_WITHOUT_SA 0x10000u	/* + policy id; pairs have reqids below */

/* What the card should hold after a change. */
struct table {
	struct offload_rule *rules;
	size_t n_rules;
	struct offload_pair *pairs;
	size_t n_pairs;
};

static int64_t now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void table_free(struct table *table)
{
	if (table->pairs)
		OPENSSL_cleanse(table->pairs, table->n_pairs * sizeof(*table->pairs));
	free(table->pairs);
	free(table->rules);
	*table = (struct table){ 0 };
}

struct offload *offload_open(struct adit_card *card)
{
	struct offload *offload = calloc(1, sizeof(*offload));

	if (!offload)
		return NULL;
	offload->card = card;
	offload->id_was_used = calloc(adit_card_caps(card)->sp_rules + 1, sizeof(*offload->id_was_used));
	if (!offload->id_was_used) {
		free(offload);
		return NULL;
	}
	return offload;
}

void offload_close(struct offload *offload)
{
	struct table table;

	if (!offload)
		return;
	table = (struct table){ offload->rules, offload->n_rules, offload->pairs, offload->n_pairs };
	table_free(&table);
	free(offload->id_was_used);
	free(offload);
}

void offload_use_card(struct offload *offload, struct adit_card *card)
{
	offload->card = card;
}

struct offload_pair *offload_pair_by_slot(struct offload *offload, uint16_t slot)
{
	for (size_t i = 0; i < offload->n_pairs; i++)
		if (offload->pairs[i].slot_in == slot || offload->pairs[i].slot_out == slot)
			return &offload->pairs[i];
	return NULL;
}

struct offload_rule *offload_rule_by_id(struct offload *offload, uint16_t id)
{
	for (size_t i = 0; i < offload->n_rules; i++)
		if (offload->rules[i].plan.sp.id == id)
			return &offload->rules[i];
	return NULL;
}

/* ---- what the card can */

static bool has_feature(const struct adit_caps *caps, enum adit_feature feature)
{
	return caps->feature_mask >> (unsigned)feature & 1u;
}

static int refuse(char *why, const char *kind, const char *name, enum adit_feature feature)
{
	(void)snprintf(why, OFFLOAD_WHY_BYTES, "%s \"%s\" needs %s, which is not yet supported by this card", kind, name,
		       adit_feature_name(feature));
	return -EOPNOTSUPP;
}

static int check_rule(const struct adit_caps *caps, const struct plan_rule *rule, char *why)
{
	if (rule->sp.src.is_v6 && !has_feature(caps, ADIT_FEATURE_IPV6))
		return refuse(why, "policy", rule->name, ADIT_FEATURE_IPV6);
	if (rule->wants_ah && !has_feature(caps, ADIT_FEATURE_AH))
		return refuse(why, "policy", rule->name, ADIT_FEATURE_AH);
	if (rule->wants_bundle && !has_feature(caps, ADIT_FEATURE_BUNDLE))
		return refuse(why, "policy", rule->name, ADIT_FEATURE_BUNDLE);
	return 0;
}

static int check_pair(struct offload *offload, const struct plan_pair *pair, char *why)
{
	const struct adit_sa *sas[2] = { &pair->sas.in, &pair->sas.out };

	for (unsigned i = 0; i < 2; i++) {
		struct adit_sa sa = *sas[i];
		int rc;

		sa.reqid = 1;
		if (sa.src.is_v6 && !has_feature(adit_card_caps(offload->card), ADIT_FEATURE_IPV6))
			rc = refuse(why, "manual_sa", pair->manual_sa, ADIT_FEATURE_IPV6);
		else
			rc = adit_sa_check(offload->card, &sa);
		OPENSSL_cleanse(&sa, sizeof(sa));
		if (rc == 0)
			continue;
		if (!*why)
			(void)snprintf(why, OFFLOAD_WHY_BYTES, "manual_sa \"%s\": %s", pair->manual_sa,
				       adit_card_strerror(offload->card));
		return rc;
	}
	return 0;
}

static int check_plan(struct offload *offload, const struct plan *plan, char *why)
{
	const struct adit_caps *caps = adit_card_caps(offload->card);
	int rc = 0;

	why[0] = 0;
	if (plan->n_rules > caps->sp_rules) {
		(void)snprintf(why, OFFLOAD_WHY_BYTES, "%zu policies, but the card holds %u", plan->n_rules, caps->sp_rules);
		return -ENOSPC;
	}
	if (2 * plan->n_pairs > caps->sa_slots) {
		(void)snprintf(why, OFFLOAD_WHY_BYTES, "%zu SAs, but the card holds %u", 2 * plan->n_pairs, caps->sa_slots);
		return -ENOSPC;
	}
	for (unsigned i = 0; rc == 0 && i < plan->mode.n_local; i++) {
		char text[ADDR_TEXT_BYTES];

		if (plan->mode.local[i].is_v6 && !has_feature(caps, ADIT_FEATURE_IPV6))
			rc = refuse(why, "local address", addr_put(&plan->mode.local[i], text), ADIT_FEATURE_IPV6);
	}
	for (size_t i = 0; rc == 0 && i < plan->n_rules; i++)
		rc = check_rule(caps, &plan->rules[i], why);
	for (size_t i = 0; rc == 0 && i < plan->n_pairs; i++)
		rc = check_pair(offload, &plan->pairs[i], why);
	return rc;
}

/* ---- the next table: what stays keeps slot, id and reqid */

static struct offload_pair *find_pair(struct offload_pair *pairs, size_t n, const char *key)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(pairs[i].plan.key, key) == 0)
			return &pairs[i];
	return NULL;
}

static struct offload_rule *find_rule(struct offload_rule *rules, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(rules[i].plan.name, name) == 0)
			return &rules[i];
	return NULL;
}

static bool is_same_pair(const struct plan_pair *a, const struct plan_pair *b)
{
	return sa_same(&a->sas.in, &b->sas.in) && sa_same(&a->sas.out, &b->sas.out);
}

static bool is_same_rule(const struct adit_sp *a, const struct adit_sp *b)
{
	return a->priority == b->priority && addr_same(&a->src, &b->src) && addr_same(&a->dst, &b->dst) &&
	       a->src_plen == b->src_plen && a->dst_plen == b->dst_plen && a->any_proto == b->any_proto &&
	       a->any_ports == b->any_ports && a->proto == b->proto && a->sport_lo == b->sport_lo &&
	       a->sport_hi == b->sport_hi && a->dport_lo == b->dport_lo && a->dport_hi == b->dport_hi &&
	       a->action == b->action && a->level == b->level && a->reqid == b->reqid;
}

static bool slot_is_used(const struct table *table, size_t n_pairs, uint16_t slot)
{
	for (size_t i = 0; i < n_pairs; i++)
		if (table->pairs[i].slot_in == slot || table->pairs[i].slot_out == slot)
			return true;
	return false;
}

static uint16_t free_slot(const struct table *table, uint16_t but)
{
	uint16_t slot = 0;

	while (slot == but || slot_is_used(table, table->n_pairs, slot))	/* check_plan() saw that there is one */
		slot++;
	return slot;
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
	return addr_same(&a->sas.out.src, &b->sas.out.src) && addr_same(&a->sas.out.dst, &b->sas.out.dst);
}

/* First those that stay, so that new ones find what is free. */
static void next_pairs(const struct offload *offload, const struct plan *plan, struct table *next,
		       struct offload_changes *changes)
{
	for (size_t i = 0; i < plan->n_pairs; i++) {
		const struct offload_pair *old = find_pair(offload->pairs, offload->n_pairs, plan->pairs[i].key);
		struct offload_pair *pair = &next->pairs[i];

		*pair = (struct offload_pair){ .slot_in = ADIT_NO_SLOT, .slot_out = ADIT_NO_SLOT };
		if (old && is_same_pair(&old->plan, &plan->pairs[i])) {
			*pair = *old;
			changes->pairs_kept += old->is_installed;
			changes->pairs_added += !old->is_installed;
		} else if (old) {
			pair->slot_in = old->slot_in;
			pair->slot_out = old->slot_out;
			pair->reqid = has_same_ends(&old->plan, &plan->pairs[i]) ? old->reqid : 0;
			changes->pairs_changed++;
		} else {
			changes->pairs_added++;
		}
		pair->plan = plan->pairs[i];
		pair->is_flushed = false;
	}
	next->n_pairs = plan->n_pairs;
	for (size_t i = 0; i < next->n_pairs; i++) {
		struct offload_pair *pair = &next->pairs[i];

		if (!pair->reqid)
			pair->reqid = free_reqid(offload, next);
		if (pair->slot_in != ADIT_NO_SLOT)
			continue;
		pair->slot_in = free_slot(next, ADIT_NO_SLOT);
		pair->slot_out = free_slot(next, pair->slot_in);
	}
	for (size_t i = 0; i < offload->n_pairs; i++)
		changes->pairs_removed += !find_pair(next->pairs, next->n_pairs, offload->pairs[i].plan.key);
}

static bool id_is_used(const struct offload_rule *rules, size_t n, uint16_t id)
{
	for (size_t i = 0; i < n; i++)
		if (rules[i].plan.sp.id == id)
			return true;
	return false;
}

/* An id that no policy has had since the reset counts from zero: such ones first. */
static uint16_t free_id(const struct offload *offload, const struct table *next)
{
	uint16_t n_ids = (uint16_t)adit_card_caps(offload->card)->sp_rules;

	for (uint16_t id = 0; id < n_ids; id++)
		if (!offload->id_was_used[id] && !id_is_used(next->rules, next->n_rules, id))
			return id;
	for (uint16_t id = 0; id < n_ids; id++)
		if (!id_is_used(next->rules, next->n_rules, id))
			return id;
	return ADIT_NO_SLOT;
}

static void next_rules(const struct offload *offload, const struct plan *plan, struct table *next,
		       struct offload_changes *changes)
{
	for (size_t i = 0; i < plan->n_rules; i++) {
		const struct offload_rule *old = find_rule(offload->rules, offload->n_rules, plan->rules[i].name);

		if (old)
			next->rules[i] = *old;
		next->rules[i].plan = plan->rules[i];
		next->rules[i].plan.sp.id = old ? old->plan.sp.id : ADIT_NO_SLOT;
	}
	next->n_rules = plan->n_rules;
	for (size_t i = 0; i < next->n_rules; i++) {
		struct offload_rule *rule = &next->rules[i];
		const struct offload_rule *old = find_rule(offload->rules, offload->n_rules, rule->plan.name);

		if (!old)
			rule->plan.sp.id = free_id(offload, next);
		rule->plan.sp.reqid = rule->plan.pair == PLAN_NO_PAIR ? REQID_WITHOUT_SA + rule->plan.sp.id
								     : next->pairs[rule->plan.pair].reqid;
		if (!old)
			changes->rules_added++;
		else if (is_same_rule(&old->plan.sp, &rule->plan.sp))
			changes->rules_kept++;
		else
			changes->rules_changed++;
	}
	for (size_t i = 0; i < offload->n_rules; i++)
		changes->rules_removed += !find_rule(next->rules, next->n_rules, offload->rules[i].plan.name);
}

static int next_table(const struct offload *offload, const struct plan *plan, struct table *next,
		      struct offload_changes *changes)
{
	*next = (struct table){ 0 };
	next->pairs = calloc(plan->n_pairs + 1, sizeof(*next->pairs));
	next->rules = calloc(plan->n_rules + 1, sizeof(*next->rules));
	if (!next->pairs || !next->rules) {
		table_free(next);
		return -ENOMEM;
	}
	next_pairs(offload, plan, next, changes);
	next_rules(offload, plan, next, changes);
	return 0;
}

/* ---- phases. Each is one batch; the next begins when all of it has been answered. */

static int end_batch(struct batch *batch, char *why)
{
	int rc = batch_wait(batch);	/* at once, if it has been waited for */

	if (rc < 0)
		(void)snprintf(why, OFFLOAD_WHY_BYTES, "%s", batch->why);
	batch_close(batch);
	return rc;
}

static int delete_gone(struct offload *offload, const struct table *next, char *why)
{
	struct batch batch;
	int rc = batch_open(&batch, offload->card, 2 * offload->n_pairs);

	if (rc < 0)
		return rc;
	for (size_t i = 0; i < offload->n_pairs; i++) {
		struct offload_pair *old = &offload->pairs[i];
		const struct offload_pair *pair = find_pair(next->pairs, next->n_pairs, old->plan.key);
		uint16_t slots[2] = { old->slot_out, old->slot_in };

		if (!old->is_installed || (pair && is_same_pair(&pair->plan, &old->plan)))
			continue;
		for (unsigned k = 0; k < 2; k++) {
			struct batch_item *item = batch_item(&batch, "delete SA of %.60s", old->plan.key);

			do
				rc = adit_sa_delete(offload->card, slots[k], batch_done, item);
			while (batch_retry(&batch, item, rc));
		}
	}
	return end_batch(&batch, why);
}

/* Where an SA goes on that was in a card before; 0 where it never was. */
static uint64_t resume_seq(const struct offload_pair *pair, bool is_out, uint64_t margin)
{
	if (!is_out)
		return pair->was_seen ? pair->in.seq : 0;
	if (!pair->was_seen)
		return margin ? 1 + margin : 0;
	if (margin && margin / 4 < pair->out_step)
		margin = 4 * pair->out_step;
	return pair->out.seq + margin;
}

/* No number is left for the outbound SA that no packet can have had: it must not come back with this key (RFC 4303 §3.3.3). */
static bool is_used_up(const struct offload_pair *pair, uint64_t margin)
{
	return resume_seq(pair, true, margin) > UINT32_MAX;
}

static int add_sas(struct offload *offload, struct table *next, bool is_out, uint64_t margin, char *why)
{
	struct batch batch;
	int rc = batch_open(&batch, offload->card, next->n_pairs);

	if (rc < 0)
		return rc;
	for (size_t i = 0; i < next->n_pairs; i++) {
		struct offload_pair *pair = &next->pairs[i];
		struct adit_sa sa = is_out ? pair->plan.sas.out : pair->plan.sas.in;
		struct batch_item *item;

		if (!pair->is_installed && is_used_up(pair, margin)) {
			pair->is_flushed = true;
			pair->out.seq = (uint64_t)UINT32_MAX + 1;	/* for good: a reload does not bring it back */
		}
		if (pair->is_installed || pair->is_flushed) {
			OPENSSL_cleanse(&sa, sizeof(sa));
			continue;
		}
		item = batch_item(&batch, "manual_sa \"%.40s\": SA 0x%x", pair->plan.manual_sa, sa.spi);
		sa.reqid = pair->reqid;
		sa.seq_first = resume_seq(pair, is_out, margin);
		do
			rc = adit_sa_add(offload->card, is_out ? pair->slot_out : pair->slot_in, &sa, batch_done, item);
		while (batch_retry(&batch, item, rc));
		OPENSSL_cleanse(&sa, sizeof(sa));
	}
	return end_batch(&batch, why);
}

static uint16_t slot_of(const struct offload_rule *rule, const struct offload_pair *pairs)
{
	if (rule->plan.pair == PLAN_NO_PAIR || !pairs[rule->plan.pair].is_installed)
		return ADIT_NO_SLOT;
	return pairs[rule->plan.pair].slot_out;
}

/* Bind every rule of `to` whose binding differs from what `from` (NULL: an empty card) left in the card. */
static int bind_rules(struct offload *offload, const struct table *from, const struct table *to, char *why)
{
	struct batch batch;
	int rc = batch_open(&batch, offload->card, to->n_rules);

	if (rc < 0)
		return rc;
	for (size_t i = 0; i < to->n_rules; i++) {
		const struct offload_rule *rule = &to->rules[i];
		struct offload_rule *old = from ? find_rule(from->rules, from->n_rules, rule->plan.name) : NULL;
		uint16_t slot = slot_of(rule, to->pairs), old_slot = old ? slot_of(old, from->pairs) : ADIT_NO_SLOT;
		struct batch_item *item;

		if (slot == old_slot)
			continue;
		item = batch_item(&batch, "policy \"%.60s\": bind", rule->plan.name);
		do
			rc = adit_sp_bind(offload->card, rule->plan.sp.id, slot, batch_done, item);
		while (batch_retry(&batch, item, rc));
	}
	return end_batch(&batch, why);
}

static int unbind_gone(struct offload *offload, const struct table *next, char *why)
{
	struct batch batch;
	int rc = batch_open(&batch, offload->card, offload->n_rules);

	if (rc < 0)
		return rc;
	for (size_t i = 0; i < offload->n_rules; i++) {
		struct offload_rule *old = &offload->rules[i];
		struct batch_item *item;

		if (find_rule(next->rules, next->n_rules, old->plan.name))
			continue;
		item = batch_item(&batch, "policy \"%.60s\": unbind", old->plan.name);
		do
			rc = adit_sp_bind(offload->card, old->plan.sp.id, ADIT_NO_SLOT, batch_done, item);
		while (batch_retry(&batch, item, rc));
	}
	return end_batch(&batch, why);
}

static int replace_rules(struct offload *offload, const struct table *next, char *why)
{
	struct adit_sp *rules = calloc(next->n_rules + 1, sizeof(*rules));
	struct batch batch;
	struct batch_item *item;
	int rc = rules ? batch_open(&batch, offload->card, 1) : -ENOMEM;

	if (rc < 0) {
		free(rules);
		return rc;
	}
	for (size_t i = 0; i < next->n_rules; i++)
		rules[i] = next->rules[i].plan.sp;
	item = batch_item(&batch, "rule table");
	do
		rc = adit_sp_replace(offload->card, rules, (unsigned)next->n_rules, batch_done, item);
	while (batch_retry(&batch, item, rc));
	free(rules);
	return end_batch(&batch, why);
}

/* Policies that take an id another one had: what the id has counted so far is not theirs. */
static int note_bases(struct offload *offload, struct table *next, char *why)
{
	struct batch batch;
	int rc = batch_open(&batch, offload->card, next->n_rules);

	if (rc < 0)
		return rc;
	for (size_t i = 0; i < next->n_rules; i++) {
		struct offload_rule *rule = &next->rules[i];
		struct batch_item *item = batch_item(&batch, "policy \"%.60s\"", rule->plan.name);

		item->status = -ECANCELED;
		if (!offload->id_was_used[rule->plan.sp.id] ||
		    find_rule(offload->rules, offload->n_rules, rule->plan.name))
			continue;
		do
			rc = adit_sp_query(offload->card, rule->plan.sp.id, batch_done, item);
		while (batch_retry(&batch, item, rc));
	}
	if (batch_wait(&batch) < 0)
		return end_batch(&batch, why);
	for (size_t i = 0; i < next->n_rules; i++)
		if (batch.items[i].status == 0)
			next->rules[i].base = batch.items[i].answer.sp;
	return end_batch(&batch, why);
}

static void mark_installed(struct table *table)
{
	for (size_t i = 0; i < table->n_pairs; i++) {
		if (table->pairs[i].is_installed || table->pairs[i].is_flushed)
			continue;
		table->pairs[i].installed_ms = now_ms();
		table->pairs[i].is_installed = true;
	}
}

static struct table current(const struct offload *offload)
{
	return (struct table){ offload->rules, offload->n_rules, offload->pairs, offload->n_pairs };
}

static void adopt(struct offload *offload, struct table *next)
{
	struct table old = current(offload);

	table_free(&old);
	offload->rules = next->rules;
	offload->n_rules = next->n_rules;
	offload->pairs = next->pairs;
	offload->n_pairs = next->n_pairs;
	for (size_t i = 0; i < offload->n_rules; i++)
		offload->id_was_used[offload->rules[i].plan.sp.id] = true;
}

static bool is_same_mode(const struct adit_mode_options *a, const struct adit_mode_options *b)
{
	if (a->nic != b->nic || a->pass_unmatched != b->pass_unmatched || a->verdicts != b->verdicts ||
	    a->n_local != b->n_local)
		return false;
	for (unsigned i = 0; i < a->n_local; i++)
		if (!addr_same(&a->local[i], &b->local[i]))
			return false;
	return true;
}

/* @param now what the card does already, NULL if nothing is known of it */
static int configure(struct offload *offload, const struct adit_mode_options *now, const struct adit_mode_options *mode,
		     char *why)
{
	int rc = now && is_same_mode(now, mode) ? 0 : adit_card_configure(offload->card, mode);

	if (rc < 0)
		(void)snprintf(why, OFFLOAD_WHY_BYTES, "configure: %s", adit_card_strerror(offload->card));
	return rc;
}

static int install(struct offload *offload, struct table *next, const struct plan *plan, char *why)
{
	struct table old = current(offload);
	const struct adit_mode_options *now = offload->has_mode ? &offload->mode : NULL;
	struct adit_mode_options meanwhile = plan->mode;
	int rc;

	/* What no rule matches is let through only once the rules are there: some of it may be theirs to encrypt. */
	meanwhile.pass_unmatched = plan->mode.pass_unmatched && (!now || now->pass_unmatched);
	rc = note_bases(offload, next, why);
	if (rc == 0)
		rc = configure(offload, now, &meanwhile, why);
	if (rc == 0)
		rc = delete_gone(offload, next, why);
	if (rc == 0)
		rc = add_sas(offload, next, false, 0, why);
	if (rc == 0)
		rc = add_sas(offload, next, true, 0, why);
	if (rc == 0) {
		mark_installed(next);
		rc = bind_rules(offload, &old, next, why);
	}
	if (rc == 0)
		rc = replace_rules(offload, next, why);
	if (rc == 0)
		rc = configure(offload, &meanwhile, &plan->mode, why);
	if (rc == 0)
		rc = unbind_gone(offload, next, why);
	return rc;
}

int offload_apply(struct offload *offload, const struct plan *plan, bool is_dry, struct offload_changes *changes,
		  char why[OFFLOAD_WHY_BYTES])
{
	struct table next;
	int rc;

	*changes = (struct offload_changes){ 0 };
	rc = check_plan(offload, plan, why);
	if (rc < 0)
		return rc;
	rc = offload_look_sas(offload, why);	/* should the change fail half-way: where to go on from */
	if (rc < 0)
		return rc;
	changes->mode_changed = offload->has_mode && !is_same_mode(&offload->mode, &plan->mode);
	rc = next_table(offload, plan, &next, changes);
	if (rc < 0) {
		(void)snprintf(why, OFFLOAD_WHY_BYTES, "out of memory");
		return rc;
	}
	if (is_dry) {
		table_free(&next);
		return 0;
	}
	rc = install(offload, &next, plan, why);
	if (rc == 0) {
		adopt(offload, &next);
		offload->mode = plan->mode;
		offload->has_mode = true;
		return 0;
	}
	table_free(&next);
	if (offload->has_mode) {
		char second[OFFLOAD_WHY_BYTES];

		if (adit_card_recover(offload->card) < 0 || offload_restore(offload, second) < 0 ||
		    adit_card_enable(offload->card, true) < 0)
			rc = -EIO;	/* not even the old state: the caller recovers */
	}
	return rc;
}

int offload_restore(struct offload *offload, char why[OFFLOAD_WHY_BYTES])
{
	struct table table = current(offload);
	int rc;

	memset(offload->id_was_used, 0, adit_card_caps(offload->card)->sp_rules * sizeof(*offload->id_was_used));
	for (size_t i = 0; i < table.n_rules; i++) {
		table.rules[i].base = (struct adit_sp_state){ 0 };
		offload->id_was_used[table.rules[i].plan.sp.id] = true;
	}
	for (size_t i = 0; i < table.n_pairs; i++)
		table.pairs[i].is_installed = false;
	why[0] = 0;
	rc = configure(offload, NULL, &offload->mode, why);
	if (rc == 0)
		rc = add_sas(offload, &table, false, OFFLOAD_SEQ_MARGIN, why);
	if (rc == 0)
		rc = add_sas(offload, &table, true, OFFLOAD_SEQ_MARGIN, why);
	if (rc == 0) {
		mark_installed(&table);
		rc = bind_rules(offload, NULL, &table, why);
	}
	if (rc == 0)
		rc = replace_rules(offload, &table, why);
	return rc;
}

static bool flush_takes(const struct offload_pair *pair, bool esp, bool ah)
{
	return pair->is_installed && (pair->plan.sas.in.proto == ADIT_PROTO_ESP ? esp : ah);
}

/* bind_rules() compares two tables: the present one, and one without the SAs that go. */
static int unbind_flushed(struct offload *offload, bool esp, bool ah, char *why)
{
	struct table now = current(offload), without = now;
	int rc;

	without.pairs = calloc(now.n_pairs + 1, sizeof(*without.pairs));
	if (!without.pairs)
		return -ENOMEM;
	for (size_t i = 0; i < now.n_pairs; i++) {
		without.pairs[i].is_installed = now.pairs[i].is_installed && !flush_takes(&now.pairs[i], esp, ah);
		without.pairs[i].slot_out = now.pairs[i].slot_out;
	}
	rc = bind_rules(offload, &now, &without, why);
	free(without.pairs);
	return rc;
}

static int flush_sas(struct offload *offload, bool esp, bool ah, char *why)
{
	struct batch batch;
	struct batch_item *item;
	int rc = batch_open(&batch, offload->card, 1);

	if (rc < 0)
		return rc;
	item = batch_item(&batch, "flush");
	do
		rc = adit_sa_flush(offload->card, esp, ah, batch_done, item);
	while (batch_retry(&batch, item, rc));
	return end_batch(&batch, why);
}

int offload_flush(struct offload *offload, bool esp, bool ah, unsigned *n_flushed, char why[OFFLOAD_WHY_BYTES])
{
	int rc;

	*n_flushed = 0;
	rc = unbind_flushed(offload, esp, ah, why);
	if (rc == -ENOMEM)
		return rc;
	if (rc == 0)	/* after the unbinding: no packet takes a number any more that this does not see */
		rc = offload_look_sas(offload, why);
	if (rc == 0)
		rc = flush_sas(offload, esp, ah, why);
	if (rc < 0)
		return -EIO;	/* half unbound: the caller recovers */
	for (size_t i = 0; i < offload->n_pairs; i++) {
		struct offload_pair *pair = &offload->pairs[i];

		if (!flush_takes(pair, esp, ah))
			continue;
		pair->is_installed = false;
		pair->is_flushed = true;
		*n_flushed += 2;
	}
	return 0;
}

int offload_look_sas(struct offload *offload, char why[OFFLOAD_WHY_BYTES])
{
	struct batch batch;
	int rc = batch_open(&batch, offload->card, 2 * offload->n_pairs);

	if (rc < 0)
		return rc;
	for (size_t i = 0; i < offload->n_pairs; i++) {
		uint16_t slots[2] = { offload->pairs[i].slot_in, offload->pairs[i].slot_out };

		for (unsigned k = 0; k < 2; k++) {
			struct batch_item *item = batch_item(&batch, "query SA in slot %u", slots[k]);

			item->status = -ECANCELED;
			if (!offload->pairs[i].is_installed)
				continue;
			do
				rc = adit_sa_query(offload->card, slots[k], batch_done, item);
			while (batch_retry(&batch, item, rc));
		}
	}
	if (batch_wait(&batch) < 0)
		return end_batch(&batch, why);
	for (size_t i = 0; i < offload->n_pairs; i++) {
		struct offload_pair *pair = &offload->pairs[i];

		if (batch.items[2 * i].status == 0)
			pair->in = batch.items[2 * i].answer.sa;
		if (batch.items[2 * i + 1].status == 0) {
			uint64_t seq = batch.items[2 * i + 1].answer.sa.seq;

			pair->out_step = pair->was_seen && seq > pair->out.seq ? seq - pair->out.seq : 0;
			pair->out = batch.items[2 * i + 1].answer.sa;
			pair->was_seen = true;
		}
	}
	return end_batch(&batch, why);
}

int offload_look_rules(struct offload *offload, char why[OFFLOAD_WHY_BYTES])
{
	struct batch batch;
	int rc = batch_open(&batch, offload->card, offload->n_rules);

	if (rc < 0)
		return rc;
	for (size_t i = 0; i < offload->n_rules; i++) {
		const struct offload_rule *rule = &offload->rules[i];
		struct batch_item *item = batch_item(&batch, "query policy \"%.60s\"", rule->plan.name);

		do
			rc = adit_sp_query(offload->card, rule->plan.sp.id, batch_done, item);
		while (batch_retry(&batch, item, rc));
	}
	if (batch_wait(&batch) < 0)
		return end_batch(&batch, why);
	for (size_t i = 0; i < offload->n_rules; i++) {
		struct offload_rule *rule = &offload->rules[i];
		const struct adit_sp_state *now = &batch.items[i].answer.sp;

		if (batch.items[i].status != 0)
			continue;
		rule->state = (struct adit_sp_state){
			.in_accepted = now->in_accepted - rule->base.in_accepted,
			.in_dropped = now->in_dropped - rule->base.in_dropped,
			.in_transformed = now->in_transformed - rule->base.in_transformed,
			.out_accepted = now->out_accepted - rule->base.out_accepted,
			.out_dropped = now->out_dropped - rule->base.out_dropped,
			.out_transformed = now->out_transformed - rule->base.out_transformed,
			.sa_slot = now->sa_slot
		};
	}
	return end_batch(&batch, why);
}
