// SPDX-License-Identifier: BSD-2-Clause-Patent
/* Peers and proposals: what IKE is told. Names and defaults are the seed manual's; what it does not know has RouterOS v7's words. */
#include <stdlib.h>
#include <string.h>

#include "config/room.h"

static int line_of(const config_setting_t *setting)
{
	return (int)config_setting_source_line(setting);
}

/* A secret in text, or in hexadecimal after 0x; then it must be hexadecimal to its end. */
static void take_secret(struct diag *diag, config_setting_t *setting, void *field, const void *none)
{
	struct cfg_peer *peer = field;
	const char *text = setting_text(diag, setting);

	(void)none;
	if (!text)
		return;
	if (strncmp(text, "0x", 2) == 0) {
		int n = text_get_hex(text, peer->secret, sizeof(peer->secret));

		if (n <= 0)
			diag_error(diag, line_of(setting), "secret: after 0x an even number of hex digits, at most %zu",
				   2 * sizeof(peer->secret));
		peer->secret_bytes = (uint16_t)(n < 0 ? 0 : n);
	} else if (strlen(text) > sizeof(peer->secret)) {
		diag_error(diag, line_of(setting), "secret: longer than %zu characters", sizeof(peer->secret));
	} else {
		peer->secret_bytes = (uint16_t)strlen(text);
		memcpy(peer->secret, text, peer->secret_bytes);
	}
	setting_wipe(setting);
}

static void take_dpd(struct diag *diag, config_setting_t *setting, void *field, const void *range)
{
	if (config_setting_type(setting) == CONFIG_TYPE_STRING &&
	    strcmp(config_setting_get_string(setting), "disable-dpd") == 0)
		*(uint32_t *)field = 0;
	else
		take_seconds(diag, setting, field, range);
}

/* The seed's IP[/Netmask]:port. */
static void take_peer_address(struct diag *diag, config_setting_t *setting, void *field, const void *none)
{
	struct cfg_peer *peer = field;
	const char *text = setting_text(diag, setting);
	char right[ADDR_TEXT_BYTES];
	uint16_t port = 0;

	(void)none;
	if (!text)
		return;
	switch (place_get(text, &peer->address, &port)) {
	case PREFIX_OK:
		break;
	case PREFIX_HOST_BITS:
		diag_error(diag, line_of(setting), "address: \"%s\" has host bits set; the prefix is \"%s\"", text,
			   prefix_put(&peer->address, right));
		return;
	case PREFIX_BAD:
	default:
		diag_error(diag, line_of(setting), "address: \"%s\" is not a prefix such as \"198.51.100.1/32\", \"198.51.100.1:500\" or "
			   "\"[2001:db8::1]:500\"", text);
		return;
	}
	if (port && config_setting_get_member(config_setting_parent(setting), "port"))
		diag_error(diag, line_of(setting), "address: \"%s\" has a port, and port is given too", text);
	else if (port)
		peer->port = port;
}

/* A list of at most CONFIG_MAX_PHASE1 words: codes and their number stand at different places of a peer. */
struct phase1_list {
	const struct word *words;
	size_t codes_at, n_at;
};

static void take_phase1(struct diag *diag, config_setting_t *setting, void *field, const void *more)
{
	const struct phase1_list *place = more;
	struct alg_list list;

	take_algs(diag, setting, place->words, CONFIG_MAX_PHASE1, &list);
	memcpy((char *)field + place->codes_at, list.codes, CONFIG_MAX_PHASE1);
	memcpy((char *)field + place->n_at, &list.n, sizeof(list.n));
}

static void take_auths(struct diag *diag, config_setting_t *setting, void *field, const void *words)
{
	struct cfg_proposal *proposal = field;
	struct alg_list list;

	take_algs(diag, setting, words, CONFIG_MAX_ALGS, &list);
	memcpy(proposal->auths, list.codes, sizeof(list.codes));
	proposal->n_auths = list.n;
}

static void take_encs(struct diag *diag, config_setting_t *setting, void *field, const void *words)
{
	struct cfg_proposal *proposal = field;
	struct alg_list list;

	take_algs(diag, setting, words, CONFIG_MAX_ALGS, &list);
	memcpy(proposal->encs, list.codes, sizeof(list.codes));
	memcpy(proposal->icvs, list.icvs, sizeof(list.icvs));
	proposal->n_encs = list.n;
}

static const struct range range_lifetime = { 1, UINT32_MAX }, range_lifebytes = { 0, INT64_MAX }, range_replay = { 0, 4096 },
	range_port = { 1, 65535 }, range_dpd = { 0, 86400 }, range_failures = { 1, 100 };
static const size_t room_path = CONFIG_PATH_BYTES;
static const bool may_ignore = true;

#define PEER(field) offsetof(struct cfg_peer, field)
static const struct phase1_list list_hash = { words_auth, PEER(hashes), PEER(n_hashes) },
	list_enc = { words_enc, PEER(encs), PEER(n_encs) }, list_dh = { words_dh, PEER(dhs), PEER(n_dhs) };

static const struct key peer_keys[] = {
	{ "name", take_name, PEER(name), NULL },
	{ "address", take_peer_address, 0, NULL },
	{ "port", take_u16, PEER(port), &range_port },
	{ "exchange_mode", take_word, PEER(exchange_mode), words_exchange },
	{ "auth_method", take_word, PEER(auth_method), words_auth_method },
	{ "secret", take_secret, 0, NULL },
	{ "certificate", take_text, PEER(certificate), &room_path },
	{ "remote_certificate", take_text, PEER(remote_certificate), &room_path },
	{ "key", take_text, PEER(key), &room_path },
	{ "ca", take_text, PEER(ca), &room_path },
	{ "crl", take_text, PEER(crl), &room_path },
	{ "my_id", take_peer_id, PEER(my_id), NULL },
	{ "remote_id", take_peer_id, PEER(remote_id), &may_ignore },
	{ "hash_algorithm", take_phase1, 0, &list_hash },
	{ "enc_algorithm", take_phase1, 0, &list_enc },
	{ "dh_group", take_phase1, 0, &list_dh },
	{ "lifetime", take_seconds, PEER(lifetime_seconds), &range_lifetime },
	{ "lifebytes", take_u64, PEER(lifetime_bytes), &range_lifebytes },
	{ "policy_template", take_name, PEER(policy_template), NULL },
	{ "fragmentation", take_bool, PEER(fragmentation), NULL },
	{ "nat_traversal", take_bool, PEER(nat_traversal), NULL },
	{ "generate_policy", take_bool, PEER(generate_policy), NULL },
	{ "send_initial_contact", take_bool, PEER(send_initial_contact), NULL },
	{ "dpd_interval", take_dpd, PEER(dpd_seconds), &range_dpd },
	{ "dpd_maximum_failures", take_u8, PEER(dpd_failures), &range_failures },
	{ "proposal_check", take_word, PEER(check), words_check },
};
static const struct cfg_peer peer_default = {
	.port = 500, .exchange_mode = EXCHANGE_MAIN, .auth_method = AUTH_METHOD_PSK, .hashes = { ADIT_AUTH_HMAC_MD5_96 }, .n_hashes = 1,
	.encs = { ADIT_ENC_DES3_CBC }, .n_encs = 1, .dhs = { DH_MODP1024 }, .n_dhs = 1, .lifetime_seconds = 86400,
	.send_initial_contact = true, .dpd_failures = 5, .check = CHECK_OBEY
};

#define PROPOSAL(field) offsetof(struct cfg_proposal, field)
static const struct key proposal_keys[] = {
	{ "name", take_name, PROPOSAL(name), NULL },
	{ "auth_algorithms", take_auths, 0, words_esp_auth },
	{ "enc_algorithms", take_encs, 0, words_enc },
	{ "lifetime", take_seconds, PROPOSAL(lifetime_seconds), &range_lifetime },
	{ "lifebytes", take_u64, PROPOSAL(lifetime_bytes), &range_lifebytes },
	{ "pfs_group", take_word, PROPOSAL(pfs), words_dh },
	{ "esn", take_bool, PROPOSAL(esn), NULL },
	{ "replay_window", take_replay_window, PROPOSAL(replay_packets), &range_replay },
	{ "allow_null_authentication", take_bool, PROPOSAL(allow_null_auth), NULL },
};
static const struct cfg_proposal proposal_default = {
	.name = "default", .auths = { ADIT_AUTH_HMAC_SHA1_96 }, .n_auths = 1, .encs = { ADIT_ENC_DES3_CBC }, .n_encs = 1,
	.lifetime_seconds = 1800, .pfs = DH_MODP1024, .replay_packets = 128
};

const struct group_kind kind_peer = KIND(cfg_peer, peer_keys, peer_default, peers, n_peers);
const struct group_kind kind_proposal = KIND(cfg_proposal, proposal_keys, proposal_default, proposals, n_proposals);

bool config_add_default_proposal(struct config *config)
{
	struct cfg_proposal *grown;

	if (config_proposal(config, proposal_default.name))
		return true;
	grown = realloc(config->proposals, (config->n_proposals + 1) * sizeof(*grown));
	if (!grown)
		return false;
	config->proposals = grown;
	config->proposals[config->n_proposals++] = proposal_default;
	return true;
}
