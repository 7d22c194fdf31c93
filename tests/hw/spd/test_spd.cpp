// SPDX-License-Identifier: BSD-2-Clause-Patent
// spd against a linear search over the rules. A look-up that meets a table operation under way may see the table before it,
// after it, or (replacing a rule of the live bank) without the rule; nothing else.
#include <deque>
#include <memory>
#include <vector>

#include "Vtb_spd.h"
#include "adit_regs.h"
#include "tb.hpp"

using tb::u128;

enum { RULES = 1 << RULES_LOG2 };
enum tbl { SP_PUT = 12, SP_CLEAR, SP_LIVE, SP_BIND, SP_GET, SP_ZERO };

struct rule {
	bool valid = false;
	bool is_v6 = false, wants_proto = false, wants_ports = false, opaque = false;
	u128 src, dst;  // numbers
	unsigned src_plen = 0, dst_plen = 0, proto = 0;
	unsigned sport_lo = 0, sport_hi = 0, dport_lo = 0, dport_hi = 0;
	unsigned action = 0, level = 0, sp_id = 0;
	uint32_t reqid = 0;
};

struct key {
	bool is_v6 = false, has_ports = false, no_ports = false;
	u128 src, dst;
	unsigned proto = 0, sport = 0, dport = 0;
};

struct answer {
	bool hit = false, ports_unknown = false;
	bool opaque = false;  // by an opaque rule: only the model knows
	unsigned action = 0, level = 0, sp_id = 0xffff;
	uint32_t reqid = 0;
	bool operator==(const answer &o) const
	{
		return hit == o.hit && ports_unknown == o.ports_unknown && action == o.action && level == o.level
		       && sp_id == o.sp_id && reqid == o.reqid;
	}
};

static bool in_prefix(const u128 &a, const u128 &prefix, unsigned plen, unsigned width)
{
	unsigned __int128 differ = (unsigned __int128)(a.hi ^ prefix.hi) << 64 | (a.lo ^ prefix.lo);

	return plen == 0 || differ >> (width - plen) == 0;
}

static bool matches(const rule &r, const key &k)
{
	unsigned width = k.is_v6 ? 128 : 32;

	if (!r.valid || r.is_v6 != k.is_v6)
		return false;
	if (!in_prefix(k.src, r.src, r.src_plen, width) || !in_prefix(k.dst, r.dst, r.dst_plen, width))
		return false;
	if (r.wants_proto && r.proto != k.proto)
		return false;
	if (r.opaque)
		return k.no_ports;
	if (r.wants_ports && k.has_ports)
		return k.sport >= r.sport_lo && k.sport <= r.sport_hi && k.dport >= r.dport_lo && k.dport <= r.dport_hi;
	return true;
}

struct harness {
	VerilatedContext ctx;
	Vtb_spd top{ &ctx };
	tb::random &rnd;
	tb::tally &t;
	uint64_t cycles = 0, lookups = 0;

	rule bank[2][RULES];
	int live = 0;

	struct change {  // the operation under way
		bool active = false;
		unsigned op = 0, bank = 0, idx = 0;
		rule to;
		unsigned slot = 0;
		bool bound = false;
	} now;
	bool acked = false;
	unsigned ack_err = 0;
	uint32_t ack_data[16];

	struct binding {
		uint64_t from;  // first cycle in which it may be seen
		bool bound;
		unsigned slot;
	};
	std::vector<std::vector<binding>> bindings{ (size_t)RULES, { { 0, false, 0 } } };
	std::vector<uint64_t> bound_until{ std::vector<uint64_t>((size_t)RULES, 0) };  // ack cycle of the last binding op
	enum asked { NO, YES, UNKNOWN };
	std::vector<asked> asked_of{ std::vector<asked>((size_t)RULES, NO) };

	struct owed {
		uint64_t at;
		bool is_v6;
		std::vector<answer> may;
		unsigned flip = 0;  // asked during this flip: may[0] is the old table's answer, may[1] the new one's
	};
	std::deque<owed> owed_of[2];
	uint64_t counters[RULES][6] = {};  // as sp_state: in accepted, dropped, transformed, out ...
	unsigned send[2] = {}, stall[2] = {};  // keys left to send; one in n cycles the answer is not taken
	unsigned count_one_in = 0;   // 0: no counts
	unsigned aim = 0;            // not 0: keys aim at rank aim - 1 of either bank
	unsigned apart = 0;          // 1: keys aim at one rule each, 2: at the last (the live bank is filled by fill_apart)
	uint64_t lookups_of[2] = {}, last_hits = 0;
	unsigned acquires = 0, hits = 0, unknowns = 0, opaques = 0, hits_v6 = 0, flips = 0, seen_new[2] = {};

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

	answer search(int b, const key &k, int skip, const rule *instead)
	{
		answer a;

		for (int i = 0; i < RULES; i++) {
			const rule *r = &bank[b][i];

			if (i == skip) {
				if (!instead)
					continue;
				r = instead;
			}
			if (!matches(*r, k))
				continue;
			a.hit = true;
			a.ports_unknown = r->wants_ports && !r->opaque && !k.has_ports;
			a.opaque = r->opaque;
			a.action = r->action;
			a.level = r->level;
			a.sp_id = r->sp_id;
			a.reqid = r->reqid;
			break;
		}
		return a;
	}

	std::vector<answer> possible(const key &k)
	{
		std::vector<answer> may{ search(live, k, -1, nullptr) };

		if (now.active && (now.op == SP_PUT || now.op == SP_CLEAR) && (int)now.bank == live) {
			may.push_back(search(live, k, (int)now.idx, nullptr));
			may.push_back(search(live, k, (int)now.idx, &now.to));
		}
		if (now.active && now.op == SP_LIVE)
			may.push_back(search((int)now.bank, k, -1, nullptr));
		return may;
	}

	u128 any128() { return { rnd.next(), rnd.next() }; }
	u128 near(const u128 &prefix, unsigned plen, bool is_v6)
	{
		u128 a = prefix, x = any128();
		unsigned width = is_v6 ? 128 : 32;
		u128 mask;

		for (unsigned n = plen; n < width; n++) {
			unsigned at = width - 1 - n;

			(at >= 64 ? mask.hi : mask.lo) |= 1ull << (at & 63);
		}
		a.hi ^= x.hi & mask.hi;
		a.lo ^= x.lo & mask.lo;
		if (plen && rnd.one_in(12)) {  // one bit inside the prefix wrong, most likely its last
			unsigned at = width - 1 - (rnd.one_in(2) ? plen - 1 : rnd.below(plen));

			(at >= 64 ? a.hi : a.lo) ^= 1ull << (at & 63);
		}
		return a;
	}
	unsigned port_near(unsigned lo, unsigned hi)
	{
		switch (rnd.below(8)) {
		case 0: return lo;
		case 1: return hi;
		case 2: return (lo - 1) & 0xffff;
		case 3: return (hi + 1) & 0xffff;
		case 4: return rnd.below(65536);
		default: return hi >= lo ? lo + rnd.below(hi - lo + 1) : lo;
		}
	}

	rule any_rule(unsigned sp_id)
	{
		rule r;
		unsigned width;

		r.valid = true;
		r.is_v6 = ADDR_BYTES == 16 && rnd.one_in(2);
		width = r.is_v6 ? 128 : 32;
		r.src_plen = rnd.one_in(3) ? rnd.below(width + 1) : rnd.one_in(4) ? width : rnd.below(9);
		r.dst_plen = rnd.one_in(3) ? rnd.below(width + 1) : rnd.one_in(4) ? width : rnd.below(9);
		// few different prefixes, so that rules overlap
		uint64_t pool = 0x0a01ca0000000000u + ((uint64_t)rnd.below(3) << 60) + ((uint64_t)rnd.below(2) << 41);
		r.src = r.is_v6 ? u128{ pool, rnd.next() } : u128{ 0, pool >> 32 | rnd.below(2) };
		pool ^= (uint64_t)rnd.below(2) << 33;
		r.dst = r.is_v6 ? u128{ pool, rnd.next() } : u128{ 0, pool >> 32 };
		r.wants_proto = rnd.one_in(2);
		r.proto = rnd.one_in(2) ? 6 : rnd.one_in(2) ? 17 : rnd.below(256);
		r.wants_ports = rnd.one_in(2);
		r.opaque = rnd.one_in(6);
		r.sport_lo = rnd.one_in(2) ? 0 : rnd.below(65536);
		r.sport_hi = rnd.one_in(2) ? 65535 : rnd.one_in(3) ? r.sport_lo : rnd.below(65536);
		r.dport_lo = rnd.one_in(3) ? 0 : rnd.below(65536);
		r.dport_hi = rnd.one_in(3) ? 65535 : rnd.one_in(3) ? r.dport_lo : rnd.below(65536);
		r.action = rnd.below(3);
		r.level = rnd.below(3);
		r.sp_id = sp_id;
		r.reqid = (uint32_t)rnd.next();
		return r;
	}

	key key_apart(unsigned rank)
	{
		const rule &r = bank[live][rank];
		key k;

		k.is_v6 = r.is_v6;
		k.has_ports = true;
		k.src = r.is_v6 ? any128() : u128{ 0, rnd.next() & 0xffffffff };
		k.dst = r.dst;
		k.proto = rnd.below(256);
		k.sport = rnd.below(65536);
		k.dport = r.wants_ports ? r.dport_lo + rnd.below(r.dport_hi - r.dport_lo + 1) : rnd.below(65536);
		return k;
	}

	key any_key()
	{
		key k;
		if (apart)
			return key_apart(apart == 2 ? RULES - 1 : rnd.below(RULES));
		const rule &r = bank[rnd.one_in(4) ? 1 - live : live][aim ? aim - 1 : rnd.below(RULES)];
		const rule &m = now.active && now.op == SP_PUT && rnd.one_in(2) ? now.to : r;

		k.is_v6 = m.is_v6 != rnd.one_in(30);
		k.has_ports = !rnd.one_in(4);
		k.no_ports = !k.has_ports && !rnd.one_in(3);
		k.src = near(m.src, m.src_plen, k.is_v6);
		k.dst = near(m.dst, m.dst_plen, k.is_v6);
		k.proto = rnd.one_in(10) ? rnd.below(256) : m.wants_proto ? m.proto : rnd.one_in(2) ? 6 : 17;
		k.sport = k.has_ports ? port_near(m.sport_lo, m.sport_hi) : 0;
		k.dport = k.has_ports ? port_near(m.dport_lo, m.dport_hi) : 0;
		if (!k.is_v6) {
			k.src = { 0, k.src.lo & 0xffffffff };
			k.dst = { 0, k.dst.lo & 0xffffffff };
		}
		return k;
	}

	key key_of[2];
	void offer(int p)
	{
		key k = any_key();
		unsigned b = 1u << p;

		key_of[p] = k;
		send[p]--;
		top.key_valid_i |= b;
		top.key_is_v6_i = (uint8_t)((top.key_is_v6_i & ~b) | (k.is_v6 ? b : 0));
		top.key_has_ports_i = (uint8_t)((top.key_has_ports_i & ~b) | (k.has_ports ? b : 0));
		top.key_no_ports_i = (uint8_t)((top.key_no_ports_i & ~b) | (k.no_ports ? b : 0));
		tb::set128(p ? top.key1_src_i : top.key0_src_i, k.src);
		tb::set128(p ? top.key1_dst_i : top.key0_dst_i, k.dst);
		(p ? top.key1_proto_i : top.key0_proto_i) = (uint8_t)k.proto;
		(p ? top.key1_sport_i : top.key0_sport_i) = (uint16_t)k.sport;
		(p ? top.key1_dport_i : top.key0_dport_i) = (uint16_t)k.dport;
	}

	void check(int p)
	{
		answer a;
		bool bound = top.bound_o >> p & 1, acquire = top.acquire_o >> p & 1;
		unsigned slot = p ? top.hit1_slot_o : top.hit0_slot_o;

		a.hit = top.hit_o >> p & 1;
		a.ports_unknown = top.ports_unknown_o >> p & 1;
		a.action = p ? top.hit1_action_o : top.hit0_action_o;
		a.level = p ? top.hit1_level_o : top.hit0_level_o;
		a.sp_id = p ? top.hit1_sp_id_o : top.hit0_sp_id_o;
		a.reqid = p ? top.hit1_reqid_o : top.hit0_reqid_o;
		if (owed_of[p].empty()) {
			t.expect(false, "an answer nobody asked for", a.sp_id, 0);
			return;
		}
		owed o = owed_of[p].front();
		bool is_one = false;

		owed_of[p].pop_front();
		lookups++;
		lookups_of[p]++;
		last_hits += a.sp_id == RULES - 1;
		for (auto &m : o.may) {
			is_one |= m == a;
			opaques += m == a && m.opaque;
		}
		if (o.flip && o.flip == seen_new[p])
			t.expect(a == o.may[1], "the old table after the new one (policy id)", a.sp_id, o.may[1].sp_id);
		if (o.flip && !(a == o.may[0]))
			seen_new[p] = o.flip;
		t.expect(is_one, "answer (policy id)", a.sp_id, o.may[0].sp_id);
		if (!is_one || !a.hit) {
			t.equal("not bound without a hit", a.hit ? 0 : bound || acquire || slot != 0xffff, 0);
			return;
		}
		hits++;
		hits_v6 += o.is_v6;
		unknowns += a.ports_unknown;

		// binding: any that stood between question and answer
		auto &bs = bindings[a.sp_id];
		bool is_bound_ok = false, was_changed = bound_until[a.sp_id] >= o.at;
		for (size_t i = 0; i < bs.size(); i++) {
			bool ended = i + 1 < bs.size() && !(now.active && i + 2 == bs.size() && now.idx == a.sp_id)
			             && bs[i + 1].from + 8 < o.at;

			if (!ended && bs[i].bound == bound && slot == (bound ? bs[i].slot : 0xffff))
				is_bound_ok = true;
		}
		was_changed |= bs.back().from >= o.at || (now.active && (now.op == SP_BIND || now.op == SP_ZERO));
		t.expect(is_bound_ok, "binding", slot, bs.back().slot);
		if (bs.size() > 40)
			bs.erase(bs.begin(), bs.begin() + 20);

		// acquire: once, on the seal port
		bool wants = p == 0 && a.action == ADIT_ACTION_ENCRYPT && a.level != ADIT_LEVEL_USE && !bound && !a.ports_unknown;
		asked &as = asked_of[a.sp_id];
		if (!wants)
			t.equal("acquire without need", acquire, 0);
		else if (was_changed)
			as = acquire ? UNKNOWN : as;
		else {
			if (as != UNKNOWN)
				t.equal("acquire", acquire, as == NO);
			as = YES;
		}
		acquires += acquire;
	}

	void begin(unsigned op, unsigned idx, unsigned ext, const rule *r, unsigned slot)
	{
		uint8_t rec[64] = {};

		now = change();
		now.active = true;
		now.op = op;
		now.bank = ext & 1;
		now.idx = idx;
		flips += op == SP_LIVE;
		if (r) {
			now.to = *r;
			for (int i = 0; i < 16; i++) {
				auto at = [&](const u128 &a) {
					if (r->is_v6)
						return (uint8_t)(i < 8 ? a.hi >> (56 - 8 * i) : a.lo >> (120 - 8 * i));
					return (uint8_t)(i < 4 ? a.lo >> (24 - 8 * i) : 0);
				};
				rec[i] = at(r->src);
				rec[16 + i] = at(r->dst);
			}
			rec[32] = (uint8_t)r->src_plen;
			rec[33] = (uint8_t)r->dst_plen;
			rec[34] = (uint8_t)r->proto;
			rec[35] = (uint8_t)(r->is_v6 | r->wants_proto << 1 | r->wants_ports << 2 | r->opaque << 3);
			const unsigned halves[] = { r->sport_lo, r->sport_hi, r->dport_lo, r->dport_hi };
			for (int i = 0; i < 4; i++) {
				rec[36 + 2 * i] = (uint8_t)halves[i];
				rec[37 + 2 * i] = (uint8_t)(halves[i] >> 8);
			}
			rec[44] = (uint8_t)r->action;
			rec[45] = (uint8_t)r->level;
			rec[46] = (uint8_t)r->sp_id;
			rec[47] = (uint8_t)(r->sp_id >> 8);
			for (int i = 0; i < 4; i++)
				rec[48 + i] = (uint8_t)(r->reqid >> (8 * i));
		}
		if (op == SP_BIND) {
			rec[0] = (uint8_t)slot;
			rec[1] = (uint8_t)(slot >> 8);
		}
		if ((op == SP_BIND || op == SP_ZERO) && idx < RULES) {
			bool is_bind = op == SP_BIND;

			bindings[idx].push_back({ cycles, is_bind && (ext & 1), is_bind ? slot : 0 });
		}
		top.tbl_valid_i = 1;
		top.tbl_op_i = (uint8_t)op;
		top.tbl_idx_i = (uint16_t)idx;
		top.tbl_ext_i = (uint8_t)ext;
		for (int i = 0; i < 16; i++)
			top.tbl_data_i[i] = (uint32_t)rec[4 * i] | (uint32_t)rec[4 * i + 1] << 8 | (uint32_t)rec[4 * i + 2] << 16
			                    | (uint32_t)rec[4 * i + 3] << 24;
		acked = false;
	}

	void finish()
	{
		now.active = false;
		acked = true;
		ack_err = top.tbl_err_o;
		for (int i = 0; i < 16; i++)
			ack_data[i] = top.tbl_data_o[i];
		if (ack_err)
			return;
		if (now.op == SP_PUT)
			bank[now.bank][now.idx] = now.to;
		if (now.op == SP_CLEAR)
			bank[now.bank][now.idx].valid = false;
		if (now.op == SP_LIVE)
			live = (int)now.bank;
		if (now.op == SP_BIND || now.op == SP_ZERO) {
			bound_until[now.idx] = cycles + 9;
			asked_of[now.idx] = owed_of[0].empty() ? NO : UNKNOWN;
		}
	}

	void count()
	{
		for (int p = 0; p < 2; p++) {
			if (!count_one_in || rnd.below(count_one_in)) {
				top.count_valid_i &= (uint8_t)~(1u << p);
				continue;
			}
			unsigned id = rnd.one_in(3) ? (p ? top.count1_sp_id_i : top.count0_sp_id_i)
			              : rnd.one_in(50) ? RULES + rnd.below(9) : rnd.one_in(3) ? rnd.below(RULES) : rnd.below(4);
			unsigned kind = rnd.below(3);

			top.count_valid_i |= (uint8_t)(1u << p);
			(p ? top.count1_sp_id_i : top.count0_sp_id_i) = (uint16_t)id;
			(p ? top.count1_kind_i : top.count0_kind_i) = (uint8_t)kind;
			if (id < RULES)
				counters[id][(p ? 0 : 3) + kind]++;
		}
	}

	void cycle()
	{
		for (int p = 0; p < 2; p++)
			if (!(top.key_valid_i >> p & 1) && send[p])
				offer(p);
		count();
		top.hit_ready_i = 0;
		for (int p = 0; p < 2; p++)
			if (!stall[p] || !rnd.one_in(stall[p]))
				top.hit_ready_i |= (uint8_t)(1u << p);
		top.clk_i = 0;
		top.eval();
		for (int p = 0; p < 2; p++) {
			if (top.hit_valid_o >> p & top.hit_ready_i >> p & 1)
				check(p);
			if (top.key_valid_i >> p & top.key_ready_o >> p & 1)
				owed_of[p].push_back({ cycles, key_of[p].is_v6, possible(key_of[p]), now.active && now.op == SP_LIVE ? flips : 0 });
		}
		unsigned taken = top.key_valid_i & top.key_ready_o;
		bool ack = top.tbl_valid_i && top.tbl_ack_o;
		if (!top.tbl_valid_i)
			t.equal("silence on the table bus", top.tbl_ack_o, 0);
		if (ack) {
			// keys taken in this very cycle sample the table in the next: the new one, or the old while we recorded both
			finish();
		}
		top.clk_i = 1;
		top.eval();
		cycles++;
		top.key_valid_i &= (uint8_t)~taken;
		if (ack)
			top.tbl_valid_i = 0;
	}

	void wait_ack(uint64_t limit = 20000)
	{
		uint64_t end = cycles + limit;

		while (!acked && cycles < end)
			cycle();
		t.equal("acknowledged", acked, 1);
	}
	void drain()
	{
		uint64_t end = cycles + 2000000;

		while ((send[0] || send[1] || top.key_valid_i || !owed_of[0].empty() || !owed_of[1].empty()) && cycles < end)
			cycle();
		t.equal("look-ups lost", owed_of[0].size() + owed_of[1].size(), 0);
	}
	void put(unsigned b, unsigned rank, const rule &r)
	{
		begin(SP_PUT, rank, b, &r, 0);
		wait_ack();
		t.equal("SP_PUT status", ack_err, 0);
	}
	void op(unsigned what, unsigned idx, unsigned ext, unsigned slot, unsigned want_err)
	{
		begin(what, idx, ext, nullptr, slot);
		wait_ack();
		t.equal("status", ack_err, want_err);
	}
	void check_state(unsigned id)
	{
		static const char *const names[] = { "in_accepted", "in_dropped", "in_transformed", "out_accepted", "out_dropped",
			                             "out_transformed" };

		op(SP_GET, id, 0, 0, 0);
		for (int f = 0; f < 6; f++)
			t.equal(names[f], (uint64_t)ack_data[2 * f + 1] << 32 | ack_data[2 * f], counters[id][f]);
		t.equal("bound", ack_data[12] >> 16 & 0xff, bindings[id].back().bound);
		t.equal("sa_slot", ack_data[12] & 0xffff, bindings[id].back().slot);
	}
	// Look-ups of one direction or both for a while, rules being put into the idle bank: how many, of each.
	void rate(const char *what, bool seal, bool open)
	{
		uint64_t from = cycles, before[2] = { lookups_of[0], lookups_of[1] };

		send[0] = seal ? 1u << 30 : 0;
		send[1] = open ? 1u << 30 : 0;
		for (unsigned i = 0; i < 8; i++)
			put(1 - (unsigned)live, rnd.below(RULES), any_rule(rnd.below(RULES)));
		uint64_t took = cycles - from, n[2] = { lookups_of[0] - before[0], lookups_of[1] - before[1] };

		printf("     %s: %" PRIu64 " + %" PRIu64 " look-ups in %" PRIu64 " cycles\n", what, n[0], n[1], took);
		if (stall[1] == 1)
			n[1] = took - n[0], open = false;
		t.expect(n[0] + n[1] + 40 >= took, "look-ups in that many cycles", n[0] + n[1], took);
		for (int p = 0; p < 2; p++)
			if (p ? open : seal)
				t.expect(n[p] + 40 >= took / (seal && open ? 2 : 1), "look-ups of a direction", n[p], took);
		if (stall[1] == 1)
			t.expect(n[0] + 60 >= took, "look-ups of the one that takes its answers", n[0], took);
		send[0] = send[1] = 0;
		if (stall[1] != 1)
			drain();
	}
	// Every rank a rule of its own: a key matches one rule or none.
	rule rule_apart(unsigned rank)
	{
		rule r;

		r.valid = true;
		r.is_v6 = ADDR_BYTES == 16 && rank % 3 == 0;
		r.src_plen = 0;
		r.dst_plen = r.is_v6 ? 128 : 32;
		r.dst = r.is_v6 ? u128{ 0x20010db800000000u + ((uint64_t)rank << 20), rank * 0x9e3779b97f4a7c15u } : u128{ 0, 0x0a000000u + rank * 0x10f7u };
		r.wants_ports = rank % 2;
		r.dport_lo = rank % 1000;
		r.dport_hi = rank % 1000 + rank % 777;
		r.sport_hi = 65535;
		r.action = 1;
		r.sp_id = rank;
		r.reqid = rank * 77;
		return r;
	}
	void fill_apart(unsigned b)
	{
		uint64_t from = cycles;

		for (unsigned i = 0; i < RULES; i++)
			put(b, i, rule_apart(i));
		printf("     %u rules put in %" PRIu64 " cycles, %.1f each\n", (unsigned)RULES, cycles - from, (double)(cycles - from) / RULES);
	}
	void fill(unsigned b)
	{
		for (unsigned i = 0; i < RULES; i++)
			if (!rnd.one_in(8))
				put(b, i, any_rule(rnd.below(RULES)));
			else
				op(SP_CLEAR, i, b, 0, 0);
	}
};

int main(int argc, char **argv)
{
	uint64_t seed = tb::seed_from(argc, argv);
	tb::random rnd(seed);
	tb::tally t;
	auto h = std::make_unique<harness>(rnd, t);

	printf("%d rules a bank, %d address bytes\n", RULES, ADDR_BYTES);

	t.begin("an empty table hits nothing, and reset has zeroed every counter and binding");
	h->send[0] = h->send[1] = 500;
	h->op(SP_LIVE, 0, 0, 0, 0);
	h->drain();
	for (unsigned i = 0; i < RULES; i += 1 + RULES / 64)
		h->check_state(i);
	t.end();

	t.begin("40000 random look-ups with random stalls agree with a linear search");
	h->fill(0);
	for (int i = 0; i < 20; i++) {
		h->stall[0] = rnd.one_in(3) ? 0 : 2 + rnd.below(5);
		h->stall[1] = rnd.one_in(3) ? 0 : 2 + rnd.below(5);
		h->send[0] = h->send[1] = 1000;
		h->drain();
	}
	h->stall[0] = h->stall[1] = 0;
	t.end();

	t.begin("one look-up a cycle, all rules loaded, while the other bank is written: alone each direction has all, together each a half");
	h->rate("seal alone", true, false);
	h->rate("open alone", false, true);
	h->rate("both", true, true);
	h->stall[1] = 1;  // open takes no answers: it holds up itself alone
	h->rate("seal, open not taking its answers", true, true);
	h->stall[1] = 0;
	h->drain();
	t.end();

	t.begin("a rule that matches stands at any rank, the last too: still one look-up a cycle");
	h->fill_apart(1);
	h->op(SP_LIVE, 0, 1, 0, 0);
	h->apart = 1;
	h->rate("any rank", true, true);
	h->drain();
	h->apart = 2;
	h->last_hits = 0;
	h->rate("last rank", true, true);
	h->drain();
	t.expect(h->last_hits > 1000, "hits of the last rule", h->last_hits, 1000);
	h->apart = 0;
	h->op(SP_LIVE, 0, 0, 0, 0);
	t.end();

	t.begin("banks flip between two look-ups, under traffic");
	h->fill(1);
	h->send[0] = h->send[1] = 1u << 30;
	for (int i = 0; i < 200; i++) {
		h->stall[0] = rnd.below(2) * 3;
		h->op(SP_LIVE, 0, (unsigned)i & 1, 0, 0);
		for (unsigned n = rnd.below(30); n; n--)
			h->cycle();
	}
	h->send[0] = h->send[1] = 0;
	h->drain();
	t.end();

	t.begin("the whole table is replaced again and again under look-ups every cycle: each answer is the old table's or the new one's");
	h->stall[0] = h->stall[1] = 0;
	h->send[0] = h->send[1] = 1u << 30;
	uint64_t from = h->cycles, before = h->lookups;
	for (int i = 0; i < 40; i++) {
		unsigned idle = 1 - (unsigned)h->live;

		for (unsigned n = 1 + rnd.below(12); n; n--) {
			unsigned rank = rnd.one_in(2) ? rnd.below(RULES) : rnd.below(8);

			h->aim = rank + 1;  // keys ask for what is being changed, too
			if (rnd.one_in(4))
				h->op(SP_CLEAR, rank, idle, 0, 0);
			else
				h->put(idle, rank, h->any_rule(rnd.below(RULES)));
		}
		h->op(SP_LIVE, 0, idle, 0, 0);
	}
	h->aim = 0;
	uint64_t took = h->cycles - from, done = h->lookups - before;
	t.expect(done + 40 >= took, "look-ups in that many cycles", done, took);
	h->send[0] = h->send[1] = 0;
	h->drain();
	t.end();

	t.begin("a rule of the live bank is replaced or removed at once: no look-up sees half of it");
	h->send[0] = h->send[1] = 1u << 30;
	for (int i = 0; i < 150; i++) {
		unsigned rank = rnd.one_in(2) ? rnd.below(RULES) : rnd.below(8);

		h->aim = rank + 1;
		h->stall[1] = rnd.below(2) * 4;
		if (rnd.one_in(5))
			h->op(SP_CLEAR, rank, (unsigned)h->live, 0, 0);
		else
			h->put((unsigned)h->live, rank, h->any_rule(rnd.below(RULES)));
		for (unsigned n = rnd.below(40); n; n--)
			h->cycle();
		h->send[0] = h->send[1] = rnd.one_in(10) ? 0 : 1u << 30;
	}
	h->aim = 0;
	h->send[0] = h->send[1] = 0;
	h->drain();
	t.end();

	t.begin("a policy without an SA asks for one once, and again after each binding");
	for (int i = 0; i < 1000; i++) {
		h->send[0] = rnd.below(20);
		h->send[1] = rnd.below(5);
		h->stall[0] = rnd.below(3);
		if (h->stall[0] == 1)
			h->stall[0] = 0;
		if (rnd.one_in(2))
			h->drain();
		unsigned id = h->bank[h->live][rnd.below(RULES)].sp_id;
		if (rnd.one_in(5))
			h->op(SP_ZERO, id, 0, 0, 0), memset(h->counters[id], 0, sizeof(h->counters[id]));
		else
			h->op(SP_BIND, id, rnd.below(2), rnd.below(1024), 0);
	}
	h->stall[0] = 0;
	h->drain();
	t.expect(h->acquires > 20, "acquires seen", h->acquires, 20);
	t.end();

	t.begin("six counters a policy, one count a cycle on each port, read exactly while they move");
	h->count_one_in = 1;
	for (int i = 0; i < 4000; i++)
		h->cycle();
	h->count_one_in = 2;
	for (int i = 0; i < 300; i++) {
		unsigned id = rnd.one_in(2) ? rnd.below(4) : rnd.below(RULES);

		if (rnd.one_in(3)) {
			h->count_one_in = 0;
			h->cycle();
			h->op(SP_ZERO, id, 0, 0, 0);
			memset(h->counters[id], 0, sizeof(h->counters[id]));
			h->count_one_in = 1 + rnd.below(3);
		}
		for (unsigned n = rnd.below(20); n; n--)
			h->cycle();
		h->count_one_in = 0;
		h->check_state(id);
		h->count_one_in = 1 + rnd.below(3);
	}
	h->count_one_in = 2;  // a read in the middle of counting is answered
	for (int i = 0; i < 100; i++)
		h->op(SP_GET, rnd.below(RULES), 0, 0, 0);
	h->count_one_in = 0;
	h->cycle();
	for (unsigned i = 0; i < RULES; i++)
		h->check_state(i);
	t.end();

	t.begin("what does not fit is refused and changes nothing");
	rule r = h->any_rule(0);
	h->begin(SP_PUT, RULES, 0, &r, 0);
	h->wait_ack();
	t.equal("rank past the end", h->ack_err, ADIT_STATUS_BAD_FIELD);
	r.sp_id = RULES;
	h->begin(SP_PUT, 0, (unsigned)h->live, &r, 0);
	h->wait_ack();
	t.equal("policy id past the end", h->ack_err, ADIT_STATUS_BAD_FIELD);
	h->op(SP_CLEAR, RULES, 0, 0, ADIT_STATUS_BAD_FIELD);
	h->op(SP_BIND, 0xffff, 1, 3, ADIT_STATUS_BAD_FIELD);
	h->op(SP_GET, RULES + 1, 0, 0, ADIT_STATUS_BAD_FIELD);
	h->op(SP_ZERO, RULES, 0, 0, ADIT_STATUS_BAD_FIELD);
	if (ADDR_BYTES == 4) {
		r.sp_id = 0;
		r.is_v6 = true;
		h->begin(SP_PUT, 0, (unsigned)h->live, &r, 0);
		h->wait_ack();
		t.equal("IPv6 rule", h->ack_err, ADIT_STATUS_UNSUPPORTED);
	}
	h->send[0] = h->send[1] = 2000;
	h->drain();
	t.end();

	t.begin("rules of every kind were hit");
	t.expect(h->unknowns > 1000, "hits with ports unknown", h->unknowns, 1000);
	t.expect(h->opaques > 1000, "hits of opaque rules", h->opaques, 1000);
	t.expect(ADDR_BYTES == 4 || h->hits_v6 > 1000, "hits of IPv6 rules", h->hits_v6, 1000);
	t.end();

	printf("%" PRIu64 " look-ups, %u hits, %u with ports unknown, %u of opaque rules, %u acquires, %" PRIu64 " cycles\n", h->lookups,
	       h->hits, h->unknowns, h->opaques, h->acquires, h->cycles);
	return t.report();
}
