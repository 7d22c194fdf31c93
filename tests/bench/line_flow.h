// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * A flow is one direction of the card under load: frames made as the port asks for them, what the card must make of each, and when it
 * came out. Frames are plain at lan and sealed by golden at wan; each frame that leaves is compared, byte for byte, with what golden
 * sealed or with what golden's packet held. Bad flows have nothing that may leave.
 *
 *   seal   lan_rx: plain ──► card ──► wan_tx: what golden_seal() makes of it
 *   open   wan_rx: what golden_seal() makes of a plain frame ──► card ──► lan_tx: the plain frame
 *
 * What is measured: n packets in a row, once n_warm have passed; how many cycles from the end of the first to the end of the last; how many
 * bits of the wan wire they are, gaps included; for each the cycles from its arrival to its last word's departure.
 */
#ifndef LINE_FLOW_H
#define LINE_FLOW_H

#include "line_world.h"
#include "port.h"

#define LINE_BITS_PER_KCYCLE 310303u	/* 100GbE at 322.265625 MHz */
#define LINE_MHZ 322.265625
enum { LINE_FCS = 4, LINE_IMIX = 0, LINE_SAMPLES = 8192 };

enum line_bad { LINE_GOOD, LINE_BAD_SPI, LINE_BAD_REPLAY, LINE_BAD_ICV };

struct line_frame {
	struct line_frame *next;
	uint64_t came;			/* cycle */
	uint32_t wan_bytes;		/* of its sealed form */
	uint32_t n_bytes;
	uint8_t bytes[];
};

struct line_flow {
	/* set by the row */
	bool is_open;			/* else seal */
	bool feeds;
	enum line_bad bad;
	unsigned size;			/* of the plain frame with FCS, LINE_IMIX; of a bad one on the wire */
	unsigned n_sas;			/* used, each packet's by chance */
	double load;			/* mean share of the wan wire, arrivals by chance (Poisson); 0: frames always wait */
	unsigned n_warm, n_measured;
	/* the flow's own */
	struct line_world *world;
	struct port port;		/* frames in */
	struct line_flow *other;	/* whose frames leave by this port's face */
	struct line_frame *first, *last;
	double next_arrival;
	unsigned turn;
	uint64_t n_sent, n_out, n_bad;
	uint64_t began, ended;		/* of the measured packets */
	uint64_t wan_bits;
	uint32_t *latency;		/* of the measured packets, cycles */
	unsigned n_latency;
};

void line_flow_init(struct line_flow *f, struct line_world *w, bool is_open);
/** Forget what the last row measured; counts of packets that the card keeps go on. */
void line_flow_begin(struct line_flow *f);
bool line_flow_is_measured(const struct line_flow *f);
/** The wire that limits: packets a cycle that the wan port can carry of this size. */
double line_flow_wire_rate(struct line_flow *f);
/** How long the sealed form of a plain frame of this size (with FCS) is, without FCS. */
size_t line_sealed_bytes(const struct line_flow *f, unsigned size);

extern uint64_t (*line_cycle)(void);

#endif
