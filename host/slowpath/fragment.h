// SPDX-License-Identifier: BSD-2-Clause-Patent
/* Cuts IP packets into fragments (RFC 791 §3.2, RFC 8200 §4.5). */
#ifndef HOST_SLOWPATH_FRAGMENT_H
#define HOST_SLOWPATH_FRAGMENT_H

#include "slowpath/frame.h"

typedef void fragment_fn(void *arg, const uint8_t *frame, size_t frame_bytes);

/**
 * Hand the frame's packet to emit in fragments of at most mtu bytes each (IP header counted), or as it is if it fits.
 * IPv4: DF must be clear; a fragment is cut further. IPv6: only where this router is the packet's source.
 *
 * @param id  IPv6: identification of the fragments
 * @return false if it cannot be: DF, an mtu that holds not even 8 bytes of payload, an IPv6 fragment. Then nothing was emitted.
 */
MUST_USE bool fragment_cut(const struct frame *frame, size_t mtu, uint32_t id, fragment_fn *emit, void *arg);

#endif
