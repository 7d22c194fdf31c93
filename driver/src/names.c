// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * Codes to words and back. The words of the contract come from its X-lists; ciphers and hashes have the words that
 * people write in configurations.
 */
#include "card.h"

#include <errno.h>
#include <string.h>

struct algorithm {
	const char *word;
	int key_bytes;
};

/* Ciphers with keys of any length have the length that peers use when none is agreed upon (RFC 2451 §2.2). */
static const struct algorithm encs[] = {
	[ADIT_ENC_NULL] = { "null", 0 },
	[ADIT_ENC_AES_CBC_128] = { "aes-128-cbc", 16 },
	[ADIT_ENC_AES_CBC_192] = { "aes-192-cbc", 24 },
	[ADIT_ENC_AES_CBC_256] = { "aes-256-cbc", 32 },
	[ADIT_ENC_AES_CTR_128] = { "aes-128-ctr", 16 },
	[ADIT_ENC_AES_CTR_192] = { "aes-192-ctr", 24 },
	[ADIT_ENC_AES_CTR_256] = { "aes-256-ctr", 32 },
	[ADIT_ENC_AES_GCM_128] = { "aes-128-gcm", 16 },
	[ADIT_ENC_AES_GCM_192] = { "aes-192-gcm", 24 },
	[ADIT_ENC_AES_GCM_256] = { "aes-256-gcm", 32 },
	[ADIT_ENC_DES_CBC] = { "des", 8 },
	[ADIT_ENC_DES3_CBC] = { "3des", 24 },
	[ADIT_ENC_BLOWFISH_CBC] = { "blowfish", 16 },
	[ADIT_ENC_TWOFISH_CBC] = { "twofish", 16 },
	[ADIT_ENC_CAMELLIA_CBC_128] = { "camellia-128", 16 },
	[ADIT_ENC_CAMELLIA_CBC_192] = { "camellia-192", 24 },
	[ADIT_ENC_CAMELLIA_CBC_256] = { "camellia-256", 32 },
};

static const struct algorithm auths[] = {
	[ADIT_AUTH_NULL] = { "null", 0 },
	[ADIT_AUTH_HMAC_MD5_96] = { "md5", 16 },		/* RFC 2403 §2 */
	[ADIT_AUTH_HMAC_SHA1_96] = { "sha1", 20 },		/* RFC 2404 §3 */
	[ADIT_AUTH_HMAC_SHA256_128] = { "sha256", 32 },		/* RFC 4868 §2.1.1 */
	[ADIT_AUTH_HMAC_SHA384_192] = { "sha384", 48 },
	[ADIT_AUTH_HMAC_SHA512_256] = { "sha512", 64 },
	[ADIT_AUTH_AES_GMAC] = { "aes-gmac", 16 },		/* RFC 4543 */
};

/* A code added to the contract must get its word here. */
#define COUNT_ONE(...) + 1	/* NOLINT(bugprone-macro-parentheses): a chain of additions */
_Static_assert(sizeof(encs) / sizeof(encs[0]) == 0 ADIT_ENC_LIST(COUNT_ONE), "every cipher has a word");
_Static_assert(sizeof(auths) / sizeof(auths[0]) == 0 ADIT_AUTH_LIST(COUNT_ONE), "every hash has a word");

#define N(table) (sizeof(table) / sizeof((table)[0]))

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

int adit_auth_by_name(const char *name)
{
	for (size_t i = 0; i < N(auths); i++)
		if (strcmp(auths[i].word, name) == 0)
			return (int)i;
	return -EINVAL;
}

#define CASE_WORD(code, word) case code: return #word;
#define CASE_WORD_OF_THREE(code, word, text) case code: return #word;
#define CASE_TEXT(code, word, text) case code: return text;

const char *adit_reason_name(unsigned reason)
{
	switch (reason) {
	ADIT_REASON_LIST(CASE_WORD_OF_THREE)
	default: return NULL;
	}
}

const char *adit_reason_doc(unsigned reason)
{
	switch (reason) {
	ADIT_REASON_LIST(CASE_TEXT)
	default: return NULL;
	}
}

const char *adit_feature_name(unsigned feature)
{
	switch (feature) {
	ADIT_FEATURE_LIST(CASE_WORD)
	default: return NULL;
	}
}

const char *adit_face_name(unsigned face)
{
	switch (face) {
	case ADIT_FACE_LAN: return "lan";
	case ADIT_FACE_WAN: return "wan";
	case ADIT_FACE_HOST: return "host";
	case ADIT_FACE_NONE: return "none";
	default: return NULL;
	}
}

const char *name_status(unsigned status)
{
	switch (status) {
	ADIT_STATUS_LIST(CASE_WORD)
	default: return "unknown";
	}
}

const char *name_field(unsigned field)
{
	switch (field) {
	ADIT_FIELD_LIST(CASE_WORD)
	default: return "unknown";
	}
}

const char *name_fault(unsigned fault)
{
	switch (fault) {
	ADIT_FAULT_LIST(CASE_WORD)
	default: return "unknown";
	}
}

const char *name_ring(unsigned ring)
{
	switch (ring) {
	ADIT_RING_LIST(CASE_WORD)
	default: return "unknown";
	}
}

const char *cmd_op_name(unsigned op)
{
	switch (op) {
	ADIT_OP_LIST(CASE_WORD)
	default: return "unknown";
	}
}
