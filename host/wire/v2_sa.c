// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * The SA payload of version 2 (RFC 7296 §3.3):
 *
 *   { proposal }…
 *   proposal:   more u8 (2, the last 0) | reserved u8 | length u16 | number u8 | protocol u8 | SPI bytes u8 | transforms u8 | SPI | { transform }…
 *   transform:  more u8 (3, the last 0) | reserved u8 | length u16 | type u8 | reserved u8 | id u16 | { attribute }…
 *   attribute:  1 bit: value is short | type 15 bits | value u16, or length u16 and as many bytes
 */
#include "wire/room.h"

enum { MORE_PROPOSALS = 2, MORE_TRANSFORMS = 3, LAST = 0, N_TRANSFORMS_AT = 7, KEY_LENGTH = 14, SHORT_VALUE = 0x8000 };

/* One proposal or transform: what it spans, and whether it says that another follows. */
static enum wire_err get_part(struct bytes *from, uint8_t more, bool *has_more, struct bytes *whole, struct bytes *body)
{
	uint8_t said, reserved;

	TRY(wire_get_part(from, &said, &reserved, whole, body));
	*has_more = said == more;
	return *has_more || said == LAST ? WIRE_OK : WIRE_NEXT;
}

/* The only attribute there is, is the key length in bits (§3.3.5), in its short form. */
static enum wire_err get_attribute(struct bytes *list, struct v2_transform *out)
{
	struct bytes value;
	uint16_t type, number;

	TRY(get_u16(list, &type));
	TRY(get_u16(list, &number));
	if (!(type & SHORT_VALUE)) {
		TRY(get_bytes(list, number, &value));
		out->is_unusable = true;
		return WIRE_OK;
	}
	if (type != (SHORT_VALUE | KEY_LENGTH) || number == 0 || (out->key_bits && out->key_bits != number))
		out->is_unusable = true;
	else
		out->key_bits = number;
	return WIRE_OK;
}

static enum wire_err get_transform(struct bytes *from, bool *has_more, struct v2_transform *out)
{
	struct bytes body;
	uint8_t reserved;

	*out = (struct v2_transform){ 0 };
	TRY(get_part(from, MORE_TRANSFORMS, has_more, &out->whole, &body));
	TRY(get_u8(&body, &out->type));
	TRY(get_u8(&body, &reserved));
	TRY(get_u16(&body, &out->id));
	while (body.len)
		TRY(get_attribute(&body, out));
	return WIRE_OK;
}

/* As many as the proposal says, linked as many, and nothing behind them. */
static enum wire_err get_transforms(struct bytes body, uint8_t n, struct v2_proposal *proposal, struct v2_sa *sa)
{
	bool has_more = n != 0;

	proposal->first = sa->n_transforms;
	proposal->n = n;
	for (uint8_t i = 0; i < n; i++) {
		struct v2_transform *transform = &sa->transforms[sa->n_transforms];

		if (!has_more)
			return WIRE_NEXT;
		if (sa->n_transforms == V2_MAX_TRANSFORMS)
			return WIRE_MANY;
		TRY(get_transform(&body, &has_more, transform));
		if (!v2_transform_type_name(transform->type))	/* §3.3.6 */
			proposal->is_unusable = true;
		sa->n_transforms++;
	}
	if (has_more)
		return WIRE_NEXT;
	return body.len ? WIRE_LENGTH : WIRE_OK;
}

/* §3.3.1: none when an IKE SA begins, 8 bytes when it is rekeyed. */
static bool is_spi_length(uint8_t protocol, uint8_t n_bytes)
{
	switch (protocol) {
	case V2_PROTO_IKE:
		return n_bytes == 0 || n_bytes == ISAKMP_COOKIE_BYTES;
	case V2_PROTO_AH:
	case V2_PROTO_ESP:
		return n_bytes == 4;
	default:
		return true;
	}
}

static enum wire_err get_proposal(struct bytes *from, bool *has_more, struct v2_proposal *out, struct v2_sa *sa)
{
	uint8_t n_spi_bytes, n_transforms;
	struct bytes body;

	TRY(get_part(from, MORE_PROPOSALS, has_more, &out->whole, &body));
	TRY(get_u8(&body, &out->number));
	TRY(get_u8(&body, &out->protocol));
	TRY(get_u8(&body, &n_spi_bytes));
	TRY(get_u8(&body, &n_transforms));
	if (!is_spi_length(out->protocol, n_spi_bytes))
		return WIRE_LENGTH;
	out->is_unusable = out->protocol < V2_PROTO_IKE || out->protocol > V2_PROTO_ESP || n_transforms == 0;
	TRY(get_bytes(&body, n_spi_bytes, &out->spi));
	return get_transforms(body, n_transforms, out, sa);
}

static enum wire_err check_numbers(const struct v2_sa *sa)
{
	if (sa->n_proposals == 1)
		return sa->proposals[0].number ? WIRE_OK : WIRE_VALUE;
	for (unsigned i = 0; i < sa->n_proposals; i++)
		if (sa->proposals[i].number != i + 1)
			return WIRE_VALUE;
	return WIRE_OK;
}

enum wire_err v2_get_sa(struct bytes body, struct v2_sa *out)
{
	bool has_more = true;

	out->n_proposals = out->n_transforms = 0;
	while (has_more) {
		if (out->n_proposals == V2_MAX_PROPOSALS)
			return WIRE_MANY;
		TRY(get_proposal(&body, &has_more, &out->proposals[out->n_proposals], out));
		out->n_proposals++;
	}
	if (body.len)
		return WIRE_LENGTH;
	return check_numbers(out);
}

void v2_open_sa(struct v2_sa_writer *sa, struct writer *to, size_t *next_at)
{
	*sa = (struct v2_sa_writer){ .to = to, .sa_at = isakmp_begin(to, next_at, P2_SA) };
}

/* Whoever begins is the last until another does: the one before it, if there is one, then says so. */
static size_t begin_part(struct v2_sa_writer *sa, size_t before_at, bool is_first, uint8_t more)
{
	const size_t at = sa->to->len;

	if (!is_first)
		patch_u8(sa->to, before_at, more);
	put_zeros(sa->to, GENERIC_HEADER_BYTES);
	return at;
}

void v2_open_proposal(struct v2_sa_writer *sa, uint8_t number, uint8_t protocol, struct bytes spi)
{
	sa->proposal_at = begin_part(sa, sa->proposal_at, sa->n_proposals == 0, MORE_PROPOSALS);
	sa->n_proposals++;
	sa->n_transforms = 0;
	if (spi.len > UINT8_MAX)
		sa->to->has_failed = true;
	put_u8(sa->to, number);
	put_u8(sa->to, protocol);
	put_u8(sa->to, (uint8_t)spi.len);
	put_u8(sa->to, 0);	/* v2_close_proposal() counts */
	put_bytes(sa->to, spi.at, spi.len);
}

void v2_put_transform(struct v2_sa_writer *sa, uint8_t type, uint16_t id, uint16_t key_bits)
{
	sa->transform_at = begin_part(sa, sa->transform_at, sa->n_transforms == 0, MORE_TRANSFORMS);
	sa->n_transforms++;
	put_u8(sa->to, type);
	put_u8(sa->to, 0);
	put_u16(sa->to, id);
	if (key_bits) {
		put_u16(sa->to, SHORT_VALUE | KEY_LENGTH);
		put_u16(sa->to, key_bits);
	}
	isakmp_end(sa->to, sa->transform_at);
}

void v2_close_proposal(struct v2_sa_writer *sa)
{
	if (sa->n_transforms > UINT8_MAX)
		sa->to->has_failed = true;
	patch_u8(sa->to, sa->proposal_at + N_TRANSFORMS_AT, (uint8_t)sa->n_transforms);
	isakmp_end(sa->to, sa->proposal_at);
}

void v2_close_sa(struct v2_sa_writer *sa)
{
	isakmp_end(sa->to, sa->sa_at);
}
