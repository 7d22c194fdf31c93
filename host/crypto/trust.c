// SPDX-License-Identifier: BSD-2-Clause-Patent
/* Whom we believe: paths to the CAs of our own file, by OpenSSL's verifier with nothing it could fetch from, and some rules on top. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "crypto/room.h"

struct trust {
	X509_STORE *store;
	STACK_OF(X509) *cas;		/* also in the store */
	STACK_OF(X509_CRL) *crls;	/* likewise */
	struct bytes *subjects;		/* DER, of cas */
};

/* ---- loading */

static bool take_ca(struct trust *trust, X509 *ca, const char *path, char *why, size_t why_bytes)
{
	const char *fault = key_fault(X509_get0_pubkey(ca));
	char place[64];

	snprintf(place, sizeof(place), "certificate %d of the file", sk_X509_num(trust->cas) + 1);
	if (fault == NULL && X509_check_ca(ca) == 0)
		fault = "not a CA's certificate";
	if (fault != NULL) {
		snprintf(why, why_bytes, "%s: %s: %s", path, place, fault);
		X509_free(ca);
		return false;
	}
	if (sk_X509_push(trust->cas, ca) <= 0) {
		snprintf(why, why_bytes, "%s: no memory", path);
		X509_free(ca);
		return false;
	}
	if (X509_STORE_add_cert(trust->store, ca) == 1)
		return true;
	snprintf(why, why_bytes, "%s: %s: cannot be added", path, place);
	return false;
}

static bool take_crl(struct trust *trust, X509_CRL *crl, const char *path, char *why, size_t why_bytes)
{
	if (sk_X509_CRL_push(trust->crls, crl) <= 0) {
		X509_CRL_free(crl);
	} else if (X509_STORE_add_crl(trust->store, crl) == 1) {
		return true;
	}
	snprintf(why, why_bytes, "%s: a CRL that cannot be added", path);
	return false;
}

/* Of a PEM file all certificates, and nothing that is broken between them; of a DER file the one. @return false with why. */
static bool load_cas(struct trust *trust, const struct file *file, const char *path, char *why, size_t why_bytes)
{
	const uint8_t *p = file->at;
	BIO *bio = BIO_new_mem_buf(file->at, (int)file->n);
	bool ok = bio != NULL, is_end = false;

	while (ok && !is_end) {
		X509 *ca = X509_new_ex(crypto_library(), NULL);
		bool is_read = ca != NULL && (file->is_pem ? PEM_read_bio_X509(bio, &ca, NULL, NULL) != NULL :
							     d2i_X509(&ca, &p, (long)file->n) != NULL && p == file->at + file->n);

		is_end = !file->is_pem || (!is_read && ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE);
		if (is_read) {
			ok = take_ca(trust, ca, path, why, why_bytes);
			continue;
		}
		X509_free(ca);
		if (!is_end || sk_X509_num(trust->cas) == 0) {
			snprintf(why, why_bytes, "%s: certificate %d cannot be read", path, sk_X509_num(trust->cas) + 1);
			ok = false;
		}
	}
	BIO_free(bio);
	return ok;
}

static bool load_crls(struct trust *trust, const struct file *file, const char *path, char *why, size_t why_bytes)
{
	const uint8_t *p = file->at;
	BIO *bio = BIO_new_mem_buf(file->at, (int)file->n);
	bool ok = bio != NULL, is_end = false;

	while (ok && !is_end) {
		X509_CRL *crl = X509_CRL_new_ex(crypto_library(), NULL);
		bool is_read = crl != NULL && (file->is_pem ? PEM_read_bio_X509_CRL(bio, &crl, NULL, NULL) != NULL :
							      d2i_X509_CRL(&crl, &p, (long)file->n) != NULL && p == file->at + file->n);

		is_end = !file->is_pem || (!is_read && ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE);
		if (is_read) {
			ok = take_crl(trust, crl, path, why, why_bytes);
			continue;
		}
		X509_CRL_free(crl);
		if (!is_end || sk_X509_CRL_num(trust->crls) == 0) {
			snprintf(why, why_bytes, "%s: CRL %d cannot be read", path, sk_X509_CRL_num(trust->crls) + 1);
			ok = false;
		}
	}
	BIO_free(bio);
	return ok;
}

/* A path that is NULL or empty names no file. */
static bool load_file(struct trust *trust, const char *path, char *why, size_t why_bytes,
		      bool (*load)(struct trust *, const struct file *, const char *, char *, size_t))
{
	struct file file;
	bool ok;

	if (path == NULL || path[0] == '\0')
		return true;
	if (!file_read(path, &file, why, why_bytes))
		return false;
	ok = load(trust, &file, path, why, why_bytes);
	file_release(&file);
	ERR_clear_error();
	return ok;
}

static bool list_subjects(struct trust *trust)
{
	int n = sk_X509_num(trust->cas);

	trust->subjects = calloc((size_t)n + 1, sizeof(trust->subjects[0]));
	for (int i = 0; trust->subjects != NULL && i < n; i++) {
		uint8_t *der = NULL;
		int bytes = i2d_X509_NAME(X509_get_subject_name(sk_X509_value(trust->cas, i)), &der);

		if (bytes <= 0)
			return false;
		trust->subjects[i] = (struct bytes){ der, (size_t)bytes };
	}
	return trust->subjects != NULL;
}

struct trust *trust_load(const char *ca_path, const char *crl_path, char *why, size_t why_bytes)
{
	struct trust *trust = calloc(1, sizeof(*trust));

	snprintf(why, why_bytes, "no memory");
	if (trust == NULL)
		return NULL;
	trust->store = X509_STORE_new();
	trust->cas = sk_X509_new_null();
	trust->crls = sk_X509_CRL_new_null();
	if (trust->store != NULL && trust->cas != NULL && trust->crls != NULL &&
	    load_file(trust, ca_path, why, why_bytes, load_cas) && load_file(trust, crl_path, why, why_bytes, load_crls) &&
	    list_subjects(trust)) {
		snprintf(why, why_bytes, "%s", "");
		return trust;
	}
	trust_close(trust);
	return NULL;
}

void trust_close(struct trust *trust)
{
	if (trust == NULL)
		return;
	for (struct bytes *subject = trust->subjects; subject != NULL && subject->at != NULL; subject++)
		OPENSSL_free((void *)(uintptr_t)subject->at);
	free(trust->subjects);
	sk_X509_CRL_pop_free(trust->crls, X509_CRL_free);
	sk_X509_pop_free(trust->cas, X509_free);
	X509_STORE_free(trust->store);
	free(trust);
}

struct bytes trust_ca_subject(const struct trust *trust, unsigned n)
{
	return n < (unsigned)sk_X509_num(trust->cas) ? trust->subjects[n] : (struct bytes){ NULL, 0 };
}

/* ---- verifying */

static bool has_crl_of(const struct trust *trust, const X509 *subject)
{
	for (int i = 0; i < sk_X509_CRL_num(trust->crls); i++)
		if (X509_NAME_cmp(X509_CRL_get_issuer(sk_X509_CRL_value(trust->crls, i)), X509_get_issuer_name(subject)) == 0)
			return true;
	return false;
}

/* Asks of every fault whether it counts: only that an issuer from which we hold no CRL at all gives none does not. */
static int judge(int ok, X509_STORE_CTX *ctx)
{
	const struct trust *trust = X509_STORE_CTX_get_app_data(ctx);

	if (!ok && X509_STORE_CTX_get_error(ctx) == X509_V_ERR_UNABLE_TO_GET_CRL &&
	    !has_crl_of(trust, X509_STORE_CTX_get_current_cert(ctx))) {
		X509_STORE_CTX_set_error(ctx, X509_V_OK);
		return 1;
	}
	return ok;
}

static const char *signature_fault(const X509 *x509)
{
	int digest = NID_undef;

	if (X509_get_signature_info((X509 *)(uintptr_t)x509, &digest, NULL, NULL, NULL) != 1)
		return "signed in an unknown way";
	return digest == NID_md5 || digest == NID_md4 || digest == NID_md2 || digest == NID_md5_sha1 ? "signed over MD5 or weaker" : NULL;
}

/*
 * What OpenSSL's verifier lets pass; that issuers have basic constraints it sees to. Anchors (the last of the path) were judged when
 * they were loaded.
 */
static const char *path_fault(STACK_OF(X509) *path)
{
	int n = sk_X509_num(path);

	for (int i = 0; i < n; i++) {
		X509 *x509 = sk_X509_value(path, i);
		const char *fault = key_fault(X509_get0_pubkey(x509));

		if (fault != NULL)
			return fault;
		if (i < n - 1 && (fault = signature_fault(x509)) != NULL)
			return fault;
	}
	return NULL;
}

/* RFC 4945 §5.1.3.2: if key usage is there, it must allow signatures. */
static const char *leaf_fault(X509 *leaf)
{
	if ((X509_get_extension_flags(leaf) & EXFLAG_INVALID) != 0)
		return "an extension cannot be read";
	if ((X509_get_extension_flags(leaf) & EXFLAG_KUSAGE) != 0 &&
	    (X509_get_key_usage(leaf) & (KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION)) == 0)
		return "key usage allows no signatures";
	return key_fault(X509_get0_pubkey(leaf));
}

/* The others, without those whose keys are not sane: they are not even tried. */
static STACK_OF(X509) *untrusted_of(struct cert *const *others, unsigned n_others)
{
	STACK_OF(X509) *stack = sk_X509_new_null();

	for (unsigned i = 0; stack != NULL && i < n_others; i++) {
		if (key_fault(X509_get0_pubkey(others[i]->x509)) == NULL && sk_X509_push(stack, others[i]->x509) <= 0) {
			sk_X509_free(stack);
			return NULL;
		}
	}
	return stack;
}

static void tell_openssl(X509_STORE_CTX *ctx, const struct cert *leaf, char *why, size_t why_bytes)
{
	int depth = X509_STORE_CTX_get_error_depth(ctx);
	char name[256];

	cert_subject_text(leaf, name, sizeof(name));
	snprintf(why, why_bytes, "certificate of %s: %s%s", name, depth > 0 ? "its issuer's: " : "",
		 X509_verify_cert_error_string(X509_STORE_CTX_get_error(ctx)));
}

static bool find_path(const struct trust *trust, X509_STORE_CTX *ctx, const struct cert *leaf, STACK_OF(X509) *untrusted, char *why,
		      size_t why_bytes)
{
	const char *fault;

	if (X509_STORE_CTX_init(ctx, trust->store, leaf->x509, untrusted) != 1) {
		snprintf(why, why_bytes, "no memory");
		return false;
	}
	X509_STORE_CTX_set_app_data(ctx, (void *)(uintptr_t)trust);
	X509_STORE_CTX_set_verify_cb(ctx, judge);
	X509_VERIFY_PARAM_set_depth(X509_STORE_CTX_get0_param(ctx), CERT_MAX_CHAIN);
	X509_STORE_CTX_set_flags(ctx, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL | X509_V_FLAG_PARTIAL_CHAIN);
	if (X509_verify_cert(ctx) != 1) {
		tell_openssl(ctx, leaf, why, why_bytes);
		return false;
	}
	fault = path_fault(X509_STORE_CTX_get0_chain(ctx));
	if (fault != NULL)
		snprintf(why, why_bytes, "certificate's path: %s", fault);
	return fault == NULL;
}

bool trust_verify(const struct trust *trust, const struct cert *leaf, struct cert *const *others, unsigned n_others, char *why,
		  size_t why_bytes)
{
	const char *fault = leaf_fault(leaf->x509);
	STACK_OF(X509) *untrusted;
	X509_STORE_CTX *ctx;
	bool ok;

	if (fault != NULL || n_others > CERT_MAX_CHAIN) {
		char name[256];

		cert_subject_text(leaf, name, sizeof(name));
		snprintf(why, why_bytes, "certificate of %s: %s", name, fault != NULL ? fault : "more certificates with it than may be");
		return false;
	}
	snprintf(why, why_bytes, "%s", "");
	untrusted = untrusted_of(others, n_others);
	ctx = X509_STORE_CTX_new_ex(crypto_library(), NULL);
	ok = untrusted != NULL && ctx != NULL && find_path(trust, ctx, leaf, untrusted, why, why_bytes);
	X509_STORE_CTX_free(ctx);
	sk_X509_free(untrusted);
	ERR_clear_error();
	return ok;
}
