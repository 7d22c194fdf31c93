// SPDX-License-Identifier: BSD-2-Clause-Patent
/* What stands around the engine of fuzz_ike.h: the input, configurations, what it asks for, and what must always hold. */
#ifndef TESTS_FUZZ_FUZZ_IKE_WORLD_H
#define TESTS_FUZZ_FUZZ_IKE_WORLD_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz_random.h"
#include "sa/frag.h"
#include "sa/phase1.h"
#include "sa/phase2.h"

enum { FUZZ_OUTS = 16, FUZZ_CHILDREN = 64, FUZZ_INSTALLS = 64, FUZZ_MOVES = 96, FUZZ_MESSAGE_BYTES = 16384 };

#define MUST(claim) do { if (!(claim)) fuzz_fail(#claim, __LINE__); } while (0)

static inline void fuzz_fail(const char *claim, int line)
{
	fprintf(stderr, "fuzz_ike.h:%d: does not hold: %s\n", line, claim);
	abort();
}

struct fuzz_install {
	uint32_t id;
	enum child_stage stage;
};

struct fuzz {
	struct ike *ike;
	struct pool *pool;
	const struct config *config;
	uint8_t variant;
	int64_t now_ms;
	struct bytes in;
	struct blob outs[FUZZ_OUTS], last;	/* the engine's; the peer's latest */
	unsigned n_outs;
	struct fuzz_install installs[FUZZ_INSTALLS];
	unsigned n_installs;
	uint32_t children[FUZZ_CHILDREN];	/* in the card */
	unsigned n_children;
	uint64_t in_bytes, out_bytes;
	bool is_proven;				/* somebody has proven something, or we began */
};

/* ---- the input: past its end everything is 0 */

static inline uint8_t fuzz_u8(struct fuzz *fuzz)
{
	uint8_t value = 0;

	return get_u8(&fuzz->in, &value) == WIRE_OK ? value : 0;
}

static inline uint16_t fuzz_u16(struct fuzz *fuzz)
{
	uint16_t high = fuzz_u8(fuzz);

	return (uint16_t)(high << 8 | fuzz_u8(fuzz));
}

static inline struct bytes fuzz_bytes(struct fuzz *fuzz, size_t n)
{
	struct bytes out = { NULL, 0 };

	if (n > fuzz->in.len)
		n = fuzz->in.len;
	return get_bytes(&fuzz->in, n, &out) == WIRE_OK ? out : (struct bytes){ NULL, 0 };
}

/* ---- configurations */

#define FUZZ_PEER "secret = \"fuzzing\"; hash_algorithm = \"sha1\"; enc_algorithm = \"aes-128-cbc\"; dh_group = \"ecp256\"; dpd_interval = \"10s\"; %s"
#define FUZZ_ENDS "sa_src_address = \"192.0.2.1\"; sa_dst_address = \"192.0.2.2\"; "

/* Parsed once. is_other: what a reload brings: without the road warriors, and with another policy. */
static inline const struct config *fuzz_config(uint8_t variant, bool is_other)
{
	static struct config *known[256][2];
	static const char *const modes[] = { "main", "aggressive", "base", "main" }, *const checks[] = { "obey", "claim", "exact", "strict" };
	char extra[256], text[4096];
	struct diag diag;
	int n;

	if (known[variant][is_other])
		return known[variant][is_other];
	snprintf(extra, sizeof(extra), "exchange_mode = \"%s\"; nat_traversal = %s; generate_policy = %s; proposal_check = \"%s\"; ", modes[variant & 3],
		 variant & 4 ? "true" : "false", variant & 8 ? "true" : "false", checks[variant >> 6]);
	n = snprintf(text, sizeof(text), "local_addresses = ( \"192.0.2.1\" ); peers = ( { name = \"p\"; address = \"192.0.2.2/32\"; " FUZZ_PEER " }", extra);
	if (!is_other)
		n += snprintf(text + n, sizeof(text) - (size_t)n, ", { name = \"any\"; address = \"198.18.0.0/15\"; " FUZZ_PEER " }", extra);
	snprintf(text + n, sizeof(text) - (size_t)n, " ); policies = ( { name = \"tunnel\"; src_address = \"10.1.0.0/16\"; dst_address = \"10.2.0.0/16\"; "
		 "tunnel = true; " FUZZ_ENDS "%s }, { name = \"direct\"; src_address = \"192.0.2.1/32\"; dst_address = \"192.0.2.2/32\"; " FUZZ_ENDS
		 " } ); proposals = ( { name = \"default\"; auth_algorithms = [ \"sha1\" ]; enc_algorithms = [ \"aes-128-cbc\" ]; pfs_group = \"%s\"; "
		 "lifetime = \"%s\"; } );", is_other ? "priority = 7; " : "", variant & 16 ? "ecp256" : "none", variant & 32 ? "1h" : "1m");
	diag_open(&diag, "fuzz.conf");
	known[variant][is_other] = config_parse(text, strlen(text), &diag);
	if (!known[variant][is_other])
		diag_print(&diag, stderr);
	diag_close(&diag);
	MUST(known[variant][is_other]);
	return known[variant][is_other];
}

/* ---- what the engine asks for */

static inline void fuzz_send(void *arg, const struct ike_path *path, const uint8_t *bytes, size_t n)
{
	struct fuzz *fuzz = arg;

	MUST(n > 0 && n <= ISAKMP_MAX_BYTES && addr_bits(&path->remote.addr) == 32);
	fuzz->out_bytes += n;
	if (n > 1)
		MUST(blob_set(&fuzz->outs[fuzz->n_outs++ % FUZZ_OUTS], (struct bytes){ bytes, n }));
}

static inline unsigned fuzz_child_at(const struct fuzz *fuzz, uint32_t id)
{
	unsigned at = 0;

	while (at < fuzz->n_children && fuzz->children[at] != id)
		at++;
	return at;
}

static inline void fuzz_install(void *arg, const struct child_spec *spec, enum child_stage stage)
{
	struct fuzz *fuzz = arg;
	unsigned at = fuzz_child_at(fuzz, spec->id);

	MUST(spec->id != 0 && (spec->sas.n == 2 || spec->sas.n == 4) && spec->policy[0] != '\0');
	MUST((at == fuzz->n_children) == (stage == CHILD_INBOUND));
	MUST(fuzz->n_installs < FUZZ_INSTALLS && fuzz->n_children < FUZZ_CHILDREN);
	if (stage == CHILD_INBOUND)
		fuzz->children[fuzz->n_children++] = spec->id;
	fuzz->installs[fuzz->n_installs++] = (struct fuzz_install){ spec->id, stage };
}

static inline void fuzz_update(void *arg, const struct child_spec *spec)
{
	MUST(fuzz_child_at(arg, spec->id) < ((struct fuzz *)arg)->n_children);
}

static inline void fuzz_remove(void *arg, uint32_t id)
{
	struct fuzz *fuzz = arg;
	unsigned at = fuzz_child_at(fuzz, id);

	MUST(at < fuzz->n_children);
	fuzz->children[at] = fuzz->children[--fuzz->n_children];
}

static inline void fuzz_unacquire(void *arg, const char *policy)
{
	(void)arg;
	MUST(policy && policy[0] != '\0');
}

/* What people read is one line of printable bytes. */
static inline void fuzz_tell(void *arg, enum log_level level, const char *peer, const char *text)
{
	(void)arg;
	(void)level;
	MUST(peer);
	for (const char *at = text; *at; at++)
		MUST((uint8_t)*at >= 0x20 && *at != 0x7f);
	if (getenv("FUZZ_VERBOSE"))
		fprintf(stderr, "%s: %s\n", peer, text);
}

/* ---- what must hold between moves */

static inline void fuzz_check(struct fuzz *fuzz)
{
	unsigned n_half_open = 0;

	for (const struct ike_sa *sa = fuzz->ike->sas; sa; sa = sa->next) {
		unsigned n_exchanges = 0;

		MUST(!sa->is_dead);
		n_half_open += sa->is_half_open && !sa->is_known;
		fuzz->is_proven |= sa->is_proven || sa->is_initiator || sa->state != IKE_LARVAL || sa->exchange != X_MAIN;
		for (const struct v1_exchange *exchange = sa->exchanges; exchange; exchange = exchange->next) {
			MUST(!exchange->is_dead && exchange->sa == sa);
			n_exchanges += !exchange->is_initiator;
		}
		MUST(n_exchanges == sa->n_exchanges && n_exchanges <= EXCHANGES_PER_SA);
		MUST(sa->state != IKE_LARVAL || sa->phase1);
	}
	MUST(n_half_open == fuzz->ike->n_half_open && n_half_open <= fuzz->ike->max_half_open);
	MUST(fuzz->ike->frag_bytes <= FRAG_MAX_ENGINE_BYTES);
	MUST(fuzz->is_proven || fuzz->out_bytes <= fuzz->in_bytes);	/* SEMANTICS class 10 */
	for (const struct ike_child *child = fuzz->ike->children; child; child = child->next) {
		MUST(!child->is_dead && (!child->quick || child->quick->child == child));
		MUST(!child_is_live(child) || fuzz_child_at(fuzz, child->spec.id) < fuzz->n_children);
	}
}

#endif
