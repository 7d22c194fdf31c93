// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * RSA signatures and the certificates behind them (RFC 2409 §5.1, RFC 4945). Whom we believe: the pinned remote_certificate, if there is
 * one, and then nobody else; or who has a path to one of our CAs and a certificate that vouches for the identity. Nothing is ever fetched.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/x509.h>

#include "sa/phase1.h"

enum { REQUESTS_MOST = 16 };

struct credential {
	struct credential *next;
	char peer[CONFIG_NAME_BYTES];
	bool is_retired;		/* the configuration changed; a job may still look at it */
	struct cert *own, *pinned;
	struct trust *trust;
};

static void credential_free(struct credential *credential)
{
	cert_close(credential->own);
	cert_close(credential->pinned);
	trust_close(credential->trust);
	free(credential);
}

static void free_those(struct ike *ike, bool only_retired)
{
	struct credential **at = &ike->credentials, *credential;

	while ((credential = *at) != NULL) {
		if (only_retired && !credential->is_retired) {
			at = &credential->next;
			continue;
		}
		*at = credential->next;
		credential_free(credential);
	}
}

void credentials_free(struct ike *ike)
{
	free_those(ike, false);
}

void credentials_drop(struct ike *ike)
{
	for (struct credential *credential = ike->credentials; credential != NULL; credential = credential->next)
		credential->is_retired = true;
	if (ike->n_working == 0)
		free_those(ike, true);
}

static bool load(struct credential *credential, const struct cfg_peer *peer, char why[256])
{
	credential->own = cert_load(peer->certificate, peer->key, true, why, 256);
	if (credential->own == NULL)
		return false;
	if (peer->remote_certificate[0] != '\0') {
		credential->pinned = cert_load(peer->remote_certificate, NULL, false, why, 256);
		return credential->pinned != NULL;
	}
	if (peer->ca[0] == '\0') {
		snprintf(why, 256, "neither ca nor remote_certificate says whom to believe");
		return false;
	}
	credential->trust = trust_load(peer->ca, peer->crl, why, 256);
	return credential->trust != NULL;
}

static struct credential *credential_of(struct ike *ike, const struct cfg_peer *peer, char why[256])
{
	struct credential *credential;

	for (credential = ike->credentials; credential != NULL; credential = credential->next)
		if (!credential->is_retired && strcmp(credential->peer, peer->name) == 0)
			return credential;
	credential = calloc(1, sizeof(*credential));
	if (credential == NULL) {
		snprintf(why, 256, "no memory");
		return NULL;
	}
	memcpy(credential->peer, peer->name, sizeof(credential->peer));
	if (!load(credential, peer, why)) {
		credential_free(credential);
		return NULL;
	}
	credential->next = ike->credentials;
	ike->credentials = credential;
	return credential;
}

const struct cert *credential_own(struct ike *ike, const struct cfg_peer *peer, char why[256])
{
	const struct credential *credential = credential_of(ike, peer, why);

	return credential != NULL ? credential->own : NULL;
}

void auth_id_text(const struct v1_id *id, char *out, size_t out_bytes)
{
	const uint8_t *der = id->data.at;
	X509_NAME *name = id->type == ID_DN ? d2i_X509_NAME(NULL, &der, (long)id->data.len) : NULL;
	BIO *bio = name != NULL ? BIO_new(BIO_s_mem()) : NULL;
	int n = -1;

	if (bio != NULL && X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253) >= 0)
		n = BIO_read(bio, out, (int)out_bytes - 1);
	if (n > 0)
		out[n] = '\0';
	else
		v1_id_text(id, out, out_bytes);
	BIO_free(bio);
	X509_NAME_free(name);
}

/* ---- the job: it works on its attempt, which nobody else touches meanwhile; credentials outlive it */

struct work_rsa {
	struct work work;
	struct attempt *attempt;
	const struct cert *own;			/* to sign with; NULL: verify */
	const struct cert *pinned;
	const struct trust *trust;
	bool must_vouch;
	struct v1_id id;
	struct bytes signature;
	uint8_t hash[HASH_MAX_BYTES];
	unsigned hash_bytes;
};

static void sign(struct work_rsa *mine)
{
	uint8_t signature[CERT_MAX_SIGNATURE_BYTES];
	const size_t n = cert_sign_v1(mine->own, (struct bytes){ mine->hash, mine->hash_bytes }, signature);

	mine->attempt->is_well = n > 0 && blob_set(&mine->attempt->proof, (struct bytes){ signature, n });
}

static bool is_signed_by(struct work_rsa *mine, const struct cert *cert)
{
	if (cert_verify_v1(cert, (struct bytes){ mine->hash, mine->hash_bytes }, mine->signature))
		return true;
	snprintf(mine->attempt->why, sizeof(mine->attempt->why), "wrong signature");
	return false;
}

/* The certificates come in any order (RFC 4945 §3.3.5): each may be the peer's own. */
static bool is_trusted(struct work_rsa *mine, const struct cert *cert)
{
	struct attempt *attempt = mine->attempt;
	char subject[160], why[80] = "";

	cert_subject_text(cert, subject, sizeof(subject));
	if (mine->must_vouch && !cert_vouches(cert, mine->id.type, mine->id.data)) {
		snprintf(attempt->why, sizeof(attempt->why), "certificate %.140s does not vouch for the identity", subject);
		return false;
	}
	if (mine->pinned != NULL || trust_verify(mine->trust, cert, attempt->certs, attempt->n_certs, why, sizeof(why)))
		return true;
	snprintf(attempt->why, sizeof(attempt->why), "certificate %.140s: %s", subject, why);
	return false;
}

static void verify(struct work_rsa *mine)
{
	struct attempt *attempt = mine->attempt;

	attempt->is_well = false;
	if (mine->pinned != NULL) {
		attempt->is_well = is_trusted(mine, mine->pinned) && is_signed_by(mine, mine->pinned);
		return;
	}
	snprintf(attempt->why, sizeof(attempt->why), "the peer sent no certificate, and remote_certificate names none");
	for (unsigned i = 0; i < attempt->n_certs && !attempt->is_well; i++)
		attempt->is_well = is_trusted(mine, attempt->certs[i]) && is_signed_by(mine, attempt->certs[i]);
}

static void run(struct work *work)
{
	struct work_rsa *mine = (struct work_rsa *)work;

	(mine->own != NULL ? sign : verify)(mine);
}

static void done(struct ike *ike, struct work *work)
{
	struct work_rsa *mine = (struct work_rsa *)work;
	struct attempt *attempt = mine->attempt;

	OPENSSL_cleanse(mine, sizeof(*mine));
	free(mine);
	phase1_resume(attempt);
	if (ike->n_working == 0 && !ike->is_closing)
		free_those(ike, true);
}

static struct work_rsa *work_open(struct attempt *attempt, struct ike_sa *sa, unsigned of, const struct credential **credential)
{
	struct work_rsa *work = calloc(1, sizeof(*work));

	*credential = credential_of(sa->ike, sa_peer(sa), attempt->why);
	if (work == NULL || *credential == NULL || !auth_hash(sa, &attempt->draft, of, work->hash)) {
		free(work);
		return NULL;
	}
	work->work.run = run;
	work->work.done = done;
	work->attempt = attempt;
	work->hash_bytes = attempt->draft.keys.n;
	return work;
}

enum verdict make_signature(struct attempt *attempt, struct ike_sa *sa)
{
	const struct credential *credential;
	struct work_rsa *work = work_open(attempt, sa, mine(sa), &credential);

	if (work == NULL)
		return phase1_refuse(attempt, sa, 0, "nothing to sign with: %s", attempt->why);
	work->own = credential->own;
	work_submit(sa->ike, &work->work);
	return WAIT;
}

enum verdict signature_made(struct attempt *attempt, struct ike_sa *sa)
{
	return attempt->is_well ? GO_ON : phase1_refuse(attempt, sa, 0, "our key does not sign");
}

enum verdict check_signature(struct attempt *attempt, struct ike_sa *sa)
{
	const struct cfg_peer *peer = sa_peer(sa);
	const struct credential *credential;
	struct work_rsa *work;
	struct v1_id id;

	if (v1_get_id(blob_bytes(&attempt->draft.id[theirs(sa)]), &id) != WIRE_OK)
		return phase1_refuse(attempt, sa, 0, "no identity");
	work = work_open(attempt, sa, theirs(sa), &credential);
	if (work == NULL)
		return phase1_refuse(attempt, sa, 0, "nothing to check signatures with: %s", attempt->why);
	work->pinned = credential->pinned;
	work->trust = credential->trust;
	work->id = id;
	work->must_vouch = peer->remote_id.kind == CFG_ID_AUTO ||
			   (peer->remote_id.kind != CFG_ID_IGNORE && credential->pinned == NULL && id.type != ID_KEY_ID);
	work->signature = isakmp_find(&attempt->message, P_SIG, 0)->body;
	work_submit(sa->ike, &work->work);
	return WAIT;
}

enum verdict signature_checked(struct attempt *attempt, struct ike_sa *sa)
{
	if (attempt->is_well)
		return GO_ON;
	sa->ike->counters.auth_failures++;
	return phase1_refuse(attempt, sa, N_INVALID_SIGNATURE, "%s", attempt->why);
}

/* ---- CERT and CR payloads (RFC 2408 §3.9, §3.10): encoding u8 | data */

enum verdict take_certs(struct attempt *attempt, struct ike_sa *sa)
{
	const struct isakmp_payload *payload;

	for (unsigned i = 0; (payload = isakmp_find(&attempt->message, P_CERT, i)) != NULL; i++) {
		if (payload->body.len < 2 || payload->body.at[0] != V1_CERT_X509_SIGNATURE)
			continue;	/* CRLs and the like: ours come from files */
		if (attempt->n_certs == CERT_MAX_CHAIN)
			return phase1_refuse(attempt, sa, N_INVALID_CERTIFICATE, "more than %u certificates", CERT_MAX_CHAIN);
		attempt->certs[attempt->n_certs] = cert_parse((struct bytes){ payload->body.at + 1, payload->body.len - 1 });
		if (attempt->certs[attempt->n_certs] == NULL)
			return phase1_refuse(attempt, sa, N_INVALID_CERT_ENCODING, "a CERT payload holds no certificate");
		attempt->n_certs++;
	}
	return GO_ON;
}

static void put_encoded(struct writer *to, size_t *next_at, uint8_t type, struct bytes data)
{
	const size_t began_at = isakmp_begin(to, next_at, type);

	put_u8(to, V1_CERT_X509_SIGNATURE);
	if (data.len > 0)
		put_bytes(to, data.at, data.len);
	isakmp_end(to, began_at);
}

void put_cert(struct attempt *attempt, struct ike_sa *sa, struct writer *to, size_t *next_at)
{
	const struct cert *own = credential_own(sa->ike, sa_peer(sa), attempt->why);

	if (own != NULL)
		put_encoded(to, next_at, P_CERT, cert_der(own));
	else
		to->has_failed = true;
}

/* One for each CA; with a pinned certificate an empty one, which asks for any. */
void put_requests(struct attempt *attempt, struct ike_sa *sa, struct writer *to, size_t *next_at)
{
	const struct credential *credential = credential_of(sa->ike, sa_peer(sa), attempt->why);
	struct bytes subject;

	if (credential == NULL) {
		to->has_failed = true;
		return;
	}
	if (credential->trust == NULL)
		put_encoded(to, next_at, P_CR, (struct bytes){ NULL, 0 });
	for (unsigned i = 0; credential->trust != NULL && i < REQUESTS_MOST; i++) {
		subject = trust_ca_subject(credential->trust, i);
		if (subject.len == 0)
			return;
		put_encoded(to, next_at, P_CR, subject);
	}
}

void put_signature(struct attempt *attempt, struct ike_sa *sa, struct writer *to, size_t *next_at)
{
	(void)sa;
	isakmp_put(to, next_at, P_SIG, attempt->proof.at, attempt->proof.len);
}
