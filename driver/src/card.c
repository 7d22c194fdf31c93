// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * A card's life: open, recover, close.
 *
 *	open     bus -> who is it? -> reset, ready -> capabilities -> memory -> interrupts -> rings
 *	recover  reset, ready -> same capabilities? -> rings; what was pending is cancelled
 *
 * What the owner sets in between: settings.c.
 */
#include "card.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CONTRACT_MAJOR (ADIT_REG_VERSION_MAJOR_RESET)
#define FIELD(word, name) (((word) & ADIT_REG_##name##_MASK) >> ADIT_REG_##name##_SHIFT)
#define RESERVE_SHARE 8u	/* so many of the RX buffers, one is kept for IKE, unless the owner says otherwise */
#define READY_REST_US 200
#define QUIET_MS 500u		/* how long close waits for packets inside the card */
#define SA_LOG2_MAX 16u
#define SP_LOG2_MAX 15u
#define FRAME_BYTES_LEAST 1514u

static const struct adit_open_options defaults = {
	.cmd_entries = 256, .evt_entries = 1024, .tx_entries = 256, .rx_entries = 256, .timeout_ms = 5000,
};

static int fail(struct adit_card *card, int error, const char *format, va_list args)
{
	vsnprintf(card->why, sizeof(card->why), format, args);
	return error;
}

int card_fail(struct adit_card *card, int error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fail(card, error, format, args);
	va_end(args);
	return error;
}

int card_break(struct adit_card *card, int error, const char *format, ...)
{
	va_list args;

	if (card->broken)
		return card->broken;
	card->broken = error;
	va_start(args, format);
	fail(card, error, format, args);
	va_end(args);
	return error;
}

int card_bus_failed(struct adit_card *card, int error)
{
	return card_break(card, error, "%s", bus_why(card->bus));
}

void adit_card_on_event(struct adit_card *card, adit_event_fn *fn, void *arg)
{
	card->on_event = fn;
	card->on_event_arg = arg;
}

void adit_card_on_rx(struct adit_card *card, adit_rx_fn *fn, void *arg)
{
	card->on_rx = fn;
	card->on_rx_arg = arg;
}

const char *adit_card_strerror(const struct adit_card *card)
{
	return card->why;
}

const struct adit_caps *adit_card_caps(const struct adit_card *card)
{
	return &card->caps;
}

int card_read(struct adit_card *card, uint32_t offset, uint32_t *value)
{
	uint32_t magic;
	int error = bus_read32(card->bus, offset, value);

	if (error)
		return card_bus_failed(card, error);
	if (*value != UINT32_MAX)
		return 0;
	error = bus_read32(card->bus, ADIT_REG_MAGIC, &magic);
	if (error)
		return card_bus_failed(card, error);
	if (magic == UINT32_MAX)	/* what a bus answers for a card that is not there */
		return card_break(card, -ENODEV, "the card is gone: its registers read all ones");
	return 0;
}

int card_write(struct adit_card *card, uint32_t offset, uint32_t value)
{
	int error = bus_write32(card->bus, offset, value);

	return error ? card_bus_failed(card, error) : 0;
}

static int identify(struct adit_card *card)
{
	uint32_t magic, version;
	int error = card_read(card, ADIT_REG_MAGIC, &magic);

	if (error)
		return error;
	if (magic != ADIT_REG_MAGIC_VALUE_RESET)
		return card_break(card, -ENODEV, "MAGIC is %#010x, that of an adit card is %#010x", magic,
				  ADIT_REG_MAGIC_VALUE_RESET);
	error = card_read(card, ADIT_REG_VERSION, &version);
	if (error)
		return error;
	if (FIELD(version, VERSION_MAJOR) != CONTRACT_MAJOR)
		return card_break(card, -EOPNOTSUPP, "the card speaks contract %u.%u, this driver %u",
				  FIELD(version, VERSION_MAJOR), FIELD(version, VERSION_MINOR), CONTRACT_MAJOR);
	card->caps.major = (uint16_t)FIELD(version, VERSION_MAJOR);
	card->caps.minor = (uint16_t)FIELD(version, VERSION_MINOR);
	return 0;
}

static int caps_read(struct adit_card *card, struct adit_caps *caps)
{
	static const uint32_t offsets[] = { ADIT_REG_CAP_SIZES, ADIT_REG_CAP_ENC, ADIT_REG_CAP_AUTH,
					    ADIT_REG_CAP_FEATURES, ADIT_REG_CAP_LIMITS, ADIT_REG_CAP_CLOCK };
	uint32_t words[sizeof(offsets) / sizeof(offsets[0])];
	uint32_t sa_log2, sp_log2;

	for (size_t i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++) {
		int error = card_read(card, offsets[i], &words[i]);

		if (error)
			return error;
	}
	sa_log2 = FIELD(words[0], CAP_SIZES_SA_LOG2);
	sp_log2 = FIELD(words[0], CAP_SIZES_SP_LOG2);
	*caps = (struct adit_caps){
		.major = card->caps.major, .minor = card->caps.minor,
		.pkt_rings = FIELD(words[0], CAP_SIZES_PKT_RINGS), .vectors = FIELD(words[0], CAP_SIZES_VECTORS),
		.full_size = FIELD(words[0], CAP_SIZES_FULL_SIZE) != 0, .enc_mask = words[1], .auth_mask = words[2],
		.feature_mask = words[3], .frame_bytes = (uint16_t)FIELD(words[4], CAP_LIMITS_FRAME_BYTES),
		.replay_packets = (uint16_t)FIELD(words[4], CAP_LIMITS_REPLAY_PACKETS), .clock_hz = words[5],
	};
	if (sa_log2 > SA_LOG2_MAX || sp_log2 > SP_LOG2_MAX || caps->pkt_rings == 0 ||
	    caps->frame_bytes < FRAME_BYTES_LEAST || caps->frame_bytes > UINT16_MAX - 63)
		return card_break(card, -EIO, "capabilities that no card has: 2^%u SAs, 2^%u policies, %u packet rings, "
				  "frames of %u bytes", sa_log2, sp_log2, caps->pkt_rings, caps->frame_bytes);
	caps->sa_slots = sa_log2 < 16 ? 1u << sa_log2 : ADIT_NO_SLOT;	/* 0xffff says none everywhere, so no SA has it */
	caps->sp_rules = 1u << sp_log2;
	return 0;
}

static void rest(long us)
{
	const struct timespec time = { .tv_nsec = us * 1000L };

	nanosleep(&time, NULL);
}

/* Wait until (STATUS & mask) == want. @return 0, -ETIMEDOUT without breaking the card, or broken. */
static int status_wait(struct adit_card *card, uint32_t mask, uint32_t want, uint32_t timeout_ms)
{
	const uint64_t deadline_ms = bus_now_ms() + timeout_ms;

	for (;;) {
		uint32_t status;
		int error = card_read(card, ADIT_REG_STATUS, &status);

		if (error)
			return error;
		if ((status & mask) == want)
			return 0;
		if (bus_now_ms() >= deadline_ms)
			return -ETIMEDOUT;
		rest(READY_REST_US);
	}
}

/* Through CTRL, and if that does not help, as the bus can do it. */
static int reset(struct adit_card *card)
{
	const uint32_t ready = ADIT_REG_STATUS_READY_MASK;
	int error = card_write(card, ADIT_REG_CTRL, ADIT_REG_CTRL_RESET_MASK);

	card->ctrl = 0;
	card->now_seconds = 0;
	if (!error)
		error = status_wait(card, ready, ready, card->options.timeout_ms / 2);
	if (error != -ETIMEDOUT || card->broken)
		return error;
	error = bus_reset(card->bus);
	if (!error && card->n_irq_fds)
		error = bus_irq_enable(card->bus, card->irq_fds, card->n_irq_fds);
	if (error)
		return card_bus_failed(card, error);
	error = status_wait(card, ready, ready, card->options.timeout_ms / 2);
	if (error == -ETIMEDOUT && !card->broken)
		card_break(card, error, "the card is not ready %u ms after its reset", card->options.timeout_ms);
	return error;
}

static int rings_start(struct adit_card *card)
{
	const uint64_t wb_iova = card->packet.wb.iova;
	int error = 0;

	memset(card->packet.wb.host, 0, card->packet.wb.bytes);
	/* Events first: nothing that happens may be lost for want of a ring. */
	for (unsigned i = 0; i < 4 && !error; i++) {
		static const enum adit_ring order[] = { ADIT_RING_EVT, ADIT_RING_CMD, ADIT_RING_TX, ADIT_RING_RX };

		error = ring_start(&card->ring[order[i]], card->bus, order[i] == ADIT_RING_TX ? wb_iova : 0);
	}
	if (error)
		return card_bus_failed(card, error);
	if (card->caps.minor >= CARD_MINOR_LIMITS)
		error = card_write(card, ADIT_REG_HOST_RESERVE, card->options.rx_entries / RESERVE_SHARE);
	if (!error)
		error = packet_start(card);
	if (!error)
		error = card_check_faults(card);
	if (!error && (card->ring[ADIT_RING_TX].is_faulty || card->ring[ADIT_RING_RX].is_faulty))
		error = card_break(card, -EIO, "a packet ring stopped on a fault as it started");
	return error;
}

static void options_fill(struct adit_open_options *out, const struct adit_open_options *in)
{
	*out = defaults;
	if (!in)
		return;
	out->cmd_entries = in->cmd_entries ? in->cmd_entries : out->cmd_entries;
	out->evt_entries = in->evt_entries ? in->evt_entries : out->evt_entries;
	out->tx_entries = in->tx_entries ? in->tx_entries : out->tx_entries;
	out->rx_entries = in->rx_entries ? in->rx_entries : out->rx_entries;
	out->timeout_ms = in->timeout_ms ? in->timeout_ms : out->timeout_ms;
}

static void all_free(struct adit_card *card)
{
	if (card->bus) {
		sp_close(card);
		sa_close(card);
		packet_close(card);
		cmd_close(card);
		ring_close(&card->ring[ADIT_RING_EVT], card->bus);
		bus_close(card->bus);
	}
	poll_close(card);
	free(card->where);
	free(card);
}

/* Memory and interrupts. What fails leaves its words with the bus. */
static int parts_open(struct adit_card *card)
{
	int error = ring_open(&card->ring[ADIT_RING_EVT], card->bus, ADIT_RING_EVT, card->options.evt_entries,
			      ADIT_DESC_EVT_BYTES, false);

	if (!error)
		error = cmd_open(card);
	if (!error)
		error = packet_open(card);
	if (!error)
		error = sa_open(card);
	if (!error)
		error = sp_open(card);
	if (!error)
		error = poll_open(card);
	return error ? card_bus_failed(card, error) : 0;
}

int adit_card_open(const char *where, const struct adit_open_options *options, struct adit_card **out, char *why,
		   size_t why_bytes)
{
	char bus_words[CARD_WHY_BYTES] = "";
	struct adit_card *card = calloc(1, sizeof(*card));
	int error = -ENOMEM;

	*out = NULL;
	if (card) {
		card->epoll_fd = card->again_fd = card->timer_fd = -1;
		for (unsigned i = 0; i < CARD_VECTORS; i++)
			card->irq_fds[i] = -1;
		options_fill(&card->options, options);
		card->where = strdup(where);
	}
	if (!card || !card->where) {
		free(card);
		if (why && why_bytes)
			snprintf(why, why_bytes, "%s: no memory", where);
		return -ENOMEM;
	}
	error = bus_open(card->where, card->options.timeout_ms, &card->bus, bus_words, sizeof(bus_words));
	if (!error)
		error = identify(card);
	if (!error)
		error = reset(card);
	if (!error)
		error = caps_read(card, &card->caps);
	if (!error)
		error = parts_open(card);
	if (!error)
		error = rings_start(card);
	if (!error) {
		*out = card;
		return 0;
	}
	if (why && why_bytes) {
		if (card->bus)
			snprintf(why, why_bytes, "%s: %s", where, card->why);
		else
			snprintf(why, why_bytes, "%s", bus_words);
	}
	all_free(card);
	return error;
}

/* The card must have stopped reading and writing before its memory goes. */
static void quiesce(struct adit_card *card)
{
	const uint32_t timeout_ms = card->options.timeout_ms < QUIET_MS ? card->options.timeout_ms : QUIET_MS;
	int error = card_write(card, ADIT_REG_CTRL, card->broken ? ADIT_REG_CTRL_RESET_MASK : 0);

	for (unsigned i = 0; i < 4 && !error; i++)
		error = ring_stop(&card->ring[i], card->bus);
	if (!error && card->broken)
		return;
	/* Busy for longer: then unmapping ends it, the IOMMU being the stronger. */
	if (!error && status_wait(card, ADIT_REG_STATUS_BUSY_MASK, 0, timeout_ms) != 0)
		card_fail(card, -ETIMEDOUT, "the card was busy %u ms after its ports closed", timeout_ms);
}

void adit_card_close(struct adit_card *card, bool flush)
{
	if (!card)
		return;
	if (flush && !card->broken) {
		int error = adit_card_enable(card, false);	/* what has no SA any more must not pass in clear */

		if (!error)
			error = adit_sa_flush_wait(card, true, true);
		if (error)	/* keys must not stay: a reset zeroes them too */
			card_break(card, error, "SA_FLUSH at close failed");
	}
	quiesce(card);
	if (!card->broken)
		card_break(card, -ECANCELED, "the card is being closed");
	cmd_cancel_all(card, -ECANCELED);
	sp_reset(card, -ECANCELED);
	all_free(card);
}

static bool caps_equal(const struct adit_caps *a, const struct adit_caps *b)
{
	return a->major == b->major && a->sa_slots == b->sa_slots && a->sp_rules == b->sp_rules &&
	       a->pkt_rings == b->pkt_rings && a->vectors == b->vectors && a->enc_mask == b->enc_mask &&
	       a->auth_mask == b->auth_mask && a->feature_mask == b->feature_mask &&
	       a->frame_bytes == b->frame_bytes && a->replay_packets == b->replay_packets && a->clock_hz == b->clock_hz;
}

static int restart(struct adit_card *card)
{
	struct adit_caps caps;
	int error = bus_check(card->bus);

	if (error)
		return card_bus_failed(card, error);
	error = identify(card);
	if (!error)
		error = reset(card);
	if (!error)
		error = caps_read(card, &caps);
	if (!error && !caps_equal(&caps, &card->caps))
		error = card_break(card, -EIO, "after the reset the card has other capabilities: close it and open it anew");
	return error ? error : rings_start(card);
}

int adit_card_recover(struct adit_card *card)
{
	int error;

	card->broken = 0;
	card->why[0] = '\0';
	error = restart(card);
	/* Well or not: the commands of before will not be answered. Callbacks may queue new ones. */
	sa_reset(card);
	cmd_cancel_all(card, -ECANCELED);
	sp_reset(card, -ECANCELED);
	return error;
}
