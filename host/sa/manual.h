// SPDX-License-Identifier: BSD-2-Clause-Patent
#ifndef HOST_SA_MANUAL_H
#define HOST_SA_MANUAL_H

#include "config/config.h"

/** Two SAs that belong together. Keys inside: sa_pair_wipe(). */
struct sa_pair {
	struct adit_sa in, out;
};

/**
 * The two SAs of a policy with manual keys: out from sa_src_address to sa_dst_address, in the other way round.
 * AH alone gives AH SAs; AH with ESP gives the ESP half (the caller refuses a bundle where the card lacks it).
 * reqid and sequence numbers are left 0; replay_packets is the size of the in SA's window.
 */
void sa_from_manual(const struct cfg_manual_sa *manual, const struct cfg_policy *policy, uint16_t replay_packets,
		    struct sa_pair *out);
/** Same SA but for reqid and sequence numbers. Keys are compared in constant time. */
bool sa_same(const struct adit_sa *a, const struct adit_sa *b);
void sa_pair_wipe(struct sa_pair *pair);

#endif
