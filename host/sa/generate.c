// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * generate_policy (the seed manual; SEMANTICS §1.3): a responder makes the policy that its peer asks for, if the configuration lets it;
 * it lives as long as the SAs. With policy_template only within the selectors of that policy, and with its proposal, level and priority.
 */
#include "sa/phase2.h"

#include <stdio.h>
#include <string.h>

static struct cfg_ports port_of(uint16_t port)
{
	return port ? (struct cfg_ports){ .lo = port, .hi = port } : (struct cfg_ports){ .any = true, .hi = 0xffff };
}

/* The same peer asked for the same before: its rule serves this child too. */
static const struct ike_child *find_before(const struct ike_sa *sa, const struct selectors *wanted, bool is_tunnel)
{
	for (const struct ike_child *child = sa->ike->children; child; child = child->next)
		if (child->spec.is_generated && !child->is_dead && child->state != CHILD_HUSK && strcmp(child->peer, sa->peer) == 0 &&
		    addr_same(&child->path.remote.addr, &sa->path.remote.addr) && child->spec.rule.tunnel == is_tunnel &&
		    selectors_same(&child->selectors, wanted))
			return child;
	return NULL;
}

static void say_protocols(const struct v1_sa *theirs, struct cfg_policy *out)
{
	out->esp = out->ah = false;
	for (unsigned i = 0; i < theirs->n_proposals && theirs->proposals[i].number == theirs->proposals[0].number; i++) {
		out->esp |= theirs->proposals[i].protocol == V1_PROTO_ESP;
		out->ah |= theirs->proposals[i].protocol == V1_PROTO_AH;
	}
}

static bool is_in_template(const struct cfg_policy *template, const struct selectors *wanted, bool is_tunnel, char why[MATCH_WHY_BYTES])
{
	struct selectors allowed;
	char text[160];

	selectors_of(template, &allowed);
	if (template->tunnel != is_tunnel) {
		(void)snprintf(why, MATCH_WHY_BYTES, "template %s: %s mode, ours %s", template->name, is_tunnel ? "tunnel" : "transport",
			       template->tunnel ? "tunnel" : "transport");
		return false;
	}
	if (selectors_within(wanted, &allowed))
		return true;
	selectors_text(wanted, text, sizeof(text));
	(void)snprintf(why, MATCH_WHY_BYTES, "template %s does not hold %s", template->name, text);
	return false;
}

bool policy_generate(const struct ike_sa *sa, const struct selectors *wanted, bool is_tunnel, const struct v1_sa *theirs,
		     struct cfg_policy *out, char why[MATCH_WHY_BYTES])
{
	const struct cfg_peer *peer = sa_peer(sa);
	const struct cfg_policy *template = peer->policy_template[0] ? config_policy(sa->ike->config, peer->policy_template) : NULL;
	const struct ike_child *before = find_before(sa, wanted, is_tunnel);

	if (peer->policy_template[0] && !template) {
		(void)snprintf(why, MATCH_WHY_BYTES, "peer %s: no template %s", peer->name, peer->policy_template);
		return false;
	}
	if (template && !is_in_template(template, wanted, is_tunnel, why))
		return false;
	if (before) {
		*out = before->spec.rule;
		return true;
	}
	memset(out, 0, sizeof(*out));
	if (template)
		*out = *template;
	else
		*out = (struct cfg_policy){ .level = ADIT_LEVEL_REQUIRE, .proposal = "default" };
	out->is_template = out->disabled = false;
	out->action = ADIT_ACTION_ENCRYPT;
	if (out->level == ADIT_LEVEL_USE)
		out->level = ADIT_LEVEL_REQUIRE;
	(void)snprintf(out->name, sizeof(out->name), "*%.40s.%u", peer->name, ike_fresh_id(sa->ike));	/* no name may begin so */
	out->src = wanted->src;
	out->dst = wanted->dst;
	out->proto = wanted->proto;
	out->sport = port_of(wanted->sport);
	out->dport = port_of(wanted->dport);
	out->sa_src = sa->path.local.addr;
	out->sa_dst = sa->path.remote.addr;
	out->has_sa_src = out->has_sa_dst = true;
	out->tunnel = is_tunnel;
	if (!template)
		say_protocols(theirs, out);
	return true;
}

static bool prefix_same(const struct prefix *a, const struct prefix *b)
{
	return a->plen == b->plen && addr_same(&a->addr, &b->addr);
}

static bool ports_same(const struct cfg_ports *a, const struct cfg_ports *b)
{
	return a->any == b->any && a->opaque == b->opaque && a->lo == b->lo && a->hi == b->hi;
}

static bool end_same(bool has_a, const struct adit_addr *a, bool has_b, const struct adit_addr *b)
{
	return has_a == has_b && (!has_a || addr_same(a, b));
}

bool policy_same(const struct cfg_policy *a, const struct cfg_policy *b)
{
	return prefix_same(&a->src, &b->src) && prefix_same(&a->dst, &b->dst) && a->proto == b->proto && ports_same(&a->sport, &b->sport) &&
	       ports_same(&a->dport, &b->dport) && end_same(a->has_sa_src, &a->sa_src, b->has_sa_src, &b->sa_src) &&
	       end_same(a->has_sa_dst, &a->sa_dst, b->has_sa_dst, &b->sa_dst) && a->tunnel == b->tunnel && a->disabled == b->disabled &&
	       a->is_template == b->is_template && a->action == b->action && a->level == b->level && a->esp == b->esp && a->ah == b->ah &&
	       strcmp(a->proposal, b->proposal) == 0 && strcmp(a->manual_sa, b->manual_sa) == 0 && a->priority == b->priority;
}

bool proposal_same(const struct cfg_proposal *a, const struct cfg_proposal *b)
{
	return a->n_auths == b->n_auths && a->n_encs == b->n_encs && memcmp(a->auths, b->auths, a->n_auths) == 0 &&
	       memcmp(a->encs, b->encs, a->n_encs) == 0 && memcmp(a->icvs, b->icvs, a->n_encs) == 0 &&
	       a->lifetime_seconds == b->lifetime_seconds && a->lifetime_bytes == b->lifetime_bytes && a->esn == b->esn &&
	       a->replay_packets == b->replay_packets && a->pfs == b->pfs;
}
