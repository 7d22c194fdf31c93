// SPDX-License-Identifier: BSD-2-Clause-Patent
#include "policy/match.h"
#include "support_config.h"

#define PEER(name, address) "{ name = \"" name "\"; address = \"" address "\"; secret = \"long enough\"; }"

static struct adit_addr addr_of(const char *text)
{
	struct adit_addr addr;

	assert_true(addr_get(text, &addr));
	return addr;
}

static void a_peer_is_the_one_whose_prefix_is_longest(void **state)
{
	struct config *config = config_of("peers = ( " PEER("anybody", "0.0.0.0/0") ", " PEER("net", "198.51.100.0/24") ", "
		PEER("host", "198.51.100.1/32:500") ", " PEER("half", "198.51.100.0/25") ", " PEER("v6", "2001:db8::/32") ", "
		PEER("v6host", "[2001:db8::1]:4501") " );");
	static const struct { const char *addr, *peer, *why; } rows[] = {
		{ "198.51.100.1", "host", "peer host: 198.51.100.1/32 is the most specific of 4 that match" },
		{ "198.51.100.2", "half", "peer half: 198.51.100.0/25 is the most specific of 3 that match" },
		{ "198.51.100.127", "half", "peer half: 198.51.100.0/25 is the most specific of 3 that match" },
		{ "198.51.100.128", "net", "peer net: 198.51.100.0/24 is the most specific of 2 that match" },
		{ "198.51.101.1", "anybody", "peer anybody: 0.0.0.0/0 is the only one that matches" },
		{ "0.0.0.0", "anybody", "peer anybody: 0.0.0.0/0 is the only one that matches" },
		{ "2001:db8::1", "v6host", "peer v6host: 2001:db8::1/128 is the most specific of 2 that match" },
		{ "2001:db8:ffff::1", "v6", "peer v6: 2001:db8::/32 is the only one that matches" },
		{ "2001:db9::1", NULL, "no peer's address holds 2001:db9::1" },
		{ "::", NULL, "no peer's address holds ::" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct adit_addr addr = addr_of(rows[i].addr);
		char why[MATCH_WHY_BYTES];
		const struct cfg_peer *peer = match_peer(config, &addr, why);

		assert_string_equal(why, rows[i].why);
		assert_true((peer == NULL) == (rows[i].peer == NULL));
		if (peer)
			assert_string_equal(peer->name, rows[i].peer);
	}
	assert_int_equal(config_peer(config, "v6host")->port, 4501);
	config_free(config);
}

/* SEMANTICS: most specific, and deterministic: the order of other peers in the file changes nothing. */
static void among_equals_the_first_in_the_file_is_the_peer(void **state)
{
	struct config *config = config_of("peers = ( " PEER("a", "192.0.2.0/24") ", " PEER("b", "192.0.2.0/24") ", " PEER("c", "192.0.2.0/23") " );");
	struct adit_addr addr = addr_of("192.0.2.9");
	char why[MATCH_WHY_BYTES];

	(void)state;
	assert_string_equal(match_peer(config, &addr, why)->name, "a");
	assert_string_equal(why, "peer a: 192.0.2.0/24 is the most specific of 3 that match");
	config_free(config);
}

static void every_prefix_length_holds_what_it_should(void **state)
{
	(void)state;
	for (unsigned is_v6 = 0; is_v6 < 2; is_v6++) {
		struct adit_addr addr = addr_of(is_v6 ? "2001:db8:1234:5678:9abc:def0:1357:2468" : "198.51.100.77");

		for (unsigned plen = 0; plen <= addr_bits(&addr); plen++) {
			struct prefix prefix = { addr, (uint8_t)plen };

			assert_true(prefix_holds(&prefix, &addr));
			for (unsigned bit = 0; bit < addr_bits(&addr); bit++) {
				struct adit_addr other = addr;

				other.bytes[bit / 8] ^= (uint8_t)(0x80 >> bit % 8);
				assert_int_equal(prefix_holds(&prefix, &other), bit >= plen);
			}
			addr.is_v6 = !is_v6;
			assert_false(prefix_holds(&prefix, &addr));
			addr.is_v6 = is_v6;
		}
	}
}

static void a_policys_peer_is_that_of_its_far_end(void **state)
{
	struct config *config = config_of("peers = ( " PEER("office", "198.51.100.0/24") " ); policies = ( "
		POLICY("a", "10.1.0.0/16", "") ", { name = \"t\"; template = true; } );");
	char why[MATCH_WHY_BYTES];

	(void)state;
	assert_string_equal(match_peer_of_policy(config, config_policy(config, "a"), why)->name, "office");
	assert_null(match_peer_of_policy(config, config_policy(config, "t"), why));
	assert_string_equal(why, "policy t has no sa_dst_address");
	assert_null(config_policy(config, "b"));
	assert_null(config_peer(config, ""));
	config_free(config);
}

static void selectors_say_what_ikev1_can_say(void **state)
{
	static const struct { const char *extra, *text; } rows[] = {
		{ "", "10.1.0.0/16 -> 10.9.0.0/16" },
		{ "protocol = \"tcp\";", "10.1.0.0/16 -> 10.9.0.0/16 tcp" },
		{ "protocol = \"udp\"; dst_port = 1701;", "10.1.0.0/16 -> 10.9.0.0/16 udp 1701" },
		{ "protocol = \"udp\"; src_port = 1701; dst_port = 500;", "10.1.0.0/16 -> 10.9.0.0/16 udp 1701 -> 500" },
		{ "protocol = \"udp\"; src_port = 1701;", "10.1.0.0/16 -> 10.9.0.0/16 udp 1701 -> any" },
		{ "protocol = \"udp\"; dst_port = \"1000-2000\";", "10.1.0.0/16 -> 10.9.0.0/16 udp" },
		{ "protocol = \"udp\"; src_port = \"opaque\"; dst_port = \"opaque\";", "10.1.0.0/16 -> 10.9.0.0/16 udp" },
		{ "protocol = 200;", "10.1.0.0/16 -> 10.9.0.0/16 protocol 200" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct selectors selectors;
		struct config *config;
		char text[1024], out[256];

		(void)snprintf(text, sizeof(text), "policies = ( " POLICY("a", "10.1.0.0/16", "%s") " );", rows[i].extra);
		config = config_of(text);
		selectors_of(&config->policies[0], &selectors);
		selectors_text(&selectors, out, sizeof(out));
		assert_string_equal(out, rows[i].text);
		config_free(config);
	}
}

static struct selectors selectors_from(const char *src, const char *dst, int proto, uint16_t sport, uint16_t dport)
{
	struct selectors out = { .proto = proto, .sport = sport, .dport = dport };

	assert_int_equal(prefix_get(src, &out.src), PREFIX_OK);
	assert_int_equal(prefix_get(dst, &out.dst), PREFIX_OK);
	return out;
}

static void selectors_are_within_what_holds_all_of_them(void **state)
{
	const struct selectors outer[] = {
		selectors_from("10.0.0.0/8", "0.0.0.0/0", -1, 0, 0), selectors_from("10.0.0.0/8", "0.0.0.0/0", 17, 0, 1701),
		selectors_from("2001:db8::/32", "::/0", -1, 0, 0)
	};
	const struct { struct selectors inner; bool within[3]; } rows[] = {
		{ selectors_from("10.0.0.0/8", "0.0.0.0/0", -1, 0, 0), { true, false, false } },
		{ selectors_from("10.1.0.0/16", "203.0.113.4", 17, 0, 1701), { true, true, false } },
		{ selectors_from("10.1.0.0/16", "203.0.113.4", 17, 1701, 1701), { true, true, false } },
		{ selectors_from("10.1.0.0/16", "203.0.113.4", 17, 0, 0), { true, false, false } },
		{ selectors_from("10.1.0.0/16", "203.0.113.4", 6, 0, 1701), { true, false, false } },
		{ selectors_from("0.0.0.0/0", "203.0.113.4", 17, 0, 1701), { false, false, false } },
		{ selectors_from("11.0.0.0/8", "203.0.113.4", 17, 0, 1701), { false, false, false } },
		{ selectors_from("2001:db8:1::/48", "2001:db9::/32", 58, 0, 0), { false, false, true } },
		{ selectors_from("::/0", "::/0", -1, 0, 0), { false, false, false } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (size_t k = 0; k < 3; k++)
			assert_int_equal(selectors_within(&rows[i].inner, &outer[k]), rows[i].within[k]);
}

static const char policies[] = "policies = ("
	"{ name = \"low\"; src_address = \"10.1.0.0/16\"; dst_address = \"10.2.0.0/16\"; sa_src_address = \"192.0.2.1\";"
	"  sa_dst_address = \"198.51.100.1\"; tunnel = true; },"
	"{ name = \"high\"; src_address = \"10.1.0.0/16\"; dst_address = \"10.2.0.0/16\"; sa_src_address = \"192.0.2.1\";"
	"  sa_dst_address = \"198.51.100.1\"; tunnel = true; priority = 5; },"
	"{ name = \"high2\"; src_address = \"10.1.0.0/16\"; dst_address = \"10.2.0.0/16\"; sa_src_address = \"192.0.2.1\";"
	"  sa_dst_address = \"198.51.100.1\"; tunnel = true; priority = 5; },"
	"{ name = \"l2tp\"; src_address = \"192.0.2.1\"; dst_address = \"198.51.100.9\"; protocol = \"udp\"; dst_port = 1701;"
	"  sa_src_address = \"192.0.2.1\"; sa_dst_address = \"198.51.100.9\"; },"
	"{ name = \"off\"; disabled = true; src_address = \"10.7.0.0/16\"; dst_address = \"10.8.0.0/16\"; sa_src_address = \"192.0.2.1\";"
	"  sa_dst_address = \"198.51.100.1\"; tunnel = true; },"
	"{ name = \"drop\"; src_address = \"10.5.0.0/16\"; dst_address = \"10.6.0.0/16\"; action = \"discard\"; },"
	"{ name = \"six\"; src_address = \"2001:db8:1::/48\"; dst_address = \"2001:db8:2::/48\"; sa_src_address = \"2001:db8::1\";"
	"  sa_dst_address = \"2001:db8::2\"; tunnel = true; },"
	"{ name = \"lab\"; src_address = \"10.3.0.0/16\"; dst_address = \"10.4.0.0/16\"; sa_src_address = \"192.0.2.1\";"
	"  sa_dst_address = \"198.51.100.1\"; tunnel = true; manual_sa = \"m\"; },"
	"{ name = \"template\"; template = true; src_address = \"10.11.0.0/16\"; dst_address = \"10.12.0.0/16\"; tunnel = true; } );"
	"manual_sas = ( " MANUAL("m", "256", "257") " );";

static void a_policy_is_meant_by_exactly_its_selectors_ends_and_mode(void **state)
{
	static const struct { const char *src, *dst; int proto; uint16_t sport, dport; bool is_tunnel; const char *local, *remote, *policy, *why; }
	rows[] = {
		{ "10.1.0.0/16", "10.2.0.0/16", -1, 0, 0, true, "192.0.2.1", "198.51.100.1", "high", "policy high" },
		{ "192.0.2.1", "198.51.100.9", 17, 0, 1701, false, "192.0.2.1", "198.51.100.9", "l2tp", "policy l2tp" },
		{ "2001:db8:1::/48", "2001:db8:2::/48", -1, 0, 0, true, "2001:db8::1", "2001:db8::2", "six", "policy six" },
		/* near misses: theirs and ours */
		{ "10.1.0.0/24", "10.2.0.0/16", -1, 0, 0, true, "192.0.2.1", "198.51.100.1", NULL,
		  "no policy is meant; nearest is low: src_address 10.1.0.0/24, ours 10.1.0.0/16" },
		{ "10.1.0.0/16", "10.2.0.0/15", -1, 0, 0, true, "192.0.2.1", "198.51.100.1", NULL,
		  "no policy is meant; nearest is low: dst_address 10.2.0.0/15, ours 10.2.0.0/16" },
		{ "10.1.0.0/16", "10.2.0.0/16", 6, 0, 0, true, "192.0.2.1", "198.51.100.1", NULL,
		  "no policy is meant; nearest is low: protocol tcp, ours all" },
		{ "10.1.0.0/16", "10.2.0.0/16", -1, 0, 0, false, "192.0.2.1", "198.51.100.1", NULL,
		  "no policy is meant; nearest is low: mode transport, ours tunnel" },
		{ "10.1.0.0/16", "10.2.0.0/16", -1, 0, 0, true, "192.0.2.2", "198.51.100.1", NULL,
		  "no policy is meant; nearest is low: sa_src_address 192.0.2.2, ours 192.0.2.1" },
		{ "10.1.0.0/16", "10.2.0.0/16", -1, 0, 0, true, "192.0.2.1", "203.0.113.1", NULL,
		  "no policy is meant; nearest is low: sa_dst_address 203.0.113.1, ours 198.51.100.1" },
		{ "192.0.2.1", "198.51.100.9", 17, 1701, 1701, false, "192.0.2.1", "198.51.100.9", NULL,
		  "no policy is meant; nearest is l2tp: src_port 1701, ours 0 (0: any)" },
		{ "192.0.2.1", "198.51.100.9", 17, 0, 1702, false, "192.0.2.1", "198.51.100.9", NULL,
		  "no policy is meant; nearest is l2tp: dst_port 1702, ours 1701 (0: any)" },
		{ "10.7.0.0/16", "10.8.0.0/16", -1, 0, 0, true, "192.0.2.1", "198.51.100.1", NULL, "no policy is meant; nearest is off: it is disabled" },
		{ "10.5.0.0/16", "10.6.0.0/16", -1, 0, 0, false, "192.0.2.1", "198.51.100.1", NULL,
		  "no policy is meant; nearest is drop: its action is discard" },
		{ "10.3.0.0/16", "10.4.0.0/16", -1, 0, 0, true, "192.0.2.1", "198.51.100.1", NULL,
		  "no policy is meant; nearest is lab: its keys are those of manual_sa m" },
		/* a template is no policy, however well it fits */
		{ "10.11.0.0/16", "10.12.0.0/16", -1, 0, 0, true, "192.0.2.1", "198.51.100.1", NULL,
		  "no policy is meant; nearest is low: src_address 10.11.0.0/16, ours 10.1.0.0/16" },
	};
	struct config *config = config_of(policies);

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct selectors wanted = selectors_from(rows[i].src, rows[i].dst, rows[i].proto, rows[i].sport, rows[i].dport);
		struct adit_addr local = addr_of(rows[i].local), remote = addr_of(rows[i].remote);
		char why[MATCH_WHY_BYTES];
		const struct cfg_policy *policy = match_policy(config, &wanted, rows[i].is_tunnel, &local, &remote, why);

		assert_string_equal(why, rows[i].why);
		assert_true((policy == NULL) == (rows[i].policy == NULL));
		if (policy)
			assert_string_equal(policy->name, rows[i].policy);
	}
	config_free(config);
	config = config_of("mode = \"wire\";");
	{
		struct selectors wanted = selectors_from("10.1.0.0/16", "10.2.0.0/16", -1, 0, 0);
		struct adit_addr any = addr_of("192.0.2.1");
		char why[MATCH_WHY_BYTES];

		assert_null(match_policy(config, &wanted, true, &any, &any, why));
		assert_string_equal(why, "no policy is meant: there is none");
	}
	config_free(config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_peer_is_the_one_whose_prefix_is_longest),
		cmocka_unit_test(among_equals_the_first_in_the_file_is_the_peer),
		cmocka_unit_test(every_prefix_length_holds_what_it_should),
		cmocka_unit_test(a_policys_peer_is_that_of_its_far_end),
		cmocka_unit_test(selectors_say_what_ikev1_can_say),
		cmocka_unit_test(selectors_are_within_what_holds_all_of_them),
		cmocka_unit_test(a_policy_is_meant_by_exactly_its_selectors_ends_and_mode),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
