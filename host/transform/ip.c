// SPDX-License-Identifier: BSD-2-Clause-Patent
#include "transform/ip.h"

#include <string.h>

enum { AH_MAX_BYTES = 48, ESP_LOOK_BYTES = 8, UDP_BYTES = 8, PORT_NAT_T = 4500 };

static bool is_port_proto(const struct ip_packet *p)
{
	return p->proto == 6 || p->proto == PROTO_UDP || p->proto == 33 || p->proto == 132 || p->proto == 136;	/* TCP, DCCP, SCTP, UDP-Lite */
}

static bool is_icmp(const struct ip_packet *p)
{
	return p->proto == (p->is_v6 ? PROTO_ICMPV6 : PROTO_ICMP);
}

static void read_ports(struct ip_packet *p)
{
	const uint8_t *l4 = p->at + p->head_bytes;
	size_t l4_bytes = p->n_bytes - p->head_bytes;

	if (p->is_later) {
		p->no_ports = true;
	} else if (is_port_proto(p)) {
		p->has_ports = l4_bytes >= 4;
		p->no_ports = !p->has_ports;
		p->sport = p->has_ports ? ipv4_get16(l4) : 0;
		p->dport = p->has_ports ? ipv4_get16(l4 + 2) : 0;
	} else if (is_icmp(p)) {
		p->has_ports = l4_bytes >= 2;
		p->no_ports = !p->has_ports;
		p->sport = p->has_ports ? l4[0] : 0;
		p->dport = p->has_ports ? l4[1] : 0;
	}
}

bool ip_is_in_reach(const struct ip_packet *p)
{
	const uint8_t *l4 = p->at + p->head_bytes;
	size_t l4_bytes = p->n_bytes - p->head_bytes, look = 0;

	if (p->is_later) {
		look = 0;
	} else if (p->proto == PROTO_UDP && p->has_ports && p->dport == PORT_NAT_T) {
		look = UDP_BYTES + ESP_LOOK_BYTES;
	} else if (is_port_proto(p)) {
		look = 4;
	} else if (is_icmp(p)) {
		look = 2;
	} else if (p->proto == ADIT_PROTO_ESP) {
		look = ESP_LOOK_BYTES;
	} else if (p->proto == ADIT_PROTO_AH && l4_bytes >= 2) {
		look = ip_ah_bytes(l4) < AH_MAX_BYTES ? ip_ah_bytes(l4) : AH_MAX_BYTES;
		look += l4[0] == ADIT_PROTO_ESP ? ESP_LOOK_BYTES : 0;
	}
	return p->head_bytes + (look < l4_bytes ? look : l4_bytes) <= IP_INNER_REACH;
}

/* RFC 8200 §4: from header to header; a later fragment shows none behind its fragment header. */
static enum adit_reason walk(struct ip_packet *p)
{
	for (unsigned n = 0;; n++) {
		const uint8_t *ext = p->at + p->head_bytes;
		size_t ext_bytes = 8;

		if (p->is_later || (p->proto != PROTO_HOPOPTS && p->proto != PROTO_ROUTING && p->proto != PROTO_FRAGMENT &&
				    p->proto != PROTO_DSTOPTS))
			return ADIT_REASON_NONE;
		if (n == IP_MAX_EXT_HEADERS || p->n_bytes - p->head_bytes < ext_bytes)
			return ADIT_REASON_RxExtHeaders;
		if (p->proto == PROTO_FRAGMENT) {
			uint16_t offset = ipv4_get16(ext + 2);

			p->fragment_off = p->head_bytes;
			p->is_later = (offset & 0xfff8) != 0;
			p->is_frag = p->is_frag || (offset & 0xfff9) != 0;
		} else {
			ext_bytes = ((size_t)ext[1] + 1) * 8;
		}
		if (p->n_bytes - p->head_bytes < ext_bytes)
			return ADIT_REASON_RxExtHeaders;
		p->has_ext = true;
		p->proto = ext[0];
		p->nh_off = p->head_bytes;
		p->head_bytes += ext_bytes;
	}
}

static enum adit_reason read_v4(size_t room, struct ip_packet *p)
{
	const uint8_t *ip = p->at;

	if (!ipv4_is_sound(ip, room, 0))
		return ADIT_REASON_RxIpHeader;
	p->n_bytes = ipv4_total_bytes(ip);
	p->head_bytes = ipv4_header_bytes(ip);
	p->nh_off = 9;
	p->src = ip + 12;
	p->dst = ip + 16;
	p->addr_bytes = 4;
	p->has_ext = p->head_bytes > IPV4_MIN_BYTES;
	p->is_frag = ipv4_is_fragment(ip);
	p->is_later = ipv4_is_later_fragment(ip);
	p->df = (ip[6] & 0x40) != 0;
	p->proto = ip[9];
	p->tos = ip[1];
	p->ttl = ip[8];
	return ADIT_REASON_NONE;
}

static enum adit_reason read_v6(size_t room, struct ip_packet *p)
{
	const uint8_t *ip = p->at;

	if (room < IPV6_BYTES || ip[0] >> 4 != 6)
		return ADIT_REASON_RxIpHeader;
	p->n_bytes = IPV6_BYTES + (size_t)ipv4_get16(ip + 4);
	if (p->n_bytes > room || (p->n_bytes == IPV6_BYTES && ip[6] != PROTO_NONE))	/* no jumbograms, RFC 2675 */
		return ADIT_REASON_RxIpHeader;
	p->head_bytes = IPV6_BYTES;
	p->nh_off = 6;
	p->src = ip + 8;
	p->dst = ip + 24;
	p->addr_bytes = 16;
	p->proto = ip[6];
	p->tos = ipv6_tos(ip);
	p->ttl = ip[7];
	return walk(p);
}

enum adit_reason ip_read(const uint8_t *at, size_t room, bool is_v6, struct ip_packet *out)
{
	enum adit_reason reason;

	*out = (struct ip_packet){ .at = at, .is_v6 = is_v6 };
	reason = is_v6 ? read_v6(room, out) : read_v4(room, out);
	if (reason == ADIT_REASON_NONE)
		read_ports(out);
	return reason;
}

enum adit_reason ip_read_payload(const uint8_t *at, size_t n_bytes, bool is_v6, uint8_t proto, struct ip_packet *out)
{
	enum adit_reason reason = ADIT_REASON_NONE;

	*out = (struct ip_packet){ .at = at, .n_bytes = n_bytes, .is_v6 = is_v6, .proto = proto };
	if (is_v6)
		reason = walk(out);
	if (reason == ADIT_REASON_NONE)
		read_ports(out);
	return reason;
}

void ip_set_length(uint8_t *ip, bool is_v6, size_t n_bytes)
{
	if (is_v6) {
		ipv4_put16(ip + 4, (uint16_t)(n_bytes - IPV6_BYTES));
	} else {
		ipv4_put16(ip + 2, (uint16_t)n_bytes);
		ipv4_set_checksum(ip);
	}
}
