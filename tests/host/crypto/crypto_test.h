// SPDX-License-Identifier: BSD-2-Clause-Patent
/* What the tests of crypto/ share. */
#ifndef TESTS_HOST_CRYPTO_TEST_H
#define TESTS_HOST_CRYPTO_TEST_H

#include "room_test.h"

#include <stdio.h>

#include "crypto/hash.h"

/** Hex digits, blanks and newlines between bytes allowed. @return bytes */
static inline size_t from_hex(const char *hex, uint8_t *out)
{
	size_t n = 0;
	unsigned byte;

	for (; *hex != '\0'; hex += 2) {
		while (*hex == ' ' || *hex == '\n')
			hex++;
		if (*hex == '\0')
			break;
		assert_int_equal(sscanf(hex, "%2x", &byte), 1);
		out[n++] = (uint8_t)byte;
	}
	return n;
}

static inline struct bytes text_bytes(const char *text)
{
	return (struct bytes){ (const uint8_t *)text, strlen(text) };
}

static inline int crypto_setup(void **state)
{
	(void)state;
	return crypto_open() ? 0 : -1;
}

static inline int crypto_teardown(void **state)
{
	(void)state;
	crypto_close();
	return 0;
}

#endif
