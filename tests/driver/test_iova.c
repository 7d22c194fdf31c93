// SPDX-License-Identifier: BSD-2-Clause-Patent
/* Device addresses: first fit inside what the IOMMU offers, nothing twice, freed room is used again. */
#include "rig.h"

#include "iova.h"

#define PAGE ((uint64_t)IOVA_PAGE_BYTES)

static void ranges_are_cut_to_whole_pages_above_the_first(void **state)
{
	struct iova_space space = { 0 };

	(void)state;
	iova_add_range(&space, 0, IOVA_FIRST - 1);			/* all below: nothing */
	iova_add_range(&space, 0, IOVA_FIRST + PAGE - 1);		/* one page */
	iova_add_range(&space, 0x20000001, 0x20002ffe);			/* one whole page inside */
	iova_add_range(&space, 0x30000001, 0x30000ffe);			/* none */
	iova_add_range(&space, UINT64_MAX - 10, UINT64_MAX);		/* none */
	iova_add_range(&space, UINT64_MAX - 2 * PAGE + 1, UINT64_MAX);	/* two, up to the very end */
	assert_int_equal(space.n_ranges, 3);
	assert_int_equal(space.ranges[0].first, IOVA_FIRST);
	assert_int_equal(space.ranges[0].last, IOVA_FIRST + PAGE - 1);
	assert_int_equal(space.ranges[1].first, 0x20001000);
	assert_int_equal(space.ranges[1].last, 0x20001fff);
	assert_int_equal(space.ranges[2].last, UINT64_MAX);
}

static void the_first_hole_that_fits_is_taken(void **state)
{
	struct iova_space space = { 0 };
	uint64_t a, b, c, d;

	(void)state;
	iova_add_range(&space, IOVA_FIRST, IOVA_FIRST + 10 * PAGE - 1);
	iova_add_range(&space, 0x40000000, 0x40000000 + 10 * PAGE - 1);
	assert_int_equal(iova_alloc(&space, 3 * PAGE, &a), 0);
	assert_int_equal(iova_alloc(&space, 3 * PAGE, &b), 0);
	assert_int_equal(iova_alloc(&space, 3 * PAGE, &c), 0);
	assert_int_equal(a, IOVA_FIRST);
	assert_int_equal(b, IOVA_FIRST + 3 * PAGE);
	assert_int_equal(c, IOVA_FIRST + 6 * PAGE);
	assert_int_equal(iova_alloc(&space, 2 * PAGE, &d), 0);	/* one page is left in the first range */
	assert_int_equal(d, 0x40000000);
	iova_free(&space, b);
	assert_int_equal(iova_alloc(&space, 4 * PAGE, &d), 0);
	assert_int_equal(d, 0x40000000 + 2 * PAGE);
	assert_int_equal(iova_alloc(&space, 2 * PAGE, &d), 0);
	assert_int_equal(d, b);
	assert_int_equal(iova_alloc(&space, PAGE, &d), 0);
	assert_int_equal(d, b + 2 * PAGE);
	assert_int_equal(iova_alloc(&space, 5 * PAGE, &d), -ENOSPC);
	assert_int_equal(iova_alloc(&space, 0, &d), -ENOSPC);
	iova_free(&space, 0x1234000);	/* never given: nothing happens */
	assert_int_equal(space.n_used, 6);
}

static void a_random_history_never_gives_a_page_twice(void **state)
{
	enum { N_PAGES = 64 };
	struct iova_space space = { 0 };
	struct {
		uint64_t at;
		unsigned pages;
	} given[IOVA_SPANS_MAX];
	uint8_t used[N_PAGES] = { 0 };
	unsigned n = 0;

	(void)state;
	iova_add_range(&space, IOVA_FIRST, IOVA_FIRST + 40 * PAGE - 1);
	iova_add_range(&space, IOVA_FIRST + 44 * PAGE, IOVA_FIRST + N_PAGES * PAGE - 1);
	for (unsigned p = 40; p < 44; p++)
		used[p] = 1;	/* a reserved window */
	srandom(rig_seed());
	for (unsigned turn = 0; turn < 20000; turn++) {
		const unsigned pages = 1 + (unsigned)random() % 9;
		unsigned first_fit = N_PAGES;
		uint64_t iova;
		int error;

		if (n && random() % 2) {
			unsigned i = (unsigned)random() % n;

			iova_free(&space, given[i].at);
			memset(&used[(given[i].at - IOVA_FIRST) / PAGE], 0, given[i].pages);
			given[i] = given[--n];
			continue;
		}
		for (unsigned p = 0; p + pages <= N_PAGES && first_fit == N_PAGES; p++)
			if (!memchr(&used[p], 1, pages))
				first_fit = p;
		error = iova_alloc(&space, pages * PAGE, &iova);
		if (n == IOVA_SPANS_MAX || first_fit == N_PAGES) {
			assert_int_equal(error, -ENOSPC);
			continue;
		}
		assert_int_equal(error, 0);
		assert_int_equal(iova, IOVA_FIRST + first_fit * PAGE);
		memset(&used[first_fit], 1, pages);
		given[n].at = iova;
		given[n++].pages = pages;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(ranges_are_cut_to_whole_pages_above_the_first),
		TEST(the_first_hole_that_fits_is_taken),
		TEST(a_random_history_never_gives_a_page_twice),
	};

	return cmocka_run_group_tests_name("driver/iova", tests, NULL, NULL);
}
