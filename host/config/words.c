// SPDX-License-Identifier: BSD-2-Clause-Patent
#include "config/words.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

const struct word words_enc[] = {
	{ "null", ADIT_ENC_NULL }, { "des", ADIT_ENC_DES_CBC }, { "3des", ADIT_ENC_DES3_CBC },
	{ "aes-128-cbc", ADIT_ENC_AES_CBC_128 }, { "aes-192-cbc", ADIT_ENC_AES_CBC_192 },
	{ "aes-256-cbc", ADIT_ENC_AES_CBC_256 }, { "aes-128", ADIT_ENC_AES_CBC_128 }, { "aes-192", ADIT_ENC_AES_CBC_192 },
	{ "aes-256", ADIT_ENC_AES_CBC_256 }, { "aes-128-ctr", ADIT_ENC_AES_CTR_128 },
	{ "aes-192-ctr", ADIT_ENC_AES_CTR_192 }, { "aes-256-ctr", ADIT_ENC_AES_CTR_256 },
	{ "aes-128-gcm", ADIT_ENC_AES_GCM_128 }, { "aes-192-gcm", ADIT_ENC_AES_GCM_192 },
	{ "aes-256-gcm", ADIT_ENC_AES_GCM_256 }, { "aes-128-gcm-16", ADIT_ENC_AES_GCM_128 },
	{ "aes-192-gcm-16", ADIT_ENC_AES_GCM_192 }, { "aes-256-gcm-16", ADIT_ENC_AES_GCM_256 },
	{ "aes-128-gcm-12", ADIT_ENC_AES_GCM_128 }, { "aes-192-gcm-12", ADIT_ENC_AES_GCM_192 },
	{ "aes-256-gcm-12", ADIT_ENC_AES_GCM_256 }, { "aes-128-gcm-8", ADIT_ENC_AES_GCM_128 },
	{ "aes-192-gcm-8", ADIT_ENC_AES_GCM_192 }, { "aes-256-gcm-8", ADIT_ENC_AES_GCM_256 }, { "blowfish", ADIT_ENC_BLOWFISH_CBC },
	{ "twofish", ADIT_ENC_TWOFISH_CBC }, { "camellia-128", ADIT_ENC_CAMELLIA_CBC_128 },
	{ "camellia-192", ADIT_ENC_CAMELLIA_CBC_192 }, { "camellia-256", ADIT_ENC_CAMELLIA_CBC_256 }, { NULL, 0 }
};
const struct word words_auth[] = {
	{ "null", ADIT_AUTH_NULL }, { "md5", ADIT_AUTH_HMAC_MD5_96 }, { "sha1", ADIT_AUTH_HMAC_SHA1_96 },
	{ "sha256", ADIT_AUTH_HMAC_SHA256_128 }, { "sha384", ADIT_AUTH_HMAC_SHA384_192 },
	{ "sha512", ADIT_AUTH_HMAC_SHA512_256 }, { NULL, 0 }
};
const struct word words_esp_auth[] = {
	{ "null", ADIT_AUTH_NULL }, { "md5", ADIT_AUTH_HMAC_MD5_96 }, { "sha1", ADIT_AUTH_HMAC_SHA1_96 },
	{ "sha256", ADIT_AUTH_HMAC_SHA256_128 }, { "sha384", ADIT_AUTH_HMAC_SHA384_192 },
	{ "sha512", ADIT_AUTH_HMAC_SHA512_256 }, { "aes-128-gmac", ADIT_AUTH_AES_GMAC_128 },
	{ "aes-192-gmac", ADIT_AUTH_AES_GMAC_192 }, { "aes-256-gmac", ADIT_AUTH_AES_GMAC_256 }, { NULL, 0 }
};
const struct word words_df[] = { { "copy", DF_COPY }, { "set", DF_SET }, { "clear", DF_CLEAR }, { NULL, 0 } };
const struct word words_dh[] = {
	{ "none", DH_NONE }, { "modp768", DH_MODP768 }, { "modp1024", DH_MODP1024 }, { "modp1536", DH_MODP1536 },
	{ "modp2048", DH_MODP2048 }, { "modp3072", DH_MODP3072 }, { "modp4096", DH_MODP4096 },
	{ "modp6144", DH_MODP6144 }, { "modp8192", DH_MODP8192 }, { "ec2n155", DH_EC2N155 }, { "ec2n185", DH_EC2N185 },
	{ "ecp256", DH_ECP256 }, { "ecp384", DH_ECP384 }, { "ecp521", DH_ECP521 }, { "x25519", DH_X25519 }, { NULL, 0 }
};
const struct word words_action[] = {
	{ "none", ADIT_ACTION_NONE }, { "discard", ADIT_ACTION_DISCARD }, { "encrypt", ADIT_ACTION_ENCRYPT }, { NULL, 0 }
};
const struct word words_default_action[] = {
	{ "none", ADIT_ACTION_NONE }, { "discard", ADIT_ACTION_DISCARD }, { NULL, 0 }
};
const struct word words_level[] = {
	{ "use", ADIT_LEVEL_USE }, { "require", ADIT_LEVEL_REQUIRE }, { "unique", ADIT_LEVEL_UNIQUE }, { NULL, 0 }
};
const struct word words_mode[] = { { "wire", 0 }, { "nic", 1 }, { NULL, 0 } };
const struct word words_proto[] = {
	{ "all", -1 }, { "icmp", 1 }, { "igmp", 2 }, { "ggp", 3 }, { "ip-encap", 4 }, { "ipip", 4 }, { "st", 5 },
	{ "tcp", 6 }, { "egp", 8 }, { "pup", 12 }, { "udp", 17 }, { "hmp", 20 }, { "xns-idp", 22 }, { "rdp", 27 },
	{ "iso-tp4", 29 }, { "dccp", 33 }, { "xtp", 36 }, { "ddp", 37 }, { "idpr-cmtp", 38 }, { "ipv6-encap", 41 },
	{ "rsvp", 46 }, { "gre", 47 }, { "esp", 50 }, { "ipsec-esp", 50 }, { "ah", 51 }, { "ipsec-ah", 51 },
	{ "icmpv6", 58 }, { "rspf", 73 }, { "vmtp", 81 }, { "ospf", 89 }, { "encap", 98 }, { "pim", 103 },
	{ "vrrp", 112 }, { "l2tp", 115 }, { "sctp", 132 }, { "udp-lite", 136 }, { NULL, 0 }
};
const struct word words_ipsec_proto[] = { { "esp", ADIT_PROTO_ESP }, { "ah", ADIT_PROTO_AH }, { NULL, 0 } };
const struct word words_exchange[] = {
	{ "main", EXCHANGE_MAIN }, { "aggressive", EXCHANGE_AGGRESSIVE }, { "base", EXCHANGE_BASE },
	{ "ike2", EXCHANGE_IKE2 }, { NULL, 0 }
};
const struct word words_auth_method[] = {
	{ "pre-shared-key", AUTH_METHOD_PSK }, { "rsa-signature", AUTH_METHOD_RSA }, { NULL, 0 }
};
const struct word words_check[] = {
	{ "obey", CHECK_OBEY }, { "strict", CHECK_STRICT }, { "claim", CHECK_CLAIM }, { "exact", CHECK_EXACT }, { NULL, 0 }
};

bool word_get(const struct word *words, const char *text, int *code)
{
	for (; words->word; words++) {
		if (strcmp(words->word, text) == 0) {
			*code = words->code;
			return true;
		}
	}
	return false;
}

const char *word_put(const struct word *words, int code)
{
	for (; words->word; words++)
		if (words->code == code)
			return words->word;
	return NULL;
}

const char *word_nearest(const struct word *words, const char *text)
{
	const char *all[64];
	size_t n = 0;

	for (; words->word && n < sizeof(all) / sizeof(all[0]); words++)
		all[n++] = words->word;
	return text_nearest(text, all, n);
}

void word_list(const struct word *words, char *out, size_t out_bytes)
{
	size_t used = 0;

	out[0] = 0;
	for (; words->word && used < out_bytes; words++)
		used += (size_t)snprintf(out + used, out_bytes - used, "%s%s", used ? ", " : "", words->word);
}

struct enc_facts enc_facts(enum adit_enc enc)
{
	switch (enc) {
	case ADIT_ENC_AES_CBC_128:
	case ADIT_ENC_CAMELLIA_CBC_128:
	case ADIT_ENC_TWOFISH_CBC:	/* RFC 2451 §2.2: 128 bits unless told otherwise */
		return (struct enc_facts){ .key_bytes = 16 };
	case ADIT_ENC_AES_CBC_192:
	case ADIT_ENC_CAMELLIA_CBC_192:
		return (struct enc_facts){ .key_bytes = 24 };
	case ADIT_ENC_AES_CBC_256:
	case ADIT_ENC_CAMELLIA_CBC_256:
		return (struct enc_facts){ .key_bytes = 32 };
	case ADIT_ENC_AES_CTR_128:
		return (struct enc_facts){ .key_bytes = 16, .salt_bytes = 4 };
	case ADIT_ENC_AES_CTR_192:
		return (struct enc_facts){ .key_bytes = 24, .salt_bytes = 4 };
	case ADIT_ENC_AES_CTR_256:
		return (struct enc_facts){ .key_bytes = 32, .salt_bytes = 4 };
	case ADIT_ENC_AES_GCM_128:
		return (struct enc_facts){ .key_bytes = 16, .salt_bytes = 4, .is_aead = true };
	case ADIT_ENC_AES_GCM_192:
		return (struct enc_facts){ .key_bytes = 24, .salt_bytes = 4, .is_aead = true };
	case ADIT_ENC_AES_GCM_256:
		return (struct enc_facts){ .key_bytes = 32, .salt_bytes = 4, .is_aead = true };
	case ADIT_ENC_DES_CBC:
		return (struct enc_facts){ .key_bytes = 8, .is_weak = true };
	case ADIT_ENC_DES3_CBC:
		return (struct enc_facts){ .key_bytes = 24, .is_weak = true };
	case ADIT_ENC_BLOWFISH_CBC:	/* RFC 2451 §2.2 */
		return (struct enc_facts){ .key_bytes = 16, .is_weak = true };
	case ADIT_ENC_NULL:
	default:
		return (struct enc_facts){ 0 };
	}
}

unsigned auth_key_bytes(enum adit_auth auth)
{
	switch (auth) {
	case ADIT_AUTH_HMAC_MD5_96:
	case ADIT_AUTH_AES_GMAC_128:
		return 16;
	case ADIT_AUTH_AES_GMAC_192:
		return 24;
	case ADIT_AUTH_HMAC_SHA1_96:
		return 20;
	case ADIT_AUTH_HMAC_SHA256_128:
	case ADIT_AUTH_AES_GMAC_256:
		return 32;
	case ADIT_AUTH_HMAC_SHA384_192:
		return 48;
	case ADIT_AUTH_HMAC_SHA512_256:
		return 64;
	case ADIT_AUTH_NULL:
	default:
		return 0;
	}
}

unsigned auth_salt_bytes(enum adit_auth auth)
{
	return auth >= ADIT_AUTH_AES_GMAC_128 && auth <= ADIT_AUTH_AES_GMAC_256 ? 4 : 0;
}

unsigned enc_icv_bytes(const char *word)
{
	const char *icv = strstr(word, "-gcm-");

	if (!icv)
		return 0;
	return strcmp(icv, "-gcm-8") == 0 ? 8 : strcmp(icv, "-gcm-12") == 0 ? 12 : 16;
}

const char *enc_word(enum adit_enc enc, unsigned icv_bytes)
{
	for (const struct word *row = words_enc; row->word; row++)
		if (row->code == (int)enc && enc_icv_bytes(row->word) == icv_bytes && icv_bytes && icv_bytes != 16)
			return row->word;
	return word_put(words_enc, (int)enc);
}
