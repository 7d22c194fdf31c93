// SPDX-License-Identifier: BSD-2-Clause-Patent
// Every size of the AES and SHA-1 rings, written for simulation and for synthesis, against FIPS-197, FIPS 180-4 and,
// with random blocks of mixed key sizes and random gaps, against libcrypto.
#include "Vrings.h"
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <openssl/aes.h>
#include <openssl/sha.h>
#include <random>
#include <string>
#include <vector>
#include <verilated.h>

static constexpr unsigned AES_RINGS = 16, SHA_RINGS = 6, KEYS = 8;
static const unsigned ROUNDS[4] = { 1, 2, 7, 14 };
static const unsigned STAGES[SHA_RINGS] = { 1, 5, 10, 20, 40, 80 };
static Vrings *top;
static std::mt19937_64 rng;
static unsigned passed, failed;
static uint8_t keys[KEYS][32];
static unsigned key_size[KEYS];

static void check(bool ok, const std::string &what)
{
	if (ok) {
		passed++;
		return;
	}
	if (failed++ < 20) fprintf(stderr, "FAILED: %s\n", what.c_str());
}

static void tick()
{
	top->clk_i = 1;
	top->eval();
	top->clk_i = 0;
	top->eval();
}

// bytes[0] goes on top
template <class W> static void put_be(W &port, const uint8_t *bytes, unsigned n)
{
	for (unsigned i = 0; i < n / 4; i++)
		port[n / 4 - 1 - i] = uint32_t(bytes[4 * i]) << 24 | uint32_t(bytes[4 * i + 1]) << 16 |
				      uint32_t(bytes[4 * i + 2]) << 8 | bytes[4 * i + 3];
}
template <class W> static void get_be(W &port, unsigned first_word, uint8_t *bytes, unsigned n)
{
	for (unsigned i = 0; i < n; i++) bytes[i] = uint8_t(port[first_word + n / 4 - 1 - i / 4] >> (24 - 8 * (i % 4)));
}

static void put_key(unsigned slot, unsigned size, const uint8_t *key)
{
	bool done[2] = {};
	memset(keys[slot], 0, 32);
	memcpy(keys[slot], key, 16 + 8 * size);
	key_size[slot] = size;
	top->expand_valid_i = 1;
	top->expand_slot_i = slot & 7;
	top->expand_key_size_i = size & 3;
	for (unsigned i = 0; i < 8; i++) memcpy(&top->expand_key_i[i], &keys[slot][4 * i], 4);
	for (unsigned n = 0; n < 200 && !(done[0] && done[1]); n++) {
		top->eval();
		done[0] |= top->expand_done_o & 1;
		done[1] |= top->expand_done_o >> 1 & 1;
		if (done[0] && done[1]) top->expand_valid_i = 0;
		tick();
	}
	top->expand_valid_i = 0;
	check(done[0] && done[1], "a key is expanded");
	for (int i = 0; i < 200; i++) tick();  // the direction that was done first may have begun anew
}

static void aes(bool decrypt, unsigned slot, const uint8_t *in, uint8_t *out)
{
	AES_KEY schedule;
	int bits = int(128 + 64 * key_size[slot]);
	if (decrypt) {
		AES_set_decrypt_key(keys[slot], bits, &schedule);
		AES_decrypt(in, out, &schedule);
	} else {
		AES_set_encrypt_key(keys[slot], bits, &schedule);
		AES_encrypt(in, out, &schedule);
	}
}

struct expected {
	bool valid;
	uint8_t bytes[20];
};

static void fips_197_appendix_c()
{
	static const uint8_t CIPHER[3][16] = {
		{ 0x69, 0xc4, 0xe0, 0xd8, 0x6a, 0x7b, 0x04, 0x30, 0xd8, 0xcd, 0xb7, 0x80, 0x70, 0xb4, 0xc5, 0x5a },
		{ 0xdd, 0xa9, 0x7c, 0xa4, 0x86, 0x4c, 0xdf, 0xe0, 0x6e, 0xaf, 0x70, 0xa0, 0xec, 0x0d, 0x71, 0x91 },
		{ 0x8e, 0xa2, 0xb7, 0xca, 0x51, 0x67, 0x45, 0xbf, 0xea, 0xfc, 0x49, 0x90, 0x4b, 0x49, 0x60, 0x89 },
	};
	uint8_t key[32], plain[16];
	for (unsigned i = 0; i < 32; i++) key[i] = uint8_t(i);
	for (unsigned i = 0; i < 16; i++) plain[i] = uint8_t(0x11 * i);
	for (unsigned size = 0; size < 3; size++) {
		put_key(size, size, key);
		for (unsigned n = 0; n < AES_RINGS; n++) {
			bool decrypt = n >> 2 & 1;
			uint8_t out[16] = {};
			put_be(top->aes_block_i, decrypt ? CIPHER[size] : plain, 16);
			top->aes_slot_i = size & 7;
			top->aes_key_size_i = size & 3;
			top->aes_valid_i = uint16_t(1u << n);
			tick();
			top->aes_valid_i = 0;
			for (unsigned i = 0; i < 40; i++) {
				if (top->aes_out_valid_o >> n & 1) get_be(top->aes_out_block_o, 4 * n, out, 16);
				tick();
			}
			check(!memcmp(out, decrypt ? plain : CIPHER[size], 16),
			      "FIPS-197 C." + std::to_string(size + 1) + " in AES ring " + std::to_string(n));
		}
	}
}

static void fips_180_abc()
{
	static const uint8_t DIGEST[20] = { 0xa9, 0x99, 0x3e, 0x36, 0x47, 0x06, 0x81, 0x6a, 0xba, 0x3e,
					    0x25, 0x71, 0x78, 0x50, 0xc2, 0x6c, 0x9c, 0xd0, 0xd8, 0x9d };
	static const uint8_t START[20] = { 0x67, 0x45, 0x23, 0x01, 0xef, 0xcd, 0xab, 0x89, 0x98, 0xba,
					   0xdc, 0xfe, 0x10, 0x32, 0x54, 0x76, 0xc3, 0xd2, 0xe1, 0xf0 };
	uint8_t block[64] = { 'a', 'b', 'c', 0x80 }, out[SHA_RINGS][20] = {};
	block[63] = 24;
	put_be(top->sha_block_i, block, 64);
	put_be(top->sha_state_i, START, 20);
	top->sha_valid_i = 0x3f;
	tick();
	top->sha_valid_i = 0;
	for (unsigned i = 0; i < 100; i++) {
		for (unsigned n = 0; n < SHA_RINGS; n++)
			if (top->sha_out_valid_o >> n & 1) get_be(top->sha_out_state_o, 5 * n, out[n], 20);
		tick();
	}
	for (unsigned n = 0; n < SHA_RINGS; n++)
		check(!memcmp(out[n], DIGEST, 20), "SHA-1 of abc in " + std::to_string(STAGES[n]) + " stages");
}

// Each cycle one random block is offered to a random set of rings; a tag is used again only once its block is out.
static void random_blocks_in_every_ring(unsigned cycles)
{
	static expected aes_want[AES_RINGS][256], sha_want[SHA_RINGS][256];
	unsigned long aes_blocks[AES_RINGS] = {}, sha_blocks[SHA_RINGS] = {};
	uint8_t soon_tag[AES_RINGS] = {};
	unsigned soon = 0;

	for (unsigned slot = 0; slot < KEYS; slot++) {
		uint8_t key[32];
		for (auto &x : key) x = uint8_t(rng());
		put_key(slot, slot % 3, key);
	}
	for (unsigned c = 0; c < cycles + 200; c++) {
		uint8_t block[64], state[20], plain[2][16];
		uint8_t tag = uint8_t(c);
		unsigned slot = unsigned(rng() % KEYS);
		for (auto &x : block) x = uint8_t(rng());
		for (auto &x : state) x = uint8_t(rng());
		aes(false, slot, block, plain[0]);
		aes(true, slot, block, plain[1]);
		SHA_CTX sha = {};
		uint32_t h[5];
		for (unsigned i = 0; i < 5; i++)
			h[i] = uint32_t(state[4 * i]) << 24 | uint32_t(state[4 * i + 1]) << 16 | uint32_t(state[4 * i + 2]) << 8 | state[4 * i + 3];
		sha.h0 = h[0], sha.h1 = h[1], sha.h2 = h[2], sha.h3 = h[3], sha.h4 = h[4];
		SHA1_Transform(&sha, block);
		const uint32_t out[5] = { sha.h0, sha.h1, sha.h2, sha.h3, sha.h4 };

		put_be(top->aes_block_i, block, 16);
		put_be(top->sha_block_i, block, 64);
		put_be(top->sha_state_i, state, 20);
		top->aes_slot_i = slot & 7;
		top->aes_key_size_i = key_size[slot] & 3;
		top->aes_tag_i = tag;
		top->sha_tag_i = tag;
		unsigned offer = c >= cycles ? 0 : unsigned(rng() | (c / 1000 % 2 ? ~0u : 0));
		unsigned aes_offer = offer & 0xffff, sha_offer = offer >> 16 & 0x3f;
		for (unsigned n = 0; n < AES_RINGS; n++)
			if (aes_want[n][tag].valid) aes_offer &= ~(1u << n);
		for (unsigned n = 0; n < SHA_RINGS; n++)
			if (sha_want[n][tag].valid) sha_offer &= ~(1u << n);
		top->aes_valid_i = uint16_t(aes_offer);
		top->sha_valid_i = sha_offer & 0x3f;
		top->eval();
		for (unsigned n = 0; n < AES_RINGS; n++) {
			check((top->aes_out_valid_o >> n & 1) == (soon >> n & 1), "an AES block follows its tag by a cycle");
			if (top->aes_out_valid_o >> n & 1) {
				uint8_t got[16];
				expected &e = aes_want[n][soon_tag[n]];
				get_be(top->aes_out_block_o, 4 * n, got, 16);
				check(e.valid && !memcmp(got, e.bytes, 16), "a random block in AES ring " + std::to_string(n));
				e.valid = false;
				aes_blocks[n]++;
			}
			soon_tag[n] = uint8_t(top->aes_soon_tag_o[n / 4] >> 8 * (n % 4));
			if (aes_offer & top->aes_ready_o & 1u << n) {
				aes_want[n][tag].valid = true;
				memcpy(aes_want[n][tag].bytes, plain[n >> 2 & 1], 16);
			}
		}
		soon = top->aes_soon_valid_o;
		for (unsigned n = 0; n < SHA_RINGS; n++) {
			if (top->sha_out_valid_o >> n & 1) {
				uint8_t got[20];
				unsigned t = unsigned(top->sha_out_tag_o >> 8 * n & 0xff);
				expected &e = sha_want[n][t];
				get_be(top->sha_out_state_o, 5 * n, got, 20);
				check(e.valid && !memcmp(got, e.bytes, 20), "a random block in " + std::to_string(STAGES[n]) + " SHA-1 stages");
				e.valid = false;
				sha_blocks[n]++;
			}
			if (sha_offer & top->sha_ready_o & 1u << n) {
				sha_want[n][tag].valid = true;
				for (unsigned i = 0; i < 20; i++) sha_want[n][tag].bytes[i] = uint8_t(out[i / 4] >> (24 - 8 * (i % 4)));
			}
		}
		tick();
	}
	for (unsigned n = 0; n < AES_RINGS; n++) {
		unsigned left = 0;
		for (auto &e : aes_want[n]) left += e.valid;
		check(left == 0, "every AES block comes out");
		// half of the cycles are full, half are offered every other cycle; key sizes 128, 192 and 256 take 10 .. 14 rounds
		double most = double(cycles) * std::min(1.0, ROUNDS[n & 3] / 12.2);
		check(double(aes_blocks[n]) > 0.7 * most, "AES ring " + std::to_string(n) + " is kept busy: " + std::to_string(aes_blocks[n]));
	}
	for (unsigned n = 0; n < SHA_RINGS; n++) {
		unsigned left = 0;
		for (auto &e : sha_want[n]) left += e.valid;
		check(left == 0, "every SHA-1 block comes out");
		check(double(sha_blocks[n]) > 0.7 * cycles * STAGES[n] / 80, "SHA-1 ring is kept busy: " + std::to_string(sha_blocks[n]));
	}
}

int main(int argc, char **argv)
{
	const char *env = getenv("SEED");
	uint64_t seed = env ? strtoull(env, nullptr, 0) : std::random_device()();
	printf("rings: seed %llu\n", (unsigned long long)seed);
	rng.seed(seed);
	srand48(long(seed));
	Verilated::commandArgs(argc, argv);
	Verilated::randReset(2);
	Verilated::randSeed(int(seed));
	top = new Vrings;
	top->aes_valid_i = 0;
	top->sha_valid_i = 0;
	top->expand_valid_i = 0;
	top->clk_i = 0;
	top->rst_ni = 1;
	top->eval();
	top->rst_ni = 0;
	for (int i = 0; i < 4; i++) tick();
	top->rst_ni = 1;
	for (int i = 0; i < 15 * 8; i++) tick();  // key memories are zeroed
	fips_197_appendix_c();
	fips_180_abc();
	random_blocks_in_every_ring(6000);
	printf("rings: %u passed, %u failed\n", passed, failed);
	delete top;
	return failed != 0;
}
