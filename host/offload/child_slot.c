// SPDX-License-Identifier: BSD-2-Clause-Patent
/* Which slot is whose. Manual pairs and children share the card's slots: table.c asks here before it gives one away. */
#include <errno.h>

#include "offload/child_room.h"

static bool is_pairs(const struct offload *offload, uint16_t slot)
{
	for (size_t i = 0; i < offload->n_pairs; i++)
		for (unsigned side = 0; side < offload->pairs[i].plan.sas.n; side++)
			if (offload->pairs[i].slots[side] == slot)
				return true;
	return false;
}

bool slot_may_be_used(const struct offload *offload, uint16_t slot, int64_t now_ms)
{
	const struct children *children = offload->children;

	return !children->slot_child[slot] && (!children->slot_freed_ms[slot] || now_ms - children->slot_freed_ms[slot] >= SLOT_REST_MS);
}

/* One after the other, so that a slot rests as long as there are others; if none has rested, the one that rests longest. */
static uint16_t find_slot(struct offload *offload)
{
	struct children *children = offload->children;
	uint32_t n_slots = children->n_slots;
	int64_t now_ms = offload_now_ms(), oldest_ms = INT64_MAX;
	uint16_t oldest = ADIT_NO_SLOT;

	for (uint32_t i = 0; i < n_slots; i++) {
		uint16_t slot = (uint16_t)((children->next_slot + i) % n_slots);

		if (children->slot_child[slot] || is_pairs(offload, slot))
			continue;
		if (slot_may_be_used(offload, slot, now_ms)) {
			children->next_slot = slot + 1u;
			return slot;
		}
		if (children->slot_freed_ms[slot] < oldest_ms) {
			oldest_ms = children->slot_freed_ms[slot];
			oldest = slot;
		}
	}
	return oldest;
}

int child_take_slots(struct child *child, bool is_out)
{
	struct offload *offload = child->offload;

	for (unsigned side = is_out; side < child->pair.plan.sas.n; side += 2) {
		uint16_t slot = child->pair.slots[side];

		if (slot != ADIT_NO_SLOT)
			continue;
		slot = find_slot(offload);
		if (slot == ADIT_NO_SLOT) {
			for (unsigned back = is_out; back < side; back += 2)
				child_free_slot(child, (enum sa_side)back);
			return -ENOSPC;
		}
		child->pair.slots[side] = slot;
		offload->children->slot_child[slot] = child->id;
	}
	return 0;
}

void child_free_slot(struct child *child, enum sa_side side)
{
	struct children *children = child->offload->children;
	uint16_t slot = child->pair.slots[side];

	if (slot == ADIT_NO_SLOT)
		return;
	children->slot_child[slot] = 0;
	children->slot_freed_ms[slot] = offload_now_ms();
	child->pair.slots[side] = ADIT_NO_SLOT;
}

void child_doubt_slot(struct child *child, enum sa_side side)
{
	uint16_t slot = child->pair.slots[side];

	child_free_slot(child, side);
	if (slot != ADIT_NO_SLOT)
		child->offload->children->slot_child[slot] = SLOT_IN_DOUBT;
}

unsigned children_n_slots(const struct offload *offload)
{
	unsigned n = 0;

	for (uint32_t slot = 0; slot < offload->children->n_slots; slot++)
		n += offload->children->slot_child[slot] != 0;
	return n;
}

uint32_t children_by_slot(const struct offload *offload, uint16_t slot, bool *is_out)
{
	const struct child *child;

	if (slot >= offload->children->n_slots)
		return 0;
	child = child_by_id(offload->children, offload->children->slot_child[slot]);
	for (unsigned side = 0; child && side < child->pair.plan.sas.n; side++)
		if (child->pair.slots[side] == slot) {
			*is_out = sa_side_is_out(side);
			return child->id;
		}
	return 0;
}
