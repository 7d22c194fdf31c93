// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * libFuzzer's target for version 2 in host/wire: every parser gets the bytes as they are, the message parser also as a datagram. What a
 * parser accepts is written again and read again, and must then be what it was (reserved bits are not read, so they are not written).
 * The corpus holds whole datagrams and bodies of payloads alike.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire/ikev2.h"

enum { ROOM_BYTES = ISAKMP_MAX_BYTES, NEXT_AT = 0, BODY_AT = 5 };	/* a next-payload byte, then a generic header */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n_bytes);

static uint8_t room[ROOM_BYTES];

#define MUST(claim) do { if (!(claim)) fail(#claim, __LINE__); } while (0)

static void fail(const char *claim, int line)
{
	fprintf(stderr, "fuzz_wire_v2:%d: does not hold: %s\n", line, claim);
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

static struct bytes written(const struct writer *to, uint8_t type)
{
	MUST(!to->has_failed && room[NEXT_AT] == type);
	return (struct bytes){ room + BODY_AT, to->len - BODY_AT };
}

static bool has_unusable(const struct v2_sa *sa)
{
	for (unsigned i = 0; i < sa->n_transforms; i++)
		if (sa->transforms[i].is_unusable)
			return true;
	return false;
}

static struct writer write_sa(const struct v2_sa *sa)
{
	struct v2_sa_writer out;
	size_t next_at;
	struct writer to = open_room(&next_at);

	v2_open_sa(&out, &to, &next_at);
	for (unsigned i = 0; i < sa->n_proposals; i++) {
		const struct v2_proposal *proposal = &sa->proposals[i];

		v2_open_proposal(&out, proposal->number, proposal->protocol, proposal->spi);
		for (unsigned j = proposal->first; j < proposal->first + proposal->n; j++)
			v2_put_transform(&out, sa->transforms[j].type, sa->transforms[j].id, sa->transforms[j].key_bits);
		v2_close_proposal(&out);
	}
	v2_close_sa(&out);
	return to;
}

static void try_sa(struct bytes body)
{
	static struct v2_sa sa, back;
	struct writer to;

	if (v2_get_sa(body, &sa) != WIRE_OK)
		return;
	MUST(sa.n_proposals >= 1 && sa.n_proposals <= V2_MAX_PROPOSALS && sa.n_transforms <= V2_MAX_TRANSFORMS);
	if (has_unusable(&sa))	/* what is not known is not written */
		return;
	to = write_sa(&sa);
	MUST(v2_get_sa(written(&to, P2_SA), &back) == WIRE_OK);
	MUST(back.n_proposals == sa.n_proposals && back.n_transforms == sa.n_transforms);
	for (unsigned i = 0; i < sa.n_proposals; i++) {
		MUST(back.proposals[i].number == sa.proposals[i].number && back.proposals[i].protocol == sa.proposals[i].protocol);
		MUST(back.proposals[i].n == sa.proposals[i].n && back.proposals[i].is_unusable == sa.proposals[i].is_unusable);
		MUST(bytes_same(back.proposals[i].spi, sa.proposals[i].spi));
	}
	for (unsigned i = 0; i < sa.n_transforms; i++) {
		MUST(back.transforms[i].type == sa.transforms[i].type && back.transforms[i].id == sa.transforms[i].id);
		MUST(back.transforms[i].key_bits == sa.transforms[i].key_bits && !back.transforms[i].is_unusable);
		v2_transform_name(sa.transforms[i].type, sa.transforms[i].id);
	}
}

static void try_ke(struct bytes body)
{
	struct v2_ke ke, back;
	size_t next_at;
	struct writer to = open_room(&next_at);

	if (v2_get_ke(body, &ke) != WIRE_OK)
		return;
	v2_put_ke(&to, &next_at, &ke);
	MUST(v2_get_ke(written(&to, P2_KE), &back) == WIRE_OK && back.group == ke.group && bytes_same(back.value, ke.value));
}

static void try_id(struct bytes body)
{
	struct v2_id id, back;
	size_t next_at;
	struct writer to = open_room(&next_at);

	if (v2_get_id(body, &id) != WIRE_OK)
		return;
	for (size_t n = 0; n <= 80; n += 40) {
		char *text = malloc(n + !n);

		v2_id_text(&id, text, n);
		if (n)
			MUST(strnlen(text, n) < n && strspn(text, "\t\n\r\033") == 0);
		free(text);
	}
	v2_put_id(&to, &next_at, P2_IDR, &id);
	MUST(v2_get_id(written(&to, P2_IDR), &back) == WIRE_OK && back.type == id.type && bytes_same(back.data, id.data));
}

static void try_cert(struct bytes body)
{
	struct v2_cert cert;
	size_t next_at;
	struct writer to = open_room(&next_at);

	if (v2_get_cert(body, &cert) != WIRE_OK)
		return;
	v2_put_cert(&to, &next_at, P2_CERT, &cert);
	MUST(bytes_same(written(&to, P2_CERT), body));
	if (v2_get_certreq(body, &cert) == WIRE_OK && cert.encoding == V2_CERT_X509)
		MUST(cert.data.len % V2_CA_HASH_BYTES == 0);
}

static void try_auth(struct bytes body)
{
	struct v2_auth auth, back;
	size_t next_at;
	struct writer to = open_room(&next_at);

	if (v2_get_auth(body, &auth) != WIRE_OK)
		return;
	MUST((auth.method == V2_AUTH_DIGITAL_SIGNATURE) == (auth.algorithm.len > 0) && auth.value.len > 0);
	v2_put_auth(&to, &next_at, &auth);
	MUST(v2_get_auth(written(&to, P2_AUTH), &back) == WIRE_OK && back.method == auth.method);
	MUST(bytes_same(back.algorithm, auth.algorithm) && bytes_same(back.value, auth.value));
}

static void try_notify(struct bytes body)
{
	struct v2_notify notify;
	size_t next_at;
	struct writer to = open_room(&next_at);

	if (v2_get_notify(body, &notify) != WIRE_OK)
		return;
	v2_notify_name(notify.type);
	(void)!v2_list_holds(notify.data, 2);
	v2_put_notify(&to, &next_at, &notify);
	MUST(bytes_same(written(&to, P2_NOTIFY), body));
}

static void try_delete(struct bytes body)
{
	struct v2_delete del;
	size_t next_at;
	struct writer to = open_room(&next_at);

	if (v2_get_delete(body, &del) != WIRE_OK)
		return;
	MUST((del.n == 0) == (del.protocol == V2_PROTO_IKE));
	v2_put_delete(&to, &next_at, &del);
	MUST(bytes_same(written(&to, P2_DELETE), body));
}

static void try_selector(const struct v2_selector *selector)
{
	struct adit_addr addr;
	struct v2_icmp icmp;
	uint16_t lo, hi;
	uint8_t plen;

	if (v2_selector_prefix(selector, &addr, &plen)) {
		uint8_t range[V2_RANGE_BYTES];

		MUST(plen <= (addr.is_v6 ? 128 : 32));
		MUST(bytes_same(v2_selector_of(&addr, plen, range).range, selector->range));
	}
	if (v2_get_icmp(selector->port_lo, selector->port_hi, &icmp)) {
		v2_put_icmp(&icmp, &lo, &hi);
		MUST(lo == selector->port_lo && hi == selector->port_hi);
	}
}

static void try_ts(struct bytes body)
{
	static struct v2_ts ts;
	bool is_known = true;
	size_t next_at;
	struct writer to = open_room(&next_at);

	if (v2_get_ts(body, &ts) != WIRE_OK)
		return;
	MUST(ts.n >= 1 && ts.n <= V2_MAX_SELECTORS);
	for (unsigned i = 0; i < ts.n; i++) {
		is_known = is_known && ts.selectors[i].is_known;
		try_selector(&ts.selectors[i]);
	}
	if (!is_known)
		return;
	v2_put_ts(&to, &next_at, P2_TSI, ts.selectors, ts.n);
	MUST(written(&to, P2_TSI).len == body.len && memcmp(room + BODY_AT + 4, body.at + 4, body.len - 4) == 0);	/* behind what is reserved */
}

static void try_cp(struct bytes body)
{
	static struct v2_cp cp, back;
	size_t next_at;
	struct writer to = open_room(&next_at);

	if (v2_get_cp(body, &cp) != WIRE_OK)
		return;
	v2_put_cp(&to, &next_at, cp.type, cp.attributes, cp.n);
	MUST(v2_get_cp(written(&to, P2_CP), &back) == WIRE_OK && back.type == cp.type && back.n == cp.n);
	for (unsigned i = 0; i < cp.n; i++)
		MUST(back.attributes[i].type == cp.attributes[i].type && bytes_same(back.attributes[i].value, cp.attributes[i].value));
}

static void try_eap(struct bytes body)
{
	struct v2_eap eap;

	if (v2_get_eap(body, &eap) == WIRE_OK)
		MUST(eap.whole.len == body.len && eap.data.len + 4 + (eap.code <= EAP_RESPONSE) == body.len);
}

static void try_fragment(struct bytes body)
{
	struct v2_fragment fragment;

	if (v2_get_fragment(body, &fragment) == WIRE_OK)
		MUST(fragment.number >= 1 && fragment.number <= fragment.total && fragment.sealed.len + 4 == body.len);
}

static void try_payload(uint8_t type, struct bytes body)
{
	switch (type) {
	case P2_SA:	try_sa(body); break;
	case P2_KE:	try_ke(body); break;
	case P2_IDI: case P2_IDR: try_id(body); break;
	case P2_CERT: case P2_CERTREQ: try_cert(body); break;
	case P2_AUTH:	try_auth(body); break;
	case P2_NOTIFY:	try_notify(body); break;
	case P2_DELETE:	try_delete(body); break;
	case P2_TSI: case P2_TSR: try_ts(body); break;
	case P2_CP:	try_cp(body); break;
	case P2_EAP:	try_eap(body); break;
	case P2_SKF:	try_fragment(body); break;
	default:	break;
	}
}

static void try_chain(const struct isakmp_header *header, struct bytes rest, bool is_inner)
{
	static struct v2_message message;
	struct v2_notify notify;
	size_t n_bytes = 0;
	uint8_t bad_type;
	const enum wire_err err = is_inner ? v2_get_inner(header, header->next, rest, &message, &bad_type) :
					     v2_get_payloads(header, rest, &message, &bad_type);

	if (err != WIRE_OK)
		return;
	MUST(message.n <= V2_MAX_PAYLOADS && (is_inner || message.n >= 1));
	for (unsigned i = 0; i < message.n; i++) {
		const struct v2_payload *payload = &message.payloads[i];

		MUST(payload->whole.at == rest.at + n_bytes && payload->whole.len == payload->body.len + 4);
		n_bytes += payload->whole.len;
		MUST(v2_find(&message, payload->type, v2_count(&message, payload->type)) == NULL);
		MUST((payload->type != P2_SK && payload->type != P2_SKF) || (i == message.n - 1 && !is_inner));
		try_payload(payload->type, payload->body);
	}
	MUST(n_bytes == rest.len);
	if (v2_find_notify(&message, N2_COOKIE, &notify))
		MUST(notify.type == N2_COOKIE && notify.data.len >= 1 && notify.data.len <= 64);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n_bytes)
{
	const struct bytes all = { data, n_bytes };
	struct isakmp_header header = { .next = P_NONE };
	struct bytes rest;

	for (uint8_t type = P2_SA; type <= P2_SKF; type++)
		try_payload(type, all);
	if (isakmp_get_header(all, &header, &rest) == WIRE_OK)
		(void)!v2_check_header(&header);
	if (n_bytes < ISAKMP_HEADER_BYTES)
		return 0;
	/* a header that is wrong keeps nothing from being tried */
	rest = (struct bytes){ data + ISAKMP_HEADER_BYTES, n_bytes - ISAKMP_HEADER_BYTES };
	try_chain(&header, rest, false);
	try_chain(&header, rest, true);
	return 0;
}
