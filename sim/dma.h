// SPDX-License-Identifier: BSD-2-Clause-Patent
/* The IOMMU of the simulation: which IOVA ranges are whose memory, and who may read or write them. */
#ifndef SIM_DMA_H
#define SIM_DMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "axi.h"

#define DMA_MAPS_MAX 65535u

struct dma_map {
	uint64_t iova, n_bytes;
	uint8_t *bytes;		/* NULL: announced without memory; every access is refused */
	bool may_read, may_write;
};

/** Ranges in order of iova; they never overlap. */
struct dma {
	struct dma_map *map;
	size_t n_maps, room, last;	/* last: where the last access was found */
};

/**
 * Map n_bytes of fd from offset at iova. The memory is shared; fd stays the caller's and may be closed.
 *
 * @param fd -1: a range without memory
 * @return 0; -EINVAL for an empty or wrapping range, an offset off the page, or a file that ends before the range;
 *         -EEXIST if it overlaps another; -ENOSPC beyond DMA_MAPS_MAX; what mmap() says
 */
int dma_add(struct dma *dma, uint64_t iova, uint64_t n_bytes, int fd, uint64_t offset, bool may_read, bool may_write);

/**
 * Unmap every range that lies inside [iova, iova + n_bytes).
 * @return bytes unmapped, 0 if there were none; -EINVAL if the borders cut a range in two (nothing is unmapped)
 */
int64_t dma_remove(struct dma *dma, uint64_t iova, uint64_t n_bytes);

void dma_remove_all(struct dma *dma);

/** Read or write host memory. A file that was cut short under us is refused like memory that was never there. */
enum dma_answer dma_read(struct dma *dma, uint64_t iova, void *to, size_t n_bytes);
enum dma_answer dma_write(struct dma *dma, uint64_t iova, const void *from, size_t n_bytes);

/** Once per process, before the first access: memory that vanished must not end us (SIGBUS). */
void dma_guard(void);

#endif
