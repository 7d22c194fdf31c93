// SPDX-License-Identifier: BSD-2-Clause-Patent
#ifndef HOST_NET_TAP_H
#define HOST_NET_TAP_H

#include <stddef.h>
#include <stdint.h>

#include "adit/adit.h"
#include "base/text.h"

/**
 * Make the network device name (it goes away with the descriptor), give it mac, bring it up.
 * @return a non-blocking descriptor: one read or write is one Ethernet frame; or a negative errno and *why.
 */
MUST_USE int tap_open(const char *name, const uint8_t mac[6], char *why, size_t why_bytes);

/**
 * Give the device an address, as a host's own (/32, /128), unless some interface has it: whoever set it up there knows why.
 * @return 1 if it was added, 0 if it was there, or a negative errno.
 */
MUST_USE int tap_add_address(const char *name, const struct adit_addr *addr);

#endif
