// SPDX-License-Identifier: BSD-2-Clause-Patent
#include "net/backlog.h"

#include <stdlib.h>
#include <string.h>

struct backlog {
	struct adit_rx_packet *packets;
	uint8_t *bytes;
	size_t frame_bytes;
	unsigned n_packets, first, n_used;
};

struct backlog *backlog_open(unsigned n_packets, size_t frame_bytes)
{
	struct backlog *backlog = calloc(1, sizeof(*backlog));

	if (!backlog)
		return NULL;
	backlog->n_packets = n_packets;
	backlog->frame_bytes = frame_bytes;
	backlog->packets = calloc(n_packets, sizeof(*backlog->packets));
	backlog->bytes = calloc(n_packets, frame_bytes);
	if (!backlog->packets || !backlog->bytes) {
		backlog_close(backlog);
		return NULL;
	}
	return backlog;
}

void backlog_close(struct backlog *backlog)
{
	if (!backlog)
		return;
	free(backlog->packets);
	free(backlog->bytes);
	free(backlog);
}

bool backlog_put(struct backlog *backlog, const struct adit_rx_packet *packet)
{
	unsigned at = (backlog->first + backlog->n_used) % backlog->n_packets;

	if (backlog->n_used == backlog->n_packets || packet->n_bytes > backlog->frame_bytes)
		return false;
	backlog->packets[at] = *packet;
	backlog->packets[at].bytes = backlog->bytes + at * backlog->frame_bytes;
	memcpy(backlog->bytes + at * backlog->frame_bytes, packet->bytes, packet->n_bytes);
	backlog->n_used++;
	return true;
}

bool backlog_take(struct backlog *backlog, struct adit_rx_packet *out)
{
	if (backlog->n_used == 0)
		return false;
	*out = backlog->packets[backlog->first];
	backlog->first = (backlog->first + 1) % backlog->n_packets;
	backlog->n_used--;
	return true;
}
