// SPDX-License-Identifier: BSD-2-Clause-Patent
#include "line_bus.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "adit_regs.h"
#include "bus.h"
#include "card.h"

#define MAPS 32u
#define STATUS_CYCLES 256u	/* that pass while a host at rest looks at STATUS: it waits for something */

struct here {
	struct bus base;	/* first: what libadit holds */
	struct card *card;
	struct bus_dma maps[MAPS];
	unsigned n_maps;
	int irq[BUS_VECTORS_MAX];
	unsigned n_irq;
	bool is_live;
	bool is_fresh;		/* out of the pin's reset and not touched: CTRL.reset would do the same again */
};

static struct here here;

static uint8_t *find(uint64_t iova, size_t n_bytes)
{
	for (unsigned i = 0; i < here.n_maps; i++) {
		const struct bus_dma *m = &here.maps[i];

		if (iova >= m->iova && iova - m->iova + n_bytes <= m->bytes)
			return (uint8_t *)m->host + (iova - m->iova);
	}
	return NULL;
}

static enum dma_answer mem_read(void *ctx, uint64_t iova, void *to, size_t n_bytes)
{
	const uint8_t *at = find(iova, n_bytes);

	(void)ctx;
	if (!at)
		return DMA_UNMAPPED;
	memcpy(to, at, n_bytes);
	return DMA_OK;
}

static enum dma_answer mem_write(void *ctx, uint64_t iova, const void *from, size_t n_bytes)
{
	uint8_t *at = find(iova, n_bytes);

	(void)ctx;
	if (!at)
		return DMA_UNMAPPED;
	memcpy(at, from, n_bytes);
	return DMA_OK;
}

static void on_msix(void *ctx, unsigned vector)
{
	const uint64_t one = 1;

	(void)ctx;
	if (vector < here.n_irq && write(here.irq[vector], &one, sizeof(one)) != (ssize_t)sizeof(one))
		abort();
}

void line_bus_tick(void)
{
	card_nudge(here.card, 1);
	if (card_fault(here.card))
		exit(1);	/* the card has said why */
}

void line_bus_settle(void)
{
	enum card_state state;

	card_wake(here.card);
	do
		state = card_run(here.card, 1000000);
	while (state == CARD_BUSY);
	if (state == CARD_IDLE && !card_fault(here.card))
		return;
	fprintf(stderr, "line: the card is stuck in cycle %llu\n", (unsigned long long)card_cycles(here.card));
	exit(1);
}

void line_bus_live(bool is_live)
{
	here.is_live = is_live;
}

static int here_access(struct bus *bus, bool is_write, unsigned region, uint64_t offset, void *data, unsigned bytes)
{
	uint32_t value = 0;

	if (region != BUS_REGION_BAR0 || bytes != sizeof(value))
		return bus_fail(bus, -EIO, "no region %u", region);
	if (!is_write) {
		if (!here.is_live && offset == ADIT_REG_STATUS)
			card_nudge(here.card, STATUS_CYCLES);
		if (!card_bar_read(here.card, (uint32_t)offset, &value))
			return bus_fail(bus, -EIO, "register %#llx is not answered", (unsigned long long)offset);
		memcpy(data, &value, sizeof(value));
		return 0;
	}
	memcpy(&value, data, sizeof(value));
	if (here.is_fresh && offset == ADIT_REG_CTRL && value == ADIT_REG_CTRL_RESET_MASK)
		return 0;
	here.is_fresh = false;
	if (!card_bar_write(here.card, (uint32_t)offset, value))
		return bus_fail(bus, -EIO, "register %#llx is not answered", (unsigned long long)offset);
	if (!here.is_live)
		line_bus_settle();
	return 0;
}

static int here_dma_map(struct bus *bus, const struct bus_dma *dma)
{
	if (here.n_maps == MAPS)
		return bus_fail(bus, -ENOSPC, "no room for another map");
	here.maps[here.n_maps++] = *dma;
	return 0;
}

static int here_dma_unmap(struct bus *bus, const struct bus_dma *dma)
{
	(void)bus;
	for (unsigned i = 0; i < here.n_maps; i++)
		if (here.maps[i].iova == dma->iova)
			here.maps[i] = here.maps[--here.n_maps];
	return 0;
}

static int here_irq_set(struct bus *bus, const int *eventfds, unsigned n)
{
	(void)bus;
	here.n_irq = n;
	memcpy(here.irq, eventfds, n * sizeof(*eventfds));
	return 0;
}

static int here_reset(struct bus *bus)
{
	return card_reset(here.card) ? 0 : bus_fail(bus, -EIO, "the card does not come out of reset");
}

static int here_check(struct bus *bus)
{
	(void)bus;
	return 0;
}

static void here_close(struct bus *bus)
{
	(void)bus;
	card_close(here.card);
	here.card = NULL;
}

static const struct bus_ops here_ops = {
	.access = here_access, .dma_map = here_dma_map, .dma_unmap = here_dma_unmap, .irq_set = here_irq_set, .reset = here_reset,
	.check = here_check, .close = here_close,
};

/* In the place of bus_vfio_user.c's. */
int bus_vfio_user_open(const char *path, unsigned timeout_ms, struct bus **out, char *why, size_t why_bytes)
{
	(void)path;
	(void)why;
	(void)why_bytes;
	here.base = (struct bus){ .ops = &here_ops, .timeout_ms = timeout_ms, .n_vectors = CARD_VECTORS, .bar_bytes = ADIT_BAR_BYTES,
				  .watch_fd = -1 };
	iova_add_range(&here.base.iova, IOVA_FIRST, UINT32_MAX);
	*out = &here.base;
	return 0;
}

struct card *line_bus_open(struct card_setup *setup)
{
	setup->dma = (struct dma_calls){ .ctx = &here, .read = mem_read, .write = mem_write };
	setup->msix = on_msix;
	here.card = card_open(setup);
	here.is_fresh = true;
	return here.card;
}
