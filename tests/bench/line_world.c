// SPDX-License-Identifier: BSD-2-Clause-Patent
#include "line_world.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "line_bus.h"
#include "rng.h"
#include "transform/ipv4.h"

#define SPI_OUT 0x10000u
#define SPI_IN 0x100000u
#define SPI_MORE 0x200000u

static struct rng rng;

void line_die(const char *format, ...)
{
	va_list args;

	fputs("line: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(1);
}

void line_seed(uint64_t seed)
{
	rng_seed(&rng, seed);
}

uint32_t line_rnd(uint32_t below)
{
	return (uint32_t)((uint64_t)rng_next(&rng) * below >> 32);
}

uint32_t line_far(unsigned rule)
{
	return 0x0a020000u + rule;
}

static struct adit_addr addr4(uint32_t value)
{
	struct adit_addr out = { 0 };

	ipv4_put32(out.bytes, value);
	return out;
}

static struct adit_sa sa_make(const struct line_algo *algo, enum adit_dir dir, uint32_t spi, uint32_t reqid)
{
	struct adit_sa sa = {
		.spi = spi, .reqid = reqid, .dir = dir, .proto = ADIT_PROTO_ESP, .mode = ADIT_MODE_TUNNEL, .enc = algo->enc, .auth = algo->auth,
		.auth_key_bytes = (uint8_t)adit_auth_key_bytes(algo->auth), .ttl = 64,
		.src = addr4(dir == ADIT_DIR_OUT ? LINE_LOCAL : LINE_PEER), .dst = addr4(dir == ADIT_DIR_OUT ? LINE_PEER : LINE_LOCAL),
		.replay_packets = dir == ADIT_DIR_IN ? LINE_WINDOW : 0,
	};

	for (int i = 0; i < adit_enc_key_bytes(algo->enc); i++)
		sa.enc_key[i] = (uint8_t)line_rnd(256);
	for (int i = 0; i < sa.auth_key_bytes; i++)
		sa.auth_key[i] = (uint8_t)line_rnd(256);
	for (int i = 0; i < 4; i++)
		sa.salt[i] = (uint8_t)line_rnd(256);
	return sa;
}

static void on_done(void *arg, int status, const union adit_answer *answer)
{
	unsigned *n_left = arg;

	(void)answer;
	if (status != 0)
		line_die("a command failed: %s", strerror(-status));
	--*n_left;
}

/* The card is at rest: everything queued is answered once the doorbell has rung. */
static void finish(struct line_world *w, const unsigned *n_left)
{
	while (*n_left) {
		int n = adit_card_poll(w->card, 4096);

		if (n < 0)
			line_die("%s", adit_card_strerror(w->card));
	}
}

/* A queued command, or room for it first. */
#define QUEUE(w, call) do {							\
	int error_;								\
										\
	while ((error_ = (call)) == -EAGAIN)					\
		if (adit_card_poll((w)->card, 4096) < 0)			\
			line_die("%s", adit_card_strerror((w)->card));		\
	if (error_)								\
		line_die("%s", adit_card_strerror((w)->card));			\
} while (0)

static uint64_t cycles(struct line_world *w)
{
	uint64_t n;

	if (adit_card_cycles(w->card, &n) != 0)
		line_die("%s", adit_card_strerror(w->card));
	return n;
}

static void delete_all(struct line_world *w)
{
	unsigned n = w->plan.n_out + w->plan.n_in, n_left = n;

	for (unsigned i = 0; i < n; i++)
		QUEUE(w, adit_sa_delete(w->card, (uint16_t)i, on_done, &n_left));
	finish(w, &n_left);
}

void line_world_forget(struct line_world *w)
{
	for (unsigned i = 0; i < w->plan.n_out; i++)
		golden_sa_close(w->out[i].golden);
	for (unsigned i = 0; i < w->plan.n_in; i++)
		golden_sa_close(w->in[i].golden);
	free(w->out);
	free(w->in);
	w->out = w->in = NULL;
	w->plan = (struct line_plan){ 0 };
}

static void load_rules(struct line_world *w)
{
	unsigned n = w->plan.n_idle_rules + w->plan.n_out, n_left = w->plan.n_out;
	struct adit_sp *rules = calloc(n, sizeof(*rules));

	if (!rules || n > adit_card_caps(w->card)->sp_rules)
		line_die("no room for %u rules", n);
	for (unsigned i = 0; i < n; i++) {
		bool is_idle = i < w->plan.n_idle_rules;
		unsigned r = i - w->plan.n_idle_rules;

		rules[i] = (struct adit_sp){
			.id = (uint16_t)i, .src = addr4(0x0a010000), .src_plen = 16, .dst = addr4(is_idle ? 0x0a030000 + i : line_far(r)),
			.dst_plen = 32, .any_proto = true, .any_ports = true, .action = ADIT_ACTION_ENCRYPT,
			.level = ADIT_LEVEL_REQUIRE, .reqid = is_idle ? 1000000 + i : 1 + r,
		};
	}
	if (adit_sp_replace_wait(w->card, rules, n) != 0)
		line_die("%s", adit_card_strerror(w->card));
	for (unsigned r = 0; r < w->plan.n_out; r++)
		QUEUE(w, adit_sp_bind(w->card, (uint16_t)(w->plan.n_idle_rules + r), (uint16_t)r, on_done, &n_left));
	finish(w, &n_left);
	free(rules);
}

/* In SAs from .. to - 1; with them, at the start, all out SAs. */
static void add_sas(struct line_world *w, unsigned n_out, unsigned from, unsigned to)
{
	unsigned n = n_out + to - from, n_left = n;
	uint64_t began = cycles(w);

	for (unsigned i = 0; i < n; i++) {
		bool is_out = i < n_out;
		unsigned k = is_out ? i : from + i - n_out;
		struct line_sa *s = is_out ? &w->out[k] : &w->in[k];

		s->sa = sa_make(w->plan.algo, is_out ? ADIT_DIR_OUT : ADIT_DIR_IN, (is_out ? SPI_OUT : SPI_IN) + k, 1 + k % w->plan.n_out);
		s->slot = (uint16_t)(is_out ? k : w->plan.n_out + k);
		QUEUE(w, adit_sa_add(w->card, s->slot, &s->sa, on_done, &n_left));
	}
	finish(w, &n_left);
	w->install_cycles = cycles(w) - began;
	w->n_installed = n;
}

void line_world_load(struct line_world *w, const struct line_plan *plan)
{
	if (plan->n_out + plan->n_in > adit_card_caps(w->card)->sa_slots)
		line_die("no room for %u SAs", plan->n_out + plan->n_in);
	delete_all(w);
	line_world_forget(w);
	w->plan = *plan;
	w->out = calloc(plan->n_out, sizeof(*w->out));
	w->in = calloc(plan->n_in, sizeof(*w->in));
	if (!w->out || !w->in)
		line_die("out of memory");
	add_sas(w, plan->n_out, 0, plan->n_in);
	load_rules(w);
}

void line_world_grow(struct line_world *w, unsigned n_in)
{
	unsigned from = w->plan.n_in;

	w->in = realloc(w->in, n_in * sizeof(*w->in));
	if (!w->in || w->plan.n_out + n_in > adit_card_caps(w->card)->sa_slots)
		line_die("no room for %u SAs", n_in);
	memset(w->in + from, 0, (n_in - from) * sizeof(*w->in));
	w->plan.n_in = n_in;
	add_sas(w, 0, from, n_in);
}

void line_world_add_more(struct line_world *w, unsigned number, unsigned *n_left)
{
	struct adit_sa sa = sa_make(w->plan.algo, ADIT_DIR_IN, SPI_MORE + number, 2000000 + number);

	QUEUE(w, adit_sa_add(w->card, (uint16_t)(w->plan.n_out + w->plan.n_in + number), &sa, on_done, n_left));
}

void line_world_delete_more(struct line_world *w, unsigned n)
{
	unsigned n_left = n;

	for (unsigned i = 0; i < n; i++)
		QUEUE(w, adit_sa_delete(w->card, (uint16_t)(w->plan.n_out + w->plan.n_in + i), on_done, &n_left));
	finish(w, &n_left);
}

struct golden_sa *line_golden(struct line_sa *sa)
{
	struct adit_sa twin = sa->sa;	/* seals what an in SA opens */

	twin.dir = ADIT_DIR_OUT;
	twin.replay_packets = 0;
	if (!sa->golden && golden_sa_open(&twin, &sa->golden) != 0)
		line_die("golden does not take an SA");
	return sa->golden;
}

void line_world_check(struct line_world *w, const struct line_sa *sa)
{
	uint64_t seq = sa->sa.dir == ADIT_DIR_OUT ? sa->seq + 1 : sa->seq;
	struct adit_sa_state state;

	if (adit_sa_query_wait(w->card, sa->slot, &state) != 0)
		line_die("%s", adit_card_strerror(w->card));
	if (state.packets != sa->packets || state.seq != seq)
		line_die("SA in slot %u counts %llu packets up to number %llu, not %llu up to %llu", sa->slot, (unsigned long long)state.packets,
			 (unsigned long long)state.seq, (unsigned long long)sa->packets, (unsigned long long)seq);
}
