// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * libFuzzer's target for host/wire: every parser gets the bytes as they are, the message parser also as a datagram. What a parser
 * accepts is written again, and must be what was read. The corpus holds whole datagrams and bodies of payloads alike.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire/isakmp.h"

enum { ROOM_BYTES = ISAKMP_MAX_BYTES, NEXT_AT = 0, BODY_AT = 5 };	/* a next-payload byte, then a generic header */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n_bytes);

static uint8_t room[ROOM_BYTES];

#define MUST(claim) do { if (!(claim)) fail(#claim, __LINE__); } while (0)

static void fail(const char *claim, int line)
{
	fprintf(stderr, "fuzz_wire:%d: does not hold: %s\n", line, claim);
	abort();
}

/* One byte for the type of what follows. */
static struct writer open_room(size_t *next_at)
{
	struct writer to = { room, sizeof(room), 0, false };

	put_u8(&to, P_NONE);
	*next_at = NEXT_AT;
	return to;
}

/* The payload that was written has this body. */
static void must_be(const struct writer *to, uint8_t type, struct bytes body)
{
	MUST(!to->has_failed && room[NEXT_AT] == type);
	MUST(bytes_same((struct bytes){ room + BODY_AT, to->len - BODY_AT }, body));
}

static struct bytes written(const struct writer *to)
{
	MUST(!to->has_failed);
	return (struct bytes){ room + BODY_AT, to->len - BODY_AT };
}

static void must_be_equal(const struct v1_transform *a, const struct v1_transform *b)
{
	MUST(a->number == b->number && a->id == b->id && a->enc == b->enc && a->hash == b->hash);
	MUST(a->auth_method == b->auth_method && a->group == b->group && a->key_bits == b->key_bits && a->prf == b->prf);
	MUST(a->group_type == b->group_type && a->encap == b->encap && a->auth == b->auth && a->key_rounds == b->key_rounds);
	MUST(a->esn == b->esn && a->has_seconds == b->has_seconds && a->has_kilobytes == b->has_kilobytes);
	MUST(a->seconds == b->seconds && a->kilobytes == b->kilobytes);
	MUST(a->seconds == 0 || a->has_seconds);
	MUST(a->kilobytes == 0 || a->has_kilobytes);
}

/* The peer's own transforms as they stood, or what we understood of them. */
static struct writer write_sa(const struct v1_sa *sa, bool as_they_stood)
{
	struct v1_sa_writer out;
	size_t next_at;
	struct writer to = open_room(&next_at);

	v1_open_sa(&out, &to, &next_at);
	for (unsigned i = 0; i < sa->n_proposals; i++) {
		const struct v1_proposal *proposal = &sa->proposals[i];

		v1_open_proposal(&out, proposal->number, proposal->protocol, proposal->spi);
		for (unsigned j = 0; j < proposal->n; j++)
			if (as_they_stood)
				v1_put_chosen(&out, &sa->transforms[proposal->first + j]);
			else
				v1_put_transform(&out, &sa->transforms[proposal->first + j], proposal->protocol == V1_PROTO_ISAKMP);
		v1_close_proposal(&out);
	}
	v1_close_sa(&out);
	return to;
}

static void try_sa(struct bytes body)
{
	static struct v1_sa sa, back;
	struct writer to;

	if (v1_get_sa(body, &sa) != WIRE_OK)
		return;
	MUST(sa.n_proposals >= 1 && sa.n_proposals <= V1_MAX_PROPOSALS && sa.n_transforms <= V1_MAX_TRANSFORMS);
	to = write_sa(&sa, true);
	must_be(&to, P_SA, body);
	to = write_sa(&sa, false);
	MUST(v1_get_sa(written(&to), &back) == WIRE_OK);
	MUST(back.n_proposals == sa.n_proposals && back.n_transforms == sa.n_transforms);
	for (unsigned i = 0; i < sa.n_proposals; i++) {
		MUST(back.proposals[i].number == sa.proposals[i].number && back.proposals[i].protocol == sa.proposals[i].protocol);
		MUST(back.proposals[i].first == sa.proposals[i].first && back.proposals[i].n == sa.proposals[i].n);
		MUST(bytes_same(back.proposals[i].spi, sa.proposals[i].spi));
	}
	for (unsigned i = 0; i < sa.n_transforms; i++)
		must_be_equal(&back.transforms[i], &sa.transforms[i]);
}

static void try_lifetimes(struct bytes data)
{
	struct v1_transform lifetimes, back;
	struct writer to = { room, sizeof(room), 0, false };

	if (v1_get_lifetimes(data, &lifetimes) != WIRE_OK)
		return;
	v1_put_lifetimes(&to, &lifetimes);
	MUST(!to.has_failed && v1_get_lifetimes((struct bytes){ room, to.len }, &back) == WIRE_OK);
	must_be_equal(&lifetimes, &back);
	MUST(!back.has_unknown);
}

static void try_id(struct bytes body)
{
	struct v1_id id;
	struct adit_addr addr;
	uint8_t plen;
	size_t next_at;
	struct writer to = open_room(&next_at);

	if (v1_get_id(body, &id) != WIRE_OK)
		return;
	for (size_t n = 0; n <= 80; n += 40) {
		char *text = malloc(n + !n);

		v1_id_text(&id, text, n);
		if (n)
			MUST(strnlen(text, n) < n && strspn(text, "\t\n\r\033") == 0);
		free(text);
	}
	if (v1_id_prefix(&id, &addr, &plen))
		MUST(plen <= (addr.is_v6 ? 128 : 32));
	v1_put_id(&to, &next_at, &id);
	must_be(&to, P_ID, body);
}

static void try_notify(struct bytes body)
{
	struct v1_notify notify;
	size_t next_at;
	struct writer to = open_room(&next_at);

	if (v1_get_notify(body, &notify) != WIRE_OK)
		return;
	v1_notify_name(notify.type);
	v1_put_notify(&to, &next_at, &notify);
	must_be(&to, P_NOTIFY, body);
	try_lifetimes(notify.data);
}

static void try_delete(struct bytes body)
{
	struct v1_delete del;
	size_t next_at;
	struct writer to = open_room(&next_at);

	if (v1_get_delete(body, &del) != WIRE_OK)
		return;
	MUST(del.n > 0 && del.spi_bytes > 0);
	v1_put_delete(&to, &next_at, &del);
	must_be(&to, P_DELETE, body);
}

static void try_fragment(struct bytes body)
{
	struct v1_fragment fragment;
	size_t next_at;
	struct writer to = open_room(&next_at);

	if (v1_get_fragment(body, &fragment) != WIRE_OK)
		return;
	v1_put_fragment(&to, &next_at, &fragment);
	must_be(&to, P_FRAGMENT, body);
}

static void try_payload(uint8_t type, struct bytes body)
{
	switch (type) {
	case P_SA:	try_sa(body); break;
	case P_ID: case P_NATOA: case P_NATOA_DRAFT: try_id(body); break;
	case P_NOTIFY:	try_notify(body); break;
	case P_DELETE:	try_delete(body); break;
	case P_FRAGMENT: try_fragment(body); break;
	default:	break;
	}
}

static void try_chain(const struct isakmp_header *header, struct bytes rest, bool is_decrypted)
{
	static struct isakmp_message message;
	struct writer to = { room, sizeof(room), 0, false };
	uint8_t bad_type, type;
	size_t next_at;

	if (isakmp_get_payloads(header, rest, is_decrypted, &message, &bad_type) != WIRE_OK)
		return;
	MUST(message.n >= 1 && message.n <= ISAKMP_MAX_PAYLOADS && message.chain.at == rest.at && message.chain.len <= rest.len);
	isakmp_open(&to, header, &next_at);
	for (unsigned i = 0; i < message.n; i++)
		isakmp_put(&to, &next_at, message.payloads[i].type, message.payloads[i].body.at, message.payloads[i].body.len);
	isakmp_close(&to, 0);
	MUST(!to.has_failed);
	MUST(bytes_same(message.chain, (struct bytes){ room + ISAKMP_HEADER_BYTES, to.len - ISAKMP_HEADER_BYTES }));
	type = message.payloads[message.n - 1].type;
	MUST(isakmp_find(&message, type, isakmp_count(&message, type) - 1) == &message.payloads[message.n - 1]);
	MUST(isakmp_find(&message, type, isakmp_count(&message, type)) == NULL);
	for (unsigned i = 0; i < message.n; i++)
		try_payload(message.payloads[i].type, message.payloads[i].body);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n_bytes)
{
	static const uint8_t with_parser[] = { P_SA, P_ID, P_NOTIFY, P_DELETE, P_FRAGMENT };
	const struct bytes all = { data, n_bytes };
	struct isakmp_header header;
	struct bytes rest;

	for (size_t i = 0; i < sizeof(with_parser); i++)
		try_payload(with_parser[i], all);
	try_lifetimes(all);
	if (isakmp_get_header(all, &header, &rest) == WIRE_OK)
		MUST(rest.at == data + ISAKMP_HEADER_BYTES && rest.len == n_bytes - ISAKMP_HEADER_BYTES);
	else if (n_bytes < ISAKMP_HEADER_BYTES)
		return 0;
	/* a length that is wrong keeps nothing from being tried */
	rest = (struct bytes){ data + ISAKMP_HEADER_BYTES, n_bytes - ISAKMP_HEADER_BYTES };
	try_chain(&header, rest, false);
	try_chain(&header, rest, true);
	return 0;
}
