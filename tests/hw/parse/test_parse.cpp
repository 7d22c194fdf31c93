// SPDX-License-Identifier: BSD-2-Clause-Patent
// parse against a model that reads frames byte by byte.
#include <deque>
#include <memory>
#include <vector>

#include "Vtb_parse.h"
#include "adit_regs.h"
#include "tb.hpp"

using bytes = std::vector<uint8_t>;
using tb::u128;
static const size_t MAX_FRAME = 9600, HEAD = 128;

// Every field of facts_t but the addresses.
#define FIELDS(X)                                                                                                              \
	X(reason) X(frame_no) X(frame_bytes) X(face) X(l3_off) X(l4_off) X(nh_off) X(has_ext) X(l3_bytes) X(ip_id) X(is_v4)     \
	X(is_v6) X(is_arp) X(is_nd) X(is_frag) X(has_ports) X(no_ports) X(local_src) X(local_dst) X(proto) X(tos) X(ttl) X(df)  \
	X(sport) X(dport) X(is_natt) X(is_keepalive) X(sec_off) X(spi) X(seq) X(sec_whole) X(ah_bytes) X(ah_next) X(spi2)       \
	X(seq2) X(told) X(told_slot) X(told_sp_id) X(told_seq) X(told_reason)

struct facts {
#define MEMBER(name) uint64_t name = 0;
	FIELDS(MEMBER)
#undef MEMBER
	u128 src, dst;
};

struct told {  // what the TX descriptor says
	bool is_told = false;
	unsigned slot = 0, sp_id = 0, reason = 0;
	uint64_t seq = 0;
};

struct frame {
	bytes f;
	unsigned face = 0;
	told meta;
};

static uint32_t be(const bytes &f, size_t at, int n)
{
	uint32_t v = 0;

	for (int i = 0; i < n; i++)
		v = v << 8 | f.at(at + (size_t)i);
	return v;
}

static u128 be128(const bytes &f, size_t at)
{
	return { (uint64_t)be(f, at, 4) << 32 | be(f, at + 4, 4), (uint64_t)be(f, at + 8, 4) << 32 | be(f, at + 12, 4) };
}

// Addresses 0, 1, 3, 4 and 7 count as IPv4; 2, 5 and 7 as IPv6; 6 is switched off.
static const u128 local_addrs[8] = {
	{ 0, 0x0a010101 }, { 0, 0xc0000201 }, { 0x20010db8000000ffu, 1 }, { 0, 0xcb007105 },
	{ 0, 0x0a01ca01 }, { 0xfe80000000000000u, 0x0a01cafffe010101u }, { 0x20010db8000000eeu, 2 }, { 0, 0xc6336401 },
};
static const uint8_t local_v4 = 0x9b, local_v6 = 0xa4;

static bool is_local(u128 addr, bool is_v6)
{
	for (int n = 0; n < 8; n++)
		if (((is_v6 ? local_v6 : local_v4) >> n & 1) && local_addrs[n] == addr)
			return true;
	return false;
}

static bool is_ext_header(unsigned next) { return next == 0 || next == 43 || next == 44 || next == 60; }

static facts bad(const facts &x, unsigned reason)
{
	facts y;

	y.reason = reason;
	y.face = x.face;
	y.frame_no = x.frame_no;
	y.frame_bytes = x.frame_bytes;
	return y;
}

// What stands behind the IP header. x.l4_off, proto and the IP header's fields are known.
static facts model_l4(const bytes &f, facts x, bool is_later)
{
	size_t at = x.l4_off, rest = x.l3_off + x.l3_bytes - at;
	auto beyond = [&](size_t n) { return at + (n < rest ? n : rest) > HEAD; };  // n bytes, as far as there are any, leave the head
	bool is_solicit = false;
	unsigned ah = 0;

	x.no_ports = is_later;
	if (!is_later) switch (x.proto) {
	case 6: case 17: case 33: case 132: case 136:
		if (beyond(4))
			return bad(x, ADIT_REASON_RxExtHeaders);
		x.has_ports = rest >= 4;
		if (x.has_ports) {
			x.sport = be(f, at, 2);
			x.dport = be(f, at + 2, 2);
		}
		x.no_ports = !x.has_ports;
		break;
	case 1: case 58:
		if ((x.proto == 58) != (x.is_v6 != 0))
			break;
		if (beyond(2))
			return bad(x, ADIT_REASON_RxExtHeaders);
		x.has_ports = rest >= 2;
		x.no_ports = !x.has_ports;
		if (!x.has_ports)
			break;
		x.sport = f[at];
		x.dport = f[at + 1];
		x.is_nd = x.is_v6 && x.ttl == 255 && x.sport >= 133 && x.sport <= 137;
		is_solicit = x.is_nd && x.sport == 135;
		if (is_solicit && beyond(24))
			return bad(x, ADIT_REASON_RxExtHeaders);
		break;
	case 50:
		x.sec_off = at;
		if (beyond(8))
			return bad(x, ADIT_REASON_RxExtHeaders);
		x.sec_whole = rest >= 8;
		if (x.sec_whole) {
			x.spi = be(f, at, 4);
			x.seq = be(f, at + 4, 4);
		}
		break;
	case 51:
		x.sec_off = at;
		if (beyond(12))
			return bad(x, ADIT_REASON_RxExtHeaders);
		if (rest < 12)
			break;
		ah = (f[at + 1] + 2u) * 4;
		if (ah < 12 || ah > 60)
			break;
		if (beyond(ah + (f[at] == 50 ? 8 : 0)))
			return bad(x, ADIT_REASON_RxExtHeaders);
		x.sec_whole = rest >= ah;
		if (!x.sec_whole)
			break;
		x.ah_bytes = ah;
		x.ah_next = f[at];
		x.spi = be(f, at + 4, 4);
		x.seq = be(f, at + 8, 4);
		if (x.ah_next == 50 && rest >= ah + 8) {
			x.spi2 = be(f, at + ah, 4);
			x.seq2 = be(f, at + ah + 4, 4);
		}
		break;
	default:
		break;
	}
	x.local_src = is_local(x.src, x.is_v6);
	x.local_dst = is_local(x.dst, x.is_v6);
	if (is_solicit)
		x.local_dst = rest >= 24 && is_local(be128(f, at + 8), true);
	if (x.proto == 17 && x.has_ports && x.dport == 4500 && x.local_dst && !x.is_frag) {
		if (beyond(16))
			return bad(x, ADIT_REASON_RxExtHeaders);
		x.is_keepalive = rest == 9 && f[at + 8] == 0xff;
		x.is_natt = rest >= 12 && be(f, at + 8, 4) != 0;
		if (x.is_natt) {
			x.sec_off = at + 8;
			x.sec_whole = rest >= 16;
			x.spi = x.sec_whole ? be(f, at + 8, 4) : 0;
			x.seq = x.sec_whole ? be(f, at + 12, 4) : 0;
		}
	}
	return x;
}

static facts model_v4(const bytes &f, facts x)
{
	size_t l3 = x.l3_off, room = f.size() - l3;

	if (room < 20)
		return bad(x, ADIT_REASON_RxRunt);
	size_t header = (f[l3] & 15) * 4u, total = be(f, l3 + 2, 2);

	if (f[l3] >> 4 != 4 || header < 20 || total < header || total > room)
		return bad(x, ADIT_REASON_RxIpHeader);
	uint32_t frag = be(f, l3 + 6, 2);
	x.is_v4 = true;
	x.l4_off = l3 + header;
	x.nh_off = l3 + 9;
	x.has_ext = header > 20;
	x.l3_bytes = total;
	x.ip_id = be(f, l3 + 4, 2);
	x.tos = f[l3 + 1];
	x.ttl = f[l3 + 8];
	x.proto = f[l3 + 9];
	x.df = frag >> 14 & 1;
	x.is_frag = (frag & 0x3fff) != 0;
	x.src = { 0, be(f, l3 + 12, 4) };
	x.dst = { 0, be(f, l3 + 16, 4) };
	return model_l4(f, x, (frag & 0x1fff) != 0);
}

static facts model_v6(const bytes &f, facts x)
{
	size_t l3 = x.l3_off, room = f.size() - l3, at = l3 + 40;
	bool is_later = false;

	if (room < 40)
		return bad(x, ADIT_REASON_RxRunt);
	size_t payload = be(f, l3 + 4, 2);

	if (f[l3] >> 4 != 6 || 40 + payload > room || (payload == 0 && f[l3 + 6] != 59))
		return bad(x, ADIT_REASON_RxIpHeader);
	x.is_v6 = true;
	x.l3_bytes = 40 + payload;
	x.tos = (be(f, l3, 2) >> 4) & 255;
	x.ttl = f[l3 + 7];
	x.src = be128(f, l3 + 8);
	x.dst = be128(f, l3 + 24);
	x.nh_off = l3 + 6;
	for (int n = 1; is_ext_header(f[x.nh_off]); n++) {
		size_t end = l3 + x.l3_bytes < HEAD ? l3 + x.l3_bytes : HEAD;

		if (n > 4 || is_later || at + 8 > end)
			return bad(x, ADIT_REASON_RxExtHeaders);
		size_t size = f[x.nh_off] == 44 ? 8 : (f[at + 1] + 1u) * 8;

		if (at + size > end)
			return bad(x, ADIT_REASON_RxExtHeaders);
		if (f[x.nh_off] == 44) {
			uint32_t frag = be(f, at + 2, 2);

			is_later = frag >> 3 != 0;
			x.is_frag |= is_later || (frag & 1);
		}
		x.has_ext = true;
		x.nh_off = at;
		at += size;
	}
	x.proto = f[x.nh_off];
	x.l4_off = at;
	return model_l4(f, x, is_later);
}

// The law of parse, in C++.
static facts model(const frame &in, uint32_t *numbers)
{
	const bytes &f = in.f;
	facts x;
	size_t l3 = 12;
	uint32_t type;
	int tags = 0;

	x.face = in.face;
	x.frame_no = numbers[in.face]++;
	x.frame_bytes = f.size() > 65535 ? 65535 : f.size();
	if (f.size() > MAX_FRAME)
		return bad(x, ADIT_REASON_RxGiant);
	for (;;) {
		if (f.size() < l3 + 2)
			return bad(x, ADIT_REASON_RxRunt);
		type = be(f, l3, 2);
		l3 += 2;
		if ((type != 0x8100 && type != 0x88a8) || tags == 2)
			break;
		tags++;
		l3 += 2;
	}
	x.l3_off = l3;
	x.told = in.meta.is_told;
	if (x.told) {
		x.told_slot = in.meta.slot;
		x.told_sp_id = in.meta.sp_id;
		x.told_seq = in.meta.seq;
		x.told_reason = in.meta.reason;
	}
	if (type == 0x0800)
		return model_v4(f, x);
	if (type == 0x86dd)
		return model_v6(f, x);
	if (type != 0x0806)
		return bad(x, ADIT_REASON_RxNotIp);
	if (f.size() - l3 < 28)
		return bad(x, ADIT_REASON_RxRunt);
	x.is_arp = true;
	x.dst = { 0, be(f, l3 + 24, 4) };
	x.local_dst = is_local(x.dst, false);
	return x;
}

// How often the model saw what: a test that never meets a case proves nothing about it.
struct coverage {
	uint64_t reasons[64] = {}, v4 = 0, v6 = 0, ext = 0, frag = 0, later = 0, ports = 0, cut = 0, icmp = 0, nd = 0, nd_local = 0;
	uint64_t natt = 0, natt_cut = 0, keepalive = 0, esp = 0, ah = 0, ah_esp = 0, told = 0, src_v6 = 0, dst_v6 = 0;

	void count(const facts &x)
	{
		reasons[x.reason]++;
		v4 += x.is_v4;
		v6 += x.is_v6;
		ext += x.has_ext && x.is_v6;
		frag += x.is_frag;
		later += x.is_frag && x.no_ports;
		ports += x.has_ports;
		cut += x.no_ports && !x.is_frag;
		icmp += x.has_ports && (x.proto == 1 || x.proto == 58);
		nd += x.is_nd;
		nd_local += x.is_nd && x.sport == 135 && x.local_dst;
		natt += x.is_natt && x.sec_whole;
		natt_cut += x.is_natt && !x.sec_whole;
		keepalive += x.is_keepalive;
		esp += x.proto == 50 && x.sec_whole;
		ah += x.proto == 51 && x.sec_whole;
		ah_esp += x.spi2 != 0;
		told += x.told;
		src_v6 += x.is_v6 && x.local_src;
		dst_v6 += x.is_v6 && x.local_dst;
	}
	void check(tb::tally &t)
	{
#define NEEDS(n) t.expect(n >= 20, "frames of this kind: " #n, n, 20); printf("     %-10s %" PRIu64 "\n", #n, n);
		NEEDS(v4) NEEDS(v6) NEEDS(ext) NEEDS(frag) NEEDS(later) NEEDS(ports) NEEDS(cut) NEEDS(icmp) NEEDS(nd) NEEDS(nd_local)
		NEEDS(natt) NEEDS(natt_cut) NEEDS(keepalive) NEEDS(esp) NEEDS(ah) NEEDS(ah_esp) NEEDS(told) NEEDS(src_v6) NEEDS(dst_v6)
#undef NEEDS
		for (unsigned r : { ADIT_REASON_NONE, ADIT_REASON_RxRunt, ADIT_REASON_RxGiant, ADIT_REASON_RxNotIp,
		                    ADIT_REASON_RxIpHeader, ADIT_REASON_RxExtHeaders }) {
			t.expect(reasons[r] >= 5, "frames with this reason", r, 5);
			printf("     reason %-3u %" PRIu64 "\n", r, reasons[r]);
		}
	}
};

struct harness {
	VerilatedContext ctx;
	Vtb_parse top{ &ctx };
	tb::random &rnd;
	tb::tally &t;
	uint64_t cycles = 0, frames = 0;
	uint32_t numbers[4] = {};
	// inputs waiting, facts and frames still owed
	std::deque<frame> in;
	size_t in_at = 0;
	std::deque<facts> owed_facts;    // frames whose last beat went in
	std::deque<bytes> owed_beats;
	size_t out_at = 0;
	unsigned stall_in = 0, stall_facts = 0, stall_beats = 0;  // one in n cycles idles; 0 never
	coverage seen;
	bool hold_facts = false, hold_beats = false;
	bool facts_stood = false, beat_stood = false;  // shown and not taken in the cycle before
	uint64_t facts_shown = 0, beat_shown = 0;

	harness(tb::random &r, tb::tally &ta) : rnd(r), t(ta)
	{
		for (int n = 0; n < 8; n++)
			tb::set128(top.local_addr_i, local_addrs[n], 4 * n);
		top.local_v4_i = local_v4;
		top.local_v6_i = local_v6;
		top.rst_ni = 0;
		for (int i = 0; i < 4; i++) {
			top.clk_i = 0;
			top.eval();
			top.clk_i = 1;
			top.eval();
		}
		top.rst_ni = 1;
	}

	void put(const bytes &f, unsigned face)
	{
		told m;

		if (rnd.one_in(4))
			m = { true, rnd.below(65536), rnd.below(65536), rnd.below(256), rnd.next() };
		in.push_back({ f, face, m });
	}

	void check_facts()
	{
		if (owed_facts.empty()) {
			t.expect(false, "facts before the frame was whole", top.frame_no_o, 0);
			return;
		}
		const facts w = owed_facts.front();

		owed_facts.pop_front();
		frames++;
#define CHECK(name) t.equal(#name, top.name##_o, w.name);
		FIELDS(CHECK)
#undef CHECK
		t.expect(tb::get128(top.src_o) == w.src, "src", tb::get128(top.src_o).lo, w.src.lo);
		t.expect(tb::get128(top.dst_o) == w.dst, "dst", tb::get128(top.dst_o).lo, w.dst.lo);
		seen.count(w);
	}

	void check_beat()
	{
		if (owed_beats.empty()) {
			t.expect(false, "a beat before its frame was whole", 0, 0);
			return;
		}
		const bytes &f = owed_beats.front();
		size_t n = f.size() - out_at > 64 ? 64 : f.size() - out_at;
		uint8_t got[64];

		for (int i = 0; i < 64; i++)
			got[i] = (uint8_t)(top.beat_data_o[i / 4] >> (i % 4 * 8));
		t.equal("beat bytes", top.beat_bytes_o, n);
		t.equal("beat content", (uint64_t)memcmp(got, &f[out_at], n), 0);
		out_at += n;
		t.equal("beat last", top.beat_last_o, out_at == f.size());
		if (out_at == f.size()) {
			owed_beats.pop_front();
			out_at = 0;
		}
	}

	// What is shown and not taken must stand still.
	void check_stands()
	{
		uint64_t f = top.src_o[0] * 3u + top.dst_o[3];
		uint64_t b = top.beat_bytes_o * 2u + top.beat_last_o;

#define MIX(name) f = f * 1000003u + top.name##_o;
		FIELDS(MIX)
#undef MIX
		for (int i = 0; i < 16; i++)
			b = b * 1000003u + top.beat_data_o[i];
		if (facts_stood)
			t.expect(top.facts_valid_o && f == facts_shown, "facts stand still", f, facts_shown);
		if (beat_stood)
			t.expect(top.beat_valid_o && b == beat_shown, "the beat stands still", b, beat_shown);
		facts_shown = f;
		beat_shown = b;
		facts_stood = top.facts_valid_o && !top.facts_ready_i;
		beat_stood = top.beat_valid_o && !top.beat_ready_i;
	}

	void cycle()
	{
		if (!top.in_valid_i && !in.empty() && !(stall_in && rnd.one_in(stall_in))) {
			const bytes &f = in.front().f;
			const told &m = in.front().meta;
			size_t n = f.size() - in_at > 64 ? 64 : f.size() - in_at;

			for (int i = 0; i < 16; i++)
				top.in_data_i[i] = 0;
			for (size_t i = 0; i < n; i++)
				top.in_data_i[i / 4] |= (uint32_t)f[in_at + i] << (i % 4 * 8);
			top.in_bytes_i = (uint8_t)n;
			top.in_last_i = in_at + n == f.size();
			top.in_face_i = (uint8_t)in.front().face;
			top.in_told_i = m.is_told;
			top.in_slot_i = (uint16_t)(m.is_told ? m.slot : rnd.below(65536));
			top.in_sp_id_i = (uint16_t)m.sp_id;
			top.in_seq_i = m.seq;
			top.in_reason_i = (uint8_t)m.reason;
			top.in_valid_i = 1;
		}
		top.facts_ready_i = !hold_facts && !(stall_facts && rnd.one_in(stall_facts));
		top.beat_ready_i = !hold_beats && !(stall_beats && rnd.one_in(stall_beats));
		top.clk_i = 0;
		top.eval();
		bool fire = top.in_valid_i && top.in_ready_o;
		check_stands();
		if (top.facts_valid_o && top.facts_ready_i)
			check_facts();
		if (top.beat_valid_o && top.beat_ready_i)
			check_beat();
		top.clk_i = 1;
		top.eval();
		cycles++;
		if (fire) {
			in_at += top.in_bytes_i;
			if (top.in_last_i) {
				bytes f = in.front().f;

				owed_facts.push_back(model(in.front(), numbers));
				if (f.size() > MAX_FRAME)
					f.resize(MAX_FRAME);
				owed_beats.push_back(f);
				in.pop_front();
				in_at = 0;
			}
			top.in_valid_i = 0;
		}
	}

	void drain(uint64_t limit = 0)
	{
		uint64_t end = cycles + (limit ? limit : 400000);

		while ((!in.empty() || !owed_facts.empty() || !owed_beats.empty()) && cycles < end)
			cycle();
		t.equal("frames stuck inside", in.size() + owed_facts.size() + owed_beats.size(), 0);
	}
};

static void store(bytes &f, size_t at, uint64_t v, int n)
{
	for (int i = 0; i < n && at + (size_t)i < f.size(); i++)
		f[at + (size_t)i] = (uint8_t)(v >> (8 * (n - 1 - i)));
}

static void store_addr(bytes &f, size_t at, u128 a, bool is_v6)
{
	if (is_v6) {
		store(f, at, a.hi, 8);
		store(f, at + 8, a.lo, 8);
	} else {
		store(f, at, a.lo, 4);
	}
}

static bytes l2_header(tb::random &rnd, int tags, unsigned type)
{
	bytes f;

	for (int i = 0; i < 12; i++)
		f.push_back((uint8_t)rnd.next());
	for (int i = 0; i < tags; i++) {
		bool s = rnd.one_in(2);

		f.push_back(s ? 0x88 : 0x81);
		f.push_back(s ? 0xa8 : 0x00);
		f.push_back((uint8_t)rnd.next());
		f.push_back((uint8_t)rnd.next());
	}
	f.push_back((uint8_t)(type >> 8));
	f.push_back((uint8_t)type);
	return f;
}

// Random bytes of layer 4, then what makes them interesting.
static void add_l4(tb::random &rnd, bytes &f, unsigned proto, size_t payload)
{
	size_t at = f.size();

	for (size_t i = 0; i < payload; i++)
		f.push_back((uint8_t)rnd.next());
	if (proto == 17 || proto == 6) {
		if (rnd.one_in(2))
			store(f, at + 2, rnd.one_in(4) ? 500 : 4500, 2);
		if (rnd.one_in(4))
			store(f, at + 8, 0, 4);
		else if (rnd.one_in(4))
			store(f, at + 8, 0xff, 1);
	} else if (proto == 51) {
		static const uint8_t units[] = { 0, 1, 2, 3, 4, 4, 5, 7, 9, 10, 10, 12, 13, 14, 40, 255 };

		if (rnd.one_in(2))
			store(f, at, 50, 1);
		store(f, at + 1, rnd.one_in(2) ? 4 : units[rnd.below(sizeof(units))], 1);
	} else if (proto == 58) {
		if (!rnd.one_in(3))
			store(f, at, rnd.one_in(2) ? 135 : 131 + rnd.below(9), 1);
		if (rnd.one_in(2))
			store_addr(f, at + 8, local_addrs[rnd.one_in(3) ? rnd.below(8) : 5], true);
	}
}

static const uint8_t protos[] = { 6, 17, 17, 17, 33, 132, 136, 50, 50, 51, 51, 1, 58, 58, 47, 59 };

static bytes ip_frame(tb::random &rnd, unsigned proto, size_t payload, int tags, int ihl)
{
	bytes f = l2_header(rnd, tags, 0x0800);
	size_t l3 = f.size(), total = (size_t)ihl * 4 + payload;
	uint32_t frag = rnd.one_in(4) ? rnd.below(65536) : rnd.one_in(2) ? 0x4000 : rnd.one_in(4) ? 0x2000 : 0;

	for (int i = 0; i < ihl * 4; i++)
		f.push_back((uint8_t)rnd.next());
	f[l3] = (uint8_t)(0x40 | ihl);
	store(f, l3 + 2, total, 2);
	store(f, l3 + 6, frag, 2);
	f[l3 + 9] = (uint8_t)proto;
	for (size_t at : { (size_t)12, (size_t)16 })
		if (rnd.one_in(2))
			store_addr(f, l3 + at, local_addrs[rnd.below(8)], false);
	add_l4(rnd, f, proto, payload);
	return f;
}

// Extension headers as listed; each is 8 .. 24 bytes, seldom more, or 8 * fixed_units.
static bytes ip6_frame(tb::random &rnd, unsigned proto, size_t payload, int tags, const bytes &chain, unsigned fixed_units = 0)
{
	bytes f = l2_header(rnd, tags, 0x86dd);
	size_t l3 = f.size(), next_at = l3 + 6;

	for (int i = 0; i < 40; i++)
		f.push_back((uint8_t)rnd.next());
	f[l3] = (uint8_t)(0x60 | (f[l3] & 15));
	if (rnd.one_in(2))
		f[l3 + 7] = 255;
	for (size_t at : { (size_t)8, (size_t)24 })
		if (rnd.one_in(2))
			store_addr(f, l3 + at, local_addrs[rnd.one_in(3) ? rnd.below(8) : 2], true);
	for (uint8_t type : chain) {
		size_t at = f.size();
		unsigned units = fixed_units ? fixed_units - 1 : type == 44 ? 0 : rnd.one_in(2) ? 0 : rnd.one_in(40) ? rnd.below(256) : rnd.below(3);

		f[next_at] = type;
		next_at = at;
		for (unsigned i = 0; i < 8 * (units + 1); i++)
			f.push_back((uint8_t)rnd.next());
		f[at + 1] = type == 44 ? (uint8_t)rnd.next() : (uint8_t)units;
		if (type == 44)
			store(f, at + 2, rnd.one_in(3) ? rnd.below(65536) : rnd.one_in(2) ? rnd.below(8) & 6 : 1, 2);
	}
	f[next_at] = (uint8_t)proto;
	add_l4(rnd, f, proto, payload);
	store(f, l3 + 4, f.size() - l3 - 40, 2);
	return f;
}

static size_t l3_of(const bytes &f)
{
	size_t l3 = 14;

	while (l3 < 22 && l3 < f.size() && ((f[l3 - 2] == 0x81 && f[l3 - 1] == 0) || (f[l3 - 2] == 0x88 && f[l3 - 1] == 0xa8)))
		l3 += 4;
	return l3;
}

// The frame with its IP packet honestly n bytes long, and some Ethernet padding behind it.
static bytes shortened(tb::random &rnd, const bytes &f, size_t n, bool is_v6)
{
	size_t l3 = l3_of(f);
	bytes g(f.begin(), f.begin() + (long)(l3 + n));

	if (is_v6)
		store(g, l3 + 4, n - 40, 2);
	else
		store(g, l3 + 2, n, 2);
	for (unsigned i = rnd.one_in(2) ? 0 : rnd.below(30); i; i--)
		g.push_back((uint8_t)rnd.next());
	return g;
}

static bytes random_chain(tb::random &rnd)
{
	static const uint8_t types[] = { 0, 43, 44, 60 };
	bytes chain;

	for (unsigned n = rnd.one_in(2) ? 0 : rnd.one_in(8) ? 5 : 1 + rnd.below(4); n; n--)
		chain.push_back(types[rnd.below(4)]);
	return chain;
}

static bytes random_frame(tb::random &rnd)
{
	unsigned kind = rnd.below(20);
	size_t payload = rnd.one_in(2) ? rnd.below(26) : rnd.one_in(40) ? rnd.below(9400) : rnd.below(300);
	int tags = rnd.one_in(2) ? 0 : (int)rnd.below(4);
	unsigned proto = rnd.one_in(20) ? rnd.below(256) : protos[rnd.below(sizeof(protos))];
	bool is_v6 = rnd.one_in(2);
	bytes f = is_v6 ? ip6_frame(rnd, proto, payload, tags, random_chain(rnd))
	                : ip_frame(rnd, proto, payload, tags, rnd.one_in(2) ? 5 : 5 + (int)rnd.below(11));
	size_t l3 = l3_of(f);

	if (kind == 0) {  // any bytes
		for (auto &b : f)
			b = (uint8_t)rnd.next();
	} else if (kind == 1) {  // one byte of the headers changed
		f[rnd.below((uint32_t)(f.size() < 110 ? f.size() : 110))] = (uint8_t)rnd.next();
	} else if (kind == 2) {  // cut
		f.resize(1 + rnd.below((uint32_t)f.size()));
	} else if (kind < 6) {  // Ethernet padding
		f.resize(f.size() + 1 + rnd.below(60));
	} else if (kind == 6) {  // ARP
		f = l2_header(rnd, (int)rnd.below(3), 0x0806);
		l3 = f.size();
		f.resize(l3 + (rnd.one_in(4) ? rnd.below(30) : 28 + rnd.below(30)), 0x33);
		store_addr(f, l3 + 24, local_addrs[rnd.below(8)], false);
	} else if (kind == 7) {  // the other family's EtherType
		store(f, l3 - 2, is_v6 ? 0x0800 : 0x86dd, 2);
	} else if (kind == 8) {  // lengths that lie
		size_t at = l3 + (is_v6 ? 5 : 3);

		if (at < f.size())
			f[at] = (uint8_t)(f[at] + rnd.below(5) - 2);
	} else if (kind == 9 && rnd.one_in(15)) {
		f.resize(MAX_FRAME - 3 + rnd.below(300));
	} else if (kind < 13 && f.size() > l3 + 61) {  // an honest shorter packet
		f = shortened(rnd, f, 60 + rnd.below((uint32_t)(f.size() - l3 - 60)), is_v6);
	}
	return f;
}

int main(int argc, char **argv)
{
	uint64_t seed = tb::seed_from(argc, argv);
	tb::random rnd(seed);
	tb::tally t;
	auto h = std::make_unique<harness>(rnd, t);

	const bytes chains[] = { {}, { 0 }, { 43 }, { 60 }, { 44 }, { 0, 60, 43, 44 }, { 0, 60, 43, 44, 60 }, { 44, 60, 44, 0 } };

	t.begin("frames of every kind are read at every truncation: cut on the wire, or the packet honestly shorter");
	for (unsigned proto : { 6, 17, 1, 58, 50, 51, 47, 59 })
		for (int tags = 0; tags < 4; tags++) {
			for (int ihl : { 5, 6, 15 }) {
				bytes f = ip_frame(rnd, proto, 72, tags, ihl);

				for (size_t n = 1; n <= f.size(); n++)
					h->put(bytes(f.begin(), f.begin() + (long)n), rnd.below(3));
				for (size_t n = 20; n <= f.size() - l3_of(f); n++)
					h->put(shortened(rnd, f, n, false), rnd.below(3));
			}
			for (const bytes &chain : chains) {
				bytes f = ip6_frame(rnd, proto, 72, tags, chain);

				for (size_t n = 1; n <= f.size(); n++)
					h->put(bytes(f.begin(), f.begin() + (long)n), rnd.below(3));
				for (size_t n = 40; n <= f.size() - l3_of(f); n++)
					h->put(shortened(rnd, f, n, true), rnd.below(3));
			}
			h->drain();
		}
	t.end();

	t.begin("behind chains that end anywhere up to byte 128, what does not lie in the first 128 bytes is not guessed");
	for (unsigned proto : { 6, 17, 17, 58, 58, 50, 51, 51, 51 })
		for (int tags = 0; tags < 3; tags++)
			for (unsigned units = 1; units < 11; units++)
				for (int i = 0; i < 3; i++) {
					bytes f = ip6_frame(rnd, proto, 72, tags, { 60 }, units);
					size_t l3 = l3_of(f), l4 = l3 + 40 + 8 * units;

					f[l3 + 7] = 255;
					store_addr(f, l3 + 24, local_addrs[2], true);
					if (i == 0 && proto == 17)
						store(f, l4 + 2, 4500, 2);
					if (i == 0 && proto == 58) {
						store(f, l4, 135, 1);
						store_addr(f, l4 + 8, local_addrs[5], true);
					}
					for (size_t n = l4 - l3; n <= f.size() - l3; n += i == 0 ? 1 : 3)
						h->put(shortened(rnd, f, n, true), rnd.below(3));
					h->drain();
				}
	t.end();

	t.begin("RFC 3948: what comes to UDP port 4500, at every length, is a keepalive, ESP, or IKE");
	for (int i = 0; i < 400; i++) {
		bool is_v6 = rnd.one_in(2);
		bytes f = is_v6 ? ip6_frame(rnd, 17, 30, (int)rnd.below(3), rnd.one_in(2) ? bytes() : random_chain(rnd))
		                : ip_frame(rnd, 17, 30, (int)rnd.below(3), 5 + (int)rnd.below(11));
		size_t l3 = l3_of(f), l4 = f.size() - 30;

		store_addr(f, l3 + (is_v6 ? 24 : 16), local_addrs[is_v6 ? 2 : 3], is_v6);
		if (!is_v6)
			store(f, l3 + 6, 0, 2);
		store(f, l4 + 2, 4500, 2);
		store(f, l4 + 8, i % 4 == 0 ? 0 : i % 4 == 1 ? 0x000000ff : i % 4 == 2 ? 0xff000000 : 0xffffffff, 4);
		for (size_t n = l4 - l3; n <= f.size() - l3; n++)
			h->put(shortened(rnd, f, n, is_v6), 1);
	}
	h->drain();
	t.end();

	t.begin("60000 random frames with random stalls on every ready agree with the model");
	for (int i = 0; i < 60; i++) {
		for (int k = 0; k < 1000; k++)
			h->put(random_frame(rnd), rnd.below(3));
		h->stall_in = rnd.below(4) == 0 ? 0 : 1 + rnd.below(6);
		h->stall_facts = rnd.below(4) == 0 ? 0 : 2 + rnd.below(6);
		h->stall_beats = rnd.below(4) == 0 ? 0 : 2 + rnd.below(6);
		if (h->stall_in == 1)
			h->stall_in = 2;
		h->drain();
	}
	h->stall_in = h->stall_facts = h->stall_beats = 0;
	t.end();

	t.begin("giants of every size up to 70000 bytes are cut, told, and block nothing");
	for (size_t n : { MAX_FRAME - 1, MAX_FRAME, MAX_FRAME + 1, MAX_FRAME + 63, MAX_FRAME + 64, MAX_FRAME + 65, (size_t)20000,
	                  (size_t)65535, (size_t)65536, (size_t)70000 }) {
		bytes f = ip_frame(rnd, 6, 100, 0, 5);

		f.resize(n, 0x5a);
		h->put(f, 1);
		h->put(ip_frame(rnd, 17, 100, 1, 5), 0);
	}
	h->drain();
	t.end();

	t.begin("whoever takes neither facts nor beats stops the input, and nothing is lost");
	h->hold_facts = h->hold_beats = true;
	for (int i = 0; i < 400; i++)
		h->put(ip_frame(rnd, 6, i % 3 == 0 ? 9000 : 30, 0, 5), 0);
	for (int i = 0; i < 3000; i++)
		h->cycle();
	t.equal("input waits", h->top.in_valid_i && !h->top.in_ready_o, 1);
	h->hold_facts = false;
	for (int i = 0; i < 3000; i++)
		h->cycle();
	t.equal("input waits without beats leaving", h->top.in_valid_i && !h->top.in_ready_o, 1);
	h->hold_beats = false;
	h->drain();
	t.end();

	t.begin("beats may leave before their facts are taken");
	h->hold_facts = true;
	for (int i = 0; i < 8; i++)
		h->put(ip_frame(rnd, 6, 200, 0, 5), 0);
	for (int i = 0; i < 200; i++)
		h->cycle();
	t.equal("frames with beats inside", h->owed_beats.size(), 0);
	t.equal("facts held", h->owed_facts.size(), 8);
	h->hold_facts = false;
	h->drain();
	t.end();

	// one-beat frames; with an extension header they do not fit into one beat together with ports
	struct { const char *name; size_t frames, beats; } rates[] = { { "IPv4", 5000, 1 }, { "IPv6", 5000, 1 }, { "IPv6 with an extension header", 5000, 2 } };
	uint64_t took[3];
	t.begin("one beat a cycle, one facts a packet: 5000 frames in little more cycles than they have beats");
	for (int k = 0; k < 3; k++) {
		for (size_t i = 0; i < rates[k].frames; i++)
			h->put(k == 0 ? ip_frame(rnd, 17, 26, 0, 5) : k == 1 ? ip6_frame(rnd, 17, 8, 0, {}) : ip6_frame(rnd, 17, 18, 0, { 44 }), 0);
		uint64_t from = h->cycles;
		h->drain();
		took[k] = h->cycles - from;
		t.expect(took[k] < rates[k].frames * rates[k].beats + 20, rates[k].name, took[k], rates[k].frames * rates[k].beats + 20);
		printf("     %s: %zu frames of %zu beats in %" PRIu64 " cycles\n", rates[k].name, rates[k].frames, rates[k].beats, took[k]);
	}
	t.end();

	t.begin("every kind of frame was there");
	h->seen.check(t);
	t.end();

	printf("%" PRIu64 " frames, %" PRIu64 " cycles\n", h->frames, h->cycles);
	return t.report();
}
