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
