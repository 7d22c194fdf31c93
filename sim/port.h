// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * Where a port's frames come from and go to. A frame is what is on the wire without FCS: 1 .. PORT_FRAME_BYTES bytes.
 *
 *   none             nothing comes; what the card sends is counted and gone
 *   pcap:[IN][,OUT]  frames of IN back to back as fast as the card takes them; what leaves is written to OUT
 *   unix:PATH        SEQPACKET, one packet one frame; connects if PATH listens, else listens there
 *   tap:NAME         a TAP interface
 *   if:NAME          an existing network interface (AF_PACKET)
 */
#ifndef SIM_PORT_H
#define SIM_PORT_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define PORT_FRAME_BYTES 65536u
#define PORT_POLL_FDS 2u

struct port;

enum port_given {
	PORT_SENT,
	PORT_LOST,	/* nobody is there: drop it and count */
	PORT_WAIT	/* no room now: offer the same frame again once port_polled() is true */
};

/* What a kind of port can do. take: a frame's bytes, or 0 if none waits now. */
struct port_kind {
	size_t (*take)(struct port *port, uint8_t *frame);
	enum port_given (*give)(struct port *port, const uint8_t *frame, size_t n_bytes, uint64_t cycle);
	unsigned (*poll_fds)(struct port *port, struct pollfd *fds);	/* at most PORT_POLL_FDS */
	bool (*polled)(struct port *port, const struct pollfd *fds, unsigned n_fds);
	void (*flush)(struct port *port);
	void (*close)(struct port *port);
};

struct port {
	const struct port_kind *kind;
	const char *face;	/* "lan" or "wan", for messages */
	char *place;		/* what stands after the kind's colon */
	void *state;		/* the kind's own */
	bool may_take;		/* a frame may wait */
	bool wants_room;	/* give() said PORT_WAIT */
	bool is_paused;		/* the card has not taken the last frame: do not wake for more */
};

/**
 * Open what the word names, for the face.
 *
 * @return NULL after a line on stderr that says which port and what is wrong
 */
struct port *port_open(const char *face, const char *word);
void port_close(struct port *port);

/** The next frame into frame[PORT_FRAME_BYTES]; 0 if none waits. */
size_t port_take(struct port *port, uint8_t *frame);
enum port_given port_give(struct port *port, const uint8_t *frame, size_t n_bytes, uint64_t cycle);

/** Descriptors to sleep on; then what poll() said of them. @return true if the card should be woken */
unsigned port_poll_fds(struct port *port, struct pollfd *fds);
bool port_polled(struct port *port, const struct pollfd *fds, unsigned n_fds);

/** Put what is buffered on disk. */
void port_flush(struct port *port);

/* The kinds' openers: 0, or -1 after a line on stderr. port->place holds the place. */
int port_open_pcap(struct port *port);
int port_open_unix(struct port *port);
int port_open_tap(struct port *port);
int port_open_if(struct port *port);

#endif
