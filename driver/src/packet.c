// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * Frames between host and card. Each ring entry owns one buffer for good, so a descriptor that comes back can name no
 * other memory: what the card says about addresses is never looked at.
 *
 *	TX  posted by adit_tx(), taken as far as the write-back line says
 *	RX  all entries posted at the start, taken one by one as `done` appears, posted anew after the callback
 */
#include "card.h"

#include <endian.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>

#define FRAME_BYTES_MIN 14u	/* an Ethernet header */

static uint8_t *buffer(const struct adit_card *card, const struct bus_dma *dma, const struct ring *ring, uint16_t index)
{
	return (uint8_t *)dma->host + (size_t)(index & (ring->entries - 1)) * card->packet.buffer_bytes;
}

static uint64_t buffer_iova(const struct adit_card *card, const struct bus_dma *dma, const struct ring *ring,
			    uint16_t index)
{
	return dma->iova + (uint64_t)(index & (ring->entries - 1)) * card->packet.buffer_bytes;
}

int packet_open(struct adit_card *card)
{
	struct packet_lane *packet = &card->packet;
	struct ring *tx = &card->ring[ADIT_RING_TX];
	struct ring *rx = &card->ring[ADIT_RING_RX];
	int error;

	packet->buffer_bytes = ((uint32_t)card->caps.frame_bytes + 63u) & ~63u;
	error = ring_open(tx, card->bus, ADIT_RING_TX, card->options.tx_entries, ADIT_DESC_TX_BYTES, false);
	if (!error)
		error = ring_open(rx, card->bus, ADIT_RING_RX, card->options.rx_entries, ADIT_DESC_RX_BYTES, false);
	if (!error)
		error = bus_dma_alloc(card->bus, (size_t)tx->entries * packet->buffer_bytes, false, &packet->tx);
	if (!error)
		error = bus_dma_alloc(card->bus, (size_t)rx->entries * packet->buffer_bytes, false, &packet->rx);
	if (!error)
		error = bus_dma_alloc(card->bus, 64, false, &packet->wb);
	return error;
}

void packet_close(struct adit_card *card)
{
	bus_dma_free(card->bus, &card->packet.wb);
	bus_dma_free(card->bus, &card->packet.rx);
	bus_dma_free(card->bus, &card->packet.tx);
	ring_close(&card->ring[ADIT_RING_RX], card->bus);
	ring_close(&card->ring[ADIT_RING_TX], card->bus);
}

static void rx_post(struct adit_card *card)
{
	struct ring *ring = &card->ring[ADIT_RING_RX];
	const struct adit_desc_rx desc = {
		.iova = htole64(buffer_iova(card, &card->packet.rx, ring, ring->posted)),
		.room = htole16((uint16_t)card->packet.buffer_bytes),
	};

	memcpy(ring_entry(ring, ring->posted), &desc, sizeof(desc));
	ring->posted++;
}

int packet_start(struct adit_card *card)
{
	struct ring *ring = &card->ring[ADIT_RING_RX];
	int error;

	while (ring_room(ring))
		rx_post(card);
	error = ring_kick(ring, card->bus);
	return error ? card_bus_failed(card, error) : 0;
}

static uint8_t done_at(const struct ring *ring, uint16_t index)
{
	return ring_peek8((const char *)ring_entry(ring, index) + offsetof(struct adit_desc_rx, done));
}

static int rx_read(struct adit_card *card, struct adit_rx_packet *packet)
{
	const struct ring *ring = &card->ring[ADIT_RING_RX];
	struct adit_desc_rx desc;

	memcpy(&desc, ring_entry(ring, ring->taken), sizeof(desc));
	*packet = (struct adit_rx_packet){
		.bytes = buffer(card, &card->packet.rx, ring, ring->taken), .n_bytes = le16toh(desc.length),
		.reason = desc.reason, .face = desc.face, .sa_slot = le16toh(desc.sa_slot), .sp_id = le16toh(desc.sp_id),
		.seq = le64toh(desc.seq),
	};
	if (packet->n_bytes < FRAME_BYTES_MIN || packet->n_bytes > card->packet.buffer_bytes)
		return card_break(card, -EIO, "a received packet of %u bytes: frames have %u to %u", packet->n_bytes,
				  FRAME_BYTES_MIN, card->packet.buffer_bytes);
	if (!adit_reason_name(desc.reason) || desc.face > ADIT_FACE_HOST)
		return card_break(card, -EIO, "a received packet with reason %u, face %u", desc.reason, desc.face);
	if ((packet->sa_slot != ADIT_NO_SLOT && packet->sa_slot >= card->caps.sa_slots) ||
	    (packet->sp_id != ADIT_NO_SLOT && packet->sp_id >= card->caps.sp_rules))
		return card_break(card, -EIO, "a received packet of SA slot %u, policy %u: the card has %u and %u",
				  packet->sa_slot, packet->sp_id, card->caps.sa_slots, card->caps.sp_rules);
	if ((desc.reason == ADIT_REASON_HostSlowSeal || desc.reason == ADIT_REASON_HostSlowOpen) &&
	    packet->sa_slot == ADIT_NO_SLOT)
		return card_break(card, -EIO, "a received packet with reason %s and no SA", adit_reason_name(desc.reason));
	return 0;
}

/* @return 1 if the next packet is there, 0 if not, or the card is broken. */
static int rx_next(struct adit_card *card)
{
	const struct ring *ring = &card->ring[ADIT_RING_RX];
	const uint16_t at = ring->taken;
	uint8_t done = done_at(ring, at);

	if (done == 0) {
		if (ring_used(ring) < 2 || done_at(ring, (uint16_t)(at + 1)) == 0)
			return 0;
		ring_acquire();		/* as for events: the earlier one must be there by now */
		done = done_at(ring, at);
	}
	if (done != 1)
		return card_break(card, -EIO, "RX descriptor %u has done %u", at, done);
	ring_acquire();
	return 1;
}

static int rx_poll(struct adit_card *card, unsigned budget)
{
	struct ring *ring = &card->ring[ADIT_RING_RX];
	unsigned n = 0;
	int error;

	if (card->packet.is_lent)	/* a callback that waits: its packet's buffer is the next to be posted */
		return 0;
	while (n < budget && !card->broken) {
		struct adit_rx_packet packet;
		int is_new = rx_next(card);

		if (is_new <= 0 || rx_read(card, &packet))
			break;
		n++;
		ring->taken++;
		card->packet.is_lent = true;
		if (card->on_rx)
			card->on_rx(card->on_rx_arg, &packet);
		card->packet.is_lent = false;
		if (card->broken || ring_room(ring) == 0)	/* the callback recovered the card: all is posted */
			break;
		rx_post(card);	/* entries are taken and posted in the same order: this packet's own buffer */
		if ((uint16_t)(ring->posted - ring->rung) >= ring->entries / 4) {
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

/* Take back TX buffers that the card has read. */
static int tx_reap(struct adit_card *card)
{
	struct ring *ring = &card->ring[ADIT_RING_TX];
	const uint32_t index = le32toh(ring_peek32(card->packet.wb.host));

	if (index > UINT16_MAX || (uint16_t)(index - ring->taken) > (uint16_t)(ring->rung - ring->taken))
		return card_break(card, -EIO, "the card claims to have taken TX descriptor %u: %u to %u are posted", index,
				  ring->taken, ring->rung);
	ring_acquire();
	ring->taken = (uint16_t)index;
	return 0;
}

int packet_poll(struct adit_card *card, unsigned budget)
{
	int error = tx_reap(card);

	return error ? error : rx_poll(card, budget);
}

/* The descriptor tells of an SA. */
static bool is_told(const struct adit_tx_packet *packet)
{
	return packet->dest == ADIT_DEST_OPENED || packet->dest == ADIT_DEST_SEAL;
}

static int told_check(struct adit_card *card, const struct adit_tx_packet *packet, unsigned at)
{
	int error = card_needs(card, true, ADIT_FEATURE_HOST_TRANSFORM);

	if (error)
		return error;
	if (packet->sa_slot >= card->caps.sa_slots)
		return card_fail(card, -EINVAL, "packet %u of the batch is of SA slot %u: the card has slots 0 to %u", at,
				 packet->sa_slot, card->caps.sa_slots - 1);
	if (packet->dest == ADIT_DEST_SEAL && packet->sp_id >= card->caps.sp_rules)
		return card_fail(card, -EINVAL, "packet %u of the batch is of policy %u: the card has 0 to %u", at,
				 packet->sp_id, card->caps.sp_rules - 1);
	if (packet->dest == ADIT_DEST_OPENED && !adit_reason_name((unsigned)packet->reason))
		return card_fail(card, -EINVAL, "packet %u of the batch has reason %u, which is none", at,
				 (unsigned)packet->reason);
	return 0;
}

static int tx_check(struct adit_card *card, const struct adit_tx_packet *packet, unsigned at)
{
	if (packet->n_bytes < FRAME_BYTES_MIN || packet->n_bytes > card->caps.frame_bytes)
		return card_fail(card, -EINVAL, "packet %u of the batch has %u bytes: frames have %u to %u", at,
				 packet->n_bytes, FRAME_BYTES_MIN, card->caps.frame_bytes);
	if ((unsigned)packet->dest > ADIT_DEST_SEAL)
		return card_fail(card, -EINVAL, "packet %u of the batch has destination %u, which is none", at,
				 (unsigned)packet->dest);
	return is_told(packet) ? told_check(card, packet, at) : 0;
}

static void tx_post(struct adit_card *card, const struct adit_tx_packet *packet)
{
	struct ring *ring = &card->ring[ADIT_RING_TX];
	struct adit_desc_tx desc = {
		.iova = htole64(buffer_iova(card, &card->packet.tx, ring, ring->posted)),
		.length = htole16(packet->n_bytes), .dest = (uint8_t)packet->dest,
	};

	if (is_told(packet))
		desc.sa_slot = htole16(packet->sa_slot);
	if (packet->dest == ADIT_DEST_OPENED) {
		desc.reason = (uint8_t)packet->reason;
		desc.seq = htole64(packet->seq);
	} else if (packet->dest == ADIT_DEST_SEAL) {
		desc.sp_id = htole16(packet->sp_id);
	}
	memcpy(buffer(card, &card->packet.tx, ring, ring->posted), packet->bytes, packet->n_bytes);
	memcpy(ring_entry(ring, ring->posted), &desc, sizeof(desc));
	ring->posted++;
}

int adit_tx(struct adit_card *card, const struct adit_tx_packet *packets, unsigned n)
{
	struct ring *ring = &card->ring[ADIT_RING_TX];
	unsigned done = 0;
	int error;

	if (card->broken)
		return card->broken;
	if (ring->is_faulty)
		return card_fail(card, -EIO, "the TX ring has stopped on a fault");
	for (unsigned i = 0; i < n; i++) {	/* all or nothing for what makes no sense */
		error = tx_check(card, &packets[i], i);
		if (error)
			return error;
	}
	error = tx_reap(card);
	if (error)
		return error;
	for (; done < n && ring_room(ring); done++)
		tx_post(card, &packets[done]);
	error = ring_kick(ring, card->bus);
	return error ? card_bus_failed(card, error) : (int)done;
}
