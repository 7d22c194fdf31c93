// SPDX-License-Identifier: BSD-2-Clause-Patent
// The cipher room against the standards' vectors and, with random packets and stalls, against libcrypto.
// Built once per size and direction: DECRYPT, LANES, ROUNDS, CONTEXTS, MEM_LOG2 come from the build.
#include "Vcipher.h"
#include "Vcipher___024root.h"
#include "room_bench.h"
#include <openssl/aes.h>
#include <openssl/evp.h>
#include <map>

static constexpr unsigned TBL_SA_KEY = 4;
static constexpr unsigned SLOTS = 1024;
static Vcipher *top;
static unsigned long cycle;

static unsigned key_bytes(unsigned key_size) { return 16 + 8 * key_size; }

static bytes_t cbc(bool encrypt, const bytes_t &key, const bytes_t &iv, const bytes_t &in)
{
	const EVP_CIPHER *kind = key.size() == 16 ? EVP_aes_128_cbc() : key.size() == 24 ? EVP_aes_192_cbc() : EVP_aes_256_cbc();
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	bytes_t out(in.size() + 16);
	int n = 0;

	EVP_CipherInit_ex(ctx, kind, nullptr, key.data(), iv.data(), encrypt);
	EVP_CIPHER_CTX_set_padding(ctx, 0);
	EVP_CipherUpdate(ctx, out.data(), &n, in.data(), int(in.size()));
	EVP_CIPHER_CTX_free(ctx);
	out.resize(in.size());
	return out;
}

struct packet {
	bytes_t body, want, got;
	unsigned slot, key_size;
	bool is_copy;
	unsigned base = 0, run = 0, ticket = 0;
	std::vector<bool> written;
	bool pad_ok = false;
};

struct key {
	unsigned key_size;
	bytes_t bytes;
};
static std::map<unsigned, key> keys;

static void put_key(unsigned slot, unsigned key_size, const bytes_t &bytes)
{
	bytes_t record = bytes;
	record.resize(32);
	bytes_t junk = random_bytes(32);  // the salt and what follows must not matter
	record.insert(record.end(), junk.begin(), junk.end());
	unsigned took = table_op(top, TBL_SA_KEY, slot, (DECRYPT ? 1 : 0) | key_size << 1, record);
	check(took > 0 && took < 100, "a key is stored within 100 cycles");
	keys[slot] = { key_size, bytes };
}

// Fills in what must come out.
static void expect(packet &p)
{
	const bytes_t zero(16);

	if (p.is_copy) {
		p.want = p.body;
	} else if (!DECRYPT) {
		p.want = cbc(true, keys[p.slot].bytes, zero, p.body);
	} else {
		p.want = cbc(false, keys[p.slot].bytes, bytes_t(p.body.begin(), p.body.begin() + 16),
			     bytes_t(p.body.begin() + 16, p.body.end()));
		p.want.insert(p.want.begin(), 16, 0);
	}
	p.pad_ok = false;
	if (p.want.size() >= 2) {
		unsigned pad = p.want[p.want.size() - 2];
		size_t first = DECRYPT && !p.is_copy ? 16 : 0;
		p.pad_ok = pad + 2 + first <= p.want.size();
		for (unsigned i = 0; p.pad_ok && i < pad; i++)
			p.pad_ok = p.want[p.want.size() - 2 - pad + i] == i + 1;
	}
}

struct outcome {
	unsigned long cycles, words_read;
};

// Runs all packets through; returns when the last answer has come.
static outcome run(std::vector<packet> &packets, stalls stall, const char *what)
{
	static word_ring ring;
	static unsigned next_ticket;
	read_port<Vcipher> port{ top };
	std::map<unsigned, packet *> inside;
	size_t next = 0, done = 0;
	unsigned long start = cycle;
	bool offered = false, job_valid = false, done_waiting = false;
	uint32_t waiting_done = 0;

	while (done < packets.size()) {
		if (!offered && next < packets.size()) {
			packet &p = packets[next];
			unsigned words = unsigned(p.body.size() + 63) / 64;
			if (ring.fits(words) && inside.size() < 1000) {
				p.base = ring.take(words, &p.run);
				do p.ticket = next_ticket++ % 1024; while (inside.count(p.ticket));
				store(p.base, p.body);
				p.got.assign(words * 64, 0xee);
				p.written.assign(words, false);
				inside[p.ticket] = &p;
				offered = true;
				next++;
			}
		}
		// a job offered stays offered
		if (offered && !job_valid) job_valid = roll(100) >= stall.job;
		top->job_valid_i = job_valid;
		if (offered) {
			packet &p = packets[next - 1];
			top->job_i = uint64_t(p.ticket) << 51 | uint64_t(p.base) << 35 | uint64_t(p.body.size()) << 19 |
				     uint64_t(p.is_copy) << 18 | uint64_t(p.key_size) << 16 | p.slot;
		}
		port.before(stall.read);
		top->done_ready_i = roll(100) >= stall.done;
		top->eval();
		port.after();
		if (job_valid && top->job_ready_o) offered = job_valid = false;

		if (top->wr_valid_o) {
			auto it = inside.find(top->wr_ticket_o);
			check(it != inside.end(), "a write is of a packet inside");
			if (it != inside.end()) {
				packet &p = *it->second;
				unsigned i = top->wr_index_o;
				bool fits = i < p.written.size() && !p.written[i] && top->wr_addr_o == (p.base + i) % MEM_WORDS;
				check(fits, "a word is written once, in its place");
				if (fits) {
					p.written[i] = true;
					memcpy(&p.got[64 * i], &top->wr_data_o[0], 64);
				}
			}
		}
		if (done_waiting) check(top->done_valid_o && top->done_o == waiting_done, "a stalled answer stands still");
		done_waiting = top->done_valid_o && !top->done_ready_i;
		waiting_done = top->done_o;
		if (top->done_valid_o && top->done_ready_i) {
			auto it = inside.find(top->done_o >> 17);
			check(it != inside.end(), "an answer is of a packet inside");
			if (it != inside.end()) {
				packet &p = *it->second;
				bytes_t padded = p.want;
				padded.resize(p.got.size());
				check(p.got == padded, std::string(what) + ": " + std::to_string(p.body.size()) + " bytes, key size " +
							       std::to_string(p.key_size) + (p.is_copy ? ", copied" : ", ciphered"));
				if (p.want.size() >= 4 && p.want.size() % 4 == 0) {
					check((top->done_o >> 9 & 0xff) == p.want[p.want.size() - 2] &&
						      (top->done_o >> 1 & 0xff) == p.want.back(), "the answer carries the last two bytes");
					// beyond the body's beginning the length check of the asker decides
					if (p.want[p.want.size() - 2] + 18u <= p.want.size())
						check((top->done_o & 1) == p.pad_ok, std::string(what) + ": the padding is judged rightly");
				}
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

// SP 800-38A F.2.1 to F.2.6: the same four blocks under three keys; FIPS-197 appendix C
static const char *const CBC_IV = "000102030405060708090a0b0c0d0e0f";
static const char *const CBC_PLAIN = "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
				     "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710";
static const struct {
	const char *key, *cipher;
} CBC_VECTORS[3] = {
	{ "2b7e151628aed2a6abf7158809cf4f3c", "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2"
					      "73bed6b8e3c1743b7116e69e222295163ff1caa1681fac09120eca307586e1a7" },
	{ "8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b",
	  "4f021db243bc633d7178183a9fa071e8b4d9ada9ad7dedf4e5e738763f69145a"
	  "571b242012fb7ae07fa9baac3df102e008b0e27988598881d920a9e64f5615cd" },
	{ "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4",
	  "f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d"
	  "39f23369a9d9bacfa530e26304231461b2eb05e2c39be9fcda6c19078c6a9d1b" },
};
static const char *const BLOCK_PLAIN = "00112233445566778899aabbccddeeff";
static const char *const BLOCK_CIPHER[3] = { "69c4e0d86a7b0430d8cdb78070b4c55a", "dda97ca4864cdfe06eaf70a0ec0d7191",
					     "8ea2b7ca516745bfeafc49904b496089" };

static bytes_t join(const bytes_t &a, const bytes_t &b)
{
	bytes_t r = a;
	r.insert(r.end(), b.begin(), b.end());
	return r;
}

static void standard_vectors_on_every_lane()
{
	for (unsigned size = 0; size < 3; size++) {
		bytes_t key = from_hex(CBC_VECTORS[size].key), counting;
		for (unsigned i = 0; i < key_bytes(size); i++) counting.push_back(uint8_t(i));
		put_key(2 * size, size, key);
		put_key(2 * size + 1, size, counting);
		bytes_t iv = from_hex(CBC_IV), plain = from_hex(CBC_PLAIN), cipher = from_hex(CBC_VECTORS[size].cipher);
		std::vector<packet> packets;
		for (unsigned n = 0; n < LANES; n++) {
			packet p{};
			p.slot = 2 * size;
			p.key_size = size;
			if (DECRYPT) {
				p.body = join(iv, cipher);
				p.want = join(bytes_t(16), plain);
			} else {  // the nonce whose cipher is the vector's IV
				p.body = join(cbc(false, key, bytes_t(16), iv), plain);
				p.want = join(iv, cipher);
			}
			packets.push_back(p);
		}
		for (unsigned n = 0; n < LANES; n++) {
			packet p{};
			p.slot = 2 * size + 1;
			p.key_size = size;
			p.body = DECRYPT ? join(bytes_t(16), from_hex(BLOCK_CIPHER[size])) : from_hex(BLOCK_PLAIN);
			p.want = DECRYPT ? join(bytes_t(16), from_hex(BLOCK_PLAIN)) : from_hex(BLOCK_CIPHER[size]);
			packets.push_back(p);
		}
		for (auto &p : packets) {
			unsigned pad = p.want[p.want.size() - 2];
			p.pad_ok = pad == 0;
		}
		run(packets, { 0, 0, 0 }, "standard vectors");
	}
}

static packet random_packet(unsigned max_bytes, unsigned copy_percent)
{
	packet p{};
	auto it = keys.begin();
	std::advance(it, roll(unsigned(keys.size())));
	p.slot = it->first;
	p.key_size = it->second.key_size;
	p.is_copy = roll(100) < copy_percent;
	unsigned most = roll(4) ? std::min(max_bytes, 400u) : max_bytes;
	unsigned n = p.is_copy ? (roll(2) ? 4 * roll(most / 4) : roll(most)) : 16 * (roll(most / 16) + (DECRYPT ? 2 : 1));
	bytes_t plain = random_bytes(n);
	// half of the bodies end in an ESP trailer, some of them with a flaw
	if (n >= 20 && roll(2)) {
		unsigned pad = std::min(roll(3) ? roll(17) : roll(256), n - 18u);
		for (unsigned i = 0; i < pad; i++) plain[n - 2 - pad + i] = uint8_t(i + 1);
		plain[n - 2] = uint8_t(pad);
		if (pad && roll(3) == 0) plain[n - 2 - 1 - roll(pad)] ^= uint8_t(1 << roll(8));
	}
	p.body = plain;
	if (DECRYPT && !p.is_copy) {
		bytes_t iv(plain.begin(), plain.begin() + 16);
		p.body = join(iv, cbc(true, keys[p.slot].bytes, iv, bytes_t(plain.begin() + 16, plain.end())));
	}
	expect(p);
	return p;
}

static void random_packets_with_random_stalls(unsigned count)
{
	static const stalls STALLS[] = { { 0, 0, 0 }, { 30, 30, 30 }, { 0, 70, 0 }, { 0, 0, 90 }, { 80, 10, 50 } };

	for (unsigned i = 0; i < 40; i++) {
		unsigned size = roll(3);
		put_key(roll(SLOTS), size, random_bytes(key_bytes(size)));
	}
	for (auto stall : STALLS) {
		std::vector<packet> packets;
		for (unsigned i = 0; i < count; i++) packets.push_back(random_packet(i % 50 ? 1600 : 9600, 20));
		run(packets, stall, "random packets");
	}
}

static void a_body_of_no_bytes_is_answered_and_touches_no_memory()
{
	std::vector<packet> packets(20);
	for (auto &p : packets) {
		p.is_copy = roll(2);
		p.slot = keys.begin()->first;
		p.key_size = keys.begin()->second.key_size;
	}
	outcome o = run(packets, { 0, 0, 20 }, "no bytes");
	check(o.words_read == 0, "no bytes, no reads");
}

static void copies_alone_take_a_word_a_cycle()
{
	std::vector<packet> packets;
	unsigned long words = 0;
	for (unsigned i = 0; i < 60; i++) {
		packet p{};
		p.is_copy = true;
		p.body = random_bytes(1500);
		expect(p);
		words += 24;
		packets.push_back(p);
	}
	outcome o = run(packets, { 0, 0, 0 }, "copies");
	check(o.words_read == words && o.cycles < words + words / 20 + 20, "a word a cycle: " + std::to_string(o.cycles) +
			" cycles for " + std::to_string(words));
}

#ifdef PEEK_LANE
// Round keys of a slot as they lie in the last lane's memories, index 0..14
#define JOIN_(lane, name) cipher__DOT__g_lane__BRA__##lane##__KET____DOT__u_lane__DOT__u_ring__DOT__##name
#define JOIN(lane, name) JOIN_(lane, name)
#define UNIT(n) JOIN(PEEK_LANE, g_round__BRA__##n##__KET____DOT__key_mem)
static bytes_t round_key(unsigned slot, unsigned r)
{
	auto *root = top->rootp;
	constexpr unsigned passes = 14 / ROUNDS;
	const uint32_t *w = nullptr;
	bytes_t out;
	if (r == 0) {
		w = &root->JOIN(PEEK_LANE, white_mem)[slot][0];
	} else {
		unsigned unit = (r - 1) % ROUNDS, pass = (r - 1) / ROUNDS;
		unsigned at = passes == 1 ? slot : pass << 10 | slot;
		switch (unit) {
#define CASE(n) case n: w = &root->UNIT(n)[at][0]; break;
		CASE(0) CASE(1)
#if ROUNDS == 14
		CASE(2) CASE(3) CASE(4) CASE(5) CASE(6) CASE(7) CASE(8) CASE(9) CASE(10) CASE(11) CASE(12) CASE(13)
#endif
		}
	}
	for (int i = 15; i >= 0; i--) out.push_back(uint8_t(w[i / 4] >> 8 * (i % 4)));
	return out;
}

static void expect_round_keys(unsigned slot, unsigned size, const bytes_t &key, const char *what)
{
	AES_KEY schedule;
	unsigned rounds = 10 + 2 * size;
	if (DECRYPT) AES_set_decrypt_key(key.data(), int(8 * key.size()), &schedule);
	else AES_set_encrypt_key(key.data(), int(8 * key.size()), &schedule);
	bool ok = true;
	for (unsigned r = 0; r < 15; r++) {
		bytes_t have = round_key(slot, r), want(16);
		int j = r == 0 ? 0 : int(r) - (14 - int(rounds));
		if (j > 0 || r == 0)
			memcpy(want.data(), &schedule.rd_key[4 * unsigned(j)], 16);
		ok &= have == want;
	}
	check(ok, what);
}

// DESIGN 3: key memory is zeroed at delete, flush and reset; a shorter key leaves nothing of a longer one
static void keys_are_written_rewritten_and_zeroed_in_memory()
{
	for (unsigned n = 0; n < 12; n++) {
		unsigned slot = roll(SLOTS), size = n < 3 ? 2 - n : roll(3);
		if (n < 3) slot = 77;  // 256, then 192, then 128 bits in one slot
		put_key(slot, size, random_bytes(key_bytes(size)));
		expect_round_keys(slot, size, keys[slot].bytes, "round keys in memory are those of the key alone");
	}
	check(table_op(top, TBL_SA_KEY, 77, (DECRYPT ? 1 : 0) | 8, random_bytes(64)) > 0, "zeroing is answered");
	bool zero = true;
	for (unsigned r = 0; r < 15; r++) zero &= round_key(77, r) == bytes_t(16);
	check(zero, "a zeroed slot holds nothing but zeros");
	keys.erase(77);
	bool wiped = true;
	for (unsigned i = 0; i < 8; i++) wiped &= top->rootp->cipher__DOT__u_expand__DOT__window_q[i] == 0;
	check(wiped, "the key is wiped from the expansion's registers");

	for (unsigned n = 0; n < 40; n++) put_key(n < 2 ? n * (SLOTS - 1) : roll(SLOTS), 2, random_bytes(32));
	reset(top);
	zero = true;
	for (unsigned slot = 0; slot < SLOTS; slot++)
		for (unsigned r = 0; r < 15; r++) zero &= round_key(slot, r) == bytes_t(16);
	check(zero, "after a reset no slot holds anything but zeros");
	keys.clear();
}
#endif

static void another_directions_key_is_not_taken()
{
	check(table_op(top, TBL_SA_KEY, 1, DECRYPT ? 0 : 1, random_bytes(64), 50) == 0, "the other direction's op gets no answer here");
	check(table_op(top, 5, 1, DECRYPT ? 1 : 0, random_bytes(64), 50) == 0, "another room's op gets no answer here");
}

static void bench()
{
	printf("cipher %s, %d lanes of %d rounds, %d contexts each: cycles for many packets of one size, one after the other\n",
	       DECRYPT ? "open" : "seal", LANES, ROUNDS, CONTEXTS);
	printf("%8s %8s %8s %10s %12s %12s %14s\n", "bytes", "key", "packets", "cycles", "cyc/packet", "block/cycle", "of one packet");
	for (unsigned size = 0; size < 3; size += 2)
		for (unsigned bytes : { 64u, 512u, 1500u, 9000u }) {
			unsigned n = 16 + (bytes + 2 + 15) / 16 * 16, blocks = n / 16 - (DECRYPT ? 1 : 0);
			std::vector<packet> packets;
			put_key(5, size, random_bytes(key_bytes(size)));
			for (unsigned i = 0; i < (bytes > 2000 ? 100 : 600); i++) {
				packet p{};
				p.slot = 5;
				p.key_size = size;
				p.body = random_bytes(n);
				expect(p);
				packets.push_back(p);
			}
			outcome all = run(packets, { 0, 0, 0 }, "bench");
			std::vector<packet> alone(packets.begin(), packets.begin() + 1);
			outcome one = run(alone, { 0, 0, 0 }, "bench");
			printf("%8u %8u %8zu %10lu %12.1f %12.2f %14lu\n", bytes, 128 + 64 * size, packets.size(), all.cycles,
			       double(all.cycles) / double(packets.size()), double(packets.size() * blocks) / double(all.cycles), one.cycles);
		}
}

int main(int argc, char **argv)
{
	Verilated::commandArgs(argc, argv);
	char what[80];
	snprintf(what, sizeof(what), "cipher %s lanes=%d rounds=%d contexts=%d", DECRYPT ? "open" : "seal", LANES, ROUNDS, CONTEXTS);
	uint64_t seed = seed_from(argc, argv, what);
	Verilated::randReset(2);
	Verilated::randSeed(int(seed));
	top = new Vcipher;
	reset(top);
	if (argc > 1 && !strcmp(argv[1], "bench")) {
		bench();
	} else {
		standard_vectors_on_every_lane();
#ifdef PEEK_LANE
		keys_are_written_rewritten_and_zeroed_in_memory();
#endif
		another_directions_key_is_not_taken();
		random_packets_with_random_stalls(argc > 1 ? unsigned(atoi(argv[1])) : 250);
		a_body_of_no_bytes_is_answered_and_touches_no_memory();
		copies_alone_take_a_word_a_cycle();
	}
	printf("%s: %lu cycles, %u passed, %u failed\n", what, cycle, passed, failed);
	delete top;
	return failed != 0;
}
