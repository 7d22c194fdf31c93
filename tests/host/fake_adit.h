// SPDX-License-Identifier: BSD-2-Clause-Patent
/* A libadit that keeps its tables in memory and writes down what it was asked, so that tests can see the order of things. */
#ifndef TESTS_HOST_FAKE_ADIT_H
#define TESTS_HOST_FAKE_ADIT_H

#include "adit/adit.h"

#define FAKE_SLOTS 64
#define FAKE_RULES 16

struct fake {
	struct adit_caps caps;
	struct adit_mode_options mode;
	bool is_enabled;
	uint32_t now_seconds;
	struct adit_host_limits limits;
	struct adit_sa sas[FAKE_SLOTS];
	bool has_sa[FAKE_SLOTS];
	struct adit_sa_state states[FAKE_SLOTS];
	struct adit_sp rules[FAKE_RULES];
	unsigned n_rules;
	uint16_t bound[FAKE_RULES];
	struct adit_sp_state counts[FAKE_RULES];
	char log[4096];			/* "+in5 +out6 bind0=6 table2 -5 ..." */
	int fail_in;			/* n: the nth command from now answers -EIO; 0: never */
	bool is_deaf;			/* commands are never answered, until recover */
	unsigned n_recovered;
	void (*on_step)(void);		/* what traffic meets after each thing that is done to the card */
	struct { adit_done_fn *done; void *arg; int status; union adit_answer answer; } queue[64];
	unsigned n_queued;
	int fd;
};

extern struct fake fake;
void fake_reset(void);	/* an empty card that can ESP, IPv4, both modes */
struct adit_card *fake_card(void);

#endif
