// SPDX-License-Identifier: BSD-2-Clause-Patent
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/words_room.h"

static void add_line(void *arg, const struct journal_line *line)
{
	json_object_array_add(arg, control_journal_line(line));
}

/* Whose lines: a peer of the configuration, or one that has lines (a reload may have taken it away). */
static json_object *check_peer(const struct asked *asked, const struct journal_filter *filter, json_object *lines)
{
	const struct config *config = asked->view->config;
	const char **names, *near = NULL;

	if (!filter->peer[0] || json_object_array_length(lines) || config_peer(config, filter->peer))
		return NULL;
	names = calloc(config->n_peers + 1, sizeof(*names));
	for (size_t i = 0; names && i < config->n_peers; i++)
		names[i] = config->peers[i].name;
	if (names)
		near = text_nearest(filter->peer, names, config->n_peers);
	free(names);
	if (near)
		return control_error("there is no peer \"%s\"; did you mean \"%s\"?", filter->peer, near);
	return control_error("there is no peer \"%s\"", filter->peer);
}

json_object *say_log(const struct asked *asked)
{
	const struct journal *journal = asked->view->journal;
	struct journal_filter filter = { .level = LOG_LEVEL_INFO };
	const char *peer = asked_text(asked, "peer"), *level = asked_text(asked, "level");
	int64_t most = asked_number(asked, "lines", JOURNAL_LINES);
	bool is_followed = asked_flag(asked, "follow");
	json_object *lines, *error = NULL;

	if (!journal)
		return control_error("this aditd keeps no log lines");
	if (level && !journal_level_get(level, &filter.level))
		return control_error("level is error, warning, notice, info or debug");
	if (most < 0 || most > JOURNAL_LINES)
		return control_error("lines is 0 to %d", JOURNAL_LINES);
	if (peer && strlen(peer) >= sizeof(filter.peer))
		return control_error("there is no peer of so long a name");
	(void)snprintf(filter.peer, sizeof(filter.peer), "%s", peer ? peer : "");
	lines = json_object_new_array();
	journal_each(journal, &filter, (unsigned)most, add_line, lines);
	error = check_peer(asked, &filter, lines);
	if (!error && is_followed && (!asked->client || !control_follow(asked->client, &filter)))
		error = control_error("there are too many followers already");
	if (error) {
		json_object_put(lines);
		return error;
	}
	return control_ok(lines);
}
