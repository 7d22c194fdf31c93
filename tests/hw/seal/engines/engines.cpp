// SPDX-License-Identifier: BSD-2-Clause-Patent
// Cipher and hash of the stand-ins, on OpenSSL, with random times. Contract: cipher_job_t and auth_job_t in hw/top/adit_pkg.sv.
#include "engines.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <list>
#include <map>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "adit_regs.h"
#include "svdpi.h"

std::mt19937_64 engine_rng;
unsigned engine_patience = 60, engine_errors;
static std::map<unsigned, engine_keys> keys_of[2];

void engine_set_keys(unsigned dir, unsigned slot, const engine_keys &keys) { keys_of[dir][slot] = keys; }

static unsigned pick(unsigned n) { return static_cast<unsigned>(engine_rng() % n); }

static void complain(const char *what)
{
	if (engine_errors++ < 10)
		printf("FAILED: a job for an engine: %s\n", what);
}

static const engine_keys &keys(unsigned dir, unsigned slot)
{
	auto k = keys_of[dir].find(slot);

	if (k == keys_of[dir].end()) {
		complain("a slot without keys");
		static engine_keys none;
		return none;
	}
	return k->second;
}

// ---------------------------------------------------------------- algorithms
static const EVP_CIPHER *aes(size_t key_bytes, char mode)
{
	switch (key_bytes) {
	case 16: return mode == 'b' ? EVP_aes_128_cbc() : mode == 'r' ? EVP_aes_128_ctr() : EVP_aes_128_ecb();
	case 24: return mode == 'b' ? EVP_aes_192_cbc() : mode == 'r' ? EVP_aes_192_ctr() : EVP_aes_192_ecb();
	default: return mode == 'b' ? EVP_aes_256_cbc() : mode == 'r' ? EVP_aes_256_ctr() : EVP_aes_256_ecb();
	}
}

static void run(const EVP_CIPHER *c, const std::vector<uint8_t> &key, const uint8_t *iv, bool encrypt, uint8_t *data, size_t n)
{
	EVP_CIPHER_CTX *x = EVP_CIPHER_CTX_new();
	int m = 0;

	if (n == 0 || EVP_CipherInit_ex(x, c, nullptr, key.data(), iv, encrypt) != 1 || EVP_CIPHER_CTX_set_padding(x, 0) != 1 ||
	    EVP_CipherUpdate(x, data, &m, data, static_cast<int>(n)) != 1 || static_cast<size_t>(m) != n) {
		if (n != 0)
			complain("OpenSSL refuses");
	}
	EVP_CIPHER_CTX_free(x);
}

static std::vector<uint8_t> des3(const std::vector<uint8_t> &key)
{
	std::vector<uint8_t> k;

	if (key.size() == 24)
		return key;
	for (int i = 0; i < 3; i++)
		k.insert(k.end(), key.begin(), key.end());
	return k;
}

static void block(const engine_keys &k, uint8_t b[16]) { run(aes(k.enc_key.size(), 'e'), k.enc_key, nullptr, true, b, 16); }

static void counter(const engine_keys &k, const uint8_t iv[8], uint8_t n, uint8_t out[16])
{
	memcpy(out, k.salt, 4);
	memcpy(out + 4, iv, 8);
	out[12] = out[13] = out[14] = 0;
	out[15] = n;
}

static void cipher_body(unsigned dir, unsigned enc, const engine_keys &k, std::vector<uint8_t> &b, uint8_t mask[16])
{
	uint8_t zero[16] = {0}, iv[16];
	bool is_gmac = enc & 0x40;
	size_t n = b.size();

	memset(mask, 0, 16);
	enc &= 0x3f;
	if (n < 16) {
		complain("shorter than a first block");
		return;
	}
	if (enc >= ADIT_ENC_AES_CBC_128 && enc <= ADIT_ENC_AES_CBC_256) {
		if (n % 16)
			complain("AES-CBC without whole blocks");
		memcpy(iv, b.data(), 16);
		if (dir == 0) {
			run(aes(k.enc_key.size(), 'b'), k.enc_key, zero, true, b.data(), n & ~size_t{15});
		} else {
			run(aes(k.enc_key.size(), 'b'), k.enc_key, iv, false, b.data() + 16, (n - 16) & ~size_t{15});
			for (unsigned i = 0; i < 16; i++)	// nobody may look at it
				b[i] = static_cast<uint8_t>(engine_rng());
		}
	} else if (enc == ADIT_ENC_DES_CBC || enc == ADIT_ENC_DES3_CBC) {
		if (n % 8)
			complain("DES without whole blocks");
		memcpy(iv, b.data() + 8, 8);
		if (dir == 0) {
			run(EVP_des_ede3_cbc(), des3(k.enc_key), zero, true, b.data() + 8, (n - 8) & ~size_t{7});
		} else {
			run(EVP_des_ede3_cbc(), des3(k.enc_key), iv, false, b.data() + 16, (n - 16) & ~size_t{7});
			for (unsigned i = 8; i < 16; i++)
				b[i] = static_cast<uint8_t>(engine_rng());
		}
		for (unsigned i = 0; i < 8; i++)
			b[i] = static_cast<uint8_t>(engine_rng());
	} else if (enc >= ADIT_ENC_AES_CTR_128 && enc <= ADIT_ENC_AES_GCM_256) {
		bool is_gcm = enc >= ADIT_ENC_AES_GCM_128;
		if (n % 4)
			complain("AES-CTR or -GCM without whole words");
		if (is_gcm) {
			counter(k, b.data() + 8, 1, mask);
			block(k, mask);
		}
		counter(k, b.data() + 8, is_gcm ? 2 : 1, iv);
		if (!is_gmac)
			run(aes(k.enc_key.size(), 'r'), k.enc_key, iv, true, b.data() + 16, n - 16);
		for (unsigned i = 0; i < 8; i++)
			b[i] = static_cast<uint8_t>(engine_rng());
	} else {
		complain("a cipher that the card does not have");
	}
}

static void gf_multiply(uint8_t x[16], const uint8_t h[16])	// SP 800-38D §6.3
{
	uint8_t z[16] = {0}, v[16];

	memcpy(v, h, 16);
	for (unsigned i = 0; i < 128; i++) {
		if (x[i / 8] >> (7 - i % 8) & 1)
			for (unsigned j = 0; j < 16; j++)
				z[j] ^= v[j];
		unsigned low = v[15] & 1u;
		for (unsigned j = 15; j > 0; j--)
			v[j] = static_cast<uint8_t>(v[j] >> 1 | v[j - 1] << 7);
		v[0] = static_cast<uint8_t>(v[0] >> 1);
		if (low)
			v[0] ^= 0xe1;
	}
	memcpy(x, z, 16);
}

static void ghash(const engine_keys &k, const std::vector<uint8_t> &aad, const std::vector<uint8_t> &text, uint8_t out[16])
{
	uint8_t h[16] = {0}, y[16] = {0}, len[16] = {0};
	auto absorb = [&](const uint8_t *p, size_t n) {
		for (size_t i = 0; i < n; i += 16) {
			for (size_t j = 0; j < 16 && i + j < n; j++)
				y[j] ^= p[i + j];
			gf_multiply(y, h);
		}
	};

	block(k, h);
	absorb(aad.data(), aad.size());
	absorb(text.data(), text.size());
	for (unsigned i = 0; i < 4; i++) {
		len[7 - i] = static_cast<uint8_t>(aad.size() * 8 >> 8 * i);
		len[15 - i] = static_cast<uint8_t>(text.size() * 8 >> 8 * i);
	}
	absorb(len, 16);
	memcpy(out, y, 16);
}

static const EVP_MD *digest(unsigned auth)
{
	switch (auth) {
	case ADIT_AUTH_HMAC_MD5_96: return EVP_md5();
	case ADIT_AUTH_HMAC_SHA1_96: return EVP_sha1();
	case ADIT_AUTH_HMAC_SHA256_128: return EVP_sha256();
	case ADIT_AUTH_HMAC_SHA384_192: return EVP_sha384();
	default: return EVP_sha512();
	}
}

// ---------------------------------------------------------------- jobs
struct job {
	unsigned ticket = 0, base = 0, n_bytes = 0, enc = 0, slot = 0, kind = 0, off = 0;
	bool is_copy = false;
	std::vector<uint8_t> prefix, suffix, words;	// words: as read, then as written
	unsigned n_words = 0, n_asked = 0, n_written = 0, wait = 0;
	bool is_worked = false;
	uint8_t mask[16] = {0}, icv[64] = {0};
};

struct engine {
	std::list<job> jobs;
	std::deque<unsigned> asked;	// tickets whose words are under way
	bool done_valid = false;
	job done;
};
static engine ciphers[2], auths[2];

static void fill(engine &e, bool valid, const svBitVecVal *data)
{
	if (!valid)
		return;
	for (job &j : e.jobs)
		if (!e.asked.empty() && j.ticket == e.asked.front()) {
			const uint8_t *p = reinterpret_cast<const uint8_t *>(data);
			j.words.insert(j.words.end(), p, p + 64);
			e.asked.pop_front();
			return;
		}
	complain("a word that nobody asked for");
}

static void ask(engine &e, svBit *valid, int *addr)
{
	*valid = 0;
	*addr = static_cast<int>(pick(65536));
	if (e.jobs.empty() || pick(4) == 0)
		return;
	unsigned from = pick(static_cast<unsigned>(e.jobs.size())), i = 0;
	for (job &j : e.jobs)
		if (i++ >= from && j.n_asked < j.n_words) {
			*valid = 1;
			*addr = static_cast<int>((j.base + j.n_asked++) & 0xffff);
			e.asked.push_back(j.ticket);
			return;
		}
}

static void add(engine &e, job &j)
{
	for (const job &other : e.jobs)
		if (other.ticket == j.ticket)
			complain("two with one ticket");
	j.wait = pick(engine_patience + 1);
	e.jobs.push_back(j);
}

extern "C" void engine_cipher_reset(int dir) { ciphers[dir] = engine(); }
extern "C" void engine_auth_reset(int dir) { auths[dir] = engine(); }

extern "C" void engine_cipher_step(int dir, svBit take, int ticket, int base, int n_bytes, svBit is_copy, int enc, int slot,
				   svBit data_valid, const svBitVecVal *data, svBit done_take, svBit *job_ready, svBit *rd_valid,
				   int *rd_addr, svBit *wr_valid, int *wr_addr, svBitVecVal *wr_data, int *wr_ticket, int *wr_index,
				   svBit *done_valid, int *done_ticket, int *pad_bytes, int *next_header, svBit *pad_ok,
				   svBitVecVal *mask, svBit *busy)
{
	engine &e = ciphers[dir];

	if (done_take)
		e.done_valid = false;
	fill(e, data_valid, data);
	if (take) {
		job j;
		j.ticket = static_cast<unsigned>(ticket);
		j.base = static_cast<unsigned>(base);
		j.n_bytes = static_cast<unsigned>(n_bytes);
		j.is_copy = is_copy;
		j.enc = static_cast<unsigned>(enc);
		j.slot = static_cast<unsigned>(slot);
		j.n_words = (j.n_bytes + 63) / 64;
		add(e, j);
	}
	ask(e, rd_valid, rd_addr);
	*wr_valid = 0;
	*wr_addr = *wr_index = *wr_ticket = 0;
	memset(wr_data, 0, 64);
	for (auto j = e.jobs.begin(); j != e.jobs.end(); ++j) {
		if (j->words.size() < 64 * j->n_words && !j->is_worked)
			continue;
		if (!j->is_worked) {
			std::vector<uint8_t> body(j->words.begin(), j->words.begin() + j->n_bytes);
			if (!j->is_copy && j->n_bytes != 0)
				cipher_body(static_cast<unsigned>(dir), j->enc, keys(static_cast<unsigned>(dir), j->slot), body, j->mask);
			std::copy(body.begin(), body.end(), j->words.begin());
			j->is_worked = true;
		}
		if (j->wait > 0) {
			j->wait--;
			continue;
		}
		if (!*wr_valid && j->n_written < j->n_words && pick(4)) {
			*wr_valid = 1;
			*wr_addr = static_cast<int>((j->base + j->n_written) & 0xffff);
			*wr_index = static_cast<int>(j->n_written);
			*wr_ticket = static_cast<int>(j->ticket);
			memcpy(wr_data, j->words.data() + 64 * j->n_written, 64);
			j->n_written++;
		} else if (j->n_written == j->n_words && !e.done_valid) {
			e.done = *j;
			e.done_valid = true;
			e.jobs.erase(j);
			break;
		}
	}
	const job &d = e.done;
	*done_valid = e.done_valid;
	*done_ticket = static_cast<int>(d.ticket);
	*pad_bytes = *next_header = 0;
	*pad_ok = 1;
	memset(mask, 0, 16);
	if (e.done_valid) {
		memcpy(mask, d.mask, 16);
		if (d.n_bytes >= 2) {
			*next_header = d.words[d.n_bytes - 1];
			*pad_bytes = d.words[d.n_bytes - 2];
			for (int i = 0; i < *pad_bytes; i++)
				if (static_cast<int>(d.n_bytes) - 3 - i < 0 || d.words[d.n_bytes - 3 - static_cast<unsigned>(i)] != *pad_bytes - i)
					*pad_ok = 0;
		}
	}
	*job_ready = e.jobs.size() < 8 && pick(8);
	*busy = !e.jobs.empty() || e.done_valid;
}

extern "C" void engine_auth_step(int dir, svBit take, int ticket, int kind, int slot, int base, int off, int n_bytes, int prefix_bytes,
				 const svBitVecVal *prefix, int suffix_bytes, const svBitVecVal *suffix, svBit data_valid,
				 const svBitVecVal *data, svBit done_take, svBit *job_ready, svBit *rd_valid, int *rd_addr,
				 svBit *done_valid, int *done_ticket, svBitVecVal *icv, svBit *busy)
{
	engine &e = auths[dir];

	if (done_take)
		e.done_valid = false;
	fill(e, data_valid, data);
	if (take) {
		job j;
		const uint8_t *p = reinterpret_cast<const uint8_t *>(prefix), *s = reinterpret_cast<const uint8_t *>(suffix);
		j.ticket = static_cast<unsigned>(ticket);
		j.kind = static_cast<unsigned>(kind);
		j.slot = static_cast<unsigned>(slot);
		j.base = static_cast<unsigned>(base);
		j.off = static_cast<unsigned>(off);
		j.n_bytes = static_cast<unsigned>(n_bytes);
		j.n_words = j.n_bytes ? (j.off + j.n_bytes + 63) / 64 : 0;
		if (prefix_bytes < 8 || prefix_bytes > 96 || prefix_bytes % 4 || suffix_bytes < 0 || suffix_bytes > 36 || suffix_bytes % 4 ||
		    (off != 0 && off != 8 && off != 16))
			complain("lengths that a hash does not take");
		for (int i = prefix_bytes; i < 96; i++)
			if (p[i]) {
				complain("a prefix that is not zero behind its end");
				break;
			}
		for (int i = suffix_bytes; i < 36; i++)
			if (s[i]) {
				complain("a suffix that is not zero behind its end");
				break;
			}
		j.prefix.assign(p, p + prefix_bytes);
		j.suffix.assign(s, s + suffix_bytes);
		add(e, j);
	}
	ask(e, rd_valid, rd_addr);
	for (auto j = e.jobs.begin(); j != e.jobs.end(); ++j) {
		if (j->words.size() < 64 * j->n_words)
			continue;
		if (!j->is_worked) {
			const engine_keys &k = keys(static_cast<unsigned>(dir), j->slot);
			std::vector<uint8_t> all = j->prefix, text;
			if (j->n_bytes)
				text.assign(j->words.begin() + j->off, j->words.begin() + j->off + j->n_bytes);
			if (j->kind == 4) {		// HASH_GCM
				ghash(k, all, text, j->icv);
			} else {
				all.insert(all.end(), text.begin(), text.end());
				if (j->kind == 5) {	// HASH_GMAC
					ghash(k, all, {}, j->icv);
				} else {
					unsigned want = k.auth == ADIT_AUTH_HMAC_SHA384_192 ? 6 : k.auth == ADIT_AUTH_HMAC_SHA512_256 ? 3 : k.auth - 1;
					if (j->kind != want)
						complain("a hash that is not the SA's");
					all.insert(all.end(), j->suffix.begin(), j->suffix.end());
					unsigned n = 0;
					HMAC(digest(k.auth), k.auth_key.data(), static_cast<int>(k.auth_key.size()), all.data(), all.size(),
					     j->icv, &n);
				}
			}
			j->is_worked = true;
		}
		if (j->wait > 0) {
			j->wait--;
		} else if (!e.done_valid) {
			e.done = *j;
			e.done_valid = true;
			e.jobs.erase(j);
			break;
		}
	}
	*done_valid = e.done_valid;
	*done_ticket = static_cast<int>(e.done.ticket);
	memcpy(icv, e.done.icv, 32);
	*job_ready = e.jobs.size() < 8 && pick(8);
	*busy = !e.jobs.empty() || e.done_valid;
}
