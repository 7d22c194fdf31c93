// SPDX-License-Identifier: BSD-2-Clause-Patent
// The cipher room against the standards' vectors and, with random packets and stalls, against libcrypto.
// Built once per size and direction: DECRYPT, LANES, ROUNDS, CONTEXTS, MEM_LOG2 come from the build.
#include "Vcipher.h"
#include "Vcipher___024root.h"
#include "room_bench.h"
#include <openssl/aes.h>
#include <openssl/evp.h>
#include <openssl/provider.h>
#include <algorithm>
#include <functional>
#include <map>

static constexpr unsigned TBL_SA_KEY = 4;
static constexpr unsigned SLOTS = 1024;
// enum enc of card.toml
static constexpr unsigned NONE = 0, CBC = 1, CTR = 4, GCM = 7, DES = 10, DES3 = 11, GMAC_FLAG = 0x40;
static Vcipher *top;
static unsigned long cycle;

static bool is_cbc(unsigned enc) { return enc >= CBC && enc < CTR; }
static bool is_ctr(unsigned enc) { return enc >= CTR && enc < GCM; }
static bool is_gcm(unsigned enc) { return (enc & ~GMAC_FLAG) >= GCM && (enc & ~GMAC_FLAG) < DES; }
static bool is_gmac(unsigned enc) { return enc & GMAC_FLAG; }
static bool is_des(unsigned enc) { return enc == DES || enc == DES3; }
static unsigned key_bytes(unsigned enc)
{
	return enc == DES ? 8 : enc == DES3 ? 24 : 16 + 8 * (((enc & ~GMAC_FLAG) - 1) % 3);
}
static unsigned text_align(unsigned enc) { return is_cbc(enc) ? 16 : is_des(enc) ? 8 : 4; }

static std::string name(unsigned enc)
{
	static const char *const NAMES[] = { "NULL", "AES-CBC-128", "AES-CBC-192", "AES-CBC-256", "AES-CTR-128", "AES-CTR-192",
					     "AES-CTR-256", "AES-GCM-128", "AES-GCM-192", "AES-GCM-256", "DES-CBC", "3DES-CBC" };
	static const char *const GMACS[] = { "AES-GMAC-128", "AES-GMAC-192", "AES-GMAC-256" };
	return is_gmac(enc) ? GMACS[(enc & ~GMAC_FLAG) - GCM] : NAMES[enc];
}

// ---- libcrypto. DES is in its legacy provider.
static const EVP_CIPHER *evp(const char *what)
{
	static OSSL_LIB_CTX *lib;
	static std::map<std::string, EVP_CIPHER *> known;

	if (!lib) {
		lib = OSSL_LIB_CTX_new();
		if (!OSSL_PROVIDER_load(lib, "default") || !OSSL_PROVIDER_load(lib, "legacy")) {
			fprintf(stderr, "libcrypto: no default or no legacy provider\n");
			exit(1);
		}
	}
	if (!known.count(what)) known[what] = EVP_CIPHER_fetch(lib, what, nullptr);
	if (!known[what]) {
		fprintf(stderr, "libcrypto has no %s\n", what);
		exit(1);
	}
	return known[what];
}
static const EVP_CIPHER *evp_aes(const bytes_t &key, const char *mode)
{
	char what[32];
	snprintf(what, sizeof(what), "AES-%zu-%s", 8 * key.size(), mode);
	return evp(what);
}

static bytes_t cipher(const EVP_CIPHER *kind, bool encrypt, const bytes_t &key, const bytes_t &iv, const bytes_t &in, bytes_t *tag = nullptr)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	bytes_t out(in.size() + 16);
	int n = 0;

	EVP_CipherInit_ex(ctx, kind, nullptr, key.data(), iv.data(), encrypt);
	EVP_CIPHER_CTX_set_padding(ctx, 0);
	if (!in.empty()) EVP_CipherUpdate(ctx, out.data(), &n, in.data(), int(in.size()));
	if (tag) {
		tag->resize(16);
		EVP_CipherFinal_ex(ctx, out.data() + n, &n);
		EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, 16, tag->data());
	}
	EVP_CIPHER_CTX_free(ctx);
	out.resize(in.size());
	return out;
}
static bytes_t aes_cbc(bool encrypt, const bytes_t &key, const bytes_t &iv, const bytes_t &in)
{
	return cipher(evp_aes(key, "CBC"), encrypt, key, iv, in);
}
static bytes_t des_cbc(bool encrypt, const bytes_t &key, const bytes_t &iv, const bytes_t &in)
{
	return cipher(evp(key.size() == 8 ? "DES-CBC" : "DES-EDE3-CBC"), encrypt, key, iv, in);
}

static bytes_t join(const bytes_t &a, const bytes_t &b)
{
	bytes_t r = a;
	r.insert(r.end(), b.begin(), b.end());
	return r;
}
static bytes_t part(const bytes_t &a, size_t first, size_t end) { return bytes_t(a.begin() + long(first), a.begin() + long(end)); }
static bytes_t from(const bytes_t &a, size_t first) { return part(a, first, a.size()); }

static bytes_t aes_ctr(const bytes_t &key, const bytes_t &salt, const bytes_t &iv, const bytes_t &in)
{
	return cipher(evp_aes(key, "CTR"), true, key, join(join(salt, iv), { 0, 0, 0, 1 }), in);
}
static bytes_t aes_gcm(const bytes_t &key, const bytes_t &salt, const bytes_t &iv, const bytes_t &in)
{
	bytes_t tag;
	return cipher(evp_aes(key, "GCM"), true, key, join(salt, iv), in, &tag);
}
// GHASH of nothing is 0: the tag of no text and no AAD is the mask alone (SP 800-38D section 7.1)
static bytes_t gcm_mask(const bytes_t &key, const bytes_t &salt, const bytes_t &iv)
{
	bytes_t tag;
	cipher(evp_aes(key, "GCM"), true, key, join(salt, iv), {}, &tag);
	return tag;
}

struct packet {
	bytes_t body, want, got;
	bytes_t mask = bytes_t(16);
	unsigned slot, enc;
	bool is_copy;
	unsigned base = 0, run = 0, ticket = 0;
	std::vector<bool> written;
	bool pad_ok = false;
};

struct key {
	unsigned enc;
	bytes_t bytes, salt;
};
static std::map<unsigned, key> keys;

static void put_key(unsigned slot, unsigned enc, const bytes_t &bytes, const bytes_t &salt = random_bytes(4))
{
	bytes_t record = bytes;
	bytes_t junk = random_bytes(64);  // what the cipher does not use must not matter
	record.insert(record.end(), junk.begin() + long(record.size()), junk.end());
	std::copy(salt.begin(), salt.end(), record.begin() + 32);
	unsigned took = table_op(top, TBL_SA_KEY, slot, DECRYPT ? 1 : 0, enc, record);
	check(took > 0 && took <= 4, "a key is stored within 4 cycles, not " + std::to_string(took));
	keys[slot] = { enc, bytes, salt };
}
static void put_random_key(unsigned slot, unsigned enc) { put_key(slot, enc, random_bytes(key_bytes(enc))); }

// Fills in what must come out.
static void expect(packet &p)
{
	const bytes_t &body = p.body;
	const bytes_t zero(16);

	p.want = body;
	if (!p.is_copy) {
		const key &k = keys[p.slot];
		if (is_cbc(p.enc)) {
			if (!DECRYPT) p.want = aes_cbc(true, k.bytes, zero, body);
			else p.want = join(zero, aes_cbc(false, k.bytes, part(body, 0, 16), from(body, 16)));
		} else if (is_des(p.enc)) {
			if (!DECRYPT) p.want = join(bytes_t(8), des_cbc(true, k.bytes, bytes_t(8), from(body, 8)));
			else p.want = join(zero, des_cbc(false, k.bytes, part(body, 8, 16), from(body, 16)));
		} else {
			bytes_t iv = part(body, 8, 16), text = from(body, 16);
			if (is_ctr(p.enc)) {
				p.want = join(part(body, 0, 16), aes_ctr(k.bytes, k.salt, iv, text));
			} else {
				if (!is_gmac(p.enc)) p.want = join(part(body, 0, 16), aes_gcm(k.bytes, k.salt, iv, text));
				p.mask = gcm_mask(k.bytes, k.salt, iv);
			}
		}
	}
	p.pad_ok = false;
	if (p.want.size() >= 2) {
		unsigned pad = p.want[p.want.size() - 2];
		size_t first = p.is_copy || (!DECRYPT && is_cbc(p.enc)) ? 0 : 16;
		p.pad_ok = pad + 2 + first <= p.want.size();
		for (unsigned i = 0; p.pad_ok && i < pad; i++)
			p.pad_ok = p.want[p.want.size() - 2 - pad + i] == i + 1;
	}
}

struct outcome {
	unsigned long cycles, words_read;
};

// Runs all packets through; returns when the last answer has come, or watch(cycles since the start) says so.
static outcome run(std::vector<packet> &packets, stalls stall, const char *what,
		   const std::function<bool(unsigned long)> &watch = nullptr)
{
	static word_ring ring;
	static unsigned next_ticket;
	read_port<Vcipher> port{ top };
	std::map<unsigned, packet *> inside;
	size_t next = 0, done = 0;
	unsigned long start = cycle;
	bool offered = false, job_valid = false, done_waiting = false;
	std::array<uint32_t, 5> waiting_done{};

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
			uint64_t low = uint64_t(p.ticket) << 57 | uint64_t(p.base) << 41 | uint64_t(p.body.size()) << 25 |
				       uint64_t(p.is_copy) << 24 | uint64_t(p.enc) << 16 | p.slot;
			top->job_i[0] = uint32_t(low);
			top->job_i[1] = uint32_t(low >> 32);
			top->job_i[2] = p.ticket >> 7;
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
		std::array<uint32_t, 5> done_o;
		memcpy(done_o.data(), &top->done_o[0], sizeof(done_o));
		if (done_waiting) check(top->done_valid_o && done_o == waiting_done, "a stalled answer stands still");
		done_waiting = top->done_valid_o && !top->done_ready_i;
		waiting_done = done_o;
		if (top->done_valid_o && top->done_ready_i) {
			auto it = inside.find(done_o[4] >> 17);
			check(it != inside.end(), "an answer is of a packet inside");
			if (it != inside.end()) {
				packet &p = *it->second;
				bytes_t padded = p.want;
				padded.resize(p.got.size());
				check(p.got == padded, std::string(what) + ": " + std::to_string(p.body.size()) + " bytes, " +
							       (p.is_copy ? "copied" : name(p.enc)));
				check(!memcmp(done_o.data(), p.mask.data(), 16), std::string(what) + ": mask, " + name(p.enc));
				if (DECRYPT && p.want.size() >= 4 && p.want.size() % 4 == 0) {
					check((done_o[4] >> 9 & 0xff) == p.want[p.want.size() - 2] &&
						      (done_o[4] >> 1 & 0xff) == p.want.back(), "the answer carries the last two bytes");
					// beyond the body's beginning the length check of the asker decides
					if (p.want[p.want.size() - 2] + 18u <= p.want.size())
						check((done_o[4] & 1) == p.pad_ok, std::string(what) + ": the padding is judged rightly, " +
										   (p.is_copy ? "copied" : name(p.enc)));
				}
				ring.give_back(p.run);
				inside.erase(it);
				done++;
			}
		}
		check(top->busy_o || inside.empty() || !job_valid, "busy while packets are inside");
		tick(top);
		if (watch && watch(cycle - start)) {
			top->job_valid_i = 0;
			for (auto &left : inside) ring.give_back(left.second->run);
			return { cycle - start, port.words };
		}
		if (++cycle - start > 4000000) {
			check(false, std::string(what) + ": hangs");
			break;
		}
	}
	unsigned long took = cycle - start;
	top->job_valid_i = 0;
	top->done_ready_i = 1;
	for (int i = 0; i < 300; i++, cycle++) {  // what was made of keys is zeroed
		port.before(0);
		top->eval();
		port.after();
		tick(top);
	}
	check(!top->busy_o, "idle once all is answered");
	return { took, port.words };
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

// RFC 3686 section 6: all nine
static const char *const SINGLE = "53696e676c6520626c6f636b206d7367";
static const struct {
	const char *key, *iv, *nonce, *plain, *cipher;
} CTR_VECTORS[9] = {
	{ "ae6852f8121067cc4bf7a5765577f39e", "0000000000000000", "00000030", SINGLE, "e4095d4fb7a7b3792d6175a3261311b8" },
	{ "7e24067817fae0d743d6ce1f32539163", "c0543b59da48d90b", "006cb6db", nullptr,
	  "5104a106168a72d9790d41ee8edad388eb2e1efc46da57c8fce630df9141be28" },
	{ "7691be035e5020a8ac6e618529f9a0dc", "27777f3f4a1786f0", "00e0017b", nullptr,
	  "c1cf48a89f2ffdd9cf4652e9efdb72d74540a42bde6d7836d59a5ceaaef3105325b2072f" },
	{ "16af5b145fc9f579c175f93e3bfb0eed863d06ccfdb78515", "36733c147d6d93cb", "00000048", SINGLE, "4b55384fe259c9c84e7935a003cbe928" },
	{ "7c5cb2401b3dc33c19e7340819e0f69c678c3db8e6f6a91a", "020c6eadc2cb500d", "0096b03b", nullptr,
	  "453243fc609b23327edfaafa7131cd9f8490701c5ad4a79cfc1fe0ff42f4fb00" },
	{ "02bf391ee8ecb159b959617b0965279bf59b60a786d3e0fe", "5cbd60278dcc0912", "0007bdfd", nullptr,
	  "96893fc55e5c722f540b7dd1ddf7e758d288bc95c69165884536c811662f2188abee0935" },
	{ "776beff2851db06f4c8a0542c8696f6c6a81af1eec96b4d37fc1d689e6c1c104", "db5672c97aa8f0b2", "00000060", SINGLE,
	  "145ad01dbf824ec7560863dc71e3e0c0" },
	{ "f6d66d6bd52d59bb0796365879eff886c66dd51a5b6a99744b50590c87a23884", "c1585ef15a43d875", "00faac24", nullptr,
	  "f05e231b3894612c49ee000b804eb2a9b8306b508f839d6a5530831d9344af1c" },
	{ "ff7a617ce69148e4f1726e2f43581de2aa62d9f805532edff1eed687fb54153d", "51a51d70a1c11148", "001cc5b7", nullptr,
	  "eb6c52821d0bbbf7ce7594462aca4faab407df866569fd07f48cc0b583d6071f1ec0e6b8" },
};
// The GCM specification's test cases 3, 9 and 15 (McGrew, Viega; what SP 800-38D was made of), with their E(K, Y0)
static const char *const GCM_PLAIN = "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
				     "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255";
static const struct {
	const char *key, *cipher, *mask;
} GCM_VECTORS[3] = {
	{ "feffe9928665731c6d6a8f9467308308", "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e"
					      "21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091473f5985",
	  "3247184b3c4f69a44dbcd22887bbb418" },
	{ "feffe9928665731c6d6a8f9467308308feffe9928665731c", "3980ca0b3c00e841eb06fac4872a2757859e1ceaa6efd984628593b40ca1e19c"
							      "7d773d00c144c525ac619d18c84a3f4718e2448b2fe324d9ccda2710acade256",
	  "c835aa88aebbc94f5a02e179fdcfc3e4" },
	{ "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
	  "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
	  "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad",
	  "fd2caa16a5832e76aa132c1453eeda7e" },
};
// One block: SP 800-20 tables 1, 2 and 3 (variable plaintext, variable key, permutation; their first lines), with three equal keys
// a single DES; SP 800-67 appendix B. A chain: FIPS 81 appendix B, table C1.
static const struct {
	const char *key, *iv, *plain, *cipher;
} DES_VECTORS[] = {
	{ "0101010101010101", "0000000000000000", "8000000000000000", "95f8a5e5dd31d900" },
	{ "8001010101010101", "0000000000000000", "0000000000000000", "95a8d72813daa94d" },
	{ "1046913489980131", "0000000000000000", "0000000000000000", "88d55e54f54c97b4" },
	{ "010101010101010101010101010101010101010101010101", "0000000000000000", "8000000000000000", "95f8a5e5dd31d900" },
	{ "0123456789abcdef23456789abcdef01456789abcdef0123", "0000000000000000", "5468652071756663", "a826fd8ce53b855f" },
	{ "0123456789abcdef23456789abcdef01456789abcdef0123", "0000000000000000", "6b2062726f776e20", "cce21c8112256fe6" },
	{ "0123456789abcdef23456789abcdef01456789abcdef0123", "0000000000000000", "666f78206a756d70", "68d5c05dd9b6b900" },
	{ "0123456789abcdef", "1234567890abcdef", "4e6f77206973207468652074696d6520666f7220616c6c20",
	  "e5c7cdde872bf27c43e934008c389c0f683788499a7c05f6" },
};

// What must come out is taken from the standard; that libcrypto says the same is checked on the way.
static void add_vector(std::vector<packet> &packets, unsigned slot, unsigned enc, const bytes_t &body, const bytes_t &want, const bytes_t &mask)
{
	packet p{};
	p.slot = slot;
	p.enc = enc;
	p.body = body;
	expect(p);
	check(p.want == want && p.mask == mask, "libcrypto agrees with the standard: " + name(enc));
	p.want = want;
	p.mask = mask;
	packets.push_back(p);
}

static void standard_vectors_on_every_lane()
{
	const bytes_t zero(16);
	for (unsigned size = 0; size < 3; size++) {
		bytes_t key = from_hex(CBC_VECTORS[size].key), counting;
		for (unsigned i = 0; i < key_bytes(CBC + size); i++) counting.push_back(uint8_t(i));
		put_key(2 * size, CBC + size, key);
		put_key(2 * size + 1, CBC + size, counting);
		bytes_t iv = from_hex(CBC_IV), plain = from_hex(CBC_PLAIN), ciphered = from_hex(CBC_VECTORS[size].cipher);
		bytes_t block = from_hex(BLOCK_PLAIN), ciphered_block = from_hex(BLOCK_CIPHER[size]);
		std::vector<packet> packets;
		for (unsigned n = 0; n < LANES; n++) {
			// sealing: the nonce whose cipher is the vector's IV
			if (DECRYPT) add_vector(packets, 2 * size, CBC + size, join(iv, ciphered), join(zero, plain), zero);
			else add_vector(packets, 2 * size, CBC + size, join(aes_cbc(false, key, zero, iv), plain), join(iv, ciphered), zero);
			if (DECRYPT) add_vector(packets, 2 * size + 1, CBC + size, join(zero, ciphered_block), join(zero, block), zero);
			else add_vector(packets, 2 * size + 1, CBC + size, block, ciphered_block, zero);
		}
		run(packets, { 0, 0, 0 }, "SP 800-38A F.2, FIPS-197 C");
	}
	std::vector<packet> packets;
	for (unsigned n = 0; n < 9; n++) {
		auto &v = CTR_VECTORS[n];
		bytes_t cipher = from_hex(v.cipher), plain;
		if (v.plain) plain = from_hex(v.plain);
		else for (unsigned i = 0; i < cipher.size(); i++) plain.push_back(uint8_t(i));
		bytes_t first = join(bytes_t(8), from_hex(v.iv));
		put_key(10 + n, CTR + n / 3, from_hex(v.key), from_hex(v.nonce));
		for (unsigned lane = 0; lane < LANES; lane++)
			add_vector(packets, 10 + n, CTR + n / 3, join(first, DECRYPT ? cipher : plain), join(first, DECRYPT ? plain : cipher), zero);
	}
	for (unsigned n = 0; n < 3; n++) {
		auto &v = GCM_VECTORS[n];
		bytes_t first = join(bytes_t(8), from_hex("facedbaddecaf888")), plain = from_hex(GCM_PLAIN), cipher = from_hex(v.cipher);
		put_key(20 + n, GCM + n, from_hex(v.key), from_hex("cafebabe"));
		for (unsigned lane = 0; lane < LANES; lane++) {
			for (size_t n_bytes : { 64, 60 })  // cases 4, 10, 16 are cut by four bytes
				add_vector(packets, 20 + n, GCM + n, join(first, part(DECRYPT ? cipher : plain, 0, n_bytes)),
					   join(first, part(DECRYPT ? plain : cipher, 0, n_bytes)), from_hex(v.mask));
			add_vector(packets, 20 + n, (GCM + n) | GMAC_FLAG, join(first, plain), join(first, plain), from_hex(v.mask));
		}
	}
	unsigned slot = 30;
	for (auto &v : DES_VECTORS) {
		bytes_t key = from_hex(v.key), iv = from_hex(v.iv), plain = from_hex(v.plain), cipher = from_hex(v.cipher);
		unsigned enc = key.size() == 8 ? DES : DES3;
		put_key(slot, enc, key);
		if (DECRYPT) add_vector(packets, slot, enc, join(join(bytes_t(8), iv), cipher), join(zero, plain), zero);
		else if (iv != bytes_t(8))  // the number whose cipher is the vector's IV
			add_vector(packets, slot, enc, join(join(bytes_t(8), des_cbc(false, key, bytes_t(8), iv)), plain),
				   join(join(bytes_t(8), iv), cipher), zero);
		else add_vector(packets, slot, enc, join(bytes_t(8), plain), join(bytes_t(8), cipher), zero);
		slot++;
	}
	run(packets, { 0, 0, 0 }, "RFC 3686, GCM, SP 800-20, SP 800-67, FIPS 81");
}

// FIPS 46-3: parity is not part of the key
static void parity_bits_of_a_des_key_do_not_matter()
{
	for (unsigned enc : { DES, DES3 }) {
		bytes_t key = random_bytes(key_bytes(enc)), other = key;
		for (auto &x : other) x ^= 1;
		put_key(1, enc, key);
		packet p{};
		p.slot = 1;
		p.enc = enc;
		p.body = random_bytes(16 + 64);
		expect(p);
		put_key(1, enc, other);
		std::vector<packet> packets(1, p);
		run(packets, { 0, 0, 0 }, "the other parity");
	}
}

// Ends the text in an ESP trailer, at times with a flaw.
static void put_trailer(bytes_t &text, unsigned most)
{
	size_t n = text.size();
	unsigned pad = std::min<unsigned>(roll(3) ? roll(17) : roll(256), most);
	for (unsigned i = 0; i < pad; i++) text[n - 2 - pad + i] = uint8_t(i + 1);
	text[n - 2] = uint8_t(pad);
	if (pad && roll(3) == 0) text[n - 2 - 1 - roll(pad)] ^= uint8_t(1 << roll(8));
}

// A packet whose text, as the plain side knows it, has text_bytes.
static packet make_packet(unsigned slot, unsigned enc, bool is_copy, unsigned text_bytes)
{
	packet p{};
	p.slot = slot;
	p.enc = enc;
	p.is_copy = is_copy;
	bytes_t text = random_bytes(text_bytes);
	if (text_bytes >= 4 && roll(2)) put_trailer(text, text_bytes - 2);
	if (is_copy) {
		p.body = text;
	} else {
		p.body = join(random_bytes(16), text);
		if (DECRYPT) {  // so that the trailer comes out
			const key &k = keys[slot];
			bytes_t iv = part(p.body, 8, 16), first = part(p.body, 0, 16);
			if (is_cbc(enc)) p.body = join(first, aes_cbc(true, k.bytes, first, text));
			else if (is_des(enc)) p.body = join(first, des_cbc(true, k.bytes, iv, text));
			else if (is_ctr(enc)) p.body = join(first, aes_ctr(k.bytes, k.salt, iv, text));
			else if (!is_gmac(enc)) p.body = join(first, aes_gcm(k.bytes, k.salt, iv, text));
		}
	}
	expect(p);
	return p;
}

static packet random_packet(unsigned max_bytes, unsigned copy_percent)
{
	auto it = keys.begin();
	std::advance(it, roll(unsigned(keys.size())));
	unsigned enc = it->second.enc | (is_gcm(it->second.enc) && roll(3) == 0 ? GMAC_FLAG : 0);
	bool is_copy = roll(100) < copy_percent;
	unsigned most = roll(4) ? std::min(max_bytes, 400u) : max_bytes;
	unsigned n = is_copy ? (roll(2) ? 4 * roll(most / 4) : roll(most)) : text_align(enc) * (roll(most / text_align(enc)) + 1);
	return make_packet(it->first, enc, is_copy, n);
}

static void every_cipher_has_random_keys()
{
	for (unsigned i = 0; i < 55; i++) put_random_key(roll(SLOTS), CBC + i % 11);
}

static void random_packets_with_random_stalls(unsigned count)
{
	static const stalls STALLS[] = { { 0, 0, 0 }, { 30, 30, 30 }, { 0, 70, 0 }, { 0, 0, 90 }, { 80, 10, 50 } };

	every_cipher_has_random_keys();
	for (auto stall : STALLS) {
		std::vector<packet> packets;
		for (unsigned i = 0; i < count; i++) packets.push_back(random_packet(i % 50 ? 1600 : 9600, 20));
		run(packets, stall, "random packets");
	}
}

// One cipher at a time keeps its lanes full.
static void every_length_of_every_cipher()
{
	for (unsigned enc = NONE; enc <= DES3; enc++)
		for (unsigned flag : { 0u, GMAC_FLAG }) {
			if (flag && !is_gcm(enc)) continue;
			std::vector<packet> packets;
			if (enc) put_random_key(3, enc);
			unsigned align = enc ? text_align(enc) : 1;
			// in counter mode also no text: the answer is the mask alone
			for (unsigned n = is_ctr(enc) || is_gcm(enc) ? 0 : align; n <= 272; n += align) packets.push_back(make_packet(3, enc | flag, !enc, n));
			// in the longest: 255 bytes of padding, and one byte of them wrong
			for (int wrong : { -1, 0, 253, 254 }) {
				bytes_t text(512);
				for (unsigned i = 0; i < 255; i++) text[512 - 2 - 255 + i] = uint8_t(i + 1);
				text[510] = 255;
				if (wrong >= 0) text[512 - 2 - 255 + unsigned(wrong)] ^= 0x10;
				packet p = make_packet(3, enc | flag, !enc, 512);
				const key &k = keys[3];
				bytes_t first = part(p.body, 0, 16), iv = part(p.body, 8, 16);
				if (!enc) p.body = text;
				else if (!DECRYPT || flag) p.body = join(first, text);
				else if (is_cbc(enc)) p.body = join(first, aes_cbc(true, k.bytes, first, text));
				else if (is_des(enc)) p.body = join(first, des_cbc(true, k.bytes, iv, text));
				else if (is_ctr(enc)) p.body = join(first, aes_ctr(k.bytes, k.salt, iv, text));
				else p.body = join(first, aes_gcm(k.bytes, k.salt, iv, text));
				expect(p);
				if (DECRYPT || flag || !enc) check(p.want[p.want.size() - 2] == 255 && p.pad_ok == (wrong < 0), "255 bytes of padding");
				packets.push_back(p);
			}
			run(packets, { 0, 0, 0 }, "every length");
		}
}

static void a_body_of_no_bytes_is_answered_and_touches_no_memory()
{
	std::vector<packet> packets(20);
	for (auto &p : packets) {
		p.is_copy = roll(2);
		p.slot = keys.begin()->first;
		p.enc = CBC + roll(11);
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

#ifdef PEEK
// ---- the key memory, and every byte of the model: registers and memories are one block of it
static bytes_t line_of(unsigned slot)
{
	const auto &memory = top->rootp->cipher__DOT__u_keys__DOT__u_lines__DOT__mem;
	static_assert(sizeof(memory[0]) == 36, "a line is 288 bits");
	bytes_t line(36);
	memcpy(line.data(), &memory[slot], 36);
	return line;
}
static bytes_t zeros(size_t n) { return bytes_t(n); }
static bytes_t reversed(const bytes_t &b) { return bytes_t(b.rbegin(), b.rend()); }

// FIPS 46-3, permuted choice 1, as a number's bytes, lowest first
static bytes_t without_parity(const bytes_t &key, size_t at)
{
	static const uint8_t CHOICE[56] = { 57, 49, 41, 33, 25, 17, 9,	1,  58, 50, 42, 34, 26, 18, 10, 2,  59, 51, 43, 35, 27, 19, 11, 3,  60, 52, 44, 36,
					    63, 55, 47, 39, 31, 23, 15, 7,  62, 54, 46, 38, 30, 22, 14, 6,  61, 53, 45, 37, 29, 21, 13, 5,  28, 20, 12, 4 };
	bytes_t out(7);
	for (unsigned i = 0; i < 56; i++) {
		unsigned bit = key[at + (CHOICE[i] - 1u) / 8] >> (7 - (CHOICE[i] - 1) % 8) & 1;
		out[(55 - i) / 8] |= uint8_t(bit << (55 - i) % 8);
	}
	return out;
}

static bytes_t line_wanted(const key &k)
{
	if (is_des(k.enc)) {
		size_t step = k.enc == DES3 ? 8 : 0;
		bytes_t line;
		for (size_t n = 0; n < 3; n++) line = join(line, without_parity(k.bytes, step * (DECRYPT ? 2 - n : n)));
		return join(line, zeros(15));
	}
	bytes_t padded = k.bytes;
	padded.resize(32);
	return join(reversed(padded), is_cbc(k.enc) ? zeros(4) : k.salt);
}

// How often 7 bytes of one of them are anywhere in the model
static unsigned found_anywhere(const std::vector<bytes_t> &secrets)
{
	const char *model = reinterpret_cast<const char *>(top->rootp);
	unsigned n = 0;
	for (const auto &secret : secrets)
		for (size_t i = 0; i + 7 <= secret.size(); i++) {
			if (part(secret, i, i + 7) == zeros(7)) continue;
			n += memmem(model, sizeof(*top->rootp), &secret[i], 7) != nullptr;
		}
	return n;
}
// All that is made of a key, but round keys that are the key
static std::vector<bytes_t> made_of(const key &k)
{
	std::vector<bytes_t> all;
	if (is_des(k.enc)) {
		for (size_t at = 0; at < k.bytes.size(); at += 8) all.push_back(without_parity(k.bytes, at));
		return all;
	}
	for (bool decrypt : { false, true }) {
		AES_KEY schedule;
		if (decrypt) AES_set_decrypt_key(k.bytes.data(), int(8 * k.bytes.size()), &schedule);
		else AES_set_encrypt_key(k.bytes.data(), int(8 * k.bytes.size()), &schedule);
		for (int r = 0; r <= schedule.rounds; r++) {
			bytes_t round_key(16);
			memcpy(round_key.data(), &schedule.rd_key[4 * r], 16);
			bytes_t turned = reversed(round_key);
			if (decrypt ? r < schedule.rounds : r > 1) all.push_back(turned);
		}
	}
	return all;
}

// A slot holds its cipher's key, and nothing of an older one; zeroed it holds zeros
static void keys_are_written_rewritten_and_zeroed_in_memory()
{
	for (unsigned n = 0; n < 60; n++) {
		unsigned slot = n < 40 ? 77 : roll(SLOTS), enc = n < 3 ? CBC + 2 - n : CBC + roll(11);  // 256, 192, 128 bits, then any
		put_random_key(slot, enc);
		check(line_of(slot) == line_wanted(keys[slot]), "the key memory holds what " + name(enc) + " needs of its key and nothing else");
	}
	for (unsigned enc = CBC; enc <= DES3; enc++) {
		put_random_key(78, enc);
		check(table_op(top, TBL_SA_KEY, 78, (DECRYPT ? 1 : 0) | 8, enc, random_bytes(64)) > 0, "zeroing is answered");
		check(line_of(78) == zeros(36), "a zeroed slot holds nothing but zeros");
		put_random_key(78, enc);
		check(table_op(top, TBL_SA_KEY, 78, DECRYPT ? 1 : 0, NONE, random_bytes(64)) > 0, "no cipher is answered");
		check(line_of(78) == zeros(36), "a slot without cipher holds nothing but zeros");
	}
	keys.erase(78);

	for (unsigned n = 0; n < 80; n++) put_random_key(n < 2 ? n * (SLOTS - 1) : roll(SLOTS), CBC + n % 11);
	reset(top);
	bool zero = true;
	for (unsigned slot = 0; slot < SLOTS; slot++) zero &= line_of(slot) == zeros(36);
	check(zero, "after a reset the key memory holds nothing but zeros");
	keys.clear();
}

// Round keys live in the lanes while packets do. With the room at rest nothing of a key is anywhere but in the key memory; with
// its slot zeroed, and after a reset in the middle of work, nowhere.
static void nothing_is_left_of_keys_at_rest()
{
	for (unsigned enc = CBC; enc <= DES3; enc++)
		for (bool resets : { false, true }) {
			put_random_key(9, enc);
			const key k = keys[9];
			std::vector<packet> packets;
			for (unsigned i = 0; i < 3 * CONTEXTS; i++) packets.push_back(make_packet(9, enc, false, 240));
			unsigned seen = 0;
			auto watch = [&](unsigned long at) {
				if (at < 200 && at % 10 == 0) seen = std::max(seen, found_anywhere(made_of(k)));
				return resets && at == 150;
			};
			run(packets, { 0, 0, 0 }, "to be forgotten", watch);
			check(seen > 0, "what was made of a key is found while it works, or the search would prove nothing");
			if (resets) {
				reset(top);
			} else {
				if (!is_des(enc)) check(found_anywhere(made_of(k)) == 0, "no round keys are left at rest, " + name(enc));
				table_op(top, TBL_SA_KEY, 9, (DECRYPT ? 1 : 0) | 8, enc, random_bytes(64));
			}
			std::vector<bytes_t> all = made_of(k);
			if (!is_des(enc)) all.push_back(reversed(k.bytes));
			check(found_anywhere(all) == 0, "nothing is left of a key, " + name(enc) + (resets ? ", after a reset" : ""));
		}
	keys.clear();
}
#endif

static void another_directions_key_is_not_taken()
{
	check(table_op(top, TBL_SA_KEY, 1, DECRYPT ? 0 : 1, CBC, random_bytes(64), 50) == 0, "the other direction's op gets no answer here");
	check(table_op(top, 5, 1, DECRYPT ? 1 : 0, 1, random_bytes(64), 50) == 0, "another room's op gets no answer here");
}

static void bench()
{
	printf("cipher %s, %d lanes of %d rounds, %d contexts each: cycles for many packets of one size, one after the other\n",
	       DECRYPT ? "open" : "seal", LANES, ROUNDS, CONTEXTS);
	printf("%-12s %6s %8s %10s %12s %12s %14s\n", "cipher", "bytes", "packets", "cycles", "cyc/packet", "block/cycle", "of one packet");
	for (unsigned enc : { CBC, CBC + 2, CTR, GCM, GCM + 2, GCM | GMAC_FLAG, DES, DES3 })
		for (unsigned bytes : { 64u, 512u, 1500u, 9000u }) {
			if (bytes == 9000 && enc != CBC) continue;
			unsigned align = text_align(enc), text = (bytes + 2 + align - 1) / align * align;
			unsigned blocks = is_des(enc) ? text / 8 : (text + 15) / 16;
			std::vector<packet> packets;
			put_random_key(5, enc & ~GMAC_FLAG);
			for (unsigned i = 0; i < (bytes > 2000 || is_des(enc) ? 100 : 600); i++) packets.push_back(make_packet(5, enc, false, text));
			outcome all = run(packets, { 0, 0, 0 }, "bench");
			std::vector<packet> alone(packets.begin(), packets.begin() + 1);
			outcome one = run(alone, { 0, 0, 0 }, "bench");
			printf("%-12s %6u %8zu %10lu %12.1f %12.2f %14lu\n", name(enc).c_str(), bytes, packets.size(), all.cycles,
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
#ifdef PEEK
		keys_are_written_rewritten_and_zeroed_in_memory();
		nothing_is_left_of_keys_at_rest();
#endif
		another_directions_key_is_not_taken();
		parity_bits_of_a_des_key_do_not_matter();
		every_length_of_every_cipher();
		random_packets_with_random_stalls(argc > 1 ? unsigned(atoi(argv[1])) : 250);
		a_body_of_no_bytes_is_answered_and_touches_no_memory();
		copies_alone_take_a_word_a_cycle();
	}
	printf("%s: %lu cycles, %u passed, %u failed\n", what, cycle, passed, failed);
	delete top;
	return failed != 0;
}
