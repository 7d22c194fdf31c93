// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * What the daemon's files share: daemon.c (configuration, start, stop), card.c (the card's life), traffic.c (packets that the
 * card hands to the host, and frames from the TAP), negotiate.c (the IKE engine).
 */
#ifndef HOST_ROOM_H
#define HOST_ROOM_H

#include <systemd/sd-event.h>

#include "control/metrics.h"
#include "control/words.h"
#include "crypto/pool.h"
#include "daemon.h"
#include "net/backlog.h"
#include "net/local.h"
#include "net/udp.h"
#include "slowpath/slowpath.h"

#define TAP_FRAME_BYTES 16384	/* more than the card takes: too long is seen, not cut */

/* A card that is being opened in a thread; first member: the pool hands it back by it. */
struct card_opening {
	struct pool_job job;
	struct daemon *daemon;
	const char *name;
	struct adit_card *card;
	int rc;
	char why[256];
	bool is_out;
};

struct daemon {
	struct daemon_options options;
	struct config *config;
	char card_name[CONFIG_PATH_BYTES];
	struct adit_card *card;		/* NULL while it is away */
	struct adit_caps caps;
	struct offload *offload;
	struct slowpath *slowpath;
	struct backlog *backlog;	/* what is not IKE waits here until the card has been polled */
	struct local local;
	struct host_counters counters;
	struct words_view view;
	struct control *control;
	struct journal *journal;
	struct metrics *metrics;	/* NULL: nobody may ask */
	struct pool *pool;		/* slow arithmetic */
	struct udp *udp;
	struct ike *ike;		/* NULL before start and after the goodbye */
	int tap_fd;
	uint8_t tap_frame[TAP_FRAME_BYTES];
	size_t tap_bytes;		/* a frame read from the TAP that the ring had no room for */
	struct card_opening opening;
	bool wants_recovery, is_stopping;
	bool has_logged_away;
	sd_event *event;
	sd_event_source *card_io, *tap_io, *tap_retry, *retry, *second, *later, *pool_io, *ike_timer, *turn, *goodbye;
};

/* card.c; arg is a struct daemon */
MUST_USE bool card_start(struct daemon *daemon);	/* open, fill, attach; the ports stay closed */
void card_stop(struct daemon *daemon);
void card_failed(void *arg);		/* recover soon, not from here */
MUST_USE int card_timers(struct daemon *daemon);
unsigned card_n_sas(const struct daemon *daemon);

/* traffic.c; arg is a struct daemon */
MUST_USE bool traffic_start(struct daemon *daemon);
MUST_USE int traffic_start_tap(struct daemon *daemon);
void traffic_set_addresses(struct daemon *daemon);	/* the local ones, on the TAP */
void traffic_stop(struct daemon *daemon);
void traffic_rx(void *arg, const struct adit_rx_packet *packet);	/* adit_rx_fn */
void traffic_drain(struct daemon *daemon);	/* serve what waits */
void traffic_put_sa(void *arg, uint16_t slot, const struct adit_sa *sa, const struct adit_sa *around);	/* offload_watch */
void traffic_drop_sa(void *arg, uint16_t slot);

/* negotiate.c */
MUST_USE bool negotiate_start(struct daemon *daemon);	/* after the card and the TAP */
/** Sockets for this configuration's addresses and ports. @return 0, or a negative errno and *why: nothing has changed then. */
MUST_USE int negotiate_listen(struct daemon *daemon, const struct config *config, char *why, size_t why_bytes);
void negotiate_goodbye(struct daemon *daemon);	/* Deletes go out; then the loop ends */
void negotiate_stop(struct daemon *daemon);
void negotiate_acquire(struct daemon *daemon, const char *policy, const struct adit_event *event);
MUST_USE bool negotiate_sa_event(struct daemon *daemon, const struct adit_event *event);	/* @return whether the SA is IKE's */
void negotiate_look(void *arg);	/* ask the card what its SAs have done; nobody waits */

#endif
