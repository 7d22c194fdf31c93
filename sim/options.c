// SPDX-License-Identifier: BSD-2-Clause-Patent
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adit_regs.h"
#include "card.h"
#include "say.h"

static const char help[] =
"NAME\n"
"       adit-sim - the adit IPsec card, simulated, as a PCIe device on a socket\n"
"\n"
"SYNOPSIS\n"
"       adit-sim --socket PATH [--lan PORT] [--wan PORT] [--size dev|full]\n"
"                [--seed N] [--stall PERCENT] [--dma-latency CYCLES] [--deterministic]\n"
"                [--trace FILE.fst[,START,END]] [--cycles-out FILE] [--ready-fd N]\n"
"                [--front vfio-user] [--verbose]\n"
"\n"
"DESCRIPTION\n"
"       Runs the card's RTL (Verilator) behind a vfio-user socket. A driver opens it as\n"
"       sim:PATH. One client at a time; when it leaves, its memory is unmapped and the card\n"
"       is reset, keys zeroed, and the next client may connect. Time passes only while the\n"
"       card has something to do; an idle card sleeps.\n"
"\n"
"OPTIONS\n"
"       --socket PATH\n"
"              Listen here. A socket that a live process uses is left alone; one that a\n"
"              dead process left is replaced.\n"
"       --lan PORT, --wan PORT\n"
"              What the card's two Ethernet ports are plugged into. PORT is one of\n"
"              none              nothing (the default); frames sent are counted and gone\n"
"              pcap:[IN][,OUT]   frames of IN are sent into the card back to back, as fast\n"
"                                as it takes them, once CTRL.enable is set; what it sends\n"
"                                is written to OUT, stamped with simulated time (4 ns a\n"
"                                cycle). Either may be missing: pcap:IN and pcap:,OUT.\n"
"              unix:PATH         a SEQPACKET socket, one packet one frame. Connects if\n"
"                                somebody listens at PATH, else listens there; the peer may\n"
"                                come and go. Two cards are joined by giving both the same\n"
"                                --wan unix:PATH.\n"
"              tap:NAME          a TAP interface, made if need be and brought up\n"
"              if:NAME           an existing interface (AF_PACKET, promiscuous)\n"
"       --size dev|full\n"
"              The small card for daily work, or the fully unrolled one (adit-sim-full,\n"
"              which must stand beside this program).\n"
"       --seed N\n"
"              Decides everything random: DMA latencies, stalls. Default 1. Same seed, same\n"
"              inputs, same cycles (see --deterministic).\n"
"       --stall PERCENT\n"
"              Hold back each ready and valid that the card sees from its surroundings in\n"
"              so many cycles of a hundred, 0 .. 99. Default 0.\n"
"       --dma-latency CYCLES\n"
"              A burst to host memory is answered after CYCLES to twice CYCLES, 0 .. 10000.\n"
"              Default 32.\n"
"       --deterministic\n"
"              The host's messages and the ports' frames are taken one at a time, when the\n"
"              card is idle or has waited long for the host; answers are sent,\n"
"              and interrupts signalled, only then. A host that waits for answers and\n"
"              interrupts sees the same run each time.\n"
"       --trace FILE.fst[,START,END]\n"
"              Write a waveform for GTKWave: cycles START up to END - 1, counted from 0 at\n"
"              start, or all from the moment the host opens the ports (CTRL.enable). The\n"
"              keys are in it.\n"
"       --cycles-out FILE\n"
"              At the end write the counts as one JSON object.\n"
"       --ready-fd N\n"
"              Write a newline to descriptor N and close it once clients can connect.\n"
"       --front vfio-user\n"
"              How the host reaches the card.\n"
"       --verbose\n"
"              Say what clients and peers do.\n"
"       --help, --version\n"
"\n"
"OUTPUT\n"
"       Once clients can connect, \"adit-sim: ready on PATH\" on standard output. On SIGUSR1,\n"
"       and at the end, a line with cycles, frames and speed on standard error.\n"
"\n"
"EXIT STATUS\n"
"       0 after SIGTERM or SIGINT, with captures and waveform closed; 1 if something could not\n"
"       be opened, or the card failed (it broke a bus protocol, or does not leave reset);\n"
"       2 for a command line that makes no sense.\n"
"\n"
"EXAMPLE\n"
"       adit-sim --socket a.sock --lan tap:lan0 --wan unix:wire.sock &\n"
"       adit-sim --socket b.sock --lan tap:lan1 --wan unix:wire.sock &\n";

enum { OPT_SOCKET = 256, OPT_LAN, OPT_WAN, OPT_SIZE, OPT_SEED, OPT_STALL, OPT_DMA_LATENCY, OPT_DETERMINISTIC, OPT_TRACE,
       OPT_CYCLES_OUT, OPT_READY_FD, OPT_FRONT, OPT_VERBOSE, OPT_HELP, OPT_VERSION };

static const struct option words[] = {
	{ "socket", required_argument, NULL, OPT_SOCKET },
	{ "lan", required_argument, NULL, OPT_LAN },
	{ "wan", required_argument, NULL, OPT_WAN },
	{ "size", required_argument, NULL, OPT_SIZE },
	{ "seed", required_argument, NULL, OPT_SEED },
	{ "stall", required_argument, NULL, OPT_STALL },
	{ "dma-latency", required_argument, NULL, OPT_DMA_LATENCY },
	{ "deterministic", no_argument, NULL, OPT_DETERMINISTIC },
	{ "trace", required_argument, NULL, OPT_TRACE },
	{ "cycles-out", required_argument, NULL, OPT_CYCLES_OUT },
	{ "ready-fd", required_argument, NULL, OPT_READY_FD },
	{ "front", required_argument, NULL, OPT_FRONT },
	{ "verbose", no_argument, NULL, OPT_VERBOSE },
	{ "help", no_argument, NULL, OPT_HELP },
	{ "version", no_argument, NULL, OPT_VERSION },
	{ NULL, 0, NULL, 0 },
};

/* A number and nothing else, 0 .. max. *end is where it stops; a NULL end: it must be the whole text. */
static int read_number(const char *option, const char *text, const char **end, uint64_t max, uint64_t *value)
{
	char *stop;

	errno = 0;
	*value = strtoull(text, &stop, 0);
	if (stop == text || text[0] == '-' || text[0] == '+' || (!end && *stop) || errno || *value > max) {
		say("--%s %s: a number from 0 to %llu is wanted", option, text, (unsigned long long)max);
		return -1;
	}
	if (end)
		*end = stop;
	return 0;
}

/* FILE[,START,END]: the last two commas count only if numbers follow them. */
static int read_trace(struct options *options, char *text)
{
	char *second = strrchr(text, ','), *first;
	const char *end;

	options->trace_path = text;
	options->trace_from = CARD_TRACE_FROM_ENABLE;
	options->trace_to = UINT64_MAX;
	if (!second)
		return 0;
	*second = 0;
	first = strrchr(text, ',');
	if (!first) {
		*second = ',';
		say("--trace %s: FILE.fst or FILE.fst,START,END is wanted", text);
		return -1;
	}
	*first = 0;
	if (read_number("trace", first + 1, &end, UINT64_MAX, &options->trace_from) != 0 ||
	    read_number("trace", second + 1, NULL, UINT64_MAX, &options->trace_to) != 0)
		return -1;
	if (*end || options->trace_from >= options->trace_to) {
		say("--trace %s: START %s and END %s are not a window", text, first + 1, second + 1);
		return -1;
	}
	return 0;
}

static int read_option(struct options *options, int option, char *text)
{
	uint64_t number = 0;

	switch (option) {
	case OPT_SOCKET: options->socket = text; return 0;
	case OPT_LAN: options->lan = text; return 0;
	case OPT_WAN: options->wan = text; return 0;
	case OPT_CYCLES_OUT: options->cycles_out = text; return 0;
	case OPT_DETERMINISTIC: options->is_deterministic = true; return 0;
	case OPT_VERBOSE: options->is_verbose = true; return 0;
	case OPT_TRACE: return read_trace(options, text);
	case OPT_SEED: return read_number("seed", text, NULL, UINT64_MAX, &options->seed);
	case OPT_STALL:
		if (read_number("stall", text, NULL, 99, &number) != 0)
			return -1;
		options->stall_percent = (unsigned)number;
		return 0;
	case OPT_DMA_LATENCY:
		if (read_number("dma-latency", text, NULL, 10000, &number) != 0)
			return -1;
		options->dma_latency_cycles = (unsigned)number;
		return 0;
	case OPT_READY_FD:
		if (read_number("ready-fd", text, NULL, INT32_MAX, &number) != 0)
			return -1;
		options->ready_fd = (int)number;
		return 0;
	case OPT_SIZE:
		options->is_full = strcmp(text, "full") == 0;
		if (options->is_full || strcmp(text, "dev") == 0)
			return 0;
		say("--size %s: dev or full is wanted", text);
		return -1;
	case OPT_FRONT:
		if (strcmp(text, "vfio-user") == 0)
			return 0;
		say("--front %s: not available; this build has vfio-user", text);
		return -1;
	case OPT_HELP:
		fputs(help, stdout);
		exit(0);
	case OPT_VERSION:
		printf("adit-sim, contract %u.%u\n", ADIT_REG_VERSION_MAJOR_RESET, ADIT_REG_VERSION_MINOR_RESET);
		exit(0);
	default:	/* getopt has said what it dislikes */
		return -1;
	}
}

int options_read(struct options *options, int argc, char **argv, bool is_full_build)
{
	int option;

	*options = (struct options){ .lan = "none", .wan = "none", .seed = 1, .dma_latency_cycles = 32, .ready_fd = -1,
				     .is_full = is_full_build };
	optind = 1;
	while ((option = getopt_long(argc, argv, "", words, NULL)) != -1)
		if (read_option(options, option, optarg) != 0)
			return -1;
	if (optind < argc) {
		say("%s: options only; see --help", argv[optind]);
		return -1;
	}
	if (!options->socket) {
		say("--socket PATH is missing; see --help");
		return -1;
	}
	return 0;
}
