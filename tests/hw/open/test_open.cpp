// SPDX-License-Identifier: BSD-2-Clause-Patent
// The inbound direction against a model of its own (model.cpp): every kind of SA at random, each byte of a packet damaged in turn,
// every reason, random stalls. The test plays sad and spd: what they are asked must be what the law says, in the law's order,
// and what they answer is chosen at random.
//   test_open [seed [frames]]        test_open bench: cycles a packet without stalls
#include "Vtb_open.h"
#include "verilated.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <map>
#include <string>

#include "adit_regs.h"
#include "model.h"
#ifdef STAND_INS
#include "engines.h"
#else
#include <openssl/evp.h>
#include <openssl/md5.h>
#include <openssl/sha.h>
#endif

static std::mt19937_64 rng;
static uint32_t pick(uint32_t n) { return static_cast<uint32_t>(rng() % n); }
static bool chance(uint32_t percent) { return pick(100) < percent; }
static uint8_t any_byte() { return static_cast<uint8_t>(rng()); }
static bytes any_bytes(size_t n)
{
	bytes b(n);

	for (auto &x : b)
		x = any_byte();
	return b;
}

static unsigned n_passed, n_failed;
static void check(bool ok, const std::string &what)
{
	if (ok)
		n_passed++;
	else if (n_failed++ < 12)
		printf("FAILED: %s\n", what.c_str());
}

static std::string hex(const bytes &b, size_t from, size_t n)
{
	std::string s;
	char t[4];
	for (size_t i = from; i < b.size() && i < from + n; i++) {
		snprintf(t, sizeof(t), "%02x ", b[i]);
		s += t;
	}
	return s;
}

// ---------------------------------------------------------------- what the card's tables are asked, and what they say
struct request {
	bool by_slot = false, is_v6 = false;
	unsigned slot = 0, proto = 0;
	uint32_t spi = 0, seq = 0;
	address dst{};
	bool operator==(const request &o) const
	{
		return by_slot ? o.by_slot && slot == o.slot : !o.by_slot && is_v6 == o.is_v6 && proto == o.proto && spi == o.spi &&
							       seq == o.seq && dst == o.dst;
	}
};
struct response {
	bool hit = false, expired = false, replay_ok = true, valid = true;
	const sa *s = nullptr;
	uint64_t seq = 0;
};
struct commit {
	unsigned slot = 0, n_bytes = 0;
	uint64_t seq = 0;
	bool operator==(const commit &o) const { return slot == o.slot && n_bytes == o.n_bytes && seq == o.seq; }
};
struct committed { bool replayed, expired; };
struct selector {
	bool is_v6 = false, has_ports = false, no_ports = false;
	unsigned proto = 0, sport = 0, dport = 0;
	address src{}, dst{};
	bool operator==(const selector &o) const
	{
		return is_v6 == o.is_v6 && has_ports == o.has_ports && no_ports == o.no_ports && proto == o.proto && src == o.src &&
		       dst == o.dst && (!has_ports || (sport == o.sport && dport == o.dport));
	}
};
struct policy { bool hit, ports_unknown; unsigned sp_id, action, level; uint32_t reqid; };

struct outcome {
	unsigned reason = 0, face_out = ADIT_FACE_NONE, slot = 0xffff, sp_id = 0xffff, face_in = 0, frame_bytes = 0;
	uint64_t seq = 0;
	bytes out;
	std::string story;
};
struct count { unsigned id, kind; };			// of a policy
struct mark { unsigned slot; bool bad_icv, replayed; };	// of an SA

struct entering { bytes frame; unsigned face; bool told; unsigned slot, reason; uint64_t seq; };

// ---------------------------------------------------------------- the bench
struct bench {
	Vtb_open dut;
	uint64_t cycle = 0;
	unsigned stall = 20;
	bool nic = false, no_match = false, calm = false;

	std::deque<entering> in;
	size_t in_off = 0;
	bool in_offered = false;
	// what is to be asked: [0] first question of a packet, [1] second (bundle, or inner policy)
	std::deque<std::pair<request, response>> requests[2];
	std::deque<std::pair<commit, committed>> commits[2];
	std::deque<std::pair<selector, policy>> keys[2];
	std::deque<response> responses;
	std::deque<committed> committeds;
	std::deque<policy> hits;
	std::deque<outcome> verdicts, lan, host;
	std::deque<count> counts;
	std::deque<mark> marks;
	bytes lan_got, host_got;
	std::map<unsigned, unsigned> reasons, hash_jobs, hash_want, cipher_jobs, cipher_want;
	unsigned n_left = 0;

	void tick();
	void drive();
	void sample();
	void drain(uint64_t limit);
	void reset();
	void flow(std::deque<outcome> &want, bytes &got, const uint32_t *data, unsigned n, bool last, bool is_host);
	void send(const bytes &frame, unsigned face, std::string story);
	void send_told(const bytes &frame, unsigned slot, unsigned reason, uint64_t seq);
	outcome judge(const bytes &f, unsigned face);
	outcome judge_told(const bytes &f, unsigned slot, unsigned reason, uint64_t seq);
	void give(outcome &o, bool is_local, const bytes &out);
	void clear(outcome &o, const bytes &f, const ip_view &v, bool is_local);
	void inner_policy(outcome &o, const selector &k, uint32_t reqid, bool is_local, const bytes &out);
	void add(outcome o);
};

template <class W> static void put_address(W &w, const address &a, bool is_v6)
{
	for (unsigned i = 0; i < 4; i++)
		w[i] = is_v6 ? get32(&a[12 - 4 * i]) : i == 0 ? get32(&a[0]) : 0;
}
template <class W> static address get_address(const W &w, bool is_v6)
{
	address a{};
	if (!is_v6) {
		put32(&a[0], w[0]);
		return a;
	}
	for (unsigned i = 0; i < 4; i++)
		put32(&a[12 - 4 * i], w[i]);
	return a;
}

static address local4 = {198, 51, 100, 1}, local6 = {0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
static bool is_local_address(const address &a, bool is_v6) { return a == (is_v6 ? local6 : local4); }

static std::vector<sa> sas;		// by slot
static const sa *find_sa(unsigned proto, uint32_t spi, const address &dst, bool is_v6)
{
	for (const sa &s : sas)
		if (s.proto == proto && s.spi == spi && s.dst == dst && s.is_v6 == is_v6)
			return &s;
	return nullptr;
}

void bench::reset()
{
	dut.rst_ni = 0;
	dut.nic_i = nic;
	dut.no_match_i = no_match;
	for (int i = 0; i < 32; i++)
		dut.local_addr_i[i] = 0;
	for (unsigned i = 0; i < 4; i++) {
		dut.local_addr_i[i] = i == 0 ? get32(&local4[0]) : 0;
		dut.local_addr_i[4 * 5 + i] = get32(&local6[12 - 4 * i]);
	}
	dut.local_v4_i = 1;
	dut.local_v6_i = 1 << 5;
	for (int i = 0; i < 8; i++) {
		dut.clk_i = i & 1;
		dut.eval();
	}
	dut.rst_ni = 1;
	dut.clk_i = 0;
	dut.eval();
}

void bench::drive()
{
	if (!in_offered) {
		in_offered = !in.empty() && !chance(stall);
		dut.in_valid_i = in_offered;
		if (in_offered) {
			const entering &e = in.front();
			size_t n = std::min<size_t>(64, e.frame.size() - in_off);
			uint8_t word[64] = {0};
			memcpy(word, &e.frame[in_off], n);
			memcpy(&dut.in_data_i[0], word, 64);
			dut.in_bytes_i = static_cast<uint8_t>(n);
			dut.in_last_i = in_off + n == e.frame.size();
			dut.in_face_i = static_cast<uint8_t>(e.face);
			dut.in_told_i = e.told;
			dut.in_slot_i = static_cast<uint16_t>(e.slot);
			dut.in_seq_i = e.seq;
			dut.in_reason_i = static_cast<uint8_t>(e.reason);
		}
	}
	dut.req_ready_i = !chance(stall);
	dut.commit_ready_i = !chance(stall);
	dut.key_ready_i = !chance(stall);
	dut.lan_ready_i = !chance(stall);
	dut.host_ready_i = !chance(stall);
	dut.verdict_ready_i = !chance(stall);
	if (!dut.rsp_valid_i && !responses.empty() && !chance(stall)) {
		const response &r = responses.front();
		static const sa none;
		const sa &s = r.s ? *r.s : none;
		dut.rsp_valid_i = 1;
		dut.rsp_hit_i = r.hit;
		dut.rsp_expired_i = r.expired;
		dut.rsp_replay_ok_i = r.replay_ok;
		dut.rsp_sa_valid_i = r.valid;
		dut.rsp_sa_dir_i = 1;
		dut.rsp_slot_i = r.hit ? static_cast<uint16_t>(s.slot) : static_cast<uint16_t>(rng());
		dut.rsp_next_slot_i = static_cast<uint16_t>(s.next_slot);
		dut.rsp_seq_i = r.seq;
		dut.rsp_reqid_i = s.reqid;
		dut.rsp_proto_i = static_cast<uint8_t>(s.proto);
		dut.rsp_mode_i = static_cast<uint8_t>(s.mode);
		dut.rsp_enc_i = static_cast<uint8_t>(s.enc);
		dut.rsp_auth_i = static_cast<uint8_t>(s.auth);
		dut.rsp_flags_i = static_cast<uint8_t>(s.flags);
		dut.rsp_icv_bytes_i = static_cast<uint8_t>(s.icv_bytes);
	}
	if (!dut.committed_valid_i && !committeds.empty() && !chance(stall)) {
		dut.committed_valid_i = 1;
		dut.committed_replayed_i = committeds.front().replayed;
		dut.committed_expired_i = committeds.front().expired;
	}
	if (!dut.hit_valid_i && !hits.empty() && !chance(stall)) {
		const policy &p = hits.front();
		dut.hit_valid_i = 1;
		dut.hit_i = p.hit;
		dut.hit_ports_unknown_i = p.ports_unknown;
		dut.hit_sp_id_i = static_cast<uint16_t>(p.sp_id);
		dut.hit_action_i = static_cast<uint8_t>(p.action);
		dut.hit_level_i = static_cast<uint8_t>(p.level);
		dut.hit_reqid_i = p.reqid;
	}
}

void bench::flow(std::deque<outcome> &want, bytes &got, const uint32_t *data, unsigned n, bool last, bool is_host)
{
	const uint8_t *b = reinterpret_cast<const uint8_t *>(data);
	std::string what = is_host ? "host" : "lan";

	got.insert(got.end(), b, b + n);
	for (unsigned i = n; i < 64; i++)
		if (b[i] != 0) {
			check(false, what + ": a byte past the frame's end is not zero");
			break;
		}
	check(last || n == 64, what + ": a short word in the middle");
	if (!last)
		return;
	if (want.empty()) {
		check(false, what + ": a frame that nobody should see: " + hex(got, 0, 40));
	} else {
		const outcome &o = want.front();
		size_t i = 0;
		while (i < got.size() && i < o.out.size() && got[i] == o.out[i])
			i++;
		check(got == o.out, what + ": " + o.story + ": " + std::to_string(got.size()) + " bytes for " + std::to_string(o.out.size()) +
					    ", first differ at " + std::to_string(i) + ": " + hex(got, i, 16) + "for " + hex(o.out, i, 16));
		if (is_host)
			check(dut.host_reason_o == o.reason && dut.host_face_o == o.face_in && dut.host_n_bytes_o == o.out.size() &&
				      dut.host_slot_o == o.slot && dut.host_sp_id_o == o.sp_id && dut.host_seq_o == o.seq,
			      "what goes beside a host frame: " + o.story + ": reason " + std::to_string(dut.host_reason_o) + " slot " +
				      std::to_string(dut.host_slot_o) + "/" + std::to_string(o.slot) + " sp " +
				      std::to_string(dut.host_sp_id_o) + "/" + std::to_string(o.sp_id) + " seq " +
				      std::to_string(dut.host_seq_o) + "/" + std::to_string(o.seq));
		want.pop_front();
	}
	got.clear();
}

template <class Q, class A, class R>
static void asked(Q &want, const A &a, std::deque<R> &answers, const std::string &what)
{
	bool ok = !want.empty() && want.front().first == a;

	check(ok, what);
	answers.push_back(ok ? want.front().second : R());
	if (ok)
		want.pop_front();
}

void bench::sample()
{
	if (in_offered && dut.in_ready_o) {
		in_offered = false;
		in_off += dut.in_bytes_i;
		if (dut.in_last_i) {
			in.pop_front();
			in_off = 0;
		}
	}
	if (dut.rsp_valid_i && dut.rsp_ready_o)
		responses.pop_front();
	if (dut.committed_valid_i && dut.committed_ready_o)
		committeds.pop_front();
	if (dut.hit_valid_i && dut.hit_ready_o)
		hits.pop_front();
	if (dut.req_valid_o && dut.req_ready_i) {
		request r;
		r.by_slot = dut.req_by_slot_o;
		r.slot = dut.req_slot_o;
		r.is_v6 = dut.req_v6_o;
		r.proto = dut.req_proto_o;
		r.spi = dut.req_spi_o;
		r.seq = dut.req_seq_o;
		r.dst = get_address(dut.req_dst_o, r.is_v6);
		asked(requests[dut.req_second_o], r, responses, "sad is asked for SPI " + std::to_string(r.spi) + " number " + std::to_string(r.seq) + " proto " +
						      std::to_string(r.proto) + " by slot " + std::to_string(r.by_slot) + " v6 " +
						      std::to_string(r.is_v6) + ", first to come: " +
						      (requests[0].empty() ? "none" : "SPI " + std::to_string(requests[0].front().first.spi) + " number " +
						       std::to_string(requests[0].front().first.seq)) + "; packet to leave: " +
						      (verdicts.empty() ? "none" : verdicts.front().story));
	}
	if (dut.commit_valid_o && dut.commit_ready_i) {
		commit c;
		c.slot = dut.commit_slot_o;
		c.n_bytes = dut.commit_bytes_o;
		c.seq = dut.commit_seq_o;
		asked(commits[dut.commit_second_o], c, committeds, "commit of slot " + std::to_string(c.slot) + " number " + std::to_string(c.seq) + " bytes " +
						      std::to_string(c.n_bytes) + " (first to come: " +
						      (commits[0].empty() ? "none" : std::to_string(commits[0].front().first.slot) + " " +
						       std::to_string(commits[0].front().first.seq) + " " +
						       std::to_string(commits[0].front().first.n_bytes)) + ")");
	}
	if (dut.key_valid_o && dut.key_ready_i) {
		selector k;
		k.is_v6 = dut.key_v6_o;
		k.has_ports = dut.key_has_ports_o;
		k.no_ports = dut.key_no_ports_o;
		k.proto = dut.key_proto_o;
		k.sport = dut.key_sport_o;
		k.dport = dut.key_dport_o;
		k.src = get_address(dut.key_src_o, k.is_v6);
		k.dst = get_address(dut.key_dst_o, k.is_v6);
		asked(keys[dut.key_second_o], k, hits, "spd is asked for proto " + std::to_string(k.proto) + " ports " + std::to_string(k.has_ports) +
					     std::to_string(k.no_ports) + " " + std::to_string(k.sport) + " " + std::to_string(k.dport) + " v6 " +
					     std::to_string(k.is_v6));
	}
	if (dut.lan_valid_o && dut.lan_ready_i)
		flow(lan, lan_got, &dut.lan_data_o[0], dut.lan_bytes_o, dut.lan_last_o, false);
	if (dut.host_valid_o && dut.host_ready_i)
		flow(host, host_got, &dut.host_data_o[0], dut.host_bytes_o, dut.host_last_o, true);
	if (dut.sp_count_o) {
		bool ok = !counts.empty() && counts.front().id == dut.sp_count_id_o && counts.front().kind == dut.sp_count_kind_o;
		check(ok, "a policy's count: " + std::to_string(dut.sp_count_id_o) + " kind " + std::to_string(dut.sp_count_kind_o));
		if (!counts.empty())
			counts.pop_front();
	}
	if (dut.sa_count_o) {
		bool ok = !marks.empty() && marks.front().slot == dut.sa_count_slot_o && marks.front().bad_icv == dut.sa_count_bad_o &&
			  marks.front().replayed == dut.sa_count_replayed_o;
		check(ok, "an SA's count: slot " + std::to_string(dut.sa_count_slot_o) + " bad " + std::to_string(dut.sa_count_bad_o) +
				  " replayed " + std::to_string(dut.sa_count_replayed_o));
		if (!marks.empty())
			marks.pop_front();
	}
	if (dut.hashes_o)
		hash_jobs[dut.hash_slot_o]++;
	if (dut.ciphers_o && !dut.cipher_copies_o)
		cipher_jobs[dut.cipher_slot_o]++;
	if (dut.verdict_valid_o && dut.verdict_ready_i) {
		if (verdicts.empty()) {
			check(false, "a verdict for no frame");
		} else {
			const outcome &o = verdicts.front();
			check(o.reason == dut.verdict_reason_o && o.face_out == dut.verdict_out_o && o.face_in == dut.verdict_in_o &&
				      o.slot == dut.verdict_slot_o && o.sp_id == dut.verdict_sp_id_o && o.frame_bytes == dut.verdict_bytes_o,
			      o.story + ": reason " + std::to_string(dut.verdict_reason_o) + " face " + std::to_string(dut.verdict_out_o) +
				      " slot " + std::to_string(dut.verdict_slot_o) + " sp " + std::to_string(dut.verdict_sp_id_o) +
				      " bytes " + std::to_string(dut.verdict_bytes_o) + " for reason " + std::to_string(o.reason) + " face " +
				      std::to_string(o.face_out) + " slot " + std::to_string(o.slot) + " sp " + std::to_string(o.sp_id) +
				      " bytes " + std::to_string(o.frame_bytes));
			verdicts.pop_front();
		}
		reasons[dut.verdict_reason_o]++;
		n_left++;
	}
}

void bench::tick()
{
	dut.clk_i = 0;
	drive();
	dut.eval();
	bool rsp = dut.rsp_valid_i && dut.rsp_ready_o, com = dut.committed_valid_i && dut.committed_ready_o,
	     hit = dut.hit_valid_i && dut.hit_ready_o;
	sample();
	dut.clk_i = 1;
	dut.eval();
	if (rsp)
		dut.rsp_valid_i = 0;
	if (com)
		dut.committed_valid_i = 0;
	if (hit)
		dut.hit_valid_i = 0;
	cycle++;
}

void bench::drain(uint64_t limit)
{
	uint64_t end = cycle + limit;

	while (cycle < end && !(in.empty() && verdicts.empty() && lan.empty() && host.empty() && !dut.busy_o))
		tick();
	check(cycle < end, "everything leaves: " + std::to_string(in.size()) + " in, " + std::to_string(verdicts.size()) + " verdicts, " +
				   std::to_string(lan.size()) + " lan, " + std::to_string(host.size()) + " host, busy " +
				   std::to_string(dut.busy_o) + "; next: " + (verdicts.empty() ? "" : verdicts.front().story));
	check(counts.empty() && marks.empty(), "all is counted");
	for (unsigned i = 0; i < 2; i++)
		check(requests[i].empty() && commits[i].empty() && keys[i].empty(), "all is asked");
	check(hash_jobs == hash_want, "as many hashes as there are layers to be judged");
	check(cipher_jobs == cipher_want, "nothing is deciphered before its hashes held");
	if (cycle >= end)
		exit(1);
}

// ---------------------------------------------------------------- the law
static selector selector_of(const ip_view &v)	// rules stand in the outbound sense
{
	selector k;

	k.is_v6 = v.is_v6;
	k.has_ports = v.has_ports;
	k.no_ports = v.no_ports;
	k.proto = v.proto;
	k.src = v.dst;
	k.dst = v.src;
	k.sport = v.is_icmp() ? v.sport : v.dport;
	k.dport = v.is_icmp() ? v.dport : v.sport;
	return k;
}

void bench::give(outcome &o, bool is_local, const bytes &out)
{
	o.out = out;
	o.reason = is_local ? ADIT_REASON_HostLocal : nic ? ADIT_REASON_HostNic : ADIT_REASON_NONE;
	o.face_out = is_local || nic ? ADIT_FACE_HOST : ADIT_FACE_LAN;
}

void bench::clear(outcome &o, const bytes &f, const ip_view &v, bool is_local)
{
	policy p{!chance(10), chance(5), pick(50), pick(3), pick(3), static_cast<uint32_t>(rng())};

	keys[0].push_back({selector_of(v), p});
	give(o, is_local, f);
	bool drop = true;
	if (p.hit)
		o.sp_id = p.sp_id;
	if (!p.hit && no_match)
		drop = false;
	else if (!p.hit)
		o.reason = ADIT_REASON_XfrmInNoPols;
	else if (p.ports_unknown)
		o.reason = ADIT_REASON_XfrmInTmplMismatch;
	else if (p.action == ADIT_ACTION_NONE || (p.action == ADIT_ACTION_ENCRYPT && p.level == ADIT_LEVEL_USE))
		drop = false;
	else
		o.reason = p.action == ADIT_ACTION_DISCARD ? ADIT_REASON_XfrmInPolBlock : ADIT_REASON_XfrmInTmplMismatch;
	if (drop)
		o.face_out = ADIT_FACE_NONE;
	if (p.hit)
		counts.push_back({p.sp_id, drop ? 1u : 0u});
}

void bench::inner_policy(outcome &o, const selector &k, uint32_t reqid, bool is_local, const bytes &out)
{
	policy p{!chance(4), chance(5), pick(50), chance(95) ? unsigned{ADIT_ACTION_ENCRYPT} : pick(3), pick(3),
		 chance(95) ? reqid : static_cast<uint32_t>(rng())};
	bool ok = p.hit && p.action == ADIT_ACTION_ENCRYPT && p.reqid == reqid;

	if (calm)
		p.hit = ok = true, p.action = ADIT_ACTION_ENCRYPT, p.reqid = reqid;
	keys[1].push_back({k, p});
	if (p.hit) {
		o.sp_id = p.sp_id;
		counts.push_back({p.sp_id, ok ? 2u : 1u});
	}
	if (ok)
		give(o, is_local, out);
	else
		o.reason = p.hit ? ADIT_REASON_XfrmInTmplMismatch : ADIT_REASON_XfrmInNoPols;
}

outcome bench::judge_told(const bytes &f, unsigned slot, unsigned reason, uint64_t seq)
{
	outcome o;
	response r;
	ip_view v = read_ip(&f[14], f.size() - 14, f[12] == 0x86, 128 - 14, is_local_address);
	request q;

	if (v.reason) {
		o.reason = v.reason;
		return o;
	}
	q.by_slot = true;
	q.slot = slot;
	r.hit = slot < sas.size();
	r.s = r.hit ? &sas[slot] : nullptr;
	r.expired = chance(10);
	r.replay_ok = chance(50);	// says nothing here
	requests[0].push_back({q, r});
	if (!r.hit) {
		o.reason = ADIT_REASON_XfrmInNoStates;
		return o;
	}
	o.slot = slot;
	if (reason) {
		o.reason = reason;
		if (reason == ADIT_REASON_XfrmInStateProtoError)
			marks.push_back({slot, true, false});
		return o;
	}
	if (r.expired) {
		o.reason = ADIT_REASON_XfrmInStateExpired;
		return o;
	}
	committed c{chance(10), chance(5)};
	commits[0].push_back({{slot, v.total, seq}, c});
	if (c.expired || c.replayed) {
		o.reason = c.expired ? ADIT_REASON_XfrmInStateExpired : ADIT_REASON_XfrmInStateSeqError;
		if (!c.expired)
			marks.push_back({slot, false, true});
		return o;
	}
	inner_policy(o, selector_of(v), r.s->reqid, is_local_address(v.dst, v.is_v6), f);
	return o;
}

// What an SA is asked before its packet is opened; 0 if it may be.
static unsigned layer_reason(const response &r, bool is_natt, size_t n, unsigned ah_bytes)
{
	const sa &s = *r.s;
	size_t around = 8 + s.iv_bytes() + (s.has_auth() ? s.icv_bytes : 0);

	if (!r.valid)
		return ADIT_REASON_XfrmInStateInvalid;
	if (s.natt() != is_natt)
		return ADIT_REASON_XfrmInStateMismatch;
	if (r.expired)
		return ADIT_REASON_XfrmInStateExpired;
	if (!r.replay_ok)
		return ADIT_REASON_XfrmInStateSeqError;
	if (s.proto == 51)
		return ah_bytes == (12 + s.icv_bytes + 3) / 4 * 4 || ah_bytes == (12 + s.icv_bytes + 7) / 8 * 8 ? 0 : ADIT_REASON_XfrmInHdrError;
	return n >= around + s.block_bytes() && (n - around) % s.block_bytes() == 0 ? 0 : ADIT_REASON_XfrmInHdrError;
}

outcome bench::judge(const bytes &f, unsigned face)
{
	outcome o;
	unsigned l3 = 14;

	while (l3 < 22 && (get16(&f[l3 - 2]) == 0x8100 || get16(&f[l3 - 2]) == 0x88a8))
		l3 += 4;
	unsigned type = get16(&f[l3 - 2]);
	if (type == 0x0806) {
		if (memcmp(&f[l3 + 24], &local4[0], 4) == 0) {
			o.reason = ADIT_REASON_HostArp;
			o.face_out = ADIT_FACE_HOST;
			o.out = f;
		} else {
			give(o, false, f);
		}
		return o;
	}
	if (type != 0x0800 && type != 0x86dd) {
		o.reason = ADIT_REASON_RxNotIp;
		return o;
	}
	const uint8_t *ip = &f[l3];
	ip_view v = read_ip(ip, f.size() - l3, type == 0x86dd, 128 - l3, is_local_address);
	if (v.reason) {
		o.reason = v.reason;
		return o;
	}
	const uint8_t *l4 = ip + v.l4;
	size_t l4_bytes = v.total - v.l4;
	bool is_local = is_local_address(v.dst, v.is_v6);
	auto to_host = [&](unsigned reason) {
		o.reason = reason;
		o.face_out = ADIT_FACE_HOST;
		o.out = f;
	};

	if (v.is_v6 && v.proto == 58 && v.has_ports && v.ttl == 255 && v.sport >= 133 && v.sport <= 137) {	// RFC 4861
		address target{};
		if (v.sport == 135 && l4_bytes >= 24)
			memcpy(target.data(), l4 + 8, 16);
		if (v.sport == 135 ? target == local6 : is_local)
			to_host(ADIT_REASON_HostNd);
		else
			give(o, false, f);
		return o;
	}
	bool is_4500 = v.proto == 17 && v.has_ports && !v.is_frag && v.dport == 4500 && is_local;
	bool is_natt = is_4500 && l4_bytes >= 12 && get32(l4 + 8) != 0, is_ipsec = v.proto == 50 || v.proto == 51 || is_natt;
	if (is_4500 && l4_bytes == 9 && l4[8] == 0xff) {
		o.reason = ADIT_REASON_InKeepalive;
		return o;
	}
	if (v.is_frag && is_local && (is_ipsec || v.proto == 17)) {
		if (face == ADIT_FACE_HOST)
			o.reason = ADIT_REASON_InFragment;
		else
			to_host(ADIT_REASON_HostFragment);
		return o;
	}

	// ---- IPsec
	size_t sec = v.l4 + (is_natt ? 8 : 0), n = v.total - sec;
	const uint8_t *h = ip + sec;
	unsigned ah_bytes = 0, first_proto = v.proto == 51 ? 51 : 50;
	bool is_whole = is_ipsec && !v.is_later && n >= 8;
	if (is_ipsec && v.proto == 51) {
		ah_bytes = is_whole ? (h[1] + 2u) * 4 : 0;
		is_whole = is_whole && ah_bytes >= 12 && ah_bytes <= 60 && n >= ah_bytes;
	}
	if (is_ipsec && is_local && !is_whole) {
		o.reason = ADIT_REASON_XfrmInHdrError;
		return o;
	}
	if (is_ipsec && is_whole && !v.is_frag) {
		request q[2];
		response r[2];
		unsigned layers = 1, in = 0;
		auto ask = [&](unsigned i, unsigned proto, const uint8_t *spi, const uint8_t *seq) {
			q[i].is_v6 = v.is_v6;
			q[i].proto = proto;
			q[i].dst = v.dst;
			q[i].spi = spi ? get32(spi) : 0;
			q[i].seq = seq ? get32(seq) : 0;
			r[i].s = find_sa(proto, q[i].spi, v.dst, v.is_v6);
			r[i].hit = r[i].s != nullptr;
			r[i].expired = !calm && chance(2);
			r[i].replay_ok = calm || !chance(3);
			r[i].valid = calm || !chance(1);
			r[i].seq = r[i].hit ? r[i].s->number(q[i].seq) : rng();
			requests[i].push_back({q[i], r[i]});
		};
		ask(0, first_proto, h + (v.proto == 51 ? 4 : 0), h + (v.proto == 51 ? 8 : 4));
		if (!r[0].hit) {
			if (is_local)
				o.reason = ADIT_REASON_XfrmInNoStates;
			else
				clear(o, f, v, false);
			return o;
		}
		o.slot = r[0].s->slot;
		o.reason = layer_reason(r[0], is_natt, n, ah_bytes);
		if (!o.reason && v.proto == 51 && r[0].s->mode == ADIT_MODE_TRANSPORT && h[0] == 50 && is_local) {
			bool has_esp = n >= ah_bytes + 8;
			ask(1, 50, has_esp ? h + ah_bytes : nullptr, has_esp ? h + ah_bytes + 4 : nullptr);
			if (!r[1].hit) {
				o.reason = ADIT_REASON_XfrmInNoStates;
				return o;
			}
			layers = 2;
			in = 1;
			o.slot = r[1].s->slot;
			o.reason = layer_reason(r[1], false, n - ah_bytes, 0);
		}
		if (o.reason) {
			if (o.reason == ADIT_REASON_XfrmInStateSeqError)
				marks.push_back({o.slot, false, true});
			return o;
		}
		const sa &s = *r[in].s, &outer = *r[0].s;
		if (s.next_slot != (layers == 2 ? outer.slot : 0xffff)) {
			o.reason = ADIT_REASON_XfrmInTmplMismatch;
			return o;
		}
		if (outer.flags & 0x80 || s.flags & 0x80 || (v.proto == 51 && v.has_ext)) {
			if (layers == 2) {
				o.reason = ADIT_REASON_XfrmInStateModeError;
			} else {
				to_host(ADIT_REASON_HostSlowOpen);
				o.seq = r[0].seq;
			}
			return o;
		}
		// hashes, outermost first; then the cipher
		bytes text;
		bool holds = true;
		unsigned next = 0;
		if (v.proto == 51) {
			bytes whole(ip, ip + v.total);
			hash_want[outer.slot]++;
			holds = memcmp(ah_icv(outer, whole, v.l4, r[0].seq).data(), h + 12, outer.icv_bytes) == 0;
			if (!holds)
				marks.push_back({outer.slot, true, false});
			text.assign(h + ah_bytes, h + n);
			next = h[0];
		}
		if (holds && s.proto == 50) {
			if (s.has_auth())
				hash_want[s.slot]++;
			holds = esp_open(s, h + ah_bytes, n - ah_bytes, r[in].seq, text);
			if ((holds || s.is_gcm() || s.is_gmac()) && s.iv_bytes() != 0)
				cipher_want[s.slot]++;
			if (!holds)
				marks.push_back({s.slot, true, false});
		}
		if (!holds) {
			o.reason = ADIT_REASON_XfrmInStateProtoError;
			return o;
		}
		// inside
		unsigned bad = 0;
		bool is_tunnel = s.mode == ADIT_MODE_TUNNEL, to_local = false;
		bytes out(f.begin(), f.begin() + l3);
		ip_view inside;
		selector key;
		if (s.proto == 50) {
			unsigned pad = text[text.size() - 2];
			next = text[text.size() - 1];
			if (pad + 2 > text.size())
				bad = ADIT_REASON_InPadding;
			for (unsigned i = 0; !bad && i < pad; i++)
				if (text[text.size() - 2 - pad + i] != i + 1)
					bad = ADIT_REASON_InPadding;
			if (!bad)
				text.resize(text.size() - 2 - pad);
		}
		if (!bad && next == 59)
			bad = ADIT_REASON_InDummy;
		if (!bad && is_tunnel) {
			if (next != 4 && next != 41) {
				bad = ADIT_REASON_InNextHeader;
			} else {
				text.reserve(1);
				inside = read_ip(text.data(), text.size(), next == 41, 112, nullptr);
				bad = inside.reason;
				unsigned ecn = inside.tos & 3, outer_ecn = v.tos & 3, now = ecn;
				if (!bad && outer_ecn == 3 && ecn == 0)
					bad = ADIT_REASON_InEcn;
				if (!bad) {	// RFC 6040 §4.2
					if (outer_ecn == 3 && ecn != 0)
						now = 3;
					if (outer_ecn == 1 && ecn == 2)
						now = 1;
					text.resize(inside.total);
					if (inside.is_v6) {
						text[1] = static_cast<uint8_t>((text[1] & 0xcf) | now << 4);
					} else if (now != ecn) {
						text[1] = static_cast<uint8_t>((text[1] & 0xfc) | now);
						uint32_t sum = 0xffffu - get16(&text[10]);	// RFC 1624
						sum += 0xffffu - (get16(&text[0]) & 0xff00u) - ((text[1] & 0xfcu) | ecn);
						sum += get16(&text[0]);
						while (sum >> 16)
							sum = (sum & 0xffff) + (sum >> 16);
						put16(&text[10], ~sum & 0xffff);
					}
					put16(&out[l3 - 2], inside.is_v6 ? 0x86dd : 0x0800);
					out.insert(out.end(), text.begin(), text.end());
					key = selector_of(inside);
					to_local = is_local_address(inside.dst, inside.is_v6);
				}
			}
		} else if (!bad) {
			inside = v;
			inside.proto = next;
			inside.l4 = 0;
			inside.has_ports = inside.no_ports = inside.is_later = false;
			if (v.is_v6 && !walk_ext(inside, text.data(), text.size()))
				bad = ADIT_REASON_RxExtHeaders;
			else {
				read_ports(inside, text.data() + inside.l4, text.size() - inside.l4);
				size_t look = inside.has_ports ? (inside.is_icmp() ? 2 : inside.proto == 17 && inside.dport == 4500 ? 16 : 4) :
					      inside.proto == 50 && !inside.is_later ? 8 : inside.no_ports && !inside.is_later ? 4 : 0;
				if (inside.proto == 51 && !inside.is_later && text.size() - inside.l4 >= 2)
					look = std::min<size_t>((text[inside.l4 + 1] + size_t{2}) * 4, 48) + (text[inside.l4] == 50 ? 8 : 0);
				if (inside.l4 + std::min(look, text.size() - inside.l4) > 112)
					bad = ADIT_REASON_RxExtHeaders;
				key = selector_of(inside);
				to_local = is_local;
				out.insert(out.end(), ip, ip + v.l4);
				out.insert(out.end(), text.begin(), text.end());
				out[l3 + v.nh_off] = static_cast<uint8_t>(next);
				put16(&out[l3 + (v.is_v6 ? 4 : 2)], static_cast<unsigned>(out.size() - l3 - (v.is_v6 ? 40 : 0)));
				if (!v.is_v6)
					set_checksum(&out[l3]);
			}
		}
		// commits, outermost first; what they refuse wins over what is wrong inside
		for (unsigned i = 0; i < layers; i++) {
			committed c{!calm && chance(3), !calm && chance(1)};
			commits[i].push_back({{r[i].s->slot, bad ? 0u : static_cast<unsigned>(out.size() - l3), r[i].seq}, c});
			if (c.expired || c.replayed) {
				o.reason = c.expired ? ADIT_REASON_XfrmInStateExpired : ADIT_REASON_XfrmInStateSeqError;
				if (!c.expired)
					marks.push_back({r[i].s->slot, false, true});
				if (!c.expired && i + 1 < layers)
					o.slot = r[i].s->slot;	// as if it had been refused before
				return o;
			}
		}
		if (bad) {
			o.reason = bad;
			return o;
		}
		inner_policy(o, key, s.reqid, to_local, out);
		return o;
	}
	if (v.proto == 17 && v.has_ports && !v.is_frag && is_local && (v.dport == 500 || v.dport == 4500))
		to_host(ADIT_REASON_HostIke);
	else
		clear(o, f, v, is_local);
	return o;
}

void bench::add(outcome o)
{
	verdicts.push_back(o);
	if (o.face_out == ADIT_FACE_HOST)
		host.push_back(o);
	else if (o.face_out != ADIT_FACE_NONE)
		lan.push_back(o);
}

void bench::send(const bytes &frame, unsigned face, std::string story)
{
	outcome o = judge(frame, face);

	o.face_in = face;
	o.frame_bytes = static_cast<unsigned>(frame.size());
	if (o.face_out == ADIT_FACE_NONE)
		o.out.clear();
	o.story = story;
	if (o.story == "clear")
		o.story += " " + hex(frame, 12, 90);
	in.push_back({frame, face, false, pick(65536), pick(256), rng()});
	add(o);
	while (in.size() > 30)
		tick();
}

void bench::send_told(const bytes &frame, unsigned slot, unsigned reason, uint64_t seq)
{
	outcome o = judge_told(frame, slot, reason, seq);

	o.face_in = ADIT_FACE_HOST;
	o.frame_bytes = static_cast<unsigned>(frame.size());
	o.story = "told";
	in.push_back({frame, ADIT_FACE_HOST, true, slot, reason, seq});
	add(o);
	while (in.size() > 30)
		tick();
}

// ---------------------------------------------------------------- SAs
enum { N_SLOTS = 64, FIRST_BUNDLE = 44 };

static void random_auth(sa &s, bool is_ah)
{
	static const unsigned icv[] = {0, 12, 12, 16, 24, 32, 16, 16, 16}, key[] = {0, 16, 20, 32, 48, 64};

	s.auth = is_ah ? 1 + pick(5) : s.enc == ADIT_ENC_NULL ? 1 + pick(8) : pick(6);
	s.icv_bytes = icv[s.auth];
	if (s.is_gmac())
		s.enc_key = any_bytes(16 + 8 * (s.auth - ADIT_AUTH_AES_GMAC_128));
	else if (s.auth)
		s.auth_key = any_bytes(key[s.auth]);
}

static sa random_sa(unsigned slot, unsigned proto)
{
	sa s;
	static const unsigned gcm_icv[] = {8, 12, 16};

	s.slot = slot;
	s.spi = 0x100 + static_cast<unsigned>(rng() & 0x7fffff00) + slot;
	s.proto = proto;
	s.mode = pick(2);
	s.reqid = static_cast<uint32_t>(rng());
	s.seq_hi = static_cast<uint32_t>(rng());
	s.is_v6 = pick(2);
	s.flags = pick(2) | (s.is_v6 ? 2 : 0) | (proto == 50 && chance(30) ? 4 : 0) | (chance(3) ? 0x80 : 0);
	for (unsigned i = 0; i < (s.is_v6 ? 16u : 4u); i++)
		s.src[i] = any_byte();
	s.dst = s.is_v6 ? local6 : local4;
	if (!s.natt() && chance(6))	// somebody else's, on its way
		s.dst[3] ^= 0x20;
	for (auto &x : s.salt)
		x = any_byte();
	if (proto == 50) {
		s.enc = pick(12);
		if (s.enc >= ADIT_ENC_AES_CBC_128 && s.enc <= ADIT_ENC_AES_GCM_256)
			s.enc_key = any_bytes(16 + 8 * ((s.enc - 1) % 3));
		else if (s.enc == ADIT_ENC_DES_CBC)
			s.enc_key = any_bytes(8);
		else if (s.enc == ADIT_ENC_DES3_CBC)
			s.enc_key = any_bytes(24);
		if (s.is_gcm())
			s.icv_bytes = gcm_icv[pick(3)];
		else
			random_auth(s, false);
	} else {
		random_auth(s, true);
	}
	if (!s.has_auth())
		s.flags &= ~1u;	// ESN needs an ICV
	return s;
}

#ifdef STAND_INS
static void engine_load(bench &, const sa &s)
{
	engine_keys k;

	k.auth = s.auth;
	k.enc_key = s.enc_key;
	k.auth_key = s.auth_key;
	memcpy(k.salt, s.salt, 4);
	engine_set_keys(1, s.slot, k);
}
#else
static void table(bench &b, unsigned op, unsigned slot, unsigned code, const uint8_t line[64])
{
	b.dut.tbl_valid_i = 1;
	b.dut.tbl_op_i = static_cast<uint8_t>(op);
	b.dut.tbl_idx_i = static_cast<uint16_t>(slot);
	b.dut.tbl_ext_i = 1;	// inbound
	b.dut.tbl_code_i = static_cast<uint8_t>(code);
	memcpy(&b.dut.tbl_data_i[0], line, 64);
	for (unsigned i = 0, done = 0; !done; i++) {
		b.dut.clk_i = 0;
		b.dut.eval();
		done = b.dut.tbl_ack_o;
		b.dut.clk_i = 1;
		b.dut.eval();
		if (i > 200000) {
			printf("FAILED: table op %u has no answer\n", op);
			exit(1);
		}
	}
	b.dut.tbl_valid_i = 0;
	b.tick();
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
// The hash's state after key XOR pad (RFC 2104), in digest byte order.
static void hash_state(const sa &s, uint8_t pad, uint8_t out[64])
{
	unsigned block = s.auth <= ADIT_AUTH_HMAC_SHA256_128 ? 64 : 128;
	bytes k(block, pad);

	for (size_t i = 0; i < s.auth_key.size(); i++)
		k[i] ^= s.auth_key[i];
	memset(out, 0, 64);
	switch (s.auth) {
	case ADIT_AUTH_HMAC_MD5_96: {
		MD5_CTX c;
		MD5_Init(&c);
		MD5_Update(&c, k.data(), block);
		const uint32_t h[] = {c.A, c.B, c.C, c.D};
		memcpy(out, h, 16);
		break;
	}
	case ADIT_AUTH_HMAC_SHA1_96: {
		SHA_CTX c;
		SHA1_Init(&c);
		SHA1_Update(&c, k.data(), block);
		const uint32_t h[] = {c.h0, c.h1, c.h2, c.h3, c.h4};
		for (unsigned i = 0; i < 5; i++)
			put32(out + 4 * i, h[i]);
		break;
	}
	case ADIT_AUTH_HMAC_SHA256_128: {
		SHA256_CTX c;
		SHA256_Init(&c);
		SHA256_Update(&c, k.data(), block);
		for (unsigned i = 0; i < 8; i++)
			put32(out + 4 * i, c.h[i]);
		break;
	}
	default: {
		SHA512_CTX c;
		if (s.auth == ADIT_AUTH_HMAC_SHA384_192)
			SHA384_Init(&c);
		else
			SHA512_Init(&c);
		SHA512_Update(&c, k.data(), block);
		for (unsigned i = 0; i < 8; i++) {
			put32(out + 8 * i, static_cast<uint32_t>(c.h[i] >> 32));
			put32(out + 8 * i + 4, static_cast<uint32_t>(c.h[i]));
		}
	}
	}
}
#pragma GCC diagnostic pop

static void engine_load(bench &b, const sa &s)
{
	enum { OP_SA_KEY = 4, OP_SA_INNER, OP_SA_OUTER, HASH_GCM = 4, HASH_GMAC, HASH_SHA384 };
	static const unsigned kinds[] = {0, 0, 1, 2, HASH_SHA384, 3};
	uint8_t line[64] = {0};

	if (!s.enc_key.empty()) {
		memcpy(line, s.enc_key.data(), s.enc_key.size());
		memcpy(line + 32, s.salt, 4);
		table(b, OP_SA_KEY, s.slot, s.is_gmac() ? ADIT_ENC_AES_GCM_128 + s.auth - ADIT_AUTH_AES_GMAC_128 : s.enc, line);
	}
	memset(line, 0, 64);
	if (s.is_gcm() || s.is_gmac()) {
		EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
		uint8_t h[16] = {0};
		int n = 0;
		size_t k = s.enc_key.size();
		EVP_EncryptInit_ex(c, k == 16 ? EVP_aes_128_ecb() : k == 24 ? EVP_aes_192_ecb() : EVP_aes_256_ecb(), nullptr, s.enc_key.data(),
				   nullptr);
		EVP_EncryptUpdate(c, h, &n, h, 16);
		EVP_CIPHER_CTX_free(c);
		memcpy(line, h, 16);
		table(b, OP_SA_INNER, s.slot, s.is_gcm() ? HASH_GCM : HASH_GMAC, line);
	} else if (s.auth) {
		hash_state(s, 0x36, line);
		table(b, OP_SA_INNER, s.slot, kinds[s.auth], line);
		hash_state(s, 0x5c, line);
		table(b, OP_SA_OUTER, s.slot, kinds[s.auth], line);
	}
}
#endif

static void random_sas(bench &b)
{
	sas.clear();
	for (unsigned i = 0; i < N_SLOTS; i++) {
		bool is_ah = i < FIRST_BUNDLE ? i % 4 == 3 : i % 2 == 1;
		sa s = random_sa(i, is_ah ? 51 : 50);
		if (i >= FIRST_BUNDLE) {	// ESP, then the AH around it
			s.flags &= ~4u;
			if (is_ah) {
				const sa &esp = sas.back();
				s.mode = ADIT_MODE_TRANSPORT;
				s.flags = (s.flags & ~2u) | (esp.flags & 2);
				s.is_v6 = esp.is_v6;
				s.src = esp.src;
				s.dst = esp.dst;
			} else {
				s.next_slot = chance(92) ? i + 1 : i + 3;
				s.dst = s.is_v6 ? local6 : local4;
			}
		} else if (chance(5)) {
			s.next_slot = 45;
		}
		sas.push_back(s);
	}
	for (const sa &s : sas)
		engine_load(b, s);
}

// ---------------------------------------------------------------- frames
static uint8_t random_ext_type() { return std::array<uint8_t, 3>{0, 43, 60}[pick(3)]; }

static void random_l4(bytes &p, unsigned proto)
{
	static const unsigned ports[] = {500, 4500, 80, 1000};
	if (p.size() >= 4 && proto != 1 && proto != 58 && chance(30))
		put16(&p[2], ports[pick(4)]);
	if (p.size() >= 2 && proto == 51)
		p[1] = static_cast<uint8_t>(1 + pick(10));
}

// A chain of extension headers in front of payload; next becomes the first one's type.
static void add_ext(bytes &payload, unsigned &next, unsigned n, bool may_fragment, unsigned most_bytes)
{
	for (unsigned i = 0; i < n; i++) {
		bool is_fragment = may_fragment && chance(20);
		bytes ext = any_bytes(is_fragment || chance(80) ? 8 : 8 + 8 * pick(most_bytes / 8));
		ext[0] = static_cast<uint8_t>(next);
		if (is_fragment) {
			if (chance(40) || (most_bytes == 8 && next != 6 && next != 17))	// parse takes none that hides its protocol
				put16(&ext[2], 0);
			else if (chance(50))
				put16(&ext[2], 1);
		} else {
			ext[1] = static_cast<uint8_t>(ext.size() / 8 - 1);
			if (most_bytes > 8 && chance(3))
				ext[1] = any_byte();
		}
		next = is_fragment ? 44 : random_ext_type();
		payload.insert(payload.begin(), ext.begin(), ext.end());
	}
}

// OUTER: options and extension headers so few that ports behind them lie well within parse's reach, or far too many of them.
enum style { PLAIN, OUTER, INNER };
static bytes make_ip(bool is_v6, const address &src, const address &dst, unsigned proto, bytes payload, unsigned tos, style how)
{
	bytes ip;
	unsigned next = proto;

	if (is_v6) {
		if (how == INNER)
			add_ext(payload, next, chance(60) ? 0 : chance(90) ? 1 + pick(4) : 5, true, 48);
		else if (how == OUTER)
			add_ext(payload, next, chance(70) ? 0 : chance(85) ? 1 : 5, true, 8);
		ip = any_bytes(40);
		ip[0] = static_cast<uint8_t>(0x60 | tos >> 4);
		ip[1] = static_cast<uint8_t>(tos << 4 | (ip[1] & 15));
		put16(&ip[4], static_cast<unsigned>(payload.size()));
		ip[6] = static_cast<uint8_t>(next);
		ip[7] = chance(30) ? 255 : any_byte();
		memcpy(&ip[8], src.data(), 16);
		memcpy(&ip[24], dst.data(), 16);
	} else {
		ip = any_bytes(how != PLAIN && chance(20) ? 20 + 4 * pick(how == INNER ? 11 : 3) : 20);
		ip[0] = static_cast<uint8_t>(0x40 | ip.size() / 4);
		ip[1] = static_cast<uint8_t>(tos);
		put16(&ip[2], static_cast<unsigned>(ip.size() + payload.size()));
		put16(&ip[6], chance(50) ? 0x4000 : 0);
		if (how != PLAIN && chance(10))
			put16(&ip[6], chance(50) ? 0x2000 : pick(0x2000));
		ip[9] = static_cast<uint8_t>(proto);
		memcpy(&ip[12], src.data(), 4);
		memcpy(&ip[16], dst.data(), 4);
		set_checksum(ip.data());
		if (how == INNER && chance(5))
			ip[10] = any_byte();	// a wrong one is none of our business
	}
	ip.insert(ip.end(), payload.begin(), payload.end());
	return ip;
}

static unsigned random_proto()
{
	static const unsigned p[] = {1, 6, 17, 17, 33, 47, 50, 51, 58, 58, 132, 136};
	return p[pick(12)];
}

static size_t random_size(bool is_short)
{
	unsigned k = pick(100);
	return is_short || k < 60 ? pick(150) : k < 97 ? pick(1600) : pick(8800);
}

static bytes random_packet(bool is_v6, bool is_short, style how)
{
	address src{}, dst{};
	unsigned proto = random_proto();
	bytes payload = any_bytes(chance(10) ? pick(8) : random_size(is_short));

	for (unsigned i = 0; i < (is_v6 ? 16u : 4u); i++) {
		src[i] = any_byte();
		dst[i] = any_byte();
	}
	if (chance(10))
		dst = is_v6 ? local6 : local4;
	random_l4(payload, proto);
	return make_ip(is_v6, src, dst, proto, payload, any_byte(), how);
}

static bytes frame_of(const bytes &ip, bool may_tag)
{
	bytes f = any_bytes(12);

	for (unsigned tags = may_tag && chance(25) ? 1 + pick(2) : 0; tags > 0; tags--) {
		bytes tag = {static_cast<uint8_t>(tags == 2 ? 0x88 : 0x81), static_cast<uint8_t>(tags == 2 ? 0xa8 : 0), any_byte(), any_byte()};
		f.insert(f.end(), tag.begin(), tag.end());
	}
	f.push_back(ip[0] >> 4 == 6 ? 0x86 : 0x08);
	f.push_back(ip[0] >> 4 == 6 ? 0xdd : 0x00);
	f.insert(f.end(), ip.begin(), ip.end());
	if (f.size() < 60 && chance(80))
		f.resize(60);
	else if (may_tag && chance(5))
		f.resize(f.size() + pick(60));
	return f;
}

struct flaws {
	bool none = false;	// a packet in order
	bool is_short = false;
};

// A sealed packet for slot's SA (of a bundle: either of its slots), its IP header first.
static bytes sealed(unsigned slot, uint32_t seq, const flaws &w)
{
	unsigned esp_slot = slot >= FIRST_BUNDLE ? slot & ~1u : slot;
	bool is_bundle = slot >= FIRST_BUNDLE;
	const sa &s = sas[esp_slot], &ah = sas[is_bundle ? esp_slot + 1 : slot];
	bool has_esp = s.proto == 50, has_ah = is_bundle || s.proto == 51, inner_v6 = pick(2);
	bytes text, at;
	unsigned next, how = w.none ? 99 : pick(100);

	if (s.mode == ADIT_MODE_TUNNEL) {
		text = random_packet(inner_v6, w.is_short, INNER);
		next = inner_v6 ? 41 : 4;
	} else {
		next = random_proto();
		text = any_bytes(chance(10) ? pick(8) : random_size(w.is_short));
		random_l4(text, next);
		if (s.is_v6 && !w.none && chance(25))
			add_ext(text, next, 1 + pick(5), true, 48);
	}
	if (how < 2)
		next = 59;
	else if (how < 5)
		next = pick(256);
	else if (how < 8 && !text.empty())
		text[pick(s.mode == ADIT_MODE_TUNNEL ? 6 : 1) % text.size()] = any_byte();
	else if (how < 11)
		text.resize(pick(60));
	else if (how < 20 && has_esp)
		text.resize(text.size() + pick(80));	// traffic flow confidentiality, RFC 4303 §2.7
	if (has_esp) {
		size_t block = s.block_bytes(), pad = (2 * block - 2 - text.size() % block) % block;
		if (how >= 20 && how < 25)
			pad = std::min<size_t>(252, pad + block * pick(12));
		for (size_t i = 0; i < pad; i++)
			text.push_back(static_cast<uint8_t>(i + 1));
		text.push_back(static_cast<uint8_t>(pad));
		text.push_back(static_cast<uint8_t>(next));
		if (how >= 25 && how < 30)
			text[text.size() - 2 - pick(static_cast<uint32_t>(std::min(text.size() - 1, pad + 1)))] ^= static_cast<uint8_t>(1 + pick(255));
		text = esp_seal(s, seq, any_bytes(s.iv_bytes()), text);
		next = 50;
		if (how >= 30 && how < 32)
			text.resize(pick(static_cast<uint32_t>(text.size())));	// too short, and the IP length agrees
	}
	if (s.natt() != (how == 34) && !has_ah) {
		bytes udp = any_bytes(8);
		put16(&udp[2], 4500);
		put16(&udp[4], static_cast<unsigned>(8 + text.size()));
		text.insert(text.begin(), udp.begin(), udp.end());
		next = 17;
	}
	if (has_ah) {
		size_t whole = (12 + ah.icv_bytes + 3) / 4 * 4;
		if (pick(2))
			whole = (whole + 7) / 8 * 8;
		if (how >= 32 && how < 34)
			whole += 4;
		at.resize(whole);
		at[0] = static_cast<uint8_t>(next);
		at[1] = static_cast<uint8_t>(whole / 4 - 2);
		if (!w.none && chance(5))
			at[2] = any_byte();
		for (size_t i = 12 + ah.icv_bytes; i < whole; i++)
			at[i] = any_byte();	// the sender's choice (RFC 4302 §2.6.1)
		put32(&at[4], ah.spi);
		put32(&at[8], seq);
		text.insert(text.begin(), at.begin(), at.end());
		next = 51;
	}
	bool has_ext = !w.none && chance(has_ah ? 4 : 12);
	if (has_ext && s.is_v6)
		add_ext(text, next, 1, false, 8);
	bytes ip = make_ip(s.is_v6, s.src, s.dst, next, text, any_byte(), PLAIN);
	if (has_ext && !s.is_v6) {
		bytes options = any_bytes(4 + 4 * pick(4));
		ip.insert(ip.begin() + 20, options.begin(), options.end());
		ip[0] = static_cast<uint8_t>(0x45 + options.size() / 4);
		put16(&ip[2], static_cast<unsigned>(ip.size()));
		set_checksum(ip.data());
	}
	if (has_ah && !has_ext) {
		bytes icv = ah_icv(ah, ip, s.is_v6 ? 40 : 20, ah.number(seq));
		std::copy(icv.begin(), icv.end(), ip.begin() + (s.is_v6 ? 40 : 20) + 12);
	}
	return ip;
}

static bytes clear_frame()
{
	unsigned kind = pick(16);
	bool is_v6 = pick(2);
	bytes ip, p;
	address any{}, src{};

	for (unsigned i = 0; i < (is_v6 ? 16u : 4u); i++) {
		any[i] = any_byte();
		src[i] = any_byte();
	}
	const address &local = is_v6 ? local6 : local4;
	p = any_bytes(8 + pick(200));
	switch (kind) {
	case 0: {	// ARP
		bytes f = any_bytes(14 + 28 + pick(20));
		put16(&f[12], 0x0806);
		const uint8_t head[] = {0, 1, 8, 0, 6, 4, 0, 1};
		memcpy(&f[14], head, 8);
		if (chance(50))
			memcpy(&f[14 + 24], local4.data(), 4);
		return f;
	}
	case 1: {
		bytes f = any_bytes(60);
		put16(&f[12], 0x88cc);
		return f;
	}
	case 2: case 3:	// neighbour discovery
		any = local6;
		if (chance(50))
			any[15] ^= 1;
		p = any_bytes(chance(90) ? 24 + pick(20) : 2 + pick(22));
		p[0] = static_cast<uint8_t>(132 + pick(7));
		if (p.size() >= 24 && chance(50))
			memcpy(&p[8], local6.data(), 16);
		ip = make_ip(true, any, any, 58, p, 0, PLAIN);
		ip[7] = chance(80) ? 255 : 64;
		return frame_of(ip, true);
	case 4:	// keepalive
		p.resize(chance(80) ? 9 : 10);
		put16(&p[2], 4500);
		p[8] = chance(80) ? 0xff : 0xfe;
		return frame_of(make_ip(is_v6, src, chance(80) ? local : any, 17, p, 0, PLAIN), true);
	case 5: case 6:	// IKE
		put16(&p[2], chance(50) ? 500 : 4500);
		p.resize(p.size() + 4);
		put32(&p[8], 0);
		return frame_of(make_ip(is_v6, src, chance(80) ? local : any, 17, p, 0, PLAIN), true);
	case 7: case 8:	// a fragment of what ends here
		ip = make_ip(is_v6, src, chance(80) ? local : any, is_v6 ? 44 : std::array<unsigned, 4>{17, 50, 51, 6}[pick(4)], p, 0, PLAIN);
		if (is_v6) {
			ip[40] = std::array<uint8_t, 4>{17, 50, 51, 6}[pick(4)];
			put16(&ip[42], chance(40) ? 1 : pick(65536));
		} else {
			put16(&ip[6], chance(40) ? 0x2000 : pick(0x4000));
			set_checksum(ip.data());
		}
		return frame_of(ip, true);
	case 9: {	// an SA that nobody knows
		unsigned proto = 50 + pick(2);
		if (proto == 51)
			p[1] = static_cast<uint8_t>(chance(80) ? 4 : any_byte());
		return frame_of(make_ip(is_v6, src, chance(60) ? local : any, proto, p, 0, PLAIN), true);
	}
	case 10: case 11:	// for this router
		return frame_of(make_ip(is_v6, src, local, random_proto(), p, any_byte(), OUTER), true);
	default: {
		unsigned proto = random_proto();
		if (chance(10))
			p.resize(1 + pick(4));
		random_l4(p, proto);
		return frame_of(make_ip(is_v6, src, any, proto, p, any_byte(), OUTER), true);
	}
	}
}

// ---------------------------------------------------------------- the runs
static std::map<unsigned, unsigned> all_reasons;

static void end_of(bench &b, const char *what)
{
	b.drain(400000);
	printf("%s: nic %d, no_match %d, stalls %u%%: %u frames, %llu cycles; reasons", what, b.nic, b.no_match, b.stall, b.n_left,
	       static_cast<unsigned long long>(b.cycle));
	for (auto &r : b.reasons) {
		printf(" %u:%u", r.first, r.second);
		all_reasons[r.first] += r.second;
	}
	printf("\n");
}

static std::string story_of(const char *what, unsigned slot)
{
	const sa &s = sas[slot];
	return std::string(what) + " for slot " + std::to_string(slot) + " (proto " + std::to_string(s.proto) + " mode " + std::to_string(s.mode) +
	       " v6 " + std::to_string(s.is_v6) + " enc " + std::to_string(s.enc) + " auth " + std::to_string(s.auth) + " flags " +
	       std::to_string(s.flags) + ")";
}

static void damage(bytes &f)
{
	size_t l3 = 14;

	while (get16(&f[l3 - 2]) == 0x8100 || get16(&f[l3 - 2]) == 0x88a8)
		l3 += 4;
	switch (pick(3)) {
	case 0:
		f[l3 + pick(static_cast<uint32_t>(f.size() - l3))] ^= static_cast<uint8_t>(1u << pick(8));
		break;
	case 1:	// near the head
		f[l3 + pick(static_cast<uint32_t>(std::min<size_t>(f.size() - l3, 80)))] ^= static_cast<uint8_t>(1u << pick(8));
		break;
	default: {	// cut, and the length says so
		bool is_v6 = f[l3] >> 4 == 6;
		size_t least = is_v6 ? 41 : 20, n = least + pick(static_cast<uint32_t>(f.size() - l3 - least + 1));
		f.resize(l3 + n);
		put16(&f[l3 + (is_v6 ? 4 : 2)], static_cast<unsigned>(n - (is_v6 ? 40 : 0)));
	}
	}
}

static void run_random(unsigned n_frames, bool nic, bool no_match, unsigned stall)
{
	bench b;

	b.nic = nic;
	b.no_match = no_match;
	b.stall = stall;
	b.reset();
	random_sas(b);
	for (unsigned i = 0; i < n_frames; i++) {
		unsigned kind = pick(100);

		if (kind < 72) {
			unsigned slot = pick(N_SLOTS);
			bytes f = frame_of(sealed(slot, static_cast<uint32_t>(rng()), flaws()), true);
			bool is_damaged = chance(20);
			if (is_damaged)
				damage(f);
			b.send(f, chance(90) ? ADIT_FACE_WAN : ADIT_FACE_HOST, story_of(is_damaged ? "damaged" : "sealed", slot));
		} else if (kind < 90) {
			b.send(clear_frame(), chance(60) ? ADIT_FACE_WAN : ADIT_FACE_HOST, "clear");
		} else {
			static const unsigned told[] = {0, 0, 0, ADIT_REASON_XfrmInStateProtoError, ADIT_REASON_InPadding};
			b.send_told(frame_of(random_packet(pick(2), false, OUTER), false), chance(90) ? pick(N_SLOTS) : 1000 + pick(100), told[pick(5)], rng());
		}
	}
	end_of(b, "random");
}

// One packet of every SA, each of its first bytes and each of its last damaged in turn, one at a time and in order else.
static void run_damage(unsigned stall)
{
	bench b;

	b.stall = stall;
	b.calm = true;
	b.reset();
	random_sas(b);
	for (unsigned slot = 0; slot < N_SLOTS; slot++) {
		flaws in_order;
		in_order.none = in_order.is_short = true;
		bytes f = frame_of(sealed(slot, static_cast<uint32_t>(rng()), in_order), false);
		b.send(f, ADIT_FACE_WAN, story_of("whole", slot));
		for (size_t at = 14; at < f.size(); at++) {
			bytes g = f;
			if (at > 150 && at + 40 < f.size() && !chance(10))
				continue;
			g[at] ^= static_cast<uint8_t>(1u << pick(8));
			b.send(g, ADIT_FACE_WAN, story_of("damaged", slot) + " at byte " + std::to_string(at));
		}
	}
	end_of(b, "damage");
}

static void run_reasons()
{
	static const unsigned wanted[] = {
		ADIT_REASON_NONE, ADIT_REASON_RxNotIp, ADIT_REASON_RxIpHeader, ADIT_REASON_RxExtHeaders, ADIT_REASON_XfrmInNoStates,
		ADIT_REASON_XfrmInStateProtoError, ADIT_REASON_InPadding, ADIT_REASON_XfrmInStateExpired, ADIT_REASON_HostArp,
		ADIT_REASON_HostNic, ADIT_REASON_HostNd, ADIT_REASON_InKeepalive, ADIT_REASON_HostFragment, ADIT_REASON_InFragment,
		ADIT_REASON_XfrmInHdrError, ADIT_REASON_XfrmInStateInvalid, ADIT_REASON_XfrmInStateMismatch, ADIT_REASON_XfrmInStateSeqError,
		ADIT_REASON_XfrmInTmplMismatch, ADIT_REASON_HostSlowOpen, ADIT_REASON_XfrmInStateModeError, ADIT_REASON_HostIke,
		ADIT_REASON_XfrmInNoPols, ADIT_REASON_XfrmInPolBlock, ADIT_REASON_HostLocal, ADIT_REASON_InDummy, ADIT_REASON_InNextHeader,
		ADIT_REASON_InEcn };

	for (unsigned r : wanted)
		check(all_reasons[r] > 0, "reason " + std::to_string(r) + " is reached");
}

static void run_bench()
{
	static const unsigned sizes[] = {64, 512, 1500, 9000};
	struct { const char *name; unsigned enc, auth, icv; } kinds[] = {
		{"AES-CBC-128 SHA1", ADIT_ENC_AES_CBC_128, ADIT_AUTH_HMAC_SHA1_96, 12}, {"AES-GCM-128", ADIT_ENC_AES_GCM_128, 0, 16},
		{"AES-CTR-256 SHA256", ADIT_ENC_AES_CTR_256, ADIT_AUTH_HMAC_SHA256_128, 16}, {"NULL SHA512", ADIT_ENC_NULL, ADIT_AUTH_HMAC_SHA512_256, 32}};

	for (auto &k : kinds)
		for (unsigned size : sizes) {
			bench b;
			unsigned n = size > 4000 ? 40 : 200;
			b.stall = 0;
			b.calm = true;
			b.reset();
			sas.clear();
			sa s = random_sa(0, 50);
			s.mode = ADIT_MODE_TUNNEL;
			s.flags = 0;
			s.is_v6 = false;
			s.src = {192, 0, 2, 1};
			s.dst = local4;
			s.enc = k.enc;
			s.auth = k.auth;
			s.icv_bytes = k.icv;
			s.enc_key = any_bytes(k.enc == ADIT_ENC_AES_CTR_256 ? 32 : k.enc == ADIT_ENC_NULL ? 0 : 16);
			s.auth_key = any_bytes(32);
			sas.push_back(s);
			engine_load(b, s);
			for (unsigned i = 0; i < n; i++) {
				bytes text = make_ip(false, {10, 1, 1, 1}, {10, 2, 2, 2}, 17, any_bytes(size - 14 - 20), 0, PLAIN);
				size_t block = s.block_bytes(), pad = (2 * block - 2 - text.size() % block) % block;
				for (size_t j = 0; j < pad; j++)
					text.push_back(static_cast<uint8_t>(j + 1));
				text.push_back(static_cast<uint8_t>(pad));
				text.push_back(4);
				bytes f = frame_of(make_ip(false, s.src, s.dst, 50, esp_seal(s, i + 1, any_bytes(s.iv_bytes()), text), 0, PLAIN), false);
				outcome o = b.judge(f, ADIT_FACE_WAN);
				o.face_in = ADIT_FACE_WAN;
				o.frame_bytes = static_cast<unsigned>(f.size());
				b.in.push_back({f, ADIT_FACE_WAN, false, 0, 0, 0});
				b.add(o);
			}
			uint64_t from = b.cycle, one;
			while (b.n_left == 0)
				b.tick();
			one = b.cycle - from;
			while (b.n_left < n)
				b.tick();
			printf("bench: %s, %u B inside: first out after %llu cycles, then %.1f cycles a packet\n", k.name, size,
			       static_cast<unsigned long long>(one), static_cast<double>(b.cycle - from - one) / (n - 1));
			b.drain(100000);
		}
}

int main(int argc, char **argv)
{
	uint64_t seed = argc > 1 ? strtoull(argv[1], nullptr, 0) : 1;
	unsigned n = argc > 2 ? static_cast<unsigned>(atoi(argv[2])) : 1500;

	if (argc > 1 && std::string(argv[1]) == "bench") {
		rng.seed(1);
		run_bench();
		return n_failed != 0;
	}
	printf("seed %llu\n", static_cast<unsigned long long>(seed));
	rng.seed(seed);
	run_random(n, false, false, 20);
	run_random(n, true, true, 0);
	run_random(n / 2, false, true, 60);
	run_damage(10);
	run_reasons();
#ifdef STAND_INS
	check(engine_errors == 0, "jobs keep the engines' contract");
#endif
	printf("%u passed, %u failed\n", n_passed, n_failed);
	return n_failed != 0;
}
