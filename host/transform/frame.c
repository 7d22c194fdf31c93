// SPDX-License-Identifier: BSD-2-Clause-Patent
#include "transform/frame.h"

#include <string.h>

enum {
	ETHERTYPE_IPV4 = 0x0800, ETHERTYPE_ARP = 0x0806, ETHERTYPE_IPV6 = 0x86dd,
	ETHERTYPE_VLAN = 0x8100, ETHERTYPE_QINQ = 0x88a8,
	ETHER_BYTES = 14, TAG_BYTES = 4, MAX_TAGS = 2,
	ARP_BYTES = 28, ARP_TARGET_OFF = 24,
	MAX_FRAME_BYTES = 9600,
	REACH = 128,		/* so many bytes of a frame are looked at */
	PORT_NAT_T = 4500, UDP_BYTES = 8, ESP_BYTES = 8,
	AH_FIXED_BYTES = 12, AH_MAX_BYTES = 60,
	ND_FIRST = 133, ND_LAST = 137, ND_SOLICIT = 135, ND_TARGET_OFF = 8, ND_SOLICIT_BYTES = 24,
};

bool frame_addr_is_local(const struct adit_mode_options *options, bool is_v6, const uint8_t *addr)
{
	for (unsigned i = 0; i < options->n_local; i++)
		if (options->local[i].is_v6 == is_v6 && memcmp(options->local[i].bytes, addr, is_v6 ? 16 : 4) == 0)
			return true;
	return false;
}

static enum adit_reason read_ip(const uint8_t *frame, size_t frame_bytes, bool is_v6, struct frame_facts *f)
{
	struct ip_packet *p = &f->ip;
	enum adit_reason reason;

	if (frame_bytes - f->l3_off < (is_v6 ? IPV6_BYTES : IPV4_MIN_BYTES))
		return ADIT_REASON_RxRunt;
	reason = ip_read(frame + f->l3_off, frame_bytes - f->l3_off, is_v6, p);
	if (reason != ADIT_REASON_NONE)
		return reason;
	if (!is_v6)
		return ADIT_REASON_NONE;
	if (f->l3_off + p->head_bytes > REACH)
		return ADIT_REASON_RxExtHeaders;
	/* a later fragment of something that begins with an extension header hides its protocol: no policy can be found for it */
	if (p->is_later && (p->proto == PROTO_HOPOPTS || p->proto == PROTO_ROUTING || p->proto == PROTO_FRAGMENT || p->proto == PROTO_DSTOPTS))
		return ADIT_REASON_RxExtHeaders;
	return ADIT_REASON_NONE;
}

static void read_esp(const uint8_t *esp, size_t n_bytes, struct frame_facts *f)
{
	if (n_bytes < ESP_BYTES)
		return;
	f->is_whole = true;
	f->spi = ipv4_get32(esp);
	f->seq = ipv4_get32(esp + 4);
}

static void read_ah(const uint8_t *ah, size_t n_bytes, struct frame_facts *f)
{
	size_t ah_bytes = n_bytes >= 2 ? ip_ah_bytes(ah) : 0;

	if (ah_bytes < AH_FIXED_BYTES || ah_bytes > AH_MAX_BYTES || ah_bytes > n_bytes)
		return;
	f->is_whole = true;
	f->ah_bytes = ah_bytes;
	f->ah_next = ah[0];
	f->spi = ipv4_get32(ah + 4);
	f->seq = ipv4_get32(ah + 8);
	if (ah[0] == ADIT_PROTO_ESP && n_bytes >= ah_bytes + ESP_BYTES) {
		f->spi2 = ipv4_get32(ah + ah_bytes);
		f->seq2 = ipv4_get32(ah + ah_bytes + 4);
	}
}

/* How many bytes behind the IP header are asked for, whether they are there or not. */
static size_t needed_bytes(const struct frame_facts *f, const uint8_t *l4, size_t l4_bytes)
{
	const struct ip_packet *p = &f->ip;
	size_t ah_bytes;

	if (p->is_later)
		return 0;
	switch (p->proto) {
	case 6: case 17: case 33: case 132: case 136:
		return f->is_local_dst && p->has_ports && p->proto == PROTO_UDP && p->dport == PORT_NAT_T && !p->is_frag
			? UDP_BYTES + ESP_BYTES : 4;
	case ADIT_PROTO_ESP:
		return ESP_BYTES;
	case ADIT_PROTO_AH:
		ah_bytes = l4_bytes >= 2 ? ip_ah_bytes(l4) : 0;
		if (ah_bytes < AH_FIXED_BYTES || ah_bytes > AH_MAX_BYTES)
			return AH_FIXED_BYTES;
		return ah_bytes + (l4[0] == ADIT_PROTO_ESP ? ESP_BYTES : 0);
	default:
		if (p->proto != (p->is_v6 ? PROTO_ICMPV6 : PROTO_ICMP))
			return 0;
		return f->is_nd && p->sport == ND_SOLICIT ? ND_SOLICIT_BYTES : 2;
	}
}

/* Everything behind the IP header that the card's law asks for. */
static enum adit_reason read_behind(const struct adit_mode_options *options, struct frame_facts *f)
{
	const struct ip_packet *p = &f->ip;
	const uint8_t *l4 = p->at + p->head_bytes;
	size_t l4_bytes = p->n_bytes - p->head_bytes, needed;

	f->is_nd = p->is_v6 && p->proto == PROTO_ICMPV6 && p->has_ports && p->ttl == 255 && p->sport >= ND_FIRST && p->sport <= ND_LAST;
	f->is_local_src = frame_addr_is_local(options, p->is_v6, p->src);
	if (f->is_nd && p->sport == ND_SOLICIT)
		f->is_local_dst = l4_bytes >= ND_SOLICIT_BYTES && frame_addr_is_local(options, true, l4 + ND_TARGET_OFF);
	else
		f->is_local_dst = frame_addr_is_local(options, p->is_v6, p->dst);
	needed = needed_bytes(f, l4, l4_bytes);
	if (f->l3_off + p->head_bytes + (needed < l4_bytes ? needed : l4_bytes) > REACH)
		return ADIT_REASON_RxExtHeaders;
	if (p->is_later)
		return ADIT_REASON_NONE;

	f->security_off = p->head_bytes;
	if (p->proto == ADIT_PROTO_ESP) {
		read_esp(l4, l4_bytes, f);
	} else if (p->proto == ADIT_PROTO_AH) {
		read_ah(l4, l4_bytes, f);
	} else if (p->proto == PROTO_UDP && p->has_ports && p->dport == PORT_NAT_T && !p->is_frag && f->is_local_dst) {
		f->is_keepalive = l4_bytes == UDP_BYTES + 1 && l4[UDP_BYTES] == 0xff;
		f->is_natt = l4_bytes >= UDP_BYTES + 4 && ipv4_get32(l4 + UDP_BYTES) != 0;	/* not the marker of RFC 3948 §2.2 */
		f->security_off += UDP_BYTES;
		if (f->is_natt)
			read_esp(l4 + UDP_BYTES, l4_bytes - UDP_BYTES, f);
	}
	return ADIT_REASON_NONE;
}

struct frame_facts frame_read(const struct adit_mode_options *options, const uint8_t *frame, size_t frame_bytes)
{
	struct frame_facts f = { .reason = ADIT_REASON_NONE, .l3_off = ETHER_BYTES };
	uint16_t type;

	if (frame_bytes > MAX_FRAME_BYTES) {
		f.reason = ADIT_REASON_RxGiant;
		return f;
	}
	if (frame_bytes < f.l3_off) {
		f.reason = ADIT_REASON_RxRunt;
		return f;
	}
	type = ipv4_get16(frame + f.l3_off - 2);
	for (unsigned tags = 0; (type == ETHERTYPE_VLAN || type == ETHERTYPE_QINQ) && tags < MAX_TAGS; tags++) {
		f.l3_off += TAG_BYTES;
		if (frame_bytes < f.l3_off) {
			f.reason = ADIT_REASON_RxRunt;
			return f;
		}
		type = ipv4_get16(frame + f.l3_off - 2);
	}
	if (type == ETHERTYPE_ARP) {
		f.is_arp = true;
		if (frame_bytes < f.l3_off + ARP_BYTES)
			f.reason = ADIT_REASON_RxRunt;
		else
			f.is_local_dst = frame_addr_is_local(options, false, frame + f.l3_off + ARP_TARGET_OFF);
	} else if (type == ETHERTYPE_IPV4 || type == ETHERTYPE_IPV6) {
		f.reason = read_ip(frame, frame_bytes, type == ETHERTYPE_IPV6, &f);
		if (f.reason == ADIT_REASON_NONE)
			f.reason = read_behind(options, &f);
	} else {
		f.reason = ADIT_REASON_RxNotIp;
	}
	return f;
}
