// SPDX-License-Identifier: BSD-2-Clause-Patent
#include "slowpath/too_big.h"

#include <string.h>

#include "base/inet.h"

enum {
	ICMP_BYTES = 8, ICMP_UNREACHABLE = 3, ICMP_NEEDS_FRAGMENTATION = 4, ICMP6_TOO_BIG = 2,
	ICMP4_ANSWER_BYTES = 576,	/* RFC 1812 §4.3.2.3 */
	ICMP6_ANSWER_BYTES = 1280,	/* RFC 4443 §2.4 (c) */
	HOPS = 64
};

static bool is_icmp_error(const struct ip_packet *ip)
{
	if (ip->is_v6)
		return ip->proto == PROTO_ICMPV6 && ip->has_ports && ip->sport < 128;
	return ip->proto == PROTO_ICMP && ip->has_ports && (ip->sport == 3 || ip->sport == 4 || ip->sport == 5 || ip->sport == 11 ||
							    ip->sport == 12);
}

/* Multicast or unspecified source, or multicast or broadcast destination. */
static bool is_for_many(const struct ip_packet *ip)
{
	static const uint8_t zero[16];

	if (memcmp(ip->src, zero, ip->addr_bytes) == 0)
		return true;
	if (ip->is_v6)
		return ip->src[0] == 0xff || ip->dst[0] == 0xff;
	return ip->src[0] >= 224 || ip->dst[0] >= 224;
}

size_t too_big_answer(const struct frame *frame, const struct adit_addr *from, uint16_t mtu, uint8_t *out)
{
	const struct ip_packet *ip = &frame->ip;
	size_t head = ip->is_v6 ? IPV6_BYTES : IPV4_MIN_BYTES;
	size_t most = (ip->is_v6 ? ICMP6_ANSWER_BYTES : ICMP4_ANSWER_BYTES) - head - ICMP_BYTES;
	size_t quoted = ip->n_bytes < most ? ip->n_bytes : most, bytes = head + ICMP_BYTES + quoted;
	uint8_t *answer = out + frame->l3_off, *icmp = answer + head;

	if (from->is_v6 != ip->is_v6 || ip->is_later || is_icmp_error(ip) || is_for_many(ip) || (frame->bytes[0] & 1))
		return 0;
	memcpy(out, frame->bytes, frame->l3_off);
	memcpy(out, frame->bytes + 6, 6);
	memcpy(out + 6, frame->bytes, 6);
	memset(answer, 0, head + ICMP_BYTES);
	memcpy(icmp + ICMP_BYTES, ip->at, quoted);
	if (ip->is_v6) {
		answer[0] = 0x60;
		answer[6] = PROTO_ICMPV6;
		answer[7] = HOPS;
		memcpy(answer + 8, from->bytes, 16);
		memcpy(answer + 24, ip->src, 16);
		icmp[0] = ICMP6_TOO_BIG;
		ipv4_put32(icmp + 4, mtu);
		ip_set_length(answer, true, bytes);
		ipv4_put16(icmp + 2, inet_fold(inet_sum((uint32_t)(bytes - head) + PROTO_ICMPV6, answer + 8, 32 + bytes - head)));
	} else {
		answer[0] = 0x45;
		answer[8] = HOPS;
		answer[9] = PROTO_ICMP;
		memcpy(answer + 12, from->bytes, 4);
		memcpy(answer + 16, ip->src, 4);
		icmp[0] = ICMP_UNREACHABLE;
		icmp[1] = ICMP_NEEDS_FRAGMENTATION;
		ipv4_put16(icmp + 6, mtu);
		ip_set_length(answer, false, bytes);
		ipv4_put16(icmp + 2, inet_fold(inet_sum(0, icmp, bytes - head)));
	}
	return frame->l3_off + bytes;
}
