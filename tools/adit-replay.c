// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * adit-replay: captures through the card. A configuration is loaded through the real driver, frames go in by lan, wan
 * and host, what leaves by each face is written to captures, and every packet's fate is told.
 */
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/harden.h"
#include "base/version.h"
#include "control/words.h"
#include "replay_pcap.h"
#include "replay_sim.h"
#include "replay_slow.h"
#include "replay_summary.h"

#define SILENCE_MS 60000	/* that long without a verdict while some are missing: the card is stuck */
#define QUIET_MS 500		/* with a card that is not ours: that long without an event is quiet */
#define TX_ENTRIES 1024u
#define RX_ENTRIES 1024u
#define SLICE_CYCLES 60000u	/* a read that took so many was answered by a card that is still busy */
#define MAX_EVT_ENTRIES 32768u

struct replay {
	const char *config_path, *lan_path, *wan_path, *host_path, *out_folder, *card_name;
	struct replay_sim_options sim_options;
	bool as_json;
	struct config *config;
	struct replay_frames lan, wan, host;
	size_t n_wanted;		/* verdicts */
	size_t n_sent;			/* of the host's frames */
	struct replay_sim sim;
	struct adit_card *card;
	struct offload *offload;
	struct replay_slow slow;
	struct words_view view;
	struct host_counters counters;
	struct replay_out host_out;
	struct adit_event *verdicts;
	size_t n_verdicts, room;
	bool has_failed;		/* an event told so */
	uint64_t n_events, cycles_before, cycles_after;
};

/* ---- what the card says */

static void on_event(void *arg, const struct adit_event *event)
{
	struct replay *replay = arg;

	replay->n_events++;
	if (event->kind == ADIT_EV_RING_FAULT) {
		fprintf(stderr, "adit-replay: the card's ring %u stopped on a fault\n", event->ring);
		replay->has_failed = true;
	}
	if (event->kind == ADIT_EV_ACQUIRE)
		replay->counters.acquires++;
	if (event->kind != ADIT_EV_VERDICT)
		return;
	if (replay->n_verdicts == replay->room) {
		size_t room = replay->room ? 2 * replay->room : 1024;
		struct adit_event *grown = reallocarray(replay->verdicts, room, sizeof(*grown));

		if (!grown) {
			replay->has_failed = true;
			return;
		}
		replay->verdicts = grown;
		replay->room = room;
	}
	replay->verdicts[replay->n_verdicts++] = *event;
}

static void on_rx(void *arg, const struct adit_rx_packet *packet)
{
	struct replay *replay = arg;

	replay->counters.rx_packets++;
	replay_slow_take(&replay->slow, packet);
}

static void to_host(void *arg, const uint8_t *frame, size_t frame_bytes)
{
	struct replay *replay = arg;

	replay_out_put(&replay->host_out, frame, frame_bytes);
}

static bool no_reload(void *arg, bool is_dry, json_object *result, json_object *errors)
{
	(void)arg;
	(void)is_dry;
	(void)result;
	(void)errors;
	return false;
}

static void card_failed(void *arg)
{
	struct replay *replay = arg;

	replay->has_failed = true;
}

/* ---- the run */

static bool read_inputs(struct replay *replay)
{
	struct diag diag;

	diag_open(&diag, replay->config_path);
	replay->config = config_load(replay->config_path, &diag);
	for (size_t i = 0; i < diag.n_entries; i++) {	/* warnings are aditd's to give */
		char line[1024];

		diag_format(&diag, i, line, sizeof(line));
		if (!diag.entries[i].is_warning)
			fprintf(stderr, "%s\n", line);
	}
	diag_close(&diag);
	if (!replay->config)
		return false;
	if (replay->lan_path && replay->config->nic) {
		fprintf(stderr, "adit-replay: mode nic takes its plaintext from the host: --host instead of --lan\n");
		return false;
	}
	if ((replay->lan_path && !replay_read(replay->lan_path, &replay->lan)) ||
	    (replay->wan_path && !replay_read(replay->wan_path, &replay->wan)) ||
	    (replay->host_path && !replay_read(replay->host_path, &replay->host)))
		return false;
	replay->n_wanted = replay->lan.n_frames + replay->wan.n_frames + replay->host.n_frames;
	return true;
}

static bool is_same_file(const char *a, const char *b)
{
	struct stat x, y;

	return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

/* A capture that is read must not be one that is written: it would be lost. */
static bool keep_inputs(const struct replay *replay)
{
	static const char *const faces[] = { "lan", "wan", "host" };
	const char *inputs[] = { replay->lan_path, replay->wan_path, replay->host_path };
	char path[PATH_MAX];

	for (size_t i = 0; i < 9; i++) {
		(void)snprintf(path, sizeof(path), "%s/%s.pcap", replay->out_folder, faces[i % 3]);
		if (inputs[i / 3] && is_same_file(inputs[i / 3], path)) {
			fprintf(stderr, "adit-replay: %s: would be overwritten by what leaves by %s: choose another --out\n",
				inputs[i / 3], faces[i % 3]);
			return false;
		}
	}
	return true;
}

/* mkdir -p, for the last component only: a whole path that is missing is more likely a slip. */
static bool make_outputs(struct replay *replay)
{
	char path[PATH_MAX];

	if (mkdir(replay->out_folder, 0755) != 0 && errno != EEXIST) {
		fprintf(stderr, "adit-replay: %s: %s\n", replay->out_folder, strerror(errno));
		return false;
	}
	if (!keep_inputs(replay))
		return false;
	(void)snprintf(path, sizeof(path), "%s/host.pcap", replay->out_folder);
	return replay_out_open(path, &replay->host_out);
}

/* So large an event ring that the card need not wait for us: then the run is the same each time. */
static uint32_t event_entries(size_t n_wanted)
{
	uint32_t entries = 1024;

	while (entries < MAX_EVT_ENTRIES && entries < n_wanted + 512)
		entries *= 2;
	return entries;
}

static bool open_card(struct replay *replay)
{
	struct adit_open_options options = { .evt_entries = event_entries(replay->n_wanted), .tx_entries = TX_ENTRIES, .rx_entries = RX_ENTRIES,
					     .timeout_ms = 60000 };
	struct offload_changes changes;
	char why[OFFLOAD_WHY_BYTES] = "";
	struct plan *plan;
	int rc = adit_card_open(replay->card_name, &options, &replay->card, why, sizeof(why));

	if (rc < 0) {
		replay->card = NULL;
		fprintf(stderr, "adit-replay: card %s\n", *why ? why : strerror(-rc));	/* why begins with its name */
		return false;
	}
	adit_card_on_event(replay->card, on_event, replay);
	adit_card_on_rx(replay->card, on_rx, replay);
	replay->offload = offload_open(replay->card);
	plan = plan_make(replay->config, adit_card_caps(replay->card)->replay_packets);
	if (!replay->offload || !plan || !replay_slow_open(&replay->slow, replay->config, replay->card, replay->offload, to_host, replay)) {
		plan_free(plan);
		return false;
	}
	replay->offload->fixed_now_seconds = 1;	/* the card's time too is the same each time */
	plan->has_limits = false;		/* and no packet's fate hangs on when the host reads */
	plan->mode.verdicts = true;
	rc = offload_apply(replay->offload, plan, false, &changes, why);
	plan_free(plan);
	if (rc < 0)
		fprintf(stderr, "adit-replay: %s: %s\n", replay->config_path, *why ? why : strerror(-rc));
	return rc == 0;
}

static uint64_t now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* As many of the host's frames as the ring takes, with one doorbell. @return how many, or a negative errno after a line. */
static int send_host(struct replay *replay, size_t first)
{
	struct adit_tx_packet packets[TX_ENTRIES];
	unsigned n = 0;
	int sent;

	while (n < TX_ENTRIES && first + n < replay->host.n_frames) {
		uint32_t n_bytes = replay->host.frame_bytes[first + n];

		if (n_bytes < 14 || n_bytes > adit_card_caps(replay->card)->frame_bytes) {
			fprintf(stderr, "adit-replay: %s: frame %zu has %u bytes; the host sends 14 .. %u\n",
				replay->host_path, first + n, n_bytes, adit_card_caps(replay->card)->frame_bytes);
			return -EMSGSIZE;
		}
		packets[n] = (struct adit_tx_packet){ .bytes = replay->host.frames[first + n], .n_bytes = (uint16_t)n_bytes,
						      .dest = ADIT_DEST_FROM_LAN };
		n++;
	}
	sent = adit_tx(replay->card, packets, n);
	if (sent == -EAGAIN)
		return 0;
	if (sent < 0)
		fprintf(stderr, "adit-replay: host frame %zu: %s\n", first, adit_card_strerror(replay->card));
	else
		replay->counters.tx_packets += (unsigned)sent;
	return sent;
}

/*
 * Let the card work. A private card is deterministic: it answers a read when it is idle or after SLICE_CYCLES, so frames
 * are let through by reading, without a word in between that would fall at another point each time; events and packets
 * are taken once it is idle. The rings must have room for all of them: what has too many frames is done piecemeal.
 */
static bool let_work(struct replay *replay)
{
	struct pollfd fd = { .fd = adit_card_fd(replay->card), .events = POLLIN };
	bool is_piecemeal = replay->n_wanted > RX_ENTRIES;
	uint64_t before = 0, after = 0;
	int n = 0;

	if (replay->sim.pid < 0)
		(void)poll(&fd, 1, 100);
	else
		n = adit_card_cycles(replay->card, &after);
	while (replay->sim.pid > 0 && n == 0 && !is_piecemeal && after - before >= SLICE_CYCLES) {
		before = after;
		n = adit_card_cycles(replay->card, &after);
	}
	if (n == 0)
		n = adit_card_poll(replay->card, 65536);
	if (n < 0)
		fprintf(stderr, "adit-replay: card: %s\n", adit_card_strerror(replay->card));
	return n >= 0;
}

/* Host frames in, verdicts out, until every frame has its verdict, or (a card that is not ours) until it is quiet. */
static bool pump(struct replay *replay)
{
	uint64_t heard_ms = now_ms(), n_heard = replay->n_events;

	for (;;) {
		bool is_done = !replay->slow.first && replay->n_sent == replay->host.n_frames && replay->n_verdicts >= replay->n_wanted;
		uint64_t silence_ms = now_ms() - heard_ms;
		int n;

		if (is_done && (replay->sim.pid > 0 || silence_ms >= QUIET_MS))
			return true;
		if (replay->has_failed || replay->slow.has_failed)
			return false;
		if (silence_ms >= SILENCE_MS) {
			fprintf(stderr, "adit-replay: the card fell silent: %zu verdicts for %zu frames\n", replay->n_verdicts,
				replay->n_wanted);
			return false;
		}
		n = replay_slow_send(&replay->slow, replay->card, &replay->n_wanted);
		if (n < 0) {
			fprintf(stderr, "adit-replay: card: %s\n", adit_card_strerror(replay->card));
			return false;
		}
		replay->counters.tx_packets += (unsigned)n;
		if (replay->n_sent < replay->host.n_frames) {
			n = send_host(replay, replay->n_sent);
			if (n < 0)
				return false;
			replay->n_sent += (unsigned)n;
			heard_ms = n ? now_ms() : heard_ms;
		}
		if (!let_work(replay))
			return false;
		if (replay->n_events != n_heard)
			heard_ms = now_ms();
		n_heard = replay->n_events;
	}
}

static bool run(struct replay *replay)
{
	if (adit_card_cycles(replay->card, &replay->cycles_before) < 0 || adit_card_enable(replay->card, true) < 0) {
		fprintf(stderr, "adit-replay: card: %s\n", adit_card_strerror(replay->card));
		return false;
	}
	/* A read is answered when the card is idle: what still was on its way to the host is there after it. What of that the slow
	 * path sends back into the card goes round once more. */
	do {
		if (!pump(replay))
			return false;
		if (adit_card_cycles(replay->card, &replay->cycles_after) < 0 || adit_card_poll(replay->card, 65536) < 0) {
			fprintf(stderr, "adit-replay: card: %s\n", adit_card_strerror(replay->card));
			return false;
		}
	} while (replay->slow.first);
	return true;
}

/* ---- the end */

static json_object *collect(struct replay *replay)
{
	const char *seed = replay->sim_options.seed;
	const struct replay_summary summary = {
		.view = &replay->view, .verdicts = replay->verdicts, .n_verdicts = replay->n_verdicts,
		.cycles_before = replay->cycles_before, .cycles_after = replay->cycles_after,
		.card = replay->sim.pid > 0 ? "private" : replay->card_name, .seed = replay->sim.pid > 0 ? (seed ? seed : "1") : NULL
	};

	return replay->has_failed ? NULL : replay_summary(&summary);
}

static bool add_file(json_object *files, const char *face, const char *folder)
{
	json_object *object = json_object_new_object();
	struct replay_frames frames;
	char path[PATH_MAX];
	bool is_good;

	(void)snprintf(path, sizeof(path), "%s/%s.pcap", folder, face);
	is_good = replay_read(path, &frames);
	json_object_object_add(object, "face", json_object_new_string(face));
	json_object_object_add(object, "path", json_object_new_string(path));
	json_object_object_add(object, "frames", json_object_new_uint64(frames.n_frames));
	json_object_array_add(files, object);
	replay_free(&frames);
	return is_good;
}

static int replay_all(struct replay *replay)
{
	json_object *summary = NULL, *files = json_object_new_array();
	bool is_good = read_inputs(replay) && make_outputs(replay), has_sim;

	replay->sim.pid = -1;
	if (is_good && !replay->card_name) {
		is_good = replay_sim_start(&replay->sim_options, &replay->sim);
		replay->card_name = replay->sim.where;
	}
	has_sim = replay->sim.pid > 0;
	is_good = is_good && open_card(replay);
	if (is_good) {
		replay->view = (struct words_view){ .config = replay->config, .offload = replay->offload,
			.card = replay->card, .card_name = replay->card_name, .counters = &replay->counters,
			.slowpath = slowpath_counts(replay->slow.slowpath), .reload = no_reload, .card_failed = card_failed, .arg = replay };
		is_good = run(replay);
	}
	if (is_good)
		summary = collect(replay);
	if (has_sim && !replay_sim_stop(&replay->sim)) {	/* before the card is closed: that would only reset it */
		fprintf(stderr, "adit-replay: adit-sim failed: see %s\n", replay->sim.log_path);
		is_good = false;
	}
	if (replay->card)
		adit_card_close(replay->card, !has_sim);
	if (replay->host_out.dumper && !replay_out_close(&replay->host_out))
		is_good = false;
	if (summary) {
		if (has_sim)
			is_good &= add_file(files, "lan", replay->out_folder) && add_file(files, "wan", replay->out_folder);
		is_good &= add_file(files, "host", replay->out_folder);
		json_object_object_add(summary, "files", json_object_get(files));
		if (replay->as_json)
			puts(json_object_to_json_string_ext(summary, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED |
							    JSON_C_TO_STRING_NOSLASHESCAPE));
		else
			replay_summary_print(summary);
	}
	is_good = is_good && summary;
	json_object_put(summary);
	json_object_put(files);
	offload_close(replay->offload);
	replay_slow_close(&replay->slow);
	config_free(replay->config);
	replay_free(&replay->lan);
	replay_free(&replay->wan);
	replay_free(&replay->host);
	free(replay->verdicts);
	return is_good ? 0 : 1;
}

/* ---- the command line */

static const char usage[] =
	"usage: adit-replay -c FILE [--lan IN.pcap] [--wan IN.pcap] [--host IN.pcap] --out DIR [OPTION...]\n"
	"  -c, --config FILE   aditd's configuration; manual SAs and policies are loaded\n"
	"      --lan, --wan    frames to send in at that port\n"
	"      --host          frames that the host sends as if they came from the plaintext side\n"
	"      --out DIR       lan.pcap, wan.pcap and host.pcap: what left by each face; sim.log\n"
	"      --json          the summary as JSON\n"
	"      --card CARD     use this card (sim:PATH) instead of a private one; its ports are not touched\n"
	"      --trace FILE    waveform (FST) of the run; it holds the keys\n"
	"      --seed N        for the simulated surroundings (default 1): same seed, same inputs, same cycles\n"
	"      --size dev|full size of the private card\n"
	"exit status: 0 the run was completed, 1 it was not, 2 usage\n";

static bool parse(int argc, char **argv, struct replay *replay)
{
	enum { OPT_LAN = 256, OPT_WAN, OPT_HOST, OPT_OUT, OPT_JSON, OPT_CARD, OPT_TRACE, OPT_SEED, OPT_SIZE };
	static const struct option longs[] = {
		{ "config", required_argument, NULL, 'c' }, { "lan", required_argument, NULL, OPT_LAN },
		{ "wan", required_argument, NULL, OPT_WAN }, { "host", required_argument, NULL, OPT_HOST },
		{ "out", required_argument, NULL, OPT_OUT }, { "json", no_argument, NULL, OPT_JSON },
		{ "card", required_argument, NULL, OPT_CARD }, { "trace", required_argument, NULL, OPT_TRACE },
		{ "seed", required_argument, NULL, OPT_SEED }, { "size", required_argument, NULL, OPT_SIZE },
		{ NULL, 0, NULL, 0 }
	};
	int opt;

	while ((opt = getopt_long(argc, argv, "c:", longs, NULL)) != -1) {
		switch (opt) {
		case 'c':
			replay->config_path = optarg;
			break;
		case OPT_LAN:
			replay->lan_path = replay->sim_options.lan = optarg;
			break;
		case OPT_WAN:
			replay->wan_path = replay->sim_options.wan = optarg;
			break;
		case OPT_HOST:
			replay->host_path = optarg;
			break;
		case OPT_OUT:
			replay->out_folder = replay->sim_options.out_folder = optarg;
			break;
		case OPT_JSON:
			replay->as_json = true;
			break;
		case OPT_CARD:
			replay->card_name = optarg;
			break;
		case OPT_TRACE:
			replay->sim_options.trace = optarg;
			break;
		case OPT_SEED:
			replay->sim_options.seed = optarg;
			break;
		case OPT_SIZE:
			replay->sim_options.size = optarg;
			break;
		default:
			return false;
		}
	}
	return optind == argc && replay->config_path && replay->out_folder;
}

static bool check_options(const struct replay *replay)
{
	const char *paths[] = { replay->lan_path, replay->wan_path, replay->out_folder };
	uint64_t seed;

	if (replay->card_name && (replay->lan_path || replay->wan_path || replay->sim_options.trace ||
				  replay->sim_options.seed || replay->sim_options.size)) {
		fprintf(stderr, "adit-replay: --lan, --wan, --trace, --seed and --size are for a private card, not for --card\n");
		return false;
	}
	if (replay->sim_options.seed && !text_get_u64(replay->sim_options.seed, &seed)) {
		fprintf(stderr, "adit-replay: --seed %s: wants a number\n", replay->sim_options.seed);
		return false;
	}
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		if (paths[i] && strchr(paths[i], ',')) {
			fprintf(stderr, "adit-replay: %s: paths of captures hold no comma\n", paths[i]);
			return false;
		}
	}
	return true;
}

int main(int argc, char **argv)
{
	struct replay replay = { 0 };

	if (argc == 2 && strcmp(argv[1], "--help") == 0) {
		fputs(usage, stdout);
		return 0;
	}
	if (argc == 2 && strcmp(argv[1], "--version") == 0) {
		puts("adit-replay " ADIT_VERSION);
		return 0;
	}
	if (!parse(argc, argv, &replay)) {
		fputs(usage, stderr);
		return 2;
	}
	if (!check_options(&replay))
		return 2;
	harden_process();
	return replay_all(&replay);
}
