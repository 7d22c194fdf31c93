// SPDX-License-Identifier: BSD-2-Clause-Patent
#include "daemon.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "base/log.h"
#include "control/words.h"
#include "net/local.h"
#include "net/tap.h"

#define POLL_BUDGET 256
#define RETRY_USEC 1000000ull		/* between two attempts to open a card that is gone */
#define LOOK_USEC 10000000ull		/* between two looks at the SAs' sequence numbers */
#define TAP_RETRY_USEC 2000ull
#define FRAME_ROOM 16384

struct daemon {
	struct daemon_options options;
	struct config *config;
	char card_name[CONFIG_PATH_BYTES];
	struct adit_card *card;		/* NULL while it is away */
	struct adit_caps caps;
	struct offload *offload;
	struct local local;
	struct host_counters counters;
	struct words_view view;
	struct control *control;
	int tap_fd;
	uint8_t tap_frame[FRAME_ROOM];
	size_t tap_bytes;		/* a frame read from the TAP that the ring had no room for */
	bool wants_recovery;
	bool has_logged_away;
	sd_event *event;
	sd_event_source *card_io, *tap_io, *tap_retry, *retry, *look;
};

static int on_card(sd_event_source *source, int fd, uint32_t revents, void *userdata);
static void card_failed(void *arg);

/* ---- what the card says */

static void log_sa_event(struct daemon *daemon, const struct adit_event *event, const char *what)
{
	const struct offload_pair *pair = offload_pair_by_slot(daemon->offload, event->sa_slot);
	unsigned side = 0;

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

/* Mode wire without a TAP: the daemon itself is what stands behind the local addresses. */
static void answer_packet(struct daemon *daemon, const struct adit_rx_packet *packet)
{
	uint8_t out[FRAME_ROOM];
	struct adit_tx_packet reply = { .bytes = out };
	size_t n = 0;
	enum local_kind kind = local_answer(&daemon->local, packet->bytes, packet->n_bytes, out, sizeof(out), &n);

	if (kind == LOCAL_SILENT) {
		daemon->counters.ignored_packets++;
		return;
	}
	reply.n_bytes = (uint16_t)n;
	reply.dest = packet->face == ADIT_FACE_LAN ? ADIT_DEST_OUT_LAN : ADIT_DEST_OUT_WAN;
	if (adit_tx(daemon->card, &reply, 1) != 1) {
		daemon->counters.tx_dropped++;
		return;
	}
	daemon->counters.tx_packets++;
	if (kind == LOCAL_ARP)
		daemon->counters.arp_answers++;
	else
		daemon->counters.echo_answers++;
}

static void on_rx(void *arg, const struct adit_rx_packet *packet)
{
	struct daemon *daemon = arg;

	daemon->counters.rx_packets++;
	if (daemon->tap_fd < 0)
		answer_packet(daemon, packet);
	else if (write(daemon->tap_fd, packet->bytes, packet->n_bytes) != packet->n_bytes)
		daemon->counters.ignored_packets++;
}

/* ---- the card's life */

static void card_detach(struct daemon *daemon)
{
	daemon->card_io = sd_event_source_disable_unref(daemon->card_io);
}

static int card_attach(struct daemon *daemon)
{
	adit_card_on_event(daemon->card, on_event, daemon);
	adit_card_on_rx(daemon->card, on_rx, daemon);
	return sd_event_add_io(daemon->event, &daemon->card_io, adit_card_fd(daemon->card), EPOLLIN, on_card, daemon);
}

static void card_lose(struct daemon *daemon)
{
	card_detach(daemon);
	if (daemon->card)
		adit_card_close(daemon->card, false);
	daemon->card = NULL;
	daemon->view.card = NULL;
	if (daemon->tap_io)
		(void)sd_event_source_set_enabled(daemon->tap_io, SD_EVENT_OFF);
	if (!daemon->has_logged_away)
		log_error("card %s is away; trying again every second", daemon->card_name);
	daemon->has_logged_away = true;
	(void)sd_event_source_set_time_relative(daemon->retry, RETRY_USEC);
	(void)sd_event_source_set_enabled(daemon->retry, SD_EVENT_ONESHOT);
}

/* Tables back, ports open. Sequence numbers go on beyond what can have been used. */
static bool card_refill(struct daemon *daemon)
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
	log_notice("card: tables restored: %zu policies, %zu SAs; sequence numbers continue at least %u further on",
		   daemon->offload->n_rules, 2 * daemon->offload->n_pairs, OFFLOAD_SEQ_MARGIN);
	return true;
}

static void card_recover(struct daemon *daemon)
{
	daemon->wants_recovery = false;
	if (!daemon->card)
		return;
	log_error("card: %s; resetting it", adit_card_strerror(daemon->card));
	card_detach(daemon);
	if (adit_card_recover(daemon->card) < 0 || !card_refill(daemon) || card_attach(daemon) < 0)
		card_lose(daemon);
}

static bool same_caps(const struct adit_caps *a, const struct adit_caps *b)
{
	return a->sa_slots == b->sa_slots && a->sp_rules == b->sp_rules && a->enc_mask == b->enc_mask &&
	       a->auth_mask == b->auth_mask && a->feature_mask == b->feature_mask && a->frame_bytes == b->frame_bytes &&
	       a->replay_packets == b->replay_packets;
}

static int on_retry(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct daemon *daemon = userdata;
	char why[256] = "";

	(void)source;
	(void)usec;
	if (daemon->card) {
		if (daemon->wants_recovery)
			card_recover(daemon);
		return 0;
	}
	if (adit_card_open(daemon->card_name, NULL, &daemon->card, why, sizeof(why)) < 0) {
		log_debug("card %s", why);
		daemon->card = NULL;
		card_lose(daemon);
		return 0;
	}
	if (!same_caps(adit_card_caps(daemon->card), &daemon->caps)) {
		log_error("card %s came back as another card; restart aditd", daemon->card_name);
		return sd_event_exit(daemon->event, 1);
	}
	daemon->view.card = daemon->card;
	offload_use_card(daemon->offload, daemon->card);
	if (!card_refill(daemon) || card_attach(daemon) < 0)
		card_lose(daemon);
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
		card_recover(daemon);
	return 0;
}

static void card_failed(void *arg)
{
	struct daemon *daemon = arg;

	daemon->wants_recovery = true;
	(void)sd_event_source_set_time_relative(daemon->retry, 0);
	(void)sd_event_source_set_enabled(daemon->retry, SD_EVENT_ONESHOT);
}

static int on_look(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct daemon *daemon = userdata;
	char why[OFFLOAD_WHY_BYTES] = "";

	(void)usec;
	if (daemon->card && daemon->offload->n_pairs && offload_look_sas(daemon->offload, why) < 0) {
		log_error("card: %s", why);
		card_failed(daemon);
	}
	(void)sd_event_source_set_time_relative(source, LOOK_USEC);
	return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

/* ---- TAP to card: as if it came from the plaintext side */

/* @return false while the ring is full: the frame is kept and the TAP waits. */
static bool tap_forward(struct daemon *daemon)
{
	struct adit_tx_packet packet = { .bytes = daemon->tap_frame, .n_bytes = (uint16_t)daemon->tap_bytes,
					 .dest = ADIT_DEST_FROM_LAN };
	int n = adit_tx(daemon->card, &packet, 1);

	if (n == 0 || n == -EAGAIN)
		return false;
	if (n < 0)
		daemon->counters.tx_dropped++;
	else
		daemon->counters.tx_packets++;
	daemon->tap_bytes = 0;
	return true;
}

static int on_tap_retry(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct daemon *daemon = userdata;

	(void)usec;
	if (!daemon->card || tap_forward(daemon))
		return daemon->card ? sd_event_source_set_enabled(daemon->tap_io, SD_EVENT_ON) : 0;
	(void)sd_event_source_set_time_relative(source, TAP_RETRY_USEC);
	return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

static int on_tap(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	struct daemon *daemon = userdata;

	(void)revents;
	for (unsigned i = 0; i < 64 && daemon->card; i++) {
		ssize_t n = read(fd, daemon->tap_frame, sizeof(daemon->tap_frame));

		if (n < 0 && errno != EAGAIN && errno != EINTR) {	/* somebody deleted it: it would be ready for ever */
			log_error("tap %s: %s", daemon->config->tap, strerror(errno));
			return sd_event_exit(daemon->event, 1);
		}
		if (n <= 0)
			return 0;
		daemon->tap_bytes = (size_t)n;
		if (tap_forward(daemon))
			continue;
		(void)sd_event_source_set_enabled(source, SD_EVENT_OFF);
		(void)sd_event_source_set_time_relative(daemon->tap_retry, TAP_RETRY_USEC);
		return sd_event_source_set_enabled(daemon->tap_retry, SD_EVENT_ONESHOT);
	}
	return 0;
}

static int start_tap(struct daemon *daemon)
{
	char why[256] = "";
	int rc;

	if (!daemon->config->tap[0])
		return 0;
	daemon->tap_fd = tap_open(daemon->config->tap, daemon->local.mac, why, sizeof(why));
	if (daemon->tap_fd < 0) {
		log_error("%s", why);
		return daemon->tap_fd;
	}
	rc = sd_event_add_time_relative(daemon->event, &daemon->tap_retry, CLOCK_MONOTONIC, 0, 1000, on_tap_retry, daemon);
	if (rc >= 0)
		rc = sd_event_source_set_enabled(daemon->tap_retry, SD_EVENT_OFF);
	if (rc >= 0)
		rc = sd_event_add_io(daemon->event, &daemon->tap_io, daemon->tap_fd, EPOLLIN, on_tap, daemon);
	return rc < 0 ? rc : 0;
}

/* ---- configuration */

static void log_diag(struct diag *diag)
{
	char line[1024];

	diag_sort(diag);
	for (size_t i = 0; i < diag->n_entries; i++) {
		bool is_warning = diag->entries[i].is_warning;

		diag->entries[i].is_warning = false;	/* the log says so itself */
		diag_format(diag, i, line, sizeof(line));
		log_line(is_warning ? LOG_LEVEL_WARNING : LOG_LEVEL_ERROR, "%s", line);
	}
}

static void set_local(struct daemon *daemon)
{
	if (daemon->config->has_mac)
		memcpy(daemon->local.mac, daemon->config->mac, 6);
	else
		local_mac(daemon->card_name, daemon->local.mac);
	daemon->local.n_addrs = daemon->config->n_local;
	memcpy(daemon->local.addrs, daemon->config->local, sizeof(daemon->local.addrs));
}

/* What only a restart can change. */
static void check_fixed(struct daemon *daemon, const struct config *next, struct diag *diag)
{
	const struct config *now = daemon->config;
	static const char text[] = "%s cannot change while aditd runs: restart it";

	if (!daemon->options.card && strcmp(now->card, next->card) != 0)
		diag_error(diag, 0, text, "card");
	if (now->nic != next->nic)
		diag_error(diag, 0, text, "mode");
	if (strcmp(now->tap, next->tap) != 0)
		diag_error(diag, 0, text, "tap");
	if (!daemon->options.control_path && strcmp(now->control_socket, next->control_socket) != 0)
		diag_error(diag, 0, text, "control_socket");
}

static void add_lines(struct diag *diag, bool is_warning, json_object *array)
{
	char line[1024];

	diag_sort(diag);
	for (size_t i = 0; i < diag->n_entries; i++) {
		diag_format(diag, i, line, sizeof(line));
		if (diag->entries[i].is_warning == is_warning)
			json_object_array_add(array, json_object_new_string(line));
	}
}

static void add_changes(const struct offload_changes *changes, json_object *result)
{
	const struct { const char *key; unsigned n; } rows[] = {
		{ "policies_added", changes->rules_added }, { "policies_removed", changes->rules_removed },
		{ "policies_changed", changes->rules_changed }, { "policies_kept", changes->rules_kept },
		{ "sas_added", 2 * changes->pairs_added }, { "sas_removed", 2 * changes->pairs_removed },
		{ "sas_changed", 2 * changes->pairs_changed }, { "sas_kept", 2 * changes->pairs_kept },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		json_object_object_add(result, rows[i].key, json_object_new_uint64(rows[i].n));
}

/* Everything is read and checked before anything changes; what stays the same is not touched. */
static bool reload(void *arg, bool is_dry, json_object *result, json_object *errors)
{
	struct daemon *daemon = arg;
	struct offload_changes changes = { 0 };
	struct config *next;
	struct plan *plan = NULL;
	struct diag diag;
	char why[OFFLOAD_WHY_BYTES] = "";
	json_object *warnings = json_object_new_array();
	int rc;

	diag_open(&diag, daemon->options.config_path);
	next = config_load(daemon->options.config_path, &diag);
	if (next)
		check_fixed(daemon, next, &diag);
	if (next && !diag.n_errors)
		plan = plan_make(next, daemon->caps.replay_packets);
	if (plan) {
		rc = offload_apply(daemon->offload, plan, is_dry, &changes, why);
		if (rc < 0)
			diag_error(&diag, 0, "%s", *why ? why : strerror(-rc));
		if (rc == -EIO || rc == -ENODEV || rc == -ETIMEDOUT)
			card_failed(daemon);
	} else if (!diag.n_errors) {
		diag_error(&diag, 0, "out of memory");
	}
	if (next && !diag.n_errors && !is_dry) {
		struct config *old = daemon->config;

		daemon->config = next;
		daemon->view.config = next;
		next = old;
		set_local(daemon);
	}
	if (!diag.n_errors)
		add_changes(&changes, result);
	add_lines(&diag, true, warnings);
	add_lines(&diag, false, errors);
	json_object_object_add(result, "dry_run", json_object_new_boolean(is_dry));
	json_object_object_add(result, "warnings", warnings);
	config_free(next);
	plan_free(plan);
	rc = diag.n_errors ? -1 : 0;
	diag_close(&diag);
	return rc == 0;
}

static int on_hup(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata)
{
	struct daemon *daemon = userdata;
	json_object *result = json_object_new_object(), *errors = json_object_new_array();

	(void)source;
	(void)info;
	(void)sd_notify(0, "RELOADING=1");
	if (!daemon->card) {
		log_error("reload: the card is away");
	} else if (reload(daemon, false, result, errors)) {
		json_object_object_del(result, "warnings");
		log_notice("reload: %s", json_object_to_json_string_ext(result, JSON_C_TO_STRING_PLAIN));
	} else {
		for (size_t i = 0; i < json_object_array_length(errors); i++)
			log_error("reload: %s", json_object_get_string(json_object_array_get_idx(errors, i)));
		log_error("reload: nothing was changed");
	}
	json_object_put(result);
	json_object_put(errors);
	(void)sd_notify(0, "READY=1");
	return 0;
}

/* ---- start and stop */

static bool load_config(struct daemon *daemon)
{
	const char *card = daemon->options.card;
	struct diag diag;

	diag_open(&diag, daemon->options.config_path);
	daemon->config = config_load(daemon->options.config_path, &diag);
	log_diag(&diag);
	diag_close(&diag);
	if (!daemon->config)
		return false;
	(void)snprintf(daemon->card_name, sizeof(daemon->card_name), "%s", card ? card : daemon->config->card);
	if (!daemon->card_name[0]) {
		log_error("%s: no card is named, and there is no --card", daemon->options.config_path);
		return false;
	}
	return true;
}

static bool start_card(struct daemon *daemon)
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
	plan = plan_make(daemon->config, daemon->caps.replay_packets);
	if (!daemon->offload || !plan) {
		plan_free(plan);
		log_error("out of memory");
		return false;
	}
	rc = offload_apply(daemon->offload, plan, false, &changes, why);
	plan_free(plan);
	if (rc < 0) {
		log_error("%s: %s", daemon->options.config_path, *why ? why : strerror(-rc));
		return false;
	}
	return card_attach(daemon) >= 0;
}

static bool start_control(struct daemon *daemon)
{
	const char *path = daemon->options.control_path ? daemon->options.control_path : daemon->config->control_socket;
	char why[256] = "";

	daemon->view = (struct words_view){
		.config = daemon->config, .offload = daemon->offload, .card = daemon->card, .card_name = daemon->card_name,
		.counters = &daemon->counters, .reload = reload, .card_failed = card_failed, .arg = daemon
	};
	if (control_open(&daemon->control, daemon->event, path, words_answer, &daemon->view, why, sizeof(why)) < 0) {
		daemon->control = NULL;
		log_error("%s", why);
		return false;
	}
	return true;
}

static bool start_loop(struct daemon *daemon)
{
	sigset_t signals;
	int rc;

	(void)sigemptyset(&signals);
	(void)sigaddset(&signals, SIGTERM);
	(void)sigaddset(&signals, SIGINT);
	(void)sigaddset(&signals, SIGHUP);
	(void)sigprocmask(SIG_BLOCK, &signals, NULL);
	(void)signal(SIGPIPE, SIG_IGN);
	rc = sd_event_new(&daemon->event);
	if (rc >= 0)
		rc = sd_event_add_signal(daemon->event, NULL, SIGTERM, NULL, NULL);	/* no handler: exit with 0 */
	if (rc >= 0)
		rc = sd_event_add_signal(daemon->event, NULL, SIGINT, NULL, NULL);
	if (rc >= 0)
		rc = sd_event_add_signal(daemon->event, NULL, SIGHUP, on_hup, daemon);
	if (rc >= 0)
		rc = sd_event_add_time_relative(daemon->event, &daemon->retry, CLOCK_MONOTONIC, 0, 1000, on_retry, daemon);
	if (rc >= 0)
		rc = sd_event_source_set_enabled(daemon->retry, SD_EVENT_OFF);
	if (rc >= 0)
		rc = sd_event_add_time_relative(daemon->event, &daemon->look, CLOCK_MONOTONIC, LOOK_USEC, 1000000, on_look,
						daemon);
	if (rc < 0)
		log_error("event loop: %s", strerror(-rc));
	return rc >= 0;
}

static void stop(struct daemon *daemon)
{
	control_close(daemon->control);
	card_detach(daemon);
	(void)sd_event_source_disable_unref(daemon->tap_io);
	(void)sd_event_source_disable_unref(daemon->tap_retry);
	(void)sd_event_source_disable_unref(daemon->retry);
	(void)sd_event_source_disable_unref(daemon->look);
	if (daemon->tap_fd >= 0)
		(void)close(daemon->tap_fd);
	if (daemon->card)
		adit_card_close(daemon->card, true);
	offload_close(daemon->offload);
	config_free(daemon->config);
	(void)sd_event_unref(daemon->event);
}

int daemon_run(const struct daemon_options *options)
{
	struct daemon *daemon = calloc(1, sizeof(*daemon));
	int status = 1, rc;

	if (!daemon)
		return 1;
	daemon->options = *options;
	daemon->tap_fd = -1;
	if (!load_config(daemon) || !start_loop(daemon) || !start_card(daemon))
		goto out;
	set_local(daemon);
	if (start_tap(daemon) < 0 || !start_control(daemon))
		goto out;
	rc = adit_card_enable(daemon->card, true);	/* last: from here on packets flow */
	if (rc < 0) {
		log_error("card: cannot be enabled: %s", adit_card_strerror(daemon->card));
		goto out;
	}
	log_notice("running on %s, mode %s: %zu policies, %zu SAs", daemon->card_name, daemon->config->nic ? "nic" : "wire",
		   daemon->offload->n_rules, 2 * daemon->offload->n_pairs);
	(void)sd_notify(0, "READY=1");
	rc = sd_event_loop(daemon->event);
	status = rc == 0 ? 0 : 1;
	(void)sd_notify(0, "STOPPING=1");
	log_notice("stopping");
out:
	stop(daemon);
	free(daemon);
	return status;
}
