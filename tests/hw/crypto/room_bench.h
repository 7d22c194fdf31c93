// SPDX-License-Identifier: BSD-2-Clause-Patent
// What the tests of the cipher and auth rooms share: a clock, random numbers, counted checks, and packet memory with
// bodies allocated and freed in a ring, as the pipelines do.
#pragma once
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <random>
#include <string>
#include <vector>
#include <verilated.h>

static constexpr unsigned MEM_WORDS = 1u << MEM_LOG2;
static constexpr unsigned WORD_BYTES = 64;
using word_t = std::array<uint8_t, WORD_BYTES>;
using bytes_t = std::vector<uint8_t>;

static unsigned passed, failed;

static void check(bool ok, const std::string &what)
{
	if (ok) {
		passed++;
		return;
	}
	if (failed++ < 20) fprintf(stderr, "FAILED: %s\n", what.c_str());
}

static std::mt19937_64 rng;
static unsigned roll(unsigned n) { return unsigned(rng() % n); }
static bytes_t random_bytes(size_t n)
{
	bytes_t b(n);
	for (auto &x : b) x = uint8_t(rng());
	return b;
}
static bytes_t from_hex(const char *hex)
{
	bytes_t b;
	for (unsigned x; *hex; hex += 2) {
		sscanf(hex, "%2x", &x);
		b.push_back(uint8_t(x));
	}
	return b;
}

// Runs of words in a ring memory, given back in the order they were taken.
struct word_ring {
	unsigned next = 0, used = 0;
	std::deque<std::pair<unsigned, bool>> runs;  // words, given back
	unsigned first_run = 0;                      // number of runs[0]

	bool fits(unsigned words) const { return used + words <= MEM_WORDS; }
	unsigned take(unsigned words, unsigned *run)
	{
		unsigned base = next;
		next = (next + words) % MEM_WORDS;
		used += words;
		*run = first_run + unsigned(runs.size());
		runs.push_back({ words, false });
		return base;
	}
	void give_back(unsigned run)
	{
		runs[run - first_run].second = true;
		while (!runs.empty() && runs.front().second) {
			used -= runs.front().first;
			runs.pop_front();
			first_run++;
		}
	}
};

// How often each side is not ready, in percent.
struct stalls {
	unsigned job, read, done;
};

static word_t memory[MEM_WORDS];  // the memory the room reads

static void store(unsigned base, const bytes_t &body)
{
	for (size_t i = 0; i < (body.size() + 63) / 64; i++) {
		word_t &w = memory[(base + i) % MEM_WORDS];
		for (auto &x : w) x = uint8_t(rng());  // past the body: anything
		memcpy(w.data(), &body[64 * i], std::min<size_t>(64, body.size() - 64 * i));
	}
}

// The read port: accepts or stalls, answers one cycle later, counts what was read and looks for requests that change
// while they wait. before() sets the inputs of a cycle, after() looks at its outputs, both ahead of the clock edge.
template <class Top> struct read_port {
	Top *top;
	bool answer = false;
	unsigned answer_addr = 0;
	bool waiting = false;
	unsigned waiting_addr = 0;
	std::vector<unsigned> reads = std::vector<unsigned>(MEM_WORDS);
	unsigned long words = 0;

	void before(unsigned stall)
	{
		top->rd_ready_i = roll(100) >= stall;
		top->rd_data_valid_i = answer;
		for (unsigned i = 0; i < 16; i++) {
			uint32_t x = uint32_t(rng());
			if (answer) memcpy(&x, &memory[answer_addr][4 * i], 4);
			top->rd_data_i[i] = x;
		}
	}
	void after()
	{
		if (waiting) check(top->rd_valid_o && top->rd_addr_o == waiting_addr, "a stalled read request stands still");
		waiting = top->rd_valid_o && !top->rd_ready_i;
		waiting_addr = top->rd_addr_o;
		answer = top->rd_valid_o && top->rd_ready_i;
		answer_addr = top->rd_addr_o;
		if (answer) {
			check(answer_addr < MEM_WORDS, "a read address wraps");
			answer_addr %= MEM_WORDS;
			reads[answer_addr]++;
			words++;
		}
	}
};

template <class Top> static void tick(Top *top)
{
	top->clk_i = 1;
	top->eval();
	top->clk_i = 0;
	top->eval();
}

template <class Top> static void reset(Top *top)
{
	top->clk_i = 0;
	top->rst_ni = 1;
	top->job_valid_i = 0;
	top->rd_ready_i = 1;
	top->rd_data_valid_i = 0;
	top->done_ready_i = 1;
	for (unsigned i = 0; i < 18; i++) top->tbl_i[i] = 0;
	top->eval();
	top->rst_ni = 0;
	top->eval();
	for (int i = 0; i < 4; i++) tick(top);
	top->rst_ni = 1;
	for (unsigned i = 0; i < 15 * 1024; i++) tick(top);  // the room zeroes its tables: at most 14 lines for each slot
}

// One op on the table bus; returns cycles until its ack, 0 if none came.
template <class Top>
static unsigned table_op(Top *top, unsigned op, unsigned idx, unsigned ext, unsigned code, const bytes_t &data,
			 unsigned patience = 400)
{
	uint32_t words[16] = {};
	unsigned cycles = 0;
	bool ack = false;

	memcpy(words, data.data(), std::min<size_t>(64, data.size()));
	for (unsigned i = 0; i < 16; i++) top->tbl_i[i] = words[i];
	top->tbl_i[16] = op << 28 | idx << 12 | ext << 8 | code;
	top->tbl_i[17] = 2 | op >> 4;  // valid
	while (!ack && cycles < patience) {
		top->eval();
		ack = top->tbl_o[16] >> 8 & 1;
		bool leaks = (top->tbl_o[16] & 0xff) != 0;
		for (unsigned i = 0; i < 16; i++) leaks |= top->tbl_o[i] != 0;
		check(!leaks, "the table bus answers with nothing but an ack");
		tick(top);
		cycles++;
	}
	top->tbl_i[17] = 0;
	top->eval();
	check(!(top->tbl_o[16] >> 8 & 1), "one op, one ack");
	tick(top);
	return ack ? cycles : 0;
}

static uint64_t seed_from(int argc, char **argv, const char *what)
{
	const char *env = getenv("SEED");
	uint64_t seed = env ? strtoull(env, nullptr, 0) : argc > 2 ? strtoull(argv[2], nullptr, 0) : std::random_device()();
	printf("%s: seed %llu\n", what, (unsigned long long)seed);
	rng.seed(seed);
	srand48(long(seed));
	return seed;
}
