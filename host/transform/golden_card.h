// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * The card's law in plain C: tables, order of decisions, counters. One packet at a time, so it is also the definition
 * of what the pipelined card must look like from outside: same bytes, same reasons, same counters.
 * Tests hold the card against it; it shares no code with the RTL.
 */
#ifndef ADIT_GOLDEN_CARD_H
#define ADIT_GOLDEN_CARD_H

#include "transform/golden.h"

enum { GOLDEN_CARD_SLOTS = 1024, GOLDEN_CARD_RULES = 64 };

struct golden_card;

struct golden_verdict {
	enum adit_reason reason;
	enum adit_face face_out;	/* ADIT_FACE_NONE: dropped */
	uint16_t sa_slot, sp_id;	/* ADIT_NO_SLOT: none */
};

struct golden_card *golden_card_open(const struct adit_mode_options *options);	/* NULL: no memory */
void golden_card_close(struct golden_card *card);

/** Same meaning as adit_sa_add and its like; 0 or a negative errno. */
ADIT_MUST_USE int golden_card_sa_add(struct golden_card *card, uint16_t slot, const struct adit_sa *sa);
ADIT_MUST_USE int golden_card_sa_delete(struct golden_card *card, uint16_t slot);
ADIT_MUST_USE int golden_card_sp_replace(struct golden_card *card, const struct adit_sp *rules, unsigned n_rules);
void golden_card_sp_bind(struct golden_card *card, uint16_t id, uint16_t slot);

/**
 * One frame enters by face: ADIT_FACE_LAN, ADIT_FACE_WAN, or ADIT_FACE_HOST with dest FROM_LAN or FROM_WAN.
 * @param out  room for GOLDEN_MAX_FRAME_BYTES; *out_bytes is 0 if the frame was dropped
 */
struct golden_verdict golden_card_packet(struct golden_card *card, enum adit_face face, enum adit_dest dest,
	const uint8_t *frame, size_t frame_bytes, uint8_t *out, size_t *out_bytes);

/* What the card would answer to queries. */
void golden_card_sa_state(const struct golden_card *card, uint16_t slot, struct adit_sa_state *state);
void golden_card_sp_state(const struct golden_card *card, uint16_t id, struct adit_sp_state *state);
uint64_t golden_card_count(const struct golden_card *card, enum adit_reason reason);

#endif
