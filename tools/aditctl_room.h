// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * What aditctl's files share.
 *
 *   aditctl.c         the table of words, the command line     aditctl_talk.c    the socket: a request and its answer, lines that follow
 *   aditctl_answer.c  reading JSON                              aditctl_top.c     top
 *   aditctl_config.c  policy, peer, proposal, manual-sa         aditctl_sa.c      installed-sa, remote-peers
 *   aditctl_card.c    statistics, card, reload, log
 */
#ifndef TOOLS_ADITCTL_ROOM_H
#define TOOLS_ADITCTL_ROOM_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { EXIT_GOOD = 0, EXIT_REFUSED = 1, EXIT_USAGE = 2 };

struct options {
	const char *socket_path;
	bool as_json, stats, keys, dry_run, all, follow, phase1;
	const char *sa_type, *peer, *level, *lines, *name, *interval, *count;
};

struct word_row {
	const char *word, *help;
	unsigned takes;
	void (*print)(json_object *result, const struct options *options);
	int (*run)(const struct word_row *row, const struct options *options);	/* NULL: one question, one answer */
};

/* ---- aditctl_answer.c: "", 0, false where there is nothing */
const char *text_of(json_object *object, const char *key);
uint64_t u64_of(json_object *object, const char *key);
bool bool_of(json_object *object, const char *key);
bool has(json_object *object, const char *key);
/** "a, b, c" of an array of strings. */
const char *list_of(json_object *object, const char *key, const char *gap, char *out, size_t room);
json_object *item(json_object *array, size_t i);
size_t count(json_object *array);
/** "1d 02:03:04" of a number of seconds. */
const char *time_of(json_object *object, const char *key, char out[40]);
/** "192.0.2.1[500]", an IPv6 address the same. */
const char *end_of(json_object *object, const char *address_key, const char *port_key, char out[80]);
void print_json(json_object *object, bool is_one_line);

/* ---- aditctl_talk.c */
/** @return a socket, -1 after it has been told why not. */
int talk_dial(const char *path);
/** One request, one answer (NULL after it has been told why). The caller puts it. */
json_object *talk_ask(int fd, json_object *request);
/** The answer's result; NULL after the refusal has been told. */
json_object *talk_result(json_object *answer);
json_object *talk_request(const struct word_row *row, const struct options *options);
int talk_once(const struct word_row *row, const struct options *options);
int talk_log(const struct word_row *row, const struct options *options);	/* with --follow until it is interrupted */
int top_run(const struct word_row *row, const struct options *options);

/* ---- tables for people */
void print_policy(json_object *result, const struct options *options);
void print_peer(json_object *result, const struct options *options);
void print_proposal(json_object *result, const struct options *options);
void print_manual_sa(json_object *result, const struct options *options);
void print_installed_sa(json_object *result, const struct options *options);
void print_remote_peers(json_object *result, const struct options *options);
void print_flush(json_object *result, const struct options *options);
void print_done(json_object *result, const struct options *options);	/* initiate, terminate, rekey */
void print_statistics(json_object *result, const struct options *options);
void print_card(json_object *result, const struct options *options);
void print_reload(json_object *result, const struct options *options);
void print_log(json_object *result, const struct options *options);
void print_log_line(json_object *line);
void print_version(json_object *result, const struct options *options);
void print_limits(json_object *object, const char *seconds, const char *bytes, const char *packets);

#endif
