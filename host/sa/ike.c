// SPDX-License-Identifier: BSD-2-Clause-Patent
/* The engine's door: open, close, and who is meant by a datagram. */
#include "sa/ike.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "sa/frag.h"
#include "sa/room.h"

enum { MAX_HALF_OPEN = 1000 };

uint32_t ike_random(struct ike *ike, uint32_t below)
{
	ike->random ^= ike->random << 13;
	ike->random ^= ike->random >> 7;
	ike->random ^= ike->random << 17;
	return below == 0 ? 0 : (uint32_t)((ike->random >> 16) % below);
}

uint32_t ike_fresh_id(struct ike *ike)
{
	do
		ike->last_id++;
	while ((uint32_t)ike->last_id == 0);
	return (uint32_t)ike->last_id;
}

static bool seed_random(struct ike *ike, uint64_t seed)
{
	if (!random_bytes(ike->cookie_secret, sizeof(ike->cookie_secret)))
		return false;
	if (seed != 0)
		ike->random = seed * 0x9e3779b97f4a7c15u;
	else if (!random_bytes(&ike->random, sizeof(ike->random)))
		return false;
	ike->random |= 1;
	return true;
}

struct ike *ike_open(const struct ike_options *options)
{
	struct ike *ike = calloc(1, sizeof(*ike));

	if (ike == NULL)
		return NULL;
	ike->calls = options->calls;
	ike->pool = options->pool;
	ike->config = options->config;
	ike->max_half_open = options->max_half_open != 0 ? options->max_half_open : MAX_HALF_OPEN;
	if (!seed_random(ike, options->seed)) {
		free(ike);
		return NULL;
	}
	return ike;
}

/* ---- end */

static void reap_exchanges(struct ike_sa *sa)
{
	struct v1_exchange **at = &sa->exchanges, *exchange;

	while ((exchange = *at) != NULL) {
		if (!exchange->is_dead) {
			at = &exchange->next;
			continue;
		}
		*at = exchange->next;
		if (exchange->quick != NULL)
			quick_free(exchange->quick);
		OPENSSL_cleanse(exchange->iv, sizeof(exchange->iv));
		free(exchange);
	}
}

static bool has_dead_exchange(const struct ike_sa *sa)
{
	const struct v1_exchange *exchange = sa->exchanges;

	while (exchange != NULL && !exchange->is_dead)
		exchange = exchange->next;
	return exchange != NULL;
}

static void reap_sas(struct ike *ike)
{
	struct ike_sa *sa;

	while ((sa = ike->sick) != NULL) {
		ike->sick = sa->next_sick;
		while (has_dead_exchange(sa))	/* one that goes may take another with it */
			reap_exchanges(sa);
		sa->is_sick = false;		/* not before: it stands in the list once */
		if (sa->is_dead)
			sa_free(sa);
	}
}

void ike_reap(struct ike *ike)
{
	if (!ike->has_dead)
		return;
	ike->has_dead = false;
	reap_sas(ike);
	phase2_reap(ike);
}

void ike_free(struct ike *ike)
{
	credentials_free(ike);
	free(ike->heap);
	OPENSSL_cleanse(ike, sizeof(*ike));
	free(ike);
}

/* Jobs that are out come back to work.c, which frees the engine after the last. */
void ike_close(struct ike *ike, bool say_goodbye, bool remove_children)
{
	if (ike == NULL)
		return;
	ike->is_closing = true;
	child_close_all(ike, say_goodbye, remove_children);
	for (struct ike_sa *sa = ike->sas; sa != NULL; sa = sa->next) {
		if (say_goodbye && !sa->is_dead && sa->state != IKE_LARVAL)
			info_send_delete_sa(sa);
		sa_kill(sa, "the daemon ends");
	}
	ike_reap(ike);
	phase2_close(ike);
	if (ike->n_working == 0)
		ike_free(ike);
}

/* ---- time */

static void advance(struct ike *ike, int64_t now_ms)
{
	if (now_ms > ike->now_ms)
		ike->now_ms = now_ms;
}

void ike_tick(struct ike *ike, int64_t now_ms)
{
	advance(ike, now_ms);
	while (ike->n_heap > 0 && ike->heap[1]->due_ms <= ike->now_ms) {
		struct timer *timer = ike->heap[1];

		timer_stop(ike, timer);
		timer->fire(ike, timer->arg);
	}
	ike_reap(ike);
}

int64_t ike_next_ms(const struct ike *ike)
{
	return ike->n_heap > 0 ? ike->heap[1]->due_ms : INT64_MAX;
}

/* ---- what comes in */

static bool is_phase1(uint8_t exchange)
{
	return exchange == X_MAIN || exchange == X_AGGRESSIVE || exchange == X_BASE;
}

/* An Informational about a phase 1 that has no keys, or in clear: nobody vouches for it. It is told, and changes nothing (class 7). */
static void hear_say(struct ike_sa *sa, const struct isakmp_header *header, struct bytes rest)
{
	const struct isakmp_payload *payload;
	struct isakmp_message message;
	struct v1_notify notify;
	const char *name;
	uint8_t bad_type;

	sa->ike->counters.in_refused++;
	if ((header->flags & ISAKMP_ENCRYPTED) || sa->state != IKE_LARVAL ||
	    isakmp_get_payloads(header, rest, false, &message, &bad_type) != WIRE_OK)
		return;
	payload = isakmp_find(&message, P_NOTIFY, 0);
	if (payload == NULL || v1_get_notify(payload->body, &notify) != WIRE_OK || sa->n_told++ >= SA_MOST_TOLD)
		return;
	name = v1_notify_name(notify.type);
	ike_say(sa->ike, LOG_LEVEL_WARNING, sa->peer, sa, "the peer says %s (%u), in clear: it is only noted", name != NULL ? name : "something",
		notify.type);
}

static void receive_for(struct ike_sa *sa, const struct isakmp_header *header, struct bytes rest, struct bytes datagram, const struct ike_path *path)
{
	const bool is_encrypted = header->flags & ISAKMP_ENCRYPTED;

	if (is_phase1(header->exchange))
		phase1_receive(sa, header, rest, datagram, path);
	else if (header->exchange == X_INFORMATIONAL && (!is_encrypted || (sa->state == IKE_LARVAL && !sa->is_working)))
		hear_say(sa, header, rest);
	else if (header->exchange != X_QUICK && header->exchange != X_INFORMATIONAL)
		sa->ike->counters.in_refused++;
	else if (sa->state == IKE_LARVAL)
		phase1_hears_early(sa, datagram, path);
	else
		message_receive(sa, header, rest, datagram, path);
}

/* Fragments are of SAs that are known: a first message is short, and nobody unknown may make us keep anything. */
static void receive_fragment(struct ike_sa *sa, const struct isakmp_header *header, struct bytes rest, const struct ike_path *path)
{
	struct isakmp_header whole_header;
	struct blob whole = { NULL, 0 };

	if (!frag_receive(sa, header, rest, &whole))
		return;
	if (isakmp_get_header(blob_bytes(&whole), &whole_header, &rest) != WIRE_OK || whole_header.next == P_FRAGMENT ||
	    memcmp(whole_header.icookie, header->icookie, 8) != 0 || memcmp(whole_header.rcookie, header->rcookie, 8) != 0)
		sa->ike->counters.in_malformed++;
	else
		receive_for(sa, &whole_header, rest, blob_bytes(&whole), path);
	blob_free(&whole);
}

static void dispatch(struct ike *ike, const struct ike_path *path, struct bytes datagram)
{
	static const uint8_t unknown[8];
	struct isakmp_header header;
	struct bytes rest;
	struct ike_sa *sa;

	if (isakmp_get_header(datagram, &header, &rest) != WIRE_OK || header.version >> 4 != 1 || memcmp(header.icookie, unknown, 8) == 0) {
		ike->counters.in_malformed++;
		return;
	}
	sa = sa_by_cookies(ike, header.icookie, header.rcookie);
	if (sa != NULL && memcmp(header.rcookie, unknown, 8) != 0) {
		sa->credit_bytes += datagram.len;
		if (header.next == P_FRAGMENT)
			receive_fragment(sa, &header, rest, path);
		else
			receive_for(sa, &header, rest, datagram, path);
	} else if (memcmp(header.rcookie, unknown, 8) == 0 && is_phase1(header.exchange) && header.next != P_FRAGMENT) {
		phase1_respond(ike, &header, rest, datagram, path);
	} else if (sa != NULL && header.exchange == X_INFORMATIONAL) {
		hear_say(sa, &header, rest);
	} else {
		ike->counters.in_unknown_sa++;
	}
}

void ike_receive(struct ike *ike, const struct ike_path *path, const uint8_t *bytes, size_t n_bytes, int64_t now_ms)
{
	advance(ike, now_ms);
	ike->counters.in_messages++;
	ike->counters.in_bytes += n_bytes;
	dispatch(ike, path, (struct bytes){ bytes, n_bytes });
	ike_reap(ike);
}
