// SPDX-License-Identifier: BSD-2-Clause-Patent
/* Packets: copied out, handed in, measured; rings full, turning and lied about. */
#include "rig.h"

#include <endian.h>

struct taken {
	unsigned n;
	struct adit_rx_packet last;
	uint8_t bytes[FAKE_FRAME_BYTES];
	struct adit_card *card;
};

static void take(void *arg, const struct adit_rx_packet *packet)
{
	struct taken *taken = arg;

	taken->n++;
	taken->last = *packet;
	memcpy(taken->bytes, packet->bytes, packet->n_bytes);
}

static const struct adit_desc_rx sound = { .reason = ADIT_REASON_HostIke, .face = ADIT_FACE_WAN, .done = 1,
					   .sa_slot = 0xffff, .sp_id = 0xffff };

static bool deliver(struct fake *fake, const uint8_t *bytes, uint16_t n_bytes)
{
	struct adit_desc_rx facts = sound;

	facts.length = htole16(n_bytes);
	return fake_receive(fake, bytes, n_bytes, &facts);
}

static struct adit_tx_packet frame_of(const uint8_t *bytes, size_t n_bytes, enum adit_dest dest)
{
	return (struct adit_tx_packet){ .bytes = bytes, .n_bytes = (uint16_t)n_bytes, .dest = dest };
}

/* Wait until the card has worked off what was posted. */
static void settle(struct rig *rig)
{
	struct adit_sa_state sa;

	assert_int_equal(adit_sa_query_wait(rig->card, 0, &sa), -ENOENT);
}

static void a_frame_reaches_the_card_as_it_was(void **state)
{
	struct rig rig;
	uint8_t bytes[FAKE_FRAME_BYTES];
	static const uint16_t sizes[] = { 14, 60, 64, 65, 1514, 9599, 9600 };

	(void)state;
	NEEDS_FAKE();
	rig = rig_open(NULL);
	for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		const struct adit_tx_packet packet = frame_of(bytes, sizes[i], (enum adit_dest)(i % 4));
		uint8_t copy[FAKE_FRAME_BYTES];

		for (unsigned b = 0; b < sizes[i]; b++)
			bytes[b] = copy[b] = (uint8_t)(b * 7 + i);
		assert_int_equal(adit_tx(rig.card, &packet, 1), 1);
		memset(bytes, 0, sizeof(bytes));	/* ours again at once */
		settle(&rig);
		fake_lock(rig.fake);
		assert_int_equal(rig.fake->n_frames, i + 1);
		assert_int_equal(rig.fake->frames[i].n_bytes, sizes[i]);
		assert_int_equal(rig.fake->frames[i].desc.dest, i % 4);
		assert_memory_equal(rig.fake->frames[i].bytes, copy, sizes[i]);
		fake_unlock(rig.fake);
	}
	rig_close(&rig);
}

static void a_frame_of_impossible_size_or_destination_is_refused(void **state)
{
	struct rig rig = rig_open(NULL);
	static const uint8_t bytes[65536];
	const uint16_t most = adit_card_caps(rig.card)->frame_bytes;
	struct adit_tx_packet packets[2] = { frame_of(bytes, 60, ADIT_DEST_OUT_LAN), frame_of(bytes, 13, ADIT_DEST_OUT_LAN) };

	(void)state;
	assert_int_equal(adit_tx(rig.card, packets, 2), -EINVAL);
	assert_non_null(strstr(adit_card_strerror(rig.card), "packet 1 of the batch has 13"));
	packets[1].n_bytes = (uint16_t)(most + 1);
	assert_int_equal(adit_tx(rig.card, packets, 2), -EINVAL);
	packets[1].n_bytes = 60;
	packets[1].dest = (enum adit_dest)6;
	assert_int_equal(adit_tx(rig.card, packets, 2), -EINVAL);
	if (rig.fake) {
		settle(&rig);
		assert_int_equal(rig.fake->n_frames, 0);	/* the sound one of the batch did not go either */
	}
	assert_int_equal(adit_tx(rig.card, packets, 0), 0);
	rig_close(&rig);
}

static void a_told_frame_brings_its_sa_and_others_bring_nothing(void **state)
{
	static const uint8_t bytes[60];
	struct adit_tx_packet packets[4] = {
		frame_of(bytes, 60, ADIT_DEST_OPENED), frame_of(bytes, 60, ADIT_DEST_OPENED),
		frame_of(bytes, 60, ADIT_DEST_SEAL), frame_of(bytes, 60, ADIT_DEST_FROM_LAN),
	};
	/* reason, SA slot, policy, number; each destination has its own (card.toml, desc tx) */
	static const struct adit_desc_tx expected[4] = {
		{ .dest = 4, .reason = 0, .sa_slot = 1023, .seq = 0x0102030405060708 },
		{ .dest = 4, .reason = ADIT_REASON_XfrmInStateProtoError, .sa_slot = 1023, .seq = 0x0102030405060708 },
		{ .dest = 5, .sa_slot = 1023, .sp_id = 63 },
		{ .dest = 0 },
	};
	struct rig rig;

	(void)state;
	NEEDS_FAKE();
	rig = rig_open(NULL);
	for (unsigned i = 0; i < 4; i++) {
		packets[i].sa_slot = 1023;
		packets[i].sp_id = 63;
		packets[i].seq = 0x0102030405060708;
	}
	packets[1].reason = ADIT_REASON_XfrmInStateProtoError;
	assert_int_equal(adit_tx(rig.card, packets, 4), 4);
	settle(&rig);
	fake_lock(rig.fake);
	assert_int_equal(rig.fake->n_frames, 4);
	for (unsigned i = 0; i < 4; i++) {
		const struct adit_desc_tx *desc = &rig.fake->frames[i].desc;

		assert_int_equal(desc->dest, expected[i].dest);
		assert_int_equal(desc->reason, expected[i].reason);
		assert_int_equal(le16toh(desc->sa_slot), expected[i].sa_slot);
		assert_int_equal(le16toh(desc->sp_id), expected[i].sp_id);
		assert_int_equal(le64toh(desc->seq), expected[i].seq);
	}
	fake_unlock(rig.fake);
	rig_close(&rig);
}

static void a_told_frame_of_an_impossible_sa_is_refused(void **state)
{
	static const uint8_t bytes[60];
	struct rig rig = { .fake = NULL };
	struct adit_tx_packet packet;
	char why[400];

	(void)state;
	NEEDS_FAKE();
	rig = rig_open(NULL);
#define REFUSED(kind, change, word) do {							\
		packet = frame_of(bytes, 60, kind);						\
		change;										\
		assert_int_equal(adit_tx(rig.card, &packet, 1), -EINVAL);			\
		assert_non_null(strstr(adit_card_strerror(rig.card), word));			\
	} while (0)
	REFUSED(ADIT_DEST_OPENED, packet.sa_slot = ADIT_NO_SLOT, "SA slot 65535");
	REFUSED(ADIT_DEST_SEAL, packet.sa_slot = 1024, "SA slot 1024");
	REFUSED(ADIT_DEST_SEAL, packet.sp_id = 64, "policy 64");
	REFUSED(ADIT_DEST_OPENED, packet.reason = (enum adit_reason)17, "reason 17");
#undef REFUSED
	rig_close(&rig);
	rig.fake = fake_open();
	rig.fake->feature_mask &= ~(1u << ADIT_FEATURE_HOST_TRANSFORM);
	assert_int_equal(rig_try(rig.fake, &rig.card, why, sizeof(why)), 0);
	packet = frame_of(bytes, 60, ADIT_DEST_OPENED);
	assert_int_equal(adit_tx(rig.card, &packet, 1), -EOPNOTSUPP);
	assert_non_null(strstr(adit_card_strerror(rig.card), "HOST_TRANSFORM"));
	rig_close(&rig);
}

static void a_full_ring_takes_fewer_and_more_after_a_while(void **state)
{
	const struct adit_open_options options = { .tx_entries = 16 };
	struct rig rig;
	struct adit_tx_packet packets[100];
	static const uint8_t bytes[60];

	(void)state;
	NEEDS_FAKE();
	rig = rig_open(&options);
	for (unsigned i = 0; i < 100; i++)
		packets[i] = frame_of(bytes, 60, ADIT_DEST_FROM_LAN);
	fake_lock(rig.fake);
	rig.fake->n_frames = FAKE_FRAMES;	/* the card has no room: it takes nothing */
	fake_unlock(rig.fake);
	assert_int_equal(adit_tx(rig.card, packets, 100), 16);
	assert_int_equal(adit_tx(rig.card, packets, 100), 0);
	fake_lock(rig.fake);
	rig.fake->n_frames = 0;
	fake_register_write(rig.fake, ADIT_REG_RING_DOORBELL(ADIT_RING_TX), 16);	/* it goes on */
	fake_unlock(rig.fake);
	assert_true(rig_is_readable(rig.card));
	assert_int_equal(adit_card_poll(rig.card, 8), 0);
	assert_int_equal(adit_tx(rig.card, packets, 100), 16);
	rig_close(&rig);
}

static void seventy_thousand_frames_turn_the_ring(void **state)
{
	const struct adit_open_options options = { .tx_entries = 64, .rx_entries = 64 };
	struct rig rig;
	struct taken taken = { 0 };
	unsigned sent = 0;

	(void)state;
	NEEDS_FAKE();
	rig = rig_open(&options);
	adit_card_on_rx(rig.card, take, &taken);
	while (sent < 70000) {
		struct adit_tx_packet packets[32];
		uint8_t bytes[32][60] = { 0 };
		int n;

		for (unsigned i = 0; i < 32; i++) {
			memcpy(bytes[i], &(uint32_t){ sent + i }, 4);
			packets[i] = frame_of(bytes[i], 60, ADIT_DEST_OUT_WAN);
		}
		n = adit_tx(rig.card, packets, 32);
		assert_true(n >= 0);
		settle(&rig);
		fake_lock(rig.fake);
		assert_int_equal(rig.fake->n_frames, n);
		for (int i = 0; i < n; i++)
			assert_memory_equal(rig.fake->frames[i].bytes, bytes[i], 60);
		rig.fake->n_frames = 0;
		fake_unlock(rig.fake);
		for (int i = 0; i < n; i++)
			assert_true(deliver(rig.fake, bytes[i], 60));
		sent += (unsigned)n;
		assert_int_equal(rig_poll_until(rig.card, &taken.n, sent), 0);
		assert_memory_equal(taken.bytes, bytes[n - 1], 60);
	}
	rig_close(&rig);
}

static void a_received_frame_brings_its_facts(void **state)
{
	struct rig rig;
	struct taken taken = { 0 };
	uint8_t bytes[FAKE_FRAME_BYTES];
	struct adit_desc_rx facts = { .length = htole16(9600), .reason = ADIT_REASON_HostLocal, .face = ADIT_FACE_LAN,
				      .done = 1, .sa_slot = htole16(1023), .sp_id = htole16(63),
				      .seq = htole64(0x8000000100000002) };

	(void)state;
	NEEDS_FAKE();
	rig = rig_open(NULL);
	adit_card_on_rx(rig.card, take, &taken);
	for (unsigned i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * 13);
	assert_true(fake_receive(rig.fake, bytes, 9600, &facts));
	assert_true(rig_is_readable(rig.card));
	assert_int_equal(adit_card_poll(rig.card, 8), 1);
	assert_int_equal(taken.n, 1);
	assert_int_equal(taken.last.n_bytes, 9600);
	assert_memory_equal(taken.bytes, bytes, 9600);
	assert_int_equal(taken.last.reason, ADIT_REASON_HostLocal);
	assert_int_equal(taken.last.face, ADIT_FACE_LAN);
	assert_int_equal(taken.last.sa_slot, 1023);
	assert_int_equal(taken.last.sp_id, 63);
	assert_int_equal(taken.last.seq, 0x8000000100000002);
	rig_close(&rig);
}

static void a_budget_is_kept_and_the_rest_comes_later(void **state)
{
	const struct adit_open_options options = { .rx_entries = 32 };
	struct rig rig;
	struct taken taken = { 0 };
	static const uint8_t bytes[60];

	(void)state;
	NEEDS_FAKE();
	rig = rig_open(&options);
	adit_card_on_rx(rig.card, take, &taken);
	for (unsigned i = 0; i < 32; i++)
		assert_true(deliver(rig.fake, bytes, 60));
	assert_false(deliver(rig.fake, bytes, 60));	/* no buffer left */
	for (unsigned i = 0; i < 4; i++) {
		assert_true(rig_is_readable(rig.card));
		assert_int_equal(adit_card_poll(rig.card, 8), 8);
	}
	assert_int_equal(adit_card_poll(rig.card, 8), 0);
	settle(&rig);
	assert_true(deliver(rig.fake, bytes, 60));
	assert_int_equal(adit_card_poll(rig.card, 8), 1);
	rig_close(&rig);
}

static void what_the_card_says_of_a_frame_is_measured(void **state)
{
	static const struct {
		struct adit_desc_rx facts;
		const char *word;
	} cases[] = {
		{ { .length = 9601, .done = 1, .sa_slot = 0xffff, .sp_id = 0xffff }, "9601" },
		{ { .length = 65535, .done = 1, .sa_slot = 0xffff, .sp_id = 0xffff }, "65535" },
		{ { .length = 13, .done = 1, .sa_slot = 0xffff, .sp_id = 0xffff }, "13" },
		{ { .length = 0, .done = 1, .sa_slot = 0xffff, .sp_id = 0xffff }, "0 bytes" },
		{ { .length = 60, .done = 2, .sa_slot = 0xffff, .sp_id = 0xffff }, "done 2" },
		{ { .length = 60, .done = 1, .reason = 17, .sa_slot = 0xffff, .sp_id = 0xffff }, "reason 17" },
		{ { .length = 60, .done = 1, .face = 3, .sa_slot = 0xffff, .sp_id = 0xffff }, "face 3" },
		{ { .length = 60, .done = 1, .sa_slot = 1024, .sp_id = 0xffff }, "slot 1024" },
		{ { .length = 60, .done = 1, .sa_slot = 0xffff, .sp_id = 64 }, "policy 64" },
		{ { .length = 60, .done = 1, .reason = ADIT_REASON_HostSlowSeal, .sa_slot = 0xffff, .sp_id = 1 }, "SlowSeal" },
		{ { .length = 60, .done = 1, .reason = ADIT_REASON_HostSlowOpen, .sa_slot = 0xffff, .sp_id = 1 }, "SlowOpen" },
	};
	static const uint8_t bytes[60];

	(void)state;
	NEEDS_FAKE();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct rig rig = rig_open(NULL);
		struct taken taken = { 0 };

		adit_card_on_rx(rig.card, take, &taken);
		assert_true(fake_receive(rig.fake, bytes, 60, &cases[i].facts));
		assert_int_equal(rig_poll(rig.card, 1), -EIO);
		assert_int_equal(taken.n, 0);
		assert_non_null(strstr(adit_card_strerror(rig.card), cases[i].word));
		assert_int_equal(adit_card_recover(rig.card), 0);
		assert_true(deliver(rig.fake, bytes, 60));
		assert_int_equal(rig_poll(rig.card, 1), 1);
		rig_close(&rig);
	}
}

static void a_descriptor_left_out_is_noticed(void **state)
{
	struct rig rig;
	static const uint8_t bytes[60];

	(void)state;
	NEEDS_FAKE();
	rig = rig_open(NULL);
	fake_lock(rig.fake);
	rig.fake->ring[ADIT_RING_RX].index++;
	fake_unlock(rig.fake);
	assert_true(deliver(rig.fake, bytes, 60));
	assert_int_equal(rig_poll(rig.card, 1), -EIO);
	rig_close(&rig);
}

static void an_index_beyond_what_was_posted_is_noticed(void **state)
{
	static const uint32_t lies[] = { 3, 65535, 65536, UINT32_MAX };
	static const uint8_t bytes[60];
	const struct adit_tx_packet packets[2] = { frame_of(bytes, 60, ADIT_DEST_OUT_LAN), frame_of(bytes, 60, ADIT_DEST_OUT_LAN) };

	(void)state;
	NEEDS_FAKE();
	for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		struct rig rig = rig_open(NULL);

		assert_int_equal(adit_tx(rig.card, packets, 2), 2);
		settle(&rig);
		fake_write_back(rig.fake, lies[i]);
		assert_int_equal(adit_tx(rig.card, packets, 1), -EIO);
		assert_non_null(strstr(adit_card_strerror(rig.card), "TX descriptor"));
		assert_int_equal(adit_card_poll(rig.card, 8), -EIO);
		assert_int_equal(adit_card_recover(rig.card), 0);
		assert_int_equal(adit_tx(rig.card, packets, 2), 2);
		rig_close(&rig);
	}
}

static void take_and_wait(void *arg, const struct adit_rx_packet *packet)
{
	struct taken *taken = arg;
	struct adit_sa_state sa;
	const uint8_t first = packet->bytes[0];

	assert_int_equal(adit_sa_query_wait(taken->card, 0, &sa), -ENOENT);
	assert_int_equal(packet->bytes[0], first);	/* still ours */
	assert_int_equal(first, taken->n % 256);	/* in order, none from within another */
	taken->n++;
}

static void a_callback_may_wait_and_keeps_its_packet(void **state)
{
	const struct adit_open_options options = { .rx_entries = 2 };
	struct rig rig;
	struct taken taken = { 0 };

	(void)state;
	NEEDS_FAKE();
	rig = rig_open(&options);
	taken.card = rig.card;
	adit_card_on_rx(rig.card, take_and_wait, &taken);
	for (unsigned i = 0; i < 40; i++) {
		uint8_t bytes[60] = { (uint8_t)i };

		while (!deliver(rig.fake, bytes, 60)) {
			assert_true(adit_card_poll(rig.card, 8) >= 0);
			settle(&rig);
		}
	}
	assert_int_equal(rig_poll_until(rig.card, &taken.n, 40), 0);
	rig_close(&rig);
}

static void take_and_recover(void *arg, const struct adit_rx_packet *packet)
{
	struct taken *taken = arg;

	(void)packet;
	taken->n++;
	assert_int_equal(adit_card_recover(taken->card), 0);
}

static void a_callback_may_recover_the_card(void **state)
{
	struct rig rig;
	struct taken taken = { 0 };
	static const uint8_t bytes[60];

	(void)state;
	NEEDS_FAKE();
	rig = rig_open(NULL);
	taken.card = rig.card;
	adit_card_on_rx(rig.card, take_and_recover, &taken);
	for (unsigned i = 0; i < 600; i++) {	/* more than the ring has entries: none is lost on the way */
		settle(&rig);
		assert_true(deliver(rig.fake, bytes, 60));
		assert_int_equal(rig_poll_until(rig.card, &taken.n, i + 1), 0);
	}
	rig_close(&rig);
}

struct both {
	struct taken taken;
	unsigned n_verdicts, n_sent;
};

static void take_arp(void *arg, const struct adit_rx_packet *packet)
{
	struct both *both = arg;

	take(&both->taken, packet);
	assert_int_equal(packet->reason, ADIT_REASON_HostArp);
	assert_int_equal(packet->sa_slot, ADIT_NO_SLOT);
	assert_int_equal(packet->n_bytes, 60);
	assert_int_equal(packet->bytes[59], (both->taken.n - 1) % 251);	/* each once, in order */
}

static void hear_verdict(void *arg, const struct adit_event *event)
{
	struct both *both = arg;

	assert_int_equal(event->kind, ADIT_EV_VERDICT);
	assert_int_equal(event->reason, ADIT_REASON_HostArp);
	assert_int_equal(event->face_out, ADIT_FACE_HOST);
	assert_int_equal(event->frame_bytes, 60);
	both->n_verdicts++;
}

/* Through a whole card: TX ring, parser, the inbound pipe, RX ring, verdicts. Ring sizes make all of them turn. */
static void arp_for_a_local_address_comes_back_through_a_real_card(void **state)
{
	enum { N_FRAMES = 1000 };
	const struct adit_open_options options = { .tx_entries = 16, .rx_entries = 8, .evt_entries = 32 };
	const struct adit_mode_options mode = { .verdicts = true, .n_local = 1, .local = { { .bytes = { 192, 0, 2, 1 } } } };
	const struct adit_host_limits all = { .reserve_buffers = 0 };	/* ARP may have every buffer */
	struct rig rig;
	struct both both = { 0 };
	uint8_t frame[60] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 1, 8, 6, 0, 1, 8, 0, 6, 4, 0, 1,
			      2, 0, 0, 0, 0, 1, 192, 0, 2, 2, 0, 0, 0, 0, 0, 0, 192, 0, 2, 1 };
	uint64_t before[ADIT_REASON_COUNT], after[ADIT_REASON_COUNT];

	(void)state;
	NEEDS_REAL();
	rig = rig_open(&options);
	adit_card_on_rx(rig.card, take_arp, &both);
	adit_card_on_event(rig.card, hear_verdict, &both);
	assert_int_equal(adit_card_configure(rig.card, &mode), 0);
	if (adit_card_caps(rig.card)->minor >= 2)	/* before, none were kept back */
		assert_int_equal(adit_card_set_host_limits(rig.card, &all), 0);
	assert_int_equal(adit_stats_wait(rig.card, before), 0);
	while (both.n_sent < N_FRAMES) {
		const struct adit_tx_packet packet = frame_of(frame, sizeof(frame), ADIT_DEST_FROM_WAN);
		int n;

		frame[59] = (uint8_t)(both.n_sent % 251);
		/* The card drops what finds no RX buffer; so no more are under way than there are buffers. */
		n = both.n_sent - both.taken.n < 8 ? adit_tx(rig.card, &packet, 1) : 0;
		assert_true(n >= 0);
		both.n_sent += (unsigned)n;
		if (n == 0)
			assert_true(rig_poll(rig.card, 1) >= 0);
	}
	assert_int_equal(rig_poll_until(rig.card, &both.taken.n, N_FRAMES), 0);
	assert_int_equal(rig_poll_until(rig.card, &both.n_verdicts, N_FRAMES), 0);
	assert_memory_equal(both.taken.bytes, frame, 60);
	assert_int_equal(adit_stats_wait(rig.card, after), 0);
	assert_int_equal(after[ADIT_REASON_HostArp] - before[ADIT_REASON_HostArp], N_FRAMES);
	rig_close(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_frame_reaches_the_card_as_it_was),
		TEST(a_frame_of_impossible_size_or_destination_is_refused),
		TEST(a_told_frame_brings_its_sa_and_others_bring_nothing),
		TEST(a_told_frame_of_an_impossible_sa_is_refused),
		TEST(a_full_ring_takes_fewer_and_more_after_a_while),
		TEST(seventy_thousand_frames_turn_the_ring),
		TEST(a_received_frame_brings_its_facts),
		TEST(a_budget_is_kept_and_the_rest_comes_later),
		TEST(what_the_card_says_of_a_frame_is_measured),
		TEST(a_descriptor_left_out_is_noticed),
		TEST(an_index_beyond_what_was_posted_is_noticed),
		TEST(a_callback_may_wait_and_keeps_its_packet),
		TEST(a_callback_may_recover_the_card),
		TEST(arp_for_a_local_address_comes_back_through_a_real_card),
	};

	return cmocka_run_group_tests_name("driver/packet", tests, NULL, NULL);
}
