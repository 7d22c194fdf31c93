// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * Frames over a 512-bit AXI4-Stream. A source cuts a port's frames into words for the card; a sink puts the card's
 * words together and gives the frame to the port.
 *
 *   word of a frame: byte i of the word is the frame's byte 64 k + i; keep has a bit for each; last on the final one
 *
 * A wire, if there is one, says how fast words come and go: a frame takes its bytes and WIRE_GAP_BYTES of it. Its MAC has a FIFO, so
 * what came WIRE_FIFO_CYCLES late is made up for. Without a wire words move as fast as the card and the port let them.
 */
#ifndef SIM_STREAM_H
#define SIM_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model.h"
#include "port.h"
#include "rng.h"

#define WIRE_GAP_BYTES 24u	/* Ethernet: preamble 8, FCS 4, gap 12 */
#define WIRE_FIFO_CYCLES 16u

struct wire {
	uint64_t bits_per_kcycle;	/* 310303: 100GbE at 322.265625 MHz; 0: none */
	uint64_t free_at;		/* in thousandths of a bit since cycle 0 */
};

struct source {
	const struct stream_pins *pins;
	struct port *port;
	struct rng *rng;
	unsigned stall_percent;
	struct wire wire;
	uint64_t waits;		/* cycles in which the card did not take the word it was offered */
	size_t n_bytes, at;	/* n_bytes 0: no frame in hand */
	bool is_offered;	/* a word stands on the pins until it is taken */
	uint64_t frames, bytes;
	uint8_t frame[PORT_FRAME_BYTES];
};

struct sink {
	const struct stream_pins *pins;
	struct port *port;
	struct rng *rng;
	unsigned stall_percent;
	struct wire wire;
	uint64_t waits;		/* cycles in which the card's word was not taken */
	size_t n_bytes;
	bool is_whole;		/* the frame waits for room in the port */
	uint64_t frames, bytes, lost;
	const char *fault;	/* the card broke the protocol: how; sticks */
	uint8_t frame[PORT_FRAME_BYTES];
};

void source_init(struct source *source, const struct stream_pins *pins, struct port *port, struct rng *rng,
		 unsigned stall_percent);
/** The card is in reset: a frame half taken will be offered anew. */
void source_reset(struct source *source);
void source_drive(struct source *source, uint64_t cycle);
bool source_sample(struct source *source);	/* true if a word moved */
bool source_has_frame(const struct source *source);

void sink_init(struct sink *sink, const struct stream_pins *pins, struct port *port, struct rng *rng,
	       unsigned stall_percent);
void sink_reset(struct sink *sink);
void sink_drive(struct sink *sink, uint64_t cycle);
bool sink_sample(struct sink *sink, uint64_t cycle);
/** The port may have room again. */
void sink_retry(struct sink *sink, uint64_t cycle);

#endif
