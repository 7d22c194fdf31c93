// SPDX-License-Identifier: BSD-2-Clause-Patent
// Both directions in lockstep with golden: same bytes, reasons, faces, SAs, policies and counters for random frames, with
// random stalls everywhere. What seal sends comes back to open, whole or spoiled.
//   test_path [seed [frames]]        test_path bench: cycles a packet without stalls, latency of one, a flood of bad packets
//   test_path sweep: 64..256 bytes in steps of 2, both directions at once        test_path flood: the flood alone
#include "Vtb_path.h"
#include "verilated.h"

#include <cassert>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <map>
#include <random>
#include <string>
#include <vector>

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

extern "C" {
#include "adit_regs.h"
#include "transform/golden_card.h"
}

using bytes = std::vector<uint8_t>;

enum { N_SA = 12, IN_SLOT = 20, CRAFT_SLOT = 40, CRAFT_SPI = 0x2000, OUT_RULE = 0, IN_RULE = 24, EXTRA_RULE = 48 };
enum { OP_SA_ID = 1, OP_SA_ADDR, OP_SA_LIMITS, OP_SA_KEY, OP_SA_INNER, OP_SA_OUTER, OP_SA_VALID, OP_SA_GET_ID, OP_SA_GET_LIVE,
       OP_HASH_ADD, OP_HASH_DEL, OP_SP_PUT, OP_SP_CLEAR, OP_SP_LIVE, OP_SP_BIND, OP_SP_GET, OP_SP_ZERO, OP_FENCE_OUT, OP_FENCE_IN };

static std::mt19937_64 rng;
static uint32_t pick(uint32_t n) { return static_cast<uint32_t>(rng() % n); }
static bool chance(uint32_t percent) { return pick(100) < percent; }

static unsigned n_passed, n_failed;
static void check(bool ok, const std::string &what)
{
	if (ok) {
		n_passed++;
	} else if (n_failed++ < 10) {
		printf("FAILED: %s\n", what.c_str());
	}
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

// ---------------------------------------------------------------- what each frame should become
struct expected {
	golden_verdict verdict;
	bytes out;
	unsigned frame_bytes;
	unsigned face;
};

// ---------------------------------------------------------------- one direction of the RTL
struct side {
	std::deque<std::pair<bytes, unsigned>> in;	// frame, face
	size_t in_off = 0;
	bool in_offered = false;
	std::deque<expected> verdicts, port, host;
	bytes port_got, host_got;
	uint64_t n_frames = 0;
	std::vector<uint64_t> verdict_at;	// cycles
	double wire_at = -1;			// frames come as a wire brings them: when the next begins; negative: as fast as they are taken
	unsigned wire_grows = 0;		// bytes that each frame is longer there
	uint64_t n_held = 0;			// cycles in which a word was offered and not taken
	uint64_t first_in = 0, last_out = 0, step_at[8] = {0};
};

// 100 Gbit/s at 322.27 MHz; a frame here is one without FCS.
static const double WIRE_BITS_A_CYCLE = 310.3;
static double wire_cycles(size_t frame_bytes) { return static_cast<double>(frame_bytes + 24) * 8 / WIRE_BITS_A_CYCLE; }

struct bench {
	Vtb_path dut;
	side s[2];
	uint64_t cycle = 0;
	unsigned stall_percent = 20;
	std::map<unsigned, unsigned> reasons;
	std::map<unsigned, unsigned> notices;
	golden_card *golden = nullptr;
	bool quiet = false;

	void half() { dut.eval(); }
	void tick();
	void drive(unsigned d);
	void sample(unsigned d);
	void drain(uint64_t limit);
	uint32_t tbl(unsigned op, unsigned idx, unsigned ext, const void *line, bytes *answer = nullptr, unsigned code = 0);
	void send(unsigned face, adit_dest dest, const bytes &frame);
	void flow(side &x, std::deque<expected> &want, bytes &got, const uint32_t *data, unsigned n_bytes, bool last, const char *what,
		  const uint32_t *meta);
};

#define SIDE(d, name) ((d) == 0 ? dut.name##0 : dut.name##1)

void bench::drive(unsigned d)
{
	side &x = s[d];
	uint8_t &valid = d ? dut.in1_valid_i : dut.in0_valid_i;
	uint8_t &last = d ? dut.in1_last_i : dut.in0_last_i;
	uint8_t &n = d ? dut.in1_bytes_i : dut.in0_bytes_i;
	uint8_t &face = d ? dut.in1_face_i : dut.in0_face_i;
	auto &data = d ? dut.in1_data_i : dut.in0_data_i;

	if (!x.in_offered) {
		x.in_offered = !x.in.empty() && !chance(stall_percent);
		if (x.in_offered && x.wire_at >= 0) {	// 8 bytes of preamble, then the word; the last is known with the FCS
			size_t n_bytes = x.in.front().first.size(), seen = x.in_off + 64 < n_bytes ? x.in_off + 64 : n_bytes + 4;
			x.in_offered = static_cast<double>(cycle) >= x.wire_at + static_cast<double>(seen + 8) * 8 / WIRE_BITS_A_CYCLE;
		}
		valid = x.in_offered;
		if (x.in_offered) {
			const bytes &f = x.in.front().first;
			size_t left = f.size() - x.in_off;
			uint8_t word[64] = {0};
			n = static_cast<uint8_t>(left < 64 ? left : 64);
			memcpy(word, f.data() + x.in_off, n);
			memcpy(&data[0], word, 64);
			last = left <= 64;
			face = static_cast<uint8_t>(x.in.front().second);
		}
	}
	(d ? dut.port1_ready_i : dut.port0_ready_i) = !chance(stall_percent);
	(d ? dut.host1_ready_i : dut.host0_ready_i) = !chance(stall_percent);
	(d ? dut.verdict1_ready_i : dut.verdict0_ready_i) = !chance(stall_percent);
}

void bench::flow(side &, std::deque<expected> &want, bytes &got, const uint32_t *data, unsigned n_bytes, bool last,
		 const char *what, const uint32_t *meta)
{
	const uint8_t *b = reinterpret_cast<const uint8_t *>(data);

	got.insert(got.end(), b, b + n_bytes);
	for (unsigned i = n_bytes; i < 64; i++)
		if (b[i] != 0) {
			check(false, std::string(what) + ": a byte past the frame's end is not zero");
			break;
		}
	if (!last && n_bytes != 64)
		check(false, std::string(what) + ": a short word in the middle");
	if (!last)
		return;
	if (want.empty()) {
		check(false, std::string(what) + ": a frame that nobody should see");
	} else {
		const expected &e = want.front();
		if (got != e.out) {
			size_t i = 0;
			while (i < got.size() && i < e.out.size() && got[i] == e.out[i])
				i++;
			check(false, std::string(what) + ": bytes differ, " + std::to_string(got.size()) + " for " +
				     std::to_string(e.out.size()) + ", first at " + std::to_string(i) + ": " + hex(got, i, 16) + "for " +
				     hex(e.out, i, 16) + " frame bytes " + std::to_string(e.frame_bytes));
		} else {
			check(true, what);
		}
		if (meta != nullptr) {	// {reason 8, face 2, n_bytes 16, sa_slot 16, sp_id 16}
			uint64_t m = meta[0] | static_cast<uint64_t>(meta[1]) << 32;
			check((m >> 50 & 0xff) == e.verdict.reason && (m >> 48 & 3) == e.face && (m >> 32 & 0xffff) == e.out.size() &&
			      (m >> 16 & 0xffff) == e.verdict.sa_slot && (m & 0xffff) == e.verdict.sp_id, "what goes beside a host frame");
		}
		want.pop_front();
	}
	got.clear();
}

void bench::sample(unsigned d)
{
	side &x = s[d];

	if (x.in_offered && (d ? dut.in1_ready_o : dut.in0_ready_o)) {
		x.in_offered = false;
		if (x.in_off == 0)
			x.first_in = cycle;
		x.in_off += 64;
		if (x.in_off >= x.in.front().first.size()) {
			if (x.wire_at >= 0)
				x.wire_at += wire_cycles(x.in.front().first.size() + x.wire_grows);
			x.in.pop_front();
			x.in_off = 0;
		}
	} else if (x.in_offered) {
		x.n_held++;
	}
	for (unsigned i = 0; i < 8; i++)
		if ((d ? dut.steps1_o : dut.steps0_o) >> (7 - i) & 1 && x.step_at[i] == 0)
			x.step_at[i] = cycle;
	if (d == 0 ? dut.port0_valid_o && dut.port0_ready_i && dut.port0_last_o : dut.port1_valid_o && dut.port1_ready_i && dut.port1_last_o)
		x.last_out = cycle;
	if (d == 0 ? dut.port0_valid_o && dut.port0_ready_i : dut.port1_valid_o && dut.port1_ready_i)
		flow(x, x.port, x.port_got, d ? &dut.port1_data_o[0] : &dut.port0_data_o[0], d ? dut.port1_bytes_o : dut.port0_bytes_o,
		     d ? dut.port1_last_o : dut.port0_last_o, d ? "lan" : "wan", nullptr);
	if (d == 0 ? dut.host0_valid_o && dut.host0_ready_i : dut.host1_valid_o && dut.host1_ready_i) {
		auto &m = d ? dut.host1_meta_o : dut.host0_meta_o;	// the number in the lowest 64 bits: no packet here goes to be sealed by the host
		uint32_t meta[2] = {m[2], m[3]};
		flow(x, x.host, x.host_got, d ? &dut.host1_data_o[0] : &dut.host0_data_o[0], d ? dut.host1_bytes_o : dut.host0_bytes_o,
		     d ? dut.host1_last_o : dut.host0_last_o, d ? "host from wan" : "host from lan", meta);
	}
	if (d == 0 ? dut.verdict0_valid_o && dut.verdict0_ready_i : dut.verdict1_valid_o && dut.verdict1_ready_i) {
		// {reason 8, face_in 2, face_out 2, frame_no 32, frame_bytes 16, sa_slot 16, sp_id 16}
		const uint32_t *v = d ? &dut.verdict1_o[0] : &dut.verdict0_o[0];
		unsigned sp_id = v[0] & 0xffff, slot = v[0] >> 16, n_bytes = v[1] & 0xffff;
		unsigned face_out = v[2] >> 16 & 3, face_in = v[2] >> 18 & 3, reason = v[2] >> 20 & 0xff;

		if (x.verdicts.empty()) {
			check(false, "a verdict for no frame");
		} else {
			const expected &e = x.verdicts.front();
			bool ok = e.verdict.reason == reason && static_cast<unsigned>(e.verdict.face_out) == face_out &&
				  e.verdict.sa_slot == slot && e.verdict.sp_id == sp_id && e.face == face_in && e.frame_bytes == n_bytes;
			check(ok, std::string(d ? "open" : "seal") + " frame " + std::to_string(x.n_frames) + ": reason " +
				  std::to_string(reason) + " face " + std::to_string(face_out) + " slot " + std::to_string(slot) + " sp " +
				  std::to_string(sp_id) + " for reason " + std::to_string(e.verdict.reason) + " face " +
				  std::to_string(e.verdict.face_out) + " slot " + std::to_string(e.verdict.sa_slot) + " sp " +
				  std::to_string(e.verdict.sp_id) + ", frame bytes " + std::to_string(n_bytes) + "/" +
				  std::to_string(e.frame_bytes));
			x.verdicts.pop_front();
		}
		reasons[reason]++;
		x.n_frames++;
		x.verdict_at.push_back(cycle);
	}
}

void bench::tick()
{
	dut.clk_i = 0;
	drive(0);
	drive(1);
	half();
	sample(0);
	sample(1);
	if (dut.notice_valid_o)
		notices[dut.notice_kind_o]++;
	dut.clk_i = 1;
	half();
	cycle++;
}

void bench::drain(uint64_t limit)
{
	uint64_t end = cycle + limit;

	while (cycle < end && !(s[0].in.empty() && s[1].in.empty() && s[0].verdicts.empty() && s[1].verdicts.empty() &&
				s[0].port.empty() && s[1].port.empty() && s[0].host.empty() && s[1].host.empty() && !dut.busy_o))
		tick();
	check(cycle < end, "everything leaves: " + std::to_string(s[0].in.size()) + " " + std::to_string(s[1].in.size()) + " in, " +
			   std::to_string(s[0].verdicts.size()) + " " + std::to_string(s[1].verdicts.size()) + " verdicts, " +
			   std::to_string(s[0].port.size()) + " " + std::to_string(s[1].port.size()) + " port frames missing, busy " +
			   std::to_string(dut.busy_o));
}

uint32_t bench::tbl(unsigned op, unsigned idx, unsigned ext, const void *line, bytes *answer, unsigned code)
{
	uint32_t err;

	dut.tbl_valid_i = 1;
	dut.tbl_op_i = static_cast<uint8_t>(op);
	dut.tbl_idx_i = static_cast<uint16_t>(idx);
	dut.tbl_ext_i = static_cast<uint8_t>(ext);
	dut.tbl_code_i = static_cast<uint8_t>(code);
	memset(&dut.tbl_data_i[0], 0, 64);
	if (line)
		memcpy(&dut.tbl_data_i[0], line, 64);
	for (unsigned i = 0;; i++) {
		dut.clk_i = 0;
		drive(0);
		drive(1);
		half();
		sample(0);
		sample(1);
		bool ack = dut.tbl_ack_o;
		err = dut.tbl_err_o;
		if (ack && answer)
			answer->assign(reinterpret_cast<uint8_t *>(&dut.tbl_data_o[0]), reinterpret_cast<uint8_t *>(&dut.tbl_data_o[0]) + 64);
		dut.clk_i = 1;
		half();
		cycle++;
		if (ack)
			break;
		if (i > 200000) {
			printf("FAILED: table op %u has no answer\n", op);
			exit(1);
		}
	}
	dut.tbl_valid_i = 0;
	tick();
	return err;
}

void bench::send(unsigned face, adit_dest dest, const bytes &frame)
{
	unsigned d = face == ADIT_FACE_WAN || (face == ADIT_FACE_HOST && dest == ADIT_DEST_FROM_WAN);
	expected e;
	size_t n = 0;
	uint8_t out[GOLDEN_MAX_FRAME_BYTES];

	e.verdict = golden_card_packet(golden, static_cast<adit_face>(face), dest, frame.data(), frame.size(), out, &n);
	e.out.assign(out, out + n);
	e.frame_bytes = static_cast<unsigned>(frame.size());
	e.face = face;
	s[d].in.push_back({frame, face});
	s[d].verdicts.push_back(e);
	if (e.verdict.face_out == ADIT_FACE_HOST)
		s[d].host.push_back(e);
	else if (e.verdict.face_out != ADIT_FACE_NONE)
		s[d].port.push_back(e);
}

// ---------------------------------------------------------------- tables
// OUT i, IN N_SA + i, and IN 2 * N_SA + i for crafted frames: same keys, so that what is sealed can be opened.
static adit_sa sas[3 * N_SA];
static unsigned slot_of(unsigned k) { return k < N_SA ? k : k < 2 * N_SA ? IN_SLOT + k - N_SA : CRAFT_SLOT + k - 2 * N_SA; }

static void addr4(adit_addr *a, unsigned b0, unsigned b1, unsigned b2, unsigned b3)
{
	memset(a, 0, sizeof(*a));
	a->bytes[0] = static_cast<uint8_t>(b0);
	a->bytes[1] = static_cast<uint8_t>(b1);
	a->bytes[2] = static_cast<uint8_t>(b2);
	a->bytes[3] = static_cast<uint8_t>(b3);
}

static void sha1_state(const adit_sa &sa, uint8_t pad, uint8_t *out)
{
	uint8_t block[64];
	SHA_CTX c;

	memset(block, pad, sizeof(block));
	for (unsigned i = 0; i < sa.auth_key_bytes; i++)
		block[i] ^= sa.auth_key[i];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
	SHA1_Init(&c);
	SHA1_Update(&c, block, 64);
#pragma GCC diagnostic pop
	uint32_t h[5] = {c.h0, c.h1, c.h2, c.h3, c.h4};
	for (unsigned i = 0; i < 20; i++)
		out[i] = static_cast<uint8_t>(h[i / 4] >> (24 - 8 * (i % 4)));
}

static void put_sa(bench &b, unsigned slot, const adit_sa &sa)
{
	adit_desc_sa r;
	const uint8_t *w = reinterpret_cast<const uint8_t *>(&r);
	unsigned dir = sa.dir;

	memset(&r, 0, sizeof(r));
	r.spi = sa.spi;
	r.reqid = sa.reqid;
	r.dir = static_cast<uint8_t>(sa.dir);
	r.proto = static_cast<uint8_t>(sa.proto);
	r.mode = static_cast<uint8_t>(sa.mode);
	r.enc = static_cast<uint8_t>(sa.enc);
	r.auth = static_cast<uint8_t>(sa.auth);
	r.flags = static_cast<uint8_t>(sa.set_dscp << 3 | sa.clear_df << 4 | sa.set_df << 5 | sa.no_ecn << 6);
	r.ttl = sa.ttl;
	r.dscp = sa.dscp;
	r.replay_packets = sa.replay_packets;
	r.next_slot = 0xffff;
	memcpy(r.src, sa.src.bytes, 16);
	memcpy(r.dst, sa.dst.bytes, 16);
	r.seq_first = sa.dir == ADIT_DIR_OUT && sa.seq_first == 0 ? 1 : sa.seq_first;
	r.seq_lease = sa.seq_lease ? sa.seq_lease : 0xffffffff;
	memcpy(r.enc_key, sa.enc_key, 32);
	sha1_state(sa, 0x36, r.auth_inner);
	sha1_state(sa, 0x5c, r.auth_outer);
	r.icv_bytes = sa.auth == ADIT_AUTH_NULL ? 0 : 12;
	b.tbl(OP_SA_ADDR, slot, 0, w + 64);
	b.tbl(OP_SA_LIMITS, slot, 0, w + 128);
	b.tbl(OP_SA_ID, slot, 2, w);
	if (sa.enc != ADIT_ENC_NULL)
		b.tbl(OP_SA_KEY, slot, dir, w + 192, nullptr, sa.enc);
	b.tbl(OP_SA_INNER, slot, dir, w + 256, nullptr, 1);	// HASH_SHA1
	b.tbl(OP_SA_OUTER, slot, dir, w + 320, nullptr, 1);
	if (sa.dir == ADIT_DIR_IN)
		check(b.tbl(OP_HASH_ADD, slot, 0, w + 64) == 0, "an inbound SA enters the hash table");
	b.tbl(OP_SA_VALID, slot, 1, nullptr);
}

static std::vector<adit_sp> rules;

static void put_rule(bench &b, unsigned rank, const adit_sp &p)
{
	adit_desc_sp r;

	memset(&r, 0, sizeof(r));
	memcpy(r.src, p.src.bytes, 16);
	memcpy(r.dst, p.dst.bytes, 16);
	r.src_plen = p.src_plen;
	r.dst_plen = p.dst_plen;
	r.proto = p.proto;
	r.flags = static_cast<uint8_t>((p.any_proto ? 0 : 2) | (p.any_ports ? 0 : 4));
	r.sport_lo = p.sport_lo;
	r.sport_hi = p.sport_hi;
	r.dport_lo = p.dport_lo;
	r.dport_hi = p.dport_hi;
	r.action = static_cast<uint8_t>(p.action);
	r.level = static_cast<uint8_t>(p.level);
	r.sp_id = p.id;
	r.reqid = p.reqid;
	b.tbl(OP_SP_PUT, rank, 0, &r);
}

static adit_sp rule(uint16_t id, unsigned s2, unsigned s3, unsigned d2, unsigned d3, adit_action action, adit_level level, uint32_t reqid)
{
	adit_sp p;

	memset(&p, 0, sizeof(p));
	p.id = id;
	p.priority = -static_cast<int32_t>(rules.size());
	addr4(&p.src, 10, s2, s3, 0);
	addr4(&p.dst, 10, d2, d3, 0);
	p.src_plen = p.dst_plen = 24;
	p.any_proto = p.any_ports = true;
	p.action = action;
	p.level = level;
	p.reqid = reqid;
	return p;
}

// Subnet 10.1.i.0/24 -> 10.2.i.0/24 is sealed with SA i. On the way back, 10.1.i.0/24 -> 10.2.i.0/24 arrives at wan: the rule
// in the outbound sense is 10.2.i.0/24 -> 10.1.i.0/24. Transport SAs serve the hosts 10.1.i.1 and 10.2.i.1.
static void set_up(bench &b, bool nic, bool pass_unmatched)
{
	static const adit_enc encs[] = {ADIT_ENC_AES_CBC_128, ADIT_ENC_AES_CBC_192, ADIT_ENC_AES_CBC_256, ADIT_ENC_NULL};
	adit_mode_options o;

	memset(&o, 0, sizeof(o));
	o.nic = nic;
	o.pass_unmatched = pass_unmatched;
	o.n_local = 2;
	addr4(&o.local[0], 198, 51, 100, 1);
	addr4(&o.local[1], 10, 9, 9, 9);
	b.golden = golden_card_open(&o);
	b.dut.nic_i = nic;
	b.dut.no_match_i = pass_unmatched;
	memset(&b.dut.local_addr_i[0], 0, 128);
	b.dut.local_addr_i[0] = 198u << 24 | 51 << 16 | 100 << 8 | 1;
	b.dut.local_addr_i[4] = 10u << 24 | 9 << 16 | 9 << 8 | 9;
	b.dut.local_v4_i = 3;
	b.dut.tbl_valid_i = 0;
	b.dut.rst_ni = 0;
	unsigned stall = b.stall_percent;
	b.stall_percent = 0;
	for (int i = 0; i < 4; i++)
		b.tick();
	b.dut.rst_ni = 1;
	b.tick();

	for (unsigned i = 0; i < N_SA; i++) {
		for (unsigned in = 0; in < 3; in++) {
			adit_sa &sa = sas[i + in * N_SA];
			memset(&sa, 0, sizeof(sa));
			sa.spi = in == 2 ? CRAFT_SPI + i : 0x1000 + i;
			sa.reqid = in ? 200 + i : 100 + i;
			sa.dir = in ? ADIT_DIR_IN : ADIT_DIR_OUT;
			sa.proto = ADIT_PROTO_ESP;
			sa.mode = i % 3 == 2 ? ADIT_MODE_TRANSPORT : ADIT_MODE_TUNNEL;
			sa.enc = encs[i % 4];
			sa.auth = i >= 10 ? ADIT_AUTH_NULL : ADIT_AUTH_HMAC_SHA1_96;
			if (sa.auth != ADIT_AUTH_NULL)
				sa.auth_key_bytes = 20;
			if (in) {
				memcpy(sa.enc_key, sas[i].enc_key, 32);
				memcpy(sa.auth_key, sas[i].auth_key, 20);
			} else {
				int n = adit_enc_key_bytes(sa.enc);
				for (int k = 0; k < n; k++)
					sa.enc_key[k] = static_cast<uint8_t>(rng());
				for (unsigned k = 0; k < sa.auth_key_bytes; k++)
					sa.auth_key[k] = static_cast<uint8_t>(rng());
			}
			if (sa.mode == ADIT_MODE_TUNNEL) {
				addr4(&sa.src, 192, 0, 2, 1);
				addr4(&sa.dst, 198, 51, 100, 1);
			} else {
				addr4(&sa.src, 10, 1, i, 1);
				addr4(&sa.dst, 10, 2, i, 1);
			}
			sa.ttl = static_cast<uint8_t>(40 + i);
			sa.dscp = 46;
			sa.set_dscp = i & 1;
			sa.no_ecn = i >> 1 & 1;
			sa.clear_df = i % 5 == 1;
			sa.set_df = i % 5 == 2;
			sa.replay_packets = i == 6 ? 0 : i == 7 ? 32 : 64;
			if (!in && i == 9) {	// runs out of numbers
				sa.seq_first = 0xfffffff0;
			}
			check(golden_card_sa_add(b.golden, static_cast<uint16_t>(slot_of(i + in * N_SA)), &sa) == 0, "golden takes an SA");
			put_sa(b, slot_of(i + in * N_SA), sa);
		}
	}
	rules.clear();
	adit_sp p = rule(50, 1, 3, 2, 3, ADIT_ACTION_DISCARD, ADIT_LEVEL_USE, 0);	// a hole in policy 3: one port
	p.any_proto = p.any_ports = false;
	p.proto = 17;
	p.sport_lo = 0;
	p.sport_hi = 65535;
	p.dport_lo = 1000;
	p.dport_hi = 1999;
	rules.push_back(p);
	for (unsigned i = 0; i < N_SA; i++) {
		rules.push_back(rule(static_cast<uint16_t>(OUT_RULE + i), 1, i, 2, i, ADIT_ACTION_ENCRYPT, i & 1 ? ADIT_LEVEL_UNIQUE : ADIT_LEVEL_REQUIRE, 100 + i));
		rules.push_back(rule(static_cast<uint16_t>(IN_RULE + i), 2, i, 1, i, ADIT_ACTION_ENCRYPT, i & 1 ? ADIT_LEVEL_USE : ADIT_LEVEL_REQUIRE, 200 + i));
	}
	rules.push_back(rule(51, 1, 100, 2, 100, ADIT_ACTION_NONE, ADIT_LEVEL_USE, 0));
	rules.push_back(rule(52, 1, 101, 2, 101, ADIT_ACTION_DISCARD, ADIT_LEVEL_USE, 0));
	rules.push_back(rule(53, 1, 102, 2, 102, ADIT_ACTION_ENCRYPT, ADIT_LEVEL_USE, 77));
	rules.push_back(rule(54, 1, 103, 2, 103, ADIT_ACTION_ENCRYPT, ADIT_LEVEL_REQUIRE, 78));
	rules.push_back(rule(55, 1, 104, 2, 104, ADIT_ACTION_ENCRYPT, ADIT_LEVEL_REQUIRE, 79));	// bound to another's SA
	for (unsigned r = 0; r < rules.size(); r++)
		put_rule(b, r, rules[r]);
	check(golden_card_sp_replace(b.golden, rules.data(), static_cast<unsigned>(rules.size())) == 0, "golden takes the rules");
	b.tbl(OP_SP_LIVE, 0, 0, nullptr);
	for (unsigned i = 0; i <= N_SA; i++) {
		uint16_t id = static_cast<uint16_t>(i < N_SA ? OUT_RULE + i : 55);
		uint16_t slot = static_cast<uint16_t>(i < N_SA ? i : 0);
		uint8_t line[64] = {0};
		memcpy(line, &slot, 2);
		b.tbl(OP_SP_BIND, id, 1, line);
		golden_card_sp_bind(b.golden, id, slot);
	}
	b.stall_percent = stall;
}

// ---------------------------------------------------------------- frames
static void put16(uint8_t *at, unsigned v)
{
	at[0] = static_cast<uint8_t>(v >> 8);
	at[1] = static_cast<uint8_t>(v);
}

static void set_checksum(uint8_t *ip)
{
	uint32_t sum = 0;
	unsigned n = (ip[0] & 15u) * 4;

	put16(ip + 10, 0);
	for (unsigned i = 0; i < n; i += 2)
		sum += static_cast<uint32_t>(ip[i] << 8 | ip[i + 1]);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	put16(ip + 10, ~sum & 0xffff);
}

static unsigned random_payload_bytes()
{
	unsigned k = pick(100);
	return k < 60 ? pick(200) : k < 90 ? pick(1500) : k < 97 ? pick(9000) : 9400 + pick(200);
}

static bytes make_l2(unsigned ethertype)
{
	bytes f;
	unsigned tags = chance(20) ? 1 + pick(2) : 0;

	for (unsigned i = 0; i < 12; i++)
		f.push_back(static_cast<uint8_t>(rng()));
	for (unsigned t = 0; t < tags; t++) {
		f.push_back(t == 0 && tags == 2 ? 0x88 : 0x81);
		f.push_back(t == 0 && tags == 2 ? 0xa8 : 0x00);
		f.push_back(static_cast<uint8_t>(rng()));
		f.push_back(static_cast<uint8_t>(rng()));
	}
	f.push_back(static_cast<uint8_t>(ethertype >> 8));
	f.push_back(static_cast<uint8_t>(ethertype));
	return f;
}

// An IPv4 packet; ports stand at the payload's beginning.
static bytes make_ip(const uint8_t src[4], const uint8_t dst[4], unsigned proto, unsigned payload_bytes, unsigned dport)
{
	unsigned ihl = chance(15) ? 5 + pick(11) : 5;
	bytes ip(ihl * 4 + payload_bytes);

	for (auto &x : ip)
		x = static_cast<uint8_t>(rng());
	ip[0] = static_cast<uint8_t>(0x40 | ihl);
	put16(&ip[2], static_cast<unsigned>(ip.size()));
	ip[6] = chance(50) ? 0x40 : 0;
	ip[7] = 0;
	if (chance(5))
		ip[6] |= 0x20;	// more fragments
	if (chance(3))
		ip[7] = 3;	// a later fragment
	ip[9] = static_cast<uint8_t>(proto);
	memcpy(&ip[12], src, 4);
	memcpy(&ip[16], dst, 4);
	if (payload_bytes >= 4 && dport)
		put16(&ip[ihl * 4 + 2], dport);
	set_checksum(ip.data());
	return ip;
}

static void add_padding(bytes &f)
{
	if (f.size() < 60 && chance(80))
		f.resize(60);
	else if (chance(5))
		f.resize(f.size() + pick(100));
}

static bytes frame_of(const bytes &ip)
{
	bytes f = make_l2(0x0800);

	f.insert(f.end(), ip.begin(), ip.end());
	add_padding(f);
	return f;
}

static bytes lan_ip(bool is_reply, bool is_loop)
{
	static const unsigned protos[] = {1, 6, 17, 17, 17, 50, 47, 132, 33, 136};
	unsigned net = is_loop ? pick(N_SA) : chance(85) ? pick(N_SA) : chance(80) ? 100 + pick(5) : 200;
	unsigned host = net < N_SA && net % 3 == 2 && chance(90) ? 1 : pick(256);
	uint8_t src[4] = {10, static_cast<uint8_t>(is_reply ? 2 : 1), static_cast<uint8_t>(net), static_cast<uint8_t>(host)};
	uint8_t dst[4] = {10, static_cast<uint8_t>(is_reply ? 1 : 2), static_cast<uint8_t>(net), static_cast<uint8_t>(host)};
	static const unsigned ports[] = {500, 4500, 1000, 1500, 1999, 2000};

	if (chance(3) && !is_loop)
		memcpy(dst, chance(50) ? "\xc6\x33\x64\x01" : "\x0a\x09\x09\x09", 4);
	if (chance(3) && !is_loop)
		memcpy(src, "\xc6\x33\x64\x01", 4);
	return make_ip(src, dst, protos[pick(10)], random_payload_bytes(), chance(50) ? ports[pick(6)] : 0);
}

static bytes odd_frame()
{
	bytes f;
	unsigned n;

	switch (pick(7)) {
	case 0:	// ARP
		f = make_l2(0x0806);
		n = static_cast<unsigned>(f.size());
		f.resize(n + (chance(90) ? 28 : pick(28)));
		if (f.size() >= n + 28 && chance(50))
			memcpy(&f[n + 24], "\xc6\x33\x64\x01", 4);
		return f;
	case 1:	// IPv6
		f = make_l2(0x86dd);
		f.resize(f.size() + 40 + pick(100));
		return f;
	case 2:	// something else
		f = make_l2(0x88cc);
		f.resize(f.size() + pick(100));
		return f;
	case 3:	// runt
		f = make_l2(0x0800);
		f.resize(1 + pick(static_cast<uint32_t>(f.size() + 25)));
		return f;
	case 4:	// giant
		f = frame_of(lan_ip(false, false));
		f.resize(9601 + pick(1000));
		return f;
	default:	// an IP header that lies
		f = frame_of(lan_ip(false, false));
		n = f[12] == 0x08 ? 14 : 18;
		if (f.size() > n + 20) {
			if (chance(50))
				put16(&f[n + 2], pick(65536));
			else
				f[n] = static_cast<uint8_t>(rng());
		}
		return f;
	}
}

// ESP made by hand around any text, so that what stands inside may be wrong.
static bytes make_esp(const adit_sa &sa, uint32_t seq, bytes text)
{
	uint8_t key_bytes = static_cast<uint8_t>(adit_enc_key_bytes(sa.enc));
	bytes esp(8);

	put16(&esp[0], sa.spi >> 16);
	put16(&esp[2], sa.spi & 0xffff);
	put16(&esp[4], seq >> 16);
	put16(&esp[6], seq & 0xffff);
	if (key_bytes) {
		EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
		uint8_t iv[16];
		int n = 0;
		for (auto &x : iv)
			x = static_cast<uint8_t>(rng());
		EVP_EncryptInit_ex(c, key_bytes == 16 ? EVP_aes_128_cbc() : key_bytes == 24 ? EVP_aes_192_cbc() : EVP_aes_256_cbc(), nullptr,
				   sa.enc_key, iv);
		EVP_CIPHER_CTX_set_padding(c, 0);
		bytes out(text.size() + 16);
		EVP_EncryptUpdate(c, out.data(), &n, text.data(), static_cast<int>(text.size()));
		out.resize(static_cast<size_t>(n));
		EVP_CIPHER_CTX_free(c);
		esp.insert(esp.end(), iv, iv + 16);
		text = out;
	}
	esp.insert(esp.end(), text.begin(), text.end());
	if (sa.auth != ADIT_AUTH_NULL) {
		uint8_t d[20];
		unsigned n = 20;
		HMAC(EVP_sha1(), sa.auth_key, 20, esp.data(), esp.size(), d, &n);
		esp.insert(esp.end(), d, d + 12);
	}
	return esp;
}

static uint32_t crafted_seq[N_SA];

static bytes crafted_frame()
{
	unsigned i = pick(N_SA), how = pick(9), block = sas[i].enc == ADIT_ENC_NULL ? 4 : 16;
	const adit_sa &sa = sas[2 * N_SA + i];
	uint8_t src[4] = {10, 1, static_cast<uint8_t>(i), 1}, dst[4] = {10, 2, static_cast<uint8_t>(how == 0 ? i + 1 : i), 1};
	bytes inner, text;
	unsigned pad, nh = 4;
	bool is_tunnel = sa.mode == ADIT_MODE_TUNNEL;

	if (is_tunnel) {
		inner = make_ip(src, dst, 17, random_payload_bytes() % 9000, 0);
	} else {
		inner.resize(random_payload_bytes() % 9000);
		for (auto &x : inner)
			x = static_cast<uint8_t>(rng());
		nh = 17;
	}
	if (how == 1)
		nh = 59;
	if (how == 2)
		nh = pick(256);
	if (how == 3 && !inner.empty())
		inner[pick(is_tunnel ? 4 : 1)] = static_cast<uint8_t>(rng());
	if (how == 4)
		inner.resize(inner.size() + pick(80));	// traffic flow confidentiality padding, RFC 4303 §2.7
	if (how == 5 && is_tunnel)
		memcpy(&inner[16], "\x0a\x09\x09\x09", 4);	// for this router: no rule says so
	if (how == 8)
		inner.resize(pick(20));
	text = inner;
	pad = static_cast<unsigned>((2 * block - 2 - text.size() % block) % block);
	if (how == 6)
		pad += block * pick(3);
	for (unsigned k = 0; k < pad; k++)
		text.push_back(static_cast<uint8_t>(k + 1));
	text.push_back(static_cast<uint8_t>(pad));
	text.push_back(static_cast<uint8_t>(nh));
	if (how == 7)
		text[text.size() - 2 - pick(std::min<uint32_t>(static_cast<uint32_t>(text.size()) - 1, pad + 1))] ^= static_cast<uint8_t>(1 + pick(255));
	bytes esp = make_esp(sa, ++crafted_seq[i], text);
	bytes ip = make_ip(src, dst, 50, static_cast<unsigned>(esp.size()), 0);
	unsigned ihl = (ip[0] & 15u) * 4;
	memcpy(&ip[12], sa.src.bytes, 4);
	memcpy(&ip[16], sa.dst.bytes, 4);
	ip[6] &= 0x40;
	ip[7] = 0;
	set_checksum(ip.data());
	memcpy(&ip[ihl], esp.data(), esp.size());
	return frame_of(ip);
}

static void spoil(bytes &f)
{
	unsigned l3 = f[12] == 0x08 ? 14 : f[16] == 0x08 ? 18 : 22;

	switch (pick(4)) {
	case 0:	// a bit anywhere behind the addresses, but not of the sequence number: while packets are under way, one with a number
		// that is seen and an ICV that is wrong may be dropped for either
	{
		uint32_t at = l3 + 20 + pick(static_cast<uint32_t>(f.size() - l3 - 20)), seq_at = l3 + (f[l3] & 15u) * 4 + 4;
		if (at < seq_at || at >= seq_at + 4)
			f[at] ^= static_cast<uint8_t>(1u << pick(8));
		break;
	}
	case 1:	// a bit of the ICV
		f[f.size() - 1 - pick(12)] ^= static_cast<uint8_t>(1u << pick(8));
		break;
	case 2:	// cut short, and the length says so
	{
		unsigned left = 28 + pick(static_cast<uint32_t>(f.size() - l3 - 28));
		f.resize(l3 + left);
		put16(&f[l3 + 2], left);
		set_checksum(&f[l3]);
		break;
	}
	default:	// fragment
		f[l3 + 6] |= 0x20;
		set_checksum(&f[l3]);
	}
}

// ---------------------------------------------------------------- the runs
static void compare_counters(bench &b)
{
	for (unsigned i = 0; i < 3 * N_SA; i++) {
		unsigned slot = slot_of(i);
		adit_sa_state want;
		bytes line;
		uint64_t v[8];

		golden_card_sa_state(b.golden, static_cast<uint16_t>(slot), &want);
		b.tbl(OP_SA_GET_LIVE, slot, 0, nullptr, &line);
		memcpy(v, line.data(), 64);	// seq, replay_map, packets, bytes, icv_errors, replays
		check(v[0] == want.seq && v[2] == want.packets && v[3] == want.bytes && v[4] == want.icv_errors && v[5] == want.replays,
		      "counters of SA slot " + std::to_string(slot) + ": seq " + std::to_string(v[0]) + "/" + std::to_string(want.seq) +
			      " packets " + std::to_string(v[2]) + "/" + std::to_string(want.packets) + " bytes " + std::to_string(v[3]) + "/" +
			      std::to_string(want.bytes) + " icv " + std::to_string(v[4]) + "/" + std::to_string(want.icv_errors) + " replays " +
			      std::to_string(v[5]) + "/" + std::to_string(want.replays));
	}
	for (unsigned id = 0; id < 56; id++) {
		adit_sp_state want;
		bytes line;
		uint64_t v[8];

		golden_card_sp_state(b.golden, static_cast<uint16_t>(id), &want);
		b.tbl(OP_SP_GET, id, 0, nullptr, &line);
		memcpy(v, line.data(), 64);
		check(v[0] == want.in_accepted && v[1] == want.in_dropped && v[2] == want.in_transformed && v[3] == want.out_accepted &&
		      v[4] == want.out_dropped && v[5] == want.out_transformed,
		      "counters of policy " + std::to_string(id) + ": " + std::to_string(v[0]) + " " + std::to_string(v[1]) + " " +
			      std::to_string(v[2]) + " " + std::to_string(v[3]) + " " + std::to_string(v[4]) + " " + std::to_string(v[5]) + " for " +
			      std::to_string(want.in_accepted) + " " + std::to_string(want.in_dropped) + " " + std::to_string(want.in_transformed) + " " +
			      std::to_string(want.out_accepted) + " " + std::to_string(want.out_dropped) + " " + std::to_string(want.out_transformed));
	}
}

static uint64_t run_random(unsigned n_frames, bool nic, bool pass_unmatched, unsigned stall_percent)
{
	bench b;
	std::deque<bytes> seen;	// opened before: replays

	b.stall_percent = stall_percent;
	memset(crafted_seq, 0, sizeof(crafted_seq));
	set_up(b, nic, pass_unmatched);
	for (unsigned n = 0; n < n_frames; n++) {
		bool from_host = nic || chance(10);
		unsigned kind = pick(100);

		if (kind < 55) {
			bytes f = frame_of(lan_ip(false, kind < 40));
			b.send(from_host ? ADIT_FACE_HOST : ADIT_FACE_LAN, ADIT_DEST_FROM_LAN, f);
			if (b.s[0].verdicts.back().verdict.sa_slot != ADIT_NO_SLOT && !b.s[0].verdicts.back().out.empty()) {
				bytes sealed = b.s[0].verdicts.back().out;
				if (chance(15))
					spoil(sealed);
				else
					seen.push_back(sealed);
				if (chance(3))
					sealed.resize(sealed.size() + pick(50));	// Ethernet padding
				b.send(chance(5) ? ADIT_FACE_HOST : ADIT_FACE_WAN, ADIT_DEST_FROM_WAN, sealed);
			}
		} else if (kind < 62) {
			b.send(from_host ? ADIT_FACE_HOST : ADIT_FACE_LAN, ADIT_DEST_FROM_LAN, odd_frame());
		} else if (kind < 69) {
			b.send(ADIT_FACE_WAN, ADIT_DEST_FROM_WAN, odd_frame());
		} else if (kind < 80) {
			b.send(ADIT_FACE_WAN, ADIT_DEST_FROM_WAN, frame_of(lan_ip(chance(50), false)));
		} else if (kind < 88 && !seen.empty()) {
			b.send(ADIT_FACE_WAN, ADIT_DEST_FROM_WAN, seen[seen.size() - 1 - pick(static_cast<uint32_t>(std::min<size_t>(seen.size(), 200)))]);
		} else {
			b.send(ADIT_FACE_WAN, ADIT_DEST_FROM_WAN, crafted_frame());
		}
		if (n % 64 == 63)	// keeps what waits outside short
			while (b.s[0].in.size() + b.s[1].in.size() > 40)
				b.tick();
	}
	b.drain(2000000);
	b.tbl(OP_FENCE_OUT, 0, 0, nullptr);
	b.tbl(OP_FENCE_IN, 0, 0, nullptr);
	compare_counters(b);
	printf("random: nic %d, no_match %d, stalls %u%%: %llu frames sealed side, %llu open side, %llu cycles; reasons", nic, pass_unmatched,
	       stall_percent, static_cast<unsigned long long>(b.s[0].n_frames), static_cast<unsigned long long>(b.s[1].n_frames),
	       static_cast<unsigned long long>(b.cycle));
	for (auto &r : b.reasons)
		printf(" %u:%u", r.first, r.second);
	printf("; notices");
	for (auto &r : b.notices)
		printf(" %u:%u", r.first, r.second);
	printf("\n");
	check(b.notices[ADIT_EVENT_ACQUIRE] == (b.reasons[ADIT_REASON_XfrmOutNoStates] ? 1u : 0u), "an unbound policy asks for an SA once");
	golden_card_close(b.golden);
	return b.cycle;
}

// A fence waits for packets that are inside, and not for those that come after.
static void run_fence()
{
	bench b;

	b.stall_percent = 0;
	set_up(b, false, false);
	for (unsigned i = 0; i < 8; i++)
		b.send(ADIT_FACE_LAN, ADIT_DEST_FROM_LAN, frame_of(make_ip(reinterpret_cast<const uint8_t *>("\x0a\x01\x00\x05"),
			reinterpret_cast<const uint8_t *>("\x0a\x02\x00\x05"), 1, 700, 0)));
	while (!b.s[0].in.empty())
		b.tick();
	check(!b.s[0].verdicts.empty(), "packets are inside when the fence is asked");
	b.tbl(OP_FENCE_OUT, 0, 0, nullptr);
	check(b.s[0].verdicts.empty() && b.s[0].port.empty(), "a fence answers when they have left");
	b.drain(10000);
	golden_card_close(b.golden);
}

enum { CLEAR = 100 };	// a subnet that goes by unsealed: what the rooms around the engines take

// An ICMP packet of SA `net`'s subnet, of so many bytes on the wire with FCS.
static bytes bench_frame(unsigned net, unsigned wire_bytes)
{
	uint8_t src[4] = {10, 1, static_cast<uint8_t>(net), 5}, dst[4] = {10, 2, static_cast<uint8_t>(net), 6};
	bytes ip(wire_bytes - 18), f(14);

	ip[0] = 0x45;
	put16(&ip[2], static_cast<unsigned>(ip.size()));
	ip[8] = 64;
	ip[9] = 1;
	memcpy(&ip[12], src, 4);
	memcpy(&ip[16], dst, 4);
	set_checksum(ip.data());
	f[12] = 8;
	f.insert(f.end(), ip.begin(), ip.end());
	return f;
}

static bytes send_bench_frame(bench &b, unsigned net, unsigned wire_bytes)
{
	b.send(ADIT_FACE_LAN, ADIT_DEST_FROM_LAN, bench_frame(net, wire_bytes));
	return b.s[0].verdicts.back().out;
}

// Cycles a packet where the flow is steady.
static double steady(const std::vector<uint64_t> &at)
{
	size_t from = at.size() / 3, to = at.size() - 1 - at.size() / 10;
	return static_cast<double>(at[to] - at[from]) / static_cast<double>(to - from);
}

// Both directions at once, all packets on one SA each way, as fast as they are taken; against what the wan wire allows.
static void run_rates(const char *name, unsigned net, const std::vector<unsigned> &sizes, unsigned n)
{
	bench b;
	std::vector<bytes> sealed;
	double allowed = 0;

	b.stall_percent = 0;
	set_up(b, false, net == CLEAR);
	for (unsigned i = 0; i < n; i++)
		sealed.push_back(send_bench_frame(b, net, sizes[i % sizes.size()]));
	b.drain(10000000);
	for (unsigned i = 0; i < n; i++) {
		allowed += wire_cycles(sealed[i].size()) / n;
		send_bench_frame(b, net, sizes[i % sizes.size()]);
		b.send(ADIT_FACE_WAN, ADIT_DEST_FROM_WAN, sealed[i]);
	}
	b.s[0].verdict_at.clear();
	b.drain(10000000);
	double seal = steady(b.s[0].verdict_at), open = steady(b.s[1].verdict_at);
	printf("bench: %s: sealed %.2f, opened %.2f cycles a packet, the wire allows %.2f%s\n", name, seal, open, allowed,
	       seal > allowed * 1.01 || open > allowed * 1.01 ? "  <-- slower" : "");
	golden_card_close(b.golden);
}

static void run_latency(unsigned net, unsigned wire_bytes)
{
	static const char *const names[2][8] = {{"facts", "formed", "cipher", "ciphered", "hash", "hashed", "called", "out"},
						{"facts", "formed", "cipher", "ciphered", "hash", "hashed", "called", "checked"}};
	bench b;
	bytes sealed;

	b.stall_percent = 0;
	set_up(b, false, false);
	sealed = send_bench_frame(b, net, wire_bytes);
	for (unsigned d = 0; d < 2; d++) {
		if (d)
			b.send(ADIT_FACE_WAN, ADIT_DEST_FROM_WAN, sealed);
		memset(b.s[d].step_at, 0, sizeof(b.s[d].step_at));
		b.drain(1000000);
		printf("bench: %s one frame of %u: %llu cycles;", d ? "open" : "seal", wire_bytes,
		       static_cast<unsigned long long>(b.s[d].last_out - b.s[d].first_in));
		for (unsigned i = 0; i < 8; i++)
			printf(" %s %lld", names[d][i], static_cast<long long>(b.s[d].step_at[i] - b.s[d].first_in));
		printf("\n");
	}
	golden_card_close(b.golden);
}

// Bad packets of 64 bytes at the rate of the wan wire, one in 2.166 cycles, while lan is sealed at the rate of its own: no port may
// be held, and every counter must be right. Then the same as fast as they are taken.
enum flood { FORGED, REPLAYED, BAD_ICV, MIXED, GOOD_BETWEEN };
static void run_flood(flood kind, const char *name, bool must_pass)
{
	bench b;
	bytes replayed, bad, forged;
	std::vector<bytes> good;
	enum { N = 4000, NULL_SA = 3 };

	b.stall_percent = 0;
	set_up(b, false, false);
	replayed = make_esp(sas[N_SA + NULL_SA], 1, {1, 1, 1, 59});
	bad = replayed;
	bad[7] = 2;
	forged = replayed;
	forged[2] = 0x77;
	for (bytes *esp : {&replayed, &bad, &forged}) {
		bytes f(14), ip(20);
		ip[0] = 0x45;
		put16(&ip[2], static_cast<unsigned>(20 + esp->size()));
		ip[8] = 64;
		ip[9] = 50;
		memcpy(&ip[12], sas[N_SA + NULL_SA].src.bytes, 4);
		memcpy(&ip[16], sas[N_SA + NULL_SA].dst.bytes, 4);
		set_checksum(ip.data());
		f[12] = 8;
		f.insert(f.end(), ip.begin(), ip.end());
		f.insert(f.end(), esp->begin(), esp->end());
		f.resize(60);
		*esp = f;
	}
	b.send(ADIT_FACE_WAN, ADIT_DEST_FROM_WAN, replayed);
	for (unsigned i = 0; i < 200; i++)
		good.push_back(send_bench_frame(b, 0, 64));
	b.drain(1000000);
	for (unsigned i = 0; i < N; i++) {
		unsigned which = kind == MIXED ? i % 3 : kind == GOOD_BETWEEN ? i / 20 % 2 : kind;
		if (kind == GOOD_BETWEEN && i % 20 == 19)
			b.send(ADIT_FACE_WAN, ADIT_DEST_FROM_WAN, good[i / 20]);
		else
			b.send(ADIT_FACE_WAN, ADIT_DEST_FROM_WAN, which == FORGED ? forged : which == REPLAYED ? replayed : bad);
	}
	for (unsigned i = 0; i < N * 59 / 100; i++)
		send_bench_frame(b, 0, 64);
	b.s[0].n_held = b.s[1].n_held = 0;
	b.s[0].verdict_at.clear();
	b.s[1].verdict_at.clear();
	b.s[0].wire_at = b.s[1].wire_at = static_cast<double>(b.cycle);
	b.s[0].wire_grows = 58;	// as fast as the wan wire takes what they become
	uint64_t from = b.cycle;
	while (!b.s[1].in.empty())
		b.tick();
	double cycles = static_cast<double>(b.cycle - from);
	b.drain(1000000);
	printf("bench: flood, %s: %.2f cycles a packet in, wan held %llu cycles, lan %llu; lan packets sealed in %.2f cycles each\n", name,
	       cycles / N, static_cast<unsigned long long>(b.s[1].n_held), static_cast<unsigned long long>(b.s[0].n_held),
	       steady(b.s[0].verdict_at));
	check(!must_pass || b.s[1].n_held == 0, std::string("a flood never holds the wan port: ") + name);
	if (kind != GOOD_BETWEEN) {
		b.s[1].wire_at = -1;
		b.s[1].verdict_at.clear();
		for (unsigned i = 0; i < N / 2; i++)
			b.send(ADIT_FACE_WAN, ADIT_DEST_FROM_WAN, kind == FORGED || (kind == MIXED && i % 3 == 0) ? forged :
							       kind == REPLAYED || (kind == MIXED && i % 3 == 1) ? replayed : bad);
		b.drain(1000000);
		printf("bench: flood, %s: as fast as they are taken, %.2f cycles each\n", name, steady(b.s[1].verdict_at));
	}
	compare_counters(b);
	golden_card_close(b.golden);
}

static void run_floods()
{
	run_flood(FORGED, "forged SPI", true);
	run_flood(REPLAYED, "replayed", true);
	run_flood(BAD_ICV, "bad ICV", false);
	run_flood(MIXED, "these in turns", false);
	run_flood(GOOD_BETWEEN, "forged and replayed, one in 20 good", false);
}

static void run_bench(bool is_sweep)
{
	if (is_sweep) {
		for (unsigned size = 64; size <= 256; size += 2)
			run_rates(("clear, " + std::to_string(size)).c_str(), CLEAR, {size}, 700);
		for (unsigned size = 64; size <= 256; size += 2)
			run_rates(("AES-CBC-128 SHA1, " + std::to_string(size)).c_str(), 0, {size}, 700);
		return;
	}
	for (unsigned size : {64u, 128u, 512u, 1500u, 1518u, 9018u})
		run_latency(0, size);
	for (unsigned size : {64u, 66u, 128u, 132u, 512u, 1518u, 9018u})
		run_rates(("clear, " + std::to_string(size)).c_str(), CLEAR, {size}, size < 600 ? 1200 : size < 2000 ? 500 : 150);
	for (unsigned size : {64u, 128u, 512u, 1420u, 1518u, 9018u})
		run_rates(("AES-CBC-128 SHA1, " + std::to_string(size)).c_str(), 0, {size}, size < 600 ? 1200 : size < 2000 ? 500 : 150);
	for (unsigned size : {64u, 1518u})
		run_rates(("AES-CBC-256 SHA1, " + std::to_string(size)).c_str(), 6, {size}, size < 600 ? 1200 : 500);
	run_rates("AES-CBC-128 SHA1, IMIX 7:4:1", 0, {64, 64, 594, 64, 64, 594, 64, 594, 64, 594, 64, 1438}, 1200);
	run_floods();
}

int main(int argc, char **argv)
{
	uint64_t seed = argc > 1 ? strtoull(argv[1], nullptr, 0) : 1;
	unsigned n = argc > 2 ? static_cast<unsigned>(atoi(argv[2])) : 1500;

	if (argc > 1 && (std::string(argv[1]) == "bench" || std::string(argv[1]) == "sweep")) {
		rng.seed(1);
		run_bench(std::string(argv[1]) == "sweep");
		return n_failed != 0;
	}
	if (argc > 1 && std::string(argv[1]) == "flood") {
		rng.seed(1);
		run_floods();
		return n_failed != 0;
	}
	printf("seed %llu\n", static_cast<unsigned long long>(seed));
	rng.seed(seed);
	run_random(n, false, false, 20);
	run_random(n, true, true, 0);
	run_random(n / 2, false, true, 60);
	run_fence();
	printf("%u passed, %u failed\n", n_passed, n_failed);
	return n_failed != 0;
}
