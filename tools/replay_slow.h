// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * The slow path as aditd runs it, for a run that must lose nothing and repeat: what goes back to the card waits for room in its
 * ring, and time stands still, so that fragments without their rest wait until the end.
 */
#ifndef TOOLS_REPLAY_SLOW_H
#define TOOLS_REPLAY_SLOW_H

#include "config/config.h"
#include "offload/offload.h"
#include "slowpath/slowpath.h"

struct replay_waiting {
	struct adit_tx_packet packet;	/* bytes are its own */
	struct replay_waiting *next;
};

struct replay_slow {
	struct slowpath *slowpath;
	struct replay_waiting *first, **last;	/* oldest first */
	bool has_failed;		/* no memory, or an SA that the host cannot transform for: told */
	void (*to_host)(void *arg, const uint8_t *frame, size_t frame_bytes);
	void *arg;
};

/** Sets offload's watch. to_host: a frame for the host's network stack. */
MUST_USE bool replay_slow_open(struct replay_slow *slow, const struct config *config, struct adit_card *card, struct offload *offload,
			       void (*to_host)(void *arg, const uint8_t *frame, size_t frame_bytes), void *arg);
void replay_slow_close(struct replay_slow *slow);
void replay_slow_take(struct replay_slow *slow, const struct adit_rx_packet *packet);
/**
 * Give the card what waits for it, as much as its ring takes.
 * @param n_verdicts counts up for each packet that the card will post a verdict of: straight out of a port it posts none
 * @return how many, or a negative errno.
 */
MUST_USE int replay_slow_send(struct replay_slow *slow, struct adit_card *card, size_t *n_verdicts);

#endif
