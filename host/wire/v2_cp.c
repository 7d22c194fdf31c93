// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * The Configuration payload (RFC 7296 §3.15):
 *
 *   type u8 | 3 reserved | { attribute }…
 *   attribute:  1 reserved bit | type 15 bits | length u16 | value
 */
#include "wire/room.h"

enum { N_RESERVED_BYTES = 3, TYPE_MASK = 0x7fff };

/* §3.15.1; besides a value of n_bytes (or a list of such) none at all may stand: asked for, or refused. */
static const struct {
	uint16_t type, n_bytes;
	bool is_list;
} kinds[] = {
	{ V2_CP_IP4_ADDRESS, 4, false }, { V2_CP_IP4_NETMASK, 4, false }, { V2_CP_IP4_DNS, 4, false }, { V2_CP_IP4_NBNS, 4, false },
	{ V2_CP_IP4_DHCP, 4, false }, { V2_CP_APPLICATION_VERSION, 1, true }, { V2_CP_IP6_ADDRESS, 17, false }, { V2_CP_IP6_DNS, 16, false },
	{ V2_CP_IP6_DHCP, 16, false }, { V2_CP_IP4_SUBNET, 8, false }, { V2_CP_SUPPORTED_ATTRIBUTES, 2, true },
	{ V2_CP_IP6_SUBNET, 17, false }, { V2_CP_DNS_DOMAIN, 1, true }
};

static enum wire_err check_value(struct v2_attribute *attribute)
{
	const size_t n = attribute->value.len;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (kinds[i].type != attribute->type)
			continue;
		attribute->is_known = true;
		return n == 0 || n == kinds[i].n_bytes || (kinds[i].is_list && n % kinds[i].n_bytes == 0) ? WIRE_OK : WIRE_LENGTH;
	}
	attribute->is_known = false;
	return WIRE_OK;
}

static enum wire_err get_attribute(struct bytes *from, struct v2_attribute *out)
{
	uint16_t length;

	TRY(get_u16(from, &out->type));
	out->type &= TYPE_MASK;
	TRY(get_u16(from, &length));
	TRY(get_bytes(from, length, &out->value));
	return check_value(out);
}

enum wire_err v2_get_cp(struct bytes body, struct v2_cp *out)
{
	struct bytes reserved;

	out->n = 0;
	TRY(get_u8(&body, &out->type));
	TRY(get_bytes(&body, N_RESERVED_BYTES, &reserved));
	if (out->type < V2_CP_REQUEST || out->type > V2_CP_ACK)
		return WIRE_VALUE;
	while (body.len) {
		if (out->n == V2_MAX_ATTRIBUTES)
			return WIRE_MANY;
		TRY(get_attribute(&body, &out->attributes[out->n]));
		out->n++;
	}
	return WIRE_OK;
}

void v2_put_cp(struct writer *to, size_t *next_at, uint8_t type, const struct v2_attribute *attributes, unsigned n)
{
	const size_t began_at = isakmp_begin(to, next_at, P2_CP);

	put_u8(to, type);
	put_zeros(to, N_RESERVED_BYTES);
	for (unsigned i = 0; i < n; i++) {
		if (attributes[i].value.len > UINT16_MAX)
			to->has_failed = true;
		put_u16(to, attributes[i].type & TYPE_MASK);
		put_u16(to, (uint16_t)attributes[i].value.len);
		put_bytes(to, attributes[i].value.at, attributes[i].value.len);
	}
	isakmp_end(to, began_at);
}
