// SPDX-License-Identifier: BSD-2-Clause-Patent
/* The seed manual's property tables; proposals, policies of IKE and the daemon's own keys with good, bad and boundary values. */
#include "config/support_parse.h"

/* ---- the seed manual's property tables: each name with _ for -, each of its values, each of its defaults */

#define TABLE_PEER "peers = ( { name = \"x\"; %s = %s; } );"
#define TABLE_POLICY "policies = ( { name = \"x\"; sa_src_address = \"192.0.2.1\"; sa_dst_address = \"192.0.2.2\"; tunnel = true; %s = %s; } );"
#define TABLE_POLICY_END "policies = ( { name = \"x\"; action = \"none\"; %s = %s; } );"
#define TABLE_PROPOSAL "proposals = ( { name = \"x\"; %s = %s; } );"

static void every_property_of_the_seed_manual_takes_every_value_it_lists(void **state)
{
	static const struct { const char *table, *key, *values[16]; } rows[] = {
		{ TABLE_PEER, "address", { "\"192.0.2.0/24:500\"", "\"192.0.2.1\"" } },
		{ TABLE_PEER, "auth_method", { "\"pre-shared-key\"" } },	/* rsa-signature: where certificates are tested */
		{ TABLE_PEER, "certificate", { "\"office.pem\"" } },
		{ TABLE_PEER, "dh_group", { "\"ec2n155\"", "\"ec2n185\"", "\"modp1024\"", "\"modp1536\"", "\"modp768\"" } },
		{ TABLE_PEER, "dpd_interval", { "\"disable-dpd\"", "\"2m\"" } },
		{ TABLE_PEER, "dpd_maximum_failures", { "1", "5", "100" } },
		{ TABLE_PEER, "enc_algorithm", { "\"3des\"", "\"aes-128\"", "\"aes-192\"", "\"aes-256\"", "\"des\"", "\"blowfish\"",
						 "\"camellia-128\"", "\"camellia-192\"", "\"camellia-256\"" } },
		{ TABLE_PEER, "exchange_mode", { "\"aggressive\"", "\"base\"", "\"main\"" } },
		{ TABLE_PEER, "generate_policy", { "\"yes\"", "\"no\"" } },
		{ TABLE_PEER, "hash_algorithm", { "\"md5\"", "\"sha1\"" } },
		{ TABLE_PEER, "lifebytes", { "0", "\"4294967295\"" } },
		{ TABLE_PEER, "lifetime", { "\"1d\"" } },
		{ TABLE_PEER, "nat_traversal", { "\"yes\"", "\"no\"" } },
		{ TABLE_PEER, "proposal_check", { "\"claim\"", "\"exact\"", "\"obey\"", "\"strict\"" } },
		{ TABLE_PEER, "remote_certificate", { "\"office2.pem\"" } },
		{ TABLE_PEER, "secret", { "\"\"", "\"test\"", "\"0x74657374\"" } },
		{ TABLE_PEER, "send_initial_contact", { "\"yes\"", "\"no\"" } },
		{ TABLE_POLICY, "action", { "\"discard\"", "\"encrypt\"", "\"none\"" } },
		{ TABLE_POLICY, "dst_address", { "\"10.1.0.0/16\"" } },
		{ TABLE_POLICY, "ipsec_protocols", { "\"ah\"", "\"esp\"", "[ \"ah\", \"esp\" ]" } },
		{ TABLE_POLICY, "level", { "\"require\"", "\"unique\"", "\"use\"" } },
		{ TABLE_POLICY, "manual_sa", { "\"none\"" } },
		{ TABLE_POLICY, "priority", { "-2147483646", "0", "2147483647" } },
		{ TABLE_POLICY, "proposal", { "\"default\"" } },
		{ TABLE_POLICY, "protocol", { "\"all\"", "\"egp\"", "\"ggp\"", "\"icmp\"", "\"igmp\"" } },
		{ TABLE_POLICY_END, "sa_dst_address", { "\"192.0.2.2\"" } },
		{ TABLE_POLICY_END, "sa_src_address", { "\"192.0.2.1\"" } },
		{ TABLE_POLICY, "src_address", { "\"10.1.0.0/16\"" } },
		{ TABLE_POLICY_END, "tunnel", { "\"yes\"", "\"no\"" } },
		{ TABLE_PROPOSAL, "auth_algorithms", { "\"md5\"", "\"sha1\"" } },	/* null: null_is_allowed_for_either_but_not_for_both */
		{ TABLE_PROPOSAL, "enc_algorithms", { "\"null\"", "\"des\"", "\"3des\"", "\"aes-128\"", "\"aes-192\"", "\"aes-256\"", "\"blowfish\"",
						      "\"camellia-128\"", "\"camellia-192\"", "\"camellia-256\"", "\"twofish\"" } },
		{ TABLE_PROPOSAL, "lifetime", { "\"30m\"" } },
		{ TABLE_PROPOSAL, "pfs_group", { "\"ec2n155\"", "\"ec2n185\"", "\"modp1024\"", "\"modp1536\"", "\"modp768\"", "\"modp8192\"" } },
	};
	unsigned n = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		for (size_t v = 0; v < COUNT(rows[i].values) && rows[i].values[v]; v++, n++) {
			char text[512];

			(void)snprintf(text, sizeof(text), rows[i].table, rows[i].key, rows[i].values[v]);
			config_free(parse_good(text));
		}
	}
	print_message("%zu properties, %u values\n", COUNT(rows), n);
}

static void every_property_that_is_not_set_has_the_seed_manuals_default(void **state)
{
	struct config *config = parse_good("peers = ( { name = \"x\"; } ); policies = ( { name = \"x\"; tunnel = true;"
					   "sa_src_address = \"192.0.2.1\"; sa_dst_address = \"192.0.2.2\"; } ); proposals = ( { name = \"x\"; } );");
	const struct cfg_peer *peer = config_peer(config, "x");
	const struct cfg_policy *policy = config_policy(config, "x");
	const struct cfg_proposal *proposal = config_proposal(config, "x");

	(void)state;
	assert_int_equal(peer->address.plen, 0);
	assert_int_equal(peer->port, 500);
	assert_int_equal(peer->auth_method, AUTH_METHOD_PSK);
	assert_string_equal(peer->certificate, "");
	assert_string_equal(peer->remote_certificate, "");
	assert_true(peer->n_dhs == 1 && peer->dhs[0] == DH_MODP1024);
	assert_true(peer->n_encs == 1 && peer->encs[0] == ADIT_ENC_DES3_CBC);
	assert_true(peer->n_hashes == 1 && peer->hashes[0] == ADIT_AUTH_HMAC_MD5_96);
	assert_int_equal(peer->dpd_seconds, 0);
	assert_int_equal(peer->dpd_failures, 5);
	assert_int_equal(peer->exchange_mode, EXCHANGE_MAIN);
	assert_int_equal(peer->lifetime_seconds, 86400);
	assert_int_equal(peer->lifetime_bytes, 0);
	assert_false(peer->nat_traversal || peer->generate_policy);
	assert_int_equal(peer->check, CHECK_OBEY);
	assert_int_equal(peer->secret_bytes, 0);
	assert_true(peer->send_initial_contact);
	assert_int_equal(policy->action, ADIT_ACTION_ENCRYPT);
	assert_int_equal(policy->src.plen + policy->dst.plen, 0);
	assert_true(policy->esp && !policy->ah);
	assert_int_equal(policy->level, ADIT_LEVEL_REQUIRE);
	assert_string_equal(policy->manual_sa, "");
	assert_int_equal(policy->priority, 0);
	assert_string_equal(policy->proposal, "default");
	assert_int_equal(policy->proto, -1);
	assert_false(policy->is_template || policy->disabled);
	assert_true(proposal->n_auths == 1 && proposal->auths[0] == ADIT_AUTH_HMAC_SHA1_96);
	assert_true(proposal->n_encs == 1 && proposal->encs[0] == ADIT_ENC_DES3_CBC);
	assert_int_equal(proposal->lifetime_seconds, 1800);
	assert_int_equal(proposal->pfs, DH_MODP1024);
	config_free(config);
}

/* ---- proposals */

static void the_default_proposal_is_there_without_being_written(void **state)
{
	struct config *config = parse_good("mode = \"wire\";");
	const struct cfg_proposal *proposal = config_proposal(config, "default");

	(void)state;
	assert_non_null(proposal);
	assert_int_equal(config->n_proposals, 1);
	assert_int_equal(proposal->n_auths, 1);
	assert_int_equal(proposal->auths[0], ADIT_AUTH_HMAC_SHA1_96);
	assert_int_equal(proposal->n_encs, 1);
	assert_int_equal(proposal->encs[0], ADIT_ENC_DES3_CBC);
	assert_int_equal(proposal->lifetime_seconds, 1800);
	assert_int_equal(proposal->lifetime_bytes, 0);
	assert_int_equal(proposal->pfs, DH_MODP1024);
	assert_int_equal(proposal->replay_packets, 128);
	assert_false(proposal->esn || proposal->allow_null_auth);
	config_free(config);
	config = parse_good("proposals = ( { name = \"default\"; enc_algorithms = \"aes-256\"; } );");
	assert_int_equal(config->n_proposals, 1);
	assert_int_equal(config->proposals[0].encs[0], ADIT_ENC_AES_CBC_256);
	config_free(config);
}

/* Its weakness is told to those who use it, and only to them. */
static void the_default_proposal_is_judged_where_it_is_used(void **state)
{
	static const char *const tails[] = { "proposal = \"default\"; } );", "disabled = true; } );", "action = \"none\"; } );" };

	(void)state;
	for (size_t i = 0; i < COUNT(tails); i++) {
		char text[512];
		struct diag diag;
		struct config *config;

		(void)snprintf(text, sizeof(text), POLICY "%s", tails[i]);
		config = parse(text, &diag);
		assert_non_null(config);
		assert_int_equal(is_told(&diag, "t: warning: proposal \"default\": 3des is weak"), i == 0);
		assert_int_equal(is_told(&diag, "t: warning: proposal \"default\": pfs_group modp1024 is weak"), i == 0);
		config_free(config);
		diag_close(&diag);
	}
}

static void auth_algorithms_and_enc_algorithms_are_lists(void **state)
{
	struct config *config = good_proposal("auth_algorithms = [ \"md5\", \"sha1\", \"sha256\", \"sha384\", \"sha512\" ];"
		"enc_algorithms = [ \"des\", \"3des\", \"aes-128\", \"aes-192\", \"aes-256\", \"blowfish\", \"camellia-128\", \"camellia-192\","
		"\"camellia-256\", \"twofish\", \"null\", \"aes-256-gcm-8\", \"aes-256-gcm-12\", \"aes-256-gcm\", \"aes-128-ctr\" ];");
	const struct cfg_proposal *proposal = &config->proposals[0];

	(void)state;
	assert_int_equal(proposal->n_auths, 5);
	assert_int_equal(proposal->n_encs, 15);
	assert_int_equal(proposal->encs[9], ADIT_ENC_TWOFISH_CBC);
	assert_int_equal(proposal->icvs[9], 0);
	assert_int_equal(proposal->encs[11], ADIT_ENC_AES_GCM_256);
	assert_int_equal(proposal->icvs[11], 8);
	assert_int_equal(proposal->icvs[12], 12);
	assert_int_equal(proposal->icvs[13], 16);
	config_free(config);
	config = good_proposal("auth_algorithms = \"sha256\"; enc_algorithms = \"aes-128\";");
	assert_int_equal(config->proposals[0].auths[0], ADIT_AUTH_HMAC_SHA256_128);
	config_free(config);
	expect_proposal("enc_algorithms = [ \"aes-256-gcm\", \"aes-256-gcm-16\" ];", "t:3: enc_algorithms: \"aes-256-gcm-16\" stands twice");
	expect_proposal("enc_algorithms = [ ];", "t:3: enc_algorithms: wants 1 .. 32 words");
	expect_proposal("auth_algorithms = [ ];", "t:3: auth_algorithms: wants 1 .. 32 words");
	expect_proposal("auth_algorithms = [ \"sha3\" ];", "t:3: auth_algorithms: unknown word \"sha3\"; did you mean \"sha1\"?");
	expect_proposal("enc_algorithms = [ \"des\" ];", "t:2: warning: proposal \"q\": des is weak");
	expect_proposal("auth_algorithms = [ \"md5\" ];", "t:2: warning: proposal \"q\": md5 is weak");
}

static void null_is_allowed_for_either_but_not_for_both(void **state)
{
	struct config *config = good_proposal("enc_algorithms = \"null\"; auth_algorithms = \"sha1\";");

	(void)state;
	config_free(config);
	config = good_proposal("enc_algorithms = \"aes-128\"; auth_algorithms = \"null\"; allow_null_authentication = true;");
	assert_true(config->proposals[0].allow_null_auth);
	config_free(config);
	config_free(good_proposal("enc_algorithms = \"aes-128-gcm\"; auth_algorithms = \"null\";"));	/* brings its own */
	expect_proposal("enc_algorithms = \"null\"; auth_algorithms = [ \"sha1\", \"null\" ]; allow_null_authentication = true;",
			"t:2: proposal \"q\": null encryption with null authentication protects nothing");
	expect_proposal("enc_algorithms = \"aes-128\"; auth_algorithms = \"null\";",
			"t:2: proposal \"q\": auth_algorithms null also wants allow_null_authentication = true: encryption without integrity can be "
			"turned against itself");
	expect_proposal("enc_algorithms = \"aes-128\"; auth_algorithms = \"null\"; allow_null_authentication = true;",
			"t:2: warning: proposal \"q\": encryption without integrity can be turned against itself");
	expect_proposal("allow_null_authentication = \"maybe\";", "t:3: allow_null_authentication: wants true or false");
}

static void gmac_wants_cipher_null(void **state)
{
	struct config *config = good_proposal("enc_algorithms = \"null\"; auth_algorithms = [ \"aes-256-gmac\" ];");

	(void)state;
	assert_int_equal(config->proposals[0].auths[0], ADIT_AUTH_AES_GMAC_256);
	config_free(config);
	expect_proposal("enc_algorithms = \"aes-128\"; auth_algorithms = [ \"aes-128-gmac\", \"sha1\" ];",
			"t:2: proposal \"q\": aes-*-gmac protects without encrypting: enc_algorithms must list null");
}

static void lifetime_lifebytes_pfs_group_esn_and_replay_window_have_bounds(void **state)
{
	struct config *config = good_proposal("lifetime = \"1h\"; lifebytes = \"9223372036854775807\"; pfs_group = \"none\"; esn = true; replay_window = 4096;");

	(void)state;
	assert_int_equal(config->proposals[0].lifetime_seconds, 3600);
	assert_int_equal(config->proposals[0].lifetime_bytes, INT64_MAX);
	assert_int_equal(config->proposals[0].pfs, DH_NONE);
	assert_true(config->proposals[0].esn);
	assert_int_equal(config->proposals[0].replay_packets, 4096);
	config_free(config);
	config_free(good_proposal("replay_window = 32;"));
	config_free(good_proposal("replay_window = 0;"));
	expect_proposal("lifetime = 0;", "t:3: lifetime: 0 is not within 1 .. 4294967295");
	expect_proposal("lifebytes = -1;", "t:3: lifebytes: -1 is not within 0 .. 9223372036854775807");
	expect_proposal("pfs_group = \"modp1025\";", "t:3: pfs_group: unknown word \"modp1025\"; did you mean \"modp1024\"?");
	expect_proposal("pfs_group = [ \"modp1024\" ];", "t:3: pfs_group: wants a string in quotes");
	expect_proposal("pfs_group = \"ec2n155\";", "t:2: warning: proposal \"q\": pfs_group ec2n155 is weak");
	expect_proposal("esn = 1;", "t:3: esn: wants true or false");
	expect_proposal("replay_window = 31;", "t:3: replay_window: 0 turns the window off; else it holds 32 .. 4096 packets");
	expect_proposal("replay_window = 4097;", "t:3: replay_window: 4097 is not within 0 .. 4096");
	expect_proposal("replay_window = 0; esn = true;", "t:2: proposal \"q\": esn needs a replay_window");
}

/* ---- policies that get their keys from IKE */

static void a_policy_without_a_peer_is_warned_of(void **state)
{
	struct diag diag;
	struct config *config;

	(void)state;
	expect(POLICY "} );", "t:1: warning: policy \"to-b\": no peer's address holds sa_dst_address 198.51.100.1: there is nobody to get keys from");
	config = parse(POLICY "} ); peers = ( { name = \"p\"; address = \"198.51.100.0/24\"; } );", &diag);
	assert_non_null(config);
	assert_false(is_told(&diag, "t:1: warning: policy \"to-b\": no peer's address holds sa_dst_address 198.51.100.1: there is nobody to get "
			     "keys from"));
	config_free(config);
	diag_close(&diag);
	expect("policies = ( { name = \"a\"; tunnel = true; sa_src_address = \"192.0.2.1\"; } );",
	       "t:1: policy \"a\": action encrypt wants sa_dst_address");
}

static void a_policy_and_its_proposal_must_go_together(void **state)
{
#define PEER "peers = ( { name = \"p\"; address = \"198.51.100.1\"; %s } );"
	(void)state;
	expect(POLICY "proposal = \"x\"; } );", "t:1: policy \"to-b\": there is no proposal \"x\"");
	expect(POLICY "ipsec_protocols = \"ah\"; proposal = \"q\"; } ); proposals = ( { name = \"q\"; enc_algorithms = \"aes-128-gcm\";"
	       "auth_algorithms = \"null\"; } );",
	       "t:1: policy \"to-b\": AH wants an auth_algorithm such as sha256, and proposal \"q\" has none");
	expect(POLICY "proposal = \"q\"; } ); proposals = ( { name = \"q\"; enc_algorithms = \"aes-128\"; auth_algorithms = \"aes-128-gmac\"; } );",
	       "t:1: policy \"to-b\": no enc_algorithm of proposal \"q\" goes with one of its auth_algorithms");
	expect(POLICY "proposal = \"q\"; } ); proposals = ( { name = \"q\"; pfs_group = \"x25519\"; } );"
	       "peers = ( { name = \"p\"; address = \"198.51.100.1\"; } );",
	       "t:1: policy \"to-b\": pfs_group \"x25519\" of proposal \"q\" needs exchange_mode \"ike2\", and peer \"p\" has another");
	config_free(parse_good(POLICY "proposal = \"q\"; } ); proposals = ( { name = \"q\"; pfs_group = \"x25519\"; } );"
			       "peers = ( { name = \"p\"; address = \"198.51.100.1\"; exchange_mode = \"ike2\"; } );"));
	expect(POLICY "ipsec_protocols = [ \"ah\", \"esp\" ]; } ); peers = ( { name = \"p\"; address = \"198.51.100.1\"; nat_traversal = true; } );",
	       "t:1: warning: policy \"to-b\": AH cannot pass a NAT, and peer \"p\" has nat_traversal");
	/* the most specific peer counts */
	expect(POLICY "ipsec_protocols = \"ah\"; } ); peers = ( { name = \"all\"; }, { name = \"p\"; address = \"198.51.100.0/24\"; nat_traversal = true; } );",
	       "t:1: warning: policy \"to-b\": AH cannot pass a NAT, and peer \"p\" has nat_traversal");
}

static void what_ikev1_cannot_say_of_ports_is_warned_of(void **state)
{
	static const struct { const char *keys; bool is_told; } rows[] = {
		{ "", false }, { "protocol = \"udp\"; dst_port = 1701;", false }, { "protocol = \"udp\"; dst_port = \"1701-1702\";", true },
		{ "protocol = \"udp\"; src_port = \"1-65535\";", true }, { "protocol = \"udp\"; src_port = \"opaque\"; dst_port = \"opaque\";", true },
		{ "protocol = \"udp\"; src_port = \"any\"; dst_port = \"any\";", false }
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char text[512];
		struct config *config;
		struct diag diag;

		(void)snprintf(text, sizeof(text), POLICY "%s } ); peers = ( { name = \"p\"; } );", rows[i].keys);
		config = parse(text, &diag);
		assert_non_null(config);
		assert_int_equal(is_told(&diag, "t:1: warning: policy \"to-b\": IKEv1 has no word for a range of ports or opaque ones: the SA is asked "
					 "for any port"), rows[i].is_told);
		config_free(config);
		diag_close(&diag);
	}
}

/* 300 peers by default are 1500 warnings; what comes after them and is an error is told. */
static void an_error_is_told_after_any_number_of_warnings(void **state)
{
	enum { N_PEERS = 300 };
	char *text = malloc(N_PEERS * 64 + 256);
	size_t n = (size_t)sprintf(text, "peers = ( ");

	(void)state;
	for (unsigned i = 0; i < N_PEERS; i++)
		n += (size_t)sprintf(text + n, "{ name = \"p%u\"; address = \"10.0.%u.%u\"; },\n", i, i / 250, i % 250);
	(void)sprintf(text + n, "{ name = \"p\"; } );\npolicies = ( { name = \"a\"; tunnel = true; sa_src_address = \"1.1.1.1\"; "
		      "sa_dst_address = \"2.2.2.2\"; proposal = \"x\"; } );");
	expect(text, "t:302: policy \"a\": there is no proposal \"x\"");
	free(text);
}

/* ---- the daemon's own */

static void peers_want_an_address_to_listen_at_and_a_tap(void **state)
{
	struct config *config;
	struct diag diag;

	(void)state;
	expect("peers = ( { name = \"p\"; } );", "t: warning: peers, but no local_addresses: IKE has nowhere to listen");
	expect("peers = ( { name = \"p\"; } );", "t: warning: peers, but no tap: IKE's packets come and go through the device that it names");
	config = parse("tap = \"adit0\"; " POLICY "} ); peers = ( { name = \"p\"; } );", &diag);
	assert_non_null(config);
	assert_false(is_told(&diag, "t: warning: peers, but no local_addresses: IKE has nowhere to listen"));
	assert_false(is_told(&diag, "t: warning: peers, but no tap: IKE's packets come and go through the device that it names"));
	config_free(config);
	diag_close(&diag);
}

static void names_do_not_look_like_generated_ones(void **state)
{
	(void)state;
	expect("policies = ( { name = \"*p.1\"; action = \"none\"; } );", "t:1: name: names do not begin with *");
	config_free(parse_good("policies = ( { name = \"p*\"; action = \"none\"; } );"));
}

static void ike_port_and_nat_traversal_port_are_two_ports(void **state)
{
	struct config *config = parse_good("mode = \"wire\";");

	(void)state;
	assert_int_equal(config->ike_port, 500);
	assert_int_equal(config->natt_port, 4500);
	config_free(config);
	config = parse_good("ike_port = 1; nat_traversal_port = 65535;");
	assert_int_equal(config->ike_port, 1);
	assert_int_equal(config->natt_port, 65535);
	config_free(config);
	expect("ike_port = 0;", "t:1: ike_port: 0 is not within 1 .. 65535");
	expect("nat_traversal_port = 65536;", "t:1: nat_traversal_port: 65536 is not within 1 .. 65535");
	expect("ike_port = 4500;", "t: ike_port and nat_traversal_port are both 4500");
}

static void metrics_are_for_this_machine_alone(void **state)
{
	static const struct { const char *text; unsigned port; } good[] = { { "127.0.0.1:9469", 9469 }, { "127.9.9.9:1", 1 }, { "[::1]:65535", 65535 } };
	static const char *const foreign[] = { "192.0.2.1:9469", "0.0.0.0:9469", "[::]:9469", "[2001:db8::1]:9469", "128.0.0.1:9469" };
	static const char *const bad[] = { "", "127.0.0.1", "127.0.0.1:0", "127.0.0.1:65536", "::1", "localhost:9469", ":9469", "127.0.0.0/8:9469" };
	struct config *config = parse_good("mode = \"wire\";");
	char text[128], complaint[256];

	(void)state;
	assert_int_equal(config->metrics_port, 0);
	config_free(config);
	for (size_t i = 0; i < COUNT(good); i++) {
		(void)snprintf(text, sizeof(text), "metrics = \"%s\";", good[i].text);
		config = parse_good(text);
		assert_int_equal(config->metrics_port, good[i].port);
		assert_int_equal(config->metrics.is_v6, good[i].text[0] == '[');
		config_free(config);
	}
	for (size_t i = 0; i < COUNT(foreign); i++) {
		(void)snprintf(text, sizeof(text), "metrics = \"%s\";", foreign[i]);
		(void)snprintf(complaint, sizeof(complaint), "t:1: metrics: \"%s\" is not this machine's own: 127.0.0.0/8 or ::1", foreign[i]);
		expect(text, complaint);
	}
	for (size_t i = 0; i < COUNT(bad); i++) {
		(void)snprintf(text, sizeof(text), "metrics = \"%s\";", bad[i]);
		(void)snprintf(complaint, sizeof(complaint), "t:1: metrics: \"%s\" is not an address and a port such as \"127.0.0.1:9469\"", bad[i]);
		expect(text, complaint);
	}
	expect("metrics = 9469;", "t:1: metrics: wants a string in quotes");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_property_of_the_seed_manual_takes_every_value_it_lists),
		cmocka_unit_test(every_property_that_is_not_set_has_the_seed_manuals_default),
		cmocka_unit_test(the_default_proposal_is_there_without_being_written),
		cmocka_unit_test(the_default_proposal_is_judged_where_it_is_used),
		cmocka_unit_test(auth_algorithms_and_enc_algorithms_are_lists),
		cmocka_unit_test(null_is_allowed_for_either_but_not_for_both),
		cmocka_unit_test(gmac_wants_cipher_null),
		cmocka_unit_test(lifetime_lifebytes_pfs_group_esn_and_replay_window_have_bounds),
		cmocka_unit_test(a_policy_without_a_peer_is_warned_of),
		cmocka_unit_test(a_policy_and_its_proposal_must_go_together),
		cmocka_unit_test(what_ikev1_cannot_say_of_ports_is_warned_of),
		cmocka_unit_test(peers_want_an_address_to_listen_at_and_a_tap),
		cmocka_unit_test(names_do_not_look_like_generated_ones),
		cmocka_unit_test(an_error_is_told_after_any_number_of_warnings),
		cmocka_unit_test(ike_port_and_nat_traversal_port_are_two_ports),
		cmocka_unit_test(metrics_are_for_this_machine_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
