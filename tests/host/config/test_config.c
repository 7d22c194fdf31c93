// SPDX-License-Identifier: BSD-2-Clause-Patent
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "room_test.h"

/* A whole file; MANUAL and POLICY leave a place to put one thing wrong. Line numbers count from the first line here. */
#define HEAD "card = \"sim:/run/card\";\nmode = \"wire\";\nlocal_addresses = ( \"192.0.2.1\" );\n"
#define POLICY(extra) \
	"policies = ( { name = \"to-b\"; src_address = \"10.1.202.0/24\"; dst_address = \"10.1.101.0/24\";\n" \
	"  sa_src_address = \"192.0.2.1\"; sa_dst_address = \"198.51.100.1\"; tunnel = true; manual_sa = \"m1\";\n" \
	"  " extra " } );\n"
#define KEY16 "0x6b1f0c9ae2d54783a05cfe3917b824d0"
#define KEY16B "0xd94e72315fa8c6b00de7413b9c25f86a"
#define KEY20 "0x31c5a97e0b4d82f6e81953ac60d72fb44c9e0715"
#define KEY20B "0x8ef02b6d419ac7355ad108e397f64b2c70bd15a3"
#define MANUAL(extra) \
	"manual_sas = ( { name = \"m1\"; esp_spi = { in = \"0x1001\"; out = 4098; };\n" \
	"  esp_enc_algorithm = \"aes-128\"; esp_enc_key = { in = \"" KEY16 "\"; out = \"" KEY16B "\"; };\n" \
	"  esp_auth_algorithm = \"sha1\"; esp_auth_key = { in = \"" KEY20 "\"; out = \"" KEY20B "\"; }; " extra " } );\n"
static const char good[] = HEAD POLICY("priority = -5;") MANUAL("lifetime = \"1d 02:03:04\";");

/* libconfig 1.5 loses the text of a string that the file ends in the middle of. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libconfig.so";
}

static struct config *parse(const char *text, struct diag *diag)
{
	size_t n = strlen(text);
	char *copy = exact_copy(text, n);
	struct config *config;

	diag_open(diag, "test.conf");
	config = config_parse(copy, n, diag);
	free(copy);
	return config;
}

/* The complaint, whole, must be among those about text. */
static void expect(const char *text, const char *complaint)
{
	struct diag diag;
	struct config *config = parse(text, &diag);
	bool is_found = false;
	char line[1024];

	for (size_t i = 0; i < diag.n_entries; i++) {
		diag_format(&diag, i, line, sizeof(line));
		is_found |= strcmp(line, complaint) == 0;
		assert_null(strstr(line, &KEY16[2]));	/* keys are never shown */
		assert_null(strstr(line, &KEY20[2]));
	}
	if (!is_found) {
		diag_print(&diag, stderr);
		fail_msg("not told: %s", complaint);
	}
	if (!strstr(complaint, "warning:"))
		assert_null(config);
	config_free(config);
	diag_close(&diag);
}

static void a_good_file_is_read_whole(void **state)
{
	struct diag diag;
	struct config *config = parse(good, &diag);
	const struct cfg_policy *policy;
	const struct cfg_manual_sa *manual;

	(void)state;
	assert_non_null(config);
	assert_int_equal(diag.n_errors, 0);
	assert_string_equal(config->card, "sim:/run/card");
	assert_false(config->nic);
	assert_string_equal(config->tap, "");
	assert_int_equal(config->n_local, 1);
	assert_int_equal(config->default_action, ADIT_ACTION_NONE);
	assert_string_equal(config->control_socket, CONFIG_DEFAULT_SOCKET);
	assert_int_equal(config->n_policies, 1);
	policy = &config->policies[0];
	assert_int_equal(policy->priority, -5);
	assert_int_equal(policy->proto, -1);
	assert_true(policy->sport.any && policy->dport.any && policy->tunnel && policy->esp && !policy->ah);
	assert_int_equal(policy->action, ADIT_ACTION_ENCRYPT);
	assert_int_equal(policy->level, ADIT_LEVEL_REQUIRE);
	assert_int_equal(policy->src.plen, 24);
	manual = config_manual_sa(config, "m1");
	assert_non_null(manual);
	assert_int_equal(manual->esp_spi.in, 0x1001);
	assert_int_equal(manual->esp_spi.out, 4098);
	assert_int_equal(manual->esp_enc, ADIT_ENC_AES_CBC_128);
	assert_int_equal(manual->esp_enc_key_in.n_bytes, 16);
	assert_int_equal(manual->esp_enc_key_in.bytes[0], 0x6b);
	assert_int_equal(manual->esp_auth_key_out.n_bytes, 20);
	assert_int_equal(manual->lifetime_seconds, 86400 + 7384);
	config_free(config);
	diag_close(&diag);
}

static void defaults_are_the_manuals(void **state)
{
	struct diag diag;
	struct config *config = parse("mode = \"nic\"; default_action = \"discard\";"
				      "peers = ( { name = \"p\"; secret = \"0x00112233445566778899\"; dpd_interval = \"2m\"; } );"
				      "proposals = ( { name = \"q\"; } ); policies = ( { name = \"n\"; action = \"none\"; } );",
				      &diag);

	(void)state;
	assert_non_null(config);
	assert_true(config->nic);
	assert_string_equal(config->tap, "adit0");
	assert_int_equal(config->default_action, ADIT_ACTION_DISCARD);
	assert_int_equal(config->peers[0].port, 500);
	assert_int_equal(config->peers[0].exchange_mode, EXCHANGE_MAIN);
	assert_int_equal(config->peers[0].encs[0], ADIT_ENC_DES3_CBC);
	assert_int_equal(config->peers[0].hashes[0], ADIT_AUTH_HMAC_MD5_96);
	assert_int_equal(config->peers[0].dhs[0], DH_MODP1024);
	assert_int_equal(config->peers[0].lifetime_seconds, 86400);
	assert_int_equal(config->peers[0].dpd_seconds, 120);
	assert_int_equal(config->peers[0].dpd_failures, 5);
	assert_int_equal(config->peers[0].check, CHECK_OBEY);
	assert_true(config->peers[0].send_initial_contact);
	assert_int_equal(config->peers[0].secret_bytes, 10);
	assert_int_equal(config->proposals[0].n_encs, 1);
	assert_int_equal(config->proposals[0].encs[0], ADIT_ENC_DES3_CBC);
	assert_int_equal(config->proposals[0].auths[0], ADIT_AUTH_HMAC_SHA1_96);
	assert_int_equal(config->proposals[0].lifetime_seconds, 1800);
	assert_int_equal(config->proposals[0].pfs, DH_MODP1024);
	assert_int_equal(config->policies[0].src.plen, 0);
	assert_int_equal(config->host_limits.arp, 200);
	assert_int_equal(config->host_limits.nd, 200);
	assert_int_equal(config->host_limits.fragments, 2000);
	assert_int_equal(config->host_limits.too_big, 100);
	assert_int_equal(config->host_limits.split, 2000);
	assert_int_equal(config->host_limits.reserve_buffers, 32);
	assert_int_equal(config->host_limits.ike + config->host_limits.local + config->host_limits.nic, 0);
	assert_int_equal(config->host_limits.slow_seal + config->host_limits.slow_open, 0);
	config_free(config);
	diag_close(&diag);
}

static void every_slip_is_told_with_its_line(void **state)
{
	static const struct { const char *text, *complaint; } slips[] = {
		{ "card = \"usb:1\";", "test.conf:1: card: \"usb:1\" begins neither with sim: nor with pci:" },
		{ "card = \"sim:\";", "test.conf:1: card: nothing after \"sim:\"" },
		{ "\n\ncart = \"sim:/a\";", "test.conf:3: unknown key \"cart\"; did you mean \"card\"?" },
		{ "qqqqqqqqqq = 1;", "test.conf:1: unknown key \"qqqqqqqqqq\"" },
		{ "mode = \"wired\";", "test.conf:1: mode: unknown word \"wired\"; did you mean \"wire\"?" },
		{ "mode = 1;", "test.conf:1: mode: wants a string in quotes" },
		{ "mode = ;", "test.conf:1: syntax error" },
		{ "mode = \"wire\";\nmode = \"nic\";", "test.conf:2: duplicate setting name" },
		{ "@include \"x\"", "test.conf:1: files cannot include others" },
		{ "local_addresses = \"1.2.3.4\";", "test.conf:1: local_addresses: wants a list: ( \"192.0.2.1\" )" },
		{ "local_addresses = ( \"1.2.3\" );", "test.conf:1: local_addresses: \"1.2.3\" is not an IP address" },
		{ "local_addresses = ( \"1.2.3.4\", \"1.2.3.4\" );", "test.conf:1: local_addresses: \"1.2.3.4\" stands twice" },
		{ "local_addresses = (\"1.0.0.1\",\"1.0.0.2\",\"1.0.0.3\",\"1.0.0.4\",\"1.0.0.5\",\"1.0.0.6\",\"1.0.0.7\",\"1.0.0.8\","
		  "\"1.0.0.9\");", "test.conf:1: local_addresses: 9 addresses; the card takes 8" },
		{ "tap = \"a/b\";", "test.conf:1: tap: \"a/b\" is no name of a network device" },
		{ "tap = \"0123456789abcdef\";", "test.conf:1: tap: longer than 15 characters" },
		{ "mac = \"02:00:00:00:00\";", "test.conf:1: mac: \"02:00:00:00:00\" is not six hex pairs with colons between them" },
		{ "mac = \"03:00:00:00:00:01\";", "test.conf:1: mac: \"03:00:00:00:00:01\" is a group address" },
		{ "policies = { name = \"a\"; };", "test.conf:1: policies: wants a list: ( { ... }, { ... } )" },
		{ "policies = ( \"a\" );", "test.conf:1: policies: wants a group: { ... }" },
		{ "policies = ( { action = \"none\"; } );", "test.conf:1: policies: entry 1 has no name" },
		{ "policies = ( { name = \"a b\"; } );", "test.conf:1: name: names hold no spaces or control characters" },
		{ "policies = ( { name = \"b\xff\"; } );", "test.conf:1: name: is not UTF-8" },
		{ "policies = ( { name = \"b\xc3\"; } );", "test.conf:1: name: is not UTF-8" },
		{ "policies = ( { name = \"\xed\xa0\x80\"; } );", "test.conf:1: name: is not UTF-8" },
		{ "policies = ( { name = \"b\xc3\xbcro\xe2\x82\xac\"; nam = 1; } );", "test.conf:1: unknown key \"nam\"; did you mean \"name\"?" },
		{ "policies = ( { name = \"a\"; action = \"none\"; },\n{ name = \"a\"; action = \"none\"; } );",
		  "test.conf:2: policy \"a\" is already defined in line 1" },
		{ HEAD POLICY("priority = 5000000000;") MANUAL(""),
		  "test.conf:6: 5000000000 does not fit 31 bits: write it as a string (\"5000000000\") or with an L at its end" },
		{ HEAD POLICY("priority = 0x80000000;") MANUAL(""),
		  "test.conf:6: 0x80000000 does not fit 31 bits: write it as a string (\"0x80000000\") or with an L at its end" },
		{ HEAD POLICY("priority = 5000000000L;") MANUAL(""),
		  "test.conf:6: priority: 5000000000 is not within -2147483646 .. 2147483647" },
		{ HEAD POLICY("priority = \"-2147483647\";") MANUAL(""),
		  "test.conf:6: priority: -2147483647 is not within -2147483646 .. 2147483647" },
		{ HEAD POLICY("priority = 1.5;") MANUAL(""), "test.conf:6: priority: wants a whole number" },
		{ HEAD POLICY("tunel = true;") MANUAL(""), "test.conf:6: unknown key \"tunel\"; did you mean \"tunnel\"?" },
		{ HEAD POLICY("level = \"always\";") MANUAL(""),
		  "test.conf:6: level: unknown word \"always\"; the words are: use, require, unique" },
		{ HEAD POLICY("protocol = \"tpc\";") MANUAL(""),
		  "test.conf:6: protocol: unknown word \"tpc\"; did you mean \"tcp\"?" },
		{ HEAD POLICY("protocol = 256;") MANUAL(""), "test.conf:6: protocol: 256 is not within 0 .. 255" },
		{ HEAD POLICY("protocol = \"tcp\"; dst_port = \"80-\";") MANUAL(""),
		  "test.conf:6: dst_port: \"80-\" is not a port: write \"any\", \"500\", \"1000-2000\" or \"opaque\"" },
		{ HEAD POLICY("protocol = \"tcp\"; dst_port = \"90-80\";") MANUAL(""),
		  "test.conf:6: dst_port: \"90-80\" runs backwards" },
		{ HEAD POLICY("protocol = \"tcp\"; dst_port = 65536;") MANUAL(""),
		  "test.conf:6: dst_port: 65536 is not within 0 .. 65535" },
		{ HEAD POLICY("dst_port = \"80\";") MANUAL(""),
		  "test.conf:4: policy \"to-b\": dst_port wants a protocol that has ports, such as tcp or udp" },
		{ HEAD POLICY("ipsec_protocols = [ \"esp\", \"esp\" ];") MANUAL(""),
		  "test.conf:6: ipsec_protocols: \"esp\" stands twice" },
		{ HEAD POLICY("ipsec_protocols = [ \"ah\" ];") MANUAL(""),
		  "test.conf:4: policy \"to-b\": ipsec_protocols has ah, but manual_sa \"m1\" has no ah_spi" },
		{ HEAD POLICY(""), "test.conf:4: policy \"to-b\": there is no manual_sa \"m1\"" },
		{ "policies = ( { name = \"a\"; src_address = \"10.1.202.5/24\"; action = \"none\"; } );",
		  "test.conf:1: src_address: \"10.1.202.5/24\" has host bits set; the prefix is \"10.1.202.0/24\"" },
		{ "policies = ( { name = \"a\"; src_address = \"x\"; action = \"none\"; } );",
		  "test.conf:1: src_address: \"x\" is not a prefix such as \"10.1.202.0/24\"" },
		{ "policies = ( { name = \"a\"; src_address = \"::/0\"; action = \"none\"; } );",
		  "test.conf:1: policy \"a\": src_address and dst_address are of different families" },
		{ "policies = ( { name = \"a\"; } );", "test.conf:1: policy \"a\": action encrypt wants sa_src_address" },
		{ "policies = ( { name = \"a\"; sa_src_address = \"224.0.0.1\"; sa_dst_address = \"1.1.1.1\"; tunnel = true; } );",
		  "test.conf:1: policy \"a\": sa_src_address 224.0.0.1 is no address of one host" },
		{ "policies = ( { name = \"a\"; sa_src_address = \"1.1.1.1\"; sa_dst_address = \"1.1.1.1\"; tunnel = true; } );",
		  "test.conf:1: policy \"a\": sa_src_address and sa_dst_address are the same" },
		{ "policies = ( { name = \"a\"; src_address = \"1.1.1.0/24\"; dst_address = \"2.2.2.2\"; sa_src_address = \"1.1.1.1\";"
		  "sa_dst_address = \"2.2.2.2\"; } );",
		  "test.conf:1: policy \"a\": without tunnel, src_address must be sa_src_address itself, 1.1.1.1/32" },
		{ "policies = ( { name = \"a\"; sa_src_address = \"1.1.1.1\"; sa_dst_address = \"2.2.2.2\"; tunnel = true;"
		  "proposal = \"p\"; } );", "test.conf:1: policy \"a\": there is no proposal \"p\"" },
		{ "manual_sas = ( { name = \"m\"; } );", "test.conf:1: manual_sa \"m\": neither esp_spi nor ah_spi is given" },
		{ "manual_sas = ( { name = \"m\"; esp_spi = { in = 255; out = 256; }; } );",
		  "test.conf:1: esp_spi.in: SPIs below 256 are reserved" },
		{ "manual_sas = ( { name = \"m\"; esp_spi = { in = 256; }; } );", "test.conf:1: esp_spi: wants both in and out" },
		{ "manual_sas = ( { name = \"m\"; esp_spi = { in = 0x100; out = 0x100; }; } );",
		  "test.conf:1: manual_sa \"m\": esp_enc_algorithm and esp_auth_algorithm are both null: that protects nothing" },
		{ HEAD MANUAL("ah_key = { in = \"" KEY20 "\"; out = \"" KEY20B "\"; };"),
		  "test.conf:4: manual_sa \"m1\": AH keys without ah_spi" },
		{ "manual_sas = ( { name = \"m\"; ah_spi = { in = 256; out = 257; };\nah_algorithm = \"sha1\";\n"
		  "ah_key = { in = \"0x00\"; out = \"" KEY20 "\"; }; } );",
		  "test.conf:3: manual_sa \"m\": ah_key.in has 2 hex digits; sha1 wants 40" },
		{ "manual_sas = ( { name = \"m\"; esp_spi = { in = 256; out = 257; };\nesp_enc_algorithm = \"aes-128-gcm\";\n"
		  "esp_enc_key = { in = \"" KEY16 "\"; out = \"" KEY20 "\"; }; } );",
		  "test.conf:3: manual_sa \"m\": esp_enc_key.in has 32 hex digits; aes-128-gcm wants 40" },
		{ "manual_sas = ( { name = \"m\"; esp_spi = { in = 256; out = 257; }; esp_enc_algorithm = \"des\"; } );",
		  "test.conf:1: manual_sa \"m\": esp_enc_key.in is missing; des wants 16 hex digits after 0x" },
		{ "manual_sas = ( { name = \"m\"; esp_spi = { in = 256; out = 257; };\n"
		  "esp_enc_key = { in = \"" KEY16 "\"; out = \"zz\"; }; } );",
		  "test.conf:2: esp_enc_key.out: wants 0x and an even number of hex digits, at most 144" },
		{ "manual_sas = ( { name = \"m\"; esp_spi = { in = 256; out = 257; };\n"
		  "esp_enc_key = { in = " KEY16 "; out = \"zz\"; }; } );",
		  "test.conf:2: a number of 32 hex digits does not fit 31 bits: write it as a string, in quotes" },
		{ "manual_sas = ( { name = \"m\"; esp_spi = { in = 256; out = 257; }; esp_enc_algorithm = \"aes-128-gcm\";\n"
		  "esp_enc_key = { in = \"" KEY20 "\"; out = \"" KEY20B "\"; }; esp_auth_algorithm = \"sha1\";\n"
		  "esp_auth_key = { in = \"" KEY20 "\"; out = \"" KEY20B "\"; }; } );",
		  "test.conf:1: manual_sa \"m\": aes-128-gcm brings its own integrity: esp_auth_algorithm must be null" },
		{ "manual_sas = ( { name = \"a\"; esp_spi = { in = 256; out = 257; }; },\n"
		  "{ name = \"b\"; esp_spi = { in = 256; out = 258; }; } );",
		  "test.conf:2: manual_sa \"b\": esp_spi.in 0x100 is already used by \"a\" in line 1" },
		/* each key of a manual SA: out of range, of the wrong kind */
#define M(key) HEAD MANUAL(key)
#define AT "test.conf:6: "
		{ M("esn = 1;"), AT "esn: wants true or false" },
		{ M("esn = true; replay_window = 0;"), "test.conf:4: manual_sa \"m1\": esn needs a replay_window" },
		{ M("replay_window = 31;"), AT "replay_window: 0 turns the window off; else it holds 32 .. 4096 packets" },
		{ M("replay_window = 4097;"), AT "replay_window: 4097 is not within 0 .. 4096" },
		{ M("replay_window = true;"), AT "replay_window: wants a whole number" },
		{ M("lifetime = \"soon\";"), AT "lifetime: \"soon\" is no time: write \"30m\", \"1d\" or \"1d 02:03:04\"" },
		{ M("lifetime = -1;"), AT "lifetime: -1 is not within 0 .. 4294967295" },
		{ M("lifebytes = -1;"), AT "lifebytes: -1 is not within 0 .. 9223372036854775807" },
		{ M("lifebytes = \"many\";"), AT "lifebytes: wants a whole number" },
		{ M("lifepackets = -1;"), AT "lifepackets: -1 is not within 0 .. 9223372036854775807" },
		{ M("lifepackets = 1.0;"), AT "lifepackets: wants a whole number" },
		{ M("nat_traversal = 4500;"), AT "nat_traversal: wants true or false" },
		{ M("nat_traversal_local_port = 0;"), AT "nat_traversal_local_port: 0 is not within 1 .. 65535" },
		{ M("nat_traversal_remote_port = 65536;"), AT "nat_traversal_remote_port: 65536 is not within 1 .. 65535" },
		{ M("nat_traversal_remote_port = \"ike\";"), AT "nat_traversal_remote_port: wants a whole number" },
		{ M("nat_traversal = true; ah_spi = { in = 256; out = 257; }; ah_algorithm = \"sha1\"; ah_key = { in = \"" KEY20
		    "\"; out = \"" KEY20B "\"; };"),
		  "test.conf:4: manual_sa \"m1\": AH cannot pass a NAT: no nat_traversal with ah_spi" },
		{ M("dscp = 64;"), AT "dscp: 64 is not within 0 .. 63" },
		{ M("dscp = \"ef\";"), AT "dscp: wants a whole number" },
		{ M("df = \"keep\";"), AT "df: unknown word \"keep\"; the words are: copy, set, clear" },
		{ M("df = true;"), AT "df: wants a string in quotes" },
		{ M("ecn = \"copy\";"), AT "ecn: wants true or false" },
		{ M("ttl = 0;"), AT "ttl: 0 is not within 1 .. 255" },
		{ M("ttl = 256;"), AT "ttl: 256 is not within 1 .. 255" },
		{ M("flow_label = 0x100000;"), AT "flow_label: 1048576 is not within 0 .. 1048575" },
		{ M("flow_label = \"any\";"), AT "flow_label: wants a whole number" },
		{ M("path_mtu = 9579;"), AT "path_mtu: 9579 is not within 0 .. 9578" },
		{ M("path_mtu = \"auto\";"), AT "path_mtu: wants a whole number" },
		{ M("tfc_padding = -1;"), AT "tfc_padding: -1 is not within 0 .. 9578" },
		{ M("tfc_padding = false;"), AT "tfc_padding: wants a whole number" },
		{ M("allow_null_authentication = \"perhaps\";"), AT "allow_null_authentication: wants true or false" },
		{ "manual_sas = ( { name = \"m\"; esp_spi = { in = 256; out = 257; }; esp_enc_algorithm = \"aes-128\";\n"
		  "esp_enc_key = { in = \"" KEY16 "\"; out = \"" KEY16B "\"; }; } );",
		  "test.conf:1: manual_sa \"m\": esp_auth_algorithm null also wants allow_null_authentication = true: encryption without "
		  "integrity can be turned against itself" },
		{ M("ah_algorithm = \"aes-128-gmac\";"), AT "ah_algorithm: unknown word \"aes-128-gmac\"; the words are: null, md5, sha1, "
		  "sha256, sha384, sha512" },
#undef M
		{ HEAD POLICY("protocol = \"udp\"; src_port = \"opaque\";") MANUAL(""),
		  "test.conf:4: policy \"to-b\": src_port and dst_port are opaque together or not at all" },
		{ HEAD POLICY("protocol = \"icmp\"; src_port = 256;") MANUAL(""),
		  "test.conf:4: policy \"to-b\": of ICMP src_port is the type and dst_port the code, 0 .. 255" },
		{ HEAD POLICY("protocol = \"icmpv6\";") MANUAL(""), "test.conf:4: policy \"to-b\": icmpv6 between IPv4 addresses" },
		{ "host_limits = 5;", "test.conf:1: host_limits: wants a group: { ... }" },
		{ "host_limits = { arps = 5; };", "test.conf:1: unknown key \"arps\"; did you mean \"arp\"?" },
		{ "host_limits = { arp = -1; };", "test.conf:1: arp: -1 is not within 0 .. 65535" },
		{ "host_limits = { ike = 65536; };", "test.conf:1: ike: 65536 is not within 0 .. 65535" },
		{ "host_limits = { local = \"all\"; };", "test.conf:1: local: wants a whole number" },
		{ "host_limits = { nic = true; };", "test.conf:1: nic: wants a whole number" },
		{ "host_limits = { nd = 70000; };", "test.conf:1: nd: 70000 is not within 0 .. 65535" },
		{ "host_limits = { slow_seal = 70000; };", "test.conf:1: slow_seal: 70000 is not within 0 .. 65535" },
		{ "host_limits = { slow_open = 70000; };", "test.conf:1: slow_open: 70000 is not within 0 .. 65535" },
		{ "host_limits = { fragments = 70000; };", "test.conf:1: fragments: 70000 is not within 0 .. 65535" },
		{ "host_limits = { too_big = 70000; };", "test.conf:1: too_big: 70000 is not within 0 .. 65535" },
		{ "host_limits = { split = 70000; };", "test.conf:1: split: 70000 is not within 0 .. 65535" },
		{ "host_limits = { reserve_buffers = 256; };", "test.conf:1: reserve_buffers: 256 is not within 0 .. 255" },
		{ "peers = ( { name = \"p\"; port = 0; } );", "test.conf:1: port: 0 is not within 1 .. 65535" },
		{ "peers = ( { name = \"p\"; dpd_maximum_failures = 101; } );",
		  "test.conf:1: dpd_maximum_failures: 101 is not within 1 .. 100" },
		{ "peers = ( { name = \"p\"; lifetime = \"1 day\"; } );",
		  "test.conf:1: lifetime: \"1 day\" is no time: write \"30m\", \"1d\" or \"1d 02:03:04\"" },
		{ "peers = ( { name = \"p\"; lifetime = 0; } );", "test.conf:1: lifetime: 0 is not within 1 .. 4294967295" },
		{ "peers = ( { name = \"p\"; secret = \"0xabc\"; } );",
		  "test.conf:1: secret: after 0x an even number of hex digits, at most 512" },
		{ "peers = ( { name = \"p\"; enc_algorithm = \"null\"; } );",
		  "test.conf:1: peer \"p\": enc_algorithm \"null\" is no cipher for IKE" },
		{ "peers = ( { name = \"p\"; enc_algorithm = \"aes-128-gcm\"; } );",
		  "test.conf:1: peer \"p\": enc_algorithm \"aes-128-gcm\" needs exchange_mode \"ike2\"" },
		{ "peers = ( { name = \"p\"; dh_group = \"none\"; } );", "test.conf:1: peer \"p\": dh_group must not be none" },
		{ "peers = ( { name = \"p\"; auth_method = \"rsa-signature\"; } );",
		  "test.conf:1: peer \"p\": rsa-signature wants a certificate" },
		{ "peers = ( { name = \"p\"; nat_traversal = 1; } );", "test.conf:1: nat_traversal: wants true or false" },
		{ "proposals = ( { name = \"p\"; enc_algorithms = [ \"null\" ]; auth_algorithms = [ \"null\" ]; } );",
		  "test.conf:1: proposal \"p\": null encryption with null authentication protects nothing" },
		{ "proposals = ( { name = \"p\"; enc_algorithms = [ ]; } );", "test.conf:1: enc_algorithms: wants 1 .. 32 words" },
		{ "proposals = ( { name = \"p\"; pfs_group = \"modp1025\"; } );",
		  "test.conf:1: pfs_group: unknown word \"modp1025\"; did you mean \"modp1024\"?" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(slips) / sizeof(slips[0]); i++)
		expect(slips[i].text, slips[i].complaint);
	print_message("%zu slips\n", sizeof(slips) / sizeof(slips[0]));
}

static void weak_things_are_warned_of_and_accepted(void **state)
{
	struct diag diag;
	struct config *config;

	(void)state;
	expect(good, "test.conf: warning: manual keys are for labs: after a restart the same key meets the same sequence numbers "
		     "and IVs again, and the peer's replay window refuses what it has seen");
	expect("mode = \"wire\";", "test.conf: warning: no card is named: aditd needs --card");
	expect("peers = ( { name = \"p\"; exchange_mode = \"aggressive\"; } );",
	       "test.conf:1: warning: peer \"p\": exchange_mode \"aggressive\" lets anyone who listens guess the secret offline");
	expect("proposals = ( { name = \"p\"; enc_algorithms = [ \"des\" ]; } );",
	       "test.conf:1: warning: proposal \"p\": des is weak");
	expect("policies = ( { name = \"a\"; sa_src_address = \"1.1.1.1\"; sa_dst_address = \"2.2.2.2\"; tunnel = true; } );",
	       "test.conf:1: warning: policy \"a\": no peer's address holds sa_dst_address 2.2.2.2: there is nobody to get keys from");
	expect("manual_sas = ( { name = \"m\"; esp_spi = { in = 256; out = 257; }; esp_auth_algorithm = \"sha1\";\n"
	       "esp_auth_key = { in = \"" KEY20 "\"; out = \"" KEY20 "\"; }; } );",
	       "test.conf:2: warning: manual_sa \"m\": esp_auth_key is the same in both directions");
	config = parse("policies = ( { name = \"a\"; sa_src_address = \"1.1.1.1\"; sa_dst_address = \"2.2.2.2\"; tunnel = true; } );",
		       &diag);
	assert_non_null(config);
	assert_int_equal(config->n_local, 1);	/* sa_src_address is local without being listed */
	config_free(config);
	diag_close(&diag);
}

static void all_errors_are_told_at_once(void **state)
{
	struct diag diag;
	struct config *config = parse("mod = 1;\nmode = 2;\npolicies = ( { name = \"a\"; levle = 1;\naction = 7; } );", &diag);

	(void)state;
	assert_null(config);
	assert_true(diag.n_errors >= 4);
	diag_close(&diag);
}

static void two_policies_share_a_manual_sa_only_with_the_same_ends(void **state)
{
	static const char two[] = HEAD
		"policies = ( { name = \"a\"; src_address = \"10.1.0.0/24\"; dst_address = \"10.2.0.0/24\"; manual_sa = \"m1\";"
		"  sa_src_address = \"192.0.2.1\"; sa_dst_address = \"198.51.100.1\"; tunnel = true; %s },\n"
		"{ name = \"b\"; src_address = \"10.1.1.0/24\"; dst_address = \"10.2.1.0/24\"; manual_sa = \"m1\";"
		"  sa_src_address = \"192.0.2.1\"; sa_dst_address = \"%s\"; tunnel = true; } );\n" MANUAL("");
	char text[4096];
	struct diag diag;
	struct config *config;

	(void)state;
	(void)snprintf(text, sizeof(text), two, "", "198.51.100.1");
	config = parse(text, &diag);
	assert_non_null(config);
	config_free(config);
	diag_close(&diag);
	(void)snprintf(text, sizeof(text), two, "", "198.51.100.2");
	expect(text, "test.conf:5: policy \"b\": its incoming SPI 0x1001 is already used by policy \"a\"; policies share a manual_sa "
		     "only with the same ends, mode and protocols, and not with level unique");
	(void)snprintf(text, sizeof(text), two, "level = \"unique\";", "198.51.100.1");
	expect(text, "test.conf:5: policy \"b\": its incoming SPI 0x1001 is already used by policy \"a\"; policies share a manual_sa "
		     "only with the same ends, mode and protocols, and not with level unique");
}

static void spis_meet_only_within_a_protocol(void **state)
{
	static const char two[] = HEAD
		"policies = ( { name = \"a\"; src_address = \"10.1.0.0/24\"; dst_address = \"10.2.0.0/24\"; manual_sa = \"m\";"
		"  sa_src_address = \"192.0.2.1\"; sa_dst_address = \"198.51.100.1\"; ipsec_protocols = [ \"ah\" ]; tunnel = true; },"
		"{ name = \"b\"; src_address = \"10.1.1.0/24\"; dst_address = \"10.2.1.0/24\"; manual_sa = \"n\";"
		"  sa_src_address = \"192.0.2.1\"; sa_dst_address = \"198.51.100.1\"; ipsec_protocols = [ \"ah\" ]; tunnel = true; } );\n"
		"manual_sas = ( { name = \"m\"; ah_spi = { in = 256; out = 257; }; ah_algorithm = \"sha1\"; ah_key = { in = \"" KEY20
		"\"; out = \"" KEY20B "\"; }; },\n{ name = \"n\"; ah_spi = { in = 258; out = %u; }; ah_algorithm = \"sha1\"; "
		"ah_key = { in = \"" KEY20 "\"; out = \"" KEY20B "\"; }; } );\n";
	char text[4096];
	struct diag diag;
	struct config *config;

	(void)state;
	(void)snprintf(text, sizeof(text), two, 259);
	config = parse(text, &diag);
	assert_non_null(config);	/* neither has an ESP SPI: that is nothing in common */
	config_free(config);
	diag_close(&diag);
	(void)snprintf(text, sizeof(text), two, 257);
	expect(text, "test.conf:4: policy \"b\": its outgoing SPI 0x101 is already used by policy \"a\"; policies share a manual_sa "
		     "only with the same ends, mode and protocols, and not with level unique");
}

static void every_truncation_of_a_good_file_is_survived(void **state)
{
	unsigned n_good = 0;

	(void)state;
	for (size_t n = 0; n < sizeof(good); n++) {
		char *cut = malloc(n + 1);
		struct diag diag;
		struct config *config;

		memcpy(cut, good, n);
		cut[n] = 0;
		config = parse(cut, &diag);
		assert_true((config == NULL) == (diag.n_errors > 0));
		n_good += config != NULL;
		config_free(config);
		diag_close(&diag);
		free(cut);
	}
	assert_true(n_good > 0 && n_good < sizeof(good) / 2);
}

static void every_changed_byte_of_a_good_file_is_survived(void **state)
{
	static const char bytes[] = { 0, '"', '{', ';', '9', '\n', (char)0xff };

	(void)state;
	for (size_t n = 0; n < sizeof(good) - 1; n++) {
		for (size_t k = 0; k < sizeof(bytes); k++) {
			char *text = malloc(sizeof(good) - 1);
			struct diag diag;
			struct config *config;

			memcpy(text, good, sizeof(good) - 1);
			text[n] = bytes[k];
			diag_open(&diag, "test.conf");
			config = config_parse(text, sizeof(good) - 1, &diag);
			assert_true((config == NULL) == (diag.n_errors > 0));
			config_free(config);
			diag_close(&diag);
			free(text);
		}
	}
}

static void a_file_that_is_not_there_is_told(void **state)
{
	struct diag diag;
	char line[256];

	(void)state;
	diag_open(&diag, "/nonexistent/x.conf");
	assert_null(config_load("/nonexistent/x.conf", &diag));
	diag_format(&diag, 0, line, sizeof(line));
	assert_string_equal(line, "/nonexistent/x.conf: No such file or directory");
	diag_close(&diag);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_file_is_read_whole),
		cmocka_unit_test(defaults_are_the_manuals),
		cmocka_unit_test(every_slip_is_told_with_its_line),
		cmocka_unit_test(weak_things_are_warned_of_and_accepted),
		cmocka_unit_test(all_errors_are_told_at_once),
		cmocka_unit_test(two_policies_share_a_manual_sa_only_with_the_same_ends),
		cmocka_unit_test(spis_meet_only_within_a_protocol),
		cmocka_unit_test(every_truncation_of_a_good_file_is_survived),
		cmocka_unit_test(every_changed_byte_of_a_good_file_is_survived),
		cmocka_unit_test(a_file_that_is_not_there_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
