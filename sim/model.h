// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * The Verilated card, bare: pins and a clock. The only room that speaks C++ (model.cpp), because Verilator does.
 *
 * One clock cycle is: the pins that the card reads are set; model_settle(); the pins that it drives are read (they may
 * depend on those just set); model_edge(). Whoever drives pins must not let them depend on the card's in the same cycle.
 */
#ifndef SIM_MODEL_H
#define SIM_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define MODEL_WORD_BYTES 64u	/* of AXI4 and of the streams; byte i of a word is byte i of its data */

/** An AXI4-Stream, either direction. data: 64 bytes; keep: bit i for byte i. */
struct stream_pins {
	uint8_t *valid, *ready, *last;
	uint64_t *keep;
	uint8_t *data;
};

struct axil_pins {
	uint16_t *awaddr, *araddr;
	uint8_t *awvalid, *awready, *wstrb, *wvalid, *wready, *bresp, *bvalid, *bready;
	uint8_t *arvalid, *arready, *rresp, *rvalid, *rready;
	uint32_t *wdata, *rdata;
};

struct axi_pins {
	uint64_t *awaddr, *araddr, *wstrb;
	uint8_t *awlen, *awsize, *awburst, *awid, *awvalid, *awready;
	uint8_t *wdata, *wlast, *wvalid, *wready;
	uint8_t *bresp, *bid, *bvalid, *bready;
	uint8_t *arlen, *arsize, *arburst, *arid, *arvalid, *arready;
	uint8_t *rdata, *rresp, *rid, *rlast, *rvalid, *rready;
};

struct model_pins {
	uint8_t *rst_n, *busy;
	uint8_t *irq_valid, *irq_ready, *irq_vector;
	struct axil_pins axil;
	struct axi_pins axi;
	struct stream_pins lan_rx, lan_tx, wan_rx, wan_tx;	/* rx: into the card */
};

struct model;

/** A card in reset, all inputs 0. Never fails: Verilator ends the process when memory runs out. */
struct model *model_open(void);
void model_close(struct model *model);

/** Pointers into the model; they live as long as it does. */
const struct model_pins *model_pins(struct model *model);

/**
 * Write a waveform (FST) of the cycles from .. to - 1. Keys and plaintext are in it.
 * @return false if this build has no tracing
 */
bool model_trace(struct model *model, const char *path, uint64_t from, uint64_t to);
/** A waveform from UINT64_MAX begins now. */
void model_trace_begin(struct model *model);

/** Whether this build can trace. */
bool model_can_trace(void);

/** Let the inputs set since the last edge work through to the outputs. From here to the edge no input changes. */
void model_settle(struct model *model);

/** The rising clock edge. */
void model_edge(struct model *model);

/** All registers and memories of the card as the model keeps them, for tests that look for keys; valid until the next call. */
const void *model_state(const struct model *model, size_t *n_bytes);

/** Rising edges so far. */
uint64_t model_cycles(const struct model *model);

#ifdef __cplusplus
}
#endif
#endif
