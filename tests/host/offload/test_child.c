// SPDX-License-Identifier: BSD-2-Clause-Patent
/* Children: what is asked of the card, in which order, and what becomes of it when something fails at any point. */
#include <errno.h>
#include <stdio.h>

#include "fake_adit.h"
#include "offload/child.h"
#include "support_config.h"

#define IKE_RULE(name, src) POLICY(name, src, "")
#define ONE "policies = ( " IKE_RULE("a", "10.1.0.0/16") " );"
#define TWO "policies = ( " IKE_RULE("a", "10.1.0.0/16") ", " IKE_RULE("b", "10.2.0.0/16") " );"
#define MIXED "policies = ( " IKE_RULE("a", "10.1.0.0/16") ", " POLICY("m", "10.3.0.0/16", "manual_sa = \"m\";") " ); manual_sas = ( " \
	MANUAL("m", "0x1001", "0x1002") " );"
#define NOT_TOLD 12345

struct told {
	unsigned n;
	int status;
	char why[200];
};

/* The engine's side of things. */
static struct {
	struct told stages[4000][2];
	unsigned n_events, n_used;
	uint32_t event_id, used_id;
	enum child_event event;
	struct child_use use;
} seen;
static struct offload_changes changes;
static char why[OFFLOAD_WHY_BYTES];

static void on_done(void *arg, uint32_t id, enum child_stage stage, int status, const char *text)
{
	struct told *told = &seen.stages[id][stage];

	(void)arg;
	told->n++;
	told->status = status;
	(void)snprintf(told->why, sizeof(told->why), "%s", text);
}

static void on_event(void *arg, uint32_t id, enum child_event event)
{
	(void)arg;
	seen.n_events++;
	seen.event_id = id;
	seen.event = event;
}

static void on_used(void *arg, uint32_t id, const struct child_use *use)
{
	(void)arg;
	seen.n_used++;
	seen.used_id = id;
	seen.use = *use;
}

static struct offload *open_with(const char *text)
{
	struct offload *offload = offload_open(fake_card());
	struct plan *plan = plan_of(text);

	memset(&seen, 0, sizeof(seen));
	children_on_done(offload, on_done, NULL);
	children_on_event(offload, on_event);
	assert_int_equal(offload_apply(offload, plan, false, &changes, why), 0);
	plan_free(plan);
	fake.log[0] = 0;
	return offload;
}

static int setup(void **state)
{
	fake_reset();
	*state = open_with(TWO);
	return 0;
}

static int teardown(void **state)
{
	offload_close(*state);
	return 0;
}

static void apply(struct offload *offload, const char *text)
{
	struct plan *plan = plan_of(text);

	assert_int_equal(offload_apply(offload, plan, false, &changes, why), 0);
	plan_free(plan);
}

static void key_of(struct adit_sa *sa, uint32_t id, unsigned side)
{
	memset(sa->enc_key, (int)(0x40 + id % 100), 16);
	memset(sa->auth_key, (int)(0x40 + side), 20);
	sa->auth_key_bytes = 20;
}

static struct child_spec spec_of(uint32_t id, const char *policy, unsigned n)
{
	struct child_spec spec = { .id = id, .sas.n = n };

	(void)snprintf(spec.policy, sizeof(spec.policy), "%s", policy);
	for (unsigned side = 0; side < n; side++) {
		struct adit_sa *sa = &spec.sas.sa[side];

		sa->spi = 0x1000 + 16 * id + side;
		sa->dir = sa_side_is_out(side) ? ADIT_DIR_OUT : ADIT_DIR_IN;
		sa->proto = side >= SA_AH_IN ? ADIT_PROTO_AH : ADIT_PROTO_ESP;
		sa->mode = side >= SA_AH_IN ? ADIT_MODE_TRANSPORT : ADIT_MODE_TUNNEL;
		sa->enc = side >= SA_AH_IN ? ADIT_ENC_NULL : ADIT_ENC_AES_CBC_128;
		sa->auth = ADIT_AUTH_HMAC_SHA1_96;
		sa->replay_packets = sa_side_is_out(side) ? 0 : 1000;
		key_of(sa, id, side);
	}
	return spec;
}

static struct child_spec generated(uint32_t id, const char *name, uint8_t net)
{
	struct child_spec spec = spec_of(id, name, 2);

	spec.is_generated = true;
	spec.rule = (struct cfg_policy){ .proto = -1, .sport.any = true, .dport.any = true, .tunnel = true, .action = ADIT_ACTION_ENCRYPT,
					 .level = ADIT_LEVEL_UNIQUE, .esp = true };
	spec.rule.src.addr.bytes[0] = 10;
	spec.rule.src.addr.bytes[1] = net;
	spec.rule.src.plen = 16;
	spec.rule.dst.plen = 32;
	return spec;
}

static void turn(struct offload *offload)
{
	children_poll(offload);
	(void)!adit_card_poll(fake_card(), 256);
	children_poll(offload);
}

static void turns(struct offload *offload)
{
	for (unsigned i = 0; i < 40; i++)
		turn(offload);
}

static void install(struct offload *offload, uint32_t id, const char *policy, unsigned n)
{
	struct child_spec spec = spec_of(id, policy, n);

	children_install(offload, &spec, CHILD_INBOUND);
	turns(offload);
	children_install(offload, &spec, CHILD_OUTBOUND);
	turns(offload);
}

static unsigned n_sas(void)
{
	unsigned n = 0;

	for (unsigned i = 0; i < FAKE_MOST_SLOTS; i++)
		n += fake.has_sa[i];
	return n;
}

static const struct adit_sa *sa_by_spi(uint32_t spi)
{
	for (unsigned i = 0; i < FAKE_MOST_SLOTS; i++)
		if (fake.has_sa[i] && fake.sas[i].spi == spi)
			return &fake.sas[i];
	return NULL;
}

static uint16_t slot_by_spi(uint32_t spi)
{
	const struct adit_sa *sa = sa_by_spi(spi);

	return sa ? (uint16_t)(sa - fake.sas) : ADIT_NO_SLOT;
}

/* ---- */

static void inbound_comes_first_and_the_rule_is_bound_last(void **state)
{
	struct offload *offload = *state;
	struct child_spec spec = spec_of(1, "b", 2);

	children_install(offload, &spec, CHILD_INBOUND);
	assert_string_equal(fake.log, "");
	turns(offload);
	assert_string_equal(fake.log, "+in0 ");
	assert_int_equal(seen.stages[1][CHILD_INBOUND].n, 1);
	assert_int_equal(seen.stages[1][CHILD_INBOUND].status, 0);
	assert_int_equal(seen.stages[1][CHILD_OUTBOUND].n, 0);
	children_install(offload, &spec, CHILD_OUTBOUND);
	turns(offload);
	assert_string_equal(fake.log, "+in0 +out1 bind1=1 ");
	assert_int_equal(seen.stages[1][CHILD_OUTBOUND].n, 1);
	assert_int_equal(seen.stages[1][CHILD_OUTBOUND].status, 0);
	assert_int_equal(fake.sas[0].reqid, fake.rules[1].reqid);
	assert_int_equal(fake.sas[1].reqid, fake.rules[1].reqid);
	assert_true(fake.rules[0].reqid != fake.rules[1].reqid);
	assert_int_equal(fake.sas[0].replay_packets, 64);	/* as many as the card can */
}

static void a_child_goes_backwards_after_the_rule_is_unbound(void **state)
{
	struct offload *offload = *state;

	install(offload, 1, "a", 2);
	fake.log[0] = 0;
	children_remove(offload, 1);
	turns(offload);
	assert_string_equal(fake.log, "unbind0 -1 -0 ");
	assert_int_equal(n_sas(), 0);
	children_remove(offload, 1);	/* and again: nothing */
	turns(offload);
	assert_string_equal(fake.log, "unbind0 -1 -0 ");
}

static void of_a_bundle_ah_comes_first_and_goes_last(void **state)
{
	struct offload *offload = *state;

	install(offload, 1, "a", 4);
	assert_string_equal(fake.log, "+in1 +in0 +out3 +out2 bind0=2 ");
	assert_true(fake.sas[0].has_next && fake.sas[0].next_slot == 1 && fake.sas[0].proto == ADIT_PROTO_ESP);
	assert_true(fake.sas[1].has_next && fake.sas[1].next_slot == 0 && fake.sas[1].proto == ADIT_PROTO_AH);
	assert_true(fake.sas[2].has_next && fake.sas[2].next_slot == 3);
	assert_false(fake.sas[3].has_next);
	fake.log[0] = 0;
	children_remove(offload, 1);
	turns(offload);
	assert_string_equal(fake.log, "unbind0 -2 -3 -0 -1 ");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(inbound_comes_first_and_the_rule_is_bound_last),
		TEST(a_child_goes_backwards_after_the_rule_is_unbound),
		TEST(of_a_bundle_ah_comes_first_and_goes_last),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
