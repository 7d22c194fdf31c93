// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * The whole engine between a peer, a card, a clock and a hand at the control socket, all of which the fuzzer's input plays. The input is a
 * list of moves. Where it says so the peer knows all keys: what it sends is then rightly chained, hashed and encrypted, with bodies that
 * are right, cut, changed or raw, so that what stands behind the proof is reached too. The peer's Diffie-Hellman secret is 1.
 */
#ifndef TESTS_FUZZ_FUZZ_IKE_H
#define TESTS_FUZZ_FUZZ_IKE_H

#include "fuzz_ike_peer.h"

/* ---- moves */

/* Bytes as they stand, with cookies and length put right if the input says so. */
static inline void fuzz_move_raw(struct fuzz *fuzz)
{
	const uint8_t how = fuzz_u8(fuzz), where = fuzz_u8(fuzz);
	const struct ike_sa *sa = how & 1 ? fuzz_sa(fuzz, how >> 4) : NULL;
	const struct bytes raw = fuzz_bytes(fuzz, fuzz_u16(fuzz));

	MUST(blob_set(&fuzz->last, raw));
	if (sa && raw.len >= 16)
		memcpy(fuzz->last.at, sa->cookies, COOKIES_BYTES);
	if ((how & 2) && raw.len >= ISAKMP_HEADER_BYTES) {
		fuzz->last.at[24] = fuzz->last.at[25] = 0;
		fuzz->last.at[26] = (uint8_t)(raw.len >> 8);
		fuzz->last.at[27] = (uint8_t)raw.len;
	}
	fuzz_deliver(fuzz, where, raw.len ? blob_bytes(&fuzz->last) : raw);
}

/* Of phase 1, in clear or with its keys. */
static inline void fuzz_move_phase1(struct fuzz *fuzz, bool is_sealed)
{
	static struct fuzz_made made;
	const uint8_t which = fuzz_u8(fuzz), exchange = fuzz_u8(fuzz), where = fuzz_u8(fuzz);
	struct ike_sa *sa = which & 0x80 ? NULL : fuzz_sa(fuzz, which);
	static const uint8_t modes[] = { X_MAIN, X_AGGRESSIVE, X_BASE, X_MAIN };
	uint8_t iv[16];

	if (is_sealed && (!sa || sa->keys.n == 0 || (sa->state == IKE_LARVAL && !sa->phase1->has_keys)))
		return;
	fuzz_open_message(fuzz, &made, sa, exchange ? exchange : modes[fuzz->variant & 3], is_sealed ? ISAKMP_ENCRYPTED : 0, 0);
	fuzz_payloads(fuzz, &made);
	fuzz_hash_phase1(fuzz, &made);
	if (is_sealed) {
		memcpy(iv, sa->last_block, sizeof(iv));
		if (!message_seal(&sa->keys, iv, &made.to))
			return;
	} else {
		isakmp_close(&made.to, 0);
	}
	fuzz_ship(fuzz, &made, where);
}

/* Of a later exchange, with the keys: id below 0x80 names it, above the engine's own is meant. */
static inline void fuzz_move_later(struct fuzz *fuzz)
{
	static struct fuzz_made made;
	const uint8_t which = fuzz_u8(fuzz), exchange = fuzz_u8(fuzz), name = fuzz_u8(fuzz), where = fuzz_u8(fuzz);
	struct ike_sa *sa = fuzz_sa(fuzz, which & 0x7f);
	uint32_t message_id = 0x1000u + name;
	uint8_t iv[16];

	if (!sa || sa->state == IKE_LARVAL)
		return;
	if ((name & 0x80) && sa->exchanges) {
		const struct v1_exchange *meant = sa->exchanges;

		for (unsigned i = name & 0x7f; i > 0; i--)
			meant = meant->next ? meant->next : sa->exchanges;
		message_id = meant->message_id;
	}
	fuzz_open_message(fuzz, &made, sa, exchange ? exchange : X_QUICK, ISAKMP_ENCRYPTED, message_id);
	made.is_later = true;
	made.exchange = fuzz_exchange(sa, message_id);
	fuzz_payloads(fuzz, &made);
	if (made.to.has_failed)
		return;
	if (!(which & 0x80))
		fuzz_hash_later(&made, message_id);
	if (made.exchange)
		memcpy(iv, made.exchange->iv, sizeof(iv));
	else if (!ike1_exchange_iv(&sa->keys, sa->last_block, message_id, iv))
		return;
	if (message_seal(&sa->keys, iv, &made.to))
		fuzz_ship(fuzz, &made, where);
}

/* An ISAKMP SA with keys, as if phase 1 were done. */
static inline void fuzz_move_gift(struct fuzz *fuzz)
{
	static const uint8_t shared[32] = { 7 };
	const uint8_t how = fuzz_u8(fuzz);
	struct ike_path path = fuzz_path(how & 3);
	char why[MATCH_WHY_BYTES];
	const struct cfg_peer *peer = match_peer(fuzz->config, &path.remote.addr, why);
	uint8_t cookie[8];
	struct ike_sa *sa;

	memset(cookie, 0x40 | how, sizeof(cookie));
	sa = peer ? sa_open(fuzz->ike, peer, &path, how & 4 ? NULL : cookie) : NULL;
	if (!sa)
		return;
	if (how & 4)
		memset(sa->cookies + 8, 0x66, 8);
	sa->keys = (struct ike1_keys){ .hash = ADIT_AUTH_HMAC_SHA1_96, .enc = ADIT_ENC_AES_CBC_128, .n = 20 };
	MUST(ike1_derive(&sa->keys, (struct bytes){ shared, sizeof(shared) }, sa->cookies));
	sa->state = IKE_ESTABLISHED;
	sa->is_proven = true;
	sa->peer_can = CAN_DPD | CAN_NATT | CAN_FRAGMENT;
	sa->nat_remote = path.is_natt;
	sa->heard_ms = sa->since_ms = fuzz->now_ms;
	timer_stop(fuzz->ike, &sa->guard);
	MUST(blob_set(&sa->peer_id_bytes, (struct bytes){ path.remote.addr.bytes, 4 }));
	sa->peer_id = (struct v1_id){ .type = ID_IPV4, .data = blob_bytes(&sa->peer_id_bytes) };
	want_phase1_ready(sa);
	ike_reap(fuzz->ike);
}

static inline void fuzz_move_time(struct fuzz *fuzz)
{
	const unsigned shift = fuzz_u8(fuzz) % 12;

	fuzz->now_ms += (int64_t)fuzz_u8(fuzz) << shift;
	ike_tick(fuzz->ike, fuzz->now_ms);
}

static inline void fuzz_answer_card(struct fuzz *fuzz, int status)
{
	struct fuzz_install asked[FUZZ_INSTALLS];
	const unsigned n = fuzz->n_installs;

	memcpy(asked, fuzz->installs, sizeof(asked));
	fuzz->n_installs = 0;
	for (unsigned i = 0; i < n; i++)
		ike_child_done(fuzz->ike, asked[i].id, asked[i].stage, status, fuzz->now_ms);
}

static inline void fuzz_move_child(struct fuzz *fuzz)
{
	const uint8_t which = fuzz_u8(fuzz), what = fuzz_u8(fuzz);
	const uint32_t id = fuzz->n_children ? fuzz->children[which % fuzz->n_children] : which;

	if (what & 4)
		ike_child_used(fuzz->ike, id, &(struct child_use){ what, what, what, what }, fuzz->now_ms);
	else
		ike_child_event(fuzz->ike, id, (enum child_event)(what & 3), fuzz->now_ms);
}

static inline void fuzz_move_word(struct fuzz *fuzz)
{
	static const char *const names[] = { "tunnel", "direct", "p", "any", "nobody" };
	const uint8_t what = fuzz_u8(fuzz);
	const char *name = names[fuzz_u8(fuzz) % 5];
	char why[MATCH_WHY_BYTES] = "";

	fuzz->is_proven = true;
	if (what % 8 == 0)
		(void)ike_initiate(fuzz->ike, name, fuzz->now_ms, why);
	else if (what % 8 == 1)
		(void)ike_terminate(fuzz->ike, name, fuzz->now_ms);
	else if (what % 8 == 2)
		(void)ike_rekey(fuzz->ike, name, what & 8, fuzz->now_ms);
	else if (what % 8 == 3)
		ike_acquire(fuzz->ike, name, &(struct selectors){ .proto = -1 }, fuzz->now_ms);
	else if (what % 8 == 4)
		ike_reconfigure(fuzz->ike, fuzz->config = fuzz_config(fuzz->variant, what & 8), fuzz->now_ms);
	else
		(void)ike_ph2_state(fuzz->ike, name);
}

/* What the peer or the engine sent before, once more, perhaps changed in one place. */
static inline void fuzz_move_again(struct fuzz *fuzz, bool is_theirs)
{
	const uint8_t which = fuzz_u8(fuzz), where = fuzz_u8(fuzz);
	const struct blob *from = is_theirs ? &fuzz->outs[which % FUZZ_OUTS] : &fuzz->last;
	struct blob copy = { NULL, 0 };

	if (from->len == 0 || !blob_set(&copy, blob_bytes(from)))
		return;
	if (which & 0x40)
		copy.at[fuzz_u16(fuzz) % copy.len] = fuzz_u8(fuzz);
	if (which & 0x80)
		copy.len = fuzz_u16(fuzz) % copy.len;
	fuzz_deliver(fuzz, where, blob_bytes(&copy));
	blob_free(&copy);
}

/* The peer's latest message in fragments of a size, in an order. */
static inline void fuzz_move_fragments(struct fuzz *fuzz)
{
	static struct fuzz_made made;
	const uint8_t size = fuzz_u8(fuzz), turn = fuzz_u8(fuzz), where = fuzz_u8(fuzz);
	struct ike_sa *sa = fuzz_sa(fuzz, 0);
	struct blob whole = { NULL, 0 };
	const size_t step = size ? size : 1;
	size_t n;

	if (!sa || fuzz->last.len == 0 || !blob_set(&whole, blob_bytes(&fuzz->last)))
		return;
	n = (whole.len + step - 1) / step;
	for (size_t i = 0; i < n && i < 24; i++) {
		const size_t at = (i * (turn | 1u) + turn) % n;
		struct v1_fragment fragment = { .id = turn, .number = (uint8_t)(at + 1), .is_last = at + 1 == n };

		fragment.data = (struct bytes){ whole.at + at * step, at + 1 == n ? whole.len - at * step : step };
		fuzz_open_message(fuzz, &made, sa, X_MAIN, 0, 0);
		v1_put_fragment(&made.to, &made.next_at, &fragment);
		isakmp_close(&made.to, 0);
		if (!made.to.has_failed)
			fuzz_deliver(fuzz, where, (struct bytes){ made.to.at, made.to.len });
		sa = fuzz_sa(fuzz, 0);
		if (!sa)
			break;
	}
	blob_free(&whole);
}

static inline void fuzz_move(struct fuzz *fuzz, uint8_t move)
{
	switch (move & 15) {
	case 0: fuzz_move_raw(fuzz); break;
	case 1: fuzz_move_phase1(fuzz, false); break;
	case 2: fuzz_move_phase1(fuzz, true); break;
	case 3: fuzz_move_later(fuzz); break;
	case 4: fuzz_move_time(fuzz); break;
	case 5: fuzz_answer_card(fuzz, -(int)(fuzz_u8(fuzz) % 3)); break;
	case 6: fuzz_move_child(fuzz); break;
	case 7: fuzz_move_again(fuzz, false); break;
	case 8: fuzz_move_again(fuzz, true); break;
	case 9: fuzz_move_gift(fuzz); break;
	case 10: fuzz_move_word(fuzz); break;
	case 11: fuzz_move_fragments(fuzz); break;
	default: break;
	}
}

/* What the card and the pool have to do is done at once, unless one of them is lazy. */
static inline void fuzz_settle(struct fuzz *fuzz, bool is_card_lazy, bool is_pool_lazy)
{
	bool is_busy = true;

	while (is_busy) {
		is_busy = !is_pool_lazy && pool_reap(fuzz->pool) > 0;
		if (fuzz->n_installs > (is_card_lazy ? FUZZ_INSTALLS / 2 : 0)) {
			fuzz_answer_card(fuzz, 0);
			is_busy = true;
		}
	}
}

/* ---- a run: first move, if there is one, comes from the target */

static inline void fuzz_run(const uint8_t *data, size_t n_bytes, void (*begin)(struct fuzz *fuzz))
{
	static bool is_open;
	struct fuzz fuzz = { .now_ms = 1000000, .in = { data, n_bytes } };

	if (!is_open)
		is_open = crypto_open();
	MUST(is_open);
	fuzz_random_begin();
	fuzz.variant = fuzz_u8(&fuzz);
	fuzz.config = fuzz_config(fuzz.variant, false);
	fuzz.pool = pool_open(0);
	fuzz.ike = ike_open(&(struct ike_options){ .calls = { fuzz_send, fuzz_install, fuzz_update, fuzz_remove, fuzz_unacquire, fuzz_tell, &fuzz },
						   .pool = fuzz.pool, .config = fuzz.config, .seed = 1, .max_half_open = 32 });
	MUST(fuzz.ike && fuzz.pool);
	ike_tick(fuzz.ike, fuzz.now_ms);
	if (begin)
		begin(&fuzz);
	for (unsigned n = 0; n < FUZZ_MOVES && fuzz.in.len > 0 && fuzz.n_children < FUZZ_CHILDREN / 2; n++) {
		const uint8_t move = fuzz_u8(&fuzz);

		fuzz_move(&fuzz, move);
		fuzz_settle(&fuzz, move & 0x40, move & 0x80);
		fuzz_check(&fuzz);
	}
	ike_close(fuzz.ike, n_bytes & 1, true);
	while (pool_pending(fuzz.pool) > 0)
		(void)pool_reap(fuzz.pool);
	MUST(fuzz.n_children == 0);	/* nothing is left in a card */
	pool_close(fuzz.pool);
	for (unsigned i = 0; i < FUZZ_OUTS; i++)
		blob_free(&fuzz.outs[i]);
	blob_free(&fuzz.last);
}

#endif
