// SPDX-License-Identifier: BSD-2-Clause-Patent
/* The outer header of tunnel mode (RFC 4301 §5.1.2), what comes of its ECN at the end (RFC 6040), and the header of UDP around ESP. */
#ifndef ADIT_TRANSFORM_OUTER_H
#define ADIT_TRANSFORM_OUTER_H

#include "transform/ip.h"

enum { UDP_BYTES = 8 };

static inline size_t outer_bytes(const struct adit_sa *sa)
{
	return sa->src.is_v6 ? IPV6_BYTES : IPV4_MIN_BYTES;
}

/** Puts the header for a packet of n_bytes around the inner one; seq's low half is the IPv4 identification. */
void outer_put(const struct adit_sa *sa, const struct ip_packet *inner, uint8_t proto, uint64_t seq, size_t n_bytes, uint8_t *ip);

/**
 * RFC 6040 §4.2, figure 4: the inner packet at ip takes from the outer header's ECN what it may.
 * @return NONE, or InEcn: congestion was experienced by a packet that cannot carry the news
 */
ADIT_MUST_USE enum adit_reason outer_give_ecn(uint8_t outer_tos, uint8_t *ip, bool is_v6);

/**
 * Puts the UDP header (RFC 3948 §2.1) before the udp_bytes - 8 bytes that stand behind it, in the packet whose IP header at ip is done.
 * The checksum is 0 on IPv4 (RFC 3948 §2.1), true on IPv6 (RFC 8200 §8.1). It needs the whole datagram.
 */
void outer_put_udp(const struct adit_sa *sa, const uint8_t *ip, bool is_v6, size_t udp_bytes, uint8_t *udp);

#endif
