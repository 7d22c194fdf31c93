// SPDX-License-Identifier: BSD-2-Clause-Patent
#include <string.h>

#include "control/words_room.h"

/* RouterOS's ph2-state: of manual keys what the card says of them, of IKE's what the engine says. */
static const char *ph2_state(const struct words_view *view, const struct offload_rule *rule)
{
	const struct offload_pair *pair = rule->plan.pair == PLAN_NO_PAIR ? NULL : &view->offload->pairs[rule->plan.pair];

	if (!pair)
		return view->ike ? view->engine->ph2_state(view->ike, rule->plan.name) : "no-phase2";
	if (!pair->is_installed)
		return "no-phase2";
	for (unsigned side = 0; side < pair->plan.sas.n; side++)
		if (pair->states[side].hard_expired)
			return "expired";
	return "established";
}

static void add_state(const struct words_view *view, json_object *to, const char *name)
{
	for (size_t i = 0; i < view->offload->n_rules; i++) {
		const struct offload_rule *rule = &view->offload->rules[i];

		if (strcmp(rule->plan.name, name) != 0)
			continue;
		add_u64(to, "id", rule->plan.sp.id);
		add_text(to, "ph2_state", ph2_state(view, rule));
		add_u64(to, "in_accepted_packets", rule->state.in_accepted);
		add_u64(to, "in_dropped_packets", rule->state.in_dropped);
		add_u64(to, "in_transformed_packets", rule->state.in_transformed);
		add_u64(to, "out_accepted_packets", rule->state.out_accepted);
		add_u64(to, "out_dropped_packets", rule->state.out_dropped);
		add_u64(to, "out_transformed_packets", rule->state.out_transformed);
	}
}

static json_object *protocols(bool esp, bool ah)
{
	json_object *array = json_object_new_array();

	if (esp)
		json_object_array_add(array, json_object_new_string("esp"));
	if (ah)
		json_object_array_add(array, json_object_new_string("ah"));
	return array;
}

/* RouterOS's flags X, D and T. */
static void add_flags(json_object *object, bool is_disabled, bool is_dynamic, bool is_template)
{
	add_bool(object, "disabled", is_disabled);
	add_bool(object, "dynamic", is_dynamic);
	add_bool(object, "template", is_template);
}

static json_object *policy_object(const struct cfg_policy *policy)
{
	json_object *object = json_object_new_object();

	add_text(object, "name", policy->name);
	add_prefix(object, "src_address", &policy->src);
	add_prefix(object, "dst_address", &policy->dst);
	add_protocol(object, "protocol", policy->proto);
	add_ports(object, "src_port", &policy->sport);
	add_ports(object, "dst_port", &policy->dport);
	if (policy->has_sa_src)
		add_addr(object, "sa_src_address", &policy->sa_src);
	if (policy->has_sa_dst)
		add_addr(object, "sa_dst_address", &policy->sa_dst);
	add_bool(object, "tunnel", policy->tunnel);
	add_text(object, "action", word_put(words_action, (int)policy->action));
	add_text(object, "level", word_put(words_level, (int)policy->level));
	json_object_object_add(object, "ipsec_protocols", protocols(policy->esp, policy->ah));
	add_text(object, "proposal", policy->proposal);
	add_text(object, "manual_sa", policy->manual_sa[0] ? policy->manual_sa : "none");
	json_object_object_add(object, "priority", json_object_new_int(policy->priority));
	add_flags(object, policy->disabled, false, policy->is_template);
	return object;
}

/* ---- policies that a peer's generate_policy made: they live as long as their SAs */

struct dynamic {
	const struct words_view *view;
	json_object *to;
	const struct ike_child_view *child;
	json_object *object;
};

/* What only the SAs tell: ends, mode, protocols. */
static void add_sas(void *arg, const struct child_view *installed)
{
	struct dynamic *dynamic = arg;
	const struct adit_sa *out = &installed->sas->sa[SA_OUT];

	if (installed->id != dynamic->child->id)
		return;
	add_addr(dynamic->object, "sa_src_address", &out->src);
	add_addr(dynamic->object, "sa_dst_address", &out->dst);
	add_bool(dynamic->object, "tunnel", out->mode == ADIT_MODE_TUNNEL);
	json_object_object_add(dynamic->object, "ipsec_protocols",
			       protocols(out->proto == ADIT_PROTO_ESP, out->proto == ADIT_PROTO_AH || installed->sas->n > 2));
}

/* A policy being rekeyed has two children. */
static bool is_told(json_object *array, const char *name)
{
	json_object *told;

	for (size_t i = json_object_array_length(array); i-- > 0;)
		if (json_object_object_get_ex(json_object_array_get_idx(array, i), "name", &told) &&
		    strcmp(json_object_get_string(told), name) == 0)
			return true;
	return false;
}

static void add_dynamic(void *arg, const struct ike_child_view *child)
{
	struct dynamic *dynamic = arg;

	if (!child->is_generated || is_told(dynamic->to, child->policy))
		return;
	dynamic->child = child;
	dynamic->object = json_object_new_object();
	add_text(dynamic->object, "name", child->policy);
	add_prefix(dynamic->object, "src_address", &child->selectors.src);
	add_prefix(dynamic->object, "dst_address", &child->selectors.dst);
	add_protocol(dynamic->object, "protocol", child->selectors.proto);
	add_port(dynamic->object, "src_port", child->selectors.sport);
	add_port(dynamic->object, "dst_port", child->selectors.dport);
	add_text(dynamic->object, "action", "encrypt");
	add_text(dynamic->object, "peer", child->peer);
	dynamic->view->engine->each_installed(dynamic->view->offload, add_sas, dynamic);
	add_text(dynamic->object, "manual_sa", "none");
	add_flags(dynamic->object, false, true, false);
	add_state(dynamic->view, dynamic->object, child->policy);
	if (!json_object_object_get_ex(dynamic->object, "ph2_state", NULL))
		add_text(dynamic->object, "ph2_state", dynamic->view->engine->ph2_state(dynamic->view->ike, child->policy));
	json_object_array_add(dynamic->to, dynamic->object);
}

json_object *say_policy(const struct asked *asked)
{
	struct words_view *view = asked->view;
	struct dynamic dynamic = { .view = view };
	char why[OFFLOAD_WHY_BYTES] = "";
	int rc = offload_look_rules(view->offload, why);

	if (rc == 0)
		rc = offload_look_sas(view->offload, why);	/* ph2_state */
	if (rc < 0)
		return card_error(view, rc, why);
	dynamic.to = json_object_new_array();
	for (size_t i = 0; i < view->config->n_policies; i++) {
		json_object *object = policy_object(&view->config->policies[i]);

		add_state(view, object, view->config->policies[i].name);
		json_object_array_add(dynamic.to, object);
	}
	if (view->ike)
		view->engine->each_child(view->ike, add_dynamic, &dynamic);
	return control_ok(dynamic.to);
}
