// SPDX-License-Identifier: BSD-2-Clause-Patent
/* The vendors' fragments, payload 132:  id u16 | number u8, from 1 | flags u8 | data */
#include "wire/room.h"

enum { LAST = 1 };

enum wire_err v1_get_fragment(struct bytes body, struct v1_fragment *out)
{
	uint8_t flags;

	TRY(get_u16(&body, &out->id));
	TRY(get_u8(&body, &out->number));
	TRY(get_u8(&body, &flags));
	if (out->number == 0)
		return WIRE_VALUE;
	if (flags & ~LAST)
		return WIRE_FLAGS;
	if (body.len == 0)
		return WIRE_MISSING;
	out->is_last = flags & LAST;
	out->data = body;
	return WIRE_OK;
}

void v1_put_fragment(struct writer *to, size_t *next_at, const struct v1_fragment *fragment)
{
	const size_t began_at = isakmp_begin(to, next_at, P_FRAGMENT);

	put_u16(to, fragment->id);
	put_u8(to, fragment->number);
	put_u8(to, fragment->is_last ? LAST : 0);
	put_bytes(to, fragment->data.at, fragment->data.len);
	isakmp_end(to, began_at);
}
