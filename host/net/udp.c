// SPDX-License-Identifier: BSD-2-Clause-Patent
#include "net/udp.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/log.h"

#define MARKER_BYTES 4			/* zeroes where an SPI would stand, RFC 3948 §2.2 */
#define DATAGRAM_BYTES 65536
#define READS_AT_ONCE 64
#define LOG_EVERY_USEC 10000000ull

struct udp_socket {
	struct udp *udp;
	int fd;
	struct ike_end local;
	bool is_natt;
	sd_event_source *io;
};

struct udp {
	sd_event *event;
	udp_receive_fn *receive;
	void *arg;
	struct udp_socket *sockets[2 * CONFIG_MAX_LOCAL];
	unsigned n_sockets;
	struct udp_counters counters;
	uint64_t logged_usec, unlogged;
	uint8_t datagram[DATAGRAM_BYTES];
};

/* ---- addresses */

union any_name {
	struct sockaddr name;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

static socklen_t name_of(const struct ike_end *end, union any_name *out)
{
	memset(out, 0, sizeof(*out));
	if (end->addr.is_v6) {
		out->v6.sin6_family = AF_INET6;
		out->v6.sin6_port = htons(end->port);
		memcpy(&out->v6.sin6_addr, end->addr.bytes, 16);
		return sizeof(out->v6);
	}
	out->v4.sin_family = AF_INET;
	out->v4.sin_port = htons(end->port);
	memcpy(&out->v4.sin_addr, end->addr.bytes, 4);
	return sizeof(out->v4);
}

static struct ike_end end_of(const union any_name *from)
{
	struct ike_end end = { .addr.is_v6 = from->name.sa_family == AF_INET6 };

	end.port = ntohs(end.addr.is_v6 ? from->v6.sin6_port : from->v4.sin_port);
	if (end.addr.is_v6)
		memcpy(end.addr.bytes, &from->v6.sin6_addr, 16);
	else
		memcpy(end.addr.bytes, &from->v4.sin_addr, 4);
	return end;
}

/* ---- in */

static void take(struct udp_socket *socket, const struct ike_path *path, const uint8_t *bytes, size_t n)
{
	static const uint8_t marker[MARKER_BYTES];
	struct udp *udp = socket->udp;

	if (socket->is_natt && n == 1 && bytes[0] == 0xff) {
		udp->counters.keepalives++;
		return;
	}
	if (socket->is_natt && (n < MARKER_BYTES || memcmp(bytes, marker, MARKER_BYTES) != 0)) {
		*(n < MARKER_BYTES ? &udp->counters.malformed : &udp->counters.stray_esp) += 1;
		return;
	}
	if (socket->is_natt) {
		bytes += MARKER_BYTES;
		n -= MARKER_BYTES;
	}
	udp->counters.received++;
	udp->receive(udp->arg, path, bytes, n);
}

static int on_datagram(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	struct udp_socket *socket = userdata;
	struct udp *udp = socket->udp;

	(void)source;
	(void)revents;
	for (unsigned i = 0; i < READS_AT_ONCE; i++) {
		union any_name from = { 0 };
		socklen_t from_bytes = sizeof(from);
		ssize_t n = recvfrom(fd, udp->datagram, sizeof(udp->datagram), 0, &from.name, &from_bytes);
		struct ike_path path;

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return 0;
		if (n < 0)
			continue;	/* what ICMP told of an earlier send: the exchange's own clock deals with it */
		path = (struct ike_path){ .local = socket->local, .remote = end_of(&from), .is_natt = socket->is_natt };
		take(socket, &path, udp->datagram, (size_t)n);
	}
	return 0;
}

/* ---- sockets */

static void close_socket(struct udp_socket *socket)
{
	(void)sd_event_source_disable_unref(socket->io);
	if (socket->fd >= 0)
		(void)close(socket->fd);
	free(socket);
}

static int set_int(int fd, int level, int name, int value)
{
	return setsockopt(fd, level, name, &value, sizeof(value)) == 0 ? 0 : -errno;
}

/* Long messages leave in IP fragments, whatever the path told; the address may come later. */
static int set_options(int fd, bool is_v6)
{
	int rc = is_v6 ? set_int(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1) : 0;

	if (rc == 0)
		rc = is_v6 ? set_int(fd, IPPROTO_IPV6, IPV6_FREEBIND, 1) : set_int(fd, IPPROTO_IP, IP_FREEBIND, 1);
	if (rc == 0)
		rc = is_v6 ? set_int(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_DONT)
			   : set_int(fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DONT);
	return rc;
}

static int open_socket(struct udp *udp, const struct ike_end *local, bool is_natt, struct udp_socket **out)
{
	struct udp_socket *new = calloc(1, sizeof(*new));
	union any_name name;
	int rc;

	if (!new)
		return -ENOMEM;
	*new = (struct udp_socket){ .udp = udp, .local = *local, .is_natt = is_natt };
	new->fd = socket(local->addr.is_v6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	rc = new->fd < 0 ? -errno : set_options(new->fd, local->addr.is_v6);
	if (rc == 0 && bind(new->fd, &name.name, name_of(&new->local, &name)) != 0)
		rc = -errno;
	if (rc == 0)
		rc = sd_event_add_io(udp->event, &new->io, new->fd, EPOLLIN, on_datagram, new);
	if (rc < 0) {
		close_socket(new);
		return rc;
	}
	*out = new;
	return 0;
}

static struct udp_socket *find(struct udp_socket *const *sockets, unsigned n, const struct ike_end *local, bool is_natt)
{
	for (unsigned i = 0; i < n; i++)
		if (sockets[i]->is_natt == is_natt && sockets[i]->local.port == local->port && addr_same(&sockets[i]->local.addr, &local->addr))
			return sockets[i];
	return NULL;
}

static bool is_among(struct udp_socket *const *sockets, unsigned n, const struct udp_socket *socket)
{
	for (unsigned i = 0; i < n; i++)
		if (sockets[i] == socket)
			return true;
	return false;
}

static void keep(struct udp *udp, struct udp_socket *const *sockets, unsigned n)
{
	for (unsigned i = 0; i < udp->n_sockets; i++)
		if (!is_among(sockets, n, udp->sockets[i]))
			close_socket(udp->sockets[i]);
	for (unsigned i = 0; i < n; i++)
		udp->sockets[i] = sockets[i];
	udp->n_sockets = n;
}

int udp_listen(struct udp *udp, const struct adit_addr *addrs, unsigned n_addrs, uint16_t ike_port, uint16_t natt_port, char *why,
	       size_t why_bytes)
{
	struct udp_socket *next[2 * CONFIG_MAX_LOCAL];
	bool is_new[2 * CONFIG_MAX_LOCAL];
	unsigned n = 0;

	for (unsigned i = 0; i < 2 * n_addrs && i < 2 * CONFIG_MAX_LOCAL; i++) {
		bool is_natt = i & 1;
		const struct ike_end local = { addrs[i / 2], is_natt ? natt_port : ike_port };
		char text[ADDR_TEXT_BYTES];
		int rc = 0;

		if (find(next, n, &local, is_natt))	/* listed twice */
			continue;
		next[n] = find(udp->sockets, udp->n_sockets, &local, is_natt);
		is_new[n] = !next[n];
		if (is_new[n])
			rc = open_socket(udp, &local, is_natt, &next[n]);
		if (rc == 0) {
			n++;
			continue;
		}
		(void)snprintf(why, why_bytes, "UDP socket %s[%u]: %s", addr_put(&local.addr, text), local.port, strerror(-rc));
		while (n-- > 0)
			if (is_new[n])
				close_socket(next[n]);
		return rc;
	}
	keep(udp, next, n);
	return 0;
}

struct udp *udp_open(sd_event *event, udp_receive_fn *receive, void *arg)
{
	struct udp *udp = calloc(1, sizeof(*udp));

	if (!udp)
		return NULL;
	udp->event = event;
	udp->receive = receive;
	udp->arg = arg;
	return udp;
}

void udp_close(struct udp *udp)
{
	if (!udp)
		return;
	keep(udp, NULL, 0);
	free(udp);
}

const struct udp_counters *udp_counters(const struct udp *udp)
{
	return &udp->counters;
}

/* ---- out */

static void note_error(struct udp *udp, const struct ike_path *path, int error)
{
	char text[ADDR_TEXT_BYTES];
	uint64_t now = 0;

	udp->counters.send_errors++;
	(void)sd_event_now(udp->event, CLOCK_MONOTONIC, &now);
	if (udp->logged_usec && now - udp->logged_usec < LOG_EVERY_USEC) {
		udp->unlogged++;
		return;
	}
	log_warning("cannot send to %s[%u]: %s%s%s", addr_put(&path->remote.addr, text), path->remote.port, strerror(error),
		    error == ENETUNREACH || error == EHOSTUNREACH ? "; has this host a route there through the card's TAP?" : "",
		    udp->unlogged ? " (and others meanwhile)" : "");
	udp->logged_usec = now;
	udp->unlogged = 0;
}

static const struct udp_socket *socket_of(const struct udp *udp, const struct ike_path *path)
{
	for (unsigned i = 0; i < udp->n_sockets; i++)
		if (udp->sockets[i]->is_natt == path->is_natt && addr_same(&udp->sockets[i]->local.addr, &path->local.addr))
			return udp->sockets[i];
	return NULL;
}

void udp_send(struct udp *udp, const struct ike_path *path, const uint8_t *bytes, size_t n_bytes)
{
	static uint8_t marker[MARKER_BYTES];
	const struct udp_socket *from = socket_of(udp, path);
	bool is_keepalive = n_bytes == 1 && bytes[0] == 0xff;
	struct iovec parts[2] = { { marker, path->is_natt && !is_keepalive ? MARKER_BYTES : 0 }, { NULL, n_bytes } };
	union any_name name;
	struct msghdr message = { .msg_name = &name, .msg_iov = parts, .msg_iovlen = 2 };
	ssize_t n;

	if (!from) {	/* a reload took the address away */
		note_error(udp, path, EADDRNOTAVAIL);
		return;
	}
	memcpy(&parts[1].iov_base, &bytes, sizeof(bytes));	/* sendmsg() only reads */
	message.msg_namelen = name_of(&path->remote, &name);
	n = sendmsg(from->fd, &message, MSG_NOSIGNAL);
	if (n < 0 && (errno == EINTR || errno == ECONNREFUSED))	/* of an earlier one: this one has not been tried */
		n = sendmsg(from->fd, &message, MSG_NOSIGNAL);
	if (n < 0)
		note_error(udp, path, errno);
	else
		udp->counters.sent++;
}
