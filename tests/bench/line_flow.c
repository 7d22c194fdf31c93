// SPDX-License-Identifier: BSD-2-Clause-Patent
#include "line_flow.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stream.h"
#include "transform/ipv4.h"

enum { UDP = 17, ESP = 50, IMIX_TURNS = 12, NUMBER_OFF = LINE_L2 + 28 };

static const unsigned imix[IMIX_TURNS] = { 64, 576, 64, 64, 576, 64, 1500, 64, 576, 64, 64, 576 };

uint64_t (*line_cycle)(void);

static unsigned size_now(const struct line_flow *f)
{
	return f->size == LINE_IMIX ? imix[f->turn % IMIX_TURNS] : f->size;
}

size_t line_sealed_bytes(const struct line_flow *f, unsigned size)
{
	const struct adit_sa *sa = f->is_open ? &f->world->in[0].sa : &f->world->out[0].sa;

	return LINE_L2 + adit_sa_sealed_bytes(sa, (uint16_t)(size - LINE_FCS - LINE_L2));
}

static double wire_cycles(size_t n_bytes)
{
	return (double)(n_bytes + WIRE_GAP_BYTES) * 8000.0 / LINE_BITS_PER_KCYCLE;
}

double line_flow_wire_rate(struct line_flow *f)
{
	double sum = 0;

	if (f->bad)
		return 1 / wire_cycles(f->size - LINE_FCS);
	if (f->size != LINE_IMIX)
		return 1 / wire_cycles(line_sealed_bytes(f, f->size));
	for (unsigned i = 0; i < IMIX_TURNS; i++)
		sum += wire_cycles(line_sealed_bytes(f, imix[i]));
	return IMIX_TURNS / sum;
}

static struct line_frame *frame_new(size_t n_bytes, uint64_t came)
{
	struct line_frame *frame = malloc(sizeof(*frame) + n_bytes);

	if (!frame)
		line_die("out of memory");
	*frame = (struct line_frame){ .came = came, .n_bytes = (uint32_t)n_bytes };
	return frame;
}

static void expect(struct line_flow *f, struct line_frame *frame)
{
	if (f->last)
		f->last->next = frame;
	else
		f->first = frame;
	f->last = frame;
}

/* Ethernet, IPv4, UDP, the packet's number, and bytes that are no pattern. */
static void plain_make(const struct line_flow *f, uint8_t *to, size_t n_bytes, uint32_t src, uint32_t dst)
{
	static uint8_t noise[16384];
	static const uint8_t head[LINE_L2] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x08, 0x00 };
	uint8_t *ip = to + LINE_L2;

	if (noise[0] == 0)
		for (size_t i = 0; i < sizeof(noise); i++)
			noise[i] = (uint8_t)(1 + line_rnd(255));
	memcpy(to, head, sizeof(head));
	memcpy(to + LINE_L2, noise + line_rnd(4096), n_bytes - LINE_L2);
	memset(ip, 0, 20);
	ip[0] = 0x45;
	ip[8] = 64;
	ip[9] = UDP;
	ipv4_put16(ip + 2, (uint16_t)(n_bytes - LINE_L2));
	ipv4_put32(ip + 12, src);
	ipv4_put32(ip + 16, dst);
	ipv4_set_checksum(ip);
	ipv4_put16(ip + 24, (uint16_t)(n_bytes - LINE_L2 - 20));
	memcpy(to + NUMBER_OFF, &f->n_sent, sizeof(f->n_sent));
}

static void seal_into(struct line_sa *sa, const uint8_t *plain, size_t n_bytes, struct line_frame *to, size_t room)
{
	size_t n = 0;

	if (golden_seal(line_golden(sa), plain, n_bytes, LINE_L2, ++sa->seq, to->bytes, room, &n) != ADIT_REASON_NONE)
		line_die("golden does not seal a frame of %zu bytes", n_bytes);
	to->n_bytes = (uint32_t)n;
	sa->packets++;
}

static size_t make_good(struct line_flow *f, uint8_t *to, uint64_t came)
{
	static uint8_t scratch[GOLDEN_MAX_FRAME_BYTES];
	const struct line_plan *plan = &f->world->plan;
	unsigned n = f->n_sas ? line_rnd(f->n_sas) : 0;
	size_t n_bytes = size_now(f) - LINE_FCS;
	struct line_frame *sealed = frame_new(GOLDEN_MAX_FRAME_BYTES, came), *plain;

	if (!f->is_open) {
		plain_make(f, to, n_bytes, 0x0a010005, line_far(n));
		seal_into(&f->world->out[n], to, n_bytes, sealed, GOLDEN_MAX_FRAME_BYTES);
		sealed = realloc(sealed, sizeof(*sealed) + sealed->n_bytes);
		sealed->wan_bytes = sealed->n_bytes;
		expect(f, sealed);
		return n_bytes;
	}
	plain_make(f, scratch, n_bytes, line_far(n % plan->n_out), 0x0a010005);
	seal_into(&f->world->in[n], scratch, n_bytes, sealed, GOLDEN_MAX_FRAME_BYTES);
	n_bytes = sealed->n_bytes;
	memcpy(to, sealed->bytes, n_bytes);
	free(sealed);
	plain = frame_new(size_now(f) - LINE_FCS, came);
	memcpy(plain->bytes, scratch, plain->n_bytes);
	plain->wan_bytes = (uint32_t)n_bytes;
	expect(f, plain);
	return n_bytes;
}

/*
 * ESP as somebody without keys sends it. The smallest frame has 18 bytes behind the SPI and number: whole blocks and an ICV for no cipher
 * with HMAC-SHA1-96 (4 + 12, two bytes of the frame stay Ethernet's own); a longer one is taken as a body with whole blocks of 16.
 */
static size_t make_bad(struct line_flow *f, uint8_t *to)
{
	struct line_sa *sa = &f->world->in[f->n_sas ? line_rnd(f->n_sas) : 0];
	size_t n_bytes = f->size - LINE_FCS, ip_bytes = n_bytes - LINE_L2;
	uint8_t *ip = to + LINE_L2;

	if (sa->sa.enc == ADIT_ENC_NULL)
		ip_bytes = (ip_bytes - 20 - 8 - 12) / 4 * 4 + 20 + 8 + 12;
	else
		ip_bytes = (ip_bytes - 20 - 8 - 12) / 16 * 16 + 20 + 8 + 12;
	plain_make(f, to, n_bytes, LINE_PEER, LINE_LOCAL);
	ip[9] = ESP;
	ipv4_put16(ip + 2, (uint16_t)ip_bytes);
	ipv4_set_checksum(ip);
	ipv4_put32(ip + 20, f->bad == LINE_BAD_SPI ? 0x80000000u | line_rnd(1u << 30) : sa->sa.spi);
	/* numbers that were seen or are below the window; or new ones, which never become seen */
	ipv4_put32(ip + 24, f->bad == LINE_BAD_REPLAY ? (uint32_t)sa->seq - line_rnd((uint32_t)sa->seq) : (uint32_t)sa->seq + 1 + line_rnd(1000000));
	f->n_bad++;
	return n_bytes;
}

static double chance_gap(double mean)
{
	return -log(((double)line_rnd(1u << 30) + 1) / (double)(1u << 30)) * mean;
}

static size_t flow_take(struct port *port, uint8_t *frame)
{
	struct line_flow *f = port->state;
	uint64_t came = line_cycle();
	size_t n_bytes;

	if (!f->feeds)
		return 0;
	if (f->load > 0) {
		if ((double)came < f->next_arrival)
			return 0;
		came = (uint64_t)f->next_arrival;
		f->next_arrival += chance_gap(1 / (line_flow_wire_rate(f) * f->load));
	}
	n_bytes = f->bad ? make_bad(f, frame) : make_good(f, frame, came);
	f->n_sent++;
	f->turn++;
	return n_bytes;
}

static void measure(struct line_flow *f, const struct line_frame *frame, uint64_t cycle)
{
	f->n_out++;
	if (f->n_out < f->n_warm || f->n_out > (uint64_t)f->n_warm + f->n_measured)
		return;
	f->ended = cycle;
	if (f->n_out == f->n_warm) {
		f->began = cycle;
		return;
	}
	f->wan_bits += (frame->wan_bytes + WIRE_GAP_BYTES) * 8;
	if (f->n_latency < LINE_SAMPLES)
		f->latency[f->n_latency++] = (uint32_t)(cycle - frame->came);
}

/* By this port leaves what the other flow put in. */
static enum port_given flow_give(struct port *port, const uint8_t *bytes, size_t n_bytes, uint64_t cycle)
{
	struct line_flow *f = ((struct line_flow *)port->state)->other;
	struct line_frame *frame = f->first;

	if (!frame)
		line_die("%s: a frame that nobody waits for, %zu bytes, cycle %llu", port->face, n_bytes, (unsigned long long)cycle);
	if (n_bytes != frame->n_bytes || memcmp(bytes, frame->bytes, n_bytes) != 0)
		line_die("%s: packet %llu is not what golden says (%zu bytes, not %u)", port->face, (unsigned long long)f->n_out, n_bytes, frame->n_bytes);
	measure(f, frame, cycle);
	f->first = frame->next;
	if (!f->first)
		f->last = NULL;
	free(frame);
	return PORT_SENT;
}

static const struct port_kind flow_kind = { .take = flow_take, .give = flow_give };

void line_flow_init(struct line_flow *f, struct line_world *w, bool is_open)
{
	*f = (struct line_flow){ .is_open = is_open, .world = w };
	f->port = (struct port){ .kind = &flow_kind, .face = is_open ? "wan" : "lan", .state = f };
	f->latency = calloc(LINE_SAMPLES, sizeof(*f->latency));
	if (!f->latency)
		line_die("out of memory");
}

void line_flow_begin(struct line_flow *f)
{
	f->n_sent = f->n_out = f->n_bad = f->began = f->ended = f->wan_bits = 0;
	f->n_latency = f->turn = 0;
	f->next_arrival = (double)line_cycle();
}

bool line_flow_is_measured(const struct line_flow *f)
{
	return !f->feeds || f->bad || f->n_out >= (uint64_t)f->n_warm + f->n_measured;
}
