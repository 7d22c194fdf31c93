// SPDX-License-Identifier: BSD-2-Clause-Patent
/* Quick mode's responder: message 1 is judged, keys and inbound SAs made, message 2 sent; message 3 lets the outbound SAs in. */
#include "sa/phase2.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_tunnel_code(uint16_t encap)
{
	return encap != V1_TRANSPORT && encap != V1_UDP_TRANSPORT && encap != V1_UDP_TRANSPORT_DRAFT;	/* absent: a tunnel */
}

static bool has_mode(const struct v1_sa *theirs, bool is_tunnel)
{
	for (unsigned i = 0; i < theirs->n_transforms; i++)
		if (is_tunnel_code(theirs->transforms[i].encap) == is_tunnel)
			return true;
	return false;
}

/* In transport mode behind a NAT the peer names addresses that never reach us: those we see count (RFC 3947 §5.2). */
static void use_visible_ends(const struct ike_sa *sa, struct selectors *wanted)
{
	wanted->src = (struct prefix){ .addr = sa->path.local.addr, .plen = (uint8_t)addr_bits(&sa->path.local.addr) };
	wanted->dst = (struct prefix){ .addr = sa->path.remote.addr, .plen = (uint8_t)addr_bits(&sa->path.remote.addr) };
}

/* A peer that moved may be where another one's policies end: those stay the other's. */
static bool is_of_peer(const struct ike_sa *sa, const struct cfg_policy *policy, char why[MATCH_WHY_BYTES])
{
	char chosen[MATCH_WHY_BYTES];
	const struct cfg_peer *owner = match_peer_of_policy(sa->ike->config, policy, chosen);

	if (owner && strcmp(owner->name, sa->peer) == 0)
		return true;
	(void)snprintf(why, MATCH_WHY_BYTES, "policy %s: it is for peer %s, and this is %s", policy->name, owner ? owner->name : "nobody",
		       sa->peer);
	return false;
}

/* The policy in the mode that the peer lists first, else in the other; else one is generated, if that is allowed. */
static bool find_policy(const struct ike_sa *sa, struct selectors *wanted, const struct v1_sa *theirs, struct cfg_policy *rule,
			bool *is_generated, char why[MATCH_WHY_BYTES])
{
	const struct cfg_peer *peer = sa_peer(sa);
	bool first = is_tunnel_code(theirs->transforms[0].encap);
	struct selectors asked = *wanted;

	for (unsigned i = 0; i < 2; i++) {
		bool is_tunnel = i == 0 ? first : !first;
		const struct cfg_policy *policy;

		if (!has_mode(theirs, is_tunnel))
			continue;
		*wanted = asked;
		if (!is_tunnel && sa_is_natt(sa))
			use_visible_ends(sa, wanted);
		policy = match_policy(sa->ike->config, wanted, is_tunnel, &sa->path.local.addr, &sa->path.remote.addr, why);
		if (policy && is_of_peer(sa, policy, why)) {
			*rule = *policy;
			*is_generated = false;
			return true;
		}
		if (peer && peer->generate_policy && policy_generate(sa, wanted, is_tunnel, theirs, rule, why)) {
			*is_generated = true;
			return true;
		}
	}
	return false;
}

uint16_t quick_take_ke(struct quick *quick, const struct isakmp_message *message, char why[MATCH_WHY_BYTES])
{
	const struct isakmp_payload *ke = isakmp_find(message, P_KE, 0);
	enum dh_group group = quick->choice.pfs;

	if (!ke && group == DH_NONE)
		return 0;
	if (!ke || group == DH_NONE) {
		(void)snprintf(why, MATCH_WHY_BYTES, ke ? "a KE payload without a group" : "a group without a KE payload");
		return N_PAYLOAD_MALFORMED;
	}
	if (ke->body.len != dh_public_bytes(group)) {	/* before any thread sees it */
		(void)snprintf(why, MATCH_WHY_BYTES, "a KE payload of %zu bytes, of group %u it is %u", ke->body.len, (unsigned)group,
			       dh_public_bytes(group));
		return N_INVALID_KEY_INFORMATION;
	}
	return blob_set(&quick->ke, ke->body) ? 0 : N_INVALID_KEY_INFORMATION;
}

void quick_note_nonces(struct quick *quick)
{
	const struct blob *nonces[] = { &quick->nonce_i, &quick->nonce_r };
	uint8_t first[NONCE_BYTES];

	memset(quick->child->low_nonce, 0xff, sizeof(quick->child->low_nonce));
	for (unsigned i = 0; i < 2; i++) {
		memset(first, 0, sizeof(first));
		memcpy(first, nonces[i]->at, nonces[i]->len < sizeof(first) ? nonces[i]->len : sizeof(first));
		if (memcmp(first, quick->child->low_nonce, sizeof(first)) < 0)
			memcpy(quick->child->low_nonce, first, sizeof(first));
	}
}

/* Those at one address: a peer's prefix may hold thousands, and each has a share of its own. */
static bool is_crowded(const struct ike_sa *sa)
{
	size_t most = sa->ike->config->n_policies * 2;

	return child_count_of_peer(sa->ike, sa->peer, &sa->path.remote.addr) >= (most > CHILDREN_PER_PEER ? most : CHILDREN_PER_PEER);
}

/* SA and nonce are kept, and the SA parsed from where it is kept. */
static uint16_t keep_opening(struct quick *quick, const struct isakmp_message *message, struct v1_sa *theirs, char why[MATCH_WHY_BYTES])
{
	enum wire_err err;

	if (message->payloads[1].body.len > SA_PAYLOAD_MAX_BYTES || !blob_set(&quick->sa, message->payloads[1].body)) {
		(void)snprintf(why, MATCH_WHY_BYTES, "an SA payload of %zu bytes", message->payloads[1].body.len);
		return N_BAD_PROPOSAL_SYNTAX;
	}
	err = v1_get_sa(blob_bytes(&quick->sa), theirs);
	if (err != WIRE_OK || theirs->n_transforms == 0) {
		(void)snprintf(why, MATCH_WHY_BYTES, "the SA payload %s", wire_err_text(err == WIRE_OK ? WIRE_MISSING : err));
		return err == WIRE_VALUE && theirs->doi != DOI_IPSEC ? N_DOI_NOT_SUPPORTED : err == WIRE_VALUE ?
		       N_SITUATION_NOT_SUPPORTED : N_BAD_PROPOSAL_SYNTAX;
	}
	if (!quick_keep_nonce(&quick->nonce_i, message)) {
		(void)snprintf(why, MATCH_WHY_BYTES, "a nonce of %zu bytes", isakmp_find(message, P_NONCE, 0)->body.len);
		return N_PAYLOAD_MALFORMED;
	}
	if (!quick_natoa_is_sane(message)) {
		(void)snprintf(why, MATCH_WHY_BYTES, "a NAT-OA payload that holds no address");
		return N_PAYLOAD_MALFORMED;
	}
	return 0;
}

/* What obey takes may be weaker than what was configured: it is said. */
static void tell_of_other_group(const struct quick *quick, const struct cfg_policy *rule)
{
	const struct ike_sa *sa = quick->exchange->sa;

	if (quick->wish.pfs != DH_NONE && quick->choice.pfs != quick->wish.pfs)
		ike_say(sa->ike, LOG_LEVEL_WARNING, sa->peer, sa, "policy %s: pfs_group %s, ours %s: taken, as proposal_check is %s", rule->name,
			word_put(words_dh, (int)quick->choice.pfs), word_put(words_dh, (int)quick->wish.pfs),
			word_put(words_check, (int)quick->wish.check));
}

/* Who asks for what: quick->child afterwards, with the choice made. */
static uint16_t judge(struct quick *quick, const struct isakmp_message *message, const struct v1_sa *theirs, char why[MATCH_WHY_BYTES])
{
	struct ike_sa *sa = quick->exchange->sa;
	const struct cfg_peer *peer = sa_peer(sa);
	char reason[PROPOSAL_WHY_BYTES] = "";
	const struct cfg_proposal *proposal;
	struct selectors wanted;
	struct cfg_policy rule;
	bool is_generated;

	if (!quick_get_ids(message, sa, false, &wanted, &quick->has_ids, why))
		return N_INVALID_ID_INFORMATION;
	if (!peer || !find_policy(sa, &wanted, theirs, &rule, &is_generated, why))
		return N_INVALID_ID_INFORMATION;
	proposal = config_proposal(sa->ike->config, rule.proposal);
	if (!proposal || is_crowded(sa)) {
		(void)snprintf(why, MATCH_WHY_BYTES, proposal ? "too many children of one peer" : "policy %s: no such proposal", rule.name);
		return N_NO_PROPOSAL_CHOSEN;
	}
	quick_make_wish(quick, &rule, peer, proposal);
	if (!phase2_choose(&quick->wish, theirs, &quick->choice, reason)) {
		(void)snprintf(why, MATCH_WHY_BYTES, "policy %s: %.180s", rule.name, reason);
		return N_NO_PROPOSAL_CHOSEN;
	}
	tell_of_other_group(quick, &rule);
	quick->child = child_open(sa, &rule, is_generated, proposal, &wanted);
	if (!quick->child) {
		(void)snprintf(why, MATCH_WHY_BYTES, "no memory");
		return N_NO_PROPOSAL_CHOSEN;
	}
	quick->child->quick = quick;
	quick->wish.proposal = &quick->child->proposal;
	return 0;
}

static bool keep_ids(struct quick *quick, const struct isakmp_message *message)
{
	return !quick->has_ids || (blob_set(&quick->id_i, isakmp_find(message, P_ID, 0)->body) &&
				   blob_set(&quick->id_r, isakmp_find(message, P_ID, 1)->body));
}

uint16_t quick_on_message_1(struct quick *quick, const struct isakmp_message *message, char why[MATCH_WHY_BYTES])
{
	struct ike *ike = quick_ike(quick);
	struct v1_sa *theirs = malloc(sizeof(*theirs));
	uint16_t notify = theirs ? 0 : N_NO_PROPOSAL_CHOSEN;

	ike->counters.phase2_responded++;
	if (!notify)
		notify = keep_opening(quick, message, theirs, why);
	if (!notify)
		notify = judge(quick, message, theirs, why);
	free(theirs);
	if (notify)
		return notify;
	notify = quick_take_ke(quick, message, why);
	if (notify)
		return notify;
	if (!quick_make_own(quick, &quick->nonce_r) || !keep_ids(quick, message)) {
		(void)snprintf(why, MATCH_WHY_BYTES, "no memory or no random numbers");
		return N_NO_PROPOSAL_CHOSEN;
	}
	quick_note_nonces(quick);
	quick->exchange->step = 1;
	if (quick->choice.pfs == DH_NONE)
		quick_worked(quick, true);
	else if (!quick_work(quick, quick->choice.pfs, blob_bytes(&quick->ke)))
		quick_refuse(quick, N_NO_PROPOSAL_CHOSEN, "no memory");
	return 0;
}

/* RFC 2407 §4.6.3.1: of each SA, with the SPI on which we receive. */
static void put_lifetimes(const struct quick *quick, struct writer *to, size_t *next_at)
{
	const struct phase2_choice *choice = &quick->choice;
	const struct v1_transform lifetimes = { .has_seconds = choice->must_notify_seconds, .seconds = choice->seconds,
		.has_kilobytes = choice->must_notify_kilobytes, .kilobytes = choice->kilobytes };
	uint8_t data[32];
	struct writer body = { .at = data, .room = sizeof(data) };

	if (!choice->must_notify_seconds && !choice->must_notify_kilobytes)
		return;
	v1_put_lifetimes(&body, &lifetimes);
	for (unsigned i = 0; i < choice->n; i++) {
		uint32_t spi = quick->spis[choice->layers[i].proto == ADIT_PROTO_AH];
		const uint8_t spi_be[4] = { (uint8_t)(spi >> 24), (uint8_t)(spi >> 16), (uint8_t)(spi >> 8), (uint8_t)spi };

		v1_put_notify(to, next_at, &(struct v1_notify){ .doi = DOI_IPSEC, .type = N_RESPONDER_LIFETIME,
			.protocol = v1_protocol_of(choice->layers[i].proto), .spi = { spi_be, sizeof(spi_be) }, .data = { data, body.len } });
	}
}

void quick_send_message_2(struct quick *quick)
{
	struct v1_exchange *exchange = quick->exchange;
	const struct bytes before = blob_bytes(&quick->nonce_i);
	struct message_out out;

	message_begin(&out, exchange);
	phase2_put_choice(&quick->choice, quick->spis, &out.to, &out.next_at);
	isakmp_put(&out.to, &out.next_at, P_NONCE, quick->nonce_r.at, quick->nonce_r.len);
	if (quick->choice.pfs != DH_NONE)
		isakmp_put(&out.to, &out.next_at, P_KE, dh_public(quick->dh).at, dh_public(quick->dh).len);
	if (quick->has_ids) {
		isakmp_put(&out.to, &out.next_at, P_ID, quick->id_i.at, quick->id_i.len);
		isakmp_put(&out.to, &out.next_at, P_ID, quick->id_r.at, quick->id_r.len);
	}
	if (quick->choice.is_udp && !quick->choice.is_tunnel)
		quick_put_natoa(&out.to, &out.next_at, exchange->sa, false, quick->wish.is_udp_draft);
	put_lifetimes(quick, &out.to, &out.next_at);
	quick->child->may_peer_have = true;
	if (quick_send(&out, quick, &before, 1, true))
		exchange->step = 2;
	else
		quick_refuse(quick, N_NO_PROPOSAL_CHOSEN, "message 2 could not be written");
}

/* The hash was all there is to check: the peer proved that it holds the same keys. */
uint16_t quick_on_message_3(struct quick *quick, const struct isakmp_message *message, char why[MATCH_WHY_BYTES])
{
	(void)message;
	(void)why;
	quick->exchange->step = 3;
	child_install(quick->child, CHILD_OUTBOUND);
	return 0;
}
