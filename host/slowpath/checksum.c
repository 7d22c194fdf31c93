// SPDX-License-Identifier: BSD-2-Clause-Patent
#include "slowpath/checksum.h"

#include "base/inet.h"

enum { PROTO_TCP = 6, PROTO_UDPLITE = 136 };

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
	sum = inet_sum(0, frame.ip.src, frame.ip.addr_bytes);
	sum = inet_sum(sum, frame.ip.dst, frame.ip.addr_bytes);
	folded = inet_fold(inet_sum(sum + (uint32_t)n_text + frame.ip.proto, text, n_covered));
	ipv4_put16(text + place, folded == 0 && frame.ip.proto != PROTO_TCP ? 0xffff : folded);
	return true;
}
