// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * What the files of the children share. A child has goals (which stages are wanted) and a state (what of it is in the card); each turn
 * of children_poll() compares the two and gives the card the one command that comes next. Answers are only written down where they come
 * in; what they mean is worked out in the next turn, so that neither tables nor the engine change under somebody's feet.
 *
 *   child.c        the public face: goals, reports            child_step.c     goals and state -> the next command; its answer -> state
 *   child_slot.c   slots and their owners                     child_restore.c  a card that was lost, reset or flushed
 */
#ifndef HOST_OFFLOAD_CHILD_ROOM_H
#define HOST_OFFLOAD_CHILD_ROOM_H

#include "offload/child.h"
#include "offload/room.h"

#define CHILD_BUCKETS 1024u	/* a power of two */
#define CHILD_WHY_BYTES 200
#define CHILD_STAGES 2
#define GONE_IDS 4096u		/* so many removed ids are remembered, to refuse what comes late for them */
#define SLOT_REST_MS 2000	/* a freed slot is not given away again at once: packets of its SA may still be on their way */
#define LOOKS_AT_ONCE 32u	/* queries in flight: the ring has room left for what matters more */

enum child_op {
	OP_NONE, OP_WAIT,		/* nothing to do; somebody else's command must end first */
	OP_RULE_BASE, OP_RULE_ADD, OP_RULE_JOIN, OP_RULE_DELETE, OP_RULE_LEAVE,
	OP_SA_ADD, OP_SA_DELETE, OP_SA_UPDATE, OP_BIND, OP_REBIND
};

struct child_command {
	enum child_op op;
	enum sa_side side;
	bool is_waiting, is_answered;
	int status;
	union adit_answer answer;
	uint16_t slot;			/* OP_BIND, OP_REBIND: what the rule will seal with, or ADIT_NO_SLOT */
};

struct child_stage_state {
	bool is_begun, is_wanted, is_settled;
	int status;			/* once settled; and before, what it will be, if it failed */
	unsigned n_owed;		/* answers for the engine */
};

struct child {
	struct child *next_in_bucket, *next_ready;
	bool is_ready;
	struct offload *offload;
	uint32_t id;
	char policy[CONFIG_NAME_BYTES];
	bool is_generated, has_rule, is_removed, is_bound, was_told;
	struct plan_rule rule;		/* of a generated policy */
	size_t rule_at;			/* where in the table its rule was, last time */
	struct offload_pair pair;	/* SAs, slots, reqid, what the card counted */
	bool is_here[SA_SIDES], needs_update[SA_SIDES];
	struct child_stage_state stages[CHILD_STAGES];
	struct child_command command;
	uint64_t bound_order;		/* the higher, the newer */
	bool has_event;
	enum child_event event;
	uint64_t told_packets;		/* inbound, when used() ran last */
	bool is_used;
	char why[CHILD_WHY_BYTES];
};

/* An answer to an install that no child stands for. */
struct child_refusal {
	struct child_refusal *next;
	uint32_t id;
	enum child_stage stage;
	int status;
	const char *why;
};

struct look_item {
	struct offload *offload;
	uint16_t slot;
	uint32_t spi;
	bool is_waiting;
};

struct children {
	struct child *buckets[CHILD_BUCKETS];
	struct child *ready, **ready_end;
	struct child *later, **later_end;	/* cannot go on this turn */
	struct child_refusal *refusals;
	child_done_fn *done;
	child_event_fn *on_event;
	void *arg;
	void (*used)(void *arg, uint32_t id, const struct child_use *use);
	void *used_arg;
	bool is_away, wants_recovery, is_polling, has_unacquires;
	uint64_t n_bound;
	uint32_t gone[GONE_IDS];
	unsigned n_gone;
	/* by slot */
	uint32_t n_slots;
	uint16_t most_replay_packets;
	uint32_t *slot_child;		/* 0: none of IKE's */
	int64_t *slot_freed_ms;
	unsigned next_slot;
	/* the look that is under way */
	struct look_item looks[LOOKS_AT_ONCE];
	size_t look_at;			/* what is asked next: sides of pairs, then slots; beyond them: done */
};

MUST_USE struct children *children_open(struct offload *offload);
void children_close(struct children *children);
struct child *child_by_id(const struct children *children, uint32_t id);
void child_make_ready(struct child *child);

/* child_slot.c */
MUST_USE int child_take_slots(struct child *child, bool is_out);
void child_free_slot(struct child *child, enum sa_side side);
#define SLOT_IN_DOUBT UINT32_MAX	/* in slot_child: the card would not delete; nobody has it until the card is reset */
void child_doubt_slot(struct child *child, enum sa_side side);
MUST_USE bool slot_may_be_used(const struct offload *offload, uint16_t slot, int64_t now_ms);
unsigned children_n_slots(const struct offload *offload);

/* child_step.c */
void child_absorb(struct child *child);		/* what the answer means */
void child_step(struct child *child);		/* and on, until it waits */
void child_fail(struct child *child, enum child_stage stage, int status, const char *why);
bool child_is_over(const struct child *child);	/* nothing of it is left in the card */
struct offload_rule *child_rule(struct child *child);
/** The newest child of a policy that its rule could seal with, other than `but`; NULL: none. */
struct child *child_newest(const struct children *children, const char *policy, const struct child *but);

/* child_restore.c */
void children_absorb(struct offload *offload);	/* before a table is made or compared */
/** Wait until the card has answered all that children asked of it, so that tables can be made; bounded as a batch is. */
MUST_USE int children_quiet(struct offload *offload, char *why);
void children_find_losses(struct offload *offload);	/* after a reset: who cannot come back, and which rules lose their SA */
MUST_USE int children_put_back(struct offload *offload, char *why);
bool children_flush_takes(const struct offload *offload, uint16_t slot, bool esp, bool ah);
void children_flushed(struct offload *offload, bool esp, bool ah, unsigned *n_flushed);

/* look.c */
void look_go_on(struct offload *offload);

/* child may be freed in the body. NOLINTBEGIN(bugprone-macro-parentheses): it is a name that is declared */
#define FOR_EACH_CHILD(child, children) \
	for (unsigned bucket_ = 0; bucket_ < CHILD_BUCKETS; bucket_++) \
		for (struct child *child = (children)->buckets[bucket_], *next_; child && ((next_ = child->next_in_bucket), true); child = next_)
/* NOLINTEND(bugprone-macro-parentheses) */

#endif
