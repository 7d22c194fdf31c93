// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * What Prometheus reads: GET /metrics over HTTP/1.0, text format 0.0.4. Everything is what the daemon has at hand, but for the card's and the
 * policies' counters: those are asked of the card when somebody reads, without waiting for it longer than METRICS_CARD_MS.
 * Names stay; what grows with the configuration is one set of counters a policy, for the first METRICS_POLICIES of them.
 */
#ifndef HOST_CONTROL_METRICS_H
#define HOST_CONTROL_METRICS_H

#include "control/words.h"

#define METRICS_CLIENTS 8
#define METRICS_REQUEST_BYTES 4096
#define METRICS_SECONDS 10		/* a client has for all of it */
#define METRICS_CARD_MS 300
#define METRICS_POLICIES 256

struct metrics;

/** view is read at each request and must outlive this. @return 0 or a negative errno; why says what could not be done. */
MUST_USE int metrics_open(struct metrics **out, sd_event *event, const struct adit_addr *addr, uint16_t port, struct words_view *view,
			  char *why, size_t why_bytes);
void metrics_close(struct metrics *metrics);
/** The port that it got (port 0 was asked for). */
uint16_t metrics_port(const struct metrics *metrics);

/* ---- metrics_text.c */
struct metrics_policy {
	char name[CONFIG_NAME_BYTES];
	uint16_t id;
	struct adit_sp_state state, base;	/* as the card told it; what was not this policy's */
};
struct metrics_card {
	uint64_t reasons[ADIT_REASON_COUNT];
	bool has_reasons;
	struct metrics_policy policies[METRICS_POLICIES];
	unsigned n_policies;
};
/** The page, NUL-terminated; NULL: no memory. The caller frees. */
char *metrics_text(const struct words_view *view, const struct metrics_card *card, size_t *n_bytes);

#endif
