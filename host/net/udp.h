// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * IKE's sockets: for each local address one on IKE's port and one on the port that IKE and ESP in UDP share (RFC 3948). Bound to the
 * address, so that what leaves has the right source; the address need not be there yet. On the shared port the non-ESP marker (§2.2) is
 * put before messages and taken from them here; keepalives and ESP that strayed to the host are counted and go no further.
 */
#ifndef HOST_NET_UDP_H
#define HOST_NET_UDP_H

#include <systemd/sd-event.h>

#include "sa/ike.h"

struct udp;

struct udp_counters {
	uint64_t received, sent, keepalives, stray_esp, malformed, send_errors;
};

/** bytes are valid during the call only. */
typedef void udp_receive_fn(void *arg, const struct ike_path *path, const uint8_t *bytes, size_t n_bytes);

/** No socket yet: udp_listen(). NULL: no memory. */
MUST_USE struct udp *udp_open(sd_event *event, udp_receive_fn *receive, void *arg);
void udp_close(struct udp *udp);
/**
 * Listen on these addresses and ports from now on, and on no others; sockets that fit stay as they are.
 * @return 0, or a negative errno and *why: then those of before are left.
 */
MUST_USE int udp_listen(struct udp *udp, const struct adit_addr *addrs, unsigned n_addrs, uint16_t ike_port, uint16_t natt_port, char *why,
			size_t why_bytes);
/** Errors are counted, and logged now and then; never more than that. One byte 0xff on the shared port is a keepalive: no marker. */
void udp_send(struct udp *udp, const struct ike_path *path, const uint8_t *bytes, size_t n_bytes);
const struct udp_counters *udp_counters(const struct udp *udp);

#endif
