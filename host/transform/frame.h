// SPDX-License-Identifier: BSD-2-Clause-Patent
/* What the card's first room reads in a frame: layer 2, IP, and of what follows as much as the card looks at. */
#ifndef ADIT_TRANSFORM_FRAME_H
#define ADIT_TRANSFORM_FRAME_H

#include "transform/ip.h"

struct frame_facts {
	enum adit_reason reason;	/* not NONE: the frame is bad, nothing else counts */
	size_t l3_off;
	bool is_arp;
	struct ip_packet ip;		/* unless is_arp */
	bool is_local_src, is_local_dst;
	bool is_nd;			/* ICMPv6 133 to 137 with hop limit 255 (RFC 4861) */
	bool is_keepalive, is_natt;	/* UDP to a local port 4500 (RFC 3948 §2.1, §2.3) */
	/* ESP, UDP-encapsulated ESP, AH */
	bool is_whole;			/* all of its header is there */
	size_t security_off;		/* in the IP packet */
	size_t ah_bytes;
	uint8_t ah_next;
	uint32_t spi, seq;
	uint32_t spi2, seq2;		/* of ESP behind AH; 0 if there is none */
};

/** options: the local addresses. */
struct frame_facts frame_read(const struct adit_mode_options *options, const uint8_t *frame, size_t frame_bytes);

bool frame_addr_is_local(const struct adit_mode_options *options, bool is_v6, const uint8_t *addr);

#endif
