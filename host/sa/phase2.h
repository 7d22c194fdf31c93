// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * What phase 2's files share: quick modes, the children they make, and what waits to be negotiated.
 *
 *   want ──(a phase 1 is there)──> quick ──(keys)──> child: inbound installed ──> outbound installed ──> mature
 *     ^                                                                                                 │
 *     └───────────────────────── soft, by seconds here, by bytes and numbers in the card ───────────────┘
 *
 * A child is larval as long as its quick points to it. Whoever ends one of the two lets go of the other.
 */
#ifndef HOST_SA_PHASE2_H
#define HOST_SA_PHASE2_H

#include "sa/room.h"

#define INSTALL_LIMIT_MS 10000		/* a card that has not answered by then has failed */
#define QUICK_GUARD_MS 90000		/* no quick mode takes longer */
#define QUICK_LINGER_MS 60000		/* the initiator's exchange stays, to repeat message 3 */
#define WANT_GUARD_MS 180000		/* nor does what waits for a phase 1 */
#define CHILDREN_PER_PEER 1024		/* or twice as many as there are policies */
#define GRACE_MS 30000			/* a replaced child goes on receiving so long */
#define GRACE_RESPONDER_MS 10000	/* the responder of the new one waits longer: one end's Delete is enough */
#define LINGER_MS 3000			/* what was deleted receives so long what is on its way */
#define HUSK_MS 60000			/* "expired" is shown so long */
#define REKEY_RETRY_MS 10000
#define BACKOFF_FIRST_MS 5000
#define BACKOFF_MOST_MS 60000
#define CONTACTS_MOST 8192
#define SEEN_IDS_MOST 4096		/* the oldest is forgotten */

struct quick;

enum child_state { CHILD_LARVAL, CHILD_MATURE, CHILD_DYING, CHILD_HUSK };	/* husk: out of the card, without keys; for people */
enum child_side { SIDE_NONE, SIDE_ASKED, SIDE_DONE };

struct ike_child {
	struct ike_child *next, *next_by_id;
	struct ike *ike;
	struct child_spec spec;		/* rule: a copy of the policy it was made for, generated or not */
	struct cfg_proposal proposal;	/* of that policy */
	char peer[CONFIG_NAME_BYTES];
	uint32_t sa_id, made_by;	/* the ISAKMP SA that serves it, and that made it */
	struct ike_path path;
	uint8_t id_type;		/* the peer's identity */
	struct blob identity;
	bool is_initiator, is_dead, may_peer_have, is_deleted_by_peer, is_redundant;
	bool is_let_go;			/* its Delete went out: it only receives, for a moment */
	bool is_half;			/* never had its outbound half */
	enum child_state state;
	enum child_side inbound, outbound;
	struct quick *quick;		/* while larval */
	struct selectors selectors;
	enum dh_group pfs;
	uint32_t seconds;
	uint64_t kilobytes;		/* 0: none, both */
	uint32_t want;			/* that asked for it, 0: none */
	uint32_t replaces;		/* the child that is to go when this one stands */
	uint64_t order;			/* of outbound installation: the largest of a policy seals */
	uint8_t low_nonce[NONCE_BYTES];	/* the lower of both nonces' first bytes */
	int64_t begun_ms, since_ms, soft_ms, hard_ms;
	struct timer soft, hard, step;	/* step: install limit, grace, linger */
	struct child_use use;
};

/* A quick mode under way; belongs to its exchange. */
struct quick {
	struct v1_exchange *exchange;
	struct ike_child *child;	/* NULL: mature or failed */
	struct phase2_wish wish;
	struct phase2_choice choice;	/* points into sa */
	struct blob sa, nonce_i, nonce_r, id_i, id_r, ke, shared;	/* bodies; ke: the peer's */
	bool has_ids;
	int64_t asked_ms;		/* message 1 went out */
	struct dh *dh;
	bool is_working;		/* a job is out */
	uint32_t spis[2];		/* ours: ESP, AH */
};

enum want_state { WANT_PHASE1, WANT_QUICK, WANT_BACKOFF };

struct want {
	struct want *next;
	struct ike *ike;
	uint32_t id, rekeys;		/* rekeys: a child's id, 0: none */
	enum want_state state;
	bool is_by_hand, is_dead, is_generated, has_local;
	char name[CONFIG_NAME_BYTES];	/* of the policy, generated or not */
	struct cfg_policy rule;
	struct selectors selectors;
	char peer[CONFIG_NAME_BYTES];
	struct adit_addr local, remote;
	unsigned n_tries;
	struct timer timer;
};

/* A peer at an address, as long as there is something to remember. */
struct contact {
	struct contact *next;
	char peer[CONFIG_NAME_BYTES];
	struct adit_addr remote;
	bool has_said_hello;
	unsigned n_failures;
	int64_t not_before_ms;
};

/* ---- quick.c */
/** The exchange ends; a child that is still larval fails with it. notify: what the peer is told, 0: nothing. */
void quick_refuse(struct quick *quick, uint16_t notify, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/** Message 1 is out and will not be followed: what the responder makes of it may go. */
void quick_withdraw(const struct quick *quick);
struct quick *quick_open(struct v1_exchange *exchange);
void quick_inbound_ready(struct quick *quick);
void quick_gave_up(struct ike *ike, void *arg);
/** The child lives or died: the exchange has no more to do with it. */
void quick_let_go(struct quick *quick);
MUST_USE bool quick_keep_nonce(struct blob *to, const struct isakmp_message *message);
MUST_USE bool quick_send(struct message_out *out, struct quick *quick, const struct bytes *before, unsigned n_before, bool awaits_answer);
/** Both sides: the answer of the pool, or at once without PFS. */
void quick_worked(struct quick *quick, bool is_well);
/** What we want of phase 2 by a policy and its proposal, which is borrowed. */
void quick_make_wish(struct quick *quick, const struct cfg_policy *rule, const struct cfg_peer *peer, const struct cfg_proposal *proposal);
/** Fresh SPIs of ours and a fresh nonce; false: no memory or no random numbers. */
MUST_USE bool quick_make_own(struct quick *quick, struct blob *nonce);

/* ---- quick_initiate.c, quick_respond.c: handlers; 0, or what to notify with why filled in */
typedef uint16_t quick_handler(struct quick *quick, const struct isakmp_message *message, char why[MATCH_WHY_BYTES]);
quick_handler quick_on_message_1, quick_on_message_2, quick_on_message_3;
/** Of a lone KE payload and the group that was chosen: the peer's value is kept. 0, or what to notify. */
MUST_USE uint16_t quick_take_ke(struct quick *quick, const struct isakmp_message *message, char why[MATCH_WHY_BYTES]);
/** The lower of the nonces' first bytes: which of two children that crossed goes first. */
void quick_note_nonces(struct quick *quick);
void quick_send_message_1(struct quick *quick);
void quick_send_message_2(struct quick *quick);
void quick_send_message_3(struct quick *quick);

/* ---- quick_ids.c */
/** Both ID payloads or none, turned to our outbound sense; false: they contradict each other or are none that a policy can have. */
MUST_USE bool quick_get_ids(const struct isakmp_message *message, const struct ike_sa *sa, bool is_initiator, struct selectors *out,
			    bool *has_ids, char why[MATCH_WHY_BYTES]);
void quick_put_ids(struct writer *to, size_t *next_at, const struct selectors *selectors, bool is_initiator);
void quick_put_natoa(struct writer *to, size_t *next_at, const struct ike_sa *sa, bool is_initiator, bool is_draft);
MUST_USE bool quick_natoa_is_sane(const struct isakmp_message *message);

/* ---- quick_work.c */
/** A key pair (peer empty) or the shared secret with it; quick_worked() follows, from pool_reap(). */
MUST_USE bool quick_work(struct quick *quick, enum dh_group group, struct bytes peer);

/* ---- child_keys.c */
MUST_USE bool child_make_sas(struct ike_child *child, const struct quick *quick);

/* ---- generate.c */
/** The rule for what the peer asks, if generate_policy and its template allow it; of a policy that was generated before, that one. */
MUST_USE bool policy_generate(const struct ike_sa *sa, const struct selectors *wanted, bool is_tunnel, const struct v1_sa *theirs,
			      struct cfg_policy *out, char why[MATCH_WHY_BYTES]);
bool policy_same(const struct cfg_policy *a, const struct cfg_policy *b);
bool proposal_same(const struct cfg_proposal *a, const struct cfg_proposal *b);

/* ---- child.c */
struct ike_child *child_open(struct ike_sa *sa, const struct cfg_policy *rule, bool is_generated, const struct cfg_proposal *proposal,
			     const struct selectors *selectors);
struct ike_child *child_find(struct ike *ike, uint32_t id);
void child_install(struct ike_child *child, enum child_stage stage);
/** A larval child ends: out of the card, the peer told if it may have something, whoever wanted it told. */
void child_give_up(struct ike_child *child, const char *why);
/** Out of the card, and with is_told a Delete to the peer. */
void child_remove(struct ike_child *child, bool is_told, const char *why);
struct ike_sa *child_sa(const struct ike_child *child);
bool child_is_live(const struct ike_child *child);	/* mature or dying, in the card */
bool child_is_same_use(const struct ike_child *a, const struct ike_child *b);	/* one policy, one pair of selectors, one peer and identity */
unsigned child_count_of_peer(const struct ike *ike, const char *peer, const struct adit_addr *remote);
void children_free(struct ike *ike, bool all);	/* all: else the dead ones */
void child_tell(const struct ike_child *child, enum log_level level, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* ---- rekey.c */
void child_start_life(struct ike_child *child);
void child_replace_others(struct ike_child *child);
/** It is gone: a forerunner that still stands takes its place again. */
void child_revive_others(const struct ike_child *gone);
/** Delete to the peer; what is on its way is still received. */
void child_delete_softly(struct ike_child *child);
void child_rekey(struct ike_child *child, bool is_by_hand);
void child_rekey_failed(struct ike *ike, uint32_t id);
void child_deleted_by_peer(struct ike_child *child);
void child_expire(struct ike_child *child, const char *why);

/* ---- want.c */
struct want *want_by_id(struct ike *ike, uint32_t id);
struct want *want_for(struct ike *ike, const char *policy, const struct selectors *selectors);
struct want *want_of_policy(struct ike *ike, const char *policy);
void want_done(struct want *want);
void wants_tick_config(struct ike *ike);
void want_failed(struct want *want, const char *why);
void want_rekey(struct ike_child *child, bool is_by_hand);
struct contact *contact_of(struct ike *ike, const char *peer, const struct adit_addr *remote, bool make);

/* ---- dpd.c */
void dpd_on_notify(struct ike_sa *sa, const struct v1_notify *notify, bool *is_fresh);
void peer_is_dead(struct ike_sa *sa, const char *why);

/* ---- small helps */
static inline void advance_to(struct ike *ike, int64_t now_ms)
{
	if (now_ms > ike->now_ms)
		ike->now_ms = now_ms;
}
static inline struct ike *quick_ike(const struct quick *quick)
{
	return quick->exchange->sa->ike;
}
static inline uint8_t v1_protocol_of(enum adit_proto proto)
{
	return proto == ADIT_PROTO_AH ? V1_PROTO_AH : V1_PROTO_ESP;
}

#endif
