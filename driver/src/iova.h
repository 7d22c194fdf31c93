// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * Device addresses: which ranges the IOMMU offers and which parts of them are in use. First fit.
 * Addresses grow from IOVA_FIRST, so that address 0 never names memory.
 */
#ifndef ADIT_IOVA_H
#define ADIT_IOVA_H

#include <stddef.h>
#include <stdint.h>

#define IOVA_PAGE_BYTES 4096u
#define IOVA_FIRST 0x1000000u		/* 16 MiB */
#define IOVA_RANGES_MAX 32u
#define IOVA_SPANS_MAX 32u

struct iova_span {
	uint64_t first, last;		/* both belong to it */
};

struct iova_space {
	struct iova_span ranges[IOVA_RANGES_MAX];	/* ascending */
	unsigned n_ranges;
	struct iova_span used[IOVA_SPANS_MAX];		/* ascending, none overlap */
	unsigned n_used;
};

/** Offer one more range; call in ascending order. What is below IOVA_FIRST or no whole page is cut off. */
void iova_add_range(struct iova_space *space, uint64_t first, uint64_t last);
/** bytes is a multiple of the page. @return 0; -ENOSPC when no range has room, or too many spans are in use. */
int iova_alloc(struct iova_space *space, uint64_t bytes, uint64_t *iova);
void iova_free(struct iova_space *space, uint64_t iova);

#endif
