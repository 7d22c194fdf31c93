// SPDX-License-Identifier: BSD-2-Clause-Patent
#include "dma.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* Set only while a copy touches a client's memory. */
static sigjmp_buf bus_error_exit;
static volatile sig_atomic_t is_copying;

static void on_bus_error(int number)
{
	if (is_copying)
		siglongjmp(bus_error_exit, 1);
	signal(number, SIG_DFL);	/* ours: die of it when the instruction is tried again */
}

void dma_guard(void)
{
	struct sigaction action = { .sa_handler = on_bus_error, .sa_flags = SA_NODEFER };

	sigemptyset(&action.sa_mask);
	sigaction(SIGBUS, &action, NULL);
}

static bool copy_guarded(void *to, const void *from, size_t n_bytes)
{
	if (sigsetjmp(bus_error_exit, 0) != 0) {
		is_copying = 0;
		return false;
	}
	is_copying = 1;
	memcpy(to, from, n_bytes);
	is_copying = 0;
	return true;
}

/* Index of the first range that ends behind iova; n_maps if none does. */
static size_t find_from(const struct dma *dma, uint64_t iova)
{
	size_t low = 0, high = dma->n_maps;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (dma->map[mid].iova + (dma->map[mid].n_bytes - 1) < iova)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static const struct dma_map *find(struct dma *dma, uint64_t iova)
{
	size_t at = dma->last;

	if (at >= dma->n_maps || iova < dma->map[at].iova || iova - dma->map[at].iova >= dma->map[at].n_bytes)
		at = find_from(dma, iova);
	if (at == dma->n_maps || iova < dma->map[at].iova)
		return NULL;
	dma->last = at;
	return &dma->map[at];
}

static int map_memory(struct dma_map *map, int fd, uint64_t offset)
{
	struct stat st;
	int protection = (map->may_read ? PROT_READ : 0) | (map->may_write ? PROT_READ | PROT_WRITE : 0);
	void *bytes;

	if (fstat(fd, &st) != 0)
		return -errno;
	if (offset % (uint64_t)sysconf(_SC_PAGESIZE) || offset > INT64_MAX || map->n_bytes > INT64_MAX - offset ||
	    (S_ISREG(st.st_mode) && (uint64_t)st.st_size < offset + map->n_bytes))
		return -EINVAL;
	bytes = mmap(NULL, map->n_bytes, protection, MAP_SHARED, fd, (off_t)offset);
	if (bytes == MAP_FAILED)
		return -errno;
	map->bytes = bytes;
	return 0;
}

int dma_add(struct dma *dma, uint64_t iova, uint64_t n_bytes, int fd, uint64_t offset, bool may_read, bool may_write)
{
	struct dma_map map = { .iova = iova, .n_bytes = n_bytes, .may_read = may_read, .may_write = may_write };
	size_t at;
	int error;

	if (n_bytes == 0 || iova > UINT64_MAX - (n_bytes - 1))
		return -EINVAL;
	at = find_from(dma, iova);
	if (at < dma->n_maps && dma->map[at].iova <= iova + (n_bytes - 1))
		return -EEXIST;
	if (dma->n_maps == DMA_MAPS_MAX)
		return -ENOSPC;
	if (dma->n_maps == dma->room) {
		size_t room = dma->room ? dma->room * 2 : 16;
		struct dma_map *grown = realloc(dma->map, room * sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		dma->map = grown;
		dma->room = room;
	}
	if (fd >= 0 && (may_read || may_write)) {
		error = map_memory(&map, fd, offset);
		if (error)
			return error;
	}
	memmove(dma->map + at + 1, dma->map + at, (dma->n_maps - at) * sizeof(*dma->map));
	dma->map[at] = map;
	dma->n_maps++;
	return 0;
}

static void unmap(struct dma_map *map)
{
	if (map->bytes)
		munmap(map->bytes, map->n_bytes);
}

int64_t dma_remove(struct dma *dma, uint64_t iova, uint64_t n_bytes)
{
	uint64_t last, n_unmapped = 0;
	size_t from, to;

	if (n_bytes == 0 || iova > UINT64_MAX - (n_bytes - 1))
		return -EINVAL;
	last = iova + (n_bytes - 1);
	from = find_from(dma, iova);
	if (from < dma->n_maps && dma->map[from].iova < iova)
		return -EINVAL;
	for (to = from; to < dma->n_maps && dma->map[to].iova <= last; to++) {
		if (dma->map[to].iova + (dma->map[to].n_bytes - 1) > last)
			return -EINVAL;
		n_unmapped += dma->map[to].n_bytes;
	}
	for (size_t i = from; i < to; i++)
		unmap(&dma->map[i]);
	if (from != to)
		memmove(dma->map + from, dma->map + to, (dma->n_maps - to) * sizeof(*dma->map));
	dma->n_maps -= to - from;
	return (int64_t)(n_unmapped & INT64_MAX);
}

void dma_remove_all(struct dma *dma)
{
	for (size_t i = 0; i < dma->n_maps; i++)
		unmap(&dma->map[i]);
	free(dma->map);
	memset(dma, 0, sizeof(*dma));
}

static enum dma_answer access_memory(struct dma *dma, uint64_t iova, uint8_t *to, const uint8_t *from, size_t n_bytes)
{
	while (n_bytes) {
		const struct dma_map *map = find(dma, iova);
		uint64_t at, n;

		if (!map)
			return DMA_UNMAPPED;
		at = iova - map->iova;
		n = map->n_bytes - at < n_bytes ? map->n_bytes - at : n_bytes;
		if (!map->bytes || !(to ? map->may_read : map->may_write))
			return DMA_REFUSED;
		if (!copy_guarded(to ? to : map->bytes + at, to ? map->bytes + at : from, n))
			return DMA_REFUSED;
		if (to)
			to += n;
		else
			from += n;
		iova += n;
		n_bytes -= n;
	}
	return DMA_OK;
}

enum dma_answer dma_read(struct dma *dma, uint64_t iova, void *to, size_t n_bytes)
{
	return access_memory(dma, iova, to, NULL, n_bytes);
}

enum dma_answer dma_write(struct dma *dma, uint64_t iova, const void *from, size_t n_bytes)
{
	return access_memory(dma, iova, NULL, from, n_bytes);
}
