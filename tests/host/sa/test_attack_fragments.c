// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * Class 5: fragments (CVE-2016-10396 and what its repair broke, CVE-2013-6076, CVE-2026-12413), of a quick mode under an SA that stands.
 * Work is counted in allocations, not in time: linked with --wrap=malloc,--wrap=calloc,--wrap=realloc.
 */
#include "sa/frag.h"
#include "sa/letter.h"

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *at, size_t n);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *at, size_t n);

static unsigned n_allocations;

void *__wrap_malloc(size_t n)
{
	n_allocations++;
	return __real_malloc(n);
}

void *__wrap_calloc(size_t n, size_t size)
{
	n_allocations++;
	return __real_calloc(n, size);
}

void *__wrap_realloc(void *at, size_t n)
{
	n_allocations++;
	return __real_realloc(at, n);
}

static struct letter letter;

enum { PIECES = 4, MOST_ALLOCATIONS = 4 };	/* a fragment's bytes, the list of them, the test's own copy */

static int setup(void **state)
{
	(void)state;
	return crypto_open() ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	crypto_close();
	return 0;
}

/* The nth of total pieces of a message, as number says. @return allocations it took */
static unsigned send_piece(struct rig_end *to, const struct rig_datagram *whole, unsigned nth, unsigned total, uint16_t id, uint8_t number, bool is_last)
{
	const size_t step = (whole->n + total - 1) / total, at = nth * step < whole->n ? nth * step : whole->n;
	const struct ike_path path = letter_path(to, to->which ? "192.0.2.1" : "192.0.2.2", 500);
	struct v1_fragment fragment = { .id = id, .number = number, .is_last = is_last };

	fragment.data = (struct bytes){ whole->bytes + at, whole->n - at < step ? whole->n - at : step };
	letter_open(&letter, whole->bytes, X_QUICK, 0, 0);
	v1_put_fragment(&letter.to, &letter.next_at, &fragment);
	n_allocations = 0;
	letter_send(&letter, to, &path);
	return n_allocations;
}

static uint64_t responded(const struct rig_end *end)
{
	return ike_counters(end->ike)->phase2_responded;
}

static void class_5_every_permutation_with_duplicates_makes_the_message_once(void **state)
{
	struct rig *rig = offices_established();
	uint16_t id = 0;

	(void)state;
	for (unsigned permutation = 0; permutation < 24; permutation++) {
		struct rig_end *to = hold(rig, 0);
		unsigned order[PIECES] = { 0, 1, 2, 3 }, rest = permutation;
		const uint64_t before = responded(to);

		for (unsigned i = 0; i < PIECES; i++) {
			unsigned pick = i + rest % (PIECES - i), piece = order[pick];

			rest /= PIECES - i;
			order[pick] = order[i];
			order[i] = piece;
		}
		id++;
		for (unsigned i = 0; i < PIECES; i++) {
			const unsigned piece = order[i], n_times = i + 1 < PIECES ? 3 : 1;

			assert_int_equal(responded(to), before);
			for (unsigned again = 0; again < n_times; again++) {
				const unsigned n = send_piece(to, &rig->kept[0], piece, PIECES, id, (uint8_t)(piece + 1), piece + 1 == PIECES);

				assert_true(n > 0 && (i + 1 == PIECES || n <= MOST_ALLOCATIONS));
			}
		}
		assert_int_equal(responded(to), before + 1);
		(void)send_piece(to, &rig->kept[0], PIECES - 1, PIECES, id, PIECES, true);	/* the last once more, late */
		assert_int_equal(responded(to), before + 1);
		rig->fate = NULL;
		rig_run(rig, 45000);
	}
	assert_alive(rig);
	rig_close(rig);
}

static void class_5_a_lost_answer_is_had_again_by_the_same_fragments(void **state)
{
	struct rig *rig = offices_established();
	struct rig_end *to = hold(rig, 0);
	uint64_t out;

	(void)state;
	rig->fate = lose_all;	/* the answer too */
	for (unsigned round = 0; round < 3; round++) {
		out = ike_counters(to->ike)->out_messages;
		for (unsigned i = 0; i < PIECES; i++)
			(void)send_piece(to, &rig->kept[0], i, PIECES, 9, (uint8_t)(i + 1), i + 1 == PIECES);
		assert_int_equal(ike_counters(to->ike)->out_messages, out + 1);
	}
	assert_alive(rig);
	rig_close(rig);
}

static void class_5_numbers_beyond_the_cap_and_totals_that_change_cost_little_and_keep_little(void **state)
{
	struct rig *rig = offices_established();
	struct rig_end *to = hold(rig, 0);
	const uint64_t before = responded(to);

	(void)state;
	for (unsigned number = 0; number < 256; number++)
		for (unsigned is_last = 0; is_last < 2; is_last++) {
			assert_true(send_piece(to, &rig->kept[0], number % PIECES, PIECES, 1, (uint8_t)number, is_last) <= MOST_ALLOCATIONS ||
				    (is_last && number <= 1));
			assert_true(to->ike->frag_bytes <= FRAG_MAX_BYTES);
		}
	for (unsigned i = 0; i < 20000; i++) {		/* the total, the id and the order, all at random */
		const uint8_t number = (uint8_t)(1 + rig_random(rig, 34));
		const unsigned n = send_piece(to, &rig->kept[0], rig_random(rig, PIECES), PIECES, (uint16_t)rig_random(rig, 3), number, rig_random(rig, 4) == 0);

		assert_true(n <= 64);		/* what is joined is parsed: a constant too */
		assert_true(to->ike->frag_bytes <= FRAG_MAX_BYTES);
	}
	assert_true(responded(to) <= before + 1);
	assert_alive(rig);
	rig_close(rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(class_5_every_permutation_with_duplicates_makes_the_message_once),
		cmocka_unit_test(class_5_a_lost_answer_is_had_again_by_the_same_fragments),
		cmocka_unit_test(class_5_numbers_beyond_the_cap_and_totals_that_change_cost_little_and_keep_little),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
