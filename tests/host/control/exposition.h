// SPDX-License-Identifier: BSD-2-Clause-Patent
/* A strict reader of Prometheus's text format 0.0.4: what is not exactly so fails the test. */
#ifndef TESTS_HOST_CONTROL_EXPOSITION_H
#define TESTS_HOST_CONTROL_EXPOSITION_H

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>

#include "room_test.h"

struct exposition {
	char series[2048][256];		/* name and labels, to find doubles */
	double values[2048];
	unsigned n_series;
	char families[512][128];
	unsigned n_families;
	char type[16];			/* of the family being read */
};

static inline size_t name_bytes(const char *at, bool may_colon)
{
	size_t n = 0;

	while (isalnum((unsigned char)at[n]) || at[n] == '_' || (may_colon && at[n] == ':'))
		n++;
	return isdigit((unsigned char)at[0]) ? 0 : n;
}

/* {key="value",...}: \\, \" and \n are the only escapes. @return behind it */
static inline const char *read_labels(const char *at, const char *line)
{
	if (*at != '{')
		return at;
	do {
		size_t n = name_bytes(++at, false);

		if (!n || at[n] != '=' || at[n + 1] != '"')
			fail_msg("labels of %s", line);
		for (at += n + 2; *at && *at != '"'; at++)
			if (*at == '\\' && !strchr("\\\"n", *++at))
				fail_msg("escape in %s", line);
		if (*at++ != '"')
			fail_msg("a label without end in %s", line);
	} while (*at == ',');
	if (*at++ != '}')
		fail_msg("labels without end in %s", line);
	return at;
}

static inline void read_sample(struct exposition *out, const char *line)
{
	size_t n = name_bytes(line, true);
	const char *family = out->n_families ? out->families[out->n_families - 1] : "";
	const char *end = read_labels(line + n, line);
	char *after;

	if (!n || strlen(family) != n || strncmp(family, line, n) != 0)
		fail_msg("a sample outside of its family: %s", line);
	if (*end != ' ' || !isdigit((unsigned char)end[1]))
		fail_msg("no value: %s", line);
	if (strcmp(out->type, "counter") == 0 && (n < 6 || strncmp(line + n - 6, "_total", 6) != 0))
		fail_msg("a counter's name ends in _total: %s", line);
	assert_true(out->n_series < 2048 && (size_t)(end - line) < sizeof(out->series[0]));
	(void)snprintf(out->series[out->n_series], sizeof(out->series[0]), "%.*s", (int)(end - line), line);
	for (unsigned i = 0; i < out->n_series; i++)
		if (strcmp(out->series[i], out->series[out->n_series]) == 0)
			fail_msg("twice: %s", line);
	out->values[out->n_series++] = strtod(end + 1, &after);
	if (*after)
		fail_msg("more than a value: %s", line);
}

static inline void read_comment(struct exposition *out, const char *help, const char *type)
{
	size_t n = name_bytes(help + 7, true);

	if (strncmp(help, "# HELP ", 7) != 0 || !n || help[7 + n] != ' ' || !help[8 + n])
		fail_msg("no help: %s", help);
	if (strncmp(type, "# TYPE ", 7) != 0 || strncmp(type + 7, help + 7, n + 1) != 0)
		fail_msg("TYPE of another family: %s", type);
	assert_true(strcmp(type + 8 + n, "counter") == 0 || strcmp(type + 8 + n, "gauge") == 0);
	assert_true(out->n_families < 512 && n < sizeof(out->families[0]));
	(void)snprintf(out->families[out->n_families], sizeof(out->families[0]), "%.*s", (int)n, help + 7);
	for (unsigned i = 0; i < out->n_families; i++)
		if (strcmp(out->families[i], out->families[out->n_families]) == 0)
			fail_msg("a family in two pieces: %s", help);
	out->n_families++;
	(void)snprintf(out->type, sizeof(out->type), "%s", type + 8 + n);
}

/* The caller frees. */
static inline struct exposition *exposition_read(const char *page)
{
	struct exposition *out = calloc(1, sizeof(*out));
	char *copy = strdup(page), *line = copy, *help = NULL;

	assert_true(*page && page[strlen(page) - 1] == '\n');
	for (char *end; (end = strchr(line, '\n')); line = end + 1) {
		*end = 0;
		if (help) {
			read_comment(out, help, line);
			help = NULL;
		} else if (*line == '#') {
			help = line;
		} else {
			read_sample(out, line);
		}
	}
	assert_null(help);
	free(copy);
	return out;
}

static inline double exposition_value(const struct exposition *exposition, const char *series)
{
	for (unsigned i = 0; i < exposition->n_series; i++)
		if (strcmp(exposition->series[i], series) == 0)
			return exposition->values[i];
	fail_msg("no %s", series);
	return 0;
}

#endif
