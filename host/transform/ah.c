// SPDX-License-Identifier: BSD-2-Clause-Patent
#include "transform/ah.h"

#include <string.h>

#include "transform/golden.h"

/* ---- IPv4, RFC 4302 §3.3.3.1.1 and appendix A1 */

enum { OPTION_END = 0, OPTION_NOP = 1, OPTION_LSRR = 131, OPTION_SSRR = 137 };

/* Security, extended and commercial security, router alert, sender directed multi-destination delivery. */
static bool option_is_immutable(uint8_t type)
{
	return type == 130 || type == 133 || type == 134 || type == 148 || type == 149;
}

/* A source route not yet at its end: the last address will be the destination (RFC 791 §3.1). */
static void foresee_source_route(const uint8_t *option, size_t option_bytes, uint8_t *dst)
{
	size_t addresses = option_bytes >= 3 ? (option_bytes - 3) / 4 : 0;
	size_t next = option_bytes >= 3 ? option[2] : 0;	/* counts from 1 */

	if (addresses > 0 && next >= 4 && next + 3 <= option_bytes)
		memcpy(dst, option + 3 + (addresses - 1) * 4, 4);
}

static bool mute_v4(uint8_t *ip, size_t head_bytes, bool is_sealing)
{
	size_t at = IPV4_MIN_BYTES;

	ip[1] = 0;		/* TOS */
	ipv4_put16(ip + 6, 0);	/* flags, fragment offset */
	ip[8] = 0;		/* TTL */
	ipv4_put16(ip + 10, 0);	/* checksum */
	while (at < head_bytes && ip[at] != OPTION_END) {
		size_t option_bytes;

		if (ip[at] == OPTION_NOP) {
			at++;
			continue;
		}
		option_bytes = at + 1 < head_bytes ? ip[at + 1] : 0;
		if (option_bytes < 2 || option_bytes > head_bytes - at)
			return false;
		if (is_sealing && (ip[at] == OPTION_LSRR || ip[at] == OPTION_SSRR))
			foresee_source_route(ip + at, option_bytes, ip + 16);
		if (!option_is_immutable(ip[at]))
			memset(ip + at, 0, option_bytes);
		at += option_bytes;
	}
	return true;
}

/* ---- IPv6, RFC 4302 §3.3.3.1.2 and appendix A2 */

enum { OPTION_PAD1 = 0, OPTION_MAY_CHANGE = 0x20, ROUTING_SOURCE = 0, ROUTING_HOME = 2 };

static bool mute_options(uint8_t *ext, size_t ext_bytes)
{
	size_t at = 2;

	while (at < ext_bytes) {
		if (ext[at] == OPTION_PAD1) {
			at++;
			continue;
		}
		if (at + 2 > ext_bytes || ext[at + 1] > ext_bytes - at - 2)
			return false;
		if ((ext[at] & OPTION_MAY_CHANGE) != 0)
			memset(ext + at + 2, 0, ext[at + 1]);
		at += 2 + (size_t)ext[at + 1];
	}
	return true;
}

/* As it will look at the last node: each of the segments left moves one place up, the destination steps in (RFC 4302 appendix A2.2). */
static bool foresee_routing(uint8_t *ext, size_t ext_bytes, uint8_t *dst)
{
	size_t addresses = (ext_bytes - 8) / 16, left = ext[3];
	uint8_t *first, last[16];

	if (left == 0)
		return true;
	if ((ext[2] != ROUTING_SOURCE && ext[2] != ROUTING_HOME) || left > addresses)
		return false;
	first = ext + 8 + (addresses - left) * 16;
	memcpy(last, ext + 8 + (addresses - 1) * 16, 16);
	memmove(first + 16, first, (left - 1) * 16);
	memcpy(first, dst, 16);
	memcpy(dst, last, 16);
	ext[3] = 0;
	return true;
}

/* Works on the copy of *head_bytes at ip; a fragment header is taken out: IPsec never sees one (appendix A2.3). */
static bool mute_v6(uint8_t *ip, size_t *head_bytes, bool is_sealing)
{
	size_t at = IPV6_BYTES, nh_off = 6;

	ip[0] &= 0xf0;			/* traffic class, flow label */
	memset(ip + 1, 0, 3);
	ip[7] = 0;			/* hop limit */
	while (at < *head_bytes) {
		uint8_t *ext = ip + at;
		size_t left_bytes = *head_bytes - at, ext_bytes;

		if (left_bytes < 8)
			return false;
		if (ip[nh_off] == PROTO_FRAGMENT) {
			ip[nh_off] = ext[0];
			memmove(ext, ext + 8, left_bytes - 8);
			ipv4_put16(ip + 4, (uint16_t)(ipv4_get16(ip + 4) - 8));
			*head_bytes -= 8;
			continue;
		}
		ext_bytes = ((size_t)ext[1] + 1) * 8;
		if (ext_bytes > left_bytes)
			return false;
		if (ip[nh_off] == PROTO_ROUTING) {
			if (is_sealing && !foresee_routing(ext, ext_bytes, ip + 24))
				return false;
		} else if (!mute_options(ext, ext_bytes)) {
			return false;
		}
		nh_off = at;
		at += ext_bytes;
	}
	return true;
}

bool ah_icv(struct suite *s, const struct ah_packet *p, uint64_t seq, bool esn, uint8_t icv[SUITE_MAX_ICV_BYTES])
{
	uint8_t head[GOLDEN_MAX_FRAME_BYTES], ah[AH_LONGEST_BYTES], high[4];
	size_t head_bytes = p->head_bytes, body_off = p->head_bytes + p->ah_bytes;
	struct suite_piece pieces[4];

	if (head_bytes > sizeof(head) || p->ah_bytes > sizeof(ah) || p->ah_bytes < AH_FIXED_BYTES + suite_icv_bytes(s))
		return false;
	memcpy(head, p->ip, head_bytes);
	if (!(p->is_v6 ? mute_v6(head, &head_bytes, p->is_sealing) : mute_v4(head, head_bytes, p->is_sealing)))
		return false;
	memcpy(ah, p->ip + p->head_bytes, p->ah_bytes);
	memset(ah + AH_FIXED_BYTES, 0, suite_icv_bytes(s));
	ipv4_put32(high, (uint32_t)(seq >> 32));
	pieces[0] = (struct suite_piece){ head, head_bytes };
	pieces[1] = (struct suite_piece){ ah, p->ah_bytes };
	pieces[2] = (struct suite_piece){ p->ip + body_off, p->n_bytes - body_off };
	pieces[3] = (struct suite_piece){ high, sizeof(high) };	/* RFC 4302 §3.3.3.2.2 */
	return suite_mac(s, pieces, esn ? 4 : 3, icv);
}
