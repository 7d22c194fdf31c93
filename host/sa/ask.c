// SPDX-License-Identifier: BSD-2-Clause-Patent
/* What people ask of children and peers, and what they see of children. */
#include "sa/phase2.h"

#include <stdio.h>
#include <string.h>

static bool is_policy_of(const struct ike *ike, const struct cfg_policy *policy, const struct cfg_peer *peer)
{
	char why[MATCH_WHY_BYTES];

	return policy->action == ADIT_ACTION_ENCRYPT && !policy->disabled && !policy->is_template && !policy->manual_sa[0] &&
	       match_peer_of_policy(ike->config, policy, why) == peer;
}

static bool has_child(const struct ike *ike, const char *policy)
{
	for (const struct ike_child *child = ike->children; child; child = child->next)
		if (child_is_live(child) && strcmp(child->spec.policy, policy) == 0)
			return true;
	return false;
}

/* @return whether it is there or on its way */
static bool initiate_policy(struct ike *ike, const struct cfg_policy *policy, char why[MATCH_WHY_BYTES])
{
	const struct want *want;

	if (has_child(ike, policy->name))
		return true;
	want_add(ike, policy, 0, true, why);
	want = want_of_policy(ike, policy->name);
	if (want && want->state != WANT_BACKOFF)
		why[0] = '\0';
	else if (!why[0])
		(void)snprintf(why, MATCH_WHY_BYTES, "policy %s: the log says why", policy->name);
	return want && want->state != WANT_BACKOFF;
}

static unsigned initiate_peer(struct ike *ike, const struct cfg_peer *peer, char why[MATCH_WHY_BYTES])
{
	unsigned n = 0, n_policies = 0;

	for (size_t i = 0; i < ike->config->n_policies; i++)
		if (is_policy_of(ike, &ike->config->policies[i], peer)) {
			n_policies++;
			n += initiate_policy(ike, &ike->config->policies[i], why);
		}
	if (n_policies > 0)
		return n;
	if (sa_established(ike, peer->name, NULL, &peer->address.addr) || sa_larval(ike, peer->name, NULL, &peer->address.addr))
		return 1;
	if (peer->address.plen != addr_bits(&peer->address.addr)) {
		(void)snprintf(why, MATCH_WHY_BYTES, "peer %s has no single address", peer->name);
		return 0;
	}
	return phase1_initiate(ike, peer, NULL, &peer->address.addr, why) != NULL;
}

unsigned ike_initiate(struct ike *ike, const char *name, int64_t now_ms, char why[MATCH_WHY_BYTES])
{
	const struct cfg_policy *policy = config_policy(ike->config, name);
	const struct cfg_peer *peer = config_peer(ike->config, name);
	unsigned n = 0;

	advance_to(ike, now_ms);
	why[0] = '\0';
	if (!policy && !peer)
		(void)snprintf(why, MATCH_WHY_BYTES, "%.64s is neither a policy nor a peer", name);
	else if (policy && (policy->action != ADIT_ACTION_ENCRYPT || policy->disabled || policy->is_template || policy->manual_sa[0]))
		(void)snprintf(why, MATCH_WHY_BYTES, "policy %s has no keys of IKE", policy->name);
	else
		n = policy ? initiate_policy(ike, policy, why) : initiate_peer(ike, peer, why);
	ike_reap(ike);
	return n;
}

static void end_wants(struct ike *ike, const char *name, bool is_peer)
{
	for (struct want *want = ike->wants; want; want = want->next)
		if (!want->is_dead && want->state != WANT_QUICK && strcmp(is_peer ? want->peer : want->name, name) == 0)
			want_done(want);
}

static unsigned end_sas(struct ike *ike, const char *peer)
{
	unsigned n = 0;

	for (struct ike_sa *sa = ike->sas; sa; sa = sa->next) {
		struct contact *contact;

		if (sa->is_dead || strcmp(sa->peer, peer) != 0)
			continue;
		contact = contact_of(ike, peer, &sa->path.remote.addr, false);
		if (contact)
			contact->has_said_hello = false;
		if (sa->state == IKE_ESTABLISHED || sa->state == IKE_DYING)
			info_send_delete_sa(sa);
		n += sa->state != IKE_EXPIRED;
		sa_kill(sa, "terminated by hand");
	}
	return n;
}

unsigned ike_terminate(struct ike *ike, const char *name, int64_t now_ms)
{
	unsigned n = 0;

	advance_to(ike, now_ms);
	end_wants(ike, name, false);
	end_wants(ike, name, true);
	for (struct ike_child *child = ike->children; child; child = child->next)
		if (!child->is_dead && (strcmp(child->spec.policy, name) == 0 || strcmp(child->peer, name) == 0)) {
			n += child->state != CHILD_HUSK;
			child_remove(child, true, "terminated by hand");
		}
	n += end_sas(ike, name);
	ike_reap(ike);
	return n;
}

unsigned ike_rekey(struct ike *ike, const char *name, bool phase1_too, int64_t now_ms)
{
	unsigned n = 0;

	advance_to(ike, now_ms);
	for (struct ike_child *child = ike->children; child; child = child->next)
		if (child_is_live(child) && child->state == CHILD_MATURE && !child->is_redundant &&
		    (strcmp(child->spec.policy, name) == 0 || strcmp(child->peer, name) == 0)) {
			child_rekey(child, true);
			n++;
		}
	for (struct ike_sa *sa = ike->sas; sa && phase1_too; sa = sa->next)
		if (!sa->is_dead && sa->state == IKE_ESTABLISHED && strcmp(sa->peer, name) == 0) {
			phase1_begin_rekey(sa);
			n++;
		}
	ike_reap(ike);
	return n;
}

/* ---- views */

const char *ike_ph2_state(const struct ike *ike, const char *policy)
{
	const char *state = "no-phase2";

	for (const struct ike_child *child = ike->children; child; child = child->next) {
		if (child->is_dead || strcmp(child->spec.policy, policy) != 0)
			continue;
		if (child_is_live(child))
			return "established";
		if (child->state == CHILD_HUSK)
			state = "expired";
	}
	return state;
}

void ike_each_child(const struct ike *ike, void (*each)(void *arg, const struct ike_child_view *view), void *arg)
{
	static const char *const states[] = { [CHILD_LARVAL] = "larval", [CHILD_MATURE] = "mature", [CHILD_DYING] = "dying",
					      [CHILD_HUSK] = "dead" };

	for (const struct ike_child *child = ike->children; child; child = child->next) {
		struct ike_child_view view = { .id = child->spec.id, .ike_id = child->sa_id, .state = states[child->state],
			.is_generated = child->spec.is_generated, .is_initiator = child->is_initiator, .pfs = child->pfs,
			.selectors = child->selectors, .spi_in = child->spec.sas.sa[SA_IN].spi, .spi_out = child->spec.sas.sa[SA_OUT].spi,
			.since_ms = child->since_ms, .soft_ms = child->soft_ms, .hard_ms = child->hard_ms, .use = child->use };

		if (child->is_dead)
			continue;
		memcpy(view.policy, child->spec.policy, sizeof(view.policy));
		memcpy(view.peer, child->peer, sizeof(view.peer));
		each(arg, &view);
	}
}
