// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * Quick mode (RFC 2409 §5.5): the table of what may come when, the hashes, and how an exchange ends.
 *
 *   1  HDR*, HASH(1), SA, Ni [, KE] [, IDci, IDcr] [, NAT-OAi, NAT-OAr]  -->
 *   2                        <--  HDR*, HASH(2), SA, Nr [, KE] [, IDci, IDcr] [, NAT-OAi, NAT-OAr] [, N(RESPONDER-LIFETIME)]
 *   3  HDR*, HASH(3)  -->
 *
 * Nothing is sent from inside a handler: answers wait for the pool (PFS) and for the card (inbound SAs), so that a message's
 * IV has moved on by then.
 */
#include "sa/phase2.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

struct payload_rule {
	uint8_t type, least, most;
};
#define RULES_MOST 10

/* What may stand in each message, and how often; the rule with type 0 ends the list. */
struct quick_row {
	bool is_initiator;
	unsigned step;
	struct payload_rule rules[RULES_MOST];
	quick_handler *handle;
};

#define OPENING_RULES { P_HASH, 1, 1 }, { P_SA, 1, 1 }, { P_NONCE, 1, 1 }, { P_KE, 0, 1 }, { P_ID, 0, 2 }, { P_NATOA, 0, 2 }, \
	{ P_NATOA_DRAFT, 0, 2 }, { P_NOTIFY, 0, 4 }, { P_VID, 0, 8 }

static const struct quick_row rows[] = {
	{ false, 0, { OPENING_RULES }, quick_on_message_1 },
	{ true, 1, { OPENING_RULES }, quick_on_message_2 },
	{ false, 2, { { P_HASH, 1, 1 }, { P_NOTIFY, 0, 1 }, { P_VID, 0, 8 } }, quick_on_message_3 },
};

static const struct quick_row *find_row(const struct v1_exchange *exchange)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].is_initiator == exchange->is_initiator && rows[i].step == exchange->step)
			return &rows[i];
	return NULL;
}

static bool is_allowed(const struct quick_row *row, uint8_t type)
{
	for (const struct payload_rule *rule = row->rules; rule < row->rules + RULES_MOST && rule->type; rule++)
		if (rule->type == type)
			return true;
	return false;
}

/* @return 0, or what to notify. */
static uint16_t check_payloads(const struct quick_row *row, const struct isakmp_message *message, char why[MATCH_WHY_BYTES])
{
	for (unsigned i = 0; i < message->n; i++)
		if (!is_allowed(row, message->payloads[i].type)) {
			(void)snprintf(why, MATCH_WHY_BYTES, "payload type %u does not belong there", message->payloads[i].type);
			return N_INVALID_PAYLOAD_TYPE;
		}
	for (const struct payload_rule *rule = row->rules; rule < row->rules + RULES_MOST && rule->type; rule++) {
		unsigned n = isakmp_count(message, rule->type);

		if (n < rule->least || n > rule->most) {
			(void)snprintf(why, MATCH_WHY_BYTES, "%u payloads of type %u", n, rule->type);
			return N_PAYLOAD_MALFORMED;
		}
	}
	if (row->step < 2 && message->payloads[1].type != P_SA) {	/* RFC 2409 §5.5: SA follows HASH at once */
		(void)snprintf(why, MATCH_WHY_BYTES, "the SA payload does not follow the HASH payload");
		return N_PAYLOAD_MALFORMED;
	}
	return 0;
}

/* HASH(1), HASH(2), HASH(3) by who we are and how far: §5.5. */
static bool hash_holds(const struct v1_exchange *exchange, const struct isakmp_message *message)
{
	const struct ike_sa *sa = exchange->sa;
	struct bytes rest = message_after_hash(message);
	uint8_t hash[HASH_MAX_BYTES];
	bool is_made;

	if (exchange->step == 0) {
		is_made = message_hash(sa, false, exchange->message_id, &rest, 1, hash);
	} else if (exchange->is_initiator) {
		const struct bytes parts[] = { blob_bytes(&exchange->quick->nonce_i), rest };

		is_made = message_hash(sa, false, exchange->message_id, parts, 2, hash);
	} else {
		const struct bytes parts[] = { blob_bytes(&exchange->quick->nonce_i), blob_bytes(&exchange->quick->nonce_r) };

		is_made = message_hash(sa, true, exchange->message_id, parts, 2, hash);
	}
	return is_made && message->n > 0 && message->payloads[0].type == P_HASH &&
	       bytes_equal((struct bytes){ hash, sa->keys.n }, message->payloads[0].body);
}

void quick_make_wish(struct quick *quick, const struct cfg_policy *rule, const struct cfg_peer *peer, const struct cfg_proposal *proposal)
{
	const struct ike_sa *sa = quick->exchange->sa;

	quick->wish = (struct phase2_wish){ .proposal = proposal, .check = peer->check, .esp = rule->esp, .ah = rule->ah,
		.is_tunnel = rule->tunnel, .is_udp = sa_is_natt(sa),
		.is_udp_draft = (sa->peer_can & CAN_NATT_DRAFT) && !(sa->peer_can & CAN_NATT), .pfs = proposal->pfs,
		.allow_null_auth = proposal->allow_null_auth };
}

bool quick_make_own(struct quick *quick, struct blob *nonce)
{
	uint8_t bytes[NONCE_BYTES];

	for (unsigned i = 0; i < 2; i++)
		quick->spis[i] = child_fresh_spi(quick_ike(quick));
	return quick->spis[0] != 0 && quick->spis[1] != 0 && random_bytes(bytes, sizeof(bytes)) &&
	       blob_set(nonce, (struct bytes){ bytes, sizeof(bytes) });
}

struct quick *quick_open(struct v1_exchange *exchange)
{
	struct quick *quick = calloc(1, sizeof(*quick));

	if (!quick)
		return NULL;
	quick->exchange = exchange;
	exchange->quick = quick;
	exchange->io.gave_up = quick_gave_up;
	exchange->io.arg = exchange;
	return quick;
}

void quick_gave_up(struct ike *ike, void *arg)
{
	struct v1_exchange *exchange = arg;
	struct quick *quick = exchange->quick;
	struct ike_sa *sa = exchange->sa;
	bool is_deaf;

	(void)ike;
	if (exchange->is_dead || !quick)
		return;
	if (!quick->child) {
		exchange_close(exchange);
		return;
	}
	is_deaf = exchange->is_initiator && exchange->step == 1 && sa->heard_ms < quick->asked_ms;
	quick_refuse(quick, 0, "%s", exchange->is_initiator ? "the peer does not answer" : "the peer does not confirm");
	if (is_deaf && !sa->is_dead)	/* it may have forgotten this SA: the next want begins anew */
		sa_kill(sa, "the peer does not answer");
}

/* Before there are keys everything of the exchange stands in these. */
bool quick_keep_nonce(struct blob *to, const struct isakmp_message *message)
{
	const struct isakmp_payload *nonce = isakmp_find(message, P_NONCE, 0);

	return nonce && nonce->body.len >= 8 && nonce->body.len <= NONCE_MAX_BYTES && blob_set(to, nonce->body);	/* RFC 2409 §5 */
}

bool quick_send(struct message_out *out, struct quick *quick, const struct bytes *before, unsigned n_before, bool awaits_answer)
{
	struct v1_exchange *exchange = quick->exchange;
	struct bytes parts[3];
	uint8_t hash[HASH_MAX_BYTES];

	if (out->to.has_failed || n_before > 2)
		return false;
	for (unsigned i = 0; i < n_before; i++)
		parts[i] = before[i];
	parts[n_before] = (struct bytes){ out->to.at + out->after_hash, out->to.len - out->after_hash };
	if (!message_hash(exchange->sa, n_before == 2, exchange->message_id, parts, n_before + 1, hash))
		return false;
	memcpy(out->to.at + out->hash_at, hash, exchange->sa->keys.n);
	return message_finish(out, awaits_answer);
}

void quick_let_go(struct quick *quick)
{
	if (quick->child)
		quick->child->quick = NULL;
	quick->child = NULL;
	quick->is_working = false;
	dh_close(quick->dh);
	quick->dh = NULL;
	blob_free(&quick->shared);
}

static void tell_peer(const struct quick *quick, uint16_t type)
{
	const struct phase2_layer *layer = &quick->choice.layers[0];
	uint32_t spi = layer->peer_spi;
	const uint8_t spi_be[4] = { (uint8_t)(spi >> 24), (uint8_t)(spi >> 16), (uint8_t)(spi >> 8), (uint8_t)spi };

	info_send_notify(quick->exchange->sa, &(struct v1_notify){
		.doi = DOI_IPSEC, .type = type, .protocol = quick->choice.n ? v1_protocol_of(layer->proto) : V1_PROTO_ESP,
		.spi = { spi_be, spi ? sizeof(spi_be) : 0 } });
}

void quick_refuse(struct quick *quick, uint16_t notify, const char *fmt, ...)
{
	struct v1_exchange *exchange = quick->exchange;
	struct ike_sa *sa = exchange->sa;
	char why[MATCH_WHY_BYTES];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(why, sizeof(why), fmt, args);
	va_end(args);
	if (notify && !sa->is_dead)
		tell_peer(quick, notify);
	ike_say(sa->ike, LOG_LEVEL_WARNING, sa->peer, sa, "phase 2 %08x failed: %s", exchange->message_id, why);
	if (quick->child)
		child_give_up(quick->child, why);
	else if (!exchange->is_initiator)
		sa->ike->counters.phase2_failed++;
	quick_let_go(quick);
	exchange_close(exchange);
}

/* The guard of an exchange that neither its peer nor its card brings to an end. */
static void guard_fires(struct ike *ike, void *arg)
{
	quick_gave_up(ike, arg);
}

static struct quick *begin_responder(struct v1_exchange *exchange)
{
	struct ike *ike = exchange->sa->ike;

	/* A message 1 that came before must not run again, not even when all is long over: its IV and hash would fit (§5.5). */
	if (message_was_seen(exchange->sa, exchange->message_id)) {
		ike->counters.in_duplicates++;
		return NULL;
	}
	timer_set(ike, &exchange->guard, ike->now_ms + QUICK_GUARD_MS, guard_fires, exchange);
	return quick_open(exchange);
}

bool quick_receive(struct v1_exchange *exchange, const struct isakmp_message *message)
{
	const struct quick_row *row = find_row(exchange);
	struct ike *ike = exchange->sa->ike;
	char why[MATCH_WHY_BYTES] = "";
	uint16_t notify;

	if (!row || (exchange->step > 0 && !exchange->quick)) {
		ike->counters.in_refused++;
		return false;
	}
	if (!hash_holds(exchange, message)) {
		ike->counters.in_bad_hash++;
		if (ike_may_say(ike))	/* anybody on the way can make them */
			ike_say(ike, LOG_LEVEL_WARNING, exchange->sa->peer, exchange->sa, "phase 2 %08x: a message whose hash is wrong",
				exchange->message_id);
		return false;
	}
	if (!exchange->quick && !begin_responder(exchange))
		return false;
	io_answered(ike, &exchange->io);
	blob_free(&exchange->io.sent);	/* what was sent is answered; a duplicate of this message waits for the next */
	notify = check_payloads(row, message, why);
	if (!notify)
		notify = row->handle(exchange->quick, message, why);
	ike->counters.no_proposal += notify == N_NO_PROPOSAL_CHOSEN;
	ike->counters.id_mismatch += notify == N_INVALID_ID_INFORMATION;
	if (notify)
		quick_refuse(exchange->quick, notify, "%s", why);
	return true;
}

void quick_worked(struct quick *quick, bool is_well)
{
	struct v1_exchange *exchange = quick->exchange;

	if (!is_well) {
		quick_refuse(quick, N_INVALID_KEY_INFORMATION, "the Diffie-Hellman value is none of its group");
	} else if (exchange->is_initiator && exchange->step == 0) {
		quick_send_message_1(quick);
	} else if (!quick->child || !child_make_sas(quick->child, quick)) {
		quick_refuse(quick, N_INVALID_KEY_INFORMATION, "no keys could be made");
	} else {
		child_install(quick->child, CHILD_INBOUND);
	}
}

void quick_inbound_ready(struct quick *quick)
{
	if (quick->exchange->is_initiator)
		quick_send_message_3(quick);
	else
		quick_send_message_2(quick);
}

void quick_free(struct quick *quick)
{
	if (!quick)
		return;
	if (quick->child && quick->child->outbound != SIDE_ASKED)	/* else all is said, and only the card has to answer */
		child_give_up(quick->child, "its exchange ended");
	quick_let_go(quick);
	blob_free(&quick->sa);
	blob_free(&quick->nonce_i);
	blob_free(&quick->nonce_r);
	blob_free(&quick->id_i);
	blob_free(&quick->id_r);
	blob_free(&quick->ke);
	OPENSSL_cleanse(quick, sizeof(*quick));
	free(quick);
}
