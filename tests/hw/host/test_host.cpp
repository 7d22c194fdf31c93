// SPDX-License-Identifier: BSD-2-Clause-Patent
// The host room alone, between a model of host memory and models of the tables and pipelines.
#include <algorithm>
#include <array>
#include <functional>
#include "bench.h"

using lab::check;
using lab::get;
using lab::put;
using lab::line;
using Bench = lab::bench;

static unsigned seed;
static const uint64_t CMD = lab::MEM_BASE + 0x10000, EVT = lab::MEM_BASE + 0x40000, TXR = lab::MEM_BASE + 0x80000,
		      RXR = lab::MEM_BASE + 0xc0000, WB = lab::MEM_BASE + 0x100000, REC = lab::MEM_BASE + 0x110000,
		      ANS = lab::MEM_BASE + 0x120000, BUF = lab::MEM_BASE + 0x200000;

struct cmd { unsigned op, flags, index; uint32_t tag; uint64_t iova; uint32_t bytes, value; };
using lab::is_zero;
struct done { bool came; unsigned status, field, index; uint32_t tag; };

struct card : Bench {
	unsigned cmd_log2 = 5, posted = 0, tx_log2 = 5, tx_posted = 0, rx_log2 = 5, rx_posted = 0;

	explicit card(unsigned s, bool start = true) : Bench(s)
	{
		CHECK(until_ready());
		if (start) {
			evt_on(EVT, 6);
			cmd_on();
		}
	}
	void cmd_on(unsigned log2 = 5) { cmd_log2 = log2; posted = 0; ring_on(ADIT_RING_CMD, CMD, log2); }
	void cmd_put(const cmd &c)
	{
		uint8_t *d = at(CMD + 64ull * (posted & ((1u << cmd_log2) - 1)));
		memset(d, 0, 64);
		d[0] = (uint8_t)c.op;
		d[1] = (uint8_t)c.flags;
		put(d + 2, c.index, 2);
		put(d + 4, c.tag, 4);
		put(d + 8, c.iova, 8);
		put(d + 16, c.bytes, 4);
		put(d + 20, c.value, 4);
		posted++;
	}
	bool wait(std::function<bool()> what, unsigned limit = 20000, bool reaping = true)
	{
		for (unsigned i = 0; i < limit; i++) {
			if (what())
				return true;
			tick();
			if (reaping && i % 16 == 15)
				reap();
		}
		return what();
	}
	done take(unsigned type = ADIT_EVENT_COMPLETION, unsigned limit = 20000)
	{
		done r = {};
		auto find = [&] { return std::find_if(events.begin(), events.end(), [&](const line &l) { return l[0] == type; }); };
		if (wait([&] { poll_events(); return find() != events.end(); }, limit)) {
			auto it = find();
			r = { true, (*it)[2], (*it)[3], (unsigned)get(&(*it)[8], 2), (uint32_t)get(&(*it)[4], 4) };
			events.erase(it);
		}
		reap();
		return r;
	}
	done run(const cmd &c)
	{
		cmd_put(c);
		bell(ADIT_RING_CMD, posted);
		done d = take();
		CHECK(d.came && d.tag == c.tag && d.index == c.index);
		return d;
	}
	void tx_on_ring(unsigned log2 = 5, uint64_t wb = WB)
	{
		tx_log2 = log2;
		tx_posted = 0;
		wr(0x114 + 0x40, (uint32_t)wb);
		wr(0x118 + 0x40, (uint32_t)(wb >> 32));
		put(at(WB), 0, 4);
		ring_on(ADIT_RING_TX, TXR, log2);
	}
	void tx_put(uint64_t iova, unsigned bytes, unsigned dest)
	{
		uint8_t *d = at(TXR + 32ull * (tx_posted & ((1u << tx_log2) - 1)));
		memset(d, 0, 32);
		put(d, iova, 8);
		put(d + 8, bytes, 2);
		d[10] = (uint8_t)dest;
		tx_posted++;
	}
	void rx_on_ring(unsigned log2 = 5)
	{
		rx_log2 = log2;
		rx_posted = 0;
		ring_on(ADIT_RING_RX, RXR, log2);
	}
	uint8_t *rx_desc(unsigned i) { return at(RXR + 32ull * (i & ((1u << rx_log2) - 1))); }
	void rx_put(uint64_t iova, unsigned room)
	{
		uint8_t *d = rx_desc(rx_posted++);
		memset(d, 0, 32);
		put(d, iova, 8);
		put(d + 8, room, 2);
	}
	uint64_t count(unsigned reason)
	{
		done d = run({ ADIT_OP_STATS, 0, reason & ~7u, 0x57a75, ANS, 64, 0 });
		CHECK(d.status == ADIT_STATUS_OK);
		return get(at(ANS) + 8 * (reason & 7), 8);
	}
	std::vector<uint8_t> bytes(size_t n)
	{
		std::vector<uint8_t> v(n);
		for (auto &x : v)
			x = (uint8_t)rng();
		return v;
	}
	lab::rx_packet frame(size_t n) { return { bytes(n), 48 + (unsigned)rng() % 4, (unsigned)rng() % 3, (unsigned)rng() & 0xffff, (unsigned)rng() & 0xffff, rng() * 0x100000001ull }; }
	void use_vl_stalls(unsigned s, unsigned lat, unsigned jit) { stall = s; latency = lat; jitter = jit; }
};

// A good SA record.
static std::array<uint8_t, 384> sa_record(Bench &b, unsigned dir, uint32_t spi, unsigned enc, unsigned auth)
{
	std::array<uint8_t, 384> r;
	for (auto &x : r)
		x = (uint8_t)b.rng();
	put(&r[0], spi, 4);
	r[8] = (uint8_t)dir;
	r[9] = ADIT_PROTO_ESP;
	r[10] = ADIT_MODE_TUNNEL;
	r[11] = (uint8_t)enc;
	r[12] = (uint8_t)auth;
	r[13] = 0;
	r[14] = 64;
	put(&r[16], 64, 2);
	put(&r[22], 0xffff, 2);
	put(&r[30], 0, 2);
	static const uint8_t icv[] = { 0, 12, 12, 16, 24, 32, 16, 16, 16 };
	r[32] = enc >= ADIT_ENC_AES_GCM_128 && enc <= ADIT_ENC_AES_GCM_256 ? 16 : icv[auth];
	put(&r[34], 0, 2);
	memset(&r[128], 0, 40);
	put(&r[168], 1, 8);
	put(&r[176], 0xffffffff, 8);
	return r;
}

static void sa_write(card &c, const std::array<uint8_t, 384> &r) { memcpy(c.at(REC), r.data(), r.size()); }

static bool sa_wiped(card &c, unsigned slot)
{
	auto &s = c.tbl.sa[slot];
	return !s.valid && !s.hashed && is_zero(s.key[0]) && is_zero(s.key[1]) && is_zero(s.inner[0]) && is_zero(s.inner[1]) &&
	       is_zero(s.outer[0]) && is_zero(s.outer[1]) && is_zero(s.id) && is_zero(s.addr);
}

static bool no_record_left(card &c)
{
	uint32_t any = 0;
	for (unsigned i = 0; i < 96; i++)
		any |= c.top->rootp->host__DOT__u_cmd__DOT__record_q[i] | c.top->rootp->host__DOT__u_cmd__DOT__u_ahead__DOT__record_q[i];
	return any == 0;
}

// ---------------------------------------------------------------- registers and reset

static void power_on_sweeps_every_table_before_ready()
{
	card c(seed, false);
	for (unsigned i = 0; i < lab::SA_SLOTS; i++)
		CHECK(sa_wiped(c, i));
	for (unsigned b = 0; b < 2; b++)
		for (bool in : c.tbl.rule_in[b])
			CHECK(!in);
	CHECK(c.tbl.live == 0);
	CHECK(c.rd(ADIT_REG_MAGIC) == 0x54494441);
	CHECK(c.rd(ADIT_REG_VERSION) == 0x00010002);
	CHECK(c.rd(ADIT_REG_CAP_SIZES) == (6u | 4u << 8 | 1u << 16 | 4u << 20));
	CHECK(c.rd(ADIT_REG_CAP_ENC) == (1u << ADIT_ENC_DES3_CBC) * 2 - 1);
	CHECK(c.rd(ADIT_REG_CAP_AUTH) == (1u << ADIT_AUTH_AES_GMAC_256) * 2 - 1);
	CHECK(c.rd(ADIT_REG_CAP_FEATURES) == (1u << ADIT_FEATURE_HOST_TRANSFORM) * 2 - 1);
	CHECK(c.rd(ADIT_REG_CAP_LIMITS) == (4096u << 16 | 9600));
	CHECK(c.rd(ADIT_REG_CAP_CLOCK) == 0);
}

static void registers_keep_what_they_should_and_no_more()
{
	card c(seed, false);
	for (uint32_t a = 0x100; a < 0x180; a += 0x20) {
		c.wr(a, 0xdeadbeef);
		c.wr(a + 4, 0x12345678);
		c.wr(a + 0x14, 0xcafef00d);
		c.wr(a + 0x18, 0x0badc0de);
		CHECK(c.rd(a) == 0xdeadbeef && c.rd(a + 4) == 0x12345678 && c.rd(a + 0x14) == 0xcafef00d && c.rd(a + 0x18) == 0x0badc0de);
	}
	for (uint32_t i = 0; i < 32; i++)
		c.wr(0x200 + 4 * i, 0x01010101u * i);
	for (uint32_t i = 0; i < 32; i++)
		CHECK(c.rd(0x200 + 4 * i) == 0x01010101u * i);
	c.wr(0x200, 0x010200c0);	// 192.0.2.1
	c.wr(ADIT_REG_LOCAL_VALID, 0xffff0201);
	CHECK(c.rd(ADIT_REG_LOCAL_VALID) == 0x0201);
	CHECK(c.top->local_addr_o[0] == 0xc0000201 && c.top->local_addr_o[1] == 0);
	CHECK(c.top->local_v4_o == 1 && c.top->local_v6_o == 2);
	CHECK(c.top->local_addr_o[7] == 0x04040404);	// address 1, first word: the most significant
	c.wr(ADIT_REG_IRQ_MODERATION, 0xabcd1234);
	CHECK(c.rd(ADIT_REG_IRQ_MODERATION) == 0x1234);
	for (uint32_t i = 0; i < 16; i++)
		c.wr(ADIT_REG_HOST_LIMIT(i), 0xabc00000u + i + 1);
	for (uint32_t i = 0; i < 16; i++)
		CHECK(c.rd(ADIT_REG_HOST_LIMIT(i)) == i + 1);
	c.wr(ADIT_REG_HOST_PERIOD, 0x89abcdef);
	c.wr(ADIT_REG_HOST_RESERVE, 0x12345678);
	c.wr(ADIT_REG_NOW, 0xfedcba98);		// without a clock of its own the card keeps what the host says
	c.tick(1000);
	CHECK(c.rd(ADIT_REG_HOST_PERIOD) == 0x89abcdef && c.rd(ADIT_REG_HOST_RESERVE) == 0x5678 && c.rd(ADIT_REG_NOW) == 0xfedcba98 &&
	      c.top->now_o == 0xfedcba98);
	c.wr(ADIT_REG_CTRL, 0xf);
	CHECK(c.rd(ADIT_REG_CTRL) == 0xf && c.top->enable_o && c.top->nic_o && c.top->no_match_o && c.top->verdicts_o);
	for (uint32_t a : { 0x01cu, 0x04cu, 0x06cu, 0x11cu, 0x180u, 0x284u, 0x400u, 0xffcu }) {
		c.wr(a, ~0u);
		CHECK(c.rd(a) == 0);
	}
	c.wr(ADIT_REG_MAGIC, 0);
	CHECK(c.rd(ADIT_REG_MAGIC) == 0x54494441);
	uint32_t t0 = c.rd(ADIT_REG_CYCLES_LO), t1 = (c.tick(100), c.rd(ADIT_REG_CYCLES_LO));
	CHECK(t1 - t0 >= 100 && t1 - t0 < 110);
	CHECK(c.rd(ADIT_REG_CYCLES_HI) == 0);
	// a byte strobe touches its byte alone
	c.wr(0x100, 0x11223344);
	c.top->s_axil_wstrb_i = 0x2;
	c.top->s_axil_awaddr_i = 0x100;
	c.top->s_axil_wdata_i = 0xffffffff;
	c.top->s_axil_awvalid_i = c.top->s_axil_wvalid_i = 1;
	c.tick();
	c.top->s_axil_awvalid_i = c.top->s_axil_wvalid_i = 0;
	c.tick(2);
	CHECK(c.rd(0x100) == 0x1122ff44);
}

static void one_card_reset(unsigned at_seed)
{
	card c(at_seed);
	c.use_vl_stalls(20, 20, 30);
	for (unsigned i = 0; i < 4; i++) {
		sa_write(c, sa_record(c, i & 1, 0x1000 + i, ADIT_ENC_AES_CBC_256, ADIT_AUTH_HMAC_SHA1_96));
		CHECK(c.run({ ADIT_OP_SA_ADD, 0, i * 7, i, REC, 384, 0 }).status == ADIT_STATUS_OK);
	}
	c.tx_on_ring();
	c.rx_on_ring();
	auto data = c.bytes(1500);
	memcpy(c.at(BUF), data.data(), 1500);
	for (unsigned i = 0; i < 8; i++)
		c.tx_put(BUF, 1500, 2);
	c.bell(2, 8);
	for (unsigned i = 0; i < 8; i++)
		c.rx_put(BUF + 0x10000 + 0x4000 * i, 9600);
	c.bell(3, 8);
	for (unsigned i = 0; i < 8; i++)
		c.rx.push_back(c.frame(3000));
	c.wr(ADIT_REG_CTRL, 1);
	c.tick(c.rng() % 200);
	c.wr(ADIT_REG_CTRL, 0x101);
	c.tick(2);
	CHECK(c.top->soft_reset_o && !c.top->enable_o);
	c.rx.clear();	// the pipelines were reset as well: the rest of a frame never comes
	c.rx_at = 0;
	c.rx_drop();
	CHECK(c.until_ready());
	for (unsigned i = 0; i < lab::SA_SLOTS; i++)
		CHECK(sa_wiped(c, i));
	for (unsigned r = 0; r < 4; r++)
		CHECK(c.rd(0x108 + 0x20 * r) == 0 && c.index(r) == 0 && c.fault(r) == 0);
	CHECK(c.rd(ADIT_REG_CTRL) == 0);
	c.tx.clear();
	c.tx_in = false;
	c.evt_on(EVT, 6);
	c.events.clear();
	c.cmd_on();
	CHECK(c.run({ ADIT_OP_NOP, 0, 1, 2, 0, 0, 0 }).status == ADIT_STATUS_OK);
	c.tx_on_ring();
	c.tx_put(BUF, 1500, 1);
	c.bell(2, 1);
	CHECK(c.wait([&] { return c.tx.size() == 1; }));
	CHECK(!c.tx.empty() && c.tx[0].bytes == data);
	c.rx_on_ring();
	c.rx_put(BUF + 0x10000, 2000);
	c.bell(3, 1);
	auto f = c.frame(1777);
	c.rx.push_back(f);
	CHECK(c.wait([&] { return c.rx_desc(0)[14] == 1; }));
	CHECK(!memcmp(c.at(BUF + 0x10000), f.bytes.data(), 1777));
}

static void a_card_reset_takes_rings_tables_and_keys()
{
	for (unsigned i = 0; i < 20; i++)	// at whatever moment
		one_card_reset(seed + i);
}

// ---------------------------------------------------------------- commands

static void every_bad_descriptor_field_is_named()
{
	card c(seed);
	sa_write(c, sa_record(c, 0, 0x1000, 1, 2));
	struct { cmd k; unsigned status, field; } bad[] = {
		{ { 6, 0, 0, 1, 0, 0, 0 }, ADIT_STATUS_BAD_OP, ADIT_FIELD_OP },
		{ { 255, 0, 0, 2, 0, 0, 0 }, ADIT_STATUS_BAD_OP, ADIT_FIELD_OP },
		{ { ADIT_OP_NOP, 1, 0, 3, 0, 0, 0 }, ADIT_STATUS_BAD_FIELD, ADIT_FIELD_FLAGS },
		{ { ADIT_OP_SA_FLUSH, 4, 0, 4, 0, 0, 0 }, ADIT_STATUS_BAD_FIELD, ADIT_FIELD_FLAGS },
		{ { ADIT_OP_SP_ADD, 2, 0, 5, REC, 64, 0 }, ADIT_STATUS_BAD_FIELD, ADIT_FIELD_FLAGS },
		{ { ADIT_OP_SA_ADD, 0, 64, 6, REC, 384, 0 }, ADIT_STATUS_BAD_FIELD, ADIT_FIELD_INDEX },
		{ { ADIT_OP_SA_DELETE, 0, 0xffff, 7, 0, 0, 0 }, ADIT_STATUS_BAD_FIELD, ADIT_FIELD_INDEX },
		{ { ADIT_OP_SP_DELETE, 0, 16, 8, 0, 0, 0 }, ADIT_STATUS_BAD_FIELD, ADIT_FIELD_INDEX },
		{ { ADIT_OP_STATS, 0, 4, 9, ANS, 64, 0 }, ADIT_STATUS_BAD_FIELD, ADIT_FIELD_INDEX },
		{ { ADIT_OP_STATS, 0, 64, 10, ANS, 64, 0 }, ADIT_STATUS_BAD_FIELD, ADIT_FIELD_INDEX },
		{ { ADIT_OP_SA_ADD, 0, 1, 11, REC, 383, 0 }, ADIT_STATUS_BAD_LENGTH, ADIT_FIELD_DATA_BYTES },
		{ { ADIT_OP_SA_ADD, 0, 1, 12, REC, 0, 0 }, ADIT_STATUS_BAD_LENGTH, ADIT_FIELD_DATA_BYTES },
		{ { ADIT_OP_SA_UPDATE, 0, 1, 13, REC, 384, 0 }, ADIT_STATUS_BAD_LENGTH, ADIT_FIELD_DATA_BYTES },
		{ { ADIT_OP_NOP, 0, 1, 14, 0, 64, 0 }, ADIT_STATUS_BAD_LENGTH, ADIT_FIELD_DATA_BYTES },
		{ { ADIT_OP_CAPS, 0, 0, 15, ANS, 0x10040, 0 }, ADIT_STATUS_BAD_LENGTH, ADIT_FIELD_DATA_BYTES },
		{ { ADIT_OP_SA_QUERY, 0, 1, 16, ANS, 64, 0 }, ADIT_STATUS_BAD_LENGTH, ADIT_FIELD_DATA_BYTES },
		{ { ADIT_OP_SA_ADD, 0, 1, 17, REC + 32, 384, 0 }, ADIT_STATUS_BAD_FIELD, ADIT_FIELD_DATA_IOVA },
		{ { ADIT_OP_SP_QUERY, 0, 1, 18, ANS + 1, 64, 0 }, ADIT_STATUS_BAD_FIELD, ADIT_FIELD_DATA_IOVA },
		{ { ADIT_OP_SP_COMMIT, 0, 1, 19, 0, 0, 2 }, ADIT_STATUS_BAD_FIELD, ADIT_FIELD_VALUE },
		{ { ADIT_OP_SP_UPDATE, 1, 1, 20, 0, 0, 64 }, ADIT_STATUS_BAD_FIELD, ADIT_FIELD_VALUE },
		{ { ADIT_OP_SP_UPDATE, 1, 1, 21, 0, 0, 0x10001 }, ADIT_STATUS_BAD_FIELD, ADIT_FIELD_VALUE },
		{ { ADIT_OP_SA_QUERY, 0, 1, 22, ANS, 128, 0 }, ADIT_STATUS_NOT_FOUND, 0 },
		{ { ADIT_OP_SA_DELETE, 0, 1, 23, 0, 0, 0 }, ADIT_STATUS_NOT_FOUND, 0 },
		{ { ADIT_OP_SA_UPDATE, 0, 1, 24, REC, 192, 0 }, ADIT_STATUS_NOT_FOUND, 0 },
	};
	for (auto &x : bad) {
		done d = c.run(x.k);
		if (!CHECK(d.status == x.status && d.field == x.field))
			printf("    tag %u: status %u field %u\n", x.k.tag, d.status, d.field);
	}
	for (auto &s : c.tbl.sa)
		CHECK(!s.valid);
}

static void every_bad_field_of_an_sa_is_named()
{
	card c(seed);
	struct edit { unsigned at, bytes; uint64_t value; unsigned dir, status, field; };
	const unsigned BAD = ADIT_STATUS_BAD_FIELD, UNS = ADIT_STATUS_UNSUPPORTED;
	std::vector<edit> edits = {
		{ 0, 4, 0, 0, BAD, ADIT_FIELD_SA_SPI }, { 0, 4, 255, 1, BAD, ADIT_FIELD_SA_SPI },
		{ 8, 1, 2, 0, BAD, ADIT_FIELD_SA_DIR }, { 9, 1, 51, 0, BAD, ADIT_FIELD_SA_ENC },	// AH has no cipher
		{ 9, 1, 50 + 128, 0, BAD, ADIT_FIELD_SA_PROTO }, { 9, 1, 0, 0, BAD, ADIT_FIELD_SA_PROTO },
		{ 10, 1, 2, 0, BAD, ADIT_FIELD_SA_MODE }, { 11, 1, 17, 0, BAD, ADIT_FIELD_SA_ENC },
		{ 12, 1, 9, 0, BAD, ADIT_FIELD_SA_AUTH }, { 12, 1, ADIT_AUTH_AES_GMAC_192, 0, BAD, ADIT_FIELD_SA_AUTH },	// GMAC and a cipher
		{ 11, 1, ADIT_ENC_AES_GCM_128, 0, BAD, ADIT_FIELD_SA_AUTH }, { 11, 1, ADIT_ENC_AES_GCM_256, 0, BAD, ADIT_FIELD_SA_AUTH },
		{ 12, 1, 0, 0, BAD, ADIT_FIELD_SA_ICV_BYTES }, { 12, 1, ADIT_AUTH_HMAC_SHA256_128, 0, BAD, ADIT_FIELD_SA_ICV_BYTES },
		{ 32, 1, 11, 0, BAD, ADIT_FIELD_SA_ICV_BYTES }, { 32, 1, 20, 1, BAD, ADIT_FIELD_SA_ICV_BYTES },
		{ 13, 1, 0x30, 0, BAD, ADIT_FIELD_SA_FLAGS }, { 13, 1, 1, 1, ADIT_STATUS_OK, 0 },
		{ 13, 3, 0x404008, 0, BAD, ADIT_FIELD_SA_FLAGS }, { 14, 1, 0, 1, BAD, ADIT_FIELD_SA_TTL },
		{ 16, 2, 1, 1, BAD, ADIT_FIELD_SA_REPLAY_PACKETS }, { 16, 2, 31, 1, BAD, ADIT_FIELD_SA_REPLAY_PACKETS },
		{ 16, 2, 4097, 1, UNS, ADIT_FIELD_SA_REPLAY_PACKETS }, { 13, 5, 0x00002e4001ull, 1, BAD, ADIT_FIELD_SA_REPLAY_PACKETS },	// ESN, no window
		{ 22, 2, 64, 0, BAD, ADIT_FIELD_SA_NEXT_SLOT }, { 34, 2, 500, 1, BAD, ADIT_FIELD_SA_TFC_BYTES },
		{ 30, 2, 1400, 1, BAD, ADIT_FIELD_SA_INNER_MTU },
		{ 168, 8, 0, 0, BAD, ADIT_FIELD_SA_SEQ_FIRST }, { 168, 8, 1ull << 32, 1, BAD, ADIT_FIELD_SA_SEQ_FIRST },
		{ 176, 8, 1ull << 32, 0, BAD, ADIT_FIELD_SA_SEQ_LEASE }, { 176, 8, 0, 0, BAD, ADIT_FIELD_SA_SEQ_LEASE },
	};
	for (unsigned e = ADIT_ENC_BLOWFISH_CBC; e <= ADIT_ENC_CAMELLIA_CBC_256; e++)
		edits.push_back({ 11, 1, e, 0, UNS, ADIT_FIELD_SA_ENC });	// without the flag that the host transforms
	edits.push_back({ 11, 2, 0, 0, UNS, ADIT_FIELD_SA_AUTH });	// both NULL
	for (auto &e : edits) {
		if (e.status == ADIT_STATUS_OK)
			continue;
		auto r = sa_record(c, e.dir, 0x1000, 1, 2);
		put(&r[e.at], e.value, e.bytes);
		sa_write(c, r);
		done d = c.run({ ADIT_OP_SA_ADD, 0, 5, 77, REC, 384, 0 });
		if (!CHECK(d.status == e.status && d.field == e.field))
			printf("    byte %u value %lx: status %u field %u\n", e.at, (unsigned long)e.value, d.status, d.field);
		CHECK(!c.tbl.sa[5].valid && is_zero(c.tbl.sa[5].key[0]) && is_zero(c.tbl.sa[5].key[1]));
	}
	struct { unsigned at, bytes; uint64_t value; unsigned dir; } good[] = {
		{ 0, 4, 256, 0 }, { 10, 1, 0, 0 }, { 13, 1, 0x48, 0 }, { 13, 1, 0x20, 1 }, { 16, 2, 0, 1 }, { 16, 2, 32, 1 },
		{ 168, 8, 0, 1 }, { 176, 8, 1, 0 }, { 176, 8, ~0ull, 1 }, { 168, 8, 0xffffffff, 0 }, { 13, 1, 7, 1 },
		{ 13, 1, 4, 0 }, { 16, 2, 4096, 1 }, { 16, 2, 65, 1 }, { 22, 2, 63, 0 }, { 128, 8, 1, 0 }, { 136, 8, 1ull << 63, 0 },
		{ 144, 8, 1, 1 }, { 152, 8, 1, 0 }, { 160, 4, 1, 0 }, { 164, 4, 1, 1 }, { 34, 2, 500, 0 }, { 30, 2, 1400, 0 },
		{ 11, 1, ADIT_ENC_DES3_CBC, 0 }, { 11, 3, ADIT_ENC_TWOFISH_CBC | 2 << 8 | 0x80 << 16, 1 },
		{ 9, 4, ADIT_PROTO_AH | 2u << 24, 1 },
	};
	for (auto &g : good) {
		auto r = sa_record(c, g.dir, 0x1000, 1, 2);
		r[15] = 46;
		put(&r[g.at], g.value, g.bytes);
		sa_write(c, r);
		done d = c.run({ ADIT_OP_SA_ADD, 0, 5, 78, REC, 384, 0 });
		if (!CHECK(d.status == ADIT_STATUS_OK))
			printf("    byte %u value %lx: status %u field %u\n", g.at, (unsigned long)g.value, d.status, d.field);
		CHECK(c.run({ ADIT_OP_SA_DELETE, 0, 5, 79, 0, 0, 0 }).status == ADIT_STATUS_OK);
	}
}

static void an_sa_reaches_its_tables_and_leaves_no_key_behind()
{
	card c(seed);
	static const unsigned key_bytes_of[] = { 0, 16, 24, 32, 16, 24, 32, 16, 24, 32, 8, 24 };
	for (unsigned enc = 0; enc < 12; enc++)
		for (unsigned auth = 0; auth <= ADIT_AUTH_AES_GMAC_256; auth++)
			for (unsigned dir = 0; dir < 2; dir++) {
				bool gcm = enc >= ADIT_ENC_AES_GCM_128 && enc <= ADIT_ENC_AES_GCM_256, gmac = auth >= ADIT_AUTH_AES_GMAC_128;
				if ((!enc && !auth) || (gcm && auth) || (gmac && enc))
					continue;
				unsigned slot = (unsigned)c.rng() % 64;
				auto r = sa_record(c, dir, 0x1000 + enc, enc, auth);
				sa_write(c, r);
				c.tbl.ops.clear();
				CHECK(c.run({ ADIT_OP_SA_ADD, 0, slot, 1, REC, 384, 0 }).status == ADIT_STATUS_OK);
				auto &s = c.tbl.sa[slot];
				CHECK(s.valid && s.started && s.hashed == (dir == 1));
				CHECK(c.tbl.ops.back() >> 16 == 7);	// valid comes last
				CHECK(!memcmp(s.id.data(), &r[0], 64) && !memcmp(s.addr.data(), &r[64], 64) && !memcmp(s.limits.data(), &r[128], 64));
				unsigned code = gmac ? auth - ADIT_AUTH_AES_GMAC_128 + ADIT_ENC_AES_GCM_128 : enc, key_bytes = key_bytes_of[code];
				static const unsigned hash_of[] = { 4, 0, 1, 2, 6, 3, 5, 5, 5 };	// adit_pkg::HASH_*
				bool salted = code >= ADIT_ENC_AES_CTR_128 && code <= ADIT_ENC_AES_GCM_256, hashed = auth || gcm;
				CHECK(!memcmp(s.key[dir].data(), &r[192], key_bytes));
				CHECK(s.key_ext[dir] == (code ? dir : dir | 8) && s.key_code[dir] == code);
				CHECK(get(&s.key[dir][32], 4) == (salted ? get(&r[224], 4) : 0));
				CHECK(!hashed || s.hash_code[dir] == hash_of[auth]);
				line zero = {};
				CHECK(!memcmp(s.key[dir].data() + key_bytes, zero.data(), 32 - key_bytes));
				CHECK(hashed ? !memcmp(s.inner[dir].data(), &r[256], 64) && !memcmp(s.outer[dir].data(), &r[320], 64)
					   : is_zero(s.inner[dir]) && is_zero(s.outer[dir]));
				CHECK(no_record_left(c));
				CHECK(c.run({ ADIT_OP_SA_ADD, 0, slot, 2, REC, 384, 0 }).status == ADIT_STATUS_EXISTS);
				CHECK(s.valid);
				CHECK(c.run({ ADIT_OP_SA_QUERY, 0, slot, 3, ANS, 128, 0 }).status == ADIT_STATUS_OK);
				CHECK(!memcmp(c.at(ANS), &r[0], 13));
				for (unsigned i = 13; i < 64; i++)
					CHECK(*c.at(ANS + i) == 0);
				for (unsigned i = 0; i < 48; i++)	// the second word as sad gives it
					CHECK(*c.at(ANS + 64 + i) == (uint8_t)(slot + i));
				unsigned long f = c.tbl.fences[dir];
				CHECK(c.run({ ADIT_OP_SA_DELETE, 0, slot, 4, 0, 0, 0 }).status == ADIT_STATUS_OK);
				CHECK(sa_wiped(c, slot) && c.tbl.fences[dir] == f + (dir == 0 ? 2 : 1));
			}
	// the host transforms: no key comes to the engines
	auto t = sa_record(c, 0, 0x1fff, ADIT_ENC_CAMELLIA_CBC_256, 2);
	t[13] = 0x80;
	sa_write(c, t);
	CHECK(c.run({ ADIT_OP_SA_ADD, 0, 11, 5, REC, 384, 0 }).status == ADIT_STATUS_OK);
	CHECK(is_zero(c.tbl.sa[11].key[0]) && is_zero(c.tbl.sa[11].inner[0]) && is_zero(c.tbl.sa[11].outer[0]));
	// no place in the hash: nothing stays
	auto r = sa_record(c, 1, 0x2000, 2, 2);
	sa_write(c, r);
	for (unsigned err : { (unsigned)ADIT_STATUS_TABLE_FULL, (unsigned)ADIT_STATUS_EXISTS }) {
		c.tbl.hash_err = err;
		CHECK(c.run({ ADIT_OP_SA_ADD, 0, 9, 5, REC, 384, 0 }).status == err);
		CHECK(sa_wiped(c, 9));
	}
	CHECK(c.run({ ADIT_OP_SA_ADD, 0, 9, 6, REC, 384, 0 }).status == ADIT_STATUS_OK);
}

static void an_sa_update_keeps_identity_and_numbers()
{
	card c(seed);
	for (unsigned dir = 0; dir < 2; dir++) {
		unsigned slot = 20 + dir;
		auto r = sa_record(c, dir, 0x3000, 1, 2);
		sa_write(c, r);
		CHECK(c.run({ ADIT_OP_SA_ADD, 0, slot, 1, REC, 384, 0 }).status == ADIT_STATUS_OK);
		auto &s = c.tbl.sa[slot];
		line key = s.key[dir];
		auto n = r;
		n[14] = 7;
		put(&n[176], 0x12345, 8);
		for (unsigned i = 64; i < 80; i++)
			n[i] = (uint8_t)c.rng();
		sa_write(c, n);
		c.tbl.ops.clear();
		CHECK(c.run({ ADIT_OP_SA_UPDATE, 0, slot, 2, REC, 192, 0 }).status == ADIT_STATUS_OK);
		for (unsigned op : c.tbl.ops)
			CHECK(op >> 16 != 10 && op >> 16 != 11);	// dst stands: the hash is left alone
		CHECK(s.valid && !s.started && s.key[dir] == key && !memcmp(s.id.data(), &n[0], 64) && !memcmp(s.addr.data(), &n[64], 64) &&
		      !memcmp(s.limits.data(), &n[128], 64));
		n[80] ^= 1;
		sa_write(c, n);
		c.tbl.ops.clear();
		CHECK(c.run({ ADIT_OP_SA_UPDATE, 0, slot, 3, REC, 192, 0 }).status == ADIT_STATUS_OK);
		unsigned hash_ops = 0;
		for (unsigned op : c.tbl.ops)
			hash_ops += op >> 16 == 10 || op >> 16 == 11;
		CHECK(hash_ops == (dir ? 2 : 0) && s.names.size() == dir && s.hashed == (dir == 1) && !memcmp(s.addr.data(), &n[64], 64));
		if (dir) {	// no place for the new destination: nothing has changed
			auto m = n;
			m[81] ^= 1;
			sa_write(c, m);
			c.tbl.hash_err = ADIT_STATUS_TABLE_FULL;
			CHECK(c.run({ ADIT_OP_SA_UPDATE, 0, slot, 4, REC, 192, 0 }).status == ADIT_STATUS_TABLE_FULL);
			CHECK(s.valid && s.names.size() == 1 && !memcmp(s.addr.data(), &n[64], 32) && !memcmp(s.id.data(), &n[0], 64));
			m[13] |= 2;	// the other family is another destination
			sa_write(c, m);
			CHECK(c.run({ ADIT_OP_SA_UPDATE, 0, slot, 4, REC, 192, 0 }).status == ADIT_STATUS_OK);
			CHECK(s.valid && s.names.size() == 1 && s.names.begin()->at(0) == '6');
			sa_write(c, n);
			CHECK(c.run({ ADIT_OP_SA_UPDATE, 0, slot, 4, REC, 192, 0 }).status == ADIT_STATUS_OK);
		}
		struct { unsigned at, value, field; } ids[] = { { 1, 0x55, ADIT_FIELD_SA_SPI }, { 8, 1 - dir, ADIT_FIELD_SA_DIR },
			{ 10, 0, ADIT_FIELD_SA_MODE }, { 11, 2, ADIT_FIELD_SA_ENC }, { 12, 1, ADIT_FIELD_SA_AUTH }, { 13, 1, ADIT_FIELD_SA_FLAGS } };
		for (auto &i : ids) {
			auto m = n;
			m[i.at] = (uint8_t)i.value;
			sa_write(c, m);
			done d = c.run({ ADIT_OP_SA_UPDATE, 0, slot, 5, REC, 192, 0 });
			CHECK(d.status == ADIT_STATUS_BAD_FIELD && d.field == i.field);
			CHECK(!memcmp(s.id.data(), &n[0], 64));
		}
		/* the host may take an SA over, but not give it back: the card would seal and open with keys it never got */
		auto m = n;
		m[13] |= 0x80;
		sa_write(c, m);
		CHECK(c.run({ ADIT_OP_SA_UPDATE, 0, slot, 6, REC, 192, 0 }).status == ADIT_STATUS_OK);
		CHECK(!memcmp(s.id.data(), &m[0], 64));
		sa_write(c, n);
		done back = c.run({ ADIT_OP_SA_UPDATE, 0, slot, 7, REC, 192, 0 });
		CHECK(back.status == ADIT_STATUS_BAD_FIELD && back.field == ADIT_FIELD_SA_FLAGS);
		CHECK(!memcmp(s.id.data(), &m[0], 64));
	}
}

static void a_flush_takes_every_sa_or_those_not_spared()
{
	card c(seed);
	std::set<unsigned> slots;
	for (unsigned i = 0; i < 10; i++) {
		unsigned s = i == 0 ? 0 : i == 1 ? 63 : (unsigned)c.rng() % 64;
		auto r = sa_record(c, i & 1, 0x4000 + i, i % 3 ? 3 : 0, 2);
		if (i % 3 == 0)
			r[9] = ADIT_PROTO_AH;
		sa_write(c, r);
		if (slots.insert(s).second)
			CHECK(c.run({ ADIT_OP_SA_ADD, 0, s, i, REC, 384, 0 }).status == ADIT_STATUS_OK);
	}
	CHECK(c.run({ ADIT_OP_SA_FLUSH, 3, 0, 20, 0, 0, 0 }).status == ADIT_STATUS_OK);	// both spared
	for (unsigned s : slots)
		CHECK(c.tbl.sa[s].valid);
	CHECK(c.run({ ADIT_OP_SA_FLUSH, 2, 0, 20, 0, 0, 0 }).status == ADIT_STATUS_OK);	// ESP spared
	for (unsigned s : slots)
		CHECK(is_zero(c.tbl.sa[s].id) ? sa_wiped(c, s) : c.tbl.sa[s].valid && c.tbl.sa[s].id[9] == ADIT_PROTO_ESP);
	unsigned long f0 = c.tbl.fences[0], f1 = c.tbl.fences[1];
	CHECK(c.run({ ADIT_OP_SA_FLUSH, 1, 0, 21, 0, 0, 0 }).status == ADIT_STATUS_OK);	// AH spared
	for (unsigned s : slots)
		CHECK(sa_wiped(c, s));
	CHECK(c.tbl.fences[0] == f0 + 1 && c.tbl.fences[1] == f1 + 1);
}

static std::array<uint8_t, 64> sp_record(Bench &b)
{
	std::array<uint8_t, 64> r;
	for (auto &x : r)
		x = (uint8_t)b.rng();
	r[32] = 24;
	r[33] = 32;
	r[35] = 6;
	put(&r[36], 100, 2);
	put(&r[38], 200, 2);
	put(&r[40], 0, 2);
	put(&r[42], 0xffff, 2);
	r[44] = 2;
	r[45] = 1;
	put(&r[46], 15, 2);
	return r;
}

static void policies_are_checked_and_reach_their_bank()
{
	card c(seed);
	const unsigned BAD = ADIT_STATUS_BAD_FIELD;
	struct { unsigned at, bytes; uint64_t value; unsigned status, field; } edits[] = {
		{ 32, 1, 33, BAD, ADIT_FIELD_SP_SRC_PLEN }, { 33, 1, 255, BAD, ADIT_FIELD_SP_DST_PLEN },
		{ 35, 1, 12, BAD, ADIT_FIELD_SP_FLAGS }, { 35, 1, 16, BAD, ADIT_FIELD_SP_FLAGS }, { 32, 4, 0x01008100, BAD, ADIT_FIELD_SP_DST_PLEN },
		{ 32, 4, 0x01008080, ADIT_STATUS_OK, 0 }, { 35, 1, 8, ADIT_STATUS_OK, 0 }, { 35, 1, 0x80, BAD, ADIT_FIELD_SP_FLAGS },
		{ 36, 2, 201, BAD, ADIT_FIELD_SP_SPORT }, { 42, 4, 0x1ffff - 0x10000 - 0xffff, ADIT_STATUS_OK, 0 },
		{ 40, 4, 0x00010002, BAD, ADIT_FIELD_SP_DPORT }, { 44, 1, 3, BAD, ADIT_FIELD_SP_ACTION },
		{ 45, 1, 3, BAD, ADIT_FIELD_SP_LEVEL }, { 46, 2, 16, BAD, ADIT_FIELD_SP_ID }, { 46, 2, 0xffff, BAD, ADIT_FIELD_SP_ID },
		{ 35, 1, 0, ADIT_STATUS_OK, 0 }, { 36, 2, 200, ADIT_STATUS_OK, 0 }, { 44, 1, 0, ADIT_STATUS_OK, 0 },
	};
	for (auto &e : edits)
		for (unsigned bank = 0; bank < 2; bank++) {
			unsigned rank = (unsigned)c.rng() % 16;
			auto r = sp_record(c);
			put(&r[e.at], e.value, e.bytes);
			memcpy(c.at(REC), r.data(), 64);
			c.tbl.rule_in[bank][rank] = false;
			done d = c.run({ ADIT_OP_SP_ADD, bank, rank, 1, REC, 64, 0 });
			if (!CHECK(d.status == e.status && d.field == e.field))
				printf("    byte %u: status %u field %u\n", e.at, d.status, d.field);
			CHECK(c.tbl.rule_in[bank][rank] == (e.status == ADIT_STATUS_OK));
			if (e.status == ADIT_STATUS_OK) {
				CHECK(!memcmp(c.tbl.rule[bank][rank].data(), r.data(), 64));
				CHECK(c.run({ ADIT_OP_SP_DELETE, bank, rank, 2, 0, 0, 0 }).status == ADIT_STATUS_OK);
				CHECK(!c.tbl.rule_in[bank][rank]);
			}
		}
	for (unsigned bank : { 1u, 0u, 1u }) {
		CHECK(c.run({ ADIT_OP_SP_COMMIT, 0, 0, 3, 0, 0, bank }).status == ADIT_STATUS_OK);
		CHECK(c.tbl.live == bank);
	}
	CHECK(c.run({ ADIT_OP_SP_UPDATE, 1, 5, 4, 0, 0, 33 }).status == ADIT_STATUS_OK);
	CHECK(c.tbl.bound[5] && c.tbl.bind_slot[5] == 33);
	CHECK(c.run({ ADIT_OP_SP_UPDATE, 0, 5, 5, 0, 0, 0xffff }).status == ADIT_STATUS_OK);
	CHECK(!c.tbl.bound[5]);
	CHECK(c.run({ ADIT_OP_SP_QUERY, 0, 9, 6, ANS, 64, 0 }).status == ADIT_STATUS_OK);
	for (unsigned i = 0; i < 51; i++)
		CHECK(*c.at(ANS + i) == (uint8_t)(27 + i));
	for (auto &bank : c.tbl.rule_in)
		for (bool &in : bank)
			in = true;
	unsigned long z = c.tbl.zeroed[15];
	c.tbl.ops.clear();
	CHECK(c.run({ ADIT_OP_SP_FLUSH, 0, 0, 7, 0, 0, 0 }).status == ADIT_STATUS_OK);
	CHECK(c.tbl.ops.size() == 3 * lab::SP_RULES);
	for (unsigned i = 0; i < 2 * lab::SP_RULES; i++)	// rules from below, and all of them before the first binding
		CHECK(c.tbl.ops[i] == (13 << 16 | (lab::SP_RULES - 1 - i / 2)));
	for (unsigned i = 0; i < lab::SP_RULES; i++)
		CHECK(c.tbl.ops[2 * lab::SP_RULES + i] == (17 << 16 | i));
	for (auto &bank : c.tbl.rule_in)
		for (bool in : bank)
			CHECK(!in);
	CHECK(c.tbl.zeroed[15] == z + 1 && c.tbl.live == 1);
	CHECK(c.run({ ADIT_OP_CAPS, 0, 0, 8, ANS, 64, 0 }).status == ADIT_STATUS_OK);
	CHECK(get(c.at(ANS), 4) == 0x54494441 && get(c.at(ANS + 8), 4) == c.rd(ADIT_REG_CAP_SIZES) && get(c.at(ANS + 24), 4) == c.rd(ADIT_REG_CAP_LIMITS));
}

static void commands_come_back_in_order_round_a_small_ring()
{
	card c(seed);
	c.use_vl_stalls(30, 10, 40);
	c.cmd_on(2);
	uint32_t next = 0, seen = 0;
	while (seen < 200) {
		while (next - seen < 4 && next < 200)
			c.cmd_put({ ADIT_OP_NOP, 0, next & 0xffff, next, 0, 0, 0 }), next++;
		c.bell(ADIT_RING_CMD, c.posted);
		done d = c.take();
		if (!CHECK(d.came && d.tag == seen && d.status == 0))
			break;
		seen++;
	}
	CHECK(c.index(0) == 200 && c.fault(0) == 0);
}

static void speed_of_commands()
{
	card c(seed);
	c.ring_off(1);
	c.evt_on(EVT, 10);
	c.cmd_on(8);
	for (unsigned i = 0; i < 200; i++)
		c.cmd_put({ ADIT_OP_NOP, 0, 0, i, 0, 0, 0 });
	uint64_t t0 = c.now;
	c.bell(0, 200);
	CHECK(c.wait([&] { return get(c.at(EVT + 64 * 199), 1) == 1; }, 20000, false));
	printf("  200 NOPs: %.1f cycles each (host memory answers in 4)\n", (double)(c.now - t0) / 200);
	CHECK((c.now - t0) / 200 <= 20);
	c.reap();
	c.events.clear();
	for (unsigned i = 0; i < 32; i++) {
		auto r = sa_record(c, i & 1, 0x5000 + i, 1, 2);
		memcpy(c.at(REC + 384 * i), r.data(), 384);
		c.cmd_put({ ADIT_OP_SA_ADD, 0, i, i, REC + 384 * i, 384, 0 });
	}
	t0 = c.now;
	c.bell(0, 232);
	CHECK(c.wait([&] { return get(c.at(EVT + 64 * 231), 1) == 1; }, 20000, false));
	printf("  32 SA_ADDs: %.1f cycles each (table ops take 1..4)\n", (double)(c.now - t0) / 32);
	CHECK((c.now - t0) / 32 <= 45);
	// host memory as far away as in the simulated machine: 32 .. 64 cycles
	c.use_vl_stalls(0, 32, 33);
	c.ring_off(1);
	c.evt_on(EVT, 10);
	c.cmd_on(9);
	c.events.clear();
	for (unsigned i = 0; i < 32; i++)
		CHECK(c.run({ ADIT_OP_SA_DELETE, 0, i, i, 0, 0, 0 }).status == ADIT_STATUS_OK);
	for (unsigned i = 0; i < 64; i++) {
		auto r = sa_record(c, i & 1, 0x6000 + i, 1, 2);
		memcpy(c.at(REC + 384 * i), r.data(), 384);
		c.cmd_put({ ADIT_OP_SA_ADD, 0, i, i, REC + 384 * i, 384, 0 });
	}
	t0 = c.now;
	c.bell(0, c.posted);
	CHECK(c.wait([&] { return get(c.at(EVT + 64 * 95), 1) == 1; }, 20000, false));
	printf("  64 SA_ADDs: %.1f cycles each (host memory answers in 32 .. 64)\n", (double)(c.now - t0) / 64);
	CHECK((c.now - t0) / 64 <= 75);
	for (auto &s : c.tbl.sa)
		CHECK(s.valid);
	CHECK(no_record_left(c));
}

static void a_command_fetched_ahead_is_forgotten_with_its_ring()
{
	card c(seed);
	for (unsigned turn = 0; turn < 40; turn++) {
		c.use_vl_stalls(turn & 1 ? 20 : 0, (unsigned)c.rng() % 20, 1 + (unsigned)c.rng() % 40);
		c.cmd_on();
		for (unsigned i = 0; i < 6; i++) {
			auto r = sa_record(c, i & 1, 0x7000 + i, 3, 2);
			memcpy(c.at(REC + 384 * i), r.data(), 384);
			c.cmd_put({ ADIT_OP_SA_ADD, 0, 10 + i, i, i == 2 && turn % 3 == 0 ? lab::BAD_BASE : REC + 384 * i, 384, 0 });
		}
		c.bell(0, c.posted);
		unsigned done_n = 2;
		if (turn % 3 == 0) {	// the record of the third cannot be read: those before it are in, none behind it is touched
			for (unsigned i = 0; i < 3; i++) {
				done d = c.take();
				CHECK(d.came && d.tag == i && d.status == (i == 2 ? ADIT_STATUS_DMA_ERROR : ADIT_STATUS_OK));
			}
			CHECK(c.take(ADIT_EVENT_RING_FAULT).index == 0);
			CHECK(c.fault(0) == ADIT_FAULT_DMA_READ && c.index(0) == 3);
		} else {		// the host stops the ring: what was taken comes back, in order, and no more
			c.tick((unsigned)c.rng() % 200);
			c.ring_off(0);
			c.tick(600);
			c.reap();
			done_n = c.index(0);
			for (unsigned i = 0; i < done_n; i++) {
				done d = c.take();
				CHECK(d.came && d.tag == i && d.status == ADIT_STATUS_OK);
			}
		}
		c.tick(300);
		c.reap();
		CHECK(c.events.empty());
		CHECK(no_record_left(c));
		for (unsigned i = 0; i < 6; i++)
			CHECK(c.tbl.sa[10 + i].valid == (i < done_n));
		c.cmd_on();
		for (unsigned i = 0; i < 6; i++)
			CHECK(c.run({ ADIT_OP_SA_DELETE, 0, 10 + i, 20 + i, 0, 0, 0 }).status == (i < done_n ? ADIT_STATUS_OK : ADIT_STATUS_NOT_FOUND));
	}
}

static void events_under_way_at_an_error_come_again_in_order()
{
	card c(seed);
	uint32_t tag = 0;
	for (unsigned turn = 0; turn < 30; turn++) {
		c.use_vl_stalls(turn % 3 * 10, 20, 60);
		c.ring_off(1);
		c.reap();
		c.events.clear();
		c.evt_on(EVT, 7);
		c.cmd_on();
		unsigned line = (unsigned)c.rng() % 2;	// the ring's second page fails: 64 events stand before it
		for (unsigned i = 0; i < 63 - line; i++)
			CHECK(c.run({ ADIT_OP_NOP, 0, 0, tag + i, 0, 0, 0 }).came);
		tag += 63 - line;
		c.bad_pages.insert((EVT >> 12) + 1);
		c.ring_off(0);
		c.cmd_on();
		for (unsigned i = 0; i < 12; i++)
			c.cmd_put({ ADIT_OP_NOP, 0, 0, tag + i, 0, 0, 0 });
		c.bell(0, c.posted);
		CHECK(c.wait([&] { return c.fault(1) != 0; }, 5000, false));
		c.tick(300);
		c.poll_events();
		CHECK(c.events.size() == 1 + line);	// the last of the good page
		c.bad_pages.clear();
		c.evt_on(EVT, 7);
		for (unsigned i = 0; i < 12; i++) {
			done d = c.take();
			CHECK(d.came && d.tag == tag + i);
		}
		CHECK(c.take(ADIT_EVENT_RING_FAULT).index == 1);
		c.tick(300);
		c.reap();
		CHECK(c.events.empty());
		tag += 12;
	}
}

// ---------------------------------------------------------------- events

static void events_turn_the_generation_and_wait_for_room()
{
	card c(seed);
	c.ring_off(1);
	c.evt_on(EVT, 1);	// two entries
	c.cmd_on(4);
	for (unsigned i = 0; i < 16; i++)
		c.cmd_put({ ADIT_OP_NOP, 0, 0, i, 0, 0, 0 });
	c.bell(0, 16);
	c.tick(2000);
	CHECK(c.index(1) == 2);		// full, nothing written over
	for (unsigned i = 0; i < 16; i++) {
		done d = c.take();
		if (!CHECK(d.came && d.tag == i))
			break;
	}
	CHECK(c.index(1) == 16);
	// notices are dropped, completions are not
	c.evt_on(EVT, 2);
	CHECK(c.fault(1) == 0);
	c.ring_off(1);
	uint32_t dropped = c.rd(ADIT_REG_EVT_DROPPED);
	lab::notice n = {};
	n.kind = ADIT_EVENT_SEQ_NEAR;
	n.slot = 3;
	for (unsigned i = 0; i < 50; i++)
		c.notices.push_back(n);
	CHECK(c.wait([&] { return c.notices.empty(); }, 5000, false));
	for (unsigned i = 0; i < 6; i++)
		c.cmd_put({ ADIT_OP_NOP, 0, 0, 100 + i, 0, 0, 0 });
	c.bell(0, c.posted);
	c.tick(500);
	dropped = c.rd(ADIT_REG_EVT_DROPPED) - dropped;
	CHECK(dropped >= 30 && dropped < 50);
	c.events.clear();
	c.evt_on(EVT, 3);
	for (unsigned i = 0; i < 6; i++)
		CHECK(c.take().tag == 100 + i);
	unsigned near = 0;
	for (auto &e : c.events)
		near += e[0] == ADIT_EVENT_SEQ_NEAR && get(&e[10], 2) == 3;
	CHECK(near + dropped == 50);
	// while the host leaves room, none is dropped, however fast they come
	c.ring_off(1);
	c.evt_on(EVT, 8);
	dropped = c.rd(ADIT_REG_EVT_DROPPED);
	c.events.clear();
	for (unsigned i = 0; i < 100; i++) {
		n.slot = i;
		c.notices.push_back(n);
	}
	CHECK(c.wait([&] { return c.events.size() == 100; }, 20000));
	for (unsigned i = 0; i < c.events.size(); i++)
		CHECK(c.events[i][0] == ADIT_EVENT_SEQ_NEAR && get(&c.events[i][10], 2) == i);
	CHECK(c.rd(ADIT_REG_EVT_DROPPED) == dropped);
}

static void verdicts_are_counted_and_posted_when_wanted()
{
	card c(seed);
	c.use_vl_stalls(25, 5, 20);
	std::vector<lab::verdict> sent;
	std::map<unsigned, unsigned> by_reason;
	c.wr(ADIT_REG_CTRL, 8);
	for (unsigned i = 0; i < 300; i++) {
		lab::verdict v = { (unsigned)c.rng() % 56, (unsigned)c.rng() % 4, (unsigned)c.rng() % 4, i, (unsigned)c.rng() & 0xffff,
				     (unsigned)c.rng() & 0xffff, (unsigned)c.rng() & 0xffff };
		c.verdicts[i & 1].push_back(v);
		sent.push_back(v);
		by_reason[v.reason]++;
	}
	CHECK(c.wait([&] { return c.verdicts[0].empty() && c.verdicts[1].empty() && c.events.size() == 300; }, 100000));
	std::array<unsigned, 2> next = { 0, 1 };
	uint64_t cycle = 0;
	for (auto &e : c.events) {
		uint32_t no = (uint32_t)get(&e[4], 4);
		CHECK(e[0] == ADIT_EVENT_VERDICT && no < 300 && no == next[no & 1]);
		next[no & 1] += 2;
		auto &v = sent[no % 300];
		CHECK(e[2] == v.reason && e[3] == (v.in | v.out << 2) && get(&e[8], 2) == v.sp && get(&e[10], 2) == v.slot && get(&e[12], 2) == v.bytes);
		CHECK(get(&e[56], 8) > cycle);
		cycle = get(&e[56], 8);
	}
	c.events.clear();
	for (auto &r : by_reason)
		CHECK(c.count(r.first) == r.second);
	c.wr(ADIT_REG_CTRL, 0);
	for (unsigned i = 0; i < 100; i++)
		c.verdicts[i & 1].push_back(sent[i]);
	CHECK(c.wait([&] { return c.verdicts[0].empty() && c.verdicts[1].empty(); }));
	c.tick(200);
	c.reap();
	CHECK(c.events.empty());
	uint64_t all = 0;
	for (unsigned r = 0; r < 56; r++)
		all += c.count(r);
	CHECK(all == 400);
}

// A flood of bad packets in both directions, while the TX and RX rings drop frames too: each is counted, none waits for another.
static void four_sources_count_at_once_and_exactly()
{
	card c(seed);
	std::map<unsigned, uint64_t> want;
	const unsigned n = 20000;
	for (unsigned d = 0; d < 2; d++)
		for (unsigned i = 0; i < n; i++) {	// long runs of one reason, both sides often the same one
			lab::verdict v = { c.rng() % 8 ? 5u : (unsigned)c.rng() % 52, d, 1, i, 60, 1, 2 };
			c.verdicts[d].push_back(v);
			want[v.reason]++;
		}
	c.tx_on_ring();
	for (unsigned i = 0; i < 30; i++)
		c.tx_put(BUF, 5, 1);
	c.bell(2, c.tx_posted);
	for (unsigned i = 0; i < 3000; i++)
		c.rx.push_back(c.frame(64));		// no ring: dropped
	want[ADIT_REASON_RxRunt] += 30;
	want[ADIT_REASON_HostRingFull] += 3000;
	uint64_t t0 = c.now;
	CHECK(c.wait([&] { return c.verdicts[0].empty() && c.verdicts[1].empty(); }, 2 * n, false));
	printf("  %u verdicts each way: %.3f cycles each\n", n, (double)(c.now - t0) / n);
	CHECK(c.now - t0 < n + 200 && c.rx.empty());
	c.tick(100);
	for (unsigned r = 0; r < 64; r++)
		CHECK(c.count(r) == want[r]);
}

static void an_acquire_carries_the_packets_selectors()
{
	card c(seed);
	for (unsigned v6 = 0; v6 < 2; v6++) {
		lab::notice n = {};
		n.kind = ADIT_EVENT_ACQUIRE;
		n.sp = 7;
		n.slot = 0xffff;
		n.proto = 17;
		n.v6 = v6;
		for (unsigned i = 0; i < (v6 ? 16u : 4u); i++)
			n.src[i] = (uint8_t)(i + 1), n.dst[i] = (uint8_t)(0xf0 + i);
		n.sport = 1234;
		n.dport = 53;
		c.notices.push_back(n);
		CHECK(c.wait([&] { c.poll_events(); return !c.events.empty(); }));
		auto e = c.events.front();
		c.events.clear();
		CHECK(e[0] == ADIT_EVENT_ACQUIRE && get(&e[8], 2) == 7 && get(&e[10], 2) == 0xffff && e[14] == 17 && e[15] == v6);
		CHECK(!memcmp(&e[16], n.src, 16) && !memcmp(&e[32], n.dst, 16) && get(&e[48], 2) == 1234 && get(&e[50], 2) == 53);
	}
}

// ---------------------------------------------------------------- rings and faults

static void a_doorbell_or_a_size_that_cannot_be_stops_that_ring_alone()
{
	card c(seed);
	c.tx_on_ring();
	c.rx_on_ring();
	unsigned rings[] = { 0, 2, 3 };
	for (unsigned r : rings) {
		unsigned log2 = 3;
		uint64_t base = r == 0 ? CMD : r == 2 ? TXR : RXR;
		for (uint32_t bad : { 9u, 0x8000u, 0xffffu }) {
			c.ring_off(r);
			c.ring_on(r, base, log2);
			CHECK(c.fault(r) == 0);
			unsigned long irq = c.irqs[3];
			c.bell(r, bad);
			CHECK(c.fault(r) == ADIT_FAULT_BAD_DOORBELL && (c.rd(ADIT_REG_STATUS) >> (4 + r) & 1));
			done d = c.take(ADIT_EVENT_RING_FAULT);
			CHECK(d.came && d.index == r && c.irqs[3] == irq + 1);
			for (unsigned o = 0; o < 4; o++)
				CHECK((c.fault(o) != 0) == (o == r));
			c.bell(r, 1);
			c.tick(100);
			CHECK(c.index(r) == 0);
		}
		for (unsigned size : { 0u, 17u, 31u }) {
			c.ring_off(r);
			c.ring_on(r, base, size);
			CHECK(c.fault(r) == ADIT_FAULT_BAD_SIZE);
			CHECK(c.take(ADIT_EVENT_RING_FAULT).came);
		}
		c.ring_on(r, base, 5);	// anew without an explicit stop
		CHECK(c.fault(r) == 0);
	}
	c.posted = 0;
	c.cmd_log2 = 5;
	CHECK(c.run({ ADIT_OP_NOP, 0, 3, 4, 0, 0, 0 }).status == 0);
	// the event ring: the host cannot have consumed what was not written
	c.bell(1, c.evt_seen + 1);
	CHECK(c.fault(1) == ADIT_FAULT_BAD_DOORBELL);
	for (unsigned o : rings)
		CHECK(c.fault(o) == 0);
	c.cmd_put({ ADIT_OP_NOP, 0, 3, 55, 0, 0, 0 });
	c.bell(0, c.posted);
	c.tick(300);
	c.evt_on(EVT, 4);
	CHECK(c.take(ADIT_EVENT_COMPLETION).tag == 55);
	CHECK(c.take(ADIT_EVENT_RING_FAULT).index == 1);
}

static void a_dma_error_stops_its_ring_alone_and_the_ring_comes_back()
{
	card c(seed);
	c.use_vl_stalls(10, 6, 12);
	auto only = [&](unsigned ring, unsigned why) {
		CHECK(c.wait([&] { return c.fault(ring) != 0; }));
		for (unsigned o = 0; o < 4; o++)
			CHECK(c.fault(o) == (o == ring ? why : 0));
	};
	auto data = c.bytes(9600);
	memcpy(c.at(BUF), data.data(), data.size());
	for (unsigned turn = 0; turn < 3; turn++) {
		c.tx_on_ring();
		c.rx_on_ring();
		// commands: descriptor, record, answer
		c.ring_off(0);
		c.ring_on(0, lab::BAD_BASE, 5);
		c.bell(0, 3);
		only(0, ADIT_FAULT_DMA_READ);
		CHECK(c.take(ADIT_EVENT_RING_FAULT).index == 0);
		c.cmd_on();
		CHECK(c.run({ ADIT_OP_SA_ADD, 0, 3, 1, lab::BAD_BASE, 384, 0 }).status == ADIT_STATUS_DMA_ERROR);
		only(0, ADIT_FAULT_DMA_READ);
		CHECK(c.take(ADIT_EVENT_RING_FAULT).came && !c.tbl.sa[3].valid);
		c.cmd_on();
		CHECK(c.run({ ADIT_OP_CAPS, 0, 3, 1, lab::BAD_BASE, 64, 0 }).status == ADIT_STATUS_DMA_ERROR);
		only(0, ADIT_FAULT_DMA_WRITE);
		CHECK(c.take(ADIT_EVENT_RING_FAULT).came);
		c.cmd_on();
		CHECK(c.run({ ADIT_OP_NOP, 0, 3, 4, 0, 0, 0 }).status == 0);
		// TX: descriptor, frame (in its middle), write-back
		c.ring_off(2);
		c.ring_on(2, lab::BAD_BASE, 5);
		c.bell(2, 2);
		only(2, ADIT_FAULT_DMA_READ);
		CHECK(c.take(ADIT_EVENT_RING_FAULT).index == 2);
		c.tx.clear();
		c.tx_on_ring();
		c.bad_pages.insert((BUF >> 12) + 1);
		c.tx_put(BUF, 100, 0);
		c.tx_put(BUF + 7, 9000, 1);
		c.tx_put(BUF, 200, 2);
		c.bell(2, 3);
		only(2, ADIT_FAULT_DMA_READ);
		CHECK(c.take(ADIT_EVENT_RING_FAULT).came);
		c.tick(300);
		CHECK(c.index(2) == 1 && c.tx.size() == 1 && c.tx[0].bytes.size() == 100);
		c.bad_pages.clear();
		c.tx_on_ring(5, lab::BAD_BASE);
		c.tx_put(BUF, 100, 0);
		c.bell(2, 1);
		only(2, ADIT_FAULT_DMA_WRITE);
		CHECK(c.take(ADIT_EVENT_RING_FAULT).came);
		c.tx_on_ring();
		c.tx_put(BUF + 3, 9000, 3);
		c.bell(2, 1);
		CHECK(c.wait([&] { return !c.tx.empty() && c.tx.back().bytes.size() == 9000; }));
		CHECK(!memcmp(c.tx.back().bytes.data(), &data[3], 9000));
		// RX: descriptor, frame, completion
		c.ring_off(3);
		c.ring_on(3, lab::BAD_BASE, 5);
		c.bell(3, 2);
		only(3, ADIT_FAULT_DMA_READ);
		CHECK(c.take(ADIT_EVENT_RING_FAULT).index == 3);
		c.rx_on_ring();
		c.rx_put(lab::BAD_BASE, 9600);
		c.rx_put(BUF + 0x10000, 9600);
		c.bell(3, 2);
		c.rx.push_back(c.frame(5000));
		c.rx.push_back(c.frame(5000));
		only(3, ADIT_FAULT_DMA_WRITE);
		CHECK(c.take(ADIT_EVENT_RING_FAULT).came);
		CHECK(c.wait([&] { return c.rx.empty(); }));
		CHECK(c.rx_desc(0)[14] == 0);
		c.rx_on_ring();
		c.rx_put(BUF + 0x10000, 9600);
		c.bell(3, 1);
		auto f = c.frame(9600);
		c.rx.push_back(f);
		CHECK(c.wait([&] { return c.rx_desc(0)[14] == 1; }));
		CHECK(!memcmp(c.at(BUF + 0x10000), f.bytes.data(), 9600));
		// events: the one that met the error comes again
		c.reap();
		c.events.clear();
		c.ring_off(1);
		c.wr(0x120, (uint32_t)lab::BAD_BASE);
		c.wr(0x124, (uint32_t)(lab::BAD_BASE >> 32));
		c.wr(0x128, 0x80000006);
		c.cmd_put({ ADIT_OP_NOP, 0, 3, 1000 + turn, 0, 0, 0 });
		c.bell(0, c.posted);
		c.evt_base = 0;
		CHECK(c.wait([&] { return c.fault(1) != 0; }, 5000, false));
		CHECK(c.fault(1) == ADIT_FAULT_DMA_WRITE && c.fault(0) == 0 && c.fault(2) == 0 && c.fault(3) == 0);
		c.evt_on(EVT, 6);
		done d = c.take();
		CHECK(d.came && d.tag == 1000 + turn);
		CHECK(c.take(ADIT_EVENT_RING_FAULT).index == 1);
		c.reap();
		c.events.clear();
	}
}

// ---------------------------------------------------------------- packets

static void frames_leave_host_memory_at_every_alignment_and_length()
{
	card c(seed);
	c.use_vl_stalls(10, 8, 20);
	c.tx_on_ring(4);
	auto data = c.bytes(1 << 16);
	memcpy(c.at(BUF), data.data(), data.size());
	std::vector<std::array<unsigned, 3>> want;
	for (unsigned off = 0; off < 64; off++)
		for (unsigned len : { 14u, 63u, 64u, 65u, 100u, 127u, 128u, 129u })
			want.push_back({ off, len, (off + len) % 6 });
	for (unsigned len = 14; len <= 9600; len += 1 + (unsigned)c.rng() % 60)
		want.push_back({ (unsigned)c.rng() % 5000, len, (unsigned)c.rng() % 4 });
	want.push_back({ 4095, 9600, 0 });
	want.push_back({ 63, 9600, 1 });
	size_t next = 0, got = 0;
	while (got < want.size()) {
		while (next < want.size() && next - (uint16_t)c.index(2) % 65536 < 16 && next - got < 16) {
			c.tx_put(BUF + want[next][0], want[next][1], want[next][2]);
			next++;
		}
		c.bell(2, (uint32_t)next);
		if (!CHECK(c.wait([&] { return !c.tx.empty(); })))
			break;
		while (!c.tx.empty()) {
			auto &w = want[got++];
			CHECK(c.tx[0].dest == w[2] && c.tx[0].bytes.size() == w[1] && !memcmp(c.tx[0].bytes.data(), &data[w[0]], w[1]));
			c.tx.pop_front();
		}
	}
	CHECK(c.index(2) == want.size());
	CHECK(c.wait([&] { return get(c.at(WB), 4) == want.size(); }));
	printf("  %zu frames\n", want.size());
}

static void frames_that_cannot_be_sent_are_counted_and_passed_over()
{
	card c(seed);
	c.tx_on_ring();
	unsigned runts = 0, giants = 0, lost = 0;
	for (unsigned len : { 0u, 13u, 9601u, 65535u, 14u, 1u, 9600u }) {
		c.tx_put(BUF, len, 1);
		runts += len < 14;
		giants += len > 9600;
	}
	c.tx_put(BUF, 64, 6);
	c.tx_put(BUF, 64, 255);
	lost = 2;
	c.tx_put(BUF, 64, 3);
	c.bell(2, c.tx_posted);
	CHECK(c.wait([&] { return c.tx.size() == 3 && get(c.at(WB), 4) == 10; }));
	CHECK(c.tx[0].bytes.size() == 14 && c.tx[1].bytes.size() == 9600 && c.tx[2].dest == 3);
	CHECK(c.fault(2) == 0);
	CHECK(c.count(ADIT_REASON_RxRunt) == runts && c.count(ADIT_REASON_RxGiant) == giants && c.count(ADIT_REASON_XfrmOutError) == lost);
}

static void frames_reach_their_buffers()
{
	card c(seed);
	c.use_vl_stalls(15, 10, 40);
	c.rx_on_ring(3);
	std::deque<lab::rx_packet> sent;
	unsigned next = 0, got = 0, total = 300;
	std::map<unsigned, std::array<uint64_t, 2>> buf;
	while (got < total) {
		while (c.rx_posted - got < 8) {
			unsigned i = c.rx_posted;
			uint64_t b = BUF + 0x4000ull * (i & 15) + 64 * (1 + c.rng() % 64);
			buf[i] = { b, 9600 };
			memset(c.at(BUF + 0x4000ull * (i & 15)), 0xee, 0x4000);
			c.rx_put(b, 9600);
		}
		c.bell(3, c.rx_posted);
		while (next - got < 6 && next < total) {
			auto f = c.frame(next % 3 ? 14 + c.rng() % 200 : 14 + c.rng() % 9587);
			c.rx.push_back(f);
			sent.push_back(f);
			next++;
		}
		if (!CHECK(c.wait([&] { return c.rx_desc(got)[14] == 1; })))
			break;
		uint8_t *d = c.rx_desc(got);
		auto &f = sent.front();
		CHECK(get(d, 8) == buf[got][0] && get(d + 8, 2) == 9600 && get(d + 10, 2) == f.bytes.size() && d[12] == f.reason && d[13] == f.face &&
		      get(d + 16, 2) == f.slot && get(d + 18, 2) == f.sp && get(d + 24, 8) == f.seq);
		CHECK(!memcmp(c.at(buf[got][0]), f.bytes.data(), f.bytes.size()));
		CHECK(*c.at(buf[got][0] + f.bytes.size()) == 0xee && *c.at(buf[got][0] - 1) == 0xee);
		sent.pop_front();
		got++;
	}
	CHECK(c.wait([&] { return c.index(3) == total; }));
	CHECK(c.irqs[2] > 0);
}

static void no_buffer_or_a_short_one_drops_the_packet_and_counts_it()
{
	card c(seed);
	for (unsigned i = 0; i < 5; i++)
		c.rx.push_back(c.frame(1000));
	CHECK(c.wait([&] { return c.rx.empty(); }, 2000));	// ring off
	c.rx_on_ring();
	for (unsigned i = 0; i < 5; i++)
		c.rx.push_back(c.frame(1000));
	CHECK(c.wait([&] { return c.rx.empty(); }, 2000));	// ring empty
	c.rx_put(BUF, 999);
	c.rx_put(BUF + 0x4000, 1000);
	c.bell(3, 2);
	c.tick(50);
	c.rx.push_back(c.frame(1000));			// short: the buffer waits for one that fits
	auto f = c.frame(999), g = c.frame(1000);
	c.rx.push_back(f);
	c.rx.push_back(g);
	CHECK(c.wait([&] { return c.rx_desc(1)[14] == 1; }));
	CHECK(get(c.rx_desc(0) + 10, 2) == 999 && !memcmp(c.at(BUF), f.bytes.data(), 999));
	CHECK(get(c.rx_desc(1) + 10, 2) == 1000 && !memcmp(c.at(BUF + 0x4000), g.bytes.data(), 1000));
	c.rx_put(BUF + 32, 9600);			// not aligned
	c.bell(3, 3);
	c.tick(50);
	c.rx.push_back(c.frame(100));
	CHECK(c.wait([&] { return c.rx.empty(); }, 2000));
	c.tick(20);
	CHECK(c.count(ADIT_REASON_HostRingFull) == 12);
	CHECK(c.rx_desc(2)[14] == 0);
}

static void what_the_descriptor_tells_goes_beside_the_packet()
{
	card c(seed);
	c.tx_on_ring();
	for (unsigned i = 0; i < 20; i++) {
		c.tx_put(BUF + i, 100 + i, i & 1 ? ADIT_DEST_OPENED : ADIT_DEST_SEAL);
		uint8_t *d = c.at(TXR + 32ull * i);
		d[11] = (uint8_t)(i + 1);
		put(d + 12, 1000 + i, 2);
		put(d + 14, 2000 + i, 2);
		put(d + 16, 0x123456789abcdef0ull + i, 8);
	}
	c.bell(2, c.tx_posted);
	CHECK(c.wait([&] { return c.tx.size() == 20; }));
	for (unsigned i = 0; i < c.tx.size(); i++)
		CHECK(c.tx[i].dest == (i & 1 ? ADIT_DEST_OPENED : ADIT_DEST_SEAL) && c.tx[i].reason == i + 1 && c.tx[i].slot == 1000 + i &&
		      c.tx[i].sp == 2000 + i && c.tx[i].seq == 0x123456789abcdef0ull + i);
}

static void a_flood_of_one_reason_leaves_room_for_the_others()
{
	card c(seed);
	c.wr(ADIT_REG_HOST_RESERVE, 4);
	c.wr(ADIT_REG_HOST_LIMIT(ADIT_REASON_HostFragment - 48), 3);
	c.wr(ADIT_REG_HOST_PERIOD, 20000);
	c.rx_on_ring(4);
	for (unsigned i = 0; i < 12; i++)
		c.rx_put(BUF + 0x1000 * i, 2000);
	c.bell(3, 12);
	auto send = [&](unsigned reason, unsigned n) {
		for (unsigned i = 0; i < n; i++) {
			auto f = c.frame(100);
			f.reason = reason;
			c.rx.push_back(f);
		}
		CHECK(c.wait([&] { return c.rx.empty(); }, 3000));
		c.tick(200);
	};
	send(ADIT_REASON_HostFragment, 10);
	CHECK(c.index(3) == 3);				// its share
	send(ADIT_REASON_HostLocal, 10);
	CHECK(c.index(3) == 8);				// four are kept
	send(ADIT_REASON_HostIke, 3);
	CHECK(c.index(3) == 11);
	CHECK(c.count(ADIT_REASON_HostRateLimit) == 7 && c.count(ADIT_REASON_HostRingFull) == 5);
	for (unsigned i = 0; i < 10; i++)
		c.rx_put(BUF + 0x1000 * i, 2000);
	c.bell(3, 22);
	c.tick(21000);					// another period
	send(ADIT_REASON_HostFragment, 10);
	CHECK(c.index(3) == 14 && c.count(ADIT_REASON_HostRateLimit) == 14);
}

static void interrupts_of_a_vector_keep_their_distance()
{
	card c(seed);
	c.wr(ADIT_REG_IRQ_MODERATION, 500);
	for (unsigned i = 0; i < 60; i++)
		c.run({ ADIT_OP_NOP, 0, 0, i, 0, 0, 0 });
	c.tick(1100);
	CHECK(c.irqs[0] >= 2 && c.irqs[0] < 12 && c.irq_gap[0] >= 500);
	CHECK(!c.top->busy_o);
	c.wr(ADIT_REG_IRQ_MODERATION, 0);
	c.tick(600);
	unsigned long n = c.irqs[0];
	for (unsigned i = 0; i < 10; i++) {
		c.run({ ADIT_OP_NOP, 0, 0, i, 0, 0, 0 });
		c.tick(20);
	}
	CHECK(c.irqs[0] == n + 10);
}

// ---------------------------------------------------------------- everything at once

static void all_at_once_with_random_stalls()
{
	card c(seed);
	unsigned ops = 0, target = 6000;
	auto data = c.bytes(1 << 15);
	memcpy(c.at(BUF), data.data(), data.size());
	c.use_vl_stalls(20, 10, 60);
	c.tx_on_ring(4);
	c.rx_on_ring(4);
	c.cmd_on(4);
	c.wr(ADIT_REG_CTRL, 9);
	std::deque<std::array<unsigned, 3>> tx_want;
	std::deque<lab::rx_packet> rx_want;
	std::deque<std::array<unsigned, 3>> cmd_want;	// tag, status, field
	std::deque<lab::verdict> v_want[2];
	bool have[64] = {};
	unsigned rx_got = 0, tx_got = 0, cmd_got = 0;
	uint32_t tag = 0;
	uint64_t last = c.now;
	while (ops < target || !tx_want.empty() || !rx_want.empty() || !cmd_want.empty() || !v_want[0].empty() || !v_want[1].empty()) {
		unsigned before = ops + (unsigned)tx_got + rx_got + cmd_got + (unsigned)(v_want[0].size() + v_want[1].size());
		if (ops < target) {
			if (c.tx_posted - tx_got < 16 && c.chance(40)) {
				unsigned len = c.chance(30) ? 14 + (unsigned)c.rng() % 9587 : 14 + (unsigned)c.rng() % 300;
				unsigned off = (unsigned)c.rng() % 8000, dest = (unsigned)c.rng() % 4;
				c.tx_put(BUF + off, len, dest);
				c.bell(2, c.tx_posted);
				tx_want.push_back({ off, len, dest });
				ops++;
			}
			while (c.rx_posted - rx_got < 16) {
				c.rx_put(BUF + 0x20000 + 0x4000ull * (c.rx_posted & 31), 9600);
				c.bell(3, c.rx_posted);
			}
			if (rx_want.size() < 10 && c.chance(40)) {
				auto f = c.frame(c.chance(30) ? 14 + c.rng() % 9587 : 14 + c.rng() % 300);
				c.rx.push_back(f);
				rx_want.push_back(f);
				ops++;
			}
			if (c.posted - cmd_got < 16 && c.chance(40)) {
				unsigned slot = (unsigned)c.rng() % 64, what = (unsigned)c.rng() % 6;
				uint64_t rec = REC + 384ull * (c.posted & 15), ans = ANS + 128ull * (c.posted & 15);
				unsigned st = ADIT_STATUS_OK, fi = 0;
				if (what == 0) {
					c.cmd_put({ ADIT_OP_NOP, 0, 1, tag, 0, 0, 0 });
				} else if (what == 1) {
					auto r = sa_record(c, (unsigned)c.rng() & 1, 0x100000 + tag, 1 + (unsigned)c.rng() % 3, 2);
					memcpy(c.at(rec), r.data(), 384);
					c.cmd_put({ ADIT_OP_SA_ADD, 0, slot, tag, rec, 384, 0 });
					st = have[slot] ? ADIT_STATUS_EXISTS : ADIT_STATUS_OK;
					have[slot] = true;
				} else if (what == 2) {
					c.cmd_put({ ADIT_OP_SA_DELETE, 0, slot, tag, 0, 0, 0 });
					st = have[slot] ? ADIT_STATUS_OK : ADIT_STATUS_NOT_FOUND;
					have[slot] = false;
				} else if (what == 3) {
					c.cmd_put({ ADIT_OP_SA_QUERY, 0, slot, tag, ans, 128, 0 });
					st = have[slot] ? ADIT_STATUS_OK : ADIT_STATUS_NOT_FOUND;
				} else if (what == 4) {
					c.cmd_put({ ADIT_OP_STATS, 0, 8, tag, ans, 64, 0 });
				} else {
					c.cmd_put({ ADIT_OP_SA_QUERY, 0, slot, tag, ans + 1, 128, 0 });
					st = ADIT_STATUS_BAD_FIELD;
					fi = ADIT_FIELD_DATA_IOVA;
				}
				c.bell(0, c.posted);
				cmd_want.push_back({ tag++, st, fi });
				ops++;
			}
			for (unsigned d = 0; d < 2; d++)
				if (v_want[d].size() < 8 && c.chance(30)) {
					lab::verdict v = { (unsigned)c.rng() % 52, d, (unsigned)c.rng() % 4, (uint32_t)ops, 60, 1, 2 };
					c.verdicts[d].push_back(v);
					v_want[d].push_back(v);
					ops++;
				}
		}
		c.tick(1 + (unsigned)c.rng() % 60);
		c.poll_events();
		if (c.chance(50))
			c.reap();
		while (!c.events.empty()) {
			line e = c.events.front();
			c.events.pop_front();
			if (e[0] == ADIT_EVENT_COMPLETION) {
				if (!CHECK(!cmd_want.empty()))
					return;
				auto w = cmd_want.front();
				cmd_want.pop_front();
				cmd_got++;
				CHECK(get(&e[4], 4) == w[0] && e[2] == w[1] && e[3] == w[2]);
			} else if (CHECK(e[0] == ADIT_EVENT_VERDICT)) {
				auto &q = v_want[e[3] & 1];
				if (CHECK(!q.empty())) {
					CHECK(get(&e[4], 4) == q.front().no && e[2] == q.front().reason);
					q.pop_front();
				}
			}
		}
		while (!c.tx.empty()) {
			auto w = tx_want.front();
			CHECK(c.tx[0].dest == w[2] && c.tx[0].bytes.size() == w[1] && !memcmp(c.tx[0].bytes.data(), &data[w[0]], w[1]));
			c.tx.pop_front();
			tx_want.pop_front();
			tx_got++;
		}
		while (!rx_want.empty() && c.rx_desc(rx_got)[14] == 1) {
			auto &f = rx_want.front();
			uint8_t *d = c.rx_desc(rx_got);
			CHECK(get(d + 10, 2) == f.bytes.size() && d[12] == f.reason && get(d + 16, 2) == f.slot);
			CHECK(!memcmp(c.at(get(d, 8)), f.bytes.data(), f.bytes.size()));
			rx_want.pop_front();
			rx_got++;
		}
		if (before != ops + tx_got + rx_got + cmd_got + (unsigned)(v_want[0].size() + v_want[1].size()))
			last = c.now;
		if (!CHECK(c.now - last < 50000))
			return;
	}
	for (unsigned r = 0; r < 4; r++)
		CHECK(c.fault(r) == 0);
	for (unsigned i = 0; i < 64; i++)
		CHECK(c.tbl.sa[i].valid == have[i] && (have[i] || sa_wiped(c, i)));
	printf("  %u operations, %lu cycles\n", ops, (unsigned long)c.now);
}

static void garbage_on_the_doorbells_never_hangs_or_goes_wild()
{
	card c(seed);
	c.use_vl_stalls(20, 10, 30);
	for (uint64_t i = BUF - lab::MEM_BASE; i < lab::MEM_BYTES; i++)
		c.mem[i] = (uint8_t)c.rng();
	for (unsigned round = 0; round < 150; round++) {
		unsigned r = (unsigned)c.rng() % 4, log2 = 1 + (unsigned)c.rng() % 10;
		uint64_t base = lab::MEM_BASE + (c.rng() % 100) * 0x10000;
		switch (c.rng() % 4) {
		case 0: c.ring_off(r); break;
		case 1: c.ring_off(r); c.ring_on(r, r == 1 ? EVT : base, log2); break;
		default: c.bell(r, c.chance(70) ? c.index(r) + (unsigned)c.rng() % 8 : (unsigned)c.rng()); break;
		}
		if (c.rx.size() < 3)
			c.rx.push_back(c.frame(14 + c.rng() % 3000));
		c.tick((unsigned)c.rng() % 200);
	}
	c.wild = 0;	// garbage descriptors point anywhere: what they name may be refused by host memory
	c.wr(ADIT_REG_CTRL, 0x100);
	c.tick(3);
	c.rx.clear();
	c.rx_at = 0;
	c.rx_drop();
	CHECK(c.until_ready());
	c.wild = 0;
	c.evt_base = 0;
	c.evt_on(EVT, 6);
	c.events.clear();
	c.cmd_on();
	CHECK(c.run({ ADIT_OP_NOP, 0, 1, 2, 0, 0, 0 }).status == ADIT_STATUS_OK);
}

int main(int argc, char **argv)
{
	seed = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 0) : 20251u;
	const char *only = argc > 2 ? argv[2] : "";
	printf("test_host: seed %u\n", seed);
#define T(f) { #f, f }
	const struct { const char *name; void (*run)(); } tests[] = {
		T(power_on_sweeps_every_table_before_ready), T(registers_keep_what_they_should_and_no_more),
		T(every_bad_descriptor_field_is_named), T(every_bad_field_of_an_sa_is_named),
		T(an_sa_reaches_its_tables_and_leaves_no_key_behind), T(an_sa_update_keeps_identity_and_numbers),
		T(a_flush_takes_every_sa_or_those_not_spared), T(policies_are_checked_and_reach_their_bank),
		T(commands_come_back_in_order_round_a_small_ring), T(speed_of_commands),
		T(a_command_fetched_ahead_is_forgotten_with_its_ring), T(events_under_way_at_an_error_come_again_in_order),
		T(events_turn_the_generation_and_wait_for_room), T(verdicts_are_counted_and_posted_when_wanted),
		T(four_sources_count_at_once_and_exactly),
		T(an_acquire_carries_the_packets_selectors), T(a_doorbell_or_a_size_that_cannot_be_stops_that_ring_alone),
		T(a_dma_error_stops_its_ring_alone_and_the_ring_comes_back), T(frames_leave_host_memory_at_every_alignment_and_length),
		T(frames_that_cannot_be_sent_are_counted_and_passed_over), T(frames_reach_their_buffers),
		T(no_buffer_or_a_short_one_drops_the_packet_and_counts_it),
		T(what_the_descriptor_tells_goes_beside_the_packet), T(a_flood_of_one_reason_leaves_room_for_the_others),
		T(interrupts_of_a_vector_keep_their_distance),
		T(a_card_reset_takes_rings_tables_and_keys), T(all_at_once_with_random_stalls),
		T(garbage_on_the_doorbells_never_hangs_or_goes_wild),
	};
	unsigned passed = 0, lost = 0;
	for (auto &t : tests) {
		if (!strstr(t.name, only))
			continue;
		unsigned long before = lab::failed;
		lab::test_name = t.name;
		t.run();
		bool ok = lab::failed == before;
		printf("%s %s\n", ok ? "ok    " : "FAILED", t.name);
		ok ? passed++ : lost++;
	}
	printf("test_host: %lu checks, %u passed, %u failed\n", lab::checks, passed, lost);
	return lost != 0;
}
