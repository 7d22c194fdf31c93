// SPDX-License-Identifier: BSD-2-Clause-Patent
#include "slowpath/frame.h"

enum { ETHERTYPE_AT = 12, VLAN_BYTES = 4, MAX_TAGS = 2, TYPE_IPV4 = 0x0800, TYPE_IPV6 = 0x86dd, TYPE_VLAN = 0x8100, TYPE_QINQ = 0x88a8 };

bool frame_find(const uint8_t *bytes, size_t n_bytes, struct frame *out)
{
	size_t at = ETHERTYPE_AT;
	uint16_t type;

	for (unsigned tags = 0;; tags++) {
		if (n_bytes < at + 2)
			return false;
		type = ipv4_get16(bytes + at);
		if ((type != TYPE_VLAN && type != TYPE_QINQ) || tags == MAX_TAGS)
			break;
		at += VLAN_BYTES;
	}
	if (type != TYPE_IPV4 && type != TYPE_IPV6)
		return false;
	*out = (struct frame){ .bytes = bytes, .n_bytes = n_bytes, .l3_off = at + 2 };
	return ip_read(bytes + at + 2, n_bytes - at - 2, type == TYPE_IPV6, &out->ip) == ADIT_REASON_NONE;
}
