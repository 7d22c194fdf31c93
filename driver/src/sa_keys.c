// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * From raw keys to the words 3 to 5 of an SA record. Copies on the stack are wiped here.
 *
 *	HMAC		inner and outer hash state, RFC 2104 §4
 *	AES-GCM, -GMAC	the hash key H = E_K(0), SP 800-38D §7.1, in place of the inner state
 */
#include "card.h"

#include <errno.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#define IPAD 0x36
#define OPAD 0x5c

/* The hash state after the one block key XOR pad. */
static void hmac_state(const struct adit_sa *sa, uint8_t pad, uint8_t out[64])
{
	uint8_t block[HASH_BLOCK_BYTES];

	memset(block, pad, sizeof(block));
	for (size_t i = 0; i < sa->auth_key_bytes; i++)
		block[i] ^= sa->auth_key[i];
	hash_state(sa->auth, block, out);
	OPENSSL_cleanse(block, sizeof(block));
}

/* E_K(0). @return 0 or -ENOMEM: a block cipher has no other way to fail. */
static int hash_key(const uint8_t *key, size_t key_bytes, uint8_t *out)
{
	static const uint8_t zero[16];
	const EVP_CIPHER *cipher = key_bytes == 16 ? EVP_aes_128_ecb() : key_bytes == 24 ? EVP_aes_192_ecb() :
											     EVP_aes_256_ecb();
	EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
	uint8_t h[16];
	int n_bytes = 0;
	const bool is_done = context && EVP_EncryptInit_ex(context, cipher, NULL, key, NULL) == 1 &&
			     EVP_EncryptUpdate(context, h, &n_bytes, zero, sizeof(zero)) == 1;

	EVP_CIPHER_CTX_free(context);	/* wipes its key schedule */
	if (is_done && n_bytes == (int)sizeof(h))
		memcpy(out, h, sizeof(h));
	OPENSSL_cleanse(h, sizeof(h));
	return is_done && n_bytes == (int)sizeof(h) ? 0 : -ENOMEM;
}

int sa_add_keys(const struct adit_sa *sa, struct adit_desc_sa *out)
{
	const bool is_gmac = algo_auth(sa->auth)->is_gmac;
	const uint8_t *key = is_gmac ? sa->auth_key : sa->enc_key;
	const size_t key_bytes = is_gmac ? algo_auth(sa->auth)->key_bytes : algo_enc(sa->enc)->key_bytes;

	memcpy(out->enc_key, key, key_bytes);
	memcpy(&out->salt, sa->salt, sizeof(out->salt));
	if (is_gmac || algo_is_gcm(sa->enc))
		return hash_key(key, key_bytes, out->auth_inner);
	hmac_state(sa, IPAD, out->auth_inner);
	hmac_state(sa, OPAD, out->auth_outer);
	return 0;
}
