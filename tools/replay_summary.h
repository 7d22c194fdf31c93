// SPDX-License-Identifier: BSD-2-Clause-Patent
/* What a run of adit-replay tells at its end: each packet's fate, then SAs, policies and reasons as aditctl tells them. */
#ifndef TOOLS_REPLAY_SUMMARY_H
#define TOOLS_REPLAY_SUMMARY_H

#include "control/words.h"

struct replay_summary {
	struct words_view *view;
	struct adit_event *verdicts;	/* get sorted by face and number */
	size_t n_verdicts;
	uint64_t cycles_before, cycles_after;
	const char *card, *seed;	/* seed: NULL where there is none */
};

MUST_USE json_object *replay_summary(const struct replay_summary *of);	/* NULL: the card did not answer, as was told */
/** The same as tables; "files" have been added by then. */
void replay_summary_print(json_object *summary);

#endif
