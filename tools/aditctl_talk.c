// SPDX-License-Identifier: BSD-2-Clause-Patent
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "aditctl_room.h"
#include "base/text.h"

#define ANSWER_SECONDS 30
#define MAX_ANSWER_BYTES (64u << 20)

static void set_patience(int fd, unsigned seconds)	/* 0: for ever */
{
	const struct timeval limit = { .tv_sec = seconds };

	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
}

int talk_dial(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd;

	if (strlen(path) >= sizeof(addr.sun_path)) {
		fprintf(stderr, "aditctl: %s: longer than a socket's path can be\n", path);
		return -1;
	}
	memcpy(addr.sun_path, path, strlen(path));
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (const struct sockaddr *)&addr, sizeof(addr)) != 0) {
		fprintf(stderr, "aditctl: %s: %s%s\n", path, strerror(errno),
			errno == ENOENT || errno == ECONNREFUSED ? " (is aditd running?)" : "");
		if (fd >= 0)
			(void)close(fd);
		return -1;
	}
	set_patience(fd, ANSWER_SECONDS);
	return fd;
}

/* ---- lines. What has been read beyond one is kept for the next. */

struct reader {
	int fd;
	char *bytes;		/* may hold keys: wiped */
	size_t n, room;
};

static void reader_close(struct reader *reader)
{
	if (reader->bytes)
		explicit_bzero(reader->bytes, reader->n);
	free(reader->bytes);
}

static bool make_room(struct reader *reader)
{
	size_t room = reader->room ? 2 * reader->room : 65536;
	char *grown = room <= MAX_ANSWER_BYTES ? malloc(room) : NULL;

	if (!grown)
		return false;
	if (reader->n)
		memcpy(grown, reader->bytes, reader->n);
	reader_close(reader);
	reader->bytes = grown;
	reader->room = room;
	return true;
}

/* @return the next line as JSON; NULL at the end, or if that is what it is not. */
static json_object *next_line(struct reader *reader)
{
	json_object *object;
	char *end;

	for (size_t seen = 0; !(end = reader->n ? memchr(reader->bytes + seen, '\n', reader->n - seen) : NULL);) {
		ssize_t got;

		seen = reader->n;
		if (reader->n + 1 >= reader->room && !make_room(reader))
			return NULL;
		got = recv(reader->fd, reader->bytes + reader->n, reader->room - reader->n - 1, 0);
		if (got <= 0)
			return NULL;
		reader->n += (size_t)got;
	}
	*end = 0;
	object = json_tokener_parse(reader->bytes);
	reader->n -= (size_t)(end + 1 - reader->bytes);
	memmove(reader->bytes, end + 1, reader->n);
	explicit_bzero(reader->bytes + reader->n, reader->room - reader->n);
	return object;
}

/* ---- questions */

static bool ask(int fd, json_object *request)
{
	size_t n;
	const char *text = json_object_to_json_string_length(request, JSON_C_TO_STRING_PLAIN, &n);

	if (text && send(fd, text, n, MSG_NOSIGNAL) == (ssize_t)n && send(fd, "\n", 1, MSG_NOSIGNAL) == 1)
		return true;
	fprintf(stderr, "aditctl: no answer from aditd\n");
	return false;
}

json_object *talk_ask(int fd, json_object *request)
{
	struct reader reader = { .fd = fd };
	json_object *answer = NULL;

	if (!ask(fd, request))
		return NULL;
	answer = next_line(&reader);
	if (!answer)
		fprintf(stderr, "aditctl: no answer from aditd\n");
	reader_close(&reader);
	return answer;
}

json_object *talk_result(json_object *answer)
{
	json_object *result, *errors;

	if (bool_of(answer, "ok") && json_object_object_get_ex(answer, "result", &result))
		return result;
	if (json_object_object_get_ex(answer, "errors", &errors))
		for (size_t i = 0; i < count(errors); i++)
			fprintf(stderr, "%s\n", json_object_get_string(item(errors, i)));
	fprintf(stderr, "aditctl: %s\n", *text_of(answer, "error") ? text_of(answer, "error") : "an answer of no known form");
	return NULL;
}

json_object *talk_request(const struct word_row *row, const struct options *options)
{
	const struct { const char *key; bool is_set; } flags[] = {
		{ "stats", options->stats }, { "keys", options->keys }, { "dry_run", options->dry_run }, { "follow", options->follow },
		{ "phase1", options->phase1 },
	};
	const struct { const char *key, *text; } texts[] = {
		{ "word", row->word }, { "sa_type", options->sa_type }, { "peer", options->peer }, { "level", options->level },
		{ "name", options->name },
	};
	json_object *request = json_object_new_object();
	uint64_t n_lines;

	for (size_t i = 0; i < COUNT(texts); i++)
		if (texts[i].text)
			json_object_object_add(request, texts[i].key, json_object_new_string(texts[i].text));
	for (size_t i = 0; i < COUNT(flags); i++)
		if (flags[i].is_set)
			json_object_object_add(request, flags[i].key, json_object_new_boolean(1));
	if (options->lines && text_get_u64(options->lines, &n_lines))
		json_object_object_add(request, "lines", json_object_new_uint64(n_lines));
	return request;
}

static int show(json_object *answer, const struct word_row *row, const struct options *options)
{
	json_object *result = talk_result(answer);

	if (!result)
		return EXIT_REFUSED;
	if (options->as_json)
		print_json(result, false);
	else
		row->print(result, options);
	return EXIT_GOOD;
}

int talk_once(const struct word_row *row, const struct options *options)
{
	int fd = talk_dial(options->socket_path), status = EXIT_USAGE;
	json_object *request, *answer;

	if (fd < 0)
		return EXIT_USAGE;
	request = talk_request(row, options);
	answer = talk_ask(fd, request);
	if (answer)
		status = show(answer, row, options);
	json_object_put(answer);
	json_object_put(request);
	(void)close(fd);
	return status;
}

/* ---- log */

/* Lines as they come; with --json one object a line. Ends with aditd, or when it cuts a reader off that is too slow. */
static void follow(struct reader *reader, const struct options *options)
{
	json_object *object, *line;

	set_patience(reader->fd, 0);
	while ((object = next_line(reader))) {
		if (json_object_object_get_ex(object, "line", &line)) {
			if (options->as_json)
				print_json(line, true);
			else
				print_log_line(line);
			(void)fflush(stdout);
		}
		json_object_put(object);
	}
	fprintf(stderr, "aditctl: aditd has closed the connection\n");
}

int talk_log(const struct word_row *row, const struct options *options)
{
	struct reader reader = { .fd = talk_dial(options->socket_path) };
	json_object *request, *answer = NULL, *result = NULL;

	if (reader.fd < 0)
		return EXIT_USAGE;
	request = talk_request(row, options);
	if (ask(reader.fd, request))
		answer = next_line(&reader);
	if (answer)
		result = talk_result(answer);
	for (size_t i = 0; result && options->follow && options->as_json && i < count(result); i++)
		print_json(item(result, i), true);
	if (result && options->as_json && !options->follow)
		print_json(result, false);
	else if (result && !options->as_json)
		row->print(result, options);
	(void)fflush(stdout);
	if (result && options->follow)
		follow(&reader, options);
	json_object_put(request);
	reader_close(&reader);
	(void)close(reader.fd);
	if (answer) {
		int status = result && !options->follow ? EXIT_GOOD : EXIT_REFUSED;

		json_object_put(answer);
		return status;
	}
	fprintf(stderr, "aditctl: no answer from aditd\n");
	return EXIT_USAGE;
}
