// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * AXI4 slave: host memory as the card's DMA sees it. drive() alone writes pins, sample() alone reads them. Bursts of either kind are answered in order, each after a random
 * latency; the bytes are fetched or stored through two calls that may refuse.
 *
 *   AR ─► queue ─(latency)─► R beats        read: one dma_read per beat, when the beat is offered
 *   AW ─► queue ─► W beats ─(latency)─► B   write: one dma_write per run of strobed bytes, when the beat is taken
 */
#ifndef SIM_AXI_H
#define SIM_AXI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model.h"
#include "rng.h"

/** What host memory says to one access; the values are AXI's. */
enum dma_answer {
	DMA_OK = 0,
	DMA_REFUSED = 2,	/* SLVERR: mapped, but not for this */
	DMA_UNMAPPED = 3	/* DECERR */
};

struct dma_calls {
	void *ctx;
	enum dma_answer (*read)(void *ctx, uint64_t iova, void *to, size_t n_bytes);
	enum dma_answer (*write)(void *ctx, uint64_t iova, const void *from, size_t n_bytes);
};

#define AXI_QUEUE 16u

struct axi_burst {
	uint64_t addr;		/* of the next beat */
	uint64_t due_cycle;	/* not answered before */
	unsigned beats_left;
	uint8_t size_log2, id, resp;
};

struct axi_queue {
	struct axi_burst burst[AXI_QUEUE];
	unsigned head, count;
};

struct axi {
	const struct axi_pins *pins;
	struct dma_calls calls;
	struct rng *rng;
	unsigned stall_percent, latency_cycles;
	struct axi_queue reads, writes, answers;
	bool beat_offered, answer_offered;	/* on the pins until taken */
	uint64_t read_beats, write_beats, refused;
	const char *fault;	/* the card broke the protocol: how; sticks */
};

void axi_init(struct axi *axi, const struct axi_pins *pins, const struct dma_calls *calls, struct rng *rng,
	      unsigned stall_percent, unsigned latency_cycles);
/** Forget what is under way: the card is in reset. */
void axi_reset(struct axi *axi);
void axi_drive(struct axi *axi, uint64_t cycle);
/** @return true if anything moved. */
bool axi_sample(struct axi *axi, uint64_t cycle);
bool axi_is_busy(const struct axi *axi);

#endif
