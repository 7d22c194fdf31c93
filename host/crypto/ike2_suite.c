// SPDX-License-Identifier: BSD-2-Clause-Patent
#include "crypto/ike2_suite.h"

#include <string.h>

#include <openssl/crypto.h>

#include "crypto/room.h"

#define N(table) (sizeof(table) / sizeof((table)[0]))

/* RFC 7296 §3.3.2, RFC 5282 (GCM, CCM), RFC 5930 (CTR), RFC 5529 (Camellia), RFC 7634 (ChaCha20). */
static const struct ike2_encr encrs[] = {
	{ V2_ENCR_DES, ENCR_CBC, 8, 8, 0, 8, 0 },
	{ V2_ENCR_3DES, ENCR_CBC, 24, 8, 0, 8, 0 },
	{ V2_ENCR_NULL, ENCR_NONE, 0, 0, 0, 1, 0 },
	{ V2_ENCR_AES_CBC, ENCR_CBC, 0, 16, 0, 16, 0 },
	{ V2_ENCR_CAMELLIA_CBC, ENCR_CBC, 0, 16, 0, 16, 0 },
	{ V2_ENCR_AES_CTR, ENCR_CTR, 0, 8, 4, 1, 0 },
	{ V2_ENCR_CCM_8, ENCR_CCM, 0, 8, 3, 1, 8 },
	{ V2_ENCR_CCM_12, ENCR_CCM, 0, 8, 3, 1, 12 },
	{ V2_ENCR_CCM_16, ENCR_CCM, 0, 8, 3, 1, 16 },
	{ V2_ENCR_GCM_8, ENCR_GCM, 0, 8, 4, 1, 8 },
	{ V2_ENCR_GCM_12, ENCR_GCM, 0, 8, 4, 1, 12 },
	{ V2_ENCR_GCM_16, ENCR_GCM, 0, 8, 4, 1, 16 },
	{ V2_ENCR_CHACHA20, ENCR_CHACHA20, 32, 8, 4, 1, 16 },
};

/* Keys have the hash's length, ICVs half of it or 12 bytes (RFC 2403, 2404, 4868, 3566). */
static const struct ike2_integ integs[] = {
	{ V2_INTEG_MD5_96, ADIT_AUTH_HMAC_MD5_96, 16, 12 },
	{ V2_INTEG_SHA1_96, ADIT_AUTH_HMAC_SHA1_96, 20, 12 },
	{ V2_INTEG_XCBC_96, ADIT_AUTH_NULL, XCBC_BYTES, 12 },
	{ V2_INTEG_SHA256_128, ADIT_AUTH_HMAC_SHA256_128, 32, 16 },
	{ V2_INTEG_SHA384_192, ADIT_AUTH_HMAC_SHA384_192, 48, 24 },
	{ V2_INTEG_SHA512_256, ADIT_AUTH_HMAC_SHA512_256, 64, 32 },
};

static const struct {
	uint16_t id;
	enum adit_auth hash;	/* ADIT_AUTH_NULL: AES-XCBC */
} prfs[] = {
	{ V2_PRF_MD5, ADIT_AUTH_HMAC_MD5_96 },	      { V2_PRF_SHA1, ADIT_AUTH_HMAC_SHA1_96 },
	{ V2_PRF_XCBC, ADIT_AUTH_NULL },	      { V2_PRF_SHA256, ADIT_AUTH_HMAC_SHA256_128 },
	{ V2_PRF_SHA384, ADIT_AUTH_HMAC_SHA384_192 }, { V2_PRF_SHA512, ADIT_AUTH_HMAC_SHA512_256 },
};

const struct ike2_encr *ike2_encr_of(uint16_t encr)
{
	for (size_t i = 0; i < N(encrs); i++)
		if (encrs[i].id == encr)
			return &encrs[i];
	return NULL;
}

const struct ike2_integ *ike2_integ_of(uint16_t integ)
{
	for (size_t i = 0; i < N(integs); i++)
		if (integs[i].id == integ)
			return &integs[i];
	return NULL;
}

/* A length is named where a cipher has several, and nowhere else (RFC 7296 §3.3.5). */
static bool has_key_bits(const struct ike2_encr *encr, uint16_t key_bits)
{
	if (encr->key_bytes > 0 || encr->kind == ENCR_NONE)
		return key_bits == 0;
	return key_bits == 128 || key_bits == 192 || key_bits == 256;
}

bool ike2_suite_is_sound(const struct ike2_suite *suite)
{
	const struct ike2_encr *encr = ike2_encr_of(suite->encr);

	if (encr == NULL || !has_key_bits(encr, suite->key_bits) || ike2_prf_bytes(suite->prf) == 0)
		return false;
	return encr->icv_bytes > 0 ? suite->integ == V2_INTEG_NONE : ike2_integ_of(suite->integ) != NULL;
}

bool ike2_encr_is_aead(uint16_t encr)
{
	const struct ike2_encr *facts = ike2_encr_of(encr);

	return facts != NULL && facts->icv_bytes > 0;
}

unsigned ike2_encr_bytes(const struct ike2_suite *suite)
{
	const struct ike2_encr *encr = ike2_encr_of(suite->encr);

	return encr == NULL ? 0 : (encr->key_bytes > 0 ? encr->key_bytes : suite->key_bits / 8u) + encr->salt_bytes;
}

unsigned ike2_integ_bytes(const struct ike2_suite *suite)
{
	const struct ike2_integ *integ = ike2_integ_of(suite->integ);

	return integ != NULL ? integ->key_bytes : 0;
}

unsigned ike2_icv_bytes(const struct ike2_suite *suite)
{
	const struct ike2_integ *integ = ike2_integ_of(suite->integ);

	return integ != NULL ? integ->icv_bytes : ike2_encr_is_aead(suite->encr) ? ike2_encr_of(suite->encr)->icv_bytes : 0;
}

unsigned ike2_prf_bytes(uint16_t prf)
{
	for (size_t i = 0; i < N(prfs); i++)
		if (prfs[i].id == prf)
			return prf == V2_PRF_XCBC ? XCBC_BYTES : hash_bytes(prfs[i].hash);
	return 0;
}

bool ike2_prf(uint16_t prf, struct bytes key, const struct bytes *parts, unsigned n, uint8_t *out)
{
	for (size_t i = 0; i < N(prfs); i++)
		if (prfs[i].id == prf)
			return prf == V2_PRF_XCBC ? xcbc_prf(key, parts, n, out) : prf_of(prfs[i].hash, key, parts, n, out);
	return false;
}

/* T1 = prf(K, S | 1), T2 = prf(K, T1 | S | 2), ... */
bool ike2_prf_plus(uint16_t prf, struct bytes key, const struct bytes *parts, unsigned n, uint8_t *out, size_t n_out_bytes)
{
	const size_t block_bytes = ike2_prf_bytes(prf);
	uint8_t block[HASH_MAX_BYTES], number = 0;
	struct bytes all[IKE2_MAX_SEED_PARTS + 2] = { { block, 0 } };
	bool ok = block_bytes > 0 && n <= IKE2_MAX_SEED_PARTS && n_out_bytes <= 255 * block_bytes;

	for (unsigned i = 0; i < n && ok; i++)
		all[1 + i] = parts[i];
	if (ok)
		all[1 + n] = (struct bytes){ &number, 1 };
	for (size_t have = 0; have < n_out_bytes && ok; have += block_bytes) {
		number++;
		ok = ike2_prf(prf, key, all, n + 2, block);
		memcpy(out + have, block, !ok ? 0 : n_out_bytes - have < block_bytes ? n_out_bytes - have : block_bytes);
		all[0].len = block_bytes;
	}
	OPENSSL_cleanse(block, sizeof(block));
	return ok;
}
