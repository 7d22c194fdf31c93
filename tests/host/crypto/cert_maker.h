// SPDX-License-Identifier: BSD-2-Clause-Patent
/* Makes keys, certificates and CRLs for tests, good ones and bad ones. */
#ifndef TESTS_HOST_CRYPTO_CERT_MAKER_H
#define TESTS_HOST_CRYPTO_CERT_MAKER_H

#include "crypto_test.h"

#include <dirent.h>
#include <time.h>
#include <unistd.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "crypto/cert.h"

enum { DAY = 86400 };

/* What a certificate shall be; zeros: an RSA end entity of 1024 bits, valid from yesterday till tomorrow. */
struct spec {
	const char *name;		/* its common name; NULL: an empty subject */
	const char *constraints;	/* basicConstraints; NULL: none */
	const char *usage, *alternative, *name_constraints, *unknown;
	long from_seconds, to_seconds;	/* relative to now; both 0: -1 and +1 day */
	const EVP_MD *digest;		/* NULL: SHA-256 */
	EVP_PKEY *key;			/* NULL: a fresh one */
	bool is_v1;
};

struct made {
	X509 *x509;
	EVP_PKEY *key;
};

static inline EVP_PKEY *make_rsa(unsigned bits, unsigned long e)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	EVP_PKEY *key = NULL;
	BIGNUM *exponent = BN_new();

	BN_set_word(exponent, e);
	assert_int_equal(EVP_PKEY_keygen_init(ctx), 1);
	assert_int_equal(EVP_PKEY_CTX_set_rsa_keygen_bits(ctx, (int)bits), 1);
	assert_int_equal(EVP_PKEY_CTX_set1_rsa_keygen_pubexp(ctx, exponent), 1);
	assert_int_equal(EVP_PKEY_generate(ctx, &key), 1);
	BN_free(exponent);
	EVP_PKEY_CTX_free(ctx);
	return key;
}

/* A public key of these numbers, whether they make sense or not. */
static inline EVP_PKEY *make_public(const BIGNUM *n, const BIGNUM *e)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	OSSL_PARAM *params;
	EVP_PKEY *key = NULL;

	OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n);
	OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, e);
	params = OSSL_PARAM_BLD_to_param(build);
	assert_int_equal(EVP_PKEY_fromdata_init(ctx), 1);
	assert_int_equal(EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params), 1);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(build);
	EVP_PKEY_CTX_free(ctx);
	return key;
}

static inline void add_extension(X509 *x509, int nid, const char *value)
{
	X509_EXTENSION *extension = value != NULL ? X509V3_EXT_conf_nid(NULL, NULL, nid, value) : NULL;

	if (value == NULL)
		return;
	assert_non_null(extension);
	assert_int_equal(X509_add_ext(x509, extension, -1), 1);
	X509_EXTENSION_free(extension);
}

static inline void add_unknown(X509 *x509, const char *oid)
{
	ASN1_OBJECT *object = OBJ_txt2obj(oid, 1);
	ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
	X509_EXTENSION *extension;

	ASN1_OCTET_STRING_set(value, (const uint8_t *)"\x05", 1);
	extension = X509_EXTENSION_create_by_OBJ(NULL, object, 1, value);
	assert_int_equal(X509_add_ext(x509, extension, -1), 1);
	X509_EXTENSION_free(extension);
	ASN1_OCTET_STRING_free(value);
	ASN1_OBJECT_free(object);
}

static inline void name_it(X509_NAME *name, const char *common)
{
	if (common == NULL)
		return;
	assert_int_equal(X509_NAME_add_entry_by_txt(name, "O", MBSTRING_ASC, (const uint8_t *)"adit", -1, -1, 0), 1);
	assert_int_equal(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const uint8_t *)common, -1, -1, 0), 1);
}

/* issuer NULL: by itself. The caller releases. */
static inline struct made make(const struct spec *spec, const struct made *issuer)
{
	static long serial = 1;
	struct made made = { X509_new(), NULL };
	bool has_dates = spec->from_seconds != 0 || spec->to_seconds != 0;

	made.key = spec->key != NULL ? spec->key : make_rsa(1024, 65537);
	if (spec->key != NULL)
		EVP_PKEY_up_ref(made.key);
	X509_set_version(made.x509, spec->is_v1 ? 0 : 2);
	ASN1_INTEGER_set(X509_get_serialNumber(made.x509), serial++);
	X509_gmtime_adj(X509_getm_notBefore(made.x509), has_dates ? spec->from_seconds : -DAY);
	X509_gmtime_adj(X509_getm_notAfter(made.x509), has_dates ? spec->to_seconds : DAY);
	name_it(X509_get_subject_name(made.x509), spec->name);
	X509_set_issuer_name(made.x509, X509_get_subject_name(issuer != NULL ? issuer->x509 : made.x509));
	assert_int_equal(X509_set_pubkey(made.x509, made.key), 1);
	add_extension(made.x509, NID_basic_constraints, spec->constraints);
	add_extension(made.x509, NID_key_usage, spec->usage);
	add_extension(made.x509, NID_subject_alt_name, spec->alternative);
	add_extension(made.x509, NID_name_constraints, spec->name_constraints);
	if (spec->unknown != NULL)
		add_unknown(made.x509, spec->unknown);
	assert_true(X509_sign(made.x509, issuer != NULL ? issuer->key : made.key, spec->digest ? spec->digest : EVP_sha256()) > 0);
	return made;
}

static inline struct made make_ca(const char *name)
{
	return make(&(struct spec){ .name = name, .constraints = "critical,CA:TRUE", .usage = "critical,keyCertSign,cRLSign" }, NULL);
}

static inline void unmake(struct made *made)
{
	X509_free(made->x509);
	EVP_PKEY_free(made->key);
}

/* As the product sees it: through a CERT payload. */
static inline struct cert *cert_from(const struct made *made)
{
	uint8_t *der = NULL;
	int n = i2d_X509(made->x509, &der);
	struct cert *cert = cert_parse((struct bytes){ der, (size_t)n });

	OPENSSL_free(der);
	return cert;
}

/* ---- files */

static char test_dir[64];

static inline const char *in_dir(const char *name)
{
	static char path[16][384];
	static unsigned which;
	char *out = path[which++ % 16];

	snprintf(out, sizeof(path[0]), "%s/%s", test_dir, name);
	return out;
}

static inline int dir_setup(void **state)
{
	strcpy(test_dir, "/tmp/adit-cert-XXXXXX");
	return mkdtemp(test_dir) != NULL ? crypto_setup(state) : -1;
}

static inline int dir_teardown(void **state)
{
	DIR *dir = opendir(test_dir);
	struct dirent *entry;

	while (dir != NULL && (entry = readdir(dir)) != NULL)
		if (entry->d_name[0] != '.')
			unlink(in_dir(entry->d_name));
	if (dir != NULL)
		closedir(dir);
	rmdir(test_dir);
	return crypto_teardown(state);
}

static inline const char *write_file(const char *name, const void *bytes, size_t n)
{
	const char *path = in_dir(name);
	FILE *file = fopen(path, "wb");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, n, file), n);
	fclose(file);
	return path;
}

static inline const char *write_certs(const char *name, const struct made *const *made, unsigned n)
{
	const char *path = in_dir(name);
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	for (unsigned i = 0; i < n; i++)
		assert_int_equal(PEM_write_X509(file, made[i]->x509), 1);
	fclose(file);
	return path;
}

/* A CRL of issuer (with, perhaps, another key), valid from one hour ago until to_seconds, which revokes one. */
static inline X509_CRL *make_crl(const struct made *issuer, EVP_PKEY *key, const struct made *revoked, long to_seconds)
{
	X509_CRL *crl = X509_CRL_new();
	ASN1_TIME *when = X509_gmtime_adj(NULL, -2 * DAY);

	X509_CRL_set_version(crl, 1);
	X509_CRL_set_issuer_name(crl, X509_get_subject_name(issuer->x509));
	X509_CRL_set1_lastUpdate(crl, when);
	X509_gmtime_adj(when, to_seconds);
	X509_CRL_set1_nextUpdate(crl, when);
	if (revoked != NULL) {
		X509_REVOKED *entry = X509_REVOKED_new();

		X509_gmtime_adj(when, -DAY);
		X509_REVOKED_set_serialNumber(entry, X509_get_serialNumber(revoked->x509));
		X509_REVOKED_set_revocationDate(entry, when);
		X509_CRL_add0_revoked(crl, entry);
	}
	ASN1_TIME_free(when);
	assert_true(X509_CRL_sign(crl, key != NULL ? key : issuer->key, EVP_sha256()) > 0);
	return crl;
}

/* Takes crl. */
static inline const char *write_crl(const char *name, X509_CRL *crl)
{
	const char *path = in_dir(name);
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(PEM_write_X509_CRL(file, crl), 1);
	fclose(file);
	X509_CRL_free(crl);
	return path;
}

static inline const char *write_key(const char *name, const EVP_PKEY *key, const char *passphrase)
{
	const char *path = in_dir(name);
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(PEM_write_PrivateKey(file, key, passphrase != NULL ? EVP_aes_128_cbc() : NULL, (const uint8_t *)passphrase,
					      passphrase != NULL ? (int)strlen(passphrase) : 0, NULL, NULL), 1);
	fclose(file);
	return path;
}

#endif
