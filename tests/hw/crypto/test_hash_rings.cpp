// SPDX-License-Identifier: BSD-2-Clause-Patent
// Every size of every hash ring against RFC 1321, the examples of FIPS 180 and SP 800-38D and, with random blocks and
// gaps, against libcrypto.
#include "Vhash_rings.h"
#define MEM_LOG2 4
#include "hash_ref.h"

static constexpr unsigned RINGS = 20, GHASH_RING = 18;
static const unsigned STAGES[RINGS] = { 1, 4, 32, 64, 1, 5, 10, 20, 40, 4, 1, 4, 16, 64, 1, 5, 10, 80, 4, 4 };
static Vhash_rings *top;

static unsigned kind_of(unsigned n)
{
	return n < 4 ? HASH_MD5 : n < 10 ? HASH_SHA1 : n < 14 ? HASH_SHA256 : n < GHASH_RING ? HASH_SHA512 : HASH_GCM;
}
static std::string name(unsigned n) { return std::string(HASH_NAMES[kind_of(n)]) + " ring of " + std::to_string(STAGES[n]) + " stages"; }

template <class Port> static void put_top(Port &port, unsigned port_bytes, const bytes_t &bytes)
{
	for (unsigned i = 0; i < port_bytes; i += 4)
		port[(port_bytes - 4 - i) / 4] = i + 4 <= bytes.size() ? get_word<uint32_t>(&bytes[i], false) : uint32_t(rng());
}
static bytes_t out_state(unsigned n)
{
	bytes_t out;
	for (unsigned i = 0; i < state_bytes(kind_of(n)) / 4; i++) put_word(out, uint32_t(top->out_state_o[16 * n + 15 - i]), false);
	return out;
}

// GHASH by the multiplication of SP 800-38D section 6.3, bit by bit
static bytes_t ghash_blocks(const bytes_t &h, const bytes_t &y, const bytes_t &blocks)
{
	bytes_t z = y;
	for (unsigned at = 0; at < blocks.size(); at += 16) {
		bytes_t x(16), v = h;
		for (unsigned i = 0; i < 16; i++) x[i] = z[i] ^ blocks[at + i];
		z.assign(16, 0);
		for (unsigned i = 0; i < 128; i++) {
			for (unsigned j = 0; j < 16 && (x[i / 8] >> (7 - i % 8) & 1); j++) z[j] ^= v[j];
			bool low = v[15] & 1;
			for (unsigned j = 15; j > 0; j--) v[j] = uint8_t(v[j] >> 1 | v[j - 1] << 7);
			v[0] = uint8_t(v[0] >> 1 ^ (low ? 0xe1 : 0));
		}
	}
	return z;
}

// One block through ring n
static bytes_t through(unsigned n, const bytes_t &block, const bytes_t &state, const bytes_t &h = bytes_t(16), unsigned more = 0)
{
	put_top(top->block_i, 128, block);
	put_top(top->state_i, 64, state);
	put_top(top->key_i, 16, h);
	top->more_i = more & 3;
	top->tag_i = uint8_t(n);
	top->valid_i = 1u << n;
	top->eval();
	check(top->ready_o >> n & 1, "an empty ring takes a block");
	tick(top);
	top->valid_i = 0;
	for (unsigned i = 0; i < 100; i++) {
		if (top->out_valid_o >> n & 1) {
			check((top->out_tag_o[n / 4] >> 8 * (n % 4) & 0xff) == n, "a block comes out with its tag");
			bytes_t out = out_state(n);
			tick(top);
			return out;
		}
		tick(top);
	}
	return {};
}

// FIPS 180 examples: "abc", and a message of two blocks; RFC 1321 section A.5
static void examples_of_fips_180_and_rfc_1321()
{
	const struct {
		unsigned kind;
		const char *message, *digest;
	} EXAMPLES[] = {
		{ HASH_MD5, "abc", "900150983cd24fb0d6963f7d28e17f72" },
		{ HASH_MD5, "12345678901234567890123456789012345678901234567890123456789012345678901234567890", "57edf4a22be3c955ac49da2e2107b67a" },
		{ HASH_SHA1, "abc", "a9993e364706816aba3e25717850c26c9cd0d89d" },
		{ HASH_SHA1, "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "84983e441c3bd26ebaae4aa1f95129e5e54670f1" },
		{ HASH_SHA256, "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
		{ HASH_SHA256, "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
		  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
		{ HASH_SHA512, "abc",
		  "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f" },
		{ HASH_SHA512,
		  "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
		  "8e959b75dae313da8cf4f72814fc143f8f7779c6eb9f7fa17299aeadb6889018501d289e4900f7e4331b99dec4b5433ac7d329eeb6dd26545e96e55b874be909" },
	};
	const bytes_t START[4] = {
		from_hex("0123456789abcdeffedcba9876543210"), from_hex("67452301efcdab8998badcfe10325476c3d2e1f0"),
		from_hex("6a09e667bb67ae853c6ef372a54ff53a510e527f9b05688c1f83d9ab5be0cd19"),
		from_hex("6a09e667f3bcc908bb67ae8584caa73b3c6ef372fe94f82ba54ff53a5f1d36f1"
			 "510e527fade682d19b05688c2b3e6c1f1f83d9abfb41bd6b5be0cd19137e2179"),
	};
	for (auto &e : EXAMPLES) {
		bytes_t padded(e.message, e.message + strlen(e.message));
		unsigned block = block_bytes(e.kind);
		uint64_t bits = 8 * padded.size();
		padded.push_back(0x80);
		while (padded.size() % block != block - block / 8) padded.push_back(0);
		if (block == 128) put_word(padded, uint64_t(0), false);
		put_word(padded, bits, e.kind == HASH_MD5);
		for (unsigned n = 0; n < GHASH_RING; n++) {
			if (kind_of(n) != e.kind) continue;
			bytes_t state = START[e.kind];
			for (unsigned at = 0; at < padded.size(); at += block)
				state = through(n, bytes_t(padded.begin() + at, padded.begin() + at + block), state);
			check(state == from_hex(e.digest), std::string(e.message).substr(0, 20) + " in " + name(n));
		}
	}
}

// SP 800-38D's test cases 2, and 3 without its last block: H, ciphertext and lengths, GHASH
static void examples_of_sp_800_38d()
{
	for (unsigned n = GHASH_RING; n < RINGS; n++) {
		bytes_t two = from_hex("0388dace60b6a392f328c2b971b2fe7800000000000000000000000000000080");
		check(through(n, two, bytes_t(16), from_hex("66e94bd4ef8a2c3b884cfa59ca342b2e"), 1) == from_hex("f38cbb1ad69223dcc3457ae5b6b0f885"),
		      "test case 2");
		bytes_t h = from_hex("b83b533708bf535d0aa6e52980d53b78");
		bytes_t four = from_hex("42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e"
					"21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091473f5985");
		bytes_t y = through(n, four, bytes_t(16), h, 3);
		check(through(n, from_hex("00000000000000000000000000000200"), y, h) == from_hex("7f1b32b81b820d02614f8895ac1d4eac"), "test case 3");
	}
}

// Each cycle one random block is offered to a random set of rings; a tag is used again only once its block is out.
static void random_blocks_in_every_ring(unsigned cycles)
{
	static bytes_t want[RINGS][256];
	unsigned long blocks[RINGS] = {};

	for (unsigned c = 0; c < cycles + 200; c++) {
		bytes_t block = random_bytes(128), state = random_bytes(64), h = random_bytes(16), next[HASH_KINDS];
		uint8_t tag = uint8_t(c);
		unsigned more = roll(4), offer = c >= cycles ? 0 : (roll(1u << RINGS) | (c / 1000 % 2 ? ~0u : 0)) & ((1u << RINGS) - 1);
		for (unsigned kind : { HASH_MD5, HASH_SHA1, HASH_SHA256, HASH_SHA512 }) next[kind] = compress(kind, &state, block.data());
		next[HASH_GCM] = ghash_blocks(h, bytes_t(state.begin(), state.begin() + 16), bytes_t(block.begin(), block.begin() + 16 * (more + 1)));
		for (unsigned n = 0; n < RINGS; n++)
			if (!want[n][tag].empty()) offer &= ~(1u << n);
		put_top(top->block_i, 128, block);
		put_top(top->state_i, 64, state);
		put_top(top->key_i, 16, h);
		top->more_i = more & 3;
		top->tag_i = tag;
		top->valid_i = offer & ((1u << RINGS) - 1);
		top->eval();
		for (unsigned n = 0; n < RINGS; n++) {
			if (top->out_valid_o >> n & 1) {
				bytes_t &w = want[n][top->out_tag_o[n / 4] >> 8 * (n % 4) & 0xff];
				check(!w.empty() && out_state(n) == w, "a random block in " + name(n));
				w.clear();
				blocks[n] += n < GHASH_RING ? 1 : 2;   // of 1 to 4, on average 2.5
			}
			if (offer & top->ready_o & 1u << n) want[n][tag] = next[kind_of(n)];
		}
		tick(top);
	}
	for (unsigned n = 0; n < RINGS; n++) {
		unsigned left = 0;
		for (auto &w : want[n]) left += !w.empty();
		check(left == 0, "every block comes out of " + name(n));
		static const unsigned CLOCKS[] = { 64, 40, 64, 80, 4 };
		unsigned steps = CLOCKS[kind_of(n)];
		check(double(blocks[n]) > 0.7 * cycles * STAGES[n] / steps, name(n) + " is kept busy: " + std::to_string(blocks[n]));
	}
}

int main(int argc, char **argv)
{
	Verilated::commandArgs(argc, argv);
	uint64_t seed = seed_from(argc, argv, "hash rings");
	Verilated::randReset(2);
	Verilated::randSeed(int(seed));
	top = new Vhash_rings;
	top->valid_i = 0;
	top->clk_i = 0;
	top->rst_ni = 1;
	top->eval();
	top->rst_ni = 0;
	for (int i = 0; i < 4; i++) tick(top);
	top->rst_ni = 1;
	examples_of_fips_180_and_rfc_1321();
	examples_of_sp_800_38d();
	random_blocks_in_every_ring(4000);
	printf("hash rings: %u passed, %u failed\n", passed, failed);
	delete top;
	return failed != 0;
}
