// SPDX-License-Identifier: BSD-2-Clause-Patent
#include "crypto/ike2_seal.h"

#include <stdio.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "crypto/room.h"

enum { CTR_BLOCK_BYTES = 16, MAX_NONCE_BYTES = 12 };

/* One message, taken apart. text: plain text or ciphertext, with padding and its length. */
struct sealed {
	const struct ike2_encr *encr;
	const struct ike2_half *half;
	struct bytes before;		/* what is authenticated only */
	const uint8_t *iv;
	size_t n_text, icv_bytes;
};

unsigned ike2_iv_bytes(const struct ike2_suite *suite)
{
	const struct ike2_encr *encr = ike2_encr_of(suite->encr);

	return encr != NULL ? encr->iv_bytes : 0;
}

/* The least that makes text and the length of padding whole blocks (§3.14). */
static size_t padding_bytes(const struct ike2_suite *suite, size_t n_plain_bytes)
{
	const struct ike2_encr *encr = ike2_encr_of(suite->encr);
	const size_t block_bytes = encr != NULL ? encr->block_bytes : 1;

	return block_bytes - 1 - n_plain_bytes % block_bytes;
}

size_t ike2_tail_bytes(const struct ike2_suite *suite, size_t n_plain_bytes)
{
	return padding_bytes(suite, n_plain_bytes) + 1 + ike2_icv_bytes(suite);
}

/* ---- ciphers without an ICV of their own */

static enum adit_enc cbc_code(const struct ike2_suite *suite)
{
	switch (suite->encr) {
	case V2_ENCR_DES:
		return ADIT_ENC_DES_CBC;
	case V2_ENCR_3DES:
		return ADIT_ENC_DES3_CBC;
	case V2_ENCR_CAMELLIA_CBC:
		return suite->key_bits == 128 ? ADIT_ENC_CAMELLIA_CBC_128 : suite->key_bits == 192 ? ADIT_ENC_CAMELLIA_CBC_192 :
												     ADIT_ENC_CAMELLIA_CBC_256;
	default:
		return suite->key_bits == 128 ? ADIT_ENC_AES_CBC_128 : suite->key_bits == 192 ? ADIT_ENC_AES_CBC_192 : ADIT_ENC_AES_CBC_256;
	}
}

static const EVP_CIPHER *aes(unsigned key_bytes, const char *mode)
{
	char name[32];

	(void)snprintf(name, sizeof(name), "AES-%u-%s", 8 * key_bytes, mode);
	return crypto_cipher(name);
}

/* RFC 5930 §2: nonce | IV | a block counter from 1 */
static bool crypt_ctr(const struct ike2_keys *keys, const struct sealed *sealed, uint8_t *text)
{
	const unsigned key_bytes = (unsigned)keys->e_bytes - sealed->encr->salt_bytes;
	uint8_t counter[CTR_BLOCK_BYTES] = { [CTR_BLOCK_BYTES - 1] = 1 };
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int n = 0;
	bool ok;

	memcpy(counter, sealed->half->e + key_bytes, sealed->encr->salt_bytes);
	memcpy(counter + sealed->encr->salt_bytes, sealed->iv, sealed->encr->iv_bytes);
	ok = ctx != NULL && EVP_EncryptInit_ex2(ctx, aes(key_bytes, "CTR"), sealed->half->e, counter, NULL) == 1 &&
	     EVP_EncryptUpdate(ctx, text, &n, text, (int)sealed->n_text) == 1 && (size_t)n == sealed->n_text;
	EVP_CIPHER_CTX_free(ctx);	/* wipes the key schedule */
	OPENSSL_cleanse(counter, sizeof(counter));
	return ok;
}

static bool apply_cipher(const struct ike2_keys *keys, const struct sealed *sealed, bool is_encrypt, uint8_t *text)
{
	uint8_t iv[CTR_BLOCK_BYTES];

	switch (sealed->encr->kind) {
	case ENCR_CBC:
		memcpy(iv, sealed->iv, sealed->encr->iv_bytes);
		return cipher_cbc(cbc_code(&keys->suite), (struct bytes){ sealed->half->e, keys->e_bytes }, is_encrypt, iv, text, sealed->n_text);
	case ENCR_CTR:
		return crypt_ctr(keys, sealed, text);
	default:	/* NULL */
		return sealed->encr->kind == ENCR_NONE;
	}
}

/* Over all of the message up to the ICV, the ciphertext included (§3.14). */
static bool icv_of(const struct ike2_keys *keys, const struct ike2_half *half, struct bytes covered, uint8_t icv[HASH_MAX_BYTES])
{
	const struct ike2_integ *integ = ike2_integ_of(keys->suite.integ);

	if (integ == NULL)
		return false;
	if (integ->hash == ADIT_AUTH_NULL)
		return xcbc_of(half->a, &covered, 1, icv);
	return prf_of(integ->hash, (struct bytes){ half->a, keys->a_bytes }, &covered, 1, icv);
}

/* ---- ciphers that have one (RFC 5282, RFC 7634): nonce = salt | IV, the salt being the last bytes of SK_e */

static const EVP_CIPHER *aead_cipher(const struct sealed *sealed, unsigned key_bytes)
{
	if (sealed->encr->kind == ENCR_CHACHA20)
		return crypto_cipher("ChaCha20-Poly1305");
	return aes(key_bytes, sealed->encr->kind == ENCR_GCM ? "GCM" : "CCM");
}

/* Key, nonce, tag and, of CCM, the length of the text: all that must be known before the first byte. */
static bool aead_begin(EVP_CIPHER_CTX *ctx, const struct ike2_keys *keys, const struct sealed *sealed, bool is_encrypt, uint8_t *tag)
{
	const unsigned salt_bytes = sealed->encr->salt_bytes, key_bytes = keys->e_bytes - salt_bytes;
	const int tag_bytes = (int)sealed->icv_bytes, nonce_bytes = (int)(salt_bytes + sealed->encr->iv_bytes);
	const EVP_CIPHER *cipher = aead_cipher(sealed, key_bytes);
	const bool is_ccm = sealed->encr->kind == ENCR_CCM;
	uint8_t nonce[MAX_NONCE_BYTES];
	int n = 0;
	bool ok;

	memcpy(nonce, sealed->half->e + key_bytes, salt_bytes);
	memcpy(nonce + salt_bytes, sealed->iv, sealed->encr->iv_bytes);
	ok = cipher != NULL && EVP_CipherInit_ex2(ctx, cipher, NULL, NULL, is_encrypt, NULL) == 1 &&
	     EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_IVLEN, nonce_bytes, NULL) == 1 &&
	     (!(is_ccm || !is_encrypt) || EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, tag_bytes, is_encrypt ? NULL : tag) == 1) &&
	     EVP_CipherInit_ex2(ctx, NULL, sealed->half->e, nonce, is_encrypt, NULL) == 1 &&
	     (!is_ccm || EVP_CipherUpdate(ctx, NULL, &n, NULL, (int)sealed->n_text) == 1) &&
	     EVP_CipherUpdate(ctx, NULL, &n, sealed->before.at, (int)sealed->before.len) == 1;
	OPENSSL_cleanse(nonce, sizeof(nonce));
	return ok;
}

/* In place. tag: of icv_bytes; written, or compared in constant time. */
static bool aead(const struct ike2_keys *keys, const struct sealed *sealed, bool is_encrypt, uint8_t *text, uint8_t *tag)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	uint8_t none[CTR_BLOCK_BYTES];
	int n = 0, n_more = 0;
	bool ok = ctx != NULL && aead_begin(ctx, keys, sealed, is_encrypt, tag) &&
		  EVP_CipherUpdate(ctx, text, &n, text, (int)sealed->n_text) == 1 && (size_t)n == sealed->n_text;

	if (ok && (sealed->encr->kind != ENCR_CCM || is_encrypt))	/* CCM has compared already */
		ok = EVP_CipherFinal_ex(ctx, none, &n_more) == 1;
	if (ok && is_encrypt)
		ok = EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, (int)sealed->icv_bytes, tag) == 1;
	EVP_CIPHER_CTX_free(ctx);
	return ok;
}

/* ---- the payload */

/* §3.14: unpredictable for CBC; RFC 5930 §2.1, RFC 5282 §3.1, RFC 7634 §2: used once with a key. */
static bool make_iv(const struct ike2_encr *encr, struct ike2_half *half, uint8_t *iv)
{
	if (encr->kind == ENCR_CBC)
		return random_bytes(iv, encr->iv_bytes);
	if (half->next_iv == UINT64_MAX)
		return false;
	for (unsigned i = 0; i < encr->iv_bytes; i++)
		iv[i] = (uint8_t)(half->next_iv >> (56 - 8 * i));
	half->next_iv++;
	return true;
}

bool ike2_seal(struct ike2_keys *keys, bool by_initiator, uint8_t *message, size_t n_bytes, size_t iv_at, size_t n_plain_bytes)
{
	struct ike2_half *half = by_initiator ? &keys->i : &keys->r;
	const struct ike2_encr *encr = ike2_encr_of(keys->suite.encr);
	const size_t n_padding = padding_bytes(&keys->suite, n_plain_bytes), icv_bytes = ike2_icv_bytes(&keys->suite);
	struct sealed sealed = { encr, half, { message, iv_at }, message + iv_at, n_plain_bytes + n_padding + 1, icv_bytes };
	uint8_t icv[HASH_MAX_BYTES], *text, *icv_at;

	if (encr == NULL || icv_bytes == 0 || n_bytes > ISAKMP_MAX_BYTES ||
	    n_bytes != iv_at + encr->iv_bytes + n_plain_bytes + ike2_tail_bytes(&keys->suite, n_plain_bytes) ||
	    !make_iv(encr, half, message + iv_at))
		return false;
	text = message + iv_at + encr->iv_bytes;
	icv_at = text + sealed.n_text;
	memset(text + n_plain_bytes, 0, n_padding);
	text[n_plain_bytes + n_padding] = (uint8_t)n_padding;
	if (encr->icv_bytes > 0)
		return aead(keys, &sealed, true, text, icv_at);
	if (!apply_cipher(keys, &sealed, true, text) || !icv_of(keys, half, (struct bytes){ message, n_bytes - icv_bytes }, icv))
		return false;
	memcpy(icv_at, icv, icv_bytes);
	return true;
}

/* The ICV first, then the text; of an AEAD both at once. */
static bool open_text(const struct ike2_keys *keys, const struct sealed *sealed, struct bytes message, uint8_t *text)
{
	const uint8_t *theirs = message.at + message.len - sealed->icv_bytes;
	uint8_t icv[HASH_MAX_BYTES];

	if (sealed->encr->icv_bytes > 0) {
		memcpy(icv, theirs, sealed->icv_bytes);
		return aead(keys, sealed, false, text, icv);
	}
	return icv_of(keys, sealed->half, (struct bytes){ message.at, message.len - sealed->icv_bytes }, icv) &&
	       bytes_equal((struct bytes){ icv, sealed->icv_bytes }, (struct bytes){ theirs, sealed->icv_bytes }) &&
	       apply_cipher(keys, sealed, false, text);
}

bool ike2_open(const struct ike2_keys *keys, bool by_initiator, struct bytes message, size_t iv_at, uint8_t *out, size_t *n_plain_bytes)
{
	const struct ike2_encr *encr = ike2_encr_of(keys->suite.encr);
	const size_t icv_bytes = ike2_icv_bytes(&keys->suite);
	struct sealed sealed = { encr, by_initiator ? &keys->i : &keys->r, { message.at, iv_at }, message.at + iv_at, 0, icv_bytes };

	if (encr == NULL || icv_bytes == 0 || message.len > ISAKMP_MAX_BYTES || message.len < iv_at ||
	    message.len - iv_at < encr->iv_bytes + encr->block_bytes + icv_bytes)
		return false;
	sealed.n_text = message.len - iv_at - encr->iv_bytes - icv_bytes;
	if (sealed.n_text % encr->block_bytes != 0)
		return false;
	memcpy(out, message.at + iv_at + encr->iv_bytes, sealed.n_text);
	if (open_text(keys, &sealed, message, out) && out[sealed.n_text - 1] < sealed.n_text) {
		*n_plain_bytes = sealed.n_text - 1 - out[sealed.n_text - 1];
		return true;
	}
	OPENSSL_cleanse(out, sealed.n_text);
	return false;
}
