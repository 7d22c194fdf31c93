// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * What a run has shown of the card: algorithm x size x shape x outcome of every packet that met an SA, and every reason. README.md
 * says which cells must stay empty and why.
 */
#ifndef ADIT_TESTS_COVERAGE_H
#define ADIT_TESTS_COVERAGE_H

#include "world.h"

void coverage_note(const struct tunnel *t, size_t frame_bytes, bool is_outbound, enum adit_reason reason);
void coverage_note_reason(enum adit_reason reason);
/** Prints all tables. @return how many cells are empty that must not be */
unsigned coverage_print(void);

#endif
