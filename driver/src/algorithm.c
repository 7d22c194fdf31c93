// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * Ciphers and integrity algorithms: the words people write in configurations, and what the RFCs fix of each.
 */
#include "card.h"

#include <errno.h>
#include <string.h>

/* Ciphers with keys of any length have the length that peers use when none is agreed upon (RFC 2451 §2.2). */
static const struct algo_enc encs[] = {
	/* word, key, IV on the wire, text is a multiple of (at least 4, RFC 4303 §2.4), the host transforms */
	[ADIT_ENC_NULL] = { "null", 0, 0, 4, false },
	[ADIT_ENC_AES_CBC_128] = { "aes-128-cbc", 16, 16, 16, false },		/* RFC 3602 §2 */
	[ADIT_ENC_AES_CBC_192] = { "aes-192-cbc", 24, 16, 16, false },
	[ADIT_ENC_AES_CBC_256] = { "aes-256-cbc", 32, 16, 16, false },
	[ADIT_ENC_AES_CTR_128] = { "aes-128-ctr", 16, 8, 4, false },		/* RFC 3686 §3.1 */
	[ADIT_ENC_AES_CTR_192] = { "aes-192-ctr", 24, 8, 4, false },
	[ADIT_ENC_AES_CTR_256] = { "aes-256-ctr", 32, 8, 4, false },
	[ADIT_ENC_AES_GCM_128] = { "aes-128-gcm", 16, 8, 4, false },		/* RFC 4106 §3.1 */
	[ADIT_ENC_AES_GCM_192] = { "aes-192-gcm", 24, 8, 4, false },
	[ADIT_ENC_AES_GCM_256] = { "aes-256-gcm", 32, 8, 4, false },
	[ADIT_ENC_DES_CBC] = { "des", 8, 8, 8, false },				/* RFC 2405 */
	[ADIT_ENC_DES3_CBC] = { "3des", 24, 8, 8, false },			/* RFC 2451 */
	[ADIT_ENC_BLOWFISH_CBC] = { "blowfish", 16, 8, 8, true },		/* RFC 2451 */
	[ADIT_ENC_TWOFISH_CBC] = { "twofish", 16, 16, 16, true },
	[ADIT_ENC_CAMELLIA_CBC_128] = { "camellia-128", 16, 16, 16, true },	/* RFC 4312 §2 */
	[ADIT_ENC_CAMELLIA_CBC_192] = { "camellia-192", 24, 16, 16, true },
	[ADIT_ENC_CAMELLIA_CBC_256] = { "camellia-256", 32, 16, 16, true },
};

static const struct algo_auth auths[] = {
	/* word, key, ICV, GMAC */
	[ADIT_AUTH_NULL] = { "null", 0, 0, false },
	[ADIT_AUTH_HMAC_MD5_96] = { "md5", 16, 12, false },		/* RFC 2403 §2 */
	[ADIT_AUTH_HMAC_SHA1_96] = { "sha1", 20, 12, false },		/* RFC 2404 §3 */
	[ADIT_AUTH_HMAC_SHA256_128] = { "sha256", 32, 16, false },	/* RFC 4868 §2.1.1 */
	[ADIT_AUTH_HMAC_SHA384_192] = { "sha384", 48, 24, false },
	[ADIT_AUTH_HMAC_SHA512_256] = { "sha512", 64, 32, false },
	[ADIT_AUTH_AES_GMAC_128] = { "aes-128-gmac", 16, 16, true },	/* RFC 4543 §3.5 */
	[ADIT_AUTH_AES_GMAC_192] = { "aes-192-gmac", 24, 16, true },
	[ADIT_AUTH_AES_GMAC_256] = { "aes-256-gmac", 32, 16, true },
};

/* A code added to the contract must get its line here. */
#define COUNT_ONE(...) + 1	/* NOLINT(bugprone-macro-parentheses): a chain of additions */
_Static_assert(sizeof(encs) / sizeof(encs[0]) == 0 ADIT_ENC_LIST(COUNT_ONE), "every cipher has a line");
_Static_assert(sizeof(auths) / sizeof(auths[0]) == 0 ADIT_AUTH_LIST(COUNT_ONE), "every hash has a line");

#define N(table) (sizeof(table) / sizeof((table)[0]))

const struct algo_enc *algo_enc(enum adit_enc enc)
{
	return (unsigned)enc < N(encs) ? &encs[enc] : NULL;
}

const struct algo_auth *algo_auth(enum adit_auth auth)
{
	return (unsigned)auth < N(auths) ? &auths[auth] : NULL;
}

bool algo_is_gcm(enum adit_enc enc)
{
	return enc == ADIT_ENC_AES_GCM_128 || enc == ADIT_ENC_AES_GCM_192 || enc == ADIT_ENC_AES_GCM_256;
}

const char *adit_enc_name(unsigned enc)
{
	return enc < N(encs) ? encs[enc].word : NULL;
}

const char *adit_auth_name(unsigned auth)
{
	return auth < N(auths) ? auths[auth].word : NULL;
}

int adit_enc_key_bytes(enum adit_enc enc)
{
	return (unsigned)enc < N(encs) ? encs[enc].key_bytes : -EINVAL;
}

int adit_auth_key_bytes(enum adit_auth auth)
{
	return (unsigned)auth < N(auths) ? auths[auth].key_bytes : -EINVAL;
}

int adit_enc_by_name(const char *name)
{
	static const struct { const char *word; enum adit_enc enc; } shorts[] = {
		{ "aes-128", ADIT_ENC_AES_CBC_128 }, { "aes-192", ADIT_ENC_AES_CBC_192 },
		{ "aes-256", ADIT_ENC_AES_CBC_256 },
	};

	for (size_t i = 0; i < N(encs); i++)
		if (strcmp(encs[i].word, name) == 0)
			return (int)i;
	for (size_t i = 0; i < N(shorts); i++)
		if (strcmp(shorts[i].word, name) == 0)
			return (int)shorts[i].enc;
	return -EINVAL;
}

int adit_enc_by_name_icv(const char *name, uint8_t *icv_bytes)
{
	static const struct { const char *end; uint8_t icv_bytes; } ends[] = {	/* RFC 4106 §6 */
		{ "", 16 }, { "-8", 8 }, { "-12", 12 }, { "-16", 16 },
	};
	int enc = adit_enc_by_name(name);

	*icv_bytes = 0;
	for (size_t i = 0; i < N(encs); i++) {
		const size_t n = strlen(encs[i].word);

		if (!algo_is_gcm((enum adit_enc)i) || strncmp(name, encs[i].word, n) != 0)
			continue;
		for (size_t e = 0; e < N(ends); e++) {
			if (strcmp(name + n, ends[e].end) != 0)
				continue;
			*icv_bytes = ends[e].icv_bytes;
			enc = (int)i;
		}
	}
	return enc;
}

int adit_auth_by_name(const char *name)
{
	for (size_t i = 0; i < N(auths); i++)
		if (strcmp(auths[i].word, name) == 0)
			return (int)i;
	return -EINVAL;
}
