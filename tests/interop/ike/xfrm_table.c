// SPDX-License-Identifier: BSD-2-Clause-Patent
/* SAs and policies as the daemon gave them, and the kernel's answers. The table lives as long as the process. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "xfrmshim.h"

enum entry_kind { ENTRY_SA, ENTRY_POLICY };
struct entry {
	struct entry *next;
	enum entry_kind kind;
	struct nlmsghdr *request;	/* as it came */
};
static struct entry *entries;

/* One request under way. */
struct taking {
	const struct nlmsghdr *request;
	const void *body;
	FILE *log;
	xfrm_answer_fn *answer;
	void *arg;
};

static struct entry **find_sa(const xfrm_address_t *dst, __be32 spi, uint8_t proto)
{
	struct entry **at = &entries;

	for (; *at; at = &(*at)->next) {
		const struct xfrm_usersa_info *sa = NLMSG_DATA((*at)->request);

		if ((*at)->kind == ENTRY_SA && sa->id.spi == spi && sa->id.proto == proto &&
		    memcmp(&sa->id.daddr, dst, sa->family == AF_INET6 ? 16 : 4) == 0)
			break;
	}
	return at;
}

static bool is_same_selector(const struct xfrm_selector *a, const struct xfrm_selector *b)
{
	return memcmp(a->daddr.a6, b->daddr.a6, sizeof(a->daddr.a6)) == 0 && memcmp(a->saddr.a6, b->saddr.a6, sizeof(a->saddr.a6)) == 0 &&
	       a->prefixlen_d == b->prefixlen_d && a->prefixlen_s == b->prefixlen_s && a->family == b->family && a->proto == b->proto &&
	       a->dport == b->dport && a->sport == b->sport && a->ifindex == b->ifindex && a->user == b->user;
}

static struct entry **find_policy(const struct xfrm_selector *selector, int dir, uint32_t index)
{
	struct entry **at = &entries;

	for (; *at; at = &(*at)->next) {
		const struct xfrm_userpolicy_info *policy = NLMSG_DATA((*at)->request);

		if ((*at)->kind == ENTRY_POLICY &&
		    (index ? policy->index == index : policy->dir == dir && is_same_selector(&policy->sel, selector)))
			break;
	}
	return at;
}

static struct entry *entry_add(enum entry_kind kind, const struct nlmsghdr *request)
{
	struct entry *entry = calloc(1, sizeof(*entry));

	if (!entry)
		abort();
	entry->request = malloc(request->nlmsg_len);
	if (!entry->request)
		abort();
	memcpy(entry->request, request, request->nlmsg_len);
	entry->kind = kind;
	entry->next = entries;
	entries = entry;
	return entry;
}

static void entry_drop(struct entry **at)
{
	struct entry *entry = *at;

	*at = entry->next;
	free(entry->request);
	free(entry);
}

static void answer_entry(const struct taking *taking, const struct entry *entry, int flags)
{
	taking->answer(taking->arg, taking->request, entry->kind == ENTRY_SA ? XFRM_MSG_NEWSA : XFRM_MSG_NEWPOLICY,
		       NLMSG_DATA(entry->request), entry->request->nlmsg_len - NLMSG_HDRLEN, flags);
}

static void dump(const struct taking *taking, enum entry_kind kind)
{
	const int done = 0;

	for (const struct entry *entry = entries; entry; entry = entry->next)
		if (entry->kind == kind)
			answer_entry(taking, entry, NLM_F_MULTI);
	taking->answer(taking->arg, taking->request, NLMSG_DONE, &done, sizeof(done), NLM_F_MULTI);
}

static bool is_dump(const struct taking *taking)
{
	return (taking->request->nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP;
}

/* ---- SAs */

static int take_alloc_spi(const struct taking *taking)
{
	const struct xfrm_userspi_info *asked = taking->body;
	struct {
		struct nlmsghdr head;
		struct xfrm_usersa_info sa;
	} larval = { .head = *taking->request, .sa = asked->info };
	uint32_t spi = 0;

	do {
		if (getrandom(&spi, sizeof(spi), 0) != (ssize_t)sizeof(spi))
			return -EAGAIN;
		spi = asked->max > asked->min ? asked->min + spi % (asked->max - asked->min) : asked->min;
	} while (*find_sa(&asked->info.id.daddr, htonl(spi), asked->info.id.proto));
	larval.sa.id.spi = htonl(spi);
	larval.head.nlmsg_len = sizeof(larval);
	answer_entry(taking, entry_add(ENTRY_SA, &larval.head), 0);
	return 0;
}

static int take_sa(const struct taking *taking)
{
	const struct xfrm_usersa_info *sa = taking->body;
	const bool is_new = taking->request->nlmsg_type == XFRM_MSG_NEWSA;
	struct entry **known = find_sa(&sa->id.daddr, sa->id.spi, sa->id.proto);

	if (*known && is_new && (*known)->request->nlmsg_type != XFRM_MSG_ALLOCSPI)
		return -EEXIST;
	if (!*known && !is_new)
		return -ESRCH;
	if (*known)
		entry_drop(known);
	(void)entry_add(ENTRY_SA, taking->request);
	xfrm_log_sa(taking->log, is_new ? "newsa" : "updsa", taking->request);
	return 0;
}

static int take_del_sa(const struct taking *taking)
{
	const struct xfrm_usersa_id *id = taking->body;
	struct entry **known = find_sa(&id->daddr, id->spi, id->proto);

	if (!*known)
		return -ESRCH;
	xfrm_log_gone(taking->log, id);
	entry_drop(known);
	return 0;
}

static int take_get_sa(const struct taking *taking)
{
	const struct xfrm_usersa_id *id = taking->body;
	struct entry **known;

	if (is_dump(taking)) {
		dump(taking, ENTRY_SA);
		return 0;
	}
	known = find_sa(&id->daddr, id->spi, id->proto);
	if (!*known)
		return -ESRCH;
	answer_entry(taking, *known, 0);
	return 0;
}

/* ---- policies */

static int take_policy(const struct taking *taking)
{
	static uint32_t last_index;
	const struct xfrm_userpolicy_info *policy = taking->body;
	struct entry **known = find_policy(&policy->sel, policy->dir, 0);
	struct xfrm_userpolicy_info *kept;

	if (*known && taking->request->nlmsg_type == XFRM_MSG_NEWPOLICY)
		return -EEXIST;
	if (*known)
		entry_drop(known);
	kept = NLMSG_DATA(entry_add(ENTRY_POLICY, taking->request)->request);
	kept->index = last_index += 8;
	xfrm_log_policy(taking->log, taking->request);
	return 0;
}

static int take_one_policy(const struct taking *taking)
{
	const struct xfrm_userpolicy_id *id = taking->body;
	const bool is_delete = taking->request->nlmsg_type == XFRM_MSG_DELPOLICY;
	struct entry **known;

	if (!is_delete && is_dump(taking)) {
		dump(taking, ENTRY_POLICY);
		return 0;
	}
	known = find_policy(&id->sel, id->dir, id->index);
	if (!*known)
		return -ENOENT;
	if (is_delete)
		entry_drop(known);
	else
		answer_entry(taking, *known, 0);
	return 0;
}

static int take_flush(const struct taking *taking)
{
	const enum entry_kind kind = taking->request->nlmsg_type == XFRM_MSG_FLUSHPOLICY ? ENTRY_POLICY : ENTRY_SA;

	for (struct entry **at = &entries; *at;)
		if ((*at)->kind == kind)
			entry_drop(at);
		else
			at = &(*at)->next;
	return 0;
}

static int take_nothing(const struct taking *taking)
{
	(void)taking;
	return 0;
}

static int take_unknown(const struct taking *taking)
{
	fprintf(taking->log, "{\"op\":\"unknown\",\"type\":%d}\n", taking->request->nlmsg_type);
	return taking->request->nlmsg_type == XFRM_MSG_GETAE ? -ESRCH : -EOPNOTSUPP;
}

static const struct {
	int type;
	size_t body_bytes;
	int (*take)(const struct taking *taking);
} requests[] = {
	{ XFRM_MSG_ALLOCSPI, sizeof(struct xfrm_userspi_info), take_alloc_spi },
	{ XFRM_MSG_NEWSA, sizeof(struct xfrm_usersa_info), take_sa },
	{ XFRM_MSG_UPDSA, sizeof(struct xfrm_usersa_info), take_sa },
	{ XFRM_MSG_DELSA, sizeof(struct xfrm_usersa_id), take_del_sa },
	{ XFRM_MSG_GETSA, 0, take_get_sa },
	{ XFRM_MSG_NEWPOLICY, sizeof(struct xfrm_userpolicy_info), take_policy },
	{ XFRM_MSG_UPDPOLICY, sizeof(struct xfrm_userpolicy_info), take_policy },
	{ XFRM_MSG_DELPOLICY, sizeof(struct xfrm_userpolicy_id), take_one_policy },
	{ XFRM_MSG_GETPOLICY, 0, take_one_policy },
	{ XFRM_MSG_FLUSHSA, 0, take_flush },
	{ XFRM_MSG_FLUSHPOLICY, 0, take_flush },
	{ XFRM_MSG_NEWSPDINFO, 0, take_nothing },
	{ XFRM_MSG_NEWAE, 0, take_nothing },
	{ XFRM_MSG_MIGRATE, 0, take_nothing },
};

void xfrm_take(const struct nlmsghdr *request, FILE *log, xfrm_answer_fn *answer, void *arg)
{
	const struct taking taking = { .request = request, .body = NLMSG_DATA(request), .log = log, .answer = answer, .arg = arg };
	int (*take)(const struct taking *) = take_unknown;
	int error;

	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++)
		if (requests[i].type == request->nlmsg_type && request->nlmsg_len >= NLMSG_LENGTH(requests[i].body_bytes))
			take = requests[i].take;
	error = take(&taking);
	(void)fflush(log);
	if (error || ((request->nlmsg_flags & NLM_F_ACK) && !is_dump(&taking))) {
		const struct nlmsgerr reply = { .error = error, .msg = *request };

		answer(arg, request, NLMSG_ERROR, &reply, sizeof(reply), 0);
	}
}
