// SPDX-License-Identifier: BSD-2-Clause-Patent
#include "stream.h"

#include <string.h>

static bool wire_is_free(const struct wire *wire, uint64_t cycle)
{
	return cycle * wire->bits_per_kcycle >= wire->free_at;
}

static void wire_carry(struct wire *wire, uint64_t cycle, size_t n_bytes)
{
	uint64_t now = cycle * wire->bits_per_kcycle, fifo = WIRE_FIFO_CYCLES * wire->bits_per_kcycle;

	if (wire->bits_per_kcycle == 0)
		return;
	if (wire->free_at + fifo < now)
		wire->free_at = now - fifo;
	wire->free_at += n_bytes * 8000;
}

void source_init(struct source *source, const struct stream_pins *pins, struct port *port, struct rng *rng,
		 unsigned stall_percent)
{
	source->pins = pins;
	source->port = port;
	source->rng = rng;
	source->stall_percent = stall_percent;
	source->n_bytes = source->at = 0;
	source->is_offered = false;
	source->frames = source->bytes = source->waits = 0;
	source->wire = (struct wire){ 0 };
}

void source_reset(struct source *source)
{
	source->at = 0;
	source->is_offered = false;
	*source->pins->valid = 0;
}

bool source_has_frame(const struct source *source)
{
	return source->n_bytes != 0 || source->port->may_take;
}

void source_drive(struct source *source, uint64_t cycle)
{
	const struct stream_pins *p = source->pins;
	size_t n;

	if (source->is_offered)
		return;
	*p->valid = 0;
	if (!wire_is_free(&source->wire, cycle))
		return;
	if (source->n_bytes == 0 && source->port->may_take)
		source->n_bytes = port_take(source->port, source->frame);
	if (source->n_bytes == 0 || rng_hits(source->rng, source->stall_percent))
		return;
	n = source->n_bytes - source->at;
	if (n > MODEL_WORD_BYTES)
		n = MODEL_WORD_BYTES;
	memcpy(p->data, source->frame + source->at, n);
	memset(p->data + n, 0, MODEL_WORD_BYTES - n);
	*p->keep = UINT64_MAX >> (MODEL_WORD_BYTES - n);
	*p->last = source->at + n == source->n_bytes;
	*p->valid = 1;
	wire_carry(&source->wire, cycle, *p->last ? n + WIRE_GAP_BYTES : n);
	source->is_offered = true;
}

bool source_sample(struct source *source)
{
	const struct stream_pins *p = source->pins;

	if (!source->is_offered)
		return false;
	if (!*p->ready) {
		source->waits++;
		return false;
	}
	source->is_offered = false;
	source->at += MODEL_WORD_BYTES;
	if (*p->last) {
		source->frames++;
		source->bytes += source->n_bytes;
		source->n_bytes = source->at = 0;
	}
	return true;
}

void sink_init(struct sink *sink, const struct stream_pins *pins, struct port *port, struct rng *rng,
	       unsigned stall_percent)
{
	sink->pins = pins;
	sink->port = port;
	sink->rng = rng;
	sink->stall_percent = stall_percent;
	sink->n_bytes = 0;
	sink->is_whole = false;
	sink->frames = sink->bytes = sink->lost = sink->waits = 0;
	sink->wire = (struct wire){ 0 };
	sink->fault = NULL;
}

void sink_reset(struct sink *sink)
{
	if (!sink->is_whole)
		sink->n_bytes = 0;
	*sink->pins->ready = 0;
}

void sink_retry(struct sink *sink, uint64_t cycle)
{
	if (!sink->is_whole)
		return;
	switch (port_give(sink->port, sink->frame, sink->n_bytes, cycle)) {
	case PORT_WAIT:
		return;
	case PORT_SENT:
		sink->frames++;
		sink->bytes += sink->n_bytes;
		break;
	case PORT_LOST:
		sink->lost++;
		break;
	}
	sink->is_whole = false;
	sink->n_bytes = 0;
}

void sink_drive(struct sink *sink, uint64_t cycle)
{
	if (sink->is_whole && !sink->port->wants_room)	/* the port has changed since it said wait */
		sink_retry(sink, cycle);
	*sink->pins->ready = !sink->is_whole && !rng_hits(sink->rng, sink->stall_percent) && wire_is_free(&sink->wire, cycle);
}

bool sink_sample(struct sink *sink, uint64_t cycle)
{
	const struct stream_pins *p = sink->pins;
	uint64_t keep;
	size_t n;

	if (!*p->valid)
		return false;
	if (!*p->ready) {
		sink->waits++;
		return false;
	}
	keep = *p->keep;
	n = (size_t)__builtin_popcountll(keep);
	if (n == 0 || keep != UINT64_MAX >> (MODEL_WORD_BYTES - n))
		sink->fault = "a word whose keep bits are not a run from byte 0";
	else if (!*p->last && n != MODEL_WORD_BYTES)
		sink->fault = "a short word inside a frame";
	else if (sink->n_bytes + n > PORT_FRAME_BYTES)
		sink->fault = "a frame longer than 65536 bytes";
	if (sink->fault)
		return true;
	memcpy(sink->frame + sink->n_bytes, p->data, n);
	sink->n_bytes += n;
	wire_carry(&sink->wire, cycle, *p->last ? n + WIRE_GAP_BYTES : n);
	if (*p->last) {
		sink->is_whole = true;
		sink_retry(sink, cycle);
	}
	return true;
}
