// SPDX-License-Identifier: BSD-2-Clause-Patent
/* What people see of the engine, and what it says to them. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "sa/phase1.h"
#include "sa/phase2.h"

void ike_say(struct ike *ike, enum log_level level, const char *peer, const struct ike_sa *sa, const char *fmt, ...)
{
	char text[1024], addr[ADDR_TEXT_BYTES];
	int n = 0;
	va_list args;

	if (ike->calls.tell == NULL)
		return;
	if (sa != NULL)
		n = snprintf(text, sizeof(text), "phase 1 with %s[%u]: ", addr_put(&sa->path.remote.addr, addr), sa->path.remote.port);
	va_start(args, fmt);
	vsnprintf(text + n, sizeof(text) - (size_t)n, fmt, args);
	va_end(args);
	ike->calls.tell(ike->calls.arg, level, peer, text);
}

bool ike_may_say(struct ike *ike)
{
	enum { A_SECOND = 10 };

	if (ike->now_ms - ike->says_ms >= 1000 || ike->says_ms == 0) {
		ike->says_ms = ike->now_ms;
		ike->says_left = A_SECOND;
	}
	return ike->says_left > 0 && ike->says_left-- > 0;
}

/* RouterOS's words: how far phase 1 is. */
static const char *state_word(const struct ike_sa *sa)
{
	static const char *const initiator[] = { "starting", "message-1-sent", "message-2-received", "message-3-sent", "message-4-received",
						 "message-5-sent" };
	static const char *const responder[] = { "starting", "message-1-received", "message-2-sent", "message-3-received", "message-4-sent",
						 "message-5-received" };

	switch (sa->state) {
	case IKE_LARVAL:
		return (sa->is_initiator ? initiator : responder)[sa->step < 6 ? sa->step : 5];
	case IKE_ESTABLISHED:
		return "established";
	case IKE_DYING:
		return "dying";
	default:
		return "expired";
	}
}

static unsigned child_count(const struct ike_sa *sa)
{
	unsigned n = 0;

	for (const struct ike_child *child = sa->ike->children; child != NULL; child = child->next)
		n += child->sa_id == sa->id && child_is_live(child);
	return n;
}

static void fill_in(const struct ike_sa *sa, struct ike_sa_view *view)
{
	*view = (struct ike_sa_view){
		.id = sa->id, .path = sa->path, .is_initiator = sa->is_initiator, .is_nat_local = sa->nat_local,
		.is_nat_remote = sa->nat_remote, .is_established = sa->state == IKE_ESTABLISHED || sa->state == IKE_DYING,
		.state = state_word(sa), .since_ms = sa->since_ms, .rekey_ms = sa->rekey_ms, .expires_ms = sa->expires_ms,
		.n_children = child_count(sa), .dpd_failures = sa->dpd_failures,
	};
	memcpy(view->peer, sa->peer, sizeof(view->peer));
	memcpy(view->icookie, sa->cookies, 8);
	memcpy(view->rcookie, sa->cookies + 8, 8);
	if (!view->is_established)
		return;
	auth_id_text(&sa->peer_id, view->identity, sizeof(view->identity));
	phase1_choice_text(&sa->choice, view->algorithms, sizeof(view->algorithms));
}

void ike_each_sa(const struct ike *ike, void (*each)(void *arg, const struct ike_sa_view *view), void *arg)
{
	struct ike_sa_view view;

	for (const struct ike_sa *sa = ike->sas; sa != NULL; sa = sa->next) {
		if (sa->is_dead)
			continue;
		fill_in(sa, &view);
		each(arg, &view);
	}
}

const struct ike_counters *ike_counters(const struct ike *ike)
{
	return &ike->counters;
}
