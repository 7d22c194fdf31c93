// SPDX-License-Identifier: BSD-2-Clause-Patent
// hw/stream: each cell against a model queue, with random stalls on every valid and every ready.
// usage: test_stream [SEED]
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "Vstream_cells.h"
#include "verilated.h"

double sc_time_stamp() { return 0; }

namespace {

using Cells = Vstream_cells;

constexpr int ROUNDS = 20;
constexpr int CYCLES = 3000;
constexpr int DRAIN_CYCLES = 200;

// A fault ends the test that finds it.
struct Fault {
	std::string text;
};

void expect(bool claim, const char *text)
{
	if (!claim)
		throw Fault{text};
}

// A coin whose bias changes now and then, so that full speed, trickle and standstill all occur.
class Coin {
public:
	explicit Coin(std::mt19937 &random) : random_(random) {}
	bool toss()
	{
		static const unsigned biases[] = {0, 10, 50, 90, 100, 100};
		if (left_ == 0) {
			left_ = 1 + random_() % 64;
			bias_ = biases[random_() % 6];
		}
		left_--;
		return random_() % 100 < bias_;
	}

private:
	std::mt19937 &random_;
	unsigned left_ = 0, bias_ = 0;
};

struct Word {
	bool last = false;
	unsigned n_bytes = 0;
	uint64_t keep = 0;
	uint8_t data[64] = {};

	bool operator==(const Word &other) const
	{
		return last == other.last && n_bytes == other.n_bytes && keep == other.keep && !memcmp(data, other.data, 64);
	}
};

// One clock: inputs are set and settled by the caller before; outputs are those of before the edge until edge() runs.
void settle(Cells &dut)
{
	dut.clk_i = 0;
	dut.eval();
}

void edge(Cells &dut)
{
	dut.clk_i = 1;
	dut.eval();
}

// Watches one output: once valid, neither valid nor payload may change before it is taken.
template <class T> class Stable {
public:
	void look(bool valid, bool ready, const T &payload)
	{
		if (waiting_) {
			expect(valid, "valid fell before ready");
			expect(payload == payload_, "payload changed while stalled");
		}
		waiting_ = valid && !ready;
		payload_ = payload;
	}

private:
	bool waiting_ = false;
	T payload_{};
};

// Any cell with one 32-bit stream in and one out.
struct Lane {
	Cells &dut;
	CData &in_valid, &in_ready;
	IData &in_data;
	CData &out_valid, &out_ready;
	IData &out_data;
	CData *usage;     // or null
	size_t capacity;  // words it must be able to hold
};

Lane reg_lane(Cells &d)
{
	return {d, d.reg_in_valid_i, d.reg_in_ready_o, d.reg_in_data_i, d.reg_out_valid_o, d.reg_out_ready_i, d.reg_out_data_o, nullptr, 2};
}

Lane fifo_lane(Cells &d)
{
	return {d, d.fifo_in_valid_i, d.fifo_in_ready_o, d.fifo_in_data_i, d.fifo_out_valid_o, d.fifo_out_ready_i, d.fifo_out_data_o,
		&d.fifo_usage_o, 8};
}

Lane pair_lane(Cells &d)
{
	return {d, d.pair_in_valid_i, d.pair_in_ready_o, d.pair_in_data_i, d.pair_out_valid_o, d.pair_out_ready_i, d.pair_out_data_o,
		&d.pair_usage_o, 2};
}

void run_lane(const Lane &lane, std::mt19937 &random)
{
	Coin give(random), take(random);
	Stable<uint32_t> stable;
	std::deque<uint32_t> inside;
	size_t most = 0, moved = 0;
	bool offering = false;

	for (int cycle = 0; cycle < CYCLES + DRAIN_CYCLES; cycle++) {
		bool draining = cycle >= CYCLES;
		if (!offering && !draining && give.toss()) {
			offering = true;
			lane.in_data = static_cast<uint32_t>(random());
		}
		lane.in_valid = offering;
		lane.out_ready = draining || take.toss();
		settle(lane.dut);
		if (lane.usage)
			expect(*lane.usage == inside.size(), "usage_o differs from the words inside");
		stable.look(lane.out_valid, lane.out_ready, lane.out_data);
		if (lane.out_valid && lane.out_ready) {
			expect(!inside.empty(), "a word out of nothing");
			expect(lane.out_data == inside.front(), "a wrong word");
			inside.pop_front();
			moved++;
		}
		if (offering && lane.in_ready) {
			inside.push_back(lane.in_data);
			offering = false;
		}
		most = std::max(most, inside.size());
		edge(lane.dut);
	}
	expect(!offering && inside.empty(), "words stuck inside");
	expect(most == lane.capacity, "its capacity was not reached, or was passed");
	expect(moved > CYCLES / 10, "too few words moved");
}

// With both sides always willing, one word must pass in each cycle.
void run_full_speed(const Lane &lane)
{
	unsigned in = 0, out = 0;

	for (int cycle = 0; cycle < 1000; cycle++) {
		lane.in_valid = 1;
		lane.out_ready = 1;
		lane.in_data = in;
		settle(lane.dut);
		if (lane.out_valid)
			expect(lane.out_data == out++, "a wrong word");
		in += lane.in_ready;
		edge(lane.dut);
	}
	expect(in == 1000 && out >= 998, "less than one word a cycle");
}

void run_fork(Cells &dut, std::mt19937 &random)
{
	Coin give(random), take[3] = {Coin(random), Coin(random), Coin(random)};
	unsigned taken[3] = {}, sent = 0;
	bool offering = false, waiting[3] = {};

	for (int cycle = 0; cycle < CYCLES + DRAIN_CYCLES; cycle++) {
		bool draining = cycle >= CYCLES;
		unsigned ready = 0;
		offering = offering || (!draining && give.toss());
		for (unsigned i = 0; i < 3; i++)
			ready |= static_cast<unsigned>(draining || take[i].toss()) << i;
		dut.fork_in_valid_i = offering;
		dut.fork_out_ready_i = static_cast<CData>(ready);
		settle(dut);
		for (unsigned i = 0; i < 3; i++) {
			bool valid = dut.fork_out_valid_o >> i & 1;
			expect(valid || !waiting[i], "valid fell before ready");
			waiting[i] = valid && !(ready >> i & 1);
			taken[i] += valid && (ready >> i & 1);
			expect(taken[i] <= sent + offering, "a taker got a word twice");
		}
		if (offering && dut.fork_in_ready_o) {
			sent++;
			offering = false;
			for (unsigned n : taken)
				expect(n == sent, "a taker missed a word");
		}
		edge(dut);
	}
	expect(sent > CYCLES / 20 && taken[0] == sent && taken[1] == sent && taken[2] == sent, "words lost");
}

void run_arb2(Cells &dut, std::mt19937 &random)
{
	// data: side in bit 31, packet number, beat number
	struct Side {
		explicit Side(std::mt19937 &random) : give(random) {}
		Coin give;
		bool offering = false;
		uint32_t packet = 0, beat = 0, length = 1;
		std::deque<std::pair<uint32_t, bool>> sent;
		unsigned packets_out = 0;
	} side[2] = {Side(random), Side(random)};
	Coin take(random);
	Stable<uint64_t> stable;
	bool locked = false;  // a packet's beat has been offered and its last beat is still to come
	unsigned chosen = 1;  // side of the last packet offered

	for (int cycle = 0; cycle < CYCLES + DRAIN_CYCLES; cycle++) {
		bool draining = cycle >= CYCLES;
		for (auto &s : side)
			if (!s.offering && (!draining || s.beat != 0))
				s.offering = draining || s.give.toss();
		auto word = [&](unsigned i) { return i << 31 | side[i].packet << 8 | side[i].beat; };
		auto last = [&](unsigned i) { return side[i].beat + 1 == side[i].length; };
		dut.arb_a_valid_i = side[0].offering;
		dut.arb_b_valid_i = side[1].offering;
		dut.arb_a_data_i = word(0);
		dut.arb_b_data_i = word(1);
		dut.arb_a_last_i = last(0);
		dut.arb_b_last_i = last(1);
		dut.arb_out_ready_i = draining || take.toss();
		settle(dut);
		stable.look(dut.arb_out_valid_o, dut.arb_out_ready_i, uint64_t{dut.arb_out_data_o} << 2 | unsigned{dut.arb_out_last_o} << 1 | dut.arb_out_sel_o);
		for (unsigned i = 0; i < 2; i++) {
			auto &s = side[i];
			if (s.offering && (i ? dut.arb_b_ready_o : dut.arb_a_ready_o)) {
				s.sent.push_back({word(i), last(i)});
				s.offering = false;
				if (last(i)) {
					s.packet++;
					s.beat = 0;
					s.length = 1 + random() % 5;
				} else {
					s.beat++;
				}
			}
		}
		if (dut.arb_out_valid_o) {
			if (locked)
				expect(dut.arb_out_sel_o == chosen, "packets mixed");
			else if (dut.arb_a_valid_i && dut.arb_b_valid_i)
				expect(dut.arb_out_sel_o != chosen, "one side went twice while the other waited");
			chosen = dut.arb_out_sel_o;
			locked = !(dut.arb_out_ready_i && dut.arb_out_last_o);
		}
		if (dut.arb_out_valid_o && dut.arb_out_ready_i) {
			auto &s = side[dut.arb_out_sel_o];
			expect(!s.sent.empty(), "a beat out of nothing");
			expect(s.sent.front().first == dut.arb_out_data_o && s.sent.front().second == dut.arb_out_last_o, "a wrong beat");
			s.sent.pop_front();
			s.packets_out += dut.arb_out_last_o;
		}
		edge(dut);
	}
	expect(side[0].sent.empty() && side[1].sent.empty(), "beats lost");
	expect(side[0].packets_out > 50 && side[1].packets_out > 50, "one side starved");
}

// Both sides always waiting: packets alternate.
void run_arb2_turns(Cells &dut)
{
	int previous = -1;

	for (int cycle = 0; cycle < 100; cycle++) {
		dut.arb_a_valid_i = dut.arb_b_valid_i = 1;
		dut.arb_a_last_i = dut.arb_b_last_i = 1;
		dut.arb_out_ready_i = 1;
		settle(dut);
		expect(dut.arb_out_valid_o, "idle while both wait");
		expect(previous < 0 || dut.arb_out_sel_o != previous, "no turns");
		previous = dut.arb_out_sel_o;
		edge(dut);
	}
}

void run_ram(Cells &dut, std::mt19937 &random)
{
	uint32_t model[16] = {}, shown = 0;
	bool known = false;
	unsigned collisions = 0;

	for (unsigned i = 0; i < 16; i++) {
		dut.ram_we_i = 1;
		dut.ram_re_i = 0;
		dut.ram_waddr_i = static_cast<CData>(i);
		dut.ram_wdata_i = model[i] = static_cast<uint32_t>(random());
		settle(dut);
		edge(dut);
	}
	for (int cycle = 0; cycle < CYCLES; cycle++) {
		dut.ram_we_i = random() & 1;
		dut.ram_re_i = random() & 1;
		dut.ram_waddr_i = random() & 15;
		dut.ram_raddr_i = random() & 15;
		dut.ram_wdata_i = static_cast<uint32_t>(random());
		settle(dut);
		if (known)
			expect(dut.ram_rdata_o == shown, "rdata_o is not what was read last");
		if (dut.ram_re_i) {
			known = true;
			shown = model[dut.ram_raddr_i];  // before the write: the old word
			collisions += dut.ram_we_i && dut.ram_raddr_i == dut.ram_waddr_i;
		}
		if (dut.ram_we_i)
			model[dut.ram_waddr_i] = dut.ram_wdata_i;
		edge(dut);
	}
	expect(collisions > 10, "reading while writing did not occur");
}

// tkeep of a beat: mostly full, sometimes short, holed, empty, or empty from bit 0.
uint64_t random_keep(std::mt19937 &random, bool last)
{
	uint64_t low = random() % 64 ? (uint64_t{1} << (random() % 64)) - 1 : 0;

	switch (random() % (last ? 6 : 24)) {
	case 0: return 0;
	case 1: return low;
	case 2: return low | uint64_t{random()} << 32 | random();
	case 3: return ~uint64_t{1} << (random() % 62);
	default: return last && random() % 2 ? (uint64_t{1} << (1 + random() % 63)) - 1 : ~uint64_t{0};
	}
}

void run_axis_in(Cells &dut, std::mt19937 &random)
{
	Coin give(random), take(random);
	Stable<Word> stable;
	std::deque<Word> expected, early;
	std::vector<uint8_t> packet;  // bytes of the present packet that count
	bool cut = false, offering = false;
	unsigned beats_left = 0, packets = 0, vanished = 0, cuts = 0, empty_ends = 0;
	Word in, out;

	for (int cycle = 0; cycle < CYCLES + DRAIN_CYCLES; cycle++) {
		bool draining = cycle >= CYCLES;
		if (!offering && (draining ? beats_left != 0 : give.toss())) {
			if (beats_left == 0)
				beats_left = 1 + random() % 5;
			offering = true;
			in.last = --beats_left == 0;
			in.keep = random_keep(random, in.last);
			for (auto &byte : in.data)
				byte = static_cast<uint8_t>(random());
		}
		dut.axi_tvalid_i = offering;
		dut.axi_tlast_i = in.last;
		dut.axi_tkeep_i = in.keep;
		memcpy(&dut.axi_tdata_i[0], in.data, 64);
		dut.axi_out_ready_i = draining || take.toss();
		settle(dut);
		if (offering && dut.axi_tready_o) {
			offering = false;
			unsigned n = 0;
			while (n < 64 && in.keep >> n & 1)
				n++;
			if (!cut)
				packet.insert(packet.end(), in.data, in.data + n);
			if (n != 0 && n < 64 && !in.last && !cut) {
				cut = true;
				cuts++;
			}
			if (in.last) {
				packets++;
				vanished += packet.empty();
				empty_ends += n == 0 && !packet.empty();
				for (size_t at = 0; at < packet.size(); at += 64) {
					Word word;
					word.n_bytes = static_cast<unsigned>(std::min<size_t>(64, packet.size() - at));
					word.last = at + 64 >= packet.size();
					memcpy(word.data, &packet[at], word.n_bytes);
					expected.push_back(word);
				}
				packet.clear();
				cut = false;
			}
		}
		out.last = dut.axi_out_last_o;
		out.n_bytes = dut.axi_out_n_bytes_o;
		memcpy(out.data, &dut.axi_out_data_o[0], 64);
		stable.look(dut.axi_out_valid_o, dut.axi_out_ready_i, out);
		// The model knows a packet's words at its end only; the cell may be earlier.
		if (dut.axi_out_valid_o && dut.axi_out_ready_i)
			early.push_back(out);
		while (!early.empty() && !expected.empty()) {
			expect(early.front() == expected.front(), "a wrong beat");
			early.pop_front();
			expected.pop_front();
		}
		expect(early.size() <= packet.size() / 64 + 1, "beats out of nothing");
		edge(dut);
	}
	expect(early.empty(), "beats of no packet");
	expect(expected.empty() && packet.empty(), "beats lost");
	expect(packets > 30 && vanished && cuts && empty_ends, "an odd case did not occur");
}

void run_axis_out(Cells &dut, std::mt19937 &random)
{
	Coin give(random), take(random);
	Stable<Word> stable;
	std::deque<Word> expected;
	bool offering = false;
	Word in, out;

	for (int cycle = 0; cycle < CYCLES + DRAIN_CYCLES; cycle++) {
		bool draining = cycle >= CYCLES;
		if (!offering && !draining && give.toss()) {
			offering = true;
			in.last = random() % 3 == 0;
			in.n_bytes = in.last ? 1 + random() % 64 : 64;
			for (auto &byte : in.data)  // bytes past n_bytes too: they must not get out
				byte = static_cast<uint8_t>(random());
		}
		dut.axo_in_valid_i = offering;
		dut.axo_in_last_i = in.last;
		dut.axo_in_n_bytes_i = static_cast<CData>(in.n_bytes);
		memcpy(&dut.axo_in_data_i[0], in.data, 64);
		dut.axo_tready_i = draining || take.toss();
		settle(dut);
		out = Word{};
		out.last = dut.axo_tlast_o;
		out.keep = dut.axo_tkeep_o;
		memcpy(out.data, &dut.axo_tdata_o[0], 64);
		stable.look(dut.axo_tvalid_o, dut.axo_tready_i, out);
		if (dut.axo_tvalid_o && dut.axo_tready_i) {
			expect(!expected.empty(), "a beat out of nothing");
			expect(out == expected.front(), "a wrong beat");
			expected.pop_front();
		}
		if (offering && dut.axo_in_ready_o) {
			Word word;
			word.last = in.last;
			word.keep = in.n_bytes == 64 ? ~uint64_t{0} : (uint64_t{1} << in.n_bytes) - 1;
			memcpy(word.data, in.data, in.n_bytes);
			expected.push_back(word);
			offering = false;
		}
		edge(dut);
	}
	expect(expected.empty() && !offering, "beats lost");
}

}  // namespace

int main(int argc, char **argv)
{
	uint32_t seed = argc > 1 ? static_cast<uint32_t>(strtoul(argv[1], nullptr, 0)) : std::random_device{}();
	const struct {
		const char *name;
		int rounds;
		std::function<void(Cells &, std::mt19937 &)> run;
	} tests[] = {
		{"stream_reg keeps every word in order", ROUNDS, [](Cells &d, std::mt19937 &r) { run_lane(reg_lane(d), r); }},
		{"stream_reg passes one word a cycle", 1, [](Cells &d, std::mt19937 &) { run_full_speed(reg_lane(d)); }},
		{"stream_fifo of 8 keeps every word in order", ROUNDS, [](Cells &d, std::mt19937 &r) { run_lane(fifo_lane(d), r); }},
		{"stream_fifo of 8 passes one word a cycle", 1, [](Cells &d, std::mt19937 &) { run_full_speed(fifo_lane(d)); }},
		{"stream_fifo of 2 keeps every word in order", ROUNDS, [](Cells &d, std::mt19937 &r) { run_lane(pair_lane(d), r); }},
		{"stream_fork gives each taker each word once", ROUNDS, run_fork},
		{"stream_arb2 sends whole packets in turn", ROUNDS, run_arb2},
		{"stream_arb2 alternates when both wait", 1, [](Cells &d, std::mt19937 &) { run_arb2_turns(d); }},
		{"ram_1r1w reads the old word", ROUNDS, run_ram},
		{"axis_in makes sound packets of any tkeep", ROUNDS, run_axis_in},
		{"axis_out masks bytes past the end", ROUNDS, run_axis_out},
	};
	int passed = 0, failed = 0;

	printf("stream: seed %u\n", seed);
	for (const auto &test : tests)
		for (int round = 0; round < test.rounds; round++) {
			std::mt19937 random(seed + static_cast<uint32_t>(round));
			VerilatedContext context;
			Cells dut(&context);
			try {
				dut.rst_ni = 0;
				settle(dut);
				edge(dut);
				settle(dut);
				dut.rst_ni = 1;
				test.run(dut, random);
				passed++;
			} catch (const Fault &fault) {
				printf("FAILED %s (seed %u): %s\n", test.name, seed + static_cast<uint32_t>(round), fault.text.c_str());
				failed++;
			}
			dut.final();
		}
	printf("%d passed, %d failed\n", passed, failed);
	return failed != 0;
}
