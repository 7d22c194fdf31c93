// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * The router's own voice in mode wire, where no netdev stands behind its addresses: answers ARP requests (RFC 826), IPv6
 * neighbour solicitations (RFC 4861) and ICMP echo (RFC 792, RFC 4443) for local addresses, so that the ends of a tunnel can find and ping each other. Pure.
 */
#ifndef HOST_NET_LOCAL_H
#define HOST_NET_LOCAL_H

#include "adit/adit.h"
#include "base/text.h"

struct local {
	uint8_t mac[6];
	struct adit_addr addrs[8];
	unsigned n_addrs;
};

/** A locally administered MAC that stays the same for the same card. */
void local_mac(const char *card_name, uint8_t mac[6]);

enum local_kind { LOCAL_SILENT, LOCAL_ARP, LOCAL_ND, LOCAL_ECHO };

/**
 * @param frame   an Ethernet frame as received, up to two VLAN tags
 * @param out     the answer, at least n_bytes + 8 and 60 bytes of room; it goes out of the face the frame came by
 * @return what was answered; LOCAL_SILENT if nothing, then out is untouched
 */
MUST_USE enum local_kind local_answer(const struct local *local, const uint8_t *frame, size_t n_bytes, uint8_t *out,
				      size_t room, size_t *out_bytes);

#endif
