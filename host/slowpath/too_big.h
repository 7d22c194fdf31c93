// SPDX-License-Identifier: BSD-2-Clause-Patent
/* Tells a sender that its packet does not fit: ICMP "fragmentation needed" (RFC 792, RFC 1191 §4), ICMPv6 "packet too big"
 * (RFC 4443 §3.2). */
#ifndef HOST_SLOWPATH_TOO_BIG_H
#define HOST_SLOWPATH_TOO_BIG_H

#include "slowpath/frame.h"

/**
 * @param from  an address of this router, of the packet's family
 * @param mtu   longest packet that would have fitted
 * @param out   room for FRAME_MAX_BYTES: a frame back to where the packet came from, tags and all
 * @return its bytes; 0 if no answer may be given (RFC 1122 §3.2.2, RFC 4443 §2.4: to an ICMP error, to what was sent to many,
 *         to a later fragment).
 */
MUST_USE size_t too_big_answer(const struct frame *frame, const struct adit_addr *from, uint16_t mtu, uint8_t *out);

#endif
