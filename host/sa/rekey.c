// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * How a child ages and who follows it. Make before break: the successor is installed both ways before its forerunner goes, and that one
 * goes on receiving for a grace; then one Delete tells the peer.
 *
 *   |------------- mature ------------|-- soft: successor wanted --|------ replaced: dying ------| Delete, linger |
 *   0                      80 .. 86 % initiator, 88 .. 93 % responder                  30 s          3 s
 *
 * Rekeys that cross leave two successors, and both carry traffic: each end seals with the one that it finished last. Of the two, the one with
 * the lowest nonce is redundant (as RFC 7296 §2.8.1 has it; IKEv1 has no rule). An end that does not seal with it deletes it after the
 * grace; if both ends do, it stays until the next rekey replaces both.
 */
#include "sa/phase2.h"

#include <stdlib.h>
#include <string.h>

static const struct { unsigned from, to; } soft_percent[2] = { { 88, 93 }, { 80, 86 } };	/* responder, initiator of the child */

static void soft_fires(struct ike *ike, void *arg)
{
	(void)ike;
	child_rekey(arg, false);
}

static void hard_fires(struct ike *ike, void *arg)
{
	(void)ike;
	child_expire(arg, "its time is over");
}

void child_start_life(struct ike_child *child)
{
	struct ike *ike = child->ike;
	int64_t life_ms = (int64_t)child->seconds * 1000;
	int64_t from = life_ms / 100 * soft_percent[child->is_initiator].from, to = life_ms / 100 * soft_percent[child->is_initiator].to;

	if (child->seconds == 0)
		return;
	child->soft_ms = child->since_ms + from + (to > from ? (int64_t)ike_random(ike, (uint32_t)((to - from) > INT32_MAX ? INT32_MAX : to - from)) : 0);
	child->hard_ms = child->since_ms + life_ms;
	timer_set(ike, &child->soft, child->soft_ms, soft_fires, child);
	timer_set(ike, &child->hard, child->hard_ms, hard_fires, child);
}

/* What the policy would seal with if this one were not: of those that stand the one whose outbound SAs came last. */
static const struct ike_child *sealing_child_but(const struct ike_child *but)
{
	const struct ike_child *newest = NULL;

	for (const struct ike_child *child = but->ike->children; child; child = child->next)
		if (child != but && child_is_live(child) && child_is_same_use(child, but) && (!newest || child->order > newest->order))
			newest = child;
	return newest;
}

static bool seals(const struct ike_child *child)
{
	const struct ike_child *other = sealing_child_but(child);

	return child_is_live(child) && (!other || child->order > other->order);
}

static void linger_ends(struct ike *ike, void *arg)
{
	(void)ike;
	child_remove(arg, false, "replaced");
}

/* After its Delete, what the peer sent before it got it is still on its way. */
void child_delete_softly(struct ike_child *child)
{
	struct ike_sa *sa = child_sa(child);

	for (unsigned side = SA_IN; sa && side < child->spec.sas.n; side += 2)
		info_send_delete_child(sa, v1_protocol_of(child->spec.sas.sa[side].proto), child->spec.sas.sa[side].spi);
	child->state = CHILD_DYING;
	child->is_let_go = true;
	timer_stop(child->ike, &child->soft);
	timer_set(child->ike, &child->step, child->ike->now_ms + LINGER_MS, linger_ends, child);
}

static void grace_ends(struct ike *ike, void *arg)
{
	struct ike_child *child = arg;

	(void)ike;
	if (child->state == CHILD_DYING || (child->is_redundant && !seals(child)))
		child_delete_softly(child);
}

static void set_grace(struct ike_child *child, bool is_ours)
{
	struct ike *ike = child->ike;

	timer_set(ike, &child->step, ike->now_ms + GRACE_MS + (is_ours ? 0 : GRACE_RESPONDER_MS), grace_ends, child);
}

/* One of each end's, and the later was begun before the earlier stood: neither end knew of the other's. */
static bool have_crossed(const struct ike_child *earlier, const struct ike_child *later)
{
	return earlier->is_initiator != later->is_initiator && earlier->state == CHILD_MATURE && later->begun_ms < earlier->since_ms &&
	       later->replaces != earlier->spec.id;
}

static void note_redundant(struct ike_child *a, struct ike_child *b)
{
	struct ike_child *loser = memcmp(a->low_nonce, b->low_nonce, sizeof(a->low_nonce)) < 0 ? a : b;

	loser->is_redundant = true;
	child_tell(loser, LOG_LEVEL_INFO, "crossed with another of the same policy: redundant");
	set_grace(loser, loser->is_initiator);
}

void child_replace_others(struct ike_child *child)
{
	struct ike *ike = child->ike;
	bool has_replaced = false;

	for (struct ike_child *old = ike->children; old; old = old->next) {
		if (old == child || !child_is_live(old) || !child_is_same_use(old, child))
			continue;
		if (have_crossed(old, child)) {
			note_redundant(old, child);
			continue;
		}
		if (old->state == CHILD_DYING)
			continue;
		has_replaced = true;
		old->state = CHILD_DYING;
		timer_stop(ike, &old->soft);
		set_grace(old, child->is_initiator);
		child_tell(old, LOG_LEVEL_INFO, "replaced by %08x in %08x out", child->spec.sas.sa[SA_IN].spi, child->spec.sas.sa[SA_OUT].spi);
	}
	ike->counters.phase2_rekeyed += has_replaced;
}

void child_revive_others(const struct ike_child *gone)
{
	struct ike_child *best = NULL;

	for (struct ike_child *child = gone->ike->children; child; child = child->next) {
		if (child == gone || !child_is_live(child) || !child_is_same_use(child, gone))
			continue;
		if (child->state == CHILD_MATURE)
			return;
		if (!child->is_let_go && (!best || child->order > best->order))
			best = child;
	}
	if (!best)
		return;
	best->state = CHILD_MATURE;
	best->is_redundant = false;
	timer_stop(best->ike, &best->step);
	timer_set(best->ike, &best->soft, best->ike->now_ms + REKEY_RETRY_MS, soft_fires, best);
	child_tell(best, LOG_LEVEL_INFO, "its successor is gone: it goes on");
}

void child_rekey(struct ike_child *child, bool is_by_hand)
{
	if (!child_is_live(child) || child->state != CHILD_MATURE)
		return;
	if (!is_by_hand && (child->is_redundant || !seals(child)))
		return;	/* its twin will be rekeyed */
	timer_stop(child->ike, &child->soft);
	want_rekey(child, is_by_hand);
}

/* Once more, as long as it lives. */
void child_rekey_failed(struct ike *ike, uint32_t id)
{
	struct ike_child *child = child_find(ike, id);

	if (child && child->state == CHILD_MATURE)
		timer_set(ike, &child->soft, ike->now_ms + REKEY_RETRY_MS, soft_fires, child);
}

/*
 * The peer has taken it out. If something else seals, it may still receive what is on its way; else sealing with it would be for nothing.
 * The other direction is told to be gone too: some peers keep a book for each.
 */
void child_deleted_by_peer(struct ike_child *child)
{
	struct ike *ike = child->ike;
	bool is_last;

	if (child->is_deleted_by_peer || child->is_let_go || child->is_dead || child->state == CHILD_HUSK)
		return;	/* it goes already */
	child->is_deleted_by_peer = true;
	if (child_is_live(child) && !seals(child)) {
		child_tell(child, LOG_LEVEL_INFO, "deleted by the peer");
		child_delete_softly(child);
		return;
	}
	is_last = sealing_child_but(child) == NULL;
	child_remove(child, true, "deleted by the peer");
	if (is_last && !child->spec.is_generated)
		ike->calls.unacquire(ike->calls.arg, child->spec.policy);
}

/* ---- events of the card */

void ike_child_event(struct ike *ike, uint32_t child_id, enum child_event event, int64_t now_ms)
{
	struct ike_child *child = child_find(ike, child_id);

	advance_to(ike, now_ms);
	if (!child || !child_is_live(child))
		return;
	if (event == CHILD_SOFT || event == CHILD_SEQ_NEAR)
		child_rekey(child, false);
	else
		child_expire(child, event == CHILD_HARD ? "its bytes are used up" : "its sequence numbers are used up");
	ike_reap(ike);
}

void ike_child_used(struct ike *ike, uint32_t child_id, const struct child_use *use, int64_t now_ms)
{
	struct ike_child *child = child_find(ike, child_id);
	bool is_news = child && use->in_packets > child->use.in_packets;
	struct ike_sa *sa;

	advance_to(ike, now_ms);
	if (!child)
		return;
	child->use = *use;
	sa = is_news ? child_sa(child) : NULL;
	if (sa) {	/* RFC 3706 §5.4: traffic is proof of life */
		sa->heard_ms = now_ms;
		dpd_heard(sa);
	}
}
