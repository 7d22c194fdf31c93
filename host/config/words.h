// SPDX-License-Identifier: BSD-2-Clause-Patent
/* The words of the configuration language, RouterOS's where it has one. The CLI and JSON speak the same. */
#ifndef HOST_CONFIG_WORDS_H
#define HOST_CONFIG_WORDS_H

#include "adit/adit.h"
#include "base/text.h"

struct word {
	const char *word;
	int code;
};

/* Ends with a NULL word. The first word with a code is the one printed. */
extern const struct word words_enc[], words_auth[], words_dh[], words_action[], words_level[], words_mode[],
	words_proto[], words_ipsec_proto[], words_exchange[], words_auth_method[], words_check[], words_default_action[],
	words_df[], words_esp_auth[];

/* IKE group numbers (RFC 2409, 3526, 5903, 6954, 8031). */
enum dh_group {
	DH_NONE = 0, DH_MODP768 = 1, DH_MODP1024 = 2, DH_EC2N155 = 3, DH_EC2N185 = 4, DH_MODP1536 = 5, DH_MODP2048 = 14,
	DH_MODP3072 = 15, DH_MODP4096 = 16, DH_MODP6144 = 17, DH_MODP8192 = 18, DH_ECP256 = 19, DH_ECP384 = 20,
	DH_ECP521 = 21, DH_BRAINPOOL224 = 27, DH_BRAINPOOL256 = 28, DH_BRAINPOOL384 = 29, DH_BRAINPOOL512 = 30, DH_X25519 = 31, DH_X448 = 32
};

enum exchange_mode { EXCHANGE_MAIN, EXCHANGE_AGGRESSIVE, EXCHANGE_BASE, EXCHANGE_IKE2 };
enum auth_method { AUTH_METHOD_PSK, AUTH_METHOD_RSA };
enum df_mode { DF_COPY, DF_SET, DF_CLEAR };
enum proposal_check { CHECK_OBEY, CHECK_STRICT, CHECK_CLAIM, CHECK_EXACT };

MUST_USE bool word_get(const struct word *words, const char *text, int *code);
/** The word of a code, NULL if none. */
const char *word_put(const struct word *words, int code);
/** The word most like text, NULL if none is near. */
const char *word_nearest(const struct word *words, const char *text);
/** "a, b, c" of all words. */
void word_list(const struct word *words, char *out, size_t out_bytes);

struct enc_facts {
	uint8_t key_bytes, salt_bytes;	/* salt: the last bytes of the key material of CTR (RFC 3686) and GCM (RFC 4106) */
	bool is_aead;			/* integrity comes with the cipher */
	bool is_weak;			/* 64-bit block or 56-bit key */
};
struct enc_facts enc_facts(enum adit_enc enc);
unsigned auth_key_bytes(enum adit_auth auth);
unsigned auth_salt_bytes(enum adit_auth auth);	/* AES-GMAC: the last bytes of its key material (RFC 4543 §3.2) */
/** Length of the ICV that a word of words_enc asks for ("aes-128-gcm-8"); 0: the algorithm's own. */
unsigned enc_icv_bytes(const char *word);
/** The word of a cipher with that ICV ("aes-128-gcm-8"); icv_bytes 0: the algorithm's own. */
const char *enc_word(enum adit_enc enc, unsigned icv_bytes);

#endif
