// SPDX-License-Identifier: BSD-2-Clause-Patent
#include "control/journal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct journal {
	struct journal_line lines[JOURNAL_LINES];	/* line n stands at (n - 1) % JOURNAL_LINES */
	uint64_t n_kept;
	uint64_t sequence;
	bool is_writing;		/* journal_put() has kept the line that base/log writes now */
	void (*heard)(void *arg, const struct journal_line *line);
	void *arg;
};

static const struct { const char *word; enum log_level level; } levels[] = {
	{ "error", LOG_LEVEL_ERROR }, { "warning", LOG_LEVEL_WARNING }, { "notice", LOG_LEVEL_NOTICE }, { "info", LOG_LEVEL_INFO },
	{ "debug", LOG_LEVEL_DEBUG },
};

const char *journal_level_word(enum log_level level)
{
	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++)
		if (levels[i].level == level)
			return levels[i].word;
	return "info";
}

bool journal_level_get(const char *word, enum log_level *level)
{
	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
		if (strcmp(levels[i].word, word) == 0) {
			*level = levels[i].level;
			return true;
		}
	}
	return false;
}

/* ---- clean text */

/* Bytes of the UTF-8 character at text (RFC 3629 §4), 0 if there is none. */
static size_t utf8_bytes(const unsigned char *text)
{
	static const struct { uint8_t mask, lead, n; uint32_t least; } forms[] = {
		{ 0x80, 0x00, 1, 0 }, { 0xe0, 0xc0, 2, 0x80 }, { 0xf0, 0xe0, 3, 0x800 }, { 0xf8, 0xf0, 4, 0x10000 }
	};

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		uint32_t code = text[0] & (uint8_t)~forms[i].mask;

		if ((text[0] & forms[i].mask) != forms[i].lead)
			continue;
		for (size_t k = 1; k < forms[i].n; k++) {
			if ((text[k] & 0xc0) != 0x80)	/* the closing NUL is none either */
				return 0;
			code = code << 6 | (text[k] & 0x3f);
		}
		return code < forms[i].least || code > 0x10ffff || (code >= 0xd800 && code < 0xe000) ? 0 : forms[i].n;
	}
	return 0;
}

void journal_clean(const char *text, char *out, size_t out_bytes)
{
	const unsigned char *at = (const unsigned char *)text;
	size_t used = 0, safe = 0;	/* safe: as much as leaves room for "..." */

	while (*at) {
		size_t n = utf8_bytes(at);
		bool is_bad = n == 0 || *at < 0x20 || *at == 0x7f;

		n += !n;
		if (used + n >= out_bytes) {
			(void)snprintf(out + safe, out_bytes - safe, "...");
			return;
		}
		memcpy(out + used, is_bad ? "?" : (const char *)at, n);
		used += n;
		at += n;
		if (used + 4 <= out_bytes)
			safe = used;
	}
	out[used] = 0;
}

/* ---- lines */

static int64_t now_ms(clockid_t clock)
{
	struct timespec now;

	(void)clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void keep(struct journal *journal, enum log_level level, const char *peer, const char *text)
{
	struct journal_line line = { .sequence = ++journal->sequence, .monotonic_ms = now_ms(CLOCK_MONOTONIC),
				     .wall_ms = now_ms(CLOCK_REALTIME), .level = level };

	journal_clean(peer, line.peer, sizeof(line.peer));
	journal_clean(text, line.text, sizeof(line.text));
	if (level < LOG_LEVEL_DEBUG)
		journal->lines[journal->n_kept++ % JOURNAL_LINES] = line;
	if (journal->heard)
		journal->heard(journal->arg, &line);
}

static void on_log(void *arg, enum log_level level, const char *text)
{
	struct journal *journal = arg;

	if (!journal->is_writing)
		keep(journal, level, "", text);
}

void journal_put(struct journal *journal, enum log_level level, const char *peer, const char *text)
{
	if (journal) {
		keep(journal, level, peer, text);
		journal->is_writing = true;
	}
	log_line(level, "%s%s%s", peer, *peer ? ": " : "", text);
	if (journal)
		journal->is_writing = false;
}

struct journal *journal_open(void)
{
	struct journal *journal = calloc(1, sizeof(*journal));

	if (journal)
		log_also(on_log, journal);
	return journal;
}

void journal_close(struct journal *journal)
{
	if (!journal)
		return;
	log_also(NULL, NULL);
	free(journal);
}

void journal_on_line(struct journal *journal, void (*heard)(void *arg, const struct journal_line *line), void *arg)
{
	journal->heard = heard;
	journal->arg = arg;
}

bool journal_passes(const struct journal_filter *filter, const struct journal_line *line)
{
	return line->level <= filter->level && (!filter->peer[0] || strcmp(filter->peer, line->peer) == 0);
}

void journal_each(const struct journal *journal, const struct journal_filter *filter, unsigned most,
		  void (*each)(void *arg, const struct journal_line *line), void *arg)
{
	uint64_t oldest = journal->n_kept > JOURNAL_LINES ? journal->n_kept - JOURNAL_LINES : 0, from = journal->n_kept;

	for (unsigned n = 0; from > oldest && n < most; from--)
		n += journal_passes(filter, &journal->lines[(from - 1) % JOURNAL_LINES]);
	for (; from < journal->n_kept; from++)
		if (journal_passes(filter, &journal->lines[from % JOURNAL_LINES]))
			each(arg, &journal->lines[from % JOURNAL_LINES]);
}
