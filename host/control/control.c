// SPDX-License-Identifier: BSD-2-Clause-Patent
#include "control/control.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

struct control_ticket {
	struct control_client *client;	/* NULL: gone, or it has waited long enough */
};

struct control_client {
	struct control *control;
	struct control_client *next;
	int fd;
	sd_event_source *io, *silence;
	char line[CONTROL_LINE_BYTES];
	size_t n_line;
	char *out;		/* may hold keys (installed-sa with keys): wiped when sent */
	size_t out_bytes, out_sent;
	bool is_last;		/* nothing more is read: once out is sent it is cut off */
	bool is_following, is_cut;
	bool is_waiting;		/* for what ticket stands for; the line waits, too */
	enum control_wait waited;
	struct control_ticket *ticket;
	struct journal_filter filter;
};

struct control {
	sd_event *event;
	sd_event_source *io;
	int fd;
	char path[108];
	control_answer_fn *answer;
	void *arg;
	struct control_client *clients;
	unsigned n_clients, n_followers;
	struct journal *journal;
};

json_object *control_ok(json_object *result)
{
	json_object *object = json_object_new_object();

	json_object_object_add(object, "ok", json_object_new_boolean(1));
	json_object_object_add(object, "result", result);
	return object;
}

json_object *control_error(const char *fmt, ...)
{
	json_object *object = json_object_new_object();
	char text[512];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	json_object_object_add(object, "ok", json_object_new_boolean(0));
	json_object_object_add(object, "error", json_object_new_string(text));
	return object;
}

static json_object *answer_line(const char *line, size_t n_bytes, control_answer_fn *answer, void *arg, struct control_client *client)
{
	json_tokener *tokener = json_tokener_new_ex(CONTROL_DEPTH);
	json_object *request, *word, *reply;

	if (!tokener)
		return control_error("out of memory");
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	request = json_tokener_parse_ex(tokener, line, (int)n_bytes);
	if (!request || json_tokener_get_parse_end(tokener) != n_bytes)
		reply = control_error("a request is one JSON object on one line");
	else if (!json_object_is_type(request, json_type_object) || !json_object_object_get_ex(request, "word", &word) ||
		 !json_object_is_type(word, json_type_string))
		reply = control_error("a request is an object with a string \"word\"");
	else
		reply = answer(arg, json_object_get_string(word), request, client);
	json_object_put(request);
	json_tokener_free(tokener);
	return reply;
}

json_object *control_answer_line(const char *line, size_t n_bytes, control_answer_fn *answer, void *arg)
{
	return answer_line(line, n_bytes, answer, arg, NULL);
}

static void client_close(struct control_client *client)
{
	struct control_client **at = &client->control->clients;

	while (*at != client)
		at = &(*at)->next;
	*at = client->next;
	client->control->n_clients--;
	client->control->n_followers -= client->is_following;
	if (client->ticket)
		client->ticket->client = NULL;
	sd_event_source_disable_unref(client->io);
	sd_event_source_disable_unref(client->silence);
	(void)close(client->fd);
	if (client->out)
		OPENSSL_cleanse(client->out, client->out_bytes);
	free(client->out);
	free(client);
}

/* More to send, after what still waits. @return false without memory. */
static bool queue_text(struct control_client *client, const char *text, size_t n)
{
	size_t waiting = client->out ? client->out_bytes - client->out_sent : 0;
	char *out = malloc(waiting + n + 1);

	if (!out)
		return false;
	if (client->out) {
		memcpy(out, client->out + client->out_sent, waiting);
		OPENSSL_cleanse(client->out, client->out_bytes);
		free(client->out);
	}
	memcpy(out + waiting, text, n);
	out[waiting + n] = '\n';
	client->out = out;
	client->out_bytes = waiting + n + 1;
	client->out_sent = 0;
	return true;
}

/* Takes reply. */
static void queue_reply(struct control_client *client, json_object *reply)
{
	size_t n = 0;
	char *text = (char *)(uintptr_t)json_object_to_json_string_length(
		reply, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &n);

	if (!text || !queue_text(client, text, n))
		client->is_last = true;
	if (text)
		OPENSSL_cleanse(text, n);	/* json-c's own copy, freed by the put below */
	json_object_put(reply);
}

/* A follower may stay silent; what it has not read in time, it never will. Nobody else may stay silent. */
static void set_silence(struct control_client *client)
{
	bool may_be_silent = client->is_following && !client->out;

	if (client->is_cut || client->is_waiting)
		return;
	(void)sd_event_source_set_time_relative(client->silence, CONTROL_SILENCE_SECONDS * 1000000ull);
	(void)sd_event_source_set_enabled(client->silence, may_be_silent ? SD_EVENT_OFF : SD_EVENT_ONESHOT);
}

/* @return false once the client is gone. */
static bool client_send(struct control_client *client)
{
	while (client->out) {
		ssize_t n = send(client->fd, client->out + client->out_sent, client->out_bytes - client->out_sent,
				 MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			break;
		if (n < 0) {
			client_close(client);
			return false;
		}
		client->out_sent += (size_t)n;
		if (client->out_sent == client->out_bytes) {
			OPENSSL_cleanse(client->out, client->out_bytes);
			free(client->out);
			client->out = NULL;
		}
	}
	if (!client->out && client->is_last) {
		client_close(client);
		return false;
	}
	(void)sd_event_source_set_io_events(client->io, client->is_waiting ? 0 : (client->out ? EPOLLOUT : 0u) |
								    (!client->out || client->is_following ? EPOLLIN : 0u));
	set_silence(client);
	return true;
}

/* @return whether the line was answered; else it waits. */
static bool answer_client(struct control_client *client, size_t n)
{
	json_object *reply = answer_line(client->line, n, client->control->answer, client->control->arg, client);

	if (!reply && client->is_waiting)
		return false;
	client->waited = CONTROL_FRESH;
	queue_reply(client, reply ? reply : control_error("there is no answer"));
	return true;
}

/* Answers all whole lines that have come; stops while an answer waits to be sent or made. @return false once it is gone. */
static bool client_serve(struct control_client *client)
{
	char *end;

	while (!client->out && !client->is_following && !client->is_waiting && (end = memchr(client->line, '\n', client->n_line))) {
		size_t n = (size_t)(end - client->line);

		if (!answer_client(client, n))
			break;
		client->n_line -= n + 1;
		memmove(client->line, end + 1, client->n_line);
		if (!client_send(client))
			return false;
	}
	if (!client->out && !client->is_waiting && client->n_line == sizeof(client->line)) {
		client->is_last = true;
		client->n_line = 0;
		queue_reply(client, control_error("a request is at most %d bytes", CONTROL_LINE_BYTES));
	}
	return client_send(client);
}

/* ---- waiting: the timer of silence is the one of patience meanwhile */

struct control_ticket *control_postpone(struct control_client *client, unsigned most_ms)
{
	if (client->waited != CONTROL_FRESH || client->is_waiting)
		return NULL;
	client->ticket = malloc(sizeof(*client->ticket));
	if (!client->ticket)
		return NULL;
	client->ticket->client = client;
	client->is_waiting = true;
	(void)sd_event_source_set_time_relative(client->silence, most_ms * 1000ull);
	(void)sd_event_source_set_enabled(client->silence, SD_EVENT_ONESHOT);
	return client->ticket;
}

void control_redeem(struct control_ticket *ticket)
{
	struct control_client *client = ticket->client;

	if (client) {
		client->ticket = NULL;
		(void)sd_event_source_set_time_relative(client->silence, 0);	/* from the loop, not from inside whoever called */
	}
	free(ticket);
}

enum control_wait control_waited(const struct control_client *client)
{
	return client ? client->waited : CONTROL_FRESH;
}

static void stop_waiting(struct control_client *client)
{
	client->waited = client->ticket ? CONTROL_IN_VAIN : CONTROL_READY;
	if (client->ticket)
		client->ticket->client = NULL;
	client->ticket = NULL;
	client->is_waiting = false;
	(void)client_serve(client);
}

/* What a follower says is not heard, but that it goes. @return false once it is gone. */
static bool hear_follower(struct control_client *client)
{
	ssize_t n = recv(client->fd, client->line, sizeof(client->line), MSG_DONTWAIT);

	if (n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR)))
		return true;
	client_close(client);
	return false;
}

static int on_client(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	struct control_client *client = userdata;
	ssize_t n;

	(void)source;
	if (client->is_following) {
		if ((revents & ~(uint32_t)EPOLLOUT) && !hear_follower(client))
			return 0;
		if (revents & EPOLLOUT)
			(void)client_send(client);
		return 0;
	}
	set_silence(client);
	if (revents & EPOLLOUT) {
		if (client_send(client) && !client->out)
			(void)client_serve(client);
		return 0;
	}
	if (client->out || client->is_waiting) {	/* only an error or a hang-up comes here */
		client_close(client);
		return 0;
	}
	n = recv(fd, client->line + client->n_line, sizeof(client->line) - client->n_line, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n <= 0) {
		client_close(client);
		return 0;
	}
	client->n_line += (size_t)n;
	(void)client_serve(client);
	return 0;
}

static int on_silence(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct control_client *client = userdata;

	(void)source;
	(void)usec;
	if (client->is_waiting)
		stop_waiting(client);
	else
		client_close(client);
	return 0;
}

/* ---- followers */

json_object *control_journal_line(const struct journal_line *line)
{
	json_object *object = json_object_new_object();
	time_t seconds = (time_t)(line->wall_ms / 1000);
	struct tm utc;
	char time[48];
	size_t n;

	(void)gmtime_r(&seconds, &utc);
	n = strftime(time, sizeof(time), "%Y-%m-%dT%H:%M:%S", &utc);
	(void)snprintf(time + n, sizeof(time) - n, ".%03dZ", (int)(line->wall_ms % 1000));
	json_object_object_add(object, "sequence", json_object_new_uint64(line->sequence));
	json_object_object_add(object, "time", json_object_new_string(time));
	json_object_object_add(object, "monotonic_ms", json_object_new_int64(line->monotonic_ms));
	json_object_object_add(object, "level", json_object_new_string(journal_level_word(line->level)));
	json_object_object_add(object, "peer", json_object_new_string(line->peer));
	json_object_object_add(object, "text", json_object_new_string(line->text));
	return object;
}

bool control_follow(struct control_client *client, const struct journal_filter *filter)
{
	if (!client->is_following && client->control->n_followers == CONTROL_FOLLOWERS)
		return false;
	client->control->n_followers += !client->is_following;
	client->is_following = true;
	client->filter = *filter;
	return true;
}

/* A line may come from anywhere, from inside an answer to this very client even: so nothing is sent and nobody freed from here. */
static void on_line(void *arg, const struct journal_line *line)
{
	struct control *control = arg;
	json_object *object = NULL;
	const char *text = NULL;
	size_t n = 0;

	for (struct control_client *client = control->clients; client; client = client->next) {
		if (!client->is_following || client->is_cut || !journal_passes(&client->filter, line))
			continue;
		if (!object) {
			object = json_object_new_object();
			json_object_object_add(object, "line", control_journal_line(line));
			text = json_object_to_json_string_length(object, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &n);
		}
		if (!text || (client->out && client->out_bytes - client->out_sent + n > CONTROL_BEHIND_BYTES) || !queue_text(client, text, n)) {
			client->is_cut = true;
			(void)sd_event_source_set_time_relative(client->silence, 0);
			(void)sd_event_source_set_enabled(client->silence, SD_EVENT_ONESHOT);
			continue;
		}
		(void)sd_event_source_set_io_events(client->io, EPOLLIN | EPOLLOUT);
		if (client->out_bytes == n + 1)	/* it had read all: its time to read this begins now */
			set_silence(client);
	}
	json_object_put(object);
}

void control_use_journal(struct control *control, struct journal *journal)
{
	control->journal = journal;
	journal_on_line(journal, on_line, control);
}

/* ---- the socket */

static int on_connect(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	struct control *control = userdata;
	struct control_client *client;
	int rc;

	(void)source;
	(void)revents;
	fd = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd < 0)
		return 0;
	client = control->n_clients < CONTROL_CLIENTS ? calloc(1, sizeof(*client)) : NULL;
	if (!client) {
		static const char busy[] = "{\"ok\":false,\"error\":\"too many clients\"}\n";

		(void)send(fd, busy, sizeof(busy) - 1, MSG_NOSIGNAL | MSG_DONTWAIT);
		(void)close(fd);
		return 0;
	}
	client->control = control;
	client->fd = fd;
	client->next = control->clients;
	control->clients = client;
	control->n_clients++;
	rc = sd_event_add_io(control->event, &client->io, fd, EPOLLIN, on_client, client);
	if (rc >= 0)
		rc = sd_event_add_time_relative(control->event, &client->silence, CLOCK_MONOTONIC,
						CONTROL_SILENCE_SECONDS * 1000000ull, 1000000, on_silence, client);
	if (rc < 0)
		client_close(client);
	return 0;
}

/* A socket file that nobody listens on is a leftover; one that answers belongs to another daemon. */
static int clear_path(const struct sockaddr_un *addr, char *why, size_t why_bytes)
{
	struct stat info;
	int probe, rc;

	if (lstat(addr->sun_path, &info) != 0)
		return 0;
	if (!S_ISSOCK(info.st_mode)) {
		(void)snprintf(why, why_bytes, "control socket %s: there is a file that is no socket", addr->sun_path);
		return -EEXIST;
	}
	probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (probe < 0) {
		rc = -errno;
		(void)snprintf(why, why_bytes, "control socket %s: %s", addr->sun_path, strerror(-rc));
		return rc;
	}
	rc = connect(probe, (const struct sockaddr *)addr, sizeof(*addr));
	(void)close(probe);
	if (rc == 0 || errno == EAGAIN) {
		(void)snprintf(why, why_bytes, "control socket %s: another aditd answers there", addr->sun_path);
		return -EADDRINUSE;
	}
	(void)unlink(addr->sun_path);
	return 0;
}

static void make_folder(const char *path)
{
	char folder[108];
	char *slash;

	(void)snprintf(folder, sizeof(folder), "%s", path);
	slash = strrchr(folder, '/');
	if (slash && slash != folder) {
		*slash = 0;
		(void)mkdir(folder, 0750);	/* if it fails, bind tells */
	}
}

int control_open(struct control **out, sd_event *event, const char *path, control_answer_fn *answer, void *arg, char *why,
		 size_t why_bytes)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	struct control *control = calloc(1, sizeof(*control));
	mode_t mask;
	int rc;

	if (!control)
		return -ENOMEM;
	*control = (struct control){ .event = event, .fd = -1, .answer = answer, .arg = arg };
	if (strlen(path) >= sizeof(addr.sun_path)) {
		rc = -ENAMETOOLONG;
		(void)snprintf(why, why_bytes, "control socket %.100s...: a path has at most %zu characters", path,
			       sizeof(addr.sun_path) - 1);
		goto out;
	}
	memcpy(addr.sun_path, path, strlen(path));
	make_folder(path);
	rc = clear_path(&addr, why, why_bytes);
	if (rc < 0)
		goto out;
	control->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	mask = umask(0177);
	rc = control->fd < 0 || bind(control->fd, (const struct sockaddr *)&addr, sizeof(addr)) != 0 ? -errno : 0;
	(void)umask(mask);
	if (rc == 0) {
		memcpy(control->path, addr.sun_path, sizeof(control->path));
		rc = listen(control->fd, CONTROL_CLIENTS) != 0 ? -errno : 0;
	}
	if (rc == 0)
		rc = sd_event_add_io(event, &control->io, control->fd, EPOLLIN, on_connect, control);
	if (rc < 0)
		(void)snprintf(why, why_bytes, "control socket %s: %s", path, strerror(-rc));
out:
	if (rc < 0)
		control_close(control);
	else
		*out = control;
	return rc < 0 ? rc : 0;
}

void control_close(struct control *control)
{
	if (!control)
		return;
	if (control->journal)
		journal_on_line(control->journal, NULL, NULL);
	for (struct control_client *client = control->clients, *next; client; client = next) {
		next = client->next;
		client_close(client);
	}
	sd_event_source_disable_unref(control->io);
	if (control->fd >= 0)
		(void)close(control->fd);
	if (control->path[0])
		(void)unlink(control->path);
	free(control);
}
