// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * An existing interface as a port (AF_PACKET). The kernel keeps two things back that a wire would carry, and this port
 * puts them where they belong: a VLAN tag that a driver took off, and a checksum that hardware should have filled in.
 */
#include "port.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <linux/virtio_net.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "say.h"

#define VLAN_TAG_BYTES 4u
#define MAC_BYTES 12u	/* both addresses: the tag stands behind them */

struct if_port {
	int fd;
	bool told_gso;
};

/* RFC 1071 over what csum_start .. end holds; the pseudo header's sum already stands at csum_offset. */
static void fill_checksum(uint8_t *frame, size_t n_bytes, size_t start, size_t offset)
{
	uint32_t sum = 0;
	uint16_t check;

	if (start >= n_bytes || offset + 2 > n_bytes - start)
		return;
	for (size_t i = start; i < n_bytes; i += 2)
		sum += (uint32_t)frame[i] << 8 | (i + 1 < n_bytes ? frame[i + 1] : 0u);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	check = (uint16_t)~sum;
	if (check == 0)
		check = 0xffff;	/* 0 means none in UDP (RFC 768), and equals 0xffff elsewhere */
	frame[start + offset] = (uint8_t)(check >> 8);
	frame[start + offset + 1] = (uint8_t)check;
}

static size_t put_tag_back(struct msghdr *message, uint8_t *frame, size_t n_bytes)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
		struct tpacket_auxdata aux;
		uint16_t tpid_be, tci_be;

		if (c->cmsg_level != SOL_PACKET || c->cmsg_type != PACKET_AUXDATA)
			continue;
		memcpy(&aux, CMSG_DATA(c), sizeof(aux));
		if (!(aux.tp_status & TP_STATUS_VLAN_VALID) || n_bytes < MAC_BYTES ||
		    n_bytes + VLAN_TAG_BYTES > PORT_FRAME_BYTES)
			continue;
		tpid_be = htons(aux.tp_status & TP_STATUS_VLAN_TPID_VALID ? aux.tp_vlan_tpid : ETHERTYPE_VLAN);
		tci_be = htons(aux.tp_vlan_tci);
		memmove(frame + MAC_BYTES + VLAN_TAG_BYTES, frame + MAC_BYTES, n_bytes - MAC_BYTES);
		memcpy(frame + MAC_BYTES, &tpid_be, 2);
		memcpy(frame + MAC_BYTES + 2, &tci_be, 2);
		return n_bytes + VLAN_TAG_BYTES;
	}
	return n_bytes;
}

static size_t if_take(struct port *port, uint8_t *frame)
{
	struct if_port *state = port->state;
	struct virtio_net_hdr hints;
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(struct tpacket_auxdata))];
	} control;
	struct iovec spans[2] = { { &hints, sizeof(hints) }, { frame, PORT_FRAME_BYTES } };
	ssize_t got;

	for (;;) {
		struct msghdr message = { .msg_iov = spans, .msg_iovlen = 2, .msg_control = &control,
					  .msg_controllen = sizeof(control) };

		got = recvmsg(state->fd, &message, MSG_DONTWAIT);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 && errno != EAGAIN)
			say("--%s if: %s: %m", port->face, port->place);
		if (got <= (ssize_t)sizeof(hints))
			return 0;
		if (message.msg_flags & MSG_TRUNC)
			continue;
		got -= (ssize_t)sizeof(hints);
		if (hints.gso_type != VIRTIO_NET_HDR_GSO_NONE && !state->told_gso) {
			say("--%s if: %s: its sender leaves segmentation to hardware; on that side: ethtool -K NAME tso off gso off",
			    port->face, port->place);
			state->told_gso = true;
		}
		if (hints.flags & VIRTIO_NET_HDR_F_NEEDS_CSUM)
			fill_checksum(frame, (size_t)got, hints.csum_start, hints.csum_offset);
		return put_tag_back(&message, frame, (size_t)got);
	}
}

static enum port_given if_give(struct port *port, const uint8_t *frame, size_t n_bytes, uint64_t cycle)
{
	struct if_port *state = port->state;
	struct virtio_net_hdr hints = { 0 };
	struct iovec spans[2] = { { &hints, sizeof(hints) }, { (void *)(uintptr_t)frame, n_bytes } };
	struct msghdr message = { .msg_iov = spans, .msg_iovlen = 2 };

	(void)cycle;
	while (sendmsg(state->fd, &message, MSG_DONTWAIT) < 0) {
		if (errno == EINTR)
			continue;
		if (errno == EAGAIN || errno == ENOBUFS)
			return PORT_WAIT;
		return PORT_LOST;	/* ENETDOWN; EMSGSIZE: longer than its MTU; EINVAL: no Ethernet header */
	}
	return PORT_SENT;
}

static unsigned if_poll_fds(struct port *port, struct pollfd *fds)
{
	struct if_port *state = port->state;
	bool wants_frame = !port->may_take && !port->is_paused;

	fds[0] = (struct pollfd){ .fd = wants_frame || port->wants_room ? state->fd : -1,
				  .events = (short)((wants_frame ? POLLIN : 0) | (port->wants_room ? POLLOUT : 0)) };
	return 1;
}

static bool if_polled(struct port *port, const struct pollfd *fds, unsigned n_fds)
{
	(void)n_fds;
	if (fds[0].revents & (POLLIN | POLLERR))
		port->may_take = true;	/* POLLERR: the interface went down; reading clears it */
	return fds[0].revents != 0;
}

static void if_close(struct port *port)
{
	struct if_port *state = port->state;

	close(state->fd);
	free(state);
}

static const struct port_kind kind_if = {
	.take = if_take, .give = if_give, .poll_fds = if_poll_fds, .polled = if_polled, .close = if_close,
};

/* Set up one step after the other; the first that fails is the errno returned. */
static int set_up(int fd, unsigned if_index)
{
	struct sockaddr_ll address = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL), .sll_ifindex = (int)if_index };
	struct packet_mreq all = { .mr_ifindex = (int)if_index, .mr_type = PACKET_MR_PROMISC };
	int one = 1;

	if (setsockopt(fd, SOL_PACKET, PACKET_VNET_HDR, &one, sizeof(one)) != 0 ||
	    setsockopt(fd, SOL_PACKET, PACKET_AUXDATA, &one, sizeof(one)) != 0 ||
	    setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one, sizeof(one)) != 0 ||
	    setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &all, sizeof(all)) != 0 ||
	    bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0)
		return -errno;
	return 0;
}

int port_open_if(struct port *port)
{
	unsigned if_index = if_nametoindex(port->place);
	struct if_port *state;
	int fd, error;

	if (if_index == 0) {
		say("--%s if: %s: no such interface", port->face, port->place);
		return -1;
	}
	fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);	/* protocol 0: nothing comes before bind() */
	if (fd < 0) {
		say("--%s if: %s: a packet socket: %m (needs CAP_NET_RAW)", port->face, port->place);
		return -1;
	}
	error = set_up(fd, if_index);
	state = error ? NULL : calloc(1, sizeof(*state));
	if (!state) {
		say("--%s if: %s: %s", port->face, port->place, error ? strerror(-error) : "out of memory");
		close(fd);
		return -1;
	}
	state->fd = fd;
	port->state = state;
	port->kind = &kind_if;
	return 0;
}
