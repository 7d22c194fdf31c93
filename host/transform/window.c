// SPDX-License-Identifier: BSD-2-Clause-Patent
#include "transform/window.h"

#include <string.h>

enum { ESN_GUESS_PACKETS = 64 };	/* an SA without a window still wants its high halves */

void window_start(struct window *w, uint64_t top)
{
	w->top = top;
	memset(w->seen, top != 0, sizeof(w->seen));
}

bool window_full_number(const struct window *w, unsigned window_packets, bool esn, uint32_t seq, uint64_t *full)
{
	uint32_t size = window_packets != 0 ? window_packets : ESN_GUESS_PACKETS;
	uint32_t high = (uint32_t)(w->top >> 32), low = (uint32_t)w->top, bottom = low - size + 1;
	bool is_before = false;

	if (!esn) {
		high = 0;
	} else if (low >= size - 1) {	/* case A: the window lies in one subspace */
		if (seq < bottom)
			high++;
	} else if (seq >= bottom) {	/* case B: it reaches into the one below, and the number is there */
		is_before = high == 0;
		high--;
	}
	*full = (uint64_t)high << 32 | seq;
	return !is_before;
}

bool window_is_new(const struct window *w, unsigned window_packets, uint64_t seq)
{
	if (seq == 0)
		return false;
	if (seq > w->top || window_packets == 0)
		return true;
	return w->top - seq < window_packets && !w->seen[seq % WINDOW_MAX_PACKETS];
}

void window_commit(struct window *w, uint64_t seq)
{
	if (seq > w->top) {
		uint64_t ahead = seq - w->top;

		if (ahead >= WINDOW_MAX_PACKETS)
			memset(w->seen, 0, sizeof(w->seen));
		else
			for (uint64_t n = w->top + 1; n < seq; n++)
				w->seen[n % WINDOW_MAX_PACKETS] = false;
		w->top = seq;
	} else if (w->top - seq >= WINDOW_MAX_PACKETS) {
		return;
	}
	w->seen[seq % WINDOW_MAX_PACKETS] = true;
}

uint64_t window_newest(const struct window *w)
{
	uint64_t map = 0;

	for (unsigned i = 0; i < 64; i++)
		map |= (uint64_t)w->seen[(w->top - i) % WINDOW_MAX_PACKETS] << i;
	return map;
}
