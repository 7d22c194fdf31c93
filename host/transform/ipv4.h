// SPDX-License-Identifier: BSD-2-Clause-Patent
/* What golden needs of an IPv4 header (RFC 791 §3.1). All pointers are to the header's first byte. */
#ifndef ADIT_TRANSFORM_IPV4_H
#define ADIT_TRANSFORM_IPV4_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/inet.h"

enum { IPV4_MIN_BYTES = 20 };

static inline uint16_t ipv4_get16(const uint8_t *at)
{
	return (uint16_t)((at[0] << 8) | at[1]);
}

static inline uint32_t ipv4_get32(const uint8_t *at)
{
	return ((uint32_t)ipv4_get16(at) << 16) | ipv4_get16(at + 2);
}

static inline void ipv4_put16(uint8_t *at, uint16_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static inline void ipv4_put32(uint8_t *at, uint32_t value)
{
	ipv4_put16(at, (uint16_t)(value >> 16));
	ipv4_put16(at + 2, (uint16_t)value);
}

static inline size_t ipv4_header_bytes(const uint8_t *ip)
{
	return (size_t)(ip[0] & 0xf) * 4;
}

static inline size_t ipv4_total_bytes(const uint8_t *ip)
{
	return ipv4_get16(ip + 2);
}

/** More Fragments set, or an offset. */
static inline bool ipv4_is_fragment(const uint8_t *ip)
{
	return (ipv4_get16(ip + 6) & 0x3fff) != 0;
}

static inline bool ipv4_is_later_fragment(const uint8_t *ip)
{
	return (ipv4_get16(ip + 6) & 0x1fff) != 0;
}

/** Version, header length and total length fit each other and the n_bytes of buf, where the header begins at off. */
static inline bool ipv4_is_sound(const uint8_t *buf, size_t n_bytes, size_t off)
{
	const uint8_t *ip = buf + off;

	return n_bytes >= off + IPV4_MIN_BYTES && ip[0] >> 4 == 4 && ipv4_header_bytes(ip) >= IPV4_MIN_BYTES &&
	       ipv4_total_bytes(ip) >= ipv4_header_bytes(ip) && ipv4_total_bytes(ip) <= n_bytes - off;
}

/** Recompute the header checksum. */
static inline void ipv4_set_checksum(uint8_t *ip)
{
	ipv4_put16(ip + 10, 0);
	ipv4_put16(ip + 10, inet_fold(inet_sum(0, ip, ipv4_header_bytes(ip))));
}

#endif
