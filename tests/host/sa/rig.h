// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * Engines, a wire between them and a clock, all in memory. On the wire datagrams are lost, doubled, delayed, cut, changed and kept, as a test
 * says; an end may stand behind a NAT. What engines want of a card is granted at once. Everything follows from a seed, which is printed.
 */
#ifndef TESTS_HOST_SA_RIG_H
#define TESTS_HOST_SA_RIG_H

#include "sa/phase1.h"
#include "support_config.h"

enum { RIG_ENDS = 4, RIG_QUEUE = 8192, RIG_KEPT = 512, RIG_LOG = 1 << 18, RIG_LATENCY_MS = 5, RIG_INSTALLS = 256 };

struct rig;

struct rig_end {
	struct rig *rig;
	unsigned which;
	struct ike *ike;
	struct config *config;
	struct adit_addr addr;
	bool is_behind_nat;
	struct adit_addr nat_addr;
	uint16_t nat_offset;		/* what the NAT adds to ports */
	struct { uint32_t id; enum child_stage stage; } installs[RIG_INSTALLS];
	unsigned n_installs, n_updates, n_keepalives;
	uint64_t bytes_out, bytes_in;
	char log[RIG_LOG];
	size_t log_at;
};

struct rig_datagram {
	int64_t due_ms;
	uint64_t serial;
	unsigned from, to;
	struct ike_path path;		/* as the receiver sees it */
	size_t n;
	uint8_t *bytes;
};

enum rig_fate { RIG_PASS, RIG_LOSE, RIG_TWICE, RIG_LATE };

struct rig {
	struct rig_end *ends;		/* RIG_ENDS of them */
	struct pool *pool;
	int64_t now_ms;
	uint64_t seed, random, serial;
	struct rig_datagram queue[RIG_QUEUE];
	unsigned n_queue;
	/* Of each datagram, nth counting from 0 over both directions. May change the bytes (at most n) and *n. */
	enum rig_fate (*fate)(struct rig *rig, unsigned from, uint8_t *bytes, size_t *n, unsigned nth);
	void *arg;
	unsigned n_sent;
	struct rig_datagram kept[RIG_KEPT];
	unsigned n_kept;
	bool keep;
};

/** One end with a configuration text. Addresses are 192.0.2.1, 192.0.2.2, … unless local_addresses says otherwise; call in order. */
struct rig *rig_open(uint64_t seed);
void rig_close(struct rig *rig);
struct rig_end *rig_add(struct rig *rig, const char *config_text);
void rig_nat(struct rig_end *end, const char *addr, uint16_t offset);
/** Lets time pass: datagrams, jobs, timers. */
void rig_run(struct rig *rig, int64_t ms);
/** A datagram as if it came from another end now, without delay. */
void rig_inject(struct rig_end *to, const struct ike_path *path, const uint8_t *bytes, size_t n);
/** The end begins a phase 1 with the first (or named) peer. */
struct ike_sa *rig_begin(struct rig_end *end, const char *peer, const char *remote);
struct ike_sa *rig_established(struct rig_end *end);
unsigned rig_count(struct rig_end *end, enum ike_state state);
bool rig_said(const struct rig_end *end, const char *text);
uint32_t rig_random(struct rig *rig, uint32_t below);
struct adit_addr rig_addr(const char *text);
/** Both have exactly one established SA and agree on everything. */
void rig_assert_agreed(struct rig *rig);
void rig_show(struct rig *rig);		/* logs, for a failing test */

/* One end's configuration: itself is 192.0.2.<self>, its peer 192.0.2.<other>. */
#define RIG_CONFIG(self, other, ...) RIG_CONFIG_OF(self, "192.0.2." other "/32", __VA_ARGS__)
#define RIG_CONFIG_OF(self, prefix, ...) \
	"local_addresses = ( \"192.0.2." self "\" ); peers = ( { name = \"other\"; address = \"" prefix "\"; " \
	"secret = \"a secret of some length\"; hash_algorithm = \"sha1\"; enc_algorithm = \"aes-128-cbc\"; dh_group = \"modp768\"; " \
	__VA_ARGS__ " } );"

#endif
