// SPDX-License-Identifier: BSD-2-Clause-Patent
/* Notify and Delete of version 2 (RFC 7296 §3.10, §3.11), with the notifies of its extensions. */
#include "wire/room.h"

enum { ANY = UINT16_MAX, IPSEC_SPI_BYTES = 4 };

/* Of data that is a list, the length of one entry; else 1. Where the standard says that there is none, it also says to ignore what comes. */
static const struct kind {
	uint16_t type, min_bytes, max_bytes, entry_bytes;
	const char *name;
} kinds[] = {
	{ N2_UNSUPPORTED_CRITICAL_PAYLOAD, 1, 1, 1, "UNSUPPORTED_CRITICAL_PAYLOAD" },
	{ N2_INVALID_IKE_SPI, 0, ANY, 1, "INVALID_IKE_SPI" },
	{ N2_INVALID_MAJOR_VERSION, 0, ANY, 1, "INVALID_MAJOR_VERSION" },
	{ N2_INVALID_SYNTAX, 0, ANY, 1, "INVALID_SYNTAX" },
	{ N2_INVALID_MESSAGE_ID, 4, 4, 1, "INVALID_MESSAGE_ID" },
	{ N2_INVALID_SPI, 4, 4, 1, "INVALID_SPI" },
	{ N2_NO_PROPOSAL_CHOSEN, 0, ANY, 1, "NO_PROPOSAL_CHOSEN" },
	{ N2_INVALID_KE_PAYLOAD, 2, 2, 2, "INVALID_KE_PAYLOAD" },
	{ N2_AUTHENTICATION_FAILED, 0, ANY, 1, "AUTHENTICATION_FAILED" },
	{ N2_SINGLE_PAIR_REQUIRED, 0, ANY, 1, "SINGLE_PAIR_REQUIRED" },
	{ N2_NO_ADDITIONAL_SAS, 0, ANY, 1, "NO_ADDITIONAL_SAS" },
	{ N2_INTERNAL_ADDRESS_FAILURE, 0, ANY, 1, "INTERNAL_ADDRESS_FAILURE" },
	{ N2_FAILED_CP_REQUIRED, 0, ANY, 1, "FAILED_CP_REQUIRED" },
	{ N2_TS_UNACCEPTABLE, 0, ANY, 1, "TS_UNACCEPTABLE" },
	{ N2_INVALID_SELECTORS, 0, ANY, 1, "INVALID_SELECTORS" },
	{ N2_UNACCEPTABLE_ADDRESSES, 0, ANY, 1, "UNACCEPTABLE_ADDRESSES" },
	{ N2_UNEXPECTED_NAT_DETECTED, 0, ANY, 1, "UNEXPECTED_NAT_DETECTED" },
	{ N2_USE_ASSIGNED_HOA, 0, ANY, 1, "USE_ASSIGNED_HoA" },
	{ N2_TEMPORARY_FAILURE, 0, ANY, 1, "TEMPORARY_FAILURE" },
	{ N2_CHILD_SA_NOT_FOUND, 0, ANY, 1, "CHILD_SA_NOT_FOUND" },
	{ N2_INVALID_GROUP_ID, 0, ANY, 1, "INVALID_GROUP_ID" },
	{ N2_AUTHORIZATION_FAILED, 0, ANY, 1, "AUTHORIZATION_FAILED" },
	{ N2_STATE_NOT_FOUND, 0, ANY, 1, "STATE_NOT_FOUND" },
	{ N2_INITIAL_CONTACT, 0, ANY, 1, "INITIAL_CONTACT" },
	{ N2_SET_WINDOW_SIZE, 4, 4, 1, "SET_WINDOW_SIZE" },
	{ N2_ADDITIONAL_TS_POSSIBLE, 0, ANY, 1, "ADDITIONAL_TS_POSSIBLE" },
	{ N2_IPCOMP_SUPPORTED, 3, ANY, 1, "IPCOMP_SUPPORTED" },
	{ N2_NAT_DETECTION_SOURCE_IP, 20, 20, 1, "NAT_DETECTION_SOURCE_IP" },
	{ N2_NAT_DETECTION_DESTINATION_IP, 20, 20, 1, "NAT_DETECTION_DESTINATION_IP" },
	{ N2_COOKIE, 1, 64, 1, "COOKIE" },						/* §2.6 */
	{ N2_USE_TRANSPORT_MODE, 0, ANY, 1, "USE_TRANSPORT_MODE" },
	{ N2_HTTP_CERT_LOOKUP_SUPPORTED, 0, ANY, 1, "HTTP_CERT_LOOKUP_SUPPORTED" },
	{ N2_REKEY_SA, 0, ANY, 1, "REKEY_SA" },
	{ N2_ESP_TFC_PADDING_NOT_SUPPORTED, 0, ANY, 1, "ESP_TFC_PADDING_NOT_SUPPORTED" },
	{ N2_NON_FIRST_FRAGMENTS_ALSO, 0, ANY, 1, "NON_FIRST_FRAGMENTS_ALSO" },
	{ N2_MOBIKE_SUPPORTED, 0, ANY, 1, "MOBIKE_SUPPORTED" },
	{ N2_ADDITIONAL_IP4_ADDRESS, 4, 4, 1, "ADDITIONAL_IP4_ADDRESS" },
	{ N2_ADDITIONAL_IP6_ADDRESS, 16, 16, 1, "ADDITIONAL_IP6_ADDRESS" },
	{ N2_NO_ADDITIONAL_ADDRESSES, 0, ANY, 1, "NO_ADDITIONAL_ADDRESSES" },
	{ N2_UPDATE_SA_ADDRESSES, 0, ANY, 1, "UPDATE_SA_ADDRESSES" },
	{ N2_COOKIE2, 8, 64, 1, "COOKIE2" },						/* RFC 4555 §4.2.5 */
	{ N2_NO_NATS_ALLOWED, 12, 36, 24, "NO_NATS_ALLOWED" },				/* RFC 4555 §4.2.6 */
	{ N2_AUTH_LIFETIME, 4, 4, 1, "AUTH_LIFETIME" },
	{ N2_MULTIPLE_AUTH_SUPPORTED, 0, ANY, 1, "MULTIPLE_AUTH_SUPPORTED" },
	{ N2_ANOTHER_AUTH_FOLLOWS, 0, ANY, 1, "ANOTHER_AUTH_FOLLOWS" },
	{ N2_REDIRECT_SUPPORTED, 0, ANY, 1, "REDIRECT_SUPPORTED" },
	{ N2_REDIRECT, 2, ANY, 1, "REDIRECT" },
	{ N2_REDIRECTED_FROM, 2, ANY, 1, "REDIRECTED_FROM" },
	{ N2_TICKET_LT_OPAQUE, 4, ANY, 1, "TICKET_LT_OPAQUE" },
	{ N2_TICKET_REQUEST, 0, ANY, 1, "TICKET_REQUEST" },
	{ N2_TICKET_ACK, 0, ANY, 1, "TICKET_ACK" },
	{ N2_TICKET_NACK, 0, ANY, 1, "TICKET_NACK" },
	{ N2_TICKET_OPAQUE, 0, ANY, 1, "TICKET_OPAQUE" },
	{ N2_LINK_ID, 0, ANY, 1, "LINK_ID" },
	{ N2_USE_WESP_MODE, 0, ANY, 1, "USE_WESP_MODE" },
	{ N2_ROHC_SUPPORTED, 0, ANY, 1, "ROHC_SUPPORTED" },
	{ N2_EAP_ONLY_AUTHENTICATION, 0, ANY, 1, "EAP_ONLY_AUTHENTICATION" },
	{ N2_CHILDLESS_IKEV2_SUPPORTED, 0, ANY, 1, "CHILDLESS_IKEV2_SUPPORTED" },	/* RFC 6023 */
	{ N2_QUICK_CRASH_DETECTION, 16, 128, 1, "QUICK_CRASH_DETECTION" },		/* RFC 6290 §4.1 */
	{ N2_MESSAGE_ID_SYNC_SUPPORTED, 0, ANY, 1, "IKEV2_MESSAGE_ID_SYNC_SUPPORTED" },
	{ N2_REPLAY_COUNTER_SYNC_SUPPORTED, 0, ANY, 1, "IPSEC_REPLAY_COUNTER_SYNC_SUPPORTED" },
	{ N2_MESSAGE_ID_SYNC, 12, 12, 1, "IKEV2_MESSAGE_ID_SYNC" },			/* RFC 6311 §8.2 */
	{ N2_REPLAY_COUNTER_SYNC, 4, 8, 4, "IPSEC_REPLAY_COUNTER_SYNC" },
	{ N2_SECURE_PASSWORD_METHODS, 2, ANY, 2, "SECURE_PASSWORD_METHODS" },
	{ N2_PSK_PERSIST, 0, ANY, 1, "PSK_PERSIST" },
	{ N2_PSK_CONFIRM, 0, ANY, 1, "PSK_CONFIRM" },
	{ N2_ERX_SUPPORTED, 0, ANY, 1, "ERX_SUPPORTED" },
	{ N2_IFOM_CAPABILITY, 0, ANY, 1, "IFOM_CAPABILITY" },
	{ N2_SENDER_REQUEST_ID, 0, ANY, 1, "SENDER_REQUEST_ID" },
	{ N2_FRAGMENTATION_SUPPORTED, 0, ANY, 1, "IKEV2_FRAGMENTATION_SUPPORTED" },	/* RFC 7383 §2.3 */
	{ N2_SIGNATURE_HASH_ALGORITHMS, 2, ANY, 2, "SIGNATURE_HASH_ALGORITHMS" },	/* RFC 7427 §4 */
	{ N2_CLONE_IKE_SA_SUPPORTED, 0, ANY, 1, "CLONE_IKE_SA_SUPPORTED" },
	{ N2_CLONE_IKE_SA, 0, ANY, 1, "CLONE_IKE_SA" },
	{ N2_PUZZLE, 0, ANY, 1, "PUZZLE" },
	{ N2_USE_PPK, 0, ANY, 1, "USE_PPK" },						/* RFC 8784 §3 */
	{ N2_PPK_IDENTITY, 2, ANY, 1, "PPK_IDENTITY" },					/* type u8 | identity */
	{ N2_NO_PPK_AUTH, 1, ANY, 1, "NO_PPK_AUTH" },
	{ N2_INTERMEDIATE_EXCHANGE_SUPPORTED, 0, ANY, 1, "INTERMEDIATE_EXCHANGE_SUPPORTED" },	/* RFC 9242 */
	{ N2_IP4_ALLOWED, 0, ANY, 1, "IP4_ALLOWED" },
	{ N2_IP6_ALLOWED, 0, ANY, 1, "IP6_ALLOWED" },
	{ N2_ADDITIONAL_KEY_EXCHANGE, 1, ANY, 1, "ADDITIONAL_KEY_EXCHANGE" },		/* RFC 9370 §2.2.4 */
	{ N2_USE_AGGFRAG, 0, ANY, 1, "USE_AGGFRAG" }
};

static const struct kind *kind_of(uint16_t type)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (kinds[i].type == type)
			return &kinds[i];
	return NULL;
}

const char *v2_notify_name(uint16_t type)
{
	const struct kind *kind = kind_of(type);

	return kind ? kind->name : NULL;
}

static enum wire_err check_data(uint16_t type, struct bytes data)
{
	const struct kind *kind = kind_of(type);

	if (!kind)
		return WIRE_OK;
	if (data.len < kind->min_bytes || data.len > kind->max_bytes)
		return WIRE_LENGTH;
	return (data.len - kind->min_bytes) % kind->entry_bytes ? WIRE_LENGTH : WIRE_OK;
}

/* Notify:  protocol u8 | SPI bytes u8 | type u16 | SPI | data. §3.10: the SPI is 4 bytes of AH and ESP, none of IKE; some send that one's 8. */
enum wire_err v2_get_notify(struct bytes body, struct v2_notify *out)
{
	uint8_t n_spi_bytes;

	TRY(get_u8(&body, &out->protocol));
	TRY(get_u8(&body, &n_spi_bytes));
	TRY(get_u16(&body, &out->type));
	if (n_spi_bytes != 0 && n_spi_bytes != IPSEC_SPI_BYTES && n_spi_bytes != ISAKMP_COOKIE_BYTES)
		return WIRE_LENGTH;
	TRY(get_bytes(&body, n_spi_bytes, &out->spi));
	out->data = body;
	return check_data(out->type, body);
}

void v2_put_notify(struct writer *to, size_t *next_at, const struct v2_notify *notify)
{
	const size_t began_at = isakmp_begin(to, next_at, P2_NOTIFY);

	if (notify->spi.len > UINT8_MAX)
		to->has_failed = true;
	put_u8(to, notify->protocol);
	put_u8(to, (uint8_t)notify->spi.len);
	put_u16(to, notify->type);
	put_bytes(to, notify->spi.at, notify->spi.len);
	put_bytes(to, notify->data.at, notify->data.len);
	isakmp_end(to, began_at);
}

bool v2_find_notify(const struct v2_message *message, uint16_t type, struct v2_notify *out)
{
	for (unsigned i = 0; i < message->n; i++)
		if (message->payloads[i].type == P2_NOTIFY && v2_get_notify(message->payloads[i].body, out) == WIRE_OK && out->type == type)
			return true;
	return false;
}

bool v2_list_holds(struct bytes list, uint16_t number)
{
	uint16_t one;

	while (get_u16(&list, &one) == WIRE_OK)
		if (one == number)
			return true;
	return false;
}

/* Delete:  protocol u8 | SPI bytes u8 | number of SPIs u16 | SPIs */
enum wire_err v2_get_delete(struct bytes body, struct v2_delete *out)
{
	const size_t n_all = body.len;
	uint8_t n_spi_bytes;

	TRY(get_u8(&body, &out->protocol));
	TRY(get_u8(&body, &n_spi_bytes));
	TRY(get_u16(&body, &out->n));
	out->spis = (struct bytes){ NULL, 0 };
	switch (out->protocol) {
	case V2_PROTO_IKE:	/* the SA whose message this is: no SPI */
		return n_spi_bytes || out->n || n_all != GENERIC_HEADER_BYTES ? WIRE_LENGTH : WIRE_OK;
	case V2_PROTO_AH:
	case V2_PROTO_ESP:
		if (n_spi_bytes != IPSEC_SPI_BYTES)
			return WIRE_LENGTH;
		if (out->n == 0)
			return WIRE_MISSING;
		TRY(get_bytes(&body, (size_t)out->n * IPSEC_SPI_BYTES, &out->spis));
		return body.len ? WIRE_LENGTH : WIRE_OK;
	default:
		return WIRE_VALUE;
	}
}

void v2_put_delete(struct writer *to, size_t *next_at, const struct v2_delete *del)
{
	const size_t began_at = isakmp_begin(to, next_at, P2_DELETE);

	if (del->spis.len != (size_t)del->n * IPSEC_SPI_BYTES)
		to->has_failed = true;
	put_u8(to, del->protocol);
	put_u8(to, del->n ? IPSEC_SPI_BYTES : 0);
	put_u16(to, del->n);
	put_bytes(to, del->spis.at, del->spis.len);
	isakmp_end(to, began_at);
}
