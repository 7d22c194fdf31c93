// SPDX-License-Identifier: BSD-2-Clause-Patent
/* Attacks by who has not proven anything: classes 8 (guessing secrets offline) and 10 (amplification, exhaustion). See test_attack_classes.c. */
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

static void spoof(struct ike_path *path, unsigned nth)
{
	path->remote.addr = (struct adit_addr){ .bytes = { 198, (uint8_t)(18 + (nth >> 16 & 1)), (uint8_t)(nth >> 8), (uint8_t)nth } };
}

static void open_first(unsigned nth, uint8_t exchange)
{
	const uint8_t cookies[COOKIES_BYTES] = { 3, (uint8_t)(nth >> 16), (uint8_t)(nth >> 8), (uint8_t)nth };

	letter_open(&letter, cookies, exchange, 0, 0);
	letter_put_sa(&letter, V1_PROTO_ISAKMP, (struct bytes){ NULL, 0 }, &letter_phase1);
}

/* What ike-scan and psk-crack ask for is HASH_R in clear, which aggressive mode gives and main mode does not. */
static void class_8_aggressive_and_base_mode_are_not_answered_where_main_is_configured(void **state)
{
	static const uint8_t zeros[64];
	static const uint8_t exchanges[] = { X_AGGRESSIVE, X_BASE, X_NEW_GROUP, X_QUICK, 3, 6, X_IKE_SA_INIT };
	struct rig *rig = offices();
	struct rig_end *end = &rig->ends[1];

	(void)state;
	for (unsigned known = 0; known < 2; known++)
		for (unsigned i = 0; i < sizeof(exchanges); i++) {
			struct ike_path path = letter_path(end, known ? "192.0.2.1" : "198.18.0.1", 500);

			open_first(i, exchanges[i]);
			letter_put(&letter, P_KE, zeros, 64);
			letter_put(&letter, P_NONCE, zeros, 32);
			letter_put(&letter, P_ID, "\1\0\0\0\306\22\0\1", 8);
			letter_send(&letter, end, &path);
		}
	assert_int_equal(ike_counters(end->ike)->out_bytes, 0);
	assert_null(end->ike->sas);
	assert_alive(rig);
	rig_close(rig);
}

static void class_8_what_lets_secrets_be_guessed_is_warned_of(void **state)
{
	static const struct { const char *lines, *said; } cases[] = {
		{ "secret = \"a secret of some length\"; exchange_mode = \"aggressive\";", "guess the secret offline" },
		{ "secret = \"a secret of some length\"; exchange_mode = \"base\";", "guess the secret offline" },
		{ "secret = \"short\";", "soon guessed" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[512], said[4096] = "";
		struct config *config;
		struct diag diag;
		FILE *out = fmemopen(said, sizeof(said), "w");

		snprintf(text, sizeof(text), "peers = ( { name = \"x\"; address = \"192.0.2.9\"; %s } );", cases[i].lines);
		diag_open(&diag, "x");
		config = config_parse(text, strlen(text), &diag);
		assert_non_null(config);
		diag_print(&diag, out);
		fclose(out);
		assert_non_null(strstr(said, cases[i].said));
		config_free(config);
		diag_close(&diag);
	}
}

static void class_10_first_messages_of_every_length_bring_no_more_bytes_than_they_cost(void **state)
{
	static const uint8_t zeros[1500];
	struct rig *rig = offices();
	struct rig_end *end = &rig->ends[1];
	struct ike_path path = letter_path(end, "198.18.0.1", 500);
	unsigned nth = 0;
	uint64_t quiet;

	(void)state;
	rig->fate = lose_all;
	for (unsigned type = 0; type < 3; type++)
		for (size_t n = 0; n <= 1400; n += type == 0 ? 1 : 7) {
			static const uint8_t types[] = { P_VID, P_NOTIFY, P_CR };
			const uint64_t out = ike_counters(end->ike)->out_bytes;

			spoof(&path, ++nth);
			open_first(nth, X_MAIN);
			letter_put(&letter, types[type], zeros, n);
			letter_send(&letter, end, &path);
			assert_true(ike_counters(end->ike)->out_bytes - out <= letter.to.len);
		}
	open_first(0xffff, X_MAIN);
	isakmp_close(&letter.to, 0);
	for (size_t n = 0; n <= letter.to.len; n++)	/* cut short, and with a length that says so */
		for (unsigned is_patched = 0; is_patched < 2; is_patched++) {
			const uint64_t out = ike_counters(end->ike)->out_bytes;

			spoof(&path, ++nth);
			if (is_patched && n >= ISAKMP_HEADER_BYTES)
				patch_u32(&letter.to, 24, (uint32_t)n);
			rig_inject(end, &path, letter.bytes, n);
			assert_true(ike_counters(end->ike)->out_bytes - out <= n);
		}
	quiet = ike_counters(end->ike)->out_bytes;
	assert_true(quiet > 0);
	rig_run(rig, 100000);
	assert_int_equal(ike_counters(end->ike)->out_bytes, quiet);	/* nobody who is unproven is reminded */
	assert_int_equal(rig_count(end, IKE_LARVAL), 0);
	assert_alive(rig);
	rig_close(rig);
}

static void class_10_half_open_floods_fill_their_share_and_no_configured_peers(void **state)
{
	struct rig *rig = offices();
	struct rig_end *end = &rig->ends[1];
	struct ike_path path = letter_path(end, "198.18.0.1", 500);

	(void)state;
	for (unsigned i = 0; i < 20000; i++) {
		spoof(&path, i * 7919u);
		open_first(i, X_MAIN);
		letter_send(&letter, end, &path);
		rig->n_queue = 0;	/* answers go to whom the address belongs */
		assert_true(end->ike->n_half_open <= end->ike->max_half_open);
		if (i == 10000) {	/* in the midst of it */
			ask(&rig->ends[0]);
			rig_run(rig, 1000);
			assert_int_equal(children_of(end), 1);
		}
	}
	assert_true(ike_counters(end->ike)->half_open_refused > 10000);
	assert_int_equal(children_of(end), 1);
	rig_close(rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(class_8_aggressive_and_base_mode_are_not_answered_where_main_is_configured),
		cmocka_unit_test(class_8_what_lets_secrets_be_guessed_is_warned_of),
		cmocka_unit_test(class_10_first_messages_of_every_length_bring_no_more_bytes_than_they_cost),
		cmocka_unit_test(class_10_half_open_floods_fill_their_share_and_no_configured_peers),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
