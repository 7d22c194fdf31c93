// SPDX-License-Identifier: BSD-2-Clause-Patent
/* Numbers, times, hexadecimal and near misses, read from and written for people. */
#ifndef HOST_BASE_TEXT_H
#define HOST_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MUST_USE __attribute__((warn_unused_result))

/** Decimal or 0x hexadecimal, the whole string, no sign, no space. */
MUST_USE bool text_get_u64(const char *text, uint64_t *out);
/** The same with an optional minus. */
MUST_USE bool text_get_i64(const char *text, int64_t *out);

/**
 * RouterOS's times: "30m", "1d", "1w2d", "1d 02:03:04", "02:03:04", "90" (seconds). Units w d h m s, each at most once
 * and in that order.
 */
MUST_USE bool text_get_seconds(const char *text, uint64_t *out_seconds);
/** The same form back: "1d 02:03:04", "30m", "0s". */
void text_put_seconds(uint64_t seconds, char *out, size_t out_bytes);

/** Hex digits (an even number of them) after 0x, to at most room bytes. @return bytes, or -1 if that cannot be. */
MUST_USE int text_get_hex(const char *text, uint8_t *out, size_t room);

/** Edits (insert, delete, replace, swap of neighbours) between two words; words longer than 63 compare as far apart. */
unsigned text_distance(const char *a, const char *b);
/** The word nearest to text, or NULL if none is near enough to be meant. */
const char *text_nearest(const char *text, const char *const *words, size_t n_words);

#endif
