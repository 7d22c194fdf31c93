// SPDX-License-Identifier: BSD-2-Clause-Patent
/* Captures as a port. IN is read as the card takes it; OUT carries simulated time, so equal runs write equal files. */
#include "port.h"

#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "card.h"
#include "say.h"

struct pcap_port {
	pcap_t *in;
	pcap_t *out_format;
	pcap_dumper_t *out;
	char *in_path, *out_path;
	unsigned long long n_read;
	bool is_dirty;
};

static size_t pcap_take(struct port *port, uint8_t *frame)
{
	struct pcap_port *state = port->state;
	struct pcap_pkthdr *header;
	const uint8_t *bytes;
	int got;

	while (state->in && (got = pcap_next_ex(state->in, &header, &bytes)) != 0) {
		if (got < 0) {
			if (got != PCAP_ERROR_BREAK)
				say("--%s pcap: %s: %s, after frame %llu", port->face, state->in_path, pcap_geterr(state->in),
				    state->n_read);
			pcap_close(state->in);
			state->in = NULL;
			break;
		}
		state->n_read++;
		if (header->caplen < header->len)
			say("--%s pcap: %s: frame %llu was captured with %u of its %u bytes; only those are sent",
			    port->face, state->in_path, state->n_read, header->caplen, header->len);
		if (header->caplen == 0 || header->caplen > PORT_FRAME_BYTES) {
			say("--%s pcap: %s: frame %llu has %u bytes and is left out", port->face, state->in_path,
			    state->n_read, header->caplen);
			continue;
		}
		memcpy(frame, bytes, header->caplen);
		return header->caplen;
	}
	return 0;
}

static enum port_given pcap_give(struct port *port, const uint8_t *frame, size_t n_bytes, uint64_t cycle)
{
	struct pcap_port *state = port->state;
	struct pcap_pkthdr header = { .caplen = (bpf_u_int32)n_bytes, .len = (bpf_u_int32)n_bytes };
	uint64_t us = cycle * CARD_CYCLE_NS / 1000;

	if (!state->out)
		return PORT_SENT;
	header.ts.tv_sec = (time_t)(us / 1000000);
	header.ts.tv_usec = (suseconds_t)(us % 1000000);
	pcap_dump((uint8_t *)state->out, &header, frame);
	state->is_dirty = true;
	return PORT_SENT;
}

static void pcap_flush_out(struct port *port)
{
	struct pcap_port *state = port->state;

	if (!state->out || !state->is_dirty)
		return;
	if (pcap_dump_flush(state->out) != 0)
		say("--%s pcap: %s: cannot be written: %m", port->face, state->out_path);
	state->is_dirty = false;
}

static void pcap_port_close(struct port *port)
{
	struct pcap_port *state = port->state;

	pcap_flush_out(port);
	if (state->out)
		pcap_dump_close(state->out);
	if (state->out_format)
		pcap_close(state->out_format);
	if (state->in)
		pcap_close(state->in);
	free(state->in_path);
	free(state->out_path);
	free(state);
}

static const struct port_kind kind_pcap = {
	.take = pcap_take, .give = pcap_give, .flush = pcap_flush_out, .close = pcap_port_close,
};

static int open_in(struct port *port, struct pcap_port *state)
{
	char why[PCAP_ERRBUF_SIZE];

	state->in = pcap_open_offline(state->in_path, why);
	if (!state->in) {
		say("--%s pcap: %s", port->face, why);	/* libpcap names the file */
		return -1;
	}
	if (pcap_datalink(state->in) != DLT_EN10MB) {
		const char *name = pcap_datalink_val_to_name(pcap_datalink(state->in));

		say("--%s pcap: %s: holds %s, not Ethernet", port->face, state->in_path, name ? name : "another link type");
		return -1;
	}
	port->may_take = true;
	return 0;
}

static int open_out(struct port *port, struct pcap_port *state)
{
	struct stat in, out;

	if (state->in && stat(state->in_path, &in) == 0 && stat(state->out_path, &out) == 0 && in.st_dev == out.st_dev &&
	    in.st_ino == out.st_ino) {
		say("--%s pcap: %s: is both IN and OUT", port->face, state->out_path);
		return -1;
	}
	state->out_format = pcap_open_dead(DLT_EN10MB, 262144);
	state->out = state->out_format ? pcap_dump_open(state->out_format, state->out_path) : NULL;
	if (!state->out) {
		say("--%s pcap: %s", port->face, state->out_format ? pcap_geterr(state->out_format) : "out of memory");
		return -1;
	}
	state->is_dirty = true;
	return 0;
}

int port_open_pcap(struct port *port)
{
	struct pcap_port *state = calloc(1, sizeof(*state));
	char *comma = strchr(port->place, ',');

	if (!state) {
		say("--%s pcap: out of memory", port->face);
		return -1;
	}
	port->state = state;
	port->kind = &kind_pcap;
	state->in_path = comma ? strndup(port->place, (size_t)(comma - port->place)) : strdup(port->place);
	state->out_path = strdup(comma ? comma + 1 : "");
	if (!state->in_path || !state->out_path ||
	    (state->in_path[0] && open_in(port, state) != 0) ||
	    (state->out_path[0] && open_out(port, state) != 0)) {
		pcap_port_close(port);
		return -1;
	}
	return 0;
}
