// SPDX-License-Identifier: BSD-2-Clause-Patent
/* What the command line says. */
#ifndef SIM_OPTIONS_H
#define SIM_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

struct options {
	const char *socket, *lan, *wan;
	const char *trace_path;
	uint64_t trace_from, trace_to;
	const char *cycles_out;
	uint64_t seed;
	unsigned stall_percent, dma_latency_cycles;
	int ready_fd;		/* -1: none */
	bool is_full, is_deterministic, is_verbose;
};

/**
 * Read the command line. --help and --version print and end the process with 0.
 *
 * @param is_full_build what --size is when it is not given
 * @return 0; -1 after a line on stderr
 */
int options_read(struct options *options, int argc, char **argv, bool is_full_build);

#endif
