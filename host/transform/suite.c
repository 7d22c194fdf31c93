// SPDX-License-Identifier: BSD-2-Clause-Patent
#include "transform/suite.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <threads.h>

#include <gcrypt.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/provider.h>

#include "transform/ipv4.h"

enum {
	ESP_HEADER_BYTES = 8,	/* SPI and sequence number, RFC 4303 §2 */
	ESP_ALIGN_BYTES = 4,	/* RFC 4303 §2.4: the trailer ends on a 4-byte boundary */
	COUNTER_IV_BYTES = 8,
	SALT_BYTES = 4,
	NONCE_BYTES = 12,	/* salt and IV, RFC 4106 §4 */
	MAX_BLOCK_BYTES = 16,
};

enum kind { KIND_NULL, KIND_CBC, KIND_CTR, KIND_GCM, KIND_GMAC };

struct suite {
	enum kind kind;
	bool is_seal;
	EVP_CIPHER_CTX *cipher;		/* NULL with enc null, and with Twofish */
	gcry_cipher_hd_t twofish;	/* NULL but with Twofish */
	EVP_MAC_CTX *mac;		/* NULL without HMAC */
	uint8_t salt[SALT_BYTES];
	size_t iv_bytes, align_bytes, icv_bytes;
};

/* ---- which algorithm is what */

static const struct cipher {
	enum kind kind;
	const char *name;	/* OpenSSL's; NULL: Twofish */
	size_t key_bytes, block_bytes;
} ciphers[] = {
	[ADIT_ENC_NULL] = { KIND_NULL, NULL, 0, 0 },
	[ADIT_ENC_AES_CBC_128] = { KIND_CBC, "AES-128-CBC", 16, 16 },
	[ADIT_ENC_AES_CBC_192] = { KIND_CBC, "AES-192-CBC", 24, 16 },
	[ADIT_ENC_AES_CBC_256] = { KIND_CBC, "AES-256-CBC", 32, 16 },
	[ADIT_ENC_AES_CTR_128] = { KIND_CTR, "AES-128-CTR", 16, 0 },
	[ADIT_ENC_AES_CTR_192] = { KIND_CTR, "AES-192-CTR", 24, 0 },
	[ADIT_ENC_AES_CTR_256] = { KIND_CTR, "AES-256-CTR", 32, 0 },
	[ADIT_ENC_AES_GCM_128] = { KIND_GCM, "AES-128-GCM", 16, 0 },
	[ADIT_ENC_AES_GCM_192] = { KIND_GCM, "AES-192-GCM", 24, 0 },
	[ADIT_ENC_AES_GCM_256] = { KIND_GCM, "AES-256-GCM", 32, 0 },
	[ADIT_ENC_DES_CBC] = { KIND_CBC, "DES-CBC", 8, 8 },
	[ADIT_ENC_DES3_CBC] = { KIND_CBC, "DES-EDE3-CBC", 24, 8 },
	[ADIT_ENC_BLOWFISH_CBC] = { KIND_CBC, "BF-CBC", 16, 8 },
	[ADIT_ENC_TWOFISH_CBC] = { KIND_CBC, NULL, 16, 16 },
	[ADIT_ENC_CAMELLIA_CBC_128] = { KIND_CBC, "CAMELLIA-128-CBC", 16, 16 },
	[ADIT_ENC_CAMELLIA_CBC_192] = { KIND_CBC, "CAMELLIA-192-CBC", 24, 16 },
	[ADIT_ENC_CAMELLIA_CBC_256] = { KIND_CBC, "CAMELLIA-256-CBC", 32, 16 },
};

static const struct hash {
	const char *name;	/* OpenSSL's digest, or the cipher of GMAC */
	size_t key_bytes, icv_bytes;
	bool is_gmac;
} hashes[] = {
	[ADIT_AUTH_NULL] = { NULL, 0, 0, false },
	[ADIT_AUTH_HMAC_MD5_96] = { "MD5", 16, 12, false },		/* RFC 2403 */
	[ADIT_AUTH_HMAC_SHA1_96] = { "SHA1", 20, 12, false },		/* RFC 2404 */
	[ADIT_AUTH_HMAC_SHA256_128] = { "SHA256", 32, 16, false },	/* RFC 4868 */
	[ADIT_AUTH_HMAC_SHA384_192] = { "SHA384", 48, 24, false },
	[ADIT_AUTH_HMAC_SHA512_256] = { "SHA512", 64, 32, false },
	[ADIT_AUTH_AES_GMAC_128] = { "AES-128-GCM", 16, 16, true },	/* RFC 4543 */
	[ADIT_AUTH_AES_GMAC_192] = { "AES-192-GCM", 24, 16, true },
	[ADIT_AUTH_AES_GMAC_256] = { "AES-256-GCM", 32, 16, true },
};

#define N(table) (sizeof(table) / sizeof((table)[0]))

/* ---- libraries. DES and Blowfish are OpenSSL's "legacy": loaded for golden alone, the process keeps its own default. */

static OSSL_LIB_CTX *library;
static once_flag library_once = ONCE_FLAG_INIT;

static void library_open(void)
{
	library = OSSL_LIB_CTX_new();
	if (library != NULL) {
		OSSL_PROVIDER_load(library, "default");
		OSSL_PROVIDER_load(library, "legacy");	/* without it the fetch fails, and says so */
	}
	if (!gcry_control(GCRYCTL_INITIALIZATION_FINISHED_P)) {
		gcry_check_version(NULL);
		gcry_control(GCRYCTL_DISABLE_SECMEM, 0);
		gcry_control(GCRYCTL_INITIALIZATION_FINISHED, 0);
	}
}

/* ---- opening */

static int cipher_open(struct suite *s, const char *name, const uint8_t *key)
{
	static const uint8_t zero_iv[MAX_BLOCK_BYTES];
	EVP_CIPHER *cipher = EVP_CIPHER_fetch(library, name, NULL);
	int ok;

	if (cipher == NULL)
		return -EOPNOTSUPP;
	s->cipher = EVP_CIPHER_CTX_new();
	/* GMAC and GCM know which way they go; CTR is the same both ways, and its block cipher always encrypts */
	ok = s->cipher != NULL && EVP_CipherInit_ex2(s->cipher, cipher, key, zero_iv, s->is_seal, NULL) == 1 &&
	     EVP_CIPHER_CTX_set_padding(s->cipher, 0) == 1;
	EVP_CIPHER_free(cipher);
	return ok ? 0 : -ENOMEM;
}

static int twofish_open(struct suite *s, const uint8_t *key, size_t key_bytes)
{
	if (gcry_cipher_open(&s->twofish, GCRY_CIPHER_TWOFISH128, GCRY_CIPHER_MODE_CBC, 0) != 0)
		return -EOPNOTSUPP;
	return gcry_cipher_setkey(s->twofish, key, key_bytes) == 0 ? 0 : -ENOMEM;
}

static int mac_open(struct suite *s, const char *name, const uint8_t *key, size_t key_bytes)
{
	OSSL_PARAM params[2] = { OSSL_PARAM_END, OSSL_PARAM_END };
	char digest[8] = "";
	EVP_MAC *hmac = EVP_MAC_fetch(library, "HMAC", NULL);

	if (hmac == NULL)
		return -EOPNOTSUPP;
	strncpy(digest, name, sizeof(digest) - 1);
	params[0] = OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0);
	s->mac = EVP_MAC_CTX_new(hmac);
	EVP_MAC_free(hmac);
	return s->mac != NULL && EVP_MAC_init(s->mac, key, key_bytes, params) == 1 ? 0 : -ENOMEM;
}

/* Codes in range, lengths that fit, and no two algorithms for one job. */
static int check(const struct adit_sa *sa)
{
	const struct cipher *c;
	const struct hash *h;
	bool is_gcm;

	if ((unsigned)sa->enc >= N(ciphers) || (unsigned)sa->auth >= N(hashes))
		return -EOPNOTSUPP;
	c = &ciphers[sa->enc];
	h = &hashes[sa->auth];
	is_gcm = c->kind == KIND_GCM;
	if (sa->auth_key_bytes != h->key_bytes)
		return -EINVAL;
	if (is_gcm && sa->auth != ADIT_AUTH_NULL)
		return -EINVAL;
	if (h->is_gmac && sa->enc != ADIT_ENC_NULL)
		return -EINVAL;
	if (sa->proto == ADIT_PROTO_AH && (sa->enc != ADIT_ENC_NULL || sa->auth == ADIT_AUTH_NULL))
		return -EINVAL;
	if (sa->proto == ADIT_PROTO_AH && h->is_gmac)
		return -EOPNOTSUPP;
	if (is_gcm)
		return sa->icv_bytes == 0 || sa->icv_bytes == 8 || sa->icv_bytes == 12 || sa->icv_bytes == 16 ? 0 : -EINVAL;
	return sa->icv_bytes == 0 || sa->icv_bytes == h->icv_bytes ? 0 : -EINVAL;
}

int suite_open(const struct adit_sa *sa, struct suite **out)
{
	const struct cipher *c;
	const struct hash *h;
	struct suite *s;
	int err = check(sa);

	*out = NULL;
	if (err != 0)
		return err;
	call_once(&library_once, library_open);
	s = calloc(1, sizeof(*s));
	if (s == NULL || library == NULL) {
		free(s);
		return -ENOMEM;
	}
	c = &ciphers[sa->enc];
	h = &hashes[sa->auth];
	s->kind = h->is_gmac ? KIND_GMAC : c->kind;
	s->is_seal = sa->dir == ADIT_DIR_OUT;
	memcpy(s->salt, sa->salt, SALT_BYTES);
	s->iv_bytes = s->kind == KIND_NULL ? 0 : s->kind == KIND_CBC ? c->block_bytes : COUNTER_IV_BYTES;
	s->align_bytes = s->kind == KIND_CBC ? c->block_bytes : ESP_ALIGN_BYTES;
	s->icv_bytes = s->kind == KIND_GCM ? (sa->icv_bytes != 0 ? sa->icv_bytes : 16) : h->icv_bytes;
	if (s->kind == KIND_GMAC)
		err = cipher_open(s, h->name, sa->auth_key);
	else if (c->name != NULL)
		err = cipher_open(s, c->name, sa->enc_key);
	else if (s->kind == KIND_CBC)
		err = twofish_open(s, sa->enc_key, c->key_bytes);
	if (err == 0 && h->name != NULL && !h->is_gmac)
		err = mac_open(s, h->name, sa->auth_key, h->key_bytes);
	if (err != 0) {
		suite_close(s);
		return err;
	}
	*out = s;
	return 0;
}

void suite_close(struct suite *s)
{
	if (s == NULL)
		return;
	EVP_CIPHER_CTX_free(s->cipher);
	gcry_cipher_close(s->twofish);
	EVP_MAC_CTX_free(s->mac);
	OPENSSL_cleanse(s, sizeof(*s));
	free(s);
}

size_t suite_iv_bytes(const struct suite *s)
{
	return s->iv_bytes;
}

size_t suite_align_bytes(const struct suite *s)
{
	return s->align_bytes;
}

size_t suite_icv_bytes(const struct suite *s)
{
	return s->icv_bytes;
}

/* ---- the primitives */

/* CBC or CTR over n_bytes from this IV or counter block; in and out may be the same. */
static bool run_cipher(struct suite *s, const uint8_t iv[MAX_BLOCK_BYTES], const uint8_t *in, size_t n_bytes, uint8_t *out)
{
	int done = 0;

	if (s->twofish != NULL) {
		if (gcry_cipher_reset(s->twofish) != 0 || gcry_cipher_setiv(s->twofish, iv, s->iv_bytes) != 0)
			return false;
		return (s->is_seal ? gcry_cipher_encrypt(s->twofish, out, n_bytes, in, n_bytes)
				   : gcry_cipher_decrypt(s->twofish, out, n_bytes, in, n_bytes)) == 0;
	}
	if (EVP_CipherInit_ex2(s->cipher, NULL, NULL, iv, -1, NULL) != 1)
		return false;
	return EVP_CipherUpdate(s->cipher, out, &done, in, (int)n_bytes) == 1 && (size_t)done == n_bytes;
}

bool suite_mac(struct suite *s, const struct suite_piece *pieces, size_t n_pieces, uint8_t icv[SUITE_MAX_ICV_BYTES])
{
	uint8_t digest[EVP_MAX_MD_SIZE];
	size_t done = 0;
	bool ok = s->mac != NULL && EVP_MAC_init(s->mac, NULL, 0, NULL) == 1;

	for (size_t i = 0; ok && i < n_pieces; i++)
		ok = EVP_MAC_update(s->mac, pieces[i].at, pieces[i].n_bytes) == 1;
	ok = ok && EVP_MAC_final(s->mac, digest, &done, sizeof(digest)) == 1 && done >= s->icv_bytes;
	if (ok)
		memcpy(icv, digest, s->icv_bytes);
	OPENSSL_cleanse(digest, sizeof(digest));
	return ok;
}

static size_t put_aad(const uint8_t *esp, uint64_t seq, bool esn, uint8_t aad[12])
{
	memcpy(aad, esp, 4);
	if (!esn) {
		memcpy(aad + 4, esp + 4, 4);
		return 8;
	}
	ipv4_put32(aad + 4, (uint32_t)(seq >> 32));
	memcpy(aad + 8, esp + 4, 4);
	return 12;
}

/*
 * GCM (RFC 4106 §5) over the text at in, or GMAC (RFC 4543 §3.3: the IV and the text belong to the AAD, erratum 1821) with out
 * the same bytes. Sealing writes the tag, opening compares with it.
 */
static enum adit_reason run_gcm(struct suite *s, const uint8_t *esp, size_t n_bytes, uint64_t seq, bool esn, uint8_t *out, uint8_t *tag)
{
	const uint8_t *iv = esp + ESP_HEADER_BYTES, *text = iv + COUNTER_IV_BYTES;
	size_t text_bytes = n_bytes - ESP_HEADER_BYTES - COUNTER_IV_BYTES;
	uint8_t nonce[NONCE_BYTES], aad[12], tail[MAX_BLOCK_BYTES];
	size_t aad_bytes = put_aad(esp, seq, esn, aad);
	bool is_gmac = s->kind == KIND_GMAC;
	int done = 0;

	memcpy(nonce, s->salt, SALT_BYTES);
	memcpy(nonce + SALT_BYTES, iv, COUNTER_IV_BYTES);
	if (EVP_CipherInit_ex2(s->cipher, NULL, NULL, nonce, -1, NULL) != 1 ||
	    EVP_CipherUpdate(s->cipher, NULL, &done, aad, (int)aad_bytes) != 1)
		return ADIT_REASON_XfrmInError;
	if (is_gmac && EVP_CipherUpdate(s->cipher, NULL, &done, iv, (int)(COUNTER_IV_BYTES + text_bytes)) != 1)
		return ADIT_REASON_XfrmInError;
	if (is_gmac)
		memmove(out, text, text_bytes);
	else if (EVP_CipherUpdate(s->cipher, out, &done, text, (int)text_bytes) != 1)
		return ADIT_REASON_XfrmInError;
	if (!s->is_seal && EVP_CIPHER_CTX_ctrl(s->cipher, EVP_CTRL_AEAD_SET_TAG, (int)s->icv_bytes, tag) != 1)
		return ADIT_REASON_XfrmInError;
	if (EVP_CipherFinal_ex(s->cipher, tail, &done) != 1) {
		OPENSSL_cleanse(out, text_bytes);
		return ADIT_REASON_XfrmInStateProtoError;
	}
	if (s->is_seal && EVP_CIPHER_CTX_ctrl(s->cipher, EVP_CTRL_AEAD_GET_TAG, (int)s->icv_bytes, tag) != 1)
		return ADIT_REASON_XfrmInError;
	return ADIT_REASON_NONE;
}

static void put_counter_block(const struct suite *s, const uint8_t *iv, uint8_t block[MAX_BLOCK_BYTES])
{
	memcpy(block, s->salt, SALT_BYTES);	/* RFC 3686 §4 */
	memcpy(block + SALT_BYTES, iv, COUNTER_IV_BYTES);
	ipv4_put32(block + SALT_BYTES + COUNTER_IV_BYTES, 1);
}

/* HMAC over the whole and, with ESN, the number's high half behind it (RFC 4303 §2.2.1). */
static bool run_mac(struct suite *s, const uint8_t *esp, size_t n_bytes, uint64_t seq, bool esn, uint8_t *icv)
{
	uint8_t high[4];
	struct suite_piece pieces[2] = { { esp, n_bytes }, { high, sizeof(high) } };

	ipv4_put32(high, (uint32_t)(seq >> 32));
	return suite_mac(s, pieces, esn ? 2 : 1, icv);
}

/* ---- ESP */

bool suite_seal_esp(struct suite *s, uint8_t *esp, size_t n_bytes, uint64_t seq, bool esn)
{
	static const uint8_t zero_iv[MAX_BLOCK_BYTES];
	uint8_t *iv = esp + ESP_HEADER_BYTES, *text = iv + s->iv_bytes;
	size_t text_bytes = n_bytes - ESP_HEADER_BYTES - s->iv_bytes;
	uint8_t block[MAX_BLOCK_BYTES];

	if (s->iv_bytes > 0) {
		memset(iv, 0, s->iv_bytes);
		ipv4_put32(text - 8, (uint32_t)(seq >> 32));
		ipv4_put32(text - 4, (uint32_t)seq);
	}
	switch (s->kind) {
	case KIND_CBC:
		/* from a zero chain the number becomes its own cipher: that is the IV, and it chains on */
		if (!run_cipher(s, zero_iv, iv, s->iv_bytes + text_bytes, iv))
			return false;
		break;
	case KIND_CTR:
		put_counter_block(s, iv, block);
		if (!run_cipher(s, block, text, text_bytes, text))
			return false;
		break;
	case KIND_GCM:
	case KIND_GMAC:
		return run_gcm(s, esp, n_bytes, seq, esn, text, text + text_bytes) == ADIT_REASON_NONE;
	case KIND_NULL:
		break;
	}
	return s->mac == NULL || run_mac(s, esp, n_bytes, seq, esn, esp + n_bytes);
}

enum adit_reason suite_open_esp(struct suite *s, const uint8_t *esp, size_t n_bytes, uint64_t seq, bool esn, uint8_t *text)
{
	const uint8_t *iv = esp + ESP_HEADER_BYTES, *sealed = iv + s->iv_bytes;
	size_t text_bytes = n_bytes - ESP_HEADER_BYTES - s->iv_bytes;
	uint8_t icv[SUITE_MAX_ICV_BYTES], block[MAX_BLOCK_BYTES];

	if (s->kind == KIND_GCM || s->kind == KIND_GMAC) {
		memcpy(icv, esp + n_bytes, s->icv_bytes);
		return run_gcm(s, esp, n_bytes, seq, esn, text, icv);
	}
	if (s->mac != NULL) {
		if (!run_mac(s, esp, n_bytes, seq, esn, icv))
			return ADIT_REASON_XfrmInError;
		if (CRYPTO_memcmp(icv, esp + n_bytes, s->icv_bytes) != 0)
			return ADIT_REASON_XfrmInStateProtoError;
	}
	if (s->kind == KIND_NULL) {
		memcpy(text, sealed, text_bytes);
		return ADIT_REASON_NONE;
	}
	if (s->kind == KIND_CTR)
		put_counter_block(s, iv, block);
	else
		memcpy(block, iv, s->iv_bytes);
	return run_cipher(s, block, sealed, text_bytes, text) ? ADIT_REASON_NONE : ADIT_REASON_XfrmInError;
}
