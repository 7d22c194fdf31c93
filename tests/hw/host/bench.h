// SPDX-License-Identifier: BSD-2-Clause-Patent
// Everything around the host room: clock, BAR, host memory behind AXI4 with random latency and stalls, the owners of
// the tables, the pipelines' streams. The bench checks the bus rules (stable payloads, 4 KiB pages, strobes inside
// what was given) at every clock; a test asks and compares.
#pragma once
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>
#include "Vhost.h"
#include "Vhost___024root.h"
#include "adit_regs.h"

namespace lab {

constexpr uint64_t MEM_BASE = 0x500000000ull;	// host memory that answers
constexpr size_t MEM_BYTES = 16u << 20;
constexpr uint64_t BAD_BASE = 0x900000000ull;	// answers every access with SLVERR
constexpr unsigned SA_SLOTS = 64, SP_RULES = 16;

extern unsigned long checks, failed;
extern const char *test_name;
bool check(bool ok, const char *what, const char *file, int line);
#define CHECK(x) lab::check((x), #x, __FILE__, __LINE__)

struct packet { std::vector<uint8_t> bytes; unsigned dest, reason, slot, sp; uint64_t seq; };
struct rx_packet { std::vector<uint8_t> bytes; unsigned reason, face, slot, sp; uint64_t seq; };
struct verdict { unsigned reason, in, out; uint32_t no; unsigned bytes, slot, sp; };
struct notice { unsigned kind, sp, slot, proto, v6; uint8_t src[16], dst[16]; unsigned sport, dport; };
using line = std::array<uint8_t, 64>;

// What sad, spd, cipher and auth would hold.
struct tables {
	struct slot { bool valid, hashed; line id, addr, limits, key[2], inner[2], outer[2]; unsigned key_ext[2], key_code[2], hash_code[2]; bool started;
		std::set<std::string> names;	/* destinations in the hash */ };
	struct slot sa[SA_SLOTS];
	line rule[2][SP_RULES];
	bool rule_in[2][SP_RULES];
	unsigned live, bound[SP_RULES], bind_slot[SP_RULES];
	unsigned long fences[2], zeroed[SP_RULES];
	line held_addr, held_limits;
	unsigned hash_err;	// next HASH_ADD is refused with it
	std::vector<unsigned> ops;	// every op played since the log was cleared
};

struct bench {
	std::unique_ptr<VerilatedContext> ctx;
	std::unique_ptr<Vhost> top;
	std::mt19937 rng;
	uint64_t now = 0;
	std::vector<uint8_t> mem;
	tables tbl;
	unsigned tbl_latency = 3;
	int tbl_wait = -1;
	unsigned sweep[6] = {};		// sad, both ciphers, both auths, spd: cycles until the room has zeroed its tables after a reset
	void zero_room(unsigned room);
	unsigned long tbl_gap_errors = 0;

	unsigned stall = 0;		// per cent of cycles in which a ready or a valid of the bench is low
	unsigned latency = 4, jitter = 0;	// of host memory, cycles
	std::set<uint64_t> bad_pages;	// pages inside memory that answer with an error
	uint64_t bytes_read = 0, bytes_written = 0;
	unsigned long wild = 0, protocol = 0;

	struct burst { uint64_t addr; unsigned beats, done, id; uint64_t at; bool bad; };
	std::deque<burst> ar, aw, b;
	bool r_live = false; size_t r_pick = 0;

	std::deque<packet> tx; packet tx_now; bool tx_in = false;
	std::deque<rx_packet> rx; size_t rx_at = 0; bool rx_on = true;
	bool tx_on = true;
	std::deque<verdict> verdicts[2];
	std::deque<notice> notices;
	unsigned long irqs[4] = {}; uint64_t irq_last[4] = {}, irq_gap[4] = {~0ull, ~0ull, ~0ull, ~0ull};

	// events
	uint64_t evt_base = 0; unsigned evt_log2 = 0; uint32_t evt_seen = 0, evt_rung = 0;
	std::deque<line> events;

	explicit bench(unsigned seed);
	~bench();
	bool chance(unsigned percent) { return rng() % 100 < percent; }
	uint8_t *at(uint64_t iova) { return &mem[iova - MEM_BASE]; }
	void tick(unsigned n = 1);
	void wr(uint32_t addr, uint32_t value);
	uint32_t rd(uint32_t addr);
	bool until_ready(unsigned limit = 200000);
	void ring_on(unsigned ring, uint64_t base, unsigned log2);
	void ring_off(unsigned ring);
	void bell(unsigned ring, uint32_t index) { wr(0x10c + 0x20 * ring, index & 0xffff); }
	uint32_t index(unsigned ring) { return rd(0x110 + 0x20 * ring); }
	unsigned fault(unsigned ring) { return rd(0x048) >> (8 * ring) & 0xff; }
	void evt_on(uint64_t base, unsigned log2);
	void poll_events();
	void reap(bool ring_bell = true);
	void rx_drop() { rx_valid = false; }	// the pipelines were reset in the middle of a frame

private:
	uint32_t prev[6][40] = {};	// last cycle's offers, to see that they stand
	bool prev_stalled[6] = {};
	void stable(unsigned channel, bool valid, bool ready, const void *data, size_t bytes);
	void drive();
	void sample();
	void table_bus();
	bool rx_valid = false, irq_ready = false, ar_ready = false, aw_ready = false, w_ready = false, tx_ready = false;
	bool r_valid = false, b_valid = false, v_valid[2] = {}, n_valid = false;
	std::deque<burst> w_wait;	// AW taken, words to come
	std::map<unsigned, uint64_t> last_at;
};

uint64_t get(const void *p, unsigned bytes);
bool is_zero(const line &l);
void put(void *p, uint64_t value, unsigned bytes);

}
