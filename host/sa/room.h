// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * What the files of the engine share.
 *
 *   ike.c       public face: open, close, receive (who is meant), tick, reap        timer.c    one heap of timers
 *   sa.c        an ISAKMP SA's birth and death; half-open ones counted               view.c     what people see, what is said
 *   sa_find.c   where it is found                                                    reload.c   a new configuration
 *   message.c   a message's way in (cookies, decrypt, parse) and out (encrypt)      io.c       retransmission, duplicates
 *   frag.c      the vendors' fragments, both ways                                    work.c     jobs for the pool
 *   phase1*.c   main, aggressive, base: tables and stages (phase1.h)                 auth.c     HASH_I/R, SIG_I/R, identities
 *   natt.c      NAT detection, port float, keepalive, address change                 vendor.c   vendor ids
 *   quick.c     quick mode: table and handlers                                       child.c    a child's life: install, soft, hard, replaced
 *   info.c      Informational: notify, delete, dead peer detection                   want.c     what is to be negotiated and waits for a phase 1
 *
 * Of ike.h's functions those about children stand in child.c and want.c (ike_child_done, _event, _used, ike_acquire, ike_initiate,
 * ike_terminate, ike_rekey, ike_ph2_state, ike_each_child), the others in ike.c.
 *
 * An object that dies is marked is_dead and freed by ike_reap(), at the end of each public call: handlers may go on using it until then.
 */
#ifndef HOST_SA_ROOM_H
#define HOST_SA_ROOM_H

#include "crypto/cert.h"
#include "crypto/dh.h"
#include "crypto/ike1_keys.h"
#include "policy/proposal.h"
#include "sa/ike.h"
#include "wire/isakmp.h"

#define NONCE_BYTES 32			/* of ours; of theirs 8 .. 256 are taken (RFC 2409 §5) */
#define NONCE_MAX_BYTES 256
#define COOKIES_BYTES 16
#define SA_PAYLOAD_MAX_BYTES 8192	/* kept for the hashes */
#define EXCHANGES_PER_SA 32		/* of the peer's, under way at once; beyond: ignored and counted */
#define IKE_HASH_SIZE 1024
#define SA_MOST_TOLD 8
#define RETRANSMIT_FIRST_MS 2000	/* then x 1.8 each, with jitter */
#define RETRANSMIT_TRIES 5
#define ISAKMP_SOFT_PERCENT 85		/* minus jitter; the responder's is later than the initiator's */

/* ---- timer.c: due at or after due_ms, once */
struct timer {
	int64_t due_ms;
	size_t at;			/* in the heap, from 1; 0: not armed */
	void (*fire)(struct ike *ike, void *arg);
	void *arg;
};
void timer_set(struct ike *ike, struct timer *timer, int64_t due_ms, void (*fire)(struct ike *ike, void *arg), void *arg);
void timer_stop(struct ike *ike, struct timer *timer);

/* ---- one owned run of bytes */
struct blob {
	uint8_t *at;
	size_t len;
};
MUST_USE bool blob_set(struct blob *blob, struct bytes bytes);	/* frees what was there */
void blob_free(struct blob *blob);	/* wipes */
static inline struct bytes blob_bytes(const struct blob *blob)
{
	return (struct bytes){ blob->at, blob->len };
}

/* ---- work.c: one job of the pool. It owns all it needs; whom it is for it knows by id, and may find gone when it is done. */
struct work {
	struct pool_job job;
	struct ike *ike;
	void (*run)(struct work *work);				/* in a thread: touches nothing but *work and what it owns */
	void (*done)(struct ike *ike, struct work *work);	/* in the loop, now_ms being that of the last call; frees the work; ike->is_closing: only that */
};
void work_submit(struct ike *ike, struct work *work);
/* Diffie-Hellman: makes a key pair if dh is NULL, and the shared secret if there is a peer's value. */
struct work_dh {
	struct work work;		/* first */
	enum dh_group group;
	struct dh *dh;			/* in: the pair or NULL; afterwards the caller's again, to be taken out or left to be freed */
	struct blob peer;		/* the peer's value; empty: none wanted */
	uint8_t shared[DH_MAX_SHARED_BYTES];
	bool is_ok;			/* the pair is there, and the shared secret if it was wanted */
	void (*then)(struct ike *ike, struct work_dh *work);	/* ike->is_closing: only to free arg; the work is freed after it */
	uint32_t sa_id, message_id;	/* the caller's, as is arg */
	void *arg;
};
/** dh: becomes the work's. false: no memory, or no such group; dh is then closed. */
MUST_USE bool work_dh(struct ike *ike, enum dh_group group, struct dh *dh, struct bytes peer, uint32_t sa_id, uint32_t message_id, void *arg,
		      void (*then)(struct ike *ike, struct work_dh *work));

/* ---- io.c: the last message of an exchange each way */
struct io {
	struct blob sent;		/* as it went, before fragments */
	uint8_t last_in[32];		/* SHA-256 of the last message accepted */
	bool has_in, awaits_answer;
	unsigned n_tries;
	unsigned n_sends, n_sends_seen;	/* was anything sent since the last message was accepted? If not, its duplicate has no answer */
	struct timer timer;
	struct ike_sa *sa;
	void (*gave_up)(struct ike *ike, void *arg);
	void *arg;
};
/**
 * The one way out: fragments if it must and may, counters, lifebytes. To somebody unproven never more bytes than came from there.
 * @return false if it was not sent for that reason
 */
bool sa_send(struct ike_sa *sa, struct bytes message);
/** Send, keep, and if awaits_answer repeat until io_answered() or gave_up runs. Fragments if the peer can take them and it is long. */
void io_send(struct ike_sa *sa, struct io *io, struct bytes message, bool awaits_answer);
void io_answered(struct ike *ike, struct io *io);
/** Is it the last message accepted, once more? Then what answered it goes out again (never to somebody unproven, SEMANTICS class 10). */
MUST_USE bool io_is_duplicate(struct ike_sa *sa, struct io *io, struct bytes datagram);
void io_accepted(struct io *io, struct bytes datagram);
void io_close(struct ike *ike, struct io *io);

/* ---- an ISAKMP SA */
enum ike_state {
	IKE_LARVAL,			/* phase 1 under way: step says how far */
	IKE_ESTABLISHED,
	IKE_DYING,			/* a successor is there or being made; still usable */
	IKE_EXPIRED			/* deleted: only to answer duplicates, then gone */
};

enum peer_can {				/* what vendor ids said */
	CAN_NATT = 1, CAN_NATT_DRAFT = 2, CAN_DPD = 4, CAN_FRAGMENT = 8
};

struct ike_sa {
	struct ike *ike;
	struct ike_sa *next;
	uint32_t id;
	char peer[CONFIG_NAME_BYTES];
	bool is_initiator, is_dead, is_proven;	/* proven: the peer has answered what only the receiver of our message can know */
	uint8_t exchange;		/* X_MAIN, X_AGGRESSIVE, X_BASE */
	enum ike_state state;
	unsigned step;			/* messages seen or sent of phase 1 */
	uint8_t cookies[COOKIES_BYTES];	/* CKY-I | CKY-R */
	uint8_t first_in[32];		/* a responder's: SHA-256 of the message that opened it */
	struct ike_path path;
	uint32_t peer_can;
	bool nat_local, nat_remote;	/* who is behind a NAT */

	/* phase 1, negotiated */
	struct phase1_choice choice;	/* choice.transform is not kept */
	struct ike1_keys keys;
	uint8_t last_block[16];		/* the last ciphertext of phase 1: IVs of later exchanges grow from it */
	struct phase1 *phase1;		/* phase1.h: what its messages gathered; NULL once established */
	struct io io;
	bool is_working;		/* a job is out: messages wait (one is kept) */
	struct blob waiting;
	struct ike_path waiting_path;
	struct v1_id peer_id;		/* data points into peer_id_bytes */
	struct blob peer_id_bytes;
	unsigned n_told;		/* lines about what nobody vouches for: SA_MOST_TOLD at most */
	unsigned n_free_sends;		/* messages that may be longer than credit_bytes: aggressive and base have one (phase1.h says why) */
	size_t credit_bytes;		/* what somebody unproven may still be sent: came in less what went out */
	struct ike_sa *next_hashed, *next_of_id, *next_of_peer;	/* sa_find.c's chains: by CKY-I, by id, by peer; the youngest first */
	struct ike_sa **at;		/* what points to it in ike->sas */
	struct ike_sa *next_sick;	/* of those that ike_reap() is to look at: sa_look_after() */
	bool is_sick;
	const struct cfg_peer *cfg;	/* sa_peer()'s: of the present configuration */
	bool is_half_open, is_known;	/* sa.c's: counted; its peer has a single address, and so a share of its own */
	uint16_t half_open_bucket;

	/* later exchanges */
	struct v1_exchange *exchanges;
	unsigned n_exchanges;		/* those that the peer began */
	struct blob seen_ids;		/* message ids of the peer's quick modes and Informationals (not DPD's), so that none runs twice */
	int64_t since_ms, rekey_ms, expires_ms;
	uint64_t used_bytes;		/* of IKE traffic, against choice.kilobytes */
	struct timer life, dpd, keepalive, guard;
	uint32_t dpd_seq_out, dpd_seq_in;
	unsigned dpd_failures;
	int64_t heard_ms;		/* authenticated traffic of the peer, IKE's or a child's */
	struct frag *frag;		/* frag.c's */
	uint32_t info_ids[64];		/* of the peer's latest Informationals, those of dead peer detection too: they have numbers, and are many */
	unsigned n_info_ids;
};

/* One exchange after phase 1, quick or informational; message_id tells it. */
struct v1_exchange {
	struct v1_exchange *next;
	struct ike_sa *sa;
	uint8_t type;
	uint32_t message_id;
	bool is_initiator, is_dead;
	uint8_t iv[16];
	unsigned step;
	struct io io;
	struct quick *quick;		/* quick.c's; NULL for Informational */
	struct timer guard;		/* an exchange that does not end is ended */
};

/* ---- the engine */
struct ike {
	struct ike_calls calls;
	struct pool *pool;
	const struct config *config;
	int64_t now_ms;
	uint64_t random;		/* jitter: xorshift */
	unsigned max_half_open, n_half_open;
	uint64_t last_id;		/* 64 bits: what is ordered by it stays so however many strangers come */
	struct ike_sa *sas;
	struct ike_sa *hashed[IKE_HASH_SIZE], *of_id[IKE_HASH_SIZE], *of_peer[IKE_HASH_SIZE];
	struct ike_sa *sick;
	uint16_t known_half_open[IKE_HASH_SIZE];	/* by the hash of the source, of peers with a single address */
	uint16_t half_open_by_source[IKE_HASH_SIZE];
	int64_t says_ms;		/* ike_may_say()'s */
	unsigned says_left;
	size_t frag_bytes;		/* held by all reassemblies */
	bool has_dead;			/* ike_reap() has something to do: whoever marks an object dead sets it */
	struct ike_child *children;	/* child.c's */
	struct ike_child *children_by_id[IKE_HASH_SIZE];
	bool has_dead_children;		/* or wants: phase2_reap() has something to do */
	struct want *wants;		/* want.c's */
	struct contact *contacts;	/* want.c's: by peer and address: INITIAL-CONTACT was said, back-off */
	struct timer **heap;
	size_t n_heap, heap_room;
	struct ike_counters counters;
	uint8_t cookie_secret[32];
	struct credential *credentials;	/* auth.c's: certificates and trust by peer, loaded when first needed, dropped at reconfigure */
	unsigned n_working;		/* jobs in the pool that point here */
	bool is_closing;
};
void ike_reap(struct ike *ike);
void ike_free(struct ike *ike);	/* of a closed one, once no job points here */
uint32_t ike_fresh_id(struct ike *ike);	/* of an SA, a child, a want: never 0 */
uint32_t ike_random(struct ike *ike, uint32_t below);	/* jitter, nothing secret */
/** A line for people about an SA ("phase 1 with 198.51.100.1[500]: …") or, sa NULL, about a peer. */
void ike_say(struct ike *ike, enum log_level level, const char *peer, const struct ike_sa *sa, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));
bool ike_may_say(struct ike *ike);	/* a line about strangers: 10 a second at most */
const struct cfg_peer *sa_peer(const struct ike_sa *sa);	/* NULL once it left the configuration */

/* ---- ike.c, phase1.c */
/** icookie: the peer's, who begins; NULL: we begin. NULL: no memory, or no randomness. */
struct ike_sa *sa_open(struct ike *ike, const struct cfg_peer *peer, const struct ike_path *path, const uint8_t *icookie);
void sa_kill(struct ike_sa *sa, const char *why);	/* no message goes out; wants of its peer that waited for it fail if no other SA serves them */
void sa_guard(struct ike_sa *sa);	/* a larval SA that does not get on dies; from now on */
void sa_free(struct ike_sa *sa);
void sa_look_after(struct ike_sa *sa);	/* it is dead, or an exchange of it */
void sa_enlist(struct ike_sa *sa);	/* in all lists; its id, name and CKY-I stand */
void sa_delist(struct ike_sa *sa);
MUST_USE bool sa_is_taken(struct ike *ike, const uint8_t cookies[COOKIES_BYTES]);
struct ike_sa *sa_first_of_peer(struct ike *ike, const char *peer);	/* and on by next_of_peer; others of the same hash among them */
unsigned sa_hash_source(const struct ike *ike, const struct adit_addr *addr);
/** By cookies; rcookie may be zero, and of an SA that we began and nobody has answered the peer's is not known yet. NULL: none. */
struct ike_sa *sa_by_cookies(struct ike *ike, const uint8_t icookie[8], const uint8_t rcookie[8]);
/** The responder's SA that this very datagram, a first message, opened. */
struct ike_sa *sa_by_first(struct ike *ike, const uint8_t icookie[8], const struct ike_path *path, struct bytes datagram);
/** Did we begin with this cookie ourselves? Then a first message with it is our own, come back. */
MUST_USE bool sa_began_here(struct ike *ike, const uint8_t icookie[8]);
/** May somebody open one more? Half-open ones are counted from here until sa_settled() or death. why: what stands against it. */
MUST_USE bool half_open_allows(struct ike *ike, const struct cfg_peer *peer, const struct adit_addr *remote, char why[MATCH_WHY_BYTES]);
void sa_count_half_open(struct ike_sa *sa);
void sa_settled(struct ike_sa *sa);
struct ike_sa *sa_by_id(struct ike *ike, uint32_t id);
/** The youngest established SA with a peer between these ends (local NULL: any); dying ones only if there is no other. */
struct ike_sa *sa_established(struct ike *ike, const char *peer, const struct adit_addr *local, const struct adit_addr *remote);
/** A phase 1 with that peer that is under way. */
struct ike_sa *sa_larval(struct ike *ike, const char *peer, const struct adit_addr *local, const struct adit_addr *remote);
/** Begin a phase 1. NULL: why says what stands against it. */
MUST_USE struct ike_sa *phase1_initiate(struct ike *ike, const struct cfg_peer *peer, const struct adit_addr *local, const struct adit_addr *remote,
					char why[MATCH_WHY_BYTES]);
/** A first message, of a peer that is to be found. */
void phase1_respond(struct ike *ike, const struct isakmp_header *header, struct bytes rest, struct bytes datagram, const struct ike_path *path);
/** A quick mode came while phase 1 is under way: its last message is lost or late, or is being judged. */
void phase1_hears_early(struct ike_sa *sa, struct bytes datagram, const struct ike_path *path);
void phase1_free(struct phase1 *phase1);
void credentials_drop(struct ike *ike);	/* they are read again when next needed; those that a job uses live until it is done */
void credentials_free(struct ike *ike);
void phase1_receive(struct ike_sa *sa, const struct isakmp_header *header, struct bytes rest, struct bytes datagram,
		    const struct ike_path *path);
void phase1_begin_rekey(struct ike_sa *sa);	/* make before break */
void phase1_check_bytes(struct ike_sa *sa);	/* after used_bytes grew */
bool sa_is_natt(const struct ike_sa *sa);	/* children must be in UDP */

/* ---- message.c: exchanges after phase 1 */
/** A message of an exchange after phase 1, protected, for an SA that has keys. */
void message_receive(struct ike_sa *sa, const struct isakmp_header *header, struct bytes rest, struct bytes datagram, const struct ike_path *path);
/**
 * Decrypt and parse. iv: in: the one to use; out: the next, if it parses. text gets the plaintext, and *out points into it.
 * @return WIRE_LENGTH if it is no whole number of blocks; what the parser says
 */
MUST_USE enum wire_err message_open(const struct ike1_keys *keys, uint8_t iv[16], const struct isakmp_header *header, struct bytes rest,
				    struct blob *text, struct isakmp_message *out);
/** Pad, fill in the length, encrypt behind the header. iv moves on. */
MUST_USE bool message_seal(const struct ike1_keys *keys, uint8_t iv[16], struct writer *to);
struct v1_exchange *exchange_open(struct ike_sa *sa, uint8_t type, uint32_t message_id, bool is_initiator);	/* message_id 0: a fresh one */
void exchange_close(struct v1_exchange *exchange);	/* dead; freed by ike_reap() */
/*
 * Write: message_begin() writes the header and an empty HASH payload of the prf's length; the caller adds payloads; message_finish() computes
 * nothing: the caller has patched the hash at out->hash_at; it pads, encrypts with the exchange's IV (which moves on) and gives it to io_send().
 */
struct message_out {
	uint8_t bytes[SA_PAYLOAD_MAX_BYTES + 4096];
	struct writer to;
	size_t next_at, hash_at, after_hash;	/* offsets of the hash value, and of what follows the HASH payload */
	struct v1_exchange *exchange;
};
void message_begin(struct message_out *out, struct v1_exchange *exchange);
MUST_USE bool message_finish(struct message_out *out, bool awaits_answer);
/** HASH(n) of RFC 2409 §5.5, §5.7: prf(SKEYID_a, [0 |] message id | parts). */
MUST_USE bool message_hash(const struct ike_sa *sa, bool with_zero, uint32_t message_id, const struct bytes *parts, unsigned n, uint8_t *out);
/**
 * Of an authentic message that begins an exchange of the peer's: did one with this id before? None may run again, not even when all is long
 * over: its IV and hash would fit (RFC 2409 §5.5). It is noted.
 */
MUST_USE bool message_was_seen(struct ike_sa *sa, uint32_t message_id);
/** Everything after a message's HASH payload, as it stood. */
struct bytes message_after_hash(const struct isakmp_message *message);

/* ---- what message.c calls, once a message is decrypted and parsed, its HASH payload is first, and it is no duplicate. The callee checks the hash;
 * @return whether the message was authentic: only then the exchange's IV moves on and the message counts as accepted. */
MUST_USE bool quick_receive(struct v1_exchange *exchange, const struct isakmp_message *message);
MUST_USE bool info_receive(struct v1_exchange *exchange, const struct isakmp_message *message);
void quick_free(struct quick *quick);

/* ---- info.c */
void info_send_notify(struct ike_sa *sa, const struct v1_notify *notify);	/* protected once there are keys */
/** In the clear, before there are keys: what was refused; never more bytes than came in, at most one a message. */
void info_refuse_clear(struct ike_sa *sa, uint16_t type);
void info_send_delete_sa(struct ike_sa *sa);
void info_send_delete_child(struct ike_sa *sa, uint8_t v1_protocol, uint32_t spi);
void dpd_start(struct ike_sa *sa);	/* when established, or the configuration changed */
void dpd_heard(struct ike_sa *sa);

/* ---- want.c, quick.c, child.c */
/** Negotiate SAs for a policy; selectors NULL: the policy's. rekeys: the child to replace, 0: none. Joins a want that is there already. */
void want_add(struct ike *ike, const struct cfg_policy *policy, uint32_t rekeys, bool is_by_hand, char why[MATCH_WHY_BYTES]);
void want_phase1_ready(struct ike_sa *sa);	/* established: INITIAL-CONTACT if due, DPD, and what waited begins */
void want_phase1_failed(struct ike *ike, const char *peer, const char *why);
MUST_USE bool quick_initiate(struct ike_sa *sa, struct want *want);
void child_path_changed(struct ike_sa *sa);	/* ike_calls.update for each child in UDP */
void child_sa_gone(struct ike_sa *sa, bool with_children);	/* the ISAKMP SA went; with_children: dead peer, or its Delete said so */
void child_initial_contact(struct ike_sa *sa);	/* authentic INITIAL-CONTACT: older SAs of the same identity and path go */
void children_tick_config(struct ike *ike);	/* after a reconfigure */
void child_close_all(struct ike *ike, bool say_goodbye, bool remove);
uint32_t child_fresh_spi(struct ike *ike);
void phase2_reap(struct ike *ike);	/* frees dead children and wants; ike_reap() calls it after it freed dead exchanges and SAs */
void phase2_close(struct ike *ike);	/* the rest, after all SAs are freed */

/* ---- natt.c, vendor.c, frag.c */
void natt_start_keepalive(struct ike_sa *sa);
/** An authentic message came from elsewhere: follow it (only if a NAT is between us). */
void natt_follow(struct ike_sa *sa, const struct ike_path *path);

#endif
