// SPDX-License-Identifier: BSD-2-Clause-Patent
/* A list of what is wrong with a file, so that all of it can be told at once: `file:line: reason`. */
#ifndef HOST_BASE_DIAG_H
#define HOST_BASE_DIAG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct diag_entry {
	bool is_warning;
	int line;		/* 0: the file as a whole */
	char *text;
};

struct diag {
	const char *file;	/* borrowed */
	struct diag_entry *entries;
	size_t n_entries;
	size_t n_errors;
};

void diag_open(struct diag *diag, const char *file);
void diag_close(struct diag *diag);
void diag_error(struct diag *diag, int line, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void diag_warning(struct diag *diag, int line, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/** One entry as a line without newline: "file:line: reason" or "file:line: warning: reason". */
void diag_format(const struct diag *diag, size_t index, char *out, size_t out_bytes);
/** All entries in order of lines. */
void diag_print(struct diag *diag, FILE *to);
void diag_sort(struct diag *diag);

#endif
