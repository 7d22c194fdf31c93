// SPDX-License-Identifier: BSD-2-Clause-Patent
#include "offload/room.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "offload/batch.h"

/* In which order SAs go: who refers to another goes before it. Backwards they come. */
static const enum sa_side order_of_going[SA_SIDES] = { SA_OUT, SA_AH_OUT, SA_IN, SA_AH_IN };

static void drop(const struct offload *offload, uint16_t slot)
{
	if (offload->watch.drop)
		offload->watch.drop(offload->watch.arg, slot);
}

static void delete_side(struct offload *offload, struct batch *batch, const struct offload_pair *pair, enum sa_side side)
{
	struct batch_item *item = batch_item(batch, "delete SA of %.60s", pair->plan.key);
	int rc;

	do
		rc = adit_sa_delete(offload->card, pair->slots[side], batch_done, item);
	while (batch_retry(batch, item, rc));
	drop(offload, pair->slots[side]);
}

void phase_forget(const struct offload *offload, const struct table *table)
{
	for (size_t i = 0; i < table->n_pairs; i++)
		for (unsigned side = 0; side < table->pairs[i].plan.sas.n; side++)
			drop(offload, table->pairs[i].slots[side]);
}

int phase_delete_gone(struct offload *offload, const struct table *next, char *why)
{
	struct batch batch;
	int rc = batch_open(&batch, offload->card, SA_SIDES * offload->n_pairs);

	if (rc < 0)
		return rc;
	for (size_t i = 0; i < offload->n_pairs; i++) {
		struct offload_pair *old = &offload->pairs[i];
		const struct offload_pair *pair = table_pair(next->pairs, next->n_pairs, old->plan.key);

		if (!old->is_installed || (pair && sa_set_same(&pair->plan.sas, &old->plan.sas)))
			continue;
		for (unsigned k = 0; k < SA_SIDES; k++)
			if (order_of_going[k] < old->plan.sas.n)
				delete_side(offload, &batch, old, order_of_going[k]);
	}
	return batch_finish(&batch, why, OFFLOAD_WHY_BYTES);
}

/* Pairs that cannot come back: until a reload gives them a longer life, and for ever without a number left. */
static void keep_away(struct offload *offload, struct offload_pair *pair, uint64_t margin)
{
	bool can_come = true;

	for (unsigned side = 0; side < pair->plan.sas.n; side++)
		can_come &= pair_end(pair, (enum sa_side)side, margin) == PAIR_CAN_COME;
	if (can_come)
		return;
	pair->is_flushed = true;
	for (unsigned side = 0; side < pair->plan.sas.n; side++) {
		if (sa_side_is_out(side))
			pair->states[side].seq = pair_end(pair, (enum sa_side)side, margin) == PAIR_USED_UP ? UINT64_MAX :
						 pair_resume_seq(pair, (enum sa_side)side, margin);
		drop(offload, pair->slots[side]);
	}
	pair->was_seen = true;
}

static uint64_t margin_of(const struct offload_pair *pair, uint64_t margin)
{
	return pair->is_rekeyless && !margin ? OFFLOAD_SEQ_MARGIN : margin;
}

static void add_side(struct offload *offload, struct batch *batch, struct offload_pair *pair, enum sa_side side, uint64_t margin)
{
	bool is_inner = pair->plan.sas.n > 2 && side < SA_AH_IN;
	struct adit_sa sa;
	struct batch_item *item;
	int rc;

	pair_prepare(pair, side, margin_of(pair, margin), &sa);
	item = batch_item(batch, "manual_sa \"%.40s\": SA 0x%x", pair->plan.manual_sa, sa.spi);
	do
		rc = adit_sa_add(offload->card, pair->slots[side], &sa, batch_done, item);
	while (batch_retry(batch, item, rc));
	if (offload->watch.put)
		offload->watch.put(offload->watch.arg, pair->slots[side], &sa, is_inner ? &pair->plan.sas.sa[side + SA_AH_IN] : NULL);
	OPENSSL_cleanse(&sa, sizeof(sa));
}

int phase_add_sas(struct offload *offload, struct table *next, uint64_t margin, char *why)
{
	int rc = 0;

	for (size_t i = 0; i < next->n_pairs; i++)
		if (!next->pairs[i].is_installed && !next->pairs[i].is_flushed)
			keep_away(offload, &next->pairs[i], margin_of(&next->pairs[i], margin));
	for (unsigned k = SA_SIDES; rc == 0 && k-- > 0;) {	/* all of one side before the next */
		enum sa_side side = order_of_going[k];
		struct batch batch;

		rc = batch_open(&batch, offload->card, next->n_pairs);
		if (rc < 0)
			return rc;
		for (size_t i = 0; i < next->n_pairs; i++)
			if (!next->pairs[i].is_installed && !next->pairs[i].is_flushed && side < next->pairs[i].plan.sas.n)
				add_side(offload, &batch, &next->pairs[i], side, margin);
		rc = batch_finish(&batch, why, OFFLOAD_WHY_BYTES);
	}
	for (size_t i = 0; i < next->n_pairs && margin; i++)
		next->pairs[i].was_seen = true;	/* where it goes on is as good as seen */
	return rc;
}

static uint16_t slot_of(const struct offload_rule *rule, const struct offload_pair *pairs)
{
	if (rule->plan.pair == PLAN_NO_PAIR)
		return rule->has_child ? rule->child_slot : ADIT_NO_SLOT;
	if (!pairs[rule->plan.pair].is_installed)
		return ADIT_NO_SLOT;
	return pairs[rule->plan.pair].slots[SA_OUT];
}

int phase_bind_rules(struct offload *offload, const struct table *from, const struct table *to, char *why)
{
	struct batch batch;
	int rc = batch_open(&batch, offload->card, to->n_rules);

	if (rc < 0)
		return rc;
	for (size_t i = 0; i < to->n_rules; i++) {
		const struct offload_rule *rule = &to->rules[i];
		struct offload_rule *old = from ? table_rule(from->rules, from->n_rules, rule->plan.name) : NULL;
		uint16_t slot = slot_of(rule, to->pairs), old_slot = old ? slot_of(old, from->pairs) : ADIT_NO_SLOT;
		struct batch_item *item;

		if (slot == old_slot)
			continue;
		item = batch_item(&batch, "policy \"%.60s\": bind", rule->plan.name);
		do
			rc = adit_sp_bind(offload->card, rule->plan.sp.id, slot, batch_done, item);
		while (batch_retry(&batch, item, rc));
	}
	return batch_finish(&batch, why, OFFLOAD_WHY_BYTES);
}

int phase_unbind_gone(struct offload *offload, const struct table *next, char *why)
{
	struct batch batch;
	int rc = batch_open(&batch, offload->card, offload->n_rules);

	if (rc < 0)
		return rc;
	for (size_t i = 0; i < offload->n_rules; i++) {
		struct offload_rule *old = &offload->rules[i];
		struct batch_item *item;

		if (table_rule(next->rules, next->n_rules, old->plan.name))
			continue;
		item = batch_item(&batch, "policy \"%.60s\": unbind", old->plan.name);
		do
			rc = adit_sp_bind(offload->card, old->plan.sp.id, ADIT_NO_SLOT, batch_done, item);
		while (batch_retry(&batch, item, rc));
	}
	return batch_finish(&batch, why, OFFLOAD_WHY_BYTES);
}

int phase_replace_rules(struct offload *offload, const struct table *next, char *why)
{
	struct adit_sp *rules = calloc(next->n_rules + 1, sizeof(*rules));
	struct batch batch;
	struct batch_item *item;
	unsigned n_rules = 0;
	int rc = rules ? batch_open(&batch, offload->card, 1) : -ENOMEM;

	if (rc < 0) {
		free(rules);
		return rc;
	}
	for (size_t i = 0; i < next->n_rules; i++)
		if (!next->rules[i].is_going)
			rules[n_rules++] = next->rules[i].plan.sp;
	item = batch_item(&batch, "rule table");
	do
		rc = adit_sp_replace(offload->card, rules, n_rules, batch_done, item);
	while (batch_retry(&batch, item, rc));
	free(rules);
	return batch_finish(&batch, why, OFFLOAD_WHY_BYTES);
}

int phase_note_bases(struct offload *offload, struct table *next, char *why)
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
		    table_rule(offload->rules, offload->n_rules, rule->plan.name))
			continue;
		do
			rc = adit_sp_query(offload->card, rule->plan.sp.id, batch_done, item);
		while (batch_retry(&batch, item, rc));
	}
	if (batch_wait(&batch) < 0)
		return batch_finish(&batch, why, OFFLOAD_WHY_BYTES);
	for (size_t i = 0; i < next->n_rules; i++)
		if (batch.items[i].status == 0)
			next->rules[i].base = batch.items[i].answer.sp;
	return batch_finish(&batch, why, OFFLOAD_WHY_BYTES);
}


bool offload_flush_takes(const struct offload_pair *pair, bool esp, bool ah)
{
	bool takes = false;

	for (unsigned side = 0; side < pair->plan.sas.n; side++)
		takes |= pair->plan.sas.sa[side].proto == ADIT_PROTO_ESP ? esp : ah;
	return pair->is_installed && takes;
}

static int flush_card(struct offload *offload, bool esp, bool ah, char *why)
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
	return batch_finish(&batch, why, OFFLOAD_WHY_BYTES);
}

int phase_flush(struct offload *offload, bool esp, bool ah, char *why)
{
	struct batch batch;
	int rc = flush_card(offload, esp, ah, why);

	if (rc == 0)
		rc = batch_open(&batch, offload->card, SA_SIDES * offload->n_pairs);
	if (rc < 0)
		return rc;
	for (size_t i = 0; i < offload->n_pairs; i++) {
		const struct offload_pair *pair = &offload->pairs[i];

		for (unsigned k = 0; k < SA_SIDES && offload_flush_takes(pair, esp, ah); k++) {
			enum sa_side side = order_of_going[k];

			if (side >= pair->plan.sas.n)
				continue;
			if (pair->plan.sas.sa[side].proto == ADIT_PROTO_ESP ? esp : ah)
				drop(offload, pair->slots[side]);
			else
				delete_side(offload, &batch, pair, side);
		}
	}
	return batch_finish(&batch, why, OFFLOAD_WHY_BYTES);
}
