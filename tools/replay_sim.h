// SPDX-License-Identifier: BSD-2-Clause-Patent
/* A simulated card of one's own: started, waited for, stopped. */
#ifndef TOOLS_REPLAY_SIM_H
#define TOOLS_REPLAY_SIM_H

#include <sys/types.h>

#include "base/text.h"

struct replay_sim {
	pid_t pid;
	char folder[64];
	char where[96];		/* "sim:…" for adit_card_open() */
	char log_path[4096];
};

struct replay_sim_options {
	const char *out_folder;
	const char *lan, *wan;		/* captures to send in, or NULL */
	const char *trace, *size, *seed;	/* or NULL */
};

/** Start adit-sim, which stands beside this program, deterministic. @return false and a line on stderr. */
MUST_USE bool replay_sim_start(const struct replay_sim_options *options, struct replay_sim *sim);
/** Stop it and wait until its captures are closed. @return false if it had failed. */
MUST_USE bool replay_sim_stop(struct replay_sim *sim);

#endif
