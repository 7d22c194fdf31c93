// SPDX-License-Identifier: BSD-2-Clause-Patent
#include "base/diag.h"

#include <stdarg.h>
#include <stdlib.h>

#define MAX_ENTRIES 1000	/* a file of garbage must not fill the memory with complaints */

void diag_open(struct diag *diag, const char *file)
{
	*diag = (struct diag){ .file = file };
}

void diag_close(struct diag *diag)
{
	for (size_t i = 0; i < diag->n_entries; i++)
		free(diag->entries[i].text);
	free(diag->entries);
	*diag = (struct diag){ 0 };
}

/* Warnings must not crowd errors out. @return false if there is none to drop */
static bool drop_warning(struct diag *diag)
{
	for (size_t i = diag->n_entries; i-- > 0;) {
		if (!diag->entries[i].is_warning)
			continue;
		free(diag->entries[i].text);
		diag->entries[i] = diag->entries[--diag->n_entries];
		return true;
	}
	return false;
}

static void add(struct diag *diag, bool is_warning, int line, const char *fmt, va_list args)
{
	struct diag_entry *grown;
	char text[512];

	if (!is_warning)
		diag->n_errors++;
	if (diag->n_entries == MAX_ENTRIES && (is_warning || !drop_warning(diag)))
		return;
	(void)vsnprintf(text, sizeof(text), fmt, args);
	for (char *c = text; *c; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			*c = '?';
	grown = reallocarray(diag->entries, diag->n_entries + 1, sizeof(*grown));
	if (!grown)
		return;
	diag->entries = grown;
	grown[diag->n_entries].text = malloc(sizeof(text));
	if (!grown[diag->n_entries].text)
		return;
	(void)snprintf(grown[diag->n_entries].text, sizeof(text), "%s", text);
	grown[diag->n_entries].is_warning = is_warning;
	grown[diag->n_entries].line = line;
	diag->n_entries++;
}

void diag_error(struct diag *diag, int line, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	add(diag, false, line, fmt, args);
	va_end(args);
}

void diag_warning(struct diag *diag, int line, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	add(diag, true, line, fmt, args);
	va_end(args);
}

/* Insertion sort: stable, so that what was found first about a line is told first. */
void diag_sort(struct diag *diag)
{
	for (size_t i = 1; i < diag->n_entries; i++) {
		struct diag_entry entry = diag->entries[i];
		size_t j = i;

		for (; j > 0 && diag->entries[j - 1].line > entry.line; j--)
			diag->entries[j] = diag->entries[j - 1];
		diag->entries[j] = entry;
	}
}

void diag_format(const struct diag *diag, size_t index, char *out, size_t out_bytes)
{
	const struct diag_entry *entry = &diag->entries[index];
	const char *kind = entry->is_warning ? "warning: " : "";

	if (entry->line > 0)
		(void)snprintf(out, out_bytes, "%s:%d: %s%s", diag->file, entry->line, kind, entry->text);
	else
		(void)snprintf(out, out_bytes, "%s: %s%s", diag->file, kind, entry->text);
}

void diag_print(struct diag *diag, FILE *to)
{
	char line[1024];

	diag_sort(diag);
	for (size_t i = 0; i < diag->n_entries; i++) {
		diag_format(diag, i, line, sizeof(line));
		fprintf(to, "%s\n", line);
	}
}
