// SPDX-License-Identifier: BSD-2-Clause-Patent
#include "crypto/pool.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { MAX_THREADS = 64 };

struct queue {
	struct pool_job *first, **end;
};

/* A job goes: waiting -> (a thread) -> finished -> (the reaper) -> its owner. */
struct pool {
	pthread_mutex_t lock;
	pthread_cond_t work;
	struct queue waiting, finished;
	bool is_closing;
	unsigned n_pending;	/* touched only by the loop's thread */
	int fd;
	unsigned n_threads;
	pthread_t threads[MAX_THREADS];
};

static void queue_init(struct queue *q)
{
	q->first = NULL;
	q->end = &q->first;
}

static void queue_put(struct queue *q, struct pool_job *job)
{
	job->next = NULL;
	*q->end = job;
	q->end = &job->next;
}

static struct pool_job *queue_get(struct queue *q)
{
	struct pool_job *job = q->first;

	if (job != NULL) {
		q->first = job->next;
		if (q->first == NULL)
			q->end = &q->first;
	}
	return job;
}

static void wake(const struct pool *pool)
{
	eventfd_write(pool->fd, 1);	/* fails only if it is readable already */
}

static void *work(void *arg)
{
	struct pool *pool = arg;
	struct pool_job *job;

	pthread_mutex_lock(&pool->lock);
	while (!pool->is_closing) {
		job = queue_get(&pool->waiting);
		if (job == NULL) {
			pthread_cond_wait(&pool->work, &pool->lock);
			continue;
		}
		pthread_mutex_unlock(&pool->lock);
		job->run(job);
		pthread_mutex_lock(&pool->lock);
		queue_put(&pool->finished, job);
		wake(pool);
	}
	pthread_mutex_unlock(&pool->lock);
	return NULL;
}

/* Signals are for the loop: a thread inherits the mask with which it is made. */
static bool start_threads(struct pool *pool, unsigned n)
{
	sigset_t all, before;

	sigfillset(&all);
	if (pthread_sigmask(SIG_SETMASK, &all, &before) != 0)
		return false;
	while (pool->n_threads < n && pthread_create(&pool->threads[pool->n_threads], NULL, work, pool) == 0)
		pool->n_threads++;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return pool->n_threads == n;
}

struct pool *pool_open(unsigned n_threads)
{
	struct pool *pool = n_threads <= MAX_THREADS ? calloc(1, sizeof(*pool)) : NULL;

	if (pool == NULL)
		return NULL;
	queue_init(&pool->waiting);
	queue_init(&pool->finished);
	pthread_mutex_init(&pool->lock, NULL);	/* these two cannot fail in glibc */
	pthread_cond_init(&pool->work, NULL);
	pool->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (pool->fd >= 0 && start_threads(pool, n_threads))
		return pool;
	pool_close(pool);
	return NULL;
}

int pool_fd(const struct pool *pool)
{
	return pool->fd;
}

unsigned pool_pending(const struct pool *pool)
{
	return pool->n_pending;
}

void pool_submit(struct pool *pool, struct pool_job *job)
{
	pool->n_pending++;
	pthread_mutex_lock(&pool->lock);
	queue_put(&pool->waiting, job);
	if (pool->n_threads > 0)
		pthread_cond_signal(&pool->work);
	else
		wake(pool);
	pthread_mutex_unlock(&pool->lock);
}

/* All that stands in q now, and nothing is told of it any more. What done submits meanwhile comes in the next round. */
static struct pool_job *take_all(struct pool *pool, struct queue *q)
{
	struct pool_job *first;
	eventfd_t count;

	pthread_mutex_lock(&pool->lock);
	eventfd_read(pool->fd, &count);		/* does not block */
	first = q->first;
	queue_init(q);
	pthread_mutex_unlock(&pool->lock);
	return first;
}

/* done may free its job. */
static unsigned hand_back(struct pool *pool, struct pool_job *job, bool has_to_run)
{
	struct pool_job *next;
	unsigned n = 0;

	for (; job != NULL; job = next, n++) {
		next = job->next;
		if (has_to_run)
			job->run(job);
		pool->n_pending--;
		job->done(job);
	}
	return n;
}

unsigned pool_reap(struct pool *pool)
{
	if (pool->n_threads == 0)
		return hand_back(pool, take_all(pool, &pool->waiting), true);
	return hand_back(pool, take_all(pool, &pool->finished), false);
}

void pool_close(struct pool *pool)
{
	if (pool == NULL)
		return;
	pthread_mutex_lock(&pool->lock);
	pool->is_closing = true;
	pthread_cond_broadcast(&pool->work);
	pthread_mutex_unlock(&pool->lock);
	for (unsigned i = 0; i < pool->n_threads; i++)
		pthread_join(pool->threads[i], NULL);
	while (pool->n_pending > 0) {
		hand_back(pool, take_all(pool, &pool->finished), false);
		hand_back(pool, take_all(pool, &pool->waiting), false);
	}
	pthread_cond_destroy(&pool->work);
	pthread_mutex_destroy(&pool->lock);
	if (pool->fd >= 0)
		close(pool->fd);
	free(pool);
}
