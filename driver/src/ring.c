// SPDX-License-Identifier: BSD-2-Clause-Patent
#include "ring.h"

#include <errno.h>
#include <string.h>

int ring_open(struct ring *ring, struct bus *bus, enum adit_ring number, uint32_t entries, uint32_t entry_bytes,
	      bool is_secret)
{
	if (entries < RING_ENTRIES_MIN || entries > RING_ENTRIES_MAX || (entries & (entries - 1)) != 0)
		return bus_fail(bus, -EINVAL, "a ring has %u to %u entries, a power of two: not %u", RING_ENTRIES_MIN,
				RING_ENTRIES_MAX, entries);
	*ring = (struct ring){ .number = number, .entries = entries, .entry_bytes = entry_bytes };
	return bus_dma_alloc(bus, (size_t)entries * entry_bytes, is_secret, &ring->mem);
}

void ring_close(struct ring *ring, struct bus *bus)
{
	bus_dma_free(bus, &ring->mem);
}

static uint32_t log2_of(uint32_t power)
{
	return (uint32_t)__builtin_ctz(power);
}

int ring_start(struct ring *ring, struct bus *bus, uint64_t wb_iova)
{
	const uint32_t n = (uint32_t)ring->number;
	const uint32_t words[][2] = {
		{ ADIT_REG_RING_CTRL(n), 0 },
		{ ADIT_REG_RING_BASE_LO(n), (uint32_t)ring->mem.iova },
		{ ADIT_REG_RING_BASE_HI(n), (uint32_t)(ring->mem.iova >> 32) },
		{ ADIT_REG_RING_WB_LO(n), (uint32_t)wb_iova },
		{ ADIT_REG_RING_WB_HI(n), (uint32_t)(wb_iova >> 32) },
		{ ADIT_REG_RING_CTRL(n), log2_of(ring->entries) << ADIT_REG_RING_CTRL_SIZE_LOG2_SHIFT |
					 ADIT_REG_RING_CTRL_ENABLE_MASK },
	};

	/* Zeroed: the event ring's first turn has generation 1, and no RX descriptor is done. */
	memset(ring->mem.host, 0, ring->mem.bytes);
	ring->posted = 0;
	ring->taken = 0;
	ring->rung = 0;
	ring->is_faulty = false;
	ring_publish();
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		int error = bus_write32(bus, words[i][0], words[i][1]);

		if (error)
			return error;
	}
	return 0;
}

int ring_stop(struct ring *ring, struct bus *bus)
{
	return bus_write32(bus, ADIT_REG_RING_CTRL((uint32_t)ring->number), 0);
}

int ring_kick(struct ring *ring, struct bus *bus)
{
	int error;

	if (ring->rung == ring->posted)
		return 0;
	ring_publish();
	error = bus_write32(bus, ADIT_REG_RING_DOORBELL((uint32_t)ring->number), ring->posted);
	if (!error)
		ring->rung = ring->posted;
	return error;
}
