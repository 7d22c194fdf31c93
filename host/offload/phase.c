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

/* Where an SA goes on that was in a card before; 0 where it never was. Saturates. */
static uint64_t resume_seq(const struct offload_pair *pair, enum sa_side side, uint64_t margin)
{
	uint64_t seq = pair->states[side].seq;

	if (!sa_side_is_out(side))
		return pair->was_seen ? seq : 0;
	if (!pair->was_seen)
		return margin ? 1 + margin : 0;
	if (margin && margin / 4 < pair->steps[side])
		margin = 4 * pair->steps[side];
	return seq > UINT64_MAX - margin ? UINT64_MAX : seq + margin;
}

/* ---- what is left of limits (RFC 4301 §4.4.2.1) that count over an SA's whole life, whatever cards it lived in */

static bool has_left(uint64_t limit, uint64_t used)
{
	return limit == 0 || limit > used;
}

static uint64_t left_of(uint64_t limit, uint64_t used)
{
	return limit == 0 ? 0 : limit > used ? limit - used : 1;	/* a soft limit that has passed is told once more */
}

static uint64_t age_seconds(const struct offload_pair *pair)
{
	return pair->born_ms ? (uint64_t)(offload_now_ms() - pair->born_ms) / 1000 : 0;
}

static bool is_expired(const struct offload_pair *pair, unsigned side)
{
	const struct adit_sa *sa = &pair->plan.sas.sa[side];
	const struct adit_sa_state *state = &pair->states[side];

	return state->hard_expired || !has_left(sa->hard_seconds, age_seconds(pair)) ||
	       !has_left(sa->hard_packets, pair->spent[side].packets + state->packets) ||
	       !has_left(sa->hard_bytes, pair->spent[side].bytes + state->bytes);
}

static void shorten_life(struct offload_pair *pair, unsigned side, struct adit_sa *sa)
{
	struct offload_spent *spent = &pair->spent[side];
	uint64_t age = age_seconds(pair);

	spent->packets += pair->states[side].packets;	/* the card counts from 0 again */
	spent->bytes += pair->states[side].bytes;
	pair->states[side].packets = pair->states[side].bytes = 0;
	sa->soft_seconds = (uint32_t)left_of(sa->soft_seconds, age);
	sa->hard_seconds = (uint32_t)left_of(sa->hard_seconds, age);
	sa->soft_packets = left_of(sa->soft_packets, spent->packets);
	sa->hard_packets = left_of(sa->hard_packets, spent->packets);
	sa->soft_bytes = left_of(sa->soft_bytes, spent->bytes);
	sa->hard_bytes = left_of(sa->hard_bytes, spent->bytes);
}

/* No number is left for an outbound SA that no packet can have had: it must not come back with this key (RFC 4303 §3.3.3). */
static bool is_used_up(const struct offload_pair *pair, enum sa_side side, uint64_t margin)
{
	uint64_t end = pair->plan.sas.sa[side].esn ? UINT64_MAX : (uint64_t)UINT32_MAX + 1;

	return sa_side_is_out(side) && resume_seq(pair, side, margin) >= end;
}

/* Pairs that cannot come back: until a reload gives them a longer life, and for ever without a number left. */
static void keep_away(struct offload *offload, struct offload_pair *pair, uint64_t margin)
{
	bool can_come = true;

	for (unsigned side = 0; side < pair->plan.sas.n; side++)
		can_come &= !is_expired(pair, side) && !is_used_up(pair, side, margin);
	if (can_come)
		return;
	pair->is_flushed = true;
	for (unsigned side = 0; side < pair->plan.sas.n; side++) {
		if (sa_side_is_out(side))
			pair->states[side].seq = is_used_up(pair, side, margin) ? UINT64_MAX : resume_seq(pair, side, margin);
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
	struct adit_sa sa = pair->plan.sas.sa[side];
	bool is_bundled = pair->plan.sas.n > 2 && side < SA_AH_IN;
	struct batch_item *item = batch_item(batch, "manual_sa \"%.40s\": SA 0x%x", pair->plan.manual_sa, sa.spi);
	int rc;

	sa.reqid = pair->reqid;
	sa.seq_first = resume_seq(pair, side, margin_of(pair, margin));
	if (sa_side_is_out(side) && sa.seq_first)	/* should the card die again before anybody has looked */
		pair->states[side].seq = sa.seq_first;
	shorten_life(pair, side, &sa);
	sa.has_next = is_bundled || side == SA_AH_IN;	/* inbound each names the other: neither opens a packet alone */
	sa.next_slot = is_bundled ? pair->slots[side + SA_AH_IN] : side == SA_AH_IN ? pair->slots[SA_IN] : 0;
	do
		rc = adit_sa_add(offload->card, pair->slots[side], &sa, batch_done, item);
	while (batch_retry(batch, item, rc));
	if (offload->watch.put)
		offload->watch.put(offload->watch.arg, pair->slots[side], &sa,
				   is_bundled ? &pair->plan.sas.sa[side + SA_AH_IN] : NULL);
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
	if (rule->plan.pair == PLAN_NO_PAIR || !pairs[rule->plan.pair].is_installed)
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
