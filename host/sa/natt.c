// SPDX-License-Identifier: BSD-2-Clause-Patent
/* NAT traversal (RFC 3947): is one between us, to port 4500 if so, and to wherever the peer's authentic messages come from. */
#include <string.h>

#include "sa/phase1.h"

enum { NATT_PORT = 4500, KEEPALIVE_MS = 20 * 1000 };

uint8_t natt_payload(const struct ike_sa *sa, const struct phase1 *draft)
{
	const struct cfg_peer *peer = sa_peer(sa);

	if (peer == NULL || !peer->nat_traversal)
		return 0;
	return draft->peer_can & CAN_NATT ? P_NATD : draft->peer_can & CAN_NATT_DRAFT ? P_NATD_DRAFT : 0;
}

bool natt_hash(const struct phase1 *draft, const struct ike_end *end, uint8_t *out)
{
	const uint8_t port[2] = { (uint8_t)(end->port >> 8), (uint8_t)end->port };
	const struct bytes parts[] = { { draft->cookies, COOKIES_BYTES }, { end->addr.bytes, addr_bits(&end->addr) / 8 }, { port, 2 } };

	return hash_of(draft->choice.hash, parts, 3, out);
}

static bool is_of(const struct phase1 *draft, const struct isakmp_payload *payload, const struct ike_end *end)
{
	uint8_t hash[HASH_MAX_BYTES];

	return natt_hash(draft, end, hash) && bytes_same(payload->body, (struct bytes){ hash, hash_bytes(draft->choice.hash) });
}

/* Aggressive mode's third message comes through port 4500, and some hash the ports of before. */
static bool is_of_either(const struct phase1 *draft, const struct isakmp_payload *payload, const struct ike_end *now, const struct ike_end *before)
{
	return is_of(draft, payload, now) || is_of(draft, payload, before);
}

/* §3.2: the first is the other end's view of us, the others are what it thinks it is. */
enum verdict take_natd(struct attempt *attempt, struct ike_sa *sa)
{
	struct phase1 *draft = &attempt->draft;
	const uint8_t type = natt_payload(sa, draft);
	const unsigned n = type != 0 ? isakmp_count(&attempt->message, type) : 0;

	draft->nat_local = draft->nat_remote = false;
	if (n < 2)
		return GO_ON;
	draft->nat_local = !is_of_either(draft, isakmp_find(&attempt->message, type, 0), &attempt->path.local, &sa->path.local);
	draft->nat_remote = true;
	for (unsigned i = 1; i < n; i++)
		if (is_of_either(draft, isakmp_find(&attempt->message, type, i), &attempt->path.remote, &sa->path.remote))
			draft->nat_remote = false;
	return GO_ON;
}

static void float_path(const struct ike *ike, struct ike_path *path)
{
	if (path->is_natt)
		return;
	path->local.port = ike->config->natt_port;
	path->remote.port = NATT_PORT;
	path->is_natt = true;
}

void put_natd(struct attempt *attempt, struct ike_sa *sa, struct writer *to, size_t *next_at)
{
	struct ike_path path = sa->path;
	const struct ike_end *const ends[] = { &path.remote, &path.local };
	const uint8_t type = natt_payload(sa, &attempt->draft);
	uint8_t hash[HASH_MAX_BYTES];

	if (sa->is_initiator && (attempt->draft.nat_local || attempt->draft.nat_remote))
		float_path(sa->ike, &path);	/* as this message will go */

	for (unsigned i = 0; i < 2 && type != 0; i++) {
		if (!natt_hash(&attempt->draft, ends[i], hash)) {
			to->has_failed = true;
			return;
		}
		isakmp_put(to, next_at, type, hash, hash_bytes(attempt->draft.choice.hash));
	}
}

bool sa_is_natt(const struct ike_sa *sa)
{
	return sa->nat_local || sa->nat_remote;
}

/* §4: from main mode's fifth message on, aggressive mode's third; the initiator changes ports, the responder follows. */
void natt_float(struct ike_sa *sa)
{
	if (sa_is_natt(sa) && sa->is_initiator)
		float_path(sa->ike, &sa->path);
}

/* RFC 3948 §4: one byte 0xff, which nobody answers, so that the NAT remembers us. */
static void keep_alive(struct ike *ike, void *arg)
{
	static const uint8_t alive = 0xff;
	struct ike_sa *sa = arg;

	ike->calls.send(ike->calls.arg, &sa->path, &alive, 1);
	timer_set(ike, &sa->keepalive, ike->now_ms + KEEPALIVE_MS, keep_alive, sa);
}

void natt_start_keepalive(struct ike_sa *sa)
{
	if (sa->nat_local && sa->path.is_natt)
		timer_set(sa->ike, &sa->keepalive, sa->ike->now_ms + KEEPALIVE_MS, keep_alive, sa);
}

static bool is_same_end(const struct ike_end *a, const struct ike_end *b)
{
	return a->port == b->port && addr_same(&a->addr, &b->addr);
}

/* Who is not behind a NAT does not move; a message from elsewhere is then at best a copy. */
void natt_follow(struct ike_sa *sa, const struct ike_path *path)
{
	char addr[ADDR_TEXT_BYTES];

	if (!sa_is_natt(sa) || !path->is_natt ||
	    (is_same_end(&sa->path.remote, &path->remote) && is_same_end(&sa->path.local, &path->local)))
		return;
	sa->ike->counters.address_changes++;
	ike_say(sa->ike, LOG_LEVEL_INFO, sa->peer, sa, "the peer is at %s[%u] now", addr_put(&path->remote.addr, addr), path->remote.port);
	sa->path = *path;
	if (sa->keepalive.at == 0)
		natt_start_keepalive(sa);
	child_path_changed(sa);
}
