// SPDX-License-Identifier: BSD-2-Clause-Patent
/* The SA payload of version 2, RFC 7296 §3.3, RFC 9370 §2.2. */
#include "make.h"
#include "wire/ikev2.h"

#define SPI 0xc0, 0xff, 0xee, 1
/* §3.3.2, §3.3.5: a transform with a key length, one without */
#define AES_CBC_256(more) more, 0, 0, 12, 1, 0, 0, 12, 0x80, 14, 1, 0
#define PLAIN(more, type, id) more, 0, 0, 8, type, 0, 0, id
#define ESP_ONE 0, 0, 0, 40, 1, 3, 4, 3, SPI, AES_CBC_256(3), PLAIN(3, 3, 12), PLAIN(0, 5, 1)

static struct v2_sa sa;

static enum wire_err sa_err(struct bytes body)
{
	struct bytes exact = cut(body, body.len);
	enum wire_err err = v2_get_sa(exact, &sa);

	cut_free(exact);
	return err;
}

static void a_proposal_is_read_field_by_field(void **state)
{
	const struct bytes body = BYTES(ESP_ONE);

	(void)state;
	assert_int_equal(v2_get_sa(body, &sa), WIRE_OK);
	assert_int_equal(sa.n_proposals, 1);
	assert_int_equal(sa.n_transforms, 3);
	assert_true(sa.proposals[0].number == 1 && sa.proposals[0].protocol == V2_PROTO_ESP && sa.proposals[0].n == 3);
	assert_false(sa.proposals[0].is_unusable);
	assert_same(sa.proposals[0].spi, BYTES(SPI));
	assert_same(sa.proposals[0].whole, body);
	assert_true(sa.transforms[0].type == V2_ENCR && sa.transforms[0].id == V2_ENCR_AES_CBC && sa.transforms[0].key_bits == 256);
	assert_true(sa.transforms[1].type == V2_INTEG && sa.transforms[1].id == V2_INTEG_SHA256_128 && sa.transforms[1].key_bits == 0);
	assert_true(sa.transforms[2].type == V2_ESN && sa.transforms[2].id == 1);
	assert_false(sa.transforms[0].is_unusable || sa.transforms[1].is_unusable || sa.transforms[2].is_unusable);
}

static void an_sa_cut_anywhere_is_refused(void **state)
{
	const struct bytes body = BYTES(2, 0, 0, 16, 1, 1, 0, 1, PLAIN(0, 2, 5), 0, 0, 0, 40, 2, 3, 4, 3, SPI, AES_CBC_256(3), PLAIN(3, 3, 12),
					PLAIN(0, 5, 1));

	(void)state;
	for (size_t n = 0; n < body.len; n++)
		assert_int_equal(sa_err((struct bytes){ body.at, n }), WIRE_SHORT);
	assert_int_equal(sa_err(body), WIRE_OK);
}

static void every_length_that_is_wrong_is_refused(void **state)
{
	uint8_t body[] = { ESP_ONE };
	static const size_t lengths[] = { 3, 15, 27, 35 };	/* of the proposal and of each transform */

	(void)state;
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++)
		for (unsigned value = 0; value < 256; value++) {
			const uint8_t was = body[lengths[i]];

			body[lengths[i]] = (uint8_t)value;
			assert_int_equal(sa_err((struct bytes){ body, sizeof(body) }) == WIRE_OK, value == was);
			body[lengths[i]] = was;
		}
}

static void what_follows_is_said_rightly(void **state)
{
	(void)state;
	assert_int_equal(sa_err(BYTES(1, 0, 0, 16, 1, 1, 0, 1, PLAIN(0, 2, 5))), WIRE_NEXT);
	assert_int_equal(sa_err(BYTES(3, 0, 0, 16, 1, 1, 0, 1, PLAIN(0, 2, 5))), WIRE_NEXT);
	assert_int_equal(sa_err(BYTES(0, 0, 0, 16, 1, 1, 0, 1, PLAIN(2, 2, 5))), WIRE_NEXT);
	assert_int_equal(sa_err(BYTES(0, 0, 0, 16, 1, 1, 0, 1, PLAIN(3, 2, 5))), WIRE_NEXT);			/* announces one more */
	assert_int_equal(sa_err(BYTES(0, 0, 0, 24, 1, 1, 0, 2, PLAIN(0, 2, 5), PLAIN(0, 3, 5))), WIRE_NEXT);	/* one more than announced */
	assert_int_equal(sa_err(BYTES(0, 0, 0, 24, 1, 1, 0, 1, PLAIN(0, 2, 5), PLAIN(0, 3, 5))), WIRE_LENGTH);
	assert_int_equal(sa_err(BYTES(2, 0, 0, 16, 1, 1, 0, 1, PLAIN(0, 2, 5))), WIRE_SHORT);
	assert_int_equal(sa_err(BYTES(0, 0, 0, 16, 1, 1, 0, 1, PLAIN(0, 2, 5), 0)), WIRE_LENGTH);
	assert_int_equal(sa_err(NONE), WIRE_SHORT);
}

static void reserved_fields_are_ignored(void **state)	/* §2.5 */
{
	(void)state;
	assert_int_equal(sa_err(BYTES(0, 0xff, 0, 16, 1, 1, 0, 1, 0, 0xff, 0, 8, 2, 0xff, 0, 5)), WIRE_OK);
	assert_true(sa.transforms[0].type == V2_PRF && sa.transforms[0].id == 5 && !sa.transforms[0].is_unusable);
}

static void numbers_rise_by_one_from_one_and_a_response_has_any(void **state)	/* §3.3.1 */
{
	(void)state;
	for (unsigned first = 0; first < 256; first++) {
		assert_int_equal(sa_err(BYTES(0, 0, 0, 16, (uint8_t)first, 1, 0, 1, PLAIN(0, 2, 5))), first ? WIRE_OK : WIRE_VALUE);
		for (unsigned second = 0; second < 4; second++)
			assert_int_equal(sa_err(BYTES(2, 0, 0, 16, (uint8_t)first, 1, 0, 1, PLAIN(0, 2, 5),
						      0, 0, 0, 16, (uint8_t)second, 1, 0, 1, PLAIN(0, 2, 5))),
					 first == 1 && second == 2 ? WIRE_OK : WIRE_VALUE);
	}
}

static void an_spi_has_the_length_of_its_protocol(void **state)
{
	(void)state;
	for (unsigned protocol = 0; protocol < 8; protocol++)
		for (unsigned n = 0; n <= 16; n++) {
			uint8_t body[8 + 16 + 8] = { 0, 0, 0, (uint8_t)(16 + n), 1, (uint8_t)protocol, (uint8_t)n, 1 };
			const uint8_t transform[] = { PLAIN(0, 2, 5) };
			const bool is_good = protocol == 1 ? n == 0 || n == 8 : protocol == 2 || protocol == 3 ? n == 4 : true;

			memcpy(body + 8 + n, transform, sizeof(transform));
			assert_int_equal(sa_err((struct bytes){ body, 16 + n }), is_good ? WIRE_OK : WIRE_LENGTH);
			if (is_good)	/* §3.3.6: those that are not known cannot be chosen */
				assert_int_equal(sa.proposals[0].is_unusable, protocol < 1 || protocol > 3);
		}
}

static void a_type_that_is_not_known_spoils_its_proposal_and_no_other(void **state)	/* §3.3.6 */
{
	(void)state;
	for (unsigned type = 0; type < 256; type++) {
		assert_int_equal(sa_err(BYTES(2, 0, 0, 24, 1, 1, 0, 2, PLAIN(3, 2, 5), PLAIN(0, (uint8_t)type, 1),
					      0, 0, 0, 16, 2, 1, 0, 1, PLAIN(0, 2, 5))), WIRE_OK);
		assert_int_equal(sa.proposals[0].is_unusable, type < 1 || type > 12);	/* ADDKE1 .. ADDKE7: RFC 9370 */
		assert_false(sa.proposals[1].is_unusable);
	}
	assert_int_equal(sa_err(BYTES(0, 0, 0, 8, 1, 1, 0, 0)), WIRE_OK);
	assert_true(sa.proposals[0].is_unusable && sa.proposals[0].n == 0);
}

static void an_attribute_that_is_not_known_spoils_its_transform_and_no_other(void **state)	/* §3.3.6 */
{
	static const struct { struct bytes attributes; bool is_unusable; uint16_t key_bits; } rows[] = {
		{ { (const uint8_t *)"\x80\x0e\x00\x80", 4 }, false, 128 },
		{ { (const uint8_t *)"\x80\x0e\x00\x80\x80\x0e\x00\x80", 8 }, false, 128 },
		{ { (const uint8_t *)"\x80\x0e\x00\x80\x80\x0e\x01\x00", 8 }, true, 128 },	/* said twice, differently */
		{ { (const uint8_t *)"\x80\x0e\x00\x00", 4 }, true, 0 },
		{ { (const uint8_t *)"\x80\x0d\x00\x80", 4 }, true, 0 },
		{ { (const uint8_t *)"\x80\x00\x00\x80", 4 }, true, 0 },
		{ { (const uint8_t *)"\x00\x0e\x00\x02\x00\x80", 6 }, true, 0 },		/* §3.3.5: it has the short form */
		{ { (const uint8_t *)"\x00\x63\x00\x00\x80\x0e\x00\x80", 8 }, true, 128 },
		{ { (const uint8_t *)"\x00\x63\x00\x03xyz", 7 }, true, 0 }
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const size_t n = rows[i].attributes.len;
		uint8_t body[64] = { 0, 0, 0, (uint8_t)(24 + n), 1, 1, 0, 2, 3, 0, 0, (uint8_t)(8 + n), 1, 0, 0, 12 };
		const uint8_t other[] = { PLAIN(0, 2, 5) };

		memcpy(body + 16, rows[i].attributes.at, n);
		memcpy(body + 16 + n, other, sizeof(other));
		assert_int_equal(sa_err((struct bytes){ body, 24 + n }), WIRE_OK);
		assert_int_equal(sa.transforms[0].is_unusable, rows[i].is_unusable);
		assert_int_equal(sa.transforms[0].key_bits, rows[i].key_bits);
		assert_false(sa.transforms[1].is_unusable || sa.proposals[0].is_unusable);
	}
	assert_int_equal(sa_err(BYTES(0, 0, 0, 20, 1, 1, 0, 1, 0, 0, 0, 12, 1, 0, 0, 12, 0, 14, 0, 9)), WIRE_SHORT);
	assert_int_equal(sa_err(BYTES(0, 0, 0, 18, 1, 1, 0, 1, 0, 0, 0, 10, 1, 0, 0, 12, 0x80, 14)), WIRE_SHORT);
}

static void sixty_four_proposals_and_256_transforms_are_read_and_no_more(void **state)
{
	static uint8_t room[65000];

	(void)state;
	for (unsigned n = 60; n <= 70; n++) {
		for (unsigned per = 1; per <= 6; per++) {
			struct writer to = { room, sizeof(room), 0, false };
			struct v2_sa_writer out;
			size_t next_at = 0;
			enum wire_err want = n > 64 ? WIRE_MANY : n * per > 256 ? WIRE_MANY : WIRE_OK;

			put_u8(&to, 0);
			v2_open_sa(&out, &to, &next_at);
			for (unsigned i = 1; i <= n; i++) {
				v2_open_proposal(&out, (uint8_t)i, V2_PROTO_IKE, NONE);
				for (unsigned j = 0; j < per; j++)
					v2_put_transform(&out, V2_PRF, 5, 0);
				v2_close_proposal(&out);
			}
			v2_close_sa(&out);
			assert_int_equal(v2_get_sa((struct bytes){ room + 5, to.len - 5 }, &sa), want);
		}
	}
}

static void an_sa_that_was_written_is_read_back(void **state)
{
	struct v2_sa_writer out;
	struct page page;

	(void)state;
	page_open(&page);
	v2_open_sa(&out, &page.to, &page.next_at);
	v2_open_proposal(&out, 1, V2_PROTO_IKE, BYTES(1, 2, 3, 4, 5, 6, 7, 8));
	v2_put_transform(&out, V2_ENCR, V2_ENCR_GCM_16, 128);
	v2_put_transform(&out, V2_PRF, V2_PRF_SHA256, 0);
	v2_put_transform(&out, V2_KE, 31, 0);
	v2_put_transform(&out, V2_ADDKE1, 36, 0);
	v2_close_proposal(&out);
	v2_open_proposal(&out, 2, V2_PROTO_ESP, BYTES(SPI));
	v2_put_transform(&out, V2_ENCR, V2_ENCR_AES_CBC, 256);
	v2_put_transform(&out, V2_ESN, 0, 0);
	v2_close_proposal(&out);
	v2_close_sa(&out);
	assert_int_equal(v2_get_sa(page_body(&page, P2_SA), &sa), WIRE_OK);
	assert_int_equal(sa.n_proposals, 2);
	assert_int_equal(sa.n_transforms, 6);
	assert_int_equal(sa.proposals[0].spi.len, 8);
	assert_true(sa.transforms[0].id == V2_ENCR_GCM_16 && sa.transforms[0].key_bits == 128);
	assert_true(sa.transforms[3].type == V2_ADDKE1 && sa.transforms[3].id == 36);
	assert_true(sa.proposals[1].first == 4 && sa.proposals[1].n == 2 && sa.proposals[1].number == 2);
	assert_true(sa.transforms[4].key_bits == 256 && sa.transforms[5].key_bits == 0);
	assert_false(sa.proposals[0].is_unusable || sa.proposals[1].is_unusable);
}

static void an_sa_for_which_there_is_no_room_fails(void **state)
{
	(void)state;
	for (size_t n = 0; n < 1 + 4 + 12 + 12; n++) {
		uint8_t *room = malloc(n + !n);
		struct writer to = { room, n, 0, false };
		struct v2_sa_writer out;
		size_t next_at = 0;

		put_u8(&to, 0);
		v2_open_sa(&out, &to, &next_at);
		v2_open_proposal(&out, 1, V2_PROTO_ESP, BYTES(SPI));
		v2_put_transform(&out, V2_ENCR, V2_ENCR_AES_CBC, 128);
		v2_close_proposal(&out);
		v2_close_sa(&out);
		assert_true(to.has_failed);
		free(room);
	}
}

static void transforms_have_ianas_names(void **state)
{
	(void)state;
	assert_string_equal(v2_transform_type_name(V2_ADDKE7), "ADDKE7");
	assert_null(v2_transform_type_name(0));
	assert_null(v2_transform_type_name(13));
	assert_string_equal(v2_transform_name(V2_ENCR, 20), "AES_GCM_16");
	assert_string_equal(v2_transform_name(V2_PRF, 4), "AES128_XCBC");
	assert_string_equal(v2_transform_name(V2_INTEG, 12), "HMAC_SHA2_256_128");
	assert_string_equal(v2_transform_name(V2_KE, 32), "CURVE448");
	assert_string_equal(v2_transform_name(V2_ADDKE1, 36), "ML_KEM_768");
	assert_string_equal(v2_transform_name(V2_KE, 0), "NONE");
	assert_string_equal(v2_transform_name(V2_ESN, 0), "NO_ESN");
	assert_null(v2_transform_name(V2_ENCR, 99));
	assert_null(v2_transform_name(77, 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_proposal_is_read_field_by_field),
		cmocka_unit_test(an_sa_cut_anywhere_is_refused),
		cmocka_unit_test(every_length_that_is_wrong_is_refused),
		cmocka_unit_test(what_follows_is_said_rightly),
		cmocka_unit_test(reserved_fields_are_ignored),
		cmocka_unit_test(numbers_rise_by_one_from_one_and_a_response_has_any),
		cmocka_unit_test(an_spi_has_the_length_of_its_protocol),
		cmocka_unit_test(a_type_that_is_not_known_spoils_its_proposal_and_no_other),
		cmocka_unit_test(an_attribute_that_is_not_known_spoils_its_transform_and_no_other),
		cmocka_unit_test(sixty_four_proposals_and_256_transforms_are_read_and_no_more),
		cmocka_unit_test(an_sa_that_was_written_is_read_back),
		cmocka_unit_test(an_sa_for_which_there_is_no_room_fails),
		cmocka_unit_test(transforms_have_ianas_names)
	};

	return cmocka_run_group_tests_name("wire/v2_sa", tests, NULL, NULL);
}
