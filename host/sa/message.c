// SPDX-License-Identifier: BSD-2-Clause-Patent
/* Protected messages: out of their cipher and into it, and to the exchange they belong to (RFC 2409 §5.5, §5.7, App. B). */
#include <stdlib.h>
#include <string.h>

#include "sa/phase2.h"

enum { EXCHANGE_GUARD_MS = 120 * 1000 };

enum wire_err message_open(const struct ike1_keys *keys, uint8_t iv[16], const struct isakmp_header *header, struct bytes rest,
			   struct blob *text, struct isakmp_message *out)
{
	const size_t block_bytes = cipher_block_bytes(keys->enc);
	uint8_t next_iv[16], bad_type;
	enum wire_err err;

	if (block_bytes == 0 || rest.len == 0 || rest.len % block_bytes != 0)
		return WIRE_LENGTH;
	if (!blob_set(text, rest))
		return WIRE_SHORT;
	memcpy(next_iv, iv, block_bytes);
	if (!cipher_cbc(keys->enc, (struct bytes){ keys->cipher, keys->cipher_bytes }, false, next_iv, text->at, text->len))
		return WIRE_VALUE;
	err = isakmp_get_payloads(header, blob_bytes(text), true, out, &bad_type);
	if (err == WIRE_OK)
		memcpy(iv, next_iv, block_bytes);
	return err;
}

bool message_seal(const struct ike1_keys *keys, uint8_t iv[16], struct writer *to)
{
	const size_t block_bytes = cipher_block_bytes(keys->enc);
	const size_t used = to->len - ISAKMP_HEADER_BYTES;

	if (block_bytes == 0)
		return false;
	isakmp_close(to, (block_bytes - used % block_bytes) % block_bytes);
	return !to->has_failed && cipher_cbc(keys->enc, (struct bytes){ keys->cipher, keys->cipher_bytes }, true, iv,
					     to->at + ISAKMP_HEADER_BYTES, to->len - ISAKMP_HEADER_BYTES);
}

/* ---- exchanges after phase 1 */

static struct v1_exchange *exchange_by_id(struct ike_sa *sa, uint32_t message_id)
{
	for (struct v1_exchange *exchange = sa->exchanges; exchange != NULL; exchange = exchange->next)
		if (exchange->message_id == message_id && !exchange->is_dead)
			return exchange;
	return NULL;
}

static bool is_noted(const struct ike_sa *sa, uint32_t message_id)
{
	for (size_t at = 0; at < sa->seen_ids.len; at += sizeof(message_id))
		if (memcmp(sa->seen_ids.at + at, &message_id, sizeof(message_id)) == 0)
			return true;
	return false;
}

static uint32_t fresh_id(struct ike_sa *sa)
{
	uint32_t id;

	do {
		if (!random_bytes(&id, sizeof(id)))
			return 0;
	} while (id == 0 || exchange_by_id(sa, id) != NULL || is_noted(sa, id));
	return id;
}

static void guard_fires(struct ike *ike, void *arg)
{
	(void)ike;
	exchange_close(arg);
}

struct v1_exchange *exchange_open(struct ike_sa *sa, uint8_t type, uint32_t message_id, bool is_initiator)
{
	struct v1_exchange *exchange = calloc(1, sizeof(*exchange));

	if (exchange == NULL)
		return NULL;
	exchange->message_id = message_id != 0 ? message_id : fresh_id(sa);
	if (exchange->message_id == 0 || !ike1_exchange_iv(&sa->keys, sa->last_block, exchange->message_id, exchange->iv)) {
		free(exchange);
		return NULL;
	}
	if (is_initiator && message_was_seen(sa, exchange->message_id)) {	/* noted: what we began nobody else begins (reflections) */
		free(exchange);
		return NULL;
	}
	exchange->sa = sa;
	exchange->type = type;
	exchange->is_initiator = is_initiator;
	exchange->next = sa->exchanges;
	sa->exchanges = exchange;
	sa->n_exchanges += !is_initiator;
	timer_set(sa->ike, &exchange->guard, sa->ike->now_ms + EXCHANGE_GUARD_MS, guard_fires, exchange);
	return exchange;
}

void exchange_close(struct v1_exchange *exchange)
{
	struct ike *ike = exchange->sa->ike;

	if (exchange->is_dead)
		return;
	exchange->is_dead = true;
	exchange->sa->n_exchanges -= !exchange->is_initiator;
	sa_look_after(exchange->sa);
	timer_stop(ike, &exchange->guard);
	io_close(ike, &exchange->io);
}

/* ---- in */

static bool info_was_seen(const struct ike_sa *sa, uint32_t message_id)
{
	const unsigned room = sizeof(sa->info_ids) / sizeof(sa->info_ids[0]);

	for (unsigned i = 0; i < room && i < sa->n_info_ids; i++)
		if (sa->info_ids[i] == message_id)
			return true;
	return false;
}

static void info_note_seen(struct ike_sa *sa, uint32_t message_id)
{
	sa->info_ids[sa->n_info_ids++ % (sizeof(sa->info_ids) / sizeof(sa->info_ids[0]))] = message_id;
}

/* NULL: it is dropped, and counted. */
static struct v1_exchange *exchange_for(struct ike_sa *sa, const struct isakmp_header *header, bool *is_fresh)
{
	struct v1_exchange *exchange = exchange_by_id(sa, header->message_id);
	struct ike_counters *counters = &sa->ike->counters;

	*is_fresh = exchange == NULL;
	if (exchange != NULL && exchange->type == header->exchange)
		return exchange;
	if (exchange != NULL || sa->n_exchanges >= EXCHANGES_PER_SA) {
		counters->in_refused++;
		return NULL;
	}
	if (header->exchange == X_INFORMATIONAL && (info_was_seen(sa, header->message_id) || is_noted(sa, header->message_id))) {
		counters->in_duplicates++;
		return NULL;
	}
	return exchange_open(sa, header->exchange, header->message_id, false);
}

bool message_was_seen(struct ike_sa *sa, uint32_t message_id)
{
	uint8_t *grown;
	size_t len = sa->seen_ids.len;

	if (is_noted(sa, message_id))
		return true;
	if (len / sizeof(message_id) >= SEEN_IDS_MOST) {
		memmove(sa->seen_ids.at, sa->seen_ids.at + sizeof(message_id), len - sizeof(message_id));
		len -= sizeof(message_id);
	} else {
		grown = realloc(sa->seen_ids.at, len + sizeof(message_id));
		if (!grown)
			return true;
		sa->seen_ids.at = grown;
	}
	memcpy(sa->seen_ids.at + len, &message_id, sizeof(message_id));
	sa->seen_ids.len = len + sizeof(message_id);
	return false;
}

/* What an authentic message of the peer means for its SA, whatever it says. */
static void heard(struct ike_sa *sa, struct bytes datagram)
{
	sa->heard_ms = sa->ike->now_ms;
	sa->used_bytes += datagram.len;
	phase1_check_bytes(sa);
	io_answered(sa->ike, &sa->io);	/* aggressive mode's last message has come there */
	dpd_heard(sa);
}

/* Only what cannot be an old message once more tells where the peer is now: quick modes, whose ids are all kept, and dead peer detection. */
static bool tells_place(const struct v1_exchange *exchange, const struct isakmp_message *message, uint32_t seq_before)
{
	const struct isakmp_payload *payload;
	struct v1_notify notify;

	if (exchange->type == X_QUICK || exchange->sa->dpd_seq_in != seq_before)
		return true;
	for (unsigned i = 0; (payload = isakmp_find(message, P_NOTIFY, i)) != NULL; i++)
		if (v1_get_notify(payload->body, &notify) == WIRE_OK && notify.type == N_R_U_THERE_ACK)
			return true;
	return false;
}

/* The callee may answer, and then needs the IV as this message leaves it. */
static bool take(struct v1_exchange *exchange, const uint8_t next_iv[16], const struct isakmp_message *message)
{
	uint8_t before[16];
	bool is_authentic;

	if (message->payloads[0].type != P_HASH || message->payloads[0].body.len != exchange->sa->keys.n) {
		exchange->sa->ike->counters.in_malformed++;
		return false;
	}
	memcpy(before, exchange->iv, sizeof(before));
	memcpy(exchange->iv, next_iv, sizeof(before));
	is_authentic = exchange->type == X_QUICK ? quick_receive(exchange, message) : info_receive(exchange, message);
	if (!is_authentic)
		memcpy(exchange->iv, before, sizeof(before));
	return is_authentic;
}

static bool receive_in(struct v1_exchange *exchange, const struct isakmp_header *header, struct bytes rest, bool *is_placed)
{
	struct ike_sa *sa = exchange->sa;
	struct isakmp_message message;
	struct blob text = { NULL, 0 };
	const uint32_t seq_before = sa->dpd_seq_in;
	uint8_t iv[16];
	bool is_authentic = false;
	enum wire_err err;

	*is_placed = false;
	memcpy(iv, exchange->iv, sizeof(iv));
	err = message_open(&sa->keys, iv, header, rest, &text, &message);
	if (err == WIRE_OK)
		is_authentic = take(exchange, iv, &message);
	else
		sa->ike->counters.in_malformed++;
	*is_placed = is_authentic && tells_place(exchange, &message, seq_before);
	blob_free(&text);
	return is_authentic;
}

void message_receive(struct ike_sa *sa, const struct isakmp_header *header, struct bytes rest, struct bytes datagram, const struct ike_path *path)
{
	struct v1_exchange *exchange;
	unsigned n_sends;
	bool is_fresh, is_placed;

	if (!(header->flags & ISAKMP_ENCRYPTED) || header->message_id == 0) {	/* nothing after phase 1 is in clear or has none */
		sa->ike->counters.in_refused++;
		return;
	}
	exchange = exchange_for(sa, header, &is_fresh);
	if (exchange == NULL || io_is_duplicate(sa, &exchange->io, datagram))
		return;
	n_sends = exchange->io.n_sends;
	if (!receive_in(exchange, header, rest, &is_placed)) {
		if (is_fresh)
			exchange_close(exchange);
		return;
	}
	if (exchange->io.n_sends == n_sends)
		io_answered(sa->ike, &exchange->io);
	io_accepted(&exchange->io, datagram);
	if (exchange->type == X_INFORMATIONAL) {
		info_note_seen(sa, exchange->message_id);
		exchange_close(exchange);
	}
	if (sa->is_dead)
		return;
	heard(sa, datagram);
	if (is_placed || !sa->path.is_natt)	/* the first one through 4500 floats a responder of base mode */
		natt_follow(sa, path);
}

/* ---- out */

void message_begin(struct message_out *out, struct v1_exchange *exchange)
{
	const struct ike_sa *sa = exchange->sa;
	struct isakmp_header header = { .version = 0x10, .exchange = exchange->type, .flags = ISAKMP_ENCRYPTED,
					.message_id = exchange->message_id };
	size_t began_at;

	memcpy(header.icookie, sa->cookies, sizeof(header.icookie));
	memcpy(header.rcookie, sa->cookies + sizeof(header.icookie), sizeof(header.rcookie));
	out->to = (struct writer){ .at = out->bytes, .room = sizeof(out->bytes) };
	out->exchange = exchange;
	isakmp_open(&out->to, &header, &out->next_at);
	began_at = isakmp_begin(&out->to, &out->next_at, P_HASH);
	out->hash_at = out->to.len;
	put_zeros(&out->to, sa->keys.n);
	isakmp_end(&out->to, began_at);
	out->after_hash = out->to.len;
}

bool message_finish(struct message_out *out, bool awaits_answer)
{
	struct v1_exchange *exchange = out->exchange;

	if (!message_seal(&exchange->sa->keys, exchange->iv, &out->to))
		return false;
	io_send(exchange->sa, &exchange->io, (struct bytes){ out->to.at, out->to.len }, awaits_answer);
	return true;
}

bool message_hash(const struct ike_sa *sa, bool with_zero, uint32_t message_id, const struct bytes *parts, unsigned n, uint8_t *out)
{
	static const uint8_t zero;
	const uint8_t id[4] = { (uint8_t)(message_id >> 24), (uint8_t)(message_id >> 16), (uint8_t)(message_id >> 8), (uint8_t)message_id };
	struct bytes all[16] = { { &zero, with_zero }, { id, sizeof(id) } };

	if (n > sizeof(all) / sizeof(all[0]) - 2)
		return false;
	for (unsigned i = 0; i < n; i++)
		all[i + 2] = parts[i];
	return prf_of(sa->keys.hash, (struct bytes){ sa->keys.a, sa->keys.n }, all, n + 2, out);
}

struct bytes message_after_hash(const struct isakmp_message *message)
{
	const size_t hash_bytes = message->payloads[0].whole.len;

	return (struct bytes){ message->chain.at + hash_bytes, message->chain.len - hash_bytes };
}
