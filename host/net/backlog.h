// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * Packets from the card that wait until IKE has been served: bounded, first in, first out, copied. What a flood of other
 * packets costs, it costs itself: never a key exchange its time (RFC 7296 §2.4 would call a peer dead that does not answer).
 */
#ifndef HOST_NET_BACKLOG_H
#define HOST_NET_BACKLOG_H

#include "adit/adit.h"
#include "base/text.h"

struct backlog;

MUST_USE struct backlog *backlog_open(unsigned n_packets, size_t frame_bytes);	/* NULL: no memory */
void backlog_close(struct backlog *backlog);
/** @return false, and nothing kept, if there are n_packets already or the frame is longer than frame_bytes. */
MUST_USE bool backlog_put(struct backlog *backlog, const struct adit_rx_packet *packet);
/** The oldest one; its bytes stay valid until the next put. @return false if there is none. */
MUST_USE bool backlog_take(struct backlog *backlog, struct adit_rx_packet *out);

#endif
