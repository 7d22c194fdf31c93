// SPDX-License-Identifier: BSD-2-Clause-Patent
#include "port.h"

#include <stdlib.h>
#include <string.h>

#include "say.h"

static enum port_given give_to_nobody(struct port *port, const uint8_t *frame, size_t n_bytes, uint64_t cycle)
{
	(void)port; (void)frame; (void)n_bytes; (void)cycle;
	return PORT_SENT;
}

static const struct port_kind kind_none = { .give = give_to_nobody };

static int open_none(struct port *port)
{
	port->kind = &kind_none;
	return 0;
}

static const struct {
	const char *prefix;
	bool needs_place;
	int (*open)(struct port *port);
} kinds[] = {
	{ "none", false, open_none },
	{ "pcap:", true, port_open_pcap },
	{ "unix:", true, port_open_unix },
	{ "tap:", true, port_open_tap },
	{ "if:", true, port_open_if },
};

struct port *port_open(const char *face, const char *word)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		size_t n = strlen(kinds[i].prefix);
		struct port *port;

		if (strncmp(word, kinds[i].prefix, n) != 0 || (word[n] != 0) != kinds[i].needs_place)
			continue;
		port = calloc(1, sizeof(*port));
		if (!port || !(port->place = strdup(word + n))) {
			free(port);
			say("--%s %s: out of memory", face, word);
			return NULL;
		}
		port->face = face;
		if (kinds[i].open(port) == 0)
			return port;
		free(port->place);
		free(port);
		return NULL;
	}
	say("--%s %s: a port is none, pcap:[IN][,OUT], unix:PATH, tap:NAME or if:NAME", face, word);
	return NULL;
}

void port_close(struct port *port)
{
	if (!port)
		return;
	if (port->kind->close)
		port->kind->close(port);
	free(port->place);
	free(port);
}

size_t port_take(struct port *port, uint8_t *frame)
{
	size_t n_bytes = port->kind->take ? port->kind->take(port, frame) : 0;

	port->may_take = n_bytes != 0;
	return n_bytes;
}

enum port_given port_give(struct port *port, const uint8_t *frame, size_t n_bytes, uint64_t cycle)
{
	enum port_given given = port->kind->give(port, frame, n_bytes, cycle);

	port->wants_room = given == PORT_WAIT;
	return given;
}

unsigned port_poll_fds(struct port *port, struct pollfd *fds)
{
	return port->kind->poll_fds ? port->kind->poll_fds(port, fds) : 0;
}

bool port_polled(struct port *port, const struct pollfd *fds, unsigned n_fds)
{
	return port->kind->polled && n_fds ? port->kind->polled(port, fds, n_fds) : false;
}

void port_flush(struct port *port)
{
	if (port->kind->flush)
		port->kind->flush(port);
}
