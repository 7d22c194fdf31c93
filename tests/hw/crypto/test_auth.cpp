// SPDX-License-Identifier: BSD-2-Clause-Patent
// The auth room against RFC 2202 and, with random packets and stalls, against libcrypto.
// Built once per size: DIR, LANES, STAGES, CONTEXTS, MEM_LOG2 come from the build.
#include "Vauth.h"
#include "Vauth___024root.h"
#include "room_bench.h"
#include <map>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

static constexpr unsigned TBL_SA_INNER = 5, TBL_SA_OUTER = 6;
static constexpr unsigned SLOTS = 1024;
static Vauth *top;
static unsigned long cycle;

struct packet {
	bytes_t body, want;
	unsigned slot;
	uint32_t spi, seq;
	unsigned base = 0, run = 0, ticket = 0;
};
static std::map<unsigned, bytes_t> keys;

static bytes_t hmac(const bytes_t &key, const bytes_t &message)
{
	bytes_t out(20);
	unsigned n = 20;
	HMAC(EVP_sha1(), key.data(), int(key.size()), message.data(), message.size(), out.data(), &n);
	return out;
}

// The hash state after the key's pad, in digest byte order (RFC 2104 section 4)
static bytes_t pad_state(bytes_t key, uint8_t pad)
{
	SHA_CTX sha;
	bytes_t out;
	if (key.size() > 64) {
		bytes_t hashed(20);
		SHA1(key.data(), key.size(), hashed.data());
		key = hashed;
	}
	key.resize(64);
	for (auto &x : key) x ^= pad;
	SHA1_Init(&sha);
	SHA1_Transform(&sha, key.data());
	for (uint32_t h : { sha.h0, sha.h1, sha.h2, sha.h3, sha.h4 })
		for (int shift = 24; shift >= 0; shift -= 8) out.push_back(uint8_t(h >> shift));
	return out;
}

static void put_key(unsigned slot, const bytes_t &key)
{
	for (unsigned op : { TBL_SA_INNER, TBL_SA_OUTER }) {
		bytes_t record = pad_state(key, op == TBL_SA_INNER ? 0x36 : 0x5c), junk = random_bytes(44);
		record.insert(record.end(), junk.begin(), junk.end());
		unsigned took = table_op(top, op, slot, DIR, record);
		check(took > 0 && took < 10, "a hash state is stored within 10 cycles");
	}
	keys[slot] = key;
}

static void expect(packet &p)
{
	bytes_t message;
	for (uint32_t x : { p.spi, p.seq })
		for (int shift = 24; shift >= 0; shift -= 8) message.push_back(uint8_t(x >> shift));
	message.insert(message.end(), p.body.begin(), p.body.end());
	p.want = hmac(keys[p.slot], message);
}

struct outcome {
	unsigned long cycles, words_read;
};

static outcome run(std::vector<packet> &packets, stalls stall, const char *what)
{
	static word_ring ring;
	static unsigned next_ticket;
	read_port<Vauth> port{ top };
	std::map<unsigned, packet *> inside;
	size_t next = 0, done = 0;
	unsigned long start = cycle;
	bool offered = false, job_valid = false, done_waiting = false;
	uint32_t waiting[9];

	while (done < packets.size()) {
		if (!offered && next < packets.size()) {
			packet &p = packets[next];
			unsigned words = unsigned(p.body.size() + 63) / 64;
			if (ring.fits(words) && inside.size() < 1000) {
				p.base = ring.take(words, &p.run);
				do p.ticket = next_ticket++ % 1024; while (inside.count(p.ticket));
				store(p.base, p.body);
				inside[p.ticket] = &p;
				offered = true;
				next++;
			}
		}
		if (offered && !job_valid) job_valid = roll(100) >= stall.job;
		top->job_valid_i = job_valid;
		if (offered) {
			packet &p = packets[next - 1];
			top->job_i[0] = p.seq;
			top->job_i[1] = p.spi;
			top->job_i[2] = uint32_t(p.slot | p.body.size() << 16);
			top->job_i[3] = p.base | p.ticket << 16;
		}
		port.before(stall.read);
		top->done_ready_i = roll(100) >= stall.done;
		top->eval();
		port.after();
		if (job_valid && top->job_ready_o) offered = job_valid = false;

		if (done_waiting)
			check(top->done_valid_o && !memcmp(waiting, &top->done_o[0], sizeof(waiting)), "a stalled answer stands still");
		done_waiting = top->done_valid_o && !top->done_ready_i;
		memcpy(waiting, &top->done_o[0], sizeof(waiting));
		if (top->done_valid_o && top->done_ready_i) {
			auto it = inside.find(top->done_o[8]);
			check(it != inside.end(), "an answer is of a packet inside");
			if (it != inside.end()) {
				packet &p = *it->second;
				bytes_t got(32), want = p.want;
				want.resize(32);
				memcpy(got.data(), &top->done_o[0], 32);
				check(got == want, std::string(what) + ": " + std::to_string(p.body.size()) + " bytes");
				ring.give_back(p.run);
				inside.erase(it);
				done++;
			}
		}
		check(top->busy_o || inside.empty() || !job_valid, "busy while packets are inside");
		tick(top);
		if (++cycle - start > 4000000) {
			check(false, std::string(what) + ": hangs");
			break;
		}
	}
	top->job_valid_i = 0;
	top->done_ready_i = 1;
	for (int i = 0; i < 4; i++, cycle++) {
		port.before(0);
		top->eval();
		port.after();
		tick(top);
	}
	check(!top->busy_o, "idle once all is answered");
	return { cycle - start, port.words };
}

// RFC 2202 section 3, the cases whose message is 8 bytes (SPI and sequence number) and a multiple of 4 bytes after them
static void rfc2202_vectors_on_every_lane()
{
	static const struct {
		bytes_t key;
		const char *message, *digest;
	} VECTORS[] = {
		{ bytes_t(20, 0x0b), "Hi There", "b617318655057264e28bc0b6fb378c8ef146be00" },
		{ { 'J', 'e', 'f', 'e' }, "what do ya want for nothing?", "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79" },
		{ bytes_t(20, 0x0c), "Test With Truncation", "4c1a03424b55e07fe7f27be1d58bb9324a9a5a04" },
	};
	std::vector<packet> packets;
	unsigned slot = 100;

	for (auto &v : VECTORS) {
		put_key(++slot, v.key);
		for (unsigned n = 0; n < LANES; n++) {
			const uint8_t *m = reinterpret_cast<const uint8_t *>(v.message);
			packet p{};
			p.slot = slot;
			p.spi = uint32_t(m[0]) << 24 | uint32_t(m[1]) << 16 | uint32_t(m[2]) << 8 | m[3];
			p.seq = uint32_t(m[4]) << 24 | uint32_t(m[5]) << 16 | uint32_t(m[6]) << 8 | m[7];
			p.body.assign(m + 8, m + strlen(v.message));
			p.want = from_hex(v.digest);
			packets.push_back(p);
		}
	}
	run(packets, { 0, 0, 0 }, "RFC 2202");
}

static packet packet_of(unsigned bytes)
{
	packet p{};
	auto it = keys.begin();
	std::advance(it, roll(unsigned(keys.size())));
	p.slot = it->first;
	p.spi = uint32_t(rng());
	p.seq = uint32_t(rng());
	p.body = random_bytes(bytes);
	expect(p);
	return p;
}

static void every_length_up_to_four_words()
{
	std::vector<packet> packets;
	for (unsigned n = 0; n <= 256; n += 4) packets.push_back(packet_of(n));
	run(packets, { 0, 0, 0 }, "every length");
}

static void random_packets_with_random_stalls(unsigned count)
{
	static const stalls STALLS[] = { { 0, 0, 0 }, { 30, 30, 30 }, { 0, 70, 0 }, { 0, 0, 90 }, { 80, 10, 50 } };

	for (unsigned i = 0; i < 40; i++) put_key(roll(SLOTS), random_bytes(1 + roll(100)));
	for (auto stall : STALLS) {
		std::vector<packet> packets;
		for (unsigned i = 0; i < count; i++)
			packets.push_back(packet_of(4 * roll((i % 50 == 0 ? 9600 : roll(4) ? 400 : 1600) / 4)));
		run(packets, stall, "random packets");
	}
}

#ifdef PEEK_LANE
#define JOIN_(lane, name) auth__DOT__g_lane__BRA__##lane##__KET____DOT__u_lane__DOT__##name
#define JOIN(lane, name) JOIN_(lane, name)
static bytes_t state_in_memory(unsigned op, unsigned slot)
{
	auto *root = top->rootp;
	const uint32_t *w = op == TBL_SA_INNER ? &root->JOIN(PEEK_LANE, u_inner_mem__DOT__mem)[slot][0]
					       : &root->JOIN(PEEK_LANE, u_outer_mem__DOT__mem)[slot][0];
	bytes_t out;
	for (int i = 19; i >= 0; i--) out.push_back(uint8_t(w[i / 4] >> 8 * (i % 4)));
	return out;
}

// DESIGN 3: key memory is zeroed at delete, flush and reset
static void states_are_written_rewritten_and_zeroed_in_memory()
{
	for (unsigned n = 0; n < 4; n++) {
		bytes_t key = random_bytes(20);
		put_key(33, key);
		check(state_in_memory(TBL_SA_INNER, 33) == pad_state(key, 0x36), "the inner state in memory is the key's");
		check(state_in_memory(TBL_SA_OUTER, 33) == pad_state(key, 0x5c), "the outer state in memory is the key's");
	}
	check(table_op(top, TBL_SA_INNER, 33, DIR, bytes_t(64)) > 0, "zeroing is answered");
	check(table_op(top, TBL_SA_OUTER, 33, DIR, bytes_t(64)) > 0, "zeroing is answered");
	check(state_in_memory(TBL_SA_INNER, 33) == bytes_t(20) && state_in_memory(TBL_SA_OUTER, 33) == bytes_t(20),
	      "a zeroed slot holds nothing but zeros");
	keys.erase(33);

	for (unsigned n = 0; n < 40; n++) put_key(n < 2 ? n * (SLOTS - 1) : roll(SLOTS), random_bytes(20));
	reset(top);
	bool zero = true;
	for (unsigned slot = 0; slot < SLOTS; slot++)
		zero &= state_in_memory(TBL_SA_INNER, slot) == bytes_t(20) && state_in_memory(TBL_SA_OUTER, slot) == bytes_t(20);
	check(zero, "after a reset no slot holds anything but zeros");
	keys.clear();
	for (unsigned n = 0; n < 40; n++) put_key(roll(SLOTS), random_bytes(20));  // for the tests that follow
}
#endif

static void another_directions_state_is_not_taken()
{
	check(table_op(top, TBL_SA_INNER, 1, !DIR, random_bytes(64), 50) == 0, "the other direction's op gets no answer here");
	check(table_op(top, 4, 1, DIR, random_bytes(64), 50) == 0, "another room's op gets no answer here");
}

static void bench()
{
	printf("auth, %d lanes of %d steps, %d contexts each: cycles for many packets of one size, one after the other\n", LANES,
	       STAGES, CONTEXTS);
	printf("%8s %8s %10s %12s %12s %14s\n", "bytes", "packets", "cycles", "cyc/packet", "block/cycle", "of one packet");
	put_key(5, random_bytes(20));
	for (unsigned bytes : { 64u, 512u, 1500u, 9000u }) {
		unsigned n = 16 + (bytes + 2 + 15) / 16 * 16, blocks = (n + 17 + 63) / 64 + 1;
		std::vector<packet> packets;
		for (unsigned i = 0; i < (bytes > 2000 ? 100 : 1000); i++) packets.push_back(packet_of(n));
		outcome all = run(packets, { 0, 0, 0 }, "bench");
		std::vector<packet> alone(packets.begin(), packets.begin() + 1);
		outcome one = run(alone, { 0, 0, 0 }, "bench");
		printf("%8u %8zu %10lu %12.1f %12.2f %14lu\n", bytes, packets.size(), all.cycles,
		       double(all.cycles) / double(packets.size()), double(packets.size() * blocks) / double(all.cycles), one.cycles);
	}
}

int main(int argc, char **argv)
{
	Verilated::commandArgs(argc, argv);
	char what[80];
	snprintf(what, sizeof(what), "auth lanes=%d stages=%d contexts=%d", LANES, STAGES, CONTEXTS);
	uint64_t seed = seed_from(argc, argv, what);
	Verilated::randReset(2);
	Verilated::randSeed(int(seed));
	top = new Vauth;
	reset(top);
	if (argc > 1 && !strcmp(argv[1], "bench")) {
		bench();
	} else {
		rfc2202_vectors_on_every_lane();
#ifdef PEEK_LANE
		states_are_written_rewritten_and_zeroed_in_memory();
#endif
		another_directions_state_is_not_taken();
		every_length_up_to_four_words();
		random_packets_with_random_stalls(argc > 1 ? unsigned(atoi(argv[1])) : 250);
	}
	printf("%s: %lu cycles, %u passed, %u failed\n", what, cycle, passed, failed);
	delete top;
	return failed != 0;
}
