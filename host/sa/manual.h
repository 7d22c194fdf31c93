// SPDX-License-Identifier: BSD-2-Clause-Patent
#ifndef HOST_SA_MANUAL_H
#define HOST_SA_MANUAL_H

#include "config/config.h"

/* The SAs of a policy. Of AH and ESP together (RFC 4301 §4.5, the seed's ipsec_protocols "ah,esp") ESP is the pair and AH, in
 * transport mode around it, its second layer. Odd sides are outbound. */
enum sa_side { SA_IN, SA_OUT, SA_AH_IN, SA_AH_OUT, SA_SIDES };

/** SAs that belong together. Keys inside: sa_set_wipe(). */
struct sa_set {
	struct adit_sa sa[SA_SIDES];
	unsigned n;	/* 2, or 4 with the second layer */
};

static inline bool sa_side_is_out(unsigned side)
{
	return side & 1;
}

/**
 * The SAs of a policy with manual keys: out from sa_src_address to sa_dst_address, in the other way round.
 * reqid, slots and sequence numbers are left 0; most_replay_packets is the card's limit.
 */
void sa_from_manual(const struct cfg_manual_sa *manual, const struct cfg_policy *policy, uint16_t most_replay_packets,
		    struct sa_set *out);
/** Same SA but for reqid, slots and sequence numbers. Keys are compared in constant time. */
bool sa_same(const struct adit_sa *a, const struct adit_sa *b);
/** Keys and salt alone, in constant time: what must not meet the same sequence number twice. */
bool sa_same_keys(const struct adit_sa *a, const struct adit_sa *b);
/** Does the host do the SA's ciphering, because no card can? */
bool sa_is_done_by_host(const struct adit_sa *sa);
bool sa_set_same(const struct sa_set *a, const struct sa_set *b);
void sa_set_wipe(struct sa_set *set);

#endif
