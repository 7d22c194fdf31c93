// SPDX-License-Identifier: BSD-2-Clause-Patent
#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static enum log_level g_level = LOG_LEVEL_INFO;
static void (*g_also)(void *arg, enum log_level level, const char *text);
static void *g_also_arg;

void log_set_level(enum log_level level)
{
	g_level = level;
}

void log_also(void (*also)(void *arg, enum log_level level, const char *text), void *arg)
{
	g_also = also;
	g_also_arg = arg;
}

static const char *level_word(enum log_level level)
{
	switch (level) {
	case LOG_LEVEL_ERROR:
		return "error: ";
	case LOG_LEVEL_WARNING:
		return "warning: ";
	default:
		return "";
	}
}

void log_line(enum log_level level, const char *fmt, ...)
{
	char text[1024];
	va_list args;

	if (level > g_level)
		return;
	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	for (char *c = text; *c; c++)	/* names come from files and peers: one event stays one line */
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			*c = '?';
	if (g_also)
		g_also(g_also_arg, level, text);
	if (getenv("JOURNAL_STREAM"))
		fprintf(stderr, "<%d>%s\n", (int)level, text);
	else
		fprintf(stderr, "%s: %s%s\n", program_invocation_short_name, level_word(level), text);
}
