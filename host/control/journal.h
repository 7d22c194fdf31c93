// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * The last lines of the log, in memory: what happened, when, with which peer. Everything the daemon logs comes here too (base/log), and
 * lines about a peer come through journal_put(). Keys never do.
 */
#ifndef HOST_CONTROL_JOURNAL_H
#define HOST_CONTROL_JOURNAL_H

#include "base/log.h"
#include "config/config.h"

#define JOURNAL_LINES 1000
#define JOURNAL_TEXT_BYTES 480

struct journal_line {
	uint64_t sequence;		/* from 1; a gap is what did not pass the filter */
	int64_t monotonic_ms, wall_ms;	/* CLOCK_MONOTONIC; CLOCK_REALTIME */
	enum log_level level;
	char peer[CONFIG_NAME_BYTES];	/* "": nobody's */
	char text[JOURNAL_TEXT_BYTES];	/* one line of UTF-8; longer ones end with "..." */
};

/* Which lines somebody wants: this peer's (""; all), at least this urgent. */
struct journal_filter {
	char peer[CONFIG_NAME_BYTES];
	enum log_level level;
};

struct journal;

/** One at a time: it hears what base/log writes until it is closed. NULL: no memory. */
MUST_USE struct journal *journal_open(void);
void journal_close(struct journal *journal);
/** Write to the log (as "peer: text") and keep. Debug lines are not kept, only heard; journal NULL: only written. */
void journal_put(struct journal *journal, enum log_level level, const char *peer, const char *text);
/** Who hears each line as it comes, NULL: nobody. It may not log. */
void journal_on_line(struct journal *journal, void (*heard)(void *arg, const struct journal_line *line), void *arg);
/** The newest most of those kept that pass, oldest first. */
void journal_each(const struct journal *journal, const struct journal_filter *filter, unsigned most,
		  void (*each)(void *arg, const struct journal_line *line), void *arg);
bool journal_passes(const struct journal_filter *filter, const struct journal_line *line);

/** RouterOS and syslog words: "error", "warning", "notice", "info", "debug". */
const char *journal_level_word(enum log_level level);
MUST_USE bool journal_level_get(const char *word, enum log_level *level);

/** One line of clean UTF-8: control characters and what is no UTF-8 become '?'; what does not fit is cut and ends with "...". */
void journal_clean(const char *text, char *out, size_t out_bytes);

#endif
