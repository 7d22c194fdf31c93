// SPDX-License-Identifier: BSD-2-Clause-Patent
/* Jobs of the pool. The engine lives until the last of them is back, even if it is closed before. */
#include <stdlib.h>

#include <openssl/crypto.h>

#include "sa/room.h"

static void run(struct pool_job *job)
{
	struct work *work = (struct work *)job;

	work->run(work);
}

static void done(struct pool_job *job)
{
	struct work *work = (struct work *)job;
	struct ike *ike = work->ike;

	ike->n_working--;
	work->done(ike, work);
	if (ike->is_closing && ike->n_working == 0)
		ike_free(ike);
	else if (!ike->is_closing)
		ike_reap(ike);
}

void work_submit(struct ike *ike, struct work *work)
{
	work->job = (struct pool_job){ run, done, NULL };
	work->ike = ike;
	ike->n_working++;
	pool_submit(ike->pool, &work->job);
}

/* ---- Diffie-Hellman */

static void dh_run(struct work *work)
{
	struct work_dh *mine = (struct work_dh *)work;

	if (mine->dh == NULL)
		mine->dh = dh_open(mine->group);
	mine->is_ok = mine->dh != NULL && (mine->peer.len == 0 || dh_shared(mine->dh, blob_bytes(&mine->peer), mine->shared));
}

static void dh_done(struct ike *ike, struct work *work)
{
	struct work_dh *mine = (struct work_dh *)work;

	mine->then(ike, mine);
	dh_close(mine->dh);
	blob_free(&mine->peer);
	OPENSSL_cleanse(mine, sizeof(*mine));
	free(mine);
}

bool work_dh(struct ike *ike, enum dh_group group, struct dh *dh, struct bytes peer, uint32_t sa_id, uint32_t message_id, void *arg,
	     void (*then)(struct ike *ike, struct work_dh *work))
{
	struct work_dh *work = calloc(1, sizeof(*work));

	if (work == NULL || dh_public_bytes(group) == 0 || (peer.len > 0 && !blob_set(&work->peer, peer))) {
		free(work);
		dh_close(dh);
		return false;
	}
	work->work.run = dh_run;
	work->work.done = dh_done;
	work->group = group;
	work->dh = dh;
	work->sa_id = sa_id;
	work->message_id = message_id;
	work->arg = arg;
	work->then = then;
	work_submit(ike, &work->work);
	return true;
}
