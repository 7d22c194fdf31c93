// SPDX-License-Identifier: BSD-2-Clause-Patent
#include "front_vfio_user.h"

#include <errno.h>
#include <linux/vfio.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "dma.h"
#include "pci.h"
#include "say.h"
#include "unix_socket.h"

#define HEADER_BYTES 16u
#define DATA_BYTES_MAX 65536u
#define MESSAGE_BYTES_MAX (HEADER_BYTES + 64u + DATA_BYTES_MAX)
#define MESSAGE_FDS_MAX 8u
#define MESSAGES_AT_ONCE 64u
#define REPLY_TIMEOUT_MS 1000

/* Header flags. */
#define TYPE_MASK 0xfu
#define TYPE_REPLY 0x1u
#define FLAG_NO_REPLY 0x10u
#define FLAG_ERROR 0x20u

enum command {
	VERSION = 1,
	DMA_MAP = 2,
	DMA_UNMAP = 3,
	DEVICE_GET_INFO = 4,
	DEVICE_GET_REGION_INFO = 5,
	DEVICE_GET_IRQ_INFO = 7,
	DEVICE_SET_IRQS = 8,
	REGION_READ = 9,
	REGION_WRITE = 10,
	DEVICE_RESET = 13
};

struct header {
	uint16_t id, command;
	uint32_t size_bytes, flags, error;
};
_Static_assert(sizeof(struct header) == HEADER_BYTES, "header");

/* Payloads, as they stand in the message (host byte order, no padding). */
struct version_body {
	uint16_t major, minor;	/* then JSON, closed by a NUL */
};
struct dma_map_body {
	uint32_t argsz, flags;
	uint64_t offset, iova, size_bytes;
};
struct dma_unmap_body {
	uint32_t argsz, flags;
	uint64_t iova, size_bytes;
};
struct info_body {
	uint32_t argsz, flags, n_regions, n_irqs;
};
struct region_info_body {
	uint32_t argsz, flags, index, cap_offset;
	uint64_t size_bytes, offset;
};
struct irq_info_body {
	uint32_t argsz, flags, index, count;
};
struct set_irqs_body {
	uint32_t argsz, flags, index, start, count;	/* then count bytes if DATA_BOOL */
};
struct region_body {
	uint64_t offset;
	uint32_t region, count;		/* then count bytes */
};

struct front {
	struct unix_listener listener;
	int client;		/* -1: nobody */
	struct card *card;
	void (*settle)(void *ctx);
	void *settle_ctx;
	struct dma dma;
	struct pci pci;
	int irq_fd[CARD_VECTORS];
	unsigned irq_waiting;	/* bit per vector */
	bool is_dead;
	bool told_no_answer;

	bool has_version;	/* the client has shaken hands */
	uint8_t message[MESSAGE_BYTES_MAX];
	size_t got_bytes;	/* of the message */
	int fds[MESSAGE_FDS_MAX];
	unsigned n_fds;
	uint8_t reply[MESSAGE_BYTES_MAX];
};

/* ---- card side */

static enum dma_answer read_memory(void *ctx, uint64_t iova, void *to, size_t n_bytes)
{
	struct front *front = ctx;
	enum dma_answer answer = dma_read(&front->dma, iova, to, n_bytes);

	if (answer != DMA_OK)
		say_more("DMA read of %zu bytes at iova 0x%llx refused: %s", n_bytes, (unsigned long long)iova,
			 answer == DMA_UNMAPPED ? "not mapped" : "not readable");
	return answer;
}

static enum dma_answer write_memory(void *ctx, uint64_t iova, const void *from, size_t n_bytes)
{
	struct front *front = ctx;
	enum dma_answer answer = dma_write(&front->dma, iova, from, n_bytes);

	if (answer != DMA_OK)
		say_more("DMA write of %zu bytes at iova 0x%llx refused: %s", n_bytes, (unsigned long long)iova,
			 answer == DMA_UNMAPPED ? "not mapped" : "not writable");
	return answer;
}

struct dma_calls front_dma_calls(struct front *front)
{
	return (struct dma_calls){ front, read_memory, write_memory };
}

/* The client chose the descriptor; one that would block is its own loss. */
static void fire(struct front *front, unsigned vector)
{
	struct pollfd room = { .fd = front->irq_fd[vector], .events = POLLOUT };
	uint64_t one = 1;

	if (room.fd >= 0 && poll(&room, 1, 0) == 1 && (room.revents & POLLOUT) &&
	    write(room.fd, &one, sizeof(one)) != (ssize_t)sizeof(one))
		say_more("MSI-X vector %u could not be signalled: %m", vector);
}

void front_fire(struct front *front)
{
	for (unsigned vector = 0; front->irq_waiting; vector++, front->irq_waiting >>= 1)
		if (front->irq_waiting & 1)
			fire(front, vector);
}

void front_msix(void *ctx, unsigned vector)
{
	struct front *front = ctx;

	if (front->settle)
		front->irq_waiting |= 1u << vector;
	else
		fire(front, vector);
}

/* ---- one client */

static void reset_card(struct front *front)
{
	pci_reset(&front->pci);
	front->irq_waiting = 0;
	if (!card_reset(front->card))
		front->is_dead = true;
}

static void close_message_fds(struct front *front)
{
	for (unsigned i = 0; i < front->n_fds; i++)
		if (front->fds[i] >= 0)
			close(front->fds[i]);
	front->n_fds = 0;
}

static void set_irq_fd(struct front *front, unsigned vector, int fd)
{
	if (front->irq_fd[vector] >= 0)
		close(front->irq_fd[vector]);
	front->irq_fd[vector] = fd;
}

static void drop_client(struct front *front)
{
	close(front->client);
	front->client = -1;
	close_message_fds(front);
	for (unsigned vector = 0; vector < CARD_VECTORS; vector++)
		set_irq_fd(front, vector, -1);
	dma_remove_all(&front->dma);
	memset(front->message, 0, sizeof(front->message));
	memset(front->reply, 0, sizeof(front->reply));
	front->got_bytes = 0;
	front->has_version = false;
	reset_card(front);
}

static void __attribute__((format(printf, 2, 3))) drop_bad_client(struct front *front, const char *fmt, ...)
{
	char why[256];
	va_list args;

	va_start(args, fmt);
	vsnprintf(why, sizeof(why), fmt, args);
	va_end(args);
	say("client dropped: %s", why);
	drop_client(front);
}

/* ---- commands. Each gets its payload (at least its body's size), fills the reply's payload, returns 0 or an errno. */

struct request {
	uint8_t *payload;
	size_t n_bytes;
	uint8_t *reply;
	size_t reply_bytes;
};

static void answer(struct request *request, const void *bytes, size_t n_bytes)
{
	memcpy(request->reply + request->reply_bytes, bytes, n_bytes);
	request->reply_bytes += n_bytes;
}

static int do_version(struct front *front, struct request *request)
{
	static const char capabilities[] = "{\"capabilities\":{\"max_msg_fds\":8,\"max_data_xfer_size\":65536,"
					   "\"max_dma_maps\":65535,\"pgsizes\":4096}}";
	struct version_body body;

	memcpy(&body, request->payload, sizeof(body));
	if (front->has_version)
		return EINVAL;
	if (body.major != 0)
		return ENOTSUP;
	if (request->n_bytes > sizeof(body) && request->payload[request->n_bytes - 1] != 0)
		return EINVAL;
	if (body.minor > 1)
		body.minor = 1;
	front->has_version = true;
	answer(request, &body, sizeof(body));
	answer(request, capabilities, sizeof(capabilities));
	return 0;
}

static int do_dma_map(struct front *front, struct request *request)
{
	struct dma_map_body body;
	int error;

	memcpy(&body, request->payload, sizeof(body));
	if (body.argsz < sizeof(body) || front->n_fds > 1 || body.flags == 0 ||
	    (body.flags & ~(uint32_t)(VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE)))
		return EINVAL;
	error = dma_add(&front->dma, body.iova, body.size_bytes, front->n_fds ? front->fds[0] : -1, body.offset,
			body.flags & VFIO_DMA_MAP_FLAG_READ, body.flags & VFIO_DMA_MAP_FLAG_WRITE);
	say_more("DMA map iova 0x%llx, %llu bytes, flags %u, %s: %s", (unsigned long long)body.iova,
		 (unsigned long long)body.size_bytes, body.flags, front->n_fds ? "with memory" : "without memory",
		 error ? strerror(-error) : "ok");
	return -error;
}

static int do_dma_unmap(struct front *front, struct request *request)
{
	struct dma_unmap_body body;
	int64_t n_unmapped;

	memcpy(&body, request->payload, sizeof(body));
	if (body.argsz < sizeof(body) || (body.flags & ~(uint32_t)VFIO_DMA_UNMAP_FLAG_ALL))
		return EINVAL;
	if (body.flags & VFIO_DMA_UNMAP_FLAG_ALL) {
		if (body.iova != 0 || body.size_bytes != 0)
			return EINVAL;
		dma_remove_all(&front->dma);
	} else {
		n_unmapped = dma_remove(&front->dma, body.iova, body.size_bytes);
		if (n_unmapped < 0)
			return (int)-n_unmapped;
		body.size_bytes = (uint64_t)n_unmapped;
	}
	answer(request, &body, sizeof(body));
	return 0;
}

static int do_get_info(struct front *front, struct request *request)
{
	struct info_body body;

	(void)front;
	memcpy(&body, request->payload, sizeof(body));
	if (body.argsz < sizeof(body))
		return EINVAL;
	body = (struct info_body){ sizeof(body), VFIO_DEVICE_FLAGS_RESET | VFIO_DEVICE_FLAGS_PCI, VFIO_PCI_NUM_REGIONS,
				   VFIO_PCI_NUM_IRQS };
	answer(request, &body, sizeof(body));
	return 0;
}

static size_t region_bytes(uint32_t index)
{
	switch (index) {
	case VFIO_PCI_BAR0_REGION_INDEX:
		return PCI_BAR0_BYTES;
	case VFIO_PCI_BAR2_REGION_INDEX:
		return PCI_BAR2_BYTES;
	case VFIO_PCI_CONFIG_REGION_INDEX:
		return PCI_CONFIG_BYTES;
	default:
		return 0;
	}
}

static int do_get_region_info(struct front *front, struct request *request)
{
	struct region_info_body body;
	uint32_t index;

	(void)front;
	memcpy(&body, request->payload, sizeof(body));
	if (body.argsz < sizeof(body) || body.index >= VFIO_PCI_NUM_REGIONS)
		return EINVAL;
	index = body.index;
	body = (struct region_info_body){ .argsz = sizeof(body), .index = index, .size_bytes = region_bytes(index) };
	if (body.size_bytes)
		body.flags = VFIO_REGION_INFO_FLAG_READ | VFIO_REGION_INFO_FLAG_WRITE;
	answer(request, &body, sizeof(body));
	return 0;
}

static int do_get_irq_info(struct front *front, struct request *request)
{
	struct irq_info_body body;

	(void)front;
	memcpy(&body, request->payload, sizeof(body));
	if (body.argsz < sizeof(body) || body.index >= VFIO_PCI_NUM_IRQS)
		return EINVAL;
	body.argsz = sizeof(body);
	body.flags = body.count = 0;
	if (body.index == VFIO_PCI_MSIX_IRQ_INDEX) {
		body.flags = VFIO_IRQ_INFO_EVENTFD | VFIO_IRQ_INFO_NORESIZE;
		body.count = CARD_VECTORS;
	}
	answer(request, &body, sizeof(body));
	return 0;
}

static int do_set_irqs(struct front *front, struct request *request)
{
	struct set_irqs_body body;
	const uint8_t *bools = request->payload + sizeof(body);

	memcpy(&body, request->payload, sizeof(body));
	if (body.argsz < sizeof(body) || body.index != VFIO_PCI_MSIX_IRQ_INDEX || body.start > CARD_VECTORS ||
	    body.count > CARD_VECTORS - body.start ||
	    (body.flags & VFIO_IRQ_SET_ACTION_TYPE_MASK) != VFIO_IRQ_SET_ACTION_TRIGGER)
		return EINVAL;
	switch (body.flags & VFIO_IRQ_SET_DATA_TYPE_MASK) {
	case VFIO_IRQ_SET_DATA_NONE:
		for (unsigned i = 0; i < body.count; i++)
			fire(front, body.start + i);
		for (unsigned vector = 0; body.count == 0 && vector < CARD_VECTORS; vector++)
			set_irq_fd(front, vector, -1);
		return 0;
	case VFIO_IRQ_SET_DATA_BOOL:
		if (request->n_bytes - sizeof(body) < body.count)
			return EINVAL;
		for (unsigned i = 0; i < body.count; i++)
			if (bools[i])
				fire(front, body.start + i);
		return 0;
	case VFIO_IRQ_SET_DATA_EVENTFD:
		if (body.count == 0 || (front->n_fds != body.count && front->n_fds != 0))	/* no fds: take them away */
			return EINVAL;
		for (unsigned i = 0; i < body.count; i++) {
			set_irq_fd(front, body.start + i, front->n_fds ? front->fds[i] : -1);
			if (front->n_fds)
				front->fds[i] = -1;	/* ours now */
		}
		return 0;
	default:
		return EINVAL;
	}
}

/* What a dead card's registers read as is the card's business; that it is dead is worth one line. */
static void tell_no_answer(struct front *front, uint64_t offset)
{
	if (!front->told_no_answer)
		say_more("register 0x%03llx: the card refuses", (unsigned long long)offset);
	front->told_no_answer = true;
}

/* BAR0: 32-bit registers; an aligned 64-bit access is two of them, low half first. */
static int access_registers(struct front *front, const struct region_body *body, bool is_write, uint8_t *bytes)
{
	if ((body->count != 4 && body->count != 8) || body->offset % body->count)
		return EINVAL;
	for (uint32_t i = 0; i < body->count; i += 4) {
		uint32_t offset = (uint32_t)body->offset + i, value;
		bool is_answered;

		if (is_write) {
			memcpy(&value, bytes + i, 4);
			is_answered = card_bar_write(front->card, offset, value);
		} else {
			is_answered = card_bar_read(front->card, offset, &value);
			memcpy(bytes + i, &value, 4);
		}
		if (!is_answered)
			tell_no_answer(front, offset);
	}
	return 0;
}

/* Read body->count bytes into bytes, or write them from there. */
static int access_region(struct front *front, const struct region_body *body, bool is_write, uint8_t *bytes)
{
	size_t size_bytes = region_bytes(body->region);
	size_t offset = (size_t)body->offset;

	if (body->count == 0 || body->offset > size_bytes || body->count > size_bytes - body->offset)
		return EINVAL;
	switch (body->region) {
	case VFIO_PCI_BAR0_REGION_INDEX:
		return access_registers(front, body, is_write, bytes);
	case VFIO_PCI_CONFIG_REGION_INDEX:
		if (!is_write)
			pci_config_read(&front->pci, offset, bytes, body->count);
		else if (pci_config_write(&front->pci, offset, bytes, body->count))
			reset_card(front);
		return 0;
	default:
		if (is_write)
			memcpy(front->pci.msix + offset, bytes, body->count);
		else
			memcpy(bytes, front->pci.msix + offset, body->count);
		return 0;
	}
}

static int do_region_read(struct front *front, struct request *request)
{
	struct region_body body;
	int error;

	memcpy(&body, request->payload, sizeof(body));
	if (body.count > DATA_BYTES_MAX)
		return EINVAL;
	error = access_region(front, &body, false, request->reply + sizeof(body));
	if (error)
		return error;
	answer(request, &body, sizeof(body));
	request->reply_bytes += body.count;
	return 0;
}

static int do_region_write(struct front *front, struct request *request)
{
	struct region_body body;
	int error;

	memcpy(&body, request->payload, sizeof(body));
	if (request->n_bytes - sizeof(body) != body.count)
		return EINVAL;
	error = access_region(front, &body, true, request->payload + sizeof(body));
	if (error)
		return error;
	answer(request, &body, sizeof(body));
	return 0;
}

static int do_reset(struct front *front, struct request *request)
{
	(void)request;
	reset_card(front);
	return 0;
}

static const struct command_row {
	enum command command;
	const char *name;
	size_t body_bytes;
	int (*act)(struct front *front, struct request *request);
} commands[] = {
	{ VERSION, "VERSION", sizeof(struct version_body), do_version },
	{ DMA_MAP, "DMA_MAP", sizeof(struct dma_map_body), do_dma_map },
	{ DMA_UNMAP, "DMA_UNMAP", sizeof(struct dma_unmap_body), do_dma_unmap },
	{ DEVICE_GET_INFO, "DEVICE_GET_INFO", sizeof(struct info_body), do_get_info },
	{ DEVICE_GET_REGION_INFO, "DEVICE_GET_REGION_INFO", sizeof(struct region_info_body), do_get_region_info },
	{ DEVICE_GET_IRQ_INFO, "DEVICE_GET_IRQ_INFO", sizeof(struct irq_info_body), do_get_irq_info },
	{ DEVICE_SET_IRQS, "DEVICE_SET_IRQS", sizeof(struct set_irqs_body), do_set_irqs },
	{ REGION_READ, "REGION_READ", sizeof(struct region_body), do_region_read },
	{ REGION_WRITE, "REGION_WRITE", sizeof(struct region_body), do_region_write },
	{ DEVICE_RESET, "DEVICE_RESET", 0, do_reset },
};

/* ---- messages */

static bool send_reply(struct front *front, size_t n_bytes)
{
	const uint8_t *at = front->reply;

	while (n_bytes) {
		ssize_t sent = send(front->client, at, n_bytes, MSG_NOSIGNAL | MSG_DONTWAIT);
		struct pollfd room = { .fd = front->client, .events = POLLOUT };

		if (sent > 0) {
			at += sent;
			n_bytes -= (size_t)sent;
		} else if (errno == EAGAIN) {
			if (poll(&room, 1, REPLY_TIMEOUT_MS) == 0)
				return false;
		} else if (errno != EINTR) {
			return false;
		}
	}
	return true;
}

/* Act on the whole message in front->message. */
static void act_on_message(struct front *front)
{
	const struct command_row *row = NULL;
	struct request request = { .reply = front->reply + HEADER_BYTES };
	struct header header;
	int error;

	memcpy(&header, front->message, sizeof(header));
	request.payload = front->message + HEADER_BYTES;
	request.n_bytes = header.size_bytes - HEADER_BYTES;
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (commands[i].command == header.command)
			row = &commands[i];
	if (!row)
		error = ENOTSUP;
	else if (request.n_bytes < row->body_bytes)
		error = EINVAL;
	else
		error = row->act(front, &request);
	if (error)
		say_more("%s (command %u, %zu bytes) refused: %s", row ? row->name : "unknown", header.command, request.n_bytes,
			 strerror(error));
	close_message_fds(front);
	if (front->is_dead)
		return;
	if (front->settle)
		front->settle(front->settle_ctx);

	if (!(header.flags & FLAG_NO_REPLY)) {
		struct header reply = { header.id, header.command, HEADER_BYTES, TYPE_REPLY, 0 };

		if (error) {
			reply.flags |= FLAG_ERROR;
			reply.error = (uint32_t)error;
		} else {
			reply.size_bytes += (uint32_t)request.reply_bytes;
		}
		memcpy(front->reply, &reply, sizeof(reply));
		if (!send_reply(front, reply.size_bytes)) {
			drop_bad_client(front, "it does not take its answers");
			return;
		}
	}
	if (!front->has_version)
		drop_bad_client(front, "no version in common (ours is 0.1)");
}

/* NULL, or what is wrong with the header. */
static const char *judge_header(const struct front *front, const struct header *header)
{
	if (header->size_bytes < HEADER_BYTES)
		return "a message shorter than its header";
	if (header->size_bytes > MESSAGE_BYTES_MAX)
		return "a message longer than any we take";
	if ((header->flags & TYPE_MASK) != 0)
		return "an answer to a question that was not asked";
	if (!front->has_version && header->command != VERSION)
		return "its first message is not VERSION";
	return NULL;
}

/* Keep the fds that came with these bytes. @return false if there are more than a message may carry */
static bool keep_fds(struct front *front, struct msghdr *message)
{
	bool fits = !(message->msg_flags & MSG_CTRUNC);

	for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
		size_t n;

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (size_t i = 0; i < n; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(int));
			if (front->n_fds < MESSAGE_FDS_MAX) {
				front->fds[front->n_fds++] = fd;
			} else {
				close(fd);
				fits = false;
			}
		}
	}
	return fits;
}

/* Read on towards a whole message. @return true once it is there; the client may be gone after false */
static bool receive(struct front *front)
{
	for (;;) {
		struct header header = { .size_bytes = HEADER_BYTES };
		union {
			struct cmsghdr align;
			char bytes[CMSG_SPACE(MESSAGE_FDS_MAX * sizeof(int))];
		} control;
		struct iovec span;
		struct msghdr message = { .msg_iov = &span, .msg_iovlen = 1, .msg_control = &control,
					  .msg_controllen = sizeof(control) };
		ssize_t got;

		if (front->got_bytes >= HEADER_BYTES) {
			const char *fault;

			memcpy(&header, front->message, sizeof(header));
			fault = judge_header(front, &header);
			if (fault) {
				drop_bad_client(front, "%s (command %u, size %u, flags 0x%x)", fault, header.command,
						header.size_bytes, header.flags);
				return false;
			}
			if (front->got_bytes == header.size_bytes) {
				front->got_bytes = 0;
				return true;
			}
		}
		span = (struct iovec){ front->message + front->got_bytes, header.size_bytes - front->got_bytes };
		got = recvmsg(front->client, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 && errno == EAGAIN)
			return false;
		if (got <= 0) {
			if (front->got_bytes)
				drop_bad_client(front, "it left in the middle of a message");
			else
				drop_client(front);
			return false;
		}
		front->got_bytes += (size_t)got;
		if (!keep_fds(front, &message)) {
			drop_bad_client(front, "a message with more than %u descriptors", MESSAGE_FDS_MAX);
			return false;
		}
	}
}

static bool serve_client(struct front *front)
{
	unsigned n = 0, limit = front->settle ? 1 : MESSAGES_AT_ONCE;

	while (n < limit && front->client >= 0 && !front->is_dead && receive(front)) {
		act_on_message(front);
		n++;
	}
	return n != 0 || front->client < 0;
}

static void accept_client(struct front *front)
{
	int fd = accept4(front->listener.fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0)
		return;
	if (front->client >= 0) {
		say("a second client was turned away: the card has one already");
		close(fd);
		return;
	}
	front->client = fd;
	say_more("a client connected");
}

unsigned front_poll_fds(struct front *front, struct pollfd *fds)
{
	fds[0] = (struct pollfd){ .fd = front->listener.fd, .events = POLLIN };
	fds[1] = (struct pollfd){ .fd = front->client, .events = POLLIN };
	return FRONT_POLL_FDS;
}

bool front_polled(struct front *front, const struct pollfd *fds, unsigned n_fds)
{
	bool touched = false;

	(void)n_fds;
	if (front->client >= 0 && (fds[1].revents & (POLLIN | POLLHUP | POLLERR)))
		touched = serve_client(front);	/* first: one that left makes room for the next */
	if (fds[0].revents & POLLIN)
		accept_client(front);
	return touched;
}

bool front_is_dead(const struct front *front)
{
	return front->is_dead;
}

struct front *front_open(const char *path)
{
	struct front *front = calloc(1, sizeof(*front));
	int error;

	if (!front) {
		say("out of memory");
		return NULL;
	}
	front->client = -1;
	for (unsigned vector = 0; vector < CARD_VECTORS; vector++)
		front->irq_fd[vector] = -1;
	pci_reset(&front->pci);
	dma_guard();
	error = unix_listen(&front->listener, path, SOCK_STREAM);
	if (error) {
		say("--socket %s: %s", path,
		    error == -EADDRINUSE ? "in use by a live process" :
		    error == -EEXIST ? "is there and is not a socket" : strerror(-error));
		free(front);
		return NULL;
	}
	return front;
}

void front_serve(struct front *front, struct card *card, void (*settle)(void *ctx), void *settle_ctx)
{
	front->card = card;
	front->settle = settle;
	front->settle_ctx = settle_ctx;
}

void front_close(struct front *front)
{
	if (!front)
		return;
	if (front->client >= 0)
		close(front->client);
	close_message_fds(front);
	for (unsigned vector = 0; vector < CARD_VECTORS; vector++)
		set_irq_fd(front, vector, -1);
	dma_remove_all(&front->dma);
	unix_unlisten(&front->listener);
	free(front);
}
