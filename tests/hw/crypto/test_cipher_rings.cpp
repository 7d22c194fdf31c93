// SPDX-License-Identifier: BSD-2-Clause-Patent
// Every size of the AES and DES rings, written for simulation and for synthesis, against FIPS-197, SP 800-20 and SP 800-67
// and, with random blocks of mixed keys and random gaps, against libcrypto.
#include "Vcipher_rings.h"
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <openssl/aes.h>
#include <openssl/evp.h>
#include <openssl/provider.h>
#include <random>
#include <string>
#include <vector>
#include <verilated.h>

static constexpr unsigned AES_RINGS = 16, DES_RINGS = 24, RINGS = AES_RINGS + DES_RINGS, KEYS = 16;
static const unsigned ROUNDS[4] = { 1, 2, 7, 14 };
static Vcipher_rings *top;
static std::mt19937_64 rng;
static unsigned passed, failed;

// slots 0..8: AES, 9..15: DES
static bool is_des_slot(unsigned slot) { return slot >= 9; }
static uint8_t keys[KEYS][32];
static unsigned key_size[KEYS];

// Rings 0..15 are AES, 16..39 DES
static bool is_des(unsigned ring) { return ring >= AES_RINGS; }
static bool decrypts(unsigned ring) { return is_des(ring) ? (ring - AES_RINGS) / 6 % 2 : ring >> 2 & 1; }
static unsigned stages(unsigned ring) { return (ring - AES_RINGS) % 6 == 5 ? 48 : 1u << (ring - AES_RINGS) % 6; }
static unsigned block_bytes(unsigned ring) { return is_des(ring) ? 8 : 16; }
static std::string name(unsigned ring)
{
	return is_des(ring) ? "DES ring of " + std::to_string(stages(ring)) + " stages, number " + std::to_string(ring - AES_RINGS)
			    : "AES ring of " + std::to_string(ROUNDS[ring & 3]) + " rounds, number " + std::to_string(ring);
}
static bool bit(uint64_t x, unsigned n) { return x >> n & 1; }
static bool is_ready(unsigned r) { return is_des(r) ? bit(top->des_ready_o, r - AES_RINGS) : bit(top->aes_ready_o, r); }
static bool is_soon(unsigned r) { return is_des(r) ? bit(top->des_soon_valid_o, r - AES_RINGS) : bit(top->aes_soon_valid_o, r); }
static bool is_out(unsigned r) { return is_des(r) ? bit(top->des_out_valid_o, r - AES_RINGS) : bit(top->aes_out_valid_o, r); }
static uint8_t soon_tag(unsigned r)
{
	unsigned n = is_des(r) ? r - AES_RINGS : r;
	return uint8_t((is_des(r) ? top->des_soon_tag_o[n / 4] : top->aes_soon_tag_o[n / 4]) >> 8 * (n % 4));
}
// bytes[0] is on top
static void out_block(unsigned r, uint8_t *bytes)
{
	unsigned words = block_bytes(r) / 4, first = words * (is_des(r) ? r - AES_RINGS : r);
	for (unsigned i = 0; i < 4 * words; i++) {
		unsigned at = first + words - 1 - i / 4;
		bytes[i] = uint8_t((is_des(r) ? top->des_out_block_o[at] : top->aes_out_block_o[at]) >> (24 - 8 * (i % 4)));
	}
}
static void in_block(const uint8_t *aes, const uint8_t *des)
{
	for (unsigned i = 0; i < 4; i++)
		top->aes_block_i[3 - i] = uint32_t(aes[4 * i]) << 24 | uint32_t(aes[4 * i + 1]) << 16 | uint32_t(aes[4 * i + 2]) << 8 | aes[4 * i + 3];
	top->des_block_i = 0;
	for (unsigned i = 0; i < 8; i++) top->des_block_i = top->des_block_i << 8 | des[i];
}
static void offer(uint64_t rings)
{
	top->aes_valid_i = uint16_t(rings);
	top->des_valid_i = uint32_t(rings >> AES_RINGS) & 0xffffff;
}

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

static unsigned key_bytes(unsigned slot, unsigned size) { return is_des_slot(slot) ? (size ? 24 : 8) : 16 + 8 * size; }

static void put_key(unsigned slot, unsigned size, const uint8_t *key)
{
	bool done[2] = {};
	memset(keys[slot], 0, 32);
	memcpy(keys[slot], key, key_bytes(slot, size));
	key_size[slot] = size;
	top->key_valid_i = 1;
	top->key_slot_i = slot & 15;
	top->key_is_des_i = is_des_slot(slot);
	top->key_key_size_i = size & 3;
	for (unsigned i = 0; i < 8; i++) memcpy(&top->key_i[i], &keys[slot][4 * i], 4);
	for (unsigned n = 0; n < 20 && !(done[0] && done[1]); n++) {
		top->eval();
		done[0] |= top->key_done_o & 1;
		done[1] |= top->key_done_o >> 1 & 1;
		if (done[0] && done[1]) top->key_valid_i = 0;
		tick();
	}
	top->key_valid_i = 0;
	check(done[0] && done[1], "a key is stored");
	top->key_read_i = 1;
	tick();
	top->key_read_i = 0;
	top->key_put_i = 1;
	top->eval();
	check(top->key_ready_o && top->salt_o == 0, "rings at rest take a key; without a counter mode it has no salt");
	tick();
	top->key_put_i = 0;
	unsigned keyed = 0;
	for (int i = 0; i < 20; i++) {
		for (unsigned r = 0; r < AES_RINGS; r++)
			if (top->aes_keyed_o >> r & 1) {
				check((top->aes_keyed_index_o >> 4 * r & 15) == slot && !(keyed >> r & 1), "whose round keys are there is told once");
				keyed |= 1u << r;
			}
		tick();
	}
	check(keyed == (is_des_slot(slot) ? 0 : 0xffff), "all round keys are there within 20 cycles");
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

// DES is in libcrypto's legacy provider.
static void des(bool decrypt, unsigned slot, const uint8_t *in, uint8_t *out)
{
	static OSSL_LIB_CTX *lib;
	static EVP_CIPHER *kinds[2];
	static const uint8_t zero[8] = {};

	if (!lib) {
		lib = OSSL_LIB_CTX_new();
		OSSL_PROVIDER_load(lib, "default");
		OSSL_PROVIDER_load(lib, "legacy");
		kinds[0] = EVP_CIPHER_fetch(lib, "DES-CBC", nullptr);
		kinds[1] = EVP_CIPHER_fetch(lib, "DES-EDE3-CBC", nullptr);
		if (!kinds[0] || !kinds[1]) {
			fprintf(stderr, "libcrypto has no DES: is its legacy provider installed?\n");
			exit(1);
		}
	}
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	uint8_t more[16];
	int n = 0;
	EVP_CipherInit_ex(ctx, kinds[key_size[slot] & 1], nullptr, keys[slot], zero, !decrypt);
	EVP_CIPHER_CTX_set_padding(ctx, 0);
	EVP_CipherUpdate(ctx, more, &n, in, 8);
	memcpy(out, more, 8);
	EVP_CIPHER_CTX_free(ctx);
}

// Sends one block through every ring of one kind and direction.
static void one_block(unsigned slot, bool decrypt, const uint8_t *in, const uint8_t *want, const char *what)
{
	uint64_t rings = 0, seen = 0;
	for (unsigned r = 0; r < RINGS; r++)
		if (is_des(r) == is_des_slot(slot) && decrypts(r) == decrypt) rings |= uint64_t(1) << r;
	in_block(in, in);
	top->slot_i = slot & 15;
	top->key_size_i = key_size[slot] & 3;
	offer(rings);
	tick();
	offer(0);
	for (unsigned i = 0; i < 70; i++) {
		for (unsigned r = 0; r < RINGS; r++)
			if (is_out(r)) {
				uint8_t out[16];
				out_block(r, out);
				check(bit(rings, r) && !memcmp(out, want, block_bytes(r)), std::string(what) + " in " + name(r));
				seen |= uint64_t(1) << r;
			}
		tick();
	}
	check(seen == rings, std::string(what) + ": every ring answers");
}

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
		one_block(size, false, plain, CIPHER[size], "FIPS-197 C");
		one_block(size, true, CIPHER[size], plain, "FIPS-197 C");
	}
}

struct des_vector {
	unsigned triple;
	uint8_t key[24], plain[8], cipher[8];
};
static void sp_800_20_and_sp_800_67()
{
	static const des_vector VECTORS[] = {
		{ 0, { 1, 1, 1, 1, 1, 1, 1, 1 }, { 0x80 }, { 0x95, 0xf8, 0xa5, 0xe5, 0xdd, 0x31, 0xd9, 0x00 } },
		{ 0, { 0x80, 1, 1, 1, 1, 1, 1, 1 }, {}, { 0x95, 0xa8, 0xd7, 0x28, 0x13, 0xda, 0xa9, 0x4d } },
		{ 0, { 0x10, 0x46, 0x91, 0x34, 0x89, 0x98, 0x01, 0x31 }, {}, { 0x88, 0xd5, 0x5e, 0x54, 0xf5, 0x4c, 0x97, 0xb4 } },
		{ 1,
		  { 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef, 0x23, 0x45, 0x67, 0x89,
		    0xab, 0xcd, 0xef, 0x01, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef, 0x01, 0x23 },
		  { 'T', 'h', 'e', ' ', 'q', 'u', 'f', 'c' },
		  { 0xa8, 0x26, 0xfd, 0x8c, 0xe5, 0x3b, 0x85, 0x5f } },
	};
	for (auto &v : VECTORS) {
		put_key(9, v.triple, v.key);
		one_block(9, false, v.plain, v.cipher, v.triple ? "SP 800-67 B" : "SP 800-20");
		one_block(9, true, v.cipher, v.plain, v.triple ? "SP 800-67 B" : "SP 800-20");
	}
}

struct expected {
	bool valid;
	uint8_t bytes[16];
};

// Each cycle one random block is offered to a random set of rings; a tag is used again only once its block is out.
static void random_blocks_in_every_ring(unsigned cycles)
{
	static expected want[RINGS][256];
	unsigned long blocks[RINGS] = {};
	uint8_t tags[RINGS] = {};
	uint64_t soon = 0;

	for (unsigned slot = 0; slot < KEYS; slot++) {
		uint8_t key[32];
		for (auto &x : key) x = uint8_t(rng());
		put_key(slot, is_des_slot(slot) ? slot % 2 : slot % 3, key);
	}
	for (unsigned c = 0; c < cycles + 200; c++) {
		uint8_t block[16], out[2][16];
		uint8_t tag = uint8_t(c);
		unsigned slot = unsigned(rng() % KEYS);
		for (auto &x : block) x = uint8_t(rng());
		for (bool decrypt : { false, true })
			if (is_des_slot(slot)) des(decrypt, slot, block, out[decrypt]);
			else aes(decrypt, slot, block, out[decrypt]);
		in_block(block, block);
		top->slot_i = slot & 15;
		top->key_size_i = key_size[slot] & 3;
		top->tag_i = tag;
		uint64_t rings = c >= cycles ? 0 : rng() | (c / 1000 % 2 ? ~uint64_t(0) : 0);
		for (unsigned r = 0; r < RINGS; r++)
			if (want[r][tag].valid || is_des(r) != is_des_slot(slot)) rings &= ~(uint64_t(1) << r);
		offer(rings);
		top->eval();
		for (unsigned r = 0; r < RINGS; r++) {
			check(is_out(r) == bit(soon, r), "a block follows its tag by a cycle");
			if (is_out(r)) {
				uint8_t got[16];
				expected &e = want[r][tags[r]];
				out_block(r, got);
				check(e.valid && !memcmp(got, e.bytes, block_bytes(r)), "a random block in " + name(r));
				e.valid = false;
				blocks[r]++;
			}
			tags[r] = soon_tag(r);
			if (bit(rings, r) && is_ready(r)) {
				want[r][tag].valid = true;
				memcpy(want[r][tag].bytes, out[decrypts(r)], 16);
			}
		}
		soon = 0;
		for (unsigned r = 0; r < RINGS; r++) soon |= uint64_t(is_soon(r)) << r;
		tick();
	}
	for (unsigned r = 0; r < RINGS; r++) {
		unsigned left = 0;
		for (auto &e : want[r]) left += e.valid;
		check(left == 0, "every block comes out");
		// AES is offered in 9 of 16 cycles, half of them every other time; DES in 7 of 16. A block takes 10 .. 14 rounds, 16 or 48.
		double offered = double(cycles) * (is_des(r) ? 7 : 9) / 16 * 0.75;
		double takes = is_des(r) ? double(cycles) * stages(r) / 34 : double(cycles) * ROUNDS[r & 3] / 12.2;
		check(double(blocks[r]) > 0.6 * std::min(offered, takes), name(r) + " is kept busy: " + std::to_string(blocks[r]));
	}
}

int main(int argc, char **argv)
{
	const char *env = getenv("SEED");
	uint64_t seed = env ? strtoull(env, nullptr, 0) : std::random_device()();
	printf("cipher rings: seed %llu\n", (unsigned long long)seed);
	rng.seed(seed);
	srand48(long(seed));
	Verilated::commandArgs(argc, argv);
	Verilated::randReset(2);
	Verilated::randSeed(int(seed));
	top = new Vcipher_rings;
	offer(0);
	top->key_valid_i = top->key_read_i = top->key_put_i = 0;
	top->quiet_i = 0;
	top->clk_i = 0;
	top->rst_ni = 1;
	top->eval();
	top->rst_ni = 0;
	for (int i = 0; i < 4; i++) tick();
	top->rst_ni = 1;
	for (int i = 0; i < 15 * 16; i++) tick();  // key memories are zeroed
	fips_197_appendix_c();
	sp_800_20_and_sp_800_67();
	random_blocks_in_every_ring(6000);
	// PASSES of a ring of one round: 14 lines a key, rounded up
	top->quiet_i = 1;
	for (int i = 0; i < 16 * 16; i++) {
		check(top->busy_o, "busy until all is zeroed");
		tick();
	}
	check(!top->busy_o, "at rest once all is zeroed");
	printf("cipher rings: %u passed, %u failed\n", passed, failed);
	delete top;
	return failed != 0;
}
