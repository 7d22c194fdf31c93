// SPDX-License-Identifier: BSD-2-Clause-Patent
/* IP addresses and prefixes in words. */
#ifndef HOST_BASE_ADDR_H
#define HOST_BASE_ADDR_H

#include "adit/adit.h"
#include "base/text.h"

#define ADDR_TEXT_BYTES 52	/* an IPv6 prefix with its length and NUL */

struct prefix {
	struct adit_addr addr;
	uint8_t plen;
};

enum prefix_err {
	PREFIX_OK = 0,
	PREFIX_BAD,		/* not an address, or a length that cannot be; *out is untouched */
	PREFIX_HOST_BITS	/* *out holds the prefix with its host bits cleared */
};

MUST_USE bool addr_get(const char *text, struct adit_addr *out);
bool addr_same(const struct adit_addr *a, const struct adit_addr *b);
unsigned addr_bits(const struct adit_addr *addr);	/* 32 or 128 */
const char *addr_put(const struct adit_addr *addr, char out[ADDR_TEXT_BYTES]);	/* returns out */

/** "10.1.202.0/24"; a bare address is a host prefix. */
MUST_USE enum prefix_err prefix_get(const char *text, struct prefix *out);
bool prefix_holds(const struct prefix *prefix, const struct adit_addr *addr);	/* never one of the other family */
const char *prefix_put(const struct prefix *prefix, char out[ADDR_TEXT_BYTES]);

#endif
