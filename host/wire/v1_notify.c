// SPDX-License-Identifier: BSD-2-Clause-Patent
/* What peers tell each other besides keys: Notify and Delete payloads (RFC 2408 §3.14, §3.15; RFC 2407 §4.6.3; RFC 3706 §5). */
#include "wire/room.h"

static const struct {
	uint16_t type;
	const char *name;
} names[] = {
	{ N_INVALID_PAYLOAD_TYPE, "INVALID-PAYLOAD-TYPE" },
	{ N_DOI_NOT_SUPPORTED, "DOI-NOT-SUPPORTED" },
	{ N_SITUATION_NOT_SUPPORTED, "SITUATION-NOT-SUPPORTED" },
	{ N_INVALID_COOKIE, "INVALID-COOKIE" },
	{ N_INVALID_MAJOR_VERSION, "INVALID-MAJOR-VERSION" },
	{ N_INVALID_MINOR_VERSION, "INVALID-MINOR-VERSION" },
	{ N_INVALID_EXCHANGE_TYPE, "INVALID-EXCHANGE-TYPE" },
	{ N_INVALID_FLAGS, "INVALID-FLAGS" },
	{ N_INVALID_MESSAGE_ID, "INVALID-MESSAGE-ID" },
	{ N_INVALID_PROTOCOL_ID, "INVALID-PROTOCOL-ID" },
	{ N_INVALID_SPI, "INVALID-SPI" },
	{ N_INVALID_TRANSFORM_ID, "INVALID-TRANSFORM-ID" },
	{ N_ATTRIBUTES_NOT_SUPPORTED, "ATTRIBUTES-NOT-SUPPORTED" },
	{ N_NO_PROPOSAL_CHOSEN, "NO-PROPOSAL-CHOSEN" },
	{ N_BAD_PROPOSAL_SYNTAX, "BAD-PROPOSAL-SYNTAX" },
	{ N_PAYLOAD_MALFORMED, "PAYLOAD-MALFORMED" },
	{ N_INVALID_KEY_INFORMATION, "INVALID-KEY-INFORMATION" },
	{ N_INVALID_ID_INFORMATION, "INVALID-ID-INFORMATION" },
	{ N_INVALID_CERT_ENCODING, "INVALID-CERT-ENCODING" },
	{ N_INVALID_CERTIFICATE, "INVALID-CERTIFICATE" },
	{ N_CERT_TYPE_UNSUPPORTED, "CERT-TYPE-UNSUPPORTED" },
	{ N_INVALID_CERT_AUTHORITY, "INVALID-CERT-AUTHORITY" },
	{ N_INVALID_HASH_INFORMATION, "INVALID-HASH-INFORMATION" },
	{ N_AUTHENTICATION_FAILED, "AUTHENTICATION-FAILED" },
	{ N_INVALID_SIGNATURE, "INVALID-SIGNATURE" },
	{ N_ADDRESS_NOTIFICATION, "ADDRESS-NOTIFICATION" },
	{ N_NOTIFY_SA_LIFETIME, "NOTIFY-SA-LIFETIME" },
	{ N_CERTIFICATE_UNAVAILABLE, "CERTIFICATE-UNAVAILABLE" },
	{ N_UNEQUAL_PAYLOAD_LENGTHS, "UNEQUAL-PAYLOAD-LENGTHS" },
	{ N_RESPONDER_LIFETIME, "RESPONDER-LIFETIME" },
	{ N_REPLAY_STATUS, "REPLAY-STATUS" },
	{ N_INITIAL_CONTACT, "INITIAL-CONTACT" },
	{ N_R_U_THERE, "R-U-THERE" },
	{ N_R_U_THERE_ACK, "R-U-THERE-ACK" }
};

const char *v1_notify_name(uint16_t type)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].type == type)
			return names[i].name;
	return NULL;
}

/* Notify:  doi u32 | protocol u8 | SPI bytes u8 | type u16 | SPI | data */
enum wire_err v1_get_notify(struct bytes body, struct v1_notify *out)
{
	uint8_t n_spi_bytes;

	TRY(get_u32(&body, &out->doi));
	TRY(get_u8(&body, &out->protocol));
	TRY(get_u8(&body, &n_spi_bytes));
	TRY(get_u16(&body, &out->type));
	if (n_spi_bytes > V1_MAX_SPI_BYTES)	/* shorter ones and none are sent for all protocols */
		return WIRE_LENGTH;
	TRY(get_bytes(&body, n_spi_bytes, &out->spi));
	out->data = body;
	return WIRE_OK;
}

void v1_put_notify(struct writer *to, size_t *next_at, const struct v1_notify *notify)
{
	const size_t began_at = isakmp_begin(to, next_at, P_NOTIFY);

	if (notify->spi.len > V1_MAX_SPI_BYTES)
		to->has_failed = true;
	put_u32(to, notify->doi);
	put_u8(to, notify->protocol);
	put_u8(to, (uint8_t)notify->spi.len);
	put_u16(to, notify->type);
	put_bytes(to, notify->spi.at, notify->spi.len);
	put_bytes(to, notify->data.at, notify->data.len);
	isakmp_end(to, began_at);
}

static bool is_delete_spi_length(uint8_t protocol, uint8_t n_bytes)
{
	switch (protocol) {
	case V1_PROTO_ISAKMP:	/* the cookie pair, RFC 2408 §3.15 */
		return n_bytes == 2 * ISAKMP_COOKIE_BYTES;
	case V1_PROTO_IPCOMP:
		return n_bytes == 2 || n_bytes == 4;
	default:
		return n_bytes == 4;
	}
}

/* Delete:  doi u32 | protocol u8 | SPI bytes u8 | number of SPIs u16 | SPIs */
enum wire_err v1_get_delete(struct bytes body, struct v1_delete *out)
{
	TRY(get_u32(&body, &out->doi));
	TRY(get_u8(&body, &out->protocol));
	TRY(get_u8(&body, &out->spi_bytes));
	TRY(get_u16(&body, &out->n));
	if (out->protocol < V1_PROTO_ISAKMP || out->protocol > V1_PROTO_IPCOMP)
		return WIRE_VALUE;
	if (!is_delete_spi_length(out->protocol, out->spi_bytes))
		return WIRE_LENGTH;
	if (out->n == 0)
		return WIRE_MISSING;
	TRY(get_bytes(&body, (size_t)out->n * out->spi_bytes, &out->spis));
	return body.len ? WIRE_LENGTH : WIRE_OK;
}

void v1_put_delete(struct writer *to, size_t *next_at, const struct v1_delete *del)
{
	const size_t began_at = isakmp_begin(to, next_at, P_DELETE);

	if (del->spis.len != (size_t)del->n * del->spi_bytes)
		to->has_failed = true;
	put_u32(to, del->doi);
	put_u8(to, del->protocol);
	put_u8(to, del->spi_bytes);
	put_u16(to, del->n);
	put_bytes(to, del->spis.at, del->spis.len);
	isakmp_end(to, began_at);
}
