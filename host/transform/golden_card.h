// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * The card's law in plain C: tables, order of decisions, counters, lifetimes. One packet at a time, so it is also the definition
 * of what the pipelined card must look like from outside: same bytes, same reasons, same counters, same events.
 * Tests hold the card against it; it shares no code with the RTL.
 */
#ifndef ADIT_GOLDEN_CARD_H
#define ADIT_GOLDEN_CARD_H

#include "transform/golden.h"

enum { GOLDEN_CARD_SLOTS = 1024, GOLDEN_CARD_RULES = 1024, GOLDEN_CARD_EVENTS = 1024 };

struct golden_card;

struct golden_verdict {
	enum adit_reason reason;
	enum adit_face face_out;	/* ADIT_FACE_NONE: dropped */
	uint16_t sa_slot, sp_id;	/* ADIT_NO_SLOT: none */
	uint64_t seq;			/* HostSlowSeal, HostSlowOpen; else 0 */
};

/** What the TX descriptor tells of a packet that the host has worked on: as in struct adit_tx_packet. */
struct golden_told {
	enum adit_reason reason;	/* DEST_OPENED */
	uint16_t sa_slot;		/* DEST_OPENED, DEST_SEAL */
	uint16_t sp_id;			/* DEST_SEAL */
	uint64_t seq;			/* DEST_OPENED */
};

struct golden_card *golden_card_open(const struct adit_mode_options *options);	/* NULL: no memory */
void golden_card_close(struct golden_card *card);

/** Same meaning as adit_card_configure: from the next packet on. */
void golden_card_configure(struct golden_card *card, const struct adit_mode_options *options);
/** NOW in seconds. SAs whose time is over tell it at once. */
void golden_card_set_now(struct golden_card *card, uint32_t seconds);

/** Same meaning as adit_sa_add and its like; 0 or a negative errno. sa_update looks at no keys and no seq_first of an IN SA. */
ADIT_MUST_USE int golden_card_sa_add(struct golden_card *card, uint16_t slot, const struct adit_sa *sa);
ADIT_MUST_USE int golden_card_sa_update(struct golden_card *card, uint16_t slot, const struct adit_sa *sa);
ADIT_MUST_USE int golden_card_sa_delete(struct golden_card *card, uint16_t slot);
void golden_card_sa_flush(struct golden_card *card, bool esp, bool ah);
ADIT_MUST_USE int golden_card_sp_replace(struct golden_card *card, const struct adit_sp *rules, unsigned n_rules);
/** Add, or change the rule with the same id. */
ADIT_MUST_USE int golden_card_sp_add(struct golden_card *card, const struct adit_sp *rule);
ADIT_MUST_USE int golden_card_sp_delete(struct golden_card *card, uint16_t id);
void golden_card_sp_bind(struct golden_card *card, uint16_t id, uint16_t slot);

/**
 * One frame enters by face: ADIT_FACE_LAN, ADIT_FACE_WAN, or ADIT_FACE_HOST with dest FROM_LAN, FROM_WAN, OUT_LAN or OUT_WAN.
 * @param out  room for GOLDEN_MAX_FRAME_BYTES; *out_bytes is 0 if the frame was dropped
 */
struct golden_verdict golden_card_packet(struct golden_card *card, enum adit_face face, enum adit_dest dest,
	const uint8_t *frame, size_t frame_bytes, uint8_t *out, size_t *out_bytes);

/** The same for a frame from the host with dest SEAL or OPENED. */
struct golden_verdict golden_card_packet_told(struct golden_card *card, enum adit_dest dest, const struct golden_told *told,
	const uint8_t *frame, size_t frame_bytes, uint8_t *out, size_t *out_bytes);

/** The next event that the card would have posted, oldest first. @return false if there is none. */
bool golden_card_next_event(struct golden_card *card, struct adit_event *event);

/* What the card would answer to queries. */
void golden_card_sa_state(const struct golden_card *card, uint16_t slot, struct adit_sa_state *state);
void golden_card_sp_state(const struct golden_card *card, uint16_t id, struct adit_sp_state *state);
uint64_t golden_card_count(const struct golden_card *card, enum adit_reason reason);

#endif
