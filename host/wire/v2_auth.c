// SPDX-License-Identifier: BSD-2-Clause-Patent
/* What two ends show each other: KE, nonce, ID, CERT, CERTREQ, AUTH, EAP (RFC 7296 §3.4 - §3.9, §3.16). */
#include <stdio.h>
#include <string.h>

#include "wire/room.h"

enum { N_RESERVED_BYTES = 3, DER_SEQUENCE = 0x30, DER_LONG_LENGTH = 0x81, DER_FIRST_LONG = 0x80 };

/* KE:  group u16 | reserved u16 | value */
enum wire_err v2_get_ke(struct bytes body, struct v2_ke *out)
{
	uint16_t reserved;

	TRY(get_u16(&body, &out->group));
	TRY(get_u16(&body, &reserved));
	if (body.len == 0)
		return WIRE_SHORT;
	out->value = body;
	return WIRE_OK;
}

void v2_put_ke(struct writer *to, size_t *next_at, const struct v2_ke *ke)
{
	const size_t began_at = isakmp_begin(to, next_at, P2_KE);

	put_u16(to, ke->group);
	put_u16(to, 0);
	put_bytes(to, ke->value.at, ke->value.len);
	isakmp_end(to, began_at);
}

enum wire_err v2_check_nonce(struct bytes body)
{
	if (body.len < V2_MIN_NONCE_BYTES)
		return WIRE_SHORT;
	return body.len > V2_MAX_NONCE_BYTES ? WIRE_LENGTH : WIRE_OK;
}

/* ID, AUTH:  a number u8 | 3 reserved | data */
static enum wire_err get_kind(struct bytes *body, uint8_t *kind)
{
	struct bytes reserved;

	TRY(get_u8(body, kind));
	return get_bytes(body, N_RESERVED_BYTES, &reserved);
}

static bool is_id_type(uint8_t type)
{
	switch (type) {
	case ID_IPV4: case ID_FQDN: case ID_USER_FQDN: case ID_IPV6: case ID_DN: case ID_GN: case ID_KEY_ID: case ID_NULL:
		return true;
	default:
		return false;
	}
}

/* What stands in an ID is what stands in version 1's of the same type; data of ID_NULL is ignored, RFC 7619 §2.2. */
enum wire_err v2_get_id(struct bytes body, struct v2_id *out)
{
	TRY(get_kind(&body, &out->type));
	if (!is_id_type(out->type))
		return WIRE_VALUE;
	out->data = body;
	return out->type == ID_NULL ? WIRE_OK : v1_check_id_data(out->type, body);
}

void v2_put_id(struct writer *to, size_t *next_at, uint8_t payload_type, const struct v2_id *id)
{
	const size_t began_at = isakmp_begin(to, next_at, payload_type);

	put_u8(to, id->type);
	put_zeros(to, N_RESERVED_BYTES);
	put_bytes(to, id->data.at, id->data.len);
	isakmp_end(to, began_at);
}

void v2_id_text(const struct v2_id *id, char *out, size_t out_bytes)
{
	const struct v1_id same = { .type = id->type, .data = id->data };

	if (id->type == ID_NULL)
		(void)snprintf(out, out_bytes, "nobody");
	else
		v1_id_text(&same, out, out_bytes);
}

enum wire_err v2_get_cert(struct bytes body, struct v2_cert *out)
{
	TRY(get_u8(&body, &out->encoding));
	if (body.len == 0)
		return WIRE_SHORT;
	out->data = body;
	return WIRE_OK;
}

/* §3.7: hashes of public keys, of the encodings by which X.509 certificates come. */
enum wire_err v2_get_certreq(struct bytes body, struct v2_cert *out)
{
	TRY(get_u8(&body, &out->encoding));
	out->data = body;
	switch (out->encoding) {
	case V2_CERT_X509: case V2_CERT_URL: case V2_CERT_URL_BUNDLE:
		return body.len % V2_CA_HASH_BYTES ? WIRE_LENGTH : WIRE_OK;
	default:
		return WIRE_OK;
	}
}

void v2_put_cert(struct writer *to, size_t *next_at, uint8_t payload_type, const struct v2_cert *cert)
{
	const size_t began_at = isakmp_begin(to, next_at, payload_type);

	put_u8(to, cert->encoding);
	put_bytes(to, cert->data.at, cert->data.len);
	isakmp_end(to, began_at);
}

/* A DER sequence of at most 255 bytes that ends where its bytes do. */
static bool is_sequence(struct bytes der)
{
	uint8_t tag, length;

	if (get_u8(&der, &tag) != WIRE_OK || tag != DER_SEQUENCE || get_u8(&der, &length) != WIRE_OK)
		return false;
	if (length < DER_FIRST_LONG)
		return length == der.len;
	return length == DER_LONG_LENGTH && get_u8(&der, &length) == WIRE_OK && length >= DER_FIRST_LONG && length == der.len;
}

/* RFC 7427 §3:  its length u8 | AlgorithmIdentifier | signature */
static enum wire_err get_algorithm(struct bytes *data, struct bytes *algorithm)
{
	uint8_t n_bytes;

	TRY(get_u8(data, &n_bytes));
	TRY(get_bytes(data, n_bytes, algorithm));
	return is_sequence(*algorithm) ? WIRE_OK : WIRE_VALUE;
}

enum wire_err v2_get_auth(struct bytes body, struct v2_auth *out)
{
	out->algorithm = (struct bytes){ NULL, 0 };
	TRY(get_kind(&body, &out->method));
	if (out->method == V2_AUTH_DIGITAL_SIGNATURE)
		TRY(get_algorithm(&body, &out->algorithm));
	if (body.len == 0)
		return WIRE_SHORT;
	out->value = body;
	return WIRE_OK;
}

void v2_put_auth(struct writer *to, size_t *next_at, const struct v2_auth *auth)
{
	const size_t began_at = isakmp_begin(to, next_at, P2_AUTH);

	put_u8(to, auth->method);
	put_zeros(to, N_RESERVED_BYTES);
	if (auth->method == V2_AUTH_DIGITAL_SIGNATURE) {
		if (!is_sequence(auth->algorithm))
			to->has_failed = true;
		put_u8(to, (uint8_t)auth->algorithm.len);
		put_bytes(to, auth->algorithm.at, auth->algorithm.len);
	}
	put_bytes(to, auth->value.at, auth->value.len);
	isakmp_end(to, began_at);
}

/* EAP:  code u8 | identifier u8 | length u16 | of requests and responses: type u8 | data */
enum wire_err v2_get_eap(struct bytes body, struct v2_eap *out)
{
	const size_t n_bytes = body.len;
	uint16_t length;

	out->whole = body;
	out->type = 0;
	TRY(get_u8(&body, &out->code));
	TRY(get_u8(&body, &out->identifier));
	TRY(get_u16(&body, &length));
	if (length != n_bytes)
		return length > n_bytes ? WIRE_SHORT : WIRE_LENGTH;
	if (out->code < EAP_REQUEST || out->code > EAP_FAILURE)
		return WIRE_VALUE;
	if (out->code <= EAP_RESPONSE)
		TRY(get_u8(&body, &out->type));
	out->data = body;
	return out->code >= EAP_SUCCESS && body.len ? WIRE_LENGTH : WIRE_OK;
}
