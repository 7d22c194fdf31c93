// SPDX-License-Identifier: BSD-2-Clause-Patent
/* The configuration back, without secrets. */
#include <stdio.h>
#include <string.h>

#include "control/words_room.h"

static bool is_text(const struct cfg_id *id)
{
	for (unsigned i = 0; i < id->n_bytes; i++)
		if (id->bytes[i] <= 0x20 || id->bytes[i] >= 0x7f)
			return false;
	return true;
}

static void put_hex(const struct cfg_id *id, char *out)
{
	out += sprintf(out, ":0x");
	for (unsigned i = 0; i < id->n_bytes; i++)
		out += sprintf(out, "%02x", id->bytes[i]);
}

static void add_id(json_object *to, const char *key, const struct cfg_id *id)
{
	static const char *const kinds[] = { [CFG_ID_AUTO] = "auto", [CFG_ID_IGNORE] = "ignore", [CFG_ID_ADDRESS] = "address",
					     [CFG_ID_FQDN] = "fqdn", [CFG_ID_USER_FQDN] = "user-fqdn", [CFG_ID_DN] = "dn",
					     [CFG_ID_KEY_ID] = "key-id" };
	char text[16 + 2 * sizeof(id->bytes)], addr[ADDR_TEXT_BYTES];
	int used = snprintf(text, sizeof(text), "%s", kinds[id->kind]);

	if (id->kind == CFG_ID_ADDRESS)
		(void)snprintf(text + used, sizeof(text) - (size_t)used, ":%s", addr_put(&id->address, addr));
	else if (id->kind == CFG_ID_KEY_ID && !is_text(id))
		put_hex(id, text + used);
	else if (id->n_bytes && id->kind != CFG_ID_DN)	/* DER is nothing to read */
		(void)snprintf(text + used, sizeof(text) - (size_t)used, ":%.*s", (int)id->n_bytes, (const char *)id->bytes);
	add_text(to, key, text);
}

static void add_credentials(json_object *object, const struct cfg_peer *peer)
{
	add_text(object, "auth_method", word_put(words_auth_method, (int)peer->auth_method));
	add_bool(object, "has_secret", peer->secret_bytes > 0);
	add_text(object, "certificate", peer->certificate);
	add_text(object, "key", peer->key);
	add_text(object, "ca", peer->ca);
	add_text(object, "crl", peer->crl);
	add_text(object, "remote_certificate", peer->remote_certificate);
	add_id(object, "my_id", &peer->my_id);
	add_id(object, "remote_id", &peer->remote_id);
}

static json_object *peer_object(const struct cfg_peer *peer)
{
	json_object *object = json_object_new_object();

	add_text(object, "name", peer->name);
	add_prefix(object, "address", &peer->address);
	add_u64(object, "port", peer->port);
	add_text(object, "exchange_mode", word_put(words_exchange, (int)peer->exchange_mode));
	add_credentials(object, peer);
	add_words(object, "hash_algorithm", words_auth, peer->hashes, peer->n_hashes);
	add_words(object, "enc_algorithm", words_enc, peer->encs, peer->n_encs);
	add_words(object, "dh_group", words_dh, peer->dhs, peer->n_dhs);
	add_u64(object, "lifetime_seconds", peer->lifetime_seconds);
	add_u64(object, "lifetime_bytes", peer->lifetime_bytes);
	add_bool(object, "nat_traversal", peer->nat_traversal);
	add_bool(object, "fragmentation", peer->fragmentation);
	add_bool(object, "generate_policy", peer->generate_policy);
	add_text(object, "policy_template", peer->policy_template);
	add_bool(object, "send_initial_contact", peer->send_initial_contact);
	add_u64(object, "dpd_interval_seconds", peer->dpd_seconds);
	add_u64(object, "dpd_maximum_failures", peer->dpd_failures);
	add_text(object, "proposal_check", word_put(words_check, (int)peer->check));
	return object;
}

json_object *say_peer(const struct asked *asked)
{
	json_object *array = json_object_new_array();

	for (size_t i = 0; i < asked->view->config->n_peers; i++)
		json_object_array_add(array, peer_object(&asked->view->config->peers[i]));
	return control_ok(array);
}

static json_object *proposal_encs(const struct cfg_proposal *proposal)
{
	json_object *array = json_object_new_array();

	for (unsigned i = 0; i < proposal->n_encs; i++)
		json_object_array_add(array, json_object_new_string(enc_word(proposal->encs[i], proposal->icvs[i])));
	return array;
}

json_object *say_proposal(const struct asked *asked)
{
	json_object *array = json_object_new_array();

	for (size_t i = 0; i < asked->view->config->n_proposals; i++) {
		const struct cfg_proposal *proposal = &asked->view->config->proposals[i];
		json_object *object = json_object_new_object();

		add_text(object, "name", proposal->name);
		add_words(object, "auth_algorithms", words_esp_auth, proposal->auths, proposal->n_auths);
		json_object_object_add(object, "enc_algorithms", proposal_encs(proposal));
		add_u64(object, "lifetime_seconds", proposal->lifetime_seconds);
		add_u64(object, "lifetime_bytes", proposal->lifetime_bytes);
		add_text(object, "pfs_group", word_put(words_dh, (int)proposal->pfs));
		add_bool(object, "esn", proposal->esn);
		add_bool(object, "allow_null_authentication", proposal->allow_null_auth);
		add_u64(object, "replay_window_packets", proposal->replay_packets);
		json_object_array_add(array, object);
	}
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

json_object *say_manual_sa(const struct asked *asked)
{
	json_object *array = json_object_new_array();
	bool with_keys = asked_flag(asked, "keys");

	for (size_t i = 0; i < asked->view->config->n_manual_sas; i++) {
		const struct cfg_manual_sa *manual = &asked->view->config->manual_sas[i];
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
