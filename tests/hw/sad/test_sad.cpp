// SPDX-License-Identifier: BSD-2-Clause-Patent
// sad against std::map for SAs and std::set for replay windows (RFC 4303 §3.4.3). Every port under random stalls.
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <tuple>
#include <vector>

#include "Vtb_sad.h"
#include "adit_regs.h"
#include "tb.hpp"

using tb::u128;

enum { SLOTS = 1 << SLOTS_LOG2 };
enum tbl { SA_ID = 1, SA_ADDR, SA_LIMITS, SA_VALID = 7, SA_GET_ID, SA_GET_LIVE, HASH_ADD, HASH_DEL };
enum { PORT_SEAL, PORT_OPEN, PORT_REPLAY };

struct sa_key {
	bool is_v6 = false;
	unsigned proto = 0;
	u128 dst;
	uint32_t spi = 0;
	bool operator<(const sa_key &o) const
	{
		return std::tie(is_v6, proto, dst, spi) < std::tie(o.is_v6, o.proto, o.dst, o.spi);
	}
};

struct sa {
	uint8_t id[64] = {}, addr[64] = {};
	bool valid = false, told = false;
	uint64_t next = 0, lease = 0, top = 0;
	std::set<uint64_t> seen;
	uint64_t floor = 0;
	uint64_t out_packets = 0, out_bytes = 0, in_packets = 0, in_bytes = 0, icv_errors = 0, replays = 0;

	uint32_t u32(int at) const { return id[at] | id[at + 1] << 8 | id[at + 2] << 16 | (uint32_t)id[at + 3] << 24; }
	uint32_t spi() const { return u32(0); }
	uint32_t reqid() const { return u32(4); }
	bool is_in() const { return id[8] & 1; }
	bool is_esn() const { return id[13] & 1; }
	bool is_v6() const { return id[13] >> 1 & 1; }
	unsigned window() const { return id[16] | (unsigned)id[17] << 8; }
	u128 address(int at) const
	{
		u128 a;

		if (!is_v6())
			return { 0, (uint64_t)addr[at] << 24 | addr[at + 1] << 16 | addr[at + 2] << 8 | addr[at + 3] };
		for (int i = 0; i < 8; i++) {
			a.hi = a.hi << 8 | addr[at + i];
			a.lo = a.lo << 8 | addr[at + 8 + i];
		}
		return a;
	}
	sa_key key() const { return { is_v6(), id[9], address(16), spi() }; }
	bool may_pass(uint64_t seq) const
	{
		if (seq == 0)
			return false;
		if (window() == 0 || seq > top)
			return true;
		return top - seq < window() && seq > floor && !seen.count(seq);
	}
	void commit(uint64_t seq)
	{
		seen.insert(seq);
		if (seq > top)
			top = seq;
	}
	uint64_t map() const
	{
		uint64_t m = 0;

		for (unsigned i = 0; i < 64; i++)
			if (floor != 0 && (i > top || top - i <= floor))
				m |= 1ull << i;	/* numbers up to the installed one count as seen */
			else if (top >= i && top - i != 0 && seen.count(top - i))
				m |= 1ull << i;
		return m;
	}
};

struct harness {
	VerilatedContext ctx;
	Vtb_sad top{ &ctx };
	tb::random &rnd;
	tb::tally &t;
	uint64_t cycles = 0, requests[3] = {};
	sa sas[SLOTS];
	std::map<sa_key, unsigned> table;

	struct owed {
		unsigned slot;
		bool hit, ok;          // seal: sa.valid, seq_ok; open: hit, replay_ok
		uint64_t seq;
		sa copy;
	};
	std::deque<owed> owed_of[3];
	std::vector<unsigned> notices{ std::vector<unsigned>(65536, 0) };
	std::vector<unsigned> due{ std::vector<unsigned>(65536, 0) };
	unsigned stall = 0;  // one in n cycles an answer is not taken
	bool hold_notices = false;
	unsigned count_one_in = 0;
	unsigned first = 0, last = SLOTS;  // slots that traffic uses
	unsigned send[3] = {};
	unsigned fixed_slot = SLOTS;       // not SLOTS: seal this one
	bool acked = false;
	unsigned ack_err = 0;
	uint32_t ack_data[16];
	uint64_t taken_numbers = 0, accepted = 0, refused = 0, misses = 0;
	bool is_racing = false;            // a slot's valid bit changes while it is used
	uint64_t race_last = 0;
	bool race_over = false;

	harness(tb::random &r, tb::tally &ta) : rnd(r), t(ta)
	{
		top.rst_ni = 1;
		top.clk_i = 0;
		top.eval();
		top.rst_ni = 0;
		for (int i = 0; i < 4; i++) {
			top.clk_i = 0;
			top.eval();
			top.clk_i = 1;
			top.eval();
		}
		top.rst_ni = 1;
	}

	template <class W> void check_sa(const W &w, const sa &s)
	{
		uint8_t got[64];

		for (int i = 0; i < 64; i++)
			got[i] = (uint8_t)(w[i / 4] >> (i % 4 * 8));
		got[8] &= 1;
		uint8_t want[32];
		memcpy(want, s.id, 32);
		want[8] &= 1;
		want[30] = want[31] = 0;
		t.equal("SA fields", (uint64_t)memcmp(got, want, 32), 0);
		t.expect(tb::get128(w, 8) == s.address(0), "SA src", tb::get128(w, 8).lo, s.address(0).lo);
		t.expect(tb::get128(w, 12) == s.address(16), "SA dst", tb::get128(w, 12).lo, s.address(16).lo);
	}

	// RFC 4303 appendix A: the one number with these low bits in [top - W + 1, top - W + 2^32]
	static bool full_number(const sa &s, uint32_t low, uint64_t *seq)
	{
		__int128 w = s.window() ? s.window() : 64, bottom = (__int128)s.top - w + 1;
		__int128 n = bottom + (uint32_t)(low - (uint32_t)(uint64_t)bottom);

		if (!s.is_esn())
			n = low;
		*seq = (uint64_t)n;
		return n >= 0;
	}

	owed open_of(const sa_key &k, uint32_t low)
	{
		owed o = {};
		auto it = table.find(k);

		o.slot = 0xffff;
		if (it == table.end() || !sas[it->second].valid || !sas[it->second].is_in())
			return o;
		o.hit = true;
		o.slot = it->second;
		o.copy = sas[o.slot];
		bool is_number = full_number(o.copy, low, &o.seq);
		o.ok = is_number && o.copy.may_pass(o.seq);
		return o;
	}

	void offer(int p)
	{
		unsigned slot = fixed_slot < SLOTS ? fixed_slot
		                : first + (rnd.one_in(3) ? rnd.below(last - first) : rnd.below(last - first < 4 ? last - first : 4));
		const sa &s = sas[slot];

		send[p]--;
		if (p == PORT_SEAL) {
			top.seal_valid_i = 1;
			top.seal_slot_i = (uint16_t)(rnd.one_in(100) && fixed_slot == SLOTS ? slot + SLOTS : slot);
			top.seal_reqid_i = rnd.one_in(20) && fixed_slot == SLOTS ? (uint32_t)rnd.next() : s.reqid();
		} else {
			uint64_t seq = rnd.one_in(30) ? rnd.next() >> rnd.below(64)
			               : s.top + (rnd.one_in(2) ? 1 + rnd.below(3) : rnd.one_in(40) ? rnd.below(300) : 0u - (uint64_t)rnd.below(80));

			if (p == PORT_OPEN) {
				sa_key k = s.key();

				if (rnd.one_in(15))
					k.spi ^= 1u << rnd.below(32);
				if (rnd.one_in(15))
					k.proto = 51;
				if (rnd.one_in(15))
					k.dst.lo ^= 1u << rnd.below(32);
				if (rnd.one_in(15))
					k.is_v6 = !k.is_v6;
				top.open_valid_i = 1;
				top.open_is_v6_i = k.is_v6;
				top.open_proto_i = (uint8_t)k.proto;
				top.open_spi_i = k.spi;
				tb::set128(top.open_dst_i, k.dst);
				top.open_seq_i = (uint32_t)seq;
			} else {
				top.replay_valid_i = 1;
				top.replay_slot_i = (uint16_t)slot;
				top.replay_seq_i = s.is_esn() ? seq : (uint32_t)seq;
			}
		}
	}

	void accept(int p)
	{
		owed o = {};

		requests[p]++;
		if (p == PORT_SEAL) {
			o.slot = top.seal_slot_i;
			if (o.slot < SLOTS) {
				sa &s = sas[o.slot];

				o.hit = s.valid && !s.is_in() && s.reqid() == top.seal_reqid_i;
				o.copy = s;
				o.seq = s.next;
				o.ok = o.hit && s.next != 0 && s.next <= s.lease && (s.is_esn() || s.next <= 0xffffffffu);
				if (o.ok) {
					taken_numbers++;
					if (!s.told && s.next >= s.lease - s.lease / 8 && !hold_notices) {
						s.told = true;
						due[o.slot]++;
					}
					s.next++;
				}
			}
		} else if (p == PORT_OPEN) {
			sa_key k{ (bool)top.open_is_v6_i, top.open_proto_i, tb::get128(top.open_dst_i), top.open_spi_i };

			o = open_of(k, top.open_seq_i);
			if (!o.hit)
				o.seq = top.open_seq_i;
		} else {
			o.slot = top.replay_slot_i;
			sa &s = sas[o.slot];

			o.seq = top.replay_seq_i;
			o.ok = s.may_pass(o.seq);
			if (o.ok)
				s.commit(o.seq);
			(o.ok ? accepted : refused)++;
		}
		owed_of[p].push_back(o);
	}

	void check(int p)
	{
		if (owed_of[p].empty()) {
			t.expect(false, "an answer nobody asked for", (uint64_t)p, 0);
			return;
		}
		owed o = owed_of[p].front();

		owed_of[p].pop_front();
		if (p == PORT_SEAL) {
			t.equal("seal slot", top.seal_slot_o, o.slot);
			if (is_racing) {  // numbers stand in a row as long as the SA is there, and it does not come back
				if (race_over)
					t.equal("gone for good", top.seal_sa_valid_o || top.seal_seq_ok_o, 0);
				else if (top.seal_sa_valid_o) {
					t.equal("next in the row", top.seal_seq_o, race_last + 1);
					race_last = top.seal_seq_o;
				} else
					race_over = true;
				return;
			}
			t.equal("sa.valid", top.seal_sa_valid_o, o.hit);
			t.equal("seq_ok", top.seal_seq_ok_o, o.ok);
			if (o.ok)
				t.equal("seal seq", top.seal_seq_o, o.seq);
			if (o.hit)
				check_sa(top.seal_sa_o, o.copy);
			misses += !o.hit;
		} else if (p == PORT_OPEN) {
			t.equal("open hit", top.open_hit_o, o.hit);
			t.equal("open slot", top.open_slot_o, o.slot);
			t.equal("open sa.valid", top.open_sa_valid_o, o.hit);
			misses += !o.hit;
			if (!o.hit) {
				t.equal("replay_ok without a hit", top.open_replay_ok_o, 0);
				return;
			}
			check_sa(top.open_sa_o, o.copy);
			// a commit in between may take the number away, and move an extended number's place
			const sa &s = sas[o.slot];
			if (s.top == o.copy.top)
				t.equal("open seq", top.open_seq_o, o.seq);
			else
				t.equal("open seq, low half", (uint32_t)top.open_seq_o, (uint32_t)o.seq);
			if (s.top == o.copy.top && s.seen.size() == o.copy.seen.size())
				t.equal("replay_ok", top.open_replay_ok_o, o.ok);
			else if (!s.is_esn() && !o.ok)
				t.equal("replay_ok of what was refused before", top.open_replay_ok_o, 0);
		} else
			t.equal("replay commit", top.replay_ok_o, o.ok);
	}

	void count()
	{
		for (int p = 0; p < 2; p++) {
			unsigned b = 1u << p;

			if (!count_one_in || rnd.below(count_one_in)) {
				top.count_valid_i &= (uint8_t)~b;
				continue;
			}
			unsigned slot = rnd.one_in(30) ? 0xffff : rnd.one_in(2) ? rnd.below(3) : rnd.below(SLOTS), bytes = rnd.below(65536);
			bool done = rnd.one_in(2), bad = p && !done && rnd.one_in(2), replayed = p && !done && !bad;

			top.count_valid_i |= (uint8_t)b;
			top.count_done_i = (uint8_t)((top.count_done_i & ~b) | (done ? b : 0));
			top.count_bad_icv_i = (uint8_t)((top.count_bad_icv_i & ~b) | (bad ? b : 0));
			top.count_replayed_i = (uint8_t)((top.count_replayed_i & ~b) | (replayed ? b : 0));
			(p ? top.count1_slot_i : top.count0_slot_i) = (uint16_t)slot;
			(p ? top.count1_bytes_i : top.count0_bytes_i) = (uint16_t)bytes;
			if (slot < SLOTS) {
				sa &s = sas[slot];

				(p ? s.in_packets : s.out_packets) += done;
				(p ? s.in_bytes : s.out_bytes) += done ? bytes : 0;
				s.icv_errors += bad;
				s.replays += replayed;
			}
		}
	}

	void cycle()
	{
		if (send[0] && !top.seal_valid_i)
			offer(PORT_SEAL);
		if (send[1] && !top.open_valid_i)
			offer(PORT_OPEN);
		if (send[2] && !top.replay_valid_i)
			offer(PORT_REPLAY);
		count();
		top.seal_rsp_ready_i = !stall || !rnd.one_in(stall);
		top.open_rsp_ready_i = !stall || !rnd.one_in(stall);
		top.replay_rsp_ready_i = !stall || !rnd.one_in(stall);
		top.notice_ready_i = !hold_notices;
		top.clk_i = 0;
		top.eval();
		bool ack = top.tbl_valid_i && top.tbl_ack_o;
		bool seal = top.seal_valid_i && top.seal_ready_o, open = top.open_valid_i && top.open_ready_o,
		     replay = top.replay_valid_i && top.replay_ready_o;
		if (!top.tbl_valid_i)
			t.equal("silence on the table bus", top.tbl_ack_o, 0);
		if (top.seal_rsp_valid_o && top.seal_rsp_ready_i)
			check(PORT_SEAL);
		if (top.open_rsp_valid_o && top.open_rsp_ready_i)
			check(PORT_OPEN);
		if (top.replay_rsp_valid_o && top.replay_rsp_ready_i)
			check(PORT_REPLAY);
		if (top.notice_valid_o && top.notice_ready_i) {
			t.equal("notice kind", top.notice_kind_o, ADIT_EVENT_SEQ_NEAR);
			t.equal("notice policy", top.notice_sp_id_o, 0xffff);
			t.equal("notice, other fields", top.notice_rest_o, 0);
			notices[top.notice_slot_o]++;
		}
		if (seal)
			accept(PORT_SEAL);
		if (open)
			accept(PORT_OPEN);
		if (replay)
			accept(PORT_REPLAY);
		if (ack) {
			acked = true;
			ack_err = top.tbl_err_o;
			for (int i = 0; i < 16; i++)
				ack_data[i] = top.tbl_data_o[i];
		}
		top.clk_i = 1;
		top.eval();
		cycles++;
		if (seal)
			top.seal_valid_i = 0;
		if (open)
			top.open_valid_i = 0;
		if (replay)
			top.replay_valid_i = 0;
		if (ack)
			top.tbl_valid_i = 0;
	}

	unsigned op(unsigned what, unsigned idx, unsigned ext, const uint8_t *rec)
	{
		uint64_t end = cycles + 20000;

		top.tbl_valid_i = 1;
		top.tbl_op_i = (uint8_t)what;
		top.tbl_idx_i = (uint16_t)idx;
		top.tbl_ext_i = (uint8_t)ext;
		for (int i = 0; i < 16; i++)
			top.tbl_data_i[i] = rec ? rec[4 * i] | rec[4 * i + 1] << 8 | rec[4 * i + 2] << 16 | (uint32_t)rec[4 * i + 3] << 24
			                        : (uint32_t)rnd.next();
		acked = false;
		while (!acked && cycles < end)
			cycle();
		t.equal("acknowledged", acked, 1);
		return ack_err;
	}
	uint64_t data64(int at) const { return (uint64_t)ack_data[at / 4 + 1] << 32 | ack_data[at / 4]; }

	void drain()
	{
		uint64_t end = cycles + 1000000;

		while ((send[0] || send[1] || send[2] || top.seal_valid_i || top.open_valid_i || top.replay_valid_i || !owed_of[0].empty()
		        || !owed_of[1].empty() || !owed_of[2].empty()) && cycles < end)
			cycle();
		t.equal("requests lost", owed_of[0].size() + owed_of[1].size() + owed_of[2].size(), 0);
		for (int i = 0; i < 12; i++)
			cycle();
	}

	void random_record(sa &s, bool is_in)
	{
		for (auto &b : s.id)
			b = (uint8_t)rnd.next();
		for (auto &b : s.addr)
			b = (uint8_t)rnd.next();
		s.id[8] = is_in;
		s.id[9] = rnd.one_in(5) ? 51 : 50;
		s.id[13] = (uint8_t)(rnd.below(64) << 2 | rnd.one_in(3) << 1 | rnd.one_in(3));
		if (rnd.one_in(2)) {  // few addresses, SPIs in a row
			s.id[1] = s.id[2] = 0x10;
			s.id[3] = 0;
			memset(s.addr + 16, 0, 16);
			s.addr[16] = 192;
			s.addr[19] = (uint8_t)rnd.below(3);
		}
		unsigned w = rnd.one_in(3) ? 64 : rnd.one_in(4) ? 0 : 32 + rnd.below(33);
		s.id[16] = (uint8_t)w;
		s.id[17] = 0;
	}
	static void put64(uint8_t *at, uint64_t v)
	{
		for (int i = 0; i < 8; i++)
			at[i] = (uint8_t)(v >> (8 * i));
	}
	void limits(unsigned slot, bool restart, uint64_t seq_first, uint64_t lease)
	{
		uint8_t w2[64];
		sa &s = sas[slot];

		for (auto &b : w2)
			b = (uint8_t)rnd.next();
		put64(w2 + 40, seq_first);
		put64(w2 + 48, lease);
		t.equal("SA_LIMITS", op(SA_LIMITS, slot, restart, w2), 0);
		s.lease = lease;
		s.told = false;
		if (!restart)
			return;
		s.next = s.top = seq_first;
		s.seen.clear();
		s.floor = seq_first;
		s.out_packets = s.out_bytes = s.in_packets = s.in_bytes = s.icv_errors = s.replays = 0;
	}
	// Installs a random SA as the command engine does: words first, then the key, then valid.
	void install(unsigned slot, bool is_in)
	{
		sa &s = sas[slot];

		t.equal("SA_VALID", op(SA_VALID, slot, 0, nullptr), 0);
		s.valid = false;
		if (table.count(s.key()) && table[s.key()] == slot) {
			t.equal("HASH_DEL", op(HASH_DEL, slot, 0, nullptr), 0);
			table.erase(s.key());
		}
		random_record(s, is_in);
		t.equal("SA_ID", op(SA_ID, slot, 0, s.id), 0);
		t.equal("SA_ADDR", op(SA_ADDR, slot, 0, s.addr), 0);
		uint64_t start = rnd.one_in(3) ? 1 : rnd.one_in(3) ? 0xfffffff0u + rnd.below(16) : rnd.next() >> (1 + rnd.below(62));
		if (is_in && rnd.one_in(3))
			start = 0;
		limits(slot, true, start, rnd.one_in(3) ? start + rnd.below(40) : rnd.one_in(2) ? 0xffffffffu : start + rnd.below(100000));
		if (is_in) {
			bool had = table.count(s.key()) != 0;
			unsigned err = op(HASH_ADD, slot, 0, nullptr);

			if (err != ADIT_STATUS_TABLE_FULL)
				t.equal("HASH_ADD", err, had ? ADIT_STATUS_EXISTS : 0);
			if (!err)
				table[s.key()] = slot;
		}
		t.equal("SA_VALID", op(SA_VALID, slot, 1, nullptr), 0);
		s.valid = true;
	}
	void check_state(unsigned slot)
	{
		sa &s = sas[slot];

		t.equal("SA_GET_ID", op(SA_GET_ID, slot, 0, nullptr), 0);
		uint8_t got[64];
		for (int i = 0; i < 64; i++)
			got[i] = (uint8_t)(ack_data[i / 4] >> (i % 4 * 8));
		t.equal("word 0 as stored", (uint64_t)memcmp(got, s.id, 32), 0);
		t.equal("valid bit", got[63], s.valid ? 0x80 : 0);
		t.equal("SA_GET_LIVE", op(SA_GET_LIVE, slot, 0, nullptr), 0);
		t.equal("live seq", data64(0), s.is_in() ? s.top : s.next);
		t.equal("live map", data64(8), s.is_in() ? s.map() : 0);
		t.equal("live packets", data64(16), s.is_in() ? s.in_packets : s.out_packets);
		t.equal("live bytes", data64(24), s.is_in() ? s.in_bytes : s.out_bytes);
		t.equal("live icv_errors", data64(32), s.is_in() ? s.icv_errors : 0);
		t.equal("live replays", data64(40), s.is_in() ? s.replays : 0);
	}
	void check_notices()
	{
		for (unsigned i = 0; i < 65536; i++)
			t.equal("SEQ_NEAR notices of a slot", notices[i], due[i]);
	}
};

int main(int argc, char **argv)
{
	uint64_t seed = tb::seed_from(argc, argv);
	tb::random rnd(seed);
	tb::tally t;
	auto h = std::make_unique<harness>(rnd, t);

	printf("%d slots\n", SLOTS);

	t.begin("reset has emptied every slot");
	h->send[PORT_SEAL] = h->send[PORT_OPEN] = 200;
	h->drain();
	for (unsigned i = 0; i < SLOTS; i++)
		h->check_state(i);
	t.end();

	t.begin("SAs come and go; 60000 requests with random stalls agree with the model");
	for (unsigned i = 0; i < SLOTS; i++)
		h->install(i, i & 1);
	for (int round = 0; round < 40; round++) {
		h->stall = rnd.one_in(4) ? 0 : 2 + rnd.below(4);
		h->first = rnd.below(SLOTS - 6);
		h->last = rnd.one_in(2) ? (unsigned)SLOTS : h->first + 1 + rnd.below(5);
		h->send[PORT_SEAL] = 500;
		h->send[PORT_OPEN] = 500;
		h->drain();
		h->send[PORT_REPLAY] = 500;
		h->drain();
		h->send[PORT_SEAL] = 200;
		h->send[PORT_OPEN] = 200;
		h->send[PORT_REPLAY] = 200;
		h->drain();
		for (unsigned n = 0; n < 6; n++) {
			unsigned slot = rnd.below(SLOTS);

			h->check_state(slot);
			if (rnd.one_in(2))
				h->install(slot, rnd.one_in(2));
			else if (rnd.one_in(2)) {
				h->op(SA_VALID, slot, 0, nullptr);
				h->sas[slot].valid = false;
			} else
				h->limits(slot, false, rnd.next(), h->sas[slot].next + rnd.below(30));
		}
	}
	h->stall = 0;
	h->check_notices();
	t.end();

	t.begin("tables written in one half of the slots disturb nothing in the other, under traffic on all ports");
	h->first = 0;
	h->last = SLOTS / 2;
	h->send[0] = h->send[1] = h->send[2] = 1u << 30;
	for (int i = 0; i < 120; i++) {
		h->stall = rnd.below(2) * 3;
		h->install(SLOTS / 2 + rnd.below(SLOTS / 2), rnd.one_in(2));
	}
	h->send[0] = h->send[1] = h->send[2] = 0;
	h->drain();
	for (unsigned i = 0; i < SLOTS; i++)
		h->check_state(i);
	h->check_notices();
	t.end();

	t.begin("one request a cycle on each port");
	h->stall = 0;
	h->last = SLOTS;
	for (int p = 0; p < 3; p++) {
		uint64_t from = h->cycles;

		h->send[p] = 5000;
		h->drain();
		t.expect(h->cycles - from < 5050, "cycles for 5000 requests", h->cycles - from, 5050);
	}
	uint64_t from = h->cycles;
	h->send[0] = h->send[1] = h->send[2] = 5000;
	h->drain();
	t.expect(h->cycles - from < 5050, "cycles for 15000 requests", h->cycles - from, 5050);
	printf("     5000 requests on each of three ports in %" PRIu64 " cycles\n", h->cycles - from);
	t.end();

	t.begin("numbers stop at the lease, at 32 bits without ESN, and never wrap (RFC 4303 2.2)");
	h->install(0, false);
	h->fixed_slot = 0;
	for (int esn = 0; esn < 2; esn++)
		for (uint64_t start : { (uint64_t)1, (uint64_t)0xfffffff0u, ~(uint64_t)0 - 5 })
			for (uint64_t lease : { (uint64_t)0, (uint64_t)8, (uint64_t)0xffffffffu, (uint64_t)0x100000008u, ~(uint64_t)0 }) {
				h->sas[0].id[13] = (uint8_t)((h->sas[0].id[13] & ~1) | esn);
				h->op(SA_ID, 0, 1, h->sas[0].id);
				h->limits(0, true, start, lease);
				h->send[PORT_SEAL] = 30;
				h->drain();
				h->check_state(0);
			}
	h->check_notices();
	t.end();

	t.begin("an SA made invalid under traffic is gone at once and its numbers have no gap");
	h->sas[0].id[13] |= 1;
	h->op(SA_ID, 0, 1, h->sas[0].id);
	h->limits(0, true, 1, 1u << 30);
	h->is_racing = true;
	h->send[PORT_SEAL] = 1u << 30;
	for (int i = 0; i < 100; i++)
		h->cycle();
	h->op(SA_VALID, 0, 0, nullptr);
	for (int i = 0; i < 100; i++)
		h->cycle();
	h->send[PORT_SEAL] = 0;
	h->drain();
	t.equal("seen to go", h->race_over, 1);
	h->op(SA_GET_LIVE, 0, 0, nullptr);
	t.equal("next number follows the last one given", h->data64(0), h->race_last + 1);
	h->is_racing = false;
	h->fixed_slot = SLOTS;
	h->install(0, false);
	t.end();

	t.begin("SEQ_NEAR comes once for each SA, even if its FIFO was full at first");
	for (unsigned i = 0; i < SLOTS; i++) {
		h->install(i, false);
		h->limits(i, true, 1, 16);
	}
	std::fill(h->notices.begin(), h->notices.end(), 0);
	h->hold_notices = true;
	for (int n = 0; n < 2; n++)
		for (unsigned i = 0; i < SLOTS; i++) {
			h->fixed_slot = i;
			h->send[PORT_SEAL] = n ? 1 : 15;
			if (n) {
				h->hold_notices = false;
				h->sas[i].told = true;  // the model does not follow the FIFO: what counts is the sum below
			}
			h->drain();
		}
	h->fixed_slot = SLOTS;
	for (unsigned i = 0; i < SLOTS; i++)
		t.equal("notices of a slot", h->notices[i], 1);
	h->notices = h->due;
	t.end();

	t.begin("a window accepts each number once, whatever the order (RFC 4303 3.4.3)");
	for (unsigned w : { 0u, 32u, 33u, 63u, 64u }) {
		h->install(1, true);
		h->sas[1].id[13] &= 0xfe;
		h->sas[1].id[16] = (uint8_t)w;
		h->op(SA_ID, 1, 1, h->sas[1].id);
		h->limits(1, true, 0, 0);
		h->fixed_slot = 1;
		h->send[PORT_REPLAY] = 3000;
		h->stall = w == 33 ? 3 : 0;
		h->drain();
		h->check_state(1);
	}
	h->stall = 0;
	h->fixed_slot = SLOTS;
	t.end();

	t.begin("counters are exact at one count a cycle, and read while they move");
	for (unsigned i = 0; i < SLOTS; i++)
		h->install(i, i & 1);
	h->count_one_in = 1;
	for (int i = 0; i < 4000; i++)
		h->cycle();
	h->count_one_in = 2;
	for (int i = 0; i < 100; i++)
		h->op(SA_GET_LIVE, rnd.below(SLOTS), 0, nullptr);
	h->count_one_in = 0;
	h->cycle();
	for (unsigned i = 0; i < SLOTS; i++)
		h->check_state(i);
	h->limits(2, true, 1, 100);
	h->check_state(2);
	t.end();

	t.begin("the key table takes more than the slots, says when it is full, and forgets what is removed");
	for (unsigned i = 0; i < SLOTS; i++) {  // begin with nothing in it
		sa &s = h->sas[i];

		h->op(SA_VALID, i, 0, nullptr);
		s.valid = false;
		if (h->table.count(s.key()) && h->table[s.key()] == i) {
			t.equal("HASH_DEL", h->op(HASH_DEL, i, 0, nullptr), 0);
			h->table.erase(s.key());
		}
		t.equal("HASH_DEL of nothing", h->op(HASH_DEL, i, 0, nullptr), ADIT_STATUS_NOT_FOUND);
	}
	t.equal("keys left over", h->table.size(), 0);
	std::vector<sa> entered;
	bool is_full = false;
	for (unsigned i = 0; i < 2 * SLOTS + 1 && !is_full; i++) {
		sa s;
		unsigned err;

		h->random_record(s, true);
		if (h->table.count(s.key()))
			continue;
		h->op(SA_ID, 5, 1, s.id);
		h->op(SA_ADDR, 5, 0, s.addr);
		err = h->op(HASH_ADD, 5, 0, nullptr);
		is_full = err == ADIT_STATUS_TABLE_FULL;
		if (is_full)
			break;
		t.equal("HASH_ADD", err, 0);
		t.equal("HASH_ADD again", h->op(HASH_ADD, 5, 0, nullptr), ADIT_STATUS_EXISTS);
		h->table[s.key()] = 5;
		entered.push_back(s);
	}
	t.equal("became full", is_full, 1);
	t.expect(entered.size() * 10 >= SLOTS * 9, "keys before it was full", entered.size(), SLOTS);
	printf("     full at %zu keys\n", entered.size());
	for (auto &s : entered) {  // each is found, then removed, then not found
		h->sas[5] = s;
		h->sas[5].valid = true;
		h->op(SA_ID, 5, 1, s.id);
		h->op(SA_ADDR, 5, 0, s.addr);
		h->limits(5, true, 0, 0);
		h->fixed_slot = 5;
		h->send[PORT_OPEN] = 3;
		h->drain();
		t.equal("HASH_DEL", h->op(HASH_DEL, 5, 0, nullptr), 0);
		h->table.erase(s.key());
		h->send[PORT_OPEN] = 2;
		h->drain();
	}
	t.equal("keys left over", h->table.size(), 0);
	h->fixed_slot = SLOTS;
	t.end();

	t.begin("a slot past the end is refused");
	for (unsigned what : { SA_ID, SA_ADDR, SA_LIMITS, SA_VALID, SA_GET_ID, SA_GET_LIVE, HASH_ADD, HASH_DEL })
		t.equal("status", h->op(what, SLOTS + 1, 1, nullptr), ADIT_STATUS_BAD_FIELD);
	for (unsigned i = 0; i < SLOTS; i++)
		if (i != 5)
			h->check_state(i);
	t.end();

	printf("%" PRIu64 " seal, %" PRIu64 " open, %" PRIu64 " replay requests; %" PRIu64 " numbers given, %" PRIu64 " accepted, %" PRIu64
	       " refused, %" PRIu64 " misses, %" PRIu64 " cycles\n", h->requests[0], h->requests[1], h->requests[2], h->taken_numbers,
	       h->accepted, h->refused, h->misses, h->cycles);
	return t.report();
}
