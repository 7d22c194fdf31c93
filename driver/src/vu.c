// SPDX-License-Identifier: BSD-2-Clause-Patent
#include "vu.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#define FLAG_TYPE 0x0fu
#define FLAG_REPLY 0x01u
#define FLAG_NO_REPLY 0x10u
#define FLAG_ERROR 0x20u
#define HEADER_BYTES 16u

struct header {
	uint16_t id, command;
	uint32_t size, flags, error;
};
_Static_assert(sizeof(struct header) == HEADER_BYTES, "vfio-user header");

const char *vu_command_name(unsigned command)
{
	switch (command) {
	case VU_VERSION: return "VERSION";
	case VU_DMA_MAP: return "DMA_MAP";
	case VU_DMA_UNMAP: return "DMA_UNMAP";
	case VU_GET_INFO: return "DEVICE_GET_INFO";
	case VU_GET_REGION_INFO: return "DEVICE_GET_REGION_INFO";
	case VU_GET_IRQ_INFO: return "DEVICE_GET_IRQ_INFO";
	case VU_SET_IRQS: return "DEVICE_SET_IRQS";
	case VU_REGION_READ: return "REGION_READ";
	case VU_REGION_WRITE: return "REGION_WRITE";
	case VU_RESET: return "DEVICE_RESET";
	default: return "unknown";
	}
}

int vu_die(struct vu *vu, int error)
{
	vu->dead = error;
	return error;
}

static int wait_for(struct vu *vu, short events, uint64_t deadline_ms)
{
	for (;;) {
		uint64_t now = bus_now_ms();
		struct pollfd pfd = { .fd = vu->fd, .events = events };
		int n;

		if (now >= deadline_ms)
			return -ETIMEDOUT;
		n = poll(&pfd, 1, deadline_ms - now > INT_MAX ? INT_MAX : (int)(deadline_ms - now));
		if (n > 0)
			return 0;
		if (n < 0 && errno != EINTR)
			return -errno;
	}
}

/* Send head, then body; descriptors ride on the first byte. *sent tells how far it came. */
static int send_all(struct vu *vu, const struct header *head, const void *body, const int *fds, unsigned n_fds,
		    uint64_t deadline_ms, size_t *sent)
{
	union {
		char bytes[CMSG_SPACE(BUS_VECTORS_MAX * sizeof(int))];
		struct cmsghdr align;
	} control = { 0 };
	size_t total = head->size;

	while (*sent < total) {
		size_t body_sent = *sent > HEADER_BYTES ? *sent - HEADER_BYTES : 0;
		struct iovec iov[2];
		struct msghdr msg = { .msg_iov = iov };
		ssize_t n;

		if (*sent < HEADER_BYTES)
			iov[msg.msg_iovlen++] = (struct iovec){ (char *)(uintptr_t)head + *sent, HEADER_BYTES - *sent };
		if (total - HEADER_BYTES > body_sent)
			iov[msg.msg_iovlen++] = (struct iovec){ (char *)(uintptr_t)body + body_sent,
								total - HEADER_BYTES - body_sent };
		if (*sent == 0 && n_fds) {
			struct cmsghdr *cmsg;

			msg.msg_control = control.bytes;
			msg.msg_controllen = CMSG_SPACE(n_fds * sizeof(int));
			cmsg = CMSG_FIRSTHDR(&msg);
			cmsg->cmsg_level = SOL_SOCKET;
			cmsg->cmsg_type = SCM_RIGHTS;
			cmsg->cmsg_len = CMSG_LEN(n_fds * sizeof(int));
			memcpy(CMSG_DATA(cmsg), fds, n_fds * sizeof(int));
		}
		n = sendmsg(vu->fd, &msg, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n > 0) {
			*sent += (size_t)n;
		} else if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
			int error = wait_for(vu, POLLOUT, deadline_ms);

			if (error)
				return error;
		} else if (n < 0 && errno != EINTR) {
			return errno == EPIPE || errno == ECONNRESET ? -ENODEV : -errno;
		}
	}
	return 0;
}

static int recv_all(struct vu *vu, void *data, size_t bytes, uint64_t deadline_ms, size_t *received)
{
	while (*received < bytes) {
		ssize_t n = recv(vu->fd, (char *)data + *received, bytes - *received, MSG_DONTWAIT);

		if (n > 0) {
			*received += (size_t)n;
		} else if (n == 0 || errno == ECONNRESET) {
			return -ENODEV;
		} else if (errno == EAGAIN || errno == EWOULDBLOCK) {
			int error = wait_for(vu, POLLIN, deadline_ms);

			if (error)
				return error;
		} else if (errno != EINTR) {
			return -errno;
		}
	}
	return 0;
}

static int gone(struct vu *vu, unsigned command, int error)
{
	if (error == -ENODEV)
		return bus_fail(&vu->base, vu_die(vu, -ENODEV), "the card closed the connection during %s%s",
				vu_command_name(command), command == VU_VERSION ? ": it may have another client" : "");
	if (error == -ETIMEDOUT)
		return bus_fail(&vu->base, vu_die(vu, -ETIMEDOUT), "the card stopped in the middle of %s, after %u ms",
				vu_command_name(command), vu->base.timeout_ms);
	return bus_fail(&vu->base, vu_die(vu, -EIO), "socket error during %s: %s", vu_command_name(command), strerror(-error));
}

/* Read one message: header, then up to room bytes of payload. A longer one is an error. */
static int recv_message(struct vu *vu, unsigned command, struct header *head, uint8_t *payload, size_t room,
			uint64_t deadline_ms)
{
	size_t got = 0;
	int error = recv_all(vu, head, sizeof(*head), deadline_ms, &got);

	if (error == -ETIMEDOUT && got == 0)
		return -ETIMEDOUT;	/* still in step */
	if (error)
		return gone(vu, command, error);
	if (head->size < HEADER_BYTES || head->size > HEADER_BYTES + room)
		return bus_fail(&vu->base, vu_die(vu, -EIO), "the reply to %s claims %u bytes", vu_command_name(command), head->size);
	got = 0;
	error = recv_all(vu, payload, head->size - HEADER_BYTES, deadline_ms, &got);
	return error ? gone(vu, command, error) : 0;
}

/* The reply to a request before this one that was given up. Each can come once: replies come in order. */
static bool skip_stale(struct vu *vu, const struct header *head, uint16_t id)
{
	if (!vu->has_abandoned || (head->flags & FLAG_TYPE) != FLAG_REPLY ||
	    (uint16_t)(head->id - vu->oldest_abandoned) >= (uint16_t)(id - vu->oldest_abandoned))
		return false;
	vu->oldest_abandoned = (uint16_t)(head->id + 1);
	return true;
}

int vu_request(struct vu *vu, enum vu_command command, bool is_posted, const void *body, size_t body_bytes,
		   const int *fds, unsigned n_fds, void *reply, size_t *reply_bytes)
{
	uint64_t deadline_ms = bus_now_ms() + vu->base.timeout_ms;
	uint8_t payload[VU_PAYLOAD_MAX];
	struct header head = {
		.id = vu->next_id++, .command = (uint16_t)command, .size = (uint32_t)(HEADER_BYTES + body_bytes),
		.flags = is_posted ? FLAG_NO_REPLY : 0,
	};
	struct header answer;
	size_t sent = 0;
	int error;

	if (vu->dead)
		return vu->dead;
	error = send_all(vu, &head, body, fds, n_fds, deadline_ms, &sent);
	if (error == -ETIMEDOUT && sent == 0)
		return bus_fail(&vu->base, -ETIMEDOUT, "the card takes no %s for %u ms", vu_command_name(command),
				vu->base.timeout_ms);
	if (error)
		return gone(vu, command, error);
	if (is_posted)
		return 0;
	do {
		error = recv_message(vu, command, &answer, payload, sizeof(payload), deadline_ms);
		if (error == -ETIMEDOUT && !vu->dead) {
			if (!vu->has_abandoned)
				vu->oldest_abandoned = head.id;
			vu->has_abandoned = true;
			return bus_fail(&vu->base, -ETIMEDOUT, "the card does not answer %s for %u ms",
					vu_command_name(command), vu->base.timeout_ms);
		}
		if (error)
			return error;
	} while (skip_stale(vu, &answer, head.id));
	vu->has_abandoned = false;	/* replies come in order: nothing older can follow */
	if (answer.id != head.id || answer.command != head.command || (answer.flags & FLAG_TYPE) != FLAG_REPLY)
		return bus_fail(&vu->base, vu_die(vu, -EIO),
				"%s number %u was answered with command %u, number %u, flags %#x", vu_command_name(command),
				head.id, answer.command, answer.id, answer.flags);
	if (answer.flags & FLAG_ERROR)
		return bus_fail(&vu->base, -EIO, "the card refuses %s: %s", vu_command_name(command),
				strerror((int)(answer.error & 0xffffu)));
	if (answer.size - HEADER_BYTES > *reply_bytes)
		return bus_fail(&vu->base, vu_die(vu, -EIO), "the reply to %s has %u bytes of payload, at most %zu fit",
				vu_command_name(command), answer.size - HEADER_BYTES, *reply_bytes);
	*reply_bytes = answer.size - HEADER_BYTES;
	memcpy(reply, payload, *reply_bytes);
	return 0;
}

int vu_request_exact(struct vu *vu, enum vu_command command, const void *body, size_t body_bytes,
			 const int *fds, unsigned n_fds, void *reply, size_t reply_bytes)
{
	uint8_t answer[VU_PAYLOAD_MAX];
	size_t n = sizeof(answer);
	int error = vu_request(vu, command, false, body, body_bytes, fds, n_fds, answer, &n);

	if (error)
		return error;
	if (n != reply_bytes)
		return bus_fail(&vu->base, vu_die(vu, -EIO), "the reply to %s has %zu bytes of payload, not %zu",
				vu_command_name(command), n, reply_bytes);
	if (reply_bytes)
		memcpy(reply, answer, reply_bytes);
	return 0;
}
