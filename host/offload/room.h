// SPDX-License-Identifier: BSD-2-Clause-Patent
/* What the files of this room share. why is OFFLOAD_WHY_BYTES long. */
#ifndef HOST_OFFLOAD_ROOM_H
#define HOST_OFFLOAD_ROOM_H

#include "offload/offload.h"

/* What the card should hold after a change. */
struct table {
	struct offload_rule *rules;
	size_t n_rules;
	struct offload_pair *pairs;
	size_t n_pairs;
};

/* check.c: could the card refuse any of it? */
MUST_USE int offload_check_plan(struct offload *offload, const struct plan *plan, char *why);

/* table.c: the next table; what stays keeps slot, id and reqid */
MUST_USE int table_next(const struct offload *offload, const struct plan *plan, struct table *next,
			struct offload_changes *changes);
/** The change to next has failed: numbers that it may have used with keys of the present table are used. */
void table_give_back(struct offload *offload, const struct table *next);
void table_free(struct table *table);	/* wipes the keys */
struct offload_pair *table_pair(struct offload_pair *pairs, size_t n, const char *key);
struct offload_rule *table_rule(struct offload_rule *rules, size_t n, const char *name);
bool table_same_rule(const struct adit_sp *a, const struct adit_sp *b);
/** The present table gets another rule, whose id and reqid are given here, or loses it. @return 0, -ENOSPC, -ENOMEM */
MUST_USE int table_add_generated(struct offload *offload, const struct plan_rule *plan);
void table_drop_generated(struct offload *offload, const char *name);
uint16_t table_free_id(const struct offload *offload);	/* ADIT_NO_SLOT: none */

/* look.c */
#define REASON_GROUPS ((ADIT_REASON_COUNT + 7) / 8)
MUST_USE int look_sas(struct offload *offload, bool is_hurried, char *why);

/* pair.c: an SA's numbers and limits over the lives of cards. margin: see OFFLOAD_SEQ_MARGIN. */
/** The SA as the card is to get it, limits less what earlier lives used; sa is wiped by the caller. */
void pair_describe(const struct offload_pair *pair, enum sa_side side, struct adit_sa *sa);
/** The same for a life that begins: with its first number; what the last life counted is taken off. */
void pair_prepare(struct offload_pair *pair, enum sa_side side, uint64_t margin, struct adit_sa *sa);
enum pair_end { PAIR_CAN_COME, PAIR_EXPIRED, PAIR_USED_UP };
enum pair_end pair_end(const struct offload_pair *pair, enum sa_side side, uint64_t margin);
uint64_t pair_resume_seq(const struct offload_pair *pair, enum sa_side side, uint64_t margin);
#define STEPS_MS 10000		/* over so long at least an SA's pace is measured */
/** What the card says of it now. pair->was_seen is the caller's, once all sides have been seen. */
void pair_see(struct offload_pair *pair, enum sa_side side, const struct adit_sa_state *state);

/* phase.c: each is one batch; the next begins when all of it has been answered */
void phase_forget(const struct offload *offload, const struct table *table);	/* the watcher's copies */
MUST_USE int phase_delete_gone(struct offload *offload, const struct table *next, char *why);
/** Second layers first: an SA refers to the slot of the one around it. margin: see OFFLOAD_SEQ_MARGIN. */
MUST_USE int phase_add_sas(struct offload *offload, struct table *next, uint64_t margin, char *why);
/** Bind every rule of `to` whose binding differs from what `from` (NULL: an empty card) left in the card. */
MUST_USE int phase_bind_rules(struct offload *offload, const struct table *from, const struct table *to, char *why);
MUST_USE int phase_unbind_gone(struct offload *offload, const struct table *next, char *why);
MUST_USE int phase_replace_rules(struct offload *offload, const struct table *next, char *why);
/** Policies that take an id another one had: what the id has counted so far is not theirs. */
MUST_USE int phase_note_bases(struct offload *offload, struct table *next, char *why);
/** Flush the card, then delete what a flushed SA's other layer left. */
MUST_USE int phase_flush(struct offload *offload, bool esp, bool ah, char *why);
bool offload_flush_takes(const struct offload_pair *pair, bool esp, bool ah);

#endif
