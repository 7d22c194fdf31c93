// SPDX-License-Identifier: BSD-2-Clause-Patent
#include "transform/golden_card.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "transform/ipv4.h"

enum {
	ETHERTYPE_IPV4 = 0x0800, ETHERTYPE_ARP = 0x0806, ETHERTYPE_IPV6 = 0x86dd,
	ETHERTYPE_VLAN = 0x8100, ETHERTYPE_QINQ = 0x88a8,
	PORT_IKE = 500, PORT_NAT_T = 4500,
	ARP_BYTES = 28,
	WINDOW_BITS = 64,
};

struct slot {
	struct golden_sa *golden;	/* NULL: empty */
	struct adit_sa sa;		/* keys wiped */
	struct adit_sa_state state;	/* seq: OUT next, IN top */
};

struct policy {
	struct adit_sp_state state;
};

struct golden_card {
	struct adit_mode_options options;
	struct slot slots[GOLDEN_CARD_SLOTS];
	struct adit_sp rules[GOLDEN_CARD_RULES];	/* in the order they are asked */
	unsigned n_rules;
	struct policy policies[GOLDEN_CARD_RULES];
	uint64_t counts[ADIT_REASON_COUNT];
};

/* What a frame says of itself. */
struct facts {
	enum adit_reason reason;
	size_t l3_off;
	bool is_arp, is_fragment, has_ports, is_local_src, is_local_dst;
	uint8_t proto;
	uint8_t src[4], dst[4];
	uint16_t sport, dport;
	const uint8_t *ip, *l4;
	size_t l4_bytes;
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

void golden_card_close(struct golden_card *card)
{
	if (card == NULL)
		return;
	for (unsigned i = 0; i < GOLDEN_CARD_SLOTS; i++)
		golden_sa_close(card->slots[i].golden);
	free(card);
}

int golden_card_sa_add(struct golden_card *card, uint16_t slot, const struct adit_sa *sa)
{
	struct slot *s = &card->slots[slot];
	int err;

	if (slot >= GOLDEN_CARD_SLOTS)
		return -EINVAL;
	if (s->golden != NULL)
		return -EEXIST;
	err = golden_sa_open(sa, &s->golden);
	if (err != 0)
		return err;
	s->sa = *sa;
	memset(s->sa.enc_key, 0, sizeof(s->sa.enc_key));
	memset(s->sa.auth_key, 0, sizeof(s->sa.auth_key));
	if (s->sa.seq_lease == 0)
		s->sa.seq_lease = UINT32_MAX;
	s->state = (struct adit_sa_state){
		.spi = sa->spi, .reqid = sa->reqid, .dir = sa->dir, .proto = sa->proto, .mode = sa->mode,
		.enc = sa->enc, .auth = sa->auth, .seq = sa->seq_first,
	};
	if (sa->dir == ADIT_DIR_OUT && sa->seq_first == 0)
		s->state.seq = 1;
	if (sa->dir == ADIT_DIR_IN && sa->seq_first != 0)
		s->state.replay_map = UINT64_MAX;	/* all up to seq_first count as seen */
	return 0;
}

int golden_card_sa_delete(struct golden_card *card, uint16_t slot)
{
	if (slot >= GOLDEN_CARD_SLOTS || card->slots[slot].golden == NULL)
		return -ENOENT;
	golden_sa_close(card->slots[slot].golden);
	memset(&card->slots[slot], 0, sizeof(card->slots[slot]));
	return 0;
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
	memcpy(card->rules, rules, n_rules * sizeof(*rules));
	qsort(card->rules, n_rules, sizeof(*rules), by_rank);
	card->n_rules = n_rules;
	return 0;
}

void golden_card_sp_bind(struct golden_card *card, uint16_t id, uint16_t slot)
{
	card->policies[id].state.sa_slot = slot;
}

/* ---- what a frame says */

static bool is_local(const struct golden_card *card, const uint8_t addr[4])
{
	for (unsigned i = 0; i < card->options.n_local; i++)
		if (!card->options.local[i].is_v6 && memcmp(card->options.local[i].bytes, addr, 4) == 0)
			return true;
	return false;
}

static bool proto_has_ports(uint8_t proto)
{
	return proto == 6 || proto == 17 || proto == 33 || proto == 132 || proto == 136;	/* TCP UDP DCCP SCTP UDP-Lite */
}

/* Fills selectors from a sound IPv4 header at ip. */
static void read_selectors(const uint8_t *ip, struct facts *f)
{
	f->ip = ip;
	f->l4 = ip + ipv4_header_bytes(ip);
	f->l4_bytes = ipv4_total_bytes(ip) - ipv4_header_bytes(ip);
	f->proto = ip[9];
	memcpy(f->src, ip + 12, 4);
	memcpy(f->dst, ip + 16, 4);
	f->is_fragment = ipv4_is_fragment(ip);
	f->has_ports = proto_has_ports(f->proto) && !ipv4_is_later_fragment(ip) && f->l4_bytes >= 4;
	if (f->has_ports) {
		f->sport = ipv4_get16(f->l4);
		f->dport = ipv4_get16(f->l4 + 2);
	}
}

static struct facts read_facts(const struct golden_card *card, const uint8_t *frame, size_t frame_bytes)
{
	struct facts f = { .reason = ADIT_REASON_NONE, .l3_off = 14 };
	unsigned tags = 0;
	uint16_t type;

	if (frame_bytes > GOLDEN_MAX_FRAME_BYTES) {
		f.reason = ADIT_REASON_RxGiant;
		return f;
	}
	if (frame_bytes < f.l3_off) {
		f.reason = ADIT_REASON_RxRunt;
		return f;
	}
	type = ipv4_get16(frame + 12);
	while ((type == ETHERTYPE_VLAN || type == ETHERTYPE_QINQ) && tags < 2) {
		tags++;
		f.l3_off += 4;
		if (frame_bytes < f.l3_off) {
			f.reason = ADIT_REASON_RxRunt;
			return f;
		}
		type = ipv4_get16(frame + f.l3_off - 2);
	}
	if (type == ETHERTYPE_ARP) {
		f.is_arp = true;
		if (frame_bytes < f.l3_off + ARP_BYTES)
			f.reason = ADIT_REASON_RxRunt;
		else
			f.is_local_dst = is_local(card, frame + f.l3_off + 24);
	} else if (type == ETHERTYPE_IPV6) {
		f.reason = ADIT_REASON_RxIpv6;
	} else if (type != ETHERTYPE_IPV4) {
		f.reason = ADIT_REASON_RxNotIp;
	} else if (frame_bytes < f.l3_off + IPV4_MIN_BYTES) {
		f.reason = ADIT_REASON_RxRunt;
	} else if (!ipv4_is_sound(frame, frame_bytes, f.l3_off)) {
		f.reason = ADIT_REASON_RxIpHeader;
	} else {
		read_selectors(frame + f.l3_off, &f);
		f.is_local_src = is_local(card, f.src);
		f.is_local_dst = is_local(card, f.dst);
	}
	return f;
}

/* ---- policy */

enum match { MATCH_NONE, MATCH_RULE, MATCH_PORTS_UNKNOWN };

static bool prefix_holds(const uint8_t addr[4], const struct adit_addr *prefix, unsigned plen)
{
	uint32_t mask = plen == 0 ? 0 : UINT32_MAX << (32 - plen);

	return ((ipv4_get32(addr) ^ ipv4_get32(prefix->bytes)) & mask) == 0;
}

/* The first rule whose addresses and protocol fit, and its ports if the packet shows ports. */
static enum match find_rule(const struct golden_card *card, const struct facts *f, bool is_inbound, const struct adit_sp **out)
{
	const uint8_t *src = is_inbound ? f->dst : f->src;
	const uint8_t *dst = is_inbound ? f->src : f->dst;
	uint16_t sport = is_inbound ? f->dport : f->sport;
	uint16_t dport = is_inbound ? f->sport : f->dport;

	for (unsigned i = 0; i < card->n_rules; i++) {
		const struct adit_sp *r = &card->rules[i];

		if (r->src.is_v6 || !prefix_holds(src, &r->src, r->src_plen) || !prefix_holds(dst, &r->dst, r->dst_plen) ||
		    (!r->any_proto && r->proto != f->proto))
			continue;
		*out = r;
		if (r->any_ports)
			return MATCH_RULE;
		if (!f->has_ports)
			return MATCH_PORTS_UNKNOWN;
		if (sport >= r->sport_lo && sport <= r->sport_hi && dport >= r->dport_lo && dport <= r->dport_hi)
			return MATCH_RULE;
	}
	*out = NULL;
	return MATCH_NONE;
}

static struct golden_verdict drop(enum adit_reason reason)
{
	return (struct golden_verdict){ .reason = reason, .face_out = ADIT_FACE_NONE, .sa_slot = ADIT_NO_SLOT, .sp_id = ADIT_NO_SLOT };
}

static struct golden_verdict pass(enum adit_face face, enum adit_reason reason)
{
	return (struct golden_verdict){ .reason = reason, .face_out = face, .sa_slot = ADIT_NO_SLOT, .sp_id = ADIT_NO_SLOT };
}

static bool is_ike_port(uint16_t port)
{
	return port == PORT_IKE || port == PORT_NAT_T;
}

static struct golden_verdict copy_out(struct golden_verdict v, const uint8_t *frame, size_t frame_bytes, uint8_t *out,
	size_t *out_bytes)
{
	if (v.face_out != ADIT_FACE_NONE) {
		memcpy(out, frame, frame_bytes);
		*out_bytes = frame_bytes;
	}
	return v;
}

/* ---- outbound */

static struct golden_verdict seal_with(struct golden_card *card, const struct adit_sp *rule, uint16_t slot,
	const struct facts *f, const uint8_t *frame, size_t frame_bytes, uint8_t *out, size_t *out_bytes)
{
	struct slot *s = &card->slots[slot];
	struct golden_verdict v = drop(ADIT_REASON_NONE);
	uint64_t seq;

	v.sp_id = rule->id;
	if (s->golden == NULL || s->sa.dir != ADIT_DIR_OUT || s->sa.reqid != rule->reqid) {
		v.reason = ADIT_REASON_XfrmOutStateInvalid;
		return v;
	}
	v.sa_slot = slot;
	if (s->state.seq > s->sa.seq_lease || s->state.seq > UINT32_MAX) {	/* RFC 4303 §2.2: must not cycle */
		v.reason = ADIT_REASON_XfrmOutStateSeqError;
		return v;
	}
	seq = s->state.seq++;
	v.reason = golden_seal(s->golden, frame, frame_bytes, f->l3_off, seq, out, GOLDEN_MAX_FRAME_BYTES, out_bytes);
	if (v.reason == ADIT_REASON_NONE) {
		v.face_out = ADIT_FACE_WAN;
		s->state.packets++;
		s->state.bytes += ipv4_total_bytes(f->ip);
	}
	return v;
}

static struct golden_verdict outbound(struct golden_card *card, enum adit_face face, const uint8_t *frame, size_t frame_bytes,
	uint8_t *out, size_t *out_bytes)
{
	struct facts f = read_facts(card, frame, frame_bytes);
	struct golden_verdict v = pass(ADIT_FACE_WAN, ADIT_REASON_NONE);
	struct adit_sp_state *count;
	const struct adit_sp *rule;

	if (f.reason != ADIT_REASON_NONE)
		return drop(f.reason);
	if (f.is_arp) {
		if (face == ADIT_FACE_LAN && f.is_local_dst)
			v = pass(ADIT_FACE_HOST, ADIT_REASON_HostArp);
		return copy_out(v, frame, frame_bytes, out, out_bytes);
	}
	if (face == ADIT_FACE_LAN && f.is_local_dst) {
		bool is_ike = f.proto == 17 && f.has_ports && is_ike_port(f.dport);

		v = pass(ADIT_FACE_HOST, is_ike ? ADIT_REASON_HostIke : ADIT_REASON_HostLocal);
		return copy_out(v, frame, frame_bytes, out, out_bytes);
	}
	if (f.is_local_src && f.proto == 17 && f.has_ports && is_ike_port(f.sport))
		return copy_out(v, frame, frame_bytes, out, out_bytes);

	switch (find_rule(card, &f, false, &rule)) {
	case MATCH_NONE:
		if (!card->options.pass_unmatched)
			v = drop(ADIT_REASON_OutNoPols);
		return copy_out(v, frame, frame_bytes, out, out_bytes);
	case MATCH_PORTS_UNKNOWN:
		v = drop(ADIT_REASON_OutFragment);
		v.sp_id = rule->id;
		card->policies[rule->id].state.out_dropped++;
		return v;
	case MATCH_RULE:
		break;
	}
	count = &card->policies[rule->id].state;
	if (rule->action == ADIT_ACTION_DISCARD) {
		v = drop(ADIT_REASON_XfrmOutPolBlock);
	} else if (rule->action == ADIT_ACTION_ENCRYPT && count->sa_slot != ADIT_NO_SLOT) {
		v = seal_with(card, rule, count->sa_slot, &f, frame, frame_bytes, out, out_bytes);
		if (v.reason == ADIT_REASON_NONE)
			count->out_transformed++;
		else
			count->out_dropped++;
		return v;
	} else if (rule->action == ADIT_ACTION_ENCRYPT && rule->level != ADIT_LEVEL_USE) {
		v = drop(ADIT_REASON_XfrmOutNoStates);
	}
	v.sp_id = rule->id;
	if (v.face_out == ADIT_FACE_NONE)
		count->out_dropped++;
	else
		count->out_accepted++;
	return copy_out(v, frame, frame_bytes, out, out_bytes);
}

/* ---- inbound */

static struct golden_verdict to_plain_side(const struct golden_card *card, bool is_local_dst)
{
	if (card->options.nic)
		return pass(ADIT_FACE_HOST, is_local_dst ? ADIT_REASON_HostLocal : ADIT_REASON_HostNic);
	return is_local_dst ? pass(ADIT_FACE_HOST, ADIT_REASON_HostLocal) : pass(ADIT_FACE_LAN, ADIT_REASON_NONE);
}

static int find_sa(const struct golden_card *card, const struct facts *f)
{
	for (int i = 0; i < GOLDEN_CARD_SLOTS; i++) {
		const struct slot *s = &card->slots[i];

		if (s->golden != NULL && s->sa.dir == ADIT_DIR_IN && s->sa.spi == ipv4_get32(f->l4) &&
		    s->sa.proto == f->proto && memcmp(s->sa.dst.bytes, f->dst, 4) == 0)
			return i;
	}
	return -1;
}

/* RFC 4303 §3.4.3; 0 is never valid. */
static bool replay_is_new(const struct slot *s, uint32_t seq)
{
	uint64_t back = s->state.seq - seq;

	if (seq == 0)
		return false;
	if (s->sa.replay_packets == 0 || seq > s->state.seq)
		return true;
	return back < s->sa.replay_packets && back < WINDOW_BITS && (s->state.replay_map >> back & 1) == 0;
}

static void replay_commit(struct slot *s, uint32_t seq)
{
	if (seq > s->state.seq) {
		uint64_t ahead = seq - s->state.seq;

		s->state.replay_map = ahead >= WINDOW_BITS ? 1 : s->state.replay_map << ahead | 1;
		s->state.seq = seq;
	} else if (s->state.seq - seq < WINDOW_BITS) {
		s->state.replay_map |= UINT64_C(1) << (s->state.seq - seq);
	}
}

static struct golden_verdict open_with(struct golden_card *card, uint16_t slot, const struct facts *f, const uint8_t *frame,
	size_t frame_bytes, uint8_t *out, size_t *out_bytes)
{
	struct slot *s = &card->slots[slot];
	struct golden_verdict v = drop(ADIT_REASON_NONE);
	uint32_t seq = ipv4_get32(f->l4 + 4);
	struct facts inner = { 0 };
	const struct adit_sp *rule;
	size_t opened_bytes = 0;

	v.sa_slot = slot;
	if (!replay_is_new(s, seq)) {
		s->state.replays++;
		v.reason = ADIT_REASON_XfrmInStateSeqError;
		return v;
	}
	v.reason = golden_open(s->golden, frame, frame_bytes, f->l3_off, seq, out, GOLDEN_MAX_FRAME_BYTES, &opened_bytes);
	if (v.reason == ADIT_REASON_XfrmInStateProtoError)
		s->state.icv_errors++;
	if (v.reason == ADIT_REASON_XfrmInStateProtoError || v.reason == ADIT_REASON_XfrmInHdrError)
		return v;
	replay_commit(s, seq);	/* the ICV held: RFC 4303 §3.4.3 */
	if (v.reason != ADIT_REASON_NONE)
		return v;

	read_selectors(out + f->l3_off, &inner);
	switch (find_rule(card, &inner, true, &rule)) {
	case MATCH_NONE:
		v.reason = ADIT_REASON_XfrmInNoPols;
		break;
	case MATCH_PORTS_UNKNOWN:
		v.reason = ADIT_REASON_XfrmInTmplMismatch;
		break;
	case MATCH_RULE:
		if (rule->action != ADIT_ACTION_ENCRYPT || rule->reqid != s->sa.reqid)
			v.reason = ADIT_REASON_XfrmInTmplMismatch;
		break;
	}
	if (rule != NULL)
		v.sp_id = rule->id;
	if (v.reason != ADIT_REASON_NONE) {
		if (rule != NULL)
			card->policies[rule->id].state.in_dropped++;
		return v;
	}
	{
		struct golden_verdict way = to_plain_side(card, is_local(card, inner.dst));

		v.reason = way.reason;
		v.face_out = way.face_out;
	}
	card->policies[rule->id].state.in_transformed++;
	s->state.packets++;
	s->state.bytes += ipv4_total_bytes(inner.ip);
	*out_bytes = opened_bytes;
	return v;
}

static struct golden_verdict inbound(struct golden_card *card, const uint8_t *frame, size_t frame_bytes, uint8_t *out,
	size_t *out_bytes)
{
	struct facts f = read_facts(card, frame, frame_bytes);
	struct golden_verdict v;
	const struct adit_sp *rule;

	if (f.reason != ADIT_REASON_NONE)
		return drop(f.reason);
	if (f.is_arp) {
		v = f.is_local_dst ? pass(ADIT_FACE_HOST, ADIT_REASON_HostArp) : to_plain_side(card, false);
		return copy_out(v, frame, frame_bytes, out, out_bytes);
	}
	if (f.proto == ADIT_PROTO_ESP) {
		int slot = -1;

		if (f.is_local_dst && f.is_fragment)
			return drop(ADIT_REASON_InFragment);
		if (f.is_local_dst && f.l4_bytes < 8)
			return drop(ADIT_REASON_XfrmInHdrError);
		if (!f.is_fragment && f.l4_bytes >= 8)
			slot = find_sa(card, &f);
		if (slot >= 0)
			return open_with(card, (uint16_t)slot, &f, frame, frame_bytes, out, out_bytes);
		if (f.is_local_dst)
			return drop(ADIT_REASON_XfrmInNoStates);
	}
	if (f.is_local_dst && f.proto == 17 && f.has_ports && !f.is_fragment && is_ike_port(f.dport))
		return copy_out(pass(ADIT_FACE_HOST, ADIT_REASON_HostIke), frame, frame_bytes, out, out_bytes);

	v = to_plain_side(card, f.is_local_dst);
	switch (find_rule(card, &f, true, &rule)) {
	case MATCH_NONE:
		if (!card->options.pass_unmatched)
			v = drop(ADIT_REASON_XfrmInNoPols);
		return copy_out(v, frame, frame_bytes, out, out_bytes);
	case MATCH_PORTS_UNKNOWN:
		v = drop(ADIT_REASON_XfrmInTmplMismatch);
		break;
	case MATCH_RULE:
		if (rule->action == ADIT_ACTION_DISCARD)
			v = drop(ADIT_REASON_XfrmInPolBlock);
		else if (rule->action == ADIT_ACTION_ENCRYPT && rule->level != ADIT_LEVEL_USE)
			v = drop(ADIT_REASON_XfrmInTmplMismatch);
		break;
	}
	v.sp_id = rule->id;
	if (v.face_out == ADIT_FACE_NONE)
		card->policies[rule->id].state.in_dropped++;
	else
		card->policies[rule->id].state.in_accepted++;
	return copy_out(v, frame, frame_bytes, out, out_bytes);
}

struct golden_verdict golden_card_packet(struct golden_card *card, enum adit_face face, enum adit_dest dest,
	const uint8_t *frame, size_t frame_bytes, uint8_t *out, size_t *out_bytes)
{
	bool is_inbound = face == ADIT_FACE_WAN || (face == ADIT_FACE_HOST && dest == ADIT_DEST_FROM_WAN);
	struct golden_verdict v;

	*out_bytes = 0;
	v = is_inbound ? inbound(card, frame, frame_bytes, out, out_bytes)
		       : outbound(card, face, frame, frame_bytes, out, out_bytes);
	card->counts[v.reason]++;
	return v;
}

void golden_card_sa_state(const struct golden_card *card, uint16_t slot, struct adit_sa_state *state)
{
	*state = card->slots[slot].state;
}

void golden_card_sp_state(const struct golden_card *card, uint16_t id, struct adit_sp_state *state)
{
	*state = card->policies[id].state;
}

uint64_t golden_card_count(const struct golden_card *card, enum adit_reason reason)
{
	return card->counts[reason];
}
