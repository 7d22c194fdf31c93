// SPDX-License-Identifier: BSD-2-Clause-Patent
/* xorshift64*: the seed decides every random thing in a run, and nothing else does. */
#ifndef SIM_RNG_H
#define SIM_RNG_H

#include <stdbool.h>
#include <stdint.h>

struct rng {
	uint64_t state;
};

static inline void rng_seed(struct rng *rng, uint64_t seed)
{
	rng->state = (seed ^ 0x9e3779b97f4a7c15u) | 1u;
}

static inline uint32_t rng_next(struct rng *rng)
{
	rng->state ^= rng->state >> 12;
	rng->state ^= rng->state << 25;
	rng->state ^= rng->state >> 27;
	return (uint32_t)((rng->state * 0x2545f4914f6cdd1du) >> 32);
}

/** True in percent of the calls; 0 costs nothing and takes no number. */
static inline bool rng_hits(struct rng *rng, unsigned percent)
{
	return percent != 0 && rng_next(rng) % 100u < percent;
}

#endif
