// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * What the card leaves to the host, packet by packet (the reason on the RX ring says what):
 *
 *   HostSlowSeal   golden seals with the number the card gave     -> out of wan, in fragments if its outer header may be cut
 *   HostSlowOpen   golden opens                                   -> back as OPENED: the card commits, judges, counts
 *   HostFragment   put together (reassemble.h)                    -> back as if received from wan
 *   HostSplit      cut to what fits the SA's path MTU             -> back to be sealed piece by piece
 *   HostTooBig     answered with ICMP (too_big.h)                 -> where it came from
 *
 * Sequence numbers, replay windows, policies and counters stay in the card. Nothing leaves here in clear that the card gave to be
 * sealed: what cannot be done is dropped and counted.
 */
#ifndef HOST_SLOWPATH_SLOWPATH_H
#define HOST_SLOWPATH_SLOWPATH_H

#include "slowpath/reassemble.h"

struct slowpath_options {
	unsigned sa_slots;		/* caps->sa_slots */
	struct reassembly_limits limits;
	struct adit_addr local[8];	/* addresses of this router: ICMP answers come from them */
	unsigned n_local;
	void (*tx)(void *arg, const struct adit_tx_packet *packet);	/* to the card */
	void (*up)(void *arg, const uint8_t *frame, size_t frame_bytes);	/* to this host's own network stack; may be NULL */
	void *arg;
};

struct slowpath_counts {
	uint64_t sealed, opened, open_refused, reassembled, split, too_big_answers;
	uint64_t fragments[REASSEMBLY_RESULTS];	/* by what became of them */
	uint64_t expired;			/* datagrams that never became whole */
	uint64_t mended;			/* checksums behind a NAT */
	uint64_t dropped;			/* no such SA, or not possible */
};

struct slowpath;

MUST_USE struct slowpath *slowpath_open(const struct slowpath_options *options);	/* NULL: no memory */
void slowpath_close(struct slowpath *slowpath);	/* wipes the keys */

/**
 * The SA in a slot is this one from now on. Keys are copied into cipher contexts, and only for an SA that the host may have to
 * transform; without SAs the slot's packets are dropped.
 *
 * @param around  of a bundle the AH SA around it, else NULL
 * @return 0, -EINVAL, -EOPNOTSUPP or -ENOMEM: then the slot is empty.
 */
MUST_USE int slowpath_put_sa(struct slowpath *slowpath, uint16_t slot, const struct adit_sa *sa, const struct adit_sa *around);
void slowpath_drop_sa(struct slowpath *slowpath, uint16_t slot);

/** @return whether the packet was the slow path's: then it has been dealt with. */
bool slowpath_take(struct slowpath *slowpath, const struct adit_rx_packet *packet, int64_t now_ms);
/**
 * A packet for this host that is not the slow path's. If its SA is in transport mode behind a NAT, out (FRAME_MAX_BYTES) gets it with its
 * checksum right (checksum.h). @return whether it did; else the packet is good as it is.
 */
bool slowpath_mend(struct slowpath *slowpath, const struct adit_rx_packet *packet, uint8_t *out);
/** Other addresses of this router from now on. */
void slowpath_set_local(struct slowpath *slowpath, const struct adit_addr *local, unsigned n_local);
/** To be called now and then. */
void slowpath_tick(struct slowpath *slowpath, int64_t now_ms);
const struct slowpath_counts *slowpath_counts(const struct slowpath *slowpath);

#endif
