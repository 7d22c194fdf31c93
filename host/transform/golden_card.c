// SPDX-License-Identifier: BSD-2-Clause-Patent
#include "transform/golden_card.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "transform/ah.h"
#include "transform/frame.h"
#include "transform/ip.h"
#include "transform/outer.h"
#include "transform/window.h"

enum { PORT_IKE = 500, PORT_NAT_T = 4500, ESP_BYTES = 8, MAX_HEAD_BYTES = 127 };

struct slot {
	struct golden_sa *golden;	/* NULL: empty */
	struct adit_sa sa;		/* keys wiped */
	struct adit_sa_state state;	/* seq: OUT next; IN stands in window */
	struct window *window;		/* IN */
	size_t inner_mtu;		/* 0: no limit */
	uint64_t near_at;		/* OUT: with this number 7/8 of the lease are used */
	bool is_near;
	bool told_soft, told_hard, told_near;
};

struct policy {
	struct adit_sp_state state;
	bool has_asked;			/* an acquire was posted since the last binding */
};

struct golden_card {
	struct adit_mode_options options;
	uint32_t now;
	struct slot slots[GOLDEN_CARD_SLOTS];
	struct adit_sp rules[GOLDEN_CARD_RULES];	/* in the order they are asked */
	unsigned n_rules;
	struct policy policies[GOLDEN_CARD_RULES];
	uint64_t counts[ADIT_REASON_COUNT];
	struct adit_event events[GOLDEN_CARD_EVENTS];
	unsigned first_event, n_events;
	bool has_ended;			/* the last SEQ_END was for ended_slot, and no packet found it well since */
	uint16_t ended_slot;
};

/* A packet on its way through one direction. */
struct passage {
	struct golden_card *card;
	const struct frame_facts *facts;
	const struct golden_told *told;	/* NULL: nothing is told */
	const uint8_t *frame;
	size_t frame_bytes;
	uint8_t *out;
	size_t *out_bytes;
};

struct golden_card *golden_card_open(const struct adit_mode_options *options)
{
	struct golden_card *card = calloc(1, sizeof(*card));

	if (card == NULL)
		return NULL;
	card->options = *options;
	for (unsigned i = 0; i < GOLDEN_CARD_RULES; i++)
		card->policies[i].state.sa_slot = ADIT_NO_SLOT;
	return card;
}

static void slot_close(struct slot *s)
{
	golden_sa_close(s->golden);
	free(s->window);
	OPENSSL_cleanse(s, sizeof(*s));
}

void golden_card_close(struct golden_card *card)
{
	if (card == NULL)
		return;
	for (unsigned i = 0; i < GOLDEN_CARD_SLOTS; i++)
		slot_close(&card->slots[i]);
	free(card);
}

void golden_card_configure(struct golden_card *card, const struct adit_mode_options *options)
{
	card->options = *options;
}

/* ---- events */

static void post(struct golden_card *card, struct adit_event event)
{
	if (card->n_events == GOLDEN_CARD_EVENTS)
		return;
	card->events[(card->first_event + card->n_events) % GOLDEN_CARD_EVENTS] = event;
	card->n_events++;
}

bool golden_card_next_event(struct golden_card *card, struct adit_event *event)
{
	if (card->n_events == 0)
		return false;
	*event = card->events[card->first_event];
	card->first_event = (card->first_event + 1) % GOLDEN_CARD_EVENTS;
	card->n_events--;
	return true;
}

static void post_sa(struct golden_card *card, enum adit_event_kind kind, const struct slot *s)
{
	post(card, (struct adit_event){ .kind = kind, .sa_slot = (uint16_t)(s - card->slots), .sp_id = ADIT_NO_SLOT });
}

/* Each limit is told of once. */
static void tell(struct golden_card *card, struct slot *s)
{
	if (s->state.hard_expired && !s->told_hard)
		post_sa(card, ADIT_EV_SA_HARD, s);
	if (s->state.soft_expired && !s->told_soft)
		post_sa(card, ADIT_EV_SA_SOFT, s);
	if (s->is_near && !s->told_near)
		post_sa(card, ADIT_EV_SEQ_NEAR, s);
	s->told_hard = s->state.hard_expired;
	s->told_soft = s->state.soft_expired;
	s->told_near = s->is_near;
}

/* ---- lifetimes */

static bool has_passed(uint64_t value, uint64_t limit)
{
	return limit != 0 && value >= limit;
}

static bool is_too_old(const struct golden_card *card, const struct slot *s, uint32_t limit_seconds)
{
	return has_passed(card->now - s->state.added_seconds, limit_seconds);
}

static bool is_expired(const struct golden_card *card, const struct slot *s)
{
	return s->state.hard_expired || is_too_old(card, s, s->sa.hard_seconds);
}

/* One more packet of n_bytes would pass a hard limit. */
static bool is_over(const struct slot *s, size_t n_bytes)
{
	return (s->sa.hard_packets != 0 && s->state.packets + 1 > s->sa.hard_packets) ||
	       (s->sa.hard_bytes != 0 && s->state.bytes + n_bytes > s->sa.hard_bytes);
}

static bool is_soft(const struct golden_card *card, const struct slot *s)
{
	return has_passed(s->state.packets, s->sa.soft_packets) || has_passed(s->state.bytes, s->sa.soft_bytes) ||
	       is_too_old(card, s, s->sa.soft_seconds);
}

static void count_packet(struct golden_card *card, struct slot *s, size_t n_bytes)
{
	s->state.packets++;
	s->state.bytes += n_bytes;
	s->state.soft_expired |= is_soft(card, s);
}

void golden_card_set_now(struct golden_card *card, uint32_t seconds)
{
	card->now = seconds;
	for (unsigned i = 0; i < GOLDEN_CARD_SLOTS; i++) {
		struct slot *s = &card->slots[i];

		if (s->golden == NULL)
			continue;
		s->state.hard_expired = is_expired(card, s);
		s->state.soft_expired |= is_too_old(card, s, s->sa.soft_seconds);
		tell(card, s);
	}
}

/* ---- tables */

/* What the driver makes of an SA before the card sees it. */
static void take_record(struct golden_card *card, struct slot *s, const struct adit_sa *sa)
{
	const struct slot *next = sa->has_next && sa->next_slot < GOLDEN_CARD_SLOTS ? &card->slots[sa->next_slot] : NULL;
	size_t path_mtu = sa->path_mtu;

	s->sa = *sa;
	OPENSSL_cleanse(s->sa.enc_key, sizeof(s->sa.enc_key));
	OPENSSL_cleanse(s->sa.auth_key, sizeof(s->sa.auth_key));
	OPENSSL_cleanse(s->sa.salt, sizeof(s->sa.salt));
	if (s->sa.seq_lease == 0)
		s->sa.seq_lease = sa->esn ? UINT64_MAX : UINT32_MAX;
	if (sa->dir == ADIT_DIR_OUT && sa->seq_first == 0)
		s->sa.seq_first = 1;
	s->near_at = s->sa.seq_lease < s->sa.seq_first ? 0 : s->sa.seq_lease - ((s->sa.seq_lease - s->sa.seq_first + 1) >> 3);
	if (sa->enc >= ADIT_ENC_BLOWFISH_CBC)
		s->sa.host_transform = true;	/* no card has these ciphers */
	if (next != NULL && next->golden != NULL && path_mtu != 0)
		path_mtu = golden_inner_mtu(next->golden, path_mtu);
	s->inner_mtu = sa->dir == ADIT_DIR_OUT && path_mtu != 0 ? golden_inner_mtu(s->golden, path_mtu) : 0;
}

static bool same_key(const struct adit_sa *a, const struct adit_sa *b)
{
	return a->spi == b->spi && a->proto == b->proto && a->dst.is_v6 == b->dst.is_v6 &&
	       memcmp(a->dst.bytes, b->dst.bytes, a->dst.is_v6 ? 16 : 4) == 0;
}

static bool key_exists(const struct golden_card *card, const struct adit_sa *sa, const struct slot *but)
{
	for (const struct slot *s = card->slots; s < card->slots + GOLDEN_CARD_SLOTS; s++)
		if (s != but && s->golden != NULL && s->sa.dir == ADIT_DIR_IN && sa->dir == ADIT_DIR_IN && same_key(&s->sa, sa))
			return true;
	return false;
}

int golden_card_sa_add(struct golden_card *card, uint16_t slot, const struct adit_sa *sa)
{
	struct slot *s;
	int err;

	if (slot >= GOLDEN_CARD_SLOTS)
		return -EINVAL;
	s = &card->slots[slot];
	if (s->golden != NULL || key_exists(card, sa, s))
		return -EEXIST;
	err = golden_sa_open(sa, &s->golden);
	if (err != 0)
		return err;
	if (sa->dir == ADIT_DIR_IN) {
		s->window = calloc(1, sizeof(*s->window));
		if (s->window == NULL) {
			slot_close(s);
			return -ENOMEM;
		}
		window_start(s->window, sa->seq_first);
	}
	take_record(card, s, sa);
	s->state = (struct adit_sa_state){
		.spi = sa->spi, .reqid = sa->reqid, .dir = sa->dir, .proto = sa->proto, .mode = sa->mode,
		.enc = sa->enc, .auth = sa->auth, .seq = s->sa.seq_first, .added_seconds = card->now,
	};
	return 0;
}

int golden_card_sa_update(struct golden_card *card, uint16_t slot, const struct adit_sa *sa)
{
	struct slot *s;
	int err;

	if (slot >= GOLDEN_CARD_SLOTS || card->slots[slot].golden == NULL)
		return -ENOENT;
	s = &card->slots[slot];
	if (key_exists(card, sa, s))
		return -EEXIST;
	err = golden_sa_update(s->golden, sa);
	if (err != 0)
		return err;
	take_record(card, s, sa);
	/* what has passed by the old limits and has not by the new is forgotten */
	s->state.hard_expired = s->state.hard_expired &&
		(has_passed(s->state.packets, s->sa.hard_packets) || has_passed(s->state.bytes, s->sa.hard_bytes) ||
		 is_too_old(card, s, s->sa.hard_seconds));
	s->state.soft_expired = s->state.soft_expired && is_soft(card, s);
	s->is_near = s->is_near && s->state.seq > s->near_at;
	s->told_hard = s->told_hard && s->state.hard_expired;
	s->told_soft = s->told_soft && s->state.soft_expired;
	s->told_near = s->told_near && s->is_near;
	return 0;
}

int golden_card_sa_delete(struct golden_card *card, uint16_t slot)
{
	if (slot >= GOLDEN_CARD_SLOTS || card->slots[slot].golden == NULL)
		return -ENOENT;
	slot_close(&card->slots[slot]);
	return 0;
}

void golden_card_sa_flush(struct golden_card *card, bool esp, bool ah)
{
	for (unsigned i = 0; i < GOLDEN_CARD_SLOTS; i++) {
		struct slot *s = &card->slots[i];

		if (s->golden != NULL && (s->sa.proto == ADIT_PROTO_AH ? ah : esp))
			slot_close(s);
	}
}

static int by_rank(const void *a, const void *b)
{
	const struct adit_sp *x = a, *y = b;

	if (x->priority != y->priority)
		return x->priority < y->priority ? 1 : -1;
	return x->id < y->id ? -1 : x->id > y->id;
}

int golden_card_sp_replace(struct golden_card *card, const struct adit_sp *rules, unsigned n_rules)
{
	if (n_rules > GOLDEN_CARD_RULES)
		return -ENOSPC;
	for (unsigned i = 0; i < n_rules; i++)
		if (rules[i].id >= GOLDEN_CARD_RULES)
			return -EINVAL;
	if (n_rules != 0)
		memmove(card->rules, rules, n_rules * sizeof(*rules));
	qsort(card->rules, n_rules, sizeof(*rules), by_rank);
	card->n_rules = n_rules;
	return 0;
}

int golden_card_sp_add(struct golden_card *card, const struct adit_sp *rule)
{
	struct adit_sp rules[GOLDEN_CARD_RULES + 1];
	unsigned n = 0;

	for (unsigned i = 0; i < card->n_rules; i++)
		if (card->rules[i].id != rule->id)
			rules[n++] = card->rules[i];
	rules[n++] = *rule;
	return golden_card_sp_replace(card, rules, n);
}

int golden_card_sp_delete(struct golden_card *card, uint16_t id)
{
	struct adit_sp rules[GOLDEN_CARD_RULES];
	unsigned n = 0;

	for (unsigned i = 0; i < card->n_rules; i++)
		if (card->rules[i].id != id)
			rules[n++] = card->rules[i];
	return n == card->n_rules ? -ENOENT : golden_card_sp_replace(card, rules, n);
}

void golden_card_sp_bind(struct golden_card *card, uint16_t id, uint16_t slot)
{
	card->policies[id].state.sa_slot = slot;
	card->policies[id].has_asked = false;
}

/* ---- policy */

/* What a rule is compared with, in the outbound sense. */
struct selectors {
	const uint8_t *src, *dst;
	bool is_v6, has_ports, no_ports;
	uint8_t proto;
	uint16_t sport, dport;
};

/* ICMP's type and code do not change places. */
static struct selectors select_from(const struct ip_packet *p, const uint8_t *src, const uint8_t *dst, bool is_inbound)
{
	bool swaps_ports = is_inbound && p->proto != (p->is_v6 ? PROTO_ICMPV6 : PROTO_ICMP);

	return (struct selectors){
		.src = is_inbound ? dst : src, .dst = is_inbound ? src : dst, .is_v6 = p->is_v6,
		.has_ports = p->has_ports, .no_ports = p->no_ports, .proto = p->proto,
		.sport = swaps_ports ? p->dport : p->sport, .dport = swaps_ports ? p->sport : p->dport,
	};
}

static bool prefix_holds(const uint8_t *addr, const struct adit_addr *prefix, unsigned plen)
{
	unsigned whole = plen / 8, rest = plen % 8;

	return memcmp(addr, prefix->bytes, whole) == 0 &&
	       (rest == 0 || ((addr[whole] ^ prefix->bytes[whole]) & (0xff00 >> rest) & 0xff) == 0);
}

enum match { MATCH_NONE, MATCH_RULE, MATCH_PORTS_UNKNOWN };

/*
 * The first rule whose addresses and protocol fit, and its ports if the packet shows any; opaque rules are there only for packets
 * that hide theirs (RFC 4301 §4.4.1.1).
 */
static enum match find_rule(const struct golden_card *card, const struct selectors *k, const struct adit_sp **out)
{
	for (unsigned i = 0; i < card->n_rules; i++) {
		const struct adit_sp *r = &card->rules[i];

		if (r->src.is_v6 != k->is_v6 || !prefix_holds(k->src, &r->src, r->src_plen) || !prefix_holds(k->dst, &r->dst, r->dst_plen) ||
		    (!r->any_proto && r->proto != k->proto) || (r->opaque && !k->no_ports))
			continue;
		*out = r;
		if (r->any_ports)
			return MATCH_RULE;
		if (!k->has_ports)
			return MATCH_PORTS_UNKNOWN;
		if (k->sport >= r->sport_lo && k->sport <= r->sport_hi && k->dport >= r->dport_lo && k->dport <= r->dport_hi)
			return MATCH_RULE;
	}
	*out = NULL;
	return MATCH_NONE;
}

static void post_acquire(struct golden_card *card, uint16_t id, const struct selectors *k)
{
	struct adit_event event = { .kind = ADIT_EV_ACQUIRE, .sp_id = id, .sa_slot = ADIT_NO_SLOT, .proto = k->proto,
				    .src.is_v6 = k->is_v6, .dst.is_v6 = k->is_v6, .sport = k->sport, .dport = k->dport };

	if (card->policies[id].has_asked)
		return;
	card->policies[id].has_asked = true;
	memcpy(event.src.bytes, k->src, k->is_v6 ? 16 : 4);
	memcpy(event.dst.bytes, k->dst, k->is_v6 ? 16 : 4);
	post(card, event);
}

/* ---- ways out */

static struct golden_verdict drop(enum adit_reason reason)
{
	return (struct golden_verdict){ .reason = reason, .face_out = ADIT_FACE_NONE, .sa_slot = ADIT_NO_SLOT, .sp_id = ADIT_NO_SLOT };
}

static struct golden_verdict pass(enum adit_face face, enum adit_reason reason)
{
	return (struct golden_verdict){ .reason = reason, .face_out = face, .sa_slot = ADIT_NO_SLOT, .sp_id = ADIT_NO_SLOT };
}

/* The frame leaves as it came, if it leaves. */
static struct golden_verdict copy_out(const struct passage *w, struct golden_verdict v)
{
	if (v.face_out != ADIT_FACE_NONE) {
		memcpy(w->out, w->frame, w->frame_bytes);
		*w->out_bytes = w->frame_bytes;
	}
	return v;
}

static bool is_ike_port(uint16_t port)
{
	return port == PORT_IKE || port == PORT_NAT_T;
}

static bool is_udp_with_ports(const struct ip_packet *p)
{
	return p->proto == PROTO_UDP && p->has_ports;
}

/* ---- outbound */

/* One SA's answer for a packet: what is wrong first, counts; if nothing is, it gave a number and counted the packet. */
static enum adit_reason take_number(struct golden_card *card, struct slot *s, const struct ip_packet *p, bool is_next, uint64_t *seq)
{
	bool may_split = !p->is_v6 && !p->df;
	bool is_too_big = s->inner_mtu != 0 && p->n_bytes > s->inner_mtu && !is_next && !s->sa.clear_df &&
			  !(s->sa.mode == ADIT_MODE_TRANSPORT && may_split);	/* then what comes out may be fragmented */

	if (is_expired(card, s) || is_over(s, p->n_bytes)) {
		s->state.hard_expired = true;
		tell(card, s);
		return ADIT_REASON_XfrmOutStateExpired;
	}
	if (is_too_big)
		return may_split ? ADIT_REASON_HostSplit : ADIT_REASON_HostTooBig;
	/* RFC 4303 §2.2: must not cycle */
	if (s->state.seq == 0 || s->state.seq > s->sa.seq_lease || (!s->sa.esn && s->state.seq > UINT32_MAX))
		return ADIT_REASON_XfrmOutStateSeqError;
	*seq = s->state.seq++;
	s->is_near |= *seq >= s->near_at;
	count_packet(card, s, p->n_bytes);
	tell(card, s);
	return ADIT_REASON_NONE;
}

/* The slot's SA, if it is there for this policy; told packets do not ask which. */
static struct slot *find_out_slot(struct golden_card *card, uint16_t slot, bool any_reqid, uint32_t reqid)
{
	struct slot *s = slot < GOLDEN_CARD_SLOTS ? &card->slots[slot] : NULL;

	return s != NULL && s->golden != NULL && s->sa.dir == ADIT_DIR_OUT && (any_reqid || s->sa.reqid == reqid) ? s : NULL;
}

/* SEQ_END is told once for a run of packets that find the same SA used up. */
static void tell_seq_end(struct golden_card *card, const struct slot *esp, const struct slot *ah, enum adit_reason reason)
{
	const struct slot *refused = ah != NULL ? ah : esp;
	uint16_t slot = (uint16_t)(refused - card->slots);

	if (reason == ADIT_REASON_XfrmOutStateSeqError) {
		if (!card->has_ended || card->ended_slot != slot)
			post_sa(card, ADIT_EV_SEQ_END, refused);
		card->has_ended = true;
		card->ended_slot = slot;
	} else if (card->ended_slot == slot || card->ended_slot == (uint16_t)(esp - card->slots)) {
		card->has_ended = false;
	}
}

/* Can it be done, and can the card do it? NONE, HostSlowSeal or why not. */
static enum adit_reason plan(const struct slot *s, const struct slot *next, const struct frame_facts *f)
{
	const struct ip_packet *p = &f->ip;
	const struct adit_sa *sa = &s->sa;
	bool is_tunnel = sa->mode == ADIT_MODE_TUNNEL, has_ah = next != NULL || sa->proto == ADIT_PROTO_AH;
	bool is_v6 = is_tunnel ? sa->src.is_v6 : p->is_v6, has_udp = sa->udp_encap && next == NULL;
	size_t ip_bytes, head_bytes = f->l3_off + (is_tunnel ? outer_bytes(sa) : p->head_bytes), ah_size = 0;

	if (!is_tunnel && (p->is_v6 != sa->src.is_v6 || memcmp(p->src, sa->src.bytes, p->addr_bytes) != 0 ||
			   memcmp(p->dst, sa->dst.bytes, p->addr_bytes) != 0 || p->is_frag))
		return ADIT_REASON_XfrmOutStateModeError;
	ip_bytes = golden_sealed_bytes(s->golden, p);
	if (next != NULL) {
		ah_size = ah_bytes(golden_sa_icv_bytes(next->golden), is_v6);
		ip_bytes += ah_size;
	} else if (sa->proto == ADIT_PROTO_AH) {
		ah_size = ah_bytes(golden_sa_icv_bytes(s->golden), is_v6);
	}
	head_bytes += ah_size + (has_udp ? UDP_BYTES : 0) + (sa->proto == ADIT_PROTO_ESP ? ESP_BYTES : 0);
	if (f->l3_off + ip_bytes > GOLDEN_MAX_FRAME_BYTES)
		return ADIT_REASON_OutTooBig;
	if (sa->host_transform || (next != NULL && next->sa.host_transform) || (has_udp && sa->dst.is_v6) ||	/* RFC 8200 §8.1: a checksum */
	    (!is_tunnel && p->has_ext && (p->is_v6 || has_ah)) || (sa->path_mtu != 0 && ip_bytes > sa->path_mtu) ||
	    head_bytes > MAX_HEAD_BYTES)
		return next != NULL ? ADIT_REASON_XfrmOutStateModeError : ADIT_REASON_HostSlowSeal;
	return ADIT_REASON_NONE;
}

/* Both layers, or one. */
static enum adit_reason seal_layers(const struct passage *w, struct slot *s, struct slot *next, const uint64_t seqs[2])
{
	uint8_t inside[GOLDEN_MAX_FRAME_BYTES];
	size_t inside_bytes = 0, l3_off = w->facts->l3_off;
	enum adit_reason reason;

	if (next == NULL)
		return golden_seal(s->golden, w->frame, w->frame_bytes, l3_off, seqs[0], w->out, GOLDEN_MAX_FRAME_BYTES, w->out_bytes);
	reason = golden_seal(s->golden, w->frame, w->frame_bytes, l3_off, seqs[0], inside, sizeof(inside), &inside_bytes);
	if (reason == ADIT_REASON_NONE)
		reason = golden_seal(next->golden, inside, inside_bytes, l3_off, seqs[1], w->out, GOLDEN_MAX_FRAME_BYTES, w->out_bytes);
	return reason;
}

/* The AH SA around an ESP SA. */
static enum adit_reason take_next(struct golden_card *card, const struct slot *s, const struct passage *w, struct slot **next, uint64_t *seq)
{
	enum adit_reason reason;

	*next = find_out_slot(card, s->sa.next_slot, w->told != NULL, s->sa.reqid);
	if (*next == NULL)
		return ADIT_REASON_XfrmOutStateInvalid;
	reason = take_number(card, *next, &w->facts->ip, true, seq);
	if (reason != ADIT_REASON_NONE)
		return reason;
	if ((*next)->sa.proto != ADIT_PROTO_AH || (*next)->sa.mode != ADIT_MODE_TRANSPORT || s->sa.proto != ADIT_PROTO_ESP)
		return ADIT_REASON_XfrmOutStateProtoError;
	return ADIT_REASON_NONE;
}

static struct golden_verdict seal_with(const struct passage *w, uint16_t slot, uint32_t reqid, uint16_t sp_id)
{
	struct golden_card *card = w->card;
	struct slot *s = find_out_slot(card, slot, w->told != NULL, reqid), *next = NULL;
	struct golden_verdict v = drop(ADIT_REASON_XfrmOutStateInvalid);
	uint64_t seqs[2] = { 0, 0 };

	v.sp_id = sp_id;
	if (s == NULL)
		return v;
	v.sa_slot = slot;
	v.reason = take_number(card, s, &w->facts->ip, false, &seqs[0]);
	if (v.reason == ADIT_REASON_NONE && s->sa.has_next)
		v.reason = take_next(card, s, w, &next, &seqs[1]);
	tell_seq_end(card, s, next, v.reason);
	if (v.reason == ADIT_REASON_NONE)
		v.reason = plan(s, next, w->facts);
	if (v.reason == ADIT_REASON_NONE)
		v.reason = seal_layers(w, s, next, seqs);
	if (v.reason == ADIT_REASON_NONE)
		v.face_out = ADIT_FACE_WAN;
	if (v.reason == ADIT_REASON_HostSlowSeal)
		v.seq = seqs[0];
	if (v.reason == ADIT_REASON_HostSlowSeal || v.reason == ADIT_REASON_HostTooBig || v.reason == ADIT_REASON_HostSplit) {
		v.face_out = ADIT_FACE_HOST;
		copy_out(w, v);
	}
	return v;
}

static void count_sealed(struct golden_card *card, const struct golden_verdict *v)
{
	struct adit_sp_state *count;

	if (v->sp_id >= GOLDEN_CARD_RULES || v->reason == ADIT_REASON_HostSplit)	/* its fragments count when they come back */
		return;
	count = &card->policies[v->sp_id].state;
	if (v->face_out == ADIT_FACE_WAN || v->reason == ADIT_REASON_HostSlowSeal)
		count->out_transformed++;
	else
		count->out_dropped++;
}

static struct golden_verdict outbound_policy(const struct passage *w)
{
	struct golden_card *card = w->card;
	struct golden_verdict v = pass(ADIT_FACE_WAN, ADIT_REASON_NONE);
	const struct ip_packet *p = &w->facts->ip;
	struct selectors k = select_from(p, p->src, p->dst, false);
	const struct adit_sp *rule;
	enum match match = find_rule(card, &k, &rule);
	struct adit_sp_state *count;

	if (match == MATCH_NONE)
		return copy_out(w, card->options.pass_unmatched ? v : drop(ADIT_REASON_OutNoPols));
	count = &card->policies[rule->id].state;
	if (match == MATCH_PORTS_UNKNOWN) {
		v = drop(ADIT_REASON_OutFragment);
	} else if (rule->action == ADIT_ACTION_DISCARD) {
		v = drop(ADIT_REASON_XfrmOutPolBlock);
	} else if (rule->action == ADIT_ACTION_ENCRYPT && count->sa_slot != ADIT_NO_SLOT) {
		v = seal_with(w, count->sa_slot, rule->reqid, rule->id);
		count_sealed(card, &v);
		return v;
	} else if (rule->action == ADIT_ACTION_ENCRYPT && rule->level != ADIT_LEVEL_USE) {
		v = drop(ADIT_REASON_XfrmOutNoStates);
		post_acquire(card, rule->id, &k);
	}
	v.sp_id = rule->id;
	if (v.face_out == ADIT_FACE_NONE)
		count->out_dropped++;
	else
		count->out_accepted++;
	return copy_out(w, v);
}

static struct golden_verdict outbound(const struct passage *w, enum adit_face face)
{
	const struct frame_facts *f = w->facts;
	bool is_for_us = face == ADIT_FACE_LAN && f->is_local_dst;
	bool is_ike_to, is_ike_from;

	if (f->reason != ADIT_REASON_NONE)
		return drop(f->reason);
	if (w->told != NULL) {
		struct golden_verdict v;

		if (f->is_arp)
			return drop(ADIT_REASON_RxNotIp);
		v = seal_with(w, w->told->sa_slot, 0, w->told->sp_id);
		count_sealed(w->card, &v);
		return v;
	}
	if (f->is_arp)
		return copy_out(w, is_for_us ? pass(ADIT_FACE_HOST, ADIT_REASON_HostArp) : pass(ADIT_FACE_WAN, ADIT_REASON_NONE));
	if (f->is_nd)	/* stays on its link, in clear */
		return copy_out(w, is_for_us ? pass(ADIT_FACE_HOST, ADIT_REASON_HostNd) : pass(ADIT_FACE_WAN, ADIT_REASON_NONE));
	is_ike_to = is_udp_with_ports(&f->ip) && is_ike_port(f->ip.dport);
	is_ike_from = is_udp_with_ports(&f->ip) && is_ike_port(f->ip.sport);
	if (is_for_us)
		return copy_out(w, pass(ADIT_FACE_HOST, is_ike_to && !f->ip.is_frag ? ADIT_REASON_HostIke : ADIT_REASON_HostLocal));
	if (f->is_local_src && is_ike_from)	/* RFC 4301 §4.4.1: cannot be locked out by a policy */
		return copy_out(w, pass(ADIT_FACE_WAN, ADIT_REASON_NONE));
	return outbound_policy(w);
}

/* ---- inbound */

static struct golden_verdict to_plain_side(const struct golden_card *card, bool is_local_dst)
{
	if (is_local_dst)
		return pass(ADIT_FACE_HOST, ADIT_REASON_HostLocal);
	return card->options.nic ? pass(ADIT_FACE_HOST, ADIT_REASON_HostNic) : pass(ADIT_FACE_LAN, ADIT_REASON_NONE);
}

static struct slot *find_in_slot(struct golden_card *card, const struct ip_packet *p, uint8_t proto, uint32_t spi)
{
	for (struct slot *s = card->slots; s < card->slots + GOLDEN_CARD_SLOTS; s++)
		if (s->golden != NULL && s->sa.dir == ADIT_DIR_IN && s->sa.spi == spi && s->sa.proto == proto &&
		    s->sa.dst.is_v6 == p->is_v6 && memcmp(s->sa.dst.bytes, p->dst, p->addr_bytes) == 0)
			return s;
	return NULL;
}

/* What is known of one layer before anything is opened. */
struct layer {
	struct slot *slot;
	uint64_t seq;
};

/* RFC 4303 §3.4.2, §3.4.3, §3.4.4.1: what is wrong first, counts. n_bytes from the layer's header on. */
static enum adit_reason layer_check(struct golden_card *card, struct layer *layer, const struct frame_facts *f, bool is_natt,
	uint32_t seq, size_t n_bytes)
{
	struct slot *s = layer->slot;
	bool is_after_first = window_full_number(s->window, s->sa.replay_packets, s->sa.esn, seq, &layer->seq);
	size_t icv_bytes = golden_sa_icv_bytes(s->golden);

	if (s->sa.udp_encap != is_natt)
		return ADIT_REASON_XfrmInStateMismatch;
	if (is_expired(card, s))
		return ADIT_REASON_XfrmInStateExpired;
	if (!is_after_first || !window_is_new(s->window, s->sa.replay_packets, layer->seq)) {
		s->state.replays++;
		return ADIT_REASON_XfrmInStateSeqError;
	}
	if (s->sa.proto == ADIT_PROTO_AH)
		return f->ah_bytes == ah_bytes(icv_bytes, false) || f->ah_bytes == ah_bytes(icv_bytes, true)
			? ADIT_REASON_NONE : ADIT_REASON_XfrmInHdrError;
	return golden_esp_fits(s->golden, n_bytes) ? ADIT_REASON_NONE : ADIT_REASON_XfrmInHdrError;
}

/* The ICV held (RFC 4303 §3.4.3 last paragraph): the number counts from now on, and the packet. */
static enum adit_reason commit(struct golden_card *card, const struct layer *layer, size_t n_bytes)
{
	struct slot *s = layer->slot;
	bool is_new = window_is_new(s->window, s->sa.replay_packets, layer->seq);

	if (is_expired(card, s) || (is_new && is_over(s, n_bytes))) {
		s->state.hard_expired = true;
		tell(card, s);
		return ADIT_REASON_XfrmInStateExpired;
	}
	if (!is_new) {
		s->state.replays++;
		return ADIT_REASON_XfrmInStateSeqError;
	}
	window_commit(s->window, layer->seq);
	count_packet(card, s, n_bytes);
	tell(card, s);
	return ADIT_REASON_NONE;
}

/* RFC 4301 §5.2 step 4: the packet inside must be one that the SA's policy protects. */
static struct golden_verdict inner_policy(struct golden_card *card, const struct selectors *k, const struct slot *s, bool is_local_dst)
{
	const struct adit_sp *rule;
	struct golden_verdict v;

	/* whether ports are known does not matter: a peer that knew them sealed it */
	if (find_rule(card, k, &rule) == MATCH_NONE) {
		v = drop(ADIT_REASON_XfrmInNoPols);
	} else if (rule->action != ADIT_ACTION_ENCRYPT || rule->reqid != s->sa.reqid) {
		v = drop(ADIT_REASON_XfrmInTmplMismatch);
		card->policies[rule->id].state.in_dropped++;
	} else {
		v = to_plain_side(card, is_local_dst);
		card->policies[rule->id].state.in_transformed++;
	}
	if (rule != NULL)
		v.sp_id = rule->id;
	v.sa_slot = (uint16_t)(s - card->slots);
	return v;
}

/* Opens one layer or two; layers[0] is the innermost. *refused is the layer whose ICV was wrong. */
static enum adit_reason open_layers(const struct passage *w, const struct layer *layers, unsigned n_layers, uint8_t *out, size_t *out_bytes,
	const struct layer **refused)
{
	uint8_t inside[GOLDEN_MAX_FRAME_BYTES];
	const uint8_t *frame = w->frame;
	size_t frame_bytes = w->frame_bytes, inside_bytes = 0;
	enum adit_reason reason;

	*refused = &layers[n_layers - 1];
	if (n_layers == 2) {
		reason = golden_open(layers[1].slot->golden, frame, frame_bytes, w->facts->l3_off, layers[1].seq, inside, sizeof(inside), &inside_bytes);
		if (reason != ADIT_REASON_NONE)
			return reason;
		*refused = &layers[0];
		frame = inside;
		frame_bytes = inside_bytes;
	}
	return golden_open(layers[0].slot->golden, frame, frame_bytes, w->facts->l3_off, layers[0].seq, out, GOLDEN_MAX_FRAME_BYTES, out_bytes);
}

static struct golden_verdict open_with(const struct passage *w, const struct layer *layers, unsigned n_layers)
{
	struct golden_card *card = w->card;
	const struct frame_facts *f = w->facts;
	struct slot *s = layers[0].slot;
	struct golden_verdict v = drop(ADIT_REASON_NONE);
	const struct layer *refused;
	size_t opened_bytes = 0, ip_bytes;
	const uint8_t *ip = w->out + f->l3_off;
	struct ip_packet inner;
	struct selectors k;
	enum adit_reason read;

	v.sa_slot = (uint16_t)(s - card->slots);
	v.reason = open_layers(w, layers, n_layers, w->out, &opened_bytes, &refused);
	if (v.reason == ADIT_REASON_XfrmInStateProtoError) {
		refused->slot->state.icv_errors++;
		return v;
	}
	ip_bytes = v.reason == ADIT_REASON_NONE ? opened_bytes - f->l3_off : 0;
	for (unsigned i = n_layers; i-- > 0;) {
		enum adit_reason late = commit(card, &layers[i], ip_bytes);

		if (late != ADIT_REASON_NONE) {
			v.reason = late;
			return v;
		}
	}
	if (v.reason != ADIT_REASON_NONE)
		return v;
	if (s->sa.mode == ADIT_MODE_TUNNEL) {
		read = ip_read(ip, ip_bytes, ip[0] >> 4 == 6, &inner);
		k = select_from(&inner, inner.src, inner.dst, true);
	} else {
		read = ip_read_payload(ip + f->ip.head_bytes, ip_bytes - f->ip.head_bytes, f->ip.is_v6, ip[f->ip.nh_off], &inner);
		k = select_from(&inner, f->ip.src, f->ip.dst, true);
	}
	if (read != ADIT_REASON_NONE) {	/* golden_open has read it before */
		v.reason = ADIT_REASON_XfrmInError;
		return v;
	}
	v = inner_policy(card, &k, s, frame_addr_is_local(&card->options, inner.is_v6, k.src));
	if (v.face_out != ADIT_FACE_NONE)
		*w->out_bytes = opened_bytes;
	return v;
}

/* The host has opened it: its number counts, and its policy is asked. */
static struct golden_verdict inbound_told(const struct passage *w)
{
	struct golden_card *card = w->card;
	const struct golden_told *told = w->told;
	const struct ip_packet *p = &w->facts->ip;
	static const uint8_t no_addr[16];
	struct slot *s = told->sa_slot < GOLDEN_CARD_SLOTS ? &card->slots[told->sa_slot] : NULL;
	struct golden_verdict v = drop(ADIT_REASON_XfrmInNoStates);
	struct selectors k;

	if (s == NULL || s->golden == NULL || s->sa.dir != ADIT_DIR_IN)
		return v;
	v.sa_slot = told->sa_slot;
	v.reason = told->reason;
	if (v.reason == ADIT_REASON_XfrmInStateProtoError)
		s->state.icv_errors++;
	if (v.reason == ADIT_REASON_NONE && is_expired(card, s))
		v.reason = ADIT_REASON_XfrmInStateExpired;
	if (v.reason == ADIT_REASON_NONE)
		v.reason = commit(card, &(struct layer){ s, told->seq }, p->n_bytes);
	if (v.reason != ADIT_REASON_NONE)
		return v;
	k = select_from(p, w->facts->is_arp ? no_addr : p->src, w->facts->is_arp ? no_addr : p->dst, true);
	return copy_out(w, inner_policy(card, &k, s, w->facts->is_local_dst));
}

/* RFC 4301 §5.2 step 3b. */
static struct golden_verdict inbound_clear(const struct passage *w)
{
	struct golden_card *card = w->card;
	const struct ip_packet *p = &w->facts->ip;
	struct golden_verdict v = to_plain_side(card, w->facts->is_local_dst);
	struct selectors k = select_from(p, p->src, p->dst, true);
	const struct adit_sp *rule;
	enum match match = find_rule(card, &k, &rule);

	if (match == MATCH_NONE)
		return copy_out(w, card->options.pass_unmatched ? v : drop(ADIT_REASON_XfrmInNoPols));
	if (match == MATCH_PORTS_UNKNOWN)
		v = drop(ADIT_REASON_XfrmInTmplMismatch);
	else if (rule->action == ADIT_ACTION_DISCARD)
		v = drop(ADIT_REASON_XfrmInPolBlock);
	else if (rule->action == ADIT_ACTION_ENCRYPT && rule->level != ADIT_LEVEL_USE)
		v = drop(ADIT_REASON_XfrmInTmplMismatch);
	v.sp_id = rule->id;
	if (v.face_out == ADIT_FACE_NONE)
		card->policies[rule->id].state.in_dropped++;
	else
		card->policies[rule->id].state.in_accepted++;
	return copy_out(w, v);
}

/* s is the outermost layer's SA. */
static struct golden_verdict inbound_sealed(const struct passage *w, struct slot *s)
{
	struct golden_card *card = w->card;
	const struct frame_facts *f = w->facts;
	struct layer layers[2] = { { s, 0 }, { NULL, 0 } };
	size_t n_bytes = f->ip.n_bytes - f->security_off;
	struct golden_verdict v = drop(ADIT_REASON_NONE);
	unsigned n_layers = 1;
	bool is_slow = s->sa.host_transform || (s->sa.proto == ADIT_PROTO_AH && f->ip.has_ext);

	v.sa_slot = (uint16_t)(s - card->slots);
	v.reason = layer_check(card, &layers[0], f, f->is_natt, f->seq, n_bytes);
	if (v.reason != ADIT_REASON_NONE)
		return v;
	if (s->sa.proto == ADIT_PROTO_AH && s->sa.mode == ADIT_MODE_TRANSPORT && f->ah_next == ADIT_PROTO_ESP && f->is_local_dst) {
		struct slot *inner = find_in_slot(card, &f->ip, ADIT_PROTO_ESP, f->spi2);

		if (inner == NULL) {
			v.reason = ADIT_REASON_XfrmInNoStates;
			return v;
		}
		layers[1] = layers[0];
		layers[0] = (struct layer){ inner, 0 };
		n_layers = 2;
		v.sa_slot = (uint16_t)(inner - card->slots);
		v.reason = layer_check(card, &layers[0], f, false, f->seq2, n_bytes - f->ah_bytes);
		if (v.reason != ADIT_REASON_NONE)
			return v;
		is_slow |= inner->sa.host_transform;
	}
	/* RFC 4301 §4.5: around ESP must be what its policy wants around it; a bundle's AH never opens without its ESP */
	if ((layers[0].slot->sa.has_next ? layers[0].slot->sa.next_slot : ADIT_NO_SLOT) !=
	    (n_layers == 2 ? (uint16_t)(s - card->slots) : ADIT_NO_SLOT)) {
		v.reason = ADIT_REASON_XfrmInTmplMismatch;
		return v;
	}
	if (is_slow && n_layers == 2) {
		v.reason = ADIT_REASON_XfrmInStateModeError;
		return v;
	}
	if (is_slow) {
		v.reason = ADIT_REASON_HostSlowOpen;
		v.face_out = ADIT_FACE_HOST;
		v.seq = layers[0].seq;
		return copy_out(w, v);
	}
	return open_with(w, layers, n_layers);
}

static struct golden_verdict inbound(const struct passage *w, enum adit_face face)
{
	struct golden_card *card = w->card;
	const struct frame_facts *f = w->facts;
	const struct ip_packet *p = &f->ip;
	bool is_ipsec;

	if (f->reason != ADIT_REASON_NONE)
		return drop(f->reason);
	if (w->told != NULL)
		return inbound_told(w);
	if (f->is_arp)
		return copy_out(w, f->is_local_dst ? pass(ADIT_FACE_HOST, ADIT_REASON_HostArp) : to_plain_side(card, false));
	if (f->is_nd)
		return copy_out(w, f->is_local_dst ? pass(ADIT_FACE_HOST, ADIT_REASON_HostNd) : to_plain_side(card, false));
	if (f->is_keepalive)
		return drop(ADIT_REASON_InKeepalive);
	is_ipsec = p->proto == ADIT_PROTO_ESP || p->proto == ADIT_PROTO_AH || f->is_natt;
	if (p->is_frag && f->is_local_dst && (is_ipsec || p->proto == PROTO_UDP))
		return copy_out(w, face == ADIT_FACE_HOST ? drop(ADIT_REASON_InFragment) : pass(ADIT_FACE_HOST, ADIT_REASON_HostFragment));
	if (is_ipsec && f->is_local_dst && !f->is_whole)
		return drop(ADIT_REASON_XfrmInHdrError);
	if (is_ipsec && !p->is_frag && f->is_whole) {
		struct slot *s = find_in_slot(card, p, f->is_natt ? ADIT_PROTO_ESP : p->proto, f->spi);

		if (s != NULL)
			return inbound_sealed(w, s);
		return f->is_local_dst ? drop(ADIT_REASON_XfrmInNoStates) : inbound_clear(w);
	}
	if (f->is_local_dst && is_udp_with_ports(p) && !p->is_frag && is_ike_port(p->dport))
		return copy_out(w, pass(ADIT_FACE_HOST, ADIT_REASON_HostIke));
	return inbound_clear(w);
}

/* ---- the whole card */

static struct golden_verdict go(struct golden_card *card, enum adit_face face, bool is_inbound, const struct golden_told *told,
	const uint8_t *frame, size_t frame_bytes, uint8_t *out, size_t *out_bytes)
{
	struct frame_facts facts = frame_read(&card->options, frame, frame_bytes);
	struct passage w = { card, &facts, told, frame, frame_bytes, out, out_bytes };
	struct golden_verdict v;

	*out_bytes = 0;
	v = is_inbound ? inbound(&w, face) : outbound(&w, face);
	card->counts[v.reason]++;
	return v;
}

struct golden_verdict golden_card_packet(struct golden_card *card, enum adit_face face, enum adit_dest dest,
	const uint8_t *frame, size_t frame_bytes, uint8_t *out, size_t *out_bytes)
{
	if (face == ADIT_FACE_HOST && (dest == ADIT_DEST_OUT_LAN || dest == ADIT_DEST_OUT_WAN)) {	/* past both pipelines */
		memcpy(out, frame, frame_bytes);
		*out_bytes = frame_bytes;
		return pass(dest == ADIT_DEST_OUT_LAN ? ADIT_FACE_LAN : ADIT_FACE_WAN, ADIT_REASON_NONE);
	}
	return go(card, face, face == ADIT_FACE_WAN || (face == ADIT_FACE_HOST && dest == ADIT_DEST_FROM_WAN), NULL, frame, frame_bytes,
		  out, out_bytes);
}

struct golden_verdict golden_card_packet_told(struct golden_card *card, enum adit_dest dest, const struct golden_told *told,
	const uint8_t *frame, size_t frame_bytes, uint8_t *out, size_t *out_bytes)
{
	return go(card, ADIT_FACE_HOST, dest == ADIT_DEST_OPENED, told, frame, frame_bytes, out, out_bytes);
}

void golden_card_sa_state(const struct golden_card *card, uint16_t slot, struct adit_sa_state *state)
{
	const struct slot *s = &card->slots[slot];

	*state = s->state;
	if (s->window != NULL) {
		state->seq = s->window->top;
		state->replay_map = window_newest(s->window);
	}
}

void golden_card_sp_state(const struct golden_card *card, uint16_t id, struct adit_sp_state *state)
{
	*state = card->policies[id].state;
}

uint64_t golden_card_count(const struct golden_card *card, enum adit_reason reason)
{
	return card->counts[reason];
}
