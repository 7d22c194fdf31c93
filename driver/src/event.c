// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * The event ring. An entry is new when its generation is the turn's: 1 on even turns (the first), 0 on odd ones.
 * Nothing is asked of the card to find that out. Every value in an event is measured before it is used or passed on.
 */
#include "card.h"

#include <endian.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>

static uint8_t gen_at(const struct ring *ring, uint16_t index)
{
	return ring_peek8((const char *)ring_entry(ring, index) + offsetof(struct adit_desc_evt, gen));
}

static uint8_t gen_of_turn(const struct ring *ring, uint16_t index)
{
	/* 65536 / entries is even, so the index may wrap. */
	return (uint8_t)(~(index / ring->entries) & 1u);
}

static bool slot_is_known(const struct adit_card *card, uint16_t slot)
{
	return slot == ADIT_NO_SLOT || slot < card->caps.sa_slots;
}

static bool sp_is_known(const struct adit_card *card, uint16_t id)
{
	return id == ADIT_NO_SLOT || id < card->caps.sp_rules;
}

static int acquire_read(struct adit_card *card, const struct adit_desc_evt *evt, struct adit_event *event)
{
	event->kind = ADIT_EV_ACQUIRE;
	event->sp_id = le16toh(evt->index);
	event->proto = evt->proto;
	event->sport = le16toh(evt->sport);
	event->dport = le16toh(evt->dport);
	event->src.is_v6 = event->dst.is_v6 = evt->is_v6 == 1;
	memcpy(event->src.bytes, evt->src, evt->is_v6 ? 16 : 4);
	memcpy(event->dst.bytes, evt->dst, evt->is_v6 ? 16 : 4);
	if (event->sp_id >= card->caps.sp_rules || evt->is_v6 > 1)
		return card_break(card, -EIO, "an ACQUIRE event of policy %u (the card has %u), is_v6 %u", event->sp_id,
				  card->caps.sp_rules, evt->is_v6);
	return 0;
}

static int sa_notice_read(struct adit_card *card, const struct adit_desc_evt *evt, struct adit_event *event)
{
	event->kind = evt->type == ADIT_EVENT_SA_SOFT ? ADIT_EV_SA_SOFT :
		      evt->type == ADIT_EVENT_SA_HARD ? ADIT_EV_SA_HARD :
		      evt->type == ADIT_EVENT_SEQ_NEAR ? ADIT_EV_SEQ_NEAR : ADIT_EV_SEQ_END;
	event->sa_slot = le16toh(evt->sa_slot);
	if (event->sa_slot >= card->caps.sa_slots)
		return card_break(card, -EIO, "an event of SA slot %u: the card has %u", event->sa_slot,
				  card->caps.sa_slots);
	return 0;
}

static int ring_fault_read(struct adit_card *card, const struct adit_desc_evt *evt, struct adit_event *event)
{
	event->kind = ADIT_EV_RING_FAULT;
	event->ring = le16toh(evt->index);
	if (event->ring > ADIT_RING_RX)
		return card_break(card, -EIO, "a RING_FAULT event of ring %u", event->ring);
	card->ring[event->ring].is_faulty = true;
	return 0;
}

static int verdict_read(struct adit_card *card, const struct adit_desc_evt *evt, struct adit_event *event)
{
	event->kind = ADIT_EV_VERDICT;
	event->reason = evt->status;
	event->face_in = evt->field & 3u;
	event->face_out = evt->field >> 2 & 3u;
	event->frame_no = le32toh(evt->tag);
	event->frame_bytes = le16toh(evt->length);
	event->sa_slot = le16toh(evt->sa_slot);
	event->sp_id = le16toh(evt->index);
	if (!adit_reason_name(evt->status) || evt->field > 15 || !slot_is_known(card, event->sa_slot) ||
	    !sp_is_known(card, event->sp_id))
		return card_break(card, -EIO, "a VERDICT event with reason %u, faces %#x, SA slot %u, policy %u",
				  evt->status, evt->field, event->sa_slot, event->sp_id);
	return 0;
}

static int event_read(struct adit_card *card, const struct adit_desc_evt *evt, struct adit_event *event)
{
	*event = (struct adit_event){
		.sp_id = ADIT_NO_SLOT, .sa_slot = ADIT_NO_SLOT, .cycle = le64toh(evt->cycle),
		.face_in = ADIT_FACE_NONE, .face_out = ADIT_FACE_NONE,
	};
	switch (evt->type) {
	case ADIT_EVENT_ACQUIRE: return acquire_read(card, evt, event);
	case ADIT_EVENT_SA_SOFT:
	case ADIT_EVENT_SA_HARD:
	case ADIT_EVENT_SEQ_NEAR:
	case ADIT_EVENT_SEQ_END: return sa_notice_read(card, evt, event);
	case ADIT_EVENT_RING_FAULT: return ring_fault_read(card, evt, event);
	case ADIT_EVENT_VERDICT: return verdict_read(card, evt, event);
	default: return card_break(card, -EIO, "an event of type %u, which is none", evt->type);
	}
}

/* @return 1 if the next entry is new and *evt its copy, 0 if it is not, or the card is broken. */
static int event_next(struct adit_card *card, struct adit_desc_evt *evt)
{
	struct ring *ring = &card->ring[ADIT_RING_EVT];
	const uint16_t at = ring->posted;
	const uint16_t after = (uint16_t)(at + 1);
	uint8_t gen = gen_at(ring, at);

	if (gen > 1)
		return card_break(card, -EIO, "event %u has generation %u, which is none", at, gen);
	if (gen != gen_of_turn(ring, at)) {
		if (gen_at(ring, after) != gen_of_turn(ring, after))
			return 0;
		/* Writes arrive in order: whoever sees the later one sees the earlier one, now at the latest. */
		ring_acquire();
		if (gen_at(ring, at) != gen_of_turn(ring, at))
			return card_break(card, -EIO, "event %u was written and event %u was not", after, at);
	}
	ring_acquire();
	memcpy(evt, ring_entry(ring, at), sizeof(*evt));
	ring->posted++;	/* before any callback, which may poll again */
	return 1;
}

int event_poll(struct adit_card *card, unsigned budget)
{
	struct ring *ring = &card->ring[ADIT_RING_EVT];
	unsigned n = 0;
	int error;

	while (n < budget && !card->broken) {
		struct adit_desc_evt evt = { 0 };
		struct adit_event event = { 0 };
		int is_new = event_next(card, &evt);

		if (is_new <= 0)
			break;
		n++;
		if (evt.type == ADIT_EVENT_COMPLETION) {
			if (cmd_complete(card, &evt))
				break;
		} else {
			if (event_read(card, &evt, &event))
				break;
			if (card->on_event)
				card->on_event(card->on_event_arg, &event);
		}
		/* Let a busy card go on before the whole ring is full. */
		if ((uint16_t)(ring->posted - ring->rung) >= ring->entries / 2 && !card->broken) {
			error = ring_kick(ring, card->bus);
			if (error)
				return card_bus_failed(card, error);
		}
	}
	if (card->broken)
		return card->broken;
	error = ring_kick(ring, card->bus);
	return error ? card_bus_failed(card, error) : (int)n;
}
