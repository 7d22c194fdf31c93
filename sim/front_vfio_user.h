// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * vfio-user server: the card on a socket, with VFIO's own semantics (regions, DMA map, interrupts as eventfds).
 *
 *   message: id u16 | command u16 | size u32, with these 16 bytes | flags u32 | errno u32 | payload; fds beside it
 *
 * One client at a time. Whoever breaks the framing is dropped; a message that asks for something impossible is answered
 * with an errno. When a client goes, its memory is unmapped and the card is reset, so that no key outlives it.
 */
#ifndef SIM_FRONT_VFIO_USER_H
#define SIM_FRONT_VFIO_USER_H

#include <poll.h>
#include <stdbool.h>

#include "axi.h"
#include "card.h"

#define FRONT_POLL_FDS 2u

struct front;

/** Listen at path. @return NULL after a line on stderr */
struct front *front_open(const char *path);
void front_close(struct front *front);

/** What card_open() wants: the client's memory; msix is front_msix with the same ctx. */
struct dma_calls front_dma_calls(struct front *front);
void front_msix(void *ctx, unsigned vector);

/**
 * Serve this card from now on.
 *
 * @param settle NULL; or called after each message has been acted upon and before it is answered, and then interrupts
 *               wait for front_fire() too: so a client that waits for answers and interrupts always finds the card at
 *               the same point
 */
void front_serve(struct front *front, struct card *card, void (*settle)(void *ctx), void *settle_ctx);

unsigned front_poll_fds(struct front *front, struct pollfd *fds);

/** Act on what poll() said. @return true if the card was touched */
bool front_polled(struct front *front, const struct pollfd *fds, unsigned n_fds);

/** Send interrupts that wait. */
void front_fire(struct front *front);

/** The card failed to come out of a reset: there is nothing left to serve. */
bool front_is_dead(const struct front *front);

#endif
