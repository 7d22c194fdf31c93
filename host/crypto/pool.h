// SPDX-License-Identifier: BSD-2-Clause-Patent
/* Slow arithmetic on a few threads, so that the event loop goes on. Jobs come back in the loop's own thread. */
#ifndef HOST_CRYPTO_POOL_H
#define HOST_CRYPTO_POOL_H

#include "base/text.h"

/* Embedded in what the job needs. run touches only what belongs to the job, in a thread; done runs where pool_reap() is called. */
struct pool_job {
	void (*run)(struct pool_job *job);
	void (*done)(struct pool_job *job);
	struct pool_job *next;	/* the pool's */
};

struct pool;

/** n_threads 0: no threads, jobs run inside pool_reap() (for tests). NULL: cannot be. Signals are blocked in the threads. */
MUST_USE struct pool *pool_open(unsigned n_threads);
/** Waits for running jobs; those not begun never run: their done is called all the same, so that owners free them. */
void pool_close(struct pool *pool);
int pool_fd(const struct pool *pool);		/* readable when there is something to reap */
void pool_submit(struct pool *pool, struct pool_job *job);
/** Calls done of all finished jobs. @return how many */
unsigned pool_reap(struct pool *pool);
/** Jobs submitted and not reaped. */
unsigned pool_pending(const struct pool *pool);

#endif
