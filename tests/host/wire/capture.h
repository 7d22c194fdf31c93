// SPDX-License-Identifier: BSD-2-Clause-Patent
/* The ISAKMP messages in a capture file, as a daemon's sockets would hand them over. */
#ifndef TESTS_HOST_WIRE_CAPTURE_H
#define TESTS_HOST_WIRE_CAPTURE_H

#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire/isakmp.h"

enum { CAPTURE_PATH_BYTES = 512, IKE_PORT = 500, IKE_NAT_PORT = 4500, UDP = 17 };

/** Where the captures are; the path is put together in out. false: there are none here. */
static inline bool capture_path(const char *file, char out[CAPTURE_PATH_BYTES])
{
	const char *folder = getenv("ADIT_TEST_DATA");
	FILE *probe;

	if (snprintf(out, CAPTURE_PATH_BYTES, "%s/%s", folder ? folder : "../shared/data", file) >= CAPTURE_PATH_BYTES)
		return false;
	probe = fopen(out, "r");
	if (probe)
		fclose(probe);
	return probe != NULL;
}

static inline uint16_t capture_u16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

/** The IPv4 packet in a frame; len 0 if there is none. Some of these frames lie about every length: what was captured counts. */
static inline struct bytes capture_ip(struct bytes frame, int link_type)
{
	size_t n_header = link_type == DLT_NULL ? 4 : 14;

	if (frame.len < n_header + 20 || (link_type == DLT_EN10MB && capture_u16(frame.at + 12) != 0x0800))
		return (struct bytes){ NULL, 0 };
	return (struct bytes){ frame.at + n_header, frame.len - n_header };
}

/** The ISAKMP message in an IPv4 packet; false if it holds none (RFC 3948 §2.2: on port 4500 after four zero bytes). */
static inline bool capture_isakmp(struct bytes ip, struct bytes *out)
{
	const size_t n_ip = ip.len ? (ip.at[0] & 15u) * 4u : 0;
	uint16_t sport, dport, n_udp;

	if (n_ip < 20 || ip.len < n_ip + 8 || ip.at[9] != UDP || (capture_u16(ip.at + 6) & 0x1fff))
		return false;
	sport = capture_u16(ip.at + n_ip);
	dport = capture_u16(ip.at + n_ip + 2);
	n_udp = capture_u16(ip.at + n_ip + 4);
	*out = (struct bytes){ ip.at + n_ip + 8, ip.len - n_ip - 8 };
	if (n_udp >= 8 && n_udp - 8u < out->len)
		out->len = n_udp - 8u;
	if (sport == IKE_NAT_PORT || dport == IKE_NAT_PORT) {
		if (out->len < 4 || memcmp(out->at, "\0\0\0\0", 4) != 0)
			return false;
		*out = (struct bytes){ out->at + 4, out->len - 4 };
		return true;
	}
	return sport == IKE_PORT || dport == IKE_PORT;
}

#endif
