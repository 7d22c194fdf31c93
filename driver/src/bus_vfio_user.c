// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * A card behind the vfio-user protocol (version 0.1), as its client, over a UNIX stream socket.
 *
 * Message:  u16 id | u16 command | u32 size incl. this header | u32 flags | u32 errno | payload
 * Flags:    bits 3:0 0 request, 1 reply; 0x10 no reply wanted; 0x20 errno counts
 *
 * One request is outstanding at a time, so a reply must carry its id. A request that timed out before its reply began
 * leaves the stream in step: that reply is skipped when it comes. Anything else unexpected ends the connection,
 * and every later call fails with the same error.
 */
#include "bus.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <linux/vfio.h>

enum command {
	CMD_VERSION = 1,
	CMD_DMA_MAP = 2,
	CMD_DMA_UNMAP = 3,
	CMD_GET_INFO = 4,
	CMD_GET_REGION_INFO = 5,
	CMD_GET_IRQ_INFO = 7,
	CMD_SET_IRQS = 8,
	CMD_REGION_READ = 9,
	CMD_REGION_WRITE = 10,
	CMD_RESET = 13,
};

#define FLAG_TYPE 0x0fu
#define FLAG_REPLY 0x01u
#define FLAG_NO_REPLY 0x10u
#define FLAG_ERROR 0x20u
#define HEADER_BYTES 16u
#define PAYLOAD_MAX 4096u
#define DMA_READ_WRITE 3u

struct header {
	uint16_t id, command;
	uint32_t size, flags, error;
};
_Static_assert(sizeof(struct header) == HEADER_BYTES, "vfio-user header");

struct dma_map_msg {
	uint32_t argsz, flags;
	uint64_t offset, iova, size;
};

struct dma_unmap_msg {
	uint32_t argsz, flags;
	uint64_t iova, size;
};

struct region_msg {
	uint64_t offset;
	uint32_t region, count;
	uint8_t data[8];
};
#define REGION_HEAD_BYTES 16u

struct bus_vfio_user {
	struct bus base;
	int fd;
	int dead;		/* errno of what ended the connection, 0 while it lives */
	uint16_t next_id;
	unsigned abandoned;	/* requests whose replies may still come */
	unsigned max_fds;	/* the server takes so many in one message */
};

static const char *command_name(unsigned command)
{
	switch (command) {
	case CMD_VERSION: return "VERSION";
	case CMD_DMA_MAP: return "DMA_MAP";
	case CMD_DMA_UNMAP: return "DMA_UNMAP";
	case CMD_GET_INFO: return "DEVICE_GET_INFO";
	case CMD_GET_REGION_INFO: return "DEVICE_GET_REGION_INFO";
	case CMD_GET_IRQ_INFO: return "DEVICE_GET_IRQ_INFO";
	case CMD_SET_IRQS: return "DEVICE_SET_IRQS";
	case CMD_REGION_READ: return "REGION_READ";
	case CMD_REGION_WRITE: return "REGION_WRITE";
	case CMD_RESET: return "DEVICE_RESET";
	default: return "unknown";
	}
}

static struct bus_vfio_user *self(struct bus *bus)
{
	return (struct bus_vfio_user *)bus;
}

/* The connection is of no more use. The text of bus_fail() stays for later callers. */
static int die(struct bus_vfio_user *vu, int error)
{
	vu->dead = error;
	return error;
}

static int wait_for(struct bus_vfio_user *vu, short events, uint64_t deadline_ms)
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
static int send_all(struct bus_vfio_user *vu, const struct header *head, const void *body, const int *fds, unsigned n_fds,
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

static int recv_all(struct bus_vfio_user *vu, void *data, size_t bytes, uint64_t deadline_ms, size_t *received)
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

static int gone(struct bus_vfio_user *vu, unsigned command, int error)
{
	if (error == -ENODEV)
		return bus_fail(&vu->base, die(vu, -ENODEV), "the card closed the connection during %s%s",
				command_name(command), command == CMD_VERSION ? ": it may have another client" : "");
	if (error == -ETIMEDOUT)
		return bus_fail(&vu->base, die(vu, -ETIMEDOUT), "the card stopped in the middle of %s, after %u ms",
				command_name(command), vu->base.timeout_ms);
	return bus_fail(&vu->base, die(vu, -EIO), "socket error during %s: %s", command_name(command), strerror(-error));
}

/* Read one message: header, then up to room bytes of payload. A longer one is an error. */
static int recv_message(struct bus_vfio_user *vu, unsigned command, struct header *head, uint8_t *payload, size_t room,
			uint64_t deadline_ms)
{
	size_t got = 0;
	int error = recv_all(vu, head, sizeof(*head), deadline_ms, &got);

	if (error == -ETIMEDOUT && got == 0)
		return -ETIMEDOUT;	/* still in step */
	if (error)
		return gone(vu, command, error);
	if (head->size < HEADER_BYTES || head->size > HEADER_BYTES + room)
		return bus_fail(&vu->base, die(vu, -EIO), "the reply to %s claims %u bytes", command_name(command), head->size);
	got = 0;
	error = recv_all(vu, payload, head->size - HEADER_BYTES, deadline_ms, &got);
	return error ? gone(vu, command, error) : 0;
}

static bool is_stale(const struct bus_vfio_user *vu, const struct header *head, uint16_t id)
{
	uint16_t age = (uint16_t)(id - head->id);

	return age != 0 && age <= vu->abandoned && (head->flags & FLAG_TYPE) == FLAG_REPLY;
}

/**
 * Send a request and, unless posted, wait for its reply.
 * @param reply       room for *reply_bytes; *reply_bytes becomes the reply's payload length. Not touched if posted.
 */
static int request(struct bus_vfio_user *vu, enum command command, bool is_posted, const void *body, size_t body_bytes,
		   const int *fds, unsigned n_fds, void *reply, size_t *reply_bytes)
{
	uint64_t deadline_ms = bus_now_ms() + vu->base.timeout_ms;
	uint8_t payload[PAYLOAD_MAX];
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
		return bus_fail(&vu->base, -ETIMEDOUT, "the card takes no %s for %u ms", command_name(command),
				vu->base.timeout_ms);
	if (error)
		return gone(vu, command, error);
	if (is_posted)
		return 0;
	do {
		error = recv_message(vu, command, &answer, payload, sizeof(payload), deadline_ms);
		if (error == -ETIMEDOUT && !vu->dead) {
			vu->abandoned++;
			return bus_fail(&vu->base, -ETIMEDOUT, "the card does not answer %s for %u ms",
					command_name(command), vu->base.timeout_ms);
		}
		if (error)
			return error;
	} while (is_stale(vu, &answer, head.id));
	vu->abandoned = 0;	/* replies come in order: nothing older can follow */
	if (answer.id != head.id || answer.command != head.command || (answer.flags & FLAG_TYPE) != FLAG_REPLY)
		return bus_fail(&vu->base, die(vu, -EIO),
				"%s number %u was answered with command %u, number %u, flags %#x", command_name(command),
				head.id, answer.command, answer.id, answer.flags);
	if (answer.flags & FLAG_ERROR)
		return bus_fail(&vu->base, -EIO, "the card refuses %s: %s", command_name(command),
				strerror((int)(answer.error & 0xffffu)));
	if (answer.size - HEADER_BYTES > *reply_bytes)
		return bus_fail(&vu->base, die(vu, -EIO), "the reply to %s has %u bytes of payload, at most %zu fit",
				command_name(command), answer.size - HEADER_BYTES, *reply_bytes);
	*reply_bytes = answer.size - HEADER_BYTES;
	memcpy(reply, payload, *reply_bytes);
	return 0;
}

/* As request(), for a reply of one possible length. */
static int request_exact(struct bus_vfio_user *vu, enum command command, const void *body, size_t body_bytes,
			 const int *fds, unsigned n_fds, void *reply, size_t reply_bytes)
{
	uint8_t answer[PAYLOAD_MAX];
	size_t n = sizeof(answer);
	int error = request(vu, command, false, body, body_bytes, fds, n_fds, answer, &n);

	if (error)
		return error;
	if (n != reply_bytes)
		return bus_fail(&vu->base, die(vu, -EIO), "the reply to %s has %zu bytes of payload, not %zu",
				command_name(command), n, reply_bytes);
	if (reply_bytes)
		memcpy(reply, answer, reply_bytes);
	return 0;
}

static int user_access(struct bus *bus, bool is_write, unsigned region, uint64_t offset, void *data, unsigned bytes)
{
	struct bus_vfio_user *vu = self(bus);
	struct region_msg msg = { .offset = offset, .region = region, .count = bytes };
	struct region_msg reply;
	size_t n = sizeof(reply);
	size_t want;
	int error;

	if (bytes > sizeof(msg.data))
		return bus_fail(bus, -EINVAL, "an access of %u bytes", bytes);
	if (is_write) {
		memcpy(msg.data, data, bytes);
		/* BAR writes are posted, as on PCI Express; what must have happened is read back by the caller. */
		error = request(vu, CMD_REGION_WRITE, region == BUS_REGION_BAR0, &msg, REGION_HEAD_BYTES + bytes, NULL, 0,
				&reply, &n);
		if (error || region == BUS_REGION_BAR0)
			return error;
		want = REGION_HEAD_BYTES;
	} else {
		error = request(vu, CMD_REGION_READ, false, &msg, REGION_HEAD_BYTES, NULL, 0, &reply, &n);
		if (error)
			return error;
		want = REGION_HEAD_BYTES + bytes;
	}
	if (n != want)
		return bus_fail(bus, die(vu, -EIO), "the reply to %s has %zu bytes of payload, not %zu",
				command_name(is_write ? CMD_REGION_WRITE : CMD_REGION_READ), n, want);
	if (reply.offset != offset || reply.region != region || reply.count != bytes)
		return bus_fail(bus, die(vu, -EIO), "%s of %u bytes at region %u offset %#llx: the reply is for another one",
				is_write ? "write" : "read", bytes, region, (unsigned long long)offset);
	if (!is_write)
		memcpy(data, reply.data, bytes);
	return 0;
}

/* Servers answer these with the header alone or with an echo; there is nothing in it to learn. */
static int request_echoed(struct bus_vfio_user *vu, enum command command, const void *body, size_t body_bytes,
			  const int *fds, unsigned n_fds)
{
	uint8_t reply[64];
	size_t n = sizeof(reply);
	int error = request(vu, command, false, body, body_bytes, fds, n_fds, reply, &n);

	if (error || n == 0 || n == body_bytes)
		return error;
	return bus_fail(&vu->base, die(vu, -EIO), "the reply to %s has %zu bytes of payload, not 0 or %zu",
			command_name(command), n, body_bytes);
}

static int user_dma_map(struct bus *bus, const struct bus_dma *dma)
{
	struct dma_map_msg msg = { .argsz = sizeof(msg), .flags = DMA_READ_WRITE, .iova = dma->iova, .size = dma->bytes };

	return request_echoed(self(bus), CMD_DMA_MAP, &msg, sizeof(msg), &dma->fd, 1);
}

static int user_dma_unmap(struct bus *bus, const struct bus_dma *dma)
{
	struct dma_unmap_msg msg = { .argsz = sizeof(msg), .iova = dma->iova, .size = dma->bytes };

	return request_echoed(self(bus), CMD_DMA_UNMAP, &msg, sizeof(msg), NULL, 0);
}

static int user_irq_set(struct bus *bus, const int *eventfds, unsigned n)
{
	struct bus_vfio_user *vu = self(bus);
	struct vfio_irq_set set = {
		.argsz = sizeof(set), .flags = VFIO_IRQ_SET_DATA_NONE | VFIO_IRQ_SET_ACTION_TRIGGER,
		.index = VFIO_PCI_MSIX_IRQ_INDEX,
	};
	unsigned batch = vu->max_fds < BUS_VECTORS_MAX ? vu->max_fds : BUS_VECTORS_MAX;

	if (n == 0)
		return request_exact(vu, CMD_SET_IRQS, &set, sizeof(set), NULL, 0, NULL, 0);
	set.flags = VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER;
	for (unsigned start = 0; start < n; start += set.count) {
		int error;

		set.start = start;
		set.count = n - start < batch ? n - start : batch;
		error = request_exact(vu, CMD_SET_IRQS, &set, sizeof(set), eventfds + start, set.count, NULL, 0);
		if (error)
			return error;
	}
	return 0;
}

static int user_reset(struct bus *bus)
{
	return request_exact(self(bus), CMD_RESET, NULL, 0, NULL, 0, NULL, 0);
}

static int user_check(struct bus *bus)
{
	struct bus_vfio_user *vu = self(bus);
	char byte;
	ssize_t n;

	if (vu->dead)
		return vu->dead;
	n = recv(vu->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
	if (n == 0 || (n < 0 && errno == ECONNRESET))
		return bus_fail(bus, die(vu, -ENODEV), "the card closed the connection");
	if (n > 0 && vu->abandoned == 0)
		return bus_fail(bus, die(vu, -EIO), "the card speaks unasked on the connection");
	return 0;
}

static void user_close(struct bus *bus)
{
	struct bus_vfio_user *vu = self(bus);

	if (vu->fd >= 0)
		close(vu->fd);
	free(vu);
}

static const struct bus_ops user_ops = {
	.access = user_access, .dma_map = user_dma_map, .dma_unmap = user_dma_unmap, .irq_set = user_irq_set,
	.reset = user_reset, .check = user_check, .close = user_close,
};

/* A number after "key": in the server's capabilities; fallback if it is not there. */
static unsigned json_number(const char *json, const char *key, unsigned fallback)
{
	const char *at = strstr(json, key);
	char *end;
	unsigned long value;

	if (!at)
		return fallback;
	at += strlen(key);
	at += strspn(at, "\": \t\r\n");
	value = strtoul(at, &end, 10);
	return end == at || value > UINT_MAX ? fallback : (unsigned)value;
}

static int negotiate(struct bus_vfio_user *vu)
{
	struct {
		uint16_t major, minor;
		char json[sizeof("{\"capabilities\":{\"max_msg_fds\":16,\"max_data_xfer_size\":4096}}")];
	} ours = { 0, 1, "{\"capabilities\":{\"max_msg_fds\":16,\"max_data_xfer_size\":4096}}" };
	struct {
		uint16_t major, minor;
		char json[PAYLOAD_MAX - 4];
	} theirs;
	size_t n = sizeof(theirs);
	int error = request(vu, CMD_VERSION, false, &ours, sizeof(ours), NULL, 0, &theirs, &n);

	if (error)
		return error;
	if (n < 4)
		return bus_fail(&vu->base, die(vu, -EIO), "the reply to VERSION has %zu bytes of payload", n);
	if (theirs.major != 0 || theirs.minor > 1)
		return bus_fail(&vu->base, die(vu, -EOPNOTSUPP), "the card speaks vfio-user %u.%u, this driver 0.1",
				theirs.major, theirs.minor);
	if (n > 4 && theirs.json[n - 5] != '\0')
		return bus_fail(&vu->base, die(vu, -EIO), "the reply to VERSION does not end its capabilities");
	vu->max_fds = n > 4 ? json_number(theirs.json, "max_msg_fds", 1) : 1;
	if (vu->max_fds == 0)
		return bus_fail(&vu->base, die(vu, -EOPNOTSUPP), "the card takes no file descriptors, so no DMA memory");
	return 0;
}

static int region_bytes(struct bus_vfio_user *vu, unsigned index, uint64_t *bytes)
{
	struct vfio_region_info info = { .argsz = sizeof(info), .index = index };
	const uint32_t want = VFIO_REGION_INFO_FLAG_READ | VFIO_REGION_INFO_FLAG_WRITE;
	int error = request_exact(vu, CMD_GET_REGION_INFO, &info, sizeof(info), NULL, 0, &info, sizeof(info));

	if (error)
		return error;
	if (info.index != index)
		return bus_fail(&vu->base, die(vu, -EIO), "asked for region %u, told of region %u", index, info.index);
	*bytes = (info.flags & want) == want ? info.size : 0;
	return 0;
}

static int learn(struct bus_vfio_user *vu)
{
	struct vfio_device_info device = { .argsz = 16 };
	struct vfio_irq_info irq = { .argsz = sizeof(irq), .index = VFIO_PCI_MSIX_IRQ_INDEX };
	int error = request_exact(vu, CMD_GET_INFO, &device, 16, NULL, 0, &device, 16);

	if (error)
		return error;
	if (!(device.flags & VFIO_DEVICE_FLAGS_PCI))
		return bus_fail(&vu->base, -ENODEV, "the device is not a PCI device (flags %#x)", device.flags);
	if (device.num_regions <= BUS_REGION_BAR0 || device.num_irqs <= VFIO_PCI_MSIX_IRQ_INDEX)
		return bus_fail(&vu->base, -ENODEV, "the device has %u regions and %u kinds of interrupts; a PCI card has 9 and 5",
				device.num_regions, device.num_irqs);
	error = region_bytes(vu, BUS_REGION_BAR0, &vu->base.bar_bytes);
	if (!error && device.num_regions > BUS_REGION_CONFIG)
		error = region_bytes(vu, BUS_REGION_CONFIG, &vu->base.config_bytes);
	if (error)
		return error;
	error = request_exact(vu, CMD_GET_IRQ_INFO, &irq, sizeof(irq), NULL, 0, &irq, sizeof(irq));
	if (error)
		return error;
	if (irq.index != VFIO_PCI_MSIX_IRQ_INDEX || (irq.count && !(irq.flags & VFIO_IRQ_INFO_EVENTFD)))
		return bus_fail(&vu->base, die(vu, -EIO), "the device's MSI-X has index %u, flags %#x", irq.index, irq.flags);
	vu->base.n_vectors = irq.count;
	return 0;
}

static int dial(struct bus_vfio_user *vu, const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };

	if (strlen(path) == 0 || strlen(path) >= sizeof(addr.sun_path))
		return bus_fail(&vu->base, -EINVAL, "a socket path has 1 to %zu characters", sizeof(addr.sun_path) - 1);
	memcpy(addr.sun_path, path, strlen(path) + 1);
	vu->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (vu->fd < 0)
		return bus_fail(&vu->base, -errno, "no socket: %s", strerror(errno));
	/* A local connect is done at once or not at all. */
	if (connect(vu->fd, (const struct sockaddr *)&addr, sizeof(addr)) != 0)
		return bus_fail(&vu->base, errno == EAGAIN ? -EBUSY : -errno, "cannot connect: %s",
				errno == EAGAIN ? "the card has other clients" :
				errno == ECONNREFUSED ? "no simulated card listens there" : strerror(errno));
	vu->base.watch_fd = vu->fd;
	return 0;
}

int bus_vfio_user_open(const char *path, unsigned timeout_ms, struct bus **out, char *why, size_t why_bytes)
{
	struct bus_vfio_user *vu = calloc(1, sizeof(*vu));
	int error;

	if (!vu) {
		snprintf(why, why_bytes, "sim:%s: no memory", path);
		return -ENOMEM;
	}
	vu->base.ops = &user_ops;
	vu->base.timeout_ms = timeout_ms;
	vu->base.has_memfd = true;
	vu->base.watch_fd = -1;
	vu->fd = -1;
	vu->max_fds = 1;
	iova_add_range(&vu->base.iova, IOVA_FIRST, (UINT64_C(1) << 39) - 1);
	error = dial(vu, path);
	if (!error)
		error = negotiate(vu);
	if (!error)
		error = learn(vu);
	if (error) {
		snprintf(why, why_bytes, "sim:%s: %s", path, vu->base.why);
		user_close(&vu->base);
		return error;
	}
	*out = &vu->base;
	return 0;
}
