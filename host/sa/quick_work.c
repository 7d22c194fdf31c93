// SPDX-License-Identifier: BSD-2-Clause-Patent
/* Diffie-Hellman of quick mode (PFS), in the pool. The exchange may end meanwhile: then nobody is found for the answer. */
#include "sa/phase2.h"

static struct quick *find_quick(struct ike *ike, const struct work_dh *work)
{
	struct ike_sa *sa = sa_by_id(ike, work->sa_id);

	for (struct v1_exchange *exchange = sa ? sa->exchanges : NULL; exchange; exchange = exchange->next)
		if (exchange->message_id == work->message_id && exchange->quick && !exchange->is_dead && exchange->quick->is_working)
			return exchange->quick;
	return NULL;
}

static void worked(struct ike *ike, struct work_dh *work)
{
	struct quick *quick = ike->is_closing ? NULL : find_quick(ike, work);
	bool is_well = work->is_ok;

	if (!quick)
		return;
	quick->is_working = false;
	quick->dh = work->dh;
	work->dh = NULL;
	if (is_well && work->peer.len)
		is_well = blob_set(&quick->shared, (struct bytes){ work->shared, dh_shared_bytes(work->group) });
	quick_worked(quick, is_well);
}

bool quick_work(struct quick *quick, enum dh_group group, struct bytes peer)
{
	struct v1_exchange *exchange = quick->exchange;
	struct dh *dh = quick->dh;

	quick->dh = NULL;
	quick->is_working = true;
	return work_dh(quick_ike(quick), group, dh, peer, exchange->sa->id, exchange->message_id, NULL, worked);
}
