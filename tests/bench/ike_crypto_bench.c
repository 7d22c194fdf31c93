// SPDX-License-Identifier: BSD-2-Clause-Patent
/* What one core does of IKE's slow arithmetic in a second: Diffie-Hellman of every group, RSA signatures, IKEv1's keys. CPU time. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "crypto/cert.h"
#include "crypto/dh.h"
#include "crypto/ike1_keys.h"

#define MEASURE_SECONDS 0.25

static double cpu_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void check(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "ike_crypto_bench: %s failed\n", what);
	exit(1);
}

/* Calls it until the time is over. @return how often a second */
static double rate(void (*it)(void *arg), void *arg)
{
	double start = cpu_seconds(), passed;
	unsigned n = 0;

	do {
		it(arg);
		n++;
		passed = cpu_seconds() - start;
	} while (passed < MEASURE_SECONDS);
	return n / passed;
}

/* ---- Diffie-Hellman */

struct pair {
	enum dh_group group;
	struct dh *ours, *theirs;
};

static void make_pair(void *arg)
{
	struct dh *dh = dh_open(((struct pair *)arg)->group);

	check(dh != NULL, "dh_open");
	dh_close(dh);
}

static void share(void *arg)
{
	struct pair *pair = arg;
	uint8_t out[DH_MAX_SHARED_BYTES];

	check(dh_shared(pair->ours, dh_public(pair->theirs), out), "dh_shared");
}

static void bench_groups(void)
{
	static const enum dh_group groups[] = { DH_MODP768, DH_MODP1024, DH_MODP1536, DH_MODP2048, DH_MODP3072, DH_MODP4096, DH_MODP6144,
						DH_MODP8192, DH_EC2N155, DH_EC2N185, DH_ECP256, DH_ECP384, DH_ECP521,
						DH_BRAINPOOL256, DH_BRAINPOOL384, DH_BRAINPOOL512, DH_X25519, DH_X448 };

	printf("%-12s %12s %12s %14s\n", "group", "pairs/s", "secrets/s", "ms per peer");
	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
		struct pair pair = { groups[i], dh_open(groups[i]), dh_open(groups[i]) };
		double pairs, secrets;

		check(pair.ours != NULL && pair.theirs != NULL, "dh_open");
		pairs = rate(make_pair, &pair);
		secrets = rate(share, &pair);
		printf("%-12s %12.0f %12.0f %14.3f\n", word_put(words_dh, (int)groups[i]), pairs, secrets, 1e3 / pairs + 1e3 / secrets);
		dh_close(pair.ours);
		dh_close(pair.theirs);
	}
}

/* ---- RSA */

static struct cert *make_cert(unsigned bits)
{
	char path[] = "/tmp/adit-bench-XXXXXX", why[256];
	EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)bits);
	X509 *x509 = X509_new();
	int fd = mkstemp(path);
	FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;
	struct cert *cert;

	check(key != NULL && x509 != NULL && file != NULL, "making a key");
	X509_gmtime_adj(X509_getm_notBefore(x509), 0);
	X509_gmtime_adj(X509_getm_notAfter(x509), 3600);
	check(X509_set_pubkey(x509, key) == 1 && X509_sign(x509, key, EVP_sha256()) > 0 && PEM_write_X509(file, x509) == 1 &&
	      PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL) == 1 && fclose(file) == 0, "making a certificate");
	cert = cert_load(path, "", true, why, sizeof(why));
	unlink(path);
	check(cert != NULL, why);
	X509_free(x509);
	EVP_PKEY_free(key);
	return cert;
}

struct signing {
	struct cert *cert;
	uint8_t hash[32], signature[CERT_MAX_SIGNATURE_BYTES];
	size_t n;
};

static void sign(void *arg)
{
	struct signing *s = arg;

	s->n = cert_sign_v1(s->cert, (struct bytes){ s->hash, sizeof(s->hash) }, s->signature);
	check(s->n > 0, "cert_sign_v1");
}

static void verify(void *arg)
{
	struct signing *s = arg;

	check(cert_verify_v1(s->cert, (struct bytes){ s->hash, sizeof(s->hash) }, (struct bytes){ s->signature, s->n }), "cert_verify_v1");
}

static void bench_rsa(void)
{
	static const unsigned bits[] = { 1024, 2048, 3072, 4096 };

	printf("\n%-12s %12s %12s\n", "RSA bits", "signs/s", "verifies/s");
	for (size_t i = 0; i < sizeof(bits) / sizeof(bits[0]); i++) {
		struct signing s = { .cert = make_cert(bits[i]) };
		double signs = rate(sign, &s);

		printf("%-12u %12.0f %12.0f\n", bits[i], signs, rate(verify, &s));
		cert_close(s.cert);
	}
}

/* ---- keys */

/* All that a main mode with a quick mode derives. */
static void derive(void *arg)
{
	static const uint8_t bytes[256] = { 1 };
	const struct bytes nonce = { bytes, 20 }, shared = { bytes, 128 };
	struct ike1_keys keys = { .hash = *(enum adit_auth *)arg, .enc = ADIT_ENC_AES_CBC_128 };
	uint8_t iv[16], keymat[72];

	keys.n = (uint8_t)hash_bytes(keys.hash);
	check(ike1_skeyid_psk(keys.hash, nonce, nonce, nonce, keys.skeyid) && ike1_derive(&keys, shared, bytes) &&
	      ike1_first_iv(&keys, shared, shared, iv) && ike1_exchange_iv(&keys, iv, 1, iv) &&
	      ike1_keymat(&keys, shared, 3, 1, nonce, nonce, keymat, sizeof(keymat)) &&
	      ike1_keymat(&keys, shared, 3, 2, nonce, nonce, keymat, sizeof(keymat)), "deriving keys");
	ike1_wipe(&keys);
}

static void bench_keys(void)
{
	static const struct { const char *name; enum adit_auth hash; } hashes[] = {
		{ "md5", ADIT_AUTH_HMAC_MD5_96 }, { "sha1", ADIT_AUTH_HMAC_SHA1_96 }, { "sha256", ADIT_AUTH_HMAC_SHA256_128 },
		{ "sha512", ADIT_AUTH_HMAC_SHA512_256 },
	};

	printf("\n%-12s %12s\n", "all keys of", "peers/s");
	for (size_t i = 0; i < sizeof(hashes) / sizeof(hashes[0]); i++) {
		enum adit_auth hash = hashes[i].hash;

		printf("%-12s %12.0f\n", hashes[i].name, rate(derive, &hash));
	}
}

int main(void)
{
	check(crypto_open(), "opening OpenSSL");
	bench_groups();
	bench_rsa();
	bench_keys();
	crypto_close();
	return 0;
}
