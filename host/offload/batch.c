// SPDX-License-Identifier: BSD-2-Clause-Patent
#include "offload/batch.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static uint64_t now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

int batch_open(struct batch *batch, struct adit_card *card, size_t n_items)
{
	*batch = (struct batch){ .card = card, .room = n_items, .deadline_ms = now_ms() + BATCH_TIMEOUT_MS };
	batch->store = calloc(1, sizeof(*batch->store) + (n_items + 1) * sizeof(batch->store->items[0]));
	batch->items = batch->store ? batch->store->items : NULL;
	return batch->store ? 0 : -ENOMEM;
}

void batch_hurry(struct batch *batch)
{
	batch->is_hurried = true;
	batch->deadline_ms = now_ms() + BATCH_SHORT_MS;
}

struct batch_item *batch_item(struct batch *batch, const char *fmt, ...)
{
	struct batch_item *item = &batch->items[batch->n_items];
	va_list args;

	if (batch->n_items < batch->room)
		batch->n_items++;
	item->batch = batch;
	item->store = batch->store;
	item->status = -EINPROGRESS;
	va_start(args, fmt);
	(void)vsnprintf(item->what, sizeof(item->what), fmt, args);
	va_end(args);
	return item;
}

static void fail(struct batch *batch, const struct batch_item *item, int status)
{
	const char *words = adit_card_strerror(batch->card);

	if (batch->status)
		return;
	batch->status = status;
	(void)snprintf(batch->why, sizeof(batch->why), "%s: %s", item ? item->what : "card",
		       words && *words ? words : strerror(-status));
}

void batch_done(void *arg, int status, const union adit_answer *answer)
{
	struct batch_item *item = arg;

	item->store->n_pending--;
	if (!item->batch) {
		if (!item->store->n_pending)
			free(item->store);
		return;
	}
	item->status = status;
	if (status == 0 && answer)
		item->answer = *answer;
	if (status < 0)
		fail(item->batch, item, status);
}

/* Let the card work; -ETIMEDOUT once the batch has had its time. */
static int pump(struct batch *batch)
{
	struct pollfd fd = { .fd = adit_card_fd(batch->card), .events = POLLIN };
	uint64_t now = now_ms();
	int n;

	if (now >= batch->deadline_ms)
		return -ETIMEDOUT;
	(void)poll(&fd, 1, batch->deadline_ms - now > 1000 ? 1000 : (int)(batch->deadline_ms - now));
	n = adit_card_poll(batch->card, 256);
	return n < 0 ? n : 0;
}

bool batch_retry(struct batch *batch, struct batch_item *item, int rc)
{
	if (rc == 0) {
		batch->store->n_pending++;
		return false;
	}
	if (rc == -EAGAIN) {
		rc = adit_card_kick(batch->card);
		if (rc == 0)
			rc = pump(batch);
		if (rc == 0)
			return true;
	}
	item->status = rc;
	fail(batch, item, rc);
	return false;
}

int batch_wait(struct batch *batch)
{
	int rc = batch->store->n_pending ? adit_card_kick(batch->card) : 0;

	while (rc == 0 && batch->store->n_pending)
		rc = pump(batch);
	if (rc < 0)
		fail(batch, NULL, rc);
	return batch->status;
}

void batch_close(struct batch *batch)
{
	size_t n_pending = batch->store->n_pending;

	if (n_pending && !batch->is_hurried)
		n_pending = adit_card_recover(batch->card) < 0 ? batch->store->n_pending : 0;
	for (size_t i = 0; n_pending && i < batch->n_items; i++)
		batch->items[i].batch = NULL;
	if (!n_pending)
		free(batch->store);
	batch->store = NULL;
	batch->items = NULL;
}

int batch_finish(struct batch *batch, char *why, size_t why_bytes)
{
	int rc = batch_wait(batch);

	if (rc < 0)
		(void)snprintf(why, why_bytes, "%s", batch->why);
	batch_close(batch);
	return rc;
}
