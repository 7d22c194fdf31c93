// SPDX-License-Identifier: BSD-2-Clause-Patent
/* Events: each kind arrives once and whole; values that no card writes are found out; the ring turns. */
#include "rig.h"

#include <endian.h>

struct heard {
	unsigned n;
	struct adit_event last;
};

static void hear(void *arg, const struct adit_event *event)
{
	struct heard *heard = arg;

	heard->n++;
	heard->last = *event;
}

static void an_acquire_brings_policy_and_selectors(void **state)
{
	struct rig rig;
	struct heard heard = { 0 };
	struct adit_desc_evt evt = {
		.type = ADIT_EVENT_ACQUIRE, .index = htole16(63), .proto = 17, .src = { 10, 0, 0, 1 },
		.dst = { 10, 0, 0, 2 }, .sport = htole16(1234), .dport = htole16(53), .cycle = htole64(0x1122334455667788),
	};

	(void)state;
	NEEDS_FAKE();
	rig = rig_open(NULL);
	adit_card_on_event(rig.card, hear, &heard);
	assert_true(fake_post_event(rig.fake, evt));
	assert_int_equal(rig_poll_until(rig.card, &heard.n, 1), 0);
	assert_int_equal(heard.last.kind, ADIT_EV_ACQUIRE);
	assert_int_equal(heard.last.sp_id, 63);
	assert_int_equal(heard.last.proto, 17);
	assert_memory_equal(heard.last.src.bytes, "\x0a\0\0\x01", 4);
	assert_memory_equal(heard.last.dst.bytes, "\x0a\0\0\x02", 4);
	assert_false(heard.last.src.is_v6);
	assert_int_equal(heard.last.sport, 1234);
	assert_int_equal(heard.last.dport, 53);
	assert_int_equal(heard.last.cycle, 0x1122334455667788);
	assert_int_equal(heard.last.sa_slot, ADIT_NO_SLOT);
	assert_int_equal(adit_card_poll(rig.card, 64), 0);
	rig_close(&rig);
}

static void notices_of_sas_bring_the_slot(void **state)
{
	static const struct {
		enum adit_event_type type;
		enum adit_event_kind kind;
	} cases[] = {
		{ ADIT_EVENT_SA_SOFT, ADIT_EV_SA_SOFT }, { ADIT_EVENT_SA_HARD, ADIT_EV_SA_HARD },
		{ ADIT_EVENT_SEQ_NEAR, ADIT_EV_SEQ_NEAR }, { ADIT_EVENT_SEQ_END, ADIT_EV_SEQ_END },
	};
	struct rig rig;
	struct heard heard = { 0 };

	(void)state;
	NEEDS_FAKE();
	rig = rig_open(NULL);
	adit_card_on_event(rig.card, hear, &heard);
	for (unsigned i = 0; i < 4; i++) {
		assert_true(fake_post_event(rig.fake, (struct adit_desc_evt){ .type = (uint8_t)cases[i].type,
									       .sa_slot = htole16(1023) }));
		assert_int_equal(rig_poll_until(rig.card, &heard.n, i + 1), 0);
		assert_int_equal(heard.last.kind, cases[i].kind);
		assert_int_equal(heard.last.sa_slot, 1023);
	}
	rig_close(&rig);
}

static void a_verdict_brings_reason_faces_and_numbers(void **state)
{
	struct rig rig;
	struct heard heard = { 0 };

	(void)state;
	NEEDS_FAKE();
	rig = rig_open(NULL);
	adit_card_on_event(rig.card, hear, &heard);
	assert_true(fake_post_event(rig.fake, (struct adit_desc_evt){
		.type = ADIT_EVENT_VERDICT, .status = ADIT_REASON_HostArp, .field = ADIT_FACE_WAN | ADIT_FACE_HOST << 2,
		.tag = htole32(70000), .length = htole16(1514), .sa_slot = htole16(0xffff), .index = htole16(2) }));
	assert_int_equal(rig_poll_until(rig.card, &heard.n, 1), 0);
	assert_int_equal(heard.last.kind, ADIT_EV_VERDICT);
	assert_int_equal(heard.last.reason, ADIT_REASON_HostArp);
	assert_int_equal(heard.last.face_in, ADIT_FACE_WAN);
	assert_int_equal(heard.last.face_out, ADIT_FACE_HOST);
	assert_int_equal(heard.last.frame_no, 70000);
	assert_int_equal(heard.last.frame_bytes, 1514);
	assert_int_equal(heard.last.sa_slot, ADIT_NO_SLOT);
	assert_int_equal(heard.last.sp_id, 2);
	rig_close(&rig);
}

static void values_that_no_card_writes_break_it(void **state)
{
	static const struct {
		struct adit_desc_evt evt;
		const char *word;
	} cases[] = {
		{ { .type = 0 }, "type 0" },
		{ { .type = 9 }, "type 9" },
		{ { .type = ADIT_EVENT_ACQUIRE, .index = 64 }, "policy 64" },
		{ { .type = ADIT_EVENT_ACQUIRE, .index = 0xffff }, "policy 65535" },
		{ { .type = ADIT_EVENT_ACQUIRE, .is_v6 = 2 }, "is_v6 2" },
		{ { .type = ADIT_EVENT_SA_SOFT, .sa_slot = 1024 }, "slot 1024" },
		{ { .type = ADIT_EVENT_SEQ_END, .sa_slot = 0xffff }, "slot 65535" },
		{ { .type = ADIT_EVENT_RING_FAULT, .index = 4 }, "ring 4" },
		{ { .type = ADIT_EVENT_VERDICT, .status = 16, .sa_slot = 0xffff, .index = 0xffff }, "reason 16" },
		{ { .type = ADIT_EVENT_VERDICT, .status = 255, .sa_slot = 0xffff, .index = 0xffff }, "reason 255" },
		{ { .type = ADIT_EVENT_VERDICT, .field = 16, .sa_slot = 0xffff, .index = 0xffff }, "faces 0x10" },
		{ { .type = ADIT_EVENT_VERDICT, .sa_slot = 1024, .index = 0xffff }, "slot 1024" },
		{ { .type = ADIT_EVENT_VERDICT, .sa_slot = 0xffff, .index = 64 }, "policy 64" },
		{ { .type = ADIT_EVENT_COMPLETION }, "tag 0" },
	};

	(void)state;
	NEEDS_FAKE();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct rig rig = rig_open(NULL);
		struct heard heard = { 0 };

		adit_card_on_event(rig.card, hear, &heard);
		assert_true(fake_post_event(rig.fake, cases[i].evt));
		assert_int_equal(rig_poll(rig.card, 1), -EIO);
		assert_int_equal(heard.n, 0);
		assert_non_null(strstr(adit_card_strerror(rig.card), cases[i].word));
		assert_int_equal(adit_card_recover(rig.card), 0);
		assert_int_equal(adit_card_poll(rig.card, 8), 0);
		rig_close(&rig);
	}
}

static void random_bytes_never_do_worse_than_break_it(void **state)
{
	struct rig rig;
	struct heard heard = { 0 };

	(void)state;
	NEEDS_FAKE();
	rig = rig_open(NULL);
	adit_card_on_event(rig.card, hear, &heard);
	srandom(rig_seed());
	for (unsigned i = 0; i < 300; i++) {
		struct adit_desc_evt evt;
		uint8_t *bytes = (uint8_t *)&evt;
		int result;

		for (size_t b = 0; b < sizeof(evt); b++)
			bytes[b] = (uint8_t)random();
		evt.type = (uint8_t)(random() % 10);
		assert_true(fake_post_event(rig.fake, evt));
		result = adit_card_poll(rig.card, 8);
		assert_true(result == 1 || result == -EIO);
		if (result < 0)
			assert_int_equal(adit_card_recover(rig.card), 0);
	}
	rig_close(&rig);
}

static void the_ring_turns_and_its_index_wraps(void **state)
{
	const struct adit_open_options options = { .evt_entries = 4 };
	struct rig rig;
	struct heard heard = { 0 };

	(void)state;
	NEEDS_FAKE();
	rig = rig_open(&options);
	adit_card_on_event(rig.card, hear, &heard);
	for (unsigned i = 0; i < 66000; i++) {
		if (!fake_post_event(rig.fake, (struct adit_desc_evt){ .type = ADIT_EVENT_SEQ_END,
								       .sa_slot = htole16((uint16_t)(i % 1024)) })) {
			struct adit_sa_state sa;	/* the doorbell is posted: a read behind it makes it felt */

			assert_int_equal(adit_sa_query_wait(rig.card, 0, &sa), -ENOENT);
			i--;
			continue;
		}
		assert_int_equal(adit_card_poll(rig.card, 8), 1);
		assert_int_equal(heard.last.sa_slot, i % 1024);
	}
	rig_close(&rig);
}

static void a_full_ring_is_read_whole_and_a_budget_is_kept(void **state)
{
	const struct adit_open_options options = { .evt_entries = 64 };
	struct rig rig;
	struct heard heard = { 0 };

	(void)state;
	NEEDS_FAKE();
	rig = rig_open(&options);
	adit_card_on_event(rig.card, hear, &heard);
	for (unsigned i = 0; i < 64; i++)
		assert_true(fake_post_event(rig.fake, (struct adit_desc_evt){ .type = ADIT_EVENT_SEQ_NEAR }));
	assert_false(fake_post_event(rig.fake, (struct adit_desc_evt){ .type = ADIT_EVENT_SEQ_NEAR }));
	for (unsigned i = 1; i <= 8; i++) {
		assert_true(rig_is_readable(rig.card));	/* though the interrupts were taken by the first poll */
		assert_int_equal(adit_card_poll(rig.card, 8), 8);
		assert_int_equal(heard.n, 8 * i);
	}
	assert_int_equal(adit_card_poll(rig.card, 8), 0);
	assert_false(rig_is_readable(rig.card));
	rig_close(&rig);
}

static void the_descriptor_wakes_for_events_and_rests_without(void **state)
{
	struct rig rig;

	(void)state;
	NEEDS_FAKE();
	rig = rig_open(NULL);
	assert_int_equal(adit_card_poll(rig.card, 8), 0);
	assert_false(rig_is_readable(rig.card));
	assert_true(fake_post_event(rig.fake, (struct adit_desc_evt){ .type = ADIT_EVENT_SEQ_NEAR }));
	assert_true(rig_is_readable(rig.card));
	assert_int_equal(adit_card_poll(rig.card, 8), 1);	/* without a listener, too */
	assert_int_equal(adit_card_poll(rig.card, 8), 0);
	assert_false(rig_is_readable(rig.card));
	rig_close(&rig);
}

static void a_fault_of_a_packet_ring_leaves_the_others_running(void **state)
{
	struct rig rig;
	struct heard heard = { 0 };
	struct adit_sa_state sa;
	const struct adit_tx_packet packet = { .bytes = (const uint8_t *)"0123456789abcdef", .n_bytes = 16,
					       .dest = ADIT_DEST_OUT_LAN };

	(void)state;
	NEEDS_FAKE();
	rig = rig_open(NULL);
	adit_card_on_event(rig.card, hear, &heard);
	assert_int_equal(adit_tx(rig.card, &packet, 1), 1);
	fake_fault(rig.fake, ADIT_RING_TX, ADIT_FAULT_DMA_READ);
	assert_int_equal(rig_poll_until(rig.card, &heard.n, 1), 0);
	assert_int_equal(heard.last.kind, ADIT_EV_RING_FAULT);
	assert_int_equal(heard.last.ring, ADIT_RING_TX);
	assert_int_equal(adit_tx(rig.card, &packet, 1), -EIO);
	assert_non_null(strstr(adit_card_strerror(rig.card), "TX"));
	assert_int_equal(adit_sa_query_wait(rig.card, 0, &sa), -ENOENT);
	assert_int_equal(adit_card_recover(rig.card), 0);
	assert_int_equal(adit_tx(rig.card, &packet, 1), 1);
	rig_close(&rig);
}

static void a_fault_of_commands_or_events_breaks_the_card_by_name(void **state)
{
	static const enum adit_ring rings[] = { ADIT_RING_CMD, ADIT_RING_EVT };

	(void)state;
	NEEDS_FAKE();
	for (unsigned i = 0; i < 2; i++) {
		struct rig rig = rig_open(NULL);
		struct heard heard = { 0 };

		adit_card_on_event(rig.card, hear, &heard);
		fake_fault(rig.fake, rings[i], ADIT_FAULT_DMA_WRITE);
		assert_int_equal(rig_poll(rig.card, 1000), -EIO);
		assert_int_equal(heard.n, rings[i] == ADIT_RING_CMD);	/* told first, then broken */
		assert_non_null(strstr(adit_card_strerror(rig.card), i == 0 ? "CMD" : "EVT"));
		assert_non_null(strstr(adit_card_strerror(rig.card), "DMA_WRITE"));
		assert_int_equal(adit_card_recover(rig.card), 0);
		rig_close(&rig);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_acquire_brings_policy_and_selectors),
		TEST(notices_of_sas_bring_the_slot),
		TEST(a_verdict_brings_reason_faces_and_numbers),
		TEST(values_that_no_card_writes_break_it),
		TEST(random_bytes_never_do_worse_than_break_it),
		TEST(the_ring_turns_and_its_index_wraps),
		TEST(a_full_ring_is_read_whole_and_a_budget_is_kept),
		TEST(the_descriptor_wakes_for_events_and_rests_without),
		TEST(a_fault_of_a_packet_ring_leaves_the_others_running),
		TEST(a_fault_of_commands_or_events_breaks_the_card_by_name),
	};

	return cmocka_run_group_tests_name("driver/event", tests, NULL, NULL);
}
