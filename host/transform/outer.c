// SPDX-License-Identifier: BSD-2-Clause-Patent
#include "transform/outer.h"

#include <string.h>

enum { ECN_MASK = 3, NOT_ECT = 0, ECT_1 = 1, ECT_0 = 2, CE = 3 };

/* RFC 4301 §5.1.2.1 footnotes 4 to 6: what of the inner header goes outside. */
static uint8_t outer_tos(const struct adit_sa *sa, uint8_t tos)
{
	if (sa->set_dscp)
		tos = (uint8_t)((sa->dscp << 2) | (tos & ECN_MASK));
	return sa->no_ecn ? (uint8_t)(tos & ~ECN_MASK) : tos;
}

static bool outer_df(const struct adit_sa *sa, const struct ip_packet *inner)
{
	if (sa->set_df)
		return true;
	return !sa->clear_df && (inner->is_v6 || inner->df);	/* IPv6 is never fragmented on its way */
}

void outer_put(const struct adit_sa *sa, const struct ip_packet *inner, uint8_t proto, uint64_t seq, size_t n_bytes, uint8_t *ip)
{
	bool is_v6 = sa->src.is_v6;
	uint8_t ttl = sa->ttl != 0 ? sa->ttl : 64;

	memset(ip, 0, outer_bytes(sa));
	if (is_v6) {
		ipv4_put32(ip, sa->flow_label & 0xfffff);
		ip[0] |= 0x60;
		ipv6_set_tos(ip, outer_tos(sa, inner->tos));
		ip[6] = proto;
		ip[7] = ttl;
		memcpy(ip + 8, sa->src.bytes, 16);
		memcpy(ip + 24, sa->dst.bytes, 16);
	} else {
		ip[0] = 0x45;
		ip[1] = outer_tos(sa, inner->tos);
		ipv4_put16(ip + 4, (uint16_t)seq);
		ip[6] = outer_df(sa, inner) ? 0x40 : 0;
		ip[8] = ttl;
		ip[9] = proto;
		memcpy(ip + 12, sa->src.bytes, 4);
		memcpy(ip + 16, sa->dst.bytes, 4);
	}
	ip_set_length(ip, is_v6, n_bytes);
}

/* RFC 1624 eqn. 3: the checksum follows one changed word; a wrong one stays wrong. */
static void follow_checksum(uint8_t *ip, uint16_t old_word, uint16_t new_word)
{
	uint32_t sum = (uint16_t)~ipv4_get16(ip + 10);

	sum += (uint16_t)~old_word;
	ipv4_put16(ip + 10, inet_fold(sum + new_word));
}

enum adit_reason outer_give_ecn(uint8_t tos, uint8_t *ip, bool is_v6)
{
	uint8_t inner = is_v6 ? ipv6_tos(ip) : ip[1];
	uint8_t ecn = inner & ECN_MASK, outer = tos & ECN_MASK;
	uint16_t old_word = ipv4_get16(ip);

	if (outer == CE && ecn == NOT_ECT)
		return ADIT_REASON_InEcn;
	if (outer == CE)
		ecn = CE;
	else if (outer == ECT_1 && ecn == ECT_0)
		ecn = ECT_1;
	inner = (uint8_t)((inner & ~ECN_MASK) | ecn);
	if (is_v6) {
		ipv6_set_tos(ip, inner);
	} else if (inner != ip[1]) {
		ip[1] = inner;
		follow_checksum(ip, old_word, ipv4_get16(ip));
	}
	return ADIT_REASON_NONE;
}

void outer_put_udp(const struct adit_sa *sa, const uint8_t *ip, bool is_v6, size_t udp_bytes, uint8_t *udp)
{
	uint32_t sum = PROTO_UDP + (uint32_t)udp_bytes;

	ipv4_put16(udp, sa->natt_sport);
	ipv4_put16(udp + 2, sa->natt_dport);
	ipv4_put16(udp + 4, (uint16_t)udp_bytes);
	ipv4_put16(udp + 6, 0);
	if (!is_v6)
		return;
	sum = inet_fold(inet_sum(inet_sum(sum, ip + 8, 32), udp, udp_bytes));
	ipv4_put16(udp + 6, sum == 0 ? 0xffff : (uint16_t)sum);	/* RFC 8200 §8.1: 0 would mean none */
}
