// SPDX-License-Identifier: BSD-2-Clause-Patent
#include <stdlib.h>
#include <string.h>

#include "net/local.h"
#include "room_test.h"

static const struct local local = { .mac = { 2, 0, 0, 0, 0, 9 }, .addrs = { { .bytes = { 192, 0, 2, 1 } } }, .n_addrs = 1 };

static const uint8_t arp[60] = {
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 7, 0x08, 0x06,
	0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 0, 7, 192, 0, 2, 77, 0, 0, 0, 0, 0, 0, 192, 0, 2, 1
};

/* From scapy: echo request 192.0.2.77 -> 192.0.2.1, 10 bytes of data, checksums right. */
static const uint8_t echo[] = {
	2, 0, 0, 0, 0, 9, 2, 0, 0, 0, 0, 7, 0x08, 0x00,
	0x45, 0, 0, 38, 0x12, 0x34, 0x40, 0, 33, 1, 0xc3, 0x54, 192, 0, 2, 77, 192, 0, 2, 1,
	8, 0, 0x18, 0xef, 0xbe, 0xef, 0, 1, 'h', 'e', 'l', 'l', 'o', 'w', 'o', 'r', 'l', 'd'
};

static uint16_t sum(const uint8_t *at, size_t n)
{
	uint32_t total = 0;

	for (size_t i = 0; i < n; i += 2)
		total += (uint32_t)(at[i] << 8 | (i + 1 < n ? at[i + 1] : 0));
	while (total >> 16)
		total = (total & 0xffff) + (total >> 16);
	return (uint16_t)total;
}

static void an_arp_request_for_a_local_address_is_answered(void **state)
{
	static const uint8_t want[42] = {
		2, 0, 0, 0, 0, 7, 2, 0, 0, 0, 0, 9, 0x08, 0x06,
		0, 1, 8, 0, 6, 4, 0, 2, 2, 0, 0, 0, 0, 9, 192, 0, 2, 1, 2, 0, 0, 0, 0, 7, 192, 0, 2, 77
	};
	uint8_t out[128];
	size_t n = 0;

	(void)state;
	assert_int_equal(local_answer(&local, arp, sizeof(arp), out, sizeof(out), &n), LOCAL_ARP);
	assert_int_equal(n, 60);
	assert_memory_equal(out, want, sizeof(want));
}

static void an_echo_request_is_answered_with_right_checksums(void **state)
{
	uint8_t out[128];
	size_t n = 0;

	(void)state;
	assert_int_equal(sum(echo + 14, 20), 0xffff);	/* the vector itself is right */
	assert_int_equal(sum(echo + 34, sizeof(echo) - 34), 0xffff);
	assert_int_equal(local_answer(&local, echo, sizeof(echo), out, sizeof(out), &n), LOCAL_ECHO);
	assert_int_equal(n, 60);
	assert_memory_equal(out, "\x02\0\0\0\0\x07\x02\0\0\0\0\x09\x08\0", 14);
	assert_memory_equal(out + 26, "\xc0\0\x02\x01\xc0\0\x02\x4d", 8);
	assert_int_equal(sum(out + 14, 20), 0xffff);
	assert_int_equal(sum(out + 34, sizeof(echo) - 34), 0xffff);
	assert_int_equal(out[34], 0);
	assert_memory_equal(out + 38, echo + 38, sizeof(echo) - 38);
}

static void vlan_tags_are_kept(void **state)
{
	static const uint8_t tags[] = { 0x88, 0xa8, 0, 5, 0x81, 0, 0, 6 };
	uint8_t tagged[sizeof(arp) + sizeof(tags)], out[128];
	size_t n = 0;

	(void)state;
	memcpy(tagged, arp, 12);
	memcpy(tagged + 12, tags, sizeof(tags));
	memcpy(tagged + 20, arp + 12, sizeof(arp) - 12);
	assert_int_equal(local_answer(&local, tagged, sizeof(tagged), out, sizeof(out), &n), LOCAL_ARP);
	assert_memory_equal(out + 12, tagged + 12, 10);
	assert_int_equal(out[22 + 7], 2);
}

/* One byte changed: what must not be answered. */
static void what_is_not_meant_for_us_stays_unanswered(void **state)
{
	static const struct { bool is_arp; size_t at; uint8_t value; } changes[] = {
		{ true, 41, 2 },	/* another address */
		{ true, 21, 2 },	/* a reply */
		{ true, 17, 1 },	/* not IPv4 */
		{ true, 22, 3 },	/* sender is a group */
		{ true, 13, 7 },	/* not ARP */
		{ false, 14, 0x65 },	/* not IPv4 */
		{ false, 14, 0x46 },	/* options */
		{ false, 17, 200 },	/* total length beyond the frame */
		{ false, 17, 27 },	/* shorter than ICMP */
		{ false, 20, 0x20 },	/* more fragments */
		{ false, 23, 17 },	/* not ICMP */
		{ false, 24, 0 },	/* checksum */
		{ false, 33, 2 },	/* another address */
		{ false, 34, 13 },	/* not an echo request */
		{ false, 35, 1 },
		{ false, 43, 'x' },	/* ICMP checksum */
		{ false, 0, 0xff },	/* broadcast */
		{ false, 6, 3 },	/* from a group */
	};
	uint8_t frame[64], out[128] = { 0 };
	size_t n = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		size_t n_frame = changes[i].is_arp ? sizeof(arp) : sizeof(echo);

		memcpy(frame, changes[i].is_arp ? arp : echo, n_frame);
		frame[changes[i].at] = changes[i].value;
		if (local_answer(&local, frame, n_frame, out, sizeof(out), &n) != LOCAL_SILENT)
			fail_msg("answered with change %zu", i);
	}
}

static void every_truncation_is_survived(void **state)
{
	uint8_t out[128];

	(void)state;
	for (size_t n = 0; n <= sizeof(echo); n++) {
		uint8_t *cut = malloc(n + !n);	/* exact size: a read past it is caught */
		size_t n_out = 0;

		memcpy(cut, arp, n);
		assert_int_equal(local_answer(&local, cut, n, out, sizeof(out), &n_out), n >= 42 ? LOCAL_ARP : LOCAL_SILENT);
		memcpy(cut, echo, n);
		assert_int_equal(local_answer(&local, cut, n, out, sizeof(out), &n_out),
				 n == sizeof(echo) ? LOCAL_ECHO : LOCAL_SILENT);
		free(cut);
	}
}

static void the_mac_is_unicast_local_and_the_cards_own(void **state)
{
	uint8_t a[6], again[6], b[6];

	(void)state;
	local_mac("sim:/run/a", a);
	local_mac("sim:/run/a", again);
	local_mac("sim:/run/b", b);
	assert_int_equal(a[0] & 3, 2);
	assert_memory_equal(a, again, 6);
	assert_memory_not_equal(a, b, 6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_arp_request_for_a_local_address_is_answered),
		cmocka_unit_test(an_echo_request_is_answered_with_right_checksums),
		cmocka_unit_test(vlan_tags_are_kept),
		cmocka_unit_test(what_is_not_meant_for_us_stays_unanswered),
		cmocka_unit_test(every_truncation_is_survived),
		cmocka_unit_test(the_mac_is_unicast_local_and_the_cards_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
