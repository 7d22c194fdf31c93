// SPDX-License-Identifier: BSD-2-Clause-Patent
/* Version 2's rules of the header, its chain of payloads, and what holds sealed ones (RFC 7296 §2.5, §3.1, §3.2, §3.14; RFC 7383 §2.5). */
#include <string.h>

#include "wire/room.h"

enum { CRITICAL = 0x80 };	/* beside 7 reserved bits */

static bool is_zero(const uint8_t spi[ISAKMP_COOKIE_BYTES])
{
	static const uint8_t zero[ISAKMP_COOKIE_BYTES];

	return memcmp(spi, zero, sizeof(zero)) == 0;
}

/* A responder's SPI may be zero in an answer too: of COOKIE and INVALID_KE_PAYLOAD (§2.6). */
static enum wire_err check_init(const struct isakmp_header *header)
{
	const bool is_initiator = header->flags & V2_INITIATOR, is_response = header->flags & V2_RESPONSE;

	if (is_initiator == is_response)
		return WIRE_FLAGS;
	if (header->message_id != 0 || is_zero(header->icookie))	/* §2.2, §3.1 */
		return WIRE_VALUE;
	return is_response || is_zero(header->rcookie) ? WIRE_OK : WIRE_VALUE;
}

enum wire_err v2_check_header(const struct isakmp_header *header)
{
	if (header->version >> 4 != 2)
		return WIRE_VERSION;
	if (header->exchange == X_IKE_SA_INIT)
		return check_init(header);
	if (header->exchange == X_INFORMATIONAL_V2)	/* INVALID_SPI outside of an SA has whatever SPIs, §1.5 */
		return WIRE_OK;
	return is_zero(header->icookie) || is_zero(header->rcookie) ? WIRE_VALUE : WIRE_OK;
}

static bool is_sealed(uint8_t type)
{
	return type == P2_SK || type == P2_SKF;
}

static enum wire_err get_payload(struct bytes *rest, uint8_t *next, struct v2_message *out)
{
	struct v2_payload *payload = &out->payloads[out->n];
	uint8_t flags;

	if (out->n == V2_MAX_PAYLOADS)
		return WIRE_MANY;
	payload->type = *next;
	payload->is_known = v2_payload_name(*next) != NULL;
	TRY(wire_get_part(rest, next, &flags, &payload->whole, &payload->body));
	if ((flags & CRITICAL) && !payload->is_known)	/* of known ones the bit is ignored, §3.2 */
		return WIRE_CRITICAL;
	out->n++;
	return WIRE_OK;
}

static enum wire_err get_chain(const struct isakmp_header *header, uint8_t first, struct bytes rest, bool is_inner, struct v2_message *out,
			       uint8_t *bad_type)
{
	uint8_t next = first;

	out->header = *header;
	out->n = 0;
	out->inner = P_NONE;
	*bad_type = next;
	while (next != P_NONE) {
		*bad_type = next;
		if (is_inner && is_sealed(next))
			return WIRE_NEXT;
		TRY(get_payload(&rest, &next, out));
		if (is_sealed(*bad_type)) {	/* the last: its next payload is the first inside it, §3.14 */
			out->inner = next;
			break;
		}
	}
	return rest.len ? WIRE_LENGTH : WIRE_OK;
}

enum wire_err v2_get_payloads(const struct isakmp_header *header, struct bytes rest, struct v2_message *out, uint8_t *bad_type)
{
	TRY(get_chain(header, header->next, rest, false, out, bad_type));
	return out->n ? WIRE_OK : WIRE_MISSING;	/* no exchange has such a message */
}

enum wire_err v2_get_inner(const struct isakmp_header *header, uint8_t first, struct bytes plain, struct v2_message *out, uint8_t *bad_type)
{
	return get_chain(header, first, plain, true, out, bad_type);
}

const struct v2_payload *v2_find(const struct v2_message *message, uint8_t type, unsigned n)
{
	for (unsigned i = 0; i < message->n; i++)
		if (message->payloads[i].type == type && n-- == 0)
			return &message->payloads[i];
	return NULL;
}

unsigned v2_count(const struct v2_message *message, uint8_t type)
{
	unsigned n = 0;

	for (unsigned i = 0; i < message->n; i++)
		n += message->payloads[i].type == type;
	return n;
}

enum wire_err v2_get_fragment(struct bytes body, struct v2_fragment *out)
{
	TRY(get_u16(&body, &out->number));
	TRY(get_u16(&body, &out->total));
	if (out->number == 0 || out->number > out->total)	/* RFC 7383 §2.5 */
		return WIRE_VALUE;
	out->sealed = body;
	return WIRE_OK;
}

void v2_put_sealed(struct writer *to, const struct isakmp_header *header, const struct v2_sealed *sealed, size_t *iv_at)
{
	size_t next_at, began_at;

	isakmp_open(to, header, &next_at);
	began_at = isakmp_begin(to, &next_at, sealed->total ? P2_SKF : P2_SK);
	patch_u8(to, next_at, sealed->first);
	if (sealed->total) {
		put_u16(to, sealed->number);
		put_u16(to, sealed->total);
	}
	*iv_at = to->len;
	put_zeros(to, sealed->iv_bytes);
	put_bytes(to, sealed->plain.at, sealed->plain.len);
	put_zeros(to, sealed->tail_bytes);
	isakmp_end(to, began_at);
	isakmp_close(to, 0);
}
