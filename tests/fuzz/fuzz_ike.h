// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * The whole engine between a peer, a card, a clock and a hand at the control socket, all of which the fuzzer's input plays. The input is a
 * list of moves. Where it says so the peer knows all keys: what it sends is then rightly chained, hashed and encrypted, with bodies that
 * are right, cut, changed or raw, so that what stands behind the proof is reached too. The peer's Diffie-Hellman secret is 1.
 */
#ifndef TESTS_FUZZ_FUZZ_IKE_H
#define TESTS_FUZZ_FUZZ_IKE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz_random.h"
#include "sa/frag.h"
#include "sa/phase1.h"
#include "sa/phase2.h"

enum { FUZZ_OUTS = 16, FUZZ_CHILDREN = 64, FUZZ_INSTALLS = 64, FUZZ_MOVES = 96, FUZZ_MESSAGE_BYTES = 16384 };

#define MUST(claim) do { if (!(claim)) fuzz_fail(#claim, __LINE__); } while (0)

static inline void fuzz_fail(const char *claim, int line)
{
	fprintf(stderr, "fuzz_ike.h:%d: does not hold: %s\n", line, claim);
	abort();
}

struct fuzz_install {
	uint32_t id;
	enum child_stage stage;
};

struct fuzz {
	struct ike *ike;
	struct pool *pool;
	const struct config *config;
	uint8_t variant;
	int64_t now_ms;
	struct bytes in;
	struct blob outs[FUZZ_OUTS], last;	/* the engine's; the peer's latest */
	unsigned n_outs;
	struct fuzz_install installs[FUZZ_INSTALLS];
	unsigned n_installs;
	uint32_t children[FUZZ_CHILDREN];	/* in the card */
	unsigned n_children;
	uint64_t in_bytes, out_bytes;
	bool is_proven;				/* somebody has proven something, or we began */
};

/* ---- the input: past its end everything is 0 */

static inline uint8_t fuzz_u8(struct fuzz *fuzz)
{
	uint8_t value = 0;

	return get_u8(&fuzz->in, &value) == WIRE_OK ? value : 0;
}

static inline uint16_t fuzz_u16(struct fuzz *fuzz)
{
	uint16_t high = fuzz_u8(fuzz);

	return (uint16_t)(high << 8 | fuzz_u8(fuzz));
}

static inline struct bytes fuzz_bytes(struct fuzz *fuzz, size_t n)
{
	struct bytes out = { NULL, 0 };

	if (n > fuzz->in.len)
		n = fuzz->in.len;
	return get_bytes(&fuzz->in, n, &out) == WIRE_OK ? out : (struct bytes){ NULL, 0 };
}

/* ---- configurations */

#define FUZZ_PEER "secret = \"fuzzing\"; hash_algorithm = \"sha1\"; enc_algorithm = \"aes-128-cbc\"; dh_group = \"ecp256\"; dpd_interval = \"10s\"; %s"
#define FUZZ_ENDS "sa_src_address = \"192.0.2.1\"; sa_dst_address = \"192.0.2.2\"; "

/* Parsed once. is_other: what a reload brings: without the road warriors, and with another policy. */
static inline const struct config *fuzz_config(uint8_t variant, bool is_other)
{
	static struct config *known[256][2];
	static const char *const modes[] = { "main", "aggressive", "base", "main" }, *const checks[] = { "obey", "claim", "exact", "strict" };
	char extra[256], text[4096];
	struct diag diag;
	int n;

	if (known[variant][is_other])
		return known[variant][is_other];
	snprintf(extra, sizeof(extra), "exchange_mode = \"%s\"; nat_traversal = %s; generate_policy = %s; proposal_check = \"%s\"; ", modes[variant & 3],
		 variant & 4 ? "true" : "false", variant & 8 ? "true" : "false", checks[variant >> 6]);
	n = snprintf(text, sizeof(text), "local_addresses = ( \"192.0.2.1\" ); peers = ( { name = \"p\"; address = \"192.0.2.2/32\"; " FUZZ_PEER " }", extra);
	if (!is_other)
		n += snprintf(text + n, sizeof(text) - (size_t)n, ", { name = \"any\"; address = \"198.18.0.0/15\"; " FUZZ_PEER " }", extra);
	snprintf(text + n, sizeof(text) - (size_t)n, " ); policies = ( { name = \"tunnel\"; src_address = \"10.1.0.0/16\"; dst_address = \"10.2.0.0/16\"; "
		 "tunnel = true; " FUZZ_ENDS "%s }, { name = \"direct\"; src_address = \"192.0.2.1/32\"; dst_address = \"192.0.2.2/32\"; " FUZZ_ENDS
		 " } ); proposals = ( { name = \"default\"; auth_algorithms = [ \"sha1\" ]; enc_algorithms = [ \"aes-128-cbc\" ]; pfs_group = \"%s\"; "
		 "lifetime = \"%s\"; } );", is_other ? "priority = 7; " : "", variant & 16 ? "ecp256" : "none", variant & 32 ? "1h" : "1m");
	diag_open(&diag, "fuzz.conf");
	known[variant][is_other] = config_parse(text, strlen(text), &diag);
	if (!known[variant][is_other])
		diag_print(&diag, stderr);
	diag_close(&diag);
	MUST(known[variant][is_other]);
	return known[variant][is_other];
}

/* ---- what the engine asks for */

static inline void fuzz_send(void *arg, const struct ike_path *path, const uint8_t *bytes, size_t n)
{
	struct fuzz *fuzz = arg;

	MUST(n > 0 && n <= ISAKMP_MAX_BYTES && addr_bits(&path->remote.addr) == 32);
	fuzz->out_bytes += n;
	if (n > 1)
		MUST(blob_set(&fuzz->outs[fuzz->n_outs++ % FUZZ_OUTS], (struct bytes){ bytes, n }));
}

static inline unsigned fuzz_child_at(const struct fuzz *fuzz, uint32_t id)
{
	unsigned at = 0;

	while (at < fuzz->n_children && fuzz->children[at] != id)
		at++;
	return at;
}

static inline void fuzz_install(void *arg, const struct child_spec *spec, enum child_stage stage)
{
	struct fuzz *fuzz = arg;
	unsigned at = fuzz_child_at(fuzz, spec->id);

	MUST(spec->id != 0 && (spec->sas.n == 2 || spec->sas.n == 4) && spec->policy[0] != '\0');
	MUST((at == fuzz->n_children) == (stage == CHILD_INBOUND));
	MUST(fuzz->n_installs < FUZZ_INSTALLS && fuzz->n_children < FUZZ_CHILDREN);
	if (stage == CHILD_INBOUND)
		fuzz->children[fuzz->n_children++] = spec->id;
	fuzz->installs[fuzz->n_installs++] = (struct fuzz_install){ spec->id, stage };
}

static inline void fuzz_update(void *arg, const struct child_spec *spec)
{
	MUST(fuzz_child_at(arg, spec->id) < ((struct fuzz *)arg)->n_children);
}

static inline void fuzz_remove(void *arg, uint32_t id)
{
	struct fuzz *fuzz = arg;
	unsigned at = fuzz_child_at(fuzz, id);

	MUST(at < fuzz->n_children);
	fuzz->children[at] = fuzz->children[--fuzz->n_children];
}

static inline void fuzz_unacquire(void *arg, const char *policy)
{
	(void)arg;
	MUST(policy && policy[0] != '\0');
}

/* What people read is one line of printable bytes. */
static inline void fuzz_tell(void *arg, enum log_level level, const char *peer, const char *text)
{
	(void)arg;
	(void)level;
	MUST(peer);
	for (const char *at = text; *at; at++)
		MUST((uint8_t)*at >= 0x20 && *at != 0x7f);
	if (getenv("FUZZ_VERBOSE"))
		fprintf(stderr, "%s: %s\n", peer, text);
}

/* ---- what must hold between moves */

static inline void fuzz_check(struct fuzz *fuzz)
{
	unsigned n_half_open = 0;

	for (const struct ike_sa *sa = fuzz->ike->sas; sa; sa = sa->next) {
		unsigned n_exchanges = 0;

		MUST(!sa->is_dead);
		n_half_open += sa->is_half_open && !sa->is_known;
		fuzz->is_proven |= sa->is_proven || sa->is_initiator || sa->state != IKE_LARVAL || sa->exchange != X_MAIN;
		for (const struct v1_exchange *exchange = sa->exchanges; exchange; exchange = exchange->next) {
			MUST(!exchange->is_dead && exchange->sa == sa);
			n_exchanges += !exchange->is_initiator;
		}
		MUST(n_exchanges == sa->n_exchanges && n_exchanges <= EXCHANGES_PER_SA);
		MUST(sa->state != IKE_LARVAL || sa->phase1);
	}
	MUST(n_half_open == fuzz->ike->n_half_open && n_half_open <= fuzz->ike->max_half_open);
	MUST(fuzz->ike->frag_bytes <= FRAG_MAX_ENGINE_BYTES);
	MUST(fuzz->is_proven || fuzz->out_bytes <= fuzz->in_bytes);	/* SEMANTICS class 10 */
	for (const struct ike_child *child = fuzz->ike->children; child; child = child->next) {
		MUST(!child->is_dead && (!child->quick || child->quick->child == child));
		MUST(!child_is_live(child) || fuzz_child_at(fuzz, child->spec.id) < fuzz->n_children);
	}
}

/* ---- the peer */

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

/* ---- moves */

/* Bytes as they stand, with cookies and length put right if the input says so. */
static inline void fuzz_move_raw(struct fuzz *fuzz)
{
	const uint8_t how = fuzz_u8(fuzz), where = fuzz_u8(fuzz);
	const struct ike_sa *sa = how & 1 ? fuzz_sa(fuzz, how >> 4) : NULL;
	const struct bytes raw = fuzz_bytes(fuzz, fuzz_u16(fuzz));

	MUST(blob_set(&fuzz->last, raw));
	if (sa && raw.len >= 16)
		memcpy(fuzz->last.at, sa->cookies, COOKIES_BYTES);
	if ((how & 2) && raw.len >= ISAKMP_HEADER_BYTES) {
		fuzz->last.at[24] = fuzz->last.at[25] = 0;
		fuzz->last.at[26] = (uint8_t)(raw.len >> 8);
		fuzz->last.at[27] = (uint8_t)raw.len;
	}
	fuzz_deliver(fuzz, where, raw.len ? blob_bytes(&fuzz->last) : raw);
}

/* Of phase 1, in clear or with its keys. */
static inline void fuzz_move_phase1(struct fuzz *fuzz, bool is_sealed)
{
	static struct fuzz_made made;
	const uint8_t which = fuzz_u8(fuzz), exchange = fuzz_u8(fuzz), where = fuzz_u8(fuzz);
	struct ike_sa *sa = which & 0x80 ? NULL : fuzz_sa(fuzz, which);
	static const uint8_t modes[] = { X_MAIN, X_AGGRESSIVE, X_BASE, X_MAIN };
	uint8_t iv[16];

	if (is_sealed && (!sa || sa->keys.n == 0 || (sa->state == IKE_LARVAL && !sa->phase1->has_keys)))
		return;
	fuzz_open_message(fuzz, &made, sa, exchange ? exchange : modes[fuzz->variant & 3], is_sealed ? ISAKMP_ENCRYPTED : 0, 0);
	fuzz_payloads(fuzz, &made);
	fuzz_hash_phase1(fuzz, &made);
	if (is_sealed) {
		memcpy(iv, sa->last_block, sizeof(iv));
		if (!message_seal(&sa->keys, iv, &made.to))
			return;
	} else {
		isakmp_close(&made.to, 0);
	}
	fuzz_ship(fuzz, &made, where);
}

/* Of a later exchange, with the keys: id below 0x80 names it, above the engine's own is meant. */
static inline void fuzz_move_later(struct fuzz *fuzz)
{
	static struct fuzz_made made;
	const uint8_t which = fuzz_u8(fuzz), exchange = fuzz_u8(fuzz), name = fuzz_u8(fuzz), where = fuzz_u8(fuzz);
	struct ike_sa *sa = fuzz_sa(fuzz, which & 0x7f);
	uint32_t message_id = 0x1000u + name;
	uint8_t iv[16];

	if (!sa || sa->state == IKE_LARVAL)
		return;
	if ((name & 0x80) && sa->exchanges) {
		const struct v1_exchange *meant = sa->exchanges;

		for (unsigned i = name & 0x7f; i > 0; i--)
			meant = meant->next ? meant->next : sa->exchanges;
		message_id = meant->message_id;
	}
	fuzz_open_message(fuzz, &made, sa, exchange ? exchange : X_QUICK, ISAKMP_ENCRYPTED, message_id);
	made.is_later = true;
	made.exchange = fuzz_exchange(sa, message_id);
	fuzz_payloads(fuzz, &made);
	if (made.to.has_failed)
		return;
	if (!(which & 0x80))
		fuzz_hash_later(&made, message_id);
	if (made.exchange)
		memcpy(iv, made.exchange->iv, sizeof(iv));
	else if (!ike1_exchange_iv(&sa->keys, sa->last_block, message_id, iv))
		return;
	if (message_seal(&sa->keys, iv, &made.to))
		fuzz_ship(fuzz, &made, where);
}

/* An ISAKMP SA with keys, as if phase 1 were done. */
static inline void fuzz_move_gift(struct fuzz *fuzz)
{
	static const uint8_t shared[32] = { 7 };
	const uint8_t how = fuzz_u8(fuzz);
	struct ike_path path = fuzz_path(how & 3);
	char why[MATCH_WHY_BYTES];
	const struct cfg_peer *peer = match_peer(fuzz->config, &path.remote.addr, why);
	uint8_t cookie[8];
	struct ike_sa *sa;

	memset(cookie, 0x40 | how, sizeof(cookie));
	sa = peer ? sa_open(fuzz->ike, peer, &path, how & 4 ? NULL : cookie) : NULL;
	if (!sa)
		return;
	if (how & 4)
		memset(sa->cookies + 8, 0x66, 8);
	sa->keys = (struct ike1_keys){ .hash = ADIT_AUTH_HMAC_SHA1_96, .enc = ADIT_ENC_AES_CBC_128, .n = 20 };
	MUST(ike1_derive(&sa->keys, (struct bytes){ shared, sizeof(shared) }, sa->cookies));
	sa->state = IKE_ESTABLISHED;
	sa->is_proven = true;
	sa->peer_can = CAN_DPD | CAN_NATT | CAN_FRAGMENT;
	sa->nat_remote = path.is_natt;
	sa->heard_ms = sa->since_ms = fuzz->now_ms;
	timer_stop(fuzz->ike, &sa->guard);
	MUST(blob_set(&sa->peer_id_bytes, (struct bytes){ path.remote.addr.bytes, 4 }));
	sa->peer_id = (struct v1_id){ .type = ID_IPV4, .data = blob_bytes(&sa->peer_id_bytes) };
	want_phase1_ready(sa);
	ike_reap(fuzz->ike);
}

static inline void fuzz_move_time(struct fuzz *fuzz)
{
	const unsigned shift = fuzz_u8(fuzz) % 12;

	fuzz->now_ms += (int64_t)fuzz_u8(fuzz) << shift;
	ike_tick(fuzz->ike, fuzz->now_ms);
}

static inline void fuzz_answer_card(struct fuzz *fuzz, int status)
{
	struct fuzz_install asked[FUZZ_INSTALLS];
	const unsigned n = fuzz->n_installs;

	memcpy(asked, fuzz->installs, sizeof(asked));
	fuzz->n_installs = 0;
	for (unsigned i = 0; i < n; i++)
		ike_child_done(fuzz->ike, asked[i].id, asked[i].stage, status, fuzz->now_ms);
}

static inline void fuzz_move_child(struct fuzz *fuzz)
{
	const uint8_t which = fuzz_u8(fuzz), what = fuzz_u8(fuzz);
	const uint32_t id = fuzz->n_children ? fuzz->children[which % fuzz->n_children] : which;

	if (what & 4)
		ike_child_used(fuzz->ike, id, &(struct child_use){ what, what, what, what }, fuzz->now_ms);
	else
		ike_child_event(fuzz->ike, id, (enum child_event)(what & 3), fuzz->now_ms);
}

static inline void fuzz_move_word(struct fuzz *fuzz)
{
	static const char *const names[] = { "tunnel", "direct", "p", "any", "nobody" };
	const uint8_t what = fuzz_u8(fuzz);
	const char *name = names[fuzz_u8(fuzz) % 5];
	char why[MATCH_WHY_BYTES] = "";

	fuzz->is_proven = true;
	if (what % 8 == 0)
		(void)ike_initiate(fuzz->ike, name, fuzz->now_ms, why);
	else if (what % 8 == 1)
		(void)ike_terminate(fuzz->ike, name, fuzz->now_ms);
	else if (what % 8 == 2)
		(void)ike_rekey(fuzz->ike, name, what & 8, fuzz->now_ms);
	else if (what % 8 == 3)
		ike_acquire(fuzz->ike, name, &(struct selectors){ .proto = -1 }, fuzz->now_ms);
	else if (what % 8 == 4)
		ike_reconfigure(fuzz->ike, fuzz->config = fuzz_config(fuzz->variant, what & 8), fuzz->now_ms);
	else
		(void)ike_ph2_state(fuzz->ike, name);
}

/* What the peer or the engine sent before, once more, perhaps changed in one place. */
static inline void fuzz_move_again(struct fuzz *fuzz, bool is_theirs)
{
	const uint8_t which = fuzz_u8(fuzz), where = fuzz_u8(fuzz);
	const struct blob *from = is_theirs ? &fuzz->outs[which % FUZZ_OUTS] : &fuzz->last;
	struct blob copy = { NULL, 0 };

	if (from->len == 0 || !blob_set(&copy, blob_bytes(from)))
		return;
	if (which & 0x40)
		copy.at[fuzz_u16(fuzz) % copy.len] = fuzz_u8(fuzz);
	if (which & 0x80)
		copy.len = fuzz_u16(fuzz) % copy.len;
	fuzz_deliver(fuzz, where, blob_bytes(&copy));
	blob_free(&copy);
}

/* The peer's latest message in fragments of a size, in an order. */
static inline void fuzz_move_fragments(struct fuzz *fuzz)
{
	static struct fuzz_made made;
	const uint8_t size = fuzz_u8(fuzz), turn = fuzz_u8(fuzz), where = fuzz_u8(fuzz);
	struct ike_sa *sa = fuzz_sa(fuzz, 0);
	struct blob whole = { NULL, 0 };
	const size_t step = size ? size : 1;
	size_t n;

	if (!sa || fuzz->last.len == 0 || !blob_set(&whole, blob_bytes(&fuzz->last)))
		return;
	n = (whole.len + step - 1) / step;
	for (size_t i = 0; i < n && i < 24; i++) {
		const size_t at = (i * (turn | 1u) + turn) % n;
		struct v1_fragment fragment = { .id = turn, .number = (uint8_t)(at + 1), .is_last = at + 1 == n };

		fragment.data = (struct bytes){ whole.at + at * step, at + 1 == n ? whole.len - at * step : step };
		fuzz_open_message(fuzz, &made, sa, X_MAIN, 0, 0);
		v1_put_fragment(&made.to, &made.next_at, &fragment);
		isakmp_close(&made.to, 0);
		if (!made.to.has_failed)
			fuzz_deliver(fuzz, where, (struct bytes){ made.to.at, made.to.len });
		sa = fuzz_sa(fuzz, 0);
		if (!sa)
			break;
	}
	blob_free(&whole);
}

static inline void fuzz_move(struct fuzz *fuzz, uint8_t move)
{
	switch (move & 15) {
	case 0: fuzz_move_raw(fuzz); break;
	case 1: fuzz_move_phase1(fuzz, false); break;
	case 2: fuzz_move_phase1(fuzz, true); break;
	case 3: fuzz_move_later(fuzz); break;
	case 4: fuzz_move_time(fuzz); break;
	case 5: fuzz_answer_card(fuzz, -(int)(fuzz_u8(fuzz) % 3)); break;
	case 6: fuzz_move_child(fuzz); break;
	case 7: fuzz_move_again(fuzz, false); break;
	case 8: fuzz_move_again(fuzz, true); break;
	case 9: fuzz_move_gift(fuzz); break;
	case 10: fuzz_move_word(fuzz); break;
	case 11: fuzz_move_fragments(fuzz); break;
	default: break;
	}
}

/* What the card and the pool have to do is done at once, unless one of them is lazy. */
static inline void fuzz_settle(struct fuzz *fuzz, bool is_card_lazy, bool is_pool_lazy)
{
	bool is_busy = true;

	while (is_busy) {
		is_busy = !is_pool_lazy && pool_reap(fuzz->pool) > 0;
		if (fuzz->n_installs > (is_card_lazy ? FUZZ_INSTALLS / 2 : 0)) {
			fuzz_answer_card(fuzz, 0);
			is_busy = true;
		}
	}
}

/* ---- a run: first move, if there is one, comes from the target */

static inline void fuzz_run(const uint8_t *data, size_t n_bytes, void (*begin)(struct fuzz *fuzz))
{
	static bool is_open;
	struct fuzz fuzz = { .now_ms = 1000000, .in = { data, n_bytes } };

	if (!is_open)
		is_open = crypto_open();
	MUST(is_open);
	fuzz_random_begin();
	fuzz.variant = fuzz_u8(&fuzz);
	fuzz.config = fuzz_config(fuzz.variant, false);
	fuzz.pool = pool_open(0);
	fuzz.ike = ike_open(&(struct ike_options){ .calls = { fuzz_send, fuzz_install, fuzz_update, fuzz_remove, fuzz_unacquire, fuzz_tell, &fuzz },
						   .pool = fuzz.pool, .config = fuzz.config, .seed = 1, .max_half_open = 32 });
	MUST(fuzz.ike && fuzz.pool);
	ike_tick(fuzz.ike, fuzz.now_ms);
	if (begin)
		begin(&fuzz);
	for (unsigned n = 0; n < FUZZ_MOVES && fuzz.in.len > 0 && fuzz.n_children < FUZZ_CHILDREN / 2; n++) {
		const uint8_t move = fuzz_u8(&fuzz);

		fuzz_move(&fuzz, move);
		fuzz_settle(&fuzz, move & 0x40, move & 0x80);
		fuzz_check(&fuzz);
	}
	ike_close(fuzz.ike, n_bytes & 1, true);
	while (pool_pending(fuzz.pool) > 0)
		(void)pool_reap(fuzz.pool);
	MUST(fuzz.n_children == 0);	/* nothing is left in a card */
	pool_close(fuzz.pool);
	for (unsigned i = 0; i < FUZZ_OUTS; i++)
		blob_free(&fuzz.outs[i]);
	blob_free(&fuzz.last);
}

#endif
