// SPDX-License-Identifier: BSD-2-Clause-Patent
/* The Authentication Header (RFC 4302): its size, and the ICV over the packet that it stands in. */
#ifndef ADIT_TRANSFORM_AH_H
#define ADIT_TRANSFORM_AH_H

#include "transform/ip.h"
#include "transform/suite.h"

enum { AH_FIXED_BYTES = 12, AH_LONGEST_BYTES = 48 };

/** Bytes of the header with its ICV, padded to 4 (IPv4) or 8 (IPv6), RFC 4302 §2.6. */
static inline size_t ah_bytes(size_t icv_bytes, bool is_v6)
{
	size_t align = is_v6 ? 8 : 4;

	return (AH_FIXED_BYTES + icv_bytes + align - 1) / align * align;
}

struct ah_packet {
	const uint8_t *ip;	/* as on the wire, IP header to end */
	size_t head_bytes;	/* where the AH begins */
	size_t ah_bytes;
	size_t n_bytes;
	bool is_v6;
	bool is_sealing;	/* what routing will change on its way is foreseen; else it has happened */
};

/**
 * The ICV, RFC 4302 §3.3.3: mutable fields count as zero (appendix A), the ICV too, padding behind it as it stands.
 * @param esn  seq's high half is appended
 * @return false if options or extension headers are malformed or cannot be foreseen, or a library fails
 */
ADIT_MUST_USE bool ah_icv(struct suite *s, const struct ah_packet *p, uint64_t seq, bool esn, uint8_t icv[SUITE_MAX_ICV_BYTES]);

#endif
