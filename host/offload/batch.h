// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * Many commands, one wait: queue them all, ring once, wait for all answers, know the first that failed.
 *
 *   batch_open(&batch, card, n);
 *   item = batch_item(&batch, "SA 0x1001");
 *   do rc = adit_sa_add(card, slot, &sa, batch_done, item); while (batch_retry(&batch, item, rc));
 *   rc = batch_wait(&batch); ... batch.items[i].answer ...
 *   batch_close(&batch);
 */
#ifndef HOST_OFFLOAD_BATCH_H
#define HOST_OFFLOAD_BATCH_H

#include "adit/adit.h"
#include "base/text.h"

struct batch_item {
	struct batch *batch;
	char what[96];
	int status;
	union adit_answer answer;
};

struct batch {
	struct adit_card *card;
	struct batch_item *items;
	size_t n_items, room;
	size_t n_pending;
	int status;		/* of the first that failed */
	char why[256];
	uint64_t deadline_ms;
};

#define BATCH_TIMEOUT_MS 5000

MUST_USE int batch_open(struct batch *batch, struct adit_card *card, size_t n_items);
struct batch_item *batch_item(struct batch *batch, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void batch_done(void *arg, int status, const union adit_answer *answer);
/** @return true if the ring was full and the call is to be made again. */
MUST_USE bool batch_retry(struct batch *batch, struct batch_item *item, int rc);
/** @return 0, or the first failure; batch->why tells it in words. -ETIMEDOUT after BATCH_TIMEOUT_MS. */
MUST_USE int batch_wait(struct batch *batch);
/** Wait (at once, if that was done), tell why, close. why holds why_bytes. @return as batch_wait(). */
MUST_USE int batch_finish(struct batch *batch, char *why, size_t why_bytes);
/** If commands are still out, the card is reset so that none of them answers into freed memory. */
void batch_close(struct batch *batch);

#endif
