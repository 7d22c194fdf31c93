// SPDX-License-Identifier: BSD-2-Clause-Patent
/* RSA as IKEv1 uses it: PKCS#1 v1.5 block type 1 around the bare hash (RFC 2409 §5.1, RFC 8017 §9.2 without its DigestInfo). */
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "crypto/room.h"

enum { MIN_MODULUS_BITS = 1024, MAX_MODULUS_BITS = 8 * CERT_MAX_SIGNATURE_BYTES, MAX_EXPONENT_BITS = 64, MIN_OTHER_STRENGTH_BITS = 80 };
enum { MIN_PADDING_BYTES = 8, BLOCK_FRAME_BYTES = 3 };	/* 00 01 FF..FF 00 hash */

static const char *numbers_fault(const BIGNUM *n, const BIGNUM *e)
{
	if (BN_num_bits(n) < MIN_MODULUS_BITS)
		return "RSA key of less than 1024 bits";
	if (BN_num_bits(n) > MAX_MODULUS_BITS)
		return "RSA key of more than 16384 bits";
	if (!BN_is_odd(n))
		return "RSA modulus is even";
	if (BN_num_bits(e) < 2 || !BN_is_odd(e) || BN_num_bits(e) > MAX_EXPONENT_BITS)
		return "RSA exponent is not an odd number from 3 to 2^64";
	return NULL;
}

const char *rsa_fault(const EVP_PKEY *key)
{
	BIGNUM *n = NULL, *e = NULL;
	const char *fault = "not an RSA key";

	if (key != NULL && EVP_PKEY_is_a(key, "RSA") && EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_N, &n) == 1 &&
	    EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &e) == 1)
		fault = numbers_fault(n, e);
	BN_free(n);
	BN_free(e);
	return fault;
}

const char *key_fault(const EVP_PKEY *key)
{
	if (key == NULL)
		return "public key is of an unknown kind";
	if (EVP_PKEY_is_a(key, "RSA"))
		return rsa_fault(key);
	return EVP_PKEY_get_security_bits(key) >= MIN_OTHER_STRENGTH_BITS ? NULL : "public key is too weak";
}

/* hash_bytes() of some hash of IKE: what is asked for by mistake is neither signed nor taken for signed. */
static bool is_hash_length(size_t n)
{
	return n == 16 || n == 20 || n == 32 || n == 48 || n == 64;
}

size_t cert_sign_v1(const struct cert *cert, struct bytes hash, uint8_t out[CERT_MAX_SIGNATURE_BYTES])
{
	size_t n = CERT_MAX_SIGNATURE_BYTES;
	EVP_PKEY_CTX *ctx;
	bool ok;

	if (cert->key == NULL || !is_hash_length(hash.len) || rsa_fault(cert->key) != NULL)
		return 0;
	ctx = EVP_PKEY_CTX_new_from_pkey(crypto_library(), cert->key, NULL);
	ok = ctx != NULL && EVP_PKEY_sign_init(ctx) == 1 && EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) == 1 &&
	     EVP_PKEY_sign(ctx, out, &n, hash.at, hash.len) == 1;
	EVP_PKEY_CTX_free(ctx);
	return ok ? n : 0;
}

/* signature^e mod n, as many bytes as the modulus has; a signature that is not below n is refused (RFC 8017 §5.2.2). */
static bool recover(EVP_PKEY *key, struct bytes signature, uint8_t *out)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(crypto_library(), key, NULL);
	size_t n = CERT_MAX_SIGNATURE_BYTES;
	bool ok = ctx != NULL && EVP_PKEY_verify_recover_init(ctx) == 1 && EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_NO_PADDING) == 1 &&
		  EVP_PKEY_verify_recover(ctx, out, &n, signature.at, signature.len) == 1 && n == signature.len;

	EVP_PKEY_CTX_free(ctx);
	return ok;
}

bool cert_verify_v1(const struct cert *cert, struct bytes hash, struct bytes signature)
{
	uint8_t expected[CERT_MAX_SIGNATURE_BYTES], got[CERT_MAX_SIGNATURE_BYTES];
	EVP_PKEY *key = X509_get0_pubkey(cert->x509);
	size_t k;

	if (rsa_fault(key) != NULL || !is_hash_length(hash.len))
		return false;
	k = (size_t)EVP_PKEY_get_size(key);
	if (k > sizeof(got) || signature.len != k || k < hash.len + BLOCK_FRAME_BYTES + MIN_PADDING_BYTES)
		return false;
	memset(expected, 0xff, k);
	expected[0] = 0;
	expected[1] = 1;
	expected[k - hash.len - 1] = 0;
	memcpy(expected + k - hash.len, hash.at, hash.len);
	return recover(key, signature, got) && CRYPTO_memcmp(got, expected, k) == 0;
}
