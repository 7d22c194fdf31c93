// SPDX-License-Identifier: BSD-2-Clause-Patent
/* What the control socket can be asked: a table of words, RouterOS's menus. */
#ifndef HOST_CONTROL_WORDS_H
#define HOST_CONTROL_WORDS_H

#include "control/control.h"
#include "offload/offload.h"
#include "slowpath/slowpath.h"

struct host_counters {
	uint64_t rx_packets, tx_packets, tx_dropped, arp_answers, nd_answers, echo_answers, ignored_packets, ike_packets, acquires, recoveries;
};

/* The daemon as the words see it; pointers that a reload changes are read anew each time. */
struct words_view {
	const struct config *config;
	struct offload *offload;
	struct adit_card *card;		/* NULL while the card is away */
	const char *card_name;
	const struct host_counters *counters;
	const struct slowpath_counts *slowpath;
	/** Reload the file; fills result or errors (an array of lines). */
	bool (*reload)(void *arg, bool is_dry, json_object *result, json_object *errors);
	void (*card_failed)(void *arg);	/* a command said so: recover soon */
	void *arg;
};

/** control_answer_fn; arg is a struct words_view. */
json_object *words_answer(void *arg, const char *word, json_object *request);

#endif
