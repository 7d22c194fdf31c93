// SPDX-License-Identifier: BSD-2-Clause-Patent
/* The vendors' fragments: in every order, twice, late, contradicting, too many (SEMANTICS of attacks, class 5). */
#include "crypto/cert_maker.h"
#include "sa/frag.h"
#include "sa/rig.h"

enum { WHOLE_BYTES = 3000 };

static struct rig *rig;
static struct ike_sa *sa, *peer_sa;
static uint8_t whole[FRAG_MAX_BYTES];
static struct rig_datagram sent[FRAG_MAX + 1];
static unsigned n_sent;

/* ---- frag.c alone: an SA of two engines, fragments carried by hand */

static void carry(struct ike_sa *from, struct bytes datagram)
{
	(void)from;
	assert_true(n_sent < FRAG_MAX);
	assert_true(datagram.len <= FRAG_DATAGRAM_BYTES);
	sent[n_sent].bytes = (uint8_t *)exact_copy((const char *)datagram.at, datagram.len);
	sent[n_sent++].n = datagram.len;
}

static void forget_sent(void)
{
	while (n_sent > 0)
		free(sent[--n_sent].bytes);
}

/* A message of n bytes that makes sense as far as its header goes, in fragments. */
static void send_whole(size_t n)
{
	struct isakmp_header header = { .version = 0x10, .exchange = X_MAIN };
	struct writer to = { .at = whole, .room = sizeof(whole) };
	size_t next_at, began_at;

	forget_sent();
	memcpy(header.icookie, sa->cookies, 8);
	memcpy(header.rcookie, sa->cookies + 8, 8);
	isakmp_open(&to, &header, &next_at);
	began_at = isakmp_begin(&to, &next_at, P_VID);
	while (to.len < n)
		put_u8(&to, (uint8_t)rig_random(rig, 256));
	isakmp_end(&to, began_at);
	isakmp_close(&to, 0);
	assert_false(to.has_failed);
	frag_send(sa, (struct bytes){ whole, to.len }, carry);
}

static bool take(unsigned nth, struct blob *out)
{
	struct isakmp_header header;
	struct bytes rest;

	assert_int_equal(isakmp_get_header((struct bytes){ sent[nth].bytes, sent[nth].n }, &header, &rest), WIRE_OK);
	assert_int_equal(header.next, P_FRAGMENT);
	return frag_receive(peer_sa, &header, rest, out);
}

/* Fragment body: id, number, flags. */
enum { ID_AT = ISAKMP_HEADER_BYTES + 4, NUMBER_AT = ID_AT + 2, FLAGS_AT = ID_AT + 3 };

static void assert_whole(struct blob *out, size_t n)
{
	assert_int_equal(out->len, n);
	assert_memory_equal(out->at, whole, n);
	blob_free(out);
}

static int setup(void **state)
{
	(void)state;
	rig = rig_open(1);
	rig_add(rig, RIG_CONFIG("1", "2", "fragmentation = true;"));
	rig_add(rig, RIG_CONFIG("2", "1", "fragmentation = true;"));
	assert_non_null(rig_begin(&rig->ends[0], NULL, NULL));
	rig_run(rig, 1000);
	rig_assert_agreed(rig);
	sa = rig_established(&rig->ends[0]);
	peer_sa = rig_established(&rig->ends[1]);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	forget_sent();
	rig_close(rig);
	return 0;
}

static void fragments_in_every_order_make_the_message(void **state)
{
	static const uint8_t orders[6][3] = { { 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 }, { 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 } };

	(void)state;
	for (unsigned o = 0; o < 6; o++) {
		struct blob out = { NULL, 0 };

		send_whole(WHOLE_BYTES);
		assert_int_equal(n_sent, 3);
		assert_false(take(orders[o][0], &out));
		assert_false(take(orders[o][1], &out));
		assert_true(take(orders[o][2], &out));
		assert_whole(&out, WHOLE_BYTES);
		assert_int_equal(rig->ends[1].ike->frag_bytes, 0);
	}
}

static void thirty_two_shuffled_with_duplicates_do_too(void **state)
{
	const uint64_t seed = (uint64_t)time(NULL);
	const size_t n = (size_t)FRAG_MAX * (FRAG_DATAGRAM_BYTES - ISAKMP_HEADER_BYTES - 8);

	(void)state;
	printf("seed %llu\n", (unsigned long long)seed);
	rig->random = seed | 1;
	for (unsigned round = 0; round < 200; round++) {
		bool has[FRAG_MAX] = { false }, is_done = false;
		struct blob out = { NULL, 0 };
		unsigned n_has = 0;

		send_whole(n);
		assert_int_equal(n_sent, FRAG_MAX);
		while (!is_done) {
			unsigned nth = rig_random(rig, FRAG_MAX);

			n_has += !has[nth];
			has[nth] = true;
			is_done = take(nth, &out);
			assert_int_equal(is_done, n_has == FRAG_MAX);
		}
		assert_whole(&out, n);
	}
}

/* racoon's fix of CVE-2016-10396 broke this. */
static void a_last_fragment_that_comes_again_is_no_obstacle(void **state)
{
	struct blob out = { NULL, 0 };

	(void)state;
	send_whole(WHOLE_BYTES);
	assert_false(take(2, &out));
	assert_false(take(2, &out));
	assert_false(take(0, &out));
	assert_false(take(2, &out));
	assert_true(take(1, &out));
	assert_whole(&out, WHOLE_BYTES);
	assert_false(take(2, &out));	/* once more, after it is whole: the next message is not spoiled by it */
	send_whole(WHOLE_BYTES);
	assert_false(take(0, &out));
	assert_false(take(1, &out));
	assert_true(take(2, &out));
	assert_whole(&out, WHOLE_BYTES);
}

/* Some implementations number every message the same: a late duplicate then is joined with the next message, whose repetition heals that. */
static void a_stale_fragment_under_the_same_id_costs_at_most_a_repetition(void **state)
{
	(void)state;
	for (unsigned stale = 0; stale < 3; stale++) {
		struct blob out = { NULL, 0 };
		bool is_right = false;

		send_whole(WHOLE_BYTES);
		sent[stale].bytes[ID_AT] = sent[stale].bytes[ID_AT + 1] = 1;
		assert_false(take(stale, &out));
		send_whole(WHOLE_BYTES);
		for (unsigned i = 0; i < 6 && !is_right; i++) {
			sent[i % 3].bytes[ID_AT] = sent[i % 3].bytes[ID_AT + 1] = 1;
			is_right = take(i % 3, &out) && out.len == WHOLE_BYTES && memcmp(out.at, whole, WHOLE_BYTES) == 0;
			blob_free(&out);
		}
		assert_true(is_right);
	}
}

static void a_total_that_changes_begins_anew(void **state)
{
	struct blob out = { NULL, 0 };

	(void)state;
	send_whole(WHOLE_BYTES);
	assert_false(take(0, &out));
	assert_false(take(2, &out));	/* of three */
	sent[1].bytes[FLAGS_AT] = 1;	/* of two: what was there is forgotten */
	assert_false(take(1, &out));
	sent[1].bytes[FLAGS_AT] = 0;
	assert_false(take(2, &out));
	assert_false(take(1, &out));
	assert_true(take(0, &out));
	assert_whole(&out, WHOLE_BYTES);
}

static void numbers_beyond_what_is_kept_are_refused(void **state)
{
	struct blob out = { NULL, 0 };

	(void)state;
	send_whole(WHOLE_BYTES);
	for (unsigned number = 0; number < 256; number++) {
		if (number >= 1 && number <= FRAG_MAX)
			continue;
		sent[0].bytes[NUMBER_AT] = (uint8_t)number;
		assert_false(take(0, &out));
	}
	assert_int_equal(rig->ends[1].ike->frag_bytes, 0);
	assert_null(out.at);
}

static void more_than_64_kibibytes_are_not_kept(void **state)
{
	static uint8_t bytes[70000];
	struct isakmp_header header = { .version = 0x10, .exchange = X_MAIN };
	struct blob out = { NULL, 0 };

	(void)state;
	memcpy(header.icookie, sa->cookies, 8);
	memcpy(header.rcookie, sa->cookies + 8, 8);
	for (unsigned number = 1; number <= FRAG_MAX; number++) {
		struct writer to = { .at = bytes, .room = sizeof(bytes) };
		static const uint8_t data[4000];
		struct v1_fragment fragment = { .id = 3, .number = (uint8_t)number, .is_last = number == FRAG_MAX, .data = { data, sizeof(data) } };
		struct isakmp_header again;
		struct bytes rest;
		size_t next_at;

		isakmp_open(&to, &header, &next_at);
		v1_put_fragment(&to, &next_at, &fragment);
		isakmp_close(&to, 0);
		assert_int_equal(isakmp_get_header((struct bytes){ bytes, to.len }, &again, &rest), WIRE_OK);
		assert_false(frag_receive(peer_sa, &again, rest, &out));
		assert_true(rig->ends[1].ike->frag_bytes <= FRAG_MAX_BYTES);
	}
}

static void what_is_old_is_not_joined_with_what_is_new(void **state)
{
	struct blob out = { NULL, 0 };

	(void)state;
	send_whole(WHOLE_BYTES);
	assert_false(take(0, &out));
	rig_run(rig, FRAG_MAX_AGE_MS + 1000);
	assert_false(take(1, &out));
	assert_false(take(2, &out));
	assert_true(take(0, &out));
	assert_whole(&out, WHOLE_BYTES);
}

static void every_fragment_cut_at_each_byte_is_refused(void **state)
{
	struct blob out = { NULL, 0 };

	(void)state;
	send_whole(WHOLE_BYTES);
	for (size_t len = ISAKMP_HEADER_BYTES; len < sent[0].n; len++) {
		struct isakmp_header header;
		struct bytes rest;
		uint8_t *cut = (uint8_t *)exact_copy((const char *)sent[0].bytes, len);

		cut[24] = cut[25] = 0;
		cut[26] = (uint8_t)(len >> 8);
		cut[27] = (uint8_t)len;
		assert_int_equal(isakmp_get_header((struct bytes){ cut, len }, &header, &rest), WIRE_OK);
		assert_false(frag_receive(peer_sa, &header, rest, &out));
		free(cut);
	}
	assert_int_equal(rig->ends[1].ike->frag_bytes, 0);
}

static void fragments_of_an_unknown_sa_leave_nothing_behind(void **state)
{
	struct ike_path path = { .local = { rig->ends[1].addr, 500 }, .remote = { rig->ends[0].addr, 500 } };
	const uint64_t before = ike_counters(rig->ends[1].ike)->in_unknown_sa;

	(void)state;
	send_whole(WHOLE_BYTES);
	for (unsigned i = 0; i < 3; i++) {
		sent[i].bytes[0] ^= 1;
		rig_inject(&rig->ends[1], &path, sent[i].bytes, sent[i].n);
		memset(sent[i].bytes + 8, 0, 8);	/* nor those that claim to be a beginning */
		rig_inject(&rig->ends[1], &path, sent[i].bytes, sent[i].n);
	}
	assert_int_equal(ike_counters(rig->ends[1].ike)->in_unknown_sa, before + 6);
	assert_int_equal(rig->ends[1].ike->frag_bytes, 0);
}

/* ---- in a phase 1 whose certificates do not fit into a datagram */

static struct made ca, ends[2];

static void make_long_certificates(void)
{
	char names[4096] = "DNS:a.example", text[64];

	for (unsigned i = 0; i < 100; i++)
		snprintf(names + strlen(names), sizeof(names) - strlen(names), ",DNS:name-%u.a-long-domain.example", i);
	ca = make_ca("the CA");
	write_certs("ca.pem", (const struct made *[]){ &ca }, 1);
	for (unsigned e = 0; e < 2; e++) {
		ends[e] = make(&(struct spec){ .name = e ? "right" : "left", .alternative = names }, &ca);
		snprintf(text, sizeof(text), "%u.key", e);
		write_key(text, ends[e].key, NULL);
		snprintf(text, sizeof(text), "%u.pem", e);
		write_certs(text, (const struct made *[]){ &ends[e] }, 1);
	}
}

static struct rig *certified(const char *lines, enum rig_fate (*fate)(struct rig *, unsigned, uint8_t *, size_t *, unsigned), uint64_t seed)
{
	struct rig *two = rig_open(seed);
	char text[2048];

	for (unsigned e = 0; e < 2; e++) {
		snprintf(text, sizeof(text), "local_addresses = ( \"192.0.2.%u\" ); peers = ( { name = \"other\"; address = \"192.0.2.%u\"; "
			 "auth_method = \"rsa-signature\"; certificate = \"%s/%u.pem\"; key = \"%s/%u.key\"; ca = \"%s/ca.pem\"; dh_group = \"ecp256\"; "
			 "%s } );", e + 1, 2 - e, test_dir, e, test_dir, e, test_dir, lines);
		rig_add(two, text);
	}
	two->keep = true;
	two->fate = fate;
	assert_non_null(rig_begin(&two->ends[0], NULL, NULL));
	rig_run(two, 40000);
	return two;
}

static enum rig_fate shuffle(struct rig *two, unsigned from, uint8_t *bytes, size_t *n, unsigned nth)
{
	(void)from, (void)bytes, (void)nth, (void)n;
	switch (rig_random(two, 8)) {
	case 0:
		return RIG_LOSE;
	case 1:
		return RIG_TWICE;
	case 2: case 3:
		return RIG_LATE;
	default:
		return RIG_PASS;
	}
}

static void long_certificates_travel_in_fragments_if_both_ends_can(void **state)
{
	static const char *const modes[] = { "fragmentation = true; exchange_mode = \"main\";", "fragmentation = true; exchange_mode = \"aggressive\";",
					     "fragmentation = true; exchange_mode = \"base\";" };

	(void)state;
	for (unsigned m = 0; m < 3; m++) {
		struct rig *two = certified(modes[m], NULL, 1);

		rig_assert_agreed(two);
		assert_true(ike_counters(two->ends[0].ike)->fragments_sent >= 3);
		assert_true(ike_counters(two->ends[0].ike)->fragments_received >= 3);
		for (unsigned i = 0; i < two->n_kept; i++)
			assert_true(two->kept[i].n <= FRAG_WHOLE_BYTES);
		rig_close(two);
	}
}

static void on_a_bad_wire_too(void **state)
{
	unsigned n_agreed = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= 30; seed++) {
		struct rig *two = certified("fragmentation = true;", shuffle, seed);

		if (rig_established(&two->ends[0]) && rig_established(&two->ends[1])) {
			rig_assert_agreed(two);
			n_agreed++;
		}
		rig_close(two);
	}
	printf("%u of 30 within 40 seconds\n", n_agreed);
	assert_true(n_agreed >= 20);
}

static void without_fragmentation_messages_go_whole(void **state)
{
	struct rig *two = certified("fragmentation = false;", NULL, 1);

	(void)state;
	rig_assert_agreed(two);
	assert_int_equal(ike_counters(two->ends[0].ike)->fragments_sent, 0);
	rig_close(two);
}

static int group_setup(void **state)
{
	if (dir_setup(state) != 0)
		return -1;
	make_long_certificates();
	return 0;
}

static int group_teardown(void **state)
{
	unmake(&ca);
	unmake(&ends[0]);
	unmake(&ends[1]);
	return dir_teardown(state);
}

#define WITH_SA(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_SA(fragments_in_every_order_make_the_message),
		WITH_SA(thirty_two_shuffled_with_duplicates_do_too),
		WITH_SA(a_last_fragment_that_comes_again_is_no_obstacle),
		WITH_SA(a_stale_fragment_under_the_same_id_costs_at_most_a_repetition),
		WITH_SA(a_total_that_changes_begins_anew),
		WITH_SA(numbers_beyond_what_is_kept_are_refused),
		WITH_SA(more_than_64_kibibytes_are_not_kept),
		WITH_SA(what_is_old_is_not_joined_with_what_is_new),
		WITH_SA(every_fragment_cut_at_each_byte_is_refused),
		WITH_SA(fragments_of_an_unknown_sa_leave_nothing_behind),
		cmocka_unit_test(long_certificates_travel_in_fragments_if_both_ends_can),
		cmocka_unit_test(on_a_bad_wire_too),
		cmocka_unit_test(without_fragmentation_messages_go_whole),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
