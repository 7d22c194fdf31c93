// SPDX-License-Identifier: BSD-2-Clause-Patent
/* cmocka wants these before it, in this order. */
#ifndef TESTS_HOST_ROOM_TEST_H
#define TESTS_HOST_ROOM_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

/* Exactly as much memory as there are bytes: a read past them is caught. The caller frees. */
static inline char *exact_copy(const char *bytes, size_t n)
{
	char *copy = malloc(n + !n);

	memcpy(copy, bytes, n);
	return copy;
}

#endif
