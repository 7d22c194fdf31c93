// SPDX-License-Identifier: BSD-2-Clause-Patent
/* Children whose card was lost, reset or flushed. */
#include <errno.h>
#include <openssl/crypto.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "offload/batch.h"
#include "offload/child_room.h"

#define SETTLE_MS 2000

void children_absorb(struct offload *offload)
{
	FOR_EACH_CHILD(child, offload->children)
		child_absorb(child);
}

int children_quiet(struct offload *offload, char *why)
{
	struct batch batch;
	struct batch_item *item;
	bool waits = false;
	int rc;

	FOR_EACH_CHILD(child, offload->children)
		waits |= child->command.is_waiting;
	if (!waits) {
		children_absorb(offload);
		return 0;
	}
	rc = batch_open(&batch, offload->card, 1);
	if (rc < 0)
		return rc;
	item = batch_item(&batch, "commands of before");
	do
		rc = adit_nop(offload->card, batch_done, item);
	while (batch_retry(&batch, item, rc));
	rc = batch_finish(&batch, why, OFFLOAD_WHY_BYTES);	/* the card answers in order: what came before it is answered */
	children_absorb(offload);
	return rc;
}

static bool is_settled(const struct children *children)
{
	FOR_EACH_CHILD(child, children)
		if (child->is_removed || child->command.is_waiting || child->command.is_answered || child->is_ready)
			return false;
	return true;
}

void offload_settle(struct offload *offload)
{
	int64_t end_ms = offload_now_ms() + SETTLE_MS;

	children_poll(offload);
	while (!is_settled(offload->children) && !offload->children->is_away && offload_now_ms() < end_ms) {
		struct pollfd fd = { .fd = adit_card_fd(offload->card), .events = POLLIN };

		(void)poll(&fd, 1, 10);
		if (adit_card_poll(offload->card, 256) < 0)
			return;
		children_poll(offload);
	}
}

void offload_lose_card(struct offload *offload)
{
	struct children *children = offload->children;

	children->is_away = true;
	FOR_EACH_CHILD(child, children) {
		child_absorb(child);
		if (child->command.is_waiting) {	/* nobody will answer any more */
			child->command.is_waiting = false;
			child->command.is_answered = true;
			child->command.status = -ENODEV;
			child_absorb(child);
		}
		child_make_ready(child);
	}
	for (unsigned i = 0; i < LOOKS_AT_ONCE; i++)
		children->looks[i].is_waiting = false;
}

/* ---- restore */

static bool any_here(const struct child *child)
{
	bool is_here = false;

	for (unsigned side = 0; side < SA_SIDES; side++)
		is_here |= child->is_here[side];
	return is_here;
}

static void forget_side(struct child *child, enum sa_side side)
{
	const struct offload_watch *watch = &child->offload->watch;

	if (watch->drop && child->pair.slots[side] != ADIT_NO_SLOT)
		watch->drop(watch->arg, child->pair.slots[side]);
	child->is_here[side] = false;
	child_free_slot(child, side);
}

/* The engine hears of it, once, and removes the child. */
static void end(struct child *child, enum child_event event)
{
	bool was_whole = child->stages[CHILD_INBOUND].is_settled && !child->stages[CHILD_INBOUND].status;

	child->is_bound = false;
	if (was_whole && !child->is_removed) {
		child->has_event = true;
		child->event = event;
	}
	if (child->stages[CHILD_INBOUND].is_settled)
		child->stages[CHILD_INBOUND].is_wanted = false;
	else
		child_fail(child, CHILD_INBOUND, -ECANCELED, "the SAs were flushed");
	if (child->stages[CHILD_OUTBOUND].is_settled)
		child->stages[CHILD_OUTBOUND].is_wanted = false;
	else
		child_fail(child, CHILD_OUTBOUND, -ECANCELED, "the SAs were flushed");
	child_make_ready(child);
}

static void find_loss(struct child *child)
{
	enum pair_end worst = PAIR_CAN_COME;

	for (unsigned i = 0; i < SA_SIDES; i++) {
		enum sa_side side = (enum sa_side)i;

		if (child->is_here[side] && !child->stages[sa_side_is_out(side) ? CHILD_OUTBOUND : CHILD_INBOUND].is_wanted)
			forget_side(child, side);	/* it was on its way out */
		if (child->is_here[side] && pair_end(&child->pair, side, OFFLOAD_SEQ_MARGIN) > worst)
			worst = pair_end(&child->pair, side, OFFLOAD_SEQ_MARGIN);
	}
	if (worst == PAIR_CAN_COME)
		return;
	for (unsigned side = 0; side < SA_SIDES; side++)
		if (child->is_here[side])
			forget_side(child, (enum sa_side)side);
	end(child, worst == PAIR_USED_UP ? CHILD_SEQ_END : CHILD_HARD);
}

/* A rule whose SA is not there any more seals with the newest that is. */
static void find_sealers(struct offload *offload)
{
	struct children *children = offload->children;

	for (size_t i = 0; i < offload->n_rules; i++) {
		struct offload_rule *rule = &offload->rules[i];
		const struct child *newest;
		bool is_out = false;

		rule->binder = 0;
		if (!rule->has_child || (children_by_slot(offload, rule->child_slot, &is_out) && is_out))
			continue;
		newest = child_newest(children, rule->plan.name, NULL);
		rule->has_child = newest != NULL;
		rule->child_slot = newest ? newest->pair.slots[SA_OUT] : ADIT_NO_SLOT;
	}
}

void children_find_losses(struct offload *offload)
{
	struct children *children = offload->children;

	for (uint32_t slot = 0; slot < children->n_slots; slot++)
		if (children->slot_child[slot] == SLOT_IN_DOUBT)
			children->slot_child[slot] = 0;
	children->wants_recovery = false;
	FOR_EACH_CHILD(child, children)
		find_loss(child);
	find_sealers(offload);
}

static void put_back_side(struct child *child, struct batch *batch, enum sa_side side)
{
	struct offload *offload = child->offload;
	bool is_inner = child->pair.plan.sas.n > 2 && side < SA_AH_IN;
	struct batch_item *item = batch_item(batch, "policy \"%.60s\": SA 0x%x", child->policy, child->pair.plan.sas.sa[side].spi);
	struct adit_sa sa;
	int rc;

	pair_prepare(&child->pair, side, OFFLOAD_SEQ_MARGIN, &sa);
	do
		rc = adit_sa_add(offload->card, child->pair.slots[side], &sa, batch_done, item);
	while (batch_retry(batch, item, rc));
	if (offload->watch.put)
		offload->watch.put(offload->watch.arg, child->pair.slots[side], &sa,
				   is_inner ? &child->pair.plan.sas.sa[side + SA_AH_IN] : NULL);
	OPENSSL_cleanse(&sa, sizeof(sa));
	child->needs_update[side] = false;
}

static size_t count(const struct children *children)
{
	size_t n = 0;

	FOR_EACH_CHILD(child, children)
		n += child != NULL;
	return n;
}

int children_put_back(struct offload *offload, char *why)
{
	static const enum sa_side order[SA_SIDES] = { SA_AH_IN, SA_IN, SA_AH_OUT, SA_OUT };
	struct children *children = offload->children;
	size_t n = count(children);
	int rc = 0;

	for (unsigned k = 0; n && rc == 0 && k < SA_SIDES; k++) {
		struct batch batch;

		rc = batch_open(&batch, offload->card, n);
		if (rc < 0)
			return rc;
		FOR_EACH_CHILD(child, children)
			if (child->is_here[order[k]])
				put_back_side(child, &batch, order[k]);
		rc = batch_finish(&batch, why, OFFLOAD_WHY_BYTES);
	}
	FOR_EACH_CHILD(child, children) {
		if (!any_here(child))
			continue;
		child->pair.was_seen = true;	/* where it goes on is as good as seen */
		child->pair.installed_ms = offload_now_ms();
	}
	return rc;
}

/* ---- flush */

static bool takes(const struct child *child, bool esp, bool ah)
{
	bool is_taken = false;

	for (unsigned side = 0; side < child->pair.plan.sas.n; side++)
		is_taken |= child->pair.plan.sas.sa[side].proto == ADIT_PROTO_ESP ? esp : ah;
	return is_taken;
}

bool children_flush_takes(const struct offload *offload, uint16_t slot, bool esp, bool ah)
{
	bool is_out;
	const struct child *child = child_by_id(offload->children, children_by_slot(offload, slot, &is_out));

	return child && takes(child, esp, ah);
}

/* Of a bundle the other layer goes by itself: its goal is gone. */
void children_flushed(struct offload *offload, bool esp, bool ah, unsigned *n_flushed)
{
	children_absorb(offload);
	for (size_t i = 0; i < offload->n_rules; i++)
		if (offload->rules[i].has_child && children_flush_takes(offload, offload->rules[i].child_slot, esp, ah))
			offload->rules[i].has_child = false;
	FOR_EACH_CHILD(child, offload->children) {
		if (!takes(child, esp, ah))
			continue;
		for (unsigned i = 0; i < child->pair.plan.sas.n; i++) {
			enum sa_side side = (enum sa_side)i;

			*n_flushed += child->is_here[side] && !child->is_removed;	/* else whoever had it removed has counted it */
			if (child->is_here[side] && (child->pair.plan.sas.sa[side].proto == ADIT_PROTO_ESP ? esp : ah))
				forget_side(child, side);
		}
		end(child, CHILD_HARD);
	}
}
