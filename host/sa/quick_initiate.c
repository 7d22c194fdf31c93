// SPDX-License-Identifier: BSD-2-Clause-Patent
/* Quick mode's initiator: a want becomes message 1; message 2 is judged, keys and inbound SAs made; message 3, then the outbound SAs. */
#include "sa/phase2.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool begin(struct quick *quick)
{
	if (!quick_make_own(quick, &quick->nonce_i))
		return false;
	if (quick->wish.pfs != DH_NONE)
		return quick_work(quick, quick->wish.pfs, (struct bytes){ NULL, 0 });
	quick_send_message_1(quick);
	return true;
}

static void guard_fires(struct ike *ike, void *arg)
{
	quick_gave_up(ike, arg);
}

bool quick_initiate(struct ike_sa *sa, struct want *want)
{
	const struct cfg_peer *peer = sa_peer(sa);
	const struct cfg_proposal *proposal = config_proposal(sa->ike->config, want->rule.proposal);
	struct v1_exchange *exchange = peer && proposal ? exchange_open(sa, X_QUICK, 0, true) : NULL;
	struct quick *quick = exchange ? quick_open(exchange) : NULL;

	if (!quick) {
		if (exchange)
			exchange_close(exchange);
		return false;
	}
	timer_set(sa->ike, &exchange->guard, sa->ike->now_ms + QUICK_GUARD_MS, guard_fires, exchange);
	quick->child = child_open(sa, &want->rule, want->is_generated, proposal, &want->selectors);
	if (!quick->child) {
		exchange_close(exchange);
		return false;
	}
	quick->child->quick = quick;
	quick->child->is_initiator = true;
	quick->child->replaces = want->rekeys;
	quick->child->want = want->id;
	want->state = WANT_QUICK;
	sa->ike->counters.phase2_initiated++;
	quick_make_wish(quick, &want->rule, peer, &quick->child->proposal);
	if (!begin(quick))
		quick_refuse(quick, 0, "no memory or no random numbers");
	return true;
}

void quick_send_message_1(struct quick *quick)
{
	struct v1_exchange *exchange = quick->exchange;
	char why[PROPOSAL_WHY_BYTES] = "message 1 could not be written";
	bool is_offered;
	struct message_out out;

	quick->asked_ms = quick_ike(quick)->now_ms;
	message_begin(&out, exchange);
	is_offered = phase2_offer(&quick->wish, quick->spis, &out.to, &out.next_at, why);
	isakmp_put(&out.to, &out.next_at, P_NONCE, quick->nonce_i.at, quick->nonce_i.len);
	if (quick->wish.pfs != DH_NONE)
		isakmp_put(&out.to, &out.next_at, P_KE, dh_public(quick->dh).at, dh_public(quick->dh).len);
	quick_put_ids(&out.to, &out.next_at, &quick->child->selectors, true);
	quick->has_ids = true;
	if (quick->wish.is_udp && !quick->wish.is_tunnel)
		quick_put_natoa(&out.to, &out.next_at, exchange->sa, true, quick->wish.is_udp_draft);
	if (is_offered && quick_send(&out, quick, NULL, 0, true))
		exchange->step = 1;
	else
		quick_refuse(quick, 0, "policy %s: %.180s", quick->child->spec.rule.name, why);
}

void quick_withdraw(const struct quick *quick)
{
	const struct v1_exchange *exchange = quick->exchange;

	if (!exchange->is_initiator || exchange->step != 1)
		return;
	if (quick->wish.esp)
		info_send_delete_child(exchange->sa, V1_PROTO_ESP, quick->spis[0]);
	if (quick->wish.ah)
		info_send_delete_child(exchange->sa, V1_PROTO_AH, quick->spis[1]);
}

/* RFC 2407 §4.6.3.1: the responder lives by less than was offered. */
static uint16_t take_lifetimes(struct quick *quick, const struct isakmp_message *message, char why[MATCH_WHY_BYTES])
{
	char reason[PROPOSAL_WHY_BYTES] = "";
	struct v1_transform lifetimes;
	struct v1_notify notify;

	for (unsigned i = 0; i < isakmp_count(message, P_NOTIFY); i++) {
		if (v1_get_notify(isakmp_find(message, P_NOTIFY, i)->body, &notify) != WIRE_OK) {
			(void)snprintf(why, MATCH_WHY_BYTES, "a malformed notify payload");
			return N_PAYLOAD_MALFORMED;
		}
		if (notify.type != N_RESPONDER_LIFETIME || notify.doi != DOI_IPSEC)
			continue;
		memset(&lifetimes, 0, sizeof(lifetimes));
		if (v1_get_lifetimes(notify.data, &lifetimes) != WIRE_OK) {
			(void)snprintf(why, MATCH_WHY_BYTES, "a RESPONDER-LIFETIME without one");
			return N_PAYLOAD_MALFORMED;
		}
		if (!phase2_take_lifetimes(quick->wish.check, &lifetimes, &quick->choice, reason)) {
			(void)snprintf(why, MATCH_WHY_BYTES, "RESPONDER-LIFETIME: %.200s", reason);
			return N_NO_PROPOSAL_CHOSEN;
		}
	}
	return 0;
}

/* The peer may narrow nothing and change nothing: IKEv1 knows no such thing. */
static uint16_t check_ids(struct quick *quick, const struct isakmp_message *message, char why[MATCH_WHY_BYTES])
{
	const struct ike_child *child = quick->child;
	struct selectors theirs;
	char text[160];
	bool has_ids;

	if (!quick_get_ids(message, quick->exchange->sa, true, &theirs, &has_ids, why))
		return N_INVALID_ID_INFORMATION;
	if (selectors_same(&theirs, &child->selectors) || (!has_ids && !child->spec.rule.tunnel) ||
	    (!child->spec.rule.tunnel && sa_is_natt(quick->exchange->sa)))	/* the addresses are the NAT's */
		return 0;
	selectors_text(&theirs, text, sizeof(text));
	(void)snprintf(why, MATCH_WHY_BYTES, "policy %s: the answer is for %s", child->spec.rule.name, text);
	return N_INVALID_ID_INFORMATION;
}

static uint16_t judge_answer(struct quick *quick, const struct isakmp_message *message, struct v1_sa *answer, char why[MATCH_WHY_BYTES])
{
	char reason[PROPOSAL_WHY_BYTES] = "";

	if (!blob_set(&quick->sa, message->payloads[1].body) || v1_get_sa(blob_bytes(&quick->sa), answer) != WIRE_OK) {
		(void)snprintf(why, MATCH_WHY_BYTES, "a malformed SA payload");
		return N_BAD_PROPOSAL_SYNTAX;
	}
	if (!phase2_accept(&quick->wish, answer, &quick->choice, reason)) {
		(void)snprintf(why, MATCH_WHY_BYTES, "policy %s: %.180s", quick->child->spec.rule.name, reason);
		return N_NO_PROPOSAL_CHOSEN;
	}
	if (!quick_keep_nonce(&quick->nonce_r, message) || !quick_natoa_is_sane(message)) {
		(void)snprintf(why, MATCH_WHY_BYTES, "a nonce or an address that cannot be");
		return N_PAYLOAD_MALFORMED;
	}
	return 0;
}

uint16_t quick_on_message_2(struct quick *quick, const struct isakmp_message *message, char why[MATCH_WHY_BYTES])
{
	struct v1_sa *answer = malloc(sizeof(*answer));
	uint16_t notify = answer ? judge_answer(quick, message, answer, why) : N_NO_PROPOSAL_CHOSEN;

	free(answer);
	quick->child->may_peer_have = true;	/* its inbound SAs stand before it answers */
	if (!notify)
		notify = check_ids(quick, message, why);
	if (!notify)
		notify = take_lifetimes(quick, message, why);
	if (!notify)
		notify = quick_take_ke(quick, message, why);
	if (notify)
		return notify;
	quick_note_nonces(quick);
	quick->exchange->step = 2;
	if (quick->choice.pfs == DH_NONE)
		quick_worked(quick, true);
	else if (!quick_work(quick, quick->choice.pfs, blob_bytes(&quick->ke)))
		quick_refuse(quick, N_NO_PROPOSAL_CHOSEN, "no memory");
	return 0;
}

static void linger_ends(struct ike *ike, void *arg)
{
	struct v1_exchange *exchange = arg;

	(void)ike;
	exchange_close(exchange);
}

void quick_send_message_3(struct quick *quick)
{
	const struct bytes before[] = { blob_bytes(&quick->nonce_i), blob_bytes(&quick->nonce_r) };
	struct v1_exchange *exchange = quick->exchange;
	struct ike *ike = quick_ike(quick);
	struct message_out out;

	message_begin(&out, exchange);
	out.to.len = out.after_hash;
	if (!quick_send(&out, quick, before, 2, false)) {
		quick_refuse(quick, N_NO_PROPOSAL_CHOSEN, "message 3 could not be written");
		return;
	}
	exchange->step = 3;
	timer_set(ike, &exchange->guard, ike->now_ms + QUICK_LINGER_MS, linger_ends, exchange);
	child_install(quick->child, CHILD_OUTBOUND);
}
