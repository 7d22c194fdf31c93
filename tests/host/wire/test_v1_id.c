// SPDX-License-Identifier: BSD-2-Clause-Patent
/* ID payloads, RFC 2407 §4.6.2. */
#include "make.h"

#define V6_A 0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
#define V6_B 0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7
#define ONES_4 255, 255, 255, 255
#define ZEROS_12 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0

static enum wire_err get(struct bytes body, struct v1_id *out)
{
	struct bytes exact = cut(body, body.len);
	enum wire_err err = v1_get_id(exact, out);

	cut_free(exact);
	return err;
}

static void an_id_is_read_field_by_field(void **state)
{
	struct v1_id id;

	(void)state;
	assert_int_equal(v1_get_id(BYTES(ID_IPV4, 17, 0x01, 0xf4, 192, 0, 2, 1), &id), WIRE_OK);
	assert_int_equal(id.type, ID_IPV4);
	assert_int_equal(id.proto, 17);
	assert_int_equal(id.port, 500);
	assert_same(id.data, BYTES(192, 0, 2, 1));
}

static void only_types_1_to_11_are_known(void **state)
{
	struct v1_id id;

	(void)state;
	for (unsigned type = 0; type < 256; type++) {
		enum wire_err err = get(BYTES((uint8_t)type, 0, 0, 0, 'a', '.', 'b'), &id);	/* good for names, too short for addresses */

		assert_int_equal(err == WIRE_VALUE, type < 1 || type > 11);
	}
}

static void an_address_has_its_families_length(void **state)
{
	static const struct { uint8_t type; size_t n; } cases[] = {
		{ ID_IPV4, 4 }, { ID_IPV4_SUBNET, 8 }, { ID_IPV4_RANGE, 8 }, { ID_IPV6, 16 }, { ID_IPV6_SUBNET, 32 }, { ID_IPV6_RANGE, 32 }
	};
	struct v1_id id;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (size_t n = 0; n <= 40; n++) {
			const uint8_t body[44] = { cases[i].type };

			assert_int_equal(get((struct bytes){ body, 4 + n }, &id), n == cases[i].n ? WIRE_OK : WIRE_LENGTH);
		}
}

static void an_id_cut_anywhere_is_refused(void **state)
{
	const struct bytes body = BYTES(ID_IPV4_SUBNET, 0, 0, 0, 10, 0, 0, 0, 255, 0, 0, 0);
	struct v1_id id;

	(void)state;
	for (size_t n = 0; n < body.len; n++)
		assert_int_equal(get((struct bytes){ body.at, n }, &id), n < 4 ? WIRE_SHORT : WIRE_LENGTH);
	assert_int_equal(get(body, &id), WIRE_OK);
}

static void a_name_or_key_id_is_not_empty(void **state)
{
	struct v1_id id;

	(void)state;
	for (uint8_t type = 1; type <= 11; type++) {
		bool is_addr = type == ID_IPV4 || (type >= ID_IPV4_SUBNET && type <= ID_IPV6_RANGE);

		assert_int_equal(get(BYTES(type, 0, 0, 0), &id), is_addr ? WIRE_LENGTH : WIRE_MISSING);
	}
}

static void a_name_holds_no_terminator_a_key_id_may(void **state)	/* RFC 2407 §4.6.2.3, §4.6.2.4 */
{
	struct v1_id id;

	(void)state;
	assert_int_equal(get(BYTES(ID_FQDN, 0, 0, 0, 'a', 0), &id), WIRE_VALUE);
	assert_int_equal(get(BYTES(ID_USER_FQDN, 0, 0, 0, 0, 'a'), &id), WIRE_VALUE);
	assert_int_equal(get(BYTES(ID_KEY_ID, 0, 0, 0, 0, 'a'), &id), WIRE_OK);
	assert_int_equal(get(BYTES(ID_FQDN, 0, 0, 0, 'a'), &id), WIRE_OK);
}

static void a_mask_is_ones_then_zeros(void **state)
{
	struct v1_id id;

	(void)state;
	for (unsigned bits = 0; bits < 65536; bits++) {
		const uint8_t body[] = { ID_IPV4_SUBNET, 0, 0, 0, 10, 1, 0, 0, 255, (uint8_t)(bits >> 8), (uint8_t)bits, 0 };
		bool is_mask = ((~bits & 0xffff) & ((~bits & 0xffff) + 1)) == 0;

		assert_int_equal(v1_get_id((struct bytes){ body, sizeof(body) }, &id), is_mask ? WIRE_OK : WIRE_VALUE);
	}
	assert_int_equal(get(BYTES(ID_IPV4_SUBNET, 0, 0, 0, 10, 0, 0, 1, ONES_4), &id), WIRE_OK);	/* nothing is looked for behind it */
	assert_int_equal(get(BYTES(ID_IPV6_SUBNET, 0, 0, 0, V6_A, ONES_4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1), &id), WIRE_VALUE);
}

static void a_range_does_not_fall(void **state)
{
	struct v1_id id;

	(void)state;
	assert_int_equal(get(BYTES(ID_IPV4_RANGE, 0, 0, 0, 10, 0, 0, 2, 10, 0, 0, 1), &id), WIRE_VALUE);
	assert_int_equal(get(BYTES(ID_IPV4_RANGE, 0, 0, 0, 10, 0, 0, 2, 10, 0, 0, 2), &id), WIRE_OK);
	assert_int_equal(get(BYTES(ID_IPV6_RANGE, 0, 0, 0, V6_B, V6_A), &id), WIRE_VALUE);
	assert_int_equal(get(BYTES(ID_IPV6_RANGE, 0, 0, 0, V6_A, V6_B), &id), WIRE_OK);
}

/* Each id with its prefix, "" if it has none, and its text. */
static const struct {
	uint8_t type;
	struct { uint8_t at[40]; size_t n; } data;
	uint8_t first[16];
	int plen;	/* -1: no prefix */
	const char *text;
} ids[] = {
	{ ID_IPV4, { { 192, 0, 2, 1 }, 4 }, { 192, 0, 2, 1 }, 32, "192.0.2.1" },
	{ ID_IPV4_SUBNET, { { 10, 0, 0, 0, 255, 0, 0, 0 }, 8 }, { 10 }, 8, "10.0.0.0/8" },
	{ ID_IPV4_SUBNET, { { 10, 1, 2, 3, 255, 255, 254, 0 }, 8 }, { 10, 1, 2, 0 }, 23, "10.1.2.3/23" },	/* host bits are cleared */
	{ ID_IPV4_SUBNET, { { 0 }, 8 }, { 0 }, 0, "0.0.0.0/0" },
	{ ID_IPV4_RANGE, { { 10, 1, 202, 0, 10, 1, 202, 255 }, 8 }, { 10, 1, 202 }, 24, "10.1.202.0-10.1.202.255" },
	{ ID_IPV4_RANGE, { { 10, 1, 202, 1, 10, 1, 202, 1 }, 8 }, { 10, 1, 202, 1 }, 32, "10.1.202.1-10.1.202.1" },
	{ ID_IPV4_RANGE, { { 0, 0, 0, 0, 255, 255, 255, 255 }, 8 }, { 0 }, 0, "0.0.0.0-255.255.255.255" },
	{ ID_IPV4_RANGE, { { 10, 1, 202, 0, 10, 1, 202, 254 }, 8 }, { 0 }, -1, "10.1.202.0-10.1.202.254" },
	{ ID_IPV4_RANGE, { { 10, 1, 202, 1, 10, 1, 202, 2 }, 8 }, { 0 }, -1, "10.1.202.1-10.1.202.2" },
	{ ID_IPV4_RANGE, { { 10, 1, 202, 1, 10, 1, 203, 0 }, 8 }, { 0 }, -1, "10.1.202.1-10.1.203.0" },
	{ ID_IPV6, { { V6_B }, 16 }, { V6_B }, 128, "2001:db8::7" },
	{ ID_IPV6_SUBNET, { { V6_A, ONES_4, ZEROS_12 }, 32 }, { V6_A }, 32, "2001:db8::/32" },
	{ ID_IPV6_RANGE, { { V6_A, V6_B }, 32 }, { V6_A }, 125, "2001:db8::-2001:db8::7" },
	{ ID_FQDN, { "office.example", 14 }, { 0 }, -1, "fqdn office.example" },
	{ ID_FQDN, { "a\x1b[2J \\\x7f", 8 }, { 0 }, -1, "fqdn a\\x1B[2J\\x20\\x5C\\x7F" },
	{ ID_USER_FQDN, { "piper@foo.bar.com", 17 }, { 0 }, -1, "user-fqdn piper@foo.bar.com" },
	{ ID_DN, { { 0x30, 0 }, 2 }, { 0 }, -1, "dn 0x3000" },
	{ ID_GN, { { 0x82, 1, 'a' }, 3 }, { 0 }, -1, "gn 0x820161" },
	{ ID_KEY_ID, { { 0, 0xff }, 2 }, { 0 }, -1, "key-id 0x00ff" }
};
enum { N_IDS = sizeof(ids) / sizeof(ids[0]) };

static struct v1_id nth(size_t i)
{
	return (struct v1_id){ .type = ids[i].type, .data = { ids[i].data.at, ids[i].data.n } };
}

static void addresses_subnets_and_fitting_ranges_are_prefixes(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_IDS; i++) {
		const struct v1_id id = nth(i);
		struct adit_addr addr;
		uint8_t plen = 0;

		assert_int_equal(v1_id_prefix(&id, &addr, &plen), ids[i].plen >= 0);
		if (ids[i].plen < 0)
			continue;
		assert_int_equal(plen, ids[i].plen);
		assert_memory_equal(addr.bytes, ids[i].first, 16);
		assert_int_equal(addr.is_v6, id.type == ID_IPV6 || id.type == ID_IPV6_SUBNET || id.type == ID_IPV6_RANGE);
	}
}

static void an_id_that_was_not_read_has_no_prefix(void **state)
{
	struct adit_addr addr;
	uint8_t plen;

	(void)state;
	for (unsigned type = 0; type < 256; type++) {
		const struct v1_id id = { .type = (uint8_t)type, .data = BYTES(1, 2, 3) };
		char text[64];

		assert_false(v1_id_prefix(&id, &addr, &plen));
		v1_id_text(&id, text, sizeof(text));
		assert_int_not_equal(text[0], 0);
	}
}

static void an_id_has_a_text_for_people_without_a_terminals_tricks(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_IDS; i++) {
		const struct v1_id id = nth(i);
		char text[128];

		v1_id_text(&id, text, sizeof(text));
		assert_string_equal(text, ids[i].text);
	}
}

static void a_text_is_cut_where_its_room_ends(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_IDS; i++) {
		const struct v1_id id = nth(i);

		for (size_t room = 0; room <= strlen(ids[i].text) + 1; room++) {
			char *text = malloc(room + !room);

			v1_id_text(&id, text, room);
			if (room) {
				assert_memory_equal(text, ids[i].text, strlen(text));
				assert_true(strlen(text) < room);
			}
			free(text);
		}
	}
}

static void an_id_that_was_written_is_read_back(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_IDS; i++) {
		struct v1_id id = nth(i), back;
		struct page page;

		id.proto = 6;
		id.port = 0x1234;
		page_open(&page);
		v1_put_id(&page.to, &page.next_at, &id);
		assert_int_equal(v1_get_id(page_body(&page, P_ID), &back), WIRE_OK);
		assert_true(back.type == id.type && back.proto == 6 && back.port == 0x1234);
		assert_same(back.data, id.data);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_id_is_read_field_by_field),
		cmocka_unit_test(only_types_1_to_11_are_known),
		cmocka_unit_test(an_address_has_its_families_length),
		cmocka_unit_test(an_id_cut_anywhere_is_refused),
		cmocka_unit_test(a_name_or_key_id_is_not_empty),
		cmocka_unit_test(a_name_holds_no_terminator_a_key_id_may),
		cmocka_unit_test(a_mask_is_ones_then_zeros),
		cmocka_unit_test(a_range_does_not_fall),
		cmocka_unit_test(addresses_subnets_and_fitting_ranges_are_prefixes),
		cmocka_unit_test(an_id_that_was_not_read_has_no_prefix),
		cmocka_unit_test(an_id_has_a_text_for_people_without_a_terminals_tricks),
		cmocka_unit_test(a_text_is_cut_where_its_room_ends),
		cmocka_unit_test(an_id_that_was_written_is_read_back)
	};

	return cmocka_run_group_tests_name("wire/v1_id", tests, NULL, NULL);
}
