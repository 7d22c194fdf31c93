// SPDX-License-Identifier: BSD-2-Clause-Patent
#include "coverage.h"

#include <stdio.h>

enum { ALGORITHMS = WORLD_ROWS + WORLD_AUTHS, SIZES = 5 };
enum outcome {
	SEALED, OPENED, BAD_ICV, REPLAYED, MALFORMED, INSIDE, POLICY_IN, EXPIRED_OUT, EXPIRED_IN, SEQ_END, MODE, TOO_LONG, TOO_BIG, HOST_SEAL,
	HOST_OPEN, OUTCOMES
};

static const char *const outcome_names[OUTCOMES] = {
	"sealed", "opened", "bad icv", "replay", "malform", "inside", "policy", "exp out", "exp in", "seq end", "mode", "giant", "mtu", "h seal",
	"h open",
};
static const char *const size_names[SIZES] = { "to 63", "to 255", "to 1023", "to 1518", "longer" };
static unsigned cells[ALGORITHMS][SIZES][WORLD_SHAPES][OUTCOMES];
static unsigned reasons[ADIT_REASON_COUNT];

static unsigned size_of(size_t n_bytes)
{
	static const size_t ends[SIZES - 1] = { 64, 256, 1024, 1519 };
	unsigned size = 0;

	while (size < SIZES - 1 && n_bytes >= ends[size])
		size++;
	return size;
}

/* OUTCOMES: one that no SA had a part in. */
static enum outcome outcome_of(bool is_outbound, enum adit_reason reason)
{
	switch (reason) {
	case ADIT_REASON_NONE: return is_outbound ? SEALED : OPENED;
	case ADIT_REASON_HostLocal: case ADIT_REASON_HostNic: return OPENED;
	case ADIT_REASON_XfrmInStateProtoError: return BAD_ICV;
	case ADIT_REASON_XfrmInStateSeqError: return REPLAYED;
	case ADIT_REASON_XfrmInHdrError: case ADIT_REASON_XfrmInStateMismatch: return MALFORMED;
	case ADIT_REASON_InPadding: case ADIT_REASON_InDummy: case ADIT_REASON_InNextHeader: case ADIT_REASON_InEcn:
	case ADIT_REASON_RxIpHeader: case ADIT_REASON_RxExtHeaders: return INSIDE;
	case ADIT_REASON_XfrmInTmplMismatch: case ADIT_REASON_XfrmInNoPols: return POLICY_IN;
	case ADIT_REASON_XfrmOutStateExpired: return EXPIRED_OUT;
	case ADIT_REASON_XfrmInStateExpired: return EXPIRED_IN;
	case ADIT_REASON_XfrmOutStateSeqError: return SEQ_END;
	case ADIT_REASON_XfrmOutStateModeError: return MODE;
	case ADIT_REASON_OutTooBig: return TOO_LONG;
	case ADIT_REASON_HostTooBig: case ADIT_REASON_HostSplit: return TOO_BIG;
	case ADIT_REASON_HostSlowSeal: return HOST_SEAL;
	case ADIT_REASON_HostSlowOpen: return HOST_OPEN;
	default: return OUTCOMES;
	}
}

void coverage_note_reason(enum adit_reason reason)
{
	reasons[reason]++;
}

void coverage_note(const struct tunnel *t, size_t frame_bytes, bool is_outbound, enum adit_reason reason)
{
	enum outcome outcome = outcome_of(is_outbound, reason);
	unsigned size = size_of(frame_bytes);
	enum adit_auth auth = world_shapes[t->shape].bundle ? t->out_ah.auth : t->out.auth;

	if (outcome == OUTCOMES)
		return;
	if (!world_is_ah(t))
		cells[t->row][size][t->shape][outcome]++;
	if ((unsigned)auth < WORLD_AUTHS)
		cells[WORLD_ROWS + auth][size][t->shape][outcome]++;
}

/* ---- which cells must stay empty */

static bool is_host_cipher(unsigned algorithm)
{
	return algorithm >= ADIT_ENC_BLOWFISH_CBC && algorithm <= ADIT_ENC_CAMELLIA_CBC_256;
}

/* Each line is one kind of empty cell; README.md has them in words. */
static bool cannot_be(unsigned algorithm, unsigned size, unsigned shape_no, enum outcome outcome)
{
	const struct world_shape *shape = &world_shapes[shape_no];
	bool is_ah = shape->proto == ADIT_PROTO_AH, has_ah = is_ah || shape->bundle, is_cipher = algorithm < WORLD_ROWS;
	bool is_host = is_host_cipher(algorithm), is_none = algorithm == WORLD_ROWS;
	bool is_transport = shape->mode == ADIT_MODE_TRANSPORT;

	return (is_cipher && is_ah) ||							/* AH has no cipher */
	       (is_none && has_ah) ||							/* AH has an HMAC */
	       (is_host && shape->bundle) ||						/* the host has no part in bundles */
	       (is_host && outcome == SEALED) ||						/* the card has no such cipher */
	       (shape->bundle && (outcome == HOST_SEAL || outcome == HOST_OPEN)) ||
	       (shape->natt && shape->outer_v6 && outcome == SEALED) ||			/* the checksum of UDP over IPv6 */
	       (is_none && (outcome == BAD_ICV || outcome == MALFORMED)) ||		/* no ICV; only block sizes can be wrong */
	       (is_ah && outcome == INSIDE && is_transport) ||				/* nothing can be wrong in it */
	       (is_transport && shape->inner_v6 && outcome == SEALED && size == 0) ||
	       (!is_transport && outcome == MODE) ||
	       (size == 0 && (outcome == TOO_BIG || outcome == TOO_LONG)) || (size < 4 && outcome == TOO_LONG) || (size < 2 && outcome == TOO_BIG);
}

/* A sealed packet has a least length; only the plain ones and those that were cut can be shorter. */
static bool is_too_short(unsigned size, enum outcome outcome)
{
	return size == 0 && outcome != SEALED && outcome != HOST_SEAL && outcome != EXPIRED_OUT && outcome != SEQ_END && outcome != MODE &&
	       outcome != MALFORMED;
}

/* ---- tables: two dimensions, the others added up */

struct axis { const char *name; unsigned n; const char *(*label)(unsigned i); };

static const char *label_algorithm(unsigned i)
{
	return i < WORLD_ROWS ? world_rows[i].name : world_auths[i - WORLD_ROWS];
}

static const char *label_size(unsigned i)
{
	return size_names[i];
}

static const char *label_shape(unsigned i)
{
	return world_shapes[i].name;
}

static const char *label_outcome(unsigned i)
{
	return outcome_names[i];
}

static const struct axis axes[4] = {
	{ "algorithm", ALGORITHMS, label_algorithm }, { "size", SIZES, label_size }, { "shape", WORLD_SHAPES, label_shape },
	{ "outcome", OUTCOMES, label_outcome },
};

/* Adds up all cells with at[x] and at[y] as they are; *may_be: one of them at least may be filled. */
static unsigned sum(unsigned at[4], unsigned x, unsigned y, bool *may_be)
{
	unsigned fixed[2] = { at[x], at[y] }, n = 0, limit[4], from[4];

	*may_be = false;
	for (unsigned d = 0; d < 4; d++) {
		from[d] = d == x ? fixed[0] : d == y ? fixed[1] : 0;
		limit[d] = d == x || d == y ? from[d] + 1 : axes[d].n;
	}
	for (unsigned a = from[0]; a < limit[0]; a++)
		for (unsigned s = from[1]; s < limit[1]; s++)
			for (unsigned h = from[2]; h < limit[2]; h++)
				for (unsigned o = from[3]; o < limit[3]; o++) {
					n += cells[a][s][h][o];
					*may_be |= !cannot_be(a, s, h, (enum outcome)o) && !is_too_short(s, (enum outcome)o);
				}
	return n;
}

static unsigned print_pair(unsigned x, unsigned y)
{
	unsigned n_empty = 0;

	printf("\n%s by %s (-: cannot be)\n%-14s", axes[x].name, axes[y].name, "");
	for (unsigned j = 0; j < axes[y].n; j++)
		printf(" %10s", axes[y].label(j));
	putchar('\n');
	for (unsigned i = 0; i < axes[x].n; i++) {
		printf("%-14s", axes[x].label(i));
		for (unsigned j = 0; j < axes[y].n; j++) {
			unsigned at[4] = { 0 };
			bool may_be;
			unsigned n;

			at[x] = i;
			at[y] = j;
			n = sum(at, x, y, &may_be);
			n_empty += n == 0 && may_be;
			if (n == 0 && !may_be)
				printf(" %10s", "-");
			else
				printf(" %10u", n);
		}
		putchar('\n');
	}
	return n_empty;
}

/* Of the whole product: what sealing and opening met. */
static unsigned print_whole(void)
{
	unsigned n_filled = 0, n_empty = 0, n_listed = 0;

	for (unsigned a = 0; a < ALGORITHMS; a++)
		for (unsigned s = 0; s < SIZES; s++)
			for (unsigned h = 0; h < WORLD_SHAPES; h++)
				for (unsigned o = SEALED; o <= OPENED; o++) {
					if (cells[a][s][h][o] != 0)
						n_filled++;
					else if (!cannot_be(a, s, h, (enum outcome)o) && !is_too_short(s, (enum outcome)o) && n_empty++ < 40 && ++n_listed)
						printf("%s %s, %s, frames %s, %s", n_listed == 1 ? "\nempty:" : ";", label_algorithm(a), label_shape(h),
						       label_size(s), outcome_names[o]);
				}
	printf("%s%salgorithm x size x shape x (sealed, opened): %u cells filled, %u empty\n", n_listed > 0 ? "\n" : "",
	       n_empty > 40 ? "and more\n" : "", n_filled, n_empty);
	return n_empty;
}

/* Reasons that no packet can have here: README.md says where they are tested, or that no card gives them. */
static bool is_reason_elsewhere(enum adit_reason reason)
{
	switch (reason) {
	case ADIT_REASON_XfrmInError: case ADIT_REASON_XfrmInBufferError: case ADIT_REASON_XfrmInPolError: case ADIT_REASON_XfrmOutError:
	case ADIT_REASON_XfrmOutPolError: case ADIT_REASON_RxIpv6: case ADIT_REASON_XfrmInStateInvalid: case ADIT_REASON_XfrmOutStateProtoError:
	case ADIT_REASON_HostRingFull: case ADIT_REASON_HostRateLimit:
		return true;
	default:
		return false;
	}
}

unsigned coverage_print(void)
{
	unsigned n_empty = 0;

	for (unsigned x = 0; x < 4; x++)
		for (unsigned y = x + 1; y < 4; y++)
			n_empty += print_pair(x, y);
	n_empty += print_whole();
	printf("\nreasons\n");
	for (unsigned r = 0; r < ADIT_REASON_COUNT; r++) {
		if (adit_reason_name(r) == NULL)
			continue;
		printf("  %-24s %u%s\n", adit_reason_name(r), reasons[r], reasons[r] == 0 && is_reason_elsewhere((enum adit_reason)r) ? " (elsewhere)" : "");
		n_empty += reasons[r] == 0 && !is_reason_elsewhere((enum adit_reason)r);
	}
	return n_empty;
}
