// SPDX-License-Identifier: BSD-2-Clause-Patent
/* Stages: what is taken from a message, and what is computed from it. Each writes into the draft only. */
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "sa/phase1.h"

static struct bytes body_of(const struct attempt *attempt, uint8_t type)
{
	return isakmp_find(&attempt->message, type, 0)->body;	/* the row needs it: it is there, once */
}

static enum verdict no_memory(struct attempt *attempt, struct ike_sa *sa)
{
	return phase1_refuse(attempt, sa, 0, "no memory");
}

/* ---- SA */

static uint16_t notify_of_sa(enum wire_err err, const struct v1_sa *said)
{
	if (err != WIRE_VALUE)
		return N_BAD_PROPOSAL_SYNTAX;
	return said->doi != DOI_IPSEC ? N_DOI_NOT_SUPPORTED : N_SITUATION_NOT_SUPPORTED;
}

/* Blowfish alone has keys of many lengths: what was agreed is kept with the keys. */
static void note_choice(struct phase1 *draft)
{
	const struct phase1_choice *choice = &draft->choice;

	draft->keys.hash = choice->hash;
	draft->keys.enc = choice->enc;
	draft->keys.n = (uint8_t)hash_bytes(choice->hash);
	draft->keys.cipher_bytes = choice->enc == ADIT_ENC_BLOWFISH_CBC ? (uint8_t)(choice->transform.key_bits / 8) : 0;
}

static enum verdict read_sa(struct attempt *attempt, struct ike_sa *sa, struct v1_sa *said)
{
	const struct bytes body = body_of(attempt, P_SA);
	const enum wire_err err = v1_get_sa(body, said);

	if (err != WIRE_OK || body.len > SA_PAYLOAD_MAX_BYTES)
		return phase1_refuse(attempt, sa, notify_of_sa(err, said), "SA payload %s", err != WIRE_OK ? wire_err_text(err) : "too long");
	return GO_ON;
}

/* The peer's first that we allow (RFC 2408 §4.2). */
enum verdict take_offer(struct attempt *attempt, struct ike_sa *sa)
{
	char why[PROPOSAL_WHY_BYTES];
	struct v1_sa said;

	if (read_sa(attempt, sa, &said) != GO_ON)
		return REFUSED;
	if (!phase1_choose(sa_peer(sa), &said, &attempt->draft.choice, why)) {
		sa->ike->counters.no_proposal++;
		return phase1_refuse(attempt, sa, N_NO_PROPOSAL_CHOSEN, "no proposal chosen: %s", why);
	}
	note_choice(&attempt->draft);
	return blob_set(&attempt->draft.sa_i, body_of(attempt, P_SA)) ? GO_ON : no_memory(attempt, sa);
}

/* One of ours, unchanged; of the group whose value we sent already, if we did. */
enum verdict take_answer(struct attempt *attempt, struct ike_sa *sa)
{
	struct phase1 *draft = &attempt->draft;
	char why[PROPOSAL_WHY_BYTES];
	struct v1_sa said;

	if (read_sa(attempt, sa, &said) != GO_ON)
		return REFUSED;
	if (!phase1_accept(sa_peer(sa), &said, &draft->choice, why)) {
		sa->ike->counters.no_proposal++;
		return phase1_refuse(attempt, sa, N_NO_PROPOSAL_CHOSEN, "the peer's choice is none of ours: %s", why);
	}
	if (sa->exchange == X_AGGRESSIVE && (draft->dh == NULL || dh_group_of(draft->dh) != draft->choice.group))
		return phase1_refuse(attempt, sa, N_NO_PROPOSAL_CHOSEN, "the peer chose group %s, which our first message was not of",
				     word_put(words_dh, (int)draft->choice.group));
	memcpy(draft->cookies + 8, attempt->message.header.rcookie, 8);
	note_choice(draft);
	return GO_ON;
}

enum verdict take_vendors(struct attempt *attempt, struct ike_sa *sa)
{
	const struct isakmp_payload *payload;

	(void)sa;
	for (unsigned i = 0; (payload = isakmp_find(&attempt->message, P_VID, i)) != NULL; i++)
		attempt->draft.peer_can |= vendor_read(payload->body);
	return GO_ON;
}

/* ---- KE, NONCE */

enum verdict take_ke(struct attempt *attempt, struct ike_sa *sa)
{
	const struct bytes body = body_of(attempt, P_KE);
	const unsigned n = dh_public_bytes(attempt->draft.choice.group);

	if (body.len != n)
		return phase1_refuse(attempt, sa, N_INVALID_KEY_INFORMATION, "public value of %zu bytes, group %s has %u", body.len,
				     word_put(words_dh, (int)attempt->draft.choice.group), n);
	return blob_set(&attempt->draft.gx[theirs(sa)], body) ? GO_ON : no_memory(attempt, sa);
}

/* RFC 2409 §5: 8 to 256 bytes */
enum verdict take_nonce(struct attempt *attempt, struct ike_sa *sa)
{
	const struct bytes body = body_of(attempt, P_NONCE);

	if (body.len < 8 || body.len > NONCE_MAX_BYTES)
		return phase1_refuse(attempt, sa, N_PAYLOAD_MALFORMED, "nonce of %zu bytes", body.len);
	return blob_set(&attempt->draft.nonce[theirs(sa)], body) ? GO_ON : no_memory(attempt, sa);
}

enum verdict make_nonce(struct attempt *attempt, struct ike_sa *sa)
{
	struct blob *nonce = &attempt->draft.nonce[mine(sa)];
	uint8_t bytes[NONCE_BYTES];

	if (nonce->at != NULL)
		return GO_ON;
	if (!random_bytes(bytes, sizeof(bytes)))
		return phase1_refuse(attempt, sa, 0, "no randomness");
	return blob_set(nonce, (struct bytes){ bytes, sizeof(bytes) }) ? GO_ON : no_memory(attempt, sa);
}

/* ---- Diffie-Hellman: whatever is not there yet of key pair and shared secret, in the pool */

static void computed(struct ike *ike, struct work_dh *work)
{
	struct attempt *attempt = work->arg;
	struct phase1 *draft = &attempt->draft;

	(void)ike;
	attempt->is_well = work->is_ok;
	draft->dh = work->dh;
	work->dh = NULL;
	if (work->is_ok && work->peer.len > 0)
		attempt->is_well = blob_set(&draft->shared, (struct bytes){ work->shared, dh_shared_bytes(work->group) });
	phase1_resume(attempt);
}

enum verdict compute_dh(struct attempt *attempt, struct ike_sa *sa)
{
	struct phase1 *draft = &attempt->draft;
	const bool is_first = sa->is_initiator && attempt->row->number == 0;
	const enum dh_group group = is_first ? sa_peer(sa)->dhs[0] : draft->choice.group;
	const bool has_peer = isakmp_count(&attempt->message, P_KE) > 0;
	struct dh *dh = draft->dh;

	draft->dh = NULL;
	if (dh != NULL && dh_group_of(dh) != group) {
		dh_close(dh);
		dh = NULL;
	}
	if (!work_dh(sa->ike, group, dh, has_peer ? blob_bytes(&draft->gx[theirs(sa)]) : (struct bytes){ NULL, 0 }, sa->id, 0, attempt,
		     computed))
		return no_memory(attempt, sa);
	return WAIT;
}

enum verdict dh_computed(struct attempt *attempt, struct ike_sa *sa)
{
	struct phase1 *draft = &attempt->draft;

	if (!attempt->is_well)
		return phase1_refuse(attempt, sa, N_INVALID_KEY_INFORMATION, "public value is none of the group's");
	return blob_set(&draft->gx[mine(sa)], dh_public(draft->dh)) ? GO_ON : no_memory(attempt, sa);
}

/* RFC 2409 §5, App. B */
enum verdict derive(struct attempt *attempt, struct ike_sa *sa)
{
	struct phase1 *draft = &attempt->draft;

	draft->has_keys = auth_skeyid(sa, draft) && ike1_derive(&draft->keys, blob_bytes(&draft->shared), draft->cookies) &&
			  ike1_first_iv(&draft->keys, blob_bytes(&draft->gx[INITIATOR]), blob_bytes(&draft->gx[RESPONDER]), draft->iv);
	return draft->has_keys ? GO_ON : phase1_refuse(attempt, sa, 0, "no keys: a weak one, or no memory");
}
