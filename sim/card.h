// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * The simulated card as a PCIe device. Whoever plays the host gives it three things and is given one clock:
 *
 *   BAR access   card_bar_read(), card_bar_write(): through the model's AXI4-Lite
 *   DMA          dma_calls, called while the clock runs
 *   MSI-X        a call per message, likewise
 *
 * Time passes only inside the calls below; between them the card stands still.
 */
#ifndef SIM_CARD_H
#define SIM_CARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "axi.h"
#include "port.h"

#define CARD_VECTORS 4u
#define CARD_CYCLE_NS 4u	/* what a cycle is in captures and waveforms: 250 MHz */

/* A waveform that begins when the host opens the ports, after all the sweeps of reset. */
#define CARD_TRACE_FROM_ENABLE UINT64_MAX

struct card_setup {
	struct dma_calls dma;
	void (*msix)(void *ctx, unsigned vector);	/* same ctx as dma */
	struct port *lan, *wan;		/* stay the caller's */
	uint64_t seed;
	unsigned stall_percent;		/* of the cycles in which something could move, hold it back: 0 .. 99 */
	unsigned dma_latency_cycles;	/* a burst is answered after this to twice this */
	uint64_t wire_bits_per_kcycle;	/* both ports are wires of that speed, each way (stream.h); 0: as fast as the card */
	/* Longer than the longest frame takes inside the card, any interrupt moderation, and a flush that looks at all SAs. 0: 65536. */
	uint64_t patience_cycles;
	const char *trace_path;		/* NULL: none */
	uint64_t trace_from, trace_to;	/* cycles; from may be CARD_TRACE_FROM_ENABLE */
};

enum card_state {
	CARD_BUSY,	/* there is more to do */
	CARD_IDLE,	/* nothing will happen until somebody calls or a port has a frame */
	CARD_STUCK	/* busy, yet nothing moved for the setup's patience_cycles: it waits for the host or for a port */
};

struct card;

/** A card, out of reset and ready. @return NULL after a line on stderr */
struct card *card_open(const struct card_setup *setup);
void card_close(struct card *card);

/**
 * Pull the reset pin and wait until the card says that its tables are zeroed.
 * @return false if it never says so
 */
bool card_reset(struct card *card);

/** One 32-bit register, offset a multiple of 4 below 4096. @return false if the card gives no answer or refuses */
bool card_bar_read(struct card *card, uint32_t offset, uint32_t *value);
bool card_bar_write(struct card *card, uint32_t offset, uint32_t value);

/** Let the clock run until there is nothing to do, but no longer than max_cycles. */
enum card_state card_run(struct card *card, uint64_t max_cycles);

/** A port has frames or room again, or patience shall begin anew: the next card_run() runs. */
void card_wake(struct card *card);

/** Let n_cycles pass in a stuck card without giving it new patience. */
void card_nudge(struct card *card, uint64_t n_cycles);

uint64_t card_cycles(const struct card *card);

/** What the card did that no card may do (a bus protocol broken), or NULL. Sticks. */
const char *card_fault(const struct card *card);

struct card_face_counts {
	uint64_t frames_in, bytes_in, frames_out, bytes_out, frames_lost;
	uint64_t waits_in, waits_out;	/* cycles: the card did not take a word that came; a word of its was not taken */
};
struct card_counts {
	uint64_t cycles;
	struct card_face_counts lan, wan;
	uint64_t dma_read_beats, dma_write_beats, dma_refused, msix;
};
void card_count(const struct card *card, struct card_counts *counts);

/** All registers and memories of the card, for tests that look for keys (model.h). */
const void *card_state_bytes(const struct card *card, size_t *n_bytes);

#endif
