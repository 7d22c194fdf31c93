// SPDX-License-Identifier: BSD-2-Clause-Patent
#include "support_config.h"

static void a_policy_becomes_a_rule(void **state)
{
	struct plan *plan = plan_of("policies = ( { name = \"web\"; src_address = \"10.1.0.0/16\"; dst_address = \"10.2.0.0/24\";"
				    " protocol = \"tcp\"; src_port = \"1000-2000\"; dst_port = 443; action = \"discard\";"
				    " priority = 7; } ); default_action = \"discard\"; mode = \"nic\";");
	const struct adit_sp *sp = &plan->rules[0].sp;

	(void)state;
	assert_int_equal(plan->n_rules, 1);
	assert_int_equal(plan->n_pairs, 0);
	assert_string_equal(plan->rules[0].name, "web");
	assert_int_equal(plan->rules[0].pair, PLAN_NO_PAIR);
	assert_int_equal(sp->priority, 7);
	assert_memory_equal(sp->src.bytes, "\x0a\x01\x00\x00", 4);
	assert_int_equal(sp->src_plen, 16);
	assert_memory_equal(sp->dst.bytes, "\x0a\x02\x00\x00", 4);
	assert_int_equal(sp->dst_plen, 24);
	assert_false(sp->any_proto);
	assert_int_equal(sp->proto, 6);
	assert_false(sp->any_ports);
	assert_int_equal(sp->sport_lo, 1000);
	assert_int_equal(sp->sport_hi, 2000);
	assert_int_equal(sp->dport_lo, 443);
	assert_int_equal(sp->dport_hi, 443);
	assert_int_equal(sp->action, ADIT_ACTION_DISCARD);
	assert_true(plan->mode.nic);
	assert_false(plan->mode.pass_unmatched);
	plan_free(plan);
}

static void a_manual_sa_becomes_an_inbound_and_an_outbound_sa(void **state)
{
	struct plan *plan = plan_of("policies = ( " POLICY("p", "10.1.0.0/16", "manual_sa = \"m\";") " ); manual_sas = ( "
				    MANUAL("m", "0x1001", "0x1002") " );");
	const struct adit_sa *in = &plan->pairs[0].sas.sa[SA_IN], *out = &plan->pairs[0].sas.sa[SA_OUT];

	(void)state;
	assert_int_equal(plan->n_pairs, 1);
	assert_int_equal(plan->rules[0].pair, 0);
	assert_true(plan->rules[0].sp.any_proto && plan->rules[0].sp.any_ports);
	assert_int_equal(in->spi, 0x1001);
	assert_int_equal(in->dir, ADIT_DIR_IN);
	assert_memory_equal(in->src.bytes, "\xc6\x33\x64\x01", 4);
	assert_memory_equal(in->dst.bytes, "\xc0\x00\x02\x01", 4);
	assert_int_equal(in->replay_packets, 64);
	assert_int_equal(in->enc_key[0], 0x6b);
	assert_int_equal(in->auth_key[0], 0x31);
	assert_int_equal(out->spi, 0x1002);
	assert_int_equal(out->dir, ADIT_DIR_OUT);
	assert_memory_equal(out->src.bytes, "\xc0\x00\x02\x01", 4);
	assert_memory_equal(out->dst.bytes, "\xc6\x33\x64\x01", 4);
	assert_int_equal(out->replay_packets, 0);
	assert_int_equal(out->enc_key[0], 0xd9);
	assert_int_equal(out->auth_key[0], 0x8e);
	assert_int_equal(out->auth_key_bytes, 20);
	assert_int_equal(out->mode, ADIT_MODE_TUNNEL);
	assert_int_equal(out->enc, ADIT_ENC_AES_CBC_128);
	assert_int_equal(out->auth, ADIT_AUTH_HMAC_SHA1_96);
	assert_int_equal(plan->mode.n_local, 1);	/* sa_src_address, without being listed */
	plan_free(plan);
}

static void require_and_use_share_sas_and_unique_does_not(void **state)
{
	struct plan *plan = plan_of("policies = ( " POLICY("a", "10.1.0.0/16", "manual_sa = \"m\";") ", "
				    POLICY("b", "10.2.0.0/16", "manual_sa = \"m\"; level = \"use\";") ", "
				    POLICY("c", "10.3.0.0/16", "manual_sa = \"n\"; level = \"unique\";") ", "
				    POLICY("d", "10.4.0.0/16", "disabled = true; manual_sa = \"m\";") ", "
				    POLICY("e", "10.5.0.0/16", "") " ); manual_sas = ( " MANUAL("m", "0x1001", "0x1002") ", "
				    MANUAL("n", "0x2001", "0x2002") " );");

	(void)state;
	assert_int_equal(plan->n_rules, 4);
	assert_int_equal(plan->n_pairs, 2);
	assert_int_equal(plan->rules[0].pair, 0);
	assert_int_equal(plan->rules[1].pair, 0);
	assert_int_equal(plan->rules[2].pair, 1);
	assert_string_equal(plan->pairs[1].key, "policy c");
	assert_string_equal(plan->rules[3].name, "e");
	assert_int_equal(plan->rules[3].pair, PLAN_NO_PAIR);
	plan_free(plan);
}

static void gcm_keys_end_with_their_salt(void **state)
{
	/* RFC 4106 §8.1: the last four octets of the key material are the salt. */
	struct plan *plan = plan_of("policies = ( " POLICY("p", "10.1.0.0/16", "manual_sa = \"m\";") " ); manual_sas = ( { name = \"m\";"
				    " esp_spi = { in = 256; out = 257; }; esp_enc_algorithm = \"aes-128-gcm\";"
				    " esp_enc_key = { in = \"" KEY20 "\"; out = \"" KEY20B "\"; }; } );");

	(void)state;
	assert_memory_equal(plan->pairs[0].sas.sa[SA_IN].salt, "\x4c\x9e\x07\x15", 4);
	assert_int_equal(plan->pairs[0].sas.sa[SA_IN].enc_key[15], 0xb4);
	assert_int_equal(plan->pairs[0].sas.sa[SA_IN].enc_key[16], 0);
	plan_free(plan);
}

static void sas_differ_by_any_of_their_facts(void **state)
{
	struct plan *plan = plan_of("policies = ( " POLICY("p", "10.1.0.0/16", "manual_sa = \"m\";") " ); manual_sas = ( "
				    MANUAL("m", "0x1001", "0x1002") " );");
	const struct adit_sa a = plan->pairs[0].sas.sa[SA_IN];
	struct adit_sa b = a;

	(void)state;
	b.reqid = 77;
	b.seq_first = 1000;
	assert_true(sa_same(&a, &b));
	b.enc_key[31] ^= 1;
	assert_false(sa_same(&a, &b));
	b = a;
	b.spi++;
	assert_false(sa_same(&a, &b));
	b = a;
	b.src.bytes[3]++;
	assert_false(sa_same(&a, &b));
	b = a;
	b.mode = ADIT_MODE_TRANSPORT;
	assert_false(sa_same(&a, &b));
	b = a;
	b.auth_key[0] ^= 0x80;
	assert_false(sa_same(&a, &b));
	plan_free(plan);
}

/* Rules of policies that IKE keys are there at once, without SAs: the card asks for them. Templates and what is disabled are none. */
static void policies_of_ike_are_rules_without_sas_and_templates_are_none(void **state)
{
	struct plan *plan = plan_of("policies = ( " POLICY("a", "10.1.0.0/16", "") ", " POLICY("t", "10.2.0.0/16", "template = true;") ", "
				    POLICY("b", "10.3.0.0/16", "level = \"unique\";") ", " POLICY("off", "10.4.0.0/16", "disabled = true;") ", "
				    POLICY("m", "10.5.0.0/16", "manual_sa = \"m\";") " ); manual_sas = ( " MANUAL("m", "0x1001", "0x1002") " );");
	static const struct { const char *name; int pair; enum adit_level level; } want[] = {
		{ "a", PLAN_NO_PAIR, ADIT_LEVEL_REQUIRE }, { "b", PLAN_NO_PAIR, ADIT_LEVEL_UNIQUE }, { "m", 0, ADIT_LEVEL_REQUIRE }
	};

	(void)state;
	assert_int_equal(plan->n_rules, 3);
	assert_int_equal(plan->n_pairs, 1);
	for (size_t i = 0; i < 3; i++) {
		assert_string_equal(plan->rules[i].name, want[i].name);
		assert_int_equal(plan->rules[i].pair, want[i].pair);
		assert_int_equal(plan->rules[i].sp.action, ADIT_ACTION_ENCRYPT);
		assert_int_equal(plan->rules[i].sp.level, want[i].level);
	}
	plan_free(plan);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_policy_becomes_a_rule),
		cmocka_unit_test(a_manual_sa_becomes_an_inbound_and_an_outbound_sa),
		cmocka_unit_test(require_and_use_share_sas_and_unique_does_not),
		cmocka_unit_test(gcm_keys_end_with_their_salt),
		cmocka_unit_test(policies_of_ike_are_rules_without_sas_and_templates_are_none),
		cmocka_unit_test(sas_differ_by_any_of_their_facts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
