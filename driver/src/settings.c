// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * What the owner sets and reads in the card's registers while it runs. After a reset all of it is gone.
 */
#include "card.h"

#include <errno.h>

int adit_card_configure(struct adit_card *card, const struct adit_mode_options *options)
{
	uint32_t valid = 0;
	int error;

	if (card->broken)
		return card->broken;
	if (options->n_local > 8)
		return card_fail(card, -EINVAL, "%u local addresses: the card has room for 8", options->n_local);
	error = card_write(card, ADIT_REG_LOCAL_VALID, 0);	/* no half-written address counts */
	for (unsigned i = 0; i < options->n_local && !error; i++) {
		const struct adit_addr *addr = &options->local[i];

		for (unsigned w = 0; w < 4 && !error; w++) {
			const uint8_t *b = &addr->bytes[4 * w];
			const uint32_t word = (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;

			error = card_write(card, ADIT_REG_LOCAL_ADDR(4 * i + w), w == 0 || addr->is_v6 ? word : 0);
		}
		valid |= 1u << (i + (addr->is_v6 ? ADIT_REG_LOCAL_VALID_V6_SHIFT : ADIT_REG_LOCAL_VALID_V4_SHIFT));
	}
	if (!error)
		error = card_write(card, ADIT_REG_LOCAL_VALID, valid);
	if (error)
		return error;
	card->ctrl = (card->ctrl & ADIT_REG_CTRL_ENABLE_MASK) | (options->nic ? ADIT_REG_CTRL_NIC_MASK : 0) |
		     (options->pass_unmatched ? ADIT_REG_CTRL_NO_MATCH_MASK : 0) |
		     (options->verdicts ? ADIT_REG_CTRL_VERDICTS_MASK : 0);
	return card_write(card, ADIT_REG_CTRL, card->ctrl);
}

int adit_card_enable(struct adit_card *card, bool on)
{
	if (card->broken)
		return card->broken;
	card->ctrl = (card->ctrl & ~ADIT_REG_CTRL_ENABLE_MASK) | (on ? ADIT_REG_CTRL_ENABLE_MASK : 0);
	return card_write(card, ADIT_REG_CTRL, card->ctrl);
}

int adit_card_cycles(struct adit_card *card, uint64_t *cycles)
{
	uint32_t low, high;
	int error;

	if (card->broken)
		return card->broken;
	error = card_read(card, ADIT_REG_CYCLES_LO, &low);	/* latches the high half */
	if (!error)
		error = card_read(card, ADIT_REG_CYCLES_HI, &high);
	if (!error)
		*cycles = (uint64_t)high << 32 | low;
	return error;
}

/* Registers that came with a later contract. */
static int minor_check(struct adit_card *card, uint16_t minor, const char *what)
{
	if (card->caps.minor >= minor)
		return 0;
	return card_fail(card, -EOPNOTSUPP, "the card has no %s: it speaks contract %u.%u", what, card->caps.major,
			 card->caps.minor);
}

int adit_card_set_now(struct adit_card *card, uint32_t seconds)
{
	uint32_t before = card->now_seconds;
	int error = card->broken ? card->broken : minor_check(card, CARD_MINOR_LIMITS, "NOW");

	if (!error && card->caps.clock_hz)	/* it has counted on */
		error = card_read(card, ADIT_REG_NOW, &before);
	if (error)
		return error;
	if (seconds < before)
		return card_fail(card, -EINVAL, "the card's time goes forward: %u seconds after %u", seconds, before);
	error = card_write(card, ADIT_REG_NOW, seconds);
	if (!error)
		card->now_seconds = seconds;
	return error;
}

int adit_card_set_host_limits(struct adit_card *card, const struct adit_host_limits *limits)
{
	int error = card->broken ? card->broken : minor_check(card, CARD_MINOR_LIMITS, "host limits");

	if (error)
		return error;
	if (limits->reserve_buffers >= card->options.rx_entries)
		return card_fail(card, -EINVAL, "%u RX buffers kept for IKE: the ring has %u, nothing else would pass",
				 limits->reserve_buffers, card->options.rx_entries);
	error = card_write(card, ADIT_REG_HOST_PERIOD, 0);	/* no mixture of old and new limits holds */
	for (unsigned i = 0; i < ADIT_REG_HOST_LIMIT_COUNT && !error; i++)
		error = card_write(card, ADIT_REG_HOST_LIMIT(i), limits->packets[i]);
	if (!error)
		error = card_write(card, ADIT_REG_HOST_RESERVE, limits->reserve_buffers);
	return error ? error : card_write(card, ADIT_REG_HOST_PERIOD, limits->period_cycles);
}
