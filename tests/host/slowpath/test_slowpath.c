// SPDX-License-Identifier: BSD-2-Clause-Patent
/* The slow path against RFC 791, 8200, 5722, 1191 and 4443, and against itself: cut, shuffled, put together. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "slowpath/checksum.h"
#include "slowpath/fragment.h"
#include "slowpath/slowpath.h"
#include "slowpath/too_big.h"

enum { MAX_PIECES = 1300 };

static unsigned seed;

static unsigned pick(unsigned below)
{
	return (unsigned)rand() % below;
}

struct pieces {
	uint8_t *bytes[MAX_PIECES];
	size_t n_bytes[MAX_PIECES];
	size_t n;
};

static void keep(void *arg, const uint8_t *frame, size_t frame_bytes)
{
	struct pieces *p = arg;

	assert_true(p->n < MAX_PIECES);
	p->bytes[p->n] = test_malloc(frame_bytes);	/* exact size: a read past it is caught */
	memcpy(p->bytes[p->n], frame, frame_bytes);
	p->n_bytes[p->n++] = frame_bytes;
}

static void drop(struct pieces *p)
{
	while (p->n)
		test_free(p->bytes[--p->n]);
}

/* UDP over IPv4 (with n_options bytes of options) or IPv6 (with a routing header if n_options), random payload. */
static size_t make(uint8_t *frame, bool is_v6, unsigned n_options, size_t payload_bytes, unsigned tags)
{
	size_t l3 = 14 + 4 * tags, head = is_v6 ? 40 + (n_options ? 8 : 0) : 20 + n_options;
	uint8_t *ip = frame + l3;

	memset(frame, 0, l3 + head);
	for (unsigned i = 0; i < 12; i++)
		frame[i] = (uint8_t)(i * 2);
	for (unsigned t = 0; t < tags; t++)
		ipv4_put16(frame + 12 + 4 * t, 0x8100);
	ipv4_put16(frame + l3 - 2, is_v6 ? 0x86dd : 0x0800);
	if (is_v6) {
		ip[0] = 0x60;
		ip[6] = n_options ? 43 : 17;
		ip[7] = 64;
		ip[8] = ip[24] = 0x20;
		ip[23] = 1;
		ip[39] = 2;
		if (n_options) {
			ip[40] = 17;
			ip[42] = 4;	/* a routing type without meaning here, no segments left */
		}
	} else {
		ip[0] = (uint8_t)(0x40 | (20 + n_options) / 4);
		ip[8] = 64;
		ip[9] = 17;
		ipv4_put16(ip + 4, (uint16_t)pick(65536));
		ip[12] = 192;
		ip[16] = 198;
		for (unsigned i = 0; i < n_options; i++)
			ip[20 + i] = 1;
		if (n_options >= 8) {	/* router alert is copied (RFC 2113), record route is not */
			static const uint8_t options[8] = { 0x94, 4, 0, 0, 7, 3, 4, 0 };

			memcpy(ip + 20, options, sizeof(options));
		}
	}
	for (size_t i = 0; i < payload_bytes; i++)
		ip[head + i] = (uint8_t)pick(256);
	if (payload_bytes >= 4)
		ipv4_put16(ip + head + 2, 4000);	/* no IPsec port */
	ip_set_length(ip, is_v6, head + payload_bytes);
	return l3 + head + payload_bytes;
}

static struct frame read_ok(const uint8_t *bytes, size_t n_bytes)
{
	struct frame f;

	assert_true(frame_find(bytes, n_bytes, &f));
	return f;
}

static void a_packet_cut_and_shuffled_becomes_whole_again(void **state)
{
	uint8_t frame[FRAME_MAX_BYTES], whole[FRAME_MAX_BYTES];
	struct reassembly *r = reassembly_open(&reassembly_default);
	static struct pieces p;

	(void)state;
	assert_non_null(r);
	for (unsigned round = 0; round < 400; round++) {
		bool is_v6 = round & 1;
		unsigned n_options = is_v6 ? 8 * pick(2) : 4 * pick(11), tags = pick(3);
		size_t most = FRAME_MAX_BYTES - 14 - 4 * tags - 60, n_bytes = make(frame, is_v6, n_options, 9 + pick((unsigned)most - 9), tags);
		size_t mtu = 76 + 8 + pick(2000), whole_bytes = 0;
		struct frame f = read_ok(frame, n_bytes);

		assert_true(fragment_cut(&f, mtu, round, keep, &p));
		for (size_t i = 0; i < p.n; i++)
			assert_true(read_ok(p.bytes[i], p.n_bytes[i]).ip.n_bytes <= mtu);
		for (size_t i = p.n; p.n > 1 && i > 0; i--) {
			size_t other = pick((unsigned)p.n), last = i - 1, n = p.n_bytes[last];
			uint8_t *b = p.bytes[last];

			p.bytes[last] = p.bytes[other];
			p.n_bytes[last] = p.n_bytes[other];
			p.bytes[other] = b;
			p.n_bytes[other] = n;
		}
		for (size_t i = 0; p.n > 1 && i < p.n; i++) {
			struct frame piece = read_ok(p.bytes[i], p.n_bytes[i]);
			enum reassembly_result want = i + 1 == p.n ? REASSEMBLY_WHOLE : REASSEMBLY_KEPT;

			assert_int_equal(reassembly_take(r, &piece, round, whole, &whole_bytes), want);
			if (want == REASSEMBLY_KEPT && pick(4) == 0)
				assert_int_equal(reassembly_take(r, &piece, round, whole, &whole_bytes), REASSEMBLY_DUPLICATE);
		}
		if (p.n > 1) {
			assert_int_equal(whole_bytes, n_bytes);
			assert_memory_equal(whole, frame, n_bytes);
		}
		assert_int_equal(reassembly_held_bytes(r), 0);
		drop(&p);
	}
	reassembly_close(r);
}

static void set_ecn(uint8_t *ip, bool is_v6, uint8_t ecn)
{
	if (is_v6) {
		ipv6_set_tos(ip, ecn);
	} else {
		ip[1] = ecn;
		ipv4_set_checksum(ip);
	}
}

static void congestion_that_a_fragment_met_is_not_forgotten(void **state)
{
	static const struct { uint8_t ecn[2]; bool is_whole; uint8_t out; } cases[] = {
		{ { 0, 0 }, true, 0 }, { { 2, 3 }, true, 3 }, { { 3, 2 }, true, 3 }, { { 0, 3 }, false, 0 }, { { 2, 2 }, true, 2 }
	};
	uint8_t frame[FRAME_MAX_BYTES], whole[FRAME_MAX_BYTES];
	static struct pieces p;

	(void)state;
	for (size_t i = 0; i < 2 * sizeof(cases) / sizeof(cases[0]); i++) {
		struct reassembly *r = reassembly_open(&reassembly_default);
		bool is_v6 = i & 1;
		size_t n_bytes = make(frame, is_v6, 0, 1000, 0), whole_bytes = 0;
		struct frame f = read_ok(frame, n_bytes), back;
		enum reassembly_result result = REASSEMBLY_KEPT;

		assert_true(fragment_cut(&f, 800, 1, keep, &p));
		assert_int_equal(p.n, 2);
		for (size_t k = 0; k < 2; k++) {
			set_ecn(p.bytes[k] + f.l3_off, is_v6, cases[i / 2].ecn[k]);
			back = read_ok(p.bytes[k], p.n_bytes[k]);
			result = reassembly_take(r, &back, 0, whole, &whole_bytes);
		}
		assert_int_equal(result, cases[i / 2].is_whole ? REASSEMBLY_WHOLE : REASSEMBLY_MALFORMED);
		if (cases[i / 2].is_whole) {
			back = read_ok(whole, whole_bytes);
			assert_int_equal(back.ip.tos & 3, cases[i / 2].out);
			assert_int_equal(whole_bytes, n_bytes);
		}
		drop(&p);
		reassembly_close(r);
	}
}

static void only_copied_options_stand_in_later_fragments(void **state)
{
	uint8_t frame[2000];
	static struct pieces p;
	size_t n_bytes = make(frame, false, 8, 1000, 0);
	struct frame f = read_ok(frame, n_bytes);

	(void)state;
	assert_true(fragment_cut(&f, 576, 0, keep, &p));
	assert_int_equal(p.n, 2);
	assert_int_equal(ipv4_header_bytes(p.bytes[0] + 14), 28);
	assert_int_equal(ipv4_header_bytes(p.bytes[1] + 14), 24);
	assert_memory_equal(p.bytes[1] + 34, "\x94\x04\x00\x00", 4);
	drop(&p);
}

static void what_may_not_be_cut_is_not_cut(void **state)
{
	uint8_t frame[2000];
	static struct pieces p;
	size_t n_bytes = make(frame, false, 0, 1000, 0);
	struct frame f;

	(void)state;
	frame[20] = 0x40;	/* DF */
	ip_set_length(frame + 14, false, n_bytes - 14);
	f = read_ok(frame, n_bytes);
	assert_false(fragment_cut(&f, 576, 0, keep, &p));
	frame[20] = 0;
	ip_set_length(frame + 14, false, n_bytes - 14);
	f = read_ok(frame, n_bytes);
	assert_false(fragment_cut(&f, 27, 0, keep, &p));
	assert_true(fragment_cut(&f, 28, 0, keep, &p));
	drop(&p);
	f = read_ok(frame, make(frame, true, 0, 1000, 0));
	assert_false(fragment_cut(&f, 55, 0, keep, &p));
	assert_true(fragment_cut(&f, 56, 0, keep, &p));
	f = read_ok(p.bytes[0], p.n_bytes[0]);
	assert_false(fragment_cut(&f, 48, 0, keep, &p));	/* a fragment already */
	drop(&p);
}

static void an_overlap_refuses_the_datagram_and_all_that_follows(void **state)
{
	struct reassembly *r = reassembly_open(&reassembly_default);
	uint8_t frame[2000], out[FRAME_MAX_BYTES];
	static struct pieces p;
	size_t out_bytes;

	(void)state;
	for (unsigned is_v6 = 0; is_v6 < 2; is_v6++) {
		struct frame f = read_ok(frame, make(frame, is_v6, 0, 1200, 0));

		assert_true(fragment_cut(&f, 576, 77, keep, &p));
		f = read_ok(p.bytes[0], p.n_bytes[0]);
		assert_int_equal(reassembly_take(r, &f, 0, out, &out_bytes), REASSEMBLY_KEPT);
		p.bytes[0][p.n_bytes[0] - 1] ^= 1;	/* the same place, other bytes */
		assert_int_equal(reassembly_take(r, &f, 0, out, &out_bytes), REASSEMBLY_OVERLAP);
		assert_int_equal(reassembly_held_bytes(r), 0);
		p.bytes[0][p.n_bytes[0] - 1] ^= 1;
		for (size_t i = 0; i < p.n; i++) {
			f = read_ok(p.bytes[i], p.n_bytes[i]);
			assert_int_equal(reassembly_take(r, &f, 29999, out, &out_bytes), REASSEMBLY_OVERLAP);
		}
		for (size_t i = 0; i < p.n; i++) {	/* the refusal ages like the datagram */
			f = read_ok(p.bytes[i], p.n_bytes[i]);
			assert_int_equal(reassembly_take(r, &f, 30000, out, &out_bytes),
					 i + 1 == p.n ? REASSEMBLY_WHOLE : REASSEMBLY_KEPT);
		}
		drop(&p);
	}
	reassembly_close(r);
}

static void a_datagram_that_never_ends_is_forgotten_in_time(void **state)
{
	struct reassembly *r = reassembly_open(&reassembly_default);
	uint8_t frame[2000], out[FRAME_MAX_BYTES];
	static struct pieces p;
	size_t out_bytes;
	struct frame f = read_ok(frame, make(frame, false, 0, 1200, 0));

	(void)state;
	assert_true(fragment_cut(&f, 576, 0, keep, &p));
	f = read_ok(p.bytes[1], p.n_bytes[1]);
	assert_int_equal(reassembly_take(r, &f, 1000, out, &out_bytes), REASSEMBLY_KEPT);
	assert_int_equal(reassembly_expire(r, 30999), 0);
	assert_int_equal(reassembly_expire(r, 31000), 1);
	assert_int_equal(reassembly_held_bytes(r), 0);
	drop(&p);
	reassembly_close(r);
}

static void a_flood_stays_within_the_limits(void **state)
{
	const struct reassembly_limits limits = { .memory_bytes = 20000, .datagrams = 16, .datagrams_per_source = 4, .timeout_ms = 1000 };
	struct reassembly *r = reassembly_open(&limits);
	uint8_t frame[4000], out[FRAME_MAX_BYTES];
	unsigned results[REASSEMBLY_RESULTS] = { 0 };
	size_t out_bytes;

	(void)state;
	for (unsigned i = 0; i < 20000; i++) {
		size_t n_bytes = make(frame, i & 1, 0, 8 * (2 + pick(400)), 0);
		static struct pieces p;
		struct frame f = read_ok(frame, n_bytes);
		size_t which;

		frame[14 + (i & 1 ? 23 : 15)] = (uint8_t)pick(30);	/* its source */
		ip_set_length(frame + 14, i & 1, n_bytes - 14);
		assert_true(fragment_cut(&f, 576, pick(50), keep, &p));
		which = pick((unsigned)p.n);
		f = read_ok(p.bytes[which], p.n_bytes[which]);
		results[reassembly_take(r, &f, i / 10, out, &out_bytes)]++;
		assert_true(reassembly_held_bytes(r) <= limits.memory_bytes);
		drop(&p);
	}
	assert_true(results[REASSEMBLY_NO_ROOM] > 0 && results[REASSEMBLY_KEPT] > 0);
	reassembly_close(r);
	assert_true(reassembly_result_name(REASSEMBLY_NO_ROOM) != NULL);
}

static void random_fragments_never_give_more_than_they_brought(void **state)
{
	struct reassembly *r = reassembly_open(&reassembly_default);
	uint8_t frame[FRAME_MAX_BYTES], out[FRAME_MAX_BYTES];
	size_t out_bytes = 0;
	unsigned whole = 0;

	(void)state;
	for (unsigned i = 0; i < 50000; i++) {
		size_t n_bytes = make(frame, false, 0, pick(20) ? 8 * (1 + pick(2)) : 1 + pick(64), 0);
		struct frame f;

		ipv4_put16(frame + 14 + 4, (uint16_t)pick(40));
		ipv4_put16(frame + 14 + 6, (uint16_t)(pick(4) | (pick(2) ? 0x2000 : 0)));
		ip_set_length(frame + 14, false, n_bytes - 14);
		f = read_ok(frame, n_bytes);
		if (reassembly_take(r, &f, (int64_t)i * 300, out, &out_bytes) == REASSEMBLY_WHOLE) {
			struct frame w = read_ok(out, out_bytes);

			whole++;
			assert_false(w.ip.is_frag);
			assert_true(w.ip.n_bytes <= 20 + 12 * 8 + 64);
		}
	}
	printf("%u became whole\n", whole);
	assert_true(whole > 10);
	reassembly_close(r);
}

static uint16_t sum_of(const uint8_t *at, size_t n_bytes, uint32_t sum)
{
	for (size_t i = 0; i < n_bytes; i++)
		sum += i & 1 ? at[i] : (uint32_t)at[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

static void too_big_is_answered_as_the_rfcs_say(void **state)
{
	struct adit_addr v4 = { .bytes = { 10, 1, 1, 1 } }, v6 = { .bytes = { 0xfd, [15] = 1 }, .is_v6 = true };
	uint8_t frame[FRAME_MAX_BYTES], out[FRAME_MAX_BYTES];

	(void)state;
	for (unsigned tags = 0; tags < 3; tags++)
		for (size_t payload = 1; payload < 3000; payload += 97) {
			struct frame f = read_ok(frame, make(frame, false, 0, payload, tags)), a;
			size_t n = too_big_answer(&f, &v4, 1400, out);

			a = read_ok(out, n);
			assert_true(a.ip.n_bytes <= 576 && a.ip.proto == 1);
			assert_int_equal(sum_of(a.ip.at, 20, 0), 0xffff);
			assert_int_equal(sum_of(a.ip.at + 20, a.ip.n_bytes - 20, 0), 0xffff);
			assert_memory_equal(a.ip.at + 20, "\x03\x04", 2);
			assert_int_equal(ipv4_get16(a.ip.at + 26), 1400);
			assert_memory_equal(a.ip.at + 28, f.ip.at, a.ip.n_bytes - 28);
			assert_memory_equal(a.ip.dst, f.ip.src, 4);
			assert_memory_equal(out, frame + 6, 6);
			assert_memory_equal(out + 6, frame, 6);

			f = read_ok(frame, make(frame, true, 0, payload, tags));
			n = too_big_answer(&f, &v6, 1280, out);
			a = read_ok(out, n);
			assert_true(a.ip.n_bytes <= 1280 && a.ip.proto == 58);
			assert_int_equal(sum_of(a.ip.at + 8, a.ip.n_bytes - 8, (uint32_t)(a.ip.n_bytes - 40) + 58), 0xffff);
			assert_memory_equal(a.ip.at + 40, "\x02\x00", 2);
			assert_int_equal(ipv4_get32(a.ip.at + 44), 1280);
			assert_memory_equal(a.ip.at + 48, f.ip.at, a.ip.n_bytes - 48);
		}
}

static void nobody_is_answered_who_may_not_be(void **state)
{
	struct adit_addr v4 = { .bytes = { 10, 1, 1, 1 } }, v6 = { .bytes = { 0xfd }, .is_v6 = true };
	uint8_t frame[FRAME_MAX_BYTES], out[FRAME_MAX_BYTES];
	struct frame f = read_ok(frame, make(frame, false, 0, 100, 0));

	(void)state;
	assert_int_equal(too_big_answer(&f, &v6, 1400, out), 0);	/* the other family */
	assert_true(too_big_answer(&f, &v4, 1400, out) > 0);
	frame[14 + 16] = 224;						/* to many */
	assert_int_equal(too_big_answer(&f, &v4, 1400, out), 0);
	frame[14 + 16] = 198;
	frame[0] = 0xff;						/* to many on the link */
	assert_int_equal(too_big_answer(&f, &v4, 1400, out), 0);
	frame[0] = 0;
	frame[14 + 9] = 1;						/* an ICMP error */
	frame[14 + 20] = 3;
	f = read_ok(frame, 134);
	assert_int_equal(too_big_answer(&f, &v4, 1400, out), 0);
	frame[14 + 20] = 8;						/* an echo */
	f = read_ok(frame, 134);
	assert_true(too_big_answer(&f, &v4, 1400, out) > 0);
	ipv4_put16(frame + 14 + 6, 5);					/* a later fragment */
	f = read_ok(frame, 134);
	assert_int_equal(too_big_answer(&f, &v4, 1400, out), 0);
}

/* ---- the room as a whole */

struct wire {
	struct adit_tx_packet last;
	uint8_t bytes[64][FRAME_MAX_BYTES];
	struct adit_tx_packet packets[64];
	unsigned n, n_up;
};

static void to_wire(void *arg, const struct adit_tx_packet *packet)
{
	struct wire *w = arg;

	assert_true(w->n < 64);
	w->packets[w->n] = *packet;
	memcpy(w->bytes[w->n++], packet->bytes, packet->n_bytes);
}

static void to_stack(void *arg, const uint8_t *frame, size_t frame_bytes)
{
	(void)frame;
	(void)frame_bytes;
	((struct wire *)arg)->n_up++;
}

static struct adit_sa twofish(enum adit_dir dir)
{
	struct adit_sa sa = { .spi = 0x1234, .reqid = 1, .dir = dir, .proto = ADIT_PROTO_ESP, .mode = ADIT_MODE_TUNNEL,
			      .enc = ADIT_ENC_TWOFISH_CBC, .auth = ADIT_AUTH_HMAC_SHA256_128, .auth_key_bytes = 32, .ttl = 64,
			      .src = { .bytes = { 192, 0, 2, 1 } }, .dst = { .bytes = { 198, 51, 100, 1 } }, .replay_packets = 64 };

	memset(sa.enc_key, 7, sizeof(sa.enc_key));
	memset(sa.auth_key, 9, sizeof(sa.auth_key));
	return sa;
}

static void packets_that_the_card_punts_come_back_done(void **state)
{
	struct adit_sa out_sa = twofish(ADIT_DIR_OUT), in_sa = twofish(ADIT_DIR_IN), small = twofish(ADIT_DIR_OUT);
	static struct wire w;
	struct slowpath_options options = { .sa_slots = 16, .limits = reassembly_default, .n_local = 1, .tx = to_wire, .up = to_stack,
					    .arg = &w, .local = { { .bytes = { 10, 1, 1, 1 } } } };
	struct slowpath *s = slowpath_open(&options);
	uint8_t frame[FRAME_MAX_BYTES];
	size_t n_bytes = make(frame, false, 0, 1300, 0);
	struct adit_rx_packet rx = { .bytes = frame, .n_bytes = (uint16_t)n_bytes, .reason = ADIT_REASON_HostSlowSeal,
				     .face = ADIT_FACE_LAN, .sa_slot = 3, .sp_id = 5, .seq = 42 };
	const struct slowpath_counts *counts = slowpath_counts(s);

	(void)state;
	assert_true(slowpath_take(s, &rx, 0));	/* no SA: dropped, nothing leaves */
	assert_int_equal(w.n, 0);
	assert_int_equal(counts->dropped, 1);
	assert_int_equal(slowpath_put_sa(s, 3, &out_sa, NULL), 0);
	assert_int_equal(slowpath_put_sa(s, 4, &in_sa, NULL), 0);
	assert_int_equal(slowpath_put_sa(s, 16, &in_sa, NULL), -22);
	assert_true(slowpath_take(s, &rx, 0));
	assert_int_equal(w.n, 1);
	assert_int_equal(w.packets[0].dest, ADIT_DEST_OUT_WAN);
	assert_memory_equal(w.bytes[0] + 34, "\x00\x00\x12\x34\x00\x00\x00\x2a", 8);

	rx = (struct adit_rx_packet){ .bytes = w.bytes[0], .n_bytes = w.packets[0].n_bytes, .reason = ADIT_REASON_HostSlowOpen,
				      .face = ADIT_FACE_WAN, .sa_slot = 4, .sp_id = ADIT_NO_SLOT, .seq = 42 };
	assert_true(slowpath_take(s, &rx, 0));
	assert_int_equal(w.n, 2);
	assert_true(w.packets[1].dest == ADIT_DEST_OPENED && w.packets[1].sa_slot == 4 && w.packets[1].seq == 42 &&
		    w.packets[1].reason == ADIT_REASON_NONE);
	assert_int_equal(w.packets[1].n_bytes, n_bytes);
	assert_memory_equal(w.bytes[1], frame, n_bytes);
	w.bytes[0][100] ^= 1;
	assert_true(slowpath_take(s, &rx, 0));
	assert_int_equal(w.packets[2].reason, ADIT_REASON_XfrmInStateProtoError);
	assert_int_equal(w.packets[2].n_bytes, w.packets[0].n_bytes);
	assert_int_equal(counts->sealed, 1);
	assert_int_equal(counts->opened, 1);
	assert_int_equal(counts->open_refused, 1);

	small.path_mtu = 600;	/* splits, and says so */
	assert_int_equal(slowpath_put_sa(s, 3, &small, NULL), 0);
	w.n = 0;
	rx = (struct adit_rx_packet){ .bytes = frame, .n_bytes = (uint16_t)n_bytes, .reason = ADIT_REASON_HostSplit,
				      .face = ADIT_FACE_LAN, .sa_slot = 3, .sp_id = 5 };
	assert_true(slowpath_take(s, &rx, 0));
	assert_int_equal(w.n, 3);
	for (unsigned i = 0; i < w.n; i++) {
		assert_true(w.packets[i].dest == ADIT_DEST_SEAL && w.packets[i].sa_slot == 3 && w.packets[i].sp_id == 5);
		assert_true(adit_sa_sealed_bytes(&small, (uint16_t)(w.packets[i].n_bytes - 14)) <= 600);
	}
	rx.reason = ADIT_REASON_HostTooBig;
	w.n = 0;
	assert_true(slowpath_take(s, &rx, 0));
	assert_true(w.n == 1 && w.packets[0].dest == ADIT_DEST_OUT_LAN);
	assert_int_equal(ipv4_get16(w.bytes[0] + 14 + 26), adit_sa_inner_mtu(&small, 600));
	rx.face = ADIT_FACE_HOST;
	assert_true(slowpath_take(s, &rx, 0));
	assert_int_equal(w.n_up, 1);

	rx.reason = ADIT_REASON_HostIke;	/* not ours */
	assert_false(slowpath_take(s, &rx, 0));
	slowpath_tick(s, 100000);
	slowpath_close(s);
}

/* ---- checksums behind a NAT */

/* RFC 1071 over the pseudo header and n_covered bytes of text, as a receiver does it: all ones is right. */
static uint16_t verify(const struct ip_packet *ip, const uint8_t *text, size_t n_text, size_t n_covered)
{
	uint64_t sum = n_text + ip->proto;

	for (size_t i = 0; i < ip->addr_bytes; i += 2)
		sum += (uint64_t)ipv4_get16(ip->src + i) + ipv4_get16(ip->dst + i);
	for (size_t i = 0; i < n_covered; i++)
		sum += (uint64_t)text[i] << (i & 1 ? 0 : 8);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

static void checksums_behind_a_nat_are_computed_anew(void **state)
{
	static const struct { uint8_t proto; unsigned place; } kinds[] = { { 6, 16 }, { 17, 6 }, { 136, 6 } };
	uint8_t frame[FRAME_MAX_BYTES], before[FRAME_MAX_BYTES];

	(void)state;
	for (unsigned turn = 0; turn < 300; turn++) {
		const unsigned kind = turn % 3, is_v6 = turn / 3 % 2;
		size_t n_text = 20 + pick(1200), n_bytes = make(frame, is_v6, 0, n_text, turn % 3), l3 = 14 + 4 * (turn % 3);
		uint8_t *text = frame + l3 + (is_v6 ? 40 : 20);
		struct frame f;

		frame[l3 + (is_v6 ? 6 : 9)] = kinds[kind].proto;
		ip_set_length(frame + l3, is_v6, n_bytes - l3);
		ipv4_put16(text + 4, kinds[kind].proto == 136 ? (uint16_t)(turn & 8 ? 0 : 8 + pick((unsigned)n_text - 7)) : (uint16_t)n_text);
		ipv4_put16(text + kinds[kind].place, 0x1234);
		memcpy(before, frame, n_bytes);
		f = read_ok(frame, n_bytes);
		assert_true(checksum_mend(frame, n_bytes));
		assert_int_equal(verify(&f.ip, text, n_text, kinds[kind].proto == 136 && ipv4_get16(text + 4) ? ipv4_get16(text + 4) : n_text),
				 0xffff);
		memcpy(before + (text - frame) + kinds[kind].place, text + kinds[kind].place, 2);
		assert_memory_equal(frame, before, n_bytes);	/* nothing else is touched */
	}
}

static void what_has_no_checksum_is_left_alone(void **state)
{
	uint8_t frame[256], before[256];

	(void)state;
	for (unsigned what = 0; what < 4; what++) {
		size_t n_bytes = make(frame, false, 0, what == 1 ? 7 : 40, 0);


		if (what == 0)
			ipv4_put16(frame + 34 + 6, 0);			/* UDP that never had one (RFC 768) */
		else if (what == 2)
			frame[14 + 9] = 1;				/* ICMP has no pseudo header in IPv4 */
		else if (what == 3)
			frame[14 + 6] = 0x20;				/* a fragment */
		ip_set_length(frame + 14, false, n_bytes - 14);
		memcpy(before, frame, n_bytes);
		assert_false(checksum_mend(frame, n_bytes));
		assert_memory_equal(frame, before, n_bytes);
	}
	assert_false(checksum_mend(frame, 13));
}

static void only_packets_of_a_nat_traversing_transport_sa_are_mended(void **state)
{
	static struct wire w;
	struct slowpath_options options = { .sa_slots = 4, .limits = reassembly_default, .tx = to_wire, .arg = &w };
	struct slowpath *s = slowpath_open(&options);
	struct adit_sa sa = twofish(ADIT_DIR_IN);
	uint8_t frame[256], out[FRAME_MAX_BYTES];
	struct adit_rx_packet rx = { .bytes = frame, .reason = ADIT_REASON_HostLocal, .face = ADIT_FACE_WAN, .sa_slot = 2 };

	(void)state;
	rx.n_bytes = (uint16_t)make(frame, false, 0, 40, 0);
	ipv4_put16(frame + 34 + 6, 1);
	assert_false(slowpath_mend(s, &rx, out));	/* no such SA */
	assert_int_equal(slowpath_put_sa(s, 2, &sa, NULL), 0);
	assert_false(slowpath_mend(s, &rx, out));
	sa.udp_encap = true;
	assert_int_equal(slowpath_put_sa(s, 2, &sa, NULL), 0);
	assert_false(slowpath_mend(s, &rx, out));	/* tunnel mode: inner addresses are the sender's own */
	sa.mode = ADIT_MODE_TRANSPORT;
	assert_int_equal(slowpath_put_sa(s, 2, &sa, NULL), 0);
	assert_true(slowpath_mend(s, &rx, out));
	assert_int_equal(slowpath_counts(s)->mended, 1);
	rx.sa_slot = ADIT_NO_SLOT;
	assert_false(slowpath_mend(s, &rx, out));
	slowpath_close(s);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_packet_cut_and_shuffled_becomes_whole_again),
		cmocka_unit_test(congestion_that_a_fragment_met_is_not_forgotten),
		cmocka_unit_test(only_copied_options_stand_in_later_fragments),
		cmocka_unit_test(what_may_not_be_cut_is_not_cut),
		cmocka_unit_test(an_overlap_refuses_the_datagram_and_all_that_follows),
		cmocka_unit_test(a_datagram_that_never_ends_is_forgotten_in_time),
		cmocka_unit_test(a_flood_stays_within_the_limits),
		cmocka_unit_test(random_fragments_never_give_more_than_they_brought),
		cmocka_unit_test(too_big_is_answered_as_the_rfcs_say),
		cmocka_unit_test(nobody_is_answered_who_may_not_be),
		cmocka_unit_test(packets_that_the_card_punts_come_back_done),
		cmocka_unit_test(checksums_behind_a_nat_are_computed_anew),
		cmocka_unit_test(what_has_no_checksum_is_left_alone),
		cmocka_unit_test(only_packets_of_a_nat_traversing_transport_sa_are_mended),
	};

	seed = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 0) : (unsigned)time(NULL);
	printf("test_slowpath: seed %u\n", seed);
	srand(seed);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
