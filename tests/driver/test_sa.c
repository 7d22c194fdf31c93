// SPDX-License-Identifier: BSD-2-Clause-Patent
/* SAs: the record, byte for byte; bundles; what makes no sense, and what the card lacks, is refused by name. */
#include "rig.h"

#include <endian.h>

static void the_record_is_as_the_contract_says(void **state)
{
	struct rig rig;
	struct adit_sa sa = rig_sa(ADIT_DIR_OUT, 0x12345678);
	const uint8_t *record;

	(void)state;
	NEEDS_FAKE();
	rig = rig_open(NULL);
	sa.set_dscp = true;
	sa.dscp = 46;
	sa.clear_df = true;
	sa.seq_first = 0x01020304;
	sa.seq_lease = 0x0a0b0c0d;
	sa.path_mtu = 1400;
	assert_int_equal(adit_sa_add_wait(rig.card, 513, &sa), 0);
	fake_lock(rig.fake);
	record = (const uint8_t *)&rig.fake->sa[513];
	assert_true(rig.fake->has_sa[513]);
	assert_memory_equal(record + 0, "\x78\x56\x34\x12\x07\x00\x00\x00", 8);		/* SPI, reqid */
	assert_memory_equal(record + 8, "\x00\x32\x01\x01\x02\x18\x40\x2e", 8);		/* dir .. dscp; TTL 64 */
	assert_memory_equal(record + 16, "\x00\x00\x00\x00\x00\x00\xff\xff", 8);	/* no window, ports, bundle */
	assert_memory_equal(record + 24, "\x00\x00\x00\x00\x78\x05\x3e\x05", 8);	/* flow label; 1400 outside, 1342 inside */
	assert_memory_equal(record + 32, "\x0c\x00\x00\x00\x00\x00\x00\x00", 8);	/* ICV, no TFC */
	assert_memory_equal(record + 64, "\xc0\x00\x02\x01\0\0\0\0\0\0\0\0\0\0\0\0", 16);
	assert_memory_equal(record + 80, "\xc6\x33\x64\x01\0\0\0\0\0\0\0\0\0\0\0\0", 16);
	assert_memory_equal(record + 168, "\x04\x03\x02\x01\0\0\0\0\x0d\x0c\x0b\x0a\0\0\0\0", 16);
	assert_memory_equal(record + 192, sa.enc_key, 16);
	for (unsigned i = 208; i < 256; i++)
		assert_int_equal(record[i], 0);
	fake_unlock(rig.fake);
	rig_close(&rig);
}

static void sequence_numbers_have_their_defaults(void **state)
{
	struct rig rig;
	struct adit_sa out = rig_sa(ADIT_DIR_OUT, 0x1000), in = rig_sa(ADIT_DIR_IN, 0x1001);

	(void)state;
	NEEDS_FAKE();
	rig = rig_open(NULL);
	assert_int_equal(adit_sa_add_wait(rig.card, 0, &out), 0);
	assert_int_equal(adit_sa_add_wait(rig.card, 1, &in), 0);
	fake_lock(rig.fake);
	assert_int_equal(le64toh(rig.fake->sa[0].seq_first), 1);	/* RFC 4303 §2.2 */
	assert_int_equal(le64toh(rig.fake->sa[0].seq_lease), 0xffffffff);
	assert_int_equal(le64toh(rig.fake->sa[1].seq_first), 0);
	assert_int_equal(le16toh(rig.fake->sa[1].replay_packets), 64);
	fake_unlock(rig.fake);
	rig_close(&rig);
}

static void an_update_carries_no_key(void **state)
{
	struct rig rig;
	struct adit_sa sa = rig_sa(ADIT_DIR_OUT, 0x1000);

	(void)state;
	NEEDS_FAKE();
	rig = rig_open(NULL);
	assert_int_equal(adit_sa_add_wait(rig.card, 9, &sa), 0);
	sa.ttl = 17;
	fake_set_sin(rig.fake, CARD_SILENT);
	assert_int_equal(adit_sa_update(rig.card, 9, &sa, NULL, NULL), 0);
	assert_false(fake_memory_has(rig.fake, sa.enc_key, 16));
	fake_set_sin(rig.fake, CARD_GOOD);
	assert_int_equal(adit_sa_update_wait(rig.card, 9, &sa), 0);
	fake_lock(rig.fake);
	assert_int_equal(rig.fake->sa[9].ttl, 17);
	assert_memory_equal(rig.fake->sa[9].enc_key, sa.enc_key, 16);
	fake_unlock(rig.fake);
	rig_close(&rig);
}

static void an_sa_lives_from_add_to_delete(void **state)
{
	struct rig rig = rig_open(NULL);
	struct adit_sa sa = rig_sa(ADIT_DIR_IN, 0xabcd);
	struct adit_sa_state got;

	(void)state;
	assert_int_equal(adit_sa_query_wait(rig.card, 77, &got), -ENOENT);
	assert_int_equal(adit_sa_add_wait(rig.card, 77, &sa), 0);
	assert_int_equal(adit_sa_query_wait(rig.card, 77, &got), 0);
	assert_int_equal(got.spi, 0xabcd);
	assert_int_equal(got.reqid, 7);
	assert_int_equal(got.dir, ADIT_DIR_IN);
	assert_int_equal(got.proto, ADIT_PROTO_ESP);
	assert_int_equal(got.mode, ADIT_MODE_TUNNEL);
	assert_int_equal(got.enc, ADIT_ENC_AES_CBC_128);
	assert_int_equal(got.auth, ADIT_AUTH_HMAC_SHA1_96);
	assert_int_equal(got.packets, 0);
	assert_int_equal(adit_sa_add_wait(rig.card, 77, &sa), -EEXIST);
	assert_int_equal(adit_sa_delete_wait(rig.card, 77), 0);
	assert_int_equal(adit_sa_delete_wait(rig.card, 77), -ENOENT);
	assert_int_equal(adit_sa_query_wait(rig.card, 77, &got), -ENOENT);
	rig_close(&rig);
}

static void a_flush_removes_what_it_names(void **state)
{
	struct rig rig = rig_open(NULL);
	struct adit_sa_state got;

	(void)state;
	for (uint16_t i = 0; i < 20; i++) {
		struct adit_sa sa = rig_sa(i % 2 ? ADIT_DIR_IN : ADIT_DIR_OUT, 0x2000u + i);

		assert_int_equal(adit_sa_add_wait(rig.card, i, &sa), 0);
	}
	assert_int_equal(adit_sa_flush_wait(rig.card, false, false), -EINVAL);
	assert_int_equal(adit_sa_flush_wait(rig.card, false, true), 0);
	assert_int_equal(adit_sa_query_wait(rig.card, 19, &got), 0);
	assert_int_equal(adit_sa_flush_wait(rig.card, true, false), 0);
	for (uint16_t i = 0; i < 20; i++)
		assert_int_equal(adit_sa_query_wait(rig.card, i, &got), -ENOENT);
	rig_close(&rig);
}

static void every_slot_can_be_filled(void **state)
{
	struct rig rig = rig_open(NULL);
	const uint32_t n_slots = adit_card_caps(rig.card)->sa_slots;
	struct tally tally = { 0 };
	struct adit_sa sa = rig_sa(ADIT_DIR_IN, 0x1000);

	(void)state;
	for (uint32_t slot = 0; slot < n_slots;) {
		sa.spi = 0x10000 + slot;
		int error = adit_sa_add(rig.card, (uint16_t)slot, &sa, tally_done, &tally);

		if (error == 0) {
			slot++;
			continue;
		}
		assert_int_equal(error, -EAGAIN);
		assert_true(rig_poll(rig.card, 1) >= 0);
	}
	assert_int_equal(rig_poll_until(rig.card, &tally.n, n_slots), 0);
	assert_int_equal(tally.n_failed, 0);
	assert_int_equal(adit_sa_add(rig.card, (uint16_t)n_slots, &sa, tally_done, &tally), -EINVAL);
	assert_int_equal(adit_sa_flush_wait(rig.card, true, true), 0);
	rig_close(&rig);
}

/* Words 0 to 2, each field alone in its place (card.toml, desc sa). */
static void every_field_has_its_place(void **state)
{
	struct rig rig;
	struct adit_sa sa = rig_sa(ADIT_DIR_OUT, 0x1000);
	struct adit_desc_sa got;
	static const uint8_t src[16] = { 0x20, 1, 0xd, 0xb8, [15] = 1 }, dst[16] = { 0x20, 1, 0xd, 0xb8, [15] = 2 };

	(void)state;
	NEEDS_FAKE();
	rig = rig_open(NULL);
	memcpy(sa.src.bytes, src, 16);
	memcpy(sa.dst.bytes, dst, 16);
	sa.src.is_v6 = sa.dst.is_v6 = true;
	sa.esn = sa.no_ecn = sa.set_df = true;
	sa.flow_label = 0xabcde;
	sa.path_mtu = 1280;
	sa.tfc_bytes = 512;
	sa.soft_bytes = 0x0102030405060708;
	sa.hard_bytes = 0x1112131415161718;
	sa.soft_packets = 0x2122232425262728;
	sa.hard_packets = 0x3132333435363738;
	sa.soft_seconds = 0x41424344;
	sa.hard_seconds = 0x51525354;
	assert_int_equal(adit_sa_add_wait(rig.card, 1, &sa), 0);
	fake_lock(rig.fake);
	got = rig.fake->sa[1];
	fake_unlock(rig.fake);
	assert_int_equal(got.flags, 0x01 | 0x02 | 0x20 | 0x40);
	assert_int_equal(le32toh(got.flow_label), 0xabcde);
	assert_int_equal(le16toh(got.path_mtu), 1280);
	assert_int_equal(le16toh(got.inner_mtu), adit_sa_inner_mtu(&sa, 1280));
	assert_int_equal(le16toh(got.tfc_bytes), 512);
	assert_int_equal(got.icv_bytes, 12);
	assert_memory_equal(got.src, src, 16);
	assert_memory_equal(got.dst, dst, 16);
	assert_int_equal(le64toh(got.soft_bytes), sa.soft_bytes);
	assert_int_equal(le64toh(got.hard_bytes), sa.hard_bytes);
	assert_int_equal(le64toh(got.soft_packets), sa.soft_packets);
	assert_int_equal(le64toh(got.hard_packets), sa.hard_packets);
	assert_int_equal(le32toh(got.soft_seconds), sa.soft_seconds);
	assert_int_equal(le32toh(got.hard_seconds), sa.hard_seconds);
	assert_int_equal(le64toh(got.seq_lease), UINT64_MAX);	/* ESN */
	rig_close(&rig);
}

static void an_inbound_sa_has_window_and_ports_and_no_mtu(void **state)
{
	struct rig rig;
	struct adit_sa sa = rig_sa(ADIT_DIR_IN, 0x1000);
	struct adit_desc_sa got;

	(void)state;
	NEEDS_FAKE();
	rig = rig_open(NULL);
	sa.udp_encap = true;
	sa.natt_sport = 4500;
	sa.natt_dport = 0xabcd;
	sa.path_mtu = 1400;
	sa.tfc_bytes = 100;
	sa.replay_packets = 4096;
	sa.seq_first = 0x55;
	assert_int_equal(adit_sa_add_wait(rig.card, 1, &sa), 0);
	fake_lock(rig.fake);
	got = rig.fake->sa[1];
	fake_unlock(rig.fake);
	assert_int_equal(got.flags, 0x04);
	assert_int_equal(le16toh(got.natt_sport), 4500);
	assert_int_equal(le16toh(got.natt_dport), 0xabcd);
	assert_int_equal(le16toh(got.replay_packets), 4096);
	assert_int_equal(le16toh(got.inner_mtu), 0);
	assert_int_equal(le16toh(got.tfc_bytes), 0);
	assert_int_equal(le64toh(got.seq_first), 0x55);
	rig_close(&rig);
}

static void every_algorithm_has_its_icv_length(void **state)
{
	static const struct {
		enum adit_enc enc;
		enum adit_auth auth;
		uint8_t asked, icv_bytes;
	} cases[] = {
		{ ADIT_ENC_AES_CBC_128, ADIT_AUTH_NULL, 0, 0 }, { ADIT_ENC_NULL, ADIT_AUTH_HMAC_MD5_96, 0, 12 },
		{ ADIT_ENC_NULL, ADIT_AUTH_HMAC_SHA1_96, 12, 12 }, { ADIT_ENC_NULL, ADIT_AUTH_HMAC_SHA256_128, 0, 16 },
		{ ADIT_ENC_NULL, ADIT_AUTH_HMAC_SHA384_192, 0, 24 }, { ADIT_ENC_NULL, ADIT_AUTH_HMAC_SHA512_256, 0, 32 },
		{ ADIT_ENC_NULL, ADIT_AUTH_AES_GMAC_192, 0, 16 }, { ADIT_ENC_AES_GCM_128, ADIT_AUTH_NULL, 0, 16 },
		{ ADIT_ENC_AES_GCM_192, ADIT_AUTH_NULL, 8, 8 }, { ADIT_ENC_AES_GCM_256, ADIT_AUTH_NULL, 12, 12 },
		{ ADIT_ENC_AES_GCM_256, ADIT_AUTH_NULL, 16, 16 },
	};
	struct rig rig;

	(void)state;
	NEEDS_FAKE();
	rig = rig_open(NULL);
	for (uint16_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct adit_sa sa = rig_sa(ADIT_DIR_OUT, 0x1000u + i);

		sa.enc = cases[i].enc;
		sa.auth = cases[i].auth;
		sa.auth_key_bytes = (uint8_t)adit_auth_key_bytes(sa.auth);
		sa.icv_bytes = cases[i].asked;
		assert_int_equal(adit_sa_add_wait(rig.card, i, &sa), 0);
		assert_int_equal(adit_sa_icv_bytes(&sa), cases[i].icv_bytes);
		fake_lock(rig.fake);
		assert_int_equal(rig.fake->sa[i].icv_bytes, cases[i].icv_bytes);
		fake_unlock(rig.fake);
	}
	rig_close(&rig);
}

static void the_host_transforms_what_no_card_can(void **state)
{
	struct rig rig;
	unsigned n = 0;

	(void)state;
	NEEDS_FAKE();
	rig = rig_open(NULL);
#define FLAGS(change, bits) do {								\
		struct adit_sa sa = rig_sa(ADIT_DIR_OUT, 0x1000u + n);				\
		change;										\
		assert_int_equal(adit_sa_add_wait(rig.card, (uint16_t)n, &sa), 0);		\
		fake_lock(rig.fake);								\
		assert_int_equal(rig.fake->sa[n].flags, bits);					\
		fake_unlock(rig.fake);								\
		n++;										\
	} while (0)
#define IS_V6 sa.src.is_v6 = true, sa.dst.is_v6 = true
#define IS_NATT sa.udp_encap = true, sa.natt_sport = 4500, sa.natt_dport = 4500
	FLAGS(sa.enc = ADIT_ENC_BLOWFISH_CBC, 0x80);
	FLAGS(sa.enc = ADIT_ENC_TWOFISH_CBC, 0x80);
	FLAGS(sa.enc = ADIT_ENC_CAMELLIA_CBC_128, 0x80);
	FLAGS(sa.enc = ADIT_ENC_CAMELLIA_CBC_192, 0x80);
	FLAGS((sa.enc = ADIT_ENC_CAMELLIA_CBC_256, sa.dir = ADIT_DIR_IN), 0x80);
	FLAGS(sa.enc = ADIT_ENC_DES3_CBC, 0);
	FLAGS(sa.host_transform = true, 0x80);
	FLAGS((IS_V6), 0x02);
	FLAGS((IS_NATT), 0x04);
	FLAGS((IS_V6, IS_NATT), 0x80 | 0x04 | 0x02);			/* UDP over IPv6 wants a checksum */
	FLAGS((IS_V6, IS_NATT, sa.dir = ADIT_DIR_IN), 0x04 | 0x02);	/* inbound the card need not look at it */
#undef FLAGS
	rig_close(&rig);
}

static struct adit_sa rig_ah(enum adit_dir dir, uint32_t spi)
{
	struct adit_sa sa = rig_sa(dir, spi);

	sa.proto = ADIT_PROTO_AH;
	sa.mode = ADIT_MODE_TRANSPORT;
	sa.enc = ADIT_ENC_NULL;
	return sa;
}

static void a_bundle_names_its_ah_and_leaves_room_for_it(void **state)	/* RFC 4301 §4.5 */
{
	struct rig rig;
	struct adit_sa ah = rig_ah(ADIT_DIR_OUT, 0x1000), esp = rig_sa(ADIT_DIR_OUT, 0x1001);
	struct adit_desc_sa got;

	(void)state;
	NEEDS_FAKE();
	rig = rig_open(NULL);
	esp.has_next = true;
	esp.next_slot = 5;
	esp.path_mtu = 1500;
	assert_int_equal(adit_sa_add(rig.card, 5, &ah, NULL, NULL), 0);	/* queued is enough: commands keep their order */
	assert_int_equal(adit_sa_add_wait(rig.card, 6, &esp), 0);
	fake_lock(rig.fake);
	got = rig.fake->sa[6];
	fake_unlock(rig.fake);
	assert_int_equal(le16toh(got.next_slot), 5);
	assert_int_equal(le16toh(got.path_mtu), 1500);
	assert_int_equal(le16toh(got.inner_mtu), adit_sa_inner_mtu(&esp, 1500 - 24));	/* AH 12, ICV 12 */
	esp.path_mtu = 1300;
	assert_int_equal(adit_sa_update_wait(rig.card, 6, &esp), 0);
	fake_lock(rig.fake);
	got = rig.fake->sa[6];
	fake_unlock(rig.fake);
	assert_int_equal(le16toh(got.next_slot), 5);
	assert_int_equal(le16toh(got.inner_mtu), adit_sa_inner_mtu(&esp, 1300 - 24));
	esp.path_mtu = 30;
	assert_int_equal(adit_sa_update(rig.card, 6, &esp, NULL, NULL), -EINVAL);
	esp.path_mtu = 100;		/* room for the ESP layer alone */
	assert_int_equal(adit_sa_check(rig.card, &esp), 0);
	assert_int_equal(adit_sa_update(rig.card, 6, &esp, NULL, NULL), -EINVAL);
	assert_non_null(strstr(adit_card_strerror(rig.card), "path MTU"));
	rig_close(&rig);
}

static void a_bundle_with_a_wrong_member_is_refused(void **state)
{
	struct rig rig;
	struct adit_sa sa = rig_ah(ADIT_DIR_OUT, 0x1000), esp = rig_sa(ADIT_DIR_OUT, 0x2000);
	struct adit_sa_state got;

	(void)state;
	NEEDS_FAKE();
	rig = rig_open(NULL);
	esp.has_next = true;
#define MEMBER(slot, change) do {								\
		sa = rig_ah(ADIT_DIR_OUT, 0x1000u + (slot));					\
		change;										\
		assert_int_equal(adit_sa_add_wait(rig.card, slot, &sa), 0);			\
	} while (0)
#define REFUSED(slot, word) do {								\
		esp.next_slot = slot;								\
		assert_int_equal(adit_sa_add(rig.card, 100, &esp, NULL, NULL), -EINVAL);	\
		assert_non_null(strstr(adit_card_strerror(rig.card), word));			\
	} while (0)
	MEMBER(0, );
	MEMBER(1, sa.mode = ADIT_MODE_TUNNEL);
	MEMBER(2, (sa.proto = ADIT_PROTO_ESP));
	MEMBER(3, sa.dir = ADIT_DIR_IN);
	MEMBER(4, sa.src.is_v6 = sa.dst.is_v6 = true);
	MEMBER(5, sa.reqid = 8);
	MEMBER(6, sa.host_transform = true);
	REFUSED(1, "slot 1 is not AH in transport mode");
	REFUSED(2, "slot 2 is not AH in transport mode");
	REFUSED(3, "other direction");
	REFUSED(4, "other IP version");
	REFUSED(5, "reqid 8, not 7");
	REFUSED(6, "host transforms");
	REFUSED(7, "no SA in slot 7");
	REFUSED(1024, "slot 1024");
	assert_int_equal(adit_sa_delete_wait(rig.card, 0), 0);
	REFUSED(0, "no SA in slot 0");
	MEMBER(0, );
	assert_int_equal(adit_sa_flush_wait(rig.card, true, false), 0);	/* spares AH, takes slot 2 */
	REFUSED(2, "no SA in slot 2");
	esp.next_slot = 0;
	assert_int_equal(adit_sa_add_wait(rig.card, 100, &esp), 0);
	assert_int_equal(adit_sa_flush_wait(rig.card, false, true), 0);
	assert_int_equal(adit_sa_query_wait(rig.card, 100, &got), 0);
	REFUSED(0, "no SA in slot 0");
	MEMBER(0, );
	assert_int_equal(adit_card_recover(rig.card), 0);
	REFUSED(0, "no SA in slot 0");
	/* What the card refused is not there; what was there before still is. */
	fake_lock(rig.fake);
	rig.fake->refuse_op = ADIT_OP_SA_ADD;
	rig.fake->refuse_after = 0;
	rig.fake->refuse_status = ADIT_STATUS_TABLE_FULL;
	fake_unlock(rig.fake);
	sa = rig_ah(ADIT_DIR_OUT, 0x1000);
	assert_int_equal(adit_sa_add_wait(rig.card, 0, &sa), -ENOSPC);
	REFUSED(0, "no SA in slot 0");
	assert_int_equal(adit_sa_add_wait(rig.card, 0, &sa), 0);
	sa.dir = ADIT_DIR_IN;
	assert_int_equal(adit_sa_add_wait(rig.card, 0, &sa), -EEXIST);
	esp.next_slot = 0;
	assert_int_equal(adit_sa_add_wait(rig.card, 100, &esp), 0);
#undef MEMBER
#undef REFUSED
	rig_close(&rig);
}

static void the_state_tells_age_and_expiry(void **state)
{
	struct rig rig;
	struct adit_sa sa = rig_sa(ADIT_DIR_OUT, 0x1000);
	struct adit_sa_state got;

	(void)state;
	NEEDS_FAKE();
	rig = rig_open(NULL);
	assert_int_equal(adit_card_set_now(rig.card, 777), 0);
	assert_int_equal(adit_sa_add_wait(rig.card, 3, &sa), 0);
	for (unsigned expired = 0; expired < 4; expired++) {
		fake_lock(rig.fake);
		rig.fake->expired[3] = (uint8_t)expired;
		fake_unlock(rig.fake);
		assert_int_equal(adit_sa_query_wait(rig.card, 3, &got), 0);
		assert_int_equal(got.added_seconds, 777);
		assert_int_equal(got.soft_expired, expired & 1u);
		assert_int_equal(got.hard_expired, expired >> 1);
	}
	fake_lock(rig.fake);
	rig.fake->expired[3] = 4;
	fake_unlock(rig.fake);
	assert_int_equal(adit_sa_query_wait(rig.card, 3, &got), -EIO);	/* no card writes that */
	rig_close(&rig);
}

static struct rig poor_card(uint32_t enc_mask, uint32_t auth_mask, uint32_t feature_mask)
{
	struct rig rig = { .fake = fake_open() };
	char why[400];

	rig.fake->enc_mask = enc_mask;
	rig.fake->auth_mask = auth_mask;
	rig.fake->feature_mask = feature_mask;
	rig.fake->limits = FAKE_FRAME_BYTES | 64u << 16;
	assert_int_equal(rig_try(rig.fake, &rig.card, why, sizeof(why)), 0);
	return rig;
}

static void what_the_card_lacks_is_refused_by_name(void **state)
{
	struct rig rig;
	struct adit_sa sa;

	(void)state;
	NEEDS_FAKE();
#define REFUSED(change, word) do {								\
		sa = rig_sa(ADIT_DIR_IN, 0x1000);						\
		change;										\
		assert_int_equal(adit_sa_check(rig.card, &sa), -EOPNOTSUPP);			\
		assert_int_equal(adit_sa_add(rig.card, 0, &sa, NULL, NULL), -EOPNOTSUPP);	\
		assert_non_null(strstr(adit_card_strerror(rig.card), word));			\
	} while (0)
	rig = poor_card(0xf, 1u << ADIT_AUTH_NULL | 1u << ADIT_AUTH_HMAC_SHA1_96,
			1u << ADIT_FEATURE_ESP | 1u << ADIT_FEATURE_TUNNEL | 1u << ADIT_FEATURE_IPV4);
	REFUSED(sa.enc = ADIT_ENC_DES3_CBC, "3des");
	REFUSED((sa.enc = ADIT_ENC_AES_GCM_128, sa.auth = ADIT_AUTH_NULL, sa.auth_key_bytes = 0), "aes-128-gcm");
	REFUSED(sa.enc = ADIT_ENC_CAMELLIA_CBC_256, "camellia-256");
	REFUSED(sa.host_transform = true, "HOST_TRANSFORM");
	REFUSED((sa.auth = ADIT_AUTH_HMAC_SHA256_128, sa.auth_key_bytes = 32), "sha256");
	REFUSED((sa.enc = ADIT_ENC_NULL, sa.auth = ADIT_AUTH_AES_GMAC_192, sa.auth_key_bytes = 24), "aes-192-gmac");
	REFUSED((sa.proto = ADIT_PROTO_AH, sa.enc = ADIT_ENC_NULL), "AH");
	REFUSED(sa.mode = ADIT_MODE_TRANSPORT, "TRANSPORT");
	REFUSED(sa.esn = true, "ESN");
	REFUSED((sa.udp_encap = true, sa.natt_sport = sa.natt_dport = 4500), "NAT_T");
	REFUSED((sa.src.is_v6 = true, sa.dst.is_v6 = true), "IPV6");
	REFUSED(sa.soft_bytes = 1, "LIFETIME_BYTES");
	REFUSED(sa.hard_bytes = 1, "LIFETIME_BYTES");
	REFUSED(sa.soft_packets = 1, "LIFETIME_PACKETS");
	REFUSED(sa.hard_packets = 1, "LIFETIME_PACKETS");
	REFUSED(sa.soft_seconds = 1, "LIFETIME_SECONDS");
	REFUSED(sa.hard_seconds = 1, "LIFETIME_SECONDS");
	REFUSED((sa.has_next = true, sa.next_slot = 1), "BUNDLE");
	REFUSED(sa.tfc_bytes = 100, "TFC");
	REFUSED(sa.replay_packets = 65, "64 packets");
	rig_close(&rig);
	rig = poor_card(0xf, 0x1ff, ~(1u << ADIT_FEATURE_ESP | 1u << ADIT_FEATURE_TUNNEL | 1u << ADIT_FEATURE_IPV4));
	REFUSED(, "ESP");
	REFUSED((sa.proto = ADIT_PROTO_AH, sa.enc = ADIT_ENC_NULL), "TUNNEL");
	REFUSED((sa.proto = ADIT_PROTO_AH, sa.enc = ADIT_ENC_NULL, sa.mode = ADIT_MODE_TRANSPORT), "IPV4");
	fake_lock(rig.fake);
	assert_int_equal(rig.fake->n_commands, 0);
	fake_unlock(rig.fake);
	rig_close(&rig);
	rig = rig_open(NULL);	/* what no card has */
	REFUSED((sa.proto = ADIT_PROTO_AH, sa.enc = ADIT_ENC_NULL, sa.auth = ADIT_AUTH_AES_GMAC_128, sa.auth_key_bytes = 16),
		"AH with aes-128-gmac");
#undef REFUSED
	rig_close(&rig);
}

#define NO_AUTH sa.auth = ADIT_AUTH_NULL, sa.auth_key_bytes = 0

static void what_makes_no_sense_is_refused(void **state)
{
	struct rig rig = rig_open(NULL);
	struct adit_sa sa;

	(void)state;
#define REFUSED(change, word) do {								\
		sa = rig_sa(ADIT_DIR_OUT, 0x1000);						\
		change;										\
		assert_int_equal(adit_sa_check(rig.card, &sa), -EINVAL);			\
		assert_non_null(strstr(adit_card_strerror(rig.card), word));			\
	} while (0)
	REFUSED(sa.spi = 255, "SPI 255");
	REFUSED(sa.spi = 0, "SPI 0");
	REFUSED(sa.dir = (enum adit_dir)2, "direction 2");
	REFUSED(sa.proto = (enum adit_proto)49, "protocol 49");
	REFUSED(sa.mode = (enum adit_mode)2, "mode 2");
	REFUSED(sa.enc = (enum adit_enc)200, "cipher 200");
	REFUSED(sa.auth = (enum adit_auth)200, "algorithm 200");
	REFUSED(sa.auth_key_bytes = 19, "20 bytes, not 19");
	REFUSED((sa.enc = ADIT_ENC_NULL, NO_AUTH), "RFC 4303");
	REFUSED(sa.dst.is_v6 = true, "IP versions");
	REFUSED((sa.set_df = true, sa.clear_df = true), "DF");
	REFUSED(sa.dscp = 64, "DSCP 64");
	REFUSED(sa.flow_label = 0x100000, "flow label 1048576");
	REFUSED((sa.seq_first = 10, sa.seq_lease = 9), "beyond the last");
	REFUSED(sa.seq_lease = 0x100000000, "ESN");
	REFUSED((sa.dir = ADIT_DIR_IN, sa.replay_packets = 31), "not 31");
	REFUSED(sa.proto = ADIT_PROTO_AH, "AH");
	REFUSED((sa.proto = ADIT_PROTO_AH, sa.enc = ADIT_ENC_NULL, NO_AUTH), "AH");
#undef REFUSED
	sa = rig_sa(ADIT_DIR_OUT, 256);
	assert_int_equal(adit_sa_check(rig.card, &sa), 0);
	rig_close(&rig);
}

static void what_does_not_fit_together_is_refused(void **state)
{
	struct rig rig = rig_open(NULL);
	struct adit_sa sa;

	(void)state;
	if (adit_card_caps(rig.card)->minor < 2) {	/* it refuses most of this for want of a feature */
		rig_close(&rig);
		skip();
	}
#define CHECK(change, answer, word) do {							\
		sa = rig_sa(ADIT_DIR_OUT, 0x1000);						\
		change;										\
		assert_int_equal(adit_sa_check(rig.card, &sa), answer);				\
		assert_true((answer) == 0 || strstr(adit_card_strerror(rig.card), word));		\
	} while (0)
#define REFUSED(change, word) CHECK(change, -EINVAL, word)
#define TAKEN(change) CHECK(change, 0, "")
	TAKEN((NO_AUTH));	/* the configuration says so twice */
	REFUSED(sa.enc = ADIT_ENC_AES_GCM_192, "aes-192-gcm has its own integrity: the other must be null, not sha1");
	REFUSED((sa.auth = ADIT_AUTH_AES_GMAC_256, sa.auth_key_bytes = 32),
		"aes-256-gmac goes without a cipher (RFC 4543): it must be null, not aes-128-cbc");
	REFUSED((sa.enc = ADIT_ENC_AES_GCM_128, sa.auth = ADIT_AUTH_AES_GMAC_128, sa.auth_key_bytes = 16), "aes-128-gcm");
	REFUSED((sa.enc = ADIT_ENC_NULL, sa.auth = ADIT_AUTH_AES_GMAC_128, sa.auth_key_bytes = 20), "16 bytes, not 20");
	REFUSED(sa.icv_bytes = 16, "sha1 has no ICV of 16 bytes");
	REFUSED((NO_AUTH, sa.icv_bytes = 12), "null has no ICV of 12 bytes");
	REFUSED((sa.enc = ADIT_ENC_AES_GCM_128, NO_AUTH, sa.icv_bytes = 10), "aes-128-gcm has no ICV of 10 bytes");
	REFUSED((sa.dir = ADIT_DIR_IN, sa.esn = true), "ESN needs a replay window");
	TAKEN((sa.dir = ADIT_DIR_IN, sa.esn = true, sa.replay_packets = 32));
	TAKEN(sa.esn = true);	/* outbound */
	TAKEN(sa.dir = ADIT_DIR_IN);
	REFUSED((IS_NATT, sa.proto = ADIT_PROTO_AH, sa.enc = ADIT_ENC_NULL), "UDP encapsulation carries ESP, not AH");
	REFUSED((IS_NATT, sa.has_next = true), "not a bundle");
	REFUSED((IS_NATT, sa.natt_dport = 0), "two ports");
	REFUSED((sa.has_next = true, sa.dir = ADIT_DIR_OUT, sa.proto = ADIT_PROTO_AH, sa.enc = ADIT_ENC_NULL), "named by its ESP SA");
	REFUSED((sa.has_next = true, sa.next_slot = ADIT_NO_SLOT), "slot 65535");
	REFUSED((sa.has_next = true, sa.enc = ADIT_ENC_TWOFISH_CBC), "host transforms");
	REFUSED((sa.tfc_bytes = 64, sa.mode = ADIT_MODE_TRANSPORT), "TFC");
	REFUSED((sa.tfc_bytes = 64, sa.proto = ADIT_PROTO_AH, sa.enc = ADIT_ENC_NULL), "TFC");
	REFUSED((sa.tfc_bytes = 1400, sa.path_mtu = 1400), "TFC padding to 1400 bytes makes sealed packets of 1464, and 1400");
	REFUSED(sa.tfc_bytes = 9600, "9586 is the longest");
	TAKEN((sa.tfc_bytes = 1342, sa.path_mtu = 1400));
	REFUSED(sa.path_mtu = 60, "path MTU of 60");
	TAKEN((sa.path_mtu = 60, sa.dir = ADIT_DIR_IN));
#undef REFUSED
#undef TAKEN
#undef CHECK
	rig_close(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_record_is_as_the_contract_says),
		TEST(every_field_has_its_place),
		TEST(an_inbound_sa_has_window_and_ports_and_no_mtu),
		TEST(every_algorithm_has_its_icv_length),
		TEST(the_host_transforms_what_no_card_can),
		TEST(a_bundle_names_its_ah_and_leaves_room_for_it),
		TEST(a_bundle_with_a_wrong_member_is_refused),
		TEST(the_state_tells_age_and_expiry),
		TEST(sequence_numbers_have_their_defaults),
		TEST(an_update_carries_no_key),
		TEST(an_sa_lives_from_add_to_delete),
		TEST(a_flush_removes_what_it_names),
		TEST(every_slot_can_be_filled),
		TEST(what_the_card_lacks_is_refused_by_name),
		TEST(what_makes_no_sense_is_refused),
		TEST(what_does_not_fit_together_is_refused),
	};

	return cmocka_run_group_tests_name("driver/sa", tests, NULL, NULL);
}
