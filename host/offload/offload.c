// SPDX-License-Identifier: BSD-2-Clause-Patent
#include "offload/room.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "offload/child_room.h"

int64_t offload_now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

struct offload *offload_open(struct adit_card *card)
{
	struct offload *offload = calloc(1, sizeof(*offload));

	if (!offload)
		return NULL;
	offload->card = card;
	offload->id_was_used = calloc(adit_card_caps(card)->sp_rules + 1, sizeof(*offload->id_was_used));
	offload->children = children_open(offload);
	if (!offload->id_was_used || !offload->children) {
		offload_close(offload);
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
	children_close(offload->children);
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
		for (unsigned side = 0; side < offload->pairs[i].plan.sas.n; side++)
			if (offload->pairs[i].slots[side] == slot)
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

static void mark_installed(struct table *table)
{
	for (size_t i = 0; i < table->n_pairs; i++) {
		if (table->pairs[i].is_installed || table->pairs[i].is_flushed)
			continue;
		table->pairs[i].installed_ms = offload_now_ms();
		if (!table->pairs[i].born_ms)
			table->pairs[i].born_ms = table->pairs[i].installed_ms;
		table->pairs[i].is_installed = true;
		table->pairs[i].is_rekeyless = false;
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

/* The card's time, for lifetimes. A card of an older contract has none; it refuses SAs with lifetimes itself. */
static int set_now(struct offload *offload)
{
	uint32_t seconds = offload->fixed_now_seconds ? offload->fixed_now_seconds : (uint32_t)(offload_now_ms() / 1000);
	int rc = adit_card_set_now(offload->card, seconds);

	return rc == -EOPNOTSUPP ? 0 : rc;
}

int offload_tick(struct offload *offload)
{
	return adit_card_caps(offload->card)->clock_hz ? 0 : set_now(offload);
}

static int set_limits(struct offload *offload, const struct adit_host_limits *limits, bool hold)
{
	uint32_t hz = adit_card_caps(offload->card)->clock_hz;
	struct adit_host_limits card = *limits;
	int rc;

	card.period_cycles = !hold ? 0 : hz ? hz : OFFLOAD_PERIOD_CYCLES;
	rc = adit_card_set_host_limits(offload->card, &card);
	return rc == -EOPNOTSUPP ? 0 : rc;
}

/* What stands in registers and is gone after a reset. */
static int set_registers(struct offload *offload, const struct adit_host_limits *limits, bool hold, bool is_fresh, char *why)
{
	int rc = is_fresh ? set_now(offload) : offload_tick(offload);

	if (rc == 0)
		rc = set_limits(offload, limits, hold);
	if (rc < 0)
		(void)snprintf(why, OFFLOAD_WHY_BYTES, "time and host limits: %s", adit_card_strerror(offload->card));
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
	rc = phase_note_bases(offload, next, why);
	if (rc == 0)
		rc = configure(offload, now, &meanwhile, why);
	if (rc == 0)
		rc = set_registers(offload, &plan->limits, plan->has_limits, !now, why);
	if (rc == 0)
		rc = phase_delete_gone(offload, next, why);
	if (rc == 0)
		rc = phase_add_sas(offload, next, 0, why);
	if (rc == 0) {
		mark_installed(next);
		rc = phase_bind_rules(offload, &old, next, why);
	}
	if (rc == 0)
		rc = phase_replace_rules(offload, next, why);
	if (rc == 0)
		rc = configure(offload, &meanwhile, &plan->mode, why);
	if (rc == 0)
		rc = phase_unbind_gone(offload, next, why);
	return rc;
}

int offload_apply(struct offload *offload, const struct plan *plan, bool is_dry, struct offload_changes *changes,
		  char why[OFFLOAD_WHY_BYTES])
{
	struct table next;
	int rc;

	*changes = (struct offload_changes){ 0 };
	rc = offload_check_plan(offload, plan, why);
	if (rc < 0)
		return rc;
	rc = look_sas(offload, false, why);	/* should the change fail half-way: where to go on from */
	if (rc < 0)
		return rc;
	rc = children_quiet(offload, why);
	if (rc < 0)
		return rc;
	changes->mode_changed = offload->has_mode && !is_same_mode(&offload->mode, &plan->mode);
	rc = table_next(offload, plan, &next, changes);
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
		offload->limits = plan->limits;
		offload->has_limits = plan->has_limits;
		offload->has_mode = true;
		return 0;
	}
	phase_forget(offload, &next);
	table_give_back(offload, &next);
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
	struct table table;
	int rc;

	children_absorb(offload);
	children_find_losses(offload);
	table = current(offload);
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
		rc = set_registers(offload, &offload->limits, offload->has_limits, true, why);
	if (rc == 0)
		rc = phase_add_sas(offload, &table, OFFLOAD_SEQ_MARGIN, why);
	if (rc == 0)
		rc = children_put_back(offload, why);
	if (rc == 0) {
		mark_installed(&table);
		rc = phase_bind_rules(offload, NULL, &table, why);
	}
	if (rc == 0)
		rc = phase_replace_rules(offload, &table, why);
	if (rc == 0)
		offload->children->is_away = false;
	return rc;
}

/* phase_bind_rules() compares two tables: the present one, and one without the SAs that go. */
static int unbind_flushed(struct offload *offload, bool esp, bool ah, char *why)
{
	struct table now = current(offload), without = now;
	int rc;

	without.pairs = calloc(now.n_pairs + 1, sizeof(*without.pairs));
	without.rules = calloc(now.n_rules + 1, sizeof(*without.rules));
	if (!without.pairs || !without.rules) {
		free(without.pairs);
		free(without.rules);
		return -ENOMEM;
	}
	if (now.n_rules)
		memcpy(without.rules, now.rules, now.n_rules * sizeof(*without.rules));
	for (size_t i = 0; i < now.n_rules; i++)
		without.rules[i].has_child &= !children_flush_takes(offload, without.rules[i].child_slot, esp, ah);
	for (size_t i = 0; i < now.n_pairs; i++) {
		without.pairs[i].is_installed = now.pairs[i].is_installed && !offload_flush_takes(&now.pairs[i], esp, ah);
		without.pairs[i].slots[SA_OUT] = now.pairs[i].slots[SA_OUT];
	}
	rc = phase_bind_rules(offload, &now, &without, why);
	free(without.pairs);
	free(without.rules);
	return rc;
}

int offload_flush(struct offload *offload, bool esp, bool ah, unsigned *n_flushed, char why[OFFLOAD_WHY_BYTES])
{
	int rc;

	*n_flushed = 0;
	rc = children_quiet(offload, why);
	if (rc < 0)
		return -EIO;
	rc = unbind_flushed(offload, esp, ah, why);
	if (rc == -ENOMEM)
		return rc;
	if (rc == 0)	/* after the unbinding: no packet takes a number any more that this does not see */
		rc = look_sas(offload, false, why);
	if (rc == 0)
		rc = phase_flush(offload, esp, ah, why);
	if (rc < 0)
		return -EIO;	/* half unbound: the caller recovers */
	for (size_t i = 0; i < offload->n_pairs; i++) {
		struct offload_pair *pair = &offload->pairs[i];

		if (!offload_flush_takes(pair, esp, ah))
			continue;
		pair->is_installed = false;
		pair->is_flushed = true;
		pair->is_rekeyless = true;	/* fragments that the host gave back to be sealed took numbers after the look, perhaps */
		*n_flushed += pair->plan.sas.n;
	}
	children_flushed(offload, esp, ah, n_flushed);
	return 0;
}

