// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * The IKE engine: all IKE SAs of this daemon and the child SAs they made. It does no I/O and never waits: datagrams, time, events of the
 * card and finished jobs go in by calls, and what is to be done comes out by struct ike_calls. Two engines can talk inside one test.
 * One thread. IKEv1's tables are ike1_*; IKEv2's will stand beside them.
 */
#ifndef HOST_SA_IKE_H
#define HOST_SA_IKE_H

#include "base/log.h"
#include "config/config.h"
#include "crypto/pool.h"
#include "policy/match.h"
#include "sa/manual.h"

struct ike;

struct ike_end {
	struct adit_addr addr;
	uint16_t port;
};
struct ike_path {
	struct ike_end local, remote;
	bool is_natt;			/* port 4500's socket: the non-ESP marker (RFC 3948 §2.2) is the caller's to add and to strip */
};

enum child_stage {
	CHILD_INBOUND,			/* the inbound SAs: the peer may send with them from now on */
	CHILD_OUTBOUND			/* the outbound SAs; then the policy seals with them */
};

/* Everything the card needs to know of a pair (or bundle) of SAs. Valid during the call only; keys inside. */
struct child_spec {
	uint32_t id;			/* the engine's name for it, never 0, never reused */
	char policy[CONFIG_NAME_BYTES];	/* whose rule seals with it; of a generated policy a name that no configuration has */
	bool is_generated;		/* rule holds the policy, to be added with the inbound SAs (if no child of that name has brought it
					 * yet) and removed with the last child of that name */
	struct cfg_policy rule;
	struct sa_set sas;		/* slots and reqids 0: host/offload gives them */
};

struct child_use {			/* what the card counted */
	uint64_t in_bytes, in_packets, out_bytes, out_packets;
};

/* None of these may call the engine back from inside. arg is the caller's. */
struct ike_calls {
	/** Send a datagram; bytes are the engine's and valid during the call only. */
	void (*send)(void *arg, const struct ike_path *path, const uint8_t *bytes, size_t n_bytes);
	/** Install a stage; ike_child_done() follows later, exactly once for each call, whatever happens. Idempotent by id and stage. */
	void (*install)(void *arg, const struct child_spec *spec, enum child_stage stage);
	/** The peer's address or port, or ours, changed: same keys, same numbers, atomically. No answer. */
	void (*update)(void *arg, const struct child_spec *spec);
	/** Take both directions out, whatever of them is there; an install still under way is undone. No answer. */
	void (*remove)(void *arg, uint32_t child_id);
	/** No SA can be had for this policy now: let the card ask again (its next acquire). */
	void (*unacquire)(void *arg, const char *policy);
	/** For people. peer: name or "". A line without keys. */
	void (*tell)(void *arg, enum log_level level, const char *peer, const char *text);
	void *arg;
};

struct ike_options {
	struct ike_calls calls;
	struct pool *pool;		/* borrowed; the caller reaps it */
	const struct config *config;	/* borrowed until ike_reconfigure() or ike_close() */
	uint64_t seed;			/* of jitter alone; 0: random */
	unsigned max_half_open;		/* of peers that have not proven anything; 0: 1000 */
};

MUST_USE struct ike *ike_open(const struct ike_options *options);
/** Ends everything; with say_goodbye Deletes are sent first (once). Children are removed from the card only if remove_children. */
void ike_close(struct ike *ike, bool say_goodbye, bool remove_children);

/* ---- what goes in. now_ms: CLOCK_MONOTONIC, never going back. */
void ike_receive(struct ike *ike, const struct ike_path *path, const uint8_t *bytes, size_t n_bytes, int64_t now_ms);
void ike_tick(struct ike *ike, int64_t now_ms);
/** When ike_tick() is due; INT64_MAX: no timer runs. */
int64_t ike_next_ms(const struct ike *ike);
void ike_child_done(struct ike *ike, uint32_t child_id, enum child_stage stage, int status, int64_t now_ms);
/** The card wants an SA for a policy; packet is what asked for it. */
void ike_acquire(struct ike *ike, const char *policy, const struct selectors *packet, int64_t now_ms);
enum child_event { CHILD_SOFT, CHILD_HARD, CHILD_SEQ_NEAR, CHILD_SEQ_END };
void ike_child_event(struct ike *ike, uint32_t child_id, enum child_event event, int64_t now_ms);
/** The card opened packets of this child: the peer lives (RFC 3706 §5.4). And the source of ESP in UDP that the card reports, if it does. */
void ike_child_used(struct ike *ike, uint32_t child_id, const struct child_use *use, int64_t now_ms);
/** Everything a reload changed: peers and policies that went or differ lose their SAs, with Deletes; the rest stays. The old config may go after. */
void ike_reconfigure(struct ike *ike, const struct config *config, int64_t now_ms);

/* ---- what people ask for. name: a policy's or a peer's. @return how many it concerned; 0: no such name (initiate: or it cannot be). */
unsigned ike_initiate(struct ike *ike, const char *name, int64_t now_ms, char why[MATCH_WHY_BYTES]);
unsigned ike_terminate(struct ike *ike, const char *name, int64_t now_ms);
unsigned ike_rekey(struct ike *ike, const char *name, bool phase1_too, int64_t now_ms);

/* ---- what people see */
struct ike_sa_view {
	uint32_t id;
	char peer[CONFIG_NAME_BYTES];
	struct ike_path path;
	bool is_initiator, is_established, is_nat_local, is_nat_remote;
	const char *state;		/* RouterOS's words: "message-1-sent", "message-3-sent", "established", "expired", … */
	uint8_t icookie[8], rcookie[8];
	char identity[160], algorithms[96];
	int64_t since_ms, rekey_ms, expires_ms;	/* monotonic; 0: not yet */
	unsigned n_children, dpd_failures;
};
struct ike_child_view {
	uint32_t id, ike_id;
	char policy[CONFIG_NAME_BYTES], peer[CONFIG_NAME_BYTES];
	const char *state;		/* "larval", "mature", "dying", "dead" */
	bool is_generated, is_initiator;
	enum dh_group pfs;		/* DH_NONE: keys came from phase 1 alone */
	struct selectors selectors;
	uint32_t spi_in, spi_out;
	int64_t since_ms, soft_ms, hard_ms;
	struct child_use use;
};
void ike_each_sa(const struct ike *ike, void (*each)(void *arg, const struct ike_sa_view *view), void *arg);
void ike_each_child(const struct ike *ike, void (*each)(void *arg, const struct ike_child_view *view), void *arg);
/** RouterOS's ph2-state of a policy: "no-phase2", "expired", "established". */
const char *ike_ph2_state(const struct ike *ike, const char *policy);

#define IKE_COUNTERS(X) \
	X(in_messages) X(out_messages) X(in_bytes) X(out_bytes) X(retransmits) X(in_duplicates) X(in_malformed) X(in_unknown_sa) \
	X(in_bad_hash) X(in_refused) X(half_open_refused) X(phase1_initiated) X(phase1_responded) X(phase1_established) X(phase1_failed) \
	X(phase1_rekeyed) X(phase2_initiated) X(phase2_responded) X(phase2_established) X(phase2_failed) X(phase2_rekeyed) \
	X(auth_failures) X(no_proposal) X(id_mismatch) X(timeouts) X(dpd_sent) X(dpd_failures) X(deletes_sent) X(deletes_received) \
	X(fragments_received) X(fragments_sent) X(install_failures) X(acquires) X(address_changes)
struct ike_counters {
#define X(name) uint64_t name;
	IKE_COUNTERS(X)
#undef X
};
const struct ike_counters *ike_counters(const struct ike *ike);

#endif
