// SPDX-License-Identifier: BSD-2-Clause-Patent
/* cmocka wants these before it, in this order. */
#ifndef TESTS_HOST_ROOM_TEST_H
#define TESTS_HOST_ROOM_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif
