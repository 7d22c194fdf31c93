// SPDX-License-Identifier: BSD-2-Clause-Patent
/* Which entry of the configuration a peer or a packet means. Pure. */
#ifndef HOST_POLICY_MATCH_H
#define HOST_POLICY_MATCH_H

#include "config/config.h"

#define MATCH_WHY_BYTES 256

/* What a phase 2 is for: outbound sense, as in a policy. */
struct selectors {
	struct prefix src, dst;
	int proto;			/* -1: all */
	uint16_t sport, dport;		/* 0: any */
};

/**
 * The peer whose address prefix is the longest that holds addr; among equals the first in the file. why says which and why
 * ("peer office2: 198.51.100.1/32 is the most specific of 2 that match"). NULL: none, and why says so.
 */
const struct cfg_peer *match_peer(const struct config *config, const struct adit_addr *addr, char why[MATCH_WHY_BYTES]);
/** The peer through which a policy's far end is reached; NULL if there is none. */
const struct cfg_peer *match_peer_of_policy(const struct config *config, const struct cfg_policy *policy, char why[MATCH_WHY_BYTES]);
/** Selectors of a policy that IKEv1 can say in two ID payloads: port ranges that are no single port become any. */
void selectors_of(const struct cfg_policy *policy, struct selectors *out);
bool selectors_same(const struct selectors *a, const struct selectors *b);
/** Is inner within outer? */
bool selectors_within(const struct selectors *inner, const struct selectors *outer);
void selectors_text(const struct selectors *selectors, char *out, size_t out_bytes);	/* "10.1.0.0/16 -> 10.2.0.0/16 udp 1701" */
/**
 * The encrypting policy with IKE keys that a peer's proposed selectors (turned to our outbound sense) mean: exactly the same
 * selectors, the same tunnel ends (peer, local; unset ends fit any) and mode. Largest priority first, then the file's order.
 * NULL: why tells the nearest miss, theirs and ours.
 */
const struct cfg_policy *match_policy(const struct config *config, const struct selectors *wanted, bool is_tunnel,
				      const struct adit_addr *local, const struct adit_addr *remote, char why[MATCH_WHY_BYTES]);

#endif
