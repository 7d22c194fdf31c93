// SPDX-License-Identifier: BSD-2-Clause-Patent
#ifndef HOST_NET_TAP_H
#define HOST_NET_TAP_H

#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

/**
 * Make the network device name (it goes away with the descriptor), give it mac, bring it up.
 * @return a non-blocking descriptor: one read or write is one Ethernet frame; or a negative errno and *why.
 */
MUST_USE int tap_open(const char *name, const uint8_t mac[6], char *why, size_t why_bytes);

#endif
