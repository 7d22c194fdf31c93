// SPDX-License-Identifier: BSD-2-Clause-Patent
#include "crypto/hash.h"

#include <string.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/provider.h>
#include <openssl/rand.h>

#include "crypto/room.h"

#define N(table) (sizeof(table) / sizeof((table)[0]))

/* ---- the library: one context of our own, so that no openssl.cnf and no other room changes what IKE can do */

static OSSL_LIB_CTX *library;
static OSSL_PROVIDER *provider_default, *provider_legacy;
static EVP_MAC *hmac;

static struct hash {
	const char *name;
	unsigned bytes;
	EVP_MD *md;
} hashes[] = {
	[ADIT_AUTH_HMAC_MD5_96] = { "MD5", 16, NULL },
	[ADIT_AUTH_HMAC_SHA1_96] = { "SHA1", 20, NULL },
	[ADIT_AUTH_HMAC_SHA256_128] = { "SHA256", 32, NULL },
	[ADIT_AUTH_HMAC_SHA384_192] = { "SHA384", 48, NULL },
	[ADIT_AUTH_HMAC_SHA512_256] = { "SHA512", 64, NULL },
};

static struct cipher {
	const char *name;
	unsigned key_bytes_min, key_bytes_max, block_bytes;
	EVP_CIPHER *cipher;
} ciphers[] = {
	[ADIT_ENC_AES_CBC_128] = { "AES-128-CBC", 16, 16, 16, NULL },
	[ADIT_ENC_AES_CBC_192] = { "AES-192-CBC", 24, 24, 16, NULL },
	[ADIT_ENC_AES_CBC_256] = { "AES-256-CBC", 32, 32, 16, NULL },
	[ADIT_ENC_DES_CBC] = { "DES-CBC", 8, 8, 8, NULL },			/* legacy */
	[ADIT_ENC_DES3_CBC] = { "DES-EDE3-CBC", 24, 24, 8, NULL },
	[ADIT_ENC_BLOWFISH_CBC] = { "BF-CBC", 5, 56, 8, NULL },			/* legacy; key: RFC 2451 §2.2 */
	[ADIT_ENC_CAMELLIA_CBC_128] = { "CAMELLIA-128-CBC", 16, 16, 16, NULL },
	[ADIT_ENC_CAMELLIA_CBC_192] = { "CAMELLIA-192-CBC", 24, 24, 16, NULL },
	[ADIT_ENC_CAMELLIA_CBC_256] = { "CAMELLIA-256-CBC", 32, 32, 16, NULL },
};

/* IKEv2's beside those: counter modes, and the block that AES-XCBC is made of. */
static struct {
	const char *name;
	EVP_CIPHER *cipher;
} others[] = {
	{ "AES-128-CTR", NULL }, { "AES-192-CTR", NULL }, { "AES-256-CTR", NULL }, { "AES-128-GCM", NULL }, { "AES-192-GCM", NULL },
	{ "AES-256-GCM", NULL }, { "AES-128-CCM", NULL }, { "AES-192-CCM", NULL }, { "AES-256-CCM", NULL }, { "ChaCha20-Poly1305", NULL },
	{ "AES-128-ECB", NULL },
};

OSSL_LIB_CTX *crypto_library(void)
{
	return library;
}

const EVP_CIPHER *crypto_cipher(const char *name)
{
	for (size_t i = 0; i < N(others); i++)
		if (strcmp(others[i].name, name) == 0)
			return others[i].cipher;
	return NULL;
}

/* What is fetched once is only read afterwards, also by the pool's threads. */
static bool fetch_all(void)
{
	bool is_complete = true;

	for (size_t i = 0; i < N(hashes); i++) {
		if (hashes[i].name == NULL)
			continue;
		hashes[i].md = EVP_MD_fetch(library, hashes[i].name, NULL);
		is_complete = is_complete && hashes[i].md != NULL;
	}
	for (size_t i = 0; i < N(ciphers); i++) {
		if (ciphers[i].name == NULL)
			continue;
		ciphers[i].cipher = EVP_CIPHER_fetch(library, ciphers[i].name, NULL);
		is_complete = is_complete && ciphers[i].cipher != NULL;
	}
	for (size_t i = 0; i < N(others); i++) {
		others[i].cipher = EVP_CIPHER_fetch(library, others[i].name, NULL);
		is_complete = is_complete && others[i].cipher != NULL;
	}
	hmac = EVP_MAC_fetch(library, "HMAC", NULL);
	return is_complete && hmac != NULL;
}

bool crypto_open(void)
{
	if (library != NULL)
		return true;
	library = OSSL_LIB_CTX_new();
	if (library == NULL)
		return false;
	provider_default = OSSL_PROVIDER_load(library, "default");
	provider_legacy = OSSL_PROVIDER_load(library, "legacy");
	if (provider_default != NULL && provider_legacy != NULL && fetch_all())
		return true;
	crypto_close();
	return false;
}

void crypto_close(void)
{
	for (size_t i = 0; i < N(hashes); i++) {
		EVP_MD_free(hashes[i].md);
		hashes[i].md = NULL;
	}
	for (size_t i = 0; i < N(ciphers); i++) {
		EVP_CIPHER_free(ciphers[i].cipher);
		ciphers[i].cipher = NULL;
	}
	for (size_t i = 0; i < N(others); i++) {
		EVP_CIPHER_free(others[i].cipher);
		others[i].cipher = NULL;
	}
	EVP_MAC_free(hmac);
	hmac = NULL;
	if (provider_legacy != NULL)
		OSSL_PROVIDER_unload(provider_legacy);
	if (provider_default != NULL)
		OSSL_PROVIDER_unload(provider_default);
	provider_legacy = provider_default = NULL;
	OSSL_LIB_CTX_free(library);
	library = NULL;
}

/* ---- hashes */

static const struct hash *hash_find(enum adit_auth hash)
{
	return (unsigned)hash < N(hashes) && hashes[hash].md != NULL ? &hashes[hash] : NULL;
}

unsigned hash_bytes(enum adit_auth hash)
{
	return (unsigned)hash < N(hashes) ? hashes[hash].bytes : 0;
}

bool hash_of(enum adit_auth hash, const struct bytes *parts, unsigned n, uint8_t *out)
{
	const struct hash *h = hash_find(hash);
	EVP_MD_CTX *ctx = h != NULL ? EVP_MD_CTX_new() : NULL;
	bool ok = ctx != NULL && EVP_DigestInit_ex2(ctx, h->md, NULL) == 1;

	for (unsigned i = 0; i < n && ok; i++)
		ok = EVP_DigestUpdate(ctx, parts[i].at, parts[i].len) == 1;
	ok = ok && EVP_DigestFinal_ex(ctx, out, NULL) == 1;
	EVP_MD_CTX_free(ctx);
	return ok;
}

bool prf_of(enum adit_auth hash, struct bytes key, const struct bytes *parts, unsigned n, uint8_t *out)
{
	const struct hash *h = hash_find(hash);
	EVP_MAC_CTX *ctx = h != NULL ? EVP_MAC_CTX_new(hmac) : NULL;
	OSSL_PARAM params[2] = { OSSL_PARAM_END, OSSL_PARAM_END };
	char digest[8] = "";
	const uint8_t *at = key.len > 0 ? key.at : (const uint8_t *)"";	/* NULL would mean: the key of before */
	size_t got = 0;
	bool ok = ctx != NULL;

	if (ok) {
		strncpy(digest, h->name, sizeof(digest) - 1);
		params[0] = OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0);
		ok = EVP_MAC_init(ctx, at, key.len, params) == 1;
	}
	for (unsigned i = 0; i < n && ok; i++)
		ok = parts[i].len == 0 || EVP_MAC_update(ctx, parts[i].at, parts[i].len) == 1;
	ok = ok && EVP_MAC_final(ctx, out, &got, h->bytes) == 1 && got == h->bytes;
	EVP_MAC_CTX_free(ctx);
	return ok;
}

bool bytes_equal(struct bytes a, struct bytes b)
{
	return a.len == b.len && (a.len == 0 || CRYPTO_memcmp(a.at, b.at, a.len) == 0);
}

bool random_bytes(void *out, size_t n)
{
	return library != NULL && (n == 0 || RAND_bytes_ex(library, out, n, 0) == 1);
}

/* ---- ciphers of phase 1 */

unsigned cipher_block_bytes(enum adit_enc enc)
{
	return (unsigned)enc < N(ciphers) ? ciphers[enc].block_bytes : 0;
}

/* The next IV is the last block of ciphertext: of the text before a decryption, or after an encryption. */
bool cipher_cbc(enum adit_enc enc, struct bytes key, bool is_encrypt, uint8_t *iv, uint8_t *text, size_t n)
{
	const struct cipher *c = (unsigned)enc < N(ciphers) && ciphers[enc].cipher != NULL ? &ciphers[enc] : NULL;
	uint8_t last[16];
	EVP_CIPHER_CTX *ctx;
	int got = 0;
	bool ok;

	if (c == NULL || key.len < c->key_bytes_min || key.len > c->key_bytes_max || n % c->block_bytes != 0 || n > INT32_MAX)
		return false;
	if (n == 0)
		return true;
	if (!is_encrypt)
		memcpy(last, text + n - c->block_bytes, c->block_bytes);
	ctx = EVP_CIPHER_CTX_new();
	ok = ctx != NULL && EVP_CipherInit_ex2(ctx, c->cipher, NULL, NULL, is_encrypt, NULL) == 1 &&
	     (c->key_bytes_min == c->key_bytes_max || EVP_CIPHER_CTX_set_key_length(ctx, (int)key.len) == 1) &&
	     EVP_CipherInit_ex2(ctx, NULL, key.at, iv, is_encrypt, NULL) == 1 && EVP_CIPHER_CTX_set_padding(ctx, 0) == 1 &&
	     EVP_CipherUpdate(ctx, text, &got, text, (int)n) == 1 && (size_t)got == n;
	EVP_CIPHER_CTX_free(ctx);	/* wipes the key schedule */
	if (ok)
		memcpy(iv, is_encrypt ? text + n - c->block_bytes : last, c->block_bytes);
	return ok;
}

/* RFC 2409 App. A. Its second and third key are misprinted there: the weak ones of FIPS 74 stand beside them. Parity bits cleared. */
static const uint8_t weak_keys[][8] = {
	{ 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00 }, { 0xfe, 0xfe, 0xfe, 0xfe, 0xfe, 0xfe, 0xfe, 0xfe },
	{ 0x1e, 0x1e, 0x1e, 0x1e, 0xe0, 0xe0, 0xe0, 0xe0 }, { 0xe0, 0xe0, 0xe0, 0xe0, 0x1e, 0x1e, 0x1e, 0x1e },
	{ 0x1e, 0x1e, 0x1e, 0x1e, 0x0e, 0x0e, 0x0e, 0x0e }, { 0xe0, 0xe0, 0xe0, 0xe0, 0xf0, 0xf0, 0xf0, 0xf0 },
	{ 0x00, 0xfe, 0x00, 0xfe, 0x00, 0xfe, 0x00, 0xfe }, { 0xfe, 0x00, 0xfe, 0x00, 0xfe, 0x00, 0xfe, 0x00 },
	{ 0x1e, 0xe0, 0x1e, 0xe0, 0x0e, 0xf0, 0x0e, 0xf0 }, { 0xe0, 0x1e, 0xe0, 0x1e, 0xf0, 0x0e, 0xf0, 0x0e },
	{ 0x00, 0xe0, 0x00, 0xe0, 0x00, 0xf0, 0x00, 0xf0 }, { 0xe0, 0x00, 0xe0, 0x00, 0xf0, 0x00, 0xf0, 0x00 },
	{ 0x1e, 0xfe, 0x1e, 0xfe, 0x0e, 0xfe, 0x0e, 0xfe }, { 0xfe, 0x1e, 0xfe, 0x1e, 0xfe, 0x0e, 0xfe, 0x0e },
	{ 0x00, 0x1e, 0x00, 0x1e, 0x00, 0x0e, 0x00, 0x0e }, { 0x1e, 0x00, 0x1e, 0x00, 0x0e, 0x00, 0x0e, 0x00 },
	{ 0xe0, 0xfe, 0xe0, 0xfe, 0xf0, 0xfe, 0xf0, 0xfe }, { 0xfe, 0xe0, 0xfe, 0xe0, 0xfe, 0xf0, 0xfe, 0xf0 },
};

static bool des_key_is_weak(const uint8_t key[8])
{
	uint8_t bare[8];
	bool is_weak = false;

	for (unsigned i = 0; i < 8; i++)
		bare[i] = key[i] & 0xfe;
	for (size_t i = 0; i < N(weak_keys); i++)
		is_weak |= CRYPTO_memcmp(bare, weak_keys[i], 8) == 0;
	OPENSSL_cleanse(bare, sizeof(bare));
	return is_weak;
}

bool cipher_key_is_weak(enum adit_enc enc, struct bytes key)
{
	if (enc == ADIT_ENC_DES_CBC)
		return key.len == 8 && des_key_is_weak(key.at);
	if (enc == ADIT_ENC_DES3_CBC)
		return key.len == 24 && (des_key_is_weak(key.at) || des_key_is_weak(key.at + 8) || des_key_is_weak(key.at + 16));
	return false;
}
