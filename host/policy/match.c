// SPDX-License-Identifier: BSD-2-Clause-Patent
#include "policy/match.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* ---- peers */

const struct cfg_peer *match_peer(const struct config *config, const struct adit_addr *addr, char why[MATCH_WHY_BYTES])
{
	const struct cfg_peer *best = NULL;
	char text[ADDR_TEXT_BYTES];
	unsigned n = 0;

	for (size_t i = 0; i < config->n_peers; i++) {
		const struct cfg_peer *peer = &config->peers[i];

		if (!prefix_holds(&peer->address, addr))
			continue;
		n++;
		if (!best || peer->address.plen > best->address.plen)
			best = peer;
	}
	if (!best)
		(void)snprintf(why, MATCH_WHY_BYTES, "no peer's address holds %s", addr_put(addr, text));
	else if (n == 1)
		(void)snprintf(why, MATCH_WHY_BYTES, "peer %s: %s is the only one that matches", best->name,
			       prefix_put(&best->address, text));
	else
		(void)snprintf(why, MATCH_WHY_BYTES, "peer %s: %s is the most specific of %u that match", best->name,
			       prefix_put(&best->address, text), n);
	return best;
}

const struct cfg_peer *match_peer_of_policy(const struct config *config, const struct cfg_policy *policy, char why[MATCH_WHY_BYTES])
{
	if (policy->has_sa_dst)
		return match_peer(config, &policy->sa_dst, why);
	(void)snprintf(why, MATCH_WHY_BYTES, "policy %s has no sa_dst_address", policy->name);
	return NULL;
}

/* ---- selectors */

static uint16_t single_port(const struct cfg_ports *ports)
{
	return ports->any || ports->opaque || ports->lo != ports->hi ? 0 : ports->lo;
}

void selectors_of(const struct cfg_policy *policy, struct selectors *out)
{
	*out = (struct selectors){
		.src = policy->src, .dst = policy->dst, .proto = policy->proto,
		.sport = single_port(&policy->sport), .dport = single_port(&policy->dport)
	};
}

static bool prefix_same(const struct prefix *a, const struct prefix *b)
{
	return a->plen == b->plen && addr_same(&a->addr, &b->addr);
}

bool selectors_same(const struct selectors *a, const struct selectors *b)
{
	return prefix_same(&a->src, &b->src) && prefix_same(&a->dst, &b->dst) && a->proto == b->proto && a->sport == b->sport &&
	       a->dport == b->dport;
}

static bool prefix_within(const struct prefix *inner, const struct prefix *outer)
{
	return inner->plen >= outer->plen && prefix_holds(outer, &inner->addr);
}

bool selectors_within(const struct selectors *inner, const struct selectors *outer)
{
	return prefix_within(&inner->src, &outer->src) && prefix_within(&inner->dst, &outer->dst) &&
	       (outer->proto < 0 || inner->proto == outer->proto) && (outer->sport == 0 || inner->sport == outer->sport) &&
	       (outer->dport == 0 || inner->dport == outer->dport);
}

static const char *proto_text(int proto, char out[16])
{
	const char *word = word_put(words_proto, proto);

	if (word)
		return word;
	(void)snprintf(out, 16, "protocol %d", proto);
	return out;
}

static void ports_text(const struct selectors *selectors, char out[32])
{
	out[0] = 0;
	if (selectors->sport && selectors->dport)
		(void)snprintf(out, 32, " %u -> %u", selectors->sport, selectors->dport);
	else if (selectors->sport)
		(void)snprintf(out, 32, " %u -> any", selectors->sport);
	else if (selectors->dport)
		(void)snprintf(out, 32, " %u", selectors->dport);
}

void selectors_text(const struct selectors *selectors, char *out, size_t out_bytes)
{
	char src[ADDR_TEXT_BYTES], dst[ADDR_TEXT_BYTES], proto[16], ports[32];
	bool is_all = selectors->proto < 0 && !selectors->sport && !selectors->dport;

	ports_text(selectors, ports);
	(void)snprintf(out, out_bytes, "%s -> %s%s%s%s", prefix_put(&selectors->src, src), prefix_put(&selectors->dst, dst),
		       is_all ? "" : " ", is_all ? "" : proto_text(selectors->proto, proto), ports);
}

/* ---- policies */

struct wish {
	const struct selectors *selectors;
	bool is_tunnel;
	const struct adit_addr *local, *remote;
};

/* What keeps a policy from being meant: how much of it, and the first thing in words. */
struct miss {
	unsigned n;
	char text[144];
};

__attribute__((format(printf, 2, 3))) static void add_miss(struct miss *miss, const char *fmt, ...)
{
	va_list args;

	if (miss->n++)
		return;
	va_start(args, fmt);
	(void)vsnprintf(miss->text, sizeof(miss->text), fmt, args);
	va_end(args);
}

static void compare_prefix(struct miss *miss, const char *what, const struct prefix *theirs, const struct prefix *ours)
{
	char their_text[ADDR_TEXT_BYTES], our_text[ADDR_TEXT_BYTES];

	if (!prefix_same(theirs, ours))
		add_miss(miss, "%s %s, ours %s", what, prefix_put(theirs, their_text), prefix_put(ours, our_text));
}

static void compare_end(struct miss *miss, const char *what, const struct adit_addr *theirs, bool has_ours, const struct adit_addr *ours)
{
	char their_text[ADDR_TEXT_BYTES], our_text[ADDR_TEXT_BYTES];

	if (has_ours && !addr_same(theirs, ours))
		add_miss(miss, "%s %s, ours %s", what, addr_put(theirs, their_text), addr_put(ours, our_text));
}

static void compare_port(struct miss *miss, const char *what, uint16_t theirs, uint16_t ours)
{
	if (theirs != ours)
		add_miss(miss, "%s %u, ours %u (0: any)", what, theirs, ours);
}

static void compare(const struct cfg_policy *policy, const struct wish *wish, struct miss *miss)
{
	char their_proto[16], our_proto[16];
	struct selectors ours;

	selectors_of(policy, &ours);
	*miss = (struct miss){ .n = 0 };
	compare_prefix(miss, "src_address", &wish->selectors->src, &ours.src);
	compare_prefix(miss, "dst_address", &wish->selectors->dst, &ours.dst);
	if (wish->selectors->proto != ours.proto)
		add_miss(miss, "protocol %s, ours %s", proto_text(wish->selectors->proto, their_proto), proto_text(ours.proto, our_proto));
	compare_port(miss, "src_port", wish->selectors->sport, ours.sport);
	compare_port(miss, "dst_port", wish->selectors->dport, ours.dport);
	if (wish->is_tunnel != policy->tunnel)
		add_miss(miss, "mode %s, ours %s", wish->is_tunnel ? "tunnel" : "transport", policy->tunnel ? "tunnel" : "transport");
	compare_end(miss, "sa_src_address", wish->local, policy->has_sa_src, &policy->sa_src);
	compare_end(miss, "sa_dst_address", wish->remote, policy->has_sa_dst, &policy->sa_dst);
	if (policy->disabled)
		add_miss(miss, "it is disabled");
	if (policy->action != ADIT_ACTION_ENCRYPT)
		add_miss(miss, "its action is %s", word_put(words_action, (int)policy->action));
	if (policy->manual_sa[0])
		add_miss(miss, "its keys are those of manual_sa %s", policy->manual_sa);
}

/* As compare() without a miss, and without words: most policies are others'. */
static bool is_meant(const struct cfg_policy *policy, const struct wish *wish)
{
	struct selectors ours;

	if (policy->is_template || policy->disabled || policy->action != ADIT_ACTION_ENCRYPT || policy->manual_sa[0] ||
	    policy->tunnel != wish->is_tunnel)
		return false;
	selectors_of(policy, &ours);
	return selectors_same(wish->selectors, &ours) && (!policy->has_sa_src || addr_same(wish->local, &policy->sa_src)) &&
	       (!policy->has_sa_dst || addr_same(wish->remote, &policy->sa_dst));
}

static void tell_nearest(const struct config *config, const struct wish *wish, char why[MATCH_WHY_BYTES])
{
	const struct cfg_policy *nearest = NULL;
	struct miss miss, least = { .n = 0 };

	for (size_t i = 0; i < config->n_policies; i++) {
		if (config->policies[i].is_template)
			continue;
		compare(&config->policies[i], wish, &miss);
		if (!nearest || miss.n < least.n) {
			nearest = &config->policies[i];
			least = miss;
		}
	}
	if (nearest)
		(void)snprintf(why, MATCH_WHY_BYTES, "no policy is meant; nearest is %s: %s", nearest->name, least.text);
	else
		(void)snprintf(why, MATCH_WHY_BYTES, "no policy is meant: there is none");
}

const struct cfg_policy *match_policy(const struct config *config, const struct selectors *wanted, bool is_tunnel,
				      const struct adit_addr *local, const struct adit_addr *remote, char why[MATCH_WHY_BYTES])
{
	const struct wish wish = { wanted, is_tunnel, local, remote };
	const struct cfg_policy *best = NULL;

	for (size_t i = 0; i < config->n_policies; i++) {
		const struct cfg_policy *policy = &config->policies[i];

		if (is_meant(policy, &wish) && (!best || policy->priority > best->priority))
			best = policy;
	}
	if (best)
		(void)snprintf(why, MATCH_WHY_BYTES, "policy %s", best->name);
	else
		tell_nearest(config, &wish, why);
	return best;
}
