// SPDX-License-Identifier: BSD-2-Clause-Patent
/* An SA lives longer than a card: what it has used in one life counts in the next. */
#include "offload/room.h"

/* Where an SA goes on that was in a card before; 0 where it never was. Saturates. */
uint64_t pair_resume_seq(const struct offload_pair *pair, enum sa_side side, uint64_t margin)
{
	uint64_t seq = pair->states[side].seq;

	if (!sa_side_is_out(side))
		return pair->was_seen ? seq : 0;
	if (!pair->was_seen)
		return margin ? 1 + margin : 0;
	if (margin && margin / 4 < pair->steps[side])
		margin = 4 * pair->steps[side];
	return seq > UINT64_MAX - margin ? UINT64_MAX : seq + margin;
}

/* ---- what is left of limits (RFC 4301 §4.4.2.1) that count over an SA's whole life, whatever cards it lived in */

static bool has_left(uint64_t limit, uint64_t used)
{
	return limit == 0 || limit > used;
}

static uint64_t left_of(uint64_t limit, uint64_t used)
{
	return limit == 0 ? 0 : limit > used ? limit - used : 1;	/* a soft limit that has passed is told once more */
}

static uint64_t age_seconds(const struct offload_pair *pair, int64_t now_ms)
{
	return pair->born_ms && now_ms > pair->born_ms ? (uint64_t)(now_ms - pair->born_ms) / 1000 : 0;
}

static bool is_expired(const struct offload_pair *pair, unsigned side)
{
	const struct adit_sa *sa = &pair->plan.sas.sa[side];
	const struct adit_sa_state *state = &pair->states[side];

	return state->hard_expired || !has_left(sa->hard_seconds, age_seconds(pair, offload_now_ms())) ||
	       !has_left(sa->hard_packets, pair->spent[side].packets + state->packets) ||
	       !has_left(sa->hard_bytes, pair->spent[side].bytes + state->bytes);
}

/* No number is left for an outbound SA that no packet can have had: it must not come back with this key (RFC 4303 §3.3.3). */
static bool is_used_up(const struct offload_pair *pair, enum sa_side side, uint64_t margin)
{
	uint64_t end = pair->plan.sas.sa[side].esn ? UINT64_MAX : (uint64_t)UINT32_MAX + 1;

	return sa_side_is_out(side) && pair_resume_seq(pair, side, margin) >= end;
}

enum pair_end pair_end(const struct offload_pair *pair, enum sa_side side, uint64_t margin)
{
	return is_used_up(pair, side, margin) ? PAIR_USED_UP : is_expired(pair, side) ? PAIR_EXPIRED : PAIR_CAN_COME;
}

static void describe(const struct offload_pair *pair, enum sa_side side, int64_t begin_ms, struct adit_sa *sa)
{
	const struct offload_spent *spent = &pair->spent[side];
	bool is_inner = pair->plan.sas.n > 2 && side < SA_AH_IN;
	uint64_t age = age_seconds(pair, begin_ms);

	*sa = pair->plan.sas.sa[side];
	sa->reqid = pair->reqid;
	sa->has_next = is_inner || side == SA_AH_IN;	/* inbound each names the other: neither opens a packet alone */
	sa->next_slot = is_inner ? pair->slots[side + SA_AH_IN] : side == SA_AH_IN ? pair->slots[SA_IN] : 0;
	sa->soft_seconds = (uint32_t)left_of(sa->soft_seconds, age);
	sa->hard_seconds = (uint32_t)left_of(sa->hard_seconds, age);
	sa->soft_packets = left_of(sa->soft_packets, spent->packets);
	sa->hard_packets = left_of(sa->hard_packets, spent->packets);
	sa->soft_bytes = left_of(sa->soft_bytes, spent->bytes);
	sa->hard_bytes = left_of(sa->hard_bytes, spent->bytes);
}

void pair_describe(const struct offload_pair *pair, enum sa_side side, struct adit_sa *sa)
{
	describe(pair, side, pair->installed_ms, sa);
}

void pair_prepare(struct offload_pair *pair, enum sa_side side, uint64_t margin, struct adit_sa *sa)
{
	uint64_t seq_first = pair_resume_seq(pair, side, margin);

	if (sa_side_is_out(side) && seq_first)	/* should the card die again before anybody has looked */
		pair->states[side].seq = seq_first;
	pair->spent[side].packets += pair->states[side].packets;	/* the card counts from 0 again */
	pair->spent[side].bytes += pair->states[side].bytes;
	pair->states[side].packets = pair->states[side].bytes = 0;
	describe(pair, side, offload_now_ms(), sa);
	sa->seq_first = seq_first;
}

void pair_see(struct offload_pair *pair, enum sa_side side, const struct adit_sa_state *state)
{
	int64_t now_ms = offload_now_ms();
	uint64_t used;

	if (!pair->was_seen || !pair->steps_ms[side]) {
		pair->steps_ms[side] = now_ms;
		pair->steps_from[side] = pair->was_seen ? pair->states[side].seq : state->seq;
		pair->steps[side] = 0;
	}
	used = state->seq > pair->steps_from[side] ? state->seq - pair->steps_from[side] : 0;
	if (now_ms - pair->steps_ms[side] >= STEPS_MS) {
		pair->steps_ms[side] = now_ms;
		pair->steps_from[side] = state->seq;
		pair->steps[side] = used;
	} else if (used > pair->steps[side]) {
		pair->steps[side] = used;
	}
	pair->states[side] = *state;
}
