// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * A card behind a vfio-user server: what the bus asks for, as messages (vu.h) over a UNIX stream socket.
 * Every reply's length is checked, and that it is about the object asked for.
 */
#include "vu.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <linux/vfio.h>

#define DMA_READ_WRITE 3u

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

static struct vu *self(struct bus *bus)
{
	return (struct vu *)bus;
}

static int user_access(struct bus *bus, bool is_write, unsigned region, uint64_t offset, void *data, unsigned bytes)
{
	struct vu *vu = self(bus);
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
		error = vu_request(vu, VU_REGION_WRITE, region == BUS_REGION_BAR0, &msg, REGION_HEAD_BYTES + bytes, NULL, 0,
				&reply, &n);
		if (error || region == BUS_REGION_BAR0)
			return error;
		want = REGION_HEAD_BYTES;
	} else {
		error = vu_request(vu, VU_REGION_READ, false, &msg, REGION_HEAD_BYTES, NULL, 0, &reply, &n);
		if (error)
			return error;
		want = REGION_HEAD_BYTES + bytes;
	}
	if (n != want)
		return bus_fail(bus, vu_die(vu, -EIO), "the reply to %s has %zu bytes of payload, not %zu",
				vu_command_name(is_write ? VU_REGION_WRITE : VU_REGION_READ), n, want);
	if (reply.offset != offset || reply.region != region || reply.count != bytes)
		return bus_fail(bus, vu_die(vu, -EIO), "%s of %u bytes at region %u offset %#llx: the reply is for another one",
				is_write ? "write" : "read", bytes, region, (unsigned long long)offset);
	if (!is_write)
		memcpy(data, reply.data, bytes);
	return 0;
}

/* Servers answer these with the header alone or with an echo; there is nothing in it to learn. */
static int request_echoed(struct vu *vu, enum vu_command command, const void *body, size_t body_bytes,
			  const int *fds, unsigned n_fds)
{
	uint8_t reply[64];
	size_t n = sizeof(reply);
	int error = vu_request(vu, command, false, body, body_bytes, fds, n_fds, reply, &n);

	if (error || n == 0 || n == body_bytes)
		return error;
	return bus_fail(&vu->base, vu_die(vu, -EIO), "the reply to %s has %zu bytes of payload, not 0 or %zu",
			vu_command_name(command), n, body_bytes);
}

static int user_dma_map(struct bus *bus, const struct bus_dma *dma)
{
	struct dma_map_msg msg = { .argsz = sizeof(msg), .flags = DMA_READ_WRITE, .iova = dma->iova, .size = dma->bytes };

	return request_echoed(self(bus), VU_DMA_MAP, &msg, sizeof(msg), &dma->fd, 1);
}

static int user_dma_unmap(struct bus *bus, const struct bus_dma *dma)
{
	struct dma_unmap_msg msg = { .argsz = sizeof(msg), .iova = dma->iova, .size = dma->bytes };

	if (self(bus)->has_abandoned)	/* silent: no more waiting, the end of the connection unmaps all */
		return bus_fail(bus, -ETIMEDOUT, "the card does not answer");
	return request_echoed(self(bus), VU_DMA_UNMAP, &msg, sizeof(msg), NULL, 0);
}

static int user_irq_set(struct bus *bus, const int *eventfds, unsigned n)
{
	struct vu *vu = self(bus);
	struct vfio_irq_set set = {
		.argsz = sizeof(set), .flags = VFIO_IRQ_SET_DATA_NONE | VFIO_IRQ_SET_ACTION_TRIGGER,
		.index = VFIO_PCI_MSIX_IRQ_INDEX,
	};
	unsigned batch = vu->max_fds < BUS_VECTORS_MAX ? vu->max_fds : BUS_VECTORS_MAX;

	if (n == 0)
		return vu_request_exact(vu, VU_SET_IRQS, &set, sizeof(set), NULL, 0, NULL, 0);
	set.flags = VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER;
	for (unsigned start = 0; start < n; start += set.count) {
		int error;

		set.start = start;
		set.count = n - start < batch ? n - start : batch;
		error = vu_request_exact(vu, VU_SET_IRQS, &set, sizeof(set), eventfds + start, set.count, NULL, 0);
		if (error)
			return error;
	}
	return 0;
}

static int user_reset(struct bus *bus)
{
	return vu_request_exact(self(bus), VU_RESET, NULL, 0, NULL, 0, NULL, 0);
}

static int user_check(struct bus *bus)
{
	struct vu *vu = self(bus);
	char byte;
	ssize_t n;

	if (vu->dead)
		return vu->dead;
	n = recv(vu->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
	if (n == 0 || (n < 0 && errno == ECONNRESET))
		return bus_fail(bus, vu_die(vu, -ENODEV), "the card closed the connection");
	if (n > 0 && !vu->has_abandoned)
		return bus_fail(bus, vu_die(vu, -EIO), "the card speaks unasked on the connection");
	return 0;
}

static void user_close(struct bus *bus)
{
	struct vu *vu = self(bus);

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

static int negotiate(struct vu *vu)
{
	struct {
		uint16_t major, minor;
		char json[sizeof("{\"capabilities\":{\"max_msg_fds\":16,\"max_data_xfer_size\":4096}}")];
	} ours = { 0, 1, "{\"capabilities\":{\"max_msg_fds\":16,\"max_data_xfer_size\":4096}}" };
	struct {
		uint16_t major, minor;
		char json[VU_PAYLOAD_MAX - 4];
	} theirs;
	size_t n = sizeof(theirs);
	int error = vu_request(vu, VU_VERSION, false, &ours, sizeof(ours), NULL, 0, &theirs, &n);

	if (error)
		return error;
	if (n < 4)
		return bus_fail(&vu->base, vu_die(vu, -EIO), "the reply to VERSION has %zu bytes of payload", n);
	if (theirs.major != 0 || theirs.minor > 1)
		return bus_fail(&vu->base, vu_die(vu, -EOPNOTSUPP), "the card speaks vfio-user %u.%u, this driver 0.1",
				theirs.major, theirs.minor);
	if (n > 4 && theirs.json[n - 5] != '\0')
		return bus_fail(&vu->base, vu_die(vu, -EIO), "the reply to VERSION does not end its capabilities");
	vu->max_fds = n > 4 ? json_number(theirs.json, "max_msg_fds", 1) : 1;
	if (vu->max_fds == 0)
		return bus_fail(&vu->base, vu_die(vu, -EOPNOTSUPP), "the card takes no file descriptors, so no DMA memory");
	return 0;
}

static int region_bytes(struct vu *vu, unsigned index, uint64_t *bytes)
{
	struct vfio_region_info info = { .argsz = sizeof(info), .index = index };
	const uint32_t want = VFIO_REGION_INFO_FLAG_READ | VFIO_REGION_INFO_FLAG_WRITE;
	int error = vu_request_exact(vu, VU_GET_REGION_INFO, &info, sizeof(info), NULL, 0, &info, sizeof(info));

	if (error)
		return error;
	if (info.index != index)
		return bus_fail(&vu->base, vu_die(vu, -EIO), "asked for region %u, told of region %u", index, info.index);
	*bytes = (info.flags & want) == want ? info.size : 0;
	return 0;
}

static int learn(struct vu *vu)
{
	struct vfio_device_info device = { .argsz = 16 };
	struct vfio_irq_info irq = { .argsz = sizeof(irq), .index = VFIO_PCI_MSIX_IRQ_INDEX };
	int error = vu_request_exact(vu, VU_GET_INFO, &device, 16, NULL, 0, &device, 16);

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
	error = vu_request_exact(vu, VU_GET_IRQ_INFO, &irq, sizeof(irq), NULL, 0, &irq, sizeof(irq));
	if (error)
		return error;
	if (irq.index != VFIO_PCI_MSIX_IRQ_INDEX || (irq.count && !(irq.flags & VFIO_IRQ_INFO_EVENTFD)))
		return bus_fail(&vu->base, vu_die(vu, -EIO), "the device's MSI-X has index %u, flags %#x", irq.index, irq.flags);
	vu->base.n_vectors = irq.count;
	return 0;
}

static int dial(struct vu *vu, const char *path)
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
	struct vu *vu = calloc(1, sizeof(*vu));
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
