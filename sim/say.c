// SPDX-License-Identifier: BSD-2-Clause-Patent
#include "say.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

static bool is_verbose;

static void say_list(const char *fmt, va_list args)
{
	char line[1024];

	/* One write, so that two cards on one terminal do not cut each other's lines. */
	vsnprintf(line, sizeof(line), fmt, args);
	fprintf(stderr, "adit-sim: %s\n", line);
}

void say(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	say_list(fmt, args);
	va_end(args);
}

void say_more(const char *fmt, ...)
{
	va_list args;

	if (!is_verbose)
		return;
	va_start(args, fmt);
	say_list(fmt, args);
	va_end(args);
}

void say_set_verbose(void)
{
	is_verbose = true;
}
