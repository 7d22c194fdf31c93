// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * Informational messages that come in (RFC 2408 §4.8, RFC 2409 §5.7). Without a right HASH nothing happens but a count (SEMANTICS class 7).
 * Each notify type has its row; a Delete is obeyed only for SAs that this very peer shares with us.
 */
#include "sa/phase2.h"

#include <stdio.h>
#include <string.h>

/* @return false: a replay, or nonsense: it does not prove that the peer lives */
typedef bool notify_handler(struct ike_sa *sa, const struct v1_notify *notify);

static void say_notify(struct ike_sa *sa, const struct v1_notify *notify)
{
	const char *name = v1_notify_name(notify->type);
	char number[24];

	(void)snprintf(number, sizeof(number), "notify %u", notify->type);
	ike_say(sa->ike, notify->type < 16384 ? LOG_LEVEL_WARNING : LOG_LEVEL_INFO, sa->peer, sa, "the peer says %s", name ? name : number);
}

static bool on_dpd(struct ike_sa *sa, const struct v1_notify *notify)
{
	bool is_fresh;

	dpd_on_notify(sa, notify, &is_fresh);
	return is_fresh;
}

static bool on_initial_contact(struct ike_sa *sa, const struct v1_notify *notify)
{
	say_notify(sa, notify);
	child_initial_contact(sa);
	return true;
}

static uint32_t spi_of(struct bytes spi)
{
	uint32_t value = 0;

	if (spi.len != sizeof(value) || get_u32(&spi, &value) != WIRE_OK)
		return 0;
	return value;
}

static bool is_under_way(const struct ike_child *child, const struct ike_sa *sa)
{
	return !child->is_dead && child->state == CHILD_LARVAL && child->quick && child->sa_id == sa->id;
}

/* The quick mode that an error is about: by the SPI, ours or theirs; without one the only one that is under way. */
static struct ike_child *find_refused(struct ike_sa *sa, uint32_t spi)
{
	struct ike_child *only = NULL;
	unsigned n = 0;

	for (struct ike_child *child = sa->ike->children; child; child = child->next) {
		const struct quick *quick = child->quick;

		if (!is_under_way(child, sa))
			continue;
		if (spi && (quick->spis[0] == spi || quick->spis[1] == spi || child->spec.sas.sa[SA_OUT].spi == spi))
			return child;
		if (child->is_initiator && quick->exchange->step == 1) {
			only = child;
			n++;
		}
	}
	return spi == 0 && n == 1 ? only : NULL;
}

static bool on_error(struct ike_sa *sa, const struct v1_notify *notify)
{
	struct ike_child *child = find_refused(sa, spi_of(notify->spi));
	const char *name = v1_notify_name(notify->type);

	say_notify(sa, notify);
	if (child) {
		child->may_peer_have = false;
		quick_refuse(child->quick, 0, "the peer says %s", name ? name : "an error");
	}
	return true;
}

static const struct {
	uint16_t from, to;
	notify_handler *handle;
} notify_rows[] = {
	{ N_R_U_THERE, N_R_U_THERE_ACK, on_dpd },
	{ N_INITIAL_CONTACT, N_INITIAL_CONTACT, on_initial_contact },
	{ 1, 8191, on_error },		/* RFC 2408 §3.14.1: errors, without the private ones */
};

static bool take_notify(struct ike_sa *sa, const struct isakmp_payload *payload)
{
	struct v1_notify notify;

	if (v1_get_notify(payload->body, &notify) != WIRE_OK) {
		sa->ike->counters.in_malformed++;
		return true;
	}
	for (size_t i = 0; i < sizeof(notify_rows) / sizeof(notify_rows[0]); i++)
		if (notify.type >= notify_rows[i].from && notify.type <= notify_rows[i].to)
			return notify_rows[i].handle(sa, &notify);
	say_notify(sa, &notify);	/* RESPONDER-LIFETIME belongs into quick mode; CONNECTED is only news */
	return true;
}

/* ---- Delete */

static bool is_shared_with(const struct ike_child *child, const struct ike_sa *sa)
{
	return !child->is_dead && child->state != CHILD_HUSK && strcmp(child->peer, sa->peer) == 0 && child->id_type == sa->peer_id.type &&
	       bytes_same(blob_bytes(&child->identity), blob_bytes(&sa->peer_id_bytes)) &&
	       addr_same(&child->path.remote.addr, &sa->path.remote.addr) && addr_same(&child->path.local.addr, &sa->path.local.addr);
}

static void delete_child(struct ike_sa *sa, uint8_t protocol, uint32_t spi)
{
	for (struct ike_child *child = sa->ike->children; child; child = child->next) {
		if (!is_shared_with(child, sa))
			continue;
		for (unsigned side = SA_OUT; side < child->spec.sas.n; side += 2) {
			const struct adit_sa *out = &child->spec.sas.sa[side];

			if (out->spi != spi || v1_protocol_of(out->proto) != protocol)
				continue;
			if (child_is_live(child) || child->is_let_go) {
				child_deleted_by_peer(child);
			} else {
				child->may_peer_have = false;
				child_remove(child, false, "deleted by the peer");
			}
			return;
		}
	}
}

static void delete_isakmp(struct ike_sa *sa, const uint8_t cookies[COOKIES_BYTES])
{
	for (struct ike_sa *other = sa->ike->sas; other; other = other->next)
		if (!other->is_dead && memcmp(other->cookies, cookies, COOKIES_BYTES) == 0 && strcmp(other->peer, sa->peer) == 0 &&
		    addr_same(&other->path.remote.addr, &sa->path.remote.addr) && other->peer_id.type == sa->peer_id.type &&
		    bytes_same(blob_bytes(&other->peer_id_bytes), blob_bytes(&sa->peer_id_bytes)) &&
		    (other->state == IKE_ESTABLISHED || other->state == IKE_DYING)) {
			sa_kill(other, "deleted by the peer");
			return;
		}
}

static void take_delete(struct ike_sa *sa, const struct isakmp_payload *payload)
{
	struct v1_delete del;
	struct bytes spis, spi;
	uint32_t value;

	if (v1_get_delete(payload->body, &del) != WIRE_OK) {
		sa->ike->counters.in_malformed++;
		return;
	}
	sa->ike->counters.deletes_received++;
	spis = del.spis;
	for (unsigned i = 0; i < del.n && !sa->is_dead && get_bytes(&spis, del.spi_bytes, &spi) == WIRE_OK; i++) {
		if (del.protocol == V1_PROTO_ISAKMP && spi.len == COOKIES_BYTES)
			delete_isakmp(sa, spi.at);
		else if ((del.protocol == V1_PROTO_ESP || del.protocol == V1_PROTO_AH) && get_u32(&spi, &value) == WIRE_OK)
			delete_child(sa, del.protocol, value);
	}
}

/* ---- in */

static bool hash_holds(const struct v1_exchange *exchange, const struct isakmp_message *message)
{
	const struct bytes rest = message_after_hash(message);
	uint8_t hash[HASH_MAX_BYTES];

	return message_hash(exchange->sa, false, exchange->message_id, &rest, 1, hash) &&
	       bytes_equal((struct bytes){ hash, exchange->sa->keys.n }, message->payloads[0].body);
}

bool info_receive(struct v1_exchange *exchange, const struct isakmp_message *message)
{
	struct ike_sa *sa = exchange->sa;
	bool is_fresh = true;

	if (exchange->is_initiator || message->n == 0 || !hash_holds(exchange, message)) {
		sa->ike->counters.in_bad_hash++;
		if (ike_may_say(sa->ike))	/* anybody on the way can make them */
			ike_say(sa->ike, LOG_LEVEL_WARNING, sa->peer, sa, "an Informational whose hash is wrong");
		return false;
	}
	for (unsigned i = 1; i < message->n && !sa->is_dead; i++) {	/* after its own end nothing more is obeyed (class 6) */
		if (message->payloads[i].type == P_NOTIFY)
			is_fresh &= take_notify(sa, &message->payloads[i]);
		else if (message->payloads[i].type == P_DELETE)
			take_delete(sa, &message->payloads[i]);
	}
	return is_fresh;
}
