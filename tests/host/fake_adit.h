// SPDX-License-Identifier: BSD-2-Clause-Patent
/* A libadit that keeps its tables in memory and writes down what it was asked, so that tests can see the order of things. */
#ifndef TESTS_HOST_FAKE_ADIT_H
#define TESTS_HOST_FAKE_ADIT_H

#include "adit/adit.h"

#define FAKE_SLOTS 64		/* what its caps say after fake_reset(); a test may set up to FAKE_MOST_SLOTS */
#define FAKE_RULES 16
#define FAKE_MOST_SLOTS 4096
#define FAKE_MOST_RULES 2048
#define FAKE_RING 64

struct fake {
	struct adit_caps caps;
	struct adit_mode_options mode;
	bool is_enabled;
	uint32_t now_seconds;
	struct adit_host_limits limits;
	struct adit_sa sas[FAKE_MOST_SLOTS];
	bool has_sa[FAKE_MOST_SLOTS];
	struct adit_sa_state states[FAKE_MOST_SLOTS];
	struct adit_sp rules[FAKE_MOST_RULES];
	unsigned n_rules;
	uint16_t bound[FAKE_MOST_RULES];
	struct adit_sp_state counts[FAKE_MOST_RULES];
	char log[4096];			/* "+in5 +out6 bind0=6 table2 -5 ..." */
	int fail_in;			/* n: the nth command from now does nothing and answers fail_status; 0: never */
	int fail_status;		/* -EIO */
	bool is_deaf;			/* commands are never answered, until recover */
	bool is_held;			/* commands are answered by fake_answer() alone */
	bool is_quiet;			/* nothing is written into the log */
	int dead;			/* what every command says at once, and poll; 0: the card lives */
	unsigned n_commands;
	unsigned n_recovered;
	void (*on_step)(void);		/* what traffic meets after each thing that is done to the card */
	struct { adit_done_fn *done; void *arg; int status; union adit_answer answer; } queue[FAKE_RING];
	unsigned n_queued, ring;	/* as many as ring */
	int fd;
};

extern struct fake fake;
void fake_reset(void);	/* an empty card that can ESP, IPv4, both modes */
struct adit_card *fake_card(void);
void fake_answer(unsigned at);	/* of the commands that wait for their answer, this one */
/** As if the card were closed: what waits is answered with -ECANCELED, and nothing is left. */
void fake_lose(void);

#endif
