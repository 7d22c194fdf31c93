// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * Tables that change while frames flow. Traffic goes through both directions of a simulated card that runs freely; all the while
 * SAs are replaced make-before-break in slots that were just freed, rule tables are swapped, and now and then everything is
 * flushed, and once the card is reset. What must hold, whatever the timing:
 *
 *   wan   every frame opens with the SA it names, is golden's seal of one input frame byte for byte, in arrival order, with that
 *         SA's next number; no frame of an SA that was deleted before the frame was sent, none that the rules discarded
 *   lan   every frame is the inside of one sealed frame, once at most: no replay, no wrong key, no clear text, no deleted SA
 *   both  make before break loses nothing; an SA whose header is changed shows the old one or the new one, never a mixture
 *
 *   churn ADIT-SIM [FRAMES [SEED [STALL]]]       FRAMES on each port; SEED is printed
 */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "lab.h"
#include "transform/golden.h"
#include "transform/ipv4.h"

enum {
	TUNNELS = 6, STEADY = 4,	/* the rules of tunnels 0 .. STEADY - 1 never discard */
	SLOTS = 24, KEYS_MAX = 4096, FIRST_SPI = 0x1000,
	L2 = 14, SERIAL_AT = L2 + 20 + 8, BODY_MAX = 700, ROOM = 2048, FRAMES_MAX = 100000,
	REMEMBERED = 64, NOISE_RULES = 12,
	UPHEAVALS = 4,			/* flush, reset, flush, reset */
	QUIET_MS = 2000, LIMIT_MS = 300000,
};

/* ---- the world: 192.0.2.1 is the card, 198.51.100.t its peers, 10.1.t/24 behind it, 10.2.t/24 behind them */

/* One SA, from its first day to its last; its SPI is FIRST_SPI + its place in keys[]. */
struct key {
	struct adit_sa sa;
	struct golden_sa *seals, *opens;
	uint16_t slot;
	unsigned tunnel;
	uint32_t seq;			/* last number seen at wan, or sent by the peer */
	uint32_t dead_from;		/* OUT: frames from this one on must not use it; UINT32_MAX while it lives */
	unsigned under_way;		/* IN: frames sent with it that have not come out at lan */
	bool is_dying;			/* its delete is queued */
	struct adit_sa changed;		/* OUT: an update is queued, and no frame has shown it yet */
	bool is_changing, is_changed;	/* is_changed: the card has confirmed it */
	uint32_t changed_from;		/* frames from this one on must show it */
};

struct tunnel {
	struct key *out, *in;		/* the newest that the card has confirmed */
	struct key *next_out, *next_in;	/* on their way into the card */
	struct key *old_in;		/* to be deleted once all its frames came out */
	bool is_busy, is_ready;		/* is_ready: bound since the last flush */
	bool discards, wants_discard;	/* what the rules say; what the next rules will say */
	struct { uint8_t bytes[ROOM]; size_t n_bytes; uint32_t serial; } sent[REMEMBERED];
	unsigned n_sent;
};

struct frame {
	uint8_t *bytes;
	size_t n_bytes;
	struct key *key;		/* wan: sealed with it */
	bool may_be_lost, must_be_lost, was_seen;
};

static struct tunnel tunnels[TUNNELS];
static struct key keys[KEYS_MAX];
static unsigned n_keys;
static uint16_t free_slots[SLOTS];	/* a stack: the slot freed last is used first */
static unsigned n_free;
static struct frame *frames[2];		/* by serial: what went in at lan; the inside of what went in at wan */
static uint32_t n_frames[2], n_seen[2];
static uint32_t next_serial_out;	/* wan: frames leave in arrival order */
static int ports[2] = { -1, -1 };	/* our ends of lan and wan */
static struct adit_card *card;
static struct adit_mode_options mode = { .n_local = 1 };
static unsigned checks, rekeys, updates, replaces, flushes, resets, pending;
static unsigned cut_short[2];		/* frames that a reset may have cut short on their way out of lan, wan */
static bool replacing, flushing, rules_gone;

static void must(int err, const char *what)
{
	if (err != 0)
		lab_die("%s: %s", what, adit_card_strerror(card));
}

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* ---- SAs */

static struct key *make_key(unsigned t, enum adit_dir dir)
{
	static const struct { enum adit_enc enc; enum adit_auth auth; uint8_t icv_bytes; } suites[] = {
		{ ADIT_ENC_AES_CBC_128, ADIT_AUTH_HMAC_SHA1_96, 0 }, { ADIT_ENC_AES_CBC_192, ADIT_AUTH_HMAC_SHA256_128, 0 },
		{ ADIT_ENC_AES_CBC_256, ADIT_AUTH_HMAC_SHA512_256, 0 }, { ADIT_ENC_NULL, ADIT_AUTH_HMAC_MD5_96, 0 },
		{ ADIT_ENC_AES_GCM_128, ADIT_AUTH_NULL, 8 }, { ADIT_ENC_AES_GCM_256, ADIT_AUTH_NULL, 16 },
		{ ADIT_ENC_AES_CTR_192, ADIT_AUTH_HMAC_SHA384_192, 0 }, { ADIT_ENC_DES3_CBC, ADIT_AUTH_HMAC_SHA1_96, 0 },
		{ ADIT_ENC_NULL, ADIT_AUTH_AES_GMAC_128, 0 },
	};
	struct key *k = &keys[n_keys];
	unsigned suite = lab_rnd(sizeof(suites) / sizeof(suites[0]));
	struct adit_sa sa;

	if (n_keys == KEYS_MAX || n_free == 0)
		lab_die("no %s left", n_free == 0 ? "slot" : "SPI");
	*k = (struct key){ .tunnel = t, .slot = free_slots[--n_free], .dead_from = UINT32_MAX };
	k->sa = (struct adit_sa){
		.spi = FIRST_SPI + n_keys++, .reqid = t + 1, .dir = dir, .proto = ADIT_PROTO_ESP, .mode = ADIT_MODE_TUNNEL,
		.enc = suites[suite].enc, .auth = suites[suite].auth, .icv_bytes = suites[suite].icv_bytes,
		.auth_key_bytes = (uint8_t)adit_auth_key_bytes(suites[suite].auth), .ttl = 64,
		.src = lab_addr4(dir == ADIT_DIR_OUT ? 0xc0000201 : 0xc6336401 + t),
		.dst = lab_addr4(dir == ADIT_DIR_OUT ? 0xc6336401 + t : 0xc0000201),
		.replay_packets = dir == ADIT_DIR_IN ? 64 : 0,
	};
	for (int i = 0; i < adit_enc_key_bytes(k->sa.enc); i++)
		k->sa.enc_key[i] = (uint8_t)lab_rnd(256);
	lab_rnd_bytes(k->sa.auth_key, k->sa.auth_key_bytes);
	lab_rnd_bytes(k->sa.salt, sizeof(k->sa.salt));
	sa = k->sa;
	sa.dir = ADIT_DIR_OUT;
	if (golden_sa_open(&sa, &k->seals) != 0)
		lab_die("golden refuses an SA");
	sa.dir = ADIT_DIR_IN;
	if (golden_sa_open(&sa, &k->opens) != 0)
		lab_die("golden refuses an SA");
	return k;
}

static void on_deleted(void *arg, int status, const union adit_answer *answer)
{
	struct key *k = arg;

	(void)answer;
	pending--;
	if (status != 0)
		lab_die("deleting SA %u: %s", k->slot, strerror(-status));
	k->dead_from = n_frames[0];
	free_slots[n_free++] = k->slot;
}

static void start_delete(struct key *k)
{
	k->is_dying = true;
	pending++;
	must(adit_sa_delete(card, k->slot, on_deleted, k), "delete");
}

static void on_out_added(void *arg, int status, const union adit_answer *answer)
{
	struct tunnel *t = &tunnels[((struct key *)arg)->tunnel];

	(void)answer;
	pending--;
	if (status != 0)
		lab_die("adding an SA: %s", strerror(-status));
	t->out = t->next_out;
}

static void on_in_added(void *arg, int status, const union adit_answer *answer)
{
	struct tunnel *t = &tunnels[((struct key *)arg)->tunnel];

	(void)answer;
	pending--;
	if (status != 0)
		lab_die("adding an SA: %s", strerror(-status));
	t->in = t->next_in;	/* from now on the peer uses it */
}

static void on_bound(void *arg, int status, const union adit_answer *answer)
{
	(void)answer;
	pending--;
	if (status != 0)
		lab_die("binding: %s", strerror(-status));
	((struct tunnel *)arg)->is_busy = false;
	((struct tunnel *)arg)->is_ready = true;
}

/* New SAs, the binding moves, the old ones go: one batch, so that the card does each as soon as it has done the one before. */
static void rekey(unsigned i)
{
	struct tunnel *t = &tunnels[i];
	struct key *old_out = t->out, *old_in = t->in;
	bool in_first = lab_one_in(2);

	if (in_first)
		t->next_in = make_key(i, ADIT_DIR_IN);
	t->next_out = make_key(i, ADIT_DIR_OUT);
	if (!in_first)
		t->next_in = make_key(i, ADIT_DIR_IN);
	t->is_busy = true;
	pending += 3;
	must(adit_sa_add(card, t->next_in->slot, &t->next_in->sa, on_in_added, t->next_in), "add");
	must(adit_sa_add(card, t->next_out->slot, &t->next_out->sa, on_out_added, t->next_out), "add");
	must(adit_sp_bind(card, (uint16_t)i, t->next_out->slot, on_bound, t), "bind");
	if (old_out != NULL)
		start_delete(old_out);
	if (old_in != NULL && (i >= STEADY || lab_one_in(2))) {	/* at once: what the peer sent with it may be lost */
		for (uint32_t n = 0; n < n_frames[1]; n++)
			if (frames[1][n].key == old_in)
				frames[1][n].may_be_lost = true;
		start_delete(old_in);
	} else {
		t->old_in = old_in;
	}
	rekeys++;
}

/* ---- an SA's header changes while it seals: TTL, DSCP, source and ports in one step */

static void on_updated(void *arg, int status, const union adit_answer *answer)
{
	struct key *k = arg;

	(void)answer;
	pending--;
	if (status != 0)
		lab_die("updating SA %u: %s", k->slot, strerror(-status));
	k->is_changed = true;
	k->changed_from = n_frames[0];
}

static void update(struct tunnel *t)
{
	struct key *k = t->out;

	if (k == NULL || t->is_busy || k->is_dying || k->is_changing)
		return;
	k->changed = k->sa;
	k->changed.ttl = (uint8_t)(1 + lab_rnd(255));
	k->changed.set_dscp = true;
	k->changed.dscp = (uint8_t)lab_rnd(64);
	k->changed.src = lab_addr4(0xc0000201 + lab_rnd(2));
	k->is_changing = true;
	k->is_changed = false;
	pending++;
	updates++;
	must(adit_sa_update(card, k->slot, &k->changed, on_updated, k), "update");
}

/* Sealed with the old header, or with the new one and never with the old again; nothing between. */
static bool is_sealed_right(struct key *k, const uint8_t *plain, size_t plain_bytes, uint32_t seq, uint32_t serial, const uint8_t *bytes, size_t n_bytes)
{
	uint8_t again[ROOM];
	size_t again_bytes;

	for (unsigned turn = 0; turn < 2; turn++) {
		if (!(k->is_changing && k->is_changed && serial >= k->changed_from) &&
		    golden_seal(k->seals, plain, plain_bytes, L2, seq, again, sizeof(again), &again_bytes) == ADIT_REASON_NONE &&
		    again_bytes == n_bytes && memcmp(again, bytes, n_bytes) == 0)
			return true;
		if (!k->is_changing)
			return false;
		k->sa = k->changed;
		k->is_changing = false;
		if (golden_sa_update(k->seals, &k->sa) != 0)
			lab_die("golden does not update an SA");
	}
	return false;
}

static void finish_old(struct tunnel *t)
{
	if (!flushing && t->old_in != NULL && t->in != t->old_in && t->old_in->under_way == 0) {
		start_delete(t->old_in);
		t->old_in = NULL;
	}
}

/* ---- rules */

static void on_replaced(void *arg, int status, const union adit_answer *answer)
{
	(void)arg;
	(void)answer;
	pending--;
	if (status != 0)
		lab_die("rules: %s", strerror(-status));
	for (unsigned i = 0; i < TUNNELS; i++)
		tunnels[i].discards = tunnels[i].wants_discard;
	replacing = rules_gone = false;
}

/*
 * The same policies in another order, among others that match nothing; the last ones sometimes discard. Beneath them all one that
 * lets everything pass in clear: a packet that meets a table with a hole shows it.
 */
static unsigned make_rules(struct adit_sp *rules)
{
	unsigned n = 0, noise = lab_rnd(NOISE_RULES + 1);

	for (unsigned i = 0; i < TUNNELS; i++)
		rules[n++] = (struct adit_sp){
			.id = (uint16_t)i, .priority = (int32_t)lab_rnd(100), .any_proto = true, .any_ports = true, .dport_hi = 0xffff, .sport_hi = 0xffff,
			.src = lab_addr4(0x0a010000 + (i << 8)), .dst = lab_addr4(0x0a020000 + (i << 8)), .src_plen = 24, .dst_plen = 24,
			.reqid = i + 1, .action = tunnels[i].wants_discard ? ADIT_ACTION_DISCARD : ADIT_ACTION_ENCRYPT,
			.level = i % 2 == 0 ? ADIT_LEVEL_REQUIRE : ADIT_LEVEL_UNIQUE,
		};
	for (unsigned i = 0; i < noise; i++)
		rules[n++] = (struct adit_sp){
			.id = (uint16_t)(TUNNELS + i), .priority = (int32_t)lab_rnd(100), .any_proto = true, .any_ports = true, .dport_hi = 0xffff,
			.sport_hi = 0xffff, .src = lab_addr4(0x0a800000 + lab_rnd(1 << 20)), .dst = lab_addr4(0x0a000000), .src_plen = 16, .dst_plen = 8,
			.reqid = 1 + lab_rnd(TUNNELS), .action = lab_one_in(2) ? ADIT_ACTION_NONE : ADIT_ACTION_DISCARD,
		};
	rules[n++] = (struct adit_sp){
		.id = TUNNELS + NOISE_RULES, .priority = -1, .any_proto = true, .any_ports = true, .dport_hi = 0xffff, .sport_hi = 0xffff,
		.src = lab_addr4(0x0a000000), .dst = lab_addr4(0x0a000000), .src_plen = 8, .dst_plen = 8, .action = ADIT_ACTION_NONE,
	};
	return n;
}

static void replace_rules(void)
{
	struct adit_sp rules[TUNNELS + NOISE_RULES + 1];

	for (unsigned i = STEADY; i < TUNNELS; i++) {
		tunnels[i].wants_discard = lab_one_in(2);
		if (tunnels[i].discards && !tunnels[i].wants_discard)
			tunnels[i].discards = false;	/* from now on nobody knows */
		if (tunnels[i].wants_discard)
			for (unsigned side = 0; side < 2; side++)
				for (uint32_t n = 0; n < n_frames[side]; n++)
					frames[side][n].may_be_lost = true;
	}
	replacing = true;
	replaces++;
	pending++;
	must(adit_sp_replace(card, rules, make_rules(rules), on_replaced, NULL), "rules");
}

/* ---- everything anew */

static void on_rules_flushed(void *arg, int status, const union adit_answer *answer)
{
	(void)arg;
	(void)answer;
	pending--;
	if (status != 0)
		lab_die("flush: %s", strerror(-status));
}

/* No SA is in the card any more: new ones, and rules if those are gone too. */
static void start_over(void)
{
	if (rules_gone)
		replace_rules();
	n_free = 0;
	for (uint16_t s = 0; s < SLOTS; s++)
		free_slots[n_free++] = s;
	for (unsigned i = 0; i < n_keys; i++)
		if (keys[i].dead_from == UINT32_MAX)
			keys[i].dead_from = n_frames[0];
	for (unsigned i = 0; i < TUNNELS; i++) {
		tunnels[i].out = tunnels[i].in = tunnels[i].old_in = NULL;
		tunnels[i].is_ready = false;
		rekey(i);
	}
	flushing = false;
}

static void forgive_losses(void)
{
	for (unsigned side = 0; side < 2; side++)
		for (uint32_t n = 0; n < n_frames[side]; n++)
			frames[side][n].may_be_lost = true;
	for (unsigned i = 0; i < n_keys; i++)
		keys[i].is_dying = true;
}

static void on_flushed(void *arg, int status, const union adit_answer *answer)
{
	(void)arg;
	(void)answer;
	pending--;
	if (status != 0)
		lab_die("flush: %s", strerror(-status));
	start_over();
}

static void flush(void)
{
	flushing = true;
	flushes++;
	pending++;
	forgive_losses();
	if (lab_one_in(2)) {
		rules_gone = true;
		pending++;
		must(adit_sp_flush(card, on_rules_flushed, NULL), "flush");
	}
	must(adit_sa_flush(card, true, true, on_flushed, NULL), "flush");
}

/* The card is reset in the midst of it all; then everything is set up again. */
static void reset(void)
{
	resets++;
	forgive_losses();
	must(adit_card_recover(card), "reset");
	cut_short[0]++;
	cut_short[1]++;
	rules_gone = true;
	must(adit_card_configure(card, &mode), "configure");
	start_over();
	must(adit_card_enable(card, true), "enable");
}

/* ---- frames */

/* A UDP packet of tunnel t with the next serial number of its side. */
static struct frame *make_frame(unsigned side, unsigned t)
{
	struct frame *f = &frames[side][n_frames[side]];
	size_t body = 4 + lab_rnd(lab_one_in(3) ? BODY_MAX : 60), n_bytes = SERIAL_AT + body;
	uint32_t near = 0x0a010000 + (t << 8) + lab_rnd(256), far = 0x0a020000 + (t << 8) + lab_rnd(256);
	uint8_t *ip;

	f->bytes = calloc(1, n_bytes);
	if (f->bytes == NULL)
		lab_die("no memory");
	f->n_bytes = n_bytes;
	for (unsigned i = 1; i < 12; i++)
		f->bytes[i] = (uint8_t)lab_rnd(256);
	ipv4_put16(f->bytes + 12, 0x0800);
	ip = f->bytes + L2;
	ip[0] = 0x45;
	ipv4_put16(ip + 2, (uint16_t)(n_bytes - L2));
	ip[8] = 64;
	ip[9] = 17;
	ipv4_put32(ip + 12, side == 0 ? near : far);
	ipv4_put32(ip + 16, side == 0 ? far : near);
	ipv4_set_checksum(ip);
	ipv4_put16(ip + 20, (uint16_t)(1024 + lab_rnd(1000)));
	ipv4_put16(ip + 22, (uint16_t)(1024 + lab_rnd(1000)));
	ipv4_put16(ip + 24, (uint16_t)(8 + body));
	ipv4_put32(f->bytes + SERIAL_AT, n_frames[side]);
	for (size_t i = SERIAL_AT + 4; i < n_bytes; i++)
		f->bytes[i] = (uint8_t)lab_rnd(256);
	f->may_be_lost = t >= STEADY || flushing || rules_gone || !tunnels[t].is_ready;
	return f;
}

static bool send_frame(unsigned side, const uint8_t *bytes, size_t n_bytes)
{
	if (send(ports[side], bytes, n_bytes, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0)
		return true;
	if (errno != EAGAIN && errno != ENOBUFS)
		lab_die("port: %s", strerror(errno));
	return false;
}

static bool feed_lan(void)
{
	unsigned t = lab_rnd(TUNNELS);
	struct frame *f = make_frame(0, t);

	f->must_be_lost = tunnels[t].discards;
	if (!send_frame(0, f->bytes, f->n_bytes)) {
		free(f->bytes);
		*f = (struct frame){ 0 };
		return false;
	}
	n_frames[0]++;
	return true;
}

static bool feed_wan(void)
{
	unsigned i = lab_rnd(TUNNELS);
	struct tunnel *t = &tunnels[i];
	struct key *key = t->in;
	struct frame *f;
	uint8_t sealed[ROOM];
	size_t n_bytes;

	if (t->n_sent > 0 && lab_one_in(6)) {	/* once more */
		unsigned k = lab_rnd(t->n_sent < REMEMBERED ? t->n_sent : REMEMBERED);

		return send_frame(1, t->sent[k].bytes, t->sent[k].n_bytes);
	}
	if (key == NULL)
		return false;
	f = make_frame(1, i);
	f->key = key;
	f->may_be_lost = f->may_be_lost || key->is_dying;
	f->must_be_lost = t->discards;
	if (golden_seal(key->seals, f->bytes, f->n_bytes, L2, key->seq + 1, sealed, sizeof(sealed), &n_bytes) != ADIT_REASON_NONE)
		lab_die("golden does not seal");
	switch (lab_rnd(24)) {
	case 0:	/* the SPI of another SA of ours: wrong key */
	case 1:
		ipv4_put32(sealed + L2 + 20, FIRST_SPI + lab_rnd(n_keys));
		f->must_be_lost = ipv4_get32(sealed + L2 + 20) != key->sa.spi;
		break;
	case 2:	/* touched on the way */
		sealed[L2 + 28 + lab_rnd((uint32_t)n_bytes - L2 - 28)] ^= (uint8_t)(1u << lab_rnd(8));
		f->must_be_lost = true;
		break;
	case 3:	/* in clear */
		memcpy(sealed, f->bytes, f->n_bytes);
		n_bytes = f->n_bytes;
		f->must_be_lost = true;
		break;
	default:
		break;
	}
	if (!send_frame(1, sealed, n_bytes)) {
		free(f->bytes);
		*f = (struct frame){ 0 };
		return false;
	}
	key->seq++;
	n_frames[1]++;
	if (!f->must_be_lost) {
		key->under_way++;
		memcpy(t->sent[t->n_sent % REMEMBERED].bytes, sealed, n_bytes);
		t->sent[t->n_sent++ % REMEMBERED].n_bytes = n_bytes;
	}
	return true;
}

/* The frame of that side with the serial number in these bytes, if they are all of it. */
static struct frame *find(unsigned side, const uint8_t *bytes, size_t n_bytes, uint32_t *serial)
{
	struct frame *f;

	if (n_bytes < SERIAL_AT + 4)
		return NULL;
	*serial = ipv4_get32(bytes + SERIAL_AT);
	f = &frames[side][*serial];
	return *serial < n_frames[side] && f->n_bytes == n_bytes && memcmp(f->bytes, bytes, n_bytes) == 0 ? f : NULL;
}

static void see(unsigned side, struct frame *f, uint32_t serial)
{
	const char *name = side == 0 ? "lan" : "wan";

	if (f->was_seen)
		lab_mistake("%s frame %u leaves twice", name, serial);
	if (f->must_be_lost)
		lab_mistake("%s frame %u leaves, and must not", name, serial);
	f->was_seen = true;
	n_seen[side]++;
}

static void take_wan(const uint8_t *bytes, size_t n_bytes)
{
	uint8_t plain[ROOM];
	size_t plain_bytes;
	uint32_t spi, seq, serial = 0;
	struct key *key;
	struct frame *f;

	checks++;
	if (n_bytes < L2 + 28 || bytes[L2 + 9] != 50 || ipv4_get32(bytes + L2 + 12) - 0xc0000201 > 1) {
		lab_mistake("wan: a frame of %zu bytes that is not ESP", n_bytes);
		return;
	}
	spi = ipv4_get32(bytes + L2 + 20);
	seq = ipv4_get32(bytes + L2 + 24);
	key = &keys[spi - FIRST_SPI];
	if (spi - FIRST_SPI >= n_keys || key->sa.dir != ADIT_DIR_OUT) {
		lab_mistake("wan: SPI %x is none of ours", spi);
		return;
	}
	if (golden_open(key->opens, bytes, n_bytes, L2, seq, plain, sizeof(plain), &plain_bytes) != ADIT_REASON_NONE) {
		if (cut_short[1] > 0 && cut_short[1]-- > 0)
			return;
		lab_mistake("wan: SPI %x number %u does not open with its key", spi, seq);
		return;
	}
	f = find(0, plain, plain_bytes, &serial);
	if (f == NULL) {
		lab_mistake("wan: SPI %x number %u is no frame that went in", spi, seq);
		return;
	}
	if (!is_sealed_right(key, plain, plain_bytes, seq, serial, bytes, n_bytes))
		lab_mistake("wan: lan frame %u is not sealed as golden does", serial);
	if (seq != key->seq + 1)
		lab_mistake("wan: SPI %x sends number %u after %u", spi, seq, key->seq);
	key->seq = seq;
	if (serial < next_serial_out)
		lab_mistake("wan: lan frame %u leaves after %u", serial, next_serial_out - 1);
	next_serial_out = serial + 1;
	if (serial >= key->dead_from)
		lab_mistake("wan: lan frame %u is sealed with SPI %x, deleted when frame %u was not yet there", serial, spi, key->dead_from);
	if (ipv4_get32(plain + L2 + 16) >> 8 != 0x0a0200 + key->tunnel)
		lab_mistake("wan: lan frame %u is sealed with the SA of tunnel %u", serial, key->tunnel);
	see(0, f, serial);
}

static void take_lan(const uint8_t *bytes, size_t n_bytes)
{
	uint32_t serial = 0;
	struct frame *f = find(1, bytes, n_bytes, &serial);

	checks++;
	if (f == NULL) {
		if (cut_short[0] > 0 && cut_short[0]-- > 0)
			return;
		lab_mistake("lan: a frame of %zu bytes that nobody sealed", n_bytes);
		return;
	}
	see(1, f, serial);
	if (!f->must_be_lost)
		f->key->under_way--;
}

static bool drain(unsigned side, unsigned most)
{
	uint8_t bytes[ROOM];
	ssize_t n;
	bool any = false;

	while (most-- > 0 && (n = recv(ports[side], bytes, sizeof(bytes), MSG_DONTWAIT)) > 0) {
		any = true;
		if (side == 0)
			take_lan(bytes, (size_t)n);
		else
			take_wan(bytes, (size_t)n);
	}
	return any;
}

/* ---- running */

static void wait_a_while(bool reads)
{
	struct pollfd fds[3] = { { .fd = ports[0], .events = reads ? POLLIN : 0 }, { .fd = ports[1], .events = reads ? POLLIN : 0 },
				 { .fd = adit_card_fd(card), .events = POLLIN } };

	if (poll(fds, 3, 1) < 0 && errno != EINTR)
		lab_die("poll: %s", strerror(errno));
}

static void serve(void)
{
	int err = adit_card_kick(card);

	if (err >= 0)
		err = adit_card_poll(card, 256);
	if (err < 0)
		lab_die("card: %s", adit_card_strerror(card));
}

static void run(unsigned wanted)
{
	uint64_t began = now_ms(), last = began;
	unsigned deaf[2] = { 0, 0 };	/* rounds in which nobody reads that port: the card must wait */
	bool wants_flush = false;

	while (n_frames[0] < wanted || n_frames[1] < wanted || pending > 0 || now_ms() - last < QUIET_MS) {
		bool is_over = n_frames[0] >= wanted && n_frames[1] >= wanted, any = false;
		unsigned most = flushing || wants_flush ? 2 : 12;

		if (now_ms() - began > LIMIT_MS)
			lab_die("stuck: %u and %u frames sent, %u and %u came out, %u commands under way", n_frames[0], n_frames[1],
				n_seen[0], n_seen[1], pending);
		for (unsigned k = lab_rnd(most); k > 0 && n_frames[0] < wanted && feed_lan(); k--)
			any = true;
		for (unsigned k = lab_rnd(most); k > 0 && n_frames[1] < wanted && feed_wan(); k--)
			any = true;
		wants_flush = !flushing && flushes + resets < UPHEAVALS && n_frames[0] >= wanted / (UPHEAVALS + 1) * (flushes + resets + 1);
		if (wants_flush && pending == 0) {
			if (resets < flushes)
				reset();
			else
				flush();
		} else if (!is_over && !flushing && !wants_flush) {
			unsigned t = lab_rnd(TUNNELS);

			if (!tunnels[t].is_busy && tunnels[t].old_in == NULL && n_free >= 6)
				rekey(t);
			if (lab_one_in(3))
				update(&tunnels[lab_rnd(TUNNELS)]);
			if (lab_one_in(20) && !replacing)
				replace_rules();
		}
		serve();
		for (unsigned side = 0; side < 2; side++) {
			if (deaf[side] > 0)
				deaf[side]--;
			else if (lab_one_in(60) && !is_over)
				deaf[side] = lab_rnd(40);
			if (deaf[side] == 0)
				any = drain(side, 64) || any;
		}
		for (unsigned i = 0; i < TUNNELS; i++)
			finish_old(&tunnels[i]);
		if (any)
			last = now_ms();
		else
			wait_a_while(deaf[0] == 0 && deaf[1] == 0);
	}
}

int main(int argc, char **argv)
{
	unsigned wanted = argc > 2 ? (unsigned)atoi(argv[2]) : 4000, lost = 0;
	uint64_t seed = argc > 3 ? strtoull(argv[3], NULL, 0) : (uint64_t)time(NULL), counts[ADIT_REASON_COUNT];
	const char *stall = argc > 4 ? argv[4] : "10";
	struct adit_open_options sizes = { .cmd_entries = 1024, .timeout_ms = 60000 };
	char port[2][PATH_MAX], seed_text[32];
	pid_t sim;

	if (argc < 2 || wanted == 0 || wanted > FRAMES_MAX) {
		fprintf(stderr, "usage: churn ADIT-SIM [FRAMES, at most %d [SEED [STALL]]]\n", FRAMES_MAX);
		return 2;
	}
	printf("churn: seed %llu, %u frames on each port, stall %s %%\n", (unsigned long long)seed, wanted, stall);
	fflush(stdout);
	lab_seed(seed);
	lab_open("churn");
	for (unsigned side = 0; side < 2; side++) {
		const char *path = lab_path(side == 0 ? "lan" : "wan");

		frames[side] = calloc(wanted + 1, sizeof(**frames));
		if (frames[side] == NULL)
			lab_die("no memory");
		ports[side] = lab_listen(path);
		snprintf(port[side], sizeof(port[side]), "unix:%s", path);
	}
	snprintf(seed_text, sizeof(seed_text), "%llu", (unsigned long long)(seed & 0x7fffffff));
	sim = lab_start_live_sim(argv[1], port[0], port[1], seed_text, stall);
	for (unsigned side = 0; side < 2; side++) {
		ports[side] = lab_accept(ports[side], 16384);	/* few frames wait, so that changes meet them */
	}
	card = lab_open_card(&sizes);
	mode.local[0] = lab_addr4(0xc0000201);
	must(adit_card_configure(card, &mode), "configure");
	for (uint16_t s = 0; s < SLOTS; s++)
		free_slots[n_free++] = s;
	replace_rules();
	for (unsigned i = 0; i < TUNNELS; i++)
		rekey(i);
	while (pending > 0) {
		serve();
		wait_a_while(false);
	}
	must(adit_card_enable(card, true), "enable");

	run(wanted);
	for (unsigned side = 0; side < 2; side++)
		for (uint32_t n = 0; n < n_frames[side]; n++) {
			const struct frame *f = &frames[side][n];

			checks++;
			if (!f->was_seen && !f->may_be_lost && !f->must_be_lost && ++lost <= 5)
				lab_mistake("%s frame %u is lost", side == 0 ? "lan" : "wan", n);
		}
	if (lost > 5)
		lab_mistake("%u frames are lost", lost);
	if (n_seen[0] == 0 || n_seen[1] == 0)
		lab_mistake("nothing came out");
	must(adit_stats_wait(card, counts), "statistics");
	lab_stop(card, sim);

	printf("churn: %u SA pairs replaced, %u changed, %u rule tables, %u flushes, %u resets; %u of %u frames left by wan, %u of %u by lan\n",
	       rekeys, updates, replaces, flushes, resets, n_seen[0], n_frames[0], n_seen[1], n_frames[1]);
	for (unsigned r = 0; r < ADIT_REASON_COUNT; r++)
		if (counts[r] != 0)
			printf("  %-24s %llu\n", adit_reason_name(r), (unsigned long long)counts[r]);
	for (unsigned i = 0; i < n_keys; i++) {
		golden_sa_close(keys[i].seals);
		golden_sa_close(keys[i].opens);
	}
	lab_close();
	printf("%u passed, %u failed\n", checks - (lab_mistakes() < checks ? lab_mistakes() : checks), lab_mistakes());
	return lab_mistakes() == 0 ? 0 : 1;
}
