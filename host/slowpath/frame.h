// SPDX-License-Identifier: BSD-2-Clause-Patent
/* An Ethernet frame with an IP packet inside, up to two VLAN tags before it. */
#ifndef HOST_SLOWPATH_FRAME_H
#define HOST_SLOWPATH_FRAME_H

#include "base/text.h"
#include "transform/ip.h"

enum { FRAME_MAX_BYTES = 9600 };	/* the longest frame the card takes */

struct frame {
	const uint8_t *bytes;	/* borrowed */
	size_t n_bytes;
	size_t l3_off;		/* 14, 18 or 22 */
	struct ip_packet ip;	/* points into bytes */
};

/** @return false for a frame that carries no sound IP packet; then *out is not to be used. */
MUST_USE bool frame_find(const uint8_t *bytes, size_t n_bytes, struct frame *out);

#endif
