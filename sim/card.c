// SPDX-License-Identifier: BSD-2-Clause-Patent
#include "card.h"

#include <stdlib.h>
#include <string.h>

#include "adit_regs.h"
#include "axil.h"
#include "model.h"
#include "rng.h"
#include "say.h"
#include "stream.h"

#define RESET_CYCLES 16u
#define READY_LIMIT_CYCLES (1ull << 24)	/* the full size zeroes 65536 SA slots, one after another */
#define BAR_LIMIT_CYCLES 100000u
#define QUIET_CYCLES 64u		/* nothing for so long: idle */
#define OFFER_CYCLES 1024u		/* a frame offered and not taken for so long is no work */

struct card {
	struct model *model;
	const struct model_pins *pins;
	struct axil axil;
	struct axi axi;
	struct rng rng;
	unsigned stall_percent;
	void *msix_ctx;
	void (*msix)(void *ctx, unsigned vector);
	uint64_t msix_count;
	uint64_t quiet_cycles;		/* since there was last anything to do */
	uint64_t still_cycles;		/* since anything last moved */
	uint64_t patience_cycles;
	const char *fault;
	struct source lan_in, wan_in;
	struct sink lan_out, wan_out;
};

static void look_for_faults(struct card *card)
{
	if (card->fault)
		return;
	if (card->axi.fault)
		card->fault = card->axi.fault;
	else if (card->lan_out.fault)
		card->fault = card->lan_out.fault;
	else if (card->wan_out.fault)
		card->fault = card->wan_out.fault;
	else
		return;
	say("the card broke a bus protocol in cycle %llu: %s", (unsigned long long)model_cycles(card->model), card->fault);
}

/* One clock cycle. Every drive() writes the card's inputs, every sample() reads what settled; none does both. */
static void tick(struct card *card)
{
	const struct model_pins *p = card->pins;
	uint64_t cycle = model_cycles(card->model);
	bool has_frame, moved, works;
	int vector = -1;

	axil_drive(&card->axil);
	axi_drive(&card->axi, cycle);
	source_drive(&card->lan_in, cycle);
	source_drive(&card->wan_in, cycle);
	sink_drive(&card->lan_out, cycle);
	sink_drive(&card->wan_out, cycle);
	*p->irq_ready = !rng_hits(&card->rng, card->stall_percent);
	model_settle(card->model);

	axil_sample(&card->axil);
	moved = axi_sample(&card->axi, cycle);
	moved |= source_sample(&card->lan_in);
	moved |= source_sample(&card->wan_in);
	moved |= sink_sample(&card->lan_out, cycle);
	moved |= sink_sample(&card->wan_out, cycle);
	if (*p->irq_valid && *p->irq_ready)
		vector = *p->irq_vector;
	has_frame = source_has_frame(&card->lan_in) || source_has_frame(&card->wan_in);
	works = *p->busy || *p->irq_valid || axi_is_busy(&card->axi) || card->axil.is_active ||
		(has_frame && card->still_cycles < OFFER_CYCLES);
	model_edge(card->model);

	card->quiet_cycles = works ? 0 : card->quiet_cycles + 1;
	card->still_cycles = moved || vector >= 0 ? 0 : card->still_cycles + 1;
	if (vector >= 0) {
		card->msix_count++;
		card->msix(card->msix_ctx, (unsigned)vector);
	}
	look_for_faults(card);
}

static bool bar_access(struct card *card, bool is_write, uint32_t offset, uint32_t *value)
{
	axil_start(&card->axil, is_write, (uint16_t)offset, *value);
	for (uint32_t n = 0; card->axil.is_active; n++) {
		if (n == BAR_LIMIT_CYCLES) {
			card->axil.is_active = false;
			say("the card does not answer a %s of register 0x%03x", is_write ? "write" : "read", offset);
			return false;
		}
		tick(card);
	}
	card->still_cycles = card->quiet_cycles = 0;
	*value = card->axil.data;
	return card->axil.resp == 0;
}

bool card_bar_read(struct card *card, uint32_t offset, uint32_t *value)
{
	*value = 0;
	if (bar_access(card, false, offset, value))
		return true;
	*value = UINT32_MAX;	/* as PCIe answers for a card that does not */
	return false;
}

bool card_bar_write(struct card *card, uint32_t offset, uint32_t value)
{
	if (offset == ADIT_REG_CTRL && (value & ADIT_REG_CTRL_ENABLE_MASK))
		model_trace_begin(card->model);
	return bar_access(card, true, offset, &value);
}

bool card_reset(struct card *card)
{
	const struct model_pins *p = card->pins;
	uint64_t from = model_cycles(card->model);
	uint32_t status;

	card->axil.is_active = false;
	axi_reset(&card->axi);
	source_reset(&card->lan_in);
	source_reset(&card->wan_in);
	sink_reset(&card->lan_out);
	sink_reset(&card->wan_out);
	axil_drive(&card->axil);
	*p->irq_ready = 0;
	*p->rst_n = 0;
	for (unsigned n = 0; n < RESET_CYCLES; n++) {
		model_settle(card->model);
		model_edge(card->model);
	}
	*p->rst_n = 1;
	while (model_cycles(card->model) - from < READY_LIMIT_CYCLES) {
		if (!card_bar_read(card, ADIT_REG_STATUS, &status))
			return false;
		if (status >> ADIT_REG_STATUS_READY_SHIFT & 1)
			return true;
	}
	say("the card does not become ready (STATUS is 0x%08x)", status);
	return false;
}

static bool open_trace(struct card *card, const struct card_setup *setup)
{
	FILE *file;

	if (!setup->trace_path)
		return true;
	if (!model_can_trace()) {
		say("--trace: this build cannot trace");
		return false;
	}
	file = fopen(setup->trace_path, "wb");	/* the FST writer does not tell why it fails */
	if (!file) {
		say("--trace %s: %m", setup->trace_path);
		return false;
	}
	fclose(file);
	return model_trace(card->model, setup->trace_path, setup->trace_from, setup->trace_to);
}

struct card *card_open(const struct card_setup *setup)
{
	struct card *card = calloc(1, sizeof(*card));

	if (!card) {
		say("out of memory");
		return NULL;
	}
	card->model = model_open();
	card->pins = model_pins(card->model);
	card->stall_percent = setup->stall_percent;
	card->patience_cycles = setup->patience_cycles ? setup->patience_cycles : 1u << 16;
	card->msix = setup->msix;
	card->msix_ctx = setup->dma.ctx;
	rng_seed(&card->rng, setup->seed);
	axil_init(&card->axil, &card->pins->axil);
	axi_init(&card->axi, &card->pins->axi, &setup->dma, &card->rng, setup->stall_percent, setup->dma_latency_cycles);
	source_init(&card->lan_in, &card->pins->lan_rx, setup->lan, &card->rng, setup->stall_percent);
	source_init(&card->wan_in, &card->pins->wan_rx, setup->wan, &card->rng, setup->stall_percent);
	sink_init(&card->lan_out, &card->pins->lan_tx, setup->lan, &card->rng, setup->stall_percent);
	sink_init(&card->wan_out, &card->pins->wan_tx, setup->wan, &card->rng, setup->stall_percent);
	card->lan_in.wire.bits_per_kcycle = card->wan_in.wire.bits_per_kcycle = setup->wire_bits_per_kcycle;
	card->lan_out.wire.bits_per_kcycle = card->wan_out.wire.bits_per_kcycle = setup->wire_bits_per_kcycle;
	if (!open_trace(card, setup) || !card_reset(card)) {
		card_close(card);
		return NULL;
	}
	return card;
}

void card_close(struct card *card)
{
	if (!card)
		return;
	model_close(card->model);
	free(card);
}

enum card_state card_run(struct card *card, uint64_t max_cycles)
{
	enum card_state state = CARD_BUSY;

	for (uint64_t n = 0;; n++) {
		if (card->quiet_cycles >= QUIET_CYCLES)
			state = CARD_IDLE;
		else if (card->still_cycles >= card->patience_cycles)
			state = CARD_STUCK;
		if (state != CARD_BUSY || n == max_cycles)
			break;
		tick(card);
	}
	card->lan_in.port->is_paused = card->lan_in.n_bytes != 0;
	card->wan_in.port->is_paused = card->wan_in.n_bytes != 0;
	return state;
}

void card_wake(struct card *card)
{
	sink_retry(&card->lan_out, model_cycles(card->model));
	sink_retry(&card->wan_out, model_cycles(card->model));
	card->still_cycles = card->quiet_cycles = 0;
}

void card_nudge(struct card *card, uint64_t n_cycles)
{
	for (uint64_t n = 0; n < n_cycles; n++)
		tick(card);
}

uint64_t card_cycles(const struct card *card)
{
	return model_cycles(card->model);
}

const char *card_fault(const struct card *card)
{
	return card->fault;
}

static void count_face(struct card_face_counts *counts, const struct source *in, const struct sink *out)
{
	counts->frames_in = in->frames;
	counts->bytes_in = in->bytes;
	counts->frames_out = out->frames;
	counts->bytes_out = out->bytes;
	counts->frames_lost = out->lost;
	counts->waits_in = in->waits;
	counts->waits_out = out->waits;
}

void card_count(const struct card *card, struct card_counts *counts)
{
	counts->cycles = model_cycles(card->model);
	count_face(&counts->lan, &card->lan_in, &card->lan_out);
	count_face(&counts->wan, &card->wan_in, &card->wan_out);
	counts->dma_read_beats = card->axi.read_beats;
	counts->dma_write_beats = card->axi.write_beats;
	counts->dma_refused = card->axi.refused;
	counts->msix = card->msix_count;
}

const void *card_state_bytes(const struct card *card, size_t *n_bytes)
{
	return model_state(card->model, n_bytes);
}
