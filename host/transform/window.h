// SPDX-License-Identifier: BSD-2-Clause-Patent
/* Which sequence numbers an inbound SA has seen: anti-replay window (RFC 4303 §3.4.3) and full numbers (appendix A2). */
#ifndef ADIT_TRANSFORM_WINDOW_H
#define ADIT_TRANSFORM_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

enum { WINDOW_MAX_PACKETS = 4096 };

struct window {
	uint64_t top;	/* highest number accepted, 0: none yet */
	bool seen[WINDOW_MAX_PACKETS];	/* number n at n % WINDOW_MAX_PACKETS, for n in top - 4095 .. top */
};

/** top and all below it count as seen. */
void window_start(struct window *w, uint64_t top);

/** The 64-bit number that a received 32-bit one stands for, appendix A2.2. @return false: it would lie before the first. */
bool window_full_number(const struct window *w, unsigned window_packets, bool esn, uint32_t seq, uint64_t *full);

/** Not 0, and above the window or unseen in it; window_packets 0: the window is off. */
bool window_is_new(const struct window *w, unsigned window_packets, uint64_t seq);
void window_commit(struct window *w, uint64_t seq);

/** Bit i: top - i was seen. */
uint64_t window_newest(const struct window *w);

#endif
