// SPDX-License-Identifier: BSD-2-Clause-Patent
#include "control/metrics.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "control/words_room.h"

#define GROUP 8	/* counters of one answer */

struct metrics_client {
	struct metrics *metrics;
	struct metrics_client *next;
	int fd;
	sd_event_source *io, *patience;
	char request[METRICS_REQUEST_BYTES];
	size_t n_request;
	bool wants_page;		/* the request is whole: the card is being asked */
	char *reply;
	size_t reply_bytes, sent_bytes;
};

/* One question to the card. */
struct metrics_query {
	struct metrics *metrics;
	unsigned at;			/* first of a group of reasons, or index of a policy */
};

struct metrics {
	sd_event *event;
	sd_event_source *io, *card_patience;
	int fd;
	struct words_view *view;
	struct metrics_client *clients;
	unsigned n_clients, n_pending;
	bool is_closed;			/* only the card's answers keep it */
	struct metrics_card card;
	struct metrics_query reasons[(ADIT_REASON_COUNT + GROUP - 1) / GROUP], policies[METRICS_POLICIES];
};

/* ---- clients */

static void client_close(struct metrics_client *client)
{
	struct metrics_client **at = &client->metrics->clients;

	while (*at != client)
		at = &(*at)->next;
	*at = client->next;
	client->metrics->n_clients--;
	(void)sd_event_source_disable_unref(client->io);
	(void)sd_event_source_disable_unref(client->patience);
	(void)close(client->fd);
	free(client->reply);
	free(client);
}

static void client_send(struct metrics_client *client)
{
	while (client->sent_bytes < client->reply_bytes) {
		ssize_t n = send(client->fd, client->reply + client->sent_bytes, client->reply_bytes - client->sent_bytes,
				 MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
			(void)sd_event_source_set_io_events(client->io, EPOLLOUT);
			return;
		}
		if (n <= 0)
			break;
		client->sent_bytes += (size_t)n;
	}
	client_close(client);
}

/* Client gone afterwards, now or once all is sent. */
static void reply(struct metrics_client *client, const char *status, const char *more, const char *body, size_t body_bytes)
{
	char head[256];
	int n = snprintf(head, sizeof(head), "HTTP/1.0 %s\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\nContent-Length: %zu\r\n"
			 "%sConnection: close\r\n\r\n", status, body_bytes, more);

	client->reply = malloc((size_t)n + body_bytes);
	if (!client->reply) {
		client_close(client);
		return;
	}
	memcpy(client->reply, head, (size_t)n);
	memcpy(client->reply + n, body, body_bytes);
	client->reply_bytes = (size_t)n + body_bytes;
	client->wants_page = false;
	client_send(client);
}

static void refuse(struct metrics_client *client, const char *status, const char *more)
{
	char body[64];

	reply(client, status, more, body, (size_t)snprintf(body, sizeof(body), "%s\n", status));
}

/* ---- what the card is asked */

static void give_page(struct metrics *metrics)
{
	size_t n_bytes = 0;
	char *page = metrics_text(metrics->view, &metrics->card, &n_bytes);

	(void)sd_event_source_set_enabled(metrics->card_patience, SD_EVENT_OFF);
	for (struct metrics_client *client = metrics->clients, *next; client; client = next) {
		next = client->next;
		if (!client->wants_page)
			continue;
		if (page)
			reply(client, "200 OK", "", page, n_bytes);
		else
			refuse(client, "500 Internal Server Error", "");
	}
	free(page);
}

/* The last answer is in. The page is given from the loop, not from inside the card's poll. */
static void answered(struct metrics *metrics)
{
	if (--metrics->n_pending)
		return;
	if (metrics->is_closed) {
		free(metrics);
		return;
	}
	(void)sd_event_source_set_time_relative(metrics->card_patience, 0);
}

static void on_reasons(void *arg, int status, const union adit_answer *answer)
{
	const struct metrics_query *query = arg;
	struct metrics_card *card = &query->metrics->card;

	for (unsigned i = 0; status == 0 && i < GROUP && query->at + i < ADIT_REASON_COUNT; i++)
		card->reasons[query->at + i] = answer->counters[i];
	card->has_reasons |= status == 0;
	answered(query->metrics);
}

static void on_policy(void *arg, int status, const union adit_answer *answer)
{
	const struct metrics_query *query = arg;

	if (status == 0)
		query->metrics->card.policies[query->at].state = answer->sp;
	answered(query->metrics);
}

/* What the ring has no room for, or an older card does not know, keeps its last value. */
static void ask_card(struct metrics *metrics)
{
	const struct offload *offload = metrics->view->offload;
	struct adit_card *card = metrics->view->card;
	struct metrics_card *told = &metrics->card;

	for (unsigned first = 0; card && first < ADIT_REASON_COUNT; first += GROUP) {
		struct metrics_query *query = &metrics->reasons[first / GROUP];

		*query = (struct metrics_query){ metrics, first };
		metrics->n_pending += adit_stats_query(card, first, on_reasons, query) == 0;
	}
	told->n_policies = (unsigned)(offload->n_rules < METRICS_POLICIES ? offload->n_rules : METRICS_POLICIES);
	for (unsigned i = 0; i < told->n_policies; i++) {
		const struct offload_rule *rule = &offload->rules[i];
		struct metrics_policy *policy = &told->policies[i];

		if (policy->id != rule->plan.sp.id || strcmp(policy->name, rule->plan.name) != 0)
			policy->state = rule->base;	/* another one's numbers */
		policy->id = rule->plan.sp.id;
		policy->base = rule->base;
		(void)snprintf(policy->name, sizeof(policy->name), "%s", rule->plan.name);
		metrics->policies[i] = (struct metrics_query){ metrics, i };
		metrics->n_pending += card && adit_sp_query(card, policy->id, on_policy, &metrics->policies[i]) == 0;
	}
	if (card && adit_card_kick(card) < 0)
		metrics->view->card_failed(metrics->view->arg);
}

static void want_page(struct metrics_client *client)
{
	struct metrics *metrics = client->metrics;
	int is_waiting = SD_EVENT_OFF;

	client->wants_page = true;
	(void)sd_event_source_set_io_events(client->io, 0);
	(void)sd_event_source_get_enabled(metrics->card_patience, &is_waiting);
	if (is_waiting != SD_EVENT_OFF)	/* for another one, just now */
		return;
	(void)sd_event_source_set_time_relative(metrics->card_patience, METRICS_CARD_MS * 1000);
	(void)sd_event_source_set_enabled(metrics->card_patience, SD_EVENT_ONESHOT);
	if (metrics->n_pending)		/* the card still owes the last answers */
		return;
	ask_card(metrics);
	if (!metrics->n_pending)
		(void)sd_event_source_set_time_relative(metrics->card_patience, 0);
}

static int on_card_patience(sd_event_source *source, uint64_t usec, void *userdata)
{
	(void)source;
	(void)usec;
	give_page(userdata);
	return 0;
}

/* ---- requests */

/* "GET /metrics HTTP/1.x", nothing else. */
static void serve(struct metrics_client *client)
{
	char *line = client->request, *end = strpbrk(line, "\r\n"), *target, *version;

	*end = 0;
	target = strchr(line, ' ');
	version = target ? strchr(target + 1, ' ') : NULL;
	if (!version || strncmp(version, " HTTP/1.", 8) != 0) {
		refuse(client, "400 Bad Request", "");
		return;
	}
	*target++ = 0;
	*version = 0;
	if (strcmp(line, "GET") != 0)
		refuse(client, "405 Method Not Allowed", "Allow: GET\r\n");
	else if (strcmp(target, "/metrics") != 0)
		refuse(client, "404 Not Found", "");
	else
		want_page(client);
}

static int on_client(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	struct metrics_client *client = userdata;
	ssize_t n;

	(void)source;
	if (client->reply) {
		client_send(client);
		return 0;
	}
	if (client->wants_page) {	/* only an error comes here */
		client_close(client);
		return 0;
	}
	(void)revents;
	n = recv(fd, client->request + client->n_request, sizeof(client->request) - 1 - client->n_request, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n <= 0) {
		client_close(client);
		return 0;
	}
	client->n_request += (size_t)n;
	client->request[client->n_request] = 0;
	if (memchr(client->request, 0, client->n_request))
		refuse(client, "400 Bad Request", "");
	else if (strstr(client->request, "\r\n\r\n") || strstr(client->request, "\n\n"))
		serve(client);
	else if (client->n_request == sizeof(client->request) - 1)
		refuse(client, "431 Request Header Fields Too Large", "");
	return 0;
}

static int on_patience(sd_event_source *source, uint64_t usec, void *userdata)
{
	(void)source;
	(void)usec;
	client_close(userdata);
	return 0;
}

static int on_connect(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	struct metrics *metrics = userdata;
	struct metrics_client *client;
	int rc;

	(void)source;
	(void)revents;
	fd = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd < 0)
		return 0;
	client = metrics->n_clients < METRICS_CLIENTS ? calloc(1, sizeof(*client)) : NULL;
	if (!client) {
		(void)close(fd);
		return 0;
	}
	client->metrics = metrics;
	client->fd = fd;
	client->next = metrics->clients;
	metrics->clients = client;
	metrics->n_clients++;
	rc = sd_event_add_io(metrics->event, &client->io, fd, EPOLLIN, on_client, client);
	if (rc >= 0)
		rc = sd_event_add_time_relative(metrics->event, &client->patience, CLOCK_MONOTONIC, METRICS_SECONDS * 1000000ull, 100000,
						on_patience, client);
	if (rc < 0)
		client_close(client);
	return 0;
}

/* ---- the socket */

static int listen_at(const struct adit_addr *addr, uint16_t port)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons(port) };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons(port) };
	const int on = 1;
	int fd = socket(addr->is_v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), rc = 0;

	if (fd < 0)
		return -errno;
	memcpy(&v4.sin_addr, addr->bytes, sizeof(v4.sin_addr));
	memcpy(&v6.sin6_addr, addr->bytes, sizeof(v6.sin6_addr));
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, addr->is_v6 ? (const struct sockaddr *)&v6 : (const struct sockaddr *)&v4, addr->is_v6 ? sizeof(v6) : sizeof(v4)) != 0 ||
	    listen(fd, METRICS_CLIENTS) != 0)
		rc = -errno;
	if (rc < 0)
		(void)close(fd);
	return rc < 0 ? rc : fd;
}

int metrics_open(struct metrics **out, sd_event *event, const struct adit_addr *addr, uint16_t port, struct words_view *view, char *why,
		 size_t why_bytes)
{
	struct metrics *metrics = calloc(1, sizeof(*metrics));
	char text[ADDR_TEXT_BYTES];
	int rc = -ENOMEM;

	if (metrics) {
		metrics->event = event;
		metrics->view = view;
		metrics->fd = rc = listen_at(addr, port);
	}
	if (rc >= 0)
		rc = sd_event_add_io(event, &metrics->io, metrics->fd, EPOLLIN, on_connect, metrics);
	if (rc >= 0)
		rc = sd_event_add_time_relative(event, &metrics->card_patience, CLOCK_MONOTONIC, 0, 1000, on_card_patience, metrics);
	if (rc >= 0)
		rc = sd_event_source_set_enabled(metrics->card_patience, SD_EVENT_OFF);
	if (rc < 0) {
		(void)snprintf(why, why_bytes, "metrics: %s port %u: %s", addr_put(addr, text), port, strerror(-rc));
		metrics_close(metrics);
		return rc;
	}
	*out = metrics;
	return 0;
}

void metrics_close(struct metrics *metrics)
{
	if (!metrics)
		return;
	for (struct metrics_client *client = metrics->clients, *next; client; client = next) {
		next = client->next;
		client_close(client);
	}
	(void)sd_event_source_disable_unref(metrics->io);
	(void)sd_event_source_disable_unref(metrics->card_patience);
	if (metrics->fd >= 0)
		(void)close(metrics->fd);
	metrics->is_closed = true;
	if (!metrics->n_pending)
		free(metrics);
}

uint16_t metrics_port(const struct metrics *metrics)
{
	struct sockaddr_in6 addr = { 0 };
	socklen_t n = sizeof(addr);

	return getsockname(metrics->fd, (struct sockaddr *)&addr, &n) == 0 ? ntohs(addr.sin6_port) : 0;
}
