// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * The whole card in lockstep with golden. Random SAs of every kind, rules and frames go through the simulated card by the real
 * driver, in bursts at both ports and the host's ring; between bursts the card is idle, tables change and time passes. Every byte,
 * reason, counter and event must be golden's.
 *
 * golden sees the frames in the order of the card's verdicts: of two faces that feed one direction the card may take either first.
 *
 *   lockstep ADIT-SIM [FRAMES [SEED [STALL [MODE]]]]      FRAMES about so many on each port; SEED is printed;
 *                                                         MODE live: the card's clock runs by itself; long: as live, and coverage
 *                                                         must be complete
 */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "coverage.h"
#include "lab.h"
#include "transform/golden_card.h"
#include "transform/ipv4.h"
#include "world.h"

enum {
	TUNNELS = 44, RULES_MORE = 20, RULES = TUNNELS + RULES_MORE,
	BURST = 110, BURST_BYTES = 150000,	/* of one port: what its socket holds */
	HOST_BURST = 60, EVENTS_MAX = 4096, PUNTS_MAX = 512, LIMIT_MS = 20000,
};

/* ---- what goes in and what comes out of one burst */

struct in_frame {
	struct world_frame frame;
	struct adit_tx_packet tx;	/* of a host frame */
};

struct out_frame {
	size_t n_bytes;
	uint8_t *bytes;
	struct golden_verdict verdict;	/* golden's */
	enum adit_face face_in;
	bool is_outbound, is_straight, is_taken;
	unsigned no;
};

struct list { struct out_frame *at; unsigned n, room; };

struct face {
	struct in_frame *in;
	unsigned n_in, n_verdicts;
	unsigned first_no[2];		/* frame number of the burst's first frame: of lan, wan; of the host, by direction */
	struct list wanted, seen;	/* what golden sends out of it; what the card did */
};

static struct face faces[3];
static struct tunnel tunnels[TUNNELS];
static struct adit_sp more_rules[RULES_MORE];
static struct golden_card *model;
static struct adit_mode_options mode;
static struct adit_card *card;
static int ports[2];
static struct adit_event card_events[EVENTS_MAX];
static unsigned n_card_events, burst_no, n_commands;
static unsigned n_frames[3];
static uint32_t now_seconds;
static bool host_is_outbound, is_told_burst, is_live;
static unsigned next_kind;
static unsigned host_tunnels;	/* what so many first ones' peers seal comes by the host: of two faces the card may take either first */

/* What the host has to work on: punted in an earlier burst. */
static struct punt {
	struct world_frame frame;
	enum adit_reason reason;
	uint16_t sa_slot, sp_id;
	uint64_t seq;
} *punts;
static unsigned n_punts;

static void must(int err, const char *what)
{
	if (err != 0)
		lab_die("burst %u: %s: %s", burst_no, what, adit_card_strerror(card));
}

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static struct out_frame *list_add(struct list *list, const uint8_t *bytes, size_t n_bytes)
{
	struct out_frame *f;

	if (list->n == list->room) {
		list->room = list->room * 2 + 64;
		list->at = realloc(list->at, list->room * sizeof(*list->at));
		if (list->at == NULL)
			lab_die("no memory");
	}
	f = &list->at[list->n++];
	*f = (struct out_frame){ .n_bytes = n_bytes, .bytes = malloc(n_bytes) };
	if (f->bytes == NULL)
		lab_die("no memory");
	memcpy(f->bytes, bytes, n_bytes);
	return f;
}

static void list_clear(struct list *list)
{
	for (unsigned i = 0; i < list->n; i++)
		free(list->at[i].bytes);
	list->n = 0;
}

/* ---- golden follows */

static const struct tunnel *tunnel_of(uint16_t slot)
{
	return slot / WORLD_SLOTS < TUNNELS ? &tunnels[slot / WORLD_SLOTS] : NULL;
}

/* A bundle's outer number may be found used at its entry or, if that packet was still under way, when it is committed: the verdict
 * names another of its two SAs then. */
static bool is_same_slot(const struct golden_verdict *v, uint16_t slot)
{
	bool is_late = v->reason == ADIT_REASON_XfrmInStateSeqError || v->reason == ADIT_REASON_XfrmInStateExpired;

	return v->sa_slot == slot || (is_late && tunnel_of(slot) != NULL && tunnel_of(slot) == tunnel_of(v->sa_slot) && tunnel_of(slot)->in.has_next);
}

static struct golden_verdict ask_golden(enum adit_face face, const struct in_frame *f, uint8_t *out, size_t *out_bytes)
{
	uint8_t *exact = malloc(f->frame.n_bytes);	/* a read past it is caught by sanitizers */
	struct golden_verdict v;

	if (exact == NULL)
		lab_die("no memory");
	memcpy(exact, f->frame.bytes, f->frame.n_bytes);
	if (face == ADIT_FACE_HOST && (f->tx.dest == ADIT_DEST_SEAL || f->tx.dest == ADIT_DEST_OPENED)) {
		struct golden_told told = { f->tx.reason, f->tx.sa_slot, f->tx.sp_id, f->tx.seq };

		v = golden_card_packet_told(model, f->tx.dest, &told, exact, f->frame.n_bytes, out, out_bytes);
	} else {
		v = golden_card_packet(model, face, f->tx.dest, exact, f->frame.n_bytes, out, out_bytes);
	}
	free(exact);
	return v;
}

static bool passes_by(const struct in_frame *f)
{
	return f->tx.dest == ADIT_DEST_OUT_LAN || f->tx.dest == ADIT_DEST_OUT_WAN;
}

static void keep_input(enum adit_face face, unsigned no, const struct in_frame *f)
{
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "%s-%u.bin", adit_face_name(face), no);
	file = fopen(lab_path(path), "wb");
	if (file != NULL) {
		fwrite(f->frame.bytes, 1, f->frame.n_bytes, file);
		fclose(file);
	}
}

static void check_verdict(const struct adit_event *e)
{
	struct face *f = &faces[e->face_in <= ADIT_FACE_HOST ? e->face_in : 0];
	uint8_t out[WORLD_ROOM];
	size_t out_bytes;
	struct golden_verdict v;
	struct in_frame *in;
	bool is_outbound = e->face_in == ADIT_FACE_LAN || (e->face_in == ADIT_FACE_HOST && host_is_outbound);
	uint16_t sa_slot;

	if (e->face_in > ADIT_FACE_HOST) {
		lab_mistake("a verdict for face %u", e->face_in);
		return;
	}
	while (e->face_in == ADIT_FACE_HOST && f->n_verdicts < f->n_in && passes_by(&f->in[f->n_verdicts]))
		f->n_verdicts++;
	if (f->n_verdicts == f->n_in) {
		lab_mistake("burst %u: %s: a verdict more than frames", burst_no, adit_face_name(e->face_in));
		return;
	}
	in = &f->in[f->n_verdicts++];
	if (e->frame_no != f->first_no[is_outbound]++)
		lab_mistake("burst %u: %s: verdict of frame %u, %u was due", burst_no, adit_face_name(e->face_in), e->frame_no,
			    f->first_no[is_outbound] - 1);
	v = ask_golden(e->face_in, in, out, &out_bytes);
	coverage_note_reason(v.reason);
	sa_slot = v.sa_slot;
	if (sa_slot != ADIT_NO_SLOT && tunnel_of(sa_slot) != NULL)
		coverage_note(tunnel_of(sa_slot), in->frame.n_bytes, is_outbound, v.reason);
	if (e->reason != v.reason || e->face_out != v.face_out || !is_same_slot(&v, e->sa_slot) || e->sp_id != v.sp_id) {
		const struct tunnel *t = tunnel_of(v.sa_slot != ADIT_NO_SLOT ? v.sa_slot : e->sa_slot);

		keep_input(e->face_in, e->frame_no, in);
		lab_mistake("burst %u: %s frame %u (%zu bytes, dest %u, told SA %u): card says %s to %s, SA %u, policy %u; golden %s to %s, SA %u, "
			    "policy %u (%s %s %s)", burst_no, adit_face_name(e->face_in), e->frame_no, in->frame.n_bytes, in->tx.dest, in->tx.sa_slot,
			    adit_reason_name(e->reason), adit_face_name(e->face_out), e->sa_slot, e->sp_id, adit_reason_name(v.reason),
			    adit_face_name(v.face_out), v.sa_slot, v.sp_id, t ? world_shapes[t->shape].name : "", t ? world_rows[t->row].name : "",
			    t ? adit_auth_name(t->out.auth) : "");
	}
	if (out_bytes > 0) {
		struct out_frame *w = list_add(&faces[v.face_out].wanted, out, out_bytes);

		w->verdict = v;
		w->face_in = e->face_in;
		w->is_outbound = is_outbound;
		w->no = e->frame_no;
	}
}

static void on_event(void *arg, const struct adit_event *e)
{
	(void)arg;
	if (e->kind == ADIT_EV_VERDICT)
		check_verdict(e);
	else if (n_card_events < EVENTS_MAX)
		card_events[n_card_events++] = *e;
}

static void on_rx(void *arg, const struct adit_rx_packet *p)
{
	struct out_frame *f = list_add(&faces[ADIT_FACE_HOST].seen, p->bytes, p->n_bytes);

	(void)arg;
	f->face_in = p->face;
	f->verdict = (struct golden_verdict){ .reason = p->reason, .sa_slot = p->sa_slot, .sp_id = p->sp_id, .seq = p->seq };
}

/* ---- comparing a burst */

static bool same_bytes(const struct out_frame *a, const struct out_frame *b)
{
	return a->n_bytes == b->n_bytes && memcmp(a->bytes, b->bytes, a->n_bytes) == 0;
}

static void tell_difference(const char *face, const struct out_frame *seen, const struct out_frame *wanted)
{
	size_t at = 0;
	const struct tunnel *t = tunnel_of(wanted->verdict.sa_slot);

	while (at < seen->n_bytes && at < wanted->n_bytes && seen->bytes[at] == wanted->bytes[at])
		at++;
	lab_mistake("burst %u: %s: of %s frame %u come %zu bytes, golden has %zu; they differ from byte %zu on (SA %u %s %s %s)", burst_no, face,
		    adit_face_name(wanted->face_in), wanted->no, seen->n_bytes, wanted->n_bytes, at, wanted->verdict.sa_slot,
		    t ? world_shapes[t->shape].name : "", t ? world_rows[t->row].name : "", t ? adit_auth_name(t->out.auth) : "");
}

/* The next wanted frame that is not taken, of one of the streams that meet at a face: each keeps its order. */
static struct out_frame *next_of(struct list *wanted, bool is_outbound, bool is_straight)
{
	for (unsigned i = 0; i < wanted->n; i++) {
		struct out_frame *w = &wanted->at[i];

		if (!w->is_taken && w->is_outbound == is_outbound && w->is_straight == is_straight)
			return w;
	}
	return NULL;
}

static bool fits_host(const struct out_frame *seen, const struct out_frame *w)
{
	return seen->face_in == w->face_in && seen->verdict.reason == w->verdict.reason && seen->verdict.sa_slot == w->verdict.sa_slot &&
	       seen->verdict.sp_id == w->verdict.sp_id && seen->verdict.seq == w->verdict.seq;
}

static void compare_face(enum adit_face face)
{
	struct face *f = &faces[face];
	const char *name = adit_face_name(face);
	unsigned n_missing = 0;

	for (unsigned i = 0; i < f->seen.n; i++) {
		struct out_frame *s = &f->seen.at[i], *w = NULL, *first = NULL;

		for (unsigned k = 0; k < 4 && w == NULL; k++) {
			struct out_frame *next = next_of(&f->wanted, k & 1, k >> 1);

			if (next != NULL && (face != ADIT_FACE_HOST || next->face_in == s->face_in) && first == NULL)
				first = next;
			if (next != NULL && same_bytes(s, next) && (face != ADIT_FACE_HOST || fits_host(s, next)))
				w = next;
		}
		if (w == NULL && first == NULL) {
			lab_mistake("burst %u: %s: a frame of %zu bytes more than golden has", burst_no, name, s->n_bytes);
		} else if (w == NULL) {
			if (same_bytes(s, first))
				lab_mistake("burst %u: host: %s frame %u comes as %s, SA %u, policy %u, number %llx; golden %s, %u, %u, %llx", burst_no,
					    adit_face_name(s->face_in), first->no, adit_reason_name(s->verdict.reason), s->verdict.sa_slot,
					    s->verdict.sp_id, (unsigned long long)s->verdict.seq, adit_reason_name(first->verdict.reason),
					    first->verdict.sa_slot, first->verdict.sp_id, (unsigned long long)first->verdict.seq);
			else
				tell_difference(name, s, first);
			first->is_taken = true;
		} else {
			w->is_taken = true;
		}
	}
	for (unsigned i = 0; i < f->wanted.n; i++)
		n_missing += !f->wanted.at[i].is_taken;
	if (n_missing > 0)
		lab_mistake("burst %u: %s: %u frames are missing", burst_no, name, n_missing);
	n_frames[face] += f->seen.n;
}

static bool same_event(const struct adit_event *a, const struct adit_event *b)
{
	bool is_acquire = a->kind == ADIT_EV_ACQUIRE;

	return a->kind == b->kind && (is_acquire ? a->sp_id == b->sp_id : a->sa_slot == b->sa_slot) &&
	       (!is_acquire || (a->proto == b->proto && a->sport == b->sport && a->dport == b->dport && a->src.is_v6 == b->src.is_v6 &&
				memcmp(a->src.bytes, b->src.bytes, a->src.is_v6 ? 16 : 4) == 0 &&
				memcmp(a->dst.bytes, b->dst.bytes, a->src.is_v6 ? 16 : 4) == 0));
}

static const char *event_name(enum adit_event_kind kind)
{
	static const char *const names[] = { "acquire", "SA_SOFT", "SA_HARD", "SEQ_NEAR", "SEQ_END", "ring fault", "verdict" };

	return names[kind];
}

/* Of two directions that post at once the order is the card's own. */
static void compare_events(void)
{
	struct adit_event wanted;
	bool is_taken[EVENTS_MAX] = { false };

	while (golden_card_next_event(model, &wanted)) {
		unsigned i = 0;

		while (i < n_card_events && (is_taken[i] || !same_event(&card_events[i], &wanted)))
			i++;
		if (i < n_card_events)
			is_taken[i] = true;
		else
			lab_mistake("burst %u: golden tells %s of SA %u, policy %u; the card does not", burst_no, event_name(wanted.kind),
				    wanted.sa_slot, wanted.sp_id);
	}
	for (unsigned i = 0; i < n_card_events; i++)
		if (!is_taken[i])
			lab_mistake("burst %u: the card tells %s of SA %u, policy %u; golden does not", burst_no, event_name(card_events[i].kind),
				    card_events[i].sa_slot, card_events[i].sp_id);
	n_card_events = 0;
}

#define ULL(x) ((unsigned long long)(x))

/* A duplicate of a bundle counts for AH, or for ESP if the first was committed between the two questions: their sum is golden's. */
static bool same_replays(uint16_t slot, const struct adit_sa_state *c, const struct adit_sa_state *g)
{
	const struct tunnel *t = tunnel_of(slot);
	struct adit_sa_state c2, g2;

	if (!(slot & 1) || !t->in.has_next)
		return c->replays == g->replays;
	golden_card_sa_state(model, slot ^ 2, &g2);
	if (g2.spi == 0 || adit_sa_query_wait(card, slot ^ 2, &c2) != 0)
		return true;	/* the other one has been deleted, and was compared before */
	return c->replays + c2.replays == g->replays + g2.replays;
}

static void compare_sa(uint16_t slot)
{
	struct adit_sa_state c, g;
	const struct tunnel *t = tunnel_of(slot);
	bool is_in = slot & 1;
	int err;

	golden_card_sa_state(model, slot, &g);
	err = adit_sa_query_wait(card, slot, &c);
	if (g.spi == 0) {
		if (err != -ENOENT)
			lab_mistake("burst %u: SA %u is not there, and the card says %d", burst_no, slot, err);
		return;
	}
	must(err, "SA");
	if (c.spi != g.spi || c.seq != g.seq || c.packets != g.packets || c.bytes != g.bytes || c.icv_errors != g.icv_errors || !same_replays(slot, &c, &g) ||
	    c.soft_expired != g.soft_expired || c.hard_expired != g.hard_expired || c.added_seconds != g.added_seconds ||
	    (is_in && (slot & 2 ? t->in_ah : t->in).replay_packets != 0 && c.replay_map != g.replay_map))
		lab_mistake("burst %u: SA %u (%s %s): card seq %llx map %llx packets %llu bytes %llu icv %llu replays %llu soft %d hard %d added %u; golden "
			    "%llx %llx %llu %llu %llu %llu %d %d %u", burst_no, slot, world_shapes[t->shape].name, world_rows[t->row].name, ULL(c.seq),
			    ULL(c.replay_map), ULL(c.packets), ULL(c.bytes), ULL(c.icv_errors), ULL(c.replays), c.soft_expired, c.hard_expired,
			    c.added_seconds, ULL(g.seq), ULL(g.replay_map), ULL(g.packets), ULL(g.bytes), ULL(g.icv_errors), ULL(g.replays),
			    g.soft_expired, g.hard_expired, g.added_seconds);
}

static void compare_policy(uint16_t id)
{
	struct adit_sp_state c, g;

	golden_card_sp_state(model, id, &g);
	must(adit_sp_query_wait(card, id, &c), "policy");
	if (c.in_accepted != g.in_accepted || c.in_dropped != g.in_dropped || c.in_transformed != g.in_transformed || c.sa_slot != g.sa_slot ||
	    c.out_accepted != g.out_accepted || c.out_dropped != g.out_dropped || c.out_transformed != g.out_transformed)
		lab_mistake("burst %u: policy %u: card in %llu/%llu/%llu out %llu/%llu/%llu SA %u; golden in %llu/%llu/%llu out %llu/%llu/%llu SA %u",
			    burst_no, id, ULL(c.in_accepted), ULL(c.in_dropped), ULL(c.in_transformed), ULL(c.out_accepted), ULL(c.out_dropped),
			    ULL(c.out_transformed), c.sa_slot, ULL(g.in_accepted), ULL(g.in_dropped), ULL(g.in_transformed), ULL(g.out_accepted),
			    ULL(g.out_dropped), ULL(g.out_transformed), g.sa_slot);
}

static void compare_counters(bool all)
{
	uint64_t counts[ADIT_REASON_COUNT];

	must(adit_stats_wait(card, counts), "statistics");
	for (unsigned r = 0; r < ADIT_REASON_COUNT; r++)
		if (counts[r] != golden_card_count(model, (enum adit_reason)r))
			lab_mistake("burst %u: reason %s: card %llu, golden %llu", burst_no, adit_reason_name(r), ULL(counts[r]),
				    ULL(golden_card_count(model, (enum adit_reason)r)));
	for (uint16_t slot = 0; slot < TUNNELS * WORLD_SLOTS; slot++)
		if (all || lab_one_in(20))
			compare_sa(slot);
	for (uint16_t id = 0; id < RULES; id++)
		if (all || lab_one_in(10))
			compare_policy(id);
}

/* ---- what the host does */

static struct in_frame *add_host(enum adit_dest dest, const uint8_t *bytes, size_t n_bytes)
{
	struct face *f = &faces[ADIT_FACE_HOST];
	struct in_frame *in;

	if (f->n_in == HOST_BURST || n_bytes < 14 || n_bytes > GOLDEN_MAX_FRAME_BYTES)
		return NULL;
	in = &f->in[f->n_in++];
	in->frame.n_bytes = n_bytes;
	memcpy(in->frame.bytes, bytes, n_bytes);
	in->tx = (struct adit_tx_packet){ .dest = dest };
	return in;
}

static size_t l3_off_of(const struct world_frame *f)
{
	size_t at = 12;

	while (at < 20 && (ipv4_get16(f->bytes + at) == 0x8100 || ipv4_get16(f->bytes + at) == 0x88a8))
		at += 4;
	return at + 2;
}

/* Cut to what the SA's path takes, RFC 791 section 3.2; the options stay in every piece. */
static void answer_split(const struct punt *p)
{
	const struct tunnel *t = tunnel_of(p->sa_slot);
	size_t l3 = l3_off_of(&p->frame), head = ipv4_header_bytes(p->frame.bytes + l3), total = ipv4_total_bytes(p->frame.bytes + l3), mtu, step;

	if (t == NULL || t->out.path_mtu == 0 || p->frame.bytes[l3] >> 4 != 4)
		return;
	mtu = adit_sa_inner_mtu(&t->out, t->out.path_mtu);
	step = mtu > head + 8 ? (mtu - head) / 8 * 8 : 8;
	for (size_t at = head; at < total; at += step) {
		size_t n = total - at < step ? total - at : step;
		uint16_t field = ipv4_get16(p->frame.bytes + l3 + 6);
		struct in_frame *in = add_host(ADIT_DEST_SEAL, p->frame.bytes, l3 + head + n);
		uint8_t *ip;

		if (in == NULL)
			return;
		ip = in->frame.bytes + l3;
		memcpy(ip + head, p->frame.bytes + l3 + at, n);
		ipv4_put16(ip + 2, (uint16_t)(head + n));
		ipv4_put16(ip + 6, (uint16_t)((field + (at - head) / 8) | (at + n < total ? 0x2000 : 0)));
		ipv4_set_checksum(ip);
		in->tx.sa_slot = lab_one_in(12) ? (uint16_t)lab_rnd(TUNNELS * WORLD_SLOTS) : p->sa_slot;	/* hosts may lie */
		in->tx.sp_id = lab_one_in(12) ? (uint16_t)lab_rnd(RULES) : p->sp_id;
	}
}

static void answer_slow_seal(const struct punt *p)
{
	struct tunnel *t = &tunnels[p->sa_slot / WORLD_SLOTS];
	uint8_t out[WORLD_ROOM];
	size_t n = 0;

	if (golden_seal(t->own_out, p->frame.bytes, p->frame.n_bytes, l3_off_of(&p->frame), p->seq, out, GOLDEN_MAX_FRAME_BYTES, &n) == ADIT_REASON_NONE)
		(void)add_host(ADIT_DEST_OUT_WAN, out, n);
}

static void answer_slow_open(const struct punt *p)
{
	struct tunnel *t = &tunnels[p->sa_slot / WORLD_SLOTS];
	uint8_t out[WORLD_ROOM];
	size_t n = 0;
	enum adit_reason reason = golden_open(t->own_in, p->frame.bytes, p->frame.n_bytes, l3_off_of(&p->frame), p->seq, out, GOLDEN_MAX_FRAME_BYTES, &n);
	struct in_frame *in = reason == ADIT_REASON_NONE ? add_host(ADIT_DEST_OPENED, out, n) : add_host(ADIT_DEST_OPENED, p->frame.bytes, p->frame.n_bytes);

	if (in == NULL)
		return;
	in->tx.reason = reason;
	in->tx.sa_slot = p->sa_slot;
	in->tx.seq = p->seq;
	switch (lab_rnd(24)) {	/* lies */
	case 0: in->tx.reason = lab_one_in(2) ? ADIT_REASON_XfrmInStateProtoError : ADIT_REASON_InPadding; break;
	case 1: in->tx.sa_slot = (uint16_t)lab_rnd(TUNNELS * WORLD_SLOTS); break;
	case 2: in->tx.seq += lab_rnd(3); break;
	case 3: in->frame.bytes[lab_rnd(in->frame.n_bytes < 60 ? (uint32_t)in->frame.n_bytes : 60)] ^= (uint8_t)(1u << lab_rnd(8)); break;
	default: break;
	}
}

/* A host that tells of packets feeds the inbound direction alone: a number that is told is committed when the packet comes through,
 * and golden would know it earlier than a packet from wan behind it finds it. */
static void make_host_frames(void)
{
	uint8_t frame[WORLD_ROOM];
	unsigned n = lab_one_in(4) ? 0 : lab_rnd(mode.nic ? HOST_BURST : 16);

	is_told_burst = false;
	host_is_outbound = lab_one_in(2);
	for (unsigned i = 0; i < n_punts; i++)
		is_told_burst |= punts[i].reason == ADIT_REASON_HostSlowOpen;
	if (is_told_burst)
		host_is_outbound = false;
	host_tunnels = host_is_outbound || n == 0 || is_told_burst ? 0 : TUNNELS / 2;
	for (unsigned i = 0; i < n_punts; i++) {
		struct punt *p = &punts[i];

		if (p->reason == ADIT_REASON_HostSlowOpen)
			answer_slow_open(p);
		else if (p->reason == ADIT_REASON_HostSlowSeal)
			answer_slow_seal(p);
		else if (p->reason == ADIT_REASON_HostSplit && host_is_outbound)
			answer_split(p);
		else if (p->reason == ADIT_REASON_HostFragment && !host_is_outbound && !is_told_burst)
			(void)add_host(ADIT_DEST_FROM_WAN, p->frame.bytes, p->frame.n_bytes);
	}
	n_punts = 0;
	for (unsigned i = 0; i < n && !is_told_burst; i++) {
		size_t bytes = host_is_outbound ? world_lan_frame(frame, tunnels, TUNNELS) : world_wan_frame(frame, tunnels, host_tunnels);
		enum adit_dest dest = host_is_outbound ? ADIT_DEST_FROM_LAN : ADIT_DEST_FROM_WAN;

		if (lab_one_in(12))
			dest = lab_one_in(2) ? ADIT_DEST_OUT_LAN : ADIT_DEST_OUT_WAN;
		(void)add_host(dest, frame, bytes);
	}
}

static void keep_punts(void)
{
	const struct list *seen = &faces[ADIT_FACE_HOST].seen;

	for (unsigned i = 0; i < seen->n && n_punts < PUNTS_MAX; i++) {
		const struct out_frame *f = &seen->at[i];
		struct punt *p = &punts[n_punts];
		enum adit_reason r = f->verdict.reason;

		if (r != ADIT_REASON_HostSlowOpen && r != ADIT_REASON_HostSlowSeal && r != ADIT_REASON_HostSplit && r != ADIT_REASON_HostFragment)
			continue;
		*p = (struct punt){ .reason = r, .sa_slot = f->verdict.sa_slot, .sp_id = f->verdict.sp_id, .seq = f->verdict.seq,
				    .frame.n_bytes = f->n_bytes };
		memcpy(p->frame.bytes, f->bytes, f->n_bytes);
		n_punts++;
	}
}

/* ---- a burst */

static void send_burst(enum adit_face face)
{
	struct face *f = &faces[face];

	for (unsigned i = 0; i < f->n_in; i++)
		if (send(ports[face], f->in[i].frame.bytes, f->in[i].frame.n_bytes, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
			lab_die("port %s: %s", adit_face_name(face), strerror(errno));
}

static void send_host_burst(void)
{
	struct face *f = &faces[ADIT_FACE_HOST];

	for (unsigned i = 0; i < f->n_in; i++) {
		int n;

		f->in[i].tx.bytes = f->in[i].frame.bytes;
		f->in[i].tx.n_bytes = (uint16_t)f->in[i].frame.n_bytes;
		n = adit_tx(card, &f->in[i].tx, 1);
		if (n != 1)
			lab_die("host frame %u: %d: %s", i, n, adit_card_strerror(card));
		if (passes_by(&f->in[i])) {
			struct out_frame *w = list_add(&faces[f->in[i].tx.dest == ADIT_DEST_OUT_LAN ? ADIT_FACE_LAN : ADIT_FACE_WAN].wanted,
						       f->in[i].frame.bytes, f->in[i].frame.n_bytes);

			w->is_straight = true;
			w->face_in = ADIT_FACE_HOST;
			w->no = i;
			w->verdict = (struct golden_verdict){ .sa_slot = ADIT_NO_SLOT };
		}
	}
}

static void drain(void)
{
	uint8_t bytes[WORLD_ROOM];
	ssize_t n;

	for (unsigned k = 0; k < 2; k++)
		while ((n = recv(ports[k], bytes, sizeof(bytes), MSG_DONTWAIT)) > 0)
			list_add(&faces[k].seen, bytes, (size_t)n);
}

static bool is_complete(void)
{
	const struct face *h = &faces[ADIT_FACE_HOST];
	unsigned n_by = 0;

	for (unsigned i = h->n_verdicts; i < h->n_in; i++)
		n_by += passes_by(&h->in[i]);
	return faces[0].n_verdicts == faces[0].n_in && faces[1].n_verdicts == faces[1].n_in && h->n_verdicts + n_by == h->n_in &&
	       faces[0].seen.n >= faces[0].wanted.n && faces[1].seen.n >= faces[1].wanted.n && h->seen.n >= h->wanted.n;
}

static void serve(void)
{
	struct pollfd fds[3] = { { .fd = ports[0], .events = POLLIN }, { .fd = ports[1], .events = POLLIN }, { .fd = adit_card_fd(card), .events = POLLIN } };
	int err;

	drain();
	err = adit_card_poll(card, 512);
	if (err < 0)
		lab_die("burst %u: %s", burst_no, adit_card_strerror(card));
	if (err == 0 && !is_complete() && poll(fds, 3, 20) < 0 && errno != EINTR)
		lab_die("poll: %s", strerror(errno));
}

/* The clock stops when the card is idle: then hardly any cycle passes between two questions for it. A live simulator answers some
 * questions at once, and lets the card work a while only when nobody asks. */
static void wait_idle(void)
{
	uint64_t before = 0, cycles;

	for (unsigned n_still = 0; n_still < 2; before = cycles) {
		if (is_live)
			usleep(20000);
		must(adit_card_cycles(card, &cycles), "cycles");
		n_still = cycles - before < 200 ? n_still + 1 : 0;
		serve();
	}
}

static void settle(void)
{
	uint64_t began = now_ms();

	while (!is_complete()) {
		serve();
		if (now_ms() - began > LIMIT_MS) {
			lab_mistake("burst %u: stuck: lan %u of %u, wan %u of %u, host %u of %u; out lan %u of %u, wan %u of %u, host %u of %u", burst_no,
				    faces[0].n_verdicts, faces[0].n_in, faces[1].n_verdicts, faces[1].n_in, faces[2].n_verdicts, faces[2].n_in,
				    faces[0].seen.n, faces[0].wanted.n, faces[1].seen.n, faces[1].wanted.n, faces[2].seen.n, faces[2].wanted.n);
			for (unsigned k = 0; k < 3; k++)
				if (faces[k].n_verdicts < faces[k].n_in)
					keep_input((enum adit_face)k, faces[k].first_no[k < 2 ? k == 0 : host_is_outbound], &faces[k].in[faces[k].n_verdicts]);
			lab_die("what it was given next is kept in %s", lab_folder());
		}
	}
	wait_idle();	/* notices come a little behind the packets, and what there is too much of as well */
}

static void make_port_frames(enum adit_face face, unsigned n)
{
	struct face *f = &faces[face];
	size_t total = 0;

	for (unsigned i = 0; i < n && total < BURST_BYTES; i++) {
		struct in_frame *in = &f->in[f->n_in++];

		in->tx = (struct adit_tx_packet){ .dest = ADIT_DEST_FROM_LAN };
		in->frame.n_bytes = face == ADIT_FACE_LAN ? world_lan_frame(in->frame.bytes, tunnels, TUNNELS) :
							    world_wan_frame(in->frame.bytes, tunnels + host_tunnels, TUNNELS - host_tunnels);
		total += in->frame.n_bytes + 600;	/* what the kernel keeps beside each */
	}
}

static void burst(void)
{
	burst_no++;
	for (unsigned k = 0; k < 3; k++) {
		faces[k].n_in = faces[k].n_verdicts = 0;
		list_clear(&faces[k].wanted);
		list_clear(&faces[k].seen);
	}
	for (unsigned i = 0; i < TUNNELS; i++)
		tunnels[i].is_quiet = true;
	make_host_frames();
	if (!mode.nic)	/* there lan is closed */
		make_port_frames(ADIT_FACE_LAN, lab_rnd(BURST));
	if (!is_told_burst)
		make_port_frames(ADIT_FACE_WAN, lab_rnd(BURST));
	send_burst(ADIT_FACE_LAN);
	send_burst(ADIT_FACE_WAN);
	send_host_burst();
	must(adit_card_kick(card) < 0, "doorbell");
	must(adit_card_enable(card, true), "enable");
	settle();
	must(adit_card_enable(card, false), "enable");
	for (unsigned k = 0; k < 3; k++)
		compare_face((enum adit_face)k);
	compare_events();
	keep_punts();
}

/* ---- tables change between bursts, golden's and the card's alike */

static void both(int golden, int cards, const char *what)
{
	n_commands++;
	if (golden != cards)
		lab_die("burst %u: %s: golden %d, card %d (%s)", burst_no, what, golden, cards, adit_card_strerror(card));
}

static void add_sa(uint16_t slot, const struct adit_sa *sa, const char *what)
{
	both(golden_card_sa_add(model, slot, sa), adit_sa_add_wait(card, slot, sa), what);
}

static void drop_sa(uint16_t slot)
{
	compare_sa(slot);
	both(golden_card_sa_delete(model, slot), adit_sa_delete_wait(card, slot), "delete");
}

static void load_tunnel(unsigned i)
{
	struct tunnel *t = &tunnels[i];

	if (t->out.has_next) {
		add_sa((uint16_t)(t->slot + 2), &t->out_ah, "add AH");
		add_sa((uint16_t)(t->slot + 3), &t->in_ah, "add AH");
	}
	add_sa(t->slot, &t->out, "add");
	add_sa((uint16_t)(t->slot + 1), &t->in, "add");
}

static void bind_policy(uint16_t id, uint16_t slot)
{
	golden_card_sp_bind(model, id, slot);
	both(0, adit_sp_bind_wait(card, id, slot), "bind");
}

static void replace_rules(void)
{
	struct adit_sp rules[RULES];

	for (unsigned i = 0; i < TUNNELS; i++)
		rules[i] = tunnels[i].rule;
	memcpy(rules + TUNNELS, more_rules, sizeof(more_rules));
	both(golden_card_sp_replace(model, rules, RULES), adit_sp_replace_wait(card, rules, RULES), "rules");
}

/* Rules of no tunnel: wide ones, for ICMP, for packets that hide their ports. */
static void make_more_rules(void)
{
	for (unsigned i = 0; i < RULES_MORE; i++) {
		const struct tunnel *t = &tunnels[lab_rnd(TUNNELS)];
		struct adit_sp *r = &more_rules[i];

		*r = t->rule;
		r->id = (uint16_t)(TUNNELS + i);
		r->priority = (int32_t)lab_rnd(9) - 5;
		r->any_proto = r->any_ports = true;
		r->action = (enum adit_action)(lab_one_in(2) ? ADIT_ACTION_ENCRYPT : lab_rnd(2));
		r->level = (enum adit_level)lab_rnd(3);
		switch (lab_rnd(4)) {
		case 0:
			r->opaque = true;
			break;
		case 1:
			r->any_proto = r->any_ports = false;
			r->proto = r->src.is_v6 ? 58 : 1;
			r->sport_lo = r->sport_hi = (uint16_t)(r->src.is_v6 ? 128 + lab_rnd(2) : 8 * lab_rnd(2));
			r->dport_lo = 0;
			r->dport_hi = 255;
			break;
		case 2:
			r->any_proto = false;
			r->proto = world_some_proto(r->src.is_v6);
			break;
		default:
			r->priority = -10;	/* beneath all, wide */
			r->src_plen = r->dst_plen = (uint8_t)(r->src.is_v6 ? 24 : 12);
			r->src.bytes[r->src.is_v6 ? 3 : 2] = r->dst.bytes[r->dst.is_v6 ? 3 : 2] = 0;
			memset(r->src.bytes + (r->src.is_v6 ? 3 : 2), 0, 2);
			memset(r->dst.bytes + (r->dst.is_v6 ? 3 : 2), 0, 2);
			if (!r->src.is_v6)
				r->src.bytes[1] &= 0xf0, r->dst.bytes[1] &= 0xf0;
			break;
		}
		if (r->src_plen < (r->src.is_v6 ? 128 : 32)) {	/* host bits count for nothing, and must be 0 */
			memset(r->src.bytes + r->src_plen / 8 + (r->src_plen % 8 != 0), 0, (r->src.is_v6 ? 16u : 4u) - r->src_plen / 8 - (r->src_plen % 8 != 0));
			memset(r->dst.bytes + r->dst_plen / 8 + (r->dst_plen % 8 != 0), 0, (r->dst.is_v6 ? 16u : 4u) - r->dst_plen / 8 - (r->dst_plen % 8 != 0));
		}
	}
}

static void rekey(unsigned i)
{
	struct tunnel *t = &tunnels[i];
	struct adit_sa_state s;

	for (uint16_t k = 0; k < WORLD_SLOTS; k++) {
		uint16_t slot = (uint16_t)(t->slot + (k ^ 0));

		golden_card_sa_state(model, slot, &s);
		if (s.spi != 0)
			drop_sa(slot);
	}
	for (unsigned k = 0; k < n_punts; k++)	/* what the old SAs punted is nobody's */
		if (punts[k].sa_slot != ADIT_NO_SLOT && punts[k].sa_slot / WORLD_SLOTS == i)
			punts[k].reason = ADIT_REASON_NONE;
	world_tunnel_drop(t);
	world_tunnel_make(t, i, next_kind++);
	load_tunnel(i);
	bind_policy((uint16_t)i, t->is_bound ? t->slot : ADIT_NO_SLOT);
}

static void update_sa(unsigned i)
{
	struct tunnel *t = &tunnels[i];
	bool is_in = lab_one_in(2);
	struct adit_sa *sa = is_in ? &t->in : &t->out, old = *sa;
	struct adit_sa_state s;

	if (sa->has_next) {	/* a flush may have taken the other */
		golden_card_sa_state(model, sa->next_slot, &s);
		if (s.spi == 0)
			return;
	}
	golden_card_sa_state(model, (uint16_t)(t->slot + is_in), &s);
	if (s.spi == 0)
		return;
	switch (lab_rnd(4)) {
	case 0:
		if (world_shapes[t->shape].mode == ADIT_MODE_TUNNEL && !sa->has_next) {
			if (is_in)
				sa->dst = world_local(sa->dst.is_v6, lab_rnd(2));
			else
				sa->src = world_local(sa->src.is_v6, lab_rnd(2));
		}
		break;
	case 1:
		if (sa->udp_encap && !is_in) {
			sa->natt_sport = (uint16_t)(1 + lab_rnd(65535));
			sa->natt_dport = (uint16_t)(1 + lab_rnd(65535));
		}
		break;
	case 2:
		if (is_in && sa->has_next)	/* as world.c says */
			break;
		sa->hard_packets = lab_one_in(2) ? 0 : s.packets + lab_rnd(30);
		sa->soft_packets = lab_one_in(2) ? 0 : s.packets + lab_rnd(20);
		sa->hard_bytes = lab_one_in(2) ? 0 : s.bytes + lab_rnd(30000);
		break;
	default:
		sa->ttl = (uint8_t)(1 + lab_rnd(255));
		sa->set_dscp = lab_one_in(2);
		sa->dscp = (uint8_t)lab_rnd(64);
		sa->flow_label = lab_rnd(1u << 20);
		break;
	}
	both(golden_card_sa_update(model, (uint16_t)(t->slot + is_in), sa), adit_sa_update_wait(card, (uint16_t)(t->slot + is_in), sa), "update");
	if (is_in && memcmp(&old.dst, &sa->dst, sizeof(old.dst)) != 0) {	/* the peer follows */
		struct adit_sa peer = *sa;

		golden_sa_close(t->peer);
		golden_sa_close(t->own_in);
		peer.dir = ADIT_DIR_OUT;
		if (golden_sa_open(sa, &t->own_in) != 0 || golden_sa_open(&peer, &t->peer) != 0)
			lab_die("golden refuses tunnel %u", i);
	} else if (!is_in) {
		golden_sa_close(t->own_out);
		if (golden_sa_open(sa, &t->own_out) != 0)
			lab_die("golden refuses tunnel %u", i);
	}
}

static void flush(void)
{
	bool esp = lab_one_in(2), ah = !esp || lab_one_in(2);

	golden_card_sa_flush(model, esp, ah);
	both(0, adit_sa_flush_wait(card, esp, ah), "flush");
}

static void configure(void)
{
	mode.pass_unmatched = lab_one_in(2);
	if (lab_one_in(4))
		mode.nic = !mode.nic;
	golden_card_configure(model, &mode);
	both(0, adit_card_configure(card, &mode), "configure");
}

static void change(void)
{
	for (unsigned n = lab_rnd(5); n > 0; n--)
		rekey(lab_rnd(TUNNELS));
	for (unsigned n = lab_rnd(8); n > 0; n--)
		update_sa(lab_rnd(TUNNELS));
	if (lab_one_in(3)) {
		unsigned i = lab_rnd(TUNNELS);

		bind_policy((uint16_t)i, lab_one_in(3) ? ADIT_NO_SLOT : lab_one_in(10) ? (uint16_t)lab_rnd(TUNNELS * WORLD_SLOTS) : tunnels[i].slot);
	}
	if (lab_one_in(2)) {
		if (lab_one_in(3))
			make_more_rules();
		for (unsigned n = lab_rnd(4); n > 0; n--) {
			struct adit_sp *r = &tunnels[lab_rnd(TUNNELS)].rule;

			r->action = lab_one_in(3) ? (enum adit_action)lab_rnd(3) : ADIT_ACTION_ENCRYPT;
			r->level = (enum adit_level)lab_rnd(3);
			r->priority = (int32_t)lab_rnd(7) - 3;
		}
	}
	replace_rules();
	if (lab_one_in(2)) {
		now_seconds += 1 + lab_rnd(6);
		golden_card_set_now(model, now_seconds);
		both(0, adit_card_set_now(card, now_seconds), "time");
		wait_idle();
	}
	if (lab_one_in(25))
		flush();
	if (lab_one_in(8))
		configure();
	for (unsigned i = 0; i < TUNNELS; i++) {	/* what was flushed, or is used up for ever, begins anew after a while */
		struct adit_sa_state out, in;

		golden_card_sa_state(model, tunnels[i].slot, &out);
		golden_card_sa_state(model, (uint16_t)(tunnels[i].slot + 1), &in);
		if ((out.spi == 0 || in.spi == 0 || out.hard_expired || in.hard_expired) && lab_one_in(3))
			rekey(i);
	}
	replace_rules();
	wait_idle();	/* notices of time */
}

/* ---- running */

int main(int argc, char **argv)
{
	unsigned frames = argc > 2 ? (unsigned)atoi(argv[2]) : 3000, n_in[3] = { 0 };
	uint64_t seed = argc > 3 ? strtoull(argv[3], NULL, 0) : (uint64_t)time(NULL), cycles;
	const char *stall = argc > 4 ? argv[4] : "25", *how = argc > 5 ? argv[5] : "";
	struct adit_open_options sizes = { .evt_entries = 4096, .rx_entries = 2048, .tx_entries = 256, .timeout_ms = 120000 };
	bool is_long = strcmp(how, "long") == 0;
	unsigned n_empty, n_packets;
	pid_t sim;

	is_live = is_long || strcmp(how, "live") == 0;
	if (argc < 2 || frames == 0 || (*how != 0 && !is_live)) {
		fprintf(stderr, "usage: lockstep ADIT-SIM [FRAMES [SEED [STALL [live|long]]]]\n");
		return 2;
	}
	printf("lockstep: seed %llu, about %u frames on each port, stall %s %% %s\n", ULL(seed), frames, stall, how);
	fflush(stdout);
	lab_seed(seed);
	lab_open("lockstep");
	mode = world_options();
	mode.verdicts = true;
	mode.pass_unmatched = lab_one_in(2);
	mode.nic = lab_one_in(4);
	model = golden_card_open(&mode);
	punts = calloc(PUNTS_MAX, sizeof(*punts));
	for (unsigned k = 0; k < 3; k++) {
		faces[k].in = calloc(BURST + HOST_BURST, sizeof(*faces[k].in));
		if (faces[k].in == NULL)
			lab_die("no memory");
	}
	if (model == NULL || punts == NULL)
		lab_die("no memory");
	sim = lab_start_with_ports(argv[1], seed, stall, is_live, ports);
	card = lab_open_card(&sizes);
	world_largest_window = adit_card_caps(card)->replay_packets;
	adit_card_on_event(card, on_event, NULL);
	adit_card_on_rx(card, on_rx, NULL);
	must(adit_card_configure(card, &mode), "configure");
	now_seconds = 1000;
	golden_card_set_now(model, now_seconds);
	must(adit_card_set_now(card, now_seconds), "time");
	next_kind = lab_rnd(WORLD_KINDS);
	for (unsigned i = 0; i < TUNNELS; i++) {
		world_tunnel_make(&tunnels[i], i, next_kind++);
		load_tunnel(i);
		if (tunnels[i].is_bound)
			bind_policy((uint16_t)i, tunnels[i].slot);
	}
	make_more_rules();
	replace_rules();

	while (n_in[0] + n_in[1] < 2 * frames) {
		burst();
		for (unsigned k = 0; k < 3; k++)
			n_in[k] += faces[k].n_in;
		compare_counters(burst_no % 16 == 0);
		change();
	}
	compare_counters(true);
	must(adit_card_cycles(card, &cycles), "cycles");
	lab_stop(card, sim);

	n_packets = n_in[0] + n_in[1] + n_in[2];
	printf("lockstep: %u bursts, %u commands; in lan %u wan %u host %u; out lan %u wan %u host %u; %llu cycles\n", burst_no, n_commands, n_in[0],
	       n_in[1], n_in[2], n_frames[0], n_frames[1], n_frames[2], ULL(cycles));
	n_empty = coverage_print();
	if (is_long && n_empty > 0)
		lab_mistake("%u cells are empty that must not be", n_empty);
	if (lab_mistakes() == 0)
		lab_close();
	else
		printf("what went wrong is kept in %s\n", lab_folder());
	printf("%u passed, %u failed\n", n_packets - (lab_mistakes() < n_packets ? lab_mistakes() : n_packets), lab_mistakes());
	return lab_mistakes() == 0 ? 0 : 1;
}
