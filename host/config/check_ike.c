// SPDX-License-Identifier: BSD-2-Clause-Patent
/* Peers, proposals, and the policies that get their keys from them: what cannot work is an error, what is weak a warning. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/room.h"

enum { MAX_OFFER = 128 };	/* transforms in one SA payload */

static bool is_weak_group(enum dh_group dh)
{
	return dh == DH_MODP768 || dh == DH_MODP1024 || dh == DH_EC2N155 || dh == DH_EC2N185;
}

/* ---- peers */

static void check_phase1_words(struct diag *diag, const struct cfg_peer *peer)
{
	bool is_ike2 = peer->exchange_mode == EXCHANGE_IKE2;

	for (unsigned i = 0; i < peer->n_encs; i++) {
		enum adit_enc enc = (enum adit_enc)peer->encs[i];
		const char *word = word_put(words_enc, (int)enc);

		if (enc == ADIT_ENC_NULL || enc == ADIT_ENC_TWOFISH_CBC)
			diag_error(diag, peer->line, "peer \"%s\": enc_algorithm \"%s\" is no cipher for IKE", peer->name, word);
		else if (!is_ike2 && enc_facts(enc).salt_bytes)
			diag_error(diag, peer->line, "peer \"%s\": enc_algorithm \"%s\" needs exchange_mode \"ike2\"", peer->name, word);
		else if (enc_facts(enc).is_weak)
			diag_warning(diag, peer->line, "peer \"%s\": enc_algorithm %s is weak", peer->name, word);
	}
	for (unsigned i = 0; i < peer->n_hashes; i++) {
		if (peer->hashes[i] == ADIT_AUTH_NULL)
			diag_error(diag, peer->line, "peer \"%s\": hash_algorithm must not be null", peer->name);
		else if (peer->hashes[i] == ADIT_AUTH_HMAC_MD5_96)
			diag_warning(diag, peer->line, "peer \"%s\": hash_algorithm md5 is weak", peer->name);
	}
	for (unsigned i = 0; i < peer->n_dhs; i++) {
		enum dh_group dh = (enum dh_group)peer->dhs[i];

		if (dh == DH_NONE)
			diag_error(diag, peer->line, "peer \"%s\": dh_group must not be none", peer->name);
		else if (!is_ike2 && dh == DH_X25519)	/* RFC 8031 gives IKEv1 no number for it */
			diag_error(diag, peer->line, "peer \"%s\": dh_group \"x25519\" needs exchange_mode \"ike2\"", peer->name);
		else if (is_weak_group(dh))
			diag_warning(diag, peer->line, "peer \"%s\": dh_group %s is weak", peer->name, word_put(words_dh, (int)dh));
	}
	if (peer->n_encs * peer->n_hashes * peer->n_dhs > MAX_OFFER)
		diag_error(diag, peer->line, "peer \"%s\": enc_algorithm, hash_algorithm and dh_group make %u combinations; at most %d can be "
			   "proposed", peer->name, peer->n_encs * peer->n_hashes * peer->n_dhs, MAX_OFFER);
}

static void check_file(struct diag *diag, const struct cfg_peer *peer, const char *key, const char *path)
{
	struct stat what;
	int file;

	if (!*path)
		return;
	file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (file < 0)
		diag_error(diag, peer->line, "peer \"%s\": %s \"%s\" cannot be read: %s", peer->name, key, path, strerror(errno));
	else if (fstat(file, &what) != 0 || !S_ISREG(what.st_mode))
		diag_error(diag, peer->line, "peer \"%s\": %s \"%s\" is no file", peer->name, key, path);
	if (file >= 0)
		(void)close(file);
}

static void check_rsa(struct diag *diag, const struct cfg_peer *peer)
{
	if (!peer->certificate[0])
		diag_error(diag, peer->line, "peer \"%s\": rsa-signature wants a certificate", peer->name);
	if (!peer->ca[0] && !peer->remote_certificate[0])
		diag_error(diag, peer->line, "peer \"%s\": rsa-signature wants a ca or a remote_certificate to know the peer by", peer->name);
	if (peer->crl[0] && !peer->ca[0])
		diag_error(diag, peer->line, "peer \"%s\": crl wants the ca that signed it", peer->name);
	if (peer->remote_id.kind == CFG_ID_IGNORE && !peer->remote_certificate[0])
		diag_warning(diag, peer->line, "peer \"%s\": remote_id \"ignore\" takes whomever the ca has given a certificate", peer->name);
	if (peer->remote_id.kind == CFG_ID_KEY_ID && !peer->remote_certificate[0])
		diag_warning(diag, peer->line, "peer \"%s\": remote_id \"key-id\" stands in no certificate: whomever the ca has given one may say "
			     "it", peer->name);
	check_file(diag, peer, "certificate", peer->certificate);
	check_file(diag, peer, "remote_certificate", peer->remote_certificate);
	check_file(diag, peer, "key", peer->key);
	check_file(diag, peer, "ca", peer->ca);
	check_file(diag, peer, "crl", peer->crl);
}

static void check_psk(struct diag *diag, const struct cfg_peer *peer)
{
	if (peer->secret_bytes < 8)
		diag_warning(diag, peer->line, "peer \"%s\": a secret of fewer than 8 bytes is soon guessed", peer->name);
	if (peer->exchange_mode == EXCHANGE_AGGRESSIVE || peer->exchange_mode == EXCHANGE_BASE)
		diag_warning(diag, peer->line, "peer \"%s\": exchange_mode \"%s\" lets anyone who listens guess the secret offline", peer->name,
			     word_put(words_exchange, (int)peer->exchange_mode));
	if (peer->certificate[0] || peer->remote_certificate[0] || peer->key[0] || peer->ca[0] || peer->crl[0])
		diag_warning(diag, peer->line, "peer \"%s\": auth_method pre-shared-key uses no certificate, key, ca or crl", peer->name);
	if (peer->my_id.kind == CFG_ID_DN && peer->my_id.n_bytes == 0)
		diag_error(diag, peer->line, "peer \"%s\": my_id \"dn\" is the certificate's, and pre-shared-key has none", peer->name);
	if (peer->remote_id.kind == CFG_ID_DN && peer->remote_id.n_bytes == 0)
		diag_error(diag, peer->line, "peer \"%s\": remote_id \"dn\" is the certificate's, and pre-shared-key has none", peer->name);
}

static void check_generate(struct diag *diag, const struct config *config, const struct cfg_peer *peer)
{
	const struct cfg_policy *policy = config_policy(config, peer->policy_template);

	if (!peer->policy_template[0]) {
		if (peer->generate_policy)
			diag_warning(diag, peer->line, "peer \"%s\": generate_policy without policy_template lets it have whatever traffic it asks "
				     "for", peer->name);
		return;
	}
	if (!policy)
		diag_error(diag, peer->line, "peer \"%s\": there is no policy \"%s\"", peer->name, peer->policy_template);
	else if (!policy->is_template)
		diag_error(diag, peer->line, "peer \"%s\": policy_template \"%s\" is no template: it wants template = true", peer->name,
			   policy->name);
	if (!peer->generate_policy)
		diag_warning(diag, peer->line, "peer \"%s\": policy_template is used only with generate_policy", peer->name);
}

static void check_twin(struct diag *diag, const struct config *config, const struct cfg_peer *peer)
{
	for (const struct cfg_peer *other = config->peers; other < peer; other++) {
		if (other->address.plen == peer->address.plen && addr_same(&other->address.addr, &peer->address.addr)) {
			diag_warning(diag, peer->line, "peer \"%s\": peer \"%s\" in line %d has the same address; only that one is used", peer->name,
				     other->name, other->line);
			return;
		}
	}
}

void check_peer(struct diag *diag, const struct config *config, const struct cfg_peer *peer)
{
	check_phase1_words(diag, peer);
	if (peer->auth_method == AUTH_METHOD_RSA)
		check_rsa(diag, peer);
	else
		check_psk(diag, peer);
	check_generate(diag, config, peer);
	check_twin(diag, config, peer);
	if (peer->exchange_mode == EXCHANGE_IKE2)
		diag_warning(diag, peer->line, "peer \"%s\": exchange_mode \"ike2\": this version speaks IKEv1 alone; the peer is not used",
			     peer->name);
	if (peer->exchange_mode == EXCHANGE_AGGRESSIVE && peer->n_dhs > 1)	/* RFC 2409 §5: its KE goes out with the proposal */
		diag_warning(diag, peer->line, "peer \"%s\": exchange_mode \"aggressive\" proposes the first dh_group alone", peer->name);
	if (peer->exchange_mode == EXCHANGE_AGGRESSIVE && peer->auth_method == AUTH_METHOD_RSA)
		diag_warning(diag, peer->line, "peer \"%s\": exchange_mode \"aggressive\" shows both identities to anyone who listens", peer->name);
}

/* ---- proposals */

static bool has_enc(const struct cfg_proposal *proposal, enum adit_enc enc)
{
	return memchr(proposal->encs, (int)enc, proposal->n_encs) != NULL;
}

static bool has_auth(const struct cfg_proposal *proposal, enum adit_auth auth)
{
	return memchr(proposal->auths, (int)auth, proposal->n_auths) != NULL;
}

/* Integrity that goes with any cipher and with AH. */
static unsigned count_hmacs(const struct cfg_proposal *proposal)
{
	unsigned n = 0;

	for (unsigned i = 0; i < proposal->n_auths; i++)
		n += proposal->auths[i] != ADIT_AUTH_NULL && !auth_salt_bytes((enum adit_auth)proposal->auths[i]);
	return n;
}

static unsigned count_gmacs(const struct cfg_proposal *proposal)
{
	unsigned n = 0;

	for (unsigned i = 0; i < proposal->n_auths; i++)
		n += auth_salt_bytes((enum adit_auth)proposal->auths[i]) != 0;
	return n;
}

/* Pairs of cipher and integrity that ESP can have: 87 with every word there is, and 128 can be proposed. */
static unsigned count_pairs(const struct cfg_proposal *proposal)
{
	unsigned n = 0;

	for (unsigned i = 0; i < proposal->n_encs; i++) {
		enum adit_enc enc = (enum adit_enc)proposal->encs[i];

		if (enc_facts(enc).is_aead)
			n++;
		else
			n += count_hmacs(proposal) +
			     (enc == ADIT_ENC_NULL ? count_gmacs(proposal) : (unsigned)has_auth(proposal, ADIT_AUTH_NULL));
	}
	return n;
}

/* @return whether there are ciphers that bring no integrity with them */
static bool check_encs(struct diag *diag, const struct cfg_proposal *proposal)
{
	bool has_bare = false;

	for (unsigned i = 0; i < proposal->n_encs; i++) {
		struct enc_facts facts = enc_facts((enum adit_enc)proposal->encs[i]);

		has_bare |= !facts.is_aead;
		if (facts.is_weak)
			diag_warning(diag, proposal->line, "proposal \"%s\": %s is weak", proposal->name,
				     word_put(words_enc, proposal->encs[i]));
	}
	return has_bare;
}

void check_proposal(struct diag *diag, const struct cfg_proposal *proposal)
{
	bool has_null = has_auth(proposal, ADIT_AUTH_NULL), has_bare = check_encs(diag, proposal);

	if (has_null && has_enc(proposal, ADIT_ENC_NULL))	/* RFC 4303 §1 */
		diag_error(diag, proposal->line, "proposal \"%s\": null encryption with null authentication protects nothing",
			   proposal->name);
	else if (has_null && has_bare && !proposal->allow_null_auth)
		diag_error(diag, proposal->line, "proposal \"%s\": auth_algorithms null also wants allow_null_authentication = true: "
			   "encryption without integrity can be turned against itself", proposal->name);
	else if (has_null && has_bare)
		diag_warning(diag, proposal->line, "proposal \"%s\": encryption without integrity can be turned against itself",
			     proposal->name);
	if (count_gmacs(proposal) && !has_enc(proposal, ADIT_ENC_NULL))
		diag_error(diag, proposal->line, "proposal \"%s\": aes-*-gmac protects without encrypting: enc_algorithms must list null",
			   proposal->name);
	if (has_auth(proposal, ADIT_AUTH_HMAC_MD5_96))
		diag_warning(diag, proposal->line, "proposal \"%s\": md5 is weak", proposal->name);
	if (is_weak_group(proposal->pfs))
		diag_warning(diag, proposal->line, "proposal \"%s\": pfs_group %s is weak", proposal->name,
			     word_put(words_dh, (int)proposal->pfs));
	if (proposal->esn && proposal->replay_packets == 0)	/* RFC 4303 §3.4.3 */
		diag_error(diag, proposal->line, "proposal \"%s\": esn needs a replay_window", proposal->name);
}

/* ---- policies without manual_sa */

static const struct cfg_peer *peer_of(const struct config *config, const struct adit_addr *addr)
{
	const struct cfg_peer *best = NULL;

	for (size_t i = 0; i < config->n_peers; i++)
		if (prefix_holds(&config->peers[i].address, addr) && (!best || config->peers[i].address.plen > best->address.plen))
			best = &config->peers[i];
	return best;
}

static bool is_range(const struct cfg_ports *ports)
{
	return !ports->any && ports->lo != ports->hi;
}

static void check_way(struct diag *diag, const struct config *config, const struct cfg_policy *policy,
		      const struct cfg_proposal *proposal)
{
	const struct cfg_peer *peer = peer_of(config, &policy->sa_dst);
	char text[ADDR_TEXT_BYTES];

	if (!peer) {
		diag_warning(diag, policy->line, "policy \"%s\": no peer's address holds sa_dst_address %s: there is nobody to get keys from",
			     policy->name, addr_put(&policy->sa_dst, text));
		return;
	}
	if (policy->ah && peer->nat_traversal)
		diag_warning(diag, policy->line, "policy \"%s\": AH cannot pass a NAT, and peer \"%s\" has nat_traversal", policy->name,
			     peer->name);
	if (proposal && proposal->pfs == DH_X25519 && peer->exchange_mode != EXCHANGE_IKE2)
		diag_error(diag, policy->line, "policy \"%s\": pfs_group \"x25519\" of proposal \"%s\" needs exchange_mode \"ike2\", and peer "
			   "\"%s\" has another", policy->name, proposal->name, peer->name);
	if (peer->exchange_mode != EXCHANGE_IKE2 && (policy->sport.opaque || is_range(&policy->sport) || is_range(&policy->dport)))
		diag_warning(diag, policy->line, "policy \"%s\": IKEv1 has no word for a range of ports or opaque ones: the SA is asked for "
			     "any port", policy->name);
}

void check_ike_policy(struct diag *diag, const struct config *config, const struct cfg_policy *policy)
{
	const struct cfg_proposal *proposal = config_proposal(config, policy->proposal);

	if (!proposal)
		diag_error(diag, policy->line, "policy \"%s\": there is no proposal \"%s\"", policy->name, policy->proposal);
	if (proposal && policy->ah && !count_hmacs(proposal))
		diag_error(diag, policy->line, "policy \"%s\": AH wants an auth_algorithm such as sha256, and proposal \"%s\" has none",
			   policy->name, proposal->name);
	if (proposal && policy->esp && !count_pairs(proposal))
		diag_error(diag, policy->line, "policy \"%s\": no enc_algorithm of proposal \"%s\" goes with one of its auth_algorithms",
			   policy->name, proposal->name);
	if (!policy->is_template && policy->has_sa_dst)
		check_way(diag, config, policy, proposal);
}
