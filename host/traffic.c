// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * Packets between card and host. What the card hands over is served in this order: IKE at once; then, once the card has been
 * polled, the rest in its order: the slow path's packets, then what goes to the TAP or is answered here.
 */
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/log.h"
#include "net/tap.h"
#include "room.h"

#define BACKLOG_PACKETS 256
#define TAP_RETRY_USEC 2000ull

/* Mode wire without a TAP: the daemon itself is what stands behind the local addresses. */
static void answer_packet(struct daemon *daemon, const struct adit_rx_packet *packet)
{
	uint8_t out[FRAME_MAX_BYTES + 8];
	struct adit_tx_packet reply = { .bytes = out };
	size_t n = 0;
	enum local_kind kind = local_answer(&daemon->local, packet->bytes, packet->n_bytes, out, sizeof(out), &n);

	if (kind == LOCAL_SILENT) {
		daemon->counters.ignored_packets++;
		return;
	}
	reply.n_bytes = (uint16_t)n;
	reply.dest = packet->face == ADIT_FACE_LAN ? ADIT_DEST_OUT_LAN : ADIT_DEST_OUT_WAN;
	if (kind == LOCAL_ECHO && packet->face != ADIT_FACE_LAN)	/* it may have come sealed: the policies decide how it leaves */
		reply.dest = ADIT_DEST_FROM_LAN;
	if (adit_tx(daemon->card, &reply, 1) != 1) {
		daemon->counters.tx_dropped++;
		return;
	}
	daemon->counters.tx_packets++;
	if (kind == LOCAL_ARP)
		daemon->counters.arp_answers++;
	else if (kind == LOCAL_ND)
		daemon->counters.nd_answers++;
	else
		daemon->counters.echo_answers++;
}

/* A frame for this host's network stack, or for the daemon where there is none. */
static void to_host(struct daemon *daemon, const struct adit_rx_packet *packet)
{
	if (daemon->tap_fd < 0)
		answer_packet(daemon, packet);
	else if (write(daemon->tap_fd, packet->bytes, packet->n_bytes) != packet->n_bytes)
		daemon->counters.ignored_packets++;
}

static void serve(struct daemon *daemon, const struct adit_rx_packet *packet)
{
	struct adit_rx_packet mended = *packet;
	uint8_t bytes[FRAME_MAX_BYTES];

	if (!daemon->card) {
		daemon->counters.ignored_packets++;
		return;
	}
	if (slowpath_take(daemon->slowpath, packet, offload_now_ms()))
		return;
	if (slowpath_mend(daemon->slowpath, packet, bytes))
		mended.bytes = bytes;
	to_host(daemon, &mended);
}

void traffic_drain(struct daemon *daemon)
{
	struct adit_rx_packet packet;

	while (backlog_take(daemon->backlog, &packet))
		serve(daemon, &packet);
}

static int on_later(sd_event_source *source, void *userdata)
{
	(void)source;
	traffic_drain(userdata);
	return 0;
}

void traffic_rx(void *arg, const struct adit_rx_packet *packet)
{
	struct daemon *daemon = arg;

	daemon->counters.rx_packets++;
	if (packet->reason == ADIT_REASON_HostIke) {
		daemon->counters.ike_packets++;
		serve(daemon, packet);
		return;
	}
	if (!backlog_put(daemon->backlog, packet)) {	/* full: what waited longest goes first */
		traffic_drain(daemon);
		if (!backlog_put(daemon->backlog, packet))
			serve(daemon, packet);
	}
	(void)sd_event_source_set_enabled(daemon->later, SD_EVENT_ONESHOT);	/* the card may have been polled by a command */
}

/* ---- the slow path's two ways out */

static void slow_tx(void *arg, const struct adit_tx_packet *packet)
{
	struct daemon *daemon = arg;

	if (daemon->card && adit_tx(daemon->card, packet, 1) == 1)
		daemon->counters.tx_packets++;
	else
		daemon->counters.tx_dropped++;	/* no card, or its ring is full: as on any wire */
}

static void slow_up(void *arg, const uint8_t *frame, size_t frame_bytes)
{
	struct daemon *daemon = arg;

	if (daemon->tap_fd < 0 || write(daemon->tap_fd, frame, frame_bytes) != (ssize_t)frame_bytes)
		daemon->counters.ignored_packets++;
}

/* A slot's packets that still wait belong to the SA that was there when they came. */
void traffic_put_sa(void *arg, uint16_t slot, const struct adit_sa *sa, const struct adit_sa *around)
{
	struct daemon *daemon = arg;
	int rc;

	traffic_drain(daemon);
	rc = slowpath_put_sa(daemon->slowpath, slot, sa, around);
	if (rc < 0)
		log_error("SA 0x%x: the host cannot transform its packets: %s", sa->spi, strerror(-rc));
}

void traffic_drop_sa(void *arg, uint16_t slot)
{
	struct daemon *daemon = arg;

	traffic_drain(daemon);
	slowpath_drop_sa(daemon->slowpath, slot);
}

bool traffic_start(struct daemon *daemon)
{
	const struct slowpath_options options = { .sa_slots = daemon->caps.sa_slots, .limits = reassembly_default, .tx = slow_tx,
						  .up = slow_up, .arg = daemon };

	daemon->slowpath = slowpath_open(&options);
	daemon->backlog = backlog_open(BACKLOG_PACKETS, FRAME_MAX_BYTES);
	if (!daemon->slowpath || !daemon->backlog || sd_event_add_defer(daemon->event, &daemon->later, on_later, daemon) < 0)
		return false;
	return sd_event_source_set_enabled(daemon->later, SD_EVENT_OFF) >= 0;
}

void traffic_stop(struct daemon *daemon)
{
	(void)sd_event_source_disable_unref(daemon->later);
	(void)sd_event_source_disable_unref(daemon->tap_io);
	(void)sd_event_source_disable_unref(daemon->tap_retry);
	if (daemon->tap_fd >= 0)
		(void)close(daemon->tap_fd);
	if (daemon->slowpath)
		slowpath_close(daemon->slowpath);
	backlog_close(daemon->backlog);
}

/* ---- TAP to card: as if it came from the plaintext side */

/* @return false while the ring is full: the frame is kept and the TAP waits. */
static bool tap_forward(struct daemon *daemon)
{
	struct adit_tx_packet packet = { .bytes = daemon->tap_frame, .n_bytes = (uint16_t)daemon->tap_bytes,
					 .dest = ADIT_DEST_FROM_LAN };
	int n = adit_tx(daemon->card, &packet, 1);

	if (n == 0 || n == -EAGAIN)
		return false;
	if (n < 0)
		daemon->counters.tx_dropped++;
	else
		daemon->counters.tx_packets++;
	daemon->tap_bytes = 0;
	return true;
}

static int on_tap_retry(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct daemon *daemon = userdata;

	(void)usec;
	if (!daemon->card || tap_forward(daemon))
		return daemon->card ? sd_event_source_set_enabled(daemon->tap_io, SD_EVENT_ON) : 0;
	(void)sd_event_source_set_time_relative(source, TAP_RETRY_USEC);
	return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

static int on_tap(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	struct daemon *daemon = userdata;

	(void)revents;
	for (unsigned i = 0; i < 64 && daemon->card; i++) {
		ssize_t n = read(fd, daemon->tap_frame, sizeof(daemon->tap_frame));

		if (n < 0 && errno != EAGAIN && errno != EINTR) {	/* somebody deleted it: it would be ready for ever */
			log_error("tap %s: %s", daemon->config->tap, strerror(errno));
			return sd_event_exit(daemon->event, 1);
		}
		if (n <= 0)
			return 0;
		daemon->tap_bytes = (size_t)n;
		if (tap_forward(daemon))
			continue;
		(void)sd_event_source_set_enabled(source, SD_EVENT_OFF);
		(void)sd_event_source_set_time_relative(daemon->tap_retry, TAP_RETRY_USEC);
		return sd_event_source_set_enabled(daemon->tap_retry, SD_EVENT_ONESHOT);
	}
	return 0;
}

/* This host's network stack stands behind the local addresses: those that it has nowhere else, it has on the TAP. */
void traffic_set_addresses(struct daemon *daemon)
{
	const struct config *config = daemon->config;
	char text[ADDR_TEXT_BYTES];

	for (unsigned i = 0; daemon->tap_fd >= 0 && i < config->n_local; i++) {
		int rc = tap_add_address(config->tap, &config->local[i]);

		if (rc > 0)
			log_info("tap %s: has %s now; routes are yours to set", config->tap, addr_put(&config->local[i], text));
		else if (rc < 0)
			log_warning("tap %s: cannot have %s: %s", config->tap, addr_put(&config->local[i], text), strerror(-rc));
	}
}

int traffic_start_tap(struct daemon *daemon)
{
	char why[256] = "";
	int rc;

	if (!daemon->config->tap[0])
		return 0;
	daemon->tap_fd = tap_open(daemon->config->tap, daemon->local.mac, why, sizeof(why));
	if (daemon->tap_fd < 0) {
		log_error("%s", why);
		return daemon->tap_fd;
	}
	traffic_set_addresses(daemon);
	rc = sd_event_add_time_relative(daemon->event, &daemon->tap_retry, CLOCK_MONOTONIC, 0, 1000, on_tap_retry, daemon);
	if (rc >= 0)
		rc = sd_event_source_set_enabled(daemon->tap_retry, SD_EVENT_OFF);
	if (rc >= 0)
		rc = sd_event_add_io(daemon->event, &daemon->tap_io, daemon->tap_fd, EPOLLIN, on_tap, daemon);
	return rc < 0 ? rc : 0;
}

