// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * How long packets get when sealed. Pure: nothing but the SA is looked at.
 *
 *	ESP	outer IP | UDP 8 | SPI, number 8 | IV | payload, TFC fill, padding, 2 : a multiple of align | ICV
 *	AH	outer IP | 12, ICV : a multiple of 4 or 8 | payload
 *
 * payload: the whole IP packet (tunnel), or what follows its IP header (transport).
 */
#include "card.h"

#define IPV4_BYTES 20u
#define IPV6_BYTES 40u
#define UDP_BYTES 8u
#define ESP_BYTES 8u
#define ESP_TRAILER_BYTES 2u	/* pad length, next header */
#define AH_BYTES 12u		/* up to the ICV */

uint8_t adit_sa_icv_bytes(const struct adit_sa *sa)
{
	const struct algo_auth *auth = algo_auth(sa->auth);

	if (sa->icv_bytes)
		return sa->icv_bytes;
	if (algo_is_gcm(sa->enc))
		return 16;
	return auth ? auth->icv_bytes : 0;
}

static uint32_t round_up(uint32_t n, uint32_t unit)
{
	return (n + unit - 1) / unit * unit;
}

static uint32_t ip_header_bytes(const struct adit_sa *sa)
{
	return sa->dst.is_v6 ? IPV6_BYTES : IPV4_BYTES;
}

static uint32_t align_bytes(const struct adit_sa *sa)
{
	const struct algo_enc *enc = algo_enc(sa->enc);

	return sa->proto == ADIT_PROTO_ESP && enc ? enc->align_bytes : 1;
}

/* What stands before and behind text, outer IP header included. */
static uint32_t frame_bytes(const struct adit_sa *sa)
{
	const struct algo_enc *enc = algo_enc(sa->enc);
	const struct algo_auth *auth = algo_auth(sa->auth);
	const uint32_t icv = adit_sa_icv_bytes(sa);
	uint32_t iv;

	if (sa->proto == ADIT_PROTO_AH)	/* RFC 4302 §3.3.3.2.1 */
		return ip_header_bytes(sa) + round_up(AH_BYTES + icv, sa->dst.is_v6 ? 8 : 4);
	iv = auth && auth->is_gmac ? 8 : enc ? enc->iv_bytes : 0;	/* RFC 4543 §3.1 */
	return ip_header_bytes(sa) + (sa->udp_encap ? UDP_BYTES : 0) + ESP_BYTES + iv + icv;
}

static uint32_t trailer_bytes(const struct adit_sa *sa)
{
	return sa->proto == ADIT_PROTO_ESP ? ESP_TRAILER_BYTES : 0;
}

/* Inner packets are filled up to this. */
static uint32_t fill_bytes(const struct adit_sa *sa)
{
	return sa->proto == ADIT_PROTO_ESP && sa->mode == ADIT_MODE_TUNNEL && sa->dir == ADIT_DIR_OUT ? sa->tfc_bytes : 0;
}

uint16_t adit_sa_sealed_bytes(const struct adit_sa *sa, uint16_t ip_bytes)
{
	const uint32_t head = sa->mode == ADIT_MODE_TUNNEL ? 0 : ip_header_bytes(sa);
	uint32_t payload = ip_bytes > head ? ip_bytes - head : 0;
	uint32_t sealed;

	if (payload < fill_bytes(sa))
		payload = fill_bytes(sa);
	sealed = frame_bytes(sa) + round_up(payload + trailer_bytes(sa), align_bytes(sa));
	return sealed < UINT16_MAX ? (uint16_t)sealed : UINT16_MAX;
}

uint16_t adit_sa_inner_mtu(const struct adit_sa *sa, uint16_t path_mtu)
{
	const uint32_t around = frame_bytes(sa) + trailer_bytes(sa);
	const uint32_t head = sa->mode == ADIT_MODE_TUNNEL ? 0 : ip_header_bytes(sa);
	const uint32_t least = sa->mode == ADIT_MODE_TUNNEL ? IPV4_BYTES : head;	/* no IP packet is shorter */
	uint32_t text, inner;

	if (path_mtu < around)
		return 0;
	text = path_mtu - frame_bytes(sa);
	text -= text % align_bytes(sa);
	if (text < trailer_bytes(sa))
		return 0;
	inner = text - trailer_bytes(sa) + head;
	return inner >= least && inner >= fill_bytes(sa) ? (uint16_t)inner : 0;
}

uint16_t adit_sa_overhead(const struct adit_sa *sa)
{
	const uint32_t head = sa->mode == ADIT_MODE_TUNNEL ? 0 : ip_header_bytes(sa);

	return (uint16_t)(frame_bytes(sa) - head + trailer_bytes(sa) + align_bytes(sa) - 1);
}
