// SPDX-License-Identifier: BSD-2-Clause-Patent
#include "slowpath/reassemble.h"

#include <stdlib.h>
#include <string.h>

enum { ECN_MASK = 3, ECN_CE = 3, UNIT_BYTES = 8, MAX_UNITS = FRAME_MAX_BYTES / UNIT_BYTES, FRAGMENT_HEADER_BYTES = 8 };

const struct reassembly_limits reassembly_default = {
	.memory_bytes = 4u << 20, .datagrams = 512, .datagrams_per_source = 64, .timeout_ms = 30000	/* RFC 791: at least 15 s */
};

/* What makes fragments belong together: RFC 791 §3.2, RFC 8200 §4.5. */
struct name {
	uint8_t src[16], dst[16];
	uint32_t id;
	uint8_t proto;		/* IPv4 */
	bool is_v6;
};

struct datagram {
	struct name name;
	int64_t since_ms;
	bool is_refused;	/* holds no bytes, and swallows what still comes */
	uint8_t *head;		/* of the first fragment: Ethernet and IP header, without a fragment header */
	size_t head_bytes, l3_off, nh_off;
	uint8_t next_header;	/* IPv6: what the fragment header named */
	uint8_t *bytes;
	size_t room_bytes, end_bytes;	/* end: 0 until the last fragment has come */
	size_t got_bytes;
	bool has_not_ect, has_ce;	/* among its fragments, RFC 3168 §5.3 */
	uint8_t units[(MAX_UNITS + 7) / 8];
};

struct reassembly {
	struct reassembly_limits limits;
	struct datagram **datagrams;	/* oldest first */
	size_t n_datagrams, held_bytes;
};

/* One fragment, as its headers tell. */
struct piece {
	struct name name;
	const uint8_t *bytes;
	size_t off_bytes, n_bytes;
	bool is_last;
	uint8_t next_header;
	size_t head_bytes;	/* of the IP header without the fragment header */
};

const char *reassembly_result_name(enum reassembly_result result)
{
	static const char *const names[] = { "whole", "kept", "duplicate", "malformed", "overlap", "too-big", "no-room" };

	return result < REASSEMBLY_RESULTS ? names[result] : "?";
}

struct reassembly *reassembly_open(const struct reassembly_limits *limits)
{
	struct reassembly *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->limits = *limits;
	r->datagrams = calloc(limits->datagrams, sizeof(struct datagram *));
	if (!r->datagrams) {
		free(r);
		return NULL;
	}
	return r;
}

static void datagram_empty(struct reassembly *r, struct datagram *d)
{
	r->held_bytes -= d->room_bytes + d->head_bytes;
	free(d->bytes);
	free(d->head);
	d->bytes = d->head = NULL;
	d->room_bytes = d->head_bytes = 0;
}

static void datagram_drop(struct reassembly *r, size_t index)
{
	struct datagram *d = r->datagrams[index];

	datagram_empty(r, d);
	free(d);
	r->n_datagrams--;
	memmove(&r->datagrams[index], &r->datagrams[index + 1], (r->n_datagrams - index) * sizeof(struct datagram *));
}

void reassembly_close(struct reassembly *r)
{
	if (!r)
		return;
	while (r->n_datagrams)
		datagram_drop(r, r->n_datagrams - 1);
	free(r->datagrams);
	free(r);
}

unsigned reassembly_expire(struct reassembly *r, int64_t now_ms)
{
	unsigned n = 0;

	while (r->n_datagrams && now_ms - r->datagrams[0]->since_ms >= r->limits.timeout_ms) {
		datagram_drop(r, 0);
		n++;
	}
	return n;
}

size_t reassembly_held_bytes(const struct reassembly *r)
{
	return r->held_bytes;
}

static bool read_piece(const struct frame *f, struct piece *p)
{
	const struct ip_packet *ip = &f->ip;
	size_t header_bytes;

	*p = (struct piece){ .name.is_v6 = ip->is_v6 };
	memcpy(p->name.src, ip->src, ip->addr_bytes);
	memcpy(p->name.dst, ip->dst, ip->addr_bytes);
	if (!ip->is_frag)
		return false;
	if (ip->is_v6) {
		const uint8_t *fragment = ip->at + ip->fragment_off;

		p->name.id = ipv4_get32(fragment + 4);
		p->next_header = fragment[0];
		p->off_bytes = ipv4_get16(fragment + 2) & 0xfff8u;
		p->is_last = !(fragment[3] & 1);
		p->head_bytes = ip->fragment_off;
		header_bytes = ip->fragment_off + FRAGMENT_HEADER_BYTES;
	} else {
		p->name.id = ipv4_get16(ip->at + 4);
		p->name.proto = ip->proto;
		p->off_bytes = (size_t)(ipv4_get16(ip->at + 6) & 0x1fff) * UNIT_BYTES;
		p->is_last = !(ip->at[6] & 0x20);
		p->head_bytes = header_bytes = ipv4_header_bytes(ip->at);
	}
	p->bytes = ip->at + header_bytes;
	p->n_bytes = ip->n_bytes - header_bytes;
	return p->n_bytes > 0 && (p->is_last || p->n_bytes % UNIT_BYTES == 0);
}

/* Where the byte stands that names the fragment header: the one before it in the chain. */
static size_t nh_before_fragment(const struct ip_packet *ip)
{
	size_t nh_off = 6, at = IPV6_BYTES;

	while (at < ip->fragment_off) {
		nh_off = at;
		at += ((size_t)ip->at[at + 1] + 1) * 8;
	}
	return nh_off;
}

static bool is_same(const struct name *a, const struct name *b)
{
	return a->id == b->id && a->proto == b->proto && a->is_v6 == b->is_v6 && memcmp(a->src, b->src, sizeof(a->src)) == 0 &&
	       memcmp(a->dst, b->dst, sizeof(a->dst)) == 0;
}

static struct datagram *find(struct reassembly *r, const struct name *name, size_t *index)
{
	for (size_t i = 0; i < r->n_datagrams; i++)
		if (is_same(&r->datagrams[i]->name, name)) {
			*index = i;
			return r->datagrams[i];
		}
	return NULL;
}

static struct datagram *begin(struct reassembly *r, const struct name *name, int64_t now_ms, size_t *index)
{
	unsigned of_source = 0;
	struct datagram *d;

	for (size_t i = 0; i < r->n_datagrams; i++)
		of_source += memcmp(r->datagrams[i]->name.src, name->src, sizeof(name->src)) == 0;
	if (of_source >= r->limits.datagrams_per_source)
		return NULL;
	d = calloc(1, sizeof(*d));
	if (!d)
		return NULL;
	if (r->n_datagrams == r->limits.datagrams)
		datagram_drop(r, 0);
	memcpy(&d->name, name, sizeof(*name));
	d->since_ms = now_ms;
	*index = r->n_datagrams;
	r->datagrams[r->n_datagrams++] = d;
	return d;
}

static bool has_unit(const struct datagram *d, size_t unit)
{
	return d->units[unit / 8] >> (unit % 8) & 1;
}

/* How many of the piece's 8-byte units are there already. */
static size_t units_there(const struct datagram *d, const struct piece *p)
{
	size_t n = 0;

	for (size_t u = p->off_bytes / UNIT_BYTES; u * UNIT_BYTES < p->off_bytes + p->n_bytes; u++)
		n += has_unit(d, u);
	return n;
}

static bool keep_room(struct reassembly *r, struct datagram *d, size_t end)
{
	uint8_t *bytes;

	if (end <= d->room_bytes)
		return true;
	if (r->held_bytes + end - d->room_bytes > r->limits.memory_bytes)
		return false;
	bytes = realloc(d->bytes, end);
	if (!bytes)
		return false;
	r->held_bytes += end - d->room_bytes;
	d->bytes = bytes;
	d->room_bytes = end;
	return true;
}

static bool keep_head(struct reassembly *r, struct datagram *d, const struct frame *f, const struct piece *p)
{
	size_t n_bytes = f->l3_off + p->head_bytes;

	if (r->held_bytes + n_bytes > r->limits.memory_bytes)
		return false;
	d->head = malloc(n_bytes);
	if (!d->head)
		return false;
	memcpy(d->head, f->bytes, n_bytes);
	d->head_bytes = n_bytes;
	d->l3_off = f->l3_off;
	d->next_header = p->next_header;
	d->nh_off = f->ip.is_v6 ? nh_before_fragment(&f->ip) : 0;
	r->held_bytes += n_bytes;
	return true;
}

static void put_whole(const struct datagram *d, uint8_t *out, size_t *out_bytes)
{
	uint8_t *ip = out + d->l3_off;

	memcpy(out, d->head, d->head_bytes);
	memcpy(out + d->head_bytes, d->bytes, d->end_bytes);
	*out_bytes = d->head_bytes + d->end_bytes;
	if (d->name.is_v6) {
		ip[d->nh_off] = d->next_header;
		if (d->has_ce)
			ipv6_set_tos(ip, ipv6_tos(ip) | ECN_CE);
	} else {
		ipv4_put16(ip + 6, 0);
		ip[1] |= d->has_ce ? ECN_CE : 0;
	}
	ip_set_length(ip, d->name.is_v6, *out_bytes - d->l3_off);
}

static enum reassembly_result refuse(struct reassembly *r, struct datagram *d, enum reassembly_result why)
{
	datagram_empty(r, d);
	d->is_refused = true;
	return why;
}

enum reassembly_result reassembly_take(struct reassembly *r, const struct frame *fragment, int64_t now_ms, uint8_t *out,
				       size_t *out_bytes)
{
	struct datagram *d;
	struct piece p;
	size_t index = 0, end, there;

	(void)reassembly_expire(r, now_ms);
	if (!read_piece(fragment, &p))
		return REASSEMBLY_MALFORMED;
	d = find(r, &p.name, &index);
	if (!d)
		d = begin(r, &p.name, now_ms, &index);
	if (!d)
		return REASSEMBLY_NO_ROOM;
	if (d->is_refused)
		return REASSEMBLY_OVERLAP;
	end = p.off_bytes + p.n_bytes;
	if (fragment->l3_off + p.head_bytes + end > FRAME_MAX_BYTES)
		return refuse(r, d, REASSEMBLY_TOO_BIG);
	there = units_there(d, &p);
	if (there == (p.n_bytes + UNIT_BYTES - 1) / UNIT_BYTES && end <= d->room_bytes &&
	    (!p.is_last || end == d->end_bytes) && memcmp(d->bytes + p.off_bytes, p.bytes, p.n_bytes) == 0)
		return REASSEMBLY_DUPLICATE;
	if (there)
		return refuse(r, d, REASSEMBLY_OVERLAP);
	if ((p.is_last && (d->end_bytes || end < d->room_bytes)) || (!p.is_last && d->end_bytes && end > d->end_bytes))
		return refuse(r, d, REASSEMBLY_MALFORMED);
	if (!keep_room(r, d, end) || (p.off_bytes == 0 && !keep_head(r, d, fragment, &p)))
		return REASSEMBLY_NO_ROOM;
	memcpy(d->bytes + p.off_bytes, p.bytes, p.n_bytes);
	for (size_t u = p.off_bytes / UNIT_BYTES; u * UNIT_BYTES < end; u++)
		d->units[u / 8] |= (uint8_t)(1u << (u % 8));
	d->got_bytes += p.n_bytes;
	d->has_not_ect |= (fragment->ip.tos & ECN_MASK) == 0;
	d->has_ce |= (fragment->ip.tos & ECN_MASK) == ECN_CE;
	if (p.is_last)
		d->end_bytes = end;
	if (!d->end_bytes || d->got_bytes != d->end_bytes || !d->head)
		return REASSEMBLY_KEPT;
	if (d->head_bytes + d->end_bytes > FRAME_MAX_BYTES)
		return refuse(r, d, REASSEMBLY_TOO_BIG);
	if (d->has_ce && d->has_not_ect)	/* nobody may say that there was no congestion */
		return refuse(r, d, REASSEMBLY_MALFORMED);
	put_whole(d, out, out_bytes);
	datagram_drop(r, index);
	return REASSEMBLY_WHOLE;
}
