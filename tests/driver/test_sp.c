// SPDX-License-Identifier: BSD-2-Clause-Patent
/* Policies: order, differences only, the live bank untouched until the commit, and intact after any error. */
#include "rig.h"

#include <endian.h>

/* The live bank's policy ids by rank; -1 ends. */
static void live_ids(struct fake *fake, int ids[FAKE_SP_RULES + 1])
{
	unsigned n = 0;

	fake_lock(fake);
	while (n < FAKE_SP_RULES && fake->has_sp[fake->live_bank][n]) {
		ids[n] = le16toh(fake->sp[fake->live_bank][n].sp_id);
		n++;
	}
	ids[n] = -1;
	for (unsigned r = n; r < FAKE_SP_RULES; r++)
		assert_false(fake->has_sp[fake->live_bank][r]);
	fake_unlock(fake);
}

static unsigned ops(struct fake *fake, enum adit_op op)
{
	unsigned n;

	fake_lock(fake);
	n = fake->n_ops[op];
	fake_unlock(fake);
	return n;
}

static void assert_live(struct fake *fake, const int *ids, size_t n)
{
	int live[FAKE_SP_RULES + 1];

	live_ids(fake, live);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(live[i], ids[i]);
	assert_int_equal(live[n], -1);
}
#define ASSERT_LIVE(fake, ...) do {								\
	static const int ids[] = { __VA_ARGS__ };						\
	assert_live(fake, ids, sizeof(ids) / sizeof(ids[0]));					\
} while (0)

static void larger_priority_is_asked_first_then_the_lower_id(void **state)
{
	struct rig rig;
	const struct adit_sp rules[] = { rig_sp(3, 0), rig_sp(9, -5), rig_sp(1, 0), rig_sp(60, 2147483647), rig_sp(2, -2147483647 - 1) };

	(void)state;
	NEEDS_FAKE();
	rig = rig_open(NULL);
	assert_int_equal(adit_sp_replace_wait(rig.card, rules, 5), 0);
	ASSERT_LIVE(rig.fake, 60, 1, 3, 9, 2);
	rig_close(&rig);
}

static void the_record_is_as_the_contract_says(void **state)
{
	struct rig rig;
	struct adit_sp rule = rig_sp(5, 0);
	const uint8_t *record;

	(void)state;
	NEEDS_FAKE();
	rig = rig_open(NULL);
	rule.src.bytes[3] = 77;		/* beyond the prefix */
	rule.dst_plen = 19;
	rule.dst.bytes[2] = 0x7f;
	rule.any_proto = false;
	rule.proto = 17;
	rule.any_ports = false;
	rule.sport_lo = 1;
	rule.sport_hi = 0x203;
	rule.dport_lo = rule.dport_hi = 0xabcd;
	rule.level = ADIT_LEVEL_UNIQUE;
	rule.reqid = 0x01020304;
	assert_int_equal(adit_sp_replace_wait(rig.card, &rule, 1), 0);
	fake_lock(rig.fake);
	record = (const uint8_t *)&rig.fake->sp[rig.fake->live_bank][0];
	assert_memory_equal(record, "\x0a\x01\x05\x00\0\0\0\0\0\0\0\0\0\0\0\0", 16);
	assert_memory_equal(record + 16, "\x0a\x02\x60\x00\0\0\0\0\0\0\0\0\0\0\0\0", 16);
	assert_memory_equal(record + 32, "\x18\x13\x11\x06\x01\x00\x03\x02\xcd\xab\xcd\xab\x02\x02\x05\x00", 16);
	assert_memory_equal(record + 48, "\x04\x03\x02\x01\0\0\0\0\0\0\0\0\0\0\0\0", 16);
	fake_unlock(rig.fake);
	rig_close(&rig);
}

static void an_ipv6_rule_has_its_whole_prefix(void **state)
{
	struct rig rig;
	struct adit_sp rule = rig_sp(5, 0);
	const uint8_t *record;

	(void)state;
	NEEDS_FAKE();
	rig = rig_open(NULL);
	rule.src = (struct adit_addr){ .bytes = { 0x20, 1, 0xd, 0xb8, 0xff, 0xff, 0xff, 0xff, 0xff }, .is_v6 = true };
	rule.dst = (struct adit_addr){ .bytes = { 0xfe, 0x80, [15] = 0x77 }, .is_v6 = true };
	rule.src_plen = 61;
	rule.dst_plen = 128;
	rule.any_proto = rule.any_ports = false;
	rule.proto = 58;
	rule.sport_lo = rule.sport_hi = 128;	/* ICMPv6 type, RFC 4301 §4.4.1.1 */
	rule.dport_hi = 255;			/* any code */
	assert_int_equal(adit_sp_replace_wait(rig.card, &rule, 1), 0);
	fake_lock(rig.fake);
	record = (const uint8_t *)&rig.fake->sp[rig.fake->live_bank][0];
	assert_memory_equal(record, "\x20\x01\x0d\xb8\xff\xff\xff\xf8\0\0\0\0\0\0\0\0", 16);
	assert_memory_equal(record + 16, "\xfe\x80\0\0\0\0\0\0\0\0\0\0\0\0\0\x77", 16);
	assert_memory_equal(record + 32, "\x3d\x80\x3a\x07\x80\x00\x80\x00\x00\x00\xff\x00", 12);
	fake_unlock(rig.fake);
	rig_close(&rig);
}

static void an_opaque_rule_has_no_ports(void **state)	/* RFC 4301 §4.4.1.1 */
{
	struct rig rig;
	struct adit_sp rule = rig_sp(5, 0);

	(void)state;
	NEEDS_FAKE();
	rig = rig_open(NULL);
	rule.opaque = true;
	rule.any_proto = false;
	rule.proto = 17;
	assert_int_equal(adit_sp_replace_wait(rig.card, &rule, 1), 0);
	fake_lock(rig.fake);
	assert_int_equal(rig.fake->sp[rig.fake->live_bank][0].flags, 2 | 8);
	fake_unlock(rig.fake);
	rule.any_ports = false;
	assert_int_equal(adit_sp_replace(rig.card, &rule, 1, NULL, NULL), -EINVAL);
	assert_non_null(strstr(adit_card_strerror(rig.card), "policy 5: opaque"));
	rule.opaque = false;
	rule.proto = 1;
	rule.sport_lo = rule.sport_hi = 256;
	assert_int_equal(adit_sp_replace(rig.card, &rule, 1, NULL, NULL), -EINVAL);
	assert_non_null(strstr(adit_card_strerror(rig.card), "ICMP"));
	rig_close(&rig);
}

static void only_differences_go_to_the_idle_bank(void **state)
{
	struct rig rig;
	struct adit_sp rules[40];
	struct tally tally = { 0 };
	unsigned before;

	(void)state;
	NEEDS_FAKE();
	rig = rig_open(NULL);
	for (uint16_t i = 0; i < 40; i++)
		rules[i] = rig_sp(i, 100 - i);
	assert_int_equal(adit_sp_replace_wait(rig.card, rules, 40), 0);
	assert_int_equal(ops(rig.fake, ADIT_OP_SP_ADD), 40);
	assert_int_equal(adit_sp_replace_wait(rig.card, rules, 40), 0);	/* nothing changes: nothing is sent */
	assert_int_equal(ops(rig.fake, ADIT_OP_SP_COMMIT), 1);
	rules[20].reqid = 1234;
	assert_int_equal(adit_sp_replace_wait(rig.card, rules, 40), 0);	/* the other bank is still empty */
	assert_int_equal(ops(rig.fake, ADIT_OP_SP_ADD), 80);
	rules[21].reqid = 1234;
	assert_int_equal(adit_sp_replace_wait(rig.card, rules, 40), 0);	/* the first bank lacks two changes */
	assert_int_equal(ops(rig.fake, ADIT_OP_SP_ADD), 82);
	before = ops(rig.fake, ADIT_OP_SP_ADD);
	assert_int_equal(adit_sp_delete(rig.card, 39, tally_done, &tally), 0);
	assert_int_equal(rig_poll_until(rig.card, &tally.n, 1), 0);
	assert_int_equal(tally.status, 0);
	assert_int_equal(ops(rig.fake, ADIT_OP_SP_ADD), before + 1);
	assert_int_equal(ops(rig.fake, ADIT_OP_SP_DELETE), 1);
	fake_lock(rig.fake);
	assert_int_equal(rig.fake->n_writes_to_live, 0);
	fake_unlock(rig.fake);
	rig_close(&rig);
}

static void refuse(struct fake *fake, enum adit_op op, unsigned after, enum adit_status status)
{
	fake_lock(fake);
	fake->refuse_op = (int)op;
	fake->refuse_after = after;
	fake->refuse_status = (uint8_t)status;
	fake->refuse_field = ADIT_FIELD_SP_SPORT;
	fake_unlock(fake);
}

static void after_an_error_the_live_table_is_what_it_was(void **state)
{
	struct rig rig;
	const struct adit_sp first[] = { rig_sp(1, 0), rig_sp(2, 0) };
	struct adit_sp second[10];

	(void)state;
	NEEDS_FAKE();
	rig = rig_open(NULL);
	for (uint16_t i = 0; i < 10; i++)
		second[i] = rig_sp((uint16_t)(20 + i), 0);
	assert_int_equal(adit_sp_replace_wait(rig.card, first, 2), 0);
	for (unsigned after = 0; after < 10; after++) {	/* whichever rule is refused */
		refuse(rig.fake, ADIT_OP_SP_ADD, after, ADIT_STATUS_BAD_FIELD);
		assert_int_equal(adit_sp_replace_wait(rig.card, second, 10), -EINVAL);
		assert_non_null(strstr(adit_card_strerror(rig.card), "SP_SPORT"));
		ASSERT_LIVE(rig.fake, 1, 2);
		if (after == 0)
			assert_int_equal(ops(rig.fake, ADIT_OP_SP_COMMIT), 1);
		/* Now it is known where the bank stands, or it is written anew; the last case wrote all. */
		refuse(rig.fake, ADIT_OP_SP_COMMIT, 0, ADIT_STATUS_DMA_ERROR);
		assert_int_equal(adit_sp_replace_wait(rig.card, second, 10), -EIO);
		ASSERT_LIVE(rig.fake, 1, 2);
		fake_lock(rig.fake);	/* else there would be nothing left to refuse */
		for (unsigned i = 0; i < 10; i++)
			second[i].reqid++;
		fake_unlock(rig.fake);
	}
	assert_int_equal(adit_sp_replace_wait(rig.card, second, 10), 0);
	ASSERT_LIVE(rig.fake, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29);
	fake_lock(rig.fake);
	assert_int_equal(rig.fake->n_writes_to_live, 0);
	fake_unlock(rig.fake);
	rig_close(&rig);
}

static void replaces_queue_and_end_in_order(void **state)
{
	struct rig rig;
	const struct adit_sp a[] = { rig_sp(1, 0) }, b[] = { rig_sp(2, 0), rig_sp(3, 0) }, late = rig_sp(4, 10);
	struct tally tallies[6] = { 0 };

	(void)state;
	NEEDS_FAKE();
	rig = rig_open(NULL);
	assert_int_equal(adit_sp_replace(rig.card, a, 1, tally_done, &tallies[0]), 0);
	assert_int_equal(adit_sp_replace(rig.card, b, 2, tally_done, &tallies[1]), 0);
	assert_int_equal(adit_sp_add(rig.card, &late, tally_done, &tallies[2]), 0);
	assert_int_equal(adit_sp_delete(rig.card, 1, tally_done, &tallies[3]), 0);	/* gone since the second */
	assert_int_equal(adit_sp_delete(rig.card, 2, tally_done, &tallies[4]), 0);
	assert_int_equal(rig_poll_until(rig.card, &tallies[4].n, 1), 0);
	for (unsigned i = 0; i < 5; i++) {
		assert_int_equal(tallies[i].n, 1);
		assert_int_equal(tallies[i].status, i == 3 ? -ENOENT : 0);
	}
	ASSERT_LIVE(rig.fake, 4, 3);
	assert_int_equal(adit_sp_flush(rig.card, tally_done, &tallies[5]), 0);
	assert_int_equal(rig_poll_until(rig.card, &tallies[5].n, 1), 0);
	assert_live(rig.fake, NULL, 0);
	rig_close(&rig);
}

static void an_add_with_a_known_id_changes_the_rule(void **state)
{
	struct rig rig;
	const struct adit_sp rules[] = { rig_sp(1, 0), rig_sp(2, 0) };
	struct adit_sp change = rig_sp(2, 5);
	struct tally tally = { 0 };

	(void)state;
	NEEDS_FAKE();
	rig = rig_open(NULL);
	assert_int_equal(adit_sp_replace_wait(rig.card, rules, 2), 0);
	assert_int_equal(adit_sp_add(rig.card, &change, tally_done, &tally), 0);
	assert_int_equal(rig_poll_until(rig.card, &tally.n, 1), 0);
	ASSERT_LIVE(rig.fake, 2, 1);
	rig_close(&rig);
}

static void rules_that_make_no_sense_are_refused(void **state)
{
	struct rig rig = rig_open(NULL);
	const uint32_t n_rules = adit_card_caps(rig.card)->sp_rules;
	struct adit_sp *many = calloc(n_rules + 1, sizeof(*many));
	struct adit_sp rules[2];
	char why[400];

	(void)state;
	assert_non_null(many);
	for (uint32_t i = 0; i <= n_rules; i++)
		many[i] = rig_sp((uint16_t)i, 0);
	assert_int_equal(adit_sp_replace_wait(rig.card, many, n_rules + 1), -ENOSPC);
	assert_int_equal(adit_sp_replace_wait(rig.card, many, n_rules), 0);
	free(many);
#define REFUSED(change, error, word) do {							\
		rules[0] = rig_sp(1, 0);							\
		rules[1] = rig_sp(2, 0);							\
		change;										\
		assert_int_equal(adit_sp_replace_wait(rig.card, rules, 2), error);		\
		assert_non_null(strstr(adit_card_strerror(rig.card), word));			\
	} while (0)
	REFUSED(rules[1].id = 1, -EINVAL, "twice");
	REFUSED(rules[1].id = (uint16_t)n_rules, -EINVAL, "policy id");
	REFUSED(rules[1].src_plen = 33, -EINVAL, "source prefix of 33");
	REFUSED(rules[1].dst_plen = 255, -EINVAL, "destination prefix of 255");
	REFUSED((rules[1].any_ports = false, rules[1].dport_lo = 2, rules[1].dport_hi = 1), -EINVAL, "ports 2 to 1");
	REFUSED(rules[1].action = (enum adit_action)3, -EINVAL, "action 3");
	REFUSED(rules[1].level = (enum adit_level)3, -EINVAL, "level 3");
	REFUSED(rules[1].src.is_v6 = true, -EINVAL, "IP versions");
	assert_int_equal(adit_sp_replace_wait(rig.card, NULL, 0), 0);
	rig_close(&rig);
	if (!rig_is_fake())
		return;
	rig.fake = fake_open();
	rig.fake->feature_mask &= ~(1u << ADIT_FEATURE_IPV6);
	assert_int_equal(rig_try(rig.fake, &rig.card, why, sizeof(why)), 0);
	REFUSED((rules[1].src.is_v6 = true, rules[1].dst.is_v6 = true), -EOPNOTSUPP, "IPV6");
#undef REFUSED
	rig_close(&rig);
}

static void a_policy_is_bound_and_asked(void **state)
{
	struct rig rig = rig_open(NULL);
	const struct adit_sp rule = rig_sp(6, 0);
	struct adit_sa sa = rig_sa(ADIT_DIR_OUT, 0x1000);
	struct adit_sp_state got;

	(void)state;
	assert_int_equal(adit_sp_replace_wait(rig.card, &rule, 1), 0);
	assert_int_equal(adit_sa_add_wait(rig.card, 321, &sa), 0);
	assert_int_equal(adit_sp_query_wait(rig.card, 6, &got), 0);
	assert_int_equal(got.sa_slot, ADIT_NO_SLOT);
	assert_int_equal(adit_sp_bind_wait(rig.card, 6, 321), 0);
	assert_int_equal(adit_sp_query_wait(rig.card, 6, &got), 0);
	assert_int_equal(got.sa_slot, 321);
	if (rig.fake) {
		assert_int_equal(got.in_accepted, 7);
		assert_int_equal(got.out_transformed, 1006);
	}
	assert_int_equal(adit_sp_bind_wait(rig.card, 6, ADIT_NO_SLOT), 0);
	assert_int_equal(adit_sp_query_wait(rig.card, 6, &got), 0);
	assert_int_equal(got.sa_slot, ADIT_NO_SLOT);
	assert_int_equal(adit_sp_bind_wait(rig.card, 6, (uint16_t)adit_card_caps(rig.card)->sa_slots), -EINVAL);
	assert_int_equal(adit_sp_bind_wait(rig.card, (uint16_t)adit_card_caps(rig.card)->sp_rules, 0), -EINVAL);
	assert_int_equal(adit_sp_query_wait(rig.card, 65535, &got), -EINVAL);
	rig_close(&rig);
}

static int model_order(const void *a, const void *b)
{
	const struct adit_sp *x = a, *y = b;

	return x->priority != y->priority ? (x->priority > y->priority ? -1 : 1) : (int)x->id - (int)y->id;
}

/* Any sequence of changes, some refused, through a command ring far too small for one of them. */
static void a_random_history_leaves_the_table_that_a_list_would(void **state)
{
	const struct adit_open_options options = { .cmd_entries = 4, .evt_entries = 2 };
	struct rig rig;
	struct adit_sp model[FAKE_SP_RULES];
	unsigned n_model = 0;

	(void)state;
	NEEDS_FAKE();
	rig = rig_open(&options);
	srandom(rig_seed());
	for (unsigned turn = 0; turn < 400; turn++) {
		struct adit_sp rules[FAKE_SP_RULES];
		const bool is_refused = random() % 4 == 0;
		const unsigned kind = (unsigned)random() % 3;
		const uint16_t id = (uint16_t)(random() % FAKE_SP_RULES);
		unsigned n = 0, commits = ops(rig.fake, ADIT_OP_SP_COMMIT);
		struct tally tally = { 0 };
		int ids[FAKE_SP_RULES + 1];

		if (is_refused)
			refuse(rig.fake, random() % 2 ? ADIT_OP_SP_COMMIT : ADIT_OP_SP_ADD, 0, ADIT_STATUS_DMA_ERROR);
		if (kind == 0) {
			for (uint16_t i = 0; i < FAKE_SP_RULES; i++)
				if (random() % 3 == 0)
					rules[n++] = rig_sp(i, (int32_t)(random() % 5));
			assert_int_equal(adit_sp_replace(rig.card, rules, n, tally_done, &tally), 0);
		} else {
			for (unsigned i = 0; i < n_model; i++)
				if (model[i].id != id)
					rules[n++] = model[i];
			if (kind == 1) {
				rules[n] = rig_sp(id, (int32_t)(random() % 5));
				assert_int_equal(adit_sp_add(rig.card, &rules[n], tally_done, &tally), 0);
				n++;
			} else {
				assert_int_equal(adit_sp_delete(rig.card, id, tally_done, &tally), 0);
			}
		}
		assert_int_equal(rig_poll_until(rig.card, &tally.n, 1), 0);
		if (kind == 2 && n == n_model)
			assert_int_equal(tally.status, -ENOENT);
		else if (tally.status != 0)
			assert_int_equal(tally.status, -EIO);
		if (tally.status == 0) {
			qsort(rules, n, sizeof(rules[0]), model_order);
			memcpy(model, rules, sizeof(model));
			n_model = n;
		}
		assert_true(ops(rig.fake, ADIT_OP_SP_COMMIT) <= commits + 1);
		live_ids(rig.fake, ids);
		for (unsigned i = 0; i < n_model; i++)
			assert_int_equal(ids[i], model[i].id);
		assert_int_equal(ids[n_model], -1);
		fake_lock(rig.fake);
		rig.fake->refuse_op = -1;
		assert_int_equal(rig.fake->n_writes_to_live, 0);
		fake_unlock(rig.fake);
	}
	rig_close(&rig);
}

static void a_wait_that_ends_early_leaves_the_replace_alone(void **state)
{
	struct rig rig;
	const struct adit_sp rule = rig_sp(1, 0);
	int error = 0;

	(void)state;
	NEEDS_FAKE();
	rig = rig_open(NULL);
	fake_set_sin(rig.fake, CARD_SILENT);
	assert_bounded(error = adit_sp_replace_wait(rig.card, &rule, 1));
	assert_int_equal(error, -ETIMEDOUT);
	fake_set_sin(rig.fake, CARD_GOOD);
	assert_int_equal(adit_card_recover(rig.card), 0);
	assert_int_equal(adit_sp_replace_wait(rig.card, &rule, 1), 0);
	ASSERT_LIVE(rig.fake, 1);
	rig_close(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(larger_priority_is_asked_first_then_the_lower_id),
		TEST(the_record_is_as_the_contract_says),
		TEST(an_ipv6_rule_has_its_whole_prefix),
		TEST(an_opaque_rule_has_no_ports),
		TEST(only_differences_go_to_the_idle_bank),
		TEST(after_an_error_the_live_table_is_what_it_was),
		TEST(replaces_queue_and_end_in_order),
		TEST(an_add_with_a_known_id_changes_the_rule),
		TEST(rules_that_make_no_sense_are_refused),
		TEST(a_policy_is_bound_and_asked),
		TEST(a_random_history_leaves_the_table_that_a_list_would),
		TEST(a_wait_that_ends_early_leaves_the_replace_alone),
	};

	return cmocka_run_group_tests_name("driver/sp", tests, NULL, NULL);
}
