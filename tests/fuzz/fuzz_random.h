// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * What would be random follows from the input's number of calls alone, so that a crash comes again: random_bytes(), and the secrets of
 * Diffie-Hellman. Linked with --wrap=random_bytes,--wrap=dh_open.
 */
#ifndef TESTS_FUZZ_FUZZ_RANDOM_H
#define TESTS_FUZZ_FUZZ_RANDOM_H

#include "crypto/dh.h"
#include "crypto/room.h"

bool __wrap_random_bytes(void *out, size_t n);
struct dh *__wrap_dh_open(enum dh_group group);

static uint64_t fuzz_random = 1;

static inline void fuzz_random_begin(void)
{
	fuzz_random = 0x9e3779b97f4a7c15u;
}

bool __wrap_random_bytes(void *out, size_t n)
{
	uint8_t *at = out;

	for (size_t i = 0; i < n; i++) {
		fuzz_random ^= fuzz_random << 13;
		fuzz_random ^= fuzz_random >> 7;
		fuzz_random ^= fuzz_random << 17;
		at[i] = (uint8_t)(fuzz_random >> 32);
	}
	return true;
}

struct dh *__wrap_dh_open(enum dh_group group)
{
	uint8_t secret[32];

	(void)__wrap_random_bytes(secret, sizeof(secret));
	secret[0] &= 0x7f;	/* below the order of every group that is fuzzed */
	return dh_open_with(group, (struct bytes){ secret, sizeof(secret) });
}

#endif
