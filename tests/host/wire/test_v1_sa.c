// SPDX-License-Identifier: BSD-2-Clause-Patent
/* SA payloads, proposals, transforms (RFC 2408 §3.4 - §3.6, §4.2) and their attributes (RFC 2408 §3.3, RFC 2409 App. A, RFC 2407 §4.5). */
#include "make.h"

#define IPSEC_IDENTITY 0, 0, 0, 1, 0, 0, 0, 1
/* The one proposal of ESP with SPI 0xc0ffee01 around the one transform ESP_AES with attributes of n bytes */
#define ESP_HEAD(n) IPSEC_IDENTITY, 0, 0, 0, 20 + (n), 1, 3, 4, 1, 0xc0, 0xff, 0xee, 1, 0, 0, 0, 8 + (n), 1, 12, 0, 0
#define IKE_HEAD(n) IPSEC_IDENTITY, 0, 0, 0, 16 + (n), 1, 1, 0, 1, 0, 0, 0, 8 + (n), 1, 1, 0, 0

static const uint8_t bare_transform[] = { 0, 0, 0, 8, 1, 1, 0, 0 };
static struct v1_sa sa;

static enum wire_err get(struct bytes body)
{
	struct bytes exact = cut(body, body.len);
	enum wire_err err = v1_get_sa(exact, &sa);

	cut_free(exact);
	return err;
}

/* The attributes as those of the one transform of an SA. */
static enum wire_err get_attributes(bool is_phase1, struct bytes list)
{
	static const uint8_t esp[] = { ESP_HEAD(0) }, ike[] = { IKE_HEAD(0) };
	const size_t n_head = is_phase1 ? sizeof(ike) : sizeof(esp), transform_at = n_head - 8;
	uint8_t body[1024];

	memcpy(body, is_phase1 ? ike : esp, n_head);
	memcpy(body + n_head, list.at, list.len);
	body[10] = (uint8_t)((n_head - 8 + list.len) >> 8);
	body[11] = (uint8_t)(n_head - 8 + list.len);
	body[transform_at + 2] = (uint8_t)((8 + list.len) >> 8);
	body[transform_at + 3] = (uint8_t)(8 + list.len);
	return get((struct bytes){ body, n_head + list.len });
}

static void phase_1_of_the_manuals_example_is_read(void **state)	/* RFC 2409 App. A: 3des, md5, psk, modp1024, 8 hours */
{
	const struct bytes body = BYTES(IKE_HEAD(24), 0x80, 1, 0, 5, 0x80, 2, 0, 1, 0x80, 3, 0, 1, 0x80, 4, 0, 2, 0x80, 11, 0, 1, 0x80, 12, 0x70, 0x80);
	const struct v1_transform *transform = &sa.transforms[0];

	(void)state;
	assert_int_equal(v1_get_sa(body, &sa), WIRE_OK);
	assert_int_equal(sa.doi, DOI_IPSEC);
	assert_int_equal(sa.situation, SIT_IDENTITY_ONLY);
	assert_int_equal(sa.n_proposals, 1);
	assert_int_equal(sa.n_transforms, 1);
	assert_int_equal(sa.proposals[0].number, 1);
	assert_int_equal(sa.proposals[0].protocol, V1_PROTO_ISAKMP);
	assert_int_equal(sa.proposals[0].spi.len, 0);
	assert_same(sa.proposals[0].whole, (struct bytes){ body.at + 8, body.len - 8 });
	assert_same(transform->whole, (struct bytes){ body.at + 16, body.len - 16 });
	assert_int_equal(transform->enc, V1_ENC_3DES);
	assert_int_equal(transform->hash, V1_HASH_MD5);
	assert_int_equal(transform->auth_method, V1_AUTH_PSK);
	assert_int_equal(transform->group, 2);
	assert_true(transform->has_seconds && transform->seconds == 28800);
	assert_false(transform->has_kilobytes || transform->has_unknown || transform->esn);
}

static void the_lifetime_example_of_rfc_2407_means_a_day_or_a_hundred_megabytes(void **state)	/* §4.5.2 */
{
	const struct v1_transform *transform = &sa.transforms[0];

	(void)state;
	assert_int_equal(get_attributes(false, BYTES(0x80, 1, 0, 1, 0, 2, 0, 4, 0, 1, 0x51, 0x80, 0x80, 1, 0, 2, 0, 2, 0, 4, 0, 1, 0x86, 0xa0)), WIRE_OK);
	assert_true(transform->has_seconds && transform->seconds == 86400);
	assert_true(transform->has_kilobytes && transform->kilobytes == 100000);
	assert_false(transform->has_unknown);
}

static void ah_and_esp_of_one_number_stand_together(void **state)	/* RFC 2408 §4.2.1, its second example: (AH and ESP) or ESP */
{
	const struct bytes body = BYTES(IPSEC_IDENTITY,
		2, 0, 0, 20, 1, 2, 4, 1, 1, 2, 3, 4, 0, 0, 0, 8, 1, 3, 0, 0,
		2, 0, 0, 28, 1, 3, 4, 2, 5, 6, 7, 8, 3, 0, 0, 8, 1, 12, 0, 0, 0, 0, 0, 8, 2, 3, 0, 0,
		0, 0, 0, 20, 2, 3, 4, 1, 9, 10, 11, 12, 0, 0, 0, 8, 1, 11, 0, 0);

	(void)state;
	assert_int_equal(v1_get_sa(body, &sa), WIRE_OK);
	assert_int_equal(sa.n_proposals, 3);
	assert_int_equal(sa.n_transforms, 4);
	assert_true(sa.proposals[0].number == 1 && sa.proposals[1].number == 1 && sa.proposals[2].number == 2);
	assert_true(sa.proposals[0].protocol == V1_PROTO_AH && sa.proposals[1].protocol == V1_PROTO_ESP);
	assert_true(sa.proposals[1].first == 1 && sa.proposals[1].n == 2 && sa.proposals[2].first == 3);
	assert_same(sa.proposals[1].spi, BYTES(5, 6, 7, 8));
	assert_true(sa.transforms[0].id == V1_AH_SHA1 && sa.transforms[2].id == V1_ESP_3DES && sa.transforms[3].id == V1_ESP_NULL);
}

static void every_cut_of_an_sa_is_refused(void **state)
{
	const struct bytes body = BYTES(IPSEC_IDENTITY,
		2, 0, 0, 20, 1, 2, 4, 1, 1, 2, 3, 4, 0, 0, 0, 8, 1, 3, 0, 0,
		0, 0, 0, 44, 1, 3, 4, 2, 5, 6, 7, 8, 3, 0, 0, 24, 1, 12, 0, 0, 0x80, 6, 1, 0, 0x80, 1, 0, 1, 0, 2, 0, 4, 0, 1, 0x51, 0x80,
		0, 0, 0, 8, 2, 3, 0, 0);

	(void)state;
	assert_int_equal(get(body), WIRE_OK);
	for (size_t n = 0; n < body.len; n++) {
		struct bytes part = cut(body, n);

		assert_int_equal(v1_get_sa(part, &sa), WIRE_SHORT);
		cut_free(part);
	}
}

static void attributes_cut_anywhere_are_refused(void **state)
{
	const struct bytes list = BYTES(0x80, 6, 1, 0, 0x80, 1, 0, 1, 0, 2, 0, 4, 0, 1, 0x51, 0x80);

	(void)state;
	for (size_t n = 0; n < list.len; n++) {
		enum wire_err want = n == 0 || n == 4 ? WIRE_OK : n == 8 ? WIRE_MISSING : WIRE_SHORT;

		assert_int_equal(get_attributes(false, (struct bytes){ list.at, n }), want);
	}
}

static void lengths_inside_an_sa_that_contradict_each_other_are_refused(void **state)
{
	static const struct { unsigned at; uint8_t value; enum wire_err err; } cases[] = {
		{ 11, 23, WIRE_SHORT }, { 11, 25, WIRE_SHORT }, { 11, 3, WIRE_LENGTH }, { 11, 0, WIRE_LENGTH },	/* proposal */
		{ 23, 11, WIRE_SHORT }, { 23, 13, WIRE_SHORT }, { 23, 8, WIRE_LENGTH }, { 23, 7, WIRE_SHORT }, { 23, 3, WIRE_LENGTH },
		{ 14, 3, WIRE_LENGTH }, { 14, 5, WIRE_LENGTH }, { 14, 0, WIRE_LENGTH }, { 14, 255, WIRE_LENGTH },	/* SPI */
		{ 15, 0, WIRE_MISSING }, { 15, 2, WIRE_NEXT }, { 15, 255, WIRE_NEXT },	/* transforms */
		{ 8, 2, WIRE_SHORT }, { 8, 3, WIRE_NEXT }, { 8, 1, WIRE_NEXT }, { 20, 3, WIRE_NEXT }, { 20, 2, WIRE_NEXT },	/* next */
		{ 9, 1, WIRE_RESERVED }, { 21, 1, WIRE_RESERVED }, { 26, 1, WIRE_RESERVED }, { 27, 1, WIRE_RESERVED },
		{ 3, 2, WIRE_VALUE }, { 7, 2, WIRE_VALUE }, { 7, 5, WIRE_VALUE }, { 13, 0, WIRE_VALUE }
	};
	const uint8_t good[] = { ESP_HEAD(4), 0x80, 6, 1, 0 };

	(void)state;
	assert_int_equal(get((struct bytes){ good, sizeof(good) }), WIRE_OK);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint8_t bad[sizeof(good)];
		enum wire_err err;

		memcpy(bad, good, sizeof(good));
		bad[cases[i].at] = cases[i].value;
		err = get((struct bytes){ bad, sizeof(bad) });
		if (err != cases[i].err)
			fail_msg("byte %u = %u: %s", cases[i].at, cases[i].value, wire_err_text(err));
	}
	assert_int_equal(get(BYTES(ESP_HEAD(4), 0x80, 6, 1, 0, 0)), WIRE_LENGTH);	/* behind the last proposal */
}

static void doi_and_situation_that_are_not_spoken_are_told(void **state)	/* RFC 2408 §5.4 (1), (2) */
{
	(void)state;
	assert_int_equal(get(BYTES(0, 0, 0, 7, 0, 0, 0, 1)), WIRE_VALUE);
	assert_int_equal(sa.doi, 7);
	assert_int_equal(get(BYTES(0, 0, 0, 1, 0, 0, 0, 6, 0, 0, 0, 0)), WIRE_VALUE);
	assert_int_equal(sa.situation, 6);
	assert_int_equal(get(BYTES(IPSEC_IDENTITY)), WIRE_SHORT);
}

static void an_isakmp_proposal_may_have_an_spi_of_up_to_16_bytes(void **state)
{
	(void)state;
	for (unsigned n = 0; n <= 20; n++) {
		uint8_t body[8 + 8 + 20 + 8] = { IPSEC_IDENTITY, 0, 0, 0, (uint8_t)(16 + n), 1, 1, (uint8_t)n, 1 };

		memset(body + 16, 0x77, n);
		memcpy(body + 16 + n, bare_transform, sizeof(bare_transform));
		assert_int_equal(get((struct bytes){ body, 24 + n }), n <= 16 ? WIRE_OK : WIRE_LENGTH);
	}
}

static void an_ah_or_esp_proposal_has_an_spi_of_4_bytes(void **state)
{
	(void)state;
	for (uint8_t protocol = 2; protocol <= 4; protocol++)
		for (unsigned n = 0; n <= 20; n++) {
			uint8_t body[8 + 8 + 20 + 8] = { IPSEC_IDENTITY, 0, 0, 0, (uint8_t)(16 + n), 1, protocol, (uint8_t)n, 1 };
			bool is_good = n == 4 || (protocol == V1_PROTO_IPCOMP && n == 2);

			memcpy(body + 16 + n, bare_transform, sizeof(bare_transform));
			assert_int_equal(get((struct bytes){ body, 24 + n }), is_good ? WIRE_OK : WIRE_LENGTH);
			if (is_good)
				assert_false(sa.transforms[0].has_unknown);
		}
}

static void a_protocol_that_is_not_known_spoils_its_transforms_only(void **state)	/* RFC 2408 §5.5 (1) */
{
	(void)state;
	assert_int_equal(get(BYTES(IPSEC_IDENTITY, 2, 0, 0, 18, 1, 77, 2, 1, 1, 2, 0, 0, 0, 8, 1, 3, 0, 0,
				   0, 0, 0, 20, 2, 3, 4, 1, 9, 10, 11, 12, 0, 0, 0, 8, 1, 11, 0, 0)), WIRE_OK);
	assert_true(sa.transforms[0].has_unknown);
	assert_false(sa.transforms[1].has_unknown);
}

static void proposal_numbers_do_not_fall(void **state)	/* RFC 2408 §4.2 */
{
	(void)state;
	for (unsigned second = 0; second < 8; second++)
		assert_int_equal(get(BYTES(IPSEC_IDENTITY, 2, 0, 0, 20, 4, 2, 4, 1, 1, 2, 3, 4, 0, 0, 0, 8, 1, 3, 0, 0,
					   0, 0, 0, 20, (uint8_t)second, 3, 4, 1, 9, 10, 11, 12, 0, 0, 0, 8, 1, 11, 0, 0)),
				 second < 4 ? WIRE_VALUE : WIRE_OK);
}

/* n proposals of n_transforms each, without attributes. */
static enum wire_err get_many(unsigned n_proposals, unsigned n_transforms)
{
	static uint8_t room[65536];
	struct writer to = { room, sizeof(room), 0, false };
	struct v1_sa_writer writer;
	const struct v1_transform transform = { .id = V1_ESP_AES_CBC };
	size_t next_at = 0;

	put_u8(&to, P_NONE);
	v1_open_sa(&writer, &to, &next_at);
	for (unsigned p = 0; p < n_proposals; p++) {
		v1_open_proposal(&writer, (uint8_t)p, V1_PROTO_ESP, TEXT("spi!"));
		for (unsigned t = 0; t < n_transforms; t++)
			v1_put_transform(&writer, &transform, false);
		v1_close_proposal(&writer);
	}
	v1_close_sa(&writer);
	assert_false(to.has_failed);
	return get((struct bytes){ room + 5, to.len - 5 });
}

static void sixteen_proposals_and_128_transforms_are_read_and_no_more(void **state)
{
	(void)state;
	assert_int_equal(get_many(16, 8), WIRE_OK);
	assert_int_equal(get_many(17, 1), WIRE_MANY);
	assert_int_equal(get_many(1, 128), WIRE_OK);
	assert_int_equal(get_many(1, 129), WIRE_MANY);
	assert_int_equal(get_many(16, 9), WIRE_MANY);
}

static void thirty_two_attributes_are_read_and_no_more(void **state)
{
	static const uint8_t key_length[] = { 0x80, 6, 1, 0 };
	uint8_t list[33 * 4];

	(void)state;
	for (unsigned n = 1; n <= 33; n++) {
		memcpy(list + (n - 1) * 4, key_length, sizeof(key_length));
		assert_int_equal(get_attributes(false, (struct bytes){ list, n * 4 }), n <= 32 ? WIRE_OK : WIRE_MANY);
	}
}

static void a_duration_may_have_any_length_and_saturates(void **state)
{
	static const uint8_t ones[16] = { 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255 };
	uint8_t list[8 + 16] = { 0x80, 11, 0, 2, 0, 12 };

	(void)state;
	for (uint8_t n = 1; n <= 16; n++) {
		list[7] = n;
		memcpy(list + 8, ones, n);
		assert_int_equal(get_attributes(true, (struct bytes){ list, 8u + n }), WIRE_OK);
		assert_true(sa.transforms[0].has_kilobytes);
		assert_true(sa.transforms[0].kilobytes == (n >= 8 ? UINT64_MAX : (1ull << 8 * n) - 1));
		memset(list + 8, 0, n);	/* leading zeros are no value */
		list[7 + n] = 9;
		assert_int_equal(get_attributes(true, (struct bytes){ list, 8u + n }), WIRE_OK);
		assert_true(sa.transforms[0].kilobytes == 9);
	}
	assert_int_equal(get_attributes(true, BYTES(0x80, 11, 0, 2, 0, 12, 0, 9, 1, 0, 0, 0, 0, 0, 0, 0, 0)), WIRE_OK);
	assert_true(sa.transforms[0].kilobytes == UINT64_MAX);
	assert_int_equal(get_attributes(true, BYTES(0x80, 11, 0, 2, 0, 12, 0, 0)), WIRE_LENGTH);
}

static void a_duration_follows_its_type(void **state)	/* RFC 2407 §4.5 */
{
	(void)state;
	assert_int_equal(get_attributes(false, BYTES(0x80, 2, 0, 9)), WIRE_MISSING);
	assert_int_equal(get_attributes(false, BYTES(0x80, 1, 0, 1)), WIRE_MISSING);
	assert_int_equal(get_attributes(false, BYTES(0x80, 2, 0, 9, 0x80, 1, 0, 1)), WIRE_MISSING);
	assert_int_equal(get_attributes(false, BYTES(0x80, 1, 0, 1, 0x80, 1, 0, 2, 0x80, 2, 0, 9)), WIRE_MISSING);
	assert_int_equal(get_attributes(false, BYTES(0x80, 1, 0, 1, 0x80, 2, 0, 9, 0x80, 2, 0, 9)), WIRE_MISSING);
	assert_int_equal(get_attributes(false, BYTES(0x80, 1, 0, 1, 0x80, 4, 0, 1, 0x80, 2, 0, 9)), WIRE_OK);	/* something may stand between */
	assert_true(sa.transforms[0].seconds == 9 && sa.transforms[0].encap == V1_TUNNEL);
}

static void the_same_twice_is_once_and_two_values_are_a_conflict(void **state)	/* RFC 2407 §4.5.2 */
{
	(void)state;
	assert_int_equal(get_attributes(false, BYTES(0x80, 1, 0, 1, 0x80, 2, 0, 9, 0x80, 1, 0, 1, 0, 2, 0, 3, 0, 0, 9)), WIRE_OK);
	assert_true(sa.transforms[0].seconds == 9);
	assert_int_equal(get_attributes(false, BYTES(0x80, 1, 0, 1, 0x80, 2, 0, 9, 0x80, 1, 0, 1, 0x80, 2, 0, 8)), WIRE_TWICE);
	assert_int_equal(get_attributes(false, BYTES(0x80, 5, 0, 1, 0x80, 5, 0, 1)), WIRE_OK);
	assert_int_equal(get_attributes(false, BYTES(0x80, 5, 0, 1, 0x80, 5, 0, 2)), WIRE_TWICE);
	assert_int_equal(get_attributes(true, BYTES(0x80, 1, 0, 7, 0x80, 14, 0, 128, 0x80, 14, 1, 0)), WIRE_TWICE);
}

static void what_is_not_in_the_tables_spoils_the_transform_not_the_message(void **state)	/* RFC 2408 §5.6 */
{
	static const struct { bool is_phase1; uint8_t list[8]; size_t n; uint16_t type; } cases[] = {
		{ true, { 0x80, 99, 0, 1 }, 4, 99 }, { false, { 0xff, 0xff, 0, 1 }, 4, 0x7fff }, { false, { 0, 99, 0, 2, 1, 2 }, 6, 99 },
		{ false, { 0, 99, 0, 0 }, 4, 99 }, { false, { 0x80, 0, 0, 1 }, 4, 0 },
		{ true, { 0, 6, 0, 3, 1, 2, 3 }, 7, 6 }, { true, { 0x80, 15, 0, 155 }, 4, 15 },	/* a group's own numbers */
		{ false, { 0, 6, 0, 2, 1, 0 }, 6, 6 },	/* a basic attribute of variable length: MUST NOT, RFC 2409 App. A */
		{ true, { 0x80, 1, 0, 0 }, 4, 1 }, { false, { 0x80, 5, 0, 0 }, 4, 5 },	/* reserved values */
		{ false, { 0x80, 11, 0, 2 }, 4, 11 }, { false, { 0x80, 10, 0, 1 }, 4, 10 },	/* ESN has one value; ECN over tunnels */
		{ false, { 0x80, 1, 0, 3, 0x80, 2, 0, 9 }, 8, 2 }	/* a third kind of lifetime */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(get_attributes(cases[i].is_phase1, (struct bytes){ cases[i].list, cases[i].n }), WIRE_OK);
		assert_true(sa.transforms[0].has_unknown);
		assert_int_equal(sa.transforms[0].unknown_type, cases[i].type);
	}
	assert_int_equal(get_attributes(false, BYTES(0x80, 99, 0, 1, 0x80, 98, 0, 1, 0x80, 6, 1, 0)), WIRE_OK);	/* the first is told */
	assert_int_equal(sa.transforms[0].unknown_type, 99);
	assert_int_equal(sa.transforms[0].key_bits, 256);
}

static void a_group_of_its_own_numbers_is_read_and_not_chosen(void **state)	/* RFC 2409 App. A: ec2n155 spelled out */
{
	(void)state;
	assert_int_equal(get_attributes(true, BYTES(0x80, 1, 0, 5, 0x80, 2, 0, 2, 0x80, 3, 0, 1, 0x80, 5, 0, 3, 0x80, 15, 0, 155,
						    0, 6, 0, 4, 8, 0, 0, 1, 0, 7, 0, 1, 0x7b, 0, 9, 0, 1, 0, 0, 10, 0, 3, 7, 0x33, 0x8f,
						    0, 16, 0, 2, 8, 0)), WIRE_OK);
	assert_true(sa.transforms[0].has_unknown);
	assert_int_equal(sa.transforms[0].group_type, 3);
	assert_int_equal(sa.transforms[0].group, 0);
}

static void each_phase_has_its_own_numbers(void **state)
{
	(void)state;
	assert_int_equal(get_attributes(true, BYTES(0x80, 4, 0, 14, 0x80, 14, 1, 0, 0x80, 13, 0, 9)), WIRE_OK);
	assert_true(sa.transforms[0].group == 14 && sa.transforms[0].key_bits == 256 && sa.transforms[0].prf == 9);
	assert_int_equal(get_attributes(false, BYTES(0x80, 3, 0, 14, 0x80, 6, 0, 128, 0x80, 4, 0xf0, 3, 0x80, 7, 0, 3, 0x80, 5, 0, 5, 0x80, 11, 0, 1)),
			 WIRE_OK);
	assert_true(sa.transforms[0].group == 14 && sa.transforms[0].key_bits == 128 && sa.transforms[0].encap == V1_UDP_TUNNEL_DRAFT);
	assert_true(sa.transforms[0].key_rounds == 3 && sa.transforms[0].auth == V1_HMAC_SHA256 && sa.transforms[0].esn);
	assert_false(sa.transforms[0].has_unknown);
}

static void an_sa_that_was_written_is_the_one_of_the_example(void **state)
{
	struct page page;
	struct v1_sa_writer writer;
	const struct v1_transform aes = { .number = 1, .id = V1_ESP_AES_CBC, .key_bits = 256, .encap = V1_TUNNEL, .auth = V1_HMAC_SHA1, .group = 14,
					  .has_seconds = true, .seconds = 86400, .has_kilobytes = true, .kilobytes = 0x123456789ull, .esn = true };
	const struct v1_transform null = { .number = 2, .id = V1_ESP_NULL };

	(void)state;
	page_open(&page);
	v1_open_sa(&writer, &page.to, &page.next_at);
	v1_open_proposal(&writer, 1, V1_PROTO_ESP, BYTES(1, 2, 3, 4));
	v1_put_transform(&writer, &aes, false);
	v1_put_transform(&writer, &null, false);
	v1_close_proposal(&writer);
	v1_open_proposal(&writer, 1, V1_PROTO_AH, BYTES(5, 6, 7, 8));
	v1_put_transform(&writer, &null, false);
	v1_close_proposal(&writer);
	v1_close_sa(&writer);
	assert_same(page_body(&page, P_SA), BYTES(IPSEC_IDENTITY,
		2, 0, 0, 76, 1, 3, 4, 2, 1, 2, 3, 4,
		3, 0, 0, 56, 1, 12, 0, 0, 0x80, 1, 0, 1, 0, 2, 0, 4, 0, 1, 0x51, 0x80, 0x80, 1, 0, 2, 0, 2, 0, 8, 0, 0, 0, 1, 0x23, 0x45, 0x67, 0x89,
		0x80, 3, 0, 14, 0x80, 4, 0, 1, 0x80, 5, 0, 2, 0x80, 6, 1, 0, 0x80, 11, 0, 1,
		0, 0, 0, 8, 2, 11, 0, 0,
		0, 0, 0, 20, 1, 2, 4, 1, 5, 6, 7, 8, 0, 0, 0, 8, 2, 11, 0, 0));
}

static void phase_1_is_written_with_phase_1s_numbers(void **state)
{
	struct page page;
	struct v1_sa_writer writer;
	const struct v1_transform transform = { .number = 1, .id = 1, .enc = V1_ENC_AES, .key_bits = 128, .hash = V1_HASH_SHA256, .auth_method = V1_AUTH_RSA,
						.group = 14, .has_seconds = true, .seconds = 28800 };

	(void)state;
	page_open(&page);
	v1_open_sa(&writer, &page.to, &page.next_at);
	v1_open_proposal(&writer, 1, V1_PROTO_ISAKMP, NONE);
	v1_put_transform(&writer, &transform, true);
	v1_close_proposal(&writer);
	v1_close_sa(&writer);
	assert_same(page_body(&page, P_SA), BYTES(IKE_HEAD(28), 0x80, 1, 0, 7, 0x80, 14, 0, 128, 0x80, 2, 0, 4, 0x80, 3, 0, 3, 0x80, 4, 0, 14,
						  0x80, 11, 0, 1, 0x80, 12, 0x70, 0x80));
}

static void what_a_responder_chose_goes_back_byte_by_byte(void **state)	/* RFC 2408 §4.2 */
{
	/* two transforms, odd in order and form; the second is chosen */
	const struct bytes offer = BYTES(IPSEC_IDENTITY, 0, 0, 0, 44, 9, 3, 4, 2, 1, 2, 3, 4, 3, 0, 0, 8, 1, 3, 0, 0,
					 0, 0, 0, 24, 7, 3, 0, 0, 0x80, 5, 0, 1, 0x80, 1, 0, 1, 0, 2, 0, 4, 0, 0, 0, 60);
	struct page page;
	struct v1_sa_writer writer;

	(void)state;
	assert_int_equal(v1_get_sa(offer, &sa), WIRE_OK);
	page_open(&page);
	v1_open_sa(&writer, &page.to, &page.next_at);
	v1_open_proposal(&writer, sa.proposals[0].number, V1_PROTO_ESP, BYTES(0xa, 0xb, 0xc, 0xd));
	v1_put_chosen(&writer, &sa.transforms[1]);
	v1_close_proposal(&writer);
	v1_close_sa(&writer);
	assert_same(page_body(&page, P_SA), BYTES(IPSEC_IDENTITY, 0, 0, 0, 36, 9, 3, 4, 1, 0xa, 0xb, 0xc, 0xd,
						  0, 0, 0, 24, 7, 3, 0, 0, 0x80, 5, 0, 1, 0x80, 1, 0, 1, 0, 2, 0, 4, 0, 0, 0, 60));
	page_open(&page);	/* the first one: it names no next one any more */
	v1_open_sa(&writer, &page.to, &page.next_at);
	v1_open_proposal(&writer, sa.proposals[0].number, V1_PROTO_ESP, BYTES(0xa, 0xb, 0xc, 0xd));
	v1_put_chosen(&writer, &sa.transforms[0]);
	v1_close_proposal(&writer);
	v1_close_sa(&writer);
	assert_same(page_body(&page, P_SA), BYTES(IPSEC_IDENTITY, 0, 0, 0, 20, 9, 3, 4, 1, 0xa, 0xb, 0xc, 0xd, 0, 0, 0, 8, 1, 3, 0, 0));
}

static void an_sa_that_cannot_be_written_fails(void **state)
{
	struct page page;
	struct v1_sa_writer writer;
	const struct v1_transform transform = { .id = 1 };

	(void)state;
	page_open(&page);
	v1_open_sa(&writer, &page.to, &page.next_at);
	v1_open_proposal(&writer, 1, V1_PROTO_ISAKMP, TEXT("only 16 of them!"));
	assert_false(page.to.has_failed);
	v1_open_proposal(&writer, 1, V1_PROTO_ISAKMP, TEXT("seventeen bytes!!"));
	assert_true(page.to.has_failed);
	page_open(&page);	/* a transform that was never read */
	v1_open_sa(&writer, &page.to, &page.next_at);
	v1_open_proposal(&writer, 1, V1_PROTO_ISAKMP, NONE);
	v1_put_chosen(&writer, &transform);
	assert_true(page.to.has_failed);
	for (unsigned n = 255; n <= 256; n++) {	/* a byte counts them */
		page_open(&page);
		v1_open_sa(&writer, &page.to, &page.next_at);
		v1_open_proposal(&writer, 1, V1_PROTO_ISAKMP, NONE);
		for (unsigned i = 0; i < n; i++)
			v1_put_transform(&writer, &transform, true);
		v1_close_proposal(&writer);
		assert_int_equal(page.to.has_failed, n > 255);
	}
	for (size_t room = 1; room < 40; room++) {
		page_open(&page);
		page.to.room = room;
		v1_open_sa(&writer, &page.to, &page.next_at);
		v1_open_proposal(&writer, 1, V1_PROTO_ESP, TEXT("spi!"));
		v1_put_transform(&writer, &transform, false);
		v1_close_proposal(&writer);
		v1_close_sa(&writer);
		assert_int_equal(page.to.has_failed, room < 33);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(phase_1_of_the_manuals_example_is_read),
		cmocka_unit_test(the_lifetime_example_of_rfc_2407_means_a_day_or_a_hundred_megabytes),
		cmocka_unit_test(ah_and_esp_of_one_number_stand_together),
		cmocka_unit_test(every_cut_of_an_sa_is_refused),
		cmocka_unit_test(attributes_cut_anywhere_are_refused),
		cmocka_unit_test(lengths_inside_an_sa_that_contradict_each_other_are_refused),
		cmocka_unit_test(doi_and_situation_that_are_not_spoken_are_told),
		cmocka_unit_test(an_isakmp_proposal_may_have_an_spi_of_up_to_16_bytes),
		cmocka_unit_test(an_ah_or_esp_proposal_has_an_spi_of_4_bytes),
		cmocka_unit_test(a_protocol_that_is_not_known_spoils_its_transforms_only),
		cmocka_unit_test(proposal_numbers_do_not_fall),
		cmocka_unit_test(sixteen_proposals_and_128_transforms_are_read_and_no_more),
		cmocka_unit_test(thirty_two_attributes_are_read_and_no_more),
		cmocka_unit_test(a_duration_may_have_any_length_and_saturates),
		cmocka_unit_test(a_duration_follows_its_type),
		cmocka_unit_test(the_same_twice_is_once_and_two_values_are_a_conflict),
		cmocka_unit_test(what_is_not_in_the_tables_spoils_the_transform_not_the_message),
		cmocka_unit_test(a_group_of_its_own_numbers_is_read_and_not_chosen),
		cmocka_unit_test(each_phase_has_its_own_numbers),
		cmocka_unit_test(an_sa_that_was_written_is_the_one_of_the_example),
		cmocka_unit_test(phase_1_is_written_with_phase_1s_numbers),
		cmocka_unit_test(what_a_responder_chose_goes_back_byte_by_byte),
		cmocka_unit_test(an_sa_that_cannot_be_written_fails)
	};

	return cmocka_run_group_tests_name("wire/v1_sa", tests, NULL, NULL);
}
