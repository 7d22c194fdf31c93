// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * What stands in the card while the bench runs: SAs each with its golden twin, and rules.
 *
 *   rule r    10.1.0.0/16 -> 10.2.<r>/32, bound to out SA r; the last of a table of idle rules, if the row wants one
 *   out SA i  slot i, reqid 1 + i, sealed for 198.51.100.1
 *   in SA i   slot n_out + i, reqid 1 + i mod the number of rules that carry traffic, from 198.51.100.1 to this card, 192.0.2.1
 */
#ifndef LINE_WORLD_H
#define LINE_WORLD_H

#include "transform/golden.h"

enum { LINE_L2 = 14, LINE_WINDOW = 64 };
#define LINE_LOCAL 0xc0000201u
#define LINE_PEER 0xc6336401u

struct line_algo {
	const char *name;
	enum adit_enc enc;
	enum adit_auth auth;
};

struct line_sa {
	struct adit_sa sa;
	struct golden_sa *golden;	/* made when first asked for */
	uint16_t slot;
	uint64_t seq;			/* last number used */
	uint64_t packets;		/* that the card must have counted */
};

struct line_plan {
	const struct line_algo *algo;
	unsigned n_out, n_in;		/* SAs */
	unsigned n_idle_rules;		/* before those that carry traffic: nothing matches them */
};

struct line_world {
	struct adit_card *card;
	struct line_plan plan;
	struct line_sa *out, *in;
	uint64_t install_cycles;	/* of the last batch of adds, from doorbell to last completion */
	unsigned n_installed;
};

/** Print "line: message" and exit 1. */
__attribute__((noreturn, format(printf, 1, 2))) void line_die(const char *format, ...);

uint32_t line_rnd(uint32_t below);
void line_seed(uint64_t seed);

/** Take away what was there and put this plan into the card. */
void line_world_load(struct line_world *w, const struct line_plan *plan);

/** More in SAs, up to n_in of them. */
void line_world_grow(struct line_world *w, unsigned n_in);

/** One more SA into the queue, for a slot that the plan leaves free; *n_left goes down when the card has answered. */
void line_world_add_more(struct line_world *w, unsigned number, unsigned *n_left);
void line_world_delete_more(struct line_world *w, unsigned n);

struct golden_sa *line_golden(struct line_sa *sa);
/** Address of what lies behind rule r. */
uint32_t line_far(unsigned rule);
/** The card's own count of packets and its number must be the SA's. */
void line_world_check(struct line_world *w, const struct line_sa *sa);
void line_world_forget(struct line_world *w);

#endif
