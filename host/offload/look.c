// SPDX-License-Identifier: BSD-2-Clause-Patent
#include "offload/room.h"

#include <errno.h>

#include "offload/batch.h"

static void see(struct offload_pair *pair, unsigned side, const struct adit_sa_state *state)
{
	uint64_t before = pair->states[side].seq;

	pair->steps[side] = pair->was_seen && state->seq > before ? state->seq - before : 0;
	pair->states[side] = *state;
}

int offload_look_sas(struct offload *offload, char why[OFFLOAD_WHY_BYTES])
{
	struct batch batch;
	int rc = batch_open(&batch, offload->card, SA_SIDES * offload->n_pairs);

	if (rc < 0)
		return rc;
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
	if (batch_wait(&batch) < 0)
		return batch_finish(&batch, why, OFFLOAD_WHY_BYTES);
	for (size_t i = 0; i < offload->n_pairs; i++) {
		struct offload_pair *pair = &offload->pairs[i];
		bool was_answered = false;

		for (unsigned side = 0; side < SA_SIDES; side++) {
			const struct batch_item *item = &batch.items[SA_SIDES * i + side];

			if (item->status == 0)
				see(pair, side, &item->answer.sa);
			was_answered |= item->status == 0;
		}
		pair->was_seen |= was_answered;
	}
	return batch_finish(&batch, why, OFFLOAD_WHY_BYTES);
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
	return batch_finish(&batch, why, OFFLOAD_WHY_BYTES);
}
