// SPDX-License-Identifier: BSD-2-Clause-Patent
/* Header and chain of payloads, RFC 2408 §3.1, §3.2, §5.1 - §5.3. */
#include "make.h"

#define I_COOKIE 1, 2, 3, 4, 5, 6, 7, 8
#define R_COOKIE 9, 10, 11, 12, 13, 14, 15, 16
/* Main mode, version 1.0, message ID 0 */
#define HEADER(next, flags, length) I_COOKIE, R_COOKIE, next, 0x10, X_MAIN, flags, 0, 0, 0, 0, 0, 0, 0, length

static enum wire_err get_message(struct bytes datagram, bool is_decrypted, struct isakmp_message *message, uint8_t *bad_type)
{
	struct isakmp_header header;
	struct bytes rest;
	enum wire_err err = isakmp_get_header(datagram, &header, &rest);

	return err == WIRE_OK ? isakmp_get_payloads(&header, rest, is_decrypted, message, bad_type) : err;
}

static enum wire_err chain_err(uint8_t first, struct bytes rest, bool is_decrypted, uint8_t *bad_type)
{
	static struct isakmp_message message;
	const struct isakmp_header header = { .next = first, .version = 0x10 };
	struct bytes exact = cut(rest, rest.len);
	enum wire_err err = isakmp_get_payloads(&header, exact, is_decrypted, &message, bad_type);

	cut_free(exact);
	return err;
}

static void the_header_is_read_field_by_field(void **state)
{
	struct isakmp_header header;
	struct bytes rest;

	(void)state;
	assert_int_equal(isakmp_get_header(BYTES(I_COOKIE, R_COOKIE, 5, 0x10, 32, 3, 0xa1, 0xa2, 0xa3, 0xa4, 0, 0, 0, 30, 0xee, 0xef),
					   &header, &rest), WIRE_OK);
	assert_memory_equal(header.icookie, "\1\2\3\4\5\6\7\10", 8);
	assert_memory_equal(header.rcookie, "\11\12\13\14\15\16\17\20", 8);
	assert_int_equal(header.next, P_ID);
	assert_int_equal(header.version, 0x10);
	assert_int_equal(header.exchange, X_QUICK);
	assert_int_equal(header.flags, ISAKMP_ENCRYPTED | ISAKMP_COMMIT);
	assert_int_equal(header.message_id, 0xa1a2a3a4);
	assert_int_equal(header.length, 30);
	assert_same(rest, BYTES(0xee, 0xef));
}

static void the_headers_length_is_that_of_the_datagram(void **state)	/* RFC 2408 §5.1: MUST be rejected */
{
	struct isakmp_header header;
	struct bytes rest;

	(void)state;
	assert_int_equal(isakmp_get_header(BYTES(HEADER(8, 0, 29)), &header, &rest), WIRE_SHORT);
	assert_int_equal(isakmp_get_header(BYTES(HEADER(8, 0, 27)), &header, &rest), WIRE_LENGTH);
	assert_int_equal(isakmp_get_header(BYTES(HEADER(8, 0, 28), 0), &header, &rest), WIRE_LENGTH);
	assert_int_equal(isakmp_get_header(BYTES(HEADER(8, 0, 28)), &header, &rest), WIRE_OK);
}

static void of_versions_one_point_zero_and_two_are_spoken(void **state)
{
	(void)state;
	for (unsigned version = 0; version < 256; version++) {
		struct isakmp_header header;
		struct bytes rest;
		enum wire_err err = isakmp_get_header(BYTES(I_COOKIE, R_COOKIE, 1, (uint8_t)version, 2, 0, 0, 0, 0, 0, 0, 0, 0, 28), &header, &rest);

		assert_int_equal(err, version == 0x10 || version >> 4 == 2 ? WIRE_OK : WIRE_VERSION);
		assert_int_equal(header.version, version);
	}
}

static void version_one_knows_three_flags(void **state)
{
	(void)state;
	for (unsigned flags = 0; flags < 256; flags++) {
		struct isakmp_header header;
		struct bytes rest;

		assert_int_equal(isakmp_get_header(BYTES(HEADER(1, (uint8_t)flags, 28)), &header, &rest), flags < 8 ? WIRE_OK : WIRE_FLAGS);
	}
}

static void a_chain_is_read_payload_by_payload(void **state)
{
	static struct isakmp_message message;
	const struct bytes datagram = BYTES(HEADER(4, 0, 28 + 6 + 4 + 5), 10, 0, 0, 6, 0xaa, 0xbb, 4, 0, 0, 4, 0, 0, 0, 5, 0xcc);
	uint8_t bad_type;

	(void)state;
	assert_int_equal(get_message(datagram, false, &message, &bad_type), WIRE_OK);
	assert_int_equal(message.n, 3);
	assert_int_equal(message.payloads[0].type, P_KE);
	assert_int_equal(message.payloads[1].type, P_NONCE);
	assert_int_equal(message.payloads[2].type, P_KE);
	assert_same(message.payloads[0].body, BYTES(0xaa, 0xbb));
	assert_same(message.payloads[0].whole, BYTES(10, 0, 0, 6, 0xaa, 0xbb));
	assert_same(message.payloads[1].body, NONE);
	assert_same(message.payloads[2].body, BYTES(0xcc));
	assert_same(message.chain, (struct bytes){ datagram.at + 28, datagram.len - 28 });
	assert_ptr_equal(isakmp_find(&message, P_KE, 0), &message.payloads[0]);
	assert_ptr_equal(isakmp_find(&message, P_KE, 1), &message.payloads[2]);
	assert_null(isakmp_find(&message, P_KE, 2));
	assert_null(isakmp_find(&message, P_ID, 0));
	assert_int_equal(isakmp_count(&message, P_KE), 2);
	assert_int_equal(isakmp_count(&message, P_HASH), 0);
	/* a shorter one in the same memory: what stood there before is gone */
	assert_int_equal(get_message(BYTES(HEADER(4, 0, 32), 0, 0, 0, 4), false, &message, &bad_type), WIRE_OK);
	assert_int_equal(isakmp_count(&message, P_KE), 1);
	assert_int_equal(isakmp_count(&message, P_NONCE), 0);
	assert_null(isakmp_find(&message, P_NONCE, 0));
}

static void a_message_cut_anywhere_is_refused(void **state)
{
	static struct isakmp_message message;
	const struct bytes datagram = BYTES(HEADER(4, 0, 28 + 6 + 4 + 5), 10, 0, 0, 6, 0xaa, 0xbb, 4, 0, 0, 4, 0, 0, 0, 5, 0xcc);
	uint8_t bad_type;

	(void)state;
	for (size_t n = 0; n < datagram.len; n++) {
		struct bytes part = cut(datagram, n);

		assert_int_equal(get_message(part, false, &message, &bad_type), WIRE_SHORT);
		cut_free(part);
	}
	for (size_t n = 28; n < datagram.len; n++)	/* and behind a header that lies */
		assert_int_equal(chain_err(4, (struct bytes){ datagram.at + 28, n - 28 }, n % 2, &bad_type), WIRE_SHORT);
}

static void the_error_says_which_payload_it_is_about(void **state)
{
	uint8_t bad_type = 0;

	(void)state;
	assert_int_equal(chain_err(P_NONCE, BYTES(5, 0, 0, 4, 0, 1, 0, 4), false, &bad_type), WIRE_RESERVED);	/* §5.3 (2) */
	assert_int_equal(bad_type, P_ID);
	assert_int_equal(chain_err(P_NONCE, BYTES(5, 0, 0, 4, 0, 0, 0, 3), false, &bad_type), WIRE_LENGTH);
	assert_int_equal(bad_type, P_ID);
	assert_int_equal(chain_err(P_NONCE, BYTES(5, 0, 0, 4, 0, 0, 0, 0), false, &bad_type), WIRE_LENGTH);	/* no endless chain */
	assert_int_equal(bad_type, P_ID);
	assert_int_equal(chain_err(P_NONCE, BYTES(99, 0, 0, 4, 0, 0, 0, 4), false, &bad_type), WIRE_NEXT);
	assert_int_equal(bad_type, 99);
	assert_int_equal(chain_err(P_SIG, BYTES(0, 0, 0, 9, 1), false, &bad_type), WIRE_SHORT);
	assert_int_equal(bad_type, P_SIG);
}

static void only_payloads_of_version_one_stand_in_a_message(void **state)	/* §5.3 (1) */
{
	static const uint8_t good[] = { 1, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 20, 21, 130, 131, 132 };
	uint8_t bad_type;

	(void)state;
	for (unsigned type = 1; type < 256; type++) {
		bool is_good = memchr(good, (int)type, sizeof(good)) != NULL;

		assert_int_equal(chain_err((uint8_t)type, BYTES(0, 0, 0, 4), false, &bad_type), is_good ? WIRE_OK : WIRE_NEXT);
		assert_int_equal(chain_err(P_HASH, BYTES((uint8_t)type, 0, 0, 4, 0, 0, 0, 4), true, &bad_type), is_good ? WIRE_OK : WIRE_NEXT);
	}
	assert_int_equal(chain_err(P_NONE, NONE, false, &bad_type), WIRE_MISSING);
}

static void a_chain_of_version_two_is_not_read_here(void **state)
{
	static struct isakmp_message message;
	const struct isakmp_header header = { .next = 33, .version = 0x20 };
	uint8_t bad_type;

	(void)state;
	assert_int_equal(isakmp_get_payloads(&header, BYTES(0, 0, 0, 4), false, &message, &bad_type), WIRE_VERSION);
}

static void padding_may_follow_a_decrypted_chain_only(void **state)
{
	static uint8_t rest[4 + 353] = { 0, 0, 0, 4 };
	static struct isakmp_message message;
	const struct isakmp_header header = { .next = P_HASH, .version = 0x10 };
	uint8_t bad_type;

	(void)state;
	memset(rest + 4, 0x5a, sizeof(rest) - 4);
	for (size_t n = 0; n < sizeof(rest) - 4; n++) {
		assert_int_equal(chain_err(P_HASH, (struct bytes){ rest, 4 + n }, false, &bad_type), n ? WIRE_LENGTH : WIRE_OK);
		assert_int_equal(isakmp_get_payloads(&header, (struct bytes){ rest, 4 + n }, true, &message, &bad_type), WIRE_OK);
		assert_int_equal(message.chain.len, 4);
	}
	assert_int_equal(chain_err(P_HASH, (struct bytes){ rest, sizeof(rest) }, true, &bad_type), WIRE_LENGTH);
}

static void a_clear_chain_may_be_filled_with_zeros_to_a_multiple_of_four(void **state)	/* as libreswan does */
{
	static const uint8_t rest[4 + 4] = { 0, 0, 0, 4 };
	uint8_t bad_type;

	(void)state;
	for (size_t n = 0; n <= 4; n++)
		assert_int_equal(chain_err(P_HASH, (struct bytes){ rest, 4 + n }, false, &bad_type), n < 4 ? WIRE_OK : WIRE_LENGTH);
}

static void forty_eight_payloads_are_read_and_no_more(void **state)
{
	static const uint8_t link[] = { P_VID, 0, 0, 4 };
	uint8_t rest[49 * 4], bad_type;

	(void)state;
	for (unsigned n = 1; n <= 49; n++) {
		for (unsigned i = 0; i < n; i++)
			memcpy(rest + 4 * i, link, sizeof(link));
		rest[4 * (n - 1)] = P_NONE;
		assert_int_equal(chain_err(P_VID, (struct bytes){ rest, n * 4 }, false, &bad_type), n <= 48 ? WIRE_OK : WIRE_MANY);
	}
}

static void a_message_that_was_built_is_read_back(void **state)
{
	static struct isakmp_message message;
	const struct isakmp_header header = { .icookie = { I_COOKIE }, .rcookie = { R_COOKIE }, .version = 0x10, .exchange = X_INFORMATIONAL,
					      .flags = ISAKMP_ENCRYPTED, .message_id = 0xfeedbeef };
	uint8_t room[256], bad_type;
	struct writer to = { room, sizeof(room), 0, false };
	size_t next_at, began_at;

	(void)state;
	isakmp_open(&to, &header, &next_at);
	isakmp_put(&to, &next_at, P_HASH, "hash", 4);
	began_at = isakmp_begin(&to, &next_at, P_VID);
	put_u16(&to, 0x1234);
	isakmp_end(&to, began_at);
	isakmp_put(&to, &next_at, P_NONCE, NULL, 0);
	isakmp_close(&to, 10);
	assert_false(to.has_failed);
	assert_int_equal(to.len, 28 + 8 + 6 + 4 + 10);
	assert_int_equal(get_message((struct bytes){ room, to.len }, true, &message, &bad_type), WIRE_OK);
	assert_memory_equal(message.header.icookie, header.icookie, 8);
	assert_memory_equal(message.header.rcookie, header.rcookie, 8);
	assert_int_equal(message.header.message_id, 0xfeedbeef);
	assert_int_equal(message.header.length, to.len);
	assert_int_equal(message.header.flags, ISAKMP_ENCRYPTED);
	assert_int_equal(message.n, 3);
	assert_same(message.payloads[0].body, TEXT("hash"));
	assert_same(message.payloads[1].body, BYTES(0x12, 0x34));
	assert_int_equal(message.payloads[2].type, P_NONCE);
	assert_int_equal(message.chain.len, 18);
}

static void a_message_for_which_there_is_no_room_fails_and_writes_nothing_beyond(void **state)
{
	const struct isakmp_header header = { .version = 0x10 };

	(void)state;
	for (size_t room_bytes = 0; room_bytes < 28 + 8 + 4; room_bytes++) {
		uint8_t *room = malloc(room_bytes + !room_bytes);
		struct writer to = { room, room_bytes, 0, false };
		size_t next_at;

		isakmp_open(&to, &header, &next_at);
		isakmp_put(&to, &next_at, P_HASH, "hash", 4);
		isakmp_close(&to, 4);
		assert_true(to.has_failed);
		free(room);
	}
}

static void a_payload_of_64_kib_and_a_message_too_long_for_udp_cannot_be_written(void **state)
{
	static uint8_t room[70000], body[65532];
	struct writer to = { room, sizeof(room), 0, false };
	const struct isakmp_header header = { .version = 0x10 };
	size_t next_at;

	(void)state;
	isakmp_open(&to, &header, &next_at);
	isakmp_put(&to, &next_at, P_CERT, body, sizeof(body) - 1);
	assert_false(to.has_failed);
	isakmp_close(&to, 0);	/* a datagram holds less */
	assert_true(to.has_failed);
	to = (struct writer){ room, sizeof(room), 0, false };
	isakmp_open(&to, &header, &next_at);
	isakmp_close(&to, ISAKMP_MAX_BYTES - ISAKMP_HEADER_BYTES);
	assert_false(to.has_failed);
	to = (struct writer){ room, sizeof(room), 0, false };
	isakmp_open(&to, &header, &next_at);
	isakmp_put(&to, &next_at, P_CERT, body, sizeof(body));
	assert_true(to.has_failed);
}

static void a_message_begins_where_its_buffer_does(void **state)
{
	uint8_t room[64];
	struct writer to = { room, sizeof(room), 4, false };
	const struct isakmp_header header = { .version = 0x10 };
	size_t next_at;

	(void)state;
	isakmp_open(&to, &header, &next_at);
	assert_true(to.has_failed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_header_is_read_field_by_field),
		cmocka_unit_test(the_headers_length_is_that_of_the_datagram),
		cmocka_unit_test(of_versions_one_point_zero_and_two_are_spoken),
		cmocka_unit_test(version_one_knows_three_flags),
		cmocka_unit_test(a_chain_is_read_payload_by_payload),
		cmocka_unit_test(a_message_cut_anywhere_is_refused),
		cmocka_unit_test(the_error_says_which_payload_it_is_about),
		cmocka_unit_test(only_payloads_of_version_one_stand_in_a_message),
		cmocka_unit_test(a_chain_of_version_two_is_not_read_here),
		cmocka_unit_test(padding_may_follow_a_decrypted_chain_only),
		cmocka_unit_test(a_clear_chain_may_be_filled_with_zeros_to_a_multiple_of_four),
		cmocka_unit_test(forty_eight_payloads_are_read_and_no_more),
		cmocka_unit_test(a_message_that_was_built_is_read_back),
		cmocka_unit_test(a_message_for_which_there_is_no_room_fails_and_writes_nothing_beyond),
		cmocka_unit_test(a_payload_of_64_kib_and_a_message_too_long_for_udp_cannot_be_written),
		cmocka_unit_test(a_message_begins_where_its_buffer_does)
	};

	return cmocka_run_group_tests_name("wire/isakmp", tests, NULL, NULL);
}
