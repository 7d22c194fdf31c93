// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * What golden needs of an IP header, IPv4 (RFC 791 §3.1) or IPv6 (RFC 8200 §3, §4). One reader for the packet in a frame
 * and for the packet in a tunnel.
 *
 *   at                nh_off (one byte names the transport)   head_bytes            n_bytes
 *   | IP header ...... options or extension headers ......... | transport header .. |
 */
#ifndef ADIT_TRANSFORM_IP_H
#define ADIT_TRANSFORM_IP_H

#include "adit/adit.h"
#include "transform/ipv4.h"

enum {
	IPV6_BYTES = 40,
	IP_MAX_EXT_HEADERS = 4,
	IP_INNER_REACH = 112,	/* how deep the card looks into an opened packet */
	PROTO_HOPOPTS = 0, PROTO_ICMP = 1, PROTO_IPV4 = 4, PROTO_UDP = 17, PROTO_IPV6 = 41, PROTO_ROUTING = 43, PROTO_FRAGMENT = 44,
	PROTO_ICMPV6 = 58, PROTO_NONE = 59, PROTO_DSTOPTS = 60,
};

struct ip_packet {
	const uint8_t *at;
	size_t n_bytes;		/* by its own length field */
	size_t head_bytes;
	size_t nh_off;
	size_t fragment_off;	/* IPv6: where a fragment header stands, 0 if there is none */
	const uint8_t *src, *dst;
	size_t addr_bytes;
	bool is_v6, has_ext, is_frag, is_later, df;
	bool has_ports;		/* sport and dport count; ICMP and ICMPv6: type and code */
	bool no_ports;		/* there are ports, but nobody can know them: a later fragment, or cut short */
	uint8_t proto, tos, ttl;
	uint16_t sport, dport;
};

/**
 * Reads the header at `at`, with options or extension headers, and the ports behind it; room bytes may be read.
 * @return ADIT_REASON_NONE, RxIpHeader or RxExtHeaders (more than four, or one that does not end inside the packet);
 *         then *out is not to be used.
 */
ADIT_MUST_USE enum adit_reason ip_read(const uint8_t *at, size_t room, bool is_v6, struct ip_packet *out);

/**
 * The same for what transport mode gives back: n_bytes that begin with the header called proto, an IPv6 extension header perhaps.
 * out->at is there, addresses and nh_off are not set.
 */
ADIT_MUST_USE enum adit_reason ip_read_payload(const uint8_t *at, size_t n_bytes, bool is_v6, uint8_t proto, struct ip_packet *out);

/** The card sees IP_INNER_REACH bytes of what it opened: do extension headers and what it reads behind them lie there? */
bool ip_is_in_reach(const struct ip_packet *p);

/** Sets length field and, for IPv4, checksum of the header at ip, whose packet has n_bytes. */
void ip_set_length(uint8_t *ip, bool is_v6, size_t n_bytes);

/** The bytes of a packet's AH header by its own length byte (RFC 4302 §2.2). */
static inline size_t ip_ah_bytes(const uint8_t *ah)
{
	return ((size_t)ah[1] + 2) * 4;
}

static inline uint8_t ipv6_tos(const uint8_t *ip)
{
	return (uint8_t)(ip[0] << 4 | ip[1] >> 4);
}

static inline void ipv6_set_tos(uint8_t *ip, uint8_t tos)
{
	ip[0] = (uint8_t)((ip[0] & 0xf0) | tos >> 4);
	ip[1] = (uint8_t)(tos << 4 | (ip[1] & 0x0f));
}

#endif
