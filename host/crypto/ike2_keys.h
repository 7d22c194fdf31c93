// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * Key derivation of IKEv2 (RFC 7296 §2.14 - §2.18), with additional key exchanges (RFC 9370 §2.2.2 - §2.2.4), with what authenticates
 * intermediate exchanges (RFC 9242 §3.3) and with post-quantum pre-shared keys (RFC 8784 §3). The caller wipes what it gets.
 */
#ifndef HOST_CRYPTO_IKE2_KEYS_H
#define HOST_CRYPTO_IKE2_KEYS_H

#include "crypto/ike2_suite.h"

#define IKE2_MAX_MORE 7		/* additional key exchanges */

/* Whose messages it protects: the original initiator's or the other's. */
struct ike2_half {
	uint8_t a[HASH_MAX_BYTES], e[IKE2_MAX_KEY_BYTES];	/* SK_a, SK_e */
	uint64_t next_iv;	/* ike2_seal()'s, of ciphers whose IV must not come twice; whoever moves an SA moves this too */
};

struct ike2_keys {
	struct ike2_suite suite;
	uint8_t n;		/* bytes of d, pi, pr: the prf's */
	uint8_t a_bytes, e_bytes;
	uint8_t d[HASH_MAX_BYTES], pi[HASH_MAX_BYTES], pr[HASH_MAX_BYTES];
	struct ike2_half i, r;
};

/* Bodies of the nonces, and the IKE SA's SPIs in the order of the header. */
struct ike2_exchange {
	struct bytes ni, nr;
	uint8_t spi_i[ISAKMP_COOKIE_BYTES], spi_r[ISAKMP_COOKIE_BYTES];
};

/** Of IKE_SA_INIT (§2.14): prf(Ni | Nr, shared). Of AES-XCBC the key is the first half of it, 8 bytes of each. out: ike2_prf_bytes(). */
MUST_USE bool ike2_skeyseed(uint16_t prf, const struct ike2_exchange *exchange, struct bytes shared, uint8_t *skeyseed);
/**
 * Of an IKE SA that comes after old: prf(SK_d, shared | Ni | Nr | more…), with old's prf. A rekeyed one (§2.18; more: secrets of additional
 * key exchanges, RFC 9370 §2.2.4); or the same one after an additional exchange in IKE_INTERMEDIATE, whose secret shared is then
 * (§2.2.2; exchange: that of IKE_SA_INIT).
 */
MUST_USE bool ike2_skeyseed_next(const struct ike2_keys *old, const struct ike2_exchange *exchange, struct bytes shared,
				 const struct bytes *more, unsigned n_more, uint8_t *skeyseed);
/** All seven secrets. keys->suite is set; the rest is overwritten, IVs begin anew. false: the suite is not sound, or no memory. */
MUST_USE bool ike2_derive(struct ike2_keys *keys, const uint8_t *skeyseed, const struct ike2_exchange *exchange);
/** KEYMAT of a child (§2.17): prf+(SK_d, [shared |] Ni | Nr [| more…]). shared.len 0: no key exchange. */
MUST_USE bool ike2_keymat(const struct ike2_keys *keys, struct bytes shared, struct bytes ni, struct bytes nr, const struct bytes *more,
			  unsigned n_more, uint8_t *out, size_t n_bytes);
/** RFC 8784 §3: SK_d, SK_pi and SK_pr become prf+(PPK, themselves). On failure they are unusable. */
MUST_USE bool ike2_mix_ppk(struct ike2_keys *keys, struct bytes ppk);

/* What one end signs (§2.15). */
struct ike2_signed {
	struct bytes message;	/* its own IKE_SA_INIT, whole */
	struct bytes nonce;	/* the other end's */
	struct bytes id;	/* its own ID payload's body */
	struct bytes int_auth;	/* empty, or IntAuth_i | IntAuth_r | message id of IKE_AUTH (RFC 9242 §3.3.2) */
};
#define IKE2_SIGNED_PARTS 4
/** The octets to be signed, as parts; one of them lives in mac. */
MUST_USE bool ike2_signed_octets(const struct ike2_keys *keys, bool by_initiator, const struct ike2_signed *what,
				 struct bytes parts[IKE2_SIGNED_PARTS], uint8_t mac[HASH_MAX_BYTES]);
/** AUTH with a shared key, or with the MSK of an EAP method (§2.15, §2.16): prf(prf(psk, "Key Pad for IKEv2"), octets). out: keys->n. */
MUST_USE bool ike2_auth_psk(const struct ike2_keys *keys, bool by_initiator, struct bytes psk, const struct ike2_signed *what, uint8_t *out);
/** One step of IntAuth (RFC 9242 §3.3.2): prf(SK_p, before | a | p). a: header to generic header of SK, with lengths of it as if p stood alone. */
MUST_USE bool ike2_int_auth(const struct ike2_keys *keys, bool by_initiator, struct bytes before, struct bytes a, struct bytes p, uint8_t *out);

void ike2_wipe(struct ike2_keys *keys);

#endif
