// SPDX-License-Identifier: BSD-2-Clause-Patent
/* Proposals of phase 2 for tests: a configured one with a wish for it, offers and answers through the wire. */
#ifndef TESTS_HOST_POLICY_SUPPORT_PHASE2_H
#define TESTS_HOST_POLICY_SUPPORT_PHASE2_H

#include "policy/proposal.h"
#include "policy/support_sa.h"
#include "support_config.h"

static const uint8_t their_esp_spi[4] = { 0xc0, 0xff, 0xee, 0x01 }, their_ah_spi[4] = { 0xab, 0xcd, 0xef, 0x02 };
static const uint32_t our_spis[2] = { 0x11223344, 0x55667788 };

/* A proposal of the configuration, and a wish for ESP in tunnel mode with it. */
struct bench {
	struct config *config;
	struct phase2_wish wish;
};

static inline struct bench bench_of(const char *keys)
{
	struct bench bench;
	char text[2048];

	(void)snprintf(text, sizeof(text), "proposals = ( { name = \"q\"; %s } );", keys);
	bench.config = config_of(text);
	bench.wish = (struct phase2_wish){ .proposal = config_proposal(bench.config, "q"), .check = CHECK_OBEY, .esp = true, .is_tunnel = true };
	bench.wish.pfs = bench.wish.proposal->pfs;
	bench.wish.allow_null_auth = bench.wish.proposal->allow_null_auth;
	return bench;
}

static inline bool send_offer(struct sa_message *message, const struct phase2_wish *wish, char why[PROPOSAL_WHY_BYTES])
{
	sa_begin(message);
	if (!phase2_offer(wish, our_spis, &message->to, &message->next_at, why))
		return false;
	sa_read(message);
	return true;
}

static inline void send_choice(struct sa_message *message, const struct phase2_choice *choice)
{
	sa_begin(message);
	phase2_put_choice(choice, our_spis, &message->to, &message->next_at);
	sa_read(message);
}

static inline void send_transforms(struct sa_message *message, uint8_t protocol, const struct v1_transform *transforms, size_t n)
{
	struct v1_sa_writer sa;

	sa_begin(message);
	v1_open_sa(&sa, &message->to, &message->next_at);
	sa_put_proposal(&sa, 1, protocol, protocol == V1_PROTO_AH ? their_ah_spi : their_esp_spi, 4, transforms, n);
	v1_close_sa(&sa);
	sa_read(message);
}

#endif
