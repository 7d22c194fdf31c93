// SPDX-License-Identifier: BSD-2-Clause-Patent
#include "bench.h"

namespace lab {

unsigned long checks, failed;
const char *test_name = "";

bool check(bool ok, const char *what, const char *file, int line)
{
	checks++;
	if (!ok) {
		failed++;
		if (failed < 40)
			printf("  FAILED %s: %s (%s:%d)\n", test_name, what, file, line);
	}
	return ok;
}

uint64_t get(const void *p, unsigned bytes)
{
	uint64_t v = 0;
	memcpy(&v, p, bytes);	// little endian, as the record
	return v;
}

void put(void *p, uint64_t value, unsigned bytes)
{
	memcpy(p, &value, bytes);
}

// Bits of a packed struct that verilator keeps in 32-bit words.
static uint64_t bits(const uint32_t *w, unsigned at, unsigned n)
{
	uint64_t v = 0;
	for (unsigned i = 0; i < n; i++)
		v |= (uint64_t)(w[(at + i) / 32] >> ((at + i) % 32) & 1) << i;
	return v;
}

static void set_bits(uint32_t *w, unsigned at, unsigned n, uint64_t v)
{
	for (unsigned i = 0; i < n; i++) {
		w[(at + i) / 32] &= ~(1u << ((at + i) % 32));
		w[(at + i) / 32] |= (uint32_t)(v >> i & 1) << ((at + i) % 32);
	}
}

bench::bench(unsigned seed) : ctx(new VerilatedContext), rng(seed), mem(MEM_BYTES)
{
	ctx->randReset(2);
	ctx->randSeed((int)(seed & 0x7fffffff) + 1);
	top.reset(new Vhost(ctx.get()));
	memset(&tbl, 0, offsetof(tables, ops));
	for (auto &s : tbl.sa) {	// power-on: anything
		for (auto *l : { &s.id, &s.addr, &s.key[0], &s.key[1], &s.inner[0], &s.inner[1], &s.outer[0], &s.outer[1] })
			for (auto &b8 : *l)
				b8 = (uint8_t)rng();
		s.id[63] &= 0x7f;
	}
	for (unsigned bank = 0; bank < 2; bank++)
		for (auto &in : tbl.rule_in[bank])
			in = true;
	tbl.live = 1;
	top->s_axil_awvalid_i = top->s_axil_wvalid_i = top->s_axil_arvalid_i = 0;	// what the bench does not drive every cycle
	top->s_axil_bready_i = top->s_axil_rready_i = 1;
	top->pipelines_busy_i = 0;
	top->rst_ni = 0;
	tick(4);
	top->rst_ni = 1;
}

bench::~bench()
{
	CHECK(wild == 0);
	CHECK(protocol == 0);
	CHECK(tbl_gap_errors == 0);
	top->final();
}

void bench::stable(unsigned channel, bool valid, bool ready, const void *data, size_t bytes)
{
	if (prev_stalled[channel] && (!valid || memcmp(prev[channel], data, bytes))) {
		if (!protocol++)
			printf("  channel %u changed its mind at %lu\n", channel, (unsigned long)now);
	}
	prev_stalled[channel] = valid && !ready;
	memcpy(prev[channel], data, bytes);
}

// What the bench offers in the coming cycle.
void bench::drive()
{
	ar_ready = !chance(stall);
	aw_ready = !chance(stall);
	w_ready = !chance(stall) && !w_wait.empty();
	tx_ready = tx_on && !chance(stall);
	irq_ready = !chance(stall);
	top->m_axi_arready_i = ar_ready;
	top->m_axi_awready_i = aw_ready;
	top->m_axi_wready_i = w_ready;
	top->tx_ready_i = tx_ready;
	top->irq_ready_i = irq_ready;

	// R: any id's oldest burst that is due
	if (!r_valid) {
		std::vector<size_t> due;
		std::set<unsigned> seen;
		for (size_t i = 0; i < ar.size(); i++)
			if (seen.insert(ar[i].id).second && ar[i].at <= now)
				due.push_back(i);
		if (!due.empty() && !chance(stall)) {
			r_pick = due[rng() % due.size()];
			burst &k = ar[r_pick];
			uint64_t a = k.addr + 64ull * k.done;
			r_valid = true;
			for (unsigned i = 0; i < 16; i++)
				top->m_axi_rdata_i[i] = k.bad ? 0xbadbadbau : (uint32_t)get(at(a) + 4 * i, 4);
			top->m_axi_rresp_i = k.bad ? 2 : 0;
			top->m_axi_rid_i = (uint8_t)k.id;
			top->m_axi_rlast_i = k.done + 1 == k.beats;
		}
	}
	top->m_axi_rvalid_i = r_valid;
	if (!b_valid && !b.empty() && b.front().at <= now && !chance(stall)) {
		b_valid = true;
		top->m_axi_bid_i = (uint8_t)b.front().id;
		top->m_axi_bresp_i = b.front().bad ? 2 : 0;
	}
	top->m_axi_bvalid_i = b_valid;

	if (!rx_valid && rx_on && !rx.empty() && !chance(stall)) {
		const rx_packet &p = rx.front();
		size_t n = std::min<size_t>(64, p.bytes.size() - rx_at);
		uint32_t w[17] = {};
		memcpy(w, &p.bytes[rx_at], n);
		set_bits(w, 512, 7, n);
		set_bits(w, 519, 1, rx_at + n == p.bytes.size());
		for (unsigned i = 0; i < 17; i++)
			top->rx_beat_i[i] = w[i];
		uint32_t m[4] = {};
		set_bits(m, 114, 8, p.reason);
		set_bits(m, 112, 2, p.face);
		set_bits(m, 96, 16, p.bytes.size());
		set_bits(m, 80, 16, p.slot);
		set_bits(m, 64, 16, p.sp);
		put(m, p.seq, 8);
		for (unsigned i = 0; i < 4; i++)
			top->rx_meta_i[i] = m[i];
		rx_valid = true;
	}
	top->rx_valid_i = rx_valid;
	for (unsigned d = 0; d < 2; d++) {
		if (!v_valid[d] && !verdicts[d].empty() && !chance(stall)) {
			const verdict &v = verdicts[d].front();
			uint32_t w[3] = {};
			set_bits(w, 84, 8, v.reason);
			set_bits(w, 82, 2, v.in);
			set_bits(w, 80, 2, v.out);
			set_bits(w, 48, 32, v.no);
			set_bits(w, 32, 16, v.bytes);
			set_bits(w, 16, 16, v.slot);
			set_bits(w, 0, 16, v.sp);
			for (unsigned i = 0; i < 3; i++)
				(d ? top->open_verdict_i : top->seal_verdict_i)[i] = w[i];
			v_valid[d] = true;
		}
	}
	top->seal_verdict_valid_i = v_valid[0];
	top->open_verdict_valid_i = v_valid[1];
	if (!n_valid && !notices.empty() && !chance(stall)) {
		const notice &n = notices.front();
		uint32_t w[11] = {};
		set_bits(w, 329, 8, n.kind);
		set_bits(w, 313, 16, n.sp);
		set_bits(w, 297, 16, n.slot);
		set_bits(w, 289, 8, n.proto);
		set_bits(w, 288, 1, n.v6);
		unsigned len = n.v6 ? 16 : 4;
		for (unsigned i = 0; i < len; i++) {
			set_bits(w, 160 + 8 * (len - 1 - i), 8, n.src[i]);
			set_bits(w, 32 + 8 * (len - 1 - i), 8, n.dst[i]);
		}
		set_bits(w, 16, 16, n.sport);
		set_bits(w, 0, 16, n.dport);
		for (unsigned i = 0; i < 11; i++)
			top->notice_i[i] = w[i];
		n_valid = true;
	}
	top->notice_valid_i = n_valid;
}

bool is_zero(const line &l)
{
	return std::all_of(l.begin(), l.end(), [](uint8_t x) { return x == 0; });
}

void bench::zero_room(unsigned room)
{
	for (auto &s : tbl.sa)
		switch (room) {
		case 0: s.valid = s.hashed = s.started = false; s.names.clear(); s.id = s.addr = s.limits = {}; break;
		case 1: case 2: s.key[room - 1] = {}; break;
		case 3: case 4: s.inner[room - 3] = s.outer[room - 3] = {}; break;
		default: break;
		}
	if (room == 5) {
		for (auto &bank : tbl.rule_in)
			for (auto &in : bank)
				in = false;
		for (auto &b : tbl.bound)
			b = 0;
		tbl.live = 0;
	}
}

// The owners of the tables, one ack for each op. After a reset each zeroes its own and answers no op before it has.
void bench::table_bus()
{
	uint32_t *rsp = top->tbl_i.data();
	const uint32_t *req = top->tbl_o.data();
	bool valid = bits(req, 545, 1);
	memset(rsp, 0, 17 * 4);
	if (top->soft_reset_o) {
		tbl_wait = -1;
		for (auto &left : sweep)
			left = 1 + (unsigned)(rng() % 400);
		return;
	}
	for (unsigned room = 0; room < 6; room++)
		if (sweep[room] > 0 && --sweep[room] == 0)
			zero_room(room);
	if (!valid) {
		if (tbl_wait > 0)
			tbl_gap_errors++;	// taken back before its ack
		for (unsigned i = 0; i < 16; i++)
			tbl_gap_errors += req[i] != 0;	// nothing lingers
		tbl_wait = -1;
		return;
	}
	if (tbl_wait < 0)
		tbl_wait = (int)(rng() % (tbl_latency + 1)) + 1;
	if (--tbl_wait > 0)
		return;
	unsigned op = (unsigned)bits(req, 540, 5), idx = (unsigned)bits(req, 524, 16), ext = (unsigned)bits(req, 520, 4);
	unsigned code = (unsigned)bits(req, 512, 8);
	unsigned room = op == 4 ? 1 + (ext & 1) : op == 5 || op == 6 ? 3 + (ext & 1) : op <= 11 ? 0 : 5;
	if (sweep[room] > 0) {
		tbl_wait = 1;
		return;
	}
	line data, out = {};
	memcpy(data.data(), req, 64);
	unsigned err = 0, dir = ext & 1;
	tbl.ops.push_back(op << 16 | idx);
	bool is_sa = op <= 11;
	if (is_sa ? idx >= SA_SLOTS : op <= 17 && op != 14 && idx >= SP_RULES) {
		CHECK(!"an index beyond its table");
		idx = 0;
	}
	tables::slot &s = tbl.sa[is_sa ? idx : 0];
	std::string name = std::string(code & 1 ? "6" : "4") + std::string((const char *)&data[16], 16);
	switch (op) {
	case 1:
		s.id = data;
		s.addr = tbl.held_addr;
		s.limits = tbl.held_limits;
		s.valid = ext & 1;
		s.started = ext & 2;
		break;
	case 2: tbl.held_addr = data; break;
	case 3: tbl.held_limits = data; break;
	case 4: s.key[dir] = data; s.key_ext[dir] = ext; s.key_code[dir] = code; break;
	case 5: case 6:
		(op == 5 ? s.inner : s.outer)[dir] = data;
		s.hash_code[dir] = code;
		CHECK(!(ext & 8) || is_zero(data));
		break;
	case 7: s.valid = ext & 1; break;
	case 8: out = s.id; memcpy(&out[36], &s.addr[16], 16); out[63] = (uint8_t)((out[63] & 0x7f) | s.valid << 7); break;
	case 9: for (unsigned i = 0; i < 48; i++) out[i] = (uint8_t)(idx + i); break;
	case 10:
		err = tbl.hash_err;
		tbl.hash_err = 0;
		if (!err) {
			CHECK(s.names.insert(name).second);
			s.hashed = true;
		}
		break;
	case 11:
		err = s.names.erase(name) ? 0 : ADIT_STATUS_NOT_FOUND;
		CHECK(!err);
		s.hashed = !s.names.empty();
		break;
	case 12: tbl.rule[ext & 1][idx] = data; tbl.rule_in[ext & 1][idx] = true; break;
	case 13: tbl.rule_in[ext & 1][idx] = false; break;
	case 14: tbl.live = ext & 1; break;
	case 15: tbl.bound[idx] = ext & 1; tbl.bind_slot[idx] = (unsigned)get(data.data(), 2); break;
	case 16: for (unsigned i = 0; i < 51; i++) out[i] = (uint8_t)(3 * idx + i); break;
	case 17: tbl.zeroed[idx]++; tbl.bound[idx] = 0; break;
	case 18: tbl.fences[0]++; break;
	case 19: tbl.fences[1]++; break;
	default: CHECK(!"a table op that nobody owns");
	}
	memcpy(rsp, out.data(), 64);
	set_bits(rsp, 512, 8, err);
	set_bits(rsp, 520, 1, 1);
	tbl_wait = -1;
}

// What both sides agreed on in the cycle that ends.
void bench::sample()
{
	struct { uint64_t a; uint32_t len, id; } arp = { top->m_axi_araddr_o, top->m_axi_arlen_o, top->m_axi_arid_o },
						 awp = { top->m_axi_awaddr_o, top->m_axi_awlen_o, top->m_axi_awid_o };
	uint32_t wp[20] = {}, txp[21] = {}, ip = top->irq_vector_o;
	memcpy(wp, top->m_axi_wdata_o.data(), 64);
	put(&wp[16], top->m_axi_wstrb_o, 8);
	wp[18] = top->m_axi_wlast_o;
	memcpy(txp, top->tx_beat_o.data(), 68);
	memcpy(&txp[17], top->tx_meta_o.data(), 16);
	stable(0, top->m_axi_arvalid_o, ar_ready, &arp, sizeof arp);
	stable(1, top->m_axi_awvalid_o, aw_ready, &awp, sizeof awp);
	stable(2, top->m_axi_wvalid_o, w_ready, wp, sizeof wp);
	if (top->soft_reset_o)
		prev_stalled[3] = false;
	stable(3, top->tx_valid_o, tx_ready, txp, sizeof txp);
	stable(4, top->irq_valid_o, irq_ready, &ip, sizeof ip);

	auto look = [&](uint64_t a, unsigned beats) {
		bool bad = a >= BAD_BASE && a < BAD_BASE + 0x10000000;
		if (beats > 64 || (a & 4095) + 64ull * beats > 4096 || (a & 63) || (!bad && (a < MEM_BASE || a + 64ull * beats > MEM_BASE + MEM_BYTES))) {
			if (!wild++)
				printf("  burst of %u words at %lx\n", beats, (unsigned long)a);
			bad = true;
		}
		return bad || bad_pages.count(a >> 12);
	};
	auto due = [&](unsigned key) {	// answers of one id keep their order
		uint64_t t = now + latency + (jitter ? rng() % jitter : 0);
		t = std::max(t, last_at[key]);
		last_at[key] = t;
		return t;
	};
	if (top->m_axi_arvalid_o && ar_ready) {
		unsigned n = top->m_axi_arlen_o + 1u;
		ar.push_back({ top->m_axi_araddr_o, n, 0, top->m_axi_arid_o, due(top->m_axi_arid_o), look(top->m_axi_araddr_o, n) });
		if (top->m_axi_arsize_o != 6 || top->m_axi_arburst_o != 1)
			protocol++;
	}
	if (r_valid && top->m_axi_rready_o) {
		r_valid = false;
		bytes_read += 64;
		if (++ar[r_pick].done == ar[r_pick].beats)
			ar.erase(ar.begin() + (long)r_pick);
	}
	if (top->m_axi_wvalid_o && w_ready) {
		burst &k = w_wait.front();
		uint64_t a = k.addr + 64ull * k.done;
		for (unsigned i = 0; i < 64; i++)
			if (top->m_axi_wstrb_o >> i & 1) {
				bytes_written++;
				if (!k.bad)
					*at(a + i) = (uint8_t)(top->m_axi_wdata_o[i / 4] >> (8 * (i % 4)));
			}
		k.done++;
		if ((k.done == k.beats) != top->m_axi_wlast_o)
			protocol++;
		if (k.done == k.beats) {
			k.at = due(16 + k.id);
			// anywhere among the answers, but behind those of its own id
			size_t pos = b.size();
			while (pos > (b_valid ? 1u : 0u) && b[pos - 1].id != k.id && b[pos - 1].at > k.at)
				pos--;
			b.insert(b.begin() + (long)pos, k);
			w_wait.pop_front();
		}
	}
	if (top->m_axi_awvalid_o && aw_ready) {
		unsigned n = top->m_axi_awlen_o + 1u;
		w_wait.push_back({ top->m_axi_awaddr_o, n, 0, top->m_axi_awid_o, 0, look(top->m_axi_awaddr_o, n) });
		if (top->m_axi_awsize_o != 6 || top->m_axi_awburst_o != 1)
			protocol++;
	}
	if (b_valid && top->m_axi_bready_o) {
		b_valid = false;
		b.pop_front();
	}
	if (top->tx_valid_o && tx_ready) {
		unsigned n = (unsigned)bits(txp, 512, 7);
		bool last = bits(txp, 519, 1);
		if (!tx_in)
			tx_now = { {}, (unsigned)bits(txp + 17, 104, 3), (unsigned)bits(txp + 17, 96, 8), (unsigned)bits(txp + 17, 80, 16),
				   (unsigned)bits(txp + 17, 64, 16), get(txp + 17, 8) };
		protocol += tx_now.dest != bits(txp + 17, 104, 3) || n == 0 || n > 64 || (!last && n != 64);
		const uint8_t *d = (const uint8_t *)txp;
		for (unsigned i = 0; i < 64; i++) {
			if (i < n)
				tx_now.bytes.push_back(d[i]);
			else
				protocol += d[i] != 0;
		}
		tx_in = !last;
		if (last)
			tx.push_back(tx_now);
	}
	if (rx_valid && top->rx_ready_o) {
		rx_valid = false;
		rx_at += 64;
		if (rx_at >= rx.front().bytes.size()) {
			rx.pop_front();
			rx_at = 0;
		}
	}
	for (unsigned d = 0; d < 2; d++)
		if (v_valid[d] && (d ? top->open_verdict_ready_o : top->seal_verdict_ready_o)) {
			v_valid[d] = false;
			verdicts[d].pop_front();
		}
	if (n_valid && top->notice_ready_o) {
		n_valid = false;
		notices.pop_front();
	}
	if (top->irq_valid_o && irq_ready) {
		unsigned v = top->irq_vector_o;
		if (irqs[v]++)
			irq_gap[v] = std::min(irq_gap[v], now - irq_last[v]);
		irq_last[v] = now;
	}
}

void bench::tick(unsigned n)
{
	while (n--) {
		drive();
		if (top->rst_ni)
			table_bus();
		top->clk_i = 0;
		top->eval();
		if (top->rst_ni)
			sample();
		top->clk_i = 1;
		top->eval();
		now++;
	}
}

void bench::wr(uint32_t addr, uint32_t value)
{
	top->s_axil_awaddr_i = (uint16_t)addr;
	top->s_axil_wdata_i = value;
	top->s_axil_wstrb_i = 0xf;
	top->s_axil_bready_i = 1;
	bool aw_done = false, w_done = false;
	for (unsigned i = 0; i < 1000; i++) {
		top->s_axil_awvalid_i = !aw_done;
		top->s_axil_wvalid_i = !w_done;
		top->eval();
		bool a = top->s_axil_awready_o, w = top->s_axil_wready_o, done = top->s_axil_bvalid_o;
		tick();
		aw_done |= a;
		w_done |= w;
		if (done) {
			top->s_axil_awvalid_i = top->s_axil_wvalid_i = 0;
			return;
		}
	}
	CHECK(!"the BAR answers a write");
}

uint32_t bench::rd(uint32_t addr)
{
	top->s_axil_araddr_i = (uint16_t)addr;
	top->s_axil_rready_i = 1;
	bool asked = false;
	for (unsigned i = 0; i < 1000; i++) {
		top->s_axil_arvalid_i = !asked;
		top->eval();
		bool a = top->s_axil_arready_o, done = top->s_axil_rvalid_o;
		uint32_t v = top->s_axil_rdata_o;
		tick();
		asked |= a;
		if (done) {
			top->s_axil_arvalid_i = 0;
			return v;
		}
	}
	CHECK(!"the BAR answers a read");
	return 0;
}

bool bench::until_ready(unsigned limit)
{
	for (unsigned i = 0; i < limit; i += 20) {
		if (rd(ADIT_REG_STATUS) & 1)
			return true;
		tick(20);
	}
	return false;
}

void bench::ring_on(unsigned ring, uint64_t base, unsigned log2)
{
	wr(0x100 + 0x20 * ring, (uint32_t)base);
	wr(0x104 + 0x20 * ring, (uint32_t)(base >> 32));
	wr(0x108 + 0x20 * ring, 0x80000000u | log2);
}

void bench::ring_off(unsigned ring)
{
	wr(0x108 + 0x20 * ring, rd(0x108 + 0x20 * ring) & 0x1f);
}

void bench::evt_on(uint64_t base, unsigned log2)
{
	if (base >= MEM_BASE && base < MEM_BASE + MEM_BYTES)
		memset(at(base), 0, 64ull << log2);
	evt_base = base;
	evt_log2 = log2;
	evt_seen = evt_rung = 0;
	ring_on(ADIT_RING_EVT, base, log2);
}

void bench::poll_events()
{
	while (evt_base) {
		uint8_t *e = at(evt_base + 64ull * (evt_seen & ((1u << evt_log2) - 1)));
		uint8_t gen = !(evt_seen >> evt_log2 & 1);
		if (e[0] == 0 || e[1] != gen)
			return;
		line l;
		memcpy(l.data(), e, 64);
		events.push_back(l);
		evt_seen++;
	}
}

void bench::reap(bool ring_bell)
{
	poll_events();
	if (ring_bell && evt_seen != evt_rung) {
		bell(ADIT_RING_EVT, evt_seen);
		evt_rung = evt_seen;
	}
}

}
