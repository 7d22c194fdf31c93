// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * Dead peer detection (RFC 3706): after dpd_interval without anything authentic from the peer, IKE's or a child's, R-U-THERE; each further
 * interval without an answer counts as a failure. Sequence numbers as SEMANTICS §1.6 has it: an answer must be to one of our open questions.
 */
#include "sa/phase2.h"

#include <string.h>

#define SEQ_BYTES 4

static void send_seq(struct ike_sa *sa, uint16_t type, uint32_t seq)
{
	const uint8_t seq_be[SEQ_BYTES] = { (uint8_t)(seq >> 24), (uint8_t)(seq >> 16), (uint8_t)(seq >> 8), (uint8_t)seq };

	info_send_notify(sa, &(struct v1_notify){ .doi = DOI_IPSEC, .protocol = V1_PROTO_ISAKMP, .type = type,
						  .spi = { sa->cookies, COOKIES_BYTES }, .data = { seq_be, sizeof(seq_be) } });
}

static int64_t interval_ms(const struct ike_sa *sa)
{
	const struct cfg_peer *peer = sa_peer(sa);

	return peer && (sa->peer_can & CAN_DPD) ? (int64_t)peer->dpd_seconds * 1000 : 0;
}

static void dpd_fires(struct ike *ike, void *arg)
{
	struct ike_sa *sa = arg;
	const struct cfg_peer *peer = sa_peer(sa);
	int64_t wait_ms = interval_ms(sa);

	if (sa->is_dead || sa->state != IKE_ESTABLISHED || wait_ms == 0)
		return;
	if (sa->heard_ms + wait_ms > ike->now_ms) {
		sa->dpd_failures = 0;
		timer_set(ike, &sa->dpd, sa->heard_ms + wait_ms, dpd_fires, sa);
		return;
	}
	if (sa->dpd_failures >= peer->dpd_failures) {
		ike->counters.dpd_failures++;
		peer_is_dead(sa, "dead peer: no answer to R-U-THERE");
		return;
	}
	sa->dpd_failures++;
	ike->counters.dpd_sent++;
	send_seq(sa, N_R_U_THERE, ++sa->dpd_seq_out);
	timer_set(ike, &sa->dpd, ike->now_ms + wait_ms, dpd_fires, sa);
}

void dpd_start(struct ike_sa *sa)
{
	struct ike *ike = sa->ike;
	int64_t wait_ms = interval_ms(sa);

	timer_stop(ike, &sa->dpd);
	if (wait_ms == 0 || sa->is_dead || sa->state != IKE_ESTABLISHED)
		return;
	if (sa->dpd_seq_out == 0)
		sa->dpd_seq_out = 1 + ike_random(ike, 4096);
	timer_set(ike, &sa->dpd, ike->now_ms + wait_ms, dpd_fires, sa);
}

void dpd_heard(struct ike_sa *sa)
{
	sa->dpd_failures = 0;	/* the timer looks at heard_ms when it fires */
}

static bool names_this_sa(const struct ike_sa *sa, const struct v1_notify *notify)
{
	uint8_t swapped[COOKIES_BYTES];	/* some peers put their own cookie first */

	memcpy(swapped, sa->cookies + COOKIES_BYTES / 2, COOKIES_BYTES / 2);
	memcpy(swapped + COOKIES_BYTES / 2, sa->cookies, COOKIES_BYTES / 2);
	return notify->protocol == V1_PROTO_ISAKMP && notify->spi.len == COOKIES_BYTES && notify->data.len == SEQ_BYTES &&
	       (memcmp(notify->spi.at, sa->cookies, COOKIES_BYTES) == 0 || memcmp(notify->spi.at, swapped, COOKIES_BYTES) == 0);
}

/* is_fresh: false is a replay, or an answer to what was not asked. */
void dpd_on_notify(struct ike_sa *sa, const struct v1_notify *notify, bool *is_fresh)
{
	struct bytes data = notify->data;
	uint32_t seq = 0;

	*is_fresh = names_this_sa(sa, notify) && get_u32(&data, &seq) == WIRE_OK;
	if (!*is_fresh)
		return;
	if (notify->type == N_R_U_THERE_ACK) {
		*is_fresh = sa->dpd_seq_out - seq < sa->dpd_failures;	/* last answered < seq <= last sent */
		return;
	}
	*is_fresh = sa->dpd_seq_in == 0 || (int32_t)(seq - sa->dpd_seq_in) >= 0;	/* the same once more: our answer was lost */
	if (!*is_fresh)
		return;
	sa->dpd_seq_in = seq;
	send_seq(sa, N_R_U_THERE_ACK, seq);
}

/* Behind one NAT there may be many, of one address and one name here: their identities tell them apart. */
static bool is_who(const struct ike_sa *sa, const char *peer, const struct ike_path *path, uint8_t id_type, const struct blob *identity)
{
	return strcmp(peer, sa->peer) == 0 && addr_same(&path->remote.addr, &sa->path.remote.addr) &&
	       addr_same(&path->local.addr, &sa->path.local.addr) && id_type == sa->peer_id.type &&
	       bytes_same(blob_bytes(identity), blob_bytes(&sa->peer_id_bytes));
}

/* Everything shared with that peer between these two addresses goes, and the next acquire begins anew; other paths to it may live. */
void peer_is_dead(struct ike_sa *sa, const char *why)
{
	struct ike *ike = sa->ike;
	struct contact *contact = contact_of(ike, sa->peer, &sa->path.remote.addr, false);

	ike_say(ike, LOG_LEVEL_WARNING, sa->peer, sa, "%s", why);
	if (contact)
		contact->has_said_hello = false;
	for (struct ike_child *child = ike->children; child; child = child->next)
		if (!child->is_dead && is_who(sa, child->peer, &child->path, child->id_type, &child->identity))
			child_remove(child, false, why);
	for (struct ike_sa *other = ike->sas; other; other = other->next)
		if (other != sa && !other->is_dead && (other->state == IKE_ESTABLISHED || other->state == IKE_DYING) &&
		    is_who(sa, other->peer, &other->path, other->peer_id.type, &other->peer_id_bytes) && other->heard_ms <= sa->heard_ms)
			sa_kill(other, why);
	sa_kill(sa, why);
}
