// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * Messages of version 2 drawn at random: each is read back as it was meant, from memory of exactly its size; then bits, bytes and lengths
 * of it are changed, and every parser gets what became of it. What sanitizers see is half of the test; the other half is that what is
 * accepted keeps its promises. SEED=n repeats a run.
 */
#include <stdio.h>
#include <time.h>

#include "make.h"
#include "wire/ikev2.h"

enum { N_MESSAGES = 2000, N_MUTATIONS = 60, ROOM_BYTES = 8192 };

static uint64_t random_state;

static uint32_t draw(uint32_t below)
{
	random_state = random_state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(random_state >> 33) % below;
}

static struct bytes some(size_t n)
{
	static uint8_t pool[4096];

	for (size_t i = 0; i < 16; i++)
		pool[draw(sizeof(pool))] = (uint8_t)draw(256);
	return (struct bytes){ pool + draw((uint32_t)(sizeof(pool) - n)), n };
}

/* ---- what is written */

static void put_random_sa(struct writer *to, size_t *next_at)
{
	const unsigned n = 1 + draw(4);
	struct v2_sa_writer sa;

	v2_open_sa(&sa, to, next_at);
	for (unsigned i = 1; i <= n; i++) {
		const uint8_t protocol = (uint8_t)(1 + draw(3));

		v2_open_proposal(&sa, (uint8_t)i, protocol, some(protocol == V2_PROTO_IKE ? 8 * draw(2) : 4));
		for (unsigned j = draw(9); j > 0; j--)
			v2_put_transform(&sa, (uint8_t)(1 + draw(12)), (uint16_t)draw(40), (uint16_t)(draw(2) * 128));
		v2_close_proposal(&sa);
	}
	v2_close_sa(&sa);
}

static void put_random_ts(struct writer *to, size_t *next_at, uint8_t type)
{
	struct v2_selector selectors[8];
	uint8_t rooms[8][V2_RANGE_BYTES];
	const unsigned n = 1 + draw(8);

	for (unsigned i = 0; i < n; i++) {
		struct adit_addr addr = { .is_v6 = draw(2) };

		memcpy(addr.bytes, some(16).at, addr.is_v6 ? 16 : 4);
		selectors[i] = v2_selector_of(&addr, (uint8_t)draw(addr.is_v6 ? 129 : 33), rooms[i]);
		selectors[i].proto = (uint8_t)draw(256);
		selectors[i].port_lo = (uint16_t)draw(1000);
		selectors[i].port_hi = (uint16_t)(1000 + draw(64000));
	}
	v2_put_ts(to, next_at, type, selectors, n);
}

static void put_random_cp(struct writer *to, size_t *next_at)
{
	const struct v2_attribute attributes[] = { { V2_CP_IP4_ADDRESS, some(4 * draw(2)), true }, { V2_CP_IP6_SUBNET, some(17), true },
						   { V2_CP_APPLICATION_VERSION, some(draw(30)), true }, { 77, some(draw(9)), false } };

	v2_put_cp(to, next_at, (uint8_t)(1 + draw(4)), attributes, draw(5));
}

static void put_random_payload(struct writer *to, size_t *next_at)
{
	static const uint8_t eap[] = { 1, 9, 0, 7, 26, 1, 2 }, sha256_rsa[] = { 0x30, 3, 6, 1, 42 };
	const struct v2_delete del = { (uint8_t)(2 + draw(2)), (uint16_t)(1 + draw(4)), NONE };

	switch (draw(14)) {
	case 0: put_random_sa(to, next_at); break;
	case 1: v2_put_ke(to, next_at, &(struct v2_ke){ (uint16_t)draw(40), some(1 + draw(300)) }); break;
	case 2: v2_put_id(to, next_at, draw(2) ? P2_IDI : P2_IDR, &(struct v2_id){ ID_KEY_ID, some(1 + draw(30)) }); break;
	case 3: v2_put_id(to, next_at, P2_IDI, &(struct v2_id){ ID_IPV6, some(16) }); break;
	case 4: v2_put_cert(to, next_at, P2_CERT, &(struct v2_cert){ V2_CERT_X509, some(1 + draw(900)) }); break;
	case 5: v2_put_cert(to, next_at, P2_CERTREQ, &(struct v2_cert){ V2_CERT_X509, some(20 * draw(6)) }); break;
	case 6: v2_put_auth(to, next_at, &(struct v2_auth){ V2_AUTH_PSK, NONE, some(32) }); break;
	case 7: v2_put_auth(to, next_at, &(struct v2_auth){ V2_AUTH_DIGITAL_SIGNATURE, { sha256_rsa, 5 }, some(64) }); break;
	case 8: isakmp_put(to, next_at, P2_NONCE, some(256).at, 16 + draw(241)); break;
	case 9: v2_put_notify(to, next_at, &(struct v2_notify){ V2_PROTO_ESP, N2_REKEY_SA, some(4), NONE }); break;
	case 10: v2_put_delete(to, next_at, &(struct v2_delete){ del.protocol, del.n, some(4 * (size_t)del.n) }); break;
	case 11: put_random_ts(to, next_at, draw(2) ? P2_TSI : P2_TSR); break;
	case 12: put_random_cp(to, next_at); break;
	default: isakmp_put(to, next_at, P2_EAP, eap, sizeof(eap)); break;
	}
}

/* ---- what is read */

static enum wire_err read_sa(struct bytes body)
{
	static struct v2_sa sa;
	const enum wire_err err = v2_get_sa(body, &sa);

	if (err != WIRE_OK)
		return err;
	assert_in_range(sa.n_proposals, 1, V2_MAX_PROPOSALS);
	assert_in_range(sa.n_transforms, 0, V2_MAX_TRANSFORMS);
	for (unsigned i = 0; i < sa.n_proposals; i++)
		assert_true(sa.proposals[i].first + sa.proposals[i].n <= sa.n_transforms);
	return WIRE_OK;
}

static enum wire_err read_ts(struct bytes body)
{
	static struct v2_ts ts;
	const enum wire_err err = v2_get_ts(body, &ts);
	struct adit_addr addr;
	uint8_t plen;

	for (unsigned i = 0; err == WIRE_OK && i < ts.n; i++)
		if (v2_selector_prefix(&ts.selectors[i], &addr, &plen))
			assert_in_range(plen, 0, addr.is_v6 ? 128 : 32);
	return err;
}

static enum wire_err read_payload(uint8_t type, struct bytes body)
{
	static struct v2_cp cp;
	struct v2_ke ke;
	struct v2_id id;
	struct v2_cert cert;
	struct v2_auth auth;
	struct v2_eap eap;
	struct v2_notify notify;
	struct v2_delete del;
	struct v2_fragment fragment;

	switch (type) {
	case P2_SA:	return read_sa(body);
	case P2_KE:	return v2_get_ke(body, &ke);
	case P2_IDI: case P2_IDR: return v2_get_id(body, &id);
	case P2_CERT:	return v2_get_cert(body, &cert);
	case P2_CERTREQ: return v2_get_certreq(body, &cert);
	case P2_AUTH:	return v2_get_auth(body, &auth);
	case P2_NONCE:	return v2_check_nonce(body);
	case P2_NOTIFY:	return v2_get_notify(body, &notify);
	case P2_DELETE:	return v2_get_delete(body, &del);
	case P2_TSI: case P2_TSR: return read_ts(body);
	case P2_CP:	return v2_get_cp(body, &cp);
	case P2_EAP:	return v2_get_eap(body, &eap);
	case P2_SKF:	return v2_get_fragment(body, &fragment);
	default:	return WIRE_OK;
	}
}

/* @return false if it is not a message, or one of its payloads is malformed */
static bool read_message(struct bytes datagram)
{
	static struct v2_message message;
	struct isakmp_header header;
	struct bytes rest;
	uint8_t bad_type;
	bool is_good = true;

	if (isakmp_get_header(datagram, &header, &rest) != WIRE_OK || v2_check_header(&header) != WIRE_OK)
		return false;
	if (v2_get_payloads(&header, rest, &message, &bad_type) != WIRE_OK)
		return false;
	assert_in_range(message.n, 1, V2_MAX_PAYLOADS);
	for (unsigned i = 0; i < message.n; i++)
		is_good = read_payload(message.payloads[i].type, message.payloads[i].body) == WIRE_OK && is_good;
	return is_good;
}

static struct writer random_message(uint8_t room[ROOM_BYTES])
{
	const struct isakmp_header header = { .icookie = "initiat", .rcookie = "respond", .version = 0x20, .exchange = X_CREATE_CHILD_SA,
					      .flags = V2_INITIATOR, .message_id = draw(1000) };
	struct writer to = { room, ROOM_BYTES, 0, false };
	size_t next_at;

	isakmp_open(&to, &header, &next_at);
	for (unsigned n = 1 + draw(6); n > 0; n--)
		put_random_payload(&to, &next_at);
	isakmp_close(&to, 0);
	assert_false(to.has_failed);
	return to;
}

/* One change: a bit, a byte, a length, a piece that goes or comes twice; mostly the header's length is then put right. */
static size_t mutate(uint8_t *at, size_t n)
{
	const size_t where = draw((uint32_t)n), piece = 1 + draw(20);

	switch (draw(6)) {
	case 0: at[where] ^= (uint8_t)(1u << draw(8)); break;
	case 1: at[where] = (uint8_t)draw(256); break;
	case 2: at[where] = (uint8_t)(at[where] + draw(3) - 1); break;
	case 3:
		if (where + piece < n) {
			memmove(at + where, at + where + piece, n - where - piece);
			n -= piece;
		}
		break;
	case 4:
		if (where + piece < n && n + piece <= ROOM_BYTES) {
			memmove(at + where + piece, at + where, n - where);
			n += piece;
		}
		break;
	default: n = 1 + draw((uint32_t)n); break;
	}
	if (n >= ISAKMP_HEADER_BYTES && draw(8)) {
		at[26] = (uint8_t)(n >> 8);
		at[27] = (uint8_t)n;
	}
	return n;
}

static void random_messages_are_read_back_and_their_mutations_harm_nobody(void **state)
{
	const char *given = getenv("SEED");
	static uint8_t room[ROOM_BYTES], changed[ROOM_BYTES];
	unsigned n_good = 0, n_all = 0;

	(void)state;
	random_state = given ? strtoull(given, NULL, 0) : (uint64_t)time(NULL);
	printf("seed %llu\n", (unsigned long long)random_state);
	for (unsigned i = 0; i < N_MESSAGES; i++) {
		const struct writer to = random_message(room);
		struct bytes exact = cut((struct bytes){ room, to.len }, to.len);

		assert_true(read_message(exact));
		cut_free(exact);
		for (unsigned j = 0; j < N_MUTATIONS; j++) {
			size_t n = to.len;

			memcpy(changed, room, n);
			for (unsigned k = 1 + draw(3); k > 0; k--)
				n = mutate(changed, n);
			exact = cut((struct bytes){ changed, n }, n);
			n_good += read_message(exact);
			for (uint8_t type = P2_SA; type <= P2_SKF; type++)	/* behind headers that are never right too */
				(void)!read_payload(type, exact);
			cut_free(exact);
			n_all++;
		}
	}
	printf("%u of %u mutations are well formed\n", n_good, n_all);
	assert_in_range(n_good, n_all / 100, n_all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_messages_are_read_back_and_their_mutations_harm_nobody)
	};

	return cmocka_run_group_tests_name("wire/v2_mutation", tests, NULL, NULL);
}
