// SPDX-License-Identifier: BSD-2-Clause-Patent
/* The peer of fuzz_ike.h: its messages, chained, hashed and encrypted as they should be, with bodies as the input says. */
#ifndef TESTS_FUZZ_FUZZ_IKE_PEER_H
#define TESTS_FUZZ_FUZZ_IKE_PEER_H

#include "fuzz_ike_world.h"

static inline struct ike_path fuzz_path(uint8_t where)
{
	struct ike_path path = { .is_natt = where & 1 };

	MUST(addr_get("192.0.2.1", &path.local.addr));
	MUST(addr_get(where & 2 ? "198.18.0.7" : where & 4 ? "203.0.113.9" : "192.0.2.2", &path.remote.addr));
	path.local.port = path.is_natt ? 4500 : 500;
	path.remote.port = where & 8 ? 1024 : path.local.port;
	return path;
}

static inline void fuzz_deliver(struct fuzz *fuzz, uint8_t where, struct bytes datagram)
{
	struct ike_path path = fuzz_path(where);
	uint8_t *exact = malloc(datagram.len + !datagram.len);

	if (datagram.len > 0)
		memcpy(exact, datagram.at, datagram.len);
	fuzz->in_bytes += datagram.len;
	ike_receive(fuzz->ike, &path, exact, datagram.len, fuzz->now_ms);
	free(exact);
}

/* The nth SA that lives, NULL if there is none. */
static inline struct ike_sa *fuzz_sa(struct fuzz *fuzz, unsigned nth)
{
	struct ike_sa *sa = fuzz->ike->sas;

	for (; sa && nth; nth--)
		sa = sa->next ? sa->next : fuzz->ike->sas;
	return sa;
}

static inline struct v1_exchange *fuzz_exchange(const struct ike_sa *sa, uint32_t message_id)
{
	for (struct v1_exchange *exchange = sa->exchanges; exchange; exchange = exchange->next)
		if (exchange->message_id == message_id)
			return exchange;
	return NULL;
}

/* A message that is being made. */
struct fuzz_made {
	uint8_t bytes[FUZZ_MESSAGE_BYTES];
	struct writer to;
	size_t next_at, hash_at, chain_at;	/* hash_at: of the first HASH payload's value, 0: none */
	struct ike_sa *sa;			/* NULL: a first message */
	struct v1_exchange *exchange;
	bool is_later;				/* of an exchange after phase 1 */
	unsigned n_ids;
	size_t ke_at, nonce_at, id_at;		/* bodies */
	size_t ke_bytes, nonce_bytes, id_bytes;
};

static inline bool fuzz_is_answer(const struct fuzz_made *made)
{
	return made->exchange ? made->exchange->is_initiator : made->sa && made->sa->is_initiator;
}

static inline void fuzz_put_sa(struct fuzz *fuzz, struct fuzz_made *made)
{
	static const uint32_t spis[] = { 0x11111111, 0x22222222 };
	const struct cfg_peer *peer = &fuzz->config->peers[0];
	struct v1_transform offers[V1_MAX_TRANSFORMS];
	struct v1_sa_writer writer;
	char why[PROPOSAL_WHY_BYTES];
	unsigned n;

	if (made->is_later) {
		struct phase2_wish wish = { .proposal = &fuzz->config->proposals[0], .check = peer->check, .esp = true, .is_tunnel = true,
					    .is_udp = made->sa && sa_is_natt(made->sa), .pfs = fuzz->config->proposals[0].pfs };

		(void)phase2_offer(&wish, spis, &made->to, &made->next_at, why);
		return;
	}
	phase1_offer(peer, DH_NONE, offers, &n);
	v1_open_sa(&writer, &made->to, &made->next_at);
	v1_open_proposal(&writer, 1, V1_PROTO_ISAKMP, (struct bytes){ NULL, 0 });
	v1_put_transform(&writer, &offers[0], true);
	v1_close_proposal(&writer);
	v1_close_sa(&writer);
}

static inline void fuzz_put_id(struct fuzz_made *made)
{
	static const uint8_t nets[2][8] = { { 10, 1, 0, 0, 255, 255, 0, 0 }, { 10, 2, 0, 0, 255, 255, 0, 0 } };
	static const uint8_t self[] = { 192, 0, 2, 2 };
	struct v1_id id = { .type = ID_IPV4, .data = { self, sizeof(self) } };

	if (made->is_later)
		id = (struct v1_id){ .type = ID_IPV4_SUBNET, .data = { nets[(made->n_ids++ + !fuzz_is_answer(made)) % 2], 8 } };
	v1_put_id(&made->to, &made->next_at, &id);
}

static inline void fuzz_put_notify(struct fuzz *fuzz, struct fuzz_made *made)
{
	static const uint16_t types[] = { N_R_U_THERE, N_R_U_THERE_ACK, N_INITIAL_CONTACT, N_RESPONDER_LIFETIME, N_NO_PROPOSAL_CHOSEN, N_INVALID_SPI,
					  N_INVALID_COOKIE, 40000 };
	static const uint8_t lifetimes[] = { 0x80, 1, 0, 1, 0x80, 2, 0, 60 }, spi[] = { 0x11, 0x11, 0x11, 0x11 };
	const uint16_t type = types[fuzz_u8(fuzz) % 8];
	const uint32_t last = made->sa ? made->sa->dpd_seq_out : 0;
	const uint8_t seq[] = { (uint8_t)(last >> 24), (uint8_t)(last >> 16), (uint8_t)(last >> 8), (uint8_t)last };
	struct v1_notify notify = { .doi = DOI_IPSEC, .protocol = V1_PROTO_ISAKMP, .type = type };

	if (made->sa && type != N_RESPONDER_LIFETIME)
		notify.spi = (struct bytes){ made->sa->cookies, COOKIES_BYTES };
	else
		notify.spi = (struct bytes){ spi, sizeof(spi) };
	notify.data = type == N_RESPONDER_LIFETIME ? (struct bytes){ lifetimes, sizeof(lifetimes) } : (struct bytes){ seq, sizeof(seq) };
	v1_put_notify(&made->to, &made->next_at, &notify);
}

static inline void fuzz_put_delete(struct fuzz *fuzz, struct fuzz_made *made)
{
	const uint8_t which = fuzz_u8(fuzz);
	uint8_t spi_be[4] = { 0x11, 0x11, 0x11, 0x11 };
	struct v1_delete del = { .doi = DOI_IPSEC, .protocol = V1_PROTO_ESP, .spi_bytes = 4, .n = 1, .spis = { spi_be, 4 } };
	const struct ike_sa *other = fuzz_sa(fuzz, which & 0x7f);

	if ((which & 0x80) && other) {
		del = (struct v1_delete){ .doi = DOI_IPSEC, .protocol = V1_PROTO_ISAKMP, .spi_bytes = COOKIES_BYTES, .n = 1,
					  .spis = { other->cookies, COOKIES_BYTES } };
	}
	v1_put_delete(&made->to, &made->next_at, &del);
}

static inline void fuzz_put_right(struct fuzz *fuzz, struct fuzz_made *made, uint8_t type)
{
	/* ecp256's generator: the public value of the secret 1 */
	static const uint8_t one[] = {
		0x6b, 0x17, 0xd1, 0xf2, 0xe1, 0x2c, 0x42, 0x47, 0xf8, 0xbc, 0xe6, 0xe5, 0x63, 0xa4, 0x40, 0xf2, 0x77, 0x03, 0x7d, 0x81, 0x2d, 0xeb,
		0x33, 0xa0, 0xf4, 0xa1, 0x39, 0x45, 0xd8, 0x98, 0xc2, 0x96, 0x4f, 0xe3, 0x42, 0xe2, 0xfe, 0x1a, 0x7f, 0x9b, 0x8e, 0xe7, 0xeb, 0x4a,
		0x7c, 0x0f, 0x9e, 0x16, 0x2b, 0xce, 0x33, 0x57, 0x6b, 0x31, 0x5e, 0xce, 0xcb, 0xb6, 0x40, 0x68, 0x37, 0xbf, 0x51, 0xf5 };
	static const uint8_t vendors[3][16] = {
		{ 0xaf, 0xca, 0xd7, 0x13, 0x68, 0xa1, 0xf1, 0xc9, 0x6b, 0x86, 0x96, 0xfc, 0x77, 0x57, 0x01, 0x00 },	/* RFC 3706 */
		{ 0x4a, 0x13, 0x1c, 0x81, 0x07, 0x03, 0x58, 0x45, 0x5c, 0x57, 0x28, 0xf2, 0x0e, 0x95, 0x45, 0x2f },	/* RFC 3947 */
		{ 0x40, 0x48, 0xb7, 0xd5, 0x6e, 0xbc, 0xe8, 0x85, 0x25, 0xe7, 0xde, 0x7f, 0x00, 0xd6, 0xc2, 0xd3 } };	/* FRAGMENTATION */
	static const uint8_t plain[128] = { 4, 0, 0, 0, 1, 2, 3, 4 };

	switch (type) {
	case P_SA:
		fuzz_put_sa(fuzz, made);
		break;
	case P_ID:
		fuzz_put_id(made);
		break;
	case P_NOTIFY:
		fuzz_put_notify(fuzz, made);
		break;
	case P_DELETE:
		fuzz_put_delete(fuzz, made);
		break;
	case P_KE:
		isakmp_put(&made->to, &made->next_at, type, one, sizeof(one));
		break;
	case P_VID:
		isakmp_put(&made->to, &made->next_at, type, vendors[fuzz_u8(fuzz) % 3], sizeof(vendors[0]));
		break;
	case P_NATOA:
	case P_NATOA_DRAFT:
		isakmp_put(&made->to, &made->next_at, type, "\1\0\0\0\12\1\0\1", 8);
		break;
	default:
		isakmp_put(&made->to, &made->next_at, type, plain, type == P_SIG ? 128 : type == P_NONCE ? 32 : type == P_CERT ? 100 : 20);
	}
}

static inline void fuzz_note(struct fuzz_made *made, uint8_t type, size_t at)
{
	const size_t body = at + 4, n = made->to.len > body ? made->to.len - body : 0;

	if (type == P_HASH && !made->hash_at && n == 20)
		made->hash_at = body;
	if (type == P_KE) {
		made->ke_at = body;
		made->ke_bytes = n;
	} else if (type == P_NONCE) {
		made->nonce_at = body;
		made->nonce_bytes = n;
	} else if (type == P_ID) {
		made->id_at = body;
		made->id_bytes = n;
	}
}

/* how: below 0x80: so many raw bytes; else the right body, as it is, with a byte changed, or cut. */
static inline void fuzz_payload(struct fuzz *fuzz, struct fuzz_made *made)
{
	const uint8_t type = fuzz_u8(fuzz), how = fuzz_u8(fuzz);
	const size_t at = made->to.len;
	struct bytes raw;

	if (how < 0x80) {
		raw = fuzz_bytes(fuzz, how);
		isakmp_put(&made->to, &made->next_at, type, raw.at, raw.len);
	} else if (how == 0xff) {
		raw = fuzz_bytes(fuzz, fuzz_u16(fuzz) % 4096);
		isakmp_put(&made->to, &made->next_at, type, raw.at, raw.len);
	} else {
		fuzz_put_right(fuzz, made, type);
	}
	if (made->to.has_failed || made->to.len <= at + 4)
		return;
	if (how == 0x81) {
		const size_t where = at + 4 + fuzz_u16(fuzz) % (made->to.len - at - 4);

		made->to.at[where] = fuzz_u8(fuzz);
	} else if (how == 0x82) {
		made->to.len = at + 4 + fuzz_u16(fuzz) % (made->to.len - at - 4);
		patch_u16(&made->to, at + 2, (uint16_t)(made->to.len - at));
	}
	fuzz_note(made, type, at);
}

static inline void fuzz_payloads(struct fuzz *fuzz, struct fuzz_made *made)
{
	for (unsigned n = fuzz_u8(fuzz) % 16; n > 0 && !made->to.has_failed; n--)
		fuzz_payload(fuzz, made);
}

static inline void fuzz_open_message(struct fuzz *fuzz, struct fuzz_made *made, struct ike_sa *sa, uint8_t exchange, uint8_t flags, uint32_t message_id)
{
	struct isakmp_header header = { .version = 0x10, .exchange = exchange, .flags = flags, .message_id = message_id };

	memset(made, 0, offsetof(struct fuzz_made, to) - offsetof(struct fuzz_made, bytes));
	*made = (struct fuzz_made){ .sa = sa };
	made->to = (struct writer){ .at = made->bytes, .room = sizeof(made->bytes) };
	memset(header.icookie, fuzz->in.len & 0xff ? (int)(fuzz->in.len & 0xff) : 1, 8);
	if (sa) {
		memcpy(header.icookie, sa->cookies, 8);
		memcpy(header.rcookie, sa->cookies + 8, 8);
		if (memcmp(header.rcookie, "\0\0\0\0\0\0\0\0", 8) == 0)
			memset(header.rcookie, 0x77, 8);	/* we are the responder, and choose it */
	}
	isakmp_open(&made->to, &header, &made->next_at);
	made->chain_at = made->to.len;
}

static inline struct bytes fuzz_part(const struct fuzz_made *made, size_t at, size_t n)
{
	return (struct bytes){ made->to.at + at, at ? n : 0 };
}

/* HASH_I or HASH_R of phase 1, from what the engine has gathered and what stands in this message. */
static inline void fuzz_hash_phase1(struct fuzz *fuzz, struct fuzz_made *made)
{
	struct ike_sa *sa = made->sa;
	struct phase1 draft;
	const unsigned who = sa ? theirs(sa) : 0;
	uint8_t hash[HASH_MAX_BYTES];

	if (!sa || !sa->phase1 || !made->hash_at)
		return;
	draft = *sa->phase1;
	draft.choice.hash = ADIT_AUTH_HMAC_SHA1_96;
	draft.keys.n = 20;
	memcpy(draft.cookies + 8, made->to.at + 8, 8);
	if (made->ke_at)
		draft.gx[who] = (struct blob){ made->to.at + made->ke_at, made->ke_bytes };
	if (made->nonce_at)
		draft.nonce[who] = (struct blob){ made->to.at + made->nonce_at, made->nonce_bytes };
	if (made->id_at)
		draft.id[who] = (struct blob){ made->to.at + made->id_at, made->id_bytes };
	if (sa_peer(sa) && auth_skeyid(sa, &draft) && auth_hash(sa, &draft, who, hash))
		memcpy(made->to.at + made->hash_at, hash, 20);
	(void)fuzz;
}

/* HASH(1), (2) or (3), whichever is due. */
static inline void fuzz_hash_later(struct fuzz_made *made, uint32_t message_id)
{
	const struct quick *quick = made->exchange ? made->exchange->quick : NULL;
	const size_t after_at = made->hash_at + 20;
	const struct bytes rest = { made->to.at + after_at, made->to.len - after_at };
	struct bytes parts[3];
	unsigned n = 0;
	uint8_t hash[HASH_MAX_BYTES];

	if (!made->hash_at || made->sa->keys.n != 20)
		return;
	if (quick)
		parts[n++] = blob_bytes(&quick->nonce_i);
	parts[n++] = quick && !made->exchange->is_initiator ? blob_bytes(&quick->nonce_r) : rest;
	if (message_hash(made->sa, quick && !made->exchange->is_initiator, message_id, parts, n, hash))
		memcpy(made->to.at + made->hash_at, hash, 20);
}

static inline void fuzz_ship(struct fuzz *fuzz, struct fuzz_made *made, uint8_t where)
{
	if (made->to.has_failed)
		return;
	MUST(blob_set(&fuzz->last, (struct bytes){ made->to.at, made->to.len }));
	fuzz_deliver(fuzz, where, blob_bytes(&fuzz->last));
}

#endif
