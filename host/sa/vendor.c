// SPDX-License-Identifier: BSD-2-Clause-Patent
/* Vendor ids: what the peer says it can. Most of them are MD5 of a text. */
#include <string.h>

#include "sa/phase1.h"

static const struct vendor {
	uint32_t can;
	uint8_t n, n_tells;	/* bytes as sent; the first that tell it: versions and flags may follow */
	uint8_t id[20];
} vendors[] = {
	{ CAN_NATT, 16, 16,		/* "RFC 3947" (RFC 3947 §3.1) */
	  { 0x4a, 0x13, 0x1c, 0x81, 0x07, 0x03, 0x58, 0x45, 0x5c, 0x57, 0x28, 0xf2, 0x0e, 0x95, 0x45, 0x2f } },
	{ CAN_DPD, 16, 14,		/* RFC 3706 §5.1: 14 bytes, major 1, minor 0 */
	  { 0xaf, 0xca, 0xd7, 0x13, 0x68, 0xa1, 0xf1, 0xc9, 0x6b, 0x86, 0x96, 0xfc, 0x77, 0x57, 0x01, 0x00 } },
	{ CAN_NATT_DRAFT, 16, 16,	/* "draft-ietf-ipsec-nat-t-ike-02\n" */
	  { 0x90, 0xcb, 0x80, 0x91, 0x3e, 0xbb, 0x69, 0x6e, 0x08, 0x63, 0x81, 0xb5, 0xec, 0x42, 0x7b, 0x1f } },
	{ CAN_FRAGMENT, 20, 16,		/* "FRAGMENTATION", and which exchanges: main and aggressive */
	  { 0x40, 0x48, 0xb7, 0xd5, 0x6e, 0xbc, 0xe8, 0x85, 0x25, 0xe7, 0xde, 0x7f, 0x00, 0xd6, 0xc2, 0xd3, 0x80, 0, 0, 0 } },
};

enum { N_VENDORS = sizeof(vendors) / sizeof(vendors[0]) };

uint32_t vendor_read(struct bytes body)
{
	for (unsigned i = 0; i < N_VENDORS; i++)
		if (body.len >= vendors[i].n_tells && memcmp(body.at, vendors[i].id, vendors[i].n_tells) == 0)
			return vendors[i].can;
	return 0;
}

static bool is_wanted(const struct cfg_peer *peer, uint32_t can)
{
	switch (can) {
	case CAN_NATT: case CAN_NATT_DRAFT:
		return peer->nat_traversal;
	case CAN_FRAGMENT:
		return peer->fragmentation;
	default:
		return true;	/* DPD: we answer, whether or not we ask ourselves */
	}
}

void vendor_put(const struct cfg_peer *peer, uint32_t which, size_t room_bytes, struct writer *to, size_t *next_at)
{
	for (unsigned i = 0; i < N_VENDORS; i++) {
		const struct vendor *vendor = &vendors[i];

		if (!(vendor->can & which) || !is_wanted(peer, vendor->can) || to->len + 4u + vendor->n > room_bytes)
			continue;
		isakmp_put(to, next_at, P_VID, vendor->id, vendor->n);
	}
}
