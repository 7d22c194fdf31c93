// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * Proposals of IKEv1: what we offer, and which of the peer's offers we take: the first of the peer's order that we allow.
 * Pure; both directions of the table between wire codes and the contract's algorithms are here.
 */
#ifndef HOST_POLICY_PROPOSAL_H
#define HOST_POLICY_PROPOSAL_H

#include "config/config.h"
#include "wire/isakmp.h"

#define PROPOSAL_WHY_BYTES 320

/* ---- phase 1 */
struct phase1_choice {
	enum adit_enc enc;
	enum adit_auth hash;
	enum dh_group group;
	enum v1_auth_method method;
	uint32_t seconds;		/* what both live by */
	uint64_t kilobytes;		/* 0: none */
	struct v1_transform transform;	/* as the peer sent it; points into its message */
	uint8_t proposal_number;
};

/** All combinations of the peer's lists as transforms, at most V1_MAX_TRANSFORMS. *n: how many. group: only this one if not DH_NONE. */
void phase1_offer(const struct cfg_peer *peer, enum dh_group group, struct v1_transform *out, unsigned *n);
/**
 * SEMANTICS of proposal_check for phase 1: obey takes any lifetime and key length, claim and strict refuse longer lifetimes and shorter
 * keys, exact wants equality. why, on refusal: of the transform that came nearest (the last of those), the field, theirs and ours ("transform 2: hash sha1, ours md5").
 * @return false: NO-PROPOSAL-CHOSEN
 */
MUST_USE bool phase1_choose(const struct cfg_peer *peer, const struct v1_sa *theirs, struct phase1_choice *out, char why[PROPOSAL_WHY_BYTES]);
/** As initiator: is the one transform that came back one of ours, unchanged? */
MUST_USE bool phase1_accept(const struct cfg_peer *peer, const struct v1_sa *answer, struct phase1_choice *out, char why[PROPOSAL_WHY_BYTES]);

/* ---- phase 2 */
struct phase2_layer {			/* one SA pair: ESP, or AH */
	enum adit_proto proto;
	enum adit_enc enc;
	enum adit_auth auth;
	uint8_t icv_bytes;		/* 0: the algorithm's own */
	bool esn;
	uint32_t peer_spi;
	struct v1_transform transform;	/* as it stood */
};
struct phase2_choice {
	struct phase2_layer layers[2];	/* with AH and ESP: ESP first */
	unsigned n;
	enum v1_encap encap;		/* of the ESP layer, else of AH */
	bool is_tunnel, is_udp;
	enum dh_group pfs;		/* DH_NONE: none */
	uint32_t seconds;		/* what this side lives by; 0: no limit */
	uint64_t kilobytes;		/* 0: no limit */
	bool must_notify_seconds, must_notify_kilobytes;	/* claim: RESPONDER-LIFETIME is due */
	uint8_t proposal_number;
};
struct phase2_wish {			/* what a policy and its proposal want */
	const struct cfg_proposal *proposal;
	enum proposal_check check;
	bool esp, ah, is_tunnel;
	bool is_udp;			/* NAT between us: UDP encapsulation; AH then is refused */
	bool is_udp_draft;		/* the peer knows only the drafts' encapsulation codes */
	bool allow_null_auth;		/* auth_algorithms lists null */
	enum dh_group pfs;
};

/** Writes our SA payload: one proposal (or AH and ESP under one number), a transform for each enc x auth. spis: ours, ESP then AH. */
MUST_USE bool phase2_offer(const struct phase2_wish *wish, const uint32_t spis[2], struct writer *to, size_t *next_at,
			   char why[PROPOSAL_WHY_BYTES]);
/** proposal_check as SEMANTICS §1.2's table has it, for lifetimes, key lengths and PFS group. */
MUST_USE bool phase2_choose(const struct phase2_wish *wish, const struct v1_sa *theirs, struct phase2_choice *out, char why[PROPOSAL_WHY_BYTES]);
/** Writes the responder's SA payload: the chosen transforms as they stood, with our SPIs. */
void phase2_put_choice(const struct phase2_choice *choice, const uint32_t spis[2], struct writer *to, size_t *next_at);
/** As initiator: what came back must be one of what was offered, every attribute the same. */
MUST_USE bool phase2_accept(const struct phase2_wish *wish, const struct v1_sa *answer, struct phase2_choice *out, char why[PROPOSAL_WHY_BYTES]);
/** RESPONDER-LIFETIME at the initiator (SEMANTICS §1.2): obey takes it; claim and strict only what is shorter than ours; exact only what is equal
 * (false: discard the SA). */
MUST_USE bool phase2_take_lifetimes(enum proposal_check check, const struct v1_transform *notified, struct phase2_choice *choice,
				    char why[PROPOSAL_WHY_BYTES]);

/** Bytes of key material that an algorithm takes from KEYMAT, salt included. */
unsigned phase2_enc_key_bytes(enum adit_enc enc);	/* CTR and GCM: with the 4 of nonce or salt */
unsigned phase2_auth_key_bytes(enum adit_auth auth);
void phase1_choice_text(const struct phase1_choice *choice, char *out, size_t out_bytes);	/* "aes-256-cbc/sha256/modp2048/pre-shared-key" */
void phase2_choice_text(const struct phase2_choice *choice, char *out, size_t out_bytes);

#endif
