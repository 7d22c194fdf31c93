// SPDX-License-Identifier: BSD-2-Clause-Patent
/* The card's law, clause by clause: two golden cards face each other, and each reason is provoked by a packet made for it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "transform/golden_card.h"
#include "transform/ip.h"

enum { L2 = 14, ROOM = GOLDEN_MAX_FRAME_BYTES, OUT_SLOT = 1, IN_SLOT = 2, OUT_AH = 3, IN_AH = 4, RULE = 5, REQID = 77 };
#define N(table) (sizeof(table) / sizeof((table)[0]))

static const uint8_t ends[2][2][16] = {	/* [is_v6][here, there] */
	{ { 192, 0, 2, 1 }, { 198, 51, 100, 1 } },
	{ { 0x20, 1, 0x0d, 0xb8, [15] = 1 }, { 0x20, 1, 0x0d, 0xb8, [15] = 2 } },
};
static const uint8_t hosts[2][2][16] = {
	{ { 10, 1, 202, 7 }, { 10, 1, 101, 9 } },
	{ { 0xfd, 0, 2, 2, [15] = 7 }, { 0xfd, 0, 1, 1, [15] = 9 } },
};

static struct adit_addr addr(bool is_v6, const uint8_t bytes[16])
{
	struct adit_addr a = { .is_v6 = is_v6 };

	memcpy(a.bytes, bytes, is_v6 ? 16 : 4);
	return a;
}

/* ---- frames */

struct frame {
	uint8_t bytes[ROOM];
	size_t n;
};

/* An IP packet behind plain Ethernet; payload_bytes of proto, the first few given. */
static struct frame packet(bool is_v6, const uint8_t *src, const uint8_t *dst, uint8_t proto, const char *payload, size_t given, size_t payload_bytes)
{
	struct frame f = { .bytes = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2 }, .n = L2 + (is_v6 ? 40u : 20u) + payload_bytes };
	uint8_t *ip = f.bytes + L2, *l4 = ip + (is_v6 ? 40 : 20);

	ipv4_put16(f.bytes + 12, is_v6 ? 0x86dd : 0x0800);
	ip[0] = is_v6 ? 0x60 : 0x45;
	ip[is_v6 ? 6 : 9] = proto;
	ip[is_v6 ? 7 : 8] = 64;
	memcpy(ip + (is_v6 ? 8 : 12), src, is_v6 ? 16 : 4);
	memcpy(ip + (is_v6 ? 24 : 16), dst, is_v6 ? 16 : 4);
	ip_set_length(ip, is_v6, f.n - L2);
	for (size_t i = 0; i < payload_bytes; i++)
		l4[i] = i < given ? (uint8_t)payload[i] : (uint8_t)(i * 29 + 3);
	return f;
}

static struct frame udp(bool is_v6, const uint8_t *src, const uint8_t *dst, size_t payload_bytes)
{
	return packet(is_v6, src, dst, 17, "\x30\x39\x00\x35", 4, payload_bytes);
}

static struct frame plain(bool is_v6)
{
	return udp(is_v6, hosts[is_v6][0], hosts[is_v6][1], 40);
}

static void set_fragment(struct frame *f, uint16_t bits)
{
	ipv4_put16(f->bytes + L2 + 6, bits);
	ipv4_set_checksum(f->bytes + L2);
}

/* ---- cards */

/* How the two cards protect: everything that differs from cell to cell. */
struct kind {
	enum adit_proto proto;
	enum adit_mode mode;
	bool inner_v6, outer_v6, esn, natt, bundle, host;
	enum adit_enc enc;
	enum adit_auth auth;
};

static const struct kind usual = { .proto = ADIT_PROTO_ESP, .mode = ADIT_MODE_TUNNEL, .enc = ADIT_ENC_AES_CBC_128, .auth = ADIT_AUTH_HMAC_SHA1_96 };

static uint8_t key_bytes_of(enum adit_auth auth)
{
	static const uint8_t bytes[] = { 0, 16, 20, 32, 48, 64, 16, 24, 32 };

	return bytes[auth];
}

/* towards: 0 from here to there. */
static struct adit_sa sa_of(const struct kind *k, enum adit_dir dir, int towards, bool is_around)
{
	struct adit_sa sa = { .spi = 0x1000u + (unsigned)towards + (is_around ? 16 : 0), .reqid = REQID, .dir = dir,
			      .proto = is_around ? ADIT_PROTO_AH : k->proto, .mode = is_around ? ADIT_MODE_TRANSPORT : k->mode,
			      .enc = is_around ? ADIT_ENC_NULL : k->enc, .auth = is_around ? ADIT_AUTH_HMAC_SHA256_128 : k->auth,
			      .src = addr(k->outer_v6, ends[k->outer_v6][towards]), .dst = addr(k->outer_v6, ends[k->outer_v6][!towards]),
			      .esn = k->esn, .replay_packets = dir == ADIT_DIR_IN ? 64 : 0, .udp_encap = k->natt && !is_around,
			      .natt_sport = 4500, .natt_dport = 4500, .host_transform = k->host && !is_around };

	for (unsigned i = 0; i < 64; i++) {
		sa.enc_key[i % 32] = (uint8_t)(i * 7 + 1);
		sa.auth_key[i] = (uint8_t)(i * 3 + 5 + is_around);
	}
	memcpy(sa.salt, "salt", 4);
	sa.auth_key_bytes = key_bytes_of(sa.auth);
	if (k->bundle && !is_around) {
		sa.has_next = true;
		sa.next_slot = dir == ADIT_DIR_OUT ? OUT_AH : IN_AH;
	}
	return sa;
}

static struct adit_sp rule_of(bool is_v6, const uint8_t *src, const uint8_t *dst, unsigned plen)
{
	return (struct adit_sp){ .id = RULE, .src = addr(is_v6, src), .dst = addr(is_v6, dst), .src_plen = (uint8_t)plen, .dst_plen = (uint8_t)plen,
				 .any_proto = true, .any_ports = true, .action = ADIT_ACTION_ENCRYPT, .level = ADIT_LEVEL_REQUIRE, .reqid = REQID };
}

/* side 0 stands here, side 1 there; each seals what goes to the other. */
static struct golden_card *card_of(const struct kind *k, int side)
{
	struct adit_mode_options options = { .n_local = 2, .local = { addr(false, ends[0][side]), addr(true, ends[1][side]) } };
	struct golden_card *card = golden_card_open(&options);
	struct adit_sa out = sa_of(k, ADIT_DIR_OUT, side, false), in = sa_of(k, ADIT_DIR_IN, !side, false);
	const uint8_t (*nets)[16] = k->mode == ADIT_MODE_TUNNEL ? hosts[k->inner_v6] : ends[k->inner_v6];
	unsigned plen = k->mode == ADIT_MODE_TRANSPORT ? (k->inner_v6 ? 128 : 32) : k->inner_v6 ? 64 : 24;
	struct adit_sp rule = rule_of(k->inner_v6, nets[side], nets[!side], plen);

	assert_non_null(card);
	if (k->bundle) {
		struct adit_sa out_ah = sa_of(k, ADIT_DIR_OUT, side, true), in_ah = sa_of(k, ADIT_DIR_IN, !side, true);

		assert_int_equal(golden_card_sa_add(card, OUT_AH, &out_ah), 0);
		assert_int_equal(golden_card_sa_add(card, IN_AH, &in_ah), 0);
	}
	assert_int_equal(golden_card_sa_add(card, OUT_SLOT, &out), 0);
	assert_int_equal(golden_card_sa_add(card, IN_SLOT, &in), 0);
	assert_int_equal(golden_card_sp_replace(card, &rule, 1), 0);
	golden_card_sp_bind(card, RULE, OUT_SLOT);
	return card;
}

static struct golden_verdict enter(struct golden_card *card, enum adit_face face, const struct frame *f, struct frame *out)
{
	static struct frame unwanted;
	uint8_t *exact = test_malloc(f->n + !f->n);	/* a read past it is caught by the sanitizer */
	struct golden_verdict v;

	memcpy(exact, f->bytes, f->n);
	out = out != NULL ? out : &unwanted;
	v = golden_card_packet(card, face, face == ADIT_FACE_WAN ? ADIT_DEST_FROM_WAN : ADIT_DEST_FROM_LAN, exact, f->n, out->bytes, &out->n);
	test_free(exact);
	return v;
}

static void expect(struct golden_card *card, enum adit_face face, const struct frame *f, enum adit_reason reason, enum adit_face face_out)
{
	struct golden_verdict v = enter(card, face, f, NULL);

	if (v.reason != reason || v.face_out != face_out)
		fail_msg("reason %u face %u, not %u face %u", (unsigned)v.reason, (unsigned)v.face_out, (unsigned)reason, (unsigned)face_out);
}

static enum adit_event_kind next_event(struct golden_card *card, uint16_t *slot)
{
	struct adit_event e;

	if (!golden_card_next_event(card, &e))
		return ADIT_EV_VERDICT;	/* none of golden's */
	*slot = e.sa_slot;
	return e.kind;
}

static void expect_event(struct golden_card *card, enum adit_event_kind kind, uint16_t slot)
{
	uint16_t got = 0;

	assert_int_equal(next_event(card, &got), kind);
	assert_int_equal(got, slot);
}

static void expect_no_event(struct golden_card *card)
{
	uint16_t slot;

	assert_int_equal(next_event(card, &slot), ADIT_EV_VERDICT);
}

/* ---- through two cards */

static void go_through(const struct kind *k)
{
	struct golden_card *here = card_of(k, 0), *there = card_of(k, 1);
	struct adit_sa_state out_state, in_state;
	struct adit_sp_state out_sp, in_sp;
	struct frame sealed, opened, f;

	for (unsigned i = 0; i < 5; i++) {
		const uint8_t (*from)[16] = k->mode == ADIT_MODE_TUNNEL ? hosts[k->inner_v6] : ends[k->inner_v6];
		struct golden_verdict v;

		f = udp(k->inner_v6, from[0], from[1], 8 + i * 300);
		v = enter(here, ADIT_FACE_LAN, &f, &sealed);
		assert_int_equal(v.reason, ADIT_REASON_NONE);
		assert_int_equal(v.face_out, ADIT_FACE_WAN);
		v = enter(there, ADIT_FACE_WAN, &sealed, &opened);
		assert_int_equal(v.reason, k->mode == ADIT_MODE_TUNNEL ? ADIT_REASON_NONE : ADIT_REASON_HostLocal);
		assert_int_equal(v.sa_slot, IN_SLOT);
		assert_int_equal(v.sp_id, RULE);
		assert_int_equal(opened.n, f.n);
		assert_memory_equal(opened.bytes, f.bytes, f.n);
		assert_int_equal(enter(there, ADIT_FACE_WAN, &sealed, NULL).reason, ADIT_REASON_XfrmInStateSeqError);
		if (k->auth != ADIT_AUTH_NULL || k->enc >= ADIT_ENC_AES_GCM_128) {
			enter(here, ADIT_FACE_LAN, &f, &sealed);	/* a new number, so that only the ICV is wrong */
			sealed.bytes[sealed.n - 1] ^= 1;
			expect(there, ADIT_FACE_WAN, &sealed, ADIT_REASON_XfrmInStateProtoError, ADIT_FACE_NONE);
		}
	}
	golden_card_sa_state(here, OUT_SLOT, &out_state);
	golden_card_sa_state(there, IN_SLOT, &in_state);
	golden_card_sp_state(here, RULE, &out_sp);
	golden_card_sp_state(there, RULE, &in_sp);
	assert_int_equal(in_state.packets, 5);
	assert_int_equal(in_state.bytes, 5 * ((k->inner_v6 ? 40 : 20) + 8) + 3000);
	assert_int_equal(out_sp.out_transformed, out_state.packets);
	assert_int_equal(in_sp.in_transformed, 5);
	assert_int_equal(in_state.seq, out_state.seq - 1 - (out_state.packets == 10 ? 1 : 0));
	if (k->bundle) {
		golden_card_sa_state(there, IN_AH, &in_state);
		assert_int_equal(in_state.packets, 5);
		assert_int_equal(in_state.replays, 5);
		assert_int_equal(in_state.icv_errors, 5);
	}
	golden_card_close(here);
	golden_card_close(there);
}

static void every_kind_of_sa_goes_through_two_cards(void **state)
{
	static const struct { enum adit_enc enc; enum adit_auth auth; } suites[] = {
		{ ADIT_ENC_NULL, ADIT_AUTH_HMAC_MD5_96 }, { ADIT_ENC_AES_CBC_192, ADIT_AUTH_HMAC_SHA1_96 }, { ADIT_ENC_DES_CBC, ADIT_AUTH_HMAC_SHA256_128 },
		{ ADIT_ENC_DES3_CBC, ADIT_AUTH_HMAC_SHA384_192 }, { ADIT_ENC_AES_CTR_256, ADIT_AUTH_HMAC_SHA512_256 },
		{ ADIT_ENC_AES_GCM_256, ADIT_AUTH_NULL }, { ADIT_ENC_NULL, ADIT_AUTH_AES_GMAC_192 },
	};
	unsigned cells = 0;

	(void)state;
	for (unsigned bits = 0; bits < 64; bits++)
		for (size_t s = 0; s < N(suites); s++) {
			struct kind k = { .proto = bits & 1 ? ADIT_PROTO_AH : ADIT_PROTO_ESP, .mode = bits & 2 ? ADIT_MODE_TUNNEL : ADIT_MODE_TRANSPORT,
					  .inner_v6 = (bits & 4) != 0, .outer_v6 = (bits & 8) != 0, .esn = (bits & 16) != 0,
					  .enc = suites[s].enc, .auth = suites[s].auth };

			if (k.mode == ADIT_MODE_TRANSPORT && k.inner_v6 != k.outer_v6)
				continue;
			if (k.proto == ADIT_PROTO_AH) {
				if (k.enc >= ADIT_ENC_AES_GCM_128 || k.auth > ADIT_AUTH_HMAC_SHA512_256 || k.auth == ADIT_AUTH_NULL || bits & 32)
					continue;
				k.enc = ADIT_ENC_NULL;
			} else if (bits & 32 && s % 2 == 0) {
				k.bundle = true;
			} else if (bits & 32) {
				if (k.outer_v6)	/* UDP over IPv6 is the host's */
					continue;
				k.natt = true;
			}
			go_through(&k);
			cells++;
		}
	printf("%u kinds of SA\n", cells);
}

static void what_the_host_must_transform_comes_with_its_number_and_back(void **state)
{
	static const enum adit_enc encs[] = { ADIT_ENC_BLOWFISH_CBC, ADIT_ENC_TWOFISH_CBC, ADIT_ENC_CAMELLIA_CBC_256, ADIT_ENC_AES_CBC_128 };

	(void)state;
	for (unsigned i = 0; i < 4 * N(encs); i++) {
		struct kind k = { .proto = ADIT_PROTO_ESP, .mode = i & 1 ? ADIT_MODE_TUNNEL : ADIT_MODE_TRANSPORT, .inner_v6 = (i & 2) != 0,
				  .outer_v6 = (i & 2) != 0, .host = true, .enc = encs[i / 4], .auth = ADIT_AUTH_HMAC_SHA256_128 };
		struct golden_card *here = card_of(&k, 0), *there = card_of(&k, 1);
		struct adit_sa out_sa = sa_of(&k, ADIT_DIR_OUT, 0, false), in_sa = sa_of(&k, ADIT_DIR_IN, 0, false);
		const uint8_t (*from)[16] = k.mode == ADIT_MODE_TUNNEL ? hosts[k.inner_v6] : ends[k.inner_v6];
		struct frame f = udp(k.inner_v6, from[0], from[1], 100), punted, sealed, opened, out;
		struct golden_told told = { .sa_slot = IN_SLOT };
		struct golden_sa *sealer, *opener;
		struct adit_sa_state sa_state;
		struct golden_verdict v;

		assert_int_equal(golden_sa_open(&out_sa, &sealer), 0);
		assert_int_equal(golden_sa_open(&in_sa, &opener), 0);
		for (unsigned seq = 1; seq <= 3; seq++) {
			v = enter(here, ADIT_FACE_LAN, &f, &punted);
			assert_int_equal(v.reason, ADIT_REASON_HostSlowSeal);
			assert_int_equal(v.face_out, ADIT_FACE_HOST);
			assert_int_equal(v.seq, seq);
			assert_int_equal(v.sa_slot, OUT_SLOT);
			assert_memory_equal(punted.bytes, f.bytes, f.n);
			assert_int_equal(golden_seal(sealer, punted.bytes, punted.n, L2, v.seq, sealed.bytes, ROOM, &sealed.n), ADIT_REASON_NONE);
			v = enter(there, ADIT_FACE_WAN, &sealed, &punted);
			assert_int_equal(v.reason, ADIT_REASON_HostSlowOpen);
			assert_int_equal(v.seq, seq);
			assert_int_equal(v.sa_slot, IN_SLOT);
			assert_int_equal(golden_open(opener, punted.bytes, punted.n, L2, v.seq, opened.bytes, ROOM, &opened.n), ADIT_REASON_NONE);
			told.seq = v.seq;
			v = golden_card_packet_told(there, ADIT_DEST_OPENED, &told, opened.bytes, opened.n, out.bytes, &out.n);
			assert_int_equal(v.reason, k.mode == ADIT_MODE_TUNNEL ? ADIT_REASON_NONE : ADIT_REASON_HostLocal);
			assert_int_equal(v.sa_slot, IN_SLOT);
			assert_int_equal(out.n, f.n);
			assert_memory_equal(out.bytes, f.bytes, f.n);
			v = golden_card_packet_told(there, ADIT_DEST_OPENED, &told, opened.bytes, opened.n, out.bytes, &out.n);
			assert_int_equal(v.reason, ADIT_REASON_XfrmInStateSeqError);
			assert_int_equal(out.n, 0);
		}
		told.reason = ADIT_REASON_XfrmInStateProtoError;
		v = golden_card_packet_told(there, ADIT_DEST_OPENED, &told, opened.bytes, opened.n, out.bytes, &out.n);
		assert_int_equal(v.reason, ADIT_REASON_XfrmInStateProtoError);
		golden_card_sa_state(there, IN_SLOT, &sa_state);
		assert_int_equal(sa_state.packets, 3);
		assert_int_equal(sa_state.icv_errors, 1);
		assert_int_equal(sa_state.replays, 3);
		told.sa_slot = OUT_SLOT;
		v = golden_card_packet_told(there, ADIT_DEST_OPENED, &told, opened.bytes, opened.n, out.bytes, &out.n);
		assert_int_equal(v.reason, ADIT_REASON_XfrmInNoStates);
		golden_sa_close(sealer);
		golden_sa_close(opener);
		golden_card_close(here);
		golden_card_close(there);
	}
}

/* ---- clauses */

static void what_needs_no_policy_goes_its_way(void **state)
{
	struct golden_card *card = card_of(&usual, 0);
	const uint8_t *us4 = ends[0][0], *us6 = ends[1][0], *them4 = ends[0][1], *them6 = ends[1][1];
	char solicit[24] = { (char)135 };
	struct frame arp = { .bytes = { [12] = 8, [13] = 6 }, .n = L2 + 28 }, f;

	(void)state;
	expect(card, ADIT_FACE_LAN, &arp, ADIT_REASON_NONE, ADIT_FACE_WAN);
	expect(card, ADIT_FACE_WAN, &arp, ADIT_REASON_NONE, ADIT_FACE_LAN);
	memcpy(arp.bytes + L2 + 24, us4, 4);
	expect(card, ADIT_FACE_LAN, &arp, ADIT_REASON_HostArp, ADIT_FACE_HOST);
	expect(card, ADIT_FACE_WAN, &arp, ADIT_REASON_HostArp, ADIT_FACE_HOST);
	arp.n--;
	expect(card, ADIT_FACE_LAN, &arp, ADIT_REASON_RxRunt, ADIT_FACE_NONE);
	arp.bytes[13] = 7;
	expect(card, ADIT_FACE_LAN, &arp, ADIT_REASON_RxNotIp, ADIT_FACE_NONE);
	f = (struct frame){ .n = 13 };
	expect(card, ADIT_FACE_LAN, &f, ADIT_REASON_RxRunt, ADIT_FACE_NONE);

	/* neighbour discovery: the target address counts, and only with hop limit 255 */
	f = packet(true, them6, hosts[1][0], 58, solicit, 8, 24);
	f.bytes[L2 + 7] = 255;
	expect(card, ADIT_FACE_LAN, &f, ADIT_REASON_NONE, ADIT_FACE_WAN);
	memcpy(f.bytes + L2 + 48, us6, 16);
	expect(card, ADIT_FACE_LAN, &f, ADIT_REASON_HostNd, ADIT_FACE_HOST);
	expect(card, ADIT_FACE_WAN, &f, ADIT_REASON_HostNd, ADIT_FACE_HOST);
	f.bytes[L2 + 7] = 254;
	expect(card, ADIT_FACE_LAN, &f, ADIT_REASON_OutNoPols, ADIT_FACE_NONE);

	/* IKE, from us and to us; keepalive and non-ESP marker */
	f = packet(false, them4, us4, 17, "\x01\xf4\x01\xf4", 4, 40);
	expect(card, ADIT_FACE_LAN, &f, ADIT_REASON_HostIke, ADIT_FACE_HOST);
	expect(card, ADIT_FACE_WAN, &f, ADIT_REASON_HostIke, ADIT_FACE_HOST);
	f = packet(false, us4, them4, 17, "\x01\xf4\x01\xf4", 4, 40);
	expect(card, ADIT_FACE_LAN, &f, ADIT_REASON_NONE, ADIT_FACE_WAN);
	f = packet(true, us6, them6, 17, "\x11\x94\x11\x94", 4, 40);
	expect(card, ADIT_FACE_LAN, &f, ADIT_REASON_NONE, ADIT_FACE_WAN);
	f = packet(false, them4, us4, 17, "\x11\x94\x11\x94\0\x09\0\0\xff", 9, 9);
	expect(card, ADIT_FACE_WAN, &f, ADIT_REASON_InKeepalive, ADIT_FACE_NONE);
	f = packet(false, them4, us4, 17, "\x11\x94\x11\x94\0\0\0\0\0\0\0\0", 12, 40);
	expect(card, ADIT_FACE_WAN, &f, ADIT_REASON_HostIke, ADIT_FACE_HOST);
	f = packet(false, them4, us4, 17, "\x11\x94\x11\x94\0\0\0\0\0\0\1\0", 12, 40);
	expect(card, ADIT_FACE_WAN, &f, ADIT_REASON_XfrmInNoStates, ADIT_FACE_NONE);
	f = packet(false, them4, us4, 17, "\x11\x94\x11\x94\0\0\0\0\0\0\1\0", 12, 14);
	expect(card, ADIT_FACE_WAN, &f, ADIT_REASON_XfrmInHdrError, ADIT_FACE_NONE);

	/* fragments of what IPsec or IKE may be: to the host once */
	f = packet(false, them4, us4, 50, "", 0, 40);
	set_fragment(&f, 0x2000);
	expect(card, ADIT_FACE_WAN, &f, ADIT_REASON_HostFragment, ADIT_FACE_HOST);
	{
		struct frame out;
		struct golden_verdict v = golden_card_packet(card, ADIT_FACE_HOST, ADIT_DEST_FROM_WAN, f.bytes, f.n, out.bytes, &out.n);

		assert_int_equal(v.reason, ADIT_REASON_InFragment);
	}
	/* ESP and AH of nobody, cut short, in transit */
	f = packet(false, them4, us4, 50, "\0\0\x77\x77\0\0\0\1", 8, 60);
	expect(card, ADIT_FACE_WAN, &f, ADIT_REASON_XfrmInNoStates, ADIT_FACE_NONE);
	f = packet(false, them4, us4, 50, "\0\0\x77\x77\0\0\0\1", 7, 7);
	expect(card, ADIT_FACE_WAN, &f, ADIT_REASON_XfrmInHdrError, ADIT_FACE_NONE);
	f = packet(false, them4, us4, 51, "\x11\x04\0\0\0\0\x77\x77\0\0\0\1", 12, 23);
	expect(card, ADIT_FACE_WAN, &f, ADIT_REASON_XfrmInHdrError, ADIT_FACE_NONE);
	f = packet(false, them4, hosts[0][0], 50, "\0\0\x77\x77\0\0\0\1", 8, 60);
	expect(card, ADIT_FACE_WAN, &f, ADIT_REASON_XfrmInNoPols, ADIT_FACE_NONE);
	golden_card_close(card);
}

static void extension_headers_are_walked_as_far_as_the_card_sees(void **state)
{
	struct golden_card *card = card_of(&usual, 0);
	struct frame f;

	(void)state;
	for (int n = 1; n <= 5; n++) {	/* n destination option headers, then UDP to port 53 */
		char some[64] = { 0 };

		for (int i = 0; i < n; i++)
			some[8 * i] = i == n - 1 ? 17 : 60;
		f = packet(true, ends[1][1], ends[1][0], 60, some, 8 * (size_t)n, 8 * (size_t)n + 20);
		ipv4_put16(f.bytes + L2 + 40 + 8 * n + 2, 500);
		expect(card, ADIT_FACE_LAN, &f, n <= 4 ? ADIT_REASON_HostIke : ADIT_REASON_RxExtHeaders, n <= 4 ? ADIT_FACE_HOST : ADIT_FACE_NONE);
	}
	for (int units = 0; units < 12; units++) {	/* one long header: ports must end inside 128 bytes */
		char one[2] = { 17, (char)units };
		size_t ext_bytes = 8 * ((size_t)units + 1);
		bool fits = L2 + 40 + ext_bytes + 4 <= 128;

		f = packet(true, ends[1][1], ends[1][0], 0, one, 2, ext_bytes + 20);
		ipv4_put16(f.bytes + L2 + 40 + ext_bytes + 2, 53);
		expect(card, ADIT_FACE_LAN, &f, fits ? ADIT_REASON_HostLocal : ADIT_REASON_RxExtHeaders, fits ? ADIT_FACE_HOST : ADIT_FACE_NONE);
	}
	f = packet(true, ends[1][1], ends[1][0], 0, "\x11\x02", 2, 20);	/* longer than the packet */
	expect(card, ADIT_FACE_LAN, &f, ADIT_REASON_RxExtHeaders, ADIT_FACE_NONE);
	f = packet(true, ends[1][1], ends[1][0], 44, "\x3c\0\0\x08\0\0\0\1", 8, 40);	/* a later fragment that hides its protocol */
	expect(card, ADIT_FACE_LAN, &f, ADIT_REASON_RxExtHeaders, ADIT_FACE_NONE);
	f = packet(true, ends[1][1], ends[1][0], 17, "", 0, 0);
	expect(card, ADIT_FACE_LAN, &f, ADIT_REASON_RxIpHeader, ADIT_FACE_NONE);
	golden_card_close(card);
}

static void policy_decides_by_its_first_rule(void **state)
{
	struct golden_card *card = card_of(&usual, 0);
	struct adit_sp rule = rule_of(false, hosts[0][0], hosts[0][1], 24), rules[3];
	struct frame f = plain(false), back = udp(false, hosts[0][1], hosts[0][0], 40), later = f, ping, echo;
	struct adit_event event;

	(void)state;
	expect(card, ADIT_FACE_WAN, &back, ADIT_REASON_XfrmInTmplMismatch, ADIT_FACE_NONE);	/* in clear, and must not be */
	golden_card_sp_bind(card, RULE, ADIT_NO_SLOT);
	expect(card, ADIT_FACE_LAN, &f, ADIT_REASON_XfrmOutNoStates, ADIT_FACE_NONE);
	expect(card, ADIT_FACE_LAN, &f, ADIT_REASON_XfrmOutNoStates, ADIT_FACE_NONE);
	assert_true(golden_card_next_event(card, &event));	/* one acquire until the next binding */
	assert_int_equal(event.kind, ADIT_EV_ACQUIRE);
	assert_int_equal(event.sp_id, RULE);
	assert_int_equal(event.dport, 0x35);
	assert_memory_equal(event.dst.bytes, hosts[0][1], 4);
	expect_no_event(card);

	rule.level = ADIT_LEVEL_USE;
	assert_int_equal(golden_card_sp_add(card, &rule), 0);
	expect(card, ADIT_FACE_LAN, &f, ADIT_REASON_NONE, ADIT_FACE_WAN);
	expect(card, ADIT_FACE_WAN, &back, ADIT_REASON_NONE, ADIT_FACE_LAN);
	rule.action = ADIT_ACTION_DISCARD;
	assert_int_equal(golden_card_sp_add(card, &rule), 0);
	expect(card, ADIT_FACE_LAN, &f, ADIT_REASON_XfrmOutPolBlock, ADIT_FACE_NONE);
	expect(card, ADIT_FACE_WAN, &back, ADIT_REASON_XfrmInPolBlock, ADIT_FACE_NONE);
	rule.action = ADIT_ACTION_ENCRYPT;
	rule.reqid = REQID + 1;
	golden_card_sp_bind(card, RULE, OUT_SLOT);
	assert_int_equal(golden_card_sp_add(card, &rule), 0);
	expect(card, ADIT_FACE_LAN, &f, ADIT_REASON_XfrmOutStateInvalid, ADIT_FACE_NONE);

	/* ports, and later fragments that hide them; an opaque rule is for those alone */
	rules[0] = rule_of(false, hosts[0][0], hosts[0][1], 24);
	rules[0].action = ADIT_ACTION_NONE;
	rules[0].any_ports = false;
	rules[0].sport_hi = 0xffff;
	rules[0].dport_lo = rules[0].dport_hi = 0x35;
	assert_int_equal(golden_card_sp_replace(card, rules, 1), 0);
	set_fragment(&later, 3);
	expect(card, ADIT_FACE_LAN, &f, ADIT_REASON_NONE, ADIT_FACE_WAN);
	expect(card, ADIT_FACE_LAN, &later, ADIT_REASON_OutFragment, ADIT_FACE_NONE);
	expect(card, ADIT_FACE_WAN, &back, ADIT_REASON_XfrmInNoPols, ADIT_FACE_NONE);	/* port 53 stands on the other side */
	rules[1] = rule_of(false, hosts[0][0], hosts[0][1], 24);
	rules[1].id = 6;
	rules[1].priority = 10;
	rules[1].opaque = true;
	rules[1].action = ADIT_ACTION_DISCARD;
	assert_int_equal(golden_card_sp_replace(card, rules, 2), 0);
	expect(card, ADIT_FACE_LAN, &f, ADIT_REASON_NONE, ADIT_FACE_WAN);
	expect(card, ADIT_FACE_LAN, &later, ADIT_REASON_XfrmOutPolBlock, ADIT_FACE_NONE);
	assert_int_equal(golden_card_sp_delete(card, 6), 0);
	expect(card, ADIT_FACE_LAN, &later, ADIT_REASON_OutFragment, ADIT_FACE_NONE);
	assert_int_not_equal(golden_card_sp_delete(card, 6), 0);

	/* ICMP: type and code are ports that do not change places */
	for (int is_v6 = 0; is_v6 < 2; is_v6++) {
		rules[0] = rule_of(is_v6 != 0, hosts[is_v6][0], hosts[is_v6][1], is_v6 ? 64 : 24);
		rules[0].action = ADIT_ACTION_NONE;
		rules[0].any_proto = rules[0].any_ports = false;
		rules[0].proto = is_v6 ? 58 : 1;
		rules[0].sport_lo = rules[0].sport_hi = 8;
		assert_int_equal(golden_card_sp_replace(card, rules, 1), 0);
		ping = packet(is_v6 != 0, hosts[is_v6][0], hosts[is_v6][1], rules[0].proto, "\x08\0", 2, 30);
		echo = packet(is_v6 != 0, hosts[is_v6][1], hosts[is_v6][0], rules[0].proto, "\x08\0", 2, 30);
		expect(card, ADIT_FACE_LAN, &ping, ADIT_REASON_NONE, ADIT_FACE_WAN);
		expect(card, ADIT_FACE_WAN, &echo, ADIT_REASON_NONE, ADIT_FACE_LAN);
		ping.bytes[L2 + (is_v6 ? 40 : 20) + 1] = 1;
		echo.bytes[L2 + (is_v6 ? 40 : 20)] = 0;
		expect(card, ADIT_FACE_LAN, &ping, ADIT_REASON_OutNoPols, ADIT_FACE_NONE);
		expect(card, ADIT_FACE_WAN, &echo, ADIT_REASON_XfrmInNoPols, ADIT_FACE_NONE);
	}
	golden_card_close(card);
}

static void an_opened_packet_must_be_of_its_sas_policy(void **state)
{
	struct golden_card *here = card_of(&usual, 0), *there = card_of(&usual, 1);
	struct adit_sp rule = rule_of(false, hosts[0][1], hosts[0][0], 24), other = rule_of(false, hosts[0][0], ends[0][1], 0);
	struct frame f = plain(false), sealed;

	(void)state;
	enter(here, ADIT_FACE_LAN, &f, &sealed);
	rule.reqid++;
	assert_int_equal(golden_card_sp_replace(there, &rule, 1), 0);
	expect(there, ADIT_FACE_WAN, &sealed, ADIT_REASON_XfrmInTmplMismatch, ADIT_FACE_NONE);
	enter(here, ADIT_FACE_LAN, &f, &sealed);
	assert_int_equal(golden_card_sp_replace(there, &rule, 0), 0);
	expect(there, ADIT_FACE_WAN, &sealed, ADIT_REASON_XfrmInNoPols, ADIT_FACE_NONE);
	/* a later fragment inside: its SA's policy is enough even if that asks for ports */
	other.any_ports = false;
	other.sport_hi = other.dport_hi = 1;
	assert_int_equal(golden_card_sp_replace(there, &other, 1), 0);
	set_fragment(&f, 3);
	enter(here, ADIT_FACE_LAN, &f, &sealed);
	expect(there, ADIT_FACE_WAN, &sealed, ADIT_REASON_NONE, ADIT_FACE_LAN);
	golden_card_close(here);
	golden_card_close(there);
}

/* What is inside may be bad, but the number counts from then on. */
static void a_bad_inside_is_dropped_and_its_number_is_used_up(void **state)
{
	static const struct { enum adit_reason reason; uint8_t next_header; const char *text; size_t n; } insides[] = {
		{ ADIT_REASON_InDummy, 59, "abcd", 4 }, { ADIT_REASON_InNextHeader, 17, "abcd", 4 }, { ADIT_REASON_RxIpHeader, 4, "abcd", 4 },
		{ ADIT_REASON_RxIpHeader, 41, "\x60\0\0\0\0\0\x11\x40" "1234567812345678123456781234567812345678", 48 },
		{ ADIT_REASON_RxExtHeaders, 41, "\x60\0\0\0\0\x08\0\x40" "12345678123456781234567812345678\x11\x01\0\0\0\0\0\0", 48 },
	};
	struct golden_card *card = card_of(&usual, 1);
	struct kind transport = usual;
	struct adit_sa sa;
	struct adit_sa_state sa_state;
	struct golden_sa *peer;

	(void)state;
	transport.mode = ADIT_MODE_TRANSPORT;	/* seals any text between the two ends */
	sa = sa_of(&transport, ADIT_DIR_OUT, 0, false);
	assert_int_equal(golden_sa_open(&sa, &peer), 0);
	for (size_t i = 0; i < N(insides); i++) {
		struct frame f = packet(false, ends[0][0], ends[0][1], insides[i].next_header, insides[i].text, insides[i].n, insides[i].n), sealed;

		assert_int_equal(golden_seal(peer, f.bytes, f.n, L2, i + 1, sealed.bytes, ROOM, &sealed.n), ADIT_REASON_NONE);
		expect(card, ADIT_FACE_WAN, &sealed, insides[i].reason, ADIT_FACE_NONE);
		expect(card, ADIT_FACE_WAN, &sealed, ADIT_REASON_XfrmInStateSeqError, ADIT_FACE_NONE);
		golden_card_sa_state(card, IN_SLOT, &sa_state);
		assert_int_equal(sa_state.seq, i + 1);
		assert_int_equal(sa_state.packets, i + 1);
		assert_int_equal(sa_state.bytes, 0);
	}
	golden_sa_close(peer);
	golden_card_close(card);
}

static void a_bundle_must_be_whole(void **state)
{
	struct kind bundle = usual;
	struct golden_card *here, *there;
	struct adit_sa esp, ah;
	struct golden_sa *alone;
	struct frame f = plain(false), sealed;

	(void)state;
	bundle.bundle = true;
	here = card_of(&bundle, 0);
	there = card_of(&bundle, 1);
	esp = sa_of(&bundle, ADIT_DIR_OUT, 0, false);
	assert_int_equal(golden_sa_open(&esp, &alone), 0);
	assert_int_equal(golden_seal(alone, f.bytes, f.n, L2, 9, sealed.bytes, ROOM, &sealed.n), ADIT_REASON_NONE);
	expect(there, ADIT_FACE_WAN, &sealed, ADIT_REASON_XfrmInTmplMismatch, ADIT_FACE_NONE);	/* ESP, but no AH around it */
	golden_sa_close(alone);
	enter(here, ADIT_FACE_LAN, &f, &sealed);
	assert_int_equal(sealed.bytes[L2 + 9], 51);
	assert_int_equal(sealed.bytes[L2 + 20], 50);
	assert_int_equal(golden_card_sa_delete(there, IN_SLOT), 0);
	expect(there, ADIT_FACE_WAN, &sealed, ADIT_REASON_XfrmInNoStates, ADIT_FACE_NONE);
	assert_int_equal(golden_card_sa_delete(here, OUT_AH), 0);
	expect(here, ADIT_FACE_LAN, &f, ADIT_REASON_XfrmOutStateInvalid, ADIT_FACE_NONE);
	ah = sa_of(&bundle, ADIT_DIR_OUT, 0, true);
	ah.mode = ADIT_MODE_TUNNEL;
	assert_int_equal(golden_card_sa_add(here, OUT_AH, &ah), 0);
	expect(here, ADIT_FACE_LAN, &f, ADIT_REASON_XfrmOutStateProtoError, ADIT_FACE_NONE);
	golden_card_sa_flush(here, false, true);
	expect(here, ADIT_FACE_LAN, &f, ADIT_REASON_XfrmOutStateInvalid, ADIT_FACE_NONE);
	golden_card_sa_flush(here, true, false);
	expect(here, ADIT_FACE_LAN, &f, ADIT_REASON_XfrmOutStateInvalid, ADIT_FACE_NONE);
	golden_card_close(here);
	golden_card_close(there);
}

static void size_decides_who_seals_and_who_fragments(void **state)
{
	struct golden_card *card = card_of(&usual, 0);
	struct adit_sa sa = sa_of(&usual, ADIT_DIR_OUT, 0, false);
	struct adit_sp_state sp;
	struct golden_sa *g;
	struct frame f, out;
	size_t inner_mtu;

	(void)state;
	sa.path_mtu = 1400;
	assert_int_equal(golden_sa_open(&sa, &g), 0);
	inner_mtu = golden_inner_mtu(g, 1400);
	golden_sa_close(g);
	assert_int_equal(inner_mtu, 1400 - 20 - 8 - 16 - 12 - 2 - (1400 - 20 - 8 - 16 - 12) % 16);
	assert_int_equal(golden_card_sa_update(card, OUT_SLOT, &sa), 0);
	f = udp(false, hosts[0][0], hosts[0][1], inner_mtu - 20);
	enter(card, ADIT_FACE_LAN, &f, &out);
	assert_in_range(out.n - L2, 1385, 1400);
	f = udp(false, hosts[0][0], hosts[0][1], inner_mtu - 19);
	expect(card, ADIT_FACE_LAN, &f, ADIT_REASON_HostSplit, ADIT_FACE_HOST);
	golden_card_sp_state(card, RULE, &sp);
	assert_int_equal(sp.out_transformed, 1);
	assert_int_equal(sp.out_dropped, 0);
	set_fragment(&f, 0x4000);
	expect(card, ADIT_FACE_LAN, &f, ADIT_REASON_HostTooBig, ADIT_FACE_HOST);
	golden_card_sp_state(card, RULE, &sp);
	assert_int_equal(sp.out_dropped, 1);
	{	/* the fragments come back, told whose they are */
		struct golden_told told = { .sa_slot = OUT_SLOT, .sp_id = RULE };
		struct frame part = udp(false, hosts[0][0], hosts[0][1], 600);
		struct golden_verdict v;

		set_fragment(&part, 75);
		v = golden_card_packet_told(card, ADIT_DEST_SEAL, &told, part.bytes, part.n, out.bytes, &out.n);
		assert_int_equal(v.reason, ADIT_REASON_NONE);
		assert_int_equal(v.face_out, ADIT_FACE_WAN);
		golden_card_sp_state(card, RULE, &sp);
		assert_int_equal(sp.out_transformed, 2);
		told.sa_slot = 99;
		v = golden_card_packet_told(card, ADIT_DEST_SEAL, &told, part.bytes, part.n, out.bytes, &out.n);
		assert_int_equal(v.reason, ADIT_REASON_XfrmOutStateInvalid);
	}
	sa.clear_df = true;	/* then what comes out is fragmented, and the host does both */
	assert_int_equal(golden_card_sa_update(card, OUT_SLOT, &sa), 0);
	expect(card, ADIT_FACE_LAN, &f, ADIT_REASON_HostSlowSeal, ADIT_FACE_HOST);
	sa.path_mtu = 0;
	assert_int_equal(golden_card_sa_update(card, OUT_SLOT, &sa), 0);
	f = udp(false, hosts[0][0], hosts[0][1], 9480);
	expect(card, ADIT_FACE_LAN, &f, ADIT_REASON_NONE, ADIT_FACE_WAN);
	f = udp(false, hosts[0][0], hosts[0][1], 9560);
	expect(card, ADIT_FACE_LAN, &f, ADIT_REASON_OutTooBig, ADIT_FACE_NONE);
	golden_card_close(card);
}

/* ---- numbers and ages */

static void windows_of_every_size_take_each_number_once(void **state)
{
	static const struct { uint16_t window; bool esn; uint64_t start; } cases[] = {
		{ 32, false, 0 }, { 64, false, 0 }, { 100, false, 1000 }, { 1024, false, 0 }, { 4096, false, 9000 },
		{ 32, true, UINT64_C(0xfffffff0) }, { 64, true, UINT64_C(0x4ffffff00) }, { 4096, true, UINT64_C(0x1fffff800) }, { 4096, true, 5 },
	};
	unsigned seed = (unsigned)time(NULL);

	(void)state;
	printf("seed %u\n", seed);
	srand(seed);
	for (size_t c = 0; c < N(cases); c++) {
		struct kind k = usual;
		struct adit_sa in, out;
		struct golden_card *card;
		struct golden_sa *peer;
		struct frame f = plain(false), sealed;
		uint64_t top = cases[c].start, base = top > 5000 ? top - 5000 : 0;
		static bool seen[40000];
		unsigned taken = 0;

		k.esn = cases[c].esn;
		k.enc = ADIT_ENC_NULL;
		card = card_of(&k, 1);
		in = sa_of(&k, ADIT_DIR_IN, 0, false);
		in.replay_packets = cases[c].window;
		in.seq_first = top;
		assert_int_equal(golden_card_sa_delete(card, IN_SLOT), 0);
		assert_int_equal(golden_card_sa_add(card, IN_SLOT, &in), 0);
		out = sa_of(&k, ADIT_DIR_OUT, 0, false);
		assert_int_equal(golden_sa_open(&out, &peer), 0);
		for (size_t i = 0; i < N(seen); i++)
			seen[i] = base + i <= top;
		for (unsigned i = 0; i < 4000 && top - base < 30000; i++) {
			uint64_t back = (uint64_t)rand() % (cases[c].window + 20u), seq = rand() % 3 ? top + (uint64_t)rand() % 9 : back < top ? top - back : 1;
			bool fits = seq != 0 && (seq > top || (top - seq < cases[c].window && !seen[seq - base]));
			enum adit_reason reason;

			assert_int_equal(golden_seal(peer, f.bytes, f.n, L2, seq, sealed.bytes, ROOM, &sealed.n), ADIT_REASON_NONE);
			reason = enter(card, ADIT_FACE_WAN, &sealed, NULL).reason;
			if (fits) {
				assert_int_equal(reason, ADIT_REASON_NONE);
				seen[seq - base] = true;
				top = seq > top ? seq : top;
				taken++;
			} else if (reason != ADIT_REASON_XfrmInStateSeqError) {	/* with ESN a number far below is taken for one far above */
				assert_true(k.esn);
				assert_int_equal(reason, ADIT_REASON_XfrmInStateProtoError);
			}
		}
		assert_true(taken > 1000);
		golden_sa_close(peer);
		golden_card_close(card);
	}
}

static void without_a_window_every_number_but_0_passes(void **state)
{
	struct golden_card *card = card_of(&usual, 1);
	struct adit_sa in = sa_of(&usual, ADIT_DIR_IN, 0, false), out = sa_of(&usual, ADIT_DIR_OUT, 0, false);
	struct frame f = plain(false), sealed;
	static const uint64_t seqs[] = { 5, 5, 1, 0xffffffff, 2, 0 };
	struct golden_sa *peer;

	(void)state;
	in.replay_packets = 0;
	assert_int_equal(golden_card_sa_update(card, IN_SLOT, &in), 0);
	assert_int_equal(golden_sa_open(&out, &peer), 0);
	for (size_t i = 0; i < N(seqs); i++) {
		assert_int_equal(golden_seal(peer, f.bytes, f.n, L2, seqs[i], sealed.bytes, ROOM, &sealed.n), ADIT_REASON_NONE);
		expect(card, ADIT_FACE_WAN, &sealed, seqs[i] ? ADIT_REASON_NONE : ADIT_REASON_XfrmInStateSeqError, seqs[i] ? ADIT_FACE_LAN : ADIT_FACE_NONE);
	}
	golden_sa_close(peer);
	golden_card_close(card);
}

static void numbers_end_with_the_lease_after_a_warning(void **state)
{
	for (int esn = 0; esn < 2; esn++) {
		struct kind k = usual;
		struct golden_card *card;
		struct adit_sa sa;
		struct frame f = plain(false);

		(void)state;
		k.esn = esn != 0;
		card = card_of(&k, 0);
		sa = sa_of(&k, ADIT_DIR_OUT, 0, false);
		sa.seq_first = esn ? UINT64_C(0xfffffff0) : 0xfffffff0;	/* with ESN the numbers go on past 32 bits */
		sa.seq_lease = esn ? sa.seq_first + 15 + 16 : 0;
		assert_int_equal(golden_card_sa_delete(card, OUT_SLOT), 0);
		assert_int_equal(golden_card_sa_add(card, OUT_SLOT, &sa), 0);
		for (unsigned i = 0; i < (esn ? 32u : 16u); i++) {
			expect(card, ADIT_FACE_LAN, &f, ADIT_REASON_NONE, ADIT_FACE_WAN);
			if (i == (esn ? 27 : 13))	/* 7/8 are used */
				expect_event(card, ADIT_EV_SEQ_NEAR, OUT_SLOT);
			expect_no_event(card);
		}
		expect(card, ADIT_FACE_LAN, &f, ADIT_REASON_XfrmOutStateSeqError, ADIT_FACE_NONE);
		expect_event(card, ADIT_EV_SEQ_END, OUT_SLOT);
		expect(card, ADIT_FACE_LAN, &f, ADIT_REASON_XfrmOutStateSeqError, ADIT_FACE_NONE);
		expect_no_event(card);
		golden_card_close(card);
	}
}

static void limits_warn_once_and_then_stop_for_good(void **state)
{
	for (int what = 0; what < 3; what++)
		for (int is_in = 0; is_in < 2; is_in++) {
			struct golden_card *here = card_of(&usual, 0), *there = card_of(&usual, 1), *card = is_in ? there : here;
			uint16_t slot = is_in ? IN_SLOT : OUT_SLOT;
			enum adit_reason refused = is_in ? ADIT_REASON_XfrmInStateExpired : ADIT_REASON_XfrmOutStateExpired;
			struct adit_sa sa = sa_of(&usual, is_in ? ADIT_DIR_IN : ADIT_DIR_OUT, 0, false);
			struct frame f = plain(false), sealed;
			struct adit_sa_state s;

			(void)state;
			golden_card_set_now(card, 1000);
			sa.soft_packets = what == 0 ? 3 : 0;
			sa.hard_packets = what == 0 ? 5 : 0;
			sa.soft_bytes = what == 1 ? 3 * 60 : 0;
			sa.hard_bytes = what == 1 ? 5 * 60 + 59 : 0;
			sa.soft_seconds = what == 2 ? 3 : 0;
			sa.hard_seconds = what == 2 ? 5 : 0;
			assert_int_equal(golden_card_sa_delete(card, slot), 0);
			assert_int_equal(golden_card_sa_add(card, slot, &sa), 0);
			for (unsigned i = 1; i <= 8; i++) {
				struct golden_verdict v;

				if (what == 2)
					golden_card_set_now(card, 1000 + i - (i > 5));	/* sixth packet in the fifth second */
				if (what == 2 && i == 3)
					expect_event(card, ADIT_EV_SA_SOFT, slot);	/* without traffic */
				if (what == 2 && i == 5)
					expect_event(card, ADIT_EV_SA_HARD, slot);
				v = enter(here, ADIT_FACE_LAN, &f, &sealed);
				if (is_in)
					v = enter(there, ADIT_FACE_WAN, &sealed, NULL);
				assert_int_equal(v.reason, i > (what == 2 ? 4u : 5u) ? refused : ADIT_REASON_NONE);
				if (what != 2 && i == 3)
					expect_event(card, ADIT_EV_SA_SOFT, slot);
				if (what != 2 && i == 6)
					expect_event(card, ADIT_EV_SA_HARD, slot);
				expect_no_event(card);
			}
			golden_card_sa_state(card, slot, &s);
			assert_true(s.soft_expired && s.hard_expired);
			assert_int_equal(s.packets, what == 2 ? 4 : 5);
			assert_int_equal(s.added_seconds, 1000);
			/* a later word on the limits may let it live */
			sa.hard_packets = sa.hard_bytes = sa.hard_seconds = 0;
			assert_int_equal(golden_card_sa_update(card, slot, &sa), 0);
			enter(here, ADIT_FACE_LAN, &f, &sealed);
			if (is_in)
				expect(there, ADIT_FACE_WAN, &sealed, ADIT_REASON_NONE, ADIT_FACE_LAN);
			golden_card_close(here);
			golden_card_close(there);
		}
}

static void forged_and_replayed_packets_age_nothing(void **state)
{
	struct golden_card *here = card_of(&usual, 0), *there = card_of(&usual, 1);
	struct frame f = plain(false), sealed;
	struct adit_sa_state s;

	(void)state;
	enter(here, ADIT_FACE_LAN, &f, &sealed);
	enter(there, ADIT_FACE_WAN, &sealed, NULL);
	for (unsigned i = 0; i < 10; i++) {
		expect(there, ADIT_FACE_WAN, &sealed, ADIT_REASON_XfrmInStateSeqError, ADIT_FACE_NONE);
		sealed.bytes[L2 + 27]++;	/* another number: the ICV is wrong */
		expect(there, ADIT_FACE_WAN, &sealed, ADIT_REASON_XfrmInStateProtoError, ADIT_FACE_NONE);
		sealed.bytes[L2 + 27]--;
	}
	golden_card_sa_state(there, IN_SLOT, &s);
	assert_int_equal(s.packets, 1);
	assert_int_equal(s.bytes, f.n - L2);
	assert_int_equal(s.seq, 1);
	assert_int_equal(s.replays, 10);
	assert_int_equal(s.icv_errors, 10);
	golden_card_close(here);
	golden_card_close(there);
}

/* ---- anything at all */

/* Frames of every kind with bytes changed, cut or grown: no crash, and every packet is counted once. */
static void changed_frames_are_each_counted_once(void **state)
{
	unsigned seed = (unsigned)time(NULL), n_packets[2] = { 0, 0 };

	(void)state;
	printf("seed %u\n", seed);
	srand(seed);
	for (unsigned bits = 0; bits < 32; bits++) {
		struct kind k = { .proto = bits & 1 ? ADIT_PROTO_AH : ADIT_PROTO_ESP, .mode = bits & 2 ? ADIT_MODE_TUNNEL : ADIT_MODE_TRANSPORT,
				  .outer_v6 = (bits & 4) != 0, .inner_v6 = (bits & 4) != 0, .esn = (bits & 8) != 0,
				  .enc = bits & 1 ? ADIT_ENC_NULL : bits & 16 ? ADIT_ENC_AES_GCM_128 : ADIT_ENC_DES_CBC,
				  .auth = !(bits & 1) && bits & 16 ? ADIT_AUTH_NULL : ADIT_AUTH_HMAC_SHA1_96, .bundle = !(bits & 1) && bits & 16 };
		struct golden_card *cards[2] = { card_of(&k, 0), card_of(&k, 1) };
		const uint8_t (*from)[16] = k.mode == ADIT_MODE_TUNNEL ? hosts[k.inner_v6] : ends[k.inner_v6];

		n_packets[0] = n_packets[1] = 0;
		for (unsigned i = 0; i < 3000; i++) {
			struct frame f = udp(k.inner_v6, from[0], from[1], 8 + (size_t)rand() % 100), sealed;
			enum adit_face face = ADIT_FACE_LAN;
			int side = 0;

			if (rand() % 2) {
				enter(cards[0], ADIT_FACE_LAN, &f, &sealed);
				n_packets[0]++;
				f = sealed;
				face = ADIT_FACE_WAN;
				side = 1;
			}
			for (int j = rand() % 4; j > 0 && f.n > 0; j--)
				switch (rand() % 4) {
				case 0: f.bytes[(size_t)rand() % f.n] = (uint8_t)rand(); break;
				case 1: f.bytes[L2 + (size_t)rand() % 48] ^= (uint8_t)(1 << rand() % 8); break;
				case 2: f.n -= (size_t)rand() % f.n; break;
				default: f.n += (size_t)rand() % 20; break;
				}
			n_packets[side]++;
			enter(cards[side], face, &f, NULL);
		}
		for (int side = 0; side < 2; side++) {
			uint64_t sum = 0;

			for (unsigned r = 0; r < ADIT_REASON_COUNT; r++)
				sum += golden_card_count(cards[side], (enum adit_reason)r);
			assert_int_equal(sum, n_packets[side]);
			golden_card_close(cards[side]);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_of_sa_goes_through_two_cards),
		cmocka_unit_test(what_the_host_must_transform_comes_with_its_number_and_back),
		cmocka_unit_test(what_needs_no_policy_goes_its_way),
		cmocka_unit_test(extension_headers_are_walked_as_far_as_the_card_sees),
		cmocka_unit_test(policy_decides_by_its_first_rule),
		cmocka_unit_test(an_opened_packet_must_be_of_its_sas_policy),
		cmocka_unit_test(a_bad_inside_is_dropped_and_its_number_is_used_up),
		cmocka_unit_test(a_bundle_must_be_whole),
		cmocka_unit_test(size_decides_who_seals_and_who_fragments),
		cmocka_unit_test(windows_of_every_size_take_each_number_once),
		cmocka_unit_test(without_a_window_every_number_but_0_passes),
		cmocka_unit_test(numbers_end_with_the_lease_after_a_warning),
		cmocka_unit_test(limits_warn_once_and_then_stop_for_good),
		cmocka_unit_test(forged_and_replayed_packets_age_nothing),
		cmocka_unit_test(changed_frames_are_each_counted_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
