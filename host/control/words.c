// SPDX-License-Identifier: BSD-2-Clause-Patent
#include "control/words.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/version.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void add_text(json_object *to, const char *key, const char *text)
{
	json_object_object_add(to, key, json_object_new_string(text ? text : "?"));
}

static void add_u64(json_object *to, const char *key, uint64_t value)
{
	json_object_object_add(to, key, json_object_new_uint64(value));
}

static void add_bool(json_object *to, const char *key, bool value)
{
	json_object_object_add(to, key, json_object_new_boolean(value));
}

static void add_addr(json_object *to, const char *key, const struct adit_addr *addr)
{
	char text[ADDR_TEXT_BYTES];

	add_text(to, key, addr_put(addr, text));
}

static void add_prefix(json_object *to, const char *key, const struct prefix *prefix)
{
	char text[ADDR_TEXT_BYTES];

	add_text(to, key, prefix_put(prefix, text));
}

static void add_spi(json_object *to, const char *key, uint32_t spi)
{
	char text[12];

	(void)snprintf(text, sizeof(text), "0x%08x", spi);
	add_text(to, key, text);
}

static void add_hex(json_object *to, const char *key, const uint8_t *bytes, size_t n, const uint8_t *more, size_t n_more)
{
	char text[2 + 2 * (72 + 4) + 1] = "0x";
	size_t used = 2;

	for (size_t i = 0; i < n; i++, used += 2)
		(void)snprintf(text + used, 3, "%02x", bytes[i]);
	for (size_t i = 0; i < n_more; i++, used += 2)
		(void)snprintf(text + used, 3, "%02x", more[i]);
	add_text(to, key, text);
	explicit_bzero(text, sizeof(text));
}

static void add_ports(json_object *to, const char *key, const struct cfg_ports *ports)
{
	char text[16];

	if (ports->any)
		(void)snprintf(text, sizeof(text), ports->opaque ? "opaque" : "any");
	else if (ports->lo == ports->hi)
		(void)snprintf(text, sizeof(text), "%u", ports->lo);
	else
		(void)snprintf(text, sizeof(text), "%u-%u", ports->lo, ports->hi);
	add_text(to, key, text);
}

static json_object *text_array(const char *const *texts, size_t n)
{
	json_object *array = json_object_new_array();

	for (size_t i = 0; i < n; i++)
		json_object_array_add(array, json_object_new_string(texts[i]));
	return array;
}

static bool flag(json_object *request, const char *key)
{
	json_object *value;

	return json_object_object_get_ex(request, key, &value) && json_object_get_boolean(value);
}

/* A failed look at the card: tell it, and let the daemon recover where that is what it takes. */
static json_object *card_error(struct words_view *view, int rc, const char *why)
{
	if (rc == -EIO || rc == -ENODEV || rc == -ETIMEDOUT)
		view->card_failed(view->arg);
	return control_error("card: %s", *why ? why : strerror(-rc));
}

/* ---- policy */

static const char *ph2_state(const struct offload *offload, const struct offload_rule *rule)
{
	const struct offload_pair *pair = rule->plan.pair == PLAN_NO_PAIR ? NULL : &offload->pairs[rule->plan.pair];

	if (!pair || !pair->is_installed)
		return "no-phase2";
	for (unsigned side = 0; side < pair->plan.sas.n; side++)
		if (pair->states[side].hard_expired)
			return "expired";
	return "established";
}

static void add_policy_state(struct words_view *view, json_object *to, const struct cfg_policy *policy)
{
	for (size_t i = 0; i < view->offload->n_rules; i++) {
		const struct offload_rule *rule = &view->offload->rules[i];

		if (strcmp(rule->plan.name, policy->name) != 0)
			continue;
		add_u64(to, "id", rule->plan.sp.id);
		add_text(to, "ph2_state", ph2_state(view->offload, rule));
		add_u64(to, "in_accepted_packets", rule->state.in_accepted);
		add_u64(to, "in_dropped_packets", rule->state.in_dropped);
		add_u64(to, "in_transformed_packets", rule->state.in_transformed);
		add_u64(to, "out_accepted_packets", rule->state.out_accepted);
		add_u64(to, "out_dropped_packets", rule->state.out_dropped);
		add_u64(to, "out_transformed_packets", rule->state.out_transformed);
	}
}

static json_object *policy_object(const struct cfg_policy *policy)
{
	json_object *object = json_object_new_object();
	const char *protos[2];
	const char *proto = word_put(words_proto, policy->proto);
	char number[8];
	size_t n = 0;

	(void)snprintf(number, sizeof(number), "%d", policy->proto);
	add_text(object, "name", policy->name);
	add_prefix(object, "src_address", &policy->src);
	add_prefix(object, "dst_address", &policy->dst);
	add_text(object, "protocol", proto ? proto : number);
	add_ports(object, "src_port", &policy->sport);
	add_ports(object, "dst_port", &policy->dport);
	if (policy->has_sa_src)
		add_addr(object, "sa_src_address", &policy->sa_src);
	if (policy->has_sa_dst)
		add_addr(object, "sa_dst_address", &policy->sa_dst);
	add_bool(object, "tunnel", policy->tunnel);
	add_text(object, "action", word_put(words_action, (int)policy->action));
	add_text(object, "level", word_put(words_level, (int)policy->level));
	if (policy->esp)
		protos[n++] = "esp";
	if (policy->ah)
		protos[n++] = "ah";
	json_object_object_add(object, "ipsec_protocols", text_array(protos, n));
	add_text(object, "proposal", policy->proposal);
	add_text(object, "manual_sa", policy->manual_sa[0] ? policy->manual_sa : "none");
	json_object_object_add(object, "priority", json_object_new_int(policy->priority));
	add_bool(object, "disabled", policy->disabled);
	return object;
}

static json_object *say_policy(struct words_view *view, json_object *request)
{
	json_object *array;
	char why[OFFLOAD_WHY_BYTES] = "";
	int rc = offload_look_rules(view->offload, why);

	(void)request;
	if (rc == 0)
		rc = offload_look_sas(view->offload, why);	/* ph2_state */
	if (rc < 0)
		return card_error(view, rc, why);
	array = json_object_new_array();
	for (size_t i = 0; i < view->config->n_policies; i++) {
		json_object *object = policy_object(&view->config->policies[i]);

		add_policy_state(view, object, &view->config->policies[i]);
		json_object_array_add(array, object);
	}
	return control_ok(array);
}

/* ---- peer, proposal, manual-sa: the configuration back, without secrets */

static void add_words(json_object *object, const char *key, const struct word *words, const uint8_t *codes, unsigned n)
{
	json_object *array = json_object_new_array();

	for (unsigned i = 0; i < n; i++)
		json_object_array_add(array, json_object_new_string(word_put(words, codes[i])));
	json_object_object_add(object, key, array);
}

static json_object *say_peer(struct words_view *view, json_object *request)
{
	json_object *array = json_object_new_array();

	(void)request;
	for (size_t i = 0; i < view->config->n_peers; i++) {
		const struct cfg_peer *peer = &view->config->peers[i];
		json_object *object = json_object_new_object();

		add_text(object, "name", peer->name);
		add_prefix(object, "address", &peer->address);
		add_u64(object, "port", peer->port);
		add_text(object, "exchange_mode", word_put(words_exchange, (int)peer->exchange_mode));
		add_text(object, "auth_method", word_put(words_auth_method, (int)peer->auth_method));
		add_words(object, "hash_algorithm", words_auth, peer->hashes, peer->n_hashes);
		add_words(object, "enc_algorithm", words_enc, peer->encs, peer->n_encs);
		add_words(object, "dh_group", words_dh, peer->dhs, peer->n_dhs);
		add_u64(object, "lifetime_seconds", peer->lifetime_seconds);
		add_u64(object, "lifetime_bytes", peer->lifetime_bytes);
		add_bool(object, "nat_traversal", peer->nat_traversal);
		add_bool(object, "generate_policy", peer->generate_policy);
		add_bool(object, "send_initial_contact", peer->send_initial_contact);
		add_u64(object, "dpd_interval_seconds", peer->dpd_seconds);
		add_u64(object, "dpd_maximum_failures", peer->dpd_failures);
		add_text(object, "proposal_check", word_put(words_check, (int)peer->check));
		json_object_array_add(array, object);
	}
	return control_ok(array);
}

static json_object *proposal_object(const struct cfg_proposal *proposal)
{
	json_object *object = json_object_new_object(), *encs = json_object_new_array(), *auths = json_object_new_array();

	for (unsigned i = 0; i < proposal->n_auths; i++)
		json_object_array_add(auths, json_object_new_string(word_put(words_esp_auth, proposal->auths[i])));
	for (unsigned i = 0; i < proposal->n_encs; i++)
		json_object_array_add(encs, json_object_new_string(enc_word(proposal->encs[i], proposal->icvs[i])));
	add_text(object, "name", proposal->name);
	json_object_object_add(object, "auth_algorithms", auths);
	json_object_object_add(object, "enc_algorithms", encs);
	add_u64(object, "lifetime_seconds", proposal->lifetime_seconds);
	add_text(object, "pfs_group", word_put(words_dh, (int)proposal->pfs));
	return object;
}

static json_object *say_proposal(struct words_view *view, json_object *request)
{
	json_object *array = json_object_new_array();

	(void)request;
	for (size_t i = 0; i < view->config->n_proposals; i++)
		json_object_array_add(array, proposal_object(&view->config->proposals[i]));
	return control_ok(array);
}

static void add_manual_keys(json_object *object, const struct cfg_manual_sa *manual)
{
	const struct { const char *key; const struct cfg_key *value; } rows[] = {
		{ "esp_enc_key_in", &manual->esp_enc_key_in }, { "esp_enc_key_out", &manual->esp_enc_key_out },
		{ "esp_auth_key_in", &manual->esp_auth_key_in }, { "esp_auth_key_out", &manual->esp_auth_key_out },
		{ "ah_key_in", &manual->ah_key_in }, { "ah_key_out", &manual->ah_key_out },
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		if (rows[i].value->is_set)
			add_hex(object, rows[i].key, rows[i].value->bytes, rows[i].value->n_bytes, NULL, 0);
}

static void add_manual_rest(json_object *object, const struct cfg_manual_sa *manual)
{
	if (manual->esp_icv_bytes)
		add_u64(object, "esp_icv_bytes", manual->esp_icv_bytes);
	add_bool(object, "allow_null_authentication", manual->allow_null_auth);
	add_u64(object, "lifetime_seconds", manual->lifetime_seconds);
	add_u64(object, "lifetime_bytes", manual->lifetime_bytes);
	add_u64(object, "lifetime_packets", manual->lifetime_packets);
	add_bool(object, "esn", manual->esn);
	add_u64(object, "replay_window_packets", manual->replay_packets);
	add_bool(object, "nat_traversal", manual->nat_traversal);
	add_u64(object, "nat_traversal_local_port", manual->natt_local_port);
	add_u64(object, "nat_traversal_remote_port", manual->natt_remote_port);
	if (manual->dscp < 0)
		add_text(object, "dscp", "copy");
	else
		add_u64(object, "dscp", (uint64_t)manual->dscp);
	add_text(object, "df", word_put(words_df, (int)manual->df));
	add_bool(object, "ecn", manual->ecn);
	add_u64(object, "ttl", manual->ttl);
	add_u64(object, "flow_label", manual->flow_label);
	add_u64(object, "path_mtu_bytes", manual->path_mtu);
	add_u64(object, "tfc_padding_bytes", manual->tfc_bytes);
}

static json_object *say_manual_sa(struct words_view *view, json_object *request)
{
	json_object *array = json_object_new_array();
	bool with_keys = flag(request, "keys");

	for (size_t i = 0; i < view->config->n_manual_sas; i++) {
		const struct cfg_manual_sa *manual = &view->config->manual_sas[i];
		json_object *object = json_object_new_object();

		add_text(object, "name", manual->name);
		if (manual->esp_spi.line) {
			add_spi(object, "esp_spi_in", manual->esp_spi.in);
			add_spi(object, "esp_spi_out", manual->esp_spi.out);
			add_text(object, "esp_enc_algorithm", word_put(words_enc, (int)manual->esp_enc));
			add_text(object, "esp_auth_algorithm", word_put(words_esp_auth, (int)manual->esp_auth));
		}
		if (manual->ah_spi.line) {
			add_spi(object, "ah_spi_in", manual->ah_spi.in);
			add_spi(object, "ah_spi_out", manual->ah_spi.out);
			add_text(object, "ah_algorithm", word_put(words_auth, (int)manual->ah_auth));
		}
		add_manual_rest(object, manual);
		if (with_keys)
			add_manual_keys(object, manual);
		json_object_array_add(array, object);
	}
	return control_ok(array);
}

/* ---- installed-sa */

/* Sides in the order they are told: in before out, and of a bundle the inner layer before the outer. */
static const enum sa_side side_order[SA_SIDES] = { SA_IN, SA_AH_IN, SA_OUT, SA_AH_OUT };

#define ASSUMED_MTU 1500	/* where no path_mtu is set */

/* The longest inner packet, of all layers together. */
static uint16_t inner_mtu(const struct offload_pair *pair, unsigned side)
{
	const struct sa_set *set = &pair->plan.sas;
	unsigned inner = side % SA_AH_IN;
	uint16_t mtu = set->sa[inner].path_mtu ? set->sa[inner].path_mtu : ASSUMED_MTU;

	if (set->n > 2)
		mtu = adit_sa_inner_mtu(&set->sa[inner + SA_AH_IN], mtu);
	return adit_sa_inner_mtu(&set->sa[inner], mtu);
}

static void add_shape(json_object *object, const struct offload_pair *pair, unsigned side)
{
	const struct adit_sa *sa = &pair->plan.sas.sa[side];

	add_text(object, "layer", pair->plan.sas.n == 2 ? "only" : side < SA_AH_IN ? "inner" : "outer");
	add_text(object, "transform", sa_is_done_by_host(sa) ? "host" : "card");
	add_bool(object, "esn", sa->esn);
	add_bool(object, "nat_traversal", sa->udp_encap);
	if (sa->udp_encap) {
		add_u64(object, "src_port", sa->natt_sport);
		add_u64(object, "dst_port", sa->natt_dport);
	}
	add_u64(object, "icv_bytes", adit_sa_icv_bytes(sa));
	add_u64(object, "path_mtu_bytes", sa->path_mtu);
	add_u64(object, "inner_mtu_bytes", inner_mtu(pair, side));
	add_u64(object, "overhead_bytes", adit_sa_overhead(sa));
	add_u64(object, "tfc_padding_bytes", sa->tfc_bytes);
}

static void add_life(json_object *object, const struct offload_pair *pair, unsigned side, uint64_t age_seconds)
{
	const struct adit_sa *sa = &pair->plan.sas.sa[side];
	const struct adit_sa_state *state = &pair->states[side];

	add_u64(object, "added_seconds", state->added_seconds);
	add_u64(object, "age_seconds", age_seconds);
	add_u64(object, "lifetime_soft_seconds", sa->soft_seconds);
	add_u64(object, "lifetime_hard_seconds", sa->hard_seconds);
	if (sa->hard_seconds)
		add_u64(object, "expires_in_seconds", sa->hard_seconds > age_seconds ? sa->hard_seconds - age_seconds : 0);
	add_u64(object, "lifetime_soft_bytes", sa->soft_bytes);
	add_u64(object, "lifetime_hard_bytes", sa->hard_bytes);
	add_u64(object, "lifetime_soft_packets", sa->soft_packets);
	add_u64(object, "lifetime_hard_packets", sa->hard_packets);
	add_bool(object, "soft_expired", state->soft_expired);
	add_bool(object, "hard_expired", state->hard_expired);
}

static const char *sa_state(const struct adit_sa_state *state)
{
	return state->hard_expired ? "expired" : state->soft_expired ? "expiring" : "installed";
}

static json_object *sa_object(const struct offload *offload, const struct offload_pair *pair, unsigned side, bool with_keys)
{
	const struct adit_sa *sa = &pair->plan.sas.sa[side];
	const struct adit_sa_state *state = &pair->states[side];
	const bool is_out = sa_side_is_out(side);
	struct enc_facts facts = enc_facts(sa->enc);
	uint64_t age_seconds = (uint64_t)(offload_now_ms() - pair->born_ms) / 1000;
	json_object *object = json_object_new_object(), *policies = json_object_new_array();

	for (size_t i = 0; i < offload->n_rules; i++)
		if (offload->rules[i].plan.pair == (int)(pair - offload->pairs))
			json_object_array_add(policies, json_object_new_string(offload->rules[i].plan.name));
	add_text(object, "manual_sa", pair->plan.manual_sa);
	add_text(object, "state", sa_state(state));
	add_text(object, "direction", is_out ? "out" : "in");
	add_spi(object, "spi", sa->spi);
	add_text(object, "protocol", word_put(words_ipsec_proto, (int)sa->proto));
	add_bool(object, "ah", sa->proto == ADIT_PROTO_AH);
	add_bool(object, "esp", sa->proto == ADIT_PROTO_ESP);
	add_bool(object, "pfs", false);	/* manual keys come from no exchange */
	add_text(object, "mode", sa->mode == ADIT_MODE_TUNNEL ? "tunnel" : "transport");
	add_addr(object, "src_address", &sa->src);
	add_addr(object, "dst_address", &sa->dst);
	add_text(object, "enc_algorithm", word_put(words_enc, (int)sa->enc));
	add_u64(object, "enc_key_bits", facts.key_bytes * 8u);
	add_text(object, "auth_algorithm", word_put(words_esp_auth, (int)sa->auth));
	add_u64(object, "auth_key_bits", sa->auth_key_bytes * 8u);
	if (with_keys) {
		add_hex(object, "enc_key", sa->enc_key, facts.key_bytes, sa->salt, facts.salt_bytes);
		add_hex(object, "auth_key", sa->auth_key, sa->auth_key_bytes, sa->salt, auth_salt_bytes(sa->auth));
	}
	add_shape(object, pair, side);
	json_object_object_add(object, "policies", policies);
	add_u64(object, "reqid", pair->reqid);
	add_u64(object, "slot", pair->slots[side]);
	add_life(object, pair, side, age_seconds);
	add_u64(object, is_out ? "sequence_next" : "sequence_highest", state->seq);
	add_u64(object, "packets", pair->spent[side].packets + state->packets);
	add_u64(object, "bytes", pair->spent[side].bytes + state->bytes);
	if (!is_out) {
		add_u64(object, "replay_window_packets", sa->replay_packets);
		add_u64(object, "replayed_packets", state->replays);
		add_u64(object, "bad_icv_packets", state->icv_errors);
	}
	return object;
}

static json_object *say_installed_sa(struct words_view *view, json_object *request)
{
	bool with_keys = flag(request, "keys");
	char why[OFFLOAD_WHY_BYTES] = "";
	int rc = offload_look_sas(view->offload, why);
	json_object *array;

	if (rc < 0)
		return card_error(view, rc, why);
	array = json_object_new_array();
	for (size_t i = 0; i < view->offload->n_pairs; i++) {
		const struct offload_pair *pair = &view->offload->pairs[i];

		if (!pair->is_installed)
			continue;
		for (unsigned k = 0; k < SA_SIDES; k++)
			if (side_order[k] < pair->plan.sas.n)
				json_object_array_add(array, sa_object(view->offload, pair, side_order[k], with_keys));
	}
	return control_ok(array);
}

static json_object *say_flush(struct words_view *view, json_object *request)
{
	json_object *value, *object;
	const char *type = "all";
	char why[OFFLOAD_WHY_BYTES] = "";
	unsigned n_flushed;
	int rc;

	if (json_object_object_get_ex(request, "sa_type", &value))
		type = json_object_get_string(value);
	if (!type || (strcmp(type, "ah") != 0 && strcmp(type, "esp") != 0 && strcmp(type, "all") != 0))
		return control_error("sa_type is ah, esp or all");
	rc = offload_flush(view->offload, strcmp(type, "ah") != 0, strcmp(type, "esp") != 0, &n_flushed, why);
	if (rc < 0)
		return card_error(view, rc, why);
	object = json_object_new_object();
	add_text(object, "sa_type", type);
	add_u64(object, "flushed_sas", n_flushed);
	return control_ok(object);
}

/* ---- statistics, card */

static json_object *slowpath_object(const struct slowpath_counts *counts)
{
	json_object *object = json_object_new_object(), *fragments = json_object_new_object();

	add_u64(object, "sealed_packets", counts->sealed);
	add_u64(object, "opened_packets", counts->opened);
	add_u64(object, "open_refused_packets", counts->open_refused);
	add_u64(object, "split_packets", counts->split);
	add_u64(object, "too_big_answers", counts->too_big_answers);
	add_u64(object, "reassembled_packets", counts->reassembled);
	add_u64(object, "expired_datagrams", counts->expired);
	add_u64(object, "mended_checksum_packets", counts->mended);
	add_u64(object, "dropped_packets", counts->dropped);
	for (unsigned i = 0; i < REASSEMBLY_RESULTS; i++)
		add_u64(fragments, reassembly_result_name((enum reassembly_result)i), counts->fragments[i]);
	json_object_object_add(object, "fragments_packets", fragments);
	return object;
}

static json_object *say_statistics(struct words_view *view, json_object *request)
{
	uint64_t counters[ADIT_REASON_COUNT] = { 0 };
	json_object *object, *reasons, *host;
	int rc = adit_stats_wait(view->card, counters);

	(void)request;
	if (rc < 0)
		return card_error(view, rc, adit_card_strerror(view->card));
	object = json_object_new_object();
	reasons = json_object_new_array();
	host = json_object_new_object();
	for (unsigned i = 0; i < ADIT_REASON_COUNT; i++) {
		json_object *reason;

		if (!adit_reason_name(i))
			continue;
		reason = json_object_new_object();
		add_text(reason, "reason", adit_reason_name(i));
		add_u64(reason, "code", i);
		add_u64(reason, "packets", counters[i]);
		add_text(reason, "meaning", adit_reason_doc(i));
		json_object_array_add(reasons, reason);
	}
	add_u64(host, "rx_packets", view->counters->rx_packets);
	add_u64(host, "tx_packets", view->counters->tx_packets);
	add_u64(host, "tx_dropped_packets", view->counters->tx_dropped);
	add_u64(host, "arp_answers", view->counters->arp_answers);
	add_u64(host, "nd_answers", view->counters->nd_answers);
	add_u64(host, "echo_answers", view->counters->echo_answers);
	add_u64(host, "ignored_packets", view->counters->ignored_packets);
	add_u64(host, "ike_packets", view->counters->ike_packets);
	add_u64(host, "acquires", view->counters->acquires);
	add_u64(host, "card_recoveries", view->counters->recoveries);
	json_object_object_add(object, "reasons", reasons);
	json_object_object_add(object, "host", host);
	json_object_object_add(object, "slowpath", slowpath_object(view->slowpath));
	return control_ok(object);
}

static json_object *mask_names(uint32_t mask, const char *(*name)(unsigned code))
{
	json_object *array = json_object_new_array();

	for (unsigned i = 0; i < 32; i++)
		if ((mask >> i & 1) && name(i))
			json_object_array_add(array, json_object_new_string(name(i)));
	return array;
}

static json_object *limits_object(const struct offload *offload)
{
	json_object *object = json_object_new_object();

	for (unsigned i = 0; offload->has_limits && i < COUNT(offload->limits.packets); i++)
		if (adit_reason_name(ADIT_REASON_HostIke + i) && offload->limits.packets[i])
			add_u64(object, adit_reason_name(ADIT_REASON_HostIke + i), offload->limits.packets[i]);
	return object;
}

static json_object *say_card(struct words_view *view, json_object *request)
{
	const struct adit_caps *caps = adit_card_caps(view->card);
	json_object *object, *locals;
	char version[16];
	uint64_t cycles = 0;
	unsigned n_sas = 0;
	int rc = adit_card_cycles(view->card, &cycles);

	(void)request;
	if (rc < 0)
		return card_error(view, rc, adit_card_strerror(view->card));
	for (size_t i = 0; i < view->offload->n_pairs; i++)
		n_sas += view->offload->pairs[i].is_installed ? view->offload->pairs[i].plan.sas.n : 0;
	object = json_object_new_object();
	locals = json_object_new_array();
	for (unsigned i = 0; i < view->config->n_local; i++) {
		char text[ADDR_TEXT_BYTES];

		json_object_array_add(locals, json_object_new_string(addr_put(&view->config->local[i], text)));
	}
	(void)snprintf(version, sizeof(version), "%u.%u", caps->major, caps->minor);
	add_text(object, "card", view->card_name);
	add_text(object, "state", "up");
	add_text(object, "mode", view->config->nic ? "nic" : "wire");
	add_text(object, "contract_version", version);
	add_text(object, "size", caps->full_size ? "full" : "dev");
	add_u64(object, "cycles", cycles);
	add_u64(object, "sa_slots", caps->sa_slots);
	add_u64(object, "sa_slots_used", n_sas);
	add_u64(object, "policy_rules", caps->sp_rules);
	add_u64(object, "policy_rules_used", view->offload->n_rules);
	add_u64(object, "packet_rings", caps->pkt_rings);
	add_u64(object, "interrupt_vectors", caps->vectors);
	add_u64(object, "frame_bytes_max", caps->frame_bytes);
	add_u64(object, "replay_window_packets_max", caps->replay_packets);
	json_object_object_add(object, "enc_algorithms", mask_names(caps->enc_mask, adit_enc_name));
	json_object_object_add(object, "auth_algorithms", mask_names(caps->auth_mask, adit_auth_name));
	json_object_object_add(object, "features", mask_names(caps->feature_mask, adit_feature_name));
	json_object_object_add(object, "local_addresses", locals);
	add_u64(object, "clock_hz", caps->clock_hz);
	json_object_object_add(object, "host_limits_packets_per_second", limits_object(view->offload));
	add_text(object, "default_action", word_put(words_default_action, (int)view->config->default_action));
	return control_ok(object);
}

/* ---- reload, version */

static json_object *say_reload(struct words_view *view, json_object *request)
{
	json_object *result = json_object_new_object(), *errors = json_object_new_array(), *reply;

	if (view->reload(view->arg, flag(request, "dry_run"), result, errors)) {
		json_object_put(errors);
		return control_ok(result);
	}
	json_object_put(result);
	reply = control_error("nothing was changed");
	json_object_object_add(reply, "errors", errors);
	return reply;
}

static json_object *say_version(struct words_view *view, json_object *request)
{
	json_object *object = json_object_new_object();
	char contract[16];

	(void)view;
	(void)request;
	(void)snprintf(contract, sizeof(contract), "%u.%u", ADIT_REG_VERSION_MAJOR_RESET, ADIT_REG_VERSION_MINOR_RESET);
	add_text(object, "version", ADIT_VERSION);
	add_text(object, "contract_version", contract);
	return control_ok(object);
}

static const struct {
	const char *word;
	json_object *(*say)(struct words_view *view, json_object *request);
	bool needs_card;
	const char *key;	/* the one thing it can be told, NULL: nothing */
	json_type key_type;
} words[] = {
	{ "policy", say_policy, true, "stats", json_type_boolean },
	{ "peer", say_peer, false, NULL, json_type_null },
	{ "proposal", say_proposal, false, NULL, json_type_null },
	{ "manual-sa", say_manual_sa, false, "keys", json_type_boolean },
	{ "installed-sa", say_installed_sa, true, "keys", json_type_boolean },
	{ "installed-sa flush", say_flush, true, "sa_type", json_type_string },
	{ "statistics", say_statistics, true, NULL, json_type_null },
	{ "card", say_card, true, NULL, json_type_null },
	{ "reload", say_reload, true, "dry_run", json_type_boolean },
	{ "version", say_version, false, NULL, json_type_null },
};

/* A slip in a request must not be taken for silence: a dry run that is none would reload. NULL if all is as the table says. */
static json_object *check_request(size_t row, json_object *request)
{
	json_object_object_foreach(request, key, value) {
		if (strcmp(key, "word") == 0)
			continue;
		if (!words[row].key || strcmp(key, words[row].key) != 0)
			return control_error("\"%s\" cannot be told \"%s\"", words[row].word, key);
		if (!json_object_is_type(value, words[row].key_type))
			return control_error("\"%s\" wants a %s", key, json_type_to_name(words[row].key_type));
	}
	return NULL;
}

json_object *words_answer(void *arg, const char *word, json_object *request)
{
	struct words_view *view = arg;
	const char *names[COUNT(words)], *near;
	json_object *refusal;

	for (size_t i = 0; i < COUNT(words); i++) {
		names[i] = words[i].word;
		if (strcmp(words[i].word, word) != 0)
			continue;
		refusal = check_request(i, request);
		if (refusal)
			return refusal;
		if (words[i].needs_card && !view->card)
			return control_error("the card is away; aditd is trying to get it back");
		return words[i].say(view, request);
	}
	near = text_nearest(word, names, COUNT(words));
	if (near)
		return control_error("no such word; did you mean \"%s\"?", near);
	return control_error("no such word");
}
