// SPDX-License-Identifier: BSD-2-Clause-Patent
/* What the control socket can be asked: a table of words, RouterOS's menus. */
#ifndef HOST_CONTROL_WORDS_H
#define HOST_CONTROL_WORDS_H

#include "control/control.h"
#include "control/journal.h"
#include "offload/child.h"
#include "offload/offload.h"
#include "sa/ike.h"
#include "slowpath/slowpath.h"

struct host_counters {
	uint64_t rx_packets, tx_packets, tx_dropped, arp_answers, nd_answers, echo_answers, ignored_packets, ike_packets, acquires, recoveries;
};

/* What the words ask of the engine and of its SAs in the card: sa/ike.h's and offload/child.h's functions by name. A table, so that
 * words and metrics are tested with an engine that says what the test wants. */
struct words_engine {
	void (*each_sa)(const struct ike *ike, void (*each)(void *arg, const struct ike_sa_view *view), void *arg);
	void (*each_child)(const struct ike *ike, void (*each)(void *arg, const struct ike_child_view *view), void *arg);
	const char *(*ph2_state)(const struct ike *ike, const char *policy);
	const struct ike_counters *(*counters)(const struct ike *ike);
	unsigned (*initiate)(struct ike *ike, const char *name, int64_t now_ms, char why[MATCH_WHY_BYTES]);
	unsigned (*terminate)(struct ike *ike, const char *name, int64_t now_ms);
	unsigned (*rekey)(struct ike *ike, const char *name, bool phase1_too, int64_t now_ms);
	void (*each_installed)(const struct offload *offload, void (*each)(void *arg, const struct child_view *view), void *arg);
};
extern const struct words_engine words_engine;	/* engine.c: the real one */

/* The daemon as the words see it; pointers that a reload changes are read anew each time. */
struct words_view {
	const struct config *config;
	struct offload *offload;
	struct adit_card *card;		/* NULL while the card is away */
	const char *card_name;
	const struct host_counters *counters;
	const struct slowpath_counts *slowpath;
	struct ike *ike;		/* NULL: none, and engine is not asked */
	const struct words_engine *engine;
	struct journal *journal;	/* NULL: nothing is kept */
	/** Reload the file; fills result or errors (an array of lines). */
	bool (*reload)(void *arg, bool is_dry, json_object *result, json_object *errors);
	void (*card_failed)(void *arg);	/* a command said so: recover soon */
	/** children_look(), the engine being told what it found; NULL: none. Only queues commands. */
	void (*look_children)(void *arg);
	void *arg;
};

/** control_answer_fn; arg is a struct words_view. */
json_object *words_answer(void *arg, const char *word, json_object *request, struct control_client *client);

#endif
