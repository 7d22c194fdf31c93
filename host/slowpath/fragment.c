// SPDX-License-Identifier: BSD-2-Clause-Patent
#include "slowpath/fragment.h"

#include <string.h>

enum { FRAGMENT_HEADER_BYTES = 8, OPTION_END = 0, OPTION_NOP = 1, OPTION_COPIED = 0x80 };

/* RFC 791 §3.1: fragments after the first carry only the options that say so. @return the header's new length. */
static size_t keep_copied_options(uint8_t *ip)
{
	uint8_t options[40] = { 0 };
	size_t n = ipv4_header_bytes(ip), at = IPV4_MIN_BYTES, kept = 0;

	while (at < n && ip[at] != OPTION_END) {
		size_t option_bytes = ip[at] == OPTION_NOP ? 1 : at + 1 < n ? ip[at + 1] : 0;

		if (option_bytes == 0 || (ip[at] != OPTION_NOP && option_bytes < 2) || option_bytes > n - at)
			break;
		if (ip[at] & OPTION_COPIED) {
			memcpy(options + kept, ip + at, option_bytes);
			kept += option_bytes;
		}
		at += option_bytes;
	}
	kept = (kept + 3) & ~(size_t)3;
	memcpy(ip + IPV4_MIN_BYTES, options, kept);
	ip[0] = (uint8_t)(0x40 | (IPV4_MIN_BYTES + kept) / 4);
	return IPV4_MIN_BYTES + kept;
}

static bool cut_v4(const struct frame *f, size_t mtu, fragment_fn *emit, void *arg)
{
	uint8_t out[FRAME_MAX_BYTES], *ip = out + f->l3_off;
	size_t head = ipv4_header_bytes(f->ip.at), left = f->ip.n_bytes - head, room = (mtu - head) & ~(size_t)7;
	const uint8_t *from = f->ip.at + head;
	uint16_t field = ipv4_get16(f->ip.at + 6);
	size_t off = field & 0x1fff;
	bool more_behind = field & 0x2000;

	if (f->ip.df || mtu < head + 8 || f->l3_off + mtu > sizeof(out))
		return false;
	memcpy(out, f->bytes, f->l3_off + head);
	for (bool is_first = true; left; is_first = false) {
		size_t take = left <= mtu - head ? left : room;

		ipv4_put16(ip + 6, (uint16_t)(off | (take < left || more_behind ? 0x2000 : 0)));
		memcpy(ip + head, from, take);
		ip_set_length(ip, false, head + take);
		emit(arg, out, f->l3_off + head + take);
		from += take;
		left -= take;
		off += take / 8;
		if (is_first) {
			head = keep_copied_options(ip);
			room = (mtu - head) & ~(size_t)7;
		}
	}
	return true;
}

/* Behind hop-by-hop, routing and destination options: RFC 8200 §4.5's per-fragment headers. */
static bool cut_v6(const struct frame *f, size_t mtu, uint32_t id, fragment_fn *emit, void *arg)
{
	uint8_t out[FRAME_MAX_BYTES], *ip = out + f->l3_off;
	size_t keep = f->ip.head_bytes, head = keep + FRAGMENT_HEADER_BYTES, left = f->ip.n_bytes - keep, off = 0;
	const uint8_t *from = f->ip.at + keep;

	if (f->ip.fragment_off || mtu < head + 8 || f->l3_off + mtu > sizeof(out))
		return false;
	memcpy(out, f->bytes, f->l3_off + keep);
	ip[f->ip.nh_off] = PROTO_FRAGMENT;
	while (left) {
		size_t take = left <= mtu - head ? left : (mtu - head) & ~(size_t)7;

		ip[keep] = f->ip.proto;
		ip[keep + 1] = 0;
		ipv4_put16(ip + keep + 2, (uint16_t)(off | (take < left)));
		ipv4_put32(ip + keep + 4, id);
		memcpy(ip + head, from, take);
		ip_set_length(ip, true, head + take);
		emit(arg, out, f->l3_off + head + take);
		from += take;
		left -= take;
		off += take;
	}
	return true;
}

bool fragment_cut(const struct frame *frame, size_t mtu, uint32_t id, fragment_fn *emit, void *arg)
{
	if (frame->ip.n_bytes <= mtu) {
		emit(arg, frame->bytes, frame->l3_off + frame->ip.n_bytes);
		return true;
	}
	return frame->ip.is_v6 ? cut_v6(frame, mtu, id, emit, arg) : cut_v4(frame, mtu, emit, arg);
}
