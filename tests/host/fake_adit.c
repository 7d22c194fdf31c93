// SPDX-License-Identifier: BSD-2-Clause-Patent
#include "fake_adit.h"

#include "room_test.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>

struct fake fake;
static char error_text[128] = "the card said no";

struct adit_card *fake_card(void)
{
	return (struct adit_card *)(void *)&fake;
}

static void empty(void)
{
	memset(fake.has_sa, 0, sizeof(fake.has_sa));
	memset(fake.sas, 0, sizeof(fake.sas));
	memset(fake.counts, 0, sizeof(fake.counts));
	memset(fake.bound, 0xff, sizeof(fake.bound));
	fake.n_rules = 0;
	fake.is_enabled = false;
	fake.now_seconds = 0;
	fake.limits = (struct adit_host_limits){ 0 };
}

void fake_reset(void)
{
	int fd = fake.fd ? fake.fd : eventfd(1, EFD_CLOEXEC);	/* always readable */

	memset(&fake, 0, sizeof(fake));
	fake.fd = fd;
	fake.ring = FAKE_RING;
	fake.fail_status = -EIO;
	fake.caps = (struct adit_caps){ .major = 1, .minor = 2, .sa_slots = FAKE_SLOTS, .sp_rules = FAKE_RULES, .pkt_rings = 1,
		.vectors = 4, .enc_mask = 1u << ADIT_ENC_NULL | 1u << ADIT_ENC_AES_CBC_128,
		.auth_mask = 1u << ADIT_AUTH_NULL | 1u << ADIT_AUTH_HMAC_SHA1_96,
		.feature_mask = 1u << ADIT_FEATURE_ESP | 1u << ADIT_FEATURE_TUNNEL | 1u << ADIT_FEATURE_TRANSPORT |
				1u << ADIT_FEATURE_IPV4,
		.frame_bytes = 9600, .replay_packets = 64 };
	empty();
}

static void note(const char *fmt, ...)
{
	size_t used = fake.is_quiet ? 0 : strlen(fake.log);
	va_list args;

	va_start(args, fmt);
	if (!fake.is_quiet)
		(void)vsnprintf(fake.log + used, sizeof(fake.log) - used, fmt, args);
	va_end(args);
	if (fake.on_step)
		fake.on_step();
}

static bool is_full(void)
{
	return fake.n_queued >= fake.ring;
}

static int queue(adit_done_fn *done, void *arg, int status, const union adit_answer *answer)
{
	if (is_full())
		return -EAGAIN;
	fake.queue[fake.n_queued].done = done;
	fake.queue[fake.n_queued].arg = arg;
	fake.queue[fake.n_queued].status = status;
	fake.queue[fake.n_queued].answer = answer ? *answer : (union adit_answer){ 0 };
	fake.n_queued++;
	return 0;
}

/* Is this command one that only says no? *rc is then what the call returns. */
static bool refuses(adit_done_fn *done, void *arg, int *rc)
{
	*rc = fake.dead ? fake.dead : is_full() ? -EAGAIN : 0;
	if (*rc < 0)
		return true;
	fake.n_commands++;
	if (!fake.fail_in || --fake.fail_in)
		return false;
	*rc = queue(done, arg, fake.fail_status, NULL);
	return true;
}

void fake_answer(unsigned at)
{
	adit_done_fn *done = fake.queue[at].done;
	void *arg = fake.queue[at].arg;
	int status = fake.queue[at].status;
	const union adit_answer answer = fake.queue[at].answer;

	assert_true(at < fake.n_queued);
	fake.n_queued--;
	memmove(&fake.queue[at], &fake.queue[at + 1], (fake.n_queued - at) * sizeof(fake.queue[0]));
	done(arg, status, &answer);
}

int adit_card_poll(struct adit_card *card, unsigned budget)
{
	unsigned n = fake.is_deaf || fake.is_held ? 0 : fake.n_queued;

	(void)card;
	(void)budget;
	if (fake.dead)
		return fake.dead;
	for (unsigned i = 0; i < n; i++)
		fake_answer(0);
	return (int)n;
}

static void cancel(void)
{
	for (unsigned n = fake.n_queued; n; n--) {
		fake.queue[0].status = -ECANCELED;
		fake_answer(0);
	}
	empty();
}

void fake_lose(void)
{
	cancel();
}

int adit_card_recover(struct adit_card *card)
{
	(void)card;
	fake.dead = 0;
	fake.is_deaf = fake.is_held = false;
	fake.n_recovered++;
	cancel();
	note("recover ");
	return 0;
}

const struct adit_caps *adit_card_caps(const struct adit_card *card)
{
	(void)card;
	return &fake.caps;
}

const char *adit_card_strerror(const struct adit_card *card)
{
	(void)card;
	return error_text;
}

int adit_card_fd(const struct adit_card *card)
{
	(void)card;
	return fake.fd;
}

int adit_card_kick(struct adit_card *card)
{
	(void)card;
	return fake.dead;
}

int adit_card_configure(struct adit_card *card, const struct adit_mode_options *options)
{
	(void)card;
	fake.mode = *options;
	note("mode ");
	return 0;
}

int adit_card_set_now(struct adit_card *card, uint32_t seconds)
{
	(void)card;
	assert_true(seconds >= fake.now_seconds);
	fake.now_seconds = seconds;
	return 0;
}

int adit_card_set_host_limits(struct adit_card *card, const struct adit_host_limits *limits)
{
	(void)card;
	fake.limits = *limits;
	return 0;
}

int adit_card_enable(struct adit_card *card, bool on)
{
	(void)card;
	fake.is_enabled = on;
	note("enable ");
	return 0;
}

int adit_card_cycles(struct adit_card *card, uint64_t *cycles)
{
	(void)card;
	*cycles = 12345;
	return 0;
}

int adit_sa_check(struct adit_card *card, const struct adit_sa *sa)
{
	(void)card;
	if (!(fake.caps.enc_mask >> (unsigned)sa->enc & 1)) {
		(void)snprintf(error_text, sizeof(error_text), "the card lacks cipher %s", adit_enc_name(sa->enc));
		return -EOPNOTSUPP;
	}
	return 0;
}

int adit_sa_add(struct adit_card *card, uint16_t slot, const struct adit_sa *sa, adit_done_fn *done, void *arg)
{
	int rc;

	(void)card;
	if (refuses(done, arg, &rc))
		return rc;
	if (slot >= fake.caps.sa_slots || fake.has_sa[slot])
		return queue(done, arg, -EEXIST, NULL);
	fake.sas[slot] = *sa;
	fake.has_sa[slot] = true;
	fake.states[slot] = (struct adit_sa_state){ .spi = sa->spi, .seq = sa->seq_first };
	note("+%s%u ", sa->dir == ADIT_DIR_IN ? "in" : "out", slot);
	return queue(done, arg, 0, NULL);
}

int adit_sa_update(struct adit_card *card, uint16_t slot, const struct adit_sa *sa, adit_done_fn *done, void *arg)
{
	int rc;

	(void)card;
	if (refuses(done, arg, &rc))
		return rc;
	if (slot >= fake.caps.sa_slots || !fake.has_sa[slot])
		return queue(done, arg, -ENOENT, NULL);
	fake.sas[slot].src = sa->src;
	fake.sas[slot].dst = sa->dst;
	fake.sas[slot].natt_sport = sa->natt_sport;
	fake.sas[slot].natt_dport = sa->natt_dport;
	note("~%u ", slot);
	return queue(done, arg, 0, NULL);
}

int adit_sa_delete(struct adit_card *card, uint16_t slot, adit_done_fn *done, void *arg)
{
	int rc;

	(void)card;
	if (refuses(done, arg, &rc))
		return rc;
	if (slot >= fake.caps.sa_slots || !fake.has_sa[slot])
		return queue(done, arg, -ENOENT, NULL);
	fake.has_sa[slot] = false;
	note("-%u ", slot);
	return queue(done, arg, 0, NULL);
}

int adit_sa_query(struct adit_card *card, uint16_t slot, adit_done_fn *done, void *arg)
{
	union adit_answer answer = { .sa = fake.states[slot] };
	int rc;

	(void)card;
	if (fake.on_step)
		fake.on_step();
	if (refuses(done, arg, &rc))
		return rc;
	return queue(done, arg, fake.has_sa[slot] ? 0 : -ENOENT, &answer);
}

int adit_sa_flush(struct adit_card *card, bool esp, bool ah, adit_done_fn *done, void *arg)
{
	int rc;

	(void)card;
	if (refuses(done, arg, &rc))
		return rc;
	for (unsigned i = 0; i < fake.caps.sa_slots; i++)
		if (fake.has_sa[i] && (fake.sas[i].proto == ADIT_PROTO_ESP ? esp : ah))
			fake.has_sa[i] = false;
	note("flush ");
	return queue(done, arg, 0, NULL);
}

int adit_nop(struct adit_card *card, adit_done_fn *done, void *arg)
{
	int rc;

	(void)card;
	return refuses(done, arg, &rc) ? rc : queue(done, arg, 0, NULL);
}

int adit_sp_replace(struct adit_card *card, const struct adit_sp *rules, unsigned n_rules, adit_done_fn *done, void *arg)
{
	int rc;

	(void)card;
	if (n_rules > fake.caps.sp_rules)
		return -ENOSPC;
	if (refuses(done, arg, &rc))
		return rc;
	memcpy(fake.rules, rules, n_rules * sizeof(*rules));
	fake.n_rules = n_rules;
	note("table%u ", n_rules);
	return queue(done, arg, 0, NULL);
}

static bool take_rule(uint16_t id)
{
	for (unsigned i = 0; i < fake.n_rules; i++) {
		if (fake.rules[i].id != id)
			continue;
		fake.n_rules--;
		memmove(&fake.rules[i], &fake.rules[i + 1], (fake.n_rules - i) * sizeof(fake.rules[0]));
		return true;
	}
	return false;
}

int adit_sp_add(struct adit_card *card, const struct adit_sp *rule, adit_done_fn *done, void *arg)
{
	int rc;

	(void)card;
	assert_true(rule->id < fake.caps.sp_rules);
	if (refuses(done, arg, &rc))
		return rc;
	(void)take_rule(rule->id);
	fake.rules[fake.n_rules++] = *rule;
	note("+rule%u ", rule->id);
	return queue(done, arg, 0, NULL);
}

int adit_sp_delete(struct adit_card *card, uint16_t id, adit_done_fn *done, void *arg)
{
	int rc;

	(void)card;
	if (refuses(done, arg, &rc))
		return rc;
	if (!take_rule(id))
		return queue(done, arg, -ENOENT, NULL);
	note("-rule%u ", id);
	return queue(done, arg, 0, NULL);
}

int adit_sp_bind(struct adit_card *card, uint16_t id, uint16_t slot, adit_done_fn *done, void *arg)
{
	int rc;

	(void)card;
	if (refuses(done, arg, &rc))
		return rc;
	if (id >= fake.caps.sp_rules)
		return queue(done, arg, -EINVAL, NULL);
	fake.bound[id] = slot;
	if (slot == ADIT_NO_SLOT)
		note("unbind%u ", id);
	else
		note("bind%u=%u ", id, slot);
	return queue(done, arg, 0, NULL);
}

int adit_sp_query(struct adit_card *card, uint16_t id, adit_done_fn *done, void *arg)
{
	union adit_answer answer = { .sp = fake.counts[id] };
	int rc;

	(void)card;
	return refuses(done, arg, &rc) ? rc : queue(done, arg, 0, &answer);
}

int adit_stats_query(struct adit_card *card, unsigned first, adit_done_fn *done, void *arg)
{
	union adit_answer answer = { 0 };

	(void)card;
	for (unsigned i = 0; i < 8; i++)
		answer.counters[i] = first + i;
	return queue(done, arg, 0, &answer);
}

int adit_stats_wait(struct adit_card *card, uint64_t *counters)
{
	(void)card;
	for (unsigned i = 0; i < ADIT_REASON_COUNT; i++)
		counters[i] = i;
	return 0;
}
