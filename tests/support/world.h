// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * A world around one card, and what may come out of it: the card is 192.0.2.1 and 2001:db8::1, its peers are 198.51.100.n and
 * 2001:db8:ffff::n. Behind the card are 10.1.n/24 and fd01:0:0:n::/64, behind peer n are 10.2.n/24 and fd02:0:0:n::/64.
 * Every tunnel is of one kind: a cipher or AES-GMAC ("row") and how it is wrapped ("shape"), all else random.
 */
#ifndef ADIT_TESTS_WORLD_H
#define ADIT_TESTS_WORLD_H

#include "lab.h"
#include "transform/golden.h"

enum {
	WORLD_ROWS = 20, WORLD_AUTHS = 6, WORLD_SHAPES = 24, WORLD_KINDS = WORLD_ROWS * WORLD_SHAPES,
	WORLD_ROOM = 10240, WORLD_L2 = 14, WORLD_REMEMBERED = 24, WORLD_SLOTS = 4,
};

struct world_row { const char *name; enum adit_enc enc; enum adit_auth auth; };
struct world_shape { const char *name; enum adit_proto proto; enum adit_mode mode; bool inner_v6, outer_v6, bundle, natt; };
extern const struct world_row world_rows[WORLD_ROWS];
extern const struct world_shape world_shapes[WORLD_SHAPES];
extern const char *const world_auths[WORLD_AUTHS];	/* by enum adit_auth */

struct world_frame { size_t n_bytes; uint8_t bytes[WORLD_ROOM]; };

struct tunnel {
	unsigned index, row, shape;
	uint16_t slot;			/* out; behind it in, and in a bundle out's AH and in's */
	struct adit_sa out, in, out_ah, in_ah;
	struct golden_sa *peer, *peer_ah;	/* seal what the card opens */
	struct golden_sa *own_out, *own_in;	/* the host's, for what the card punts */
	uint64_t peer_seq, peer_ah_seq;
	struct adit_sp rule;
	bool is_bound;
	bool is_quiet;			/* nothing sealed by it has been sent since the card was last idle */
	struct world_frame *sent;	/* for replays */
	unsigned n_sent;
};

/** The kind of that number, over all of them in an order that mixes; AH has no ciphers, so its row is AES-GMAC's by name alone. */
extern uint16_t world_largest_window;	/* of the card at hand */
void world_tunnel_make(struct tunnel *t, unsigned index, unsigned kind);
void world_tunnel_drop(struct tunnel *t);
bool world_is_ah(const struct tunnel *t);	/* AH alone */

struct adit_addr world_local(bool is_v6, unsigned n);	/* n 0 or 1 */
/** mode options with all local addresses. */
struct adit_mode_options world_options(void);

/* Frames. Each returns its length; room is WORLD_ROOM. */
size_t world_put_l2(uint8_t *frame, bool is_v6, bool may_tag);
size_t world_put_ip(uint8_t *ip, bool is_v6, const uint8_t *src, const uint8_t *dst, uint8_t proto, size_t payload_bytes);
uint8_t world_some_proto(bool is_v6);
size_t world_body_bytes(void);
/** A packet that t's rule should match, or, is_reply, its answer. */
size_t world_put_matching(uint8_t *ip, const struct tunnel *t, bool is_reply, size_t payload_bytes);
/** Frames that are wrong in themselves, for either port. */
size_t world_put_broken(uint8_t *frame);
/** What a host behind the card may send. */
size_t world_lan_frame(uint8_t *frame, struct tunnel *tunnels, unsigned n);
/** What may come from outside: sealed by a peer, damaged, replayed, in clear, for the card itself, noise. */
size_t world_wan_frame(uint8_t *frame, struct tunnel *tunnels, unsigned n);

#endif
