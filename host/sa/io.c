// SPDX-License-Identifier: BSD-2-Clause-Patent
/* What leaves, what leaves again, and what came twice. */
#include <string.h>

#include "sa/frag.h"
#include "sa/room.h"

static void send_datagram(struct ike_sa *sa, struct bytes datagram)
{
	struct ike *ike = sa->ike;

	ike->counters.out_messages++;
	ike->counters.out_bytes += datagram.len;
	ike->calls.send(ike->calls.arg, &sa->path, datagram.at, datagram.len);
}

/*
 * SEMANTICS class 10: whoever may have given a false source address gets no more bytes there than he spent himself. free_sends are for
 * the second message of aggressive and base mode, which cannot always be as short as the first.
 */
static bool may_send(struct ike_sa *sa, size_t n_bytes)
{
	if (sa->is_initiator || sa->is_proven)
		return true;
	if (n_bytes > sa->credit_bytes && sa->n_free_sends == 0)
		return false;
	if (n_bytes > sa->credit_bytes)
		sa->n_free_sends--;
	sa->credit_bytes -= n_bytes < sa->credit_bytes ? n_bytes : sa->credit_bytes;
	return true;
}

bool sa_send(struct ike_sa *sa, struct bytes message)
{
	const bool in_fragments = frag_is_due(sa, message.len);

	if (!may_send(sa, in_fragments ? frag_total_bytes(message.len) : message.len))
		return false;
	sa->used_bytes += message.len;
	phase1_check_bytes(sa);
	if (in_fragments)
		frag_send(sa, message, send_datagram);
	else
		send_datagram(sa, message);
	return true;
}

static void again(struct ike *ike, void *arg);

/* 2 s, then x 1.8 each time, give or take a tenth */
static void arm(struct ike *ike, struct io *io)
{
	int64_t wait_ms = RETRANSMIT_FIRST_MS;

	for (unsigned i = 0; i < io->n_tries; i++)
		wait_ms = wait_ms * 9 / 5;
	wait_ms += (int64_t)ike_random(ike, (uint32_t)wait_ms / 5) - wait_ms / 10;
	timer_set(ike, &io->timer, ike->now_ms + wait_ms, again, io);
}

static void again(struct ike *ike, void *arg)
{
	struct io *io = arg;

	if (++io->n_tries > RETRANSMIT_TRIES) {
		io->awaits_answer = false;
		ike->counters.timeouts++;
		if (io->gave_up != NULL)
			io->gave_up(ike, io->arg);
		return;
	}
	ike->counters.retransmits++;
	sa_send(io->sa, blob_bytes(&io->sent));
	arm(ike, io);
}

void io_send(struct ike_sa *sa, struct io *io, struct bytes message, bool awaits_answer)
{
	struct ike *ike = sa->ike;

	timer_stop(ike, &io->timer);
	io->sa = sa;
	io->n_tries = 0;
	io->n_sends++;
	io->awaits_answer = awaits_answer;
	if (!blob_set(&io->sent, message)) {
		ike_say(ike, LOG_LEVEL_ERROR, sa->peer, sa, "no memory to keep a message: it is sent once");
		io->awaits_answer = false;
	}
	sa_send(sa, message);
	if (io->awaits_answer)
		arm(ike, io);
}

void io_answered(struct ike *ike, struct io *io)
{
	timer_stop(ike, &io->timer);
	io->awaits_answer = false;
}

static bool digest(struct bytes datagram, uint8_t out[32])
{
	return hash_of(ADIT_AUTH_HMAC_SHA256_128, &datagram, 1, out);
}

bool io_is_duplicate(struct ike_sa *sa, struct io *io, struct bytes datagram)
{
	uint8_t now[32];

	if (!io->has_in || !digest(datagram, now) || memcmp(now, io->last_in, sizeof(now)) != 0)
		return false;
	sa->ike->counters.in_duplicates++;
	if (io->sent.at != NULL && sa_send(sa, blob_bytes(&io->sent)))
		sa->ike->counters.retransmits++;
	return true;
}

/* Both ends keep their last message only if it answered something: else two duplicates would answer each other for ever. */
void io_accepted(struct io *io, struct bytes datagram)
{
	if (io->n_sends == io->n_sends_seen)
		blob_free(&io->sent);
	io->n_sends_seen = io->n_sends;
	io->has_in = digest(datagram, io->last_in);
}

void io_close(struct ike *ike, struct io *io)
{
	io_answered(ike, io);
	blob_free(&io->sent);
	io->has_in = false;
}
