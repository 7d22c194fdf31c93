// SPDX-License-Identifier: BSD-2-Clause-Patent
#ifndef HOST_SLOWPATH_CHECKSUM_H
#define HOST_SLOWPATH_CHECKSUM_H

#include "slowpath/frame.h"

/**
 * Behind a NAT the ends of transport mode see other addresses than the sender summed up: the TCP, UDP or UDP-Lite checksum of what was
 * opened is computed anew (RFC 3948 §3.1.2). ICV and SA have vouched for the bytes.
 *
 * @param bytes  the frame, changed in place
 * @return whether anything was changed: not for other protocols, fragments, UDP without a checksum, or what is cut short.
 */
bool checksum_mend(uint8_t *bytes, size_t n_bytes);

#endif
