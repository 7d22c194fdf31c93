// SPDX-License-Identifier: BSD-2-Clause-Patent
#include "daemon.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>

#include "base/confine.h"
#include "base/log.h"
#include "crypto/hash.h"
#include "room.h"

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
	slowpath_set_local(daemon->slowpath, daemon->local.addrs, daemon->local.n_addrs);
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
	if (now->metrics_port != next->metrics_port || (now->metrics_port && !addr_same(&now->metrics, &next->metrics)))
		diag_error(diag, 0, text, "metrics");
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
		{ "sas_added", changes->sas_added }, { "sas_removed", changes->sas_removed },
		{ "sas_changed", changes->sas_changed }, { "sas_kept", changes->sas_kept },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		json_object_object_add(result, rows[i].key, json_object_new_uint64(rows[i].n));
}

static int try_apply(struct daemon *daemon, const struct plan *plan, bool is_dry, struct offload_changes *changes, struct diag *diag)
{
	char why[OFFLOAD_WHY_BYTES] = "";
	int rc = offload_apply(daemon->offload, plan, is_dry, changes, why);

	if (rc < 0)
		diag_error(diag, 0, "%s", *why ? why : strerror(-rc));
	if (rc == -EIO || rc == -ENODEV || rc == -ETIMEDOUT)
		card_failed(daemon);
	return rc;
}

/*
 * First what can be refused without a change: by the card, by the sockets. Then the engine lets go of what went or differs, so that no SA
 * outlives its policy; then the card changes. Should it fail at that, all goes back, and the engine negotiates anew what it let go.
 */
static void change(struct daemon *daemon, struct config **next, const struct plan *plan, bool is_dry, struct offload_changes *changes,
		   struct diag *diag)
{
	struct config *old = daemon->config;
	char why[160];

	if (try_apply(daemon, plan, true, changes, diag) < 0 || is_dry)
		return;
	if (negotiate_listen(daemon, *next, why, sizeof(why)) < 0) {
		diag_error(diag, 0, "%s", why);
		return;
	}
	if (daemon->ike)
		ike_reconfigure(daemon->ike, *next, offload_now_ms());
	offload_settle(daemon->offload);
	if (try_apply(daemon, plan, false, changes, diag) < 0) {
		if (daemon->ike)
			ike_reconfigure(daemon->ike, old, offload_now_ms());
		if (negotiate_listen(daemon, old, why, sizeof(why)) < 0)
			log_error("%s", why);
		return;
	}
	daemon->config = *next;
	daemon->view.config = *next;
	*next = old;
	set_local(daemon);
	traffic_set_addresses(daemon);
}

/* Everything is read and checked before anything changes; what stays the same is not touched. */
static bool reload(void *arg, bool is_dry, json_object *result, json_object *errors)
{
	struct daemon *daemon = arg;
	struct offload_changes changes = { 0 };
	struct config *next;
	struct plan *plan = NULL;
	struct diag diag;
	json_object *warnings = json_object_new_array();
	int rc;

	diag_open(&diag, daemon->options.config_path);
	next = config_load(daemon->options.config_path, &diag);
	if (next)
		check_fixed(daemon, next, &diag);
	if (next && !diag.n_errors)
		plan = plan_make(next, daemon->caps.replay_packets);
	if (plan)
		change(daemon, &next, plan, is_dry, &changes, &diag);
	else if (!diag.n_errors)
		diag_error(&diag, 0, "out of memory");
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

static bool start_control(struct daemon *daemon)
{
	const char *path = daemon->options.control_path ? daemon->options.control_path : daemon->config->control_socket;
	char why[256] = "";

	daemon->view = (struct words_view){
		.config = daemon->config, .offload = daemon->offload, .card = daemon->card, .card_name = daemon->card_name,
		.counters = &daemon->counters, .slowpath = slowpath_counts(daemon->slowpath), .reload = reload, .card_failed = card_failed,
		.engine = &words_engine, .journal = daemon->journal, .look_children = negotiate_look, .arg = daemon
	};
	if (control_open(&daemon->control, daemon->event, path, words_answer, &daemon->view, why, sizeof(why)) < 0) {
		daemon->control = NULL;
		log_error("%s", why);
		return false;
	}
	control_use_journal(daemon->control, daemon->journal);
	if (daemon->config->metrics_port &&
	    metrics_open(&daemon->metrics, daemon->event, &daemon->config->metrics, daemon->config->metrics_port, &daemon->view, why, sizeof(why)) < 0) {
		log_error("%s", why);
		return false;
	}
	return true;
}

/* After card, TAP and control socket are there, before there are threads and packets. */
static bool confine(struct daemon *daemon)
{
	char why[128] = "";
	unsigned needs = (strncmp(daemon->card_name, "pci:", 4) == 0 ? CONFINE_DEVICES : 0) | (daemon->tap_fd >= 0 ? CONFINE_INTERFACE : 0);
	int rc = confine_process(needs, why, sizeof(why));

	if (rc == -ENOSYS)
		log_warning("not confined: %s", why);
	else if (rc < 0)
		log_error("%s", why);
	else if (*why)
		log_notice("%s", why);
	return rc == 0 || rc == -ENOSYS;
}

static int on_end(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata)
{
	struct daemon *daemon = userdata;

	(void)source;
	(void)info;
	(void)sd_notify(0, "STOPPING=1");
	log_notice("stopping");
	negotiate_goodbye(daemon);
	return 0;
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
		rc = sd_event_add_signal(daemon->event, NULL, SIGTERM, on_end, daemon);
	if (rc >= 0)
		rc = sd_event_add_signal(daemon->event, NULL, SIGINT, on_end, daemon);
	if (rc >= 0)
		rc = sd_event_add_signal(daemon->event, NULL, SIGHUP, on_hup, daemon);
	if (rc >= 0)
		rc = card_timers(daemon);
	if (rc >= 0)
		rc = sd_event_set_watchdog(daemon->event, true);	/* systemd's WatchdogSec, if it is set */
	if (rc < 0)
		log_error("event loop: %s", strerror(-rc));
	return rc >= 0;
}

static void stop(struct daemon *daemon)
{
	metrics_close(daemon->metrics);
	daemon->is_stopping = true;
	control_close(daemon->control);
	negotiate_stop(daemon);
	card_stop(daemon);
	offload_close(daemon->offload);
	traffic_stop(daemon);
	config_free(daemon->config);
	journal_close(daemon->journal);
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
	daemon->journal = journal_open();
	if (!crypto_open()) {
		log_error("OpenSSL has no algorithms for IKE");
		goto out;
	}
	if (!load_config(daemon) || !start_loop(daemon) || !card_start(daemon))
		goto out;
	set_local(daemon);
	if (traffic_start_tap(daemon) < 0 || !start_control(daemon) || !confine(daemon) || !negotiate_start(daemon))
		goto out;
	daemon->view.ike = daemon->ike;
	rc = adit_card_enable(daemon->card, true);	/* last: from here on packets flow */
	if (rc < 0) {
		log_error("card: cannot be enabled: %s", adit_card_strerror(daemon->card));
		goto out;
	}
	log_notice("running on %s, mode %s: %zu policies, %u SAs", daemon->card_name, daemon->config->nic ? "nic" : "wire",
		   daemon->offload->n_rules, card_n_sas(daemon));
	(void)sd_notify(0, "READY=1");
	rc = sd_event_loop(daemon->event);
	status = rc == 0 ? 0 : 1;
out:
	stop(daemon);
	crypto_close();
	free(daemon);
	return status;
}
