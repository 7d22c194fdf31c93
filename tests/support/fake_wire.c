// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * The vfio-user server of the fake card: one client at a time, one thread.
 */
#include "fake_card.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <linux/vfio.h>

#define HEADER_BYTES 16u
#define PAYLOAD_MAX 4096u
#define FDS_MAX 16u

struct header {
	uint16_t id, command;
	uint32_t size, flags, error;
};

struct message {
	struct header head;
	union {
		uint8_t bytes[PAYLOAD_MAX];
		uint16_t half[PAYLOAD_MAX / 2];
		uint32_t word[PAYLOAD_MAX / 4];
		uint64_t quad[PAYLOAD_MAX / 8];
	} body;
	int fds[FDS_MAX];
	unsigned n_fds;
};

enum { VERSION = 1, DMA_MAP, DMA_UNMAP, GET_INFO, GET_REGION, GET_REGION_FDS, GET_IRQ, SET_IRQS, REGION_READ, REGION_WRITE,
       RESET = 13 };

void fake_lock(struct fake *fake)
{
	pthread_mutex_lock(&fake->mutex);
}

void fake_unlock(struct fake *fake)
{
	pthread_mutex_unlock(&fake->mutex);
}

void fake_set_sin(struct fake *fake, enum card_sin sin)
{
	fake_lock(fake);
	fake->sin = sin;
	fake_unlock(fake);
}

void fake_set_wire_sin(struct fake *fake, unsigned command, enum wire_sin sin, unsigned after)
{
	fake_lock(fake);
	fake->wire_sin_command = command;
	fake->wire_sin = sin;
	fake->wire_sin_after = after;
	fake_unlock(fake);
}

uint8_t *fake_memory(struct fake *fake, uint64_t iova, uint64_t n_bytes)
{
	for (unsigned i = 0; i < FAKE_MAPS; i++)
		if (fake->maps[i].host && iova >= fake->maps[i].iova &&
		    iova - fake->maps[i].iova + n_bytes <= fake->maps[i].bytes)
			return fake->maps[i].host + (iova - fake->maps[i].iova);
	return NULL;
}

bool fake_memory_has(struct fake *fake, const void *bytes, size_t n_bytes)
{
	bool has = false;

	fake_lock(fake);
	for (unsigned i = 0; i < FAKE_MAPS; i++)
		has = has || (fake->maps[i].host && memmem(fake->maps[i].host, fake->maps[i].bytes, bytes, n_bytes));
	fake_unlock(fake);
	return has;
}

void fake_irq(struct fake *fake, enum adit_vector vector)
{
	const uint64_t one = 1;

	if (fake->sin != CARD_NO_IRQ && fake->irq_fds[vector] >= 0 && write(fake->irq_fds[vector], &one, 8) != 8)
		perror("fake card: eventfd");
}

static bool read_all(struct fake *fake, void *data, size_t n)
{
	return n == 0 || recv(fake->fd, data, n, MSG_WAITALL) == (ssize_t)n;
}

static bool receive(struct fake *fake, struct message *m)
{
	union {
		char bytes[CMSG_SPACE(FDS_MAX * sizeof(int))];
		struct cmsghdr align;
	} control;
	struct iovec iov = { &m->head, sizeof(m->head) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.bytes,
			      .msg_controllen = sizeof(control.bytes) };

	m->n_fds = 0;
	if (recvmsg(fake->fd, &msg, MSG_WAITALL | MSG_CMSG_CLOEXEC) != (ssize_t)sizeof(m->head))
		return false;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&msg); c; c = CMSG_NXTHDR(&msg, c)) {
		if (c->cmsg_type != SCM_RIGHTS)
			continue;
		m->n_fds = (unsigned)((c->cmsg_len - CMSG_LEN(0)) / sizeof(int));
		memcpy(m->fds, CMSG_DATA(c), m->n_fds * sizeof(int));
	}
	memset(m->body.bytes, 0, sizeof(m->body.bytes));
	return m->head.size >= HEADER_BYTES && m->head.size <= HEADER_BYTES + PAYLOAD_MAX &&
	       read_all(fake, m->body.bytes, m->head.size - HEADER_BYTES);
}

static void map_add(struct fake *fake, struct message *m)
{
	for (unsigned i = 0; i < FAKE_MAPS; i++) {
		void *host;

		if (fake->maps[i].host)
			continue;
		host = m->n_fds ? mmap(NULL, m->body.quad[3], PROT_READ | PROT_WRITE, MAP_SHARED, m->fds[0],
				       (off_t)m->body.quad[1]) : MAP_FAILED;
		if (host == MAP_FAILED)
			return;
		fake->maps[i].iova = m->body.quad[2];
		fake->maps[i].bytes = m->body.quad[3];
		fake->maps[i].host = host;
		return;
	}
}

static void map_remove(struct fake *fake, uint64_t iova)
{
	for (unsigned i = 0; i < FAKE_MAPS; i++) {
		if (!fake->maps[i].host || (fake->maps[i].iova != iova && iova != UINT64_MAX))
			continue;
		munmap(fake->maps[i].host, fake->maps[i].bytes);
		fake->maps[i].host = NULL;
	}
}

static void irqs_set(struct fake *fake, struct message *m)
{
	const uint32_t start = m->body.word[3], count = m->body.word[4];

	for (uint32_t v = 0; v < 4; v++) {
		const bool is_named = v >= start && v - start < count;

		if (!is_named && count)
			continue;
		if (fake->irq_fds[v] >= 0)
			close(fake->irq_fds[v]);
		fake->irq_fds[v] = -1;
		if (is_named && v - start < m->n_fds) {
			fake->irq_fds[v] = m->fds[v - start];
			m->fds[v - start] = -1;
		}
	}
}

static uint32_t region_access(struct fake *fake, struct message *m)
{
	const uint64_t offset = m->body.quad[0];
	const uint32_t region = m->body.word[2];

	if (m->head.command == REGION_WRITE) {
		if (region == 0)
			fake_register_write(fake, (uint32_t)offset, m->body.word[4]);
		return 16;
	}
	m->body.word[4] = region == 0 ? fake_register_read(fake, (uint32_t)offset) : 0;
	return 16 + m->body.word[3];
}

/* Do what the message asks; the body becomes the reply. @return bytes of it. */
static uint32_t serve(struct fake *fake, struct message *m)
{
	uint32_t *w = m->body.word;

	switch (m->head.command) {
	case VERSION:
		m->body.half[0] = fake->version_major;
		m->body.half[1] = fake->version_minor;
		(void)snprintf((char *)m->body.bytes + 4, sizeof(m->body.bytes) - 4, "%s", fake->capabilities);
		return 4 + (uint32_t)strlen(fake->capabilities) + 1;
	case DMA_MAP: map_add(fake, m); return 0;
	case DMA_UNMAP: map_remove(fake, m->body.quad[1]); return 24;
	case GET_INFO: w[0] = 16; w[1] = VFIO_DEVICE_FLAGS_RESET | VFIO_DEVICE_FLAGS_PCI; w[2] = 9; w[3] = 5; return 16;
	case GET_REGION:
		w[0] = 32;
		w[1] = 3;
		w[3] = 0;
		m->body.quad[2] = w[2] == 0 ? fake->bar_bytes : w[2] == 7 ? 256 : 0;
		m->body.quad[3] = 0;
		return 32;
	case GET_IRQ: w[0] = 16; w[1] = VFIO_IRQ_INFO_EVENTFD; w[3] = fake->n_vectors; return 16;
	case SET_IRQS: irqs_set(fake, m); return 0;
	case REGION_READ:
	case REGION_WRITE: return region_access(fake, m);
	case RESET: fake->n_device_resets++; fake_card_reset(fake); return 0;
	default: return 0;
	}
}

static bool send_bytes(struct fake *fake, const void *bytes, size_t n)
{
	return send(fake->fd, bytes, n, MSG_NOSIGNAL) == (ssize_t)n;
}

static bool reply(struct fake *fake, struct message *m, uint32_t n, enum wire_sin sin)
{
	struct {
		struct header head;
		uint8_t body[PAYLOAD_MAX];
	} out = { .head = { m->head.id, m->head.command, HEADER_BYTES + n, 1, 0 } };
	uint32_t total;

	memcpy(out.body, m->body.bytes, n);
	switch (sin) {
	case WIRE_CLOSE: return false;
	case WIRE_SILENT: return true;
	case WIRE_HALF_HEADER: return send_bytes(fake, &out, 8);
	case WIRE_SHORT: out.head.size -= n ? 1 : 0; break;
	case WIRE_LONG: out.head.size += 4; break;
	case WIRE_HUGE: out.head.size = 0x80000000u; break;
	case WIRE_TINY: out.head.size = 4; break;
	case WIRE_WRONG_ID: out.head.id ^= 0x5a5a; break;
	case WIRE_WRONG_COMMAND: out.head.command++; break;
	case WIRE_NOT_A_REPLY: out.head.flags = 0; break;
	case WIRE_ERROR: out.head.flags |= 0x20; out.head.error = EPERM; break;
	case WIRE_ERROR_HUGE: out.head.flags |= 0x20; out.head.error = UINT32_MAX; break;
	case WIRE_WRONG_ECHO: out.body[8] ^= 1; break;
	case WIRE_LATE:
	case WIRE_FLOOD:
	case WIRE_GOOD: break;
	}
	total = out.head.size <= sizeof(out) && out.head.size >= HEADER_BYTES ? out.head.size : HEADER_BYTES;
	if ((sin == WIRE_LATE || sin == WIRE_FLOOD) && total <= sizeof(fake->late)) {
		memcpy(fake->late, &out, total);
		fake->late_bytes = total;
		fake->is_flooding = sin == WIRE_FLOOD;
		return true;
	}
	if (fake->late_bytes) {
		do {
			if (!send_bytes(fake, fake->late, fake->late_bytes))
				return false;
		} while (fake->is_flooding);
		fake->late_bytes = 0;
	}
	return send_bytes(fake, &out, total);
}

static enum wire_sin sin_of(struct fake *fake, const struct message *m)
{
	if (fake->wire_sin == WIRE_GOOD || m->head.command != fake->wire_sin_command)
		return WIRE_GOOD;
	if (fake->wire_sin_after) {
		fake->wire_sin_after--;
		return WIRE_GOOD;
	}
	if (fake->wire_sin == WIRE_LATE || fake->wire_sin == WIRE_FLOOD) {	/* once */
		enum wire_sin once = fake->wire_sin;

		fake->wire_sin = WIRE_GOOD;
		return once;
	}
	return fake->wire_sin;
}

static void client(struct fake *fake)
{
	static _Thread_local struct message m;
	bool goes_on = true;

	while (goes_on && receive(fake, &m)) {
		enum wire_sin sin;
		uint32_t n;

		fake_lock(fake);
		sin = sin_of(fake, &m);
		n = sin == WIRE_CLOSE ? 0 : serve(fake, &m);
		for (unsigned i = 0; i < m.n_fds; i++)
			if (m.fds[i] >= 0)
				close(m.fds[i]);
		if (sin == WIRE_CLOSE || !(m.head.flags & 0x10))
			goes_on = reply(fake, &m, n, sin);
		fake_unlock(fake);
	}
}

static void *run(void *arg)
{
	struct fake *fake = arg;

	for (;;) {
		struct pollfd pfds[2] = { { .fd = fake->listen_fd, .events = POLLIN }, { .fd = fake->stop_fd, .events = POLLIN } };

		if (poll(pfds, 2, -1) < 0 || pfds[1].revents)
			return NULL;
		fake->fd = accept(fake->listen_fd, NULL, NULL);
		if (fake->fd < 0)
			return NULL;
		client(fake);
		fake_lock(fake);
		close(fake->fd);
		fake->fd = -1;
		map_remove(fake, UINT64_MAX);
		for (unsigned v = 0; v < 4; v++) {
			if (fake->irq_fds[v] >= 0)
				close(fake->irq_fds[v]);
			fake->irq_fds[v] = -1;
		}
		fake->late_bytes = 0;
		fake_unlock(fake);
	}
}

struct fake *fake_open(void)
{
	struct fake *fake = calloc(1, sizeof(*fake));
	struct sockaddr_un addr = { .sun_family = AF_UNIX };

	fake->capabilities = "{\"capabilities\":{\"max_msg_fds\":8,\"max_data_xfer_size\":1048576}}";
	fake->version_minor = 1;
	fake->magic = ADIT_REG_MAGIC_VALUE_RESET;
	fake->contract = 1u << 16 | 2u;
	fake->sizes = FAKE_SA_LOG2 | FAKE_SP_LOG2 << 8 | 1u << 16 | 4u << 20;
	fake->enc_mask = (1u << ADIT_ENC_BLOWFISH_CBC) - 1;	/* the rest is the host's */
	fake->auth_mask = (1u << (ADIT_AUTH_AES_GMAC_256 + 1)) - 1;
	fake->feature_mask = (1u << (ADIT_FEATURE_HOST_TRANSFORM + 1)) - 1;
	fake->limits = FAKE_FRAME_BYTES | FAKE_REPLAY_PACKETS << 16;
	fake->n_vectors = 4;
	fake->bar_bytes = ADIT_BAR_BYTES;
	fake->refuse_op = -1;
	fake->fd = -1;
	for (unsigned v = 0; v < 4; v++)
		fake->irq_fds[v] = -1;
	pthread_mutex_init(&fake->mutex, NULL);
	fake_card_reset(fake);
	strcpy(fake->dir, "/tmp/adit-fake-XXXXXX");
	if (!mkdtemp(fake->dir))
		abort();
	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/card", fake->dir);
	snprintf(fake->where, sizeof(fake->where), "sim:%s/card", fake->dir);
	fake->listen_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	fake->stop_fd = eventfd(0, EFD_CLOEXEC);
	if (bind(fake->listen_fd, (struct sockaddr *)&addr, sizeof(addr)) || listen(fake->listen_fd, 4) ||
	    pthread_create(&fake->thread, NULL, run, fake))
		abort();
	return fake;
}

void fake_hang_up(struct fake *fake)
{
	fake_lock(fake);
	if (fake->fd >= 0)
		shutdown(fake->fd, SHUT_RDWR);
	fake_unlock(fake);
}

void fake_close(struct fake *fake)
{
	const uint64_t one = 1;

	if (write(fake->stop_fd, &one, sizeof(one)) != (ssize_t)sizeof(one))
		abort();
	fake_hang_up(fake);
	pthread_join(fake->thread, NULL);
	close(fake->listen_fd);
	close(fake->stop_fd);
	unlink(fake->where + 4);
	rmdir(fake->dir);
	pthread_mutex_destroy(&fake->mutex);
	free(fake);
}
