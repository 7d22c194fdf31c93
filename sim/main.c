// SPDX-License-Identifier: BSD-2-Clause-Patent
/* adit-sim: the card, its two ports and its host side, and when the clock runs. */
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "card.h"
#include "front_vfio_user.h"
#include "options.h"
#include "port.h"
#include "say.h"

#ifndef SIM_FULL_SIZE
#define SIM_FULL_SIZE 0
#endif

#define SLICE_CYCLES 256u	/* between two looks at the sockets while the card is busy */
#define FIXED_CYCLES 65536u	/* with --deterministic: between two looks at the signals */
#define STUCK_SLEEP_MS 50	/* a card that waits for the host is given some cycles so often */
#define FIXED_STUCK_SLEEP_MS 1000
#define STUCK_CYCLES 1024u

struct sim {
	struct options options;
	struct port *lan, *wan;
	struct front *front;
	struct card *card;
	int signals;
	bool is_over;
	double began_s, awake_s;	/* awake: inside card_run() */
	uint64_t awake_cycles;
};

static double now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static enum card_state run(struct sim *sim, uint64_t max_cycles)
{
	double began_s = now_s();
	uint64_t began_cycle = card_cycles(sim->card);
	enum card_state state = card_run(sim->card, max_cycles);

	sim->awake_s += now_s() - began_s;
	sim->awake_cycles += card_cycles(sim->card) - began_cycle;
	return state;
}

static void print_summary(const struct sim *sim)
{
	struct card_counts c;

	card_count(sim->card, &c);
	say("%llu cycles; lan in %llu out %llu lost %llu; wan in %llu out %llu lost %llu; dma read %llu written %llu refused %llu "
	    "(64-byte words); %llu interrupts; %.3f s, awake %.3f s, %.0f cycles/s; seed %llu",
	    (unsigned long long)c.cycles, (unsigned long long)c.lan.frames_in, (unsigned long long)c.lan.frames_out,
	    (unsigned long long)c.lan.frames_lost, (unsigned long long)c.wan.frames_in, (unsigned long long)c.wan.frames_out,
	    (unsigned long long)c.wan.frames_lost, (unsigned long long)c.dma_read_beats,
	    (unsigned long long)c.dma_write_beats, (unsigned long long)c.dma_refused, (unsigned long long)c.msix,
	    now_s() - sim->began_s, sim->awake_s, sim->awake_s > 0 ? (double)sim->awake_cycles / sim->awake_s : 0.0,
	    (unsigned long long)sim->options.seed);
}

static void print_face(FILE *file, const char *name, const struct card_face_counts *face)
{
	fprintf(file, ", \"%s\": { \"frames_in\": %llu, \"bytes_in\": %llu, \"frames_out\": %llu, \"bytes_out\": %llu, "
		"\"frames_lost\": %llu }", name, (unsigned long long)face->frames_in, (unsigned long long)face->bytes_in,
		(unsigned long long)face->frames_out, (unsigned long long)face->bytes_out,
		(unsigned long long)face->frames_lost);
}

static int write_counts(const struct sim *sim)
{
	const char *path = sim->options.cycles_out;
	struct card_counts c;
	FILE *file;

	if (!path)
		return 0;
	file = fopen(path, "w");
	if (!file) {
		say("--cycles-out %s: %m", path);
		return -1;
	}
	card_count(sim->card, &c);
	fprintf(file, "{ \"cycles\": %llu, \"seed\": %llu", (unsigned long long)c.cycles, (unsigned long long)sim->options.seed);
	print_face(file, "lan", &c.lan);
	print_face(file, "wan", &c.wan);
	fprintf(file, ", \"dma_read_words\": %llu, \"dma_written_words\": %llu, \"dma_refused\": %llu, \"interrupts\": %llu"
		", \"wall_seconds\": %.6f, \"awake_seconds\": %.6f }\n",
		(unsigned long long)c.dma_read_beats, (unsigned long long)c.dma_write_beats, (unsigned long long)c.dma_refused,
		(unsigned long long)c.msix, now_s() - sim->began_s, sim->awake_s);
	if (fclose(file) != 0) {
		say("--cycles-out %s: %m", path);
		return -1;
	}
	return 0;
}

static void take_signal(struct sim *sim)
{
	struct signalfd_siginfo info;

	if (read(sim->signals, &info, sizeof(info)) != (ssize_t)sizeof(info))
		return;
	if (info.ssi_signo == SIGUSR1)
		print_summary(sim);
	else
		sim->is_over = true;
}

/* --deterministic: after each message the card runs until it is idle or waits, however long that takes; answers and
 * interrupts leave only then, so that what the host sees does not depend on when it looks. */
static enum card_state settle_card(struct sim *sim)
{
	struct pollfd signals = { .fd = sim->signals, .events = POLLIN };
	enum card_state state;

	do {
		if (poll(&signals, 1, 0) == 1)
			take_signal(sim);
		state = run(sim, FIXED_CYCLES);
	} while (state == CARD_BUSY && !sim->is_over && !card_fault(sim->card));
	if (state != CARD_BUSY)
		front_fire(sim->front);
	return state;
}

static void settle(void *ctx)
{
	settle_card(ctx);
}

/* Sleep until somebody wants something, at most timeout_ms (-1: for ever), and let them have it. */
static void look_around(struct sim *sim, int timeout_ms)
{
	struct pollfd fds[1 + FRONT_POLL_FDS + 2 * PORT_POLL_FDS];
	unsigned n_front, n_lan, n_wan;
	bool is_woken;
	int n;

	fds[0] = (struct pollfd){ .fd = sim->signals, .events = POLLIN };
	n_front = front_poll_fds(sim->front, fds + 1);
	n_lan = port_poll_fds(sim->lan, fds + 1 + n_front);
	n_wan = port_poll_fds(sim->wan, fds + 1 + n_front + n_lan);
	if (timeout_ms != 0) {
		port_flush(sim->lan);
		port_flush(sim->wan);
	}
	if (sim->is_over)	/* a signal came while the card settled */
		timeout_ms = 0;
	n = poll(fds, 1 + n_front + n_lan + n_wan, timeout_ms);
	if (n <= 0)
		return;
	is_woken = port_polled(sim->lan, fds + 1 + n_front, n_lan);
	is_woken |= port_polled(sim->wan, fds + 1 + n_front + n_lan, n_wan);
	if (is_woken)
		card_wake(sim->card);
	front_polled(sim->front, fds + 1, n_front);
	if (fds[0].revents & POLLIN)
		take_signal(sim);
}

static void live(struct sim *sim)
{
	bool is_fixed = sim->options.is_deterministic;

	while (!sim->is_over && !front_is_dead(sim->front) && !card_fault(sim->card)) {
		enum card_state state = is_fixed ? settle_card(sim) : run(sim, SLICE_CYCLES);
		uint64_t cycles;

		if (state != CARD_BUSY)
			front_fire(sim->front);
		switch (state) {
		case CARD_BUSY:
			look_around(sim, 0);
			break;
		case CARD_IDLE:
			look_around(sim, -1);
			break;
		case CARD_STUCK:	/* asleep, but for a few cycles now and then */
			cycles = card_cycles(sim->card);
			look_around(sim, is_fixed ? FIXED_STUCK_SLEEP_MS : STUCK_SLEEP_MS);
			if (card_cycles(sim->card) == cycles)
				card_nudge(sim->card, STUCK_CYCLES);
			break;
		}
	}
	if (is_fixed && !front_is_dead(sim->front))	/* so that the last count does not tell when the end was asked for */
		(void)run(sim, FIXED_CYCLES);
}

static int open_signals(void)
{
	sigset_t set;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void tell_ready(const struct options *options)
{
	say("seed %llu", (unsigned long long)options->seed);
	printf("adit-sim: ready on %s\n", options->socket);
	fflush(stdout);
	if (options->ready_fd < 0)
		return;
	if (write(options->ready_fd, "\n", 1) != 1)
		say("--ready-fd %d: %m", options->ready_fd);
	close(options->ready_fd);
}

/* The other size is another program beside this one. Returns only on failure. */
static void become_other_size(char **words)
{
	const char *name = SIM_FULL_SIZE ? "adit-sim" : "adit-sim-full";
	char self[PATH_MAX], path[PATH_MAX + 32];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (n < 0) {
		say("/proc/self/exe: %m");
		return;
	}
	self[n] = 0;
	snprintf(path, sizeof(path), "%s/%s", dirname(self), name);
	execv(path, words);
	say("--size: %s: %m", path);
}

static int open_all(struct sim *sim)
{
	struct card_setup setup = {
		.msix = front_msix,
		.seed = sim->options.seed,
		.stall_percent = sim->options.stall_percent,
		.dma_latency_cycles = sim->options.dma_latency_cycles,
		.patience_cycles = SIM_FULL_SIZE ? 1u << 21 : 1u << 16,
		.trace_path = sim->options.trace_path,
		.trace_from = sim->options.trace_from,
		.trace_to = sim->options.trace_to,
	};
	mode_t mask;

	sim->signals = open_signals();
	if (sim->signals < 0) {
		say("signalfd: %m");
		return -1;
	}
	if (!(sim->lan = port_open("lan", sim->options.lan)) || !(sim->wan = port_open("wan", sim->options.wan)) ||
	    !(sim->front = front_open(sim->options.socket)))
		return -1;
	setup.dma = front_dma_calls(sim->front);
	setup.lan = sim->lan;
	setup.wan = sim->wan;
	mask = umask(077);	/* the waveform, and what its writer puts beside it, hold the keys */
	sim->card = card_open(&setup);
	(void)umask(mask);
	if (!sim->card)
		return -1;
	front_serve(sim->front, sim->card, sim->options.is_deterministic ? settle : NULL, sim);
	return 0;
}

static int run_all(struct sim *sim)
{
	int status = 1;

	if (sim->options.is_verbose)
		say_set_verbose();
	sim->began_s = now_s();
	if (open_all(sim) == 0) {
		tell_ready(&sim->options);
		live(sim);
		print_summary(sim);
		status = write_counts(sim) != 0 || front_is_dead(sim->front) || card_fault(sim->card);
	}
	front_close(sim->front);
	card_close(sim->card);
	port_close(sim->lan);
	port_close(sim->wan);
	return status;
}

/* A copy of the words: getopt sorts them and options.c cuts them, and another size wants them as they were. */
static char **copy_words(int argc, char **argv)
{
	char **copy = calloc((size_t)argc + 1, sizeof(*copy));

	for (int i = 0; copy && i < argc; i++)
		copy[i] = strdup(argv[i]);
	return copy;
}

static void free_words(char **words)
{
	for (char **word = words; word && *word; word++)
		free(*word);
	free(words);
}

int main(int argc, char **argv)
{
	static struct sim sim;
	char **words = copy_words(argc, argv);
	int status = 1;

	if (options_read(&sim.options, argc, argv, SIM_FULL_SIZE) != 0)
		status = 2;
	else if (sim.options.is_full == SIM_FULL_SIZE)
		status = run_all(&sim);
	else if (words)
		become_other_size(words);
	free_words(words);
	return status;
}
