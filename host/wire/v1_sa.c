// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * The SA payload (RFC 2408 §3.4 - §3.6, RFC 2407 §4.6.1):
 *
 *   doi u32 | situation u32 | { proposal }…
 *   proposal:   next u8 | reserved u8 | length u16 | number u8 | protocol u8 | SPI bytes u8 | transforms u8 | SPI | { transform }…
 *   transform:  next u8 | reserved u8 | length u16 | number u8 | id u8 | reserved u16 | { attribute }…
 */
#include "wire/room.h"

enum { N_TRANSFORMS_AT = 7 };	/* in a proposal */

/* RFC 2408 §5.5 (2). CPIs have 2 bytes, some send 4 (RFC 3173 §4.2); of protocols not known here the bound of all. */
static bool is_spi_length(uint8_t protocol, uint8_t n_bytes)
{
	switch (protocol) {
	case V1_PROTO_AH:
	case V1_PROTO_ESP:
		return n_bytes == 4;
	case V1_PROTO_IPCOMP:
		return n_bytes == 2 || n_bytes == 4;
	default:
		return n_bytes <= V1_MAX_SPI_BYTES;
	}
}

static enum wire_err get_transform(struct bytes *from, uint8_t protocol, uint8_t *next, struct v1_transform *out)
{
	struct bytes body;
	uint16_t reserved;

	*out = (struct v1_transform){ 0 };
	TRY(wire_get_generic(from, next, &out->whole, &body));
	TRY(get_u8(&body, &out->number));
	TRY(get_u8(&body, &out->id));
	TRY(get_u16(&body, &reserved));
	if (reserved != 0)
		return WIRE_RESERVED;
	if (protocol > V1_PROTO_IPCOMP)	/* whatever its attributes mean, it cannot be chosen */
		out->has_unknown = true;
	return v1_get_attributes(body, protocol == V1_PROTO_ISAKMP, out);
}

/* All of a proposal's transforms: as many as it says, linked as many, and nothing behind them. */
static enum wire_err get_transforms(struct bytes body, uint8_t n, struct v1_proposal *proposal, struct v1_sa *sa)
{
	uint8_t next = P_TRANSFORM;

	if (n == 0)	/* §3.5: at least one */
		return WIRE_MISSING;
	proposal->first = sa->n_transforms;
	proposal->n = n;
	for (uint8_t i = 0; i < n; i++) {
		if (next != P_TRANSFORM)
			return WIRE_NEXT;
		if (sa->n_transforms == V1_MAX_TRANSFORMS)
			return WIRE_MANY;
		TRY(get_transform(&body, proposal->protocol, &next, &sa->transforms[sa->n_transforms]));
		sa->n_transforms++;
	}
	if (next != P_NONE)
		return WIRE_NEXT;
	return body.len ? WIRE_LENGTH : WIRE_OK;
}

static enum wire_err get_proposal(struct bytes *from, uint8_t *next, struct v1_proposal *out, struct v1_sa *sa)
{
	uint8_t n_spi_bytes, n_transforms;
	struct bytes body;

	TRY(wire_get_generic(from, next, &out->whole, &body));
	TRY(get_u8(&body, &out->number));
	TRY(get_u8(&body, &out->protocol));
	TRY(get_u8(&body, &n_spi_bytes));
	TRY(get_u8(&body, &n_transforms));
	if (out->protocol == 0)
		return WIRE_VALUE;
	if (!is_spi_length(out->protocol, n_spi_bytes))
		return WIRE_LENGTH;
	TRY(get_bytes(&body, n_spi_bytes, &out->spi));
	return get_transforms(body, n_transforms, out, sa);
}

enum wire_err v1_get_sa(struct bytes body, struct v1_sa *out)
{
	uint8_t next = P_PROPOSAL;

	out->n_proposals = out->n_transforms = 0;
	out->doi = out->situation = 0;
	TRY(get_u32(&body, &out->doi));
	TRY(get_u32(&body, &out->situation));
	if (out->doi != DOI_IPSEC || out->situation != SIT_IDENTITY_ONLY)	/* labels would follow, RFC 2407 §4.6.1 */
		return WIRE_VALUE;
	while (next != P_NONE) {
		struct v1_proposal *proposal = &out->proposals[out->n_proposals];

		if (next != P_PROPOSAL)
			return WIRE_NEXT;
		if (out->n_proposals == V1_MAX_PROPOSALS)
			return WIRE_MANY;
		TRY(get_proposal(&body, &next, proposal, out));
		/* RFC 2408 §4.2: numbers rise; equal ones are one proposal, so they stand together */
		if (out->n_proposals && proposal->number < proposal[-1].number)
			return WIRE_VALUE;
		out->n_proposals++;
	}
	return body.len ? WIRE_LENGTH : WIRE_OK;
}

void v1_open_sa(struct v1_sa_writer *sa, struct writer *to, size_t *next_at)
{
	*sa = (struct v1_sa_writer){ .to = to, .sa_at = isakmp_begin(to, next_at, P_SA) };
	put_u32(to, DOI_IPSEC);
	put_u32(to, SIT_IDENTITY_ONLY);
}

/* A proposal or transform begins; the one before it, if there is one, now names it. */
static size_t begin_part(struct v1_sa_writer *sa, size_t before_at, bool is_first, uint8_t type)
{
	size_t next_at = before_at;
	const size_t at = sa->to->len;

	if (!is_first)
		return isakmp_begin(sa->to, &next_at, type);
	put_zeros(sa->to, GENERIC_HEADER_BYTES);
	return at;
}

void v1_open_proposal(struct v1_sa_writer *sa, uint8_t number, uint8_t protocol, struct bytes spi)
{
	sa->proposal_at = begin_part(sa, sa->last_proposal_at, sa->n_proposals == 0, P_PROPOSAL);
	sa->last_proposal_at = sa->proposal_at;
	sa->n_proposals++;
	sa->n_transforms = 0;
	if (spi.len > V1_MAX_SPI_BYTES)
		sa->to->has_failed = true;
	put_u8(sa->to, number);
	put_u8(sa->to, protocol);
	put_u8(sa->to, (uint8_t)spi.len);
	put_u8(sa->to, 0);	/* v1_close_proposal() counts */
	put_bytes(sa->to, spi.at, spi.len);
}

static size_t begin_transform(struct v1_sa_writer *sa)
{
	sa->last_transform_at = begin_part(sa, sa->last_transform_at, sa->n_transforms == 0, P_TRANSFORM);
	sa->n_transforms++;
	return sa->last_transform_at;
}

void v1_put_transform(struct v1_sa_writer *sa, const struct v1_transform *transform, bool is_phase1)
{
	const size_t at = begin_transform(sa);

	put_u8(sa->to, transform->number);
	put_u8(sa->to, transform->id);
	put_u16(sa->to, 0);
	v1_put_attributes(sa->to, transform, is_phase1);
	isakmp_end(sa->to, at);
}

void v1_put_chosen(struct v1_sa_writer *sa, const struct v1_transform *transform)
{
	const size_t at = begin_transform(sa);	/* a new header: whom it names next is not the peer's any more */

	if (transform->whole.len < GENERIC_HEADER_BYTES)
		sa->to->has_failed = true;
	else
		put_bytes(sa->to, transform->whole.at + GENERIC_HEADER_BYTES, transform->whole.len - GENERIC_HEADER_BYTES);
	isakmp_end(sa->to, at);
}

void v1_close_proposal(struct v1_sa_writer *sa)
{
	if (sa->n_transforms > UINT8_MAX)
		sa->to->has_failed = true;
	patch_u8(sa->to, sa->proposal_at + N_TRANSFORMS_AT, (uint8_t)sa->n_transforms);
	isakmp_end(sa->to, sa->proposal_at);
}

void v1_close_sa(struct v1_sa_writer *sa)
{
	isakmp_end(sa->to, sa->sa_at);
}
