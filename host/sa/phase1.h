// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * Phase 1 from inside. A message that comes in is an attempt: it works on a copy of what the SA has gathered, through the stages of its row,
 * some of which wait for the pool; only when all of them are content does the copy become the SA's, and the answer goes out. So whatever is
 * wrong with a message, the right one may still follow.
 *
 *   datagram ──> row {exchange, role, number, method}: payloads needed and allowed ──> stages ──> commit ──> puts: the answer
 *
 * Nobody vouches for messages in clear: until the next step is done, a different message with the number of the last one takes its
 * place (REDO_MOST times), for else whoever is first with a wrong one ends the exchange.
 *
 * Aggressive and base mode's second message may be longer than their first was, a certificate in it even by far. Who configures them
 * gets this: it goes out once for each first message, at most as often as half-open SAs are allowed for a source (sa.c), and never again
 * for a duplicate that is shorter.
 */
#ifndef HOST_SA_PHASE1_H
#define HOST_SA_PHASE1_H

#include "sa/room.h"

#define REDO_MOST 8
#define REFUSAL_BYTES (ISAKMP_HEADER_BYTES + 12)	/* of a notify in clear: a shorter message gets none */
#define ID_MAX_BYTES 1024			/* of an ID payload */
#define PHASE1_MAX_BYTES 24576

enum { INITIATOR, RESPONDER };

struct phase1 {
	struct phase1_choice choice;
	struct ike1_keys keys;
	uint8_t cookies[COOKIES_BYTES], iv[16];
	uint32_t peer_can;
	bool nat_local, nat_remote, has_keys;
	unsigned n_redone;
	struct blob sa_i;			/* bodies, as sent: the hashes cover them */
	struct blob nonce[2], gx[2], id[2];	/* [INITIATOR], [RESPONDER] */
	struct blob shared;
	struct dh *dh;
};

enum verdict { GO_ON, WAIT, REFUSED };

struct attempt {
	struct ike *ike;
	uint32_t sa_id;
	const struct phase1_row *row;
	unsigned stage;
	bool is_redo;
	struct ike_path path;
	struct blob datagram, text;	/* text: the plaintext, if it was encrypted */
	struct isakmp_message message;	/* points into one of the two; of our first message empty */
	struct phase1 draft;
	struct blob proof;		/* our HASH or SIG */
	struct cert *certs[CERT_MAX_CHAIN];	/* the peer's, of this message */
	unsigned n_certs;
	bool is_well;			/* what the pool found */
	char why[256];			/* if not */
};

typedef enum verdict phase1_stage(struct attempt *attempt, struct ike_sa *sa);
typedef void phase1_put(struct attempt *attempt, struct ike_sa *sa, struct writer *to, size_t *next_at);

enum row_crypt { ROW_CLEAR, ROW_ENCRYPTED, ROW_EITHER };

#define ROW_MOST 17
struct phase1_row {
	uint8_t exchange;
	uint8_t role;			/* ours: INITIATOR, RESPONDER */
	uint8_t number;			/* of the message that comes in; 0: none, we begin */
	uint8_t method;			/* enum v1_auth_method; 0: any */
	enum row_crypt crypt;		/* of the message that comes in */
	bool is_answer_encrypted, establishes;
	uint32_t needed, allowed;	/* payload_bit(); each needed one exactly once */
	phase1_stage *stages[ROW_MOST];
	phase1_put *puts[ROW_MOST];	/* the answer's payloads; none: no answer */
};

/** The row for a message; NULL: there is none. */
const struct phase1_row *phase1_row(uint8_t exchange, bool is_initiator, unsigned number, enum v1_auth_method method);
/** @return 0, or what to notify; *type is the payload it is about. */
uint16_t phase1_check_payloads(const struct phase1_row *row, const struct isakmp_message *message, uint8_t *type);

static inline unsigned mine(const struct ike_sa *sa)
{
	return sa->is_initiator ? INITIATOR : RESPONDER;
}
static inline unsigned theirs(const struct ike_sa *sa)
{
	return sa->is_initiator ? RESPONDER : INITIATOR;
}
enum v1_auth_method phase1_method(const struct cfg_peer *peer);

/* ---- phase1.c: attempts */
/** Tell, count, notify in clear if that can be; REFUSED. The SA is as it was. */
enum verdict phase1_refuse(struct attempt *attempt, struct ike_sa *sa, uint16_t notify, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/** The pool is done with the attempt's job. */
void phase1_resume(struct attempt *attempt);
/** A message for a row; the SA is not working. */
void phase1_try(struct ike_sa *sa, const struct phase1_row *row, const struct isakmp_header *header, struct bytes datagram,
		const struct ike_path *path);
MUST_USE bool phase1_start(struct ike_sa *sa, const struct phase1_row *row);

/* ---- phase1_begin.c */
struct ike_sa *phase1_initiate_on(struct ike *ike, const struct cfg_peer *peer, const struct ike_path *path, char why[MATCH_WHY_BYTES]);

/* ---- phase1_life.c */
void phase1_establish(struct ike_sa *sa, bool is_initial_contact);

/* ---- phase1_take.c, phase1_put.c */
phase1_stage take_offer, take_answer, take_vendors, take_ke, take_nonce, take_natd, make_nonce, compute_dh, dh_computed, derive;
phase1_put put_offer, put_choice, put_vendors, put_ke, put_nonce, put_natd, put_id, put_cert, put_requests, put_hash, put_signature;

/* ---- auth.c, auth_rsa.c */
phase1_stage take_identity, settle_identity, make_identity, check_hash, make_hash, take_certs, check_signature, signature_checked, make_signature, signature_made;
/** HASH_I or HASH_R (RFC 2409 §5; base mode: racoon's). of: INITIATOR, RESPONDER. */
MUST_USE bool auth_hash(const struct ike_sa *sa, const struct phase1 *draft, unsigned of, uint8_t *out);
MUST_USE bool auth_skeyid(const struct ike_sa *sa, struct phase1 *draft);
/** Does the configuration take this identity? Certificates are not its matter. */
MUST_USE bool auth_accepts_id(const struct ike_sa *sa, bool is_behind_nat, const struct v1_id *id, char why[256]);
/** For people; a DN as RFC 2253 writes it. */
void auth_id_text(const struct v1_id *id, char *out, size_t out_bytes);
/** Our certificate for a peer, with its key; NULL: why. Lives until credentials_drop(), and as long as jobs are out. */
const struct cert *credential_own(struct ike *ike, const struct cfg_peer *peer, char why[256]);

/* ---- vendor.c, natt.c */
uint32_t vendor_read(struct bytes body);	/* enum peer_can */
/** Those that the configuration asks for and, of a responder, the peer has said too; as many as fit into room_bytes. */
void vendor_put(const struct cfg_peer *peer, uint32_t which, size_t room_bytes, struct writer *to, size_t *next_at);
uint8_t natt_payload(const struct ike_sa *sa, const struct phase1 *draft);	/* P_NATD, its draft's; 0: no NAT traversal */
/** HASH(CKY-I | CKY-R | IP | port), RFC 3947 §3.2. */
MUST_USE bool natt_hash(const struct phase1 *draft, const struct ike_end *end, uint8_t *out);
void natt_float(struct ike_sa *sa);

#endif
