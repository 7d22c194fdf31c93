// SPDX-License-Identifier: BSD-2-Clause-Patent
/* Bytes written by hand, and memory of exactly their size to read them from. */
#ifndef TESTS_HOST_WIRE_MAKE_H
#define TESTS_HOST_WIRE_MAKE_H

#include "room_test.h"
#include "wire/isakmp.h"

#define BYTES(...) ((struct bytes){ (const uint8_t[]){ __VA_ARGS__ }, sizeof((const uint8_t[]){ __VA_ARGS__ }) })
#define TEXT(text) ((struct bytes){ (const uint8_t *)(text), sizeof(text) - 1 })
#define NONE ((struct bytes){ NULL, 0 })

/** The first n bytes in memory of that size; free at. */
static inline struct bytes cut(struct bytes from, size_t n)
{
	return (struct bytes){ (const uint8_t *)exact_copy(from.len ? (const char *)from.at : "", n), n };
}

static inline void cut_free(struct bytes bytes)
{
	free((void *)(uintptr_t)bytes.at);
}

static inline void assert_same(struct bytes got, struct bytes want)
{
	assert_int_equal(got.len, want.len);
	assert_true(bytes_same(got, want));
}

/* A message begun by hand: one byte names the first payload. */
struct page {
	uint8_t room[4096];
	struct writer to;
	size_t next_at;
};

static inline void page_open(struct page *page)
{
	page->to = (struct writer){ page->room, sizeof(page->room), 0, false };
	page->next_at = 0;
	put_u8(&page->to, P_NONE);
}

/** The body of the one payload that was written, whose type is this. */
static inline struct bytes page_body(const struct page *page, uint8_t type)
{
	assert_false(page->to.has_failed);
	assert_int_equal(page->room[0], type);
	assert_int_equal(page->room[1], P_NONE);
	assert_int_equal(page->room[2], 0);
	assert_int_equal(page->room[3] << 8 | page->room[4], page->to.len - 1);
	return (struct bytes){ page->room + 5, page->to.len - 5 };
}

#endif
