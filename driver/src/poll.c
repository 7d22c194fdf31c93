// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * adit_card_fd() and adit_card_poll(). Behind the descriptor stand, in one epoll set:
 *
 *	irq_fds   one for each MSI-X vector, in the order of enum adit_vector
 *	again_fd  the host's own: the last poll left work behind, or commands wait for their doorbell
 *	timer_fd  ticks while commands are in flight: finds a silent card, and makes up for a lost interrupt
 *	watch_fd  the bus's: the other side has closed it
 *
 * Interrupts are emptied before the rings are looked at, so one that comes later wakes the next poll. What the poll
 * finds does not depend on interrupts: it looks at shared memory in any case.
 */
#include "card.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

enum poll_tag { TAG_AGAIN = CARD_VECTORS, TAG_TIMER, TAG_WATCH, N_TAGS };

static int watch(struct adit_card *card, int fd, uint32_t events, uint32_t tag)
{
	struct epoll_event event = { .events = events, .data.u32 = tag };

	if (epoll_ctl(card->epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0)
		return 0;
	return bus_fail(card->bus, -errno, "no place in an epoll set: %s", strerror(errno));
}

int poll_open(struct adit_card *card)
{
	int error = 0;

	card->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	card->again_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	card->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (card->epoll_fd < 0 || card->again_fd < 0 || card->timer_fd < 0)
		return bus_fail(card->bus, -errno, "no file descriptor for events: %s", strerror(errno));
	card->n_irq_fds = card->bus->n_vectors < card->caps.vectors ? card->bus->n_vectors : card->caps.vectors;
	if (card->n_irq_fds > CARD_VECTORS)
		card->n_irq_fds = CARD_VECTORS;
	for (unsigned i = 0; i < card->n_irq_fds && !error; i++) {
		card->irq_fds[i] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		error = card->irq_fds[i] < 0 ? bus_fail(card->bus, -errno, "no eventfd: %s", strerror(errno)) :
					       watch(card, card->irq_fds[i], EPOLLIN, i);
	}
	if (!error)
		error = watch(card, card->again_fd, EPOLLIN, TAG_AGAIN);
	if (!error)
		error = watch(card, card->timer_fd, EPOLLIN, TAG_TIMER);
	/* The end of the connection alone: late replies may lie in it for long. */
	if (!error && card->bus->watch_fd >= 0)
		error = watch(card, card->bus->watch_fd, EPOLLRDHUP, TAG_WATCH);
	if (!error && card->n_irq_fds)
		error = bus_irq_enable(card->bus, card->irq_fds, card->n_irq_fds);
	return error;
}

void poll_close(struct adit_card *card)
{
	const int fds[] = { card->irq_fds[0], card->irq_fds[1], card->irq_fds[2], card->irq_fds[3], card->again_fd,
			    card->timer_fd, card->epoll_fd };

	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

static void empty(int fd)
{
	uint64_t count;

	if (read(fd, &count, sizeof(count)) < 0)
		errno = 0;	/* empty already */
}

void card_again(struct adit_card *card)
{
	const uint64_t one = 1;

	if (card->has_again)
		return;
	card->has_again = write(card->again_fd, &one, sizeof(one)) == (ssize_t)sizeof(one);
}

static void set_timer(struct adit_card *card)
{
	const bool is_wanted = card->cmd.n_busy != 0;
	uint32_t ms = card->options.timeout_ms / 4;
	struct itimerspec spec = { 0 };

	if (is_wanted == card->is_timed)
		return;
	card->is_timed = is_wanted;
	if (is_wanted) {
		ms = ms < 10 ? 10 : ms > 250 ? 250 : ms;
		spec.it_value.tv_nsec = spec.it_interval.tv_nsec = (long)ms * 1000000L;
	}
	timerfd_settime(card->timer_fd, 0, &spec, NULL);
}

int adit_card_fd(const struct adit_card *card)
{
	return card->epoll_fd;
}

int card_check_faults(struct adit_card *card)
{
	uint32_t faults;
	int error = card_read(card, ADIT_REG_RING_FAULT, &faults);

	if (error)
		return error;
	for (unsigned ring = 0; ring < 4; ring++) {
		const uint32_t fault = faults >> (8 * ring) & 0xffu;

		if (!fault)
			continue;
		card->ring[ring].is_faulty = true;
		if (ring == ADIT_RING_CMD || ring == ADIT_RING_EVT)
			return card_break(card, -EIO, "the %s ring stopped: fault %s (%u)", name_ring(ring),
					  name_fault(fault), fault);
	}
	return 0;
}

/* Which descriptors fired; all of them are emptied. */
static unsigned look(struct adit_card *card)
{
	struct epoll_event events[N_TAGS];
	unsigned fired = 0;
	int n = epoll_wait(card->epoll_fd, events, N_TAGS, 0);

	for (int i = 0; i < n; i++) {
		const uint32_t tag = events[i].data.u32;

		fired |= 1u << tag;
		if (tag < CARD_VECTORS)
			empty(card->irq_fds[tag]);
		else if (tag == TAG_AGAIN)
			empty(card->again_fd);
		else if (tag == TAG_TIMER)
			empty(card->timer_fd);
	}
	if (fired & 1u << TAG_AGAIN)
		card->has_again = false;
	return fired;
}

static bool is_stopped(const struct adit_card *card)
{
	return card->ring[ADIT_RING_CMD].is_faulty || card->ring[ADIT_RING_EVT].is_faulty;
}

/* Things that went wrong without a word on any ring. */
static int check(struct adit_card *card, unsigned fired)
{
	int error = 0;

	if (fired & 1u << TAG_WATCH) {
		error = bus_check(card->bus);
		if (error)
			return card_bus_failed(card, error);
	}
	if ((fired & 1u << ADIT_VECTOR_FAULT) || is_stopped(card))
		error = card_check_faults(card);
	if (!error && is_stopped(card))
		error = card_break(card, -EIO, "the card says that a ring stopped, and its RING_FAULT that none did");
	return error ? error : cmd_watch(card);
}

int adit_card_poll(struct adit_card *card, unsigned budget)
{
	unsigned fired;
	int n_events, n_packets, error;

	if (card->broken)
		return card->broken;
	fired = look(card);
	error = sp_run(card);
	if (!error)
		error = cmd_kick(card);
	if (error)
		return error;
	n_events = event_poll(card, budget);
	if (n_events < 0)
		return n_events;
	n_packets = packet_poll(card, budget);
	if (n_packets < 0)
		return n_packets;
	error = sp_run(card);	/* completions may have moved it, callbacks may have queued commands */
	if (!error)
		error = cmd_kick(card);
	if (!error)
		error = check(card, fired);
	if (error)
		return error;
	set_timer(card);
	if (((unsigned)n_events == budget || (unsigned)n_packets == budget) && budget != 0) {
		card_again(card);
	} else if (card->has_again) {
		empty(card->again_fd);
		card->has_again = false;
	}
	return n_events + n_packets;
}
