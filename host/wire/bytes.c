// SPDX-License-Identifier: BSD-2-Clause-Patent
#include "wire/bytes.h"

#include <string.h>

const char *wire_err_text(enum wire_err err)
{
	switch (err) {
	case WIRE_OK:		return "well formed";
	case WIRE_SHORT:	return "ends too early";
	case WIRE_LENGTH:	return "a length contradicts what is there";
	case WIRE_VERSION:	return "a version that is not spoken here";
	case WIRE_FLAGS:	return "flags that it may not have";
	case WIRE_NEXT:		return "a payload type that cannot stand there";
	case WIRE_MANY:		return "more parts than are allowed";
	case WIRE_RESERVED:	return "a reserved field is not zero";
	case WIRE_VALUE:	return "a value that no standard defines";
	case WIRE_TWICE:	return "said twice, differently";
	case WIRE_MISSING:	return "a part is missing";
	case WIRE_CRITICAL:	return "a critical payload that is not known";
	}
	return "an unknown fault";
}

enum wire_err get_u8(struct bytes *from, uint8_t *out)
{
	struct bytes one;

	TRY(get_bytes(from, 1, &one));
	*out = one.at[0];
	return WIRE_OK;
}

enum wire_err get_u16(struct bytes *from, uint16_t *out)
{
	struct bytes two;

	TRY(get_bytes(from, 2, &two));
	*out = (uint16_t)(two.at[0] << 8 | two.at[1]);
	return WIRE_OK;
}

enum wire_err get_u32(struct bytes *from, uint32_t *out)
{
	struct bytes four;

	TRY(get_bytes(from, 4, &four));
	*out = (uint32_t)four.at[0] << 24 | (uint32_t)four.at[1] << 16 | (uint32_t)four.at[2] << 8 | four.at[3];
	return WIRE_OK;
}

enum wire_err get_bytes(struct bytes *from, size_t n, struct bytes *out)
{
	if (from->len < n)
		return WIRE_SHORT;
	*out = (struct bytes){ from->at, n };
	if (n) {	/* an empty span may stand nowhere */
		from->at += n;
		from->len -= n;
	}
	return WIRE_OK;
}

bool bytes_same(struct bytes a, struct bytes b)
{
	return a.len == b.len && (!a.len || memcmp(a.at, b.at, a.len) == 0);
}

/* Where the next n bytes go, NULL if they do not fit. */
static uint8_t *claim(struct writer *to, size_t n)
{
	uint8_t *at;

	if (to->has_failed || to->room - to->len < n) {
		to->has_failed = true;
		return NULL;
	}
	at = to->at + to->len;
	to->len += n;
	return at;
}

void put_u8(struct writer *to, uint8_t value)
{
	put_bytes(to, &value, 1);
}

void put_u16(struct writer *to, uint16_t value)
{
	const uint8_t bytes[] = { (uint8_t)(value >> 8), (uint8_t)value };

	put_bytes(to, bytes, sizeof(bytes));
}

void put_u32(struct writer *to, uint32_t value)
{
	put_u16(to, (uint16_t)(value >> 16));
	put_u16(to, (uint16_t)value);
}

void put_bytes(struct writer *to, const void *bytes, size_t n)
{
	uint8_t *at = n ? claim(to, n) : NULL;

	if (at)
		memcpy(at, bytes, n);
}

void put_zeros(struct writer *to, size_t n)
{
	uint8_t *at = n ? claim(to, n) : NULL;

	if (at)
		memset(at, 0, n);
}

void patch_u8(struct writer *to, size_t where, uint8_t value)
{
	if (where >= to->len)	/* only after a failure: nothing was written there */
		to->has_failed = true;
	else
		to->at[where] = value;
}

void patch_u16(struct writer *to, size_t where, uint16_t value)
{
	patch_u8(to, where, (uint8_t)(value >> 8));
	patch_u8(to, where + 1, (uint8_t)value);
}

void patch_u32(struct writer *to, size_t where, uint32_t value)
{
	patch_u16(to, where, (uint16_t)(value >> 16));
	patch_u16(to, where + 2, (uint16_t)value);
}
