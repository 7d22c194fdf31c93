// SPDX-License-Identifier: BSD-2-Clause-Patent
// What the tests of the hash rings, the feeder and the auth room hold them against: HMAC and its states by libcrypto,
// GHASH as the tag of AES-GCM without its mask.
#pragma once
#include "room_bench.h"
#include <openssl/aes.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/md5.h>
#include <openssl/sha.h>

enum { HASH_MD5, HASH_SHA1, HASH_SHA256, HASH_SHA512, HASH_GCM, HASH_GMAC, HASH_SHA384, HASH_KINDS };
static const char *const HASH_NAMES[HASH_KINDS] = { "MD5", "SHA-1", "SHA-256", "SHA-512", "GCM", "GMAC", "SHA-384" };

static bool is_ghash(unsigned kind) { return kind == HASH_GCM || kind == HASH_GMAC; }
static unsigned block_bytes(unsigned kind) { return kind == HASH_SHA512 || kind == HASH_SHA384 ? 128 : 64; }
static const EVP_MD *digest_of(unsigned kind)
{
	return kind == HASH_MD5	     ? EVP_md5()
	       : kind == HASH_SHA1   ? EVP_sha1()
	       : kind == HASH_SHA256 ? EVP_sha256()
	       : kind == HASH_SHA512 ? EVP_sha512()
				     : EVP_sha384();
}

static bytes_t operator+(bytes_t a, const bytes_t &b)
{
	a.insert(a.end(), b.begin(), b.end());
	return a;
}

static bytes_t hmac(unsigned kind, const bytes_t &key, const bytes_t &message)
{
	bytes_t out(64);
	unsigned n = 0;
	HMAC(digest_of(kind), key.data(), int(key.size()), message.data(), message.size(), out.data(), &n);
	out.resize(n);
	return out;
}

template <class Word> static void put_word(bytes_t &out, Word x, bool low_first)
{
	for (unsigned i = 0; i < sizeof(Word); i++) out.push_back(uint8_t(x >> 8 * (low_first ? i : sizeof(Word) - 1 - i)));
}
template <class Word> static Word get_word(const uint8_t *from, bool low_first)
{
	Word x = 0;
	for (unsigned i = 0; i < sizeof(Word); i++) x |= Word(from[low_first ? i : sizeof(Word) - 1 - i]) << 8 * i;
	return x;
}

static unsigned state_bytes(unsigned kind)
{
	return kind == HASH_SHA1 ? 20 : kind == HASH_SHA256 ? 32 : kind == HASH_SHA512 || kind == HASH_SHA384 ? 64 : 16;
}

// One block on a state in digest byte order; no state: the hash's own first one
static bytes_t compress(unsigned kind, const bytes_t *state, const uint8_t *block)
{
	bytes_t out;
	if (kind == HASH_MD5) {
		MD5_CTX c;
		MD5_Init(&c);
		MD5_LONG *h[4] = { &c.A, &c.B, &c.C, &c.D };
		for (unsigned i = 0; state && i < 4; i++) *h[i] = get_word<uint32_t>(&(*state)[4 * i], true);
		MD5_Transform(&c, block);
		for (auto x : h) put_word(out, uint32_t(*x), true);
	} else if (kind == HASH_SHA1) {
		SHA_CTX c;
		SHA1_Init(&c);
		SHA_LONG *h[5] = { &c.h0, &c.h1, &c.h2, &c.h3, &c.h4 };
		for (unsigned i = 0; state && i < 5; i++) *h[i] = get_word<uint32_t>(&(*state)[4 * i], false);
		SHA1_Transform(&c, block);
		for (auto x : h) put_word(out, uint32_t(*x), false);
	} else if (kind == HASH_SHA256) {
		SHA256_CTX c;
		SHA256_Init(&c);
		for (unsigned i = 0; state && i < 8; i++) c.h[i] = get_word<uint32_t>(&(*state)[4 * i], false);
		SHA256_Transform(&c, block);
		for (auto x : c.h) put_word(out, uint32_t(x), false);
	} else {
		SHA512_CTX c;
		if (kind == HASH_SHA384) SHA384_Init(&c);
		else SHA512_Init(&c);
		for (unsigned i = 0; state && i < 8; i++) c.h[i] = get_word<uint64_t>(&(*state)[8 * i], false);
		SHA512_Transform(&c, block);
		for (auto x : c.h) put_word(out, uint64_t(x), false);
	}
	return out;
}

// The hash state after the key's pad (RFC 2104 section 4)
static bytes_t pad_state(unsigned kind, bytes_t key, uint8_t pad)
{
	if (key.size() > block_bytes(kind)) {
		bytes_t hashed(64);
		unsigned n = 0;
		EVP_Digest(key.data(), key.size(), hashed.data(), &n, digest_of(kind), nullptr);
		hashed.resize(n);
		key = hashed;
	}
	key.resize(block_bytes(kind));
	for (auto &x : key) x ^= pad;
	return compress(kind, nullptr, key.data());
}

static bytes_t hash_key(const bytes_t &aes_key)
{
	bytes_t h(16);
	AES_KEY schedule;
	AES_set_encrypt_key(aes_key.data(), int(8 * aes_key.size()), &schedule);
	AES_encrypt(h.data(), h.data(), &schedule);
	return h;
}

// AES-GCM of a text with a 12-byte IV: replaces the text by its ciphertext; returns GHASH = tag ^ E_K(IV || 1)
static bytes_t ghash(const bytes_t &aes_key, const bytes_t &iv, const bytes_t &aad, bytes_t &text, bytes_t *tag_out = nullptr)
{
	bytes_t tag(16), mask = iv, out(text.size() + 16);
	int n = 0;
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	const EVP_CIPHER *cipher = aes_key.size() == 16 ? EVP_aes_128_gcm() : aes_key.size() == 24 ? EVP_aes_192_gcm() : EVP_aes_256_gcm();
	EVP_EncryptInit_ex(c, cipher, nullptr, aes_key.data(), iv.data());
	if (!aad.empty()) EVP_EncryptUpdate(c, nullptr, &n, aad.data(), int(aad.size()));
	if (!text.empty()) EVP_EncryptUpdate(c, out.data(), &n, text.data(), int(text.size()));
	EVP_EncryptFinal_ex(c, out.data(), &n);
	EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_GET_TAG, 16, tag.data());
	EVP_CIPHER_CTX_free(c);
	std::copy_n(out.begin(), text.size(), text.begin());
	if (tag_out) *tag_out = tag;
	AES_KEY schedule;
	AES_set_encrypt_key(aes_key.data(), int(8 * aes_key.size()), &schedule);
	mask.resize(16);
	mask[15] = 1;
	AES_encrypt(mask.data(), mask.data(), &schedule);
	for (unsigned i = 0; i < 16; i++) tag[i] ^= mask[i];
	return tag;
}

// auth_job_t as the model's port: prefix, suffix and the numbers, from bit 0 up
struct auth_job {
	unsigned ticket = 0, kind = HASH_SHA1, slot = 0, base = 0, off = 0, n_bytes = 0;
	bytes_t prefix, suffix;
};
template <class Port> static void put_job(Port &port, const auth_job &job)
{
	uint32_t words[36] = {};
	unsigned at = 0;
	auto put = [&](uint64_t x, unsigned bits) {
		for (unsigned i = 0; i < bits; i++, at++) words[at / 32] |= uint32_t(x >> i & 1) << at % 32;
	};
	for (unsigned i = 0; i < 36; i++) put(i < job.suffix.size() ? job.suffix[i] : 0, 8);
	put(job.suffix.size(), 6);
	for (unsigned i = 0; i < 96; i++) put(i < job.prefix.size() ? job.prefix[i] : 0, 8);
	put(job.prefix.size(), 7);
	put(job.n_bytes, 16);
	put(job.off, 5);
	put(job.base, 16);
	put(job.slot, 16);
	put(job.kind, 3);
	put(job.ticket, 10);
	for (unsigned i = 0; i < 36; i++) port[i] = words[i];
}
