// SPDX-License-Identifier: BSD-2-Clause-Patent
/* An ISAKMP SA's birth and death; and how many of those may be that nobody has proven anything for. */
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "sa/frag.h"
#include "sa/room.h"

enum {
	LARVAL_MS = 30 * 1000,		/* a responder's: honest peers need a few round trips and retransmissions */
	LARVAL_INITIATOR_MS = 90 * 1000,	/* retransmissions end before */
	HALF_OPEN_PER_SOURCE = 16,
	HALF_OPEN_PER_KNOWN_PEER = 32
};

/* ---- birth */

static void grew_old(struct ike *ike, void *arg)
{
	(void)ike;
	sa_kill(arg, "the peer did not finish phase 1 in time");
}

void sa_guard(struct ike_sa *sa)
{
	timer_set(sa->ike, &sa->guard, sa->ike->now_ms + (sa->is_initiator ? LARVAL_INITIATOR_MS : LARVAL_MS), grew_old, sa);
}

/* CKY-I and CKY-R are random and, together, nobody else's (RFC 2408 §2.5.3). */
static bool give_cookie(struct ike_sa *sa, const uint8_t *icookie)
{
	static const uint8_t unknown[8];
	uint8_t *mine = sa->cookies + (icookie != NULL ? 8 : 0);

	if (icookie != NULL)
		memcpy(sa->cookies, icookie, 8);
	do {
		if (!random_bytes(mine, 8))
			return false;
	} while (memcmp(mine, unknown, 8) == 0 || sa_is_taken(sa->ike, sa->cookies));
	return true;
}

static const uint8_t exchange_of[] = { [EXCHANGE_MAIN] = X_MAIN, [EXCHANGE_AGGRESSIVE] = X_AGGRESSIVE, [EXCHANGE_BASE] = X_BASE };

struct ike_sa *sa_open(struct ike *ike, const struct cfg_peer *peer, const struct ike_path *path, const uint8_t *icookie)
{
	struct ike_sa *sa = calloc(1, sizeof(*sa));

	if (sa == NULL)
		return NULL;
	sa->ike = ike;
	if (peer->exchange_mode >= sizeof(exchange_of) || !give_cookie(sa, icookie)) {
		free(sa);
		return NULL;
	}
	sa->id = ike_fresh_id(ike);
	sa->is_initiator = icookie == NULL;
	sa->path = *path;
	sa->exchange = exchange_of[peer->exchange_mode];
	memcpy(sa->peer, peer->name, sizeof(sa->peer));
	sa->io.sa = sa;
	sa->since_ms = ike->now_ms;
	sa->cfg = peer;
	sa_enlist(sa);
	sa_guard(sa);
	return sa;
}

/* ---- half-open */

static void sa_forget(struct ike_sa *sa);

static bool is_known(const struct cfg_peer *peer)
{
	return peer->address.plen == addr_bits(&peer->address.addr);
}

/*
 * A known peer's half-open SAs are few. When there are too many one goes, any one of those that have proven nothing: so a flood with its
 * address shuts the peer out neither for good nor, if it is slow against a round trip, at all.
 */
static void make_way(struct ike *ike, const struct cfg_peer *peer)
{
	struct ike_sa *victim = NULL;
	unsigned n = 0, n_unproven = 0;

	if (ike->known_half_open[sa_hash_source(ike, &peer->address.addr)] < HALF_OPEN_PER_KNOWN_PEER)
		return;
	for (struct ike_sa *sa = ike->sas; sa != NULL; sa = sa->next) {
		if (sa->is_dead || !sa->is_half_open || strcmp(sa->peer, peer->name) != 0)
			continue;
		n++;
		if (!sa->is_proven && ike_random(ike, ++n_unproven) == 0)
			victim = sa;
	}
	if (n >= HALF_OPEN_PER_KNOWN_PEER && victim != NULL)
		sa_forget(victim);
}

/*
 * SEMANTICS class 10. A peer whose address is a single one has its own share, outside all that others can fill. The others share
 * max_half_open; from its half on an early drop grows likely, so that those who retransmit get through a flood; and each source has its limit.
 */
bool half_open_allows(struct ike *ike, const struct cfg_peer *peer, const struct adit_addr *remote, char why[MATCH_WHY_BYTES])
{
	const unsigned half = ike->max_half_open / 2;

	if (is_known(peer)) {
		make_way(ike, peer);
		return true;
	}
	if (ike->half_open_by_source[sa_hash_source(ike, remote)] >= HALF_OPEN_PER_SOURCE) {
		snprintf(why, MATCH_WHY_BYTES, "%u phase 1s of that address are half-open already", HALF_OPEN_PER_SOURCE);
		return false;
	}
	if (ike->n_half_open >= ike->max_half_open ||
	    (ike->n_half_open > half && ike_random(ike, ike->max_half_open - half) < ike->n_half_open - half)) {
		snprintf(why, MATCH_WHY_BYTES, "%u phase 1s are half-open, at most %u may be", ike->n_half_open, ike->max_half_open);
		return false;
	}
	return true;
}

void sa_count_half_open(struct ike_sa *sa)
{
	const struct cfg_peer *peer = sa_peer(sa);
	struct ike *ike = sa->ike;

	sa->is_half_open = true;
	sa->is_known = peer != NULL && is_known(peer);
	sa->half_open_bucket = (uint16_t)sa_hash_source(ike, &sa->path.remote.addr);
	if (sa->is_known) {
		ike->known_half_open[sa->half_open_bucket]++;
		return;
	}
	ike->n_half_open++;
	ike->half_open_by_source[sa->half_open_bucket]++;
}

void sa_settled(struct ike_sa *sa)
{
	struct ike *ike = sa->ike;

	if (!sa->is_half_open)
		return;
	sa->is_half_open = false;
	if (sa->is_known) {
		ike->known_half_open[sa->half_open_bucket]--;
		return;
	}
	ike->n_half_open--;
	ike->half_open_by_source[sa->half_open_bucket]--;
}

/* ---- death */

static void stop_timers(struct ike_sa *sa)
{
	struct timer *const timers[] = { &sa->life, &sa->dpd, &sa->keepalive, &sa->guard };

	for (size_t i = 0; i < sizeof(timers) / sizeof(timers[0]); i++)
		timer_stop(sa->ike, timers[i]);
}

static void end(struct ike_sa *sa)
{
	sa->is_dead = true;
	sa_look_after(sa);
	sa_settled(sa);
	stop_timers(sa);
	io_close(sa->ike, &sa->io);
	for (struct v1_exchange *exchange = sa->exchanges; exchange != NULL; exchange = exchange->next)
		exchange_close(exchange);
}

/* Of one that was hardly there: nobody waits for it, and under a flood nothing is said. */
static void sa_forget(struct ike_sa *sa)
{
	sa->ike->counters.phase1_failed++;
	end(sa);
}

void sa_kill(struct ike_sa *sa, const char *why)
{
	struct ike *ike = sa->ike;

	if (sa->is_dead)
		return;
	end(sa);
	if (sa->is_initiator || sa->is_proven || ike_may_say(ike))
		ike_say(ike, LOG_LEVEL_INFO, sa->peer, sa, "%s: %s", sa->state == IKE_LARVAL ? "failed" : "ended", why);
	if (sa->state == IKE_LARVAL)
		ike->counters.phase1_failed++;
	else
		child_sa_gone(sa, false);
	if ((sa->is_initiator || sa->is_proven) && sa_established(ike, sa->peer, NULL, NULL) == NULL &&
	    sa_larval(ike, sa->peer, NULL, NULL) == NULL && !ike->is_closing)
		want_phase1_failed(ike, sa->peer, why);
}

void sa_free(struct ike_sa *sa)
{
	sa_delist(sa);
	frag_free(sa);
	phase1_free(sa->phase1);
	io_close(sa->ike, &sa->io);
	blob_free(&sa->waiting);
	blob_free(&sa->peer_id_bytes);
	blob_free(&sa->seen_ids);
	ike1_wipe(&sa->keys);
	OPENSSL_cleanse(sa, sizeof(*sa));
	free(sa);
}
