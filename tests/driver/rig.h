// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * What the driver's tests stand on: a card, the fake one unless ADIT_TEST_CARD=sim:/path names another. Tests that need
 * a card to misbehave begin with NEEDS_FAKE() and are skipped on a real one; NEEDS_REAL() is the other way round.
 */
#ifndef RIG_H
#define RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake_card.h"

#define RIG_TIMEOUT_MS 300u	/* of a fake card; a simulated one gets RIG_SIM_TIMEOUT_MS */
#define RIG_SIM_TIMEOUT_MS 20000u

#define NEEDS_FAKE() do { if (!rig_is_fake()) skip(); } while (0)
#define NEEDS_REAL() do { if (rig_is_fake()) skip(); } while (0)
#define TEST(name) cmocka_unit_test(name)
/** A call that must end in time, whatever it returns. */
#define assert_bounded(call) do {							\
	const uint64_t before_ms = rig_now_ms();					\
	call;										\
	assert_in_range(rig_now_ms() - before_ms, 0, 4 * RIG_TIMEOUT_MS + 1000);	\
} while (0)

struct rig {
	struct fake *fake;		/* NULL on a real card */
	struct adit_card *card;
};

bool rig_is_fake(void);
uint64_t rig_now_ms(void);
/** A card that is open. options may be NULL; their timeout is set here. */
struct rig rig_open(const struct adit_open_options *options);
/** Try to open the fake card. @return as adit_card_open(); why is printed by the test's name. */
int rig_try(struct fake *fake, struct adit_card **card, char *why, size_t why_bytes);
void rig_close(struct rig *rig);
/** Poll until it has done n things, or an error comes, or time is over. @return things done, or the error. */
int rig_poll(struct adit_card *card, int n);
/** Poll until *counter reaches want. @return 0 or the error; -ETIME if it does not. */
int rig_poll_until(struct adit_card *card, const unsigned *counter, unsigned want);
bool rig_is_readable(const struct adit_card *card);

/** Counts callbacks and keeps the last status. */
struct tally {
	unsigned n, n_failed;
	int status;
	union adit_answer answer;
};
void tally_done(void *arg, int status, const union adit_answer *answer);

/** A sound SA: ESP tunnel, AES-CBC-128, HMAC-SHA1-96, keys of a fixed pattern. */
struct adit_sa rig_sa(enum adit_dir dir, uint32_t spi);
/** A sound rule: encrypt between two /24. */
struct adit_sp rig_sp(uint16_t id, int32_t priority);
unsigned rig_seed(void);	/* printed; ADIT_SEED sets it */

#endif
