// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * The seam between the driver and the ways to reach a card. The words are VFIO's own: regions, DMA maps, interrupt
 * eventfds, reset. bus_vfio.c asks the kernel, bus_vfio_user.c a vfio-user server; nothing above can tell them apart.
 *
 *	card.c  ring.c  cmd.c  packet.c
 *	          bus.c			IOVAs, DMA memory, bus mastering: the same for both
 *	bus_vfio.c   bus_vfio_user.c
 *
 * Every call ends within timeout_ms. Errors are negative errno and bus_why() names the missing piece:
 *   -ENODEV the other side is gone, -ETIMEDOUT it is silent, -EIO it said what no bus says.
 */
#ifndef ADIT_BUS_H
#define ADIT_BUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "adit/adit.h"
#include "iova.h"

#define BUS_VECTORS_MAX 16u
#define BUS_REGION_BAR0 0u	/* as in linux/vfio.h */
#define BUS_REGION_CONFIG 7u

struct bus;

/** Memory that card and host share. Zeroed when it is given out. */
struct bus_dma {
	void *host;
	uint64_t iova;
	size_t bytes;		/* whole pages */
	bool is_secret;		/* holds keys: no core dumps, locked if allowed, wiped when freed */
	int fd;			/* memfd of the vfio-user bus, else -1 */
};

struct bus_ops {
	/** Read or write bytes of a region. A posted write may return before the card has seen it; order is kept. */
	int (*access)(struct bus *bus, bool is_write, unsigned region, uint64_t offset, void *data, unsigned bytes);
	/** Make the pages at dma->host, dma->bytes reachable for the card at dma->iova. */
	int (*dma_map)(struct bus *bus, const struct bus_dma *dma);
	int (*dma_unmap)(struct bus *bus, const struct bus_dma *dma);
	/** Vector n signals eventfds[n]; all vectors at once. n 0 takes all back. */
	int (*irq_set)(struct bus *bus, const int *eventfds, unsigned n);
	int (*reset)(struct bus *bus);
	/** 0 while the other side lives, looked at without waiting. */
	int (*check)(struct bus *bus);
	void (*close)(struct bus *bus);
};

/** Both back ends begin with this. */
struct bus {
	const struct bus_ops *ops;
	const char *where;		/* for error texts; owned by the opener of the bus */
	unsigned timeout_ms;
	unsigned n_vectors;
	uint64_t bar_bytes, config_bytes;
	bool has_memfd;			/* DMA memory must be a memfd that the other side can map */
	int watch_fd;			/* readable when check() has something to say; -1: none */
	volatile uint32_t *bar;		/* BAR0 if it can be mapped, else NULL */
	struct iova_space iova;
	char why[256];
};

/** Open "sim:PATH" or "pci:DDDD:BB:DD.F". On failure why says what is missing. */
ADIT_MUST_USE int bus_open(const char *where, unsigned timeout_ms, struct bus **out, char *why, size_t why_bytes);
void bus_close(struct bus *bus);

ADIT_MUST_USE int bus_read32(struct bus *bus, uint32_t offset, uint32_t *value);
ADIT_MUST_USE int bus_write32(struct bus *bus, uint32_t offset, uint32_t value);
ADIT_MUST_USE int bus_dma_alloc(struct bus *bus, size_t bytes, bool is_secret, struct bus_dma *out);
void bus_dma_free(struct bus *bus, struct bus_dma *dma);
ADIT_MUST_USE int bus_irq_enable(struct bus *bus, const int *eventfds, unsigned n);
ADIT_MUST_USE int bus_reset(struct bus *bus);
ADIT_MUST_USE int bus_check(struct bus *bus);
const char *bus_why(const struct bus *bus);

/* For the back ends. */
__attribute__((format(printf, 3, 4))) int bus_fail(struct bus *bus, int error, const char *format, ...);
ADIT_MUST_USE int bus_vfio_open(const char *address, unsigned timeout_ms, struct bus **out, char *why, size_t why_bytes);
ADIT_MUST_USE int bus_vfio_user_open(const char *path, unsigned timeout_ms, struct bus **out, char *why, size_t why_bytes);
uint64_t bus_now_ms(void);	/* CLOCK_MONOTONIC */

#endif
