// SPDX-License-Identifier: BSD-2-Clause-Patent
/* Quick mode between two engines: what is negotiated, with which keys, and what is refused. RFC 2407, 2409; SEMANTICS of proposal_check. */
#include "phase2_rig.h"

/* ---- both ends have it, and packets pass */

static void begin(struct rig *rig, unsigned who)
{
	char why[MATCH_WHY_BYTES];

	assert_int_equal(ike_initiate(rig->ends[who].ike, "p", rig->now_ms, why), 1);
	rig_run(rig, 1500);
}

static void assert_packets_pass(struct rig *rig, const char *a, const char *b)
{
	rig_traffic(rig, a, b, 10);
	rig_run(rig, 200);
	rig_traffic(rig, NULL, NULL, 0);
	rig_run(rig, 100);
	assert_true(rig->ends[0].tx >= 19 || !a);
	assert_true(rig->ends[1].tx >= 19 || !b);
	rig_assert_nothing_lost(rig);
}

/* What one end sends with the other receives with: SPI, algorithms, keys, ends; and no two SAs have the same key. */
static void assert_specs_fit(const struct rig *rig)
{
	const struct sa_set *a = &rig->ends[0].children[0].spec.sas, *b = &rig->ends[1].children[0].spec.sas;

	assert_int_equal(a->n, b->n);
	for (unsigned side = 0; side < a->n; side++) {
		const struct adit_sa *mine = &a->sa[side], *theirs = &b->sa[side ^ 1];

		assert_int_equal(mine->spi, theirs->spi);
		assert_int_equal(mine->proto, theirs->proto);
		assert_int_equal(mine->mode, theirs->mode);
		assert_int_equal(mine->enc, theirs->enc);
		assert_int_equal(mine->auth, theirs->auth);
		assert_int_equal(mine->icv_bytes, theirs->icv_bytes);
		assert_int_equal(mine->esn, theirs->esn);
		assert_true(sa_same_keys(mine, theirs));
		assert_true(addr_same(&mine->src, &theirs->src) && addr_same(&mine->dst, &theirs->dst));
		assert_int_equal(mine->udp_encap, theirs->udp_encap);
		assert_int_equal(mine->natt_sport, theirs->natt_sport);
		assert_int_equal(mine->natt_dport, theirs->natt_dport);
		assert_int_not_equal(mine->dir, theirs->dir);
		for (unsigned other = 0; other < side; other++)
			assert_false(sa_same_keys(mine, &a->sa[other]));
	}
}

static void run_pair(const char *a, const char *b, unsigned initiator, bool is_natt)
{
	struct rig *rig = rig_open(a, b, 1);

	rig_phase1(rig, (struct rig_phase1){ .initiator = initiator, .is_natt = is_natt });
	begin(rig, initiator);
	assert_int_equal(rig_count(&rig->ends[0]).mature, 1);
	assert_int_equal(rig_count(&rig->ends[1]).mature, 1);
	assert_specs_fit(rig);
	assert_packets_pass(rig, "p", "p");
	rig_close(rig);
}

static void both_ends_get_the_same_sas_whoever_begins(void **state)
{
	(void)state;
	run_pair(CONFIG_A, CONFIG_B, 0, false);
	run_pair(CONFIG_A, CONFIG_B, 1, false);
}

static void quick_mode_begins_at_either_end_of_one_phase_1(void **state)
{
	struct rig *rig = rig_open(CONFIG_A, CONFIG_B, 1);

	(void)state;
	rig_phase1(rig, (struct rig_phase1){ .initiator = 0 });
	begin(rig, 1);	/* the responder of phase 1 */
	assert_int_equal(rig->ends[1].ike->counters.phase2_initiated, 1);
	assert_int_equal(rig->ends[0].ike->counters.phase2_responded, 1);
	assert_specs_fit(rig);
	rig_close(rig);
}

#define RUN(policy_a, policy_b, proposal, is_natt) do { for (unsigned who = 0; who < 2; who++) \
	run_pair(PEER_A("") policy_a proposal, PEER_B("") policy_b proposal, who, is_natt); } while (0)
#define RUN_PROTOCOLS(protocols, is_natt) do { \
	RUN(POLICY_A("ipsec_protocols = [ " protocols " ];"), POLICY_B("ipsec_protocols = [ " protocols " ];"), PROPOSAL(""), is_natt); \
	RUN(DIRECT_A("ipsec_protocols = [ " protocols " ];"), DIRECT_B("ipsec_protocols = [ " protocols " ];"), PROPOSAL(""), is_natt); } while (0)

static void esp_ah_and_both_in_tunnel_and_transport_mode_carry_packets(void **state)
{
	(void)state;
	RUN_PROTOCOLS("\"esp\"", false);
	RUN_PROTOCOLS("\"ah\"", false);
	RUN_PROTOCOLS("\"ah\", \"esp\"", false);
}

static void behind_a_nat_esp_goes_in_udp_in_both_modes(void **state)
{
	(void)state;
	RUN_PROTOCOLS("\"esp\"", true);
}

static void a_peer_that_knows_only_the_drafts_gets_their_codes(void **state)
{
	struct rig *rig = rig_open(CONFIG_A, CONFIG_B, 1);

	(void)state;
	rig_phase1(rig, (struct rig_phase1){ .initiator = 0, .is_natt = true, .peer_can = CAN_NATT_DRAFT });
	begin(rig, 0);
	assert_specs_fit(rig);
	assert_true(rig->ends[0].children[0].spec.sas.sa[SA_IN].udp_encap);
	assert_packets_pass(rig, "p", "p");
	rig_close(rig);
}

static void ah_behind_a_nat_is_refused(void **state)	/* RFC 3947 §1 */
{
	struct rig *rig = rig_open(PEER_A("") POLICY_A("ipsec_protocols = [ \"ah\" ];") PROPOSAL(""),
				   PEER_B("") POLICY_B("ipsec_protocols = [ \"ah\" ];") PROPOSAL(""), 1);
	char why[MATCH_WHY_BYTES];

	(void)state;
	rig_phase1(rig, (struct rig_phase1){ .initiator = 0, .is_natt = true });
	assert_int_equal(ike_initiate(rig->ends[0].ike, "p", rig->now_ms, why), 0);
	assert_int_equal(rig_count(&rig->ends[0]).n, 0);
	assert_int_equal(rig->ends[0].n_installs[CHILD_INBOUND] + rig->ends[1].n_installs[CHILD_INBOUND], 0);
	assert_true(rig_said(&rig->ends[0], "AH cannot pass a NAT"));
	rig_close(rig);
}

static void every_esp_algorithm_carries_packets(void **state)
{
	static const char *const encs[] = { "null", "des", "3des", "aes-128", "aes-192", "aes-256", "aes-128-ctr", "aes-192-ctr", "aes-256-ctr",
					    "aes-128-gcm", "aes-192-gcm", "aes-256-gcm", "aes-128-gcm-8", "aes-256-gcm-12", "blowfish", "twofish",
					    "camellia-128", "camellia-192", "camellia-256" };
	char a[2048], b[2048], proposal[400];

	(void)state;
	for (size_t i = 0; i < sizeof(encs) / sizeof(encs[0]); i++) {
		(void)snprintf(proposal, sizeof(proposal), "proposals = ( { name = \"default\"; auth_algorithms = [ \"sha1\" ];"
			       " enc_algorithms = [ \"%s\" ]; pfs_group = \"none\"; } );", encs[i]);
		(void)snprintf(a, sizeof(a), "%s%s", PEER_A("") POLICY_A(""), proposal);
		(void)snprintf(b, sizeof(b), "%s%s", PEER_B("") POLICY_B(""), proposal);
		run_pair(a, b, i % 2, false);
	}
}

static void every_integrity_algorithm_carries_packets(void **state)
{
	static const char *const auths[] = { "md5", "sha1", "sha256", "sha384", "sha512" };
	char a[2048], b[2048], proposal[400];

	(void)state;
	for (size_t i = 0; i < 2 * sizeof(auths) / sizeof(auths[0]); i++) {
		const char *protocol = i % 2 ? "ipsec_protocols = [ \"ah\" ];" : "";

		(void)snprintf(proposal, sizeof(proposal), "proposals = ( { name = \"default\"; auth_algorithms = [ \"%s\" ];"
			       " enc_algorithms = [ \"aes-256\" ]; pfs_group = \"none\"; } );", auths[i / 2]);
		(void)snprintf(a, sizeof(a), PEER_A("") "policies = ( { name = \"p\"; src_address = \"10.1.0.0/16\"; dst_address = \"10.2.0.0/16\";"
			       " tunnel = true; " ENDS_A "%s } ); %s", protocol, proposal);
		(void)snprintf(b, sizeof(b), PEER_B("") "policies = ( { name = \"p\"; src_address = \"10.2.0.0/16\"; dst_address = \"10.1.0.0/16\";"
			       " tunnel = true; " ENDS_B "%s } ); %s", protocol, proposal);
		run_pair(a, b, i % 2, false);
	}
}

static void gmac_takes_key_and_salt_from_the_key_material(void **state)	/* RFC 4543 §3.2 */
{
	(void)state;
	RUN(POLICY_A(""), POLICY_B(""), ALGS("\"aes-128-gmac\"", "\"null\"", "none", ""), false);
	RUN(POLICY_A(""), POLICY_B(""), ALGS("\"aes-256-gmac\"", "\"null\"", "none", ""), false);
}

static void esn_is_agreed_on_and_reaches_the_card(void **state)	/* RFC 4304 §3 */
{
	const char *a = PEER_A("") POLICY_A("") PROPOSAL("esn = true;"), *b = PEER_B("") POLICY_B("") PROPOSAL("esn = true;");
	struct rig *rig = rig_open(a, b, 1);

	(void)state;
	rig_phase1(rig, (struct rig_phase1){ .initiator = 0 });
	begin(rig, 0);
	assert_specs_fit(rig);
	assert_true(rig->ends[0].children[0].spec.sas.sa[SA_IN].esn && rig->ends[1].children[0].spec.sas.sa[SA_OUT].esn);
	rig_close(rig);
}

static void every_pfs_group_makes_keys(void **state)
{
	static const char *const groups[] = { "modp768", "modp1024", "modp1536", "modp2048", "modp3072", "ec2n155", "ec2n185", "ecp256", "ecp384",
					      "ecp521" };
	char a[2048], b[2048], proposal[400];

	(void)state;
	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
		(void)snprintf(proposal, sizeof(proposal), "proposals = ( { name = \"default\"; auth_algorithms = [ \"sha1\" ];"
			       " enc_algorithms = [ \"aes-128\" ]; pfs_group = \"%s\"; } );", groups[i]);
		(void)snprintf(a, sizeof(a), "%s%s", PEER_A("") POLICY_A(""), proposal);
		(void)snprintf(b, sizeof(b), "%s%s", PEER_B("") POLICY_B(""), proposal);
		run_pair(a, b, i % 2, false);
	}
}

static void without_pfs_keys_differ_by_nonces_alone_and_still_differ(void **state)
{
	struct rig *rig = rig_open(CONFIG_A, CONFIG_B, 1);
	struct adit_sa first;

	(void)state;
	rig_phase1(rig, (struct rig_phase1){ .initiator = 0 });
	begin(rig, 0);
	first = rig->ends[0].children[0].spec.sas.sa[SA_OUT];
	assert_int_equal(ike_rekey(rig->ends[0].ike, "p", false, rig->now_ms), 1);
	rig_run(rig, 500);
	assert_int_equal(rig->ends[0].n_children, 2);
	assert_false(sa_same_keys(&first, &rig->ends[0].children[1].spec.sas.sa[SA_OUT]));
	rig_close(rig);
}

/* ---- KEYMAT by the formula of RFC 2409 §5.5, made here once more */

struct nonces {
	uint8_t at[2][NONCE_MAX_BYTES];
	size_t n[2];
};

static bool take_nonce(const struct ike_sa *sa, const struct rig_datagram *datagram, uint8_t iv[16], struct nonces *out, unsigned which)
{
	struct isakmp_header header;
	struct isakmp_message message;
	struct blob text = { NULL, 0 };
	struct bytes rest;
	const struct isakmp_payload *nonce;

	if (isakmp_get_header((struct bytes){ datagram->bytes, datagram->n }, &header, &rest) != WIRE_OK || header.exchange != X_QUICK)
		return false;
	if (which == 0)
		assert_true(ike1_exchange_iv(&sa->keys, sa->last_block, header.message_id, iv));
	assert_int_equal(message_open(&sa->keys, iv, &header, rest, &text, &message), WIRE_OK);
	nonce = isakmp_find(&message, P_NONCE, 0);
	assert_non_null(nonce);
	memcpy(out->at[which], nonce->body.at, nonce->body.len);
	out->n[which] = nonce->body.len;
	blob_free(&text);
	return true;
}

static void keys_are_what_the_formula_says_without_pfs(void **state)
{
	struct rig *rig = rig_open(CONFIG_A, CONFIG_B, 1);
	const struct sa_set *sas;
	struct nonces nonces;
	unsigned found = 0;
	struct ike_sa *sa;
	uint8_t iv[16];

	(void)state;
	rig_phase1(rig, (struct rig_phase1){ .initiator = 0 });
	rig->keep = true;
	begin(rig, 0);
	sa = rig_sa(rig, 0);
	sas = &rig->ends[0].children[0].spec.sas;
	for (unsigned i = 0; i < rig->n_kept && found < 2; i++)
		found += take_nonce(sa, &rig->kept[i], iv, &nonces, found);
	assert_int_equal(found, 2);
	for (unsigned side = SA_IN; side <= SA_OUT; side++) {
		uint32_t spi = sas->sa[side].spi;
		const uint8_t head[5] = { V1_PROTO_ESP, (uint8_t)(spi >> 24), (uint8_t)(spi >> 16), (uint8_t)(spi >> 8), (uint8_t)spi };
		const struct bytes key = { sa->keys.d, sa->keys.n };
		uint8_t k[2][32];
		struct bytes parts[4] = { { k[0], 32 }, { head, 5 }, { nonces.at[0], nonces.n[0] }, { nonces.at[1], nonces.n[1] } };

		assert_true(prf_of(sa->keys.hash, key, parts + 1, 3, k[0]));	/* K1 */
		assert_true(prf_of(sa->keys.hash, key, parts, 4, k[1]));	/* K2 = prf(SKEYID_d, K1 | ...) */
		assert_memory_equal(sas->sa[side].enc_key, k[0], 16);		/* AES-128, then SHA2-256's 32 */
		assert_memory_equal(sas->sa[side].auth_key, k[0] + 16, 16);
		assert_memory_equal(sas->sa[side].auth_key + 16, k[1], 16);
	}
	rig_close(rig);
}

/* ---- selectors */

static void refuse_pair(const char *a, const char *b, const char *why_a, const char *why_b)
{
	struct rig *rig = rig_open(a, b, 1);

	rig_phase1(rig, (struct rig_phase1){ .initiator = 0 });
	begin(rig, 0);
	assert_int_equal(rig_count(&rig->ends[0]).n, 0);
	assert_int_equal(rig_count(&rig->ends[1]).n, 0);
	assert_int_equal(rig->ends[0].n_children + rig->ends[1].n_children, 0);
	if (why_a)
		assert_true(rig_said(&rig->ends[0], why_a));
	if (why_b)
		assert_true(rig_said(&rig->ends[1], why_b));
	rig_close(rig);
}

static void protocol_and_ports_are_part_of_the_selectors(void **state)
{
	const char *const extra_a = "protocol = \"udp\"; dst_port = 1701;", *const extra_b = "protocol = \"udp\"; src_port = 1701;";
	char a[2048], b[2048];

	(void)state;
	(void)snprintf(a, sizeof(a), "%spolicies = ( { name = \"p\"; src_address = \"10.1.0.0/16\"; dst_address = \"10.2.0.0/16\"; tunnel = true; "
		       ENDS_A "%s } );%s", PEER_A(""), extra_a, PROPOSAL(""));
	(void)snprintf(b, sizeof(b), "%spolicies = ( { name = \"p\"; src_address = \"10.2.0.0/16\"; dst_address = \"10.1.0.0/16\"; tunnel = true; "
		       ENDS_B "%s } );%s", PEER_B(""), extra_b, PROPOSAL(""));
	run_pair(a, b, 0, false);
	run_pair(a, b, 1, false);
	refuse_pair(a, CONFIG_B, "INVALID-ID-INFORMATION", "protocol");
}

static void selectors_that_differ_are_refused_and_both_logs_say_so(void **state)
{
	(void)state;
	refuse_pair(CONFIG_A, PEER_B("") "policies = ( " TUNNEL_B("p", "10.2.0.0/16", "10.1.0.0/17", "") " );" PROPOSAL(""),
		    "INVALID-ID-INFORMATION", "dst_address 10.1.0.0/16, ours 10.1.0.0/17");
}

static void ipv6_selectors_in_an_ipv4_tunnel_are_agreed_on(void **state)
{
	struct rig *rig = rig_open(PEER_A("") "policies = ( " TUNNEL_A("p", "2001:db8:1::/48", "2001:db8:2::/48", "") " );" PROPOSAL(""),
				   PEER_B("") "policies = ( " TUNNEL_B("p", "2001:db8:2::/48", "2001:db8:1::/48", "") " );" PROPOSAL(""), 1);

	(void)state;
	rig_phase1(rig, (struct rig_phase1){ .initiator = 0 });
	begin(rig, 0);
	assert_int_equal(rig_count(&rig->ends[0]).mature, 1);
	assert_int_equal(rig_count(&rig->ends[1]).mature, 1);
	assert_specs_fit(rig);
	rig_close(rig);
}

static void several_policies_come_up_over_one_phase_1_at_once(void **state)
{
	struct rig *rig = rig_open(PEER_A("") "policies = ( " TUNNEL_A("p1", "10.1.0.0/16", "10.2.0.0/16", "") ", "
				   TUNNEL_A("p2", "10.3.0.0/16", "10.4.0.0/16", "") ", " TUNNEL_A("p3", "10.5.0.0/16", "10.6.0.0/16", "") " );" PROPOSAL(""),
				   PEER_B("") "policies = ( " TUNNEL_B("q1", "10.2.0.0/16", "10.1.0.0/16", "") ", "
				   TUNNEL_B("q2", "10.4.0.0/16", "10.3.0.0/16", "") ", " TUNNEL_B("q3", "10.6.0.0/16", "10.5.0.0/16", "") " );" PROPOSAL(""), 1);
	char why[MATCH_WHY_BYTES];

	(void)state;
	rig_phase1(rig, (struct rig_phase1){ .initiator = 0 });
	assert_int_equal(ike_initiate(rig->ends[0].ike, "b", rig->now_ms, why), 3);	/* all of a peer */
	rig_run(rig, 500);
	assert_int_equal(rig_count(&rig->ends[0]).mature, 3);
	assert_int_equal(rig_count(&rig->ends[1]).mature, 3);
	assert_packets_pass(rig, "p1", "q1");
	assert_packets_pass(rig, "p2", "q2");
	assert_packets_pass(rig, "p3", "q3");
	rig_close(rig);
}

static void forty_quick_modes_at_once_all_end_well(void **state)
{
	char *texts[2] = { malloc(40000), malloc(40000) };
	struct rig *rig;
	char why[MATCH_WHY_BYTES];

	(void)state;
	for (unsigned e = 0; e < 2; e++) {
		size_t at = (size_t)sprintf(texts[e], "%s%spolicies = ( ", e ? PEER_B("") : PEER_A(""), PROPOSAL(""));

		for (unsigned i = 0; i < 40; i++)
			at += (size_t)sprintf(texts[e] + at, "%s{ name = \"p%u\"; src_address = \"10.%u.%u.0/24\"; dst_address = \"10.%u.%u.0/24\";"
					      " tunnel = true; %s}", i ? ", " : "", i, 1 + e, i, 2 - e, i, e ? ENDS_B : ENDS_A);
		(void)sprintf(texts[e] + at, " );");
	}
	rig = rig_open(texts[0], texts[1], 1);
	rig_phase1(rig, (struct rig_phase1){ .initiator = 0 });
	assert_int_equal(ike_initiate(rig->ends[0].ike, "b", rig->now_ms, why), 40);
	rig_run(rig, 60000);	/* the peer takes 32 at once: the others come with their retransmission */
	assert_int_equal(rig_count(&rig->ends[0]).mature, 40);
	assert_int_equal(rig_count(&rig->ends[1]).mature, 40);
	rig_close(rig);
	free(texts[0]);
	free(texts[1]);
}

/* ---- proposals */

static void the_first_of_the_peers_offers_that_is_allowed_is_taken(void **state)
{
	struct rig *rig = rig_open(PEER_A("") POLICY_A("") ALGS("\"md5\", \"sha1\", \"sha256\"", "\"3des\", \"aes-256\", \"aes-128\"", "none", ""),
				   PEER_B("") POLICY_B("") ALGS("\"sha256\", \"sha1\"", "\"aes-128\", \"aes-256\"", "none", ""), 1);

	(void)state;
	rig_phase1(rig, (struct rig_phase1){ .initiator = 0 });
	begin(rig, 0);
	assert_int_equal(rig->ends[1].children[0].spec.sas.sa[SA_IN].enc, ADIT_ENC_AES_CBC_256);
	assert_int_equal(rig->ends[1].children[0].spec.sas.sa[SA_IN].auth, ADIT_AUTH_HMAC_SHA1_96);
	assert_specs_fit(rig);
	assert_packets_pass(rig, "p", "p");
	rig_close(rig);
}

static void no_common_algorithm_ends_both_sides_at_once(void **state)
{
	struct rig *rig = rig_open(PEER_A("") POLICY_A("") ALGS("\"sha1\"", "\"3des\"", "none", ""),
				   PEER_B("") POLICY_B("") ALGS("\"sha1\"", "\"aes-128\"", "none", ""), 1);

	(void)state;
	rig_phase1(rig, (struct rig_phase1){ .initiator = 0 });
	begin(rig, 0);	/* within a second and a half: nobody waits for a time-out */
	assert_int_equal(rig_count(&rig->ends[0]).n, 0);
	assert_int_equal(rig->ends[1].ike->counters.no_proposal, 1);
	assert_int_equal(rig->ends[0].ike->counters.phase2_failed, 1);
	assert_int_equal(rig->ends[1].ike->counters.phase2_failed, 1);
	assert_true(rig_said(&rig->ends[0], "NO-PROPOSAL-CHOSEN"));
	assert_int_equal(rig->ends[0].n_unacquired, 0);	/* the back-off first */
	rig_run(rig, 6000);
	assert_int_equal(rig->ends[0].n_unacquired, 1);
	rig_close(rig);
}

/* SEMANTICS §1.2, the responder's table, cell by cell: what the peer (initiator, A) offers, what B has, what both live by. */
struct check_case {
	const char *check;
	const char *theirs, *ours;	/* of the proposal */
	unsigned a_seconds, b_seconds;	/* 0: refused */
	uint64_t a_kilobytes, b_kilobytes;
	enum dh_group pfs;
};

static void run_check(const struct check_case *row)
{
	char a[2048], b[2048];
	struct rig *rig;
	const struct ike_child *children[2];

	(void)snprintf(a, sizeof(a), "%sproposals = ( { name = \"default\"; auth_algorithms = [ \"sha1\" ]; %s } );",
		       PEER_A("proposal_check = \"obey\";") POLICY_A(""), row->theirs);
	(void)snprintf(b, sizeof(b), "peers = ( { name = \"a\"; address = \"192.0.2.1/32\"; " SECRET " proposal_check = \"%s\"; } ); "
		       POLICY_B("") "proposals = ( { name = \"default\"; auth_algorithms = [ \"sha1\" ]; %s } );", row->check, row->ours);
	rig = rig_open(a, b, 1);
	rig_phase1(rig, (struct rig_phase1){ .initiator = 0 });
	begin(rig, 0);
	children[0] = rig->ends[0].ike->children;
	children[1] = rig->ends[1].ike->children;
	if (!row->b_seconds) {
		assert_null(children[0]);
		assert_null(children[1]);
	} else {
		assert_non_null(children[0]);
		assert_non_null(children[1]);
		assert_int_equal(children[0]->seconds, row->a_seconds);
		assert_int_equal(children[1]->seconds, row->b_seconds);
		assert_int_equal(children[0]->kilobytes, row->a_kilobytes);
		assert_int_equal(children[1]->kilobytes, row->b_kilobytes);
		assert_int_equal(children[1]->pfs, row->pfs);
	}
	rig_close(rig);
}

#define ENC128 "enc_algorithms = [ \"aes-128\" ]; pfs_group = \"none\"; "
#define ENC256 "enc_algorithms = [ \"aes-256\" ]; pfs_group = \"none\"; "
#define PFS(group) "enc_algorithms = [ \"aes-128\" ]; pfs_group = \"" group "\"; "

static void proposal_check_judges_lifetimes_in_seconds(void **state)
{
	static const struct check_case rows[] = {
		{ "obey", ENC128 "lifetime = 3600;", ENC128 "lifetime = 600;", 3600, 3600, 0, 0, DH_NONE },
		{ "obey", ENC128 "lifetime = 600;", ENC128 "lifetime = 3600;", 600, 600, 0, 0, DH_NONE },
		{ "strict", ENC128 "lifetime = 3600;", ENC128 "lifetime = 600;", 0, 0, 0, 0, DH_NONE },
		{ "strict", ENC128 "lifetime = 600;", ENC128 "lifetime = 3600;", 600, 600, 0, 0, DH_NONE },
		{ "claim", ENC128 "lifetime = 3600;", ENC128 "lifetime = 600;", 600, 600, 0, 0, DH_NONE },	/* told by RESPONDER-LIFETIME */
		{ "claim", ENC128 "lifetime = 600;", ENC128 "lifetime = 3600;", 600, 600, 0, 0, DH_NONE },
		{ "exact", ENC128 "lifetime = 600;", ENC128 "lifetime = 600;", 600, 600, 0, 0, DH_NONE },
		{ "exact", ENC128 "lifetime = 600;", ENC128 "lifetime = 601;", 0, 0, 0, 0, DH_NONE },
		{ "exact", ENC128 "lifetime = 601;", ENC128 "lifetime = 600;", 0, 0, 0, 0, DH_NONE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		run_check(&rows[i]);
}

/*
 * racoon's claim keeps the peer's kilobytes whatever it compared before, and its branch that would tell of kilobytes cannot be reached
 * (proposal.c:254-264): here claim means the lesser for both dimensions, and RESPONDER-LIFETIME tells of each.
 */
static void proposal_check_judges_lifetimes_in_kilobytes(void **state)
{
	static const struct check_case rows[] = {
		{ "obey", ENC128 "lifebytes = 10240000;", ENC128 "lifebytes = 1024000;", 1800, 1800, 10000, 10000, DH_NONE },
		{ "strict", ENC128 "lifebytes = 10240000;", ENC128 "lifebytes = 1024000;", 0, 0, 0, 0, DH_NONE },
		{ "strict", ENC128 "lifebytes = 1024000;", ENC128 "lifebytes = 10240000;", 1800, 1800, 1000, 1000, DH_NONE },
		{ "claim", ENC128 "lifebytes = 10240000;", ENC128 "lifebytes = 1024000;", 1800, 1800, 1000, 1000, DH_NONE },
		{ "claim", ENC128 "lifebytes = 1024000;", ENC128 "lifebytes = 10240000;", 1800, 1800, 1000, 1000, DH_NONE },
		{ "exact", ENC128 "lifebytes = 1024000;", ENC128 "lifebytes = 1024000;", 1800, 1800, 1000, 1000, DH_NONE },
		{ "exact", ENC128 "lifebytes = 1024000;", ENC128 "lifebytes = 2048000;", 0, 0, 0, 0, DH_NONE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		run_check(&rows[i]);
}

static void proposal_check_judges_the_pfs_group(void **state)
{
	static const struct check_case rows[] = {
		{ "obey", PFS("none"), PFS("modp1024"), 1800, 1800, 0, 0, DH_NONE },
		{ "obey", PFS("ecp256"), PFS("modp1024"), 1800, 1800, 0, 0, DH_ECP256 },
		{ "strict", PFS("none"), PFS("modp1024"), 0, 0, 0, 0, DH_NONE },
		{ "strict", PFS("ecp256"), PFS("ecp384"), 0, 0, 0, 0, DH_NONE },
		{ "strict", PFS("ecp256"), PFS("none"), 1800, 1800, 0, 0, DH_ECP256 },
		{ "claim", PFS("none"), PFS("ecp256"), 0, 0, 0, 0, DH_NONE },
		{ "claim", PFS("ecp256"), PFS("none"), 1800, 1800, 0, 0, DH_ECP256 },
		{ "exact", PFS("ecp256"), PFS("none"), 0, 0, 0, 0, DH_NONE },
		{ "exact", PFS("ecp256"), PFS("ecp256"), 1800, 1800, 0, 0, DH_ECP256 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		run_check(&rows[i]);
}

static void another_pfs_group_than_ours_is_told_of_when_obey_takes_it(void **state)
{
	struct rig *rig = rig_open(CONFIG_A, PEER_B("") POLICY_B("") ALGS("\"sha256\"", "\"aes-128\"", "modp1024", ""), 1);

	(void)state;
	rig_phase1(rig, (struct rig_phase1){ .initiator = 0 });
	begin(rig, 0);
	assert_int_equal(rig->ends[1].n_children, 1);
	assert_true(rig_said(&rig->ends[1], "policy p: pfs_group none, ours modp1024: taken, as proposal_check is obey"));
	rig_close(rig);
}

static void proposal_check_judges_key_lengths(void **state)
{
	static const struct check_case rows[] = {
		{ "obey", ENC128, ENC256, 1800, 1800, 0, 0, DH_NONE },
		{ "obey", ENC256, ENC128, 1800, 1800, 0, 0, DH_NONE },
		{ "strict", ENC128, ENC256, 0, 0, 0, 0, DH_NONE },
		{ "strict", ENC256, ENC128, 1800, 1800, 0, 0, DH_NONE },
		{ "claim", ENC128, ENC256, 0, 0, 0, 0, DH_NONE },
		{ "claim", ENC256, ENC128, 1800, 1800, 0, 0, DH_NONE },
		{ "exact", ENC256, ENC128, 0, 0, 0, 0, DH_NONE },
		{ "exact", ENC128, ENC128, 1800, 1800, 0, 0, DH_NONE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		run_check(&rows[i]);
}

/* RESPONDER-LIFETIME at the initiator: obey takes it; claim and strict what is shorter; exact only what is equal. */
static void the_initiators_proposal_check_judges_responder_lifetime(void **state)
{
	static const struct { const char *check; unsigned seconds; } rows[] = { { "obey", 600 }, { "claim", 600 }, { "strict", 600 }, { "exact", 0 } };
	char a[2048];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct rig *rig;

		(void)snprintf(a, sizeof(a), "peers = ( { name = \"b\"; address = \"198.51.100.1/32\"; " SECRET " proposal_check = \"%s\"; } ); "
			       POLICY_A("") PROPOSAL("lifetime = 3600;"), rows[i].check);
		rig = rig_open(a, PEER_B("proposal_check = \"claim\";") POLICY_B("") PROPOSAL("lifetime = 600;"), 1);
		rig_phase1(rig, (struct rig_phase1){ .initiator = 0 });
		begin(rig, 0);
		assert_int_equal(rig_count(&rig->ends[0]).mature, rows[i].seconds != 0);
		if (rows[i].seconds)
			assert_int_equal(rig->ends[0].ike->children->seconds, rows[i].seconds);
		else
			assert_true(rig_said(&rig->ends[0], "RESPONDER-LIFETIME"));
		assert_int_equal(rig->ends[1].n_children, rows[i].seconds != 0);	/* who refuses takes the peer's half back too */
		rig_close(rig);
	}
}

/* ---- generated policies */

#define GENERATE_B(extra) "peers = ( { name = \"a\"; address = \"192.0.2.1/32\"; " SECRET " generate_policy = true; " extra " } );"

static void a_responder_generates_the_policy_its_peer_asks_for(void **state)
{
	struct rig *rig = rig_open(CONFIG_A, GENERATE_B("") PROPOSAL(""), 1);
	const struct child_spec *spec;

	(void)state;
	rig_phase1(rig, (struct rig_phase1){ .initiator = 0 });
	begin(rig, 0);
	assert_int_equal(rig->ends[1].n_children, 1);
	spec = &rig->ends[1].children[0].spec;
	assert_true(spec->is_generated);
	assert_null(config_policy(rig->ends[1].config, spec->policy));
	assert_int_equal(spec->rule.src.addr.bytes[1], 2);
	assert_int_equal(spec->rule.src.plen, 16);
	assert_int_equal(spec->rule.dst.addr.bytes[1], 1);
	assert_int_equal(spec->rule.action, ADIT_ACTION_ENCRYPT);
	assert_true(spec->rule.tunnel && spec->rule.esp && !spec->rule.ah);
	assert_int_equal(spec->rule.proto, -1);
	assert_specs_fit(rig);
	assert_packets_pass(rig, "p", spec->policy);
	rig_close(rig);
}

static void generate_policy_is_for_responders_only(void **state)
{
	struct rig *rig = rig_open(GENERATE_B("") PROPOSAL(""), CONFIG_B, 1);
	char why[MATCH_WHY_BYTES];

	(void)state;
	assert_int_equal(ike_initiate(rig->ends[0].ike, "p", rig->now_ms, why), 0);
	assert_true(why[0]);
	rig_close(rig);
}

static void a_template_bounds_what_is_generated(void **state)
{
	static const struct { const char *template_dst; bool fits; } rows[] = { { "10.0.0.0/8", true }, { "10.1.0.0/16", true }, { "10.1.0.0/17", false },
										{ "172.16.0.0/12", false } };
	char b[2048];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct rig *rig;

		(void)snprintf(b, sizeof(b), GENERATE_B("policy_template = \"t\";") "policies = ( { name = \"t\"; template = true; src_address = \"10.2.0.0/16\";"
			       " dst_address = \"%s\"; tunnel = true; level = \"unique\"; priority = 9; } );" PROPOSAL(""), rows[i].template_dst);
		rig = rig_open(CONFIG_A, b, 1);
		rig_phase1(rig, (struct rig_phase1){ .initiator = 0 });
		begin(rig, 0);
		assert_int_equal(rig->ends[1].n_children, rows[i].fits);
		if (rows[i].fits) {
			assert_int_equal(rig->ends[1].children[0].spec.rule.priority, 9);
			assert_int_equal(rig->ends[1].children[0].spec.rule.level, ADIT_LEVEL_UNIQUE);
			assert_int_equal(rig->ends[1].children[0].spec.rule.dst.plen, 16);	/* what was asked for, not the template's */
		} else {
			assert_true(rig_said(&rig->ends[1], "template t does not hold"));
		}
		rig_close(rig);
	}
}

static void a_policy_of_the_configuration_comes_before_a_generated_one(void **state)
{
	struct rig *rig = rig_open(CONFIG_A, GENERATE_B("") POLICY_B("") PROPOSAL(""), 1);

	(void)state;
	rig_phase1(rig, (struct rig_phase1){ .initiator = 0 });
	begin(rig, 0);
	assert_false(rig->ends[1].children[0].spec.is_generated);
	assert_string_equal(rig->ends[1].children[0].spec.policy, "p");
	rig_close(rig);
}

static void a_peer_that_moved_to_anothers_address_does_not_get_its_policies(void **state)
{
	static const char config[] = "peers = ( { name = \"a\"; address = \"192.0.2.1/32\"; " SECRET " }, "
				     "{ name = \"other\"; address = \"203.0.113.9/32\"; " SECRET " } );"
				     "policies = ( { name = \"p\"; src_address = \"10.2.0.0/16\"; dst_address = \"10.1.0.0/16\"; tunnel = true; "
				     "sa_src_address = \"198.51.100.1\"; sa_dst_address = \"203.0.113.9\"; } );" PROPOSAL("");
	struct rig *rig = rig_open(CONFIG_A, config, 1);

	(void)state;
	rig_phase1(rig, (struct rig_phase1){ .initiator = 0 });
	assert_true(addr_get("203.0.113.9", &rig_sa(rig, 1)->path.remote.addr));	/* it moved, or says so */
	begin(rig, 0);
	assert_int_equal(rig->ends[0].n_children + rig->ends[1].n_children, 0);
	assert_true(rig_said(&rig->ends[1], "policy p: it is for peer other, and this is a"));
	rig_close(rig);
}

static void a_generated_policy_serves_its_childs_successor_too(void **state)
{
	struct rig *rig = rig_open(CONFIG_A, GENERATE_B("") PROPOSAL(""), 1);

	(void)state;
	rig_phase1(rig, (struct rig_phase1){ .initiator = 0 });
	begin(rig, 0);
	assert_int_equal(ike_rekey(rig->ends[0].ike, "p", false, rig->now_ms), 1);
	rig_run(rig, 1000);
	assert_int_equal(rig->ends[1].n_children, 2);
	assert_string_equal(rig->ends[1].children[0].spec.policy, rig->ends[1].children[1].spec.policy);
	rig_run(rig, 60000);
	assert_int_equal(rig->ends[1].n_children, 1);
	rig_close(rig);
}

/* ---- the network misbehaves */

struct mischief {
	unsigned from, nth;	/* quick mode's nth datagram of that end */
	enum rig_fate fate;
	unsigned seen[2];
};

static enum rig_fate do_mischief(struct rig *rig, unsigned from, const uint8_t *bytes, size_t n, unsigned nth)
{
	struct mischief *mischief = rig->fate_arg;

	(void)n;
	(void)nth;
	if (bytes[18] != X_QUICK)
		return RIG_PASS;
	return ++mischief->seen[from] == mischief->nth && mischief->from == from ? mischief->fate : RIG_PASS;
}

static void each_message_may_be_lost_doubled_or_late(void **state)
{
	static const enum rig_fate fates[] = { RIG_LOSE, RIG_TWICE, RIG_LATE };

	(void)state;
	for (unsigned message = 1; message <= 3; message++)
		for (size_t f = 0; f < sizeof(fates) / sizeof(fates[0]); f++) {
			struct mischief mischief = { .from = message == 2, .nth = message == 3 ? 2 : 1, .fate = fates[f] };
			struct rig *rig = rig_open(CONFIG_A, CONFIG_B, 1);
			char why[MATCH_WHY_BYTES];

			rig->fate = do_mischief;
			rig->fate_arg = &mischief;
			rig_phase1(rig, (struct rig_phase1){ .initiator = 0 });
			assert_int_equal(ike_initiate(rig->ends[0].ike, "p", rig->now_ms, why), 1);
			rig_run(rig, 8000);
			assert_int_equal(rig_count(&rig->ends[0]).mature, 1);
			assert_int_equal(rig_count(&rig->ends[1]).mature, 1);
			assert_int_equal(rig_count(&rig->ends[0]).n, 1);
			assert_int_equal(rig_count(&rig->ends[1]).n, 1);
			assert_true(rig->ends[0].n_sent + rig->ends[1].n_sent < 12);	/* nobody answers duplicates for ever */
			assert_packets_pass(rig, "p", "p");
			rig_close(rig);
		}
}

static enum rig_fate lose_at_random(struct rig *rig, unsigned from, const uint8_t *bytes, size_t n, unsigned nth)
{
	(void)from;
	(void)bytes;
	(void)n;
	(void)nth;
	switch (ike_random(rig->ends[0].ike, 10)) {
	case 0: case 1: case 2: return RIG_LOSE;
	case 3: return RIG_TWICE;
	case 4: return RIG_LATE;
	default: return RIG_PASS;
	}
}

static void under_heavy_random_loss_both_ends_agree_in_the_end(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 30; seed++) {
		struct rig *rig = rig_open(CONFIG_A, CONFIG_B, seed);
		char why[MATCH_WHY_BYTES];

		rig_phase1(rig, (struct rig_phase1){ .initiator = 0 });
		rig->fate = lose_at_random;
		assert_int_equal(ike_initiate(rig->ends[0].ike, "p", rig->now_ms, why), 1);
		rig_run(rig, 200000);
		rig->fate = NULL;
		if (rig_count(&rig->ends[0]).mature != rig_count(&rig->ends[1]).mature)
			print_message("seed %llu\n", (unsigned long long)seed);
		assert_int_equal(rig_count(&rig->ends[0]).mature, rig_count(&rig->ends[1]).mature);
		assert_int_equal(rig_count(&rig->ends[0]).larval + rig_count(&rig->ends[1]).larval, 0);
		rig_close(rig);
	}
}

static enum rig_fate lose_answers(struct rig *rig, unsigned from, const uint8_t *bytes, size_t n, unsigned nth)
{
	(void)rig;
	(void)bytes;
	(void)n;
	(void)nth;
	return from == 1 ? RIG_LOSE : RIG_PASS;
}

static void a_peer_that_never_answers_is_given_up_and_nothing_stays(void **state)
{
	struct rig *rig = rig_open(CONFIG_A, CONFIG_B, 1);
	char why[MATCH_WHY_BYTES];

	(void)state;
	rig_phase1(rig, (struct rig_phase1){ .initiator = 0 });
	rig_run(rig, 100);
	rig->fate = lose_answers;
	assert_int_equal(ike_initiate(rig->ends[0].ike, "p", rig->now_ms, why), 1);
	rig_run(rig, 120000);
	assert_int_equal(rig_count(&rig->ends[0]).n, 0);
	assert_int_equal(rig_count(&rig->ends[1]).n, 0);
	assert_int_equal(rig->ends[0].n_children + rig->ends[1].n_children, 0);
	assert_true(rig->ends[0].ike->counters.timeouts >= 1 && rig->ends[1].ike->counters.timeouts >= 1);
	assert_null(rig_sa(rig, 0));	/* an SA over which nothing comes back is not used again */
	rig_close(rig);
}

static void a_replayed_message_1_makes_nothing_even_when_all_is_long_over(void **state)
{
	struct rig *rig = rig_open(CONFIG_A, CONFIG_B, 1);
	unsigned n_sent;

	(void)state;
	rig_phase1(rig, (struct rig_phase1){ .initiator = 0 });
	rig_run(rig, 100);
	rig->keep = true;
	begin(rig, 0);
	assert_int_equal(rig->kept[0].bytes[18], X_QUICK);
	rig_run(rig, 200000);
	n_sent = rig->ends[1].n_sent;
	for (unsigned i = 0; i < 50; i++)
		ike_receive(rig->ends[1].ike, &rig->kept[0].path, rig->kept[0].bytes, rig->kept[0].n, rig->now_ms);
	rig_run(rig, 5000);
	assert_int_equal(rig->ends[1].n_sent, n_sent);
	assert_int_equal(rig->ends[1].n_installs[CHILD_INBOUND], 1);
	assert_int_equal(rig->ends[1].ike->counters.phase2_responded, 1);
	rig_close(rig);
}

static void message_ids_are_never_used_twice(void **state)
{
	struct rig *rig = rig_open(CONFIG_A, CONFIG_B, 1);
	uint32_t ids[64];
	unsigned n = 0;

	(void)state;
	rig_phase1(rig, (struct rig_phase1){ .initiator = 0 });
	rig->keep = true;
	begin(rig, 0);
	for (unsigned i = 0; i < 10; i++) {
		(void)ike_rekey(rig->ends[i % 2].ike, "p", false, rig->now_ms);
		rig_run(rig, 300);
	}
	for (unsigned i = 0; i < rig->n_kept; i++) {
		uint32_t id;
		bool is_known = false;

		memcpy(&id, rig->kept[i].bytes + 20, sizeof(id));
		for (unsigned k = 0; k < n; k++)
			is_known |= ids[k] == id;
		if (!is_known)
			ids[n++] = id;
	}
	assert_int_equal(n, rig->ends[0].ike->counters.phase2_initiated + rig->ends[1].ike->counters.phase2_initiated +
			 rig->ends[0].ike->counters.deletes_sent + rig->ends[1].ike->counters.deletes_sent);
	rig_close(rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_ends_get_the_same_sas_whoever_begins),
		cmocka_unit_test(quick_mode_begins_at_either_end_of_one_phase_1),
		cmocka_unit_test(esp_ah_and_both_in_tunnel_and_transport_mode_carry_packets),
		cmocka_unit_test(behind_a_nat_esp_goes_in_udp_in_both_modes),
		cmocka_unit_test(a_peer_that_knows_only_the_drafts_gets_their_codes),
		cmocka_unit_test(ah_behind_a_nat_is_refused),
		cmocka_unit_test(every_esp_algorithm_carries_packets),
		cmocka_unit_test(every_integrity_algorithm_carries_packets),
		cmocka_unit_test(gmac_takes_key_and_salt_from_the_key_material),
		cmocka_unit_test(esn_is_agreed_on_and_reaches_the_card),
		cmocka_unit_test(every_pfs_group_makes_keys),
		cmocka_unit_test(without_pfs_keys_differ_by_nonces_alone_and_still_differ),
		cmocka_unit_test(keys_are_what_the_formula_says_without_pfs),
		cmocka_unit_test(protocol_and_ports_are_part_of_the_selectors),
		cmocka_unit_test(selectors_that_differ_are_refused_and_both_logs_say_so),
		cmocka_unit_test(ipv6_selectors_in_an_ipv4_tunnel_are_agreed_on),
		cmocka_unit_test(several_policies_come_up_over_one_phase_1_at_once),
		cmocka_unit_test(forty_quick_modes_at_once_all_end_well),
		cmocka_unit_test(the_first_of_the_peers_offers_that_is_allowed_is_taken),
		cmocka_unit_test(no_common_algorithm_ends_both_sides_at_once),
		cmocka_unit_test(proposal_check_judges_lifetimes_in_seconds),
		cmocka_unit_test(proposal_check_judges_lifetimes_in_kilobytes),
		cmocka_unit_test(proposal_check_judges_the_pfs_group),
		cmocka_unit_test(another_pfs_group_than_ours_is_told_of_when_obey_takes_it),
		cmocka_unit_test(proposal_check_judges_key_lengths),
		cmocka_unit_test(the_initiators_proposal_check_judges_responder_lifetime),
		cmocka_unit_test(a_responder_generates_the_policy_its_peer_asks_for),
		cmocka_unit_test(generate_policy_is_for_responders_only),
		cmocka_unit_test(a_template_bounds_what_is_generated),
		cmocka_unit_test(a_policy_of_the_configuration_comes_before_a_generated_one),
		cmocka_unit_test(a_peer_that_moved_to_anothers_address_does_not_get_its_policies),
		cmocka_unit_test(a_generated_policy_serves_its_childs_successor_too),
		cmocka_unit_test(each_message_may_be_lost_doubled_or_late),
		cmocka_unit_test(under_heavy_random_loss_both_ends_agree_in_the_end),
		cmocka_unit_test(a_peer_that_never_answers_is_given_up_and_nothing_stays),
		cmocka_unit_test(a_replayed_message_1_makes_nothing_even_when_all_is_long_over),
		cmocka_unit_test(message_ids_are_never_used_twice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
