// SPDX-License-Identifier: BSD-2-Clause-Patent
/* A file's text, whole or in the place of one peer or proposal, and what must be told of it. */
#ifndef TESTS_HOST_CONFIG_SUPPORT_PARSE_H
#define TESTS_HOST_CONFIG_SUPPORT_PARSE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "room_test.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define SECRET "correct horse battery"
#define POLICY "policies = ( { name = \"to-b\"; sa_src_address = \"192.0.2.1\"; sa_dst_address = \"198.51.100.1\"; tunnel = true; "

static inline struct config *parse(const char *text, struct diag *diag)
{
	size_t n = strlen(text);
	char *copy = exact_copy(text, n);
	struct config *config;

	diag_open(diag, "t");
	config = config_parse(copy, n, diag);
	free(copy);
	return config;
}

static inline struct config *parse_good(const char *text)
{
	struct diag diag;
	struct config *config = parse(text, &diag);

	if (!config)
		diag_print(&diag, stderr);
	diag_close(&diag);
	assert_non_null(config);
	return config;
}

static inline bool is_told(const struct diag *diag, const char *complaint)
{
	char line[1024];
	bool is_found = false;

	for (size_t i = 0; i < diag->n_entries; i++) {
		diag_format(diag, i, line, sizeof(line));
		is_found |= strcmp(line, complaint) == 0;
		assert_null(strstr(line, SECRET));	/* never shown */
		assert_null(strstr(line, "c0ffee"));
	}
	return is_found;
}

/* The complaint, whole, must be among those about text; an error leaves no configuration, a warning does. */
static inline void expect(const char *text, const char *complaint)
{
	struct diag diag;
	struct config *config = parse(text, &diag);

	if (!is_told(&diag, complaint)) {
		diag_print(&diag, stderr);
		fail_msg("not told: %s", complaint);
	}
	if (strstr(complaint, "warning:") && !config) {
		diag_print(&diag, stderr);
		fail_msg("refused, though only warned of: %s", complaint);
	}
	if (!strstr(complaint, "warning:"))
		assert_null(config);
	config_free(config);
	diag_close(&diag);
}

static inline void expect_peer(const char *keys, const char *complaint)
{
	char text[4096];

	(void)snprintf(text, sizeof(text), "\npeers = ( { name = \"p\"; secret = \"" SECRET "\";\n%s } );", keys);
	expect(text, complaint);
}

static inline struct config *good_peer(const char *keys)
{
	char text[4096];

	(void)snprintf(text, sizeof(text), "peers = ( { name = \"p\"; secret = \"" SECRET "\"; %s } );", keys);
	return parse_good(text);
}

static inline void expect_proposal(const char *keys, const char *complaint)
{
	char text[4096];

	(void)snprintf(text, sizeof(text), "\nproposals = ( { name = \"q\";\n%s } );", keys);
	expect(text, complaint);
}

static inline struct config *good_proposal(const char *keys)
{
	char text[4096];

	(void)snprintf(text, sizeof(text), "proposals = ( { name = \"q\"; %s } );", keys);
	return parse_good(text);
}

#endif
