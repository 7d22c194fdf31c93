// SPDX-License-Identifier: BSD-2-Clause-Patent
#include "policy/plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void plan_rule_make(const struct cfg_policy *policy, struct plan_rule *rule)
{
	memcpy(rule->name, policy->name, sizeof(rule->name));
	rule->line = policy->line;
	rule->pair = PLAN_NO_PAIR;
	rule->sp = (struct adit_sp){
		.priority = policy->priority,
		.src = policy->src.addr, .src_plen = policy->src.plen,
		.dst = policy->dst.addr, .dst_plen = policy->dst.plen,
		.any_proto = policy->proto < 0, .proto = policy->proto < 0 ? 0 : (uint8_t)policy->proto,
		.any_ports = policy->sport.any && policy->dport.any, .opaque = policy->sport.opaque,
		.sport_lo = policy->sport.lo, .sport_hi = policy->sport.hi,
		.dport_lo = policy->dport.lo, .dport_hi = policy->dport.hi,
		.action = policy->action, .level = policy->level
	};
}

static void make_key(const struct cfg_policy *policy, char key[PLAN_KEY_BYTES])
{
	char src[ADDR_TEXT_BYTES], dst[ADDR_TEXT_BYTES];

	if (policy->level == ADIT_LEVEL_UNIQUE)
		(void)snprintf(key, PLAN_KEY_BYTES, "policy %s", policy->name);
	else
		(void)snprintf(key, PLAN_KEY_BYTES, "manual_sa %s %s %s %s%s%s", policy->manual_sa,
			       addr_put(&policy->sa_src, src), addr_put(&policy->sa_dst, dst),
			       policy->tunnel ? "tunnel" : "transport", policy->esp ? " esp" : "", policy->ah ? " ah" : "");
}

static int find_pair(const struct plan *plan, const char *key)
{
	for (size_t i = 0; i < plan->n_pairs; i++)
		if (strcmp(plan->pairs[i].key, key) == 0)
			return (int)i;
	return PLAN_NO_PAIR;
}

static int take_pair(struct plan *plan, const struct config *config, const struct cfg_policy *policy,
		     uint16_t most_replay_packets)
{
	const struct cfg_manual_sa *manual = config_manual_sa(config, policy->manual_sa);
	struct plan_pair *pair = &plan->pairs[plan->n_pairs];
	int found;

	if (policy->action != ADIT_ACTION_ENCRYPT || !manual)
		return PLAN_NO_PAIR;
	make_key(policy, pair->key);
	found = find_pair(plan, pair->key);
	if (found != PLAN_NO_PAIR)
		return found;
	memcpy(pair->manual_sa, manual->name, sizeof(pair->manual_sa));
	sa_from_manual(manual, policy, most_replay_packets, &pair->sas);
	return (int)plan->n_pairs++;
}

static struct adit_host_limits limits_of(const struct cfg_host_limits *from)
{
	const struct { enum adit_reason reason; uint16_t packets; } rows[] = {
		{ ADIT_REASON_HostIke, from->ike }, { ADIT_REASON_HostArp, from->arp }, { ADIT_REASON_HostLocal, from->local },
		{ ADIT_REASON_HostNic, from->nic }, { ADIT_REASON_HostNd, from->nd }, { ADIT_REASON_HostSlowSeal, from->slow_seal },
		{ ADIT_REASON_HostSlowOpen, from->slow_open }, { ADIT_REASON_HostFragment, from->fragments },
		{ ADIT_REASON_HostTooBig, from->too_big }, { ADIT_REASON_HostSplit, from->split },
	};
	struct adit_host_limits limits = { .reserve_buffers = from->reserve_buffers };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		limits.packets[rows[i].reason - ADIT_REASON_HostIke] = rows[i].packets;
	return limits;
}

struct plan *plan_make(const struct config *config, uint16_t most_replay_packets)
{
	struct plan *plan = calloc(1, sizeof(*plan));

	if (!plan)
		return NULL;
	plan->rules = calloc(config->n_policies + 1, sizeof(*plan->rules));
	plan->pairs = calloc(config->n_policies + 1, sizeof(*plan->pairs));	/* one a policy at most, and scratch */
	if (!plan->rules || !plan->pairs) {
		plan_free(plan);
		return NULL;
	}
	plan->mode.nic = config->nic;
	plan->mode.pass_unmatched = config->default_action == ADIT_ACTION_NONE;
	plan->mode.n_local = config->n_local;
	memcpy(plan->mode.local, config->local, sizeof(plan->mode.local));
	plan->limits = limits_of(&config->host_limits);
	plan->has_limits = true;
	for (size_t i = 0; i < config->n_policies; i++) {
		const struct cfg_policy *policy = &config->policies[i];
		struct plan_rule *rule = &plan->rules[plan->n_rules];

		if (policy->disabled || policy->is_template)
			continue;
		plan_rule_make(policy, rule);
		rule->pair = take_pair(plan, config, policy, most_replay_packets);
		plan->n_rules++;
	}
	return plan;
}

void plan_free(struct plan *plan)
{
	if (!plan)
		return;
	for (size_t i = 0; i < plan->n_pairs; i++)
		sa_set_wipe(&plan->pairs[i].sas);
	free(plan->rules);
	free(plan->pairs);
	free(plan);
}
