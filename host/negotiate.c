// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * The IKE engine in the daemon: what it is fed (datagrams, time, finished jobs, what the card says) and where goes what it wants. Nothing
 * here waits. Once a turn of the loop, when everything else has been served, on_turn() lets the children go on and sets the clock.
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/log.h"
#include "room.h"

#define POOL_THREADS 2
#define GOODBYE_USEC 300000ull		/* Deletes leave, and the card's answers come, at most so long after SIGTERM */

/* ---- what the engine wants */

static void call_send(void *arg, const struct ike_path *path, const uint8_t *bytes, size_t n_bytes)
{
	const struct daemon *daemon = arg;

	udp_send(daemon->udp, path, bytes, n_bytes);
}

static void call_install(void *arg, const struct child_spec *spec, enum child_stage stage)
{
	const struct daemon *daemon = arg;

	children_install(daemon->offload, spec, stage);
}

static void call_update(void *arg, const struct child_spec *spec)
{
	const struct daemon *daemon = arg;

	children_update(daemon->offload, spec);
}

static void call_remove(void *arg, uint32_t child_id)
{
	const struct daemon *daemon = arg;

	children_remove(daemon->offload, child_id);
}

static void call_unacquire(void *arg, const char *policy)
{
	const struct daemon *daemon = arg;

	children_unacquire(daemon->offload, policy);
}

static void call_tell(void *arg, enum log_level level, const char *peer, const char *text)
{
	const struct daemon *daemon = arg;

	journal_put(daemon->journal, level, peer, text);
}

/* ---- what the engine is told */

static void on_datagram(void *arg, const struct ike_path *path, const uint8_t *bytes, size_t n_bytes)
{
	struct daemon *daemon = arg;

	if (daemon->ike)
		ike_receive(daemon->ike, path, bytes, n_bytes, offload_now_ms());
}

static void on_child_done(void *arg, uint32_t id, enum child_stage stage, int status, const char *why)
{
	struct daemon *daemon = arg;

	if (status < 0 && status != -ECANCELED)
		log_error("card: the %s SAs of child %u: %s (%s)", stage == CHILD_INBOUND ? "inbound" : "outbound", id, why, strerror(-status));
	if (daemon->ike)
		ike_child_done(daemon->ike, id, stage, status, offload_now_ms());
}

static void on_child_event(void *arg, uint32_t id, enum child_event event)
{
	struct daemon *daemon = arg;

	if (daemon->ike)
		ike_child_event(daemon->ike, id, event, offload_now_ms());
}

static void on_child_used(void *arg, uint32_t id, const struct child_use *use)
{
	struct daemon *daemon = arg;

	if (daemon->ike)
		ike_child_used(daemon->ike, id, use, offload_now_ms());
}

void negotiate_look(void *arg)
{
	struct daemon *daemon = arg;

	if (daemon->card)
		children_look(daemon->offload, on_child_used, daemon);
}

bool negotiate_sa_event(struct daemon *daemon, const struct adit_event *event)
{
	static const struct { enum adit_event_kind kind; enum child_event event; } rows[] = {
		{ ADIT_EV_SA_SOFT, CHILD_SOFT }, { ADIT_EV_SA_HARD, CHILD_HARD }, { ADIT_EV_SEQ_NEAR, CHILD_SEQ_NEAR }, { ADIT_EV_SEQ_END, CHILD_SEQ_END }
	};
	bool is_out;
	uint32_t id = children_by_slot(daemon->offload, event->sa_slot, &is_out);

	for (size_t i = 0; id && daemon->ike && i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].kind == event->kind)
			ike_child_event(daemon->ike, id, rows[i].event, offload_now_ms());
	return id != 0;
}

void negotiate_acquire(struct daemon *daemon, const char *policy, const struct adit_event *event)
{
	bool has_ports = event->proto == IPPROTO_TCP || event->proto == IPPROTO_UDP || event->proto == IPPROTO_SCTP;
	const struct selectors packet = {
		.src = { event->src, (uint8_t)addr_bits(&event->src) }, .dst = { event->dst, (uint8_t)addr_bits(&event->dst) },
		.proto = event->proto, .sport = has_ports ? event->sport : 0, .dport = has_ports ? event->dport : 0
	};

	if (daemon->ike)
		ike_acquire(daemon->ike, policy, &packet, offload_now_ms());
}

/* ---- the loop */

static void set_clock(struct daemon *daemon)
{
	int64_t due_ms = daemon->ike ? ike_next_ms(daemon->ike) : INT64_MAX;

	if (due_ms == INT64_MAX) {
		(void)sd_event_source_set_enabled(daemon->ike_timer, SD_EVENT_OFF);
		return;
	}
	(void)sd_event_source_set_time(daemon->ike_timer, due_ms > 0 ? (uint64_t)due_ms * 1000 : 0);
	(void)sd_event_source_set_enabled(daemon->ike_timer, SD_EVENT_ONESHOT);
}

static int on_turn(sd_event_source *source, void *userdata)
{
	struct daemon *daemon = userdata;

	(void)source;
	if (!daemon->offload)
		return 0;
	children_poll(daemon->offload);
	if (children_want_recovery(daemon->offload) && daemon->card)
		card_failed(daemon);
	set_clock(daemon);
	return 0;
}

static int on_clock(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct daemon *daemon = userdata;

	(void)source;
	(void)usec;
	if (daemon->ike)
		ike_tick(daemon->ike, offload_now_ms());
	return 0;
}

static int on_pool(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	struct daemon *daemon = userdata;

	(void)source;
	(void)fd;
	(void)revents;
	if (daemon->ike)
		ike_tick(daemon->ike, offload_now_ms());	/* what the jobs lead to is timed from now */
	(void)pool_reap(daemon->pool);
	return 0;
}

static int add_sources(struct daemon *daemon)
{
	int rc = sd_event_add_io(daemon->event, &daemon->pool_io, pool_fd(daemon->pool), EPOLLIN, on_pool, daemon);

	if (rc >= 0)
		rc = sd_event_add_time(daemon->event, &daemon->ike_timer, CLOCK_MONOTONIC, 0, 1000, on_clock, daemon);
	if (rc >= 0)
		rc = sd_event_source_set_enabled(daemon->ike_timer, SD_EVENT_OFF);
	if (rc >= 0)
		rc = sd_event_add_post(daemon->event, &daemon->turn, on_turn, daemon);
	return rc;
}

/* ---- start, reload, stop */

int negotiate_listen(struct daemon *daemon, const struct config *config, char *why, size_t why_bytes)
{
	return udp_listen(daemon->udp, config->local, config->n_peers ? config->n_local : 0, config->ike_port, config->natt_port, why, why_bytes);
}

bool negotiate_start(struct daemon *daemon)
{
	struct ike_options options = {
		.calls = { .send = call_send, .install = call_install, .update = call_update, .remove = call_remove,
			   .unacquire = call_unacquire, .tell = call_tell, .arg = daemon },
		.config = daemon->config
	};
	char why[160];
	int rc;

	daemon->pool = pool_open(POOL_THREADS);
	daemon->udp = udp_open(daemon->event, on_datagram, daemon);
	options.pool = daemon->pool;
	if (daemon->pool && daemon->udp)
		daemon->ike = ike_open(&options);
	if (!daemon->ike) {
		log_error("IKE: out of memory or threads");
		return false;
	}
	children_on_done(daemon->offload, on_child_done, daemon);
	children_on_event(daemon->offload, on_child_event);
	rc = negotiate_listen(daemon, daemon->config, why, sizeof(why));
	if (rc < 0) {
		log_error("%s", why);
		return false;
	}
	rc = add_sources(daemon);
	if (rc < 0)
		log_error("IKE: event loop: %s", strerror(-rc));
	return rc >= 0;
}

static int on_goodbye(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct daemon *daemon = userdata;

	(void)source;
	(void)usec;
	return sd_event_exit(daemon->event, 0);
}

void negotiate_goodbye(struct daemon *daemon)
{
	int rc = -ECANCELED;

	if (daemon->ike) {
		uint64_t sent = udp_counters(daemon->udp)->sent;

		ike_close(daemon->ike, true, true);
		daemon->ike = NULL;
		daemon->view.ike = NULL;
		if (udp_counters(daemon->udp)->sent != sent)	/* they go through the TAP and the card, which this loop serves */
			rc = sd_event_add_time_relative(daemon->event, &daemon->goodbye, CLOCK_MONOTONIC, GOODBYE_USEC, 1000, on_goodbye, daemon);
	}
	if (rc < 0 && !daemon->goodbye)
		(void)sd_event_exit(daemon->event, 0);
}

void negotiate_stop(struct daemon *daemon)
{
	ike_close(daemon->ike, false, false);
	daemon->ike = NULL;
	pool_close(daemon->pool);
	(void)sd_event_source_disable_unref(daemon->pool_io);
	(void)sd_event_source_disable_unref(daemon->ike_timer);
	(void)sd_event_source_disable_unref(daemon->turn);
	(void)sd_event_source_disable_unref(daemon->goodbye);
	udp_close(daemon->udp);
}
