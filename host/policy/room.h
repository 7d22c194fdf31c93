// SPDX-License-Identifier: BSD-2-Clause-Patent
/* What the files of this room share: wire codes of algorithms, and how a refusal is worded. */
#ifndef HOST_POLICY_ROOM_H
#define HOST_POLICY_ROOM_H

#include "policy/proposal.h"

#define DEFAULT_SECONDS 28800	/* of a lifetime that is not said: RFC 2407 §4.5, taken for phase 1 too */
#define FIELD_BYTES 240

/* One cipher on the wire. key_bits 0: its key has one length, and none is said. */
struct cipher_code {
	enum adit_enc enc;
	uint8_t icv_bytes;		/* of AES-GCM */
	uint16_t v1_enc;		/* enum v1_enc; 0: not in phase 1 */
	uint8_t esp;			/* enum v1_esp */
	uint16_t key_bits;
	bool may_omit_bits;		/* phase 2 has a default, and that is key_bits (RFC 2451 §2.2) */
};
/** NULL: none of ours. bits 0: not said. */
const struct cipher_code *cipher_of_phase1(uint16_t v1_enc, uint16_t bits);
const struct cipher_code *cipher_of_esp(uint8_t id, uint16_t bits);
const struct cipher_code *cipher_to_wire(enum adit_enc enc, uint8_t icv_bytes);

/* One integrity algorithm: hash of phase 1, ESP's authentication attribute, AH's transform. */
struct auth_code {
	enum adit_auth auth;
	uint16_t hash, attribute;
	uint8_t ah;
};
const struct auth_code *auth_of_hash(uint16_t hash);
const struct auth_code *auth_of_attribute(uint16_t attribute);
const struct auth_code *auth_to_wire(enum adit_auth auth);

/* What keeps a transform from being taken: the field, theirs and ours. */
struct refusal {
	char text[FIELD_BYTES];
	unsigned n_passed;		/* checks before it: how near it came */
};
__attribute__((format(printf, 2, 3))) bool refuse(struct refusal *refusal, const char *fmt, ...);	/* always false */
bool pass(struct refusal *refusal);	/* one more check; always true */
/* What is told of many refusals: that of the transform that came nearest, among equals the last. */
struct report {
	char *why;			/* PROPOSAL_WHY_BYTES */
	unsigned n_passed;
};
void report_refusal(struct report *report, const struct v1_proposal *proposal, const struct v1_transform *transform,
		    const struct refusal *refusal);
/** "aes-128-cbc, 3des": all of a list of codes. */
void codes_text(const struct word *words, const uint8_t *codes, unsigned n, char *out, size_t out_bytes);
const char *group_text(uint16_t group, char out[24]);	/* "modp1024", "group 26" */
/** proposal_check's word on key lengths: exact wants equality, strict and claim no shorter one, obey takes any. */
bool suits_bits(enum proposal_check check, uint16_t theirs, uint16_t ours);
uint16_t phase2_encap(const struct phase2_wish *wish);	/* the mode as we say it, enum v1_encap */
uint64_t kilobytes_of(uint64_t bytes);	/* rounded up; 0 stays 0 */
uint32_t seconds_of(uint64_t seconds);	/* what is longer than a century or so is as long as can be said */

#endif
