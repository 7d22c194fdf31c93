// SPDX-License-Identifier: BSD-2-Clause-Patent
// parse against a model that reads frames byte by byte.
#include <deque>
#include <memory>
#include <vector>

#include "Vtb_parse.h"
#include "adit_regs.h"
#include "tb.hpp"

using bytes = std::vector<uint8_t>;
static const size_t MAX_FRAME = 9600;

struct facts {
	uint32_t reason = 0, frame_no = 0, frame_bytes = 0, face = 0, l3_off = 0, l4_off = 0, l3_bytes = 0;
	bool is_v4 = false, is_v6 = false, is_arp = false, is_frag = false, has_ports = false;
	bool local_src = false, local_dst = false, df = false, esp_whole = false;
	uint32_t proto = 0, tos = 0, ttl = 0, src = 0, dst = 0, sport = 0, dport = 0, spi = 0, seq = 0;
};

static uint32_t be(const bytes &f, size_t at, int n)
{
	uint32_t v = 0;

	for (int i = 0; i < n; i++)
		v = v << 8 | f.at(at + (size_t)i);
	return v;
}

static const uint32_t local_addrs[8] = { 0x0a010101, 0xc0000201, 0, 0xcb007105, 0x0a01ca01, 0xc0000202, 0x7f000001, 0xc6336401 };
static const uint8_t local_v4 = 0x9b;  // addresses 0, 1, 3, 4 and 7 count

static bool is_local(uint32_t addr)
{
	for (int n = 0; n < 8; n++)
		if ((local_v4 >> n & 1) && local_addrs[n] == addr)
			return true;
	return false;
}

// The law of parse, RTL brief and RFC 791, in C++.
static facts model(const bytes &f, unsigned face, uint32_t *numbers)
{
	facts x;
	size_t l3 = 12;
	uint32_t type;
	int tags = 0;

	x.face = face;
	x.frame_no = numbers[face]++;
	x.frame_bytes = (uint32_t)(f.size() > 65535 ? 65535 : f.size());
	if (f.size() > MAX_FRAME) {
		x.reason = ADIT_REASON_RxGiant;
		return x;
	}
	for (;;) {
		if (f.size() < l3 + 2) {
			x.reason = ADIT_REASON_RxRunt;
			return x;
		}
		type = be(f, l3, 2);
		l3 += 2;
		if ((type != 0x8100 && type != 0x88a8) || tags == 2)
			break;
		tags++;
		l3 += 2;
	}
	if (type == 0x0800) {
		size_t room = f.size() - l3;

		if (room < 20) {
			x.reason = ADIT_REASON_RxRunt;
			return x;
		}
		size_t header = (f[l3] & 15) * 4u, total = be(f, l3 + 2, 2);

		if (f[l3] >> 4 != 4 || header < 20 || total < header || total > room) {
			x.reason = ADIT_REASON_RxIpHeader;
			return x;
		}
		x.is_v4 = true;
		x.l3_off = (uint32_t)l3;
		x.l4_off = (uint32_t)(l3 + header);
		x.l3_bytes = (uint32_t)total;
		x.tos = f[l3 + 1];
		x.ttl = f[l3 + 8];
		x.proto = f[l3 + 9];
		uint32_t frag = be(f, l3 + 6, 2);
		x.df = frag >> 14 & 1;
		x.is_frag = (frag & 0x3fff) != 0;
		x.src = be(f, l3 + 12, 4);
		x.dst = be(f, l3 + 16, 4);
		x.local_src = is_local(x.src);
		x.local_dst = is_local(x.dst);
		bool port_proto = x.proto == 6 || x.proto == 17 || x.proto == 33 || x.proto == 132 || x.proto == 136;
		if (port_proto && (frag & 0x1fff) == 0 && total - header >= 4) {
			x.has_ports = true;
			x.sport = be(f, x.l4_off, 2);
			x.dport = be(f, x.l4_off + 2, 2);
		}
		if (x.proto == 50 && total - header >= 8) {
			x.esp_whole = true;
			x.spi = be(f, x.l4_off, 4);
			x.seq = be(f, x.l4_off + 4, 4);
		}
	} else if (type == 0x0806) {
		if (f.size() - l3 < 28) {
			x.reason = ADIT_REASON_RxRunt;
			return x;
		}
		x.is_arp = true;
		x.l3_off = (uint32_t)l3;
		x.dst = be(f, l3 + 24, 4);
		x.local_dst = is_local(x.dst);
	} else if (type == 0x86dd) {
		x.is_v6 = true;
		x.reason = ADIT_REASON_RxIpv6;
	} else
		x.reason = ADIT_REASON_RxNotIp;
	return x;
}

struct harness {
	VerilatedContext ctx;
	Vtb_parse top{ &ctx };
	tb::random &rnd;
	tb::tally &t;
	uint64_t cycles = 0, frames = 0;
	uint32_t numbers[4] = {};
	// inputs waiting, facts and frames still owed
	std::deque<std::pair<bytes, unsigned>> in;
	size_t in_at = 0;
	std::deque<facts> owed_facts;    // frames whose last beat went in
	std::deque<bytes> owed_beats;
	size_t out_at = 0;
	unsigned stall_in = 0, stall_facts = 0, stall_beats = 0;  // one in n cycles idles; 0 never
	bool hold_facts = false, hold_beats = false;
	bool facts_stood = false, beat_stood = false;  // shown and not taken in the cycle before
	uint64_t facts_shown = 0, beat_shown = 0;

	harness(tb::random &r, tb::tally &ta) : rnd(r), t(ta)
	{
		for (int n = 0; n < 8; n++)
			top.local_addr_i[4 * n] = local_addrs[n];
		top.local_v4_i = local_v4;
		top.rst_ni = 0;
		for (int i = 0; i < 4; i++) {
			top.clk_i = 0;
			top.eval();
			top.clk_i = 1;
			top.eval();
		}
		top.rst_ni = 1;
	}

	void put(const bytes &f, unsigned face) { in.emplace_back(f, face); }

	void check_facts()
	{
		if (owed_facts.empty()) {
			t.expect(false, "facts before the frame was whole", top.frame_no_o, 0);
			return;
		}
		const facts w = owed_facts.front();

		owed_facts.pop_front();
		frames++;
		t.equal("reason", top.reason_o, w.reason);
		t.equal("frame_no", top.frame_no_o, w.frame_no);
		t.equal("frame_bytes", top.frame_bytes_o, w.frame_bytes);
		t.equal("face", top.face_o, w.face);
		t.equal("l3_off", top.l3_off_o, w.l3_off);
		t.equal("l4_off", top.l4_off_o, w.l4_off);
		t.equal("l3_bytes", top.l3_bytes_o, w.l3_bytes);
		t.equal("is_v4", top.is_v4_o, w.is_v4);
		t.equal("is_v6", top.is_v6_o, w.is_v6);
		t.equal("is_arp", top.is_arp_o, w.is_arp);
		t.equal("is_frag", top.is_frag_o, w.is_frag);
		t.equal("has_ports", top.has_ports_o, w.has_ports);
		t.equal("local_src", top.local_src_o, w.local_src);
		t.equal("local_dst", top.local_dst_o, w.local_dst);
		t.equal("df", top.df_o, w.df);
		t.equal("esp_whole", top.esp_whole_o, w.esp_whole);
		t.equal("proto", top.proto_o, w.proto);
		t.equal("tos", top.tos_o, w.tos);
		t.equal("ttl", top.ttl_o, w.ttl);
		t.expect(tb::get128(top.src_o) == tb::u128{ 0, w.src }, "src", tb::get128(top.src_o).lo, w.src);
		t.expect(tb::get128(top.dst_o) == tb::u128{ 0, w.dst }, "dst", tb::get128(top.dst_o).lo, w.dst);
		t.equal("sport", top.sport_o, w.sport);
		t.equal("dport", top.dport_o, w.dport);
		t.equal("spi", top.spi_o, w.spi);
		t.equal("seq", top.seq_o, w.seq);
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
		uint64_t f = top.frame_no_o * 1000003u + top.reason_o * 65537u + top.sport_o + top.src_o[0] * 3u + top.spi_o * 7u;
		uint64_t b = top.beat_bytes_o * 2u + top.beat_last_o;

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
			const bytes &f = in.front().first;
			size_t n = f.size() - in_at > 64 ? 64 : f.size() - in_at;

			for (int i = 0; i < 16; i++)
				top.in_data_i[i] = 0;
			for (size_t i = 0; i < n; i++)
				top.in_data_i[i / 4] |= (uint32_t)f[in_at + i] << (i % 4 * 8);
			top.in_bytes_i = (uint8_t)n;
			top.in_last_i = in_at + n == f.size();
			top.in_face_i = (uint8_t)in.front().second;
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
				bytes f = in.front().first;

				owed_facts.push_back(model(f, in.front().second, numbers));
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

static bytes ip_frame(tb::random &rnd, size_t payload, int tags, int ihl)
{
	static const uint8_t protos[] = { 6, 17, 33, 132, 136, 50, 1, 51, 50, 17 };
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
	f.push_back(8);
	f.push_back(0);
	size_t l3 = f.size(), total = (size_t)ihl * 4 + payload;
	for (size_t i = 0; i < total; i++)
		f.push_back((uint8_t)rnd.next());
	f[l3] = (uint8_t)(0x40 | ihl);
	f[l3 + 2] = (uint8_t)(total >> 8);
	f[l3 + 3] = (uint8_t)total;
	uint32_t frag = rnd.one_in(3) ? rnd.below(65536) : rnd.one_in(2) ? 0x4000 : rnd.one_in(4) ? 0x2000 : 0;
	f[l3 + 6] = (uint8_t)(frag >> 8);
	f[l3 + 7] = (uint8_t)frag;
	f[l3 + 9] = protos[rnd.below(sizeof(protos))];
	for (size_t at : { (size_t)12, (size_t)16 })
		if (rnd.one_in(2)) {
			uint32_t a = local_addrs[rnd.below(8)];

			for (size_t i = 0; i < 4; i++)
				f[l3 + at + i] = (uint8_t)(a >> (24 - 8 * i));
		}
	return f;
}

static bytes random_frame(tb::random &rnd)
{
	unsigned kind = rnd.below(20);
	size_t payload = rnd.one_in(3) ? rnd.below(20) : rnd.one_in(40) ? rnd.below(9500) : rnd.below(300);
	bytes f = ip_frame(rnd, payload, rnd.one_in(2) ? 0 : (int)rnd.below(4), rnd.one_in(2) ? 5 : 5 + (int)rnd.below(11));

	if (kind == 0) {  // any bytes
		for (auto &b : f)
			b = (uint8_t)rnd.next();
	} else if (kind == 1) {  // one byte of the headers changed
		f[rnd.below((uint32_t)(f.size() < 40 ? f.size() : 40))] = (uint8_t)rnd.next();
	} else if (kind < 4) {  // cut
		f.resize(1 + rnd.below((uint32_t)f.size()));
	} else if (kind < 6) {  // Ethernet padding
		f.resize(f.size() + 1 + rnd.below(60));
	} else if (kind == 6) {  // ARP
		f = ip_frame(rnd, 8 + rnd.below(30), (int)rnd.below(3), 5);
		for (size_t i = 12; i + 1 < f.size(); i++)
			if (f[i] == 8 && f[i + 1] == 0) {
				f[i + 1] = 6;
				uint32_t a = local_addrs[rnd.below(8)];

				for (size_t k = 0; k < 4 && i + 2 + 24 + k < f.size(); k++)
					f[i + 2 + 24 + k] = (uint8_t)(a >> (24 - 8 * k));
				break;
			}
		if (rnd.one_in(4))
			f.resize(14 + rnd.below(30));
	} else if (kind == 7) {
		f[12] = 0x86;
		f[13] = 0xdd;
	} else if (kind == 8) {  // lengths that lie
		size_t i = 12;

		while (i + 4 < f.size() && !(f[i] == 8 && f[i + 1] == 0))
			i += 4;
		if (i + 6 < f.size())
			f[i + 5] = (uint8_t)(f[i + 5] + rnd.below(5) - 2);
	} else if (kind == 9 && rnd.one_in(15)) {
		f.resize(MAX_FRAME - 3 + rnd.below(300));
	}
	return f;
}

int main(int argc, char **argv)
{
	uint64_t seed = tb::seed_from(argc, argv);
	tb::random rnd(seed);
	tb::tally t;
	auto h = std::make_unique<harness>(rnd, t);

	t.begin("a good frame of every kind is read at every truncation");
	for (int tags = 0; tags < 4; tags++)
		for (int ihl : { 5, 6, 15 }) {
			bytes f = ip_frame(rnd, 40, tags, ihl);

			for (size_t n = 1; n <= f.size(); n++)
				h->put(bytes(f.begin(), f.begin() + (long)n), rnd.below(3));
		}
	h->drain();
	t.end();

	t.begin("25000 random frames with random stalls on every ready agree with the model");
	for (int i = 0; i < 25; i++) {
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
		bytes f = ip_frame(rnd, 100, 0, 5);

		f.resize(n, 0x5a);
		h->put(f, 1);
		h->put(ip_frame(rnd, 100, 1, 5), 0);
	}
	h->drain();
	t.end();

	t.begin("whoever takes neither facts nor beats stops the input, and nothing is lost");
	h->hold_facts = h->hold_beats = true;
	for (int i = 0; i < 400; i++)
		h->put(ip_frame(rnd, i % 3 == 0 ? 9000 : 30, 0, 5), 0);
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
		h->put(ip_frame(rnd, 200, 0, 5), 0);
	for (int i = 0; i < 200; i++)
		h->cycle();
	t.equal("frames with beats inside", h->owed_beats.size(), 0);
	t.equal("facts held", h->owed_facts.size(), 8);
	h->hold_facts = false;
	h->drain();
	t.end();

	t.begin("one beat a cycle, one facts a packet: 5000 one-beat frames in little more than 5000 cycles");
	for (int i = 0; i < 5000; i++)
		h->put(ip_frame(rnd, 26, 0, 5), 0);
	uint64_t from = h->cycles;
	h->drain();
	uint64_t took = h->cycles - from;
	t.expect(took < 5020, "cycles", took, 5020);
	t.end();

	printf("%" PRIu64 " frames, %" PRIu64 " cycles; 5000 one-beat frames in %" PRIu64 " cycles\n", h->frames, h->cycles, took);
	return t.report();
}
