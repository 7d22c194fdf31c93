// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * One of the card's four rings, as the host sees it: descriptors in shared memory and two free-running 16-bit indices.
 *
 *	posted   entries the host has handed over (command, TX, RX) or taken out (event); RING_DOORBELL shows it
 *	taken    TX, RX: how many of those are known to be done with (commands count by their slots)
 *	rung     what the doorbell was last told
 *
 * Entry n stands at n modulo entries. posted - taken never exceeds entries.
 */
#ifndef ADIT_RING_H
#define ADIT_RING_H

#include "bus.h"

#define RING_ENTRIES_MIN 2u
#define RING_ENTRIES_MAX 32768u	/* half of the index space: full and empty stay apart */

struct ring {
	enum adit_ring number;
	uint32_t entries, entry_bytes;
	uint16_t posted, taken, rung;
	bool is_faulty;		/* the card has stopped it */
	struct bus_dma mem;
};

/** Allocates the memory. @return 0, -EINVAL for a size that is no power of two in range, or what the bus says. */
ADIT_MUST_USE int ring_open(struct ring *ring, struct bus *bus, enum adit_ring number, uint32_t entries,
			    uint32_t entry_bytes, bool is_secret);
void ring_close(struct ring *ring, struct bus *bus);

/** Zero memory and indices and let the card start. wb_iova: where the card writes its index, 0 for nowhere. */
ADIT_MUST_USE int ring_start(struct ring *ring, struct bus *bus, uint64_t wb_iova);
ADIT_MUST_USE int ring_stop(struct ring *ring, struct bus *bus);

/** Tell the card of everything posted since the last time; nothing if there is nothing. */
ADIT_MUST_USE int ring_kick(struct ring *ring, struct bus *bus);

static inline void *ring_entry(const struct ring *ring, uint16_t index)
{
	return (char *)ring->mem.host + (size_t)(index & (ring->entries - 1)) * ring->entry_bytes;
}

static inline uint32_t ring_used(const struct ring *ring)
{
	return (uint16_t)(ring->posted - ring->taken);
}

static inline uint32_t ring_room(const struct ring *ring)
{
	return ring->entries - ring_used(ring);
}

/*
 * The card looks at memory from the side, so order is ours to keep:
 *   ring_publish()  descriptors and buffers are in memory before the doorbell that tells of them.
 *   ring_acquire()  the flag (gen, done, write-back) was read before the rest of the descriptor it vouches for;
 *                   the card writes a descriptor's last word last, or all of it at once.
 * On x86 stores to memory and then to a device stay in order, as do loads: only the compiler must be held back.
 */
static inline void ring_publish(void)
{
#if defined(__x86_64__) || defined(__i386__)
	__asm__ volatile("" ::: "memory");
#elif defined(__aarch64__)
	__asm__ volatile("dmb oshst" ::: "memory");
#else
	__sync_synchronize();
#endif
}

static inline void ring_acquire(void)
{
#if defined(__x86_64__) || defined(__i386__)
	__asm__ volatile("" ::: "memory");
#elif defined(__aarch64__)
	__asm__ volatile("dmb oshld" ::: "memory");
#else
	__sync_synchronize();
#endif
}

/** One read of a byte or a word that the card may be writing just now. */
static inline uint8_t ring_peek8(const void *at)
{
	return *(const volatile uint8_t *)at;
}

static inline uint32_t ring_peek32(const void *at)
{
	return *(const volatile uint32_t *)at;
}

#endif
