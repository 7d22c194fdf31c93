// SPDX-License-Identifier: BSD-2-Clause-Patent
#include "sa/rig.h"

#include <stdio.h>

/* ---- the wire */

static struct rig_end *end_at(struct rig *rig, const struct adit_addr *addr)
{
	for (unsigned i = 0; i < RIG_ENDS; i++) {
		struct rig_end *end = &rig->ends[i];

		if (end->ike && addr_same(addr, end->is_behind_nat ? &end->nat_addr : &end->addr))
			return end;
	}
	return NULL;
}

static void enqueue(struct rig *rig, const struct rig_datagram *datagram)
{
	assert_true(rig->n_queue < RIG_QUEUE);
	rig->queue[rig->n_queue] = *datagram;
	rig->queue[rig->n_queue].bytes = (uint8_t *)exact_copy((const char *)datagram->bytes, datagram->n);
	rig->queue[rig->n_queue].serial = rig->serial++;
	rig->n_queue++;
}

static void keep(struct rig *rig, const struct rig_datagram *datagram)
{
	if (!rig->keep || rig->n_kept == RIG_KEPT)
		return;
	rig->kept[rig->n_kept] = *datagram;
	rig->kept[rig->n_kept++].bytes = (uint8_t *)exact_copy((const char *)datagram->bytes, datagram->n);
}

/* What the receiver sees: the sender's address, or its NAT's; and its own, as it knows it. */
static struct ike_path seen(const struct rig_end *from, const struct rig_end *to, const struct ike_path *path)
{
	struct ike_path out = { .local = { to->addr, path->remote.port }, .remote = path->local, .is_natt = path->is_natt };

	if (from->is_behind_nat) {
		out.remote.addr = from->nat_addr;
		out.remote.port = (uint16_t)(path->local.port + from->nat_offset);
	}
	if (to->is_behind_nat)
		out.local.port = (uint16_t)(path->remote.port - to->nat_offset);
	return out;
}

static void rig_send(void *arg, const struct ike_path *path, const uint8_t *bytes, size_t n)
{
	struct rig_end *from = arg, *to = end_at(from->rig, &path->remote.addr);
	struct rig *rig = from->rig;
	struct rig_datagram datagram = { .due_ms = rig->now_ms + RIG_LATENCY_MS, .from = from->which, .n = n };
	enum rig_fate fate = RIG_PASS;

	assert_true(n > 0 && n <= ISAKMP_MAX_BYTES);
	from->bytes_out += n;
	if (n == 1) {
		from->n_keepalives++;
		return;
	}
	if (!to)
		return;
	datagram.to = to->which;
	datagram.path = seen(from, to, path);
	datagram.bytes = (uint8_t *)exact_copy((const char *)bytes, n);
	keep(rig, &datagram);
	if (rig->fate)
		fate = rig->fate(rig, from->which, datagram.bytes, &datagram.n, rig->n_sent);
	rig->n_sent++;
	if (fate == RIG_LATE)
		datagram.due_ms += 40;
	if (fate != RIG_LOSE)
		enqueue(rig, &datagram);
	if (fate == RIG_TWICE)
		enqueue(rig, &datagram);
	free(datagram.bytes);
}

/* ---- a card that grants everything */

static void rig_install(void *arg, const struct child_spec *spec, enum child_stage stage)
{
	struct rig_end *end = arg;

	assert_true(end->n_installs < RIG_INSTALLS);
	end->installs[end->n_installs].id = spec->id;
	end->installs[end->n_installs++].stage = stage;
}

static void rig_update(void *arg, const struct child_spec *spec)
{
	(void)spec;
	((struct rig_end *)arg)->n_updates++;
}

static void rig_remove(void *arg, uint32_t id)
{
	(void)arg;
	(void)id;
}

static void rig_unacquire(void *arg, const char *policy)
{
	(void)arg;
	(void)policy;
}

/* Nothing that is said may hold the secret. */
static void rig_tell(void *arg, enum log_level level, const char *peer, const char *text)
{
	struct rig_end *end = arg;
	const size_t room = sizeof(end->log) - end->log_at;

	assert_null(strstr(text, "a secret of some length"));
	if (room > strlen(text) + strlen(peer) + 8)
		end->log_at += (size_t)snprintf(end->log + end->log_at, room, "%d %s: %s\n", (int)level, peer, text);
}

/* ---- life */

struct adit_addr rig_addr(const char *text)
{
	struct adit_addr addr;

	assert_true(addr_get(text, &addr));
	return addr;
}

uint32_t rig_random(struct rig *rig, uint32_t below)
{
	rig->random ^= rig->random << 13;
	rig->random ^= rig->random >> 7;
	rig->random ^= rig->random << 17;
	return (uint32_t)((rig->random >> 20) % below);
}

struct rig *rig_open(uint64_t seed)
{
	struct rig *rig = calloc(1, sizeof(*rig));

	rig->ends = calloc(RIG_ENDS, sizeof(*rig->ends));
	rig->pool = pool_open(0);
	rig->now_ms = 1000000;
	rig->seed = seed;
	rig->random = seed * 0x9e3779b97f4a7c15u | 1;
	return rig;
}

struct rig_end *rig_add(struct rig *rig, const char *config_text)
{
	struct rig_end *end = rig->ends;
	struct ike_options options = { .pool = rig->pool };

	while (end->ike)
		end++;
	end->rig = rig;
	end->which = (unsigned)(end - rig->ends);
	end->config = config_of(config_text);
	end->addr = end->config->local[0];
	options.config = end->config;
	options.seed = rig->seed + end->which + 1;
	options.max_half_open = 64;
	options.calls = (struct ike_calls){ rig_send, rig_install, rig_update, rig_remove, rig_unacquire, rig_tell, end };
	end->ike = ike_open(&options);
	assert_non_null(end->ike);
	ike_tick(end->ike, rig->now_ms);
	return end;
}

void rig_nat(struct rig_end *end, const char *addr, uint16_t offset)
{
	end->is_behind_nat = true;
	end->nat_addr = rig_addr(addr);
	end->nat_offset = offset;
}

void rig_close(struct rig *rig)
{
	for (unsigned i = 0; i < RIG_ENDS; i++)
		if (rig->ends[i].ike)
			ike_close(rig->ends[i].ike, false, true);
	pool_close(rig->pool);
	for (unsigned i = 0; i < RIG_ENDS; i++)
		if (rig->ends[i].config)
			config_free(rig->ends[i].config);
	for (unsigned i = 0; i < rig->n_queue; i++)
		free(rig->queue[i].bytes);
	for (unsigned i = 0; i < rig->n_kept; i++)
		free(rig->kept[i].bytes);
	free(rig->ends);
	free(rig);
}

/* ---- time */

static void settle(struct rig *rig)
{
	while (pool_pending(rig->pool) > 0)
		pool_reap(rig->pool);
	for (unsigned i = 0; i < RIG_ENDS; i++) {
		struct rig_end *end = &rig->ends[i];

		for (unsigned n = 0; n < end->n_installs; n++)
			ike_child_done(end->ike, end->installs[n].id, end->installs[n].stage, 0, rig->now_ms);
		end->n_installs = 0;
	}
	if (pool_pending(rig->pool) > 0)
		settle(rig);
}

void rig_inject(struct rig_end *to, const struct ike_path *path, const uint8_t *bytes, size_t n)
{
	uint8_t *copy = (uint8_t *)exact_copy((const char *)bytes, n);

	ike_receive(to->ike, path, copy, n, to->rig->now_ms);
	free(copy);
	settle(to->rig);
}

static bool deliver_next(struct rig *rig)
{
	struct rig_datagram datagram;
	unsigned best = rig->n_queue;

	for (unsigned i = 0; i < rig->n_queue; i++)
		if (rig->queue[i].due_ms <= rig->now_ms && (best == rig->n_queue || rig->queue[i].due_ms < rig->queue[best].due_ms ||
		    (rig->queue[i].due_ms == rig->queue[best].due_ms && rig->queue[i].serial < rig->queue[best].serial)))
			best = i;
	if (best == rig->n_queue)
		return false;
	datagram = rig->queue[best];
	rig->queue[best] = rig->queue[--rig->n_queue];
	rig->ends[datagram.to].bytes_in += datagram.n;
	rig_inject(&rig->ends[datagram.to], &datagram.path, datagram.bytes, datagram.n);
	free(datagram.bytes);
	return true;
}

static int64_t next_event(const struct rig *rig, int64_t until_ms)
{
	int64_t next_ms = until_ms;

	for (unsigned i = 0; i < rig->n_queue; i++)
		if (rig->queue[i].due_ms < next_ms)
			next_ms = rig->queue[i].due_ms;
	for (unsigned i = 0; i < RIG_ENDS; i++)
		if (rig->ends[i].ike && ike_next_ms(rig->ends[i].ike) < next_ms)
			next_ms = ike_next_ms(rig->ends[i].ike);
	return next_ms;
}

void rig_run(struct rig *rig, int64_t ms)
{
	const int64_t until_ms = rig->now_ms + ms;

	settle(rig);
	do {
		const int64_t next_ms = next_event(rig, until_ms);

		if (next_ms > rig->now_ms)
			rig->now_ms = next_ms;
		while (deliver_next(rig))
			;
		for (unsigned i = 0; i < RIG_ENDS; i++)
			if (rig->ends[i].ike)
				ike_tick(rig->ends[i].ike, rig->now_ms);
		settle(rig);
	} while (rig->now_ms < until_ms);
}

/* ---- what a test asks */

struct ike_sa *rig_begin(struct rig_end *end, const char *peer, const char *remote)
{
	const struct cfg_peer *found = peer ? config_peer(end->config, peer) : &end->config->peers[0];
	struct adit_addr addr = remote ? rig_addr(remote) : found->address.addr;
	char why[MATCH_WHY_BYTES];
	struct ike_sa *sa = phase1_initiate(end->ike, found, &end->addr, &addr, why);

	if (!sa)
		fprintf(stderr, "%s\n", why);
	return sa;
}

unsigned rig_count(struct rig_end *end, enum ike_state state)
{
	unsigned n = 0;

	for (const struct ike_sa *sa = end->ike->sas; sa; sa = sa->next)
		n += !sa->is_dead && sa->state == state;
	return n;
}

struct ike_sa *rig_established(struct rig_end *end)
{
	for (struct ike_sa *sa = end->ike->sas; sa; sa = sa->next)
		if (!sa->is_dead && sa->state == IKE_ESTABLISHED)
			return sa;
	return NULL;
}

bool rig_said(const struct rig_end *end, const char *text)
{
	return strstr(end->log, text) != NULL;
}

void rig_show(struct rig *rig)
{
	fprintf(stderr, "seed %llu\n", (unsigned long long)rig->seed);
	for (unsigned i = 0; i < RIG_ENDS; i++)
		if (rig->ends[i].ike)
			fprintf(stderr, "--- end %u\n%s", i, rig->ends[i].log);
}

void rig_assert_agreed(struct rig *rig)
{
	struct ike_sa *a = rig_established(&rig->ends[0]), *b = rig_established(&rig->ends[1]);

	if (!a || !b || rig_count(&rig->ends[0], IKE_ESTABLISHED) != 1 || rig_count(&rig->ends[1], IKE_ESTABLISHED) != 1)
		rig_show(rig);
	assert_true(a && b);
	if (!a || !b)
		return;
	assert_memory_equal(a->cookies, b->cookies, COOKIES_BYTES);
	assert_int_not_equal(a->is_initiator, b->is_initiator);
	assert_int_equal(a->keys.n, b->keys.n);
	assert_memory_equal(a->keys.d, b->keys.d, a->keys.n);
	assert_memory_equal(a->keys.a, b->keys.a, a->keys.n);
	assert_memory_equal(a->keys.cipher, b->keys.cipher, a->keys.cipher_bytes);
	assert_memory_equal(a->last_block, b->last_block, cipher_block_bytes(a->keys.enc));
	assert_null(a->phase1);
	assert_null(b->phase1);
}
