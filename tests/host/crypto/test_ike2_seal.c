// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * SK and SKF payloads: RFC 7634 App. B, a capture whose keys are known, tshark as a reader, and all that must not pass
 * (RFC 7296 §3.14, RFC 5282, RFC 5930, RFC 7383, RFC 7634).
 */
#include "crypto_test.h"

#include <unistd.h>

#include "crypto/ike2_seal.h"
#include "wire/capture.h"
#include "wire/tshark.h"

#define N(table) (sizeof(table) / sizeof((table)[0]))

static const struct ike2_suite suites[] = {
	{ V2_ENCR_AES_CBC, 128, V2_INTEG_SHA1_96, V2_PRF_SHA1 },      { V2_ENCR_AES_CBC, 192, V2_INTEG_SHA384_192, V2_PRF_SHA256 },
	{ V2_ENCR_AES_CBC, 256, V2_INTEG_SHA256_128, V2_PRF_SHA256 }, { V2_ENCR_AES_CBC, 256, V2_INTEG_SHA512_256, V2_PRF_SHA512 },
	{ V2_ENCR_AES_CBC, 128, V2_INTEG_MD5_96, V2_PRF_MD5 },	      { V2_ENCR_AES_CBC, 128, V2_INTEG_XCBC_96, V2_PRF_XCBC },
	{ V2_ENCR_3DES, 0, V2_INTEG_SHA1_96, V2_PRF_SHA1 },	      { V2_ENCR_DES, 0, V2_INTEG_SHA1_96, V2_PRF_SHA1 },
	{ V2_ENCR_NULL, 0, V2_INTEG_SHA256_128, V2_PRF_SHA256 },      { V2_ENCR_CAMELLIA_CBC, 128, V2_INTEG_SHA1_96, V2_PRF_SHA1 },
	{ V2_ENCR_CAMELLIA_CBC, 192, V2_INTEG_SHA1_96, V2_PRF_SHA1 }, { V2_ENCR_CAMELLIA_CBC, 256, V2_INTEG_SHA1_96, V2_PRF_SHA1 },
	{ V2_ENCR_AES_CTR, 128, V2_INTEG_SHA1_96, V2_PRF_SHA1 },      { V2_ENCR_AES_CTR, 192, V2_INTEG_SHA256_128, V2_PRF_SHA1 },
	{ V2_ENCR_AES_CTR, 256, V2_INTEG_XCBC_96, V2_PRF_SHA1 },      { V2_ENCR_GCM_8, 128, 0, V2_PRF_SHA256 },
	{ V2_ENCR_GCM_12, 192, 0, V2_PRF_SHA256 },		      { V2_ENCR_GCM_16, 128, 0, V2_PRF_SHA256 },
	{ V2_ENCR_GCM_16, 192, 0, V2_PRF_SHA256 },		      { V2_ENCR_GCM_16, 256, 0, V2_PRF_SHA384 },
	{ V2_ENCR_CCM_8, 128, 0, V2_PRF_SHA256 },		      { V2_ENCR_CCM_12, 192, 0, V2_PRF_SHA256 },
	{ V2_ENCR_CCM_16, 256, 0, V2_PRF_SHA256 },		      { V2_ENCR_CHACHA20, 0, 0, V2_PRF_SHA256 },
};

static struct ike2_keys keys_of(struct ike2_suite suite)
{
	static const uint8_t nonce[32] = { 1 }, seed[64] = { 2 };
	const struct ike2_exchange exchange = { { nonce, 32 }, { nonce, 32 }, { 3 }, { 4 } };
	struct ike2_keys keys = { .suite = suite };

	assert_true(ike2_derive(&keys, seed, &exchange));
	return keys;
}

static const struct isakmp_header header = { .icookie = "initiat", .rcookie = "respond", .version = 0x20, .exchange = X_INFORMATIONAL_V2,
					     .flags = V2_INITIATOR, .message_id = 9 };

/* A sealed message in room. @return where its IV is */
static size_t seal(struct ike2_keys *keys, struct bytes plain, uint16_t total, struct writer *to)
{
	const struct v2_sealed sealed = { P2_VID, 1, total, ike2_iv_bytes(&keys->suite), ike2_tail_bytes(&keys->suite, plain.len), plain };
	size_t iv_at;

	v2_put_sealed(to, &header, &sealed, &iv_at);
	assert_false(to->has_failed);
	assert_true(ike2_seal(keys, true, to->at, to->len, iv_at, plain.len));
	return iv_at;
}

/* From memory of exactly its size, to room of exactly what is promised. */
static bool open_copy(const struct ike2_keys *keys, bool by_initiator, struct bytes message, size_t iv_at, uint8_t *plain, size_t *n_plain)
{
	char *copy = exact_copy((const char *)message.at, message.len);
	uint8_t *out = malloc(message.len - iv_at + 1);
	const bool ok = ike2_open(keys, by_initiator, (struct bytes){ (const uint8_t *)copy, message.len }, iv_at, out, n_plain);

	if (ok)
		memcpy(plain, out, *n_plain);
	free(out);
	free(copy);
	return ok;
}

static void appendix_b_of_rfc_7634_comes_out(void **state)
{
	uint8_t message[128], out[64];
	struct ike2_keys keys = { .suite = { V2_ENCR_CHACHA20, 0, 0, V2_PRF_SHA256 }, .e_bytes = 36 };
	const size_t iv_at = 32;
	size_t n_bytes, n_plain = 0;

	(void)state;
	n_bytes = from_hex("c0c1c2c3c4c5c6c7 d0d1d2d3d4d5d6d7 2e202500 00000009 00000045 29000029", message);
	assert_int_equal(n_bytes, iv_at);
	n_bytes += from_hex("0000000000000000 0000000c000040010000000a", message + iv_at) + 1 + 16;
	assert_int_equal(n_bytes, 69);
	from_hex("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f a0a1a2a3", keys.i.e);
	keys.i.next_iv = 0x1011121314151617;
	assert_true(ike2_seal(&keys, true, message, n_bytes, iv_at, 12));
	from_hex("1011121314151617 610394701f8d017f7c12924889 6b71bfe25236efd7cdc67066906315b2", out);
	assert_memory_equal(message + iv_at, out, 8 + 13 + 16);
	assert_true(open_copy(&keys, true, (struct bytes){ message, n_bytes }, iv_at, out, &n_plain));
	assert_int_equal(n_plain, 12);
	from_hex("0000000c000040010000000a", message);
	assert_memory_equal(out, message, 12);
}

/* RFC 3686 §6, test vector 1 is AES-CTR over ESP: nonce, IV and counter are put together the same way. */
static void counter_mode_begins_at_nonce_iv_and_one(void **state)
{
	uint8_t message[28 + 4 + 8 + 16 + 12] = { 0 }, out[32];
	struct ike2_keys keys = { .suite = { V2_ENCR_AES_CTR, 128, V2_INTEG_SHA1_96, V2_PRF_SHA1 }, .e_bytes = 20, .a_bytes = 20 };
	const struct bytes text = text_bytes("Single block ms");
	uint8_t want[16];

	(void)state;
	from_hex("ae6852f8121067cc4bf7a5765577f39e 00000030", keys.i.e);
	keys.i.next_iv = 0;
	memcpy(message + 40, text.at, text.len);	/* padding's length 0 stands where the vector has a 'g' */
	assert_true(ike2_seal(&keys, true, message, sizeof(message), 32, 15));
	from_hex("e4095d4fb7a7b3792d6175a3261311b8", want);
	want[15] ^= 'g';
	assert_memory_equal(message + 40, want, 16);
	assert_true(open_copy(&keys, true, (struct bytes){ message, sizeof(message) }, 32, out, &(size_t){ 0 }));
	assert_memory_equal(out, "Single block ms", 15);
}

static void what_was_sealed_opens_with_every_length(void **state)
{
	static uint8_t plain[300], room[600], out[600];

	(void)state;
	assert_true(random_bytes(plain, sizeof(plain)));
	for (size_t s = 0; s < N(suites); s++)
		for (size_t n = 0; n <= sizeof(plain); n += 1 + n / 40) {
			struct ike2_keys keys = keys_of(suites[s]);
			struct writer to = { room, sizeof(room), 0, false };
			const size_t iv_at = seal(&keys, (struct bytes){ plain, n }, (uint16_t)(n % 2), &to);
			size_t n_plain = 0;

			assert_true(open_copy(&keys, true, (struct bytes){ room, to.len }, iv_at, out, &n_plain));
			assert_int_equal(n_plain, n);
			assert_memory_equal(out, plain, n);
			if (n >= 16 && suites[s].encr != V2_ENCR_NULL)
				assert_memory_not_equal(room + iv_at + ike2_iv_bytes(&suites[s]), plain, n);
			assert_false(open_copy(&keys, false, (struct bytes){ room, to.len }, iv_at, out, &n_plain));	/* the other half's keys */
		}
}

static void no_bit_of_a_message_can_be_changed_and_none_cut(void **state)
{
	static uint8_t room[600], out[600], zero[600];
	const struct bytes plain = text_bytes("thirty-three bytes of plain text.");

	(void)state;
	for (size_t s = 0; s < N(suites); s++) {
		struct ike2_keys keys = keys_of(suites[s]);
		struct writer to = { room, sizeof(room), 0, false };
		const size_t iv_at = seal(&keys, plain, 3, &to);
		size_t n_plain;

		for (size_t bit = 0; bit < 8 * to.len; bit++) {
			room[bit / 8] ^= (uint8_t)(1 << bit % 8);
			memset(out, 0, sizeof(out));
			assert_false(ike2_open(&keys, true, (struct bytes){ room, to.len }, iv_at, out, &n_plain));
			assert_memory_equal(out, zero, sizeof(out));	/* nothing unverified is left behind */
			room[bit / 8] ^= (uint8_t)(1 << bit % 8);
		}
		for (size_t n = iv_at; n < to.len; n++)
			assert_false(open_copy(&keys, true, (struct bytes){ room, n }, iv_at, out, &n_plain));
		assert_true(open_copy(&keys, true, (struct bytes){ room, to.len }, iv_at, out, &n_plain));
	}
}

static void padding_of_any_length_and_content_is_taken(void **state)	/* §3.14: MUST accept any length that results in proper alignment */
{
	const struct ike2_suite suite = { V2_ENCR_NULL, 0, V2_INTEG_SHA256_128, V2_PRF_SHA256 };
	struct ike2_keys keys = keys_of(suite);
	uint8_t room[600], out[600];

	(void)state;
	for (unsigned n_padding = 0; n_padding < 256; n_padding += 15)
		for (unsigned said = 0; said < 256; said++) {
			struct writer to = { room, sizeof(room), 0, false };
			uint8_t plain[3 + 255 + 1];
			size_t iv_at, n_plain = 0;
			bool ok;

			memset(plain, 0x5a, sizeof(plain));
			plain[3 + n_padding] = (uint8_t)said;
			iv_at = seal(&keys, (struct bytes){ plain, 3 + n_padding }, 0, &to);
			to.at[iv_at + 3 + n_padding] = (uint8_t)said;
			assert_true(prf_of(ADIT_AUTH_HMAC_SHA256_128, (struct bytes){ keys.i.a, 32 },
					   &(struct bytes){ room, to.len - 16 }, 1, out));
			memcpy(room + to.len - 16, out, 16);
			ok = open_copy(&keys, true, (struct bytes){ room, to.len }, iv_at, out, &n_plain);
			assert_int_equal(ok, said <= 3 + n_padding);
			if (ok)
				assert_int_equal(n_plain, 3 + n_padding - said);
		}
}

static void ivs_of_counters_never_come_twice_and_those_of_cbc_are_random(void **state)
{
	static const struct bytes plain = { (const uint8_t *)"x", 1 };
	uint8_t room[2][200];

	(void)state;
	for (size_t s = 0; s < N(suites); s++) {
		struct ike2_keys keys = keys_of(suites[s]);
		const unsigned n = ike2_iv_bytes(&suites[s]);

		for (unsigned i = 0; i < 4; i++) {
			struct writer first = { room[0], 200, 0, false }, second = { room[1], 200, 0, false };
			const size_t iv_at = seal(&keys, plain, 0, &first);

			assert_int_equal(seal(&keys, plain, 0, &second), iv_at);
			if (n > 0)
				assert_memory_not_equal(room[0] + iv_at, room[1] + iv_at, n);
			assert_int_equal(room[1][iv_at + n - 1] == 2 * i + 1 && keys.i.next_iv == 2 * i + 2,
					 n > 0 && keys.i.next_iv > 0 ? 1 : 0);
		}
		assert_int_equal(keys.r.next_iv, 0);
		if (keys.i.next_iv > 0) {
			struct writer to = { room[0], 200, 0, false };
			const struct v2_sealed sealed = { P2_VID, 0, 0, n, ike2_tail_bytes(&suites[s], 1), plain };
			size_t iv_at;

			keys.i.next_iv = UINT64_MAX;
			v2_put_sealed(&to, &header, &sealed, &iv_at);
			assert_false(ike2_seal(&keys, true, room[0], to.len, iv_at, 1));
		}
	}
}

static void lengths_that_do_not_fit_are_not_sealed(void **state)
{
	uint8_t room[200] = { 0 };

	(void)state;
	for (size_t s = 0; s < N(suites); s++) {
		struct ike2_keys keys = keys_of(suites[s]);
		const size_t n = 32 + ike2_iv_bytes(&suites[s]) + 10 + ike2_tail_bytes(&suites[s], 10);

		for (size_t wrong = 0; wrong < sizeof(room); wrong++)
			assert_int_equal(ike2_seal(&keys, true, room, wrong, 32, 10), wrong == n);
	}
}

static void keys_without_a_suite_seal_and_open_nothing(void **state)
{
	struct ike2_keys keys = { .suite = { V2_ENCR_NULL, 0, V2_INTEG_NONE, V2_PRF_SHA256 } };	/* neither cipher nor MAC */
	uint8_t room[64] = { 0 }, out[64];
	size_t n;

	(void)state;
	assert_false(ike2_seal(&keys, true, room, 32 + 10 + 1, 32, 10));
	assert_false(ike2_open(&keys, true, (struct bytes){ room, 43 }, 32, out, &n));
	keys.suite.encr = 99;
	assert_false(ike2_seal(&keys, true, room, 32 + 10 + 1, 32, 10));
	assert_false(ike2_open(&keys, true, (struct bytes){ room, 43 }, 32, out, &n));
}

/*
 * ---- a capture with its keys: tcpdump/ikev2pI2.pcap, packet 2, and ikev2pI2-secrets.txt beside it. Who sent it was unfinished: its ICV
 * covers IV and ciphertext only, without the header that §3.14 wants covered. So it is refused as it stands; with the ICV that it should
 * have had, made with the same key, it opens.
 */

static void hex_after(const char *line, const char *what, uint8_t *out)
{
	const char *at = strstr(line, what);
	char hex[80] = "";

	assert_non_null(at);
	assert_int_equal(sscanf(at + strlen(what), "%79[0-9a-f]", hex), 1);
	from_hex(hex, out);
}

static void an_ike_auth_of_others_is_opened_with_their_keys_once_its_icv_covers_its_header(void **state)
{
	static struct v2_message message, inner;
	uint8_t plain[512], icv[64], own[512], bad_type;
	struct ike2_keys keys = { .suite = { V2_ENCR_AES_CBC, 128, V2_INTEG_SHA1_96, V2_PRF_SHA1 }, .a_bytes = 20, .e_bytes = 16 };
	char path[CAPTURE_PATH_BYTES], secrets[CAPTURE_PATH_BYTES], line[512] = "", why[PCAP_ERRBUF_SIZE];
	struct isakmp_header head;
	struct pcap_pkthdr *record;
	struct bytes datagram = { own, 0 }, rest;
	const uint8_t *at;
	size_t n_plain = 0, iv_at;
	struct v2_id id;
	pcap_t *pcap;
	FILE *file;

	(void)state;
	if (!capture_path("tcpdump/ikev2pI2.pcap", path) || !capture_path("tcpdump/ikev2pI2-secrets.txt", secrets)) {
		printf("skipped: %s is not there\n", path);
		skip();
	}
	file = fopen(secrets, "r");
	assert_non_null(fgets(line, sizeof(line), file));
	fclose(file);
	hex_after(line, "sha1:0x", keys.i.a);
	hex_after(line, "aes128:0x", keys.i.e);
	pcap = pcap_open_offline(path, why);
	assert_int_equal(pcap_next_ex(pcap, &record, &at), 1);
	assert_int_equal(pcap_next_ex(pcap, &record, &at), 1);
	assert_true(capture_isakmp(capture_ip((struct bytes){ at, record->caplen }, pcap_datalink(pcap)), &datagram));
	assert_int_equal(isakmp_get_header(datagram, &head, &rest), WIRE_OK);
	assert_int_equal(v2_get_payloads(&head, rest, &message, &bad_type), WIRE_OK);
	assert_int_equal(message.payloads[0].type, P2_SK);
	iv_at = (size_t)(message.payloads[0].body.at - datagram.at);
	assert_in_range(datagram.len, iv_at, sizeof(own));
	memcpy(own, datagram.at, datagram.len);
	assert_false(open_copy(&keys, true, datagram, iv_at, plain, &n_plain));
	assert_true(prf_of(ADIT_AUTH_HMAC_SHA1_96, (struct bytes){ keys.i.a, 20 }, &(struct bytes){ own + iv_at, datagram.len - 12 - iv_at }, 1, icv));
	assert_memory_equal(own + datagram.len - 12, icv, 12);
	assert_true(prf_of(ADIT_AUTH_HMAC_SHA1_96, (struct bytes){ keys.i.a, 20 }, &(struct bytes){ own, datagram.len - 12 }, 1, icv));
	memcpy(own + datagram.len - 12, icv, 12);
	assert_true(open_copy(&keys, true, (struct bytes){ own, datagram.len }, iv_at, plain, &n_plain));
	assert_int_equal(v2_get_inner(&head, message.inner, (struct bytes){ plain, n_plain }, &inner, &bad_type), WIRE_OK);
	assert_int_equal(inner.n, 2);
	assert_true(inner.payloads[0].type == P2_IDI && inner.payloads[1].type == P2_AUTH);
	assert_int_equal(v2_get_id(inner.payloads[0].body, &id), WIRE_OK);
	assert_true(id.type == ID_FQDN && bytes_same(id.data, text_bytes("west")));
	pcap_close(pcap);
}

/* ---- tshark, which is given the keys */

static const char *tshark_encr(const struct ike2_suite *suite, char name[64])
{
	static const struct { uint16_t encr; const char *before, *after; } names[] = {
		{ V2_ENCR_NULL, "NULL [RFC2410]", NULL }, { V2_ENCR_3DES, "3DES [RFC2451]", NULL }, { V2_ENCR_AES_CBC, "AES-CBC-", " [RFC3602]" },
		{ V2_ENCR_AES_CTR, "AES-CTR-", " [RFC5930]" }, { V2_ENCR_GCM_8, "AES-GCM-", " with 8 octet ICV [RFC5282]" },
		{ V2_ENCR_GCM_12, "AES-GCM-", " with 12 octet ICV [RFC5282]" }, { V2_ENCR_GCM_16, "AES-GCM-", " with 16 octet ICV [RFC5282]" },
		{ V2_ENCR_CCM_8, "AES-CCM-", " with 8 octet ICV [RFC5282]" }, { V2_ENCR_CCM_12, "AES-CCM-", " with 12 octet ICV [RFC5282]" },
		{ V2_ENCR_CCM_16, "AES-CCM-", " with 16 octet ICV [RFC5282]" },
	};

	for (size_t i = 0; i < N(names); i++) {
		if (names[i].encr != suite->encr)
			continue;
		if (names[i].after == NULL)
			return names[i].before;
		(void)snprintf(name, 64, "%s%u%s", names[i].before, suite->key_bits, names[i].after);
		return name;
	}
	return NULL;
}

static const char *tshark_integ(uint16_t integ)
{
	switch (integ) {
	case V2_INTEG_NONE:	  return "NONE [RFC4306]";
	case V2_INTEG_MD5_96:	  return "HMAC_MD5_96 [RFC2403]";
	case V2_INTEG_SHA1_96:	  return "HMAC_SHA1_96 [RFC2404]";
	case V2_INTEG_SHA256_128: return "HMAC_SHA2_256_128 [RFC4868]";
	case V2_INTEG_SHA384_192: return "HMAC_SHA2_384_192 [RFC4868]";
	case V2_INTEG_SHA512_256: return "HMAC_SHA2_512_256 [RFC4868]";
	default:		  return NULL;
	}
}

static void put_hex(char *to, const uint8_t *bytes, size_t n)
{
	*to = 0;
	for (size_t i = 0; i < n; i++)
		(void)snprintf(to + 2 * i, 3, "%02x", bytes[i]);
}

static void assert_tshark_opens(const struct ike2_keys *keys, const char *path)
{
	char command[2000], encr[64], ei[80], er[80], ai[140], ar[140], got[400] = "";
	const char *name = tshark_encr(&keys->suite, encr);
	FILE *tshark;

	put_hex(ei, keys->i.e, keys->e_bytes);
	put_hex(er, keys->r.e, keys->e_bytes);
	put_hex(ai, keys->i.a, keys->a_bytes);
	put_hex(ar, keys->r.a, keys->a_bytes);
	(void)snprintf(command, sizeof(command),
		       "tshark -n -r %s -o 'uat:ikev2_decryption_table:696e697469617400,726573706f6e6400,%s,%s,\"%s\",%s,%s,\"%s\"' "
		       "-T fields -E 'separator=|' -e isakmp.typepayload -e isakmp.vid_bytes -e _ws.malformed "
		       "-e _ws.expert.message 2>&1",
		       path, ei, er, name, ai, ar, tshark_integ(keys->suite.integ));
	tshark = popen(command, "r");
	assert_non_null(tshark);
	while (fgets(got, sizeof(got), tshark) != NULL && strncmp(got, "46", 2) != 0)
		;
	pclose(tshark);
	if (strstr(got, "46,43|536f206c6f6e6721") == NULL || strstr(got, "ncorrect") != NULL)
		fail_msg("%s and %s: tshark says %s", name, tshark_integ(keys->suite.integ), got);
}

static void tshark_opens_what_was_sealed(void **state)
{
	static const uint8_t vid[] = { 0, 0, 0, 12, 'S', 'o', ' ', 'l', 'o', 'n', 'g', '!' };
	char path[] = "/tmp/adit-tshark-XXXXXX", encr[64];
	const int fd = mkstemp(path);
	unsigned n = 0;

	(void)state;
	if (system("tshark --version >/dev/null 2>&1") != 0) {
		printf("skipped: no tshark\n");
		skip();
	}
	for (size_t s = 0; s < N(suites); s++) {
		struct ike2_keys keys = keys_of(suites[s]);
		uint8_t room[300];
		struct writer to = { room, sizeof(room), 0, false };

		if (tshark_encr(&suites[s], encr) == NULL || tshark_integ(suites[s].integ) == NULL)
			continue;
		(void)seal(&keys, (struct bytes){ vid, sizeof(vid) }, 0, &to);
		tshark_save(path, &to);
		assert_tshark_opens(&keys, path);
		n++;
	}
	printf("tshark opens %u of %zu suites\n", n, N(suites));
	close(fd);
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(appendix_b_of_rfc_7634_comes_out),
		cmocka_unit_test(counter_mode_begins_at_nonce_iv_and_one),
		cmocka_unit_test(what_was_sealed_opens_with_every_length),
		cmocka_unit_test(no_bit_of_a_message_can_be_changed_and_none_cut),
		cmocka_unit_test(padding_of_any_length_and_content_is_taken),
		cmocka_unit_test(ivs_of_counters_never_come_twice_and_those_of_cbc_are_random),
		cmocka_unit_test(lengths_that_do_not_fit_are_not_sealed),
		cmocka_unit_test(keys_without_a_suite_seal_and_open_nothing),
		cmocka_unit_test(an_ike_auth_of_others_is_opened_with_their_keys_once_its_icv_covers_its_header),
		cmocka_unit_test(tshark_opens_what_was_sealed),
	};

	return cmocka_run_group_tests(tests, crypto_setup, crypto_teardown);
}
