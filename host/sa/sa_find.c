// SPDX-License-Identifier: BSD-2-Clause-Patent
/* Where ISAKMP SAs are found: by cookies, by id, by peer. */
#include <string.h>

#include "sa/room.h"

static uint64_t load64(const uint8_t *at)
{
	uint64_t value;

	memcpy(&value, at, sizeof(value));
	return value;
}

/* Keyed: who chooses cookies or addresses does not choose buckets. */
static unsigned mix(const struct ike *ike, uint64_t a, uint64_t b)
{
	uint64_t h = (a ^ load64(ike->cookie_secret)) * 0x9e3779b97f4a7c15u;

	h ^= h >> 29;
	h = (h ^ b ^ load64(ike->cookie_secret + 8)) * 0xbf58476d1ce4e5b9u;
	h ^= h >> 32;
	return (unsigned)h % IKE_HASH_SIZE;
}

static unsigned hash_cookie(const struct ike *ike, const uint8_t icookie[8])
{
	return mix(ike, load64(icookie), 0);
}

static unsigned hash_name(const char *name)
{
	uint32_t h = 2166136261u;

	for (; *name != '\0'; name++)
		h = (h ^ (uint8_t)*name) * 16777619u;
	return h % IKE_HASH_SIZE;
}

unsigned sa_hash_source(const struct ike *ike, const struct adit_addr *addr)
{
	return mix(ike, load64(addr->bytes), load64(addr->bytes + 8));
}

struct ike_sa *sa_by_cookies(struct ike *ike, const uint8_t icookie[8], const uint8_t rcookie[8])
{
	struct ike_sa *waiting = NULL;

	for (struct ike_sa *sa = ike->hashed[hash_cookie(ike, icookie)]; sa != NULL; sa = sa->next_hashed) {
		if (sa->is_dead || memcmp(sa->cookies, icookie, 8) != 0)
			continue;
		if (memcmp(sa->cookies + 8, rcookie, 8) == 0)
			return sa;
		if (sa->is_initiator && sa->state == IKE_LARVAL && sa->step <= 3)	/* a second message may still take the first one's place */
			waiting = sa;
	}
	return waiting;
}

/* Both cookies, and nothing like them. */
bool sa_is_taken(struct ike *ike, const uint8_t cookies[COOKIES_BYTES])
{
	const struct ike_sa *sa = ike->hashed[hash_cookie(ike, cookies)];

	while (sa != NULL && memcmp(sa->cookies, cookies, COOKIES_BYTES) != 0)
		sa = sa->next_hashed;
	return sa != NULL;
}

bool sa_began_here(struct ike *ike, const uint8_t icookie[8])
{
	const struct ike_sa *sa = ike->hashed[hash_cookie(ike, icookie)];

	while (sa != NULL && !(sa->is_initiator && memcmp(sa->cookies, icookie, 8) == 0))
		sa = sa->next_hashed;
	return sa != NULL;
}

struct ike_sa *sa_by_first(struct ike *ike, const uint8_t icookie[8], const struct ike_path *path, struct bytes datagram)
{
	uint8_t digest[32];

	if (!hash_of(ADIT_AUTH_HMAC_SHA256_128, &datagram, 1, digest))
		return NULL;
	for (struct ike_sa *sa = ike->hashed[hash_cookie(ike, icookie)]; sa != NULL; sa = sa->next_hashed)
		if (!sa->is_dead && !sa->is_initiator && memcmp(sa->cookies, icookie, 8) == 0 &&
		    memcmp(sa->first_in, digest, sizeof(digest)) == 0 && addr_same(&sa->path.remote.addr, &path->remote.addr) &&
		    sa->path.remote.port == path->remote.port)
			return sa;
	return NULL;
}

struct ike_sa *sa_by_id(struct ike *ike, uint32_t id)
{
	for (struct ike_sa *sa = ike->of_id[id % IKE_HASH_SIZE]; sa != NULL; sa = sa->next_of_id)
		if (sa->id == id && !sa->is_dead)
			return sa;
	return NULL;
}

struct ike_sa *sa_first_of_peer(struct ike *ike, const char *peer)
{
	return ike->of_peer[hash_name(peer)];
}

static bool is_between(const struct ike_sa *sa, const char *peer, const struct adit_addr *local, const struct adit_addr *remote)
{
	return !sa->is_dead && strcmp(sa->peer, peer) == 0 && (local == NULL || addr_same(&sa->path.local.addr, local)) &&
	       (remote == NULL || addr_same(&sa->path.remote.addr, remote));
}

struct ike_sa *sa_established(struct ike *ike, const char *peer, const struct adit_addr *local, const struct adit_addr *remote)
{
	struct ike_sa *dying = NULL;

	for (struct ike_sa *sa = ike->of_peer[hash_name(peer)]; sa != NULL; sa = sa->next_of_peer) {	/* the youngest stand first */
		if (!is_between(sa, peer, local, remote))
			continue;
		if (sa->state == IKE_ESTABLISHED)
			return sa;
		if (sa->state == IKE_DYING && dying == NULL)
			dying = sa;
	}
	return dying;
}

/* Those that anybody could have begun in the peer's name do not count: nobody is to wait for them. */
struct ike_sa *sa_larval(struct ike *ike, const char *peer, const struct adit_addr *local, const struct adit_addr *remote)
{
	for (struct ike_sa *sa = ike->of_peer[hash_name(peer)]; sa != NULL; sa = sa->next_of_peer)
		if (sa->state == IKE_LARVAL && (sa->is_initiator || sa->is_proven) && is_between(sa, peer, local, remote))
			return sa;
	return NULL;
}

const struct cfg_peer *sa_peer(const struct ike_sa *sa)
{
	return sa->cfg;
}

/* ---- the lists */

void sa_enlist(struct ike_sa *sa)
{
	struct ike *ike = sa->ike;
	struct ike_sa **by_cookie = &ike->hashed[hash_cookie(ike, sa->cookies)], **of_id = &ike->of_id[sa->id % IKE_HASH_SIZE];
	struct ike_sa **of_peer = &ike->of_peer[hash_name(sa->peer)];

	sa->next = ike->sas;
	sa->at = &ike->sas;
	if (sa->next != NULL)
		sa->next->at = &sa->next;
	ike->sas = sa;
	sa->next_hashed = *by_cookie;
	*by_cookie = sa;
	sa->next_of_id = *of_id;
	*of_id = sa;
	sa->next_of_peer = *of_peer;
	*of_peer = sa;
}

void sa_delist(struct ike_sa *sa)
{
	struct ike *ike = sa->ike;
	struct ike_sa **by_cookie = &ike->hashed[hash_cookie(ike, sa->cookies)], **of_id = &ike->of_id[sa->id % IKE_HASH_SIZE];
	struct ike_sa **of_peer = &ike->of_peer[hash_name(sa->peer)];

	*sa->at = sa->next;
	if (sa->next != NULL)
		sa->next->at = sa->at;
	while (*by_cookie != sa)
		by_cookie = &(*by_cookie)->next_hashed;
	*by_cookie = sa->next_hashed;
	while (*of_id != sa)
		of_id = &(*of_id)->next_of_id;
	*of_id = sa->next_of_id;
	while (*of_peer != sa)
		of_peer = &(*of_peer)->next_of_peer;
	*of_peer = sa->next_of_peer;
}

void sa_look_after(struct ike_sa *sa)
{
	sa->ike->has_dead = true;
	if (sa->is_sick)
		return;
	sa->is_sick = true;
	sa->next_sick = sa->ike->sick;
	sa->ike->sick = sa;
}
