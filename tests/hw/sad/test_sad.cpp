// SPDX-License-Identifier: BSD-2-Clause-Patent
// sad against a model of its own: std::map for keys, std::set for the numbers an SA has seen (RFC 4303 §3.4.3), 128-bit integers for
// extended numbers (appendix A2). Every port under random stalls.
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

enum { SLOTS = 1 << SLOTS_LOG2, RING = 1 << WINDOW_LOG2 };
enum tbl { SA_ID = 1, SA_ADDR, SA_LIMITS, SA_VALID = 7, SA_GET_ID, SA_GET_LIVE, HASH_ADD, HASH_DEL };
enum { PORT_SEAL, PORT_OPEN, PORT_COMMIT };
enum { NEAR, SOFT, HARD, KINDS };

static uint64_t get64(const uint8_t *at)
{
	uint64_t v = 0;

	for (int i = 7; i >= 0; i--)
		v = v << 8 | at[i];
	return v;
}
static void put64(uint8_t *at, uint64_t v)
{
	for (int i = 0; i < 8; i++)
		at[i] = (uint8_t)(v >> (8 * i));
}
static void put32(uint8_t *at, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		at[i] = (uint8_t)(v >> (8 * i));
}

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

struct record {
	uint8_t id[64] = {}, addr[64] = {}, limits[64] = {};

	uint32_t u32(int at) const { return id[at] | id[at + 1] << 8 | id[at + 2] << 16 | (uint32_t)id[at + 3] << 24; }
	unsigned u16(int at) const { return id[at] | (unsigned)id[at + 1] << 8; }
	uint32_t spi() const { return u32(0); }
	uint32_t reqid() const { return u32(4); }
	bool is_in() const { return id[8] & 1; }
	bool is_transport() const { return id[10] == 0; }
	bool is_esn() const { return id[13] & 1; }
	bool is_v6() const { return id[13] >> 1 & 1; }
	bool clears_df() const { return id[13] >> 4 & 1; }
	unsigned window() const { return u16(16); }
	unsigned inner_mtu() const { return u16(30); }
	uint64_t soft_bytes() const { return get64(limits); }
	uint64_t hard_bytes() const { return get64(limits + 8); }
	uint64_t soft_packets() const { return get64(limits + 16); }
	uint64_t hard_packets() const { return get64(limits + 24); }
	uint32_t soft_seconds() const { return (uint32_t)get64(limits + 32); }
	uint32_t hard_seconds() const { return (uint32_t)(get64(limits + 32) >> 32); }
	uint64_t seq_first() const { return get64(limits + 40); }
	uint64_t lease() const { return get64(limits + 48); }
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
};

struct sa : record {
	bool valid = false, passed[KINDS] = {};
	uint64_t next = 0, top = 0, floor = 0, packets = 0, bytes = 0, icv_errors = 0, replays = 0;
	uint32_t added = 0;
	std::set<uint64_t> seen;
	uint64_t commits_in = 0, commits_out = 0;  // asked, answered

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
		while (!seen.empty() && *seen.begin() < top && top - *seen.begin() > 5000)
			seen.erase(seen.begin());
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
	bool hard_age(uint32_t now) const { return hard_seconds() && now - added >= hard_seconds(); }
	bool soft_age(uint32_t now) const { return soft_seconds() && now - added >= soft_seconds(); }
	bool would_pass_hard(unsigned n) const
	{
		return (hard_packets() && packets + 1 > hard_packets()) || (hard_bytes() && bytes + n > hard_bytes());
	}
	bool is_soft(uint32_t now) const
	{
		return (soft_packets() && packets >= soft_packets()) || (soft_bytes() && bytes >= soft_bytes()) || soft_age(now);
	}
	// number n is the one with which 7/8 of the numbers from seq_first to the lease are used
	bool is_near(uint64_t n) const
	{
		unsigned __int128 used = n - seq_first() + 1, all = lease() - seq_first() + 1;
		return used * 8 >= all * 7;
	}
};

struct harness {
	VerilatedContext ctx;
	Vtb_sad top{ &ctx };
	tb::random &rnd;
	tb::tally &t;
	uint64_t cycles = 0, requests[3] = {};
	uint32_t now = 1000;
	std::vector<sa> sas{ std::vector<sa>(SLOTS) };
	std::map<sa_key, unsigned> table;

	struct owed {
		unsigned slot;
		bool hit, expired, too_big, ok;   // seal: sa.valid, seq_ok; open: hit, replay_ok
		bool is_quiet, by_slot;           // open: no commit of the slot was under way
		uint64_t seq, commits;
		record copy;
	};
	std::deque<owed> owed_of[3];
	std::vector<unsigned> notices[KINDS], due[KINDS];
	unsigned stall = 0;  // one in n cycles an answer is not taken
	bool hold_notices = false, small_packets = false;
	unsigned count_one_in = 0;
	unsigned first = 0, last = SLOTS;  // slots that traffic uses
	unsigned send[3] = {};
	unsigned fixed_slot = SLOTS;       // not SLOTS: use this one
	unsigned in_order = 0;             // commits: one above the top each time
	bool acked = false;
	unsigned ack_err = 0;
	uint32_t ack_data[16];
	uint64_t taken_numbers = 0, accepted = 0, replayed = 0, expired = 0, too_big = 0, misses = 0, told = 0, jumps = 0;
	bool is_racing = false;            // a slot changes while it is used: only check what race says
	std::vector<owed> race;            // what came back

	harness(tb::random &r, tb::tally &ta) : rnd(r), t(ta)
	{
		for (int k = 0; k < KINDS; k++) {
			notices[k].assign(65536, 0);
			due[k].assign(65536, 0);
		}
		top.now_i = now;
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

	template <class W> void check_sa(const W &w, const record &s)
	{
		uint8_t got[68];

		for (int i = 0; i < 68; i++)
			got[i] = (uint8_t)(w[i / 4] >> (i % 4 * 8));
		uint8_t want[32];
		memcpy(want, s.id, 32);
		want[8] &= 1;
		t.equal("SA fields", (uint64_t)memcmp(got, want, 32), 0);
		t.equal("SA icv_bytes", got[64], s.id[32]);
		t.equal("SA tfc_bytes", got[65] | got[66] << 8, s.u16(34));
		t.expect(tb::get128(w, 8) == s.address(0), "SA src", tb::get128(w, 8).lo, s.address(0).lo);
		t.expect(tb::get128(w, 12) == s.address(16), "SA dst", tb::get128(w, 12).lo, s.address(16).lo);
	}

	// RFC 4303 appendix A2.2: the one number with these low bits in [top - W + 1, top - W + 2^32]
	static bool full_number(const sa &s, uint32_t low, uint64_t *seq)
	{
		__int128 w = s.window() ? s.window() : 64, bottom = (__int128)s.top - w + 1;
		__int128 n = bottom + (uint32_t)(low - (uint32_t)(uint64_t)bottom);

		if (!s.is_esn())
			n = low;
		*seq = (uint64_t)n;
		return n >= 0;
	}

	void pass(unsigned slot, int kind)
	{
		if (!sas[slot].passed[kind])
			due[kind][slot]++;
		sas[slot].passed[kind] = true;
	}
	void age_all()
	{
		for (unsigned i = 0; i < SLOTS; i++) {
			if (!sas[i].valid)
				continue;
			if (sas[i].hard_age(now))
				pass(i, HARD);
			if (sas[i].soft_age(now))
				pass(i, SOFT);
		}
	}

	uint64_t some_number(const sa &s)
	{
		unsigned w = s.window() ? s.window() : 64;

		if (in_order)
			return s.top + 1;
		if (!small_packets && rnd.one_in(60))
			return rnd.next() >> rnd.below(64);
		if (rnd.one_in(2))
			return s.top + 1 + rnd.below(3);
		if (rnd.one_in(12))
			return s.top + rnd.below(rnd.one_in(2) ? 300 : rnd.one_in(2) ? RING + 104 : 2 * RING + 808);
		return s.top - rnd.below(rnd.one_in(3) ? 70 : w + 3);
	}

	void offer(int p)
	{
		unsigned slot = fixed_slot < SLOTS ? fixed_slot
		                : first + (rnd.one_in(3) ? rnd.below(last - first) : rnd.below(last - first < 4 ? last - first : 4));
		const sa &s = sas[slot];
		bool wild = fixed_slot == SLOTS;

		send[p]--;
		unsigned n = small_packets ? 1 + rnd.below(4) : rnd.one_in(3) ? rnd.below(65536) : 20 + rnd.below(1500);
		if (p == PORT_SEAL) {
			top.seal_valid_i = 1;
			top.seal_slot_i = (uint16_t)(rnd.one_in(100) && wild && SLOTS < 65536 ? slot + SLOTS : slot);
			top.seal_any_reqid_i = rnd.one_in(8);
			top.seal_reqid_i = rnd.one_in(20) && wild ? (uint32_t)rnd.next() : s.reqid();
			top.seal_n_bytes_i = (uint16_t)(s.inner_mtu() && rnd.one_in(4) ? s.inner_mtu() + rnd.below(2) : n);
			top.seal_may_split_i = rnd.one_in(2);
			top.seal_is_next_i = rnd.one_in(5);
		} else if (p == PORT_OPEN) {
			sa_key k = s.key();

			if (rnd.one_in(15) && wild)
				k.spi ^= 1u << rnd.below(32);
			if (rnd.one_in(15) && wild)
				k.proto = k.proto == 50 ? 51 : 50;
			if (rnd.one_in(15) && wild)
				k.dst.lo ^= 1u << rnd.below(32);
			if (rnd.one_in(15) && wild)
				k.is_v6 = !k.is_v6;
			top.open_valid_i = 1;
			top.open_by_slot_i = rnd.one_in(6);
			top.open_told_slot_i = (uint16_t)(rnd.one_in(20) && wild && SLOTS < 65536 ? slot + SLOTS : slot);
			top.open_is_v6_i = k.is_v6;
			top.open_proto_i = (uint8_t)k.proto;
			top.open_spi_i = k.spi;
			tb::set128(top.open_dst_i, k.dst);
			top.open_seq_i = (uint32_t)some_number(s);
		} else {
			uint64_t seq = some_number(s);

			top.commit_valid_i = 1;
			top.commit_slot_i = (uint16_t)(rnd.one_in(100) && wild && SLOTS < 65536 ? slot + SLOTS : slot);
			top.commit_seq_i = s.is_esn() ? seq : (uint32_t)seq;
			top.commit_n_bytes_i = (uint16_t)n;
		}
	}

	void accept(int p)
	{
		owed o = {};

		requests[p]++;
		if (p == PORT_SEAL) {
			o.slot = top.seal_slot_i;
			if (o.slot < SLOTS && !is_racing) {
				sa &s = sas[o.slot];
				unsigned n = top.seal_n_bytes_i;

				o.hit = s.valid && !s.is_in() && (s.reqid() == top.seal_reqid_i || top.seal_any_reqid_i);
				o.copy = s;
				o.seq = s.next;
				o.expired = o.hit && (s.passed[HARD] || s.hard_age(now) || s.would_pass_hard(n));
				o.too_big = o.hit && !o.expired && s.inner_mtu() && n > s.inner_mtu() && !top.seal_is_next_i && !s.clears_df()
				            && !(s.is_transport() && top.seal_may_split_i);
				o.ok = o.hit && !o.expired && !o.too_big && s.next != 0 && s.next <= s.lease()
				       && (s.is_esn() || s.next <= 0xffffffffu);
				if (o.expired)
					pass(o.slot, HARD);
				if (o.ok) {
					s.packets++;
					s.bytes += n;
					if (s.is_soft(now))
						pass(o.slot, SOFT);
					if (s.is_near(s.next))
						pass(o.slot, NEAR);
					s.next++;
				}
				taken_numbers += o.ok;
				expired += o.expired;
				too_big += o.too_big;
			}
		} else if (p == PORT_OPEN) {
			sa_key k{ (bool)top.open_is_v6_i, top.open_proto_i, tb::get128(top.open_dst_i), top.open_spi_i };
			auto it = table.find(k);

			o.by_slot = top.open_by_slot_i;
			o.slot = o.by_slot ? top.open_told_slot_i : it == table.end() ? 0xffff : it->second;
			o.hit = o.slot < SLOTS && (o.by_slot || it != table.end()) && sas[o.slot].valid && sas[o.slot].is_in();
			if (!o.hit)
				o.slot = 0xffff;
			else {
				const sa &s = sas[o.slot];
				bool is_number = full_number(s, top.open_seq_i, &o.seq);

				o.copy = s;
				o.expired = s.passed[HARD] || s.hard_age(now);
				o.ok = is_number && s.may_pass(o.seq);
				o.commits = s.commits_in;
				o.is_quiet = s.commits_in == s.commits_out;
			}
		} else {
			unsigned n = top.commit_n_bytes_i;

			o.slot = top.commit_slot_i;
			o.seq = top.commit_seq_i;
			o.ok = false;
			if (o.slot < SLOTS)
				sas[o.slot].commits_in++;
			if (o.slot < SLOTS && sas[o.slot].is_in()) {
				sa &s = sas[o.slot];

				o.expired = s.passed[HARD] || s.hard_age(now);
				if (!o.expired && s.may_pass(o.seq)) {
					o.expired = s.would_pass_hard(n);
					o.ok = !o.expired;
				}
				if (o.expired)
					pass(o.slot, HARD);
				if (o.ok) {
					jumps += o.seq > s.top + 1;
					s.commit(o.seq);
					s.packets++;
					s.bytes += n;
					if (s.is_soft(now))
						pass(o.slot, SOFT);
				}
			}
			(o.ok ? accepted : o.expired ? expired : replayed)++;
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
			if (is_racing) {
				o.hit = top.seal_sa_valid_o;
				o.expired = top.seal_expired_o;
				o.too_big = top.seal_too_big_o;
				o.ok = top.seal_seq_ok_o;
				o.seq = top.seal_seq_o;
				keep_sa(top.seal_sa_o, o.copy);
				race.push_back(o);
				return;
			}
			t.equal("sa.valid", top.seal_sa_valid_o, o.hit);
			t.equal("seal expired", top.seal_expired_o, o.expired);
			t.equal("too_big", top.seal_too_big_o, o.too_big);
			t.equal("seq_ok", top.seal_seq_ok_o, o.ok);
			if (o.ok)
				t.equal("seal seq", top.seal_seq_o, o.seq);
			if (o.hit)
				check_sa(top.seal_sa_o, o.copy);
			misses += !o.hit;
		} else if (p == PORT_OPEN) {
			if (is_racing) {
				o.hit = top.open_hit_o;
				o.slot = top.open_slot_o;
				keep_sa(top.open_sa_o, o.copy);
				race.push_back(o);
				return;
			}
			t.equal("open hit", top.open_hit_o, o.hit);
			t.equal("open slot", top.open_slot_o, o.slot);
			t.equal("open sa.valid", top.open_sa_valid_o, o.hit);
			misses += !o.hit;
			if (!o.hit) {
				t.equal("replay_ok without a hit", top.open_replay_ok_o, 0);
				t.equal("expired without a hit", top.open_expired_o, 0);
				return;
			}
			check_sa(top.open_sa_o, o.copy);
			// a commit in between may take the number away, and move an extended number's place
			if (o.is_quiet && sas[o.slot].commits_in == o.commits) {
				t.equal("open expired", top.open_expired_o, o.expired);
				t.equal("open seq", top.open_seq_o, o.seq);
				t.equal("replay_ok", top.open_replay_ok_o, o.ok);
			} else {
				t.equal("open seq, low half", (uint32_t)top.open_seq_o, (uint32_t)o.seq);
				if (o.is_quiet && !o.copy.is_esn() && !o.ok)
					t.equal("replay_ok of what was refused before", top.open_replay_ok_o, 0);
			}
		} else {
			t.equal("commit expired", top.commit_expired_o, o.expired);
			t.equal("commit replayed", top.commit_replayed_o, !o.ok && !o.expired);
			if (o.slot < SLOTS)
				sas[o.slot].commits_out++;
		}
	}
	template <class W> static void keep_sa(const W &w, record &r)
	{
		for (int i = 0; i < 32; i++) {
			r.id[i] = (uint8_t)(w[i / 4] >> (i % 4 * 8));
			r.addr[i] = (uint8_t)(w[8 + i / 4] >> (i % 4 * 8));  // as numbers: compared with keep_sa's only
		}
	}

	void count()
	{
		if (!count_one_in || rnd.below(count_one_in)) {
			top.count_valid_i = 0;
			return;
		}
		unsigned slot = rnd.one_in(30) && SLOTS < 65536 ? 0xffff : rnd.one_in(2) ? rnd.below(3) : rnd.below(SLOTS);
		bool bad = rnd.one_in(2);

		top.count_valid_i = 1;
		top.count_bad_icv_i = bad;
		top.count_replayed_i = !bad;
		top.count_slot_i = (uint16_t)slot;
		if (slot < SLOTS) {
			sas[slot].icv_errors += bad;
			sas[slot].replays += !bad;
		}
	}

	void cycle()
	{
		if (send[0] && !top.seal_valid_i)
			offer(PORT_SEAL);
		if (send[1] && !top.open_valid_i)
			offer(PORT_OPEN);
		// in a row: only when the one before is in
		if (send[2] && !top.commit_valid_i)
			offer(PORT_COMMIT);
		count();
		top.seal_rsp_ready_i = !stall || !rnd.one_in(stall);
		top.open_rsp_ready_i = !stall || !rnd.one_in(stall);
		top.commit_rsp_ready_i = !stall || !rnd.one_in(stall);
		top.notice_ready_i = !hold_notices && (!stall || !rnd.one_in(stall));
		top.clk_i = 0;
		top.eval();
		bool ack = top.tbl_valid_i && top.tbl_ack_o;
		bool seal = top.seal_valid_i && top.seal_ready_o, open = top.open_valid_i && top.open_ready_o,
		     commit = top.commit_valid_i && top.commit_ready_o;
		if (!top.tbl_valid_i)
			t.equal("silence on the table bus", top.tbl_ack_o, 0);
		if (top.seal_rsp_valid_o && top.seal_rsp_ready_i)
			check(PORT_SEAL);
		if (top.open_rsp_valid_o && top.open_rsp_ready_i)
			check(PORT_OPEN);
		if (top.commit_rsp_valid_o && top.commit_rsp_ready_i)
			check(PORT_COMMIT);
		if (top.notice_valid_o && top.notice_ready_i) {
			unsigned kind = top.notice_kind_o;

			t.expect(kind == ADIT_EVENT_SEQ_NEAR || kind == ADIT_EVENT_SA_SOFT || kind == ADIT_EVENT_SA_HARD, "notice kind", kind, 0);
			t.equal("notice policy", top.notice_sp_id_o, 0xffff);
			t.equal("notice, other fields", top.notice_rest_o, 0);
			notices[kind == ADIT_EVENT_SEQ_NEAR ? NEAR : kind == ADIT_EVENT_SA_SOFT ? SOFT : HARD][top.notice_slot_o]++;
			told++;
		}
		if (seal)
			accept(PORT_SEAL);
		if (open)
			accept(PORT_OPEN);
		if (commit)
			accept(PORT_COMMIT);
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
		if (commit)
			top.commit_valid_i = 0;
		if (ack)
			top.tbl_valid_i = 0;
	}

	unsigned op(unsigned what, unsigned idx, unsigned ext, const uint8_t *rec, unsigned code = 0)
	{
		uint64_t end = cycles + 20000 + 4 * SLOTS;

		top.tbl_valid_i = 1;
		top.tbl_op_i = (uint8_t)what;
		top.tbl_idx_i = (uint16_t)idx;
		top.tbl_ext_i = (uint8_t)ext;
		top.tbl_code_i = (uint8_t)code;
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
		uint64_t end = cycles + 2000000;

		while ((send[0] || send[1] || send[2] || top.seal_valid_i || top.open_valid_i || top.commit_valid_i || !owed_of[0].empty()
		        || !owed_of[1].empty() || !owed_of[2].empty()) && cycles < end)
			cycle();
		t.equal("requests lost", owed_of[0].size() + owed_of[1].size() + owed_of[2].size(), 0);
		for (int i = 0; i < 12; i++)
			cycle();
	}
	// Until every notice that is due has come, and every walk over the slots is over.
	void settle()
	{
		unsigned was_stall = stall;

		stall = 0;
		drain();
		for (uint64_t quiet = 0, seen = told; quiet < 7ull * SLOTS + 100; quiet++) {
			cycle();
			if (told != seen)
				quiet = 0;
			seen = told;
		}
		stall = was_stall;
		check_notices();
	}
	void check_notices()
	{
		static const char *const name[] = { "SEQ_NEAR notices of a slot", "SA_SOFT notices of a slot", "SA_HARD notices of a slot" };

		for (int k = 0; k < KINDS; k++)
			for (unsigned i = 0; i < 65536; i++)
				t.equal(name[k], notices[k][i], due[k][i]);
	}
	void set_now(uint32_t to)
	{
		now = to;
		top.now_i = to;
		age_all();
		settle();
	}

	void random_record(record &s, bool is_in)
	{
		for (auto &b : s.id)
			b = (uint8_t)rnd.next();
		for (auto &b : s.addr)
			b = (uint8_t)rnd.next();
		s.id[8] = is_in;
		s.id[9] = rnd.one_in(3) ? 51 : 50;
		s.id[10] = rnd.one_in(2);
		s.id[13] = (uint8_t)(rnd.below(64) << 2 | rnd.one_in(3) << 1 | rnd.one_in(3));
		if (rnd.one_in(2)) {  // few addresses, SPIs in a row
			s.id[1] = s.id[2] = 0x10;
			s.id[3] = 0;
			memset(s.addr + 16, 0, 16);
			s.addr[16] = 192;
			s.addr[19] = (uint8_t)rnd.below(3);
		}
		s.id[0] |= 1;
		unsigned w = rnd.one_in(3) ? 64 : rnd.one_in(5) ? 0 : rnd.one_in(4) ? RING - rnd.below(3) : rnd.one_in(2) ? 32 + rnd.below(96)
		                                                                                                     : 32 + rnd.below(RING - 31);
		if (w == 0)
			s.id[13] &= 0xfe;  // the driver refuses ESN without a window
		s.id[16] = (uint8_t)w;
		s.id[17] = (uint8_t)(w >> 8);
		if (rnd.one_in(2))
			s.id[30] = s.id[31] = 0;
		else
			s.id[31] = (uint8_t)(4 + rnd.below(8));
	}
	void random_limits(record &s)
	{
		bool is_in = s.is_in();

		memset(s.limits, 0, 64);
		for (int i = 0; i < 4; i++) {
			if (!rnd.one_in(3))
				continue;
			uint64_t n = i < 2 ? rnd.below(1000000) : 1 + rnd.below(400);
			put64(s.limits + 8 * i, i & 1 ? 2 * n : n);
		}
		for (int i = 0; i < 2; i++)
			if (rnd.one_in(4))
				put32(s.limits + 32 + 4 * i, 1 + rnd.below(40));
		uint64_t start = rnd.one_in(3) ? 1 : rnd.one_in(2) ? 0xfffffff0u - rnd.below(200) : rnd.next() >> (1 + rnd.below(62));
		if (is_in && rnd.one_in(3))
			start = s.is_esn() && rnd.one_in(2) ? (rnd.next() >> rnd.below(32) | 0xffffffffu) - rnd.below(4500) : 0;
		if (is_in && !s.is_esn())
			start = (uint32_t)start;
		if (!is_in && start == 0)
			start = 1;
		put64(s.limits + 40, start);
		put64(s.limits + 48, rnd.one_in(3) ? start + rnd.below(40) : rnd.one_in(2) ? 0xffffffffu : start + rnd.below(100000));
	}
	// Words 1, 2 and 0 over the bus, and what that does to the model.
	void put(unsigned slot, const record &r, bool valid, bool anew)
	{
		sa &s = sas[slot];

		t.equal("SA_ADDR", op(SA_ADDR, slot, rnd.below(4), r.addr), 0);
		t.equal("SA_LIMITS", op(SA_LIMITS, slot, rnd.below(4), r.limits), 0);
		t.equal("SA_ID", op(SA_ID, slot, (anew ? 2 : 0) | valid, r.id), 0);
		static_cast<record &>(s) = r;
		s.valid = valid;
		if (anew) {
			s.next = r.is_in() ? 0 : r.seq_first();
			s.top = s.floor = r.is_in() ? r.seq_first() : 0;
			s.seen.clear();
			s.packets = s.bytes = s.icv_errors = s.replays = 0;
			s.added = now;
			s.passed[0] = s.passed[1] = s.passed[2] = false;
		} else {
			bool hard = (r.hard_packets() && s.packets >= r.hard_packets()) || (r.hard_bytes() && s.bytes >= r.hard_bytes())
			            || s.hard_age(now);

			s.passed[HARD] = s.passed[HARD] && hard;
			s.passed[SOFT] = s.passed[SOFT] && s.is_soft(now);
			s.passed[NEAR] = s.passed[NEAR] && s.next != s.seq_first() && s.is_near(s.next - 1);
		}
	}
	unsigned hash(unsigned what, unsigned slot, const record &r) { return op(what, slot, 0, r.addr, r.is_v6()); }
	void unhash(unsigned slot)
	{
		sa &s = sas[slot];

		if (table.count(s.key()) && table[s.key()] == slot) {
			t.equal("HASH_DEL", hash(HASH_DEL, slot, s), 0);
			table.erase(s.key());
		}
	}
	void set_valid(unsigned slot, bool valid)
	{
		t.equal("SA_VALID", op(SA_VALID, slot, valid, nullptr), 0);
		sas[slot].valid = valid;
	}
	// Installs an SA as the command engine does.
	void install(unsigned slot, const record &r)
	{
		set_valid(slot, false);
		unhash(slot);
		put(slot, r, false, true);
		if (r.is_in()) {
			bool had = table.count(r.key()) != 0;
			unsigned err = hash(HASH_ADD, slot, r);

			if (err != ADIT_STATUS_TABLE_FULL)
				t.equal("HASH_ADD", err, had ? ADIT_STATUS_EXISTS : 0);
			if (!err)
				table[r.key()] = slot;
		}
		set_valid(slot, true);
	}
	void install(unsigned slot, bool is_in)
	{
		record r;

		random_record(r, is_in);
		random_limits(r);
		install(slot, r);
	}
	// Changes what SA_UPDATE may change, the destination too: entered under both while it moves.
	void update(unsigned slot)
	{
		sa &s = sas[slot];
		record r;

		random_record(r, s.is_in());
		random_limits(r);
		memcpy(r.id, s.id, 13);
		r.id[13] = (uint8_t)((r.id[13] & ~1) | (s.id[13] & 1));
		if (s.is_esn() && r.window() == 0)
			r.id[16] = 64;
		memcpy(r.limits + 40, s.limits + 40, 8);
		bool moves = s.is_in() && table.count(s.key()) && table[s.key()] == slot && rnd.one_in(2);
		if (!moves) {
			memcpy(r.addr + 16, s.addr + 16, 16);
			r.id[13] = (uint8_t)((r.id[13] & ~2) | (s.id[13] & 2));
		}
		moves = moves && !table.count(r.key());
		if (s.is_in() && !moves) {
			memcpy(r.addr + 16, s.addr + 16, 16);
			r.id[13] = (uint8_t)((r.id[13] & ~2) | (s.id[13] & 2));
		}
		if (moves && hash(HASH_ADD, slot, r) == 0) {
			sa_key was = s.key();
			record old = s;

			put(slot, r, s.valid, false);
			t.equal("HASH_DEL of the old destination", hash(HASH_DEL, slot, old), 0);
			table.erase(was);
			table[r.key()] = slot;
		} else if (!moves)
			put(slot, r, s.valid, false);
	}
	void remove(unsigned slot)
	{
		set_valid(slot, false);
		unhash(slot);
		put(slot, record(), false, true);
		sas[slot].added = 0;
	}
	void check_state(unsigned slot)
	{
		sa &s = sas[slot];

		t.equal("SA_GET_ID", op(SA_GET_ID, slot, 0, nullptr), 0);
		uint8_t got[64];
		for (int i = 0; i < 64; i++)
			got[i] = (uint8_t)(ack_data[i / 4] >> (i % 4 * 8));
		t.equal("word 0 as stored", (uint64_t)memcmp(got, s.id, 36), 0);
		t.equal("destination as stored", (uint64_t)memcmp(got + 36, s.addr + 16, 16), 0);
		t.equal("valid bit", got[63], s.valid ? 0x80 : 0);
		t.equal("SA_GET_LIVE", op(SA_GET_LIVE, slot, 0, nullptr), 0);
		t.equal("live seq", data64(0), s.is_in() ? s.top : s.next);
		t.equal("live map", data64(8), s.is_in() ? s.map() : 0);
		t.equal("live packets", data64(16), s.packets);
		t.equal("live bytes", data64(24), s.bytes);
		t.equal("live icv_errors", data64(32), s.is_in() ? s.icv_errors : 0);
		t.equal("live replays", data64(40), s.is_in() ? s.replays : 0);
		t.equal("live added", (uint32_t)data64(48), s.added);
		t.equal("live expired", data64(48) >> 32, s.passed[SOFT] | s.passed[HARD] << 1);
	}
	bool is_zero(unsigned slot)
	{
		top.peek_i = 1;
		top.peek_slot_i = (uint16_t)slot;
		top.eval();
		bool zero = top.peek_zero_o;
		top.peek_i = 0;
		top.eval();
		return zero;
	}
};

int main(int argc, char **argv)
{
	uint64_t seed = tb::seed_from(argc, argv);
	tb::random rnd(seed);
	tb::tally t;
	auto h = std::make_unique<harness>(rnd, t);
	// In full size the tests use the last 64 slots: what is said of a slot holds of all.
	const unsigned N = SLOTS > 1024 ? 64 : SLOTS, base = SLOTS - N;

	printf("%d slots\n", SLOTS);
	auto plain = [&](bool is_in) {  // an SA without limits, tunnel, 32-bit numbers
		record r;

		h->random_record(r, is_in);
		r.id[10] = 1;
		r.id[13] &= 0xfe;
		r.id[30] = r.id[31] = 0;
		r.id[16] = 64;
		r.id[17] = 0;
		put64(r.limits + 40, is_in ? 0 : 1);
		put64(r.limits + 48, 0xffffffffu);
		return r;
	};

	t.begin("reset has emptied every slot");
	h->first = base;
	h->send[PORT_SEAL] = h->send[PORT_OPEN] = 200;
	h->drain();
	for (unsigned i = base; i < SLOTS; i++)
		h->check_state(i);
	t.end();

	t.begin("SAs come, change, move and go; requests on every port with random stalls agree with the model");
	for (unsigned i = 0; i < N; i++)
		h->install(base + i, i & 1);
	for (int round = 0; round < (SLOTS > 1024 ? 2 : 60); round++) {
		h->stall = rnd.one_in(4) ? 0 : 2 + rnd.below(4);
		h->first = base + rnd.below(N - 6);
		h->last = rnd.one_in(2) ? (unsigned)SLOTS : h->first + 1 + rnd.below(5);
		h->hold_notices = rnd.one_in(3);
		h->send[PORT_SEAL] = 500;
		h->send[PORT_OPEN] = 500;
		h->drain();
		h->send[PORT_COMMIT] = 500;
		h->drain();
		h->send[PORT_SEAL] = 200;
		h->send[PORT_OPEN] = 200;
		h->send[PORT_COMMIT] = 200;
		h->drain();
		h->hold_notices = false;
		h->settle();
		for (unsigned n = 0; n < 8; n++) {
			unsigned slot = rnd.one_in(2) ? base + rnd.below(N) : h->first + rnd.below(h->last - h->first);

			h->check_state(slot);
			if (rnd.one_in(3))
				h->install(slot, rnd.one_in(2));
			else if (rnd.one_in(4)) {
				h->remove(slot);
				t.equal("a deleted SA leaves zeros alone", h->is_zero(slot), 1);
			} else if (h->sas[slot].valid)
				h->update(slot);
		}
		h->set_now(h->now + 1 + rnd.below(8));
	}
	h->stall = 0;
	for (unsigned i = 0; i < N; i++)
		h->check_state(base + i);
	if (SLOTS <= 1024) {
		t.expect(h->expired > 100, "some ran out", h->expired, 100);
		t.expect(h->too_big > 20, "some were too big", h->too_big, 20);
		t.expect(h->told > 20, "some notices", h->told, 20);
	}
	t.end();

	t.begin("tables written in one half of the slots disturb nothing in the other, under traffic on all ports");
	h->first = base;
	h->last = base + N / 2;
	h->send[0] = h->send[1] = h->send[2] = 1u << 30;
	for (int i = 0; i < 120; i++) {
		h->stall = rnd.below(2) * 3;
		h->install(base + N / 2 + rnd.below(N / 2), rnd.one_in(2));
	}
	h->send[0] = h->send[1] = h->send[2] = 0;
	h->settle();
	for (unsigned i = 0; i < N; i++)
		h->check_state(base + i);
	t.end();

	t.begin("one request a cycle to seal and to open, three cycles a commit in order");
	h->stall = 0;
	for (unsigned i = 0; i < N; i++)
		h->install(base + i, plain(i & 1));
	h->settle();
	h->first = base;
	h->last = SLOTS;
	static const unsigned per[3] = { 1, 1, 3 };
	static const char *const port_name[] = { "seal", "open", "commit" };
	for (unsigned p = 0; p < 3; p++) {
		uint64_t from = h->cycles;

		h->in_order = p == 2;
		h->fixed_slot = p == 2 ? base + 1 : (unsigned)SLOTS;
		h->send[p] = 5000;
		h->drain();
		t.expect(h->cycles - from < 5000 * per[p] + 50, "cycles for 5000 requests", h->cycles - from, 5000 * per[p] + 50);
		printf("     %s: %.2f cycles a request\n", port_name[p], (double)(h->cycles - from) / 5000);
	}
	h->fixed_slot = SLOTS;
	uint64_t from = h->cycles;
	h->send[0] = h->send[1] = 15000;
	h->send[2] = 5000;
	h->drain();
	t.expect(h->cycles - from < 15100, "cycles for all ports at once", h->cycles - from, 15100);
	// all packets on one SA: each way one a cycle, numbers forwarded from packet to packet
	for (unsigned p = 0; p < 2; p++) {
		h->fixed_slot = base + p;
		from = h->cycles;
		h->send[p] = 5000;
		h->drain();
		t.expect(h->cycles - from < 5050, "cycles for 5000 requests on one SA", h->cycles - from, 5050);
	}
	// windows of many SAs move on in any order among them
	from = h->cycles;
	for (int i = 0; i < 64; i++) {
		h->fixed_slot = base + 1 + 2 * rnd.below(N / 2);
		h->send[PORT_COMMIT] = 10;
		while (h->send[PORT_COMMIT] || h->top.commit_valid_i)
			h->cycle();
	}
	h->fixed_slot = SLOTS;
	h->drain();
	t.expect(h->cycles - from < 3 * 640 + 50, "cycles for 640 commits on many SAs", h->cycles - from, 3 * 640 + 50);
	h->in_order = 0;
	// SAs come as fast as they can; the other half of the slots is asked in every cycle
	h->last = base + N / 2;
	h->send[0] = h->send[1] = 1u << 30;
	uint64_t asked[2] = { h->requests[0], h->requests[1] };
	from = h->cycles;
	for (unsigned i = 0; i < 40; i++)
		h->install(base + N / 2 + rnd.below(N / 2), plain(i & 1));
	uint64_t took = h->cycles - from;
	for (unsigned p = 0; p < 2; p++) {
		uint64_t least = p ? took - 1 : took * 17 / 20;

		asked[p] = h->requests[p] - asked[p];
		t.expect(asked[p] >= least, "requests while SAs are added", asked[p], least);
	}
	printf("     an SA added takes %.1f cycles of table ops; meanwhile a seal request takes %.2f cycles, an open request %.2f\n",
	       (double)took / 40, (double)took / (double)asked[0], (double)took / (double)asked[1]);
	h->send[0] = h->send[1] = 0;
	h->drain();
	h->last = SLOTS;
	for (unsigned jump : { 64u, 65u, RING - 1u, 100000u }) {
		sa &s = h->sas[base + 1];

		h->top.commit_valid_i = 1;
		h->top.commit_slot_i = (uint16_t)(base + 1);
		h->top.commit_seq_i = s.top + jump;
		from = h->cycles;
		while (h->top.commit_valid_i)
			h->cycle();
		while (s.commits_in != s.commits_out)
			h->cycle();
		printf("     a commit that leaves out %u numbers is answered after %u cycles\n", jump - 1, (unsigned)(h->cycles - from));
		t.expect(h->cycles - from < RING / 64 + 11, "cycles", h->cycles - from, RING / 64 + 11);
	}
	t.end();

	t.begin("numbers stop at the lease, at 32 bits without ESN, and never wrap (RFC 4303 2.2)");
	h->fixed_slot = base;
	for (int esn = 0; esn < 2; esn++)
		for (uint64_t start : { (uint64_t)1, (uint64_t)0xfffffff0u, ~(uint64_t)0 - 5 })
			for (uint64_t lease : { (uint64_t)0, (uint64_t)8, (uint64_t)0xffffffffu, (uint64_t)0x100000008u, ~(uint64_t)0 }) {
				record r = plain(false);

				r.id[13] = (uint8_t)(r.id[13] | esn);
				put64(r.limits + 40, start);
				put64(r.limits + 48, lease);
				h->install(base, r);
				h->send[PORT_SEAL] = 30;
				h->drain();
				h->check_state(base);
			}
	h->settle();
	t.end();

	t.begin("an update under fire: a packet sees the old record or the new one, numbers stand in a row");
	for (int n = 0; n < 30; n++) {
		record r[2] = { plain(false), plain(false) };

		memcpy(r[1].id, r[0].id, 13);
		h->is_racing = false;
		h->install(base, r[n & 1]);
		h->is_racing = true;
		h->race.clear();
		h->stall = n % 2 * 3;
		h->send[PORT_SEAL] = 1u << 30;
		for (int i = 0; i < 3; i++) {
			h->put(base, r[i & 1], true, false);
			for (unsigned c = rnd.below(20); c; c--)
				h->cycle();
		}
		h->set_valid(base, false);
		for (int i = 0; i < 20; i++)
			h->cycle();
		h->send[PORT_SEAL] = 0;
		h->drain();
		std::set<std::vector<uint8_t>> looks;
		uint64_t next = 1;
		unsigned changes = 0;
		std::vector<uint8_t> was;
		bool gone = false;
		for (auto &o : h->race) {
			if (!o.hit) {
				gone = true;
				continue;
			}
			t.equal("gone for good", gone, 0);
			t.equal("given", o.ok, 1);
			t.equal("next in the row", o.seq, next++);
			std::vector<uint8_t> look(o.copy.id, o.copy.id + 32);

			look.insert(look.end(), o.copy.addr, o.copy.addr + 32);
			looks.insert(look);
			changes += !was.empty() && look != was;
			was = look;
		}
		t.equal("seen to go", gone, 1);
		t.expect(looks.size() <= 2, "two records, and no mixture", looks.size(), 2);
		t.expect(changes <= 3, "each write is seen once", changes, 3);
		h->op(SA_GET_LIVE, base, 0, nullptr);
		t.equal("next number follows the last one given", h->data64(0), next);
		t.equal("each was counted", h->data64(16), next - 1);
	}
	h->stall = 0;
	h->is_racing = false;
	t.end();

	t.begin("an inbound SA moves under fire: at each moment one destination is its own");
	for (int n = 0; n < 30; n++) {
		record r[2] = { plain(true), plain(true) };

		r[0].id[3] = 0xee;  // no other SA has such an SPI
		r[0].id[2] = (uint8_t)n;
		memcpy(r[1].id, r[0].id, 13);
		if (r[0].is_v6() == r[1].is_v6() && n % 2)
			r[1].id[13] ^= 2;
		r[0].addr[31] = r[0].addr[19] = 1;
		r[1].addr[31] = r[1].addr[19] = 2;
		h->install(base, r[0]);
		h->is_racing = true;
		h->race.clear();
		unsigned turn = 0;
		std::vector<unsigned> asked;
		auto fire = [&](unsigned cycles) {
			while (cycles--) {
				if (!h->top.open_valid_i) {
					const sa_key k = r[turn & 1].key();

					h->top.open_valid_i = 1;
					h->top.open_by_slot_i = 0;
					h->top.open_is_v6_i = k.is_v6;
					h->top.open_proto_i = (uint8_t)k.proto;
					h->top.open_spi_i = k.spi;
					tb::set128(h->top.open_dst_i, k.dst);
					asked.push_back(turn++ & 1);
				}
				h->cycle();
			}
		};
		auto fired_op = [&](unsigned what, const uint8_t *data, unsigned ext, unsigned code) {
			h->top.tbl_valid_i = 1;
			h->top.tbl_op_i = (uint8_t)what;
			h->top.tbl_idx_i = (uint16_t)base;
			h->top.tbl_ext_i = (uint8_t)ext;
			h->top.tbl_code_i = (uint8_t)code;
			for (int i = 0; i < 16; i++)
				h->top.tbl_data_i[i] = data[4 * i] | data[4 * i + 1] << 8 | data[4 * i + 2] << 16 | (uint32_t)data[4 * i + 3] << 24;
			while (h->top.tbl_valid_i)
				fire(1);
			t.equal("status", h->ack_err, 0);
		};
		fire(20);
		fired_op(HASH_ADD, r[1].addr, 0, r[1].is_v6());
		fired_op(SA_ADDR, r[1].addr, 0, 0);
		fired_op(SA_LIMITS, r[1].limits, 0, 0);
		fired_op(SA_ID, r[1].id, 1, 0);
		fired_op(HASH_DEL, r[0].addr, 0, r[0].is_v6());
		fire(20);
		h->drain();
		bool moved = false;
		unsigned hits[2] = {};
		for (unsigned i = 0; i < h->race.size(); i++) {
			auto &o = h->race[i];

			if (o.hit) {
				moved = moved || asked[i];
				hits[asked[i]]++;
				t.equal("slot", o.slot, base);
				t.equal("found by its own destination", asked[i], moved);
				t.equal("with its own record", (uint64_t)memcmp(o.copy.id, r[asked[i]].id, 32) == 0, 1);
			} else if (!moved && !asked[i])
				moved = true;
			else if (moved)
				t.equal("found by the new destination", asked[i], 0);
		}
		t.expect(hits[0] > 5 && hits[1] > 5, "hits before and after", hits[0], hits[1]);
		h->is_racing = false;
		h->table.erase(r[0].key());
		h->table[r[1].key()] = base;
		static_cast<record &>(h->sas[base]) = r[1];
		h->check_state(base);
	}
	h->fixed_slot = SLOTS;
	t.end();

	t.begin("each notice comes once for each SA, even if its queue was full at first, and without more traffic");
	for (unsigned i = 0; i < N; i++) {
		record r = plain(i & 1);

		put64(r.limits + 16, 14);
		put64(r.limits + 24, 16);
		if (!(i & 1))
			put64(r.limits + 48, 16);
		h->install(base + i, r);
	}
	h->settle();
	h->hold_notices = true;
	h->in_order = 1;
	for (unsigned i = 0; i < N; i++) {
		h->fixed_slot = base + i;
		h->send[i & 1 ? PORT_COMMIT : PORT_SEAL] = 17;
		h->drain();
	}
	h->in_order = 0;
	h->hold_notices = false;
	h->fixed_slot = SLOTS;
	for (auto &k : h->notices)
		std::fill(k.begin(), k.end(), 0);
	for (auto &k : h->due)
		std::fill(k.begin(), k.end(), 0);
	for (unsigned i = 0; i < N; i++) {
		h->due[HARD][base + i] = h->due[SOFT][base + i] = 1;
		h->due[NEAR][base + i] = !(i & 1);
	}
	h->settle();
	t.end();

	t.begin("seconds pass without traffic, once, at the second; an update with later limits brings the SA back");
	for (unsigned i = 0; i < N; i++) {
		record r = plain(i & 1);

		put32(r.limits + 32, 5 + i % 7);
		put32(r.limits + 36, 10 + i % 7);
		h->install(base + i, r);
	}
	for (unsigned s = 0, step = SLOTS > 1024 ? 5 : 1; s < 20; s += step) {
		h->set_now(h->now + step);
		h->send[0] = h->send[1] = h->send[2] = 50;
		h->drain();
	}
	for (unsigned i = 0; i < N; i++) {
		record r = h->sas[base + i];

		t.equal("hard", h->sas[base + i].passed[HARD], 1);
		put32(r.limits + 36, i % 4 < 2 ? 100u : 0u);
		put32(r.limits + 32, i % 8 < 4 ? 40 : 1);
		h->put(base + i, r, true, false);
		h->check_state(base + i);
	}
	for (int s = 0; s < 2; s++) {
		h->set_now(h->now + 19);
		h->send[0] = h->send[1] = h->send[2] = 50;
		h->drain();
	}
	h->set_now(0x80000000u + h->now);
	for (unsigned i = 0; i < N; i++)
		h->check_state(base + i);
	t.end();

	t.begin("packets and bytes stop exactly at the hard limit; what was replayed ages nothing");
	h->small_packets = true;
	for (int n = 0; n < 24; n++) {
		bool is_in = n & 1;
		record r = plain(is_in);

		put64(r.limits + 40, 100000);
		put64(r.limits + 8 * (n >> 1 & 2), 60 + rnd.below(40));
		put64(r.limits + 8 * (n >> 1 & 2) + 8, 100 + rnd.below(20));
		h->install(base + 2, r);
		h->fixed_slot = base + 2;
		h->send[is_in ? PORT_COMMIT : PORT_SEAL] = 900;
		h->drain();
		h->send[PORT_OPEN] = is_in ? 20 : 0;
		h->drain();
		t.equal("ran out", h->sas[base + 2].passed[HARD], 1);
		h->check_state(base + 2);
	}
	h->small_packets = false;
	h->fixed_slot = SLOTS;
	h->settle();
	t.end();

	t.begin("a window of any size accepts each number once, whatever the order, with ESN over the wrap (RFC 4303 3.4.3, A2.2)");
	for (unsigned w : { 0u, 32u, 33u, 63u, 64u, 65u, 100u, 127u, 128u, 1000u, 2048u, 3001u, RING - 64u, RING - 63u, RING - 1u, RING + 0u })
		for (int esn = 0; esn < (w && w <= RING ? 2 : w <= RING); esn++) {
			record r = plain(true);

			r.id[13] = (uint8_t)(r.id[13] | esn);
			r.id[16] = (uint8_t)w;
			r.id[17] = (uint8_t)(w >> 8);
			put64(r.limits + 40, esn ? ((uint64_t)rnd.below(3) << 32) + 0xffffffffu - rnd.below(6000) : rnd.one_in(2) ? 0 : rnd.below(9000));
			h->install(base + 1, r);
			h->fixed_slot = base + 1;
			h->stall = rnd.one_in(3) ? 3 : 0;
			for (int i = 0; i < 10; i++) {
				h->send[PORT_COMMIT] = 200;
				h->drain();
				h->send[PORT_OPEN] = 100;
				h->drain();
				h->check_state(base + 1);
			}
		}
	h->stall = 0;
	h->fixed_slot = SLOTS;
	h->settle();
	t.end();

	t.begin("counters are exact at one count a cycle, and read while they move");
	for (unsigned i = 0; i < N; i++)
		h->install(base + i, i & 1);
	h->count_one_in = 1;
	for (int i = 0; i < 4000; i++)
		h->cycle();
	h->count_one_in = 2;
	for (int i = 0; i < 100; i++)
		h->op(SA_GET_LIVE, rnd.below(SLOTS), 0, nullptr);
	h->count_one_in = 0;
	h->cycle();
	for (unsigned i = 0; i < N; i++)
		h->check_state(base + i);
	h->install(base + 2, true);
	h->check_state(base + 2);
	t.end();

	t.begin("deleted SAs leave nothing but zeros in any memory");
	for (unsigned i = 0; i < N; i++) {
		if (i < 3)
			t.equal("something was there", h->is_zero(base + i), 0);
		h->remove(base + i);
		t.equal("zeros alone", h->is_zero(base + i), 1);
		h->check_state(base + i);
	}
	t.end();

	if (SLOTS <= 1024) {
		t.begin("the key table takes about as many as the slots, says when it is full, and forgets what is removed");
		for (unsigned i = 0; i < SLOTS; i++)
			t.equal("HASH_DEL of nothing", h->hash(HASH_DEL, i, h->sas[i]), ADIT_STATUS_NOT_FOUND);
		t.equal("keys left over", h->table.size(), 0);
		std::vector<record> entered;
		bool is_full = false;
		for (unsigned i = 0; i < 2 * SLOTS + 1 && !is_full; i++) {
			record r;
			unsigned err;

			h->random_record(r, true);
			if (h->table.count(r.key()))
				continue;
			h->put(5, r, false, false);
			err = h->hash(HASH_ADD, 5, r);
			is_full = err == ADIT_STATUS_TABLE_FULL;
			if (is_full)
				break;
			t.equal("HASH_ADD", err, 0);
			t.equal("HASH_ADD again", h->hash(HASH_ADD, 5, r), ADIT_STATUS_EXISTS);
			h->table[r.key()] = 5;
			entered.push_back(r);
		}
		t.equal("became full", is_full, 1);
		t.expect(entered.size() * 10 >= SLOTS * 9, "keys before it was full", entered.size(), SLOTS);
		printf("     full at %zu keys\n", entered.size());
		for (auto &r : entered) {  // each is found, then removed, then not found
			h->put(5, r, true, false);
			h->fixed_slot = 5;
			h->send[PORT_OPEN] = 3;
			h->drain();
			t.equal("HASH_DEL", h->hash(HASH_DEL, 5, r), 0);
			h->table.erase(r.key());
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
	}

	printf("%" PRIu64 " seal, %" PRIu64 " open, %" PRIu64 " commit requests; %" PRIu64 " numbers given, %" PRIu64 " accepted (%" PRIu64
	       " left some out), %" PRIu64 " replayed, %" PRIu64 " expired, %" PRIu64 " too big, %" PRIu64 " misses, %" PRIu64
	       " notices, %" PRIu64 " cycles\n", h->requests[0], h->requests[1], h->requests[2], h->taken_numbers, h->accepted, h->jumps,
	       h->replayed, h->expired, h->too_big, h->misses, h->told, h->cycles);
	return t.report();
}
