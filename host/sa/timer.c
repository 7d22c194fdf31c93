// SPDX-License-Identifier: BSD-2-Clause-Patent
/* A binary heap: heap[1] is due first. Every timer knows its place, so that stopping one needs no search. */
#include <stdlib.h>

#include "sa/room.h"

static void put(struct ike *ike, size_t at, struct timer *timer)
{
	ike->heap[at] = timer;
	timer->at = at;
}

static void rise(struct ike *ike, size_t at)
{
	struct timer *timer = ike->heap[at];

	for (; at > 1 && ike->heap[at / 2]->due_ms > timer->due_ms; at /= 2)
		put(ike, at, ike->heap[at / 2]);
	put(ike, at, timer);
}

static void sink(struct ike *ike, size_t at)
{
	struct timer *timer = ike->heap[at];

	for (size_t below; (below = 2 * at) <= ike->n_heap; at = below) {
		if (below < ike->n_heap && ike->heap[below + 1]->due_ms < ike->heap[below]->due_ms)
			below++;
		if (ike->heap[below]->due_ms >= timer->due_ms)
			break;
		put(ike, at, ike->heap[below]);
	}
	put(ike, at, timer);
}

/* Places 1 .. n_heap + 1 exist afterwards. */
static bool make_room(struct ike *ike)
{
	size_t room = ike->heap_room < 64 ? 64 : 2 * ike->heap_room;
	struct timer **heap;

	if (ike->n_heap + 1 < ike->heap_room)
		return true;
	heap = realloc(ike->heap, room * sizeof(struct timer *));
	if (heap == NULL)
		return false;
	ike->heap = heap;
	ike->heap_room = room;
	return true;
}

void timer_stop(struct ike *ike, struct timer *timer)
{
	size_t at = timer->at;
	struct timer *last;

	if (at == 0)
		return;
	timer->at = 0;
	last = ike->heap[ike->n_heap--];
	if (last == timer)
		return;
	put(ike, at, last);
	rise(ike, at);
	sink(ike, last->at);
}

void timer_set(struct ike *ike, struct timer *timer, int64_t due_ms, void (*fire)(struct ike *ike, void *arg), void *arg)
{
	timer_stop(ike, timer);
	if (!make_room(ike)) {
		ike_say(ike, LOG_LEVEL_ERROR, "", NULL, "no memory for a timer");
		return;
	}
	timer->due_ms = due_ms;
	timer->fire = fire;
	timer->arg = arg;
	put(ike, ++ike->n_heap, timer);
	rise(ike, ike->n_heap);
}
