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
	struct batch *batch;		/* NULL: nobody waits any more */
	struct batch_store *store;
	char what[96];
	int status;
	union adit_answer answer;
};

/* Lives until the last answer, if nobody waited for that. */
struct batch_store {
	size_t n_pending;
	struct batch_item items[];
};

struct batch {
	struct adit_card *card;
	struct batch_store *store;
	struct batch_item *items;	/* the store's */
	size_t n_items, room;
	bool is_hurried;
	int status;		/* of the first that failed */
	char why[256];
	uint64_t deadline_ms;
};

#define BATCH_TIMEOUT_MS 5000
#define BATCH_SHORT_MS 200

MUST_USE int batch_open(struct batch *batch, struct adit_card *card, size_t n_items);
/** Questions whose answers can be done without: wait BATCH_SHORT_MS for all of them, then let those that are out answer to nobody. */
void batch_hurry(struct batch *batch);
struct batch_item *batch_item(struct batch *batch, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void batch_done(void *arg, int status, const union adit_answer *answer);
/** @return true if the ring was full and the call is to be made again. */
MUST_USE bool batch_retry(struct batch *batch, struct batch_item *item, int rc);
/** @return 0, or the first failure; batch->why tells it in words. -ETIMEDOUT after BATCH_TIMEOUT_MS, or BATCH_SHORT_MS. */
MUST_USE int batch_wait(struct batch *batch);
/** Wait (at once, if that was done), tell why, close. why holds why_bytes. @return as batch_wait(). */
MUST_USE int batch_finish(struct batch *batch, char *why, size_t why_bytes);
/** If commands of a batch that is not hurried are still out, the card is reset: nobody knows what they did. */
void batch_close(struct batch *batch);

#endif
