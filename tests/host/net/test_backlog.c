// SPDX-License-Identifier: BSD-2-Clause-Patent
#include <stdlib.h>
#include <string.h>

#include "net/backlog.h"
#include "room_test.h"

enum { PACKETS = 5, BYTES = 40 };

static bool put(struct backlog *backlog, uint8_t name, uint16_t n_bytes)
{
	uint8_t *bytes = malloc(n_bytes);	/* exact size: a read past it is caught */
	struct adit_rx_packet packet = { .bytes = bytes, .n_bytes = n_bytes, .reason = ADIT_REASON_HostLocal, .sa_slot = name, .seq = name };
	bool is_kept;

	memset(bytes, name, n_bytes);
	is_kept = backlog_put(backlog, &packet);
	free(bytes);
	return is_kept;
}

static void what_came_first_goes_first_and_no_more_than_fit_are_kept(void **state)
{
	struct backlog *backlog = backlog_open(PACKETS, BYTES);
	struct adit_rx_packet packet;
	uint8_t next_in = 0, next_out = 0;
	unsigned n_held = 0;

	(void)state;
	assert_non_null(backlog);
	assert_false(backlog_take(backlog, &packet));
	assert_false(put(backlog, 0, BYTES + 1));
	for (unsigned turn = 0; turn < 200; turn++) {
		for (unsigned i = 0; i < 1 + turn % 7; i++) {
			bool is_kept = put(backlog, next_in, (uint16_t)(1 + next_in % BYTES));

			assert_true(is_kept == (n_held < PACKETS));
			n_held += is_kept;
			next_in = (uint8_t)(next_in + is_kept);
		}
		for (unsigned i = 0; i < turn % 5 && n_held; i++, n_held--, next_out++) {
			assert_true(backlog_take(backlog, &packet));
			assert_int_equal(packet.n_bytes, 1 + next_out % BYTES);
			assert_true(packet.seq == next_out && packet.sa_slot == next_out && packet.reason == ADIT_REASON_HostLocal);
			for (unsigned b = 0; b < packet.n_bytes; b++)
				assert_int_equal(packet.bytes[b], next_out);
		}
	}
	backlog_close(backlog);
	backlog_close(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(what_came_first_goes_first_and_no_more_than_fit_are_kept) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
