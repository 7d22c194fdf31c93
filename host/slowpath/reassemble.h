// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * Puts fragments of ESP, AH and UDP for this router together again (RFC 791 §3.2, RFC 8200 §4.5) before the card opens
 * them. Whatever arrives, memory and the number of datagrams under way stay within the limits; overlaps are refused
 * with all that belongs to them (RFC 5722 §4). Congestion that one fragment met, the whole has met (RFC 3168 §5.3).
 */
#ifndef HOST_SLOWPATH_REASSEMBLE_H
#define HOST_SLOWPATH_REASSEMBLE_H

#include "slowpath/frame.h"

struct reassembly_limits {
	size_t memory_bytes;		/* of payload held */
	unsigned datagrams;		/* under way; the oldest goes when another begins */
	unsigned datagrams_per_source;	/* the newest is refused */
	int64_t timeout_ms;		/* from a datagram's first fragment */
};
extern const struct reassembly_limits reassembly_default;

enum reassembly_result {
	REASSEMBLY_WHOLE,	/* out holds the frame */
	REASSEMBLY_KEPT,	/* more to come */
	REASSEMBLY_DUPLICATE,	/* the same fragment again: nothing changed */
	REASSEMBLY_MALFORMED,	/* no fragment, or its length is no multiple of 8, or its datagram's ends differ, or CE beside Not-ECT */
	REASSEMBLY_OVERLAP,	/* it, its datagram and all that will still come of it are refused */
	REASSEMBLY_TOO_BIG,	/* the whole would be longer than FRAME_MAX_BYTES: likewise */
	REASSEMBLY_NO_ROOM,	/* a limit: the fragment is lost */
	REASSEMBLY_RESULTS
};
const char *reassembly_result_name(enum reassembly_result result);

struct reassembly;

MUST_USE struct reassembly *reassembly_open(const struct reassembly_limits *limits);	/* NULL: no memory */
void reassembly_close(struct reassembly *r);

/**
 * Take one fragment; its bytes are copied.
 * @param out  room for FRAME_MAX_BYTES; written for REASSEMBLY_WHOLE alone: Ethernet and IP header of the first fragment
 */
MUST_USE enum reassembly_result reassembly_take(struct reassembly *r, const struct frame *fragment, int64_t now_ms,
						uint8_t *out, size_t *out_bytes);
/** Forget what waited too long. @return how many datagrams. */
unsigned reassembly_expire(struct reassembly *r, int64_t now_ms);
size_t reassembly_held_bytes(const struct reassembly *r);

#endif
