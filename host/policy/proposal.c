// SPDX-License-Identifier: BSD-2-Clause-Patent
/* Wire codes of algorithms, both ways, and the words of choices and refusals. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "policy/room.h"

/* RFC 2409 App. A, RFC 2407 §4.4.4, RFC 3602 §5, RFC 3686 §5.2, RFC 4106 §8, RFC 4312 §3, RFC 4543 §8. Of one cipher with several key
 * lengths the shortest stands first. */
static const struct cipher_code ciphers[] = {
	{ ADIT_ENC_NULL, 0, 0, V1_ESP_NULL, 0, false },
	{ ADIT_ENC_DES_CBC, 0, V1_ENC_DES, V1_ESP_DES, 0, false },
	{ ADIT_ENC_DES3_CBC, 0, V1_ENC_3DES, V1_ESP_3DES, 0, false },
	{ ADIT_ENC_BLOWFISH_CBC, 0, V1_ENC_BLOWFISH, V1_ESP_BLOWFISH, 128, true },
	{ ADIT_ENC_TWOFISH_CBC, 0, 0, V1_ESP_TWOFISH, 128, true },
	{ ADIT_ENC_AES_CBC_128, 0, V1_ENC_AES, V1_ESP_AES_CBC, 128, false },
	{ ADIT_ENC_AES_CBC_192, 0, V1_ENC_AES, V1_ESP_AES_CBC, 192, false },
	{ ADIT_ENC_AES_CBC_256, 0, V1_ENC_AES, V1_ESP_AES_CBC, 256, false },
	{ ADIT_ENC_CAMELLIA_CBC_128, 0, V1_ENC_CAMELLIA, V1_ESP_CAMELLIA, 128, false },
	{ ADIT_ENC_CAMELLIA_CBC_192, 0, V1_ENC_CAMELLIA, V1_ESP_CAMELLIA, 192, false },
	{ ADIT_ENC_CAMELLIA_CBC_256, 0, V1_ENC_CAMELLIA, V1_ESP_CAMELLIA, 256, false },
	{ ADIT_ENC_AES_CTR_128, 0, 0, V1_ESP_AES_CTR, 128, false },
	{ ADIT_ENC_AES_CTR_192, 0, 0, V1_ESP_AES_CTR, 192, false },
	{ ADIT_ENC_AES_CTR_256, 0, 0, V1_ESP_AES_CTR, 256, false },
	{ ADIT_ENC_AES_GCM_128, 8, 0, V1_ESP_GCM_8, 128, false },
	{ ADIT_ENC_AES_GCM_192, 8, 0, V1_ESP_GCM_8, 192, false },
	{ ADIT_ENC_AES_GCM_256, 8, 0, V1_ESP_GCM_8, 256, false },
	{ ADIT_ENC_AES_GCM_128, 12, 0, V1_ESP_GCM_12, 128, false },
	{ ADIT_ENC_AES_GCM_192, 12, 0, V1_ESP_GCM_12, 192, false },
	{ ADIT_ENC_AES_GCM_256, 12, 0, V1_ESP_GCM_12, 256, false },
	{ ADIT_ENC_AES_GCM_128, 16, 0, V1_ESP_GCM_16, 128, false },
	{ ADIT_ENC_AES_GCM_192, 16, 0, V1_ESP_GCM_16, 192, false },
	{ ADIT_ENC_AES_GCM_256, 16, 0, V1_ESP_GCM_16, 256, false },
};
#define N_CIPHERS (sizeof(ciphers) / sizeof(ciphers[0]))

static const struct auth_code auths[] = {
	{ ADIT_AUTH_HMAC_MD5_96, V1_HASH_MD5, V1_HMAC_MD5, V1_AH_MD5 },
	{ ADIT_AUTH_HMAC_SHA1_96, V1_HASH_SHA1, V1_HMAC_SHA1, V1_AH_SHA1 },
	{ ADIT_AUTH_HMAC_SHA256_128, V1_HASH_SHA256, V1_HMAC_SHA256, V1_AH_SHA256 },
	{ ADIT_AUTH_HMAC_SHA384_192, V1_HASH_SHA384, V1_HMAC_SHA384, V1_AH_SHA384 },
	{ ADIT_AUTH_HMAC_SHA512_256, V1_HASH_SHA512, V1_HMAC_SHA512, V1_AH_SHA512 },
};
#define N_AUTHS (sizeof(auths) / sizeof(auths[0]))

/* A key of one length may also be said to have it: that changes nothing. */
static bool bits_fit(const struct cipher_code *row, uint16_t bits, bool may_omit)
{
	if (row->key_bits)
		return bits == row->key_bits || (bits == 0 && may_omit);
	return bits == 0 || bits == 8 * enc_facts(row->enc).key_bytes;
}

const struct cipher_code *cipher_of_phase1(uint16_t v1_enc, uint16_t bits)
{
	for (size_t i = 0; i < N_CIPHERS; i++)	/* Blowfish's default of phase 1 is 448 bits (RFC 2409 App. B): not ours */
		if (v1_enc && ciphers[i].v1_enc == v1_enc && bits_fit(&ciphers[i], bits, false))
			return &ciphers[i];
	return NULL;
}

const struct cipher_code *cipher_of_esp(uint8_t id, uint16_t bits)
{
	for (size_t i = 0; i < N_CIPHERS; i++)
		if (ciphers[i].esp == id && bits_fit(&ciphers[i], bits, ciphers[i].may_omit_bits))
			return &ciphers[i];
	return NULL;
}

const struct cipher_code *cipher_to_wire(enum adit_enc enc, uint8_t icv_bytes)
{
	for (size_t i = 0; i < N_CIPHERS; i++)
		if (ciphers[i].enc == enc && (ciphers[i].icv_bytes == icv_bytes || (icv_bytes == 0 && ciphers[i].icv_bytes == 16)))
			return &ciphers[i];
	return NULL;
}

const struct auth_code *auth_of_hash(uint16_t hash)
{
	for (size_t i = 0; i < N_AUTHS; i++)
		if (auths[i].hash == hash)
			return &auths[i];
	return NULL;
}

const struct auth_code *auth_of_attribute(uint16_t attribute)
{
	for (size_t i = 0; i < N_AUTHS; i++)
		if (auths[i].attribute == attribute)
			return &auths[i];
	return NULL;
}

const struct auth_code *auth_to_wire(enum adit_auth auth)
{
	for (size_t i = 0; i < N_AUTHS; i++)
		if (auths[i].auth == auth)
			return &auths[i];
	return NULL;
}

/* ---- what both phases say and measure */

bool refuse(struct refusal *refusal, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(refusal->text, sizeof(refusal->text), fmt, args);
	va_end(args);
	return false;
}

bool pass(struct refusal *refusal)
{
	refusal->n_passed++;
	return true;
}

void report_refusal(struct report *report, const struct v1_proposal *proposal, const struct v1_transform *transform,
		    const struct refusal *refusal)
{
	if (refusal->n_passed < report->n_passed)
		return;
	report->n_passed = refusal->n_passed;
	(void)snprintf(report->why, PROPOSAL_WHY_BYTES, "proposal %u, transform %u: %s", proposal->number, transform->number, refusal->text);
}

void codes_text(const struct word *words, const uint8_t *codes, unsigned n, char *out, size_t out_bytes)
{
	size_t used = 0;

	out[0] = 0;
	for (unsigned i = 0; i < n && used < out_bytes; i++) {
		const char *word = word_put(words, codes[i]);

		used += (size_t)snprintf(out + used, out_bytes - used, "%s%s", i ? ", " : "", word ? word : "?");
	}
}

const char *group_text(uint16_t group, char out[24])
{
	const char *word = word_put(words_dh, group);

	if (word)
		return word;
	(void)snprintf(out, 24, "group %u", group);
	return out;
}

bool suits_bits(enum proposal_check check, uint16_t theirs, uint16_t ours)
{
	return check == CHECK_OBEY || theirs == ours || (check != CHECK_EXACT && theirs > ours);
}

uint64_t kilobytes_of(uint64_t bytes)
{
	return bytes / 1024 + (bytes % 1024 != 0);
}

uint32_t seconds_of(uint64_t seconds)
{
	return seconds > UINT32_MAX ? UINT32_MAX : (uint32_t)seconds;
}

unsigned phase2_enc_key_bytes(enum adit_enc enc)
{
	struct enc_facts facts = enc_facts(enc);

	return facts.key_bytes + facts.salt_bytes;
}

unsigned phase2_auth_key_bytes(enum adit_auth auth)
{
	return auth_key_bytes(auth) + auth_salt_bytes(auth);
}

void phase1_choice_text(const struct phase1_choice *choice, char *out, size_t out_bytes)
{
	char group[24];
	const char *enc = word_put(words_enc, (int)choice->enc), *hash = word_put(words_auth, (int)choice->hash);

	(void)snprintf(out, out_bytes, "%s/%s/%s/%s", enc ? enc : "?", hash ? hash : "?", group_text((uint16_t)choice->group, group),
		       choice->method == V1_AUTH_RSA ? "rsa-signature" : "pre-shared-key");
}

static void layer_text(const struct phase2_layer *layer, char out[64])
{
	const char *auth = word_put(words_esp_auth, (int)layer->auth), *esn = layer->esn ? "/esn" : "";

	if (layer->proto == ADIT_PROTO_AH)
		(void)snprintf(out, 64, "ah:%s%s", auth ? auth : "?", esn);
	else if (enc_facts(layer->enc).is_aead)
		(void)snprintf(out, 64, "esp:%s%s", enc_word(layer->enc, layer->icv_bytes), esn);
	else
		(void)snprintf(out, 64, "esp:%s/%s%s", enc_word(layer->enc, 0), auth ? auth : "?", esn);
}

void phase2_choice_text(const struct phase2_choice *choice, char *out, size_t out_bytes)
{
	char layers[2][64] = { "", "" }, group[24];

	for (unsigned i = 0; i < choice->n && i < 2; i++)
		layer_text(&choice->layers[i], layers[i]);
	(void)snprintf(out, out_bytes, "%s%s%s/%s%s/%s", layers[0], choice->n > 1 ? "+" : "", layers[1], choice->is_udp ? "udp-" : "",
		       choice->is_tunnel ? "tunnel" : "transport",
		       choice->pfs == DH_NONE ? "no pfs" : group_text((uint16_t)choice->pfs, group));
}
