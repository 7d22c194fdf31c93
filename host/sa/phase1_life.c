// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * An ISAKMP SA that stands: for how long, what follows it, and which of two goes.
 *
 * Soft: a new phase 1 is made while the old one serves on (dying). Hard: a Delete, and it is gone; children stay, as IKEv1 has it.
 * The initiator's soft end comes at about 85 % of the life, the responder's at about 93 %: if the peer is faster, nothing is to be done.
 */
#include <stdio.h>
#include <string.h>

#include "sa/phase1.h"

enum {
	RESPONDER_LATER_PERCENT = 8, JITTER_PERCENT = 5,
	RETRY_MS = 15 * 1000,		/* a rekey that failed is tried again, as long as the SA lives */
	CROSSING_MS = 30 * 1000,	/* two SAs made within this time are of both ends' zeal */
	SHORTEST_MS = 60 * 1000,	/* a life that is too short to be renewed */
	KEEP_LAST_MS = 60 * 1000,	/* the last message of phase 1, for duplicates */
	REPLACED_MS = 60 * 1000		/* who was replaced serves what is under way, and goes */
};

static bool has_bytes_left(const struct ike_sa *sa, unsigned percent)
{
	return sa->choice.kilobytes == 0 || sa->used_bytes / 1024 < sa->choice.kilobytes / 100 * percent + sa->choice.kilobytes % 100 * percent / 100;
}

static unsigned soft_percent(const struct ike_sa *sa)
{
	return ISAKMP_SOFT_PERCENT + (sa->is_initiator ? 0 : RESPONDER_LATER_PERCENT);
}

static void expire(struct ike_sa *sa, const char *why)
{
	info_send_delete_sa(sa);
	sa_kill(sa, why);
}

static void live(struct ike *ike, void *arg)
{
	struct ike_sa *sa = arg;
	int64_t next_ms = sa->expires_ms;

	if (ike->now_ms >= sa->expires_ms || !has_bytes_left(sa, 100)) {
		expire(sa, ike->now_ms >= sa->expires_ms ? "its lifetime is over" : "its lifebytes are used up");
		return;
	}
	if (ike->now_ms >= sa->rekey_ms || !has_bytes_left(sa, soft_percent(sa))) {
		phase1_begin_rekey(sa);
		if (next_ms > ike->now_ms + RETRY_MS)
			next_ms = ike->now_ms + RETRY_MS;
	} else if (next_ms > sa->rekey_ms) {
		next_ms = sa->rekey_ms;
	}
	if (!sa->is_dead)
		timer_set(ike, &sa->life, next_ms, live, sa);
}

/* Lifebytes are counted where messages come and go; what follows is done apart from it. */
void phase1_check_bytes(struct ike_sa *sa)
{
	if (sa->life.at != 0 && sa->life.due_ms > sa->ike->now_ms && sa->state == IKE_ESTABLISHED && !has_bytes_left(sa, soft_percent(sa)))
		timer_set(sa->ike, &sa->life, sa->ike->now_ms, live, sa);
	else if (sa->life.at != 0 && sa->life.due_ms > sa->ike->now_ms && !has_bytes_left(sa, 100))
		timer_set(sa->ike, &sa->life, sa->ike->now_ms, live, sa);
}

static void start_life(struct ike_sa *sa)
{
	struct ike *ike = sa->ike;
	const int64_t life_ms = (int64_t)sa->choice.seconds * 1000;
	const int64_t jitter_ms = life_ms / 100 * JITTER_PERCENT < UINT32_MAX ? life_ms / 100 * JITTER_PERCENT : UINT32_MAX - 1;

	sa->since_ms = ike->now_ms;
	sa->expires_ms = ike->now_ms + life_ms;
	sa->rekey_ms = ike->now_ms + life_ms / 100 * soft_percent(sa) - ike_random(ike, (uint32_t)jitter_ms + 1);
	if (life_ms < SHORTEST_MS)	/* nobody means that: it would be renewed without end */
		sa->rekey_ms = sa->expires_ms;
	timer_set(ike, &sa->life, sa->rekey_ms, live, sa);
}

/* ---- two of them */

/* With one CKY-I both are answers to one beginning: the initiator knows which of them it took, and an unused one ends by itself. */
static bool is_same_pair(const struct ike_sa *a, const struct ike_sa *b)
{
	return a != b && !a->is_dead && !b->is_dead && strcmp(a->peer, b->peer) == 0 && memcmp(a->cookies, b->cookies, 8) != 0 &&
	       addr_same(&a->path.local.addr, &b->path.local.addr) && addr_same(&a->path.remote.addr, &b->path.remote.addr) &&
	       a->peer_id.type == b->peer_id.type && bytes_same(a->peer_id.data, b->peer_id.data);
}

static void retire(struct ike_sa *sa)
{
	struct ike *ike = sa->ike;

	sa->state = IKE_DYING;
	timer_stop(ike, &sa->dpd);
	if (sa->expires_ms > ike->now_ms + REPLACED_MS)
		sa->expires_ms = ike->now_ms + REPLACED_MS;
	sa->rekey_ms = sa->expires_ms;
	timer_set(ike, &sa->life, sa->expires_ms, live, sa);
}

/*
 * One of the two goes, and both ends must mean the same: the older; of two that crossed, whose ages the ends may see differently, the one
 * with the lower cookies.
 */
static void supersede(struct ike_sa *young)
{
	struct ike *ike = young->ike;

	for (struct ike_sa *old = sa_first_of_peer(ike, young->peer); old != NULL; old = old->next_of_peer) {
		if ((old->state != IKE_ESTABLISHED && old->state != IKE_DYING) || !is_same_pair(old, young))
			continue;
		ike->counters.phase1_rekeyed += old->state == IKE_DYING;
		if (old->state == IKE_ESTABLISHED && ike->now_ms - old->since_ms < CROSSING_MS &&
		    memcmp(old->cookies, young->cookies, COOKIES_BYTES) > 0) {
			retire(young);
			return;
		}
		retire(old);
	}
}

/* As soon as there is a younger one nothing is to be done. */
void phase1_begin_rekey(struct ike_sa *sa)
{
	struct ike *ike = sa->ike;
	const struct cfg_peer *peer = sa_peer(sa);
	const struct ike_sa *young = sa_established(ike, sa->peer, &sa->path.local.addr, &sa->path.remote.addr);
	char why[MATCH_WHY_BYTES];

	if (sa->is_dead || (sa->state != IKE_ESTABLISHED && sa->state != IKE_DYING) || peer == NULL)
		return;
	if ((young != NULL && young != sa && young->state == IKE_ESTABLISHED) ||
	    sa_larval(ike, sa->peer, &sa->path.local.addr, &sa->path.remote.addr) != NULL) {
		sa->state = IKE_DYING;
		return;
	}
	if (phase1_initiate_on(ike, peer, &sa->path, why) != NULL)
		sa->state = IKE_DYING;
	else
		ike_say(ike, LOG_LEVEL_WARNING, sa->peer, sa, "cannot be renewed: %s", why);
}

/* ---- one that has come to be */

static bool keep_identity(struct ike_sa *sa)
{
	struct blob *said = &sa->phase1->id[theirs(sa)];

	sa->peer_id_bytes = *said;
	*said = (struct blob){ NULL, 0 };
	return v1_get_id(blob_bytes(&sa->peer_id_bytes), &sa->peer_id) == WIRE_OK;
}

/* Who has not asked for it again by then has it. */
static void forget_last(struct ike *ike, void *arg)
{
	struct ike_sa *sa = arg;

	io_close(ike, &sa->io);
}

static void tell_established(struct ike_sa *sa)
{
	char identity[160], algorithms[96];

	auth_id_text(&sa->peer_id, identity, sizeof(identity));
	phase1_choice_text(&sa->choice, algorithms, sizeof(algorithms));
	ike_say(sa->ike, LOG_LEVEL_INFO, sa->peer, sa, "established with %s, %s, %u seconds%s%s", identity, algorithms, sa->choice.seconds,
		sa->nat_local ? ", we are behind a NAT" : "", sa->nat_remote ? ", the peer is behind a NAT" : "");
}

void phase1_establish(struct ike_sa *sa, bool is_initial_contact)
{
	struct ike *ike = sa->ike;

	if (!keep_identity(sa)) {
		sa_kill(sa, "no identity");
		return;
	}
	sa->state = IKE_ESTABLISHED;
	sa->is_proven = true;
	sa->heard_ms = ike->now_ms;
	sa_settled(sa);
	timer_set(ike, &sa->guard, ike->now_ms + KEEP_LAST_MS, forget_last, sa);
	phase1_free(sa->phase1);
	sa->phase1 = NULL;
	natt_float(sa);
	start_life(sa);
	natt_start_keepalive(sa);
	ike->counters.phase1_established++;
	tell_established(sa);
	if (is_initial_contact)
		child_initial_contact(sa);
	supersede(sa);
	want_phase1_ready(sa);
}
