// SPDX-License-Identifier: BSD-2-Clause-Patent
/* An ISAKMP SA's life: by seconds and by bytes, renewed before it ends, two at once, reload, goodbye (RFC 2408 §4.3, RFC 2409 App. A). */
#include "sa/rig.h"

#include <stdio.h>

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

static struct rig *pair_of(const char *left, const char *right, uint64_t seed)
{
	struct rig *rig = rig_open(seed);
	char text[1024];

	snprintf(text, sizeof(text), RIG_CONFIG("1", "2", "%s"), left);
	rig_add(rig, text);
	snprintf(text, sizeof(text), RIG_CONFIG("2", "1", "%s"), right);
	rig_add(rig, text);
	return rig;
}

static unsigned n_usable(struct rig_end *end)
{
	return rig_count(end, IKE_ESTABLISHED) + rig_count(end, IKE_DYING);
}

/* Never a moment without one: 40 lifetimes, looked at each second. */
static void an_sa_is_renewed_before_it_ends_for_ever(void **state)
{
	struct rig *rig = pair_of("lifetime = \"10m\"; dpd_interval = \"disable-dpd\";", "lifetime = \"10m\"; dpd_interval = \"disable-dpd\";", 3);
	uint8_t first[COOKIES_BYTES];

	(void)state;
	assert_non_null(rig_begin(&rig->ends[0], NULL, NULL));
	rig_run(rig, 1000);
	memcpy(first, rig_established(&rig->ends[0])->cookies, sizeof(first));
	for (unsigned second = 0; second < 24000; second++) {
		rig_run(rig, 1000);
		for (unsigned e = 0; e < 2; e++) {
			assert_true(n_usable(&rig->ends[e]) >= 1);
			assert_true(n_usable(&rig->ends[e]) <= 3);
		}
	}
	assert_memory_not_equal(first, rig_established(&rig->ends[0])->cookies, sizeof(first));
	assert_true(ike_counters(rig->ends[0].ike)->phase1_rekeyed >= 38);
	assert_true(ike_counters(rig->ends[0].ike)->phase1_rekeyed <= 60);
	assert_int_equal(ike_counters(rig->ends[0].ike)->phase1_failed, 0);
	rig_close(rig);
}

static void the_initiator_is_earlier_than_the_responder_and_neither_is_on_the_dot(void **state)
{
	int64_t earliest = INT64_MAX, latest = 0;

	(void)state;
	for (uint64_t seed = 1; seed < 40; seed++) {
		struct rig *rig = pair_of("lifetime = \"1000s\";", "lifetime = \"1000s\";", seed);
		const struct ike_sa *left, *right;

		assert_non_null(rig_begin(&rig->ends[0], NULL, NULL));
		rig_run(rig, 1000);
		left = rig_established(&rig->ends[0]);
		right = rig_established(&rig->ends[1]);
		assert_true(left->rekey_ms + 20000 < right->rekey_ms);
		assert_true(right->rekey_ms + 50000 < right->expires_ms);
		if (left->rekey_ms - left->since_ms < earliest)
			earliest = left->rekey_ms - left->since_ms;
		if (left->rekey_ms - left->since_ms > latest)
			latest = left->rekey_ms - left->since_ms;
		rig_close(rig);
	}
	assert_true(earliest >= 800000 && latest <= 850000 && latest - earliest > 20000);
}

static enum rig_fate lose_all(struct rig *rig, unsigned from, uint8_t *bytes, size_t *n, unsigned nth)
{
	(void)rig, (void)from, (void)bytes, (void)n, (void)nth;
	return RIG_LOSE;
}

static void what_cannot_be_renewed_ends_with_its_lifetime_and_its_renewal_is_tried_more_than_once(void **state)
{
	struct rig *rig = pair_of("lifetime = \"30m\"; dpd_interval = \"disable-dpd\";", "lifetime = \"30m\"; dpd_interval = \"disable-dpd\";", 3);

	(void)state;
	assert_non_null(rig_begin(&rig->ends[0], NULL, NULL));
	rig_run(rig, 1000);
	rig->fate = lose_all;
	rig_run(rig, 1795000);
	assert_int_equal(n_usable(&rig->ends[0]), 1);
	assert_true(ike_counters(rig->ends[0].ike)->phase1_initiated > 2);
	rig_run(rig, 10000);
	assert_int_equal(n_usable(&rig->ends[0]), 0);
	assert_true(rig_said(&rig->ends[0], "its lifetime is over"));
	rig_close(rig);
}

static void lifebytes_count_what_ike_sends_and_receives(void **state)
{
	struct rig *rig = pair_of("lifebytes = 20480; dpd_interval = \"1s\";", "lifebytes = 20480; dpd_interval = \"1s\";", 3);
	const struct ike_sa *sa;

	(void)state;
	assert_non_null(rig_begin(&rig->ends[0], NULL, NULL));
	rig_run(rig, 1000);
	sa = rig_established(&rig->ends[0]);
	assert_int_equal(sa->choice.kilobytes, 20);
	for (unsigned i = 0; i < 600; i++) {
		rig_run(rig, 1000);
		for (const struct ike_sa *each = rig->ends[0].ike->sas; each; each = each->next)
			assert_true(each->used_bytes < 21u * 1024);
		assert_true(n_usable(&rig->ends[0]) >= 1);
	}
	assert_true(ike_counters(rig->ends[0].ike)->phase1_rekeyed >= 2);
	rig_close(rig);
}

/* Both begin at once: what comes of it is one SA that both use, whatever the order of messages. */
static void two_that_cross_leave_one(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 30; seed++)
		for (unsigned apart = 0; apart < 8; apart++) {
			struct rig *rig = pair_of("dpd_interval = \"disable-dpd\";", "dpd_interval = \"disable-dpd\";", seed);
			const struct ike_sa *left, *right;

			assert_non_null(rig_begin(&rig->ends[0], NULL, NULL));
			rig_run(rig, apart * 3 + 1);
			assert_non_null(rig_begin(&rig->ends[1], NULL, NULL));
			rig_run(rig, 90000);
			left = rig_established(&rig->ends[0]);
			right = rig_established(&rig->ends[1]);
			if (!left || !right || memcmp(left->cookies, right->cookies, COOKIES_BYTES) != 0)
				rig_show(rig);
			assert_non_null(left);
			assert_non_null(right);
			assert_memory_equal(left->cookies, right->cookies, COOKIES_BYTES);
			assert_int_equal(n_usable(&rig->ends[0]), 1);
			assert_int_equal(n_usable(&rig->ends[1]), 1);
			rig_close(rig);
		}
}

static void renewals_that_cross_leave_one_too(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 30; seed++) {
		struct rig *rig = pair_of("dpd_interval = \"disable-dpd\";", "dpd_interval = \"disable-dpd\";", seed);

		assert_non_null(rig_begin(&rig->ends[0], NULL, NULL));
		rig_run(rig, 60000);
		for (unsigned round = 0; round < 3; round++) {
			phase1_begin_rekey(rig_established(&rig->ends[0]));
			rig_run(rig, 1 + (int64_t)(seed % 20));
			if (rig_established(&rig->ends[1]))
				phase1_begin_rekey(rig_established(&rig->ends[1]));
			rig_run(rig, 120000);
			rig_assert_agreed(rig);
			assert_int_equal(n_usable(&rig->ends[0]), 1);
			assert_int_equal(n_usable(&rig->ends[1]), 1);
		}
		rig_close(rig);
	}
}

static void a_peer_that_a_reload_leaves_alone_does_not_notice(void **state)
{
	struct rig *rig = pair_of("dpd_interval = \"10s\";", "", 1);
	struct config *again = config_of(RIG_CONFIG("1", "2", "dpd_interval = \"20s\";"));
	const struct ike_sa *sa;

	(void)state;
	assert_non_null(rig_begin(&rig->ends[0], NULL, NULL));
	rig_run(rig, 1000);
	sa = rig_established(&rig->ends[0]);
	ike_reconfigure(rig->ends[0].ike, again, rig->now_ms);
	config_free(rig->ends[0].config);
	rig->ends[0].config = again;
	rig_run(rig, 60000);
	assert_ptr_equal(rig_established(&rig->ends[0]), sa);
	rig_assert_agreed(rig);
	rig_close(rig);
}

static void a_peer_that_a_reload_changes_is_told_and_begins_anew(void **state)
{
	static const char *const changes[] = { "lifetime = \"2d\";", "my_id = \"fqdn:a.example\";", "exchange_mode = \"base\";", "nat_traversal = true;" };

	(void)state;
	for (unsigned c = 0; c < 4; c++) {
		struct rig *rig = pair_of("", "", 1);
		char text[1024];
		struct config *again;

		snprintf(text, sizeof(text), RIG_CONFIG("1", "2", "%s"), changes[c]);
		again = config_of(text);
		assert_non_null(rig_begin(&rig->ends[0], NULL, NULL));
		rig_run(rig, 1000);
		ike_reconfigure(rig->ends[0].ike, again, rig->now_ms);
		config_free(rig->ends[0].config);
		rig->ends[0].config = again;
		rig_run(rig, 1000);
		assert_int_equal(n_usable(&rig->ends[0]), 0);
		assert_int_equal(n_usable(&rig->ends[1]), 0);	/* by our Delete */
		rig_close(rig);
	}
}

static void an_sa_whose_local_address_a_reload_takes_away_ends(void **state)
{
	struct rig *rig = pair_of("", "", 1);
	struct config *again = config_of("local_addresses = ( \"192.0.2.9\" ); peers = ( { name = \"other\"; address = \"192.0.2.2/32\"; "
					 "secret = \"a secret of some length\"; hash_algorithm = \"sha1\"; enc_algorithm = \"aes-128-cbc\"; "
					 "dh_group = \"modp768\"; } );");

	(void)state;
	assert_non_null(rig_begin(&rig->ends[0], NULL, NULL));
	rig_run(rig, 1000);
	ike_reconfigure(rig->ends[0].ike, again, rig->now_ms);
	config_free(rig->ends[0].config);
	rig->ends[0].config = again;
	rig_run(rig, 1000);
	assert_int_equal(n_usable(&rig->ends[0]), 0);
	assert_int_equal(n_usable(&rig->ends[1]), 0);
	rig_close(rig);
}

static void a_reload_that_takes_the_peer_away_amid_phase_1_is_survived(void **state)
{
	(void)state;
	for (unsigned ms = 0; ms < 40; ms += 2) {
		struct rig *rig = pair_of("", "", 1);
		struct config *again = config_of("local_addresses = ( \"192.0.2.1\" );");

		assert_non_null(rig_begin(&rig->ends[0], NULL, NULL));
		if (ms > 0)
			rig_run(rig, ms);
		ike_reconfigure(rig->ends[0].ike, again, rig->now_ms);
		config_free(rig->ends[0].config);
		rig->ends[0].config = again;
		rig_run(rig, 60000);
		assert_null(rig->ends[0].ike->sas);
		rig_close(rig);
	}
}

static void goodbye_is_said_once_and_ends_the_peers_sa(void **state)
{
	struct rig *rig = pair_of("", "", 1);

	(void)state;
	assert_non_null(rig_begin(&rig->ends[0], NULL, NULL));
	rig_run(rig, 1000);
	ike_close(rig->ends[0].ike, true, true);
	rig->ends[0].ike = NULL;
	rig_run(rig, 1000);
	assert_int_equal(n_usable(&rig->ends[1]), 0);
	assert_int_equal(ike_counters(rig->ends[1].ike)->deletes_received, 1);
	rig_close(rig);
}

/* The pool has the engine's jobs still: what they need lives until they are back. */
static void an_engine_that_closes_with_jobs_out_is_freed_after_them(void **state)
{
	struct rig *rig = pair_of("exchange_mode = \"aggressive\";", "exchange_mode = \"aggressive\";", 1);

	(void)state;
	assert_non_null(rig_begin(&rig->ends[0], NULL, NULL));
	assert_int_equal(pool_pending(rig->pool), 1);
	ike_close(rig->ends[0].ike, true, true);
	rig->ends[0].ike = NULL;
	assert_int_equal(pool_reap(rig->pool), 1);
	rig_close(rig);
}

static void threads_do_the_slow_work_as_well(void **state)
{
	struct rig *rig = pair_of("", "", 1);

	(void)state;
	pool_close(rig->pool);
	rig->pool = pool_open(2);
	assert_non_null(rig->pool);
	rig->ends[0].ike->pool = rig->ends[1].ike->pool = rig->pool;
	assert_non_null(rig_begin(&rig->ends[0], NULL, NULL));
	rig_run(rig, 1000);
	rig_assert_agreed(rig);
	rig_close(rig);
}

struct seen {
	unsigned n;
	struct ike_sa_view view;
};

static void see(void *arg, const struct ike_sa_view *view)
{
	struct seen *seen = arg;

	seen->n++;
	seen->view = *view;
}

static void people_see_state_identity_and_algorithms(void **state)
{
	struct rig *rig = pair_of("", "", 1);
	struct seen seen = { 0 };

	(void)state;
	assert_non_null(rig_begin(&rig->ends[0], NULL, NULL));
	ike_each_sa(rig->ends[0].ike, see, &seen);
	assert_string_equal(seen.view.state, "message-1-sent");
	assert_false(seen.view.is_established);
	rig_run(rig, 1000);
	seen.n = 0;
	ike_each_sa(rig->ends[0].ike, see, &seen);
	assert_int_equal(seen.n, 1);
	assert_string_equal(seen.view.state, "established");
	assert_string_equal(seen.view.identity, "192.0.2.2");
	assert_string_equal(seen.view.algorithms, "aes-128-cbc/sha1/modp768/pre-shared-key");
	assert_true(seen.view.is_initiator && seen.view.is_established);
	assert_true(seen.view.rekey_ms < seen.view.expires_ms && seen.view.since_ms < seen.view.rekey_ms);
	rig_close(rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_sa_is_renewed_before_it_ends_for_ever),
		cmocka_unit_test(the_initiator_is_earlier_than_the_responder_and_neither_is_on_the_dot),
		cmocka_unit_test(what_cannot_be_renewed_ends_with_its_lifetime_and_its_renewal_is_tried_more_than_once),
		cmocka_unit_test(lifebytes_count_what_ike_sends_and_receives),
		cmocka_unit_test(two_that_cross_leave_one),
		cmocka_unit_test(renewals_that_cross_leave_one_too),
		cmocka_unit_test(a_peer_that_a_reload_leaves_alone_does_not_notice),
		cmocka_unit_test(a_peer_that_a_reload_changes_is_told_and_begins_anew),
		cmocka_unit_test(an_sa_whose_local_address_a_reload_takes_away_ends),
		cmocka_unit_test(a_reload_that_takes_the_peer_away_amid_phase_1_is_survived),
		cmocka_unit_test(goodbye_is_said_once_and_ends_the_peers_sa),
		cmocka_unit_test(an_engine_that_closes_with_jobs_out_is_freed_after_them),
		cmocka_unit_test(threads_do_the_slow_work_as_well),
		cmocka_unit_test(people_see_state_identity_and_algorithms),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
