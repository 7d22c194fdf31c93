// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * Two engines, a network, two cards and a clock, all in memory. ISAKMP SAs are given, not negotiated (phase 1 has its own tests), unless a
 * test lets the engines negotiate them. The cards take SAs after a delay, can be told to fail, and carry packets: sealed and opened by
 * golden, with the keys that the engines made, so that a lost packet is seen as one.
 */
#ifndef TESTS_HOST_SA_PHASE2_RIG_H
#define TESTS_HOST_SA_PHASE2_RIG_H

#include <errno.h>

#include "sa/phase2.h"
#include "support_config.h"
#include "transform/golden.h"

enum { RIG_QUEUE = 4096, RIG_CHILDREN = 1200, RIG_ANSWERS = 256, RIG_LOG = 1 << 17, RIG_LATENCY_MS = 5, RIG_CARD_MS = 2, FRAME_BYTES = 14 };

/* Two offices: A at 192.0.2.1 with 10.1.0.0/16, B at 198.51.100.1 with 10.2.0.0/16. */
#define SECRET "secret = \"a long enough secret for tests\"; hash_algorithm = \"sha256\"; enc_algorithm = \"aes-128\"; dh_group = \"ecp256\"; "
#define PEER_A(extra) "peers = ( { name = \"b\"; address = \"198.51.100.1/32\"; " SECRET extra " } );"
#define PEER_B(extra) "peers = ( { name = \"a\"; address = \"192.0.2.1/32\"; " SECRET extra " } );"
#define ENDS_A "sa_src_address = \"192.0.2.1\"; sa_dst_address = \"198.51.100.1\"; "
#define ENDS_B "sa_src_address = \"198.51.100.1\"; sa_dst_address = \"192.0.2.1\"; "
#define TUNNEL_A(name, src, dst, extra) "{ name = \"" name "\"; src_address = \"" src "\"; dst_address = \"" dst "\"; tunnel = true; " ENDS_A extra " }"
#define TUNNEL_B(name, src, dst, extra) "{ name = \"" name "\"; src_address = \"" src "\"; dst_address = \"" dst "\"; tunnel = true; " ENDS_B extra " }"
#define POLICY_A(extra) "policies = ( " TUNNEL_A("p", "10.1.0.0/16", "10.2.0.0/16", extra) " );"
#define POLICY_B(extra) "policies = ( " TUNNEL_B("p", "10.2.0.0/16", "10.1.0.0/16", extra) " );"
#define DIRECT_A(extra) "policies = ( { name = \"p\"; src_address = \"192.0.2.1/32\"; dst_address = \"198.51.100.1/32\"; " ENDS_A extra " } );"
#define DIRECT_B(extra) "policies = ( { name = \"p\"; src_address = \"198.51.100.1/32\"; dst_address = \"192.0.2.1/32\"; " ENDS_B extra " } );"
#define ALGS(auth, enc, pfs, extra) "proposals = ( { name = \"default\"; auth_algorithms = [ " auth " ]; enc_algorithms = [ " enc " ];" \
	" pfs_group = \"" pfs "\"; " extra " } );"
#define PROPOSAL(extra) ALGS("\"sha256\"", "\"aes-128\"", "none", extra)
#define CONFIG_A PEER_A("") POLICY_A("") PROPOSAL("")
#define CONFIG_B PEER_B("") POLICY_B("") PROPOSAL("")


struct rig;

/* One child as a card knows it. */
struct rig_child {
	struct child_spec spec;
	bool has_inbound, has_outbound, is_asked_in, is_asked_out;
	unsigned order;			/* of binding */
	struct golden_sa *sas[SA_SIDES];
	uint64_t seq[SA_SIDES];
	uint64_t in_packets, out_packets;
};

struct rig_answer {
	int64_t due_ms;
	uint32_t id;
	enum child_stage stage;
	int status;
	bool is_used;
};

/* What a card does wrong: for the nth install of a stage (from 1; 0: none). */
struct rig_fault {
	enum child_stage stage;
	unsigned nth;
	int status;
	bool is_silent;			/* never answers */
};

struct rig_end {
	struct rig *rig;
	unsigned which;
	struct ike *ike;
	struct config *config;
	struct rig_child children[RIG_CHILDREN];
	unsigned n_children, n_bound;
	struct rig_answer answers[RIG_ANSWERS];
	unsigned n_answers;
	struct rig_fault fault;
	unsigned n_installs[2], n_removed, n_updates, n_unacquired, n_sent;
	char unacquired[CONFIG_NAME_BYTES];
	int64_t card_ms;
	uint64_t tx, rx, lost_unsealed, lost_unknown, lost_icv;
	char log[RIG_LOG];
	size_t log_at;
};

struct rig_datagram {
	int64_t due_ms;
	uint64_t serial;
	unsigned to;
	bool is_data;
	struct ike_path path;		/* as the receiver sees it */
	size_t n;
	uint8_t *bytes;
};

enum rig_fate { RIG_PASS, RIG_LOSE, RIG_TWICE, RIG_LATE };

struct rig {
	struct rig_end ends[2];
	struct pool *pool;
	int64_t now_ms;
	uint64_t serial;
	struct rig_datagram queue[RIG_QUEUE];
	unsigned n_queue;
	enum rig_fate (*fate)(struct rig *rig, unsigned from, const uint8_t *bytes, size_t n, unsigned nth);
	void *fate_arg;
	struct rig_datagram kept[64];	/* copies of IKE's datagrams, if keep */
	unsigned n_kept;
	bool keep;
	bool has_traffic;
	int64_t traffic_every_ms, traffic_due_ms;
	const char *traffic_policy[2];
	bool is_v6;
};

/* ---- a card */

static inline struct rig_child *rig_child_of(struct rig_end *end, uint32_t id)
{
	for (unsigned i = 0; i < end->n_children; i++)
		if (end->children[i].spec.id == id)
			return &end->children[i];
	return NULL;
}

static inline void rig_install(void *arg, const struct child_spec *spec, enum child_stage stage)
{
	struct rig_end *end = arg;
	struct rig_child *child = rig_child_of(end, spec->id);
	struct rig_answer *answer = end->answers;
	bool is_hit;

	end->n_installs[stage]++;
	is_hit = end->fault.nth == end->n_installs[stage] && end->fault.stage == stage;
	assert_true(spec->id != 0 && (spec->sas.n == 2 || spec->sas.n == 4));
	if (!child) {
		assert_int_equal(stage, CHILD_INBOUND);	/* never the other way round */
		assert_true(end->n_children < RIG_CHILDREN);
		child = &end->children[end->n_children++];
		memset(child, 0, sizeof(*child));
	}
	child->spec = *spec;
	if (stage == CHILD_OUTBOUND)
		assert_true(child->has_inbound);
	if (is_hit && end->fault.is_silent)
		return;
	while (answer->is_used)
		answer++;
	assert_true(answer < end->answers + RIG_ANSWERS);
	end->n_answers++;
	*answer = (struct rig_answer){ end->rig->now_ms + end->card_ms, spec->id, stage, is_hit ? end->fault.status : 0, true };
}

static inline void rig_free_child(struct rig_child *child)
{
	for (unsigned side = 0; side < SA_SIDES; side++) {
		if (child->sas[side])
			golden_sa_close(child->sas[side]);
		child->sas[side] = NULL;
	}
}

static inline void rig_remove(void *arg, uint32_t id)
{
	struct rig_end *end = arg;
	struct rig_child *child = rig_child_of(end, id);

	assert_non_null(child);		/* what was never installed is not removed */
	end->n_removed++;
	rig_free_child(child);
	*child = end->children[--end->n_children];
	memset(&end->children[end->n_children], 0, sizeof(end->children[0]));
	for (unsigned i = 0; i < RIG_ANSWERS; i++)	/* "exactly once for each call, whatever happens" */
		if (end->answers[i].is_used && end->answers[i].id == id)
			end->answers[i].status = -ECANCELED;
}

static inline void rig_update(void *arg, const struct child_spec *spec)
{
	struct rig_end *end = arg;
	struct rig_child *child = rig_child_of(end, spec->id);

	assert_non_null(child);
	child->spec = *spec;
	for (unsigned side = 0; side < spec->sas.n; side++)
		if (child->sas[side])
			assert_int_equal(golden_sa_update(child->sas[side], &spec->sas.sa[side]), 0);
	end->n_updates++;
}

static inline void rig_unacquire(void *arg, const char *policy)
{
	struct rig_end *end = arg;

	end->n_unacquired++;
	(void)snprintf(end->unacquired, sizeof(end->unacquired), "%s", policy);
}

static inline void rig_tell(void *arg, enum log_level level, const char *peer, const char *text)
{
	struct rig_end *end = arg;

	(void)level;
	if (getenv("RIG_VERBOSE"))
		(void)fprintf(stderr, "%8lld %c %s: %s\n", (long long)end->rig->now_ms, 'A' + (int)end->which, peer, text);
	if (end->log_at + strlen(text) + 2 < RIG_LOG)
		end->log_at += (size_t)snprintf(end->log + end->log_at, RIG_LOG - end->log_at, "%s\n", text);
}

static inline bool rig_said(const struct rig_end *end, const char *text)
{
	return strstr(end->log, text) != NULL;
}

static inline void rig_card_takes(struct rig_end *end, const struct rig_answer *answer)
{
	struct rig_child *child = rig_child_of(end, answer->id);
	unsigned first = answer->stage == CHILD_INBOUND ? SA_IN : SA_OUT;

	if (!child || answer->status != 0)
		return;
	for (unsigned side = first; side < child->spec.sas.n; side += 2) {
		assert_int_equal(golden_sa_open(&child->spec.sas.sa[side], &child->sas[side]), 0);
		child->seq[side] = 0;
	}
	if (answer->stage == CHILD_INBOUND)
		child->has_inbound = true;
	else
		child->has_outbound = true;
	child->order = answer->stage == CHILD_OUTBOUND ? ++end->n_bound : child->order;
}

/* The one that a policy seals with. */
static inline struct rig_child *rig_bound(struct rig_end *end, const char *policy)
{
	struct rig_child *newest = NULL;

	for (unsigned i = 0; i < end->n_children; i++) {
		struct rig_child *child = &end->children[i];

		if (child->has_outbound && (!policy || strcmp(child->spec.policy, policy) == 0) && (!newest || child->order > newest->order))
			newest = child;
	}
	return newest;
}

/* ---- the network */

static inline void rig_queue(struct rig *rig, unsigned to, bool is_data, const struct ike_path *path, const uint8_t *bytes, size_t n, int64_t due_ms)
{
	struct rig_datagram *at;

	assert_true(rig->n_queue < RIG_QUEUE);
	at = &rig->queue[rig->n_queue++];
	*at = (struct rig_datagram){ .due_ms = due_ms, .serial = ++rig->serial, .to = to, .is_data = is_data, .n = n };
	if (path)
		at->path = *path;
	at->bytes = malloc(n + !n);
	memcpy(at->bytes, bytes, n);
}

static inline void rig_send(void *arg, const struct ike_path *path, const uint8_t *bytes, size_t n)
{
	struct rig_end *end = arg;
	struct rig *rig = end->rig;
	struct ike_path seen = { .local = path->remote, .remote = path->local, .is_natt = path->is_natt };
	enum rig_fate fate;

	end->n_sent++;
	if (rig->keep && rig->n_kept < 64) {
		struct rig_datagram *kept = &rig->kept[rig->n_kept++];

		*kept = (struct rig_datagram){ .to = 1 - end->which, .path = seen, .n = n, .bytes = malloc(n) };
		memcpy(kept->bytes, bytes, n);
	}
	fate = rig->fate ? rig->fate(rig, end->which, bytes, n, end->n_sent) : RIG_PASS;
	if (fate != RIG_LOSE)
		rig_queue(rig, 1 - end->which, false, &seen, bytes, n, rig->now_ms + (fate == RIG_LATE ? 10 : 1) * RIG_LATENCY_MS);
	if (fate == RIG_TWICE)
		rig_queue(rig, 1 - end->which, false, &seen, bytes, n, rig->now_ms + 2 * RIG_LATENCY_MS);
}

/* ---- packets */

static inline void rig_frame(const struct rig_end *end, const struct rig_child *child, uint8_t frame[FRAME_BYTES + 84])
{
	const struct selectors *s = NULL;
	uint8_t *ip = frame + FRAME_BYTES;

	(void)end;
	(void)s;
	memset(frame, 0, FRAME_BYTES + 84);
	frame[12] = 0x08;
	ip[0] = 0x45;
	ip[3] = 84;
	ip[8] = 64;
	ip[9] = 17;
	memcpy(ip + 12, child->spec.rule.src.addr.bytes, 4);
	memcpy(ip + 16, child->spec.rule.dst.addr.bytes, 4);
	if (child->spec.rule.src.plen < 32)
		ip[15] = 1;
	if (child->spec.rule.dst.plen < 32)
		ip[19] = 2;
	ip[25] = 64;
	for (unsigned i = 28; i < 84; i++)
		ip[i] = (uint8_t)i;
	ip[10] = ip[11] = 0;
	{
		unsigned sum = 0;

		for (unsigned i = 0; i < 20; i += 2)
			sum += (unsigned)(ip[i] << 8 | ip[i + 1]);
		sum = (sum & 0xffff) + (sum >> 16);
		sum = ~((sum & 0xffff) + (sum >> 16));
		ip[10] = (uint8_t)(sum >> 8);
		ip[11] = (uint8_t)sum;
	}
}

/* One packet of a policy: sealed by what seals now, and under way. */
static inline void rig_packet(struct rig_end *end, const char *policy)
{
	struct rig_child *child = rig_bound(end, policy);
	uint8_t a[2048], b[2048];
	size_t n = FRAME_BYTES + 84, out;

	end->tx++;
	if (!child) {
		end->lost_unsealed++;
		return;
	}
	rig_frame(end, child, a);
	for (unsigned side = SA_OUT; side < child->spec.sas.n; side += 2) {
		assert_int_equal(golden_seal(child->sas[side], a, n, FRAME_BYTES, ++child->seq[side], b, sizeof(b), &out), ADIT_REASON_NONE);
		memcpy(a, b, out);
		n = out;
	}
	child->out_packets++;
	rig_queue(end->rig, 1 - end->which, true, NULL, a, n, end->rig->now_ms + RIG_LATENCY_MS);
}

static inline struct rig_child *rig_find_spi(struct rig_end *end, uint32_t spi, bool is_ah, unsigned *side)
{
	for (unsigned i = 0; i < end->n_children; i++)
		for (*side = SA_IN; *side < end->children[i].spec.sas.n; *side += 2)
			if (end->children[i].sas[*side] && end->children[i].spec.sas.sa[*side].spi == spi &&
			    (end->children[i].spec.sas.sa[*side].proto == ADIT_PROTO_AH) == is_ah)
				return &end->children[i];
	return NULL;
}

static inline void rig_packet_in(struct rig_end *end, const uint8_t *bytes, size_t n)
{
	uint8_t a[2048], b[2048];
	size_t out;

	memcpy(a, bytes, n);
	for (;;) {
		const uint8_t *ip = a + FRAME_BYTES, *next = ip + 4 * (ip[0] & 15);
		bool is_udp = ip[9] == 17 && next[0] << 8 != 0 && (next[2] << 8 | next[3]) == 4500, is_ah = ip[9] == 51;
		const uint8_t *head = is_ah ? next + 4 : is_udp ? next + 8 : next, *seq = head + 4;
		struct rig_child *child;
		unsigned side;

		child = rig_find_spi(end, (uint32_t)head[0] << 24 | (uint32_t)head[1] << 16 | (uint32_t)head[2] << 8 | head[3], is_ah, &side);
		if (!child) {
			end->lost_unknown++;
			return;
		}
		if (golden_open(child->sas[side], a, n, FRAME_BYTES, (uint64_t)seq[0] << 24 | (uint64_t)seq[1] << 16 | (uint64_t)seq[2] << 8 | seq[3],
				b, sizeof(b), &out) != ADIT_REASON_NONE) {
			end->lost_icv++;
			return;
		}
		memcpy(a, b, out);
		n = out;
		if (a[FRAME_BYTES + 9] == 50 && child->spec.sas.n == 4)
			continue;	/* the inner layer of a bundle */
		child->in_packets++;
		end->rx++;
		return;
	}
}

/* ---- the clock */

static inline void rig_deliver(struct rig *rig, unsigned at)
{
	struct rig_datagram datagram = rig->queue[at];
	struct rig_end *end = &rig->ends[datagram.to];

	rig->queue[at] = rig->queue[--rig->n_queue];
	if (datagram.is_data)
		rig_packet_in(end, datagram.bytes, datagram.n);
	else if (end->ike)
		ike_receive(end->ike, &datagram.path, datagram.bytes, datagram.n, rig->now_ms);
	free(datagram.bytes);
}

static inline void rig_answer(struct rig_end *end, struct rig_answer *at)
{
	struct rig_answer answer = *at;

	at->is_used = false;
	end->n_answers--;
	rig_card_takes(end, &answer);
	if (end->ike)
		ike_child_done(end->ike, answer.id, answer.stage, answer.status, end->rig->now_ms);
}

static inline int rig_next(struct rig *rig, int64_t *due_ms, unsigned *which, unsigned *index)
{
	int kind = 0;
	uint64_t serial = 0;

	for (unsigned i = 0; i < rig->n_queue; i++)
		if (rig->queue[i].due_ms < *due_ms || (kind == 1 && rig->queue[i].due_ms == *due_ms && rig->queue[i].serial < serial)) {
			kind = 1;
			*due_ms = rig->queue[i].due_ms;
			*index = i;
			serial = rig->queue[i].serial;
		}
	for (unsigned e = 0; e < 2; e++) {
		struct rig_end *end = &rig->ends[e];

		for (unsigned i = 0; end->n_answers && i < RIG_ANSWERS; i++)
			if (end->answers[i].is_used && end->answers[i].due_ms < *due_ms) {
				kind = 2;
				*due_ms = end->answers[i].due_ms;
				*which = e;
				*index = i;
			}
		if (end->ike && ike_next_ms(end->ike) < *due_ms) {
			kind = 3;
			*due_ms = ike_next_ms(end->ike);
			*which = e;
		}
	}
	if (rig->has_traffic && rig->traffic_due_ms < *due_ms) {
		kind = 4;
		*due_ms = rig->traffic_due_ms;
	}
	return kind;
}

/* Until that time, everything in order. */
static inline void rig_until(struct rig *rig, int64_t until_ms)
{
	for (unsigned steps = 0; steps < 20000000; steps++) {
		int64_t due_ms = until_ms + 1;
		unsigned which = 0, index = 0;
		int kind;

		while (pool_pending(rig->pool) > 0 && pool_reap(rig->pool) > 0)
			;
		kind = rig_next(rig, &due_ms, &which, &index);
		if (kind == 0)
			break;
		if (due_ms > rig->now_ms)
			rig->now_ms = due_ms;
		if (kind == 1) {
			rig_deliver(rig, index);
		} else if (kind == 2) {
			rig_answer(&rig->ends[which], &rig->ends[which].answers[index]);
		} else if (kind == 3) {
			ike_tick(rig->ends[which].ike, rig->now_ms);
		} else {
			for (unsigned e = 0; e < 2; e++)
				if (rig->traffic_policy[e])
					rig_packet(&rig->ends[e], rig->traffic_policy[e]);
			rig->traffic_due_ms += rig->traffic_every_ms;
		}
	}
	rig->now_ms = until_ms;
}

static inline void rig_run(struct rig *rig, int64_t ms)
{
	rig_until(rig, rig->now_ms + ms);
}

static inline void rig_traffic(struct rig *rig, const char *a, const char *b, int64_t every_ms)
{
	rig->has_traffic = every_ms > 0;
	rig->traffic_policy[0] = a;
	rig->traffic_policy[1] = b;
	rig->traffic_every_ms = every_ms;
	rig->traffic_due_ms = rig->now_ms + every_ms;
}

static inline void rig_assert_nothing_lost(struct rig *rig)
{
	for (unsigned e = 0; e < 2; e++) {
		assert_int_equal(rig->ends[e].lost_unsealed, 0);
		assert_int_equal(rig->ends[e].lost_unknown, 0);
		assert_int_equal(rig->ends[e].lost_icv, 0);
		assert_int_equal(rig->ends[e].tx, rig->ends[1 - e].rx);
	}
}

/* ---- engines */

static inline struct ike_path rig_path(unsigned which, bool is_natt)
{
	struct ike_path path = { .is_natt = is_natt };

	assert_true(addr_get("192.0.2.1", which ? &path.remote.addr : &path.local.addr));
	assert_true(addr_get("198.51.100.1", which ? &path.local.addr : &path.remote.addr));
	path.local.port = path.remote.port = is_natt ? 4500 : 500;
	return path;
}

static inline void rig_open_end(struct rig *rig, unsigned which, const char *text, uint64_t seed)
{
	struct rig_end *end = &rig->ends[which];

	end->rig = rig;
	end->which = which;
	end->card_ms = RIG_CARD_MS;
	end->config = config_of(text);
	end->ike = ike_open(&(struct ike_options){ .calls = { rig_send, rig_install, rig_update, rig_remove, rig_unacquire, rig_tell, end },
						   .pool = rig->pool, .config = end->config, .seed = seed + which });
	assert_non_null(end->ike);
}

static inline struct rig *rig_open(const char *a, const char *b, uint64_t seed)
{
	struct rig *rig = calloc(1, sizeof(*rig));

	assert_non_null(rig);
	assert_true(crypto_open());
	rig->pool = pool_open(0);
	rig->now_ms = 1000000;
	rig_open_end(rig, 0, a, seed);
	rig_open_end(rig, 1, b, seed);
	for (unsigned e = 0; e < 2; e++)
		ike_tick(rig->ends[e].ike, rig->now_ms);
	return rig;
}

static inline void rig_close(struct rig *rig)
{
	for (unsigned e = 0; e < 2; e++) {
		struct rig_end *end = &rig->ends[e];

		if (end->ike)
			ike_close(end->ike, true, true);
		end->ike = NULL;
		assert_int_equal(end->n_children, 0);	/* nothing is left in a card */
	}
	while (pool_reap(rig->pool) > 0)
		;
	pool_close(rig->pool);
	for (unsigned e = 0; e < 2; e++)
		config_free(rig->ends[e].config);
	for (unsigned i = 0; i < rig->n_queue; i++)
		free(rig->queue[i].bytes);
	for (unsigned i = 0; i < rig->n_kept; i++)
		free(rig->kept[i].bytes);
	free(rig);
}

static inline void rig_give_id(struct ike_sa *sa)
{
	struct bytes id = { sa->path.remote.addr.bytes, 4 };

	assert_true(blob_set(&sa->peer_id_bytes, id));
	sa->peer_id = (struct v1_id){ .type = ID_IPV4, .data = blob_bytes(&sa->peer_id_bytes) };
}

struct rig_phase1 {
	unsigned initiator;		/* which end */
	bool is_natt;
	uint32_t peer_can;
};

static inline void rig_establish(struct rig *rig, struct ike_sa *sa, const uint8_t secret[48], const uint8_t block[16], struct rig_phase1 how)
{
	sa->keys = (struct ike1_keys){ .hash = ADIT_AUTH_HMAC_SHA256_128, .enc = ADIT_ENC_AES_CBC_128, .n = 32 };
	memcpy(sa->keys.skeyid, secret, 32);
	assert_true(ike1_derive(&sa->keys, (struct bytes){ secret, 48 }, sa->cookies));
	memcpy(sa->last_block, block, 16);
	sa->state = IKE_ESTABLISHED;
	sa->is_proven = true;
	sa->peer_can = how.peer_can ? how.peer_can : CAN_DPD | CAN_NATT;
	sa->nat_remote = how.is_natt;
	sa->heard_ms = sa->since_ms = rig->now_ms;
	timer_stop(sa->ike, &sa->guard);
	rig_give_id(sa);
}

/* An ISAKMP SA at both ends, established, with random keys. */
static inline void rig_phase1(struct rig *rig, struct rig_phase1 how)
{
	uint8_t secret[48], block[16];
	struct ike_sa *sas[2] = { NULL, NULL };

	assert_true(random_bytes(secret, sizeof(secret)) && random_bytes(block, sizeof(block)));
	for (unsigned i = 0; i < 2; i++) {
		struct rig_end *end = &rig->ends[i ? 1 - how.initiator : how.initiator];
		struct ike_path path = rig_path(end->which, how.is_natt);

		ike_tick(end->ike, rig->now_ms);
		sas[i] = sa_open(end->ike, &end->config->peers[0], &path, i ? sas[0]->cookies : NULL);
		assert_non_null(sas[i]);
	}
	memcpy(sas[0]->cookies + 8, sas[1]->cookies + 8, 8);
	for (unsigned i = 0; i < 2; i++)
		rig_establish(rig, sas[i], secret, block, how);
	for (unsigned i = 0; i < 2; i++)
		want_phase1_ready(sas[i]);
}

static inline struct ike_sa *rig_sa(struct rig *rig, unsigned which)
{
	struct ike_path path = rig_path(which, false);

	return sa_established(rig->ends[which].ike, rig->ends[which].config->peers[0].name, &path.local.addr, &path.remote.addr);
}

/* ---- looking */

struct rig_count {
	unsigned n, larval, mature, dying, dead;
	struct ike_child_view last;
};

static inline void rig_count_one(void *arg, const struct ike_child_view *view)
{
	struct rig_count *count = arg;

	count->n++;
	count->larval += strcmp(view->state, "larval") == 0;
	count->mature += strcmp(view->state, "mature") == 0;
	count->dying += strcmp(view->state, "dying") == 0;
	count->dead += strcmp(view->state, "dead") == 0;
	count->last = *view;
}

static inline struct rig_count rig_count(const struct rig_end *end)
{
	struct rig_count count = { .n = 0 };

	ike_each_child(end->ike, rig_count_one, &count);
	return count;
}

#endif
