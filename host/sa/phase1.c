// SPDX-License-Identifier: BSD-2-Clause-Patent
/* Attempts: a message, tried on a copy. See phase1.h. */
#include "sa/phase1.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

void phase1_free(struct phase1 *phase1)
{
	if (phase1 == NULL)
		return;
	blob_free(&phase1->sa_i);
	blob_free(&phase1->shared);
	for (unsigned i = 0; i < 2; i++) {
		blob_free(&phase1->nonce[i]);
		blob_free(&phase1->gx[i]);
		blob_free(&phase1->id[i]);
	}
	dh_close(phase1->dh);
	OPENSSL_cleanse(phase1, sizeof(*phase1));
	free(phase1);
}

static bool copy_blob(struct blob *to, const struct blob *from)
{
	*to = (struct blob){ NULL, 0 };
	return from->at == NULL || blob_set(to, blob_bytes(from));
}

/* The key pair is lent: it comes back with the commit, or when the attempt ends. */
static bool draft_open(struct phase1 *draft, struct phase1 *from)
{
	bool is_whole = true;

	*draft = *from;
	is_whole = copy_blob(&draft->sa_i, &from->sa_i) && is_whole;
	is_whole = copy_blob(&draft->shared, &from->shared) && is_whole;
	for (unsigned i = 0; i < 2; i++) {
		is_whole = copy_blob(&draft->nonce[i], &from->nonce[i]) && is_whole;
		is_whole = copy_blob(&draft->gx[i], &from->gx[i]) && is_whole;
		is_whole = copy_blob(&draft->id[i], &from->id[i]) && is_whole;
	}
	from->dh = NULL;
	return is_whole;
}

static void attempt_free(struct attempt *attempt)
{
	struct phase1 *draft = malloc(sizeof(*draft));

	if (draft != NULL) {	/* its blobs go as any phase 1's do */
		*draft = attempt->draft;
		phase1_free(draft);
	}
	OPENSSL_cleanse(&attempt->draft, sizeof(attempt->draft));
	for (unsigned i = 0; i < attempt->n_certs; i++)
		cert_close(attempt->certs[i]);
	blob_free(&attempt->datagram);
	blob_free(&attempt->text);
	blob_free(&attempt->proof);
	free(attempt);
}

static void serve_waiting(struct ike_sa *sa)
{
	struct blob waiting = sa->waiting;
	struct isakmp_header header;
	struct bytes rest;

	sa->waiting = (struct blob){ NULL, 0 };
	if (waiting.at != NULL && !sa->is_dead && isakmp_get_header(blob_bytes(&waiting), &header, &rest) == WIRE_OK) {
		if (sa->state == IKE_LARVAL || header.message_id == 0)
			phase1_receive(sa, &header, rest, blob_bytes(&waiting), &sa->waiting_path);
		else
			message_receive(sa, &header, rest, blob_bytes(&waiting), &sa->waiting_path);
	}
	blob_free(&waiting);
}

/* Refused, or too late. A responder's SA whose first message is refused was never one. */
static void attempt_end(struct attempt *attempt, struct ike_sa *sa)
{
	const bool was_first = attempt->row->number <= 1;

	if (sa != NULL && sa->phase1 != NULL && sa->phase1->dh == NULL) {
		sa->phase1->dh = attempt->draft.dh;
		attempt->draft.dh = NULL;
	}
	if (sa != NULL && was_first)
		sa_kill(sa, attempt->why[0] != '\0' ? attempt->why : "phase 1 cannot begin");
	attempt_free(attempt);
	if (sa != NULL) {
		sa->is_working = false;
		serve_waiting(sa);
	}
}

/* A few lines for each SA; of those that anybody may have begun a few a second. */
static bool may_tell(struct ike_sa *sa)
{
	return sa->n_told++ < SA_MOST_TOLD && (sa->is_initiator || sa->is_proven || ike_may_say(sa->ike));
}

enum verdict phase1_refuse(struct attempt *attempt, struct ike_sa *sa, uint16_t notify, const char *fmt, ...)
{
	char why[sizeof(attempt->why)];	/* what is told may quote the old one */
	va_list args;

	va_start(args, fmt);
	vsnprintf(why, sizeof(why), fmt, args);
	va_end(args);
	memcpy(attempt->why, why, sizeof(why));
	sa->ike->counters.in_refused++;
	if (may_tell(sa))
		ike_say(sa->ike, LOG_LEVEL_WARNING, sa->peer, sa, "message %u refused: %s", attempt->row->number, attempt->why);
	if (notify != 0 && attempt->message.n > 0 && !(attempt->message.header.flags & ISAKMP_ENCRYPTED) &&
	    attempt->datagram.len >= REFUSAL_BYTES)
		info_refuse_clear(sa, notify);
	return REFUSED;
}

/* ---- what a good message does */

/* What the SA shows of its phase 1 is what the last good message left. */
static bool commit(struct attempt *attempt, struct ike_sa *sa)
{
	struct phase1 *draft = malloc(sizeof(*draft));

	if (draft == NULL)
		return false;
	*draft = attempt->draft;
	memset(&attempt->draft, 0, sizeof(attempt->draft));
	phase1_free(sa->phase1);
	sa->phase1 = draft;
	memcpy(sa->cookies + 8, draft->cookies + 8, 8);
	memcpy(sa->last_block, draft->iv, sizeof(sa->last_block));
	sa->peer_can = draft->peer_can;
	sa->nat_local = draft->nat_local;
	sa->nat_remote = draft->nat_remote;
	sa->choice = draft->choice;
	memset(&sa->choice.transform, 0, sizeof(sa->choice.transform));
	sa->keys = draft->keys;
	sa->is_proven = sa->is_initiator || attempt->row->number > 1;
	if (!attempt->is_redo && attempt->row->number > 1)
		sa_guard(sa);
	return true;
}

static bool write_answer(struct attempt *attempt, struct ike_sa *sa, struct writer *to)
{
	const struct phase1_row *row = attempt->row;
	struct isakmp_header header = { .version = 0x10, .exchange = row->exchange, .flags = row->is_answer_encrypted ? ISAKMP_ENCRYPTED : 0 };
	struct phase1 *draft = &attempt->draft;
	size_t next_at;

	memcpy(header.icookie, draft->cookies, 8);
	if (row->number > 0)	/* a first message has none yet */
		memcpy(header.rcookie, draft->cookies + 8, 8);
	isakmp_open(to, &header, &next_at);
	for (unsigned i = 0; row->puts[i] != NULL; i++)
		row->puts[i](attempt, sa, to, &next_at);
	if (row->is_answer_encrypted)
		return !to->has_failed && message_seal(&draft->keys, draft->iv, to);
	isakmp_close(to, 0);
	return !to->has_failed;
}

/* The initiator waits for an answer; the responder answers duplicates and is silent else. */
static void answer(struct attempt *attempt, struct ike_sa *sa, struct bytes message)
{
	const bool is_first_of_long = attempt->row->number == 1 && sa->exchange != X_MAIN;

	sa->n_free_sends = is_first_of_long ? 1 : 0;
	natt_float(sa);
	io_send(sa, &sa->io, message, sa->is_initiator);
	sa->n_free_sends = 0;
}

/* strongSwan says it with its proof; it counts only under encryption, and once the proof holds. */
static bool says_initial_contact(const struct attempt *attempt)
{
	const struct isakmp_payload *payload = NULL;
	struct v1_notify notify;

	if (attempt->message.n > 0 && (attempt->message.header.flags & ISAKMP_ENCRYPTED))
		payload = isakmp_find(&attempt->message, P_NOTIFY, 0);
	return payload != NULL && v1_get_notify(payload->body, &notify) == WIRE_OK && notify.type == N_INITIAL_CONTACT;
}

static void finish(struct attempt *attempt, struct ike_sa *sa)
{
	static uint8_t bytes[PHASE1_MAX_BYTES];		/* the engine has one thread */
	struct writer to = { .at = bytes, .room = sizeof(bytes) };
	const struct phase1_row *row = attempt->row;
	const bool has_answer = row->puts[0] != NULL;
	const struct ike_path path = attempt->path;

	if ((has_answer && !write_answer(attempt, sa, &to)) || !commit(attempt, sa)) {
		phase1_refuse(attempt, sa, 0, "the answer cannot be written: %s", attempt->why[0] != '\0' ? attempt->why : "too long");
		attempt_end(attempt, sa);
		return;
	}
	sa->step = row->number + has_answer;
	io_answered(sa->ike, &sa->io);
	if (row->establishes)
		sa->path = path;
	if (has_answer)
		answer(attempt, sa, (struct bytes){ to.at, to.len });
	if (attempt->datagram.at != NULL)
		io_accepted(&sa->io, blob_bytes(&attempt->datagram));
	if (row->establishes)
		phase1_establish(sa, says_initial_contact(attempt));
	attempt_free(attempt);
	sa->is_working = false;
	serve_waiting(sa);
}

static void proceed(struct attempt *attempt, struct ike_sa *sa)
{
	while (attempt->row->stages[attempt->stage] != NULL) {
		switch (attempt->row->stages[attempt->stage++](attempt, sa)) {
		case GO_ON:
			break;
		case WAIT:
			return;
		case REFUSED:
			attempt_end(attempt, sa);
			return;
		}
	}
	finish(attempt, sa);
}

void phase1_resume(struct attempt *attempt)
{
	struct ike_sa *sa = attempt->ike->is_closing ? NULL : sa_by_id(attempt->ike, attempt->sa_id);

	if (sa == NULL || sa_peer(sa) == NULL)
		attempt_end(attempt, sa);
	else
		proceed(attempt, sa);
}

/* ---- what comes in */

static struct attempt *attempt_open(struct ike_sa *sa, const struct phase1_row *row, const struct ike_path *path, struct bytes datagram)
{
	struct attempt *attempt = calloc(1, sizeof(*attempt));

	if (attempt == NULL)
		return NULL;
	attempt->ike = sa->ike;
	attempt->sa_id = sa->id;
	attempt->row = row;
	attempt->path = *path;
	if (!draft_open(&attempt->draft, sa->phase1) || (datagram.len > 0 && !blob_set(&attempt->datagram, datagram))) {
		sa->phase1->dh = attempt->draft.dh;
		attempt->draft.dh = NULL;
		attempt_free(attempt);
		return NULL;
	}
	return attempt;
}

/* From elsewhere only if a NAT may be why: else a copy that is faster than the original would move the SA. */
static bool may_come_from(const struct ike_sa *sa, const struct isakmp_header *header, const struct ike_path *path)
{
	if (addr_same(&sa->path.remote.addr, &path->remote.addr))
		return true;
	if (sa->exchange == X_MAIN)
		return (header->flags & ISAKMP_ENCRYPTED) && sa_is_natt(sa);
	return sa_peer(sa)->nat_traversal;	/* the last message tells of the NAT */
}

static bool fits(const struct phase1_row *row, const struct isakmp_header *header)
{
	return row != NULL && (row->crypt == ROW_EITHER || (row->crypt == ROW_ENCRYPTED) == ((header->flags & ISAKMP_ENCRYPTED) != 0));
}

static bool read_message(struct attempt *attempt, const struct isakmp_header *header)
{
	const struct bytes datagram = blob_bytes(&attempt->datagram);
	const struct bytes rest = { datagram.at + ISAKMP_HEADER_BYTES, datagram.len - ISAKMP_HEADER_BYTES };
	struct phase1 *draft = &attempt->draft;
	uint8_t bad_type;

	if (header->flags & ISAKMP_ENCRYPTED)
		return draft->has_keys && message_open(&draft->keys, draft->iv, header, rest, &attempt->text, &attempt->message) == WIRE_OK;
	return isakmp_get_payloads(header, rest, false, &attempt->message, &bad_type) == WIRE_OK;
}

static void begin(struct attempt *attempt, struct ike_sa *sa)
{
	uint8_t type;
	const uint16_t notify = attempt->message.n > 0 ? phase1_check_payloads(attempt->row, &attempt->message, &type) : 0;

	sa->is_working = true;
	if (notify != 0) {
		phase1_refuse(attempt, sa, notify, "payload %u %s", type, notify == N_PAYLOAD_MALFORMED ? "is missing" : "cannot stand there");
		attempt_end(attempt, sa);
		return;
	}
	proceed(attempt, sa);
}

/* Of garbage nothing is said but a counter and, a few times, a line. */
static void count_malformed(struct ike_sa *sa)
{
	sa->ike->counters.in_malformed++;
	if (may_tell(sa))
		ike_say(sa->ike, LOG_LEVEL_INFO, sa->peer, sa, "a message makes no sense%s",
			sa->step >= 4 && sa->exchange == X_MAIN && sa->keys.n != 0 && sa->state == IKE_LARVAL &&
			phase1_method(sa_peer(sa)) == V1_AUTH_PSK ? ": perhaps the secrets differ" : "");
}

void phase1_try(struct ike_sa *sa, const struct phase1_row *row, const struct isakmp_header *header, struct bytes datagram,
		const struct ike_path *path)
{
	struct attempt *attempt = attempt_open(sa, row, path, datagram);

	if (attempt == NULL)
		return;
	attempt->is_redo = row->number < sa->step;
	attempt->draft.n_redone += attempt->is_redo;
	if (read_message(attempt, header)) {
		begin(attempt, sa);
		return;
	}
	count_malformed(sa);
	sa->phase1->dh = attempt->draft.dh;
	attempt->draft.dh = NULL;
	attempt_free(attempt);
}

/* The next message's row; or, of a message in clear that is not what comes next, that of the last one (phase1.h). */
static const struct phase1_row *row_for(const struct ike_sa *sa, const struct cfg_peer *peer, const struct isakmp_header *header, struct bytes rest)
{
	const struct phase1_row *next = phase1_row(sa->exchange, sa->is_initiator, sa->step + 1, phase1_method(peer));
	const struct phase1_row *last = sa->step > 2 ? phase1_row(sa->exchange, sa->is_initiator, sa->step - 1, phase1_method(peer)) : NULL;
	struct isakmp_message message;
	uint8_t type;

	if (header->flags & ISAKMP_ENCRYPTED || last == NULL || !fits(last, header) || sa->phase1->n_redone >= REDO_MOST)
		return fits(next, header) ? next : NULL;
	if (isakmp_get_payloads(header, rest, false, &message, &type) == WIRE_OK && phase1_check_payloads(last, &message, &type) == 0)
		return last;
	return fits(next, header) ? next : NULL;
}

static void keep_waiting(struct ike_sa *sa, struct bytes datagram, const struct ike_path *path)
{
	if (sa->waiting.at == NULL && blob_set(&sa->waiting, datagram))
		sa->waiting_path = *path;
}

void phase1_receive(struct ike_sa *sa, const struct isakmp_header *header, struct bytes rest, struct bytes datagram, const struct ike_path *path)
{
	const struct cfg_peer *peer = sa_peer(sa);
	const struct phase1_row *row;

	if (header->exchange != sa->exchange || header->message_id != 0 || peer == NULL) {
		sa->ike->counters.in_refused++;
		return;
	}
	if (io_is_duplicate(sa, &sa->io, datagram))
		return;
	if (sa->phase1 == NULL || !may_come_from(sa, header, path)) {
		sa->ike->counters.in_refused++;
		return;
	}
	if (sa->is_working) {
		keep_waiting(sa, datagram, path);
		return;
	}
	row = row_for(sa, peer, header, rest);
	if (row != NULL && (row->number == 2 || memcmp(sa->cookies + 8, header->rcookie, 8) == 0))
		phase1_try(sa, row, header, datagram, path);
	else
		sa->ike->counters.in_refused++;
}

void phase1_hears_early(struct ike_sa *sa, struct bytes datagram, const struct ike_path *path)
{
	if (sa->is_working) {	/* the peer is done, we are not quite */
		keep_waiting(sa, datagram, path);
		return;
	}
	sa->ike->counters.in_refused++;
	if (sa->is_initiator || sa->io.sent.at == NULL || sa->n_told >= SA_MOST_TOLD)
		return;
	sa->n_told++;
	sa->is_proven = true;	/* it knows a cookie that we sent there */
	sa_send(sa, blob_bytes(&sa->io.sent));
}

/* Our first message: an attempt without one of the peer's. */
bool phase1_start(struct ike_sa *sa, const struct phase1_row *row)
{
	struct attempt *attempt = attempt_open(sa, row, &sa->path, (struct bytes){ NULL, 0 });

	if (attempt == NULL)
		return false;
	begin(attempt, sa);
	return !sa->is_dead;
}
