// SPDX-License-Identifier: BSD-2-Clause-Patent
#include "iova.h"

#include <errno.h>
#include <string.h>

void iova_add_range(struct iova_space *space, uint64_t first, uint64_t last)
{
	if (first < IOVA_FIRST)
		first = IOVA_FIRST;
	if (first > UINT64_MAX - (IOVA_PAGE_BYTES - 1))
		return;
	first = (first + IOVA_PAGE_BYTES - 1) & ~(uint64_t)(IOVA_PAGE_BYTES - 1);
	if (last < IOVA_PAGE_BYTES - 1)
		return;
	last = ((last - (IOVA_PAGE_BYTES - 1)) | (IOVA_PAGE_BYTES - 1)) /* the last page that ends at or before last */;
	if (first > last || space->n_ranges == IOVA_RANGES_MAX)
		return;
	space->ranges[space->n_ranges++] = (struct iova_span){ first, last };
}

static void insert(struct iova_space *space, unsigned at, struct iova_span span)
{
	memmove(&space->used[at + 1], &space->used[at], (space->n_used - at) * sizeof(space->used[0]));
	space->used[at] = span;
	space->n_used++;
}

int iova_alloc(struct iova_space *space, uint64_t bytes, uint64_t *iova)
{
	if (bytes == 0 || space->n_used == IOVA_SPANS_MAX)
		return -ENOSPC;
	for (unsigned r = 0; r < space->n_ranges; r++) {
		uint64_t first = space->ranges[r].first;
		uint64_t last = space->ranges[r].last;
		unsigned at = 0;

		while (at < space->n_used && space->used[at].last < first)
			at++;
		/* Walk the holes between used spans; first is the hole's beginning. */
		while (first <= last) {
			uint64_t hole_last = at < space->n_used && space->used[at].first <= last ?
				space->used[at].first - 1 : last;

			if (hole_last >= first && hole_last - first >= bytes - 1) {
				insert(space, at, (struct iova_span){ first, first + (bytes - 1) });
				*iova = first;
				return 0;
			}
			if (hole_last == last)
				break;
			first = space->used[at].last + 1;
			at++;
		}
	}
	return -ENOSPC;
}

void iova_free(struct iova_space *space, uint64_t iova)
{
	for (unsigned i = 0; i < space->n_used; i++) {
		if (space->used[i].first != iova)
			continue;
		space->n_used--;
		memmove(&space->used[i], &space->used[i + 1], (space->n_used - i) * sizeof(space->used[0]));
		return;
	}
}
