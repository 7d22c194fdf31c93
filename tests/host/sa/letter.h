// SPDX-License-Identifier: BSD-2-Clause-Patent
/* Messages as an attacker writes them: of first exchanges in clear, of later ones with all keys, rightly hashed or not. On the rig of rig.h. */
#ifndef TESTS_HOST_SA_LETTER_H
#define TESTS_HOST_SA_LETTER_H

#include "sa/phase2.h"
#include "sa/rig.h"

#define OFFICE_PEER(other, extra) "{ name = \"other\"; address = \"192.0.2." other "/32\"; secret = \"a secret of some length\"; hash_algorithm = \"sha1\"; " \
	"enc_algorithm = \"aes-128-cbc\"; dh_group = \"ecp256\"; " extra " }"
#define OFFICE_REST(self, other, mine, theirs) "policies = ( { name = \"p\"; src_address = \"10." mine ".0.0/16\"; dst_address = \"10." theirs ".0.0/16\"; " \
	"tunnel = true; sa_src_address = \"192.0.2." self "\"; sa_dst_address = \"192.0.2." other "\"; } ); proposals = ( { name = \"default\"; " \
	"auth_algorithms = [ \"sha1\" ]; enc_algorithms = [ \"aes-128-cbc\" ]; pfs_group = \"none\"; lifetime = \"1h\"; } );"
/* Two offices, each with a network; the second knows road warriors too. */
#define OFFICE_1 "local_addresses = ( \"192.0.2.1\" ); peers = ( " OFFICE_PEER("2", "dpd_interval = \"1h\";") " ); " OFFICE_REST("1", "2", "1", "2")
#define OFFICE_2 "local_addresses = ( \"192.0.2.2\" ); peers = ( " OFFICE_PEER("1", "dpd_interval = \"1h\";") ", { name = \"road\"; " \
	"address = \"198.18.0.0/15\"; secret = \"a secret of some length\"; hash_algorithm = \"sha1\"; enc_algorithm = \"aes-128-cbc\"; " \
	"dh_group = \"ecp256\"; } ); " OFFICE_REST("2", "1", "2", "1")

struct letter {
	uint8_t bytes[ISAKMP_MAX_BYTES];
	struct writer to;
	size_t next_at, hash_at;	/* of the first HASH payload's value; 0: none */
	struct isakmp_header header;
};

static inline struct ike_path letter_path(const struct rig_end *to, const char *from, uint16_t port)
{
	return (struct ike_path){ .local = { to->addr, 500 }, .remote = { rig_addr(from), port } };
}

/** As the other office would send it. */
static inline struct ike_path letter_from_office(const struct rig_end *to)
{
	return letter_path(to, to->which ? "192.0.2.1" : "192.0.2.2", 500);
}

static inline void letter_open(struct letter *letter, const uint8_t cookies[COOKIES_BYTES], uint8_t exchange, uint8_t flags, uint32_t message_id)
{
	letter->to = (struct writer){ .at = letter->bytes, .room = sizeof(letter->bytes) };
	letter->hash_at = 0;
	letter->header = (struct isakmp_header){ .version = 0x10, .exchange = exchange, .flags = flags, .message_id = message_id };
	memcpy(letter->header.icookie, cookies, 8);
	memcpy(letter->header.rcookie, cookies + 8, 8);
	isakmp_open(&letter->to, &letter->header, &letter->next_at);
}

static inline void letter_put(struct letter *letter, uint8_t type, const void *body, size_t n)
{
	if (type == P_HASH && letter->hash_at == 0)
		letter->hash_at = letter->to.len + 4;
	isakmp_put(&letter->to, &letter->next_at, type, body, n);
}

/* An SA payload of one proposal, as the transform says. */
static inline void letter_put_sa(struct letter *letter, uint8_t protocol, struct bytes spi, const struct v1_transform *transform)
{
	struct v1_sa_writer writer;

	v1_open_sa(&writer, &letter->to, &letter->next_at);
	v1_open_proposal(&writer, 1, protocol, spi);
	v1_put_transform(&writer, transform, protocol == V1_PROTO_ISAKMP);
	v1_close_proposal(&writer);
	v1_close_sa(&writer);
}

static const struct v1_transform letter_phase1 = { .number = 1, .id = 1, .enc = V1_ENC_AES, .key_bits = 128, .hash = V1_HASH_SHA1,
	.auth_method = V1_AUTH_PSK, .group = 19, .has_seconds = true, .seconds = 86400 };
static const struct v1_transform letter_phase2 = { .number = 1, .id = V1_ESP_AES_CBC, .key_bits = 128, .auth = V1_HMAC_SHA1, .encap = V1_TUNNEL,
	.has_seconds = true, .seconds = 3600 };

static inline const struct v1_exchange *letter_exchange(const struct ike_sa *at, uint32_t message_id)
{
	const struct v1_exchange *exchange = at->exchanges;

	while (exchange && (exchange->is_dead || exchange->message_id != message_id))
		exchange = exchange->next;
	return exchange;
}

/* HASH(1), (2) or (3), whichever the receiver waits for. */
static inline void letter_hash(struct letter *letter, const struct ike_sa *at)
{
	const struct v1_exchange *exchange = letter_exchange(at, letter->header.message_id);
	const struct quick *quick = exchange ? exchange->quick : NULL;
	const size_t after_at = letter->hash_at + at->keys.n;
	struct bytes parts[2];
	unsigned n = 0;
	const bool is_third = quick && !exchange->is_initiator;

	if (letter->hash_at == 0)
		return;
	if (quick)
		parts[n++] = blob_bytes(&quick->nonce_i);
	parts[n++] = is_third ? blob_bytes(&quick->nonce_r) : (struct bytes){ letter->to.at + after_at, letter->to.len - after_at };
	assert_true(message_hash(at, is_third, letter->header.message_id, parts, n, letter->to.at + letter->hash_at));
}

static inline void letter_send(struct letter *letter, struct rig_end *to, const struct ike_path *path)
{
	isakmp_close(&letter->to, 0);
	assert_false(letter->to.has_failed);
	rig_inject(to, path, letter->bytes, letter->to.len);
}

/* Encrypted for the SA at its receiver, of phase 1 or later. */
static inline void letter_send_sealed(struct letter *letter, struct rig_end *to, const struct ike_sa *at, const struct ike_path *path, bool is_hashed)
{
	const struct v1_exchange *exchange = letter_exchange(at, letter->header.message_id);
	uint8_t iv[16];

	if (is_hashed)
		letter_hash(letter, at);
	if (letter->header.message_id == 0)
		memcpy(iv, at->last_block, sizeof(iv));
	else if (exchange)
		memcpy(iv, exchange->iv, sizeof(iv));
	else
		assert_true(ike1_exchange_iv(&at->keys, at->last_block, letter->header.message_id, iv));
	assert_true(message_seal(&at->keys, iv, &letter->to));
	rig_inject(to, path, letter->bytes, letter->to.len);
}

static inline struct ike_sa *letter_sa(const struct rig_end *to, const struct rig_datagram *datagram)
{
	return sa_by_cookies(to->ike, datagram->bytes, datagram->bytes + 8);
}

/* What an honest message says, as its receiver would read it; false: it has read it already. *text is the caller's to free. */
MUST_USE static inline bool letter_read(const struct rig_datagram *datagram, const struct ike_sa *at, struct blob *text, struct isakmp_message *out)
{
	struct isakmp_header header;
	const struct v1_exchange *exchange;
	struct bytes rest;
	uint8_t iv[16];

	assert_int_equal(isakmp_get_header((struct bytes){ datagram->bytes, datagram->n }, &header, &rest), WIRE_OK);
	exchange = letter_exchange(at, header.message_id);
	if (header.message_id == 0)
		memcpy(iv, at->last_block, sizeof(iv));
	else if (exchange)
		memcpy(iv, exchange->iv, sizeof(iv));
	else
		assert_true(ike1_exchange_iv(&at->keys, at->last_block, header.message_id, iv));
	return message_open(&at->keys, iv, &header, rest, text, out) == WIRE_OK;
}

/* ---- offices */

static inline struct rig *offices(void)
{
	struct rig *rig = rig_open(5);

	rig_add(rig, OFFICE_1);
	rig_add(rig, OFFICE_2);
	return rig;
}

static inline unsigned children_of(const struct rig_end *end)
{
	unsigned n = 0;

	for (const struct ike_child *child = end->ike->children; child; child = child->next)
		n += child_is_live(child);
	return n;
}

static inline void ask(struct rig_end *end)
{
	char why[MATCH_WHY_BYTES];

	assert_int_equal(ike_initiate(end->ike, "p", end->rig->now_ms, why), 1);
}

static inline struct rig *offices_established(void)
{
	struct rig *rig = offices();

	ask(&rig->ends[0]);
	rig_run(rig, 1000);
	rig_assert_agreed(rig);
	assert_int_equal(children_of(&rig->ends[0]), 1);
	assert_int_equal(children_of(&rig->ends[1]), 1);
	return rig;
}

/* Whatever came before: both still make SAs together. */
static inline void assert_alive(struct rig *rig)
{
	rig->fate = NULL;
	rig_run(rig, 200000);
	for (unsigned i = 0; i < 3 && (i == 0 || children_of(&rig->ends[0]) == 0 || children_of(&rig->ends[1]) == 0); i++) {
		ask(&rig->ends[0]);
		rig_run(rig, 100000);	/* an SA that the other end has forgotten is found out by silence */
	}
	if (children_of(&rig->ends[0]) == 0 || children_of(&rig->ends[1]) == 0)
		rig_show(rig);
	assert_true(children_of(&rig->ends[0]) > 0 && children_of(&rig->ends[1]) > 0);
}

static inline enum rig_fate lose_all(struct rig *rig, unsigned from, uint8_t *bytes, size_t *n, unsigned nth)
{
	(void)rig;
	(void)from;
	(void)bytes;
	(void)n;
	(void)nth;
	return RIG_LOSE;
}

static inline enum rig_fate hold_nth(struct rig *rig, unsigned from, uint8_t *bytes, size_t *n, unsigned nth)
{
	(void)from;
	(void)bytes;
	(void)n;
	return nth == *(const unsigned *)rig->arg ? RIG_LOSE : RIG_PASS;
}

static inline bool try_hold(struct rig *rig, unsigned nth)
{
	static unsigned held;

	for (unsigned i = 0; i < rig->n_kept; i++)
		free(rig->kept[i].bytes);
	rig->n_kept = 0;
	held = rig->n_sent + nth;
	rig->arg = &held;
	rig->fate = hold_nth;
	rig->keep = true;
	(void)ike_rekey(rig->ends[0].ike, "p", false, rig->now_ms);
	rig_run(rig, 100);
	return rig->n_kept > nth && rig->kept[nth].bytes[18] == X_QUICK && rig->kept[nth].to == !(nth & 1);
}

/* Of a further quick mode the nth message (0, 1, 2) is held: kept[nth], and nobody else speaks at that time. @return whom it is for */
static inline struct rig_end *hold(struct rig *rig, unsigned nth)
{
	for (unsigned tries = 0; tries < 20; tries++) {
		if (try_hold(rig, nth))
			return &rig->ends[rig->kept[nth].to];
		rig->fate = NULL;
		rig_run(rig, 45000);
	}
	rig_show(rig);
	fail_msg("no quick mode begins");
	return NULL;
}

#endif
