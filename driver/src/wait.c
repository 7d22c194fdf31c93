// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * Calls that wait: queue, poll until the answer is there, never longer than timeout_ms. Other callbacks run meanwhile.
 * A wait that ends early leaves its command in flight and takes its own address out of it.
 */
#include "card.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

#define POLL_BUDGET 64u
#define REASONS_OF_1_1 56u	/* an older card refuses to tell of more */
#define REST_MS 20u	/* interrupts wake the wait; if one is lost, it looks by itself this often */

void wait_done(void *arg, int status, const union adit_answer *answer)
{
	struct wait *wait = arg;

	wait->is_done = true;
	wait->status = status;
	wait->answer = *answer;
}

static uint64_t deadline(const struct adit_card *card)
{
	return bus_now_ms() + card->options.timeout_ms;
}

int wait_step(struct adit_card *card, const struct wait *wait, uint64_t deadline_ms)
{
	struct pollfd pfd = { .fd = card->epoll_fd, .events = POLLIN };
	int n = adit_card_poll(card, POLL_BUDGET);
	uint64_t now;

	if (n < 0)
		return n;
	if (wait->is_done)
		return 0;
	now = bus_now_ms();
	if (now >= deadline_ms)
		return -ETIMEDOUT;
	if (n == 0)
		poll(&pfd, 1, deadline_ms - now < REST_MS ? (int)(deadline_ms - now) : (int)REST_MS);
	return 0;
}

int wait_run(struct adit_card *card, struct wait *wait, int queued)
{
	const uint64_t deadline_ms = deadline(card);
	int error = 0;

	if (queued)
		return queued;
	while (!wait->is_done && !error)
		error = wait_step(card, wait, deadline_ms);
	if (wait->is_done)
		return wait->status;
	cmd_forget(card, wait);
	sp_forget(card, wait);
	if (error == -ETIMEDOUT && !card->broken)
		card_fail(card, error, "no answer for %u ms", card->options.timeout_ms);
	return error;
}

/* Queue with `call`; while the ring is full, reap and try again. */
#define WAIT_FOR(card, wait, call) do {							\
	const uint64_t deadline_ms = deadline(card);					\
	int queued;									\
											\
	while ((queued = (call)) == -EAGAIN) {						\
		int error = wait_step(card, wait, deadline_ms);			\
											\
		if (error)								\
			return error;							\
	}										\
	queued = wait_run(card, wait, queued);						\
	if (queued)									\
		return queued;								\
} while (0)

int adit_sa_add_wait(struct adit_card *card, uint16_t slot, const struct adit_sa *sa)
{
	struct wait wait = { 0 };

	WAIT_FOR(card, &wait, adit_sa_add(card, slot, sa, wait_done, &wait));
	return 0;
}

int adit_sa_update_wait(struct adit_card *card, uint16_t slot, const struct adit_sa *sa)
{
	struct wait wait = { 0 };

	WAIT_FOR(card, &wait, adit_sa_update(card, slot, sa, wait_done, &wait));
	return 0;
}

int adit_sa_delete_wait(struct adit_card *card, uint16_t slot)
{
	struct wait wait = { 0 };

	WAIT_FOR(card, &wait, adit_sa_delete(card, slot, wait_done, &wait));
	return 0;
}

int adit_sa_query_wait(struct adit_card *card, uint16_t slot, struct adit_sa_state *state)
{
	struct wait wait = { 0 };

	WAIT_FOR(card, &wait, adit_sa_query(card, slot, wait_done, &wait));
	*state = wait.answer.sa;
	return 0;
}

int adit_sa_flush_wait(struct adit_card *card, bool esp, bool ah)
{
	struct wait wait = { 0 };

	WAIT_FOR(card, &wait, adit_sa_flush(card, esp, ah, wait_done, &wait));
	return 0;
}

int adit_sp_replace_wait(struct adit_card *card, const struct adit_sp *rules, unsigned n_rules)
{
	struct wait wait = { 0 };

	WAIT_FOR(card, &wait, adit_sp_replace(card, rules, n_rules, wait_done, &wait));
	return 0;
}

int adit_sp_bind_wait(struct adit_card *card, uint16_t id, uint16_t slot)
{
	struct wait wait = { 0 };

	WAIT_FOR(card, &wait, adit_sp_bind(card, id, slot, wait_done, &wait));
	return 0;
}

int adit_sp_query_wait(struct adit_card *card, uint16_t id, struct adit_sp_state *state)
{
	struct wait wait = { 0 };

	WAIT_FOR(card, &wait, adit_sp_query(card, id, wait_done, &wait));
	*state = wait.answer.sp;
	return 0;
}

int adit_stats_wait(struct adit_card *card, uint64_t *counters)
{
	const unsigned n = card->caps.minor < CARD_MINOR_LIMITS ? REASONS_OF_1_1 : ADIT_REASON_COUNT;

	memset(counters, 0, ADIT_REASON_COUNT * sizeof(*counters));
	for (unsigned first = 0; first < n; first += 8) {
		struct wait wait = { 0 };

		WAIT_FOR(card, &wait, adit_stats_query(card, first, wait_done, &wait));
		memcpy(&counters[first], wait.answer.counters, sizeof(wait.answer.counters));
	}
	return 0;
}
