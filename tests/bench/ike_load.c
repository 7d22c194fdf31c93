// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * A thousand peers brought up on one engine by another, both in this process: phase 1 in main mode with secrets, and one child each. All
 * is real but the wire, which is a queue, and the card, which grants at once. Printed, medians over repeats: set-ups per second of CPU time
 * of each side alone, and bytes of heap that a peer holds there once it stands.
 *
 *   ike_load [peers [repeats]]
 *
 * The hub (responder) knows each peer by its address; the other engine plays them all, by a policy and a local address each.
 */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "crypto/hash.h"
#include "sa/ike.h"

enum { SIDES = 2, INITIATOR_SIDE = 0, HUB_SIDE = 1, QUEUE_ROOM = 1 << 16, REPEATS_MOST = 31, TEXT_ROOM = 1 << 20 };

struct load;
struct side {
	struct load *load;
	unsigned which;
	struct pool *pool;
	struct config *config;
	struct ike *ike;
	double cpu_seconds;
	size_t heap_bytes;
	unsigned n_installed;
	struct { uint32_t id; enum child_stage stage; } *asked;
	unsigned n_asked;
};
struct datagram {
	struct ike_path path;
	uint8_t *bytes;
	size_t n;
	unsigned to;
};
struct load {
	struct side sides[SIDES];
	struct datagram *queue;		/* a ring */
	size_t head, tail;
	int64_t now_ms;
	unsigned n_peers;
};
struct suite {
	const char *group, *enc, *hash;
};
struct result {
	double per_second[SIDES], bytes[SIDES];
};

static void check(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "ike_load: %s\n", what);
	exit(1);
}

static double cpu_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* ---- what the engines ask for */

static void on_send(void *arg, const struct ike_path *path, const uint8_t *bytes, size_t n_bytes)
{
	struct side *side = arg;
	struct load *load = side->load;
	struct datagram *at = &load->queue[load->tail++ % QUEUE_ROOM];

	check(load->tail - load->head < QUEUE_ROOM, "too many datagrams under way");
	*at = (struct datagram){ .path = { .local = path->remote, .remote = path->local, .is_natt = path->is_natt }, .n = n_bytes, .to = 1 - side->which };
	at->bytes = malloc(n_bytes);
	check(at->bytes != NULL, "no memory");
	memcpy(at->bytes, bytes, n_bytes);
}

static void on_install(void *arg, const struct child_spec *spec, enum child_stage stage)
{
	struct side *side = arg;

	side->n_installed += stage == CHILD_OUTBOUND;
	side->asked[side->n_asked].id = spec->id;
	side->asked[side->n_asked++].stage = stage;
}

static void on_update(void *arg, const struct child_spec *spec)
{
	(void)arg;
	(void)spec;
}

static void on_remove(void *arg, uint32_t child_id)
{
	(void)arg;
	(void)child_id;
}

static void on_unacquire(void *arg, const char *policy)
{
	(void)arg;
	(void)policy;
}

static void on_tell(void *arg, enum log_level level, const char *peer, const char *text)
{
	(void)arg;
	if (level <= LOG_LEVEL_WARNING)
		fprintf(stderr, "ike_load: %s: %s\n", peer, text);
}

/* ---- configurations */

static void peer_address(unsigned nth, struct adit_addr *out)
{
	*out = (struct adit_addr){ .bytes = { 10, 200, (uint8_t)(nth >> 8), (uint8_t)nth } };
}

static struct config *parse(const char *text)
{
	struct config *config;
	struct diag diag;

	diag_open(&diag, "ike_load.conf");
	config = config_parse(text, strlen(text), &diag);
	if (config == NULL)
		diag_print(&diag, stderr);
	diag_close(&diag);
	check(config != NULL, "the configuration is wrong");
	return config;
}

#define PHASE1 "hash_algorithm = \"%s\"; enc_algorithm = \"%s\"; dh_group = \"%s\"; "
#define PROPOSAL "proposals = ( { name = \"default\"; auth_algorithms = [ \"sha1\" ]; enc_algorithms = [ \"aes-128-cbc\" ]; pfs_group = \"none\"; } );"

static struct config *hub_config(const struct suite *suite, unsigned n_peers)
{
	char *text = malloc(TEXT_ROOM * 2);
	struct config *config;
	size_t n;

	check(text != NULL, "no memory");
	n = (size_t)sprintf(text, "local_addresses = ( \"192.0.2.1\" ); peers = (");
	for (unsigned i = 0; i < n_peers; i++)
		n += (size_t)sprintf(text + n, "%s{ name = \"p%u\"; address = \"10.200.%u.%u/32\"; secret = \"secret of the load\"; " PHASE1 "}", i ? "," : "", i,
				     i >> 8, i & 255, suite->hash, suite->enc, suite->group);
	n += (size_t)sprintf(text + n, "); policies = (");
	for (unsigned i = 0; i < n_peers; i++)
		n += (size_t)sprintf(text + n, "%s{ name = \"n%u\"; src_address = \"10.0.0.0/16\"; dst_address = \"10.%u.%u.0/24\"; tunnel = true; "
				     "sa_src_address = \"192.0.2.1\"; sa_dst_address = \"10.200.%u.%u\"; }", i ? "," : "", i, 100 + (i >> 8), i & 255, i >> 8, i & 255);
	sprintf(text + n, "); " PROPOSAL);
	config = parse(text);
	free(text);
	return config;
}

/* The peers are one configuration: many policies, whose local ends, more than a card has, are filled in here. */
static struct config *peers_config(const struct suite *suite, unsigned n_peers)
{
	char *text = malloc(TEXT_ROOM);
	struct config *config;
	size_t n;

	check(text != NULL, "no memory");
	n = (size_t)sprintf(text, "local_addresses = ( \"10.200.0.0\" ); peers = ( { name = \"hub\"; address = \"192.0.2.1/32\"; "
			    "secret = \"secret of the load\"; " PHASE1 "} ); policies = (", suite->hash, suite->enc, suite->group);
	for (unsigned i = 0; i < n_peers; i++)
		n += (size_t)sprintf(text + n, "%s{ name = \"n%u\"; src_address = \"10.%u.%u.0/24\"; dst_address = \"10.0.0.0/16\"; tunnel = true; "
				     "sa_src_address = \"10.200.0.0\"; sa_dst_address = \"192.0.2.1\"; }", i ? "," : "", i, 100 + (i >> 8), i & 255);
	sprintf(text + n, "); " PROPOSAL);
	config = parse(text);
	free(text);
	for (unsigned i = 0; i < n_peers; i++) {
		peer_address(i, &config->policies[i].sa_src);
	}
	return config;
}

/* ---- a run */

static void settle(struct side *side)
{
	double start = cpu_now();
	bool is_busy = true;

	while (is_busy) {
		is_busy = pool_reap(side->pool) > 0;
		while (side->n_asked > 0) {
			side->n_asked--;
			ike_child_done(side->ike, side->asked[side->n_asked].id, side->asked[side->n_asked].stage, 0, side->load->now_ms);
			is_busy = true;
		}
	}
	side->cpu_seconds += cpu_now() - start;
}

static void deliver_all(struct load *load)
{
	while (load->head < load->tail) {
		struct datagram at = load->queue[load->head++ % QUEUE_ROOM];
		struct side *side = &load->sides[at.to];
		double start = cpu_now();

		ike_receive(side->ike, &at.path, at.bytes, at.n, load->now_ms);
		side->cpu_seconds += cpu_now() - start;
		free(at.bytes);
		settle(side);
	}
}

static void begin_all(struct load *load)
{
	struct side *side = &load->sides[INITIATOR_SIDE];
	char name[CONFIG_NAME_BYTES], why[MATCH_WHY_BYTES];

	for (unsigned i = 0; i < load->n_peers; i++) {
		double start = cpu_now();

		snprintf(name, sizeof(name), "n%u", i);
		check(ike_initiate(side->ike, name, load->now_ms, why) == 1, why);
		side->cpu_seconds += cpu_now() - start;
		settle(side);
		deliver_all(load);
	}
}

static size_t heap_now(void)
{
	struct mallinfo2 info = mallinfo2();

	return info.uordblks + info.hblkhd;
}

static void open_side(struct load *load, unsigned which, struct config *config)
{
	struct side *side = &load->sides[which];

	*side = (struct side){ .load = load, .which = which, .pool = pool_open(0), .config = config };
	side->asked = calloc(load->n_peers * 4, sizeof(*side->asked));
	check(side->pool != NULL && side->asked != NULL, "no memory");
	side->ike = ike_open(&(struct ike_options){ .calls = { on_send, on_install, on_update, on_remove, on_unacquire, on_tell, side },
						    .pool = side->pool, .config = config, .seed = 1 });
	check(side->ike != NULL, "the engine does not open");
	ike_tick(side->ike, load->now_ms);
}

static void close_side(struct side *side)
{
	const size_t before = heap_now();

	ike_close(side->ike, false, false);
	side->heap_bytes = before - heap_now();
	pool_close(side->pool);
	free(side->asked);
	config_free(side->config);
}

static struct result run(const struct suite *suite, unsigned n_peers)
{
	struct load load = { .now_ms = 1000000, .n_peers = n_peers, .queue = calloc(QUEUE_ROOM, sizeof(struct datagram)) };
	struct result result;

	check(load.queue != NULL, "no memory");
	open_side(&load, HUB_SIDE, hub_config(suite, n_peers));
	open_side(&load, INITIATOR_SIDE, peers_config(suite, n_peers));
	begin_all(&load);
	for (unsigned i = 0; i < SIDES; i++) {
		const struct ike_counters *counters = ike_counters(load.sides[i].ike);

		check(counters->phase1_established == n_peers && counters->phase2_established == n_peers && load.sides[i].n_installed == n_peers,
		      "not all stand");
		check(counters->retransmits == 0 && counters->in_malformed == 0 && counters->in_refused == 0, "something went wrong on the way");
	}
	for (unsigned i = 0; i < SIDES; i++) {
		close_side(&load.sides[i]);
		result.per_second[i] = n_peers / load.sides[i].cpu_seconds;
		result.bytes[i] = (double)load.sides[i].heap_bytes / n_peers;
	}
	free(load.queue);
	return result;
}

/* ---- the table */

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(const struct result *results, unsigned n, size_t field)
{
	double values[REPEATS_MOST];

	for (unsigned i = 0; i < n; i++)
		memcpy(&values[i], (const char *)&results[i] + field, sizeof(double));
	qsort(values, n, sizeof(values[0]), by_size);
	return values[n / 2];
}

#define MEDIAN(member) median(results, repeats, offsetof(struct result, member))

int main(int argc, char **argv)
{
	static const struct suite suites[] = { { "modp1024", "3des", "sha1" }, { "modp2048", "aes-256-cbc", "sha256" }, { "ecp256", "aes-128-cbc", "sha256" } };
	const unsigned n_peers = argc > 1 ? (unsigned)atoi(argv[1]) : 1000, repeats = argc > 2 ? (unsigned)atoi(argv[2]) : 5;
	struct result results[REPEATS_MOST];

	check(n_peers >= 1 && n_peers <= 10000 && repeats >= 1 && repeats <= REPEATS_MOST, "ike_load [peers 1..10000 [repeats 1..31]]");
	check(crypto_open(), "no OpenSSL");
	printf("# %u peers, main mode with secrets, one child each (aes-128-cbc, sha1, no PFS); medians of %u; CPU time of each side alone\n", n_peers, repeats);
	printf("%-10s %-12s %-8s %20s %20s %16s %16s\n", "group", "cipher", "hash", "initiator set-ups/s", "responder set-ups/s", "init. B/peer",
	       "resp. B/peer");
	for (size_t s = 0; s < sizeof(suites) / sizeof(suites[0]); s++) {
		for (unsigned i = 0; i < repeats; i++)
			results[i] = run(&suites[s], n_peers);
		printf("%-10s %-12s %-8s %20.0f %20.0f %16.0f %16.0f\n", suites[s].group, suites[s].enc, suites[s].hash, MEDIAN(per_second[INITIATOR_SIDE]),
		       MEDIAN(per_second[HUB_SIDE]), MEDIAN(bytes[INITIATOR_SIDE]), MEDIAN(bytes[HUB_SIDE]));
		fflush(stdout);
	}
	crypto_close();
	return 0;
}
