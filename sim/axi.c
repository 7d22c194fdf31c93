// SPDX-License-Identifier: BSD-2-Clause-Patent
#include "axi.h"

#include <string.h>

#define PAGE_BYTES 4096u
#define BURST_INCR 1u

void axi_init(struct axi *axi, const struct axi_pins *pins, const struct dma_calls *calls, struct rng *rng,
	      unsigned stall_percent, unsigned latency_cycles)
{
	memset(axi, 0, sizeof(*axi));
	axi->pins = pins;
	axi->calls = *calls;
	axi->rng = rng;
	axi->stall_percent = stall_percent;
	axi->latency_cycles = latency_cycles;
}

void axi_reset(struct axi *axi)
{
	axi->reads.count = axi->writes.count = axi->answers.count = 0;
	axi->beat_offered = axi->answer_offered = false;
	*axi->pins->rvalid = 0;
	*axi->pins->bvalid = 0;
	*axi->pins->arready = 0;
	*axi->pins->awready = 0;
	*axi->pins->wready = 0;
}

bool axi_is_busy(const struct axi *axi)
{
	return axi->reads.count != 0 || axi->writes.count != 0 || axi->answers.count != 0;
}

static struct axi_burst *queue_head(struct axi_queue *queue)
{
	return &queue->burst[queue->head];
}

static void queue_put(struct axi_queue *queue, struct axi_burst burst)
{
	queue->burst[(queue->head + queue->count) % AXI_QUEUE] = burst;
	queue->count++;
}

static void queue_drop(struct axi_queue *queue)
{
	queue->head = (queue->head + 1) % AXI_QUEUE;
	queue->count--;
}

static uint64_t due_cycle(struct axi *axi, uint64_t cycle)
{
	return cycle + axi->latency_cycles + (axi->latency_cycles ? rng_next(axi->rng) % axi->latency_cycles : 0);
}

static void fault(struct axi *axi, const char *text)
{
	if (!axi->fault)
		axi->fault = text;
}

static struct axi_burst burst_of(struct axi *axi, uint64_t addr, uint8_t len, uint8_t size, uint8_t kind, uint8_t id)
{
	struct axi_burst burst = { .addr = addr, .beats_left = len + 1u, .size_log2 = size, .id = id };
	uint64_t first = addr & ~((1ull << (size & 7)) - 1);
	uint64_t last = first + ((uint64_t)burst.beats_left << (size & 7)) - 1;

	if (kind != BURST_INCR && len != 0)
		fault(axi, "a burst that is not INCR");
	if (size > 6)
		fault(axi, "a beat wider than 64 bytes");
	if (first / PAGE_BYTES != last / PAGE_BYTES)
		fault(axi, "a burst across a 4096-byte boundary (AXI4 A3.4.1)");
	return burst;
}

/* The bytes of this beat: [from, to) within the 64-byte word at addr / 64. The first beat may begin off its size. */
static void beat_span(const struct axi_burst *burst, unsigned *from, unsigned *to)
{
	uint64_t size_bytes = 1ull << burst->size_log2;

	*from = (unsigned)(burst->addr % MODEL_WORD_BYTES);
	*to = (unsigned)((burst->addr & ~(size_bytes - 1)) % MODEL_WORD_BYTES + size_bytes);
}

static void next_beat(struct axi_burst *burst)
{
	uint64_t size_bytes = 1ull << burst->size_log2;

	burst->addr = (burst->addr & ~(size_bytes - 1)) + size_bytes;
	burst->beats_left--;
}

static void offer_read_beat(struct axi *axi)
{
	const struct axi_pins *p = axi->pins;
	struct axi_burst *burst = queue_head(&axi->reads);
	unsigned from, to;
	enum dma_answer answer;

	beat_span(burst, &from, &to);
	answer = axi->calls.read(axi->calls.ctx, burst->addr, p->rdata + from, to - from);
	if (answer != DMA_OK) {
		memset(p->rdata, 0, MODEL_WORD_BYTES);
		axi->refused++;
	}
	*p->rresp = (uint8_t)answer;
	*p->rid = burst->id;
	*p->rlast = burst->beats_left == 1;
	axi->beat_offered = true;
}

void axi_drive(struct axi *axi, uint64_t cycle)
{
	const struct axi_pins *p = axi->pins;

	*p->arready = axi->reads.count < AXI_QUEUE && !rng_hits(axi->rng, axi->stall_percent);
	*p->awready = axi->writes.count < AXI_QUEUE && !rng_hits(axi->rng, axi->stall_percent);
	*p->wready = axi->writes.count != 0 && axi->answers.count < AXI_QUEUE && !rng_hits(axi->rng, axi->stall_percent);

	if (!axi->beat_offered && axi->reads.count != 0 && queue_head(&axi->reads)->due_cycle <= cycle &&
	    !rng_hits(axi->rng, axi->stall_percent))
		offer_read_beat(axi);
	*p->rvalid = axi->beat_offered;
	if (!axi->answer_offered && axi->answers.count != 0 && queue_head(&axi->answers)->due_cycle <= cycle) {
		*p->bresp = queue_head(&axi->answers)->resp;
		*p->bid = queue_head(&axi->answers)->id;
		axi->answer_offered = true;
	}
	*p->bvalid = axi->answer_offered;
}

static void store_write_beat(struct axi *axi, struct axi_burst *burst)
{
	const struct axi_pins *p = axi->pins;
	uint64_t word = burst->addr & ~(uint64_t)(MODEL_WORD_BYTES - 1);
	unsigned from, to, end;

	beat_span(burst, &from, &to);
	for (unsigned at = 0; at < MODEL_WORD_BYTES; at = end) {
		enum dma_answer answer;

		end = at + 1;
		if (!(*p->wstrb >> at & 1))
			continue;
		while (end < MODEL_WORD_BYTES && (*p->wstrb >> end & 1))
			end++;
		if (at < from || end > to) {
			fault(axi, "a write strobe outside its beat");
			continue;
		}
		answer = axi->calls.write(axi->calls.ctx, word + at, p->wdata + at, end - at);
		if (answer != DMA_OK)
			axi->refused++;
		if (answer > burst->resp)
			burst->resp = (uint8_t)answer;
	}
}

static bool sample_reads(struct axi *axi, uint64_t cycle)
{
	const struct axi_pins *p = axi->pins;
	bool moved = false;

	if (axi->beat_offered && *p->rready) {
		struct axi_burst *burst = queue_head(&axi->reads);

		axi->beat_offered = false;
		next_beat(burst);
		axi->read_beats++;
		if (burst->beats_left == 0)
			queue_drop(&axi->reads);
		moved = true;
	}
	if (*p->arvalid && *p->arready) {
		struct axi_burst burst = burst_of(axi, *p->araddr, *p->arlen, *p->arsize, *p->arburst, *p->arid);

		burst.due_cycle = due_cycle(axi, cycle);
		queue_put(&axi->reads, burst);
		moved = true;
	}
	return moved;
}

static bool sample_writes(struct axi *axi, uint64_t cycle)
{
	const struct axi_pins *p = axi->pins;
	bool moved = false;

	if (axi->answer_offered && *p->bready) {
		axi->answer_offered = false;
		queue_drop(&axi->answers);
		moved = true;
	}
	if (*p->wvalid && *p->wready) {
		struct axi_burst *burst = queue_head(&axi->writes);

		store_write_beat(axi, burst);
		axi->write_beats++;
		if ((*p->wlast != 0) != (burst->beats_left == 1))
			fault(axi, "WLAST not on the burst's last beat");
		next_beat(burst);
		if (burst->beats_left == 0) {
			burst->due_cycle = due_cycle(axi, cycle);
			queue_put(&axi->answers, *burst);
			queue_drop(&axi->writes);
		}
		moved = true;
	}
	if (*p->awvalid && *p->awready) {
		queue_put(&axi->writes, burst_of(axi, *p->awaddr, *p->awlen, *p->awsize, *p->awburst, *p->awid));
		moved = true;
	}
	return moved;
}

bool axi_sample(struct axi *axi, uint64_t cycle)
{
	bool moved = sample_reads(axi, cycle);

	return sample_writes(axi, cycle) || moved;
}
