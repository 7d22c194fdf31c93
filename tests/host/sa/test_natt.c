// SPDX-License-Identifier: BSD-2-Clause-Patent
/* NAT between the ends: found by either side, ports 4500 from then on, keepalives, and an address that changes (RFC 3947, RFC 3948). */
#include "sa/rig.h"

#include <stdio.h>

enum { N_MODES = 3 };
static const char *const modes[] = { "exchange_mode = \"main\"; ", "exchange_mode = \"aggressive\"; ", "exchange_mode = \"base\"; " };

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

/* Left is 192.0.2.1, from outside perhaps 203.0.113.1; right takes whoever comes. */
static struct rig *pair_of(const char *left_lines, const char *right_lines)
{
	struct rig *rig = rig_open(1);
	char text[1024];

	snprintf(text, sizeof(text), RIG_CONFIG("1", "2", "%s"), left_lines);
	rig_add(rig, text);
	snprintf(text, sizeof(text), RIG_CONFIG_OF("2", "0.0.0.0/0", "%s"), right_lines);
	rig_add(rig, text);
	rig->keep = true;
	return rig;
}

static struct rig *natted(unsigned mode, const char *more)
{
	char lines[512];
	struct rig *rig;

	snprintf(lines, sizeof(lines), "%s nat_traversal = true; %s", modes[mode], more);
	rig = pair_of(lines, lines);
	rig_nat(&rig->ends[0], "203.0.113.1", 20000);
	return rig;
}

static void without_nat_nothing_floats(void **state)
{
	(void)state;
	for (unsigned m = 0; m < N_MODES; m++) {
		char lines[128];
		struct rig *rig;

		snprintf(lines, sizeof(lines), "%s nat_traversal = true;", modes[m]);
		rig = pair_of(lines, lines);
		assert_non_null(rig_begin(&rig->ends[0], NULL, NULL));
		rig_run(rig, 1000);
		rig_assert_agreed(rig);
		for (unsigned e = 0; e < 2; e++) {
			struct ike_sa *sa = rig_established(&rig->ends[e]);

			assert_false(sa_is_natt(sa));
			assert_int_equal(sa->path.remote.port, 500);
			assert_true(sa->peer_can & CAN_NATT);
		}
		rig_close(rig);
	}
}

static void a_nat_before_the_initiator_is_found_by_both_and_ports_float(void **state)
{
	(void)state;
	for (unsigned m = 0; m < N_MODES; m++) {
		struct rig *rig = natted(m, "");
		struct ike_sa *left, *right;

		assert_non_null(rig_begin(&rig->ends[0], NULL, NULL));
		rig_run(rig, 1000);
		rig_assert_agreed(rig);
		left = rig_established(&rig->ends[0]);
		right = rig_established(&rig->ends[1]);
		assert_true(left->nat_local && !left->nat_remote && right->nat_remote && !right->nat_local);
		assert_true(left->path.is_natt);
		assert_int_equal(left->path.local.port, 4500);
		assert_int_equal(left->path.remote.port, 4500);
		if (m != 2) {	/* base mode: with the first message after it */
			assert_true(right->path.is_natt);
			assert_int_equal(right->path.remote.port, 24500);
		}
		rig_close(rig);
	}
}

/* RFC 3947 §4: main mode's fifth message is the first on 4500; aggressive mode's third. */
static void the_float_comes_with_main_modes_fifth_and_aggressive_modes_third_message(void **state)
{
	static const unsigned first[] = { 4, 2 };

	(void)state;
	for (unsigned m = 0; m < 2; m++) {
		struct rig *rig = natted(m, "");

		assert_non_null(rig_begin(&rig->ends[0], NULL, NULL));
		rig_run(rig, 1000);
		for (unsigned i = 0; i < (m == 0 ? 6 : 3); i++)
			assert_int_equal(rig->kept[i].path.is_natt, i >= first[m]);
		rig_close(rig);
	}
}

static void a_nat_before_the_responder_is_found_by_both(void **state)
{
	(void)state;
	for (unsigned m = 0; m < N_MODES; m++) {
		char lines[512];
		struct rig *rig = rig_open(1);

		snprintf(lines, sizeof(lines), "local_addresses = ( \"192.0.2.1\" ); peers = ( { name = \"other\"; address = \"203.0.113.2\"; "
			 "secret = \"x9\"; dh_group = \"modp768\"; nat_traversal = true; %s } );", modes[m]);
		rig_add(rig, lines);
		snprintf(lines, sizeof(lines), "local_addresses = ( \"192.0.2.2\" ); peers = ( { name = \"other\"; address = \"192.0.2.1\"; "
			 "secret = \"x9\"; dh_group = \"modp768\"; nat_traversal = true; %s } );", modes[m]);
		rig_add(rig, lines);
		rig_nat(&rig->ends[1], "203.0.113.2", 0);
		assert_non_null(rig_begin(&rig->ends[0], NULL, NULL));
		rig_run(rig, 1000);
		rig_assert_agreed(rig);
		assert_true(rig_established(&rig->ends[0])->nat_remote);
		assert_true(rig_established(&rig->ends[1])->nat_local);
		rig_run(rig, 60000);
		assert_int_equal(rig->ends[0].n_keepalives, 0);
		assert_true(rig->ends[1].n_keepalives >= 2);
		rig_close(rig);
	}
}

/* RFC 3948 §4: every 20 seconds, from behind the NAT alone, one byte. */
static void keepalives_go_out_each_20_seconds_from_behind_the_nat(void **state)
{
	struct rig *rig = natted(0, "");

	(void)state;
	assert_non_null(rig_begin(&rig->ends[0], NULL, NULL));
	rig_run(rig, 100500);
	assert_int_equal(rig->ends[0].n_keepalives, 5);
	assert_int_equal(rig->ends[1].n_keepalives, 0);
	rig_close(rig);
}

static void who_does_not_want_nat_traversal_does_not_do_it(void **state)
{
	struct rig *rig = pair_of("nat_traversal = true;", "nat_traversal = false; remote_id = \"ignore\";");

	(void)state;
	rig_nat(&rig->ends[0], "203.0.113.1", 20000);
	assert_non_null(rig_begin(&rig->ends[0], NULL, NULL));
	rig_run(rig, 1000);
	rig_assert_agreed(rig);
	assert_false(sa_is_natt(rig_established(&rig->ends[0])));
	assert_false(sa_is_natt(rig_established(&rig->ends[1])));
	rig_close(rig);
}

/* A copy from elsewhere is no move: only what is authentic and new is followed. */
static void the_peers_new_address_is_followed_on_authentic_messages_alone(void **state)
{
	struct rig *rig = natted(0, "dpd_interval = \"10s\"; ");
	struct ike_sa *right;
	struct ike_path elsewhere;

	(void)state;
	assert_non_null(rig_begin(&rig->ends[0], NULL, NULL));
	rig_run(rig, 1000);
	right = rig_established(&rig->ends[1]);
	elsewhere = right->path;
	elsewhere.remote.addr = rig_addr("198.51.100.66");
	for (unsigned i = 0; i < rig->n_kept; i++)	/* replayed, each and every one, and changed */
		if (rig->kept[i].from == 0) {
			rig_inject(&rig->ends[1], &elsewhere, rig->kept[i].bytes, rig->kept[i].n);
			rig->kept[i].bytes[rig->kept[i].n - 1] ^= 1;
			rig_inject(&rig->ends[1], &elsewhere, rig->kept[i].bytes, rig->kept[i].n);
		}
	assert_true(addr_same(&right->path.remote.addr, &rig->ends[0].nat_addr));
	assert_int_equal(ike_counters(rig->ends[1].ike)->address_changes, 0);
	rig_nat(&rig->ends[0], "203.0.113.99", 30000);	/* the NAT forgot, and gives another address */
	rig_run(rig, 60000);
	assert_true(addr_same(&right->path.remote.addr, &rig->ends[0].nat_addr));
	assert_int_equal(right->path.remote.port, 34500);
	assert_true(ike_counters(rig->ends[1].ike)->address_changes >= 1);
	rig_assert_agreed(rig);
	rig_close(rig);
}

/* An old Informational is authentic for ever; who repeats it from elsewhere must not turn our traffic there. */
static void a_captured_informational_that_is_repeated_much_later_moves_nobody(void **state)
{
	struct rig *rig = natted(0, "dpd_interval = \"10s\"; ");
	struct ike_sa *right;
	struct ike_path elsewhere;
	unsigned n;

	(void)state;
	assert_non_null(rig_begin(&rig->ends[0], NULL, NULL));
	rig_run(rig, 200000);
	n = rig->n_kept;
	rig->keep = false;
	rig_run(rig, 3000000);		/* many more than are remembered */
	right = rig_established(&rig->ends[1]);
	elsewhere = right->path;
	elsewhere.remote.addr = rig_addr("198.51.100.66");
	for (unsigned i = 0; i < n; i++)
		if (rig->kept[i].from == 0)
			rig_inject(&rig->ends[1], &elsewhere, rig->kept[i].bytes, rig->kept[i].n);
	assert_true(n > 20);
	assert_true(addr_same(&right->path.remote.addr, &rig->ends[0].nat_addr));
	assert_int_equal(ike_counters(rig->ends[1].ike)->address_changes, 0);
	rig_close(rig);
}

static void drafts_nat_traversal_is_spoken_with_whom_knows_only_that(void **state)
{
	struct phase1 draft = { .peer_can = CAN_NATT_DRAFT };
	struct rig *rig = pair_of("nat_traversal = true;", "nat_traversal = true;");
	struct ike_sa *sa = rig_begin(&rig->ends[0], NULL, NULL);

	(void)state;
	assert_int_equal(natt_payload(sa, &draft), P_NATD_DRAFT);
	draft.peer_can |= CAN_NATT;
	assert_int_equal(natt_payload(sa, &draft), P_NATD);
	draft.peer_can = CAN_DPD;
	assert_int_equal(natt_payload(sa, &draft), 0);
	rig_close(rig);
}

static void vendor_ids_are_told_by_their_first_bytes(void **state)
{
	static const uint8_t natt[] = { 0x4a, 0x13, 0x1c, 0x81, 0x07, 0x03, 0x58, 0x45, 0x5c, 0x57, 0x28, 0xf2, 0x0e, 0x95, 0x45, 0x2f };
	static const uint8_t frag[] = { 0x40, 0x48, 0xb7, 0xd5, 0x6e, 0xbc, 0xe8, 0x85, 0x25, 0xe7, 0xde, 0x7f, 0x00, 0xd6, 0xc2, 0xd3, 0x80, 0, 0, 0 };
	static const uint8_t dpd[] = { 0xaf, 0xca, 0xd7, 0x13, 0x68, 0xa1, 0xf1, 0xc9, 0x6b, 0x86, 0x96, 0xfc, 0x77, 0x57, 1, 0 };

	(void)state;
	assert_int_equal(vendor_read((struct bytes){ natt, 16 }), CAN_NATT);
	assert_int_equal(vendor_read((struct bytes){ natt, 15 }), 0);
	assert_int_equal(vendor_read((struct bytes){ frag, 20 }), CAN_FRAGMENT);
	assert_int_equal(vendor_read((struct bytes){ frag, 16 }), CAN_FRAGMENT);
	assert_int_equal(vendor_read((struct bytes){ frag, 15 }), 0);
	assert_int_equal(vendor_read((struct bytes){ dpd, 16 }), CAN_DPD);
	assert_int_equal(vendor_read((struct bytes){ dpd, 14 }), CAN_DPD);
	assert_int_equal(vendor_read((struct bytes){ NULL, 0 }), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_nat_nothing_floats),
		cmocka_unit_test(a_nat_before_the_initiator_is_found_by_both_and_ports_float),
		cmocka_unit_test(the_float_comes_with_main_modes_fifth_and_aggressive_modes_third_message),
		cmocka_unit_test(a_nat_before_the_responder_is_found_by_both),
		cmocka_unit_test(keepalives_go_out_each_20_seconds_from_behind_the_nat),
		cmocka_unit_test(who_does_not_want_nat_traversal_does_not_do_it),
		cmocka_unit_test(the_peers_new_address_is_followed_on_authentic_messages_alone),
		cmocka_unit_test(a_captured_informational_that_is_repeated_much_later_moves_nobody),
		cmocka_unit_test(drafts_nat_traversal_is_spoken_with_whom_knows_only_that),
		cmocka_unit_test(vendor_ids_are_told_by_their_first_bytes),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
