// SPDX-License-Identifier: BSD-2-Clause-Patent
#include "room_test.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

#include "crypto/pool.h"

struct job {
	struct pool_job job;	/* first */
	unsigned number;
	atomic_uint runs;
	unsigned dones;
	pthread_t ran_in, done_in;
	atomic_bool *gate;	/* run waits until it opens; NULL: it does not */
	sigset_t mask;
};

static unsigned order[2000], n_order;

static void run(struct pool_job *pool_job)
{
	struct job *job = (struct job *)pool_job;

	while (job->gate != NULL && !atomic_load(job->gate))
		usleep(200);
	job->ran_in = pthread_self();
	pthread_sigmask(SIG_SETMASK, NULL, &job->mask);
	atomic_fetch_add(&job->runs, 1);
}

static void done(struct pool_job *pool_job)
{
	struct job *job = (struct job *)pool_job;

	job->dones++;
	job->done_in = pthread_self();
	order[n_order++] = job->number;
}

static struct job *make_jobs(unsigned n, atomic_bool *gate)
{
	struct job *jobs = calloc(n, sizeof(*jobs));

	n_order = 0;
	for (unsigned i = 0; i < n; i++) {
		jobs[i].job = (struct pool_job){ run, done, NULL };
		jobs[i].number = i;
		jobs[i].gate = gate;
	}
	return jobs;
}

static bool is_readable(const struct pool *pool, int wait_ms)
{
	struct pollfd fd = { pool_fd(pool), POLLIN, 0 };

	return poll(&fd, 1, wait_ms) == 1;
}

static void reap_until_idle(struct pool *pool)
{
	while (pool_pending(pool) > 0) {
		assert_true(is_readable(pool, 10000));
		pool_reap(pool);
	}
}

static void one_thread_hands_jobs_back_in_their_order(void **state)
{
	struct job *jobs = make_jobs(50, NULL);
	struct pool *pool = pool_open(1);

	(void)state;
	for (unsigned i = 0; i < 50; i++)
		pool_submit(pool, &jobs[i].job);
	reap_until_idle(pool);
	assert_int_equal(n_order, 50);
	for (unsigned i = 0; i < 50; i++)
		assert_int_equal(order[i], i);
	assert_false(is_readable(pool, 0));
	assert_int_equal(pool_reap(pool), 0);
	pool_close(pool);
	free(jobs);
}

static void a_thousand_jobs_on_each_number_of_threads_run_once_each_and_end_in_the_loop_s_thread(void **state)
{
	(void)state;
	for (unsigned n_threads = 0; n_threads <= 4; n_threads++) {
		struct job *jobs = make_jobs(1000, NULL);
		struct pool *pool = pool_open(n_threads);

		for (unsigned i = 0; i < 1000; i++) {
			pool_submit(pool, &jobs[i].job);
			if (i % 100 == 0)
				pool_reap(pool);
		}
		reap_until_idle(pool);
		for (unsigned i = 0; i < 1000; i++) {
			assert_int_equal(atomic_load(&jobs[i].runs), 1);
			assert_int_equal(jobs[i].dones, 1);
			assert_true(pthread_equal(jobs[i].done_in, pthread_self()));
			assert_int_equal(pthread_equal(jobs[i].ran_in, pthread_self()) != 0, n_threads == 0);
		}
		pool_close(pool);
		free(jobs);
	}
}

static void without_threads_jobs_run_in_the_reap_and_not_before(void **state)
{
	struct job *jobs = make_jobs(3, NULL);
	struct pool *pool = pool_open(0);

	(void)state;
	assert_false(is_readable(pool, 0));
	for (unsigned i = 0; i < 3; i++)
		pool_submit(pool, &jobs[i].job);
	assert_true(is_readable(pool, 0));
	assert_int_equal(pool_pending(pool), 3);
	assert_int_equal(atomic_load(&jobs[0].runs), 0);
	assert_int_equal(pool_reap(pool), 3);
	assert_int_equal(atomic_load(&jobs[2].runs), 1);
	assert_int_equal(order[0], 0);
	assert_int_equal(order[2], 2);
	assert_int_equal(pool_pending(pool), 0);
	assert_false(is_readable(pool, 0));
	pool_close(pool);
	free(jobs);
}

static void closing_waits_for_the_running_job_and_gives_back_those_that_never_ran(void **state)
{
	atomic_bool gate = false;
	struct job *jobs = make_jobs(100, &gate);
	struct pool *pool = pool_open(1);
	unsigned n_run = 0;

	(void)state;
	for (unsigned i = 0; i < 100; i++)
		pool_submit(pool, &jobs[i].job);
	usleep(20000);			/* the first is running, and waits */
	assert_int_equal(pool_pending(pool), 100);
	assert_false(is_readable(pool, 0));
	jobs[1].gate = NULL;
	atomic_store(&gate, true);
	pool_close(pool);
	for (unsigned i = 0; i < 100; i++) {
		assert_int_equal(jobs[i].dones, 1);
		n_run += atomic_load(&jobs[i].runs);
	}
	assert_in_range(n_run, 1, 100);
	assert_int_equal(n_order, 100);
	free(jobs);
}

static void closing_without_threads_runs_nothing_and_gives_back_all(void **state)
{
	struct job *jobs = make_jobs(5, NULL);
	struct pool *pool = pool_open(0);

	(void)state;
	for (unsigned i = 0; i < 5; i++)
		pool_submit(pool, &jobs[i].job);
	pool_close(pool);
	for (unsigned i = 0; i < 5; i++) {
		assert_int_equal(jobs[i].dones, 1);
		assert_int_equal(atomic_load(&jobs[i].runs), 0);
	}
	pool_close(NULL);
	free(jobs);
}

static void finished_jobs_that_nobody_reaped_are_given_back_at_the_close(void **state)
{
	struct job *jobs = make_jobs(4, NULL);
	struct pool *pool = pool_open(2);

	(void)state;
	for (unsigned i = 0; i < 4; i++)
		pool_submit(pool, &jobs[i].job);
	assert_true(is_readable(pool, 10000));
	pool_close(pool);
	assert_int_equal(n_order, 4);
	free(jobs);
}

/* What negotiation does: the end of one job begins the next, and the memory of the first is gone. */
struct again {
	struct pool_job job;
	struct pool *pool;
	unsigned left;
};

static unsigned n_again;

static void run_again(struct pool_job *job)
{
	((struct again *)job)->left--;
}

static void done_again(struct pool_job *job)
{
	struct again *old = (struct again *)job;

	n_again++;
	if (old->left > 0) {
		struct again *next = malloc(sizeof(*next));

		*next = *old;
		pool_submit(next->pool, &next->job);
	}
	free(old);
}

static void a_job_s_end_may_free_it_and_submit_another(void **state)
{
	(void)state;
	for (unsigned n_threads = 0; n_threads <= 2; n_threads++) {
		struct pool *pool = pool_open(n_threads);

		n_again = 0;
		for (unsigned i = 0; i < 20; i++) {
			struct again *job = malloc(sizeof(*job));

			*job = (struct again){ { run_again, done_again, NULL }, pool, 10 };
			pool_submit(pool, &job->job);
		}
		reap_until_idle(pool);
		assert_int_equal(n_again, 200);
		pool_close(pool);
	}
}

/* The loop's own job is to take signals: a thread that took SIGTERM would end the daemon without its good byes. */
static void threads_block_all_signals_and_the_caller_s_mask_stays(void **state)
{
	struct job *jobs = make_jobs(1, NULL);
	sigset_t before, after;
	struct pool *pool;

	(void)state;
	pthread_sigmask(SIG_SETMASK, NULL, &before);
	pool = pool_open(1);
	pthread_sigmask(SIG_SETMASK, NULL, &after);
	pool_submit(pool, &jobs[0].job);
	reap_until_idle(pool);
	for (int sig = 1; sig < 32; sig++) {
		assert_int_equal(sigismember(&before, sig), sigismember(&after, sig));
		if (sig != SIGKILL && sig != SIGSTOP)
			assert_int_equal(sigismember(&jobs[0].mask, sig), 1);
	}
	pool_close(pool);
	free(jobs);
}

static void a_slow_job_holds_up_nobody_where_there_is_a_second_thread(void **state)
{
	atomic_bool gate = false;
	struct job *slow = make_jobs(1, &gate), *quick = make_jobs(10, NULL);
	struct pool *pool = pool_open(2);

	(void)state;
	pool_submit(pool, &slow[0].job);
	for (unsigned i = 0; i < 10; i++)
		pool_submit(pool, &quick[i].job);
	while (pool_pending(pool) > 1) {
		assert_true(is_readable(pool, 10000));
		pool_reap(pool);
	}
	assert_int_equal(slow[0].dones, 0);
	assert_int_equal(n_order, 10);
	atomic_store(&gate, true);
	reap_until_idle(pool);
	assert_int_equal(slow[0].dones, 1);
	pool_close(pool);
	free(slow);
	free(quick);
}

static void more_threads_than_there_may_be_are_refused(void **state)
{
	struct pool *pool = pool_open(64);

	(void)state;
	assert_non_null(pool);
	pool_close(pool);
	assert_null(pool_open(65));
	assert_null(pool_open(0xffffffff));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_thread_hands_jobs_back_in_their_order),
		cmocka_unit_test(a_thousand_jobs_on_each_number_of_threads_run_once_each_and_end_in_the_loop_s_thread),
		cmocka_unit_test(without_threads_jobs_run_in_the_reap_and_not_before),
		cmocka_unit_test(closing_waits_for_the_running_job_and_gives_back_those_that_never_ran),
		cmocka_unit_test(closing_without_threads_runs_nothing_and_gives_back_all),
		cmocka_unit_test(finished_jobs_that_nobody_reaped_are_given_back_at_the_close),
		cmocka_unit_test(a_job_s_end_may_free_it_and_submit_another),
		cmocka_unit_test(threads_block_all_signals_and_the_caller_s_mask_stays),
		cmocka_unit_test(a_slow_job_holds_up_nobody_where_there_is_a_second_thread),
		cmocka_unit_test(more_threads_than_there_may_be_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
