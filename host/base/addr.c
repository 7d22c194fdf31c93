// SPDX-License-Identifier: BSD-2-Clause-Patent
#include "base/addr.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

bool addr_get(const char *text, struct adit_addr *out)
{
	struct adit_addr addr = { .is_v6 = strchr(text, ':') != NULL };

	if (inet_pton(addr.is_v6 ? AF_INET6 : AF_INET, text, addr.bytes) != 1)
		return false;
	*out = addr;
	return true;
}

bool addr_same(const struct adit_addr *a, const struct adit_addr *b)
{
	return a->is_v6 == b->is_v6 && memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

unsigned addr_bits(const struct adit_addr *addr)
{
	return addr->is_v6 ? 128 : 32;
}

const char *addr_put(const struct adit_addr *addr, char out[ADDR_TEXT_BYTES])
{
	if (!inet_ntop(addr->is_v6 ? AF_INET6 : AF_INET, addr->bytes, out, ADDR_TEXT_BYTES))
		out[0] = 0;
	return out;
}

enum prefix_err prefix_get(const char *text, struct prefix *out)
{
	const char *slash = strchr(text, '/');
	char head[ADDR_TEXT_BYTES];
	struct prefix prefix;
	bool has_host_bits = false;
	uint64_t plen;

	if (!slash) {
		if (!addr_get(text, &prefix.addr))
			return PREFIX_BAD;
		prefix.plen = (uint8_t)addr_bits(&prefix.addr);
		*out = prefix;
		return PREFIX_OK;
	}
	if ((size_t)(slash - text) >= sizeof(head))
		return PREFIX_BAD;
	memcpy(head, text, (size_t)(slash - text));
	head[slash - text] = 0;
	if (!addr_get(head, &prefix.addr) || slash[1] < '0' || slash[1] > '9' || slash[2] == 'x' ||
	    !text_get_u64(slash + 1, &plen) || plen > addr_bits(&prefix.addr))
		return PREFIX_BAD;
	prefix.plen = (uint8_t)plen;
	for (unsigned bit = prefix.plen; bit < addr_bits(&prefix.addr); bit++) {
		uint8_t mask = (uint8_t)(0x80u >> bit % 8);

		has_host_bits |= (prefix.addr.bytes[bit / 8] & mask) != 0;
		prefix.addr.bytes[bit / 8] &= (uint8_t)~mask;
	}
	*out = prefix;
	return has_host_bits ? PREFIX_HOST_BITS : PREFIX_OK;
}

const char *prefix_put(const struct prefix *prefix, char out[ADDR_TEXT_BYTES])
{
	size_t n;

	addr_put(&prefix->addr, out);
	n = strlen(out);
	(void)snprintf(out + n, ADDR_TEXT_BYTES - n, "/%u", prefix->plen);
	return out;
}

bool prefix_holds(const struct prefix *prefix, const struct adit_addr *addr)
{
	unsigned whole = prefix->plen / 8, rest = prefix->plen % 8;

	if (prefix->addr.is_v6 != addr->is_v6 || memcmp(prefix->addr.bytes, addr->bytes, whole) != 0)
		return false;
	return !rest || ((prefix->addr.bytes[whole] ^ addr->bytes[whole]) & (uint8_t)(0xff00u >> rest)) == 0;
}
