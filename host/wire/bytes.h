// SPDX-License-Identifier: BSD-2-Clause-Patent
/* One cursor for all bytes that are read, one buffer for all that are written; network order. */
#ifndef HOST_WIRE_BYTES_H
#define HOST_WIRE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

/* What a parser found wrong; each names one kind of fault in what was received. */
enum wire_err {
	WIRE_OK = 0,
	WIRE_SHORT,		/* ends before what it announces */
	WIRE_LENGTH,		/* a length field that contradicts the bytes around it */
	WIRE_VERSION,		/* a major version that is not spoken here */
	WIRE_FLAGS,		/* flags that this exchange may not have */
	WIRE_NEXT,		/* a next-payload value that cannot stand there */
	WIRE_MANY,		/* more payloads, proposals, transforms or attributes than are allowed */
	WIRE_RESERVED,		/* a reserved field that must be zero is not (RFC 2408 §5.3) */
	WIRE_VALUE,		/* a field whose value no standard defines */
	WIRE_TWICE,		/* something that may stand once stands twice with different values */
	WIRE_MISSING,		/* something that must be there is not */
	WIRE_CRITICAL		/* a payload that is not known, and may not be skipped (RFC 7296 §2.5) */
};
const char *wire_err_text(enum wire_err err);	/* for people: "ends too early" */

struct bytes {
	const uint8_t *at;
	size_t len;
};

#define TRY(call) do { enum wire_err try_err = (call); if (try_err != WIRE_OK) return try_err; } while (0)	/* in wire/ only */

MUST_USE enum wire_err get_u8(struct bytes *from, uint8_t *out);
MUST_USE enum wire_err get_u16(struct bytes *from, uint16_t *out);
MUST_USE enum wire_err get_u32(struct bytes *from, uint32_t *out);
MUST_USE enum wire_err get_bytes(struct bytes *from, size_t n, struct bytes *out);	/* *out points into *from */
MUST_USE bool bytes_same(struct bytes a, struct bytes b);	/* not in constant time */

/* A message that is being written, in memory of the caller. Once it is too long it stays so: check has_failed at the end. */
struct writer {
	uint8_t *at;
	size_t room, len;
	bool has_failed;
};

void put_u8(struct writer *to, uint8_t value);
void put_u16(struct writer *to, uint16_t value);
void put_u32(struct writer *to, uint32_t value);
void put_bytes(struct writer *to, const void *bytes, size_t n);
void put_zeros(struct writer *to, size_t n);
void patch_u8(struct writer *to, size_t where, uint8_t value);
void patch_u16(struct writer *to, size_t where, uint16_t value);	/* over what was written before */
void patch_u32(struct writer *to, size_t where, uint32_t value);

#endif
