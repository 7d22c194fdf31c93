// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * Children: pairs (or bundles) of SAs, from the keys on. Installed in two steps, the inbound half first; whatever goes wrong takes
 * everything back. The card is never waited for: it answers by ike_child_done(), or a timer says that it did not.
 *
 *   responder   keys -> inbound -> message 2 ...... message 3 -> outbound -> mature
 *   initiator   message 1 ... message 2 -> keys -> inbound -> message 3 -> outbound -> mature
 */
#include "sa/phase2.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

struct ike_child *child_open(struct ike_sa *sa, const struct cfg_policy *rule, bool is_generated, const struct cfg_proposal *proposal,
			     const struct selectors *selectors)
{
	struct ike_child *child = calloc(1, sizeof(*child));

	if (!child)
		return NULL;
	if (!blob_set(&child->identity, blob_bytes(&sa->peer_id_bytes))) {
		free(child);
		return NULL;
	}
	child->ike = sa->ike;
	child->spec.id = ike_fresh_id(sa->ike);
	child->spec.rule = *rule;
	child->spec.is_generated = is_generated;
	memcpy(child->spec.policy, rule->name, sizeof(child->spec.policy));
	child->proposal = *proposal;
	memcpy(child->peer, sa->peer, sizeof(child->peer));
	child->sa_id = child->made_by = sa->id;
	child->path = sa->path;
	child->begun_ms = sa->ike->now_ms;
	child->id_type = sa->peer_id.type;
	child->selectors = *selectors;
	child->next = sa->ike->children;
	sa->ike->children = child;
	child->next_by_id = sa->ike->children_by_id[child->spec.id % IKE_HASH_SIZE];
	sa->ike->children_by_id[child->spec.id % IKE_HASH_SIZE] = child;
	return child;
}

struct ike_child *child_find(struct ike *ike, uint32_t id)
{
	for (struct ike_child *child = id ? ike->children_by_id[id % IKE_HASH_SIZE] : NULL; child; child = child->next_by_id)
		if (child->spec.id == id && !child->is_dead)
			return child;
	return NULL;
}

static void unhash(const struct ike_child *child)
{
	struct ike_child **at = &child->ike->children_by_id[child->spec.id % IKE_HASH_SIZE];

	while (*at && *at != child)
		at = &(*at)->next_by_id;
	if (*at)
		*at = child->next_by_id;
}

void child_tell(const struct ike_child *child, enum log_level level, const char *fmt, ...)
{
	char text[MATCH_WHY_BYTES];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	ike_say(child->ike, level, child->peer, sa_by_id(child->ike, child->sa_id), "policy %s, SPIs %08x in %08x out: %s",
		child->spec.policy, child->spec.sas.sa[SA_IN].spi, child->spec.sas.sa[SA_OUT].spi, text);
}

bool child_is_live(const struct ike_child *child)
{
	return !child->is_dead && !child->is_half && (child->state == CHILD_MATURE || child->state == CHILD_DYING);
}

bool child_is_same_use(const struct ike_child *a, const struct ike_child *b)
{
	return a->id_type == b->id_type && bytes_same(blob_bytes(&a->identity), blob_bytes(&b->identity)) &&
	       strcmp(a->peer, b->peer) == 0 && strcmp(a->spec.policy, b->spec.policy) == 0 && selectors_same(&a->selectors, &b->selectors) &&
	       addr_same(&a->path.remote.addr, &b->path.remote.addr);
}

unsigned child_count_of_peer(const struct ike *ike, const char *peer, const struct adit_addr *remote)
{
	unsigned n = 0;

	for (const struct ike_child *child = ike->children; child; child = child->next)
		n += !child->is_dead && child->state != CHILD_HUSK && strcmp(child->peer, peer) == 0 &&
		     addr_same(&child->path.remote.addr, remote);
	return n;
}

unsigned child_count(const struct ike_sa *sa)
{
	unsigned n = 0;

	for (const struct ike_child *child = sa->ike->children; child; child = child->next)
		n += child->sa_id == sa->id && !child->is_dead && child->inbound == SIDE_DONE;
	return n;
}

/* The ISAKMP SA through which the peer can be told something about this child. */
struct ike_sa *child_sa(const struct ike_child *child)
{
	struct ike_sa *sa = sa_by_id(child->ike, child->sa_id);

	if (sa && !sa->is_dead && (sa->state == IKE_ESTABLISHED || sa->state == IKE_DYING))
		return sa;
	return sa_established(child->ike, child->peer, &child->path.local.addr, &child->path.remote.addr);
}

uint32_t child_fresh_spi(struct ike *ike)
{
	uint32_t spi = 0;

	for (unsigned tries = 0; tries < 100; tries++) {
		const struct ike_child *child = ike->children;

		if (!random_bytes(&spi, sizeof(spi)))
			return 0;
		while (child && spi != child->spec.sas.sa[SA_IN].spi && spi != child->spec.sas.sa[SA_AH_IN].spi)
			child = child->next;
		if (!child && spi >= 0x1000)	/* below: manual keys' (RFC 2407 §4.6.1 reserves up to 255) */
			return spi;
	}
	return 0;
}

/* ---- installation */

static enum child_side *side_of(struct ike_child *child, enum child_stage stage)
{
	return stage == CHILD_INBOUND ? &child->inbound : &child->outbound;
}

static void install_failed(struct ike_child *child, enum child_stage stage, int status)
{
	char why[96];

	(void)snprintf(why, sizeof(why), "the card did not take the %s SAs: %s", stage == CHILD_INBOUND ? "inbound" : "outbound", strerror(-status));
	child->ike->counters.install_failures++;
	if (child->quick)
		quick_refuse(child->quick, stage == CHILD_INBOUND && !child->is_initiator ? N_NO_PROPOSAL_CHOSEN : 0, "%s", why);
	else
		child_give_up(child, why);
}

static void install_is_late(struct ike *ike, void *arg)
{
	struct ike_child *child = arg;

	(void)ike;
	install_failed(child, child->outbound == SIDE_ASKED ? CHILD_OUTBOUND : CHILD_INBOUND, -ETIMEDOUT);
}

void child_install(struct ike_child *child, enum child_stage stage)
{
	struct ike *ike = child->ike;

	*side_of(child, stage) = SIDE_ASKED;
	timer_set(ike, &child->step, ike->now_ms + INSTALL_LIMIT_MS, install_is_late, child);
	ike->calls.install(ike->calls.arg, &child->spec, stage);
}

static void become_mature(struct ike_child *child)
{
	struct ike *ike = child->ike;
	struct quick *quick = child->quick;
	struct want *own = want_by_id(ike, child->want), *other = want_for(ike, child->spec.policy, &child->selectors);

	child->state = CHILD_MATURE;
	child->order = ++ike->last_id;
	child->since_ms = ike->now_ms;
	ike->counters.phase2_established++;
	child_tell(child, LOG_LEVEL_INFO, "established, %us%s", child->seconds, child->is_initiator ? ", initiator" : ", responder");
	if (quick) {
		quick_let_go(quick);
		if (!child->is_initiator)
			exchange_close(quick->exchange);
	}
	if (own)
		want_done(own);
	if (other && other != own && other->state != WANT_QUICK)	/* the peer was faster */
		want_done(other);
	child_start_life(child);
	child_replace_others(child);
}

void ike_child_done(struct ike *ike, uint32_t child_id, enum child_stage stage, int status, int64_t now_ms)
{
	struct ike_child *child = child_find(ike, child_id);

	advance_to(ike, now_ms);
	if (!child || child->state != CHILD_LARVAL || *side_of(child, stage) != SIDE_ASKED)
		return;	/* too late: it was taken out again meanwhile */
	timer_stop(ike, &child->step);
	if (status != 0) {
		install_failed(child, stage, status);
	} else {
		*side_of(child, stage) = SIDE_DONE;
		if (stage == CHILD_OUTBOUND)
			become_mature(child);
		else if (child->quick)
			quick_inbound_ready(child->quick);
	}
	ike_reap(ike);
}

/* ---- ends */

static void send_deletes(const struct ike_child *child)
{
	struct ike_sa *sa = child_sa(child);

	for (unsigned side = SA_IN; sa && side < child->spec.sas.n; side += 2)
		info_send_delete_child(sa, v1_protocol_of(child->spec.sas.sa[side].proto), child->spec.sas.sa[side].spi);
}

static void take_out(struct ike_child *child)
{
	struct ike *ike = child->ike;

	timer_stop(ike, &child->soft);
	timer_stop(ike, &child->hard);
	timer_stop(ike, &child->step);
	if (child->inbound != SIDE_NONE || child->outbound != SIDE_NONE)
		ike->calls.remove(ike->calls.arg, child->spec.id);
	child->inbound = child->outbound = SIDE_NONE;
	for (unsigned side = 0; side < SA_SIDES; side++) {	/* SPIs and algorithms stay, for people */
		OPENSSL_cleanse(child->spec.sas.sa[side].enc_key, sizeof(child->spec.sas.sa[side].enc_key));
		OPENSSL_cleanse(child->spec.sas.sa[side].auth_key, sizeof(child->spec.sas.sa[side].auth_key));
		OPENSSL_cleanse(child->spec.sas.sa[side].salt, sizeof(child->spec.sas.sa[side].salt));
	}
}

static void die(struct ike_child *child)
{
	child->is_dead = true;
	child->ike->has_dead = child->ike->has_dead_children = true;
}

void child_give_up(struct ike_child *child, const char *why)
{
	struct ike *ike = child->ike;
	struct quick *quick = child->quick;
	struct want *want = want_by_id(ike, child->want);
	uint32_t replaces = child->replaces;

	if (child->is_dead || child->is_half)
		return;
	ike->counters.phase2_failed++;
	child_tell(child, LOG_LEVEL_WARNING, "not established: %s", why);
	child->is_half = true;
	if (child->outbound == SIDE_ASKED && child->may_peer_have) {	/* the peer may send already: that is still received */
		child_delete_softly(child);
	} else {
		if (child->may_peer_have)
			send_deletes(child);
		take_out(child);
		die(child);
	}
	if (quick)
		quick->child = NULL;
	child->quick = NULL;
	if (want)
		want_failed(want, why);
	else if (replaces)
		child_rekey_failed(ike, replaces);
	else if (!want_for(ike, child->spec.policy, &child->selectors) && !child->spec.is_generated)
		ike->calls.unacquire(ike->calls.arg, child->spec.policy);	/* an acquire may have counted on it */
}

void child_remove(struct ike_child *child, bool is_told, const char *why)
{
	if (child->is_dead || child->state == CHILD_HUSK)
		return;
	if (child->state == CHILD_LARVAL) {
		if (child->quick && is_told)
			quick_withdraw(child->quick);
		if (child->quick)
			quick_refuse(child->quick, 0, "%s", why);
		else
			child_give_up(child, why);
		return;
	}
	child_tell(child, LOG_LEVEL_INFO, "removed: %s", why);
	if (is_told)
		send_deletes(child);
	take_out(child);
	die(child);
	child_revive_others(child);
}

static void husk_ends(struct ike *ike, void *arg)
{
	(void)ike;
	die(arg);
}

/* Hard: out of the card, and shown as expired for a while. */
void child_expire(struct ike_child *child, const char *why)
{
	struct ike *ike = child->ike;
	bool is_in_use = child->use.out_packets > 0 && child->state == CHILD_MATURE;
	const struct cfg_policy *policy = config_policy(ike->config, child->spec.policy);
	char refused[MATCH_WHY_BYTES];

	child_tell(child, LOG_LEVEL_INFO, "expired: %s", why);
	send_deletes(child);
	take_out(child);
	child->state = CHILD_HUSK;
	child_revive_others(child);
	timer_set(ike, &child->step, ike->now_ms + HUSK_MS, husk_ends, child);
	if (is_in_use && policy && policy_same(policy, &child->spec.rule))
		want_add(ike, policy, 0, false, refused);
}

/* ---- what others tell of */

void child_sa_gone(struct ike_sa *sa, bool with_children)
{
	struct ike *ike = sa->ike;

	for (struct ike_child *child = ike->children; child; child = child->next) {
		if (child->is_dead || child->state == CHILD_HUSK || child->sa_id != sa->id)
			continue;
		if (child->state == CHILD_LARVAL && child->outbound != SIDE_ASKED)
			child_remove(child, false, "its ISAKMP SA is gone");
		else if (with_children)
			child_remove(child, false, "its peer is gone");
	}
}

static bool is_same_identity(const struct ike_child *child, const struct ike_sa *sa)
{
	return child->id_type == sa->peer_id.type && bytes_same(blob_bytes(&child->identity), blob_bytes(&sa->peer_id_bytes));
}

/* SEMANTICS §1.6: by identity and both addresses; what came by this SA, or later, stays. */
void child_initial_contact(struct ike_sa *sa)
{
	struct ike *ike = sa->ike;

	for (struct ike_child *child = ike->children; child; child = child->next)
		if (child_is_live(child) && child->made_by != sa->id && child->since_ms <= sa->since_ms && is_same_identity(child, sa) &&
		    addr_same(&child->path.remote.addr, &sa->path.remote.addr) && addr_same(&child->path.local.addr, &sa->path.local.addr) &&
		    strcmp(child->peer, sa->peer) == 0)
			child_remove(child, false, "the peer began anew (INITIAL-CONTACT)");
	for (struct ike_sa *old = ike->sas; old; old = old->next)
		if (old != sa && !old->is_dead && old->since_ms <= sa->since_ms && old->id < sa->id &&
		    (old->state == IKE_ESTABLISHED || old->state == IKE_DYING) && strcmp(old->peer, sa->peer) == 0 &&
		    old->peer_id.type == sa->peer_id.type && bytes_same(blob_bytes(&old->peer_id_bytes), blob_bytes(&sa->peer_id_bytes)) &&
		    addr_same(&old->path.remote.addr, &sa->path.remote.addr) && addr_same(&old->path.local.addr, &sa->path.local.addr))
			sa_kill(old, "the peer began anew (INITIAL-CONTACT)");
}

/* Policies that went or changed take their SAs with them; the rest is not touched. */
void children_tick_config(struct ike *ike)
{
	for (struct ike_child *child = ike->children; child; child = child->next) {
		const struct cfg_policy *policy = config_policy(ike->config, child->spec.policy);
		const struct cfg_proposal *proposal = config_proposal(ike->config, child->spec.rule.proposal);
		const struct cfg_peer *peer = config_peer(ike->config, child->peer);
		bool stays;

		if (child->is_dead || child->state == CHILD_HUSK)
			continue;
		stays = peer && proposal && proposal_same(proposal, &child->proposal);
		stays = stays && (child->spec.is_generated ? peer->generate_policy : policy && policy_same(policy, &child->spec.rule));
		if (!stays)
			child_remove(child, true, "its policy left the configuration or changed");
	}
	wants_tick_config(ike);
}

/* The ISAKMP SAs' own Deletes come after these. */
void child_close_all(struct ike *ike, bool say_goodbye, bool remove)
{
	for (struct ike_child *child = ike->children; child; child = child->next) {
		if (child->is_dead)
			continue;
		if (say_goodbye && child_is_live(child))
			send_deletes(child);
		if (!remove && child_is_live(child))
			child->inbound = child->outbound = SIDE_NONE;	/* left in the card */
		if (child->quick)
			child->quick->child = NULL;
		child->quick = NULL;
		take_out(child);
		die(child);
	}
}

/* ---- memory */

static void free_child(struct ike_child *child)
{
	timer_stop(child->ike, &child->soft);
	timer_stop(child->ike, &child->hard);
	timer_stop(child->ike, &child->step);
	unhash(child);
	blob_free(&child->identity);
	OPENSSL_cleanse(child, sizeof(*child));
	free(child);
}

void children_free(struct ike *ike, bool all)
{
	for (struct ike_child **at = &ike->children; *at;) {
		struct ike_child *child = *at;

		if (!all && !child->is_dead) {
			at = &child->next;
			continue;
		}
		*at = child->next;
		if (child->quick)
			child->quick->child = NULL;
		free_child(child);
	}
}
