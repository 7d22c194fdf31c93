// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * Informational exchanges: what is obeyed, and from whom. SEMANTICS §1.6, classes 6, 7 and 12; RFC 2407 §4.6.3, RFC 2408 §3.14, §3.15,
 * RFC 3706. Then quick mode and Informational under a knife: cut at each byte, each bit of the ciphertext, each byte of the plaintext.
 */
#include "phase2_rig.h"

/* ---- messages that no engine wrote */

enum how { GOOD, BAD_HASH, NO_HASH, CLEAR, OTHER_KEY };

struct forged {
	uint8_t bytes[4096], iv[16];
	struct writer to;
	size_t next_at, hash_at, after;
	struct isakmp_header header;
	struct ike_sa *sa;
};

static void forge_begin(struct forged *f, struct ike_sa *sa, uint8_t exchange, enum how how)
{
	size_t at;

	memset(f, 0, sizeof(*f));
	f->sa = sa;
	f->to = (struct writer){ .at = f->bytes, .room = sizeof(f->bytes) };
	f->header = (struct isakmp_header){ .version = 0x10, .exchange = exchange, .flags = how == CLEAR ? 0 : ISAKMP_ENCRYPTED };
	assert_true(random_bytes(&f->header.message_id, 4));
	memcpy(f->header.icookie, sa->cookies, 8);
	memcpy(f->header.rcookie, sa->cookies + 8, 8);
	isakmp_open(&f->to, &f->header, &f->next_at);
	f->hash_at = f->after = f->to.len;
	if (how == NO_HASH || how == CLEAR)
		return;
	at = isakmp_begin(&f->to, &f->next_at, P_HASH);
	f->hash_at = f->to.len;
	put_zeros(&f->to, sa->keys.n);
	isakmp_end(&f->to, at);
	f->after = f->to.len;
}

static void forge_end(struct forged *f, enum how how)
{
	const struct bytes rest = { f->bytes + f->after, f->to.len - f->after };
	struct ike1_keys keys = f->sa->keys;
	uint8_t hash[HASH_MAX_BYTES];

	if (how == CLEAR) {
		isakmp_close(&f->to, 0);
		return;
	}
	if (how != NO_HASH) {
		assert_true(message_hash(f->sa, false, f->header.message_id, &rest, 1, hash));
		if (how == BAD_HASH)
			hash[keys.n - 1] ^= 1;
		memcpy(f->bytes + f->hash_at, hash, keys.n);
	}
	if (how == OTHER_KEY)
		keys.cipher[0] ^= 1;
	assert_true(ike1_exchange_iv(&keys, f->sa->last_block, f->header.message_id, f->iv));
	assert_true(message_seal(&keys, f->iv, &f->to));
	ike1_wipe(&keys);
}

static void deliver(struct rig *rig, unsigned to, const uint8_t *bytes, size_t n)
{
	struct ike_path path = rig_path(to, false);
	uint8_t *exact = malloc(n + !n);	/* a read past it is caught */

	memcpy(exact, bytes, n);
	ike_receive(rig->ends[to].ike, &path, exact, n, rig->now_ms);
	free(exact);
}

static void send_notify(struct rig *rig, unsigned to, struct ike_sa *sa, const struct v1_notify *notify, enum how how)
{
	struct forged f;

	forge_begin(&f, sa, X_INFORMATIONAL, how);
	v1_put_notify(&f.to, &f.next_at, notify);
	forge_end(&f, how);
	deliver(rig, to, f.bytes, f.to.len);
}

static void put_delete_spi(struct forged *f, uint8_t protocol, uint32_t spi)
{
	const uint8_t spi_be[4] = { (uint8_t)(spi >> 24), (uint8_t)(spi >> 16), (uint8_t)(spi >> 8), (uint8_t)spi };

	v1_put_delete(&f->to, &f->next_at, &(struct v1_delete){ .doi = DOI_IPSEC, .protocol = protocol, .spi_bytes = 4, .n = 1, .spis = { spi_be, 4 } });
}

static void put_delete_sa(struct forged *f, const uint8_t cookies[COOKIES_BYTES])
{
	v1_put_delete(&f->to, &f->next_at, &(struct v1_delete){ .doi = DOI_IPSEC, .protocol = V1_PROTO_ISAKMP, .spi_bytes = COOKIES_BYTES, .n = 1,
								.spis = { cookies, COOKIES_BYTES } });
}

static void send_delete(struct rig *rig, unsigned to, struct ike_sa *sa, uint32_t spi, enum how how)
{
	struct forged f;

	forge_begin(&f, sa, X_INFORMATIONAL, how);
	put_delete_spi(&f, V1_PROTO_ESP, spi);
	forge_end(&f, how);
	deliver(rig, to, f.bytes, f.to.len);
}

static void send_delete_sa(struct rig *rig, unsigned to, struct ike_sa *sa, enum how how)
{
	struct forged f;

	forge_begin(&f, sa, X_INFORMATIONAL, how);
	put_delete_sa(&f, sa->cookies);
	forge_end(&f, how);
	deliver(rig, to, f.bytes, f.to.len);
}

static struct v1_notify dpd_notify(const struct ike_sa *sa, uint16_t type, const uint8_t seq[4])
{
	return (struct v1_notify){ .doi = DOI_IPSEC, .protocol = V1_PROTO_ISAKMP, .type = type, .spi = { sa->cookies, COOKIES_BYTES }, .data = { seq, 4 } };
}

/* ---- two ends with a child */

static struct rig *open_up(const char *a, const char *b)
{
	struct rig *rig = rig_open(a, b, 1);
	char why[MATCH_WHY_BYTES];

	rig_phase1(rig, (struct rig_phase1){ .initiator = 0 });
	rig_run(rig, 50);
	assert_int_equal(ike_initiate(rig->ends[0].ike, "p", rig->now_ms, why), 1);
	rig_run(rig, 450);
	assert_int_equal(rig_count(&rig->ends[0]).mature, 1);
	assert_int_equal(rig_count(&rig->ends[1]).mature, 1);
	return rig;
}

/* What B has, in one comparable thing. */
struct state {
	unsigned n_children, n_sas, n_sent, n_removed, n_unacquired, seconds;
	uint32_t dpd_seq_in;
	int64_t heard_ms;
};

static struct state state_of(struct rig *rig, unsigned e)
{
	struct state state;
	const struct rig_end *end = &rig->ends[e];

	memset(&state, 0, sizeof(state));
	state.n_children = rig_count(end).mature;
	for (const struct ike_sa *sa = end->ike->sas; sa; sa = sa->next)
		state.n_sas += !sa->is_dead;
	state.n_sent = end->n_sent;
	state.n_removed = end->n_removed;
	state.n_unacquired = end->n_unacquired;
	state.seconds = end->ike->children ? end->ike->children->seconds : 0;
	state.dpd_seq_in = end->ike->sas ? end->ike->sas->dpd_seq_in : 0;
	state.heard_ms = end->ike->sas ? end->ike->sas->heard_ms : 0;
	return state;
}

static void unauthentic_informationals_change_nothing(void **state)	/* class 7: CVE-2019-10155 and its like */
{
	static const enum how hows[] = { BAD_HASH, NO_HASH, CLEAR, OTHER_KEY };
	static const uint8_t seq[4] = { 0, 0, 16, 1 }, lifetime[] = { 0x80, 1, 0, 1, 0x80, 2, 0, 10 };

	(void)state;
	for (size_t i = 0; i < sizeof(hows) / sizeof(hows[0]); i++) {
		struct rig *rig = open_up(CONFIG_A, CONFIG_B);
		struct ike_sa *sa = rig_sa(rig, 1);
		uint32_t spi = rig->ends[1].children[0].spec.sas.sa[SA_OUT].spi;
		const uint8_t spi_be[4] = { (uint8_t)(spi >> 24), (uint8_t)(spi >> 16), (uint8_t)(spi >> 8), (uint8_t)spi };
		const struct v1_notify notifies[] = {
			{ .doi = DOI_IPSEC, .protocol = V1_PROTO_ISAKMP, .type = N_INITIAL_CONTACT, .spi = { sa->cookies, COOKIES_BYTES } },
			{ .doi = DOI_IPSEC, .protocol = V1_PROTO_ESP, .type = N_RESPONDER_LIFETIME, .spi = { spi_be, 4 }, .data = { lifetime, sizeof(lifetime) } },
			{ .doi = DOI_IPSEC, .protocol = V1_PROTO_ESP, .type = N_NO_PROPOSAL_CHOSEN, .spi = { spi_be, 4 } },
			{ .doi = DOI_IPSEC, .protocol = V1_PROTO_ESP, .type = N_INVALID_SPI, .spi = { spi_be, 4 } },
			dpd_notify(sa, N_R_U_THERE, seq), dpd_notify(sa, N_R_U_THERE_ACK, seq)
		};
		struct state before, after;

		rig_run(rig, 1000);
		before = state_of(rig, 1);
		for (size_t n = 0; n < sizeof(notifies) / sizeof(notifies[0]); n++)
			send_notify(rig, 1, sa, &notifies[n], hows[i]);
		send_delete(rig, 1, sa, spi, hows[i]);
		send_delete_sa(rig, 1, sa, hows[i]);
		rig_run(rig, 100);
		after = state_of(rig, 1);
		assert_memory_equal(&before, &after, sizeof(before));
		assert_true(rig->ends[1].ike->counters.in_bad_hash + rig->ends[1].ike->counters.in_malformed + rig->ends[1].ike->counters.in_refused >= 8);
		rig_close(rig);
	}
}

static void an_authentic_delete_of_a_child_is_obeyed(void **state)
{
	struct rig *rig = open_up(CONFIG_A, CONFIG_B);

	(void)state;
	send_delete(rig, 1, rig_sa(rig, 1), rig->ends[1].children[0].spec.sas.sa[SA_OUT].spi, GOOD);
	assert_int_equal(rig->ends[1].n_children, 0);
	assert_non_null(rig_sa(rig, 1));
	rig_close(rig);
}

static void an_authentic_delete_of_the_isakmp_sa_leaves_the_children(void **state)	/* RFC 2408 §3.15: SAs one by one */
{
	struct rig *rig = open_up(CONFIG_A, CONFIG_B);

	(void)state;
	send_delete_sa(rig, 1, rig_sa(rig, 1), GOOD);
	assert_null(rig_sa(rig, 1));
	assert_int_equal(rig->ends[1].n_children, 1);
	rig_close(rig);
}

static void a_delete_names_the_peers_inbound_spi_not_ours_and_its_protocol(void **state)
{
	struct rig *rig = open_up(CONFIG_A, CONFIG_B);
	const struct sa_set *sas = &rig->ends[1].children[0].spec.sas;
	struct ike_sa *sa = rig_sa(rig, 1);
	struct forged f;

	(void)state;
	send_delete(rig, 1, sa, sas->sa[SA_IN].spi, GOOD);
	send_delete(rig, 1, sa, 0, GOOD);
	send_delete(rig, 1, sa, 0xffffffff, GOOD);
	forge_begin(&f, sa, X_INFORMATIONAL, GOOD);
	put_delete_spi(&f, V1_PROTO_AH, sas->sa[SA_OUT].spi);
	forge_end(&f, GOOD);
	deliver(rig, 1, f.bytes, f.to.len);
	assert_int_equal(rig_count(&rig->ends[1]).mature, 1);
	rig_close(rig);
}

/* Another peer's SA and child at B, made by hand. */
static struct ike_child *add_stranger(struct rig *rig, const char *remote, const char *identity, unsigned peer)
{
	struct rig_end *end = &rig->ends[1];
	struct ike_path path = rig_path(1, false);
	struct ike_child *child;
	struct ike_sa *sa;

	assert_true(addr_get(remote, &path.remote.addr));
	sa = sa_open(end->ike, &end->config->peers[peer], &path, NULL);
	assert_non_null(sa);
	sa->state = IKE_ESTABLISHED;
	timer_stop(end->ike, &sa->guard);
	assert_true(blob_set(&sa->peer_id_bytes, (struct bytes){ (const uint8_t *)identity, strlen(identity) }));
	sa->peer_id = (struct v1_id){ .type = ID_FQDN, .data = blob_bytes(&sa->peer_id_bytes) };
	sa->keys = rig_sa(rig, 1)->keys;
	child = child_open(sa, &end->config->policies[0], false, &end->config->proposals[0],
			   &(struct selectors){ .proto = -1 });
	assert_non_null(child);
	child->state = CHILD_MATURE;
	child->since_ms = rig->now_ms;
	child->spec.sas.n = 2;
	child->spec.sas.sa[SA_OUT] = (struct adit_sa){ .spi = 0x77777777, .proto = ADIT_PROTO_ESP };
	return child;
}

#define TWO_PEERS_B "peers = ( { name = \"a\"; address = \"192.0.2.1/32\"; " SECRET " }, { name = \"c\"; address = \"203.0.113.0/24\"; " SECRET " } );" \
	POLICY_B("") PROPOSAL("")

static void a_delete_ends_nothing_of_another_peer(void **state)
{
	struct rig *rig = open_up(CONFIG_A, TWO_PEERS_B);
	struct ike_sa *sa = rig_sa(rig, 1);
	struct ike_child *strange = add_stranger(rig, "203.0.113.5", "c.example", 1);
	struct forged f;

	(void)state;
	send_delete(rig, 1, sa, 0x77777777, GOOD);
	forge_begin(&f, sa, X_INFORMATIONAL, GOOD);
	put_delete_sa(&f, rig->ends[1].ike->sas->cookies);	/* the youngest: the stranger's */
	forge_end(&f, GOOD);
	deliver(rig, 1, f.bytes, f.to.len);
	assert_true(child_is_live(strange));
	assert_int_equal(rig_count(&rig->ends[1]).mature, 2);
	assert_non_null(sa_established(rig->ends[1].ike, "c", NULL, NULL));
	rig_close(rig);
}

/* ---- class 6: one message that ends what it goes on to speak of */

static void delete_then_anything_in_one_message_is_harmless(void **state)	/* libreswan CVE-2023-38712 */
{
	static const uint8_t seq[4] = { 0, 0, 0, 9 };

	(void)state;
	for (unsigned order = 0; order < 6; order++) {
		struct rig *rig = open_up(CONFIG_A, CONFIG_B);
		struct ike_sa *sa = rig_sa(rig, 1);
		uint32_t spi = rig->ends[1].children[0].spec.sas.sa[SA_OUT].spi;
		const struct v1_notify dpd = dpd_notify(sa, N_R_U_THERE, seq);
		const struct v1_notify contact = { .doi = DOI_IPSEC, .protocol = V1_PROTO_ISAKMP, .type = N_INITIAL_CONTACT, .spi = { sa->cookies, COOKIES_BYTES } };
		struct forged f;

		forge_begin(&f, sa, X_INFORMATIONAL, GOOD);
		for (unsigned i = 0; i < 6; i++)
			switch ((i + order) % 6) {
			case 0: put_delete_sa(&f, sa->cookies); break;
			case 1: v1_put_notify(&f.to, &f.next_at, &dpd); break;
			case 2: put_delete_spi(&f, V1_PROTO_ESP, spi); break;
			case 3: v1_put_notify(&f.to, &f.next_at, &contact); break;
			case 4: put_delete_spi(&f, V1_PROTO_ESP, spi); break;
			default: put_delete_sa(&f, sa->cookies); break;
			}
		forge_end(&f, GOOD);
		deliver(rig, 1, f.bytes, f.to.len);
		deliver(rig, 1, f.bytes, f.to.len);
		assert_null(rig_sa(rig, 1));
		rig_run(rig, 1000);
		rig_close(rig);
	}
}

static void repeated_deletes_are_harmless(void **state)
{
	struct rig *rig = open_up(CONFIG_A, CONFIG_B);
	struct ike_sa *sa = rig_sa(rig, 1);
	uint32_t spi = rig->ends[1].children[0].spec.sas.sa[SA_OUT].spi;

	(void)state;
	for (unsigned i = 0; i < 5; i++)
		send_delete(rig, 1, sa, spi, GOOD);
	rig_run(rig, 1000);
	assert_int_equal(rig->ends[1].ike->counters.deletes_sent, 1);	/* not answered for ever */
	assert_int_equal(rig->ends[1].n_removed, 1);
	rig_close(rig);
}

static void messages_for_unknown_cookies_are_counted_and_not_answered(void **state)	/* racoon CVE-2009-0790 */
{
	static const uint8_t seq[4] = { 0, 0, 0, 9 };
	struct rig *rig = open_up(CONFIG_A, CONFIG_B);
	struct ike_sa *sa = rig_sa(rig, 1);
	struct v1_notify dpd = dpd_notify(sa, N_R_U_THERE, seq);
	unsigned n_sent = rig->ends[1].n_sent;

	(void)state;
	for (unsigned how = GOOD; how <= OTHER_KEY; how++) {
		struct forged f;

		forge_begin(&f, sa, X_INFORMATIONAL, how);
		v1_put_notify(&f.to, &f.next_at, &dpd);
		forge_end(&f, how);
		f.bytes[3] ^= 1;
		deliver(rig, 1, f.bytes, f.to.len);
		f.bytes[3] ^= 1;
		f.bytes[11] ^= 1;
		deliver(rig, 1, f.bytes, f.to.len);
	}
	assert_int_equal(rig->ends[1].n_sent, n_sent);
	assert_true(rig->ends[1].ike->counters.in_unknown_sa >= 5);
	rig_close(rig);
}

static void notifies_end_only_the_exchange_they_belong_to(void **state)
{
	struct rig *rig = rig_open(PEER_A("") "policies = ( " TUNNEL_A("p", "10.1.0.0/16", "10.2.0.0/16", "") ", " TUNNEL_A("q", "10.3.0.0/16", "10.4.0.0/16", "") " );"
				   PROPOSAL(""), CONFIG_B, 1);
	char why[MATCH_WHY_BYTES];

	(void)state;
	rig_phase1(rig, (struct rig_phase1){ .initiator = 0 });
	rig_run(rig, 50);
	assert_int_equal(ike_initiate(rig->ends[0].ike, "b", rig->now_ms, why), 2);
	rig_run(rig, 500);	/* B knows p and refuses q */
	assert_string_equal(ike_ph2_state(rig->ends[0].ike, "p"), "established");
	assert_string_equal(ike_ph2_state(rig->ends[0].ike, "q"), "no-phase2");
	assert_true(rig_said(&rig->ends[0], "INVALID-ID-INFORMATION"));
	rig_close(rig);
}

/* ---- INITIAL-CONTACT */

static unsigned count_notifies(struct rig *rig, unsigned from)
{
	unsigned n = 0;

	for (unsigned i = 0; i < rig->n_kept; i++)
		n += rig->kept[i].to == 1 - from && rig->kept[i].bytes[18] == X_INFORMATIONAL;
	return n;
}

static void initial_contact_is_said_once_after_the_first_phase_1(void **state)
{
	(void)state;
	for (unsigned says = 0; says < 2; says++) {
		struct rig *rig = rig_open(says ? CONFIG_A : PEER_A("send_initial_contact = false;") POLICY_A("") PROPOSAL(""), CONFIG_B, 1);

		rig->keep = true;
		rig_phase1(rig, (struct rig_phase1){ .initiator = 0 });
		assert_int_equal(count_notifies(rig, 0), says);
		rig_run(rig, 1000);
		rig_phase1(rig, (struct rig_phase1){ .initiator = 1 });
		rig_run(rig, 1000);
		assert_int_equal(count_notifies(rig, 0), says);
		assert_int_equal(count_notifies(rig, 1), 1);
		rig_close(rig);
	}
}

static void initial_contact_takes_the_older_sas_of_that_identity_and_address(void **state)
{
	struct rig *rig = open_up(CONFIG_A, TWO_PEERS_B);
	struct ike_sa *old = rig_sa(rig, 1), *new;
	uint32_t old_id = old->id;
	struct ike_child *strange = add_stranger(rig, "192.0.2.1", "somebody-else.example", 0), *elsewhere = add_stranger(rig, "203.0.113.9", "c.example", 1);

	(void)state;
	rig_run(rig, 1000);
	rig_phase1(rig, (struct rig_phase1){ .initiator = 0 });
	rig_run(rig, 100);
	new = rig_sa(rig, 1);
	assert_int_not_equal(new->id, old_id);
	assert_int_equal(rig->ends[1].n_children, 1);
	send_notify(rig, 1, new, &(struct v1_notify){ .doi = DOI_IPSEC, .protocol = V1_PROTO_ISAKMP, .type = N_INITIAL_CONTACT, .spi = { new->cookies, 16 } }, GOOD);
	assert_null(sa_by_id(rig->ends[1].ike, old_id));
	assert_ptr_equal(rig_sa(rig, 1), new);	/* never the one it came by */
	assert_int_equal(rig->ends[1].n_children, 0);
	assert_true(child_is_live(strange));	/* another behind the same NAT */
	assert_true(child_is_live(elsewhere));
	rig_close(rig);
}

static void initial_contact_spares_what_its_own_sa_made_even_when_replayed(void **state)
{
	struct rig *rig = open_up(CONFIG_A, CONFIG_B);
	struct ike_sa *sa = rig_sa(rig, 1);
	const struct v1_notify contact = { .doi = DOI_IPSEC, .protocol = V1_PROTO_ISAKMP, .type = N_INITIAL_CONTACT, .spi = { sa->cookies, 16 } };
	struct forged f;

	(void)state;
	forge_begin(&f, sa, X_INFORMATIONAL, GOOD);
	v1_put_notify(&f.to, &f.next_at, &contact);
	forge_end(&f, GOOD);
	deliver(rig, 1, f.bytes, f.to.len);
	assert_int_equal(rig->ends[1].n_children, 1);
	rig_run(rig, 1000);
	rig_phase1(rig, (struct rig_phase1){ .initiator = 0 });	/* a younger SA, and a child of it */
	assert_int_equal(ike_rekey(rig->ends[0].ike, "p", false, rig->now_ms), 1);
	rig_run(rig, 1000);
	assert_int_equal(rig->ends[1].n_children, 2);
	deliver(rig, 1, f.bytes, f.to.len);
	assert_int_equal(rig->ends[1].n_children, 2);
	assert_int_not_equal(rig_sa(rig, 1)->id, sa->id);
	rig_close(rig);
}

/* ---- dead peers (RFC 3706) */

#define DPD_A PEER_A("dpd_interval = \"10s\"; dpd_maximum_failures = 3;") POLICY_A("") PROPOSAL("")

static bool is_mute;

static enum rig_fate mute_b(struct rig *rig, unsigned from, const uint8_t *bytes, size_t n, unsigned nth)
{
	(void)rig;
	(void)bytes;
	(void)n;
	(void)nth;
	return is_mute && from == 1 ? RIG_LOSE : RIG_PASS;
}

static void a_silent_peer_is_asked_and_answers_and_lives(void **state)
{
	struct rig *rig = open_up(DPD_A, CONFIG_B);

	(void)state;
	rig_run(rig, 600000);
	assert_in_range(rig->ends[0].ike->counters.dpd_sent, 55, 61);
	assert_int_equal(rig->ends[0].ike->counters.dpd_failures, 0);
	assert_int_equal(rig->ends[1].ike->counters.dpd_sent, 0);	/* B has no interval */
	assert_non_null(rig_sa(rig, 0));
	rig_close(rig);
}

static void a_dead_peer_loses_its_sas_after_that_many_failures(void **state)
{
	struct rig *rig = open_up(DPD_A, CONFIG_B);

	(void)state;
	rig->fate = mute_b;
	is_mute = true;
	rig_run(rig, 38000);
	assert_non_null(rig_sa(rig, 0));
	assert_int_equal(rig->ends[0].ike->counters.dpd_sent, 3);
	rig_run(rig, 3000);
	assert_null(rig_sa(rig, 0));
	assert_int_equal(rig->ends[0].ike->counters.dpd_failures, 1);
	assert_int_equal(rig->ends[0].n_children, 0);
	assert_string_equal(ike_ph2_state(rig->ends[0].ike, "p"), "no-phase2");
	assert_true(rig_said(&rig->ends[0], "dead peer"));
	is_mute = false;
	rig->fate = NULL;
	rig_close(rig);
}

static void who_is_dead_takes_nobody_along_who_is_behind_the_same_nat(void **state)
{
	static const uint8_t another[] = { 10, 0, 0, 7 };
	struct rig *rig = open_up(DPD_A, CONFIG_B);

	(void)state;
	assert_true(blob_set(&rig->ends[0].ike->children->identity, (struct bytes){ another, sizeof(another) }));
	rig->fate = mute_b;
	is_mute = true;
	rig_run(rig, 41000);
	assert_null(rig_sa(rig, 0));
	assert_int_equal(rig->ends[0].n_children, 1);
	is_mute = false;
	rig->fate = NULL;
	rig_close(rig);
}

static void one_answer_in_time_starts_the_count_anew(void **state)
{
	struct rig *rig = open_up(DPD_A, CONFIG_B);

	(void)state;
	rig->fate = mute_b;
	for (unsigned i = 0; i < 5; i++) {
		is_mute = true;
		rig_run(rig, 26000);
		is_mute = false;
		rig_run(rig, 14000);
	}
	assert_non_null(rig_sa(rig, 0));
	rig->fate = NULL;
	rig_close(rig);
}

static void packets_of_a_child_are_proof_of_life(void **state)	/* RFC 3706 §5.4; racoon does not look */
{
	struct rig *rig = open_up(DPD_A, CONFIG_B);
	struct child_use use = { .in_packets = 0 };

	(void)state;
	rig->fate = mute_b;
	is_mute = true;
	for (unsigned i = 0; i < 100; i++) {
		use.in_packets++;
		ike_child_used(rig->ends[0].ike, rig->ends[0].children[0].spec.id, &use, rig->now_ms);
		rig_run(rig, 5000);
	}
	assert_int_equal(rig->ends[0].ike->counters.dpd_sent, 0);
	for (unsigned i = 0; i < 12; i++) {	/* counters that stand still prove nothing */
		ike_child_used(rig->ends[0].ike, rig->ends[0].children[0].spec.id, &use, rig->now_ms);
		rig_run(rig, 5000);
	}
	assert_null(rig_sa(rig, 0));
	is_mute = false;
	rig->fate = NULL;
	rig_close(rig);
}

static void an_answer_counts_only_for_an_open_question(void **state)
{
	struct rig *rig = open_up(DPD_A, CONFIG_B);
	struct ike_sa *sa = rig_sa(rig, 0);
	uint8_t seq[4];

	(void)state;
	rig->fate = mute_b;
	is_mute = true;
	rig_run(rig, 20000);
	assert_in_range(sa->dpd_failures, 1, 2);
	for (unsigned i = 0; i < 4; i++) {
		static const int32_t off[] = { 1, -10, 100000, -100000 };	/* never sent, or answered long ago */
		uint32_t n = sa->dpd_seq_out + (uint32_t)off[i];
		struct v1_notify ack = dpd_notify(sa, N_R_U_THERE_ACK, seq);
		int64_t heard_ms = sa->heard_ms;

		seq[0] = (uint8_t)(n >> 24), seq[1] = (uint8_t)(n >> 16), seq[2] = (uint8_t)(n >> 8), seq[3] = (uint8_t)n;
		send_notify(rig, 0, sa, &ack, GOOD);
		assert_true(sa->dpd_failures > 0);
		assert_int_equal(sa->heard_ms, heard_ms);
	}
	seq[0] = (uint8_t)(sa->dpd_seq_out >> 24), seq[1] = (uint8_t)(sa->dpd_seq_out >> 16), seq[2] = (uint8_t)(sa->dpd_seq_out >> 8);
	seq[3] = (uint8_t)sa->dpd_seq_out;
	{
		struct v1_notify ack = dpd_notify(sa, N_R_U_THERE_ACK, seq);

		send_notify(rig, 0, sa, &ack, GOOD);
	}
	assert_int_equal(sa->dpd_failures, 0);
	is_mute = false;
	rig->fate = NULL;
	rig_close(rig);
}

static void questions_are_answered_in_order_and_never_backwards(void **state)
{
	struct rig *rig = open_up(CONFIG_A, CONFIG_B);
	struct ike_sa *sa = rig_sa(rig, 1);
	static const struct { uint32_t seq; bool answers; } rows[] = { { 100, true }, { 100, true }, { 101, true }, { 150, true }, { 149, false },
								       { 100, false }, { 151, true }, { 0x7fffffff, true }, { 3, false } };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint32_t n = rows[i].seq;
		const uint8_t seq[4] = { (uint8_t)(n >> 24), (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n };
		struct v1_notify question = dpd_notify(sa, N_R_U_THERE, seq);
		unsigned n_sent = rig->ends[1].n_sent;

		send_notify(rig, 1, sa, &question, GOOD);
		assert_int_equal(rig->ends[1].n_sent - n_sent, rows[i].answers);
	}
	rig_close(rig);
}

static void questions_with_foreign_cookies_or_of_a_wrong_length_are_not_answered(void **state)
{
	struct rig *rig = open_up(CONFIG_A, CONFIG_B);
	struct ike_sa *sa = rig_sa(rig, 1);
	static const uint8_t seq[8] = { 0, 0, 1, 0 };
	uint8_t cookies[COOKIES_BYTES + 1];
	struct v1_notify question = dpd_notify(sa, N_R_U_THERE, seq);
	unsigned n_sent = rig->ends[1].n_sent;

	(void)state;
	for (size_t n = 0; n <= 8; n++) {
		question.data.len = n;
		if (n != 4)
			send_notify(rig, 1, sa, &question, GOOD);
	}
	question.data.len = 4;
	memcpy(cookies, sa->cookies, COOKIES_BYTES);
	cookies[5] ^= 1;
	question.spi = (struct bytes){ cookies, COOKIES_BYTES };
	send_notify(rig, 1, sa, &question, GOOD);
	question.spi.len = 4;
	send_notify(rig, 1, sa, &question, GOOD);
	question.spi.len = 0;
	send_notify(rig, 1, sa, &question, GOOD);
	assert_int_equal(rig->ends[1].n_sent, n_sent);
	memcpy(cookies, sa->cookies + 8, 8);	/* the other order is known of some peers */
	memcpy(cookies + 8, sa->cookies, 8);
	question.spi.len = COOKIES_BYTES;
	send_notify(rig, 1, sa, &question, GOOD);
	assert_int_equal(rig->ends[1].n_sent, n_sent + 1);
	rig_close(rig);
}

static void each_kind_of_malformed_payload_is_survived(void **state)
{
	struct rig *rig = open_up(CONFIG_A, CONFIG_B);
	struct ike_sa *sa = rig_sa(rig, 1);

	(void)state;
	for (unsigned type = 0; type < 256; type++)
		for (size_t n = 0; n < 24; n += 3) {
			uint8_t body[24];
			struct forged f;

			assert_true(random_bytes(body, sizeof(body)));
			forge_begin(&f, sa, X_INFORMATIONAL, GOOD);
			isakmp_put(&f.to, &f.next_at, (uint8_t)type, body, n);
			forge_end(&f, GOOD);
			deliver(rig, 1, f.bytes, f.to.len);
		}
	rig_run(rig, 1000);
	assert_int_equal(rig_count(&rig->ends[1]).mature, 1);
	assert_non_null(rig_sa(rig, 1));
	rig_close(rig);
}

/* ---- under the knife */

enum subject { MESSAGE_1, MESSAGE_2, MESSAGE_3, DELETE, SUBJECTS };

static struct {
	enum subject subject;
	unsigned seen;
	uint8_t bytes[2048];
	size_t n;
	unsigned to;
} caught;

static enum rig_fate catch(struct rig *rig, unsigned from, const uint8_t *bytes, size_t n, unsigned nth)
{
	static const struct { uint8_t exchange; unsigned from, nth; } which[SUBJECTS] = { { X_QUICK, 0, 1 }, { X_QUICK, 1, 1 }, { X_QUICK, 0, 2 },
											  { X_INFORMATIONAL, 0, 1 } };

	(void)rig;
	(void)nth;
	if (bytes[18] != which[caught.subject].exchange || from != which[caught.subject].from)
		return RIG_PASS;
	if (++caught.seen < which[caught.subject].nth)
		return RIG_PASS;
	if (caught.n == 0) {
		assert_true(n <= sizeof(caught.bytes));
		memcpy(caught.bytes, bytes, n);
		caught.n = n;
		caught.to = 1 - from;
	}
	return RIG_LOSE;
}

/* Two ends at the point where that message is on its way. */
static struct rig *open_until(enum subject subject)
{
	struct rig *rig = rig_open(CONFIG_A, CONFIG_B, 1);
	char why[MATCH_WHY_BYTES];

	memset(&caught, 0, sizeof(caught));
	caught.subject = subject;
	rig_phase1(rig, (struct rig_phase1){ .initiator = 0 });
	rig_run(rig, 50);
	rig->fate = subject == DELETE ? NULL : catch;
	assert_int_equal(ike_initiate(rig->ends[0].ike, "p", rig->now_ms, why), 1);
	rig_run(rig, 100);
	if (subject == DELETE) {
		rig->fate = catch;
		assert_int_equal(ike_terminate(rig->ends[0].ike, "p", rig->now_ms), 1);
	}
	assert_true(caught.n > 0);
	return rig;
}

static bool is_accepted(struct rig *rig, enum subject subject)
{
	switch (subject) {
	case MESSAGE_1: return rig->ends[1].ike->counters.phase2_responded != 0;
	case MESSAGE_2: return rig->ends[0].n_installs[CHILD_INBOUND] != 0;
	case MESSAGE_3: return rig->ends[1].n_installs[CHILD_OUTBOUND] != 0;
	default: return rig_count(&rig->ends[1]).mature == 0;
	}
}

static void a_message_cut_anywhere_is_refused_and_the_whole_one_still_taken(void **state)
{
	(void)state;
	for (enum subject subject = MESSAGE_1; subject < SUBJECTS; subject++) {
		struct rig *rig = open_until(subject);

		for (size_t n = 0; n < caught.n; n++) {
			uint8_t cut[2048];

			memcpy(cut, caught.bytes, n);
			deliver(rig, caught.to, cut, n);
			if (n >= ISAKMP_HEADER_BYTES) {	/* with a length that fits */
				cut[24] = cut[25] = 0;
				cut[26] = (uint8_t)(n >> 8);
				cut[27] = (uint8_t)n;
				deliver(rig, caught.to, cut, n);
			}
		}
		assert_false(is_accepted(rig, subject));
		deliver(rig, caught.to, caught.bytes, caught.n);
		rig_run(rig, 20);
		assert_true(is_accepted(rig, subject));
		rig_close(rig);
	}
}

static void a_message_with_a_bit_turned_anywhere_is_refused_and_the_true_one_still_taken(void **state)
{
	(void)state;
	for (enum subject subject = MESSAGE_1; subject < SUBJECTS; subject++) {
		struct rig *rig = open_until(subject);

		for (size_t bit = 0; bit < 8 * caught.n; bit++) {
			caught.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
			if (bit / 8 != 17 && bit / 8 != 19)	/* the minor version and flags are under no hash (RFC 2409 §5.5) */
				deliver(rig, caught.to, caught.bytes, caught.n);
			caught.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
		}
		assert_false(is_accepted(rig, subject));
		deliver(rig, caught.to, caught.bytes, caught.n);
		rig_run(rig, 20);
		assert_true(is_accepted(rig, subject));
		rig_close(rig);
	}
}

/* What was caught, in clear. */
struct plain {
	struct isakmp_header header;
	struct ike_sa *sa;
	const struct v1_exchange *exchange;	/* at the receiver; NULL: it knows none yet */
	uint8_t iv[16], bytes[2048];
	size_t n, n_chain;		/* of the payloads, with and without padding */
};

static void open_caught(struct rig *rig, struct plain *plain)
{
	struct isakmp_message message;
	struct bytes rest;
	uint8_t iv[16], bad_type;

	plain->sa = rig_sa(rig, caught.to);
	assert_int_equal(isakmp_get_header((struct bytes){ caught.bytes, caught.n }, &plain->header, &rest), WIRE_OK);
	plain->exchange = plain->sa->exchanges;
	while (plain->exchange && plain->exchange->message_id != plain->header.message_id)
		plain->exchange = plain->exchange->next;
	if (plain->exchange)
		memcpy(plain->iv, plain->exchange->iv, sizeof(iv));
	else
		assert_true(ike1_exchange_iv(&plain->sa->keys, plain->sa->last_block, plain->header.message_id, plain->iv));
	memcpy(iv, plain->iv, sizeof(iv));
	memcpy(plain->bytes, rest.at, rest.len);
	plain->n = rest.len;
	assert_true(cipher_cbc(plain->sa->keys.enc, (struct bytes){ plain->sa->keys.cipher, plain->sa->keys.cipher_bytes }, false, iv, plain->bytes, plain->n));
	assert_int_equal(isakmp_get_payloads(&plain->header, (struct bytes){ plain->bytes, plain->n }, true, &message, &bad_type), WIRE_OK);
	plain->n_chain = message.chain.len;
}

/* Message 1 and Informational: HASH(1); message 2: HASH(2). */
static void hash_again(struct plain *plain)
{
	size_t after = 4 + plain->sa->keys.n;
	const struct bytes rest = { plain->bytes + after, plain->n_chain - after };
	struct bytes parts[2] = { rest, rest };
	bool has_nonce = plain->exchange && plain->exchange->quick;

	if (has_nonce)
		parts[0] = blob_bytes(&plain->exchange->quick->nonce_i);
	assert_true(message_hash(plain->sa, false, plain->header.message_id, parts, has_nonce ? 2 : 1, plain->bytes + 4));
}

static void deliver_plain(struct rig *rig, struct plain *plain)
{
	uint8_t bytes[2048], iv[16];

	memcpy(bytes, caught.bytes, ISAKMP_HEADER_BYTES);
	memcpy(bytes + ISAKMP_HEADER_BYTES, plain->bytes, plain->n);
	memcpy(iv, plain->iv, sizeof(iv));
	assert_true(cipher_cbc(plain->sa->keys.enc, (struct bytes){ plain->sa->keys.cipher, plain->sa->keys.cipher_bytes }, true, iv,
			       bytes + ISAKMP_HEADER_BYTES, plain->n));
	deliver(rig, caught.to, bytes, caught.n);
}

static void a_changed_plaintext_without_its_hash_is_refused(void **state)
{
	static const uint8_t flips[] = { 0x01, 0x80, 0xff };
	struct plain plain;

	(void)state;
	for (enum subject subject = MESSAGE_1; subject < SUBJECTS; subject++) {
		struct rig *rig = open_until(subject);

		open_caught(rig, &plain);
		for (size_t at = 1; at < plain.n_chain; at++)	/* byte 0, the type of what follows the HASH, is under none */
			for (size_t i = 0; i < sizeof(flips); i++) {
				plain.bytes[at] ^= flips[i];
				deliver_plain(rig, &plain);
				plain.bytes[at] ^= flips[i];
			}
		assert_false(is_accepted(rig, subject));
		deliver(rig, caught.to, caught.bytes, caught.n);
		rig_run(rig, 20);
		assert_true(is_accepted(rig, subject));
		rig_close(rig);
	}
}

static void a_changed_plaintext_with_its_hash_is_taken_or_refused_and_nothing_breaks(void **state)	/* class 12 */
{
	static const enum subject subjects[] = { MESSAGE_1, MESSAGE_2, DELETE };
	static const uint8_t values[] = { 0x00, 0x01, 0x7f, 0x80, 0xff };
	unsigned n_refused = 0, n_all = 0;
	struct plain plain;

	(void)state;
	for (size_t s = 0; s < sizeof(subjects) / sizeof(subjects[0]); s++)
		for (size_t at = 4 + 32, n = at + 1; at < n; at++)
			for (size_t v = at % 2; v < sizeof(values); v += 2) {
				struct rig *rig = open_until(subjects[s]);

				open_caught(rig, &plain);
				n = plain.n_chain;
				plain.bytes[at] = values[v];
				hash_again(&plain);
				deliver_plain(rig, &plain);
				rig->fate = NULL;
				rig_run(rig, 200);
				n_all++;
				n_refused += rig->ends[caught.to].ike->counters.phase2_failed != 0;
				rig_run(rig, 100000);
				assert_int_equal(rig_count(&rig->ends[0]).larval + rig_count(&rig->ends[1]).larval, 0);
				rig_close(rig);
			}
	print_message("%u of %u changed messages were refused for what they said\n", n_refused, n_all);
	assert_true(n_refused > n_all / 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unauthentic_informationals_change_nothing),
		cmocka_unit_test(an_authentic_delete_of_a_child_is_obeyed),
		cmocka_unit_test(an_authentic_delete_of_the_isakmp_sa_leaves_the_children),
		cmocka_unit_test(a_delete_names_the_peers_inbound_spi_not_ours_and_its_protocol),
		cmocka_unit_test(a_delete_ends_nothing_of_another_peer),
		cmocka_unit_test(delete_then_anything_in_one_message_is_harmless),
		cmocka_unit_test(repeated_deletes_are_harmless),
		cmocka_unit_test(messages_for_unknown_cookies_are_counted_and_not_answered),
		cmocka_unit_test(notifies_end_only_the_exchange_they_belong_to),
		cmocka_unit_test(initial_contact_is_said_once_after_the_first_phase_1),
		cmocka_unit_test(initial_contact_takes_the_older_sas_of_that_identity_and_address),
		cmocka_unit_test(initial_contact_spares_what_its_own_sa_made_even_when_replayed),
		cmocka_unit_test(a_silent_peer_is_asked_and_answers_and_lives),
		cmocka_unit_test(a_dead_peer_loses_its_sas_after_that_many_failures),
		cmocka_unit_test(who_is_dead_takes_nobody_along_who_is_behind_the_same_nat),
		cmocka_unit_test(one_answer_in_time_starts_the_count_anew),
		cmocka_unit_test(packets_of_a_child_are_proof_of_life),
		cmocka_unit_test(an_answer_counts_only_for_an_open_question),
		cmocka_unit_test(questions_are_answered_in_order_and_never_backwards),
		cmocka_unit_test(questions_with_foreign_cookies_or_of_a_wrong_length_are_not_answered),
		cmocka_unit_test(each_kind_of_malformed_payload_is_survived),
		cmocka_unit_test(a_message_cut_anywhere_is_refused_and_the_whole_one_still_taken),
		cmocka_unit_test(a_message_with_a_bit_turned_anywhere_is_refused_and_the_true_one_still_taken),
		cmocka_unit_test(a_changed_plaintext_without_its_hash_is_refused),
		cmocka_unit_test(a_changed_plaintext_with_its_hash_is_taken_or_refused_and_nothing_breaks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
