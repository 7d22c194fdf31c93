// SPDX-License-Identifier: BSD-2-Clause-Patent
/* The payloads of our messages. */
#include <string.h>

#include "sa/phase1.h"

/* Aggressive mode sends its public value at once, so that all it offers is of one group (RFC 2409 §5). */
void put_offer(struct attempt *attempt, struct ike_sa *sa, struct writer *to, size_t *next_at)
{
	const struct cfg_peer *peer = sa_peer(sa);
	const size_t began_at = to->len;
	struct v1_transform offers[V1_MAX_TRANSFORMS];
	struct v1_sa_writer writer;
	unsigned n;

	phase1_offer(peer, sa->exchange == X_AGGRESSIVE ? peer->dhs[0] : DH_NONE, offers, &n);
	v1_open_sa(&writer, to, next_at);
	v1_open_proposal(&writer, 1, V1_PROTO_ISAKMP, (struct bytes){ NULL, 0 });
	for (unsigned i = 0; i < n; i++)
		v1_put_transform(&writer, &offers[i], true);
	v1_close_proposal(&writer);
	v1_close_sa(&writer);
	if (to->has_failed || !blob_set(&attempt->draft.sa_i, (struct bytes){ to->at + began_at + 4, to->len - began_at - 4 }))
		to->has_failed = true;
}

void put_choice(struct attempt *attempt, struct ike_sa *sa, struct writer *to, size_t *next_at)
{
	const struct phase1_choice *choice = &attempt->draft.choice;
	struct v1_sa_writer writer;

	(void)sa;
	v1_open_sa(&writer, to, next_at);
	v1_open_proposal(&writer, choice->proposal_number, V1_PROTO_ISAKMP, (struct bytes){ NULL, 0 });
	v1_put_chosen(&writer, &choice->transform);
	v1_close_proposal(&writer);
	v1_close_sa(&writer);
}

/*
 * A responder says only what the peer has said, and in main mode nothing that would make its answer longer than what it answers (class 10).
 * In aggressive and base mode the answer is longer anyway, and NAT-D payloads without the vendor id mean nothing.
 */
void put_vendors(struct attempt *attempt, struct ike_sa *sa, struct writer *to, size_t *next_at)
{
	const bool is_bounded = !sa->is_initiator && sa->exchange == X_MAIN;

	vendor_put(sa_peer(sa), sa->is_initiator ? UINT32_MAX : attempt->draft.peer_can, is_bounded ? sa->credit_bytes : to->room, to, next_at);
}

static void put_blob(struct writer *to, size_t *next_at, uint8_t type, const struct blob *blob)
{
	isakmp_put(to, next_at, type, blob->at, blob->len);
}

void put_ke(struct attempt *attempt, struct ike_sa *sa, struct writer *to, size_t *next_at)
{
	put_blob(to, next_at, P_KE, &attempt->draft.gx[mine(sa)]);
}

void put_nonce(struct attempt *attempt, struct ike_sa *sa, struct writer *to, size_t *next_at)
{
	put_blob(to, next_at, P_NONCE, &attempt->draft.nonce[mine(sa)]);
}

void put_id(struct attempt *attempt, struct ike_sa *sa, struct writer *to, size_t *next_at)
{
	put_blob(to, next_at, P_ID, &attempt->draft.id[mine(sa)]);
}

void put_hash(struct attempt *attempt, struct ike_sa *sa, struct writer *to, size_t *next_at)
{
	(void)sa;
	put_blob(to, next_at, P_HASH, &attempt->proof);
}
