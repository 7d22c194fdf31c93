// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * SAs that IKE made, in the card: installed and removed without ever waiting. Each call queues commands and returns; the answer comes from
 * adit_card_poll(), later. A child's rule is a policy's (by name) or one of its own; slot, id and reqid are given here. While the card is away
 * installs end with -ENODEV at once (from children_poll()), and offload_restore() puts back what was installed, sequence numbers moved on.
 */
#ifndef HOST_OFFLOAD_CHILD_H
#define HOST_OFFLOAD_CHILD_H

#include "offload/offload.h"
#include "sa/ike.h"

/** status: 0, or a negative errno; exactly once for each children_install(). */
typedef void child_done_fn(void *arg, uint32_t id, enum child_stage stage, int status, const char *why);

void children_on_done(struct offload *offload, child_done_fn *done, void *arg);
/** What befell an installed child without the engine's doing: flushed, or no way back into a card that was reset (CHILD_HARD, CHILD_SEQ_END). */
typedef void child_event_fn(void *arg, uint32_t id, enum child_event event);
void children_on_event(struct offload *offload, child_event_fn *on_event);	/* arg as children_on_done()'s */
/** ike_calls.install: the inbound stage adds (generated rule,) inbound SAs; the outbound stage adds outbound SAs, then binds the rule to them. */
void children_install(struct offload *offload, const struct child_spec *spec, enum child_stage stage);
void children_update(struct offload *offload, const struct child_spec *spec);
/** Unbinds the rule if it seals with this child (then: with the newest other child of the policy that is installed), deletes, frees the slots. */
void children_remove(struct offload *offload, uint32_t id);
void children_remove_all(struct offload *offload);
/** Let the card post the policy's next acquire. */
void children_unacquire(struct offload *offload, const char *policy);
/** What failed at once is told from here, so that no call answers from inside itself: call it once per turn of the loop. */
void children_poll(struct offload *offload);
/** Has a command failed that must not fail? Then the card is to be recovered. Asking clears it. */
bool children_want_recovery(struct offload *offload);
/**
 * Ask the card for the counters of all children and manual pairs, a few at a time; the answers come as it polls; used runs, from
 * children_poll(), for those whose inbound counters moved. A look that is under way goes on instead.
 */
void children_look(struct offload *offload, void (*used)(void *arg, uint32_t id, const struct child_use *use), void *arg);
/** Whose SA stands in a slot: its id and whether it is an outbound one; 0: none of IKE's. */
uint32_t children_by_slot(const struct offload *offload, uint16_t slot, bool *is_out);

struct child_view {
	uint32_t id;
	const char *policy;
	const struct sa_set *sas;	/* keys inside */
	const uint16_t *slots;
	const struct adit_sa_state *states;	/* as last seen */
	bool has_inbound, has_outbound, is_bound, is_generated;
	int64_t installed_ms;
};
unsigned children_n_sas(const struct offload *offload);	/* in the card */
void children_each(const struct offload *offload, void (*each)(void *arg, const struct child_view *view), void *arg);

#endif
