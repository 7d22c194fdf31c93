// SPDX-License-Identifier: BSD-2-Clause-Patent
#include "transform/golden.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "transform/ipv4.h"

enum {
	ESP_HEADER_BYTES = 8,	/* SPI and sequence number, RFC 4303 §2 */
	ESP_TRAILER_BYTES = 2,	/* pad length and next header */
	ICV_BYTES = 12,		/* HMAC-SHA1-96, RFC 2404 */
	CBC_BLOCK_BYTES = 16,
	NULL_ALIGN_BYTES = 4,	/* RFC 4303 §2.4: the trailer ends on a 4-byte boundary */
};

struct golden_sa {
	struct adit_sa sa;	/* without keys */
	EVP_CIPHER_CTX *cipher;	/* NULL with enc null */
	EVP_MAC_CTX *mac;	/* NULL with auth null */
	size_t block_bytes;
	size_t iv_bytes;
	size_t icv_bytes;
};

static const EVP_CIPHER *cipher_of(enum adit_enc enc)
{
	switch (enc) {
	case ADIT_ENC_AES_CBC_128: return EVP_aes_128_cbc();
	case ADIT_ENC_AES_CBC_192: return EVP_aes_192_cbc();
	case ADIT_ENC_AES_CBC_256: return EVP_aes_256_cbc();
	default: return NULL;
	}
}

static int mac_open(struct golden_sa *g, const struct adit_sa *sa)
{
	char digest[] = "SHA1";
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
		OSSL_PARAM_construct_end(),
	};
	EVP_MAC *hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);

	if (hmac == NULL)
		return -ENOMEM;
	g->mac = EVP_MAC_CTX_new(hmac);
	EVP_MAC_free(hmac);
	if (g->mac == NULL || EVP_MAC_init(g->mac, sa->auth_key, sa->auth_key_bytes, params) != 1)
		return -ENOMEM;
	g->icv_bytes = ICV_BYTES;
	return 0;
}

static int cipher_open(struct golden_sa *g, const struct adit_sa *sa)
{
	static const uint8_t zero_iv[CBC_BLOCK_BYTES];
	int is_seal = sa->dir == ADIT_DIR_OUT;

	g->cipher = EVP_CIPHER_CTX_new();
	if (g->cipher == NULL ||
	    EVP_CipherInit_ex2(g->cipher, cipher_of(sa->enc), sa->enc_key, zero_iv, is_seal, NULL) != 1 ||
	    EVP_CIPHER_CTX_set_padding(g->cipher, 0) != 1)
		return -ENOMEM;
	g->block_bytes = CBC_BLOCK_BYTES;
	g->iv_bytes = CBC_BLOCK_BYTES;
	return 0;
}

int golden_sa_open(const struct adit_sa *sa, struct golden_sa **out)
{
	struct golden_sa *g;
	int err = 0;

	*out = NULL;
	if (sa->proto != ADIT_PROTO_ESP || sa->src.is_v6 || sa->dst.is_v6 || sa->esn || sa->udp_encap)
		return -EOPNOTSUPP;
	if (sa->enc != ADIT_ENC_NULL && cipher_of(sa->enc) == NULL)
		return -EOPNOTSUPP;
	if (sa->auth != ADIT_AUTH_NULL && sa->auth != ADIT_AUTH_HMAC_SHA1_96)
		return -EOPNOTSUPP;
	if (sa->auth == ADIT_AUTH_HMAC_SHA1_96 && sa->auth_key_bytes != 20)
		return -EINVAL;
	g = calloc(1, sizeof(*g));
	if (g == NULL)
		return -ENOMEM;
	g->sa = *sa;
	OPENSSL_cleanse(g->sa.enc_key, sizeof(g->sa.enc_key));
	OPENSSL_cleanse(g->sa.auth_key, sizeof(g->sa.auth_key));
	g->block_bytes = NULL_ALIGN_BYTES;
	if (sa->enc != ADIT_ENC_NULL)
		err = cipher_open(g, sa);
	if (err == 0 && sa->auth != ADIT_AUTH_NULL)
		err = mac_open(g, sa);
	if (err != 0) {
		golden_sa_close(g);
		return err;
	}
	*out = g;
	return 0;
}

void golden_sa_close(struct golden_sa *sa)
{
	if (sa == NULL)
		return;
	EVP_CIPHER_CTX_free(sa->cipher);
	EVP_MAC_CTX_free(sa->mac);
	OPENSSL_cleanse(sa, sizeof(*sa));
	free(sa);
}

/* CBC over whole blocks; the chain begins with iv. Works in place. */
static bool run_cipher(struct golden_sa *g, const uint8_t iv[CBC_BLOCK_BYTES], const uint8_t *in, size_t n_bytes, uint8_t *out)
{
	int done = 0;

	if (EVP_CipherInit_ex2(g->cipher, NULL, NULL, iv, -1, NULL) != 1)
		return false;
	return EVP_CipherUpdate(g->cipher, out, &done, in, (int)n_bytes) == 1 && (size_t)done == n_bytes;
}

/* ICV over ESP header, IV and ciphertext (RFC 4303 §2.8). */
static bool run_mac(struct golden_sa *g, const uint8_t *esp, size_t n_bytes, uint8_t icv[ICV_BYTES])
{
	uint8_t digest[20];
	size_t done = 0;
	bool ok = EVP_MAC_init(g->mac, NULL, 0, NULL) == 1 && EVP_MAC_update(g->mac, esp, n_bytes) == 1 &&
		  EVP_MAC_final(g->mac, digest, &done, sizeof(digest)) == 1 && done == sizeof(digest);

	if (ok)
		memcpy(icv, digest, ICV_BYTES);
	OPENSSL_cleanse(digest, sizeof(digest));
	return ok;
}

/* The outer header of tunnel mode, RFC 4301 §5.1.2.1. Its length and checksum are still open. */
static void put_outer_header(const struct adit_sa *sa, const uint8_t *inner, uint64_t seq, uint8_t *ip)
{
	uint8_t tos = inner[1];
	bool df = (inner[6] & 0x40) != 0;

	if (sa->set_dscp)
		tos = (uint8_t)((sa->dscp << 2) | (tos & 3));
	if (sa->no_ecn)
		tos &= 0xfc;
	if (sa->clear_df)
		df = false;
	if (sa->set_df)
		df = true;
	memset(ip, 0, IPV4_MIN_BYTES);
	ip[0] = 0x45;
	ip[1] = tos;
	ipv4_put16(ip + 4, (uint16_t)seq);
	ip[6] = df ? 0x40 : 0;
	ip[8] = sa->ttl != 0 ? sa->ttl : 64;
	memcpy(ip + 12, sa->src.bytes, 4);
	memcpy(ip + 16, sa->dst.bytes, 4);
}

/* Transport mode serves packets between the SA's own two addresses, whole ones (RFC 4301 §4.1, RFC 4303 §3.1.1). */
static bool transport_fits(const struct adit_sa *sa, const uint8_t *ip)
{
	return memcmp(ip + 12, sa->src.bytes, 4) == 0 && memcmp(ip + 16, sa->dst.bytes, 4) == 0 && !ipv4_is_fragment(ip);
}

enum adit_reason golden_seal(struct golden_sa *g, const uint8_t *frame, size_t frame_bytes, size_t l3_off, uint64_t seq,
	uint8_t *out, size_t out_room, size_t *out_bytes)
{
	static const uint8_t zero_iv[CBC_BLOCK_BYTES];
	const uint8_t *ip = frame + l3_off;
	bool is_tunnel = g->sa.mode == ADIT_MODE_TUNNEL;
	size_t ip_bytes, kept_bytes, head_bytes, payload_bytes, text_bytes, pad_bytes, total_bytes;
	uint8_t *esp, *text;

	if (!ipv4_is_sound(frame, frame_bytes, l3_off))
		return ADIT_REASON_RxIpHeader;
	ip_bytes = ipv4_total_bytes(ip);
	if (!is_tunnel && !transport_fits(&g->sa, ip))
		return ADIT_REASON_XfrmOutStateModeError;

	/* L2 header | IP header | SPI seq | IV | payload | padding, pad length, next header | ICV */
	kept_bytes = is_tunnel ? 0 : ipv4_header_bytes(ip);
	head_bytes = l3_off + (is_tunnel ? (size_t)IPV4_MIN_BYTES : kept_bytes);
	payload_bytes = ip_bytes - kept_bytes;
	text_bytes = payload_bytes + ESP_TRAILER_BYTES;
	text_bytes = (text_bytes + g->block_bytes - 1) / g->block_bytes * g->block_bytes;
	pad_bytes = text_bytes - payload_bytes - ESP_TRAILER_BYTES;
	total_bytes = head_bytes + ESP_HEADER_BYTES + g->iv_bytes + text_bytes + g->icv_bytes;
	if (total_bytes > GOLDEN_MAX_FRAME_BYTES)
		return ADIT_REASON_OutTooBig;
	if (total_bytes > out_room)
		return ADIT_REASON_XfrmOutError;

	memcpy(out, frame, l3_off);
	if (is_tunnel)
		put_outer_header(&g->sa, ip, seq, out + l3_off);
	else
		memcpy(out + l3_off, ip, kept_bytes);
	out[l3_off + 9] = ADIT_PROTO_ESP;
	ipv4_put16(out + l3_off + 2, (uint16_t)(total_bytes - l3_off));
	ipv4_set_checksum(out + l3_off);

	esp = out + head_bytes;
	ipv4_put32(esp, g->sa.spi);
	ipv4_put32(esp + 4, (uint32_t)seq);
	text = esp + ESP_HEADER_BYTES + g->iv_bytes;
	memcpy(text, ip + kept_bytes, payload_bytes);
	for (size_t i = 0; i < pad_bytes; i++)
		text[payload_bytes + i] = (uint8_t)(i + 1);	/* RFC 4303 §2.4 */
	text[text_bytes - 2] = (uint8_t)pad_bytes;
	text[text_bytes - 1] = is_tunnel ? 4 : ip[9];

	if (g->cipher != NULL) {
		uint8_t *nonce = esp + ESP_HEADER_BYTES;

		memset(nonce, 0, 8);
		ipv4_put32(nonce + 8, (uint32_t)(seq >> 32));
		ipv4_put32(nonce + 12, (uint32_t)seq);
		/* CBC from a zero chain turns the nonce into its cipher: that is the IV, and it chains on. */
		if (!run_cipher(g, zero_iv, nonce, g->iv_bytes + text_bytes, nonce))
			goto fail;
	}
	if (g->mac != NULL &&
	    !run_mac(g, esp, ESP_HEADER_BYTES + g->iv_bytes + text_bytes, text + text_bytes))
		goto fail;
	*out_bytes = total_bytes;
	return ADIT_REASON_NONE;

fail:
	OPENSSL_cleanse(out, total_bytes);
	return ADIT_REASON_XfrmOutStateProtoError;
}

/* Padding 1, 2, 3, … then its length, then next header, at the end of text (RFC 4303 §2.4). */
static bool padding_is_sound(const uint8_t *text, size_t text_bytes)
{
	size_t pad_bytes = text[text_bytes - 2];

	if (pad_bytes + ESP_TRAILER_BYTES > text_bytes)
		return false;
	for (size_t i = 0; i < pad_bytes; i++)
		if (text[text_bytes - ESP_TRAILER_BYTES - pad_bytes + i] != i + 1)
			return false;
	return true;
}

/* Puts the opened packet's header and says how much of the text follows it; RFC 4303 §3.4.4. */
static enum adit_reason deliver(const struct adit_sa *sa, const uint8_t *frame, size_t l3_off, const uint8_t *text,
	size_t text_bytes, uint8_t *out, size_t out_room, size_t *out_bytes)
{
	const uint8_t *ip = frame + l3_off;
	size_t payload_bytes = text_bytes - ESP_TRAILER_BYTES - text[text_bytes - 2];
	uint8_t next_header = text[text_bytes - 1];
	size_t kept_bytes = 0;

	if (next_header == 59)
		return ADIT_REASON_InDummy;
	if (sa->mode == ADIT_MODE_TUNNEL) {
		if (next_header != 4)
			return ADIT_REASON_InNextHeader;
		if (!ipv4_is_sound(text, payload_bytes, 0))
			return ADIT_REASON_RxIpHeader;
		payload_bytes = ipv4_total_bytes(text);
	} else {
		kept_bytes = ipv4_header_bytes(ip);
	}
	if (l3_off + kept_bytes + payload_bytes > out_room)
		return ADIT_REASON_XfrmInBufferError;
	memcpy(out, frame, l3_off + kept_bytes);
	memcpy(out + l3_off + kept_bytes, text, payload_bytes);
	if (sa->mode == ADIT_MODE_TRANSPORT) {
		out[l3_off + 9] = next_header;
		ipv4_put16(out + l3_off + 2, (uint16_t)(kept_bytes + payload_bytes));
		ipv4_set_checksum(out + l3_off);
	}
	*out_bytes = l3_off + kept_bytes + payload_bytes;
	return ADIT_REASON_NONE;
}

enum adit_reason golden_open(struct golden_sa *g, const uint8_t *frame, size_t frame_bytes, size_t l3_off, uint64_t seq,
	uint8_t *out, size_t out_room, size_t *out_bytes)
{
	const uint8_t *ip = frame + l3_off;
	uint8_t text[GOLDEN_MAX_FRAME_BYTES];
	const uint8_t *esp;
	size_t esp_bytes, text_bytes;
	enum adit_reason reason;

	(void)seq;	/* its low half stands in the packet; the high half counts with ESN, which golden refuses yet */
	if (!ipv4_is_sound(frame, frame_bytes, l3_off) || frame_bytes > GOLDEN_MAX_FRAME_BYTES)
		return ADIT_REASON_RxIpHeader;
	esp = ip + ipv4_header_bytes(ip);
	esp_bytes = ipv4_total_bytes(ip) - ipv4_header_bytes(ip);
	if (esp_bytes < ESP_HEADER_BYTES + g->iv_bytes + g->block_bytes + g->icv_bytes)
		return ADIT_REASON_XfrmInHdrError;
	text_bytes = esp_bytes - ESP_HEADER_BYTES - g->iv_bytes - g->icv_bytes;
	if (text_bytes % g->block_bytes != 0)
		return ADIT_REASON_XfrmInHdrError;

	if (g->mac != NULL) {
		uint8_t icv[ICV_BYTES];

		if (!run_mac(g, esp, esp_bytes - g->icv_bytes, icv))
			return ADIT_REASON_XfrmInError;
		if (CRYPTO_memcmp(icv, esp + esp_bytes - g->icv_bytes, ICV_BYTES) != 0)
			return ADIT_REASON_XfrmInStateProtoError;
	}
	if (g->cipher == NULL)
		memcpy(text, esp + ESP_HEADER_BYTES, text_bytes);
	else if (!run_cipher(g, esp + ESP_HEADER_BYTES, esp + ESP_HEADER_BYTES + g->iv_bytes, text_bytes, text))
		return ADIT_REASON_XfrmInError;

	reason = padding_is_sound(text, text_bytes)
		? deliver(&g->sa, frame, l3_off, text, text_bytes, out, out_room, out_bytes)
		: ADIT_REASON_InPadding;
	OPENSSL_cleanse(text, text_bytes);
	return reason;
}
