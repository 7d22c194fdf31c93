// SPDX-License-Identifier: BSD-2-Clause-Patent
/* X.509 of IKE: whom we are and whom we believe (RFC 4945). Files are PEM (or DER); nothing is ever fetched. */
#ifndef HOST_CRYPTO_CERT_H
#define HOST_CRYPTO_CERT_H

#include "crypto/hash.h"

#define CERT_MAX_SIGNATURE_BYTES 2048
#define CERT_MAX_CHAIN 8

struct cert;		/* one certificate, perhaps with its private key */
struct trust;		/* CAs and CRLs, or one pinned certificate */

/** certificate file, then key file (NULL or "": the key stands in the certificate's file; no_key: none wanted). why names the file. */
MUST_USE struct cert *cert_load(const char *path, const char *key_path, bool wants_key, char *why, size_t why_bytes);
/** From a CERT payload; at most 16 KiB. NULL if it is not a certificate. */
MUST_USE struct cert *cert_parse(struct bytes der);
void cert_close(struct cert *cert);
struct bytes cert_der(const struct cert *cert);
struct bytes cert_subject(const struct cert *cert);	/* DER of the subject's name: what an ID of type DN holds */
void cert_subject_text(const struct cert *cert, char *out, size_t out_bytes);	/* RFC 2253 */
/** Do subject (DN) or subjectAltName (address, DNS name, mail address) vouch for this ID? type: enum v1_id_type. */
MUST_USE bool cert_vouches(const struct cert *cert, uint8_t id_type, struct bytes id);
/** Two distinguished names in DER, equal as RFC 5280 §7.1 has it (case, blanks and kinds of string do not count); the empty one equals none. */
MUST_USE bool cert_same_dn(struct bytes a, struct bytes b);
MUST_USE bool cert_same(const struct cert *a, const struct cert *b);

/** CA files (a file may hold many) and CRL files; a CRL of a CA makes revocation checks binding for that CA. Empty strings: none. */
MUST_USE struct trust *trust_load(const char *ca_path, const char *crl_path, char *why, size_t why_bytes);
void trust_close(struct trust *trust);
/**
 * Is there a path from leaf through the others to a CA, valid now, nothing revoked or expired CRL, name constraints and key usage held,
 * keys of at least 1024 bits, exponents sane? why tells for people.
 */
MUST_USE bool trust_verify(const struct trust *trust, const struct cert *leaf, struct cert *const *others, unsigned n_others,
			   char *why, size_t why_bytes);
/** DER of the nth CA's subject, for certificate requests; len 0: no more. */
struct bytes trust_ca_subject(const struct trust *trust, unsigned n);

/** IKEv1's RSA signature: PKCS#1 v1.5 type 1 over the bare hash, no DigestInfo (RFC 2409 §5.1). @return bytes, 0 on failure. */
MUST_USE size_t cert_sign_v1(const struct cert *cert, struct bytes hash, uint8_t out[CERT_MAX_SIGNATURE_BYTES]);
/** The whole encoded block is built and compared: no parsing of what the peer's key recovers. Also refuses e < 3, even e, e too long. */
MUST_USE bool cert_verify_v1(const struct cert *cert, struct bytes hash, struct bytes signature);

#endif
