// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * A configuration in the card's terms: what rules and what SA pairs there should be. Pure: the same configuration gives
 * the same plan, and nothing here knows what is installed. Ids, slots and reqids are host/offload's to give.
 */
#ifndef HOST_POLICY_PLAN_H
#define HOST_POLICY_PLAN_H

#include "sa/manual.h"

#define PLAN_NO_PAIR (-1)
#define PLAN_KEY_BYTES 256

struct plan_rule {
	char name[CONFIG_NAME_BYTES];
	struct adit_sp sp;	/* id and reqid are 0 */
	int pair;		/* index of the SAs it uses, or PLAN_NO_PAIR */
	int line;
};

/* Identity of a pair over reloads: the policy's name for level unique, else manual_sa, ends, mode and protocols. */
struct plan_pair {
	char key[PLAN_KEY_BYTES];
	char manual_sa[CONFIG_NAME_BYTES];
	struct sa_set sas;
};

struct plan {
	struct adit_mode_options mode;
	struct adit_host_limits limits;	/* packets a second; how many cycles that is host/offload knows */
	bool has_limits;		/* false: none hold */
	struct plan_rule *rules;
	size_t n_rules;
	struct plan_pair *pairs;
	size_t n_pairs;
};

/** A policy's rule; without SAs of its own. */
void plan_rule_make(const struct cfg_policy *policy, struct plan_rule *rule);
/** @return the plan of a checked configuration, or NULL without memory. */
MUST_USE struct plan *plan_make(const struct config *config, uint16_t most_replay_packets);
void plan_free(struct plan *plan);	/* wipes the keys */

#endif
