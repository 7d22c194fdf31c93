// SPDX-License-Identifier: BSD-2-Clause-Patent
/* The shape of the file: which keys each group has, their ranges and their defaults. Peers and proposals: keys_ike.c. */
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "config/room.h"

static int line_of(const config_setting_t *setting)
{
	return (int)config_setting_source_line(setting);
}

void take_keys(struct diag *diag, config_setting_t *group, const struct key *keys, size_t n_keys, void *object)
{
	const char *names[64];

	if (!config_setting_is_group(group)) {
		diag_error(diag, line_of(group), "%s: wants a group: { ... }", setting_label(group));
		return;
	}
	for (size_t k = 0; k < n_keys && k < COUNT(names); k++)
		names[k] = keys[k].name;
	for (int i = 0; i < config_setting_length(group); i++) {
		config_setting_t *setting = config_setting_get_elem(group, (unsigned)i);
		const char *name = config_setting_name(setting), *near;
		size_t k = 0;

		while (k < n_keys && strcmp(keys[k].name, name) != 0)
			k++;
		if (k < n_keys) {
			keys[k].take(diag, setting, (char *)object + keys[k].at, keys[k].more);
			continue;
		}
		setting_wipe(setting);	/* perhaps a secret whose key is misspelt */
		near = text_nearest(name, names, n_keys < COUNT(names) ? n_keys : COUNT(names));
		if (near)
			diag_error(diag, line_of(setting), "unknown key \"%s\"; did you mean \"%s\"?", name, near);
		else
			diag_error(diag, line_of(setting), "unknown key \"%s\"", name);
	}
}

/* ---- values that only one kind of group has */

static void take_port(struct diag *diag, config_setting_t *setting, void *field, const void *none)
{
	struct cfg_ports *ports = field;
	const char *text, *dash;
	char lo_text[8] = "";
	uint64_t lo, hi;

	(void)none;
	if (config_setting_type(setting) != CONFIG_TYPE_STRING) {
		int64_t value;

		if (setting_i64(diag, setting, (struct range){ 0, 65535 }, &value))
			*ports = (struct cfg_ports){ false, false, (uint16_t)value, (uint16_t)value };
		return;
	}
	text = config_setting_get_string(setting);
	if (strcmp(text, "any") == 0) {
		*ports = (struct cfg_ports){ true, false, 0, 65535 };
		return;
	}
	if (strcmp(text, "opaque") == 0) {
		*ports = (struct cfg_ports){ true, true, 0, 65535 };
		return;
	}
	dash = strchr(text, '-');
	if (dash && (size_t)(dash - text) < sizeof(lo_text)) {
		memcpy(lo_text, text, (size_t)(dash - text));
		lo_text[dash - text] = 0;
	}
	if (!text_get_u64(dash ? lo_text : text, &lo) || !text_get_u64(dash ? dash + 1 : text, &hi) || lo > 65535 ||
	    hi > 65535)
		diag_error(diag, line_of(setting), "%s: \"%s\" is not a port: write \"any\", \"500\", \"1000-2000\" or \"opaque\"",
			   setting_label(setting), text);
	else if (lo > hi)
		diag_error(diag, line_of(setting), "%s: \"%s\" runs backwards", setting_label(setting), text);
	else
		*ports = (struct cfg_ports){ false, false, (uint16_t)lo, (uint16_t)hi };
}

static void take_proto(struct diag *diag, config_setting_t *setting, void *field, const void *none)
{
	uint64_t value;
	int64_t number;

	(void)none;
	if (config_setting_type(setting) == CONFIG_TYPE_STRING && !text_get_u64(config_setting_get_string(setting), &value))
		take_word(diag, setting, field, words_proto);
	else if (setting_i64(diag, setting, (struct range){ 0, 255 }, &number))
		*(int *)field = (int)number;
}

static void take_esp_enc(struct diag *diag, config_setting_t *setting, void *field, const void *words)
{
	struct cfg_manual_sa *manual = field;
	const char *text = config_setting_get_string(setting);

	take_word(diag, setting, &manual->esp_enc, words);
	manual->esp_icv_bytes = text ? enc_icv_bytes(text) : 0;
}

/* 0 .. 63, or "copy". */
static void take_dscp(struct diag *diag, config_setting_t *setting, void *field, const void *range)
{
	const char *text = config_setting_get_string(setting);
	int32_t value = -1;

	if (!text || strcmp(text, "copy") != 0)
		take_i32(diag, setting, &value, range);
	*(int *)field = value;
}

static void take_ipsec_protocols(struct diag *diag, config_setting_t *setting, void *field, const void *words)
{
	struct cfg_policy *policy = field;
	struct alg_list list;

	take_algs(diag, setting, words, CONFIG_MAX_ALGS, &list);
	policy->esp = memchr(list.codes, ADIT_PROTO_ESP, list.n) != NULL;
	policy->ah = memchr(list.codes, ADIT_PROTO_AH, list.n) != NULL;
}

static void take_sa_addr(struct diag *diag, config_setting_t *setting, void *field, const void *is_src)
{
	struct cfg_policy *policy = field;
	size_t before = diag->n_errors;

	take_addr(diag, setting, is_src ? &policy->sa_src : &policy->sa_dst, NULL);
	*(is_src ? &policy->has_sa_src : &policy->has_sa_dst) = diag->n_errors == before;
}

static void take_manual_name(struct diag *diag, config_setting_t *setting, void *field, const void *none)
{
	take_name(diag, setting, field, none);
	if (strcmp(field, "none") == 0)	/* RouterOS's word for "manual keys are not used" */
		*(char *)field = 0;
}

static void take_spi_value(struct diag *diag, config_setting_t *setting, void *field, const void *none)
{
	int64_t value;

	(void)none;
	if (!setting_i64(diag, setting, (struct range){ 0, UINT32_MAX }, &value))
		return;
	if (value < 256)	/* RFC 4303 §2.1 */
		diag_error(diag, line_of(setting), "%s.%s: SPIs below 256 are reserved",
			   setting_label(config_setting_parent(setting)), setting_label(setting));
	*(uint32_t *)field = (uint32_t)value;
}

static void take_spi(struct diag *diag, config_setting_t *setting, void *field, const void *none)
{
	static const struct key keys[] = {
		{ "in", take_spi_value, offsetof(struct cfg_spi, in), NULL },
		{ "out", take_spi_value, offsetof(struct cfg_spi, out), NULL }
	};
	struct cfg_spi *spi = field;

	(void)none;
	spi->line = line_of(setting);
	take_keys(diag, setting, keys, COUNT(keys), spi);
	spi->has_in = config_setting_is_group(setting) && config_setting_get_member(setting, "in");
	spi->has_out = config_setting_is_group(setting) && config_setting_get_member(setting, "out");
	if (config_setting_is_group(setting) && !(spi->has_in && spi->has_out))
		diag_error(diag, spi->line, "%s: wants both in and out", setting_label(setting));
}

static void take_key_value(struct diag *diag, config_setting_t *setting, void *field, const void *none)
{
	struct cfg_key *key = field;
	const char *text = setting_text(diag, setting);
	int n;

	(void)none;
	key->line = line_of(setting);
	key->is_set = true;
	if (!text)
		return;
	n = text_get_hex(text, key->bytes, sizeof(key->bytes));
	setting_wipe(setting);
	if (n <= 0)
		diag_error(diag, key->line, "%s.%s: wants 0x and an even number of hex digits, at most %zu",
			   setting_label(config_setting_parent(setting)), setting_label(setting), 2 * sizeof(key->bytes));
	else
		key->n_bytes = (uint8_t)n;
}

/* A pair of keys; in stands right before out in struct cfg_manual_sa. */
static void take_key_pair(struct diag *diag, config_setting_t *setting, void *field, const void *none)
{
	static const struct key keys[] = {
		{ "in", take_key_value, 0, NULL }, { "out", take_key_value, sizeof(struct cfg_key), NULL }
	};

	(void)none;
	take_keys(diag, setting, keys, COUNT(keys), field);
}
_Static_assert(offsetof(struct cfg_manual_sa, esp_enc_key_out) ==
	       offsetof(struct cfg_manual_sa, esp_enc_key_in) + sizeof(struct cfg_key), "in before out");
_Static_assert(offsetof(struct cfg_manual_sa, esp_auth_key_out) ==
	       offsetof(struct cfg_manual_sa, esp_auth_key_in) + sizeof(struct cfg_key), "in before out");
_Static_assert(offsetof(struct cfg_manual_sa, ah_key_out) ==
	       offsetof(struct cfg_manual_sa, ah_key_in) + sizeof(struct cfg_key), "in before out");

/* ---- groups */

static const struct range range_lifetime_0 = { 0, UINT32_MAX },
	range_limit = { 0, INT64_MAX }, range_replay = { 0, 4096 }, range_dscp = { 0, 63 }, range_ttl = { 1, 255 },
	range_label = { 0, 0xfffff }, range_mtu = { 0, 9578 }, range_port = { 1, 65535 },
	range_limit_packets = { 0, 65535 }, range_reserve = { 0, 255 }, range_priority = { -2147483646, 2147483647 };
static const size_t room_path = CONFIG_PATH_BYTES, room_socket = CONFIG_SOCKET_BYTES, room_tap = IFNAMSIZ;
static const char is_src[] = "src";

#define POLICY(field) offsetof(struct cfg_policy, field)
static const struct key policy_keys[] = {
	{ "name", take_name, POLICY(name), NULL },
	{ "src_address", take_prefix, POLICY(src), NULL },
	{ "dst_address", take_prefix, POLICY(dst), NULL },
	{ "protocol", take_proto, POLICY(proto), NULL },
	{ "src_port", take_port, POLICY(sport), NULL },
	{ "dst_port", take_port, POLICY(dport), NULL },
	{ "sa_src_address", take_sa_addr, 0, is_src },
	{ "sa_dst_address", take_sa_addr, 0, NULL },
	{ "tunnel", take_bool, POLICY(tunnel), NULL },
	{ "disabled", take_bool, POLICY(disabled), NULL },
	{ "template", take_bool, POLICY(is_template), NULL },
	{ "action", take_word, POLICY(action), words_action },
	{ "level", take_word, POLICY(level), words_level },
	{ "ipsec_protocols", take_ipsec_protocols, 0, words_ipsec_proto },
	{ "proposal", take_name, POLICY(proposal), NULL },
	{ "manual_sa", take_manual_name, POLICY(manual_sa), NULL },
	{ "priority", take_i32, POLICY(priority), &range_priority },
};
static const struct cfg_policy policy_default = {
	.proto = -1, .sport = { true, false, 0, 65535 }, .dport = { true, false, 0, 65535 }, .action = ADIT_ACTION_ENCRYPT,
	.level = ADIT_LEVEL_REQUIRE, .esp = true, .proposal = "default"
};

#define MANUAL(field) offsetof(struct cfg_manual_sa, field)
static const struct key manual_keys[] = {
	{ "name", take_name, MANUAL(name), NULL },
	{ "esp_spi", take_spi, MANUAL(esp_spi), NULL },
	{ "esp_enc_algorithm", take_esp_enc, 0, words_enc },
	{ "esp_enc_key", take_key_pair, MANUAL(esp_enc_key_in), NULL },
	{ "esp_auth_algorithm", take_word, MANUAL(esp_auth), words_esp_auth },
	{ "esp_auth_key", take_key_pair, MANUAL(esp_auth_key_in), NULL },
	{ "allow_null_authentication", take_bool, MANUAL(allow_null_auth), NULL },
	{ "ah_spi", take_spi, MANUAL(ah_spi), NULL },
	{ "ah_algorithm", take_word, MANUAL(ah_auth), words_auth },
	{ "ah_key", take_key_pair, MANUAL(ah_key_in), NULL },
	{ "lifetime", take_seconds, MANUAL(lifetime_seconds), &range_lifetime_0 },
	{ "lifebytes", take_u64, MANUAL(lifetime_bytes), &range_limit },
	{ "lifepackets", take_u64, MANUAL(lifetime_packets), &range_limit },
	{ "esn", take_bool, MANUAL(esn), NULL },
	{ "replay_window", take_replay_window, MANUAL(replay_packets), &range_replay },
	{ "nat_traversal", take_bool, MANUAL(nat_traversal), NULL },
	{ "nat_traversal_local_port", take_u16, MANUAL(natt_local_port), &range_port },
	{ "nat_traversal_remote_port", take_u16, MANUAL(natt_remote_port), &range_port },
	{ "dscp", take_dscp, MANUAL(dscp), &range_dscp },
	{ "df", take_word, MANUAL(df), words_df },
	{ "ecn", take_bool, MANUAL(ecn), NULL },
	{ "ttl", take_u8, MANUAL(ttl), &range_ttl },
	{ "flow_label", take_u32, MANUAL(flow_label), &range_label },
	{ "path_mtu", take_u16, MANUAL(path_mtu), &range_mtu },
	{ "tfc_padding", take_u16, MANUAL(tfc_bytes), &range_mtu },
};
static const struct cfg_manual_sa manual_default = {
	.esp_enc = ADIT_ENC_NULL, .replay_packets = 128, .natt_local_port = 4500, .natt_remote_port = 4500, .dscp = -1, .ecn = true,
	.ttl = 64
};

static void take_groups(struct diag *diag, config_setting_t *setting, void *field, const void *more)
{
	const struct group_kind *kind = more;
	char **objects = field;
	size_t *n_objects = (size_t *)(void *)((char *)field + kind->count_at);
	int n = config_setting_length(setting);

	if (!config_setting_is_aggregate(setting) || config_setting_is_group(setting)) {
		diag_error(diag, line_of(setting), "%s: wants a list: ( { ... }, { ... } )", setting_label(setting));
		return;
	}
	if (n <= 0)
		return;
	*objects = calloc((size_t)n, kind->object_bytes);
	if (!*objects) {
		diag_error(diag, line_of(setting), "%s: out of memory", setting_label(setting));
		return;
	}
	*n_objects = (size_t)n;
	for (int i = 0; i < n; i++) {
		config_setting_t *group = config_setting_get_elem(setting, (unsigned)i);
		char *object = *objects + (size_t)i * kind->object_bytes;

		memcpy(object, kind->initial, kind->object_bytes);
		object[kind->name_at] = 0;
		*(int *)(void *)(object + kind->line_at) = line_of(group);
		take_keys(diag, group, kind->keys, kind->n_keys, object);
		if (!object[kind->name_at] && config_setting_is_group(group) && !config_setting_get_member(group, "name"))
			diag_error(diag, line_of(group), "%s: entry %d has no name", setting_label(setting), i + 1);
	}
}

static const struct group_kind kind_policy = KIND(cfg_policy, policy_keys, policy_default, policies, n_policies);
static const struct group_kind kind_manual = KIND(cfg_manual_sa, manual_keys, manual_default, manual_sas, n_manual_sas);

static void take_card(struct diag *diag, config_setting_t *setting, void *field, const void *none)
{
	const char *card = field;

	(void)none;
	take_text(diag, setting, field, &room_path);
	if (*card && strncmp(card, "sim:", 4) != 0 && strncmp(card, "pci:", 4) != 0)
		diag_error(diag, line_of(setting), "card: \"%s\" begins neither with sim: nor with pci:", card);
	else if (*card && !card[4])
		diag_error(diag, line_of(setting), "card: nothing after \"%s\"", card);
}

static void take_tap(struct diag *diag, config_setting_t *setting, void *field, const void *none)
{
	struct config *config = field;

	(void)none;
	take_text(diag, setting, config->tap, &room_tap);
	if (strpbrk(config->tap, "/ \t%"))
		diag_error(diag, line_of(setting), "tap: \"%s\" is no name of a network device", config->tap);
	config->has_tap = true;
}

static void take_mac(struct diag *diag, config_setting_t *setting, void *field, const void *none)
{
	struct config *config = field;
	const char *text = setting_text(diag, setting);
	char hex[2 + 12 + 1] = "0x";

	(void)none;
	if (!text)
		return;
	if (strlen(text) == 17) {
		for (size_t i = 0; i < 6; i++) {
			if (i < 5 && text[3 * i + 2] != ':')
				break;
			memcpy(hex + 2 + 2 * i, text + 3 * i, 2);
		}
	}
	if (strlen(hex) != 14 || text_get_hex(hex, config->mac, 6) != 6)
		diag_error(diag, line_of(setting), "mac: \"%s\" is not six hex pairs with colons between them", text);
	else if (config->mac[0] & 1)
		diag_error(diag, line_of(setting), "mac: \"%s\" is a group address", text);
	else
		config->has_mac = true;
}

static void take_local(struct diag *diag, config_setting_t *setting, void *field, const void *none)
{
	struct config *config = field;
	int n = config_setting_length(setting);

	(void)none;
	if (!config_setting_is_aggregate(setting) || config_setting_is_group(setting)) {
		diag_error(diag, line_of(setting), "local_addresses: wants a list: ( \"192.0.2.1\" )");
		return;
	}
	if (n > CONFIG_MAX_LOCAL) {
		diag_error(diag, line_of(setting), "local_addresses: %d addresses; the card takes %d", n, CONFIG_MAX_LOCAL);
		return;
	}
	for (int i = 0; i < n; i++) {
		config_setting_t *elem = config_setting_get_elem(setting, (unsigned)i);
		size_t before = diag->n_errors;

		take_addr(diag, elem, &config->local[config->n_local], NULL);
		if (diag->n_errors != before)
			continue;
		for (unsigned k = 0; k < config->n_local; k++)
			if (addr_same(&config->local[k], &config->local[config->n_local]))
				diag_error(diag, line_of(elem), "local_addresses: \"%s\" stands twice",
					   config_setting_get_string(elem));
		config->n_local++;
	}
}

static void take_mode(struct diag *diag, config_setting_t *setting, void *field, const void *none)
{
	int nic = -1;

	(void)none;
	take_word(diag, setting, &nic, words_mode);
	if (nic >= 0)
		*(bool *)field = nic == 1;
}

#define LIMIT(field) offsetof(struct cfg_host_limits, field)
static const struct key limit_keys[] = {
	{ "ike", take_u16, LIMIT(ike), &range_limit_packets },
	{ "arp", take_u16, LIMIT(arp), &range_limit_packets },
	{ "local", take_u16, LIMIT(local), &range_limit_packets },
	{ "nic", take_u16, LIMIT(nic), &range_limit_packets },
	{ "nd", take_u16, LIMIT(nd), &range_limit_packets },
	{ "slow_seal", take_u16, LIMIT(slow_seal), &range_limit_packets },
	{ "slow_open", take_u16, LIMIT(slow_open), &range_limit_packets },
	{ "fragments", take_u16, LIMIT(fragments), &range_limit_packets },
	{ "too_big", take_u16, LIMIT(too_big), &range_limit_packets },
	{ "split", take_u16, LIMIT(split), &range_limit_packets },
	{ "reserve_buffers", take_u16, LIMIT(reserve_buffers), &range_reserve },
};
/* What anybody can send without a key is limited; what an SA has vouched for, and IKE, which keeps the SAs alive, are not. */
static const struct cfg_host_limits limit_default = {
	.arp = 200, .nd = 200, .fragments = 2000, .too_big = 100, .split = 2000, .reserve_buffers = 32
};

static void take_limits(struct diag *diag, config_setting_t *setting, void *field, const void *none)
{
	(void)none;
	take_keys(diag, setting, limit_keys, COUNT(limit_keys), field);
}

/* Who asks for metrics is not asked who he is: only this machine may. */
static void take_metrics(struct diag *diag, config_setting_t *setting, void *field, const void *none)
{
	static const struct adit_addr loopback6 = { .bytes = { [15] = 1 }, .is_v6 = true };
	struct config *config = field;
	const char *text = setting_text(diag, setting);
	struct prefix place;
	uint16_t port = 0;

	(void)none;
	if (!text)
		return;
	if (place_get(text, &place, &port) != PREFIX_OK || port == 0 || place.plen != addr_bits(&place.addr))
		diag_error(diag, line_of(setting), "metrics: \"%s\" is not an address and a port such as \"127.0.0.1:9469\"", text);
	else if (place.addr.is_v6 ? !addr_same(&place.addr, &loopback6) : place.addr.bytes[0] != 127)
		diag_error(diag, line_of(setting), "metrics: \"%s\" is not this machine's own: 127.0.0.0/8 or ::1", text);
	config->metrics = place.addr;
	config->metrics_port = port;
}

#define ROOT(field) offsetof(struct config, field)
static const struct key root_keys[] = {
	{ "card", take_card, ROOT(card), NULL },
	{ "mode", take_mode, ROOT(nic), NULL },
	{ "local_addresses", take_local, 0, NULL },
	{ "control_socket", take_text, ROOT(control_socket), &room_socket },
	{ "default_action", take_word, ROOT(default_action), words_default_action },
	{ "tap", take_tap, 0, NULL },
	{ "mac", take_mac, 0, NULL },
	{ "host_limits", take_limits, ROOT(host_limits), NULL },
	{ "ike_port", take_u16, ROOT(ike_port), &range_port },
	{ "nat_traversal_port", take_u16, ROOT(natt_port), &range_port },
	{ "metrics", take_metrics, 0, NULL },
	{ "peers", take_groups, ROOT(peers), &kind_peer },
	{ "proposals", take_groups, ROOT(proposals), &kind_proposal },
	{ "policies", take_groups, ROOT(policies), &kind_policy },
	{ "manual_sas", take_groups, ROOT(manual_sas), &kind_manual },
};

void config_defaults(struct config *config)
{
	memcpy(config->control_socket, CONFIG_DEFAULT_SOCKET, sizeof(CONFIG_DEFAULT_SOCKET));
	config->host_limits = limit_default;
	config->ike_port = 500;
	config->natt_port = 4500;
}

void config_take_root(struct diag *diag, config_setting_t *root, struct config *config)
{
	take_keys(diag, root, root_keys, COUNT(root_keys), config);
}
