// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * What the files of the words share.
 *
 *   words.c        the table of words, what each can be told       words_json.c  values into JSON
 *   words_policy.c policy, with ph2-state                           words_peer.c  peer, proposal, manual-sa: the configuration back
 *   words_sa.c     installed-sa and its flush                       words_ike.c   remote-peers, initiate, terminate, rekey
 *   words_card.c   card, statistics                                 words_log.c   log
 */
#ifndef HOST_CONTROL_WORDS_ROOM_H
#define HOST_CONTROL_WORDS_ROOM_H

#include "control/words.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* One question: whoever asked (NULL: nobody who could follow), and what it said. */
struct asked {
	struct words_view *view;
	json_object *request;
	struct control_client *client;
};

/* ---- words_json.c. Texts that came from a peer or a file: what is not UTF-8 becomes '?'. */
void add_text(json_object *to, const char *key, const char *text);	/* NULL: "?" */
void add_u64(json_object *to, const char *key, uint64_t value);
void add_bool(json_object *to, const char *key, bool value);
void add_addr(json_object *to, const char *key, const struct adit_addr *addr);
void add_prefix(json_object *to, const char *key, const struct prefix *prefix);
void add_spi(json_object *to, const char *key, uint32_t spi);
void add_hex(json_object *to, const char *key, const uint8_t *bytes, size_t n, const uint8_t *more, size_t n_more);	/* wipes its copy */
void add_ports(json_object *to, const char *key, const struct cfg_ports *ports);
void add_port(json_object *to, const char *key, uint16_t port);	/* 0: "any" */
void add_protocol(json_object *to, const char *key, int proto);	/* -1: "all" */
void add_words(json_object *to, const char *key, const struct word *words, const uint8_t *codes, unsigned n);
/** Seconds from one moment of CLOCK_MONOTONIC to another, 0 if it is over. */
uint64_t seconds_between(int64_t from_ms, int64_t to_ms);
/** What was asked: false, NULL, fallback where it was not told. */
bool asked_flag(const struct asked *asked, const char *key);
const char *asked_text(const struct asked *asked, const char *key);
int64_t asked_number(const struct asked *asked, const char *key, int64_t fallback);

/** A failed look at the card: tell it, and let the daemon recover where that is what it takes. */
json_object *card_error(struct words_view *view, int rc, const char *why);
/** Bring the counters of IKE's SAs up to date: the card answers in order, so what is asked after them is answered after them. */
MUST_USE int look_at_children(struct words_view *view, char why[OFFLOAD_WHY_BYTES]);

/* ---- a word each */
json_object *say_policy(const struct asked *asked);
json_object *say_peer(const struct asked *asked);
json_object *say_proposal(const struct asked *asked);
json_object *say_manual_sa(const struct asked *asked);
json_object *say_installed_sa(const struct asked *asked);
json_object *say_flush(const struct asked *asked);
json_object *say_remote_peers(const struct asked *asked);
json_object *say_initiate(const struct asked *asked);
json_object *say_terminate(const struct asked *asked);
json_object *say_rekey(const struct asked *asked);
json_object *say_statistics(const struct asked *asked);
json_object *say_card(const struct asked *asked);
json_object *say_log(const struct asked *asked);

#endif
