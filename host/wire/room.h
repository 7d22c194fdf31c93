// SPDX-License-Identifier: BSD-2-Clause-Patent
/* What only the files of wire/ know of each other. */
#ifndef HOST_WIRE_ROOM_H
#define HOST_WIRE_ROOM_H

#include "wire/ikev2.h"

#define GENERIC_HEADER_BYTES 4
#define V1_MAX_ATTRIBUTES 32	/* in one transform; RFC 2409 App. A knows 16, and two lifetimes take four */
#define V1_MAX_SPI_BYTES 16	/* an ISAKMP SA's two cookies */

/*
 * After the last payload of a decrypted message. racoon adds 1 .. 16 bytes, and with randomize_length up to 21 blocks more (its
 * maximum_length of 20, plus one); all others stay within a block. What stands there is random or zero, with or without a
 * length in its last byte, and no hash covers it: it is not looked at.
 */
#define ISAKMP_MAX_PADDING (16 + 21 * 16)

/**
 * One generic header, of a payload, a proposal or a transform, and what it spans: next u8 | second u8 | length u16 | body. The second byte
 * is reserved, but for the critical bit of version 2's payloads. *whole and *body point into *from, which then stands behind it.
 */
MUST_USE enum wire_err wire_get_part(struct bytes *from, uint8_t *next, uint8_t *second, struct bytes *whole, struct bytes *body);
/** The same of version 1, whose reserved byte is 0 (RFC 2408 §3.2, §5.3). */
MUST_USE enum wire_err wire_get_generic(struct bytes *from, uint8_t *next, struct bytes *whole, struct bytes *body);

/** The attributes of a transform (RFC 2408 §3.3); everything else in *out stays as it is. */
MUST_USE enum wire_err v1_get_attributes(struct bytes list, bool is_phase1, struct v1_transform *out);
/** Those that are set. */
void v1_put_attributes(struct writer *to, const struct v1_transform *transform, bool is_phase1);

/** Has an ID's data a length and a form that fit its type, one of enum v1_id_type? Version 2's types are among them. */
MUST_USE enum wire_err v1_check_id_data(uint8_t type, struct bytes data);

#endif
