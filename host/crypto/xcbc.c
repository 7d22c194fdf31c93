// SPDX-License-Identifier: BSD-2-Clause-Patent
/* AES-XCBC-MAC (RFC 3566 §4) and the prf made of it, whose key may have any length (RFC 4434 §2). */
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "crypto/room.h"

enum { BLOCK = XCBC_BYTES };

static EVP_CIPHER_CTX *block_open(const uint8_t key[BLOCK])
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();

	if (ctx != NULL && EVP_EncryptInit_ex2(ctx, crypto_cipher("AES-128-ECB"), key, NULL, NULL) == 1 &&
	    EVP_CIPHER_CTX_set_padding(ctx, 0) == 1)
		return ctx;
	EVP_CIPHER_CTX_free(ctx);
	return NULL;
}

static bool block_seal(EVP_CIPHER_CTX *ctx, const uint8_t in[BLOCK], uint8_t out[BLOCK])
{
	int n = 0;

	return EVP_EncryptUpdate(ctx, out, &n, in, BLOCK) == 1 && n == BLOCK;
}

/* K1, K2, K3: the key's encryption of 16 times 1, 2, 3 */
static bool derive(const uint8_t key[BLOCK], uint8_t k[3][BLOCK])
{
	EVP_CIPHER_CTX *ctx = block_open(key);
	uint8_t in[BLOCK];
	bool ok = ctx != NULL;

	for (uint8_t i = 0; i < 3 && ok; i++) {
		memset(in, i + 1, BLOCK);
		ok = block_seal(ctx, in, k[i]);
	}
	EVP_CIPHER_CTX_free(ctx);	/* wipes the key schedule */
	return ok;
}

static void add(uint8_t to[BLOCK], const uint8_t what[BLOCK])
{
	for (unsigned i = 0; i < BLOCK; i++)
		to[i] ^= what[i];
}

/* All blocks but the last, which stays in *last: it is known only once all has come. */
static bool chain(EVP_CIPHER_CTX *ctx, const struct bytes *parts, unsigned n, uint8_t e[BLOCK], uint8_t last[BLOCK], size_t *n_last)
{
	*n_last = 0;
	for (unsigned i = 0; i < n; i++)
		for (size_t at = 0; at < parts[i].len; at++) {
			if (*n_last == BLOCK) {
				add(e, last);
				if (!block_seal(ctx, e, e))
					return false;
				*n_last = 0;
			}
			last[(*n_last)++] = parts[i].at[at];
		}
	return true;
}

bool xcbc_of(const uint8_t key[XCBC_BYTES], const struct bytes *parts, unsigned n, uint8_t out[XCBC_BYTES])
{
	uint8_t k[3][BLOCK], e[BLOCK] = { 0 }, last[BLOCK];
	EVP_CIPHER_CTX *ctx = derive(key, k) ? block_open(k[0]) : NULL;
	size_t n_last = 0;
	bool ok = ctx != NULL && chain(ctx, parts, n, e, last, &n_last);

	if (ok) {
		const bool is_whole = n_last == BLOCK;

		if (!is_whole) {
			memset(last + n_last, 0, BLOCK - n_last);
			last[n_last] = 0x80;
		}
		add(e, last);
		add(e, k[is_whole ? 1 : 2]);
		ok = block_seal(ctx, e, out);
	}
	EVP_CIPHER_CTX_free(ctx);
	OPENSSL_cleanse(k, sizeof(k));
	OPENSSL_cleanse(e, sizeof(e));
	OPENSSL_cleanse(last, sizeof(last));
	return ok;
}

/* RFC 4434 §2: a short key is filled with zeros, a long one becomes its own prf under a key of zeros. */
bool xcbc_prf(struct bytes key, const struct bytes *parts, unsigned n, uint8_t out[XCBC_BYTES])
{
	static const uint8_t zero[BLOCK];
	uint8_t own[BLOCK] = { 0 };
	bool ok = true;

	if (key.len > BLOCK)
		ok = xcbc_of(zero, &key, 1, own);
	else if (key.len > 0)
		memcpy(own, key.at, key.len);
	ok = ok && xcbc_of(own, parts, n, out);
	OPENSSL_cleanse(own, sizeof(own));
	return ok;
}
