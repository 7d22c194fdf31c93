// SPDX-License-Identifier: BSD-2-Clause-Patent
#include "offload/room.h"

#include <errno.h>
#include <string.h>

#include "offload/batch.h"
#include "offload/child_room.h"

#define GROUPS_OF_1_1 7u	/* a card of an older contract refuses to tell of more */

/* What has not come in time is told as it was last seen. */
static int finish_in_time(struct batch *batch, char *why)
{
	int rc = batch_finish(batch, why, OFFLOAD_WHY_BYTES);

	return rc == -ETIMEDOUT && batch->is_hurried ? 0 : rc;
}

int look_sas(struct offload *offload, bool is_hurried, char *why)
{
	struct batch batch;
	int rc = batch_open(&batch, offload->card, SA_SIDES * offload->n_pairs);

	if (rc < 0)
		return rc;
	if (is_hurried)
		batch_hurry(&batch);
	for (size_t i = 0; i < offload->n_pairs; i++) {
		const struct offload_pair *pair = &offload->pairs[i];

		for (unsigned side = 0; side < SA_SIDES; side++) {
			struct batch_item *item = batch_item(&batch, "query SA in slot %u", pair->slots[side]);

			item->status = -ECANCELED;
			if (!pair->is_installed || side >= pair->plan.sas.n)
				continue;
			do
				rc = adit_sa_query(offload->card, pair->slots[side], batch_done, item);
			while (batch_retry(&batch, item, rc));
		}
	}
	rc = batch_wait(&batch);
	if (rc < 0 && !(rc == -ETIMEDOUT && is_hurried))
		return batch_finish(&batch, why, OFFLOAD_WHY_BYTES);
	for (size_t i = 0; i < offload->n_pairs; i++) {
		struct offload_pair *pair = &offload->pairs[i];
		bool was_answered = false;

		for (unsigned side = 0; side < SA_SIDES; side++) {
			const struct batch_item *item = &batch.items[SA_SIDES * i + side];

			if (item->status == 0)
				pair_see(pair, (enum sa_side)side, &item->answer.sa);
			was_answered |= item->status == 0;
		}
		pair->was_seen |= was_answered;
	}
	return finish_in_time(&batch, why);
}

int offload_look_sas(struct offload *offload, char why[OFFLOAD_WHY_BYTES])
{
	return look_sas(offload, true, why);
}

int offload_look_rules(struct offload *offload, char why[OFFLOAD_WHY_BYTES])
{
	struct batch batch;
	int rc = batch_open(&batch, offload->card, offload->n_rules);

	if (rc < 0)
		return rc;
	batch_hurry(&batch);
	for (size_t i = 0; i < offload->n_rules; i++) {
		const struct offload_rule *rule = &offload->rules[i];
		struct batch_item *item = batch_item(&batch, "query policy \"%.60s\"", rule->plan.name);

		do
			rc = adit_sp_query(offload->card, rule->plan.sp.id, batch_done, item);
		while (batch_retry(&batch, item, rc));
	}
	rc = batch_wait(&batch);
	if (rc < 0 && rc != -ETIMEDOUT)
		return batch_finish(&batch, why, OFFLOAD_WHY_BYTES);
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
	return finish_in_time(&batch, why);
}

int offload_look_reasons(struct offload *offload, uint64_t *counters, char why[OFFLOAD_WHY_BYTES])
{
	unsigned n_groups = adit_card_caps(offload->card)->minor < 2 ? GROUPS_OF_1_1 : REASON_GROUPS;
	struct batch batch;
	int rc = batch_open(&batch, offload->card, REASON_GROUPS);

	if (rc < 0)
		return rc;
	batch_hurry(&batch);
	for (unsigned group = 0; group < n_groups; group++) {
		struct batch_item *item = batch_item(&batch, "query reasons %u", 8 * group);

		do
			rc = adit_stats_query(offload->card, 8 * group, batch_done, item);
		while (batch_retry(&batch, item, rc));
	}
	rc = batch_wait(&batch);
	if (rc < 0 && rc != -ETIMEDOUT)
		return batch_finish(&batch, why, OFFLOAD_WHY_BYTES);
	for (unsigned group = 0; group < n_groups; group++)
		if (batch.items[group].status == 0)
			memcpy(&offload->reasons[8 * group], batch.items[group].answer.counters, sizeof(batch.items[group].answer.counters));
	memcpy(counters, offload->reasons, ADIT_REASON_COUNT * sizeof(*counters));
	return finish_in_time(&batch, why);
}

/* ---- the look that nobody waits for: sides of pairs first, then slots of children, a few questions at a time */

static bool owner_of(struct offload *offload, uint16_t slot, uint32_t spi, struct offload_pair **pair, struct child **child, unsigned *side)
{
	*child = child_by_id(offload->children, offload->children->slot_child[slot]);
	*pair = *child ? &(*child)->pair : offload_pair_by_slot(offload, slot);
	if (!*pair)
		return false;
	for (*side = 0; *side < (*pair)->plan.sas.n; (*side)++)
		if ((*pair)->slots[*side] == slot)
			return (*pair)->plan.sas.sa[*side].spi == spi;
	return false;
}

static void looked(void *arg, int status, const union adit_answer *answer)
{
	struct look_item *item = arg;
	struct offload_pair *pair;
	struct child *child;
	unsigned side;

	item->is_waiting = false;
	if (status < 0 || !owner_of(item->offload, item->slot, answer->sa.spi, &pair, &child, &side))
		return;		/* it went meanwhile */
	pair_see(pair, (enum sa_side)side, &answer->sa);
	pair->was_seen |= side == SA_OUT || !sa_side_is_out(side);
	if (child && side == SA_IN) {
		child->is_used = true;
		child_make_ready(child);
	}
}

/* @return the slot that is asked at a place of the look; ADIT_NO_SLOT: none there */
static uint16_t slot_at(const struct offload *offload, size_t at)
{
	const struct children *children = offload->children;
	size_t n_sides = SA_SIDES * offload->n_pairs;
	const struct offload_pair *pair;
	const struct child *child;

	if (at < n_sides) {
		pair = &offload->pairs[at / SA_SIDES];
		return pair->is_installed && at % SA_SIDES < pair->plan.sas.n ? pair->slots[at % SA_SIDES] : ADIT_NO_SLOT;
	}
	at -= n_sides;
	child = child_by_id(children, children->slot_child[at]);
	for (unsigned side = 0; child && side < child->pair.plan.sas.n; side++)
		if (child->pair.slots[side] == at && child->is_here[side])
			return (uint16_t)at;
	return ADIT_NO_SLOT;
}

static struct look_item *free_item(struct children *children)
{
	for (unsigned i = 0; i < LOOKS_AT_ONCE; i++)
		if (!children->looks[i].is_waiting)
			return &children->looks[i];
	return NULL;
}

static bool is_over(const struct offload *offload)
{
	const struct children *children = offload->children;

	return children->look_at >= SA_SIDES * offload->n_pairs + children->n_slots;
}

void look_go_on(struct offload *offload)
{
	struct children *children = offload->children;
	struct look_item *item;

	for (; !is_over(offload) && (item = free_item(children)); children->look_at++) {
		item->slot = slot_at(offload, children->look_at);
		if (item->slot == ADIT_NO_SLOT)
			continue;
		if (adit_sa_query(offload->card, item->slot, looked, item) < 0)
			return;		/* full: on with the next turn; broken: others find out */
		item->is_waiting = true;
	}
}

void children_look(struct offload *offload, void (*used)(void *arg, uint32_t id, const struct child_use *use), void *arg)
{
	struct children *children = offload->children;

	children->used = used;
	children->used_arg = arg;
	if (children->is_away || !is_over(offload))
		return;
	children->look_at = 0;
	look_go_on(offload);
}
