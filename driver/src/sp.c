// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * Policies. The card has two banks of rules by rank; one is live. A job writes into the idle bank what differs there,
 * waits until all of that is answered, and makes it live with one SP_COMMIT:
 *
 *	queued -> writing -> committing -> done		any error: done, and the live bank is what it was
 *
 * Jobs run one at a time, in the order of the calls; add and delete are worked out against the table that is live when
 * their turn comes. What each bank holds is remembered here; after an error, ranks in doubt are written anew.
 */
#include "card.h"

#include <endian.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

enum sp_rank_state { RANK_EMPTY, RANK_SET, RANK_IN_DOUBT };
enum { SP_FLAG_V6 = 1, SP_FLAG_PROTO = 2, SP_FLAG_PORTS = 4, SP_FLAG_OPAQUE = 8 };

struct sp_write {
	struct adit_card *card;
	struct sp_job *job;
	uint16_t rank;
	bool is_delete;
};

struct sp_job {
	struct sp_job *next;
	enum sp_kind { SP_REPLACE, SP_ADD, SP_DELETE } kind;
	enum sp_phase { SP_QUEUED, SP_WRITING, SP_COMMITTING, SP_DONE } phase;
	uint16_t delete_id;
	int status;
	unsigned n_waiting;		/* commands in flight */
	unsigned next_rank;		/* ranks below are written or need not be */
	unsigned n_rules;
	struct adit_sp *rules;		/* SP_REPLACE: the table; SP_ADD: one rule, and from SP_WRITING on the table */
	struct adit_desc_sp *records;	/* of rules, by rank */
	struct sp_write *writes;	/* by rank */
	adit_done_fn *done;
	void *arg;
};

int sp_open(struct adit_card *card)
{
	struct sp_shadow *sp = &card->sp;
	const size_t n = card->caps.sp_rules;

	sp->live = calloc(n, sizeof(*sp->live));
	for (unsigned b = 0; b < 2; b++) {
		sp->bank[b] = calloc(n, sizeof(*sp->bank[b]));
		sp->state[b] = calloc(n, sizeof(*sp->state[b]));
	}
	if (!sp->live || !sp->bank[0] || !sp->bank[1] || !sp->state[0] || !sp->state[1])
		return bus_fail(card->bus, -ENOMEM, "no memory for %zu policy rules", n);
	return 0;
}

static void job_free(struct sp_job *job)
{
	free(job->rules);
	free(job->records);
	free(job->writes);
	free(job);
}

void sp_close(struct adit_card *card)
{
	struct sp_shadow *sp = &card->sp;

	free(sp->live);
	for (unsigned b = 0; b < 2; b++) {
		free(sp->bank[b]);
		free(sp->state[b]);
	}
	*sp = (struct sp_shadow){ 0 };
}

/* ---- rules */

static int end_check(struct adit_card *card, const struct adit_sp *rule, const char *end, uint8_t plen, uint16_t lo,
		     uint16_t hi)
{
	if (plen > (rule->dst.is_v6 ? 128 : 32))
		return card_fail(card, -EINVAL, "policy %u: a %s prefix of %u bits", rule->id, end, plen);
	if (!rule->any_ports && lo > hi)
		return card_fail(card, -EINVAL, "policy %u: %s ports %u to %u are in the wrong order", rule->id, end, lo, hi);
	return 0;
}

static bool is_icmp(const struct adit_sp *rule)
{
	return !rule->any_proto && rule->proto == (rule->dst.is_v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP);
}

static int rule_check(struct adit_card *card, const struct adit_sp *rule)
{
	int error;

	if (rule->id >= card->caps.sp_rules)
		return card_fail(card, -EINVAL, "policy id %u: the card has 0 to %u", rule->id, card->caps.sp_rules - 1);
	if (rule->src.is_v6 != rule->dst.is_v6)
		return card_fail(card, -EINVAL, "policy %u: source and destination are of different IP versions", rule->id);
	if (rule->dst.is_v6 && !(card->caps.feature_mask >> ADIT_FEATURE_IPV6 & 1u))
		return card_fail(card, -EOPNOTSUPP, "policy %u: the card has no IPV6", rule->id);
	if (rule->opaque && !rule->any_ports)	/* RFC 4301 §4.4.1.1: opaque says that there is no value */
		return card_fail(card, -EINVAL, "policy %u: opaque, and with ports", rule->id);
	if (is_icmp(rule) && !rule->any_ports && (rule->sport_lo > UINT8_MAX || rule->dport_lo > UINT8_MAX))
		return card_fail(card, -EINVAL, "policy %u: ICMP types and codes end at 255", rule->id);
	if ((unsigned)rule->action > ADIT_ACTION_ENCRYPT || (unsigned)rule->level > ADIT_LEVEL_UNIQUE)
		return card_fail(card, -EINVAL, "policy %u: action %u or level %u is none", rule->id,
				 (unsigned)rule->action, (unsigned)rule->level);
	error = end_check(card, rule, "source", rule->src_plen, rule->sport_lo, rule->sport_hi);
	return error ? error : end_check(card, rule, "destination", rule->dst_plen, rule->dport_lo, rule->dport_hi);
}

static int by_id(const void *a, const void *b)
{
	return (int)((const struct adit_sp *)a)->id - (int)((const struct adit_sp *)b)->id;
}

static int by_rank(const void *a, const void *b)
{
	const struct adit_sp *x = a, *y = b;

	if (x->priority != y->priority)
		return x->priority > y->priority ? -1 : 1;
	return by_id(a, b);
}

/* Bits beyond the prefix are zero, so that equal rules are equal records. */
static void prefix_copy(uint8_t out[16], const struct adit_addr *addr, uint8_t plen)
{
	for (unsigned i = 0; i < 16; i++) {
		unsigned bits = plen > 8 * i ? plen - 8 * i : 0;

		const unsigned mask = bits >= 8 ? 0xffu : 0xff00u >> bits & 0xffu;

		out[i] = (uint8_t)(addr->bytes[i] & mask);
	}
}

static void record_build(const struct adit_sp *rule, struct adit_desc_sp *out)
{
	*out = (struct adit_desc_sp){
		.src_plen = rule->src_plen, .dst_plen = rule->dst_plen, .proto = (uint8_t)(rule->any_proto ? 0 : rule->proto),
		.flags = (uint8_t)((rule->dst.is_v6 ? SP_FLAG_V6 : 0) | (rule->any_proto ? 0 : SP_FLAG_PROTO) |
				   (rule->any_ports ? 0 : SP_FLAG_PORTS) |
				   (rule->opaque ? SP_FLAG_OPAQUE : 0)),
		.sport_lo = htole16(rule->any_ports ? 0 : rule->sport_lo),
		.sport_hi = htole16(rule->any_ports ? UINT16_MAX : rule->sport_hi),
		.dport_lo = htole16(rule->any_ports ? 0 : rule->dport_lo),
		.dport_hi = htole16(rule->any_ports ? UINT16_MAX : rule->dport_hi),
		.action = (uint8_t)rule->action, .level = (uint8_t)rule->level, .sp_id = htole16(rule->id),
		.reqid = htole32(rule->reqid),
	};
	prefix_copy(out->src, &rule->src, rule->src_plen);
	prefix_copy(out->dst, &rule->dst, rule->dst_plen);
}

/* ---- one job */

/* Turn SP_ADD and SP_DELETE into the table they lead to. */
static int job_table(struct adit_card *card, struct sp_job *job)
{
	const struct sp_shadow *sp = &card->sp;
	const uint16_t id = job->kind == SP_ADD ? job->rules[0].id : job->delete_id;
	struct adit_sp *table;
	unsigned n = 0;

	if (job->kind == SP_REPLACE)
		return 0;
	table = calloc((size_t)sp->n_live + 1, sizeof(*table));
	if (!table)
		return card_fail(card, -ENOMEM, "no memory for %u policy rules", sp->n_live + 1);
	for (unsigned i = 0; i < sp->n_live; i++)
		if (sp->live[i].id != id)
			table[n++] = sp->live[i];
	if (job->kind == SP_DELETE && n == sp->n_live) {
		free(table);
		return card_fail(card, -ENOENT, "there is no policy %u", id);
	}
	if (job->kind == SP_ADD)
		table[n++] = job->rules[0];
	free(job->rules);
	job->rules = table;
	job->n_rules = n;
	return 0;	/* ids are unique and below sp_rules, so the table fits the card */
}

static bool bank_is(const struct adit_card *card, unsigned bank, const struct sp_job *job)
{
	for (unsigned r = 0; r < card->caps.sp_rules; r++) {
		enum sp_rank_state want = r < job->n_rules ? RANK_SET : RANK_EMPTY;

		if (card->sp.state[bank][r] != want)
			return false;
		if (want == RANK_SET && memcmp(&card->sp.bank[bank][r], &job->records[r], sizeof(job->records[r])) != 0)
			return false;
	}
	return true;
}

static int job_begin(struct adit_card *card, struct sp_job *job)
{
	const size_t n = card->caps.sp_rules;
	int error = job_table(card, job);

	if (error)
		return error;
	job->records = calloc(n, sizeof(*job->records));
	job->writes = calloc(n, sizeof(*job->writes));
	if (!job->records || !job->writes)
		return card_fail(card, -ENOMEM, "no memory for %zu policy rules", n);
	if (job->n_rules)
		qsort(job->rules, job->n_rules, sizeof(*job->rules), by_rank);
	for (unsigned r = 0; r < job->n_rules; r++)
		record_build(&job->rules[r], &job->records[r]);
	return 0;
}

static void write_done(void *arg, int status, const union adit_answer *answer)
{
	struct sp_write *write = arg;
	struct sp_job *job = write->job;
	struct sp_shadow *sp = &write->card->sp;
	const unsigned idle = !sp->live_bank;

	(void)answer;
	job->n_waiting--;
	if (write->is_delete && status == -ENOENT)	/* a rank in doubt was empty after all */
		status = 0;
	if (status) {
		if (!job->status)
			job->status = status;
		return;
	}
	sp->state[idle][write->rank] = write->is_delete ? RANK_EMPTY : RANK_SET;
	if (!write->is_delete)
		sp->bank[idle][write->rank] = job->records[write->rank];
}

static int write_rank(struct adit_card *card, struct sp_job *job, unsigned rank)
{
	struct sp_shadow *sp = &card->sp;
	const unsigned idle = !sp->live_bank;
	const bool is_delete = rank >= job->n_rules;
	const struct cmd_request request = {
		.op = is_delete ? ADIT_OP_SP_DELETE : ADIT_OP_SP_ADD, .flags = (uint8_t)idle, .index = (uint16_t)rank,
		.record = is_delete ? NULL : &job->records[rank],
		.data_bytes = is_delete ? 0 : (uint32_t)sizeof(job->records[rank]),
	};
	int error;

	if (is_delete ? sp->state[idle][rank] == RANK_EMPTY :
	    sp->state[idle][rank] == RANK_SET &&
	    memcmp(&sp->bank[idle][rank], &job->records[rank], sizeof(job->records[rank])) == 0)
		return 0;
	job->writes[rank] = (struct sp_write){ card, job, (uint16_t)rank, is_delete };
	error = cmd_post(card, &request, write_done, &job->writes[rank]);
	if (error)
		return error;
	sp->state[idle][rank] = RANK_IN_DOUBT;
	job->n_waiting++;
	return 0;
}

static void live_set(struct sp_shadow *sp, const struct sp_job *job)
{
	sp->n_live = job->n_rules;
	if (job->n_rules)
		memcpy(sp->live, job->rules, job->n_rules * sizeof(*job->rules));
}

static void commit_done(void *arg, int status, const union adit_answer *answer)
{
	struct sp_write *write = arg;
	struct sp_job *job = write->job;
	struct sp_shadow *sp = &write->card->sp;

	(void)answer;
	job->n_waiting--;
	job->status = status;
	job->phase = SP_DONE;
	if (status)
		return;
	sp->live_bank = !sp->live_bank;
	live_set(sp, job);
}

static int commit(struct adit_card *card, struct sp_job *job)
{
	const struct cmd_request request = { .op = ADIT_OP_SP_COMMIT, .value = !card->sp.live_bank };
	int error;

	job->writes[0] = (struct sp_write){ .card = card, .job = job };
	error = cmd_post(card, &request, commit_done, &job->writes[0]);
	if (error)
		return error;
	job->n_waiting++;
	job->phase = SP_COMMITTING;
	return 0;
}

/* One step. @return 0: something moved, go on; -EAGAIN: it waits for the card or for room. */
static int job_step(struct adit_card *card, struct sp_job *job)
{
	int error;

	switch (job->phase) {
	case SP_QUEUED:
		job->status = job_begin(card, job);
		job->phase = job->status ? SP_DONE : SP_WRITING;
		if (!job->status && bank_is(card, card->sp.live_bank, job)) {
			live_set(&card->sp, job);	/* priorities may differ and lead to the same order */
			job->phase = SP_DONE;
		}
		return 0;
	case SP_WRITING:	/* until every difference is answered */
		while (!job->status && job->next_rank < card->caps.sp_rules) {
			error = write_rank(card, job, job->next_rank);
			if (error == -EAGAIN)
				return -EAGAIN;
			if (error)
				return error;
			job->next_rank++;
		}
		if (job->n_waiting)
			return -EAGAIN;
		if (!job->status)
			return commit(card, job);
		job->phase = SP_DONE;
		return 0;
	case SP_COMMITTING:	/* commit_done() moves on */
	case SP_DONE: break;
	}
	return -EAGAIN;
}

static void job_finish(struct adit_card *card, struct sp_job *job, int status)
{
	static const union adit_answer none;
	struct sp_shadow *sp = &card->sp;

	sp->first = job->next;
	if (!sp->first)
		sp->last = NULL;
	if (job->done)
		job->done(job->arg, status, &none);
	job_free(job);
}

int sp_run(struct adit_card *card)
{
	while (card->sp.first) {
		struct sp_job *job = card->sp.first;
		int error;

		if (job->phase == SP_DONE) {
			job_finish(card, job, job->status);
			continue;
		}
		error = job_step(card, job);
		if (error == -EAGAIN)
			return 0;
		if (error)
			return error;	/* the card is broken */
	}
	return 0;
}

void sp_reset(struct adit_card *card, int status)
{
	struct sp_shadow *sp = &card->sp;
	struct sp_job *job = sp->first;

	for (unsigned b = 0; b < 2; b++)
		memset(sp->state[b], RANK_EMPTY, card->caps.sp_rules);
	sp->n_live = 0;
	sp->live_bank = 0;
	/* Callbacks may queue new jobs: those live on in a list of their own. */
	sp->first = NULL;
	sp->last = NULL;
	while (job) {
		struct sp_job *next = job->next;
		static const union adit_answer none;

		if (job->done)
			job->done(job->arg, status, &none);
		job_free(job);
		job = next;
	}
}

void sp_forget(struct adit_card *card, const void *arg)
{
	for (struct sp_job *job = card->sp.first; job; job = job->next)
		if (job->arg == arg)
			job->done = NULL;
}

/* ---- calls */

static int job_queue(struct adit_card *card, const struct sp_job *model, const struct adit_sp *rules)
{
	struct sp_shadow *sp = &card->sp;
	struct sp_job *job;

	if (card->broken)
		return card->broken;
	job = malloc(sizeof(*job));
	if (job) {
		*job = *model;
		job->rules = calloc(job->n_rules + 1u, sizeof(*job->rules));
	}
	if (!job || !job->rules) {
		free(job);
		return card_fail(card, -ENOMEM, "no memory for %u policy rules", model->n_rules);
	}
	if (job->n_rules)
		memcpy(job->rules, rules, job->n_rules * sizeof(*rules));
	if (sp->last)
		sp->last->next = job;
	else
		sp->first = job;
	sp->last = job;
	card_again(card);
	return 0;
}

int adit_sp_replace(struct adit_card *card, const struct adit_sp *rules, unsigned n_rules, adit_done_fn *done, void *arg)
{
	const struct sp_job job = { .kind = SP_REPLACE, .n_rules = n_rules, .done = done, .arg = arg };
	uint8_t *seen;
	int error = 0;

	if (n_rules > card->caps.sp_rules)
		return card_fail(card, -ENOSPC, "%u policy rules: the card has room for %u", n_rules, card->caps.sp_rules);
	seen = calloc(card->caps.sp_rules, 1);
	if (!seen)
		return card_fail(card, -ENOMEM, "no memory for %u policy rules", n_rules);
	for (unsigned i = 0; i < n_rules && !error; i++) {
		error = rule_check(card, &rules[i]);
		if (!error && seen[rules[i].id]++)
			error = card_fail(card, -EINVAL, "policy id %u is there twice", rules[i].id);
	}
	free(seen);
	return error ? error : job_queue(card, &job, rules);
}

int adit_sp_add(struct adit_card *card, const struct adit_sp *rule, adit_done_fn *done, void *arg)
{
	const struct sp_job job = { .kind = SP_ADD, .n_rules = 1, .done = done, .arg = arg };
	int error = rule_check(card, rule);

	return error ? error : job_queue(card, &job, rule);
}

int adit_sp_delete(struct adit_card *card, uint16_t id, adit_done_fn *done, void *arg)
{
	const struct sp_job job = { .kind = SP_DELETE, .delete_id = id, .done = done, .arg = arg };

	return job_queue(card, &job, NULL);
}

int adit_sp_flush(struct adit_card *card, adit_done_fn *done, void *arg)
{
	return adit_sp_replace(card, NULL, 0, done, arg);
}

static int id_check(struct adit_card *card, uint16_t id)
{
	if (id < card->caps.sp_rules)
		return 0;
	return card_fail(card, -EINVAL, "policy id %u: the card has 0 to %u", id, card->caps.sp_rules - 1);
}

int adit_sp_bind(struct adit_card *card, uint16_t id, uint16_t slot, adit_done_fn *done, void *arg)
{
	const struct cmd_request request = {
		.op = ADIT_OP_SP_UPDATE, .index = id, .flags = slot != ADIT_NO_SLOT, .value = slot != ADIT_NO_SLOT ? slot : 0,
	};
	int error = id_check(card, id);

	if (!error && slot != ADIT_NO_SLOT && slot >= card->caps.sa_slots)
		error = card_fail(card, -EINVAL, "SA slot %u: the card has slots 0 to %u", slot, card->caps.sa_slots - 1);
	return error ? error : cmd_post(card, &request, done, arg);
}

int adit_sp_query(struct adit_card *card, uint16_t id, adit_done_fn *done, void *arg)
{
	const struct cmd_request request = {
		.op = ADIT_OP_SP_QUERY, .index = id, .data_bytes = ADIT_DESC_SP_STATE_BYTES,
	};
	int error = id_check(card, id);

	return error ? error : cmd_post(card, &request, done, arg);
}
