// SPDX-License-Identifier: BSD-2-Clause-Patent
#include "slowpath/checksum.h"

enum { PROTO_TCP = 6, PROTO_UDPLITE = 136 };

static uint32_t sum16(uint32_t sum, const uint8_t *at, size_t n_bytes)
{
	for (size_t i = 0; i + 1 < n_bytes; i += 2)
		sum += ipv4_get16(at + i);
	return n_bytes & 1 ? sum + ((uint32_t)at[n_bytes - 1] << 8) : sum;
}

/* Where the checksum stands, counted from the transport header; 0: nowhere. */
static size_t place_of(uint8_t proto)
{
	switch (proto) {
	case PROTO_TCP: return 16;
	case PROTO_UDP:
	case PROTO_UDPLITE: return 6;
	default: return 0;
	}
}

bool checksum_mend(uint8_t *bytes, size_t n_bytes)
{
	struct frame frame;
	size_t place, n_text, n_covered;
	uint8_t *text;
	uint32_t sum;
	uint16_t folded;

	if (!frame_find(bytes, n_bytes, &frame) || frame.ip.is_frag)
		return false;
	place = place_of(frame.ip.proto);
	n_text = frame.ip.n_bytes - frame.ip.head_bytes;
	text = bytes + frame.l3_off + frame.ip.head_bytes;
	if (!place || n_text < place + 2 || (frame.ip.proto == PROTO_UDP && ipv4_get16(text + 6) == 0))
		return false;
	n_covered = n_text;
	if (frame.ip.proto == PROTO_UDPLITE && ipv4_get16(text + 4) != 0)	/* RFC 3828 §3.1 */
		n_covered = ipv4_get16(text + 4);
	if (n_covered > n_text || n_covered < place + 2)
		return false;
	ipv4_put16(text + place, 0);
	sum = sum16(0, frame.ip.src, frame.ip.addr_bytes);
	sum = sum16(sum, frame.ip.dst, frame.ip.addr_bytes);
	sum = sum16(sum + (uint32_t)n_text + frame.ip.proto, text, n_covered);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	folded = (uint16_t)~sum;
	ipv4_put16(text + place, folded == 0 && frame.ip.proto != PROTO_TCP ? 0xffff : folded);
	return true;
}
