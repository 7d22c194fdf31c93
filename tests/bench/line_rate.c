// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * How fast the card is, in cycles: both directions at once, every port a 100GbE wire (sim/stream.h), every packet compared with golden,
 * every counter of the card with what was sent.
 *
 *   line_rate [--dma CYCLES] [--short] GROUP ...
 *
 * One line of JSON a row on stdout; words and progress on stderr. The groups are at the end of this file; --short takes few packets.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "adit_regs.h"
#include "card.h"
#include "line_bus.h"
#include "line_flow.h"

static const struct line_algo cbc128_sha1 = { "AES-128-CBC + SHA1", ADIT_ENC_AES_CBC_128, ADIT_AUTH_HMAC_SHA1_96 };
static const struct line_algo cbc256_sha1 = { "AES-256-CBC + SHA1", ADIT_ENC_AES_CBC_256, ADIT_AUTH_HMAC_SHA1_96 };
static const struct line_algo cbc128_sha256 = { "AES-128-CBC + SHA256", ADIT_ENC_AES_CBC_128, ADIT_AUTH_HMAC_SHA256_128 };
static const struct line_algo cbc256_sha256 = { "AES-256-CBC + SHA256", ADIT_ENC_AES_CBC_256, ADIT_AUTH_HMAC_SHA256_128 };
static const struct line_algo gcm128 = { "AES-128-GCM", ADIT_ENC_AES_GCM_128, ADIT_AUTH_NULL };
static const struct line_algo gcm256 = { "AES-256-GCM", ADIT_ENC_AES_GCM_256, ADIT_AUTH_NULL };
static const struct line_algo des3_sha1 = { "3DES + SHA1", ADIT_ENC_DES3_CBC, ADIT_AUTH_HMAC_SHA1_96 };
static const struct line_algo des3_md5 = { "3DES + MD5", ADIT_ENC_DES3_CBC, ADIT_AUTH_HMAC_MD5_96 };
static const struct line_algo null_sha1 = { "NULL + SHA1", ADIT_ENC_NULL, ADIT_AUTH_HMAC_SHA1_96 };

static const struct line_algo *const algos[] = { &cbc128_sha1, &cbc256_sha1, &cbc128_sha256, &cbc256_sha256, &gcm128, &gcm256 };
static const unsigned sizes[] = { 64, 128, 256, 512, 1024, 1280, 1420, 1518, 9018, LINE_IMIX };
static const unsigned some_sizes[] = { 64, 512, 1420, LINE_IMIX };

enum { SETTLE_CYCLES = 1500, SPAN_CYCLES = 4000, LEAST_PACKETS = 36, STUCK_CYCLES = 400000, MANY = 64, ADDS = 64 };

struct row {
	const char *group;
	char what[64];		/* what the row varies, for people */
	double x;		/* the same as a number */
};

static struct line_world world;
static struct line_flow seal, open_;
static struct card *card;
static bool is_short;
static unsigned n_rows;
static double began_s;

static double now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static uint64_t cycle_now(void)
{
	return card_cycles(card);
}

static struct card_counts counts_now(void)
{
	struct card_counts c;

	card_count(card, &c);
	return c;
}

/* ---- what the card counted */
static void stats(uint64_t *to)
{
	if (adit_stats_wait(world.card, to) != 0)
		line_die("%s", adit_card_strerror(world.card));
}

/* A row went wrong: why packets ended. */
static void say_reasons(const uint64_t *before)
{
	uint64_t after[ADIT_REASON_COUNT];

	seal.feeds = open_.feeds = false;
	line_bus_live(false);
	line_bus_settle();
	stats(after);
	for (unsigned i = 0; i < ADIT_REASON_COUNT; i++)
		if (after[i] != before[i])
			fprintf(stderr, "line: %llu packets: %s\n", (unsigned long long)(after[i] - before[i]), adit_reason_name(i));
}

static enum adit_reason reason_of(enum line_bad bad)
{
	return bad == LINE_BAD_SPI ? ADIT_REASON_XfrmInNoStates : bad == LINE_BAD_REPLAY ? ADIT_REASON_XfrmInStateSeqError :
	       ADIT_REASON_XfrmInStateProtoError;
}

static void check_counts(const uint64_t *before)
{
	uint64_t after[ADIT_REASON_COUNT], want[ADIT_REASON_COUNT] = { 0 };

	want[ADIT_REASON_NONE] = seal.n_sent - seal.n_bad + open_.n_sent - open_.n_bad;
	want[reason_of(open_.bad)] += open_.n_bad;
	stats(after);
	for (unsigned i = 0; i < ADIT_REASON_COUNT; i++)
		if (after[i] - before[i] != want[i])
			line_die("the card counted %llu packets as %s, %llu were sent", (unsigned long long)(after[i] - before[i]), adit_reason_name(i),
				 (unsigned long long)want[i]);
	/* All SAs of a small table, some of a large one; their counts are of their whole life. */
	for (unsigned i = 0; i < world.plan.n_out; i += 1 + world.plan.n_out / 100)
		line_world_check(&world, &world.out[i]);
	for (unsigned i = 0; i < world.plan.n_in; i += 1 + world.plan.n_in / 100)
		line_world_check(&world, &world.in[i]);
}

/* ---- one row */
static void span(struct line_flow *f)
{
	double rate = line_flow_wire_rate(f);
	unsigned size = f->size == LINE_IMIX ? 1518 : f->size;

	f->n_warm = (unsigned)((SETTLE_CYCLES + size) * rate) + 16;
	f->n_measured = (unsigned)(SPAN_CYCLES * rate * (is_short ? 0.5 : 1));
	if (f->n_measured < LEAST_PACKETS)
		f->n_measured = LEAST_PACKETS;
	if (f->n_measured > LINE_SAMPLES)
		f->n_measured = LINE_SAMPLES;
	if (f->load > 0) {	/* few packets a cycle, but enough for a distribution */
		f->n_warm = (unsigned)(SETTLE_CYCLES * rate * f->load) + 16;
		f->n_measured = (unsigned)(2 * SPAN_CYCLES * rate * f->load) + 100;
	}
	if (f->size == LINE_IMIX)
		f->n_measured -= f->n_measured % 12;
}

static int by_value(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static const char *bound(const struct line_flow *f, double share, double in, double out)
{
	if (f->load > 0)
		return "the load";
	if (share >= 0.99)
		return f->is_open ? "wan wire in" : "wan wire out";
	if (out > 0.5)
		return f->is_open ? "lan wire out" : "wan wire out";
	return in > 0.02 ? "card" : f->is_open ? "wan wire in" : "lan wire in";
}

static void print_flow(struct line_flow *f, const char *name, uint64_t waits_in, uint64_t waits_out, uint64_t cycles)
{
	double span_cycles = (double)(f->ended - f->began), packets = f->n_measured;
	double share = (double)f->wan_bits * 1000 / LINE_BITS_PER_KCYCLE / span_cycles;
	double in = (double)waits_in / (double)cycles, out = (double)waits_out / (double)cycles;
	uint32_t *l = f->latency;
	unsigned n = f->n_latency;

	printf(", \"%s\": {\"sent\": %llu, \"bad\": %llu, \"wire_packets_per_cycle\": %.6f, \"card_waits\": %.4f, \"wire_waits\": %.4f", name,
	       (unsigned long long)f->n_sent, (unsigned long long)f->n_bad, line_flow_wire_rate(f), in, out);
	if (!f->bad && n) {
		qsort(l, n, sizeof(*l), by_value);
		printf(", \"packets\": %u, \"cycles\": %llu, \"packets_per_cycle\": %.6f, \"mpps\": %.3f, \"share\": %.5f, \"bound\": \"%s\"",
		       f->n_measured, (unsigned long long)(f->ended - f->began), packets / span_cycles, packets / span_cycles * LINE_MHZ, share,
		       bound(f, share, in, out));
		printf(", \"latency\": {\"min\": %u, \"median\": %u, \"p99\": %u, \"max\": %u}", l[0], l[n / 2], l[n - 1 - n / 100], l[n - 1]);
		fprintf(stderr, "  %s %.4f/cycle, %.2f Mpps, %.2f %% of wire (%s), latency %u/%u/%u", name, packets / span_cycles,
			packets / span_cycles * LINE_MHZ, share * 100, bound(f, share, in, out), l[n / 2], l[n - 1 - n / 100], l[n - 1]);
	} else if (f->bad) {
		fprintf(stderr, "  %s %llu bad, %.4f/cycle", name, (unsigned long long)f->n_bad, (double)f->n_bad / (double)cycles);
		printf(", \"packets_per_cycle\": %.6f", (double)f->n_bad / (double)cycles);
	}
	printf("}");
}

/* Words that a group adds to its row. */
static char extra[256];

static void run_row(const struct row *row, bool (*also)(void))
{
	uint64_t before[ADIT_REASON_COUNT], began, ended = 0;
	struct card_counts from, to;
	double start = now_s();

	span(&seal);
	span(&open_);
	stats(before);
	line_flow_begin(&seal);
	line_flow_begin(&open_);
	line_bus_live(true);
	began = cycle_now();
	from = counts_now();
	extra[0] = 0;
	while (!line_flow_is_measured(&seal) || !line_flow_is_measured(&open_) || (also && also())) {
		seal.port.may_take = seal.feeds;
		open_.port.may_take = open_.feeds;
		line_bus_tick();
		if (cycle_now() - began > STUCK_CYCLES) {
			say_reasons(before);
			line_die("%s %s: %llu and %llu packets out in %llu cycles", row->group, row->what, (unsigned long long)seal.n_out,
				 (unsigned long long)open_.n_out, (unsigned long long)(cycle_now() - began));
		}
	}
	ended = cycle_now();
	to = counts_now();
	printf("{\"group\": \"%s\", \"what\": \"%s\", \"x\": %g, \"algorithm\": \"%s\", \"size\": %u, \"open_size\": %u, \"sas_out\": %u, \"sas_in\": %u, "
	       "\"rules\": %u, \"cycles\": %llu", row->group, row->what, row->x, world.plan.algo->name, seal.size, open_.size, seal.n_sas, open_.n_sas,
	       world.plan.n_idle_rules + world.plan.n_out, (unsigned long long)(ended - began));
	fprintf(stderr, "%s %s:", row->group, row->what);
	if (seal.feeds)
		print_flow(&seal, "seal", to.lan.waits_in - from.lan.waits_in, to.wan.waits_out - from.wan.waits_out, ended - began);
	if (open_.feeds)
		print_flow(&open_, "open", to.wan.waits_in - from.wan.waits_in, to.lan.waits_out - from.lan.waits_out, ended - began);
	seal.feeds = open_.feeds = false;
	line_bus_live(false);
	line_bus_settle();
	if (seal.first || open_.first)
		line_die("%s %s: a packet never left", row->group, row->what);
	check_counts(before);
	printf("%s, \"seconds\": %.2f}\n", extra, now_s() - start);
	fprintf(stderr, "%s  [%.1f s]\n", extra, now_s() - start);
	fflush(stdout);
	n_rows++;
}

/* Both ways, good traffic that always waits. */
static void both(unsigned size, unsigned n_out, unsigned n_in)
{
	seal.feeds = open_.feeds = true;
	seal.bad = open_.bad = LINE_GOOD;
	seal.size = open_.size = size;
	seal.n_sas = n_out;
	open_.n_sas = n_in;
	seal.load = open_.load = 0;
}

static void load(const struct line_algo *algo, unsigned n_out, unsigned n_in, unsigned n_idle_rules)
{
	struct line_plan plan = { .algo = algo, .n_out = n_out, .n_in = n_in, .n_idle_rules = n_idle_rules };

	line_world_load(&world, &plan);
}

static void row_of_size(const char *group, const char *algo, unsigned size, unsigned n_sas)
{
	struct row row = { .group = group, .x = size };

	if (size == LINE_IMIX)
		snprintf(row.what, sizeof(row.what), "%s IMIX, %u SAs", algo, n_sas);
	else
		snprintf(row.what, sizeof(row.what), "%s %u B, %u SAs", algo, size, n_sas);
	both(size, n_sas, n_sas);
	run_row(&row, NULL);
}

/* ---- groups */
static void rows_of_sizes(size_t from, size_t to)
{
	for (size_t a = from; a < to; a++) {
		load(algos[a], MANY, MANY, 0);
		for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++)
			row_of_size("size", algos[a]->name, sizes[s], MANY);
	}
}

static void group_cbc(void)
{
	rows_of_sizes(0, 4);
}

static void group_gcm(void)
{
	rows_of_sizes(4, 6);
}

static void group_one(void)
{
	for (size_t a = 0; a < sizeof(algos) / sizeof(algos[0]); a++) {
		load(algos[a], 1, 1, 0);
		for (size_t s = 0; s < sizeof(some_sizes) / sizeof(some_sizes[0]); s++)
			row_of_size("one", algos[a]->name, some_sizes[s], 1);
	}
}

static void group_des(void)
{
	static const struct line_algo *const des[] = { &des3_sha1, &des3_md5 };

	for (size_t a = 0; a < sizeof(des) / sizeof(des[0]); a++) {
		load(des[a], MANY, MANY, 0);
		for (size_t s = 0; s < sizeof(some_sizes) / sizeof(some_sizes[0]); s++)
			row_of_size("des", des[a]->name, some_sizes[s], MANY);
	}
}

/* One packet at a time through a card that has nothing else to do. */
static void latency_idle(const struct line_algo *algo, unsigned size)
{
	struct row row = { .group = "idle", .x = size };

	snprintf(row.what, sizeof(row.what), "%s %u B, idle", algo->name, size);
	for (unsigned way = 0; way < 2; way++) {
		struct line_flow *f = way ? &open_ : &seal;
		uint32_t all[16];

		for (unsigned i = 0; i < 16; i++) {
			uint64_t from = cycle_now();

			both(size, MANY, MANY);
			seal.feeds = open_.feeds = false;
			line_flow_begin(&seal);
			line_flow_begin(&open_);
			f->feeds = true;
			f->n_warm = 0;
			f->n_measured = 1;
			line_bus_live(true);
			while (f->n_out == 0 && cycle_now() - from < STUCK_CYCLES) {
				f->port.may_take = f->feeds;
				line_bus_tick();
				f->feeds = f->n_sent == 0;
			}
			line_bus_live(false);
			line_bus_settle();
			if (f->n_latency != 1)
				line_die("%s: nothing came out", row.what);
			all[i] = f->latency[0];
		}
		qsort(all, 16, sizeof(all[0]), by_value);
		printf("{\"group\": \"idle\", \"what\": \"%s\", \"x\": %u, \"algorithm\": \"%s\", \"way\": \"%s\", \"latency\": {\"min\": %u, \"median\": %u, \"max\": %u}}\n",
		       row.what, size, algo->name, way ? "open" : "seal", all[0], all[8], all[15]);
		fprintf(stderr, "%s %s: %u cycles, %.2f us\n", row.what, way ? "open" : "seal", all[8], all[8] / LINE_MHZ);
	}
}

static void group_latency(void)
{
	static const struct line_algo *const of[] = { &cbc128_sha1, &cbc256_sha256, &gcm128 };
	static const double loads[] = { 0.1, 0.4, 0.7, 0.9, 0.98 };
	static const unsigned at[] = { 64, 1500 };

	for (size_t a = 0; a < sizeof(of) / sizeof(of[0]); a++) {
		load(of[a], MANY, MANY, 0);
		for (size_t s = 0; s < 2; s++)
			latency_idle(of[a], at[s]);
	}
	load(&cbc128_sha1, MANY, MANY, 0);
	for (size_t s = 0; s < 3; s++)
		for (size_t i = 0; i < sizeof(loads) / sizeof(loads[0]); i++) {
			unsigned size = s < 2 ? at[s] : LINE_IMIX;
			struct row row = { .group = "load", .x = loads[i] };

			snprintf(row.what, sizeof(row.what), "%s %s, load %.2f", cbc128_sha1.name, s == 0 ? "64 B" : s == 1 ? "1500 B" : "IMIX", loads[i]);
			both(size, MANY, MANY);
			seal.load = open_.load = loads[i];
			run_row(&row, NULL);
		}
}

static void flood(enum line_bad bad, const char *name, unsigned bad_size, unsigned good_size)
{
	struct row row = { .group = "flood", .x = good_size };

	snprintf(row.what, sizeof(row.what), "%s of %u B on wan, %u B sealed", name, bad_size, good_size);
	both(good_size, world.plan.n_out, world.plan.n_in);
	open_.bad = bad;
	open_.size = bad_size;
	run_row(&row, NULL);
}

/* Something to replay: the windows have moved. */
static void group_flood(void)
{
	static const unsigned good[] = { 64, 512 };

	for (size_t i = 0; i < 2; i++) {
		load(i ? &cbc128_sha1 : &null_sha1, MANY, MANY, 0);
		row_of_size("before flood", world.plan.algo->name, 64, MANY);
		for (size_t s = 0; s < 2; s++) {
			unsigned least = i ? 94 : 64;

			flood(LINE_BAD_SPI, "forged SPI", 64, good[s]);
			flood(LINE_BAD_REPLAY, "replays", least, good[s]);
			flood(LINE_BAD_ICV, "bad ICV", least, good[s]);
		}
	}
}

static void group_rules(void)
{
	static const unsigned counts[] = { 1, 64, 1024, 4096 };
	static const unsigned at[] = { 64, LINE_IMIX };

	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		if (counts[i] > adit_card_caps(world.card)->sp_rules)
			continue;
		load(&cbc128_sha1, 1, 1, counts[i] - 1);
		for (size_t s = 0; s < 2; s++) {
			struct row row = { .group = "rules", .x = counts[i] };

			snprintf(row.what, sizeof(row.what), "%u rules, the last matches, %s", counts[i], at[s] ? "64 B" : "IMIX");
			both(at[s], 1, 1);
			run_row(&row, NULL);
		}
	}
}

/* SAs added through the ring while packets run. */
static struct {
	unsigned n_posted, n_left;
	uint64_t began, ended;
} adds;

static bool adding(void)
{
	if (adds.n_posted == 0 && cycle_now() > adds.began + SETTLE_CYCLES) {
		adds.n_left = ADDS;
		adds.began = cycle_now();
		for (; adds.n_posted < ADDS; adds.n_posted++)
			line_world_add_more(&world, adds.n_posted, &adds.n_left);
		if (adit_card_kick(world.card) != 0)
			line_die("%s", adit_card_strerror(world.card));
	}
	if (adds.n_posted == 0)
		return true;
	if (adds.n_left != 0 && (cycle_now() & 63) == 0) {
		if (adit_card_poll(world.card, 4096) < 0)
			line_die("%s", adit_card_strerror(world.card));
		if (adds.n_left == 0) {
			adds.ended = cycle_now();
			snprintf(extra, sizeof(extra), ", \"adds\": %u, \"cycles_per_add\": %.1f", ADDS, (double)(adds.ended - adds.began) / ADDS);
		}
	}
	return adds.n_left != 0;
}

static void group_install(void)
{
	static const unsigned at[] = { 64, LINE_IMIX };

	for (size_t s = 0; s < 2; s++) {
		struct row row = { .group = "install", .x = at[s] };

		load(&cbc128_sha1, MANY, MANY, 0);
		snprintf(row.what, sizeof(row.what), "%u SAs added, %s under way", ADDS, at[s] ? "64 B" : "IMIX");
		both(at[s], MANY, MANY);
		adds.n_posted = 0;
		adds.began = cycle_now();
		run_row(&row, adding);
		line_world_delete_more(&world, ADDS);
	}
}

/* SAs picked at random out of so many; each out SA wants its rule, so there are no more of them than rules. */
static void rows_of_sas(unsigned n)
{
	static const unsigned at[] = { 64, 512, LINE_IMIX };

	for (size_t s = 0; s < sizeof(at) / sizeof(at[0]); s++) {
		unsigned out = n < world.plan.n_out ? n : world.plan.n_out, in = n < world.plan.n_in ? n : world.plan.n_in;
		struct row row = { .group = "sas", .x = n };

		if (at[s] == LINE_IMIX)
			snprintf(row.what, sizeof(row.what), "%u SAs out, %u in, IMIX", out, in);
		else
			snprintf(row.what, sizeof(row.what), "%u SAs out, %u in, %u B", out, in, at[s]);
		both(at[s], out, in);
		run_row(&row, NULL);
	}
}

static void say_filled(void)
{
	fprintf(stderr, "%u SAs added at rest: %.1f cycles each\n", world.n_installed, (double)world.install_cycles / world.n_installed);
	printf("{\"group\": \"filled\", \"sas\": %u, \"cycles_per_add\": %.1f}\n", world.n_installed, (double)world.install_cycles / world.n_installed);
}

static void group_sas(void)
{
	const struct adit_caps *caps = adit_card_caps(world.card);
	unsigned most = caps->sa_slots < 16384 ? caps->sa_slots : 16384;

	load(&cbc128_sha1, caps->sp_rules < 1024 ? caps->sp_rules : 1024, most - (most == caps->sa_slots ? caps->sp_rules : 0), 0);
	say_filled();
	rows_of_sas(1);
	rows_of_sas(1024);
	rows_of_sas(16384);
}

/* Every slot of the card: after the group sas, or alone. Filling it takes longer than all the rest. */
static void group_all_sas(void)
{
	const struct adit_caps *caps = adit_card_caps(world.card);

	if (world.plan.algo != &cbc128_sha1 || world.plan.n_out != 1024)
		load(&cbc128_sha1, caps->sp_rules < 1024 ? caps->sp_rules : 1024, 1024, 0);
	line_world_grow(&world, caps->sa_slots - world.plan.n_out);
	say_filled();
	rows_of_sas(caps->sa_slots);
}

/* What make check asks for: a little of everything. */
static void group_guard(void)
{
	load(&cbc128_sha1, 8, 8, 0);
	row_of_size("guard", cbc128_sha1.name, 64, 8);
	row_of_size("guard", cbc128_sha1.name, LINE_IMIX, 8);
	if (adit_card_caps(world.card)->full_size) {
		load(&gcm128, 1, 1, 0);
		row_of_size("guard", gcm128.name, 64, 1);
		return;
	}
	row_of_size("guard", cbc128_sha1.name, 512, 1);
	flood(LINE_BAD_SPI, "forged SPI", 64, 512);
	load(&cbc256_sha256, 8, 8, 0);
	row_of_size("guard", cbc256_sha256.name, 512, 8);
	load(&gcm256, 8, 8, 0);
	row_of_size("guard", gcm256.name, 64, 8);
	load(&des3_md5, 8, 8, 0);
	row_of_size("guard", des3_md5.name, 64, 8);
}

static const struct {
	const char *name;
	void (*run)(void);
} groups[] = {
	{ "cbc", group_cbc }, { "gcm", group_gcm }, { "one", group_one }, { "des", group_des }, { "latency", group_latency }, { "flood", group_flood },
	{ "rules", group_rules }, { "install", group_install }, { "sas", group_sas }, { "allsas", group_all_sas },
	{ "guard", group_guard },
};

static void open_all(unsigned dma_cycles)
{
	struct card_setup setup = { .lan = &seal.port, .wan = &open_.port, .seed = 1, .dma_latency_cycles = dma_cycles,
				    .patience_cycles = 1 << 22, .wire_bits_per_kcycle = LINE_BITS_PER_KCYCLE };
	struct adit_open_options options = { .cmd_entries = 1024, .evt_entries = 4096, .timeout_ms = 3600000 };
	struct adit_mode_options mode = { .n_local = 1, .local = { { { 192, 0, 2, 1 }, false } } };
	char why[300] = "";

	line_flow_init(&seal, &world, false);
	line_flow_init(&open_, &world, true);
	seal.other = &open_;
	open_.other = &seal;
	card = line_bus_open(&setup);
	if (!card)
		line_die("no card");
	line_cycle = cycle_now;
	if (adit_card_open("sim:here", &options, &world.card, why, sizeof(why)) != 0)
		line_die("%s", why);
	if (adit_card_configure(world.card, &mode) != 0 || adit_card_enable(world.card, true) != 0)
		line_die("%s", adit_card_strerror(world.card));
}

static void print_card(double opened_s)
{
	const struct adit_caps *caps = adit_card_caps(world.card);

	printf("{\"group\": \"card\", \"full\": %s, \"sa_slots\": %u, \"rules\": %u, \"ready_cycles\": %llu, \"ready_seconds\": %.1f}\n",
	       caps->full_size ? "true" : "false", caps->sa_slots, caps->sp_rules, (unsigned long long)cycle_now(), opened_s - began_s);
	fprintf(stderr, "%s size, %u SAs, %u rules, ready after %.1f s\n", caps->full_size ? "full" : "development", caps->sa_slots, caps->sp_rules,
		opened_s - began_s);
}

int main(int argc, char **argv)
{
	unsigned dma_cycles = 32;
	double opened_s;

	began_s = now_s();
	line_seed(1);
	for (argv++, argc--; argc > 0 && argv[0][0] == '-'; argv++, argc--) {
		if (strcmp(argv[0], "--short") == 0)
			is_short = true;
		else if (strcmp(argv[0], "--dma") == 0 && argc > 1 && argv++ && argc--)
			dma_cycles = (unsigned)atoi(argv[0]);
		else
			line_die("usage: line_rate [--dma CYCLES] [--short] GROUP ...");
	}
	open_all(dma_cycles);
	opened_s = now_s();
	print_card(opened_s);
	for (; argc > 0; argv++, argc--) {
		size_t g = 0;

		while (g < sizeof(groups) / sizeof(groups[0]) && strcmp(groups[g].name, argv[0]) != 0)
			g++;
		if (g == sizeof(groups) / sizeof(groups[0]))
			line_die("%s: no such group", argv[0]);
		groups[g].run();
	}
	printf("{\"group\": \"speed\", \"rows\": %u, \"cycles\": %llu, \"seconds\": %.1f, \"cycles_per_second\": %.0f}\n", n_rows,
	       (unsigned long long)cycle_now(), now_s() - began_s, (double)cycle_now() / (now_s() - opened_s));
	fprintf(stderr, "%u rows, %llu cycles, %.1f s\n", n_rows, (unsigned long long)cycle_now(), now_s() - began_s);
	line_world_forget(&world);
	adit_card_close(world.card, false);
	return 0;
}
