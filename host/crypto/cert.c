// SPDX-License-Identifier: BSD-2-Clause-Patent
#include "crypto/cert.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "crypto/room.h"
#include "wire/isakmp.h"

enum { MAX_FILE_BYTES = 8 << 20, MAX_PAYLOAD_BYTES = 16 << 10 };

/* ---- files */

static uint8_t *read_all(FILE *stream, size_t *n)
{
	uint8_t *at = NULL;
	long end;

	if (fseek(stream, 0, SEEK_END) != 0 || (end = ftell(stream)) < 0 || end > MAX_FILE_BYTES || fseek(stream, 0, SEEK_SET) != 0) {
		errno = EFBIG;
		return NULL;
	}
	at = malloc((size_t)end + 1);
	if (at != NULL)
		*n = fread(at, 1, (size_t)end, stream);
	return at;
}

bool file_read(const char *path, struct file *file, char *why, size_t why_bytes)
{
	static const char begin[] = "-----BEGIN ";
	FILE *stream = fopen(path, "rbe");

	*file = (struct file){ NULL, 0, false };
	if (stream != NULL) {
		setvbuf(stream, NULL, _IONBF, 0);	/* no copy of a key stays in a buffer */
		file->at = read_all(stream, &file->n);
		fclose(stream);
	}
	if (file->at == NULL) {
		snprintf(why, why_bytes, "%s: %s", path, strerror(errno));
		return false;
	}
	file->is_pem = memmem(file->at, file->n, begin, sizeof(begin) - 1) != NULL;
	return true;
}

void file_release(struct file *file)
{
	if (file->at != NULL)
		OPENSSL_cleanse(file->at, file->n);
	free(file->at);
	file->at = NULL;
}

/* ---- one certificate */

/* Takes x509. */
static struct cert *cert_of(X509 *x509)
{
	struct cert *cert = x509 != NULL ? calloc(1, sizeof(*cert)) : NULL;
	uint8_t *der = NULL, *subject = NULL;
	int der_bytes, subject_bytes;

	if (cert == NULL) {
		X509_free(x509);
		return NULL;
	}
	cert->x509 = x509;
	der_bytes = i2d_X509(x509, &der);
	subject_bytes = i2d_X509_NAME(X509_get_subject_name(x509), &subject);
	cert->der = (struct bytes){ der, der_bytes > 0 ? (size_t)der_bytes : 0 };
	cert->subject = (struct bytes){ subject, subject_bytes > 0 ? (size_t)subject_bytes : 0 };
	if (cert->der.len > 0 && cert->subject.len > 0)
		return cert;
	cert_close(cert);
	return NULL;
}

/* DER to its last byte. */
static X509 *parse_der(const uint8_t *at, size_t n)
{
	X509 *x509 = X509_new_ex(crypto_library(), NULL);
	const uint8_t *p = at;

	if (x509 != NULL && d2i_X509(&x509, &p, (long)n) != NULL && p == at + n)
		return x509;
	X509_free(x509);
	return NULL;
}

static X509 *parse_file(const struct file *file)
{
	X509 *x509 = NULL;
	BIO *bio;

	if (!file->is_pem)
		return parse_der(file->at, file->n);
	bio = BIO_new_mem_buf(file->at, (int)file->n);
	x509 = X509_new_ex(crypto_library(), NULL);
	if (bio == NULL || x509 == NULL || PEM_read_bio_X509(bio, &x509, NULL, NULL) == NULL) {
		X509_free(x509);
		x509 = NULL;
	}
	BIO_free(bio);
	return x509;
}

struct cert *cert_parse(struct bytes der)
{
	struct cert *cert = der.len > 0 && der.len <= MAX_PAYLOAD_BYTES ? cert_of(parse_der(der.at, der.len)) : NULL;

	ERR_clear_error();	/* what a peer sends must not heap up */
	return cert;
}

void cert_close(struct cert *cert)
{
	if (cert == NULL)
		return;
	OPENSSL_free((void *)(uintptr_t)cert->der.at);
	OPENSSL_free((void *)(uintptr_t)cert->subject.at);
	EVP_PKEY_free(cert->key);	/* wipes */
	X509_free(cert->x509);
	free(cert);
}

/* ---- its private key */

static int note_that_it_is_encrypted(char *out, int out_bytes, int is_for_writing, void *is_encrypted)
{
	(void)out;
	(void)out_bytes;
	(void)is_for_writing;
	*(bool *)is_encrypted = true;
	return -1;
}

static EVP_PKEY *parse_key(const struct file *file, bool *is_encrypted)
{
	const uint8_t *at = file->at;
	EVP_PKEY *key;
	BIO *bio;

	if (!file->is_pem)
		return d2i_AutoPrivateKey_ex(NULL, &at, (long)file->n, crypto_library(), NULL);
	bio = BIO_new_mem_buf(file->at, (int)file->n);
	if (bio == NULL)
		return NULL;
	key = PEM_read_bio_PrivateKey_ex(bio, NULL, note_that_it_is_encrypted, is_encrypted, crypto_library(), NULL);
	BIO_free(bio);
	return key;
}

static bool load_key(struct cert *cert, const char *path, char *why, size_t why_bytes)
{
	bool is_encrypted = false;
	struct file file;

	if (!file_read(path, &file, why, why_bytes))
		return false;
	cert->key = parse_key(&file, &is_encrypted);
	file_release(&file);
	if (is_encrypted)
		snprintf(why, why_bytes, "%s: the private key is encrypted; aditd asks for no passphrase", path);
	else if (cert->key == NULL)
		snprintf(why, why_bytes, "%s: no private key", path);
	else if (rsa_fault(cert->key) != NULL)
		snprintf(why, why_bytes, "%s: %s", path, rsa_fault(cert->key));
	else if (X509_check_private_key(cert->x509, cert->key) != 1)
		snprintf(why, why_bytes, "%s: the private key is not the certificate's", path);
	else
		return true;
	return false;
}

struct cert *cert_load(const char *path, const char *key_path, bool wants_key, char *why, size_t why_bytes)
{
	const char *key_file = key_path != NULL && key_path[0] != '\0' ? key_path : path;
	struct cert *cert = NULL;
	struct file file;
	bool ok = false;

	if (file_read(path, &file, why, why_bytes)) {
		cert = cert_of(parse_file(&file));
		file_release(&file);
		if (cert == NULL)
			snprintf(why, why_bytes, "%s: no certificate, neither PEM nor DER", path);
		else if (rsa_fault(X509_get0_pubkey(cert->x509)) != NULL)
			snprintf(why, why_bytes, "%s: %s", path, rsa_fault(X509_get0_pubkey(cert->x509)));
		else
			ok = !wants_key || load_key(cert, key_file, why, why_bytes);
	}
	ERR_clear_error();
	if (ok)
		return cert;
	cert_close(cert);
	return NULL;
}

/* ---- what it says */

struct bytes cert_der(const struct cert *cert)
{
	return cert->der;
}

struct bytes cert_subject(const struct cert *cert)
{
	return cert->subject;
}

void cert_subject_text(const struct cert *cert, char *out, size_t out_bytes)
{
	BIO *bio = BIO_new(BIO_s_mem());
	int n = 0;

	if (out_bytes == 0)
		return;
	if (bio != NULL && X509_NAME_print_ex(bio, X509_get_subject_name(cert->x509), 0, XN_FLAG_RFC2253) >= 0)
		n = BIO_read(bio, out, out_bytes > INT32_MAX ? INT32_MAX : (int)out_bytes - 1);
	out[n > 0 ? n : 0] = '\0';
	BIO_free(bio);
}

bool cert_same(const struct cert *a, const struct cert *b)
{
	return bytes_equal(a->der, b->der);
}

/* ---- for whom it vouches */

static uint8_t lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c | 0x20) : c;
}

static bool same_but_case(struct bytes a, struct bytes b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++)
		if (lower(a.at[i]) != lower(b.at[i]))
			return false;
	return true;
}

static bool same_exactly(struct bytes a, struct bytes b)
{
	return a.len == b.len && memcmp(a.at, b.at, a.len) == 0;
}

/* The part before the @ counts letter by letter, the domain does not (RFC 5280 §7.5). */
static bool same_mail(struct bytes a, struct bytes b)
{
	const uint8_t *at_sign = memrchr(a.at, '@', a.len);
	size_t local = at_sign != NULL ? (size_t)(at_sign - a.at) : 0;

	return local > 0 && a.len == b.len && memcmp(a.at, b.at, local + 1) == 0 && same_but_case(a, b);
}

/* RFC 4945 §3.1: which name of a certificate stands for which ID; how they compare. No wildcards, no common names. */
static const struct vouching {
	uint8_t id_type;
	int name_type;
	size_t id_bytes;	/* 0: any */
	bool (*is_same)(struct bytes name, struct bytes id);
} vouchings[] = {
	{ ID_IPV4, GEN_IPADD, 4, same_exactly },
	{ ID_IPV6, GEN_IPADD, 16, same_exactly },
	{ ID_FQDN, GEN_DNS, 0, same_but_case },
	{ ID_USER_FQDN, GEN_EMAIL, 0, same_mail },
};

static bool name_vouches(const GENERAL_NAME *name, const struct vouching *how, struct bytes id)
{
	int type;
	const ASN1_STRING *value = GENERAL_NAME_get0_value(name, &type);

	if (type != how->name_type)
		return false;
	return how->is_same((struct bytes){ ASN1_STRING_get0_data(value), (size_t)ASN1_STRING_length(value) }, id);
}

static bool alternative_vouches(const struct cert *cert, const struct vouching *how, struct bytes id)
{
	GENERAL_NAMES *names = X509_get_ext_d2i(cert->x509, NID_subject_alt_name, NULL, NULL);
	bool is_found = false;

	for (int i = 0; names != NULL && i < sk_GENERAL_NAME_num(names) && !is_found; i++)
		is_found = name_vouches(sk_GENERAL_NAME_value(names, i), how, id);
	GENERAL_NAMES_free(names);
	return is_found;
}

/* A name that is all of the bytes, and not the empty one, who is nobody. */
static X509_NAME *name_from(struct bytes der)
{
	const uint8_t *p = der.at;
	X509_NAME *name = d2i_X509_NAME(NULL, &p, (long)der.len);

	if (name != NULL && p == der.at + der.len && X509_NAME_entry_count(name) > 0)
		return name;
	X509_NAME_free(name);
	ERR_clear_error();
	return NULL;
}

bool cert_same_dn(struct bytes a, struct bytes b)
{
	X509_NAME *one = name_from(a), *other = name_from(b);
	bool is_same = one != NULL && other != NULL && X509_NAME_cmp(one, other) == 0;

	X509_NAME_free(one);
	X509_NAME_free(other);
	ERR_clear_error();
	return is_same;
}

/* By RFC 5280 §7.1, so that the kind of string does not matter. */
static bool subject_vouches(const struct cert *cert, struct bytes id)
{
	return cert_same_dn(id, cert_subject(cert));
}

bool cert_vouches(const struct cert *cert, uint8_t id_type, struct bytes id)
{
	if (id.len == 0 || id.len > MAX_PAYLOAD_BYTES)
		return false;
	if (id_type == ID_DN)
		return subject_vouches(cert, id);
	for (size_t i = 0; i < sizeof(vouchings) / sizeof(vouchings[0]); i++)
		if (vouchings[i].id_type == id_type)
			return (vouchings[i].id_bytes == 0 || vouchings[i].id_bytes == id.len) &&
			       alternative_vouches(cert, &vouchings[i], id);
	return false;	/* subnets, ranges, key ids: no certificate speaks of them */
}
