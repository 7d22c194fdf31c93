// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * Frames over a 512-bit AXI4-Stream. A source cuts a port's frames into words for the card; a sink puts the card's
 * words together and gives the frame to the port.
 *
 *   word of a frame: byte i of the word is the frame's byte 64 k + i; keep has a bit for each; last on the final one
 */
#ifndef SIM_STREAM_H
#define SIM_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model.h"
#include "port.h"
#include "rng.h"

struct source {
	const struct stream_pins *pins;
	struct port *port;
	struct rng *rng;
	unsigned stall_percent;
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
void source_drive(struct source *source);
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
