// SPDX-License-Identifier: BSD-2-Clause-Patent
#include "offload/room.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <stdio.h>

#include "offload/child_room.h"

/* ---- what the card can */

static bool has_feature(const struct adit_caps *caps, enum adit_feature feature)
{
	return caps->feature_mask >> (unsigned)feature & 1u;
}

static int refuse(char *why, const char *kind, const char *name, enum adit_feature feature)
{
	(void)snprintf(why, OFFLOAD_WHY_BYTES, "%s \"%s\" needs %s, which is not yet supported by this card", kind, name,
		       adit_feature_name(feature));
	return -EOPNOTSUPP;
}

static int check_rule(const struct adit_caps *caps, const struct plan_rule *rule, char *why)
{
	if (rule->sp.src.is_v6 && !has_feature(caps, ADIT_FEATURE_IPV6))
		return refuse(why, "policy", rule->name, ADIT_FEATURE_IPV6);
	return 0;
}

static int check_pair(struct offload *offload, const struct plan_pair *pair, char *why)
{
	const struct adit_caps *caps = adit_card_caps(offload->card);

	if (pair->sas.n > 2 && !has_feature(caps, ADIT_FEATURE_BUNDLE))
		return refuse(why, "manual_sa", pair->manual_sa, ADIT_FEATURE_BUNDLE);
	for (unsigned side = 0; side < pair->sas.n; side++) {
		struct adit_sa sa = pair->sas.sa[side];
		int rc;

		sa.reqid = 1;
		if (sa.src.is_v6 && !has_feature(caps, ADIT_FEATURE_IPV6))
			rc = refuse(why, "manual_sa", pair->manual_sa, ADIT_FEATURE_IPV6);
		else
			rc = adit_sa_check(offload->card, &sa);
		OPENSSL_cleanse(&sa, sizeof(sa));
		if (rc == 0)
			continue;
		if (!*why)
			(void)snprintf(why, OFFLOAD_WHY_BYTES, "manual_sa \"%s\": %s", pair->manual_sa,
				       adit_card_strerror(offload->card));
		return rc;
	}
	return 0;
}

int offload_check_plan(struct offload *offload, const struct plan *plan, char *why)
{
	const struct adit_caps *caps = adit_card_caps(offload->card);
	size_t n_sas = children_n_slots(offload), n_rules = plan->n_rules;
	int rc = 0;

	why[0] = 0;
	for (size_t i = 0; i < offload->n_rules; i++)
		n_rules += offload->rules[i].is_generated;
	if (n_rules > caps->sp_rules) {
		(void)snprintf(why, OFFLOAD_WHY_BYTES, "%zu policies, but the card holds %u", n_rules, caps->sp_rules);
		return -ENOSPC;
	}
	for (size_t i = 0; i < plan->n_pairs; i++)
		n_sas += plan->pairs[i].sas.n;
	if (n_sas > caps->sa_slots) {
		(void)snprintf(why, OFFLOAD_WHY_BYTES, "%zu SAs, but the card holds %u", n_sas, caps->sa_slots);
		return -ENOSPC;
	}
	for (unsigned i = 0; rc == 0 && i < plan->mode.n_local; i++) {
		char text[ADDR_TEXT_BYTES];

		if (plan->mode.local[i].is_v6 && !has_feature(caps, ADIT_FEATURE_IPV6))
			rc = refuse(why, "local address", addr_put(&plan->mode.local[i], text), ADIT_FEATURE_IPV6);
	}
	for (size_t i = 0; rc == 0 && i < plan->n_rules; i++)
		rc = check_rule(caps, &plan->rules[i], why);
	for (size_t i = 0; rc == 0 && i < plan->n_pairs; i++)
		rc = check_pair(offload, &plan->pairs[i], why);
	return rc;
}

