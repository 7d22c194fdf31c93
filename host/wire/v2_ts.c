// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * Traffic selectors (RFC 7296 §3.13):
 *
 *   number u8 | 3 reserved | { selector }…
 *   selector:  type u8 | protocol u8 | length u16 | first port u16 | last port u16 | first address | last address
 */
#include <string.h>

#include "wire/room.h"

enum { N_RESERVED_BYTES = 3, FIXED_BYTES = 8, OPAQUE_LO = 65535, OPAQUE_HI = 0 };
enum { PROTO_ICMP = 1, PROTO_ICMPV6 = 58, PROTO_MH = 135 };

static size_t range_bytes(uint8_t type)
{
	return type == V2_TS_IPV4 ? 8 : 32;
}

static enum wire_err check_ranges(const struct v2_selector *selector)
{
	const bool is_opaque = selector->port_lo == OPAQUE_LO && selector->port_hi == OPAQUE_HI;
	const size_t half = selector->range.len / 2;

	if (selector->port_lo > selector->port_hi && !is_opaque)
		return WIRE_VALUE;
	return memcmp(selector->range.at, selector->range.at + half, half) > 0 ? WIRE_VALUE : WIRE_OK;
}

static enum wire_err get_selector(struct bytes *from, struct v2_selector *out)
{
	struct bytes peek = *from, whole;
	uint16_t length;

	*out = (struct v2_selector){ 0 };
	TRY(get_u8(&peek, &out->type));
	TRY(get_u8(&peek, &out->proto));
	TRY(get_u16(&peek, &length));
	if (length < GENERIC_HEADER_BYTES)
		return WIRE_LENGTH;
	TRY(get_bytes(from, length, &whole));
	out->is_known = out->type == V2_TS_IPV4 || out->type == V2_TS_IPV6;
	if (!out->is_known) {
		out->proto = 0;
		return WIRE_OK;
	}
	if (length != FIXED_BYTES + range_bytes(out->type))
		return WIRE_LENGTH;
	TRY(get_u16(&peek, &out->port_lo));
	TRY(get_u16(&peek, &out->port_hi));
	TRY(get_bytes(&peek, range_bytes(out->type), &out->range));
	return check_ranges(out);
}

enum wire_err v2_get_ts(struct bytes body, struct v2_ts *out)
{
	struct bytes reserved;
	uint8_t n;

	out->n = 0;
	TRY(get_u8(&body, &n));
	TRY(get_bytes(&body, N_RESERVED_BYTES, &reserved));
	if (n == 0)
		return WIRE_MISSING;
	for (; out->n < n; out->n++)
		TRY(get_selector(&body, &out->selectors[out->n]));
	return body.len ? WIRE_LENGTH : WIRE_OK;
}

void v2_put_ts(struct writer *to, size_t *next_at, uint8_t payload_type, const struct v2_selector *selectors, unsigned n)
{
	const size_t began_at = isakmp_begin(to, next_at, payload_type);

	if (n > V2_MAX_SELECTORS)
		to->has_failed = true;
	put_u8(to, (uint8_t)n);
	put_zeros(to, N_RESERVED_BYTES);
	for (unsigned i = 0; i < n; i++) {
		const struct v2_selector *selector = &selectors[i];

		if (selector->range.len != range_bytes(selector->type))
			to->has_failed = true;
		put_u8(to, selector->type);
		put_u8(to, selector->proto);
		put_u16(to, (uint16_t)(FIXED_BYTES + selector->range.len));
		put_u16(to, selector->port_lo);
		put_u16(to, selector->port_hi);
		put_bytes(to, selector->range.at, selector->range.len);
	}
	isakmp_end(to, began_at);
}

/* A range of addresses is what version 1's range is. */
bool v2_selector_prefix(const struct v2_selector *selector, struct adit_addr *addr, uint8_t *plen)
{
	const struct v1_id same = { .type = selector->type == V2_TS_IPV4 ? ID_IPV4_RANGE : ID_IPV6_RANGE, .data = selector->range };

	return selector->is_known && v1_id_prefix(&same, addr, plen);
}

struct v2_selector v2_selector_of(const struct adit_addr *addr, uint8_t plen, uint8_t room[V2_RANGE_BYTES])
{
	const uint8_t type = addr->is_v6 ? V2_TS_IPV6 : V2_TS_IPV4;
	const size_t half = range_bytes(type) / 2;

	for (size_t i = 0; i < half; i++) {
		const unsigned n_ones = plen >= 8 * (i + 1) ? 8 : plen > 8 * i ? plen - 8 * (unsigned)i : 0;
		const uint8_t mask = (uint8_t)(0xff00u >> n_ones);

		room[i] = addr->bytes[i] & mask;
		room[half + i] = addr->bytes[i] | (uint8_t)~mask;
	}
	return (struct v2_selector){ .type = type, .port_hi = 65535, .range = { room, 2 * half }, .is_known = true };
}

bool v2_is_icmp(uint8_t proto)
{
	return proto == PROTO_ICMP || proto == PROTO_ICMPV6 || proto == PROTO_MH;
}

bool v2_get_icmp(uint16_t port_lo, uint16_t port_hi, struct v2_icmp *out)
{
	const struct v2_icmp icmp = { (uint8_t)(port_lo >> 8), (uint8_t)(port_hi >> 8), (uint8_t)port_lo, (uint8_t)port_hi };

	if (port_lo > port_hi)
		return false;
	if (icmp.type_lo != icmp.type_hi && (icmp.code_lo != 0 || icmp.code_hi != UINT8_MAX))
		return false;
	*out = icmp;
	return true;
}

void v2_put_icmp(const struct v2_icmp *icmp, uint16_t *port_lo, uint16_t *port_hi)
{
	*port_lo = (uint16_t)(icmp->type_lo << 8 | icmp->code_lo);
	*port_hi = (uint16_t)(icmp->type_hi << 8 | icmp->code_hi);
}
