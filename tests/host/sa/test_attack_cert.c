// SPDX-License-Identifier: BSD-2-Clause-Patent
/* Attacks on certificates and signatures against the whole engine: classes 4 and 11. The parts have tests of their own in ../crypto. */
#include "crypto/cert_maker.h"
#include "sa/letter.h"

#include <openssl/rsa.h>

static struct letter letter;
static struct made ca, bound_ca, left, right, inside, outside;

static void files_of(const struct made *made, const char *name)
{
	char text[64];

	snprintf(text, sizeof(text), "%s.key", name);
	write_key(text, made->key, NULL);
	snprintf(text, sizeof(text), "%s.pem", name);
	write_certs(text, (const struct made *[]){ made }, 1);
}

static int setup(void **state)
{
	if (dir_setup(state) != 0)
		return -1;
	ca = make_ca("the CA");
	bound_ca = make(&(struct spec){ .name = "bound CA", .constraints = "critical,CA:TRUE", .usage = "critical,keyCertSign,cRLSign",
					.name_constraints = "critical,permitted;DNS:good.example,excluded;DNS:bad.good.example" }, NULL);
	left = make(&(struct spec){ .name = "left", .alternative = "DNS:left.example,IP:192.0.2.1" }, &ca);
	right = make(&(struct spec){ .name = "right", .alternative = "DNS:right.example,IP:192.0.2.2" }, &ca);
	inside = make(&(struct spec){ .name = "inside", .alternative = "DNS:left.good.example" }, &bound_ca);
	outside = make(&(struct spec){ .name = "outside", .alternative = "DNS:left.bad.good.example" }, &bound_ca);
	files_of(&ca, "ca");
	files_of(&bound_ca, "bound");
	files_of(&left, "left");
	files_of(&right, "right");
	files_of(&inside, "inside");
	files_of(&outside, "outside");
	return 0;
}

static int teardown(void **state)
{
	struct made *const all[] = { &ca, &bound_ca, &left, &right, &inside, &outside };

	for (unsigned i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		unmake(all[i]);
	return dir_teardown(state);
}

static struct rig *offices_with(const char *own, const char *their_ca)
{
	const char *const names[] = { own, "right" }, *const cas[] = { "ca", their_ca };
	struct rig *rig = rig_open(11);
	char text[2048];

	for (unsigned e = 0; e < 2; e++) {
		snprintf(text, sizeof(text), "local_addresses = ( \"192.0.2.%u\" ); peers = ( { name = \"other\"; address = \"192.0.2.%u\"; auth_method = "
			 "\"rsa-signature\"; certificate = \"%s/%s.pem\"; key = \"%s/%s.key\"; ca = \"%s/%s.pem\"; hash_algorithm = \"sha256\"; "
			 "enc_algorithm = \"aes-128-cbc\"; dh_group = \"ecp256\"; } );", e + 1, 2 - e, test_dir, names[e], test_dir, names[e], test_dir, cas[e]);
		rig_add(rig, text);
	}
	return rig;
}

static enum rig_fate hold_fifth(struct rig *rig, unsigned from, uint8_t *bytes, size_t *n, unsigned nth)
{
	(void)from;
	(void)bytes;
	(void)n;
	return nth == 4 && rig->fate ? RIG_LOSE : RIG_PASS;
}

/* PKCS #1 v1.5 with the true key: md NULL as RFC 2409 §5.1 has it, the bare hash; else with a DigestInfo. */
static size_t sign(const EVP_MD *md, const uint8_t *hash, size_t n, uint8_t out[256])
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(left.key, NULL);
	size_t n_out = 256;

	assert_int_equal(EVP_PKEY_sign_init(ctx), 1);
	assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING), 1);
	if (md)
		assert_int_equal(EVP_PKEY_CTX_set_signature_md(ctx, md), 1);
	assert_int_equal(EVP_PKEY_sign(ctx, out, &n_out, hash, n), 1);
	EVP_PKEY_CTX_free(ctx);
	return n_out;
}

/* The held fifth message with another signature. */
static void send_signature(struct rig *rig, const struct rig_datagram *held, const uint8_t *signature, size_t n)
{
	struct rig_end *end = &rig->ends[1];
	struct ike_path path = letter_path(end, "192.0.2.1", 500);
	struct ike_sa *sa = letter_sa(end, held);
	struct isakmp_message message;
	struct blob text = { NULL, 0 };

	assert_true(letter_read(held, sa, &text, &message));
	letter_open(&letter, sa->cookies, X_MAIN, ISAKMP_ENCRYPTED, 0);
	for (unsigned i = 0; i < message.n; i++) {
		const struct isakmp_payload *payload = &message.payloads[i];
		const bool is_it = payload->type == P_SIG;

		letter_put(&letter, payload->type, is_it ? signature : payload->body.at, is_it ? n : payload->body.len);
	}
	letter_send_sealed(&letter, end, sa, &path, false);
	blob_free(&text);
}

static void class_4_no_signature_but_the_whole_right_encoding_is_one(void **state)
{
	struct rig *rig = offices_with("left", "ca");
	const struct ike_sa *ours;
	uint8_t hash[HASH_MAX_BYTES + 1] = { 0 }, right_one[256], wrong[300] = { 0 };
	size_t n;
	unsigned n_tried = 0;

	(void)state;
	rig->keep = true;
	rig->fate = hold_fifth;
	assert_non_null(rig_begin(&rig->ends[0], NULL, NULL));
	rig_run(rig, 200);
	assert_int_equal(rig->n_kept, 5);
	ours = rig->ends[0].ike->sas;
	assert_true(auth_hash(ours, ours->phase1, INITIATOR, hash));
	n = sign(NULL, hash, 32, right_one);
	for (size_t i = 0; i < n; i++, n_tried++) {
		memcpy(wrong, right_one, n);
		wrong[i] ^= (uint8_t)(1u << i % 8);
		send_signature(rig, &rig->kept[4], wrong, n);
	}
	memcpy(wrong, right_one, n);
	for (size_t length = 0; length < n + 40; length += length + 8 < n || length > n ? 7 : 1, n_tried++)
		if (length != n)	/* cut, or with bytes behind */
			send_signature(rig, &rig->kept[4], wrong, length);
	for (unsigned value = 0; value < 4; value++, n_tried++) {	/* 0, 1, 2^1024 - 1, 3: what small exponents love */
		memset(wrong, value == 2 ? 0xff : 0, n);
		wrong[n - 1] = (uint8_t)(value == 2 ? 0xff : value);
		send_signature(rig, &rig->kept[4], wrong, n);
	}
	send_signature(rig, &rig->kept[4], wrong, sign(EVP_sha256(), hash, 32, wrong));	/* a DigestInfo */
	send_signature(rig, &rig->kept[4], wrong, sign(NULL, hash, 31, wrong));		/* a short hash */
	send_signature(rig, &rig->kept[4], wrong, sign(NULL, hash, 33, wrong));		/* a byte behind it */
	send_signature(rig, &rig->kept[4], wrong, sign(NULL, hash, 0, wrong));		/* none */
	assert_null(rig_established(&rig->ends[1]));
	assert_true(ike_counters(rig->ends[1].ike)->auth_failures >= n_tried / 2);
	rig->fate = NULL;
	send_signature(rig, &rig->kept[4], right_one, n);
	assert_non_null(rig_established(&rig->ends[1]));
	rig_close(rig);
}

static void class_11_a_certificate_outside_its_issuers_name_constraints_is_refused_by_the_engine(void **state)
{
	(void)state;
	for (unsigned is_outside = 0; is_outside < 2; is_outside++) {
		struct rig *rig = offices_with(is_outside ? "outside" : "inside", "bound");

		assert_non_null(rig_begin(&rig->ends[0], NULL, NULL));
		rig_run(rig, 2000);
		if (!is_outside != (rig_established(&rig->ends[1]) != NULL))
			rig_show(rig);
		assert_int_equal(rig_established(&rig->ends[1]) != NULL, !is_outside);
		rig_close(rig);
	}
}

/* A CA that signs for us does not sign for everybody: nor may the peer bring one. */
static void class_11_a_chain_that_the_peer_brings_itself_leads_nowhere(void **state)
{
	struct rig *rig = offices_with("inside", "ca");

	(void)state;
	assert_non_null(rig_begin(&rig->ends[0], NULL, NULL));
	rig_run(rig, 2000);
	assert_null(rig_established(&rig->ends[1]));
	assert_true(ike_counters(rig->ends[1].ike)->auth_failures > 0);
	rig_close(rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(class_4_no_signature_but_the_whole_right_encoding_is_one),
		cmocka_unit_test(class_11_a_certificate_outside_its_issuers_name_constraints_is_refused_by_the_engine),
		cmocka_unit_test(class_11_a_chain_that_the_peer_brings_itself_leads_nowhere),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
