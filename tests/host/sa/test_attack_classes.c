// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * Twelve classes of attack that other daemons fell to, each against the whole engine: phase 1, quick mode, informational, children. Classes
 * 5 (fragments), 8 and 10 (who has not proven anything), 4 and 11 (certificates) and 12 (grammar) stand in files test_attack_*.c beside.
 */
#include "sa/letter.h"

static struct letter letter;

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

/* ---- class 1: identifiers and lengths of Diffie-Hellman (CVE-2014-9221, CVE-2023-41913) */

static void class_1_none_of_65536_groups_but_the_configured_one_opens_a_phase_1(void **state)
{
	struct rig *rig = offices();
	struct rig_end *end = &rig->ends[1];
	struct ike_path path = letter_from_office(end);
	struct v1_transform transform = letter_phase1;

	(void)state;
	rig->fate = lose_all;
	for (unsigned group = 0; group < 65536; group++) {
		const uint8_t cookies[COOKIES_BYTES] = { 1, (uint8_t)(group >> 8), (uint8_t)group };
		const uint64_t out = ike_counters(end->ike)->out_bytes;

		transform.group = (uint16_t)group;
		letter_open(&letter, cookies, X_MAIN, 0, 0);
		letter_put_sa(&letter, V1_PROTO_ISAKMP, (struct bytes){ NULL, 0 }, &transform);
		letter_send(&letter, end, &path);
		assert_int_equal(rig_count(end, IKE_LARVAL), group >= 19);
		assert_true(ike_counters(end->ike)->out_bytes - out <= letter.to.len);
	}
	assert_alive(rig);
	rig_close(rig);
}

static void put_quick_1(const struct v1_transform *transform, const void *ke, size_t ke_bytes)
{
	static const uint8_t zeros[32], nets[2][8] = { { 10, 1, 0, 0, 255, 255, 0, 0 }, { 10, 2, 0, 0, 255, 255, 0, 0 } }, spi[] = { 0x12, 0x34, 0x56, 0x78 };

	letter_put(&letter, P_HASH, zeros, 20);
	letter_put_sa(&letter, V1_PROTO_ESP, (struct bytes){ spi, sizeof(spi) }, transform);
	letter_put(&letter, P_NONCE, zeros, sizeof(zeros));
	if (ke)
		letter_put(&letter, P_KE, ke, ke_bytes);
	for (unsigned i = 0; i < 2; i++)
		v1_put_id(&letter.to, &letter.next_at, &(struct v1_id){ .type = ID_IPV4_SUBNET, .data = { nets[i], 8 } });
}

static void class_1_in_quick_mode_no_unknown_group_and_no_wrong_length_makes_a_child(void **state)
{
	static const size_t lengths[] = { 0, 1, 31, 32, 63, 65, 127, 128, 1024, 60000 };
	static uint8_t value[60000];
	struct rig *rig = offices_established();
	struct rig_end *end = &rig->ends[1];
	struct ike_path path = letter_from_office(end);
	struct v1_transform transform = letter_phase2;
	uint32_t message_id = 1;

	(void)state;
	rig->fate = lose_all;
	for (unsigned group = 1; group < 65536; group += group < 64 ? 1 : 251) {
		transform.group = (uint16_t)group;
		letter_open(&letter, rig_established(end)->cookies, X_QUICK, ISAKMP_ENCRYPTED, message_id++);
		put_quick_1(&transform, value, 64);
		letter_send_sealed(&letter, end, rig_established(end), &path, true);
	}
	for (unsigned i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		transform.group = 19;
		letter_open(&letter, rig_established(end)->cookies, X_QUICK, ISAKMP_ENCRYPTED, message_id++);
		put_quick_1(&transform, value, lengths[i]);
		letter_send_sealed(&letter, end, rig_established(end), &path, true);
	}
	assert_int_equal(children_of(end), 1);
	for (const struct ike_child *child = end->ike->children; child; child = child->next)
		assert_int_equal(child->state, CHILD_MATURE);
	assert_alive(rig);
	rig_close(rig);
}

/* ---- class 2: payloads that do not belong there, and those that are missing (CVE-2015-3991, CVE-2013-6467) */

/* A held message of quick mode with another payload at its end, or without its nth. is_first: under another message id, for each runs once. */
static void forge(struct rig_end *to, const struct rig_datagram *held, uint32_t message_id, int added, int dropped)
{
	static const uint8_t body[32] = { 0, 0, 0, 1, 1, 0, 0, 1 };
	struct ike_sa *sa = letter_sa(to, held);
	const struct ike_path path = letter_from_office(to);
	struct isakmp_message message;
	struct blob text = { NULL, 0 };

	assert_true(letter_read(held, sa, &text, &message));
	letter_open(&letter, sa->cookies, held->bytes[18], ISAKMP_ENCRYPTED, message_id ? message_id : message.header.message_id);
	for (int i = 0; i < (int)message.n; i++)
		if (i != dropped)
			letter_put(&letter, message.payloads[i].type, message.payloads[i].body.at, message.payloads[i].body.len);
	if (added >= 0)
		letter_put(&letter, (uint8_t)added, body, sizeof(body));
	letter_send_sealed(&letter, to, sa, &path, true);
	blob_free(&text);
}

static void class_2_every_payload_type_in_every_message_of_quick_mode_and_every_one_left_out(void **state)
{
	(void)state;
	for (unsigned nth = 0; nth < 3; nth++) {
		struct rig *rig = offices_established();

		for (int type = 0; type < 256; type += nth == 0 ? 1 : 1 + (type > 24 && type < 120) * 10) {
			struct rig_end *to = hold(rig, nth);

			forge(to, &rig->kept[nth], nth == 0 ? 0x7000u + (unsigned)type : 0, type, -1);
			rig->fate = NULL;
			rig_run(rig, 45000);
		}
		for (int dropped = 0; dropped < (nth == 2 ? 1 : 3); dropped++) {
			struct rig_end *to = hold(rig, nth);
			const uint64_t established = ike_counters(to->ike)->phase2_established;

			rig->fate = lose_all;
			forge(to, &rig->kept[nth], nth == 0 ? 0x8000u + (unsigned)dropped : 0, -1, dropped);
			assert_int_equal(ike_counters(to->ike)->phase2_established, established);
			rig->fate = NULL;
			rig_run(rig, 45000);
		}
		assert_alive(rig);
		rig_close(rig);
	}
}

static void class_2_every_payload_type_alone_in_an_informational_leaves_all_as_it_was(void **state)
{
	static const uint8_t bodies[][24] = { { 0 }, { 0, 0, 0, 1, 1, 16, 0, 4 }, { 0, 0, 0, 1, 3, 4, 0xff, 0xff }, { 0, 0, 0, 1, 3, 4, 0, 1, 9, 9, 9, 9 } };
	static const uint8_t zeros[20];
	struct rig *rig = offices_established();
	struct rig_end *end = &rig->ends[1];
	struct ike_path path = letter_from_office(end);

	(void)state;
	for (unsigned type = 0; type < 256; type++)
		for (unsigned b = 0; b < 4; b++)
			for (unsigned n = 0; n <= 24; n += 4) {
				letter_open(&letter, rig_established(end)->cookies, X_INFORMATIONAL, ISAKMP_ENCRYPTED, (1 + type) << 8 | b << 6 | n);
				letter_put(&letter, P_HASH, zeros, sizeof(zeros));
				letter_put(&letter, (uint8_t)type, bodies[b], n);
				letter_send_sealed(&letter, end, rig_established(end), &path, true);
			}
	assert_int_equal(children_of(end), 1);
	rig_assert_agreed(rig);
	rig_close(rig);
}

/* ---- class 3: what is only for the established (CVE-2014-2338, CVE-2015-3204) */

static enum rig_fate hold_encrypted(struct rig *rig, unsigned from, uint8_t *bytes, size_t *n, unsigned nth)
{
	(void)rig;
	(void)from;
	(void)n;
	(void)nth;
	return bytes[19] & ISAKMP_ENCRYPTED ? RIG_LOSE : RIG_PASS;
}

static void class_3_nothing_runs_in_an_sa_whose_peer_has_not_proven_itself(void **state)
{
	static const uint8_t zeros[20];
	struct rig *rig = offices();
	struct rig_end *end = &rig->ends[1];
	struct ike_path path = letter_from_office(end);
	struct ike_sa *sa;

	(void)state;
	rig->fate = hold_encrypted;
	ask(&rig->ends[0]);
	rig_run(rig, 500);
	sa = end->ike->sas;
	assert_non_null(sa);
	assert_int_equal(sa->state, IKE_LARVAL);
	assert_true(sa->phase1->has_keys);		/* both have keys, and nobody has said who he is */
	letter_open(&letter, sa->cookies, X_QUICK, ISAKMP_ENCRYPTED, 77);
	put_quick_1(&letter_phase2, NULL, 0);
	letter_send_sealed(&letter, end, sa, &path, true);
	for (unsigned type = 0; type < 2; type++) {
		const struct v1_notify notify = { .doi = DOI_IPSEC, .protocol = V1_PROTO_ISAKMP, .type = type ? N_INITIAL_CONTACT : N_NO_PROPOSAL_CHOSEN };

		letter_open(&letter, sa->cookies, X_INFORMATIONAL, ISAKMP_ENCRYPTED, 78 + type);
		letter_put(&letter, P_HASH, zeros, sizeof(zeros));
		v1_put_notify(&letter.to, &letter.next_at, &notify);
		letter_send_sealed(&letter, end, sa, &path, true);
	}
	assert_int_equal(ike_rekey(end->ike, "other", true, rig->now_ms), 0);
	assert_int_equal(ike_rekey(rig->ends[0].ike, "other", true, rig->now_ms), 0);
	assert_null(end->ike->children);
	assert_null(sa->exchanges);
	assert_int_equal(sa->state, IKE_LARVAL);
	assert_int_equal(rig_count(end, IKE_LARVAL), 1);
	assert_alive(rig);
	rig_close(rig);
}

/* Our own first message sent back once hung a daemon that looked for a fresh cookie. */
static void class_3_who_is_sent_his_own_messages_back_does_not_believe_himself(void **state)
{
	struct rig *rig = offices();
	struct rig_end *end = &rig->ends[0];

	(void)state;
	rig->keep = true;
	rig->fate = lose_all;
	ask(end);
	rig_run(rig, 20000);
	for (unsigned i = 0; i < rig->n_kept && i < 64; i++) {
		struct ike_path path = letter_from_office(end);

		rig_inject(end, &path, rig->kept[i].bytes, rig->kept[i].n);
	}
	assert_true(rig->n_kept >= 1);
	assert_null(rig_established(end));
	assert_int_equal(rig_count(end, IKE_LARVAL), 1);
	assert_alive(rig);
	rig_close(rig);
}

/* ---- class 6: Delete and what comes with it (CVE-2023-38712, CVE-2009-0790) */

static void put_delete(const struct ike_sa *sa, uint8_t protocol, uint32_t spi)
{
	const uint8_t spi_be[4] = { (uint8_t)(spi >> 24), (uint8_t)(spi >> 16), (uint8_t)(spi >> 8), (uint8_t)spi };
	struct v1_delete del = { .doi = DOI_IPSEC, .protocol = protocol, .spi_bytes = 4, .n = 1, .spis = { spi_be, 4 } };

	if (protocol == V1_PROTO_ISAKMP) {
		del.spi_bytes = COOKIES_BYTES;
		del.spis = (struct bytes){ sa->cookies, COOKIES_BYTES };
	}
	v1_put_delete(&letter.to, &letter.next_at, &del);
}

static void class_6_delete_and_notify_in_one_message_in_every_order_and_number(void **state)
{
	static const uint8_t zeros[20];
	static const uint16_t types[] = { N_R_U_THERE, N_R_U_THERE_ACK, N_INITIAL_CONTACT, N_INVALID_SPI, N_NO_PROPOSAL_CHOSEN, N_RESPONDER_LIFETIME };

	(void)state;
	for (unsigned t = 0; t < 6; t++)
		for (unsigned order = 0; order < 16; order++) {
			struct rig *rig = offices_established();
			struct rig_end *end = &rig->ends[1];
			struct ike_path path = letter_from_office(end);
			struct ike_sa *sa = rig_established(end);
			const uint32_t spi = end->ike->children->spec.sas.sa[SA_OUT].spi;
			const struct v1_notify notify = { .doi = DOI_IPSEC, .protocol = V1_PROTO_ISAKMP, .type = types[t],
							  .spi = { sa->cookies, COOKIES_BYTES }, .data = { zeros, 4 } };

			letter_open(&letter, sa->cookies, X_INFORMATIONAL, ISAKMP_ENCRYPTED, 99);
			letter_put(&letter, P_HASH, zeros, sizeof(zeros));
			for (unsigned i = 0; i < 4; i++) {
				if (order >> i & 1)
					v1_put_notify(&letter.to, &letter.next_at, &notify);
				else
					put_delete(sa, i % 2 ? V1_PROTO_ISAKMP : V1_PROTO_ESP, spi);
			}
			letter_send_sealed(&letter, end, sa, &path, true);
			if ((order & 10) != 10)
				assert_null(rig_established(end));
			if (!(order & 1))	/* after an SA's own Delete nothing more of the message is obeyed */
				assert_int_equal(children_of(end), 0);
			assert_alive(rig);
			rig_close(rig);
		}
}

static void class_6_a_repeated_delete_and_dpd_on_what_is_dead_or_never_was_find_nothing(void **state)
{
	static const uint8_t zeros[20];
	struct rig *rig = offices_established();
	struct rig_end *end = &rig->ends[1];
	struct ike_path path = letter_from_office(end);
	struct ike_sa copy;
	uint8_t cookies[COOKIES_BYTES];
	uint64_t out;

	(void)state;
	copy = *rig_established(end);
	copy.exchanges = NULL;
	rig->fate = lose_all;
	for (unsigned i = 0; i < 3; i++) {	/* the second and third: of an SA that is gone */
		letter_open(&letter, copy.cookies, X_INFORMATIONAL, ISAKMP_ENCRYPTED, 40 + i);
		letter_put(&letter, P_HASH, zeros, sizeof(zeros));
		put_delete(&copy, V1_PROTO_ISAKMP, 0);
		letter_send_sealed(&letter, end, &copy, &path, true);
		assert_null(rig_established(end));
	}
	out = ike_counters(end->ike)->out_bytes;
	for (unsigned i = 0; i < 64; i++) {
		const struct v1_notify notify = { .doi = DOI_IPSEC, .protocol = V1_PROTO_ISAKMP, .type = i & 1 ? N_R_U_THERE : N_R_U_THERE_ACK,
						  .spi = { cookies, COOKIES_BYTES }, .data = { zeros, 4 } };

		for (unsigned at = 0; at < COOKIES_BYTES; at++)
			cookies[at] = (uint8_t)(i & 2 ? copy.cookies[at] : i & 4 && at >= 8 ? 0 : rig_random(rig, 256));
		letter_open(&letter, cookies, X_INFORMATIONAL, i & 8 ? ISAKMP_ENCRYPTED : 0, i & 16 ? 0 : 1000 + i);
		if (i & 32)
			letter_put(&letter, P_HASH, zeros, sizeof(zeros));
		v1_put_notify(&letter.to, &letter.next_at, &notify);
		letter_send(&letter, end, &path);
	}
	assert_int_equal(ike_counters(end->ike)->out_bytes, out);
	assert_true(ike_counters(end->ike)->in_unknown_sa > 0);
	rig->fate = NULL;
	assert_alive(rig);
	rig_close(rig);
}

/* ---- class 7: Informational that nobody vouches for (CVE-2019-10155) */

static void class_7_a_forged_informational_in_clear_or_with_a_wrong_hash_changes_nothing(void **state)
{
	static const uint8_t zeros[20];
	static const uint16_t types[] = { 0, 1, N_INITIAL_CONTACT, N_RESPONDER_LIFETIME, N_R_U_THERE, N_R_U_THERE_ACK, N_NO_PROPOSAL_CHOSEN,
					  N_AUTHENTICATION_FAILED, N_INVALID_COOKIE };
	struct rig *rig = offices_established();

	(void)state;
	for (unsigned e = 0; e < 2; e++) {
		struct rig_end *end = &rig->ends[e];
		const struct ike_path path = letter_from_office(end);
		const struct ike_sa *sa = rig_established(end);
		const uint32_t spi = end->ike->children->spec.sas.sa[SA_OUT].spi;
		const uint64_t out = ike_counters(end->ike)->out_bytes;
		const int64_t heard_ms = sa->heard_ms;

		for (unsigned t = 0; t < 9; t++)
			for (unsigned how = 0; how < 4; how++) {
				const struct v1_notify notify = { .doi = DOI_IPSEC, .protocol = V1_PROTO_ISAKMP, .type = types[t],
								  .spi = { sa->cookies, COOKIES_BYTES }, .data = { zeros, 4 } };

				letter_open(&letter, sa->cookies, X_INFORMATIONAL, how >= 2 ? ISAKMP_ENCRYPTED : 0, how == 1 ? 0 : 500 + t * 4 + how);
				if (how != 3)		/* 3: encrypted, without any */
					letter_put(&letter, P_HASH, zeros, sizeof(zeros));
				if (t < 2)
					put_delete(sa, t ? V1_PROTO_ISAKMP : V1_PROTO_ESP, spi);
				else
					v1_put_notify(&letter.to, &letter.next_at, &notify);
				if (how >= 2)
					letter_send_sealed(&letter, end, sa, &path, false);
				else
					letter_send(&letter, end, &path);
			}
		assert_ptr_equal(rig_established(end), sa);
		assert_int_equal(children_of(end), 1);
		assert_int_equal(ike_counters(end->ike)->out_bytes, out);
		assert_int_equal(ike_counters(end->ike)->deletes_received, 0);
		assert_int_equal(sa->heard_ms, heard_ms);	/* nor does it prove that the peer lives */
		assert_null(sa->exchanges && !sa->exchanges->is_initiator ? sa->exchanges : NULL);
	}
	rig_close(rig);
}

/* HASH(1) does not tell who made it: a message of ours that comes back is rightly hashed, and would keep a dead peer alive. */
static void class_7_our_own_informational_sent_back_is_nobodys(void **state)
{
	static const uint8_t seq[] = { 0, 0, 1, 0 };
	static const uint16_t types[] = { N_R_U_THERE, N_R_U_THERE_ACK, N_INITIAL_CONTACT, N_NO_PROPOSAL_CHOSEN };
	struct rig *rig = offices_established();

	(void)state;
	rig->fate = lose_all;
	rig->keep = true;
	for (unsigned t = 0; t < 4; t++) {
		struct rig_end *end = &rig->ends[t % 2];
		const struct ike_path path = letter_from_office(end);
		struct ike_sa *sa = rig_established(end);
		const int64_t heard_ms = sa->heard_ms;
		const unsigned nth = rig->n_kept;
		uint64_t out;

		rig_run(rig, 1000);
		info_send_notify(sa, &(struct v1_notify){ .doi = DOI_IPSEC, .protocol = V1_PROTO_ISAKMP, .type = types[t],
							  .spi = { sa->cookies, COOKIES_BYTES }, .data = { seq, sizeof(seq) } });
		assert_int_equal(rig->n_kept, nth + 1);
		out = ike_counters(end->ike)->out_bytes;
		rig_inject(end, &path, rig->kept[nth].bytes, rig->kept[nth].n);
		assert_int_equal(ike_counters(end->ike)->out_bytes, out);
		assert_int_equal(sa->heard_ms, heard_ms);
		assert_int_equal(children_of(end), 1);
	}
	rig_close(rig);
}

/* ---- class 9: keys for one purpose (Felsch et al., USENIX Security 2018) */

static void class_9_no_authentication_method_but_the_configured_one_is_negotiable(void **state)
{
	struct rig *rig = offices();
	struct rig_end *end = &rig->ends[1];
	struct ike_path path = letter_from_office(end);
	struct v1_transform transform = letter_phase1;

	(void)state;
	rig->fate = lose_all;
	for (unsigned method = 0; method < 65536; method++) {	/* 4, 5: RSA encryption; 65001 …: XAUTH */
		const uint8_t cookies[COOKIES_BYTES] = { 2, (uint8_t)(method >> 8), (uint8_t)method };

		transform.auth_method = (uint16_t)method;
		letter_open(&letter, cookies, X_MAIN, 0, 0);
		letter_put_sa(&letter, V1_PROTO_ISAKMP, (struct bytes){ NULL, 0 }, &transform);
		letter_send(&letter, end, &path);
		assert_int_equal(rig_count(end, IKE_LARVAL), method >= V1_AUTH_PSK);
	}
	assert_alive(rig);
	rig_close(rig);
}

static void class_9_nor_may_a_responder_choose_another_for_us(void **state)
{
	struct rig *rig = offices();
	struct rig_end *end = &rig->ends[0];
	struct ike_path path = letter_from_office(end);
	struct v1_transform transform = letter_phase1;

	(void)state;
	rig->fate = lose_all;
	ask(end);
	rig_run(rig, 10);
	for (unsigned method = 2; method < 6; method++) {
		uint8_t cookies[COOKIES_BYTES];

		memcpy(cookies, end->ike->sas->cookies, 8);
		memset(cookies + 8, 9, 8);
		transform.auth_method = (uint16_t)method;
		letter_open(&letter, cookies, X_MAIN, 0, 0);
		letter_put_sa(&letter, V1_PROTO_ISAKMP, (struct bytes){ NULL, 0 }, &transform);
		letter_send(&letter, end, &path);
		assert_int_equal(end->ike->sas->step, 1);
	}
	rig->fate = NULL;
	assert_alive(rig);
	rig_close(rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(class_1_none_of_65536_groups_but_the_configured_one_opens_a_phase_1),
		cmocka_unit_test(class_1_in_quick_mode_no_unknown_group_and_no_wrong_length_makes_a_child),
		cmocka_unit_test(class_2_every_payload_type_in_every_message_of_quick_mode_and_every_one_left_out),
		cmocka_unit_test(class_2_every_payload_type_alone_in_an_informational_leaves_all_as_it_was),
		cmocka_unit_test(class_3_nothing_runs_in_an_sa_whose_peer_has_not_proven_itself),
		cmocka_unit_test(class_3_who_is_sent_his_own_messages_back_does_not_believe_himself),
		cmocka_unit_test(class_6_delete_and_notify_in_one_message_in_every_order_and_number),
		cmocka_unit_test(class_6_a_repeated_delete_and_dpd_on_what_is_dead_or_never_was_find_nothing),
		cmocka_unit_test(class_7_a_forged_informational_in_clear_or_with_a_wrong_hash_changes_nothing),
		cmocka_unit_test(class_7_our_own_informational_sent_back_is_nobodys),
		cmocka_unit_test(class_9_no_authentication_method_but_the_configured_one_is_negotiable),
		cmocka_unit_test(class_9_nor_may_a_responder_choose_another_for_us),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
