// SPDX-License-Identifier: BSD-2-Clause-Patent
/* The card's life: opened, filled, looked at, lost, found again. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>

#include "base/log.h"
#include "room.h"

#define POLL_BUDGET 256
#define RETRY_USEC 1000000ull		/* between two attempts to open a card that is gone */
#define SECOND_USEC 1000000ull

static int on_card(sd_event_source *source, int fd, uint32_t revents, void *userdata);
static void reopen(struct daemon *daemon);

/* ---- what the card says */

static void log_sa_event(struct daemon *daemon, const struct adit_event *event, const char *what)
{
	const struct offload_pair *pair;
	unsigned side = 0;

	if (negotiate_sa_event(daemon, event))
		return;
	pair = offload_pair_by_slot(daemon->offload, event->sa_slot);
	while (pair && side + 1 < pair->plan.sas.n && pair->slots[side] != event->sa_slot)
		side++;
	if (pair)
		log_warning("manual_sa %s: the %s %s SA %s", pair->plan.manual_sa, sa_side_is_out(side) ? "outbound" : "inbound",
			    pair->plan.sas.sa[side].proto == ADIT_PROTO_AH ? "AH" : "ESP", what);
}

static void on_event(void *arg, const struct adit_event *event)
{
	struct daemon *daemon = arg;
	const struct offload_rule *rule;
	char src[ADDR_TEXT_BYTES], dst[ADDR_TEXT_BYTES];

	switch (event->kind) {
	case ADIT_EV_ACQUIRE:
		daemon->counters.acquires++;
		rule = offload_rule_by_id(daemon->offload, event->sp_id);
		log_notice("policy %s: a packet from %s to %s wants an SA and there is none", rule ? rule->plan.name : "?",
			   addr_put(&event->src, src), addr_put(&event->dst, dst));
		if (rule && rule->plan.pair == PLAN_NO_PAIR)
			negotiate_acquire(daemon, rule->plan.name, event);
		return;
	case ADIT_EV_SEQ_NEAR:
		log_sa_event(daemon, event, "has used 7/8 of its sequence numbers");
		return;
	case ADIT_EV_SEQ_END:
		log_sa_event(daemon, event, "has no sequence numbers left and sends nothing more");
		return;
	case ADIT_EV_SA_SOFT:
		log_sa_event(daemon, event, "nears the end of its life");
		return;
	case ADIT_EV_SA_HARD:
		log_sa_event(daemon, event, "has reached the end of its life");
		return;
	case ADIT_EV_RING_FAULT:
		log_error("card: ring %u stopped on a fault", event->ring);
		card_failed(daemon);	/* later: the card may be in the middle of a command */
		return;
	case ADIT_EV_VERDICT:
	default:
		return;
	}
}

/* ---- the card's life */

static void detach(struct daemon *daemon)
{
	daemon->card_io = sd_event_source_disable_unref(daemon->card_io);
}

static int attach(struct daemon *daemon)
{
	adit_card_on_event(daemon->card, on_event, daemon);
	adit_card_on_rx(daemon->card, traffic_rx, daemon);
	return sd_event_add_io(daemon->event, &daemon->card_io, adit_card_fd(daemon->card), EPOLLIN, on_card, daemon);
}

static void retry_later(struct daemon *daemon)
{
	(void)sd_event_source_set_time_relative(daemon->retry, RETRY_USEC);
	(void)sd_event_source_set_enabled(daemon->retry, SD_EVENT_ONESHOT);
}

static void let_go(struct daemon *daemon)
{
	detach(daemon);
	daemon->wants_recovery = false;
	if (daemon->card)
		adit_card_close(daemon->card, false);
	offload_lose_card(daemon->offload);
	daemon->card = NULL;
	daemon->view.card = NULL;
	if (daemon->tap_io)
		(void)sd_event_source_set_enabled(daemon->tap_io, SD_EVENT_OFF);
}

static void lose(struct daemon *daemon)
{
	let_go(daemon);
	if (!daemon->has_logged_away)
		log_error("card %s is away; trying again every second", daemon->card_name);
	daemon->has_logged_away = true;
	retry_later(daemon);
}

/* Tables back, ports open. Sequence numbers go on beyond what can have been used. */
static bool refill(struct daemon *daemon)
{
	char why[OFFLOAD_WHY_BYTES] = "";
	int rc = offload_restore(daemon->offload, why);

	if (rc == 0)
		rc = adit_card_enable(daemon->card, true);
	if (rc < 0) {
		log_error("card: cannot be filled anew: %s", *why ? why : strerror(-rc));
		return false;
	}
	daemon->counters.recoveries++;
	daemon->has_logged_away = false;
	if (daemon->tap_io)
		(void)sd_event_source_set_enabled(daemon->tap_io, SD_EVENT_ON);
	log_notice("card: tables restored: %zu policies, %u SAs; sequence numbers continue at least %u further on",
		   daemon->offload->n_rules, card_n_sas(daemon), OFFLOAD_SEQ_MARGIN);
	return true;
}

/* To open a card resets it. */
static void recover(struct daemon *daemon)
{
	if (!daemon->card)
		return;
	log_error("card: %s; resetting it", adit_card_strerror(daemon->card));
	let_go(daemon);
	reopen(daemon);
}

static bool same_caps(const struct adit_caps *a, const struct adit_caps *b)
{
	return a->sa_slots == b->sa_slots && a->sp_rules == b->sp_rules && a->enc_mask == b->enc_mask &&
	       a->auth_mask == b->auth_mask && a->feature_mask == b->feature_mask && a->frame_bytes == b->frame_bytes &&
	       a->replay_packets == b->replay_packets && a->clock_hz == b->clock_hz;
}

/* ---- opening it again may take seconds, of a card that hangs: so it is done in a thread, and nobody else touches it meanwhile */

static void run_opening(struct pool_job *job)
{
	struct card_opening *opening = (struct card_opening *)(void *)job;

	opening->rc = adit_card_open(opening->name, NULL, &opening->card, opening->why, sizeof(opening->why));
}

static void take_card(struct daemon *daemon, struct adit_card *card)
{
	daemon->card = card;
	if (!same_caps(adit_card_caps(card), &daemon->caps)) {
		log_error("card %s came back as another card; restart aditd", daemon->card_name);
		(void)sd_event_exit(daemon->event, 1);
		return;
	}
	daemon->view.card = card;
	offload_use_card(daemon->offload, card);
	if (!refill(daemon) || attach(daemon) < 0)
		lose(daemon);
}

static void opening_done(struct pool_job *job)
{
	struct card_opening *opening = (struct card_opening *)(void *)job;
	struct daemon *daemon = opening->daemon;

	opening->is_out = false;
	if (opening->rc >= 0 && !daemon->is_stopping) {
		take_card(daemon, opening->card);
	} else if (opening->rc >= 0) {
		adit_card_close(opening->card, true);
	} else if (!daemon->is_stopping) {
		log_debug("card %s", opening->why);
		lose(daemon);
	}
}

static void reopen(struct daemon *daemon)
{
	struct card_opening *opening = &daemon->opening;

	if (opening->is_out)
		return;
	*opening = (struct card_opening){ .job = { .run = run_opening, .done = opening_done }, .daemon = daemon, .name = daemon->card_name,
					  .rc = -ECANCELED, .is_out = true };
	pool_submit(daemon->pool, &opening->job);
}

static int on_retry(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct daemon *daemon = userdata;

	(void)source;
	(void)usec;
	if (!daemon->card)
		reopen(daemon);
	else if (daemon->wants_recovery)
		recover(daemon);
	return 0;
}

static int on_card(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	struct daemon *daemon = userdata;
	int n = adit_card_poll(daemon->card, POLL_BUDGET);

	(void)source;
	(void)fd;
	(void)revents;
	if (n < 0)
		recover(daemon);
	traffic_drain(daemon);
	return 0;
}

void card_failed(void *arg)
{
	struct daemon *daemon = arg;

	daemon->wants_recovery = true;
	(void)sd_event_source_set_time_relative(daemon->retry, 0);
	(void)sd_event_source_set_enabled(daemon->retry, SD_EVENT_ONESHOT);
}

/* A second has passed: for a card without a clock, for fragments that wait for the rest, for what the SAs have done. */
static int on_second(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct daemon *daemon = userdata;
	int rc = daemon->card && !daemon->wants_recovery ? offload_tick(daemon->offload) : 0;

	(void)usec;
	if (rc < 0) {
		log_error("card: time: %s", adit_card_strerror(daemon->card));
		card_failed(daemon);
	} else {
		negotiate_look(daemon);
	}
	slowpath_tick(daemon->slowpath, offload_now_ms());
	(void)sd_event_source_set_time_relative(source, SECOND_USEC);
	return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

int card_timers(struct daemon *daemon)
{
	sd_event *event = daemon->event;
	int rc = sd_event_add_time_relative(event, &daemon->retry, CLOCK_MONOTONIC, 0, 1000, on_retry, daemon);

	if (rc >= 0)
		rc = sd_event_source_set_enabled(daemon->retry, SD_EVENT_OFF);
	if (rc >= 0)
		rc = sd_event_add_time_relative(event, &daemon->second, CLOCK_MONOTONIC, SECOND_USEC, 10000, on_second, daemon);
	return rc;
}

unsigned card_n_sas(const struct daemon *daemon)
{
	unsigned n = children_n_sas(daemon->offload);

	for (size_t i = 0; i < daemon->offload->n_pairs; i++)
		n += daemon->offload->pairs[i].is_installed ? daemon->offload->pairs[i].plan.sas.n : 0;
	return n;
}

bool card_start(struct daemon *daemon)
{
	char why[OFFLOAD_WHY_BYTES] = "";
	struct offload_changes changes;
	struct plan *plan;
	int rc = adit_card_open(daemon->card_name, NULL, &daemon->card, why, sizeof(why));

	if (rc < 0) {
		daemon->card = NULL;
		log_error("card %s", *why ? why : strerror(-rc));	/* why begins with its name */
		return false;
	}
	daemon->caps = *adit_card_caps(daemon->card);
	daemon->offload = offload_open(daemon->card);
	if (!daemon->offload || !traffic_start(daemon)) {
		log_error("out of memory");
		return false;
	}
	daemon->offload->watch = (struct offload_watch){ traffic_put_sa, traffic_drop_sa, daemon };
	plan = plan_make(daemon->config, daemon->caps.replay_packets);
	if (!plan) {
		log_error("out of memory");
		return false;
	}
	rc = offload_apply(daemon->offload, plan, false, &changes, why);
	plan_free(plan);
	if (rc < 0) {
		log_error("%s: %s", daemon->options.config_path, *why ? why : strerror(-rc));
		return false;
	}
	return attach(daemon) >= 0;
}

void card_stop(struct daemon *daemon)
{
	detach(daemon);
	(void)sd_event_source_disable_unref(daemon->retry);
	(void)sd_event_source_disable_unref(daemon->second);
	if (daemon->card)
		adit_card_close(daemon->card, true);
	daemon->card = NULL;
}

