// SPDX-License-Identifier: BSD-2-Clause-Patent
/* A TAP interface as a port: what the kernel sends out of it enters the card. */
#include "port.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "say.h"

struct tap_port {
	int fd;
};

static size_t tap_take(struct port *port, uint8_t *frame)
{
	struct tap_port *state = port->state;
	ssize_t got;

	do
		got = read(state->fd, frame, PORT_FRAME_BYTES);
	while (got < 0 && errno == EINTR);
	if (got < 0 && errno != EAGAIN)
		say("--%s tap: %s: %m", port->face, port->place);
	return got > 0 ? (size_t)got : 0;
}

static enum port_given tap_give(struct port *port, const uint8_t *frame, size_t n_bytes, uint64_t cycle)
{
	struct tap_port *state = port->state;

	(void)cycle;
	while (write(state->fd, frame, n_bytes) < 0) {
		if (errno == EINTR)
			continue;
		if (errno == EAGAIN)
			return PORT_WAIT;
		return PORT_LOST;	/* EIO: the interface is down; EINVAL: shorter than an Ethernet header */
	}
	return PORT_SENT;
}

static unsigned tap_poll_fds(struct port *port, struct pollfd *fds)
{
	struct tap_port *state = port->state;
	bool wants_frame = !port->may_take && !port->is_paused;

	fds[0] = (struct pollfd){ .fd = wants_frame || port->wants_room ? state->fd : -1,
				  .events = (short)((wants_frame ? POLLIN : 0) | (port->wants_room ? POLLOUT : 0)) };
	return 1;
}

static bool tap_polled(struct port *port, const struct pollfd *fds, unsigned n_fds)
{
	(void)n_fds;
	if (fds[0].revents & POLLIN)
		port->may_take = true;
	return fds[0].revents != 0;
}

static void tap_close(struct port *port)
{
	struct tap_port *state = port->state;

	close(state->fd);
	free(state);
}

static const struct port_kind kind_tap = {
	.take = tap_take, .give = tap_give, .poll_fds = tap_poll_fds, .polled = tap_polled, .close = tap_close,
};

static int bring_up(const char *name)
{
	struct ifreq request = { 0 };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), error = 0;

	if (fd < 0)
		return -errno;
	strncpy(request.ifr_name, name, IFNAMSIZ - 1);
	if (ioctl(fd, SIOCGIFFLAGS, &request) != 0) {
		error = -errno;
	} else if (!(request.ifr_flags & IFF_UP)) {
		request.ifr_flags = (short)(request.ifr_flags | IFF_UP);
		if (ioctl(fd, SIOCSIFFLAGS, &request) != 0)
			error = -errno;
	}
	close(fd);
	return error;
}

int port_open_tap(struct port *port)
{
	struct ifreq request = { .ifr_flags = IFF_TAP | IFF_NO_PI };
	struct tap_port *state;
	int fd, error;

	if (strlen(port->place) >= IFNAMSIZ) {
		say("--%s tap: %s: an interface name has at most %d characters", port->face, port->place, IFNAMSIZ - 1);
		return -1;
	}
	fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0) {
		say("--%s tap: /dev/net/tun: %m", port->face);
		return -1;
	}
	strncpy(request.ifr_name, port->place, IFNAMSIZ - 1);
	if (ioctl(fd, TUNSETIFF, &request) != 0) {
		say("--%s tap: %s: %m", port->face, port->place);
		close(fd);
		return -1;
	}
	error = bring_up(port->place);
	if (error)
		say("--%s tap: %s: cannot be brought up (%s); bring it up yourself", port->face, port->place, strerror(-error));
	state = calloc(1, sizeof(*state));
	if (!state) {
		say("--%s tap: out of memory", port->face);
		close(fd);
		return -1;
	}
	state->fd = fd;
	port->state = state;
	port->kind = &kind_tap;
	return 0;
}
