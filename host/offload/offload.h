// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * What is installed in the card, and how it becomes what a plan wants: slots, policy ids and reqids are given here.
 * A reload changes only what differs; a card that was reset gets everything back.
 */
#ifndef HOST_OFFLOAD_OFFLOAD_H
#define HOST_OFFLOAD_OFFLOAD_H

#include "policy/plan.h"

#define OFFLOAD_WHY_BYTES 320
/* After a card's death sequence numbers go on this far beyond the last one known, or four times what was used between
 * the last two looks at the card, whichever is more: a number must never be used twice with one key. */
#define OFFLOAD_SEQ_MARGIN (1u << 20)

/* What one second of host limits is on a card that does not say how fast its clock runs (the simulated one). */
#define OFFLOAD_PERIOD_CYCLES 250000u

/* What an SA did in earlier lives, before its card died or it was flushed: its limits are for all of them together. */
struct offload_spent {
	uint64_t packets, bytes;
};

struct offload_pair {
	struct plan_pair plan;
	uint16_t slots[SA_SIDES];	/* of the first plan.sas.n sides */
	uint32_t reqid;
	bool is_installed;
	bool is_flushed;		/* stays away until the next offload_apply(), and for ever once its numbers are used up */
	int64_t installed_ms;		/* CLOCK_MONOTONIC */
	int64_t born_ms;		/* when its keys first came into a card; 0: never */
	struct offload_spent spent[SA_SIDES];
	struct adit_sa_state states[SA_SIDES];	/* as last seen */
	bool was_seen;
	bool is_rekeyless;		/* its keys were in the card before: its numbers go on, with the margin of a card's death */
	uint64_t steps[SA_SIDES];	/* outbound: numbers used in the last ten seconds or more */
	uint64_t steps_from[SA_SIDES];	/* the number at the beginning of that time */
	int64_t steps_ms[SA_SIDES];
};

struct offload_rule {
	struct plan_rule plan;		/* sp.id and sp.reqid are filled in */
	struct adit_sp_state base;	/* what the id had counted before this policy took it */
	struct adit_sp_state state;	/* as last seen, base subtracted */
	/* keys from IKE: */
	bool is_generated;		/* a child brought it; gone with the last one that uses it */
	bool is_coming, is_going;	/* its command is on the way */
	unsigned n_children;		/* of a generated one */
	bool has_child;			/* it seals with an SA of IKE's, in child_slot */
	uint16_t child_slot;
	uint32_t binder;		/* the child whose bind is on the way; 0: none */
	bool wants_acquire;		/* children_unacquire() */
};

/* Somebody who keeps a copy of what stands in which slot. around: the second layer of a bundle, else NULL. */
struct offload_watch {
	void (*put)(void *arg, uint16_t slot, const struct adit_sa *sa, const struct adit_sa *around);
	void (*drop)(void *arg, uint16_t slot);
	void *arg;
};

struct offload {
	struct adit_card *card;
	struct offload_watch watch;	/* put and drop may be NULL */
	struct adit_mode_options mode;
	struct adit_host_limits limits;
	bool has_limits, has_mode;
	uint32_t fixed_now_seconds;	/* the card's NOW, for runs that must repeat; 0: CLOCK_MONOTONIC */
	struct offload_rule *rules;
	size_t n_rules;
	struct offload_pair *pairs;
	size_t n_pairs;
	bool *id_was_used;		/* caps->sp_rules of them */
	uint64_t reasons[8 * ((ADIT_REASON_COUNT + 7) / 8)];	/* as last seen */
	struct children *children;	/* SAs that IKE made: child.h */
};

struct offload_changes {
	unsigned rules_added, rules_removed, rules_changed, rules_kept;
	unsigned pairs_added, pairs_removed, pairs_changed, pairs_kept;
	unsigned sas_added, sas_removed, sas_changed, sas_kept;	/* the same in SAs: two a pair, four a bundle */
	bool mode_changed;
};

MUST_USE struct offload *offload_open(struct adit_card *card);
void offload_close(struct offload *offload);	/* wipes the keys; the card is left as it is */

/**
 * Bring the card to the plan: SAs that go, then inbound SAs, outbound SAs, bindings, the rule table at once.
 * Everything the card could refuse is asked first: on -EOPNOTSUPP, -EINVAL, -ENOSPC nothing has changed. If the card
 * fails half-way it is reset and the old state is put back.
 *
 * @param is_dry  only check and count the changes
 * @param why     one line that names policy or SA and what is wrong, on failure
 */
MUST_USE int offload_apply(struct offload *offload, const struct plan *plan, bool is_dry, struct offload_changes *changes,
			   char why[OFFLOAD_WHY_BYTES]);
/** Put everything back into a card that has just been reset. */
MUST_USE int offload_restore(struct offload *offload, char why[OFFLOAD_WHY_BYTES]);
/** Let the children's commands end, at most two seconds: before a change of tables that their going belongs to. */
void offload_settle(struct offload *offload);
/** The card was closed: what children have under way ends with -ENODEV, and so do new installs until offload_restore(). */
void offload_lose_card(struct offload *offload);
/** The card was opened anew: use this one from now on, then offload_restore(). */
void offload_use_card(struct offload *offload, struct adit_card *card);
/** Tell a card that has no clock of its own what time it is: once a second. Restore and apply do it before SAs are added. */
MUST_USE int offload_tick(struct offload *offload);
/** Delete SAs; their policies have none until the next offload_apply(), which goes on with their sequence numbers. */
MUST_USE int offload_flush(struct offload *offload, bool esp, bool ah, unsigned *n_flushed, char why[OFFLOAD_WHY_BYTES]);
/**
 * Read the state of all SAs with manual keys, of all policies, all reason counters (counters[ADIT_REASON_COUNT]). Nobody is kept waiting:
 * what the card has not said after a fifth of a second is told as it was last seen.
 */
MUST_USE int offload_look_sas(struct offload *offload, char why[OFFLOAD_WHY_BYTES]);
MUST_USE int offload_look_rules(struct offload *offload, char why[OFFLOAD_WHY_BYTES]);
MUST_USE int offload_look_reasons(struct offload *offload, uint64_t *counters, char why[OFFLOAD_WHY_BYTES]);

int64_t offload_now_ms(void);	/* CLOCK_MONOTONIC, which the card's NOW follows */
struct offload_pair *offload_pair_by_slot(struct offload *offload, uint16_t slot);
struct offload_rule *offload_rule_by_id(struct offload *offload, uint16_t id);

#endif
