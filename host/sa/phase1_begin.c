// SPDX-License-Identifier: BSD-2-Clause-Patent
/* How a phase 1 begins: we want one, or somebody's first message comes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sa/phase1.h"

enum { WORK_MOST = 64 };

enum v1_auth_method phase1_method(const struct cfg_peer *peer)
{
	return peer->auth_method == AUTH_METHOD_PSK ? V1_AUTH_PSK : V1_AUTH_RSA;
}

static void gave_up(struct ike *ike, void *arg)
{
	struct ike_sa *sa = arg;

	(void)ike;
	if (sa->state == IKE_LARVAL)	/* else it was aggressive mode's last message, which nothing answers */
		sa_kill(sa, "no answer from the peer");
}

static struct ike_sa *open_larval(struct ike *ike, const struct cfg_peer *peer, const struct ike_path *path, const uint8_t *icookie)
{
	struct ike_sa *sa = sa_open(ike, peer, path, icookie);

	if (sa == NULL)
		return NULL;
	sa->io.gave_up = gave_up;
	sa->io.arg = sa;
	sa->phase1 = calloc(1, sizeof(*sa->phase1));
	if (sa->phase1 == NULL) {
		sa_kill(sa, "no memory");
		return NULL;
	}
	memcpy(sa->phase1->cookies, sa->cookies, COOKIES_BYTES);
	return sa;
}

static bool find_path(const struct ike *ike, const struct cfg_peer *peer, const struct adit_addr *local, const struct adit_addr *remote,
		      struct ike_path *out)
{
	const struct config *config = ike->config;

	for (unsigned i = 0; i < config->n_local && local == NULL; i++)
		if (addr_bits(&config->local[i]) == addr_bits(remote))
			local = &config->local[i];
	if (local == NULL)
		return false;
	*out = (struct ike_path){ .local = { *local, config->ike_port }, .remote = { *remote, peer->port } };
	return true;
}

struct ike_sa *phase1_initiate_on(struct ike *ike, const struct cfg_peer *peer, const struct ike_path *path, char why[MATCH_WHY_BYTES])
{
	struct ike_sa *sa = open_larval(ike, peer, path, NULL);
	const struct phase1_row *row = sa != NULL ? phase1_row(sa->exchange, true, 0, phase1_method(peer)) : NULL;

	if (row != NULL) {
		ike->counters.phase1_initiated++;
		ike_say(ike, LOG_LEVEL_INFO, peer->name, sa, "begun");
		if (phase1_start(sa, row))
			return sa;
	}
	snprintf(why, MATCH_WHY_BYTES, "peer %s: phase 1 cannot begin", peer->name);
	if (sa != NULL)
		sa_kill(sa, why);
	return NULL;
}

struct ike_sa *phase1_initiate(struct ike *ike, const struct cfg_peer *peer, const struct adit_addr *local, const struct adit_addr *remote,
			       char why[MATCH_WHY_BYTES])
{
	struct ike_path path;

	if (find_path(ike, peer, local, remote, &path))
		return phase1_initiate_on(ike, peer, &path, why);
	snprintf(why, MATCH_WHY_BYTES, "peer %s: no local address to reach it from", peer->name);
	return NULL;
}

static const char *exchange_word(uint8_t exchange)
{
	return exchange == X_MAIN ? "main" : exchange == X_AGGRESSIVE ? "aggressive" : "base";
}

static void tell_stranger(struct ike *ike, const struct cfg_peer *peer, const struct ike_path *path, const char *why)
{
	char addr[ADDR_TEXT_BYTES];

	if (ike_may_say(ike))
		ike_say(ike, peer != NULL ? LOG_LEVEL_WARNING : LOG_LEVEL_INFO, peer != NULL ? peer->name : "", NULL,
			"phase 1 from %s[%u] refused: %s", addr_put(&path->remote.addr, addr), path->remote.port, why);
}

/* Aggressive mode's first message costs a Diffie-Hellman at once: of those that wait for the pool there are few. */
static bool has_time(const struct ike *ike, const struct isakmp_header *header, char why[MATCH_WHY_BYTES])
{
	if (header->exchange != X_AGGRESSIVE || ike->n_working < WORK_MOST)
		return true;
	snprintf(why, MATCH_WHY_BYTES, "%u computations are under way", ike->n_working);
	return false;
}

/* Whom nobody knows, or what nobody configured, gets no answer and leaves no state. */
static const struct cfg_peer *peer_for(struct ike *ike, const struct isakmp_header *header, const struct ike_path *path,
				       char chosen[MATCH_WHY_BYTES])
{
	static const uint8_t exchanges[] = { [EXCHANGE_MAIN] = X_MAIN, [EXCHANGE_AGGRESSIVE] = X_AGGRESSIVE, [EXCHANGE_BASE] = X_BASE };
	const struct cfg_peer *peer = match_peer(ike->config, &path->remote.addr, chosen);
	char why[MATCH_WHY_BYTES];

	if (peer == NULL) {
		ike->counters.in_refused++;
		tell_stranger(ike, NULL, path, chosen);
		return NULL;
	}
	if (peer->exchange_mode >= sizeof(exchanges) || exchanges[peer->exchange_mode] != header->exchange) {
		ike->counters.in_refused++;
		snprintf(why, sizeof(why), "exchange mode %s, ours %s", exchange_word(header->exchange),
			 word_put(words_exchange, (int)peer->exchange_mode));
		tell_stranger(ike, peer, path, why);
		return NULL;
	}
	if (!has_time(ike, header, why) || !half_open_allows(ike, peer, &path->remote.addr, why)) {
		ike->counters.half_open_refused++;
		tell_stranger(ike, peer, path, why);
		return NULL;
	}
	return peer;
}

/* Is it one that we know: a duplicate, or our own come back? */
static bool is_old(struct ike *ike, const struct isakmp_header *header, struct bytes datagram, const struct ike_path *path)
{
	struct ike_sa *sa = sa_by_first(ike, header->icookie, path, datagram);

	if (sa != NULL) {
		sa->credit_bytes += datagram.len;
		if (sa->is_working || !io_is_duplicate(sa, &sa->io, datagram))
			ike->counters.in_duplicates++;
		return true;
	}
	if (!sa_began_here(ike, header->icookie))
		return false;
	ike->counters.in_refused++;	/* reflected: whoever talks to himself proves nothing */
	return true;
}

void phase1_respond(struct ike *ike, const struct isakmp_header *header, struct bytes rest, struct bytes datagram, const struct ike_path *path)
{
	char chosen[MATCH_WHY_BYTES];
	const struct cfg_peer *peer;
	struct isakmp_message message;
	const struct phase1_row *row;
	struct ike_sa *sa;
	uint8_t bad_type;

	if ((header->flags & ISAKMP_ENCRYPTED) || header->message_id != 0 ||
	    isakmp_get_payloads(header, rest, false, &message, &bad_type) != WIRE_OK) {
		ike->counters.in_malformed++;
		return;
	}
	if (is_old(ike, header, datagram, path))
		return;
	peer = peer_for(ike, header, path, chosen);
	row = peer != NULL ? phase1_row(header->exchange, false, 1, phase1_method(peer)) : NULL;
	sa = row != NULL ? open_larval(ike, peer, path, header->icookie) : NULL;
	if (sa == NULL)
		return;
	if (!hash_of(ADIT_AUTH_HMAC_SHA256_128, &datagram, 1, sa->first_in)) {
		sa_kill(sa, "no memory");
		return;
	}
	sa->credit_bytes = datagram.len;
	sa_count_half_open(sa);
	ike->counters.phase1_responded++;
	if (ike_may_say(ike))
		ike_say(ike, LOG_LEVEL_INFO, sa->peer, sa, "%s", chosen);
	phase1_try(sa, row, header, datagram, path);
}
