// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * What is to be negotiated: asked for by the card's acquire, by hand, or by a child whose time comes. A want waits for a phase 1, then
 * for its quick mode; one that failed stays for its back-off, so that the card's next acquire does not come before it may succeed.
 */
#include "sa/phase2.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- contacts */

struct contact *contact_of(struct ike *ike, const char *peer, const struct adit_addr *remote, bool make)
{
	struct contact *contact;
	unsigned n = 0;

	for (contact = ike->contacts; contact; contact = contact->next, n++)
		if (strcmp(contact->peer, peer) == 0 && addr_same(&contact->remote, remote))
			return contact;
	contact = make && n < CONTACTS_MOST ? calloc(1, sizeof(*contact)) : NULL;
	if (!contact)
		return NULL;
	(void)snprintf(contact->peer, sizeof(contact->peer), "%s", peer);
	contact->remote = *remote;
	contact->next = ike->contacts;
	ike->contacts = contact;
	return contact;
}

/* 5 s, doubling up to a minute. */
static int64_t back_off(struct want *want)
{
	struct contact *contact = contact_of(want->ike, want->peer, &want->remote, true);
	int64_t wait_ms = BACKOFF_FIRST_MS;

	for (unsigned i = 0; contact && i < contact->n_failures && wait_ms < BACKOFF_MOST_MS; i++)
		wait_ms *= 2;
	wait_ms = wait_ms > BACKOFF_MOST_MS ? BACKOFF_MOST_MS : wait_ms;
	if (contact) {
		contact->n_failures++;
		contact->not_before_ms = want->ike->now_ms + wait_ms;
	}
	return want->ike->now_ms + wait_ms;
}

/* ---- wants */

struct want *want_by_id(struct ike *ike, uint32_t id)
{
	for (struct want *want = id ? ike->wants : NULL; want; want = want->next)
		if (want->id == id && !want->is_dead)
			return want;
	return NULL;
}

struct want *want_for(struct ike *ike, const char *policy, const struct selectors *selectors)
{
	for (struct want *want = ike->wants; want; want = want->next)
		if (!want->is_dead && strcmp(want->name, policy) == 0 && selectors_same(&want->selectors, selectors))
			return want;
	return NULL;
}

static void die(struct want *want)
{
	timer_stop(want->ike, &want->timer);
	want->is_dead = true;
	want->ike->has_dead = want->ike->has_dead_children = true;
}

void want_done(struct want *want)
{
	struct contact *contact = contact_of(want->ike, want->peer, &want->remote, false);

	if (contact)
		contact->n_failures = 0;
	die(want);
}

static void back_off_ends(struct ike *ike, void *arg)
{
	struct want *want = arg;

	die(want);
	if (!want->is_generated)
		ike->calls.unacquire(ike->calls.arg, want->name);
}

void want_failed(struct want *want, const char *why)
{
	struct ike *ike = want->ike;

	if (want->is_dead || want->state == WANT_BACKOFF)
		return;
	ike_say(ike, LOG_LEVEL_WARNING, want->peer, NULL, "policy %s: no SAs: %s", want->name, why);
	if (want->rekeys && child_find(ike, want->rekeys)) {
		die(want);
		child_rekey_failed(ike, want->rekeys);
		return;
	}
	want->state = WANT_BACKOFF;
	want->is_by_hand = false;
	timer_set(ike, &want->timer, back_off(want), back_off_ends, want);
}

static void guard_fires(struct ike *ike, void *arg)
{
	(void)ike;
	want_failed(arg, "no phase 1 came about in time");
}

/* Through what is there, or a new phase 1. */
static void go(struct want *want)
{
	struct ike *ike = want->ike;
	const struct adit_addr *local = want->has_local ? &want->local : NULL;
	const struct cfg_peer *peer = config_peer(ike->config, want->peer);
	struct ike_sa *sa = sa_established(ike, want->peer, local, &want->remote);
	char why[MATCH_WHY_BYTES] = "its peer left the configuration";

	timer_stop(ike, &want->timer);
	if (sa) {
		if (!quick_initiate(sa, want))
			want_failed(want, "the quick mode could not begin");
		return;
	}
	want->state = WANT_PHASE1;
	timer_set(ike, &want->timer, ike->now_ms + WANT_GUARD_MS, guard_fires, want);
	if (sa_larval(ike, want->peer, local, &want->remote))
		return;
	if (peer && !peer->send_initial_contact && !want->is_by_hand)
		want_failed(want, "send_initial_contact is off: the peer has to begin");
	else if (!peer || !phase1_initiate(ike, peer, local, &want->remote, why))
		want_failed(want, why);
}

static struct want *make(struct ike *ike, const struct cfg_policy *rule, const struct selectors *selectors, const char *peer)
{
	struct want *want = calloc(1, sizeof(*want));

	if (!want)
		return NULL;
	want->ike = ike;
	want->id = ike_fresh_id(ike);
	want->rule = *rule;
	memcpy(want->name, rule->name, sizeof(want->name));
	(void)snprintf(want->peer, sizeof(want->peer), "%s", peer);
	want->selectors = *selectors;
	want->next = ike->wants;
	ike->wants = want;
	return want;
}

static bool is_host(const struct prefix *prefix)
{
	return prefix->plen == addr_bits(&prefix->addr);
}

/* Where the policy's SAs end: sa_dst_address, in transport mode the destination, else the peer's one address. */
static bool find_ends(struct want *want, const struct cfg_peer *peer, char why[MATCH_WHY_BYTES])
{
	const struct cfg_policy *rule = &want->rule;

	want->has_local = rule->has_sa_src || (!rule->tunnel && is_host(&rule->src));
	want->local = rule->has_sa_src ? rule->sa_src : rule->src.addr;
	if (rule->has_sa_dst)
		want->remote = rule->sa_dst;
	else if (!rule->tunnel && is_host(&rule->dst))
		want->remote = rule->dst.addr;
	else
		want->remote = peer->address.addr;
	if (rule->has_sa_dst || (!rule->tunnel && is_host(&rule->dst)) || is_host(&peer->address))
		return true;
	(void)snprintf(why, MATCH_WHY_BYTES, "policy %s: neither it nor peer %s says at which address the SAs end", rule->name, peer->name);
	return false;
}

static struct want *join(struct want *want, bool is_by_hand)
{
	if (want->state == WANT_BACKOFF && is_by_hand) {
		want->is_by_hand = true;
		go(want);
	} else {
		want->is_by_hand |= is_by_hand;
	}
	return want;
}

void want_add(struct ike *ike, const struct cfg_policy *policy, uint32_t rekeys, bool is_by_hand, char why[MATCH_WHY_BYTES])
{
	const struct cfg_peer *peer = match_peer_of_policy(ike->config, policy, why);
	struct selectors selectors;
	struct want *want;

	selectors_of(policy, &selectors);
	want = want_for(ike, policy->name, &selectors);
	if (want) {
		(void)join(want, is_by_hand);
		return;
	}
	want = peer ? make(ike, policy, &selectors, peer->name) : NULL;
	if (!want)
		return;
	want->rekeys = rekeys;
	want->is_by_hand = is_by_hand;
	if (find_ends(want, peer, why))
		go(want);
	else
		want_failed(want, why);
}

void want_rekey(struct ike_child *child, bool is_by_hand)
{
	struct want *want = want_for(child->ike, child->spec.policy, &child->selectors);

	if (want) {
		(void)join(want, is_by_hand);
		return;
	}
	want = make(child->ike, &child->spec.rule, &child->selectors, child->peer);
	if (!want)
		return;
	want->rekeys = child->spec.id;
	want->is_generated = child->spec.is_generated;
	want->is_by_hand = is_by_hand;
	want->has_local = true;
	want->local = child->path.local.addr;
	want->remote = child->path.remote.addr;
	go(want);
}

/* ---- phase 1 tells */

static void say_hello(struct ike_sa *sa)
{
	const struct cfg_peer *peer = sa_peer(sa);
	struct contact *contact = contact_of(sa->ike, sa->peer, &sa->path.remote.addr, true);
	bool is_first = contact && !contact->has_said_hello;

	if (contact)
		contact->has_said_hello = true;
	for (const struct ike_child *child = sa->ike->children; child && is_first; child = child->next)
		is_first = !(child_is_live(child) && strcmp(child->peer, sa->peer) == 0 &&
			     addr_same(&child->path.remote.addr, &sa->path.remote.addr));
	if (is_first && peer && peer->send_initial_contact)
		info_send_notify(sa, &(struct v1_notify){ .doi = DOI_IPSEC, .protocol = V1_PROTO_ISAKMP, .type = N_INITIAL_CONTACT,
							  .spi = { sa->cookies, COOKIES_BYTES } });
}

/* Children that another ISAKMP SA of the same peer made are served by this one from now on. */
static void take_over_children(struct ike_sa *sa)
{
	for (struct ike_child *child = sa->ike->children; child; child = child->next)
		if (child_is_live(child) && strcmp(child->peer, sa->peer) == 0 && child->id_type == sa->peer_id.type &&
		    bytes_same(blob_bytes(&child->identity), blob_bytes(&sa->peer_id_bytes)) &&
		    addr_same(&child->path.remote.addr, &sa->path.remote.addr) && addr_same(&child->path.local.addr, &sa->path.local.addr) &&
		    child->path.remote.port == sa->path.remote.port)
			child->sa_id = sa->id;
}

void want_phase1_ready(struct ike_sa *sa)
{
	struct ike *ike = sa->ike;

	take_over_children(sa);
	say_hello(sa);
	dpd_start(sa);
	for (struct want *want = ike->wants; want && !sa->is_dead; want = want->next)
		if (!want->is_dead && want->state != WANT_QUICK && strcmp(want->peer, sa->peer) == 0 &&
		    addr_same(&want->remote, &sa->path.remote.addr) && (!want->has_local || addr_same(&want->local, &sa->path.local.addr))) {
			timer_stop(ike, &want->timer);
			if (!quick_initiate(sa, want))
				want_failed(want, "the quick mode could not begin");
		}
}

void want_phase1_failed(struct ike *ike, const char *peer, const char *why)
{
	for (struct want *want = ike->wants; want; want = want->next)
		if (!want->is_dead && want->state == WANT_PHASE1 && strcmp(want->peer, peer) == 0)
			want_failed(want, why);
}

/* ---- the card tells */

static bool is_served(struct ike *ike, const char *policy)
{
	for (const struct ike_child *child = ike->children; child; child = child->next)
		if (!child->is_dead && child->state != CHILD_HUSK && strcmp(child->spec.policy, policy) == 0 &&
		    (child->state == CHILD_LARVAL || !child->is_deleted_by_peer))
			return true;
	return false;
}

void ike_acquire(struct ike *ike, const char *policy, const struct selectors *packet, int64_t now_ms)
{
	const struct cfg_policy *found = config_policy(ike->config, policy);
	char why[MATCH_WHY_BYTES] = "";

	(void)packet;	/* IKEv1 negotiates the policy's selectors: both ends must have the same */
	advance_to(ike, now_ms);
	ike->counters.acquires++;
	if (found && found->level != ADIT_LEVEL_USE && !found->disabled && found->action == ADIT_ACTION_ENCRYPT && !found->manual_sa[0] &&
	    !is_served(ike, policy)) {	/* level use never asks (SEMANTICS §1.7) */
		want_add(ike, found, 0, false, why);
		if (why[0] && !want_of_policy(ike, policy))
			ike_say(ike, LOG_LEVEL_WARNING, "", NULL, "acquire for policy %s: %s", policy, why);
	}
	ike_reap(ike);
}

struct want *want_of_policy(struct ike *ike, const char *policy)
{
	for (struct want *want = ike->wants; want; want = want->next)
		if (!want->is_dead && strcmp(want->name, policy) == 0)
			return want;
	return NULL;
}

void wants_tick_config(struct ike *ike)
{
	for (struct want *want = ike->wants; want; want = want->next) {
		const struct cfg_policy *policy = config_policy(ike->config, want->name);

		if (want->is_dead || want->is_generated || (policy && policy_same(policy, &want->rule) && config_peer(ike->config, want->peer)))
			continue;
		if (want->state == WANT_QUICK)
			want->rekeys = 0;	/* its child goes with the policy */
		die(want);
	}
}

static void wants_free(struct ike *ike, bool all)
{
	for (struct want **at = &ike->wants; *at;) {
		struct want *want = *at;

		if (!all && !want->is_dead) {
			at = &want->next;
			continue;
		}
		*at = want->next;
		timer_stop(ike, &want->timer);
		free(want);
	}
}

void phase2_reap(struct ike *ike)
{
	if (!ike->has_dead_children)
		return;
	ike->has_dead_children = false;
	children_free(ike, false);
	wants_free(ike, false);
}

void phase2_close(struct ike *ike)
{
	children_free(ike, true);
	wants_free(ike, true);
	while (ike->contacts) {
		struct contact *contact = ike->contacts;

		ike->contacts = contact->next;
		free(contact);
	}
}
