// SPDX-License-Identifier: BSD-2-Clause-Patent
/* What the files of this room share. Nobody else includes it, but tests. */
#ifndef HOST_CRYPTO_ROOM_H
#define HOST_CRYPTO_ROOM_H

#include <openssl/types.h>

#include "crypto/cert.h"
#include "crypto/dh.h"
#include "crypto/ike2_suite.h"

/** OpenSSL's library context of this room; NULL before crypto_open(). */
OSSL_LIB_CTX *crypto_library(void);
/** A cipher of IKEv2's by OpenSSL's name ("AES-128-GCM"), fetched in crypto_open(); NULL if it is none. */
const EVP_CIPHER *crypto_cipher(const char *name);

/* ---- AES-XCBC-MAC-128 and its prf (RFC 3566, RFC 4434) */
#define XCBC_BYTES 16
MUST_USE bool xcbc_of(const uint8_t key[XCBC_BYTES], const struct bytes *parts, unsigned n, uint8_t out[XCBC_BYTES]);
MUST_USE bool xcbc_prf(struct bytes key, const struct bytes *parts, unsigned n, uint8_t out[XCBC_BYTES]);

/* ---- what IKEv2's ciphers and MACs need (ike2_suite.c); NULL: not here */
struct ike2_encr {
	uint16_t id;
	enum { ENCR_NONE, ENCR_CBC, ENCR_CTR, ENCR_GCM, ENCR_CCM, ENCR_CHACHA20 } kind;
	uint8_t key_bytes;		/* 0: as the key length says, or NULL */
	uint8_t iv_bytes, salt_bytes;
	uint8_t block_bytes;		/* what padding fills */
	uint8_t icv_bytes;		/* 0: needs a MAC beside it */
};
const struct ike2_encr *ike2_encr_of(uint16_t encr);
struct ike2_integ {
	uint16_t id;
	enum adit_auth hash;		/* ADIT_AUTH_NULL: AES-XCBC */
	uint8_t key_bytes, icv_bytes;
};
const struct ike2_integ *ike2_integ_of(uint16_t integ);

/* ---- groups */

/* What the kinds of group do each in its own way; dh.c asks through the table. */
struct dh_kind {
	/** A fresh secret of the group; private.len > 0: this one (for the standards' vectors). false: none could be made. */
	bool (*open)(struct dh *dh, struct bytes private);
	void (*close)(struct dh *dh);
	/** peer.len is right. out: dh_shared_bytes(); touched only on success. */
	bool (*shared)(const struct dh *dh, struct bytes peer, uint8_t *out);
};
extern const struct dh_kind dh_modp, dh_ecp, dh_ec2n, dh_montgomery;

/* One group. */
struct dh_facts {
	enum dh_group group;
	const struct dh_kind *kind;
	uint16_t public_bytes, shared_bytes;
	uint16_t secret_bits;			/* MODP: of the exponent */
	int nid;				/* of a curve */
	BIGNUM *(*prime)(BIGNUM *bn);		/* MODP */
	const char *name;			/* OpenSSL's, of a Montgomery curve */
};

struct dh {
	const struct dh_facts *facts;
	union {
		BIGNUM *exponent;		/* MODP, ECP, EC2N */
		EVP_PKEY *key;			/* Montgomery */
	} secret;
	uint8_t public[];			/* facts->public_bytes */
};

/** dh_open() with a secret that is known beforehand. */
MUST_USE struct dh *dh_open_with(enum dh_group group, struct bytes private);

/* ---- certificates */

struct cert {
	X509 *x509;
	EVP_PKEY *key;			/* private; NULL: none */
	struct bytes der, subject;	/* ours, from OpenSSL's allocator */
};

/** What is wrong with this public (or private) key for people; NULL: nothing. RSA of 1024 to 16384 bits, e odd, 3 to 64 bits long. */
const char *rsa_fault(const EVP_PKEY *key);
/** The same of an issuer's key, which may also be of another kind with a strength of 80 bits or more. */
const char *key_fault(const EVP_PKEY *key);

/* A whole file, PEM or DER; release wipes it. */
struct file {
	uint8_t *at;
	size_t n;
	bool is_pem;
};
MUST_USE bool file_read(const char *path, struct file *file, char *why, size_t why_bytes);
void file_release(struct file *file);

#endif
