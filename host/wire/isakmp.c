// SPDX-License-Identifier: BSD-2-Clause-Patent
/* The message: its header, its chain of payloads, and how one is built (RFC 2408 §3.1, §3.2). */
#include "wire/isakmp.h"

#include <string.h>

#include "wire/room.h"

/*
 * 0        8        16     17        18         19      20           24       28
 * | icookie | rcookie | next | version | exchange | flags | message id | length |
 */
enum { NEXT_AT = 16, LENGTH_AT = 24 };
enum { V1_FLAGS = ISAKMP_ENCRYPTED | ISAKMP_COMMIT | ISAKMP_AUTH_ONLY };

/* RFC 2408 §5.2 (3), (5). IKEv2 ignores minor versions and flags it does not know (RFC 7296 §2.5, §3.1). */
static enum wire_err check_header(const struct isakmp_header *header)
{
	switch (header->version >> 4) {
	case 1:
		if (header->version & 15)	/* a minor version beyond ours, §3.1 */
			return WIRE_VERSION;
		return header->flags & ~V1_FLAGS ? WIRE_FLAGS : WIRE_OK;
	case 2:
		return WIRE_OK;
	default:
		return WIRE_VERSION;
	}
}

enum wire_err isakmp_get_header(struct bytes datagram, struct isakmp_header *out, struct bytes *rest)
{
	const size_t n_bytes = datagram.len;
	struct bytes icookie, rcookie;

	TRY(get_bytes(&datagram, ISAKMP_COOKIE_BYTES, &icookie));
	TRY(get_bytes(&datagram, ISAKMP_COOKIE_BYTES, &rcookie));
	memcpy(out->icookie, icookie.at, ISAKMP_COOKIE_BYTES);
	memcpy(out->rcookie, rcookie.at, ISAKMP_COOKIE_BYTES);
	TRY(get_u8(&datagram, &out->next));
	TRY(get_u8(&datagram, &out->version));
	TRY(get_u8(&datagram, &out->exchange));
	TRY(get_u8(&datagram, &out->flags));
	TRY(get_u32(&datagram, &out->message_id));
	TRY(get_u32(&datagram, &out->length));
	TRY(check_header(out));
	if (out->length != n_bytes)	/* §5.1: MUST be rejected */
		return out->length > n_bytes ? WIRE_SHORT : WIRE_LENGTH;
	*rest = datagram;
	return WIRE_OK;
}

enum wire_err wire_get_part(struct bytes *from, uint8_t *next, uint8_t *second, struct bytes *whole, struct bytes *body)
{
	struct bytes peek = *from;
	uint16_t length;

	TRY(get_u8(&peek, next));
	TRY(get_u8(&peek, second));
	TRY(get_u16(&peek, &length));
	if (length < GENERIC_HEADER_BYTES)	/* else a chain could stand still */
		return WIRE_LENGTH;
	TRY(get_bytes(from, length, whole));
	*body = (struct bytes){ whole->at + GENERIC_HEADER_BYTES, whole->len - GENERIC_HEADER_BYTES };
	return WIRE_OK;
}

enum wire_err wire_get_generic(struct bytes *from, uint8_t *next, struct bytes *whole, struct bytes *body)
{
	uint8_t reserved;

	TRY(wire_get_part(from, next, &reserved, whole, body));
	return reserved ? WIRE_RESERVED : WIRE_OK;	/* RFC 2408 §5.3 (2) */
}

/* RFC 2408 §5.3 (1): what may stand in a message. Proposals and transforms stand in an SA only. */
static bool is_payload(uint8_t type)
{
	switch (type) {
	case P_SA: case P_KE: case P_ID: case P_CERT: case P_CR: case P_HASH: case P_SIG: case P_NONCE: case P_NOTIFY: case P_DELETE:
	case P_VID: case P_NATD: case P_NATOA: case P_NATD_DRAFT: case P_NATOA_DRAFT: case P_FRAGMENT:
		return true;
	default:
		return false;
	}
}

/* What may follow the last payload: of a decrypted message padding, in clear what fills it to a multiple of four. */
static bool is_filling(struct bytes rest, bool is_decrypted)
{
	if (is_decrypted)
		return rest.len <= ISAKMP_MAX_PADDING;
	for (size_t i = 0; i < rest.len; i++)
		if (rest.at[i] != 0)
			return false;
	return rest.len < 4;
}

enum wire_err isakmp_get_payloads(const struct isakmp_header *header, struct bytes rest, bool is_decrypted, struct isakmp_message *out,
				  uint8_t *bad_type)
{
	const struct bytes all = rest;
	uint8_t next = header->next;

	out->header = *header;
	out->n = 0;
	*bad_type = next;
	if (header->version >> 4 != 1)
		return WIRE_VERSION;
	if (next == P_NONE)	/* no exchange has such a message */
		return WIRE_MISSING;
	while (next != P_NONE) {
		struct isakmp_payload *payload = &out->payloads[out->n];

		*bad_type = next;
		if (!is_payload(next))
			return WIRE_NEXT;
		if (out->n == ISAKMP_MAX_PAYLOADS)
			return WIRE_MANY;
		payload->type = next;
		TRY(wire_get_generic(&rest, &next, &payload->whole, &payload->body));
		out->n++;
	}
	if (!is_filling(rest, is_decrypted))
		return WIRE_LENGTH;
	out->chain = (struct bytes){ all.at, all.len - rest.len };
	return WIRE_OK;
}

const struct isakmp_payload *isakmp_find(const struct isakmp_message *message, uint8_t type, unsigned n)
{
	for (unsigned i = 0; i < message->n; i++)
		if (message->payloads[i].type == type && n-- == 0)
			return &message->payloads[i];
	return NULL;
}

unsigned isakmp_count(const struct isakmp_message *message, uint8_t type)
{
	unsigned n = 0;

	for (unsigned i = 0; i < message->n; i++)
		n += message->payloads[i].type == type;
	return n;
}

void isakmp_open(struct writer *to, const struct isakmp_header *header, size_t *next_at)
{
	if (to->len != 0)	/* isakmp_close() counts from the buffer's start */
		to->has_failed = true;
	*next_at = NEXT_AT;
	put_bytes(to, header->icookie, ISAKMP_COOKIE_BYTES);
	put_bytes(to, header->rcookie, ISAKMP_COOKIE_BYTES);
	put_u8(to, P_NONE);
	put_u8(to, header->version);
	put_u8(to, header->exchange);
	put_u8(to, header->flags);
	put_u32(to, header->message_id);
	put_u32(to, 0);
}

size_t isakmp_begin(struct writer *to, size_t *next_at, uint8_t type)
{
	const size_t began_at = to->len;

	patch_u8(to, *next_at, type);
	*next_at = began_at;
	put_u8(to, P_NONE);
	put_u8(to, 0);
	put_u16(to, 0);
	return began_at;
}

void isakmp_end(struct writer *to, size_t began_at)
{
	const size_t n_bytes = to->len - began_at;

	if (n_bytes > UINT16_MAX)
		to->has_failed = true;
	patch_u16(to, began_at + 2, (uint16_t)n_bytes);
}

void isakmp_put(struct writer *to, size_t *next_at, uint8_t type, const void *body, size_t n_bytes)
{
	const size_t began_at = isakmp_begin(to, next_at, type);

	put_bytes(to, body, n_bytes);
	isakmp_end(to, began_at);
}

void isakmp_close(struct writer *to, size_t n_padding)
{
	put_zeros(to, n_padding);
	if (to->len > ISAKMP_MAX_BYTES)
		to->has_failed = true;
	patch_u32(to, LENGTH_AT, (uint32_t)to->len);
}
