// SPDX-License-Identifier: BSD-2-Clause-Patent
#include "crypto/ike1_keys.h"

#include <string.h>

#include <openssl/crypto.h>

#include "config/words.h"

bool ike1_skeyid_psk(enum adit_auth hash, struct bytes psk, struct bytes ni, struct bytes nr, uint8_t *skeyid)
{
	const struct bytes parts[] = { ni, nr };

	return prf_of(hash, psk, parts, 2, skeyid);
}

/* The nonces, which together are the key, are at most 2 * 256 bytes (RFC 2409 §5). */
bool ike1_skeyid_sig(enum adit_auth hash, struct bytes ni, struct bytes nr, struct bytes shared, uint8_t *skeyid)
{
	uint8_t key[512];

	if (ni.len > 256 || nr.len > 256)
		return false;
	if (ni.len > 0)
		memcpy(key, ni.at, ni.len);
	if (nr.len > 0)
		memcpy(key + ni.len, nr.at, nr.len);
	return prf_of(hash, (struct bytes){ key, ni.len + nr.len }, &shared, 1, skeyid);
}

/* SKEYID_x = prf(SKEYID, [the one before |] g^xy | CKY-I | CKY-R | number), RFC 2409 §5 */
static bool derive_one(const struct ike1_keys *keys, struct bytes before, struct bytes shared, const uint8_t cookies[16], uint8_t number,
		       uint8_t *out)
{
	const struct bytes parts[] = { before, shared, { cookies, 16 }, { &number, 1 } };

	return prf_of(keys->hash, (struct bytes){ keys->skeyid, keys->n }, parts, 4, out);
}

/* App. B: SKEYID_e if it is long enough; else K1 = prf(SKEYID_e, 0), K2 = prf(SKEYID_e, K1), ... and the first bytes of K1 | K2 | ... */
static bool expand_cipher_key(struct ike1_keys *keys)
{
	static const uint8_t zero;
	const struct bytes e = { keys->e, keys->n };
	uint8_t block[HASH_MAX_BYTES];
	struct bytes feed = { &zero, 1 };
	bool ok = true;

	if (keys->n >= keys->cipher_bytes) {
		memcpy(keys->cipher, keys->e, keys->cipher_bytes);
		return true;
	}
	for (size_t have = 0; have < keys->cipher_bytes && ok; have += keys->n) {
		size_t more = keys->cipher_bytes - have < keys->n ? keys->cipher_bytes - have : keys->n;

		ok = prf_of(keys->hash, e, &feed, 1, block);
		memcpy(keys->cipher + have, block, ok ? more : 0);
		feed = (struct bytes){ block, keys->n };
	}
	OPENSSL_cleanse(block, sizeof(block));
	return ok;
}

bool ike1_derive(struct ike1_keys *keys, struct bytes shared, const uint8_t cookies[16])
{
	const struct bytes none = { NULL, 0 };
	const bool has_own_length = keys->enc == ADIT_ENC_BLOWFISH_CBC && keys->cipher_bytes != 0;

	if (keys->n == 0 || keys->n != hash_bytes(keys->hash) || cipher_block_bytes(keys->enc) == 0)
		return false;
	if (!has_own_length)
		keys->cipher_bytes = enc_facts(keys->enc).key_bytes;
	if (keys->cipher_bytes > 56 || keys->cipher_bytes < 5)	/* Blowfish: RFC 2451 §2.2 */
		return false;
	return derive_one(keys, none, shared, cookies, 0, keys->d) &&
	       derive_one(keys, (struct bytes){ keys->d, keys->n }, shared, cookies, 1, keys->a) &&
	       derive_one(keys, (struct bytes){ keys->a, keys->n }, shared, cookies, 2, keys->e) && expand_cipher_key(keys) &&
	       !cipher_key_is_weak(keys->enc, (struct bytes){ keys->cipher, keys->cipher_bytes });
}

/* The hash's first bytes, as many as the cipher's block has; every hash of IKE has at least 16. */
static bool iv_of(const struct ike1_keys *keys, const struct bytes parts[2], uint8_t *iv)
{
	uint8_t hash[HASH_MAX_BYTES];
	unsigned block_bytes = cipher_block_bytes(keys->enc);

	if (block_bytes == 0 || !hash_of(keys->hash, parts, 2, hash))
		return false;
	memcpy(iv, hash, block_bytes);
	return true;
}

bool ike1_first_iv(const struct ike1_keys *keys, struct bytes gxi, struct bytes gxr, uint8_t *iv)
{
	return iv_of(keys, (const struct bytes[]){ gxi, gxr }, iv);
}

static void put_be32(uint8_t out[4], uint32_t value)
{
	for (unsigned i = 0; i < 4; i++)
		out[i] = (uint8_t)(value >> (24 - 8 * i));
}

bool ike1_exchange_iv(const struct ike1_keys *keys, const uint8_t *last_block, uint32_t message_id, uint8_t *iv)
{
	uint8_t id[4];

	put_be32(id, message_id);
	return iv_of(keys, (const struct bytes[]){ { last_block, cipher_block_bytes(keys->enc) }, { id, 4 } }, iv);
}

bool ike1_keymat(const struct ike1_keys *keys, struct bytes shared, uint8_t protocol, uint32_t spi, struct bytes ni, struct bytes nr,
		 uint8_t *out, size_t n)
{
	const struct bytes d = { keys->d, keys->n };
	uint8_t block[HASH_MAX_BYTES], spi_be[4];
	struct bytes parts[] = { { block, 0 }, shared, { &protocol, 1 }, { spi_be, 4 }, ni, nr };
	bool ok = keys->n != 0 && keys->n == hash_bytes(keys->hash);

	put_be32(spi_be, spi);
	for (size_t have = 0; have < n && ok; have += keys->n) {
		ok = prf_of(keys->hash, d, parts, 6, block);
		memcpy(out + have, block, !ok ? 0 : n - have < keys->n ? n - have : keys->n);
		parts[0].len = keys->n;		/* K2 = prf(SKEYID_d, K1 | ...) */
	}
	OPENSSL_cleanse(block, sizeof(block));
	return ok;
}

void ike1_wipe(struct ike1_keys *keys)
{
	OPENSSL_cleanse(keys, sizeof(*keys));
}
