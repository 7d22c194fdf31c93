// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * The whole card in lockstep with golden: random SAs, rules and frames go through the simulated card by the real driver
 * (stalls on every ready), and every byte, reason and counter must be golden's.
 *
 *   lockstep ADIT-SIM [FRAMES [SEED [STALL]]]       FRAMES on each port; SEED is printed
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <pcap/pcap.h>

#include "lab.h"
#include "transform/golden_card.h"
#include "transform/ipv4.h"

enum {
	TUNNELS = 40, ROOM = 10240, L2 = 14, REMEMBERED = 64,
	HOST_PACKETS = 8192,	/* what the RX ring holds; the generator stays below */
	FRAMES_MAX = 30000,
};

/* ---- the world: 192.0.2.1 is the card, 198.51.100.n its peers, 10.1/16 behind it, 10.2/16 behind them */

struct tunnel {
	struct adit_sa out, in;		/* the card's */
	struct golden_sa *peer;		/* seals what the card opens */
	uint32_t peer_seq;
	struct adit_sp rule;
	bool is_bound;
	struct { uint8_t bytes[ROOM]; size_t n_bytes; } sent[REMEMBERED];	/* for replays */
	unsigned n_sent;
};

struct expected {
	struct golden_verdict verdict;
	uint8_t *bytes;			/* what left, NULL if nothing */
	size_t n_bytes;
	size_t bytes_in;
};

struct flow {				/* one port's input and what golden makes of it */
	enum adit_face face;
	pcap_dumper_t *in;
	struct expected *frames;
	unsigned n_frames;
	unsigned verdicts_seen, host_seen, host_packets;
};

static struct tunnel tunnels[TUNNELS];
static struct golden_card *model;
static struct flow flows[2] = { { .face = ADIT_FACE_LAN }, { .face = ADIT_FACE_WAN } };
static struct adit_card *card;

static void make_tunnel(unsigned i)
{
	static const struct { enum adit_enc enc; enum adit_auth auth; } suites[] = {
		{ ADIT_ENC_AES_CBC_128, ADIT_AUTH_HMAC_SHA1_96 }, { ADIT_ENC_AES_CBC_192, ADIT_AUTH_HMAC_SHA1_96 },
		{ ADIT_ENC_AES_CBC_256, ADIT_AUTH_HMAC_SHA1_96 }, { ADIT_ENC_NULL, ADIT_AUTH_HMAC_SHA1_96 },
		{ ADIT_ENC_AES_CBC_128, ADIT_AUTH_NULL },
	};
	struct tunnel *t = &tunnels[i];
	unsigned suite = i < 5 ? i : lab_rnd(5);
	bool is_tunnel = i % 4 != 3;
	struct adit_sa sa = {
		.spi = 256 + lab_rnd(1u << 30), .reqid = i / 2 + 1, .proto = ADIT_PROTO_ESP,
		.mode = is_tunnel ? ADIT_MODE_TUNNEL : ADIT_MODE_TRANSPORT,
		.enc = suites[suite].enc, .auth = suites[suite].auth,
		.src = lab_addr4(0xc0000201), .dst = lab_addr4(0xc6336401 + i), .ttl = (uint8_t)(1 + lab_rnd(255)),
		.set_dscp = lab_one_in(4), .dscp = (uint8_t)lab_rnd(64), .no_ecn = lab_one_in(4), .clear_df = lab_one_in(4),
		.seq_lease = lab_one_in(8) ? 1 + lab_rnd(100) : 0,
	};

	sa.set_df = !sa.clear_df && lab_one_in(4);
	lab_rnd_bytes(sa.enc_key, (size_t)adit_enc_key_bytes(sa.enc));
	if (sa.auth != ADIT_AUTH_NULL) {
		lab_rnd_bytes(sa.auth_key, 20);
		sa.auth_key_bytes = 20;
	}
	t->is_bound = !lab_one_in(8);
	t->out = sa;
	t->in = sa;
	t->in.dir = ADIT_DIR_IN;
	t->in.src = sa.dst;
	t->in.dst = sa.src;
	t->in.seq_lease = 0;
	t->in.replay_packets = (uint16_t)(lab_one_in(6) ? 0 : lab_one_in(2) ? 64 : 32 + lab_rnd(33));
	{
		struct adit_sa peer = t->in;

		peer.dir = ADIT_DIR_OUT;
		if (golden_sa_open(&peer, &t->peer) != 0)
			lab_die("golden refuses the peer's SA %u", i);
	}
	t->rule = (struct adit_sp){
		.id = (uint16_t)i, .priority = (int32_t)lab_rnd(5) - 2, .any_proto = true, .any_ports = true,
		.src = lab_addr4(0x0a010000 + (i << 8)), .dst = lab_addr4(0x0a020000 + (i << 8)),
		.src_plen = (uint8_t)(lab_one_in(3) ? 16 : 24), .dst_plen = 24, .reqid = sa.reqid,
		.action = lab_one_in(10) ? ADIT_ACTION_NONE : lab_one_in(10) ? ADIT_ACTION_DISCARD : ADIT_ACTION_ENCRYPT,
		.level = (enum adit_level)lab_rnd(3), .sport_hi = 0xffff, .dport_hi = 0xffff,
	};
	if (!is_tunnel) {
		t->rule.src = sa.src;
		t->rule.dst = sa.dst;
		t->rule.src_plen = t->rule.dst_plen = 32;
	}
	if (t->rule.src_plen == 16)
		t->rule.src = lab_addr4(0x0a010000);
	if (lab_one_in(4)) {
		t->rule.any_proto = false;
		t->rule.proto = lab_one_in(2) ? 17 : 6;
		if (lab_one_in(2)) {
			t->rule.any_ports = false;
			t->rule.sport_lo = (uint16_t)lab_rnd(600);
			t->rule.sport_hi = (uint16_t)(t->rule.sport_lo + lab_rnd(3000));
			t->rule.dport_lo = (uint16_t)lab_rnd(300);
			t->rule.dport_hi = (uint16_t)(t->rule.dport_lo + lab_rnd(60000));
		}
	}
}

/* ---- frames */

static size_t body_bytes(void)
{
	switch (lab_rnd(8)) {
	case 0: return 1 + lab_rnd(16);
	case 1: return lab_one_in(4) ? 9440 + lab_rnd(150) : 1 + lab_rnd(8900);	/* up to the longest frame, sealed or not, and past it */
	case 2: return 1 + lab_rnd(1500);
	case 3: return 1400 + lab_rnd(100);
	default: return 1 + lab_rnd(300);
	}
}

static size_t put_l2(uint8_t *frame, uint16_t type)
{
	size_t at = 12;

	lab_rnd_bytes(frame, 12);
	frame[0] &= 0xfe;
	for (unsigned tags = lab_one_in(12) ? 1 + lab_rnd(2) : 0; tags > 0; tags--) {
		ipv4_put16(frame + at, tags == 2 ? 0x88a8 : 0x8100);
		ipv4_put16(frame + at + 2, (uint16_t)lab_rnd(4096));
		at += 4;
	}
	ipv4_put16(frame + at, type);
	return at + 2;
}

/* An IPv4 packet at ip: header (sometimes with options), ports that often mean something, random payload. */
static size_t put_ip(uint8_t *ip, uint32_t src, uint32_t dst, uint8_t proto, size_t payload_bytes)
{
	size_t header_bytes = lab_one_in(15) ? 20 + 4 * (size_t)lab_rnd(11) : 20;

	memset(ip, 0, header_bytes);
	ip[0] = (uint8_t)(0x40 | header_bytes / 4);
	ip[1] = (uint8_t)lab_rnd(256);
	if (header_bytes > 20)
		memset(ip + 20, 1, header_bytes - 20);	/* no-operation options */
	ipv4_put16(ip + 2, (uint16_t)(header_bytes + payload_bytes));
	ipv4_put16(ip + 4, (uint16_t)lab_rnd(65536));
	if (lab_one_in(3))
		ip[6] = 0x40;
	else if (lab_one_in(15))
		ipv4_put16(ip + 6, (uint16_t)(lab_one_in(2) ? 0x2000 : lab_rnd(0x2000)));
	ip[8] = (uint8_t)(1 + lab_rnd(255));
	ip[9] = proto;
	ipv4_put32(ip + 12, src);
	ipv4_put32(ip + 16, dst);
	ipv4_set_checksum(ip);
	lab_rnd_bytes(ip + header_bytes, payload_bytes);
	if (payload_bytes >= 4 && lab_one_in(2)) {
		ipv4_put16(ip + header_bytes, (uint16_t)(lab_one_in(20) ? 500 : lab_rnd(2000)));
		ipv4_put16(ip + header_bytes + 2, (uint16_t)(lab_one_in(20) ? 4500 : lab_rnd(2000)));
	}
	return header_bytes + payload_bytes;
}

static uint8_t some_proto(void)
{
	static const uint8_t protos[] = { 17, 17, 17, 6, 6, 1, 132, 47 };

	return lab_one_in(10) ? (uint8_t)lab_rnd(256) : protos[lab_rnd(8)];
}

/* What hosts behind the card send, seen from outside if is_reply: a packet that tunnel i's rule should match. */
static size_t put_matching(uint8_t *ip, const struct tunnel *t, bool is_reply, size_t payload_bytes)
{
	uint32_t near, far;
	uint8_t proto = t->rule.any_proto ? some_proto() : t->rule.proto;
	size_t n;

	if (t->out.mode == ADIT_MODE_TRANSPORT) {
		near = 0xc0000201;
		far = ipv4_get32(t->out.dst.bytes);
	} else {
		near = ipv4_get32(t->rule.src.bytes) | lab_rnd(256);
		far = ipv4_get32(t->rule.dst.bytes) | lab_rnd(256);
	}
	n = is_reply ? put_ip(ip, far, near, proto, payload_bytes) : put_ip(ip, near, far, proto, payload_bytes);
	if (!t->rule.any_ports && payload_bytes >= 4 && !lab_one_in(5)) {
		uint8_t *l4 = ip + ipv4_header_bytes(ip);
		uint16_t near_port = (uint16_t)(t->rule.sport_lo + lab_rnd(2)), far_port = (uint16_t)(t->rule.dport_lo + lab_rnd(2));

		ipv4_put16(l4, is_reply ? far_port : near_port);
		ipv4_put16(l4 + 2, is_reply ? near_port : far_port);
	}
	return n;
}

/* Frames that are wrong in themselves, for either port. */
static size_t put_broken(uint8_t *frame)
{
	size_t n = put_l2(frame, 0x0800), at = n, total;

	switch (lab_rnd(8)) {
	case 0:	/* runt */
		return 1 + lab_rnd(34);
	case 1:	/* giant */
		put_ip(frame + n, 0x0a010001, 0x0a020001, 17, 1000);
		lab_rnd_bytes(frame + n + 1060, ROOM - 1060 - n);
		return 9601 + lab_rnd(500);
	case 2:	/* not IP, IPv6 among others */
		lab_rnd_bytes(frame + n, 100);
		ipv4_put16(frame + n - 2, (uint16_t)(lab_one_in(2) ? 0x86dd : lab_rnd(65536)));
		return n + 100;
	case 3:	/* total length lies */
		total = put_ip(frame + n, 0x0a010001, 0x0a020001, 17, 100);
		ipv4_put16(frame + at + 2, (uint16_t)(lab_one_in(2) ? lab_rnd(20) : total + 1 + lab_rnd(65000)));
		return n + total;
	case 4:	/* header length lies */
		total = put_ip(frame + n, 0x0a010001, 0x0a020001, 17, 8);
		frame[at] = (uint8_t)lab_rnd(256);
		return n + total;
	case 5:	/* cut */
		total = put_ip(frame + n, 0x0a010001, 0x0a020001, 17, 60);
		return 1 + lab_rnd((uint32_t)(n + total));
	case 6:	/* ARP, sometimes for us, sometimes cut */
		ipv4_put16(frame + n - 2, 0x0806);
		lab_rnd_bytes(frame + n, 46);
		if (lab_one_in(2))
			ipv4_put32(frame + n + 24, 0xc0000201);
		return lab_one_in(4) ? n + lab_rnd(28) : n + 46;
	default: /* noise */
		lab_rnd_bytes(frame, 200);
		return 14 + lab_rnd(187);
	}
}

static size_t make_lan_frame(uint8_t *frame)
{
	size_t n;

	if (lab_one_in(12))
		return put_broken(frame);
	n = put_l2(frame, 0x0800);
	if (lab_one_in(10))
		n += put_ip(frame + n, 0x0a010000 + lab_rnd(65536), lab_one_in(6) ? 0xc0000201 : 0x0a020000 + lab_rnd(131072), some_proto(), body_bytes());
	else if (lab_one_in(40))
		n += put_ip(frame + n, 0xc0000201, 0xc6336401 + lab_rnd(TUNNELS), 17, body_bytes());
	else
		n += put_matching(frame + n, &tunnels[lab_rnd(TUNNELS)], false, body_bytes());
	if (lab_one_in(5) && n + 50 < ROOM) {	/* Ethernet padding */
		size_t pad = lab_rnd(46);

		lab_rnd_bytes(frame + n, pad);
		n += pad;
	}
	return n;
}

/*
 * The sequence number stays, and is a new one: golden has committed every packet before this one, the card may still be at work on
 * them. So the card may look at the ICV of a packet that golden refuses for a number which one of those takes, and both are right.
 */
static size_t mutate(uint8_t *frame, size_t n, size_t esp_at)
{
	size_t at;

	switch (lab_rnd(9)) {
	case 0: /* one bit behind the IP header */
	case 1:
		at = lab_rnd((uint32_t)(n - esp_at));
		if (at >= 4 && at < 8)
			at -= 4;
		frame[esp_at + at] ^= (uint8_t)(1u << lab_rnd(8));
		return n;
	case 2: /* a bit of the ICV or of the last blocks: with auth null it reaches padding and next header */
	case 3:
		frame[n - 1 - lab_rnd(32)] ^= (uint8_t)(1u << lab_rnd(8));
		return n;
	case 4: /* cut, with an honest length or not */
		n = esp_at + lab_rnd((uint32_t)(n - esp_at));
		if (lab_one_in(2)) {
			ipv4_put16(frame + L2 + 2, (uint16_t)(n - L2));
			ipv4_set_checksum(frame + L2);
		}
		return n;
	case 5: /* unknown SPI */
		ipv4_put32(frame + esp_at, lab_rnd(1u << 31));
		return n;
	case 6: /* fragment */
		ipv4_put16(frame + L2 + 6, (uint16_t)(lab_one_in(2) ? 0x2000 : 1 + lab_rnd(100)));
		return n;
	case 7: /* Ethernet padding behind */
		lab_rnd_bytes(frame + n, 20);
		return n + 20;
	default: /* another destination */
		ipv4_put32(frame + L2 + 16, 0xc0000202);
		return n;
	}
}

static size_t make_wan_frame(uint8_t *frame)
{
	struct tunnel *t = &tunnels[lab_rnd(TUNNELS)];
	uint8_t plain[ROOM];
	size_t n = 0, plain_bytes, payload_bytes = body_bytes();
	uint32_t seq;
	enum adit_reason reason;

	if (lab_one_in(15))
		return put_broken(frame);
	if (lab_one_in(10)) {
		n = put_l2(frame, 0x0800);
		if (lab_one_in(2))
			return n + put_matching(frame + n, t, true, payload_bytes);
		return n + put_ip(frame + n, 0xc6336401 + lab_rnd(TUNNELS), lab_one_in(3) ? 0xc0000201 : 0x0a010000 + lab_rnd(65536), lab_one_in(4) ? 50 : some_proto(), payload_bytes);
	}
	if (t->n_sent > 0 && lab_one_in(8)) {
		unsigned k = lab_rnd(t->n_sent < REMEMBERED ? t->n_sent : REMEMBERED);

		memcpy(frame, t->sent[k].bytes, t->sent[k].n_bytes);
		return t->sent[k].n_bytes;
	}
	do {	/* plain frames without VLAN tags: mutate() knows where things stand */
		plain_bytes = put_l2(plain, 0x0800);
	} while (plain_bytes != L2);
	plain_bytes += put_matching(plain + L2, lab_one_in(15) ? &tunnels[lab_rnd(TUNNELS)] : t, true, payload_bytes);
	if (lab_one_in(60))
		plain[L2] = (uint8_t)lab_rnd(256);
	seq = ++t->peer_seq;
	if (lab_one_in(10))
		seq = t->peer_seq += lab_rnd(100);
	else if (lab_one_in(10) && t->peer_seq > 90)
		seq = t->peer_seq - lab_rnd(90);
	if (lab_one_in(300))
		seq = 0;
	reason = golden_seal(t->peer, plain, plain_bytes, L2, seq, frame, GOLDEN_MAX_FRAME_BYTES, &n);
	if (reason != ADIT_REASON_NONE) {	/* a stranger or fragment in transport mode, too big, a lying header */
		memcpy(frame, plain, plain_bytes);
		return plain_bytes;
	}
	if (seq == t->peer_seq && lab_one_in(6))
		return mutate(frame, n, L2 + (t->in.mode == ADIT_MODE_TUNNEL ? 20 : ipv4_header_bytes(frame + L2)));
	memcpy(t->sent[t->n_sent % REMEMBERED].bytes, frame, n);
	t->sent[t->n_sent++ % REMEMBERED].n_bytes = n;
	return n;
}

/* Writes the frame to the port's input file and asks golden what must come of it. */
static void feed(struct flow *f, const uint8_t *frame, size_t n_bytes)
{
	struct pcap_pkthdr header = { .caplen = (bpf_u_int32)n_bytes, .len = (bpf_u_int32)n_bytes, .ts = { .tv_sec = f->n_frames } };
	struct expected *e = &f->frames[f->n_frames++];
	uint8_t *exact = malloc(n_bytes), out[ROOM];

	pcap_dump((u_char *)f->in, &header, frame);
	if (exact == NULL)
		lab_die("no memory");
	memcpy(exact, frame, n_bytes);	/* a read past it is caught by sanitizers */
	e->bytes_in = n_bytes;
	e->verdict = golden_card_packet(model, f->face, ADIT_DEST_FROM_LAN, exact, n_bytes, out, &e->n_bytes);
	free(exact);
	if (e->n_bytes > 0) {
		e->bytes = malloc(e->n_bytes);
		if (e->bytes == NULL)
			lab_die("no memory");
		memcpy(e->bytes, out, e->n_bytes);
	}
}

/* ---- comparing */

static void on_event(void *arg, const struct adit_event *e)
{
	struct flow *f;
	const struct expected *x;

	(void)arg;
	if (e->kind != ADIT_EV_VERDICT)
		return;
	if (e->face_in > ADIT_FACE_WAN) {
		lab_mistake("a verdict for face %s", adit_face_name(e->face_in));
		return;
	}
	f = &flows[e->face_in];
	if (e->frame_no != f->verdicts_seen || e->frame_no >= f->n_frames) {
		lab_mistake("%s frame %u: verdict out of order, %u was due", adit_face_name(e->face_in), e->frame_no, f->verdicts_seen);
		return;
	}
	x = &f->frames[f->verdicts_seen++];
	if (e->reason != x->verdict.reason || e->face_out != x->verdict.face_out || e->sa_slot != x->verdict.sa_slot || e->sp_id != x->verdict.sp_id)
		lab_mistake("%s frame %u (%zu bytes): card says %s to %s, SA %u, policy %u; golden %s to %s, SA %u, policy %u",
			adit_face_name(e->face_in), e->frame_no, x->bytes_in, adit_reason_name(e->reason), adit_face_name(e->face_out), e->sa_slot,
			e->sp_id, adit_reason_name(x->verdict.reason), adit_face_name(x->verdict.face_out), x->verdict.sa_slot, x->verdict.sp_id);
}

static void compare(const char *what, const struct flow *f, unsigned i, const uint8_t *bytes, size_t n_bytes)
{
	const struct expected *x = &f->frames[i];

	if (n_bytes != x->n_bytes || memcmp(bytes, x->bytes, n_bytes) != 0) {
		size_t at = 0;

		while (at < n_bytes && at < x->n_bytes && bytes[at] == x->bytes[at])
			at++;
		lab_mistake("%s: of %s frame %u come %zu bytes, golden has %zu; they differ from byte %zu on", what, adit_face_name(f->face), i, n_bytes,
			x->n_bytes, at);
	}
}

static bool next_leaving(const struct flow *f, enum adit_face face_out, unsigned *i)
{
	while (*i < f->n_frames && f->frames[*i].verdict.face_out != face_out)
		++*i;
	return *i < f->n_frames;
}

static void on_rx(void *arg, const struct adit_rx_packet *p)
{
	struct flow *f;

	(void)arg;
	if (p->face > ADIT_FACE_WAN) {
		lab_mistake("host: a packet by face %s", adit_face_name(p->face));
		return;
	}
	f = &flows[p->face];
	if (!next_leaving(f, ADIT_FACE_HOST, &f->host_seen)) {
		lab_mistake("host: one packet more than golden has from %s", adit_face_name(p->face));
		return;
	}
	if (p->reason != f->frames[f->host_seen].verdict.reason)
		lab_mistake("host: %s frame %u comes as %s", adit_face_name(p->face), f->host_seen, adit_reason_name(p->reason));
	compare("host", f, f->host_seen++, p->bytes, p->n_bytes);
	f->host_packets++;
}

static unsigned compare_port(const char *path, const struct flow *f, enum adit_face face_out)
{
	char why[PCAP_ERRBUF_SIZE];
	pcap_t *file = pcap_open_offline(path, why);
	struct pcap_pkthdr *header;
	const uint8_t *bytes;
	unsigned i = 0, n = 0;

	if (file == NULL)
		lab_die("%s", why);
	while (pcap_next_ex(file, &header, &bytes) == 1) {
		if (!next_leaving(f, face_out, &i)) {
			lab_mistake("%s: more frames than golden has", path);
			break;
		}
		compare(adit_face_name(face_out), f, i++, bytes, header->caplen);
		n++;
	}
	if (next_leaving(f, face_out, &i))
		lab_mistake("%s: frame %u is missing", path, i);
	pcap_close(file);
	return n;
}

static void compare_counters(void)
{
	uint64_t counts[ADIT_REASON_COUNT];
	int err = adit_stats_wait(card, counts);

	if (err != 0)
		lab_die("statistics: %s", adit_card_strerror(card));
	for (unsigned r = 0; r < ADIT_REASON_COUNT; r++)
		if (counts[r] != golden_card_count(model, (enum adit_reason)r))
			lab_mistake("reason %s: card %llu, golden %llu", adit_reason_name(r), (unsigned long long)counts[r],
				(unsigned long long)golden_card_count(model, (enum adit_reason)r));
	for (uint16_t slot = 0; slot < 2 * TUNNELS; slot++) {
		struct adit_sa_state c, g;

		golden_card_sa_state(model, slot, &g);
		if (adit_sa_query_wait(card, slot, &c) != 0)
			lab_die("SA %u: %s", slot, adit_card_strerror(card));
		if (c.spi != g.spi || c.seq != g.seq || c.packets != g.packets || c.bytes != g.bytes || c.icv_errors != g.icv_errors ||
		    c.replays != g.replays || (g.dir == ADIT_DIR_IN && tunnels[slot / 2].in.replay_packets != 0 && c.replay_map != g.replay_map))
			lab_mistake("SA %u: card seq %llu map %llx packets %llu bytes %llu icv %llu replays %llu; golden %llu %llx %llu %llu %llu %llu",
				slot, (unsigned long long)c.seq, (unsigned long long)c.replay_map, (unsigned long long)c.packets,
				(unsigned long long)c.bytes, (unsigned long long)c.icv_errors, (unsigned long long)c.replays,
				(unsigned long long)g.seq, (unsigned long long)g.replay_map, (unsigned long long)g.packets,
				(unsigned long long)g.bytes, (unsigned long long)g.icv_errors, (unsigned long long)g.replays);
	}
	for (uint16_t id = 0; id < TUNNELS; id++) {
		struct adit_sp_state c, g;

		golden_card_sp_state(model, id, &g);
		if (adit_sp_query_wait(card, id, &c) != 0)
			lab_die("policy %u: %s", id, adit_card_strerror(card));
		if (c.in_accepted != g.in_accepted || c.in_dropped != g.in_dropped || c.in_transformed != g.in_transformed ||
		    c.out_accepted != g.out_accepted || c.out_dropped != g.out_dropped || c.out_transformed != g.out_transformed)
			lab_mistake("policy %u: card in %llu/%llu/%llu out %llu/%llu/%llu; golden in %llu/%llu/%llu out %llu/%llu/%llu", id,
				(unsigned long long)c.in_accepted, (unsigned long long)c.in_dropped, (unsigned long long)c.in_transformed,
				(unsigned long long)c.out_accepted, (unsigned long long)c.out_dropped, (unsigned long long)c.out_transformed,
				(unsigned long long)g.in_accepted, (unsigned long long)g.in_dropped, (unsigned long long)g.in_transformed,
				(unsigned long long)g.out_accepted, (unsigned long long)g.out_dropped, (unsigned long long)g.out_transformed);
	}
}

/* ---- running */

/* golden gets its tables before the traffic is made, the card gets the same ones afterwards. */
static void program_golden(void)
{
	struct adit_sp rules[TUNNELS];

	for (uint16_t i = 0; i < TUNNELS; i++) {
		if (golden_card_sa_add(model, (uint16_t)(2 * i), &tunnels[i].out) != 0 ||
		    golden_card_sa_add(model, (uint16_t)(2 * i + 1), &tunnels[i].in) != 0)
			lab_die("golden refuses the SAs of tunnel %u", i);
		if (tunnels[i].is_bound)
			golden_card_sp_bind(model, i, (uint16_t)(2 * i));
		rules[i] = tunnels[i].rule;
	}
	if (golden_card_sp_replace(model, rules, TUNNELS) != 0)
		lab_die("golden refuses the rules");
}

static void program_card(const struct adit_mode_options *options)
{
	struct adit_sp rules[TUNNELS];
	int err = adit_card_configure(card, options);

	for (uint16_t i = 0; i < TUNNELS && err == 0; i++) {
		err = adit_sa_add_wait(card, (uint16_t)(2 * i), &tunnels[i].out);
		if (err == 0)
			err = adit_sa_add_wait(card, (uint16_t)(2 * i + 1), &tunnels[i].in);
		if (err == 0 && tunnels[i].is_bound)
			err = adit_sp_bind_wait(card, i, (uint16_t)(2 * i));
		rules[i] = tunnels[i].rule;
	}
	if (err == 0)
		err = adit_sp_replace_wait(card, rules, TUNNELS);
	if (err != 0)
		lab_die("programming the card: %s", adit_card_strerror(card));
}

static void make_traffic(unsigned frames)
{
	pcap_t *ethernet = pcap_open_dead(DLT_EN10MB, 65535);
	unsigned to_host = 0;
	uint8_t frame[ROOM];

	for (unsigned k = 0; k < 2; k++) {
		struct flow *f = &flows[k];

		f->frames = calloc(frames, sizeof(*f->frames));
		f->in = pcap_dump_open(ethernet, lab_path(k == 0 ? "lan.in" : "wan.in"));
		if (f->frames == NULL || f->in == NULL)
			lab_die("%s", pcap_geterr(ethernet));
		for (unsigned i = 0; i < frames; i++) {
			size_t n_bytes = k == 0 ? make_lan_frame(frame) : make_wan_frame(frame);

			feed(f, frame, n_bytes);
			to_host += f->frames[i].verdict.face_out == ADIT_FACE_HOST;
		}
		pcap_dump_close(f->in);
	}
	pcap_close(ethernet);
	if (to_host > HOST_PACKETS)
		lab_die("%u frames are for the host, more than the RX ring holds", to_host);
}

int main(int argc, char **argv)
{
	unsigned frames = argc > 2 ? (unsigned)atoi(argv[2]) : 6000;
	uint64_t seed = argc > 3 ? strtoull(argv[3], NULL, 0) : (uint64_t)time(NULL);
	const char *stall = argc > 4 ? argv[4] : "25";
	struct adit_open_options ring_sizes = { .evt_entries = 65536 / 2, .rx_entries = HOST_PACKETS, .timeout_ms = 600000 };
	struct adit_mode_options options = { .verdicts = true, .n_local = 1, .local = { lab_addr4(0xc0000201) } };
	char lan[PATH_MAX], wan[PATH_MAX], seed_text[32];
	uint64_t began = 0, ended = 0;
	unsigned to_wan, to_lan, idle;
	pid_t sim;
	int err;

	if (argc < 2 || frames == 0 || frames > FRAMES_MAX) {
		fprintf(stderr, "usage: lockstep ADIT-SIM [FRAMES, at most %d [SEED [STALL]]]\n", FRAMES_MAX);
		return 2;
	}
	printf("lockstep: seed %llu, %u frames on each port, stall %s %%\n", (unsigned long long)seed, frames, stall);
	fflush(stdout);
	lab_seed(seed);
	options.pass_unmatched = lab_one_in(2);
	lab_open("lockstep");
	model = golden_card_open(&options);
	if (model == NULL)
		lab_die("no memory");
	for (unsigned i = 0; i < TUNNELS; i++)
		make_tunnel(i);

	program_golden();
	make_traffic(frames);
	snprintf(seed_text, sizeof(seed_text), "%llu", (unsigned long long)(seed & 0x7fffffff));
	snprintf(lan, sizeof(lan), "pcap:%s,%s", lab_path("lan.in"), lab_path("lan.out"));
	snprintf(wan, sizeof(wan), "pcap:%s,%s", lab_path("wan.in"), lab_path("wan.out"));
	sim = lab_start_sim(argv[1], lan, wan, seed_text, stall);
	card = lab_open_card(&ring_sizes);
	adit_card_on_event(card, on_event, NULL);
	adit_card_on_rx(card, on_rx, NULL);
	program_card(&options);

	err = adit_card_cycles(card, &began);
	if (err == 0)
		err = adit_card_enable(card, true);
	if (err == 0)
		err = adit_card_cycles(card, &ended);	/* answered once the card is idle: every frame is through */
	for (idle = 0; err >= 0 && idle < 100; idle = err > 0 ? 0 : idle + 1)
		err = adit_card_poll(card, 256);
	if (err < 0)
		lab_die("running: %s", adit_card_strerror(card));
	for (unsigned k = 0; k < 2; k++)
		if (flows[k].verdicts_seen != flows[k].n_frames)
			lab_mistake("%s: %u verdicts for %u frames", adit_face_name(flows[k].face), flows[k].verdicts_seen, flows[k].n_frames);
	compare_counters();
	lab_stop(card, sim);
	to_wan = compare_port(lab_path("wan.out"), &flows[0], ADIT_FACE_WAN);
	to_lan = compare_port(lab_path("lan.out"), &flows[1], ADIT_FACE_LAN);

	printf("lockstep: %u frames left by wan, %u by lan, %u by host; %llu cycles\n", to_wan, to_lan, flows[0].host_packets + flows[1].host_packets,
	       (unsigned long long)(ended - began));
	for (unsigned r = 0; r < ADIT_REASON_COUNT; r++)
		if (golden_card_count(model, (enum adit_reason)r) != 0)
			printf("  %-24s %llu\n", adit_reason_name(r), (unsigned long long)golden_card_count(model, (enum adit_reason)r));
	if (lab_mistakes() == 0)
		lab_close();
	else
		printf("inputs and outputs are kept in %s\n", lab_folder());
	printf("%u passed, %u failed\n", 2 * frames - (lab_mistakes() < 2 * frames ? lab_mistakes() : 2 * frames), lab_mistakes());
	return lab_mistakes() == 0 ? 0 : 1;
}
