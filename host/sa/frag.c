// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * A fragment is a datagram of its own: ISAKMP header, one payload 132 {id, number from 1, last?}, and a piece of the whole message, header
 * included. Some send every message under the same id, so an id alone tells nothing of age: the newest fragment of a number is right.
 */
#include "sa/frag.h"

#include <stdlib.h>
#include <string.h>

enum { OVERHEAD_BYTES = ISAKMP_HEADER_BYTES + 8, DATA_BYTES = FRAG_DATAGRAM_BYTES - OVERHEAD_BYTES };

struct frag {
	uint16_t id_out, id_in;
	unsigned n_have, n_total;	/* total: 0 while the last is not there */
	unsigned highest;
	size_t n_bytes;
	int64_t since_ms;
	struct blob parts[FRAG_MAX];
};

bool frag_is_due(const struct ike_sa *sa, size_t n_bytes)
{
	const struct cfg_peer *peer = sa_peer(sa);

	return n_bytes > FRAG_WHOLE_BYTES && (sa->peer_can & CAN_FRAGMENT) && peer != NULL && peer->fragmentation &&
	       n_bytes <= (size_t)FRAG_MAX * DATA_BYTES;
}

size_t frag_total_bytes(size_t n_bytes)
{
	return n_bytes + (n_bytes + DATA_BYTES - 1) / DATA_BYTES * OVERHEAD_BYTES;
}

static struct frag *frag_of(struct ike_sa *sa)
{
	if (sa->frag == NULL)
		sa->frag = calloc(1, sizeof(*sa->frag));
	return sa->frag;
}

/* The header is the message's own but for flags and first payload. */
static size_t write_one(uint8_t out[FRAG_DATAGRAM_BYTES], const struct isakmp_header *header, const struct v1_fragment *fragment)
{
	struct writer to = { .at = out, .room = FRAG_DATAGRAM_BYTES };
	size_t next_at;

	isakmp_open(&to, header, &next_at);
	v1_put_fragment(&to, &next_at, fragment);
	isakmp_close(&to, 0);
	return to.has_failed ? 0 : to.len;
}

void frag_send(struct ike_sa *sa, struct bytes message, void (*send)(struct ike_sa *sa, struct bytes datagram))
{
	struct frag *frag = frag_of(sa);
	uint8_t datagram[FRAG_DATAGRAM_BYTES];
	struct isakmp_header header;
	struct v1_fragment fragment = { .number = 1 };
	struct bytes rest;

	if (frag == NULL || isakmp_get_header(message, &header, &rest) != WIRE_OK) {
		send(sa, message);
		return;
	}
	header.flags = 0;
	fragment.id = ++frag->id_out == 0 ? ++frag->id_out : frag->id_out;
	for (; message.len > 0; fragment.number++) {
		size_t n = message.len < DATA_BYTES ? message.len : DATA_BYTES;

		fragment.data = (struct bytes){ message.at, n };
		fragment.is_last = n == message.len;
		send(sa, (struct bytes){ datagram, write_one(datagram, &header, &fragment) });
		sa->ike->counters.fragments_sent++;
		message = (struct bytes){ message.at + n, message.len - n };
	}
}

static void forget(struct ike *ike, struct frag *frag)
{
	for (unsigned i = 0; i < frag->highest; i++)
		blob_free(&frag->parts[i]);
	ike->frag_bytes -= frag->n_bytes;
	frag->n_have = frag->n_total = frag->highest = 0;
	frag->n_bytes = 0;
}

/* Another message begins: another id, another length, or what is there is too old to be of this one. */
static bool is_of_another(const struct frag *frag, const struct v1_fragment *fragment, int64_t now_ms)
{
	return fragment->id != frag->id_in || now_ms - frag->since_ms > FRAG_MAX_AGE_MS ||
	       (fragment->is_last && (fragment->number < frag->highest || (frag->n_total != 0 && fragment->number != frag->n_total))) ||
	       (!fragment->is_last && frag->n_total != 0 && fragment->number >= frag->n_total);
}

static bool keep(struct ike *ike, struct frag *frag, const struct v1_fragment *fragment)
{
	struct blob *part = &frag->parts[fragment->number - 1];
	const size_t had = part->at != NULL ? part->len : 0;

	if (frag->n_bytes - had + fragment->data.len > FRAG_MAX_BYTES ||
	    ike->frag_bytes - had + fragment->data.len > FRAG_MAX_ENGINE_BYTES)
		return false;
	frag->n_have += part->at == NULL;
	if (!blob_set(part, fragment->data)) {
		frag->n_have -= part->at == NULL;
		return false;
	}
	frag->n_bytes += fragment->data.len - had;
	ike->frag_bytes += fragment->data.len - had;
	if (fragment->number > frag->highest)
		frag->highest = fragment->number;
	if (fragment->is_last)
		frag->n_total = fragment->number;
	return true;
}

static bool join(const struct frag *frag, struct blob *out)
{
	size_t at = 0;

	out->at = malloc(frag->n_bytes);
	if (out->at == NULL)
		return false;
	out->len = frag->n_bytes;
	for (unsigned i = 0; i < frag->n_total; i++) {
		memcpy(out->at + at, frag->parts[i].at, frag->parts[i].len);
		at += frag->parts[i].len;
	}
	return true;
}

bool frag_receive(struct ike_sa *sa, const struct isakmp_header *header, struct bytes rest, struct blob *out)
{
	struct ike *ike = sa->ike;
	struct isakmp_message message;
	struct v1_fragment fragment;
	struct frag *frag = frag_of(sa);
	uint8_t bad_type;
	bool is_whole;

	if (frag == NULL || isakmp_get_payloads(header, rest, false, &message, &bad_type) != WIRE_OK || message.n != 1 ||
	    v1_get_fragment(message.payloads[0].body, &fragment) != WIRE_OK || fragment.number > FRAG_MAX) {
		ike->counters.in_malformed++;
		return false;
	}
	ike->counters.fragments_received++;
	if (frag->n_have > 0 && is_of_another(frag, &fragment, ike->now_ms))
		forget(ike, frag);
	if (frag->n_have == 0) {
		frag->id_in = fragment.id;
		frag->since_ms = ike->now_ms;
	}
	if (!keep(ike, frag, &fragment)) {
		ike->counters.in_refused++;
		forget(ike, frag);
		return false;
	}
	if (frag->n_total == 0 || frag->n_have < frag->n_total)
		return false;
	is_whole = join(frag, out);
	forget(ike, frag);
	return is_whole;
}

void frag_free(struct ike_sa *sa)
{
	if (sa->frag == NULL)
		return;
	forget(sa->ike, sa->frag);
	free(sa->frag);
	sa->frag = NULL;
}
