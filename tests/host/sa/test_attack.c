// SPDX-License-Identifier: BSD-2-Clause-Patent
/* Phase 1 under attack: SEMANTICS of attacks, classes 1, 2, 3, 6, 7 and 10 (RFC 2408 §2.5.3, §5). */
#include "sa/rig.h"

#include <stdio.h>
#include <time.h>

#define COMMON "secret = \"a secret of some length\"; hash_algorithm = \"sha1\"; enc_algorithm = \"aes-128-cbc\"; dh_group = \"ecp256\"; "
#define HONEST "local_addresses = ( \"192.0.2.1\" ); peers = ( { name = \"b\"; address = \"192.0.2.2\"; " COMMON "} );"
#define HONEST_3 "local_addresses = ( \"192.0.2.3\" ); peers = ( { name = \"b\"; address = \"192.0.2.2\"; " COMMON "} );"
/* One peer has a single address, all others share an entry. */
#define VICTIM "local_addresses = ( \"192.0.2.2\" ); peers = ( { name = \"a\"; address = \"192.0.2.1\"; " COMMON "}, " \
	       "{ name = \"all\"; address = \"0.0.0.0/0\"; " COMMON "} );"

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

static struct rig *victim_and_honest(void)
{
	struct rig *rig = rig_open(7);

	rig_add(rig, HONEST);
	rig_add(rig, VICTIM);
	rig->keep = true;
	return rig;
}

/* The first n messages of an honest exchange of these configurations. */
static struct rig *captured(const char *left, const char *right)
{
	struct rig *rig = rig_open(9);

	rig_add(rig, left);
	rig_add(rig, right);
	rig->keep = true;
	assert_non_null(rig_begin(&rig->ends[0], NULL, NULL));
	rig_run(rig, 500);
	rig_assert_agreed(rig);
	return rig;
}

static struct ike_path from(const struct rig_end *to, uint32_t addr, uint16_t port)
{
	struct ike_path path = { .local = { to->addr, 500 } };
	char text[32];

	snprintf(text, sizeof(text), "%u.%u.%u.%u", addr >> 24, addr >> 16 & 255, addr >> 8 & 255, addr & 255);
	path.remote.addr = rig_addr(text);
	path.remote.port = port;
	return path;
}

enum { A = 0xc0000201, SOMEBODY = 0xcb007100 };

/* Fresh CKY-I, so that it is another beginning. */
static void give_cookie(struct rig *rig, uint8_t *bytes)
{
	for (unsigned i = 0; i < 8; i++)
		bytes[i] = (uint8_t)(1 + rig_random(rig, 255));
}

static uint64_t out_bytes(const struct rig_end *end)
{
	return ike_counters(end->ike)->out_bytes;
}

/* ---- class 10 */

static void a_spoofed_source_gets_no_more_bytes_than_were_sent_in_its_name(void **state)
{
	struct rig *capture = captured(HONEST, VICTIM), *rig = rig_open(3);
	struct rig_end *victim = rig_add(rig, VICTIM);
	uint64_t in = 0;

	(void)state;
	for (unsigned i = 0; i < 3000; i++) {
		struct rig_datagram *first = &capture->kept[0];
		struct ike_path path = from(victim, SOMEBODY + i % 5, 500);

		if (rig_random(rig, 3) != 0)
			give_cookie(rig, first->bytes);
		rig_inject(victim, &path, first->bytes, first->n);
		in += first->n;
		assert_true(out_bytes(victim) <= in);
		if (rig_random(rig, 10) == 0)
			rig_run(rig, 1000);
		assert_true(out_bytes(victim) <= in);
	}
	assert_true(out_bytes(victim) > 0);
	rig_close(rig);
	rig_close(capture);
}

/* phase1.h: their second message may be longer, once for each first; a duplicate brings at most its own length. */
static void aggressive_and_base_mode_answer_a_beginning_once_and_a_duplicate_by_no_more_than_it_brought(void **state)
{
	static const char *const modes[] = { "exchange_mode = \"aggressive\"; ", "exchange_mode = \"base\"; " };

	(void)state;
	for (unsigned m = 0; m < 2; m++) {
		char left[512], right[512];
		struct rig *capture, *rig = rig_open(3);
		struct rig_end *victim;
		struct ike_path path;
		uint64_t once, in = 0;

		snprintf(left, sizeof(left), RIG_CONFIG("1", "2", "%s"), modes[m]);
		snprintf(right, sizeof(right), RIG_CONFIG("2", "1", "%s my_id = \"fqdn:%0200u.example\";"), modes[m], 1);
		snprintf(left + strlen(left) - 5, sizeof(left) - strlen(left), " remote_id = \"ignore\"; } );");
		capture = captured(left, right);
		victim = rig_add(rig, right);
		path = from(victim, A, 500);
		rig_inject(victim, &path, capture->kept[0].bytes, capture->kept[0].n);
		once = out_bytes(victim);
		assert_true(once > capture->kept[0].n);		/* else this test tests nothing */
		for (unsigned i = 0; i < 20; i++) {
			rig_inject(victim, &path, capture->kept[0].bytes, capture->kept[0].n);
			in += capture->kept[0].n;
			assert_true(out_bytes(victim) - once <= in);
		}
		rig_close(rig);
		rig_close(capture);
	}
}

static void nothing_is_repeated_to_somebody_unproven_and_after_30_seconds_he_is_forgotten(void **state)
{
	struct rig *capture = captured(HONEST, VICTIM), *rig = rig_open(3);
	struct rig_end *victim = rig_add(rig, VICTIM);
	struct ike_path path = from(victim, A, 500);

	(void)state;
	rig_inject(victim, &path, capture->kept[0].bytes, capture->kept[0].n);
	rig_run(rig, 29000);
	assert_int_equal(ike_counters(victim->ike)->out_messages, 1);
	assert_int_equal(rig_count(victim, IKE_LARVAL), 1);
	rig_run(rig, 2000);
	assert_int_equal(ike_counters(victim->ike)->out_messages, 1);
	assert_null(victim->ike->sas);
	assert_int_equal(ike_next_ms(victim->ike), INT64_MAX);
	rig_close(rig);
	rig_close(capture);
}

static void a_flood_from_everywhere_is_capped_and_the_configured_peer_gets_through(void **state)
{
	struct rig *rig = victim_and_honest(), *capture = captured(HONEST, VICTIM);
	struct rig_end *victim = &rig->ends[1];

	(void)state;
	rig->keep = false;
	for (unsigned i = 0; i < 20000; i++) {
		struct ike_path path = from(victim, SOMEBODY - 0x100000 + i * 7919 % 0x100000, (uint16_t)(1024 + i));

		give_cookie(rig, capture->kept[0].bytes);
		rig_inject(victim, &path, capture->kept[0].bytes, capture->kept[0].n);
		if (i == 10000)
			assert_non_null(rig_begin(&rig->ends[0], NULL, NULL));
		if (i % 100 == 0)
			rig_run(rig, 1);
		assert_true(victim->ike->n_half_open <= victim->ike->max_half_open);
	}
	rig_assert_agreed(rig);
	assert_true(ike_counters(victim->ike)->half_open_refused > 19000);
	rig_run(rig, 31000);
	assert_int_equal(victim->ike->n_half_open, 0);
	assert_int_equal(rig_count(victim, IKE_LARVAL), 0);
	rig_close(rig);
	rig_close(capture);
}

static void one_source_does_not_take_the_place_of_others(void **state)
{
	struct rig *rig = rig_open(5), *capture = captured(HONEST, VICTIM);
	struct rig_end *honest = rig_add(rig, HONEST_3), *victim = rig_add(rig, VICTIM);

	(void)state;
	for (unsigned i = 0; i < 2000; i++) {
		struct ike_path path = from(victim, SOMEBODY, (uint16_t)(1024 + i));

		give_cookie(rig, capture->kept[0].bytes);
		rig_inject(victim, &path, capture->kept[0].bytes, capture->kept[0].n);
	}
	assert_int_equal(victim->ike->n_half_open, 16);
	assert_non_null(rig_begin(honest, NULL, NULL));
	rig_run(rig, 500);
	rig_assert_agreed(rig);
	for (unsigned i = 0; i < IKE_HASH_SIZE; i++)
		assert_true(victim->ike->half_open_by_source[i] <= 16);
	rig_close(rig);
	rig_close(capture);
}

static void a_flood_with_the_configured_peers_own_address_does_not_shut_it_out(void **state)
{
	struct rig *rig = victim_and_honest(), *capture = captured(HONEST, VICTIM);
	struct rig_end *victim = &rig->ends[1];
	struct ike_path path = from(victim, A, 500);

	(void)state;
	assert_non_null(rig_begin(&rig->ends[0], NULL, NULL));
	for (unsigned i = 0; i < 2000; i++) {
		give_cookie(rig, capture->kept[0].bytes);
		rig_inject(victim, &path, capture->kept[0].bytes, capture->kept[0].n);
		if (i % 7 == 0)		/* 7 of these in each 5 ms that a message is under way */
			rig_run(rig, RIG_LATENCY_MS);
		assert_true(rig_count(victim, IKE_LARVAL) <= 33);
	}
	rig_assert_agreed(rig);
	rig_close(rig);
	rig_close(capture);
}

/* A line of log costs more than the packet that caused it. */
static void a_flood_of_bad_beginnings_writes_few_lines(void **state)
{
	struct rig *capture = captured(HONEST, VICTIM), *rig = rig_open(3);
	struct rig_end *victim = rig_add(rig, VICTIM);
	struct rig_datagram *first = &capture->kept[0];
	struct ike_path path = from(victim, A, 500);
	uint8_t *group = memmem(first->bytes, first->n, "\x80\x04\x00\x13", 4);
	unsigned n_lines = 0;

	(void)state;
	assert_non_null(group);
	group[3] = 0x14;
	for (unsigned i = 0; i < 1000; i++) {
		give_cookie(rig, first->bytes);
		rig_inject(victim, &path, first->bytes, first->n);
	}
	for (size_t i = 0; i < victim->log_at; i++)
		n_lines += victim->log[i] == '\n';
	assert_true(n_lines > 0 && n_lines <= 20);
	assert_true(rig_said(victim, "no proposal chosen"));	/* also then it is said why */
	rig_close(rig);
	rig_close(capture);
}

/* ---- classes 1 and 2 */

static struct rig *until_message(unsigned nth, const char *left, const char *right)
{
	struct rig *rig = rig_open(9);

	rig_add(rig, left);
	rig_add(rig, right);
	rig->keep = true;
	assert_non_null(rig_begin(&rig->ends[0], NULL, NULL));
	for (unsigned i = 0; i < 100 && rig->n_kept <= nth; i++)
		rig_run(rig, 1);
	assert_true(rig->n_kept > nth);
	return rig;
}

/* A message with its nth payload as a test wants it. */
static size_t rewrite(const struct rig_datagram *from_message, unsigned nth, int type, int n_bytes, bool is_dropped, uint8_t *out, size_t room)
{
	struct isakmp_message message;
	struct isakmp_header header;
	struct writer to = { .at = out, .room = room };
	struct bytes rest;
	size_t next_at;
	uint8_t bad_type, *body = calloc(1, 70000);

	assert_int_equal(isakmp_get_header((struct bytes){ from_message->bytes, from_message->n }, &header, &rest), WIRE_OK);
	assert_int_equal(isakmp_get_payloads(&header, rest, false, &message, &bad_type), WIRE_OK);
	isakmp_open(&to, &header, &next_at);
	for (unsigned i = 0; i < message.n; i++) {
		const struct isakmp_payload *payload = &message.payloads[i];
		size_t n = payload->body.len;

		memcpy(body, payload->body.at, n);
		if (i == nth && n_bytes >= 0)
			n = (size_t)n_bytes;
		if (i != nth || !is_dropped)
			isakmp_put(&to, &next_at, i == nth && type >= 0 ? (uint8_t)type : payload->type, body, n);
	}
	isakmp_close(&to, 0);
	free(body);
	assert_false(to.has_failed);
	return to.len;
}

/* The initiator stands, and the responder knows the same SA; others that wrong messages left there nobody uses. */
static void assert_initiator_stands(struct rig *rig)
{
	const struct ike_sa *ours = rig_established(&rig->ends[0]);
	const struct ike_sa *known = ours ? sa_by_cookies(rig->ends[1].ike, ours->cookies, ours->cookies + 8) : NULL;

	if (!known)
		rig_show(rig);
	assert_true(ours && known);
	if (!ours || !known)
		return;
	assert_int_not_equal(known->state, IKE_LARVAL);
	assert_memory_equal(ours->keys.cipher, known->keys.cipher, ours->keys.cipher_bytes);
}

static const char *const left_of[] = { HONEST, RIG_CONFIG("1", "2", "exchange_mode = \"aggressive\"; "),
				       RIG_CONFIG("1", "2", "exchange_mode = \"base\"; ") };
static const char *const right_of[] = { VICTIM, RIG_CONFIG("2", "1", "exchange_mode = \"aggressive\"; "),
					RIG_CONFIG("2", "1", "exchange_mode = \"base\"; ") };
static const unsigned n_clear[] = { 4, 2, 4 };

static void public_values_of_every_wrong_length_are_refused(void **state)
{
	static const int lengths[] = { 0, 1, 63, 65, 95, 97, 1024, 1025, 65000 };
	static uint8_t bytes[70000];

	(void)state;
	for (unsigned m = 0; m < 3; m++)
		for (unsigned nth = 0; nth < n_clear[m]; nth++)
			for (unsigned l = 0; l < sizeof(lengths) / sizeof(lengths[0]); l++) {
				struct rig *rig = until_message(nth, left_of[m], right_of[m]);
				const struct rig_datagram *message = &rig->kept[nth];
				struct rig_end *to = &rig->ends[message->to];
				struct ike_path path = { .local = { to->addr, 500 }, .remote = { rig->ends[message->from].addr, 500 } };

				for (unsigned p = 0; p < 4; p++) {
					size_t n = rewrite(message, p, -1, lengths[l], false, bytes, sizeof(bytes));

					rig_inject(to, &path, bytes, n);
				}
				rig_run(rig, 20000);	/* and then the honest one comes */
				assert_initiator_stands(rig);
				rig_close(rig);
			}
}

static void every_payload_type_in_every_place_and_every_one_left_out_harm_nobody(void **state)
{
	static uint8_t bytes[70000];

	(void)state;
	for (unsigned m = 0; m < 3; m++)
		for (unsigned nth = 0; nth < n_clear[m]; nth++)
			for (unsigned p = 0; p < 4; p++) {
				struct rig *rig = until_message(nth, left_of[m], right_of[m]);
				const struct rig_datagram *message = &rig->kept[nth];
				struct rig_end *to = &rig->ends[message->to];
				struct ike_path path = { .local = { to->addr, 500 }, .remote = { rig->ends[message->from].addr, 500 } };

				for (int type = 0; type < 256; type++)
					rig_inject(to, &path, bytes, rewrite(message, p, type, -1, false, bytes, sizeof(bytes)));
				rig_inject(to, &path, bytes, rewrite(message, p, -1, -1, true, bytes, sizeof(bytes)));
				rig_run(rig, 20000);
				assert_initiator_stands(rig);
				rig_close(rig);
			}
}

/* RFC 2409 App. A: group descriptions are 16 bits; what is not listed is not chosen, whatever it is called inside. */
static void of_all_65536_groups_only_the_configured_one_is_chosen(void **state)
{
	struct rig *capture = captured(HONEST, VICTIM), *rig = rig_open(3);
	struct rig_end *victim = rig_add(rig, VICTIM);
	struct rig_datagram *first = &capture->kept[0];
	struct ike_path path = from(victim, A, 500);
	uint8_t *group = memmem(first->bytes, first->n, "\x80\x04\x00\x13", 4);
	unsigned n_answers = 0;

	(void)state;
	assert_non_null(group);
	for (unsigned id = 0; group && id < 65536; id++) {
		const uint64_t before = ike_counters(victim->ike)->phase1_responded - ike_counters(victim->ike)->no_proposal;

		give_cookie(rig, first->bytes);
		group[2] = (uint8_t)(id >> 8);
		group[3] = (uint8_t)id;
		rig_inject(victim, &path, first->bytes, first->n);
		if (ike_counters(victim->ike)->phase1_responded - ike_counters(victim->ike)->no_proposal == before)
			continue;
		n_answers++;
		assert_int_equal(id, DH_ECP256);
	}
	assert_int_equal(n_answers, 1);
	rig_close(rig);
	rig_close(capture);
}

/* ---- classes 3, 6, 7 */

static size_t make_notify(const uint8_t cookies[16], uint8_t exchange, uint32_t message_id, uint8_t flags, uint16_t type, uint8_t *out, size_t room)
{
	struct isakmp_header header = { .version = 0x10, .exchange = exchange, .flags = flags, .message_id = message_id };
	struct v1_notify notify = { .doi = DOI_IPSEC, .protocol = V1_PROTO_ISAKMP, .type = type, .spi = { cookies, 16 } };
	struct writer to = { .at = out, .room = room };
	size_t next_at;

	memcpy(header.icookie, cookies, 8);
	memcpy(header.rcookie, cookies + 8, 8);
	isakmp_open(&to, &header, &next_at);
	isakmp_put(&to, &next_at, P_HASH, "12345678901234567890", 20);
	v1_put_notify(&to, &next_at, &notify);
	isakmp_close(&to, 4);
	return to.len;
}

static void what_nobody_vouches_for_changes_nothing(void **state)
{
	static const uint16_t types[] = { N_INITIAL_CONTACT, N_R_U_THERE, N_R_U_THERE_ACK, N_RESPONDER_LIFETIME, N_AUTHENTICATION_FAILED,
					  N_NO_PROPOSAL_CHOSEN, N_INVALID_COOKIE };
	static const uint8_t exchanges[] = { X_INFORMATIONAL, X_QUICK, X_NEW_GROUP, X_MAIN, X_AGGRESSIVE, X_BASE, 0, 255 };
	struct rig *rig = captured(HONEST, VICTIM);
	struct rig_end *victim = &rig->ends[1];
	struct ike_sa *sa = rig_established(victim);
	struct ike_path path = from(victim, A, 500);
	uint8_t cookies[16], bytes[256];
	const uint64_t before = out_bytes(victim);

	(void)state;
	memcpy(cookies, sa->cookies, 16);
	for (unsigned t = 0; t < 7; t++)
		for (unsigned x = 0; x < 8; x++)
			for (unsigned flags = 0; flags < 8; flags++) {
				rig_inject(victim, &path, bytes, make_notify(cookies, exchanges[x], 77, (uint8_t)flags, types[t], bytes, sizeof(bytes)));
				cookies[15] ^= 1;	/* and of an SA that nobody has */
				rig_inject(victim, &path, bytes, make_notify(cookies, exchanges[x], 77, (uint8_t)flags, types[t], bytes, sizeof(bytes)));
				cookies[15] ^= 1;
			}
	assert_int_equal(out_bytes(victim), before);
	assert_ptr_equal(rig_established(victim), sa);
	assert_int_equal(sa->n_exchanges, 0);
	rig_assert_agreed(rig);
	rig_close(rig);
}

static void nothing_but_phase_1_is_heard_before_phase_1_is_done(void **state)
{
	(void)state;
	for (unsigned nth = 1; nth < 5; nth++) {
		struct rig *rig = until_message(nth, HONEST, VICTIM);
		uint8_t bytes[256];

		for (unsigned e = 0; e < 2; e++) {
			struct ike_sa *sa = rig->ends[e].ike->sas;
			struct ike_path path = { .local = { rig->ends[e].addr, 500 }, .remote = { rig->ends[1 - e].addr, 500 } };

			for (unsigned flags = 0; flags < 2; flags++) {
				rig_inject(&rig->ends[e], &path, bytes, make_notify(sa->cookies, X_QUICK, 5, (uint8_t)flags, N_INITIAL_CONTACT, bytes, sizeof(bytes)));
				rig_inject(&rig->ends[e], &path, bytes, make_notify(sa->cookies, X_INFORMATIONAL, 5, (uint8_t)flags, N_INITIAL_CONTACT, bytes, sizeof(bytes)));
			}
			assert_null(sa->exchanges);
		}
		rig_run(rig, 20000);
		rig_assert_agreed(rig);
		rig_close(rig);
	}
}

static void noise_of_any_length_is_counted_and_forgotten(void **state)
{
	const uint64_t seed = (uint64_t)time(NULL);
	struct rig *rig = rig_open(seed);
	struct rig_end *victim = rig_add(rig, VICTIM);
	struct ike_path path = from(victim, A, 500);
	uint8_t bytes[600];

	(void)state;
	printf("seed %llu\n", (unsigned long long)seed);
	for (unsigned i = 0; i < 50000; i++) {
		const size_t n = rig_random(rig, sizeof(bytes));

		for (size_t b = 0; b < n; b++)
			bytes[b] = (uint8_t)rig_random(rig, 256);
		if (n >= ISAKMP_HEADER_BYTES && i % 2) {	/* a header that makes sense */
			memset(bytes + 8, 0, 8);
			bytes[16] = (uint8_t)(1 + rig_random(rig, 13));
			bytes[17] = 0x10;
			bytes[18] = X_MAIN;
			memset(bytes + 19, 0, 5);
			bytes[24] = bytes[25] = 0;
			bytes[26] = (uint8_t)(n >> 8);
			bytes[27] = (uint8_t)n;
		}
		rig_inject(victim, &path, bytes, n);
	}
	assert_null(victim->ike->sas);
	assert_true(ike_counters(victim->ike)->in_malformed > 20000);
	rig_close(rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_spoofed_source_gets_no_more_bytes_than_were_sent_in_its_name),
		cmocka_unit_test(aggressive_and_base_mode_answer_a_beginning_once_and_a_duplicate_by_no_more_than_it_brought),
		cmocka_unit_test(nothing_is_repeated_to_somebody_unproven_and_after_30_seconds_he_is_forgotten),
		cmocka_unit_test(a_flood_from_everywhere_is_capped_and_the_configured_peer_gets_through),
		cmocka_unit_test(one_source_does_not_take_the_place_of_others),
		cmocka_unit_test(a_flood_with_the_configured_peers_own_address_does_not_shut_it_out),
		cmocka_unit_test(a_flood_of_bad_beginnings_writes_few_lines),
		cmocka_unit_test(public_values_of_every_wrong_length_are_refused),
		cmocka_unit_test(every_payload_type_in_every_place_and_every_one_left_out_harm_nobody),
		cmocka_unit_test(of_all_65536_groups_only_the_configured_one_is_chosen),
		cmocka_unit_test(what_nobody_vouches_for_changes_nothing),
		cmocka_unit_test(nothing_but_phase_1_is_heard_before_phase_1_is_done),
		cmocka_unit_test(noise_of_any_length_is_counted_and_forgotten),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
