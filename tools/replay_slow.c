// SPDX-License-Identifier: BSD-2-Clause-Patent
#include "replay_slow.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void wait_for_room(void *arg, const struct adit_tx_packet *packet)
{
	struct replay_slow *slow = arg;
	struct replay_waiting *waiting = malloc(sizeof(*waiting));
	uint8_t *bytes = malloc(packet->n_bytes);

	if (!waiting || !bytes) {
		fprintf(stderr, "adit-replay: out of memory\n");
		free(waiting);
		free(bytes);
		slow->has_failed = true;
		return;
	}
	memcpy(bytes, packet->bytes, packet->n_bytes);
	*waiting = (struct replay_waiting){ .packet = *packet };
	waiting->packet.bytes = bytes;
	*slow->last = waiting;
	slow->last = &waiting->next;
}

static void drop_first(struct replay_slow *slow)
{
	struct replay_waiting *waiting = slow->first;

	slow->first = waiting->next;
	if (!slow->first)
		slow->last = &slow->first;
	free((void *)(uintptr_t)waiting->packet.bytes);
	free(waiting);
}

static void up(void *arg, const uint8_t *frame, size_t frame_bytes)
{
	struct replay_slow *slow = arg;

	slow->to_host(slow->arg, frame, frame_bytes);
}

static void put_sa(void *arg, uint16_t slot, const struct adit_sa *sa, const struct adit_sa *around)
{
	struct replay_slow *slow = arg;
	int rc = slowpath_put_sa(slow->slowpath, slot, sa, around);

	if (rc < 0)
		fprintf(stderr, "adit-replay: SA 0x%x: the host cannot transform its packets: %s\n", sa->spi, strerror(-rc));
	slow->has_failed |= rc < 0;
}

static void drop_sa(void *arg, uint16_t slot)
{
	slowpath_drop_sa(((struct replay_slow *)arg)->slowpath, slot);
}

bool replay_slow_open(struct replay_slow *slow, const struct config *config, struct adit_card *card, struct offload *offload,
		      void (*to_host)(void *arg, const uint8_t *frame, size_t frame_bytes), void *arg)
{
	const struct slowpath_options options = { .sa_slots = adit_card_caps(card)->sa_slots, .limits = reassembly_default,
						  .tx = wait_for_room, .up = up, .arg = slow };

	*slow = (struct replay_slow){ .slowpath = slowpath_open(&options), .to_host = to_host, .arg = arg };
	slow->last = &slow->first;
	if (!slow->slowpath)
		return false;
	slowpath_set_local(slow->slowpath, config->local, config->n_local);
	offload->watch = (struct offload_watch){ put_sa, drop_sa, slow };
	return true;
}

void replay_slow_close(struct replay_slow *slow)
{
	while (slow->first)
		drop_first(slow);
	if (slow->slowpath)
		slowpath_close(slow->slowpath);
}

void replay_slow_take(struct replay_slow *slow, const struct adit_rx_packet *packet)
{
	uint8_t mended[FRAME_MAX_BYTES];

	if (slowpath_take(slow->slowpath, packet, 0))
		return;
	slow->to_host(slow->arg, slowpath_mend(slow->slowpath, packet, mended) ? mended : packet->bytes, packet->n_bytes);
}

int replay_slow_send(struct replay_slow *slow, struct adit_card *card, size_t *n_verdicts)
{
	int n = 0;

	for (; slow->first; n++) {
		enum adit_dest dest = slow->first->packet.dest;
		int rc = adit_tx(card, &slow->first->packet, 1);

		if (rc == 0 || rc == -EAGAIN)
			break;
		if (rc < 0)
			return rc;
		*n_verdicts += dest != ADIT_DEST_OUT_LAN && dest != ADIT_DEST_OUT_WAN;
		drop_first(slow);
	}
	return n;
}
