// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * What both buses share: choosing one by name, memory for DMA, bus mastering.
 */
#include "bus.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <openssl/crypto.h>

uint64_t bus_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000u + (uint64_t)now.tv_nsec / 1000000u;
}

int bus_fail(struct bus *bus, int error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(bus->why, sizeof(bus->why), format, args);
	va_end(args);
	return error;
}

const char *bus_why(const struct bus *bus)
{
	return bus->why;
}

/* PCI 3.0 §6.2.2: the card answers memory accesses with bit 1 of the command register, and may do DMA with bit 2. */
static int master_enable(struct bus *bus)
{
	uint16_t command_le = 0;
	int error;

	if (bus->config_bytes < 6)	/* a server without config space has nothing to switch */
		return 0;
	error = bus->ops->access(bus, false, BUS_REGION_CONFIG, 4, &command_le, sizeof(command_le));
	if (error)
		return error;
	command_le = htole16((uint16_t)(le16toh(command_le) | 6u));
	return bus->ops->access(bus, true, BUS_REGION_CONFIG, 4, &command_le, sizeof(command_le));
}

int bus_open(const char *where, unsigned timeout_ms, struct bus **out, char *why, size_t why_bytes)
{
	struct bus *bus = NULL;
	int error;

	if (strncmp(where, "sim:", 4) == 0) {
		error = bus_vfio_user_open(where + 4, timeout_ms, &bus, why, why_bytes);
	} else if (strncmp(where, "pci:", 4) == 0) {
		error = bus_vfio_open(where + 4, timeout_ms, &bus, why, why_bytes);
	} else {
		snprintf(why, why_bytes, "%s: a card is named sim:/path/to/socket or pci:0000:03:00.0", where);
		return -EINVAL;
	}
	if (error)
		return error;
	bus->where = where;
	error = bus->bar_bytes < ADIT_BAR_BYTES ?
		bus_fail(bus, -ENODEV, "BAR0 has %llu bytes, an adit card has %u", (unsigned long long)bus->bar_bytes,
			 ADIT_BAR_BYTES) :
		master_enable(bus);
	if (error) {
		snprintf(why, why_bytes, "%s: %s", where, bus->why);
		bus_close(bus);
		return error;
	}
	*out = bus;
	return 0;
}

void bus_close(struct bus *bus)
{
	if (bus)
		bus->ops->close(bus);
}

int bus_read32(struct bus *bus, uint32_t offset, uint32_t *value)
{
	uint32_t value_le = 0;
	int error;

	*value = UINT32_MAX;
	if (offset % 4 != 0 || offset > ADIT_BAR_BYTES - 4)
		return bus_fail(bus, -EINVAL, "register %#x is not one of BAR0", offset);
	if (bus->bar) {
		*value = le32toh(bus->bar[offset / 4]);
		return 0;
	}
	error = bus->ops->access(bus, false, BUS_REGION_BAR0, offset, &value_le, sizeof(value_le));
	if (!error)
		*value = le32toh(value_le);
	return error;
}

int bus_write32(struct bus *bus, uint32_t offset, uint32_t value)
{
	uint32_t value_le = htole32(value);

	if (offset % 4 != 0 || offset > ADIT_BAR_BYTES - 4)
		return bus_fail(bus, -EINVAL, "register %#x is not one of BAR0", offset);
	if (bus->bar) {
		bus->bar[offset / 4] = value_le;
		return 0;
	}
	return bus->ops->access(bus, true, BUS_REGION_BAR0, offset, &value_le, sizeof(value_le));
}

static int memory_get(struct bus *bus, struct bus_dma *dma)
{
	int flags = MAP_PRIVATE | MAP_ANONYMOUS;

	if (bus->has_memfd) {
		dma->fd = memfd_create("adit-dma", MFD_CLOEXEC);
		if (dma->fd < 0 || ftruncate(dma->fd, (off_t)dma->bytes) != 0)
			return bus_fail(bus, -ENOMEM, "no memfd of %zu bytes for DMA: %s", dma->bytes, strerror(errno));
		flags = MAP_SHARED;
	}
	dma->host = mmap(NULL, dma->bytes, PROT_READ | PROT_WRITE, flags, dma->fd, 0);
	if (dma->host == MAP_FAILED) {
		dma->host = NULL;
		return bus_fail(bus, -ENOMEM, "no memory of %zu bytes for DMA: %s", dma->bytes, strerror(errno));
	}
	/* A forked child must neither share the rings nor move the card's pages by copy on write. */
	madvise(dma->host, dma->bytes, MADV_DONTFORK);
	if (dma->is_secret) {
		madvise(dma->host, dma->bytes, MADV_DONTDUMP);
		/* Keys stay out of swap where RLIMIT_MEMLOCK allows; where not, they are short-lived there. */
		if (mlock(dma->host, dma->bytes) != 0)
			errno = 0;
	}
	return 0;
}

static void memory_put(struct bus_dma *dma)
{
	if (dma->host) {
		if (dma->is_secret)
			OPENSSL_cleanse(dma->host, dma->bytes);
		munmap(dma->host, dma->bytes);
	}
	if (dma->fd >= 0)
		close(dma->fd);
	*dma = (struct bus_dma){ .fd = -1 };
}

int bus_dma_alloc(struct bus *bus, size_t bytes, bool is_secret, struct bus_dma *out)
{
	struct bus_dma dma = { .is_secret = is_secret, .fd = -1 };
	int error;

	*out = dma;
	dma.bytes = (bytes + IOVA_PAGE_BYTES - 1) & ~(size_t)(IOVA_PAGE_BYTES - 1);
	error = memory_get(bus, &dma);
	if (error)
		goto out_memory;
	error = iova_alloc(&bus->iova, dma.bytes, &dma.iova);
	if (error) {
		bus_fail(bus, error, "no device addresses left for %zu bytes of DMA", dma.bytes);
		goto out_memory;
	}
	error = bus->ops->dma_map(bus, &dma);
	if (error)
		goto out_iova;
	*out = dma;
	return 0;
out_iova:
	iova_free(&bus->iova, dma.iova);
out_memory:
	memory_put(&dma);
	return error;
}

void bus_dma_free(struct bus *bus, struct bus_dma *dma)
{
	if (!dma->host)
		return;
	/* If the other side is gone it cannot unmap, and the memory is the host's alone again. */
	if (bus->ops->dma_unmap(bus, dma) == 0)
		iova_free(&bus->iova, dma->iova);
	memory_put(dma);
}

int bus_irq_enable(struct bus *bus, const int *eventfds, unsigned n)
{
	if (n > bus->n_vectors)
		return bus_fail(bus, -EOPNOTSUPP, "%u MSI-X vectors wanted, the device has %u", n, bus->n_vectors);
	return bus->ops->irq_set(bus, eventfds, n);
}

int bus_reset(struct bus *bus)
{
	int error = bus->ops->reset(bus);

	/* A function-level reset clears the command register too. */
	return error ? error : master_enable(bus);
}

int bus_check(struct bus *bus)
{
	return bus->ops->check(bus);
}
