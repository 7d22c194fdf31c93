// SPDX-License-Identifier: BSD-2-Clause-Patent
#include <stdlib.h>
#include <string.h>

#include "control/words_room.h"

/* Sides in the order they are told: in before out, and of a bundle the inner layer before the outer. */
static const enum sa_side side_order[SA_SIDES] = { SA_IN, SA_AH_IN, SA_OUT, SA_AH_OUT };

#define ASSUMED_MTU 1500	/* where no path_mtu is set */

/* SAs that belong together, from wherever: manual ones or IKE's. */
struct told_sas {
	const struct sa_set *set;
	const uint16_t *slots;
	const struct adit_sa_state *states;
	const struct offload_spent *spent;	/* of earlier lives; NULL: none */
	uint32_t reqid;
	int64_t born_ms;
	bool with_keys;
	const struct ike_child_view *child;	/* NULL: manual, or not yet known to the engine */
	const char *manual_sa;			/* NULL: IKE's */
	const char *policy;			/* of IKE's */
	bool has_outbound;
};

/* The longest inner packet, of all layers together. */
static uint16_t inner_mtu(const struct sa_set *set, unsigned side)
{
	unsigned inner = side % SA_AH_IN;
	uint16_t mtu = set->sa[inner].path_mtu ? set->sa[inner].path_mtu : ASSUMED_MTU;

	if (set->n > 2)
		mtu = adit_sa_inner_mtu(&set->sa[inner + SA_AH_IN], mtu);
	return adit_sa_inner_mtu(&set->sa[inner], mtu);
}

static void add_shape(json_object *object, const struct sa_set *set, unsigned side)
{
	const struct adit_sa *sa = &set->sa[side];

	add_text(object, "layer", set->n == 2 ? "only" : side < SA_AH_IN ? "inner" : "outer");
	add_text(object, "transform", sa_is_done_by_host(sa) ? "host" : "card");
	add_bool(object, "esn", sa->esn);
	add_bool(object, "nat_traversal", sa->udp_encap);
	if (sa->udp_encap) {
		add_u64(object, "src_port", sa->natt_sport);
		add_u64(object, "dst_port", sa->natt_dport);
	}
	add_u64(object, "icv_bytes", adit_sa_icv_bytes(sa));
	add_u64(object, "path_mtu_bytes", sa->path_mtu);
	add_u64(object, "inner_mtu_bytes", inner_mtu(set, side));
	add_u64(object, "overhead_bytes", adit_sa_overhead(sa));
	add_u64(object, "tfc_padding_bytes", sa->tfc_bytes);
}

static void add_life(json_object *object, const struct adit_sa *sa, const struct adit_sa_state *state, int64_t born_ms)
{
	uint64_t age_seconds = seconds_between(born_ms, offload_now_ms());

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

/* Manual SAs live and die in the card; IKE's are what racoon calls larval, mature, dying, dead. */
static const char *sa_state(const struct told_sas *sas, const struct adit_sa_state *state)
{
	if (!sas->manual_sa)
		return sas->child ? sas->child->state : sas->has_outbound ? "mature" : "larval";
	return state->hard_expired ? "expired" : state->soft_expired ? "expiring" : "installed";
}

static void add_origin(json_object *object, const struct told_sas *sas)
{
	add_text(object, "origin", sas->manual_sa ? "manual" : "ike");
	add_text(object, "manual_sa", sas->manual_sa ? sas->manual_sa : "none");
	if (!sas->child)
		return;
	add_u64(object, "child_id", sas->child->id);
	add_u64(object, "ike_id", sas->child->ike_id);
	add_text(object, "peer", sas->child->peer);
	add_text(object, "side", sas->child->is_initiator ? "initiator" : "responder");
	add_bool(object, "dynamic", sas->child->is_generated);
	if (sas->child->soft_ms)
		add_u64(object, "rekey_in_seconds", seconds_between(offload_now_ms(), sas->child->soft_ms));
}

static void add_algorithms(json_object *object, const struct adit_sa *sa, bool with_keys)
{
	struct enc_facts facts = enc_facts(sa->enc);

	add_text(object, "enc_algorithm", word_put(words_enc, (int)sa->enc));
	add_u64(object, "enc_key_bits", facts.key_bytes * 8u);
	add_text(object, "auth_algorithm", word_put(words_esp_auth, (int)sa->auth));
	add_u64(object, "auth_key_bits", sa->auth_key_bytes * 8u);
	if (with_keys) {
		add_hex(object, "enc_key", sa->enc_key, facts.key_bytes, sa->salt, facts.salt_bytes);
		add_hex(object, "auth_key", sa->auth_key, sa->auth_key_bytes, sa->salt, auth_salt_bytes(sa->auth));
	}
}

static void add_traffic(json_object *object, const struct told_sas *sas, unsigned side)
{
	const struct adit_sa_state *state = &sas->states[side];

	add_u64(object, sa_side_is_out(side) ? "sequence_next" : "sequence_highest", state->seq);
	add_u64(object, "packets", (sas->spent ? sas->spent[side].packets : 0) + state->packets);
	add_u64(object, "bytes", (sas->spent ? sas->spent[side].bytes : 0) + state->bytes);
	if (sa_side_is_out(side))
		return;
	add_u64(object, "replay_window_packets", sas->set->sa[side].replay_packets);
	add_u64(object, "replayed_packets", state->replays);
	add_u64(object, "bad_icv_packets", state->icv_errors);
}

static json_object *sa_object(const struct told_sas *sas, unsigned side, json_object *policies)
{
	const struct adit_sa *sa = &sas->set->sa[side];
	json_object *object = json_object_new_object();

	add_origin(object, sas);
	add_text(object, "state", sa_state(sas, &sas->states[side]));
	add_text(object, "direction", sa_side_is_out(side) ? "out" : "in");
	add_spi(object, "spi", sa->spi);
	add_text(object, "protocol", word_put(words_ipsec_proto, (int)sa->proto));
	add_bool(object, "ah", sa->proto == ADIT_PROTO_AH);
	add_bool(object, "esp", sa->proto == ADIT_PROTO_ESP);
	add_bool(object, "pfs", sas->child && sas->child->pfs != DH_NONE);	/* manual keys come from no exchange */
	add_text(object, "mode", sa->mode == ADIT_MODE_TUNNEL ? "tunnel" : "transport");
	add_addr(object, "src_address", &sa->src);
	add_addr(object, "dst_address", &sa->dst);
	add_algorithms(object, sa, sas->with_keys);
	add_text(object, "pfs_group", word_put(words_dh, (int)(sas->child ? sas->child->pfs : DH_NONE)));
	add_shape(object, sas->set, side);
	json_object_object_add(object, "policies", policies);
	add_u64(object, "reqid", sas->reqid);
	add_u64(object, "slot", sas->slots[side]);
	add_life(object, sa, &sas->states[side], sas->born_ms);
	add_traffic(object, sas, side);
	return object;
}

/* ---- manual SAs */

static json_object *pair_policies(const struct offload *offload, const struct offload_pair *pair)
{
	json_object *policies = json_object_new_array();

	for (size_t i = 0; i < offload->n_rules; i++)
		if (offload->rules[i].plan.pair == (int)(pair - offload->pairs))
			json_object_array_add(policies, json_object_new_string(offload->rules[i].plan.name));
	return policies;
}

static void tell_pair(const struct offload *offload, const struct offload_pair *pair, bool with_keys, json_object *array)
{
	const struct told_sas sas = { .set = &pair->plan.sas, .slots = pair->slots, .states = pair->states, .spent = pair->spent,
				      .reqid = pair->reqid, .born_ms = pair->born_ms, .with_keys = with_keys,
				      .manual_sa = pair->plan.manual_sa, .has_outbound = true };

	for (unsigned k = 0; k < SA_SIDES; k++)
		if (side_order[k] < pair->plan.sas.n)
			json_object_array_add(array, sa_object(&sas, side_order[k], pair_policies(offload, pair)));
}

/* ---- IKE's: the card's half from host/offload, the engine's from host/sa */

struct children {
	struct ike_child_view *views;	/* by id */
	size_t n, room;
	bool with_keys;
	json_object *array;
};

static void note_child(void *arg, const struct ike_child_view *view)
{
	struct children *children = arg;

	if (children->n == children->room) {
		size_t room = children->room ? 2 * children->room : 64;
		struct ike_child_view *grown = realloc(children->views, room * sizeof(*grown));

		if (!grown)
			return;
		children->views = grown;
		children->room = room;
	}
	children->views[children->n++] = *view;
}

static int by_id(const void *a, const void *b)
{
	uint32_t left = ((const struct ike_child_view *)a)->id, right = ((const struct ike_child_view *)b)->id;

	return left < right ? -1 : left > right;
}

static void tell_child(void *arg, const struct child_view *view)
{
	struct children *children = arg;
	const struct ike_child_view key = { .id = view->id };
	struct told_sas sas = { .set = view->sas, .slots = view->slots, .states = view->states, .born_ms = view->installed_ms,
				.with_keys = children->with_keys, .policy = view->policy, .has_outbound = view->has_outbound };

	sas.reqid = view->sas->sa[SA_IN].reqid;
	if (children->n)
		sas.child = bsearch(&key, children->views, children->n, sizeof(key), by_id);
	for (unsigned k = 0; k < SA_SIDES; k++) {
		unsigned side = side_order[k];
		json_object *policies;

		if (side >= view->sas->n || !(sa_side_is_out(side) ? view->has_outbound : view->has_inbound))
			continue;
		policies = json_object_new_array();
		json_object_array_add(policies, json_object_new_string(view->policy));
		json_object_array_add(children->array, sa_object(&sas, side, policies));
	}
}

json_object *say_installed_sa(const struct asked *asked)
{
	struct words_view *view = asked->view;
	struct children children = { .with_keys = asked_flag(asked, "keys") };
	char why[OFFLOAD_WHY_BYTES] = "";
	int rc = offload_look_sas(view->offload, why);

	if (rc == 0)
		rc = look_at_children(view, why);
	if (rc < 0)
		return card_error(view, rc, why);
	children.array = json_object_new_array();
	for (size_t i = 0; i < view->offload->n_pairs; i++)
		if (view->offload->pairs[i].is_installed)
			tell_pair(view->offload, &view->offload->pairs[i], children.with_keys, children.array);
	if (view->ike) {
		view->engine->each_child(view->ike, note_child, &children);
		if (children.n)
			qsort(children.views, children.n, sizeof(*children.views), by_id);
		view->engine->each_installed(view->offload, tell_child, &children);
	}
	free(children.views);
	return control_ok(children.array);
}

/* ---- flush */

struct flush {
	bool esp, ah;
	unsigned n_sas;
};

static void count_flushed(void *arg, const struct child_view *view)
{
	struct flush *flush = arg;
	bool is_taken = false;

	for (unsigned side = 0; side < view->sas->n; side++)
		is_taken |= view->sas->sa[side].proto == ADIT_PROTO_AH ? flush->ah : flush->esp;
	for (unsigned side = 0; is_taken && side < view->sas->n; side++)
		flush->n_sas += sa_side_is_out(side) ? view->has_outbound : view->has_inbound;
}

/* Manual SAs and IKE's: the engine hears from host/offload that its children have come to their end. */
json_object *say_flush(const struct asked *asked)
{
	struct words_view *view = asked->view;
	const char *type = asked_text(asked, "sa_type");
	char why[OFFLOAD_WHY_BYTES] = "";
	struct flush ike = { 0 };
	json_object *object;
	unsigned n_flushed;
	int rc;

	if (!type)
		type = "all";
	if (strcmp(type, "ah") != 0 && strcmp(type, "esp") != 0 && strcmp(type, "all") != 0)
		return control_error("sa_type is ah, esp or all");
	ike.esp = strcmp(type, "ah") != 0;
	ike.ah = strcmp(type, "esp") != 0;
	if (view->ike)
		view->engine->each_installed(view->offload, count_flushed, &ike);
	rc = offload_flush(view->offload, ike.esp, ike.ah, &n_flushed, why);
	if (rc < 0)
		return card_error(view, rc, why);
	object = json_object_new_object();
	add_text(object, "sa_type", type);
	add_u64(object, "flushed_sas", n_flushed);
	add_u64(object, "flushed_ike_sas", ike.n_sas);
	return control_ok(object);
}
