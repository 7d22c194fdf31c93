// SPDX-License-Identifier: BSD-2-Clause-Patent
#ifndef HOST_NET_LOCAL6_H
#define HOST_NET_LOCAL6_H

#include "net/local.h"

/**
 * The IPv6 half of local_answer(): neighbour solicitations (RFC 4861 §7.2.3, §7.2.4) and echo requests (RFC 4443 §4.2).
 *
 * @param l3   where the IPv6 header would stand in frame
 * @param out  room for n_bytes + 8 bytes
 */
MUST_USE enum local_kind local6_answer(const struct local *local, const uint8_t *frame, size_t n_bytes, size_t l3, uint8_t *out,
				       size_t *out_bytes);

#endif
