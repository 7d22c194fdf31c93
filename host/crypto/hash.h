// SPDX-License-Identifier: BSD-2-Clause-Patent
/* Hashes, prf and ciphers of IKE, by the codes of the contract (enum adit_auth, enum adit_enc); on OpenSSL, legacy provider where needed. */
#ifndef HOST_CRYPTO_HASH_H
#define HOST_CRYPTO_HASH_H

#include "adit/adit.h"
#include "wire/bytes.h"

#define HASH_MAX_BYTES 64

/** Once per process, before anything else here: a private library context with default and legacy providers. false: no OpenSSL. */
MUST_USE bool crypto_open(void);
void crypto_close(void);

unsigned hash_bytes(enum adit_auth hash);	/* 16, 20, 32, 48, 64; 0: not a hash of IKE */
/** The hash of all parts one after another. out: hash_bytes(hash). */
MUST_USE bool hash_of(enum adit_auth hash, const struct bytes *parts, unsigned n, uint8_t *out);
/** HMAC (RFC 2104) with key, of all parts. */
MUST_USE bool prf_of(enum adit_auth hash, struct bytes key, const struct bytes *parts, unsigned n, uint8_t *out);
/** Equal, in constant time; lengths must be equal too. */
MUST_USE bool bytes_equal(struct bytes a, struct bytes b);
/** n random bytes; false if the system has none: nothing may then be sent. */
MUST_USE bool random_bytes(void *out, size_t n);

/* CBC ciphers of phase 1: des, 3des, aes-*-cbc, blowfish, camellia-*. */
unsigned cipher_block_bytes(enum adit_enc enc);	/* 8, 16; 0: not one of IKEv1 */
/** n is a multiple of the block; in place. iv: in: the one to use, out: the next one (the last ciphertext block). */
MUST_USE bool cipher_cbc(enum adit_enc enc, struct bytes key, bool is_encrypt, uint8_t *iv, uint8_t *text, size_t n);
/** A weak or semi-weak DES key, which IKE must not use (RFC 2409 App. A); of 3DES any of the three. Parity bits do not count. */
MUST_USE bool cipher_key_is_weak(enum adit_enc enc, struct bytes key);

#endif
