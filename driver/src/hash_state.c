// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * The state inside a hash after one block, in digest byte order: what the card goes on from. Only libcrypto's low-level
 * calls show it; they are called deprecated since 3.0, and nothing else is used in this file.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "card.h"

#include <endian.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/md5.h>
#include <openssl/sha.h>

_Static_assert(HASH_BLOCK_BYTES >= SHA512_CBLOCK, "room for the longest block");
_Static_assert(sizeof(((struct adit_sa *)0)->auth_key) <= SHA256_CBLOCK,
	       "no key is longer than a block: RFC 2104 §2 would have it hashed first");

static void put_be32(uint8_t *out, uint32_t value)
{
	const uint32_t value_be = htobe32(value);

	memcpy(out, &value_be, sizeof(value_be));
}

static void put_le32(uint8_t *out, uint32_t value)
{
	const uint32_t value_le = htole32(value);

	memcpy(out, &value_le, sizeof(value_le));
}

static void put_be64(uint8_t *out, uint64_t value)
{
	const uint64_t value_be = htobe64(value);

	memcpy(out, &value_be, sizeof(value_be));
}

static void md5_state(const uint8_t *block, uint8_t *out)
{
	MD5_CTX md5;

	MD5_Init(&md5);
	MD5_Update(&md5, block, MD5_CBLOCK);
	put_le32(out, md5.A);
	put_le32(out + 4, md5.B);
	put_le32(out + 8, md5.C);
	put_le32(out + 12, md5.D);
	OPENSSL_cleanse(&md5, sizeof(md5));
}

static void sha1_state(const uint8_t *block, uint8_t *out)
{
	SHA_CTX sha;

	SHA1_Init(&sha);
	SHA1_Update(&sha, block, SHA_CBLOCK);
	put_be32(out, sha.h0);
	put_be32(out + 4, sha.h1);
	put_be32(out + 8, sha.h2);
	put_be32(out + 12, sha.h3);
	put_be32(out + 16, sha.h4);
	OPENSSL_cleanse(&sha, sizeof(sha));
}

static void sha256_state(const uint8_t *block, uint8_t *out)
{
	SHA256_CTX sha;

	SHA256_Init(&sha);
	SHA256_Update(&sha, block, SHA256_CBLOCK);
	for (size_t i = 0; i < 8; i++)
		put_be32(out + 4 * i, sha.h[i]);
	OPENSSL_cleanse(&sha, sizeof(sha));
}

/* SHA-384's state has all eight words: only its digest is cut. */
static void sha512_state(const uint8_t *block, bool is_384, uint8_t *out)
{
	SHA512_CTX sha;

	if (is_384)
		SHA384_Init(&sha);
	else
		SHA512_Init(&sha);
	SHA512_Update(&sha, block, SHA512_CBLOCK);
	for (size_t i = 0; i < 8; i++)
		put_be64(out + 8 * i, sha.h[i]);
	OPENSSL_cleanse(&sha, sizeof(sha));
}

void hash_state(enum adit_auth auth, const uint8_t block[HASH_BLOCK_BYTES], uint8_t out[64])
{
	switch (auth) {
	case ADIT_AUTH_HMAC_MD5_96: md5_state(block, out); break;
	case ADIT_AUTH_HMAC_SHA1_96: sha1_state(block, out); break;
	case ADIT_AUTH_HMAC_SHA256_128: sha256_state(block, out); break;
	case ADIT_AUTH_HMAC_SHA384_192: sha512_state(block, true, out); break;
	case ADIT_AUTH_HMAC_SHA512_256: sha512_state(block, false, out); break;
	case ADIT_AUTH_NULL:
	case ADIT_AUTH_AES_GMAC_128:
	case ADIT_AUTH_AES_GMAC_192:
	case ADIT_AUTH_AES_GMAC_256: break;	/* no hash */
	}
}
