// SPDX-License-Identifier: BSD-2-Clause-Patent
/* The card itself, and what was counted by it and by the host. */
#include <stdio.h>

#include "control/words_room.h"

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

static json_object *reasons_array(const uint64_t *counters)
{
	json_object *array = json_object_new_array();

	for (unsigned i = 0; i < ADIT_REASON_COUNT; i++) {
		json_object *reason;

		if (!adit_reason_name(i))
			continue;
		reason = json_object_new_object();
		add_text(reason, "reason", adit_reason_name(i));
		add_u64(reason, "code", i);
		add_u64(reason, "packets", counters[i]);
		add_text(reason, "meaning", adit_reason_doc(i));
		json_object_array_add(array, reason);
	}
	return array;
}

static json_object *host_object(const struct host_counters *counters)
{
	json_object *host = json_object_new_object();

	add_u64(host, "rx_packets", counters->rx_packets);
	add_u64(host, "tx_packets", counters->tx_packets);
	add_u64(host, "tx_dropped_packets", counters->tx_dropped);
	add_u64(host, "arp_answers", counters->arp_answers);
	add_u64(host, "nd_answers", counters->nd_answers);
	add_u64(host, "echo_answers", counters->echo_answers);
	add_u64(host, "ignored_packets", counters->ignored_packets);
	add_u64(host, "ike_packets", counters->ike_packets);
	add_u64(host, "acquires", counters->acquires);
	add_u64(host, "card_recoveries", counters->recoveries);
	return host;
}

static json_object *ike_object(const struct words_view *view)
{
	static const struct ike_counters none;
	const struct ike_counters *counters = view->ike ? view->engine->counters(view->ike) : &none;
	json_object *object = json_object_new_object();

#define X(name) add_u64(object, #name, counters->name);
	IKE_COUNTERS(X)
#undef X
	return object;
}

json_object *say_statistics(const struct asked *asked)
{
	struct words_view *view = asked->view;
	uint64_t counters[ADIT_REASON_COUNT] = { 0 };
	char why[OFFLOAD_WHY_BYTES] = "";
	json_object *object;
	int rc = offload_look_reasons(view->offload, counters, why);

	if (rc < 0)
		return card_error(view, rc, why);
	object = json_object_new_object();
	json_object_object_add(object, "reasons", reasons_array(counters));
	json_object_object_add(object, "host", host_object(view->counters));
	json_object_object_add(object, "slowpath", slowpath_object(view->slowpath));
	json_object_object_add(object, "ike", ike_object(view));
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

static void count_child(void *arg, const struct child_view *child)
{
	for (unsigned side = 0; side < child->sas->n; side++)
		*(unsigned *)arg += sa_side_is_out(side) ? child->has_outbound : child->has_inbound;
}

json_object *say_card(const struct asked *asked)
{
	struct words_view *view = asked->view;
	const struct adit_caps *caps = adit_card_caps(view->card);
	json_object *object, *locals;
	char version[16];
	uint64_t cycles = 0;
	unsigned n_sas = 0;
	int rc = adit_card_cycles(view->card, &cycles);

	if (rc < 0)
		return card_error(view, rc, adit_card_strerror(view->card));
	for (size_t i = 0; i < view->offload->n_pairs; i++)
		n_sas += view->offload->pairs[i].is_installed ? view->offload->pairs[i].plan.sas.n : 0;
	if (view->ike)
		view->engine->each_installed(view->offload, count_child, &n_sas);
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
