// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * A SEQPACKET socket as a cable: one packet, one frame. The end that comes first listens, the other connects; when
 * the peer leaves, the cable is unplugged, and this end connects or listens anew.
 */
#include "port.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "say.h"
#include "unix_socket.h"

struct unix_port {
	struct unix_listener listener;	/* fd -1 while we are the end that connected */
	int peer;			/* -1: unplugged */
};

static int plug(struct port *port)
{
	struct unix_port *state = port->state;
	int error = unix_meet(&state->listener, &state->peer, port->place, SOCK_SEQPACKET);

	if (error == -EEXIST)
		say("--%s unix: %s: is there and is not a socket", port->face, port->place);
	else if (error == -EPROTOTYPE)
		say("--%s unix: %s: a socket of another kind (not SEQPACKET) is in use there", port->face, port->place);
	else if (error)
		say("--%s unix: %s: %s", port->face, port->place, strerror(-error));
	else if (state->peer >= 0)
		say_more("--%s unix: %s: connected", port->face, port->place);
	return error;
}

static void unplug(struct port *port)
{
	struct unix_port *state = port->state;

	say_more("--%s unix: %s: the peer left", port->face, port->place);
	close(state->peer);
	state->peer = -1;
	port->may_take = port->wants_room = false;
	if (state->listener.fd < 0)
		plug(port);	/* on failure the port stays unplugged, and has said so */
}

static size_t unix_take(struct port *port, uint8_t *frame)
{
	struct unix_port *state = port->state;
	struct iovec span = { frame, PORT_FRAME_BYTES };
	struct msghdr message = { .msg_iov = &span, .msg_iovlen = 1 };
	ssize_t got;

	while (state->peer >= 0) {
		message.msg_flags = 0;
		got = recvmsg(state->peer, &message, MSG_DONTWAIT);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 && errno == EAGAIN)
			return 0;
		if (got <= 0) {		/* an empty packet cannot be told from the end, and is no frame */
			unplug(port);
			return 0;
		}
		if (message.msg_flags & MSG_TRUNC) {
			say("--%s unix: %s: a packet longer than %u bytes is left out", port->face, port->place, PORT_FRAME_BYTES);
			continue;
		}
		return (size_t)got;
	}
	return 0;
}

static enum port_given unix_give(struct port *port, const uint8_t *frame, size_t n_bytes, uint64_t cycle)
{
	struct unix_port *state = port->state;

	(void)cycle;
	if (state->peer < 0)
		return PORT_LOST;
	while (send(state->peer, frame, n_bytes, MSG_DONTWAIT | MSG_NOSIGNAL) < 0) {
		if (errno == EINTR)
			continue;
		if (errno == EAGAIN || errno == ENOBUFS)
			return PORT_WAIT;
		if (errno == EMSGSIZE)
			say("--%s unix: %s: a frame of %zu bytes does not fit the socket", port->face, port->place, n_bytes);
		/* EPIPE, ECONNRESET: the peer is gone; poll() will tell, after what it sent is taken. */
		return PORT_LOST;
	}
	return PORT_SENT;
}

static unsigned unix_poll_fds(struct port *port, struct pollfd *fds)
{
	struct unix_port *state = port->state;
	unsigned n = 0;

	if (state->peer >= 0) {
		bool wants_frame = !port->may_take && !port->is_paused;

		/* While nothing is wanted even a hang-up must not wake us again and again. */
		fds[n++] = (struct pollfd){ .fd = wants_frame || port->wants_room ? state->peer : -1,
					    .events = (short)((wants_frame ? POLLIN : 0) | (port->wants_room ? POLLOUT : 0)) };
	} else if (state->listener.fd >= 0) {
		fds[n++] = (struct pollfd){ .fd = state->listener.fd, .events = POLLIN };
	}
	return n;
}

static bool unix_polled(struct port *port, const struct pollfd *fds, unsigned n_fds)
{
	struct unix_port *state = port->state;

	(void)n_fds;
	if (!fds[0].revents)
		return false;
	if (state->peer < 0) {
		state->peer = accept4(state->listener.fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (state->peer >= 0)
			say_more("--%s unix: %s: a peer connected", port->face, port->place);
		return false;
	}
	if (fds[0].revents & (POLLIN | POLLHUP | POLLERR))
		port->may_take = true;
	return true;
}

static void unix_close(struct port *port)
{
	struct unix_port *state = port->state;

	if (state->peer >= 0)
		close(state->peer);
	unix_unlisten(&state->listener);
	free(state);
}

static const struct port_kind kind_unix = {
	.take = unix_take, .give = unix_give, .poll_fds = unix_poll_fds, .polled = unix_polled, .close = unix_close,
};

int port_open_unix(struct port *port)
{
	struct unix_port *state = calloc(1, sizeof(*state));

	if (!state) {
		say("--%s unix: out of memory", port->face);
		return -1;
	}
	port->state = state;
	port->kind = &kind_unix;
	if (plug(port) != 0) {
		free(state);
		return -1;
	}
	return 0;
}
