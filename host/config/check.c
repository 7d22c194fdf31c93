// SPDX-License-Identifier: BSD-2-Clause-Patent
/* What only the whole file can tell: names that must be there, keys of the right length, SAs that must not meet. */
#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>

#include "config/room.h"

/* Name and line stand at the same place in every named object. */
struct named {
	const char *kind;
	const char *first;
	size_t n, stride, line_at;
};

static const char *name_at(const struct named *list, size_t i)
{
	return list->first + i * list->stride;
}

static int named_line(const struct named *list, size_t i)
{
	int line;

	memcpy(&line, list->first + i * list->stride + list->line_at, sizeof(line));
	return line;
}

static void check_names(struct diag *diag, const struct named *list)
{
	for (size_t i = 0; i < list->n; i++) {
		for (size_t j = 0; j < i; j++) {
			if (*name_at(list, i) && strcmp(name_at(list, i), name_at(list, j)) == 0) {
				diag_error(diag, named_line(list, i), "%s \"%s\" is already defined in line %d", list->kind,
					   name_at(list, i), named_line(list, j));
				break;
			}
		}
	}
}

/* ---- manual SAs */

static void check_key(struct diag *diag, const struct cfg_manual_sa *manual, const struct cfg_key *key, const char *which,
		      const char *algorithm, unsigned want_bytes)
{
	if (!key->is_set) {
		if (want_bytes)
			diag_error(diag, manual->line, "manual_sa \"%s\": %s is missing; %s wants %u hex digits after 0x",
				   manual->name, which, algorithm, 2 * want_bytes);
	} else if (!want_bytes) {
		diag_error(diag, key->line, "manual_sa \"%s\": %s is given, but the algorithm is null", manual->name, which);
	} else if (key->n_bytes && key->n_bytes != want_bytes) {	/* 0: already complained about */
		diag_error(diag, key->line, "manual_sa \"%s\": %s has %u hex digits; %s wants %u", manual->name, which,
			   2u * key->n_bytes, algorithm, 2 * want_bytes);
	}
}

static void check_twin_keys(struct diag *diag, const struct cfg_manual_sa *manual, const struct cfg_key *in,
			    const struct cfg_key *out, const char *which)
{
	if (in->n_bytes && in->n_bytes == out->n_bytes && CRYPTO_memcmp(in->bytes, out->bytes, in->n_bytes) == 0)
		diag_warning(diag, out->line, "manual_sa \"%s\": %s is the same in both directions", manual->name, which);
}

static void check_esp(struct diag *diag, const struct cfg_manual_sa *manual)
{
	struct enc_facts facts = enc_facts(manual->esp_enc);
	const char *enc = word_put(words_enc, (int)manual->esp_enc), *auth = word_put(words_esp_auth, (int)manual->esp_auth);
	unsigned enc_bytes = facts.key_bytes + facts.salt_bytes, auth_bytes = auth_key_bytes(manual->esp_auth) + auth_salt_bytes(manual->esp_auth);

	check_key(diag, manual, &manual->esp_enc_key_in, "esp_enc_key.in", enc, enc_bytes);
	check_key(diag, manual, &manual->esp_enc_key_out, "esp_enc_key.out", enc, enc_bytes);
	check_key(diag, manual, &manual->esp_auth_key_in, "esp_auth_key.in", auth, auth_bytes);
	check_key(diag, manual, &manual->esp_auth_key_out, "esp_auth_key.out", auth, auth_bytes);
	check_twin_keys(diag, manual, &manual->esp_enc_key_in, &manual->esp_enc_key_out, "esp_enc_key");
	check_twin_keys(diag, manual, &manual->esp_auth_key_in, &manual->esp_auth_key_out, "esp_auth_key");
	if (manual->esp_enc == ADIT_ENC_NULL && manual->esp_auth == ADIT_AUTH_NULL)	/* RFC 4303 §1 */
		diag_error(diag, manual->line, "manual_sa \"%s\": esp_enc_algorithm and esp_auth_algorithm are both null: that "
			   "protects nothing", manual->name);
	else if (facts.is_aead && manual->esp_auth != ADIT_AUTH_NULL)
		diag_error(diag, manual->line, "manual_sa \"%s\": %s brings its own integrity: esp_auth_algorithm must be null",
			   manual->name, enc);
	else if (auth_salt_bytes(manual->esp_auth) && manual->esp_enc != ADIT_ENC_NULL)
		diag_error(diag, manual->line, "manual_sa \"%s\": %s protects without encrypting: esp_enc_algorithm must be null",
			   manual->name, auth);
	else if (!facts.is_aead && manual->esp_auth == ADIT_AUTH_NULL && !manual->allow_null_auth)
		diag_error(diag, manual->line, "manual_sa \"%s\": esp_auth_algorithm null also wants allow_null_authentication = true: "
			   "encryption without integrity can be turned against itself", manual->name);
	else if (!facts.is_aead && manual->esp_auth == ADIT_AUTH_NULL)
		diag_warning(diag, manual->line, "manual_sa \"%s\": encryption without integrity can be turned against itself",
			     manual->name);
	if (facts.is_weak)
		diag_warning(diag, manual->line, "manual_sa \"%s\": %s is weak", manual->name, enc);
	if (manual->esp_auth == ADIT_AUTH_HMAC_MD5_96)
		diag_warning(diag, manual->line, "manual_sa \"%s\": md5 is weak", manual->name);
}

static void check_manual(struct diag *diag, const struct config *config, size_t index)
{
	const struct cfg_manual_sa *manual = &config->manual_sas[index];
	const char *ah = word_put(words_auth, (int)manual->ah_auth);
	bool has_esp = manual->esp_spi.line != 0, has_ah = manual->ah_spi.line != 0;

	if (!has_esp && !has_ah)
		diag_error(diag, manual->line, "manual_sa \"%s\": neither esp_spi nor ah_spi is given", manual->name);
	if (has_esp)
		check_esp(diag, manual);
	else if (manual->esp_enc_key_in.is_set || manual->esp_auth_key_in.is_set || manual->esp_enc != ADIT_ENC_NULL)
		diag_error(diag, manual->line, "manual_sa \"%s\": ESP keys without esp_spi", manual->name);
	if (has_ah) {
		check_key(diag, manual, &manual->ah_key_in, "ah_key.in", ah, auth_key_bytes(manual->ah_auth));
		check_key(diag, manual, &manual->ah_key_out, "ah_key.out", ah, auth_key_bytes(manual->ah_auth));
		check_twin_keys(diag, manual, &manual->ah_key_in, &manual->ah_key_out, "ah_key");
		if (manual->ah_auth == ADIT_AUTH_NULL)
			diag_error(diag, manual->line, "manual_sa \"%s\": ah_spi without ah_algorithm", manual->name);
	} else if (manual->ah_key_in.is_set || manual->ah_auth != ADIT_AUTH_NULL) {
		diag_error(diag, manual->line, "manual_sa \"%s\": AH keys without ah_spi", manual->name);
	}
	if (manual->esn && manual->replay_packets == 0)	/* RFC 4303 §3.4.3 */
		diag_error(diag, manual->line, "manual_sa \"%s\": esn needs a replay_window", manual->name);
	if (manual->nat_traversal && has_ah)
		diag_error(diag, manual->line, "manual_sa \"%s\": AH cannot pass a NAT: no nat_traversal with ah_spi", manual->name);
	for (size_t i = 0; i < index; i++) {
		const struct cfg_manual_sa *other = &config->manual_sas[i];

		if (manual->esp_spi.in >= 256 && manual->esp_spi.in == other->esp_spi.in)
			diag_error(diag, manual->esp_spi.line, "manual_sa \"%s\": esp_spi.in 0x%x is already used by \"%s\" in "
				   "line %d", manual->name, manual->esp_spi.in, other->name, other->esp_spi.line);
		if (manual->ah_spi.in >= 256 && manual->ah_spi.in == other->ah_spi.in)
			diag_error(diag, manual->ah_spi.line, "manual_sa \"%s\": ah_spi.in 0x%x is already used by \"%s\" in "
				   "line %d", manual->name, manual->ah_spi.in, other->name, other->ah_spi.line);
	}
}

/* ---- policies */

static bool is_unusable(const struct adit_addr *addr)
{
	static const uint8_t zero[16];

	if (memcmp(addr->bytes, zero, sizeof(zero)) == 0)
		return true;
	return addr->is_v6 ? addr->bytes[0] == 0xff : addr->bytes[0] >= 224 || addr->bytes[0] == 127;
}

static bool has_ports(int proto)
{
	return proto == 1 || proto == 58 || proto == 6 || proto == 17 || proto == 33 || proto == 132 || proto == 136;
}

static void check_ends(struct diag *diag, const struct cfg_policy *policy)
{
	char text[ADDR_TEXT_BYTES];

	if (!policy->has_sa_src)
		diag_error(diag, policy->line, "policy \"%s\": action encrypt wants sa_src_address", policy->name);
	else if (is_unusable(&policy->sa_src))
		diag_error(diag, policy->line, "policy \"%s\": sa_src_address %s is no address of one host", policy->name,
			   addr_put(&policy->sa_src, text));
	if (!policy->has_sa_dst)
		diag_error(diag, policy->line, "policy \"%s\": action encrypt wants sa_dst_address", policy->name);
	else if (is_unusable(&policy->sa_dst))
		diag_error(diag, policy->line, "policy \"%s\": sa_dst_address %s is no address of one host", policy->name,
			   addr_put(&policy->sa_dst, text));
	if (!policy->has_sa_src || !policy->has_sa_dst)
		return;
	if (policy->sa_src.is_v6 != policy->sa_dst.is_v6)
		diag_error(diag, policy->line, "policy \"%s\": sa_src_address and sa_dst_address are of different families",
			   policy->name);
	else if (addr_same(&policy->sa_src, &policy->sa_dst))
		diag_error(diag, policy->line, "policy \"%s\": sa_src_address and sa_dst_address are the same", policy->name);
	/* The seed: without a tunnel only packets between the very ends of the SA can be processed. */
	if (!policy->tunnel && (policy->src.plen != addr_bits(&policy->src.addr) ||
				!addr_same(&policy->src.addr, &policy->sa_src)))
		diag_error(diag, policy->line, "policy \"%s\": without tunnel, src_address must be sa_src_address itself, "
			   "%s/%u", policy->name, addr_put(&policy->sa_src, text), addr_bits(&policy->sa_src));
	if (!policy->tunnel && (policy->dst.plen != addr_bits(&policy->dst.addr) ||
				!addr_same(&policy->dst.addr, &policy->sa_dst)))
		diag_error(diag, policy->line, "policy \"%s\": without tunnel, dst_address must be sa_dst_address itself, "
			   "%s/%u", policy->name, addr_put(&policy->sa_dst, text), addr_bits(&policy->sa_dst));
}

static void check_keying(struct diag *diag, const struct config *config, const struct cfg_policy *policy)
{
	const struct cfg_manual_sa *manual = config_manual_sa(config, policy->manual_sa);

	if (!policy->manual_sa[0]) {
		check_ike_policy(diag, config, policy);
		return;
	}
	if (!manual) {
		diag_error(diag, policy->line, "policy \"%s\": there is no manual_sa \"%s\"", policy->name, policy->manual_sa);
		return;
	}
	if (policy->esp && manual->esp_spi.line == 0)
		diag_error(diag, policy->line, "policy \"%s\": ipsec_protocols has esp, but manual_sa \"%s\" has no esp_spi",
			   policy->name, manual->name);
	if (policy->ah && manual->ah_spi.line == 0)
		diag_error(diag, policy->line, "policy \"%s\": ipsec_protocols has ah, but manual_sa \"%s\" has no ah_spi",
			   policy->name, manual->name);
}

/* Two policies may share the SAs of one manual_sa; then ends and mode must agree and neither may ask for its own. */
static bool shares_sas(const struct cfg_policy *a, const struct cfg_policy *b)
{
	return strcmp(a->manual_sa, b->manual_sa) == 0 && addr_same(&a->sa_src, &b->sa_src) &&
	       addr_same(&a->sa_dst, &b->sa_dst) && a->tunnel == b->tunnel && a->esp == b->esp && a->ah == b->ah &&
	       a->level != ADIT_LEVEL_UNIQUE && b->level != ADIT_LEVEL_UNIQUE;
}

static bool is_keyed(const struct cfg_policy *policy)
{
	return policy->action == ADIT_ACTION_ENCRYPT && policy->manual_sa[0] && !policy->disabled && policy->has_sa_src &&
	       policy->has_sa_dst;
}

/* @return true if they do: that has been told */
static bool spis_meet(struct diag *diag, const struct cfg_policy *policy, const struct cfg_policy *other,
		      const struct cfg_spi *mine, const struct cfg_spi *theirs)
{
	bool meets_in = addr_same(&policy->sa_src, &other->sa_src) && mine->in == theirs->in;
	bool meets_out = addr_same(&policy->sa_dst, &other->sa_dst) && mine->out == theirs->out;

	if (!meets_in && !meets_out)
		return false;
	diag_error(diag, policy->line, "policy \"%s\": its %s SPI 0x%x is already used by policy \"%s\"; policies share a "
		   "manual_sa only with the same ends, mode and protocols, and not with level unique", policy->name,
		   meets_in ? "incoming" : "outgoing", meets_in ? mine->in : mine->out, other->name);
	return true;
}

static void check_sa_meetings(struct diag *diag, const struct config *config, size_t index)
{
	const struct cfg_policy *policy = &config->policies[index];
	const struct cfg_manual_sa *mine = config_manual_sa(config, policy->manual_sa);

	for (size_t i = 0; i < index && mine && is_keyed(policy); i++) {
		const struct cfg_policy *other = &config->policies[i];
		const struct cfg_manual_sa *theirs = config_manual_sa(config, other->manual_sa);

		if (!theirs || !is_keyed(other) || shares_sas(policy, other))
			continue;
		if (policy->esp && other->esp && spis_meet(diag, policy, other, &mine->esp_spi, &theirs->esp_spi))
			return;
		if (policy->ah && other->ah && spis_meet(diag, policy, other, &mine->ah_spi, &theirs->ah_spi))
			return;
	}
}

/* The seed's ports of ICMP: src_port is the type, dst_port the code. */
static void check_icmp(struct diag *diag, const struct cfg_policy *policy)
{
	if (policy->proto == 58 && !policy->src.addr.is_v6)
		diag_error(diag, policy->line, "policy \"%s\": icmpv6 between IPv4 addresses", policy->name);
	if ((!policy->sport.any && policy->sport.hi > 255) || (!policy->dport.any && policy->dport.hi > 255))
		diag_error(diag, policy->line, "policy \"%s\": of ICMP src_port is the type and dst_port the code, 0 .. 255",
			   policy->name);
}

/* A template says what may be asked for, not what is done. */
static void check_template(struct diag *diag, const struct cfg_policy *policy)
{
	if (policy->action != ADIT_ACTION_ENCRYPT)
		diag_error(diag, policy->line, "policy \"%s\": a template wants action encrypt", policy->name);
	if (policy->manual_sa[0])
		diag_error(diag, policy->line, "policy \"%s\": a template has no manual_sa", policy->name);
}

static void check_policy(struct diag *diag, const struct config *config, size_t index)
{
	const struct cfg_policy *policy = &config->policies[index];

	if (policy->src.addr.is_v6 != policy->dst.addr.is_v6)
		diag_error(diag, policy->line, "policy \"%s\": src_address and dst_address are of different families",
			   policy->name);
	if (policy->sport.opaque != policy->dport.opaque)
		diag_error(diag, policy->line, "policy \"%s\": src_port and dst_port are opaque together or not at all", policy->name);
	if (policy->proto == 1 || policy->proto == 58)
		check_icmp(diag, policy);
	if (!policy->sport.any && !has_ports(policy->proto))
		diag_error(diag, policy->line, "policy \"%s\": src_port wants a protocol that has ports, such as tcp or udp",
			   policy->name);
	if (!policy->dport.any && !has_ports(policy->proto))
		diag_error(diag, policy->line, "policy \"%s\": dst_port wants a protocol that has ports, such as tcp or udp",
			   policy->name);
	if (policy->is_template)
		check_template(diag, policy);
	if (policy->action != ADIT_ACTION_ENCRYPT)
		return;
	if (!policy->is_template)
		check_ends(diag, policy);
	check_keying(diag, config, policy);
	check_sa_meetings(diag, config, index);
}

/* The predefined proposal, which stands in no line, is nobody's matter until a policy wants it. */
static bool is_used(const struct config *config, const struct cfg_proposal *proposal)
{
	for (size_t i = 0; i < config->n_policies; i++) {
		const struct cfg_policy *policy = &config->policies[i];

		if (!policy->disabled && policy->action == ADIT_ACTION_ENCRYPT && !policy->manual_sa[0] &&
		    strcmp(policy->proposal, proposal->name) == 0)
			return true;
	}
	return false;
}

static void add_local(struct diag *diag, struct config *config, const struct cfg_policy *policy)
{
	char text[ADDR_TEXT_BYTES];

	for (unsigned i = 0; i < config->n_local; i++)
		if (addr_same(&config->local[i], &policy->sa_src))
			return;
	if (config->n_local == CONFIG_MAX_LOCAL)
		diag_error(diag, policy->line, "policy \"%s\": sa_src_address %s is one local address more than the %d the card "
			   "takes", policy->name, addr_put(&policy->sa_src, text), CONFIG_MAX_LOCAL);
	else
		config->local[config->n_local++] = policy->sa_src;
}

#define NAMED(kind, type, list, count) \
	{ kind, (const char *)config->list, config->count, sizeof(struct type), offsetof(struct type, line) }

void config_check(struct diag *diag, struct config *config)
{
	const struct named lists[] = {
		NAMED("peer", cfg_peer, peers, n_peers), NAMED("proposal", cfg_proposal, proposals, n_proposals),
		NAMED("policy", cfg_policy, policies, n_policies),
		NAMED("manual_sa", cfg_manual_sa, manual_sas, n_manual_sas)
	};
	bool has_manual = false;

	_Static_assert(offsetof(struct cfg_peer, name) == 0 && offsetof(struct cfg_proposal, name) == 0 &&
		       offsetof(struct cfg_policy, name) == 0 && offsetof(struct cfg_manual_sa, name) == 0, "name is first");
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		check_names(diag, &lists[i]);
	for (size_t i = 0; i < config->n_peers; i++)
		check_peer(diag, config, &config->peers[i]);
	for (size_t i = 0; i < config->n_proposals; i++)
		if (config->proposals[i].line || is_used(config, &config->proposals[i]))
			check_proposal(diag, &config->proposals[i]);
	for (size_t i = 0; i < config->n_manual_sas; i++)
		check_manual(diag, config, i);
	for (size_t i = 0; i < config->n_policies; i++) {
		const struct cfg_policy *policy = &config->policies[i];

		check_policy(diag, config, i);
		if (policy->disabled || policy->is_template || policy->action != ADIT_ACTION_ENCRYPT)
			continue;
		has_manual |= policy->manual_sa[0] != 0;
		if (policy->has_sa_src)
			add_local(diag, config, policy);
	}
	if (has_manual)
		diag_warning(diag, 0, "manual keys are for labs: after a restart the same key meets the same sequence numbers "
			     "and IVs again, and the peer's replay window refuses what it has seen");
	if (config->n_peers && config->n_local == 0)
		diag_warning(diag, 0, "peers, but no local_addresses: IKE has nowhere to listen");
	if (config->n_peers && !config->tap[0])
		diag_warning(diag, 0, "peers, but no tap: IKE's packets come and go through the device that it names");
	if (config->ike_port == config->natt_port)
		diag_error(diag, 0, "ike_port and nat_traversal_port are both %u", config->ike_port);
	if (!config->card[0])
		diag_warning(diag, 0, "no card is named: aditd needs --card");
}
